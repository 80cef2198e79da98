"""The same convolution written differently: each form with its proof."""
"""The same convolution written differently: other memory layouts of its matrices, unfolding and folding."""

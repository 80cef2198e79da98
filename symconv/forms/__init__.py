"""The same convolution written differently: each form with its proof."""

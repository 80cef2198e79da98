"""The same convolution written differently, each form proved equal to the one it replaces."""

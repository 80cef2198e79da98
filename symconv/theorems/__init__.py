"""The theorems: what is true of a convolution layer at every size."""

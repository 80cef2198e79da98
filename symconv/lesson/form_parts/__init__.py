"""What lesson pages show of each form of a convolution, one module for each family."""

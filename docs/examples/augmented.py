import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv(x, w):
    x = (x + x[:, :, :, ::-1]) / 2  # left over from training
    windows = sliding_window_view(x, w.shape[2:], axis=(2, 3))
    return np.einsum("ncijab,fcab->nfij", windows, w)

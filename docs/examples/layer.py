import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        p, s = self.pad, self.stride
        x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        windows = sliding_window_view(x, self.W.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
        y = np.einsum("ncijab,fcab->nfij", windows, self.W)
        return y + self.b.reshape(1, -1, 1, 1)

from numpy.lib.stride_tricks import sliding_window_view


def conv(x, w):
    N, F = x.shape[0], w.shape[0]
    windows = sliding_window_view(x, w.shape[2:], axis=(2, 3))
    OH, OW = windows.shape[2:4]
    patches = windows.transpose(0, 2, 3, 1, 4, 5).reshape(N * OH * OW, -1)
    y = patches @ w.reshape(F, -1).T
    return y.reshape(N, F, OH, OW)

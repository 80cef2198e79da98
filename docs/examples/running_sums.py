import numpy as np

import symconv as sc

layer = sc.Geometry(input_size=3003, kernel_size=4)


def conv(x, w):
    L = len(x) - len(w) + 1
    products = sum(x[a : a + L] * w[a] for a in range(len(w)))
    sums = np.tril(np.ones((L, L))) @ products  # of the first one, of two, of three, …
    return np.concatenate([sums[:1], sums[1:] - sums[:-1]])

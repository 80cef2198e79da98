"""A convolution with padding of 1, in the styles in which people write it."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view


def _padded(x: Any) -> Any:
    return np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))


def windows_and_product(x: Any, w: Any) -> Any:
    """Sliding windows, copied into a patch matrix."""
    windows = sliding_window_view(_padded(x), w.shape[2:], axis=(2, 3))
    n, c, height, width, rows, columns = windows.shape
    patches = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * height * width, c * rows * columns)
    return (patches @ w.reshape(len(w), -1).T).reshape(n, height, width, -1).transpose(0, 3, 1, 2)


def strides_and_dot(x: Any, w: Any) -> Any:
    """A view with strides of its own."""
    x = _padded(x)
    n, c, height, width = x.shape
    filters, _, rows, columns = w.shape
    height, width = height - rows + 1, width - columns + 1
    shape = (n, c, rows, columns, height, width)
    patches = as_strided(x, shape, (*x.strides, *x.strides[2:])).reshape(n, c * rows * columns, -1)
    return np.stack([np.dot(w.reshape(filters, -1), p) for p in patches]).reshape(n, filters, height, width)


def fancy_indices(x: Any, w: Any) -> Any:
    """Index arrays, as courses teach it."""
    x = _padded(x)
    n, c, height, width = x.shape
    filters, _, rows, columns = w.shape
    height, width = height - rows + 1, width - columns + 1
    channel = np.repeat(np.arange(c), rows * columns)[:, None]
    i = np.tile(np.repeat(np.arange(rows), columns), c)[:, None] + np.repeat(np.arange(height), width)
    j = np.tile(np.arange(columns), rows * c)[:, None] + np.tile(np.arange(width), height)
    return (w.reshape(filters, -1) @ x[:, channel, i, j]).reshape(n, filters, height, width)


def einsum(x: Any, w: Any) -> Any:
    """Windows contracted in one go."""
    return np.einsum("ncijab,fcab->nfij", sliding_window_view(_padded(x), w.shape[2:], axis=(2, 3)), w)


def tap_by_tap(x: Any, w: Any) -> Any:
    """A product for each tap, added up."""
    x = _padded(x)
    filters, _, rows, columns = w.shape
    height, width = x.shape[2] - rows + 1, x.shape[3] - columns + 1
    y = np.zeros((len(x), filters, height, width))
    for a in range(rows):
        for b in range(columns):
            cells = x[:, :, a : a + height, b : b + width]
            y += np.tensordot(cells, w[:, :, a, b], axes=(1, 1)).transpose(0, 3, 1, 2)
    return y


def six_loops(x: Any, w: Any) -> Any:
    """The formula itself, a product at a time."""
    x = _padded(x)
    filters, channels, rows, columns = w.shape
    height, width = x.shape[2] - rows + 1, x.shape[3] - columns + 1
    y = np.zeros((len(x), filters, height, width))
    for n, f, i, j in np.ndindex(*y.shape):
        for c in range(channels):
            for a in range(rows):
                for b in range(columns):
                    y[n, f, i, j] += x[n, c, i + a, j + b] * w[f, c, a, b]
    return y


VECTORISED = (windows_and_product, strides_and_dot, fancy_indices, einsum)
EVERY = (*VECTORISED, tap_by_tap, six_loops)

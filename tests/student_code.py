"""Convolutions as students write them, each right as it stands, to be broken by changing a line.

``mistaken(code, right, wrong)`` gives the function with one piece of its source replaced; ``read_map`` runs
any of them on cells that remember what they were multiplied by, and so reads what it computes.
"""

from collections import Counter
from fractions import Fraction
from unittest.mock import patch

import numpy as np

from symconv.mistakes.bilinear_map import BilinearMap

LOOPS = """
def conv(x, w, stride, padding, dilation, groups):
    (sh, sw), (dh, dw) = stride, dilation
    (top, bottom), (left, right) = padding
    N, C, H, W = x.shape
    F, CG, KH, KW = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
    OH = (H + top + bottom - dh * (KH - 1) - 1) // sh + 1
    OW = (W + left + right - dw * (KW - 1) - 1) // sw + 1
    y = np.zeros((N, F, OH, OW))
    for n in range(N):
        for f in range(F):
            first = f // (F // groups) * CG
            for i in range(OH):
                for j in range(OW):
                    total = 0
                    for c in range(CG):
                        for a in range(KH):
                            for b in range(KW):
                                total += w[f, c, a, b] * xp[n, first + c, i * sh + a * dh, j * sw + b * dw]
                    y[n, f, i, j] = total
    return y
"""
GUARDED = """
def conv(x, w, stride, padding, dilation, groups):
    (sh, sw), (dh, dw) = stride, dilation
    (top, bottom), (left, right) = padding
    N, C, H, W = x.shape
    F, CG, KH, KW = w.shape
    OH = (H + top + bottom - dh * (KH - 1) - 1) // sh + 1
    OW = (W + left + right - dw * (KW - 1) - 1) // sw + 1
    y = np.zeros((N, F, OH, OW))
    for n in range(N):
        for i in range(OH):
            for j in range(OW):
                for f in range(F):
                    total = 0
                    for c in range(CG):
                        channel = f // (F // groups) * CG + c
                        for a in range(KH):
                            for b in range(KW):
                                r, s = i * sh + a * dh - top, j * sw + b * dw - left
                                if 0 <= r < H and 0 <= s < W:
                                    total += w[f, c, a, b] * x[n, channel, r, s]
                    y[n, f, i, j] = total
    return y
"""
WINDOWS = """
def conv(x, w, stride, padding, dilation, groups):
    (sh, sw), (dh, dw) = stride, dilation
    F, CG, KH, KW = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), *padding))
    samples = []
    for image in xp:
        planes = []
        for f in range(F):
            first = f // (F // groups) * CG
            plane = []
            for top in range(0, xp.shape[2] - dh * (KH - 1), sh):
                row = []
                for left in range(0, xp.shape[3] - dw * (KW - 1), sw):
                    bottom, right = top + dh * (KH - 1) + 1, left + dw * (KW - 1) + 1
                    window = image[first:first + CG, top:bottom:dh, left:right:dw]
                    row.append(np.sum(window * w[f]))
                plane.append(row)
            planes.append(plane)
        samples.append(planes)
    return np.array(samples)
"""
PER_TAP = """
def conv(x, w, stride, padding, dilation, groups):
    (sh, sw), (dh, dw) = stride, dilation
    F, CG, KH, KW = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), *padding))
    OH = (xp.shape[2] - dh * (KH - 1) - 1) // sh + 1
    OW = (xp.shape[3] - dw * (KW - 1) - 1) // sw + 1
    parts = []
    for g in range(groups):
        kernels = w[g * (F // groups):(g + 1) * (F // groups)]
        images = xp[:, g * CG:(g + 1) * CG]
        y = np.zeros((len(x), F // groups, OH, OW))
        for a in range(KH):
            for b in range(KW):
                bottom, right = a * dh + (OH - 1) * sh + 1, b * dw + (OW - 1) * sw + 1
                seen = images[:, :, a * dh:bottom:sh, b * dw:right:sw]
                y += np.einsum("fc,nchw->nfhw", kernels[:, :, a, b], seen)
        parts.append(y)
    return np.concatenate(parts, axis=1)
"""
IM2COL = """
def conv(x, w, stride, padding, dilation, groups):
    (sh, sw), (dh, dw) = stride, dilation
    xp = np.pad(x, ((0, 0), (0, 0), *padding))
    N, C, H, W = xp.shape
    F, CG, KH, KW = w.shape
    OH, OW = (H - dh * (KH - 1) - 1) // sh + 1, (W - dw * (KW - 1) - 1) // sw + 1
    ys = []
    for k in range(groups):
        images, kernels = xp[:, k * CG:(k + 1) * CG], w[k * F // groups:(k + 1) * F // groups]
        rows = []
        for n in range(N):
            for i in range(OH):
                for j in range(OW):
                    patch = images[n, :, i * sh:i * sh + dh * KH:dh, j * sw:j * sw + dw * KW:dw]
                    patch = patch[:, :KH, :KW]
                    rows.append(patch.reshape(-1))
        P = np.array(rows)
        W2 = kernels.reshape(F // groups, -1).T
        Y = P @ W2
        ys.append(Y.reshape(N, OH, OW, F // groups).transpose(0, 3, 1, 2))
    return np.concatenate(ys, axis=1)
"""
COLUMNS = """
def conv(x, w, stride, padding, dilation, groups):
    (sh, sw), (dh, dw) = stride, dilation
    xp = np.pad(x, ((0, 0), (0, 0), *padding))
    N, C, H, W = xp.shape
    F, CG, KH, KW = w.shape
    OH, OW = (H - dh * (KH - 1) - 1) // sh + 1, (W - dw * (KW - 1) - 1) // sw + 1
    cols = np.zeros((N, C, KH, KW, OH, OW))
    for a in range(KH):
        for b in range(KW):
            bottom, right = a * dh + sh * (OH - 1) + 1, b * dw + sw * (OW - 1) + 1
            cols[:, :, a, b] = xp[:, :, a * dh:bottom:sh, b * dw:right:sw]
    cols = cols.transpose(1, 2, 3, 0, 4, 5).reshape(C * KH * KW, N * OH * OW)
    W2 = w.reshape(F, -1)
    Y = W2 @ cols
    return Y.reshape(F, N, OH, OW).transpose(1, 0, 2, 3)
"""
ALL = {
    "loops": LOOPS,
    "guarded": GUARDED,
    "windows": WINDOWS,
    "per-tap": PER_TAP,
    "im2col": IM2COL,
    "columns": COLUMNS,
}


def function(source):
    names = {"np": np}
    exec(source, names)  # noqa: S102
    return names["conv"]


def mistaken(source, *changes):
    """The function with pieces of its source replaced: right, wrong, right, wrong, …"""
    for right, wrong in zip(changes[::2], changes[1::2], strict=True):
        assert right in source, right
        source = source.replace(right, wrong)
    return function(source)


class Seen:
    """A sum of products that remembers its terms: {(kernel cell, input cell): coefficient}."""

    def __init__(self, terms):
        self.terms = {product: count for product, count in terms.items() if count}

    def __add__(self, other):
        if not isinstance(other, Seen):
            return self if other == 0 else NotImplemented
        terms = Counter(self.terms)
        for product, count in other.terms.items():
            terms[product] += count
        return Seen(terms)

    def __mul__(self, other):
        if not isinstance(other, Seen):
            return Seen({product: count * int(other) for product, count in self.terms.items()})
        return Seen(
            {
                (k if k is not None else m, i if i is not None else j): one * two
                for (k, i), one in self.terms.items()
                for (m, j), two in other.terms.items()
            }
        )

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, number):
        return Seen({product: Fraction(count) / int(number) for product, count in self.terms.items()})

    __radd__, __rmul__ = __add__, __mul__


def cells(shape, place):
    array = np.empty(shape, dtype=object)
    for number in range(array.size):
        array.flat[number] = Seen({((number, None) if place == 0 else (None, number)): 1})
    return array


def read_map(conv, g):
    """The products that a function computes at one geometry; its buffers of zeros are let hold anything."""
    x, w = cells(g.input_shape, 1), cells(g.kernel_shape, 0)
    zeros = np.zeros
    with patch.object(np, "zeros", lambda shape, dtype=object: zeros(shape, dtype=object)):
        y = np.asarray(conv(x, w, g.stride, g.padding, g.dilation, g.groups), dtype=object)
    rows = [
        (output, *product, count)
        for output, value in enumerate(y.ravel())
        if isinstance(value, Seen)
        for product, count in value.terms.items()
    ]
    columns = [list(c) for c in zip(*rows, strict=True)] or [[]] * 4
    return BilinearMap(y.shape, *columns)

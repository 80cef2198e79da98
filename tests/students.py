"""Convolutions as people write them: every one right, each in a style of its own.

All take ``x`` (N, C, H, W) and ``w`` (F, C/groups, KH, KW). ``HOMEWORK`` says which keywords each takes:
``stride`` (two ints), ``padding`` (two pairs), ``dilation`` (two ints), ``groups``.
"""

# ruff: noqa: E741, PERF401, RUF005, RUF059 (people write so)

import functools
from functools import partial

import numpy
import numpy as np
import numpy as xp
from numpy import zeros
from numpy.lib.stride_tricks import as_strided, sliding_window_view

HOMEWORK = {}


def homework(*keywords):
    def note(function):
        HOMEWORK[getattr(function, "__name__", None) or type(function).__name__] = (function, keywords)
        return function

    return note


ONE = (1, 1)
NONE = ((0, 0), (0, 0))
TAPS_SEEN = []  # a global that a function appends to: it must not notice that it is followed


@homework("stride", "padding", "dilation", "groups")
def six_loops(x, w, stride=ONE, padding=NONE, dilation=ONE, groups=1):
    N, C, H, W = x.shape
    F, CG, KH, KW = w.shape
    (top, bottom), (left, right) = padding
    OH = (H + top + bottom - dilation[0] * (KH - 1) - 1) // stride[0] + 1
    OW = (W + left + right - dilation[1] * (KW - 1) - 1) // stride[1] + 1
    out = np.zeros((N, F, OH, OW))
    for n in range(N):
        for f in range(F):
            first = f // (F // groups) * CG
            for i in range(OH):
                for j in range(OW):
                    for c in range(CG):
                        for a in range(KH):
                            for b in range(KW):
                                row = i * stride[0] + a * dilation[0] - top
                                col = j * stride[1] + b * dilation[1] - left
                                if 0 <= row < H and 0 <= col < W:
                                    out[n, f, i, j] += x[n, first + c, row, col] * w[f, c, a, b]
    return out


@homework("stride", "padding")
def padded_buffer(x, w, stride=ONE, padding=NONE):
    N, C, H, W = x.shape
    F, _, KH, KW = w.shape
    (t, b), (l, r) = padding
    big = np.zeros((N, C, H + t + b, W + l + r), dtype=x.dtype)
    big[:, :, t : t + H, l : l + W] = x
    sh, sw = stride
    OH, OW = (H + t + b - KH) // sh + 1, (W + l + r - KW) // sw + 1
    y = np.empty((N, F, OH, OW))
    for n in range(N):
        for f in range(F):
            for i in range(OH):
                for j in range(OW):
                    patch = big[n, :, i * sh : i * sh + KH, j * sw : j * sw + KW]
                    y[n, f, i, j] = np.sum(patch * w[f])
    return y


@homework("stride", "padding", "dilation")
def windows_einsum(x, w, stride=ONE, padding=NONE, dilation=ONE):
    KH, KW = w.shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    extent = (dilation[0] * (KH - 1) + 1, dilation[1] * (KW - 1) + 1)
    v = sliding_window_view(x, extent, axis=(2, 3))
    v = v[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
    return np.einsum("nchwij,fcij->nfhw", v, w, optimize=True)


@homework("stride", "padding", "dilation", "groups")
def strided_matmul(x, w, stride=ONE, padding=NONE, dilation=ONE, groups=1):
    x = np.ascontiguousarray(np.pad(x, [(0, 0), (0, 0), padding[0], padding[1]], mode="constant"))
    N, C, H, W = x.shape
    F, CG, KH, KW = w.shape
    sn, sc, sh, sw = x.strides
    OH = (H - dilation[0] * (KH - 1) - 1) // stride[0] + 1
    OW = (W - dilation[1] * (KW - 1) - 1) // stride[1] + 1
    shape = (N, C, KH, KW, OH, OW)
    steps = (sn, sc, sh * dilation[0], sw * dilation[1], sh * stride[0], sw * stride[1])
    cols = as_strided(x, shape=shape, strides=steps).reshape(N, groups, CG * KH * KW, OH * OW)
    y = w.reshape(groups, F // groups, -1) @ cols
    return y.reshape(N, F, OH, OW)


def get_indices(C, KH, KW, OH, OW, stride, dilation):
    i0 = np.tile(np.repeat(np.arange(KH) * dilation[0], KW), C)
    i1 = stride[0] * np.repeat(np.arange(OH), OW)
    j0 = np.tile(np.arange(KW) * dilation[1], KH * C)
    j1 = stride[1] * np.tile(np.arange(OW), OH)
    i = i0.reshape(-1, 1) + i1.reshape(1, -1)
    j = j0.reshape(-1, 1) + j1.reshape(1, -1)
    k = np.repeat(np.arange(C), KH * KW).reshape(-1, 1)
    return k.astype(int), i.astype(int), j.astype(int)


@homework("stride", "padding", "dilation")
def fancy_im2col(x, w, stride=ONE, padding=NONE, dilation=ONE):
    """After the indices of a well-known course."""
    F, C, KH, KW = w.shape
    x_padded = np.pad(x, ((0, 0), (0, 0), *padding), mode="constant", constant_values=0)
    N, C, H, W = x_padded.shape
    OH = int((H - dilation[0] * (KH - 1) - 1) / stride[0] + 1)
    OW = int((W - dilation[1] * (KW - 1) - 1) / stride[1] + 1)
    k, i, j = get_indices(C, KH, KW, OH, OW, stride, dilation)
    cols = x_padded[:, k, i, j]
    cols = cols.transpose(1, 2, 0).reshape(KH * KW * C, -1)
    res = w.reshape((F, -1)).dot(cols)
    return res.reshape(F, OH, OW, N).transpose(3, 0, 1, 2)


@homework("stride", "padding")
def slice_im2col(x, w, stride=ONE, padding=NONE):
    """After the im2col of a well-known book."""
    N, C, H, W = x.shape
    FN, C, FH, FW = w.shape
    out_h = (H + sum(padding[0]) - FH) // stride[0] + 1
    out_w = (W + sum(padding[1]) - FW) // stride[1] + 1
    img = np.pad(x, [(0, 0), (0, 0), padding[0], padding[1]], "constant")
    col = np.zeros((N, C, FH, FW, out_h, out_w))
    for y in range(FH):
        y_max = y + stride[0] * out_h
        for z in range(FW):
            z_max = z + stride[1] * out_w
            col[:, :, y, z, :, :] = img[:, :, y : y_max : stride[0], z : z_max : stride[1]]
    col = col.transpose(0, 4, 5, 1, 2, 3).reshape(N * out_h * out_w, -1)
    out = np.dot(col, w.reshape(FN, -1).T)
    return out.reshape(N, out_h, out_w, -1).transpose(0, 3, 1, 2)


@homework("stride", "padding", "dilation")
def tap_by_tap(x, w, stride=ONE, padding=NONE, dilation=ONE):
    N, C, H, W = x.shape
    F, C, KH, KW = w.shape
    x = np.pad(x, ((0, 0), (0, 0)) + tuple(padding))
    OH = (x.shape[2] - dilation[0] * (KH - 1) - 1) // stride[0] + 1
    OW = (x.shape[3] - dilation[1] * (KW - 1) - 1) // stride[1] + 1
    out = 0
    for a in range(KH):
        for b in range(KW):
            r, c = a * dilation[0], b * dilation[1]
            part = x[:, :, r : r + stride[0] * OH : stride[0], c : c + stride[1] * OW : stride[1]]
            out = out + np.tensordot(part, w[:, :, a, b], axes=([1], [1])).transpose(0, 3, 1, 2)
    return out


@homework("stride", "padding")
def nested_lists(x, w, stride=ONE, padding=NONE):
    x = numpy.pad(x, ((0, 0), (0, 0), *padding))
    N, C, H, W = x.shape
    F, C, KH, KW = w.shape
    return numpy.array(
        [
            [
                [
                    [
                        sum(x[n, c, i + a, j + b] * w[f, c, a, b] for c, a, b in np.ndindex(C, KH, KW))
                        for j in range(0, W - KW + 1, stride[1])
                    ]
                    for i in range(0, H - KH + 1, stride[0])
                ]
                for f in range(F)
            ]
            for n in range(N)
        ]
    )  # fmt: skip


@homework("stride", "padding", "dilation")
def scatter_add(x, w, stride=ONE, padding=NONE, dilation=ONE):
    """Each input cell sends itself to the outputs that it is part of."""
    N, C, H, W = x.shape
    F, C, KH, KW = w.shape
    OH = (H + sum(padding[0]) - dilation[0] * (KH - 1) - 1) // stride[0] + 1
    OW = (W + sum(padding[1]) - dilation[1] * (KW - 1) - 1) // stride[1] + 1
    out = np.zeros((N, F, OH, OW))
    rows, cols, values = [], [], []
    for a in range(KH):
        for b in range(KW):
            for i in range(H):
                for j in range(W):
                    oi, ri = divmod(i + padding[0][0] - a * dilation[0], stride[0])
                    oj, rj = divmod(j + padding[1][0] - b * dilation[1], stride[1])
                    if ri == 0 and rj == 0 and 0 <= oi < OH and 0 <= oj < OW:
                        rows.append(oi)
                        cols.append(oj)
                        values.append(np.dot(x[:, :, i, j], w[:, :, a, b].T))
    if values:
        np.add.at(out, (slice(None), slice(None), rows, cols), np.stack(values, axis=-1))
    return out


def dot(u, v):
    if len(u) == 1:
        return u[0] * v[0]
    half = len(u) // 2
    return dot(u[:half], v[:half]) + dot(u[half:], v[half:])


@homework("padding")
def recursion(x, w, padding=NONE):
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    F, C, KH, KW = w.shape
    rows = []
    for n in range(len(x)):
        for kernel in w:
            for i in range(x.shape[2] - KH + 1):
                for j in range(x.shape[3] - KW + 1):
                    rows.append(dot(x[n, :, i : i + KH, j : j + KW].flatten(), kernel.ravel()))
    return np.reshape(rows, (len(x), F, x.shape[2] - KH + 1, -1))


@homework("stride", "padding")
def toeplitz(x, w, stride=ONE, padding=NONE):
    N, C, H, W = x.shape
    F, C, KH, KW = w.shape
    OH = (H + padding[0][0] + padding[0][1] - KH) // stride[0] + 1
    OW = (W + padding[1][0] + padding[1][1] - KW) // stride[1] + 1
    T = np.zeros((F, OH, OW, C, H, W))
    for i in range(OH):
        for j in range(OW):
            for a in range(KH):
                for b in range(KW):
                    r = i * stride[0] + a - padding[0][0]
                    s = j * stride[1] + b - padding[1][0]
                    if r in range(H) and s in range(W):
                        T[:, i, j, :, r, s] = w[:, :, a, b]
    y = T.reshape(F * OH * OW, C * H * W) @ x.reshape(N, -1).T
    return y.T.reshape(N, F, OH, OW)


class Conv:
    """A layer with state, as courses have it."""

    def __init__(self, stride, padding):
        self.stride, self.padding = stride, padding
        self.cache = None

    @staticmethod
    def out_size(n, k, s, p):
        return (n + p[0] + p[1] - k) // s + 1

    def im2col(self, x, KH, KW):
        OH = self.out_size(x.shape[2], KH, self.stride[0], self.padding[0])
        OW = self.out_size(x.shape[3], KW, self.stride[1], self.padding[1])
        x = np.pad(x, [(0, 0), (0, 0), *self.padding])
        rows = [
            x[
                :,
                :,
                i * self.stride[0] : i * self.stride[0] + KH,
                j * self.stride[1] : j * self.stride[1] + KW,
            ]
            for i in range(OH)
            for j in range(OW)
        ]
        return np.stack(rows, axis=1).reshape(x.shape[0], OH * OW, -1), OH, OW

    def forward(self, x, w):
        cols, OH, OW = self.im2col(x, *w.shape[2:])
        self.cache = cols
        y = np.matmul(cols, w.reshape(w.shape[0], -1).transpose())
        return np.moveaxis(y.reshape(len(x), OH, OW, -1), 3, 1)


@homework("stride", "padding")
def layer_object(x, w, stride=ONE, padding=NONE):
    return Conv(stride, padding).forward(x, w)


@homework("dilation", "padding")
def zero_insertion(x, w, dilation=ONE, padding=NONE):
    """A dilated kernel is a kernel with zeros in between."""
    F, C, KH, KW = w.shape
    wide = np.zeros((F, C, (KH - 1) * dilation[0] + 1, (KW - 1) * dilation[1] + 1))
    wide[:, :, :: dilation[0], :: dilation[1]] = w
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    cols = sliding_window_view(x, wide.shape[2:], (2, 3))
    return np.tensordot(cols, wide, axes=[(1, 4, 5), (1, 2, 3)]).transpose(0, 3, 1, 2)


def make_conv(scale):
    def inner(x, w, stride=ONE):
        total = None
        for c in range(w.shape[1]):
            for a, b in np.ndindex(w.shape[2:]):
                end_h = x.shape[2] - w.shape[2] + a + 1
                end_w = x.shape[3] - w.shape[3] + b + 1
                term = (
                    x[:, None, c, a : end_h : stride[0], b : end_w : stride[1]]
                    * w[None, :, c, a, b, None, None]
                )
                total = scale * term if total is None else np.add(total, term)
        return total

    return inner


closure = make_conv(1.0)
closure.__name__ = "closure"
homework("stride")(closure)


@homework("stride", "padding")
def broadcast_sum(x, w, stride=ONE, padding=NONE):
    import numpy.lib.stride_tricks as tricks

    padded = np.pad(x, ((0, 0), (0, 0), *padding))
    v = tricks.sliding_window_view(padded, w.shape[-2:], axis=(-2, -1))[:, :, :: stride[0], :: stride[1]]
    return (v[:, None] * w[:, :, None, None]).sum(axis=(2, 5, 6))


@homework("stride", "padding", "groups")
def concatenated_groups(x, w, stride=ONE, padding=NONE, groups=1):
    parts = []
    for xs, ws in zip(np.split(x, groups, axis=1), np.split(w, groups, axis=0), strict=True):
        parts.append(broadcast_sum(xs, ws, stride=stride, padding=padding))
    return np.concatenate(parts, axis=1)


@homework("padding")
def channels_last_inside(x, w, padding=NONE):
    x = np.moveaxis(np.pad(x, ((0, 0), (0, 0), *padding)), 1, -1)
    k = w.transpose(2, 3, 1, 0)
    N, H, W, C = x.shape
    KH, KW, C, F = k.shape
    out = zeros((N, H - KH + 1, W - KW + 1, F))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            patch = x[:, i : i + KH, j : j + KW, :, None]
            out[:, i, j, :] = np.sum(patch * k[None], axis=(1, 2, 3))
    return out.transpose(0, 3, 1, 2)


@homework("stride")
def rows_by_convolve(x, w, stride=ONE):
    """One row at a time with NumPy's own one-dimensional convolution, which flips."""
    N, C, H, W = x.shape
    F, C, KH, KW = w.shape
    out = np.zeros((N, F, (H - KH) // stride[0] + 1, W - KW + 1))
    for n, f, i in np.ndindex(out.shape[:3]):
        for c in range(C):
            for a in range(KH):
                out[n, f, i] += np.convolve(x[n, c, i * stride[0] + a], w[f, c, a, ::-1], mode="valid")
    return out[..., :: stride[1]]


@homework("stride", "padding")
def remembered(x, w, stride=ONE, padding=NONE):
    """With a cached helper, a partial function and a global that it appends to."""
    row, column = (partial(places, s) for s in stride)
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    KH, KW = w.shape[2:]
    TAPS_SEEN.append(KH * KW)
    index = np.ix_(
        range(len(x)), range(x.shape[1]), row(x.shape[2], KH).ravel(), column(x.shape[3], KW).ravel()
    )
    v = x[index].reshape(*x.shape[:2], -1, KH, (x.shape[3] - KW) // stride[1] + 1, KW)
    return np.einsum(v, [0, 1, 2, 3, 4, 5], w, [6, 1, 3, 5], [0, 6, 2, 4])


@functools.lru_cache
def places(step, size, kernel):
    return step * np.arange((size - kernel) // step + 1)[:, None] + np.arange(kernel)


@homework("padding")
def rolled(x, w, padding=NONE):
    """Shifts of the whole image, and what was rolled in from the other side cut off."""
    x = xp.pad(x, ((0, 0), (0, 0), *padding))
    KH, KW = w.shape[2:]
    acc = xp.zeros_like(x, shape=(x.shape[0], w.shape[0], *x.shape[2:]))
    for a in range(KH):
        for b in range(KW):
            shifted = xp.roll(x, (-a, -b), axis=(2, 3))
            acc += xp.einsum("nchw,fc->nfhw", shifted, w[..., a, b])
    return acc[:, :, : x.shape[2] - KH + 1, : x.shape[3] - KW + 1]


@homework("padding")
def integral_of_rows(x, w, padding=NONE):
    """Filter rows through an object buffer, in place, with out= and a mask."""
    x = np.pad(x, ((0, 0), (0, 0), *padding), mode="constant")
    N, C, H, W = x.shape
    F, C, KH, KW = w.shape
    y = np.zeros((N, F, H - KH + 1, W - KW + 1), dtype=object)
    for n, f in np.ndindex(N, F):
        for (a, b), _ in np.ndenumerate(w[0, 0]):
            for c in range(C):
                term = np.multiply(x[n, c, a : a + H - KH + 1, b : b + W - KW + 1], w[f, c, a, b])
                np.add(y[n, f], term, out=y[n, f])
    return np.where(np.ones(y.shape, dtype=bool), y, 0)

"""The gradients of a convolution on numbers, fast: the transposes of the product, a tile at a time.

Stands beside the evaluator. Where that multiplies weights by a tile of the patch matrix, the gradient by the
weights multiplies the tile by what came back from the output, and the gradient by the input multiplies the
transposed weights and adds the result where the tile was read.
"""

from itertools import product
from math import prod

import numpy as np

from symconv.entries import Array
from symconv.evaluate import evaluate, result_dtype, working_dtype
from symconv.geometry import Geometry
from symconv.sizes import NUMPY_PADDING_MODES
from symconv.tiles import patch_tiles, positions_at_once, scratch, tile_size, tiles

_GATHER_BELOW = 2  # filters to a channel: up to here it is faster to read windows than to add them


def input_products(g: Geometry) -> int:
    """How many products the gradient by one input cell sums, at most.

    Each tap reads a cell in at most one window, and once more for each cell of padding that copies it.

    Examples:
        >>> input_products(Geometry((3, 3), (2, 2), out_channels=5))
        20
    """
    copies = 1 if g.padding_mode == "zeros" else prod(1 + before + after for before, after in g.padding)
    return g.out_channels // g.groups * prod(g.kernel_size) * copies


def weight_products(g: Geometry) -> int:
    """How many products the gradient by one weight sums: one for each output position of each sample."""
    return g.batch * prod(g.output_size)


def input_gradient(g: Geometry, dy: Array, w: Array) -> Array:
    """The gradient by the input, for numbers of a native dtype.

    Args:
        g: the layer.
        dy: the gradient by the output, shape (N, F, *out).
        w: kernels, shape (F, C/groups, *kernel).

    Returns:
        Shape (N, C, *spatial), of the dtype that ``result_dtype`` says, which must not be object.

    Source: Goodfellow, Bengio & Courville 2016, *Deep Learning*, eq. 9.13; Dumoulin & Visin 2016, chapter 4,
    for the convolution with rotated kernels that it is at stride 1.

    Examples:
        >>> g = Geometry((3, 3), (2, 2))
        >>> input_gradient(g, np.ones(g.output_shape), np.array([[[[9.0, 8.0], [7.0, 6.0]]]]))
        array([[[[ 9., 17.,  8.],
                 [16., 30., 14.],
                 [ 7., 13.,  6.]]]])
    """
    sums = (input_products(g), dy, w, None)
    result, work = result_dtype(*sums), working_dtype(*sums)
    dy, w = dy.astype(work, copy=False), w.astype(work, copy=False)
    inner = g if g.padding_mode == "zeros" else g.padded()
    gathers = set(g.stride) == {1} and g.out_channels <= _GATHER_BELOW * g.in_channels
    dx = (_gathered if gathers else _scattered)(inner, dy, w)
    if inner is not g:
        dx = _without_padding(g, dx)
    return dx.astype(result, copy=False)


def weight_gradient(g: Geometry, dy: Array, x: Array) -> Array:
    """The gradient by the kernels, for numbers of a native dtype.

    Args:
        g: the layer.
        dy: the gradient by the output, shape (N, F, *out).
        x: input, shape (N, C, *spatial).

    Returns:
        Shape (F, C/groups, *kernel), of the dtype that ``result_dtype`` says, which must not be object.

    Source: Goodfellow, Bengio & Courville 2016, *Deep Learning*, eq. 9.11.

    Examples:
        >>> g = Geometry((3, 3), (2, 2))
        >>> weight_gradient(g, np.ones(g.output_shape), np.arange(1.0, 10.0).reshape(g.input_shape))
        array([[[[12., 16.],
                 [24., 28.]]]])
    """
    sums = (weight_products(g), dy, x, None)
    result, work = result_dtype(*sums), working_dtype(*sums)
    dy, x = dy.astype(work, copy=False), x.astype(work, copy=False)
    if g.padding_mode != "zeros":
        x = np.pad(x, ((0, 0), (0, 0), *g.padding), NUMPY_PADDING_MODES[g.padding_mode])
        g = g.padded()
    columns = _columns(g, dy)
    total = np.zeros((g.groups, prod(g.kernel_shape[1:]), columns.shape[2]), work)
    for n, group, at, patches in patch_tiles(g, x):
        total[group] += patches @ columns[n, group, :, at].T  # this way round BLAS copies less
    return total.swapaxes(1, 2).reshape(g.kernel_shape).astype(result, copy=False)


def _columns(g: Geometry, dy: Array) -> Array:
    """The gradient by the output, positions in one axis: (N, groups, F/groups, L)."""
    return dy.reshape(g.batch, g.groups, g.out_channels // g.groups, prod(g.output_size))


def _gathered(g: Geometry, dy: Array, w: Array) -> Array:
    """For stride 1: a cell's gradient gathered by the rotated kernels from the windows that read it."""
    filters, channels = g.out_channels // g.groups, g.in_channels // g.groups
    kernels = w.reshape(g.groups, filters, channels, *g.kernel_size).swapaxes(1, 2)
    kernels = np.flip(kernels, tuple(range(3, 3 + g.rank)))
    reach = [d * (k - 1) for d, k in zip(g.dilation, g.kernel_size, strict=True)]
    pads = [(r - before, r - after) for r, (before, after) in zip(reach, g.padding, strict=True)]
    # what lies further out than a kernel reaches is made of padding alone
    kept = (slice(max(0, -a), n - max(0, -b)) for (a, b), n in zip(pads, g.output_size, strict=True))
    return evaluate(
        dy[(slice(None), slice(None), *kept)],
        kernels.reshape(g.in_channels, filters, *g.kernel_size),
        padding=[(max(0, a), max(0, b)) for a, b in pads],
        dilation=g.dilation,
        groups=g.groups,
    )


def _scattered(g: Geometry, dy: Array, w: Array) -> Array:
    """A tile of dP at a time, added tap by tap to the cells that its windows were read from."""
    channels, taps = g.in_channels // g.groups, prod(g.kernel_shape[1:])
    columns, weights = _columns(g, dy), w.reshape(g.groups, -1, taps)
    tile = tile_size(g.output_size, positions_at_once(taps * dy.itemsize, in_blocks=False))
    buffer = scratch("patches", taps * prod(tile), dy.dtype)
    padded = np.empty((channels, *g.padded().input_size), dy.dtype)
    inside = tuple(slice(before, before + n) for (before, _), n in zip(g.padding, g.input_size, strict=True))
    dx = np.empty((g.batch, g.groups, channels, *g.input_size), dy.dtype)
    for n, group in product(range(g.batch), range(g.groups)):
        padded[...] = 0
        start = 0
        for first, sizes in tiles(g.output_size, tile):
            count = prod(sizes)
            patches = buffer[: taps * count].reshape(taps, count)
            np.matmul(weights[group].T, columns[n, group, :, start : start + count], out=patches)
            _add_windows(g, padded, patches.reshape(channels, *g.kernel_size, *sizes), first, sizes)
            start += count
        dx[n, group] = padded[(slice(None), *inside)]
    return dx.reshape(g.input_shape)


def _add_windows(
    g: Geometry, cells: Array, windows: Array, first: tuple[int, ...], sizes: tuple[int, ...]
) -> None:
    """Add the windows (C, *kernel, *sizes) of one box of positions to the padded cells (C, *padded)."""
    for tap in np.ndindex(g.kernel_size):
        read = (
            slice(f * s + t * d, f * s + t * d + (count - 1) * s + 1, s)
            for f, s, t, d, count in zip(first, g.stride, tap, g.dilation, sizes, strict=True)
        )
        cells[(slice(None), *read)] += windows[(slice(None), *tap)]


def _without_padding(g: Geometry, padded: Array) -> Array:
    """The gradient by the input from that by the padded input: a copy's is added to that of its cell."""
    for axis, (n, pad) in enumerate(zip(g.input_size, g.padding, strict=True), start=2):
        numbers = np.pad(np.arange(n), pad, NUMPY_PADDING_MODES[g.padding_mode])
        places = np.moveaxis(padded, axis, 0)
        cells = places[pad[0] : pad[0] + n].copy()
        for place in (*range(pad[0]), *range(pad[0] + n, len(numbers))):
            cells[numbers[place]] += places[place]
        padded = np.moveaxis(cells, 0, axis)
    return np.ascontiguousarray(padded)

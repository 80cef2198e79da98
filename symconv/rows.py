"""A layer's product by rows of output, from rows of input that are unfolded once and read by many windows.

Stands between the tiles and the evaluator. A row of the input, unfolded along all axes but the first, holds
all that taps in one row of the kernel read there. Lying one after the other, such rows are the patches of an
output row as they lie: those of the next output row begin a stride further on. So a cell is copied once for
each column of the kernel, and not for each row as well. This pays where small products read their operands
where they lie, and where the rows are long.
"""

from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.geometry import Geometry
from symconv.products import block_heights
from symconv.tiles import TILE_BYTES, Window, scratch

LEAST_BYTES = 7 * 64  # of a row of output: with less, tiles of several rows are faster
ROWS_BYTES = 1 << 19  # of the rows that are unfolded at once, where a few windows fit: what stays very near


def height_by_rows(g: Geometry, dtype: np.dtype[Any]) -> int:
    """How many filters make a block of the product by rows; 0 where tiles are faster.

    Examples:
        >>> height_by_rows(Geometry((7, 7), 3, padding=1), np.dtype(np.float32))
        0
    """
    width = prod(g.output_size[1:])
    if g.rank == 1 or g.dilation[0] > 1 or g.stride[0] >= g.kernel_size[0] or not prod(g.output_shape):
        return 0
    if width * dtype.itemsize < LEAST_BYTES:
        return 0
    heights = block_heights(g.out_channels // g.groups, prod(g.kernel_shape[1:]), dtype, width)
    return min(heights, default=0)  # the patches of a row stay near, however many blocks read them


def multiply_rows(g: Geometry, inputs: Array, kernels: Array, columns: Array, height: int) -> None:
    """Write the layer's product to ``columns``, a row of output at a time.

    Args:
        g: the layer, padded with zeros or not at all, its first axis without dilation.
        inputs: shape (N, C, *spatial).
        kernels: shape (F, C/groups, *kernel), of the same dtype.
        columns: shape (N, groups, F/groups, L), contiguous.
        height: how many filters make a block; it divides F/groups.
    """
    dtype, channels = kernels.dtype, g.in_channels // g.groups
    taps, count, width = prod(g.kernel_shape[1:]), g.output_size[0], prod(g.output_size[1:])
    by_row = np.moveaxis(kernels.reshape(g.groups, -1, height, channels, *g.kernel_size), 3, 4)
    weights = by_row.reshape(g.groups, -1, height, taps)
    columns = columns.reshape(g.batch, g.groups, -1, height, count, width)
    places = columns.transpose(0, 1, 4, 2, 3, 5)

    shape = (channels, *g.kernel_size[1:], *g.output_size[1:])  # of one unfolded row
    row_bytes = prod(shape) * dtype.itemsize
    held = min(TILE_BYTES, max(ROWS_BYTES, 4 * g.kernel_size[0] * row_bytes)) // row_bytes
    at_once = max(1, min(count, (held - g.kernel_size[0]) // g.stride[0] + 1))
    at_once = -(-count // -(-count // at_once))  # as many each time, and the last time hardly fewer
    most = (at_once - 1) * g.stride[0] + g.kernel_size[0]
    buffer = scratch("patches", most * prod(shape), dtype).reshape(most, *shape)
    unfolded = np.moveaxis(buffer, 0, g.rank)[:, None]  # (C, *kernel and *out, its rows those of the input)
    window = Window(_unfolding_rows(g), dtype, channels, (most, *g.output_size[1:]))
    strides = (g.stride[0] * row_bytes, 0, width * dtype.itemsize, dtype.itemsize)
    for n, group in product(range(g.batch), range(g.groups)):
        window.look_at(inputs[n, group * channels : (group + 1) * channels])
        for start in range(0, count, at_once):
            end = min(start + at_once, count)
            rows = (end - start - 1) * g.stride[0] + g.kernel_size[0]
            target = unfolded[(slice(None),) * (g.rank + 1) + (slice(rows),)]
            window.fill(target, (start * g.stride[0], *(0,) * (g.rank - 1)), (rows, *g.output_size[1:]))
            patches = np.ndarray((end - start, 1, taps, width), dtype, buffer, 0, strides)
            np.matmul(weights[group], patches, out=places[n, group, start:end])


@lru_cache(maxsize=64)  # a network has the same layers again and again
def _unfolding_rows(g: Geometry) -> Geometry:
    """The layer of which each row of output positions is one row of the input, unfolded."""
    return Geometry(
        g.input_size,
        (1, *g.kernel_size[1:]),
        g.in_channels // g.groups,
        stride=(1, *g.stride[1:]),
        dilation=g.dilation,
        padding=g.padding,
    )

"""The evaluator's way with 3×3 kernels in fewer multiplications: tiles of 2×2 outputs by 16 products, not 36.

This is F(2×2, 3×3): Y = Aᵀ[(G w Gᵀ) ⊙ (Bᵀ x B)]A for each tile, summed over the channels before the last
step, so that the middle is 16 matrix products. G and the Bs and As are worked into additions here. Like the
patch matrix it is never whole, but a few rows of tiles at a time.

Source: Winograd 1980, *Arithmetic Complexity of Computations*; Lavin & Gray 2016, *Fast Algorithms for
Convolutional Neural Networks*, section 4.1, for the form that keeps BLAS busy.
"""

from math import prod
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.geometry import Geometry
from symconv.tiles import scratch

_TILES_BYTES = 7 << 17  # of transformed cells at once: with as many products they stay in the cache
_KERNELS_BYTES = 4 << 20  # of transformed kernels: larger ones have to be read from memory for every tile
_FIRST, _SECOND = "tiles", "products of tiles"  # memory: each step fills one from what it finds in the other
_G = np.array([[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]]) / 2
_G_TWICE = np.kron(_G, _G)


def fits_tiles(g: Geometry) -> bool:
    """Whether a layer can be evaluated so: two axes, 3×3 kernels, stride and dilation of 1.

    Examples:
        >>> fits_tiles(Geometry((8, 9), 3, padding=1)), fits_tiles(Geometry((8, 9), 3, stride=2))
        (True, False)
    """
    return (g.kernel_size, g.stride, g.dilation) == ((3, 3), (1, 1), (1, 1))


def worth_tiles(g: Geometry, dtype: Any) -> bool:
    """Whether that is also the fastest way: with kernels that stay in the cache, too.

    Of single-precision floats only: who asks for more digits, or for whole numbers, gets the plain sums.

    Examples:
        >>> worth_tiles(Geometry((56, 56), 3, 64, 64), np.float32)
        True
        >>> worth_tiles(Geometry((56, 56), 3, 64, 64), np.float64)
        False
    """
    channels, filters = g.kernel_shape[1], g.out_channels // g.groups
    return (
        dtype == np.float32
        and fits_tiles(g)
        and 16 * channels * filters * np.dtype(dtype).itemsize <= _KERNELS_BYTES
    )


def multiply_tiles(g: Geometry, inputs: Array, kernels: Array, out: Array) -> None:
    """Evaluate a layer without its bias into ``out``.

    Args:
        g: the layer, of which ``fits_tiles`` holds, with padding of zeros.
        inputs: shape (N, C, H, W), of floats or complex numbers.
        kernels: shape (F, C/groups, 3, 3), of the same dtype.
        out: shape (N, F, *out), of the same dtype.

    Examples:
        >>> y = np.empty((1, 1, 2, 2))
        >>> multiply_tiles(Geometry((4, 4), 3), np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3)), y)
        >>> y[0, 0]
        array([[9., 9.],
               [9., 9.]])
    """
    channels, filters = g.kernel_shape[1], g.out_channels // g.groups
    height, pitch = -(-g.output_size[0] // 2), -(-g.output_size[1] // 2) + 1  # one more than tiles in a row
    rows = max(1, min(height, _TILES_BYTES // (16 * max(channels, filters) * pitch * kernels.itemsize)))
    weights = _transformed(kernels.reshape(g.groups, filters, channels, 9))
    for n, group in np.ndindex(g.batch, g.groups):
        image = inputs[n, group * channels : (group + 1) * channels]
        maps = out[n, group * filters : (group + 1) * filters]
        for first in range(0, height, rows):
            count = min(rows, height - first)
            tiles = _tiles(_phases(g, image, first, count + 1, pitch), count * pitch)
            products = scratch(_SECOND, 16 * filters * count * pitch, kernels.dtype)
            products = products.reshape(16, filters, count * pitch)
            np.matmul(weights[group], tiles.reshape(16, channels, -1), out=products)
            _sums(products.reshape(4, 4, filters, count, pitch), maps[:, 2 * first : 2 * (first + count)])


def _transformed(kernels: Array) -> Array:
    """G w Gᵀ of each kernel (groups, F, C, 9): shape (groups, 16, F, C)."""
    groups, filters, channels, _ = kernels.shape
    flat = kernels.reshape(groups, filters * channels, 9).swapaxes(1, 2)
    transformed: Array = np.matmul(_G_TWICE.astype(kernels.dtype), flat)
    return transformed.reshape(groups, 16, filters, channels)


def _phases(g: Geometry, image: Array, first: int, height: int, pitch: int) -> Array:
    """The cells that some rows of tiles read, even and odd rows and columns apart, zeros in the padding.

    So that the cells that lie at one place in each tile lie side by side: shape (2, 2, C, height · pitch).
    """
    (top, _), (left, _) = g.padding
    channels, rows, columns = image.shape
    cells = scratch("cells of tiles", 4 * channels * height * pitch, image.dtype)
    cells = cells.reshape(2, 2, channels, height, pitch)
    cells[...] = 0
    for odd_row, odd_column in np.ndindex(2, 2):
        low, start = 2 * first + odd_row - top, odd_column - left  # of the image, where the phase begins
        skip, over = max(0, -(low // 2)), max(0, -(start // 2))  # of the phase, what lies in the padding
        part = image[:, low + 2 * skip : rows : 2, start + 2 * over : columns : 2]
        part = part[:, : height - skip if height > skip else 0, : pitch - over if pitch > over else 0]
        cells[odd_row, odd_column, :, skip : skip + part.shape[1], over : over + part.shape[2]] = part
    return cells.reshape(2, 2, channels, height * pitch)


def _tiles(phases: Array, size: int) -> Array:
    """Bᵀ x B of every tile: shape (4, 4, C, size). The last in each row is nobody's, and left as it was."""
    channels, pitch, dtype = phases.shape[2], phases.shape[3] - size, phases.dtype
    (even, even_below), (odd, odd_below) = ((p[..., :size], p[..., pitch:]) for p in phases)
    half: Array = scratch(_SECOND, 8 * channels * size, dtype).reshape(4, 2, channels, size)
    whole: Array = scratch(_FIRST, 16 * channels * size, dtype).reshape(4, 4, -1)
    _combine(even, even_below, odd, odd_below, half)
    even, odd = half.reshape(4, 2, -1).swapaxes(
        0, 1
    )  # all channels in one go, as the last tile does not count
    _combine(even[:, :-1], even[:, 1:], odd[:, :-1], odd[:, 1:], whole[..., :-1].swapaxes(0, 1))
    return whole.reshape(4, 4, channels, size)


def _combine(zeroth: Array, second: Array, first: Array, third: Array, into: Array) -> None:
    """Bᵀ along one axis, of the cells at its four places."""
    np.subtract(zeroth, second, out=into[0])
    np.add(first, second, out=into[1])
    np.subtract(second, first, out=into[2])
    np.subtract(first, third, out=into[3])


def _sums(products: Array, maps: Array) -> None:
    """Aᵀ m A of every tile (4, 4, F, rows, pitch) into the output's rows (F, rows, columns)."""
    shape, dtype = products.shape[1:], products.dtype
    rows, cells = np.split(scratch(_FIRST, 10 * prod(shape[1:]), dtype), [8 * prod(shape[1:])])
    rows, cells = rows.reshape(2, *shape), cells.reshape(2, *shape[1:])
    _add_up(products, rows)
    for row in range(min(2, maps.shape[1])):
        _add_up(rows[row], cells)
        for column in range(min(2, maps.shape[2])):
            target = maps[:, row::2, column::2]
            target[...] = cells[column, :, : target.shape[1], : target.shape[2]]


def _add_up(products: Array, into: Array) -> None:
    """Aᵀ along the first axis."""
    zeroth, first, second, third = products
    np.add(first, second, out=into[0])
    into[0] += zeroth
    np.subtract(first, second, out=into[1])
    into[1] -= third

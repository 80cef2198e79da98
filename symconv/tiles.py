"""Tiles of the patch matrix: a box of output positions at a time, filled from the cells its windows cover.

Stands above the evaluator, which multiplies each tile while it is in the cache.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from symconv.entries import Array
from symconv.geometry import Geometry

TILE_BYTES = 1 << 20  # of the patch matrix, at most: what stays in a core's own cache


def positions_at_once(column_bytes: int) -> int:
    """How many output positions a tile may hold, each a column of so many bytes; at least one."""
    return max(1, TILE_BYTES // column_bytes)


def tile_size(sizes: tuple[int, ...], most: int) -> tuple[int, ...]:
    """The largest box of at most ``most`` output positions that are next to each other in memory.

    Examples:
        >>> tile_size((112, 112), 500)
        (4, 112)
    """
    tile: list[int] = []
    for size in reversed(sizes):
        tile.insert(0, max(1, min(size, most)))
        most = most // size if tile[0] == size else 0
    return tuple(tile)


def tiles(sizes: tuple[int, ...], tile: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Every box: its first position, and its sizes (smaller at the end of an axis).

    Examples:
        >>> list(tiles((5, 7), (3, 7)))
        [((0, 0), (3, 7)), ((3, 0), (2, 7))]
    """
    for first in product(*(range(0, n, t) for n, t in zip(sizes, tile, strict=True))):
        yield first, tuple(min(t, n - f) for f, t, n in zip(first, tile, sizes, strict=True))


class Window:
    """Fills tiles of the patch matrix from the cells that their windows cover.

    The covered cells are first copied, with the padding's zeros around them, into a small array of their
    own; one that is split by the last axis's stride, so that what lies side by side in a row of the patch
    matrix lies side by side there, too, and is copied in one go.
    """

    def __init__(self, g: Geometry, dtype: np.dtype[Any], channels: int, tile: tuple[int, ...]) -> None:
        self.g, self.channels = g, channels
        self.step = g.stride[-1]
        extents = self._extents(tile)
        shape = (self.step, channels, *extents[:-1], -(-extents[-1] // self.step))
        self.cells = np.zeros(shape, dtype)

    def fill(self, patches: Array, image: Array, first: tuple[int, ...], sizes: tuple[int, ...]) -> None:
        """Fill ``patches`` (taps, positions) with the windows of the positions of one box."""
        g = self.g
        self._cover(image, first, sizes)
        strides = self.cells.strides
        inner = zip(strides[2:-1], g.dilation[:-1], strict=True)
        tap_strides = tuple(s * d for s, d in inner)
        position_strides = tuple(s * st for s, st in zip(strides[2:-1], g.stride[:-1], strict=True))
        tap_rows = np.moveaxis(patches.reshape(self.channels, *g.kernel_size, *sizes), g.rank, 0)
        for tap in range(g.kernel_size[-1]):
            offset, phase = divmod(tap * g.dilation[-1], self.step)
            read = as_strided(
                self.cells[phase, ..., offset:],
                (self.channels, *g.kernel_size[:-1], *sizes),
                (strides[1], *tap_strides, *position_strides, strides[-1]),
            )
            tap_rows[tap] = read

    def _cover(self, image: Array, first: tuple[int, ...], sizes: tuple[int, ...]) -> None:
        """Copy the cells that the box's windows cover, zeros where they reach into the padding."""
        g = self.g
        source, target, clipped = [], [], False
        for axis, extent in enumerate(self._extents(sizes)):
            low = first[axis] * g.stride[axis] - g.padding[axis][0]
            start, end = max(low, 0), min(low + extent, g.input_size[axis])
            source.append((start, max(start, end)))
            target.append((start - low, max(start, end) - low))
            clipped |= end - start < extent
        if clipped:
            self.cells.fill(0)
        rows = (slice(None), *(slice(a, b) for a, b in source[:-1]))
        into = (slice(None), *(slice(a, b) for a, b in target[:-1]))
        (start, end), (at, _) = source[-1], target[-1]
        for phase in range(min(self.step, end - start)):
            offset, place = divmod(at + phase, self.step)
            part = image[(*rows, slice(start + phase, end, self.step))]
            target_cells = self.cells[place][(*into, slice(offset, offset + part.shape[-1]))]
            target_cells[...] = part

    def _extents(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """Cells along each axis that the windows of a box cover."""
        g = self.g
        return tuple(
            (t - 1) * s + d * (k - 1) + 1
            for t, s, d, k in zip(sizes, g.stride, g.dilation, g.kernel_size, strict=True)
        )

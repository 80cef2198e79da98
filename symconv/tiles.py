"""Tiles of the patch matrix: a box of output positions at a time, filled from the cells its windows cover.

Stands above the evaluator, which multiplies each tile while it is in the cache.
"""

import threading
from collections.abc import Iterator
from itertools import product
from math import gcd, prod
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.geometry import Geometry
from symconv.products import WIDTH

COVER_BYTES = 4 << 20  # of the cells that are copied at once, with their padding
TILE_BYTES = 2 << 20  # of the patch matrix, at most: what stays in the cache while it is multiplied
BLOCKS_BYTES = 5 << 18  # of one that is multiplied in blocks, which are read where they lie


class _Kept(threading.local):
    """Memory that a thread uses again and again: fresh memory costs more than filling it."""

    def __init__(self) -> None:
        self.bytes: dict[str, Array] = {}


_KEPT = _Kept()


def scratch(name: str, count: int, dtype: np.dtype[Any]) -> Array:
    """An array for passing use, its entries left over from whoever used that name before in this thread.

    Examples:
        >>> scratch("example", 3, np.dtype(float)).shape
        (3,)
    """
    size = count * dtype.itemsize
    kept = _KEPT.bytes.get(name)
    if kept is None or kept.size < size:
        kept = np.empty(size + 63, np.uint8)
        kept = kept[-kept.ctypes.data % 64 :][:size]  # from where a cache line begins
        if size <= COVER_BYTES:
            _KEPT.bytes[name] = kept
    return kept[:size].view(dtype)


def positions_at_once(column_bytes: int, in_blocks: bool) -> int:
    """How many output positions a tile may hold, each a column of so many bytes; at least one."""
    return max(1, (min(BLOCKS_BYTES, TILE_BYTES) if in_blocks else TILE_BYTES) // column_bytes)


def tile_size(sizes: tuple[int, ...], most: int) -> tuple[int, ...]:
    """The largest box of at most ``most`` output positions that are next to each other in memory.

    It is made somewhat smaller where that makes its positions whole blocks of the product.

    Examples:
        >>> tile_size((112, 112), 500)
        (4, 112)
        >>> tile_size((112, 112), 800)
        (4, 112)
    """
    tile: list[int] = []
    held = 1
    for size in reversed(sizes):
        length = max(1, min(size, most // held))
        even = WIDTH // gcd(WIDTH, held)
        if even < length < size:
            length -= length % even
        tile.insert(0, length)
        held = held * size if length == size else most + 1
    return tuple(tile)


def tiles(sizes: tuple[int, ...], tile: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Every box: its first position, and its sizes (smaller at the end of an axis).

    Examples:
        >>> list(tiles((5, 7), (3, 7)))
        [((0, 0), (3, 7)), ((3, 0), (2, 7))]
    """
    for first in product(*(range(0, n, t) for n, t in zip(sizes, tile, strict=True))):
        yield first, tuple(min(t, n - f) for f, t, n in zip(first, tile, sizes, strict=True))


def patch_tiles(
    g: Geometry, inputs: Array, in_blocks: bool = False
) -> Iterator[tuple[int, int, slice, Array]]:
    """The transpose of the patch matrix of a layer padded with zeros, a tile of its columns at a time.

    Args:
        g: the layer.
        inputs: shape (N, C, *spatial).
        in_blocks: whether the tiles will be multiplied in blocks.

    Yields:
        The sample, the group, which of the positions, and their windows, of shape (taps, positions), taps
        those of one group. Each tile lies where the one before it lay.

    Examples:
        >>> [(at, tile) for _, _, at, tile in patch_tiles(Geometry(3, 2), np.array([[[5, 6, 7]]]))]
        [(slice(0, 2, None), array([[5, 6],
               [6, 7]]))]
    """
    dtype, channels, taps = inputs.dtype, g.in_channels // g.groups, prod(g.kernel_shape[1:])
    tile = tile_size(g.output_size, positions_at_once(taps * dtype.itemsize, in_blocks))
    buffer = scratch("patches", taps * prod(tile), dtype)
    window = Window(g, dtype, channels, tile)
    boxes = list(tiles(g.output_size, tile))
    for n, group in product(range(g.batch), range(g.groups)):
        window.look_at(inputs[n, group * channels : (group + 1) * channels])
        start = 0
        for first, sizes in boxes:
            count = prod(sizes)
            patches = buffer[: taps * count].reshape(taps, count)
            window.fill(patches.reshape(channels, *g.kernel_size, *sizes), first, sizes)
            yield n, group, slice(start, start + count), patches
            start += count


class Window:
    """Fills tiles of the patch matrix from the cells that their windows cover.

    The covered cells are first copied, with the padding's zeros around them, into an array of their own: all
    of them at once, or what one tile covers where that would take too much memory. It is split by the last
    axis's stride, so that what lies side by side in a row of the patch matrix lies side by side there, too,
    and is copied in one go. Where even a tile's windows cover too much (a large dilation or stride), the
    tile is filled from the image itself, a tap at a time.

    Args:
        g: the layer.
        dtype: of the tiles.
        channels: how many channels an image has.
        tile: output positions along each axis that a tile has at most.
    """

    def __init__(self, g: Geometry, dtype: np.dtype[Any], channels: int, tile: tuple[int, ...]) -> None:
        self.g = g
        self.covers_all = channels * prod(self._extents(g.output_size)) * dtype.itemsize <= COVER_BYTES
        box = g.output_size if self.covers_all else tile
        extents = self._extents(box)
        self.step = g.stride[-1] if box[-1] > 1 else 1  # a single window has no neighbour to lie beside
        self.views = []  # one for each phase that taps of the last axis read; none to fill from the image
        if channels * prod(extents) * dtype.itemsize > COVER_BYTES:
            return
        shape = (self.step, channels, *extents[:-1], -(-extents[-1] // self.step))
        self.cells = scratch("cells", prod(shape), dtype).reshape(shape)
        strides = self.cells.strides
        # the stride of an axis with a single entry may be too large for an integer, and is never used
        taps = [s * d if k > 1 else 0 for s, d, k in zip(strides[2:], g.dilation, g.kernel_size, strict=True)]
        steps = zip(strides[2:-1], g.stride[:-1], box[:-1], strict=True)
        places = [*(s * step if n > 1 else 0 for s, step, n in steps), strides[-1]]
        # every so many taps of the last axis read the same phase, each a few cells after the one before
        self.period = self.step // gcd(self.step, g.dilation[-1])
        for tap in range(min(self.period, g.kernel_size[-1])):
            count = len(range(tap, g.kernel_size[-1], self.period))
            taps[-1] = self.period * g.dilation[-1] // self.step * strides[-1] if count > 1 else 0
            offset, phase = divmod(tap * g.dilation[-1], self.step)
            begin = phase * strides[0] + offset * strides[-1]
            shape = (channels, *g.kernel_size[:-1], count, *box)
            self.views.append(np.ndarray(shape, dtype, self.cells, begin, (strides[1], *taps, *places)))

    def look_at(self, image: Array) -> None:
        """Turn to an image (C, *spatial): every tile until the next call is one of its."""
        self.image = image
        if self.covers_all:
            self._cover((0,) * self.g.rank, self.g.output_size)

    def fill(self, rows: Array, first: tuple[int, ...], sizes: tuple[int, ...]) -> None:
        """Fill ``rows``, of shape (C, *kernel, *sizes), with the windows of the positions of one box."""
        g = self.g
        if not self.views:
            self._fill_from_image(rows, first, sizes)
            return
        if not self.covers_all:
            self._cover(first, sizes)
            first = (0,) * g.rank
        box: Any = (..., *(slice(a, a + n) for a, n in zip(first, sizes, strict=True)))
        for tap, view in enumerate(self.views):
            rows[(slice(None),) * g.rank + (slice(tap, None, self.period),)] = view[box]

    def _fill_from_image(self, rows: Array, first: tuple[int, ...], sizes: tuple[int, ...]) -> None:
        """Fill a box tap by tap with the cells of the image, zeros where a tap reads padding."""
        g = self.g
        for tap in np.ndindex(g.kernel_size):
            source, target = [], []
            for axis, (t, size) in enumerate(zip(tap, sizes, strict=True)):
                step, cells = g.stride[axis], g.input_size[axis]
                low = first[axis] * step - g.padding[axis][0] + t * g.dilation[axis]
                begin = min(size, max(0, -(low // step)))  # the first position whose tap lies in the image
                end = max(begin, min(size, -((low - cells) // step)))
                target.append(slice(begin, end))
                place = low + begin * step
                source.append(
                    slice(place, place + (end - begin - 1) * step + 1, step) if end > begin else slice(0)
                )
            block = rows[(slice(None), *tap)]
            if any(inside.stop - inside.start < n for inside, n in zip(target, sizes, strict=True)):
                block[...] = 0
            block[(slice(None), *target)] = self.image[(slice(None), *source)]

    def _cover(self, first: tuple[int, ...], sizes: tuple[int, ...]) -> None:
        """Copy the cells that the box's windows cover, zeros where they reach into the padding."""
        g = self.g
        source, target = [], []
        for axis, extent in enumerate(self._extents(sizes)):
            low = first[axis] * g.stride[axis] - g.padding[axis][0]
            start, end = max(low, 0), max(low, 0, min(low + extent, g.input_size[axis]))
            source.append(slice(start, end))
            target.append(slice(start - low, end - low))
        self._zero_around(target)
        last, at = source[-1], target[-1].start
        for phase in range(min(self.step, last.stop - last.start)):
            offset, place = divmod(at + phase, self.step)
            part = self.image[(slice(None), *source[:-1], slice(last.start + phase, last.stop, self.step))]
            cells = self.cells[place][(slice(None), *target[:-1], slice(offset, offset + part.shape[-1]))]
            cells[...] = part

    def _zero_around(self, target: list[slice]) -> None:
        """Zeros in all cells that the image will not be copied to."""
        last = target[-1]  # where it begins and ends differs by a cell from phase to phase
        last = slice(-(-last.start // self.step), last.stop // self.step)
        for axis, inside in enumerate((*target[:-1], last)):
            before: Any = (slice(None),) * (axis + 2)  # phase, channel, and the axes before this one
            self.cells[(*before, slice(inside.start))] = 0
            self.cells[(*before, slice(inside.stop, None))] = 0

    def _extents(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """Cells along each axis that the windows of a box cover."""
        g = self.g
        return tuple(
            (t - 1) * s + d * (k - 1) + 1
            for t, s, d, k in zip(sizes, g.stride, g.dilation, g.kernel_size, strict=True)
        )

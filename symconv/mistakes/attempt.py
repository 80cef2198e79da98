"""A layer as somebody computes it, perhaps wrongly: the one plan with something changed at a stage.

The stages are those of every unrolling: number the cells, pad, slide the window, multiply patches by kernels,
arrange the sums. A change replaces what one of them does, so that several changes compose. Cells are counted
from 1 throughout, and 0 is a zero.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import NamedTuple

import numpy as np

from symconv.entries import Array
from symconv.errors import GeometryError
from symconv.geometry import Geometry, output_size
from symconv.index_map import IndexMap, gather, index_map
from symconv.mistakes.bilinear_map import (
    BilinearMap,
    Hashes,
    Numbers,
    joined,
    products,
    random_values,
    refuse_too_many,
)
from symconv.sizes import NUMPY_PADDING_MODES

_MOST_KEPT = 1 << 24  # entries, which is 128 MB
_PADDING = NUMPY_PADDING_MODES | {"symmetric": "symmetric"}


@dataclass(frozen=True)
class Window:
    """How a window is slid over the input.

    Attributes:
        stride: cells from one window to the next, one entry per axis, as in all that follow.
        padding: cells (before, after).
        dilation: cells from one tap to the next.
        mode: what the padding holds: a ``padding_mode``, ``"symmetric"`` (mirrored, the last cell
            repeated), or ``"negative"`` (a negative index reads the other end, and zeros follow the input).
        positions: how many positions there are on an axis, from its number, size, taps, stride, dilation and
            padding; past the end of the padded axis zeros are read.
    """

    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    mode: str
    positions: Callable[[int, int, int, int, int, tuple[int, int]], int] = lambda axis, n, k, s, d, p: (
        output_size(n, k, s, d, *p)
    )


@dataclass(frozen=True, eq=False)
class Change:
    """What is done otherwise, at each stage; None where nothing is.

    Attributes:
        window: how the window is slid.
        cells: the input that it is slid over, shape (N, C, *spatial).
        patches: what it saw, shape (N, *out, C, *kernel).
        kernels: the kernels, shape (F, C/groups, *kernel).
        reads: the kernel's channel by which each filter multiplies each channel of the input, shape (F, C).
        running: axes of the output, slowest first, along which every cell also holds those before it.
        outputs: the output, shape (N, F, *out), arranged in any way.
        factor: what every sum is multiplied by.
    """

    window: Callable[[Window], Window] | None = None
    cells: Callable[[Array], Array] | None = None
    patches: Callable[[Array], Array] | None = None
    kernels: Callable[[Array], Array] | None = None
    reads: Callable[[Array], Array] | None = None
    running: tuple[int, ...] = ()
    outputs: Callable[[Array], Array] | None = None
    factor: Fraction = Fraction(1)


Changes = tuple[Change, ...]


class Attempts:
    """The attempts at one layer: what it comes to with some changes, as random values and as a table.

    What one change makes is kept, so that trying it with each of many others costs little.

    Args:
        g: the layer as it should be.

    Examples:
        >>> turned = Change(kernels=lambda kernels: kernels[..., ::-1])
        >>> Attempts(Geometry(3, 2)).table((turned,)).sum_at(0)
        {(0, 1): Fraction(1, 1), (1, 0): Fraction(1, 1)}
    """

    def __init__(self, g: Geometry) -> None:
        self.geometry = g
        self._inputs, self._weights = (
            random_values(which, prod(shape)) for which, shape in enumerate((g.input_shape, g.kernel_shape))
        )
        self._room = _MOST_KEPT
        self._kept: dict[tuple[str, Changes], tuple[Array, ...]] = {}
        one_cell = Geometry((1,) * g.rank, 1, g.in_channels, g.out_channels, groups=g.groups)
        channel = index_map(one_cell).weight.T  # (F, C)
        own = channel < prod(one_cell.kernel_shape)
        self._reads = np.where(own, channel % one_cell.kernel_shape[1] + 1, 0)

    def values(self, changes: Changes) -> Hashes:
        """The output in Z/2⁶⁴ for fixed random inputs and kernels, the factor left out.

        Raises:
            GeometryError: with these changes no window fits.
        """
        output: Array = self._sums(changes)
        for change in changes:
            if change.running:
                output = _running(output, change.running)
        return _arranged(output, changes)

    def shape(self, changes: Changes) -> tuple[int, ...]:
        """The shape (N, F, *out) of the sums, before they are arranged.

        Raises:
            GeometryError: with these changes no window fits.
        """
        slide = _slide(self.geometry, self._kernels(changes).shape[2:], changes)
        return (self.geometry.batch, self.geometry.out_channels, *slide.positions)

    def table(self, changes: Changes) -> BilinearMap:
        """The products of every output cell, exactly.

        Raises:
            GeometryError: with these changes no window fits.
            SizeLimitError: they are more than a table may have.
        """
        g = self.geometry
        patch, weight, shape = self._patch_map(changes)[0], self._weight_map(changes)[0], self.shape(changes)
        inputs, kernels = prod(g.input_shape), prod(g.kernel_shape)
        plan = IndexMap(
            np.where(patch, patch - 1, inputs), np.where(weight, weight - 1, kernels), inputs, kernels
        )
        rows, filters, weights, cells = products(plan)
        place = np.arange(prod(shape)).reshape(shape)  # (N, F, *out)
        outputs = np.moveaxis(place, 1, -1).reshape(-1, g.out_channels)[rows, filters]
        for change in changes:
            if change.running:
                before = _holding(place, change.running)
                outputs, kept = joined(outputs, *before, prod(shape))
                weights, cells = weights[kept], cells[kept]
        arranged = _arranged(place + 1, changes)
        holds = np.flatnonzero(arranged)
        outputs, kept = joined(outputs, holds, arranged.ravel()[holds] - 1, prod(shape))
        factor = factor_of(changes)
        coefficients = np.full(outputs.size, factor.numerator)
        return BilinearMap(
            arranged.shape, outputs, weights[kept], cells[kept], coefficients, factor.denominator
        )

    def _sums(self, changes: Changes) -> Hashes:
        """P·W on the random values, shape (N, F, *out)."""

        def made() -> tuple[Array, ...]:
            rows = self._patches(changes)[0].shape[: 1 + self.geometry.rank]
            sums = self._patch_map(changes)[1] @ self._weight_map(changes)[1]
            return (np.moveaxis(sums.reshape(*rows, -1), -1, 1),)

        held = tuple(c for c in changes if c.window or c.cells or c.patches or c.kernels or c.reads)
        return self._once("sums", held, made)[0]

    def _patch_map(self, changes: Changes) -> tuple[Array, ...]:
        """P, shape (N·L, C·taps), as numbers from 1 and as random values."""
        patches = self._patches(changes)
        return tuple(p.reshape(prod(p.shape[: 1 + self.geometry.rank]), -1) for p in patches)

    def _patches(self, changes: Changes) -> tuple[Array, ...]:
        """What the window saw, (N, *out, C, *kernel), as numbers from 1 and as random values."""
        taps = self._kernels(changes).shape[2:]
        held = tuple(c for c in changes if c.window or c.cells or c.patches)

        def made() -> tuple[Array, ...]:
            numbers = _slid(self.geometry, taps, held)
            return numbers, gather_from_one(self._inputs, numbers)

        return self._once(f"patches {taps}", held, made)

    def _kernels(self, changes: Changes) -> Array:
        """The kernels, (F, C/groups, *kernel), as numbers from 1."""

        def made() -> tuple[Array, ...]:
            shape = self.geometry.kernel_shape
            return (_through("kernels", np.arange(1, prod(shape) + 1).reshape(shape), held),)

        held = tuple(c for c in changes if c.kernels)
        return self._once("kernels", held, made)[0]

    def _weight_map(self, changes: Changes) -> tuple[Array, ...]:
        """W, shape (C·taps, F), as numbers from 1 and as random values."""

        def made() -> tuple[Array, ...]:
            kernels = self._kernels(held)
            reads = _through("reads", self._reads, held)
            none = np.zeros((len(kernels), 1, *kernels.shape[2:]), dtype=np.int64)
            spread = np.concatenate([none, kernels], axis=1)[np.arange(len(kernels))[:, None], reads]
            numbers = spread.reshape(len(kernels), -1).T
            return numbers, gather_from_one(self._weights, numbers)

        held = tuple(c for c in changes if c.kernels or c.reads)
        return self._once("weights", held, made)

    def _once(self, what: str, changes: Changes, make: Callable[[], tuple[Array, ...]]) -> tuple[Array, ...]:
        """What some changes make, kept where it is one change, as that is tried with each of the others."""
        if len(changes) > 1:
            return make()
        if (what, changes) in self._kept:
            return self._kept[what, changes]
        arrays = make()
        self._room -= sum(array.size for array in arrays)
        if self._room > 0:
            self._kept[what, changes] = arrays
        return arrays


def factor_of(changes: Changes) -> Fraction:
    """What these changes multiply every sum by.

    Examples:
        >>> factor_of((Change(), Change(factor=Fraction(1, 4))))
        Fraction(1, 4)
    """
    return prod((c.factor for c in changes), start=Fraction(1))


def gather_from_one(values: Hashes, numbers: Array) -> Hashes:
    """The values that numbers counted from 1 name, with a zero for each 0.

    Examples:
        >>> gather_from_one(np.array([5, 6], dtype=np.uint64), np.array([0, 2]))
        array([0, 6], dtype=uint64)
    """
    return gather(values, np.where(numbers, numbers - 1, values.size))


def _through(stage: str, array: Array, changes: Iterable[Change]) -> Array:
    for change in changes:
        if (done := getattr(change, stage)) is not None:
            array = done(array)
    return array


def _arranged(output: Array, changes: Changes) -> Array:
    return _through("outputs", output, changes)


class _Slide(NamedTuple):
    """What a window is slid over, and how far."""

    window: Window
    cells: Array  # (N, C, *spatial), from 1
    axes: tuple[tuple[int, int, int, int, tuple[int, int]], ...]  # size, taps, stride, dilation, padding
    positions: tuple[int, ...]


def _slide(g: Geometry, taps: tuple[int, ...], changes: Changes) -> _Slide:
    window = Window(g.stride, g.padding, g.dilation, g.padding_mode)
    for change in changes:
        window = change.window(window) if change.window else window
    cells = _through("cells", np.arange(1, prod(g.input_shape) + 1).reshape(g.input_shape), changes)
    axes = tuple(zip(cells.shape[2:], taps, window.stride, window.dilation, window.padding, strict=True))
    positions = tuple(window.positions(i, *axis) for i, axis in enumerate(axes))
    if min(positions) < 1:
        raise GeometryError(f"positions={positions} leave no output: enlarge the padding or the input")
    return _Slide(window, cells, axes, positions)


def _slid(g: Geometry, taps: tuple[int, ...], changes: Changes) -> Array:
    """The numbers that the window saw, (N, *out, C, *kernel): gathered from the padded input by its plan."""
    window, cells, axes, positions = _slide(g, taps, changes)
    ends = [
        max(0, (o - 1) * s + d * (k - 1) + 1 - (n + sum(p)))
        for o, (n, k, s, d, p) in zip(positions, axes, strict=True)
    ]
    frame = _padded(cells, window)
    if any(ends):
        frame = np.pad(frame, ((0, 0), (0, 0), *((0, end) for end in ends)))
    samples, channels, *sizes = frame.shape
    layer = Geometry(sizes, taps, channels, 1, samples, stride=window.stride, dilation=window.dilation)
    numbers = frame.ravel()[index_map(layer).patch].reshape(samples, *layer.output_size, channels, *taps)
    made = (slice(None), *(slice(o) for o in positions))
    return _through("patches", numbers[made], changes)


def _padded(cells: Array, window: Window) -> Array:
    pads = ((0, 0), (0, 0), *window.padding)
    if window.mode == "negative":
        before, after = (tuple((p[0], 0) for p in pads), tuple((0, p[1]) for p in pads))
        return np.pad(np.pad(cells, before, "wrap"), after)
    return np.pad(cells, pads, _PADDING[window.mode])


def _running(output: Array, axes: tuple[int, ...]) -> Array:
    """Sums of every cell and those before it along some axes, taken as one."""
    to_end = tuple(range(output.ndim - len(axes), output.ndim))
    moved = np.moveaxis(output, axes, to_end)
    flat = moved.reshape(*moved.shape[: -len(axes)], -1)
    summed = np.cumsum(flat, axis=-1, dtype=output.dtype)
    return np.moveaxis(summed.reshape(moved.shape), to_end, axes)


def _holding(place: Numbers, axes: tuple[int, ...]) -> tuple[Numbers, Numbers]:
    """The links (to cell, from cell) of running sums."""
    moved = np.moveaxis(place, axes, tuple(range(place.ndim - len(axes), place.ndim)))
    flat = moved.reshape(-1, prod(moved.shape[-len(axes) :]))
    refuse_too_many(flat.shape[0] * flat.shape[1] * (flat.shape[1] + 1) // 2)
    later, earlier = np.tril_indices(flat.shape[1])
    return flat[:, later].ravel(), flat[:, earlier].ravel()

"""The parts of a derivation, each as LaTeX: picks the arrays of a part and hands them to the printers.

Stands between the matrices and the printers, which know nothing of each other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.errors import RequestError
from symconv.index_map import gather
from symconv.matrices import Matrices
from symconv.show import latex as show
from symconv.show.index_latex import group_channel, linear, subscript
from symconv.sizes import cell_index
from symconv.symbols import entry_name, symbolic


def part_latex(layer: Matrices, part: str, cell: Sequence[int] | int | None = None) -> str:
    """LaTeX of one part of a layer's derivation.

    Args:
        layer: the layer's matrices.
        part: one of ``PARTS``.
        cell: index of an output cell, counted from the layer's start; a position alone is the first
            filter's; None for the first cell.

    Raises:
        RequestError: there is no such part, or no such cell.
    """
    if not isinstance(part, str) or part not in PARTS:
        raise RequestError(f"part={part!r} is unknown: use one of {', '.join(PARTS)}")
    if layer.geometry.batch == 0:
        raise RequestError("the batch is empty, so there is nothing to show: give at least one sample")
    return PARTS[part](layer, _place(layer, cell))


def named_output(layer: Matrices) -> Array:
    """The activation map to print: its numbers, or the names of its cells where those are sums of symbols."""
    return symbolic("y", layer.output_shape, layer.start) if layer.is_symbolic else layer.output


@dataclass(frozen=True)
class CellSum:
    """One output cell taken apart.

    Attributes:
        weights: the filter's weights, tap by tap.
        cells: the input cells they multiply; zeros for padding.
        bias: what is added at the end, or empty.
        name: the cell's name, where its value is a sum of symbols; else empty.
        value: the name, or the number, in LaTeX.
    """

    weights: list[Any]
    cells: list[Any]
    bias: str
    name: str
    value: str


def cell_sum(layer: Matrices, place: tuple[int, ...]) -> CellSum:
    """The taps of one output cell, given by its 0-based index in the activation map."""
    n, f, *position = (0,) * layer.hidden_axes + place
    row = int(np.ravel_multi_index((n, *position), (layer.geometry.batch, *layer.geometry.output_size)))
    own = layer.plan.weight[:, f] != layer.plan.kernel_cells  # the taps of the filter's own group
    name = entry_name("y", place, layer.start) if layer.is_symbolic else ""
    return CellSum(
        list(gather(layer.kernel, layer.plan.weight[own, f])),
        list(gather(layer.input, layer.plan.patch[row, own])),
        "" if layer.bias is None else show.factor(layer.bias[f]),
        name,
        name or show.entry(layer.output[place]),
    )


def _sum(layer: Matrices, place: tuple[int, ...]) -> str:
    taken = cell_sum(layer, place)
    terms = [*show.terms(taken.weights, taken.cells), *([taken.bias] if taken.bias else [])]
    return show.equation(terms, "" if taken.name else taken.value, name=taken.name, line=_kernel_width(layer))


def _dot(layer: Matrices, place: tuple[int, ...]) -> str:
    taken = cell_sum(layer, place)
    return show.dot_product(taken.cells, taken.weights, taken.value, _kernel_width(layer), taken.bias)


def _dot_reversed(layer: Matrices, place: tuple[int, ...]) -> str:
    taken = cell_sum(layer, place)
    return show.dot_product(taken.weights, taken.cells, taken.value, _kernel_width(layer), taken.bias)


def _product(layer: Matrices, _place: tuple[int, ...]) -> str:
    result = _named_product(layer)
    return show.matrix_equation(layer.patches, layer.weights, result, _kernel_width(layer), layer.bias)


def _fold(layer: Matrices, _place: tuple[int, ...]) -> str:
    samples = _named_product(layer).reshape(layer.geometry.batch, -1, layer.geometry.out_channels)
    maps = named_output(layer).reshape(-1, *layer.geometry.output_size)
    return show.folding(np.concatenate(samples, axis=1), list(maps))


def _named_product(layer: Matrices) -> Array:
    """Y to print: the names of the activation map's cells, each in its row and column."""
    if not layer.is_symbolic:
        return layer.product
    batch, filters, *_ = layer.geometry.output_shape
    return named_output(layer).reshape(batch, filters, -1).swapaxes(1, 2).reshape(-1, filters)


def _formula(layer: Matrices, _place: tuple[int, ...]) -> str:
    """The loop formula itself, with the ranges, strides and paddings of the layer."""
    g, start = layer.geometry, layer.start
    positions, taps = list("ijk"[: g.rank]), list("abd"[: g.rank])
    if layer.bias is not None:
        taps = list("uvt"[: g.rank])  # b is the bias
    if g.rank > len(positions):  # more axes than letters
        positions, taps = ([f"{letter}_{{{axis + start}}}" for axis in range(g.rank)] for letter in "it")
    places = [
        _place_read(i, t, s, d, before, start)
        for i, t, s, d, (before, _) in zip(positions, taps, g.stride, g.dilation, g.padding, strict=True)
    ]
    y, w, x, sums = positions, taps, places, list(zip(taps, g.kernel_size, strict=True))
    if layer.hidden_axes < 2:  # filters and channels have indices of their own
        own_channels = g.kernel_shape[1]
        channel = "c" if own_channels > 1 else str(start)
        y, w, x = (
            ["f", *y],
            ["f", channel, *w],
            [group_channel(g.groups, g.out_channels // g.groups, own_channels, channel, start), *x],
        )
        sums = [("c", own_channels), *sums] if own_channels > 1 else sums
    if layer.hidden_axes == 0:
        y, x = ["n", *y], ["n", *x]
    signs = "".join(rf"\sum_{{{t}={start}}}^{{{count - 1 + start}}}" for t, count in sums)
    added = "" if layer.bias is None else "b_f + " if layer.hidden_axes < 2 else "b + "
    return rf"y{subscript(*y)} = {added}{signs} w{subscript(*w)}\, x{subscript(*x)}"


def _place_read(position: str, tap: str, stride: int, dilation: int, before: int, start: int) -> str:
    """The input index that a tap reads along one axis, with the constants of 1-based counting gathered."""
    return linear([(stride, position), (dilation, tap)], start * (1 - stride - dilation) - before)


def _kernel_width(layer: Matrices) -> int:
    return layer.geometry.kernel_size[-1]


def _place(layer: Matrices, cell: Any) -> tuple[int, ...]:
    """A caller's output cell as a 0-based index of the activation map."""
    return cell_index(cell, layer.output_shape, layer.geometry.rank, layer.start, "the output")


PARTS: dict[str, Callable[[Matrices, tuple[int, ...]], str]] = {
    "input": lambda layer, _place: show.grids(layer.input),
    "kernel": lambda layer, _place: show.grids(layer.kernel),
    "formula": _formula,
    "output": lambda layer, _place: show.grids(named_output(layer)),
    "sum": _sum,
    "dot": _dot,
    "dot_reversed": _dot_reversed,
    "patches": lambda layer, _place: show.matrix(layer.patches, _kernel_width(layer)),
    "weights": lambda layer, _place: show.matrix(layer.weights),
    "product": _product,
    "fold": _fold,
}

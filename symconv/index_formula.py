"""The plan as formulas: which cells an entry of P or of W is made of, at any row and any column.

The same arithmetic for ints, for arrays of ints, and for symbols: rows and columns are taken apart into
digits, and a tap reads the cell at position · stride + tap · dilation − padding. It is proved to be the plan
(``index_map``) in the tests, and to be the loop formula at every size by the theorem "im2col".
"""

from typing import Any

import sympy

from symconv.digits import unravel
from symconv.errors import RequestError
from symconv.geometry import Geometry
from symconv.sizes import is_symbolic, size


def cell_read(position: Any, tap: Any, stride: Any, dilation: Any, before: Any) -> Any:
    """The input cell that a tap reads at an output position, on one axis; outside the input it is padding."""
    return position * stride + tap * dilation - before


def patch_cell(g: Geometry, row: Any, column: Any) -> tuple[Any, ...]:
    """The input cell (n, c, *place) that an entry of P is; its place may lie in the padding.

    Examples:
        >>> patch_cell(Geometry((5, 7), (2, 3), in_channels=2, stride=2, padding=1), 5, 9)
        (0, 1, 2, 1)
    """
    sample, *positions = _digits(row, g.batch, g.output_size)
    channel, *taps = _digits(column, g.in_channels, g.kernel_size)
    places = (
        cell_read(o, k, s, d, before)
        for o, k, s, d, (before, _) in zip(positions, taps, g.stride, g.dilation, g.padding, strict=True)
    )
    return (sample, channel, *places)


def weight_cell(g: Geometry, column: Any, filter_: Any) -> tuple[tuple[Any, ...], Any, Any]:
    """The kernel cell (f, c, *tap) that an entry of W is, its channel's group and its filter's group.

    Where the two groups differ, the entry is 0.

    Examples:
        >>> weight_cell(Geometry((5, 7), (2, 3), in_channels=4, out_channels=4, groups=2), 13, 1)
        ((1, 0, 0, 1), 1, 0)
    """
    channel, *taps = _digits(column, g.in_channels, g.kernel_size)
    own_channels, own_filters = g.in_channels // g.groups, g.out_channels // g.groups
    own = channel % own_channels if g.groups != 1 else channel
    return (filter_, own, *taps), channel // own_channels, filter_ // own_filters


def patch_entry(g: Geometry, row: Any, column: Any) -> sympy.Expr:
    """The entry of P as a formula over the cells of the input x.

    Args:
        g: the layer; its sizes may be symbols.
        row: a whole number, a name, or a symbolic integer.
        column: likewise.

    Returns:
        ``x[n, c, *place]`` without the axes that the layer does not need, 0 where the place is padding.

    Raises:
        RequestError: P has no such row or column.

    Examples:
        >>> patch_entry(Geometry(("H", "W"), ("A", "B")), "r", "q")
        x[floor(q/B) + floor(r/(-B + W + 1)), Mod(q, B) + Mod(r, -B + W + 1)]
    """
    rows, columns = g.patch_matrix_shape
    r, q = _index(row, rows, "row"), _index(column, columns, "column")
    sample, channel, *places = patch_cell(g, r, q)
    cells = sympy.IndexedBase("x")
    axes = list(zip(places, g.input_size, g.padding, strict=True))
    shown = [_within(g.padding_mode, *axis) for axis in axes]
    entry = cells[(sample, channel, *shown)[_hidden_axes(g) :]]
    if g.padding_mode != "zeros":
        return entry
    inside = [c for place, cells_, pads in axes if pads != (0, 0) for c in (place >= 0, place < cells_)]
    return sympy.Piecewise((entry, sympy.And(*inside)), (0, True))


def weight_entry(g: Geometry, column: Any, filter_: Any) -> sympy.Expr:
    """The entry of W as a formula over the cells of the kernels w.

    Args:
        g: the layer; its sizes may be symbols.
        column: the row of W, which is a column of P: a whole number, a name, or a symbolic integer.
        filter_: the column of W: likewise.

    Raises:
        RequestError: W has no such row or column.

    Examples:
        >>> weight_entry(Geometry(("H", "W"), ("A", "B"), in_channels="C", out_channels="F"), "q", "f")
        w[f, floor(floor(q/B)/A), Mod(floor(q/B), A), Mod(q, B)]
    """
    rows, columns = g.weight_matrix_shape
    q, f = _index(column, rows, "column"), _index(filter_, columns, "filter_")
    cell, channel_group, filter_group = weight_cell(g, q, f)
    entry = sympy.IndexedBase("w")[cell[2 * (_hidden_axes(g) == 2) :]]
    if g.groups == 1:
        return entry
    return sympy.Piecewise((entry, sympy.Eq(channel_group, filter_group)), (0, True))


def _digits(number: Any, count: Any, sizes: tuple[Any, ...]) -> tuple[Any, ...]:
    """The digits of a row or column; of one sample or channel there is nothing to tell."""
    return (number * 0, *unravel(number, sizes)) if count == 1 else unravel(number, (count, *sizes))


def _hidden_axes(g: Geometry) -> int:
    """Axes of (n, c, *place) that a layer does without: of one sample, or of all that there is one of."""
    bare = g.batch == g.in_channels == g.out_channels == 1 and g.rank <= 2 and not g.bias
    return 2 if bare else 1 if g.batch == 1 else 0


def _index(value: Any, count: Any, name: str) -> Any:
    """A row or column as a number within the matrix, or as a symbolic integer."""
    index = size(value, name, least=0)
    if not is_symbolic(index, count) and index >= count:
        raise RequestError(f"{name}={index} is beyond the matrix: give one from 0 to {count - 1}")
    return index


def _within(mode: str, place: Any, cells: Any, pads: tuple[Any, Any]) -> Any:
    """The cell of the input that a place on the padded axis shows."""
    if mode == "zeros" or pads == (0, 0):
        return place
    if mode == "circular":
        return place % cells
    if mode == "replicate":
        return sympy.Max(0, sympy.Min(place, cells - 1))
    last = cells - 1
    return last - sympy.Abs(last - sympy.Abs(place))

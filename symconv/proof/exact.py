"""The exact proof at one concrete size: the plan's maps against the definition's coordinates.

Both sides of P·W = loop formula are sums of products (input cell · kernel cell) with distinct generic
cells, so two polynomials are equal exactly when they have the same products equally often. The maps say
which products P·W has; the coordinates that ``definition`` reads say which ones it should have. No cell
is ever given a value, so the verdict holds for all values.

Two routes, the second only where the first does not settle it:

* ``factorised``: under the order of taps that the weight map shows, the weight map and the patch map are
  compared whole, entry by entry, in O(R·K + K·F) for R positions, K taps and F filters. Sound because
  equal maps give equal products.
* ``terms``: the products of every output cell are sorted and compared, each as often as it occurs, which
  is its coefficient: O(R·K·F). This also accepts maps that differ but have the same sums, and finds the
  first cell that differs. (Every coefficient on either side is a count, so no sum can cancel, and comparing
  counts is comparing coefficients.)
"""

from collections import Counter
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.definition import axis_windows
from symconv.entries import Array
from symconv.geometry import Geometry
from symconv.index_map import IndexMap, Map
from symconv.matrices import Matrices
from symconv.proof.verdict import Counterexample, Proof, Tier
from symconv.symbols import entry_name

Namer = Callable[[int], sympy.Expr]

_ENTRIES_AT_ONCE = 1 << 18  # of a map: 1 MB, so that what is compared stays in the cache


def prove_maps(
    g: Geometry,
    plan: IndexMap,
    *,
    names: tuple[Namer, ...] | None = None,
    hidden_axes: int = 0,
    factorised: bool = True,
) -> Proof:
    """Compare any plan, a wrong one too, with the definition of the convolution.

    Args:
        g: the geometry that the plan claims to unroll.
        plan: its maps; ``patch`` (N·L, C·KH·KW) and ``weight`` (C·KH·KW, F).
        names: the symbols of the numbered input cells and kernel cells, for a counterexample.
        hidden_axes: leading axes of (n, f, *position) that a counterexample leaves out.
        factorised: whether to try the short route first; False compares term by term at once.

    Returns:
        The verdict, of tier ``exact``.
    """
    input_name, kernel_name = names or (generic_names("x", g.input_shape), generic_names("w", g.kernel_shape))
    entries = plan.patch.shape[0] * plan.weight.shape[1]
    if factorised and _same_factors(g, plan):
        return Proof(True, Tier.EXACT, g, entries, g.products, "factorised")
    defined = defined_maps(g)
    rows = _rows_in_doubt(g, plan, defined) if factorised else np.arange(plan.patch.shape[0])
    place = _first_difference(plan, defined, rows)
    if place is None:
        return Proof(True, Tier.EXACT, g, entries, g.products, "terms")
    row, column = place
    n, *position = (int(i) for i in np.unravel_index(row, (g.batch, *g.output_size)))
    cell = (n, column, *position)[hidden_axes:]
    claimed, wanted = (Counter(_products(side, row, column)) for side in (plan, defined))
    sums = [
        sympy.Add(*(times * kernel_name(k) * input_name(i) for (i, k), times in terms.items()))
        for terms in (claimed, wanted, claimed - wanted, wanted - claimed)
    ]
    compared = row * plan.weight.shape[1] + column + 1
    return Proof(False, Tier.EXACT, g, compared, g.products, "terms", Counterexample(cell, *sums))


def generic_names(letter: str, shape: tuple[int, ...]) -> Namer:
    """Names of the numbered cells of an array: the letter with the cell's indices."""
    return lambda number: sympy.Symbol(entry_name(letter, tuple(map(int, np.unravel_index(number, shape)))))


def cell_names(**arrays: Array) -> tuple[Namer, ...]:
    """Names for the numbered cells of arrays: the caller's symbols if all differ, else generic ones.

    Args:
        arrays: each under the letter that its generic names begin with.

    Examples:
        >>> (name,) = cell_names(x=np.array([[5, 6], [7, 8]]))
        >>> name(2)
        x_{1,0}
    """
    flat = [a.ravel() for a in arrays.values()]
    if all(a.dtype == object for a in flat):
        cells = [v for a in flat for v in a]
        if all(isinstance(v, sympy.Symbol) for v in cells) and len(set(cells)) == len(cells):
            return tuple(a.__getitem__ for a in flat)
    return tuple(generic_names(letter, a.shape) for letter, a in arrays.items())


def own_names(layer: Matrices) -> tuple[Namer, Namer]:
    """Names for the cells of a layer's input and kernels."""
    x, w = cell_names(x=layer.input, w=layer.kernel)
    return x, w


def _same_factors(g: Geometry, plan: IndexMap) -> bool:
    """Whether the maps are the definition's own, up to one common order of the taps."""
    order = _tap_order(g, plan.weight)
    return order is not None and _same_weights(g, plan, order) and _same_patches(g, plan, order)


def _tap_order(g: Geometry, weight: Map) -> Map | None:
    """The row of the weight map that holds each tap, as the first filter of each group has them."""
    filters, taps = g.out_channels // g.groups, weight.shape[0] // g.groups
    order = np.empty(weight.shape[0], dtype=np.int64)
    for group in range(g.groups):  # zeros, which stand for other groups' taps, sort last
        rows = slice(group * taps, (group + 1) * taps)
        order[rows] = np.argsort(weight[:, group * filters], kind="stable")[:taps]
    return order if np.array_equal(np.sort(order), np.arange(order.size)) else None


def _same_weights(g: Geometry, plan: IndexMap, order: Map) -> bool:
    """Whether filter f has kernel cell (f, q) in the row of its group's tap q, and zeros elsewhere."""
    filters, taps = g.out_channels // g.groups, prod(g.kernel_shape[1:])
    in_order = np.array_equal(order, np.arange(order.size))
    at_once = max(1, _ENTRIES_AT_ONCE // order.size)
    for first in range(0, g.out_channels, at_once):
        block = np.arange(first, min(first + at_once, g.out_channels), dtype=plan.weight.dtype)
        expected = np.full((block.size, order.size), plan.kernel_cells, dtype=plan.weight.dtype)
        for group in range(first // filters, block[-1] // filters + 1):
            own = block[(block >= group * filters) & (block < (group + 1) * filters)]
            cells = own[:, None] * taps + np.arange(taps, dtype=plan.weight.dtype)
            expected[own - first, group * taps : (group + 1) * taps] = cells
        got = plan.weight.T[first : first + at_once]
        if not np.array_equal(got if in_order else got[:, order], expected):
            return False
    return True


def _same_patches(g: Geometry, plan: IndexMap, order: Map) -> bool:
    """Whether every tap reads the input cells that the definition reads, and zeros where it does."""
    taps, sentinel = prod(g.kernel_size), plan.input_cells
    patch = plan.patch.T  # one tap a row
    if not np.array_equal(order, np.arange(order.size)):
        patch = patch[order]
    numbers, outside = _defined_window(g)
    channel_cells = prod(g.input_size)
    channels_at_once = max(1, _ENTRIES_AT_ONCE // max(1, numbers.size * g.batch))
    samples = np.arange(g.batch, dtype=numbers.dtype)[:, None] * (g.in_channels * channel_cells)
    padded = outside.any()
    for first in range(0, g.in_channels, channels_at_once):
        channels = np.arange(first, min(first + channels_at_once, g.in_channels), dtype=numbers.dtype)
        expected = numbers[:, None] + (channels[:, None, None, None] * channel_cells + samples)
        if padded:
            np.copyto(expected, sentinel, where=outside[:, None])
        got = patch[first * taps : (first + len(channels)) * taps]
        if not np.array_equal(got.reshape(expected.shape), expected):
            return False
    return True


def _defined_window(g: Geometry) -> tuple[Map, np.ndarray[Any, np.dtype[np.bool_]]]:
    """The input cells of the first channel and sample that the definition reads.

    Returns:
        Their numbers, and whether each lies in the padding, both of shape (taps, positions).
    """
    number_type = np.int32 if prod(g.input_shape) < 2**31 else np.int64
    numbers, outside = np.zeros((1, 1), dtype=number_type), np.zeros((1, 1), dtype=bool)
    for n, k, s, d, p in zip(g.input_size, g.kernel_size, g.stride, g.dilation, g.padding, strict=True):
        read = axis_windows(n, k, s, d, p, g.padding_mode)
        places = np.array([[0 if i is None else i for i in window] for window in read], dtype=number_type).T
        beyond = np.array([[i is None for i in window] for window in read]).T
        shape = (len(numbers) * k, -1)  # taps of the axes so far × this one's, then positions likewise
        numbers = (numbers[:, None, :, None] * n + places[None, :, None, :]).reshape(shape)
        outside = (outside[:, None, :, None] | beyond[None, :, None, :]).reshape(shape)
    return numbers, outside


def _defined_weight(g: Geometry) -> Map:
    """The kernel cell that filter f multiplies tap k by; the sentinel if k is not in its group."""
    taps = prod(g.kernel_shape[1:])
    tap, filters = np.arange(g.in_channels * prod(g.kernel_size))[:, None], np.arange(g.out_channels)
    own = tap // taps == filters // (g.out_channels // g.groups)
    return np.where(own, filters * taps + tap % taps, prod(g.kernel_shape))


def defined_maps(g: Geometry) -> IndexMap:
    """The maps that the definition's coordinates spell out, for comparing term by term."""
    numbers, outside = _defined_window(g)
    sample = np.arange(g.batch)[:, None] * (g.in_channels * prod(g.input_size))
    channel = np.arange(g.in_channels)[:, None, None, None] * prod(g.input_size)
    cells = prod(g.input_shape)
    patch = np.where(outside[:, None], cells, numbers[:, None] + channel + sample)
    return IndexMap(
        patch.reshape(-1, sample.size * numbers.shape[1]).T, _defined_weight(g), cells, prod(g.kernel_shape)
    )


def _first_difference(plan: IndexMap, defined: IndexMap, rows: Map) -> tuple[int, int] | None:
    """The first entry (row, column) of P·W whose products are not the definition's, compared as multisets."""
    filters = plan.weight.shape[1]
    at_once = max(1, _ENTRIES_AT_ONCE // max(1, plan.weight.size))
    for first in range(0, rows.size, at_once):
        block = rows[first : first + at_once]
        same = np.all(_sorted_products(plan, block) == _sorted_products(defined, block), axis=-1)
        if not same.all():
            place, column = divmod(int(np.argmin(same)), filters)
            return int(block[place]), column
    return None


def _rows_in_doubt(g: Geometry, plan: IndexMap, defined: IndexMap) -> Map:
    """The rows of P to look into: where the weights are right, those that are not the definition's own."""
    order = _tap_order(g, plan.weight)
    if order is None or not _same_weights(g, plan, order):
        return np.arange(plan.patch.shape[0])
    differs = np.zeros(plan.patch.shape[0], dtype=bool)
    for tap, row in enumerate(order):
        differs |= plan.patch[:, row] != defined.patch[:, tap]
    return np.flatnonzero(differs)


def _sorted_products(plan: IndexMap, rows: Map) -> np.ndarray[Any, np.dtype[np.int64]]:
    """One number for each product of each entry of P·W, sorted: shape (rows, F, K), −1 for a zero."""
    inputs = plan.patch[rows, None, :].astype(np.int64)
    kernels = plan.weight.T[None].astype(np.int64)
    zero = (inputs == plan.input_cells) | (kernels == plan.kernel_cells)
    keys = np.where(zero, -1, inputs * (plan.kernel_cells + 1) + kernels)
    keys.sort(axis=-1)
    return keys


def _products(plan: IndexMap, row: int, column: int) -> list[tuple[int, int]]:
    """The (input cell, kernel cell) pairs of one entry of P·W, zeros left out."""
    pairs = zip(plan.patch[row].tolist(), plan.weight[:, column].tolist(), strict=True)
    return [(i, k) for i, k in pairs if i != plan.input_cells and k != plan.kernel_cells]

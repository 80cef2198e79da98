"""An exercise about layouts: the patch matrix as another library writes it."""

from itertools import product
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.errors import BlockError
from symconv.forms.arrangement import Layout
from symconv.forms.axes import own_positions, own_taps, shown
from symconv.forms.layouts import ALIASES, LAYOUTS, layout
from symconv.forms.reordering import permutation
from symconv.lesson.exercises import recomputed
from symconv.lesson.exercises.exercise import DEFAULT_BLANKS, Exercise, Kind, asked
from symconv.lesson.exercises.layers import KEYS, conditions, drawn, full, lettered, times
from symconv.lesson.exercises.seed import Seed
from symconv.lesson.words import meant

DEFAULT = "tensorflow"


def _layout(values: dict[str, Any], seed: Seed, blanks: int | None) -> Exercise:
    name = values.get("layout", DEFAULT)
    known = (*(one.name for one in LAYOUTS), *ALIASES)
    if not isinstance(name, str) or name not in known:
        raise BlockError(f"layout={name!r} is unknown: {meant(str(name), known)}")
    arrangement = layout(name)
    layer = lettered(values, seed)
    g, start = layer.geometry, layer.matrices.start
    x, _ = full(layer)
    table = np.array(arrangement.patch_matrix(g, layer.matrices.input))
    again, positions, taps = _again(arrangement, recomputed.patch_cells(g, x), start)
    rows, columns = (taps, positions) if arrangement.taps_first else (positions, taps)
    wanted = DEFAULT_BLANKS if blanks is None else blanks
    blank = seed.blanks(wanted, np.ones(table.shape, bool))
    order = shown(arrangement.taps(g.rank))
    down = "column" if arrangement.taps_first else "row"
    return Exercise(
        f"A kernel of {times(g.kernel_size)} goes over this input{conditions(g)}. In the layout "
        f"{arrangement.name} each patch is a {down}, its taps in the order {order}, the last one fastest. "
        "Fill in the blanks of the patch matrix.",
        drawn(layer, with_kernel=False),
        (
            asked(
                f"patch matrix of {arrangement.name} ({times(table.shape)})",
                table,
                again,
                blank,
                rows,
                columns,
            ),
        ),
        permutation(g, layout("symconv"), arrangement),
        "by walking the padded input in the order of the names",
        g,
    )


def _again(
    arrangement: Layout, cells: dict[tuple[Any, ...], Any], start: int
) -> tuple[Array, tuple[str, ...], tuple[str, ...]]:
    """The same matrix from its entries by coordinates, walked in the order of the layout's names."""
    rank = len(next(iter(cells))[1])
    own = (own_positions(rank), own_taps(rank))
    orders = (arrangement.positions(rank), arrangement.taps(rank))
    keys = [(n, *position) for n, position, _ in cells], [tap for *_, tap in cells]
    walked = []
    for names, order, of_cells in zip(own, orders, keys, strict=True):
        ranges = {name: sorted({key[i] for key in of_cells}) for i, name in enumerate(names)}
        steps = [dict(zip(order, step, strict=True)) for step in product(*(ranges[name] for name in order))]
        walked.append([tuple(step[name] for name in names) for step in steps])
    positions, taps = walked
    table = [[cells[n, tuple(position), tap] for tap in taps] for n, *position in positions]
    matrix = np.array(table, dtype=object)
    with_channels = max(tap[0] for tap in taps) > 0
    heads = (
        tuple("y " + _named(position, start) for _, *position in positions),
        tuple("tap " + _named(tap if with_channels else tap[1:], start) for tap in taps),
    )
    return (matrix.T if arrangement.taps_first else matrix), *heads


def _named(place: Any, start: int) -> str:
    return ",".join(str(i + start) for i in place)


LAYOUT = Kind((*KEYS, "layout", "entries"), _layout, "entries of the patch matrix in another library's order")

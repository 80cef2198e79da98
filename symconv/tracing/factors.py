"""Where a function multiplies two matrices of cells: are they the definition's, up to the order of the taps?

Sound because equal matrices have equal products, and quick because no product is written out.
"""

from collections.abc import Iterator
from math import prod

import numpy as np

from symconv.entries import Array
from symconv.geometry import Geometry
from symconv.index_map import IndexMap
from symconv.tracing.tape import CONSTANTS, ZERO, Ids, Op, Tape
from symconv.tracing.trace import Trace


def same_factors(followed: Trace, g: Geometry, defined: IndexMap) -> bool:
    """Whether every output is an entry of a product of the definition's matrices, in some order of taps."""
    tape = followed.tape
    op, first, second = (
        np.frombuffer(tape.op, np.int8),
        np.frombuffer(tape.first, np.int32),
        np.frombuffer(tape.second, np.int32),
    )
    rows = followed.output.reshape(g.batch, g.out_channels, prod(g.output_size)) - CONSTANTS
    if not rows.size or rows.min() < 0 or not (op[rows] == Op.BLOCK).all():
        return False
    for n, group, own in _slabs(g):
        cells = rows[n, own]
        number, entry = first[cells], second[cells]
        if (number != number[0, 0]).any():
            return False
        left, right = tape.blocks[number[0, 0]]
        which, place = np.divmod(entry, left.shape[1] * right.shape[2])
        if (which != which[0, 0]).any():
            return False
        row, column = np.divmod(place, right.shape[2])
        left, right = left[which[0, 0]], right[which[0, 0]]
        wanted = _wanted(tape, g, defined, n, group)
        patches_left = (row == row[0]).all() and (column == column[:, :1]).all()
        patches_right = (column == column[0]).all() and (row == row[:, :1]).all()
        if not (
            (patches_left and _are_these(left[row[0]], right[:, column[:, 0]], *wanted))
            or (patches_right and _are_these(right[:, column[0]].T, left[row[:, 0]].T, *wanted))
        ):
            return False
    return True


def _slabs(g: Geometry) -> Iterator[tuple[int, int, slice]]:
    filters = g.out_channels // g.groups
    for n in range(g.batch):
        for group in range(g.groups):
            yield n, group, slice(group * filters, (group + 1) * filters)


def _wanted(tape: Tape, g: Geometry, defined: IndexMap, n: int, group: int) -> tuple[Array, Ids]:
    """The definition's patches of one sample and group as ids, and the id of each filter's first tap."""
    positions, taps = prod(g.output_size), prod(g.kernel_shape[1:])
    patch = defined.patch[n * positions : (n + 1) * positions, group * taps : (group + 1) * taps]
    filters = g.out_channels // g.groups
    starts = CONSTANTS + tape.x_cells + taps * np.arange(group * filters, (group + 1) * filters)
    return np.where(patch == defined.input_cells, ZERO, patch + CONSTANTS), starts


def _are_these(patch: Array, weight: Array, wanted: Array, starts: Ids) -> bool:
    """Whether patches (L, K) and weights (K, F), as ids, are the wanted ones in some order of the taps."""
    held = (weight != ZERO).any(axis=1)
    if not held.all():
        patch, weight = patch[:, held], weight[held]
    taps = weight - starts
    order = np.argsort(taps[:, 0]) if taps.size else np.zeros(0, dtype=np.int64)
    if taps.shape[0] != wanted.shape[1] or (taps[order] != np.arange(wanted.shape[1])[:, None]).any():
        return False
    return np.array_equal(patch[:, order], wanted)

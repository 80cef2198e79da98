"""What a tape computes, as sums of products of input cells and kernel cells with exact coefficients.

The values asked for are opened level by level: a sum becomes its terms, a product one row with more
factors, until every factor is a cell of x or w. Rows with the same cells are then added up, and those that
cancel go.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from symconv.entries import Array
from symconv.tracing.tape import CONSTANTS, ONE, Ids, Op, Tape

Numbers = npt.NDArray[np.int64]
MOST_TERMS = 1 << 25  # about ten seconds
MOST_WORK = 1 << 29  # factors of all products on the way to those
_FRACTION = 32  # what a fraction takes, in factors
_MOST_AT_ONCE = 1 << 24
_SMALL = 1 << 36  # coefficients below this can be added up 2**26 times in 64 bits
NO_CELL = -1


class TooDeepError(Exception):
    """The products of a tape are too many to be written out."""


@dataclass(frozen=True, eq=False)
class Polynomials:
    """Sums of products, sorted by output; each product of an output is there once, none with coefficient 0.

    Attributes:
        output: the place, among the values asked for, of the sum that each product belongs to.
        factors: shape (products, degree), sorted along the last axis: the cells of x are numbered from 0,
            those of w go on after them, and ``NO_CELL`` fills up products of fewer factors.
        coefficient: integers, or an object array of fractions.
    """

    output: Numbers
    factors: Numbers
    coefficient: Array

    def of(self, output: int) -> "Polynomials":
        """One of the sums."""
        rows = slice(*np.searchsorted(self.output, [output, output + 1]))
        return Polynomials(self.output[rows], self.factors[rows], self.coefficient[rows])

    def as_dict(self) -> dict[tuple[int, ...], Fraction]:
        """The coefficient of each product of a single sum."""
        products = (tuple(f for f in row if f != NO_CELL) for row in self.factors.tolist())
        return {p: Fraction(c) for p, c in zip(products, self.coefficient.tolist(), strict=True)}


def expand(tape: Tape, ids: Ids, most: int = MOST_TERMS, work: int = MOST_WORK) -> Polynomials:
    """The polynomials of some values.

    Args:
        tape: where they were made.
        ids: their ids, flat.
        most: how many products to write out at most.
        work: how many factors to handle at most, of those and of what is opened on the way to them.

    Raises:
        TooDeepError: there are more.

    Examples:
        >>> tape = Tape((2,), (1,))
        >>> (a, b), (c,) = tape.inputs()
        >>> both = tape.one(Op.MULTIPLY, tape.one(Op.ADD, a, b), c)
        >>> expand(tape, np.array([both])).as_dict()
        {(0, 2): Fraction(1, 1), (1, 2): Fraction(1, 1)}
    """
    columns = _Columns(tape)
    output, factors = np.arange(ids.size), np.asarray(ids, dtype=np.int64).reshape(-1, 1)
    coefficient: Array = np.ones(ids.size, dtype=np.int64)
    done: list[tuple[Numbers, Numbers, Array]] = []
    written = 0
    merged = 1 << 11
    while output.size:
        output, factors, coefficient = columns.without_constants(output, factors, coefficient)
        kinds = columns.op[np.where(factors == ONE, 0, factors - CONSTANTS)]
        closed = ~in_any_column(kinds != Op.INPUT)
        if closed.any():
            written += int(closed.sum())
            done.append((output[closed], factors[closed], coefficient[closed]))
            rest = ~closed
            output, factors, coefficient, kinds = output[rest], factors[rest], coefficient[rest], kinds[rest]
        if output.size:
            output, factors, coefficient = columns.opened(output, factors, coefficient, kinds)
        work -= factors.size * (_FRACTION if coefficient.dtype == object else 1)
        if output.size > 2 * merged:  # the same values may be there many times
            output, factors, coefficient = _added_up(output, factors, coefficient)
            merged = max(merged, output.size)
        if written + output.size > most or output.size > _MOST_AT_ONCE or work < 0:
            raise TooDeepError
    return _collected(done)


def _collected(done: list[tuple[Numbers, Numbers, Array]]) -> Polynomials:
    if not done:
        empty = np.zeros(0, dtype=np.int64)
        return Polynomials(empty, np.zeros((0, 2), dtype=np.int64), empty)
    degree = max(2, *(factors.shape[1] for _, factors, _ in done))
    wide = [_widened(factors, degree) for _, factors, _ in done]
    outputs, coefficients = (np.concatenate([part[i] for part in done]) for i in (0, 2))
    output, factors, coefficient = _added_up(outputs, np.concatenate(wide), coefficients)
    return Polynomials(output, np.where(factors == ONE, NO_CELL, factors - CONSTANTS), coefficient)


class _Columns:
    """The tape's columns as arrays, for opening many rows at once."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.op = np.frombuffer(tape.op, dtype=np.int8)
        self.first, self.second = (np.frombuffer(c, dtype=np.int32) for c in (tape.first, tape.second))
        self.pools = {
            Op.SUM: (np.frombuffer(tape.summands, dtype=np.int32),),
            Op.DOT: tuple(np.frombuffer(p, dtype=np.int32) for p in (tape.left, tape.right)),
        }
        whole = all(c.denominator == 1 and abs(c) < _SMALL for c in tape.constants)
        self.constants = np.array(
            [int(c) if whole else c for c in tape.constants], dtype=np.int64 if whole else object
        )

    def without_constants(self, output: Numbers, factors: Numbers, coefficient: Array) -> Any:
        """The same rows, constants made part of the coefficients; rows that are 0 are gone."""
        for column in range(factors.shape[1]):
            constant = (factors[:, column] < CONSTANTS) & (factors[:, column] != ONE)
            if not constant.any():
                continue
            values = self.constants[factors[constant, column]]
            if coefficient.dtype != object and _largest(coefficient) * _largest(values) >= _SMALL:
                coefficient = coefficient.astype(object)
            if values.dtype == object and coefficient.dtype != object:
                coefficient = coefficient.astype(object)
            coefficient = coefficient.copy()
            coefficient[constant] = coefficient[constant] * values
            factors = factors.copy()
            factors[constant, column] = ONE
        kept = coefficient != 0
        if not kept.all():
            output, factors, coefficient = output[kept], factors[kept], coefficient[kept]
        return output, _narrowed(factors), coefficient

    def opened(self, output: Numbers, factors: Numbers, coefficient: Array, kinds: Array) -> Any:
        """Rows with the first open factor of each replaced by what it was made of."""
        column = np.argmax(kinds != Op.INPUT, axis=1)
        rows = np.arange(output.size)
        kind, node = kinds[rows, column], factors[rows, column] - CONSTANTS
        parts = []
        for code in np.unique(kind):
            which = np.flatnonzero(kind == code)
            source, one, other, sign = self._children(Op(int(code)), node[which])
            source = which[source]
            made = factors[source]
            made[np.arange(source.size), column[source]] = one
            if other is not None:
                made = np.concatenate([made, other[:, None]], axis=1)
            parts.append((output[source], made, coefficient[source] * sign))
        degree = max(made.shape[1] for _, made, _ in parts)
        return (
            np.concatenate([o for o, _, _ in parts]),
            np.concatenate([_widened(made, degree) for _, made, _ in parts]),
            np.concatenate([c for _, _, c in parts]),
        )

    def _children(self, kind: Op, node: Numbers) -> tuple[Numbers, Numbers, Numbers | None, Any]:
        """For each term of each node: which node, its factor, a second one if it is a product, its sign."""
        first, second = self.first[node].astype(np.int64), self.second[node].astype(np.int64)
        every = np.arange(node.size)
        if kind is Op.MULTIPLY:
            return every, first, second, 1
        if kind in (Op.ADD, Op.SUBTRACT):
            signs = np.repeat([1, 1 if kind is Op.ADD else -1], node.size)
            return np.tile(every, 2), np.concatenate([first, second]), None, signs
        if kind is Op.BLOCK:
            return self._entries(first, second)
        if int(second.sum()) > _MOST_AT_ONCE:
            raise TooDeepError
        source = np.repeat(every, second)
        starts = np.cumsum(second) - second
        places = np.arange(source.size) - starts[source] + first[source]
        chosen = [pool[places].astype(np.int64) for pool in self.pools[kind]]
        return source, chosen[0], chosen[1] if kind is Op.DOT else None, 1

    def _entries(self, number: Numbers, entry: Numbers) -> tuple[Numbers, Numbers, Numbers, int]:
        """The factors of entries of matrix products."""
        parts = []
        for block in np.unique(number):
            which = np.flatnonzero(number == block)
            left, right = self.tape.blocks[block]
            if which.size * left.shape[2] > _MOST_AT_ONCE:
                raise TooDeepError
            batch, place = np.divmod(entry[which], left.shape[1] * right.shape[2])
            row, column = np.divmod(place, right.shape[2])
            parts.append(
                (np.repeat(which, left.shape[2]), left[batch, row].ravel(), right[batch, :, column].ravel())
            )
        source, one, other = (np.concatenate(p).astype(np.int64) for p in zip(*parts, strict=True))
        return source, one, other, 1


def in_any_column(marks: Array) -> Array:
    """Which rows of a table of few columns are marked anywhere; NumPy's ``any`` goes along the short rows.

    Examples:
        >>> in_any_column(np.array([[False, False], [False, True]]))
        array([False,  True])
    """
    marked: Array = reduce(np.logical_or, marks.T)
    return marked


def _in_order(factors: Numbers) -> Numbers:
    """The same rows, the factors of each in ascending order."""
    if factors.shape[1] != 2:
        return np.sort(factors, axis=1)
    one, other = factors.T
    return np.stack([np.minimum(one, other), np.maximum(one, other)], axis=1)


def _largest(values: Array) -> int:
    return (
        max(abs(int(values.max())), abs(int(values.min()))) if values.size and values.dtype != object else 1
    )


def _widened(factors: Numbers, degree: int) -> Numbers:
    return np.pad(factors, ((0, 0), (0, degree - factors.shape[1])), constant_values=ONE)


def _narrowed(factors: Numbers) -> Numbers:
    """Factors without the columns that hold nothing."""
    if factors.shape[1] == 1:
        return factors
    if (factors == ONE).any():
        factors = _in_order(factors)
        held = (factors != ONE).any(axis=0)
        held[-1] = True
        factors = factors[:, held]
    return factors


def _added_up(output: Numbers, factors: Numbers, coefficient: Array) -> tuple[Numbers, Numbers, Array]:
    """The rows in order, those with the same output and factors added up, without those that are 0."""
    factors = _in_order(factors)
    if not output.size:
        return output, factors, coefficient
    order = _order(output, factors)
    output, factors, coefficient = output[order], factors[order], coefficient[order]
    new = np.ones(output.size, dtype=bool)
    new[1:] = (output[1:] != output[:-1]) | in_any_column(factors[1:] != factors[:-1])
    starts = np.flatnonzero(new)
    if starts.size < output.size:
        if coefficient.dtype != object and _largest(coefficient) * output.size >= 1 << 62:
            coefficient = coefficient.astype(object)
        coefficient = np.add.reduceat(coefficient, starts)
    kept = coefficient != 0
    starts = starts[kept]
    return output[starts], factors[starts], coefficient[kept]


def _order(output: Numbers, factors: Numbers) -> Numbers:
    """The order of rows by output, then by factors."""
    key, room = output.astype(np.int64), int(output.max()) + 1
    for column in factors.T:
        low, high = int(column.min()), int(column.max())
        room *= high - low + 1
        if room >= 1 << 63:
            return np.lexsort((*factors.T[::-1], output))
        key = key * (high - low + 1) + (column - low)
    return np.argsort(key, kind="stable")

"""A tape evaluated from its first row to its last, in any arithmetic: numbers, residues, bounds.

Rows that do not need each other are evaluated together, which is fast for what whole arrays were put on the
tape; a loop over single values gives rows that do, and those are taken one by one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.tracing.tape import CONSTANTS, Op, Tape

_WINDOW = 1 << 16  # rows looked at, at a time, for how many can go together
_FEW = 24


@dataclass(frozen=True)
class Arithmetic:
    """What sums and products are. All take and return arrays of one dtype.

    Attributes:
        add: of two arrays.
        subtract: of two arrays.
        multiply: of two arrays.
        add_up: along the last axis.
        matrix_product: of shapes (B, M, K) and (B, K, N).
    """

    add: Callable[[Any, Any], Any]
    subtract: Callable[[Any, Any], Any]
    multiply: Callable[[Any, Any], Any]
    add_up: Callable[[Any], Any]
    matrix_product: Callable[[Any, Any], Any]


ORDINARY = Arithmetic(
    np.add, np.subtract, np.multiply, lambda a: np.sum(a, axis=-1, dtype=a.dtype), np.matmul
)


def evaluate(tape: Tape, constants: Array, x: Array, w: Array, arithmetic: Arithmetic = ORDINARY) -> Array:
    """The value of every id, those of the constants first.

    Args:
        tape: the operations.
        constants: one value for each constant of the tape.
        x: one value for each cell of x, flat, of the same dtype.
        w: likewise for w.
        arithmetic: what sums and products are.

    Returns:
        An array that an id is an index of.
    """
    op = np.frombuffer(tape.op, dtype=np.int8)
    first, second = (np.frombuffer(column, dtype=np.int32) for column in (tape.first, tape.second))
    values = np.empty(CONSTANTS + op.size, dtype=x.dtype)
    values[: len(constants)] = constants
    values[len(constants) : CONSTANTS] = 0
    row = x.size + w.size
    values[CONSTANTS : CONSTANTS + row] = np.concatenate([x, w])
    latest = _latest_operand(tape, op, first, second)
    while row < op.size:
        window = latest[row : row + _WINDOW] >= CONSTANTS + row
        end = row + (int(np.argmax(window)) if window.any() else window.size)
        if end - row >= _FEW:
            groups = [np.arange(row, end)]
        else:
            end = min(row + _WINDOW, op.size)
            groups = _levels(row, op[row:end], first[row:end], second[row:end])
        for rows in groups:
            kinds = op[rows]
            for kind in np.unique(kinds):
                _evaluate(tape, Op(int(kind)), rows[kinds == kind], first, second, values, arithmetic)
        row = end
    return values


def _levels(start: int, op: Array, first: Array, second: Array) -> list[Array]:
    """Rows in groups that only need earlier groups."""
    levels: list[int] = []
    base, deepest = CONSTANTS + start, 0
    for kind, a, b in zip(op.tolist(), first.tolist(), second.tolist(), strict=True):
        if kind <= Op.MULTIPLY:
            level = max(levels[a - base] if a >= base else 0, levels[b - base] if b >= base else 0) + 1
        else:  # a row of a pool may need anything before it
            level = deepest + 1
        levels.append(level)
        if level > deepest:
            deepest = level
    order = np.argsort(levels, kind="stable")
    edges = np.flatnonzero(np.diff(np.array(levels)[order])) + 1
    return np.split(order + start, edges)


def _latest_operand(tape: Tape, op: Array, first: Array, second: Array) -> Array:
    """The largest id that each row reads."""
    latest = np.maximum(first, second)
    latest[op == Op.INPUT] = 0
    for kind, pools in ((Op.SUM, (tape.summands,)), (Op.DOT, (tape.left, tape.right))):
        rows = np.flatnonzero(op == kind)
        if rows.size:
            pool = np.maximum.reduce([np.frombuffer(p, dtype=np.int32) for p in pools])
            latest[rows] = np.maximum.reduceat(pool, first[rows])
    rows = np.flatnonzero(op == Op.BLOCK)
    if rows.size:
        largest = np.array([max(left.max(), right.max()) for left, right in tape.blocks])
        latest[rows] = largest[first[rows]]
    return latest


def _evaluate(
    tape: Tape, kind: Op, rows: Array, firsts: Array, seconds: Array, values: Array, arithmetic: Arithmetic
) -> None:
    """Fill in the values of rows of one kind, whose operands have theirs."""
    first, second, into = firsts[rows], seconds[rows], CONSTANTS + rows
    if kind is Op.ADD:
        values[into] = arithmetic.add(values[first], values[second])
    elif kind is Op.SUBTRACT:
        values[into] = arithmetic.subtract(values[first], values[second])
    elif kind is Op.MULTIPLY:
        values[into] = arithmetic.multiply(values[first], values[second])
    elif kind is Op.BLOCK:
        for number in np.unique(first):
            left, right = tape.blocks[number]
            product = arithmetic.matrix_product(values[left], values[right]).ravel()
            which = first == number
            values[into[which]] = product[second[which]]
    else:
        for length in np.unique(second):
            which = second == length
            places = first[which][:, None] + np.arange(length)
            values[into[which]] = arithmetic.add_up(_terms(tape, kind, places, values, arithmetic))


def _terms(tape: Tape, kind: Op, places: Array, values: Array, arithmetic: Arithmetic) -> Array:
    if kind is Op.SUM:
        terms: Array = values[np.frombuffer(tape.summands, dtype=np.int32)[places]]
        return terms
    left, right = (values[np.frombuffer(pool, dtype=np.int32)[places]] for pool in (tape.left, tape.right))
    product: Array = arithmetic.multiply(left, right)
    return product

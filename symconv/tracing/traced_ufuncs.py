"""Arithmetic on followed values: what the operators and NumPy's ufuncs of them put on the tape."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from symconv.tracing.tape import CONSTANTS, MOST_NODES, ZERO, Ids, Op, Tape
from symconv.tracing.traced import (
    FUNCTIONS,
    UFUNCS,
    TracedArray,
    TracedNumber,
    decayed,
    holds_exactly,
    ids_of,
    wrap,
)

_HIGHEST_POWER = 8


def combine(tape: Tape, op: Op, a: Any, b: Any) -> Any:
    """The sum, difference or product of two operands, broadcast."""
    try:
        first, second = ids_of(tape, a), ids_of(tape, b)
    except (TypeError, ValueError) as error:
        if tape.refused:
            raise
        tape.refuse(f"arithmetic with a {type(b).__name__} cannot be followed ({error})")
    if prod(np.broadcast_shapes(np.shape(first), np.shape(second))) > MOST_NODES:
        tape.refuse(f"more than {MOST_NODES:,} operations cannot be kept: try smaller sizes")
    layout = np.add(first, second)  # NumPy's own choice of shape and of order in memory
    if not isinstance(layout, np.ndarray):
        return TracedNumber(tape, tape.one(op, int(first), int(second)))
    pairs = (np.broadcast_to(part, layout.shape).ravel() for part in (first, second))
    layout[...] = tape.many(op, *pairs).reshape(layout.shape)
    return TracedArray(tape, layout)


def divide(tape: Tape, a: Any, b: Any) -> Any:
    """The quotient by a constant, which is exact as a fraction."""
    divisor = ids_of(tape, b)
    if np.any(divisor >= CONSTANTS) or np.any(divisor < 0):
        tape.refuse("a division by a value cannot be followed")
    if np.any(divisor == ZERO):
        tape.refuse("a division by zero cannot be followed")
    distinct, which = np.unique(divisor, return_inverse=True)
    inverses = np.array([tape.constant(1 / tape.constants[i]) for i in distinct], dtype=np.int64)
    return combine(tape, Op.MULTIPLY, a, wrap(tape, inverses[which.reshape(np.shape(divisor))]))


def power(tape: Tape, a: Any, exponent: Any) -> Any:
    """A small whole power."""
    exponent = decayed(exponent)
    if not isinstance(exponent, int | float | np.number) or exponent not in range(1, _HIGHEST_POWER + 1):
        tape.refuse("this power of a value cannot be followed")
    result = a
    for _ in range(int(exponent) - 1):
        result = combine(tape, Op.MULTIPLY, result, a)
    return result if exponent > 1 else combine(tape, Op.ADD, a, 0)


def buffer(tape: Tape, array: Any) -> Ids:
    """The memory of an array that is written to."""
    if not isinstance(array, TracedArray):
        kind = getattr(array, "dtype", type(array).__name__)
        if kind != np.float64:
            tape.refuse(f"a cast of values to {kind}, which may change them, cannot be followed")
        tape.refuse("values written to an array that np.zeros or the like did not make cannot be followed")
    return array.ids


def stored(tape: Tape, result: Any, out: Any) -> Any:
    """A result, put into ``out`` if there is one."""
    out = out[0] if isinstance(out, tuple) else out
    if out is None:
        return result
    if np.shape(buffer(tape, out)) != result.shape:
        raise ValueError(f"output has shape {out.shape} where the result has {result.shape}")
    out.ids[...] = ids_of(tape, result)
    return out


def check_options(tape: Tape, name: str, dtype: Any, options: dict[str, Any]) -> None:
    """Refuse a dtype that may change values, and options that are not known to change nothing."""
    if not holds_exactly(dtype):
        tape.refuse(f"a cast to {np.dtype(dtype).name} in np.{name} is not exact")
    usual = {"casting": "same_kind", "order": "K", "subok": True, "optimize": None, "like": None}
    for option, value in options.items():
        if option not in usual or (value != usual[option] and option not in ("casting", "order", "optimize")):
            tape.refuse(f"{option}= of np.{name} cannot be followed")


def _binary(op: Op) -> Callable[..., Any]:
    def handler(
        tape: Tape, a: Any, b: Any, *, out: Any = None, where: Any = True, dtype: Any = None, **kw: Any
    ) -> Any:
        check_options(tape, op.name.lower(), dtype, kw)
        result = combine(tape, op, a, b)
        if where is not True:
            if out is None:
                tape.refuse(f"where= of np.{op.name.lower()} without out= leaves cells unset")
            target = out[0] if isinstance(out, tuple) else out
            chosen = np.where(decayed(where), ids_of(tape, result), buffer(tape, target))
            result = wrap(tape, chosen)
        return stored(tape, result, out)

    return handler


def _at(op: Op) -> Callable[..., Any]:
    def handler(tape: Tape, a: Any, indices: Any, b: Any) -> None:
        memory = buffer(tape, a)
        numbers = np.arange(memory.size).reshape(memory.shape)[indices]
        cells = np.ravel(numbers)
        try:
            values = np.broadcast_to(ids_of(tape, b), np.shape(numbers)).ravel()
        except ValueError:  # NumPy may crash on these, so nobody is to try
            tape.refuse(f"np.{op.name.lower()}.at with values that do not fit the indices cannot be followed")
        order = np.argsort(cells, kind="stable")
        cells, values = cells[order], values[order]
        starts = np.flatnonzero(np.diff(cells, prepend=-1))
        turn = np.arange(cells.size) - np.repeat(starts, np.diff(starts, append=cells.size))
        for which in range(int(turn.max(initial=-1)) + 1):  # each cell once in a turn, as if one by one
            now = turn == which
            places = np.unravel_index(cells[now], memory.shape)
            memory[places] = tape.many(op, memory[places], values[now])

    return handler


def _outer(op: Op) -> Callable[..., Any]:
    def handler(tape: Tape, a: Any, b: Any, *, out: Any = None, dtype: Any = None, **kw: Any) -> Any:
        check_options(tape, f"{op.name.lower()}.outer", dtype, kw)
        one, other = np.asarray(ids_of(tape, a)), np.asarray(ids_of(tape, b))
        one = one.reshape(one.shape + (1,) * other.ndim)
        return stored(tape, combine(tape, op, TracedArray(tape, one), TracedArray(tape, other)), out)

    return handler


for _op in (Op.ADD, Op.SUBTRACT, Op.MULTIPLY):
    UFUNCS[_op.name.lower(), "__call__"] = _binary(_op)
    UFUNCS[_op.name.lower(), "at"] = _at(_op)
    UFUNCS[_op.name.lower(), "outer"] = _outer(_op)
FUNCTIONS[np.outer] = lambda tape, a, b, out=None: _outer(Op.MULTIPLY)(
    tape, np.ravel(a), np.ravel(b), out=out
)


def _unary(compute: Callable[[Tape, Any], Any], name: str) -> None:
    def handler(tape: Tape, a: Any, *, out: Any = None, dtype: Any = None, **kw: Any) -> Any:
        check_options(tape, name, dtype, kw)
        return stored(tape, compute(tape, a), out)

    UFUNCS[name, "__call__"] = handler


_unary(lambda tape, a: combine(tape, Op.MULTIPLY, a, -1), "negative")
_unary(lambda tape, a: combine(tape, Op.ADD, a, 0), "positive")
_unary(lambda tape, a: combine(tape, Op.ADD, a, 0), "conjugate")
_unary(lambda tape, a: combine(tape, Op.MULTIPLY, a, a), "square")
FUNCTIONS[np.real] = lambda tape, a: a


def _quotient(tape: Tape, a: Any, b: Any, *, out: Any = None, dtype: Any = None, **kw: Any) -> Any:
    check_options(tape, "divide", dtype, kw)
    return stored(tape, divide(tape, a, b), out)


def _power(tape: Tape, a: Any, b: Any, *, out: Any = None, dtype: Any = None, **kw: Any) -> Any:
    check_options(tape, "power", dtype, kw)
    return stored(tape, power(tape, a, b), out)


UFUNCS["divide", "__call__"] = _quotient
UFUNCS["power", "__call__"] = _power

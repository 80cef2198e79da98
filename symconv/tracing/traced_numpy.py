"""The NumPy functions that can be followed, and what each does to followed values.

An allow-list: what is not here is refused by name. Functions that only move values are NumPy's own, run on
the ids; sums and products go on the tape.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from symconv.tracing.contraction import add_up, contract, matmul_letters, read_einsum, tensordot_letters
from symconv.tracing.tape import ZERO, Ids, Op, Tape
from symconv.tracing.traced import FUNCTIONS, UFUNCS, Traced, decayed, holds_exactly, ids_of, wrap
from symconv.tracing.traced_ufuncs import buffer, check_options, combine, divide, stored

# functions that move the values of these arguments, by place, and read all the others
_MOVING: tuple[tuple[Any, tuple[int, ...]], ...] = (
    *(
        (function, (0,))
        for function in (
            np.reshape, np.transpose, np.moveaxis, np.swapaxes, np.rollaxis, np.expand_dims, np.squeeze,
            np.ravel, np.copy, np.broadcast_to, np.repeat, np.tile, np.flip, np.fliplr, np.flipud, np.rot90,
            np.roll, np.take, np.take_along_axis, np.delete, np.diag, np.diagonal, np.tril, np.triu, np.split,
            np.array_split, np.hsplit, np.vsplit, np.dsplit, np.matrix_transpose, np.permute_dims, np.resize,
            np.concatenate, np.stack, np.hstack, np.vstack, np.dstack, np.column_stack, np.block,
            sliding_window_view,
        )
    ),
    *((function, (0, 1, 2)) for function in (np.atleast_1d, np.atleast_2d, np.atleast_3d)),
    (np.append, (0, 1)),
    (np.insert, (0, 2)),
    (np.broadcast_arrays, tuple(range(8))),
)  # fmt: skip
_PADDING = ("constant", "edge", "reflect", "symmetric", "wrap")


def follows(*functions: Any) -> Callable[..., Any]:
    """Say what is done for some NumPy functions."""

    def register(handler: Callable[..., Any]) -> Callable[..., Any]:
        FUNCTIONS.update(dict.fromkeys(functions, handler))
        return handler

    return register


def _moving(function: Any, places: tuple[int, ...]) -> Callable[..., Any]:
    def handler(tape: Tape, *args: Any, **kwargs: Any) -> Any:
        if not holds_exactly(kwargs.pop("dtype", None)) or kwargs.pop("out", None) is not None:
            tape.refuse(f"out= or another dtype in np.{function.__name__} cannot be followed")
        values = [_parts(tape, a) if i in places else a for i, a in enumerate(args)]
        for name in _ARRAYS & kwargs.keys():
            kwargs[name] = _parts(tape, kwargs[name])
        if any(isinstance(v, Traced) for v in (*values, *kwargs.values())):
            tape.refuse(f"np.{function.__name__} with values that choose what it does cannot be followed")
        return wrap(tape, function(*values, **kwargs))

    return handler


_ARRAYS = {"a", "m", "ary", "arrays", "arr", "array", "x", "tup", "values", "v"}


def _parts(tape: Tape, value: Any) -> Any:
    """The ids of an array, or of each array of a list of them."""
    if isinstance(value, list | tuple):
        return [_parts(tape, part) for part in value]
    return ids_of(tape, value)


for _function, _places in _MOVING:
    FUNCTIONS[_function] = _moving(_function, _places)


@follows(np.pad)
def _pad(tape: Tape, array: Any, pad_width: Any, mode: str = "constant", **kwargs: Any) -> Any:
    if mode not in _PADDING or kwargs.get("reflect_type", "even") != "even":
        tape.refuse(f"np.pad with mode={mode!r} cannot be followed")
    if "constant_values" in kwargs:
        kwargs["constant_values"] = _parts(tape, kwargs["constant_values"])
    return wrap(tape, np.pad(ids_of(tape, array), decayed(pad_width), mode, **kwargs))  # type: ignore[call-overload]


@follows(np.where)
def _where(tape: Tape, condition: Any, *choices: Any) -> Any:
    if len(choices) != 2:
        tape.refuse("np.where of values cannot be followed: it looks at them")
    one, other = (ids_of(tape, c) for c in choices)
    if isinstance(condition, Traced):
        condition = condition.known("np.where")
    return wrap(tape, np.where(condition, one, other))


@follows(np.copyto)
def _copyto(tape: Tape, dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    np.copyto(buffer(tape, dst), ids_of(tape, src), where=decayed(where))


@follows(np.put)
def _put(tape: Tape, a: Any, ind: Any, v: Any, mode: Any = "raise") -> None:
    np.put(buffer(tape, a), ind, ids_of(tape, v), mode)


for _describe in (np.shape, np.ndim, np.size):
    FUNCTIONS[_describe] = lambda tape, a, *rest, f=_describe, **kwargs: f(
        np.asarray(ids_of(tape, a)), *rest, **kwargs
    )


@follows(np.sum)
def total(
    tape: Tape,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = 0,
    where: Any = True,
    **kw: Any,
) -> Any:
    """The sum over some axes, all of them by default."""
    check_options(tape, "sum", dtype, kw)
    ids = np.asarray(ids_of(tape, a))
    if where is not True and where is not np._NoValue:
        ids = np.where(decayed(where), ids, ZERO)
    axes = tuple(range(ids.ndim)) if axis is None else tuple(np.atleast_1d(axis).tolist())
    axes = tuple(np.lib.array_utils.normalize_axis_tuple(axes, ids.ndim))
    sums = add_up(tape, ids, axes) if axes else ids.copy()
    if keepdims is not np._NoValue and keepdims:
        sums = np.expand_dims(sums, axes)
    result = wrap(tape, sums if sums.ndim else sums[()])
    if initial not in (None, np._NoValue) and initial != 0:
        result = combine(tape, Op.ADD, result, initial)
    return stored(tape, result, out)


def _reduce(tape: Tape, a: Any, axis: Any = 0, dtype: Any = None, out: Any = None, **kwargs: Any) -> Any:
    return total(tape, a, axis, dtype, out, **kwargs)


UFUNCS["add", "reduce"] = _reduce


@follows(np.mean)
def _mean(tape: Tape, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, **kwargs: Any) -> Any:
    sums = total(tape, a, axis, dtype, None, **kwargs)
    if "where" in kwargs:
        tape.refuse("where= of np.mean cannot be followed")
    return stored(tape, divide(tape, sums, np.size(ids_of(tape, a)) // max(1, sums.size)), out)


@follows(np.trace)
def _trace(tape: Tape, a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return total(tape, wrap(tape, ids_of(tape, a).diagonal(offset, axis1, axis2)), -1)


@follows(np.cumsum)
def _cumsum(tape: Tape, a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    check_options(tape, "cumsum", dtype, {})
    ids = np.asarray(ids_of(tape, a))
    ids = ids.ravel() if axis is None else np.moveaxis(ids, axis, 0)
    sums = ids.copy()
    for i in range(1, len(ids)):
        sums[i] = ids_of(tape, combine(tape, Op.ADD, wrap(tape, sums[i - 1]), wrap(tape, ids[i])))
    return stored(tape, wrap(tape, sums if axis is None else np.moveaxis(sums, 0, axis)), out)


def _result(tape: Tape, ids: Ids, out: Any = None) -> Any:
    # what a product makes lies row by row in memory, whatever its operands did
    ids = np.array(ids, order="C") if ids.ndim else ids[()]
    return stored(tape, wrap(tape, ids), out)


@follows(np.einsum)
def _einsum(tape: Tape, *args: Any, out: Any = None, dtype: Any = None, **kw: Any) -> Any:
    check_options(tape, "einsum", dtype, kw)
    operands, result = read_einsum(args, lambda a: ids_of(tape, a))
    return _result(tape, contract(tape, operands, result), out)


@follows(np.matmul)
def _matmul(tape: Tape, a: Any, b: Any, *, out: Any = None, dtype: Any = None, **kw: Any) -> Any:
    check_options(tape, "matmul", dtype, kw)
    one, other = np.asarray(ids_of(tape, a)), np.asarray(ids_of(tape, b))
    if not one.ndim or not other.ndim:
        raise ValueError("matmul: an operand has no axes")
    return _multiply(tape, one, other, matmul_letters(one.ndim, other.ndim), out)


UFUNCS["matmul", "__call__"] = _matmul


@follows(np.dot)
def _dot(tape: Tape, a: Any, b: Any, out: Any = None) -> Any:
    one, other = np.asarray(ids_of(tape, a)), np.asarray(ids_of(tape, b))
    if not one.ndim or not other.ndim:
        return stored(tape, combine(tape, Op.MULTIPLY, a, b), out)
    axes = ([one.ndim - 1], [max(other.ndim - 2, 0)])
    return _multiply(tape, one, other, tensordot_letters(one.ndim, other.ndim, axes), out)


@follows(np.tensordot)
def _tensordot(tape: Tape, a: Any, b: Any, axes: Any = 2) -> Any:
    one, other = np.asarray(ids_of(tape, a)), np.asarray(ids_of(tape, b))
    return _multiply(tape, one, other, tensordot_letters(one.ndim, other.ndim, axes))


@follows(np.inner)
def _inner(tape: Tape, a: Any, b: Any) -> Any:
    one, other = np.asarray(ids_of(tape, a)), np.asarray(ids_of(tape, b))
    if not one.ndim or not other.ndim:
        return combine(tape, Op.MULTIPLY, a, b)
    return _multiply(tape, one, other, tensordot_letters(one.ndim, other.ndim, ([-1], [-1])))


@follows(np.vdot)
def _vdot(tape: Tape, a: Any, b: Any) -> Any:
    one, other = np.ravel(ids_of(tape, a)), np.ravel(ids_of(tape, b))
    return _multiply(tape, one, other, matmul_letters(1, 1))


def _multiply(tape: Tape, one: Ids, other: Ids, letters: Any, out: Any = None) -> Any:
    first, second, result = letters
    for letter in set(first) & set(second):
        sizes = one.shape[first.index(letter)], other.shape[second.index(letter)]
        if sizes[0] != sizes[1] and (letter not in result or 1 not in sizes):
            raise ValueError(f"shapes {one.shape} and {other.shape} not aligned: {sizes[0]} != {sizes[1]}")
    return _result(tape, contract(tape, [(first, one), (second, other)], result), out)


@follows(np.correlate)
def _correlate(tape: Tape, a: Any, v: Any, mode: str = "valid") -> Any:
    one, other = np.asarray(ids_of(tape, a)), np.asarray(ids_of(tape, v))
    if len(other) > len(one):  # NumPy slides the shorter along the longer, and turns the result round
        return _correlate(tape, wrap(tape, other), wrap(tape, one), mode)[::-1]
    before = {"valid": 0, "same": len(other) // 2, "full": len(other) - 1}[mode]
    after = {"valid": 0, "same": (len(other) - 1) // 2, "full": len(other) - 1}[mode]
    windows = sliding_window_view(np.pad(one, (before, after)), len(other))
    return _multiply(tape, windows, other, matmul_letters(2, 1))


@follows(np.convolve)
def _convolve(tape: Tape, a: Any, v: Any, mode: str = "full") -> Any:
    one, other = np.asarray(ids_of(tape, a)), np.asarray(ids_of(tape, v))
    if len(other) > len(one):
        one, other = other, one
    return _correlate(tape, wrap(tape, one), wrap(tape, other[::-1]), mode)

"""A NumPy whose new arrays can hold followed values: what a function sees while it is followed.

``np.zeros`` makes an array of floats, which no followed value can enter; the one here makes an array of
ids. Everything that is not listed is NumPy's own.
"""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

import symconv.tracing.traced_numpy  # noqa: F401 (so that it is known what to do for NumPy's functions)
from symconv.tracing.tape import UNSET, ZERO, Tape
from symconv.tracing.traced import (
    FUNCTIONS,
    Traced,
    TracedArray,
    TracedNumber,
    call,
    cast,
    holds_exactly,
    holds_traced,
    ids_of,
)

_NOT_SET = 113  # that memory may hold which nothing was written to, and that cannot pass for 0 or 1


def _unset(array: Any) -> Any:
    """New memory of numbers that are not followed, in which nobody can find zeros by luck."""
    if array.dtype.kind in "biufc":
        array.fill(_NOT_SET)
    return array


class _ArrayType(type):
    """What ``isinstance(x, np.ndarray)`` asks."""

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, np.ndarray | TracedArray)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        made = np.ndarray(*args, **kwargs)
        return made if len(args) > 2 or "buffer" in kwargs else _unset(made)

    def __getattr__(cls, name: str) -> Any:
        return getattr(np.ndarray, name)


class AnyArray(metaclass=_ArrayType):
    """Arrays of either kind."""


class Shadow(ModuleType):
    """A module that looks like another, with some of its names replaced.

    Args:
        module: the other one.
        replace: what to put in the place of a thing that is in it.
    """

    def __init__(self, module: ModuleType, replace: Callable[[Any], Any]) -> None:
        super().__init__(module.__name__, module.__doc__)
        self.__dict__.update(_module=module, _replace=replace)

    def __getattr__(self, name: str) -> Any:
        return self.__dict__["_replace"](getattr(self.__dict__["_module"], name))


def replacements(tape: Tape) -> dict[int, Any]:
    """For some of NumPy's own things, by ``id``, what a followed function sees instead."""
    makers = {
        np.zeros: _maker(tape, np.zeros, ZERO),
        np.ones: _maker(tape, np.ones, 1),
        np.empty: _maker(tape, np.empty, UNSET),
        np.full: _full(tape),
        np.zeros_like: _like(tape, np.zeros_like, ZERO),
        np.ones_like: _like(tape, np.ones_like, 1),
        np.empty_like: _like(tape, np.empty_like, UNSET),
        np.full_like: _like(tape, np.full_like, None),
        np.array: _array(tape, np.array, copies=True),
        np.asarray: _array(tape, np.asarray),
        np.asanyarray: _array(tape, np.asanyarray),
        np.ascontiguousarray: _array(tape, np.ascontiguousarray, order="C"),
        np.asfortranarray: _array(tape, np.asfortranarray, order="F"),
        as_strided: _as_strided,
        np.ndenumerate: _ndenumerate,
        np.ndarray: AnyArray,
    }
    for function in FUNCTIONS:
        if not isinstance(function, type):
            makers.setdefault(function, _listening(tape, function))
    return {id(thing): other for thing, other in makers.items()}


def _listening(tape: Tape, function: Any) -> Callable[..., Any]:
    """A function that also notices followed values in lists, which NumPy would turn into numbers."""

    def listening(*args: Any, **kwargs: Any) -> Any:
        if any(map(holds_traced, args)) or any(map(holds_traced, kwargs.values())):
            return call(tape, function, args, kwargs)
        return function(*args, **kwargs)

    listening.__name__ = function.__name__
    return listening


def _maker(tape: Tape, function: Any, identity: int) -> Callable[..., Any]:
    def make(shape: Any, dtype: Any = None, order: Any = "C", **options: Any) -> Any:
        if not holds_exactly(dtype):
            made = function(shape, dtype, order, **options)
            return _unset(made) if identity == UNSET else made
        return TracedArray(tape, np.full(shape, identity, dtype=np.int64, order=order))

    return make


def _full(tape: Tape) -> Callable[..., Any]:
    def full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", **options: Any) -> Any:
        plain = not holds_traced(fill_value)
        kind = np.asarray(fill_value).dtype if plain and dtype is None else dtype
        if plain and not holds_exactly(kind):
            return np.full(shape, fill_value, dtype, order, **options)
        if not holds_exactly(kind):
            tape.refuse(f"a cast to {np.dtype(kind).name} in np.full is not exact")
        return TracedArray(tape, np.full(shape, ids_of(tape, fill_value), dtype=np.int64, order=order))

    return full


def _like(tape: Tape, function: Any, identity: int | None) -> Callable[..., Any]:
    def make(a: Any, *args: Any, **options: Any) -> Any:
        filled, *rest = args if identity is None else (identity, *args)
        names = dict(zip(("dtype", "order", "subok", "shape"), rest, strict=False)) | options
        dtype, shape = names.get("dtype"), names.get("shape")
        if isinstance(a, list | tuple) and holds_traced(a):
            a = TracedArray(tape, ids_of(tape, a))
        like = np.asarray(ids_of(tape, a)) if isinstance(a, Traced) else np.asarray(a)
        kind = dtype if dtype is not None else a.dtype if isinstance(a, Traced) else like.dtype
        if not holds_exactly(kind):
            first = () if identity is not None else (filled,)
            made = function(np.empty_like(like, np.float64), *first, dtype=kind, shape=shape)
            return _unset(made) if identity == UNSET else made
        value = identity if identity is not None else ids_of(tape, filled)
        return TracedArray(
            tape, np.full_like(like, value, dtype=np.int64, order=names.get("order", "K"), shape=shape)
        )

    return make


def _array(
    tape: Tape, function: Any, *, copies: bool = False, order: str | None = None
) -> Callable[..., Any]:
    def array(value: Any, *args: Any, **options: Any) -> Any:
        if not holds_traced(value):
            made = function(value, *args, **options)
            if copies and isinstance(value, list) and made.dtype == np.float64:  # new, and may be a buffer
                return TracedArray(tape, tape.constant_array(made))
            return made
        dtype = options.get("dtype", args[0] if args else None)
        if extra := options.keys() - {"dtype", "copy", "order"}:
            tape.refuse(f"{min(extra)}= of np.{function.__name__} cannot be followed")
        old = ids_of(tape, value)
        ids = np.asarray(old, order=options.get("order", order))
        if ids is old and options.get("copy", copies):
            ids = ids.copy("K")
        if order and not ids.ndim:
            ids = ids.reshape(1)
        return cast(TracedArray(tape, ids), dtype)

    return array


def _as_strided(x: Any, shape: Any = None, strides: Any = None, **options: Any) -> Any:
    """``as_strided``, refused where it would read memory that is not the array's."""
    if not isinstance(x, Traced):
        return as_strided(x, shape, strides, **options)
    ids = np.asarray(ids_of(x.tape, x))
    owner = ids
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    shape = ids.shape if shape is None else tuple(np.atleast_1d(shape).tolist())
    strides = ids.strides if strides is None else tuple(np.atleast_1d(strides).tolist())
    if len(shape) != len(strides):
        raise ValueError("mismatch in length of strides and shape")
    reach = [stride * (size - 1) for size, stride in zip(shape, strides, strict=True)]
    start = ids.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
    first, last = start + sum(r for r in reach if r < 0), start + sum(r for r in reach if r > 0)
    if 0 not in shape and (first < 0 or last + ids.itemsize > owner.nbytes):
        x.tape.refuse("as_strided reads memory outside its array, which cannot be followed")
    if any(stride % ids.itemsize for stride in strides):
        x.tape.refuse("as_strided with strides that are no multiples of 8 bytes cannot be followed")
    writeable = options.get("writeable", True)
    return TracedArray(x.tape, as_strided(ids, shape, strides, writeable=writeable))


def _ndenumerate(array: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    if isinstance(array, TracedArray):
        return ((place, TracedNumber(array.tape, int(i))) for place, i in np.ndenumerate(array.ids))
    return np.ndenumerate(array)

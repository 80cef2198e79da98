"""A caller's sizes and hyper-parameters, read once: numbers or letters, one per axis, padding in any form.

Stands above the geometry, which is made of what this returns. Every refusal is one sentence.
"""

import re
from collections.abc import Sequence
from math import isnan
from operator import index
from typing import Any, TypeAlias, TypeGuard

import numpy as np
import sympy

from symconv.errors import GeometryError, RequestError

Size: TypeAlias = Any  # an int; or what stands for any number: a name, or a SymPy expression of integers
Sizes: TypeAlias = Size | Sequence[Size]
Padding: TypeAlias = Size | Sequence[Size] | Sequence[Sequence[Size]]

NUMPY_PADDING_MODES: dict[str, Any] = {
    "zeros": "constant",
    "reflect": "reflect",
    "replicate": "edge",
    "circular": "wrap",
}  # ours, which are torch's names, and what NumPy calls them
_NAME = re.compile(r"[A-Za-z]\w*")
_LETTER = re.compile(r"[A-Za-z](\d+|_\w+)?")  # so that a misspelt form of padding is not taken for a name
PADDING_MODES = tuple(NUMPY_PADDING_MODES)
PADDING_FORMS = ("valid", "same", "same_upper", "same_lower")


def whole(value: Any, name: str, least: int = 1) -> int:
    """A size as a Python int, or a sentence about why it is none.

    Raises:
        GeometryError: not an integer, or smaller than ``least``.

    Examples:
        >>> whole(3, "stride")
        3
    """
    if isinstance(value, bool | np.bool_):
        raise GeometryError(f"{name}={value!r} is a boolean, not a size: give an int of at least {least}")
    if isinstance(value, float | np.floating) and isnan(value):
        raise GeometryError(f"{name}={value!r} is not a number: give an int of at least {least}")
    try:
        size = index(value)
    except TypeError:
        raise GeometryError(f"{name}={value!r} is not an integer: give an int of at least {least}") from None
    if size < least:
        raise GeometryError(f"{name}={size} is too small: give an int of at least {least}")
    return size


def size(value: Any, name: str, least: int = 1) -> Any:
    """A size as a Python int, or as a symbolic integer where it is to be any number.

    A name becomes ``sympy.Symbol(name, integer=True, positive=True)``, or ``nonnegative`` where 0 is allowed.

    Raises:
        GeometryError: neither an integer nor a symbol of one, or smaller than ``least``.

    Examples:
        >>> size("H", "input_size") + size(3, "input_size")
        H + 3
    """
    if type(value) is int and value >= least:
        return value
    if isinstance(value, str) and _NAME.fullmatch(value):
        return sympy.Symbol(value, integer=True, **({"positive": True} if least else {"nonnegative": True}))
    if not isinstance(value, sympy.Expr) or not value.free_symbols:
        return whole(value, name, least)
    if value.is_integer is not True:
        raise GeometryError(
            f"{name}={value} is not known to be an integer: "
            "give a name in quotes, or symbols made with integer=True and positive=True"
        )
    if below(value, least):
        raise GeometryError(f"{name}={value} is too small: give an int of at least {least}")
    return value


def below(one: Any, other: Any) -> bool:
    """Whether a size is below another for certain, whatever its symbols stand for.

    Examples:
        >>> below(2, 3), below(size("H", "input_size"), 1)
        (True, False)
    """
    return bool((other - one).is_positive) if is_symbolic(one, other) else bool(one < other)


def is_symbolic(*sizes: Any) -> bool:
    """Whether any of these sizes stands for any number."""
    for value in sizes:  # noqa: SIM110 (a sweep asks this millions of times, and a generator is slow)
        if isinstance(value, sympy.Expr):
            return True
    return False


def per_axis(value: Any, rank: int, name: str, least: int = 1) -> tuple[Any, ...]:
    """One size for each of ``rank`` axes, from one size or one per axis.

    Raises:
        GeometryError: an entry is not a size, or there are too many or too few.

    Examples:
        >>> per_axis(2, 3, "stride")
        (2, 2, 2)
    """
    if not is_sequence(value):
        return (size(value, name, least),) * rank
    if len(value) != rank:
        given, wanted = _counted(len(value), "entry", "entries"), _counted(rank, "axis", "axes")
        raise GeometryError(f"{name}={value!r} has {given} for {wanted}: give one int or {rank} of them")
    return tuple(size(v, name, least) for v in value)


def is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether a size was given one by one for each axis."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def pads(
    padding: Any,
    sizes: Sequence[Any],
    kernels: Sequence[Any],
    strides: Sequence[Any],
    dilations: Sequence[Any],
) -> tuple[tuple[Any, Any], ...]:
    """One (before, after) pair for each axis, from any form that padding may take.

    Raises:
        GeometryError: the padding is in none of its forms, or ``"same"`` meets a stride.

    Examples:
        >>> pads("same_upper", [224], kernels=[7], strides=[2], dilations=[1])
        ((2, 3),)
    """
    rank = len(sizes)
    if isinstance(padding, str) and not _LETTER.fullmatch(padding):
        return _named_pads(padding, sizes, kernels, strides, dilations)
    if not is_sequence(padding):
        return ((size(padding, "padding", least=0),) * 2,) * rank
    if len(padding) != rank:
        given, wanted = _counted(len(padding), "entry", "entries"), _counted(rank, "axis", "axes")
        raise GeometryError(
            f"padding={padding!r} has {given} for {wanted}: "
            "give one int, one int per axis, or one (before, after) pair per axis"
        )
    pairs = [p if is_sequence(p) else (p, p) for p in padding]
    for pair in pairs:
        if len(pair) != 2:
            raise GeometryError(f"padding={padding!r} has an entry {pair!r} that is no (before, after) pair")
    return tuple((size(b, "padding", least=0), size(a, "padding", least=0)) for b, a in pairs)


def _named_pads(
    form: str, sizes: Sequence[Any], kernels: Sequence[Any], strides: Sequence[Any], dilations: Sequence[Any]
) -> tuple[tuple[Any, Any], ...]:
    """The pads that a name stands for, by the formula of the ONNX operator Conv (``auto_pad``)."""
    if form not in PADDING_FORMS:
        raise GeometryError(
            f"padding={form!r} is unknown: use an int, pairs, or one of {', '.join(map(repr, PADDING_FORMS))}"
        )
    if form == "valid":
        return ((0, 0),) * len(sizes)
    if form == "same" and any(s != 1 for s in strides):
        stride = strides[0] if len(set(strides)) == 1 else tuple(strides)
        raise GeometryError(
            f'padding="same" needs stride=1 (got stride={stride}): use padding="same_upper" or give pairs'
        )
    pairs = []
    for n, k, s, d in zip(sizes, kernels, strides, dilations, strict=True):
        total = (-(-n // s) - 1) * s + d * (k - 1) + 1 - n
        total = sympy.Max(0, total) if is_symbolic(total) else max(0, total)
        small, large = total // 2, total - total // 2
        pairs.append((large, small) if form == "same_lower" else (small, large))
    return tuple(pairs)


def cell_index(cell: Any, shape: tuple[int, ...], rank: int, start: int, what: str) -> tuple[int, ...]:
    """A caller's index of a cell, counted from 0.

    Args:
        cell: an index counted from ``start``, or its last ``rank`` numbers (then the first entry of the axes
            in front); None for the first cell.
        shape: of the array that the cell is in.
        rank: how many axes are spatial.
        start: 0 or 1.
        what: the array, for the message.

    Raises:
        RequestError: there is no such cell.

    Examples:
        >>> cell_index((1, 2), (4, 3, 3), 2, 1, "the output")
        (0, 0, 1)
    """
    first, last = (start,) * len(shape), tuple(n - 1 + start for n in shape)
    given = first if cell is None else tuple(cell) if is_sequence(cell) else (cell,)
    if len(given) == rank:
        given = (*first[: len(shape) - len(given)], *given)
    if len(given) == len(shape) and all(
        whole(i, "cell", least=0) in range(a, b + 1) for i, a, b in zip(given, first, last, strict=True)
    ):
        return tuple(int(i) - start for i in given)
    raise RequestError(f"cell={cell!r} is not a cell of {what}: give an index from {first} to {last}")

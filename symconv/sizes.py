"""A caller's sizes and hyper-parameters, read once: whole numbers, one per axis, padding in all its forms.

Stands above the geometry, which is made of what this returns. Every refusal is one sentence.
"""

from collections.abc import Sequence
from math import isnan
from operator import index
from typing import Any, TypeGuard

import numpy as np

from symconv.errors import GeometryError

Sizes = int | Sequence[int]
Padding = str | int | Sequence[int] | Sequence[Sequence[int]]

NUMPY_PADDING_MODES: dict[str, Any] = {
    "zeros": "constant",
    "reflect": "reflect",
    "replicate": "edge",
    "circular": "wrap",
}  # ours, which are torch's names, and what NumPy calls them
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


def per_axis(value: Any, rank: int, name: str, least: int = 1) -> tuple[int, ...]:
    """One int for each of ``rank`` axes, from one int or one per axis.

    Raises:
        GeometryError: an entry is not a size, or there are too many or too few.

    Examples:
        >>> per_axis(2, 3, "stride")
        (2, 2, 2)
    """
    if not is_sequence(value):
        return (whole(value, name, least),) * rank
    if len(value) != rank:
        given, wanted = _counted(len(value), "entry", "entries"), _counted(rank, "axis", "axes")
        raise GeometryError(f"{name}={value!r} has {given} for {wanted}: give one int or {rank} of them")
    return tuple(whole(v, name, least) for v in value)


def is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether a size was given one by one for each axis."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def pads(
    padding: Any,
    sizes: Sequence[int],
    kernels: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
) -> tuple[tuple[int, int], ...]:
    """One (before, after) pair for each axis, from any form that padding may take.

    Raises:
        GeometryError: the padding is in none of its forms, or ``"same"`` meets a stride.

    Examples:
        >>> pads("same_upper", [224], kernels=[7], strides=[2], dilations=[1])
        ((2, 3),)
    """
    rank = len(sizes)
    if isinstance(padding, str):
        return _named_pads(padding, sizes, kernels, strides, dilations)
    if not is_sequence(padding):
        return ((whole(padding, "padding", least=0),) * 2,) * rank
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
    return tuple((whole(b, "padding", least=0), whole(a, "padding", least=0)) for b, a in pairs)


def _named_pads(
    form: str, sizes: Sequence[int], kernels: Sequence[int], strides: Sequence[int], dilations: Sequence[int]
) -> tuple[tuple[int, int], ...]:
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
        total = max(0, (-(-n // s) - 1) * s + d * (k - 1) + 1 - n)
        small, large = total // 2, total - total // 2
        pairs.append((large, small) if form == "same_lower" else (small, large))
    return tuple(pairs)

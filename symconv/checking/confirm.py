"""What was proved of a function on letters, put to the function itself: on numbers, again and again.

A trace sees one run. It does not see floats that are rounded or too large, a function that asks what type its
arrays are, or one that keeps something between calls. So the function as it is, not built again, is called
with the same two arrays, which hold other numbers each time: large ones, small ones, none of them whole.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from symconv.checking.running import run_on
from symconv.entries import Array
from symconv.tracing.compare import WrongCell

_BUT = "run on letters it is right, but on fractions, or when it is called again,"
_SIZES = (1.0, 1e100, 1e-6)  # of the numbers of one call after the other; the last are half of them zeros
_LARGE = 1 << 24  # products of a layer at which one call has to do, as it takes a while
_OFF = 1e-9  # that an order of its own may put a sum off, of the sum of the sizes of its products


@dataclass(frozen=True)
class Contradiction:
    """What the function makes of some numbers that a function proved right cannot make.

    Attributes:
        why: in words.
        wrong: the first wrong cell, if the shape is right.
        compared: how many cells were compared.
    """

    why: str
    wrong: WrongCell | None = None
    compared: int = 0


def contradiction(
    function: Callable[..., Any],
    keywords: Mapping[str, Any],
    shapes: tuple[tuple[int, ...], tuple[int, ...]],
    wanted: Callable[[Array, Array], Array],
    seed: int | None,
    products: int = 0,
) -> Contradiction | None:
    """The first call in which a function does not compute what it was proved to compute, if there is one.

    Args:
        function: called as ``function(x, w, **keywords)``, several times, with two arrays of floats.
        keywords: what else it is given.
        shapes: of the two arrays.
        wanted: what it was proved to be, linear in each of the two.
        seed: of random numbers.
        products: how many the layer has, of which depends how often it is called.

    Raises:
        RunError: it returns no array of numbers.

    Examples:
        >>> def rounded(x, w):
        ...     return (x + 2.0**52 - 2.0**52) * w
        >>> contradiction(rounded, {}, ((2,), (2,)), np.multiply, 0).why
        'run on letters it is right, but on fractions, or when it is called again, it makes other numbers'
        >>> contradiction(np.multiply, {}, ((2,), (2,)), np.multiply, 0) is None
        True
    """
    random = np.random.default_rng(seed)
    x, w = held = tuple(np.empty(shape) for shape in shapes)
    run = run_on(None, function, keywords)
    for size in _SIZES if products < _LARGE else _SIZES[:1]:
        numbers = tuple(size * random.standard_normal(shape) for shape in shapes)
        for place, values in zip(held, numbers, strict=True):
            if size == _SIZES[-1]:
                values[random.random(values.shape) < 0.5] = 0
            place[...] = values
        made, right = run(x, w), wanted(*numbers)
        if made.shape != right.shape:
            return Contradiction(f"{_BUT} it returns the shape {made.shape}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            off = np.abs(made - right)
            near = off <= _OFF * np.max(np.abs(right), initial=0)
            if not near.all():  # the terms of a sum may be far larger than any sum
                near = off <= _OFF * np.max(wanted(*map(np.abs, numbers)), initial=0)
        if not near.all():
            first = int(np.argmin(near))
            cell = tuple(int(i) for i in np.unravel_index(first, right.shape))
            ours, theirs = number(made[cell]), number(right[cell])
            wrong = WrongCell(cell, ours, theirs, ours, theirs, None)
            return Contradiction(f"{_BUT} it makes other numbers", wrong, first + 1)
    return None


def number(value: Any) -> sympy.Expr:
    """A number as it is shown in a sum."""
    number = float(value)
    short = (64 * number).is_integer() and abs(number) < 2.0**53
    return sympy.Rational(int(64 * number), 64) if short else sympy.Float(number, 7)

"""The points at which Cook and Toom evaluate polynomials, and exact numbers read from a caller."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import count, islice
from numbers import Rational
from typing import Any

import numpy as np
import sympy

from symconv.entries import Array, object_array
from symconv.errors import ArrayError
from symconv.sizes import is_sequence


def default_points(number: int) -> tuple[Fraction, ...]:
    """The usual points: 0, then 1, −1, 2, −2, ½, −½, 3, −3, ⅓, −⅓ and so on.

    Args:
        number: how many.

    Source: the examples of Lavin's program wincnn, for those up to −½ and then ±3; beyond, the same rule
    is gone on with.

    Examples:
        >>> print(*default_points(9))
        0 1 -1 2 -2 1/2 -1/2 3 -3
    """
    return tuple(islice(_points(), number))


def _points() -> Iterator[Fraction]:
    yield Fraction(0)
    for whole in count(1):
        for size in dict.fromkeys((Fraction(whole), Fraction(1, whole))):
            yield size
            yield -size


def read_points(points: Any, number: int, name: str) -> tuple[Fraction, ...]:
    """A caller's points: rationals, no two of them the same, as many as are needed.

    Args:
        points: a sequence of ints or fractions.
        number: how many are needed.
        name: the algorithm, for the message.

    Raises:
        ArrayError: too many or too few, two the same, or one of them not a rational number.

    Examples:
        >>> print(*read_points([0, sympy.Rational(1, 2)], 2, "F(2, 2)"))
        0 1/2
    """
    if isinstance(points, sympy.MatrixBase | sympy.Tuple):
        points = list(points)
    if not is_sequence(points):
        raise ArrayError(f"points={points!r} is no list of numbers: give {number} of them for {name}")
    if any(isinstance(v, float | sympy.Expr) and sympy.sympify(v).is_infinite for v in points):
        raise ArrayError(
            f"points has infinity in it, which is always the last point: give only the {number} finite ones"
        )
    read = tuple(exact(v, f"points[{i}]") for i, v in enumerate(points))
    if len(read) != number:
        raise ArrayError(f"points has {len(read)} entries: {name} takes m + r − 2 = {number} of them")
    for i, point in enumerate(read):
        if point in read[:i]:
            raise ArrayError(
                f"points has {point} twice, as entries {read.index(point)} and {i}: give distinct ones"
            )
    return read


def exact(value: Any, name: str) -> Fraction:
    """A rational number as a fraction of Python integers.

    Args:
        value: an int or a fraction, of Python, NumPy or SymPy.
        name: what it is called, for the message.

    Raises:
        ArrayError: a float, a symbol, or no number.

    Examples:
        >>> exact(sympy.Rational(1, 6), "G[1, 0]")
        Fraction(1, 6)
    """
    if isinstance(value, sympy.Rational):
        return Fraction(int(value.p), int(value.q))
    if not isinstance(value, bool) and isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, float | np.floating | sympy.Float):
        kind = "a float, which need not be the fraction that is meant"
    else:
        kind = "not a rational number"
    raise ArrayError(f"{name}={value!r} is {kind}: give ints or fractions such as sympy.Rational(1, 6)")


def exact_matrix(values: Any, name: str) -> Array:
    """A caller's matrix of rational numbers, as an array of fractions.

    Args:
        values: a SymPy matrix, nested lists or an ndarray.
        name: the matrix's name, for the messages.

    Raises:
        ArrayError: ragged, not of two axes, or holding something that is not a rational number.
    """
    rows = values.tolist() if hasattr(values, "tolist") else values
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not len(rows):
        raise ArrayError(f"{name}={values!r} is no matrix: give rows of ints or fractions")
    if any(not is_sequence(row) or len(row) != len(rows[0]) or not len(row) for row in rows):
        raise ArrayError(
            f"{name} is not a matrix of equal rows: give rows of equal length, of ints or fractions"
        )
    entries = [exact(v, f"{name}[{i}, {j}]") for i, row in enumerate(rows) for j, v in enumerate(row)]
    return object_array(entries, (len(rows), len(rows[0])))

"""A caller's arrays, read once: nested lists, SymPy matrices or ndarrays of numbers and symbols.

Stands beside the sizes: what it returns is what the plan gathers. No text is ever evaluated here.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from numbers import Number
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy

from symconv.errors import ArrayError

Array = npt.NDArray[Any]


class ExactDecimal(Fraction):
    """A decimal as it was written: exact in sums and products, and printed as a decimal again.

    Examples:
        >>> print(ExactDecimal("0.1") + ExactDecimal("0.2"), ExactDecimal("0.5") * Fraction(1, 3))
        0.3 1/6
    """

    def __str__(self) -> str:
        if not isinstance(_as_decimal(Fraction(self)), ExactDecimal):
            return super().__str__()
        places = 0
        while (self * 10**places).denominator > 1:
            places += 1
        digits = str(abs(self.numerator * 10**places // self.denominator)).rjust(places + 1, "0")
        whole, part = digits[: len(digits) - places], digits[len(digits) - places :]
        return f"{'-' if self < 0 else ''}{whole}{f'.{part}' if part else ''}"

    def __add__(self, other: Any) -> Any:
        return _as_decimal(super().__add__(other))

    def __radd__(self, other: Any) -> Any:
        return _as_decimal(super().__radd__(other))

    def __mul__(self, other: Any) -> Any:
        return _as_decimal(super().__mul__(other))

    def __rmul__(self, other: Any) -> Any:
        return _as_decimal(super().__rmul__(other))


def _as_decimal(value: Any) -> Any:
    """A fraction as a decimal where it is one; anything else as it is."""
    if not isinstance(value, Fraction):
        return value
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return ExactDecimal(value) if rest == 1 else value


def read_array(values: Any, name: str) -> Array:
    """An ndarray of the caller's entries, each kept as it was given.

    Args:
        values: nested lists, a SymPy matrix or array, or anything NumPy can read (``__array__``).
        name: the argument's name, for the messages.

    Returns:
        An ndarray: of a native dtype when all entries are of one native kind, else of dtype object.

    Raises:
        ArrayError: ragged, empty, or holding something that is neither a number nor a symbol.

    Examples:
        >>> read_array([[1, 2], [3, 4]], "x").dtype
        dtype('int64')
        >>> read_array([[1, sympy.Symbol("a")]], "x")
        array([[1, a]], dtype=object)
    """
    if isinstance(values, sympy.MatrixExpr):
        if not all(sympy.sympify(n).is_Integer for n in values.shape):
            raise ArrayError(f"{name} has the symbolic shape {values.shape}: give a matrix of known size")
        values = values.as_explicit()
    if np.ma.is_masked(values):
        raise ArrayError(f"{name} has masked cells: fill them with numbers first")
    if isinstance(values, sympy.MatrixBase | sympy.NDimArray):
        array = object_array(sympy.flatten(values), values.shape)
    elif isinstance(values, list | tuple):
        shape, flat = _flatten(values, name)
        array = object_array(flat, shape)
    else:
        array = np.asarray(values)
    if array.ndim == 0:
        raise ArrayError(f"{name}={values!r} is not an array: give rows of numbers or symbols")
    if array.dtype == bool:
        return array.astype(np.int64)
    if array.dtype == object:
        return _native(_checked(array, name))
    if array.dtype.kind not in "iufc":
        raise ArrayError(f"{name} holds {array.dtype} entries: give numbers or SymPy expressions")
    return array


def is_symbolic(*arrays: Array | None) -> bool:
    """Whether any entry of any of the arrays is a SymPy expression.

    Examples:
        >>> is_symbolic(np.array([1, sympy.Symbol("a")]))
        True
    """
    return any(
        isinstance(v, sympy.Basic)
        for array in arrays
        if array is not None and array.dtype == object
        for v in array.flat
    )


def as_symbolic(array: Array) -> Array:
    """The same entries as SymPy expressions, in an ndarray of dtype object."""
    return object_array([sympy.sympify(v, strict=True) for v in array.astype(object).flat], array.shape)


def object_array(entries: Sequence[Any], shape: Sequence[int]) -> Array:
    """An ndarray of dtype object from its entries in row-major order."""
    array = np.empty(len(entries), dtype=object)
    array[:] = entries
    return array.reshape(shape)


def _flatten(values: Any, name: str) -> tuple[tuple[int, ...], list[Any]]:
    """Shape and entries of nested lists, row-major."""
    if isinstance(values, sympy.MatrixBase | sympy.NDimArray | np.ndarray):
        values = values.tolist()
    if not isinstance(values, list | tuple):
        return (), [values]
    if not values:
        raise ArrayError(f"{name} has an empty list in it: give at least one cell in every row")
    parts = [_flatten(v, name) for v in values]
    shapes = [shape for shape, _ in parts]
    for index, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise ArrayError(
                f"{name} is ragged: entry {index} has shape {shape} where entry 0 has {shapes[0]}; "
                "give rows of equal length"
            )
    return (len(values), *shapes[0]), [entry for _, entries in parts for entry in entries]


def _checked(array: Array, name: str) -> Array:
    """The array itself, once every entry is known to be a number or a SymPy expression."""
    for place, entry in np.ndenumerate(array):
        finite = not isinstance(entry, Decimal) or entry.is_finite()
        if isinstance(entry, bool | np.bool_) or not isinstance(entry, Number | sympy.Expr) or not finite:
            kind = "a boolean" if isinstance(entry, bool | np.bool_) else "neither a number nor a symbol"
            hint = f"; for a symbol give sympy.Symbol({entry!r})" if isinstance(entry, str) else ""
            raise ArrayError(
                f"{name}{list(place)} is {entry!r}, {kind}: give numbers or SymPy expressions{hint}"
            )
    return array


def _native(array: Array) -> Array:
    """A native dtype where that keeps every entry as it is: all ints, all floats or all complex."""
    kinds = {type(v) for v in array.flat}
    if len(kinds) > 1 or any(issubclass(k, Decimal) for k in kinds):
        array = object_array([_plain(v) for v in array.flat], array.shape)
        kinds = {type(v) for v in array.flat}
    if kinds == {int} and all(-(2**63) <= v < 2**63 for v in array.flat):
        return array.astype(np.int64)
    if len(kinds) == 1 and issubclass(kind := kinds.pop(), float | complex | np.number):
        return array.astype(kind)
    return array


def _plain(value: Any) -> Any:
    """A number that mixes with all others: NumPy's wrap round, and ``Decimal`` refuses most."""
    if isinstance(value, Decimal):
        return ExactDecimal(value)
    return value.item() if isinstance(value, np.generic) else value

"""Symbolic inputs and kernels: arrays of SymPy symbols named after their place.

Stands beside the entries: it makes arrays for a caller who has none.
"""

from collections.abc import Sequence
from math import prod

import numpy as np
import sympy

from symconv.entries import Array, object_array
from symconv.errors import ArrayError, SizeLimitError
from symconv.sizes import is_sequence, whole

MOST_SYMBOLS = 1_000_000


def entry_name(name: str, place: Sequence[int], start: int = 0) -> str:
    """The LaTeX name of one entry, subscripts separated by commas, so that 7,10 is never 710.

    Examples:
        >>> entry_name("x", (7, 10))
        'x_{7,10}'
    """
    return f"{name}_{{{','.join(str(i + start) for i in place)}}}"


def symbolic(name: str, shape: int | Sequence[int], start: int = 0) -> Array:
    """An array of symbols of any rank.

    Args:
        name: the letter the symbols share.
        shape: number of entries along each axis.
        start: the first index, 0 or 1 as you like to count.

    Returns:
        An ndarray of dtype object and that shape, of SymPy symbols.

    Raises:
        GeometryError: a size is not a whole number of at least 1.
        ArrayError: the name is not a word.
        SizeLimitError: more than a million symbols.

    Examples:
        >>> symbolic("x", (2, 2))
        array([[x_{0,0}, x_{0,1}],
               [x_{1,0}, x_{1,1}]], dtype=object)
    """
    if not isinstance(name, str) or not name or any(c.isspace() for c in name):
        raise ArrayError(f'name={name!r} is no name for a symbol: give a letter such as "x"')
    if is_sequence(shape) and not shape:
        raise ArrayError("shape=() has no axes: give a number of entries for at least one")
    sizes = tuple(whole(n, "shape") for n in (shape if is_sequence(shape) else [shape]))
    start = whole(start, "start", least=0)
    count = prod(sizes)
    if count > MOST_SYMBOLS:
        raise SizeLimitError(
            f"shape={sizes} asks for {count:,} symbols: make at most {MOST_SYMBOLS:,} at once"
        )
    return object_array([sympy.Symbol(entry_name(name, place, start)) for place in np.ndindex(sizes)], sizes)


def input_matrix(rows: int, columns: int, name: str = "x", start: int = 0) -> sympy.Matrix:
    """A symbolic input of one channel.

    Args:
        rows: height of the input.
        columns: width of the input.
        name: the letter its symbols share.
        start: the first index.

    Returns:
        A ``sympy.Matrix`` of shape (rows, columns).

    Raises:
        GeometryError: a size is not a whole number of at least 1.

    Examples:
        >>> input_matrix(2, 2)
        Matrix([
        [x_{0,0}, x_{0,1}],
        [x_{1,0}, x_{1,1}]])
    """
    return sympy.Matrix(symbolic(name, (whole(rows, "rows"), whole(columns, "columns")), start))


def kernel_matrix(rows: int, columns: int, name: str = "w", start: int = 0) -> sympy.Matrix:
    """A symbolic kernel of one channel.

    Args:
        rows: height of the kernel.
        columns: width of the kernel.
        name: the letter its symbols share.
        start: the first index.

    Returns:
        A ``sympy.Matrix`` of shape (rows, columns).

    Raises:
        GeometryError: a size is not a whole number of at least 1.

    Examples:
        >>> kernel_matrix(1, 2, start=1)
        Matrix([[w_{1,1}, w_{1,2}]])
    """
    return input_matrix(rows, columns, name, start)

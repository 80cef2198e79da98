"""Mixed-radix digits: the number of a cell from its indices, and the indices from the number.

Written with ``*``, ``+``, ``//`` and ``%`` alone, so the same two functions serve ints, NumPy arrays, SymPy
symbols and the terms that theorems are about. Imports no sibling.
"""

from collections.abc import Sequence
from typing import Any


def ravel(indices: Sequence[Any], sizes: Sequence[Any]) -> Any:
    """The row-major number of a cell: its indices read as digits, the last one fastest.

    Args:
        indices: one index per axis; ints, integer arrays of one shape, or symbols.
        sizes: cells along each axis; the first one does not matter.

    Returns:
        What the entries are: an int, an array, a symbolic sum.

    Source: Knuth, *The Art of Computer Programming*, volume 2, section 4.1, equation 9 (mixed radix).

    Examples:
        >>> ravel((1, 2), (3, 4))
        6
        >>> import sympy
        >>> ravel(sympy.symbols("i j"), ("KH", sympy.Symbol("KW")))
        KW*i + j
    """
    number = indices[0]
    for index, size in zip(indices[1:], sizes[1:], strict=True):
        number = number * size + index
    return number


def unravel(number: Any, sizes: Sequence[Any]) -> tuple[Any, ...]:
    """The indices of the cell with a row-major number: quotients and remainders by the sizes.

    The first index is not reduced, so it is in range exactly when the number is.

    Args:
        number: an int, an array of ints, or a symbol.
        sizes: cells along each axis; the first one does not matter.

    Returns:
        One index per axis, of the kind that ``number`` is.

    Source: as for ``ravel``.

    Examples:
        >>> unravel(6, (3, 4))
        (1, 2)
        >>> import sympy
        >>> unravel(sympy.Symbol("q", integer=True), ("KH", sympy.Symbol("KW", integer=True)))
        (floor(q/KW), Mod(q, KW))
    """
    indices: list[Any] = []
    for size in reversed(sizes[1:]):
        indices.insert(0, number % size)
        number = number // size
    return (number, *indices)

"""How an ndarray shows in a notebook: as mathematics, which SymPy's matrices do by themselves.

What is here is a view of an ndarray that prints like one and is one.
"""

from typing import Any

import numpy as np
import sympy

from symconv.entries import Array, as_symbolic
from symconv.show.latex import grids, matrix


class MathArray(np.ndarray[Any, np.dtype[Any]]):
    """An ndarray that a notebook shows as LaTeX.

    Examples:
        >>> np.arange(2).view(MathArray)
        array([0, 1])
    """

    def __repr__(self) -> str:
        return repr(np.asarray(self))

    def __array_wrap__(self, array: Array, context: Any = None, return_scalar: bool = False) -> Any:
        """What is computed of it is one, and a single number is a number, as with any ndarray."""
        return array[()] if return_scalar else array.view(MathArray)

    def _repr_latex_(self) -> str | None:
        array = np.asarray(self)
        if array.size == 0 or array.ndim == 0:
            return None
        text = matrix(array) if array.ndim == 2 else grids(array)
        return rf"$\displaystyle {text}$"


def mathematical(array: Array, symbolic: bool) -> Any:
    """An array as a caller gets it: a SymPy matrix if it is symbolic and has two axes, else a ``MathArray``.

    Examples:
        >>> mathematical(np.array([[1, 2]]), symbolic=True)
        Matrix([[1, 2]])
    """
    if symbolic and array.ndim == 2:
        return sympy.Matrix(*array.shape, list(array.flat))
    return (as_symbolic(array) if symbolic else array).view(MathArray)

"""What a reader may write for an answer: the ways of writing that the page's script looks for.

Numbers are compared as numbers there, so one way is enough; names are compared as text.
"""

from collections.abc import Iterable
from typing import Any

import sympy


def accepted(answer: Any, among: Iterable[Any]) -> tuple[str, ...]:
    """The ways to write an answer, the shortest of a letter's only where it can mean nothing else.

    Args:
        answer: a number, a letter, or a sum of roots of unity that is a complex number.
        among: every cell of the exercise, whose letters could be meant as well.

    Examples:
        >>> x, y, z = map(sympy.Symbol, ("x_{1,2}", "x_{1,12}", "x_{11,2}"))
        >>> accepted(x, [x, y, z]), accepted(y, [x, y, z])
        (('x1,2', 'x12'), ('x1,12',))
        >>> accepted(-3, []), accepted(sympy.Rational(1, 2), []), accepted(1 - 2 * sympy.I, [])
        (('-3',), ('1/2',), ('1-2i',))
    """
    if not isinstance(answer, sympy.Symbol):
        return (text(answer),)
    name = _plain(answer)
    short = name.replace(",", "")
    meant = {
        cell for cell in among if isinstance(cell, sympy.Symbol) and short in (_plain(cell), _short(cell))
    }
    return (name, short) if short != name and len(meant | {answer}) == 1 else (name,)


def text(answer: Any) -> str:
    """An answer as one line of plain text.

    Examples:
        >>> text(sympy.Symbol("w_{0,1}")), text(-2 * sympy.I)
        ('w0,1', '-2i')
    """
    if isinstance(answer, sympy.Symbol):
        return _plain(answer)
    return str(answer).replace("*I", "i").replace("I", "i").replace(" ", "")


def _plain(symbol: sympy.Symbol) -> str:
    return str(symbol.name).replace("_", "").strip("{}").replace("{", "").replace("}", "")


def _short(symbol: sympy.Symbol) -> str:
    return _plain(symbol).replace(",", "")

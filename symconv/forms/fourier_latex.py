r"""LaTeX of sums of roots of unity, in powers of ω, and of the matrices that are made of them."""

from collections.abc import Sequence
from typing import Any

import sympy

from symconv.entries import object_array
from symconv.forms.cyclotomic import RootSum
from symconv.show.latex import MOST_COLUMNS, entry, factor, matrix, shown

_OMEGA = sympy.Symbol(r"\omega")


def powers_of_omega(value: RootSum) -> sympy.Expr:
    r"""A sum of roots of unity with a letter for the root.

    Examples:
        >>> powers_of_omega(RootSum(3, {0: 2, 2: 1}))
        \omega**2 + 2
    """
    return sympy.Add(*(sympy.sympify(a) * _OMEGA**e for e, a in value.terms.items()))


def root_matrix(table: Sequence[Sequence[RootSum]]) -> str:
    """A matrix of such sums."""
    entries = [powers_of_omega(value) for row in table for value in row]
    return matrix(object_array(entries, (len(table), len(table[0]))))


def diagonal(table: Sequence[Sequence[RootSum]], kernel: Sequence[Any]) -> str:
    r"""The diagonal matrix of a table times a kernel, whose cells are numbers or symbols, in reading order.

    Examples:
        >>> print(diagonal([[RootSum.power(3, 0), RootSum.power(3, 2)]], [5, sympy.Symbol("w")]))
        \operatorname{diag}\left(\begin{array}{c}
        5 + w\,\omega^{2}
        \end{array}\right)
    """
    rows = [
        " + ".join(_term(cell, value) for value, cell in zip(row, kernel, strict=True) if cell != 0) or "0"
        for row in table
    ]
    lines = [r"\vdots" if k is None else rows[k] for k in shown(len(rows), MOST_COLUMNS)]
    body = " \\\\\n".join(lines)
    return "\\operatorname{diag}\\left(\\begin{array}{c}\n" + body + "\n\\end{array}\\right)"


def _term(cell: Any, value: RootSum) -> str:
    """A cell of the kernel times a sum of roots of unity."""
    omega = powers_of_omega(value)
    if omega == 1:
        return factor(cell)
    root = entry(omega)
    if cell == 1:
        return root
    return (
        rf"{factor(cell)}\,\left({root}\right)"
        if isinstance(omega, sympy.Add)
        else rf"{factor(cell)}\,{root}"
    )

"""Whether two fast algorithms are the same, but for the order of their products and constants moved about.

A row of A, of G and of Bᵀ belong to one product. Multiplying one of the three by a number and another by its
inverse changes nothing, nor does moving the three rows elsewhere; so published matrices differ by just that.
"""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.errors import RequestError
from symconv.forms.nested import NestedWinograd
from symconv.forms.winograd import Winograd

_NAMES = ("A", "G", "Bᵀ")

Row = tuple[Fraction, ...]


@dataclass(frozen=True, repr=False)
class Rescaling:
    """Whether two algorithms are the same up to scaling and order; truthy when they are.

    Attributes:
        same: whether they are.
        permutation: for each row of the first, which row of the second it is.
        scales: for each row of the first, its factors in A, G and Bᵀ; their product is 1.
        reason: why not, as a sentence; empty when they are the same.

    Source: de Groote 1978, *On varieties of optimal algorithms for the computation of bilinear mappings*,
    for the scaling of rank-one terms.

    Examples:
        >>> from symconv.forms.winograd import winograd
        >>> same_up_to_scaling(winograd(2, 2), winograd(2, 2, points=[1, 0]))
        The same up to scaling and order:
        row 0 is row 1 of the other, times 1 in A, -1 in G, -1 in Bᵀ
        row 1 is row 0 of the other
        row 2 is row 2 of the other
    """

    same: bool
    permutation: tuple[int, ...] = ()
    scales: tuple[tuple[Fraction, Fraction, Fraction], ...] = ()
    reason: str = ""

    def __bool__(self) -> bool:
        return self.same

    def __repr__(self) -> str:
        if not self.same:
            return f"Not the same: {self.reason}"
        lines = []
        for i, (place, scales) in enumerate(zip(self.permutation, self.scales, strict=True)):
            factors = ", ".join(f"{c} in {name}" for c, name in zip(scales, _NAMES, strict=True))
            lines.append(
                f"row {i} is row {place} of the other{'' if set(scales) == {1} else f', times {factors}'}"
            )
        return "\n".join(["The same up to scaling and order:", *lines])


def same_up_to_scaling(one: Winograd | NestedWinograd, other: Winograd | NestedWinograd) -> Rescaling:
    """Tell whether two algorithms form the same products, in any order, each with any share of the constants.

    Args:
        one: what ``winograd``, ``nested`` or ``with_matrices`` returned.
        other: likewise.

    Returns:
        A ``Rescaling``, with the permutation and the scales, or with the reason why there are none. Neither
        algorithm need be right.

    Raises:
        RequestError: one of them is something else.

    Source: de Groote 1978, *On varieties of optimal algorithms for the computation of bilinear mappings*,
    for the scaling of rank-one terms.

    Examples:
        >>> from symconv.forms.winograd import winograd
        >>> w = winograd(2, 3)
        >>> paper = w.with_matrices(
        ...     A=[[1, 0], [1, 1], [1, -1], [0, -1]],
        ...     B=[[1, 0, 0, 0], [0, 1, -1, 1], [-1, 1, 1, 0], [0, 0, 0, -1]],
        ... )
        >>> found = same_up_to_scaling(paper, w)
        >>> found.permutation, [str(c) for c in found.scales[3]]
        ((0, 1, 2, 3), ['-1', '1', '-1'])
    """
    for name, value in (("one", one), ("other", other)):
        if not isinstance(value, Winograd | NestedWinograd):
            raise RequestError(f"{name}={value!r} is no Winograd algorithm: give what sc.winograd returned")
    if _sizes(one) != _sizes(other):
        return Rescaling(False, reason=f"one is {one.name} and the other {other.name}.")
    if one.multiplications != other.multiplications:
        counts = f"one has {one.multiplications} multiplications and the other {other.multiplications}"
        return Rescaling(False, reason=f"{counts}.")
    mine, theirs = _rows(one), _rows(other)
    waiting = defaultdict(list)
    for place, rows in enumerate(theirs):
        waiting[_term(rows)].append(place)
    permutation, scales = [], []
    for i, rows in enumerate(mine):
        places = waiting[_term(rows)]
        if not places:
            return Rescaling(False, reason=_reason(i, rows, theirs))
        permutation.append(places.pop(0))
        scales.append(_scales(rows, theirs[permutation[-1]]))
    return Rescaling(True, tuple(permutation), tuple(scales))


def _sizes(algorithm: Winograd | NestedWinograd) -> tuple[Any, Any]:
    return (algorithm.m, algorithm.r)


def _rows(algorithm: Winograd | NestedWinograd) -> list[tuple[Row, Row, Row]]:
    """The three rows of each product; of nested algorithms the Kronecker products of the axes'."""
    triples = [algorithm.triple] if isinstance(algorithm, Winograd) else algorithm.triples
    A, G, B = (_kronecker([getattr(t, name) for t in triples], name == "B") for name in "AGB")
    return [(tuple(a), tuple(g), tuple(b)) for a, g, b in zip(A, G, B, strict=True)]


def _kronecker(matrices: list[Array], transposed: bool) -> Array:
    whole: Array = np.array([[Fraction(1)]], dtype=object)
    for matrix in matrices:
        whole = np.kron(whole, matrix.T if transposed else matrix)
    return whole


def _leading(row: Row) -> Fraction:
    """The first entry that is not zero; 0 if all are."""
    return next((v for v in row if v), Fraction(0))


def _direction(row: Row) -> Row:
    """The row divided by its leading entry: the same for all its multiples."""
    leading = _leading(row)
    return tuple(v / leading for v in row) if leading else row


def _term(rows: tuple[Row, Row, Row]) -> tuple[Any, ...]:
    """What stays the same of a product when its rows are rescaled: directions, and the sizes' product."""
    return (*map(_direction, rows), prod(map(_leading, rows), start=Fraction(1)))


def _scales(rows: tuple[Row, Row, Row], others: tuple[Row, Row, Row]) -> tuple[Fraction, Fraction, Fraction]:
    """The factors between rows of the same directions; a row of zeros makes up for the other two."""
    found = [_leading(a) / _leading(b) if _leading(b) else None for a, b in zip(rows, others, strict=True)]
    rest = 1 / prod((c for c in found if c is not None), start=Fraction(1))
    free = found.index(None) if None in found else -1
    scales = [c if c is not None else rest if k == free else Fraction(1) for k, c in enumerate(found)]
    return scales[0], scales[1], scales[2]


def _reason(i: int, rows: tuple[Row, Row, Row], theirs: list[tuple[Row, Row, Row]]) -> str:
    """Why no row of the other is left for row i: the closest one, and where it is another."""
    mine = [_direction(row) for row in rows]
    alike = [[a == _direction(b) for a, b in zip(mine, others, strict=True)] for others in theirs]
    closest = max(range(len(theirs)), key=lambda place: sum(alike[place]))
    if all(alike[closest]):
        scales = _scales(rows, theirs[closest])
        factors = " · ".join(f"({c})" if c < 0 else str(c) for c in scales)
        product = prod(scales, start=Fraction(1))
        if product != 1:
            found = f"row {i} is row {closest} of the other times {factors} in A, G and Bᵀ"
            return f"{found}, which makes {product}, not 1."
        return f"row {i} is row {closest} of the other, which already is another row of the first."
    if not any(alike[closest]):
        return f"row {i} is a multiple of no row of the other, in A, G or Bᵀ."
    different = " and in ".join(name for name, same in zip(_NAMES, alike[closest], strict=True) if not same)
    return f"row {i} is nearest to row {closest} of the other, but no multiple of it in {different}."

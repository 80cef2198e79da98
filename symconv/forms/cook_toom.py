"""Cook and Toom's construction of F(m, r): polynomials are multiplied by their values at points.

A polynomial of degree m + r − 2 is known from its values at m + r − 2 finite points and from its leading
coefficient, which is its value "at infinity". So two polynomials are multiplied by evaluating both,
multiplying the values, and interpolating. The transpose of that multiplication is the filter.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import prod

import numpy as np

from symconv.proof.bilinear import Triple


def cook_toom(m: int, r: int, points: Sequence[Fraction]) -> Triple:
    """The matrices of F(m, r) at m + r − 2 distinct finite points and infinity, which comes last.

    A holds the powers of each point, up to m − 1. G holds those up to r − 1, divided by the product of the
    point's differences from the others. Each row of Bᵀ holds the coefficients of the polynomial that is 0 at
    the other finite points. The first point's rows of G and Bᵀ are negated if that product is negative.

    Source: Blahut 2010, *Fast Algorithms for Signal Processing*, section 5.2; the signs as in Lavin's wincnn.

    Examples:
        >>> print(*cook_toom(1, 2, [Fraction(3)]).B.T.flat)
        1 0 -3 1
    """
    products = [prod((a - b for b in points if b != a), start=Fraction(1)) for a in points]
    signs = [-1 if i == 0 and product < 0 else 1 for i, product in enumerate(products)]
    G = [[p / (s * d) for p in _powers(a, r)] for a, d, s in zip(points, products, signs, strict=True)]
    rows = [
        [s * c for c in [*_through([b for b in points if b != a]), Fraction(0)]]
        for a, s in zip(points, signs, strict=True)
    ]
    return Triple(
        np.array([*(_powers(a, m) for a in points), _last(m)], dtype=object),
        np.array([*G, _last(r)], dtype=object),
        np.array([*rows, _through(points)], dtype=object).T,
    )


def _powers(point: Fraction, number: int) -> list[Fraction]:
    return [point**k for k in range(number)]


def _last(number: int) -> list[Fraction]:
    """The powers of infinity: what is left of a polynomial is its leading coefficient."""
    return [Fraction(0)] * (number - 1) + [Fraction(1)]


def _through(roots: Sequence[Fraction]) -> list[Fraction]:
    """The coefficients of the product of x − root, the constant first."""
    coefficients = [Fraction(1)]
    for root in roots:
        shifted, scaled = [Fraction(0), *coefficients], [*(-root * c for c in coefficients), Fraction(0)]
        coefficients = [a + b for a, b in zip(shifted, scaled, strict=True)]
    return coefficients

"""An algorithm y = Aᵀ[(G w) ⊙ (Bᵀ x)] compared with the loop formula, as polynomials, and the verdict on it.

Such an algorithm is bilinear: each output is a sum of products of one input cell and one weight, with the
coefficient Σᵢ A[i, a] G[i, b] B[j, i]. It is right if these are those of the loop formula, and only then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import lcm, prod
from typing import Any

import numpy as np
import sympy

from symconv.definition import axis_windows
from symconv.entries import Array
from symconv.geometry import Geometry
from symconv.proof.verdict import Tier, shortened
from symconv.symbols import entry_name

Place = tuple[int, ...]
Terms = dict[tuple[Place, Place], Fraction]  # the coefficient of w[first] x[second]


@dataclass(frozen=True, eq=False)
class Triple:
    """The three matrices along one axis, as arrays of fractions.

    Attributes:
        A: shape (K, m), for K multiplications and m outputs.
        G: shape (K, r), for r taps.
        B: shape (n, K), for n inputs.
    """

    A: Array
    G: Array
    B: Array

    @cached_property
    def cleared(self) -> tuple[Array, Array, Array, int]:
        """A, G and B in Python integers, and what their products are to be divided by.

        Examples:
            >>> one, half = np.array([[Fraction(1)]]), np.array([[Fraction(1, 2)]])
            >>> Triple(one, half, one).cleared
            (array([[1]], dtype=object), array([[1]], dtype=object), array([[1]], dtype=object), 2)
        """
        common = [lcm(*(v.denominator for v in matrix.flat)) for matrix in (self.A, self.G, self.B)]
        A, G, B = (
            np.vectorize(lambda v, d=d: int(v * d), otypes=[object])(matrix)
            for matrix, d in zip((self.A, self.G, self.B), common, strict=True)
        )
        return A, G, B, prod(common)

    def terms(self) -> list[list[tuple[int, int, Fraction]]]:
        """For each output the (tap, input, coefficient) of every product that it holds."""
        A, G, B, divisor = self.cleared
        outputs = []
        for column in A.T:
            coefficients = (G.T * column) @ B.T  # taps by inputs
            held = zip(*np.nonzero(coefficients), strict=True)
            outputs.append([(int(b), int(j), Fraction(coefficients[b, j], divisor)) for b, j in held])
        return outputs


@dataclass(frozen=True)
class WrongOutput:
    """The first output that an algorithm gets wrong, as two polynomials and as one product of them.

    Attributes:
        cell: index of the output.
        algorithm: what the algorithm makes there.
        definition: what the loop formula has there.
        tap: a weight, and
        input_cell: an input cell whose product comes out wrong.
        coefficient: how often the algorithm has that product.
        expected: how often the loop formula has it.
    """

    cell: Place
    algorithm: sympy.Expr
    definition: sympy.Expr
    tap: Place
    input_cell: Place
    coefficient: Fraction
    expected: Fraction

    def __str__(self) -> str:
        return "\n".join(
            [
                f"first differing cell: y{list(self.cell)}",
                f"  algorithm    = {shortened(self.algorithm)}",
                f"  loop formula = {shortened(self.definition)}",
                f"  let x and w be 0 but x{list(self.input_cell)} = w{list(self.tap)} = 1: "
                f"it gives {self.coefficient} and should give {self.expected}",
            ]
        )


@dataclass(frozen=True, repr=False)
class BilinearProof:
    """The verdict on a fast algorithm: truthy when it was proved equal to the loop formula.

    Attributes:
        holds: whether it was proved.
        name: the algorithm, as F(m, r).
        geometry: the layer of one tile.
        compared: how many outputs were compared.
        multiplications: how many products of a transformed weight and a transformed input it takes.
        counterexample: the first output that is wrong; None when it holds.
        tier: how far the verdict reaches.

    Examples:
        >>> from symconv.forms.winograd import winograd
        >>> from symconv.prove import prove
        >>> prove(winograd(2, 3))
        Proved (tier: exact). All 2 outputs of F(2, 3) equal the loop formula, as polynomials:
        4 multiplications instead of 6, for any values of the inputs and weights.
    """

    holds: bool
    name: str
    geometry: Geometry
    compared: int
    multiplications: int
    counterexample: WrongOutput | None = None
    tier: Tier = Tier.EXACT

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        counted = f"{self.compared:,} output{'' if self.compared == 1 else 's'} of {self.name}"
        if self.counterexample is not None:
            return f"Refuted (tier: {self.tier}) after {counted};\n{self.counterexample}"
        equal = f"All {counted} equal" if self.compared > 1 else f"The one output of {self.name} equals"
        return (
            f"Proved (tier: {self.tier}). {equal} the loop formula, as polynomials:\n"
            f"{self.multiplications:,} multiplications instead of {self.geometry.products:,}, "
            "for any values of the inputs and weights."
        )


def prove_bilinear(name: str, axes: Sequence[Triple]) -> BilinearProof:
    """Compare a bilinear algorithm with the loop formula, output by output.

    Args:
        name: what the algorithm is called in the verdict.
        axes: its matrices along each axis; with several, the transforms are applied along each in turn.

    Source: Brent 1970, *Algorithms for matrix multiplication*, for comparing the coefficients of a
    bilinear algorithm with those of what it is to compute.

    Examples:
        >>> one = np.array([[Fraction(1)]])
        >>> bool(prove_bilinear("a product", [Triple(one, one, one)]))
        True
    """
    g = Geometry(tuple(len(t.B) for t in axes), tuple(t.G.shape[1] for t in axes))
    multiplications = prod(len(t.A) for t in axes)
    made, wanted = [t.terms() for t in axes], [_defined(t) for t in axes]
    for count, cell in enumerate(np.ndindex(g.output_size), start=1):
        got = _product([terms[a] for terms, a in zip(made, cell, strict=True)])
        formula = _product([terms[a] for terms, a in zip(wanted, cell, strict=True)])
        if got != formula:
            wrong = _wrong_output(cell, got, formula)
            return BilinearProof(False, name, g, count, multiplications, wrong)
    return BilinearProof(True, name, g, prod(g.output_size), multiplications)


def _defined(triple: Triple) -> list[list[tuple[int, int, Fraction]]]:
    """The same as ``Triple.terms``, of the loop formula."""
    windows = axis_windows(len(triple.B), triple.G.shape[1], stride=1, dilation=1, padding=(0, 0))
    return [[(b, j, Fraction(1)) for b, j in enumerate(window) if j is not None] for window in windows]


def _product(axes: Sequence[Sequence[tuple[int, int, Fraction]]]) -> Terms:
    """The terms of one output from those along each axis."""
    terms = {}
    for factors in product(*axes):
        taps, inputs, coefficients = zip(*factors, strict=True)
        terms[taps, inputs] = prod(coefficients, start=Fraction(1))
    return terms


def _wrong_output(cell: Place, got: Terms, formula: Terms) -> WrongOutput:
    """An output as two polynomials, and the first product of which they have not equally many."""
    places = sorted({*got, *formula})
    tap, place = next(p for p in places if got.get(p) != formula.get(p))
    nothing = Fraction(0)
    return WrongOutput(
        tuple(map(int, cell)),
        _polynomial(got),
        _polynomial(formula),
        tap,
        place,
        got.get((tap, place), nothing),
        formula.get((tap, place), nothing),
    )


def _polynomial(terms: Terms) -> sympy.Expr:
    return sympy.Add(*_monomials(terms))


def _monomials(terms: Terms) -> Iterator[Any]:
    for (tap, place), c in terms.items():
        weight, cell = sympy.Symbol(entry_name("w", tap)), sympy.Symbol(entry_name("x", place))
        yield sympy.Rational(c.numerator, c.denominator) * weight * cell

"""What a proof says: whether it holds, its tier, what was compared, and where it first breaks.

A verdict names its tier and never claims a higher one.
"""

from dataclasses import dataclass
from enum import StrEnum

import sympy

from symconv.geometry import Geometry

_MOST_TERMS = 12  # of a polynomial that is printed whole


class Tier(StrEnum):
    """How far a verdict reaches, strongest first."""

    EVERY_SIZE = "every size"  # a theorem
    EXACT = "exact"  # this geometry, all values: an identity of polynomials over the integers
    CERTIFICATE = "certificate"  # random evaluation, with its error bound
    SAMPLED = "sampled"  # numbers only


@dataclass(frozen=True)
class Counterexample:
    """The first output cell where two maps differ, as two polynomials.

    Attributes:
        cell: index of the output cell in the activation map.
        product: what P·W has there.
        definition: what the loop formula has there.
        only_in_product: the terms that only P·W has, or has more often.
        only_in_definition: the terms that only the loop formula has, or has more often.
    """

    cell: tuple[int, ...]
    product: sympy.Expr
    definition: sympy.Expr
    only_in_product: sympy.Expr
    only_in_definition: sympy.Expr

    def __str__(self) -> str:
        lines = [
            f"first differing cell: y{list(self.cell)}",
            f"  P·W          = {shortened(self.product)}",
            f"  loop formula = {shortened(self.definition)}",
        ]
        if (self.only_in_product, self.only_in_definition) != (self.product, self.definition):
            lines += [
                f"  only in P·W:          {shortened(self.only_in_product)}",
                f"  only in the formula:  {shortened(self.only_in_definition)}",
            ]
        return "\n".join(lines)


@dataclass(frozen=True, repr=False)
class Proof:
    """The verdict on one unrolling: truthy when P·W was proved equal to the loop formula.

    Attributes:
        holds: whether it was proved.
        tier: how far the verdict reaches.
        geometry: the sizes it is about.
        compared: how many entries of P·W were compared with the loop formula.
        products: how many products those entries hold, those with a padding zero included.
        route: which comparison decided.
        counterexample: where it first breaks; None when it holds.

    Examples:
        >>> from symconv.prove import prove
        >>> prove(Geometry(input_size=(3, 3), kernel_size=(2, 2)))
        Proved (tier: exact). All 4 entries of P·W equal the loop formula, as polynomials:
        16 products, for any values of the inputs and weights (route: factorised).
    """

    holds: bool
    tier: Tier
    geometry: Geometry
    compared: int
    products: int
    route: str
    counterexample: Counterexample | None = None

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        if self.counterexample is not None:
            return (
                f"Refuted (tier: {self.tier}) after {_counted(self.compared)} of P·W (route: {self.route});\n"
                f"{self.counterexample}"
            )
        return (
            f"Proved (tier: {self.tier}). All {_counted(self.compared)} of P·W equal the loop formula, "
            f"as polynomials:\n{self.products:,} products, for any values of the inputs and weights "
            f"(route: {self.route})."
        )


def shortened(polynomial: sympy.Expr) -> str:
    """A sum as text, with how many terms were left out if it is a long one."""
    terms = sympy.Add.make_args(polynomial)
    if len(terms) <= _MOST_TERMS:
        return str(polynomial)
    first = " + ".join(map(str, terms[: _MOST_TERMS // 2]))
    return f"{first} + … ({len(terms)} terms)"


def _counted(entries: int) -> str:
    return f"{entries:,} {'entry' if entries == 1 else 'entries'}"

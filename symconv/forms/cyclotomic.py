"""Exact sums of roots of unity: exponents modulo the order, compared through the cyclotomic polynomial.

A sum of powers of ω, a primitive root of unity, can be zero in many ways; but modulo the cyclotomic
polynomial, whose root ω is, it has one way of being written, and zero has no terms.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import lcm
from typing import Any

import sympy

from symconv.errors import ArrayError


@cache
def powers(order: int) -> tuple[tuple[int, ...], ...]:
    """Each power of ω as a combination of the first φ(order) powers, which are independent over ℚ.

    Source: Lang 2002, *Algebra*, chapter VI, theorem 3.1: the cyclotomic polynomial is irreducible.

    Examples:
        >>> powers(3)
        ((1, 0), (0, 1), (-1, -1))
    """
    *low, _ = map(int, reversed(sympy.cyclotomic_poly(order, polys=True).all_coeffs()))
    row = (1, *(0,) * (len(low) - 1))
    rows = []
    for _ in range(order):
        rows.append(row)
        row = tuple(a - row[-1] * b for a, b in zip((0, *row[:-1]), low, strict=True))
    return tuple(rows)


@dataclass(frozen=True, eq=False, repr=False)
class RootSum:
    """A rational combination of powers of ω = e^(−2πi/order), exactly.

    Attributes:
        order: the order of ω.
        terms: the coefficient of each power that occurs, by exponent from 0 to order − 1.

    Examples:
        >>> i = RootSum.power(4, -1)
        >>> i, i * i, i * i == RootSum(4, {0: -1})
        (I, -1, True)
        >>> RootSum(3, {0: 1, 1: 1, 2: 1}) == RootSum(3, {})
        True
    """

    order: int
    terms: Mapping[int, Any]

    @classmethod
    def power(cls, order: int, exponent: int, coefficient: Any = 1) -> "RootSum":
        """One power of ω, times a number."""
        return cls(order, {exponent % order: coefficient})

    @classmethod
    def total(cls, order: int, parts: Iterable["RootSum"]) -> "RootSum":
        """The sum of many."""
        terms: dict[int, Any] = {}
        for part in parts:
            for exponent, coefficient in part.terms.items():
                terms[exponent] = terms.get(exponent, 0) + coefficient
        return cls(order, terms)

    def __mul__(self, other: "RootSum") -> "RootSum":
        if len(self.terms) == len(other.terms) == 1:  # as nearly all are
            ((e, a),), ((f, b),) = self.terms.items(), other.terms.items()
            return RootSum(self.order, {(e + f) % self.order: a * b})
        return RootSum.total(
            self.order,
            (
                RootSum.power(self.order, e + f, a * b)
                for e, a in self.terms.items()
                for f, b in other.terms.items()
            ),
        )

    def conjugate(self) -> "RootSum":
        """The complex conjugate: every exponent with the other sign."""
        return RootSum(self.order, {-e % self.order: a for e, a in self.terms.items()})

    def over(self, number: int) -> "RootSum":
        """This divided by an integer."""
        return RootSum(self.order, {e: Fraction(a, number) for e, a in self.terms.items()})

    def reduced(self) -> tuple[Any, ...]:
        """The coefficients of the first φ(order) powers, of which there is only one choice."""
        rows = powers(self.order)
        found: list[Any] = [0] * len(rows[0])
        for exponent, coefficient in self.terms.items():
            for column, times in enumerate(rows[exponent]):
                if times:
                    found[column] += times * coefficient
        return tuple(found)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RootSum) or self.order != other.order:
            return NotImplemented
        return self.terms == other.terms or self.reduced() == other.reduced()

    __hash__ = None  # type: ignore[assignment]

    def expression(self) -> sympy.Expr:
        """The same number for SymPy, fully reduced if that leaves fewer terms."""
        short = {e: a for e, a in enumerate(self.reduced()) if a}
        terms = short if len(short) < len(self.terms) else self.terms
        return sympy.Add(*(sympy.sympify(a) * root(self.order, e) for e, a in terms.items()))

    def __repr__(self) -> str:
        return str(self.expression())


def root(order: int, exponent: int) -> sympy.Expr:
    """The power of ω = e^(−2πi/order) as SymPy writes it: 1, −1, ±i, or an exponential.

    Examples:
        >>> root(4, 1), root(6, 3), root(3, 1)
        (-I, -1, exp(-2*I*pi/3))
    """
    return sympy.exp(-2 * sympy.pi * sympy.I * sympy.Rational(exponent, order))


def read_roots(entries: Iterable[Any], order: int, name: str) -> tuple[int, list[RootSum]]:
    """A caller's numbers as sums of roots of unity, of one order that holds them all.

    Args:
        entries: rational numbers, roots of unity as SymPy writes them, and sums of their products.
        order: an order that the common one is to be a multiple of.
        name: the argument's name, for the message.

    Raises:
        ArrayError: an entry is not such a sum.

    Examples:
        >>> read_roots([sympy.I / 2, 3], 2, "matrix")
        (4, [I/2, 3])
    """
    turns = [_turns(entry, name) for entry in entries]
    for entry in turns:
        for turn, _ in entry:
            order = lcm(order, turn.denominator)
    return order, [
        RootSum.total(order, (RootSum.power(order, int(turn * order), a) for turn, a in entry))
        for entry in turns
    ]


def _turns(entry: Any, name: str) -> list[tuple[Fraction, Fraction]]:
    """The terms of a number, each as a part of a turn clockwise and a coefficient."""
    value = sympy.sympify(entry, strict=True)
    found = []
    for term in sympy.Add.make_args(sympy.expand(value, power_exp=False)):
        turn, coefficient = Fraction(0), Fraction(1)
        for part in sympy.Mul.make_args(term):
            angle = _turn(part)
            if part.is_Rational:
                coefficient *= Fraction(int(part.p), int(part.q))
            elif angle is not None:
                turn -= Fraction(int(angle.p), int(angle.q))
            else:
                raise ArrayError(
                    f"{name} holds {entry}, which is no sum of roots of unity with rational coefficients: "
                    "give such numbers, written with sympy.exp(2*pi*I*k/n), sympy.I and fractions"
                )
        found.append((turn % 1, coefficient))
    return found


def _turn(part: sympy.Expr) -> Any:
    """The rational part of a turn that i, an exponential or a power of −1 stands for; None for all else."""
    if part == sympy.I:
        return sympy.Rational(1, 4)
    if isinstance(part, sympy.exp):
        angle = part.args[0] / (2 * sympy.pi * sympy.I)
    else:
        angle = part.exp / 2 if part.is_Pow and part.base == -1 else None
    return angle if angle is not None and angle.is_Rational else None

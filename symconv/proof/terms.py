"""Integer terms: polynomials in letters, quotients and remainders, the language that theorems are written in.

A term is kept as the sum of its monomials, so two polynomials that are equal are the same term. Quotients
and remainders stay as they are written: taking one apart is a step of a proof, with a side condition, and
never something that arithmetic does by itself.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import index
from typing import Any, Union

from symconv.errors import RequestError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*'*")
Whole = Union["Term", int]
Values = Mapping[Any, Whole]  # of letters, quotients and remainders
Monomial = tuple["Atom", ...]  # factors in order, repeated for a power; empty for the constant


@dataclass(frozen=True)
class Digit:
    """A quotient or remainder of floor division, which is not taken apart.

    Attributes:
        kind: ``"//"`` or ``"%"``.
        number: what is divided.
        radix: what it is divided by.
    """

    kind: str
    number: "Term"
    radix: "Term"

    def __str__(self) -> str:
        over, under = (f"({t})" if len(t.coefficients) > 1 else str(t) for t in (self.number, self.radix))
        return f"({over} {self.kind} {under})"

    @cached_property
    def key(self) -> str:
        """What it is sorted by among a monomial's factors."""
        return str(self)

    def __hash__(self) -> int:
        return hash((self.kind, self.number, self.radix))


Atom = str | Digit


class Term:
    """A polynomial with integer coefficients over letters, quotients and remainders.

    Examples:
        >>> i, j, KW = letter("i"), letter("j"), letter("KW")
        >>> (i + 1) * KW - KW
        KW·i
        >>> (i * KW + j) // KW, (i * KW + j) % KW
        (((KW·i + j) // KW), ((KW·i + j) % KW))
    """

    __slots__ = ("_hash", "coefficients")

    def __init__(self, coefficients: Mapping[Monomial, int]) -> None:
        self.coefficients = coefficients
        self._hash: int | None = None

    @staticmethod
    def of(value: Whole) -> "Term":
        """The term of a whole number; a term as it is.

        Raises:
            TypeError: neither.
        """
        return value if isinstance(value, Term) else Term({(): index(value)} if value else {})

    @property
    def constant(self) -> int | None:
        """Its value, if it has no letters."""
        if not self.coefficients:
            return 0
        return self.coefficients[()] if len(self.coefficients) == 1 and () in self.coefficients else None

    def __add__(self, other: Whole) -> "Term":
        total = dict(self.coefficients)
        for monomial, times in Term.of(other).coefficients.items():
            if together := total.get(monomial, 0) + times:
                total[monomial] = together
            else:
                del total[monomial]
        return Term(total)

    def __mul__(self, other: Whole) -> "Term":
        right = Term.of(other).coefficients
        total: dict[Monomial, int] = {}
        for one, times in self.coefficients.items():
            for two, more in right.items():
                monomial = tuple(sorted((*one, *two), key=_key)) if one and two else one or two
                total[monomial] = total.get(monomial, 0) + times * more
        return Term({monomial: times for monomial, times in total.items() if times})

    def __neg__(self) -> "Term":
        return Term({monomial: -times for monomial, times in self.coefficients.items()})

    def __sub__(self, other: Whole) -> "Term":
        return self + -Term.of(other)

    def __rsub__(self, other: Whole) -> "Term":
        return -self + other

    __radd__ = __add__
    __rmul__ = __mul__

    def __floordiv__(self, other: Whole) -> "Term":
        return _digit("//", self, Term.of(other))

    def __rfloordiv__(self, other: Whole) -> "Term":
        return _digit("//", Term.of(other), self)

    def __mod__(self, other: Whole) -> "Term":
        return _digit("%", self, Term.of(other))

    def __rmod__(self, other: Whole) -> "Term":
        return _digit("%", Term.of(other), self)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int):
            return self.constant == other
        return isinstance(other, Term) and self.coefficients == other.coefficients

    def __hash__(self) -> int:
        if self._hash is None:
            constant = self.constant
            whole = frozenset(self.coefficients.items())
            self._hash = hash(whole if constant is None else constant)
        return self._hash

    def __repr__(self) -> str:
        return self.written(str, lambda factors: "·".join(factors))

    def monomials(self) -> Iterator[tuple[Monomial, int]]:
        """The monomials with their coefficients, those of the most factors first, the constant last."""
        order = sorted(self.coefficients, key=lambda m: (-len(m), [_key(a) for a in m]))
        return ((monomial, self.coefficients[monomial]) for monomial in order)

    def written(self, atom: Any, product: Any) -> str:
        """The term as text.

        Args:
            atom: writes a letter, a quotient or a remainder.
            product: joins the factors of a monomial, which are already written.
        """
        parts: list[str] = []
        for monomial, times in sorted(self.monomials(), key=lambda pair: pair[1] < 0):
            factors = [atom(a) for a in monomial]
            if abs(times) != 1 or not factors:
                factors.insert(0, str(abs(times)))
            sign = ("- " if parts else "-") if times < 0 else ("+ " if parts else "")
            parts.append(f"{sign}{product(factors)}")
        return " ".join(parts) or "0"

    def atoms(self) -> set[Atom]:
        """Its letters, quotients and remainders, not those inside of these."""
        return {atom for monomial in self.coefficients for atom in monomial}

    def letters(self) -> set[str]:
        """All its letters, those inside quotients and remainders too."""
        found: set[str] = set()
        for atom in self.atoms():
            found |= {atom} if isinstance(atom, str) else atom.number.letters() | atom.radix.letters()
        return found

    def digits(self) -> set[Digit]:
        """All its quotients and remainders, those inside of these too."""
        found: set[Digit] = set()
        for atom in self.atoms():
            if isinstance(atom, Digit):
                found |= {atom} | atom.number.digits() | atom.radix.digits()
        return found

    def replace(self, values: Values) -> "Term":
        """The term with letters, quotients or remainders replaced, inside of quotients too.

        Examples:
            >>> q, KW = letter("q"), letter("KW")
            >>> (q // KW + q).replace({"q": KW * 2})
            (2·KW // KW) + 2·KW
        """
        if not any(not isinstance(atom, str) or atom in values for atom in self.atoms()):
            return self
        total = Term({})
        for monomial, times in self.coefficients.items():
            product = Term({(): times})
            kept: list[Atom] = []
            for atom in monomial:
                new = _replaced(atom, values)
                if isinstance(new, Term):
                    product = product * new
                else:
                    kept.append(new)
            total = total + (product * Term({tuple(kept): 1}) if kept else product)
        return total

    def value(self, numbers: Mapping[str, int]) -> int:
        """Its value where each letter is a number.

        Raises:
            ZeroDivisionError: a divisor is zero.

        Examples:
            >>> (letter("q") // 3).value({"q": -1})
            -1
        """
        total = 0
        for monomial, times in self.coefficients.items():
            for atom in monomial:
                times *= numbers[atom] if isinstance(atom, str) else _value(atom, numbers)
            total += times
        return total


def letter(name: str) -> Term:
    """The term that is one letter.

    Raises:
        RequestError: it is no name; so it is none that a proof makes for itself either.

    Examples:
        >>> letter("K_W") + 1
        K_W + 1
    """
    if not _NAME.fullmatch(name):
        raise RequestError(f"name={name!r} is no letter: give an ASCII name, with primes at its end if any")
    return Term({(name,): 1})


def name_of(term: Term) -> str:
    """The name of a term that is one letter.

    Examples:
        >>> name_of(letter("KH"))
        'KH'
    """
    ((monomial, _),) = term.coefficients.items()
    (name,) = monomial
    return str(name)


def letters(names: str) -> Iterable[Term]:
    """Several letters at once, their names apart by spaces.

    Examples:
        >>> list(letters("KH KW"))
        [KH, KW]
    """
    return map(letter, names.split())


def divided(number: Term, radix: Term) -> tuple[Term, Term]:
    """The part of a term that is a multiple of the radix as it stands, divided by it; and what is left.

    Examples:
        >>> c, i, KH = letters("c i KH")
        >>> divided(c * KH + i, KH)
        (c, i)
    """
    if len(radix.coefficients) != 1:
        return (Term.of(1), Term.of(0)) if number == radix else (Term.of(0), number)
    ((factors, times),) = radix.coefficients.items()
    multiple: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for monomial, coefficient in number.coefficients.items():
        left = list(monomial)
        for factor in factors:
            if factor in left:
                left.remove(factor)
        if len(left) == len(monomial) - len(factors) and coefficient % times == 0:
            multiple[tuple(left)] = coefficient // times
        else:
            rest[monomial] = coefficient
    return Term(multiple), Term(rest)


def _key(atom: Atom) -> str:
    return atom if isinstance(atom, str) else atom.key


def _digit(kind: str, number: Term, radix: Term) -> Term:
    """A quotient or remainder; division by one, and of numbers, is arithmetic."""
    if radix == 1:
        return number if kind == "//" else Term({})
    over, under = number.constant, radix.constant
    if over is not None and under:
        return Term.of(over // under if kind == "//" else over % under)
    return Term({(Digit(kind, number, radix),): 1})


def _replaced(atom: Atom, values: Values) -> Atom | Term:
    if (new := values.get(atom)) is not None:
        return Term.of(new)
    if isinstance(atom, str):
        return atom
    number, radix = atom.number.replace(values), atom.radix.replace(values)
    return atom if number == atom.number and radix == atom.radix else _digit(atom.kind, number, radix)


def _value(atom: Digit, numbers: Mapping[str, int]) -> int:
    number, radix = atom.number.value(numbers), atom.radix.value(numbers)
    return number // radix if atom.kind == "//" else number % radix

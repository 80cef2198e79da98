"""What a proof may assume and must show: comparisons of integer terms, and conditions made of them.

A condition says that one comparison follows from others, for all integers. Here it is only stated, tried on
numbers, and written as SMT-LIB; ``entailment`` is what proves it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from symconv.errors import RequestError
from symconv.proof.terms import Digit, Term, Values, Whole

_MOST_VISITS = 300_000  # of a search for a counterexample
_HOLDS = {"<=": int.__le__, "<": int.__lt__, "=": int.__eq__}


@dataclass(frozen=True)
class Fact:
    """A comparison of two terms: ``left ≤ right``, ``left < right`` or ``left = right``.

    Attributes:
        left: a term.
        relation: ``"<="``, ``"<"`` or ``"="``.
        right: a term.
    """

    left: Term
    relation: str
    right: Term

    def __post_init__(self) -> None:
        if self.relation not in _HOLDS:
            raise RequestError(f"relation={self.relation!r} is unknown: use one of {', '.join(_HOLDS)}")

    @cached_property
    def margin(self) -> Term:
        """What is at least 0 exactly when the comparison holds; for an equality, what is 0."""
        return self.right - self.left - (1 if self.relation == "<" else 0)

    @property
    def evident(self) -> bool:
        """Whether it is true of numbers alone."""
        constant = self.margin.constant
        return constant is not None and (constant == 0 if self.relation == "=" else constant >= 0)

    def replace(self, values: Values) -> "Fact":
        """The comparison with letters replaced."""
        return Fact(self.left.replace(values), self.relation, self.right.replace(values))

    def letters(self) -> set[str]:
        """All letters on either side."""
        return self.left.letters() | self.right.letters()

    def digits(self) -> set[Digit]:
        """All quotients and remainders on either side."""
        return self.left.digits() | self.right.digits()

    def holds(self, numbers: Mapping[str, int]) -> bool:
        """Whether it is true where each letter is a number; false where it divides by zero."""
        try:
            return bool(_HOLDS[self.relation](self.left.value(numbers), self.right.value(numbers)))
        except ZeroDivisionError:
            return False

    def __str__(self) -> str:
        sign = "≤" if self.relation == "<=" else self.relation
        return f"{self.left} {sign} {self.right}"


def at_most(left: Whole, right: Whole) -> Fact:
    """The comparison left ≤ right."""
    return Fact(Term.of(left), "<=", Term.of(right))


def less(left: Whole, right: Whole) -> Fact:
    """The comparison left < right."""
    return Fact(Term.of(left), "<", Term.of(right))


def equal(left: Whole, right: Whole) -> Fact:
    """The comparison left = right."""
    return Fact(Term.of(left), "=", Term.of(right))


def within(index: Whole, size: Whole) -> tuple[Fact, Fact]:
    """The two comparisons 0 ≤ index < size.

    Examples:
        >>> from symconv.proof.terms import letter
        >>> print(*within(letter("i"), letter("KH")), sep=", ")
        0 ≤ i, i < KH
    """
    return at_most(0, index), less(index, size)


@dataclass(frozen=True)
class Condition:
    """A comparison that must follow from others: a side condition of a step.

    Attributes:
        given: what may be assumed.
        claim: what must follow for all integers that satisfy it.
        purpose: what it is needed for, in a few words.
    """

    given: tuple[Fact, ...]
    claim: Fact
    purpose: str

    @cached_property
    def relevant(self) -> tuple[Fact, ...]:
        """The assumptions that share letters with the claim, also through others; itself if assumed."""
        if self.claim in self.given:
            divisors = {name for digit in self.claim.digits() for name in digit.radix.letters()}
            about = (f for f in self.given if f.letters() and f.letters() <= divisors)
            return tuple(dict.fromkeys((*about, self.claim)))
        wanted, left, kept = self.claim.letters(), [*dict.fromkeys(self.given)], set()
        while touched := [fact for fact in left if fact.letters() & wanted]:
            kept.update(touched)
            left = [fact for fact in left if fact not in kept]
            wanted = wanted.union(*(fact.letters() for fact in touched))
        return tuple(fact for fact in dict.fromkeys(self.given) if fact in kept)

    def counterexample(self, largest: int = 5) -> dict[str, int] | None:
        """Numbers up to ``largest`` for which the assumptions hold and the claim does not, small ones first.

        Examples:
            >>> from symconv.proof.terms import letter
            >>> i, KH = letter("i"), letter("KH")
            >>> Condition(within(i, KH), less(i + 1, KH), "an example").counterexample()
            {'KH': 1, 'i': 0}
        """
        search = _Search(self.relevant, self.claim)
        others = _Search([f for f in self.given if f not in self.relevant], at_most(1, 0))
        for most in range(1, largest + 1):
            if search.up_to(most):
                possible = any(others.up_to(up_to) for up_to in range(1, largest + 1))
                return {name: search.numbers[name] for name in sorted(search.names)} if possible else None
        return None

    def __str__(self) -> str:
        return str(self.claim)


class _Search:
    """Looks for numbers that satisfy facts and break a claim: its letters first, then the others."""

    def __init__(self, facts: Sequence[Fact], claim: Fact) -> None:
        used = {
            name: sum(name in fact.letters() for fact in facts)
            for fact in (*facts, claim)
            for name in fact.letters()
        }
        self.names = sorted(used, key=lambda name: (name not in claim.letters(), -used[name], name))
        self.claim, self.claim_known = claim, len(claim.letters())
        self.due: list[list[Fact]] = [[] for _ in range(len(self.names) + 1)]
        for fact in facts:
            self.due[max((self.names.index(name) + 1 for name in fact.letters()), default=0)].append(fact)
        self.numbers: dict[str, int] = {}
        self.visits = 0

    def up_to(self, most: int, depth: int = 0) -> bool:
        """Whether there are such numbers up to ``most``; they are then in ``numbers``."""
        if depth == 0 and not all(fact.holds({}) for fact in self.due[0]):
            return False
        if depth == self.claim_known and self.claim.holds(self.numbers):
            return False
        if depth == len(self.names):
            return True
        for number in range(most + 1):
            self.visits += 1
            self.numbers[self.names[depth]] = number
            if self.visits > _MOST_VISITS:
                return False
            if all(f.holds(self.numbers) for f in self.due[depth + 1]) and self.up_to(most, depth + 1):
                return True
        return False


def conditions(given: Iterable[Fact], claims: Iterable[Fact], purpose: str) -> Iterator[Condition]:
    """One condition for each claim that is not true of numbers alone, all under the same assumptions."""
    known = tuple(given)
    return (Condition(known, c, purpose) for c in claims if not c.evident)

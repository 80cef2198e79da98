"""What a proof may assume and must show: comparisons of integer terms, and conditions made of them.

A condition says that one comparison follows from others, for all integers. Here it is only stated, tried on
numbers, and written as SMT-LIB; ``entailment`` is what proves it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from symconv.proof.terms import Atom, Digit, Term, Whole

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

    @cached_property
    def margin(self) -> Term:
        """What is at least 0 exactly when the comparison holds; for an equality, what is 0."""
        return self.right - self.left - (1 if self.relation == "<" else 0)

    @property
    def evident(self) -> bool:
        """Whether it is true of numbers alone."""
        constant = self.margin.constant
        return constant is not None and (constant == 0 if self.relation == "=" else constant >= 0)

    def replace(self, values: Mapping[Atom, Whole]) -> "Fact":
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
        """The assumptions that share letters with the claim, directly or through others."""
        wanted, left, kept = self.claim.letters(), [*dict.fromkeys(self.given)], set()
        while touched := [fact for fact in left if fact.letters() & wanted]:
            kept.update(touched)
            left = [fact for fact in left if fact not in kept]
            wanted = wanted.union(*(fact.letters() for fact in touched))
        return tuple(fact for fact in dict.fromkeys(self.given) if fact in kept)

    def counterexample(self, largest: int = 5) -> dict[str, int] | None:
        """The first numbers up to ``largest`` for which the assumptions hold and the claim does not.

        Examples:
            >>> from symconv.proof.terms import letter
            >>> i, KH = letter("i"), letter("KH")
            >>> Condition(within(i, KH), less(i + 1, KH), "an example").counterexample()
            {'KH': 1, 'i': 0}
        """
        facts = [*self.relevant, self.claim]
        names = _in_order_of_use(facts)
        assigned: dict[str, int] = {}
        due = _when_known(self.relevant, names)

        def search(depth: int) -> bool:
            if depth == len(names):
                return not self.claim.holds(assigned)
            for number in range(largest + 1):
                assigned[names[depth]] = number
                if all(fact.holds(assigned) for fact in due[depth]) and search(depth + 1):
                    return True
            assigned.pop(names[depth], None)
            return False

        return {name: assigned[name] for name in sorted(names)} if search(0) else None

    def __str__(self) -> str:
        return str(self.claim)


def _in_order_of_use(facts: Sequence[Fact]) -> list[str]:
    """The letters of some facts, sizes before what they bound, so that a search can stop early."""
    names = sorted({name for fact in facts for name in fact.letters()})
    degree = {name: sum(name in fact.letters() for fact in facts) for name in names}
    return sorted(names, key=lambda name: (-degree[name], name))


def _when_known(facts: Iterable[Fact], names: Sequence[str]) -> list[list[Fact]]:
    """For each letter, the facts that have all their letters once it is known."""
    place = {name: depth for depth, name in enumerate(names)}
    due: list[list[Fact]] = [[] for _ in names]
    for fact in facts:
        if letters := fact.letters():
            due[max(place[name] for name in letters)].append(fact)
    return due


def conditions(given: Iterable[Fact], claims: Iterable[Fact], purpose: str) -> Iterator[Condition]:
    """One condition for each claim, all under the same assumptions."""
    known = tuple(given)
    return (Condition(known, claim, purpose) for claim in claims)

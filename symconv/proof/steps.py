"""The four rules by which a theorem's sides may change, each with the side conditions that make it right.

* **unfold**: an array's entry is replaced by its definition, where the indices lie within the array.
* **digits**: ``(a·m + b) // m`` is ``a + b // m`` and ``(a·m + b) % m`` is ``b % m``, where ``1 ≤ m``;
  and ``b // m`` is 0 and ``b % m`` is ``b``, where ``0 ≤ b < m``.
* **re-index**: a sum runs over other indices, along a bijection whose range and inverse hold.
* **differentiate**: the derivative of a sum in which an array's entry stands once is the sum of what
  stands beside it, over the places where it is the entry in question.

There is no other rule. A step only says what changes; ``entailment`` decides whether its conditions hold.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from symconv.proof.entailment import follows, follows_nearby
from symconv.proof.facts import Condition, Fact, at_most, conditions, equal, within
from symconv.proof.sums import Definition, Index, Read, Sum
from symconv.proof.terms import Digit, Term, Whole, divided, letter


@dataclass(frozen=True)
class Step:
    """One change to one side of a theorem.

    Attributes:
        rule: ``"unfold"``, ``"digits"``, ``"re-index"``, ``"differentiate"`` or ``"compare"``.
        side: ``"left"``, ``"right"`` or ``"both"``.
        words: what changes, in a sentence.
        before: the side before it.
        after: the side after it.
        conditions: what makes it right.
        mistake: why the rule does not apply at all; empty where it does.
    """

    rule: str
    side: str
    words: str
    before: Sum
    after: Sum
    conditions: tuple[Condition, ...]
    mistake: str = ""


@dataclass(frozen=True)
class Unfold:
    """Replace every entry of an array by its definition."""

    array: str

    def apply(self, side: str, before: Sum, given: tuple[Fact, ...], known: Mapping[str, Definition]) -> Step:
        """The step from ``before``, under assumptions, with the definitions known."""
        definition = known.get(self.array)
        by_itself = before.by is not None and before.by.array == self.array
        if definition is None or by_itself:
            mistake = (
                f"the derivative is by {self.array} itself" if by_itself else f"{self.array} is any array"
            )
            return Step("unfold", side, "", before, before, (), mistake)
        needed: list[Condition] = []
        after = before
        while (read := next((f for f in after.factors if f.array == self.array), None)) is not None:
            context = (*given, *after.facts())
            needed += conditions(context, definition.facts(read.indices), f"{self.array} has that entry")
            taken = _letters(given, after)
            body = definition.at(read.indices, taken)
            place = after.factors.index(read)
            after = replace(
                after,
                factors=(*after.factors[:place], *body.factors, *after.factors[place + 1 :]),
                indices=(*after.indices, *body.indices),
                where=(*after.where, *body.where),
            )
        mistake = "" if after != before else f"{self.array} does not occur"
        words = f"Write out {definition.words}."
        return Step("unfold", side, words, before, after, tuple(needed), mistake)


@dataclass(frozen=True)
class Digits:
    """Take quotients and remainders apart wherever the dividend is a multiple of the divisor, plus a rest."""

    def apply(
        self, side: str, before: Sum, given: tuple[Fact, ...], _known: Mapping[str, Definition]
    ) -> Step:
        """The step from ``before``, under assumptions.

        What may be assumed differs from place to place: a size is there before its index is, and a
        comparison may not be simplified by itself.
        """
        needed: list[Condition] = []
        indices = tuple(Index(i.name, _apart(i.size, given, needed)) for i in before.indices)
        known = (*given, *(f for i in indices for f in i.facts()))
        where = list(before.where)
        for place, fact in enumerate(where):
            others = (*known, *where[:place], *where[place + 1 :])
            where[place] = Fact(
                _apart(fact.left, others, needed), fact.relation, _apart(fact.right, others, needed)
            )
        known = (*known, *where)
        factors, by = (
            [Read(r.array, tuple(_apart(i, context, needed) for i in r.indices)) for r in reads]
            for reads, context in ((before.factors, known), ([before.by] if before.by else [], given))
        )
        after = Sum(tuple(factors), indices, tuple(where), by[0] if by else None)
        return Step("digits", side, "Take the digits apart.", before, after, tuple(dict.fromkeys(needed)))


def _apart(term: Term, given: tuple[Fact, ...], needed: list[Condition]) -> Term:
    """A term with its quotients and remainders taken apart, and what that needs, added to a list."""
    kept: set[Digit] = set()
    while open_digits := [d for d in term.digits() - kept if d.number.digits() | d.radix.digits() <= kept]:
        digit = min(open_digits, key=lambda d: d.key)
        whole, rest = divided(digit.number, digit.radix)
        quotient, remainder = rest // digit.radix, rest % digit.radix
        in_range = tuple(conditions(given, within(rest, digit.radix), f"{rest} is the remainder"))
        if all(map(follows if whole.coefficients else follows_nearby, in_range)):
            needed += in_range
            quotient, remainder = Term.of(0), rest
        elif whole.coefficients:
            needed += conditions(given, [at_most(1, digit.radix)], "the divisor is positive")
        else:
            kept.add(digit)  # it is as simple as it can be
            continue
        term = term.replace({digit: whole + quotient if digit.kind == "//" else remainder})
    return term


@dataclass(frozen=True)
class Reindex:
    """Sum over other indices.

    Attributes:
        old: names of the indices that go.
        new: the indices that come, with their sizes.
        forward: what each old index is in terms of the new ones (and of what stays).
        inverse: what each new index is in terms of the old ones (and of what stays).
        where: the comparisons afterwards; None for the ones there were, with ``forward`` put in.
        words: what it is, in a sentence.
    """

    old: tuple[str, ...]
    new: tuple[Index, ...]
    forward: Mapping[str, Whole]
    inverse: Mapping[str, Whole]
    where: tuple[Fact, ...] | None = None
    words: str = ""

    def apply(
        self, side: str, before: Sum, given: tuple[Fact, ...], _known: Mapping[str, Definition]
    ) -> Step:
        """The step from ``before``, under assumptions."""
        missing = set(self.old) - {i.name for i in before.indices}
        clash = {i.name for i in self.new} & (_letters(given, before) - set(self.old))
        forward = {name: Term.of(self.forward[name]) for name in self.old}
        inverse = {i.name: Term.of(self.inverse[i.name]) for i in self.new}
        mistake = self._strays(before, forward, inverse)
        if clash or before.by is not None:
            mistake = "the indices clash" if clash else "a derivative is still to be carried out"
        if missing:
            mistake = f"the sum has no index {', '.join(sorted(missing))}"
        if mistake:
            return Step("re-index", side, self.words, before, before, (), mistake)
        stay = tuple(i for i in before.indices if i.name not in self.old)
        after = replace(before, indices=stay).replace(forward)
        after = replace(after, indices=(*self.new, *after.indices))
        if self.where is not None:
            after = replace(after, where=self.where)
        needed = (*self._into(before, after, forward, given), *self._back(before, after, inverse, given))
        needed += (*self._inverses(before, after, forward, inverse, given),)
        needed += (*self._divisors(forward, inverse, given),)
        return Step("re-index", side, self.words, before, after, tuple(dict.fromkeys(needed)))

    def _strays(self, before: Sum, forward: Mapping[str, Term], inverse: Mapping[str, Term]) -> str:
        """What mentions an index on the wrong side of the change; empty if nothing does."""
        new, old = {i.name for i in self.new}, set(self.old)
        stay = {i.name for i in before.indices} - old
        where = [t for fact in self.where or () for t in (fact.left, fact.right)]
        for terms, gone in (
            ([*forward.values(), *where], old - new),
            (list(inverse.values()), new - old),
            ([i.size for i in self.new], old | new | stay),
        ):
            if strays := {name for term in terms for name in term.letters()} & gone:
                return f"{', '.join(sorted(strays))} means nothing there"
        return ""

    def _divisors(
        self, forward: Mapping[str, Term], inverse: Mapping[str, Term], given: tuple[Fact, ...]
    ) -> Iterator[Condition]:
        """What is divided by, in the change itself, is positive."""
        where = [t for fact in self.where or () for t in (fact.left, fact.right)]
        digits = {d for term in (*forward.values(), *inverse.values(), *where) for d in term.digits()}
        radices = sorted({d.radix for d in digits}, key=str)
        return conditions(given, [at_most(1, radix) for radix in radices], "the divisor is positive")

    def _into(
        self, before: Sum, after: Sum, forward: Mapping[str, Term], given: tuple[Fact, ...]
    ) -> Iterator[Condition]:
        """Each place of the new sum is one of the old sum."""
        claims = [f.replace(forward) for i in before.indices if i.name in self.old for f in i.facts()]
        if self.where is not None:  # else they are the old ones as they stand
            claims += [f.replace(forward) for f in before.where]
        return _under(given, after, claims, "the new places are old ones")

    def _back(
        self, before: Sum, after: Sum, inverse: Mapping[str, Term], given: tuple[Fact, ...]
    ) -> Iterator[Condition]:
        """Each place of the old sum is one of the new sum."""
        claims = [f.replace(inverse) for i in self.new for f in i.facts()]
        if self.where is not None:  # else they are the old ones, at a place that is the old one again
            claims += [f.replace(inverse) for f in after.where]
        return _under(given, before, claims, "the old places are new ones")

    def _inverses(
        self,
        before: Sum,
        after: Sum,
        forward: Mapping[str, Term],
        inverse: Mapping[str, Term],
        given: tuple[Fact, ...],
    ) -> Iterator[Condition]:
        """There and back is where one was, both ways."""
        there = [equal(t.replace(forward), letter(name)) for name, t in inverse.items()]
        back = [equal(t.replace(inverse), letter(name)) for name, t in forward.items()]
        yield from _under(given, after, there, "there and back is the same place")
        yield from _under(given, before, back, "back and there is the same place")


@dataclass(frozen=True)
class Differentiate:
    """Carry the derivative out."""

    def apply(self, side: str, before: Sum, given: tuple[Fact, ...], known: Mapping[str, Definition]) -> Step:
        """The step from ``before``: the entry's array stands there once, and nothing else is made of it."""
        by = before.by
        places = [f for f in before.factors if by is not None and f.array == by.array]
        if by is None or len(places) != 1:
            mistake = (
                "there is no derivative" if by is None else f"{by.array} stands there {len(places)} times"
            )
            return Step("differentiate", side, "", before, before, (), mistake)
        made = [f.array for f in before.factors if f is not places[0] and reaches(f.array, by.array, known)]
        if made or by.array in known:
            mistake = f"{(made or [by.array])[0]} is still to be written out"
            return Step("differentiate", side, "", before, before, (), mistake)
        same = tuple(equal(i, j) for i, j in zip(places[0].indices, by.indices, strict=True))
        others = tuple(f for f in before.factors if f is not places[0])
        after = Sum(others, before.indices, (*before.where, *same))
        words = f"Differentiate: only the products in which {by.array} has these indices count."
        return Step("differentiate", side, words, before, after, ())


Rule = Unfold | Digits | Reindex | Differentiate
RULES = (Unfold, Digits, Reindex, Differentiate)  # there is no other


def reaches(array: str, other: str, known: Mapping[str, Definition]) -> bool:
    """Whether an array is another, or is defined by it, directly or through others."""
    waiting, seen = [array], set[str]()
    while waiting:
        name = waiting.pop()
        if name == other:
            return True
        if name in known and name not in seen:
            seen.add(name)
            waiting += [f.array for f in known[name].body.factors]
    return False


def compare(left: Sum, right: Sum, given: tuple[Fact, ...]) -> Step:
    """The last step: the two sides have the same indices, comparisons and entries."""
    words = "Compare both sides, index by index and entry by entry, in whatever order the factors are."
    mistake = _different_shape(left, right)
    if mistake:
        return Step("compare", "both", words, left, right, (), mistake)
    context = (*given, *left.facts())
    sizes = {i.name: i.size for i in right.indices}
    other = [equal(i.size, sizes[i.name]) for i in left.indices if i.size != sizes[i.name]]
    needed = [*conditions(given, other, "the ranges are the same")]
    claims: list[Fact] = []
    for one, two in zip(_sorted(left), _sorted(right), strict=True):
        claims += [equal(i, j) for i, j in zip(one.indices, two.indices, strict=True) if i != j]
    needed += conditions(context, claims, "the entries are the same")
    needed += conditions(context, _without(right.where, left.where), "the same places are summed")
    back = (*given, *right.facts())
    needed += conditions(back, _without(left.where, right.where), "the same places are summed")
    return Step("compare", "both", words, left, right, tuple(needed))


def _under(given: tuple[Fact, ...], summed: Sum, claims: list[Fact], purpose: str) -> Iterator[Condition]:
    """What claims about a place of a sum need: their digits taken apart, and of what is known no more."""
    known = (*given, *(f for i in summed.indices for f in i.facts()))
    for claim in claims:
        needed: list[Condition] = []
        plain = Fact(_apart(claim.left, known, needed), claim.relation, _apart(claim.right, known, needed))
        yield from needed
        for condition in conditions(known, [plain], purpose):
            yield condition if follows(condition) else Condition((*known, *summed.where), plain, purpose)


def _different_shape(left: Sum, right: Sum) -> str:
    if left.by != right.by or left.by is not None:
        return "a derivative is still to be carried out"
    names = [{i.name for i in side.indices} for side in (left, right)]
    if names[0] != names[1]:
        only = [", ".join(sorted(a - b)) or "none" for a, b in (names, names[::-1])]
        return f"the sums run over other indices: {only[0]} only on the left, {only[1]} only on the right"
    arrays = [[f.array for f in _sorted(side)] for side in (left, right)]
    return "" if arrays[0] == arrays[1] else "the products have other factors"


def _sorted(side: Sum) -> list[Read]:
    return sorted(side.factors, key=lambda f: (f.array, str(f.indices)))


def _letters(given: tuple[Fact, ...], side: Sum) -> set[str]:
    """All letters that mean something already."""
    used = {name for term in side.terms() for name in term.letters()}
    return used.union(*(f.letters() for f in given), (i.name for i in side.indices))


def _without(claims: tuple[Fact, ...], known: tuple[Fact, ...]) -> list[Fact]:
    return [c for c in claims if c not in known]

"""Does a comparison follow from others, for all integers? A sound and small prover for side conditions.

Quotients and remainders become letters with what defines them: ``t = m·(t // m) + (t % m)`` and
``0 ≤ t % m < m``. An equality is solved for a letter that stands by itself. A comparison such as ``i < KH``
is solved for its larger side with a new letter that is at least 0 (``KH = i + 1 + e``), and put into the
others, until all letters that are left are free and at least 0. A polynomial without a negative coefficient
is then at least 0; the claim is denied, and the denial led to a polynomial that must be at least 0 and has
negative coefficients only. Each step is exact, so what is proved is true; where the search finds nothing,
nothing is claimed.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from symconv.proof.facts import Condition, Fact
from symconv.proof.terms import Atom, Digit, Term, divided

_MOST_STATES = 40  # of a search for a contradiction
_MOST_MONOMIALS = 8_000  # in all of them


def follows(condition: Condition) -> bool:
    """Whether the claim of a condition was proved to follow from its assumptions.

    Examples:
        >>> from symconv.proof.facts import less, within
        >>> from symconv.proof.terms import letter
        >>> i, j, KH, KW = (letter(name) for name in ("i", "j", "KH", "KW"))
        >>> given = (*within(i, KH), *within(j, KW))
        >>> follows(Condition(given, less(i * KW + j, KH * KW), "in range"))
        True
        >>> follows(Condition(given, less(i * KH + j, KH * KW), "in range"))
        False
    """
    given, claim = condition.given, condition.claim
    return claim in given or _follows(near(given, claim), claim) or _follows(condition.relevant, claim)


def follows_nearby(condition: Condition) -> bool:
    """Whether a claim was proved from the comparisons closest to it: quicker, and it may miss what is far."""
    return condition.claim in condition.given or _follows(
        near(condition.given, condition.claim), condition.claim
    )


def near(given: Sequence[Fact], claim: Fact) -> tuple[Fact, ...]:
    """The inequalities about the letters of a claim, and about what these are compared with."""
    plain = [f for f in dict.fromkeys(given) if f.relation != "=" and not f.digits()]
    letters = claim.letters().union(*(f.letters() for f in plain if f.letters() & claim.letters()))
    return tuple(f for f in plain if f.letters() <= letters)


@lru_cache(maxsize=4096)
def _follows(given: tuple[Fact, ...], claim: Fact) -> bool:
    problem = _prepared(given)
    if problem is None:
        return False
    problem = problem.copy()
    if not problem.name_digits([claim]):
        return False
    margin = problem.put(claim.margin)
    if claim.relation == "=":
        return not margin.coefficients or (problem.shows(margin) and problem.shows(-margin))
    return problem.shows(margin)


@lru_cache(maxsize=1024)
def _prepared(given: tuple[Fact, ...]) -> "_Problem | None":
    """What the assumptions come to, kept because a step's conditions share them."""
    problem = _Problem([f.margin for f in given if f.relation != "="])
    problem.margins = [m for m in problem.stated if not m.digits()]
    problem.tidy()  # so that divisors can be shown to be positive
    if not problem.name_digits(given):
        return None
    problem.margins += [problem.put(m) for m in problem.stated if m.digits()]
    problem.solve([problem.put(f.margin) for f in given if f.relation == "="])
    problem.bound_quotients()
    return problem


@dataclass
class _Problem:
    """Assumptions, and what they come to once everything that can be solved for is put in.

    Attributes:
        stated: polynomials that are at least 0, as they were stated.
        margins: what is left of these after solving, in letters only.
        at_least_0: the letters that are known to be at least 0.
        values: what was solved for: each letter, quotient or remainder, and its polynomial, in order.
        quotients: the quotients that got a letter.
        apart: the quotients and remainders that did not need one, taken apart as they were stated.
    """

    stated: list[Term]
    margins: list[Term] = field(default_factory=list)
    at_least_0: set[str] = field(default_factory=set)
    values: list[tuple[Atom, Term]] = field(default_factory=list)
    quotients: list[Digit] = field(default_factory=list)
    apart: dict[Atom, Term] = field(default_factory=dict)

    def copy(self) -> "_Problem":
        """The same problem, to be changed by itself."""
        return _Problem(
            self.stated[:],
            self.margins[:],
            set(self.at_least_0),
            self.values[:],
            self.quotients[:],
            dict(self.apart),
        )

    def put(self, term: Term) -> Term:
        """A term with everything that was solved for put in."""
        for atom, value in self.values:
            term = term.replace({atom: value})
        return term

    def name_digits(self, facts: Sequence[Fact]) -> bool:
        """Give all quotients and remainders letters; False where a divisor may be 0 or less."""
        digits = {d for fact in facts for d in fact.digits()}
        before = len(self.quotients)
        named = all(self._name(digit) for digit in sorted(digits, key=lambda d: (len(d.key), d.key)))
        if len(self.quotients) > before:
            self.tidy()
            self.bound_quotients(before)
        return named

    def _name(self, digit: Digit) -> bool:
        over, radix = self.put(digit.number), self.put(digit.radix)
        pair = Digit("//", over, radix), Digit("%", over, radix)
        if any(atom in pair for atom, _ in self.values):
            return True
        if not self.shows(radix - 1):
            return False
        as_stated = divided(digit.number.replace(self.apart), digit.radix)
        whole, rest = map(self.put, as_stated)
        if whole.coefficients and self.shows(rest) and self.shows(radix - 1 - rest):
            self.values += zip(pair, (whole, rest), strict=True)  # as quotient and remainder are unique
            for kind, part in zip(("//", "%"), as_stated, strict=True):
                self.apart[Digit(kind, digit.number, digit.radix)] = part
            return True
        number = len(self.values)
        quotient, remainder = _own_letter(f"⌊{number}⌋"), _own_letter(f"{{{number}}}")
        self.values += zip(pair, (quotient, remainder), strict=True)
        self.quotients.append(Digit("//", digit.number, digit.radix))
        self.margins += [remainder, radix - 1 - remainder]
        self.solve([over - radix * quotient - remainder])
        return True

    def solve(self, equalities: list[Term]) -> None:
        """Solve equalities for letters that stand by themselves; the others become two comparisons."""
        while equalities:
            zero = equalities.pop(0)
            # the letter that the fewest comparisons know makes the least of a mess
            solved = min(
                _solutions(zero), key=lambda s: sum(s[0] in m.atoms() for m in self.margins), default=None
            )
            if solved is None:
                self.margins += [zero, -zero]
            else:
                name, value, _ = solved
                if name in self.at_least_0:
                    self.margins.append(_own_letter(name))
                self._substitute(name, value)
                equalities = [e.replace({name: value}) for e in equalities]
        self.tidy()

    def tidy(self) -> None:
        """Solve comparisons for a larger side that is then at least 0 by itself; drop what is evident."""
        while True:
            self.margins = [m for m in dict.fromkeys(self.margins) if not self._evident(m)]
            bounds = [m for m in self.margins if len(m.letters()) == 1 and m.constant is None]
            if simple := next((m for m in bounds if self._larger(m)), None):
                name, value = self._larger(simple) or ("", simple)
                if not value.coefficients:
                    self.at_least_0.add(name)
                    self.margins.remove(simple)
                    continue
            found = next((pair for m in self.margins if m not in bounds and (pair := self._larger(m))), None)
            if found is None and simple is not None:
                found = self._larger(simple)
            if found is None:
                return
            name, value = found
            spare = f"{name}′"
            self.at_least_0.discard(name)
            self.at_least_0.add(spare)
            self._substitute(name, value + _own_letter(spare))

    def _larger(self, margin: Term) -> tuple[str, Term] | None:
        """A letter that a comparison says is at least something that is at least 0, and that thing."""
        for name, value, sign in _solutions(margin):
            if sign > 0 and self._evident(value):
                return name, value
        return None

    def _evident(self, margin: Term) -> bool:
        """Whether a polynomial is at least 0 at first sight."""
        return all(
            times > 0 and all(a in self.at_least_0 for a in m) for m, times in margin.coefficients.items()
        )

    def _substitute(self, name: str, value: Term) -> None:
        new = {name: value}
        self.values.append((name, value))
        self.margins = [m.replace(new) for m in self.margins]

    def bound_quotients(self, start: int = 0) -> None:
        """Add that a quotient is below n where what is divided is below n times the divisor, and so on."""
        for digit in self.quotients[start:]:
            quotient = Term({(digit,): 1})
            for margin in list(self.stated):  # number < top, if margin is top − 1 − number
                most, rest = divided(margin + 1 + digit.number, digit.radix)
                if not rest.coefficients and most.coefficients:
                    self._add(most - 1 - quotient)
            self._add(quotient)
        self.tidy()

    def _add(self, stated: Term) -> None:
        """Add what can be shown."""
        margin = self.put(stated)
        if self.shows(margin):
            self.stated.append(stated)
            if not self._evident(margin):
                self.margins.append(margin)

    def shows(self, margin: Term) -> bool:
        """Whether a polynomial was proved to be at least 0: whether its denial leads to a contradiction."""
        if self._evident(margin):
            return True
        first = [*self.margins, -margin - 1]
        if self._contradictory(first):
            return True
        seen = {frozenset(first)}
        open_moves = deque(self._moves(first))
        work = 0
        while open_moves and len(seen) < _MOST_STATES and work < _MOST_MONOMIALS:
            current = self._after(*open_moves.popleft())
            work += sum(len(m.coefficients) for m in current)
            if self._contradictory(current):
                return True
            if (state := frozenset(current)) not in seen:
                seen.add(state)
                open_moves.extend(self._moves(current))
        return False

    @staticmethod
    def _moves(margins: list[Term]) -> Iterator[tuple[list[Term], Term, str, Term]]:
        """The letters that can be solved for, those in what was added last first."""
        for chosen in reversed(margins):
            for name, value, sign in _solutions(chosen):
                spare = _own_letter(f"{name}′")
                yield margins, chosen, name, value + spare if sign > 0 else value - spare

    def _after(self, margins: list[Term], chosen: Term, name: str, value: Term) -> list[Term]:
        """What is left when one comparison is solved for a letter."""
        others = [m.replace({name: value}) for m in margins if m is not chosen]
        if name in self.at_least_0:
            others.append(value)
        self.at_least_0.add(f"{name}′")
        return others

    def _contradictory(self, margins: Iterable[Term]) -> bool:
        """Whether some polynomial that must be at least 0 is below 0 at first sight."""
        return any(m.coefficients.get((), 0) < 0 and self._evident(-m) for m in margins)


def _own_letter(name: str) -> Term:
    """A letter that no caller can have, as ``letter`` refuses its name; or one that is there already."""
    return Term({(name,): 1})


def _solutions(polynomial: Term) -> Iterator[tuple[str, Term, int]]:
    """The letters that stand by themselves, each with what it is where the polynomial is 0, and its sign."""
    for monomial, times in polynomial.coefficients.items():
        if len(monomial) == 1 and abs(times) == 1:
            name = monomial[0]
            rest = Term({m: c for m, c in polynomial.coefficients.items() if m != monomial})
            if isinstance(name, str) and name not in rest.atoms():
                yield name, (-rest if times > 0 else rest), times

"""Side conditions as SMT-LIB 2, for a solver that knows nothing of this package.

The script asks for integers that satisfy some condition's assumptions and violate its claim, so ``unsat``
means that all conditions hold. A quotient ``t div m`` is a new integer q with ``m·q ≤ t < m·q + m``, and
``t mod m`` is ``t − m·q``: solvers decide that where their own ``mod`` takes them too long.
"""

from collections.abc import Sequence

from symconv.proof.facts import Condition, Fact
from symconv.proof.terms import Atom, Digit, Term


def script(conditions: Sequence[Condition], heading: str = "") -> str:
    """An SMT-LIB 2 script that is unsatisfiable exactly when all conditions hold.

    Source: Barrett, Fontaine & Tinelli 2017, *The SMT-LIB Standard*, version 2.6, sections 3.6 and 3.9.

    Examples:
        >>> from symconv.proof.facts import less, within
        >>> from symconv.proof.terms import letter
        >>> i, n = letter("i"), letter("n")
        >>> print(script([Condition(within(i, n), less(i, n + 1), "an example")]))
        (set-logic QF_NIA)
        ; 1. an example: i < n + 1
        (declare-const i.1 Int)
        (declare-const n.1 Int)
        (define-fun broken.1 () Bool (and (<= 0 i.1) (< i.1 n.1) (not (< i.1 (+ n.1 1)))))
        (assert (or broken.1))
        (check-sat)
    """
    lines = [f"; {line}" for line in heading.splitlines()] + ["(set-logic QF_NIA)"]
    names = []
    for number, condition in enumerate(conditions, start=1):
        writer = _Writer(f".{number}")
        parts = [writer.fact(f) for f in condition.relevant]
        parts.append(f"(not {writer.fact(condition.claim)})")
        lines.append(f"; {number}. {condition.purpose}: {condition.claim}")
        lines += [f"(declare-const {name} Int)" for name in sorted(writer.declared)]
        names.append(f"broken.{number}")
        lines.append(f"(define-fun {names[-1]} () Bool (and {' '.join([*writer.divisions, *parts])}))")
    lines.append(f"(assert (or {' '.join(names)}))" if names else "(assert false)")
    return "\n".join([*lines, "(check-sat)"])


class _Writer:
    """Writes the terms of one condition, its letters marked so that no other condition shares them."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.declared: set[str] = set()
        self.divisions: list[str] = []
        self.quotients: dict[tuple[Term, Term], str] = {}

    def fact(self, fact: Fact) -> str:
        return f"({fact.relation} {self.term(fact.left)} {self.term(fact.right)})"

    def term(self, term: Term) -> str:
        parts = []
        for monomial, times in term.monomials():
            factors = [self.atom(a) for a in monomial]
            if times != 1 or not factors:
                factors.insert(0, str(times) if times >= 0 else f"(- {-times})")
            parts.append(factors[0] if len(factors) == 1 else f"(* {' '.join(factors)})")
        return "0" if not parts else parts[0] if len(parts) == 1 else f"(+ {' '.join(parts)})"

    def atom(self, atom: Atom) -> str:
        if isinstance(atom, str):
            return self.constant(atom.replace("'", "~"))
        number, radix, quotient = self.term(atom.number), self.term(atom.radix), self.quotient(atom)
        return quotient if atom.kind == "//" else f"(- {number} (* {radix} {quotient}))"

    def quotient(self, digit: Digit) -> str:
        """The integer that a quotient is, with what says so."""
        pair = (digit.number, digit.radix)
        if pair not in self.quotients:
            name = self.quotients[pair] = self.constant(f"div{len(self.quotients) + 1}")
            number, radix = self.term(digit.number), self.term(digit.radix)
            self.divisions += [
                f"(<= (* {radix} {name}) {number})",
                f"(< {number} (+ (* {radix} {name}) {radix}))",
            ]
        return self.quotients[pair]

    def constant(self, name: str) -> str:
        self.declared.add(f"{name}{self.mark}")
        return f"{name}{self.mark}"

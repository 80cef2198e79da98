"""Side conditions as SMT-LIB 2, for a solver that knows nothing of this package.

The script asks for integers that satisfy some condition's assumptions and violate its claim, so ``unsat``
means that all conditions hold. A quotient ``t div m`` is a new integer q with ``m·q ≤ t < m·q + m``, and
``t mod m`` is ``t − m·q``: solvers decide that where their own ``mod`` takes them too long.
"""

from collections.abc import Sequence

from symconv.proof.facts import Condition, Fact
from symconv.proof.terms import Atom, Digit, Term

_RESERVED = "abs and as assert bool div exists false forall int is ite let match mod not or par true xor"


def script(conditions: Sequence[Condition], heading: str = "") -> str:
    """An SMT-LIB 2 script that is unsatisfiable exactly when all conditions hold.

    Source: Barrett, Fontaine & Tinelli 2017, *The SMT-LIB Standard*, version 2.6, sections 3.6 and 3.9.

    Examples:
        >>> from symconv.proof.facts import less, within
        >>> from symconv.proof.terms import letter
        >>> i, n = letter("i"), letter("n")
        >>> print(script([Condition(within(i, n), less(i, n + 1), "an example")]))
        (set-logic QF_NIA)
        (declare-const i Int)
        (declare-const n Int)
        ; 1. an example: i < n + 1
        (define-fun broken!1 () Bool (and (<= 0 i) (< i n) (not (< i (+ n 1)))))
        (assert (or broken!1))
        (check-sat)
    """
    writer = _Writer()
    functions, names = [], []
    for number, condition in enumerate(conditions, start=1):
        names.append(f"broken!{number}")
        functions.append(f"; {number}. {condition.purpose}: {condition.claim}")
        functions.append(f"(define-fun {names[-1]} () Bool {writer.broken(condition)})")
    return "\n".join(
        [
            *(f"; {line}" for line in heading.splitlines()),
            "(set-logic QF_NIA)",
            *(f"(declare-const {name} Int)" for name in sorted(writer.declared)),
            *functions,
            f"(assert (or {' '.join(names)}))" if names else "(assert false)",
            "(check-sat)",
        ]
    )


class _Writer:
    """Writes terms, and remembers the integers that they are about.

    The conditions share their letters, which changes nothing: some numbers break one of them exactly if some
    break the first, or some the second, and so on.
    """

    def __init__(self) -> None:
        self.declared: set[str] = set()
        self.quotients: dict[tuple[Term, Term], str] = {}

    def broken(self, condition: Condition) -> str:
        """That the assumptions hold and the claim does not; or that something is divided by 0 or less."""
        plain = [self.fact(f) for f in condition.relevant if not f.digits()]
        others = [self.fact(f) for f in condition.relevant if f.digits()]
        others.append(f"(not {self.fact(condition.claim)})")
        digits = {d for fact in (*condition.relevant, condition.claim) for d in fact.digits()}
        if digits:
            divisions = sorted({line for digit in digits for line in self.division(digit)})
            invalid = sorted({f"(< {self.term(d.radix)} 1)" for d in digits})
            others = [f"(or {' '.join(invalid)} (and {' '.join([*divisions, *others])}))"]
        return f"(and {' '.join([*plain, *others])})"

    def fact(self, fact: Fact) -> str:
        """A comparison."""
        return f"({fact.relation} {self.term(fact.left)} {self.term(fact.right)})"

    def term(self, term: Term) -> str:
        """A sum of products."""
        parts = []
        for monomial, times in term.monomials():
            factors = [self.atom(a) for a in monomial]
            if times != 1 or not factors:
                factors.insert(0, str(times) if times >= 0 else f"(- {-times})")
            parts.append(factors[0] if len(factors) == 1 else f"(* {' '.join(factors)})")
        return "0" if not parts else parts[0] if len(parts) == 1 else f"(+ {' '.join(parts)})"

    def atom(self, atom: Atom) -> str:
        """A letter, or a quotient's own integer, or what a remainder is by it."""
        if isinstance(atom, str):
            return self.declare(atom.replace("'", "~") + ("!" if atom in _RESERVED.split() else ""))
        quotient = self.quotient(atom)
        if atom.kind == "//":
            return quotient
        return f"(- {self.term(atom.number)} (* {self.term(atom.radix)} {quotient}))"

    def quotient(self, digit: Digit) -> str:
        """The integer that a quotient is."""
        pair = (digit.number, digit.radix)
        if pair not in self.quotients:
            self.quotients[pair] = self.declare(f"div!{len(self.quotients) + 1}")
        return self.quotients[pair]

    def division(self, digit: Digit) -> tuple[str, str]:
        """What says that the integer is the quotient."""
        number, radix = self.term(digit.number), self.term(digit.radix)
        product = f"(* {radix} {self.quotient(digit)})"
        return f"(<= {product} {number})", f"(< {number} (+ {product} {radix}))"

    def declare(self, name: str) -> str:
        """A name, to be declared as an integer."""
        self.declared.add(name)
        return name

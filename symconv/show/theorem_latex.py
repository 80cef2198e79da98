r"""LaTeX of theorems: terms, sums, statements and derivations, in the order in which a person writes them.

Entries are written with their indices in brackets, which may be long; a sum over ``k < K`` begins at 0; a
comparison in brackets is 1 where it holds and 0 where it does not (Iverson's bracket).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from symconv.errors import RequestError
from symconv.proof.facts import Condition, Fact
from symconv.proof.statement import InstanceProof
from symconv.proof.steps import Step
from symconv.proof.sums import Polynomial, Read, Sum
from symconv.proof.terms import Atom, Monomial, Term
from symconv.proof.theorem import LEFT, Theorem
from symconv.show.latex import latex

PARTS = ("derivation", "statement", "assumptions", "conditions")
_MOD = r"\mathbin{\mathrm{mod}}"  # as \bmod, which KaTeX expands so often that long formulas fail
_TRANSPOSED = r"^{\mathsf T}"
ARRAYS = {
    "x̂": r"\hat x",
    "dy": r"\mathrm{d}y",
    "dY": r"\mathrm{d}Y",
    "PᵀdY": rf"(P{_TRANSPOSED}\,\mathrm{{d}}Y)",
    "dYWᵀ": rf"(\mathrm{{d}}Y\,W{_TRANSPOSED})",
    "fold": r"\operatorname{fold}",
    "w°": r"w^{\circ}",
    "w↑": r"w^{\uparrow}",
    "vec x": r"\operatorname{vec}(x)",
    "vec y": r"\operatorname{vec}(y)",
    "T x": r"(T \operatorname{vec}(x))",
    "Tᵀ y": rf"(T{_TRANSPOSED} \operatorname{{vec}}(y))",
    "Pv": "(P\\,v)",
    "VX": "(V X)",
}
RULES = {  # as a reader knows them
    "unfold": "definition",
    "digits": "digits",
    "re-index": "re-index",
    "differentiate": "derivative",
    "compare": "compare",
}
_LETTERS_LAST = "nmfghruvlqoakcjbt"  # indices follow the sizes that they are multiplied by, in this order
_MOST_ON_A_LINE = 150  # characters of a formula's source
_MOST_SIGNS = 50  # of an equation, for a line on a wide screen
_NO_SIGN = re.compile(r"\\[a-zA-Z]+|[{}_^\s]")
_MOST_TERMS = 6  # of a polynomial that is written out


@latex.register
def _(theorem: Theorem, part: str = "derivation") -> str:
    if part not in PARTS:
        raise RequestError(f"part={part!r} is unknown for a theorem: use one of {', '.join(PARTS)}")
    if part == "statement":
        return statement(theorem)
    if part == "assumptions":
        return r",\quad ".join(map(fact, theorem.assumptions))
    if part == "conditions":
        return aligned(condition(c) for c in theorem.conditions)
    return derivation(theorem.steps)


def statement(theorem: Theorem, numbers: Any = None) -> str:
    r"""What a theorem claims, as one equation, on two lines if it is long; its sizes may be given."""
    left, right = (summed(side.replace(numbers or {})) for side in (theorem.left, theorem.right))
    if len(_NO_SIGN.sub("", left + right)) < _MOST_SIGNS:
        return f"{left} = {right}"
    return aligned((f"& {left}", rf"& \quad = {right}"))


def derivation(steps: Sequence[Step]) -> str:
    """Both sides, line by line, each with the rule that it comes by, until they are the same."""
    lines: list[str] = []
    for side in (LEFT, "right"):
        own = [step for step in steps if step.side == side]
        if own:
            lines.append(f"& {summed(own[0].before)}")
            changed = (s for s in own if s.after != s.before)
            lines += [rf"&\quad = {summed(s.after)} && \text{{{RULES[s.rule]}}}" for s in changed]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def summed(side: Sum) -> str:
    r"""A sum of products of entries.

    Examples:
        >>> from symconv.proof.sums import Index
        >>> from symconv.proof.terms import letter
        >>> k, K = letter("k"), letter("K")
        >>> print(summed(Sum((Read("w", (k,)), Read("x̂", (letter("o") + k,))), (Index("k", K),))))
        \sum_{k < K} w[k] \cdot \hat x[o + k]
    """
    derivative = "" if side.by is None else rf"\frac{{\partial}}{{\partial {read(side.by)}}} "
    signs = "".join(rf"\sum_{{{atom(i.name)} < {term(i.size)}}} " for i in side.indices)
    brackets = "".join(rf"\big[{fact(f)}\big] \cdot " for f in side.where)
    factors = r" \cdot ".join(map(read, side.factors)) or "1"
    return f"{derivative}{signs}{brackets}{factors}"


def spread(side: Sum) -> str:
    """The same over several lines if it is long: the sums, then each comparison and each entry."""
    whole = summed(side)
    if len(whole) < _MOST_ON_A_LINE:
        return whole
    first = summed(replace(side, where=(), factors=())).removesuffix("1")
    brackets = [rf"\big[{fact(f)}\big]" for f in side.where]
    *lines, last = (*brackets, *map(_stacked, side.factors)) or ("1",)
    rows = [*([first] if first else []), *(rf"\quad {line} \cdot" for line in lines), rf"\quad {last}"]
    return aligned(f"& {row}" for row in rows)


def _stacked(entry: Read) -> str:
    """One entry, its indices below each other if they are long."""
    whole = read(entry)
    if len(whole) < _MOST_ON_A_LINE:
        return whole
    name = read(replace(entry, indices=()))
    rows = ", \\\\ ".join(f"& {term(i)}" for i in entry.indices)
    return rf"{name}\left[\begin{{aligned}} {rows} \end{{aligned}}\right]"


def read(entry: Read) -> str:
    """One entry of an array."""
    name = ARRAYS.get(entry.array, entry.array)
    indices = ", ".join(map(term, entry.indices))
    return f"{name}[{indices}]" if indices else name


def fact(comparison: Fact) -> str:
    """A comparison."""
    sign = {"<=": r"\le", "<": r"<", "=": "="}[comparison.relation]
    return rf"{term(comparison.left)} {sign} {term(comparison.right)}"


def facts(comparisons: Sequence[Fact]) -> list[str]:
    r"""Comparisons, those of one range in one.

    Examples:
        >>> from symconv.proof.terms import letter
        >>> from symconv.proof.facts import within
        >>> facts(within(letter("k"), letter("K")))
        ['0 \\le k < K']
    """
    written: list[str] = []
    waiting = list(comparisons)
    while waiting:
        first = waiting.pop(0)
        upper = next((f for f in waiting if f.left == first.right and f.relation == "<"), None)
        if first.left == 0 and first.relation == "<=" and upper is not None:
            waiting.remove(upper)
            written.append(rf"0 \le {term(first.right)} < {term(upper.right)}")
        else:
            written.append(fact(first))
    return list(dict.fromkeys(written))


def condition(needed: Condition) -> str:
    """A side condition: what is given, and what follows."""
    return rf"{', '.join(facts(needed.relevant))} &\Longrightarrow {fact(needed.claim)}"


def term(value: Term) -> str:
    r"""A term as a person writes it.

    Examples:
        >>> from symconv.proof.terms import letter
        >>> o, s, k, d, p = map(letter, "oskdp")
        >>> term(o * s + k * d - p), term((letter("q") // letter("K_W")) % letter("K_H"))
        ('s o + d k - p', '\\lfloor q / K_W \\rfloor \\mathbin{\\mathrm{mod}} K_H')
    """
    pieces: list[str] = []
    order = sorted(value.coefficients.items(), key=lambda pair: (pair[1] < 0, *_place(pair[0])))
    for monomial, times in order:
        factors = [factor(a) for a in sorted(monomial, key=_rank)]
        if len(monomial) == 1 and abs(times) == 1 and len(value.coefficients) == 1:
            factors = [atom(a) for a in monomial]
        if abs(times) != 1 or not factors:
            factors.insert(0, str(abs(times)))
        sign = ("- " if pieces else "-") if times < 0 else ("+ " if pieces else "")
        pieces.append(sign + _joined(factors))
    return " ".join(pieces) or "0"


def _joined(factors: Sequence[str]) -> str:
    """Factors side by side, with a dot after a number where a number follows."""
    return " ".join(factors)


def atom(value: Atom) -> str:
    """A letter, a quotient or a remainder."""
    if isinstance(value, str):
        base, primes = value.rstrip("'"), len(value) - len(value.rstrip("'"))
        name, _, mark = base.partition("_")
        return f"{name}{f'_{mark}' if mark else ''}{chr(39) * primes}"
    number, radix = term(value.number), term(value.radix)
    whole = f"({number})" if len(value.number.coefficients) > 1 else number
    if value.kind == "//":
        under = f"({radix})" if len(value.radix.atoms()) > 1 or len(value.radix.coefficients) > 1 else radix
        return rf"\lfloor {whole} / {under} \rfloor"
    return rf"{whole} {_MOD} {radix}"


def factor(value: Atom) -> str:
    """A letter, a quotient or a remainder beside others."""
    text = atom(value)
    return text if isinstance(value, str) or value.kind == "//" else f"({text})"


def _rank(value: Atom) -> tuple[bool, bool, int, str]:
    """Sizes before what they multiply, indices last."""
    if not isinstance(value, str):
        return (False, True, 0, value.key)
    index = value[0] in _LETTERS_LAST
    return (index, False, _LETTERS_LAST.find(value[0]), value)


def _place(monomial: Monomial) -> tuple[bool, int, int, list[str]]:
    """Positions before taps, longer products first, numbers last."""
    indices = [_LETTERS_LAST.find(a[0]) for a in monomial if isinstance(a, str) and a[0] in _LETTERS_LAST]
    digits = any(not isinstance(a, str) for a in monomial)
    return (
        not monomial,
        min(indices, default=0 if digits else 99),
        -len(monomial),
        [str(a) for a in monomial],
    )


def aligned(lines: Iterable[str]) -> str:
    """Lines under each other."""
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def polynomial(terms: Polynomial) -> str:
    r"""A polynomial in cells, shortened if it is long."""
    parts = []
    for cells, count in sorted(terms.items()):
        names = [f"{ARRAYS.get(a, a)}_{{{','.join(map(str, i))}}}" for a, i in cells]
        parts.append(" ".join([str(count), *names] if count != 1 or not names else names))
    if len(parts) > _MOST_TERMS:
        parts = [*parts[: _MOST_TERMS - 1], r"\cdots", parts[-1]]
    return " + ".join(parts) or "0"


@latex.register
def _(proof: InstanceProof) -> str:
    instance = proof.instance
    cell = list(instance.cells())[-1]
    sides = (instance.statement.left, instance.statement.right)
    return " = ".join(polynomial(instance.side(side, cell)) for side in sides)

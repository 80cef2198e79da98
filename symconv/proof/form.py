"""Is a theorem well formed: does each letter mean one thing, is each array defined once and not by itself?

The rules take that for granted. A letter that were a size in one place and an index in another would be
mixed up when one is put in for the other, so such a theorem is refused before anything is derived.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from symconv.errors import RequestError
from symconv.proof.entailment import follows
from symconv.proof.facts import Condition, at_most
from symconv.proof.statement import Statement
from symconv.proof.steps import RULES, Reindex, Rule, reaches
from symconv.proof.sums import Definition, Index, Sum
from symconv.proof.terms import Term


def check_form(statement: Statement, script: Sequence[tuple[str, Rule]]) -> None:
    """Refuse a theorem that is not well formed.

    Raises:
        RequestError: what is wrong with it.

    Examples:
        >>> from symconv.theorems.catalogue import theorem
        >>> t = theorem("im2col")
        >>> check_form(t, t.script)
    """
    mistake = next(_mistakes(statement, script), None)
    if mistake is not None:
        raise RequestError(f"theorem {statement.name!r} is not well formed: {mistake}")


def _mistakes(statement: Statement, script: Sequence[tuple[str, Rule]]) -> Iterator[str]:
    known = {d.array: d for d in statement.definitions}
    if len(known) < len(statement.definitions):
        yield "an array is defined twice"
    for array in known:
        if any(reaches(f.array, array, known) for f in known[array].body.factors):
            yield f"{array} is defined by itself"
    if any(d.body.by is not None for d in statement.definitions):
        yield "a definition has a derivative in it"
    if any(type(rule) not in RULES or side not in ("left", "right") for side, rule in script):
        yield "a step is by no rule that there is"
    yield from _names(statement, [rule for _, rule in script if isinstance(rule, Reindex)])
    yield from _divisors(statement)


def _names(statement: Statement, reindexings: Sequence[Reindex]) -> Iterator[str]:
    """What is wrong with the letters: sizes, indices of the statement, and indices under sums."""
    free = [i.name for i in statement.indices]
    if any(name.endswith("'") for name in chain(free, *(_own(s) for s in _sums(statement)))):
        yield "a name ends in a prime, as the names do that are made when two are the same"
    sizes = _sizes(statement)
    scopes = [(free, ()), *((_names_of(side.indices), free) for side in (statement.left, statement.right))]
    scopes += [([*_parameters(d), *_names_of(d.body.indices)], ()) for d in statement.definitions]
    scopes += [(_names_of(r.new), free) for r in reindexings]
    for names, taken in scopes:
        for name in names:
            if names.count(name) > 1 or name in taken or name in sizes:
                yield f"the letter {name} means two things"
    yield from _shapes(statement, reindexings)


def _shapes(statement: Statement, reindexings: Sequence[Reindex]) -> Iterator[str]:
    """What is wrong with the sizes: each is to be known before any index is."""
    free = {i.name for i in statement.indices}
    for d in statement.definitions:
        shape = _letters(size for _, size in d.indices if size is not None)
        if shape & {*_parameters(d), *_names_of(d.body.indices)}:
            yield f"the shape of {d.array} depends on an index"
    for indices in (statement.indices, *(s.indices for s in _sums(statement)), *(r.new for r in reindexings)):
        if _letters(i.size for i in indices) & {*_names_of(indices), *free}:
            yield "the size of an index depends on an index"
    for side in (statement.left, statement.right):
        if side.by is not None and _letters(side.by.indices) & set(_names_of(side.indices)):
            yield "a derivative is by an entry under its own sum"


def _divisors(statement: Statement) -> Iterator[str]:
    """A quotient or remainder means something only where its divisor is at least 1."""
    terms = [*(t for s in _sums(statement) for t in s.terms()), *(i.size for i in statement.indices)]
    terms += [t for fact in statement.given for t in (fact.left, fact.right)]
    terms += [size for d in statement.definitions for _, size in d.indices if size is not None]
    for radix in dict.fromkeys(digit.radix for term in terms for digit in term.digits()):
        if not follows(Condition(statement.assumptions, at_most(1, radix), "a divisor is positive")):
            yield f"nothing says that {radix}, which it divides by, is at least 1"


def _sizes(statement: Statement) -> set[str]:
    """The letters that are no index: those of the assumptions, of sizes, and what else is free."""
    letters = _letters(t for fact in statement.assumptions for t in (fact.left, fact.right))
    letters |= _letters(i.size for i in statement.indices)
    free = {i.name for i in statement.indices}
    for side in (statement.left, statement.right):
        letters |= _letters(side.terms()) - set(_names_of(side.indices)) - free
    for d in statement.definitions:
        letters |= _letters(d.body.terms()) - set(_names_of(d.body.indices)) - set(_parameters(d))
    return letters


def _sums(statement: Statement) -> list[Sum]:
    return [statement.left, statement.right, *(d.body for d in statement.definitions)]


def _own(side: Sum) -> set[str]:
    return _letters(side.terms()) | set(_names_of(side.indices))


def _parameters(definition: Definition) -> list[str]:
    return [name for name, _ in definition.indices]


def _names_of(indices: Sequence[Index]) -> list[str]:
    return [i.name for i in indices]


def _letters(terms: Iterable[Term]) -> set[str]:
    return {name for term in terms for name in term.letters()}

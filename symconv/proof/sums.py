"""Finite sums of products of array entries over boxes of indices: what both sides of a theorem are.

A sum runs over all whole numbers of its indices' ranges that satisfy its comparisons; a padding zero is a
sum over no index at all. Nothing here proves anything: it builds, replaces, and counts at concrete sizes.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from symconv.proof.facts import Fact, within
from symconv.proof.terms import Term, Values, letter

Cell = tuple[str, tuple[int, ...]]  # an array and the indices of one of its entries
Polynomial = Counter[tuple[Cell, ...]]  # how often each product of cells occurs


@dataclass(frozen=True)
class Index:
    """A summation index, 0 ≤ name < size."""

    name: str
    size: Term

    def facts(self) -> tuple[Fact, Fact]:
        """The two comparisons that its range is."""
        return within(letter(self.name), self.size)


@dataclass(frozen=True)
class Read:
    """One entry of an array: its name and a term for each axis."""

    array: str
    indices: tuple[Term, ...]

    def replace(self, values: Values) -> "Read":
        """The entry with letters in its indices replaced."""
        return Read(self.array, tuple(i.replace(values) for i in self.indices))


@dataclass(frozen=True)
class Sum:
    """A sum of products of entries.

    Attributes:
        factors: the entries that are multiplied; none for the number 1.
        indices: the summation indices; none for a single product.
        where: comparisons that the indices must satisfy too.
        by: the entry by which the sum is to be differentiated, or None.
    """

    factors: tuple[Read, ...]
    indices: tuple[Index, ...] = ()
    where: tuple[Fact, ...] = ()
    by: Read | None = None

    def facts(self) -> tuple[Fact, ...]:
        """All that is known of the indices under the sum."""
        return (*chain.from_iterable(i.facts() for i in self.indices), *self.where)

    def replace(self, values: Values) -> "Sum":
        """The sum with letters replaced, those of its own indices too if they are named."""
        return replace(
            self,
            factors=tuple(f.replace(values) for f in self.factors),
            indices=tuple(Index(i.name, i.size.replace(values)) for i in self.indices),
            where=tuple(w.replace(values) for w in self.where),
            by=self.by.replace(values) if self.by else None,
        )

    def terms(self) -> Iterator[Term]:
        """All terms in it: indices of entries, comparisons' sides, sizes."""
        for read in (*self.factors, *([self.by] if self.by else [])):
            yield from read.indices
        for fact in self.where:
            yield from (fact.left, fact.right)
        yield from (index.size for index in self.indices)


@dataclass(frozen=True)
class Definition:
    """What an array's entries are: a sum, for every index within the array's shape.

    Attributes:
        array: its name.
        indices: a letter for each axis, with the size of the axis; None as a size where any index is meant.
        body: the sum that each entry is.
        words: what the array is.
    """

    array: str
    indices: tuple[tuple[str, Term | None], ...]
    body: Sum
    words: str

    def facts(self, at: Sequence[Term]) -> Iterator[Fact]:
        """What must hold for the entry at these indices to be one of the array."""
        for (_, size), index in zip(self.indices, at, strict=True):
            if size is not None:
                yield from within(index, size)

    def at(self, indices: Sequence[Term], taken: set[str]) -> Sum:
        """The body at these indices, its summation indices renamed where their names are taken."""
        own = {name for term in self.body.terms() for name in term.letters()}
        own |= {name for name, _ in self.indices} | {i.name for i in self.body.indices}
        fresh: dict[str, str] = {}
        for index in self.body.indices:
            if index.name in taken:
                fresh[index.name] = _fresh(index.name, {*taken, *own, *fresh.values()})
        renamed = tuple(Index(fresh.get(i.name, i.name), i.size) for i in self.body.indices)
        values = {name: letter(new) for name, new in fresh.items()}
        values |= {name: i for (name, _), i in zip(self.indices, indices, strict=True)}
        return replace(self.body, indices=renamed).replace(values)


def _fresh(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "'"
    return name


def polynomial(
    summed: Sum,
    numbers: Mapping[str, int],
    entry: Callable[[Cell], Polynomial | None],
    visit: Callable[[], None] = lambda: None,
) -> Polynomial:
    """A sum at concrete sizes, as how often each product of cells occurs in it.

    Args:
        summed: the sum.
        numbers: a number for each letter that is free in it.
        entry: what a defined cell is; None for a cell that is a letter of its own.
        visit: called at each place; it may raise where there are too many.
    """
    total: Polynomial = Counter()
    if summed.by is not None:
        by = (summed.by.array, tuple(i.value(numbers) for i in summed.by.indices))
        return differentiated(polynomial(replace(summed, by=None), numbers, entry, visit), by)
    for place in places(summed, dict(numbers), visit):
        product: Polynomial = Counter({(): 1})
        for read in summed.factors:
            cell = (read.array, tuple(i.value(place) for i in read.indices))
            product = times(product, entry(cell), cell)
        total.update(product)
    return total


def differentiated(whole: Polynomial, by: Cell) -> Polynomial:
    """The derivative of a polynomial by one cell."""
    total: Polynomial = Counter()
    for cells, count in whole.items():
        if power := cells.count(by):
            rest = list(cells)
            rest.remove(by)
            total[tuple(rest)] += count * power
    return total


def times(product: Polynomial, value: Polynomial | None, cell: Cell) -> Polynomial:
    """A polynomial times a cell, or times what the cell is."""
    if value is None:
        value = Counter({(cell,): 1})
    result: Polynomial = Counter()
    for one, count in product.items():
        for two, more in value.items():
            result[tuple(sorted((*one, *two)))] += count * more
    return result


def places(
    summed: Sum, numbers: dict[str, int], visit: Callable[[], None] = lambda: None
) -> Iterator[dict[str, int]]:
    """Every assignment of the indices that the sum runs over."""
    due = _due(summed)

    def walk(depth: int) -> Iterator[dict[str, int]]:
        if depth == len(summed.indices):
            yield numbers
            return
        index = summed.indices[depth]
        for number in range(index.size.value(numbers)):
            numbers[index.name] = number
            visit()
            if all(fact.holds(numbers) for fact in due[depth + 1]):
                yield from walk(depth + 1)

    if all(fact.holds(numbers) for fact in due[0]):
        yield from walk(0)


def _due(summed: Sum) -> list[list[Fact]]:
    """For each depth of the nested loops, the comparisons that can be decided there."""
    depth = {index.name: place for place, index in enumerate(summed.indices, start=1)}
    due: list[list[Fact]] = [[] for _ in range(len(summed.indices) + 1)]
    for fact in summed.where:
        due[max((depth.get(name, 0) for name in fact.letters()), default=0)].append(fact)
    return due

"""What a theorem claims, and whether it is so at one concrete size, where both sides can be written out.

At a size, each side is a polynomial in the cells of the arrays that are not defined, and polynomials are
compared term by term. That this is about *our* convolution, not about some definitions that say so, is
checked too: the arrays that the package makes itself (the padded input, the loop formula, P and W) are
compared with what ``definition`` and the plan make of the same layer.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

import numpy as np

from symconv.definition import axis_windows
from symconv.errors import GeometryError, SizeLimitError
from symconv.geometry import Geometry
from symconv.index_map import index_map
from symconv.proof.exact import defined_maps
from symconv.proof.facts import Fact
from symconv.proof.sums import Cell, Definition, Index, Polynomial, Sum, places, polynomial
from symconv.proof.verdict import Tier

MOST_PLACES = 300_000  # that all sums of an instance are visited at


@dataclass(frozen=True, eq=False, repr=False)
class Statement:
    """A claim about every size: two sides that are equal, entry by entry.

    Attributes:
        name: what it is asked for by.
        axes: how many spatial axes it is stated for.
        statement: what it says, as a sentence.
        left: one side.
        right: the other side.
        indices: the letters that both sides are about, each with its size: for every entry.
        assumptions: what is assumed of the sizes.
        definitions: what the arrays are; an array without a definition is any array.
        where: comparisons that the indices satisfy too.
        sizes_of: the numbers that a layer's geometry gives the letters of the sizes.
    """

    name: str
    axes: int
    statement: str
    left: Sum
    right: Sum
    indices: tuple[Index, ...]
    assumptions: tuple[Fact, ...]
    definitions: tuple[Definition, ...]
    sizes_of: Callable[[Geometry], Mapping[str, Any]]
    where: tuple[Fact, ...] = ()

    @cached_property
    def given(self) -> tuple[Fact, ...]:
        """The assumptions, and the ranges of the indices that both sides are about."""
        return (*self.assumptions, *(f for i in self.indices for f in i.facts()), *self.where)

    def instance(self, geometry: Geometry, **sizes: int) -> "Instance":
        """The statement at one concrete size.

        Args:
            geometry: the layer; of as many axes as the statement, all its sizes numbers.
            sizes: numbers for letters that no layer has (a second kernel's), where the usual ones do not do.

        Raises:
            GeometryError: the layer is not one that the statement is about.
        """
        if geometry.rank != self.axes or geometry.symbols:
            kind = "symbols for sizes" if geometry.symbols else f"{geometry.rank} axes"
            raise GeometryError(
                f"geometry has {kind}: {self.name!r} is stated here for {self.axes} axes, "
                "and an instance has numbers"
            )
        padded = any(pad for pads in geometry.padding for pad in pads)
        zeros = any(d.array in ("x̂", "T", "fold") for d in self.definitions)  # which know no other padding
        if geometry.padding_mode != "zeros" and padded and zeros:
            raise GeometryError(
                f"padding_mode={geometry.padding_mode!r}: {self.name!r} is stated for padding with zeros, "
                'so choose padding_mode="zeros"'
            )
        numbers = {**self.sizes_of(geometry), **sizes}
        for fact in self.assumptions:
            if not fact.holds(numbers):
                values = ", ".join(f"{name} = {numbers[name]}" for name in sorted(fact.letters()))
                raise GeometryError(
                    f"geometry has {values}, and {self.name!r} assumes {fact}: choose another layer"
                )
        return Instance(self, geometry, numbers)


@dataclass(frozen=True, repr=False)
class InstanceProof:
    """The verdict on a statement at one size: truthy when both sides are the same polynomials.

    Attributes:
        holds: whether they are.
        instance: the statement and the size.
        compared: how many entries were compared.
        terms: how many terms the two sides have in all of them.
        cell: the first entry that differs, its indices by name; None when it holds.
        left: that entry on the left, how often it has each product of cells.
        right: that entry on the right.

    Examples:
        >>> from symconv.theorems.catalogue import theorem
        >>> theorem("flip", axes=1).instance(Geometry(4, 2, stride=2)).prove()
        Proved (tier: exact). 'flip' holds for Geometry(input_size=(4,), kernel_size=(2,), stride=(2,)):
        2 entries compared, 4 terms on each side.
    """

    holds: bool
    instance: "Instance"
    compared: int
    terms: int
    cell: Mapping[str, int] | None = None
    left: Polynomial | None = None
    right: Polynomial | None = None
    tier: Tier = Tier.EXACT

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        name, g = self.instance.statement.name, self.instance.geometry
        if self.holds:
            return (
                f"Proved (tier: {self.tier}). {name!r} holds for {g!r}: "
                f"{self.compared:,} entries compared, {self.terms:,} terms on each side."
            )
        where = ", ".join(f"{letter} = {number}" for letter, number in (self.cell or {}).items())
        place = where or "its only entry"
        return (
            f"Refuted (tier: {self.tier}). {name!r} does not hold for {g!r}, first at {place}:\n"
            f"  left:  {written(self.left or Counter())}\n  right: {written(self.right or Counter())}"
        )


@dataclass(frozen=True, eq=False)
class Instance:
    """A statement at one concrete size.

    Attributes:
        statement: what is claimed.
        geometry: the layer.
        numbers: the number of each letter of a size.
    """

    statement: Statement
    geometry: Geometry
    numbers: Mapping[str, int]

    def cells(self) -> Iterator[dict[str, int]]:
        """The indices of every entry that the two sides are about."""
        every = Sum((), self.statement.indices, self.statement.where)
        return (dict(place) for place in places(every, dict(self.numbers), self._visit))

    def side(self, side: Sum, cell: Mapping[str, int]) -> Polynomial:
        """One side at one entry, everything defined written out.

        Raises:
            SizeLimitError: there is too much to write out.
        """
        return polynomial(side, {**self.numbers, **cell}, self.entry, self._visit)

    def prove(self) -> InstanceProof:
        """Write both sides out at every entry, and compare them term by term.

        Raises:
            SizeLimitError: there is too much to write out.
        """
        g = self.geometry
        if max(g.products, prod(g.patch_matrix_shape)) > MOST_PLACES:
            self._refuse()
        for array, indices, ours, theirs in self._anchors():
            if ours != theirs:
                return InstanceProof(False, self, 0, 0, {f"{array}{list(indices)}": 0}, ours, theirs)
        terms = compared = 0
        for cell in self.cells():
            left, right = self.side(self.statement.left, cell), self.side(self.statement.right, cell)
            compared += 1
            if left != right:
                shown = {i.name: cell[i.name] for i in self.statement.indices}
                return InstanceProof(False, self, compared, terms, shown, left, right)
            terms += sum(left.values())
        return InstanceProof(True, self, compared, terms)

    def _visit(self) -> None:
        """Count one place more."""
        self._visited[0] += 1
        if self._visited[0] > MOST_PLACES:
            self._refuse()

    def _refuse(self) -> None:
        raise SizeLimitError(
            f"{self.geometry!r} has more than {MOST_PLACES:,} places to write out: choose smaller sizes"
        )

    @cached_property
    def _visited(self) -> list[int]:
        return [0]

    def _anchors(self) -> Iterator[tuple[str, tuple[int, ...], Polynomial, Polynomial]]:
        """The entries of arrays that the package makes too: as the statement defines them, and as made."""
        g, named = self.geometry, self._definitions
        plan, defined = index_map(g), defined_maps(g)
        if "x̂" in named:
            axes = zip(g.input_size, g.padding, strict=True)
            around = [range(-before - 1, n + after + 2) for n, (before, after) in axes]
            for place in product(range(g.batch), range(g.in_channels), *around):
                yield "x̂", place, self._as_defined("x̂", place), self._padded(place)
        x, w = (cells_of(*named) for named in (("x", g.input_shape), ("w", g.kernel_shape)))
        for array, numbers, cells in (("P", plan.patch, x), ("W", plan.weight, w)):
            for place in np.ndindex(numbers.shape) if array in named else ():
                yield array, place, self._of(array, place), cells(int(numbers[place]))
        for n, f, *position in np.ndindex(g.output_shape) if "y" in named else ():
            row = int(np.ravel_multi_index((n, *position), (g.batch, *g.output_size)))
            pairs = zip(defined.patch[row].tolist(), defined.weight[:, f].tolist(), strict=True)
            terms = Counter(
                tuple(sorted((*cell, *weight))) for i, k in pairs for cell in x(i) for weight in w(k)
            )
            yield "y", (n, f, *position), self._of("y", (n, f, *position)), terms

    def _of(self, array: str, indices: tuple[int, ...]) -> Polynomial:
        value = self.entry((array, tuple(map(int, indices))))
        return Counter() if value is None else value

    @cached_property
    def _known(self) -> dict[Cell, Polynomial]:
        return {}

    @cached_property
    def _definitions(self) -> dict[str, Definition]:
        return {d.array: d for d in self.statement.definitions}

    def entry(self, cell: Cell) -> Polynomial | None:
        """What a cell is, if its array is defined."""
        array, indices = cell
        if array == "x̂":
            return self._padded(indices)
        if array not in self._definitions:
            return None
        if cell not in self._known:
            self._known[cell] = self._as_defined(array, indices)
        return self._known[cell]

    def _as_defined(self, array: str, indices: tuple[int, ...]) -> Polynomial:
        """What the statement's own definition makes of a cell."""
        definition = self._definitions[array]
        names = (name for name, _ in definition.indices)
        numbers = {**self.numbers, **dict(zip(names, indices, strict=True))}
        return polynomial(definition.body, numbers, self.entry, self._visit)

    @cached_property
    def _axes(self) -> list[list[int | None]]:
        """What the definition reads at each place of each padded axis."""
        g = self.geometry
        axes = zip(g.input_size, g.padding, strict=True)
        return [[w[0] for w in axis_windows(n, 1, 1, 1, pads, g.padding_mode)] for n, pads in axes]

    def _padded(self, indices: tuple[int, ...]) -> Polynomial:
        """A cell of the padded input, as the definition reads it: a cell of x, or nothing."""
        sample, channel, *places_ = indices
        read: list[int | None] = []
        for place, axis, (before, _) in zip(places_, self._axes, self.geometry.padding, strict=True):
            inside = 0 <= place + before < len(axis)
            read.append(axis[place + before] if inside else None)
        if None in read:
            return Counter()
        return Counter({(("x", (sample, channel, *(i for i in read if i is not None))),): 1})


def cells_of(array: str, shape: tuple[int, ...]) -> Callable[[int], Polynomial]:
    """The cells of an array by number, as polynomials; the number that no cell has is a zero."""

    def cell(number: int) -> Polynomial:
        if number == np.prod(shape):
            return Counter()
        return Counter({((array, tuple(int(i) for i in np.unravel_index(number, shape))),): 1})

    return cell


def written(terms: Polynomial, most: int = 8) -> str:
    """A polynomial as a sum, shortened if it is long.

    Examples:
        >>> written(Counter({(("w", (0, 1)), ("x", (2,))): 2}))
        '2·w[0,1]·x[2]'
    """
    parts = []
    for cells, count in sorted(terms.items()):
        factors = [f"{array}[{','.join(map(str, indices))}]" for array, indices in cells]
        parts.append("·".join([str(count), *factors] if count != 1 or not factors else factors))
    if len(parts) > most:
        parts = [*parts[: most // 2], f"… ({len(parts)} terms)"]
    return " + ".join(parts) or "0"

"""A function that is bilinear in input and kernels, as the table of its products: which, where, how often.

What a person's function computes at one size, what the definition asks for and what a known mistake makes are
all such tables. Two functions are equal, for all values, exactly when their tables are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm, prod
from typing import Any

import numpy as np
import numpy.typing as npt

from symconv.entries import Array
from symconv.errors import ArrayError, SizeLimitError
from symconv.geometry import Geometry
from symconv.index_map import IndexMap
from symconv.proof.exact import defined_maps

Numbers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Sum = dict[tuple[int, int], Fraction]  # the coefficient of (kernel cell, input cell)

MOST_PRODUCTS = 1 << 24  # about a gigabyte while they are sorted
_MOST_COEFFICIENT = 1 << 40  # so that as many products as there may be add up in 64 bits


@dataclass(frozen=True)
class SumsDiffer:
    """The first output cell where two tables differ.

    Attributes:
        cell: index of the output cell.
        one: the sum that the first table has there, as {(kernel cell, input cell): coefficient}.
        other: the sum that the second has there.
    """

    cell: tuple[int, ...]
    one: Sum
    other: Sum


@dataclass(frozen=True, eq=False)
class BilinearMap:
    """The products of every output cell: four columns, sorted, each product of a cell once and none with 0.

    The columns may be given in any order and with repeats, which are added up; a coefficient may be a
    fraction, and is stored as an integer over the common ``divisor``.

    Attributes:
        shape: shape of the output, as the function returned it.
        outputs: flat number of the output cell of each product.
        weights: flat number of its kernel cell.
        cells: flat number of its input cell.
        coefficients: how often it is there, times ``divisor``.
        divisor: what every coefficient is to be divided by; 1 unless the function divides.

    Raises:
        ArrayError: the columns are not of one length, a number is negative, or an output is not in the shape.

    Examples:
        >>> y = BilinearMap((2,), [1, 0, 0, 0], [0, 0, 1, 0], [1, 0, 1, 0], [1, 1, 1, 1])
        >>> y.outputs, y.coefficients  # y₀ = 2 w₀x₀ + w₁x₁ and y₁ = w₀x₁
        (array([0, 0, 1]), array([2, 1, 1]))
    """

    shape: tuple[int, ...]
    outputs: Numbers
    weights: Numbers
    cells: Numbers
    coefficients: Numbers
    divisor: int = 1

    def __init__(
        self,
        shape: Sequence[int],
        outputs: Any,
        weights: Any,
        cells: Any,
        coefficients: Any,
        divisor: int = 1,
    ) -> None:
        columns = [np.asarray(c, dtype=np.int64).ravel() for c in (outputs, weights, cells)]
        counts, divisor = _over_one_divisor(np.asarray(coefficients), divisor)
        _check(tuple(shape), [*columns, counts])
        columns, counts = _added_up(columns, counts)
        common = gcd(int(np.gcd.reduce(counts)), divisor)
        values = (tuple(map(int, shape)), *columns, counts // common, divisor // common)
        for name, value in zip(self.__dataclass_fields__, values, strict=True):
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            object.__setattr__(self, name, value)

    @classmethod
    def of_plan(cls, g: Geometry, plan: IndexMap) -> "BilinearMap":
        """The products of P·W for any plan, a wrong one too, with the output in the shape (N, F, *out).

        Raises:
            SizeLimitError: they are more than ``MOST_PRODUCTS``.

        Examples:
            >>> from symconv.index_map import index_map
            >>> g = Geometry((3, 3), (2, 2))
            >>> BilinearMap.of_plan(g, index_map(g)) == BilinearMap.of_definition(g)
            True
        """
        rows, filters, weights, cells = products(plan)
        samples, positions = np.divmod(rows, prod(g.output_size))
        outputs = (samples * g.out_channels + filters) * prod(g.output_size) + positions
        return cls(g.output_shape, outputs, weights, cells, np.ones(outputs.size, dtype=np.int64))

    @classmethod
    def of_definition(cls, g: Geometry) -> "BilinearMap":
        """The products that the loop formula asks for, with the output in the shape (N, F, *out).

        Raises:
            SizeLimitError: they are more than ``MOST_PRODUCTS``.

        Examples:
            >>> BilinearMap.of_definition(Geometry(3, 2)).cells
            array([0, 1, 1, 2])
        """
        refuse_too_many(g.products)
        return cls.of_plan(g, defined_maps(g))

    @cached_property
    def values(self) -> Hashes:
        """Every output cell, times ``divisor``, in Z/2⁶⁴ for fixed random inputs and kernels, flat.

        Equal tables have equal values. The converse is only likely, so values only rule out.
        """
        terms = self.coefficients.astype(np.uint64)
        inputs, kernels = (
            random_values(which, int(numbers.max(initial=-1)) + 1)[numbers]
            for which, numbers in enumerate((self.cells, self.weights))
        )
        terms *= inputs * kernels
        return added_at(terms, self.outputs, prod(self.shape))

    def difference(self, other: "BilinearMap") -> SumsDiffer | None:
        """The first output cell in which two tables differ, with both sums; None where they are equal.

        Raises:
            ArrayError: their outputs have two shapes, so that no cell of one is a cell of the other.

        Examples:
            >>> y = BilinearMap((2,), [0, 1], [0, 0], [0, 1], [1, 1])
            >>> y.difference(BilinearMap((2,), [0, 1], [0, 0], [0, 1], [1, 3]))
            SumsDiffer(cell=(1,), one={(0, 1): Fraction(1, 1)}, other={(0, 1): Fraction(3, 1)})
        """
        if self.shape != other.shape:
            raise ArrayError(
                f"the outputs have shapes {self.shape} and {other.shape}: "
                "only cells of one shape can be compared"
            )
        if self == other:
            return None
        first = min(self._first_not_in(other), other._first_not_in(self))
        cell = tuple(int(i) for i in np.unravel_index(first, self.shape))
        return SumsDiffer(cell, self.sum_at(first), other.sum_at(first))

    def sum_at(self, output: int) -> Sum:
        """The sum in one output cell, by its flat number.

        Examples:
            >>> BilinearMap.of_definition(Geometry(3, 2)).sum_at(1)
            {(0, 1): Fraction(1, 1), (1, 2): Fraction(1, 1)}
        """
        held = slice(*np.searchsorted(self.outputs, [output, output + 1]))
        places = zip(self.weights[held].tolist(), self.cells[held].tolist(), strict=True)
        counts = (Fraction(c, self.divisor) for c in self.coefficients[held].tolist())
        return dict(zip(places, counts, strict=True))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BilinearMap):
            return NotImplemented
        return (self.shape, self.divisor) == (other.shape, other.divisor) and all(
            map(np.array_equal, self._columns, other._columns)
        )

    def __hash__(self) -> int:
        return hash((self.shape, self.divisor, self.outputs.size))

    def __repr__(self) -> str:
        return f"<BilinearMap of shape {self.shape}, {self.outputs.size:,} products>"

    @property
    def _columns(self) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        return self.outputs, self.weights, self.cells, self.coefficients

    def _first_not_in(self, other: "BilinearMap") -> int:
        """The output cell of the first product that the other has not as often; past the end if none."""
        size = min(self.outputs.size, other.outputs.size)
        same = np.full(size, self.divisor == other.divisor)
        for own, others in zip(self._columns, other._columns, strict=True):
            same &= own[:size] == others[:size]
        place = size if same.all() else int(np.argmin(same))
        return int(self.outputs[place]) if place < self.outputs.size else prod(self.shape)


def products(plan: IndexMap) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """The products of P·W, those with a zero left out: row, column, kernel cell and input cell of each.

    Raises:
        SizeLimitError: they are more than ``MOST_PRODUCTS``.

    Examples:
        >>> from symconv.index_map import index_map
        >>> products(index_map(Geometry(3, 2)))
        (array([0, 0, 1, 1]), array([0, 0, 0, 0]), array([0, 1, 0, 1]), array([0, 1, 1, 2]))
    """
    taps, filters = np.nonzero(plan.weight != plan.kernel_cells)
    refuse_too_many(plan.patch.shape[0] * taps.size)
    cells = plan.patch[:, taps]
    rows, entries = np.nonzero(cells != plan.input_cells)
    weights = plan.weight[taps, filters].astype(np.int64)
    return rows, filters[entries], weights[entries], cells[rows, entries].astype(np.int64)


def refuse_too_many(number: int) -> None:
    """Refuse a table that would fill the memory.

    Raises:
        SizeLimitError: it has more than ``MOST_PRODUCTS`` products.
    """
    if number > MOST_PRODUCTS:
        raise SizeLimitError(
            f"a table of {number:,} products is more than {MOST_PRODUCTS:,}: "
            "a mistake shows at a smaller geometry as well, so choose one"
        )


def random_values(which: int, size: int) -> Hashes:
    """Fixed random values of the first cells of the input (0) or of the kernels (1): the same in every run.

    Source: Steele, Lea & Flood 2014, *Fast splittable pseudorandom number generators* (SplitMix64).
    """
    mixed = (np.arange(1, size + 1, dtype=np.uint64) + np.uint64(which << 48)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def joined(outputs: Numbers, to: Numbers, source: Numbers, size: int) -> tuple[Numbers, Numbers]:
    """The products of output cells, each carried along every link from its cell to another.

    Args:
        outputs: the output cell of each product.
        to: where each link leads, and
        source: the cell that it starts from.
        size: how many cells links can start from.

    Returns:
        The cell that each carried product comes to, and the product's place among those given.

    Raises:
        SizeLimitError: they are more than ``MOST_PRODUCTS``.

    Examples:
        >>> joined(np.array([0, 1, 1]), np.array([5, 6]), np.array([1, 1]), 2)
        (array([5, 5, 6, 6]), array([1, 2, 1, 2]))
    """
    order = np.argsort(outputs, kind="stable")
    starts = np.searchsorted(outputs[order], np.arange(size + 1))
    counts = (starts[1:] - starts[:-1])[source]
    refuse_too_many(total := int(counts.sum()))
    within = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(to, counts), order[np.repeat(starts[source], counts) + within]


def added_at(terms: Hashes, outputs: Numbers, size: int) -> Hashes:
    """Terms added up by the output that they belong to; outputs are sorted."""
    starts = np.searchsorted(outputs, np.arange(size + 1))
    running = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(terms, dtype=np.uint64)])
    sums: Hashes = running[starts[1:]] - running[starts[:-1]]
    return sums


def _over_one_divisor(coefficients: Array, divisor: int) -> tuple[Numbers, int]:
    """Coefficients that may be fractions as integers, and what they are to be divided by."""
    if divisor < 1:
        raise ArrayError(f"divisor={divisor} is too small: give an int of at least 1")
    if coefficients.dtype.kind in "iu":
        return coefficients.astype(np.int64).ravel(), divisor
    values = [Fraction(c) for c in coefficients.ravel().tolist()]
    common = lcm(*(v.denominator for v in values))
    counts = [int(v * common) for v in values]
    if counts and max(map(abs, counts)) >= _MOST_COEFFICIENT:
        raise ArrayError(
            f"a coefficient is {max(values, key=abs)}, and 2⁴⁰ over the common divisor is the most "
            "that can be counted"
        )
    return np.array(counts, dtype=np.int64), divisor * common


def _check(shape: tuple[int, ...], columns: list[Numbers]) -> None:
    lengths = [c.size for c in columns]
    if len(set(lengths)) > 1:
        raise ArrayError(
            f"outputs, weights, cells and coefficients have lengths {lengths}: "
            "give four columns of one length"
        )
    for name, column in zip(("outputs", "weights", "cells"), columns[:3], strict=True):
        if column.min(initial=0) < 0:
            raise ArrayError(f"{name} has {column.min()}: number the cells of each array from 0")
    if (last := columns[0].max(initial=-1)) >= prod(shape):
        raise ArrayError(
            f"outputs has {last}, and the shape {shape} has the cells 0 to {prod(shape) - 1}: "
            "number them in row-major order"
        )


def _added_up(columns: list[Numbers], counts: Numbers) -> tuple[list[Numbers], Numbers]:
    """The same products sorted, those of one cell added up, and those that cancel left out."""
    if not counts.size:
        return columns, counts
    sizes = [int(c.max()) + 1 for c in columns]
    if prod(sizes) < 2**62:  # one number for each product, which is faster to sort than three
        key = (columns[0] * sizes[1] + columns[1]) * sizes[2] + columns[2]
        if (key[1:] > key[:-1]).all() and counts.all():
            return columns, counts
        order = np.argsort(key, kind="stable")
    else:
        order = np.lexsort(columns[::-1])
    columns, counts = [c[order] for c in columns], counts[order]
    new = np.ones(counts.size, dtype=bool)
    new[1:] = np.any([c[1:] != c[:-1] for c in columns], axis=0)
    starts = np.flatnonzero(new)
    counts = np.add.reduceat(counts, starts)
    kept = counts != 0
    return [c[starts[kept]] for c in columns], counts[kept]

"""What a layer's sizes come to: counted along the axes, never cell by cell, so that it costs next to nothing.

Stands above the geometry, which fills it in.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy

from symconv.sizes import NUMPY_PADDING_MODES, is_symbolic

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, repr=False)
class Description:
    """The numbers of one layer that people ask for.

    Attributes:
        output_size: output positions along each axis.
        patch_matrix_shape: shape (N·L, C·KH·KW) of P.
        weight_matrix_shape: shape (C·KH·KW, F) of W.
        products: products in the loop formula, those with a padding zero included.
        input_cells: cells of the input.
        axis_reads: for each axis, how many windows' taps read each place on it; none if sizes are symbols.

    Examples:
        >>> from symconv.geometry import Geometry
        >>> Geometry(input_size=(3, 3), kernel_size=(2, 2)).describe()
        output size           2 × 2
        patch matrix P        4 × 4
        weight matrix W       4 × 1
        products              16
        P against the input   1.78 times as many entries
        each input cell       is in 1 to 4 windows, 1.78 on average
    """

    output_size: tuple[int, ...]
    patch_matrix_shape: tuple[int, int]
    weight_matrix_shape: tuple[int, int]
    products: int
    input_cells: int
    axis_reads: tuple[tuple[int, ...], ...]

    @property
    def expansion(self) -> Any:
        """How many times as many entries P has as the input has cells (0 for an empty batch).

        A ``Fraction``; a formula for a layer of every size.
        """
        entries = prod(self.patch_matrix_shape)
        if is_symbolic(entries, self.input_cells):
            return sympy.sympify(entries) / self.input_cells
        return Fraction(entries, self.input_cells or 1)

    @property
    def reads(self) -> Counts:
        """How many entries of P each cell of a channel is: shape (*spatial), the same in every channel.

        Examples:
            >>> from symconv.geometry import Geometry
            >>> Geometry(input_size=(3, 3), kernel_size=(2, 2)).describe().reads
            array([[1, 2, 1],
                   [2, 4, 2],
                   [1, 2, 1]])
        """
        return reduce(np.multiply.outer, [np.array(reads, dtype=np.int64) for reads in self.axis_reads])

    @property
    def fewest_reads(self) -> int:
        """How often the cell is read that is read least; 0 where a stride skips cells."""
        return prod(map(min, self.axis_reads))

    @property
    def most_reads(self) -> int:
        """How often the cell is read that is read most."""
        return prod(map(max, self.axis_reads))

    @property
    def mean_reads(self) -> Fraction:
        """How often a cell is read on average."""
        return prod((Fraction(sum(reads), len(reads)) for reads in self.axis_reads), start=Fraction(1))

    def rows(self) -> list[tuple[str, str]]:
        """Each number, or formula, with its name, as text.

        Examples:
            >>> from symconv.geometry import Geometry
            >>> Geometry((3, 3), (2, 2)).describe().rows()[:2]
            [('output size', '2 × 2'), ('patch matrix P', '4 × 4')]
        """
        if not self.axis_reads:  # a layer of every size
            return [
                ("output size", " × ".join(map(str, self.output_size))),
                ("patch matrix P", " × ".join(map(str, self.patch_matrix_shape))),
                ("weight matrix W", " × ".join(map(str, self.weight_matrix_shape))),
                ("products", str(self.products)),
                ("P against the input", f"{self.expansion} times as many entries"),
            ]
        span = f"{self.fewest_reads} to {self.most_reads} windows"
        if self.fewest_reads == self.most_reads:
            span = f"{self.most_reads} {'window' if self.most_reads == 1 else 'windows'}"
        return [
            ("output size", " × ".join(map(str, self.output_size))),
            ("patch matrix P", " × ".join(f"{n:,}" for n in self.patch_matrix_shape)),
            ("weight matrix W", " × ".join(f"{n:,}" for n in self.weight_matrix_shape)),
            ("products", f"{self.products:,}"),
            ("P against the input", f"{_rounded(self.expansion)} times as many entries"),
            ("each input cell", f"is in {span}, {_rounded(self.mean_reads)} on average"),
        ]

    def __repr__(self) -> str:
        return "\n".join(f"{name:<21} {text}" for name, text in self.rows())


def axis_reads(
    size: int, kernel: int, stride: int, dilation: int, padding: tuple[int, int], mode: str, positions: int
) -> tuple[int, ...]:
    """How many taps of all windows on one axis read each of its places.

    Examples:
        >>> axis_reads(3, kernel=2, stride=1, dilation=1, padding=(1, 0), mode="zeros", positions=3)
        (2, 2, 1)
    """
    counts = np.zeros(size, dtype=np.int64)
    if mode == "zeros":
        for tap in range(
            kernel
        ):  # reads the places first, first + stride, …; those in the padding are nobody's
            first = tap * dilation - padding[0]
            begin = max(0, -(first // stride))
            end = min(positions, -((first - size) // stride))
            if begin < end:
                counts[first + begin * stride : first + (end - 1) * stride + 1 : stride] += 1
    else:
        places = np.pad(np.arange(size), padding, NUMPY_PADDING_MODES[mode])
        for tap in range(kernel):
            np.add.at(counts, places[tap * dilation :: stride][:positions], 1)
    return tuple(counts.tolist())


def _rounded(value: Fraction) -> str:
    return f"{float(value):.3g}"

"""The permutation between two layouts: as indices, and as matrices of zeros and ones."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.entries import Array, read_array
from symconv.errors import ArrayError, SizeLimitError
from symconv.forms.arrangement import Layout
from symconv.forms.cost import Cost
from symconv.forms.layouts import layout
from symconv.geometry import Geometry
from symconv.index_map import Map
from symconv.matrices import MOST_SYMBOLIC_ENTRIES
from symconv.show.latex import latex, matrix


@dataclass(frozen=True, eq=False, repr=False)
class Reordering:
    """How one layout's matrices become another's.

    The other patch matrix is ``R · P · C``, or ``R · Pᵀ · C`` where only one of the two has its patches
    upright: its entry (i, j) is the entry (rows[i], columns[j]) of the first, transposed or not.

    Attributes:
        geometry: the layer.
        one: the layout that is given.
        other: the layout that is wanted.
        rows: for each row of the other patch matrix, its number in the first (after transposing).
        columns: likewise for each column.

    Source: Golub & Van Loan 2013, *Matrix Computations*, section 1.2, on permutation matrices.

    Examples:
        >>> r = permutation(Geometry((3, 3), 2), "symconv", "matlab")
        >>> r
        Reordering from deep-learning-from-scratch to matlab: R (4×4) · Pᵀ · C (4×4)
        >>> r.rows, r.columns
        (array([0, 2, 1, 3]), array([0, 2, 1, 3]))
    """

    geometry: Geometry
    one: Layout
    other: Layout
    rows: Map
    columns: Map

    @property
    def transposed(self) -> bool:
        """Whether rows and columns are swapped before they are permuted."""
        return self.one.taps_first != self.other.taps_first

    @property
    def cost(self) -> Cost:
        """No product and no sum: entries are only moved. Held are P and W in the other order.

        Examples:
            >>> permutation(Geometry((3, 3), 2), "symconv", "matlab").cost
            Cost(products=0, additions=0, memory=20)
        """
        g = self.geometry
        return Cost(0, 0, prod(g.patch_matrix_shape) + prod(g.weight_matrix_shape))

    @cached_property
    def matrices(self) -> tuple[sympy.Matrix, sympy.Matrix]:
        """R and C, matrices of zeros and ones.

        Raises:
            SizeLimitError: they would have more than 250,000 entries.

        Examples:
            >>> R, C = permutation(Geometry(3, 2), "torch", "symconv").matrices
            >>> R, C == sympy.eye(2)
            (Matrix([
            [1, 0],
            [0, 1]]), True)
        """
        return sympy.Matrix(self._ones(self.rows)), sympy.Matrix(self._ones(self.columns).T)

    def patches(self, matrix: Any) -> Any:
        """The patch matrix of the other layout, from that of the first.

        Args:
            matrix: an ndarray or SymPy matrix.

        Returns:
            The same kind of matrix.

        Raises:
            ArrayError: it has another shape.

        Examples:
            >>> g = Geometry((1, 3), (1, 2), in_channels=2)
            >>> r = permutation(g, "torch", "tensorflow")
            >>> r.patches(layout("torch").patch_matrix(g, [[1, 2, 3], [4, 5, 6]]))
            array([[1, 4, 2, 5],
                   [2, 5, 3, 6]])
        """
        shape = self.geometry.patch_matrix_shape
        return self._moved(matrix, "matrix", shape, self.rows, self.columns)

    def weights(self, matrix: Any) -> Any:
        """The weight matrix of the other layout, from that of the first.

        Args:
            matrix: an ndarray or SymPy matrix.

        Raises:
            ArrayError: it has another shape.

        Examples:
            >>> r = permutation(Geometry((1, 3), (1, 2), in_channels=2), "torch", "tensorflow")
            >>> r.weights([[1, 2, 3, 4]]).T
            array([[1, 3, 2, 4]])
        """
        taps, filters = self.geometry.weight_matrix_shape
        if self.other.taps_first:
            return self._moved(matrix, "matrix", (taps, filters), slice(None), self.rows)
        return self._moved(matrix, "matrix", (taps, filters), self.columns, slice(None))

    def product(self, matrix: Any) -> Any:
        """The product of the other layout's two matrices, from that of the first's.

        Args:
            matrix: an ndarray or SymPy matrix.

        Raises:
            ArrayError: it has another shape.

        Examples:
            >>> permutation(Geometry((3, 3), 2), "symconv", "matlab").product([[83], [113], [173], [203]])
            array([[ 83, 173, 113, 203]])
        """
        shape = (self.geometry.patch_matrix_shape[0], self.geometry.out_channels)
        if self.other.taps_first:
            return self._moved(matrix, "matrix", shape, slice(None), self.columns)
        return self._moved(matrix, "matrix", shape, self.rows, slice(None))

    def with_indices(self, rows: Any = None, columns: Any = None) -> "Reordering":
        """The same claim with indices of your own, so that they can be proved or refuted.

        Args:
            rows: shape (rows of the other patch matrix,); None for those that are right.
            columns: likewise for its columns.

        Raises:
            ArrayError: they are not whole numbers, or too many or too few, or beyond the matrix.

        Examples:
            >>> permutation(Geometry((3, 3), 2), "symconv", "matlab").with_indices(rows=[0, 1, 2, 3]).rows
            array([0, 1, 2, 3])
        """
        return replace(
            self,
            rows=self.rows if rows is None else _indices(rows, self.rows, "rows"),
            columns=self.columns if columns is None else _indices(columns, self.columns, "columns"),
        )

    def latex(self) -> str:
        r"""The equation between the two patch matrices, with R and C written out.

        Examples:
            >>> print(permutation(Geometry(2, 2), "symconv", "torch").latex())
            P_{\text{torch}} =
            \underbrace{\left[\begin{array}{cc}
            1 & 0 \\
            0 & 1
            \end{array}\right]}_{R}
            P_{\text{deep-learning-from-scratch}}^{\mathsf T}
            \underbrace{\left[\begin{array}{c}
            1
            \end{array}\right]}_{C}
        """
        left, right = matrix(self._ones(self.rows)), matrix(self._ones(self.columns).T)
        power = r"^{\mathsf T}" if self.transposed else ""
        return "\n".join(
            [
                rf"P_{{\text{{{self.other.name}}}}} =",
                rf"\underbrace{{{left}}}_{{R}}",
                rf"P_{{\text{{{self.one.name}}}}}{power}",
                rf"\underbrace{{{right}}}_{{C}}",
            ]
        )

    def _repr_latex_(self) -> str | None:
        large = max(self.rows.size, self.columns.size) ** 2 > MOST_SYMBOLIC_ENTRIES
        return None if large else rf"$\displaystyle {self.latex()}$"

    def __repr__(self) -> str:
        r, c = len(self.rows), len(self.columns)
        middle = "Pᵀ" if self.transposed else "P"
        return f"Reordering from {self.one.name} to {self.other.name}: R ({r}×{r}) · {middle} · C ({c}×{c})"

    def _ones(self, indices: Map) -> Array:
        """The matrix whose row i has its one in column indices[i]."""
        if (entries := indices.size**2) > MOST_SYMBOLIC_ENTRIES:
            raise SizeLimitError(
                f"{self!r} has a matrix of {entries:,} entries, more than {MOST_SYMBOLIC_ENTRIES:,}: "
                "use the indices, or choose smaller sizes"
            )
        return np.eye(indices.size, dtype=int)[indices]

    def _moved(self, given: Any, name: str, shape: tuple[int, int], rows: Any, columns: Any) -> Any:
        """A matrix of the first layout in the orientation of the other, its rows and columns picked."""
        array = read_array(given, name)
        wanted = shape[::-1] if self.one.taps_first else shape
        if array.shape != wanted:
            raise ArrayError(
                f"{name} has shape {array.shape}: {self.one.name} has one of shape {wanted} for this layer"
            )
        moved = (array.T if self.transposed else array)[rows][:, columns]
        return sympy.Matrix(moved) if isinstance(given, sympy.MatrixBase) else moved


def permutation(geometry: Geometry, one: Any, other: Any) -> Reordering:
    """The permutation that takes one layout's matrices to another's.

    Args:
        geometry: the layer.
        one: the layout that is given, by name.
        other: the layout that is wanted, by name.

    Returns:
        ``Reordering``, to be proved with ``prove``.

    Raises:
        RequestError: there is no such layout.

    Source: Golub & Van Loan 2013, *Matrix Computations*, section 1.2, on permutation matrices.

    Examples:
        >>> g = Geometry((1, 3), (1, 2), in_channels=2, batch=2)
        >>> permutation(g, "onnx", "cs231n").columns
        array([0, 2, 1, 3])
    """
    first, second = layout(one), layout(other)
    positions = np.argsort(first.position_order(geometry))[second.position_order(geometry)]
    taps = np.argsort(first.tap_order(geometry))[second.tap_order(geometry)]
    rows, columns = (taps, positions) if second.taps_first else (positions, taps)
    return Reordering(geometry, first, second, rows, columns)


@latex.register
def _(reordering: Reordering) -> str:
    return reordering.latex()


def _indices(given: Any, like: Map, name: str) -> Map:
    numbers = read_array(given, name)
    if numbers.shape != like.shape or numbers.dtype.kind not in "iu":
        raise ArrayError(
            f"{name} has shape {numbers.shape} and entries of {numbers.dtype}: give {like.size} whole numbers"
        )
    wrong = numbers[(numbers < 0) | (numbers >= like.size)]
    if wrong.size:
        raise ArrayError(f"{name} holds {wrong[0]}: give numbers from 0 to {like.size - 1}")
    return numbers

r"""The discrete Fourier transform, exactly: the matrix in whose basis circular convolution is diagonal.

.. math:: F_{jk} = \omega^{jk}, \quad \omega = e^{-2\pi i/n}, \quad F\,C(w)\,F^{-1} = \mathrm{diag}(\bar F w)

for the convolution of CNNs; for the true one, whose matrix is C(w) transposed, it is diag(F w). Both are
proved with roots of unity, not with floating-point numbers.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from math import lcm, prod
from typing import Any

import numpy as np
import sympy

from symconv.entries import Array, as_symbolic, is_symbolic, object_array, read_array
from symconv.errors import ArrayError, RequestError, SizeLimitError
from symconv.forms.cyclotomic import RootSum, read_roots
from symconv.forms.diagonal import INVERSE, Table, identities, transform
from symconv.forms.fft import check_kernel, evaluate_circular
from symconv.forms.fourier_latex import diagonal, root_matrix
from symconv.geometry import Geometry
from symconv.index_map import Map, index_map
from symconv.proof.exact import prove_maps
from symconv.proof.identity import Difference, IdentityProof
from symconv.prove import prove
from symconv.show.latex import latex, matrix
from symconv.sizes import Sizes, is_sequence, whole
from symconv.symbols import symbolic

MOST_CELLS = 64  # of a transform that is written out: its proof makes n³ products, twice


def fourier(n: Sizes) -> "Fourier":
    """The discrete Fourier transform of n cells, or of an array of several axes.

    Args:
        n: cells along the axis, or one int for each axis.

    Returns:
        A ``Fourier``: exact matrices for up to 64 cells, and numbers for any.

    Raises:
        ArrayError: n has no axes.
        GeometryError: a size is not a whole number of at least 1.

    Source: Gray 2006, *Toeplitz and circulant matrices: a review*, section 3.1.

    Examples:
        >>> f = fourier(4)
        >>> f.matrix
        Matrix([
        [1,  1,  1,  1],
        [1, -I, -1,  I],
        [1, -1,  1, -1],
        [1,  I, -1, -I]])
        >>> bool(f.prove())
        True
    """
    sizes = tuple(whole(size, "n") for size in (n if is_sequence(n) else [n]))
    if not sizes:
        raise ArrayError("n=() has no axes: give a number of cells for at least one")
    return Fourier(sizes)


@dataclass(frozen=True, eq=False, repr=False)
class Fourier:
    """The discrete Fourier transform of arrays of some size, and circular convolution in its basis.

    The cells of an array of several axes are numbered row by row, and the matrix is the Kronecker product of
    the axes' own.

    Attributes:
        sizes: cells along each axis.
        given: matrices to be proved or refuted in place of F and F⁻¹; None for the transform's own.

    Source: Gray 2006, *Toeplitz and circulant matrices: a review*, section 3.1.

    Examples:
        >>> fourier((2, 3))
        fourier((2, 3)): F (6×6), of powers of ω = exp(−2πi/6)
    """

    sizes: tuple[int, ...]
    given: tuple[Array, Array] | None = None

    @property
    def cells(self) -> int:
        """How many cells there are, which is the number of rows of F."""
        return prod(self.sizes)

    @property
    def order(self) -> int:
        """The order of the root of unity ω that all entries are sums of powers of."""
        return self._tables[0]

    @property
    def geometry(self) -> Geometry:
        """The layer that circular convolution is: a kernel of all sizes, padded around the circle."""
        pads = [(0, n - 1) for n in self.sizes]
        return Geometry(self.sizes, self.sizes, padding=pads, padding_mode="circular")

    @property
    def matrix(self) -> sympy.Matrix:
        """F, shape (n, n): a row for each frequency, a column for each cell.

        Examples:
            >>> fourier(3).matrix.row(1)
            Matrix([[1, exp(-2*I*pi/3), exp(2*I*pi/3)]])
        """
        return _for_sympy(self._tables[1])

    @property
    def inverse(self) -> sympy.Matrix:
        """F⁻¹, shape (n, n): the conjugate of F, transposed, over n.

        Examples:
            >>> fourier(2).inverse
            Matrix([
            [1/2,  1/2],
            [1/2, -1/2]])
        """
        return _for_sympy(self._tables[2])

    def circulant(self, w: Any = None, *, flipped: bool = False) -> sympy.Matrix:
        """C(w), shape (n, n): circular convolution with a kernel, as a matrix.

        Args:
            w: kernel of as many axes and no more cells along any; symbols if left out.
            flipped: the matrix of the true convolution, with the kernel reversed: C(w) transposed.

        Raises:
            ArrayError: the kernel has other axes, or is larger.

        Examples:
            >>> fourier(3).circulant()
            Matrix([
            [w_{0}, w_{1}, w_{2}],
            [w_{2}, w_{0}, w_{1}],
            [w_{1}, w_{2}, w_{0}]])
            >>> fourier(4).circulant([7, 9]).row(3)
            Matrix([[9, 0, 0, 7]])
        """
        kernel, entries = self._kernel(w), object_array([sympy.S.Zero] * self.cells**2, (self.cells,) * 2)
        for row, reads in enumerate(self._windows):
            entries[row, reads] = kernel
        return sympy.Matrix(entries.T if flipped else entries)

    def diagonal(self, w: Any = None, *, flipped: bool = False) -> sympy.Matrix:
        """F·C(w)·F⁻¹, shape (n, n): diag(F̄ w), or diag(F w) for the true convolution.

        Args:
            w: kernel of as many axes and no more cells along any; symbols if left out.
            flipped: for the true convolution.

        Examples:
            >>> fourier(2).diagonal([5, 3])
            Matrix([
            [8, 0],
            [0, 2]])
        """
        kernel = self._kernel(w)
        rows = self._tables[1] if flipped else [[v.conjugate() for v in row] for row in self._tables[1]]
        return sympy.diag(
            *(
                sympy.expand(sympy.Add(*(v.expression() * cell for v, cell in zip(row, kernel, strict=True))))
                for row in rows
            )
        )

    def evaluate(self, x: Any, w: Any, *, flipped: bool = False) -> Array:
        """The circular convolution of numbers through the fast transform, for any number of cells.

        Args:
            x: input, shape (*sizes), (C, *sizes) or (N, C, *sizes).
            w: kernels, of the axes of ``sizes`` for a bare input, else (F, C, *kernel); no larger than it.
            flipped: the true convolution, with the kernels reversed.

        Returns:
            An ndarray of shape (*sizes), (F, *sizes) or (N, F, *sizes) after the shape of ``x``.

        Raises:
            ArrayError: the arrays do not belong to each other, or to this transform.

        Examples:
            >>> fourier(3).evaluate([1, 2, 3], [1, 10]).round(9)
            array([21., 32., 13.])
            >>> fourier(3).evaluate([1, 2, 3], [1, 10], flipped=True).round(9)
            array([31., 12., 23.])
        """
        return evaluate_circular(x, w, self.sizes, flipped=flipped)

    def with_matrix(self, matrix: Any, inverse: Any = None) -> "Fourier":
        """The same sizes with matrices of your own for F and F⁻¹, to be proved or refuted.

        Args:
            matrix: shape (n, n), entries that are sums of roots of unity with rational coefficients.
            inverse: likewise; by default the conjugate of ``matrix``, transposed, over n.

        Raises:
            ArrayError: the matrix has another shape, or an entry that is no such sum.

        Examples:
            >>> f = fourier(2)
            >>> f.with_matrix([[1, 1], [1, 1]]).prove()
            Refuted (tier: exact) after 2 entries, for fourier(2);
            F·F⁻¹ = 1 fails first at [0, 1]
              left  = 1
              right = 0
        """
        own = self._read(matrix, "matrix")
        if inverse is not None:
            return replace(self, given=(own, self._read(inverse, "inverse")))
        _, roots = read_roots(own.flat, 1, "matrix")
        table = [root.conjugate().over(self.cells).expression() for root in roots]
        return replace(self, given=(own, object_array(table, own.shape).T))

    def prove(self) -> IdentityProof:
        """Prove that F diagonalises circular convolution with any kernel, as an identity of exact numbers.

        What is compared, entry by entry, is F·F⁻¹ = 1, then F·C(w)ᵀ = diag(F w)·F for the true convolution,
        and F·C(w) = diag(F̄ w)·F for the one of CNNs. That C(w) is the loop formula with circular padding is
        proved first, from its map.

        Raises:
            ArrayError: C(w) is not the loop formula, which only a plan that is wrong can bring about.
            SizeLimitError: more than 64 cells.

        Examples:
            >>> fourier(3).prove()
            Proved (tier: exact). F·C(w)·F⁻¹ = diag(F̄ w), and F·C(w)ᵀ·F⁻¹ = diag(F w), for fourier(3):
            27 entries compared as sums of roots of unity, with any kernel w.
        """
        _, forward, backward = self._tables
        maps = prove_maps(self.geometry, index_map(self.geometry))
        if not maps:  # pragma: no cover (then the plan itself is wrong)
            raise ArrayError(f"C(w) of {self!r} is not the loop formula: {maps.counterexample}")
        compared = 0
        for identity, place, left, right in identities(forward, backward, self._windows):
            compared += 1
            if any(a != b for a, b in zip(left, right, strict=True)):
                sides = [self._in_kernel(identity, side) for side in (left, right)]
                difference = Difference(identity, place, *sides)
                return IdentityProof(False, _CLAIM, self._name, compared, _METHOD, difference)
        return IdentityProof(True, _CLAIM, self._name, compared, _METHOD)

    def latex(self, part: str = "matrix", w: Any = None) -> str:
        r"""LaTeX of one part, for display mathematics; large matrices are elided.

        Args:
            part: ``"matrix"`` (F in powers of ω), ``"identity"`` (what it does to circular convolution),
                ``"circulant"`` (C(w)), ``"diagonal"`` (F·C(w)·F⁻¹) or ``"sizes"`` (what ω is).
            w: kernel for ``"circulant"`` and ``"diagonal"``, as ``circulant`` takes it; symbols if left out.

        Raises:
            RequestError: there is no such part.
            SizeLimitError: more than 64 cells.

        Examples:
            >>> print(fourier(2).latex())
            F = \left[\begin{array}{cc}
            1 & 1 \\
            1 & \omega
            \end{array}\right], \quad \omega = e^{-2\pi\mathrm{i}/2}
        """
        root = rf"\omega = e^{{-2\pi\mathrm{{i}}/{self.order}}}"
        if part == "identity":
            return r"F\,C(w)\,F^{-1} = \operatorname{diag}\left(\bar{F}\,w\right)"
        if part == "sizes":
            return root
        if part == "circulant":
            return rf"C(w) = {matrix(np.array(self.circulant(w)))}"
        if part == "diagonal":
            conjugate = [[value.conjugate() for value in row] for row in self._tables[1]]
            return rf"F\,C(w)\,F^{{-1}} = {diagonal(conjugate, list(self._kernel(w)))}, \quad {root}"
        if part != "matrix":
            raise RequestError(
                f"part={part!r} is unknown for a Fourier transform: "
                "use matrix, identity, circulant, diagonal or sizes"
            )
        return rf"F = {root_matrix(self._tables[1])}, \quad {root}"

    def __repr__(self) -> str:
        if self.cells > MOST_CELLS:
            return f"{self._name}: F ({self.cells}×{self.cells}), for numbers"
        return (
            f"{self._name}: F ({self.cells}×{self.cells}), of powers of ω = exp(−2πi/{self.order})"
            f"{'' if self.given is None else ', a matrix of your own'}"
        )

    def _repr_latex_(self) -> str | None:
        return rf"$\displaystyle {self.latex()}$" if self.cells <= MOST_CELLS else None

    @property
    def _name(self) -> str:
        return f"fourier({self.sizes[0] if len(self.sizes) == 1 else self.sizes})"

    @cached_property
    def _windows(self) -> Map:
        """The cell that each tap (column) reads for each output cell (row): the plan of ``geometry``."""
        self._refuse_if_large()
        return index_map(self.geometry).patch

    @cached_property
    def _tables(self) -> tuple[int, Table, Table]:
        """The order of ω, F and F⁻¹."""
        self._refuse_if_large()
        n = self.cells
        if self.given is not None:
            order, roots = read_roots([*self.given[0].flat, *self.given[1].flat], lcm(*self.sizes), "matrix")
            rows = [roots[start : start + n] for start in range(0, len(roots), n)]
            return order, rows[:n], rows[n:]
        return transform(self.sizes)

    def _in_kernel(self, identity: str, side: list[RootSum]) -> sympy.Expr:
        """One side of an entry, as an expression in the kernel's cells where it depends on them."""
        kernel = [sympy.S.One] if identity == INVERSE else list(self._kernel(None))
        return sympy.Add(*(v.expression() * cell for v, cell in zip(side, kernel, strict=True)))

    def _kernel(self, w: Any) -> Array:
        """A kernel's cells with zeros around the circle, in one row: symbols where none is given."""
        self._refuse_if_large()
        if w is None:
            cells: Array = symbolic("w", self.sizes).ravel()
            return cells
        array = read_array(w, "w")
        check_kernel(array.shape, self.sizes)
        if not is_symbolic(array) and array.dtype.kind in "fc":
            array = array.astype(object)
        filled = object_array([sympy.S.Zero] * self.cells, self.sizes)
        filled[tuple(map(slice, array.shape))] = as_symbolic(array)
        return filled.ravel()

    def _read(self, values: Any, name: str) -> Array:
        array = read_array(values, name)
        if array.shape != (self.cells, self.cells):
            raise ArrayError(
                f"{name} has shape {array.shape}: give {self.cells} rows of {self.cells} entries each"
            )
        read_roots(array.flat, 1, name)
        return array.astype(object)

    def _refuse_if_large(self) -> None:
        if self.cells > MOST_CELLS:
            raise SizeLimitError(
                f"n={self.cells} cells are too many to write F out: use at most {MOST_CELLS}, "
                "or evaluate, which takes any number"
            )


_CLAIM = "F·C(w)·F⁻¹ = diag(F̄ w), and F·C(w)ᵀ·F⁻¹ = diag(F w)"
_METHOD = "sums of roots of unity, with any kernel w"


def _for_sympy(table: Table) -> sympy.Matrix:
    return sympy.Matrix([[value.expression() for value in row] for row in table])


@prove.register
def _(f: Fourier) -> IdentityProof:
    return f.prove()


@latex.register
def _(f: Fourier, part: str = "matrix", **options: Any) -> str:
    return f.latex(part, **options)

r"""The convolution matrix T, with vec(y) = T·vec(x): where P·W repeats cells of the input, T repeats weights.

.. math:: T_{(f,o),\,(c,i)} = \sum_{t\,:\; o\,s + t\,d - p\; \text{reads}\; i} w_{f,c,t}

Stands on the plan: the entry of P in row o and the entry of W in column f at the same tap say which weight
stands in row (f, o), and in which column. It is held as these weights alone, not as a dense matrix.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, singledispatch
from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.entries import Array, as_symbolic, is_symbolic
from symconv.errors import ArrayError, RequestError, SizeLimitError, SymconvError
from symconv.forms.arguments import refuse_symbols
from symconv.forms.cost import Cost
from symconv.forms.toeplitz_proof import prove_convolution_matrix
from symconv.forms.toeplitz_terms import plan_terms, read_terms
from symconv.geometry import Geometry
from symconv.index_map import Map
from symconv.matrices import Matrices, filled_with_symbols, integer_dtype
from symconv.proof.identity import IdentityProof
from symconv.prove import prove
from symconv.show.latex import latex
from symconv.show.notebook import MathArray

try:
    import scipy  # its sparse arrays are loaded when they are first asked for
except ImportError:  # pragma: no cover
    scipy = None

MOST_ENTRIES = 1 << 27  # of a dense matrix of numbers: a gigabyte


@singledispatch
def convolution_matrix(layer: Any) -> "ConvolutionMatrix":
    """The convolution matrix T of a layer, with vec(y) = T·vec(x) for each sample.

    vec(x) is the sample's input row by row, ``x.ravel()`` of (C, *spatial); vec(y) likewise of (F, *out).

    Args:
        layer: what ``unroll`` returned; or a ``Geometry``, which is then filled with symbols.

    Returns:
        A ``ConvolutionMatrix`` of shape (F·L, C·H·W), the same for every sample.

    Raises:
        GeometryError: a size is a symbol. (For every size there is the theorem ``theorem("toeplitz")``.)
        RequestError: it is no layer.

    Source: Dumoulin & Visin 2016, *A guide to convolution arithmetic for deep learning*, section 4.1.

    Examples:
        >>> t = convolution_matrix(Geometry(4, 2, stride=2))
        >>> t
        Convolution matrix T (2×4), symbolic
        >>> t.matrix
        Matrix([
        [w_{0}, w_{1},     0,     0],
        [    0,     0, w_{0}, w_{1}]])
        >>> bool(t.prove())
        True
    """
    raise RequestError(
        f"{type(layer).__name__} is nothing that has a convolution matrix: "
        "give a Geometry of numbers, or what sc.unroll returned"
    )


@dataclass(frozen=True, eq=False, repr=False)
class ConvolutionMatrix:
    """The convolution matrix T of a layer: shape (F·L, C·H·W), doubly block Toeplitz for images of stride 1.

    Rows are output cells (f, *position), columns are input cells (c, *cell), both row by row.

    Attributes:
        layer: the layer's arrays and its plan.
        given: the weights of a matrix of your own, as ``terms`` has them; None for the plan's.

    Source: Dumoulin & Visin 2016, *A guide to convolution arithmetic for deep learning*, section 4.1.

    Examples:
        >>> t = convolution_matrix(Geometry((3, 3), (2, 2)))
        >>> t
        Convolution matrix T (4×9), 2×3 blocks of 2×3, symbolic
        >>> t.matrix.row(3)
        Matrix([[0, 0, 0, 0, w_{0,0}, w_{0,1}, 0, w_{1,0}, w_{1,1}]])
    """

    layer: Matrices
    given: Map | None = None

    @property
    def geometry(self) -> Geometry:
        """The sizes and hyper-parameters of the layer."""
        return self.layer.geometry

    @property
    def shape(self) -> tuple[int, int]:
        """(F·L, C·H·W): output cells by input cells of one sample."""
        return prod(self.geometry.output_shape[1:]), prod(self.geometry.input_shape[1:])

    @property
    def blocks(self) -> tuple[tuple[int, int], ...]:
        """How T falls into blocks: so many (down, across) for channels, then for each axis of the image.

        F×C blocks, one for each filter and channel; each of OH×H blocks, one for each output row and input
        row; each of OW×W entries.

        Examples:
            >>> convolution_matrix(Geometry((5, 7), (2, 3), in_channels=3)).blocks
            ((1, 3), (4, 5), (5, 7))
        """
        g = self.geometry
        return ((g.out_channels, g.in_channels), *zip(g.output_size, g.input_size, strict=True))

    @cached_property
    def terms(self) -> Map:
        """Row, column and kernel cell of each weight in T: shape (K, 3), rows in order.

        Where padding repeats pixels, a place can have several weights: its entry is their sum.

        Raises:
            SizeLimitError: there are more than 33,554,432.

        Examples:
            >>> convolution_matrix(Geometry(2, 2, padding=[(1, 0)], padding_mode="replicate")).terms
            array([[0, 0, 0],
                   [0, 0, 1],
                   [1, 0, 0],
                   [1, 1, 1]])
        """
        terms = plan_terms(self.layer) if self.given is None else self.given
        terms.flags.writeable = False
        return terms

    @property
    def nonzeros(self) -> int:
        """How many entries of T have a weight in them, be its value 0 or not.

        Examples:
            >>> convolution_matrix(Geometry((3, 3), (2, 2))).nonzeros
            16
        """
        return int(np.unique(self._places).size)

    @cached_property
    def matrix(self) -> Any:
        """T, shape (F·L, C·H·W): a ``sympy.Matrix`` for kernels of symbols, else an ndarray.

        The dtype is the kernels'; of integers it is int64, or object where 64 bits might not hold a sum.

        Raises:
            SizeLimitError: it has more symbolic entries than ``max_entries`` of ``unroll``, or more numbers
                than 134,217,728.

        Examples:
            >>> convolution_matrix(Geometry(3, 2, padding=1, padding_mode="circular")).matrix
            Matrix([
            [w_{1},     0, w_{0}],
            [w_{0}, w_{1},     0],
            [    0, w_{0}, w_{1}],
            [w_{1},     0, w_{0}]])
        """
        rows, columns = self.shape
        if self._is_symbolic:
            self.layer.refuse_if_large("the convolution matrix", rows * columns)
            sums = dict(self._sums())
            flat = [sums.get(place, sympy.S.Zero) for place in range(rows * columns)]
            return sympy.Matrix(rows, columns, flat)
        if rows * columns > MOST_ENTRIES:
            raise SizeLimitError(
                f"the convolution matrix has {rows * columns:,} entries, more than {MOST_ENTRIES:,}: "
                "use sparse(), which holds only the weights"
            )
        weights = self._weights
        dense = np.zeros((rows, columns), dtype=weights.dtype)
        np.add.at(dense.reshape(-1), self._places, weights[self.terms[:, 2]])
        dense.flags.writeable = False
        return dense.view(MathArray)

    def sparse(self) -> Any:
        """T as a ``scipy.sparse.csr_array``, made without the dense matrix.

        Raises:
            RequestError: SciPy is not installed.
            ArrayError: the kernels hold symbols, or numbers that SciPy has no sparse arrays of.

        Examples:
            >>> from symconv.unroll import unroll
            >>> t = convolution_matrix(unroll([1, 2, 3, 4], [10, 1], padding=1))
            >>> (t.sparse() @ [1, 2, 3, 4]).tolist()
            [1, 12, 23, 34, 40]
        """
        if scipy is None:
            raise RequestError("sparse() needs SciPy, which is not installed: install scipy, or use matrix")
        if self._is_symbolic:
            raise ArrayError("the kernels hold symbols, and SciPy's arrays are of numbers: use matrix")
        weights = self._weights
        if weights.dtype.kind not in "iufc" or weights.dtype == np.float16:
            raise ArrayError(
                f"SciPy has no sparse arrays of dtype {weights.dtype}: use matrix, "
                "or give kernels of smaller integers, or of float32 or float64"
            )
        places = (self.terms[:, 0], self.terms[:, 1])
        entries = scipy.sparse.coo_array((weights[self.terms[:, 2]], places), shape=self.shape)
        return entries.tocsr()  # which adds up what stands in the same place

    @property
    def bias(self) -> Array | None:
        """What is added to T·vec(x): shape (F·L,), each filter's own at each of its positions; None for none.

        Examples:
            >>> from symconv.unroll import unroll
            >>> t = convolution_matrix(unroll([[1, 2, 3]], [[[1, 1]], [[1, -1]]], bias=[10, 20]))
            >>> t.matrix @ [1, 2, 3] + t.bias
            array([13, 15, 19, 19])
        """
        if self.layer.bias is None:
            return None
        return np.repeat(self.layer.bias, prod(self.geometry.output_size)).view(MathArray)

    @property
    def cost(self) -> Cost:
        """Of the dense product, zeros and all, for all samples; held is T.

        Sums of weights, where padding repeats pixels, are among the additions, once for all samples.

        Examples:
            >>> convolution_matrix(Geometry((3, 3), (2, 2))).cost
            Cost(products=36, additions=32, memory=36)
        """
        (rows, columns), batch = self.shape, self.geometry.batch
        summed = len(self.terms) - self.nonzeros
        return Cost(batch * rows * columns, batch * rows * (columns - 1) + summed, rows * columns)

    @property
    def sparse_cost(self) -> Cost:
        """Of the product with the entries that have a weight, for all samples.

        Held are, as in a ``csr_array``, these entries, the column of each, and where each row begins.

        Examples:
            >>> convolution_matrix(Geometry((3, 3), (2, 2))).sparse_cost
            Cost(products=16, additions=12, memory=37)
        """
        rows, batch, held = self.shape[0], self.geometry.batch, self.nonzeros
        sums = held - int(np.unique(self.terms[:, 0]).size)
        return Cost(batch * held, batch * sums + len(self.terms) - held, 2 * held + rows + 1)

    def entry(self, row: int, column: int) -> Any:
        """The entry of T in a row and a column, counted from 0: a weight, a sum of weights, or 0.

        Args:
            row: an output cell (f, *position), by its number.
            column: an input cell (c, *cell), by its number.

        Returns:
            An expression where the layer is symbolic, and otherwise a number of the weights' dtype.

        Raises:
            RequestError: T has no such entry.

        Examples:
            >>> t = convolution_matrix(Geometry((28, 28), 5, padding=2, padding_mode="replicate"))
            >>> t.entry(100, 101), t.entry(0, 2)
            (w_{2,3}, w_{0,4} + w_{1,4} + w_{2,4})
        """
        for name, index, count in zip(("row", "column"), (row, column), self.shape, strict=True):
            if isinstance(index, bool) or not isinstance(index, int | np.integer) or not 0 <= index < count:
                raise RequestError(f"{name}={index!r} is not in T: give an int from 0 to {count - 1}")
        begin, end = np.searchsorted(self.terms[:, 0], [row, row + 1])
        cells = self.terms[begin:end]
        found = self._weights[cells[cells[:, 1] == column, 2]]
        return sympy.Add(*found) if self._is_symbolic else found.sum()

    def with_matrix(self, matrix: Any) -> "ConvolutionMatrix":
        """The same layer with a matrix of your own for T, to be proved or refuted.

        Args:
            matrix: shape (F·L, C·H·W), entries that are sums of the kernels' symbols.

        Raises:
            ArrayError: the kernels are not symbols that all differ; the matrix has another shape, or an entry
                that is no sum of them.

        Examples:
            >>> t = convolution_matrix(Geometry(3, 2))
            >>> w = t.layer.kernel
            >>> t.with_matrix([[w[0], w[1], 0], [w[0], 0, w[1]]]).prove()
            Refuted (tier: exact) after 2 entries, for the convolution matrix T (2×3) of
            Geometry(input_size=(3,), kernel_size=(2,));
            T·vec(x) = the loop formula fails first at [1]
              left  = w_{0}*x_{0} + w_{1}*x_{2}
              right = w_{0}*x_{1} + w_{1}*x_{2}
        """
        return replace(self, given=read_terms(matrix, self.shape, self.layer.kernel))

    def prove(self) -> IdentityProof:
        """Prove that T·vec(x) is the loop formula, for these sizes and all values, and that P·W is it too.

        Both are compared as polynomials, and P·W is thereby proved equal to T·vec(x), for every sample.

        Examples:
            >>> convolution_matrix(Geometry((3, 3), (2, 2))).prove()
            Proved (tier: exact). T·vec(x) is the loop formula, and so is P·W, for
            the convolution matrix T (4×9) of Geometry(input_size=(3, 3), kernel_size=(2, 2)):
            4 entries compared as polynomials of 16 products.
        """
        rows, columns = self.shape
        about = f"the convolution matrix T ({rows}×{columns}) of {self.geometry!r}"
        return prove_convolution_matrix(self.layer, self.terms, about)

    def __repr__(self) -> str:
        rows, columns = self.shape
        levels = [f"{down}×{across}" for down, across in self.blocks]
        while len(levels) > 1 and levels[0] == "1×1":
            del levels[0]
        fallen = f", {' blocks of '.join(levels)}" if len(levels) > 1 else ""
        kind = "symbolic" if self._is_symbolic else "numeric"
        return f"Convolution matrix T ({rows}×{columns}){fallen}, {kind}"

    def _repr_latex_(self) -> str | None:
        try:
            return rf"$\displaystyle {latex(self)}$"
        except SymconvError:  # no sample, or too many weights: a notebook then shows the text
            return None

    @cached_property
    def _is_symbolic(self) -> bool:
        return is_symbolic(self.layer.kernel)

    @cached_property
    def _weights(self) -> Array:
        """The kernel cells by number, of a dtype in which sums of them are exact wherever they are."""
        kernel = self.layer.kernel.ravel()
        if self._is_symbolic:
            return as_symbolic(kernel)
        if kernel.dtype.kind not in "iu":
            return kernel
        return kernel.astype(
            integer_dtype(prod(self.geometry.kernel_shape[1:]), kernel, np.ones(1, np.int64))
        )

    @property
    def _places(self) -> Map:
        """The number of the entry that each weight stands in, counted row by row."""
        places: Map = self.terms[:, 0] * self.shape[1] + self.terms[:, 1]
        return places

    def _sums(self) -> Iterator[tuple[int, sympy.Expr]]:
        """The entries that have weights, as (number, sum of weights)."""
        places = self._places
        order = np.argsort(places, kind="stable")
        numbers, starts = np.unique(places[order], return_index=True)
        for number, cells in zip(numbers.tolist(), np.split(self.terms[order, 2], starts)[1:], strict=True):
            yield number, sympy.Add(*self._weights[cells])


@convolution_matrix.register
def _(layer: Matrices) -> ConvolutionMatrix:
    return ConvolutionMatrix(layer)


@convolution_matrix.register
def _(g: Geometry) -> ConvolutionMatrix:
    refuse_symbols(g)
    return ConvolutionMatrix(filled_with_symbols(g))


@prove.register
def _(matrix: ConvolutionMatrix) -> IdentityProof:
    return matrix.prove()

"""Unrolled: a convolution as one matrix product, the object a person holds.

Derives, proves and shows by calling the rooms above; it computes nothing itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy

from symconv.any_size import UnrolledAnySize
from symconv.entries import Array, read_array
from symconv.errors import ArrayError, RequestError
from symconv.forms.gradients import Gradients, gradients
from symconv.forms.toeplitz import ConvolutionMatrix, convolution_matrix
from symconv.geometry import Geometry
from symconv.index_formula import patch_entry, weight_entry
from symconv.index_map import Map, index_map
from symconv.matrices import MOST_SYMBOLIC_ENTRIES, Matrices, filled_with_symbols
from symconv.parts import part_latex
from symconv.proof.exact import own_names, prove_maps
from symconv.proof.verdict import Proof
from symconv.prove import prove
from symconv.show.latex import latex
from symconv.show.notebook import mathematical
from symconv.sizes import Padding, Sizes, whole


def unroll(
    x: Any,
    w: Any = None,
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
    bias: Any = None,
    start: int = 0,
    max_entries: int | None = MOST_SYMBOLIC_ENTRIES,
) -> Any:
    """Write a convolution as one matrix product: patch matrix times weight matrix.

    Args:
        x: input, shape (C, *spatial) or (N, C, *spatial), or bare 1-D or 2-D (one channel); or a
            ``Geometry``, which is then filled with symbols (and is given alone).
        w: kernels, shape (F, C/groups, *kernel), or bare, of as many axes as a bare ``x`` (one kernel).
        stride: cells from one window to the next, one int or one per axis.
        padding: cells around the input: an int, one int per axis, one (before, after) pair per axis,
            ``"valid"``, ``"same"``, ``"same_upper"`` or ``"same_lower"``.
        dilation: cells from one tap to the next, one int or one per axis.
        groups: blocks of channels that do not see each other.
        padding_mode: ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.
        bias: one number or symbol per filter, shape (F,).
        start: what the indices of names begin with, 0 or 1: those of the symbols made for a ``Geometry``,
            and those of the output's cells in LaTeX.
        max_entries: refuse to build symbolic matrices and products larger than this; None to insist.

    Returns:
        An ``Unrolled``; for a ``Geometry`` with symbols for sizes an ``UnrolledAnySize``.

    Raises:
        ArrayError: an array is ragged, empty, or does not belong to the other one.
        GeometryError: a size or hyper-parameter is impossible; the sentence says which and the fix.
        RequestError: something is given besides a Geometry that says it already.

    Source: Chellapilla, Puri & Simard 2006, section 2.1.

    Examples:
        >>> u = unroll([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[9, 8], [7, 6]])
        >>> u.patch_matrix
        array([[1, 2, 4, 5],
               [2, 3, 5, 6],
               [4, 5, 7, 8],
               [5, 6, 8, 9]])
        >>> u.output
        array([[ 83, 113],
               [173, 203]])
    """
    max_entries = None if max_entries is None else whole(max_entries, "max_entries")
    start = whole(start, "start", least=0)
    if isinstance(x, Geometry):
        given = (stride, padding, dilation, groups, padding_mode, bias)
        plain = (1, 0, 1, 1, "zeros", None)
        if w is not None or any(type(a) is not type(b) or a != b for a, b in zip(given, plain, strict=True)):
            raise RequestError(
                "a Geometry says everything about the layer: call unroll(geometry) with nothing else"
            )
        if x.symbols and start:
            raise RequestError(
                f"start={start}: entries of a layer of any size count from 0, so leave start out"
            )
        return UnrolledAnySize(x) if x.symbols else Unrolled(filled_with_symbols(x, start, max_entries))
    if w is None:
        raise ArrayError("w=None: give the kernels as well, or a Geometry alone")
    inputs, kernels = _own(x, "x"), _own(w, "w")
    biases = None if bias is None else _own(bias, "bias")
    g = Geometry.of_arrays(
        inputs.shape,
        kernels.shape,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        padding_mode=padding_mode,
        bias_shape=None if biases is None else biases.shape,
    )
    return Unrolled(Matrices(g, inputs, kernels, biases, index_map(g), max_entries, start))


@dataclass(frozen=True, eq=False, repr=False)
class Unrolled:
    """A convolution layer as the matrix product P·W, with what it was made of.

    Attributes:
        matrices: the layer's arrays, its plan, and the matrices gathered through it, as plain ndarrays.

    Source: Chellapilla, Puri & Simard 2006, section 2.1.

    Examples:
        >>> from symconv.symbols import input_matrix, kernel_matrix
        >>> u = unroll(input_matrix(3, 3), kernel_matrix(2, 2))
        >>> u
        Unrolled: P (4×4) · W (4×1) = Y (4×1), folded into an output of shape (2, 2), symbolic
        >>> bool(u.prove())
        True
    """

    matrices: Matrices

    @property
    def geometry(self) -> Geometry:
        """The sizes and hyper-parameters."""
        return self.matrices.geometry

    @property
    def patch_map(self) -> Map:
        """The number of the input cell in each entry of P; the count of cells stands for a padding zero."""
        return self.matrices.plan.patch

    @property
    def weight_map(self) -> Map:
        """The number of the kernel cell in each entry of W; the count of cells stands for a zero."""
        return self.matrices.plan.weight

    @property
    def input(self) -> Any:
        """The input x as it was given: (C, *spatial), (N, C, *spatial) or bare."""
        return self._given(self.matrices.input, "the input")

    @property
    def kernel(self) -> Any:
        """The kernels w as they were given: (F, C/groups, *kernel) or bare."""
        return self._given(self.matrices.kernel, "the kernels")

    @property
    def patch_matrix(self) -> Any:
        """P, shape (N·L, C·KH·KW): a ``sympy.Matrix`` when symbolic, else an ndarray.

        Examples:
            >>> unroll([1, 2, 3], [1, 1]).patch_matrix
            array([[1, 2],
                   [2, 3]])
        """
        return self._given(self.matrices.patches, "the patch matrix")

    @property
    def weight_matrix(self) -> Any:
        """W, shape (C·KH·KW, F): a ``sympy.Matrix`` when symbolic, else an ndarray.

        Examples:
            >>> unroll([1, 2, 3], [4, 5]).weight_matrix
            array([[4],
                   [5]])
        """
        return self._given(self.matrices.weights, "the weight matrix")

    @property
    def product(self) -> Any:
        """Y = P·W (plus the bias), shape (N·L, F): one row per output position, one column per filter.

        Examples:
            >>> unroll([1, 2, 3], [4, 5]).product
            array([[14],
                   [23]])
        """
        return self._given(self.matrices.product, "the product P·W")

    @property
    def output(self) -> Any:
        """The activation map, shape (*out), (F, *out) or (N, F, *out) after the shape of the input.

        A ``sympy.Matrix`` when symbolic and of two axes, else an ndarray.

        Examples:
            >>> unroll([1, 2, 3], [4, 5]).output
            array([14, 23])
        """
        return self._given(self.matrices.output, "the activation map")

    @property
    def toeplitz(self) -> Any:
        """The convolution matrix T with vec(y) = T·vec(x) for each sample: shape (F·L, C·H·W).

        A ``sympy.Matrix`` when the kernels are symbolic, else an ndarray; ``convolution_matrix`` of this has
        more to tell: its blocks, its proof, its cost, and the matrix in SciPy's sparse form.

        Examples:
            >>> unroll([1, 2, 3], [4, 5]).toeplitz
            array([[4, 5, 0],
                   [0, 4, 5]])
        """
        return self._convolution_matrix.matrix

    @cached_property
    def _convolution_matrix(self) -> ConvolutionMatrix:
        return convolution_matrix(self.matrices)

    def patch_entry(self, row: Any, column: Any) -> sympy.Expr:
        """The entry of P in a row and column as a formula over x, of numbers or of names.

        Args:
            row: an output position's number, as an int, a name or an expression.
            column: a tap's number, likewise.

        Examples:
            >>> unroll([1, 2, 3], [4, 5]).patch_entry("r", "q")
            x[q + r]
        """
        return patch_entry(self.geometry, row, column)

    def weight_entry(self, column: Any, filter_: Any) -> sympy.Expr:
        """The entry of W in a row (a column of P) and a column as a formula over w.

        Args:
            column: a tap's number, as an int, a name or an expression.
            filter_: a filter's number, likewise.

        Examples:
            >>> unroll([1, 2, 3], [4, 5]).weight_entry("q", 0)
            w[q]
        """
        return weight_entry(self.geometry, column, filter_)

    def with_maps(self, patch_map: Any = None, weight_map: Any = None) -> "Unrolled":
        """The same arrays unrolled by other maps, so that a map of your own can be proved or refuted.

        Args:
            patch_map: shape (N·L, C·KH·KW), integers; None keeps this one's.
            weight_map: shape (C·KH·KW, F), integers; None keeps this one's.

        Raises:
            ArrayError: a map has another shape, or a number that no cell has.

        Examples:
            >>> u = unroll([1, 2, 3], [4, 5])
            >>> print(u.with_maps(patch_map=u.patch_map[::-1]).prove().counterexample)
            first differing cell: y[0]
              P·W          = w_{0}*x_{1} + w_{1}*x_{2}
              loop formula = w_{0}*x_{0} + w_{1}*x_{1}
        """
        plan = self.matrices.plan.with_maps(patch_map, weight_map)
        return Unrolled(replace(self.matrices, plan=plan))

    def prove(self) -> Proof:
        """Prove that P·W is the loop formula, for these sizes and all values.

        Examples:
            >>> unroll([1, 2, 3], [4, 5]).prove()
            Proved (tier: exact). All 2 entries of P·W equal the loop formula, as polynomials:
            4 products, for any values of the inputs and weights (route: factorised).
        """
        return prove_maps(
            self.geometry,
            self.matrices.plan,
            names=own_names(self.matrices),
            hidden_axes=self.matrices.hidden_axes,
        )

    def input_gradient(self, dy: Any) -> Any:
        """The gradient by the input, dY·Wᵀ folded back, where that by the output is dy.

        Args:
            dy: of the shape of ``output``, numbers or symbols.

        Returns:
            Of the shape of the input. Floats and complex numbers (nothing is conjugated) keep their dtype;
            integers are exact, of int64 or Python's own.

        Raises:
            ArrayError: dy has another shape.

        Source: Goodfellow, Bengio & Courville 2016, *Deep Learning*, eq. 9.13; for layers of every size the
        theorem ``input-gradient``.

        Examples:
            >>> unroll([1, 2, 3], [10, 20]).input_gradient([1, 1])
            array([10, 30, 20])
        """
        return gradients(self, dy).input

    def weight_gradient(self, dy: Any) -> Any:
        """The gradient by the kernels, Pᵀ·dY, of their shape; dy and the dtype as for ``input_gradient``.

        Args:
            dy: of the shape of ``output``, numbers or symbols.

        Returns:
            Of the shape of the kernels; the dtype as for ``input_gradient``.

        Raises:
            ArrayError: dy has another shape.

        Source: Goodfellow, Bengio & Courville 2016, *Deep Learning*, eq. 9.11; for layers of every size the
        theorem ``weight-gradient``.

        Examples:
            >>> unroll([1, 2, 3], [10, 20]).weight_gradient([1, 1])
            array([3, 5])
        """
        return gradients(self, dy).weight

    def bias_gradient(self, dy: Any) -> Any:
        """The gradient by the biases, shape (F,): the sum of each filter's dy. Also where there is no bias.

        Args:
            dy: of the shape of ``output``, numbers or symbols.

        Returns:
            Shape (F,); the dtype as for ``input_gradient``.

        Raises:
            ArrayError: dy has another shape.

        Examples:
            >>> unroll([1, 2, 3], [10, 20]).bias_gradient([1, 1])
            array([2])
        """
        return gradients(self, dy).bias

    def latex(
        self, part: str = "product", *, cell: Sequence[int] | int | None = None, start: int | None = None
    ) -> str:
        r"""LaTeX of one part of the derivation, for display mathematics; large matrices are elided.

        Args:
            part: ``"input"``, ``"kernel"``, ``"output"`` (ruled grids); ``"formula"``; ``"sum"`` (one output
                cell as a sum), ``"dot"`` and ``"dot_reversed"`` (the same as row times column, either first);
                ``"patches"``, ``"weights"``, ``"product"`` (matrices); ``"fold"`` (columns back to maps).
            cell: index of an output cell, for ``"sum"`` and the dots; the first one by default.
            start: what the indices of ``cell`` and of the output's names begin with, 0 or 1; by default
                what ``unroll`` was told.

        Raises:
            RequestError: there is no such part, or no such cell.

        Examples:
            >>> print(unroll([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[9, 8], [7, 6]]).latex("sum"))
            9 \cdot 1 + 8 \cdot 2 + 7 \cdot 4 + 6 \cdot 5 = 83
        """
        layer = (
            self.matrices if start is None else replace(self.matrices, start=whole(start, "start", least=0))
        )
        return part_latex(layer, part, cell)

    def __repr__(self) -> str:
        rows, taps = self.patch_map.shape
        filters = self.geometry.out_channels
        kind = "symbolic" if self.matrices.is_symbolic else "numeric"
        return (
            f"Unrolled: P ({rows}×{taps}) · W ({taps}×{filters}) = Y ({rows}×{filters}), "
            f"folded into an output of shape {self.matrices.output_shape}, {kind}"
        )

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"

    def _given(self, array: Array, what: str) -> Any:
        """An array as a caller gets it: a SymPy matrix if it is symbolic and has two axes."""
        self.matrices.refuse_if_large(what, array.size)
        return mathematical(array, self.matrices.is_symbolic)


@latex.register
def _(u: Unrolled, part: str = "product", **options: Any) -> str:
    return u.latex(part, **options)


@convolution_matrix.register
def _(u: Unrolled) -> ConvolutionMatrix:
    return u._convolution_matrix


@prove.register
def _(u: Unrolled) -> Proof:
    return u.prove()


@gradients.register
def _(u: Unrolled, dy: Any = None) -> Gradients:
    return gradients(u.matrices, dy)


def _own(values: Any, name: str) -> Array:
    """A caller's array as one that nobody changes afterwards."""
    array = read_array(values, name).copy()
    array.flags.writeable = False
    return array

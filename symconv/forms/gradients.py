"""The gradients of a convolution: by the kernels Pᵀ·dY, by the input dY·Wᵀ folded back.

Both go through the plan's own maps, backwards: where P and W were gathered from cells, the entries of dP and
dW are added to the same cells.
"""

from dataclasses import dataclass, replace
from functools import cached_property, singledispatch
from math import prod
from typing import Any

import numpy as np

from symconv.adjoint import (
    input_gradient,
    input_products,
    weight_gradient,
    weight_products,
)
from symconv.entries import Array, is_symbolic
from symconv.errors import RequestError
from symconv.evaluate import result_dtype
from symconv.forms.arguments import fitted, refuse_symbols
from symconv.forms.cost import Cost
from symconv.geometry import Geometry
from symconv.index_map import IndexMap
from symconv.matrices import Matrices, filled_with_symbols, matrix_product, scatter, unfold_columns
from symconv.proof.gradients import prove_gradients
from symconv.proof.identity import IdentityProof
from symconv.prove import prove
from symconv.show.latex import latex
from symconv.show.notebook import mathematical
from symconv.symbols import symbolic


@singledispatch
def gradients(layer: Any, dy: Any = None) -> "Gradients":
    r"""The gradients of a layer by its input, kernels and bias, given that by its output.

    Let a loss change by dy for each unit that an output cell grows. Then it changes by

    .. math:: dW = P^{\mathsf T}\, dY, \qquad dP = dY\, W^{\mathsf T}, \qquad dx = \operatorname{fold}(dP)

    and by the sum of each column of dY for the biases. They are the derivatives of Σ dy·y, a polynomial: of
    complex numbers nothing is conjugated.

    Args:
        layer: what ``unroll`` returned; or a ``Geometry``, which is then filled with symbols.
        dy: the gradient by the output, of the output's shape, numbers or symbols; None for symbols.

    Returns:
        ``Gradients``.

    Raises:
        ArrayError: dy has another shape than the output.
        GeometryError: a size is a symbol.
        RequestError: the first argument is neither.

    Source: Goodfellow, Bengio & Courville 2016, *Deep Learning*, eqs. 9.11 and 9.13. For layers of every size
    these are the theorems ``weight-gradient`` and ``input-gradient``.

    Examples:
        >>> d = gradients(Geometry((3, 3), (2, 2)))
        >>> d
        Gradients: dW = Pᵀ (4×4) · dY (4×1) and dP = dY (4×1) · Wᵀ (1×4),
        folded into dw of shape (2, 2) and dx of shape (3, 3), symbolic
        >>> d.input[1, 1]
        dy_{0,0}*w_{1,1} + dy_{0,1}*w_{1,0} + dy_{1,0}*w_{0,1} + dy_{1,1}*w_{0,0}
        >>> bool(d.prove())
        True
    """
    raise RequestError(
        f"{type(layer).__name__} is nothing that has gradients: give what sc.unroll returned, or a Geometry"
    )


@dataclass(frozen=True, eq=False, repr=False)
class Gradients:
    """The gradients of a layer, with the matrices that they are made of.

    What is numeric is an ndarray; what is symbolic and has two axes is a ``sympy.Matrix``.

    Attributes:
        matrices: the layer's arrays, its plan, and its matrices.
        output_gradient: dy, of the shape of the output.
        added: the maps that say which cell each entry of dP and of dW is added to; the plan's own, if they
            are to be right.

    Source: Goodfellow, Bengio & Courville 2016, *Deep Learning*, eqs. 9.11 and 9.13. For layers of every size
    these are the theorems ``weight-gradient`` and ``input-gradient``.

    Examples:
        >>> from symconv.unroll import unroll
        >>> d = gradients(unroll([1, 2, 3], [10, 20]), [1, 1])
        >>> d.input, d.weight, d.bias
        (array([10, 30, 20]), array([3, 5]), array([2]))
    """

    matrices: Matrices
    output_gradient: Array
    added: IndexMap

    @property
    def geometry(self) -> Geometry:
        """The sizes and hyper-parameters."""
        return self.matrices.geometry

    @cached_property
    def is_symbolic(self) -> bool:
        """Whether any entry of x, w, the bias or dy is a SymPy expression."""
        return self.matrices.is_symbolic or is_symbolic(self.output_gradient)

    @property
    def output(self) -> Any:
        """The gradient dy by the output, as it was given."""
        return self._given(self.output_gradient, "dy")

    @property
    def patch_matrix(self) -> Any:
        """P, shape (N·L, C·KH·KW)."""
        return self._given(self.matrices.patches, "the patch matrix")

    @property
    def weight_matrix(self) -> Any:
        """W, shape (C·KH·KW, F)."""
        return self._given(self.matrices.weights, "the weight matrix")

    @property
    def product_gradient(self) -> Any:
        """The gradient dY by the product Y = P·W, shape (N·L, F): dy, a column for each filter."""
        return self._given(self._columns, "dY")

    @property
    def patch_matrix_gradient(self) -> Any:
        """The gradient dP = dY·Wᵀ by the patch matrix, shape (N·L, C·KH·KW).

        Examples:
            >>> from symconv.unroll import unroll
            >>> gradients(unroll([1, 2, 3], [10, 20]), [1, 1]).patch_matrix_gradient
            array([[10, 20],
                   [10, 20]])
        """
        return self._given(self._patches, "dP")

    @property
    def weight_matrix_gradient(self) -> Any:
        """The gradient dW = Pᵀ·dY by the weight matrix, shape (C·KH·KW, F).

        With groups it has an entry also where W has a zero that no kernel cell fills; that is not used.

        Examples:
            >>> from symconv.unroll import unroll
            >>> gradients(unroll([1, 2, 3], [10, 20]), [1, 1]).weight_matrix_gradient
            array([[3],
                   [5]])
        """
        return self._given(self._weights, "dW")

    @cached_property
    def input(self) -> Any:
        """The gradient dx by the input, of the shape of x: the entries of dP added where P read them.

        Floats and complex numbers keep their dtype. Integers are exact: of int64, or Python integers where
        64 bits might not hold a sum.
        """
        g, dy, w = self.geometry, self.output_gradient, self.matrices.kernel
        shape = self.matrices.input.shape
        if self._is_fast(input_products(g), w):
            dx = input_gradient(g, dy.reshape(g.output_shape), w.reshape(g.kernel_shape))
        else:
            dx = scatter(self._patches, self.added.patch, self.added.input_cells)
        return self._given(dx.reshape(shape), "dx")

    @cached_property
    def weight(self) -> Any:
        """The gradient dw by the kernels, of the shape of w: the entries of dW added where W read them."""
        g, dy, x = self.geometry, self.output_gradient, self.matrices.input
        shape = self.matrices.kernel.shape
        if self._is_fast(weight_products(g), x):
            dw = weight_gradient(g, dy.reshape(g.output_shape), x.reshape(g.input_shape))
        else:
            dw = scatter(self._weights, self.added.weight, self.added.kernel_cells)
        return self._given(dw.reshape(shape), "dw")

    @cached_property
    def bias(self) -> Any:
        """The gradient db by the biases, shape (F,): the sum of each column of dY. Also without a bias."""
        columns, filters = self._columns, self.geometry.out_channels
        if columns.dtype.kind in "fc":
            db = columns.sum(axis=0, dtype=np.result_type(columns, np.float32)).astype(columns.dtype)
        else:
            db = scatter(columns, np.broadcast_to(np.arange(filters), columns.shape), filters)
        return self._given(db, "db")

    @property
    def cost(self) -> Cost:
        """What dx and dw cost as matrix products and a fold; held are P and dP.

        Examples:
            >>> gradients(Geometry((3, 3), (2, 2))).cost
            Cost(products=32, additions=19, memory=32)
        """
        g, entries = self.geometry, self.matrices.plan.patch.size
        windows = np.bincount(self.added.patch.ravel(), minlength=self.added.input_cells + 1)[:-1]
        weights = g.products - (prod(g.kernel_shape) if g.batch else 0)
        folding = int(windows.sum()) - int(np.count_nonzero(windows))
        return Cost(2 * g.products, weights + (g.products - entries) + folding, 2 * entries)

    def with_maps(self, patch_map: Any = None, weight_map: Any = None) -> "Gradients":
        """The same products added to cells by other maps, to be proved or refuted.

        Args:
            patch_map: the input cell that each entry of dP is added to, shape (N·L, C·KH·KW); the count of
                cells drops it; None for P's own map.
            weight_map: the kernel cell that each entry of dW is added to, shape (C·KH·KW, F); None for that
                of W.

        Raises:
            ArrayError: a map has another shape, or a number that no cell has.

        Examples:
            >>> d = gradients(Geometry(3, 2))
            >>> print(d.with_maps(patch_map=[[0, 1], [3, 2]]).prove().difference)  # one window's 1 is lost
            dx = the derivative of Σ dy·y by x fails first at [1]
              left  = dy_{0}*w_{1}
              right = dy_{0}*w_{1} + dy_{1}*w_{0}
        """
        return replace(self, added=self.added.with_maps(patch_map, weight_map))

    def prove(self) -> IdentityProof:
        """Prove that dx and dw are derivatives of the loop formula, for these sizes and all values.

        Every product that is added to a cell is compared with those that the definition's sum, times dy, has
        with that cell, each as often.

        Examples:
            >>> gradients(Geometry((3, 3), (2, 2))).prove()
            Proved (tier: exact). dx and dw are the derivatives of Σ dy·y by x and by w, for
            Geometry(input_size=(3, 3), kernel_size=(2, 2)):
            13 entries compared as polynomials of 32 products.
        """
        x, w = self.matrices.input, self.matrices.kernel
        return prove_gradients(self.geometry, self.matrices.plan, self.added, x, w, self.output_gradient)

    def __repr__(self) -> str:
        (rows, taps), filters = self.matrices.plan.patch.shape, self.geometry.out_channels
        return (
            f"Gradients: dW = Pᵀ ({taps}×{rows}) · dY ({rows}×{filters}) "
            f"and dP = dY ({rows}×{filters}) · Wᵀ ({filters}×{taps}),\n"
            f"folded into dw of shape {self.matrices.kernel.shape} and dx of shape "
            f"{self.matrices.input.shape}, {'symbolic' if self.is_symbolic else 'numeric'}"
        )

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {latex(self)}$"

    @cached_property
    def _columns(self) -> Array:
        return unfold_columns(self.output_gradient, self.geometry)

    @cached_property
    def _patches(self) -> Array:
        self._refuse_if_large("the product dY·Wᵀ", self.geometry.products)
        return matrix_product(self._columns, self.matrices.weights.T)

    @cached_property
    def _weights(self) -> Array:
        self._refuse_if_large("the product Pᵀ·dY", self.geometry.products)
        return matrix_product(self.matrices.patches.T, self._columns)

    def _refuse_if_large(self, what: str, entries: int) -> None:
        self.matrices.refuse_if_large(what, entries, symbolic=self.is_symbolic)

    def _is_fast(self, products: int, factors: Array) -> bool:
        """Whether the maps are the plan's own, and the entries are numbers that NumPy multiplies."""
        own = self.added is self.matrices.plan and self.added.geometry == self.geometry
        native = all(a.dtype.kind in "iufc" for a in (factors, self.output_gradient))
        return own and native and result_dtype(products, factors, self.output_gradient, None).kind != "O"

    def _given(self, array: Array, what: str) -> Any:
        """An array as a caller gets it."""
        self._refuse_if_large(what, array.size)
        return mathematical(array, self.is_symbolic)


@gradients.register
def _(layer: Geometry, dy: Any = None) -> Gradients:
    refuse_symbols(layer)
    matrices = filled_with_symbols(layer)  # which leaves out axes of one entry, and so may dy
    given = None if dy is None else fitted(dy, layer.output_shape, "dy").reshape(matrices.output_shape)
    return gradients(matrices, given)


@gradients.register
def _(layer: Matrices, dy: Any = None) -> Gradients:
    shape = layer.output_shape
    given = symbolic("dy", shape, layer.start) if dy is None else fitted(dy, shape, "dy")
    return Gradients(layer, given, layer.plan)


@prove.register
def _(d: Gradients) -> IdentityProof:
    return d.prove()

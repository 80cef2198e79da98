"""A convolution of one tap as a matrix product over the channels."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.errors import GeometryError
from symconv.forms.arguments import fitted, refuse_symbols
from symconv.forms.cost import Cost
from symconv.geometry import Geometry
from symconv.index_map import IndexMap, Map, gather, padded_numbers, weight_map
from symconv.matrices import Matrices
from symconv.proof.exact import prove_maps
from symconv.proof.verdict import Proof
from symconv.prove import prove
from symconv.show.latex import latex


def pointwise(g: Geometry) -> "Pointwise":
    r"""A convolution of one tap as a matrix product over the channels: Y = W·X.

    .. math:: Y_{f,\,(n,o)} = \sum_c W_{f,c}\; X_{c,\,(n,o)}

    Args:
        g: a layer whose kernels have one tap, of any stride, padding and groups.

    Returns:
        A ``Pointwise``.

    Raises:
        GeometryError: the kernels have more than one tap, or a size is a symbol.

    Source: Lin, Chen & Yan 2014, *Network in network*, section 3.1.

    Examples:
        >>> layer = pointwise(Geometry((3, 4), 1, in_channels=2, out_channels=5))
        >>> layer
        pointwise of Geometry(input_size=(3, 4), kernel_size=(1, 1), in_channels=2, out_channels=5):
        W (5×2) · X (2×12)
        >>> bool(layer.prove())
        True
    """
    refuse_symbols(g)
    if prod(g.kernel_size) != 1:
        raise GeometryError(
            f"kernel_size={g.kernel_size} has more than one tap: "
            "give a layer of kernel_size=1, or unroll this one"
        )
    numbers = padded_numbers(g)
    kept = tuple(slice(0, (o - 1) * s + 1, s) for o, s in zip(g.output_size, g.stride, strict=True))
    cells = np.moveaxis(numbers[(slice(None), slice(None), *kept)], 1, 0).reshape(g.in_channels, -1)
    return Pointwise(g, cells)


@dataclass(frozen=True, eq=False, repr=False)
class Pointwise:
    """A convolution of one tap as a product of two matrices, W (F×C) and X (C×N·L).

    Attributes:
        geometry: the layer.
        cells: the number of the input cell in each entry of X; the count of cells stands for a padding zero.

    Source: Lin, Chen & Yan 2014, *Network in network*, section 3.1.

    Examples:
        >>> pointwise(Geometry(4, 1, stride=3)).cells
        array([[0, 3]], dtype=int32)
    """

    geometry: Geometry
    cells: Map

    @property
    def cost(self) -> Cost:
        """That of the loop formula; held is X, where it is not the input as it stands.

        Examples:
            >>> pointwise(Geometry(4, 1, in_channels=3, out_channels=2)).cost
            Cost(products=24, additions=16, memory=0)
        """
        g = self.geometry
        direct = Cost.direct(g)
        as_it_stands = g.batch == 1 and set(g.stride) == {1} and not any(map(any, g.padding))
        return replace(direct, memory=0 if as_it_stands else self.cells.size)

    def matrices(self, x: Any, w: Any) -> tuple[Array, Array]:
        """W, shape (F, C), zero outside a filter's own group, and X, shape (C, N·L).

        Args:
            x: input, shape (N, C, *spatial), or without the axes of one entry in front.
            w: kernels, shape (F, C/groups, 1, …).

        Examples:
            >>> W, X = pointwise(Geometry(2, 1, in_channels=2)).matrices([[1, 2], [3, 4]], [[[5], [6]]])
            >>> W
            array([[5, 6]])
            >>> X
            array([[1, 2],
                   [3, 4]])
        """
        g = self.geometry
        inputs, kernels = fitted(x, g.input_shape, "x"), fitted(w, g.kernel_shape, "w")
        return gather(kernels, weight_map(g).T), gather(inputs, self.cells)

    def evaluate(self, x: Any, w: Any, bias: Any = None) -> Array:
        """The activation map W·X, of numbers or of symbols: shape (N, F, *out).

        Args:
            x: shape (N, C, *input_size), numbers or symbols; leading axes of one entry may be left out.
            w: shape (F, C/groups, 1, …), likewise.
            bias: shape (F,), or None.

        Raises:
            ArrayError: an array has another shape.

        Examples:
            >>> pointwise(Geometry(2, 1, in_channels=2)).evaluate([[1, 2], [3, 4]], [[[5], [6]]])
            array([[[23, 34]]])
        """
        g = self.geometry
        inputs, kernels = fitted(x, g.input_shape, "x"), fitted(w, g.kernel_shape, "w")
        biases = None if bias is None else fitted(bias, (g.out_channels,), "bias")
        return Matrices(g, inputs, kernels, biases, self._plan).output

    def with_cells(self, cells: Map) -> "Pointwise":
        """The same layer with a map of your own for X, to be proved or refuted.

        Args:
            cells: of the shape of ``cells``.

        Examples:
            >>> layer = pointwise(Geometry(2, 1))
            >>> bool(layer.with_cells(layer.cells[:, ::-1]).prove())
            False
        """
        return replace(self, cells=cells)

    def prove(self) -> Proof:
        """Prove that W·X is the loop formula; X transposed is the patch matrix P, and W is that of P·W.

        Examples:
            >>> pointwise(Geometry(3, 1, in_channels=2)).prove()
            Proved (tier: exact). All 3 entries of P·W equal the loop formula, as polynomials:
            6 products, for any values of the inputs and weights (route: factorised).
        """
        return prove_maps(self.geometry, self._plan)

    def __repr__(self) -> str:
        g = self.geometry
        rows, columns = self.cells.shape
        return f"pointwise of {g!r}: W ({g.out_channels}×{rows}) · X ({rows}×{columns})"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {latex(self)}$"

    @cached_property
    def _plan(self) -> IndexMap:
        g = self.geometry
        return IndexMap(self.cells.T, weight_map(g), prod(g.input_shape), prod(g.kernel_shape))


@prove.register
def _(layer: Pointwise) -> Proof:
    return layer.prove()

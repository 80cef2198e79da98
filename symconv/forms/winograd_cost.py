"""What Winograd's algorithms cost, counted: their transforms, tile by tile, and a whole layer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from symconv.entries import Array
from symconv.errors import GeometryError
from symconv.forms.arguments import refuse_symbols
from symconv.forms.cost import Cost
from symconv.geometry import Geometry
from symconv.proof.bilinear import Triple


@dataclass(frozen=True)
class WinogradCost:
    """The cost of a layer by tiles, stage by stage; multiplications by constants are products as well.

    The additions of a transform are counted row by row; programs share sums between rows, and need fewer.

    Attributes:
        inputs: of Bᵀ x, once for each tile of each channel; held are the padded input and the results.
        kernels: of G w, once for each kernel.
        products: of the products and their sums over channels, at every place of a tile.
        outputs: of Aᵀ, once for each tile of each filter.
        direct: of the loop formula.

    Source: Lavin & Gray 2016, section 5, who count transforms and products apart likewise.

    Examples:
        >>> from symconv.forms.winograd import winograd
        >>> winograd(2, 3).cost(Geometry(4, 3)).products
        Cost(products=4, additions=0, memory=4)
    """

    inputs: Cost
    kernels: Cost
    products: Cost
    outputs: Cost
    direct: Cost

    @property
    def total(self) -> Cost:
        """All stages together.

        Examples:
            >>> from symconv.forms.nested import winograd2d
            >>> cost = winograd2d(4, 3).cost(Geometry((56, 56), 3, 64, 64, padding=1))
            >>> cost.direct.products / cost.total.products > 3
            True
        """
        return self.inputs + self.kernels + self.products + self.outputs


def winograd_cost(name: str, axes: Sequence[Triple], g: Geometry) -> WinogradCost:
    """Count what a layer takes by tiles; for the arguments see ``Winograd.cost``.

    Args:
        name: the algorithm, for the message.
        axes: its matrices along each axis.
        g: the layer.

    Raises:
        GeometryError: the layer has other taps, a stride or a dilation, or a size that is a symbol.
    """
    refuse_symbols(g)
    taps = tuple(t.G.shape[1] for t in axes)
    if g.kernel_size != taps or {*g.stride, *g.dilation} != {1}:
        raise GeometryError(
            f"{g!r} is no layer for {name}: give one of kernel_size={taps}, stride 1, dilation 1"
        )
    m, n, places = ([t.A.shape[1] for t in axes], [len(t.B) for t in axes], prod(len(t.A) for t in axes))
    counts = [-(-o // size) for o, size in zip(g.output_size, m, strict=True)]
    tiles, own = g.batch * prod(counts), g.in_channels // g.groups
    kernels, products = g.out_channels * own, tiles * g.out_channels * places
    covered = [t * size + cells - size for t, size, cells in zip(counts, m, n, strict=True)]
    held = 0 if tuple(covered) == g.input_size else g.batch * g.in_channels * prod(covered)
    transformed = tiles * g.in_channels * places
    return WinogradCost(
        _transform([t.B.T for t in axes], tiles * g.in_channels, transformed + held),
        _transform([t.G for t in axes], kernels, kernels * places),
        Cost(products * own, products * (own - 1), products),
        _transform([t.A.T for t in axes], tiles * g.out_channels, 0),
        Cost.direct(g),
    )


def additions(matrix: Array) -> int:
    """Additions of a matrix times a vector, each row on its own.

    Examples:
        >>> additions(np.array([[1, 0, -1], [0, 2, 0]]))
        1
    """
    return sum(max(0, int(np.count_nonzero(row)) - 1) for row in matrix)


def scalings(matrix: Array) -> int:
    """Entries of a matrix other than 0, 1 and −1.

    Examples:
        >>> scalings(np.array([[1, 0, -1], [0, 2, 0]]))
        1
    """
    return sum(abs(v) not in (0, 1) for v in matrix.flat)


def along_each(matrices: Sequence[Array], operations: Callable[[Array], int]) -> int:
    """Operations along one axis after the other: once for every line of what the axes before left.

    Examples:
        >>> along_each([np.array([[1, 1]])] * 2, additions)
        3
    """
    after, before = [len(m) for m in matrices], [m.shape[1] for m in matrices]
    return sum(
        operations(matrix) * prod(after[:k]) * prod(before[k + 1 :]) for k, matrix in enumerate(matrices)
    )


def _transform(matrices: Sequence[Array], times: int, held: int) -> Cost:
    """The cost of a transform that is done so many times."""
    return Cost(times * along_each(matrices, scalings), times * along_each(matrices, additions), held)

"""LaTeX of the convolution matrix: rules between its blocks, double ones between filters and channels."""

from dataclasses import dataclass
from math import prod
from typing import Any

from symconv.errors import RequestError
from symconv.forms.toeplitz import ConvolutionMatrix
from symconv.show.latex import block_matrix, block_product, latex
from symconv.symbols import symbolic

PARTS = ("matrix", "product")


@latex.register
def _(matrix: ConvolutionMatrix, part: str = "matrix") -> str:
    if part not in PARTS:
        raise RequestError(
            f"part={part!r} is unknown for a convolution matrix: use one of {', '.join(PARTS)}"
        )
    entries, blocks = _Entries(matrix), block_sizes(matrix)
    if part == "matrix":
        return f"T = {block_matrix(entries, blocks)}"
    layer, (rows, columns) = matrix.layer, matrix.shape
    y = symbolic("y", layer.output_shape, layer.start) if layer.is_symbolic else layer.output
    return block_product(entries, blocks, layer.input.ravel()[:columns], y.ravel()[:rows], matrix.bias)


def block_sizes(matrix: ConvolutionMatrix) -> list[tuple[int, int]]:
    """Rows and columns of the blocks that have rules between them, the smallest first.

    One is of an output row and an input row, the other of a filter and a channel; of sequences there is only
    the latter.

    Examples:
        >>> from symconv.forms.toeplitz import convolution_matrix
        >>> from symconv.geometry import Geometry
        >>> block_sizes(convolution_matrix(Geometry((5, 7), (2, 3), in_channels=3)))
        [(5, 7), (20, 35)]
    """
    _, *axes = matrix.blocks
    channel = prod(down for down, _ in axes), prod(across for _, across in axes)
    return [channel] if len(axes) == 1 else [axes[-1], channel]


@dataclass(frozen=True)
class _Entries:
    """T as the printer reads it, one entry at a time, so that a large one is never written out."""

    matrix: ConvolutionMatrix

    @property
    def shape(self) -> tuple[int, int]:
        return self.matrix.shape

    def __getitem__(self, place: tuple[int, int]) -> Any:
        return self.matrix.entry(*place)

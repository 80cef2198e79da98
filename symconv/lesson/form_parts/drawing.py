"""The pieces of a layer drawn: their cells marked in the input, their taps in the kernel, what they make."""

from dataclasses import dataclass

import numpy as np

from symconv.entries import Array
from symconv.forms.pieces import Piece, Pieces
from symconv.index_map import gather, padded_numbers
from symconv.show import figure
from symconv.show.latex import grids
from symconv.symbols import symbolic
from symconv.unroll import Unrolled

MOST_ALONG = 16  # cells along one side of a drawing


@dataclass(frozen=True)
class Drawing:
    """The arrays that are drawn: those of the first filter and the first of its channels.

    Attributes:
        layer: the layer.
        pieces: what it falls into.
        cells: the padded input, one or two axes.
        outside: the same shape, True for padding.
        taps: the kernel.
    """

    layer: Unrolled
    pieces: Pieces
    cells: Array
    outside: Array
    taps: Array

    @classmethod
    def of(cls, layer: Unrolled, pieces: Pieces) -> "Drawing":
        """What is drawn of a layer."""
        matrices, g = layer.matrices, layer.geometry
        numbers = padded_numbers(g)
        cells = gather(matrices.input, numbers)
        outside = numbers == matrices.plan.input_cells
        kernel = matrices.kernel.reshape(g.kernel_shape)
        return cls(layer, pieces, cells[0, 0], outside[0, 0], kernel[0, 0])

    def tables(self, number: int, piece: Piece) -> list[str]:
        """The input with the piece's cells marked, the kernel with its taps, the output with its cells."""
        g = self.layer.geometry
        first = " of the first channel" if g.in_channels > 1 else ""
        tables = [
            self._marked(self.cells, piece.reads, f"cells{first} that it reads", number, self.outside),
            self._marked(self.taps, piece.taps, "taps that it has", number),
        ]
        if piece.geometry.output_size != g.output_size:
            tables.append(self._marked(self.whole(), piece.writes, "output cells that it makes", number))
        return tables

    def convolution(self, number: int, piece: Piece) -> list[str]:
        """The convolution that a piece is, of one channel and one filter."""
        g = self.layer.geometry
        if g.in_channels * g.out_channels > 1:
            return []
        cells, taps = grids(self.cells[piece.reads]), grids(self.taps[piece.taps])
        return [f"{cells}\n\\ast\n{taps}\n=\n{grids(self.output(number, piece))}"]

    def output(self, number: int, piece: Piece) -> Array:
        """What a piece makes: its numbers, or the names of its cells where those are sums of symbols."""
        if self.layer.matrices.is_symbolic:
            return symbolic(rf"y^{{({number})}}", piece.geometry.output_size)
        layer = self.pieces.with_pieces([piece])
        made = layer.evaluate(self.layer.matrices.input, self.layer.matrices.kernel)
        drawn: Array = made[0, 0][piece.writes]
        return drawn

    def whole(self) -> Array:
        """The output: its numbers, or the names of its cells."""
        g, matrices = self.layer.geometry, self.layer.matrices
        if matrices.is_symbolic:
            return symbolic("y", g.output_size)
        drawn: Array = matrices.output.reshape(g.output_shape)[0, 0]
        return drawn

    def _marked(
        self,
        array: Array,
        chosen: tuple[slice, ...],
        words: str,
        number: int,
        padding: Array | None = None,
    ) -> str:
        """A table with the chosen cells marked, of a large array its corner."""
        marked = np.zeros(array.shape, dtype=bool)
        marked[chosen] = True
        corner = (slice(MOST_ALONG),) * array.ndim
        shortened = ", shortened" if any(n > MOST_ALONG for n in array.shape) else ""
        drawn = [_two_axes(a[corner]) for a in (array, marked)]
        outside = None if padding is None else _two_axes(padding[corner])
        caption = f"{words}, piece {number}{shortened}"
        table = figure.table(drawn[0], caption, marked=drawn[1], padding=outside)
        return f'<div>{table}<div class="symconv-label">{words}{shortened}</div></div>'


def _two_axes(array: Array) -> Array:
    return array[None] if array.ndim == 1 else array

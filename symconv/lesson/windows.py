"""The windows part of a figure: for each output cell a card with the window lit up in the padded input."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.index_map import gather, index_map, padded_numbers
from symconv.lesson.layer_block import LayerBlock
from symconv.parts import named_output
from symconv.show import figure

MOST_WINDOWS = 9
MOST_CHANNELS = 8  # drawn of a window
MOST_ALONG = 16  # cells along one side of a table; beyond that only what surrounds the window is shown
_MARGIN = 2

Cell = tuple[int, ...]


def windows(block: LayerBlock) -> tuple[str, list[str]]:
    """One card for each output cell: the window in the padded input, the map so far, the sum.

    Returns:
        The HTML of the cards, and the LaTeX of their sums.
    """
    chosen, left_out = chosen_cells(block)
    input_padded = _Padded.of(block)
    output = named_output(block.layer.matrices)
    cards, sums = [], []
    for cell in chosen:
        sums.append(block.layer.latex("sum", cell=[i + block.start for i in cell]))
        tables = "".join(input_padded.tables(block, cell))
        cards.append(
            f'<li class="symconv-window"><div class="symconv-row">{tables}'
            f'<div class="symconv-then"><span>→</span>{_map_so_far(output, cell, block)}</div></div>'
            f"{figure.mathematics(sums[-1])}</li>"
        )
    note = f"<p>… {left_out:,} more windows, in the same way.</p>" if left_out else ""
    return f'<ol class="symconv-windows">{"".join(cards)}</ol>{note}', sums


def chosen_cells(block: LayerBlock) -> tuple[list[Cell], int]:
    """The output cells whose windows are shown, and how many more of the first filter's there are."""
    if block.cells:
        return list(block.cells), 0
    every = list(np.ndindex(block.layer.matrices.output_shape))
    every = every[: len(every) // block.layer.geometry.out_channels]  # the first filter's
    chosen = every if len(every) <= MOST_WINDOWS else [*every[:3], every[-1]]
    return chosen, len(every) - len(chosen)


@dataclass(frozen=True)
class _Padded:
    """The input with its padding around it, and which of its cells each row of P reads.

    Attributes:
        values: shape (N, C, *padded).
        outside: the same shape, True for padding.
        windows: shape (N·L, C·KH·KW), the number of the padded cell that each entry of P reads.
    """

    values: Array
    outside: Array
    windows: Array

    @classmethod
    def of(cls, block: LayerBlock) -> "_Padded":
        layer, g = block.layer.matrices, block.layer.geometry
        numbers = padded_numbers(g)
        windows = index_map(g.padded()).patch  # there the padding has numbers of its own
        return cls(gather(layer.input, numbers), numbers == layer.plan.input_cells, windows)

    def tables(self, block: LayerBlock, cell: Cell) -> list[str]:
        """A table for each channel that the cell's filter reads, the window lit up with its weights."""
        layer, g = block.layer.matrices, block.layer.geometry
        n, f, *position = (0,) * layer.hidden_axes + cell
        row = int(np.ravel_multi_index((n, *position), (g.batch, *g.output_size)))
        own = layer.plan.weight[:, f] != layer.plan.kernel_cells
        weights = np.full(self.values.size, None, dtype=object)
        weights[self.windows[row, own]] = layer.weights[own, f]
        weights = weights.reshape(self.values.shape)[n]
        read = weights != None  # noqa: E711 (entry by entry)
        place = ", ".join(str(i + block.start) for i in cell)
        tables = []
        channels = [c for c in range(g.in_channels) if read[c].any()]
        for c in channels[:MOST_CHANNELS]:
            around = _around(_two_axes(read[c]))
            channel = f" channel {c + block.start}" if g.in_channels > 1 else ""
            tables.append(
                figure.table(
                    _two_axes(self.values[n, c])[around],
                    f"input{channel}, with the window of output cell {place}",
                    marked=_two_axes(read[c])[around],
                    padding=_two_axes(self.outside[n, c])[around],
                    notes=_two_axes(weights[c])[around],
                )
            )
        if len(channels) > MOST_CHANNELS:
            tables.append(f"<span>… {len(channels) - MOST_CHANNELS} more channels</span>")
        return tables


def _map_so_far(output: Array, cell: Cell, block: LayerBlock) -> str:
    """The activation map of the cell's filter, filled as far as this cell."""
    rank = block.layer.geometry.rank
    of_filter = output[cell[:-rank]]
    order = np.arange(of_filter.size).reshape(of_filter.shape)
    marked = _two_axes(order == order[cell[-rank:]])
    around = _around(marked)
    return figure.table(
        _two_axes(of_filter)[around],
        "activation map so far",
        marked=marked[around],
        hidden=_two_axes(order > order[cell[-rank:]])[around],
    )


def _two_axes(array: Array) -> Array:
    return array[None] if array.ndim == 1 else array


def _around(marked: Array) -> Any:
    """The whole of a small array; of a large one the part around the marked cells."""
    parts = []
    for axis, size in enumerate(marked.shape):
        places = np.flatnonzero(marked.any(axis=1 - axis))
        first, end = max(0, places[0] - _MARGIN), min(size, places[-1] + 1 + _MARGIN)
        parts.append(slice(None) if size <= MOST_ALONG else slice(first, min(end, first + MOST_ALONG)))
    return tuple(parts)

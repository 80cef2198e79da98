"""The interactive figure of a layer as HTML: tables that read without a script, and the state a script needs.

``assets/figure-*.js`` brings the tables to life and writes the same tables anew when the reader changes a
size; a test compares the two, character for character.
"""

import json
from collections.abc import Sequence
from html import escape
from math import prod
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.errors import BlockError
from symconv.geometry import Geometry
from symconv.index_map import gather, padded_numbers
from symconv.lesson.layer_block import LayerBlock
from symconv.matrices import Matrices
from symconv.parts import named_output
from symconv.show import figure
from symconv.symbols import symbolic

MOST_CELLS = 2500  # of all tables together: what a browser sets anew within a few hundredths of a second


def interactive(block: LayerBlock) -> str:
    """The figure of a block's layer.

    Raises:
        BlockError: its tables would have more cells than a figure shows.
    """
    layer = block.layer.matrices
    refuse_if_too_large(layer.geometry)
    attributes = "".join(
        f' data-{name}="{escape(value)}"' for name, value in _state(block, layer).items() if value
    )
    return f"<symconv-figure{attributes}>{tables(layer)}</symconv-figure>"


def refuse_if_too_large(g: Geometry) -> None:
    """Refuse a layer whose tables are too large to be looked at.

    Raises:
        BlockError: how large they would be.

    Examples:
        >>> refuse_if_too_large(Geometry((8, 8), 3))
    """
    if (cells := drawn_cells(g)) > MOST_CELLS:
        (rows, taps), filters = g.patch_matrix_shape, g.out_channels
        raise BlockError(
            f"this layer has an output of {_times(g.output_size)}, P of {rows:,}×{taps:,} and W of "
            f"{taps:,}×{filters:,}: its tables would have {cells:,} cells, and a figure shows at most "
            f"{MOST_CELLS:,}, so choose smaller sizes"
        )


def drawn_cells(g: Geometry) -> int:
    """How many cells the tables of a layer have together: input, kernels, output, P, W and Y.

    Examples:
        >>> drawn_cells(Geometry((3, 3), 2))
        41
    """
    padded = [n + before + after for n, (before, after) in zip(g.input_size, g.padding, strict=True)]
    rows, taps = g.patch_matrix_shape
    outputs = 2 * rows * g.out_channels
    return g.in_channels * prod(padded) + prod(g.kernel_shape) + outputs + taps * (rows + g.out_channels)


def _state(block: LayerBlock, layer: Matrices) -> dict[str, str]:
    """What the script computes everything from; what goes without saying is left out."""
    g = layer.geometry
    bare = g.in_channels == g.out_channels == 1
    x = symbolic("x", g.input_shape[2:] if g.in_channels == 1 else g.input_shape[1:], block.start)
    w = symbolic("w", g.kernel_size if bare else g.kernel_shape, block.start)
    cell = block.cells[0] if block.cells else ()
    return {
        "input": _times(g.input_size, "x"),
        "kernel": _times(g.kernel_size, "x"),
        "channels": str(g.in_channels),
        "kernels": str(g.out_channels),
        "stride": _times(g.stride, "x"),
        "padding": "x".join(f"{before},{after}" for before, after in g.padding),
        "dilation": _times(g.dilation, "x"),
        "groups": str(g.groups),
        "start": str(block.start),
        "x": _texts(layer.input, x),
        "w": _texts(layer.kernel, w),
        "hidden": str(layer.hidden_axes),
        "cell": ",".join(map(str, ((0,) * layer.hidden_axes + cell)[1:])) if cell else "",
        "controls": "open" if block.controls else "",
        "play": "yes" if block.play else "",
    }


def _texts(array: Array, letters: Array) -> str:
    """The entries as text in row-major order; nothing if they are the letters that a size alone gives."""
    texts = [str(v) for v in array.flat]
    return "" if texts == [str(v) for v in letters.flat] else json.dumps(texts)


def tables(layer: Matrices) -> str:
    """The two lines of the figure: input ∗ kernels = output, and P · W = Y."""
    g, start = layer.geometry, layer.start
    channels, filters, own = g.in_channels, g.out_channels, g.kernel_shape[1]
    numbers = padded_numbers(g)[0]
    values, outside = gather(layer.input, numbers), numbers == layer.plan.input_cells
    kernel = layer.kernel.reshape(g.kernel_shape)
    output = named_output(layer).reshape(g.output_shape)[0]
    before = [first for first, _ in g.padding]
    one = channels == 1
    several = max(channels, filters if one else 1)

    def channel(c: int, count: int) -> str:
        return f", channel {c + start}" if count > 1 else ""

    def of_filter(name: str, f: int) -> str:
        return f"{name} {f + start}" if filters > 1 else name

    inputs = [
        _grid("input", c, f"input{channel(c, channels)}, {_times(g.input_size)}", values[c], start,
              at=f"1/1/span {filters}" if one else f"{c + 1}/1", before=before,
              kinds=_kinds(outside[c], "padding"))
        for c in range(channels)
    ]  # fmt: skip
    kernels = [
        _grid("kernel", f * own + c, f"{of_filter('kernel', f)}{channel(c, own)}, {_times(g.kernel_size)}",
              kernel[f, c], start,
              at=f"{f + 1}/3" if one else f"{f * g.groups // filters * own + c + 1}/{3 + f}")
        for f, c in np.ndindex(filters, own)
    ]  # fmt: skip
    outputs = [
        _grid("output", f, f"{of_filter('output', f)}, {_times(g.output_size)}", output[f], start,
              at=f"{f + 1}/5" if one else "")
        for f in range(filters)
    ]  # fmt: skip
    end = 4 if one else 3 + filters
    maps = "".join(outputs)
    if not one:
        maps = f'<div class="symconv-fig-stack" style="grid-area:1/{end + 1}/span {several}">{maps}</div>'
    return (
        f'<div class="symconv-fig-line symconv-fig-layer">{"".join(inputs)}{_sign("∗", 2, several)}'
        f"{''.join(kernels)}{_sign('=', end, several)}{maps}</div>"
        f'<div class="symconv-fig-line symconv-fig-product">{_matrices(layer, output)}</div>'
    )


def _matrices(layer: Matrices, output: Array) -> str:
    """P · W = Y."""
    g, start, plan = layer.geometry, layer.start, layer.plan
    positions = _indices(g.output_size, start)
    taps = _indices((g.in_channels, *g.kernel_size) if g.in_channels > 1 else g.kernel_size, start)
    filters = _indices((g.out_channels,), start)
    product = output.reshape(g.out_channels, -1).T
    padding = _kinds(plan.patch == plan.input_cells, "padding")
    outside = _kinds(plan.weight == plan.kernel_cells, "outside")
    size_of_p, size_of_w = _times(g.patch_matrix_shape), _times(g.weight_matrix_shape)
    p = _table("P", 0, f"P, {size_of_p}", layer.patches, positions, taps, kinds=padding)
    w = _table("W", 1, f"W, {size_of_w}", layer.weights, taps, filters, kinds=outside)
    y = _table("Y", 2, f"Y, {_times(product.shape)}", product, positions, filters)
    return f"{p}{_sign('·')}{w}{_sign('=')}{y}"


def _grid(
    part: str,
    index: int,
    caption: str,
    array: Array,
    start: int,
    *,
    at: str,
    before: Sequence[int] = (0, 0),
    kinds: Array | None = None,
) -> str:
    """A table of one channel of an image, or of a sequence as one row; padding has indices that go on."""
    *rows, columns = [
        [str(i - first + start).replace("-", "−") for i in range(n)]
        for n, first in zip(array.shape, before, strict=False)
    ]
    if array.ndim == 1:
        array, kinds = array[None], None if kinds is None else kinds[None]
    return _table(part, index, caption, array, rows[0] if rows else [], columns, at=at, kinds=kinds)


def _table(
    part: str,
    index: int,
    caption: str,
    array: Array,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    at: str = "",
    kinds: Array | None = None,
) -> str:
    place = f' style="grid-area:{at}"' if at else ""
    corner = "<td></td>" if rows else ""
    head = "".join(f'<th scope="col">{name}</th>' for name in columns)
    body = []
    for r, row in enumerate(array):
        names = f'<th scope="row">{rows[r]}</th>' if rows else ""
        cells = [_cell(value, "" if kinds is None else str(kinds[r, c])) for c, value in enumerate(row)]
        body.append(f"<tr>{names}{''.join(cells)}</tr>")
    return (
        f'<table class="symconv-fig-table" data-part="{part}" data-index="{index}"{place}>'
        f"<caption>{caption}</caption><thead><tr>{corner}{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
    )


def _cell(value: Any, kind: str) -> str:
    name = f' class="symconv-fig-{kind}"' if kind else ""
    return f"<td{name}>{figure.entry(value)}</td>"


def _kinds(where: Array, kind: str) -> Array:
    return np.where(where, kind, "")


def _sign(mark: str, column: int = 0, rows: int = 1) -> str:
    place = f' style="grid-area:1/{column}/span {rows}"' if column else ""
    return f'<span class="symconv-fig-sign"{place}>{mark}</span>'


def _indices(sizes: tuple[int, ...], start: int) -> list[str]:
    return [",".join(str(i + start) for i in place) for place in np.ndindex(sizes)]


def _times(sizes: Sequence[int], sign: str = "×") -> str:
    return sign.join(map(str, sizes))

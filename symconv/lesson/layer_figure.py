"""A layer's block as HTML: its parts in the author's order, proved before anything is shown.

Picks what each part needs and hands it to the printers; all text is escaped there or here.
"""

from collections.abc import Callable
from html import escape
from math import prod

import numpy as np

from symconv.errors import BlockError
from symconv.lesson.interactive import interactive
from symconv.lesson.layer_block import LayerBlock
from symconv.lesson.windows import windows
from symconv.proof.verdict import Proof
from symconv.show import figure

LARGEST_IN_KATEX = (16, 12)  # rows and columns of a matrix that KaTeX sets quickly
MOST_TABLE_ROWS, MOST_TABLE_COLUMNS = 100, 64  # of an HTML table in a scroll box

LABELS = {
    "input": "input",
    "kernel": "kernel",
    "output": "activation map",
    "patches": "patch matrix P",
    "weights": "weight matrix W",
}


def layer_parts(block: LayerBlock) -> tuple[str, list[str]]:
    """The parts of a block in the author's order, those that are small side by side, and their LaTeX.

    Raises:
        BlockError: the proof failed, so there is nothing true to show.
    """
    proof = block.layer.prove()
    if not proof:
        raise BlockError(f"the unrolling could not be proved, so it is not shown: {proof!r}")
    row: list[str] = []
    pieces: list[str] = []
    sources: list[str] = []
    for part in block.show:
        html, latex = PARTS[part](block, proof) if part in PARTS else _mathematics(block, part)
        sources.extend(latex)
        if part in LABELS and html.startswith(figure.MATHEMATICS):
            row.append(html)
            continue
        pieces += [_row(row), html]
        row = []
    pieces.append(_row(row))
    return "".join(pieces), sources


def _row(parts: list[str]) -> str:
    return f'<div class="symconv-row">{"".join(parts)}</div>' if parts else ""


def _label(block: LayerBlock, part: str) -> str:
    """What a part is, and how large."""
    g = block.layer.geometry
    of_channels = f" of {g.in_channels} channels" if g.in_channels > 1 else ""
    many = f"{g.out_channels} " if g.out_channels > 1 else ""
    of_own = f" of {g.kernel_shape[1]} channels" if g.kernel_shape[1] > 1 else ""
    kernel = f"{many}kernels{of_own}" if many else f"kernel{of_own}"
    if g.kernel_size == g.input_size and not many:  # a neuron that sees everything at once: nothing slides
        kernel = "weights"
    labels = {
        "input": f"input{of_channels}, {_times(g.input_size)}",
        "kernel": f"{kernel}, {_times(g.kernel_size)}",
        "output": f"{many}activation map{'s' if many else ''}, {_times(g.output_size)}",
        "patches": f"{LABELS['patches']}, {_times(g.patch_matrix_shape)}",
        "weights": f"{LABELS['weights']}, {_times(g.weight_matrix_shape)}",
    }
    return labels[part]


def _times(sizes: tuple[int, ...]) -> str:
    return "×".join(map(str, sizes))


def _mathematics(block: LayerBlock, part: str) -> tuple[str, list[str]]:
    """A part that is one formula."""
    latex = block.layer.latex(part)
    return figure.mathematics(latex, _label(block, part) if part in LABELS else ""), [latex]


def _per_cell(part: str) -> Callable[[LayerBlock, Proof], tuple[str, list[str]]]:
    """A part that shows one output cell after the other."""

    def shown(block: LayerBlock, _proof: Proof) -> tuple[str, list[str]]:
        cells = block.cells or ((0,) * len(block.layer.matrices.output_shape),)
        kinds = ("dot", "dot_reversed") if part == "dot" else (part,)
        latex = [_cell_latex(block, kind, cell) for cell in cells for kind in kinds]
        return "".join(figure.mathematics(text) for text in latex), latex

    return shown


def _cell_latex(block: LayerBlock, part: str, cell: tuple[int, ...]) -> str:
    return block.layer.latex(part, cell=[i + block.start for i in cell])


def _matrix(part: str) -> Callable[[LayerBlock, Proof], tuple[str, list[str]]]:
    """P or W: as a formula if small, as a table in a scroll box if larger, elided beyond that."""

    def shown(block: LayerBlock, _proof: Proof) -> tuple[str, list[str]]:
        latex, label = block.layer.latex(part), _label(block, part)
        matrices, g = block.layer.matrices, block.layer.geometry
        array = matrices.patches if part == "patches" else matrices.weights
        rows, columns = array.shape
        if rows <= LARGEST_IN_KATEX[0] and columns <= LARGEST_IN_KATEX[1]:
            return figure.mathematics(latex, label), [latex]
        if rows > MOST_TABLE_ROWS or columns > MOST_TABLE_COLUMNS:
            return figure.mathematics(latex, f"{label}, shortened"), [latex]
        positions = _indices(g.output_size, block.start)
        taps = _indices((g.in_channels, *g.kernel_size) if g.in_channels > 1 else g.kernel_size, block.start)
        filters = _indices((g.out_channels,), block.start)
        labels = (positions, taps) if part == "patches" else (taps, filters)
        html = figure.table(array, label, row_labels=labels[0], column_labels=labels[1])
        return f'<div class="symconv-scroll" tabindex="0" role="group" aria-label="{label}">{html}</div>', [
            latex
        ]

    return shown


def _indices(sizes: tuple[int, ...], start: int) -> list[str]:
    return [",".join(str(i + start) for i in place) for place in np.ndindex(sizes)]


def _sizes(block: LayerBlock, _proof: Proof) -> tuple[str, list[str]]:
    """What there is to count: cells, weights, windows, products."""
    g, layer = block.layer.geometry, block.layer.matrices
    counted = {
        "input": (layer.input.shape, "cells"),
        "kernels" if g.out_channels > 1 else "kernel": (layer.kernel.shape, "weights"),
        "activation map": (layer.output_shape, "cells"),
        "patch matrix P": (g.patch_matrix_shape, "entries"),
        "weight matrix W": (g.weight_matrix_shape, "entries"),
    }
    rows = [(name, _times(shape), f"{prod(shape):,} {what}") for name, (shape, what) in counted.items()]
    rows.append(("products in all", "", f"{g.products:,}"))
    body = "".join(f'<tr><th scope="row">{a}</th><td>{b}</td><td>{c}</td></tr>' for a, b, c in rows)
    return f'<table class="symconv-sizes"><tbody>{body}</tbody></table>', []


def _proof(_block: LayerBlock, proof: Proof) -> tuple[str, list[str]]:
    """The verdict, with its tier."""
    entries = "the one entry" if proof.compared == 1 else f"all {proof.compared:,} entries"
    return (
        '<p class="symconv-proof"><strong>Proved.</strong> '
        f'<span class="symconv-tier">tier: {escape(proof.tier)}</span> While this page was built, '
        f"{entries} of <i>P</i> <i>W</i> were compared with the loop formula as polynomials: "
        f"{proof.products:,} products, the same on both sides, for any values of the inputs and weights "
        "at these sizes.</p>"
    ), []


PARTS: dict[str, Callable[[LayerBlock, Proof], tuple[str, list[str]]]] = {
    "windows": lambda block, _proof: windows(block),
    "figure": lambda block, _proof: (interactive(block), []),
    "sum": _per_cell("sum"),
    "dot": _per_cell("dot"),
    "patches": _matrix("patches"),
    "weights": _matrix("weights"),
    "sizes": _sizes,
    "proof": _proof,
}

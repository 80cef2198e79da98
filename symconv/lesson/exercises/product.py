"""Exercises about the matrix product: P, W, the activation map, and one output cell as a sum."""

from typing import Any

import numpy as np

from symconv.entries import Array, as_symbolic, is_symbolic
from symconv.geometry import Geometry
from symconv.lesson.exercises import recomputed
from symconv.lesson.exercises.exercise import DEFAULT_BLANKS, Exercise, Kind, asked
from symconv.lesson.exercises.layers import (
    KEYS,
    conditions,
    drawn,
    full,
    lettered,
    maps,
    numbered,
    places,
    tap_names,
    times,
)
from symconv.lesson.exercises.seed import Seed
from symconv.lesson.words import read_int, read_list
from symconv.sizes import cell_index
from symconv.unroll import Unrolled


def _over(g: Geometry) -> str:
    """The layer in a sentence that goes on with what is asked."""
    kernels = f"{g.out_channels} kernels go" if g.out_channels > 1 else "The kernel goes"
    channels = f" of {g.in_channels} channels" if g.in_channels > 1 else ""
    return f"{kernels} over the input{channels}{conditions(g)}."


def _patches(values: dict[str, Any], seed: Seed, blanks: int | None) -> Exercise:
    """Blanks in P, of which most are no padding: those say little."""
    layer = lettered(values, seed)
    g, start = layer.geometry, layer.matrices.start
    x, _ = full(layer)
    table = layer.matrices.patches
    inside = layer.patch_map != layer.matrices.plan.input_cells
    wanted = DEFAULT_BLANKS if blanks is None else blanks
    blank = seed.blanks(wanted - wanted // 4 if wanted < inside.sum() else wanted, inside)
    blank |= seed.blanks(wanted - int(blank.sum()), ~blank)
    return Exercise(
        f"A kernel of {times(g.kernel_size)} goes over this input{conditions(g)}. Fill in the blanks of the "
        "patch matrix P: a row for each position of the window, a column for each tap.",
        drawn(layer, with_kernel=False),
        (
            asked(
                f"patch matrix P ({times(table.shape)})",
                table,
                recomputed.patches(g, x),
                blank,
                _positions(g, start),
                tap_names(g, start),
            ),
        ),
        layer,
        "by walking the padded input from window to window",
        g,
    )


def _positions(g: Geometry, start: int) -> tuple[str, ...]:
    return places(g.output_size, start, "y ") * g.batch


def _weights(values: dict[str, Any], seed: Seed, blanks: int | None) -> Exercise:
    layer = lettered(values, seed)
    g, start = layer.geometry, layer.matrices.start
    _, w = full(layer)
    table = layer.matrices.weights
    blank = seed.blanks(DEFAULT_BLANKS if blanks is None else blanks, np.ones(table.shape, bool))
    return Exercise(
        f"An input of {times(g.input_size)}{f' with {g.in_channels} channels' * (g.in_channels > 1)} is "
        f"convolved with {'these kernels' if g.out_channels > 1 else 'this kernel'}{conditions(g)}. Fill in "
        "the blanks of the weight matrix W: a row for each tap, a column for each filter.",
        drawn(layer, with_input=False),
        (
            asked(
                f"weight matrix W ({times(table.shape)})",
                table,
                recomputed.weights(g, w),
                blank,
                tap_names(g, start),
                places((g.out_channels,), start, "filter "),
            ),
        ),
        layer,
        "by looking up each weight with the coordinates of the definition",
        g,
    )


def _output(values: dict[str, Any], seed: Seed, blanks: int | None) -> Exercise:
    layer = numbered(values, seed)
    g, start = layer.geometry, layer.matrices.start
    x, w = full(layer)
    right = layer.matrices.output.reshape(g.output_shape)
    again = recomputed.convolved(g, x, w)
    blank = seed.blanks(DEFAULT_BLANKS if blanks is None else blanks, np.ones(right.shape, bool))
    axes = ("sample", "filter")
    tables = [
        maps("activation map" if array is right else "", array, axes, g.rank, start)
        for array in (right, again, blank)
    ]
    return Exercise(
        f"{_over(g)} Fill in the blanks of the activation map{'s' * (g.out_channels > 1)}.",
        drawn(layer),
        tuple(asked(one[0], one[1], two[1], three[1]) for one, two, three in zip(*tables, strict=True)),
        layer,
        "by the loop formula",
        g,
    )


def _sum(values: dict[str, Any], seed: Seed, blanks: int | None) -> Exercise:
    """One output cell as a table of its products, and what they come to."""
    layer = lettered(values, seed)
    g, matrices = layer.geometry, layer.matrices
    place = _cell(values, layer, seed)
    n, f, *position = (0,) * matrices.hidden_axes + place
    row = int(np.ravel_multi_index((n, *position), (g.batch, *g.output_size)))
    own = matrices.plan.weight[:, f] != matrices.plan.kernel_cells
    x, w = full(layer)
    cells = recomputed.patch_cells(g, x)
    once = [(cells[n, tuple(position), tap], tap) for tap in recomputed.taps(g)]
    column = recomputed.weights(g, w)[:, f]
    table = _products(matrices.weights[own, f], matrices.patches[row, own])
    again = _products(column[own], np.array([cell for cell, _ in once], dtype=object)[own])
    again[-1, 2] = recomputed.convolved(g, x, w)[(n, f, *position)]
    wanted = (len(table) - 1) * 2 + 1 if blanks is None else blanks
    allowed = np.zeros(table.shape, bool)
    allowed[:-1, 1:] = True
    blank = seed.blanks(max(wanted - 1, 0), allowed)
    blank[-1, 2] = wanted > 0
    columns: tuple[str, ...] = ("weight", "input cell", "product")
    heads = [name for name, is_own in zip(tap_names(g, matrices.start), own, strict=True) if is_own]
    letters = is_symbolic(matrices.input, matrices.kernel)
    if letters:  # a product of letters is written in too many ways: which cell belongs to which weight?
        columns, table, again = columns[:2], table[:-1, :2], again[:-1, :2]
        blank = seed.blanks(wanted, np.broadcast_to(np.arange(2) == 1, table.shape))
    else:
        heads.append("sum")
    named = ",".join(str(i + matrices.start) for i in (place if g.out_channels > 1 else tuple(position)))
    return Exercise(
        f"{_over(g)} Write out the sum for the output cell y[{named}]: what each weight is multiplied by"
        f"{'.' if letters else ', and what that comes to.'}",
        drawn(layer),
        (
            asked(
                f"the sum for y[{named}]",
                table,
                again,
                blank,
                heads,
                columns,
            ),
        ),
        layer,
        "by walking the padded input, and the sum by the loop formula",
        g,
    )


def _products(weights: Array, cells: Array) -> Array:
    """Weights, cells and their products, a row for each, and a last row for the sum."""
    if is_symbolic(weights, cells):
        weights, cells = as_symbolic(weights), as_symbolic(cells)
    products = weights * cells
    table = np.full((len(weights) + 1, 3), "", dtype=object)
    table[:-1] = np.array([weights, cells, products], dtype=object).T
    table[-1, 2] = sum(products.tolist())
    return table


def _cell(values: dict[str, Any], layer: Unrolled, seed: Seed) -> tuple[int, ...]:
    """The output cell that the author names, or one that is drawn."""
    shape, start = layer.matrices.output_shape, layer.matrices.start
    if "cell" not in values:
        return tuple(seed.one(0, n - 1) for n in shape)
    named = [read_int(i, "cell") for i in read_list(values["cell"], "cell")]
    return cell_index(named, shape, layer.geometry.rank, start, "the output")


PATCHES = Kind((*KEYS, "entries"), _patches, "entries of the patch matrix P")
WEIGHTS = Kind((*KEYS, "entries"), _weights, "entries of the weight matrix W")
OUTPUT = Kind(KEYS, _output, "cells of the activation map")
SUM = Kind((*KEYS, "entries", "cell"), _sum, "one output cell, product by product")

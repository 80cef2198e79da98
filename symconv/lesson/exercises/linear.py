"""Exercises about what is linear: the convolution matrix, both gradients, the transposed convolution."""

from math import prod
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.errors import BlockError
from symconv.forms.gradients import gradients
from symconv.forms.toeplitz import convolution_matrix
from symconv.forms.transposed import transposed
from symconv.lesson.exercises import recomputed
from symconv.lesson.exercises.exercise import DEFAULT_BLANKS, MOST_CELLS, Exercise, Grid, Kind, asked, given
from symconv.lesson.exercises.layers import (
    KEYS,
    conditions,
    drawn,
    full,
    lettered,
    maps,
    nonzero,
    numbered,
    places,
    times,
)
from symconv.lesson.exercises.seed import Seed
from symconv.lesson.form_parts.transposed import ONE_CHANNEL_KEYS, TRANSPOSED
from symconv.lesson.layer import written_numbers
from symconv.transposed_definition import scatter_formula
from symconv.unroll import Unrolled


def _toeplitz(values: dict[str, Any], seed: Seed, blanks: int | None) -> Exercise:
    """Blanks in T, three of four where a weight stands: the zeros between are half of the idea."""
    layer = lettered(values, seed)
    g, start = layer.geometry, layer.matrices.start
    found = convolution_matrix(layer)
    _few(prod(found.shape))
    table = np.array(found.matrix)
    _, w = full(layer)
    wanted = DEFAULT_BLANKS if blanks is None else blanks
    weights = found.terms[:, 2]
    filled = np.zeros(table.shape, bool)
    filled[found.terms[:, 0], found.terms[:, 1]] = weights >= 0
    blank = seed.blanks(wanted - wanted // 4 if wanted < filled.sum() else wanted, filled)
    blank |= seed.blanks(wanted - int(blank.sum()), ~blank)
    several = (g.out_channels, g.in_channels)
    outputs, inputs = (
        (number, *sizes) if number > 1 else sizes
        for number, sizes in zip(several, (g.output_size, g.input_size), strict=True)
    )
    return Exercise(
        f"This kernel goes over an input of {times(g.input_size)}{conditions(g)}. Fill in the blanks of the "
        "convolution matrix T, with vec(y) = T · vec(x): a row for each output cell, a column for each input "
        "cell.",
        drawn(layer, with_input=False),
        (
            asked(
                f"convolution matrix T ({times(table.shape)})",
                table,
                recomputed.columns_of(g, w),
                blank,
                places(outputs, start, "y "),
                places(inputs, start, "x "),
            ),
        ),
        found,
        "by giving each input cell in turn the value one, and all others zero, to the loop formula",
        g,
    )


def _few(cells: int) -> None:
    if cells > MOST_CELLS:
        raise BlockError(
            f"exercise makes a table of {cells:,} cells, and a page shows at most {MOST_CELLS}: "
            "write smaller sizes"
        )


def _output_gradient(values: dict[str, Any], layer: Unrolled, seed: Seed) -> Array:
    """What the author gives for dy, or small numbers; all its axes."""
    shape, full_shape = layer.matrices.output_shape, layer.geometry.output_shape
    if "dy" not in values:
        return nonzero(seed, full_shape)
    dy = written_numbers(values["dy"], "dy")
    if dy.dtype == object:
        raise BlockError("dy has letters where the exercise needs numbers: write numbers, or leave dy out")
    if dy.shape != shape:
        raise BlockError(
            f"dy has shape {times(dy.shape)}, and the output {times(shape)}: write as many numbers"
        )
    return dy.reshape(full_shape)


def _drawn(label: str, array: Array, axes: tuple[str, ...], layer: Unrolled) -> tuple[Grid, ...]:
    tables = maps(label, array, axes, layer.geometry.rank, layer.matrices.start)
    return tuple(given(name, table) for name, table in tables)


def _blanks_in(
    label: str,
    arrays: tuple[Array, Array],
    axes: tuple[str, ...],
    layer: Unrolled,
    seed: Seed,
    blanks: int | None,
) -> tuple[Grid, ...]:
    """Tables of an array of any number of axes, some of its cells blank."""
    right, again = arrays
    blank = seed.blanks(DEFAULT_BLANKS if blanks is None else blanks, np.ones(right.shape, bool))
    rank, start = layer.geometry.rank, layer.matrices.start
    tables = [maps(label, array, axes, rank, start) for array in (right, again, blank)]
    return tuple(asked(one[0], one[1], two[1], three[1]) for one, two, three in zip(*tables, strict=True))


def _weight_gradient(values: dict[str, Any], seed: Seed, blanks: int | None) -> Exercise:
    layer = numbered(values, seed)
    g = layer.geometry
    dy = _output_gradient(values, layer, seed)
    x, _ = full(layer)
    found = gradients(layer, dy.reshape(layer.matrices.output_shape))
    right = np.array(found.weight).reshape(g.kernel_shape)
    return Exercise(
        f"A kernel of {times(g.kernel_size)} has gone over this input{conditions(g)}, and dy is the gradient "
        "of the loss by the output. Fill in the blanks of the gradient dw by the kernel.",
        (
            *drawn(layer, with_kernel=False),
            *_drawn("dy", dy, ("sample", "filter"), layer),
        ),
        _blanks_in(
            "dw",
            (right, recomputed.weight_gradient(g, x, dy)),
            ("filter", "channel"),
            layer,
            seed,
            blanks,
        ),
        found,
        "as the derivative of Σ dy · y, with y by the loop formula",
        g,
    )


def _input_gradient(values: dict[str, Any], seed: Seed, blanks: int | None) -> Exercise:
    layer = numbered(values, seed)
    g = layer.geometry
    dy = _output_gradient(values, layer, seed)
    _, w = full(layer)
    found = gradients(layer, dy.reshape(layer.matrices.output_shape))
    right = np.array(found.input).reshape(g.input_shape)
    return Exercise(
        f"This kernel has gone over an input of {times(g.input_size)}{conditions(g)}, and dy is the gradient "
        "of the loss by the output. Fill in the blanks of the gradient dx by the input.",
        (*drawn(layer, with_input=False), *_drawn("dy", dy, ("sample", "filter"), layer)),
        _blanks_in(
            "dx", (right, recomputed.input_gradient(g, w, dy)), ("sample", "channel"), layer, seed, blanks
        ),
        found,
        "as the derivative of Σ dy · y, with y by the loop formula",
        g,
    )


def _transposed(values: dict[str, Any], seed: Seed, blanks: int | None) -> Exercise:
    stamped = TRANSPOSED.read(values, ())
    y, w = stamped.form.input, stamped.form.kernel
    if isinstance(values.get("input"), str):
        y = seed.whole(1, 9, y.shape)
    if isinstance(values.get("kernel"), str):
        w = nonzero(seed, w.shape)
    if y.dtype == object or w.dtype == object:
        raise BlockError("exercise has letters where it needs numbers: write numbers, or a size to draw them")
    form = transposed(y, w, **stamped.words)
    right = np.asarray(form.output)
    again = np.asarray(scatter_formula(y, w, **stamped.words))
    blank = seed.blanks(DEFAULT_BLANKS if blanks is None else blanks, np.ones(right.shape, bool))
    cropped = " The output is then cropped by the padding." if np.any(form.geometry.padding) else ""
    return Exercise(
        f"A transposed convolution{conditions(form.geometry)}{_extra(stamped.words)}: every input cell "
        f"stamps the kernel, times itself, on the output.{cropped} Fill in the blanks.",
        (given("input", y), given("kernel", w)),
        (asked("output", right, again, blank),),
        form,
        "by the scatter formula, one stamp after the other",
    )


def _extra(words: dict[str, Any]) -> str:
    extra = words["output_padding"]
    return f", and output padding {extra}" if np.any(extra) else ""


TOEPLITZ = Kind((*KEYS, "entries"), _toeplitz, "entries of the convolution matrix T")
WEIGHT_GRADIENT = Kind((*KEYS, "dy"), _weight_gradient, "cells of the gradient by the kernel")
INPUT_GRADIENT = Kind((*KEYS, "dy"), _input_gradient, "cells of the gradient by the input")
TRANSPOSED_OUTPUT = Kind(ONE_CHANNEL_KEYS, _transposed, "cells of a transposed convolution's output")

"""Exercises about sizes alone: how large the output is, what there is to count, and SAME in its dialects."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from symconv.definition import axis_padding
from symconv.errors import BlockError
from symconv.geometry import Geometry
from symconv.lesson.exercises import recomputed
from symconv.lesson.exercises.exercise import Exercise, Grid, Kind, asked
from symconv.lesson.exercises.layers import times
from symconv.lesson.exercises.seed import Seed
from symconv.lesson.layer import LAYER_KEYS, read_geometry
from symconv.lesson.limits import refuse_if_too_large
from symconv.lesson.words import read_int
from symconv.proof.verdict import Proof
from symconv.prove import prove

MOST_LAYERS = 8
SIZES = LAYER_KEYS
_NAMES = {1: ("",), 2: ("rows", "columns")}
DIALECTS = (
    ("torch, same", "same"),
    ("TensorFlow, SAME", "same_upper"),
    ("ONNX, SAME_UPPER", "same_upper"),
    ("ONNX, SAME_LOWER", "same_lower"),
)


@dataclass(frozen=True)
class Layers:
    """Several layers, of sizes alone.

    Attributes:
        every: the layers, the author's first.
    """

    every: tuple[Geometry, ...]


@prove.register
def _(layers: Layers) -> Proof:
    """The first verdict that is a refusal, or the last of all."""
    proofs = [prove(g) for g in layers.every]
    verdict: Proof = next((p for p in proofs if not p), proofs[-1])
    return verdict


def _layers(values: dict[str, Any], seed: Seed, many: int) -> Layers:
    """The author's layer if there is one, and others drawn that are like it."""
    count = read_int(values.get("layers", str(many)), "layers")
    if not 1 <= count <= MOST_LAYERS:
        raise BlockError(f"layers={count} is no number of layers here: write 1 to {MOST_LAYERS}")
    sizes = {key: value for key, value in values.items() if key in SIZES}
    if sizes:
        one = read_geometry(sizes)
        refuse_if_too_large(one, written=False)
        every = [one]
    else:
        one = Geometry((8, 9), 3)
        every = [_like(one, seed)]
    while len(every) < count:
        every.append(_like(one, seed))
    return Layers(tuple(every))


def _like(g: Geometry, seed: Seed) -> Geometry:
    """A layer that is like another, its sizes drawn anew."""
    spatial, kernel, stride, padding, dilation = [], [], [], [], []
    for n in g.input_size:
        k, s, d = seed.one(1, 4), seed.one(1, 3), seed.one(1, 2)
        reach = d * (k - 1) + 1
        kernel.append(k)
        stride.append(s)
        dilation.append(d)
        padding.append((seed.one(0, reach // 2), seed.one(0, reach // 2)))
        spatial.append(max(reach, min(n, 32) + seed.one(-2, 4)))
    return Geometry(
        spatial, kernel, g.in_channels, g.out_channels, stride=stride, padding=padding, dilation=dilation,
        groups=g.groups,
    )  # fmt: skip


def _described(layers: Layers, *, padded: bool = True) -> tuple[list[list[str]], list[str]]:
    """What is said of each layer, and the heads of that."""
    heads = ["input", "kernel", "stride", *(["padding"] if padded else []), "dilation"]
    rows: list[list[str]] = []
    for g in layers.every:
        pads = ", ".join(f"({before}, {after})" for before, after in g.padding)
        row = [times(g.input_size), times(g.kernel_size), times(g.stride), pads, times(g.dilation)]
        rows.append(row if padded else [*row[:3], row[4]])
    if any(g.in_channels * g.out_channels > 1 for g in layers.every):
        heads += ["channels", "filters", "groups"]
        for row, g in zip(rows, layers.every, strict=True):
            row += [str(g.in_channels), str(g.out_channels), str(g.groups)]
    return rows, heads


def _table(label: str, said: Any, right: Any, again: Any, heads: list[str]) -> Grid:
    """A column for each layer: what is said of it, and beneath that the blanks."""
    known = np.array(said, dtype=object)
    one, two = (np.concatenate([known, np.array(part, dtype=object)], axis=1) for part in (right, again))
    blank = np.zeros(one.shape, bool)
    blank[:, known.shape[1] :] = True
    layers = [f"layer {number + 1}" for number in range(len(known))]
    return asked(label, one.T, two.T, blank.T, heads, layers)


def _fewer(grid: Grid, seed: Seed, blanks: int | None) -> Grid:
    """The table with only so many of its blanks."""
    if blanks is None:
        return grid
    return Grid(
        grid.label, grid.answers, seed.blanks(blanks, grid.blank), grid.again, grid.rows, grid.columns
    )


def _output_size(values: dict[str, Any], seed: Seed, blanks: int | None) -> Exercise:
    layers = _layers(values, seed, 3)
    said, heads = _described(layers)
    axes = [f"output {name}".strip() for name in _NAMES.get(layers.every[0].rank, ("",))]
    right = [[*g.output_size] for g in layers.every]
    again = [[*recomputed.output_size(g)] for g in layers.every]
    table = _table("the output sizes", said, right, again, [*heads, *axes])
    return Exercise(
        "How large is the output? Padding is given as (before, after).",
        (),
        (_fewer(table, seed, blanks),),
        layers,
        "by walking each padded axis and counting the windows that fit",
        layers.every[0],
    )


def _counts(values: dict[str, Any], seed: Seed, blanks: int | None) -> Exercise:
    layers = _layers(values, seed, 2)
    said, heads = _described(layers)
    asked_for = ["rows of P", "columns of P", "weights", "columns of W", "products"]
    right = [[*g.patch_matrix_shape, prod(g.kernel_shape), g.out_channels, g.products] for g in layers.every]
    again = [_counted(g) for g in layers.every]
    table = _table("what there is to count", said, right, again, [*heads, *asked_for])
    return Exercise(
        "How large are the matrices of P · W, how many weights does the layer have, and how many products "
        "does the loop formula add up? Padding is given as (before, after); products with padding count, "
        "the zeros between groups do not.",
        (),
        (_fewer(table, seed, blanks),),
        layers,
        "by counting windows, taps and terms of the loop formula one by one",
        layers.every[0],
    )


def _counted(g: Geometry) -> list[int]:
    """The same counts, thing by thing."""
    rows = sum(1 for _ in recomputed.positions(g))
    columns = sum(1 for _ in recomputed.taps(g))
    own = g.in_channels // g.groups * sum(1 for _ in np.ndindex(g.kernel_size))
    filters = len(range(g.out_channels))
    return [rows, columns, sum(own for _ in range(filters)), filters, sum(own * filters for _ in range(rows))]


def _same(values: dict[str, Any], seed: Seed, blanks: int | None) -> Exercise:
    if "padding" in values:
        raise BlockError("padding is what the exercise asks for: leave it out")
    layers = _layers(values, seed, 1)
    said, _ = _described(layers, padded=False)
    names = [name or "axis" for name in _NAMES.get(layers.every[0].rank, ("",))]
    columns = [f"{name}, {side}" for name in names for side in ("before", "after")]
    subjects, grids = [], []
    for number, (g, words) in enumerate(zip(layers.every, said, strict=True)):
        right, again, rows = [], [], []
        for dialect, form in DIALECTS:
            if form == "same" and any(s != 1 for s in g.stride):
                continue  # torch refuses a stride
            layer = Geometry(g.input_size, g.kernel_size, stride=g.stride, dilation=g.dilation, padding=form)
            subjects.append(layer)
            rows.append(dialect)
            right.append([n for pair in layer.padding for n in pair])
            axes = zip(g.input_size, g.kernel_size, g.stride, g.dilation, strict=True)
            again.append([n for axis in axes for n in axis_padding(*axis, form)])
        sizes = f"input {words[0]}, kernel {words[1]}, stride {words[2]}, dilation {words[3]}"
        label = f"layer {number + 1} ({sizes})" if len(layers.every) > 1 else f"padding ({sizes})"
        blank = np.ones(np.shape(right), bool)
        grids.append(_fewer(asked(label, right, again, blank, rows, columns), seed, blanks))
    stride = any(s != 1 for g in layers.every for s in g.stride)
    return Exercise(
        "How many cells does each dialect of SAME add in front of and behind each axis?"
        + (" (torch's “same” refuses a stride other than 1.)" if stride else ""),
        (),
        tuple(grids),
        Layers(tuple(subjects)),
        "by adding one cell after the other until there is a window for every stride",
        layers.every[0],
    )


OUTPUT_SIZE = Kind((*SIZES, "layers"), _output_size, "the size of the output, axis by axis")
COUNTS = Kind((*SIZES, "layers"), _counts, "sizes of P and W, weights, products")
SAME = Kind(
    ("input", "kernel", "stride", "dilation", "layers"),
    _same,
    "cells before and after in the dialects of SAME",
)

"""Mistakes in what becomes of the sums: not cleared, scaled, reshaped for transposed, left out."""

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import combinations, permutations
from math import prod

import numpy as np

from symconv.entries import Array
from symconv.geometry import Geometry
from symconv.mistakes.attempt import Change
from symconv.mistakes.mistake import Mistake, axis_name


def scale_mistakes(g: Geometry) -> Iterator[Mistake]:
    """Every sum a multiple of what it should be."""
    taps, channels = prod(g.kernel_size), g.kernel_shape[1]
    for name, factor, done, fix in (
        ("every output doubled", Fraction(2), "Every product is added twice.", "Add each product once."),
        (
            "every output negated",
            Fraction(-1),
            "Every output is the negative of what it should be.",
            "Add the products with +=, not −=, and leave out the minus.",
        ),
        (
            "mean in place of sum",
            Fraction(1, taps * channels),
            f"Every output is 1/{taps * channels} of what it should be: a mean of products, not the sum.",
            "Use np.sum in place of np.mean.",
        ),
        (
            "mean over the window in place of sum",
            Fraction(1, taps),
            f"Every output is 1/{taps} of what it should be: a mean over the kernel's {taps} positions.",
            "Use np.sum in place of np.mean.",
        ),
        (
            "mean over the channels in place of sum",
            Fraction(1, channels),
            f"Every output is 1/{channels} of what it should be: a mean over the channels of a filter.",
            "Use np.sum in place of np.mean.",
        ),
        (
            "mean over the samples in place of sum",
            Fraction(1, g.batch),
            f"Every number is 1/{g.batch} of what it should be: a mean over the samples.",
            "Leave out the division by the number of samples: where a loss is a mean, dy already holds it.",
        ),
    ):
        yield Mistake(name, done, fix, Change(factor=factor), ("factor",))


def running_mistakes(g: Geometry) -> Iterator[Mistake]:
    """An accumulator that is not cleared: each cell also holds the ones before it."""
    names = ("samples", "filters", *(f"positions along the {axis_name(i, g.rank)}" for i in range(g.rank)))
    spatial = tuple(range(2, 2 + g.rank))
    orders = [(0, 1, *spatial), (0, *spatial, 1)]  # the loops around the sum, filters outside or inside
    runs = [
        order[first:] for order in orders for first in range(len(order) - 1, -1, -1)
    ]  # never cleared inside
    runs += [(0,), (0, 1), *((axis,) for axis in spatial[:-1])]  # a buffer for the rest, not cleared
    for run in dict.fromkeys(runs):
        along = ", ".join(names[axis] for axis in run)
        yield Mistake(
            f"accumulator not cleared over the {along}",
            f"Each output cell also holds the sums of those before it, in the order of the {along}.",
            "Set the accumulator to 0 inside the innermost loop over output cells, before the first product.",
            Change(running=run),
            ("running",),
        )


def order_mistakes(g: Geometry) -> Iterator[Mistake]:
    """The sums in the right order of axes for another shape: a reshape where a transpose is missing."""
    own = _axes(g)
    spatial = tuple(range(2, 2 + g.rank))
    if g.rank > 1:
        yield Mistake(
            "height and width of the output swapped",
            "Your output is transposed: its last two axes are exchanged.",
            f"Return the shape {g.output_shape}: leave out the transpose.",
            Change(outputs=lambda y: y.swapaxes(-1, -2)),
        )
        last_two = g.output_size[:-2] + g.output_size[:-3:-1]
        yield Mistake(
            "output reshaped to width by height",
            f"Your output is reshaped to {last_two} where its positions are {g.output_size}.",
            f"Reshape to {g.output_size}.",
            Change(outputs=lambda y: y.reshape(*y.shape[:-2], *y.shape[:-3:-1])),
        )
    for inner in dict.fromkeys((spatial, spatial[::-1])):
        for blocks in permutations((0, 1, 2)):
            order = tuple(axis for block in blocks for axis in (inner if block == 2 else (block,)))
            if order == (0, 1, *spatial):
                continue
            spelt = ", ".join(own[i] for i in order)
            yield Mistake(
                f"sums in the order ({spelt}) reshaped to ({', '.join(own)})",
                f"Your sums come as ({spelt}) and are reshaped to ({', '.join(own)}) without a transpose.",
                f"Reshape them to ({spelt}) first, then transpose.",
                Change(outputs=partial(_reshaped, order=order)),
            )
    if g.groups > 1:
        yield Mistake(
            "groups' outputs interleaved",
            "Your groups' filters are stacked in turn: the first of each group, then the second of each.",
            "Put the groups' outputs one after another: np.concatenate(…, axis=1).",
            Change(outputs=lambda y: _interleaved(y, g.groups)),
        )


def shape_mistakes(g: Geometry) -> Iterator[Mistake]:
    """The right sums in another shape."""
    own = _axes(g)
    spatial = tuple(range(2, 2 + g.rank))
    for order in permutations(range(len(own))):
        if sorted(order) == list(order) or (
            order[-2:] == spatial[:-3:-1] and order[:-2] == (0, 1, *spatial[:-2])
        ):
            continue  # nothing is exchanged, or only height and width, which has a name of its own
        if g.rank > 2 and tuple(i for i in order if i > 1) != spatial:
            continue
        spelt = ", ".join(own[i] for i in order)
        yield Mistake(
            f"output in the order ({spelt})",
            f"Your output has its axes in the order ({spelt}).",
            f"Transpose it to ({', '.join(own)}): y.transpose{tuple(int(i) for i in np.argsort(order))}.",
            Change(outputs=partial(np.transpose, axes=order)),
            ("shape",),
        )
    shape = g.output_shape
    short = [axis for axis, size in enumerate(shape) if size == 1]
    for count in range(len(short), 0, -1):
        for lost in combinations(short, count):
            which = ", ".join(own[i] for i in lost)
            yield Mistake(
                f"axis {which} of length 1 lost" if count == 1 else f"axes {which} of length 1 lost",
                f"Your output has no axis for {which}, of which there is one.",
                "Keep it: index with [:, …] or use keepdims=True, and leave out squeeze.",
                Change(outputs=partial(np.squeeze, axis=lost)),
                ("shape",),
            )
    filters, batch = g.out_channels, g.batch
    for name, flat in (
        (f"({own[0]}, {own[1]}, L)", lambda y: y.reshape(batch, filters, -1)),
        ("(N, L, F)", lambda y: y.reshape(batch, filters, -1).swapaxes(1, 2)),
        ("(N·L, F)", lambda y: np.moveaxis(y, 1, -1).reshape(-1, filters)),
        ("(F, N·L)", lambda y: np.moveaxis(y, 1, 0).reshape(filters, -1)),
        ("(N·L·F,), flat", lambda y: y.ravel()),
    ):
        yield Mistake(
            f"output left as {name}",
            f"Your output is still a matrix, {name}: its positions are one axis.",
            f"Reshape it, and transpose if needed, to {shape}.",
            Change(outputs=flat),
            ("shape",),
        )


def part_mistakes(g: Geometry) -> Iterator[Mistake]:
    """Output cells that are never written, and stay 0, or are left out."""
    own = _axes(g)
    words = ("sample", "filter", *(f"position along the {axis_name(i, g.rank)}" for i in range(g.rank)))
    for axis, word in enumerate(words):
        if axis < 2:
            yield Mistake(
                f"only the first {word} written",
                f"Output cells of every {word} but the first stay 0.",
                f"Loop over all {g.output_shape[axis]} of {own[axis]}; a return inside ends it early.",
                Change(outputs=partial(_zeroed, axis=axis, first=1)),
            )
            yield Mistake(
                f"only the first {word} returned",
                f"Your output has one {word} where it should have {g.output_shape[axis]}.",
                f"Make an output for each {word}: {g.output_shape}.",
                Change(outputs=partial(np.take, indices=[0], axis=axis)),
            )
        yield Mistake(
            f"last {word} not written",
            f"Output cells of the last {word} stay 0, as when a loop ends one too early.",
            f"Let the loop run over range({g.output_shape[axis]}).",
            Change(outputs=partial(_zeroed, axis=axis, first=-1)),
        )
    every = tuple(range(2, 2 + g.rank))
    if g.rank > 1:
        yield Mistake(
            "last position on every axis not written",
            "Output cells of the last position on each axis stay 0, as when loops end one too early.",
            f"Let the loops run over range of {g.output_size}.",
            Change(outputs=lambda y: _all_zeroed(y, every)),
        )


def output_mistakes(g: Geometry) -> Iterator[Mistake]:
    """All of them, the likeliest of each kind first.

    Examples:
        >>> next(output_mistakes(Geometry((5, 6), 3)))
        height and width of the output swapped
    """
    yield from order_mistakes(g)
    yield from running_mistakes(g)
    yield from scale_mistakes(g)
    yield from part_mistakes(g)
    yield from shape_mistakes(g)


def _axes(g: Geometry) -> tuple[str, ...]:
    return (
        "N",
        "F",
        *({1: ("OL",), 2: ("OH", "OW"), 3: ("OD", "OH", "OW")}.get(g.rank) or map(str, range(g.rank))),
    )


def _reshaped(y: Array, order: tuple[int, ...]) -> Array:
    return y.transpose(order).reshape(y.shape)


def _interleaved(y: Array, groups: int) -> Array:
    return y.reshape(len(y), groups, -1, *y.shape[2:]).swapaxes(1, 2).reshape(y.shape)


def _zeroed(y: Array, axis: int, first: int) -> Array:
    y = y.copy()
    y[(slice(None),) * axis + (slice(first, None),)] = 0
    return y


def _all_zeroed(y: Array, axes: tuple[int, ...]) -> Array:
    for axis in axes:
        y = _zeroed(y, axis, first=-1)
    return y

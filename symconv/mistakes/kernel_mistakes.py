"""Mistakes in which kernel cell meets which input cell: turned, flipped, or only a part of them used."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.geometry import Geometry
from symconv.mistakes.attempt import Change
from symconv.mistakes.mistake import Mistake, axis_name


def kernel_mistakes(g: Geometry) -> Iterator[Mistake]:
    """The kernel turned, flipped, transposed, or only a part of it used, the likeliest first.

    Examples:
        >>> next(kernel_mistakes(Geometry((5, 6), 3)))
        kernel rotated by 180°
    """
    fix = (
        "Multiply kernel cell (i, j, …) by the input cell i, j, … dilations from the window's first: no flip."
    )

    def mistake(name: str, done: str, fix: str, kernels: Any) -> Mistake:
        return Mistake(name, done, fix, Change(kernels=kernels))

    spatial = tuple(range(2, 2 + g.rank))
    yield mistake(
        "kernel rotated by 180°",
        "Your kernel is rotated by 180°: that is a true convolution, and a CNN's convolution does not flip.",
        f"{fix} Leave out np.flip or [::-1], or use correlate in place of convolve.",
        lambda kernels: np.flip(kernels, spatial),
    )
    if g.rank > 1:
        for axis in spatial:
            name = axis_name(axis - 2, g.rank)
            yield mistake(
                f"kernel flipped along the {name}",
                f"Your kernel runs backwards along the {name}.",
                fix,
                partial(np.flip, axis=axis),
            )
        yield mistake(
            "kernel transposed",
            "Your kernel's axes are exchanged: cell (i, j) is used where (j, i) should be.",
            "Use w[f, c, i, j] with i along the height and j along the width: leave out the transpose.",
            lambda kernels: kernels.swapaxes(-1, -2),
        )
    yield mistake(
        "kernel flipped with its channels",
        "Your kernel is flipped along its channels too, as np.flip does without axis=.",
        f"{fix} Leave out the flip.",
        lambda kernels: np.flip(kernels, (1, *spatial)),
    )
    yield mistake(
        "channels of the kernel in reverse",
        "The first channel of your kernel multiplies the last channel of the input, and so on.",
        "Multiply channel c of the kernel by channel c of the filter's own group.",
        lambda kernels: kernels[:, ::-1],
    )
    yield mistake(
        "filters in reverse",
        "Your first filter makes the last output channel, and so on.",
        "Let filter w[f] make the output channel y[:, f].",
        lambda kernels: kernels[::-1],
    )
    if g.kernel_shape[0] == g.kernel_shape[1]:
        yield mistake(
            "filters and channels of the kernel exchanged",
            "Your kernels are read as (C, F, …): w[c, f] is used where w[f, c] should be.",
            "Index the kernels as w[f, c]: the filter is the first axis.",
            lambda kernels: kernels.swapaxes(0, 1),
        )
    yield from _part_mistakes(g)


def _part_mistakes(g: Geometry) -> Iterator[Mistake]:
    """Only the last, or the first, of something used, as when = stands for += or a loop is missing."""
    every = slice(None)
    accumulate = "Add to the sum with +=: with = only the last term is kept."
    index = "Loop over it, or index it by the loop's variable, in place of 0."
    taps = "tap" if g.rank == 1 else "tap of the window"
    parts: list[tuple[str, str, str, tuple[Any, ...]]] = [
        (
            "only the last channel kept",
            "Each output cell holds the last channel's sum alone.",
            accumulate,
            (every, -1),
        ),
        (
            "only the last tap kept",
            "Each output cell holds its last product alone.",
            accumulate,
            (every, -1, *(-1,) * g.rank),
        ),
        (
            f"only the last {taps} kept, for all channels",
            f"Each output cell holds the products of the last {taps} alone.",
            accumulate,
            (every, every, *(-1,) * g.rank),
        ),
        ("only the first channel used", "Channels after the first are not added.", index, (every, 0)),
    ]
    if g.rank > 1:
        parts += [
            (
                "only the last row of the kernel kept",
                "Each output cell holds the sum over the kernel's last row alone, in all channels.",
                accumulate,
                (every, every, -1),
            ),
            (
                "only the last row of the last channel kept",
                "Each output cell holds the sum over the last row of the last channel alone.",
                accumulate,
                (every, -1, -1),
            ),
        ]
    for name, done, fix, kept in parts:
        yield Mistake(name, done, fix, Change(kernels=partial(_only, kept=kept)))
    firsts: list[tuple[str, str, Change]] = [
        (
            "first filter used for all",
            "Every output channel is made with the first filter, w[0].",
            Change(kernels=lambda kernels: np.repeat(kernels[:1], len(kernels), axis=0)),
        ),
        (
            "first channel of the kernel used for all",
            "Every channel of the input is multiplied by the kernel's first channel, w[f, 0].",
            Change(kernels=lambda kernels: np.repeat(kernels[:, :1], kernels.shape[1], axis=1)),
        ),
        (
            "first channel of the input used for all",
            "Every channel of the kernel multiplies the input's first channel, x[n, 0].",
            Change(cells=lambda cells: np.repeat(cells[:, :1], cells.shape[1], axis=1)),
        ),
        (
            "first sample used for all",
            "Every sample of the output is made from the first sample of the input, x[0].",
            Change(cells=lambda cells: np.repeat(cells[:1], len(cells), axis=0)),
        ),
    ]
    for name, done, change in firsts:
        yield Mistake(name, done, index, change)


def _only(kernels: Array, kept: tuple[Any, ...]) -> Array:
    left = np.zeros_like(kernels)
    left[kept] = kernels[kept]
    return left

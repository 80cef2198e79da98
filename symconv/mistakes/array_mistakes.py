"""Mistakes in how arrays are read: axes exchanged, groups ignored, two orders of flattening mixed."""

from collections.abc import Iterator
from functools import partial
from itertools import permutations
from math import prod

import numpy as np

from symconv.entries import Array
from symconv.geometry import Geometry
from symconv.mistakes.attempt import Change
from symconv.mistakes.mistake import Mistake

_TAPS = ("c", "kh", "kw")


def group_mistakes(g: Geometry) -> Iterator[Mistake]:
    """Groups ignored, or channels and filters dealt to them in turn, where each takes a block."""
    if g.groups == 1:
        return
    channels, filters = g.in_channels // g.groups, g.out_channels // g.groups
    f, c = np.arange(g.out_channels)[:, None], np.arange(g.in_channels)
    fix = (
        f"Filter f belongs to group f // {filters}, and group k reads the channels {channels}·k to "
        f"{channels}·k + {channels - 1}."
    )

    def dealt(group_of_filter: Array, group_of_channel: Array, channel_in_group: Array) -> Change:
        own = group_of_filter == group_of_channel
        return Change(reads=lambda _: np.where(own, channel_in_group + 1, 0))

    by_block = (f // filters, c // channels, c % channels)
    in_turn = (f % g.groups, c % g.groups, c // g.groups)
    yield Mistake(
        "groups ignored: the first group's channels used for all",
        f"Every filter reads the first {channels} channels, whatever its group.",
        fix,
        dealt(0 * f, c // channels, c % channels),
        ("groups",),
    )
    yield Mistake(
        "groups ignored: the last group's channels used for all",
        f"Every filter reads the last {channels} channels, whatever its group.",
        fix,
        dealt(0 * f + g.groups - 1, c // channels, c % channels),
        ("groups",),
    )
    yield Mistake(
        "groups ignored: the kernel's channels used in turn",
        f"Every filter reads all {g.in_channels} channels, with channel c % {channels} of its kernel.",
        fix,
        dealt(0 * f, 0 * c, c % channels),
        ("groups",),
    )
    yield Mistake(
        "groups ignored: each channel of the kernel repeated",
        f"Every filter reads all {g.in_channels} channels, with channel c // {g.groups} of its kernel.",
        fix,
        dealt(0 * f, 0 * c, c // g.groups),
        ("groups",),
    )
    yield Mistake(
        "round-robin groups",
        f"Your groups take channels and filters in turn: both of number c go to group c % {g.groups}.",
        fix,
        dealt(*in_turn),
        ("groups",),
    )
    yield Mistake(
        "round-robin channels",
        f"Your groups take channels in turn: channel c goes to group c % {g.groups}.",
        fix,
        dealt(by_block[0], *in_turn[1:]),
        ("groups",),
    )
    yield Mistake(
        "round-robin filters",
        f"Your groups take filters in turn: filter f goes to group f % {g.groups}.",
        fix,
        dealt(in_turn[0], *by_block[1:]),
        ("groups",),
    )
    yield Mistake(
        "groups in reverse",
        "Your first group of filters reads the last group of channels, and so on.",
        fix,
        dealt(g.groups - 1 - by_block[0], *by_block[1:]),
        ("groups",),
    )


def input_mistakes(g: Geometry) -> Iterator[Mistake]:
    """The input's axes exchanged, or another order of axes taken for its own."""
    last_two = g.input_size[:-2] + g.input_size[:-3:-1]
    if g.rank > 1:
        yield Mistake(
            "height and width of the input swapped",
            "Your input is transposed: cell (j, i) is read where (i, j) should be.",
            "Read x[n, c, i, j] with i along the height and j along the width: leave out the transpose.",
            Change(cells=lambda cells: cells.swapaxes(-1, -2)),
        )
        yield Mistake(
            "input reshaped to width by height",
            f"Your input is reshaped to {last_two}, which moves cells to other rows.",
            f"Keep the shape {g.input_size}, or use transpose, which exchanges axes where reshape cannot.",
            Change(cells=lambda cells: cells.reshape(*cells.shape[:2], *last_two)),
        )
    channels_last = (g.batch, *g.input_size, g.in_channels)
    yield Mistake(
        "input taken for channels-last",
        f"Your input is reshaped to {channels_last}, as if its channels were the last axis.",
        "Use transpose or np.moveaxis to move the channels: reshape does not move any cell.",
        Change(cells=lambda cells: np.moveaxis(cells.reshape(channels_last), -1, 1)),
    )


def flattening_mistakes(g: Geometry) -> Iterator[Mistake]:
    """Patches flattened in one order of axes and kernels in another, or a reshape for a transpose."""
    names = _TAPS if g.rank == 2 else ("c", *(f"k{i}" for i in range(g.rank)))
    own = tuple(range(len(names)))
    spelt = {
        own[1:] + own[:1]: "channels-last",
        own[::-1]: "column-major",
        (0, *own[:0:-1]): "kernel by columns",
    }
    orders = sorted(permutations(own), key=lambda order: (order not in spelt, order))
    orders = [o for o in orders if o != own and (g.rank < 3 or o in spelt)]
    for order in orders:
        axes = " ".join(names[i] for i in order)
        word = f" ({spelt[order]})" if order in spelt else ""
        fix = f"Flatten both in the order ({' '.join(names)}), or both in the order ({axes})."
        yield Mistake(
            f"patches flattened as ({axes}){word}, kernels as ({' '.join(names)})",
            f"Your patches are flattened as ({axes}) and your kernels as ({' '.join(names)}), "
            "so taps meet the wrong weights.",
            fix,
            Change(kernels=partial(_spread_in_order, order=order)),
        )
        yield Mistake(
            f"kernels flattened as ({axes}){word}, patches as ({' '.join(names)})",
            f"Your kernels are flattened as ({axes}) and your patches as ({' '.join(names)}), "
            "so taps meet the wrong weights.",
            fix,
            Change(kernels=partial(_taken_in_order, order=order)),
        )
    taps, filters = prod(g.kernel_shape[1:]), g.out_channels // g.groups
    yield Mistake(
        "kernels reshaped to (C·KH·KW, F) without a transpose",
        f"Your kernels are reshaped to ({taps}, {filters}), which mixes the filters.",
        f"Reshape them to ({filters}, {taps}) and transpose: w.reshape({filters}, -1).T.",
        Change(
            kernels=lambda kernels: (
                kernels.reshape(g.groups, taps, filters).swapaxes(1, 2).reshape(kernels.shape)
            )
        ),
    )
    for whole in (False, True):
        rows = "N·L" if whole else "L"
        yield Mistake(
            f"patches reshaped from (C·KH·KW, {rows}) to ({rows}, C·KH·KW) without a transpose",
            f"Your patch matrix has one column for each position, and is reshaped to ({rows}, C·KH·KW).",
            "Transpose it: reshape does not move any cell.",
            Change(patches=partial(_reshaped, rank=g.rank, whole=whole)),
        )


def array_mistakes(g: Geometry) -> Iterator[Mistake]:
    """All of them, the likeliest of each kind first.

    Examples:
        >>> next(array_mistakes(Geometry((5, 6), 3)))
        height and width of the input swapped
    """
    yield from input_mistakes(g)
    yield from group_mistakes(g)
    yield from flattening_mistakes(g)


def _spread_in_order(kernels: Array, order: tuple[int, ...]) -> Array:
    """Kernels that, flattened as they are, meet patches flattened in another order of axes."""
    sizes = [kernels.shape[1 + i] for i in order]
    back = np.argsort(order)
    return kernels.reshape(len(kernels), *sizes).transpose(0, *(1 + back))


def _taken_in_order(kernels: Array, order: tuple[int, ...]) -> Array:
    """Kernels that, flattened in another order of axes, meet patches flattened as they are."""
    return kernels.transpose(0, *(1 + i for i in order)).reshape(kernels.shape)


def _reshaped(patches: Array, rank: int, whole: bool) -> Array:
    """The transposed patch matrix, of each sample or of the batch, reshaped where it should be transposed."""
    samples, places = patches.shape[0], prod(patches.shape[1 : 1 + rank])
    matrices = patches.reshape(1 if whole else samples, -1, patches[0].size // places)
    return matrices.swapaxes(1, 2).reshape(patches.shape)

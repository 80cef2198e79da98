"""The layer that an exercise is about: sizes as the author wrote them, small numbers where there are none."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from symconv.entries import Array, is_symbolic
from symconv.errors import BlockError
from symconv.geometry import Geometry
from symconv.lesson.exercises.exercise import Grid, given
from symconv.lesson.exercises.seed import Seed
from symconv.lesson.layer import LAYER_KEYS, read_layer
from symconv.lesson.words import read_int
from symconv.unroll import Unrolled

LETTERS = "letters"
KEYS = (*LAYER_KEYS, "start")


def read_start(values: dict[str, Any]) -> int:
    """What indices begin with."""
    start = read_int(values.get("start", "0"), "start")
    if start not in (0, 1):
        raise BlockError(f"start={start} is not a way to count here: write 0 or 1")
    return start


def numbered(values: dict[str, Any], seed: Seed, *, letters: bool = False) -> Unrolled:
    """The layer of a block, with drawn numbers where only sizes were written.

    Args:
        values: the block's keys with their text.
        seed: what numbers are drawn from.
        letters: whether letters are welcome, those of ``entries: letters`` among them.

    Raises:
        SymconvError: the layer is impossible, or has letters where numbers are needed.
    """
    start = read_start(values)
    layer = read_layer({key: value for key, value in values.items() if key in LAYER_KEYS}, start)
    if letters and values.get("entries") == LETTERS:
        return layer
    matrices = layer.matrices
    if isinstance(values.get("input"), str):
        matrices = replace(matrices, input=seed.whole(0, 9, matrices.input.shape))
    if isinstance(values.get("kernel"), str):
        matrices = replace(matrices, kernel=nonzero(seed, matrices.kernel.shape))
    if not letters and is_symbolic(matrices.input, matrices.kernel):
        raise BlockError("exercise has letters where it needs numbers: write numbers, or a size to draw them")
    return Unrolled(matrices)


def lettered(values: dict[str, Any], seed: Seed) -> Unrolled:
    """The same, of letters if the author says so."""
    if values.get("entries", LETTERS) not in (LETTERS, "numbers"):
        raise BlockError(f"entries={values['entries']!r} is unknown: write numbers or letters")
    return numbered(values, seed, letters=True)


def nonzero(seed: Seed, shape: tuple[int, ...]) -> Array:
    """Small weights, none of them zero: what is multiplied by zero teaches nothing."""
    drawn = seed.whole(-3, 3, shape)
    return np.where(drawn > 0, drawn, drawn - 1)


def full(layer: Unrolled) -> tuple[Array, Array]:
    """The layer's input and kernels with all their axes, (N, C, *spatial) and (F, C/groups, *kernel)."""
    g, matrices = layer.geometry, layer.matrices
    return matrices.input.reshape(g.input_shape), matrices.kernel.reshape(g.kernel_shape)


def maps(label: str, array: Array, axes: Sequence[str], rank: int, start: int) -> list[tuple[str, Array]]:
    """An array as tables of one or two axes, each named by its place along the leading axes.

    Args:
        label: what the array is.
        array: leading axes, then as many as the rank says.
        axes: what each leading axis is called; those of one entry are not mentioned.
        rank: how many axes a table has.
        start: what places are counted from.

    Examples:
        >>> [name for name, _ in maps("input", np.zeros((1, 2, 3, 3)), ("sample", "channel"), 2, 0)]
        ['input, channel 0', 'input, channel 1']
    """
    tables = []
    for place in np.ndindex(array.shape[: array.ndim - rank]):
        named = [f"{axis} {i + start}" for axis, i, n in zip(axes, place, array.shape, strict=False) if n > 1]
        if not (named and named[0].startswith(label)):
            named.insert(0, label)
        tables.append((", ".join(named), array[place]))
    return tables


def drawn(layer: Unrolled, *, with_input: bool = True, with_kernel: bool = True) -> tuple[Grid, ...]:
    """The input and the kernels, as tables."""
    x, w = full(layer)
    rank, start = layer.geometry.rank, layer.matrices.start
    tables = maps("input", x, ("sample", "channel"), rank, start) if with_input else []
    tables += maps("kernel", w, ("kernel", "channel"), rank, start) if with_kernel else []
    return tuple(given(label, array) for label, array in tables)


def places(sizes: Sequence[int], start: int, name: str = "") -> tuple[str, ...]:
    """The indices of an array, row-major, as heads of rows or columns.

    Examples:
        >>> places((1, 2), 0, "y ")
        ('y 0,0', 'y 0,1')
    """
    return tuple(name + ",".join(str(i + start) for i in place) for place in np.ndindex(tuple(sizes)))


def tap_names(g: Geometry, start: int) -> tuple[str, ...]:
    """The columns of P: kernel places, the channel in front where there are several."""
    return places((g.in_channels, *g.kernel_size) if g.in_channels > 1 else g.kernel_size, start, "tap ")


def times(sizes: Sequence[int]) -> str:
    """Sizes as they are written.

    Examples:
        >>> times((3, 4))
        '3×4'
    """
    return "×".join(map(str, sizes))


def conditions(g: Geometry) -> str:
    """What is not plain about a layer, to follow its sizes in a sentence.

    Examples:
        >>> conditions(Geometry((5, 5), 3, stride=2, padding=((1, 0), (0, 2))))
        ', with stride 2 and padding 1 above, 2 on the right'
        >>> conditions(Geometry((5, 5), 3))
        ''
    """
    said = []
    for name, plain in (("stride", 1), ("dilation", 1)):
        values = getattr(g, name)
        if any(v != plain for v in values):
            said.append(f"{name} {values[0] if len({*values}) == 1 else times(values)}")
    if any(map(any, g.padding)):
        said.insert(1 if said and said[0].startswith("stride") else 0, f"padding {padding_words(g)}")
    if g.groups > 1:
        said.append(f"{g.groups} groups")
    return (
        f", with {' and '.join(said) if len(said) < 3 else ', '.join(said[:-1]) + ' and ' + said[-1]}"
        * bool(said)
    )


def padding_words(g: Geometry) -> str:
    """The padding of a layer: one number where that says it all.

    Examples:
        >>> padding_words(Geometry((5, 5), 3, padding=1)), padding_words(Geometry(5, 3, padding=[(0, 1)]))
        ('1', '1 at the end')
    """
    flat = {n for pair in g.padding for n in pair}
    if len(flat) == 1:
        return str(flat.pop())
    sides = (("above", "below"), ("on the left", "on the right"))[-g.rank :] if g.rank == 2 else ()
    sides = sides or (("at the front", "at the end"),)
    return ", ".join(
        f"{n} {side}"
        for pair, names in zip(g.padding, sides, strict=False)
        for n, side in zip(pair, names, strict=True)
        if n
    )

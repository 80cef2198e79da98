"""The author's block: YAML in, a derived layer and what to show of it out.

Every refusal is one sentence that says what to write instead, with the line inside the block where that
is known.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import product
from math import prod
from typing import Any

from symconv.entries import Array, read_array
from symconv.errors import BlockError, SymconvError
from symconv.geometry import Geometry
from symconv.lesson.limits import MOST_CELLS, refuse_if_too_large
from symconv.lesson.words import (
    in_the_authors_words,
    read_int,
    read_ints,
    read_list,
    read_padding,
    read_rows,
    read_size,
)
from symconv.lesson.yaml_text import load
from symconv.symbols import symbolic
from symconv.unroll import Unrolled, unroll

SHOWN = (
    "input",
    "kernel",
    "formula",
    "windows",
    "output",
    "sum",
    "dot",
    "patches",
    "weights",
    "product",
    "fold",
    "sizes",
    "proof",
)
KEYS = (
    "input",
    "kernel",
    "kernels",
    "channels",
    "stride",
    "padding",
    "dilation",
    "groups",
    "start",
    "cells",
    "show",
    "choose",
    "caption",
)
CHOOSABLE = ("input", "kernel", "kernels", "channels", "stride", "padding", "dilation", "groups")
MOST_CHOICES = 64


@dataclass(frozen=True)
class Block:
    """A block as read: the layer it derives and how to show it.

    Attributes:
        layer: the unrolled layer.
        show: the parts to show, in the author's order.
        start: what indices begin with, 0 or 1.
        cells: output cells (0-based) for the parts that show single cells; empty for the default ones.
        caption: plain text beneath the figure, or empty.
        choice: what the reader chose to get this variant: (key, value) pairs.
    """

    layer: Unrolled
    show: tuple[str, ...]
    start: int
    cells: tuple[tuple[int, ...], ...]
    caption: str
    choice: tuple[tuple[str, str], ...] = ()


def read_block(text: str) -> list[Block]:
    r"""Read the body of a ``symconv`` block.

    Args:
        text: YAML, the keys ``KEYS``.

    Returns:
        One block; or one for each combination that ``choose`` offers to the reader, the first shown first.

    Raises:
        BlockError: what is wrong, in one sentence that says what to write instead, and where.

    Examples:
        >>> read_block("input: 3x3\nkernel: 2x2\nshow: [product]")[0].layer
        Unrolled: P (4×4) · W (4×1) = Y (4×1), folded into an output of shape (2, 2), symbolic
    """
    values, lines = load(text)
    for key in values:
        if key not in KEYS:
            near = get_close_matches(key, KEYS, n=1)
            meant = f"did you mean {near[0]}?" if near else f"use any of {', '.join(KEYS)}"
            raise BlockError(f"{key!r} is no key of a symconv block: {meant}", lines[key])
    try:
        choices = _choices(values.pop("choose", {}))
        return [replace(_block({**values, **dict(choice)}), choice=_named(choice)) for choice in choices]
    except BlockError as error:
        line = error.line if error.line is not None else _line_of(str(error), lines)
        raise BlockError(str(error), line) from error


def _line_of(message: str, lines: dict[str, int]) -> int | None:
    """The line of the key that a message begins with."""
    word = re.match(r"\w+", message)
    name = word[0].removesuffix("_size") if word else ""
    return lines.get(name)


def _choices(offered: Any) -> Iterator[tuple[tuple[str, Any], ...]]:
    """Every combination of the values that the reader may choose from."""
    if not isinstance(offered, dict) or not all(isinstance(v, list) and v for v in offered.values()):
        raise BlockError("choose needs a list for each key, as in “choose: {input: [3x3, 4x4]}”")
    for key in offered:
        if key not in CHOOSABLE:
            raise BlockError(f"choose cannot offer {key!r}: use any of {', '.join(CHOOSABLE)}")
    if (count := prod(len(v) for v in offered.values())) > MOST_CHOICES:
        raise BlockError(f"choose makes {count} combinations: offer at most {MOST_CHOICES}")
    return product(*([(key, value) for value in values] for key, values in offered.items()))


def _named(choice: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (key, str(value).replace("x", "×") if isinstance(value, str) else str(value)) for key, value in choice
    )


def _block(values: dict[str, Any]) -> Block:
    """One block from its values, without choices."""
    for key in ("input", "kernel"):
        if key not in values and not (key == "kernel" and isinstance(values.get("kernels"), list)):
            raise BlockError(f"{key} is missing: write “{key}: 3x3” for letters, or its rows of numbers")
    start = read_int(values.get("start", "0"), "start")
    if start not in (0, 1):
        raise BlockError(f"start={start} is not a way to count here: write 0 or 1")
    try:
        layer = _layer(values, start)
        cells = _cells(values.get("cells", []), layer, start)
    except BlockError:
        raise
    except SymconvError as error:
        raise BlockError(in_the_authors_words(str(error))) from error
    show = tuple(read_list(values.get("show", ["input", "kernel", "product", "proof"]), "show"))
    for part in show:
        if part not in SHOWN:
            near = get_close_matches(str(part), SHOWN, n=1)
            raise BlockError(
                f"show has no part {part!r}: "
                + (f"did you mean {near[0]}?" if near else f"use any of {', '.join(SHOWN)}")
            )
    caption = values.get("caption", "")
    if not isinstance(caption, str):
        raise BlockError("caption is not a line of text: put it in quotes")
    return Block(layer, show, start, cells, caption)


def _layer(values: dict[str, Any], start: int) -> Unrolled:
    """The layer that the sizes or numbers of a block describe."""
    hyper_parameters = {
        "stride": read_ints(values.get("stride", "1"), "stride"),
        "padding": read_padding(values.get("padding", "0")),
        "dilation": read_ints(values.get("dilation", "1"), "dilation"),
    }
    groups = read_int(values.get("groups", "1"), "groups")
    channels = read_int(values["channels"], "channels") if "channels" in values else None
    x = _input(values["input"], channels, start)
    rank = _spatial_rank(values["input"], x)
    w = _kernels(values, x, rank, groups, start)
    if x.ndim == rank and w.ndim > rank:
        x = x[None]
    if w.ndim == rank and x.ndim > rank:
        w = w[None, None]
    g = Geometry.of_arrays(x.shape, w.shape, groups=groups, **hyper_parameters)
    refuse_if_too_large(g)
    return unroll(x, w, groups=groups, start=start, max_entries=None, **hyper_parameters)


def _input(given: Any, channels: int | None, start: int) -> Array:
    """The input's numbers, or its letters x."""
    if isinstance(given, str):
        return symbolic("x", _shape(given, "input", channels), start)
    x = _numbers(given, "input")
    if channels is not None and (x.shape[0] if x.ndim == 3 else 1) != channels:
        raise BlockError(f"channels={channels} does not fit the numbers of input: leave channels out")
    return x


def _spatial_rank(given: Any, x: Array) -> int:
    rank = len(re.split("[x×]", given)) if isinstance(given, str) else min(x.ndim, 2)
    if rank > 2 or x.ndim > 3:
        raise BlockError("input has more axes than a page can draw: give a row, rows, or channels of rows")
    return rank


def _kernels(values: dict[str, Any], x: Array, rank: int, groups: int, start: int) -> Array:
    """The kernels' numbers, or their letters w; bare where one channel and one kernel will do."""
    kernels, kernel = values.get("kernels"), values.get("kernel")
    channels = 1 if x.ndim == rank else x.shape[0]
    if isinstance(kernels, list):
        if kernel is not None and not isinstance(kernel, str):
            raise BlockError("kernels and kernel both hold numbers: give one of them")
        given = [_one_kernel(k, rank) for k in kernels]
        return read_array([k.tolist() for k in given], "kernels")
    if not isinstance(kernel, str):
        if kernels is not None and read_int(kernels, "kernels") != 1:
            raise BlockError(f"kernels={kernels} does not fit one kernel of numbers: list all of them there")
        one = _one_kernel(kernel, rank)
        return one[0] if one.shape[0] == 1 and channels == 1 else one[None]
    filters = 1 if kernels is None else read_int(kernels, "kernels")
    if filters == channels == 1:
        return symbolic("w", _shape(kernel, "kernel", None), start)
    if filters < 1 or filters > MOST_CELLS:
        raise BlockError(f"kernels={filters} is not a number of kernels: write one from 1 to {MOST_CELLS}")
    if groups < 1 or channels % groups:
        raise BlockError(
            f"groups={groups} does not divide channels={channels}: write a divisor of {channels}"
        )
    return symbolic("w", (filters, *_shape(kernel, "kernel", channels // groups)), start)


def _one_kernel(given: Any, rank: int) -> Array:
    """One filter's kernel, shape (C, *kernel)."""
    kernel = _numbers(given, "kernel")
    if kernel.ndim not in (rank, rank + 1):
        raise BlockError(
            f"kernel has {kernel.ndim} axes for an input of {rank}: give as many, or one array per channel"
        )
    return kernel if kernel.ndim == rank + 1 else kernel[None]


def _shape(text: str, key: str, channels: int | None) -> tuple[int, ...]:
    """The shape that a size such as 3x3 asks for, with the channels in front if there are any."""
    sizes = read_size(text, key, ", or rows such as [[1, 2], [3, 4]]")
    shape = sizes if channels is None else (channels, *sizes)
    if min(shape) < 1:
        raise BlockError(f"{key}={text} has no cells: write a size of at least 1x1")
    if prod(shape) > MOST_CELLS:
        raise BlockError(
            f"{key}={text} has {prod(shape):,} cells, and a page shows at most {MOST_CELLS:,}: "
            "write a smaller size"
        )
    return shape


def _numbers(given: Any, key: str) -> Array:
    """Rows of numbers and letters as an array."""
    if not isinstance(given, list):
        raise BlockError(f"{key} is neither a size nor rows of numbers: write 3x3, or [[1, 2], [3, 4]]")
    try:
        array = read_array(read_rows(given, key), key)
    except BlockError:
        raise
    except SymconvError as error:
        raise BlockError(in_the_authors_words(str(error))) from error
    if array.size > MOST_CELLS:
        raise BlockError(
            f"{key} has {array.size:,} cells, and a page can show {MOST_CELLS:,}: give fewer rows"
        )
    return array


def _cells(given: Any, layer: Unrolled, start: int) -> tuple[tuple[int, ...], ...]:
    """Output cells as 0-based indices; those of the first filter where only a position is given."""
    listed = read_list(given, "cells")
    if layer.geometry.rank > 1 and listed and not any(isinstance(v, list) for v in listed):
        listed = [listed]  # a single cell
    shape = layer.matrices.output_shape
    first, last = [start] * len(shape), [n - 1 + start for n in shape]
    places = []
    for cell in listed:
        index = [read_int(i, "cells") - start for i in read_list(cell, "cells")]
        place = (*(0,) * (len(shape) - len(index)), *index)
        if len(index) not in (layer.geometry.rank, len(shape)) or not all(
            0 <= i < n for i, n in zip(place, shape, strict=True)
        ):
            raise BlockError(f"cells={cell} is no cell of the output: write an index from {first} to {last}")
        places.append(place)
    return tuple(places)

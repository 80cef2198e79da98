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

from symconv.errors import BlockError, SymconvError
from symconv.geometry import Geometry
from symconv.lesson.layer import read_layer
from symconv.lesson.limits import MOST_ENTRIES
from symconv.lesson.theorem_block import KEYS as THEOREM_KEYS
from symconv.lesson.theorem_block import LAYER_KEYS, TheoremBlock, read_theorem_block
from symconv.lesson.theorem_block import SHOWN as THEOREM_SHOWN
from symconv.lesson.words import in_the_authors_words, read_int, read_list
from symconv.lesson.yaml_text import load
from symconv.unroll import Unrolled

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
MOST_CELLS_SHOWN = 64


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

    @property
    def geometry(self) -> Geometry:
        """The layer's sizes and hyper-parameters."""
        return self.layer.geometry


def read_block(text: str) -> "list[Block] | list[TheoremBlock]":
    r"""Read the body of a ``symconv`` block.

    Args:
        text: YAML, the keys ``KEYS``; or, about a theorem, ``theorem`` and what goes with it.

    Returns:
        One block; or one for each combination that ``choose`` offers to the reader, the first shown first.

    Raises:
        BlockError: what is wrong, in one sentence that says what to write instead, and where.

    Examples:
        >>> read_block("input: 3x3\nkernel: 2x2\nshow: [product]")[0].layer
        Unrolled: P (4×4) · W (4×1) = Y (4×1), folded into an output of shape (2, 2), symbolic
    """
    values, lines = load(text)
    keys = (*THEOREM_KEYS, *LAYER_KEYS) if "theorem" in values else KEYS
    for key in values:
        if key not in keys:
            near = get_close_matches(key, keys, n=1)
            meant = f"did you mean {near[0]}?" if near else f"use any of {', '.join(keys)}"
            raise BlockError(f"{key!r} is no key of a symconv block: {meant}", lines[key])
    try:
        blocks: list[Block] | list[TheoremBlock] = _variants(values)
        return blocks
    except BlockError as error:
        line = error.line if error.line is not None else _line_of(str(error), lines)
        raise BlockError(str(error), line) from error


def _variants(values: dict[str, Any]) -> Any:
    """The block itself, or one for each combination of what the reader may choose."""
    read = _theorem_block if "theorem" in values else _block
    if "choose" not in values:
        return [read(values)]
    fixed = {key: value for key, value in values.items() if key != "choose"}
    blocks, entries = [], 0
    for choice in _choices(values["choose"], fixed):
        try:
            block = read({**fixed, **dict(choice)})
        except BlockError as error:
            named = ", ".join(f"{key} {value}" for key, value in _named(choice))
            raise BlockError(f"choose offers {named}, but {error}") from error
        entries += prod(block.geometry.patch_matrix_shape) if block.geometry else 0
        if entries > MOST_ENTRIES:
            raise BlockError(
                f"choose makes patch matrices of more than {MOST_ENTRIES:,} entries in all: "
                "offer fewer or smaller sizes"
            )
        blocks.append(replace(block, choice=_named(choice)))
    return blocks


def _line_of(message: str, lines: dict[str, int]) -> int | None:
    """The line of the key that a message begins with."""
    word = re.match(r"\w+", message)
    name = word[0].removesuffix("_size") if word else ""
    return lines.get(name)


def _choices(offered: Any, fixed: dict[str, Any]) -> Iterator[tuple[tuple[str, Any], ...]]:
    """Every combination of the values that the reader may choose from."""
    if not isinstance(offered, dict) or not offered or not all(isinstance(v, list) for v in offered.values()):
        raise BlockError("choose needs a list for each key, as in “choose: {input: [3x3, 4x4]}”")
    for key, values in offered.items():
        if key not in CHOOSABLE:
            raise BlockError(f"choose cannot offer {key!r}: use any of {', '.join(CHOOSABLE)}")
        if key in fixed:
            raise BlockError(f"{key} is given and offered by choose as well: keep one of them")
        if not values:
            raise BlockError(f"choose offers no {key}: list at least one")
        names = [name for _, name in _named(tuple((key, value) for value in values))]
        if twice := [name for name in names if names.count(name) > 1]:
            raise BlockError(f"choose offers {key} {twice[0]} twice: keep one of them")
    if (count := prod(len(v) for v in offered.values())) > MOST_CHOICES:
        raise BlockError(f"choose makes {count} combinations: offer at most {MOST_CHOICES}")
    return product(*([(key, value) for value in values] for key, values in offered.items()))


def _named(choice: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, str], ...]:
    """A choice as the reader sees it: sizes with a times sign, lists as they were written."""
    return tuple(
        (key, value.strip().replace("x", "×") if isinstance(value, str) else str(value).replace("'", ""))
        for key, value in choice
    )


def _theorem_block(values: dict[str, Any]) -> TheoremBlock:
    """A block about a theorem from its values, without choices."""
    return read_theorem_block(values, _show(values["show"], THEOREM_SHOWN) if "show" in values else ())


def _block(values: dict[str, Any]) -> Block:
    """One block from its values, without choices."""
    for key in ("input", "kernel"):
        if key not in values and not (key == "kernel" and isinstance(values.get("kernels"), list)):
            raise BlockError(f"{key} is missing: write “{key}: 3x3” for letters, or its rows of numbers")
    start = read_int(values.get("start", "0"), "start")
    if start not in (0, 1):
        raise BlockError(f"start={start} is not a way to count here: write 0 or 1")
    try:
        layer = read_layer(values, start)
        cells = _cells(values.get("cells", []), layer, start)
    except BlockError:
        raise
    except SymconvError as error:
        raise BlockError(in_the_authors_words(str(error))) from error
    show = _show(values.get("show", ["input", "kernel", "product", "proof"]), SHOWN)
    caption = values.get("caption", "")
    if not isinstance(caption, str):
        raise BlockError("caption is not a line of text: put it in quotes")
    return Block(layer, show, start, cells, caption)


def _show(given: Any, known: tuple[str, ...]) -> tuple[str, ...]:
    """The parts to show, each once, of those that there are."""
    show = tuple(read_list(given, "show"))
    if not show or show == ("",):
        raise BlockError(f"show is empty: list any of {', '.join(known)}")
    for part in show:
        if part not in known:
            near = get_close_matches(str(part), known, n=1)
            meant = f"did you mean {near[0]}?" if near else f"use any of {', '.join(known)}"
            raise BlockError(f"show has no part {part!r}: {meant}")
        if show.count(part) > 1:
            raise BlockError(f"show lists {part} twice: keep one of them")
    return show


def _cells(given: Any, layer: Unrolled, start: int) -> tuple[tuple[int, ...], ...]:
    """Output cells as 0-based indices; those of the first filter where only a position is given."""
    listed = read_list(given, "cells")
    if layer.geometry.rank > 1 and listed and not any(isinstance(v, list) for v in listed):
        listed = [listed]  # a single cell
    if len(listed) > MOST_CELLS_SHOWN:
        raise BlockError(f"cells lists {len(listed)} cells: show at most {MOST_CELLS_SHOWN}")
    shape = layer.matrices.output_shape
    first, last = [start] * len(shape), [n - 1 + start for n in shape]
    places = []
    for cell in listed:
        index = [read_int(i, "cells") - start for i in read_list(cell, "cells")]
        place = (*(0,) * (len(shape) - len(index)), *index)
        if len(index) not in (layer.geometry.rank, len(shape)) or not all(
            0 <= i < n for i, n in zip(place, shape, strict=True)
        ):
            raise BlockError(
                f"cells has [{', '.join(map(str, read_list(cell, 'cells')))}], no cell of the output: "
                f"write an index from {first} to {last}"
            )
        places.append(place)
    return tuple(places)

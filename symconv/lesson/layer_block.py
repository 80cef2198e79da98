"""The author's block about a layer: the sizes or numbers it derives, and what to show of them."""

from dataclasses import dataclass
from typing import Any

from symconv.errors import BlockError
from symconv.geometry import Geometry
from symconv.lesson.layer import LAYER_KEYS, read_layer
from symconv.lesson.words import read_caption, read_int, read_list
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
    "figure",
    "fold",
    "sizes",
    "proof",
)
KEYS = (*LAYER_KEYS, "start", "cells", "controls", "play", "show", "choose", "caption")
DEFAULT = ("input", "kernel", "product", "proof")
MOST_CELLS_SHOWN = 64


@dataclass(frozen=True)
class LayerBlock:
    """A block about a layer as read: the layer it derives and how to show it.

    Attributes:
        layer: the unrolled layer.
        show: the parts to show, in the author's order.
        start: what indices begin with, 0 or 1.
        cells: output cells (0-based) for the parts that show single cells; empty for the default ones.
        caption: plain text beneath the figure, or empty.
        controls: whether the figure's controls are open from the start.
        play: whether the figure plays by itself.
        choice: what the reader chose to get this variant: (key, value) pairs.
    """

    layer: Unrolled
    show: tuple[str, ...]
    start: int
    cells: tuple[tuple[int, ...], ...]
    caption: str
    choice: tuple[tuple[str, str], ...] = ()
    controls: bool = False
    play: bool = False

    @property
    def geometry(self) -> Geometry:
        """The layer's sizes and hyper-parameters."""
        return self.layer.geometry


def read_layer_block(values: dict[str, Any], show: tuple[str, ...]) -> LayerBlock:
    """The block from its values, without choices.

    Args:
        values: the block's keys with their text.
        show: the parts to show, already read; empty for what goes without saying.

    Raises:
        SymconvError: what is wrong, in one sentence that says what to write instead.

    Examples:
        >>> read_layer_block({"input": "3x3", "kernel": "2x2"}, ()).show
        ('input', 'kernel', 'product', 'proof')
    """
    start = read_int(values.get("start", "0"), "start")
    if start not in (0, 1):
        raise BlockError(f"start={start} is not a way to count here: write 0 or 1")
    layer = read_layer(values, start)
    cells = _cells(values.get("cells", []), layer, start)
    controls = _one_of(values, "controls", ("closed", "open")) == "open"
    play = _one_of(values, "play", ("false", "true")) == "true"
    shown = show or DEFAULT
    if "figure" not in shown and (given := [key for key in ("controls", "play") if key in values]):
        raise BlockError(f"{given[0]} is for a figure, which show does not list: add figure to show")
    return LayerBlock(layer, shown, start, cells, read_caption(values), controls=controls, play=play)


def _one_of(values: dict[str, Any], key: str, words: tuple[str, str]) -> str:
    """One of two words, the first if there is no such key."""
    word = values.get(key, words[0])
    if word not in words:
        raise BlockError(f"{key}={word!r} is unknown: write {words[0]} or {words[1]}")
    return str(word)


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

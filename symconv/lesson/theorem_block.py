"""The author's block about a theorem: its name, what to show of it, and perhaps a layer to try it on."""

from dataclasses import dataclass
from typing import Any

from symconv.errors import BlockError
from symconv.geometry import Geometry
from symconv.lesson.layer import LAYER_KEYS, read_layer
from symconv.lesson.words import read_caption, read_int
from symconv.proof.theorem import Theorem
from symconv.theorems.catalogue import CATALOGUE, theorem, theorems

ALL = "all"
SHOWN = ("statement", "assumptions", "derivation", "proof", "twin", "instance", "table")
KEYS = ("theorem", "axes", "twin", "show", "choose", "caption", *LAYER_KEYS)


@dataclass(frozen=True)
class TheoremBlock:
    """A block about a theorem as read.

    Attributes:
        name: the theorem's, or ``all``.
        axes: for how many spatial axes it is stated.
        theorems: the theorem, or all of them.
        twin: the number of the false variant to show, from 0.
        geometry: the layer to try it on; None for none.
        show: the parts to show, in the author's order.
        caption: plain text beneath the figure, or empty.
        choice: what the reader chose to get this variant: (key, value) pairs.
    """

    name: str
    axes: int
    theorems: tuple[Theorem, ...]
    twin: int
    geometry: Geometry | None
    show: tuple[str, ...]
    caption: str
    choice: tuple[tuple[str, str], ...] = ()

    @property
    def theorem(self) -> Theorem:
        """The theorem that it is about."""
        return self.theorems[0]


def read_theorem_block(values: dict[str, Any], show: tuple[str, ...]) -> TheoremBlock:
    """The block from its values, without choices.

    Args:
        values: the block's keys with their text.
        show: the parts to show, already read; empty for what goes without saying.

    Raises:
        SymconvError: what is wrong, in one sentence that says what to write instead.

    Examples:
        >>> read_theorem_block({"theorem": "im2col", "axes": "1"}, ()).theorem.name
        'im2col'
    """
    axes = read_int(values.get("axes", "2"), "axes")
    if axes not in (1, 2, 3):
        raise BlockError(f"axes={axes} is more or fewer than the theorems are stated for: write 1, 2 or 3")
    name = values["theorem"]
    if name == ALL:
        extra = [key for key in values if key not in ("theorem", "axes", "show", "caption")]
        if extra or set(show) - {"table"}:
            raise BlockError("theorem=all is shown as a table only: name one theorem to show more of it")
        return TheoremBlock(ALL, axes, theorems(axes), 0, None, ("table",), read_caption(values))
    if not isinstance(name, str) or name not in CATALOGUE:
        raise BlockError(f"theorem={name!r} is unknown: write {ALL} or one of {', '.join(CATALOGUE)}")
    found = theorem(name, axes)
    twin = read_int(values.get("twin", "1"), "twin")
    if not 1 <= twin <= len(found.variants):
        raise BlockError(f"twin={twin} is none of this theorem's: write 1 to {len(found.variants)}")
    layer = {key: value for key, value in values.items() if key in LAYER_KEYS}
    geometry = _geometry(layer) if layer else None
    default = (
        ("twin",) if "twin" in values else ("instance",) if layer else ("statement", "derivation", "proof")
    )
    show = show or default
    if ("instance" in show) != bool(layer):
        raise BlockError("show has the part instance exactly if input and kernel say at which size")
    if "table" in show:
        raise BlockError("show has the part table only for “theorem: all”")
    if geometry is not None:
        found.instance(geometry)  # is there one?
    return TheoremBlock(name, axes, (found,), twin - 1, geometry, show, read_caption(values))


def _geometry(layer: dict[str, Any]) -> Geometry:
    """The layer that the sizes describe."""
    for key in ("input", "kernel"):
        if not isinstance(layer.get(key), str):
            raise BlockError(f"{key} is missing or no size: write “{key}: 3x3” to try the theorem on a layer")
    return read_layer(layer, 0).geometry

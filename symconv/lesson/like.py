"""A lesson made like another one: its text, with the sizes of its blocks replaced."""

from dataclasses import dataclass
from typing import Any

from symconv.errors import SymconvError
from symconv.geometry import Geometry
from symconv.lesson.block import read_block
from symconv.lesson.block_text import Written, rewritten
from symconv.lesson.exercise_block import known_kind
from symconv.lesson.form_block import known_form
from symconv.lesson.layer import LAYER_KEYS
from symconv.lesson.page import keys_of_letters, keys_of_numbers, numbers_fit
from symconv.lesson.page_text import PageText
from symconv.lesson.render import render
from symconv.lesson.yaml_text import load

ABOUT_A_LAYER = ("input", "kernel", "stride")  # what a form or an exercise takes that is about any layer
_PLACES = ("cells", "cell", "dy")  # which belong to the old sizes


@dataclass(frozen=True)
class Made:
    """A new page.

    Attributes:
        text: what it says.
        replaced: how many blocks have the new sizes.
        left: the lines, in the pattern, of the blocks that could not be given them.
        without: the lines, likewise, of blocks that lost what the new sizes have no place for, with its keys.
    """

    text: str
    replaced: int
    left: tuple[int, ...]
    without: tuple[tuple[int, str], ...]

    def sentence(self, pattern: PageText) -> str:
        """What could not be carried over, in one sentence."""
        name = pattern.path.name
        kept = (
            f"the block on line {_listed(self.left)} of {name} is about its own sizes, " if self.left else ""
        )
        if len(self.left) > 1:
            kept = f"the blocks on lines {_listed(self.left)} of {name} are about their own sizes, "
        lost = "".join(
            f"{keys} of the block on line {line} of {name} fits no more, " for line, keys in self.without
        )
        return f"Not carried over: {kept}{lost}and the words are those of {name}, so look there for sizes."


def _listed(lines: tuple[int, ...]) -> str:
    return ", ".join(map(str, lines))


def lesson_like(pattern: PageText, g: Geometry, *, title: str = "", start: int = 0) -> Made:
    """A page like another one, about another layer.

    Args:
        pattern: the page.
        g: the layer.
        title: the heading; the pattern's own by default.
        start: what indices begin with, 0 or 1.

    Raises:
        BlockError: a block of the pattern is wrong as it is.
    """
    lines = pattern.lines
    replaced, left, without = 0, list[int](), list[tuple[int, str]]()
    for fence in reversed(
        list(pattern.blocks())
    ):  # from the end, so that the lines before keep their numbers
        pattern.read(fence)
        resized = _resized(fence.body, g, start)
        if resized is None:
            left.insert(0, fence.line + 1)
            continue
        body, lost = resized
        replaced += 1
        if lost:
            without.insert(0, (fence.line + 1, " and ".join(lost)))
        lines[fence.line + 1 : fence.end] = [fence.indent + line for line in body.split("\n")]
    if title:
        lines = _titled(lines, pattern, " ".join(title.split()))
    return Made("\n".join(lines).rstrip() + "\n", replaced, tuple(left), tuple(without))


def _resized(body: str, g: Geometry, start: int) -> tuple[str, list[str]] | None:
    """The block about the new layer, and the keys it lost; None if it cannot be about it."""
    values, _ = load(body)
    taken = _keys_of(values)
    if taken is None:
        return None
    numbers = any(not isinstance(values.get(key, ""), str) for key in ("input", "kernel", "kernels"))
    new: dict[str, Any] = dict((keys_of_numbers if numbers and numbers_fit(g) else keys_of_letters)(g, start))
    given = {key: new.pop(key, None) for key in (*LAYER_KEYS, "start") if key in taken}
    new.pop("start", None)
    if new and "padding" in taken:  # without it the padding is asked for, whatever the layer's is
        return None  # the block cannot say all of the layer
    keys = {k: Written(v) if v is not None else None for k, v in given.items()}
    fixed = {"choose": None} if {*values.get("choose", ())} & {*LAYER_KEYS} else {}
    placed = [key for key in _PLACES if key in values]
    for lost in ([], placed):
        changed = rewritten(body, {**keys, **fixed, **dict.fromkeys(lost)})
        try:
            render(read_block(changed))
        except SymconvError:
            continue
        return changed, [*fixed, *lost]
    return None


def _keys_of(values: dict[str, Any]) -> tuple[str, ...] | None:
    """The keys that a block takes, if it is about a layer of any sizes."""
    if "theorem" in values:
        return (*LAYER_KEYS,) if "input" in values else None
    if "form" in values:
        taken = known_form(values["form"]).keys
    elif "exercise" in values:
        taken = known_kind(values["exercise"]).keys
    else:
        return (*LAYER_KEYS, "start")
    return taken if all(key in taken for key in ABOUT_A_LAYER) and "output_padding" not in taken else None


def _titled(lines: list[str], pattern: PageText, title: str) -> list[str]:
    """The page with another heading."""
    for number, line in enumerate(lines):
        if line.startswith("# ") and pattern.title in line:
            return [*lines[:number], f"# {title}", *lines[number + 1 :]]
    return [f"# {title}", "", *lines]

"""The author's block: YAML in, what is derived and what to show of it out.

A block is about a layer, a theorem (``theorem: NAME``) or a form of a convolution (``form: NAME``), or it
is an exercise (``exercise: KIND``). Every refusal is one sentence that says what to write instead, with the
line inside the block where that is known.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any

from symconv.errors import BlockError, SymconvError
from symconv.lesson import exercise_block, form_block, layer_block, theorem_block
from symconv.lesson.exercise_block import ExerciseBlock
from symconv.lesson.form_block import FormBlock
from symconv.lesson.layer import LAYER_KEYS
from symconv.lesson.layer_block import LayerBlock
from symconv.lesson.limits import MOST_ENTRIES
from symconv.lesson.theorem_block import TheoremBlock
from symconv.lesson.words import in_the_authors_words, meant, read_show
from symconv.lesson.yaml_text import load

MOST_CHOICES = 64
_TIMES = re.compile(r"(?<=\d)\s*[x×]\s*(?=\d)")  # of a size, not of a name with an x

Block = LayerBlock | TheoremBlock | FormBlock | ExerciseBlock


@dataclass(frozen=True)
class _Kind:
    """What blocks of one kind take.

    Attributes:
        keys: the keys that there are.
        shown: the parts that can be shown.
        choosable: the keys of which the reader may choose the value.
        read: makes the block from its values, and the parts to show if they are given.
    """

    keys: tuple[str, ...]
    shown: tuple[str, ...]
    choosable: tuple[str, ...]
    read: Callable[[dict[str, Any], tuple[str, ...]], Block]


_LAYER = _Kind(layer_block.KEYS, layer_block.SHOWN, LAYER_KEYS, layer_block.read_layer_block)
_THEOREM = _Kind(theorem_block.KEYS, theorem_block.SHOWN, LAYER_KEYS, theorem_block.read_theorem_block)


def read_block(text: str) -> list[Block]:
    r"""Read the body of a ``symconv`` block.

    Args:
        text: YAML: the keys of a layer; or ``theorem``, ``form`` or ``exercise`` and what goes with it.

    Returns:
        One block; or one for each combination that ``choose`` offers to the reader, the first shown first.

    Raises:
        BlockError: what is wrong, in one sentence that says what to write instead, and where.

    Examples:
        >>> read_block("input: 3x3\nkernel: 2x2\nshow: [product]")[0].layer
        Unrolled: P (4×4) · W (4×1) = Y (4×1), folded into an output of shape (2, 2), symbolic
        >>> read_block("form: winograd\noutputs: 2\ntaps: 3")[0].name
        'winograd'
    """
    values, lines = load(text)
    try:
        kind = _kind(values)
        for key in values:
            if key not in kind.keys:
                raise BlockError(f"{key!r} is no key of a symconv block: {meant(key, kind.keys)}", lines[key])
        return _variants(kind, values)
    except BlockError as error:
        line = error.line if error.line is not None else _line_of(str(error), lines)
        raise BlockError(str(error), line) from error


def _kind(values: dict[str, Any]) -> _Kind:
    """What a block with these keys is about."""
    if "form" in values:
        form = form_block.known_form(values["form"])
        keys = ("form", *form.keys, "show", "choose", "caption")
        return _Kind(keys, tuple(form.parts), form.keys, form_block.read_form_block)
    if "exercise" in values:
        kind = exercise_block.known_kind(values["exercise"])
        return _Kind((*exercise_block.KEYS, *kind.keys), (), kind.keys, exercise_block.read_exercise_block)
    return _THEOREM if "theorem" in values else _LAYER


def _variants(kind: _Kind, values: dict[str, Any]) -> list[Block]:
    """The block itself, or one for each combination of what the reader may choose."""
    if "choose" not in values:
        return [_read(kind, values)]
    fixed = {key: value for key, value in values.items() if key != "choose"}
    blocks: list[Block] = []
    entries = 0
    for choice in _choices(values["choose"], fixed, kind.choosable):
        try:
            block = _read(kind, {**fixed, **dict(choice)})
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


def _read(kind: _Kind, values: dict[str, Any]) -> Block:
    """One block from its values, without choices."""
    show = read_show(values["show"], kind.shown) if "show" in values else ()
    try:
        return kind.read(values, show)
    except BlockError:
        raise
    except SymconvError as error:
        raise BlockError(in_the_authors_words(str(error))) from error


def _line_of(message: str, lines: dict[str, int]) -> int | None:
    """The line of the key that a message begins with."""
    word = re.match(r"\w+", message)
    name = word[0].removesuffix("_size") if word else ""
    return lines.get(name)


def _choices(
    offered: Any, fixed: dict[str, Any], choosable: tuple[str, ...]
) -> Iterator[tuple[tuple[str, Any], ...]]:
    """Every combination of the values that the reader may choose from."""
    if not isinstance(offered, dict) or not offered or not all(isinstance(v, list) for v in offered.values()):
        raise BlockError("choose needs a list for each key, as in “choose: {input: [3x3, 4x4]}”")
    for key, values in offered.items():
        if key not in choosable:
            raise BlockError(f"choose cannot offer {key!r}: use any of {', '.join(choosable)}")
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
        (key, _TIMES.sub("×", value.strip()) if isinstance(value, str) else str(value).replace("'", ""))
        for key, value in choice
    )

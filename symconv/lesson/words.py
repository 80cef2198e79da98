"""What the words of a block and of the command line mean: sizes, numbers, letters, paddings.

Everything arrives as text and is parsed here by pattern: nothing is ever evaluated.
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

import sympy

from symconv.entries import ExactDecimal
from symconv.errors import BlockError

_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")
_FRACTION = re.compile(r"([+-]?[0-9]{1,30})/([0-9]{1,30})")
_DECIMAL = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-2]?[0-9])?")
_SIZE = re.compile(r"[0-9]{1,12}(\s*[x×]\s*[0-9]{1,12}){0,2}")
_LETTER = re.compile(r"([A-Za-z])(?:_?([0-9]{1,4})|_([A-Za-z0-9]{1,4}))?")

AUTHORS_WORDS = {
    "kernel_size": "kernel",
    "input_size": "input",
    "in_channels": "channels",
    "out_channels": "kernels",
    "x": "input",
    "w": "kernel",
}
_ARGUMENT = re.compile(rf"\b({'|'.join(AUTHORS_WORDS)})(?==| (?:has|reads|needs|is|a multiple)\b)")


def read_size(text: str, key: str, otherwise: str = "") -> tuple[int, ...]:
    """A size such as 3x3; ``otherwise`` ends the refusal with what else may stand there.

    Examples:
        >>> read_size("3x4", "input")
        (3, 4)
    """
    if not _SIZE.fullmatch(text.strip()):
        raise BlockError(f"{key}={text!r} is not a size: write one such as 3x3{otherwise}")
    return tuple(int(n) for n in re.split(r"\s*[x×]\s*", text.strip()))


def read_rows(given: Any, key: str) -> Any:
    """Nested lists of numbers, fractions and letters from nested lists of text."""
    if isinstance(given, list):
        return [read_rows(v, key) for v in given]
    text = given.strip() if isinstance(given, str) else ""
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return ExactDecimal(text)
    if (match := _FRACTION.fullmatch(text)) and int(match[2]):
        return Fraction(int(match[1]), int(match[2]))
    if match := _LETTER.fullmatch(text):
        letter, *subscripts = match.groups()
        subscript = "".join(s for s in subscripts if s)
        return sympy.Symbol(f"{letter}_{{{subscript}}}" if subscript else letter)
    raise BlockError(
        f"{key} holds {given!r}: write a number, a fraction such as 1/2, or a letter such as a or a1"
    )


def read_int(given: Any, key: str) -> int:
    """A whole number."""
    if isinstance(given, str) and _WHOLE.fullmatch(given.strip()):
        return int(given)
    raise BlockError(f"{key}={given!r} is not a whole number: write one such as 1")


def read_ints(given: Any, key: str) -> int | list[int]:
    """A whole number, or a list of them."""
    return [read_int(v, key) for v in given] if isinstance(given, list) else read_int(given, key)


def read_list(given: Any, key: str) -> list[Any]:
    """A list; one value alone is a list of one."""
    if isinstance(given, dict):
        raise BlockError(f"{key} is not a list: write {key}: [ … ]")
    return given if isinstance(given, list) else [given]


def read_padding(given: Any) -> Any:
    """Padding in any of its forms: a whole number, one or a pair per axis, or a name."""
    if isinstance(given, str) and not _WHOLE.fullmatch(given.strip()):
        return given.strip()
    return [read_ints(v, "padding") for v in given] if isinstance(given, list) else read_int(given, "padding")


def in_the_authors_words(message: str) -> str:
    """A sentence about arrays and arguments, with the names a block uses for them."""
    return _ARGUMENT.sub(lambda argument: AUTHORS_WORDS[argument[1]], message)


def read_show(given: Any, known: Sequence[str]) -> tuple[str, ...]:
    """The parts to show, each once, of those that there are.

    Examples:
        >>> read_show(["proof", "sum"], ("sum", "dot", "proof"))
        ('proof', 'sum')
    """
    show = tuple(read_list(given, "show"))
    if not show or show == ("",):
        raise BlockError(f"show is empty: list any of {', '.join(known)}")
    for part in show:
        if part not in known:
            raise BlockError(f"show has no part {part!r}: {meant(str(part), known)}")
        if show.count(part) > 1:
            raise BlockError(f"show lists {part} twice: keep one of them")
    return show


def read_caption(values: dict[str, Any]) -> str:
    """The line of text beneath a figure, or nothing."""
    caption = values.get("caption", "")
    if not isinstance(caption, str):
        raise BlockError("caption is not a line of text: put it in quotes")
    return caption


def meant(word: str, known: Sequence[str]) -> str:
    """What to write instead of a word that is not known: the one that is nearly it, or any.

    Examples:
        >>> meant("kernl", ("input", "kernel")), meant("z", ("input", "kernel"))
        ('did you mean kernel?', 'use any of input, kernel')
    """
    near = get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else f"use any of {', '.join(known)}"

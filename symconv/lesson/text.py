"""The text of a block, read as text: a YAML mapping of words, and what single words mean.

Every scalar arrives as text and is parsed here by pattern: nothing is evaluated, and no YAML tag, anchor
or implicit type has any effect (``0x3`` is a size, not the number three; ``no`` is a word).
"""

import re
from fractions import Fraction
from typing import Any

import sympy
import yaml

from symconv.errors import BlockError

MOST_DEPTH = 6

_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")
_FRACTION = re.compile(r"([+-]?[0-9]{1,30})/([0-9]{1,30})")
_FLOAT = re.compile(r"[+-]?([0-9]{1,30}\.[0-9]{0,30}|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?")
_SIZE = re.compile(r"[0-9]{1,12}(\s*[x×]\s*[0-9]{1,12}){0,2}")
_LETTER = re.compile(r"[A-Za-z](_?[A-Za-z0-9]{1,4})?")


def load(text: str) -> tuple[dict[str, Any], dict[str, int]]:
    r"""A YAML mapping with every scalar as text.

    Args:
        text: YAML.

    Returns:
        The mapping, and the 0-based line of each of its keys.

    Raises:
        BlockError: not YAML, not a mapping, or something that has no use in a block.

    >>> load("input: 3x3\nstride: [1, 2]")
    ({'input': '3x3', 'stride': ['1', '2']}, {'input': 0, 'stride': 1})
    """
    try:
        _refuse_what_has_no_use(text)
        root: Any = yaml.compose(text, Loader=yaml.BaseLoader)
        values = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 (the BaseLoader makes nothing but text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        problem = f"{error.problem or error.context}"
        raise BlockError(
            f"this is not YAML ({problem}): write one “key: value” to a line, as in “input: 3x3”",
            mark.line if mark else None,
        ) from error
    except yaml.YAMLError as error:
        raise BlockError("this is not YAML (it has characters that are no text): write plain text") from error
    if not isinstance(values, dict):
        raise BlockError(
            "a symconv block is a list of “key: value” lines: write at least “input: 3x3” and “kernel: 2x2”",
            0,
        )
    lines: dict[str, int] = {}
    for key, _ in root.value:
        if not isinstance(key, yaml.ScalarNode):
            raise BlockError("a key must be one word, as in “input: 3x3”", key.start_mark.line)
        if key.value in lines:
            raise BlockError(f"{key.value!r} is given twice: keep one of them", key.start_mark.line)
        lines[key.value] = key.start_mark.line
    return values, lines


def _refuse_what_has_no_use(text: str) -> None:
    """Anchors could make a small text huge, and deep nesting could exhaust the stack: neither is needed."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        line = event.start_mark.line if event.start_mark else None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BlockError("anchors and aliases (& and *) have no use here: write the values out", line)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise BlockError(f"lists are nested more than {MOST_DEPTH} deep: give rows of numbers", line)


def read_size(text: str, key: str) -> tuple[int, ...]:
    """A size such as 3x3.

    >>> read_size("3x4", "input")
    (3, 4)
    """
    if not _SIZE.fullmatch(text.strip()):
        raise BlockError(
            f"{key}={text!r} is neither a size nor numbers: write 3x3, or rows such as [[1, 2], [3, 4]]"
        )
    return tuple(int(n) for n in re.split(r"\s*[x×]\s*", text.strip()))


def read_rows(given: Any, key: str) -> Any:
    """Nested lists of numbers, fractions and letters from nested lists of text."""
    if isinstance(given, list):
        return [read_rows(v, key) for v in given]
    text = given.strip() if isinstance(given, str) else ""
    if _WHOLE.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if (match := _FRACTION.fullmatch(text)) and int(match[2]):
        return Fraction(int(match[1]), int(match[2]))
    if _LETTER.fullmatch(text):
        return sympy.Symbol(text)
    raise BlockError(f"{key} holds {given!r}: write a number, a fraction such as 1/2, or a letter")


def read_int(given: Any, key: str) -> int:
    """A whole number."""
    if isinstance(given, str) and _WHOLE.fullmatch(given.strip()):
        return int(given)
    raise BlockError(f"{key}={given!r} is not a whole number: write one, as in “{key}: 1”")


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

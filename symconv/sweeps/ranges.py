"""What a line of a grid may say: numbers, ranges, sizes with an axis each, pairs of padding, and words.

values = value | [value, …]
value  = axis ("x" axis)*          one axis stands for all of them
axis   = range | range ":" range   the second form for padding: before and after
range  = number | number ".." number ["by" number]
"""

import re
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from symconv.errors import RequestError

MOST_VALUES = 100_000  # of one line
_RANGE = re.compile(r"(\d{1,9})(?:\s*\.\.\s*(\d{1,9})(?:\s*by\s*(\d{1,9}))?)?")


def sizes(value: Any, name: str) -> list[Any]:
    """The sizes that a line stands for: an int for all axes, or a tuple with one for each.

    Raises:
        RequestError: it is none of the forms.

    Examples:
        >>> sizes(["5x7", "8..12 by 2"], "input")
        [(5, 7), 8, 10, 12]
        >>> sizes("1..2x3", "stride")
        [(1, 3), (2, 3)]
    """
    return _every(value, name, lambda text: _axes(text, name, lambda axis: _range(axis, name)))


def numbers(value: Any, name: str) -> list[Any]:
    """The numbers that a line stands for.

    Examples:
        >>> numbers("1..3", "channels")
        [1, 2, 3]
    """
    return _every(value, name, lambda text: _range(text, name))


def paddings(value: Any, name: str) -> list[Any]:
    """The paddings that a line stands for: words, ints, or a pair for each axis.

    Examples:
        >>> paddings(["same_upper", "0..1", "0:1x2"], "padding")
        ['same_upper', 0, 1, ((0, 1), (2, 2))]
        >>> paddings("0:0..1", "padding")
        [(0, 0), (0, 1)]
    """

    def pairs(axis: str) -> list[Any]:
        before, colon, after = axis.partition(":")
        return list(product(_range(before, name), _range(after, name))) if colon else _range(axis, name)

    def read(text: str) -> list[Any]:
        if text[:1].isalpha():
            return [text]
        found = _axes(text, name, pairs)
        return [_as_pairs(value) for value in found] if "x" in text else found

    return _every(value, name, read)


def words(value: Any, name: str) -> list[Any]:
    """The words of a line.

    Examples:
        >>> words(["zeros", "reflect"], "padding_mode")
        ['zeros', 'reflect']
    """
    return _every(value, name, lambda text: [text])


def _as_pairs(axes: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(axis if isinstance(axis, tuple) else (axis, axis) for axis in axes)


def _axes(text: str, name: str, read: Callable[[str], list[Any]]) -> list[Any]:
    axes = [read(axis) for axis in text.split("x")]
    if len(axes) == 1:
        return axes[0]
    count = 1
    for axis in axes:
        count *= len(axis)
    _refuse_many(count, name)
    return list(product(*axes))


def _range(text: str, name: str) -> list[Any]:
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        raise RequestError(
            f"{name}: {text!r} cannot be read: write a number, a range such as 4..16 or 4..16 by 4, "
            "sizes such as 5x7, or a list of these"
        )
    first, last, step = (None if number is None else int(number) for number in found.groups())
    if first is None or last is None:
        return [first]
    if last < first or step == 0:
        raise RequestError(
            f"{name}: {text!r} has no numbers: write the smaller one first, and a step above 0"
        )
    values = range(first, last + 1, step or 1)
    _refuse_many(len(values), name)
    return list(values)


def _every(value: Any, name: str, read: Callable[[str], list[Any]]) -> list[Any]:
    """What each item of a line stands for, each value once."""
    found: dict[Any, None] = {}
    for given in value if isinstance(value, list | tuple | range) else [value]:
        item = str(given) if type(given) is int else given
        if not isinstance(item, str) or not item.strip():
            raise RequestError(f"{name}: {item!r} is no value: write one, or a list of them in brackets")
        found.update(dict.fromkeys(read(item.strip())))
        _refuse_many(len(found), name)
    if not found:
        raise RequestError(f"{name}: [] has no values: write one, or leave the line out")
    return list(found)


def _refuse_many(count: int, name: str) -> None:
    if count > MOST_VALUES:
        raise RequestError(f"{name} has more than {MOST_VALUES:,} values: use a step, or several grids")

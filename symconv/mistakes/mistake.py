"""One known mistake: its name, what was done, what to change, and the change of the layer that it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symconv.mistakes.attempt import Change

_AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


@dataclass(frozen=True, eq=False)
class Mistake:
    """A mistake that people make, at one geometry.

    Attributes:
        name: a few words, the same at every geometry.
        done: one sentence that says what was done.
        fix: one sentence that says what to change.
        change: what it changes.
        decides: what it decides, as ("stride",): of two mistakes that decide the same only one can be made.

    Examples:
        >>> Mistake("strides ignored", "Your stride is 1.", "Multiply by it.", Change())
        strides ignored
    """

    name: str
    done: str
    fix: str
    change: Change
    decides: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return self.name


def axis_name(axis: int, rank: int) -> str:
    """What a spatial axis is called.

    Examples:
        >>> axis_name(1, rank=2), axis_name(1, rank=4)
        ('width', 'axis 1')
    """
    return _AXES[rank][axis] if rank in _AXES else f"axis {axis}"


def where_it_differs(what: str, got: Sequence[Any], wanted: Sequence[Any]) -> str:
    """A sentence that sets what was used beside what should be, on the axes where they differ.

    Examples:
        >>> where_it_differs("stride", (1, 1), (2, 1))
        'Your stride along the height is 1 where it should be 2.'
        >>> where_it_differs("padding", [(0, 0), (0, 0)], [(1, 1), (2, 0)])
        'Your padding along the height is 0 where it should be 1, and along the width 0 where it should be
         (2, 0).'
    """
    differ = [
        f"along the {axis_name(axis, len(got))} {{}}{_cells(one)} where it should be {_cells(other)}"
        for axis, (one, other) in enumerate(zip(got, wanted, strict=True))
        if one != other
    ]
    if not differ:
        return f"Your {what} is {', '.join(map(_cells, got))}, as it should be here."
    first, *more = differ
    return f"Your {what} {first.format('is ')}{''.join(', and ' + one.format('') for one in more)}."


def _cells(value: Any) -> str:
    """A size, or a (before, after) pair, shortened where both are one."""
    return str(value[0]) if isinstance(value, tuple) and len(set(value)) == 1 else str(value)

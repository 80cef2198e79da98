"""From a geometry that fails to the smallest one that still does, one size at a time."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

from symconv.errors import GeometryError
from symconv.geometry import Geometry

_SIMPLEST = {"padding": 0, "input_size": 1, "kernel_size": 1, "batch": 1, "stride": 1, "dilation": 1}


def shrink(g: Geometry, fails: Callable[[Geometry], bool]) -> Geometry:
    """A geometry that fails, of which nothing can be made smaller without its ceasing to fail.

    Args:
        g: a geometry that fails.
        fails: whether a geometry does.

    Returns:
        ``g`` itself if nothing smaller fails.

    Source: Zeller & Hildebrandt 2002, "Simplifying and isolating failure-inducing input", for the idea.

    Examples:
        >>> shrink(Geometry((9, 11), 3, 2, 2, stride=(2, 3)), lambda g: g.stride[0] != g.stride[1])
        Geometry(input_size=(1, 1), kernel_size=(1, 1), stride=(1, 2))
    """
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(g):
            if fails(candidate):
                g, smaller = candidate, True
                break
    return g


def _smaller(g: Geometry) -> Iterator[Geometry]:
    """Geometries with one hyper-parameter or size made smaller, the boldest steps first."""
    values = {f.name: getattr(g, f.name) for f in fields(g)}
    for changes in _changes(values):
        try:
            candidate = Geometry(**{**values, **changes})
        except GeometryError:  # no convolution has these sizes
            continue
        if candidate != g:
            yield candidate


def _changes(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What may be changed, a few keywords at a time."""
    yield {"bias": False}
    yield {"padding_mode": "zeros"}
    yield from _fewer_channels(values)
    for fewer in _less(values["batch"], 1):
        yield {"batch": fewer}
    for name in ("stride", "dilation", "padding", "kernel_size", "input_size"):
        for axis, value in enumerate(values[name]):
            for less in _less_of(value, _SIMPLEST[name]):
                yield {name: _put(values[name], axis, less)}
    for axis in range(len(values["kernel_size"])):  # a kernel and its input together
        both = ("kernel_size", "input_size")
        yield {name: _put(values[name], axis, max(1, values[name][axis] - 1)) for name in both}


def _fewer_channels(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Fewer groups, then fewer channels and filters in each."""
    channels, filters, groups = (values[name] for name in ("in_channels", "out_channels", "groups"))
    if groups > 1:
        yield {"groups": 1, "in_channels": 1, "out_channels": 1}
        yield {"groups": 1, "in_channels": channels // groups, "out_channels": filters // groups}
        for fewer in _less(groups, 2):
            yield {
                "groups": fewer,
                "in_channels": channels // groups * fewer,
                "out_channels": filters // groups * fewer,
            }
    for name in ("in_channels", "out_channels"):
        for fewer in _less(values[name] // groups, 1):
            yield {name: fewer * groups}


def _put(values: tuple[Any, ...], axis: int, value: Any) -> tuple[Any, ...]:
    return (*values[:axis], value, *values[axis + 1 :])


def _less_of(value: Any, least: int) -> Iterator[Any]:
    """Smaller sizes, or smaller pairs of padding."""
    if not isinstance(value, tuple):
        yield from _less(value, least)
        return
    before, after = value
    if before and after:
        yield (0, 0)
    for less in _less(before, 0):
        yield (less, after)
    for less in _less(after, 0):
        yield (before, less)


def _less(value: int, least: int) -> Iterator[int]:
    """Smaller numbers, the smallest first: the least, halfway, one less."""
    yield from dict.fromkeys(v for v in (least, (least + value) // 2, value - 1) if least <= v < value)

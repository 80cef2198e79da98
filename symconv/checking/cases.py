"""The layers on which a function is tried, the smallest first: those where conventions differ."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from symconv.geometry import Geometry

# Each is there for a mistake that the ones before it do not show.
_PLANE: tuple[dict[str, Any], ...] = (
    {"input_size": (3, 3), "kernel_size": (2, 2)},
    {"input_size": (3, 4), "kernel_size": (2, 2)},
    {"input_size": (4, 5), "kernel_size": (2, 3)},
    {"input_size": (5, 4), "kernel_size": (3, 2)},
    {"input_size": (4, 5), "kernel_size": (2, 3), "in_channels": 2},
    {"input_size": (4, 5), "kernel_size": (2, 3), "in_channels": 2, "out_channels": 3},
    {"input_size": (5, 3), "kernel_size": (3, 1), "in_channels": 3, "out_channels": 2},
    {"input_size": (4, 5), "kernel_size": (2, 3), "in_channels": 2, "out_channels": 3, "batch": 2},
    {"input_size": (5, 6), "kernel_size": (2, 3), "stride": 2},
    {"input_size": (5, 6), "kernel_size": (3, 2), "stride": 2},
    {"input_size": (6, 8), "kernel_size": (2, 3), "stride": (2, 3)},
    {"input_size": (5, 4), "kernel_size": (1, 2), "stride": (3, 1), "in_channels": 2, "out_channels": 3},
    {"input_size": (3, 4), "kernel_size": (2, 3), "padding": 1},
    {"input_size": (3, 4), "kernel_size": (2, 3), "padding": (1, 2)},
    {"input_size": (3, 4), "kernel_size": (2, 3), "padding": ((1, 0), (0, 2))},
    {"input_size": (5, 4), "kernel_size": (2, 3), "padding": 2, "stride": 2},
    {"input_size": (3, 4), "kernel_size": (3, 2), "padding": 1, "stride": 2},
    {"input_size": (6, 7), "kernel_size": (2, 3), "dilation": 2},
    {"input_size": (6, 9), "kernel_size": (2, 3), "dilation": (2, 3)},
    {"input_size": (6, 8), "kernel_size": (2, 3), "dilation": 2, "stride": 2, "padding": 1},
    {"input_size": (3, 4), "kernel_size": (2, 3), "in_channels": 4, "out_channels": 4, "groups": 2},
)
# Everything together, with many samples, channels and filters: of it, what the function has keywords for.
_MANY: dict[str, Any] = {"in_channels": 2, "out_channels": 3, "batch": 2}
_TOGETHER: tuple[dict[str, Any], ...] = (
    {"input_size": (4, 5), "kernel_size": (2, 3), **_MANY, "stride": 2},
    {"input_size": (3, 4), "kernel_size": (2, 3), **_MANY, "padding": 1},
    {"input_size": (5, 4), "kernel_size": (3, 2), **_MANY, "padding": 1, "stride": 2},
    {"input_size": (5, 4), "kernel_size": (3, 2), **_MANY, "dilation": 2},
    {
        "input_size": (3, 4),
        "kernel_size": (2, 2),
        "in_channels": 3,
        "out_channels": 6,
        "batch": 2,
        "groups": 3,
    },
    {
        "input_size": (6, 9),
        "kernel_size": (2, 3),
        "in_channels": 4,
        "out_channels": 4,
        "batch": 2,
        "stride": (2, 1),
        "padding": (1, 2),
        "dilation": (1, 2),
        "groups": 2,
    },
)
# Where a kernel has a middle, everybody means the same by "same".
_SAME: tuple[dict[str, Any], ...] = (
    {"input_size": (3, 4), "kernel_size": (3, 1), "padding": "same"},
    {"input_size": (4, 6), "kernel_size": (3, 5), "padding": "same"},
    {"input_size": (3, 4), "kernel_size": (3, 3), "padding": "same", **_MANY},
)
_HYPER = ("stride", "padding", "dilation", "groups")
_WITHOUT = {"one-sample": ("batch",), "one-channel": ("batch", "in_channels", "out_channels", "groups")}
FORMS = {"strides": "stride", "paddings": "padding", "pairs": "padding", "dilations": "dilation"}


@dataclass(frozen=True)
class Case:
    """A layer to try, and what its hyper-parameters ask of a function.

    Attributes:
        geometry: the layer.
        needs: what the function must take: ``"stride"``, and ``"strides"`` if they differ from axis to axis;
            likewise the others; ``"pairs"`` if padding differs before and after.
    """

    geometry: Geometry
    needs: frozenset[str]


def cases(rank: int, shapes: str, keywords: Collection[str], words: bool = False) -> Iterator[Case]:
    """The layers that a function can be tried on, by the number of products.

    Args:
        rank: of the function's layers.
        shapes: as in ``Calling``.
        keywords: the hyper-parameters that it takes, by our names.
        words: whether its padding is ``"valid"`` or ``"same"``, and no number.

    Examples:
        >>> [case.geometry.output_size for case in cases(2, "one-channel", ())]
        [(2, 2), (2, 3), (2, 2), (3, 3), (3, 3), (3, 3), (5, 7)]
    """
    takes = [name for name in _HYPER if name in keywords and not (words and name == "padding")]
    layers = [layer for layer in _PLANE if all(name in takes for name in _HYPER if name in layer)]
    layers += [
        {name: value for name, value in layer.items() if name not in _HYPER or name in takes}
        for layer in _TOGETHER
    ]
    if words and "padding" in keywords:
        layers += _SAME
    made: dict[Geometry, Case] = {}
    for layer in layers:
        left_out = _WITHOUT.get(shapes, ())
        case = _case({name: _of_rank(v, rank) for name, v in layer.items() if name not in left_out})
        made.setdefault(case.geometry, case)
    yield from sorted(made.values(), key=lambda case: (case.geometry.products, repr(case.geometry)))


def _case(layer: dict[str, Any]) -> Case:
    g = Geometry(**layer)
    needs: set[str] = {name for name in _HYPER if name in layer}
    uneven = any(before != after for before, after in g.padding)
    for ours, values in (("stride", g.stride), ("padding", g.padding), ("dilation", g.dilation)):
        if len(set(values)) > 1 and not (ours == "padding" and uneven) and layer.get(ours) != "same":
            needs.add(f"{ours}s")
    return Case(g, frozenset(needs | {"pairs"} if uneven else needs))


def _of_rank(value: Any, rank: int) -> Any:
    """The same for another number of axes: the last ones of two, or two and a small one."""
    if not isinstance(value, tuple) or rank == 2:
        return value
    return value[-1:] if rank == 1 else (value[0], *value)

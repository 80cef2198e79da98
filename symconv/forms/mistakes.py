"""What people get wrong when they unfold: each mistake with the patches that it makes."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.errors import GeometryError
from symconv.forms.axes import axis_sizes, own_axes
from symconv.geometry import Geometry
from symconv.index_map import index_map


def counted_from_one(patch: Array, cells: int) -> Array:
    """A patch map with its cells counted from 1, and 0 for padding.

    Examples:
        >>> counted_from_one(np.array([[0, 1, 2]]), 2)
        array([[1, 2, 0]])
    """
    return np.where(patch == cells, 0, patch.astype(np.int64) + 1)


def mistakes(g: Geometry) -> Iterator[tuple[str, Array, Geometry]]:
    """What people get wrong, each with the patches that it makes, cells counted from 1.

    Examples:
        >>> [said for said, _, _ in mistakes(Geometry(5, 2, stride=2))]
        ['the kernel turned by 180°, as for a true convolution', 'the stride left out']
    """
    plan, own = index_map(g), own_axes(g.rank)
    sizes = axis_sizes(g)
    backwards = tuple(slice(None, None, -1 if name[0] == "k" else 1) for name in own)
    turned = plan.patch.reshape([sizes[name] for name in own])[backwards].reshape(plan.patch.shape)
    yield (
        "the kernel turned by 180°, as for a true convolution",
        counted_from_one(turned, plan.input_cells),
        g,
    )
    reversed_pads = tuple((after, before) for before, after in g.padding)
    changes: list[tuple[str, dict[str, Any]]] = [
        ("the padding left out", {"padding": 0}),
        ("the padding before and after exchanged", {"padding": reversed_pads}),
        ("the padding of the axes exchanged", {"padding": g.padding[::-1]}),
        ("the stride left out", {"stride": 1}),
        ("the strides of the axes exchanged", {"stride": g.stride[::-1]}),
        ("the first axis's stride on every axis", {"stride": g.stride[0]}),
        ("the last axis's stride on every axis", {"stride": g.stride[-1]}),
        ("the dilation left out", {"dilation": 1}),
        ("the dilations of the axes exchanged", {"dilation": g.dilation[::-1]}),
        ("height and width of the kernel exchanged", {"kernel_size": g.kernel_size[::-1]}),
    ]
    given = {f.name: getattr(g, f.name) for f in fields(g)}
    for said, change in changes:
        try:
            layer = Geometry(**{**given, **change})
        except GeometryError:  # no window fits
            continue
        if layer != g:
            yield said, counted_from_one(index_map(layer).patch, plan.input_cells), layer

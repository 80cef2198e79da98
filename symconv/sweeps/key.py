"""A geometry as one short line of text, the same for equal geometries, and read back."""

import json
from typing import Any

import sympy

from symconv.geometry import Geometry


def key(g: Geometry) -> str:
    """The text that stands for a geometry in a store.

    Examples:
        >>> key(Geometry((5, 7), 3, stride=2))
        '[[5,7],[3,3],1,1,1,[2,2],[[0,0],[0,0]],[1,1],1,"zeros",false]'
    """
    values = [
        g.input_size,
        g.kernel_size,
        g.in_channels,
        g.out_channels,
        g.batch,
        g.stride,
        g.padding,
        g.dilation,
        g.groups,
        g.padding_mode,
        g.bias,
    ]
    return json.dumps(values, separators=(",", ":"), default=str)  # a symbol by its name


def geometry_of(text: str) -> Geometry:
    """The geometry that a key stands for; a size that is a formula comes back as one symbol of that name.

    Examples:
        >>> geometry_of(key(Geometry((5, 7), 3, stride=2)))
        Geometry(input_size=(5, 7), kernel_size=(3, 3), stride=(2, 2))
    """
    *values, mode, bias = json.loads(text)
    sizes, kernels, channels, filters, batch, stride, padding, dilation, groups = map(_read, values)
    return Geometry(
        sizes,
        kernels,
        channels,
        filters,
        batch,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        padding_mode=mode,
        bias=bias,
    )


def _read(value: Any) -> Any:
    """Sizes, of which formulas are never evaluated: the text may be anybody's."""
    if isinstance(value, list):
        return [_read(one) for one in value]
    if isinstance(value, str) and not value.isidentifier():
        return sympy.Symbol(value, integer=True, positive=True)
    return value

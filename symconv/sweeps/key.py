"""A geometry as one short line of text, the same for equal geometries, and read back."""

import json

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
    """The geometry that a key stands for, if its sizes are numbers or single letters.

    Examples:
        >>> geometry_of(key(Geometry((5, 7), 3, stride=2)))
        Geometry(input_size=(5, 7), kernel_size=(3, 3), stride=(2, 2))
    """
    sizes, kernels, channels, filters, batch, stride, padding, dilation, groups, mode, bias = json.loads(text)
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

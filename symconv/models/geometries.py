"""The geometry of a convolution in a file, by the rules of ONNX's operators, or why there is none.

Source: the ONNX operators Conv, ConvInteger, ConvTranspose and QLinearConv (onnx.ai/onnx/operators).
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sympy

from symconv.errors import GeometryError
from symconv.forms.transposed_sizes import TransposedSizes, transposed_size
from symconv.geometry import Geometry
from symconv.models.attributes import PADS, Attributes, known
from symconv.models.dimensions import Dimensions
from symconv.models.layer import ModelLayer
from symconv.models.node import Merge, Node
from symconv.sizes import is_symbolic


class Layers:
    """The layers of one file, made in its order: what a layer makes of a size is known to those after it.

    Args:
        names: all that the file has for sizes.

    Attributes:
        dimensions: what each size of the file is.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.dimensions = Dimensions(names)
        self._alike: dict[Any, ModelLayer] = {}  # a model has few different layers and many alike

    def make(self, node: Node) -> ModelLayer:
        """The layer that a node is."""
        if node.why:
            return ModelLayer(node.name, node.operator, None, node.why)
        try:
            layer = self._of(node)
        except GeometryError as error:
            return ModelLayer(node.name, node.operator, None, str(error))
        sizes, told = layer.output_size, (node.output or ())[2:]
        if len(told) != len(sizes):  # inference gave up half-way
            told = (None,) * len(sizes)
        made = tuple(map(self.dimensions.made, told, sizes))
        return replace(layer, name=node.name, output_size=made)

    def merge(self, merge: Merge) -> None:
        """Learn the sizes of what was put together from the arrays that it was made of."""
        for axis, dimension in enumerate(merge.output):
            from_the_end = axis - len(merge.output)
            if merge.axis is None or merge.axis not in (axis, from_the_end):
                others = [shape[from_the_end] for shape in merge.inputs if -from_the_end <= len(shape)]
                self.dimensions.merged(dimension, others)

    def _of(self, node: Node) -> ModelLayer:
        shapes = [known(node.input, "input"), known(node.kernel, "kernel")]
        read = tuple(tuple(map(self.dimensions.read, shape)) for shape in shapes)
        key = node.operator, node.bias, read, repr(sorted(node.attributes.items()))
        if key not in self._alike:
            made = _transposed if node.operator == "ConvTranspose" else _plain
            self._alike[key] = made(Attributes(node, *read))
        return self._alike[key]


def _plain(read: Attributes) -> ModelLayer:
    form = PADS[read.auto_pad]
    geometry = Geometry(
        read.sizes,
        read.taps,
        read.channels_of_groups(),
        read.kernels,
        read.batch,
        stride=read.stride,
        padding=read.pairs() if form is None else form,
        dilation=read.dilation,
        groups=read.groups,
        bias=read.node.bias,
    )
    output_size = geometry.output_size
    if form in ("same_upper", "same_lower"):  # what the operator's definition says; the formula is longer
        pairs = zip(geometry.input_size, geometry.stride, strict=True)
        output_size = tuple(sympy.ceiling(n / s) if is_symbolic(n) else -(-n // s) for n, s in pairs)
    return ModelLayer(read.node.name, read.node.operator, geometry, output_size=output_size)


def _transposed(read: Attributes) -> ModelLayer:
    pairs, extras = read.crops()
    outputs = []
    for axis, (n, k, s, d) in enumerate(zip(read.sizes, read.taps, read.stride, read.dilation, strict=True)):
        if extras[axis] >= max(s, d):
            raise GeometryError(
                f"output_padding={extras[axis]} on axis {axis} is too large: "
                f"give less than the larger of stride={s} and dilation={d}"
            )
        before, after = pairs[axis]
        outputs.append(transposed_size(n, k, s, d, before, after, extras[axis]))
    geometry = Geometry(
        outputs,
        read.taps,
        read.per_group * read.groups,
        read.channels_of_kernels(),
        read.batch,
        stride=read.stride,
        padding=pairs,
        dilation=read.dilation,
        groups=read.groups,
    )
    made = TransposedSizes(geometry, tuple(read.sizes), tuple(extras))
    return ModelLayer(read.node.name, read.node.operator, geometry, "", made, geometry.input_size)

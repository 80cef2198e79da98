"""One convolution of a model as a geometry, by the rules of ONNX's operators, or why it is none.

Source: the ONNX operators Conv, ConvInteger, ConvTranspose and QLinearConv (onnx.ai/onnx/operators).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

import sympy

from symconv.errors import GeometryError
from symconv.forms.transposed_sizes import TransposedSizes, transposed_size
from symconv.geometry import Geometry
from symconv.models.dimensions import Dimensions
from symconv.models.node import Node, Value
from symconv.sizes import Size, is_symbolic, whole
from symconv.sizes import size as as_symbol

PADS = {"NOTSET": None, "VALID": "valid", "SAME_UPPER": "same_upper", "SAME_LOWER": "same_lower"}


@dataclass(frozen=True)
class ModelLayer:
    """A convolution of a model.

    Attributes:
        name: the node's name, after those of the nodes whose subgraphs it is in; its output's if it has none.
        operator: ``"Conv"``, ``"ConvInteger"``, ``"ConvTranspose"`` or ``"QLinearConv"``.
        geometry: its geometry, the sizes that the file leaves open as symbols; of ``ConvTranspose`` that of
            the convolution which it transposes. None where the file does not say enough.
        why: why there is no geometry; empty where there is one.
        transposed: of ``ConvTranspose``, its sizes with its input's and its output padding; else None.
        output_size: cells of its output along each axis, a long formula by its name.

    Examples:
        >>> g = Geometry((5, 5), 3, 1, 4, padding=1)
        >>> ModelLayer("conv1", "Conv", g, output_size=g.output_size).output_shape
        (1, 4, 5, 5)
    """

    name: str
    operator: str
    geometry: Geometry | None
    why: str = ""
    transposed: TransposedSizes | None = None
    output_size: tuple[Size, ...] = ()

    @property
    def input_shape(self) -> tuple[Size, ...] | None:
        """Shape (N, C, *spatial) of what it reads; None where it is not known."""
        if self.transposed:
            return self.transposed.input_shape
        return self.geometry.input_shape if self.geometry else None

    @property
    def output_shape(self) -> tuple[Size, ...] | None:
        """Shape (N, F, *out) of what it makes; None where it is not known."""
        g = self.geometry
        return (
            None
            if g is None
            else (g.batch, g.in_channels if self.transposed else g.out_channels, *self.output_size)
        )

    @property
    def patch_matrix_shape(self) -> tuple[Size, Size] | None:
        """Shape (N·L, C·KH·KW) of P; of ``ConvTranspose`` that of the convolution which it transposes."""
        g = self.geometry
        positions = self.transposed.input_size if self.transposed else self.output_size
        return None if g is None else (g.batch * prod(positions), g.patch_matrix_shape[1])

    @property
    def weight_matrix_shape(self) -> tuple[Size, Size] | None:
        """Shape (C·KH·KW, F) of W; of ``ConvTranspose`` that of the convolution which it transposes."""
        return None if self.geometry is None else self.geometry.weight_matrix_shape

    @property
    def products(self) -> Size | None:
        """Products in the loop formula, or in the scatter formula of ``ConvTranspose``."""
        shapes = self.patch_matrix_shape, self.geometry
        if shapes[0] is None or shapes[1] is None:
            return None
        return shapes[0][0] * shapes[1].out_channels * prod(shapes[1].kernel_shape[1:])

    @property
    def expansion(self) -> Any:
        """How many times as many entries P has as what it is the patches of: a ``Fraction`` or a formula."""
        if self.geometry is None or self.patch_matrix_shape is None:
            return None
        slid_over = self.output_shape if self.transposed else self.input_shape
        entries, cells = prod(self.patch_matrix_shape), prod(slid_over or ())
        return (
            entries / sympy.sympify(cells) if is_symbolic(entries, cells) else Fraction(entries, cells or 1)
        )

    @property
    def hyper_parameters(self) -> dict[str, Any]:
        """What ``evaluate`` takes besides the arrays, or ``conv_transpose`` for a ``ConvTranspose``.

        Examples:
            >>> ModelLayer("conv1", "Conv", Geometry((5, 5), 3, stride=2, padding=1)).hyper_parameters
            {'stride': (2, 2), 'padding': ((1, 1), (1, 1)), 'dilation': (1, 1), 'groups': 1}
        """
        g = self.geometry
        if g is None:
            return {}
        given: dict[str, Any] = {
            name: getattr(g, name) for name in ("stride", "padding", "dilation", "groups")
        }
        return given | ({"output_padding": self.transposed.output_padding} if self.transposed else {})


def layer_of(node: Node, dimensions: Dimensions) -> ModelLayer:
    """The layer that a node of a file is; what it makes of its sizes is kept for the nodes after it."""
    try:
        layer = (
            _transposed(node, dimensions) if node.operator == "ConvTranspose" else _plain(node, dimensions)
        )
    except GeometryError as error:
        return ModelLayer(node.name, node.operator, None, str(error))
    dimensions_of_output = (node.output or ())[2:] or (None,) * len(layer.output_size)
    named = zip(dimensions_of_output, layer.output_size, strict=False)
    return replace(layer, output_size=tuple(dimensions.made(dimension, size) for dimension, size in named))


def _plain(node: Node, dimensions: Dimensions) -> ModelLayer:
    read = _Read(node, dimensions)
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
        bias=node.bias,
    )
    output_size = geometry.output_size
    if form in ("same_upper", "same_lower"):  # what the operator's definition says; the formula is longer
        pairs = zip(geometry.input_size, geometry.stride, strict=True)
        output_size = tuple(sympy.ceiling(n / s) if is_symbolic(n) else -(-n // s) for n, s in pairs)
    return ModelLayer(node.name, node.operator, geometry, output_size=output_size)


def _transposed(node: Node, dimensions: Dimensions) -> ModelLayer:
    read = _Read(node, dimensions)
    sizes = tuple(as_symbol(n, "input_size") for n in read.sizes)
    pairs, extras = read.crops(sizes)
    outputs = []
    for axis, (n, k, s, d) in enumerate(zip(sizes, read.taps, read.stride, read.dilation, strict=True)):
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
    made = TransposedSizes(geometry, sizes, tuple(extras))
    return ModelLayer(node.name, node.operator, geometry, "", made, geometry.input_size)


class _Read:
    """The shapes and attributes of a node, each looked at before it is believed.

    Attributes:
        sizes: of its input along each axis.
        taps: of its kernels along each axis.
        kernels: the first size of its kernels' shape.
        per_group: the second.
    """

    def __init__(self, node: Node, dimensions: Dimensions) -> None:
        self.node = node
        shape, kernel = _known(node.input, "input"), _known(node.kernel, "kernel")
        if len(shape) != len(kernel) or len(shape) < 3:
            raise GeometryError(
                f"its input has {len(shape)} axes and its kernel {len(kernel)}: "
                "both need a first and a second axis, and the same spatial ones"
            )
        self.kernels, self.per_group, *self.taps = map(dimensions.read, kernel)
        self.batch, self.channels, *self.sizes = map(dimensions.read, shape)
        self.rank = len(self.taps)
        said = node.attributes.get("kernel_shape")
        if said is not None and said != self.taps and not is_name(*self.taps):
            raise GeometryError(f"kernel_shape={said} is not its kernel's shape, which is {self.taps}")
        self.groups = whole(node.attributes.get("group", 1), "group")
        self.stride, self.dilation = self.per_axis("strides"), self.per_axis("dilations")
        self.auto_pad = node.attributes.get("auto_pad") or "NOTSET"
        if self.auto_pad not in PADS:
            raise GeometryError(f"auto_pad={self.auto_pad!r} is unknown: use one of {', '.join(PADS)}")

    def per_axis(self, name: str, least: int = 1) -> tuple[int, ...]:
        """An attribute with one number for each axis; the least number where it is left out."""
        given = self._numbers(name)
        if given is None:
            return (least,) * self.rank
        if len(given) != self.rank:
            raise GeometryError(
                f"{name}={given} has {len(given)} entries for {self.rank} axes: give {self.rank}"
            )
        return tuple(whole(value, name, least) for value in given)

    def pairs(self) -> list[tuple[int, int]]:
        """What ``pads`` says: all that goes before, then all that goes after."""
        given = self._numbers("pads")
        if given is None or self.auto_pad == "VALID":
            return [(0, 0)] * self.rank
        if len(given) != 2 * self.rank:
            raise GeometryError(
                f"pads={given} has {len(given)} entries for {self.rank} axes: give {2 * self.rank}"
            )
        return list(zip(given[: self.rank], given[self.rank :], strict=True))

    def crops(self, sizes: Sequence[Size]) -> tuple[list[tuple[int, int]], list[int]]:
        """What a transposed convolution crops from each axis, and what it adds at the end.

        Where the node asks for a size of its output, its pads are made to fit and what it says is not read.
        """
        extras = list(self.per_axis("output_padding", least=0))
        wanted = self._wanted_output(sizes)
        if not wanted:
            return self.pairs(), extras
        pairs = []
        for axis, (n, k, s, d) in enumerate(zip(sizes, self.taps, self.stride, self.dilation, strict=True)):
            total = transposed_size(n, k, s, d, 0, 0, extras[axis]) - wanted[axis]
            if is_symbolic(total):
                raise GeometryError(
                    f"output_shape={wanted[axis]} on axis {axis} is a number where its input has a size for "
                    "which any number may stand: give both or neither"
                )
            total = int(total)
            extras[axis] += max(0, -total)
            small, large = max(0, total) // 2, (max(0, total) + 1) // 2
            pairs.append((small, large) if self.auto_pad == "SAME_UPPER" else (large, small))
        return pairs, extras

    def _wanted_output(self, sizes: Sequence[Size]) -> list[Size]:
        given = self._numbers("output_shape")
        if given is not None:
            if len(given) not in (self.rank, self.rank + 2):
                raise GeometryError(
                    f"output_shape={given} has {len(given)} entries for {self.rank} axes: give {self.rank}"
                )
            return [whole(n, "output_shape") for n in given[-self.rank :]]
        if self.auto_pad.startswith("SAME"):
            return [n * s for n, s in zip(sizes, self.stride, strict=True)]
        return []

    def channels_of_groups(self) -> Size:
        """The channels of the input, which its kernels' shape says too."""
        if is_name(self.per_group):
            return self.channels
        channels = self.per_group * self.groups
        if not is_name(self.channels) and self.channels != channels:
            raise GeometryError(
                f"its input has {self.channels} channels, and its kernels read {self.per_group} in each of "
                f"group={self.groups}: give it {channels}"
            )
        return channels

    def channels_of_kernels(self) -> Size:
        """The channels of a transposed convolution's input, which its kernels' shape says too."""
        if is_name(self.kernels):
            return self.channels
        if not is_name(self.channels) and self.channels != self.kernels:
            raise GeometryError(
                f"its input has {self.channels} channels and its kernels are for {self.kernels}: "
                f"give it {self.kernels}"
            )
        return self.kernels

    def _numbers(self, name: str) -> list[int] | None:
        if name not in self.node.attributes:
            return None
        given = self.node.attributes[name]
        if not isinstance(given, list):
            raise GeometryError(f"{name}={given!r} is no list of numbers: give one for each axis")
        return given


def is_name(*sizes: Size) -> bool:
    """Whether any of these sizes is not a number."""
    return any(not isinstance(size, int) for size in sizes)


def _known(value: Value, what: str) -> tuple[int | str | None, ...]:
    """The shape of what a node reads, or a sentence about why it is not known."""
    if not value.name:
        raise GeometryError(f"it has no {what}")
    if not value.made:
        raise GeometryError(f"nothing in the file makes its {what} {value.name!r}")
    if value.shape is None:
        raise GeometryError(f"ONNX cannot tell the shape of its {what} {value.name!r}")
    return value.shape

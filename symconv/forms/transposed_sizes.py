"""The sizes of a transposed convolution: read once, and the two convolutions that it has to do with.

One is the convolution whose matrix is transposed: its input is the output here. The other has stride 1 and
makes the same output from the input with zeros inserted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from symconv.errors import ArrayError, GeometryError, SizeLimitError
from symconv.forms.arguments import refuse_symbols
from symconv.geometry import Geometry
from symconv.index_map import MOST_ENTRIES
from symconv.sizes import Padding, Sizes, is_symbolic, pads, per_axis, whole


def transposed_size(
    size: int, kernel: int, stride: int, dilation: int, before: int, after: int, output_padding: int
) -> int:
    """How far the stamps of one axis reach: ``s·(n − 1) + d·(k − 1) + 1 + output_padding − before − after``.

    Source: the documentation of ``torch.nn.ConvTranspose2d``; Dumoulin & Visin 2016, relationship 14.

    Examples:
        >>> transposed_size(112, kernel=7, stride=2, dilation=1, before=3, after=3, output_padding=1)
        224
    """
    return stride * (size - 1) + dilation * (kernel - 1) + 1 + output_padding - before - after


@dataclass(frozen=True)
class TransposedSizes:
    """Sizes and hyper-parameters of one transposed convolution.

    Attributes:
        geometry: the convolution whose transpose it is; its input is the output here, its filters are the
            channels of the input here. Where ``output_padding`` reaches a stride, it has more windows than
            there are input cells here; their rows of its matrix are left out.
        input_size: cells of the input along each axis.
        output_padding: output cells added at the end of each axis.

    Examples:
        >>> sizes = read_sizes((2, 2), (3, 3), stride=2, padding=1, output_padding=1)
        >>> sizes.geometry
        Geometry(input_size=(4, 4), kernel_size=(3, 3), stride=(2, 2), padding=((1, 1), (1, 1)))
        >>> sizes.stride_one
        Geometry(input_size=(6, 6), kernel_size=(3, 3))
    """

    geometry: Geometry
    input_size: tuple[int, ...]
    output_padding: tuple[int, ...]

    @classmethod
    def of_geometry(cls, g: Geometry) -> "TransposedSizes":
        """The sizes of a convolution's transpose: what its last window does not reach is output padding.

        Raises:
            GeometryError: a size is a symbol, or the convolution pads with other cells than zeros or adds a
                bias.

        Examples:
            >>> TransposedSizes.of_geometry(Geometry(6, 3, stride=2)).output_padding
            (1,)
        """
        refuse_symbols(g)
        if g.padding_mode != "zeros":
            raise GeometryError(
                f"padding_mode={g.padding_mode!r} has no transposed convolution in torch's terms: "
                'use padding_mode="zeros"'
            )
        if g.bias:
            raise GeometryError(
                "bias=True: a convolution with a bias is not linear, so it has no transpose; use bias=False"
            )
        rest = tuple(
            n + before + after - d * (k - 1) - 1 - s * (o - 1)
            for n, k, s, d, o, (before, after) in zip(
                g.input_size, g.kernel_size, g.stride, g.dilation, g.output_size, g.padding, strict=True
            )
        )
        return cls(g, g.output_size, rest)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape (N, Cin, *spatial) of the input."""
        return (self.geometry.batch, self.geometry.out_channels, *self.input_size)

    @property
    def kernel_shape(self) -> tuple[int, ...]:
        """Shape (Cin, Cout/groups, *kernel): that of the kernels of the convolution, as it is."""
        return self.geometry.kernel_shape

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape (N, Cout, *out) of the output."""
        return self.geometry.input_shape

    @property
    def margins(self) -> tuple[tuple[int, int], ...]:
        """Zeros (before, after) the input once zeros are inserted; of what is negative, cells are cropped.

        Source: Dumoulin & Visin 2016, relationship 14.

        Examples:
            >>> read_sizes((2, 2), (3, 3), stride=2, padding=[(0, 3), (1, 1)]).margins
            ((2, -1), (1, 1))
        """
        g = self.geometry
        return tuple(
            (d * (k - 1) - before, d * (k - 1) - after + extra)
            for k, d, (before, after), extra in zip(
                g.kernel_size, g.dilation, g.padding, self.output_padding, strict=True
            )
        )

    @property
    def stride_one(self) -> Geometry:
        """The convolution of stride 1 that makes the same output from the input with zeros inserted."""
        g = self.geometry
        return Geometry(
            [out + d * (k - 1) for out, k, d in zip(g.input_size, g.kernel_size, g.dilation, strict=True)],
            g.kernel_size,
            g.out_channels,
            g.in_channels,
            g.batch,
            dilation=g.dilation,
            groups=g.groups,
        )


def read_sizes(
    y_shape: Sequence[int],
    w_shape: Sequence[int],
    bias_shape: Sequence[int] | None = None,
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    output_padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> TransposedSizes:
    """The sizes of the transposed convolution of arrays with these shapes.

    Args:
        y_shape: (Cin, *spatial), (N, Cin, *spatial), or bare, of one or two axes.
        w_shape: (Cin, Cout/groups, *kernel), or bare, of as many axes as the bare input.
        bias_shape: (Cout,); None for no bias.
        stride: output cells from one stamp to the next.
        padding: output cells cropped: an int, one int per axis, or one (before, after) pair per axis.
        output_padding: output cells added at the end.
        dilation: output cells from one tap to the next.
        groups: blocks of channels that do not see each other.

    Raises:
        ArrayError: the shapes do not belong together.
        GeometryError: a hyper-parameter is impossible, or no output cell is left.
        SizeLimitError: the output would not fit into memory.
    """
    groups = whole(groups, "groups")
    batch, channels, spatial, outputs, kernel = _read_shapes(tuple(y_shape), tuple(w_shape), groups)
    if bias_shape is not None and tuple(bias_shape) != (outputs,):
        raise ArrayError(
            f"bias has shape {tuple(bias_shape)}: give one entry for each of {outputs} output channels"
        )
    rank = len(spatial)
    strides, dilations = _of_numbers(stride, rank, "stride"), _of_numbers(dilation, rank, "dilation")
    extras = _of_numbers(output_padding, rank, "output_padding", least=0)
    crops = _crops(padding, rank)
    sizes = []
    for axis, (n, k, s, d, (before, after), extra) in enumerate(
        zip(spatial, kernel, strides, dilations, crops, extras, strict=True)
    ):
        if extra >= max(s, d):
            raise GeometryError(
                f"output_padding={extra} on axis {axis} is too large: "
                f"give less than the larger of stride={s} and dilation={d}"
            )
        reached = transposed_size(n, k, s, d, 0, 0, extra)
        if before + after >= reached:
            raise GeometryError(
                f"padding={(before, after)} on axis {axis} crops all of the {reached} cells that the stamps "
                f"reach: crop at most {reached - 1} in all"
            )
        sizes.append(reached - before - after)
    if (cells := batch * outputs * prod(sizes)) > MOST_ENTRIES:
        raise SizeLimitError(
            f"an output of {cells:,} cells is more than {MOST_ENTRIES:,}: choose smaller sizes"
        )
    geometry = Geometry(
        sizes,
        kernel,
        outputs,
        channels,
        batch,
        stride=strides,
        padding=crops,
        dilation=dilations,
        groups=groups,
    )
    return TransposedSizes(geometry, spatial, extras)


def _read_shapes(
    y_shape: tuple[int, ...], w_shape: tuple[int, ...], groups: int
) -> tuple[int, int, tuple[int, ...], int, tuple[int, ...]]:
    """Samples, channels and sizes of the input, channels of the output, and sizes of the kernel."""
    given = f"y has shape {y_shape} and w has shape {w_shape}"
    for name, shape in (("y", y_shape), ("w", w_shape)):
        if 0 in shape[1:] or (shape[0] == 0 and (name == "w" or len(shape) <= 2)):
            raise ArrayError(f"{name} has shape {shape}, an axis of no cells: give at least one cell")
    if len(y_shape) == len(w_shape) and len(y_shape) in (1, 2):
        y_shape, w_shape = (1, 1, *y_shape), (1, 1, *w_shape)
    if len(w_shape) < 3 or len(y_shape) not in (len(w_shape) - 1, len(w_shape)):
        raise ArrayError(
            f"{given}: give two bare arrays of 1 or 2 axes, or w as (Cin, Cout/groups, *kernel) "
            "and y as (Cin, *spatial) or (N, Cin, *spatial)"
        )
    batch, channels, *spatial = (1, *y_shape) if len(y_shape) < len(w_shape) else y_shape
    kernels, outputs_per_group, *kernel = w_shape
    if channels != kernels:
        raise ArrayError(
            f"{given}: y has {channels} channels and w has kernels for {kernels}; "
            "give w as (Cin, Cout/groups, *kernel), the channels of y first"
        )
    if channels % groups:
        raise GeometryError(
            f"groups={groups} does not divide the {channels} channels of y: "
            "make the channels a multiple of groups"
        )
    return batch, channels, tuple(spatial), outputs_per_group * groups, tuple(kernel)


def _of_numbers(value: Any, rank: int, name: str, least: int = 1) -> tuple[int, ...]:
    """One number for each axis; a symbol is none."""
    values = per_axis(value, rank, name, least)
    for entry in values:
        if is_symbolic(entry):
            raise GeometryError(f"{name}={entry} is a symbol, and this layer has arrays: give a number")
    return values


def _crops(padding: Any, rank: int) -> tuple[tuple[int, int], ...]:
    """One (before, after) pair for each axis."""
    if isinstance(padding, str):
        raise GeometryError(
            f"padding={padding!r} is text: "
            "give an int, one int per axis, or one (before, after) pair per axis"
        )
    nothing = (0,) * rank
    pairs = pads(padding, nothing, nothing, nothing, nothing)
    for pair in pairs:
        for entry in pair:
            if is_symbolic(entry):
                raise GeometryError(f"padding={entry} is a symbol, and this layer has arrays: give a number")
    return pairs

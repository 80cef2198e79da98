"""Geometry: the sizes and hyper-parameters of one convolution layer, normalised, validated, frozen.

Needs no arrays, so a full-size layer costs nothing to describe. A size may be a symbol, and then the layer
is one of every size. Stands above everything that computes: the plan, the matrices, the proofs and the
pages all start from one of these.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from math import prod
from typing import Any

import sympy

from symconv.description import Description, axis_reads
from symconv.errors import ArrayError, GeometryError
from symconv.sizes import (
    PADDING_MODES,
    Padding,
    Size,
    Sizes,
    below,
    is_sequence,
    is_symbolic,
    pads,
    per_axis,
    size,
    whole,
)
from symconv.symbolic_sizes import one_symbol_a_name, replaced, shown, symbolic_sizes, symbols_in


def output_size(size: int, kernel: int, stride: int, dilation: int, before: int, after: int) -> int:
    """How many windows fit on one axis: ``floor((n + before + after − d·(k − 1) − 1) / s) + 1``.

    Source: the documentation of ``torch.nn.Conv2d``; Dumoulin & Visin 2016, relationship 6.

    Examples:
        >>> output_size(224, kernel=7, stride=2, dilation=1, before=3, after=3)
        112
    """
    return (size + before + after - dilation * (kernel - 1) - 1) // stride + 1


MOST_AXES = 30


@dataclass(frozen=True, init=False)
class Geometry:
    """Sizes and hyper-parameters of one convolution layer, in torch's terms.

    Each size or hyper-parameter that is a number may also be any number: a name such as ``"H"``, or a SymPy
    expression known to be an integer. Everything that follows from them is then a formula.

    Args:
        input_size: cells of the input along each axis; one int stands for as many as the kernel has.
        kernel_size: taps of the kernel along each axis; one int stands for as many as the input has.
        in_channels: channels C of the input.
        out_channels: filters F, which are the channels of the output.
        batch: samples N.
        stride: cells from one window to the next, one int or one per axis.
        padding: cells around the input: an int, one int per axis, one (before, after) pair per axis,
            ``"valid"`` (none), ``"same"`` (stride 1, as torch), ``"same_upper"`` or ``"same_lower"``
            (any stride, as ONNX and TensorFlow; the odd cell goes after or before).
        dilation: cells from one tap to the next, one int or one per axis.
        groups: blocks of channels that do not see each other.
        padding_mode: what padding cells hold: ``"zeros"``, ``"reflect"``, ``"replicate"``, ``"circular"``.
        bias: whether each filter adds a number of its own.

    Raises:
        GeometryError: no convolution has these sizes; the sentence names the argument and the fix.

    Source: the documentation of ``torch.nn.Conv2d``; Dumoulin & Visin 2016, relationship 6.

    Examples:
        >>> g = Geometry((224, 224), 7, in_channels=3, out_channels=64, stride=2, padding=3)
        >>> g.output_size
        (112, 112)
        >>> g
        Geometry(input_size=(224, 224), kernel_size=(7, 7), in_channels=3, out_channels=64, stride=(2, 2),
                 padding=((3, 3), (3, 3)))
    """

    input_size: tuple[int, ...]
    kernel_size: tuple[int, ...]
    in_channels: int
    out_channels: int
    batch: int
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    groups: int
    padding_mode: str
    bias: bool

    def __init__(
        self,
        input_size: Sizes,
        kernel_size: Sizes,
        in_channels: Size = 1,
        out_channels: Size = 1,
        batch: Size = 1,
        *,
        stride: Sizes = 1,
        padding: Padding = 0,
        dilation: Sizes = 1,
        groups: Size = 1,
        padding_mode: str = "zeros",
        bias: bool = False,
    ) -> None:
        rank = next((len(v) for v in (input_size, kernel_size) if is_sequence(v)), 1)
        if rank > MOST_AXES:
            raise GeometryError(
                f"input_size has {rank} axes: give at most {MOST_AXES}, which is what NumPy can slide over"
            )
        if rank == 0:
            raise GeometryError(f"input_size={input_size!r} has no axes: give a size for at least one")
        sizes = per_axis(input_size, rank, "input_size")
        kernels = per_axis(kernel_size, rank, "kernel_size")
        strides = per_axis(stride, rank, "stride")
        dilations = per_axis(dilation, rank, "dilation")
        paddings = pads(padding, sizes, kernels, strides, dilations)
        values = {
            "input_size": sizes,
            "kernel_size": kernels,
            "in_channels": size(in_channels, "in_channels"),
            "out_channels": size(out_channels, "out_channels"),
            "batch": size(batch, "batch", least=0),
            "stride": strides,
            "padding": paddings,
            "dilation": dilations,
            "groups": size(groups, "groups"),
            "padding_mode": padding_mode,
            "bias": bias,
        }
        for name, value in one_symbol_a_name(values).items():
            object.__setattr__(self, name, value)
        self._check_groups()
        self._check_padding_mode()
        self._check_fit()
        if not isinstance(bias, bool):
            raise GeometryError(f"bias={bias!r} is not a yes or no: give True or False")

    @classmethod
    def of_arrays(
        cls,
        input_shape: Sequence[int],
        kernel_shape: Sequence[int],
        bias_shape: Sequence[int] | None = None,
        **hyper_parameters: Any,
    ) -> "Geometry":
        """The geometry of an input, kernels and perhaps a bias with these shapes.

        Args:
            input_shape: (C, *spatial) or (N, C, *spatial), or bare: (H, W) or (L,).
            kernel_shape: (F, C/groups, *kernel), or bare, of as many axes as the bare input.
            bias_shape: (F,); None for no bias.
            hyper_parameters: ``stride``, ``padding``, ``dilation``, ``groups``, ``padding_mode``.

        Raises:
            ArrayError: the two shapes do not belong together.
            GeometryError: no convolution has these sizes.

        Examples:
            >>> Geometry.of_arrays((3, 3), (2, 2)).output_size
            (2, 2)
        """
        given = f"x has shape {tuple(input_shape)} and w has shape {tuple(kernel_shape)}"
        for name, shape in (("x", input_shape), ("w", kernel_shape)):
            if 0 in shape[1:] or (shape and shape[0] == 0 and (name == "w" or len(shape) <= 2)):
                raise ArrayError(
                    f"{name} has shape {tuple(shape)}, an axis of no cells: give at least one cell"
                )
        hyper_parameters = {**hyper_parameters, "bias": bias_shape is not None}
        if len(input_shape) == len(kernel_shape) and len(input_shape) in (1, 2):
            g = cls(tuple(input_shape), tuple(kernel_shape), **hyper_parameters)
            return g._of_numbers(bias_shape)
        if len(kernel_shape) < 3 or len(input_shape) not in (len(kernel_shape) - 1, len(kernel_shape)):
            raise ArrayError(
                f"{given}: give two bare arrays of 1 or 2 axes, or w as (F, C/groups, *kernel) "
                "and x as (C, *spatial) or (N, C, *spatial)"
            )
        filters, channels_per_group, *kernel = kernel_shape
        channels, *spatial = input_shape[-len(kernel) - 1 :]
        batch = input_shape[0] if len(input_shape) == len(kernel_shape) else 1
        groups = whole(hyper_parameters.get("groups", 1), "groups")
        if channels != channels_per_group * groups:
            raise ArrayError(
                f"{given}: w reads {channels_per_group} channels in each of groups={groups}, "
                f"so x needs {channels_per_group * groups} channels, not {channels}"
            )
        g = cls(tuple(spatial), tuple(kernel), channels, filters, batch, **hyper_parameters)
        return g._of_numbers(bias_shape)

    @cached_property
    def symbols(self) -> tuple[sympy.Symbol, ...]:
        """The symbols of a layer of every size, by name; none where all sizes are numbers.

        Examples:
            >>> Geometry(("H", "W"), 3, stride="s").symbols
            (H, W, s)
        """
        return tuple(sorted(symbols_in(getattr(self, f.name) for f in fields(self)), key=str))

    def subs(self, **sizes: Size) -> "Geometry":
        """The same layer with numbers, or other symbols, for some of its symbols.

        Args:
            sizes: a value for each symbol, by the symbol's name.

        Raises:
            GeometryError: it has no such symbol, or no convolution has these sizes.

        Examples:
            >>> Geometry(("H", "W"), 3, stride="s").subs(H=8, W=9, s=2)
            Geometry(input_size=(8, 9), kernel_size=(3, 3), stride=(2, 2))
        """
        names = {symbol.name: symbol for symbol in self.symbols}
        for name, value in sizes.items():
            if name not in names:
                known = f"use any of {', '.join(names)}" if names else "its sizes are numbers already"
                raise GeometryError(f"{name}={value} is for a symbol that this layer does not have: {known}")
        new = {
            names[name]: size(value, name, 0 if names[name].is_zero is None else 1)
            for name, value in sizes.items()
        }
        values = {f.name: replaced(getattr(self, f.name), new) for f in fields(self)}
        return Geometry(**values)

    @property
    def rank(self) -> int:
        """Number of spatial axes: 1 for sequences, 2 for images, 3 for volumes."""
        return len(self.input_size)

    @cached_property
    def output_size(self) -> tuple[int, ...]:
        """Output positions along each axis.

        Examples:
            >>> Geometry(input_size=(5, 7), kernel_size=(2, 3), stride=(1, 2)).output_size
            (4, 3)
        """
        return tuple(
            output_size(n, k, s, d, *p)
            for n, k, s, d, p in zip(
                self.input_size, self.kernel_size, self.stride, self.dilation, self.padding, strict=True
            )
        )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape (N, C, *spatial) of the input."""
        return (self.batch, self.in_channels, *self.input_size)

    @property
    def kernel_shape(self) -> tuple[int, ...]:
        """Shape (F, C/groups, *kernel) of the kernels."""
        return (self.out_channels, self.in_channels // self.groups, *self.kernel_size)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape (N, F, *out) of the activation map."""
        return (self.batch, self.out_channels, *self.output_size)

    @property
    def patch_matrix_shape(self) -> tuple[int, int]:
        """Shape (N·L, C·KH·KW) of the patch matrix: output positions by taps.

        Examples:
            >>> Geometry(input_size=(227, 227), kernel_size=11, in_channels=3, stride=4).patch_matrix_shape
            (3025, 363)
        """
        return self.batch * prod(self.output_size), self.in_channels * prod(self.kernel_size)

    @property
    def weight_matrix_shape(self) -> tuple[int, int]:
        """Shape (C·KH·KW, F) of the weight matrix: taps by filters."""
        return self.in_channels * prod(self.kernel_size), self.out_channels

    @property
    def products(self) -> int:
        """Products in the loop formula, those with a padding zero included.

        Examples:
            >>> Geometry(input_size=(3, 3), kernel_size=(2, 2)).products
            16
        """
        return prod(self.output_shape) * prod(self.kernel_shape[1:])

    def padded(self) -> "Geometry":
        """The same layer with its padding made part of the input.

        Examples:
            >>> Geometry((3, 4), 2, padding=((1, 0), (2, 2))).padded()
            Geometry(input_size=(4, 8), kernel_size=(2, 2))
        """
        sizes = [n + before + after for n, (before, after) in zip(self.input_size, self.padding, strict=True)]
        return Geometry(
            sizes,
            self.kernel_size,
            self.in_channels,
            self.out_channels,
            self.batch,
            stride=self.stride,
            dilation=self.dilation,
            groups=self.groups,
            bias=self.bias,
        )

    def describe(self) -> Description:
        """What the sizes come to: the shapes of P and W, products, and how often each input cell is read.

        Examples:
            >>> Geometry((224, 224), 7, in_channels=3, out_channels=64, stride=2, padding=3).describe()
            output size           112 × 112
            patch matrix P        12,544 × 147
            weight matrix W       147 × 64
            products              118,013,952
            P against the input   12.2 times as many entries
            each input cell       is in 4 to 16 windows, 12.1 on average
        """
        reads = (
            []
            if self.symbols
            else [
                axis_reads(n, k, s, d, p, self.padding_mode, positions)
                for n, k, s, d, p, positions in zip(
                    self.input_size,
                    self.kernel_size,
                    self.stride,
                    self.dilation,
                    self.padding,
                    self.output_size,
                    strict=True,
                )
            ]
        )
        return Description(
            self.output_size,
            self.patch_matrix_shape,
            self.weight_matrix_shape,
            self.products,
            prod(self.input_shape),
            tuple(reads),
        )

    def __repr__(self) -> str:
        ones = (1,) * self.rank
        defaults = {
            "in_channels": 1,
            "out_channels": 1,
            "batch": 1,
            "stride": ones,
            "padding": ((0, 0),) * self.rank,
            "dilation": ones,
            "groups": 1,
            "padding_mode": "zeros",
            "bias": False,
        }
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        given = [
            f"{name}={shown(v)}" for name, v in values.items() if name not in defaults or v != defaults[name]
        ]
        return f"Geometry({', '.join(given)})"

    def _of_numbers(self, bias_shape: Sequence[int] | None) -> "Geometry":
        """The layer itself, if it can be one of arrays: its sizes numbers, its bias one entry per filter."""
        if self.symbols:
            name, value = next(
                (f.name, v[0]) for f in fields(self) if (v := symbolic_sizes(getattr(self, f.name)))
            )
            raise GeometryError(
                f"{name}={value} is a symbol, and this layer has arrays: "
                "give a number, or prove a Geometry without arrays"
            )
        if bias_shape is not None and tuple(bias_shape) != (self.out_channels,):
            raise ArrayError(
                f"bias has shape {tuple(bias_shape)}: give one entry for each of {self.out_channels} filters"
            )
        return self

    def _check_groups(self) -> None:
        for name in ("in_channels", "out_channels"):
            rest = getattr(self, name) % self.groups
            if rest.is_zero is False if is_symbolic(rest) else rest:
                raise GeometryError(
                    f"{name}={getattr(self, name)} does not divide into groups={self.groups}: "
                    f"make {name} a multiple of groups"
                )

    def _check_padding_mode(self) -> None:
        mode = self.padding_mode
        if mode not in PADDING_MODES:
            raise GeometryError(f"padding_mode={mode!r} is unknown: use one of {', '.join(PADDING_MODES)}")
        for axis, (cells, pair) in enumerate(zip(self.input_size, self.padding, strict=True)):
            most = {"reflect": cells - 1, "circular": cells}.get(mode)
            if most is not None and (large := [pad for pad in pair if below(most, pad)]):
                raise GeometryError(
                    f"padding={large[0]} on axis {axis} is more than padding_mode={mode!r} can take from "
                    f"{cells} cells: pad by at most {most}"
                )

    def _check_fit(self) -> None:
        for axis, (out, n, k, d, (before, after)) in enumerate(
            zip(self.output_size, self.input_size, self.kernel_size, self.dilation, self.padding, strict=True)
        ):
            if below(out, 1):
                reach, padded = d * (k - 1) + 1, n + before + after
                spread = f" (spread over {reach} cells by dilation={d})" if d > 1 else ""
                raise GeometryError(
                    f"kernel_size={k}{spread} on axis {axis} is larger than the padded input of {padded} "
                    f"cells: use a kernel of at most {(padded - 1) // d + 1}, "
                    f"or add padding of {reach - padded} more"
                )

"""A depthwise convolution and then a pointwise one, as one dense convolution with the product of the kernels.

A depthwise convolution reads one channel at a time, a pointwise one reads one cell at a time.
"""

from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.definition import loop_formula
from symconv.entries import Array, is_symbolic, object_array
from symconv.errors import GeometryError
from symconv.evaluate import evaluate
from symconv.forms.arguments import fitted, refuse_symbols
from symconv.forms.cost import Cost
from symconv.geometry import Geometry
from symconv.index_map import Map, index_map
from symconv.proof.exact import defined_maps, generic_names
from symconv.proof.identity import Difference, IdentityProof
from symconv.prove import prove
from symconv.show.latex import latex
from symconv.sizes import whole


def depthwise_separable(g: Geometry, multiplier: int = 1) -> "Separable":
    r"""A depthwise convolution and then a pointwise one, as one dense convolution.

    Each input channel c makes M channels cM … cM + M − 1; each filter mixes the channels that come of its
    group. With kernels v of the first and p of the second,

    .. math:: w_{f,c,t} = \sum_{m < M} p_{f,\,cM+m}\; v_{cM+m,\,t}

    is the dense kernel. The other way round it goes only where a dense kernel is such a sum.

    Args:
        g: the dense layer that they make together, of any stride, padding, dilation and groups.
        multiplier: M, how many channels the depthwise convolution makes of each.

    Returns:
        A ``Separable``.

    Raises:
        GeometryError: a size is a symbol, or the multiplier is not a whole number of at least 1.

    Source: Howard et al. 2017, *MobileNets*, section 3.1, for the two layers and their cost.

    Examples:
        >>> s = depthwise_separable(Geometry((5, 6), 3, in_channels=2, out_channels=4, padding=1))
        >>> s.depthwise.kernel_shape, s.pointwise.kernel_shape
        ((2, 1, 3, 3), (4, 2, 1, 1))
        >>> s.cost.products, s.geometry.products
        (780, 2160)
        >>> bool(s.prove())
        True
    """
    refuse_symbols(g)
    channels = g.in_channels * whole(multiplier, "multiplier")
    first = Geometry(
        g.input_size,
        g.kernel_size,
        g.in_channels,
        channels,
        g.batch,
        stride=g.stride,
        padding=g.padding,
        dilation=g.dilation,
        groups=g.in_channels,
        padding_mode=g.padding_mode,
    )
    second = Geometry(
        g.output_size, (1,) * g.rank, channels, g.out_channels, g.batch, groups=g.groups, bias=g.bias
    )
    return Separable(g, first, second)


@dataclass(frozen=True, eq=False, repr=False)
class Separable:
    """A depthwise and a pointwise convolution, and the dense one that they are together.

    Attributes:
        geometry: the dense layer.
        depthwise: the first layer, of as many groups as there are channels.
        pointwise: the second layer, of one tap.

    Source: Howard et al. 2017, *MobileNets*, section 3.1, for the two layers and their cost.

    Examples:
        >>> depthwise_separable(Geometry(4, 2, in_channels=2, out_channels=3), multiplier=2)
        depthwise_separable of Geometry(input_size=(4,), kernel_size=(2,), in_channels=2, out_channels=3):
        2 channels, then 4, then 3
    """

    geometry: Geometry
    depthwise: Geometry
    pointwise: Geometry

    @property
    def cost(self) -> Cost:
        """Products and additions of both layers; held are the channels between them.

        Examples:
            >>> depthwise_separable(Geometry(4, 2, in_channels=2, out_channels=3)).cost
            Cost(products=30, additions=15, memory=6)
        """
        between = Cost(0, 0, prod(self.depthwise.output_shape))
        return Cost.direct(self.depthwise) + Cost.direct(self.pointwise) + between

    def kernel(self, depthwise: Any, pointwise: Any) -> Array:
        """The dense kernels, shape (F, C/groups, *kernel).

        Args:
            depthwise: v, shape (C·M, 1, *kernel).
            pointwise: p, shape (F, C·M/groups, 1, …).

        Examples:
            >>> s = depthwise_separable(Geometry(4, 2, in_channels=2))
            >>> s.kernel([[[1, 2]], [[3, 4]]], [[[10], [100]]])
            array([[[ 10,  20],
                    [300, 400]]])
        """
        g = self.geometry
        first, second = self._kernels(depthwise, pointwise)
        own = g.in_channels // g.groups
        v = first.reshape(g.groups, 1, own, -1, prod(g.kernel_size))
        p = second.reshape(g.groups, g.out_channels // g.groups, own, -1, 1)
        dense: Array = (p * v).sum(axis=3)
        return (_expanded(dense) if is_symbolic(dense) else dense).reshape(g.kernel_shape)

    def evaluate(self, x: Any, depthwise: Any, pointwise: Any, bias: Any = None) -> Array:
        """The activation map, one layer after the other, of numbers or of symbols: shape (N, F, *out).

        Args:
            x: input, shape (N, C, *spatial), or without the axes of one entry in front.
            depthwise: v, shape (C·M, 1, *kernel).
            pointwise: p, shape (F, C·M/groups, 1, …).
            bias: one number or symbol per filter, shape (F,).

        Examples:
            >>> s = depthwise_separable(Geometry(2, 2, in_channels=2))
            >>> s.evaluate([[1, 2], [3, 4]], [[[1, 2]], [[3, 4]]], [[[10], [100]]])
            array([[[2550]]])
        """
        g = self.depthwise
        first, second = self._kernels(depthwise, pointwise)
        inputs = fitted(x, g.input_shape, "x")
        symbols = is_symbolic(inputs, first, second)
        layer: Any = loop_formula if symbols else evaluate
        between = layer(
            inputs,
            first,
            stride=g.stride,
            padding=g.padding,
            dilation=g.dilation,
            groups=g.groups,
            padding_mode=g.padding_mode,
        )
        output: Array = layer(between, second, groups=self.pointwise.groups, bias=bias)
        return _expanded(output) if symbols else output

    def with_layers(self, depthwise: Geometry, pointwise: Geometry) -> "Separable":
        """The same dense layer with two layers of your own, to be proved or refuted.

        Args:
            depthwise: the first layer.
            pointwise: the second layer.

        Examples:
            >>> s = depthwise_separable(Geometry(4, 2))
            >>> bool(s.with_layers(Geometry(4, 2, dilation=2, padding=[(0, 1)]), s.pointwise).prove())
            False
        """
        return replace(self, depthwise=depthwise, pointwise=pointwise)

    def prove(self) -> IdentityProof:
        """Prove that the two layers are the dense one with the product kernel, for all values.

        Both sides are sums of products of three: a cell of the pointwise kernel, one of the depthwise kernel
        and one of the input. They are compared by their numbers, for every output position and group.

        Raises:
            GeometryError: the two layers do not fit onto each other or the dense one.

        Examples:
            >>> depthwise_separable(Geometry(4, 2, in_channels=2, out_channels=3)).prove()
            Proved (tier: exact). The two layers are the dense one with the product kernel, for
            depthwise_separable of Geometry(input_size=(4,), kernel_size=(2,), in_channels=2, out_channels=3):
            2 channels, then 2, then 3:
            9 entries compared as polynomials of 36 products of three.
        """
        self._check_fit()
        g, made, dense = self.geometry, self._made(), self._dense()
        entries, products = prod(g.output_shape), prod(g.output_shape) * made.shape[-2]
        differs = np.argwhere((made != dense).any(axis=(-2, -1)))
        if not differs.size:
            return IdentityProof(
                True, _CLAIM, repr(self), entries, f"polynomials of {products:,} products of three"
            )
        row, group = (int(i) for i in differs[0])
        f = group * (g.out_channels // g.groups)
        n, *position = (int(i) for i in np.unravel_index(row, (g.batch, *g.output_size)))
        sides = [self._polynomial(f, side[row, group].tolist()) for side in (made, dense)]
        compared = row * g.out_channels + f + 1
        return IdentityProof(
            False,
            _CLAIM,
            repr(self),
            compared,
            "polynomials",
            Difference("two layers = dense layer", (n, f, *position), sides[0], sides[1]),
        )

    def __repr__(self) -> str:
        sizes = (self.geometry.in_channels, self.depthwise.out_channels, self.geometry.out_channels)
        return f"depthwise_separable of {self.geometry!r}: {'{} channels, then {}, then {}'.format(*sizes)}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {latex(self)}$"

    def _kernels(self, depthwise: Any, pointwise: Any) -> tuple[Array, Array]:
        return (
            fitted(depthwise, self.depthwise.kernel_shape, "depthwise"),
            fitted(pointwise, self.pointwise.kernel_shape, "pointwise"),
        )

    def _check_fit(self) -> None:
        g, first, second = self.geometry, self.depthwise, self.pointwise
        fits = (
            first.input_shape == g.input_shape
            and first.kernel_size == g.kernel_size
            and first.groups == g.in_channels
            and second.input_shape == first.output_shape
            and second.output_shape == g.output_shape
            and prod(second.kernel_size) == 1
            and second.groups == g.groups
            and not any(map(any, second.padding))
        )
        if not fits:
            raise GeometryError(
                f"depthwise={first!r} and pointwise={second!r} do not make {g!r}: "
                "give layers whose shapes follow one another"
            )

    def _made(self) -> Map:
        """The products of the two layers, sorted: (position, group, products, (p, v, x)) by number."""
        first, second = index_map(self.depthwise), index_map(self.pointwise)
        channels, taps = self.depthwise.out_channels, prod(self.depthwise.kernel_size)
        filters = self.pointwise.out_channels // self.pointwise.groups
        positions = prod(self.geometry.output_size)
        chosen = np.not_equal(first.weight.T, first.kernel_cells)  # the rows of each channel
        reads = np.stack([first.patch[:, own] for own in chosen])  # (C·M, N·L, taps)
        cells = second.patch  # (N·L', C·M): numbers of the cells between, (n, channel, position)
        n, rest = np.divmod(cells, channels * positions)
        channel, position = np.divmod(rest, positions)
        x = reads[channel, n * positions + position]  # (N·L', C·M, taps)
        v = first.weight.T[chosen].reshape(channels, taps)[channel]
        zero = x == first.input_cells
        sides = []
        for f in range(0, self.pointwise.out_channels, filters):
            p = np.broadcast_to(second.weight[:, f, None], x.shape)
            sides.append(_three(np.where(zero | (p == second.kernel_cells), -1, p), v, x))
        return np.stack(sides, axis=1)

    def _dense(self) -> Map:
        """The products of the dense layer with the product kernel, sorted likewise."""
        g, plan = self.geometry, defined_maps(self.geometry)
        taps, multiplier = prod(g.kernel_size), self.depthwise.out_channels // g.in_channels
        x = np.repeat(plan.patch.reshape(-1, g.in_channels, taps), multiplier, axis=1)
        v = np.broadcast_to(np.arange(x.shape[1] * taps).reshape(-1, taps), x.shape)
        own = x.shape[1] // g.groups
        sides = []
        for group in range(g.groups):
            f = group * (g.out_channels // g.groups)
            inner = np.arange(x.shape[1]) - group * own  # the channel's place in the filter's own group
            p = np.where((inner >= 0) & (inner < own), f * own + inner, -1)[:, None]
            sides.append(_three(np.where(x == plan.input_cells, -1, p), v, x))
        return np.stack(sides, axis=1)

    def _polynomial(self, f: int, products: list[list[int]]) -> sympy.Expr:
        names = [
            generic_names(letter, shape)
            for letter, shape in (
                ("p", self.pointwise.kernel_shape),
                ("v", self.depthwise.kernel_shape),
                ("x", self.geometry.input_shape),
            )
        ]
        return sympy.Add(
            *(
                sympy.Mul(*(name(i) for name, i in zip(names, three, strict=True)))
                for three in products
                if -1 not in three
            )
        )


_CLAIM = "The two layers are the dense one with the product kernel"


def _expanded(array: Array) -> Array:
    """Each polynomial as a sum of products."""
    return object_array([sympy.expand(entry) for entry in array.flat], array.shape)


def _three(p: Map, v: Map, x: Map) -> Map:
    """Products of three as rows of numbers, sorted for each position; −1 thrice where one is zero."""
    three = np.stack(np.broadcast_arrays(p, v, x), axis=-1).reshape(len(x), -1, 3).astype(np.int64)
    three[three[..., 0] < 0] = -1
    order = np.lexsort((three[..., 2], three[..., 1], three[..., 0]), axis=-1)
    return np.take_along_axis(three, order[..., None], axis=1)


@prove.register
def _(separable: Separable) -> IdentityProof:
    return separable.prove()

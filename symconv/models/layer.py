"""A convolution of a model: its geometry under the name that the file gives it, or why it has none."""

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import sympy

from symconv.forms.transposed_sizes import TransposedSizes
from symconv.geometry import Geometry
from symconv.sizes import Size, is_symbolic


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

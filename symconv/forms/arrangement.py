"""One layout: the order of rows and columns of the patch matrix, and everything that follows from it.

A layout is a line such as ``n (c k) (o)``: the axes of the array from slowest to fastest, those in one pair
of parentheses merged into one axis. Everything else follows from that line and from the one plan.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.entries import Array, as_symbolic, is_symbolic, read_array
from symconv.errors import ArrayError, SizeLimitError
from symconv.forms.axes import axis_sizes, own_axes, own_positions, own_taps, shown, spatial
from symconv.geometry import Geometry
from symconv.index_map import Map, gather, index_map
from symconv.matrices import MOST_SYMBOLIC_ENTRIES, fold_columns
from symconv.symbols import symbolic

Axes = tuple[tuple[str, ...], ...]  # of an array: the names of the axes merged into each of its own

_PARTS = re.compile(r"\(([^)]*)\)|(\S+)")


@dataclass(frozen=True, repr=False)
class Layout:
    """The order in which one library writes patch matrix and weight matrix.

    Attributes:
        name: what it is asked for by.
        array: the axes of what the library's own function returns, slowest first: sample n, channel c, the
            positions o, the taps k; merged axes in parentheses; ``o'`` and ``k'`` run down the columns first.
        function: the library's function.
        inputs: the axes of its inputs, slowest first in memory.
        kernels: the axes of its kernels: O for filters, I for channels.

    Source: the documentation of each library's function; ``layouts`` names them.

    Examples:
        >>> from symconv.forms.layouts import layout
        >>> layout("torch")
        Layout torch: n (c kh kw) (oh ow); matrix (c kh kw) × (n oh ow), weights f × (c kh kw)
        >>> layout("tensorflow").taps_first
        False
    """

    name: str
    array: str
    function: str
    inputs: str = "NCHW"
    kernels: str = "OIHW"

    def axes(self, rank: int = 2) -> Axes:
        """The axes of the array for so many spatial axes: the names merged into each, slowest first.

        Args:
            rank: spatial axes of the layer.

        Examples:
            >>> from symconv.forms.layouts import layout
            >>> layout("tensorflow").axes()
            (('n',), ('oh',), ('ow',), ('kh', 'kw', 'c'))
        """
        groups: list[tuple[str, ...]] = []
        for merged, alone in _PARTS.findall(self.array):
            names = tuple(name for token in (merged or alone).split() for name in _named(token, rank))
            groups += [names] if merged else [(name,) for name in names]
        return tuple(groups)

    def taps(self, rank: int = 2) -> tuple[str, ...]:
        """The axes of a patch, slowest first.

        Args:
            rank: spatial axes of the layer.

        Examples:
            >>> from symconv.forms.layouts import layout
            >>> layout("matlab").taps()
            ('c', 'kw', 'kh')
        """
        return tuple(name for group in self.axes(rank) for name in group if name[0] in "ck")

    def positions(self, rank: int = 2) -> tuple[str, ...]:
        """The axes of the output positions, slowest first, the samples among them.

        Args:
            rank: spatial axes of the layer.

        Examples:
            >>> from symconv.forms.layouts import layout
            >>> layout("cs231n").positions()
            ('oh', 'ow', 'n')
        """
        return tuple(name for group in self.axes(rank) for name in group if name[0] in "no")

    @property
    def taps_first(self) -> bool:
        """Whether patches stand upright: taps are rows, positions are columns, and weights come in front."""
        flat = [name for group in self.axes(1) for name in group]
        return flat.index("kw") < flat.index("ow")

    def tap_order(self, g: Geometry) -> Map:
        """The number that each tap of this layout has in our own order (c, kh, kw).

        Args:
            g: the layer.

        Returns:
            Shape (C·KH·KW,), of ints.

        Examples:
            >>> from symconv.forms.layouts import layout
            >>> layout("tensorflow").tap_order(Geometry((3, 3), (1, 2), in_channels=2))
            array([0, 2, 1, 3])
        """
        return _order(self.taps(g.rank), axis_sizes(g), own_taps(g.rank))

    def position_order(self, g: Geometry) -> Map:
        """The number that each position of this layout has in our own order (n, oh, ow).

        Args:
            g: the layer.

        Returns:
            Shape (N·L,), of ints.

        Examples:
            >>> from symconv.forms.layouts import layout
            >>> layout("matlab").position_order(Geometry((3, 4), 2))
            array([0, 3, 1, 4, 2, 5])
        """
        return _order(self.positions(g.rank), axis_sizes(g), own_positions(g.rank))

    def patch_map(self, g: Geometry) -> Map:
        """The patch matrix of a layer as input cells' numbers: (positions × taps), or (taps × positions).

        Args:
            g: the layer.

        Returns:
            Shape (N·L, C·KH·KW), or the other way round where ``taps_first``; the number N·C·H·W, one past
            the last cell, is a padding zero.

        Raises:
            GeometryError: a size is a symbol.
            SizeLimitError: the map would not fit into memory.

        Examples:
            >>> from symconv.forms.layouts import layout
            >>> layout("matlab").patch_map(Geometry((3, 3), 2))
            array([[0, 3, 1, 4],
                   [3, 6, 4, 7],
                   [1, 4, 2, 5],
                   [4, 7, 5, 8]], dtype=int32)
        """
        return self._upright(index_map(g).patch[np.ix_(self.position_order(g), self.tap_order(g))])

    def weight_map(self, g: Geometry) -> Map:
        """The weight matrix of a layer as kernel cells' numbers: (taps × F), or (F × taps).

        Args:
            g: the layer.

        Returns:
            Shape (C·KH·KW, F), or the other way round where ``taps_first``.

        Examples:
            >>> from symconv.forms.layouts import layout
            >>> layout("torch").weight_map(Geometry((3, 3), (1, 2), in_channels=2))
            array([[0, 1, 2, 3]], dtype=int32)
        """
        return self._upright(index_map(g).weight[self.tap_order(g)])

    def patch_matrix(self, g: Geometry, x: Any = None) -> Any:
        """The patch matrix of a layer: the cells of x gathered through ``patch_map``.

        Args:
            g: the layer.
            x: as many cells as g's input has, in the order (n, c, *place); None for symbols.

        Returns:
            A ``sympy.Matrix`` when symbolic, else an ndarray of the dtype of x.

        Raises:
            ArrayError: x has another number of cells.

        Examples:
            >>> from symconv.forms.layouts import layout
            >>> layout("torch").patch_matrix(Geometry(3, 2))
            Matrix([
            [x_{0}, x_{1}],
            [x_{1}, x_{2}]])
        """
        return _gathered(x, "x", g.input_shape[_hidden(g) :], self.patch_map(g))

    def weight_matrix(self, g: Geometry, w: Any = None) -> Any:
        """The weight matrix of a layer: the cells of w gathered through ``weight_map``.

        Args:
            g: the layer.
            w: as many cells as g's kernels have, in the order (f, c, *tap); None for symbols.

        Returns:
            A ``sympy.Matrix`` when symbolic, else an ndarray of the dtype of w.

        Raises:
            ArrayError: w has another number of cells.

        Examples:
            >>> from symconv.forms.layouts import layout
            >>> g = Geometry((2, 3), (1, 2), in_channels=2)
            >>> layout("tensorflow").weight_matrix(g, [[1, 2], [3, 4]]).T
            array([[1, 3, 2, 4]])
        """
        return _gathered(w, "w", g.kernel_shape[2 * (_hidden(g) == 2) :], self.weight_map(g))

    def arrange(self, patches: Array, g: Geometry) -> Array:
        """The array that the library's own function returns, from the patch matrix in our order.

        Args:
            patches: shape (N·L, C·KH·KW).
            g: the layer.

        Examples:
            >>> from symconv.forms.layouts import layout
            >>> layout("tensorflow").arrange(np.arange(12).reshape(3, 4), Geometry((1, 4), (1, 2), 2)).shape
            (1, 1, 3, 4)
        """
        own, sizes, axes = own_axes(g.rank), axis_sizes(g), self.axes(g.rank)
        order = [own.index(name) for group in axes for name in group]
        shape = [prod(sizes[name] for name in group) for group in axes]
        return patches.reshape([sizes[name] for name in own]).transpose(order).reshape(shape)

    def restore(self, array: Array, g: Geometry) -> Array:
        """The patch matrix in our order, from what the library's own function returns.

        Args:
            array: as the library's own function returns it.
            g: the layer.

        Returns:
            Shape (N·L, C·KH·KW).

        Examples:
            >>> from symconv.forms.layouts import layout
            >>> g = Geometry((1, 4), (1, 2), 2)
            >>> layout("onnx").restore(np.arange(12).reshape(4, 3), g)
            array([[ 0,  3,  6,  9],
                   [ 1,  4,  7, 10],
                   [ 2,  5,  8, 11]])
        """
        own, sizes = own_axes(g.rank), axis_sizes(g)
        flat = [name for group in self.axes(g.rank) for name in group]
        order = [flat.index(name) for name in own]
        return array.reshape([sizes[name] for name in flat]).transpose(order).reshape(g.patch_matrix_shape)

    def fold_product(self, product: Array, g: Geometry) -> Array:
        """The product of the two matrices in this layout, folded into activation maps (N, F, *out).

        Args:
            product: shape (N·L, F), or (F, N·L) where ``taps_first``.
            g: the layer.

        Examples:
            >>> from symconv.forms.layouts import layout
            >>> layout("matlab").fold_product(np.array([[83, 173, 113, 203]]), Geometry((3, 3), 2))
            array([[[[ 83, 113],
                     [173, 203]]]])
        """
        return fold_columns(self._upright(product)[np.argsort(self.position_order(g))], g)

    def __repr__(self) -> str:
        down, across = shown(self.positions()), shown(self.taps())
        if self.taps_first:
            down, across = across, down
        weights = f"f × {shown(self.taps())}" if self.taps_first else f"{shown(self.taps())} × f"
        array = " ".join(shown(group) if len(group) > 1 else group[0] for group in self.axes())
        return f"Layout {self.name}: {array}; matrix {down} × {across}, weights {weights}"

    def _upright(self, matrix: Array) -> Array:
        return matrix.T if self.taps_first else matrix


def _named(token: str, rank: int) -> tuple[str, ...]:
    """The axes that a letter of a layout's line stands for: the spatial ones are as many as there are."""
    if token[0] not in "ok":
        return (token,)
    names = spatial(token[0], rank)
    return names[::-1] if token.endswith("'") else names


def _order(names: Sequence[str], sizes: dict[str, int], own: Sequence[str]) -> Map:
    shape = [sizes[name] for name in own]
    return np.arange(prod(shape)).reshape(shape).transpose([own.index(name) for name in names]).ravel()


def _hidden(g: Geometry) -> int:
    """Leading axes (N, C) that symbols do without, as those of ``unroll`` do."""
    bare = g.batch == g.in_channels == g.out_channels == 1 and g.rank <= 2 and not g.bias
    return 2 if bare else int(g.batch == 1)


def _gathered(values: Any, letter: str, shape: tuple[int, ...], numbers: Map) -> Any:
    cells = symbolic(letter, shape) if values is None else read_array(values, letter)
    if cells.size != prod(shape):
        raise ArrayError(f"{letter} has {cells.size} cells: give {prod(shape)}, as shape {shape} has")
    if is_symbolic(cells) and numbers.size > MOST_SYMBOLIC_ENTRIES:
        raise SizeLimitError(
            f"the matrix has {numbers.size:,} symbolic entries, more than {MOST_SYMBOLIC_ENTRIES:,}: "
            "use patch_map or weight_map, which need no symbols"
        )
    matrix = gather(cells, numbers)
    return sympy.Matrix(as_symbolic(matrix)) if is_symbolic(cells) else matrix

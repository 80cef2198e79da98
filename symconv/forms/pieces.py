"""A layer as several smaller ones: which cells each piece reads, which taps it has, which cells it writes.

A piece is an ordinary convolution of part of the padded input with part of the kernels; where pieces write
the same output cells, what they write is added. Every reduction by slices is made of these, and they are
proved in one way: the (output position, tap, input cell) triples of all pieces against the definition's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.definition import loop_formula
from symconv.entries import Array, is_symbolic
from symconv.errors import GeometryError
from symconv.evaluate import evaluate
from symconv.forms.arguments import fitted
from symconv.forms.cost import Cost
from symconv.geometry import Geometry
from symconv.index_map import Map, gather, index_map, padded_numbers
from symconv.matrices import integer_dtype
from symconv.proof.exact import defined_maps, generic_names, prove_maps
from symconv.proof.identity import Difference, IdentityProof
from symconv.prove import prove
from symconv.show.latex import latex

Slices = tuple[slice, ...]
_BOTH = (slice(None), slice(None))  # of sample and channel


@dataclass(frozen=True)
class Piece:
    """One of the convolutions that a layer falls into.

    Attributes:
        reads: the cells of the padded input that it convolves, along each axis.
        taps: the taps of the kernels that it has, along each axis.
        writes: the output cells that it makes or adds to, along each axis.
        geometry: the layer that it is, without padding.

    Examples:
        >>> from symconv.forms.reductions import sublattices
        >>> sublattices(Geometry(8, 3, dilation=2)).pieces[1].geometry
        Geometry(input_size=(4,), kernel_size=(3,))
    """

    reads: Slices
    taps: Slices
    writes: Slices
    geometry: Geometry


@dataclass(frozen=True, eq=False, repr=False)
class Pieces:
    """A layer that has fallen into pieces.

    Attributes:
        geometry: the whole layer.
        pieces: what it has fallen into.
        name: the reduction that it comes from.

    Source: Vaidyanathan 1993, *Multirate systems and filter banks*, section 4.3, for a stride; Holschneider
    et al. 1989, the *algorithme à trous*, for a dilation.

    Examples:
        >>> from symconv.forms.reductions import polyphase
        >>> polyphase(Geometry(6, 3, stride=2))
        polyphase of Geometry(input_size=(6,), kernel_size=(3,), stride=(2,)): 2 pieces
    """

    geometry: Geometry
    pieces: tuple[Piece, ...]
    name: str

    @property
    def cost(self) -> Cost:
        """Products, additions, and the numbers held: the padded input, and each piece's input and output.

        Examples:
            >>> from symconv.forms.reductions import sublattices
            >>> sublattices(Geometry(6, 2, dilation=2)).cost
            Cost(products=8, additions=4, memory=10)
        """
        g = self.geometry
        total = sum((Cost.direct(piece.geometry) for piece in self.pieces), Cost(0, 0, 0))
        written = sum(prod(piece.geometry.output_shape) for piece in self.pieces)
        held = prod(g.padded().input_shape) if any(map(any, g.padding)) else 0
        held += written + sum(prod(piece.geometry.input_shape) for piece in self.pieces)
        return Cost(total.products, total.additions + written - prod(g.output_shape), held)

    def with_pieces(self, pieces: Sequence[Piece]) -> "Pieces":
        """The same layer with pieces of your own, to be proved or refuted.

        Args:
            pieces: what the layer is said to have fallen into.

        Examples:
            >>> from symconv.forms.reductions import polyphase
            >>> whole = polyphase(Geometry(4, 2, stride=2))
            >>> whole.with_pieces(whole.pieces[:1]).prove()
            Refuted (tier: exact) after 1 entry, for polyphase of
            Geometry(input_size=(4,), kernel_size=(2,), stride=(2,)): 1 piece;
            the sum of the pieces = the loop formula fails first at [0, 0, 0]
              left  = w_{0,0,0}*x_{0,0,0}
              right = w_{0,0,0}*x_{0,0,0} + w_{0,0,1}*x_{0,0,1}
        """
        return replace(self, pieces=tuple(pieces))

    def evaluate(self, x: Any, w: Any, bias: Any = None) -> Array:
        """The activation map, made piece by piece, of numbers or of symbols.

        Args:
            x: input, shape (N, C, *spatial), or without the axes that ``geometry`` has one entry of.
            w: kernels, shape (F, C/groups, *kernel), or as few axes as a bare ``x``.
            bias: one number or symbol per filter, shape (F,).

        Returns:
            An ndarray of shape (N, F, *out).

        Raises:
            ArrayError: an array has not as many entries as the layer.

        Examples:
            >>> from symconv.forms.reductions import polyphase
            >>> polyphase(Geometry(4, 2, stride=2)).evaluate([1, 2, 3, 4], [10, 1])
            array([[[12, 34]]])
        """
        g = self.geometry
        inputs, kernels = fitted(x, g.input_shape, "x"), fitted(w, g.kernel_shape, "w")
        padded = gather(inputs, padded_numbers(g))
        parts = [
            (piece, _layer(padded[_BOTH + piece.reads], kernels[_BOTH + piece.taps], piece.geometry))
            for piece in self.pieces
        ]
        dtype = np.result_type(inputs, kernels)
        if all(a.dtype.kind in "iu" for a in (inputs, kernels)):
            dtype = integer_dtype(prod(g.kernel_shape[1:]), inputs, kernels, None, 63)
        output = np.zeros(g.output_shape, dtype)
        for piece, part in parts:
            output[_BOTH + piece.writes] += part
        if bias is not None:
            output = output + fitted(bias, (g.out_channels,), "bias").reshape(-1, *(1,) * g.rank)
        return output

    def prove(self) -> IdentityProof:
        """Prove that the pieces are the layer, for these sizes and all values.

        Each piece is proved to be the loop formula of its own geometry. Then the products that all pieces
        make together are compared with the definition's, each by its output position, tap and input cell.

        Raises:
            GeometryError: a piece is not proved by itself.

        Examples:
            >>> from symconv.forms.reductions import polyphase
            >>> polyphase(Geometry((5, 6), (2, 3), stride=(2, 3))).prove()
            Proved (tier: exact). The sum of the pieces is the loop formula, for polyphase of
            Geometry(input_size=(5, 6), kernel_size=(2, 3), stride=(2, 3)): 6 pieces:
            4 entries compared as polynomials of 24 products.
        """
        g, about = self.geometry, repr(self)
        for piece in self.pieces:
            if not prove_maps(piece.geometry, index_map(piece.geometry)):  # pragma: no cover
                raise GeometryError(f"{piece.geometry!r} is not proved: choose another layer")
        made, defined = _sorted(self._triples), _sorted(_defined_triples(g))
        place = _first_difference(made, defined)
        if place is None:
            entries = prod(g.output_shape)
            return IdentityProof(True, _CLAIM, about, entries, f"polynomials of {g.products:,} products")
        row, tap = place
        taps = prod(g.kernel_size)
        own, channels = g.out_channels // g.groups, g.in_channels // g.groups
        column = tap // taps // channels * own  # the first filter that has this tap
        n, *position = (int(i) for i in np.unravel_index(row, (g.batch, *g.output_size)))
        sides = [_sum(g, triples, row, column) for triples in (made, defined)]
        difference = Difference(
            "the sum of the pieces = the loop formula", (n, column, *position), sides[0], sides[1]
        )
        compared = row * g.out_channels + column + 1
        return IdentityProof(False, _CLAIM, about, compared, "polynomials", difference)

    def __repr__(self) -> str:
        number = len(self.pieces)
        return f"{self.name} of {self.geometry!r}: {number} {'piece' if number == 1 else 'pieces'}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {latex(self)}$"

    @cached_property
    def _triples(self) -> Map:
        """The products that the pieces make: (output position, tap, input cell), shape (products/F, 3)."""
        g = self.geometry
        numbers = padded_numbers(g)
        rows = np.arange(g.batch * prod(g.output_size)).reshape(g.batch, *g.output_size)
        columns = np.arange(g.in_channels * prod(g.kernel_size)).reshape(g.in_channels, *g.kernel_size)
        parts = []
        for piece in self.pieces:
            cells = numbers[_BOTH + piece.reads]
            writes, taps = rows[(slice(None), *piece.writes)], columns[(slice(None), *piece.taps)]
            p = piece.geometry
            shapes = (p.input_shape, (p.batch, *p.output_size), (p.in_channels, *p.kernel_size))
            filters_fit = (p.out_channels, p.groups) == (g.out_channels, g.groups)
            padded = any(map(any, p.padding))
            if (cells.shape, writes.shape, taps.shape) != shapes or padded or not filters_fit:
                raise GeometryError(
                    f"a piece has {p!r}, and its slices make an input of {cells.shape}, an output of "
                    f"{writes.shape} and taps of {taps.shape}: give slices of these shapes, and no padding"
                )
            read = gather(cells, index_map(p).patch)
            parts.append(_triples(writes.ravel(), taps.ravel(), read))
        found: Map = np.concatenate(parts)
        return _without_zeros(g, found)


_CLAIM = "The sum of the pieces is the loop formula"


def _layer(x: Array, w: Array, g: Geometry) -> Array:
    """A piece's own output: through the definition on symbols, through the matrix product on numbers."""
    symbols = is_symbolic(x, w)
    make: Any = loop_formula if symbols else evaluate
    output: Array = make(x, w, stride=g.stride, dilation=g.dilation, groups=g.groups)
    return output


def _triples(rows: Map, columns: Map, cells: Map) -> Map:
    """One row for each entry of a patch matrix: its row, its column and its cell, by number."""
    return np.stack(
        [
            np.repeat(rows, columns.size),
            np.tile(columns, rows.size),
            cells.astype(np.int64).ravel(),
        ],
        axis=1,
    )


def _defined_triples(g: Geometry) -> Map:
    """The products of the loop formula, those with a padding zero left out."""
    patch = defined_maps(g).patch
    found = _triples(np.arange(patch.shape[0]), np.arange(patch.shape[1]), patch)
    return _without_zeros(g, found)


def _without_zeros(g: Geometry, triples: Map) -> Map:
    kept: Map = triples[triples[:, 2] != prod(g.input_shape)]
    return kept


def _sorted(triples: Map) -> Map:
    ordered: Map = triples[np.lexsort(triples.T[::-1])]
    return ordered


def _first_difference(made: Map, defined: Map) -> tuple[int, int] | None:
    """Output position and tap of the first product that only one of the two sorted lists has."""
    common = min(len(made), len(defined))
    differs = np.flatnonzero((made[:common] != defined[:common]).any(axis=1))
    place = differs[0] if differs.size else common
    rest = [tuple(side[place, :2].tolist()) for side in (made, defined) if place < len(side)]
    return min(rest) if rest else None


def _sum(g: Geometry, triples: Map, row: int, filter_: int) -> sympy.Expr:
    """One output cell as a polynomial in the cells of input and kernels."""
    inputs, kernels = generic_names("x", g.input_shape), generic_names("w", g.kernel_shape)
    taps = prod(g.kernel_shape[1:])
    first = filter_ // (g.out_channels // g.groups) * taps
    begin, end = np.searchsorted(triples[:, 0], [row, row + 1])
    return sympy.Add(
        *(
            kernels(filter_ * taps + tap - first) * inputs(cell)
            for _, tap, cell in triples[begin:end].tolist()
            if first <= tap < first + taps
        )
    )


@prove.register
def _(pieces: Pieces) -> IdentityProof:
    return pieces.prove()

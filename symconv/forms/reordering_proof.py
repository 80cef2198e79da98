"""The proof that a permutation takes one layout to the other, at one size and for all values.

The indices of a permutation come from transposing. Here each place is named by its digits instead, and the
definition is asked which cell belongs there: a permutation is compared with what it was not made from. Where
P and W hold the definition's cells in one order of the taps, each entry of their product is the definition's
sum at the position of its place; that the permuted Y has that position there is compared too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
import sympy

from symconv.digits import ravel, unravel
from symconv.forms.axes import axis_sizes, own_positions, own_taps
from symconv.forms.reordering import Reordering
from symconv.geometry import Geometry
from symconv.index_map import Map
from symconv.proof.exact import Namer, defined_maps, generic_names
from symconv.proof.verdict import Tier
from symconv.prove import prove


@dataclass(frozen=True, repr=False)
class ReorderingProof:
    """The verdict on a permutation between two layouts: truthy when it was proved.

    Attributes:
        holds: whether it was proved.
        reordering: what it is about.
        compared: how many entries of the three matrices were compared with the definition.
        matrix: the matrix that first differs: P, W or Y; empty when it holds.
        place: row and column of the first entry that differs.
        found: what the permuted matrix has there.
        wanted: what the other layout has there.

    Examples:
        >>> from symconv.forms.reordering import permutation
        >>> r = permutation(Geometry((3, 3), 2), "symconv", "matlab")
        >>> prove(r)
        Proved (tier: exact). From deep-learning-from-scratch to matlab: 24 entries of the permuted
        P, W and Y = W·P are the other layout's, for any values.
        >>> prove(r.with_indices(rows=[0, 1, 2, 3]))
        Refuted (tier: exact). From deep-learning-from-scratch to matlab:
        entry (1, 0) of the permuted P is x_{0,0,0,1}, and matlab has x_{0,0,1,0} there.
    """

    holds: bool
    reordering: Reordering
    compared: int
    matrix: str = ""
    place: tuple[int, int] | None = None
    found: sympy.Expr | None = None
    wanted: sympy.Expr | None = None
    tier: Tier = Tier.EXACT

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        r = self.reordering
        between = f"From {r.one.name} to {r.other.name}:"
        if self.holds:
            product = "W·P" if r.other.taps_first else "P·W"
            return (
                f"Proved (tier: {self.tier}). {between} {self.compared:,} entries of the permuted\n"
                f"P, W and Y = {product} are the other layout's, for any values."
            )
        return (
            f"Refuted (tier: {self.tier}). {between}\nentry {self.place} of the permuted {self.matrix} is "
            f"{self.found}, and {r.other.name} has {self.wanted} there."
        )


@prove.register
def _(reordering: Reordering) -> ReorderingProof:
    compared = 0
    for name, found, wanted, namer in _sides(reordering):
        differing = np.argwhere(found != wanted)
        if differing.size:
            row, column = map(int, differing[0])
            cells = (namer(int(side[row, column])) for side in (found, wanted))
            compared += row * found.shape[1] + column + 1
            return ReorderingProof(False, reordering, compared, name, (row, column), *cells)
        compared += found.size
    return ReorderingProof(True, reordering, compared)


def _sides(r: Reordering) -> Iterator[tuple[str, Map, Map, Namer]]:
    """The three matrices, permuted, and as the definition has them in the places that the layout names."""
    g, defined = r.geometry, defined_maps(r.geometry)
    positions = _numbers(g, r.other.positions(g.rank), own_positions(g.rank))
    taps = _numbers(g, r.other.taps(g.rank), own_taps(g.rank))
    output = np.arange(prod(g.output_shape)).reshape((*g.output_shape[:2], -1)).swapaxes(1, 2)
    output = output.reshape(-1, g.out_channels)  # the number of each cell of y, in our own order of rows

    def turned(matrix: Map) -> Map:
        return matrix.T if r.other.taps_first else matrix

    given = output[r.one.position_order(g)]
    permuted = r.product(given.T if r.one.taps_first else given)
    wanted = turned(defined.patch[np.ix_(positions, taps)])
    yield "P", r.patches(r.one.patch_map(g)), wanted, _namer("x", g.input_shape)
    yield "W", r.weights(r.one.weight_map(g)), turned(defined.weight[taps]), _namer("w", g.kernel_shape)
    yield "Y", permuted, turned(output[positions]), _namer("y", g.output_shape)


def _numbers(g: Geometry, names: tuple[str, ...], own: tuple[str, ...]) -> Map:
    """The number in our own order of each place in a layout's, by taking the place's number apart."""
    sizes = axis_sizes(g)
    places = np.arange(prod(sizes[name] for name in names))
    digits = dict(zip(names, unravel(places, [sizes[name] for name in names]), strict=True))
    numbers: Map = ravel([digits[name] for name in own], [sizes[name] for name in own])
    return numbers


def _namer(letter: str, shape: tuple[int, ...]) -> Namer:
    """The names of an array's cells, where the number that no cell has is a zero."""
    names = generic_names(letter, shape)
    return lambda number: sympy.Integer(0) if number == prod(shape) else names(number)

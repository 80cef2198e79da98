"""The exact proof about the gradients of a convolution: which products each cell's gradient sums.

The layer's output is a sum of products (kernel cell · input cell), each once in one output cell. Times dy and
added up, that is one list of triples (output cell, kernel cell, input cell), and both gradients are read off
it: by an input cell, the dy · w of the triples it is in; by a kernel cell, the dy · x of those. So a gradient
is right exactly if the triples that its maps make are the definition's, each as often.

The gradient by the input makes the triples of two maps: where entries of dP are added, and where W came
from. These two are maps of a product P·W like any other, and the proof that this product is the loop formula
is the proof of the gradient. The same holds of the gradient by the kernels, with where P came from and where
entries of dW are added.
"""

from collections import Counter
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.entries import Array
from symconv.geometry import Geometry
from symconv.index_map import IndexMap, Map
from symconv.proof.exact import Namer, cell_names, defined_maps, prove_maps
from symconv.proof.identity import Difference, IdentityProof

_TRIPLES_AT_ONCE = 1 << 20
_CLAIM = "dx and dw are the derivatives of Σ dy·y by x and by w"


def prove_gradients(
    g: Geometry, plan: IndexMap, added: IndexMap, x: Array, w: Array, dy: Array
) -> IdentityProof:
    """Compare the gradients that maps make, wrong ones too, with the derivatives of the loop formula.

    Args:
        g: the layer.
        plan: the maps that P and W are gathered through.
        added: the maps by which the entries of dP and of dW are added to cells.
        x: input,
        w: kernels, and
        dy: gradient by the output, whose symbols or indices name the cells of a counterexample.

    Returns:
        The verdict, of tier ``exact``.
    """
    by_input = _Triples(g, added.patch, plan.weight, by_input=True)
    by_kernel = _Triples(g, plan.patch, added.weight, by_input=False)
    about = repr(g)
    first = 0  # entries compared before
    for triples, letter, shape in ((by_input, "x", x.shape), (by_kernel, "w", w.shape)):
        if not prove_maps(g, IndexMap(triples.patch, triples.weight, plan.input_cells, plan.kernel_cells)):
            cell, sums = _first_wrong_cell(triples, cell_names(x=x, w=w, dy=dy))
            place = tuple(int(i) for i in np.unravel_index(cell, shape))
            identity = f"d{letter} = the derivative of Σ dy·y by {letter}"
            difference = Difference(identity, place, *sums)
            return IdentityProof(False, _CLAIM, about, first + cell + 1, "polynomials", difference)
        first += prod(shape)
    return IdentityProof(True, _CLAIM, about, first, f"polynomials of {2 * g.products:,} products")


@dataclass(frozen=True, eq=False)
class _Triples:
    """The triples that a pair of maps makes, gathered by their input cell or by their kernel cell.

    Attributes:
        g: the layer.
        patch: the input cell in each row and column of P, shape (R, K).
        weight: the kernel cell in each row and column of W, shape (K, F).
        by_input: whether each input cell's triples stand together, else each kernel cell's.
    """

    g: Geometry
    patch: Map
    weight: Map
    by_input: bool

    @property
    def numbers(self) -> Map:
        """The map of the cells whose triples stand together."""
        return self.patch if self.by_input else self.weight

    @property
    def partners(self) -> Map:
        """The other map."""
        return self.weight if self.by_input else self.patch

    @property
    def zeros(self) -> tuple[int, int]:
        """The numbers that mean a zero in the two, which are as many cells as there are."""
        inputs, kernels = prod(self.g.input_shape), prod(self.g.kernel_shape)
        return (inputs, kernels) if self.by_input else (kernels, inputs)

    def counts(self) -> Map:
        """How many triples each cell is in."""
        cells, zero = self.zeros
        met = np.count_nonzero(self.partners != zero, axis=1 if self.by_input else 0)
        each = met[None, :] if self.by_input else met[:, None]
        counted: Map = np.zeros(cells + 1, np.int64)
        np.add.at(counted, self.numbers.ravel(), np.broadcast_to(each, self.numbers.shape).ravel())
        return counted[:-1]

    def of_cells(self, chosen: Map) -> Map:
        """The triples of some cells as rows (cell, output cell, partner), sorted."""
        g, (count, zero) = self.g, self.zeros
        asked = np.zeros(count + 1, dtype=bool)
        asked[chosen] = True
        rows, columns = np.nonzero(asked[self.numbers])
        cells = self.numbers[rows, columns].astype(np.int64)[:, None]
        if self.by_input:  # an entry (position, tap) of P meets every filter's weight for that tap
            partners, positions, filters = self.weight[columns], rows[:, None], np.arange(g.out_channels)
        else:  # an entry (tap, filter) of W meets every position's cell at that tap
            partners, positions, filters = self.patch.T[rows], np.arange(len(self.patch)), columns[:, None]
        samples, places = np.divmod(positions, prod(g.output_size))
        outputs = (samples * g.out_channels + filters) * prod(g.output_size) + places
        triples = np.stack([np.broadcast_to(a, partners.shape) for a in (cells, outputs, partners)], axis=-1)
        triples = triples[partners != zero]
        ordered: Map = triples[np.lexsort(triples.T[::-1])]
        return ordered

    def total(self, cell: int, names: tuple[Namer, ...]) -> sympy.Expr:
        """The gradient by one cell as a polynomial."""
        inputs, kernels, outputs = names
        partner = kernels if self.by_input else inputs
        terms = Counter(map(tuple, self.of_cells(np.array([cell]))[:, 1:].tolist()))
        return sympy.Add(*(times * outputs(o) * partner(p) for (o, p), times in terms.items()))


def _first_wrong_cell(triples: _Triples, names: tuple[Namer, ...]) -> tuple[int, list[Any]]:
    """The first cell whose triples are not the definition's, and both its sums."""
    maps = defined_maps(triples.g)
    defined = _Triples(triples.g, maps.patch, maps.weight, triples.by_input)
    counts, wanted = triples.counts(), defined.counts()
    wrong = np.append(np.flatnonzero(counts != wanted), counts.size)[0]  # up to here both have equally many
    doubtful = np.arange(wrong)
    if np.array_equal(triples.partners, defined.partners):
        moved = triples.numbers != defined.numbers
        touched = np.unique(defined.numbers[moved])  # with as many triples as before, one was lost
        doubtful = touched[touched < wrong]
    blocks = np.cumsum(wanted[doubtful]) // _TRIPLES_AT_ONCE
    for block in np.split(doubtful, np.flatnonzero(np.diff(blocks)) + 1):
        made, right = triples.of_cells(block), defined.of_cells(block)
        differs = np.flatnonzero((made != right).any(axis=1))
        if differs.size:
            wrong = made[differs[0], 0]
            break
    return int(wrong), [side.total(int(wrong), names) for side in (triples, defined)]

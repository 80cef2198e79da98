"""The convolution matrix compared with the loop formula: the products in each row of T·vec(x), by number.

Both sides are sums of products of a kernel cell and an input cell, each counted as often as it occurs. The
definition's are read from its own coordinates, and the layout of T, filter by filter, is spelt out anew.
"""

from collections import Counter
from dataclasses import replace
from math import prod

import numpy as np
import sympy

from symconv.geometry import Geometry
from symconv.index_map import Map
from symconv.matrices import Matrices
from symconv.proof.exact import defined_maps, own_names, prove_maps
from symconv.proof.identity import Difference, IdentityProof

_CLAIM = "T·vec(x) is the loop formula, and so is P·W"


def prove_convolution_matrix(layer: Matrices, terms: Map, about: str) -> IdentityProof:
    """Compare the weights that stand in T, and then P·W, with the definition of the convolution.

    Args:
        layer: the layer, for its sizes, its maps and the names of its cells.
        terms: row, column and kernel cell of each weight in T, shape (K, 3), in any order.
        about: what the verdict calls the matrix.

    Returns:
        The verdict, of tier ``exact``. The loop formula treats all samples alike, and so does T: its rows are
        compared for one sample, those of P·W for all.
    """
    g = layer.geometry
    rows = prod(g.output_shape[1:])
    one = replace(g, batch=1)
    terms = terms[np.lexsort((terms[:, 2], terms[:, 1], terms[:, 0]))]
    if (found := _first_difference(one, terms)) is not None:
        row, *sides = found
        cell = (0, *(int(i) for i in np.unravel_index(row, g.output_shape[1:])))[layer.hidden_axes :]
        input_name, kernel_name = own_names(layer)
        sums = [
            sympy.Add(
                *(n * kernel_name(k) * input_name(i) for (i, k), n in Counter(map(tuple, side)).items())
            )
            for side in sides
        ]
        difference = Difference("T·vec(x) = the loop formula", cell, sums[0], sums[1])
        return IdentityProof(False, _CLAIM, about, row + 1, "polynomials", difference)
    product = prove_maps(g, layer.plan, names=own_names(layer), hidden_axes=layer.hidden_axes)
    if (wrong := product.counterexample) is not None:
        difference = Difference("P·W = the loop formula", wrong.cell, wrong.product, wrong.definition)
        return IdentityProof(False, _CLAIM, about, rows + product.compared, "polynomials", difference)
    return IdentityProof(True, _CLAIM, about, rows, f"polynomials of {len(terms):,} products")


def _first_difference(g: Geometry, terms: Map) -> tuple[int, list[list[int]], list[list[int]]] | None:
    """The first row of T with other products than the definition's, and both sides' (input, kernel cell)."""
    defined, positions = defined_maps(g), prod(g.output_size)
    starts = np.searchsorted(terms[:, 0], np.arange(g.out_channels + 1) * positions)
    for f in range(g.out_channels):
        own = np.flatnonzero(defined.weight[:, f] != defined.kernel_cells)
        read = defined.patch[:, own]
        position, tap = np.nonzero(read != defined.input_cells)
        wanted = np.stack([position, read[position, tap], defined.weight[own[tap], f]], axis=1)
        wanted = wanted[np.lexsort((wanted[:, 2], wanted[:, 1], wanted[:, 0]))]
        made = terms[starts[f] : starts[f + 1]] - (f * positions, 0, 0)
        common = min(len(made), len(wanted))
        differs = np.flatnonzero((made[:common] != wanted[:common]).any(axis=1))
        place = differs[0] if differs.size else common
        rest = [int(side[place, 0]) for side in (made, wanted) if place < len(side)]
        if rest:
            first = min(rest)
            sides = [side[side[:, 0] == first, 1:].tolist() for side in (made, wanted)]
            return f * positions + first, sides[0], sides[1]
    return None

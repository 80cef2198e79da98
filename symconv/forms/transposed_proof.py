"""The exact proof of a transposed convolution: two ways of writing it against the scatter formula.

All three are sums of products (kernel cell · input cell) of distinct generic cells, so two of them are equal
for all values exactly when every output cell has the same products equally often. The definition's walk
says which output cell each tap is stamped on; no formula of the plan has a part in it.

Maps that are the definition's own, entry by entry, have the same products. Where they are not, the products
of the output cells in doubt are counted, in order, until one is found that differs.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.errors import GeometryError
from symconv.forms.transposed_maps import TransposedMaps
from symconv.forms.transposed_sizes import TransposedSizes
from symconv.index_map import Map, index_map
from symconv.proof.exact import Namer
from symconv.proof.identity import Difference, IdentityProof
from symconv.transposed_definition import axis_stamps

TRANSPOSE = "Tᵀ·vec(y) = the scatter formula"
STRIDE_ONE = "the convolution of stride 1 = the scatter formula"
CLAIM = (
    "Tᵀ·vec(y) is the scatter formula, and so is the convolution of stride 1\n"
    "of the zero-inserted input with the reversed kernels"
)

Products = Counter[tuple[int, int]]  # of one output cell: (kernel cell, input cell) by number
Side = tuple[Iterable[int], Callable[[int], Products]]  # the output cells in doubt, and what each has


def prove_transposed(
    sizes: TransposedSizes, maps: TransposedMaps, about: str, names: tuple[Namer, Namer], hidden_axes: int
) -> IdentityProof:
    """Compare any maps, wrong ones too, with the definition of the transposed convolution.

    Args:
        sizes: the transposed convolution that the maps claim to be.
        maps: its maps.
        about: what it is called in the verdict.
        names: the symbols of the numbered input cells and kernel cells, for a counterexample.
        hidden_axes: leading axes of (n, f, *cell) that a counterexample leaves out.

    Returns:
        The verdict, of tier ``exact``.
    """
    defined = _Defined(sizes)
    cells = prod(sizes.output_shape)
    sides = {TRANSPOSE: _transpose(defined, maps), STRIDE_ONE: _stride_one(defined, maps)}
    for before, (identity, (in_doubt, products)) in enumerate(sides.items()):
        for cell in in_doubt:
            got, wanted = products(cell), defined.products(cell)
            if got != wanted:
                place = tuple(int(i) for i in np.unravel_index(cell, sizes.output_shape))[hidden_axes:]
                left, right = (_polynomial(terms, *names) for terms in (got, wanted))
                return IdentityProof(
                    False,
                    CLAIM,
                    about,
                    before * cells + cell + 1,
                    "polynomials",
                    Difference(identity, place, left, right),
                )
    method = f"polynomials of {defined.number:,} products"
    return IdentityProof(True, CLAIM, about, 2 * cells, method)


@dataclass(frozen=True, eq=False)
class _Defined:
    """What the definition's walk along the axes spells out, by number, with −1 for nothing.

    Attributes:
        sizes: the transposed convolution.
    """

    sizes: TransposedSizes

    @cached_property
    def stamps(self) -> Map:
        """Shape (L, K): the output cell of one channel that each tap of each stamp is stamped on."""
        g, numbers = self.sizes.geometry, np.zeros((1, 1), dtype=np.int32)
        axes = zip(
            self.sizes.input_size,
            g.kernel_size,
            g.stride,
            g.dilation,
            g.padding,
            self.sizes.output_padding,
            g.input_size,
            strict=True,
        )
        for n, k, s, d, pad, extra, out in axes:
            walked, length = axis_stamps(n, k, s, d, pad, extra)
            if length != out:
                raise GeometryError(
                    f"the stamps make an output of {length} cells on an axis, and {out} are claimed: "
                    "give the sizes that follow from one another"
                )
            on_axis = np.array([[-1 if cell is None else cell for cell in stamp] for stamp in walked])
            one, other = numbers[:, None, :, None], on_axis[None, :, None, :]
            both = np.where((one < 0) | (other < 0), -1, one * out + other)
            numbers = both.reshape(len(numbers) * n, -1)
        return numbers

    @cached_property
    def number(self) -> int:
        """How many products all output cells have."""
        g = self.sizes.geometry
        kept = int((self.stamps >= 0).sum())
        return kept * g.batch * g.out_channels * (g.in_channels // g.groups)

    @cached_property
    def scattered(self) -> Map:
        """Shape (N·L, Cout·K): the number of the output cell that each tap of each stamp is stamped on."""
        return _in_every_channel(self.stamps, self.sizes.output_shape)

    @cached_property
    def gathered(self) -> Map:
        """Shape (N·O, Cin·K): the number of the input cell whose stamp's tap is on each output cell."""
        read = np.full((prod(self.sizes.output_shape[2:]), self.stamps.shape[1]), -1, dtype=np.int32)
        place, tap = np.nonzero(self.stamps >= 0)
        read[self.stamps[place, tap], tap] = place
        return _in_every_channel(read, self.sizes.input_shape)

    @cached_property
    def weights(self) -> Map:
        """Shape (Cin, Cout, K): the number of the kernel cell of two channels of one group."""
        g = self.sizes.geometry
        of_group, taps = g.kernel_shape[1], prod(g.kernel_size)
        source, target, tap = np.ogrid[: g.out_channels, : g.in_channels, :taps]
        together = source // (g.out_channels // g.groups) == target // of_group
        return np.where(together, (source * of_group + target % of_group) * taps + tap, -1)

    def products(self, cell: int) -> Products:
        """The products of one output cell."""
        batch, outputs, *spatial = self.sizes.output_shape
        n, f, place = np.unravel_index(cell, (batch, outputs, prod(spatial)))
        return _counted(self.weights[:, f].ravel(), self.gathered[n * prod(spatial) + place])


def _transpose(defined: _Defined, maps: TransposedMaps) -> Side:
    """The side of Tᵀ·vec(y): its entries are found by the output cell that the patch map says."""
    _, channels, *spatial = defined.sizes.input_shape
    positions, cells = prod(spatial), prod(defined.sizes.output_shape)
    weight = _marked(maps.weight, defined.sizes.kernel_shape)
    patch = _marked(maps.patch, defined.sizes.output_shape)

    def products(cell: int) -> Products:
        rows, taps = np.nonzero(patch == cell)
        samples, places = np.divmod(rows, positions)
        read = (samples[:, None] * channels + np.arange(channels)) * positions + places[:, None]
        return _counted(weight[taps].ravel(), read.ravel())

    if not np.array_equal(weight, defined.weights.reshape(channels, -1).T):
        return range(cells), products
    differs = patch != defined.scattered
    doubtful = np.union1d(patch[differs], defined.scattered[differs])
    return doubtful[doubtful >= 0].tolist(), products


def _stride_one(defined: _Defined, maps: TransposedMaps) -> Side:
    """The side of the convolution of stride 1: its plan reads the inserted cells and the reversed kernels."""
    sizes = defined.sizes
    g = sizes.stride_one
    plan = index_map(g)
    patch = _marked(maps.inserted, sizes.input_shape).ravel()[plan.patch]
    weight = np.append(_marked(maps.kernel, sizes.kernel_shape), -1)[plan.weight]
    batch, outputs, places = g.batch, g.out_channels, prod(g.output_size)

    def products(cell: int) -> Products:
        n, f, place = np.unravel_index(cell, (batch, outputs, places))
        return _counted(weight[:, f], patch[n * places + place])

    def by_channel(columns: Map) -> Map:
        return columns.reshape(-1, g.in_channels, prod(g.kernel_size))

    if not np.array_equal(by_channel(weight.T)[..., ::-1], defined.weights.swapaxes(0, 1)):
        return range(batch * outputs * places), products
    differs = by_channel(patch)[..., ::-1] != by_channel(defined.gathered)
    samples, positions = np.divmod(np.flatnonzero(differs.any(axis=(1, 2))), places)
    doubtful = (samples[:, None] * outputs + np.arange(outputs)) * places + positions[:, None]
    return np.sort(doubtful.ravel()).tolist(), products


def _in_every_channel(numbers: Map, shape: tuple[int, ...]) -> Map:
    """Numbers of cells of one channel as numbers of all cells of that shape: (A, K) to (N·A, C·K)."""
    batch, channels, *spatial = shape
    number_type = np.int32 if prod(shape) < 2**31 else np.int64
    starts = np.arange(batch * channels, dtype=number_type).reshape(batch, 1, channels, 1) * prod(spatial)
    every = np.where(numbers[:, None] < 0, -1, numbers[:, None] + starts)
    return every.reshape(batch * len(numbers), -1)


def _marked(numbers: Map, shape: tuple[int, ...]) -> Map:
    """The numbers with −1 for a zero, which a map marks by the first number that no cell has."""
    return np.where(numbers == prod(shape), -1, numbers)


def _counted(kernels: Map, inputs: Map) -> Products:
    """How often each product occurs; those with a zero are left out."""
    pairs = zip(kernels.tolist(), inputs.tolist(), strict=True)
    return Counter((kernel, cell) for kernel, cell in pairs if kernel >= 0 and cell >= 0)


def _polynomial(products: Products, input_name: Namer, kernel_name: Namer) -> Any:
    return sympy.Add(
        *(times * kernel_name(kernel) * input_name(cell) for (kernel, cell), times in products.items())
    )

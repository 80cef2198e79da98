"""The maps of a transposed convolution: what it has of the one plan, and where each cell of it goes.

Numbers of cells only, as in the plan: symbols and numbers gathered through them are the matrices, and
comparing them with the definition's coordinates is the proof.
"""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from symconv.errors import SizeLimitError
from symconv.forms.transposed_sizes import TransposedSizes
from symconv.index_map import MOST_ENTRIES, Map, index_map


@dataclass(frozen=True, eq=False)
class TransposedMaps:
    """Four read-only arrays of cell numbers; the count of cells stands for a zero.

    Attributes:
        patch: shape (N·L, Cout·K), the number of the output cell in each entry of the convolution's patch
            matrix, in the rows that belong to cells of the input.
        weight: shape (Cout·K, Cin), the number of the kernel cell in each entry of its weight matrix.
        inserted: shape (N, Cin, *stretched), the number of the input cell in each cell of the input with
            zeros inserted.
        kernel: shape (Cout, Cin/groups, *kernel), the number of the kernel cell in each cell of the kernels
            that are rotated by 180° and whose channels are swapped.

    Examples:
        >>> from symconv.forms.transposed_sizes import read_sizes
        >>> transposed_maps(read_sizes((2,), (2,), stride=2)).inserted
        array([[[2, 0, 2, 1, 2]]])
        >>> transposed_maps(read_sizes((2, 3), (2, 2, 2))).kernel
        array([[[1, 0],
                [5, 4]],
               [[3, 2],
                [7, 6]]])
    """

    patch: Map
    weight: Map
    inserted: Map
    kernel: Map


def transposed_maps(sizes: TransposedSizes) -> TransposedMaps:
    """The maps of a transposed convolution.

    Raises:
        SizeLimitError: they would not fit into memory.
    """
    if (cells := prod(sizes.stride_one.input_shape)) > MOST_ENTRIES:
        raise SizeLimitError(
            f"with zeros inserted the input has {cells:,} cells, more than {MOST_ENTRIES:,}: "
            "choose smaller sizes"
        )
    plan = index_map(sizes.geometry)
    maps = TransposedMaps(plan.patch[_rows(sizes)], plan.weight, _inserted(sizes), _reversed(sizes))
    for array in vars(maps).values():
        array.flags.writeable = False
    return maps


def _rows(sizes: TransposedSizes) -> Any:
    """The rows of the convolution's patch matrix that belong to cells of the input."""
    g = sizes.geometry
    if g.output_size == sizes.input_size:
        return slice(None)
    rows = np.arange(g.batch * prod(g.output_size)).reshape(g.batch, *g.output_size)
    return rows[(slice(None), *map(slice, sizes.input_size))].ravel()


def _inserted(sizes: TransposedSizes) -> Map:
    """The numbers of the input cells, s − 1 zeros between any two, and the margins around them."""
    cells = prod(sizes.input_shape)
    strides, margins = sizes.geometry.stride, sizes.margins
    spread = [s * (n - 1) + 1 for s, n in zip(strides, sizes.input_size, strict=True)]
    numbers: Map = np.full((*sizes.input_shape[:2], *spread), cells)
    every: Any = (..., *(slice(None, None, s) for s in strides))
    numbers[every] = np.arange(cells).reshape(sizes.input_shape)
    added = [(max(before, 0), max(after, 0)) for before, after in margins]
    numbers = np.pad(numbers, [(0, 0), (0, 0), *added], constant_values=cells)
    ends = zip(numbers.shape[2:], margins, strict=True)
    kept: Any = (..., *(slice(max(-before, 0), n - max(-after, 0)) for n, (before, after) in ends))
    cropped: Map = numbers[kept]
    return cropped


def _reversed(sizes: TransposedSizes) -> Map:
    """The numbers of the kernel cells, rotated, the channels of input and output swapped in each group."""
    g = sizes.geometry
    numbers = np.arange(prod(g.kernel_shape)).reshape(g.groups, -1, *g.kernel_shape[1:])
    swapped = numbers.swapaxes(1, 2).reshape(g.in_channels, -1, *g.kernel_size)
    return np.flip(swapped, axis=tuple(range(2, 2 + g.rank)))

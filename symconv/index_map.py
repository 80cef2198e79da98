"""The one plan: number the cells, pad the numbers, slide the window over the numbers.

The patch map says which input cell each entry of the patch matrix is; the weight map says which kernel
cell each entry of the weight matrix is. Symbols, numbers and names gathered through the two maps give
every matrix in the package, and comparing them with the definition's coordinates is the proof.

A zero (padding, or a weight outside the filter's own group) is marked by the first number that no cell
has, the sentinel: read as an index it raises, and ``gather`` is the only reader that gives it a meaning.
"""

from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from symconv.entries import Array, read_array
from symconv.errors import ArrayError, GeometryError, SizeLimitError
from symconv.geometry import Geometry
from symconv.sizes import NUMPY_PADDING_MODES

Map = npt.NDArray[Any]  # of int32, or of int64 where a layer has more cells than that can number

MOST_ENTRIES = 1 << 29  # of a map: two gigabytes of numbers


@dataclass(frozen=True, eq=False)
class IndexMap:
    """The plan of one geometry: two read-only arrays of cell numbers.

    Attributes:
        patch: shape (N·L, C·KH·KW), the number of the input cell in each entry of P.
        weight: shape (C·KH·KW, F), the number of the kernel cell in each entry of W.
        input_cells: how many cells the input has; as a number in ``patch`` it means a padding zero.
        kernel_cells: how many cells the kernels have; in ``weight`` it means a zero of another group.
        geometry: the layer whose own plan this is; None for maps that come from elsewhere, or were altered.
    """

    patch: Map
    weight: Map
    input_cells: int
    kernel_cells: int
    geometry: Geometry | None = field(default=None, init=False)  # so that ``replace`` does not keep it

    def with_maps(self, patch_map: Any = None, weight_map: Any = None) -> "IndexMap":
        """The same plan with a caller's own maps; None keeps this one's.

        Raises:
            ArrayError: a map has another shape, or a number that no cell has.

        Examples:
            >>> index_map(Geometry(3, 2)).with_maps([[0, 0], [1, 2]]).patch
            array([[0, 0],
                   [1, 2]], dtype=int32)
        """
        plan = self
        if patch_map is not None:
            plan = replace(plan, patch=read_map(patch_map, plan.patch, plan.input_cells, "patch_map"))
        if weight_map is not None:
            plan = replace(plan, weight=read_map(weight_map, plan.weight, plan.kernel_cells, "weight_map"))
        return plan


def index_map(g: Geometry) -> IndexMap:
    """The plan of a geometry.

    Raises:
        GeometryError: a size is a symbol.
        SizeLimitError: the maps, or the padded input, would not fit into memory.

    Examples:
        >>> index_map(Geometry(input_size=(3, 3), kernel_size=(2, 2))).patch
        array([[0, 1, 3, 4],
               [1, 2, 4, 5],
               [3, 4, 6, 7],
               [4, 5, 7, 8]], dtype=int32)
    """
    if g.symbols:
        raise GeometryError(
            f"{g!r} is a layer of every size: put numbers in with subs({g.symbols[0]}=…), "
            "or prove it for every size"
        )
    padded = [n + before + after for n, (before, after) in zip(g.input_size, g.padding, strict=True)]
    sizes = (g.patch_matrix_shape, g.weight_matrix_shape, (g.batch, g.in_channels, *padded))
    if (entries := max(map(prod, sizes))) > MOST_ENTRIES:
        raise SizeLimitError(
            f"{g!r} asks for a map of {entries:,} numbers, more than {MOST_ENTRIES:,}: choose smaller sizes"
        )
    patch, weight = patch_map(g), weight_map(g)
    for array in (patch, weight):
        array.flags.writeable = False
    plan = IndexMap(patch, weight, prod(g.input_shape), prod(g.kernel_shape))
    object.__setattr__(plan, "geometry", g)
    return plan


def padded_numbers(g: Geometry) -> Map:
    """The numbers of the input cells with the padding around them: shape (N, C, *padded)."""
    cells = prod(g.input_shape)
    numbers: Map = np.arange(cells, dtype=_number_type(cells)).reshape(g.input_shape)
    if not any(map(any, g.padding)):
        return numbers
    zeros: dict[str, Any] = {"constant_values": cells} if g.padding_mode == "zeros" else {}
    return np.pad(numbers, ((0, 0), (0, 0), *g.padding), NUMPY_PADDING_MODES[g.padding_mode], **zeros)


def patch_map(g: Geometry) -> Map:
    """The numbers of the input cells, padded, with the window slid over them: shape (N·L, C·KH·KW).

    Source: Chellapilla, Puri & Simard 2006, section 2.1 (unrolling the convolution).
    """
    extents = tuple(d * (k - 1) + 1 for d, k in zip(g.dilation, g.kernel_size, strict=True))
    axes = tuple(range(2, 2 + g.rank))
    windows = sliding_window_view(padded_numbers(g), extents, axis=axes)  # (N, C, *positions, *extents)
    every = tuple(slice(None, None, step) for step in (*g.stride, *g.dilation))
    windows = windows[(slice(None), slice(None), *every)]

    positions, taps = axes, tuple(range(2 + g.rank, 2 + 2 * g.rank))
    rows, columns = g.patch_matrix_shape
    tap_major: Map = windows.transpose(1, *taps, 0, *positions).reshape(
        columns, rows
    )  # one copy, one tap a row
    return tap_major.T


def weight_map(g: Geometry) -> Map:
    """The numbers of the kernel cells, one column per filter, each in its group's rows: (C·KH·KW, F)."""
    cells = prod(g.kernel_shape)
    numbers: Map = np.arange(cells, dtype=_number_type(cells)).reshape(g.out_channels, -1)
    if g.groups == 1:
        return numbers.T
    weight: Map = np.full(g.weight_matrix_shape, cells, dtype=numbers.dtype)
    taps, filters = numbers.shape[1], g.out_channels // g.groups
    for group in range(g.groups):
        own = slice(group * filters, (group + 1) * filters)
        weight[group * taps : (group + 1) * taps, own] = numbers[own].T
    return weight


def gather(cells: Array, numbers: Map) -> Array:
    """The cells that a map names, with a zero wherever it marks one: the only reader of a map.

    Args:
        cells: values of the numbered cells in order, of any shape.
        numbers: a map of cell numbers, any shape.

    Returns:
        An ndarray of the shape of ``numbers`` and the dtype of ``cells``.

    Examples:
        >>> gather(np.array([5, 6, 7]), np.array([[0, 2], [3, 1]]))
        array([[5, 7],
               [0, 6]])
    """
    return np.append(cells.ravel(), np.zeros(1, dtype=cells.dtype))[numbers]


def _number_type(cells: int) -> type[np.int32] | type[np.int64]:
    """The smaller integer that holds every cell's number and the sentinel."""
    return np.int32 if cells < 2**31 else np.int64


def read_map(numbers: Any, like: Map, cells: int, name: str) -> Map:
    """A caller's own map, of the right shape and with numbers that cells have."""
    read = read_array(numbers, name)
    if read.shape != like.shape or read.dtype.kind not in "iu":
        raise ArrayError(
            f"{name} has shape {read.shape} and entries of {read.dtype}: give integers of shape {like.shape}"
        )
    wrong = read[(read < 0) | (read > cells)]
    if wrong.size:
        raise ArrayError(
            f"{name} holds {wrong[0]}: give cell numbers from 0 to {cells - 1}, or {cells} for a zero"
        )
    read = read.astype(like.dtype)  # a copy, in a type that holds every number that a cell has
    read.flags.writeable = False
    return read

"""The weights in the convolution matrix T as numbers: the row, the column and the kernel cell of each.

They are read from the plan, or from a matrix that somebody else made.
"""

from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.entries import Array, read_array
from symconv.errors import ArrayError, SizeLimitError
from symconv.index_map import Map
from symconv.matrices import Matrices

MOST_TERMS = 1 << 25  # 800 MB of numbers


def plan_terms(layer: Matrices) -> Map:
    """The weights of T through the plan: the first sample's rows of P, with each column of W.

    Returns:
        Row, column and kernel cell of each weight, shape (K, 3), rows in order.

    Raises:
        ArrayError: there is no sample.
        SizeLimitError: there are more than 33,554,432 weights.

    Examples:
        >>> from symconv.geometry import Geometry
        >>> from symconv.matrices import filled_with_symbols
        >>> plan_terms(filled_with_symbols(Geometry(3, 2, stride=2, padding=[(0, 1)])))
        array([[0, 0, 0],
               [0, 1, 1],
               [1, 2, 0]])
    """
    g, plan = layer.geometry, layer.plan
    if g.batch == 0:
        raise ArrayError(
            "the batch is empty, and T is read from a sample's patches: give at least one sample"
        )
    positions, cells = prod(g.output_size), prod(g.input_shape[1:])
    if (most := g.products // g.batch) > MOST_TERMS:
        raise SizeLimitError(
            f"the convolution matrix of {g!r} has up to {most:,} weights in it, more than {MOST_TERMS:,}: "
            "use P·W, or choose smaller sizes"
        )
    parts = []
    for f in range(g.out_channels):
        own = np.flatnonzero(plan.weight[:, f] != plan.kernel_cells)
        read = plan.patch[:positions, own]
        position, tap = np.nonzero(read < cells)  # padding, or another sample's cell, is no column of T
        columns, kernel_cells = read[position, tap], plan.weight[own[tap], f]
        parts.append(np.stack([f * positions + position, columns, kernel_cells], axis=1))
    terms: Map = np.concatenate(parts).astype(np.int64, copy=False)
    return terms


def read_terms(matrix: Any, shape: tuple[int, int], kernel: Array) -> Map:
    """The weights in a caller's matrix, each as often as its entry's sum has it.

    Args:
        matrix: of this shape, entries that are sums of the kernel's symbols.
        shape: rows and columns of T.
        kernel: symbols that all differ.

    Returns:
        As for ``plan_terms``.

    Raises:
        ArrayError: the kernel is not of such symbols; the matrix has another shape, or an entry that is
            no such sum.

    Examples:
        >>> a, b = sympy.symbols("a b")
        >>> read_terms([[a, 2 * b]], (1, 2), np.array([a, b]))
        array([[0, 0, 0],
               [0, 1, 1],
               [0, 1, 1]])
    """
    numbers = {cell: number for number, cell in enumerate(kernel.flat)}
    if len(numbers) < kernel.size or not all(isinstance(cell, sympy.Symbol) for cell in numbers):
        raise ArrayError(
            "the kernels are not symbols that all differ, by which weights can be told apart: "
            "take the convolution matrix of a Geometry"
        )
    array = read_array(matrix, "matrix")
    if array.shape != shape:
        raise ArrayError(f"matrix has shape {array.shape}: give an array of shape {shape}")
    terms = []
    for (row, column), entry in np.ndenumerate(array):
        for cell, times in sympy.sympify(entry, strict=True).as_coefficients_dict().items():
            if times == 0:
                continue
            if cell not in numbers or not times.is_Integer or times < 0:
                raise ArrayError(f"matrix[{row}, {column}] is {entry}: give 0, a weight, or a sum of weights")
            terms += [(row, column, numbers[cell])] * int(times)
    return np.array(terms, dtype=np.int64).reshape(-1, 3)

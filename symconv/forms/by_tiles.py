"""A whole layer by an algorithm for one tile: transform the tiles, multiply, transform back.

Knows only the three matrices along each axis, so anybody's matrices can be tried on a whole image.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf, prod
from typing import Any

import numpy as np
import sympy
from numpy.lib.stride_tricks import sliding_window_view

from symconv.entries import Array, as_symbolic, is_symbolic, object_array, read_array
from symconv.errors import ArrayError
from symconv.geometry import Geometry
from symconv.proof.bilinear import Triple
from symconv.sizes import NUMPY_PADDING_MODES, Padding


def apply_by_tiles(
    name: str,
    axes: Sequence[Triple],
    x: Any,
    w: Any,
    *,
    padding: Padding,
    groups: int,
    padding_mode: str,
    bias: Any,
) -> Any:
    """Evaluate a layer of stride 1 by transformed tiles; for the arguments see ``Winograd.apply``."""
    inputs, kernels = _read(x, "x"), _read(w, "w")
    biases = None if bias is None else _read(bias, "bias")
    g = Geometry.of_arrays(
        inputs.shape,
        kernels.shape,
        padding=padding,
        groups=groups,
        padding_mode=padding_mode,
        bias_shape=None if biases is None else biases.shape,
    )
    taps = tuple(t.G.shape[1] for t in axes)
    if g.kernel_size != taps:
        raise ArrayError(f"w has kernels of shape {g.kernel_size}: {name} takes {taps}")
    arrays = (inputs, kernels) if biases is None else (inputs, kernels, biases)
    symbolic = is_symbolic(*arrays)
    if symbolic:
        inputs, kernels = as_symbolic(inputs), as_symbolic(kernels)
    shape = g.output_shape[2 + g.rank - inputs.ndim :]
    output = _layer(g, axes, inputs.reshape(g.input_shape), kernels.reshape(g.kernel_shape), _dtype(*arrays))
    if biases is not None:
        biases = biases.astype(output.dtype if output.dtype.kind in "fc" else object)  # no int wraps round
        output = output + biases.reshape(-1, *(1,) * g.rank)
    output = output.reshape(shape)
    if symbolic and output.ndim == 2:
        return sympy.Matrix(*output.shape, list(output.flat))
    return output if symbolic or output.dtype != object else read_array(output, "y")


def transform(matrix: Array, array: Array, axis: int) -> Array:
    """A matrix times an array along one of its axes.

    Examples:
        >>> transform(np.array([[1, 1], [0, 2]]), np.array([[1, 2], [3, 4]]), 0)
        array([[4, 6],
               [6, 8]])
    """
    return np.moveaxis(np.tensordot(matrix, array, (1, axis)), 0, axis)


def rounded(matrix: Array, dtype: Any) -> Array:
    """Fractions as floats of a dtype; infinite where they are too large for it."""
    with np.errstate(over="ignore"):
        return np.array([_float(v) for v in matrix.flat]).reshape(matrix.shape).astype(dtype)


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def _read(values: Any, name: str) -> Array:
    """A caller's array; ints among floats become floats, as in NumPy."""
    array = read_array(values, name)
    kinds = {type(v) for v in array.flat} if array.dtype == object else {int}
    mixed = len(kinds) > 1 and kinds <= {int, float, complex}
    return array.astype(complex if complex in kinds else float) if mixed else array


def _dtype(inputs: Array, kernels: Array, bias: Array | None = None) -> np.dtype[Any]:
    """What the result is to be: floats as they are, anything else exact."""
    if all(a.dtype.kind in "iu" for a in (inputs, kernels) + (() if bias is None else (bias,))):
        return np.dtype(object)
    common: np.dtype[Any] = np.result_type(inputs, kernels)
    if bias is not None and not np.can_cast(bias.dtype, common, "same_kind"):
        common = np.result_type(common, bias)
    return common if common.kind in "fc" else np.dtype(object)


@dataclass(frozen=True, eq=False)
class _Matrices:
    """The transforms along each axis, in one dtype, and what the result is to be divided by."""

    outputs: list[Array]
    kernels: list[Array]
    inputs: list[Array]
    divisor: int


def _layer(g: Geometry, axes: Sequence[Triple], inputs: Array, kernels: Array, dtype: np.dtype[Any]) -> Array:
    """The output (N, F, *output_size) of inputs (N, C, *spatial) and kernels (F, C/groups, *kernel)."""
    if dtype.kind in "fc":
        work = np.dtype(np.float32) if dtype == np.float16 else dtype
        matrices = [(rounded(t.A.T, work), rounded(t.G, work), rounded(t.B.T, work), 1) for t in axes]
    else:
        cleared = [t.cleared for t in axes]
        matrices = [(A.T, G, B.T, divisor) for A, G, B, divisor in cleared]
        work = _exact_dtype(g, matrices, inputs, kernels)
        matrices = [(A.astype(work), G.astype(work), B.astype(work), d) for A, G, B, d in matrices]
    A, G, B, divisors = zip(*matrices, strict=True)
    plan = _Matrices(list(A), list(G), list(B), prod(divisors))
    output = _tiled(g, plan, inputs.astype(work), kernels.astype(work))
    return output.astype(dtype) if dtype.kind in "fc" else _divided(output, plan.divisor)


def _tiled(g: Geometry, plan: _Matrices, inputs: Array, kernels: Array) -> Array:
    """The layer in the dtype of its arrays, times the divisor."""
    sizes = [len(A) for A in plan.outputs]  # outputs of a tile along each axis
    reads = [B.shape[1] for B in plan.inputs]
    counts = [-(-o // m) for o, m in zip(g.output_size, sizes, strict=True)]
    spatial = range(2, 2 + g.rank)
    padded = np.pad(inputs, ((0, 0), (0, 0), *g.padding), NUMPY_PADDING_MODES[g.padding_mode])
    missing = [
        t * m + n - m - padded.shape[i] for t, m, n, i in zip(counts, sizes, reads, spatial, strict=True)
    ]
    padded = np.pad(padded, ((0, 0), (0, 0), *((0, cells) for cells in missing)))  # to whole tiles
    windows = sliding_window_view(padded, reads, axis=tuple(spatial))
    tiles = windows[(slice(None), slice(None), *(slice(None, None, m) for m in sizes))]
    for k in range(g.rank):
        tiles = transform(plan.inputs[k], tiles, 2 + g.rank + k)
        kernels = transform(plan.kernels[k], kernels, 2 + k)
    grown = kernels.shape[2:]
    filters, channels = g.out_channels // g.groups, g.in_channels // g.groups
    cells = tiles.reshape(g.batch, g.groups, channels, prod(counts), prod(grown))
    weights = kernels.reshape(g.groups, filters, channels, prod(grown))
    products = np.moveaxis(weights, -1, 0)[:, None] @ np.moveaxis(
        cells, -1, 0
    )  # (K, N, groups, F/groups, tiles)
    outputs = np.moveaxis(products, 0, -1).reshape(g.batch, g.out_channels, *counts, *grown)
    for k in range(g.rank):
        outputs = transform(plan.outputs[k], outputs, 2 + g.rank + k)
    order = [axis for k in range(g.rank) for axis in (2 + k, 2 + g.rank + k)]
    whole: Array = outputs.transpose(0, 1, *order).reshape(
        g.batch, g.out_channels, *(t * m for t, m in zip(counts, sizes, strict=True))
    )
    cropped: Array = whole[(slice(None), slice(None), *map(slice, g.output_size))]
    return cropped


def _exact_dtype(
    g: Geometry, matrices: Sequence[tuple[Array, Array, Array, int]], inputs: Array, kernels: Array
) -> np.dtype[Any]:
    """int64 where no sum can be larger than it holds, else Python's own numbers."""
    if inputs.dtype == object or kernels.dtype == object:
        return np.dtype(object)
    bound = g.in_channels // g.groups
    for array in (inputs, kernels):
        bound *= max(1, abs(int(array.min(initial=0))), int(array.max(initial=0)))
    for A, G, B, _ in matrices:
        for matrix in (A, G, B):
            bound *= max(1, *(sum(map(abs, row)) for row in matrix))
    return np.dtype(np.int64 if bound < 2**63 else object)


def _divided(output: Array, divisor: int) -> Array:
    """Exact numbers or polynomials divided, ints where that leaves ints."""
    if output.dtype != object and not (output % divisor).any():
        whole: Array = output // divisor
        return whole
    return object_array([_quotient(v, divisor) for v in output.astype(object).flat], output.shape)


def _quotient(value: Any, divisor: int) -> Any:
    if isinstance(value, sympy.Basic):
        return sympy.expand(value * sympy.Rational(1, divisor))
    if isinstance(value, int):
        return value // divisor if value % divisor == 0 else Fraction(value, divisor)
    return value * Fraction(1, divisor) if isinstance(value, Fraction) else value / divisor

"""The same convolution on numbers, fast: the patch matrix a tile at a time, one BLAS product for each tile.

Stands beside the matrices: what they build whole, and the proofs are about, is here never whole. The
methods other than ``"im2col"`` compute the same in other ways, so that they can be compared.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from symconv.definition import loop_formula
from symconv.entries import Array, is_symbolic, read_array
from symconv.errors import ArrayError, RequestError
from symconv.geometry import Geometry
from symconv.index_map import index_map
from symconv.matrices import Matrices, integer_dtype
from symconv.minimal_filtering import fits_tiles, multiply_tiles, worth_tiles
from symconv.products import block_heights, multiply_into
from symconv.rows import height_by_rows, multiply_rows
from symconv.sizes import NUMPY_PADDING_MODES, Padding, Sizes
from symconv.tiles import patch_tiles

_EVERY = (slice(None),) * 3  # of sample, group and channel


def evaluate(
    x: Any,
    w: Any,
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
    bias: Any = None,
    method: str = "auto",
    out: Array | None = None,
) -> Array:
    """Evaluate a convolution layer on numbers.

    The dtype is kept: floats and complex numbers of any width come back as they went in (two different
    ones as what NumPy makes of the two; half floats are summed as single ones). Integers of any width
    come back as int64 and are exact: where 64 bits might not hold a sum, the entries are Python integers
    in an array of dtype object, and nothing overflows.

    Beside its arrays it needs a tile and a few MiB, whatever the sizes; but integers, half floats, mixed
    dtypes, and padding with anything but zeros take a copy of the input as well.

    Args:
        x: input, shape (C, *spatial) or (N, C, *spatial), or bare 1-D or 2-D; need not be contiguous.
        w: kernels, shape (F, C/groups, *kernel), or bare, of as many axes as a bare ``x``.
        stride: cells from one window to the next, one int or one per axis.
        padding: as for ``unroll``.
        dilation: cells from one tap to the next, one int or one per axis.
        groups: blocks of channels that do not see each other.
        padding_mode: ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.
        bias: one number per filter, shape (F,).
        method: ``"auto"``; ``"im2col"`` (tiles of at most 2 MiB of the patch matrix), ``"taps"`` (one
            product per tap), ``"winograd"`` (floats and 3×3 kernels only: 16 products where there are
            36), ``"matrix"`` (the whole patch matrix, gathered through the plan), ``"einsum"`` or
            ``"loops"`` (the definition), to compare with. ``"auto"`` is im2col, but taps for kernels
            of a single cell, and winograd for 3×3 kernels of single-precision floats, unless there are so
            many that they leave the cache.
        out: an array of the result's shape and dtype to write into, apart from the others; saves making one.

    Returns:
        The activation map, shape (*out), (F, *out) or (N, F, *out) after the shape of ``x``.

    Raises:
        ArrayError: an array is ragged, empty, symbolic, or does not belong to the others.
        GeometryError: a size or hyper-parameter is impossible.
        RequestError: there is no such method, or it is not one for this layer.

    Source: Chellapilla, Puri & Simard 2006, section 2.1, for the product; Goto & van de Geijn 2008,
    *Anatomy of high-performance matrix multiplication*, section 4, for keeping its operand in the cache.

    Examples:
        >>> evaluate(np.arange(9.0).reshape(3, 3), np.array([[1.0, 2.0], [3.0, 4.0]]))
        array([[27., 37.],
               [57., 67.]])
    """
    inputs, kernels = read_numbers(x, "x"), read_numbers(w, "w")
    biases = None if bias is None else read_numbers(bias, "bias")
    if is_symbolic(inputs, kernels, biases):
        raise ArrayError("x, w or bias holds symbols: evaluate takes numbers, unroll takes symbols too")
    hyper_parameters: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
        "padding_mode": padding_mode,
        "bias_shape": None if biases is None else biases.shape,
    }
    of_arrays = _met_before if all(map(_is_plain, hyper_parameters.values())) else Geometry.of_arrays
    g = of_arrays(inputs.shape, kernels.shape, **hyper_parameters)
    if not isinstance(method, str) or method not in METHODS:
        raise RequestError(f"method={method!r} is unknown: use one of {', '.join(METHODS)}")
    layer = _Layer(g, inputs.reshape(g.input_shape), kernels.reshape(g.kernel_shape), biases)
    shape = g.output_shape[2 + g.rank - inputs.ndim :]
    dtype = layer.dtype
    if out is None:
        out = np.empty(shape, dtype)
    elif not isinstance(out, np.ndarray):
        raise ArrayError(f"out is a {type(out).__name__}: give an array of shape {shape} and dtype {dtype}")
    elif out.shape != shape or out.dtype != dtype or not (out.flags.c_contiguous and out.flags.writeable):
        raise ArrayError(
            f"out has shape {out.shape} and dtype {out.dtype}: "
            f"give a contiguous array of shape {shape} and dtype {dtype} that can be written"
        )
    elif any(np.may_share_memory(out, a) for a in (inputs, kernels, biases) if a is not None):
        raise ArrayError(
            "out shares memory with x, w or bias, which are still read: give an array of its own"
        )
    METHODS[method](layer, np.asarray(out).reshape(g.output_shape))
    return out


# a network has the same layers again and again, and reading their sizes takes as long as a small product
_met_before = lru_cache(maxsize=256)(Geometry.of_arrays)


def _is_plain(value: Any) -> bool:
    """Whether a hyper-parameter is of ints and words alone: ``True`` or 1.0 would pass for a 1 met before."""
    return all(map(_is_plain, value)) if type(value) is tuple else type(value) in (int, str, type(None))


def read_numbers(values: Any, name: str) -> Array:
    """A caller's array; ints among floats become floats, as in NumPy."""
    array = read_array(values, name)
    kinds = {type(v) for v in array.flat} if array.dtype == object else {int}
    mixed = len(kinds) > 1 and kinds <= {int, float, complex}
    return array.astype(complex if complex in kinds else float) if mixed else array


def result_dtype(products: int, x: Array, w: Array, bias: Array | None) -> np.dtype[Any]:
    """The dtype of sums of so many products, and a bias; of integers one in which the sums are exact.

    Examples:
        >>> result_dtype(4, np.zeros(1, np.uint8), np.zeros(1, np.int16), None)
        dtype('int64')
    """
    arrays = [a for a in (x, w, bias) if a is not None]
    if all(a.dtype.kind in "iu" for a in arrays):
        return integer_dtype(products, x, w, bias, 63)
    common: np.dtype[Any] = np.result_type(x, w)
    if bias is not None and not np.can_cast(bias.dtype, common, "same_kind"):
        common = np.result_type(common, bias)  # a bias of another kind, not one of more digits
    return common


def working_dtype(products: int, x: Array, w: Array, bias: Array | None) -> np.dtype[Any]:
    """The dtype in which BLAS computes such sums, exactly if they are of integers.

    Examples:
        >>> working_dtype(4, np.zeros(1, np.uint8), np.zeros(1, np.int16), None)
        dtype('float64')
    """
    dtype = result_dtype(products, x, w, bias)
    if dtype == np.float16:
        return np.dtype(np.float32)
    if dtype.kind == "i" and integer_dtype(products, x, w, bias, 53).kind == "i":
        return np.dtype(np.float64)  # whose integers are exact up to 2**53, and for which there is BLAS
    return dtype


@dataclass(frozen=True, eq=False)
class _Layer:
    """What is evaluated: input (N, C, *spatial), kernels (F, C/groups, *kernel), bias (F,) or None."""

    geometry: Geometry
    inputs: Array
    kernels: Array
    bias: Array | None

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the result."""
        return result_dtype(prod(self.geometry.kernel_shape[1:]), self.inputs, self.kernels, self.bias)

    def cast(self, dtype: Any) -> "_Layer":
        """The same layer in another dtype."""
        bias = None if self.bias is None else self.bias.astype(dtype, copy=False)
        return replace(
            self,
            inputs=self.inputs.astype(dtype, copy=False),
            kernels=self.kernels.astype(dtype, copy=False),
            bias=bias,
        )

    def padded(self) -> "_Layer":
        """The same layer with the padding made part of the input."""
        g = self.geometry
        inputs = np.pad(self.inputs, ((0, 0), (0, 0), *g.padding), NUMPY_PADDING_MODES[g.padding_mode])
        return replace(self, geometry=g.padded(), inputs=inputs)


def _im2col(layer: _Layer, out: Array) -> None:
    """Multiply tile by tile in a dtype that BLAS knows."""
    if layer.dtype == object:
        _matrix(layer, out)
    else:
        _multiplied(layer, out, _multiply)


def _multiplied(layer: _Layer, out: Array, multiply: Callable[[_Layer, Array], None]) -> None:
    """Multiply in a dtype that BLAS knows, then add the bias."""
    work = _working_dtype(layer)
    layer = layer.cast(work)
    if layer.geometry.padding_mode != "zeros":
        layer = layer.padded()
    target = out if out.dtype == work else np.empty(out.shape, work)
    multiply(layer, target)
    if layer.bias is not None:
        target += layer.bias.reshape(-1, *(1,) * layer.geometry.rank)
    if target is not out:
        out[...] = target


def _multiply(layer: _Layer, target: Array) -> None:
    """Fill some of the patch matrix, multiply the weights by it into place, and go on."""
    g, dtype = layer.geometry, layer.kernels.dtype
    columns = target.reshape(g.batch, g.groups, g.out_channels // g.groups, prod(g.output_size))
    if height := height_by_rows(g, dtype):
        multiply_rows(g, layer.inputs, layer.kernels, columns, height)
        return
    taps = prod(g.kernel_shape[1:])
    weights = layer.kernels.reshape(g.groups, -1, taps)
    height = max(block_heights(weights.shape[1], taps, dtype), default=0)  # each reads the tile again
    for n, group, at, patches in patch_tiles(g, layer.inputs, height > 0):
        multiply_into(columns[n, group, :, at], weights[group], patches, height)


def _winograd(layer: _Layer, out: Array) -> None:
    """Tiles of 2×2 outputs by minimal filtering."""
    g = layer.geometry
    if layer.dtype.kind not in "fc":
        raise RequestError(f'method="winograd" takes floats, and here is {layer.dtype}: use method="auto"')
    if not fits_tiles(g):
        raise RequestError(
            f'method="winograd" needs a 3×3 kernel, stride=1 and dilation=1 (got kernel {g.kernel_size}, '
            f'stride {g.stride}, dilation {g.dilation}): use method="auto"'
        )
    _multiplied(layer, out, _multiply_tiles)


def _multiply_tiles(layer: _Layer, target: Array) -> None:
    with np.errstate(invalid="ignore", over="ignore"):
        multiply_tiles(layer.geometry, layer.inputs, layer.kernels, target)
        finite = np.isfinite(target).all()
    if not finite:  # a tile has only differences of its cells, in which an infinite one is lost
        _multiply(layer, target)


def _working_dtype(layer: _Layer) -> np.dtype[Any]:
    """The dtype in which BLAS computes the result, exactly if it is one of integers."""
    return working_dtype(prod(layer.geometry.kernel_shape[1:]), layer.inputs, layer.kernels, layer.bias)


def _taps(layer: _Layer, out: Array) -> None:
    """One product for each tap: its weights, filters by channels, times the cells it reads."""
    dtype = layer.dtype
    layer = layer.cast(dtype).padded() if any(map(any, layer.geometry.padding)) else layer.cast(dtype)
    g = layer.geometry
    channels, positions = g.in_channels // g.groups, prod(g.output_size)
    columns = out.reshape(g.batch, g.groups, g.out_channels // g.groups, positions)
    images = layer.inputs.reshape(g.batch, g.groups, channels, *g.input_size)
    for number, tap in enumerate(np.ndindex(g.kernel_size)):
        read = tuple(
            slice(t * d, t * d + (o - 1) * s + 1, s)
            for t, d, o, s in zip(tap, g.dilation, g.output_size, g.stride, strict=True)
        )
        cells = images[(*_EVERY, *read)].reshape(g.batch, g.groups, channels, positions)
        weights = layer.kernels[(*_EVERY[1:], *tap)].reshape(g.groups, -1, channels)
        if number == 0:
            np.matmul(weights, cells, out=columns)
        else:
            columns += weights @ cells
    if layer.bias is not None:
        out += layer.bias.reshape(-1, *(1,) * g.rank)


def _matrix(layer: _Layer, out: Array) -> None:
    """The whole patch matrix, gathered through the plan that is proved, times the weight matrix."""
    g = layer.geometry
    out[...] = Matrices(g, layer.inputs, layer.kernels, layer.bias, index_map(g)).output


def _einsum(layer: _Layer, out: Array) -> None:
    """Windows as a view, contracted with the kernels by einsum."""
    layer = layer.cast(layer.dtype).padded()
    g = layer.geometry
    extents = tuple(d * (k - 1) + 1 for d, k in zip(g.dilation, g.kernel_size, strict=True))
    images = layer.inputs.reshape(g.batch, g.groups, g.in_channels // g.groups, *g.input_size)
    windows = sliding_window_view(images, extents, axis=tuple(range(3, 3 + g.rank)))
    steps = [slice(None, None, step) for step in (*g.stride, *g.dilation)]
    windows = windows[(*_EVERY, *steps)]
    kernels = layer.kernels.reshape(g.groups, -1, *g.kernel_shape[1:])
    places, taps = list(range(4, 4 + g.rank)), list(range(4 + g.rank, 4 + 2 * g.rank))
    result: Array = np.einsum(
        windows, [0, 1, 3, *places, *taps], kernels, [1, 2, 3, *taps], [0, 1, 2, *places]
    )
    out[...] = result.reshape(g.output_shape)
    if layer.bias is not None:
        out += layer.bias.reshape(-1, *(1,) * g.rank)


def _loops(layer: _Layer, out: Array) -> None:
    """The definition, one product at a time."""
    g = layer.geometry
    hyper_parameters: dict[str, Any] = {
        "stride": g.stride,
        "padding": g.padding,
        "dilation": g.dilation,
        "groups": g.groups,
        "padding_mode": g.padding_mode,
        "bias": layer.bias,
    }
    out[...] = loop_formula(layer.inputs, layer.kernels, **hyper_parameters)


def _auto(layer: _Layer, out: Array) -> None:
    """One tap is one product as it stands; everything else goes in tiles, of the input or of P."""
    if worth_tiles(layer.geometry, layer.dtype):
        _winograd(layer, out)
        return
    single = prod(layer.geometry.kernel_size) == 1 and layer.dtype.kind in "fc" and layer.dtype != np.float16
    (_taps if single else _im2col)(layer, out)


METHODS: dict[str, Callable[[_Layer, Array], None]] = {
    "auto": _auto,
    "im2col": _im2col,
    "taps": _taps,
    "winograd": _winograd,
    "matrix": _matrix,
    "einsum": _einsum,
    "loops": _loops,
}

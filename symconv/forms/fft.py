"""Convolution on numbers through the fast Fourier transform: products of spectra instead of sums of taps.

A product of spectra is a circular convolution, which wraps around; on a transform at least as long as the
padded input no window that fits can reach so far, and what it makes there is the linear convolution.
"""

from itertools import count
from typing import Any

import numpy as np

from symconv.entries import Array, is_symbolic, read_array
from symconv.errors import ArrayError
from symconv.geometry import Geometry
from symconv.sizes import NUMPY_PADDING_MODES, Padding, Sizes, whole


def fast_length(n: int) -> int:
    """The least length from n on that has no prime factor above 5: those the transform is quick for.

    Source: Cooley & Tukey 1965: the work of each factor is proportional to it.

    Examples:
        >>> [fast_length(n) for n in (7, 97, 128, 131)]
        [8, 100, 128, 135]
    """
    n = whole(n, "n")
    return next(m for m in count(n) if _smooth(m))


def _smooth(number: int) -> bool:
    for prime in (2, 3, 5):
        while number % prime == 0:
            number //= prime
    return number == 1


def evaluate_fourier(
    x: Any,
    w: Any,
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
    bias: Any = None,
) -> Array:
    """Evaluate a convolution layer through the Fourier transform: equal to ``evaluate`` within rounding.

    The input is padded, and both arrays are filled up with zeros to a length the transform is quick for.
    A dilated kernel has zeros between its taps; at stride s every s-th output cell is kept.

    Args:
        x: input, shape (C, *spatial) or (N, C, *spatial), or bare 1-D or 2-D.
        w: kernels, shape (F, C/groups, *kernel), or bare, of as many axes as a bare ``x``.
        stride: cells from one window to the next, one int or one per axis.
        padding: as for ``unroll``.
        dilation: cells from one tap to the next, one int or one per axis.
        groups: blocks of channels that do not see each other.
        padding_mode: ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.
        bias: one number per filter, shape (F,).

    Returns:
        The activation map, shape (*out), (F, *out) or (N, F, *out) after the shape of ``x``; of the dtype of
        the arrays, or float64 where they are of integers.

    Raises:
        ArrayError: an array holds what no float can be, or does not belong to the others.
        GeometryError: a size or hyper-parameter is impossible.

    Source: Mathieu, Henaff & LeCun 2014, *Fast training of convolutional networks through FFTs*, section 2.

    Examples:
        >>> x, w = np.arange(9.0).reshape(3, 3), np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> evaluate_fourier(x, w).round(9)
        array([[27., 37.],
               [57., 67.]])
    """
    inputs, kernels = read_floats(x, "x"), read_floats(w, "w")
    biases = None if bias is None else read_floats(bias, "bias")
    g = Geometry.of_arrays(
        inputs.shape,
        kernels.shape,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        padding_mode=padding_mode,
        bias_shape=None if biases is None else biases.shape,
    )
    pads = ((0, 0), (0, 0), *g.padding)
    padded = np.pad(inputs.reshape(g.input_shape), pads, NUMPY_PADDING_MODES[g.padding_mode])
    lengths = tuple(fast_length(n) for n in padded.shape[2:])
    whole_output = circular(padded, spread(kernels.reshape(g.kernel_shape), g.dilation), lengths, g.groups)
    decimated = tuple(slice(0, (o - 1) * s + 1, s) for o, s in zip(g.output_size, g.stride, strict=True))
    output = whole_output[(slice(None), slice(None), *decimated)]
    if biases is not None:
        output = output + biases.reshape(-1, *(1,) * g.rank)
    dtype = np.result_type(inputs, kernels)
    return np.ascontiguousarray(output, dtype).reshape(g.output_shape[2 + g.rank - inputs.ndim :])


def evaluate_circular(x: Any, w: Any, sizes: tuple[int, ...], *, flipped: bool = False) -> Array:
    """The circular convolution of a caller's numbers, around as many cells as the input has.

    Args:
        x: input, shape (*sizes), (C, *sizes) or (N, C, *sizes).
        w: kernels, of the axes of ``sizes`` for a bare input, else (F, C, *kernel); no larger than it.
        sizes: cells along each axis.
        flipped: the true convolution, with the kernels reversed.

    Returns:
        An ndarray of shape (*sizes), (F, *sizes) or (N, F, *sizes) after the shape of ``x``.

    Raises:
        ArrayError: the arrays do not belong to each other, or to these sizes.

    Source: Gray 2006, *Toeplitz and circulant matrices: a review*, section 3.1.

    Examples:
        >>> evaluate_circular([1, 2, 3], [1, 10], (3,)).round(9)
        array([21., 32., 13.])
    """
    inputs, kernels, rank = read_floats(x, "x"), read_floats(w, "w"), len(sizes)
    bare = inputs.ndim == rank
    fits = rank <= inputs.ndim <= rank + 2 and inputs.shape[inputs.ndim - rank :] == sizes
    if not fits or kernels.ndim != (rank if bare else rank + 2):
        raise ArrayError(
            f"x has shape {inputs.shape} and w has shape {kernels.shape}: give x of shape {sizes} "
            "and w of as many axes, or x with axes (C) or (N, C) in front of these and w with (F, C)"
        )
    check_kernel(kernels.shape[kernels.ndim - rank :], sizes)
    images = inputs.reshape((1,) * (rank + 2 - inputs.ndim) + inputs.shape)
    kernels = kernels[None, None] if bare else kernels
    if images.shape[1] != kernels.shape[1]:
        raise ArrayError(
            f"x has {images.shape[1]} channels and w has {kernels.shape[1]}: give as many in both"
        )
    output = circular(images, kernels, sizes, flipped=flipped)
    output = output.astype(np.result_type(inputs, kernels), copy=False)
    return output.reshape(output.shape[rank + 2 - inputs.ndim :])


def check_kernel(shape: tuple[int, ...], sizes: tuple[int, ...]) -> None:
    """Raise unless a kernel has the axes of a transform, and lies within it.

    Raises:
        ArrayError: it has other axes, or more cells along one.
    """
    if len(shape) != len(sizes) or any(k > n for k, n in zip(shape, sizes, strict=True)):
        raise ArrayError(
            f"w has shape {shape} and the transform has {sizes}: "
            "give a kernel of as many axes and at most as many cells along each"
        )


def circular(
    inputs: Array, kernels: Array, lengths: tuple[int, ...], groups: int = 1, *, flipped: bool = False
) -> Array:
    """The circular convolution of this length along each axis, through the transform.

    Args:
        inputs: shape (N, C, *spatial), no longer than ``lengths``.
        kernels: shape (F, C/groups, *kernel), no longer than ``lengths``.
        lengths: cells around the circle, along each spatial axis; what is missing there is zeros.
        groups: blocks of channels that do not see each other.
        flipped: the true convolution, with the kernel reversed.

    Returns:
        An ndarray of shape (N, F, *lengths).

    Examples:
        >>> circular(np.array([[[1.0, 2, 3]]]), np.array([[[1.0, 10]]]), (3,)).round(9)
        array([[[21., 32., 13.]]])
    """
    axes = tuple(range(2, inputs.ndim))
    real = inputs.dtype.kind == kernels.dtype.kind == "f"
    single = np.result_type(inputs, kernels) == np.float16  # for which there is no transform
    dtype = np.dtype(np.float32) if single else np.result_type(inputs, kernels)
    inputs, kernels = inputs.astype(dtype, copy=False), kernels.astype(dtype, copy=False)
    transform: Any = np.fft.rfftn if real else np.fft.fftn
    spectra = transform(inputs, lengths, axes)
    if flipped:
        responses = transform(kernels, lengths, axes)
    elif real:
        responses = np.conj(transform(kernels, lengths, axes))
    else:  # of complex kernels only the transform is conjugate, not the kernel
        responses = np.conj(transform(np.conj(kernels), lengths, axes))
    (batch, _), (filters, channels) = inputs.shape[:2], kernels.shape[:2]
    frequencies = spectra.shape[2:]
    products = np.einsum(
        "ngcq,gfcq->ngfq",
        spectra.reshape(batch, groups, channels, -1),
        responses.reshape(groups, filters // groups, channels, -1),
    ).reshape(batch, filters, *frequencies)
    back: Array = np.fft.irfftn(products, lengths, axes) if real else np.fft.ifftn(products, lengths, axes)
    return back


def spread(kernels: Array, dilation: tuple[int, ...]) -> Array:
    """Kernels (F, C/groups, *kernel) with the zeros of a dilation between their taps."""
    sizes = [d * (k - 1) + 1 for k, d in zip(kernels.shape[2:], dilation, strict=True)]
    wide = np.zeros((*kernels.shape[:2], *sizes), kernels.dtype)
    wide[(slice(None), slice(None), *(slice(None, None, d) for d in dilation))] = kernels
    return wide


def read_floats(values: Any, name: str) -> Array:
    """A caller's numbers as floats or complex numbers, whose width is kept; integers as float64.

    Raises:
        ArrayError: an entry is a symbol.
    """
    array = read_array(values, name)
    if is_symbolic(array):
        raise ArrayError(f"{name} holds symbols: give numbers here, or symbols to fourier(n).circulant")
    if array.dtype == object:
        kind = complex if any(isinstance(v, complex | np.complexfloating) for v in array.flat) else float
        return array.astype(kind)
    return array.astype(np.float64) if array.dtype.kind in "iu" else array

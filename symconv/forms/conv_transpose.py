"""The transposed convolution on numbers, fast: one matrix product for each tap, added where it is stamped.

Nothing is multiplied by an inserted zero, and no cell is computed that is then cropped away.
"""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from symconv.entries import Array, as_symbolic, is_symbolic
from symconv.evaluate import read_numbers, result_dtype, working_dtype
from symconv.forms.transposed import transposed
from symconv.forms.transposed_sizes import TransposedSizes, read_sizes
from symconv.show.notebook import MathArray
from symconv.sizes import Padding, Sizes


def conv_transpose(
    y: Any,
    w: Any,
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    output_padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
    bias: Any = None,
) -> Array:
    """Evaluate a transposed convolution, of numbers or of symbols, in torch's conventions.

    The dtype is kept as ``evaluate`` keeps it; integers are exact. It is the transpose of a convolution, not
    its inverse; that it is the transpose at every size is the theorem ``"transpose"``.

    Args:
        y: input, shape (Cin, *spatial) or (N, Cin, *spatial), or bare 1-D or 2-D (one channel).
        w: kernels, shape (Cin, Cout/groups, *kernel), or bare, of as many axes as a bare ``y``.
        stride: output cells from one stamp to the next, one int or one per axis.
        padding: output cells cropped: an int, one int per axis, or one (before, after) pair per axis.
        output_padding: output cells added at the end, one int or one per axis; less than ``stride`` or
            less than ``dilation``.
        dilation: output cells from one tap to the next, one int or one per axis.
        groups: blocks of channels that do not see each other.
        bias: one number or symbol per output channel, shape (Cout,).

    Returns:
        An ndarray of shape (*out), (Cout, *out) or (N, Cout, *out) after the shape of ``y``, with
        ``out = stride·(n − 1) + output_padding + dilation·(k − 1) + 1 − before − after`` along each axis.

    Raises:
        ArrayError: an array is ragged, empty (a batch of no samples is not), or does not belong to the other.
        GeometryError: a hyper-parameter is impossible, or no output cell is left.
        SizeLimitError: the output is too large.

    Source: the documentation of ``torch.nn.ConvTranspose2d``; Dumoulin & Visin 2016, chapter 4.

    Examples:
        >>> conv_transpose(np.array([[27, 37], [57, 67]]), np.array([[1, 2], [3, 4]]))
        array([[ 27,  91,  74],
               [138, 400, 282],
               [171, 429, 268]])
        >>> conv_transpose([1.0, 2.0], [3.0, 4.0, 5.0], stride=2, padding=1, output_padding=1)
        array([ 4., 11.,  8., 10.])
    """
    hyper_parameters: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "output_padding": output_padding,
        "dilation": dilation,
        "groups": groups,
    }
    inputs, kernels = read_numbers(y, "y"), read_numbers(w, "w")
    biases = None if bias is None else read_numbers(bias, "bias")
    if inputs.size and is_symbolic(inputs, kernels, biases):
        symbols = transposed(inputs, kernels, bias=biases, **hyper_parameters)
        return as_symbolic(symbols.output_array).view(MathArray)
    bias_shape = None if biases is None else biases.shape
    sizes = read_sizes(inputs.shape, kernels.shape, bias_shape, **hyper_parameters)
    g = sizes.geometry
    products = g.out_channels // g.groups * prod(g.kernel_size)  # on one output cell, at most
    dtype = working_dtype(products, inputs, kernels, biases)
    output = np.zeros(sizes.output_shape, dtype)
    _scatter(
        sizes,
        inputs.reshape(sizes.input_shape).astype(dtype, copy=False),
        kernels.reshape(sizes.kernel_shape).astype(dtype, copy=False),
        output,
    )
    if biases is not None:
        output += biases.astype(dtype, copy=False).reshape(-1, *(1,) * g.rank)
    shape = sizes.output_shape[2 + g.rank - inputs.ndim :]
    kept = output.astype(result_dtype(products, inputs, kernels, biases), copy=False)
    return kept.reshape(shape).view(MathArray)


def _scatter(sizes: TransposedSizes, y: Array, w: Array, output: Array) -> None:
    """Add each tap's products to the output cells on which it is stamped."""
    g = sizes.geometry
    inputs, outputs = g.out_channels // g.groups, g.in_channels // g.groups
    cells = y.reshape(g.batch, g.groups, inputs, prod(sizes.input_size))
    taps = w.reshape(g.groups, inputs, outputs, -1).transpose(3, 0, 2, 1)
    for weights, (source, target) in zip(np.ascontiguousarray(taps), _spans(sizes), strict=True):
        stamped = (weights @ cells).reshape(g.batch, g.in_channels, *sizes.input_size)
        output[target] += stamped[source]


def _spans(sizes: TransposedSizes) -> Iterator[tuple[Any, Any]]:
    """For each tap, the input cells of which it is not cropped, and the output cells it is stamped on."""
    g = sizes.geometry
    for tap in np.ndindex(g.kernel_size):
        source, target = [], []
        for t, n, out, s, d, (before, _) in zip(
            tap, sizes.input_size, g.input_size, g.stride, g.dilation, g.padding, strict=True
        ):
            place = t * d - before  # of the first cell's stamp
            first = max(0, -(place // s))
            last = max(first, min(n, -((place - out) // s)))
            source.append(slice(first, last))
            begin = place + first * s
            target.append(slice(begin, begin + (last - first) * s, s))
        yield (..., *source), (..., *target)

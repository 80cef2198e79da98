r"""The transposed convolution, written from the textbook: every input cell stamps the kernel on the output.

Beside the loop formula, and as it shares no code and no formula with the plan: it walks the stamps along
each axis, and the output is as long as they reach (the formula for the output size is then a theorem).

.. math:: z_{n,\,f,\;i\,s + t\,d - p} \mathrel{+}= y_{n,c,i}\; w_{c,f,t}
    \qquad\text{for every input cell } (n, c, i) \text{ and every tap } (f, t)

(Dumoulin & Visin 2016, *A guide to convolution arithmetic for deep learning*, chapter 4)
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

from symconv.definition import is_whole, padding_pairs, per_axis, read_entries, summed

Stamps = list[list[int | None]]


def axis_stamps(
    size: int, kernel: int, stride: int, dilation: int, padding: tuple[int, int], output_padding: int = 0
) -> tuple[Stamps, int]:
    """Walk one axis and list, for each input cell, the output cell that each tap is stamped on.

    Args:
        size: cells of the input along this axis.
        kernel: taps of the kernel along this axis.
        stride: output cells from one stamp to the next.
        dilation: output cells from one tap to the next.
        padding: output cells cropped (before, after).
        output_padding: output cells added at the end.

    Returns:
        One list per input cell, one output cell per tap, None where it is cropped; and the output's size.

    Examples:
        >>> axis_stamps(size=2, kernel=3, stride=2, dilation=1, padding=(1, 0))
        ([[None, 0, 1], [1, 2, 3]], 4)
    """
    before, after = padding
    first, last, stamps = 0, 0, []
    for _ in range(size):
        stamps.append([first + dilation * tap for tap in range(kernel)])
        last = stamps[-1][-1]
        first += stride
    kept = range(before, last + 1 + output_padding - after)
    return [[cell - before if cell in kept else None for cell in stamp] for stamp in stamps], len(kept)


def scatter_formula(
    y: Any,
    w: Any,
    *,
    stride: int | Sequence[int] = 1,
    padding: Any = 0,
    output_padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    bias: Any = None,
) -> Any:
    """A transposed convolution straight from its definition: every input cell stamps the kernel, times it.

    Args:
        y: input, shape (Cin, *spatial) or (N, Cin, *spatial); or bare 1-D or 2-D (one channel).
        w: kernels, shape (Cin, Cout/groups, *kernel); or bare, of the same rank as a bare ``y``.
        stride: output cells from one stamp to the next, one int or one per axis.
        padding: output cells cropped: an int, one int per axis, or one (before, after) pair per axis.
        output_padding: output cells added at the end, one int or one per axis.
        dilation: output cells from one tap to the next, one int or one per axis.
        groups: blocks of channels that do not see each other.
        bias: one number or symbol per output channel, shape (Cout,).

    Returns:
        Shape (*out), (Cout, *out) or (N, Cout, *out) after the shape of ``y``: a ``sympy.Matrix`` when it
        has two axes and any entry is symbolic, otherwise an ndarray.

    Raises:
        ValueError: the shapes do not belong together, or a hyper-parameter is impossible.

    Source: Dumoulin & Visin 2016, chapter 4; the documentation of ``torch.nn.ConvTranspose2d``.

    Examples:
        >>> scatter_formula([[1, 2], [3, 4]], [[1, 10], [100, 1000]])
        array([[   1,   12,   20],
               [ 103, 1234, 2040],
               [ 300, 3400, 4000]])
    """
    inputs, kernels = read_entries(y, "y"), read_entries(w, "w")
    shapes = f"y has shape {inputs.shape} and w has shape {kernels.shape}"
    kept_axes = slice(None)
    if inputs.ndim == kernels.ndim and inputs.ndim in (1, 2):  # two bare arrays: one channel, one kernel
        inputs, kernels, kept_axes = inputs[None, None], kernels[None, None], slice(2, None)
    elif inputs.ndim == kernels.ndim - 1:
        inputs, kept_axes = inputs[None], slice(1, None)
    if inputs.ndim != kernels.ndim or inputs.ndim < 3 or 0 in (*inputs.shape[1:], *kernels.shape):
        raise ValueError(
            f"{shapes}: give w as (Cin, Cout/groups, *kernel) and y as (Cin, *spatial) or "
            "(N, Cin, *spatial), or two bare arrays, with at least one cell"
        )
    batch, channels, *spatial = inputs.shape
    per_group, *kernel = kernels.shape[1:]
    if not is_whole(groups, least=1) or channels != len(kernels) or channels % groups:
        raise ValueError(
            f"groups={groups} does not fit: y has {channels} channels, and w has kernels for {len(kernels)}"
        )
    stamps, output_size = _stamps(spatial, kernel, stride, padding, output_padding, dilation)
    outputs = per_group * groups
    biases = read_entries([0] * outputs if bias is None else bias, "bias")
    if biases.shape != (outputs,):
        raise ValueError(f"bias has shape {biases.shape}: give one entry for each of {outputs} channels")

    terms: dict[tuple[Any, ...], list[Any]] = {
        (n, f, *cell): [biases[f]]
        for n, f, *cell in product(range(batch), range(outputs), *map(range, output_size))
    }
    for n, c, *position in product(range(batch), range(channels), *map(range, spatial)):
        first = c // (channels // groups) * per_group  # output channel of this channel's group
        for f, *tap in product(range(per_group), *map(range, kernel)):
            place = [axis[i][t] for axis, i, t in zip(stamps, position, tap, strict=True)]
            if None not in place:
                terms[n, first + f, *place].append(kernels[c, f, *tap] * inputs[n, c, *position])
    entries = [inputs, kernels] if bias is None else [inputs, kernels, biases]
    return summed(terms.values(), (batch, outputs, *output_size)[kept_axes], entries)


def _stamps(
    spatial: Sequence[int],
    kernel: Sequence[int],
    stride: int | Sequence[int],
    padding: Any,
    output_padding: int | Sequence[int],
    dilation: int | Sequence[int],
) -> tuple[list[Stamps], list[int]]:
    """The stamps along every axis, and the sizes of the output."""
    rank = len(spatial)
    strides, dilations = per_axis(stride, rank, "stride"), per_axis(dilation, rank, "dilation")
    extra = per_axis(output_padding, rank, "output_padding", least=0)
    if any(more >= max(s, d) for more, s, d in zip(extra, strides, dilations, strict=True)):
        raise ValueError(f"output_padding={output_padding} does not fit: give less than stride or dilation")
    if isinstance(padding, str):
        raise ValueError(
            f"padding={padding!r} does not fit: give an int, or one (before, after) pair per axis"
        )
    crop = padding_pairs(padding, spatial, kernel, strides, dilations)
    walked = [
        axis_stamps(*axis) for axis in zip(spatial, kernel, strides, dilations, crop, extra, strict=True)
    ]
    sizes = [size for _, size in walked]
    if not all(sizes):
        raise ValueError(f"padding={padding} leaves no output cell: crop less, or enlarge the input")
    return [stamps for stamps, _ in walked], sizes

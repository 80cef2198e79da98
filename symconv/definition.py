r"""The loop formula, written from the textbook. This module imports no sibling, ever.

Everything else in the package is proved against what stands here, so it shares no code and no formula
with the plan: it finds the output positions by walking the padded axis one stride at a time (the floor
formula for the output size is then a theorem), and it reads each input cell by its coordinates.

.. math:: y_{n,f,o} = b_f + \sum_{c}\sum_{t} w_{f,c,t}\, x_{n,\,c_0 + c,\; o\,s + t\,d - p}

(cross-correlation, as CNNs call convolution: Goodfellow, Bengio & Courville 2016, *Deep Learning*, eq. 9.6)
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from numbers import Number
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy

Array = npt.NDArray[Any]
_PLAIN: dict[type, Callable[[Any], Any]] = {bool: int, np.bool_: int, Decimal: Fraction}
PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def axis_windows(
    size: int, kernel: int, stride: int, dilation: int, padding: tuple[int, int], mode: str = "zeros"
) -> list[list[int | None]]:
    """Walk one padded axis and list, for each window that fits, the input coordinate each tap reads.

    Args:
        size: cells of the input along this axis.
        kernel: taps of the kernel along this axis.
        stride: cells from one window to the next.
        dilation: cells from one tap to the next.
        padding: cells added (before, after) the axis.
        mode: what a padding cell holds, one of ``PADDING_MODES``.

    Returns:
        One list per output position, one coordinate per tap; None where a tap reads a padding zero.

    Examples:
        >>> axis_windows(size=3, kernel=2, stride=1, dilation=1, padding=(1, 0))
        [[None, 0], [0, 1], [1, 2]]
    """
    before, after = padding
    first, last = -before, size + after - 1  # the padded axis, in the input's own coordinates
    windows = []
    while first + dilation * (kernel - 1) <= last:
        windows.append([_read(first + dilation * tap, size, mode) for tap in range(kernel)])
        first += stride
    return windows


def _read(position: int, size: int, mode: str) -> int | None:
    """The input coordinate that a position of the padded axis shows, or None for a zero."""
    if mode == "zeros":
        return position if 0 <= position < size else None
    if mode == "reflect" and size == 1 and position:
        raise ValueError(
            "padding_mode='reflect' has nothing to mirror on an axis of one cell: use 'replicate'"
        )
    while not 0 <= position < size:
        if mode == "replicate":  # the nearest cell of the input
            position = 0 if position < 0 else size - 1
        elif mode == "circular":  # once around
            position += size if position < 0 else -size
        else:  # mirrored at the first or the last cell, which is not repeated
            position = -position if position < 0 else 2 * (size - 1) - position
    return position


def axis_padding(size: int, kernel: int, stride: int, dilation: int, form: str) -> tuple[int, int]:
    """Cells to add (before, after) one axis so that there is one window for every ``stride`` input cells.

    Adds one cell at a time, to the two ends in turn, until ``ceil(size / stride)`` windows fit.
    ``"same"`` (torch) and ``"same_upper"`` (ONNX, TensorFlow) begin at the end, ``"same_lower"`` before it.

    Examples:
        >>> axis_padding(size=224, kernel=7, stride=2, dilation=1, form="same_lower")
        (3, 2)
    """
    before = after = 0
    wanted = -(-size // stride)
    at_end = form != "same_lower"
    while len(axis_windows(size, kernel, stride, dilation, (before, after))) < wanted:
        before, after = (before, after + 1) if at_end else (before + 1, after)
        at_end = not at_end
    return before, after


def loop_formula(
    x: Any,
    w: Any,
    *,
    stride: int | Sequence[int] = 1,
    padding: Any = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
    bias: Any = None,
) -> Any:
    """A convolution layer straight from its definition: one sum of products for every output cell.

    Args:
        x: input, shape (C, *spatial) or (N, C, *spatial); or bare 1-D or 2-D (one channel).
        w: kernels, shape (F, C/groups, *kernel); or bare, of the same rank as a bare ``x`` (one kernel).
        stride: cells from one window to the next, one int or one per axis.
        padding: cells around the input: an int, one int per axis, one (before, after) pair per axis,
            ``"valid"``, ``"same"``, ``"same_upper"`` or ``"same_lower"``.
        dilation: cells from one tap to the next, one int or one per axis.
        groups: blocks of channels that do not see each other.
        padding_mode: ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.
        bias: one number or symbol per filter, shape (F,).

    Returns:
        The activation map, shape (*out), (F, *out) or (N, F, *out) after the shape of ``x``: a
        ``sympy.Matrix`` when it has two axes and any entry is symbolic, otherwise an ndarray.

    Raises:
        ValueError: the shapes do not belong together, or a hyper-parameter is impossible.

    Source: Goodfellow, Bengio & Courville 2016, *Deep Learning*, eq. 9.6.

    Examples:
        >>> loop_formula([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[9, 8], [7, 6]])
        array([[ 83, 113],
               [173, 203]])
    """
    inputs, kernels = read_entries(x, "x"), read_entries(w, "w")
    shapes = f"x has shape {inputs.shape} and w has shape {kernels.shape}"
    kept_axes = slice(None)
    if inputs.ndim == kernels.ndim and inputs.ndim in (1, 2):  # two bare arrays: one channel, one kernel
        inputs, kernels, kept_axes = inputs[None, None], kernels[None, None], slice(2, None)
    elif inputs.ndim == kernels.ndim - 1:
        inputs, kept_axes = inputs[None], slice(1, None)
    if inputs.ndim != kernels.ndim or inputs.ndim < 3:
        raise ValueError(
            f"{shapes}: "
            "give w as (F, C/groups, *kernel) and x as (C, *spatial) or (N, C, *spatial), or two bare arrays"
        )
    batch, channels, *spatial = inputs.shape
    filters, channels_per_group, *kernel = kernels.shape
    if not is_whole(groups, least=1) or channels != channels_per_group * groups or filters % groups:
        raise ValueError(
            f"groups={groups} does not fit: x has {channels} channels, "
            f"and w has {filters} filters of {channels_per_group} channels each"
        )
    if padding_mode not in PADDING_MODES:
        raise ValueError(f"padding_mode={padding_mode!r} is unknown: use one of {', '.join(PADDING_MODES)}")
    rank = len(spatial)
    strides, dilations = per_axis(stride, rank, "stride"), per_axis(dilation, rank, "dilation")
    pads = padding_pairs(padding, spatial, kernel, strides, dilations)
    axes = [
        axis_windows(n, k, s, d, p, padding_mode)
        for n, k, s, d, p in zip(spatial, kernel, strides, dilations, pads, strict=True)
    ]
    output_size = tuple(map(len, axes))
    if not all(output_size):
        raise ValueError(
            f"no window fits: kernel {tuple(kernel)} with dilation={tuple(dilations)} is larger than "
            f"the input {tuple(spatial)} padded by {tuple(pads)}; enlarge the padding or the input"
        )
    biases = read_entries([0] * filters if bias is None else bias, "bias")
    if biases.shape != (filters,):
        raise ValueError(f"bias has shape {biases.shape}: give one entry for each of the {filters} filters")

    entries = [inputs, kernels] if bias is None else [inputs, kernels, biases]
    shape = (batch, filters, *output_size)[kept_axes]
    return summed(_sums(inputs, kernels, biases, axes, groups), shape, entries)


def summed(cells: Iterable[Sequence[Any]], shape: Sequence[int], entries: Sequence[Array]) -> Any:
    """Every cell's terms added up, as an array of the dtype that holds the sums exactly.

    Args:
        cells: the terms of each cell, cells in row-major order.
        shape: the shape of the result.
        entries: what the terms are made of.

    Returns:
        A ``sympy.Matrix`` when it has two axes and any entry is symbolic, otherwise an ndarray.
    """
    symbolic = any(isinstance(v, sympy.Basic) for array in entries for v in array.flat)
    sums = [sympy.Add(*terms) if symbolic else sum(terms) for terms in cells]
    if symbolic and len(shape) == 2:
        return sympy.Matrix(*shape, sums)
    output = np.empty(len(sums), dtype=object)
    output[:] = sums
    output = output.reshape(shape)
    return output if symbolic else output.astype(_native_dtype(sums, *entries))


def _sums(
    inputs: Array, kernels: Array, biases: Array, axes: list[list[list[int | None]]], groups: int
) -> Iterator[list[Any]]:
    """The terms of every output cell, cells in the order (n, f, *position), terms in reading order."""
    filters, channels, *kernel = kernels.shape
    for n, f, *position in product(range(len(inputs)), range(filters), *map(range, map(len, axes))):
        first_channel = f // (filters // groups) * channels
        terms = [biases[f]]
        for c, *tap in product(range(channels), *map(range, kernel)):
            place = [axis[o][t] for axis, o, t in zip(axes, position, tap, strict=True)]
            cell = 0 if None in place else inputs[(n, first_channel + c, *place)]
            terms.append(kernels[(f, c, *tap)] * cell)
        yield terms


def read_entries(values: Any, name: str) -> Array:
    """Any nesting of entries as an object array, so that Python's own exact arithmetic does the sums."""
    if isinstance(values, sympy.MatrixBase | sympy.NDimArray):
        values = values.tolist()
    elif hasattr(values, "__array__"):
        values = np.asarray(values)
    wrong = f"{name} is ragged or holds text: give rows of equal length, of numbers or symbols"
    try:
        array = np.array(values, dtype=object)
    except ValueError:
        raise ValueError(wrong) from None
    for place, entry in np.ndenumerate(array):
        if not isinstance(entry, Number | sympy.Expr):
            raise ValueError(wrong)
        if isinstance(entry, bool | np.generic | Decimal):  # which count, wrap round, or do not mix
            array[place] = _PLAIN.get(type(entry), np.generic.item)(entry)
    return array


def _native_dtype(cells: list[Any], *entries: Array) -> Any:
    """The dtype that holds these cells, made of these entries, as they are; ``object`` when none does."""
    kinds: list[list[Any]] = [list({type(v) for v in array.flat}) for array in entries if array.size]
    if any(len(k) > 1 or not issubclass(k[0], int | float | complex | np.number) for k in kinds):
        return object
    dtype = np.result_type(*(k[0] for k in kinds))
    return object if dtype.kind == "i" and any(abs(v) >= 2**63 for v in cells) else dtype


def per_axis(value: int | Sequence[int], rank: int, name: str, least: int = 1) -> list[int]:
    """One whole number, at least 1 or as small as said, for every axis."""
    values = list(value) if isinstance(value, Sequence | np.ndarray) else [value] * rank
    if len(values) != rank or not all(is_whole(v, least) for v in values):
        raise ValueError(
            f"{name}={value!r} does not fit: give one int of at least {least}, or {rank} of them"
        )
    return values


def is_whole(value: Any, least: int) -> bool:
    """Whether a value is an integer (True is not) of at least a given size."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= least)


def padding_pairs(
    padding: Any, spatial: Sequence[int], kernel: Sequence[int], strides: list[int], dilations: list[int]
) -> list[tuple[int, int]]:
    """One (before, after) pair for every axis, whatever form the padding was given in."""
    padding = padding.tolist() if isinstance(padding, np.ndarray) else padding
    if padding == "valid":
        return [(0, 0)] * len(spatial)
    if padding == "same" and any(s != 1 for s in strides):
        raise ValueError(f'padding="same" needs stride=1 (got stride={tuple(strides)}): use "same_upper"')
    if padding in ("same", "same_upper", "same_lower"):
        return [
            axis_padding(n, k, s, d, padding)
            for n, k, s, d in zip(spatial, kernel, strides, dilations, strict=True)
        ]
    values = list(padding) if isinstance(padding, Sequence) else [padding] * len(spatial)
    pairs = [(p, p) if not isinstance(p, Sequence) else tuple(p) for p in values]
    if len(pairs) != len(spatial) or not all(
        len(p) == 2 and is_whole(p[0], least=0) and is_whole(p[1], least=0) for p in pairs
    ):
        raise ValueError(
            f"padding={padding!r} does not fit: give an int, or one (before, after) pair per axis"
        )
    return [(before, after) for before, after in pairs]

"""Unfold and fold: the patches of an input in any layout, and the adjoint that adds patches back in place.

Both look at the one plan: unfolding gathers through the patch map, folding scatters through it and adds.
"""

from typing import Any

import numpy as np

from symconv.entries import Array, as_symbolic, is_symbolic, read_array
from symconv.errors import ArrayError
from symconv.forms.arrangement import Layout
from symconv.forms.axes import axis_sizes, shown
from symconv.forms.layouts import layout as known_layout
from symconv.geometry import Geometry
from symconv.index_map import gather, index_map
from symconv.matrices import scatter
from symconv.show.notebook import MathArray
from symconv.sizes import Padding, Sizes, is_sequence


def unfold(
    x: Any,
    kernel_size: Sizes,
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    layout: str | Layout = "torch",
) -> Array:
    """The patches of an input, one for each output position.

    Args:
        x: input, shape (N, C, *spatial), (C, *spatial) or bare (*spatial), of numbers or symbols.
        kernel_size: taps along each axis; one int means two axes, or as many as x must have.
        stride: cells from one window to the next, one int or one per axis.
        padding: zeros around the input, in any form that ``unroll`` takes.
        dilation: cells from one tap to the next, one int or one per axis.
        layout: one of ``layouts()``, by name.

    Returns:
        An array as the layout's own function returns it, in torch's (N, C·KH·KW, L); of an input without
        samples, without that axis where it is one of its own. The dtype is kept.

    Raises:
        ArrayError: x has too few or too many axes, or an axis of no cells.
        GeometryError: no window fits, or a size is impossible.
        RequestError: there is no such layout.

    Source: the documentation of ``torch.nn.Unfold``.

    Examples:
        >>> unfold([[1, 2, 3], [4, 5, 6], [7, 8, 9]], 2)
        array([[1, 2, 4, 5],
               [2, 3, 5, 6],
               [4, 5, 7, 8],
               [5, 6, 8, 9]])
        >>> unfold(np.zeros((2, 3, 5, 7)), (2, 3), layout="tensorflow").shape
        (2, 4, 5, 18)
    """
    chosen, array = known_layout(layout), read_array(x, "x")
    rank = _rank(kernel_size, array.ndim)
    hidden = rank + 2 - array.ndim
    if hidden not in (0, 1, 2):
        raise ArrayError(
            f"x has shape {array.shape} and kernel_size={kernel_size!r}: give x as (N, C, *spatial), "
            f"(C, *spatial) or (*spatial), of {rank} spatial axes"
        )
    if 0 in array.shape[1:] or (hidden and 0 in array.shape):
        raise ArrayError(f"x has shape {array.shape}, an axis of no cells: give at least one cell")
    batch, channels, *spatial = (1,) * hidden + array.shape
    g = Geometry(spatial, kernel_size, channels, 1, batch, stride=stride, padding=padding, dilation=dilation)
    patches = chosen.arrange(gather(array, index_map(g).patch), g)
    if hidden and ("n",) in chosen.axes(rank):
        patches = patches.squeeze(chosen.axes(rank).index(("n",)))
    return (as_symbolic(patches) if is_symbolic(array) else patches).view(MathArray)


def fold(
    columns: Any,
    input_size: Sizes,
    kernel_size: Sizes,
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    layout: str | Layout = "torch",
) -> Array:
    """Add patches back at the cells they were read from: the adjoint of ``unfold``, not its inverse.

    Args:
        columns: as ``unfold`` returns them in the layout, of numbers or symbols.
        input_size: cells along each spatial axis of what is to come back.
        kernel_size: taps along each axis.
        stride: cells from one window to the next, one int or one per axis.
        padding: zeros around the input; what was added there is dropped.
        dilation: cells from one tap to the next, one int or one per axis.
        layout: one of ``layouts()``, by name.

    Returns:
        Shape (N, C, *input_size), or (C, *input_size) where ``columns`` do without an axis of samples of its
        own. The dtype is kept; of integers, where it holds every sum.

    Raises:
        ArrayError: there are not as many columns or rows as the sizes make.
        GeometryError: no window fits, or a size is impossible.
        RequestError: there is no such layout.

    Source: the documentation of ``torch.nn.Fold``.

    Examples:
        >>> fold(unfold([[1, 2, 3], [4, 5, 6], [7, 8, 9]], 2), (3, 3), 2)
        array([[[ 1,  4,  3],
                [ 8, 20, 12],
                [ 7, 16,  9]]])
    """
    chosen, array = known_layout(layout), read_array(columns, "columns")
    hyper: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation}
    one = Geometry(input_size, kernel_size, **hyper)
    axes = chosen.axes(one.rank)
    single = ("n",) in axes and array.ndim == len(axes) - 1
    batch, channels = _samples_and_channels(array[None] if single else array, chosen, one)
    g = Geometry(one.input_size, kernel_size, channels, 1, batch, **hyper)
    cells = scatter(chosen.restore(array, g), index_map(g).patch, int(np.prod(g.input_shape)))
    return cells.reshape(g.input_shape[single:]).view(MathArray)


def overlap_divisor(
    input_size: Sizes,
    kernel_size: Sizes,
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
) -> Array:
    """How many patches each cell is in: fold(unfold(x)) is x times this, cell by cell.

    Args:
        input_size: cells along each spatial axis.
        kernel_size: taps along each axis.
        stride: cells from one window to the next, one int or one per axis.
        padding: zeros around the input.
        dilation: cells from one tap to the next, one int or one per axis.

    Returns:
        Shape (*input_size), integers; 0 for a cell that no window reads, so look before you divide by it.

    Raises:
        GeometryError: no window fits, or a size is impossible.

    Source: the documentation of ``torch.nn.Fold``, the note on overlapping blocks.

    Examples:
        >>> overlap_divisor((3, 3), 2)
        array([[1, 2, 1],
               [2, 4, 2],
               [1, 2, 1]])
    """
    g = Geometry(input_size, kernel_size, stride=stride, padding=padding, dilation=dilation)
    numbers = index_map(g).patch.ravel()
    counts = np.bincount(numbers, minlength=int(np.prod(g.input_size)) + 1)[:-1]
    return counts.astype(np.int64).reshape(g.input_size).view(MathArray)


def _rank(kernel_size: Any, ndim: int) -> int:
    """Spatial axes of an input: as many as the kernel's, else the two that torch means by one int."""
    if is_sequence(kernel_size):
        return len(kernel_size)
    return {1: 1, 5: 3}.get(ndim, 2)


def _samples_and_channels(array: Array, chosen: Layout, one: Geometry) -> tuple[int, int]:
    """N and C of columns in a layout, the geometry of one sample and channel being known."""
    axes, sizes = chosen.axes(one.rank), axis_sizes(one)
    if array.ndim != len(axes):
        written = " ".join(shown(names) if len(names) > 1 else names[0] for names in axes)
        several = f", or {len(axes) - 1} without n" if ("n",) in axes else ""
        raise ArrayError(
            f"columns has shape {array.shape}, and the layout {chosen.name} is {written}: "
            f"give {len(axes)} axes{several}"
        )
    found = {"n": 1, "c": 1}
    for names, length in zip(axes, array.shape, strict=True):
        each = int(np.prod([sizes[name] for name in names]))  # for one sample and channel
        counted = next((name for name in names if name in found), None)
        found_here, rest = divmod(length, each)
        if rest or (found_here != 1 if counted is None else found_here == 0 and counted == "c"):
            wanted = f"{each}" if counted is None else f"a multiple of {each}"
            raise ArrayError(
                f"columns has {length} entries on the axis {shown(names)} of the layout {chosen.name}: "
                f"give {wanted}, or the sizes that the columns were made with"
            )
        if counted is not None:
            found[counted] = found_here
    return found["n"], found["c"]

"""Channels first or channels last: inputs, outputs and kernels moved from one order of axes to the other."""

from typing import Any

import numpy as np

from symconv.entries import Array, read_array
from symconv.errors import ArrayError, RequestError
from symconv.sizes import whole

KINDS = ("input", "output", "kernel")


def to_nhwc(array: Any, *, kind: str = "input", axes: int = 2) -> Array:
    """Channels last: NCHW to NHWC, and kernels OIHW to HWIO.

    Args:
        array: (N, C, *spatial) or (C, *spatial); as ``kind="kernel"`` (F, C/groups, *kernel).
        kind: ``"input"``, ``"output"`` (moved alike) or ``"kernel"``.
        axes: how many spatial axes there are, by which (C, H, W) is told from (N, C, L).

    Returns:
        A new array (N, *spatial, C) or (*spatial, C); of kernels (*kernel, C/groups, F). The dtype is kept.

    Raises:
        ArrayError: it has more or fewer axes.
        RequestError: there is no such kind.

    Source: the documentation of ``tf.nn.conv2d``, argument ``data_format``.

    Examples:
        >>> to_nhwc(np.zeros((2, 3, 5, 7))).shape, to_nhwc(np.zeros((4, 3, 1, 2)), kind="kernel").shape
        ((2, 5, 7, 3), (1, 2, 3, 4))
    """
    return _moved(array, kind, axes, ("(N, C, *spatial)", "(C, *spatial)", "(F, C/groups, *kernel)"), 1)


def to_nchw(array: Any, *, kind: str = "input", axes: int = 2) -> Array:
    """Channels first: NHWC to NCHW, and kernels HWIO to OIHW; undoes ``to_nhwc``.

    Args:
        array: (N, *spatial, C) or (*spatial, C); as ``kind="kernel"`` (*kernel, C/groups, F).
        kind: ``"input"``, ``"output"`` (moved alike) or ``"kernel"``.
        axes: how many spatial axes there are, by which (H, W, C) is told from (N, L, C).

    Returns:
        A new array (N, C, *spatial) or (C, *spatial); of kernels (F, C/groups, *kernel). The dtype is kept.

    Raises:
        ArrayError: it has more or fewer axes.
        RequestError: there is no such kind.

    Source: the documentation of ``tf.nn.conv2d``, argument ``data_format``.

    Examples:
        >>> to_nchw(np.zeros((2, 5, 7, 3))).shape, to_nchw(np.zeros((1, 2, 3, 4)), kind="kernel").shape
        ((2, 3, 5, 7), (4, 3, 1, 2))
    """
    return _moved(array, kind, axes, ("(N, *spatial, C)", "(*spatial, C)", "(*kernel, C/groups, F)"), -1)


def _moved(array: Any, kind: str, axes: int, forms: tuple[str, str, str], first: int) -> Array:
    """The channels moved from one end to the other; ``first`` is 1 where they come first, else -1."""
    cells, spatial = read_array(array, "array"), whole(axes, "axes")
    if kind not in KINDS:
        raise RequestError(f"kind={kind!r} is unknown: use one of {', '.join(KINDS)}")
    kernel = kind == "kernel"
    if cells.ndim - spatial not in ((2,) if kernel else (1, 2)):
        accepted = forms[2] if kernel else f"{forms[0]} or {forms[1]}"
        raise ArrayError(
            f"array has shape {cells.shape} and axes={spatial}: give {accepted}, or another number of axes"
        )
    if kernel:
        order = range(2, 2 + spatial) if first == 1 else range(spatial)
        filters, channels = (0, 1) if first == 1 else (spatial + 1, spatial)
        moved = cells.transpose((*order, channels, filters) if first == 1 else (filters, channels, *order))
    else:
        one, other = cells.ndim - spatial - 1, -1
        moved = np.moveaxis(cells, one, other) if first == 1 else np.moveaxis(cells, other, one)
    return moved.copy(order="C")

"""Answers found again, from the definition alone: nothing here reads the plan, or a formula of it.

Where the convolution of a layer is needed it is ``loop_formula``; where cells are needed they are found by
walking the padded axes, as the definition does.
"""

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any

import numpy as np

from symconv.definition import axis_windows, loop_formula
from symconv.entries import Array
from symconv.geometry import Geometry


def convolved(g: Geometry, x: Array, w: Array) -> Array:
    """The output of a layer by the loop formula, shape (N, F, *out).

    Examples:
        >>> convolved(Geometry(3, 2), np.array([[[1, 2, 3]]]), np.array([[[10, 1]]])).ravel()
        array([12, 23])
    """
    return np.asarray(
        loop_formula(
            x, w, stride=g.stride, padding=g.padding, dilation=g.dilation, groups=g.groups,
            padding_mode=g.padding_mode,
        )
    )  # fmt: skip


def windows(g: Geometry) -> list[list[list[int | None]]]:
    """For each axis the windows, for each window the coordinate that each tap reads; None for padding."""
    return [
        axis_windows(*axis, g.padding_mode)
        for axis in zip(g.input_size, g.kernel_size, g.stride, g.dilation, g.padding, strict=True)
    ]


def output_size(g: Geometry) -> tuple[int, ...]:
    """How many windows there are along each axis, counted."""
    return tuple(map(len, windows(g)))


def positions(g: Geometry) -> Iterator[tuple[int, ...]]:
    """The output positions, row-major."""
    return product(*map(range, output_size(g)))


def taps(g: Geometry) -> Iterator[tuple[int, ...]]:
    """The taps (c, i, j), row-major."""
    return product(range(g.in_channels), *map(range, g.kernel_size))


def patch_cells(g: Geometry, x: Array) -> dict[tuple[Any, ...], Any]:
    """The entry of P for each sample, position and tap.

    Args:
        g: the layer.
        x: its input, shape (N, C, *spatial).

    Returns:
        The entries by (n, position, tap).

    Examples:
        >>> patch_cells(Geometry(3, 2), np.array([[[5, 6, 7]]]))[0, (1,), (0, 1)]
        np.int64(7)
    """
    axes = windows(g)
    cells: dict[tuple[Any, ...], Any] = {}
    for n, position, (c, *tap) in product(range(g.batch), list(positions(g)), list(taps(g))):
        place = [axis[o][t] for axis, o, t in zip(axes, position, tap, strict=True)]
        cells[n, position, (c, *tap)] = 0 if None in place else x[(n, c, *place)]
    return cells


def patches(g: Geometry, x: Array) -> Array:
    """P, shape (N·L, C·KH·KW)."""
    cells = np.array(list(patch_cells(g, x).values()), dtype=object)
    return cells.reshape(-1, g.in_channels * prod(g.kernel_size))


def weights(g: Geometry, w: Array) -> Array:
    """W, shape (C·KH·KW, F): each filter's weights in the rows of its own group's channels."""
    own = g.in_channels // g.groups
    table = []
    for c, *tap in taps(g):
        row = []
        for f in range(g.out_channels):
            first = f // (g.out_channels // g.groups) * own
            row.append(w[(f, c - first, *tap)] if first <= c < first + own else 0)
        table.append(row)
    return np.array(table, dtype=object)


def columns_of(g: Geometry, w: Array) -> Array:
    """The convolution matrix, shape (F·L, C·H·W): each column is what the layer makes of one cell of one."""
    cells = prod(g.input_shape)
    units = np.eye(cells, dtype=np.int64).reshape(cells, *g.input_shape)
    return np.array([convolved(g, unit, w).ravel() for unit in units]).T


def weight_gradient(g: Geometry, x: Array, dy: Array) -> Array:
    """The derivative of Σ dy·y by each weight, shape of w: y is linear, so put one and zeros there."""
    count = prod(g.kernel_shape)
    units = np.eye(count, dtype=np.int64).reshape(count, *g.kernel_shape)
    return np.array([(dy * convolved(g, x, unit)).sum() for unit in units]).reshape(g.kernel_shape)


def input_gradient(g: Geometry, w: Array, dy: Array) -> Array:
    """The derivative of Σ dy·y by each input cell, shape of x."""
    return (dy.ravel() @ columns_of(g, w)).reshape(g.input_shape)

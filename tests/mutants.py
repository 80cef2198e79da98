"""Maps that are wrong in the ways people get them wrong, made apart from the package's own plan.

``Reading`` builds both maps from coordinates, cell by cell, with every convention as a knob; a mutant
turns one knob, or alters the finished maps. A mutant returns (patch map, weight map) as new arrays.
"""

from dataclasses import dataclass, replace
from itertools import product
from math import prod

import numpy as np

from symconv.definition import axis_windows
from symconv.geometry import Geometry


@dataclass(frozen=True)
class Reading:
    """How somebody believes that a layer of this geometry reads its cells."""

    geometry: Geometry
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    before: tuple[int, ...]
    mode: str

    @classmethod
    def of(cls, g):
        return cls(g, g.stride, g.dilation, tuple(before for before, _ in g.padding), g.padding_mode)

    def patch(self):
        g = self.geometry
        outside = prod(g.input_shape)
        rows = []
        for n, *position in product(range(g.batch), *map(range, g.output_size)):
            row = []
            for c, *tap in product(range(g.in_channels), *map(range, g.kernel_size)):
                places = [
                    self.place(axis, o, t) for axis, (o, t) in enumerate(zip(position, tap, strict=True))
                ]
                inside = None not in places
                row.append(np.ravel_multi_index((n, c, *places), g.input_shape) if inside else outside)
            rows.append(row)
        return np.array(rows, dtype=np.int64)

    def place(self, axis, position, tap):
        """The coordinate read along one axis, None for a padding zero (or for one beyond all padding)."""
        size = self.geometry.input_size[axis]
        place = position * self.stride[axis] + tap * self.dilation[axis] - self.before[axis]
        reach = abs(place) + 1
        padded = axis_windows(size, 1, 1, 1, (reach, reach), self.mode) if size > 1 else None
        if padded is None:  # one cell: a mirror has nothing to show
            return 0 if self.mode != "zeros" or place == 0 else None
        return padded[place + reach][0]


def weight(g):
    """The weight map, cell by cell."""
    outside = prod(g.kernel_shape)
    own, filters = g.in_channels // g.groups, g.out_channels // g.groups
    rows = []
    for c, *tap in product(range(g.in_channels), *map(range, g.kernel_size)):
        row = []
        for f in range(g.out_channels):
            mine = c // own == f // filters
            row.append(np.ravel_multi_index((f, c % own, *tap), g.kernel_shape) if mine else outside)
        rows.append(row)
    return np.array(rows, dtype=np.int64)


def true_maps(g):
    """The right maps, by coordinates alone."""
    return Reading.of(g).patch(), weight(g)


def _read_as(**knobs):
    def mutant(g):
        reading = Reading.of(g)
        return replace(reading, **{name: knob(g) for name, knob in knobs.items()}).patch(), weight(g)

    return mutant


def _altered(patch=None, kernel=None):
    def mutant(g):
        own = true_maps(g)
        return (patch(g, own[0]) if patch else own[0]), (kernel(g, own[1]) if kernel else own[1])

    return mutant


def _taps(g, array, axis=0):
    """A map with the taps' axis split up: (C, *kernel, …)."""
    moved = np.moveaxis(array, axis, 0)
    return moved.reshape(g.in_channels, *g.kernel_size, -1)


def _joined(g, taps, axis=0):
    return np.moveaxis(taps.reshape(g.in_channels * prod(g.kernel_size), -1), 0, axis)


def _shift_cells(g, patch):
    cells = prod(g.input_shape)
    return np.where(patch == cells, cells, (patch + 1) % cells)


def _last_pixel_for_padding(g, patch):
    """What index −1 reads in NumPy."""
    cells = prod(g.input_shape)
    return np.where(patch == cells, cells - 1, patch)


def _reverse_channels(g, patch):
    return _joined(g, _taps(g, patch, 1)[::-1], 1)


def _channels_last(g, patch):
    """Taps as (kh, kw, c), as TensorFlow lays them out, under weights laid out as (c, kh, kw)."""
    return _joined(g, np.moveaxis(_taps(g, patch, 1), 0, -2), 1)


def _taps_by_column(g, patch):
    """Taps as (c, kw, kh), as MATLAB lays them out."""
    return _joined(g, _taps(g, patch, 1).transpose(0, *range(g.rank, 0, -1), g.rank + 1), 1)


def _flip_kernel(g, kernel):
    """True convolution."""
    return _joined(g, np.flip(_taps(g, kernel), axis=tuple(range(1, g.rank + 1))))


def _flip_one_axis(g, kernel):
    return _joined(g, np.flip(_taps(g, kernel), axis=g.rank))


def _positions(g, patch):
    return patch.reshape(g.batch, *g.output_size, -1)


def _positions_by_column(g, patch):
    order = (0, *range(g.rank, 0, -1), g.rank + 1)
    return _positions(g, patch).transpose(order).reshape(patch.shape)


def _samples_innermost(g, patch):
    """Rows as (oh, ow, n), as CS231n lays its columns out."""
    return np.moveaxis(_positions(g, patch), 0, -2).reshape(patch.shape)


def _first_sample_only(g, patch):
    """The batch forgotten: every sample reads the first."""
    return np.concatenate([patch.reshape(g.batch, -1, patch.shape[1])[0]] * g.batch)


def _mix_groups(g, kernel):
    """Each filter multiplies the channels of the next group."""
    return np.roll(kernel, kernel.shape[0] // g.groups, axis=0)


def _dense(g, kernel):
    """Groups ignored: every filter's weights multiply every group's channels."""
    taps = prod(g.kernel_shape[1:])
    own = np.arange(g.out_channels) * taps + np.arange(taps)[:, None]
    return np.concatenate([own] * g.groups)


def _interleaved_groups(g, kernel):
    """Filters dealt out to the groups in turn, instead of in blocks."""
    order = np.arange(g.out_channels).reshape(-1, g.groups).T.ravel()
    return np.where(
        kernel[:, np.argsort(order)] == prod(g.kernel_shape), prod(g.kernel_shape), _dense(g, kernel)
    )


def _reverse_filters(g, kernel):
    return kernel[:, ::-1]


def _duplicate_row(_g, patch):
    patch = patch.copy()
    patch[-1] = patch[0]
    return patch


def _zero_row(g, patch):
    patch = patch.copy()
    patch[-1] = prod(g.input_shape)
    return patch


def _zero_tap(g, kernel):
    kernel = kernel.copy()
    kernel[-1] = prod(g.kernel_shape)
    return kernel


def _duplicate_tap(_g, kernel):
    kernel = kernel.copy()
    kernel[-1] = kernel[0]
    return kernel


MUTANTS = {
    "shift-the-cells": _altered(_shift_cells),
    "shift-the-rows": _altered(lambda g, patch: np.roll(patch, 1, axis=0)),
    "shift-the-taps": _altered(lambda g, patch: np.roll(patch, 1, axis=1)),
    "start-one-cell-late": _read_as(before=lambda g: tuple(b - 1 for b, _ in g.padding)),
    "flip-the-kernel": _altered(kernel=_flip_kernel),
    "flip-one-axis-of-the-kernel": _altered(kernel=_flip_one_axis),
    "drop-the-padding": _read_as(before=lambda g: (0,) * g.rank),
    "swap-before-and-after": _read_as(before=lambda g: tuple(after for _, after in g.padding)),
    "pad-by-half-the-kernel": _read_as(before=lambda g: tuple(k // 2 for k in g.kernel_size)),
    "read-the-last-pixel-for-padding": _altered(_last_pixel_for_padding),
    "another-padding-mode": _read_as(
        mode=lambda g: "replicate" if g.padding_mode != "replicate" else "circular"
    ),
    "swap-the-channels": _altered(_reverse_channels),
    "swap-the-strides": _read_as(stride=lambda g: g.stride[::-1]),
    "ignore-the-stride": _read_as(stride=lambda g: (1,) * g.rank),
    "swap-the-dilations": _read_as(dilation=lambda g: g.dilation[::-1]),
    "ignore-the-dilation": _read_as(dilation=lambda g: (1,) * g.rank),
    "dilate-twice": _read_as(dilation=lambda g: tuple(d * d for d in g.dilation)),
    "mix-the-groups": _altered(kernel=_mix_groups),
    "ignore-the-groups": _altered(kernel=_dense),
    "interleave-the-groups": _altered(kernel=_interleaved_groups),
    "swap-the-filters": _altered(kernel=_reverse_filters),
    "taps-channels-last": _altered(_channels_last),
    "taps-by-column": _altered(_taps_by_column),
    "positions-by-column": _altered(_positions_by_column),
    "samples-innermost": _altered(_samples_innermost),
    "first-sample-only": _altered(_first_sample_only),
    "duplicate-a-row": _altered(_duplicate_row),
    "zero-a-row": _altered(_zero_row),
    "zero-a-tap": _altered(kernel=_zero_tap),
    "duplicate-a-tap": _altered(kernel=_duplicate_tap),
}

# Geometries in which conventions differ: batch, filters, sides, strides, pads, dilations, groups.
GEOMETRIES = {
    "plain": Geometry((3, 4), (2, 2)),
    "asymmetric": Geometry((4, 5), (2, 3), 2, 2, 2, stride=(2, 1), padding=((1, 0), (0, 2)), dilation=(1, 2)),
    "grouped": Geometry((3, 4), (2, 3), 4, 4, 2, stride=(1, 2), padding=((0, 1), (2, 1)), groups=2),
    "depthwise": Geometry((4, 3), (3, 2), 3, 6, 1, stride=(2, 1), padding=(1, 1), groups=3),
    "dilated": Geometry((6, 5), (2, 2), 1, 2, 1, padding=((2, 1), (0, 1)), dilation=(3, 2)),
    "sequence": Geometry(7, 3, 2, 2, 2, stride=2, padding=[(2, 1)], dilation=2),
    "volume": Geometry((2, 3, 4), (1, 2, 3), 1, 2, 1, stride=(1, 2, 1), padding=((0, 0), (1, 0), (1, 2))),
    "reflect": Geometry((4, 3), (2, 3), 1, 2, 2, padding=((1, 2), (2, 1)), padding_mode="reflect"),
    "replicate": Geometry((3, 4), (3, 2), 2, 1, 1, padding=((2, 1), (0, 2)), padding_mode="replicate"),
    "circular": Geometry((3, 4), (2, 3), 1, 2, 1, padding=((1, 0), (2, 1)), padding_mode="circular"),
}

"""Hypothesis strategies for small layers in which conventions differ: all of them, in one place."""

from math import prod

import numpy as np
from hypothesis import strategies as st

from symconv.definition import PADDING_MODES
from symconv.geometry import Geometry
from symconv.proof.facts import Condition, at_most, equal, less, within
from symconv.proof.terms import Term, letter


@st.composite
def axes(draw, mode, longest=6):
    """One axis: (size, kernel, stride, dilation, (before, after)) for which at least one window fits."""
    size = draw(st.integers(1, longest))
    most = {"reflect": size - 1, "circular": size}.get(mode, 3)
    before, after = draw(st.integers(0, min(2, most))), draw(st.integers(0, min(3, most)))
    padded = size + before + after
    kernel = draw(st.integers(1, min(3, padded)))
    dilation = draw(st.integers(1, min(3, (padded - 1) // (kernel - 1)) if kernel > 1 else 3))
    return size, kernel, draw(st.integers(1, 3)), dilation, (before, after)


@st.composite
def geometries(draw, modes=PADDING_MODES, most_products=600, ranks=(2, 1, 3), most_cells=200):
    """Small layers of one to three axes: unequal sides, strides, pads; groups of several filters."""
    mode = draw(st.sampled_from(modes))
    rank = draw(st.sampled_from(ranks))
    longest = {1: 9, 2: 6, 3: 4}[rank]
    sizes, kernels, strides, dilations, pads = zip(
        *(draw(axes(mode, longest)) for _ in range(rank)), strict=True
    )
    groups = draw(st.integers(1, 3))
    channels, filters = groups * draw(st.integers(1, 2)), groups * draw(st.integers(1, 3))
    batch = draw(st.integers(1, 3))
    g = Geometry(
        sizes,
        kernels,
        channels,
        filters,
        batch,
        stride=strides,
        padding=pads,
        dilation=dilations,
        groups=groups,
        padding_mode=mode,
        bias=draw(st.booleans()),
    )
    if g.products <= most_products and prod(g.input_shape) <= most_cells:
        return g
    return Geometry(  # the same axes, as few channels, filters and samples as there can be
        sizes, kernels, stride=strides, padding=pads, dilation=dilations, padding_mode=mode, bias=g.bias
    )


@st.composite
def integer_layers(draw, low=-9, high=9, **limits):
    """A small layer with numbers: (geometry, x, w, bias or None)."""
    g = draw(geometries(**limits))
    numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x, w = (numbers.integers(low, high, shape, endpoint=True) for shape in (g.input_shape, g.kernel_shape))
    bias = numbers.integers(low, high, g.out_channels, endpoint=True) if g.bias else None
    return g, x, w, bias


def options(g):
    """A geometry's hyper-parameters, as ``unroll`` and ``loop_formula`` take them."""
    return {
        "stride": g.stride,
        "padding": g.padding,
        "dilation": g.dilation,
        "groups": g.groups,
        "padding_mode": g.padding_mode,
    }


def random_geometry(numbers, most_products=90):
    """A small layer from a seeded generator, for tests that count how many they tried."""
    while True:
        rank = int(numbers.choice([1, 2, 2, 2, 3]))
        mode = str(numbers.choice(PADDING_MODES))
        size = numbers.integers(2, 6, rank)
        kernel, stride, dilation = (numbers.integers(1, 4, rank) for _ in range(3))
        pads = numbers.integers(0, 3, (rank, 2))
        if mode in ("reflect", "circular"):
            pads = np.minimum(pads, size[:, None] - 1)
        if (size + pads.sum(axis=1) < dilation * (kernel - 1) + 1).any():
            continue
        groups = int(numbers.integers(1, 4))
        g = Geometry(
            size.tolist(),
            kernel.tolist(),
            groups * int(numbers.integers(1, 3)),
            groups * int(numbers.integers(1, 3)),
            int(numbers.integers(1, 3)),
            stride=stride.tolist(),
            padding=pads.tolist(),
            dilation=dilation.tolist(),
            groups=groups,
            padding_mode=mode,
        )
        if g.products <= most_products:
            return g


def fitting_layer(numbers, theorem, mode="zeros", most_products=70):
    """A small layer that a theorem is about, from a seeded generator."""
    rank, name = theorem.axes, theorem.name
    grouped = "G" in theorem.sizes_of(Geometry((1,) * rank, 1))
    while True:
        size = numbers.integers(1, {1: 8, 2: 5, 3: 4}[rank], rank)
        kernel, stride, dilation = (numbers.integers(1, 4, rank) for _ in range(3))
        pads = numbers.integers(0, 3, (rank, 2))
        if mode in ("reflect", "circular"):
            pads = np.minimum(pads, size[:, None] - 1)
        if name in ("pointwise", "dense"):
            pads[:] = 0
            kernel = size if name == "dense" else np.ones(rank, dtype=int)
        if name in ("pointwise", "composition"):
            stride = np.ones(rank, dtype=int)
        if name in ("dense", "composition"):
            dilation = np.ones(rank, dtype=int)
        twice = 2 if name == "composition" else 1  # there a second kernel of as many taps follows
        if (size + pads.sum(axis=1) < twice * dilation * (kernel - 1) + 1).any():
            continue
        groups = int(numbers.integers(1, 4)) if grouped else 1
        g = Geometry(
            size.tolist(),
            kernel.tolist(),
            groups * int(numbers.integers(1, 3)),
            groups * int(numbers.integers(1, 3)),
            int(numbers.integers(1, 3)),
            stride=stride.tolist(),
            padding=pads.tolist(),
            dilation=dilation.tolist(),
            groups=groups,
            padding_mode=mode,
        )
        if g.products <= most_products and prod(g.input_shape) <= most_products:
            return g


@st.composite
def terms(draw, names=("i", "j", "m", "n"), deepest=2):
    """Small terms: letters, numbers, sums, products, quotients and remainders."""
    kind = draw(st.integers(0, 6)) if deepest else draw(st.integers(0, 2))
    if kind <= 1:
        return letter(draw(st.sampled_from(names)))
    if kind == 2:
        return Term.of(draw(st.integers(-2, 3)))
    one, two = draw(terms(names, deepest - 1)), draw(terms(names, deepest - 1))
    if kind >= 5:
        two = letter(draw(st.sampled_from(names[2:])))  # mostly a size, of which more is assumed
        return one // two if kind == 5 else one % two
    return one + two if kind == 3 else one * two


@st.composite
def facts(draw, names=("i", "j", "m", "n")):
    """Comparisons of small terms."""
    compared = draw(st.sampled_from([at_most, less, equal]))
    return compared(draw(terms(names)), draw(terms(names)))


@st.composite
def conditions(draw):
    """A few assumptions about indices i and j and sizes m and n, and a claim that may or may not follow."""
    i, j, m, n = (letter(name) for name in ("i", "j", "m", "n"))
    usual = [*within(i, n), *within(j, m), at_most(1, m), at_most(1, n), less(i, j), equal(i // m, j)]
    given = draw(st.lists(st.sampled_from(usual) | facts(), max_size=5))
    known = [
        less(i * m + j, n * m),
        equal((i * m + j) // m, i),
        equal((i * m + j) % m, j),
        equal(i // m * m + i % m, i),
        at_most(i // n, i),
        less(i % m, m),
        at_most(i + 1, n),
        at_most(i % n, i),
    ]
    claim = draw(st.sampled_from(known) | st.sampled_from(usual) | facts())
    return Condition(tuple(given), claim, "drawn")


@st.composite
def points(draw, number):
    """Distinct rational points."""
    rationals = st.fractions(-6, 6, max_denominator=7)
    return draw(st.lists(rationals, min_size=number, max_size=number, unique=True))


@st.composite
def stride_one_layers(draw, low=-9, high=9):
    """A layer of stride 1 for tiles: (outputs of a tile, geometry, x, w, bias or None)."""
    rank = draw(st.sampled_from((2, 1, 3)))
    mode = draw(st.sampled_from(PADDING_MODES))
    longest = {1: 12, 2: 9, 3: 5}[rank]
    taps = tuple(draw(st.integers(1, 4 if rank < 3 else 2)) for _ in range(rank))
    outputs = tuple(draw(st.integers(1, 4 if rank < 3 else 2)) for _ in range(rank))
    sizes = tuple(draw(st.integers(r, max(r, longest))) for r in taps)
    most = {"reflect": lambda n: n - 1, "circular": lambda n: n}.get(mode, lambda n: 3)
    pads = tuple(
        (draw(st.integers(0, min(2, most(n)))), draw(st.integers(0, min(3, most(n))))) for n in sizes
    )
    groups = draw(st.integers(1, 2))
    channels, filters = groups * draw(st.integers(1, 2)), groups * draw(st.integers(1, 2))
    batch = draw(st.integers(1, 2))
    g = Geometry(
        sizes, taps, channels, filters, batch,
        padding=pads, groups=groups, padding_mode=mode, bias=draw(st.booleans()),
    )  # fmt: skip
    numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x, w = (numbers.integers(low, high, shape, endpoint=True) for shape in (g.input_shape, g.kernel_shape))
    bias = numbers.integers(low, high, g.out_channels, endpoint=True) if g.bias else None
    return outputs, g, x, w, bias


@st.composite
def transposed_layers(draw, low=-9, high=9, most_products=600, ranks=(2, 1, 3), within_stride=False):
    """A transposed convolution with numbers: (y, w, bias or None, hyper-parameters).

    Crops may go beyond the margin of the kernel, and output padding beyond the stride, unless it is to be
    within.
    """
    rank = draw(st.sampled_from(ranks))
    axes = []
    for _ in range(rank):
        n, k = draw(st.integers(1, {1: 5, 2: 4, 3: 2}[rank])), draw(st.integers(1, 3))
        s, d = draw(st.integers(1, 3)), draw(st.integers(1, 3))
        extra = draw(st.integers(0, (s if within_stride else max(s, d)) - 1))
        reached = s * (n - 1) + d * (k - 1) + 1 + extra
        before = draw(st.integers(0, min(4, reached - 1)))
        after = draw(st.integers(0, min(4, reached - 1 - before)))
        axes.append((n, k, s, d, extra, (before, after)))
    sizes, kernels, strides, dilations, extras, crops = zip(*axes, strict=True)
    groups = draw(st.integers(1, 3))
    inputs, outputs = groups * draw(st.integers(1, 3)), draw(st.integers(1, 3))
    batch = draw(st.integers(1, 3))
    if batch * inputs * outputs * prod(sizes) * prod(kernels) > most_products:
        batch, groups, inputs, outputs = 1, 1, 1, 1
    numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    y, w = (
        numbers.integers(low, high, shape, endpoint=True)
        for shape in ((batch, inputs, *sizes), (inputs, outputs, *kernels))
    )
    bias = numbers.integers(low, high, outputs * groups, endpoint=True) if draw(st.booleans()) else None
    hyper = {
        "stride": strides,
        "padding": crops,
        "output_padding": extras,
        "dilation": dilations,
        "groups": groups,
    }
    return y, w, bias, hyper

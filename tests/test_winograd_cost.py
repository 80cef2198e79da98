"""What Winograd's algorithms cost over a layer: against counts made one by one, and published ones."""

import re
from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symconv as sc
from symconv.forms.by_tiles import transform
from symconv.forms.winograd_cost import WinogradCost

LAYER = sc.Geometry((9, 14), (3, 2), 4, 6, 2, padding=((1, 0), (2, 1)), groups=2)
ALGORITHM = sc.nested(sc.winograd(2, 3), sc.winograd(4, 2))


class Counted:
    """A number that counts what is done with it: products with other constants than 0, 1 and −1, and sums."""

    def __init__(self, tally):
        self.tally = tally

    def __rmul__(self, constant):
        if constant == 0:
            return 0
        self.tally["products"] += abs(constant) != 1
        return Counted(self.tally)

    def __add__(self, other):
        if isinstance(other, Counted):
            self.tally["additions"] += 1
        return Counted(self.tally)

    __radd__ = __add__


def along_axes(matrices, shape):
    """The operations of a transform of one array, made one by one."""
    tally = {"products": 0, "additions": 0}
    array = np.empty(tuple(shape), dtype=object)
    for place in np.ndindex(*shape):
        array[place] = Counted(tally)
    for axis, matrix in enumerate(matrices):
        array = np.moveaxis(array, axis, 0)
        made = np.empty((len(matrix), *array.shape[1:]), dtype=object)
        for row, place in product(range(len(matrix)), np.ndindex(*array.shape[1:])):
            made[(row, *place)] = sum(c * array[(k, *place)] for k, c in enumerate(matrix[row]))
        array = np.moveaxis(made, 0, axis)
    return tally["products"], tally["additions"]


def counted(algorithm, g):
    """Every stage of a layer, tile by tile and kernel by kernel."""
    axes = [algorithm.triple] if isinstance(algorithm, sc.Winograd) else algorithm.triples
    tiles = g.batch * prod(-(-o // t.A.shape[1]) for o, t in zip(g.output_size, axes, strict=True))
    grown = [len(t.A) for t in axes]
    own = g.in_channels // g.groups
    once = {
        "inputs": along_axes([t.B.T for t in axes], [len(t.B) for t in axes]),
        "kernels": along_axes([t.G for t in axes], [t.G.shape[1] for t in axes]),
        "outputs": along_axes([t.A.T for t in axes], grown),
    }
    often = {
        "inputs": tiles * g.in_channels,
        "kernels": g.out_channels * own,
        "outputs": tiles * g.out_channels,
    }
    stages = {name: tuple(often[name] * n for n in once[name]) for name in once}
    products = [(1, channel > 0) for _ in range(tiles * g.out_channels) for channel in range(own)]
    stages["products"] = tuple(prod(grown) * sum(p[i] for p in products) for i in (0, 1))
    return stages


@pytest.mark.parametrize(
    ("algorithm", "g"),
    [
        (sc.winograd(2, 3), sc.Geometry(10, 3)),
        (sc.winograd(4, 3), sc.Geometry(11, 3, 3, 2, 2, padding=[(2, 1)])),
        (sc.winograd(3, 2), sc.Geometry(9, 2, 4, 6, 2, groups=2)),
        (ALGORITHM, LAYER),
        (sc.winograd2d((2, 3), (3, 1)), sc.Geometry((5, 6), (3, 1), 2, 2, groups=2)),
        (sc.nested(*[sc.winograd(2, 2)] * 3), sc.Geometry((3, 4, 5), 2, 2, 3)),
    ],
    ids=lambda v: getattr(v, "name", "layer"),
)
def test_every_stage_is_what_is_counted_one_by_one(algorithm, g):
    cost = algorithm.cost(g)
    for name, found in counted(algorithm, g).items():
        stage = getattr(cost, name)
        assert (stage.products, stage.additions) == found, name
    assert cost.direct == sc.Cost.direct(g)
    stages = (cost.inputs, cost.kernels, cost.products, cost.outputs)
    assert cost.total == sc.Cost(
        *(sum(getattr(s, k) for s in stages) for k in ("products", "additions", "memory"))
    )


def test_what_is_held_is_what_the_arrays_have():
    cost = ALGORITHM.cost(LAYER)
    padded, tiles, places = 2 * 4 * (4 * 2 + 2 + 0) * (4 * 4 + 1), 2 * 4 * 4, 4 * 5
    assert LAYER.output_size == (8, 16)
    assert cost.inputs.memory == padded + tiles * 4 * places
    assert cost.kernels.memory == 6 * 2 * places
    assert cost.products.memory == tiles * 6 * places
    assert cost.outputs.memory == 0


def test_an_input_that_fits_its_tiles_is_not_held_again():
    assert sc.winograd(2, 3).cost(sc.Geometry(6, 3)).inputs.memory == 2 * 4  # two tiles of four
    assert sc.winograd(2, 3).cost(sc.Geometry(7, 3)).inputs.memory == 3 * 4 + 8


def test_one_tile_is_what_lavin_and_gray_count():
    cost = sc.winograd2d(2, 3).cost(sc.Geometry((4, 4), 3))
    assert (cost.inputs.additions, cost.kernels.additions, cost.outputs.additions) == (32, 28, 24)
    assert (cost.products.products, cost.direct.products) == (16, 36)


@settings(max_examples=30, deadline=None)
@given(
    m=st.integers(1, 4),
    r=st.integers(1, 3),
    n=st.integers(3, 12),
    channels=st.integers(1, 3),
    f=st.integers(1, 3),
)
def test_products_are_the_algorithms_own(m, r, n, channels, f):
    g = sc.Geometry(n, r, channels, f)
    tiles = -(-g.output_size[0] // m)
    algorithm = sc.winograd(m, r)
    assert algorithm.cost(g).products.products == tiles * channels * f * algorithm.multiplications


def test_the_counted_transforms_are_those_that_are_made():
    """The oracle itself: what it counts is the transform that the evaluator uses."""
    matrix = sc.winograd(4, 3).triple.B.T
    assert (transform(matrix, np.eye(6, dtype=object), 0) == matrix).all()
    found = sc.winograd(4, 3)
    assert along_axes([matrix], [6]) == (found.scalings.input, found.additions.input)


REFUSALS = [
    (sc.Geometry(9, 4), "kernel_size=(4,)"),
    (sc.Geometry(9, 3, stride=2), "stride=(2,)"),
    (sc.Geometry(9, 3, dilation=2), "dilation=(2,)"),
    (sc.Geometry((9, 9), 3), "kernel_size=(3, 3)"),
]


@pytest.mark.parametrize(("g", "named"), REFUSALS, ids=[named for _, named in REFUSALS])
def test_another_layer_is_refused(g, named):
    sentence = f"{g!r} is no layer for F(2, 3): give one of kernel_size=(3,), stride 1, dilation 1"
    assert named in sentence
    with pytest.raises(sc.GeometryError, match=f"^{re.escape(sentence)}$"):
        sc.winograd(2, 3).cost(g)


def test_a_size_that_is_a_symbol_is_refused():
    with pytest.raises(sc.GeometryError, match="has the symbol n for a size: put a number in with subs"):
        sc.winograd(2, 3).cost(sc.Geometry("n", 3))


def test_a_change_of_layout_costs_no_product():
    r = sc.permutation(sc.Geometry((3, 4), 2, 2, 2, 2), "torch", "matlab")
    assert r.cost == sc.Cost(0, 0, r.patches(r.one.patch_map(r.geometry)).size + 8 * 2)


def test_a_cost_is_a_plain_record():
    cost = sc.winograd(2, 3).cost(sc.Geometry(4, 3))
    assert cost == WinogradCost(cost.inputs, cost.kernels, cost.products, cost.outputs, cost.direct)

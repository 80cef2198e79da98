"""What a layer's sizes come to, against counting."""

from collections import Counter
from fractions import Fraction
from math import prod

import numpy as np
from hypothesis import given

import symconv as sc
from tests.strategies import geometries


@given(geometries(most_products=400))
def test_it_is_what_counting_gives(g):
    d, u = g.describe(), sc.unroll(g)
    assert (d.patch_matrix_shape, d.weight_matrix_shape) == (u.patch_map.shape, u.weight_map.shape)
    assert d.output_size == g.output_size
    assert d.products == g.products
    assert d.expansion == Fraction(u.patch_map.size, prod(g.input_shape))
    counted = Counter(u.patch_map.ravel().tolist())
    reads = np.array([counted[i] for i in range(prod(g.input_shape))]).reshape(g.input_shape)
    assert (reads == d.reads).all()
    assert (d.fewest_reads, d.most_reads) == (reads.min(), reads.max())
    assert d.mean_reads == Fraction(int(reads.sum()), reads.size)


def test_it_costs_nothing_at_any_size():
    d = sc.Geometry((100_000, 100_000), 3, 512, 512, 64, padding=1).describe()
    assert d.products == 64 * 10**10 * 512 * 512 * 9
    assert (d.fewest_reads, d.most_reads) == (4, 9)
    assert str(d).splitlines()[0] == "output size           100000 × 100000"


def test_an_empty_batch_is_described():
    assert sc.Geometry((3, 3), 2, batch=0).describe().expansion == 0


def test_it_prints_as_latex():
    assert sc.latex(sc.Geometry((3, 3), 2).describe()).splitlines() == [
        r"\begin{array}{ll}",
        r"\text{output size} & \text{2} \times \text{2} \\",
        r"\text{patch matrix P} & \text{4} \times \text{4} \\",
        r"\text{weight matrix W} & \text{4} \times \text{1} \\",
        r"\text{products} & \text{16} \\",
        r"\text{P against the input} & \text{1.78 times as many entries} \\",
        r"\text{each input cell} & \text{is in 1 to 4 windows, 1.78 on average} \\",
        r"\end{array}",
    ]


def test_a_geometry_is_frozen_hashable_and_reads_back_from_its_print():
    g = sc.Geometry((5, 7), (2, 3), 4, 6, 2, stride=(2, 1), padding="same_upper", groups=2, bias=True)
    assert eval(repr(g), {"Geometry": sc.Geometry}) == g  # noqa: S307 (our own print)
    assert {g: 1}[sc.Geometry((5, 7), (2, 3), 4, 6, 2, stride=[2, 1], padding=g.padding, groups=2, bias=True)]
    assert sc.Geometry(9, 3) != sc.Geometry(9, 3, padding=1)


def test_long_axes_are_counted_along_themselves():
    d = sc.Geometry(1_000_000, 300, stride=10, padding=100).describe()
    assert d.most_reads == 30
    assert sum(d.axis_reads[0]) <= 300 * d.output_size[0]
    assert sc.Geometry(5, 3, stride=10**9, padding=10**9).describe().products == 9

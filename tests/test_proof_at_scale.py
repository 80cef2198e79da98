"""Many random layers, and many random wrong unrollings of them: the verdict is always SymPy's.

The exact proof compares whole numbers; SymPy adds the polynomials up and expands their difference. The
two share nothing but the maps.
"""

from collections import Counter
from math import prod

import numpy as np
import pytest

import symconv as sc
from tests.strategies import random_geometry
from tests.test_mutants import agrees_with_sympy, random_maps

CHUNKS, GEOMETRIES, MUTANTS = 10, 55, 150  # 550 layers and 1,500 alterations in all


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_layers_are_proved_as_sympy_proves_them(chunk):
    numbers = np.random.default_rng(chunk)
    seen = set()
    for _ in range(GEOMETRIES):
        g = random_geometry(numbers)
        u = sc.unroll(g)
        assert agrees_with_sympy(g, u.patch_map, u.weight_map)
        assert sc.prove(g).route == "factorised"
        seen.add(g)
    assert len(seen) > 0.8 * GEOMETRIES
    assert len({g.padding_mode for g in seen}) == 4
    assert any(g.groups > 1 and g.out_channels > g.groups for g in seen)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_mutants_are_refuted_unless_sympy_says_that_they_are_equal(chunk):
    """At least a thousand are refuted in all: a hundred of each chunk's."""
    numbers = np.random.default_rng(1000 + chunk)
    verdicts = Counter()
    for _ in range(MUTANTS):
        g = random_geometry(numbers)
        verdicts[agrees_with_sympy(g, *random_maps(g, numbers))] += 1
    assert verdicts[False] >= 100


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_a_pixel_that_padding_repeats_is_counted_as_often_as_it_is_read(mode):
    """Reading it once instead of twice, or from the other end, is another polynomial."""
    g = sc.Geometry((2, 5), (3, 2), 2, 4, 2, padding=1, groups=2, padding_mode=mode)
    u = sc.unroll(g)
    repeated = [row for row in u.patch_map.tolist() if len(set(row)) < len(row)]
    assert repeated
    assert u.prove()
    zeros = sc.unroll(sc.Geometry((2, 5), (3, 2), 2, 4, 2, padding=1, groups=2)).patch_map
    assert not u.with_maps(patch_map=zeros).prove()


def test_the_counterexample_shows_the_terms_that_differ():
    g = sc.Geometry((3, 3), 2)
    u = sc.unroll(g)
    patch = u.patch_map.copy()
    patch[1, 2] = patch[1, 3]  # one cell read twice, another not at all
    found = u.with_maps(patch_map=patch).prove().counterexample
    assert str(found.only_in_product) == "w_{1,0}*x_{1,2}"
    assert str(found.only_in_definition) == "w_{1,0}*x_{1,1}"
    assert str(found).splitlines() == [
        "first differing cell: y[0, 1]",
        "  P·W          = w_{0,0}*x_{0,1} + w_{0,1}*x_{0,2} + w_{1,0}*x_{1,2} + w_{1,1}*x_{1,2}",
        "  loop formula = w_{0,0}*x_{0,1} + w_{0,1}*x_{0,2} + w_{1,0}*x_{1,1} + w_{1,1}*x_{1,2}",
        "  only in P·W:          w_{1,0}*x_{1,2}",
        "  only in the formula:  w_{1,0}*x_{1,1}",
    ]


def test_a_product_that_occurs_twice_is_a_coefficient():
    u = sc.unroll([1, 2, 3], [4, 5])
    found = u.with_maps(weight_map=[[0], [0]], patch_map=[[0, 0], [1, 2]]).prove().counterexample
    assert str(found.product) == "2*w_{0}*x_{0}"
    assert str(found.only_in_product) == "w_{0}*x_{0}"
    assert str(found.only_in_definition) == "w_{1}*x_{1}"


def test_a_long_counterexample_is_shortened():
    g = sc.Geometry((8, 8), 5, 3)
    u = sc.unroll(g)
    text = repr(u.with_maps(patch_map=u.patch_map[::-1]).prove())
    assert "… (75 terms)" in text
    assert len(text) < 2000


FULL_SIZE = {
    "first layer of ResNet-50": sc.Geometry((224, 224), 7, 3, 64, stride=2, padding=3),
    "56×56×64": sc.Geometry((56, 56), 3, 64, 64, padding=1),
    "depthwise": sc.Geometry((56, 56), 3, 256, 256, padding=1, groups=256),
    "batch": sc.Geometry((28, 28), (3, 5), 32, 64, 8, padding=((1, 1), (2, 2)), stride=(2, 1), groups=4),
    "volume": sc.Geometry((16, 24, 24), 3, 8, 16, padding=1, dilation=(1, 2, 1)),
    "sequence": sc.Geometry(16_000, 80, 1, 128, stride=4),
}


@pytest.mark.parametrize("g", FULL_SIZE.values(), ids=FULL_SIZE)
def test_a_full_size_layer_is_proved_and_one_wrong_number_in_it_refuted(g):
    u = sc.unroll(g, max_entries=None) if prod(g.input_shape) < 10**6 else None
    proof = sc.prove(g)
    assert proof
    assert proof.route == "factorised"
    assert proof.products == g.products
    assert proof.compared == prod(g.output_shape)
    patch = u.patch_map.copy()
    row = patch.shape[0] // 3
    patch[row, -1] = (patch[row, -1] + 1) % (prod(g.input_shape) + 1)
    refuted = u.with_maps(patch_map=patch).prove()
    assert not refuted
    n, *position = np.unravel_index(row, (g.batch, *g.output_size))
    cell = refuted.counterexample.cell
    leading = len(cell) - g.rank
    assert cell[leading:] == tuple(map(int, position))
    assert leading < 2 or cell[0] == n

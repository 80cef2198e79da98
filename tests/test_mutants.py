"""Wrong maps are refuted, with a cell where the polynomials really differ; right ones are proved.

What is true is decided apart from the proof: SymPy adds up P·W from the altered maps and compares it with
the loop formula, cell by cell.
"""

from functools import cache
from itertools import product

import numpy as np
import pytest
import sympy
from hypothesis import given

import symconv as sc
import symconv.index_map
from tests.mutants import GEOMETRIES, MUTANTS, true_maps
from tests.strategies import geometries, options

PAIRS = [(mutant, geometry) for mutant in MUTANTS for geometry in GEOMETRIES]


def generic(g):
    return sc.unroll(sc.symbolic("x", g.input_shape), sc.symbolic("w", g.kernel_shape), **options(g))


@cache
def loop_formula(g):
    """All cells of the loop formula, in the order of the rows and columns of Y = P·W."""
    cells = sc.loop_formula(sc.symbolic("x", g.input_shape), sc.symbolic("w", g.kernel_shape), **options(g))
    return {(n, f, *o): cells[(n, f, *o)] for (n, *o), f in places(g)}


def places(g):
    return product(product(range(g.batch), *map(range, g.output_size)), range(g.out_channels))


def product_of_maps(g, patch, weight):
    """P·W by SymPy, from the maps alone, in the same order."""
    cells = [*sc.symbolic("x", g.input_shape).flat, sympy.S.Zero]
    weights = [*sc.symbolic("w", g.kernel_shape).flat, sympy.S.Zero]
    return {
        (n, f, *o): sympy.Add(*(weights[weight[k, f]] * cells[i] for k, i in enumerate(patch[row])))
        for (row, (n, *o)), f in product(
            enumerate(product(range(g.batch), *map(range, g.output_size))), range(g.out_channels)
        )
    }


def agrees_with_sympy(g, patch, weight):
    """Check one verdict on given maps against SymPy's; returns whether they were proved."""
    proof = generic(g).with_maps(patch, weight).prove()
    assert proof.tier == "exact"
    expected, derived = loop_formula(g), product_of_maps(g, patch, weight)
    differing = [
        cell for cell, y in expected.items() if derived[cell] != y and sympy.expand(derived[cell] - y) != 0
    ]
    assert bool(proof) == (not differing)
    if differing:
        found = proof.counterexample
        assert found.cell == differing[0], "the first cell, in the order of Y's rows and columns"
        assert sympy.expand(found.product - found.definition) != 0
        assert sympy.expand(found.product - derived[found.cell]) == 0
        assert sympy.expand(found.definition - expected[found.cell]) == 0
        assert proof.compared == list(expected).index(found.cell) + 1
    else:
        assert proof.counterexample is None
        assert proof.compared == len(expected)
    return bool(proof)


@pytest.mark.parametrize("name", GEOMETRIES)
def test_the_maps_built_cell_by_cell_are_the_plan(name):
    g = GEOMETRIES[name]
    u = generic(g)
    patch, weight = true_maps(g)
    assert u.patch_map.tolist() == patch.tolist()
    assert u.weight_map.tolist() == weight.tolist()
    assert agrees_with_sympy(g, patch, weight)


@given(geometries(most_products=300))
def test_the_maps_built_cell_by_cell_are_the_plan_of_any_layer(g):
    patch, weight = true_maps(g)
    u = generic(g)
    assert u.patch_map.tolist() == patch.tolist()
    assert u.weight_map.tolist() == weight.tolist()


@pytest.mark.parametrize(("mutant", "geometry"), PAIRS, ids=[f"{m}-{g}" for m, g in PAIRS])
def test_a_mutant_is_judged_as_sympy_judges_it(mutant, geometry):
    agrees_with_sympy(GEOMETRIES[geometry], *MUTANTS[mutant](GEOMETRIES[geometry]))


@pytest.mark.parametrize("mutant", MUTANTS)
def test_every_mutant_is_refuted_somewhere(mutant):
    """Nothing in the list is a mutant in name only."""
    refuted = []
    for name, g in GEOMETRIES.items():
        maps = MUTANTS[mutant](g)
        changed = any((a != b).any() for a, b in zip(maps, true_maps(g), strict=True))
        proved = bool(generic(g).with_maps(*maps).prove())
        assert changed or proved
        refuted += [name] * (not proved)
    assert refuted


def random_maps(g, numbers):
    """The right maps with one to three random alterations; some of them alter nothing that matters."""
    patch, weight = true_maps(g)
    for _ in range(numbers.integers(1, 4)):
        kind = numbers.integers(8)
        r, k, f = (
            numbers.integers(patch.shape[0]),
            numbers.integers(patch.shape[1]),
            numbers.integers(g.out_channels),
        )
        if kind == 0:
            patch[r, k] = numbers.integers(patch.max() + 1)
        elif kind == 1:
            weight[k, f] = numbers.integers(weight.max() + 1)
        elif kind == 2:
            patch = patch[numbers.permutation(patch.shape[0])]
        elif kind == 3:
            patch = patch[:, numbers.permutation(patch.shape[1])]
        elif kind == 4:
            weight = weight[:, numbers.permutation(g.out_channels)]
        elif kind == 5:  # both alike: nothing that matters
            order = numbers.permutation(patch.shape[1])
            patch, weight = patch[:, order], weight[order]
        elif kind == 6:
            patch[r, k] = np.prod(g.input_shape)
        else:  # two taps of one row exchanged
            other = numbers.integers(patch.shape[1])
            patch[r, [k, other]] = patch[r, [other, k]]
    return patch, weight


SMALL = [
    sc.Geometry((2, 3), (2, 2), padding=((1, 0), (0, 1))),
    sc.Geometry((2, 3), (1, 2), 2, 2, 2, stride=(2, 1)),
    sc.Geometry((3, 2), (2, 1), 2, 4, 1, groups=2, dilation=(2, 1), padding=(1, 0)),
    sc.Geometry(4, 3, 2, 1, 2, padding=1, stride=2),
    sc.Geometry(3, 2, padding=2, padding_mode="reflect"),
]


@pytest.mark.parametrize("seed", range(8))
def test_random_mutants_are_judged_as_sympy_judges_them(seed):
    """40 mutants to a seed, 320 in all, of both kinds."""
    numbers = np.random.default_rng(seed)
    verdicts = []
    for _ in range(40):
        g = SMALL[numbers.integers(len(SMALL))]
        verdicts.append(agrees_with_sympy(g, *random_maps(g, numbers)))
    assert {True, False} == set(verdicts)


@given(geometries(most_products=200))
def test_taps_in_any_order_common_to_both_maps_are_proved(g):
    u = generic(g)
    order = np.random.default_rng(g.products).permutation(u.weight_map.shape[0])
    assert u.with_maps(u.patch_map[:, order], u.weight_map[order]).prove()


def test_the_order_of_taps_does_not_leave_the_fast_route():
    u = generic(GEOMETRIES["grouped"])
    order = np.random.default_rng(0).permutation(u.weight_map.shape[0])
    assert u.with_maps(u.patch_map[:, order], u.weight_map[order]).prove().route == "factorised"


def test_a_tap_that_reads_only_padding_may_have_any_weight():
    """True, though the weight map is not the definition's: only the products settle it."""
    g = sc.Geometry(1, 3, padding=1)
    u = generic(g)
    assert u.patch_map.tolist() == [[1, 0, 1]]
    proof = u.with_maps(weight_map=[[2], [1], [3]]).prove()
    assert proof
    assert proof.route == "terms"
    assert agrees_with_sympy(g, u.patch_map, np.array([[2], [1], [3]]))


def test_rows_with_taps_of_their_own_order_need_the_products():
    """Equal patch columns where the definition reads padding: the columns may be exchanged row by row."""
    g = sc.Geometry(2, 2, padding=[(2, 0)])
    u = generic(g)
    patch = u.patch_map.copy()
    assert patch.tolist() == [[2, 2], [2, 0], [0, 1]]
    weight = u.weight_map.copy()
    assert u.with_maps(patch[:, ::-1], weight[::-1]).prove().route == "factorised"
    patch[1] = patch[1, ::-1]
    assert not u.with_maps(patch, weight).prove()


@pytest.mark.parametrize("name", GEOMETRIES)
def test_duplicated_and_zeroed_rows_are_refuted_in_every_row(name):
    g = GEOMETRIES[name]
    u = generic(g)
    zero = u.matrices.plan.input_cells
    for row in range(len(u.patch_map)):
        for other in (np.full(u.patch_map.shape[1], zero), u.patch_map[row - 1]):
            patch = u.patch_map.copy()
            patch[row] = other
            same = other.tolist() == u.patch_map[row].tolist()
            proof = u.with_maps(patch_map=patch).prove()
            assert bool(proof) == same
            if not same:
                position = np.unravel_index(row, (g.batch, *g.output_size))
                found = proof.counterexample.cell
                assert (found[0], *found[2:]) == tuple(map(int, position))


def map_mutation(mutant, which):
    return lambda g: MUTANTS[mutant](g)[which]


@pytest.mark.parametrize(
    ("function", "mutant", "geometry"),
    [
        ("patch_map", "shift-the-cells", "plain"),
        ("patch_map", "drop-the-padding", "asymmetric"),
        ("patch_map", "swap-the-strides", "asymmetric"),
        ("patch_map", "ignore-the-dilation", "dilated"),
        ("patch_map", "dilate-twice", "dilated"),
        ("patch_map", "swap-the-channels", "asymmetric"),
        ("patch_map", "samples-innermost", "asymmetric"),
        ("patch_map", "read-the-last-pixel-for-padding", "sequence"),
        ("patch_map", "another-padding-mode", "reflect"),
        ("weight_map", "flip-the-kernel", "plain"),
        ("weight_map", "mix-the-groups", "grouped"),
        ("weight_map", "ignore-the-groups", "depthwise"),
        ("weight_map", "interleave-the-groups", "grouped"),
    ],
)
def test_the_mutants_reach_the_code(monkeypatch, function, mutant, geometry):
    """The plan itself made wrong: a layer unrolled by it proves nothing and computes something else."""
    g = GEOMETRIES[geometry]
    x = np.arange(1, np.prod(g.input_shape) + 1).reshape(g.input_shape)
    w = np.arange(1, np.prod(g.kernel_shape) + 1).reshape(g.kernel_shape) ** 2
    expected = sc.loop_formula(x, w, **options(g)).tolist()
    right = sc.unroll(x, w, **options(g))
    assert right.prove()
    assert right.output.tolist() == expected
    monkeypatch.setattr(symconv.index_map, function, map_mutation(mutant, int(function == "weight_map")))
    wrong = sc.unroll(x, w, **options(g))
    assert not wrong.prove()
    assert not sc.prove(g)
    assert wrong.output.tolist() != expected


def test_the_counterexample_names_the_callers_symbols():
    a, b, c, p, q = sympy.symbols("a b c p q")
    u = sc.unroll([a, b, c], [p, q])
    found = u.with_maps(patch_map=[[0, 1], [0, 1]]).prove().counterexample
    assert (found.cell, found.product, found.definition) == ((1,), a * p + b * q, b * p + c * q)


@pytest.mark.parametrize(
    ("x", "w"),
    [
        (sympy.symbols("b a"), sympy.symbols("a b")),
        (sc.symbolic("w", 2)[::-1], [1, 2]),
        ([1, 2], sc.symbolic("x", 2)[::-1]),
    ],
    ids=["shared", "the-generic-names-of-w", "the-generic-names-of-x"],
)
def test_the_counterexample_differs_though_input_and_kernel_share_symbols(x, w):
    u = sc.unroll(x, w)
    for patch, weight in (([[0, 0]], [[0], [0]]), ([[1, 0]], [[0], [1]]), ([[1, 1]], [[1], [1]])):
        found = u.with_maps(patch, weight).prove().counterexample
        assert sympy.expand(found.product - found.definition) != 0


def test_a_refutation_reads_as_it_should():
    u = sc.unroll(sc.input_matrix(3, 3), sc.kernel_matrix(2, 2))
    assert repr(u.with_maps(weight_map=[[3], [2], [1], [0]]).prove()) == (
        "Refuted (tier: exact) after 1 entry of P·W (route: terms);\n"
        "first differing cell: y[0, 0]\n"
        "  P·W          = w_{0,0}*x_{1,1} + w_{0,1}*x_{1,0} + w_{1,0}*x_{0,1} + w_{1,1}*x_{0,0}\n"
        "  loop formula = w_{0,0}*x_{0,0} + w_{0,1}*x_{0,1} + w_{1,0}*x_{1,0} + w_{1,1}*x_{1,1}"
    )


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint64, ">i4"])
def test_a_map_of_any_integer_type_is_judged(dtype):
    u = sc.unroll(sc.Geometry((3, 3), (3, 3), 4, 4, padding=1))
    narrow = np.full(u.weight_map.shape, 3, dtype)
    assert not u.with_maps(weight_map=narrow).prove()
    small = sc.unroll(sc.Geometry(4, 2))
    assert small.with_maps(small.patch_map.astype(dtype), small.weight_map.astype(dtype)).prove()

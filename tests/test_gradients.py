"""Gradients: SymPy's derivatives of the loop formula, exact on integers, proved; wrong ones refuted."""

import re
import tracemalloc
from functools import cache
from math import prod
from typing import ClassVar

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import symconv as sc
import symconv.adjoint
import symconv.proof.gradients
import symconv.tiles
from symconv.index_map import gather, index_map
from symconv.matrices import scatter
from tests.cases import NINE_TO_SIX, ONE_TO_NINE
from tests.mutants import GEOMETRIES, MUTANTS
from tests.strategies import geometries, integer_layers, options, random_geometry

ONES = np.ones((2, 2), dtype=int)
NUMBERS = sc.unroll(ONE_TO_NINE, NINE_TO_SIX)


def test_what_one_would_type_first():
    u = sc.unroll(sc.input_matrix(3, 3), sc.kernel_matrix(2, 2))
    dy = sc.input_matrix(2, 2, "dy")
    assert str(u.input_gradient(dy)[1, 1]) == (
        "dy_{0,0}*w_{1,1} + dy_{0,1}*w_{1,0} + dy_{1,0}*w_{0,1} + dy_{1,1}*w_{0,0}"
    )
    assert u.weight_gradient(dy) == sympy.Matrix(2, 2, list(u.patch_matrix.T * sympy.Matrix(4, 1, list(dy))))
    assert list(u.bias_gradient(dy)) == [sum(dy)]
    d = sc.gradients(u)
    assert d.output == dy
    assert (d.input, d.weight) == (u.input_gradient(dy), u.weight_gradient(dy))
    assert sc.prove(d)
    assert NUMBERS.input_gradient(ONES).tolist() == [[9, 17, 8], [16, 30, 14], [7, 13, 6]]
    assert NUMBERS.weight_gradient(ONES).tolist() == [[12, 16], [24, 28]]
    assert NUMBERS.bias_gradient(ONES).tolist() == [4]


def flat(array):
    return [sympy.sympify(v) for v in np.array(array, dtype=object).ravel()]


@cache
def symbols(g):
    return [sc.symbolic(*named) for named in (("x", g.input_shape), ("w", g.kernel_shape))]


@cache
def derivatives(g):
    """Of Σ dy·y by each cell of x and of w, by SymPy from the loop formula."""
    x, w = symbols(g)
    return derivatives_of(np.array(sc.loop_formula(x, w, **options(g)), dtype=object), x, w)


def derivatives_of(y, x, w):
    """The same of any y: the sum of dy times SymPy's derivative, over the cells of y that hold the symbol."""
    terms = {symbol: [] for symbol in (*x.flat, *w.flat)}
    for dy, cell in zip(sc.symbolic("dy", y.shape).flat, y.flat, strict=True):
        for symbol in sympy.sympify(cell).free_symbols:
            terms[symbol].append(dy * sympy.diff(cell, symbol))
    return [[sympy.expand(sympy.Add(*terms[symbol])) for symbol in array.flat] for array in (x, w)]


@cache
def symbolic_layer(g):
    return sc.unroll(*symbols(g), **options(g))


def symbolic_gradients(g):
    return sc.gradients(symbolic_layer(g), sc.symbolic("dy", g.output_shape))


def test_sympy_differentiates_the_loop_formula_to_the_same():
    numbers = np.random.default_rng(20)
    tried = {"zeros": 0, "reflect": 0, "replicate": 0, "circular": 0}
    for _ in range(80):
        g = random_geometry(numbers, most_products=60)
        d = symbolic_gradients(g)
        assert [flat(d.input), flat(d.weight)] == derivatives(g)
        assert d.prove()
        tried[g.padding_mode] += 1
    assert min(tried.values()) > 8


@settings(max_examples=40)
@given(layer=integer_layers(most_products=120), seed=st.integers(0, 2**32 - 1))
def test_numbers_are_the_symbols_with_numbers_put_in(layer, seed):
    g, x, w, bias = layer
    dy = np.random.default_rng(seed).integers(-9, 10, g.output_shape)
    u, s = sc.unroll(x, w, bias=bias, **options(g)), sc.gradients(g, dy)
    values = dict(zip(s.matrices.input.flat, x.flat, strict=True))
    values |= dict(zip(s.matrices.kernel.flat, w.flat, strict=True))
    for got, expected in (
        (u.input_gradient(dy), s.input),
        (u.weight_gradient(dy), s.weight),
        (u.bias_gradient(dy), s.bias),
    ):
        entries = np.array(expected, dtype=object).ravel()
        assert got.ravel().tolist() == [sympy.sympify(v).xreplace(values) for v in entries]


def through_the_maps(g, x, w, dy):
    """Both gradients from the whole matrices, and the maps read one entry after another."""
    plan = index_map(g)
    P, W = gather(x, plan.patch), gather(w, plan.weight)
    dY = np.moveaxis(dy, 1, -1).reshape(-1, g.out_channels)
    dx, dw = np.zeros(x.size + 1, dy.dtype), np.zeros(w.size + 1, dy.dtype)
    np.add.at(dx, plan.patch, dY @ W.T)
    np.add.at(dw, plan.weight, P.T @ dY)
    return dx[:-1].reshape(x.shape), dw[:-1].reshape(w.shape)


@given(layer=integer_layers(), seed=st.integers(0, 2**32 - 1), most=st.sampled_from([0, 10**9]))
def test_both_ways_to_add_windows_are_what_the_maps_say(layer, seed, most):
    g, x, w, _ = layer
    dy = np.random.default_rng(seed).integers(-9, 10, g.output_shape)
    expected = through_the_maps(g, x, w, dy)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(symconv.adjoint, "_GATHER_BELOW", most)
        u = sc.unroll(x, w, **options(g))
        for dtype in (np.int64, np.int8, np.float16, np.float32, np.float64, np.complex64, np.longdouble):
            u = sc.unroll(x.astype(dtype), w.astype(dtype), **options(g))
            got = u.input_gradient(dy.astype(dtype)), u.weight_gradient(dy.astype(dtype))
            for made, right in zip(got, expected, strict=True):
                assert np.array_equal(made, right)
                assert made.dtype == (np.int64 if dtype is np.int8 else dtype)


@pytest.mark.parametrize("tile", [1, 40, 700])
@pytest.mark.parametrize("most", [0, 10**9], ids=["scattered", "gathered"])
def test_in_tiles_of_any_size(tile, most, monkeypatch):
    monkeypatch.setattr(symconv.adjoint, "_GATHER_BELOW", most)
    monkeypatch.setattr(symconv.tiles, "TILE_BYTES", tile * 8)
    monkeypatch.setattr(symconv.tiles, "BLOCKS_BYTES", tile * 8)
    numbers = np.random.default_rng(3)
    for g in GEOMETRIES.values():
        x, w, dy = (numbers.integers(-9, 10, s) for s in (g.input_shape, g.kernel_shape, g.output_shape))
        u = sc.unroll(x, w, **options(g))
        dx, dw = through_the_maps(g, x, w, dy)
        assert np.array_equal(u.input_gradient(dy), dx)
        assert np.array_equal(u.weight_gradient(dy), dw)


@given(layer=integer_layers(), seed=st.integers(0, 2**32 - 1))
def test_the_gradient_is_the_adjoint(layer, seed):
    """⟨dy, conv(x, w)⟩ = ⟨dx, x⟩ = ⟨dw, w⟩, with any other x and w for the arrays that are not held fixed."""
    g, x, w, _ = layer
    numbers = np.random.default_rng(seed)
    dy, other_x, other_w = (
        numbers.integers(-9, 10, s) for s in (g.output_shape, g.input_shape, g.kernel_shape)
    )
    u = sc.unroll(x, w, **options(g))
    assert (dy * sc.evaluate(other_x, w, **options(g))).sum() == (u.input_gradient(dy) * other_x).sum()
    assert (dy * sc.evaluate(x, other_w, **options(g))).sum() == (u.weight_gradient(dy) * other_w).sum()


@settings(max_examples=30)
@given(g=geometries(), seed=st.integers(0, 2**32 - 1))
def test_torch_has_the_same(g, seed):
    torch = pytest.importorskip("torch")
    numbers = np.random.default_rng(seed)
    x, w, dy = (numbers.integers(-9, 10, s) * 1.0 for s in (g.input_shape, g.kernel_shape, g.output_shape))
    tx, tw = (torch.from_numpy(a).requires_grad_() for a in (x, w))
    tb = torch.zeros(g.out_channels, dtype=torch.float64, requires_grad=True)
    mode = {"zeros": "constant"}.get(g.padding_mode, g.padding_mode)
    if mode != "constant" and 0 in g.input_size:
        return
    padded = torch.nn.functional.pad(tx, [p for pair in g.padding[::-1] for p in pair], mode)
    layer = {1: torch.nn.functional.conv1d, 2: torch.nn.functional.conv2d, 3: torch.nn.functional.conv3d}
    y = layer[g.rank](padded, tw, tb, stride=g.stride, dilation=g.dilation, groups=g.groups)
    y.backward(torch.from_numpy(dy))
    u = sc.unroll(x, w, bias=np.zeros(g.out_channels), **options(g))
    got = u.input_gradient(dy), u.weight_gradient(dy), u.bias_gradient(dy)
    for made, theirs in zip(got, (tx, tw, tb), strict=True):
        assert np.array_equal(made, theirs.grad.numpy())


BARE = [
    ("bare-1d", (5,), (2,), {}),
    ("bare-2d", (4, 5), (2, 3), {"stride": (1, 2)}),
    ("no-samples", (2, 4, 5), (3, 2, 2, 3), {"padding": 1}),
    ("all-axes", (2, 2, 4, 5), (4, 1, 2, 3), {"groups": 2, "dilation": (2, 1)}),
]


@pytest.mark.parametrize(("x", "w", "words"), [b[1:] for b in BARE], ids=[b[0] for b in BARE])
def test_gradients_have_the_shapes_of_what_was_given(x, w, words):
    for make in (lambda letter, shape: sc.symbolic(letter, shape), lambda _, shape: np.ones(shape)):
        u = sc.unroll(make("x", x), make("w", w), **words)
        d = sc.gradients(u)
        assert (d.input.shape, d.weight.shape, d.output.shape) == (x, w, u.output.shape)
        assert d.bias.shape == (u.geometry.out_channels,)
        assert d.patch_matrix_gradient.shape == d.patch_matrix.shape == u.patch_matrix.shape
        assert d.weight_matrix_gradient.shape == d.weight_matrix.shape == u.weight_matrix.shape
        assert d.product_gradient.shape == u.product.shape
        for array in (d.input, d.patch_matrix_gradient):
            assert isinstance(array, sympy.Matrix) == (array is not d.input or len(x) == 2)
    d = sc.gradients(sc.unroll(np.ones(x), np.ones(w), **words), np.ones(u.output.shape))
    assert all(isinstance(a, np.ndarray) for a in (d.input, d.weight, d.patch_matrix_gradient, d.bias))


def test_integers_that_64_bits_might_not_hold_are_exact():
    x, w = [[2**40, 1], [3, -(2**40)]], [[2**40, -1], [5, 2**39]]
    u = sc.unroll(x, w, padding=1)
    dy = np.full((3, 3), 2**40)
    exact = sc.gradients(sc.unroll(np.array(x, dtype=object) + 2**70, w, padding=1), dy)  # no native dtype
    assert exact.input.tolist() == u.input_gradient(dy).tolist()
    assert u.input_gradient(dy).dtype == u.weight_gradient(dy).dtype == object
    assert u.weight_gradient(dy).tolist() == [[2**40 * sum(map(sum, x))] * 2] * 2
    assert u.bias_gradient(np.full((3, 3), 2**62)).tolist() == [9 * 2**62]
    near = sc.unroll([[2**52 + 1]], [[1]]).weight_gradient([[3]])  # more than the 53 bits of a float64
    assert (near.dtype, near.tolist()) == (np.int64, [[3 * 2**52 + 3]])
    four = sc.unroll([2**31] * 4, [1]).weight_gradient(
        [2**31] * 4
    )  # each product would fit, their sum does not
    assert four.tolist() == [2**64]


def test_cells_that_padding_copies_count_towards_what_64_bits_hold():
    u = sc.unroll([[1]], [[2**30]], padding=2, padding_mode="replicate")
    assert u.input_gradient([[2**30] * 5] * 5).tolist() == [[25 * 2**60]]


def test_fractions_stay_fractions_and_complex_numbers_are_not_conjugated():
    third = sympy.Rational(1, 3)
    u = sc.unroll([third, 2, 3], [1, third])
    assert u.input_gradient([third, 1]).tolist() == [third, sympy.Rational(10, 9), third]
    c = sc.unroll(np.array([1j, 2, 3]), np.array([1j, 1.0]))
    assert c.input_gradient([1j, 1]).tolist() == [-1, 2j, 1]


def test_half_floats_are_summed_as_single_ones():
    u = sc.unroll(np.ones((4096, 1, 1), np.float16), np.ones((2, 1, 1), np.float16))
    dy = np.ones((4096, 2, 1), np.float16)
    assert u.weight_gradient(dy).ravel().tolist() == [4096, 4096]  # in half floats 2048 + 1 = 2048
    assert u.bias_gradient(dy).tolist() == [4096, 4096]
    assert u.bias_gradient(dy).dtype == np.float16


def test_an_empty_batch():
    u = sc.unroll(np.zeros((0, 2, 4, 5)), np.ones((3, 2, 2, 2)))
    dy = np.zeros(u.output.shape)
    assert u.input_gradient(dy).shape == (0, 2, 4, 5)
    assert u.weight_gradient(dy).tolist() == np.zeros((3, 2, 2, 2)).tolist()
    assert u.bias_gradient(dy).tolist() == [0, 0, 0]
    assert sc.prove(sc.gradients(u, dy))
    assert sc.gradients(u, dy).cost == sc.Cost(0, 0, 0)


def test_a_cell_that_no_window_reads_has_gradient_zero():
    u = sc.unroll(sc.input_matrix(1, 5), sc.kernel_matrix(1, 2), stride=3)
    assert list(sc.gradients(u).input)[2] == 0
    assert sc.unroll([[1, 2, 3, 4, 5]], [[1, 1]], stride=3).input_gradient([[1, 1]]).tolist() == [
        [1, 1, 0, 1, 1]
    ]


def test_no_whole_patch_matrix_is_made():
    g = sc.Geometry((64, 64), 5, 8, 8, padding=2)
    x, w, dy = (np.ones(s, np.float32) for s in (g.input_shape, g.kernel_shape, g.output_shape))
    whole = 4 * prod(g.patch_matrix_shape)
    for stride, out in ((1, dy), (2, dy[..., ::2, ::2])):
        u = sc.unroll(x, w, padding=2, stride=stride)
        for gradient in (u.input_gradient, u.weight_gradient):
            gradient(out)
            tracemalloc.start()
            gradient(out)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert peak < whole / (3 if stride == 1 else 1)


@given(g=geometries(), seed=st.integers(0, 2**32 - 1))
def test_scatter_is_the_adjoint_of_gather(g, seed):
    plan, numbers = index_map(g), np.random.default_rng(seed)
    cells, entries = numbers.integers(-9, 10, g.input_shape), numbers.integers(-9, 10, plan.patch.shape)
    gathered = (gather(cells, plan.patch) * entries).sum()
    assert gathered == (scatter(entries, plan.patch, plan.input_cells) * cells.ravel()).sum()


# Proofs


@given(g=geometries())
def test_gradients_are_proved(g):
    proof = sc.prove(sc.gradients(g))
    assert proof
    assert proof.tier is sc.Tier.EXACT
    assert proof.compared == prod(g.input_shape) + prod(g.kernel_shape)


def agrees_with_sympy(g, d):
    """Check a verdict, and the sums that it shows, against SymPy's derivatives; whether it was proved."""
    proof = d.prove()
    sides = list(zip("xw", (d.input, d.weight), derivatives(g), (g.input_shape, g.kernel_shape), strict=True))
    for letter, made, right, shape in sides:
        entries = flat(made)
        wrong = [k for k, (a, b) in enumerate(zip(entries, right, strict=True)) if a != b]
        if wrong:
            found = proof.difference
            assert not proof
            assert found.identity == f"d{letter} = the derivative of Σ dy·y by {letter}"
            assert np.ravel_multi_index(found.place, shape) == wrong[0]
            assert proof.compared == wrong[0] + 1 + (prod(g.input_shape) if letter == "w" else 0)
            assert (found.left, found.right) == (entries[wrong[0]], right[wrong[0]])
            return False
    assert proof
    return True


@pytest.mark.parametrize("mutant", MUTANTS)
def test_mutants_of_the_maps_are_refuted(mutant):
    """As the layer's own maps, and as those by which entries are added; what is true is decided by SymPy."""
    refuted = 0
    for g in GEOMETRIES.values():
        maps = MUTANTS[mutant](g)
        whole = sc.gradients(symbolic_layer(g).with_maps(*maps), sc.symbolic("dy", g.output_shape))
        assert agrees_with_sympy(g, whole) == bool(symbolic_layer(g).with_maps(*maps).prove())
        refuted += not agrees_with_sympy(g, symbolic_gradients(g).with_maps(*maps))
    assert refuted


STRIDED = sc.Geometry((5, 6), (2, 3), 2, 4, 2, stride=(1, 2), padding=((1, 0), (0, 2)), groups=2)


def only_the_last(numbers, cells):
    """What an assignment does where an addition should be: of the entries of a cell the last one stays."""
    kept = np.full(numbers.size, cells)
    _, backwards = np.unique(numbers.ravel()[::-1], return_index=True)
    last = numbers.size - 1 - backwards
    kept[last] = numbers.ravel()[last]
    return kept.reshape(numbers.shape)


def not_rotated(g, patch):
    """Each window added back with its kernel the wrong way round."""
    taps = patch.reshape(len(patch), g.in_channels, *g.kernel_size)
    return np.flip(taps, tuple(range(2, 2 + g.rank))).reshape(patch.shape)


WRONG = {
    "windows-not-added": lambda g, plan: {"patch_map": only_the_last(plan.patch, plan.input_cells)},
    "kernel-not-rotated": lambda g, plan: {"patch_map": not_rotated(g, plan.patch)},
    "strides-swapped": lambda g, plan: {
        "patch_map": MUTANTS["swap-the-strides"](g)[0],
    },
    "padding-added-to-the-last-cell": lambda g, plan: {
        "patch_map": np.minimum(plan.patch, plan.input_cells - 1)
    },
    "one-sample-only": lambda g, plan: {
        "patch_map": np.where(
            np.arange(len(plan.patch))[:, None] < prod(g.output_size), plan.patch, plan.input_cells
        )
    },
    "weights-reversed": lambda g, plan: {
        "weight_map": np.where(plan.weight == plan.kernel_cells, plan.kernel_cells, plan.weight[::-1, ::-1])
    },
    "taps-reversed": lambda g, plan: {"weight_map": MUTANTS["flip-the-kernel"](g)[1]},
    "groups-mixed": lambda g, plan: {"weight_map": MUTANTS["mix-the-groups"](g)[1]},
    "one-weight-dropped": lambda g, plan: {
        "weight_map": np.where(plan.weight == plan.kernel_cells - 1, plan.kernel_cells, plan.weight)
    },
    "one-weight-twice": lambda g, plan: {
        "weight_map": np.where(plan.weight == plan.kernel_cells - 1, 0, plan.weight)
    },
}


@pytest.mark.parametrize("at_once", [1 << 20, 5])
@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_gradients_are_refuted_with_the_first_wrong_cell(wrong, at_once, monkeypatch):
    monkeypatch.setattr(symconv.proof.gradients, "_TRIPLES_AT_ONCE", at_once)
    d = symbolic_gradients(STRIDED)
    assert agrees_with_sympy(STRIDED, d)
    altered = d.with_maps(**WRONG[wrong](STRIDED, index_map(STRIDED)))
    assert not agrees_with_sympy(STRIDED, altered)


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_gradients_of_numbers_are_those_of_the_symbols(wrong):
    numbers = np.random.default_rng(2)
    g, symbolic = STRIDED, symbolic_gradients(STRIDED)
    values = [numbers.integers(-9, 10, s) for s in (g.input_shape, g.kernel_shape, g.output_shape)]
    pairs = zip(
        [*(v for array in symbols(g) for v in array.flat), *symbolic.output.flat],
        [int(v) for array in values for v in array.flat],
        strict=True,
    )
    put_in = dict(pairs)
    maps = WRONG[wrong](g, index_map(g))
    d = sc.gradients(sc.unroll(*values[:2], **options(g)), values[2])
    s = symbolic.with_maps(**maps)
    for right, made, expected in (
        (d.input, d.with_maps(**maps).input, s.input),
        (d.weight, d.with_maps(**maps).weight, s.weight),
    ):
        assert made.ravel().tolist() == [v.xreplace(put_in) for v in flat(expected)]
        assert right.shape == made.shape


def test_a_product_that_is_there_twice_is_shown_twice():
    g = sc.Geometry((3, 4), (2, 2))
    patch, weight = (numbers.copy() for numbers in (index_map(g).patch, index_map(g).weight))
    patch[:, -1], weight[-1] = patch[:, 0], weight[0]
    d = sc.gradients(symbolic_layer(g).with_maps(patch, weight), sc.symbolic("dy", g.output_shape))
    assert not agrees_with_sympy(g, d)
    assert d.prove().difference.left == 2 * sympy.Symbol("dy_{0,0,0,0}") * sympy.Symbol("w_{0,0,0,0}")


def test_another_order_of_the_taps_is_proved():
    u = sc.unroll(*symbols(STRIDED), **options(STRIDED))
    order = np.random.default_rng(0).permutation(u.patch_map.shape[1])
    d = sc.gradients(u.with_maps(u.patch_map[:, order], u.weight_map[order]))
    assert sc.prove(d)
    assert flat(d.input) == flat(sc.gradients(u).input)


def test_gradients_of_altered_maps_are_those_of_the_altered_layer():
    x, w = symbols(STRIDED)
    maps = MUTANTS["swap-the-strides"](STRIDED)
    u = symbolic_layer(STRIDED).with_maps(*maps)
    d = sc.gradients(u)
    expected = derivatives_of(u.output, x, w)
    assert [flat(d.input), flat(d.weight)] == expected
    numbers = np.random.default_rng(1)
    values = [numbers.integers(-9, 10, a.shape) for a in (x, w, d.output)]
    pairs = zip([*x.flat, *w.flat, *d.output.flat], np.concatenate([v.ravel() for v in values]), strict=True)
    put_in = {symbol: int(value) for symbol, value in pairs}
    numeric = sc.unroll(*values[:2], **options(STRIDED)).with_maps(*maps)
    got = numeric.input_gradient(values[2]), numeric.weight_gradient(values[2])
    for made, right in zip(got, expected, strict=True):
        assert made.ravel().tolist() == [v.xreplace(put_in) for v in right]


def test_a_full_size_layer_is_proved_and_refuted():
    g = sc.Geometry((56, 56), 3, 64, 64, padding=1)
    u = sc.unroll(np.zeros(g.input_shape), np.zeros(g.kernel_shape), padding=1)
    d = sc.gradients(u, np.zeros(g.output_shape))
    proof = d.prove()
    assert proof
    assert proof.compared == 64 * 56 * 56 + 64 * 64 * 9
    patch = d.added.patch.copy()
    patch[1000, -5], patch[1001, -5] = patch[1001, -5], patch[1000, -5]
    found = d.with_maps(patch_map=patch).prove().difference
    assert found.place == (0, 63, *divmod(int(min(patch[1000:1002, -5])) % (56 * 56), 56))
    weight = d.added.weight.copy()
    weight[-1, -1], weight[-2, -1] = weight[-2, -1], weight[-1, -1]
    assert d.with_maps(weight_map=weight).prove().difference.place == (63, 63, 2, 1)


def test_all_entries_added_to_one_cell_are_refuted_at_full_size():
    g = sc.Geometry((112, 112), 3, 16, 4, padding=1)
    d = sc.gradients(
        sc.unroll(np.zeros(g.input_shape), np.zeros(g.kernel_shape), padding=1), np.zeros(g.output_shape)
    )
    weight = np.full(d.added.weight.shape, d.added.kernel_cells)
    found = d.with_maps(weight_map=weight).prove().difference
    assert (found.place, found.left) == ((0, 0, 0, 0), 0)


def test_a_verdict_names_the_callers_symbols():
    u = sc.unroll(sympy.Matrix([sympy.symbols("a b c")]), sympy.Matrix([sympy.symbols("u v")]))
    d = sc.gradients(u, sympy.Matrix([sympy.symbols("p q")]))
    assert str(d.with_maps(patch_map=[[0, 1], [3, 2]]).prove()) == (
        "Refuted (tier: exact) after 2 entries, for Geometry(input_size=(1, 3), kernel_size=(1, 2));\n"
        "dx = the derivative of Σ dy·y by x fails first at [0, 1]\n  left  = p*v\n  right = p*v + q*u"
    )


# Cost


class Counting:
    """A number that counts what is done with it: a sum with a plain 0 is none."""

    done: ClassVar = {"*": 0, "+": 0}

    def __mul__(self, other):
        self.done["*"] += 1
        return Counting()

    def __add__(self, other):
        self.done["+"] += isinstance(other, Counting)
        return self

    __radd__ = __add__


@settings(max_examples=40)
@given(g=geometries())
def test_the_cost_is_counted(g):
    """As the definition of the two products and of the fold says it, one entry after another."""
    cost = sc.gradients(g).cost
    plan = index_map(g)
    rows, taps = plan.patch.shape
    own = [np.flatnonzero(plan.weight[q] != plan.kernel_cells) for q in range(taps)]
    Counting.done = {"*": 0, "+": 0}
    for q in range(taps):
        for _ in own[q]:
            sum(Counting() * Counting() for _ in range(rows))
    folded = [0] * (plan.input_cells + 1)
    for r in range(rows):
        for q in range(taps):
            entry = sum(Counting() * Counting() for _ in own[q])
            if plan.patch[r, q] != plan.input_cells:
                folded[plan.patch[r, q]] += entry
    assert cost == sc.Cost(Counting.done["*"], Counting.done["+"], 2 * rows * taps)
    assert cost.products == 2 * g.products


# Showing


def lines(*text):
    return "\n".join(text)


LETTERS = sc.gradients(sc.unroll(sc.input_matrix(1, 3, start=1), sc.kernel_matrix(1, 2, start=1), start=1))
TWO = sc.gradients(sc.unroll([[[1, 2, 3]]], [[[4, 5]], [[6, 7]]]), [[[1, 2], [3, 4]]])
SHOWN = [
    ("weight", LETTERS, {"part": "weight"}, lines(
        r"\underbrace{\left[\begin{array}{cc}", r"x_{1,1} & x_{1,2} \\", "x_{1,2} & x_{1,3}",
        r"\end{array}\right]}_{P^{\mathsf T}}", r"\underbrace{\left[\begin{array}{c}", r"dy_{1,1} \\",
        "dy_{1,2}", r"\end{array}\right]}_{dY}", "=", r"\underbrace{\left[\begin{array}{c}", r"dw_{1,1} \\",
        "dw_{1,2}", r"\end{array}\right]}_{dW}")),
    ("input", LETTERS, {"part": "input"}, lines(
        r"\underbrace{\left[\begin{array}{c}", r"dy_{1,1} \\", "dy_{1,2}", r"\end{array}\right]}_{dY}",
        r"\underbrace{\left[\begin{array}{cc}", "w_{1,1} & w_{1,2}", r"\end{array}\right]}_{W^{\mathsf T}}",
        "=", r"\underbrace{\left[\begin{array}{cc}", r"dy_{1,1} w_{1,1} & dy_{1,1} w_{1,2} \\",
        "dy_{1,2} w_{1,1} & dy_{1,2} w_{1,2}", r"\end{array}\right]}_{dP}")),
    ("input-sum", LETTERS, {"part": "input_sum", "cell": (1, 2)},
     "dx_{1,2} = dy_{1,1} w_{1,2} + dy_{1,2} w_{1,1}"),
    ("weight-sum", LETTERS, {"part": "weight_sum"}, "dw_{1,1} = dy_{1,1} x_{1,1} + dy_{1,2} x_{1,2}"),
    ("input-sum-of-numbers", TWO, {"part": "input_sum", "cell": 1},
     r"1 \cdot 5 + 3 \cdot 7 + 2 \cdot 4 + 4 \cdot 6 = 58"),
    ("weight-sum-of-numbers", TWO, {"part": "weight_sum", "cell": (1, 0, 1)}, r"3 \cdot 2 + 4 \cdot 3 = 18"),
    ("a-cell-never-read", sc.gradients(sc.unroll([1, 2, 3], [1], stride=2), [1, 1]),
     {"part": "input_sum", "cell": 1}, "0 = 0"),
]  # fmt: skip


@pytest.mark.parametrize(("d", "words", "text"), [s[1:] for s in SHOWN], ids=[s[0] for s in SHOWN])
def test_latex(d, words, text):
    assert sc.latex(d, **words) == text


def test_both_products_stand_one_above_the_other():
    assert sc.latex(TWO) == lines(
        r"\begin{gathered}", sc.latex(TWO, "weight"), r"\\[1em]", sc.latex(TWO, "input"), r"\end{gathered}"
    )
    assert TWO._repr_latex_() == rf"$\displaystyle {sc.latex(TWO)}$"


def test_entries_that_are_sums_are_named_and_entries_of_no_weight_are_starred():
    d = sc.gradients(sc.Geometry(2, 1, 2, 4, groups=2))
    assert r"dw_{0,0,0} & dw_{1,0,0} & \ast & \ast" in sc.latex(d, "weight")
    assert r"dp_{0,0} & dp_{0,1}" in sc.latex(d, "input")
    reversed_weights = d.with_maps(weight_map=np.where(d.added.weight == 4, 4, 3 - d.added.weight))
    assert r"dw_{3,0,0} & dw_{2,0,0} & \ast & \ast" in sc.latex(reversed_weights, "weight")
    depthwise = sc.gradients(sc.Geometry(2, 1, 2, 2, groups=2))
    assert r"dy_{0,0} w_{0,0,0} & dy_{1,0} w_{1,0,0}" in sc.latex(depthwise, "input")


def test_large_products_are_elided():
    d = sc.gradients(sc.unroll(np.ones((40, 40)), np.ones((7, 7))), np.ones((34, 34)))
    assert len(sc.latex(d)) < 3000
    assert len(sc.latex(d, "weight_sum")) < 3000
    assert r"\cdots" in sc.latex(d, "weight")


def test_a_sum_over_a_gradient_is_a_number():
    dw = NUMBERS.weight_gradient(ONES)
    assert (repr(dw.sum()), repr(dw.mean())) == ("np.int64(80)", "np.float64(20.0)")
    assert type(dw + 1) is type(dw.sum(axis=0)) is type(dw)


def test_it_says_what_it_is():
    assert repr(TWO) == (
        "Gradients: dW = Pᵀ (2×2) · dY (2×2) and dP = dY (2×2) · Wᵀ (2×2),\n"
        "folded into dw of shape (2, 1, 2) and dx of shape (1, 1, 3), numeric"
    )


MANY = sc.unroll(np.ones((1, 12, 12)), np.ones((4, 1, 3, 3)), max_entries=999)
NOTHING = sc.unroll(np.zeros((0, 1, 3)), np.ones((1, 1, 2)))
MESSAGES = [
    ("dy-of-another-shape", lambda: NUMBERS.input_gradient([[1, 2, 3]]),
     "dy has shape (1, 3): give an array of shape (2, 2)"),
    ("dy-without-filters", lambda: TWO.matrices and sc.gradients(TWO.matrices, [[1, 2]]),
     "dy has shape (1, 2): give an array of shape (1, 2, 2)"),
    ("dy-for-weights", lambda: NUMBERS.weight_gradient([1]),
     "dy has shape (1,): give an array of shape (2, 2)"),
    ("dy-for-bias", lambda: NUMBERS.bias_gradient([1]), "dy has shape (1,): give an array of shape (2, 2)"),
    ("dy-of-text", lambda: NUMBERS.input_gradient([["a", 1], [2, 3]]),
     "dy[0, 0] is 'a', neither a number nor a symbol: give numbers or SymPy expressions; "
     "for a symbol give sympy.Symbol('a')"),
    ("ragged-dy", lambda: NUMBERS.input_gradient([[1, 1], [2]]),
     "dy is ragged: entry 1 has shape (1,) where entry 0 has (2,); give rows of equal length"),
    ("of-letters", lambda: sc.gradients(sc.Geometry("H", 1)),
     f"{sc.Geometry('H', 1)!r} has the symbol H for a size: put a number in with subs(H=…)"),
    ("of-an-array", lambda: sc.gradients([[1, 2]]),
     "list is nothing that has gradients: give what sc.unroll returned, or a Geometry"),
    ("of-any-size", lambda: sc.gradients(sc.unroll(sc.Geometry("H", 1))),
     "UnrolledAnySize is nothing that has gradients: give what sc.unroll returned, or a Geometry"),
    ("too-large-for-symbols", lambda: sc.gradients(MANY).weight,
     "the product Pᵀ·dY has 3,600 symbolic entries or products, more than max_entries=999: "
     "use the maps or prove(), which need no symbols, or insist with unroll(..., max_entries=None)"),
    ("a-map-of-another-shape", lambda: LETTERS.with_maps(patch_map=[[0, 1]]),
     "patch_map has shape (1, 2) and entries of int64: give integers of shape (2, 2)"),
    ("a-map-of-no-cell", lambda: LETTERS.with_maps(weight_map=[[0], [3]]),
     "weight_map holds 3: give cell numbers from 0 to 1, or 2 for a zero"),
    ("another-part", lambda: sc.latex(TWO, "output"),
     "part='output' is unknown for gradients: use one of products, weight, input, weight_sum, input_sum"),
    ("another-cell", lambda: sc.latex(LETTERS, "input_sum", cell=(0, 1)),
     "cell=(0, 1) is not a cell of the input: give an index from (1, 1) to (1, 3)"),
    ("another-weight", lambda: sc.latex(LETTERS, "weight_sum", cell=(1, 3)),
     "cell=(1, 3) is not a cell of the kernels: give an index from (1, 1) to (1, 2)"),
    ("an-empty-batch", lambda: sc.latex(sc.gradients(NOTHING, np.zeros((0, 1, 2)))),
     "the batch is empty, so there is nothing to show: give at least one sample"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), [m[1:] for m in MESSAGES], ids=[m[0] for m in MESSAGES])
def test_messages(call, message):
    with pytest.raises(sc.SymconvError, match=re.escape(message)) as refused:
        call()
    assert str(refused.value) == message

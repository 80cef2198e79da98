"""Reductions: the same layer from smaller ones, proved for random layers, with mutants refuted."""

import re
from dataclasses import replace
from math import prod

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import symconv as sc
from tests.strategies import geometries, integer_layers, options

SPLITS = pytest.mark.parametrize("split", [sc.polyphase, sc.sublattices], ids=lambda s: s.__name__)

STRIDED = sc.Geometry(
    (7, 9), (3, 4), 4, 6, 2, stride=(2, 3), padding=((1, 0), (2, 1)), dilation=(1, 2), groups=2
)
DILATED = sc.Geometry(
    (9, 11), (2, 3), 2, 4, 2, stride=(1, 2), padding=((0, 2), (1, 1)), dilation=(2, 3), groups=2
)


def entries(array):
    return [sympy.expand(v) for v in np.array(array, dtype=object).ravel()]


@SPLITS
@given(g=geometries())
def test_the_pieces_are_the_layer(split, g):
    proof = sc.prove(split(g))
    assert proof
    assert proof.tier is sc.Tier.EXACT
    assert proof.compared == prod(g.output_shape)


@SPLITS
@given(layer=integer_layers())
def test_on_integers_they_are_equal(split, layer):
    g, x, w, bias = layer
    assert np.array_equal(split(g).evaluate(x, w, bias), sc.evaluate(x, w, bias=bias, **options(g)))


@SPLITS
@settings(max_examples=20)
@given(g=geometries(most_products=120))
def test_on_symbols_they_are_equal(split, g):
    x, w = sc.symbolic("x", g.input_shape), sc.symbolic("w", g.kernel_shape)
    bias = sc.symbolic("b", g.out_channels) if g.bias else None
    got = split(g).evaluate(x, w, bias)
    assert got.shape == g.output_shape
    assert list(got.ravel()) == list(np.array(sc.loop_formula(x, w, bias=bias, **options(g))).ravel())


@SPLITS
@given(g=geometries())
def test_what_is_left_has_no_stride_or_no_dilation(split, g):
    made = split(g)
    for piece in made.pieces:
        assert not any(map(any, piece.geometry.padding))
        assert set(piece.geometry.stride if split is sc.polyphase else piece.geometry.dilation) == {1} or (
            split is sc.sublattices and set(piece.geometry.dilation) == {1}
        )
    taps = np.zeros(g.kernel_size, dtype=int)
    writes = np.zeros(g.output_size, dtype=int)
    for piece in made.pieces:
        taps[piece.taps] += 1
        writes[piece.writes] += 1
    partitioned, whole = (taps, writes) if split is sc.polyphase else (writes, taps)
    assert (partitioned == 1).all()
    assert (whole == len(made.pieces)).all()


@SPLITS
@given(g=geometries())
def test_the_work_is_that_of_the_loop_formula(split, g):
    made = split(g)
    cells = prod(g.output_shape)
    assert made.cost.products == g.products
    assert made.cost.additions == g.products - cells
    held = [prod(p.geometry.input_shape) + prod(p.geometry.output_shape) for p in made.pieces]
    padded = prod(g.padded().input_shape) if g.padded().input_size != g.input_size else 0
    assert made.cost.memory == sum(held) + padded


def dropped(pieces):
    return pieces[:-1]


def doubled(pieces):
    return (*pieces, pieces[0])


def taps_swapped(pieces):
    return _swapped(pieces, "taps")


def reads_swapped(pieces):
    return _swapped(pieces, "reads")


def writes_swapped(pieces):
    return _swapped(pieces, "writes")


def _swapped(pieces, name):
    """The first two pieces of equal geometry that differ here, with that exchanged."""
    for i, one in enumerate(pieces):
        for j, other in enumerate(pieces[:i]):
            if one.geometry == other.geometry and getattr(one, name) != getattr(other, name):
                changed = list(pieces)
                changed[i] = replace(one, **{name: getattr(other, name)})
                changed[j] = replace(other, **{name: getattr(one, name)})
                return tuple(changed)
    return pieces


SQUARE = sc.Geometry((6, 8), (2, 4), 2, 4, 2, stride=2, groups=2)
LATTICE = sc.Geometry((5, 8), 2, 2, 4, 2, dilation=(2, 4), groups=2, padding=((1, 0), (2, 2)))
PIECE_MUTANTS = [
    (sc.polyphase, SQUARE, dropped),
    (sc.polyphase, SQUARE, doubled),
    (sc.polyphase, SQUARE, taps_swapped),
    (sc.polyphase, SQUARE, reads_swapped),
    (sc.polyphase, STRIDED, dropped),
    (sc.polyphase, STRIDED, doubled),
    (sc.sublattices, LATTICE, dropped),
    (sc.sublattices, LATTICE, doubled),
    (sc.sublattices, LATTICE, reads_swapped),
    (sc.sublattices, LATTICE, writes_swapped),
    (sc.sublattices, DILATED, dropped),
    (sc.sublattices, DILATED, doubled),
]


@pytest.mark.parametrize(("split", "g", "mutant"), PIECE_MUTANTS, ids=lambda v: getattr(v, "__name__", None))
def test_other_pieces_are_refuted(split, g, mutant):
    made = split(g)
    wrong = made.with_pieces(mutant(made.pieces))
    assert wrong.pieces != made.pieces, "the mutant reaches the pieces"
    proof = sc.prove(wrong)
    assert not proof
    x, w = sc.symbolic("x", g.input_shape), sc.symbolic("w", g.kernel_shape)
    cell = proof.difference.place
    right = np.array(sc.loop_formula(x, w, **options(g)), dtype=object)
    left = wrong.evaluate(x, w)
    assert sympy.expand(proof.difference.left - left[cell]) == 0
    assert sympy.expand(proof.difference.right - right[cell]) == 0
    flat = int(np.ravel_multi_index((cell[0], *cell[2:]), (g.batch, *g.output_size)))
    rows = np.moveaxis(left - right, 1, -1).reshape(-1, g.out_channels)
    differing = [(r, f) for (r, f), v in np.ndenumerate(rows) if sympy.expand(v) != 0]
    assert (flat, cell[1]) == differing[0], "the first cell that differs"
    assert proof.compared == flat * g.out_channels + cell[1] + 1


@SPLITS
@settings(max_examples=40)
@given(g=geometries(most_products=80), data=st.data())
def test_the_verdict_is_right_about_any_choice_of_pieces(split, g, data):
    made = split(g)
    chosen = data.draw(st.lists(st.sampled_from(made.pieces), min_size=1, max_size=4))
    wrong = made.with_pieces(chosen)
    x, w = sc.symbolic("x", g.input_shape), sc.symbolic("w", g.kernel_shape)
    same = entries(wrong.evaluate(x, w)) == entries(sc.loop_formula(x, w, **options(g)))
    assert bool(sc.prove(wrong)) == same


def test_a_layer_of_full_size():
    g = sc.Geometry((112, 112), 7, 3, 64, stride=2, padding=3)
    assert len(sc.polyphase(g).pieces) == 4
    assert sc.prove(sc.polyphase(g))


def test_sums_beyond_64_bits_are_exact():
    g = sc.Geometry(4, 4, stride=2)
    x, w = [2**31 - 1] * 4, [2**31 - 1] * 4
    assert sc.polyphase(g).evaluate(x, w).tolist() == [[[4 * (2**31 - 1) ** 2]]]


@given(g=geometries(most_products=300), multiplier=st.integers(1, 3), seed=st.integers(0, 2**32 - 1))
def test_a_separable_layer_is_a_dense_one(g, multiplier, seed):
    made, numbers = sc.depthwise_separable(g, multiplier), np.random.default_rng(seed)
    proof = sc.prove(made)
    assert proof
    assert proof.compared == prod(g.output_shape)
    x, v, p = (
        numbers.integers(-5, 6, shape)
        for shape in (g.input_shape, made.depthwise.kernel_shape, made.pointwise.kernel_shape)
    )
    bias = numbers.integers(-5, 6, g.out_channels) if g.bias else None
    dense = made.kernel(v, p)
    assert dense.shape == g.kernel_shape
    expected = sc.evaluate(x, dense, bias=bias, **options(g))
    assert np.array_equal(made.evaluate(x, v, p, bias), expected)


SEPARABLE = sc.Geometry(
    (4, 5), (2, 3), 4, 4, 2, stride=(2, 1), padding=((1, 0), (0, 2)), dilation=(2, 1), groups=2
)


def test_a_separable_layer_on_symbols():
    g = replace_batch(SEPARABLE, 1)
    made = sc.depthwise_separable(g, 2)
    x, v, p = (
        sc.symbolic(name, shape)
        for name, shape in (
            ("x", g.input_shape),
            ("v", made.depthwise.kernel_shape),
            ("p", made.pointwise.kernel_shape),
        )
    )
    expected = sc.loop_formula(x, made.kernel(v, p), **options(g))
    assert entries(made.evaluate(x, v, p)) == entries(expected)


def replace_batch(g, batch):
    return sc.Geometry(g.input_size, g.kernel_size, g.in_channels, g.out_channels, batch, **options(g))


def depthwise(**changed):
    g = SEPARABLE
    sizes = {"stride": g.stride, "padding": g.padding, "dilation": g.dilation, "padding_mode": "zeros"}
    return sc.Geometry(g.input_size, g.kernel_size, 4, 8, 2, groups=4, **{**sizes, **changed})


@pytest.mark.parametrize(
    "wrong",
    [
        depthwise(padding=((0, 1), (0, 2))),
        depthwise(padding=((1, 0), (1, 1))),
        depthwise(padding=((1, 0), (2, 0))),
        depthwise(padding_mode="circular"),
        depthwise(padding_mode="replicate"),
        depthwise(padding_mode="reflect"),
        depthwise(dilation=(1, 1), padding=((0, 0), (0, 2))),
        depthwise(stride=(1, 1), padding=((0, 0), (0, 2))),
    ],
    ids=["before-after", "shifted", "all-before", "circular", "replicate", "reflect", "dilation", "stride"],
)
def test_another_depthwise_layer_is_refuted(wrong):
    made = sc.depthwise_separable(SEPARABLE, 2)
    assert sc.prove(made)
    assert wrong.output_size == SEPARABLE.output_size
    other = made.with_layers(wrong, made.pointwise)
    proof = sc.prove(other)
    assert not proof
    x, v, p = (
        sc.symbolic(name, shape)
        for name, shape in (
            ("x", SEPARABLE.input_shape),
            ("v", wrong.kernel_shape),
            ("p", made.pointwise.kernel_shape),
        )
    )
    cell = proof.difference.place
    assert sympy.expand(proof.difference.left - other.evaluate(x, v, p)[cell]) == 0
    dense = sc.loop_formula(x, made.kernel(v, p), **options(SEPARABLE))
    assert sympy.expand(proof.difference.right - dense[cell]) == 0
    assert sympy.expand(proof.difference.left - proof.difference.right) != 0


def test_the_cost_of_a_separable_layer():
    g = SEPARABLE
    cost, positions = sc.depthwise_separable(g, 2).cost, prod(g.output_size)
    first = 2 * positions * 8 * 6  # samples, positions, channels between, taps
    second = 2 * positions * 4 * 4  # samples, positions, filters, channels between in a group
    assert cost.products == first + second
    assert cost.additions == first - 2 * positions * 8 + second - 2 * positions * 4
    assert cost.memory == 2 * positions * 8


@given(layer=integer_layers())
def test_one_tap_is_a_matrix_product(layer):
    g, x, w, bias = layer
    g = sc.Geometry(
        g.input_size,
        1,
        g.in_channels,
        g.out_channels,
        g.batch,
        stride=g.stride,
        padding=g.padding,
        groups=g.groups,
        padding_mode=g.padding_mode,
        bias=g.bias,
    )
    w = w[(slice(None), slice(None), *(slice(0, 1),) * g.rank)]
    made = sc.pointwise(g)
    assert sc.prove(made)
    expected = sc.evaluate(x, w, bias=bias, **options(g))
    assert np.array_equal(made.evaluate(x, w, bias), expected)
    W, X = made.matrices(x, w)
    product = (W @ X).reshape(g.out_channels, g.batch, *g.output_size)
    without = expected if bias is None else expected - bias.reshape(-1, *(1,) * g.rank)
    assert np.array_equal(np.moveaxis(product, 0, 1), without)


ONE = sc.Geometry((3, 4), 1, 4, 6, 2, stride=(2, 1), padding=((1, 0), (0, 2)), groups=2)


@pytest.mark.parametrize(
    "mutant",
    [
        lambda cells: cells[:, ::-1],
        lambda cells: np.roll(cells, 1, axis=1),
        lambda cells: cells[[1, 0, 2, 3]],
        lambda cells: cells.reshape(2, 2, -1).transpose(1, 0, 2).reshape(4, -1),
        lambda cells: np.where(cells == cells.max(), 0, cells),
    ],
    ids=["reversed", "rolled", "channels-swapped", "groups-mixed", "padding-read"],
)
def test_another_matrix_of_cells_is_refuted(mutant):
    made = sc.pointwise(ONE)
    assert made.prove()
    assert not sc.prove(made.with_cells(mutant(made.cells)))


def test_the_cost_of_one_tap():
    assert sc.pointwise(ONE).cost == sc.Cost(ONE.products, ONE.products // 2, 4 * 2 * prod(ONE.output_size))
    plain = sc.Geometry((3, 4), 1, 4, 6)
    assert sc.pointwise(plain).cost == sc.Cost(288, 216, 0)


def test_pointwise_on_symbols():
    x, w = sc.symbolic("x", ONE.input_shape), sc.symbolic("w", ONE.kernel_shape)
    assert entries(sc.pointwise(ONE).evaluate(x, w)) == entries(sc.loop_formula(x, w, **options(ONE)))


LETTERS = sc.Geometry("H", 1)
SYMBOL = f"{LETTERS!r} has the symbol H for a size: put a number in with subs(H=…)"
PLAIN = sc.polyphase(sc.Geometry(5, 2))
MESSAGES = [
    ("polyphase-of-letters", lambda: sc.polyphase(LETTERS), SYMBOL),
    ("sublattices-of-letters", lambda: sc.sublattices(LETTERS), SYMBOL),
    ("separable-of-letters", lambda: sc.depthwise_separable(LETTERS), SYMBOL),
    ("pointwise-of-letters", lambda: sc.pointwise(LETTERS), SYMBOL),
    (
        "several-taps",
        lambda: sc.pointwise(sc.Geometry((4, 4), (1, 2))),
        "kernel_size=(1, 2) has more than one tap: give a layer of kernel_size=1, or unroll this one",
    ),
    (
        "no-multiplier",
        lambda: sc.depthwise_separable(sc.Geometry(4, 2), 0),
        "multiplier=0 is too small: give an int of at least 1",
    ),
    (
        "another-input",
        lambda: PLAIN.evaluate([1, 2], [1, 2]),
        "x has shape (2,): give an array of shape (1, 1, 5)",
    ),
    (
        "another-kernel",
        lambda: sc.depthwise_separable(sc.Geometry(4, 2)).kernel([1, 2, 3], [1]),
        "depthwise has shape (3,): give an array of shape (1, 1, 2)",
    ),
    (
        "slices-that-do-not-fit",
        lambda: PLAIN.with_pieces([replace(PLAIN.pieces[0], reads=(slice(0, 4),))]).prove(),
        "a piece has Geometry(input_size=(5,), kernel_size=(2,)), and its slices make an input of (1, 1, 4), "
        "an output of (1, 4) and taps of (1, 2): give slices of these shapes, and no padding",
    ),
    (
        "layers-that-do-not-fit",
        lambda: (
            sc.depthwise_separable(sc.Geometry(4, 2))
            .with_layers(sc.Geometry(4, 3), sc.Geometry(2, 1))
            .prove()
        ),
        "depthwise=Geometry(input_size=(4,), kernel_size=(3,)) and "
        "pointwise=Geometry(input_size=(2,), kernel_size=(1,)) do not make "
        "Geometry(input_size=(4,), kernel_size=(2,)): give layers whose shapes follow one another",
    ),
]


@pytest.mark.parametrize(("call", "message"), [m[1:] for m in MESSAGES], ids=[m[0] for m in MESSAGES])
def test_messages(call, message):
    with pytest.raises(sc.SymconvError, match=re.escape(message)) as refused:
        call()
    assert str(refused.value) == message


def test_a_missing_last_product_is_missed():
    made = sc.polyphase(sc.Geometry(3, 3, stride=3))  # one output cell, one piece for each product
    assert not sc.prove(made.with_pieces(made.pieces[:2]))
    assert not sc.prove(made.with_pieces((*made.pieces, made.pieces[2])))


def test_no_more_pieces_than_the_strides_ask_for():
    strides_and_dilations = [(1, 1), (2, 1), (1, 3), (2, 2), (4, 6), (6, 4), (2, 3)]
    layers = [sc.Geometry(40, 7, stride=s, dilation=d) for s, d in strides_and_dilations]
    assert [len(sc.polyphase(g).pieces) for g in layers] == [1, 2, 1, 1, 2, 3, 2]
    assert [len(sc.sublattices(g).pieces) for g in layers] == [1, 1, 3, 1, 1, 2, 3]
    assert all(sc.prove(split(g)) for g in layers for split in (sc.polyphase, sc.sublattices))


def test_layers_that_only_look_as_if_they_fit_are_refused():
    made = sc.depthwise_separable(sc.Geometry(4, 2, in_channels=2))
    padded = sc.Geometry(3, 1, 2, stride=2, padding=1)  # as many outputs as cells, and not those cells
    for first, second in ((sc.Geometry(4, 2, 2, 2), made.pointwise), (made.depthwise, padded)):
        assert first.output_shape == made.depthwise.output_shape
        assert second.output_shape == made.pointwise.output_shape
        with pytest.raises(sc.GeometryError, match="give layers whose shapes follow one another"):
            made.with_layers(first, second).prove()

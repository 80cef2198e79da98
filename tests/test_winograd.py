"""Winograd's algorithms: as published, proved, refuted when altered, applied, measured, printed."""

import re
from fractions import Fraction
from itertools import pairwise, permutations, product
from pathlib import Path

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import symconv as sc
from symconv.forms.points import default_points
from symconv.proof.bilinear import prove_bilinear
from tests.published_winograd import PUBLISHED
from tests.strategies import points, stride_one_layers

SMALL = [(m, r) for m, r in product(range(1, 7), range(1, 6)) if m + r < 9]


def published(name):
    """The algorithm with matrices typed from the literature."""
    m, r, *texts = PUBLISHED[name]
    AT, G, BT = (
        sympy.Matrix([[sympy.Rational(v) for v in row.split()] for row in text.split(";")]) for text in texts
    )
    return sc.winograd(m, r).with_matrices(A=AT.T, G=G, B=BT.T)


def by_sympy(w):
    """The outputs as polynomials, by SymPy's matrices, which share nothing with the proof."""
    x, k = sympy.symbols(f"x:{w.n}"), sympy.symbols(f"w:{w.r}")
    products = (w.G * sympy.Matrix(k)).multiply_elementwise(w.B.T * sympy.Matrix(x))
    return [sympy.expand(y) for y in w.A.T * products], list(sc.loop_formula(list(x), list(k)))


class TestPublished:
    @pytest.mark.parametrize("name", PUBLISHED)
    def test_is_right_and_is_ours(self, name):
        theirs = published(name)
        proof = sc.prove(theirs)
        assert proof
        assert (proof.tier, proof.compared) == (sc.Tier.EXACT, theirs.m)
        ours = sc.winograd(theirs.m, theirs.r)
        assert sc.same_up_to_scaling(theirs, ours)
        assert sc.same_up_to_scaling(ours, theirs)

    @pytest.mark.parametrize("name", [n for n in PUBLISHED if n.startswith("WINCNN") and n != "WINCNN_3_3"])
    def test_ours_is_wincnns_to_the_sign(self, name):
        theirs = published(name)
        assert theirs == sc.winograd(theirs.m, theirs.r)

    def test_wincnns_in_another_order_of_points_too(self):
        assert published("WINCNN_3_3") == sc.winograd(3, 3, points=[0, -1, 1, 2])

    def test_what_is_moved_about(self):
        found = sc.same_up_to_scaling(published("LAVIN_GRAY_2_3"), sc.winograd(2, 3))
        assert found.permutation == (0, 1, 2, 3)
        assert found.scales == ((1, 1, 1),) * 3 + ((-1, 1, -1),)
        found = sc.same_up_to_scaling(published("NNPACK_4_5"), sc.winograd(4, 5))
        assert found.scales[5:7] == ((8, Fraction(1, 8), 1),) * 2
        found = sc.same_up_to_scaling(published("WINCNN_3_3"), sc.winograd(3, 3))
        assert found.permutation == (0, 2, 1, 3, 4)

    def test_default_points_are_the_literatures(self):
        assert default_points(9) == (0, 1, -1, 2, -2, Fraction(1, 2), -Fraction(1, 2), 3, -3)
        assert sc.winograd(2, 3).points == (0, 1, -1)
        assert len(set(default_points(63))) == 63


class TestProof:
    @pytest.mark.parametrize(("m", "r"), SMALL)
    def test_holds_and_sympy_agrees(self, m, r):
        w = sc.winograd(m, r)
        assert sc.prove(w)
        got, wanted = by_sympy(w)
        assert got == wanted
        assert (w.A.shape, w.G.shape, w.B.shape) == ((w.n, m), (w.n, r), (w.n, w.n))
        assert all(v.is_Rational for matrix in (w.A, w.G, w.B) for v in matrix)

    @given(st.data())
    def test_holds_at_any_points(self, data):
        m, r = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5))
        at = data.draw(points(m + r - 2))
        w = sc.winograd(m, r, points=at)
        assert sc.prove(w)
        assert w.points == tuple(at)

    @pytest.mark.parametrize(("m", "r"), [(2, 3), (3, 2), (4, 3)])
    @pytest.mark.parametrize("name", ["A", "G", "B"])
    def test_every_altered_entry_is_refuted(self, m, r, name):
        w = sc.winograd(m, r)
        for i, j in np.ndindex(getattr(w, name).shape):
            altered = getattr(w, name).as_mutable()
            altered[i, j] += sympy.Rational(1, 1000)
            mutant = w.with_matrices(**{name: altered})
            assert not sc.prove(mutant), (name, i, j)
            assert by_sympy(mutant)[0] != by_sympy(mutant)[1]

    MUTANTS = {  # noqa: RUF012
        "true-convolution": lambda w: {"G": w.G[:, ::-1]},
        "outputs-reversed": lambda w: {"A": w.A[:, ::-1]},
        "input-not-transposed": lambda w: {"B": w.B.T},
        "input-reversed": lambda w: {"B": w.B[::-1, :]},
        "two-rows-of-G-swapped": lambda w: {"G": w.G.elementary_row_op("n<->m", row1=1, row2=2)},
        "two-rows-of-A-swapped": lambda w: {"A": w.A.elementary_row_op("n<->m", row1=1, row2=2)},
        "infinity-forgotten": lambda w: {"A": w.A[:-1, :], "G": w.G[:-1, :], "B": w.B[:, :-1]},
        "a-sign-in-one-matrix-only": lambda w: {"A": w.A.elementary_row_op("n->kn", row=3, k=-1)},
        "not-divided": lambda w: {"G": w.G.elementary_row_op("n->kn", row=1, k=2)},
        "divided-twice": lambda w: {"B": w.B / 2},
        "an-output-of-nothing": lambda w: {"A": w.A * 0},
    }

    @pytest.mark.parametrize(("m", "r"), [(2, 3), (3, 2), (4, 3), (2, 5)])
    @pytest.mark.parametrize("name", MUTANTS)
    def test_mutants_are_refuted_by_a_counterexample_that_is_one(self, name, m, r):
        w = sc.winograd(m, r)
        mutant = w.with_matrices(**self.MUTANTS[name](w))
        assert mutant != w
        proof = sc.prove(mutant)
        assert not proof
        wrong = proof.counterexample
        x, k = np.zeros(w.n, dtype=int), np.zeros(r, dtype=int)
        x[wrong.input_cell] = k[wrong.tap] = 1
        assert mutant.apply(x, k)[wrong.cell] == wrong.coefficient
        assert sc.loop_formula(x, k)[wrong.cell] == wrong.expected != wrong.coefficient
        symbols = sc.symbolic("x", w.n), sc.symbolic("w", r)
        assert wrong.algorithm == mutant.apply(*symbols)[wrong.cell]
        assert wrong.definition == sc.loop_formula(*symbols)[wrong.cell]

    def test_the_first_wrong_output_is_named(self):
        w = sc.winograd(4, 3)
        altered = w.A.as_mutable()
        altered[5, 2] = 1
        proof = sc.prove(w.with_matrices(A=altered))
        assert (proof.compared, proof.counterexample.cell) == (3, (2,))
        assert repr(proof).startswith(
            "Refuted (tier: exact) after 3 outputs of F(4, 3);\nfirst differing cell: y[2]"
        )

    def test_more_multiplications_than_the_fewest_are_proved_too(self):
        direct = sc.winograd(2, 2).with_matrices(  # the loop formula itself, four products
            A=[[1, 0], [1, 0], [0, 1], [0, 1]],
            G=[[1, 0], [0, 1], [1, 0], [0, 1]],
            B=[[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]],
        )
        assert sc.prove(direct)
        assert (direct.multiplications, direct.n) == (4, 3)
        found = sc.same_up_to_scaling(direct, sc.winograd(2, 2))
        assert repr(found) == "Not the same: one has 4 multiplications and the other 3."
        assert direct.apply([1, 2, 3, 4], [5, 6]).tolist() == sc.loop_formula([1, 2, 3, 4], [5, 6]).tolist()

    def test_the_sentences(self):
        assert repr(sc.prove(sc.winograd(1, 3))) == (
            "Proved (tier: exact). The one output of F(1, 3) equals the loop formula, as polynomials:\n"
            "3 multiplications instead of 3, for any values of the inputs and weights."
        )
        assert repr(sc.prove(sc.winograd2d(6, 3))) == (
            "Proved (tier: exact). All 36 outputs of F(6×6, 3×3) equal the loop formula, as polynomials:\n"
            "64 multiplications instead of 324, for any values of the inputs and weights."
        )
        w = sc.winograd(8, 9)
        text = repr(sc.prove(w.with_matrices(B=w.B.T)))
        assert "terms)" in text
        assert len(text) < 1500


class TestNested:
    @pytest.mark.parametrize(
        ("m", "r"), [(2, 3), (4, 3), ((2, 3), (3, 2)), ((1, 4), (3, 1)), (6, 3)], ids=str
    )
    def test_holds(self, m, r):
        w = sc.winograd2d(m, r)
        assert sc.prove(w)
        assert sc.prove(w).compared == w.m[0] * w.m[1]

    def test_counts(self):
        w = sc.winograd2d(2, 3)
        assert (w.multiplications, w.direct_multiplications) == (16, 36)
        assert w.additions == (32, 28, 24)  # Lavin & Gray 2016, section 4.1
        assert w.scalings == (0, 6 * 3 + 6 * 4, 0)
        assert (w.m, w.r, w.n) == ((2, 2), (3, 3), (4, 4))
        assert repr(sc.winograd2d((2, 4), (3, 1))) == "F(2×4, 3×1): 16 multiplications instead of 24"
        deep = sc.nested(sc.winograd(2, 3), sc.winograd(2, 3), sc.winograd(2, 3))
        assert (deep.multiplications, deep.direct_multiplications) == (64, 216)
        assert sc.prove(deep)

    def test_counts_along_one_axis(self):
        w = sc.winograd(2, 3)
        assert (w.multiplications, w.direct_multiplications, w.additions) == (4, 6, (4, 4, 4))
        assert sc.nested(w).additions == w.additions
        assert sc.nested(w).scalings == w.scalings == (0, 6, 0)
        assert sc.winograd(4, 3).additions == (16, 8, 14)

    def test_a_constant_may_be_moved_from_one_axis_to_another(self):
        w = sc.winograd(2, 3)
        twice, half = w.with_matrices(G=w.G * 2), w.with_matrices(G=w.G / 2)
        assert not sc.prove(twice)
        assert not sc.prove(sc.nested(twice, w))
        assert sc.prove(sc.nested(twice, half))
        assert sc.same_up_to_scaling(sc.nested(twice, half), sc.nested(w, w))
        assert not sc.same_up_to_scaling(sc.nested(twice, w), sc.nested(w, w))

    @pytest.mark.parametrize("axis", [0, 1])
    def test_a_wrong_axis_is_refuted(self, axis):
        axes = [sc.winograd(2, 3), sc.winograd(3, 2)]
        axes[axis] = axes[axis].with_matrices(G=axes[axis].G[:, ::-1])
        w = sc.nested(*axes)
        wrong = sc.prove(w).counterexample
        x, k = np.zeros(w.n, dtype=int), np.zeros(w.r, dtype=int)
        x[wrong.input_cell] = k[wrong.tap] = 1
        assert w.apply(x, k)[wrong.cell] == wrong.coefficient != wrong.expected
        assert sc.loop_formula(x, k)[wrong.cell] == wrong.expected


def options(g, bias):
    return {"padding": g.padding, "groups": g.groups, "padding_mode": g.padding_mode, "bias": bias}


class TestWholeLayers:
    @given(stride_one_layers())
    def test_integers_are_exact(self, layer):
        m, g, x, w, bias = layer
        algorithm = sc.nested(*map(sc.winograd, m, g.kernel_size))
        y = algorithm.apply(x, w, **options(g, bias))
        wanted = sc.loop_formula(x, w, **options(g, bias))
        assert y.dtype == np.int64
        assert y.shape == wanted.shape
        assert (y == wanted).all()
        assert (y == sc.evaluate(x, w, **options(g, bias))).all()

    @given(stride_one_layers())
    def test_fractions_are_exact(self, layer):
        m, g, x, w, bias = layer
        x, w = (
            np.vectorize(lambda v, d=d: Fraction(int(v), d), otypes=[object])(a) for a, d in ((x, 3), (w, 7))
        )
        algorithm = sc.nested(*map(sc.winograd, m, g.kernel_size))
        wanted = sc.loop_formula(x, w, **options(g, bias))
        assert (algorithm.apply(x, w, **options(g, bias)) == wanted).all()

    @pytest.mark.parametrize(("size", "padding"), [((5, 4), 0), ((3, 6), ((1, 0), (0, 2))), ((4, 4), "same")])
    def test_symbols_are_the_loop_formulas_polynomials(self, size, padding):
        x, w = sc.input_matrix(*size), sc.kernel_matrix(3, 2)
        y = sc.winograd2d((2, 3), (3, 2)).apply(x, w, padding=padding)
        assert isinstance(y, sympy.Matrix)
        assert y == sc.loop_formula(x, w, padding=padding)

    def test_symbols_with_channels_filters_and_bias(self):
        x, w, b = sc.symbolic("x", (2, 2, 5)), sc.symbolic("w", (2, 2, 3)), sc.symbolic("b", 2)
        y = sc.winograd(2, 3).apply(x, w, bias=b)
        wanted = sc.loop_formula(x, w, bias=b)
        assert y.shape == wanted.shape
        assert (y == wanted).all()

    @pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "complex128"])
    def test_floats_keep_their_dtype(self, dtype):
        numbers = np.random.default_rng(3)
        x, w = (numbers.uniform(-1, 1, shape).astype(dtype) for shape in ((2, 3, 11, 7), (4, 3, 3, 3)))
        y = sc.winograd2d(2, 3).apply(x, w, padding=1)
        assert y.dtype == dtype
        wanted = sc.evaluate(x.astype(complex), w.astype(complex), padding=1)
        assert np.allclose(y, wanted, atol=2e-2 if dtype == "float16" else 1e-5)

    def test_mixed_numbers(self):
        assert sc.winograd(2, 2).apply([1, 2.5, 3], [1, 1]).tolist() == [3.5, 5.5]
        assert sc.winograd(2, 2).apply([1, 2, 3], [0.5, 1.0]).dtype == float
        assert sc.winograd(2, 2).apply([1, 2, 3], [1, 1], bias=None).dtype == np.int64
        y = sc.winograd(2, 2).apply([[1, 2, 3]], [[[1, 1]]], bias=[0.5])
        assert y.tolist() == [[3.5, 5.5]]

    def test_no_integer_overflows(self):
        x, w = np.array([2**62, -(2**62), 2**61, 7]), np.array([3, -(2**40)])
        y = sc.winograd(2, 2).apply(x, w)
        assert y.tolist() == [int(a) * 3 + int(b) * -(2**40) for a, b in pairwise(x)]
        unsigned = np.array([2**64 - 1, 1, 2], dtype=np.uint64)
        assert sc.winograd(2, 1).apply(unsigned, [1]).tolist() == [2**64 - 1, 1, 2]

    def test_a_bias_does_not_overflow_either(self):
        x, w = np.array([[2**61, 1, 2]]), np.array([[[1, 0]]])
        y = sc.winograd(2, 2).apply(x, w, bias=np.array([2**63], dtype=np.uint64))
        assert y.tolist() == [[2**63 + 2**61, 2**63 + 1]]

    def test_an_empty_batch_stays_empty(self):
        y = sc.winograd(2, 3).apply(np.zeros((0, 1, 5), dtype=int), np.ones((2, 1, 3), dtype=int))
        assert (y.shape, y.dtype) == ((0, 2, 3), np.int64)

    def test_matrices_that_are_wrong_give_what_they_give(self):
        w = sc.winograd(2, 3)
        third = w.with_matrices(G=w.G / 3)
        assert third.apply([1, 2, 3, 4], [1, 0, 0]).tolist() == [Fraction(1, 3), Fraction(2, 3)]

    def test_large_tiles_of_small_inputs(self):
        assert sc.winograd(8, 3).apply([1, 2, 3], [1, 1, 1]).tolist() == [6]


class TestScaling:
    @given(st.data())
    def test_rescaled_and_reordered_is_the_same(self, data):
        w = sc.winograd(data.draw(st.integers(1, 4)), data.draw(st.integers(2, 4)))
        order = data.draw(st.permutations(range(w.n)))
        nonzero = st.fractions(-5, 5, max_denominator=5).filter(bool)
        alpha, beta = (data.draw(st.lists(nonzero, min_size=w.n, max_size=w.n)) for _ in range(2))
        scales = [(a, b, 1 / (a * b)) for a, b in zip(alpha, beta, strict=True)]
        A, G, BT = (
            sympy.Matrix(
                [
                    sympy.Rational(*scales[i][k].as_integer_ratio()) * matrix.row(j)
                    for i, j in enumerate(order)
                ]
            )
            for k, matrix in enumerate((w.A, w.G, w.B.T))
        )
        other = w.with_matrices(A=A, G=G, B=BT.T)
        assert sc.prove(other)
        found = sc.same_up_to_scaling(other, w)
        assert found
        assert (found.permutation, found.scales) == (tuple(order), tuple(scales))
        wrong = w.with_matrices(A=-A, G=G, B=BT.T)
        assert not sc.same_up_to_scaling(wrong, w)

    @pytest.mark.parametrize("order", list(permutations([0, 1, -1])))
    def test_points_in_any_order(self, order):
        found = sc.same_up_to_scaling(sc.winograd(2, 3, points=order), sc.winograd(2, 3))
        assert found.permutation == (*map((0, 1, -1).index, order), 3)

    @given(st.data())
    def test_the_same_exactly_at_the_same_points(self, data):
        m, r = data.draw(st.integers(2, 3)), data.draw(st.integers(2, 3))
        one, other = (data.draw(points(m + r - 2)) for _ in range(2))
        found = sc.same_up_to_scaling(sc.winograd(m, r, points=one), sc.winograd(m, r, points=other))
        assert bool(found) == (set(one) == set(other))

    REASONS = {  # noqa: RUF012
        "sizes": (lambda w: sc.winograd(4, 3), "one is F(4, 3) and the other F(2, 3)."),
        "axes": (lambda w: sc.nested(w), "one is F(2, 3) and the other F(2, 3)."),
        "points": (
            lambda w: sc.winograd(2, 3, points=[0, 1, 2]),
            "row 0 is nearest to row 0 of the other, but no multiple of it in Bᵀ.",
        ),
        "a-sign": (
            lambda w: w.with_matrices(A=w.A.elementary_row_op("n->kn", row=3, k=-1)),
            "row 3 is row 3 of the other times (-1) · 1 · 1 in A, G and Bᵀ, which makes -1, not 1.",
        ),
        "flipped": (
            lambda w: w.with_matrices(G=w.G[:, ::-1]),
            "row 0 is nearest to row 0 of the other, but no multiple of it in G.",
        ),
        "a-row-twice": (
            lambda w: w.with_matrices(A=w.A[[0, 1, 1, 3], :], G=w.G[[0, 1, 1, 3], :], B=w.B[:, [0, 1, 1, 3]]),
            "row 2 is row 1 of the other, which already is another row of the first.",
        ),
        "nothing-alike": (
            lambda w: w.with_matrices(
                A=[[7, 3]] * 4, G=[[5, 7, 3]] * 4, B=[[1] * 4, [5] * 4, [9] * 4, [2] * 4]
            ),
            "row 0 is a multiple of no row of the other, in A, G or Bᵀ.",
        ),
        "two-matrices": (
            lambda w: w.with_matrices(A=w.A + sympy.ones(4, 2) * 5, G=w.G + sympy.ones(4, 3) * 7),
            "row 0 is nearest to row 0 of the other, but no multiple of it in A and in G.",
        ),
    }

    @pytest.mark.parametrize("name", [n for n in REASONS if n != "axes"])
    def test_the_reason_why_not(self, name):
        make, reason = self.REASONS[name]
        w = sc.winograd(2, 3)
        found = sc.same_up_to_scaling(make(w), w)
        assert not found
        assert repr(found) == f"Not the same: {reason}"
        assert (found.permutation, found.scales) == ((), ())

    def test_rows_of_zeros(self):
        w = sc.winograd(2, 2)
        nothing = w.with_matrices(A=w.A * 0)
        found = sc.same_up_to_scaling(nothing, nothing.with_matrices(G=w.G * 2))
        assert found
        assert all(a * g * b == 1 for a, g, b in found.scales)


class TestRounding:
    def test_grows_with_the_tile(self):
        growth = [sc.rounding(sc.winograd(m, 3), samples=300).growth for m in (2, 4, 6, 8)]
        assert growth == sorted(growth)
        assert 1 < growth[0] < 1.5
        assert growth[-1] > 10

    def test_the_same_for_the_same_seed(self):
        w = sc.winograd(4, 3)
        assert sc.rounding(w, samples=20) == sc.rounding(w, samples=20)
        assert sc.rounding(w, samples=20, seed=1) != sc.rounding(w, samples=20)

    @pytest.mark.parametrize(
        ("dtype", "unit"), [("float16", 2.0**-11), ("float32", 2.0**-24), ("float64", 2.0**-53)]
    )
    def test_is_of_the_size_of_the_unit_roundoff(self, dtype, unit):
        for w in (sc.winograd(2, 3), sc.winograd2d(2, 3)):
            errors = sc.rounding(w, np.dtype(dtype), samples=100)
            assert unit / 10 < errors.direct_mean < errors.direct_largest < 50 * unit
            assert errors.mean < errors.largest < 100 * unit

    def test_one_tap_has_the_error_of_one_product(self):
        errors = sc.rounding(sc.winograd(1, 1), samples=50)
        assert errors.growth == 1
        assert (errors.largest, errors.mean) == (errors.direct_largest, errors.direct_mean)

    def test_a_wrong_algorithm_is_wrong_in_any_dtype(self):
        w = sc.winograd(2, 3)
        errors = sc.rounding(w.with_matrices(G=w.G[:, ::-1]), "float64", samples=20)
        assert errors.mean > 0.1

    def test_too_large_for_the_dtype(self):
        assert sc.rounding(sc.winograd(20, 3), "float16", samples=2).largest == float("inf")
        huge = sc.winograd(2, 3, points=[0, 10**200, -(10**200)])
        assert sc.rounding(huge, "float64", samples=2).growth == float("inf")
        assert sc.prove(huge)

    def test_the_sentence(self):
        errors = sc.Rounding("F(2, 3)", "float32", 1000, 2e-7, 2e-8, 1e-7, 1e-8)
        assert repr(errors) == (
            "F(2, 3) in float32: mean error 2.0e-08, largest 2.0e-07; "
            "direct 1.0e-08 and 1.0e-07 (1,000 tiles)"
        )
        assert errors.growth == 2


W = sc.winograd(2, 3)
REFUSALS = {
    "m-zero": (lambda: sc.winograd(0, 3), sc.GeometryError, "m=0 is too small: give an int of at least 1"),
    "m-float": (
        lambda: sc.winograd(2.0, 3),
        sc.GeometryError,
        "m=2.0 is not an integer: give an int of at least 1",
    ),
    "r-boolean": (
        lambda: sc.winograd(2, True),
        sc.GeometryError,
        "r=True is a boolean, not a size: give an int of at least 1",
    ),
    "too-large": (
        lambda: sc.winograd(60, 6),
        sc.SizeLimitError,
        "m=60 and r=6 ask for 65 multiplications: choose smaller tiles, of at most 64",
    ),
    "too-few-points": (
        lambda: sc.winograd(2, 3, points=[0, 1]),
        sc.ArrayError,
        "points has 2 entries: F(2, 3) takes m + r − 2 = 3 of them",
    ),
    "too-many-points": (
        lambda: sc.winograd(2, 2, points=sympy.Matrix([0, 1, 2])),
        sc.ArrayError,
        "points has 3 entries: F(2, 2) takes m + r − 2 = 2 of them",
    ),
    "a-point-twice": (
        lambda: sc.winograd(2, 3, points=[0, Fraction(1, 2), sympy.Rational(2, 4)]),
        sc.ArrayError,
        "points has 1/2 twice, as entries 1 and 2: give distinct ones",
    ),
    "infinity": (
        lambda: sc.winograd(2, 3, points=[0, 1, sympy.oo]),
        sc.ArrayError,
        "points has infinity in it, which is always the last point: give only the 3 finite ones",
    ),
    "infinity-as-a-float": (
        lambda: sc.winograd(2, 3, points=[0, 1, float("inf")]),
        sc.ArrayError,
        "points has infinity in it, which is always the last point: give only the 3 finite ones",
    ),
    "a-float-as-point": (
        lambda: sc.winograd(2, 3, points=[0, 1, 0.5]),
        sc.ArrayError,
        "points[2]=0.5 is a float, which need not be the fraction that is meant: "
        "give ints or fractions such as sympy.Rational(1, 6)",
    ),
    "a-symbol-as-point": (
        lambda: sc.winograd(2, 3, points=[0, 1, sympy.Symbol("a")]),
        sc.ArrayError,
        "points[2]=a is not a rational number: give ints or fractions such as sympy.Rational(1, 6)",
    ),
    "one-number-as-points": (
        lambda: sc.winograd(2, 2, points=0),
        sc.ArrayError,
        "points=0 is no list of numbers: give 2 of them for F(2, 2)",
    ),
    "a-transposed-matrix": (
        lambda: W.with_matrices(A=W.A.T),
        sc.ArrayError,
        "A has shape (2, 4): F(2, 3) with 4 rows of G takes (4, 2), give A.T",
    ),
    "a-matrix-of-another-size": (
        lambda: W.with_matrices(B=[[1, 0], [0, 1]]),
        sc.ArrayError,
        "B has shape (2, 2): F(2, 3) with 4 rows of G takes (4, 4), give (4, 4)",
    ),
    "a-float-in-a-matrix": (
        lambda: W.with_matrices(G=np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])),
        sc.ArrayError,
        "G[0, 0]=1.0 is a float, which need not be the fraction that is meant: "
        "give ints or fractions such as sympy.Rational(1, 6)",
    ),
    "a-boolean-in-a-matrix": (
        lambda: W.with_matrices(A=[[True, 0], [1, 1], [1, -1], [0, 1]]),
        sc.ArrayError,
        "A[0, 0]=True is not a rational number: give ints or fractions such as sympy.Rational(1, 6)",
    ),
    "a-ragged-matrix": (
        lambda: W.with_matrices(A=[[1, 0], [1]]),
        sc.ArrayError,
        "A is not a matrix of equal rows: give rows of equal length, of ints or fractions",
    ),
    "no-matrix": (
        lambda: W.with_matrices(A="1 0"),
        sc.ArrayError,
        "A='1 0' is no matrix: give rows of ints or fractions",
    ),
    "kernels-of-another-size": (
        lambda: W.apply([1, 2, 3, 4, 5], [1, 2]),
        sc.ArrayError,
        "w has kernels of shape (2,): F(2, 3) takes (3,)",
    ),
    "kernels-of-more-axes": (
        lambda: W.apply(np.ones((5, 5)), np.ones((3, 3))),
        sc.ArrayError,
        "w has kernels of shape (3, 3): F(2, 3) takes (3,)",
    ),
    "bias": (
        lambda: W.apply(np.ones((1, 5)), np.ones((2, 1, 3)), bias=[1]),
        sc.ArrayError,
        "bias has shape (1,): give one entry for each of 2 filters",
    ),
    "nothing-nested": (
        lambda: sc.nested(),
        sc.RequestError,
        "nested has 0 algorithms: give one for each of 1 to 3 axes",
    ),
    "not-an-algorithm-nested": (
        lambda: sc.nested(W, 3),
        sc.RequestError,
        "axes[1]=3 is no algorithm for one axis: give what sc.winograd returned",
    ),
    "three-sizes": (
        lambda: sc.winograd2d((2, 2, 2), 3),
        sc.GeometryError,
        "m=(2, 2, 2) has 3 entries for 2 axes: give one int or 2 of them",
    ),
    "not-an-algorithm-compared": (
        lambda: sc.same_up_to_scaling(W, 3),
        sc.RequestError,
        "other=3 is no Winograd algorithm: give what sc.winograd returned",
    ),
    "not-an-algorithm-measured": (
        lambda: sc.rounding(3),
        sc.RequestError,
        "algorithm=3 is no Winograd algorithm: give what sc.winograd returned",
    ),
    "a-dtype-that-does-not-round": (
        lambda: sc.rounding(W, "int64"),
        sc.RequestError,
        "dtype='int64' is not measured: use one of float16, float32, float64",
    ),
    "no-dtype": (
        lambda: sc.rounding(W, "flaot32"),
        sc.RequestError,
        "dtype='flaot32' is not measured: use one of float16, float32, float64",
    ),
    "none-as-dtype": (
        lambda: sc.rounding(W, None),
        sc.RequestError,
        "dtype=None is not measured: use one of float16, float32, float64",
    ),
    "no-samples": (
        lambda: sc.rounding(W, samples=0),
        sc.GeometryError,
        "samples=0 is too small: give an int of at least 1",
    ),
    "a-part": (
        lambda: sc.latex(W, part="proof"),
        sc.RequestError,
        "part='proof' is unknown for a Winograd algorithm: use one of matrices, formula, steps",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), REFUSALS.values(), ids=REFUSALS)
def test_refusals(call, error, message):
    with pytest.raises(error, match=re.escape(message)) as caught:
        call()
    assert str(caught.value) == message


def test_points_in_any_container():
    for at in ((0, 1), np.array([0, 1]), sympy.Matrix([0, 1]), sympy.Tuple(0, 1), [Fraction(0), np.int8(1)]):
        assert sc.winograd(2, 2, points=at) == sc.winograd(2, 2)


def test_an_algorithm_cannot_be_altered():
    w = sc.winograd(2, 3)
    with pytest.raises(AttributeError):
        w.m = 3
    with pytest.raises(TypeError):
        w.A[0, 0] = 5
    assert hash(w) == hash(sc.winograd(2, 3))
    assert w.with_matrices() == w
    assert repr(w.with_matrices()) == "F(2, 3): 4 multiplications instead of 6, with matrices of your own"


def test_latex():
    w = sc.winograd(2, 3)
    assert sc.latex(w).count(r"\left[") == 3
    assert sc.latex(w).startswith(
        "A^{\\mathsf T} = \\left[\\begin{array}{cccc}\n1 & 1 & 1 & 0 \\\\\n0 & 1 & -1 & 1\n"
    )
    assert r"-\frac{1}{2}" in sc.latex(w)
    assert sc.latex(w, part="formula") == r"y = A^{\mathsf T} \left[ (G w) \odot (B^{\mathsf T} x) \right]"
    assert sc.latex(sc.winograd2d(2, 3)) == sc.latex(w)
    assert sc.latex(sc.winograd2d(2, 3), part="formula") == (
        r"y = A^{\mathsf T} \left[ (G w G^{\mathsf T}) \odot (B^{\mathsf T} x B) \right] A"
    )
    rectangular = sc.winograd2d((2, 1), 3)
    assert sc.latex(rectangular).count(r"\left[") == 6
    assert "A_{2}" in sc.latex(rectangular, part="formula")
    deep = sc.nested(w, w, w)
    assert r"(A \otimes A \otimes A)^{\mathsf T}" in sc.latex(deep, part="formula")
    assert w._repr_latex_() == rf"$\displaystyle {sc.latex(w)}$"
    assert rectangular._repr_latex_() == rf"$\displaystyle {sc.latex(rectangular)}$"


def test_the_proof_does_reach_every_output():
    """A proof that compares nothing would hold for anything."""
    w = sc.winograd(3, 2)
    for a in range(w.m):
        altered = w.A.as_mutable()
        altered[0, a] += 1
        proof = prove_bilinear("it", [w.with_matrices(A=altered).triple])
        assert proof.counterexample.cell == (a,)
        assert proof.compared == a + 1


def test_the_lesson_shows_the_matrices_that_are_derived():
    """They come from a block, so that none is typed by hand."""
    page = (Path(sc.__file__).parents[1] / "docs" / "lessons" / "winograd.md").read_text("utf-8")
    assert "form: winograd\noutputs: 2\ntaps: 3\nshow: [matrices, proof]" in page
    assert r"\begin{array}" not in page

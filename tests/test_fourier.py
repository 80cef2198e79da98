"""The Fourier form: exact identities and mutants, numbers against the evaluator, costs against counting."""

import re

import numpy as np
import pytest
import scipy.fft
import sympy
from hypothesis import given
from hypothesis import strategies as st

import symconv as sc
from symconv.forms.cyclotomic import RootSum, powers, read_roots
from symconv.forms.diagonal import identities, transform
from symconv.forms.fft import circular, fast_length
from symconv.index_map import index_map
from tests.strategies import integer_layers, options

SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, (2, 3), (3, 4), (2, 2), (1, 5), (2, 2, 3)]


def sizes_of(n):
    return n if isinstance(n, tuple) else (n,)


def as_numbers(matrix):
    return np.array(matrix.evalf(30).tolist(), dtype=complex)


@pytest.mark.parametrize("n", SIZES, ids=str)
def test_the_matrix_is_the_transform(n):
    f, sizes = sc.fourier(n), sizes_of(n)
    units = np.eye(f.cells).reshape(f.cells, *sizes)
    expected = np.fft.fftn(units, axes=tuple(range(1, len(sizes) + 1))).reshape(f.cells, f.cells).T
    assert abs(as_numbers(f.matrix) - expected).max() < 1e-12
    assert abs(as_numbers(f.inverse) - np.linalg.inv(expected)).max() < 1e-12


@pytest.mark.parametrize("n", SIZES, ids=str)
def test_the_transform_diagonalises_circular_convolution(n):
    proof = sc.prove(sc.fourier(n))
    assert proof
    assert proof.tier is sc.Tier.EXACT
    assert proof.compared == 3 * sc.fourier(n).cells ** 2
    assert repr(proof).startswith("Proved (tier: exact). F·C(w)·F⁻¹ = diag(F̄ w), and F·C(w)ᵀ·F⁻¹ = diag(F w)")


@pytest.mark.parametrize("flipped", [False, True], ids=["convolution", "true-convolution"])
@pytest.mark.parametrize("n", [1, 2, 4, (2, 2), (2, 4)], ids=str)
def test_sympy_agrees_where_it_can_expand(n, flipped):
    f = sc.fourier(n)
    product = f.matrix * f.circulant(flipped=flipped) * f.inverse
    assert product.expand() == f.diagonal(flipped=flipped)


@pytest.mark.parametrize("flipped", [False, True], ids=["convolution", "true-convolution"])
@pytest.mark.parametrize("n", [3, 5, 7, (2, 3), (3, 3)], ids=str)
def test_the_diagonal_on_numbers(n, flipped):
    f = sc.fourier(n)
    kernel = np.random.default_rng(5).integers(-9, 10, f.sizes)
    matrices = (f.matrix, f.circulant(kernel, flipped=flipped), f.inverse)
    one, two, three = map(as_numbers, matrices)
    assert abs(one @ two @ three - as_numbers(f.diagonal(kernel, flipped=flipped))).max() < 1e-10


@pytest.mark.parametrize(
    ("sizes", "kernel"), [((5,), (3,)), ((4,), (4,)), ((3, 4), (2, 3)), ((2, 3), (2, 1))], ids=str
)
def test_the_circulant_is_the_loop_formula_around_the_circle(sizes, kernel):
    x, w = sc.symbolic("x", sizes), sc.symbolic("w", kernel)
    f = sc.fourier(sizes)
    after = [(0, k - 1) for k in kernel]
    expected = np.array(sc.loop_formula(x, w, padding=after, padding_mode="circular"), dtype=object)
    assert list(f.circulant(w) * sympy.Matrix(x.ravel())) == list(expected.ravel())
    before = [(k - 1, 0) for k in kernel]
    true = sc.loop_formula(x, np.flip(w), padding=before, padding_mode="circular")
    expected = np.array(true, dtype=object)
    assert list(f.circulant(w, flipped=True) * sympy.Matrix(x.ravel())) == list(expected.ravel())


def omega(n, exponent):
    return sympy.exp(-2 * sympy.pi * sympy.I * sympy.Rational(exponent, n))


def table(n, exponent):
    return sympy.Matrix(n, n, lambda j, k: omega(n, exponent(j, k)))


def with_entry(n, place, value):
    changed = sc.fourier(n).matrix.as_mutable()
    changed[place] = value
    return changed


MUTANTS = [
    ("one-entry", lambda n: with_entry(n, (n - 1, 1), 1)),
    ("one-entry-doubled", lambda n: with_entry(n, (1, 1), 2 * omega(n, 1))),
    ("one-entry-with-the-other-sign", lambda n: with_entry(n, (1, n - 1), -omega(n, n - 1))),
    ("columns-from-one", lambda n: table(n, lambda j, k: j * (k + 1))),
    ("the-root-of-another-order", lambda n: sympy.Matrix(n, n, lambda j, k: omega(n + 1, j * k))),
    ("columns-swapped", lambda n: sc.fourier(n).matrix.extract(list(range(n)), [1, 0, *range(2, n)])),
    ("sums-of-indices", lambda n: table(n, lambda j, k: j + k)),
    ("not-the-roots", lambda n: sympy.eye(n)),
    ("twice", lambda n: 2 * sc.fourier(n).matrix),
]


@pytest.mark.parametrize("n", [3, 4, 5, 6])
@pytest.mark.parametrize("mutant", [m for _, m in MUTANTS], ids=[name for name, _ in MUTANTS])
def test_another_matrix_is_refuted(mutant, n):
    proof = sc.prove(sc.fourier(n).with_matrix(mutant(n)))
    assert not proof
    assert proof.tier is sc.Tier.EXACT
    assert proof.difference is not None
    assert repr(proof).startswith("Refuted (tier: exact) after ")


def test_the_first_differing_entry_is_named():
    f = sc.fourier(3)
    proof = f.with_matrix(table(3, lambda j, k: j * (k + 1))).prove()  # each row times a root: still unitary
    assert repr(proof) == (
        "Refuted (tier: exact) after 13 entries, for fourier(3);\n"
        "F·C(w)ᵀ = diag(F w)·F fails first at [1, 0]\n"
        "  left  = w_{0}*exp(-2*I*pi/3) + w_{1}*exp(2*I*pi/3) + w_{2}\n"
        "  right = w_{0}*exp(2*I*pi/3) + w_{1} + w_{2}*exp(-2*I*pi/3)"
    )
    left, right = proof.difference.left, proof.difference.right
    assert sympy.expand(left - right) != 0


TWINS = [
    ("the-conjugate", lambda n: table(n, lambda j, k: -j * k)),
    ("rows-in-another-order", lambda n: sc.fourier(n).matrix.extract([1, 0, *range(2, n)], list(range(n)))),
    (
        "as-powers-of-minus-one",
        lambda n: sympy.Matrix(
            n, n, lambda j, k: sympy.Pow(-1, sympy.Rational(-2 * j * k, n), evaluate=False)
        ),
    ),
]


@pytest.mark.parametrize("n", [3, 4, 6])
@pytest.mark.parametrize("twin", [t for _, t in TWINS], ids=[name for name, _ in TWINS])
def test_another_matrix_that_does_it_too_is_proved(twin, n):
    assert sc.prove(sc.fourier(n).with_matrix(twin(n)))


def test_an_inverse_without_its_factor_is_refuted():
    f = sc.fourier(4)
    assert f.with_matrix(f.matrix, f.inverse).prove()
    proof = f.with_matrix(f.matrix, 4 * f.inverse).prove()
    assert (proof.difference.identity, proof.difference.place) == ("F·F⁻¹ = 1", (0, 0))
    assert (proof.difference.left, proof.difference.right, proof.compared) == (4, 1, 1)
    assert f.with_matrix(2 * f.matrix, f.inverse / 2).prove().difference.identity == "F·C(w)ᵀ = diag(F w)·F"


@pytest.mark.parametrize("n", [3, 4, 5, 8])
@pytest.mark.parametrize(
    "wrong",
    [
        lambda reads: reads[:, np.r_[0, np.arange(reads.shape[1] - 1, 0, -1)]],  # the kernel flipped
        lambda reads: np.roll(reads, 1, axis=0),  # one cell off
        lambda reads: reads[::-1],  # the output reversed
    ],
    ids=["flipped", "shifted", "reversed"],
)
def test_another_convolution_is_not_diagonal(n, wrong):
    _, forward, backward = transform((n,))
    reads = index_map(sc.fourier(n).geometry).patch

    def first_difference(reads):
        return next((place for _, place, a, b in identities(forward, backward, reads) if a != b), None)

    assert first_difference(reads) is None
    assert first_difference(wrong(reads)) is not None


class TestRootSums:
    @pytest.mark.parametrize("order", range(1, 40))
    def test_powers_are_what_they_stand_for(self, order):
        root, rows = np.exp(-2j * np.pi / order), powers(order)
        assert len(rows[0]) == sympy.totient(order)
        for exponent, row in enumerate(rows):
            assert abs(sum(a * root**i for i, a in enumerate(row)) - root**exponent) < 1e-9

    @pytest.mark.parametrize("order", [2, 3, 4, 6, 9, 30])
    def test_all_roots_make_nothing(self, order):
        assert RootSum(order, dict.fromkeys(range(order), 1)) == RootSum(order, {})
        assert RootSum(order, dict.fromkeys(range(order - 1), 1)) != RootSum(order, {})

    @given(st.integers(1, 30), st.data())
    def test_arithmetic_is_that_of_complex_numbers(self, order, data):
        sums = st.dictionaries(st.integers(0, order - 1), st.integers(-3, 3), max_size=5)
        one, two = (RootSum(order, data.draw(sums)) for _ in range(2))
        root = np.exp(-2j * np.pi / order)

        def value(number):
            return sum(a * root**e for e, a in number.terms.items())

        assert abs(value(one * two) - value(one) * value(two)) < 1e-9
        assert abs(value(one.conjugate()) - np.conj(value(one))) < 1e-9
        assert abs(complex(one.expression()) - value(one)) < 1e-9
        assert (one == two) == (abs(value(one) - value(two)) < 1e-9)
        assert read_roots([one.expression()], order, "x")[1][0] == one

    def test_sums_of_different_orders_are_not_compared(self):
        assert RootSum(2, {0: 1}).__eq__(RootSum(4, {0: 1})) is NotImplemented


@given(integer_layers())
def test_numbers_are_those_of_the_evaluator(layer):
    g, x, w, bias = layer
    got = sc.evaluate_fourier(x, w, bias=bias, **options(g))
    expected = sc.evaluate(x, w, bias=bias, **options(g))
    assert got.shape == expected.shape
    assert got.dtype == np.float64
    assert np.array_equal(np.rint(got), expected)
    assert abs(got - expected).max(initial=0) < 1e-9


LAYER = {"stride": (2, 1), "padding": ((1, 0), (2, 3)), "dilation": (1, 2), "groups": 2}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64, np.complex128])
def test_the_dtype_is_kept_within_its_rounding(dtype):
    numbers = np.random.default_rng(11)
    x, w, bias = (numbers.standard_normal(s) for s in ((2, 4, 37, 29), (6, 2, 5, 4), (6,)))
    if np.dtype(dtype).kind == "c":
        x, w = x + 1j * numbers.standard_normal(x.shape), w + 1j * numbers.standard_normal(w.shape)
    x, w, bias = x.astype(dtype), w.astype(dtype), bias.astype(dtype)
    got = sc.evaluate_fourier(x, w, bias=bias, **LAYER)
    wide = complex if np.dtype(dtype).kind == "c" else float
    exact = sc.evaluate(x.astype(wide), w.astype(wide), bias=bias.astype(wide), **LAYER)
    assert got.dtype == dtype
    scale = np.linalg.norm(w[0]) * np.linalg.norm(x[0, :2]) + abs(bias).max()
    assert abs(got - exact).max() <= 8 * np.finfo(dtype).eps * np.log2(40 * 36) * float(scale)


def test_bare_and_mixed_arrays():
    x, w = np.arange(12).reshape(3, 4), [[1, 2], [3, 4]]
    assert np.array_equal(np.rint(sc.evaluate_fourier(x, w)), sc.evaluate(x, w))
    halves = [sympy.Rational(1, 2), 1]
    with pytest.raises(sc.ArrayError, match="holds symbols"):
        sc.evaluate_fourier([1, 2, 3], halves)
    assert sc.evaluate_fourier([1.5, 2], [1]).tolist() == pytest.approx([1.5, 2])
    assert sc.evaluate_fourier([1j, 2], [2]).tolist() == pytest.approx([2j, 4])


@pytest.mark.parametrize("flipped", [False, True], ids=["convolution", "true-convolution"])
@pytest.mark.parametrize("n", [1, 5, (3, 4), (2, 3, 4), 100], ids=str)
def test_around_the_circle_on_numbers(n, flipped):
    sizes, numbers = sizes_of(n), np.random.default_rng(3)
    kernel = tuple(max(1, s - 1) for s in sizes)
    x, w = numbers.integers(-9, 10, (2, 3, *sizes)), numbers.integers(-9, 10, (4, 3, *kernel))
    got = sc.fourier(n).evaluate(x, w, flipped=flipped)
    pads = [(k - 1, 0) if flipped else (0, k - 1) for k in kernel]
    used = np.flip(w, tuple(range(2, w.ndim))) if flipped else w
    assert np.array_equal(np.rint(got), sc.evaluate(x, used, padding=pads, padding_mode="circular"))
    one = sc.fourier(n).evaluate(x[0], w, flipped=flipped)
    assert np.allclose(one, got[0])
    assert np.allclose(
        sc.fourier(n).evaluate(x[0, 0], w[0, 0], flipped=flipped),
        circular(x[:1, :1].astype(float), w[:1, :1].astype(float), sizes, flipped=flipped)[0, 0],
    )


def test_too_short_a_transform_wraps_around():
    """The false twin of padding: below the padded size, the first outputs are not the layer's."""
    x, w = np.arange(1.0, 8)[None, None], np.array([[[1.0, 10, 100]]])
    right = sc.evaluate(x, w)[0, 0]
    for length in range(7, 12):
        assert np.allclose(circular(x, w, (length,))[0, 0, :5], right)
    assert not np.allclose(circular(x[..., :6], w, (6,))[0, 0, :5], right)


def test_fast_lengths_are_scipys():
    assert [fast_length(n) for n in range(1, 400)] == [
        scipy.fft.next_fast_len(n, real=True) for n in range(1, 400)
    ]


def radix_2(x, counted):
    """The textbook's fast transform, which counts its multiplications."""
    if len(x) == 1:
        return x
    even, odd = radix_2(x[::2], counted), radix_2(x[1::2], counted)
    half = len(x) // 2
    turned = [np.exp(-2j * np.pi * k / len(x)) * odd[k] for k in range(half)]
    counted.append(half)
    return [even[k] + turned[k] for k in range(half)] + [even[k] - turned[k] for k in range(half)]


@pytest.mark.parametrize("bits", range(1, 9))
def test_the_count_is_that_of_a_transform(bits):
    counted, x = [], np.random.default_rng(bits).standard_normal(2**bits)
    assert np.allclose(radix_2(list(x), counted), np.fft.fft(x))
    cost = sc.fourier_cost(sc.Geometry(2**bits, 1))
    assert cost.transforms == 3 * sum(counted) * 4 // 2  # three transforms, each half a complex one
    assert cost.spectra == 2 * 2**bits


def test_the_cost_of_a_layer():
    g = sc.Geometry((30, 50), (3, 5), 6, 4, 2, padding=((1, 1), (2, 2)), groups=2)
    cost = sc.fourier_cost(g)
    cells = 32 * 64
    assert cost.size == (32, 64)
    assert cost.direct == g.products == 2 * 4 * 3 * 15 * 30 * 50
    assert cost.transforms == (2 * 6 + 4 * 3 + 2 * 4) * cells * 11
    assert cost.spectra == 2 * 2 * 4 * 3 * cells
    assert cost.fourier == cost.transforms + cost.spectra
    assert cost.cheaper == "direct"
    assert sc.fourier_cost(sc.Geometry((60, 60), 11)).cheaper == "fourier"
    assert cost.transforms - sc.fourier_cost(g, kernels_ready=True).transforms == 4 * 3 * cells * 11


@pytest.mark.parametrize(("c", "f", "n"), [(1, 1, 1), (3, 2, 1), (16, 16, 1), (64, 32, 8)])
@pytest.mark.parametrize("kernel", [(3,), (8,), (33,), (3, 3), (5, 5), (2, 9), (7, 7), (3, 3, 3)], ids=str)
@pytest.mark.parametrize("ready", [False, True])
def test_the_crossover_is_the_first_size_where_the_counts_cross(kernel, c, f, n, ready):
    found = sc.fourier_crossover(kernel, c, f, n, kernels_ready=ready)
    for m in (2**bits for bits in range((max(kernel) - 1).bit_length(), 14)):
        cost = sc.fourier_cost(sc.Geometry((m,) * len(kernel), kernel, c, f, n), kernels_ready=ready)
        assert cost.size == (m,) * len(kernel)
        if m == found:
            assert cost.cheaper == "fourier"
            return
        assert cost.cheaper == "direct"
    assert found is None or found > 2**13


def test_latex():
    f = sc.fourier(3)
    assert sc.latex(f) == "\n".join(
        [
            r"F = \left[\begin{array}{ccc}",
            r"1 & 1 & 1 \\",
            r"1 & \omega & \omega^{2} \\",
            r"1 & \omega^{2} & \omega",
            r"\end{array}\right], \quad \omega = e^{-2\pi\mathrm{i}/3}",
        ]
    )
    assert sc.latex(f, "identity") == r"F\,C(w)\,F^{-1} = \operatorname{diag}\left(\bar{F}\,w\right)"
    assert sc.latex(f, "circulant").startswith(r"C(w) = \left[\begin{array}{ccc}")
    assert sc.latex(f, "sizes") == r"\omega = e^{-2\pi\mathrm{i}/3}"
    assert f._repr_latex_() == rf"$\displaystyle {sc.latex(f)}$"
    assert sc.fourier(100)._repr_latex_() is None
    assert r"\cdots" in sc.latex(sc.fourier(16))


def test_a_large_one_is_for_numbers():
    f = sc.fourier(1000)
    assert repr(f) == "fourier(1000): F (1000×1000), for numbers"
    assert repr(sc.fourier(3).with_matrix(sympy.eye(3))).endswith(", a matrix of your own")
    x = np.random.default_rng(2).integers(-9, 10, 1000)
    assert np.array_equal(np.rint(f.evaluate(x, [1, 2])), x + 2 * np.roll(x, -1))


F = sc.fourier((2, 3))
MESSAGES = [
    ("no-cells", lambda: sc.fourier(0), "n=0 is too small: give an int of at least 1"),
    ("no-axes", lambda: sc.fourier(()), "n=() has no axes: give a number of cells for at least one"),
    (
        "large-matrix",
        lambda: sc.fourier(100).matrix,
        "n=100 cells are too many to write F out: use at most 64, or evaluate, which takes any number",
    ),
    (
        "large-proof",
        lambda: sc.prove(sc.fourier((9, 9))),
        "n=81 cells are too many to write F out: use at most 64, or evaluate, which takes any number",
    ),
    (
        "kernel-too-large",
        lambda: F.circulant([[1, 2], [3, 4], [5, 6]]),
        "w has shape (3, 2) and the transform has (2, 3): "
        "give a kernel of as many axes and at most as many cells along each",
    ),
    (
        "kernel-of-other-axes",
        lambda: F.diagonal([1, 2]),
        "w has shape (2,) and the transform has (2, 3): "
        "give a kernel of as many axes and at most as many cells along each",
    ),
    (
        "input-of-another-size",
        lambda: F.evaluate(np.ones((3, 3)), np.ones((1, 1))),
        "x has shape (3, 3) and w has shape (1, 1): give x of shape (2, 3) and w of as many axes, "
        "or x with axes (C) or (N, C) in front of these and w with (F, C)",
    ),
    (
        "numbers-of-channels",
        lambda: F.evaluate(np.ones((2, 2, 3)), np.ones((1, 3, 1, 1))),
        "x has 2 channels and w has 3: give as many in both",
    ),
    (
        "another-shape",
        lambda: F.with_matrix([[1, 1], [1, -1]]),
        "matrix has shape (2, 2): give 6 rows of 6 entries each",
    ),
    (
        "no-root",
        lambda: sc.fourier(2).with_matrix([[1, 1], [1, sympy.sqrt(2)]]),
        "matrix holds sqrt(2), which is no sum of roots of unity with rational coefficients: "
        "give such numbers, written with sympy.exp(2*pi*I*k/n), sympy.I and fractions",
    ),
    (
        "no-root-in-the-inverse",
        lambda: sc.fourier(1).with_matrix([[1]], [[sympy.Symbol("a")]]),
        "inverse holds a, which is no sum of roots of unity with rational coefficients: "
        "give such numbers, written with sympy.exp(2*pi*I*k/n), sympy.I and fractions",
    ),
    (
        "part",
        lambda: sc.latex(sc.fourier(2), "rows"),
        "part='rows' is unknown for a Fourier transform: use matrix, identity, circulant, diagonal or sizes",
    ),
    (
        "symbols",
        lambda: sc.evaluate_fourier(sc.symbolic("x", 3), [1, 2]),
        "x holds symbols: give numbers here, or symbols to fourier(n).circulant",
    ),
    (
        "bias",
        lambda: sc.evaluate_fourier([1, 2, 3], [1, 2], bias=[1, 2]),
        "bias has shape (2,): give one entry for each of 1 filters",
    ),
    (
        "cost-of-symbols",
        lambda: sc.fourier_cost(sc.Geometry("H", 3)),
        "Geometry(input_size=('H',), kernel_size=(3,)) has the symbol H for a size: "
        "put a number in with subs(H=…)",
    ),
    (
        "crossover-without-axes",
        lambda: sc.fourier_crossover(()),
        "kernel_size=() has no axes: give a size for at least one",
    ),
]


@pytest.mark.parametrize(("call", "message"), [m[1:] for m in MESSAGES], ids=[m[0] for m in MESSAGES])
def test_messages(call, message):
    with pytest.raises(sc.SymconvError, match=re.escape(message)) as refused:
        call()
    assert str(refused.value) == message

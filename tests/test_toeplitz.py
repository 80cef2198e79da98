"""The convolution matrix: T·vec(x) is the layer on random geometries; its blocks, costs and mutants."""

import re
from fractions import Fraction
from math import prod

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import symconv as sc
from symconv.forms import toeplitz
from tests.cases import NINE_TO_SIX, ONE_TO_NINE
from tests.mutants import GEOMETRIES, MUTANTS
from tests.strategies import geometries, integer_layers, options
from tests.test_mutants import generic, loop_formula, product_of_maps

A, B, C, D = sympy.symbols("a b c d")


def test_what_one_types_first():
    x = sc.input_matrix(3, 3)
    u = sc.unroll(x, [[A, B], [C, D]])
    T = sc.convolution_matrix(u)
    assert T.shape == (4, 9)
    assert T.matrix == sympy.Matrix(
        [
            [A, B, 0, C, D, 0, 0, 0, 0],
            [0, A, B, 0, C, D, 0, 0, 0],
            [0, 0, 0, A, B, 0, C, D, 0],
            [0, 0, 0, 0, A, B, 0, C, D],
        ]
    )
    assert (T.matrix * x.reshape(9, 1)).reshape(2, 2).expand() == u.output
    assert T.prove()
    assert sc.prove(T).tier == "exact"
    assert sc.convolution_matrix(u) is T
    numbers = sc.convolution_matrix(sc.unroll(ONE_TO_NINE, NINE_TO_SIX))
    assert (numbers.matrix @ range(1, 10)).tolist() == [83, 113, 173, 203]
    assert (numbers.sparse() @ np.arange(1, 10)).tolist() == [83, 113, 173, 203]
    assert repr(numbers) == "Convolution matrix T (4×9), 2×3 blocks of 2×3, numeric"
    assert T._repr_latex_() == rf"$\displaystyle {sc.latex(T)}$"


@given(layer=integer_layers())
def test_on_integers_it_is_the_layer_exactly(layer):
    g, x, w, bias = layer
    u = sc.unroll(x, w, bias=bias, **options(g))
    T, expected = sc.convolution_matrix(u), sc.evaluate(x, w, bias=bias, **options(g))
    assert T.shape == T.matrix.shape == (prod(g.output_shape[1:]), prod(g.input_shape[1:]))
    assert (T.bias is None) == (bias is None)
    added = 0 if bias is None else T.bias
    for sample, y, rows in zip(x, expected, u.product.reshape(g.batch, -1, g.out_channels), strict=True):
        assert np.array_equal(T.matrix @ sample.ravel() + added, y.ravel())
        assert np.array_equal(T.matrix @ sample.ravel() + added, rows.T.ravel()), "as P·W, column by column"
        assert np.array_equal(T.sparse() @ sample.ravel() + added, y.ravel())
    assert np.array_equal(T.sparse().toarray(), T.matrix)
    for place, entry in list(np.ndenumerate(T.matrix))[:: max(1, T.matrix.size // 50)]:
        assert T.entry(*place) == entry
    assert np.prod(T.blocks, axis=0).tolist() == list(T.shape)


@given(g=geometries())
def test_it_is_proved_for_any_layer(g):
    T = sc.convolution_matrix(g)
    proof = sc.prove(T)
    assert proof
    assert proof.tier is sc.Tier.EXACT
    assert proof.compared == T.shape[0]
    rows, columns = T.shape
    assert proof.about == f"the convolution matrix T ({rows}×{columns}) of {g!r}"


@settings(max_examples=30)
@given(g=geometries(most_products=120, most_cells=60))
def test_on_symbols_it_is_the_loop_formula(g):
    u = sc.unroll(sc.symbolic("x", g.input_shape), sc.symbolic("w", g.kernel_shape), **options(g))
    expected = np.array(sc.loop_formula(u.input, u.kernel, **options(g)), dtype=object)
    for sample, y in zip(np.asarray(u.input), expected, strict=True):
        got = u.toeplitz * sympy.Matrix(sample.ravel())
        assert [sympy.expand(v) for v in got] == [sympy.expand(v) for v in y.ravel()]
    places = [(r, c) for r in range(u.toeplitz.shape[0]) for c in range(u.toeplitz.shape[1])]
    assert all(sc.convolution_matrix(u).entry(r, c) == u.toeplitz[r, c] for r, c in places[::7])
    assert sc.convolution_matrix(u).nonzeros == sum(entry != 0 for entry in u.toeplitz)


def test_a_layer_that_reads_only_padding_has_a_matrix_of_zeros():
    g = sc.Geometry(1, 1, stride=2, padding=((1, 0),))
    assert sc.unroll(g).toeplitz == sympy.zeros(1, 1)
    assert sc.prove(sc.convolution_matrix(g))


def times_vec_x(T, sample=0):
    """T·vec(x) of one sample by SymPy, every entry its own sum."""
    cells = np.asarray(T.layer.input)[sample].ravel()
    sums = {}
    for row, column, cell in T.terms.tolist():
        sums.setdefault(row, []).append(T.layer.kernel.ravel()[cell] * cells[column])
    return [sympy.Add(*sums.get(row, [])) for row in range(T.shape[0])]


def verdict_is_right(T, patch, weight):
    """Check one verdict against SymPy's, on T·vec(x) and on P·W; returns whether it was proved."""
    g, proof = T.geometry, T.prove()
    expected, derived = loop_formula(g), product_of_maps(g, patch, weight)
    made = dict(
        zip([cell for cell in np.ndindex(g.output_shape) if cell[0] == 0], times_vec_x(T), strict=True)
    )
    wrong_rows = [cell for cell, y in made.items() if sympy.expand(y - expected[cell]) != 0]
    wrong_entries = [cell for cell, y in derived.items() if sympy.expand(y - expected[cell]) != 0]
    assert bool(proof) == (not wrong_rows and not wrong_entries)
    if proof:
        return True
    found = proof.difference
    sides, wrong = (made, wrong_rows) if wrong_rows else (derived, wrong_entries)
    assert found.identity == f"{'T·vec(x)' if wrong_rows else 'P·W'} = the loop formula"
    assert found.place == wrong[0], "the first one"
    assert sympy.expand(found.left - sides[wrong[0]]) == 0
    assert sympy.expand(found.right - expected[wrong[0]]) == 0
    before = 0 if wrong_rows else len(made)
    assert proof.compared == before + list(made if wrong_rows else expected).index(wrong[0]) + 1
    return False


@pytest.mark.parametrize("mutant", MUTANTS)
def test_wrong_maps_are_refuted(mutant):
    verdicts = []
    for g in GEOMETRIES.values():
        patch, weight = MUTANTS[mutant](g)
        verdicts.append(
            verdict_is_right(sc.convolution_matrix(generic(g).with_maps(patch, weight)), patch, weight)
        )
    assert not all(verdicts), "the mutant reaches the matrix"


@pytest.mark.parametrize("name", GEOMETRIES)
def test_taps_in_another_order_make_the_same_matrix(name):
    u = generic(GEOMETRIES[name])
    other = sc.convolution_matrix(u.with_maps(u.patch_map[:, ::-1], u.weight_map[::-1]))
    assert other.matrix == u.toeplitz
    assert other.prove()


TWO_OF_EVERYTHING = sc.Geometry(
    (3, 4), (2, 3), 4, 4, stride=(1, 2), padding=((0, 1), (2, 1)), groups=2, padding_mode="replicate"
)


def altered(matrix, g, axis, order):
    """The rows or columns of a matrix in another order of their digits."""
    sizes = (g.out_channels, *g.output_size) if axis == 0 else (g.in_channels, *g.input_size)
    numbers = np.arange(prod(sizes)).reshape(sizes).transpose(order).ravel().tolist()
    return matrix.extract(numbers, list(range(matrix.cols))) if axis == 0 else matrix[:, numbers]


def first_weight_only(entry):
    return sympy.Add.make_args(entry)[0]


MATRIX_MUTANTS = {
    "filters-fastest": lambda T, g: altered(T, g, 0, (1, 2, 0)),
    "output-by-column": lambda T, g: altered(T, g, 0, (0, 2, 1)),
    "channels-last": lambda T, g: altered(T, g, 1, (1, 2, 0)),
    "input-by-column": lambda T, g: altered(T, g, 1, (0, 2, 1)),
    "a-row-too-low": lambda T, g: sympy.Matrix.vstack(T[-1, :], T[:-1, :]),
    "a-column-too-far": lambda T, g: sympy.Matrix.hstack(T[:, -1], T[:, :-1]),
    "repeats-overwritten": lambda T, g: T.applyfunc(first_weight_only),
    "a-weight-twice": lambda T, g: T.applyfunc(lambda v: 2 * v),
    "last-weight-missing": lambda T, g: sympy.Matrix([*T[:-1, :], *[0] * T.cols]).reshape(*T.shape),
    "first-row-missing": lambda T, g: sympy.Matrix([*[0] * T.cols, *T[1:, :]]).reshape(*T.shape),
    "a-weight-too-many": lambda T, g: T + sympy.ones(*T.shape) * sympy.Symbol("w_{0,0,0,0}"),
}


@pytest.mark.parametrize("name", MATRIX_MUTANTS)
def test_a_wrong_matrix_of_your_own_is_refuted(name):
    g = TWO_OF_EVERYTHING
    u = sc.unroll(sc.symbolic("x", g.input_shape), sc.symbolic("w", g.kernel_shape), **options(g))
    own = sc.convolution_matrix(u).with_matrix(MATRIX_MUTANTS[name](u.toeplitz, g))
    assert own.matrix != u.toeplitz
    assert not verdict_is_right(own, u.patch_map, u.weight_map)


@settings(max_examples=20)
@given(g=geometries(most_products=100, most_cells=60))
def test_the_right_matrix_read_back_is_proved(g):
    T = sc.convolution_matrix(g)
    own = T.with_matrix(T.matrix)
    assert own.matrix == T.matrix
    assert sc.prove(own)


def test_a_matrix_of_your_own_is_told_where_it_goes_wrong():
    T = sc.convolution_matrix(sc.Geometry((3, 3), (2, 2)))
    a, b, c, d = T.layer.kernel.ravel()
    flipped = [
        [d, c, 0, b, a, 0, 0, 0, 0],
        [0, d, c, 0, b, a, 0, 0, 0],
        [0, 0, 0, d, c, 0, b, a, 0],
        [0, 0, 0, 0, d, c, 0, b, a],
    ]
    assert repr(T.with_matrix(flipped).prove()) == (
        "Refuted (tier: exact) after 1 entry, for the convolution matrix T (4×9) of "
        "Geometry(input_size=(3, 3), kernel_size=(2, 2));\n"
        "T·vec(x) = the loop formula fails first at [0, 0]\n"
        "  left  = w_{0,0}*x_{1,1} + w_{0,1}*x_{1,0} + w_{1,0}*x_{0,1} + w_{1,1}*x_{0,0}\n"
        "  right = w_{0,0}*x_{0,0} + w_{0,1}*x_{0,1} + w_{1,0}*x_{1,0} + w_{1,1}*x_{1,1}"
    )


@given(size=st.integers(1, 9), taps=st.integers(1, 5), numbers=st.randoms(use_true_random=False))
def test_sequences_as_scipy_makes_them(size, taps, numbers):
    w = [numbers.randint(-9, 9) for _ in range(taps)]
    full = sc.convolution_matrix(
        sc.unroll([0] * size, w[::-1], padding=taps - 1)
    )  # scipy's is the true convolution
    assert np.array_equal(full.matrix, scipy.linalg.convolution_matrix(w, size, mode="full"))
    if taps <= size:
        T = sc.unroll([0] * size, w).toeplitz
        first_column, first_row = [w[0]] + [0] * (size - taps), w + [0] * (size - taps)
        assert np.array_equal(T, scipy.linalg.toeplitz(first_column, first_row))
        assert np.array_equal(T, scipy.linalg.convolution_matrix(w[::-1], size, mode="valid"))


def is_toeplitz(matrix):
    return np.array_equal(matrix[1:, 1:], matrix[:-1, :-1])


@given(g=geometries(modes=("zeros",), most_products=300))
def test_it_is_toeplitz_in_every_axis_at_stride_one(g):
    g = sc.Geometry(
        g.input_size, g.kernel_size, g.in_channels, g.out_channels,
        padding=g.padding, dilation=g.dilation, groups=g.groups,
    )  # fmt: skip
    weights = np.arange(1, prod(g.kernel_shape) + 1).reshape(g.kernel_shape)
    T = sc.convolution_matrix(sc.unroll(np.zeros(g.input_shape, dtype=int), weights, **options(g)))
    down, across = zip(*T.blocks, strict=True)
    split = np.asarray(T.matrix).reshape(*down, *across)
    for axis in range(1, g.rank + 1):  # the blocks along this axis, whatever stands in them
        assert is_toeplitz(np.moveaxis(split, (axis, g.rank + 1 + axis), (0, 1)))


def test_stride_moves_the_rows_and_repeats_bend_them():
    assert not is_toeplitz(sc.unroll([0] * 5, [1, 2], stride=2).toeplitz)
    bent = sc.unroll([0] * 3, [1, 2, 4], padding=1, padding_mode="reflect").toeplitz
    assert bent.tolist() == [[2, 5, 0], [1, 2, 4], [0, 5, 2]]
    nearest = sc.unroll([0], [1, 2, 4], padding=1, padding_mode="replicate").toeplitz
    assert nearest.tolist() == [[7]]


@given(g=geometries(most_products=300))
def test_both_costs_are_those_of_the_matrix(g):
    T = sc.convolution_matrix(g)
    rows, columns = T.shape
    held = {(r, c) for r, c, _ in T.terms.tolist()}
    summed = len(T.terms) - len(held)
    in_row = [sum(1 for r, _ in held if r == row) for row in range(rows)]
    sums = sum(max(0, n - 1) for n in in_row)
    dense, sparse = T.cost, T.sparse_cost
    assert dense == sc.Cost(g.batch * rows * columns, g.batch * rows * (columns - 1) + summed, rows * columns)
    assert sparse.products == g.batch * sum(in_row) == g.batch * T.nonzeros
    assert sparse.additions == g.batch * sums + summed
    held_by_scipy = sc.convolution_matrix(
        sc.unroll(np.ones(g.input_shape), np.ones(g.kernel_shape), **options(g))
    ).sparse()
    assert sparse.memory == sum(
        part.size for part in (held_by_scipy.data, held_by_scipy.indices, held_by_scipy.indptr)
    )
    if g.padding_mode == "zeros":
        assert summed == 0
    assert sparse.products <= g.products


def test_a_layer_without_padding_has_as_many_weights_as_products():
    g = sc.Geometry((7, 9), (2, 3), 4, 6, stride=(2, 1), groups=2)
    assert sc.convolution_matrix(g).sparse_cost.products == g.products


SUMS = {  # three cells under three taps of 100 that all read the one cell there is
    "bytes": (np.full(3, 100, np.uint8), np.int64, 300),
    "integers": ([2**62] * 3, object, 3 * 2**62),
    "floats": (np.full(3, 0.5, np.float32), np.float32, 1.5),
    "fractions": ([Fraction(1, 3)] * 3, object, 1),
    "complex": ([1 + 2j] * 3, complex, 3 + 6j),
}


@pytest.mark.parametrize(("w", "dtype", "total"), SUMS.values(), ids=SUMS)
def test_sums_where_padding_repeats_pixels_are_exact(w, dtype, total):
    T = sc.convolution_matrix(sc.unroll([0], w, padding=1, padding_mode="replicate"))
    assert T.matrix.dtype == dtype
    assert T.matrix.tolist() == [[total]]
    assert T.entry(0, 0) == total
    if dtype is not object:
        assert T.sparse().dtype == dtype
        assert T.sparse().toarray().tolist() == [[total]]


def test_numbers_under_symbols_make_a_matrix_of_numbers():
    T = sc.convolution_matrix(sc.unroll(sc.input_matrix(3, 3), NINE_TO_SIX))
    assert isinstance(T.matrix, np.ndarray)
    assert T.matrix[0].tolist() == [9, 8, 0, 7, 6, 0, 0, 0, 0]
    assert isinstance(sc.unroll(ONE_TO_NINE, [[A, 1]]).toeplitz, sympy.Matrix)
    assert sc.convolution_matrix(sc.unroll(ONE_TO_NINE, [[A, A]])).prove()


def test_the_matrix_is_made_once_and_for_good():
    T = sc.convolution_matrix(sc.unroll(ONE_TO_NINE, NINE_TO_SIX))
    assert T.matrix is T.matrix
    for array in (T.matrix, T.terms):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


def test_a_layer_of_full_size():
    """Two gigabytes of entries, of which few are ever made."""
    x, w = np.ones((1, 128, 128)), np.ones((1, 1, 5, 5))
    T = sc.convolution_matrix(sc.unroll(x, w, padding=2))
    assert T.shape == (2**14, 2**14)
    assert T.sparse().nnz == T.nonzeros == T.sparse_cost.products == (128 * 5 - 6) ** 2
    assert np.array_equal(T.sparse() @ x.ravel(), sc.evaluate(x, w, padding=2).ravel())
    assert sc.prove(T)
    assert len(sc.latex(T)) < 10_000


def test_the_bias_of_symbols():
    u = sc.unroll(sc.Geometry(3, 2, out_channels=2, bias=True))
    got = u.toeplitz * sympy.Matrix(3, 1, list(u.input)) + sympy.Matrix(sc.convolution_matrix(u).bias)
    assert list(got.expand()) == list(np.array(u.output, dtype=object).ravel())
    assert sc.convolution_matrix(sc.unroll([1, 2], [1])).bias is None


REPRS = [
    (sc.Geometry(4, 2), "Convolution matrix T (3×4), symbolic"),
    (sc.Geometry(4, 2, 3, 2), "Convolution matrix T (6×12), 2×3 blocks of 3×4, symbolic"),
    (sc.Geometry((2, 4), (1, 2)), "Convolution matrix T (6×8), 2×2 blocks of 3×4, symbolic"),
    (
        sc.Geometry((3, 4, 5), 2, 3, 2),
        "Convolution matrix T (48×180), 2×3 blocks of 2×3 blocks of 3×4 blocks of 4×5, symbolic",
    ),
]


@pytest.mark.parametrize(
    ("g", "text"), REPRS, ids=[f"{g.rank}-axes-{g.in_channels}-channels" for g, _ in REPRS]
)
def test_it_says_how_it_falls_into_blocks(g, text):
    assert repr(sc.convolution_matrix(g)) == text


def lines(*text):
    return "\n".join(text)


def body(text):
    """The alignment and the lines of a printed matrix."""
    alignment, rest = re.search(r"\\begin\{array\}\{([c|]+)\}\n(.*?)\n\\end\{array\}", text, re.S).groups()
    return alignment, rest.split(" \\\\\n")


def test_latex_of_an_image():
    T = sc.convolution_matrix(sc.unroll([[0] * 3] * 3, [[A, B], [C, D]]))
    assert sc.latex(T) == lines(
        r"T = \left[\begin{array}{ccc|ccc|ccc}",
        r"a & b & 0 & c & d & 0 & 0 & 0 & 0 \\",
        r"0 & a & b & 0 & c & d & 0 & 0 & 0 \\",
        r"\hline 0 & 0 & 0 & a & b & 0 & c & d & 0 \\",
        r"0 & 0 & 0 & 0 & a & b & 0 & c & d",
        r"\end{array}\right]",
    )


def test_latex_of_channels_and_filters_has_double_rules_between_them():
    text = sc.latex(
        sc.convolution_matrix(sc.unroll(np.zeros((2, 2, 3), int), np.arange(1, 5).reshape(2, 2, 1, 1)))
    )
    alignment, rows = body(text)
    assert alignment == "ccc|ccc||ccc|ccc"[: len(alignment)] == "ccc|ccc||ccc|ccc"
    ruled = [re.match(r"(\\hline )*", row)[0].count("hline") for row in rows]
    assert ruled == [0, 0, 0, 1, 0, 0, 2, 0, 0, 1, 0, 0]
    assert rows[6] == r"\hline \hline 3 & 0 & 0 & 0 & 0 & 0 & 4 & 0 & 0 & 0 & 0 & 0"


def test_latex_of_a_sequence_has_rules_between_channels_only():
    alignment, rows = body(
        sc.latex(sc.convolution_matrix(sc.unroll(np.zeros((2, 3), int), [[[1, 2], [3, 4]]])))
    )
    assert alignment == "ccc|ccc"
    assert rows == ["1 & 2 & 0 & 3 & 4 & 0", "0 & 1 & 2 & 0 & 3 & 4"]
    assert body(sc.latex(sc.convolution_matrix(sc.unroll([0] * 3, [1, 2]))))[0] == "ccc"


def test_latex_of_a_large_matrix_keeps_whole_blocks():
    alignment, rows = body(sc.latex(sc.convolution_matrix(sc.unroll(np.zeros((8, 4), int), [[1, 2]]))))
    assert alignment == "cccc|cccc|c|cccc"
    assert rows[0] == r"1 & 2 & 0 & 0 & 0 & 0 & 0 & 0 & \cdots & 0 & 0 & 0 & 0"
    assert rows[3].startswith(r"\hline 0 & 0 & 0 & 0 & 1 & 2")
    tall = body(sc.latex(sc.convolution_matrix(sc.unroll(np.zeros((20, 3), int), [[1, 2]]))))[1]
    assert [row.startswith(r"\hline") for row in tall] == [False, False, True, False, True, True, False]
    assert tall[4] == r"\hline " + " & ".join([r"\vdots"] * 6 + [r"\ddots"] + [r"\vdots"] * 3)


def test_latex_of_the_product():
    u = sc.unroll([1, 2, 3], [4, 5], bias=[6])
    bracketed = (
        lines(r"\left[\begin{array}{c}", " \\\\\n".join(v), r"\end{array}\right]") for v in ("123", "66")
    )
    x, bias = bracketed
    assert sc.latex(sc.convolution_matrix(u), "product") == lines(
        r"\underbrace{\left[\begin{array}{ccc}", r"4 & 5 & 0 \\", "0 & 4 & 5", r"\end{array}\right]}_{T}",
        rf"\underbrace{{{x}}}_{{\operatorname{{vec}} x}}", f"+ {bias}", "=",
        r"\underbrace{\left[\begin{array}{c}", r"20 \\", "29", r"\end{array}\right]}_{\operatorname{vec} y}",
    )  # fmt: skip
    letters = sc.latex(
        sc.convolution_matrix(sc.unroll(sc.symbolic("x", (2, 1, 3), 1), [[[A, B]]], start=1)), "product"
    )
    assert r"y_{1,1,1} \\" in letters
    assert "x_{1,1,3}" in letters
    assert "x_{2," not in letters, "of the first sample"
    assert "y_{2," not in letters


def test_a_notebook_falls_back_on_the_text_where_there_is_no_matrix():
    T = sc.convolution_matrix(sc.unroll(np.zeros((0, 1, 3)), np.ones((1, 1, 2))))
    assert T._repr_latex_() is None
    assert repr(T) == "Convolution matrix T (2×3), numeric"


LETTERS = sc.Geometry("H", 2)
SMALL = sc.convolution_matrix(sc.Geometry(3, 2))
MESSAGES = [
    (
        "letters",
        lambda: sc.convolution_matrix(LETTERS),
        sc.GeometryError,
        f"{LETTERS!r} has the symbol H for a size: put a number in with subs(H=…)",
    ),
    (
        "any-size",
        lambda: sc.convolution_matrix(sc.unroll(LETTERS)),
        sc.RequestError,
        "UnrolledAnySize is nothing that has a convolution matrix: "
        "give a Geometry of numbers, or what sc.unroll returned",
    ),
    (
        "an-array",
        lambda: sc.convolution_matrix([[1]]),
        sc.RequestError,
        "list is nothing that has a convolution matrix: "
        "give a Geometry of numbers, or what sc.unroll returned",
    ),
    (
        "many-symbols",
        lambda: sc.convolution_matrix(sc.Geometry((28, 28), 5)).matrix,
        sc.SizeLimitError,
        "the convolution matrix has 451,584 symbolic entries or products, more than max_entries=250,000: use "
        "the maps or prove(), which need no symbols, or insist with unroll(..., max_entries=None)",
    ),
    (
        "many-numbers",
        lambda: sc.unroll(np.zeros((120, 120)), np.ones((1, 1))).toeplitz,
        sc.SizeLimitError,
        "the convolution matrix has 207,360,000 entries, more than 134,217,728: "
        "use sparse(), which holds only the weights",
    ),
    (
        "many-weights",
        lambda: sc.convolution_matrix(sc.Geometry((56, 56), 3, 64, 64)).terms,
        sc.SizeLimitError,
        "the convolution matrix of Geometry(input_size=(56, 56), kernel_size=(3, 3), in_channels=64, "
        "out_channels=64) has up to 107,495,424 weights in it, more than 33,554,432: "
        "use P·W, or choose smaller sizes",
    ),
    (
        "no-samples",
        lambda: sc.unroll(np.zeros((0, 1, 3)), np.ones((1, 1, 2))).toeplitz,
        sc.ArrayError,
        "the batch is empty, and T is read from a sample's patches: give at least one sample",
    ),
    (
        "sparse-symbols",
        lambda: SMALL.sparse(),
        sc.ArrayError,
        "the kernels hold symbols, and SciPy's arrays are of numbers: use matrix",
    ),
    (
        "sparse-fractions",
        lambda: sc.convolution_matrix(sc.unroll([0] * 3, [Fraction(1, 2)])).sparse(),
        sc.ArrayError,
        "SciPy has no sparse arrays of dtype object: use matrix, "
        "or give kernels of smaller integers, or of float32 or float64",
    ),
    (
        "sparse-half-floats",
        lambda: sc.convolution_matrix(sc.unroll([0] * 3, np.ones(2, np.float16))).sparse(),
        sc.ArrayError,
        "SciPy has no sparse arrays of dtype float16: use matrix, "
        "or give kernels of smaller integers, or of float32 or float64",
    ),
    ("row", lambda: SMALL.entry(2, 0), sc.RequestError, "row=2 is not in T: give an int from 0 to 1"),
    (
        "row-before",
        lambda: SMALL.entry(-1, 0),
        sc.RequestError,
        "row=-1 is not in T: give an int from 0 to 1",
    ),
    (
        "column",
        lambda: SMALL.entry(0, 1.0),
        sc.RequestError,
        "column=1.0 is not in T: give an int from 0 to 2",
    ),
    (
        "boolean",
        lambda: SMALL.entry(True, 0),
        sc.RequestError,
        "row=True is not in T: give an int from 0 to 1",
    ),
    (
        "another-shape",
        lambda: SMALL.with_matrix([[0, 0]]),
        sc.ArrayError,
        "matrix has shape (1, 2): give an array of shape (2, 3)",
    ),
    *(
        (
            f"no-sum-{name}",
            lambda entry=entry: SMALL.with_matrix([[0, 0, 0], [0, entry, 0]]),
            sc.ArrayError,
            f"matrix[1, 1] is {entry}: give 0, a weight, or a sum of weights",
        )
        for name, entry in {
            "another-letter": A,
            "number": 3,
            "negative": -SMALL.layer.kernel[0],
            "half": SMALL.layer.kernel[0] / 2,
            "product": SMALL.layer.kernel[0] * A,
        }.items()
    ),
    (
        "matrix-of-numbers",
        lambda: sc.convolution_matrix(sc.unroll([1, 2], [3])).with_matrix([[3, 0], [0, 3]]),
        sc.ArrayError,
        "the kernels are not symbols that all differ, by which weights can be told apart: "
        "take the convolution matrix of a Geometry",
    ),
    (
        "equal-weights",
        lambda: sc.convolution_matrix(sc.unroll([1, 2], [A, A])).with_matrix([[A, A]]),
        sc.ArrayError,
        "the kernels are not symbols that all differ, by which weights can be told apart: "
        "take the convolution matrix of a Geometry",
    ),
    (
        "part",
        lambda: sc.latex(SMALL, "sum"),
        sc.RequestError,
        "part='sum' is unknown for a convolution matrix: use one of matrix, product",
    ),
]


@pytest.mark.parametrize(
    ("call", "error", "message"), [m[1:] for m in MESSAGES], ids=[m[0] for m in MESSAGES]
)
def test_messages(call, error, message):
    with pytest.raises(error, match=re.escape(message)) as refused:
        call()
    assert str(refused.value) == message


def test_without_scipy(monkeypatch):
    monkeypatch.setattr(toeplitz, "scipy", None)
    T = sc.convolution_matrix(sc.unroll(ONE_TO_NINE, NINE_TO_SIX))
    message = "sparse() needs SciPy, which is not installed: install scipy, or use matrix"
    with pytest.raises(sc.RequestError, match=re.escape(message)):
        T.sparse()
    assert T.matrix.shape == (4, 9)

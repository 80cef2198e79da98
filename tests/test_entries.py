"""Entries of every kind, mixed: each kept as it is, sums exact, nothing wrapped round or rounded."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import symconv as sc
from symconv.entries import ExactDecimal, as_symbolic, is_symbolic, read_array
from symconv.index_map import gather
from symconv.matrices import add_bias, matrix_product

a, b = sympy.symbols("a b")
HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
ZERO = sympy.S.Zero


class Tensor:
    """What a torch tensor looks like from outside."""

    def __init__(self, values):
        self.values = np.array(values)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)


READ = [
    ("ints", [[1, 2]], np.int64, [[1, 2]]),
    ("tuple", ((1,), (2,)), np.int64, [[1], [2]]),
    ("floats", [0.5, 1.0], np.float64, [0.5, 1.0]),
    ("complex", [1j, 2j], np.complex128, [1j, 2j]),
    ("numpy-scalars", [np.uint8(1), np.uint8(2)], np.uint8, [1, 2]),
    ("uint8", np.array([250, 251], np.uint8), np.uint8, [250, 251]),
    ("float32", np.array([0.5], np.float32), np.float32, [0.5]),
    ("boolean-array", np.array([True, False]), np.int64, [1, 0]),
    ("object-array-of-ints", np.array([1, 2], dtype=object), np.int64, [1, 2]),
    ("big-ints", [2**70, 1], object, [2**70, 1]),
    ("just-beyond-64-bits", [2**63], object, [2**63]),
    ("just-within-64-bits", [2**63 - 1, -(2**63)], np.int64, [2**63 - 1, -(2**63)]),
    ("fractions", [HALF, THIRD], object, [HALF, THIRD]),
    ("decimals", [Decimal("0.1")], object, [ExactDecimal("0.1")]),
    ("symbols-and-numbers", [a, 1, HALF, 0.5], object, [a, 1, HALF, 0.5]),
    ("sympy-matrix", sympy.Matrix([[a, 1]]), object, [[a, sympy.S.One]]),
    ("immutable-matrix", sympy.ImmutableMatrix([[a], [b]]), object, [[a], [b]]),
    ("sparse-matrix", sympy.SparseMatrix(2, 2, {(0, 1): a}), object, [[ZERO, a], [ZERO, ZERO]]),
    ("sympy-array", sympy.Array([[[a, b]]]), object, [[[a, b]]]),
    ("sparse-sympy-array", sympy.ImmutableSparseNDimArray([a, 0], (2,)), object, [a, ZERO]),
    ("matrix-symbol", sympy.MatrixSymbol("X", 1, 2), object, [list(sympy.MatrixSymbol("X", 1, 2))]),
    ("rows-that-are-arrays", [np.array([1, 2]), [3, 4]], np.int64, [[1, 2], [3, 4]]),
    ("rows-that-are-matrices", [sympy.Matrix([[a, 1]]), [[b, 2]]], object, [[[a, sympy.S.One]], [[b, 2]]]),
    ("tensor", Tensor([[1, 2]]), np.int64, [[1, 2]]),
    ("range-of-cells", np.broadcast_to(np.array([7]), (2, 1)), np.int64, [[7], [7]]),
]


@pytest.mark.parametrize(("given", "dtype", "kept"), [pytest.param(*r, id=n) for n, *r in READ])
def test_entries_are_kept_as_they_are(given, dtype, kept):
    array = read_array(given, "x")
    assert array.dtype == dtype
    assert array.tolist() == kept
    assert [type(v) for v in array.astype(object).flat] == [
        type(v) for v in np.array(kept, dtype=dtype).astype(object).flat
    ]


SUMS = [
    ("ints", [1, 2], [3, 4], [11], np.int64),
    ("floats", [0.5, 1.0], [2.0, 4.0], [5.0], np.float64),
    ("ints-and-floats", [1, 2], [0.5, 0.25], [1.0], np.float64),
    ("fractions", [HALF, THIRD], [2, 3], [Fraction(2)], object),
    ("fractions-of-both", [HALF, THIRD], [HALF, THIRD], [Fraction(13, 36)], object),
    ("decimals", [Decimal("0.1")], [3], [Decimal("0.3")], object),
    ("big-ints", [2**70, 1], [2**70, -1], [2**140 - 1], object),
    ("sums-beyond-64-bits", [2**62, 2**62], [1, 1], [2**63], object),
    ("products-beyond-64-bits", [2**40], [2**40], [2**80], object),
    ("negative-beyond-64-bits", [-(2**62), -(2**62)], [2, 1], [-3 * 2**62], object),
    ("complex", [1j, 1 + 0j], [1j, 1 + 0j], [0j], np.complex128),
    ("a-symbol-and-numbers", [a, 2], [3, HALF], [3 * a + 1], object),
    ("all-symbols", [a, b], [b, a], [2 * a * b], object),
]


@pytest.mark.parametrize(("x", "w", "y", "dtype"), [pytest.param(*r, id=n) for n, *r in SUMS])
def test_layer_and_definition_add_up_exactly(x, w, y, dtype):
    layer, formula = sc.unroll(x, w).output, sc.loop_formula(x, w)
    assert layer.tolist() == y
    assert formula.tolist() == y
    assert layer.dtype == dtype
    assert formula.dtype == dtype


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "int32", "uint32", "int64", "uint64"])
def test_integers_of_any_width_do_not_wrap_round(dtype):
    most = int(np.iinfo(dtype).max)
    x, w = np.full(3, most, dtype), np.full(3, most, dtype)
    for y in (sc.unroll(x, w).output, sc.loop_formula(x, w)):
        assert y.tolist() == [3 * most * most]


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64"])
def test_the_most_negative_integer_does_not_wrap_round(dtype):
    least = int(np.iinfo(dtype).min)
    x = np.array([least, least], dtype)
    assert sc.unroll(x, x).output.tolist() == sc.loop_formula(x, x).tolist() == [2 * least * least]


@pytest.mark.parametrize(
    ("x", "w", "y"),
    [
        ([np.uint8(200), np.uint8(200)], [np.uint8(2), np.uint8(2)], [800]),
        ([np.uint8(200), 1], [np.uint8(2), 0], [400]),
        (np.array([np.uint8(200), 1], dtype=object), [np.uint8(2), 0], [400]),
        ([np.uint8(200), a], [np.uint8(2), 1], [a + 400]),
    ],
    ids=["all", "mixed", "object-array", "with-a-symbol"],
)
@pytest.mark.parametrize(
    "convolve", [lambda x, w: sc.unroll(x, w).output, sc.loop_formula], ids=["layer", "definition"]
)
def test_numpy_scalars_in_lists_do_not_wrap_round(convolve, x, w, y):
    assert convolve(x, w).tolist() == y


@pytest.mark.parametrize(
    ("bias", "y"),
    [
        ([5], [16]),
        ([2**63 - 1], [11 + 2**63 - 1]),
        ([2**80], [11 + 2**80]),
        ([HALF], [11 + HALF]),
        ([0.5], [11.5]),
        ([a], [a + 11]),
        (np.array([250], np.uint8), [261]),
    ],
    ids=["int", "to-the-brim", "big", "fraction", "float", "symbol", "uint8"],
)
def test_a_bias_of_any_kind(bias, y):
    assert sc.unroll([1, 2], [3, 4], bias=bias).output.tolist() == y
    assert sc.loop_formula([1, 2], [3, 4], bias=bias).tolist() == y


whole_numbers = st.integers(-(2**80), 2**80)
numbers = st.one_of(whole_numbers, st.fractions(), st.integers(-9, 9))


@given(st.lists(numbers, min_size=3, max_size=6), st.lists(numbers, min_size=1, max_size=3))
def test_exact_numbers_stay_exact(x, w):
    expected = [
        sum(x[i + t] * k for t, k in enumerate(w)) for i in range(len(x) - len(w) + 1)
    ]  # Python's own arithmetic
    assert sc.unroll(x, w).output.tolist() == expected
    assert sc.loop_formula(x, w).tolist() == expected


@given(st.lists(whole_numbers, min_size=4, max_size=4), st.lists(whole_numbers, min_size=4, max_size=4))
def test_integer_products_are_exact(left, right):
    left, right = (read_array([v[:2], v[2:]], "x") for v in (left, right))
    product = matrix_product(left, right)
    exact = left.astype(object) @ right.astype(object)
    assert product.tolist() == exact.tolist()
    assert add_bias(product, right[0]).tolist() == (exact + right[0].astype(object)).tolist()


def test_symbolic_or_not():
    assert is_symbolic(np.array([1, a]))
    assert is_symbolic(np.array([1]), None, np.array([a]))
    assert not is_symbolic(np.array([1, 0.5], dtype=object), None)
    assert not is_symbolic(np.array([HALF]))


def test_as_symbolic_keeps_exact_numbers_exact():
    expected = [a, sympy.Integer(2), sympy.Rational(1, 2), sympy.Integer(2**70)]
    symbolic = as_symbolic(np.array([a, 2, HALF, 2**70]))
    assert symbolic.tolist() == expected
    assert all(isinstance(v, sympy.Expr) for v in symbolic)


def test_one_symbol_makes_the_matrices_sympy_and_a_number_does_not():
    assert isinstance(sc.unroll([[a, 1]], [[2]]).output, sympy.Matrix)
    assert isinstance(sc.unroll([[1, 1]], [[2]]).output, np.ndarray)
    assert sc.unroll([[a, 1]], [[HALF]]).output == sympy.Matrix([[a / 2, sympy.Rational(1, 2)]])
    assert isinstance(sc.unroll([a, 1], [2]).output, np.ndarray)
    assert sc.unroll([a, 1], [2]).output.tolist() == [2 * a, 2]


def test_gather_gives_zeros_of_the_cells_own_kind():
    for cells in (np.array([1.5]), np.array([3], np.uint8), np.array([a])):
        taken = gather(cells, np.array([[0, 1]]))
        assert taken.dtype == cells.dtype
        assert taken.tolist() == [[cells[0], 0]]


def test_gather_refuses_what_no_cell_has():
    with pytest.raises(IndexError):
        gather(np.array([1, 2]), np.array([3]))


def test_noncommuting_symbols_keep_their_order():
    p, q = sympy.symbols("p q", commutative=False)
    assert sc.unroll([p], [q]).output.tolist() == [q * p] == sc.loop_formula([p], [q]).tolist()


def test_what_is_changed_afterwards_changes_nothing():
    """A layer is of the values it was given."""
    x = np.array([1, 2, 3])
    u = sc.unroll(x, [1, 1])
    x[0] = 100
    assert u.output.tolist() == [3, 5]
    assert u.input.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    "part",
    ["patch_map", "weight_map", "patch_matrix", "weight_matrix", "product", "output", "input", "kernel"],
)
def test_nothing_can_be_written_into_a_numeric_layer(part):
    u = sc.unroll(np.arange(9).reshape(3, 3), np.ones((2, 2), dtype=int))
    assert not getattr(u, part).flags.writeable


def test_a_masked_cell_is_no_number():
    with pytest.raises(sc.ArrayError):
        sc.unroll(np.ma.array([1, 2, 3], mask=[False, True, False]), [1, 1])


@pytest.mark.parametrize(
    ("x", "w", "y"),
    [
        ([Decimal("1.5")], [0.5], 0.75),
        ([Decimal(2)], [HALF], 1),
        (np.array([0.5], np.float32), [Decimal(2)], 1.0),
        ([Decimal("0.1"), Decimal("0.2")], [1, 1], Fraction(3, 10)),
    ],
    ids=["decimal-float", "decimal-fraction", "float32-decimal", "exact"],
)
def test_decimals_mix_with_all_other_numbers(x, w, y):
    assert sc.unroll(x, w).output.tolist() == [y]
    assert sc.loop_formula(x, w).tolist() == [y]


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_a_decimal_that_is_no_number_is_refused(value):
    with pytest.raises(sc.ArrayError):
        sc.unroll([Decimal(value)], [1])


@pytest.mark.parametrize("bias", [None, [1, 2]], ids=["plain", "bias"])
def test_a_batch_of_none(bias):
    x, w = np.zeros((0, 1, 3, 3), dtype=int), np.ones((2, 1, 2, 2), dtype=int)
    u = sc.unroll(x, w, bias=bias)
    assert u.output.shape == sc.loop_formula(x, w, bias=bias).shape == (0, 2, 2, 2)
    assert u.patch_matrix.shape == (0, 4)
    assert u.prove().compared == 0


@given(
    st.decimals(-99, 99, places=3),
    st.decimals(-99, 99, places=2),
    st.integers(-9, 9),
    st.fractions(max_denominator=9),
)
def test_decimals_as_written_stay_exact(left, right, whole, fraction):
    x, y = ExactDecimal(str(left)), ExactDecimal(str(right))
    for value, expected in (
        (x + y, Fraction(left) + Fraction(right)),
        (x * y, Fraction(left) * Fraction(right)),
        (x + whole, Fraction(left) + whole),
        (whole * x, Fraction(left) * whole),
        (fraction * x + y, fraction * Fraction(left) + Fraction(right)),
    ):
        assert value == expected
        assert Fraction(str(value)) == expected
    assert str(x) == format(left.normalize(), "f").replace("-0", "0" if not left else "-0")


def test_decimals_of_a_block_add_up_as_written():
    u = sc.unroll([ExactDecimal("0.1"), ExactDecimal("0.2")], [1, 1])
    assert (
        u.output.tolist()
        == [Fraction(3, 10)]
        == sc.loop_formula([ExactDecimal("0.1"), ExactDecimal("0.2")], [1, 1]).tolist()
    )
    assert str(u.output[0]) == "0.3"

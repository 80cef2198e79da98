"""Published numbers, reached by every way there is: definition, matrices, layer, symbols."""

import numpy as np
import pytest
import sympy

import symconv as sc
from symconv.definition import axis_padding
from tests.cases import CASES, SAME, SIZES


def every(cases):
    return pytest.mark.parametrize("case", cases, ids=str)


@every(CASES)
def test_the_loop_formula(case):
    assert sc.loop_formula(case.x, case.w, **case.options).tolist() == case.output


@every(CASES)
def test_the_layer(case):
    u = sc.unroll(case.x, case.w, **case.options)
    assert u.output.tolist() == case.output
    assert u.output.dtype == np.int64
    assert u.prove()


@every([c for c in CASES if c.patches])
def test_the_patch_matrix(case):
    assert sc.unroll(case.x, case.w, **case.options).patch_matrix.tolist() == case.patches


@every([c for c in CASES if c.weights])
def test_the_weight_matrix(case):
    assert sc.unroll(case.x, case.w, **case.options).weight_matrix.tolist() == case.weights


@every(CASES)
def test_the_matrices_themselves(case):
    u = sc.unroll(case.x, case.w, **case.options)
    product = u.patch_matrix.astype(object) @ u.weight_matrix.astype(object)
    bias = np.array(case.options.get("bias", [0] * product.shape[1]), dtype=object)
    filters_last = np.array(case.output).reshape(u.geometry.output_shape)
    filters_last = np.moveaxis(filters_last, 1, -1).reshape(product.shape)
    assert (product + bias).tolist() == filters_last.tolist()
    assert u.product.tolist() == filters_last.tolist()


@every(CASES)
def test_symbols_with_the_numbers_put_in(case):
    x, w = np.array(case.x), np.array(case.w)
    letters, weights = sc.symbolic("x", x.shape), sc.symbolic("w", w.shape)
    values = dict(zip([*letters.flat, *weights.flat], [*x.flat, *w.flat], strict=True))
    values = {symbol: sympy.Integer(int(value)) for symbol, value in values.items()}
    for derived in (
        sc.unroll(letters, weights, **case.options).output,
        sc.loop_formula(letters, weights, **case.options),
    ):
        numbers = [sympy.sympify(y, strict=True).xreplace(values) for y in np.array(derived).flat]
        assert numbers == np.array(case.output).ravel().tolist()


@every(SAME)
def test_same_padding(case):
    upper, lower = ({"kernel": case.kernel, "stride": case.stride, "dilation": 1, "form": form} for form in
                    ("same_upper", "same_lower"))  # fmt: skip
    assert axis_padding(case.size, **upper) == case.upper
    assert axis_padding(case.size, **lower) == case.lower
    for form, pads in (("same_upper", case.upper), ("same_lower", case.lower)):
        g = sc.Geometry(case.size, case.kernel, stride=case.stride, padding=form)
        assert g.padding == (pads,)
        assert g.output_size == (-(-case.size // case.stride),)


@every([c for c in SAME if c.upper != c.lower])
def test_upper_and_lower_have_the_same_shape_and_other_values(case):
    x, w = list(range(1, case.size + 1)), list(range(1, case.kernel + 1))
    upper = sc.unroll(x, w, stride=case.stride, padding="same_upper").output
    lower = sc.unroll(x, w, stride=case.stride, padding="same_lower").output
    assert upper.shape == lower.shape
    assert upper.tolist() != lower.tolist()


@every(SIZES)
def test_sizes(case):
    g = sc.Geometry(**case.arguments)
    assert g.output_size == case.output
    assert g.patch_matrix_shape == case.patches
    assert sc.prove(g)


def test_the_convolution_matrix_of_the_smallest_example():
    """Each output cell depends on the input cells that the published 4×9 matrix names."""
    a, b, c, d = sympy.symbols("a b c d")
    x = sc.input_matrix(3, 3)
    output = sc.unroll(x, [[a, b], [c, d]]).output
    rows = [[sympy.expand(y).coeff(cell) for cell in x] for y in output]
    assert rows == [
        [a, b, 0, c, d, 0, 0, 0, 0],
        [0, a, b, 0, c, d, 0, 0, 0],
        [0, 0, 0, a, b, 0, c, d, 0],
        [0, 0, 0, 0, a, b, 0, c, d],
    ]

"""P·W multiplied by SymPy itself, against the loop formula, entry by entry, on symbols."""

from itertools import product

import numpy as np
import sympy
from hypothesis import given

import symconv as sc
from tests.strategies import geometries, options


def symbols_of(g):
    bias = sc.symbolic("b", g.out_channels) if g.bias else None
    return sc.symbolic("x", g.input_shape), sc.symbolic("w", g.kernel_shape), bias


@given(geometries(most_products=250))
def test_the_product_is_the_loop_formula(g):
    x, w, bias = symbols_of(g)
    u = sc.unroll(x, w, bias=bias, **options(g))
    product_matrix = (u.patch_matrix * u.weight_matrix).expand()
    expected = sc.loop_formula(x, w, bias=bias, **options(g))
    assert product_matrix.shape == (u.patch_matrix.rows, g.out_channels)
    rows = list(product(range(g.batch), *map(range, g.output_size)))
    for (row, (n, *position)), f in product(enumerate(rows), range(g.out_channels)):
        added = bias[f] if g.bias else 0
        cell = expected[(n, f, *position)]
        assert sympy.expand(product_matrix[row, f] + added - cell) == 0
        assert sympy.expand(u.product[row, f] - cell) == 0
    assert u.prove()


@given(geometries(most_products=250))
def test_the_output_is_the_loop_formula_as_it_stands(g):
    x, w, bias = symbols_of(g)
    u = sc.unroll(x, w, bias=bias, **options(g))
    expected = sc.loop_formula(x, w, bias=bias, **options(g))
    assert u.output.shape == expected.shape == g.output_shape
    assert u.output.tolist() == expected.tolist()


@given(geometries(most_products=200))
def test_mixed_with_numbers(g):
    """Every second cell a number: the sums stay exact and equal."""
    x, w, bias = symbols_of(g)
    x.flat[::2] = range(x.flat[::2].size)
    w.flat[1::2] = sympy.Rational(1, 3)
    layer = sc.unroll(x, w, bias=bias, **options(g)).output
    formula = sc.loop_formula(x, w, bias=bias, **options(g))
    difference = [sympy.expand(a - b) for a, b in zip(layer.flat, np.array(formula).flat, strict=True)]
    assert difference == [0] * layer.size

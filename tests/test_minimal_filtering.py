"""Tiles by minimal filtering: the map of the definition, in fewer multiplications, with no infinity lost."""

import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import symconv as sc
from symconv.definition import PADDING_MODES
from symconv.minimal_filtering import multiply_tiles, worth_tiles
from tests.strategies import options

LAYERS = {
    "odd and even": sc.Geometry((5, 8), 3, 2, 3, 2),
    "asymmetric padding": sc.Geometry((4, 6), 3, 1, 2, 2, padding=((2, 0), (1, 3))),
    "groups": sc.Geometry((5, 4), 3, 4, 6, 2, padding=1, groups=2),
    "one output": sc.Geometry((3, 3), 3, 2, 2),
    "one row": sc.Geometry((3, 9), 3, 1, 2, padding=((0, 0), (0, 1))),
    "one column": sc.Geometry((7, 3), 3, 1, 1),
    "more padding than image": sc.Geometry((1, 2), 3, 1, 1, padding=((5, 4), (6, 3))),
}


def numbers_for(g, seed=0, largest=9):
    random = np.random.default_rng(seed)
    return (random.integers(-largest, largest, shape) for shape in (g.input_shape, g.kernel_shape))


def by_tiles(g, x, w, **extra):
    return sc.evaluate(x.astype(float), w.astype(float), method="winograd", **options(g), **extra)


@pytest.mark.parametrize("g", LAYERS.values(), ids=LAYERS)
def test_it_is_the_definition_as_a_bilinear_map(g):
    # It is bilinear by what it is made of, so it is settled by what it makes of each pair of unit arrays;
    # all numbers on the way are eighths, which floats hold exactly.
    cells = np.eye(int(np.prod(g.input_shape[1:]))).reshape(-1, *g.input_shape[1:])
    alone = replace(g, batch=len(cells))
    for weight in np.ndindex(g.kernel_shape):
        kernel = np.zeros(g.kernel_shape)
        kernel[weight] = 1
        expected = sc.evaluate(cells, kernel, method="matrix", **options(g))
        assert (by_tiles(alone, cells, kernel) == expected).all()


@given(
    size=st.tuples(st.integers(3, 13), st.integers(3, 13)),
    padding=st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 2),
    mode=st.sampled_from(PADDING_MODES),
    groups=st.integers(1, 3),
    filters=st.integers(1, 3),
    batch=st.integers(1, 3),
    at_once=st.sampled_from([1, 5_000, 1 << 20]),
)
def test_small_whole_numbers_are_exact_however_the_rows_are_cut(
    size, padding, mode, groups, filters, batch, at_once
):
    g = sc.Geometry(
        size, 3, groups * 2, groups * filters, batch, padding=padding, groups=groups, padding_mode=mode
    )
    x, w = numbers_for(g)
    bias = np.arange(g.out_channels) - 1.0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("symconv.minimal_filtering._TILES_BYTES", at_once)
        got = by_tiles(g, x, w, bias=bias)
    assert (got == sc.loop_formula(x, w, bias=bias, **options(g))).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64])
def test_the_dtype_is_kept_and_the_rounding_small(dtype):
    g = sc.Geometry((9, 12), 3, 8, 4, 2, padding=1)
    random = np.random.default_rng(1)
    x, w = (random.standard_normal(shape).astype(dtype) for shape in (g.input_shape, g.kernel_shape))
    got = sc.evaluate(x, w, padding=1, method="winograd")
    assert got.dtype == dtype
    wide = np.complex128 if np.dtype(dtype).kind == "c" else np.float64
    expected = sc.evaluate(x.astype(wide), w.astype(wide), padding=1)
    assert np.abs(got - expected).max() <= 16 * np.finfo(dtype).eps * np.abs(expected).max()


@pytest.mark.parametrize("odd", [np.inf, -np.inf, np.nan, 3e38])
def test_what_is_not_finite_stays_where_it_is(odd):
    g = sc.Geometry((6, 7), 3, 64, 64, padding=1)
    x, w = (a.astype(np.float32) for a in numbers_for(g))
    w[np.abs(w) < 2] = 2  # so that 3e38 overflows
    x[0, 3, 2, 4] = odd
    assert worth_tiles(g, x.dtype)
    with np.errstate(over="ignore"):
        got, expected = sc.evaluate(x, w, padding=1), sc.evaluate(x, w, padding=1, method="im2col")
    assert np.array_equal(got, expected, equal_nan=True)
    assert np.isfinite(expected).sum() == 64 * (6 * 7 - 9)


def test_it_is_chosen_where_it_pays(monkeypatch):
    calls = []

    def seen(*arguments):
        calls.append(arguments[0])
        multiply_tiles(*arguments)

    monkeypatch.setattr(sys.modules["symconv.evaluate"], "multiply_tiles", seen)
    large = sc.Geometry((8, 9), 3, 64, 64, padding=1)
    others = {
        "kernels that leave the cache": sc.Geometry((8, 9), 3, 512, 256, padding=1),
        "a stride": replace(large, stride=(1, 2)),
        "another kernel": sc.Geometry((8, 9), (3, 5), 64, 64, padding=1),
        "a dilation": replace(large, dilation=(2, 1)),
    }
    for g in others.values():
        x, w = (a.astype(np.float32) for a in numbers_for(g))
        sc.evaluate(x, w, **options(g))
    x, w = numbers_for(large)
    sc.evaluate(x, w, padding=1)
    sc.evaluate(x.astype(float), w.astype(float), padding=1)
    assert calls == []
    sc.evaluate(x.astype(np.float32), w.astype(np.float32), padding=1)
    assert calls == [large]


def test_memory_is_bounded():
    g = sc.Geometry((150, 600), 3, 64, 64, padding=1)
    x, w = np.ones(g.input_shape, np.float32), np.ones(g.kernel_shape, np.float32)
    out = np.empty(g.output_shape, np.float32)
    tracemalloc.start()
    sc.evaluate(x, w, padding=1, method="winograd", out=out)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * 2**20 < x.nbytes / 2
    assert out[0, 0, 5, 5] == 64 * 9


@pytest.mark.parametrize(
    ("x", "w", "settings", "sentence"),
    [
        (np.ones((4, 4), int), np.ones((3, 3), int), {}, "takes floats, and here is int64"),
        (
            np.ones((4, 4)),
            np.ones((2, 3)),
            {},
            "needs a 3×3 kernel, stride=1 and dilation=1 (got kernel (2, 3),",
        ),
        (
            np.ones((5, 5)),
            np.ones((3, 3)),
            {"stride": 2},
            'stride (2, 2), dilation (1, 1)): use method="auto"',
        ),
        (np.ones(5), np.ones(3), {}, "(got kernel (3,), stride (1,)"),
    ],
    ids=["integers", "kernel", "stride", "one axis"],
)
def test_a_layer_it_is_not_for_is_refused(x, w, settings, sentence):
    with pytest.raises(sc.RequestError) as refused:
        sc.evaluate(x, w, method="winograd", **settings)
    assert str(refused.value).startswith('method="winograd"')
    assert sentence in str(refused.value)

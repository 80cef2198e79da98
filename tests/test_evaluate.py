"""The fast evaluator: every method, every dtype, any geometry, against the definition and the peers."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import symconv as sc
from symconv.evaluate import METHODS
from symconv.rows import height_by_rows
from symconv.tiles import TILE_BYTES, scratch, tile_size, tiles
from tests.strategies import integer_layers, options
from tests.test_against_peers import onnx_conv, scipy_conv

DTYPES = [np.float32, np.float64, np.complex64, np.complex128, np.float16, np.int64, np.int8, np.uint8]
ANY_LAYER = [name for name in METHODS if name != "winograd"]  # which has tests of its own
TILES = [1, 100, 3_000, 1 << 20]
COVERS = [0, 500, 1 << 20]


@given(
    layer=integer_layers(),
    method=st.sampled_from(sorted(ANY_LAYER)),
    tile=st.sampled_from(TILES),
    cover=st.sampled_from(COVERS),
    blocks=st.booleans(),
)
def test_small_integers_are_exact_in_every_method_tile_and_block(layer, method, tile, cover, blocks):
    g, x, w, bias = layer
    expected = sc.loop_formula(x, w, bias=bias, **options(g))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("symconv.tiles.TILE_BYTES", tile)
        patch.setattr("symconv.tiles.COVER_BYTES", cover)
        patch.setattr("symconv.products.copies_nothing", lambda: blocks)
        patch.setattr("symconv.products.LEAST_HEIGHT", 1)
        patch.setattr("symconv.products.WIDTH", 4)
        patch.setattr("symconv.rows.LEAST_BYTES", 0)
        patch.setattr("symconv.rows.TILE_BYTES", tile)
        patch.setattr("symconv.products.SMALL", 200)
        got = sc.evaluate(x, w, bias=bias, method=method, **options(g))
    assert got.dtype == np.int64
    assert got.shape == expected.shape
    assert (got == expected).all()


def test_long_rows_are_multiplied_by_rows(monkeypatch):
    monkeypatch.setattr("symconv.products.copies_nothing", lambda: True)
    g = sc.Geometry(
        (20, 160), (3, 5), 4, 16, 2, stride=(2, 1), padding=((1, 0), (2, 3)), dilation=(1, 2), groups=2
    )
    assert height_by_rows(g, np.dtype(np.float32)) == 8
    assert height_by_rows(replace(g, out_channels=48), np.dtype(np.float32)) == 8
    assert height_by_rows(replace(g, out_channels=36), np.dtype(np.float32)) == 9
    assert height_by_rows(g, np.dtype(np.int64)) == 0
    for other in (
        {"stride": (3, 1)},
        {"dilation": (2, 1)},
    ):  # no row is read twice; rows are not side by side
        assert height_by_rows(replace(g, **other), np.dtype(np.float32)) == 0
    rng = np.random.default_rng(5)
    x, w = (rng.integers(-4, 5, shape).astype(np.float32) for shape in (g.input_shape, g.kernel_shape))
    for tile in (1, 1 << 16, 1 << 21):
        monkeypatch.setattr("symconv.rows.TILE_BYTES", tile)
        got = sc.evaluate(x, w, **options(g))
        assert (got == sc.evaluate(x, w, method="taps", **options(g))).all()


@given(
    layer=integer_layers(low=0, high=4),
    dtype=st.sampled_from(DTYPES),
    method=st.sampled_from(sorted(ANY_LAYER)),
)
def test_the_dtype_is_kept(layer, dtype, method):
    g, x, w, bias = layer
    expected = sc.loop_formula(x, w, bias=bias, **options(g))
    bias = None if bias is None else bias.astype(dtype)
    got = sc.evaluate(x.astype(dtype), w.astype(dtype), bias=bias, method=method, **options(g))
    assert got.dtype == (np.int64 if np.issubdtype(dtype, np.integer) else dtype)
    assert (got == expected).all()


@given(layer=integer_layers())
def test_it_agrees_with_those_nobody_here_wrote(layer):
    g, x, w, bias = layer
    got = sc.evaluate(x, w, bias=bias, **options(g))
    assert (got == scipy_conv(g, x, w, bias)).all()
    if g.rank <= 3:
        assert (got == onnx_conv(g, x, w, bias)).all()


@given(layer=integer_layers(), seed=st.integers(0, 2**32 - 1))
def test_floats_agree_within_rounding(layer, seed):
    g, *_ = layer
    random = np.random.default_rng(seed)
    x, w = random.standard_normal(g.input_shape), random.standard_normal(g.kernel_shape)
    expected = sc.loop_formula(x, w, **options(g))
    bound = np.prod(g.kernel_shape[1:]) * np.abs(x).max() * np.abs(w).max()
    for dtype in (np.float32, np.float64):
        got = sc.evaluate(x.astype(dtype), w.astype(dtype), **options(g))
        assert np.abs(got - expected).max() <= 4 * bound * np.finfo(dtype).eps


@given(layer=integer_layers())
def test_an_input_need_not_be_contiguous(layer):
    g, x, w, bias = layer
    twice = np.repeat(x, 2, axis=-1).astype(np.float64)
    kernels = np.asfortranarray(w.astype(np.float64))
    expected = sc.evaluate(x, w, bias=bias, **options(g))
    assert (sc.evaluate(twice[..., ::2], kernels, bias=bias, **options(g)) == expected).all()


@pytest.mark.parametrize("method", ANY_LAYER)
def test_integers_never_overflow(method):
    large = np.array([[2**40, -(2**40)]])
    got = sc.evaluate(large, np.array([[2**40, 2**40 - 1]]), method=method)
    assert got.tolist() == [[2**80 - 2**40 * (2**40 - 1)]]
    assert got.dtype == object
    bytes_ = np.full((1, 64, 3, 3), 255, dtype=np.uint8)
    assert sc.evaluate(bytes_, np.full((1, 64, 3, 3), 255, np.uint8), method=method).tolist() == [
        [[[64 * 9 * 255**2]]]
    ]


@pytest.mark.parametrize("bits", [52, 53, 54, 62, 63, 64])
def test_integers_are_exact_on_both_sides_of_what_a_float_holds(bits):
    x, w = np.array([[2 ** (bits - 20), 1]]), np.array([[2**20, 1]])
    assert sc.evaluate(x, w).tolist() == [[2**bits + 1]]


def test_fractions_stay_fractions_and_symbols_are_refused():
    assert sc.evaluate([[Fraction(1, 3), 2]], [[Fraction(1, 2), 1]]).tolist() == [[Fraction(13, 6)]]
    with pytest.raises(sc.ArrayError) as refused:
        sc.evaluate(sc.input_matrix(2, 2), [[1]])
    assert (
        str(refused.value) == "x, w or bias holds symbols: evaluate takes numbers, unroll takes symbols too"
    )


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("width", range(4, 10))
def test_what_an_earlier_layer_left_in_its_memory_is_never_read(stride, width):
    for name in ("cells", "patches"):
        scratch(name, 10**4, np.dtype(float))[:] = np.nan
    x, w = np.arange(6.0 * width).reshape(1, 2, 3, width), np.arange(1.0, 13).reshape(1, 2, 2, 3)
    hyper_parameters = {"stride": (1, stride), "padding": ((1, 2), (2, 3))}
    expected = sc.loop_formula(x, w, **hyper_parameters)
    assert np.array_equal(sc.evaluate(x, w, method="im2col", **hyper_parameters), expected)


@pytest.mark.parametrize("stride", [True, 1.0, (1, True), (1.0, 1), np.float64(1), [1, False]])
def test_a_layer_that_was_met_before_does_not_let_a_mistake_pass(stride):
    x, w = np.ones((4, 5)), np.ones((2, 3))
    for right in (1, (1, 1), np.int64(1)):
        assert sc.evaluate(x, w, stride=right).shape == (3, 3)
    with pytest.raises(sc.GeometryError, match=r"^stride="):
        sc.evaluate(x, w, stride=stride)


def test_an_empty_batch_gives_an_empty_output():
    for method in ANY_LAYER:
        got = sc.evaluate(np.zeros((0, 4, 5, 6)), np.zeros((6, 2, 2, 3)), groups=2, padding=1, method=method)
        assert got.shape == (0, 6, 6, 6)


def test_out_is_written_into_and_returned():
    x, w = np.arange(9.0).reshape(3, 3), np.ones((2, 2))
    out = np.empty((2, 2))
    assert sc.evaluate(x, w, out=out) is out
    assert out.tolist() == [[8.0, 12.0], [20.0, 24.0]]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"method": "fast"}, f"method='fast' is unknown: use one of {', '.join(METHODS)}"),
        ({"method": ["auto"]}, f"method=['auto'] is unknown: use one of {', '.join(METHODS)}"),
        ({"out": [1]}, "out is a list: give an array of shape (2, 2) and dtype int64"),
        ({"bias": [1, 2]}, "bias has shape (2,): give one entry for each of 1 filters"),
        (
            {"out": np.empty((3, 3))},
            "out has shape (3, 3) and dtype float64: "
            "give a contiguous array of shape (2, 2) and dtype int64 that can be written",
        ),
    ],
    ids=["method", "method-list", "out-list", "bias", "out"],
)
def test_a_mistake_gets_one_sentence(words, sentence):
    with pytest.raises(sc.SymconvError) as refused:
        sc.evaluate([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[9, 8], [7, 6]], **words)
    assert str(refused.value) == sentence


@given(sizes=st.lists(st.integers(1, 6), min_size=1, max_size=4).map(tuple), most=st.integers(1, 400))
def test_tiles_cover_every_position_once_in_order(sizes, most):
    tile = tile_size(sizes, most)
    positions = np.arange(np.prod(sizes)).reshape(sizes)
    seen = []
    for first, shape in tiles(sizes, tile):
        box = positions[tuple(slice(f, f + n) for f, n in zip(first, shape, strict=True))].ravel()
        assert box.size <= most
        seen += box.tolist()
    assert seen == list(range(positions.size))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_large_layer_needs_little_memory_beside_its_arrays(dtype):
    """Within 8 MiB of the tile, where the whole patch matrix would take fourteen times as much."""
    x, w = np.ones((1, 32, 160, 160), dtype), np.ones((4, 32, 3, 3), dtype)
    out = np.empty((1, 4, 160, 160), dtype)
    tracemalloc.start()
    with ThreadPoolExecutor(1) as fresh:  # a thread has not kept the memory of earlier calls
        fresh.submit(sc.evaluate, x, w, padding=1, out=out).result()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak >= TILE_BYTES / 2
    assert peak <= TILE_BYTES + 8 * 2**20
    assert 32 * 9 * 160 * 160 * x.itemsize > 10 * TILE_BYTES
    assert out[0, 0, 80, 80] == 32 * 9
    assert out[0, 0, 0, 0] == 32 * 4


def test_threads_do_not_share_their_tiles():
    numbers = np.random.default_rng(0)
    layers = [
        (numbers.integers(-9, 9, (2, 3, 20, 20)), numbers.integers(-9, 9, (4, 3, 3, 3))) for _ in range(24)
    ]
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda layer: sc.evaluate(*layer, padding=1), layers * 4))
    for (x, w), y in zip(layers * 4, got, strict=True):
        assert (y == sc.evaluate(x, w, padding=1, method="matrix")).all()


@pytest.mark.parametrize(
    ("x", "w", "bias", "dtype"),
    [
        (np.float32, np.float32, np.int64, np.float32),
        (np.float32, np.float32, np.float64, np.float32),
        (np.float32, np.float64, np.float32, np.float64),
        (np.int8, np.int8, np.float32, np.float32),
        (np.float32, np.float32, np.complex64, np.complex64),
        (np.uint64, np.int64, np.int64, np.int64),
        (bool, np.float32, np.float32, np.float64),
    ],
)
def test_a_bias_changes_the_kind_of_the_result_and_never_its_digits(x, w, bias, dtype):
    got = sc.evaluate(np.ones((3, 3), x), np.ones((2, 2), w), bias=np.ones(1, bias))
    assert got.dtype == dtype
    assert (got == 5).all()


def test_out_may_not_be_what_is_still_read():
    buffer = np.ones((1, 1, 6, 6))
    for shared in (
        {"x": buffer, "w": np.ones((1, 1, 3, 3))},
        {"x": np.ones((1, 1, 6, 6)), "w": buffer[..., :3, :3]},
    ):
        with pytest.raises(sc.ArrayError) as refused:
            sc.evaluate(**shared, padding=1, out=buffer)
        assert str(refused.value) == (
            "out shares memory with x, w or bias, which are still read: give an array of its own"
        )


def test_out_must_be_writeable():
    out = np.empty((2, 2))
    out.flags.writeable = False
    with pytest.raises(sc.ArrayError, match="that can be written"):
        sc.evaluate(np.ones((3, 3)), np.ones((2, 2)), out=out)


def test_ints_among_floats_are_floats():
    assert sc.evaluate([[1.5, 2], [3, 4]], [[1, 0.5]]).dtype == np.float64
    assert (
        sc.evaluate(
            np.ones((3, 3), np.float32),
            np.ones((2, 2), np.float32),
            bias=[
                1,
            ],
        ).dtype
        == np.float32
    )


VAST = {
    "stride": (5, 3, {"stride": 10**9}),
    "stride beyond an integer": (5, 3, {"stride": 2**70}),
    "all": (5, 3, {"stride": 10**9, "padding": 10**9, "dilation": 10**9}),
    "dilation of an axis of one tap": ((4, 5), (1, 2), {"dilation": (2**70, 1)}),
    "dilation and padding": ((40, 40), 3, {"dilation": 30_000, "padding": 30_000}),
}


@pytest.mark.parametrize(("size", "kernel", "words"), VAST.values(), ids=VAST)
def test_strides_and_dilations_take_no_memory(size, kernel, words):
    g = sc.Geometry(size, kernel, **words)
    x, w = np.arange(1, np.prod(g.input_shape) + 1).reshape(g.input_shape), np.ones(g.kernel_shape, dtype=int)
    tracemalloc.start()
    with ThreadPoolExecutor(1) as fresh:
        got = fresh.submit(sc.evaluate, x, w, **words).result()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < TILE_BYTES + 8 * 2**20
    expected = sc.loop_formula(x, w, **words)
    assert (got == expected).all()

"""The transposed convolution: three ways of writing it, proved; mutants refuted; against peers, exactly."""

import re
from fractions import Fraction
from importlib.util import find_spec
from math import prod

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import symconv as sc
from symconv.forms.transposed_maps import transposed_maps
from symconv.forms.transposed_proof import STRIDE_ONE, TRANSPOSE, prove_transposed
from symconv.forms.transposed_sizes import TransposedSizes, read_sizes
from symconv.proof.exact import generic_names
from tests.strategies import geometries, options, transposed_layers
from tests.test_against_peers import onnx
from tests.test_messages import check, refused

# batch 2, two groups of two channels in and three out, unequal everything, crops beyond the kernel's margin
UNEQUAL = {
    "stride": (2, 3),
    "padding": ((1, 0), (0, 2)),
    "output_padding": (1, 2),
    "dilation": (2, 1),
    "groups": 2,
}
NUMBERS = np.random.default_rng(11)
Y, W = NUMBERS.integers(-9, 10, (2, 4, 2, 3)), NUMBERS.integers(-9, 10, (4, 3, 2, 3))


def test_what_one_types_first():
    y, w = [[1, 2], [3, 4]], [[1, 10], [100, 1000]]
    z = sc.conv_transpose(y, w)
    assert z.tolist() == [[1, 12, 20], [103, 1234, 2040], [300, 3400, 4000]]
    t = sc.transposed(y, w)
    assert t.output.tolist() == sc.scatter_formula(y, w).tolist() == z.tolist()
    assert t.matrix.shape == (9, 4)
    assert (t.matrix @ np.ravel(y)).tolist() == z.ravel().tolist()
    assert sc.evaluate(t.zero_inserted, t.reversed_kernel).tolist() == z.tolist()
    assert sc.prove(t)
    assert t.geometry == sc.Geometry((3, 3), (2, 2))
    assert (t.cost, t.stride_one_cost) == (sc.Cost(16, 7, 0), sc.Cost(36, 27, 16))


KNOWN = [
    # Dive into Deep Learning's example: the convolution's own output, transposed back
    ("d2l", [[27, 37], [57, 67]], [[1, 2], [3, 4]], {}, [[27, 91, 74], [138, 400, 282], [171, 429, 268]]),
    ("stamps-apart", [1, 2, 3], [1, 10], {"stride": 2}, [1, 10, 2, 20, 3, 30]),
    ("stamps-with-a-gap", [1, 2], [1, 10], {"stride": 3}, [1, 10, 0, 2, 20]),
    ("overlap", [1, 2, 3], [1, 10, 100], {"stride": 2}, [1, 10, 102, 20, 203, 30, 300]),
    ("cropped", [1, 2, 3], [1, 10, 100], {"stride": 2, "padding": 1}, [10, 102, 20, 203, 30]),
    ("cropped-before", [1, 2, 3], [1, 10], {"padding": [(1, 0)]}, [12, 23, 30]),
    ("longer", [1, 2], [1, 10], {"stride": 2, "output_padding": 1}, [1, 10, 2, 20, 0]),
    ("longer-within-a-crop", [1, 2], [1, 10], {"stride": 2, "padding": 1, "output_padding": 1}, [10, 2, 20]),
    ("dilated", [1, 2], [1, 10], {"dilation": 2}, [1, 2, 10, 20]),
    ("dilated-and-longer", [1, 2], [1, 10], {"dilation": 3, "output_padding": 2}, [1, 2, 0, 10, 20, 0, 0]),
    (
        "cropped-to-nothing-but-zero",
        [7],
        [1],
        {"stride": 3, "output_padding": 2, "padding": [(1, 0)]},
        [0, 0],
    ),
]


@pytest.mark.parametrize(("y", "w", "hyper", "z"), [pytest.param(*row, id=name) for name, *row in KNOWN])
def test_known_values(y, w, hyper, z):
    assert sc.conv_transpose(y, w, **hyper).tolist() == z
    assert sc.scatter_formula(y, w, **hyper).tolist() == z
    assert sc.transposed(y, w, **hyper).output.tolist() == z


def test_weights_are_channels_of_the_input_first_and_groups_are_blocks():
    y = [[1], [10], [100], [1000]]
    w = [[[1], [2]], [[3], [4]], [[5], [6]], [[7], [8]]]
    expected = [[31], [42], [7500], [8600]]
    assert sc.conv_transpose(y, w, groups=2).tolist() == expected
    assert sc.scatter_formula(y, w, groups=2).tolist() == expected
    assert sc.conv_transpose(y, w, groups=2, bias=[1, 2, 3, 4]).tolist() == [[32], [44], [7503], [8604]]


def onnx_transposed(y, w, bias, hyper):
    crops = hyper["padding"]
    return onnx(
        y,
        w,
        bias,
        operator="ConvTranspose",
        strides=list(hyper["stride"]),
        dilations=list(hyper["dilation"]),
        pads=[before for before, _ in crops] + [after for _, after in crops],
        output_padding=list(hyper["output_padding"]),
        group=hyper["groups"],
    )


def torch_transposed(y, w, bias, hyper):
    import torch

    rank = y.ndim - 2
    function = (torch.conv_transpose1d, torch.conv_transpose2d, torch.conv_transpose3d)[rank - 1]
    y, w = torch.from_numpy(y).double(), torch.from_numpy(w).double()
    bias = None if bias is None else torch.from_numpy(bias).double()
    rest = {**hyper, "padding": 0}  # torch crops both ends alike
    whole = function(y, w, bias, **rest).numpy()
    ends = zip(whole.shape[2:], hyper["padding"], strict=True)
    return whole[(..., *(slice(before, n - after) for n, (before, after) in ends))]


@given(layer=transposed_layers(most_products=5000, within_stride=True))  # more is refused there
def test_onnx_runtime_on_integers(layer):
    expected = onnx_transposed(*layer)
    y, w, bias, hyper = layer
    got = sc.conv_transpose(y, w, bias=bias, **hyper)
    assert (got.dtype, got.shape) == (np.int64, expected.shape)
    assert got.tolist() == expected.tolist()


@pytest.mark.skipif(not find_spec("torch"), reason="torch is not installed")
@given(layer=transposed_layers(most_products=5000))
def test_torch_on_integers(layer):
    y, w, bias, hyper = layer
    assert sc.conv_transpose(y, w, bias=bias, **hyper).tolist() == torch_transposed(*layer).tolist()


@given(layer=transposed_layers())
def test_every_way_of_writing_it_is_the_scatter_formula(layer):
    y, w, bias, hyper = layer
    expected = sc.scatter_formula(y, w, bias=bias, **hyper)
    t = sc.transposed(y, w, bias=bias, **hyper)
    assert expected.shape == t.sizes.output_shape
    assert sc.conv_transpose(y, w, bias=bias, **hyper).tolist() == expected.tolist()
    assert t.output.tolist() == expected.tolist()
    stride_one = {"dilation": hyper["dilation"], "groups": hyper["groups"], "bias": bias}
    assert t.zero_inserted.shape == t.stride_one.input_shape
    assert t.reversed_kernel.shape == t.stride_one.kernel_shape
    assert sc.evaluate(t.zero_inserted, t.reversed_kernel, **stride_one).tolist() == expected.tolist()
    columns = y.reshape(len(y), -1).T
    added = 0 if bias is None else np.repeat(bias, prod(t.geometry.input_size))
    assert ((t.matrix @ columns).T + added).ravel().tolist() == expected.ravel().tolist()


@settings(max_examples=30)
@given(layer=transposed_layers(most_products=80))
def test_on_symbols_too(layer):
    y, w, bias, hyper = layer
    y, w = sc.symbolic("y", y.shape), sc.symbolic("w", w.shape)
    bias = None if bias is None else sc.symbolic("b", bias.shape)
    expected = sc.scatter_formula(y, w, bias=bias, **hyper)
    got = sc.conv_transpose(y, w, bias=bias, **hyper)
    assert got.tolist() == expected.tolist()
    assert all(isinstance(entry, sympy.Expr) for entry in got.flat)
    assert sc.transposed(y, w, bias=bias, **hyper).output.tolist() == expected.tolist()


@given(g=geometries(modes=("zeros",)), seed=st.integers(0, 2**32 - 1))
def test_it_is_the_adjoint_of_the_convolution(g, seed):
    numbers = np.random.default_rng(seed)
    x, w, y = (numbers.integers(-9, 10, shape) for shape in (g.input_shape, g.kernel_shape, g.output_shape))
    hyper = options(g)
    del hyper["padding_mode"]
    forward = sc.evaluate(x, w, **hyper)
    back = sc.conv_transpose(
        y, w, output_padding=TransposedSizes.of_geometry(linear(g)).output_padding, **hyper
    )
    assert back.shape == x.shape
    assert int((forward * y).sum()) == int((x * back).sum())


def linear(g):
    return sc.Geometry(g.input_size, g.kernel_size, g.in_channels, g.out_channels, g.batch, **options(g))


@given(g=geometries(modes=("zeros",)))
def test_the_transpose_of_a_convolution_goes_back_to_its_sizes(g):
    t = sc.transposed(linear(g))
    assert t.sizes.output_shape == g.input_shape
    assert t.sizes.input_shape == g.output_shape
    assert sc.prove(t)
    assert all(0 <= extra < s for extra, s in zip(t.sizes.output_padding, g.stride, strict=True))


@given(layer=transposed_layers())
def test_it_is_proved(layer):
    y, w, bias, hyper = layer
    t = sc.transposed(y, w, bias=bias, **hyper)
    proof = sc.prove(t)
    assert proof
    assert proof.tier is sc.Tier.EXACT
    assert proof.compared == 2 * prod(t.sizes.output_shape)
    ones = sc.scatter_formula(np.ones_like(y), np.ones_like(w), **hyper)  # one for every product
    assert f"of {ones.sum():,} products" in repr(proof)


def test_a_layer_of_full_size_is_proved():
    t = sc.transposed(sc.Geometry((112, 112), 3, 64, 64, stride=2, padding=1))
    proof = sc.prove(t)
    assert proof
    assert proof.compared == 2 * 64 * 112 * 112


def test_the_verdict_in_words():
    assert repr(sc.prove(sc.transposed(Y, W, **UNEQUAL))) == (
        "Proved (tier: exact). Tᵀ·vec(y) is the scatter formula, and so is the convolution of stride 1\n"
        "of the zero-inserted input with the reversed kernels, for "
        "Transposed: Tᵀ (270×24) · vec(y) for each of 2 samples = vec of an output of shape (2, 6, 5, 9), "
        "numeric:\n"
        "1,080 entries compared as polynomials of 648 products."
    )


def _cells(shape):
    return np.arange(prod(shape)).reshape(shape)


def stride_forgotten(t):
    """Zeros after the input instead of between its cells."""
    inserted = np.full_like(t.maps.inserted, t.input.size)
    inserted[(..., *map(slice, t.sizes.input_size))] = _cells(t.input.shape)
    return {"inserted": inserted}


def nearest_neighbour(t):
    """Each cell repeated where zeros should be."""
    first = np.array(t.maps.inserted)
    zero = t.input.size
    for axis in range(2, first.ndim):
        moved = np.roll(first, 1, axis=axis)
        first = np.where(first == zero, moved, first)
    return {"inserted": first}


def one_of_each_group_left_out(t):
    """The last cell of a channel of the first group, and the first one of a channel of the second."""
    inserted, zero = np.array(t.maps.inserted), t.input.size
    inserted[0, 0][tuple(np.argwhere(inserted[0, 0] != zero)[-1])] = zero
    inserted[0, 2][tuple(np.argwhere(inserted[0, 2] != zero)[0])] = zero
    return {"inserted": inserted}


MUTANTS = [
    ("kernel not rotated", lambda t: {"kernel": t.maps.kernel[:, :, ::-1, ::-1]}, STRIDE_ONE),
    ("kernel rotated on one axis only", lambda t: {"kernel": t.maps.kernel[..., ::-1]}, STRIDE_ONE),
    ("channels not swapped", lambda t: {"kernel": channels_kept(t)}, STRIDE_ONE),
    ("groups exchanged", lambda t: {"kernel": np.roll(t.maps.kernel, 3, axis=0)}, STRIDE_ONE),
    ("stride forgotten", stride_forgotten, STRIDE_ONE),
    ("nearest neighbours for zeros", nearest_neighbour, STRIDE_ONE),
    ("one margin for the other", lambda t: {"inserted": np.roll(t.maps.inserted, 1, axis=3)}, STRIDE_ONE),
    ("output padding first", lambda t: {"inserted": np.roll(t.maps.inserted, 1, axis=2)}, STRIDE_ONE),
    ("samples exchanged", lambda t: {"inserted": t.maps.inserted[::-1]}, STRIDE_ONE),
    ("channels of y exchanged", lambda t: {"inserted": t.maps.inserted[:, ::-1]}, STRIDE_ONE),
    ("the first wrong cell is not on the first wrong place", one_of_each_group_left_out, STRIDE_ONE),
    ("taps reversed in T", lambda t: {"weight": taps_reversed(t)}, TRANSPOSE),
    ("channels exchanged in T", lambda t: {"weight": t.maps.weight[:, ::-1]}, TRANSPOSE),
    ("groups forgotten in T", lambda t: {"weight": groups_forgotten(t)}, TRANSPOSE),
    ("positions reversed in T", lambda t: {"patch": t.maps.patch[::-1]}, TRANSPOSE),
    ("stride forgotten in T", lambda t: {"patch": stamped_twice(t)}, TRANSPOSE),
    ("crop forgotten in T", lambda t: {"patch": first_for_cropped(t)}, TRANSPOSE),
    ("a stamp left out of T", lambda t: {"patch": last_dropped(t)}, TRANSPOSE),
    (
        "samples exchanged in T",
        lambda t: {"patch": np.roll(t.maps.patch, len(t.maps.patch) // 2, 0)},
        TRANSPOSE,
    ),
]


def channels_kept(t):
    """The kernels rotated, but in the order in which they were given."""
    return np.flip(_cells(t.kernel.shape), axis=(2, 3)).reshape(t.maps.kernel.shape)


def taps_reversed(t):
    channels, taps = t.sizes.output_shape[1], prod(t.geometry.kernel_size)
    weight = t.maps.weight
    return weight.reshape(channels, taps, -1)[:, ::-1].reshape(weight.shape)


def groups_forgotten(t):
    return np.where(t.maps.weight == t.kernel.size, 0, t.maps.weight)


def stamped_twice(t):
    """The second cell is stamped where the first one is."""
    patch = np.array(t.maps.patch)
    patch[1] = patch[0]
    return patch


def first_for_cropped(t):
    return np.where(t.maps.patch == prod(t.sizes.output_shape), 0, t.maps.patch)


def last_dropped(t):
    patch = np.array(t.maps.patch)
    patch[-1] = prod(t.sizes.output_shape)
    return patch


def in_full(t, identity):
    """The side of an identity that a form makes, on symbols: shape (N, Cout, *out)."""
    symbols = sc.symbolic("y", t.sizes.input_shape), sc.symbolic("w", t.sizes.kernel_shape)
    own = sc.transposed(*symbols, **hyper_of(t), max_entries=None)
    own = own.with_maps(**vars(t.maps))
    if identity == TRANSPOSE:
        return np.array(own.output, dtype=object)
    g = t.stride_one
    made = sc.loop_formula(own.zero_inserted, own.reversed_kernel, dilation=g.dilation, groups=g.groups)
    return np.array(made, dtype=object)


def hyper_of(t):
    g = t.geometry
    hyper = {"stride": g.stride, "padding": g.padding, "dilation": g.dilation, "groups": g.groups}
    return {**hyper, "output_padding": t.sizes.output_padding}


@pytest.mark.parametrize(("mutant", "identity"), [pytest.param(*row, id=name) for name, *row in MUTANTS])
def test_other_maps_are_refuted(mutant, identity):
    right = sc.transposed(Y, W, **UNEQUAL)
    wrong = right.with_maps(**mutant(right))
    name, numbers = next(iter(mutant(right).items()))
    assert not np.array_equal(numbers, getattr(right.maps, name)), "the mutant reaches the map"
    proof = sc.prove(wrong)
    assert not proof
    assert proof.tier is sc.Tier.EXACT
    difference = proof.difference
    assert difference.identity == identity
    made = in_full(wrong, identity)
    symbols = sc.symbolic("y", Y.shape), sc.symbolic("w", W.shape)
    defined = sc.scatter_formula(*symbols, **UNEQUAL)
    differing = [cell for cell in np.ndindex(made.shape) if sympy.expand(made[cell] - defined[cell])]
    assert difference.place == differing[0], "the first cell that differs"
    assert sympy.expand(difference.left - made[difference.place]) == 0
    assert sympy.expand(difference.right - defined[difference.place]) == 0
    before = np.ravel_multi_index(difference.place, made.shape) + (identity == STRIDE_ONE) * made.size
    assert proof.compared == before + 1


@settings(max_examples=40)
@given(layer=transposed_layers(most_products=60), data=st.data())
def test_the_verdict_is_right_about_any_maps(layer, data):
    y, w, _, hyper = layer
    t = sc.transposed(y, w, **hyper)
    name = data.draw(st.sampled_from(["patch", "weight", "inserted", "kernel"]))
    numbers = np.array(getattr(t.maps, name))
    places = numbers.reshape(-1)
    for _ in range(data.draw(st.integers(1, 2))):
        i, j = (data.draw(st.integers(0, places.size - 1)) for _ in "ij")
        places[[i, j]] = places[[j, i]]
    wrong = t.with_maps(**{name: numbers})
    symbols = sc.symbolic("y", y.shape), sc.symbolic("w", w.shape)
    defined = sc.scatter_formula(*symbols, **hyper)
    same = all((in_full(wrong, identity) == defined).all() for identity in (TRANSPOSE, STRIDE_ONE))
    assert bool(sc.prove(wrong)) == same


def test_another_order_of_the_taps_is_accepted():
    t = sc.transposed(Y, W, **UNEQUAL)
    order = np.random.default_rng(3).permutation(t.maps.weight.shape[0])
    assert sc.prove(t.with_maps(patch=t.maps.patch[:, order], weight=t.maps.weight[order]))
    assert not sc.prove(t.with_maps(patch=t.maps.patch[:, order]))


def test_a_counterexample_in_words():
    t = sc.transposed([[1, 2], [3, 4]], [[1, 2], [3, 4]])
    assert repr(sc.prove(t.with_maps(kernel=t.maps.kernel[:, :, ::-1, ::-1]))) == (
        "Refuted (tier: exact) after 10 entries, for "
        "Transposed: Tᵀ (9×4) · vec(y) = vec of an output of shape (3, 3), numeric;\n"
        "the convolution of stride 1 = the scatter formula fails first at [0, 0]\n"
        "  left  = w_{1,1}*y_{0,0}\n"
        "  right = w_{0,0}*y_{0,0}"
    )


def test_sizes_that_do_not_follow_from_one_another_are_refused():
    sizes = read_sizes((2, 3), (2, 2), stride=2)
    wrong = TransposedSizes(sizes.geometry, sizes.input_size, (0, 1))
    names = generic_names("y", (2, 3)), generic_names("w", (2, 2))
    with pytest.raises(sc.GeometryError, match="the stamps make an output of 7 cells on an axis, and 6"):
        prove_transposed(wrong, transposed_maps(sizes), "wrong sizes", names, 2)


@given(layer=transposed_layers())
def test_the_cost_is_what_is_counted(layer):
    y, w, _, hyper = layer
    t = sc.transposed(y, w, **hyper)
    whole = {**hyper, "padding": 0}
    stamps = sc.scatter_formula(np.ones_like(y), np.ones_like(w), **whole)
    assert t.cost == sc.Cost(stamps.sum(), stamps.sum() - np.count_nonzero(stamps), 0)
    g = t.stride_one
    assert t.stride_one_cost == sc.Cost(g.products, g.products - prod(g.output_shape), prod(g.input_shape))
    if all(extra < s for extra, s in zip(hyper["output_padding"], hyper["stride"], strict=True)):
        assert t.cost.products == t.geometry.products, "as many as the convolution has"


DTYPES = [
    ("half", np.float16, np.float16, np.float16),
    ("single", np.float32, np.float32, np.float32),
    ("single-double", np.float32, np.float64, np.float64),
    ("bytes", np.uint8, np.int16, np.int64),
    ("integers-and-floats", np.int64, np.float64, np.float64),
    ("complex", np.float64, np.complex64, np.complex128),
]


@pytest.mark.parametrize(("y", "w", "z"), [pytest.param(*row, id=name) for name, *row in DTYPES])
def test_the_dtype_is_kept_as_evaluate_keeps_it(y, w, z):
    y, w, bias = Y.astype(y), W.astype(w), np.arange(6)
    expected = sc.scatter_formula(Y.astype(y.dtype), W.astype(w.dtype), bias=bias, **UNEQUAL)
    got = sc.conv_transpose(y, w, bias=bias, **UNEQUAL)
    assert got.dtype == z == sc.evaluate(y, w[:, :2], groups=2).dtype
    assert got.tolist() == expected.tolist()
    assert sc.transposed(y, w, bias=bias, **UNEQUAL).output.tolist() == expected.tolist()


def test_sums_beyond_64_bits_are_exact():
    large = 2**62
    z = sc.conv_transpose([large, large], [2, 2])
    assert (z.dtype, z.tolist()) == (object, [2**63, 2**64, 2**63])
    assert sc.transposed([large, large], [2, 2]).output.tolist() == z.tolist()
    assert sc.conv_transpose([2**53, 1], [1, 1]).tolist() == [2**53, 2**53 + 1, 1]
    assert sc.conv_transpose([1], [1], bias=[2**53]).shape == (1,)


def test_fractions_are_exact():
    assert sc.conv_transpose([Fraction(1, 3), 1], [Fraction(1, 2), 3]).tolist() == [
        Fraction(1, 6),
        Fraction(3, 2),
        3,
    ]


def test_a_sympy_matrix_is_read_and_an_array_comes_back():
    y, w = sc.input_matrix(2, 2, name="y"), sc.kernel_matrix(2, 2)
    z = sc.conv_transpose(y, w)
    assert isinstance(z, np.ndarray)
    assert z[0, 1] == y[0, 0] * w[0, 1] + y[0, 1] * w[0, 0]
    assert sc.transposed(y, w).output == sc.scatter_formula(y, w) == sympy.Matrix(3, 3, list(z.flat))
    assert isinstance(sc.transposed(y, w).matrix, sympy.Matrix)


def test_a_nan_spoils_its_own_stamp_only():
    z = sc.conv_transpose([1.0, np.nan, 3.0], [1.0, 1.0], stride=2)
    assert np.isnan(z).tolist() == [False, False, True, True, False, False]


def test_no_samples_make_no_samples():
    y = np.zeros((0, 4, 2, 3), np.float32)
    z = sc.conv_transpose(y, W.astype(np.float32), bias=np.zeros(6, np.float32), **UNEQUAL)
    assert (z.shape, z.dtype) == ((0, 6, 5, 9), np.float32)
    assert sc.conv_transpose(y, sc.symbolic("w", W.shape), **UNEQUAL).shape == (0, 6, 5, 9)
    assert sc.scatter_formula(y, W, **UNEQUAL).shape == (0, 6, 5, 9)


def test_what_one_gets_is_ones_own():
    y, w = sc.symbolic("y", (2,)), sc.symbolic("w", (2,))
    z = sc.conv_transpose(y, w)
    z[0] = 0
    t = sc.transposed(Y, W, **UNEQUAL)
    with pytest.raises(ValueError, match="read-only"):
        t.output[0, 0, 0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        t.maps.patch[0, 0] = 1


@pytest.mark.parametrize(
    ("shape", "input_shape", "kernel_shape"),
    [
        ({"input_size": 6, "kernel_size": 3, "stride": 2}, (2,), (3,)),
        ({"input_size": (3, 4), "kernel_size": 2}, (2, 3), (2, 2)),
        ({"input_size": (3, 4), "kernel_size": 2, "in_channels": 2}, (1, 2, 3), (1, 2, 2, 2)),
        ({"input_size": (3, 4), "kernel_size": 2, "batch": 2}, (2, 1, 2, 3), (1, 1, 2, 2)),
        ({"input_size": (2, 3, 4), "kernel_size": 2}, (1, 1, 2, 3), (1, 1, 2, 2, 2)),
    ],
    ids=["sequence", "bare", "channels", "batch", "volume"],
)
def test_a_geometry_is_filled_with_symbols(shape, input_shape, kernel_shape):
    g = sc.Geometry(**shape)
    t = sc.transposed(g)
    assert (t.input.shape, t.kernel.shape, t.geometry) == (input_shape, kernel_shape, g)
    assert t.is_symbolic
    again = sc.scatter_formula(t.input, t.kernel, **hyper_of(t))
    assert np.array(t.output).tolist() == np.array(again).tolist()
    assert np.array(t.matrix).shape == (prod(g.input_shape[1:]), prod(g.output_shape[1:]))


def test_the_matrix_is_the_transpose_of_the_convolution_matrix():
    g = sc.Geometry((4, 5), (2, 3), 4, 4, stride=(2, 1), padding=((1, 0), (0, 2)), dilation=(1, 2), groups=2)
    t = sc.transposed(g)
    x = sc.symbolic("x", g.input_shape)
    y = sc.loop_formula(x, t.kernel, **{k: v for k, v in options(g).items() if k != "padding_mode"})
    assert sympy.Matrix(y.ravel().tolist()).jacobian(x.ravel().tolist()) == sympy.Matrix(t.matrix).T


def test_latex():
    t = sc.transposed([[1, 2]], [[1, 10]], stride=2, bias=[5])
    grid = "\\begin{{array}}{{|c|c|c|c|}}\\hline\n{} \\\\ \\hline\n\\end{{array}}"
    first, second, bias, sums = (
        grid.format(row) for row in ("1 & 10 & 0 & 0", "0 & 0 & 1 & 10", "5 & 5 & 5 & 5", "6 & 15 & 7 & 25")
    )
    assert sc.latex(t, "stamps") == (
        f"\\begin{{aligned}}\n& 1 \\cdot {first} + 2 \\cdot {second} \\\\[1em]\n"
        f"& + {bias} \\\\[1em]\n& = {sums}\n\\end{{aligned}}"
    )
    inserted = r"\begin{array}{|c|c|c|c|c|}\hline" + "\n0 & 1 & 0 & 2 & 0 \\\\ \\hline"
    assert inserted in sc.latex(t, "stride_one")
    assert "10 & 1 " in sc.latex(t, "stride_one")
    assert r"_{b}" in sc.latex(t)
    assert r"_{b}" not in sc.latex(sc.transposed([1], [1]))
    assert t._repr_latex_() == rf"$\displaystyle {sc.latex(t, 'product')}$"


def test_what_is_too_large_for_latex_shows_as_text():
    assert sc.transposed(sc.Geometry((112, 112), 3, 64, 64, stride=2, padding=1))._repr_latex_() is None


def test_latex_shows_the_first_sample_and_leaves_out_what_is_long():
    t = sc.transposed(Y, W, **UNEQUAL)
    assert r"\vdots" in sc.latex(t)
    stamps = sc.latex(t, "stamps")
    assert r"\cdots" in stamps
    assert rf"{Y[0, 0, 0, 1]} \cdot \left(" in stamps.replace("(-", "-").replace(r") \cdot", r" \cdot")
    assert f"& {t.output[0, 5, 4, 8]} \\\\" in stamps


ONE_CHANNEL = np.ones((1, 1, 2, 2))
TWO_BY_TWO = np.ones((2, 2))
G = sc.Geometry((3, 3), 2)
T = sc.transposed([1, 2], [3, 4])


def ask(y=TWO_BY_TWO, w=TWO_BY_TWO, **hyper):
    return lambda: sc.conv_transpose(y, w, **hyper)


REFUSED = [
    (
        "output-padding-too-large", ask(stride=(2, 1), output_padding=(1, 1)), sc.GeometryError,
        "output_padding=1 on axis 1 is too large: give less than the larger of stride=1 and dilation=1",
    ),
    (
        "output-padding-at-dilation", ask(stride=2, dilation=3, output_padding=3), sc.GeometryError,
        "output_padding=3 on axis 0 is too large: give less than the larger of stride=2 and dilation=3",
    ),
    (
        "output-padding-negative", ask(output_padding=-1), sc.GeometryError,
        "output_padding=-1 is too small: give an int of at least 0",
    ),
    (
        "output-padding-boolean", ask(output_padding=True), sc.GeometryError,
        "output_padding=True is a boolean, not a size: give an int of at least 0",
    ),
    (
        "output-padding-float", ask(stride=2, output_padding=0.5), sc.GeometryError,
        "output_padding=0.5 is not an integer: give an int of at least 0",
    ),
    (
        "output-padding-axes", ask(output_padding=(0, 0, 0)), sc.GeometryError,
        "output_padding=(0, 0, 0) has 3 entries for 2 axes: give one int or 2 of them",
    ),
    (
        "nothing-left", ask(padding=[(0, 1), (2, 1)]), sc.GeometryError,
        "padding=(2, 1) on axis 1 crops all of the 3 cells that the stamps reach: crop at most 2 in all",
    ),
    (
        "padding-negative", ask(padding=-1), sc.GeometryError,
        "padding=-1 is too small: give an int of at least 0",
    ),
    (
        "padding-text", ask(padding="same"), sc.GeometryError,
        "padding='same' is text: give an int, one int per axis, or one (before, after) pair per axis",
    ),
    (
        "padding-symbol", ask(padding=sympy.Symbol("p", integer=True)), sc.GeometryError,
        "padding=p is a symbol, and this layer has arrays: give a number",
    ),
    (
        "padding-axes", ask(padding=[1, 1, 1]), sc.GeometryError,
        "padding=[1, 1, 1] has 3 entries for 2 axes: "
        "give one int, one int per axis, or one (before, after) pair per axis",
    ),
    (
        "stride-zero", ask(stride=0), sc.GeometryError,
        "stride=0 is too small: give an int of at least 1",
    ),
    (
        "stride-symbol", ask(stride="s"), sc.GeometryError,
        "stride=s is a symbol, and this layer has arrays: give a number",
    ),
    (
        "stride-axes", ask(stride=(1, 2, 3)), sc.GeometryError,
        "stride=(1, 2, 3) has 3 entries for 2 axes: give one int or 2 of them",
    ),
    (
        "dilation-float", ask(dilation=1.5), sc.GeometryError,
        "dilation=1.5 is not an integer: give an int of at least 1",
    ),
    (
        "groups-boolean", ask(groups=True), sc.GeometryError,
        "groups=True is a boolean, not a size: give an int of at least 1",
    ),
    (
        "groups-do-not-divide", ask(np.ones((3, 2, 2)), np.ones((3, 1, 2, 2)), groups=2), sc.GeometryError,
        "groups=2 does not divide the 3 channels of y: make the channels a multiple of groups",
    ),
    (
        "channels", ask(np.ones((3, 2, 2)), np.ones((2, 3, 2, 2))), sc.ArrayError,
        "y has shape (3, 2, 2) and w has shape (2, 3, 2, 2): y has 3 channels and w has kernels for 2; "
        "give w as (Cin, Cout/groups, *kernel), the channels of y first",
    ),
    (
        "axes", ask(np.ones((2, 2)), np.ones((1, 1, 2, 2))), sc.ArrayError,
        "y has shape (2, 2) and w has shape (1, 1, 2, 2): give two bare arrays of 1 or 2 axes, "
        "or w as (Cin, Cout/groups, *kernel) and y as (Cin, *spatial) or (N, Cin, *spatial)",
    ),
    (
        "axes-bare", ask(np.ones(2), np.ones((2, 2))), sc.ArrayError,
        "y has shape (2,) and w has shape (2, 2): give two bare arrays of 1 or 2 axes, "
        "or w as (Cin, Cout/groups, *kernel) and y as (Cin, *spatial) or (N, Cin, *spatial)",
    ),
    (
        "no-cells", ask(np.ones((1, 1, 0, 2)), ONE_CHANNEL), sc.ArrayError,
        "y has shape (1, 1, 0, 2), an axis of no cells: give at least one cell",
    ),
    (
        "no-cells-bare", ask(np.ones((0, 2))), sc.ArrayError,
        "y has shape (0, 2), an axis of no cells: give at least one cell",
    ),
    (
        "no-kernels", ask(ONE_CHANNEL, np.ones((0, 1, 2, 2))), sc.ArrayError,
        "w has shape (0, 1, 2, 2), an axis of no cells: give at least one cell",
    ),
    (
        "no-array", ask(3), sc.ArrayError,
        "y=3 is not an array: give rows of numbers or symbols",
    ),
    (
        "ragged", ask(w=[[1, 2], [3]]), sc.ArrayError,
        "w is ragged: entry 1 has shape (1,) where entry 0 has (2,); give rows of equal length",
    ),
    (
        "bias", ask(bias=[1, 2]), sc.ArrayError,
        "bias has shape (2,): give one entry for each of 1 output channels",
    ),
    (
        "too-large", ask(stride=10**6), sc.SizeLimitError,
        "an output of 1,000,004,000,004 cells is more than 536,870,912: choose smaller sizes",
    ),
    (
        "symbols-too-many",
        ask(sc.symbolic("y", (64, 8, 8)), sc.symbolic("w", (64, 64, 2, 2))), sc.SizeLimitError,
        "the product Tᵀ·vec(y) has 1,048,576 symbolic entries or products, more than max_entries=250,000: "
        "use prove(), which needs no symbols, or insist with transposed(..., max_entries=None)",
    ),
    (
        "matrix-too-large", lambda: sc.transposed(np.ones((200, 200)), TWO_BY_TWO).matrix, sc.SizeLimitError,
        "Tᵀ has 1,616,040,000 entries or products, more than 536,870,912: "
        "use conv_transpose or prove(), which do without",
    ),
    (
        "inserted-too-large",
        lambda: sc.transposed(np.ones((1, 1)), TWO_BY_TWO, dilation=20_000), sc.SizeLimitError,
        "with zeros inserted the input has 1,600,080,001 cells, more than 536,870,912: choose smaller sizes",
    ),
    (
        "no-kernel", lambda: sc.transposed(TWO_BY_TWO), sc.ArrayError,
        "w=None: give the kernels as well, or a Geometry alone",
    ),
    (
        "no-samples", lambda: sc.transposed(np.ones((0, 1, 2, 2)), ONE_CHANNEL), sc.ArrayError,
        "y has shape (0, 1, 2, 2), no samples: give at least one, or evaluate with conv_transpose",
    ),
    (
        "geometry-and-more", lambda: sc.transposed(G, stride=2), sc.RequestError,
        "a Geometry says everything about the convolution: call transposed(geometry) with nothing else",
    ),
    (
        "geometry-of-symbols", lambda: sc.transposed(sc.Geometry("H", 3)), sc.GeometryError,
        "Geometry(input_size=('H',), kernel_size=(3,)) has the symbol H for a size: "
        "put a number in with subs(H=…)",
    ),
    (
        "geometry-padding-mode",
        lambda: sc.transposed(sc.Geometry(5, 3, padding=1, padding_mode="circular")), sc.GeometryError,
        "padding_mode='circular' has no transposed convolution in torch's terms: use padding_mode=\"zeros\"",
    ),
    (
        "geometry-bias", lambda: sc.transposed(sc.Geometry(5, 3, bias=True)), sc.GeometryError,
        "bias=True: a convolution with a bias is not linear, so it has no transpose; use bias=False",
    ),
    (
        "map-shape", lambda: T.with_maps(inserted=[1, 2]), sc.ArrayError,
        "inserted has shape (2,) and entries of int64: give integers of shape (1, 1, 4)",
    ),
    (
        "map-number", lambda: T.with_maps(kernel=[[[0, 3]]]), sc.ArrayError,
        "kernel holds 3: give cell numbers from 0 to 1, or 2 for a zero",
    ),
    (
        "latex-part", lambda: sc.latex(T, "matrix"), sc.RequestError,
        "part='matrix' is unknown for a transposed convolution: use one of product, stamps, stride_one",
    ),
]  # fmt: skip


@refused(REFUSED)
def test_refusals(call, error, message):
    check(call, error, message)


@pytest.mark.parametrize(
    ("y", "w", "hyper", "message"),
    [
        ([1, 2], [[1, 2]], {}, "y has shape (2,) and w has shape (1, 2): give w as"),
        ([[[]]], [[[1]]], {}, "with at least one cell"),
        (np.ones((3, 2)), np.ones((3, 1, 2)), {"groups": 2}, "groups=2 does not fit: y has 3 channels"),
        (
            np.ones((3, 2)),
            np.ones((2, 1, 2)),
            {},
            "groups=1 does not fit: y has 3 channels, and w",
        ),
        ([1, 2], [1, 2], {"groups": True}, "groups=True does not fit"),
        ([1, 2], [1, 2], {"stride": 0}, "stride=0 does not fit: give one int of at least 1"),
        (
            [1, 2],
            [1, 2],
            {"output_padding": -1},
            "output_padding=-1 does not fit: give one int",
        ),
        ([1, 2], [1, 2], {"output_padding": 1}, "output_padding=1 does not fit: give less than stride or"),
        ([1, 2], [1, 2], {"padding": "same"}, "padding='same' does not fit: give an int, or one"),
        ([1, 2], [1, 2], {"padding": [(1, 2)]}, "padding=[(1, 2)] leaves no output cell"),
        ([1, 2], [1, 2], {"bias": [1, 2]}, "bias has shape (2,): give one entry for each of 1 channels"),
    ],
)
def test_the_definition_refuses_too(y, w, hyper, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        sc.scatter_formula(y, w, **hyper)

"""Unfold and fold: against torch, the definition, each other; on symbols, and every kind of number."""

from fractions import Fraction
from math import prod

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import symconv as sc
from tests.strategies import geometries

NAMES = [known.name for known in sc.layouts()]
ZEROS = {"modes": ("zeros",)}


def options(g):
    return {"stride": g.stride, "padding": g.padding, "dilation": g.dilation}


def integers(shape, seed=5):
    return np.random.default_rng(seed).integers(-99, 100, shape)


def test_the_contract():
    X = sc.symbolic("x", (2, 5, 7))
    columns = sc.unfold(X, (2, 3), layout="torch")
    assert (columns.shape, columns.dtype) == ((12, 20), object)
    assert columns[0, 0] == X[0, 0, 0]
    assert columns[11, 19] == X[1, 4, 6]
    back = sc.fold(columns, (5, 7), (2, 3))
    assert back.shape == X.shape
    assert back[1, 2, 3] == 6 * X[1, 2, 3]


@pytest.mark.parametrize(
    ("shape", "kernel_size", "unfolded"),
    [
        ((5,), 2, (2, 4)),
        ((5,), (2,), (2, 4)),
        ((3, 5), (2,), (6, 4)),
        ((2, 3, 5), (2,), (2, 6, 4)),
        ((4, 5), 2, (4, 12)),
        ((3, 4, 5), (2, 3), (18, 9)),
        ((2, 3, 4, 5), 2, (2, 12, 12)),
        ((2, 3, 4), (1, 2, 3), (6, 8)),
        ((2, 3, 2, 3, 4), 2, (2, 24, 6)),
        ((0, 3, 4, 5), 2, (0, 12, 12)),
    ],
    ids=str,
)
def test_the_ranks(shape, kernel_size, unfolded):
    assert sc.unfold(np.zeros(shape), kernel_size).shape == unfolded


@pytest.mark.parametrize(
    ("name", "one", "several"),
    [
        ("torch", (12, 20), (2, 12, 20)),
        ("tensorflow", (4, 5, 12), (2, 4, 5, 12)),
        ("jax", (12, 4, 5), (2, 12, 4, 5)),
        ("cs231n", (12, 20), (12, 40)),
        ("deep-learning-from-scratch", (20, 12), (40, 12)),
        ("matlab", (12, 20), (12, 40)),
        ("onnx", (12, 20), (12, 40)),
    ],
)
def test_the_shapes_and_what_folds_back(name, one, several):
    for samples, shape in ((), one), ((2,), several):
        x = integers((*samples, 2, 5, 7))
        columns = sc.unfold(x, (2, 3), layout=name)
        assert columns.shape == shape
        back = sc.fold(columns, (5, 7), (2, 3), layout=name)
        own_axis = len(several) > 2
        assert back.shape == (x.shape if samples or own_axis else (1, *x.shape))
        assert np.array_equal(back.reshape(x.shape), x * sc.overlap_divisor((5, 7), (2, 3)))


@given(g=geometries(**ZEROS), name=st.sampled_from(NAMES))
def test_folding_back_counts_the_patches(g, name):
    x = integers(g.input_shape)
    columns = sc.unfold(x, g.kernel_size, layout=name, **options(g))
    back = sc.fold(columns, g.input_size, g.kernel_size, layout=name, **options(g))
    divisor = sc.overlap_divisor(g.input_size, g.kernel_size, **options(g))
    assert np.array_equal(back, x * divisor)
    ones = np.ones(g.input_size, dtype=int)
    by_folding = sc.fold(
        sc.unfold(ones, g.kernel_size, **options(g)), g.input_size, g.kernel_size, **options(g)
    )
    assert np.array_equal(by_folding[0], divisor)
    read = sc.unfold(ones, g.kernel_size, **options(g))
    assert divisor.sum() == read.sum()  # every cell that a window reads, and no padding


@given(g=geometries(**ZEROS), name=st.sampled_from(NAMES))
def test_fold_is_the_adjoint_of_unfold(g, name):
    """⟨unfold x, c⟩ = ⟨x, fold c⟩, exactly, for c that is nothing's patches."""
    x = integers(g.input_shape)
    columns = sc.unfold(x, g.kernel_size, layout=name, **options(g))
    c = integers(columns.shape, seed=6)
    folded = sc.fold(c, g.input_size, g.kernel_size, layout=name, **options(g))
    assert (columns * c).sum() == (x * folded).sum()


@given(g=geometries(**ZEROS, most_products=200), name=st.sampled_from(NAMES))
def test_symbols_fold_as_numbers_do(g, name):
    shape = sc.unfold(np.zeros(g.input_shape), g.kernel_size, layout=name, **options(g)).shape
    letters, numbers = sc.symbolic("c", shape), integers(shape)
    folded = sc.fold(letters, g.input_size, g.kernel_size, layout=name, **options(g))
    values = dict(zip(letters.ravel(), numbers.ravel().tolist(), strict=True))
    expected = sc.fold(numbers, g.input_size, g.kernel_size, layout=name, **options(g))
    assert [e.xreplace(values) for e in folded.ravel()] == expected.ravel().tolist()


@given(g=geometries(**ZEROS))
def test_against_torch(g):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    if g.rank != 2:
        g = sc.Geometry((5, 6), (2, 3), 2, 1, 2, stride=(2, 1), padding=((1, 1), (2, 2)), dilation=(2, 1))
    pads = tuple(before for before, _ in g.padding)  # torch pads alike at both ends
    hyper = {"stride": g.stride, "padding": pads, "dilation": g.dilation}
    try:
        alike = sc.Geometry(g.input_size, g.kernel_size, **hyper)
    except sc.GeometryError:  # no window fits without the cells at the end
        return
    x = integers(g.input_shape).astype(np.float64)
    theirs = functional.unfold(torch.tensor(x), g.kernel_size, **hyper).numpy()
    ours = sc.unfold(x, g.kernel_size, **hyper)
    assert np.array_equal(ours, theirs)
    c = integers(ours.shape, seed=8).astype(np.float64)
    folded = functional.fold(torch.tensor(c), g.input_size, g.kernel_size, **hyper).numpy()
    assert np.array_equal(sc.fold(c, alike.input_size, g.kernel_size, **hyper), folded)
    assert np.array_equal(
        sc.fold(c[0], g.input_size, g.kernel_size, **hyper),
        functional.fold(torch.tensor(c[0]), g.input_size, g.kernel_size, **hyper).numpy(),
    )


@pytest.mark.parametrize("padding", ["valid", "same", "same_upper", ((1, 0), (0, 2)), (1, 2), 1], ids=str)
def test_padding_in_every_form(padding):
    x = integers((2, 3, 5, 7))
    columns = sc.unfold(x, (2, 3), padding=padding, layout="symconv")
    w = np.ones((1, 3, 2, 3), dtype=int)
    assert np.array_equal(columns, sc.unroll(x, w, padding=padding).patch_matrix)


DTYPES = (np.int8, np.uint8, np.int32, np.int64, np.float16, np.float32, np.float64, np.complex64)


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda t: t.__name__)
def test_the_dtype_is_kept(dtype):
    x = np.arange(12).reshape(3, 4).astype(dtype)
    columns = sc.unfold(x, 2)
    back = sc.fold(columns, (3, 4), 2)
    assert columns.dtype == back.dtype == dtype
    assert np.array_equal(back[0], x * sc.overlap_divisor((3, 4), 2).astype(dtype))


def test_integers_never_overflow():
    small = sc.fold(np.full((4, 4), 100, np.int8), (3, 3), 2)
    assert (small.dtype, small.max()) == (np.int64, 400)
    assert sc.fold(np.full((4, 4), -100, np.int8), (3, 3), 2).min() == -400
    large = sc.fold(np.full((4, 4), 2**62), (3, 3), 2)
    assert large.max() == 2**64
    assert sc.fold(np.full((4, 4), 2**63, np.uint64), (3, 3), 2).max() == 2**65


def test_half_floats_are_summed_as_single_ones():
    # 2048 + 1 is no half float, 2050 is
    total = sc.fold(np.array([[1, 1, 1], [1, 1, 1], [2048, 1, 1]], np.float16), 5, 3)
    assert total[0, 2] == np.float16(2048 + 1 + 1)
    assert total.dtype == np.float16


def test_fractions_stay_fractions():
    x = [[Fraction(1, 3), 2], [Fraction(1, 7), 1]]
    back = sc.fold(sc.unfold(x, (1, 2), padding=1), (2, 2), (1, 2), padding=1)
    assert back.tolist() == [[[Fraction(2, 3), 4], [Fraction(2, 7), 2]]]


def test_padding_is_a_sympy_zero_among_symbols():
    columns = sc.unfold(sc.input_matrix(1, 2), (1, 2), padding=((0, 0), (1, 0)))
    assert all(isinstance(entry, sympy.Basic) for entry in columns.flat)
    assert columns[0, 0] == 0


def test_cells_that_no_window_reads():
    assert sc.overlap_divisor((3, 5), (1, 2), stride=3).tolist() == [[1, 1, 0, 1, 1], [0] * 5, [0] * 5]
    folded = sc.fold(sc.unfold(sc.input_matrix(3, 5), (1, 2), stride=3), (3, 5), (1, 2), stride=3)
    assert folded[0, 0, 2] == 0
    assert isinstance(folded[0, 0, 2], sympy.Basic)


def test_what_is_folded_into_the_padding_is_dropped():
    ones = np.ones((4, 4))
    ones[0, 0] = np.nan  # what the first tap read at the first position: a corner of the padding
    assert sc.fold(ones, (1, 1), 2, padding=1).tolist() == [[[4.0]]]


def test_nothing_given_is_changed():
    x = integers((2, 3, 4))
    kept = x.copy()
    columns = sc.unfold(x, (1, 1))
    columns[:] = 0
    assert np.array_equal(x, kept)
    c = integers((2, 12))
    kept = c.copy()
    sc.fold(c, (3, 4), 1)[:] = 0
    assert np.array_equal(c, kept)


def test_a_notebook_shows_mathematics():
    assert "x_{0,0}" in sc.unfold(sc.input_matrix(2, 2), 2)._repr_latex_()


def folded(shape, *sizes, **hyper):
    return lambda: sc.fold(np.zeros(shape), *(sizes or ((5, 7), (2, 3))), **hyper)


REFUSED = [
    (
        "columns",
        folded((2, 12, 19)),
        sc.ArrayError,
        "columns has 19 entries on the axis (oh ow) of the layout torch: "
        "give 20, or the sizes that the columns were made with",
    ),
    (
        "taps",
        folded((2, 13, 20)),
        sc.ArrayError,
        "columns has 13 entries on the axis (c kh kw) of the layout torch: "
        "give a multiple of 6, or the sizes that the columns were made with",
    ),
    (
        "no-taps",
        folded((0, 20)),
        sc.ArrayError,
        "columns has 0 entries on the axis (c kh kw) of the layout torch: "
        "give a multiple of 6, or the sizes that the columns were made with",
    ),
    (
        "samples",
        folded((12, 39), layout="cs231n"),
        sc.ArrayError,
        "columns has 39 entries on the axis (oh ow n) of the layout cs231n: "
        "give a multiple of 20, or the sizes that the columns were made with",
    ),
    (
        "transposed",
        folded((40, 12), layout="onnx"),
        sc.ArrayError,
        "columns has 40 entries on the axis (c kh kw) of the layout onnx: "
        "give a multiple of 6, or the sizes that the columns were made with",
    ),
    (
        "axes-of-columns",
        folded((2, 12, 4, 5)),
        sc.ArrayError,
        "columns has shape (2, 12, 4, 5), and the layout torch is n (c kh kw) (oh ow): "
        "give 3 axes, or 2 without n",
    ),
    (
        "axes-of-a-matrix",
        folded((2, 12, 20), layout="onnx"),
        sc.ArrayError,
        "columns has shape (2, 12, 20), and the layout onnx is (c kh kw) (n oh ow): give 2 axes",
    ),
    (
        "no-window",
        folded((12, 20), (1, 7), (2, 3)),
        sc.GeometryError,
        "kernel_size=2 on axis 0 is larger than the padded input of 1 cells: "
        "use a kernel of at most 1, or add padding of 1 more",
    ),
    (
        "axes-of-x",
        lambda: sc.unfold(np.zeros((2, 2, 2, 2, 3)), (2, 3)),
        sc.ArrayError,
        "x has shape (2, 2, 2, 2, 3) and kernel_size=(2, 3): "
        "give x as (N, C, *spatial), (C, *spatial) or (*spatial), of 2 spatial axes",
    ),
    (
        "no-cells",
        lambda: sc.unfold(np.zeros((2, 0, 4, 5)), 2),
        sc.ArrayError,
        "x has shape (2, 0, 4, 5), an axis of no cells: give at least one cell",
    ),
    (
        "no-rows",
        lambda: sc.unfold(np.zeros((0, 5)), 2),
        sc.ArrayError,
        "x has shape (0, 5), an axis of no cells: give at least one cell",
    ),
    (
        "stride",
        lambda: sc.unfold(np.zeros((4, 5)), 2, stride=0),
        sc.GeometryError,
        "stride=0 is too small: give an int of at least 1",
    ),
    (
        "layout",
        lambda: sc.unfold(np.zeros((4, 5)), 2, layout="tensorflw"),
        sc.RequestError,
        "layout='tensorflw' is unknown: did you mean 'tensorflow'?",
    ),
]


@pytest.mark.parametrize(
    ("call", "error", "message"), [pytest.param(*row, id=name) for name, *row in REFUSED]
)
def test_refusals(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.parametrize("name", NAMES)
def test_the_patches_are_those_of_the_matrix(name):
    g = sc.Geometry((5, 7), (2, 3), 2, 1, 3, stride=(1, 2), padding=((0, 1), (2, 0)))
    x = integers(g.input_shape)
    array = sc.unfold(x, g.kernel_size, layout=name, **options(g))
    assert array.size == prod(g.patch_matrix_shape)
    assert np.array_equal(
        sc.layout(name).restore(np.asarray(array), g), sc.layout("symconv").patch_matrix(g, x)
    )

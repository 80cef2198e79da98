"""Whose layout is it: known ones told apart, mistakes of people recognised, no more claimed than was seen."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import symconv as sc
from tests.strategies import geometries

NAMES = [known.name for known in sc.layouts()]
ODD = sc.Geometry(
    (7, 8), (2, 3), 2, 1, 2, stride=(2, 1), padding=((1, 0), (0, 2)), dilation=(1, 2)
)  # no two conventions agree on it


def options(g):
    return {"stride": g.stride, "padding": g.padding, "dilation": g.dilation}


def of(name, g=ODD):
    return lambda x: sc.unfold(x, g.kernel_size, layout=name, **options(g))


@pytest.mark.parametrize("name", NAMES)
def test_each_layout_is_told_by_its_array(name):
    match = sc.identify_layout(of(name), ODD)
    assert match
    assert match.layouts == (name,)
    assert match.tier == "sampled"
    kept = sc.identify_layout(lambda x, kernel_size: sc.unfold(x, kernel_size, layout=name))
    assert kept.layouts == (name,)


@pytest.mark.parametrize("name", NAMES)
def test_each_layout_is_told_by_its_matrix(name):
    x = np.arange(1, np.prod(ODD.input_shape) + 1)
    match = sc.identify_layout(sc.layout(name).patch_matrix(ODD, x), ODD)
    assert match.layouts == ("onnx" if name in ("torch", "jax") else name,)  # whose array their matrix is


@given(g=geometries(modes=("zeros",)), name=st.sampled_from(NAMES))
def test_at_any_layer_the_layout_is_among_those_named(g, name):
    assert name in sc.identify_layout(of(name, g), g).layouts


def test_what_cannot_be_told_apart_is_said():
    match = sc.identify_layout(sc.unfold, sc.Geometry((5, 7), (2, 3), in_channels=2))
    assert match.layouts == ("torch", "cs231n", "onnx")
    assert "torch or cs231n or onnx, which cannot be told apart here" in repr(match)


# The ways in which people declare an im2col; each is given as much as it asks for.


def book(input_data, filter_h, filter_w, stride=1, pad=0):
    return sc.unfold(input_data, (filter_h, filter_w), stride=stride, padding=pad, layout="symconv")


def course(x, field_height, field_width, padding=1, stride=1):
    return sc.unfold(x, (field_height, field_width), stride=stride, padding=padding, layout="cs231n")


def required(x, kernel, stride, padding):
    return sc.unfold(x, kernel, stride=stride, padding=padding)


def keyword(x, *, kernel_size=3, strides=1, dilation=1, pads=0):
    return sc.unfold(x, kernel_size, stride=strides, dilation=dilation, padding=pads)


def lists(x, kh, kw):
    return sc.unfold(x, (kh, kw)).astype(float).tolist()


@pytest.mark.parametrize(
    ("function", "name"),
    [(book, NAMES[4]), (course, "cs231n"), (required, "torch"), (keyword, "torch"), (lists, "torch")],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_functions_are_called_as_they_ask(function, name):
    assert sc.identify_layout(function).layouts == (name,)
    if function is not lists:
        for g in (
            sc.Geometry((6, 7), (2, 3), 2, 1, 2, stride=2, padding=1),
            sc.Geometry((6, 7), (2, 3), 2, 1, 2, stride=(2, 1), padding=(1, 2)),
            sc.Geometry((6, 7), (2, 3), 2, 1, 2, stride=(2, 1), padding=((0, 1), (2, 1))),
        ):
            assert sc.identify_layout(function, g).layouts == (name,)


def test_functions_of_channels_last():
    def patches(x):
        assert x.shape == (2, 5, 7, 2)
        return sc.unfold(sc.to_nchw(x), (2, 3), layout="tensorflow")

    assert sc.identify_layout(patches, channels_last=True).layouts == ("tensorflow",)


def test_sequences():
    g = sc.Geometry(7, 3, 2, batch=2)
    assert sc.identify_layout(lambda x, k: sc.unfold(x, (k,)), g).layouts == ("torch", "jax")


def test_a_function_without_a_signature():
    class Compiled:
        __signature__ = "none"

        def __call__(self, x):
            return sc.unfold(x, (2, 3), layout="jax")

    assert sc.identify_layout(Compiled()).layouts == ("jax",)


def test_against_torch_itself():
    torch = pytest.importorskip("torch")

    def theirs(x, kernel_size):
        return torch.nn.functional.unfold(torch.tensor(x, dtype=torch.float64), kernel_size).numpy()

    assert sc.identify_layout(theirs).layouts == ("torch",)


def torch_of(**change):
    hyper = {**options(ODD), "kernel_size": ODD.kernel_size, **change}
    return lambda x: sc.unfold(x, **hyper)


MISTAKES = {
    "the kernel turned by 180°, as for a true convolution": lambda x: (
        of("torch")(x).reshape(2, 2, 2, 3, -1)[:, :, ::-1, ::-1].reshape(2, 12, -1)
    ),
    "the padding left out": torch_of(padding=0),
    "the padding before and after exchanged": torch_of(padding=((0, 1), (2, 0))),
    "the padding of the axes exchanged": torch_of(padding=((0, 2), (1, 0))),
    "the stride left out": torch_of(stride=1),
    "the strides of the axes exchanged": torch_of(stride=(1, 2)),
    "the first axis's stride on every axis": torch_of(stride=2),
    "the dilation left out": torch_of(dilation=1),
    "the dilations of the axes exchanged": torch_of(dilation=(2, 1)),
    "height and width of the kernel exchanged": torch_of(kernel_size=(3, 2)),
}


@pytest.mark.parametrize("said", MISTAKES)
def test_mistakes_are_recognised(said):
    match = sc.identify_layout(MISTAKES[said], ODD)
    assert not match
    assert match.mistake == f"It is the layout of torch with {said}."


def test_the_last_stride_on_every_axis():
    g = sc.Geometry((7, 9), (2, 3), 2, batch=2, stride=(1, 2))
    match = sc.identify_layout(lambda x: sc.unfold(x, (2, 3), stride=2), g)
    assert match.mistake == "It is the layout of torch with the last axis's stride on every axis."


def test_a_reshape_without_its_transpose():
    match = sc.identify_layout(lambda x, k: sc.unfold(x, k).reshape(40, 12))
    assert match.order == ("n", "c", "kh", "kw", "oh", "ow")
    assert match.mistake == (
        "The cells lie in memory in the order n c kh kw oh ow, as in torch, but in the shape (40, 12) where\n"
        "torch has (2, 12, 20): what reads it by rows and columns needs a transpose before the reshape."
    )


def test_axes_that_are_only_split_otherwise():
    match = sc.identify_layout(lambda x, k: sc.unfold(x, k).reshape(2, 2, 6, 20))
    assert match.mistake == (
        "The cells lie in memory in the order n c kh kw oh ow, as in torch: "
        "reshape it to (2, 12, 20), which moves no cell, and it is that."
    )


def test_an_order_that_nobody_has():
    def by_width(x, kernel_size):
        kh, kw = kernel_size
        return sc.unfold(x, kernel_size).reshape(2, 2, kh, kw, -1).transpose(0, 3, 1, 2, 4).reshape(2, 12, -1)

    match = sc.identify_layout(by_width)
    assert match.order == ("n", "kw", "c", "kh", "oh", "ow")
    assert match.mistake == (
        "The cells lie in memory in the order n kw c kh oh ow, slowest first, which makes its axes "
        "n × (kw c kh) × (oh ow): no known layout has that order."
    )


@given(order=st.permutations(["n", "c", "kh", "kw", "oh", "ow"]), cuts=st.sets(st.integers(1, 5)))
def test_any_order_of_the_axes_is_read_back_and_spelt(order, cuts):
    own = ["n", "oh", "ow", "c", "kh", "kw"]
    g = sc.Geometry((5, 8), (2, 3), 5, batch=7)  # axes of 7, 4, 6, 5, 2 and 3
    windows = np.lib.stride_tricks.sliding_window_view(
        np.arange(1, 1401).reshape(7, 5, 5, 8), (2, 3), axis=(2, 3)
    )
    windows = windows.transpose(0, 2, 3, 1, 4, 5).transpose([own.index(name) for name in order])
    ends = [0, *sorted(cuts), 6]
    shape = [int(np.prod(windows.shape[a:b])) for a, b in pairwise(ends)]
    match = sc.identify_layout(windows.reshape(shape), g)
    if match:
        return
    assert match.order == tuple(order)
    names = [order[a:b] for a, b in pairwise(ends)]
    spelt = " × ".join(n[0] if len(n) == 1 else f"({' '.join(n)})" for n in names)
    if "as in" not in match.mistake:
        assert f"which makes its axes {spelt}: no known layout" in match.mistake


def test_an_axis_that_is_torn_apart_has_no_spelling():
    match = sc.identify_layout(
        lambda x, k: sc.unfold(x, k).reshape(2, 2, 2, 3, 20).transpose(0, 3, 1, 2, 4).reshape(8, 60)
    )
    assert match.mistake.startswith(
        "The cells lie in memory in the order n kw c kh oh ow, slowest first, in the"
    )
    assert "in the shape (8, 60): no known layout" in match.mistake


def test_the_closest_layout_and_the_first_wrong_cell():
    def one_wrong(x, kernel_size):
        columns = np.array(sc.unfold(x, kernel_size, layout="cs231n"))
        columns[3, 5] = 77
        return columns

    match = sc.identify_layout(one_wrong)
    assert (match.closest, match.agreeing, match.entries, match.place) == ("cs231n", 479, 480, (3, 5))
    assert (match.found, match.wanted) == (77, int(sc.unfold(_numbered(), (2, 3), layout="cs231n")[3, 5]))
    assert "The closest is cs231n: 479 of 480 entries agree;" in repr(match)


def _numbered():
    return np.arange(1, 141).reshape(2, 2, 5, 7)


def test_nothing_is_made_up():
    match = sc.identify_layout(lambda x: x[:, :, :1])
    assert not match
    assert (match.layouts, match.order, match.closest) == ((), (), "")
    assert repr(match).endswith(
        "It has 28 entries in the shape (2, 2, 1, 7), where an im2col has 480:\n"
        "12 taps at each of 40 output positions."
    )
    shuffled = sc.identify_layout(lambda x: np.resize(x, (6, 80)))
    assert (shuffled.layouts, shuffled.order, shuffled.mistake, shuffled.closest) == ((), (), "", "")
    assert repr(shuffled).endswith("Nothing was recognised in it.")


@given(g=geometries(modes=("zeros",)), name=st.sampled_from(NAMES), data=st.data())
def test_one_wrong_cell_is_never_a_known_layout(g, name, data):
    right = np.array(of(name, g)(np.arange(1, np.prod(g.input_shape) + 1).reshape(g.input_shape)))
    place = data.draw(st.integers(0, right.size - 1))
    wrong = right.copy()
    wrong.flat[place] = data.draw(st.integers(0, int(np.prod(g.input_shape))))
    assume(not np.array_equal(wrong, right))
    match = sc.identify_layout(wrong, g)
    assert name not in match.layouts


REFUSED = [
    (
        "too-many-arguments",
        lambda: sc.identify_layout(lambda x, a, b, c: x),
        sc.RequestError,
        "the function needs a, b, c besides its input: "
        "give one of the input alone, as in lambda x: my_im2col(x, …)",
    ),
    (
        "arithmetic",
        lambda: sc.identify_layout(lambda x: x / 2),
        sc.ArrayError,
        "the array of shape (2, 2, 5, 7) holds what is no number of a cell: "
        "an im2col only moves cells, here the numbers from 1 to 140 and 0 for padding",
    ),
    (
        "text",
        lambda: sc.identify_layout("torch"),
        sc.ArrayError,
        "subject='torch' is not an array: give rows of numbers or symbols",
    ),
    (
        "empty",
        lambda: sc.identify_layout(np.zeros((3, 0))),
        sc.ArrayError,
        "the array of shape (3, 0) has no entries: give a layer of some samples",
    ),
    (
        "symbols",
        lambda: sc.identify_layout(sc.input_matrix(2, 2)),
        sc.ArrayError,
        "the array of shape (2, 2) holds what is no number of a cell: "
        "an im2col only moves cells, here the numbers from 1 to 140 and 0 for padding",
    ),
]


@pytest.mark.parametrize(
    ("call", "error", "message"), [pytest.param(*row, id=name) for name, *row in REFUSED]
)
def test_refusals(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.parametrize("wrong", [-1, 141])
def test_numbers_that_no_cell_has(wrong):
    with pytest.raises(sc.ArrayError, match="no number of a cell"):
        sc.identify_layout(np.full((12, 40), wrong))

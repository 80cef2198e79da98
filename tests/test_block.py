"""The author's block: what each key means for the layer it derives."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import symconv as sc
from symconv.entries import ExactDecimal
from symconv.lesson.block import read_block
from symconv.lesson.layer import LAYER_KEYS as CHOOSABLE
from symconv.lesson.layer_block import KEYS, SHOWN
from symconv.lesson.render import render
from symconv.lesson.words import in_the_authors_words, read_padding, read_rows, read_size
from symconv.lesson.yaml_text import load
from tests.cases import NINE_TO_SIX, ONE_TO_NINE


def layer(text):
    (block,) = read_block(text)
    return block.layer


LAYERS = [
    ("letters", "input: 3x4\nkernel: 2x3", sc.Geometry((3, 4), (2, 3))),
    ("a-times-sign", "input: 3×4\nkernel: 2 × 3", sc.Geometry((3, 4), (2, 3))),
    ("a-sequence", "input: 7\nkernel: 3\nstride: 2", sc.Geometry(7, 3, stride=2)),
    ("kernels", "input: 3x4\nkernel: 2x2\nkernels: 3", sc.Geometry((3, 4), 2, 1, 3)),
    ("channels", "input: 3x4\nkernel: 2x2\nchannels: 2", sc.Geometry((3, 4), 2, 2)),
    ("one-channel", "input: 3x4\nkernel: 2x2\nchannels: 1", sc.Geometry((3, 4), 2)),
    (
        "everything",
        "input: 6x7\nkernel: 2x3\nkernels: 4\nchannels: 4\ngroups: 2\nstride: [2, 1]\n"
        "padding: [[1, 0], [0, 2]]\ndilation: [1, 2]",
        sc.Geometry(
            (6, 7), (2, 3), 4, 4, stride=(2, 1), padding=((1, 0), (0, 2)), dilation=(1, 2), groups=2
        ),
    ),
    ("padding", "input: 3x4\nkernel: 2x2\npadding: 1", sc.Geometry((3, 4), 2, padding=1)),
    (
        "padding-per-axis",
        "input: 3x4\nkernel: 2x2\npadding: [1, 2]",
        sc.Geometry((3, 4), 2, padding=(1, 2)),
    ),
    (
        "same",
        "input: 3x4\nkernel: 3x3\npadding: same_lower\nstride: 2",
        sc.Geometry((3, 4), 3, padding="same_lower", stride=2),
    ),
    ("valid", "input: 3x4\nkernel: 3x3\npadding: valid", sc.Geometry((3, 4), 3)),
    ("numbers", "input: [[1, 2], [3, 4]]\nkernel: [[1]]", sc.Geometry((2, 2), 1)),
    ("row-of-numbers", "input: [1, 2, 3]\nkernel: [1, 2]", sc.Geometry(3, 2)),
    (
        "channels-of-numbers",
        "input: [[[1, 2]], [[3, 4]]]\nkernel: [[[1]], [[2]]]",
        sc.Geometry((1, 2), 1, 2),
    ),
    (
        "kernels-of-numbers",
        "input: [[1, 2]]\nkernels: [[[1]], [[2]]]",
        sc.Geometry((1, 2), 1, 1, 2),
    ),
    (
        "kernels-of-channels-of-numbers",
        "input: [[[1, 2]], [[3, 4]]]\nkernels: [[[[1]], [[2]]], [[[3]], [[4]]]]",
        sc.Geometry((1, 2), 1, 2, 2),
    ),
    ("letters-under-numbers", "input: 3x4\nkernel: [[1, 2]]", sc.Geometry((3, 4), (1, 2))),
    (
        "numbers-over-letters",
        "input: [[[1, 2]], [[3, 4]]]\nkernel: 1x1\nkernels: 3",
        sc.Geometry((1, 2), 1, 2, 3),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "g"), [pytest.param(*row, id=name) for name, *row in LAYERS])
def test_the_layer_of_a_block(text, g):
    assert layer(text).geometry == g
    assert layer(text).prove()


def test_numbers_are_what_they_look_like():
    u = layer(f"input: {ONE_TO_NINE}\nkernel: {NINE_TO_SIX}")
    assert u.output.tolist() == [[83, 113], [173, 203]]


def test_letters_begin_at_the_start():
    u = layer("input: 2x2\nkernel: 1x2\nstart: 1")
    assert u.input == sc.input_matrix(2, 2, start=1)
    assert u.kernel == sc.kernel_matrix(1, 2, start=1)
    assert u.latex("sum", cell=(1, 1)).startswith("y_{1,1} = ")


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("7", 7),
        ("-7", -7),
        ("+7", 7),
        ("007", 7),
        ("1.5", ExactDecimal("1.5")),
        (".5", ExactDecimal("0.5")),
        ("1.", ExactDecimal(1)),
        ("1.5e-3", ExactDecimal("0.0015")),
        ("1e5", ExactDecimal(100_000)),
        ("1/2", Fraction(1, 2)),
        ("-3/6", Fraction(-1, 2)),
        ("a", sympy.Symbol("a")),
        ("x_12", sympy.Symbol("x_{12}")),
        ("x12", sympy.Symbol("x_{12}")),
        ("x_ab", sympy.Symbol("x_{ab}")),
        (" 4 ", 4),
    ],
)
def test_cells(text, entry):
    (read,) = read_rows([text], "input")
    assert read == entry
    assert type(read) is type(entry)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "1e99",
        "0x3",
        "1_000",
        "--1",
        "1/2/3",
        "a+b",
        "f(x)",
        "x__y",
        "ab_cdefg",
        "∞",
        "1,5",
        "__import__",
        "½",
        "٣",
    ],
)
def test_cells_that_are_none(text):
    with pytest.raises(
        sc.BlockError, match=r"write a number, a fraction such as 1/2, or a letter such as a or a1$"
    ):
        read_rows([text], "input")


@given(st.text(max_size=20))
def test_no_text_does_more_than_be_read_or_refused(text):
    try:
        (read,) = read_rows([text], "input")
    except sc.BlockError:
        return
    assert isinstance(read, int | Fraction | sympy.Symbol)


@given(st.text(alphabet="input: kernel[]{}&*!|>-0123x,\n\t\"'#?%@", max_size=60))
def test_no_block_ends_in_anything_but_a_block_or_a_sentence(text):
    for body in (text, f"input: 3x3\nkernel: {text}", f"input: 3x3\nkernel: 2x2\n{text}"):
        try:
            blocks = read_block(body)
        except sc.BlockError as error:
            assert str(error)  # noqa: PT017 (either is right)
        else:
            assert blocks


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1", 1),
        (" same ", "same"),
        (["1", "2"], [1, 2]),
        ([["1", "0"], ["0", "2"]], [[1, 0], [0, 2]]),
        ([["1", "0"], "2"], [[1, 0], 2]),
    ],
    ids=str,
)
def test_padding_in_any_form(text, read):
    assert read_padding(text) == read


@pytest.mark.parametrize(
    ("text", "size"), [("3", (3,)), ("3x4", (3, 4)), (" 3 × 4 ", (3, 4)), ("1x2x3", (1, 2, 3))]
)
def test_sizes(text, size):
    assert read_size(text, "input") == size


@pytest.mark.parametrize("text", ["", "x", "3x", "x3", "3X3", "-3x3", "3.0x3", "1x2x3x4", "3xx3", "1e3x3"])
def test_sizes_that_are_none(text):
    with pytest.raises(sc.BlockError, match=r"is not a size: write one such as 3x3$"):
        read_size(text, "input")


def test_scalars_stay_text_and_lines_are_known():
    values, lines = load("input: 0x3\n\nshow: [no, 012, 1_0, 2020-01-01, ~]\nstart: !!int 1\n")
    assert values == {"input": "0x3", "show": ["no", "012", "1_0", "2020-01-01", "~"], "start": "1"}
    assert lines == {"input": 0, "show": 2, "start": 3}


def test_what_a_block_shows_by_default_and_when_told():
    (plain,) = read_block("input: 3x3\nkernel: 2x2")
    assert (plain.show, plain.caption, plain.cells, plain.start, plain.choice) == (
        ("input", "kernel", "product", "proof"), "", (), 0, ()
    )  # fmt: skip
    (told,) = read_block("input: 3x3\nkernel: 2x2\nshow: [fold, sum]\ncaption: 'A: b'\nstart: 1")
    assert (told.show, told.caption, told.start) == (("fold", "sum"), "A: b", 1)
    assert read_block("input: 3x3\nkernel: 2x2\nshow: proof")[0].show == ("proof",)


@pytest.mark.parametrize("part", SHOWN)
def test_every_part_can_be_asked_for(part):
    assert read_block(f"input: 3x3\nkernel: 2x2\nshow: [{part}]")[0].show == (part,)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("cells: [0, 1]", ((0, 1),)),
        ("cells: [[0, 1]]", ((0, 1),)),
        ("cells: [[0, 1], [1, 0]]", ((0, 1), (1, 0))),
        ("cells: []", ()),
        ("cells: [[1, 2]]\nstart: 1", ((0, 1),)),
        ("cells: [[0, 1]]\nkernels: 2", ((0, 0, 1),)),
        ("cells: [[1, 0, 1]]\nkernels: 2", ((1, 0, 1),)),
        ("cells: [1, 0, 1]\nkernels: 2", ((1, 0, 1),)),
    ],
    ids=["one", "a-list-of-one", "two", "none", "from-1", "first-filter", "a-filter", "one-of-a-filter"],
)
def test_cells_of_the_output(text, cells):
    assert read_block(f"input: 3x3\nkernel: 2x2\n{text}")[0].cells == cells


def test_cells_of_a_sequence():
    assert read_block("input: 5\nkernel: 2\ncells: [0, 3]")[0].cells == ((0,), (3,))
    assert read_block("input: 5\nkernel: 2\ncells: 2")[0].cells == ((2,),)


def test_choices_are_combined_in_order():
    blocks = read_block("kernel: 2x2\nchoose: {input: [3x3, 4x4], stride: [1, 2]}")
    assert [b.choice for b in blocks] == [
        (("input", size), ("stride", stride)) for size in ("3×3", "4×4") for stride in "12"
    ]
    assert [(b.layer.geometry.input_size, b.layer.geometry.stride) for b in blocks] == [
        ((n, n), (s, s)) for n in (3, 4) for s in (1, 2)
    ]


def test_a_size_is_chosen_with_a_times_sign_and_a_name_as_it_is():
    read = read_block("form: layouts\nchoose: {other: [onnx, jax], input: [3x4, 4 x 5]}\nkernel: 2x2")
    names = [dict(b.choice) for b in read]
    assert [(n["other"], n["input"]) for n in names][:2] == [("onnx", "3×4"), ("onnx", "4×5")]
    assert names[-1]["other"] == "jax"


def test_a_choice_that_cannot_be_is_a_sentence():
    with pytest.raises(sc.BlockError, match=r"^choose offers kernel 4×4, but kernel=4 on axis 0 is larger"):
        read_block("input: 3x3\nchoose: {kernel: [2x2, 4x4]}")


def test_what_can_be_chosen_is_a_key():
    assert set(CHOOSABLE) < set(KEYS)
    assert len(set(KEYS)) == len(KEYS)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("kernel_size=3 on axis 0", "kernel=3 on axis 0"),
        ("in_channels=3 does not divide", "channels=3 does not divide"),
        ("make out_channels a multiple of groups", "make kernels a multiple of groups"),
        ("x is ragged", "input is ragged"),
        ("box=3 is a matrix", "box=3 is a matrix"),
    ],
)
def test_the_authors_words(sentence, words):
    assert in_the_authors_words(sentence) == words


def test_large_numbers_of_a_verdict_have_commas_as_in_the_tables():
    text = render(read_block("input: 34x34\nkernel: 3x3\nshow: [sizes, proof]"))
    assert "all 1,024 entries of" in text
    assert "polynomials: 9,216 products" in text

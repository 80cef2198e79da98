"""Every refusal, word for word: the argument, its value, what would be accepted, and the fix."""

import re

import numpy as np
import pytest
import sympy

import symconv as sc
from symconv.lesson.block import read_block
from symconv.lesson.page import lesson_page
from symconv.sizes import per_axis, whole
from tests.cases import NINE_TO_SIX, ONE_TO_NINE

FOUR_BY_FOUR = sc.unroll(ONE_TO_NINE, NINE_TO_SIX)


def refused(table):
    """Parametrise by rows of (id, call, error class, whole message)."""
    return pytest.mark.parametrize(
        ("call", "error", "message"), [pytest.param(*row, id=name) for name, *row in table]
    )


def check(call, error, message):
    with pytest.raises(error, match=re.escape(message)) as caught:
        call()
    assert str(caught.value) == message
    assert isinstance(caught.value, sc.SymconvError)


def geometry(*sizes, **options):
    return lambda: sc.Geometry(*(sizes or ((5, 6), (2, 3))), **options)


SIZES = [
    ("zero", geometry(stride=0), "stride=0 is too small: give an int of at least 1"),
    ("negative", geometry(dilation=-2), "dilation=-2 is too small: give an int of at least 1"),
    ("fraction-of-a-cell", geometry(stride=1.5), "stride=1.5 is not an integer: give an int of at least 1"),
    ("whole-float", geometry(stride=2.0), "stride=2.0 is not an integer: give an int of at least 1"),
    ("infinite", geometry(stride=float("inf")), "stride=inf is not an integer: give an int of at least 1"),
    ("nan", geometry(stride=float("nan")), "stride=nan is not a number: give an int of at least 1"),
    ("boolean", geometry(stride=True), "stride=True is a boolean, not a size: give an int of at least 1"),
    ("text", geometry(stride="2"), "stride='2' is not an integer: give an int of at least 1"),
    ("none", geometry(dilation=None), "dilation=None is not an integer: give an int of at least 1"),
    ("in-one-axis", geometry(stride=(1, 0)), "stride=0 is too small: give an int of at least 1"),
    ("nested", geometry(stride=[[1], 1]), "stride=[1] is not an integer: give an int of at least 1"),
    ("a-set", geometry(stride={1, 2}), "stride={1, 2} is not an integer: give an int of at least 1"),
    (
        "too-many-strides",
        geometry(stride=(1, 1, 1)),
        "stride=(1, 1, 1) has 3 entries for 2 axes: give one int or 2 of them",
    ),
    (
        "too-many-for-one-axis",
        geometry(5, 3, dilation=(1, 2)),
        "dilation=(1, 2) has 2 entries for 1 axis: give one int or 1 of them",
    ),
    ("no-strides", geometry(stride=[]), "stride=[] has 0 entries for 2 axes: give one int or 2 of them"),
    ("input-size-0", geometry((5, 0), 1), "input_size=0 is too small: give an int of at least 1"),
    ("kernel-size-0", geometry((5, 5), 0), "kernel_size=0 is too small: give an int of at least 1"),
    ("batch", geometry(batch=-1), "batch=-1 is too small: give an int of at least 0"),
    ("channels", geometry(in_channels=0), "in_channels=0 is too small: give an int of at least 1"),
    ("filters", geometry(out_channels=0), "out_channels=0 is too small: give an int of at least 1"),
    ("groups", geometry(groups=0), "groups=0 is too small: give an int of at least 1"),
    ("groups-nan", geometry(groups=np.nan), "groups=nan is not a number: give an int of at least 1"),
]


@refused([(name, call, sc.GeometryError, message) for name, call, message in SIZES])
def test_sizes(call, error, message):
    check(call, error, message)


GEOMETRIES = [
    (
        "kernel-larger-than-the-input",
        geometry((3, 9), 4),
        "kernel_size=4 on axis 0 is larger than the padded input of 3 cells: "
        "use a kernel of at most 3, or add padding of 1 more",
    ),
    (
        "kernel-larger-than-the-padded-input",
        geometry((9, 3), (1, 8), padding=[(0, 0), (1, 2)]),
        "kernel_size=8 on axis 1 is larger than the padded input of 6 cells: "
        "use a kernel of at most 6, or add padding of 2 more",
    ),
    (
        "dilated-kernel-larger",
        geometry((9, 5), 3, dilation=(1, 3)),
        "kernel_size=3 (spread over 7 cells by dilation=3) on axis 1 is larger than the padded input of 5 "
        "cells: use a kernel of at most 2, or add padding of 2 more",
    ),
    (
        "groups-do-not-divide-the-channels",
        geometry(in_channels=4, out_channels=3, groups=3),
        "in_channels=4 does not divide into groups=3: make in_channels a multiple of groups",
    ),
    (
        "groups-do-not-divide-the-filters",
        geometry(in_channels=4, out_channels=3, groups=2),
        "out_channels=3 does not divide into groups=2: make out_channels a multiple of groups",
    ),
    (
        "padding-mode",
        geometry(padding_mode="mirror"),
        "padding_mode='mirror' is unknown: use one of zeros, reflect, replicate, circular",
    ),
    (
        "reflect-too-far",
        geometry((3, 4), 1, padding=((0, 2), (1, 4)), padding_mode="reflect"),
        "padding=4 on axis 1 is more than padding_mode='reflect' can take from 4 cells: pad by at most 3",
    ),
    (
        "circular-too-far",
        geometry((3, 4), 1, padding=4, padding_mode="circular"),
        "padding=4 on axis 0 is more than padding_mode='circular' can take from 3 cells: pad by at most 3",
    ),
    (
        "same-with-a-stride",
        geometry(padding="same", stride=2),
        'padding="same" needs stride=1 (got stride=2): use padding="same_upper" or give pairs',
    ),
    (
        "same-with-strides",
        geometry(padding="same", stride=(1, 2)),
        'padding="same" needs stride=1 (got stride=(1, 2)): use padding="same_upper" or give pairs',
    ),
    (
        "padding-name",
        geometry(padding="SAME"),
        "padding='SAME' is unknown: use an int, pairs, or one of 'valid', 'same', 'same_upper', 'same_lower'",
    ),
    ("negative-padding", geometry(padding=-1), "padding=-1 is too small: give an int of at least 0"),
    (
        "negative-in-a-pair",
        geometry(padding=[(0, 0), (0, -3)]),
        "padding=-3 is too small: give an int of at least 0",
    ),
    ("half-a-cell", geometry(padding=0.5), "padding=0.5 is not an integer: give an int of at least 0"),
    (
        "padding-for-three-axes",
        geometry(padding=(1, 1, 1)),
        "padding=(1, 1, 1) has 3 entries for 2 axes: "
        "give one int, one int per axis, or one (before, after) pair per axis",
    ),
    (
        "no-pair",
        geometry(padding=[(1, 2), (1, 2, 3)]),
        "padding=[(1, 2), (1, 2, 3)] has an entry (1, 2, 3) that is no (before, after) pair",
    ),
    ("bias", geometry(bias=1), "bias=1 is not a yes or no: give True or False"),
]  # fmt: skip


@refused([(name, call, sc.GeometryError, message) for name, call, message in GEOMETRIES])
def test_geometries(call, error, message):
    check(call, error, message)


def unrolled(x, w, **options):
    return lambda: sc.unroll(x, w, **options)


def shapes(x, w, **options):
    return unrolled(np.zeros(x, dtype=int), np.zeros(w, dtype=int), **options)


a = sympy.Symbol("a")
ARRAYS = [
    (
        "ragged",
        unrolled([[1, 2], [3]], [[1]]),
        "x is ragged: entry 1 has shape (1,) where entry 0 has (2,); give rows of equal length",
    ),
    (
        "ragged-in-depth",
        unrolled([[1]], [[[1], [2]], [[1], [2, 3]]]),
        "w is ragged: entry 1 has shape (2,) where entry 0 has (1,); give rows of equal length",
    ),
    (
        "a-number-among-rows",
        unrolled([[1, 2], 3], [[1]]),
        "x is ragged: entry 1 has shape () where entry 0 has (2,); give rows of equal length",
    ),
    ("empty", unrolled([], [1]), "x has an empty list in it: give at least one cell in every row"),
    ("empty-row", unrolled([[1], []], [1]), "x has an empty list in it: give at least one cell in every row"),
    (
        "text",
        unrolled([1, "a"], [1]),
        "x[1] is 'a', neither a number nor a symbol: give numbers or SymPy expressions; "
        "for a symbol give sympy.Symbol('a')",
    ),
    (
        "a-boolean",
        unrolled([1], [[True]]),
        "w[0, 0] is True, a boolean: give numbers or SymPy expressions",
    ),
    (
        "nothing",
        unrolled([1, None], [1]),
        "x[1] is None, neither a number nor a symbol: give numbers or SymPy expressions",
    ),
    (
        "truth",
        unrolled([sympy.true, a], [1]),
        "x[0] is True, neither a number nor a symbol: give numbers or SymPy expressions",
    ),
    ("a-number", unrolled(5, [1]), "x=5 is not an array: give rows of numbers or symbols"),
    ("a-word", unrolled([1], "ab"), "w='ab' is not an array: give rows of numbers or symbols"),
    ("no-input", unrolled(None, [1]), "x=None is not an array: give rows of numbers or symbols"),
    ("no-kernel", unrolled([1], None), "w=None: give the kernels as well, or a Geometry alone"),
    (
        "array-of-text",
        unrolled(np.array(["a"]), [1]),
        "x holds <U1 entries: give numbers or SymPy expressions",
    ),
    (
        "array-of-dates",
        unrolled(np.array(["2020-01-01"], dtype="datetime64[D]"), [1]),
        "x holds datetime64[D] entries: give numbers or SymPy expressions",
    ),
    (
        "no-cells",
        shapes((3, 0), (1, 1)),
        "x has shape (3, 0), an axis of no cells: give at least one cell",
    ),
    (
        "no-filters",
        shapes((1, 3, 3), (0, 1, 2, 2)),
        "w has shape (0, 1, 2, 2), an axis of no cells: give at least one cell",
    ),
    (
        "ranks",
        shapes((3, 3), (2,)),
        "x has shape (3, 3) and w has shape (2,): give two bare arrays of 1 or 2 axes, "
        "or w as (F, C/groups, *kernel) and x as (C, *spatial) or (N, C, *spatial)",
    ),
    (
        "kernel-without-channels",
        shapes((1, 3, 3), (2, 2)),
        "x has shape (1, 3, 3) and w has shape (2, 2): give two bare arrays of 1 or 2 axes, "
        "or w as (F, C/groups, *kernel) and x as (C, *spatial) or (N, C, *spatial)",
    ),
    (
        "input-without-channels",
        shapes((3, 3), (1, 1, 2, 2)),
        "x has shape (3, 3) and w has shape (1, 1, 2, 2): give two bare arrays of 1 or 2 axes, "
        "or w as (F, C/groups, *kernel) and x as (C, *spatial) or (N, C, *spatial)",
    ),
    (
        "channels",
        shapes((2, 3, 5, 5), (4, 2, 2, 2)),
        "x has shape (2, 3, 5, 5) and w has shape (4, 2, 2, 2): "
        "w reads 2 channels in each of groups=1, so x needs 2 channels, not 3",
    ),
    (
        "channels-of-groups",
        shapes((4, 5, 5), (4, 4, 2, 2), groups=2),
        "x has shape (4, 5, 5) and w has shape (4, 4, 2, 2): "
        "w reads 4 channels in each of groups=2, so x needs 8 channels, not 4",
    ),
    (
        "bias-too-long",
        unrolled(ONE_TO_NINE, [[1]], bias=[1, 2]),
        "bias has shape (2,): give one entry for each of 1 filters",
    ),
    (
        "bias-text",
        unrolled([1], [1], bias=["b"]),
        "bias[0] is 'b', neither a number nor a symbol: give numbers or SymPy expressions; "
        "for a symbol give sympy.Symbol('b')",
    ),
    (
        "a-map-of-another-shape",
        lambda: FOUR_BY_FOUR.with_maps(patch_map=[[0, 1]]),
        "patch_map has shape (1, 2) and entries of int64: give integers of shape (4, 4)",
    ),
    (
        "a-map-of-floats",
        lambda: FOUR_BY_FOUR.with_maps(weight_map=[[0.0], [1.0], [2.0], [3.0]]),
        "weight_map has shape (4, 1) and entries of float64: give integers of shape (4, 1)",
    ),
    (
        "a-number-that-no-cell-has",
        lambda: FOUR_BY_FOUR.with_maps(weight_map=[[0], [1], [2], [5]]),
        "weight_map holds 5: give cell numbers from 0 to 3, or 4 for a zero",
    ),
    (
        "a-negative-number-in-a-map",
        lambda: FOUR_BY_FOUR.with_maps(patch_map=FOUR_BY_FOUR.patch_map - 1),
        "patch_map holds -1: give cell numbers from 0 to 8, or 9 for a zero",
    ),
    (
        "a-name",
        lambda: sc.symbolic("", 3),
        "name='' is no name for a symbol: give a letter such as \"x\"",
    ),
    (
        "a-number-for-a-name",
        lambda: sc.symbolic(5, 3),
        "name=5 is no name for a symbol: give a letter such as \"x\"",
    ),
]  # fmt: skip


@refused([(name, call, sc.ArrayError, message) for name, call, message in ARRAYS])
def test_arrays(call, error, message):
    check(call, error, message)


OTHERS = [
    (
        "rows",
        lambda: sc.input_matrix(0, 3),
        sc.GeometryError,
        "rows=0 is too small: give an int of at least 1",
    ),
    (
        "columns",
        lambda: sc.kernel_matrix(3, 2.5),
        sc.GeometryError,
        "columns=2.5 is not an integer: give an int of at least 1",
    ),
    (
        "shape",
        lambda: sc.symbolic("x", (2, -1)),
        sc.GeometryError,
        "shape=-1 is too small: give an int of at least 1",
    ),
    (
        "first-index",
        lambda: sc.symbolic("x", 2, start=-1),
        sc.GeometryError,
        "start=-1 is too small: give an int of at least 0",
    ),
    (
        "first-index-of-a-layer",
        lambda: sc.unroll(ONE_TO_NINE, NINE_TO_SIX, start=-1),
        sc.GeometryError,
        "start=-1 is too small: give an int of at least 0",
    ),
    (
        "first-index-of-a-geometry",
        lambda: sc.unroll(sc.Geometry(3, 2), start="a"),
        sc.GeometryError,
        "start='a' is not an integer: give an int of at least 0",
    ),
    (
        "too-many-symbols",
        lambda: sc.input_matrix(10**6, 10**6),
        sc.SizeLimitError,
        "shape=(1000000, 1000000) asks for 1,000,000,000,000 symbols: make at most 1,000,000 at once",
    ),
    (
        "too-large-a-symbolic-matrix",
        lambda: sc.unroll(sc.input_matrix(4, 4), sc.kernel_matrix(2, 2), max_entries=10).patch_matrix,
        sc.SizeLimitError,
        "the patch matrix has 36 symbolic entries or products, more than max_entries=10: use the maps or "
        "prove(), which need no symbols, or insist with unroll(..., max_entries=None)",
    ),
    (
        "a-geometry-and-more",
        lambda: sc.unroll(sc.Geometry(3, 2), stride=2),
        sc.RequestError,
        "a Geometry says everything about the layer: call unroll(geometry) with nothing else",
    ),
    (
        "a-geometry-and-an-array-of-biases",
        lambda: sc.unroll(sc.Geometry(3, 2), bias=np.array([1, 2])),
        sc.RequestError,
        "a Geometry says everything about the layer: call unroll(geometry) with nothing else",
    ),
    (
        "nothing-to-prove",
        lambda: sc.prove("im2col"),
        sc.RequestError,
        "str is nothing that can be proved: give a Geometry, what sc.unroll returned, or a theorem",
    ),
    (
        "part",
        lambda: FOUR_BY_FOUR.latex("patch"),
        sc.RequestError,
        "part='patch' is unknown: use one of input, kernel, formula, output, sum, dot, dot_reversed, "
        "patches, weights, product, fold",
    ),
    (
        "part-of-an-array",
        lambda: sc.latex([[1]], "sum"),
        sc.RequestError,
        "part='sum' is unknown for an array: use matrix or grid",
    ),
    (
        "no-array",
        lambda: sc.latex(5),
        sc.ArrayError,
        "subject=5 is not an array: give rows of numbers or symbols",
    ),
    (
        "matrix-of-three-axes",
        lambda: sc.latex(np.zeros((2, 2, 2))),
        sc.RequestError,
        'a matrix has two axes and this array has shape (2, 2, 2): use part="grid"',
    ),
    *(
        (
            f"cell-{name}",
            lambda cell=cell: FOUR_BY_FOUR.latex("sum", cell=cell),
            sc.RequestError,
            f"cell={cell!r} is not a cell of the output: give an index from (0, 0) to (1, 1)",
        )
        for name, cell in {"beyond": (0, 2), "alone": 1, "three": (0, 0, 0)}.items()
    ),
    (
        "cell-counted-from-1",
        lambda: FOUR_BY_FOUR.latex("sum", cell=(0, 1), start=1),
        sc.RequestError,
        "cell=(0, 1) is not a cell of the output: give an index from (1, 1) to (2, 2)",
    ),
]


@refused(OTHERS)
def test_other_requests(call, error, message):
    check(call, error, message)


@pytest.mark.parametrize("cell", [(-1, 0), (0.5, 0), ("a", "b"), (True, 0), np.array(0)], ids=repr)
def test_a_cell_that_is_none_is_refused_in_our_words(cell):
    with pytest.raises(sc.SymconvError, match=r"^cell="):
        FOUR_BY_FOUR.latex("sum", cell=cell)


@pytest.mark.parametrize(
    "call",
    [
        geometry(stride=np.array(1)),
        geometry(padding=np.array(1)),
        lambda: sc.unroll(sc.Geometry(3, 2), stride=np.array([1, 1])),
        lambda: sc.unroll(sc.input_matrix(3, 3), NINE_TO_SIX, max_entries="many").output,
        lambda: FOUR_BY_FOUR.latex(["sum"]),
        lambda: sc.latex([[1]], ["sum"]),
        unrolled(sympy.MatrixSymbol("X", sympy.Symbol("n"), 3), [[1]]),
        lambda: FOUR_BY_FOUR.with_maps(patch_map=[[0, 1], [2]]),
    ],
    ids=[
        "stride-0d",
        "padding-0d",
        "geometry-and-array",
        "max-entries",
        "part-list",
        "part-of-array-list",
        "symbolic-sizes",
        "ragged-map",
    ],
)
def test_a_callers_mistake_is_never_a_bare_traceback(call):
    """Either it works, or the error is one of ours."""
    try:
        assert call() is not None
    except sc.SymconvError as error:
        assert str(error)  # noqa: PT017 (it may as well have worked)


def test_sizes_of_other_integers_are_integers():
    assert whole(np.uint8(3), "stride") == 3
    assert type(whole(np.uint8(3), "stride")) is int
    assert per_axis(np.array([1, 2]), 2, "stride") == (1, 2)
    assert whole(sympy.Integer(3), "stride") == 3


def test_a_geometry_of_no_axes_is_refused():
    with pytest.raises(sc.GeometryError):
        sc.Geometry((), ())


LIMIT = "are more than a page can hold, at most"
BLOCKS = [
    # what is no YAML, or of no use
    (
        "empty",
        "",
        0,
        "a symconv block is a list of “key: value” lines: write at least “input: 3x3” and “kernel: 2x2”",
    ),
    (
        "a-word",
        "hello",
        0,
        "a symconv block is a list of “key: value” lines: write at least “input: 3x3” and “kernel: 2x2”",
    ),
    (
        "a-list",
        "- input: 3x3",
        0,
        "a symconv block is a list of “key: value” lines: write at least “input: 3x3” and “kernel: 2x2”",
    ),
    (
        "unclosed",
        "input: 3x3\nkernel: [[1, 2",
        1,
        "this is not YAML (expected ',' or ']', but got '<stream end>'): write one “key: value” to a line, "
        "as in “input: 3x3”, and put text with a colon in quotes",
    ),
    (
        "a-tab",
        "input: 3x3\n\tkernel: 2x2",
        1,
        "this is not YAML (found character '\\t' that cannot start any token): "
        "write one “key: value” to a line, as in “input: 3x3”, and put text with a colon in quotes",
    ),
    (
        "control-characters",
        "input: \x00",
        None,
        "this is not YAML (it has characters that are no text): write plain text",
    ),
    (
        "two-documents",
        "input: 3x3\n---\nkernel: 2x2",
        1,
        "this is not YAML (but found another document): write one “key: value” to a line, "
        "as in “input: 3x3”, and put text with a colon in quotes",
    ),
    ("anchor", "input: &a 3x3", 0, "anchors and aliases (& and *) have no use here: write the values out"),
    (
        "alias",
        "input: 3x3\nkernel: *a",
        1,
        "anchors and aliases (& and *) have no use here: write the values out",
    ),
    ("deep", f"input: 3x3\nkernel: {'[' * 50}", 1, "lists are nested more than 6 deep: give rows of numbers"),
    (
        "very-deep",
        f"input: {'[' * 100_000}",
        0,
        "lists are nested more than 6 deep: give rows of numbers",
    ),
    ("twice", "input: 3x3\nkernel: 2x2\ninput: 4x4", 2, "'input' is given twice: keep one of them"),
    (
        "a-list-for-a-key",
        "input: 3x3\n? [a]\n: b",
        1,
        "a key must be one word, as in “input: 3x3”",
    ),
    # keys
    (
        "a-misspelt-key",
        "input: 3x3\nkernal: 2x2",
        1,
        "'kernal' is no key of a symconv block: did you mean kernel?",
    ),
    (
        "an-unknown-key",
        "zzz: 1\ninput: 3x3",
        0,
        "'zzz' is no key of a symconv block: use any of input, kernel, kernels, channels, stride, padding, "
        "dilation, groups, start, cells, controls, play, show, choose, caption",
    ),
    (
        "no-input",
        "kernel: 2x2",
        None,
        "input is missing: write “input: 3x3” for letters, or its rows of numbers",
    ),
    (
        "no-kernel",
        "input: 3x3\nkernels: 2",
        None,
        "kernel is missing: write “kernel: 3x3” for letters, or its rows of numbers",
    ),
    # sizes and numbers
    (
        "no-size",
        "input: 3by3\nkernel: 2x2",
        0,
        "input='3by3' is not a size: write one such as 3x3, or rows such as [[1, 2], [3, 4]]",
    ),
    (
        "no-value",
        "kernel: 2x2\ninput:",
        1,
        "input='' is not a size: write one such as 3x3, or rows such as [[1, 2], [3, 4]]",
    ),
    ("size-0", "input: 3x0\nkernel: 2x2", 0, "input=3x0 has no cells: write a size of at least 1x1"),
    (
        "a-million-by-a-million",
        "input: 1000000x1000000\nkernel: 2x2",
        0,
        "input=1000000x1000000 has 1,000,000,000,000 cells, and a page shows at most 65,536: "
        "write a smaller size",
    ),
    (
        "a-large-kernel",
        "kernel: 1000000x1000000\ninput: 3x3",
        0,
        "kernel=1000000x1000000 has 1,000,000,000,000 cells, and a page shows at most 65,536: "
        "write a smaller size",
    ),
    (
        "large-by-padding",
        "input: 3x3\nkernel: 1x1\npadding: 200",
        None,
        f"output: 162,409 cells {LIMIT} 65,536: "
        "choose a smaller input, less padding, fewer kernels or a larger stride",
    ),
    (
        "a-mapping",
        "input: {a: 1}\nkernel: 2x2",
        0,
        "input is neither a size nor rows of numbers: write 3x3, or [[1, 2], [3, 4]]",
    ),
    (
        "code",
        'input: 3x3\nkernel: [["__import__(1)"]]',
        1,
        "kernel holds '__import__(1)': write a number, a fraction such as 1/2, or a letter such as a or a1",
    ),
    (
        "a-division-by-zero",
        "input: [1/0, 2]\nkernel: 1",
        0,
        "input holds '1/0': write a number, a fraction such as 1/2, or a letter such as a or a1",
    ),
    (
        "a-bad-cell",
        "input: [[1, 2], [3, 4+]]\nkernel: 1x1",
        0,
        "input holds '4+': write a number, a fraction such as 1/2, or a letter such as a or a1",
    ),
    (
        "beyond-all-floats",
        "input: [1.0e999, 2]\nkernel: [1]",
        0,
        "input holds '1.0e999': write a number, a fraction such as 1/2, or a letter such as a or a1",
    ),
    (
        "ragged",
        "kernel: 1x1\ninput: [[1, 2], [3]]",
        1,
        "input is ragged: entry 1 has shape (1,) where entry 0 has (2,); give rows of equal length",
    ),
    (
        "empty-rows",
        "input: [[], []]\nkernel: 1x1",
        0,
        "input has an empty list in it: give at least one cell in every row",
    ),
    (
        "three-axes",
        "input: 3x3x3\nkernel: 2x2x2",
        0,
        "input=3x3x3 has 3 axes, and a page draws one or two: write one such as 3x3",
    ),
    (
        "four-axes-of-numbers",
        "input: [[[[1]]]]\nkernel: 1x1",
        0,
        "input has 4 axes: give a row, rows, or one set of rows per channel",
    ),
    # kernels, channels, groups
    (
        "kernel-axes",
        "input: 3x3\nkernel: [1, 2]",
        1,
        "kernel has 1 axes for an input of 2: give as many, or one array per channel",
    ),
    (
        "numbers-twice",
        "input: 3x3\nkernel: [[1]]\nkernels: [[[1]]]",
        1,
        "kernel does not go with a list of kernels: leave kernel out",
    ),
    (
        "several-of-one",
        "input: 3x3\nkernel: [[1]]\nkernels: 2",
        2,
        "kernels=2 does not fit one kernel of numbers: list them all under kernels",
    ),
    (
        "no-kernels",
        "input: 3x3\nkernel: 2x2\nkernels: 0",
        2,
        "kernels=0 is not a number of kernels: write one of at least 1",
    ),
    (
        "channels-of-numbers",
        "input: [[1, 2]]\nkernel: 1x1\nchannels: 3",
        2,
        "channels=3 does not fit the numbers of input: leave channels out",
    ),
    (
        "groups",
        "input: 3x3\nkernel: 2x2\nchannels: 3\ngroups: 2",
        3,
        "groups=2 does not divide channels=3: write a divisor of 3",
    ),
    (
        "groups-of-kernels",
        "input: 3x3\nkernel: 2x2\nchannels: 2\nkernels: 3\ngroups: 2",
        3,
        "kernels=3 does not divide into groups=2: make kernels a multiple of groups",
    ),
    # hyper-parameters
    ("stride-0", "input: 3x3\nkernel: 2x2\nstride: 0", 2, "stride=0 is too small: give an int of at least 1"),
    (
        "strides",
        "input: 3x3\nkernel: 2x2\nstride: [1, 2, 3]",
        2,
        "stride=[1, 2, 3] has 3 entries for 2 axes: give one int or 2 of them",
    ),
    (
        "padding-name",
        "input: 3x3\nkernel: 2x2\npadding: smae",
        2,
        "padding='smae' is unknown: use an int, pairs, or one of 'valid', 'same', 'same_upper', 'same_lower'",
    ),
    (
        "kernel-too-large",
        "input: 3x3\nkernel: 2x4",
        1,
        "kernel=4 on axis 1 is larger than the padded input of 3 cells: "
        "use a kernel of at most 3, or add padding of 1 more",
    ),
    ("start", "input: 3x3\nkernel: 2x2\nstart: 2", 2, "start=2 is not a way to count here: write 0 or 1"),
    # cells, parts, caption, choices
    (
        "cell-beyond",
        "input: 3x3\nkernel: 2x2\ncells: [[0, 0], [0, 2]]",
        2,
        "cells has [0, 2], no cell of the output: write an index from [0, 0] to [1, 1]",
    ),
    (
        "cell-of-one-axis",
        "input: 3x3\nkernel: 2x2\ncells: [0]",
        2,
        "cells has [0], no cell of the output: write an index from [0, 0] to [1, 1]",
    ),
    (
        "cell-counted-from-1",
        "input: 3x3\nkernel: 2x2\nstart: 1\ncells: [[0, 1]]",
        3,
        "cells has [0, 1], no cell of the output: write an index from [1, 1] to [2, 2]",
    ),
    ("cells-mapping", "input: 3x3\nkernel: 2x2\ncells: {a: 1}", 2, "cells is not a list: write cells: [ … ]"),
    (
        "a-misspelt-part",
        "input: 3x3\nkernel: 2x2\nshow: [inptu]",
        2,
        "show has no part 'inptu': did you mean input?",
    ),
    (
        "an-unknown-part",
        "input: 3x3\nkernel: 2x2\nshow: [qqq]",
        2,
        "show has no part 'qqq': use any of input, kernel, formula, windows, output, sum, dot, patches, "
        "weights, product, figure, fold, sizes, proof",
    ),
    (
        "caption",
        "input: 3x3\nkernel: 2x2\ncaption: [a]",
        2,
        "caption is not a line of text: put it in quotes",
    ),
    (
        "choose-without-a-list",
        "kernel: 2x2\nchoose: {input: 3x3}",
        1,
        "choose needs a list for each key, as in “choose: {input: [3x3, 4x4]}”",
    ),
    (
        "choose-nothing",
        "kernel: 2x2\nchoose: {input: []}",
        1,
        "choose offers no input: list at least one",
    ),
    (
        "choose-what-cannot-be",
        "input: 3x3\nkernel: 2x2\nchoose: {caption: [a]}",
        2,
        "choose cannot offer 'caption': use any of input, kernel, kernels, channels, stride, padding, "
        "dilation, groups",
    ),
    (
        "choose-too-many",
        "kernel: 2x2\nchoose: {input: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14], stride: [1, 2, 3, 4, 5]}",
        1,
        "choose makes 65 combinations: offer at most 64",
    ),
]


@pytest.mark.parametrize(("text", "line", "message"), [pytest.param(*row, id=name) for name, *row in BLOCKS])
def test_blocks(text, line, message):
    with pytest.raises(sc.BlockError, match=re.escape(message)) as caught:
        read_block(text)
    assert str(caught.value) == message
    assert caught.value.line == line


NUMBER_KEYS = ("stride", "padding", "dilation", "groups", "channels", "kernels", "start")
NO_NUMBERS = ("x", "1.5", "true", "{a: 1}", '""', "[[[1]]]")


@pytest.mark.parametrize(
    ("key", "value"),
    [(k, v) for k in NUMBER_KEYS for v in NO_NUMBERS if (k, v) != ("kernels", "[[[1]]]")],
)
def test_a_hyper_parameter_that_is_no_number_is_refused_by_name(key, value):
    with pytest.raises(sc.BlockError, match=rf"^{key}\b.*: ") as caught:
        read_block(f"input: 3x3\nkernel: 2x2\n{key}: {value}")
    assert caught.value.line == 2


def test_a_layer_vast_only_by_its_padding_is_refused():
    with pytest.raises(sc.BlockError, match="more than a page can hold"):
        read_block("input: 3x3\nkernel: 2x2\npadding: 1000000000\nstride: 1000000000")


@pytest.mark.parametrize(
    "text",
    [
        "input: 4x4\nkernel: 3x3\nkernels: [[[1, 2], [3, 4]]]",
        "kernel: 2x2\nchoose: {input: [3x3], input: [4x4]}",
    ],
    ids=["a-kernel-size-beside-other-kernels", "a-choice-given-twice"],
)
def test_nothing_the_author_wrote_is_dropped_in_silence(text):
    with pytest.raises(sc.BlockError):
        read_block(text)


@pytest.mark.parametrize(
    "g",
    [
        sc.Geometry((5, 5), 3, padding=1, padding_mode="reflect"),
        sc.Geometry((5, 5), 3, bias=True),
        sc.Geometry((5, 5), 3, batch=2),
        sc.Geometry((5, 5, 5), 3),
        sc.Geometry((300, 300), 3),
    ],
    ids=["padding-mode", "bias", "batch", "volume", "large"],
)
def test_a_lesson_that_no_block_can_write_is_refused(g):
    with pytest.raises(sc.SymconvError):
        lesson_page(g)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: sc.Geometry((3, 3), 2, stride=b"\x01\x02"),
            "stride=b'\\x01\\x02' is not an integer: give an int of at least 1",
        ),
        (
            lambda: sc.Geometry((3, 3), (2, 2, 2)),
            "kernel_size=(2, 2, 2) has 3 entries for 2 axes: give one int or 2 of them",
        ),
        (lambda: sc.symbolic("x y", 2), "name='x y' is no name for a symbol: give a letter such as \"x\""),
        (lambda: sc.symbolic("x", ()), "shape=() has no axes: give a number of entries for at least one"),
    ],
    ids=["bytes", "kernel-of-more-axes", "two-words", "no-axes"],
)
def test_the_argument_that_is_wrong_is_the_one_that_is_named(call, sentence):
    with pytest.raises(sc.SymconvError) as refused:
        call()
    assert str(refused.value) == sentence

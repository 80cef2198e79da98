"""The definition stands alone: axes against brute force, the floor formula as a theorem, its sentences."""

import ast
from pathlib import Path

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import symconv.definition
from symconv.definition import PADDING_MODES, axis_padding, axis_windows, loop_formula
from symconv.geometry import output_size
from symconv.testing.strategies import axes

NUMPY_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
LETTERS = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


@pytest.mark.parametrize("mode", PADDING_MODES)
@given(data=st.data())
def test_windows_are_slices_of_the_padded_axis(mode, data):
    size, kernel, stride, dilation, (before, after) = data.draw(axes(mode))
    zeros = {"constant_values": -1} if mode == "zeros" else {}
    padded = np.pad(np.arange(size), (before, after), NUMPY_MODES[mode], **zeros)
    reach = dilation * (kernel - 1) + 1
    expected = [
        [None if i < 0 else int(i) for i in padded[first : first + reach : dilation]]
        for first in range(len(padded))
        if first % stride == 0 and first + reach <= len(padded)
    ]
    assert axis_windows(size, kernel, stride, dilation, (before, after), mode) == expected


@given(axes("zeros", longest=30))
def test_walking_finds_as_many_windows_as_the_floor_formula(axis):
    size, kernel, stride, dilation, (before, after) = axis
    found = len(axis_windows(size, kernel, stride, dilation, (before, after)))
    assert found == output_size(size, kernel, stride, dilation, before, after)


@pytest.mark.parametrize(
    ("size", "kernel", "dilation"), [(3, 4, 1), (3, 3, 2), (1, 2, 1)], ids=["kernel", "dilation", "one-cell"]
)
def test_walking_finds_no_window_where_none_fits(size, kernel, dilation):
    assert axis_windows(size, kernel, 1, dilation, (0, 0)) == []


@pytest.mark.parametrize("form", ["same_upper", "same_lower", "same"])
@given(
    size=st.integers(1, 30), kernel=st.integers(1, 6), stride=st.integers(1, 5), dilation=st.integers(1, 3)
)
def test_axis_padding_is_the_least_that_makes_enough_windows(form, size, kernel, stride, dilation):
    before, after = axis_padding(size, kernel, stride, dilation, form)
    wanted = -(-size // stride)
    assert len(axis_windows(size, kernel, stride, dilation, (before, after))) >= wanted
    if before + after:
        assert len(axis_windows(size, kernel, stride, dilation, (before + after - 1, 0))) < wanted
    assert (before - after if form == "same_lower" else after - before) in (0, 1)


def test_it_imports_no_sibling_and_hides_no_import():
    tree = ast.parse(Path(symconv.definition.__file__).read_text("utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(node.module.split(".")[0])
        elif isinstance(node, ast.Name):
            assert node.id not in ("__import__", "eval", "exec")
    assert imported - {"collections", "decimal", "fractions", "itertools", "numbers", "typing"} == {
        "numpy",
        "sympy",
    }


def test_it_shares_no_formula_with_the_geometry():
    """The output positions are walked to: nothing in it divides to find how many there are."""
    source = ast.parse(Path(symconv.definition.__file__).read_text("utf-8"))
    walk = next(n for n in source.body if isinstance(n, ast.FunctionDef) and n.name == "axis_windows")
    assert not [n for n in ast.walk(walk) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.FloorDiv)]


@pytest.mark.parametrize(
    ("x", "w", "shape"),
    [
        ((5,), (2,), (4,)),
        ((5, 6), (2, 3), (4, 4)),
        ((1, 5), (2, 1, 3), (2, 3)),
        ((2, 5, 6), (3, 2, 2, 3), (3, 4, 4)),
        ((2, 2, 5, 6), (3, 2, 2, 3), (2, 3, 4, 4)),
        ((1, 2, 3, 4), (1, 1, 2, 2, 2), (1, 1, 2, 3)),
        ((0, 1, 3, 3), (2, 1, 2, 2), (0, 2, 2, 2)),
    ],
    ids=str,
)
def test_the_shape_of_the_output_is_that_of_the_input(x, w, shape):
    assert loop_formula(np.ones(x, dtype=int), np.ones(w, dtype=int)).shape == shape


def test_symbols_come_back_as_a_matrix_only_with_two_axes():
    a = sympy.Symbol("a")
    assert loop_formula([[a, 1]], [[2]]) == sympy.Matrix([[2 * a, 2]])
    assert loop_formula([a, 1], [2]).tolist() == [2 * a, 2]
    assert isinstance(loop_formula([a, 1], [2]), np.ndarray)


@pytest.mark.parametrize("make", [list, np.array], ids=["list", "ndarray"])
def test_booleans_count_as_ones(make):
    assert loop_formula(make([True, True]), make([True, True])).tolist() == [2]


@pytest.mark.timeout(5)  # a mirror without end is a walk without end
def test_one_cell_has_nothing_to_mirror():
    with pytest.raises(ValueError, match="reflect"):
        loop_formula([5], [1], padding=1, padding_mode="reflect")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ([1, 2], [[1]], {}),
            "x has shape (2,) and w has shape (1, 1): give w as (F, C/groups, *kernel) "
            "and x as (C, *spatial) or (N, C, *spatial), or two bare arrays",
            id="ranks",
        ),
        pytest.param(
            (5, [1], {}),
            "x has shape () and w has shape (1,): give w as (F, C/groups, *kernel) "
            "and x as (C, *spatial) or (N, C, *spatial), or two bare arrays",
            id="a-number",
        ),
        pytest.param(
            ([[1, 2], [3]], [[1]], {}),
            "x is ragged or holds text: give rows of equal length, of numbers or symbols",
            id="ragged",
        ),
        pytest.param(
            ([None, 1], [1], {}),
            "x is ragged or holds text: give rows of equal length, of numbers or symbols",
            id="nothing",
        ),
        pytest.param(
            ([np.ones((2, 2)), np.ones((2, 3))], [1], {}),
            "x is ragged or holds text: give rows of equal length, of numbers or symbols",
            id="ragged-arrays",
        ),
        pytest.param(
            ([1, 2], ["a"], {}),
            "w is ragged or holds text: give rows of equal length, of numbers or symbols",
            id="text",
        ),
        pytest.param(
            (np.ones((3, 4)), np.ones((2, 2, 2)), {}),
            "groups=1 does not fit: x has 3 channels, and w has 2 filters of 2 channels each",
            id="channels",
        ),
        pytest.param(
            (np.ones((4, 4)), np.ones((3, 2, 2)), {"groups": 2}),
            "groups=2 does not fit: x has 4 channels, and w has 3 filters of 2 channels each",
            id="groups",
        ),
        pytest.param(
            ([1], [1], {"groups": True}),
            "groups=True does not fit: x has 1 channels, and w has 1 filters of 1 channels each",
            id="groups-boolean",
        ),
        pytest.param(
            (LETTERS, [[1]], {"padding_mode": "mirror"}),
            "padding_mode='mirror' is unknown: use one of zeros, reflect, replicate, circular",
            id="padding-mode",
        ),
        pytest.param(
            (LETTERS, [[1]], {"stride": 0}),
            "stride=0 does not fit: give one int of at least 1, or 2 of them",
            id="stride",
        ),
        pytest.param(
            (LETTERS, [[1]], {"dilation": (1, 2, 3)}),
            "dilation=(1, 2, 3) does not fit: give one int of at least 1, or 2 of them",
            id="dilation",
        ),
        pytest.param(
            (LETTERS, [[1]], {"padding": -1}),
            "padding=-1 does not fit: give an int, or one (before, after) pair per axis",
            id="padding",
        ),
        pytest.param(
            (LETTERS, [[1]], {"padding": "all"}),
            "padding='all' does not fit: give an int, or one (before, after) pair per axis",
            id="padding-name",
        ),
        pytest.param(
            (LETTERS, [[1]], {"padding": "same", "stride": 2}),
            'padding="same" needs stride=1 (got stride=(2, 2)): use "same_upper"',
            id="same",
        ),
        pytest.param(
            (LETTERS, np.ones((2, 4), dtype=int), {"padding": (1, 0), "dilation": 2}),
            "no window fits: kernel (2, 4) with dilation=(2, 2) is larger than the input (3, 3) "
            "padded by ((1, 1), (0, 0)); enlarge the padding or the input",
            id="no-window",
        ),
        pytest.param(
            (LETTERS, [[1]], {"bias": [1, 2]}),
            "bias has shape (2,): give one entry for each of the 1 filters",
            id="bias",
        ),
    ],
)
def test_its_own_sentences(arguments, message):
    x, w, options = arguments
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole sentence is compared)
        loop_formula(x, w, **options)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "options",
    [{"padding": np.array([1, 1])}, {"stride": np.array([1, 2])}, {"dilation": np.array([2, 1])}],
    ids=["padding", "stride", "dilation"],
)
def test_hyper_parameters_as_arrays(options):
    """An array of ints is read as a list of them, as the layer reads it."""
    as_lists = {name: value.tolist() for name, value in options.items()}
    assert (
        loop_formula(LETTERS, [[1, 2]], **options).tolist()
        == loop_formula(LETTERS, [[1, 2]], **as_lists).tolist()
    )

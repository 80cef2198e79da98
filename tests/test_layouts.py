"""The layouts: against orders typed here, each other, the loop formula; permutations proved and refuted."""

from dataclasses import replace
from itertools import product
from math import prod
from pathlib import Path

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import symconv as sc
from symconv.definition import axis_windows
from symconv.forms import arrangement
from symconv.index_map import index_map
from symconv.lesson.block import read_block
from symconv.lesson.render import render
from tests.mutants import GEOMETRIES as MUTANT_GEOMETRIES
from tests.mutants import MUTANTS, true_maps
from tests.strategies import geometries, integer_layers

NAMES = [known.name for known in sc.layouts()]
PAIRS = [(one, other) for one in NAMES for other in NAMES]

# Rows and columns of the matrix, slowest axis first, as loops of the literature write them.
ORDERS = {
    "torch": (("c", "kh", "kw"), ("n", "oh", "ow")),
    "tensorflow": (("n", "oh", "ow"), ("kh", "kw", "c")),
    "jax": (("c", "kh", "kw"), ("n", "oh", "ow")),
    "cs231n": (("c", "kh", "kw"), ("oh", "ow", "n")),
    "deep-learning-from-scratch": (("n", "oh", "ow"), ("c", "kh", "kw")),
    "matlab": (("c", "kw", "kh"), ("n", "ow", "oh")),
    "onnx": (("c", "kh", "kw"), ("n", "oh", "ow")),
}
ODD = sc.Geometry(
    (5, 7), (2, 3), 4, 6, 2, stride=(2, 1), padding=((1, 0), (0, 2)), dilation=(2, 1), groups=2
)  # no two conventions agree on it

# Two samples of two channels of 2×3 cells, 1 to 24, and a kernel of 2×2: four patches, written out by hand.
SMALL = sc.Geometry((2, 3), (2, 2), 2, 1, 2)
A, B, C, D = (
    [1, 2, 4, 5, 7, 8, 10, 11],
    [2, 3, 5, 6, 8, 9, 11, 12],
    [13, 14, 16, 17, 19, 20, 22, 23],
    [14, 15, 17, 18, 20, 21, 23, 24],
)


def upright(*patches):
    return np.array(patches).T.tolist()


def channels_fastest(patch):
    return [patch[i] for i in (0, 4, 1, 5, 2, 6, 3, 7)]


def columns_first(patch):
    return [patch[i] for i in (0, 2, 1, 3, 4, 6, 5, 7)]


BY_HAND = {
    "torch": [upright(A, B), upright(C, D)],
    "tensorflow": [[[channels_fastest(p) for p in (A, B)]], [[channels_fastest(p) for p in (C, D)]]],
    "jax": [[[[a, b]] for a, b in zip(A, B, strict=True)], [[[c, d]] for c, d in zip(C, D, strict=True)]],
    "cs231n": upright(A, C, B, D),
    "deep-learning-from-scratch": [A, B, C, D],
    "matlab": upright(*map(columns_first, (A, B, C, D))),
    "onnx": upright(A, B, C, D),
}


def numbered(g):
    return np.arange(1, prod(g.input_shape) + 1).reshape(g.input_shape)


@pytest.mark.parametrize("name", NAMES)
def test_the_array_worked_by_hand(name):
    assert sc.unfold(numbered(SMALL), (2, 2), layout=name).tolist() == BY_HAND[name]


def test_the_columns_that_matlab_makes():
    columns = [[1, 4, 2, 5], [4, 7, 5, 8], [2, 5, 3, 6], [5, 8, 6, 9]]
    assert sc.unfold(np.arange(1, 10).reshape(3, 3), 2, layout="matlab").tolist() == upright(*columns)


def read(g, axis):
    """The cells of one axis that each position reads, by the definition; None is padding."""
    return axis_windows(
        g.input_size[axis], g.kernel_size[axis], g.stride[axis], g.dilation[axis], g.padding[axis], "zeros"
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_matrix_is_what_loops_in_that_order_write(name):
    g, x = ODD, numbered(ODD)
    sizes = {"n": g.batch, "c": g.in_channels}
    sizes |= dict(zip(("oh", "ow"), g.output_size, strict=True))
    sizes |= dict(zip(("kh", "kw"), g.kernel_size, strict=True))
    rows, columns = ORDERS[name]
    expected = []
    for row in product(*(range(sizes[a]) for a in rows)):
        line = []
        for column in product(*(range(sizes[a]) for a in columns)):
            at = dict(zip(rows + columns, row + column, strict=True))
            h, w = read(g, 0)[at["oh"]][at["kh"]], read(g, 1)[at["ow"]][at["kw"]]
            line.append(0 if None in (h, w) else int(x[at["n"], at["c"], h, w]))
        expected.append(line)
    assert sc.layout(name).patch_matrix(g, x).tolist() == expected


@pytest.mark.parametrize("name", NAMES)
def test_the_weights_go_with_the_patches(name):
    one, g = sc.layout(name), ODD
    numbers = np.random.default_rng(3)
    x, w = numbers.integers(-9, 9, g.input_shape), numbers.integers(-9, 9, g.kernel_shape)
    patches, weights = one.patch_matrix(g, x), one.weight_matrix(g, w)
    result = weights @ patches if one.taps_first else patches @ weights
    y = sc.evaluate(x, w, stride=g.stride, padding=g.padding, dilation=g.dilation, groups=g.groups)
    assert np.array_equal(one.fold_product(result, g), y)


@given(layer=integer_layers(), name=st.sampled_from(NAMES))
def test_the_product_in_any_layout_is_the_convolution(layer, name):
    g, x, w, _ = layer
    one = sc.layout(name)
    patches, weights = one.patch_matrix(g, x), one.weight_matrix(g, w)
    result = weights @ patches if one.taps_first else patches @ weights
    options = {f: getattr(g, f) for f in ("stride", "padding", "dilation", "groups", "padding_mode")}
    assert np.array_equal(one.fold_product(result, g), sc.loop_formula(x, w, **options))


@given(g=geometries(), name=st.sampled_from(NAMES))
def test_restoring_undoes_arranging(g, name):
    one = sc.layout(name)
    own = np.arange(prod(g.patch_matrix_shape)).reshape(g.patch_matrix_shape)
    array = one.arrange(own, g)
    assert array.ndim == len(one.axes(g.rank))
    assert np.array_equal(one.restore(array, g), own)


def test_symbols_are_named_as_unroll_names_them():
    for g in (sc.Geometry((3, 4), 2), sc.Geometry((3, 4), 2, 2, 3), sc.Geometry(4, 2, batch=2), SMALL):
        u, own = sc.unroll(g), sc.layout("symconv")
        assert own.patch_matrix(g) == sympy.Matrix(u.patch_matrix)
        assert own.weight_matrix(g) == sympy.Matrix(u.weight_matrix)


@given(g=geometries(), pair=st.sampled_from(PAIRS))
def test_every_permutation_is_proved(g, pair):
    r = sc.permutation(g, *pair)
    proof = sc.prove(r)
    assert proof
    assert proof.tier == "exact"
    sizes = prod(g.patch_matrix_shape), prod(g.weight_matrix_shape), prod(g.output_shape)
    assert proof.compared == sum(sizes)
    assert np.array_equal(r.patches(r.one.patch_map(g)), r.other.patch_map(g))


@given(g=geometries(), pair=st.sampled_from(PAIRS), data=st.data())
def test_no_altered_permutation_is_proved(g, pair, data):
    r = sc.permutation(g, *pair)
    which = data.draw(st.sampled_from(["rows", "columns"]))
    indices = getattr(r, which).copy()
    if indices.size == 1:
        return
    i, j = data.draw(st.lists(st.integers(0, indices.size - 1), min_size=2, max_size=2, unique=True))
    altered = indices.copy()
    altered[i] = indices[j]
    if data.draw(st.booleans()):  # exchanged, so still a permutation; else one index twice
        altered[j] = indices[i]
    proof = sc.prove(r.with_indices(**{which: altered}))
    assert not proof
    assert proof.place is not None
    assert proof.found != proof.wanted
    assert "Refuted (tier: exact)" in repr(proof)


def test_the_first_wrong_entry_is_named():
    g = sc.Geometry((3, 4), (2, 2), 2, 3, 2)
    r = sc.permutation(g, "torch", "tensorflow")
    columns = r.columns.copy()
    columns[[1, 2]] = columns[[2, 1]]
    proof = sc.prove(r.with_indices(columns=columns))
    assert (proof.matrix, proof.place, str(proof.found), str(proof.wanted)) == (
        "P", (0, 1), "x_{0,0,0,1}", "x_{0,1,0,0}",
    )  # fmt: skip


def differs(mutant, g):
    return any(not np.array_equal(a, b) for a, b in zip(mutant(g), true_maps(g), strict=True))


@pytest.mark.parametrize(
    ("mutant", "geometry"),
    [(m, n) for m, mutant in MUTANTS.items() for n, g in MUTANT_GEOMETRIES.items() if differs(mutant, g)],
)
def test_a_plan_with_a_mistake_is_refuted_in_every_layout(mutant, geometry, monkeypatch):
    """All layouts look at the one plan and would agree on its mistake; the definition does not."""
    g = MUTANT_GEOMETRIES[geometry]
    maps = MUTANTS[mutant](g)
    plan = replace(index_map(g), patch=maps[0], weight=maps[1])
    monkeypatch.setattr(arrangement, "index_map", lambda _: plan)
    for one, other in zip(NAMES, NAMES[1:] + NAMES[:1], strict=True):
        assert not sc.prove(sc.permutation(g, one, other))


def test_the_mutants_reach_the_code():
    """With the right maps in the same place, the same verdicts are yes."""
    for g in MUTANT_GEOMETRIES.values():
        assert [bool(sc.prove(sc.permutation(g, a, b))) for a, b in PAIRS] == [True] * len(PAIRS)
        assert all(np.array_equal(a, b) for a, b in zip(true_maps(g), maps_of(g), strict=True))


def maps_of(g):
    own = sc.layout("symconv")
    return own.patch_map(g), own.weight_map(g)


@pytest.mark.parametrize("wrong", ["n (k c) (o)", "n (c k') (o)", "n (c k) (o')", "(o n) (c k)"])
def test_a_layout_described_wrongly_is_refuted(wrong):
    right = sc.permutation(ODD, "symconv", "torch")
    claimed = replace(right, other=sc.Layout("torch", wrong, "torch.nn.functional.unfold"))
    if claimed.other.taps_first != right.other.taps_first:
        claimed = replace(claimed, rows=right.columns, columns=right.rows)
    assert sc.prove(right)
    assert not sc.prove(claimed)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_there_and_back(one, other):
    there, back = sc.permutation(ODD, one, other), sc.permutation(ODD, other, one)
    x = numbered(ODD)
    patches = sc.layout(one).patch_matrix(ODD, x)
    moved = there.patches(patches)
    assert np.array_equal(moved, sc.layout(other).patch_matrix(ODD, x))
    assert np.array_equal(back.patches(moved), patches)
    weights = sc.layout(one).weight_matrix(ODD, np.arange(prod(ODD.kernel_shape)))
    assert np.array_equal(back.weights(there.weights(weights)), weights)


def test_the_matrices_of_zeros_and_ones_do_what_the_indices_do():
    g = sc.Geometry((2, 4), (2, 2), 2, 3, 2)
    for one, other in PAIRS:
        r = sc.permutation(g, one, other)
        R, C = r.matrices
        P = r.one.patch_matrix(g)
        W = r.one.weight_matrix(g)
        moved = R * (P.T if r.transposed else P) * C
        assert moved == r.patches(P) == r.other.patch_matrix(g)
        assert r.weights(W) == r.other.weight_matrix(g)
        if r.other.taps_first:
            assert r.weights(W) == (W if r.one.taps_first else W.T) * R.T
        assert sympy.eye(R.rows) == R * R.T


def test_the_permuted_product_is_the_permuted_output_in_symbols():
    g = sc.Geometry((2, 3), (1, 2), 2, 2, 2)
    for one, other in PAIRS:
        r = sc.permutation(g, one, other)
        P, W = r.one.patch_matrix(g), r.one.weight_matrix(g)
        Y = W * P if r.one.taps_first else P * W
        P2, W2 = r.patches(P), r.weights(W)
        assert (W2 * P2 if r.other.taps_first else P2 * W2).expand() == r.product(Y).expand()


def test_the_equation_in_latex():
    text = sc.latex(sc.permutation(sc.Geometry((3, 3), 2), "torch", "tensorflow"))
    assert text.startswith("P_{\\text{tensorflow}} =\n\\underbrace{\\left[")
    assert text.count("\\underbrace") == 2
    assert "P_{\\text{torch}}^{\\mathsf T}" in text
    same = sc.latex(sc.permutation(sc.Geometry((3, 3), 2), "torch", "onnx"))
    assert "\\mathsf T" not in same


@given(g=geometries(ranks=(2,)), kind=st.sampled_from(["input", "output", "kernel"]))
def test_channels_first_and_last_and_back(g, kind):
    shape = {"input": g.input_shape, "output": g.output_shape, "kernel": g.kernel_shape}[kind]
    array = np.arange(prod(shape), dtype=np.int16).reshape(shape)
    last = sc.to_nhwc(array, kind=kind)
    assert last.flags.c_contiguous
    assert last.dtype == array.dtype
    a, b, h, w = np.indices(shape)
    assert np.array_equal(last[(h, w, b, a) if kind == "kernel" else (a, h, w, b)], array)
    assert np.array_equal(sc.to_nchw(last, kind=kind), array)


@pytest.mark.parametrize(
    ("shape", "axes", "moved"),
    [((3, 5, 7), 2, (5, 7, 3)), ((2, 3, 5), 1, (2, 5, 3)), ((2, 3, 4, 5, 6), 3, (2, 4, 5, 6, 3))],
    ids=["one-image", "sequences", "volumes"],
)
def test_channels_last_of_any_rank(shape, axes, moved):
    last = sc.to_nhwc(sc.symbolic("x", shape), axes=axes)
    assert last.shape == moved
    assert sc.to_nchw(last, axes=axes).tolist() == sc.symbolic("x", shape).tolist()


def test_kernels_of_volumes():
    w = np.arange(720).reshape(6, 5, 2, 3, 4)
    last = sc.to_nhwc(w, kind="kernel", axes=3)
    assert last.shape == (2, 3, 4, 5, 6)
    assert last[1, 2, 3, 4, 5] == w[5, 4, 1, 2, 3]
    assert np.array_equal(sc.to_nchw(last, kind="kernel", axes=3), w)


def test_hwio_kernels_reshape_to_the_weights_of_tensorflow():
    g = sc.Geometry((5, 7), (2, 3), 4, 6)
    w = np.arange(prod(g.kernel_shape)).reshape(g.kernel_shape)
    weights = sc.to_nhwc(w, kind="kernel").reshape(-1, g.out_channels)
    assert np.array_equal(weights, sc.layout("tensorflow").weight_matrix(g, w))


LESSON = Path(__file__).parent.parent / "docs" / "lessons" / "seven-layouts.md"


def test_the_table_of_the_lesson_is_what_the_package_knows():
    """It comes from a block; the functions are named in the text beside it."""

    def merged(names):
        return f"({' '.join(names)})"

    lesson = LESSON.read_text("utf-8")
    table = "form: layouts\nlayout: all\nshow: [table, proof]"
    assert table in lesson
    html = render(read_block(table)).replace("\u00a0", " ")
    for one in sc.layouts():
        taps, positions = one.taps(), one.positions()
        array = " ".join(merged(names) if len(names) > 1 else names[0] for names in one.axes())
        patch, weights = (
            ("column", f"f × {merged(taps)}") if one.taps_first else ("row", f"{merged(taps)} × f")
        )
        cells = "</td><td>".join([array, " ".join(taps), " ".join(positions), patch, weights])
        assert f'<th scope="row">{one.name}</th><td>{cells}</td>' in html
        assert one.function.split(" of ")[0] in lesson


REFUSED = [
    (
        "unknown",
        lambda: sc.layout("numpy-style"),
        sc.RequestError,
        "layout='numpy-style' is unknown: use one of torch, tensorflow, jax, cs231n, "
        "deep-learning-from-scratch, matlab, onnx",
    ),
    (
        "misspelt",
        lambda: sc.permutation(SMALL, "torch", "Matlab "),
        sc.RequestError,
        "layout='Matlab ' is unknown: did you mean 'matlab'?",
    ),
    (
        "letters",
        lambda: sc.permutation(sc.Geometry(("H", 3), 2), "torch", "onnx"),
        sc.GeometryError,
        "Geometry(input_size=('H', 3), kernel_size=(2, 2)) is a layer of every size, "
        "and a layout is one of numbers: put numbers in with subs(H=…)",
    ),
    (
        "cells",
        lambda: sc.layout("torch").patch_matrix(SMALL, [1, 2]),
        sc.ArrayError,
        "x has 2 cells: give 24, as shape (2, 2, 2, 3) has",
    ),
    (
        "another-shape",
        lambda: sc.permutation(SMALL, "torch", "onnx").patches([[1]]),
        sc.ArrayError,
        "matrix has shape (1, 1): torch has one of shape (8, 4) for this layer",
    ),
    (
        "too-few-indices",
        lambda: sc.permutation(SMALL, "torch", "onnx").with_indices(rows=[1]),
        sc.ArrayError,
        "rows has shape (1,) and entries of int64: give 8 whole numbers",
    ),
    (
        "indices-beyond",
        lambda: sc.permutation(SMALL, "torch", "onnx").with_indices(columns=[0, 1, 2, 4]),
        sc.ArrayError,
        "columns holds 4: give numbers from 0 to 3",
    ),
    (
        "matrices-too-large",
        lambda: sc.permutation(sc.Geometry((100, 100), 3), "torch", "onnx").matrices,
        sc.SizeLimitError,
        "Reordering from torch to onnx: R (9×9) · P · C (9604×9604) has a matrix of 92,236,816 entries, "
        "more than 250,000: use the indices, or choose smaller sizes",
    ),
    (
        "symbols-too-many",
        lambda: sc.layout("onnx").patch_matrix(sc.Geometry((200, 200), 3)),
        sc.SizeLimitError,
        "the matrix has 352,836 symbolic entries, more than 250,000: "
        "use patch_map or weight_map, which need no symbols",
    ),
    (
        "axes",
        lambda: sc.to_nhwc(np.zeros((2, 3))),
        sc.ArrayError,
        "array has shape (2, 3) and axes=2: "
        "give (N, C, *spatial) or (C, *spatial), or another number of axes",
    ),
    (
        "axes-of-a-kernel",
        lambda: sc.to_nchw(np.zeros((2, 3, 4)), kind="kernel"),
        sc.ArrayError,
        "array has shape (2, 3, 4) and axes=2: give (*kernel, C/groups, F), or another number of axes",
    ),
    (
        "kind",
        lambda: sc.to_nhwc(np.zeros((2, 3, 4)), kind="weights"),
        sc.RequestError,
        "kind='weights' is unknown: use one of input, output, kernel",
    ),
]


@pytest.mark.parametrize(
    ("call", "error", "message"), [pytest.param(*row, id=name) for name, *row in REFUSED]
)
def test_refusals(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message

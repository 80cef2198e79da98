"""Exercises: the key is always right, recomputed here by the definition; blanks, seeds, refusals."""

import re
from itertools import product
from math import prod
from pkgutil import resolve_name

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import symconv as sc
from symconv.lesson.block import read_block
from symconv.lesson.exercises.answers import accepted
from symconv.lesson.exercises.catalogue import KINDS
from symconv.lesson.render import render

SMALL = "input: 4x5\nkernel: 2x3"
HARD = (
    "input: 5x4\nkernel: 2x3\nchannels: 4\nkernels: 4\ngroups: 2\nstride: [2, 1]\n"
    "padding: [[1, 0], [0, 1]]\ndilation: [2, 1]"
)
ROW = "input: 7\nkernel: 3\nstride: 2\npadding: [[0, 2]]"
OF_A_LAYER = {"patches", "weights", "output", "sum"}
OF_SIZES = {"output_size", "counts"}


def exercise(kind, body, **more):
    lines = [f"exercise: {kind}", body, *(f"{key}: {value}" for key, value in more.items())]
    (block,) = read_block("\n".join(line for line in lines if line))
    return block.exercise


def array_of(grids, name):
    """The tables whose names begin with a word, one after the other."""
    return [np.array(grid.answers) for grid in grids if grid.label.startswith(name)]


def layer_of(made, g):
    """The input and the kernels as the reader sees them, from the tables of an exercise."""
    x = np.array(array_of(made.given, "input") or [np.zeros(g.input_shape)]).reshape(g.input_shape)
    w = np.array(array_of(made.given, "kernel") or [np.zeros(g.kernel_shape)]).reshape(g.kernel_shape)
    return x, w


def convolve(g, x, w):
    return sc.loop_formula(x, w, stride=g.stride, padding=g.padding, dilation=g.dilation, groups=g.groups)


def answers(made):
    return np.concatenate([grid.answers.ravel() for grid in made.asked])


def test_the_first_lines_that_an_author_types():
    html = render(read_block("exercise: output\ninput: 4x4\nkernel: 2x2"))
    assert html.count("<input ") == 8
    assert html.count("data-answer=") == 8
    assert '<details class="symconv-key"><summary>Answer key</summary>' in html
    assert "All 8 answers were read from what was proved" in html


@pytest.mark.parametrize("body", [SMALL, HARD, ROW], ids=["small", "hard", "row"])
@pytest.mark.parametrize("seed", ["1", "2", "class-b"])
def test_the_output_is_the_loop_formula_of_what_is_shown(body, seed):
    made = exercise("output", body, seed=seed, blanks="all")
    g = made.geometry
    assert answers(made).tolist() == convolve(g, *layer_of(made, g)).ravel().tolist()


@pytest.mark.parametrize("body", [SMALL, HARD, ROW], ids=["small", "hard", "row"])
def test_patches_times_weights_of_two_exercises_is_the_loop_formula(body):
    patches = exercise("patches", body, seed="5")
    weights = exercise("weights", body, seed="5")
    g = patches.geometry
    x, _ = layer_of(patches, g)
    _, w = layer_of(weights, g)
    (table,), (column,) = ((grid.answers for grid in made.asked) for made in (patches, weights))
    maps = (table @ column).T.reshape(g.output_shape)
    assert maps.tolist() == convolve(g, x, w).tolist()


@pytest.mark.parametrize("body", [SMALL, HARD, ROW], ids=["small", "hard", "row"])
@pytest.mark.parametrize("seed", range(6))
def test_the_products_of_a_sum_come_to_the_output_cell(body, seed):
    made = exercise("sum", body, seed=seed)
    (grid,) = made.asked
    weight, cell, result = grid.answers[:-1].T
    assert (weight * cell == result).all()
    place = tuple(map(int, re.search(r"y\[([\d,]+)\]", made.question)[1].split(",")))
    output = convolve(made.geometry, *layer_of(made, made.geometry))[0]
    assert grid.answers[-1, 2] == sum(result) == (output if len(place) == output.ndim else output[0])[place]


@pytest.mark.parametrize("seed", range(5))
def test_sizes_are_counted(seed):
    made = exercise("output_size", HARD, seed=seed, layers=4)
    assert len(made.subject.every) == 4
    for g, row in zip(made.subject.every, made.asked[0].answers.T, strict=True):
        x, w = np.ones((1, *g.input_shape[1:]), int), np.ones(g.kernel_shape, int)
        assert convolve(g, x, w).shape[2:] == tuple(row[-2:])
    counted = exercise("counts", HARD, seed=seed)
    for g, row in zip(counted.subject.every, counted.asked[0].answers.T, strict=True):
        ones = convolve(g, np.ones(g.input_shape, int), np.ones(g.kernel_shape, int))
        own = prod(g.kernel_shape[1:])
        assert row[-5:].tolist() == [
            ones[0, 0].size, own * g.groups, own * len(ones[0]), len(ones[0]), own * ones.size
        ]  # fmt: skip


def test_same_in_its_dialects():
    made = exercise("same", "input: 7x8\nkernel: 4x3\nstride: [3, 2]")
    (grid,) = made.asked
    assert grid.rows == ("TensorFlow, SAME", "ONNX, SAME_UPPER", "ONNX, SAME_LOWER")
    assert grid.answers.tolist() == [[1, 2, 0, 1], [1, 2, 0, 1], [2, 1, 1, 0]]
    assert "refuses a stride" in made.question
    (unit,) = exercise("same", "input: 7x8\nkernel: 4x3").asked
    assert unit.rows[0] == "torch, same"
    assert unit.answers[0].tolist() == [1, 2, 1, 1]


@pytest.mark.parametrize("kind", sorted(OF_SIZES | {"same"}))
def test_without_sizes_they_are_drawn(kind):
    one, other = (exercise(kind, "", seed=seed) for seed in (1, 2))
    assert one.blanks
    assert answers(one).tolist() != answers(other).tolist()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_seed_draws_the_same_and_another_one_another(kind):
    body = KIND_BODIES.get(kind, HARD)
    one, same, other = (render(read_block(f"exercise: {kind}\n{body}\nseed: {s}")) for s in ("7", "7", "8"))
    assert one == same
    assert one != other


KIND_BODIES = {
    "same": "",
    "toeplitz": "input: 3x4\nkernel: 2x2\nchannels: 2\nkernels: 2",
    "transposed": "input: 2x3\nkernel: 2x2\nstride: 2",
    "winograd": "",
    "fourier": "",
}


def test_a_seed_draws_the_same_in_every_year():
    made = exercise("output", "input: 3x3\nkernel: 2x2", seed="2026")
    x, w = layer_of(made, made.geometry)
    assert (x.ravel().tolist(), w.ravel().tolist()) == DRAWN_IN_2026


DRAWN_IN_2026 = ([3, 7, 1, 1, 1, 9, 2, 4, 1], [-1, 3, -3, 3])


def test_the_convolution_matrix_times_any_input_is_the_loop_formula():
    for body, seed in product((SMALL, GROUPED, ROW), "12"):
        made = exercise("toeplitz", body, seed=seed)
        g = made.geometry
        _, w = layer_of(made, g)
        x = np.arange(prod(g.input_shape)).reshape(g.input_shape) ** 2
        assert (made.asked[0].answers @ x.ravel()).tolist() == convolve(g, x, w).ravel().tolist()


@pytest.mark.parametrize("kind", ["weight_gradient", "input_gradient"])
@pytest.mark.parametrize("seed", "123")
@pytest.mark.parametrize("body", [SMALL, HARD, ROW], ids=["small", "hard", "row"])
def test_a_gradient_is_how_the_loss_changes(kind, seed, body):
    made = exercise(kind, body, seed=seed)
    g = made.geometry
    x, w = layer_of(made, g)
    dy = np.array(array_of(made.given, "dy")).reshape(g.output_shape)
    step = np.arange(answers(made).size) ** 2 - 5
    before, after = (
        (dy * convolve(g, x + a, w + b)).sum()
        for a, b in (
            (0, 0),
            (0, step.reshape(w.shape)) if kind == "weight_gradient" else (step.reshape(x.shape), 0),
        )
    )
    assert after - before == (answers(made) * step).sum()


def test_a_gradient_of_ones_that_the_author_wrote():
    made = exercise("weight_gradient", "input: [1, 2, 3]\nkernel: [10, 20]\ndy: [1, 1]")
    assert answers(made).tolist() == [3, 5]
    made = exercise("input_gradient", "input: [1, 2, 3]\nkernel: [10, 20]\ndy: [1, 1]")
    assert answers(made).tolist() == [10, 30, 20]


GROUPED = (
    "input: 3x3\nkernel: 2x2\nchannels: 2\nkernels: 4\ngroups: 2\nstride: [2, 1]\n"
    "padding: [[1, 0], [0, 1]]\ndilation: [1, 2]"
)
STAMPS = (
    "input: 2x3\nkernel: 3x2\nstride: [2, 3]\npadding: [[1, 0], [0, 1]]\noutput_padding: [1, 0]\n"
    "dilation: [1, 2]"
)


@pytest.mark.parametrize("body", ["input: 2x2\nkernel: 2x2", STAMPS, "input: 4\nkernel: 3\nstride: 2"])
@pytest.mark.parametrize("seed", "12")
def test_stamps_are_the_adjoint_of_a_convolution(body, seed):
    made = exercise("transposed", body, seed=seed)
    y, w = (grid.answers for grid in made.given)
    z = made.asked[0].answers
    g = made.subject.geometry
    y, w, z = (
        a.reshape(shape) for a, shape in ((y, g.output_shape), (w, g.kernel_shape), (z, g.input_shape))
    )
    x = np.arange(z.size).reshape(z.shape) ** 2
    assert (z * x).sum() == (y * convolve(g, x, w)).sum()


@pytest.mark.parametrize("body", ["", "outputs: 4\ntaps: 3", "outputs: 3\ntaps: 2\npoints: [0, 2, 1/2]"])
@pytest.mark.parametrize("seed", "12")
def test_a_tile_comes_to_the_outputs(body, seed):
    made = exercise("winograd", body, seed=seed)
    x, w = (grid.answers[0] for grid in made.given[:2])
    outputs = made.asked[-1].answers[0].tolist()
    assert outputs == [
        sum(int(a) * int(b) for a, b in zip(x[i:], w, strict=False)) for i in range(len(outputs))
    ]
    assert made.asked[2].answers.tolist() == (made.asked[0].answers * made.asked[1].answers).tolist()


@pytest.mark.parametrize("n", [1, 2, 4])
@pytest.mark.parametrize("seed", "12")
def test_a_circle_comes_to_the_circular_convolution(n, seed):
    made = exercise("fourier", f"length: {n}", seed=seed)
    x, w = (grid.answers[0] for grid in made.given[:2])
    spectrum, kernel, products, y = (grid.answers[0] for grid in made.asked)
    assert y.tolist() == [sum(w[t] * x[(i + t) % n] for t in range(n)) for i in range(n)]
    assert np.array(spectrum, complex).round(9).tolist() == np.fft.fft(x).round(9).tolist()
    assert np.array(kernel, complex).round(9).tolist() == np.fft.fft(w).conj().round(9).tolist()
    assert all(sympy.expand(a * b) == p for a, b, p in zip(spectrum, kernel, products, strict=True))


ORDERS = {  # of taps, of positions, and whether a patch is a column
    "torch": ("ckK", "noO", True),
    "tensorflow": ("kKc", "noO", False),
    "jax": ("ckK", "noO", True),
    "cs231n": ("ckK", "oOn", True),
    "deep-learning-from-scratch": ("ckK", "noO", False),
    "matlab": ("cKk", "nOo", True),
    "onnx": ("ckK", "noO", True),
}


@pytest.mark.parametrize("name", ORDERS)
def test_a_layout_is_walked_in_its_order(name):
    made = exercise("layout", f"input: 3x4\nkernel: 2x3\nchannels: 2\nstride: [1, 1]\nlayout: {name}")
    x, _ = layer_of(made, made.geometry)
    taps, positions, upright = ORDERS[name]
    sizes = {"n": 1, "o": 2, "O": 2, "c": 2, "k": 2, "K": 3}
    table = []
    for place in product(*(range(sizes[a]) for a in positions)):
        at = dict(zip(positions, place, strict=True))
        row = []
        for tap in product(*(range(sizes[a]) for a in taps)):
            of = dict(zip(taps, tap, strict=True))
            row.append(x[0, of["c"], at["o"] + of["k"], at["O"] + of["K"]])
        table.append(row)
    shown = made.asked[0].answers
    assert (shown.T if upright else shown).tolist() == table


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(OF_A_LAYER | OF_SIZES | {"weight_gradient", "input_gradient", "layout"})),
    st.integers(0, 10**6),
    st.data(),
)
def test_the_key_is_always_right(kind, seed, data):
    rank = data.draw(st.integers(1, 2))
    groups = data.draw(st.integers(1, 2))
    kernel = [data.draw(st.integers(1, 3)) for _ in range(rank)]
    dilation = [data.draw(st.integers(1, 2)) for _ in range(rank)]
    size = [d * (k - 1) + 1 + data.draw(st.integers(0, 3)) for k, d in zip(kernel, dilation, strict=True)]
    pads = [[data.draw(st.integers(0, 2)) for _ in range(2)] for _ in range(rank)]
    stride = [data.draw(st.integers(1, 3)) for _ in range(rank)]
    filters, channels = (groups * data.draw(st.integers(1, 2)) for _ in range(2))
    body = (
        f"input: {'x'.join(map(str, size))}\nkernel: {'x'.join(map(str, kernel))}\nstride: {stride}\n"
        f"padding: {pads}\ndilation: {dilation}\ngroups: {groups}\nkernels: {filters}\nchannels: {channels}"
    )
    made = exercise(kind, body, seed=seed, blanks=data.draw(st.sampled_from(["1", "5", "40"])))
    assert made.prove()
    assert made.blanks >= 1
    g = made.geometry
    x, w = layer_of(made, g)
    if kind == "output":
        assert answers(made).tolist() == convolve(g, x, w).ravel().tolist()
    elif kind == "patches":
        ones = np.ones(g.kernel_shape, int)  # of each group the sum of its own part of a row
        parts = made.asked[0].answers.reshape(-1, groups, len(made.asked[0].answers[0]) // groups)
        sums = convolve(g, x, ones).reshape(filters, -1).T
        assert sums.tolist() == np.repeat(parts.sum(axis=2), filters // groups, axis=1).tolist()
    elif kind == "weights":
        every = convolve(g, np.ones(g.input_shape, int), w) if not np.any(pads) else None
        if every is not None:
            assert made.asked[0].answers.sum(axis=0).tolist() == every.reshape(filters, -1)[:, 0].tolist()


@pytest.mark.parametrize("kind", sorted(OF_A_LAYER | {"weight_gradient", "input_gradient"}))
@pytest.mark.parametrize("part", ["patch_map", "weight_map"])
def test_a_wrong_plan_gives_no_key(monkeypatch, kind, part):
    import symconv.index_map as plan

    right = getattr(plan, part)
    monkeypatch.setattr(plan, part, lambda g: np.roll(right(g), 1, axis=0))
    with pytest.raises(sc.BlockError, match=r"by the definition|could not be proved"):
        render(read_block(f"exercise: {kind}\n{HARD}\nblanks: all"))


ROOM = "symconv.lesson.exercises"
SECOND_WAY = {  # what each kind finds its answers with a second time
    **dict.fromkeys(("patches", "sum", "layout", "output_size", "counts"), f"{ROOM}.recomputed.axis_windows"),
    **dict.fromkeys(("output", "toeplitz", "weight_gradient"), f"{ROOM}.recomputed.loop_formula"),
    "input_gradient": f"{ROOM}.recomputed.loop_formula",
    "weights": f"{ROOM}.recomputed.weights",
    "same": f"{ROOM}.sizes.axis_padding",
    "transposed": f"{ROOM}.linear.scatter_formula",
    "winograd": f"{ROOM}.fast.loop_formula",
    "fourier": f"{ROOM}.fast.loop_formula",
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_answer_is_found_a_second_time(monkeypatch, kind):
    place = SECOND_WAY[kind]
    module, _, name = place.rpartition(".")
    right = resolve_name(f"{module}:{name}")

    def wrong(*given, **hyper):
        found = right(*given, **hyper)
        if name == "axis_windows":
            return found[1:] if kind in OF_SIZES else found[::-1]
        return (found[0] + 1, found[1]) if name == "axis_padding" else np.asarray(found) + 1

    monkeypatch.setattr(place, wrong)
    body = "" if kind in ("winograd", "fourier") else "input: 3x4\nkernel: 2x2"
    blocks = read_block(f"exercise: {kind}\n{body}\nblanks: all")
    with pytest.raises(sc.BlockError, match="by the definition, so the exercise is not shown"):
        render(blocks)


def test_an_answer_that_the_definition_does_not_give_is_refused():
    (block,) = read_block(f"exercise: output\n{SMALL}")
    grid = block.exercise.asked[0]
    row, column = np.argwhere(grid.blank)[0]
    grid.again[row, column] += 1
    with pytest.raises(sc.BlockError, match="is not shown: please report it"):
        render([block])


def test_blanks_are_as_many_as_asked_for():
    for wanted, found in (("1", 1), ("5", 5), ("all", 9), ("50", 9)):
        assert exercise("output", SMALL, blanks=wanted).blanks == found


def test_letters():
    made = exercise("patches", SMALL, entries="letters", start=1)
    assert {str(v) for v in made.given[0].answers.ravel()} >= {"x_{1,1}", "x_{4,5}"}
    (grid,) = exercise("sum", SMALL, entries="letters").asked
    assert grid.answers.shape == (6, 2)
    assert grid.columns == ("weight", "input cell")


ONE_TWO = sympy.Symbol("x_{1,2}")


@pytest.mark.parametrize(
    ("answer", "among", "ways"),
    [
        (3, [], ("3",)),
        (np.int64(-3), [], ("-3",)),
        (sympy.Rational(-1, 2), [], ("-1/2",)),
        (2 - sympy.I, [], ("2-i",)),
        (-3 * sympy.I, [], ("-3i",)),
        (ONE_TWO, [ONE_TWO], ("x1,2", "x12")),
        (ONE_TWO, [ONE_TWO, sympy.Symbol("x_{12}")], ("x1,2",)),
        (sympy.Symbol("a"), [ONE_TWO], ("a",)),
        (sympy.Symbol("x_{12}"), [sympy.Symbol("x_{12}")], ("x12",)),
    ],
)
def test_ways_to_write_an_answer(answer, among, ways):
    assert accepted(answer, among) == ways


def test_a_sheet_has_no_answers_in_it():
    html = render(read_block(f"exercise: output\n{SMALL}\nkey: none"))
    assert "data-answer" not in html
    assert "<details" not in html
    assert "<button" not in html
    assert html.count("<input ") == 8
    opened = render(read_block(f"exercise: output\n{SMALL}\nkey: open"))
    assert '<details class="symconv-key" open>' in opened


def test_the_reader_chooses_and_each_variant_is_an_exercise():
    blocks = read_block("exercise: output\nkernel: 2x2\nchoose: {input: [3x3, 4x4]}")
    html = render(blocks)
    assert html.count('class="symconv-exercise"') == 2


def test_text_of_an_author_is_no_html():
    html = render(read_block(f"exercise: output\n{SMALL}\ncaption: '<b>Try</b>'\nseed: '<i>'"))
    assert "&lt;b&gt;Try&lt;/b&gt;" in html
    assert "<i>" not in html


EVERY = "is no key of a symconv block: use any of exercise, seed, blanks, key, choose, caption, input, kernel"
REFUSED = [
    ("unknown", "exercise: patch", "exercise='patch' is unknown: did you mean patches?"),
    ("no-kind", "exercise: []", "exercise=[] is unknown: use any of " + ", ".join(KINDS)),
    (
        "no-input",
        "exercise: output\nkernel: 2x2",
        "input is missing: write “input: 3x3” for letters, or its rows of numbers",
    ),
    (
        "letters",
        "exercise: output\ninput: [[a, b], [c, d]]\nkernel: 1x1",
        "exercise has letters where it needs numbers: write numbers, or a size to draw them",
    ),
    (
        "entries",
        f"exercise: sum\n{SMALL}\nentries: words",
        "entries='words' is unknown: write numbers or letters",
    ),
    (
        "no-entries",
        f"exercise: output\n{SMALL}\nentries: letters",
        "'entries' is no key of a symconv block: did you mean stride?",
    ),
    (
        "show",
        f"exercise: output\n{SMALL}\nshow: [sum]",
        f"'show' {EVERY}, kernels, channels, stride, padding, dilation, groups, start",
    ),
    (
        "blanks",
        f"exercise: output\n{SMALL}\nblanks: 0",
        "blanks=0 is no number of blanks: write 1 to 100, or all",
    ),
    (
        "blanks-text",
        f"exercise: output\n{SMALL}\nblanks: many",
        "blanks='many' is not a whole number: write one such as 1",
    ),
    (
        "seed",
        f"exercise: output\n{SMALL}\nseed: [1, 2]",
        "seed is not a line of text: write a number or a word, such as 7 or class-b",
    ),
    ("key", f"exercise: output\n{SMALL}\nkey: 'yes'", "key='yes' is unknown: write folded, open or none"),
    ("start", f"exercise: output\n{SMALL}\nstart: 2", "start=2 is not a way to count here: write 0 or 1"),
    (
        "too-large",
        "exercise: patches\ninput: 20x20\nkernel: 3x3",
        "exercise makes a table of 2,916 cells, and a page shows at most 400: write smaller sizes",
    ),
    ("layers", "exercise: counts\nlayers: 9", "layers=9 is no number of layers here: write 1 to 8"),
    (
        "cell",
        f"exercise: sum\n{SMALL}\ncell: [9, 9]",
        "cell=[9, 9] is not a cell of the output: give an index from (0, 0) to (2, 2)",
    ),
    ("same-padding", "exercise: same\npadding: 1", f"'padding' {EVERY}, stride, dilation, layers"),
    (
        "no-kernel",
        "exercise: counts\ninput: 4x4",
        "kernel is missing or no size: write “kernel: 3x3” for a layer whose cost is counted",
    ),
]


@pytest.mark.parametrize(("text", "message"), [pytest.param(*row, id=name) for name, *row in REFUSED])
def test_refusals(text, message):
    with pytest.raises(sc.BlockError) as caught:
        read_block(text)
    assert str(caught.value) == message


def test_every_blank_has_a_name_of_its_own():
    for kind, body in product(sorted(OF_A_LAYER), (SMALL, HARD)):
        html = render(read_block(f"exercise: {kind}\n{body}\nblanks: all"))
        names = re.findall(r'<input [^>]*aria-label="([^"]*)"', html)
        assert len(names) == len(set(names)) > 0

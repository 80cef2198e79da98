"""The figure computes in the browser what Python computes: maps, sums, texts, tables and refusals."""

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import symconv as sc
from symconv.errors import BlockError, GeometryError
from symconv.index_map import index_map
from symconv.lesson import interactive
from symconv.lesson.block import read_block
from symconv.parts import cell_sum
from tests.site.figure_script import data_of, engine

MANY = 1_000


@pytest.fixture(scope="module")
def script():
    racer = engine()
    yield racer
    racer.close()


@pytest.fixture(scope="module")
def ask(script):
    """Ask the script something of a block: of its state, or of one that the reader changed."""

    def asked(name, block, *rest, changed=None):
        return json.loads(script.call("asked", name, data_of(block), changed or {}, *rest))

    return asked


def random_layer(numbers, most_products=400):
    """The keys of a block of one or two axes, its hyper-parameters as different as they get."""
    while True:
        rank = int(numbers.choice([1, 2, 2, 2]))
        size = numbers.integers(1, 7, rank)
        kernel, stride, dilation = (numbers.integers(1, 4, rank) for _ in range(3))
        pads = numbers.integers(0, 3, (rank, 2))
        if (size + pads.sum(axis=1) < dilation * (kernel - 1) + 1).any():
            continue
        groups = int(numbers.choice([1, 1, 2, 3]))
        g = sc.Geometry(
            size.tolist(),
            kernel.tolist(),
            groups * int(numbers.integers(1, 3)),
            groups * int(numbers.integers(1, 3)),
            stride=stride.tolist(),
            padding=pads.tolist(),
            dilation=dilation.tolist(),
            groups=groups,
        )
        if g.products <= most_products and interactive.drawn_cells(g) <= interactive.MOST_CELLS:
            return g


def keys_of(g):
    listed = {name: [list(v) if isinstance(v, tuple) else v for v in getattr(g, name)]
              for name in ("stride", "padding", "dilation")}  # fmt: skip
    sizes = {"input": "x".join(map(str, g.input_size)), "kernel": "x".join(map(str, g.kernel_size))}
    return {**sizes, "channels": g.in_channels, "kernels": g.out_channels, "groups": g.groups, **listed}


def nested(values, shape):
    return np.array(values, dtype=object).reshape(shape).tolist()


def written(numbers, shape):
    """Numbers as an author writes them: whole, with a sign, fractions and decimals."""
    kinds = ["3", "-2", "0", "1/2", "-2/3", "0.5", "-0.25", "1.10", "7", "12", "2/4"]
    return str(nested([str(numbers.choice(kinds)) for _ in range(int(np.prod(shape)))], shape)).replace(
        "'", ""
    )


def random_block(numbers, most_products=400):
    """A block of letters or of numbers, counted from 0 or from 1."""
    g = random_layer(numbers, most_products)
    keys = keys_of(g)
    keys["start"] = int(numbers.integers(0, 2))
    if g.in_channels == 1:
        del keys["channels"]
    drawn = g.rank == 2 or g.in_channels == 1
    if drawn and numbers.integers(2):
        keys.pop("channels", None)
        keys["input"] = written(numbers, g.input_size if g.in_channels == 1 else g.input_shape[1:])
        del keys["kernel"]
        keys["kernels"] = written(numbers, g.kernel_shape)
        if numbers.integers(6) == 0:
            keys["input"] = re.sub(r"-?[\d./]+", "a", keys["input"], count=1)
    (block,) = read_block("\n".join(f"{k}: {v}" for k, v in keys.items()) + "\nshow: [figure]")
    assert (block.layer.geometry.kernel_size, block.layer.geometry.padding) == (g.kernel_size, g.padding)
    return block


def test_the_ten_lines_a_reader_sees(ask):
    (block,) = read_block(
        "input: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]\nkernel: [[9, 8], [7, 6]]\nshow: [figure]"
    )
    patches, weights, product = ask("entries", block)
    assert patches == [["1", "2", "4", "5"], ["2", "3", "5", "6"], ["4", "5", "7", "8"], ["5", "6", "8", "9"]]
    assert weights == [["9"], ["8"], ["7"], ["6"]]
    assert product == [["83"], ["113"], ["173"], ["203"]]
    assert ask("sum", block, 0, 0) == r"9 \cdot 1 + 8 \cdot 2 + 7 \cdot 4 + 6 \cdot 5 = 83"
    said = re.sub("<[^>]*>", "", ask("say", block, {"r": 0, "f": 0}))
    assert said == "y0,0 = 9 · 1 + 8 · 2 + 7 · 4 + 6 · 5 = 83"


def test_the_index_maps_of_a_thousand_geometries(ask):
    numbers = np.random.default_rng(7)
    for _ in range(MANY):
        block = random_block(numbers)
        g, plan = block.layer.geometry, block.layer.matrices.plan
        patch, weight, reads, output, cells, weights = ask("maps", block)
        assert patch == plan.patch.tolist()
        assert weight == plan.weight.tolist()
        assert reads == index_map(g.padded()).patch.tolist()
        assert tuple(output) == g.output_size
        assert (cells, weights) == (plan.input_cells, plan.kernel_cells)


def test_the_entries_the_sums_the_latex_and_the_tables(ask):
    numbers = np.random.default_rng(11)
    seen = set()
    for _ in range(250):
        block = random_block(numbers)
        layer = block.layer.matrices
        patches, weights, product = ask("entries", block)
        named = [list(map(str, row)) for row in layer.patches]
        assert patches == named
        assert weights == [list(map(str, row)) for row in layer.weights]
        if not layer.is_symbolic:
            assert product == [list(map(str, row)) for row in layer.product]
        assert ask("product", block) == block.layer.latex("product")
        rows, filters = len(patches), layer.geometry.out_channels
        r, f = int(numbers.integers(rows)), int(numbers.integers(filters))
        place = (0, f, *np.unravel_index(r, layer.geometry.output_size))[layer.hidden_axes :]
        cell = [int(i) + block.start for i in place]
        assert ask("sum", block, r, f) == block.layer.latex("sum", cell=cell)
        assert ask("html", block) == interactive.tables(layer)
        seen.add(
            (layer.is_symbolic, layer.geometry.rank, filters > 1, layer.geometry.groups > 1, block.start)
        )
    assert len(seen) > 20


def test_long_sums_and_large_matrices_are_shortened_alike(ask):
    for text in (
        "input: 12x12\nkernel: 3x3",
        "input: 10x12\nkernel: 5x6\nchannels: 2\nstride: 5",
        "input: 8x8\nkernel: 7x8\nchannels: 3\nkernels: 2",
        "input: 60\nkernel: 1\nkernels: 14",
        "input: 40\nkernel: 30",
        "input: [[1, 1/2, 3, 4]]\nkernel: [[1, 2]]",
    ):
        (block,) = read_block(f"{text}\nshow: [figure]")
        assert ask("product", block) == block.layer.latex("product")
        assert ask("sum", block, 0, 0) == block.layer.latex("sum")


def test_a_sum_says_the_products_of_python(ask):
    numbers = np.random.default_rng(3)
    for _ in range(60):
        block = random_block(numbers, 150)
        layer = block.layer.matrices
        r = int(numbers.integers(len(layer.patches)))
        f = int(numbers.integers(layer.geometry.out_channels))
        place = tuple(map(int, (0, f, *np.unravel_index(r, layer.geometry.output_size))))
        taken = cell_sum(layer, place[layer.hidden_axes :])
        said = re.findall(r'fig-w">(.*?)</span>.*?fig-x">(.*?)</span>', ask("say", block, {"r": r, "f": f}))
        wanted = [
            (sc.show.figure.entry(w), sc.show.figure.entry(x))
            for w, x in zip(taken.weights, taken.cells, strict=True)
        ]
        assert [(w.strip("()"), x.strip("()")) for w, x in said] == wanted


def test_what_belongs_together_are_the_products_of_the_loop_formula(ask):
    numbers = np.random.default_rng(5)
    for _ in range(60):
        block = random_block(numbers, 150)
        g, plan = block.layer.geometry, block.layer.matrices.plan
        padded = index_map(g.padded()).patch
        every = {
            (r, q, f)
            for q, f in np.argwhere(plan.weight != plan.kernel_cells).tolist()
            for r in range(len(plan.patch))
        }
        assert len(every) == g.products
        r, q, f = (int(numbers.integers(n)) for n in (len(plan.patch), *plan.weight.shape))
        p = int(padded[r, q])
        for pick, wanted in (
            ({"r": r, "f": f}, {e for e in every if e[0] == r and e[2] == f}),
            ({"r": r, "q": q, "f": f}, {(r, q, f)} & every),
            ({"q": q}, {e for e in every if e[1] == q}),
            ({"q": q, "f": f}, {e for e in every if e[1:] == (q, f)}),
            ({"f": f}, {e for e in every if e[2] == f}),
            ({"p": p}, {e for e in every if padded[e[0], e[1]] == p}),
        ):
            found = ask("products", block, pick)
            assert {tuple(one) for one, _ in found} == wanted
            for (r_, q_, f_), places in found:
                where = {part: (table, cell) for part, table, cell in places}
                taps = int(np.prod(g.kernel_size))
                size = int(np.prod([n + sum(pad) for n, pad in zip(g.input_size, g.padding, strict=True)]))
                assert where["input"] == divmod(int(padded[r_, q_]), size)
                assert where["kernel"] == divmod(int(plan.weight[q_, f_]), taps)
                assert where["output"] == (f_, r_)
                assert where["P"][1] == r_ * plan.patch.shape[1] + q_
                assert where["W"][1] == q_ * g.out_channels + f_
                assert where["Y"][1] == r_ * g.out_channels + f_


def refused(**words):
    try:
        g = sc.Geometry(**words)
    except GeometryError as error:
        return str(error), None
    return "", g


def test_impossible_settings_are_refused_in_the_words_of_python(script):
    numbers = np.random.default_rng(13)
    counted = {"refused": 0, "fine": 0}
    for _ in range(2 * MANY):
        rank = int(numbers.integers(1, 3))
        low = -1 if numbers.integers(4) == 0 else 1
        size = numbers.integers(low, 9, rank).tolist()
        kernel, stride, dilation = (numbers.integers(low, 4, rank).tolist() for _ in range(3))
        pads = numbers.integers(min(low, 0), 3, (rank, 2)).tolist()
        channels, kernels, groups = (int(numbers.integers(low, 5)) for _ in range(3))
        if numbers.integers(2):
            channels, kernels = channels * groups, kernels * groups
        words = {"in_channels": channels, "out_channels": kernels, "groups": groups,
                 "stride": stride, "dilation": dilation, "padding": pads}  # fmt: skip
        state = {"input": size, "kernel": kernel, "channels": channels, "kernels": kernels, "groups": groups,
                 "stride": stride, "dilation": dilation, "padding": pads}  # fmt: skip
        sentence, g = refused(input_size=size, kernel_size=kernel, **words)
        assert script.call("symconvPlan.refusal", state) == sentence
        counted["refused" if sentence else "fine"] += 1
        if g:
            assert tuple(script.call("symconvPlan.outputSize", state)) == g.output_size
            assert script.call("symconvPlan.drawn", state) == interactive.drawn_cells(g)
    assert min(counted.values()) > 200


@pytest.mark.parametrize("value", [1.5, "", 0, -3])
@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("input", "input_size"),
        ("kernel", "kernel_size"),
        ("stride", "stride"),
        ("dilation", "dilation"),
        ("channels", "in_channels"),
        ("kernels", "out_channels"),
        ("groups", "groups"),
        ("padding", "padding"),
    ],
)
def test_what_is_no_size_is_refused(script, key, name, value):
    state = {"input": [5], "kernel": [2], "channels": 1, "kernels": 1, "groups": 1,
             "stride": [1], "dilation": [1], "padding": [[0, 0]]}  # fmt: skip
    state[key] = [[value, 0]] if key == "padding" else [value] if isinstance(state[key], list) else value
    said = script.call("symconvPlan.refusal", state)
    if value == "":
        assert said == f"{name} is empty: give an int of at least {int(key != 'padding')}"
        return
    words = {"input_size": [5], "kernel_size": [2], name: state[key]}
    sentence, _ = refused(**words)
    assert said == sentence


def test_too_large_layers_are_refused_in_the_words_of_the_block(script):
    for g in (
        sc.Geometry((224, 224), 7, 3, 64, stride=2, padding=3),
        sc.Geometry((20, 20), 5, 2),
        sc.Geometry(3000, 3),
        sc.Geometry((12, 12), 3, 4, 4, groups=4),
        sc.Geometry((4, 4), 2),
    ):
        state = {"input": g.input_size, "kernel": g.kernel_size, "channels": g.in_channels,
                 "kernels": g.out_channels, "groups": g.groups, "stride": g.stride,
                 "dilation": g.dilation, "padding": g.padding}  # fmt: skip
        try:
            sentence = interactive.refuse_if_too_large(g) or ""
        except BlockError as error:
            sentence = str(error)
        assert script.call("symconvPlan.tooLarge", state) == sentence
    assert script.eval("symconvPlan.MOST_CELLS") == interactive.MOST_CELLS


def test_the_python_that_is_copied_makes_the_same_layer(ask):
    numbers = np.random.default_rng(17)
    for _ in range(60):
        block = random_block(numbers, 100)
        names = {}
        *lines, matrices, proof = ask("repl", block).splitlines()
        exec("\n".join(lines), names)  # noqa: S102 (what the reader would run)
        u, layer = names["u"], block.layer
        assert eval(proof, names)  # noqa: S307
        assert matrices == "u.patch_matrix, u.weight_matrix, u.output"
        assert u.geometry == layer.geometry
        assert (np.array(u.patch_matrix) == np.array(layer.patch_matrix)).all()
        assert (np.array(u.weight_matrix) == np.array(layer.weight_matrix)).all()
        assert u.latex("sum") == layer.latex("sum")


def test_changed_sizes_keep_the_cells_that_are_still_there(ask):
    (block,) = read_block("input: [[1, 1/2, a], [4, 5, 6]]\nkernel: [[-9, 0.5]]\nshow: [figure]")
    patches, weights, _ = ask("entries", block, changed={"input": "3x4"})
    assert weights == [["-9"], ["0.5"]]
    assert [row[0] for row in patches] == ["1", "1/2", "a", "4", "5", "6", "9", "10", "11"]
    patches, weights, _ = ask("entries", block, changed={"input": "1x2", "kernels": "2"})
    assert (patches, weights) == ([["1", "1/2"]], [["-9", "7"], ["0.5", "6"]])
    letters = ask("entries", block, changed={"entries": "letters"})
    assert letters[0][0] == ["x_{0,0}", "x_{0,1}"]
    (block,) = read_block("input: 3\nkernel: 2\nshow: [figure]")
    assert ask("entries", block, changed={"entries": "numbers"}) == [
        [["1", "2"], ["2", "3"]],
        [["9"], ["8"]],
        [["25"], ["42"]],
    ]


def test_a_changed_figure_is_the_figure_of_that_size(ask):
    (small,) = read_block("input: 3x3\nkernel: 2x2\nshow: [figure]")
    (large,) = read_block(
        "input: 12x4\nkernel: 3x2\nchannels: 2\nkernels: 2\ngroups: 2\npadding: [[1, 0], [0, 2]]\n"
        "stride: [2, 1]\nshow: [figure]"
    )
    changed = {k: v for k, v in data_of(large).items() if k != "hidden"}
    assert (
        ask("html", small, changed=changed) == ask("html", large) == interactive.tables(large.layer.matrices)
    )


def test_the_svg_is_well_formed_and_has_every_cell(ask):
    numbers = np.random.default_rng(19)
    for _ in range(40):
        block = random_block(numbers, 150)
        root = ET.fromstring(ask("svg", block))  # noqa: S314 (our own)
        space = "{http://www.w3.org/2000/svg}"
        rects = root.findall(f"{space}rect")
        g = block.layer.geometry
        assert len(rects) - 1 == interactive.drawn_cells(g)
        assert sum(r.get("fill-opacity") is not None for r in rects) == g.in_channels + 2
        width, height = float(root.get("width")), float(root.get("height"))
        assert all(float(r.get("x", 0)) + float(r.get("width")) <= width for r in rects)
        assert all(float(r.get("y", 0)) + float(r.get("height")) <= height for r in rects)


def test_numbers_are_exact_and_print_as_python_prints_them(script):
    cases = [
        "3",
        "-2",
        "1/2",
        "-2/4",
        "0.50",
        "-0.125",
        "1.10",
        ".5",
        "+3",
        "-0.0",
        "1e2",
        "2.5e-1",
        "0/3",
        "10",
        "3.",
    ]
    for text in cases:
        (block,) = read_block(f"input: [{text}]\nkernel: [1]\nshow: [figure]")
        (value,) = block.layer.input.tolist()
        assert json.loads(script.call("asked", "entries", data_of(block), {}))[0] == [[str(value)]]

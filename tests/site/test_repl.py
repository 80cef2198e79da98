"""Blocks as Python: what the folded script prints is what the block shows."""

import contextlib
import io
import re
from textwrap import dedent

import pytest

from symconv.lesson.block import read_block
from symconv.lesson.exercise_block import ExerciseBlock
from symconv.lesson.form_block import FormBlock
from symconv.lesson.form_figure import form_parts
from symconv.lesson.form_parts.catalogue import FORMS
from symconv.lesson.layer_block import LayerBlock
from symconv.lesson.layer_figure import layer_parts
from symconv.lesson.repl.block_script import block_script
from symconv.lesson.repl.form_script import SCRIPTS
from symconv.lesson.repl.script import Script, Shown, names_given
from symconv.lesson.theorem_block import TheoremBlock
from symconv.lesson.theorem_figure import theorem_parts
from tests.form_blocks import WRITTEN
from tests.site.conftest import ROOT

# What is drawn for the page, and has no call that prints the same LaTeX.
DRAWN = {("polyphase", "pieces"), ("polyphase", "sum"), ("sublattices", "pieces"), ("sublattices", "sum")}
DRAWN |= {("separable", "ratio")}


def blocks_of_pages():
    for page in sorted((ROOT / "docs").rglob("*.md")):
        text = page.read_text("utf-8")
        text = re.sub(r"^````.*?^````", "", text, flags=re.DOTALL | re.MULTILINE)
        for number, body in enumerate(
            re.findall(r"^```symconv\n(.*?)^```", text, re.DOTALL | re.MULTILINE), 1
        ):
            yield pytest.param(body, id=f"{page.stem}-{number}")


def blocks_of_forms():
    for name, written in WRITTEN.items():
        for number, (values, parts) in enumerate(written):
            for part in parts or FORMS[name].parts:
                yield pytest.param(f"form: {name}\n{values}\nshow: [{part}]", id=f"{name}-{number}-{part}")


LAYERS = {
    "one axis, counted from 1": """
        input: 5
        kernel: 2
        start: 1
        stride: 2
        show: [sum, dot, product, windows]""",
    "channels, groups, pairs": """
        input: 4x5
        kernel: 2x3
        channels: 4
        kernels: 4
        groups: 2
        stride: [2, 1]
        padding: [[1, 0], [0, 2]]
        dilation: [1, 2]
        show: [formula, output, patches, weights, product, fold, proof]""",
    "cells of a filter": """
        input: 4x4
        kernel: 2x2
        kernels: 2
        cells: [[1, 0, 1], [0, 1, 1], [1, 2, 2]]
        show: [sum, windows]""",
    "decimals and letters": """
        input: [[0.1, 1/2, a], [b1, -3, 0.25]]
        kernel: [[1, c_0], [2, 3]]
        show: [input, kernel, product]""",
    "decimals in an output": """
        input: [0.1, 0.2, 1/3]
        kernel: [0.5, 0.25]
        show: [product, output, sum]""",
    "same": """
        input: 5x6
        kernel: 3x2
        padding: same_upper
        stride: 2
        show: [patches, sizes, proof, windows]""",
    "padding of each axis": """
        input: 3x3
        kernel: 2x2
        padding: [1, 0]
        show: [product]""",
    "more numbers than fit on a line": """
        input: [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]]
        kernels: [[[[1, 2], [3, 4]]], [[[5, 6], [7, 8]]]]
        show: [product, windows]""",
    "more than unroll writes out": """
        input: 60x60
        kernel: 9x9
        show: [patches]""",
}


def printed(script):
    """What a script prints, run by itself."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(script, "<block>", "exec"), {})  # noqa: S102 (our own text)
    return out.getvalue()


def sources(block):
    kinds = {LayerBlock: layer_parts, TheoremBlock: theorem_parts, FormBlock: form_parts}
    return kinds[type(block)](block)[1]


def assert_shows_the_same(body):
    for block in read_block(dedent(body)):
        script = block_script(block)
        if script is None:  # an exercise, which hides what a call would show
            assert isinstance(block, ExerciseBlock)
            continue
        text = printed(script.text())
        assert text.strip()
        name = getattr(block, "name", "")
        if any((name, part) in DRAWN for part in block.show):
            continue
        place = 0
        for source in sources(block):
            found = text.find(source, place)
            assert found >= 0, (source, text)
            place = found + len(source)
        if "proof" in block.show:
            assert "Proved (tier: " in text


@pytest.mark.parametrize("body", list(blocks_of_pages()))
def test_the_script_of_every_block_of_the_docs_prints_its_latex(body):
    assert_shows_the_same(body)


@pytest.mark.parametrize("body", list(blocks_of_forms()))
def test_the_script_of_every_part_of_every_form_prints_its_latex(body):
    assert_shows_the_same(body)


@pytest.mark.parametrize("body", LAYERS.values(), ids=LAYERS)
def test_the_script_of_a_layer_says_all_that_the_block_says(body):
    assert_shows_the_same(body)


def test_a_script_is_what_one_would_type():
    (block,) = read_block(
        "input: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]\nkernel: [[9, 8], [7, 6]]\nshow: [sum, proof]"
    )
    assert block_script(block).text() == (
        "import symconv as sc\n\n"
        "u = sc.unroll([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[9, 8], [7, 6]])\n"
        'print(u.latex("sum"))\n'
        "print(u.prove())"
    )


def test_every_form_has_a_script():
    assert set(SCRIPTS) == set(FORMS)


def test_a_cell_leaves_the_names_of_the_page_alone():
    script = Script(
        ("u = sc.unroll(x, w, u=1)", "f = u.f"),
        (Shown("u.u, f.u, 'u'"), Shown("sc.latex(u, f=u)", mathematics=True, each="f in [u]")),
    )
    assert script.cell(taken={"u"}) == (
        "u_1 = sc.unroll(x, w, u=1)\nf = u_1.f\ndisplay(u_1.u, f.u, 'u')\n"
        "for f in [u_1]:\n    display(Math(sc.latex(u_1, f=u_1)))"
    )
    assert names_given(script.cell(taken={"u", "f", "u_1"})) == {"u_2", "f_1"}
    assert script.cell() == script.cell(taken={"x", "w", "sc"})


def test_the_script_of_a_transposed_convolution_of_several_channels_counts_the_same_layer():
    (block,) = read_block(
        "form: transposed\ninput: 9x7\nkernel: 4x3\nchannels: 4\nkernels: 6\ngroups: 2\nstride: 2\n"
        "padding: 1\noutput_padding: 1\nshow: [cost, proof]"
    )
    form = block.subject.form
    lines = printed(block_script(block).text()).splitlines()
    assert lines[:2] == [repr(form.cost), repr(form.stride_one_cost)]
    assert "Proved (tier: exact)" in "\n".join(lines)

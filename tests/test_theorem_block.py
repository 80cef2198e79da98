"""The author's block about a theorem: what it reads, what it shows, and every refusal, word for word."""

import re
from html import escape
from pathlib import Path

import pytest

import symconv as sc
from symconv.lesson.block import read_block
from symconv.lesson.render import render
from symconv.lesson.theorem_block import SHOWN
from symconv.proof.theorem import prove_theorem
from symconv.theorems.catalogue import CATALOGUE
from symconv.theorems.unrolling import im2col

FITTING = {
    "pointwise": "input: 3\nkernel: 1\nchannels: 2\nkernels: 2",
    "dense": "input: 3\nkernel: 3\nchannels: 2\nkernels: 2",
    "composition": "input: 5\nkernel: 2",
}


def shown(text):
    return render(read_block(text))


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_theorem_can_be_shown_whole(name):
    layer = FITTING.get(name, "input: 5\nkernel: 2\nstride: 2\npadding: [[1, 0]]")
    html = shown(
        f"theorem: {name}\naxes: 1\n{layer}\n"
        "show: [statement, assumptions, derivation, proof, twin, instance]"
    )
    theorem = sc.theorem(name, 1)
    assert f'<ol class="symconv-steps">{"<li>"}' in html
    assert html.count('<span class="symconv-rule">compare</span>') >= 1
    assert theorem.statement in html
    assert escape(theorem.variants[0].wrong) in html
    assert "tier: every size" in html
    assert "tier: exact" in html


def test_the_block_says_how_many_conditions_were_proved():
    proof = prove_theorem(im2col(2))
    assert f"each of its {proof.conditions} side conditions" in shown("theorem: im2col")


def test_a_long_equation_stands_on_two_lines_and_a_short_one_on_one():
    long, short = (sc.latex(sc.theorem(name), "statement") for name in ("groups", "im2col"))
    assert re.fullmatch(r"\\begin\{aligned\}\n& W\[.*\] \\\\\n& \\quad = .*\n\\end\{aligned\}", long)
    assert short.startswith("y[n, f, o_H, o_W] = Y[")


def test_side_conditions_are_folded_and_open_where_a_proof_breaks():
    folded, opened = "<details><summary>", "<details open><summary>"
    derivation = shown("theorem: im2col\nshow: [derivation]")
    assert derivation.count(folded) == 9  # all steps but the comparison
    assert opened not in derivation.replace("symconv-source", "")
    twin = shown("theorem: im2col\ntwin: 1")
    assert twin.count(opened) == 3
    assert folded not in twin


def test_the_twin_shows_where_the_proof_breaks_and_numbers_that_break_it():
    html = shown("theorem: im2col\ntwin: 1")
    failure = sc.prove(sc.theorem("im2col").variants[0]).failure
    assert f"its proof breaks at step {failure.number}." in html
    assert f"s_W = {failure.sizes['s_W']}" in html
    shown_steps = re.findall(r'<li value="(\d+)">', html)
    assert shown_steps == ["8", "9", str(failure.number)]  # what is left on the right, and on the left


def test_the_instance_has_numbers_for_the_sizes():
    html = shown("theorem: im2col\naxes: 1\ninput: 7\nkernel: 3\nstride: 2")
    assert r"K = 3" in html
    assert r"\sum_{q &lt; 3}" in html
    proof = sc.prove(sc.theorem("im2col", 1).instance(sc.Geometry(7, 3, stride=2)))
    assert f"{proof.compared} entries, {proof.terms} terms on each side" in html


def test_the_reader_chooses_the_size_of_an_instance():
    blocks = read_block("theorem: flip\naxes: 1\nchoose: {input: [4, 5], kernel: [2, 3]}")
    assert [b.choice for b in blocks] == [
        (("input", i), ("kernel", k)) for i in ("4", "5") for k in ("2", "3")
    ]
    assert render(blocks).count('class="symconv-variant"') == 4


def test_the_table_has_every_theorem():
    html = shown("theorem: all\naxes: 3")
    assert re.findall(r"<code>(.*?)</code>", html) == list(CATALOGUE)
    assert html.count("<td>every size</td>") == len(CATALOGUE)


def test_what_is_false_is_never_shown(monkeypatch):
    twin = sc.theorem("flip", 1).variants[0]
    false = twin.with_variants(twin)
    monkeypatch.setattr("symconv.lesson.theorem_block.theorem", lambda name, axes: false)
    with pytest.raises(sc.BlockError, match="could not be proved, so it is not shown"):
        shown("theorem: flip\naxes: 1\nshow: [statement]")


def test_a_false_twin_that_were_proved_is_never_shown(monkeypatch):
    true = sc.theorem("flip", 1)
    monkeypatch.setattr("symconv.lesson.theorem_block.theorem", lambda name, axes: true.with_variants(true))
    with pytest.raises(sc.BlockError, match="the false twin was proved"):
        shown("theorem: flip\naxes: 1\nshow: [twin]")


REFUSALS = [
    ("unknown", "theorem: flop", 0, "theorem='flop' is unknown: write all or one of "),
    ("axes", "theorem: flip\naxes: 4", 1, "axes=4 is more or fewer than the theorems are stated for: "),
    ("twin", "theorem: flip\ntwin: 9", 1, "twin=9 is none of this theorem's: write 1 to 3"),
    ("part", "theorem: flip\nshow: [statment]", 1, "show has no part 'statment': did you mean statement?"),
    ("key", "theorem: flip\ncells: [0]", 1, "'cells' is no key of a symconv block: "),
    (
        "instance-of-nothing",
        "theorem: flip\nshow: [instance]",
        1,
        "show has the part instance exactly if input and kernel say at which size",
    ),
    (
        "layer-not-shown",
        "theorem: flip\naxes: 1\ninput: 5\nkernel: 3\nshow: [statement]",
        4,
        "show has the part instance exactly if input and kernel say at which size",
    ),
    (
        "no-kernel",
        "theorem: flip\naxes: 1\ninput: 5",
        None,
        "kernel is missing or no size: write “kernel: 3x3” to try the theorem on a layer",
    ),
    (
        "another-rank",
        "theorem: flip\ninput: 5\nkernel: 3",
        None,
        "geometry has 1 axes: 'flip' is stated here for 2 axes, and an instance has numbers",
    ),
    (
        "not-about-this-layer",
        "theorem: pointwise\naxes: 1\ninput: 5\nkernel: 3",
        None,
        "geometry has K = 3, and 'pointwise' assumes K = 1: choose another layer",
    ),
    (
        "impossible",
        "theorem: flip\naxes: 1\ninput: 2\nkernel: 3",
        3,
        "kernel=3 on axis 0 is larger than the padded input of 2 cells: ",
    ),
    ("all-of-one", "theorem: all\ntwin: 1", 0, "theorem=all is shown as a table only: "),
    ("table-of-one", "theorem: flip\nshow: [table]", 1, "show has the part table only for “theorem: all”"),
    ("caption", "theorem: flip\ncaption: [a]", 1, "caption is not a line of text: put it in quotes"),
]


@pytest.mark.parametrize(
    ("text", "line", "message"), [pytest.param(*row, id=name) for name, *row in REFUSALS]
)
def test_a_bad_block_gets_one_sentence_and_its_line(text, line, message):
    with pytest.raises(sc.BlockError) as caught:
        read_block(text)
    assert str(caught.value).startswith(message)
    assert caught.value.line == line


def test_the_guide_lists_every_part():
    text = (Path(__file__).parent.parent / "docs" / "using" / "write-a-lesson.md").read_text("utf-8")
    for part in set(SHOWN) - {"table"}:
        assert f"`{part}`" in text

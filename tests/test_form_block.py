"""The author's block about a form of a convolution: what it reads, what it shows, and every refusal."""

import re
from html import unescape
from pathlib import Path

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import symconv as sc
from symconv.lesson.block import read_block
from symconv.lesson.form_parts.catalogue import FORMS
from symconv.lesson.form_parts.form import against, costs, power_of_ten
from symconv.lesson.render import render
from tests.form_blocks import WRITTEN, blocks

FIRST = {name: f"form: {name}\n{WRITTEN[name][0][0]}" for name in FORMS}


def shown(text):
    return render(read_block(text))


def words(html):
    """What is read: without tags, each run of spaces as one."""
    return " ".join(unescape(re.sub("<[^>]*>", " ", html)).replace("\u00a0", " ").split())


def rows(html):
    """The rows of the first listing, each as its cells' text."""
    body = re.search(r"<tbody>(.*?)</tbody>", html, re.DOTALL)[1]
    return [
        [words(cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", body)
    ]


def test_the_lesson_a_teacher_would_write_first():
    html = shown("form: winograd\noutputs: 2\ntaps: 3\ninput: [1, 2, 3, 4]\nkernel: [3, 1, 2]")
    assert html.startswith('<figure class="symconv"')
    assert "-2 \\\\\n5 \\\\\n1 \\\\\n2" in html  # the transformed input
    assert "3 \\\\\n3 \\\\\n2 \\\\\n2" in html  # the transformed weights
    assert "-6 \\\\\n15 \\\\\n2 \\\\\n4" in html  # the products
    assert "11 \\\\\n17" in html  # what the loop formula says as well
    assert '<strong>Proved.</strong> <span class="symconv-tier">tier: exact</span>' in html


@pytest.mark.parametrize("name", FORMS)
def test_every_part_of_every_form_can_be_shown(name):
    seen = set()
    for part, text in blocks(name):
        html = shown(text)
        assert html.count("<figure") == 1
        assert "None" not in html
        seen.add(part)
    assert seen == set(FORMS[name].parts)


@pytest.mark.parametrize("name", FORMS)
def test_what_cannot_be_proved_is_not_shown(name, monkeypatch):
    read = read_block(FIRST[name])
    monkeypatch.setattr(type(read[0].subject), "prove", lambda self: None)
    with pytest.raises(sc.BlockError, match="this form could not be proved, so it is not shown"):
        render(read)


def test_each_of_several_algorithms_is_proved(monkeypatch):
    (block,) = read_block("form: winograd\noutputs: [2, 4]\ntaps: 3\nshow: [counts]")
    right, other = block.subject.algorithms
    wrong = right.with_matrices(A=[[1, 0], [1, 1], [1, 1], [0, 1]])
    for several in ((wrong, other), (other, wrong)):
        object.__setattr__(block.subject, "algorithms", several)
        with pytest.raises(sc.BlockError, match="could not be proved"):
            render([block])


def test_each_of_all_permutations_is_proved():
    (block,) = read_block("form: layouts\nlayout: all\nshow: [table]")
    first, *rest = block.subject.reorderings
    wrong = first.with_indices(columns=first.columns[::-1])
    for several in ((wrong, *rest), (*rest, wrong)):
        object.__setattr__(block.subject, "reorderings", several)
        with pytest.raises(sc.BlockError, match="could not be proved"):
            render([block])


@pytest.mark.parametrize("name", FORMS)
def test_what_a_form_shows_if_nothing_is_said(name):
    (block,) = read_block(FIRST[name])
    form = FORMS[name]
    assert block.show == form.default
    assert set(form.default) <= set(form.parts)
    assert form.default[-1] == "proof"
    assert (block.caption, block.choice) == ("", ())


def test_parts_come_in_the_authors_order_with_a_caption():
    html = shown("form: fourier\nlength: 2\nshow: [proof, matrix]\ncaption: Look & <b>see</b>.")
    assert html.index("Proved.") < html.index("F = ")
    assert "<figcaption>Look &amp; &lt;b&gt;see&lt;/b&gt;.</figcaption>" in html


def test_the_latex_of_all_parts_can_be_copied():
    html = shown("form: fourier\nlength: 2\nshow: [circulant, matrix]")
    source = re.search(r"<code>(.*?)</code>", html, re.DOTALL)[1]
    assert unescape(source) == f"{sc.latex(sc.fourier(2), 'circulant')}\n\n{sc.latex(sc.fourier(2))}"


def test_the_reader_chooses():
    read = read_block(
        "form: layouts\ninput: 3x3\nkernel: 2x2\nchoose: {other: [matlab, onnx]}\nshow: [matrix]"
    )
    assert [b.choice for b in read] == [(("other", "matlab"),), (("other", "onnx"),)]
    assert [b.subject.reorderings[0].other.name for b in read] == ["matlab", "onnx"]
    assert render(read).count('class="symconv-variant"') == 2


SAID = [
    (
        "form: winograd\noutputs: 2x2\ntaps: 3x3\nshow: [counts]",
        "F(2×2, 3×3) 36 16 2.25× 4 14 0",
    ),
    (
        "form: winograd\noutputs: 2\ntaps: 3\nshow: [matrices]",
        r"B^{\mathsf T} = \left[",
    ),
    (
        "form: winograd\noutputs: 2\ntaps: 3\nshow: [formula]",
        r"y = A^{\mathsf T} \left[ (G w)",
    ),
    (
        "form: winograd\noutputs: 2\ntaps: 3\nshow: [steps]",
        "m_{0} + m_{1} + m_{2}",
    ),
    (
        "form: winograd\noutputs: 2\ntaps: 3\nshow: [proof]",
        "every output of F(2, 3) was compared",
    ),
    (
        "form: winograd\noutputs: [2, 4]\ntaps: 3\nshow: [proof]",
        "every output of each of the 2 algorithms",
    ),
    (
        "form: winograd\noutputs: 2\ntaps: 3x2\nshow: [proof]",
        "every output of F(2×2, 3×2)",
    ),
    (
        "form: winograd\noutputs: 2x3\ntaps: 2\nshow: [proof]",
        "every output of F(2×3, 2×2)",
    ),
    (
        "form: fourier\nlength: 3\nshow: [diagonal]",
        r"w_{0} + w_{1}\,\omega^{2} + w_{2}\,\omega",
    ),
    (
        "form: fourier\nlength: 4\nkernel: [10, 1]\nshow: [circulant]",
        "1 & 0 & 0 & 10",
    ),
    (
        "form: fourier\nlength: 4\nkernel: [10, 1]\nshow: [diagonal]",
        r"10 + \omega^{3}",
    ),
    (
        "form: fourier\nlength: 3\nshow: [proof]",
        "27 entries of 3×3 matrices",
    ),
    (
        "form: fourier\nshow: [matrix]",
        r"\omega = e^{-2\pi\mathrm{i}/4}",
    ),
    (
        "form: fourier\ntaps: [5, 7]\nshow: [crossover]",
        "5×5 never never 7×7 32×32 16×16",
    ),
    (
        "form: fourier\ntaps: [3x64]\nchannels: 9\nshow: [crossover]",
        "9 channels, 1 kernel, 1 sample",
    ),
    (
        "form: layouts\nlayout: all\nshow: [table]",
        "tensorflow n oh ow (kh kw c) kh kw c n oh ow row (kh kw c) × f",
    ),
    (
        "form: layouts\nlayout: all\nshow: [proof]",
        "to torch, tensorflow, jax, cs231n, deep",
    ),
    (
        "form: layouts\nother: matlab\nshow: [proof]",
        "76 entries of the permuted P , W and Y were compared",
    ),
    (
        "form: layouts\nshow: [matrix]",
        "torch: c kh kw down, n oh ow across, 8×6",
    ),
    (
        "form: layouts\nshow: [matrix]",
        "tensorflow: n oh ow down, kh kw c across, 6×8",
    ),
    (
        "form: layouts\nshow: [weights]",
        "torch: f down, c kh kw across, 2×8",
    ),
    (
        "form: layouts\nshow: [weights]",
        "tensorflow: kh kw c down, f across, 8×2",
    ),
    (
        "form: layouts\nshow: [indices]",
        "of tensorflow come from these of torch, transposed",
    ),
    (
        "form: layouts\nshow: [indices]",
        "columns 0, 4, 1, 5, 2, 6, 3, 7",
    ),
    (
        "form: layouts\nshow: [cost]",
        "entries only moved 0 0 64",
    ),
    (
        "form: layouts\nlayout: tf\nother: symconv\nshow: [permutation]",
        r"P_{\text{tensorflow}}",
    ),
    (
        "form: polyphase\ninput: [1,2,3,4,5,6,7]\nkernel: [1,10,100]\nstride: 2\nshow: [pieces]",
        "301 & 503 & 705",
    ),
    (
        "form: polyphase\ninput: [1,2,3,4,5,6,7]\nkernel: [1,10,100]\nstride: 2\nshow: [sum]",
        "321 & 543 & 765",
    ),
    (
        "form: polyphase\ninput: 7\nkernel: 3\nstride: 2\npadding: 1\nshow: [formula]",
        "counted from 0",
    ),
    (
        "form: polyphase\ninput: 7\nkernel: 3\nstride: 2\nshow: [table]",
        "2 cells 1, 3, 5 tap 1 cells 0, 1, 2 3 under 1 3",
    ),
    (
        "form: polyphase\ninput: 5x6\nkernel: 2\nstride: 2\nshow: [pieces]",
        "rows 1, 3 and columns 0, 2, 4, under row 1 and column 0",
    ),
    (
        "form: polyphase\ninput: 5x6\nkernel: 2\nstride: 2\nshow: [proof]",
        "each of the 4 pieces was proved",
    ),
    (
        "form: polyphase\ninput: 5x6\nkernel: 2\nshow: [proof]",
        "the one piece was proved",
    ),
    (
        "form: polyphase\ninput: 9\nkernel: 3\nstride: 2\nshow: [cost]",
        "stride 1, most of the output thrown away 21 × 1.75 14 0",
    ),
    (
        "form: sublattices\ninput: [1,2,3,4,5,6,7,8]\nkernel: [1,10,100]\ndilation: 2\nshow: [sum]",
        "531 & 753",
    ),
    (
        "form: sublattices\ninput: 8\nkernel: 3\ndilation: 2\nshow: [pieces]",
        "output cells that it makes",
    ),
    (
        "form: sublattices\ninput: 8\nkernel: 3\ndilation: 2\nshow: [cost]",
        "the kernel filled up with zeros 20 × 1.67 16 0",
    ),
    (
        "form: sublattices\ninput: 30\nkernel: 2\ndilation: 2\nshow: [table]",
        "cells 0, 2, 4, …, 28",
    ),
    (
        "form: separable\ninput: 5x6\nkernel: 3x3\nchannels: 2\nkernels: 4\nshow: [ratio]",
        r"\frac{1}{4} + \frac{1}{3 \cdot 3} = \frac{13}{36} \approx 0.361",
    ),
    (
        (
            "form: separable\ninput: 5\nkernel: 3\nchannels: 4\nkernels: 4\ngroups: 2\nmultiplier: "
            "2\nshow: [ratio]"
        ),
        r"2 \left(\frac{2}{4} + \frac{1}{3}\right) = \frac{5}{3}",
    ),
    (
        "form: separable\ninput: 5x6\nkernel: 3\nchannels: 2\nkernels: 4\nshow: [kernel]",
        r"w_{f,c,a,b} = p_{f,c}\, v_{c,a,b}",
    ),
    (
        "form: separable\ninput: 5x6\nkernel: 3\nchannels: 2\nkernels: 4\nshow: [layers]",
        "pointwise 2×3×4 4×2×1×1 4×3×4 1 8",
    ),
    (
        "form: separable\ninput: 5x6\nkernel: 3\nchannels: 2\nkernels: 4\nshow: [cost]",
        "both layers 312 ÷ 2.77 240 24 of it, depthwise 216 192 0 pointwise 96 48 0",
    ),
    (
        "form: separable\ninput: 5x6\nkernel: 3\nchannels: 2\nkernels: 4\nshow: [proof]",
        "48 entries of the two layers were compared",
    ),
    (
        "form: pointwise\ninput: 2x2\nchannels: 2\nkernels: 3\nshow: [formula]",
        r"y_{f,i,j} = \sum_{c=0}^{1} w_{f,c}\, x_{c,i,j}",
    ),
    (
        "form: pointwise\ninput: 2x2\nchannels: 2\nkernels: 3\nshow: [product]",
        "w_{2,0} & w_{2,1}",
    ),
    (
        "form: pointwise\ninput: 2x2\nchannels: 2\nkernels: 3\nshow: [product]",
        "y_{2,0,0} & y_{2,0,1}",
    ),
    (
        "form: pointwise\ninput: [[[1,2]],[[3,4]]]\nkernels: [[[[1]],[[10]]]]\nshow: [product]",
        "31 & 42",
    ),
    (
        "form: pointwise\ninput: 4x4\nstride: 2\nshow: [cost]",
        "the product W·X 4 the same 0 4",
    ),
    (
        "form: pointwise\ninput: 1\nshow: [proof]",
        "1 entry of W X was compared with the loop formula as polynomials: 1 product,",
    ),
]


@pytest.mark.parametrize(
    ("text", "said"), SAID, ids=[f"{i}-{t[6:18].split()[0]}" for i, (t, _) in enumerate(SAID)]
)
def test_what_each_part_says(text, said):
    assert said in words(shown(text))


def test_costs_are_those_of_the_library():
    algorithm = sc.winograd2d(4, 3)
    cost = algorithm.cost(sc.Geometry((56, 56), 3, 64, 64, 2, padding=1))
    html = shown(
        "form: winograd\noutputs: 4\ntaps: 3x3\ninput: 56x56\nchannels: 64\nkernels: 64\nbatch: 2\n"
        "padding: 1\nshow: [cost]"
    )
    counted = [cost.direct, cost.total, cost.inputs, cost.kernels, cost.products, cost.outputs]
    assert [(r[1], r[3], r[4]) for r in rows(html)] == [
        tuple(f"{n:,}" for n in (c.products, c.additions, c.memory)) for c in counted
    ]
    assert "56×56 under 3×3, 64 to 64 channels, 2 samples" in html
    assert [r[2] for r in rows(html)] == ["", "÷ 3.65", "", "", "", ""]


def test_a_layer_of_fourier_is_counted():
    cost = sc.fourier_cost(sc.Geometry((56, 56), 3, 64, 64, 16, padding=1))
    keys = "input: 56x56\nkernel: 3\nchannels: 64\nkernels: 64\nbatch: 16\npadding: 1"
    found = rows(shown(f"form: fourier\n{keys}\nshow: [cost]"))
    assert found[0] == ["loop formula", "", "", f"{cost.direct:,}", ""]
    assert found[1][1:4] == [f"{n:,}" for n in (cost.transforms, cost.spectra, cost.fourier)]
    assert found[1][4] == "÷ 2.21"
    assert found[2][4] == "÷ 2.9"


def test_rounding_compares_points():
    html = shown(
        "form: winograd\noutputs: 4\ntaps: 3\npoints: [[0, 1, 2, 3, 4], [0, 1, -1, 1/2, -2]]\n"
        "show: [rounding]"
    )
    found = rows(html)
    assert [row[0] for row in found] == ["F(4, 3) at 0, 1, 2, 3, 4, ∞", "F(4, 3) at 0, 1, −1, 1/2, −2, ∞"]
    for row, points in zip(found, ([0, 1, 2, 3, 4], [0, 1, -1, sympy.Rational(1, 2), -2]), strict=True):
        measured = sc.rounding(sc.winograd(4, 3, points=points))
        assert row[1:4:2] == [power_of_ten(measured.mean), f"×{measured.growth:,.0f}"]


def test_what_is_read_by_eye_is_marked():
    html = shown(
        "form: polyphase\ninput: [1,2,3,4,5,6]\nkernel: [7,8,9]\nstride: 2\npadding: [[1, 0]]\nshow: [pieces]"
    )
    first, second = html.split("<li")[1:]
    marked = '<td class="symconv-marked">'
    for card, cells, padding in ((first, [2, 4, 6, 7, 9], True), (second, [1, 3, 5, 8], False)):
        assert [int(v) for v in re.findall(f"{marked}(.)</td>", card)] == cells
        assert ('<td class="symconv-marked symconv-padding">0</td>' in card) == padding
    assert "<caption>cells that it reads, piece 2</caption>" in second
    assert "cells 1, 3, 5 of the padded input, under tap 1 of the kernel" in words(second)


def test_many_pieces_and_large_layers_are_shortened():
    cards = shown("form: polyphase\ninput: 20x20\nkernel: 4\nstride: 4\nshow: [pieces, sum]")
    assert cards.count('class="symconv-window"') == 9
    assert "… 7 more pieces, in the same way." in cards
    assert "+ \\cdots" in cards
    assert "cells that it reads, shortened" in words(cards)
    assert len(re.findall("<td", cards.split("<li")[1])) == 16 * 16 + 4 * 4
    assert "cells that it reads, piece 1, shortened" in cards


HOSTILE = ["<script>alert(1)</script>", "__import__('os')", "{a: [b]}", "[[[[1]]]]", "-1", "9" * 31, "''"]


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_block_is_evaluated_or_passed_through(name, text):
    for key in (*FORMS[name].keys, "show", "choose", "form"):
        for part in FORMS[name].parts:
            try:
                html = shown(f"form: {name}\nshow: [{part}]\n{key}: {text}")
            except sc.BlockError:
                continue
            assert "<script" not in html


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=60)
@given(data=st.data())
def test_no_block_ends_in_anything_but_a_figure_or_a_sentence(name, data):
    form = FORMS[name]
    value = st.sampled_from(
        ["1", "2", "3", "2x2", "3x4", "[1, 2]", "[[1, 2], [3, 4]]", "all", "same", "jax", "a", "0"]
    )
    keys = data.draw(st.dictionaries(st.sampled_from(form.keys), value, max_size=5))
    part = data.draw(st.sampled_from(sorted(form.parts)))
    text = "\n".join([f"form: {name}", *(f"{k}: {v}" for k, v in keys.items()), f"show: [{part}]"])
    try:
        html = shown(text)
    except sc.BlockError as error:
        assert str(error)  # noqa: PT017 (either is right)
    else:
        assert html.startswith("<figure")


def test_the_guide_lists_every_form_with_its_keys_and_parts():
    text = (Path(__file__).parent.parent / "docs" / "using" / "write-a-lesson.md").read_text("utf-8")
    section = text[text.index("## Other forms") : text.index("## Exercises")]
    lines = {line.split("|")[1]: line for line in section.splitlines() if line.startswith("| `")}
    own = {"winograd": ("outputs", "taps", "points"), "fourier": ("length",), "layouts": ("layout", "other")}
    for name, form in FORMS.items():
        (line,) = (line for names, line in lines.items() if f"`{name}`" in names)
        for part in form.parts:
            assert f"`{part}`" in line
        for key in own.get(name, ("multiplier",) if "multiplier" in form.keys else ()):
            assert f"`{key}`" in line
    for key in {key for form in FORMS.values() for key in form.keys}:
        assert f"`{key}`" in text


@pytest.mark.parametrize(
    ("direct", "products", "said"),
    [(36, 16, "÷ 2.25"), (16, 36, "× 2.25"), (7, 7, "the same"), (7, 0, ""), (0, 7, "")],
)
def test_what_is_multiplied_or_divided(direct, products, said):
    assert against(direct, products) == said


def test_a_table_of_costs_is_for_readers_of_any_kind():
    assert 'aria-label="x &lt; y"' in costs([("a", sc.Cost(1, 2, 3))], label="x < y")
    html = costs([("a < b", sc.Cost(1000, 2, 3))])
    assert 'tabindex="0" role="group" aria-label="the cost, counted"' in html
    assert "<caption>the cost, counted</caption>" in html
    assert html.count('<th scope="col"') == 5
    assert '<th scope="row">a &lt; b</th><td class="symconv-number">1,000</td>' in html


NINE = "input: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]\nkernel: [[9, 8], [7, 6]]\ndy: [[1, 2], [3, 4]]"
SAID = [
    (
        "form: transposed\ninput: 3\nkernel: 3\nstride: 2\nshow: [overlaps]",
        "1 &amp; 1 &amp; 2 &amp; 1 &amp; 2",
    ),
    (
        "form: transposed\ninput: 5x4\nkernel: 3x2\nchannels: 6\nkernels: 4\ngroups: 2\nshow: [cost]",
        "the cost, counted: 5×4 under 3×2, 6 to 4 channels",
        ">1,440</td>",  # 20 cells, 6 taps, 6 channels to 2 of their group
    ),
    (f"form: gradients\n{NINE}\nshow: [dx]", "34 &amp; 80 &amp; 44"),
    (f"form: gradients\n{NINE}\nshow: [dw]", "67 &amp; 77"),
    (
        "form: toeplitz\ninput: 28x28\nkernel: 5x5\nshow: [cost]",
        ">14,400</td>",
        ">29,377</td>",
        ">451,584</td>",
    ),
    ("form: toeplitz\ninput: 3x3\nkernel: 2x2\nshow: [sizes]", ">36</td>", ">16</td>", ">2×3</td>"),
]


@pytest.mark.parametrize(("text", "said"), [(text, said) for text, *said in SAID])
def test_a_part_says_what_is_so(text, said):
    html = render(read_block(text))
    assert [words for words in said if words not in html] == []

"""The fenced block in a page: good ones become figures, bad ones boxes that name the line."""

import logging
import re
from html import unescape
from pathlib import Path

import pytest
from markdown import Markdown

from symconv.lesson import assets_inline
from symconv.lesson.assets_inline import assets
from tests.site.conftest import without_assets

GOOD = "input: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]\nkernel: [[9, 8], [7, 6]]\n"


def page(body, fence="```", **settings):
    text = f"# Title\n\n{fence}symconv\n{body}\n{fence}\n\nAfter.\n"
    html = Markdown(extensions=["symconv"], extension_configs={"symconv": settings}).convert(text)
    return without_assets(html)


def text_of(html):
    return re.sub(r"<[^>]*>", " ", html)


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("input", r"1 &amp; 2 &amp; 3 \\ \hline"),
        ("kernel", r"9 &amp; 8 \\ \hline"),
        ("output", r"83 &amp; 113 \\ \hline"),
        ("sum", r"9 \cdot 1 + 8 \cdot 2 + 7 \cdot 4 + 6 \cdot 5 = 83"),
        ("dot", "1 &amp; 2 &amp; 4 &amp; 5"),
        ("patches", r"5 &amp; 6 &amp; 8 &amp; 9"),
        ("weights", "9 \\\\\n8 \\\\\n7 \\\\\n6"),
        ("product", "173 \\\\\n203"),
        ("fold", r"\longrightarrow"),
        ("formula", r"\sum_{a=0}^{1}\sum_{b=0}^{1} w_{a,b}\, x_{i + a,\, j + b}"),
        ("windows", '<td class="symconv-marked">203</td>'),
        ("sizes", "<td>16 entries</td>"),
        ("proof", "all 4 entries"),
    ],
)
def test_each_part_is_shown(show, expected):
    html = page(f"{GOOD}show: [{show}]")
    assert html.count("<figure") == 1
    assert expected in html
    assert "symconv-error" not in html


def test_parts_come_in_the_authors_order_with_a_caption():
    html = page(f"{GOOD}show: [proof, output, input]\ncaption: Look & <b>see</b>.")
    assert html.index("Proved.") < html.index("83 &amp; 113") < html.index("1 &amp; 2 &amp; 3")
    assert "<figcaption>Look &amp; &lt;b&gt;see&lt;/b&gt;.</figcaption>" in html


def test_a_figure_stays_out_of_the_search_index_and_offers_its_latex():
    html = page(f"{GOOD}show: [sum]")
    assert '<figure class="symconv" data-search-exclude>' in html
    assert html.count(r"9 \cdot 1 + 8 \cdot 2") == 2  # as mathematics, and as source to copy
    assert '<details class="symconv-source"><summary>LaTeX</summary>' in html


def test_the_reader_can_choose():
    html = page("choose:\n  input: [3x3, 4x5]\n  kernel: [2x2, 2x3]\nshow: [product, proof]")
    assert html.count('class="symconv-variant"') == 4
    assert html.count(" hidden>") == 3
    assert html.count("Proved.") == 4
    assert html.count("<option>") == 4


def test_a_window_shows_padding_and_the_weights_on_it():
    html = page("input: 2x2\nkernel: 2x2\npadding: 1\nstart: 1\nshow: [windows]\ncells: [[1, 1]]")
    marked = re.findall(r'<td class="symconv-marked symconv-padding">0<small>×(.*?)</small></td>', html)
    assert [text_of(m).replace(" ", "") for m in marked] == ["w1,1", "w1,2", "w2,1"]
    assert (
        '<td class="symconv-marked"><i>x</i><sub>1,1</sub><small>×<i>w</i><sub>2,2</sub></small></td>' in html
    )


def test_a_large_matrix_is_a_table_in_a_scroll_box_and_a_larger_one_is_shortened():
    table = page("input: 8x8\nkernel: 3x3\nshow: [patches]")
    assert 'role="group" aria-label="patch matrix P, 36×9"' in table
    assert table.count("<tr>") == 37
    shortened = page("input: 28x28\nkernel: 5x5\nshow: [patches]")
    assert "patch matrix P, 576×25, shortened" in shortened
    assert len(shortened) < 10_000


@pytest.mark.parametrize("fence", ["```", "~~~", "````"])
def test_any_fence_will_do(fence):
    assert "<figure" in page(GOOD, fence)


def test_a_block_in_an_admonition_is_a_block():
    text = "!!! note\n\n    ```symconv\n    input: 3x3\n    kernel: 2x2\n    ```\n"
    html = Markdown(extensions=["admonition", "symconv"]).convert(text)
    assert "<figure" in html


def test_a_block_shown_as_code_is_left_alone():
    html = Markdown(extensions=["symconv"]).convert("````markdown\n```symconv\ninput: 3x3\n```\n````\n")
    assert "<figure" not in html
    assert "symconv-error" not in html


BAD = [
    (
        "unknown key",
        "input: 3x3\nkernl: 2x2",
        1,
        "'kernl' is no key of a symconv block: did you mean kernel?",
    ),
    (
        "kernel too large",
        "input: 3x3\nkernel: 5x5",
        1,
        "kernel=5 on axis 0 is larger than the padded input of 3 cells: "
        "use a kernel of at most 3, or add padding of 2 more",
    ),
    (
        "ragged rows",
        "kernel: 2x2\ninput: [[1, 2], [3]]",
        1,
        "input is ragged: entry 1 has shape (1,) where entry 0 has (2,); give rows of equal length",
    ),
    ("size of 0", "input: 0x3\nkernel: 2x2", 0, "input=0x3 has no cells: write a size of at least 1x1"),
    (
        "not YAML",
        "input: 3x3\nkernel: [[1, 2]",
        1,
        "this is not YAML (expected ',' or ']', but got '<stream end>'): "
        "write one “key: value” to a line, as in “input: 3x3”, and put text with a colon in quotes",
    ),
    (
        "far too large",
        "input: 1000000x1000000\nkernel: 2x2",
        0,
        "input=1000000x1000000 has 1,000,000,000,000 cells, and a page shows at most 65,536: "
        "write a smaller size",
    ),
]


@pytest.mark.parametrize(("body", "line", "sentence"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_a_bad_block_is_a_box_and_a_warning_with_the_line(caplog, body, line, sentence):
    with caplog.at_level(logging.WARNING, "mkdocs"):
        html = page(body)
    named = f"page:{4 + line}: {sentence}"
    assert [r.getMessage() for r in caplog.records] == [named]
    assert '<div class="admonition failure symconv-error">' in html
    assert named in unescape(text_of(html))
    assert "<p>After.</p>" in html


def test_each_of_several_bad_blocks_is_named_by_its_own_line(caplog):
    bad = "```symconv\ninput: 0x3\nkernel: 2x2\n```\n"
    with caplog.at_level(logging.WARNING, "mkdocs"):
        Markdown(extensions=["symconv"]).convert(f"{bad}\n{bad}\ntext\n\n{bad}")
    assert [r.getMessage().split(": ")[0] for r in caplog.records] == ["page:2", "page:7", "page:14"]


def test_options_on_the_fence_are_refused(caplog):
    text = '```symconv title="x"\ninput: 3x3\nkernel: 2x2\n```\n'
    with caplog.at_level(logging.WARNING, "mkdocs"):
        Markdown(extensions=["symconv"]).convert(text)
    assert caplog.messages == ["page:1: the fence has options (title): write them as keys inside"]


def test_strict_makes_the_first_bad_block_an_error():
    with pytest.raises(Exception, match="page:4: input=0x3 has no cells"):
        page("input: 0x3\nkernel: 2x2", strict=True)


def test_our_own_failure_is_loud(monkeypatch, caplog):
    monkeypatch.setattr("symconv.lesson.extension.render", lambda _: 1 / 0)
    with caplog.at_level(logging.WARNING, "mkdocs"):
        html = page(GOOD)
    assert caplog.messages == [
        "page:4: symconv itself failed on this block (ZeroDivisionError): please report it"
    ]
    assert "symconv-error" in html
    with pytest.raises(Exception, match="page:4: symconv failed: ZeroDivisionError"):
        page(GOOD, strict=True)


def test_nothing_is_shown_unproved(monkeypatch, caplog):
    """A wrong plan must not reach a page: the proof stands before the printers."""
    import symconv.index_map as plan

    right = plan.patch_map
    monkeypatch.setattr(plan, "patch_map", lambda g: right(g)[::-1].copy())
    with caplog.at_level(logging.WARNING, "mkdocs"):
        html = page(f"{GOOD}show: [output]")
    assert "83" not in html
    assert "could not be proved" in caplog.text


HOSTILE = [
    "<script>alert(1)</script>",
    "__import__('os').system('true')",
    "!!python/object/apply:os.system ['true']",
    "\\href{javascript:alert(1)}{x}",
    '"><img src=x onerror=alert(1)>',
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "key",
    [
        "input",
        "kernel",
        "kernels",
        "stride",
        "padding",
        "show",
        "caption",
        "cells",
        "start",
        "choose",
        "nokey",
    ],
)
def test_nothing_of_a_page_is_evaluated_or_passed_through(key, text):
    quoted = text if text.startswith("!!") else "'" + text.replace("'", "''") + "'"
    values = {"input": "3x3", "kernel": "2x2", "show": "[input]", key: quoted}
    html = page("\n".join(f"{k}: {v}" for k, v in values.items()))
    assert "<script" not in html
    assert "<img" not in html
    assert "href{javascript" not in html or "symconv-error" in html or key == "caption"


def warnings_of(text, caplog, extensions=("symconv",)):
    with caplog.at_level(logging.WARNING, "mkdocs"):
        Markdown(extensions=list(extensions)).convert(text)
    return caplog.messages


BOMBS = {
    "padding": "padding: 100000000\nstride: 100000000",
    "padding that fits no integer": f"padding: 1{'0' * 29}\nstride: 1{'0' * 29}",
    "dilation": "dilation: 1000000000\npadding: same_upper",
    "channels": "channels: 1000000000",
    "kernels": "kernels: 1000000000",
    "depthwise": "channels: 4096\nkernels: 4096\ngroups: 4096",
    "choices": f"choose:\n  stride: [{', '.join(map(str, range(1, 66)))}]",
}


@pytest.mark.parametrize("keys", BOMBS.values(), ids=BOMBS)
def test_a_small_block_cannot_ask_for_a_large_page(keys, caplog):
    html = page(f"input: 3x3\nkernel: 2x2\n{keys}")
    assert len(caplog.messages) == 1
    assert "symconv itself failed" not in caplog.text
    assert len(html) < 1000


def test_many_choices_together_cannot_either(caplog):
    sizes = ", ".join(f"{n}x200" for n in range(200, 232))
    page(f"choose:\n  input: [{sizes}]\nkernel: 2x2\nshow: [sizes]")
    assert caplog.messages == [
        "page:4: choose makes patch matrices of more than 4,000,000 entries in all: "
        "offer fewer or smaller sizes"
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "input: 3x3\nchoose: {input: [3x3, 4x4]}\nkernel: 2x2",
            "page:4: input is given and offered by choose as well",
        ),
        ("choose: {input: [3x3, 3×3]}\nkernel: 2x2", "page:4: choose offers input 3×3 twice"),
        ("choose: {input: [3x3], input: [4x4]}\nkernel: 2x2", "page:4: 'input' is given twice"),
        (
            "kernel: 3x3\nchoose: {input: [4x4, 2x2]}",
            "page:5: choose offers input 2×2, but kernel=3 on axis 0 is",
        ),
        ("kernel: 3x3\nchoose: {input: []}", "page:5: choose offers no input"),
        ("kernel: 3x3\nchoose: 3", "page:5: choose needs a list for each key"),
    ],
    ids=["given twice", "offered twice", "key twice", "one does not fit", "none", "no list"],
)
def test_a_choice_that_cannot_be_offered(body, message, caplog):
    page(body)
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith(message)


def test_the_line_is_the_blocks_own_where_the_page_shows_it_as_code_before(caplog):
    bad = "```symconv\ninput: 0x3\nkernel:\t2x2\n```\n"
    assert [m.split(": ")[0] for m in warnings_of(f"````markdown\n{bad}````\n\n{bad}\n> {bad}", caplog)][
        :1
    ] == ["page:9"]


@pytest.mark.parametrize("name", ["Symconv", "symcov", "synconv"])
def test_a_fence_with_nearly_our_name_is_not_passed_over(name, caplog):
    messages = warnings_of(f"```{name}\ninput: 3x3\n```\n", caplog)
    assert messages == [f"page:1: this fence is named {name!r}: write symconv if a figure is meant"]


def test_a_block_that_never_ends_is_not_passed_over(caplog):
    messages = warnings_of("text\n\n```symconv\ninput: 3x3\n", caplog)
    assert messages == ["page:3: this block never ends: close it with the fence that it began with"]


def test_fences_that_come_after_ours_are_joined(caplog):
    assert warnings_of(f"```symconv\n{GOOD}```\n", caplog, ("symconv", "pymdownx.superfences")) == []
    html = Markdown(extensions=["symconv", "pymdownx.superfences"]).convert(f"```symconv\n{GOOD}```\n")
    assert html.count("<figure") == 1


def test_other_fences_that_come_after_ours_are_noticed(caplog):
    messages = warnings_of(f"```symconv\n{GOOD}```\n", caplog, ("symconv", "fenced_code"))
    assert messages == [
        "page: blocks are shown as code: list symconv after all other fences in markdown_extensions"
    ]


def test_decimals_are_exact_and_stay_decimals():
    html = page("input: [[0.1, 0.2, 0.3]]\nkernel: [[1, 1, 1]]\nshow: [sum, windows]")
    assert r"1 \cdot 0.1 + 1 \cdot 0.2 + 1 \cdot 0.3 = 0.6" in html
    assert '<td class="symconv-marked">0.6</td>' in html
    assert r"= \frac{1}{3}" in page("input: [[1/3, 0.5]]\nkernel: [[1, 0]]\nshow: [sum]")


def test_letters_look_alike_in_formulas_and_tables():
    html = page("input: [[a12, b_1]]\nkernel: [[1, 1]]\nshow: [input, windows]")
    assert "a_{12} &amp; b_{1}" in html
    assert "<i>a</i><sub>12</sub>" in html


def test_small_matrices_stand_side_by_side():
    html = page(f"{GOOD}show: [patches, weights, product]")
    row = html[html.index('<div class="symconv-row">') : html.index("underbrace")]
    assert "patch matrix P, 4×4" in row
    assert "weight matrix W, 4×1" in row


def test_a_page_with_blocks_brings_their_styles_and_scripts_once_and_another_none():
    block = f"```symconv\n{GOOD}```\n"
    drawn = f"```symconv\n{GOOD}show: [figure]\n```\n"
    asked = f"```symconv\nexercise: patches\n{GOOD}```\n"
    builder = Markdown(extensions=["symconv"])
    for _ in range(2):  # a builder may use one object for all pages
        for blocks, kinds in (
            ([block, block], ["block"]),
            ([block, drawn, drawn], ["block", "figure"]),
            ([asked, block], ["block", "exercise"]),
            ([drawn, asked], ["block", "figure", "exercise"]),
        ):
            html = builder.reset().convert("\n\n".join(blocks))
            assert re.findall(r'<style data-symconv="(\w+)">', html) == kinds
            assert re.findall(r'<script type="module" data-symconv="(\w+)">', html) == kinds
    assert "<style" not in builder.reset().convert("No block.") + builder.reset().convert("Nor here.")


def test_comments_stay_in_the_files_and_the_rest_comes_to_the_page():
    html = assets('<symconv-figure class="symconv-exercise">')
    assert not re.search(r"^\s|^//|/\*", html, re.MULTILINE)
    for file in sorted(Path(assets_inline.__file__).with_name("assets").rglob("*.js")):
        lines = file.read_text("utf-8").splitlines()
        assert all(
            line.count("`") % 2 == 0 for line in lines
        )  # a text over several lines would lose its indent
        code = [line.strip() for line in lines if not re.match(r"\s*(//|/\*\*|\*|$)", line)]
        assert "\n".join(code) in html

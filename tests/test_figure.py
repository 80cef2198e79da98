"""HTML of figures: escaped, semantic, marked."""

from fractions import Fraction
from html.parser import HTMLParser

import numpy as np
import pytest
import sympy

from symconv.show.figure import entry, mathematics, table


class Tags(HTMLParser):
    """The tags of a piece of HTML; closing what is not open is an error."""

    def __init__(self, html):
        super().__init__()
        self.opened, self.seen, self.text = [], [], []
        self.feed(html)
        self.close()
        assert self.opened == []

    def handle_starttag(self, tag, attrs):
        self.opened.append(tag)
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.opened.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize(
    ("value", "html"),
    [
        (7, "7"),
        (-3, "−3"),
        (np.int64(-3), "−3"),
        (np.uint8(3), "3"),
        (2.0, "2"),
        (-0.5, "−0.5"),
        (Fraction(-1, 2), "−1/2"),
        (sympy.Symbol("x"), "<i>x</i>"),
        (sympy.Symbol("x_{1,2}"), "<i>x</i><sub>1,2</sub>"),
        (sympy.Symbol("x_1"), "<i>x</i><sub>1</sub>"),
        (sympy.Symbol("x_{7,10}"), "<i>x</i><sub>7,10</sub>"),
        (sympy.Symbol("<b>_{<i>}"), "<i>&lt;b&gt;</i><sub>&lt;i&gt;</sub>"),
        (sympy.Symbol("a") ** 2 * 3, "3·a^2"),
        (-sympy.Symbol("a"), "−a"),
        (float("inf"), "inf"),
    ],
    ids=repr,
)
def test_entries(value, html):
    assert entry(value) == html


def test_a_table_of_numbers():
    assert table(np.array([[1, -2], [3, 4]]), "a caption") == (
        '<div class="symconv-cells"><table class="symconv-table"><caption>a caption</caption><tbody>'
        "<tr><td>1</td><td>−2</td></tr><tr><td>3</td><td>4</td></tr></tbody></table></div>"
    )


def test_marks_padding_notes_and_what_is_hidden():
    html = table(
        np.array([[0, 5], [6, 7]]),
        "c",
        marked=np.array([[True, True], [False, False]]),
        padding=np.array([[True, False], [False, False]]),
        hidden=np.array([[False, False], [False, True]]),
        notes=np.array([[9, -8], [None, None]], dtype=object),
    )
    assert html == (
        '<div class="symconv-cells"><table class="symconv-table"><caption>c</caption><tbody>'
        '<tr><td class="symconv-marked symconv-padding">0<small>×9</small></td>'
        '<td class="symconv-marked">5<small>×−8</small></td></tr>'
        "<tr><td>6</td><td></td></tr></tbody></table></div>"
    )


def test_headers_name_rows_and_columns():
    html = table(np.array([[1, 2]]), "c", row_labels=["0,0"], column_labels=["a", "<b>"])
    seen = Tags(html).seen
    assert [attrs["scope"] for tag, attrs in seen if tag == "th"] == ["col", "col", "row"]
    assert "&lt;b&gt;" in html
    assert html.count("<tr>") == 2
    assert html.startswith(
        '<div class="symconv-cells"><table class="symconv-table"><caption>c</caption>'
        '<thead><tr><td></td><th scope="col">a</th>'
    )


def test_columns_alone_have_no_corner():
    assert "<td></td>" not in table(np.array([[1]]), "c", column_labels=["a"])


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", 'a" onclick="b', "a & b"])
def test_nothing_a_caller_writes_becomes_a_tag(text):
    symbols = np.array([[sympy.Symbol(text)]])
    notes = np.array([[sympy.Symbol(text)]])
    html = table(symbols, text, row_labels=[text], column_labels=[text], notes=notes)
    allowed = {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "i", "sub", "small"}
    tags = Tags(html)
    assert {tag for tag, _ in tags.seen} <= allowed
    assert {name for _, attrs in tags.seen for name in attrs} <= {"class", "scope"}
    assert "".join(tags.text).count(text.partition("_")[0]) >= 4
    math = Tags(mathematics(text, text))
    assert {tag for tag, _ in math.seen} == {"div"}
    assert {name for _, attrs in math.seen for name in attrs} == {"class"}


def test_mathematics_with_and_without_a_label():
    assert mathematics("a < b") == (
        '<div class="symconv-math"><div class="arithmatex">\\[a &lt; b\\]</div></div>'
    )
    assert mathematics("x", "the <input>") == (
        '<div class="symconv-math"><div class="arithmatex">\\[x\\]</div>'
        '<div class="symconv-label">the &lt;input&gt;</div></div>'
    )

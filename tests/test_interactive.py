"""The figure's HTML, as it is read without a script: tables with captions, heads and nothing twice."""

import json
import re
from html import unescape
from html.parser import HTMLParser

import pytest

import symconv as sc
from symconv.errors import BlockError
from symconv.lesson.block import read_block
from symconv.lesson.interactive import MOST_CELLS, drawn_cells, refuse_if_too_large
from symconv.lesson.render import render

SMALL = "input: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]\nkernel: [[9, 8], [7, 6]]"
LAYERS = {
    "numbers": SMALL,
    "letters": "input: 3x4\nkernel: 2x3\nstart: 1",
    "padded": "input: 3x4\nkernel: 2x2\npadding: [[1, 0], [0, 2]]\nstride: [1, 2]\ndilation: [2, 1]",
    "groups": "input: 3x3\nkernel: 2x2\nchannels: 4\nkernels: 6\ngroups: 2",
    "kernels": "input: 3x3\nkernel: 2x2\nkernels: 3",
    "sequence": "input: 5\nkernel: 2\nchannels: 2",
}


def html_of(text, **keys):
    more = "".join(f"\n{key}: {value}" for key, value in keys.items())
    return render(read_block(f"{text}\nshow: [figure]{more}"))


class Tables(HTMLParser):
    """The tables of a page: captions, heads with their scope, cells with their class."""

    def __init__(self, html):
        super().__init__()
        self.found, self.open, self.scope, self.stack = [], None, None, []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "table":
            self.found.append({"part": given["data-part"], "caption": "", "row": [], "col": [], "cells": []})
        if tag == "th":
            self.found[-1][given["scope"]].append("")
            self.scope = given["scope"]
        if tag == "td":
            self.found[-1]["cells"].append(["", given.get("class", "")])
        if tag in ("caption", "th", "td"):
            self.open = tag

    def handle_endtag(self, tag):
        if tag == self.open:
            self.open = None

    def handle_data(self, data):
        table = self.found[-1] if self.found else None
        if self.open == "caption":
            table["caption"] += data
        elif self.open == "th":
            table[self.scope][-1] += data
        elif self.open == "td":
            table["cells"][-1][0] += data


def tables_of(html):
    return Tables(html).found


def values(table):
    """The cells of a table's body; the corner of the head is none."""
    corner = 1 if table["row"] else 0
    return [text for text, _ in table["cells"][corner:]]


def test_the_two_lines_of_the_smallest_figure():
    found = tables_of(html_of(SMALL))
    assert [(t["part"], t["caption"]) for t in found] == [
        ("input", "input, 3×3"),
        ("kernel", "kernel, 2×2"),
        ("output", "output, 2×2"),
        ("P", "P, 4×4"),
        ("W", "W, 4×1"),
        ("Y", "Y, 4×1"),
    ]
    assert [values(t) for t in found] == [
        list("123456789"),
        list("9876"),
        ["83", "113", "173", "203"],
        [*"1245", *"2356", *"4578", *"5689"],
        list("9876"),
        ["83", "113", "173", "203"],
    ]


@pytest.mark.parametrize("name", LAYERS)
def test_every_table_has_a_caption_and_a_head_for_each_row_and_column(name):
    html = html_of(LAYERS[name])
    (block,) = read_block(LAYERS[name])
    found = tables_of(html)
    assert len({t["caption"] for t in found}) == len(found)
    for table in found:
        assert table["caption"]
        assert len(set(table["col"])) == len(table["col"])
        assert len(set(table["row"])) == len(table["row"])
        rows = len(table["row"]) or 1
        assert len(values(table)) == rows * len(table["col"])
        assert bool(table["row"]) == (block.layer.geometry.rank == 2 or table["part"] in ("P", "W", "Y"))
    assert sum(len(values(t)) for t in found) == drawn_cells(block.layer.geometry)
    assert not re.search(r"\sid=", html)  # nothing that a second figure could collide with


def test_padding_is_told_from_a_zero_and_so_are_the_zeros_of_other_groups():
    (given, *_, p, _, _) = tables_of(html_of("input: [0, 1]\nkernel: [2, 3]\npadding: [[1, 0]]"))
    assert given["cells"] == [["0", "symconv-fig-padding"], ["0", ""], ["1", ""]]
    assert given["col"] == ["−1", "0", "1"]
    assert [kind for _, kind in p["cells"][1:]] == ["symconv-fig-padding", "", "", ""]
    *_, w, _ = tables_of(html_of(LAYERS["groups"]))
    kinds = [kind for _, kind in w["cells"][1:]]
    assert kinds.count("symconv-fig-outside") == len(kinds) / 2 == 16 * 6 / 2
    assert {text for text, kind in w["cells"][1:] if kind} == {"0"}


def test_names_are_those_of_the_rest_of_the_block():
    found = tables_of(html_of(LAYERS["letters"]))
    assert [values(t)[0] for t in found] == ["x1,1", "w1,1", "y1,1", "x1,1", "w1,1", "y1,1"]
    assert found[3]["row"] == ["1,1", "1,2", "2,1", "2,2"]
    assert found[3]["col"] == ["1,1", "1,2", "1,3", "2,1", "2,2", "2,3"]
    captions = [t["caption"] for t in tables_of(html_of(LAYERS["groups"]))]
    assert captions[0] == "input, channel 0, 3×3"
    assert captions[4:6] == ["kernel 0, channel 0, 2×2", "kernel 0, channel 1, 2×2"]
    assert captions[-4:] == ["output 5, 2×2", "P, 4×16", "W, 16×6", "Y, 4×6"]


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("numbers", ["1/1/span 1", "1/3", "1/5"]),
        ("kernels", ["1/1/span 3", "1/3", "2/3", "3/3", "1/5", "2/5", "3/5"]),
        ("sequence", ["1/1", "2/1", "1/3", "2/3"]),
        (
            "groups",
            [f"{c + 1}/1" for c in range(4)]
            + [f"{row}/{3 + f}" for f in range(6) for row in ((1, 2) if f < 3 else (3, 4))],
        ),
    ],
)
def test_kernels_stand_beside_what_they_read(name, places):
    assert re.findall(r'<table[^>]*style="grid-area:([^"]*)"', html_of(LAYERS[name])) == places


def data_of(text, **keys):
    tag = re.search(r"<symconv-figure[^>]*>", html_of(text, **keys))[0]
    return {name: unescape(value) for name, value in re.findall(r'data-([a-z]+)="([^"]*)"', tag)}


def test_the_state_stands_in_the_attributes():
    assert data_of(LAYERS["padded"]) == {
        "input": "3x4", "kernel": "2x2", "channels": "1", "kernels": "1", "stride": "1x2",
        "padding": "1,0x0,2", "dilation": "2x1", "groups": "1", "start": "0", "hidden": "2",
    }  # fmt: skip
    numbers = data_of("input: [[1, 1/2], [0.5, a]]\nkernel: [[-1]]")
    assert json.loads(numbers["x"]) == ["1", "1/2", "0.5", "a"]
    assert json.loads(numbers["w"]) == ["-1"]
    more = data_of(SMALL, cells="[1, 0]", controls="open", play="true")
    assert (more["cell"], more["controls"], more["play"]) == ("0,1,0", "open", "yes")
    assert data_of(LAYERS["kernels"], cells="[[2, 1, 0]]")["cell"] == "2,1,0"
    assert {"cell", "controls", "play"}.isdisjoint(data_of(SMALL, controls="closed", play="false"))


def test_what_an_author_may_write_beside_it():
    for text, sentence in (
        ("show: [figure]\ncontrols: wide", "controls='wide' is unknown: write closed or open"),
        ("show: [figure]\nplay: maybe", "play='maybe' is unknown: write false or true"),
        ("show: [sum]\nplay: true", "play is for a figure, which show does not list: add figure to show"),
        ("controls: open", "controls is for a figure, which show does not list: add figure to show"),
    ):
        with pytest.raises(BlockError) as refused:
            read_block(f"{SMALL}\n{text}")
        assert str(refused.value) == sentence


def test_a_layer_too_large_to_be_looked_at_is_refused():
    refuse_if_too_large(sc.Geometry((18, 9), 5))
    with pytest.raises(BlockError) as refused:
        html_of("input: 28x28\nkernel: 5x5\nkernels: 6")
    assert str(refused.value) == (
        "this layer has an output of 24×24, P of 576×25 and W of 25×6: its tables would have 22,396 cells, "
        f"and a figure shows at most {MOST_CELLS:,}, so choose smaller sizes"
    )


def test_what_an_author_writes_is_escaped():
    html = html_of("input: [[a1, 2]]\nkernel: [[1]]", caption="'<b>&'")
    assert "<b>" not in html
    assert "<i>a</i><sub>1</sub>" in html
    (tag,) = re.findall(r"<symconv-figure.*?>", html)
    assert "&quot;a_{1}&quot;" in tag


def test_the_other_parts_stand_beside_it():
    html = render(read_block(f"{SMALL}\nshow: [input, figure, proof]\nchoose: {{stride: [1, 2]}}"))
    assert html.count("<symconv-figure") == html.count("Proved.") == 2

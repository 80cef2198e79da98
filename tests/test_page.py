"""A lesson page: every block on it is read back as the layer it is about."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import symconv as sc
from symconv.lesson.block import read_block
from symconv.lesson.layer_block import SHOWN
from symconv.lesson.page import lesson_page
from tests.strategies import geometries

LAYERS = {
    "plain": sc.Geometry((3, 3), 2),
    "unequal": sc.Geometry((4, 5), (2, 3), stride=(2, 1), padding=((1, 0), (0, 2)), dilation=(1, 2)),
    "pads-alike-on-both-axes": sc.Geometry((5, 5), 3, padding=((1, 2), (1, 2))),
    "pads-per-axis": sc.Geometry((5, 5), 3, padding=(1, 2)),
    "kernels": sc.Geometry((5, 5), 3, 1, 2, stride=2, padding=1),
    "channels": sc.Geometry((4, 4), 2, 3),
    "groups": sc.Geometry((4, 4), 2, 4, 4, groups=2),
    "depthwise": sc.Geometry((4, 4), 2, 2, 4, groups=2),
    "same": sc.Geometry((5, 6), 3, stride=2, padding="same_lower"),
    "sequence": sc.Geometry(7, 3),
    "sequence-padded-unequally": sc.Geometry(7, 3, padding=[(1, 2)], stride=2, dilation=2),
    "sequence-of-channels": sc.Geometry(7, 3, 2, 3),
    "sequence-in-groups": sc.Geometry(7, 3, 2, 2, groups=2),
    "one-row": sc.Geometry((1, 5), (1, 2)),
    "a-single-cell": sc.Geometry((1, 1), 1),
    "too-large-for-numbers": sc.Geometry((20, 20), 3, stride=3),
}


def blocks_of(page, exercises=False):
    found = re.findall(r"^```symconv\n(.*?)\n```$", page, flags=re.MULTILINE | re.DOTALL)
    return [body for body in found if body.startswith("exercise:") == exercises]


def check(g, start=0):
    page = lesson_page(g, start=start)
    bodies = blocks_of(page)
    (exercise,) = blocks_of(page, exercises=True)
    assert len(bodies) + 1 == page.count("```") // 2 == 8
    (asked,) = read_block(exercise)
    assert asked.geometry == g
    assert asked.exercise.prove()
    shown = set()
    for body in bodies:
        (block,) = read_block(body)
        assert block.layer.geometry == g
        assert block.start == start
        assert block.layer.prove()
        shown |= set(block.show)
    assert shown == set(SHOWN)
    return page


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", LAYERS)
def test_every_block_is_the_layer(name, start):
    check(LAYERS[name], start)


@given(geometries(modes=("zeros",), ranks=(2, 1), most_products=400), st.integers(0, 1))
def test_every_block_is_any_layer(g, start):
    check(sc.Geometry(
        g.input_size, g.kernel_size, g.in_channels, g.out_channels,
        stride=g.stride, padding=g.padding, dilation=g.dilation, groups=g.groups,
    ), start)  # fmt: skip


def test_numbers_where_they_fit_and_letters_where_not():
    blocks = [read_block(body)[0] for body in blocks_of(lesson_page(LAYERS["plain"]))]
    assert [b.layer.matrices.is_symbolic for b in blocks] == [True, False, False, False, False, False, True]
    assert blocks[1].layer.input.tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert blocks[1].layer.kernel.tolist() == [[9, 8], [7, 6]]
    page = lesson_page(LAYERS["too-large-for-numbers"])
    assert all(read_block(b)[0].layer.matrices.is_symbolic for b in blocks_of(page))


@pytest.mark.parametrize(
    ("g", "title", "heading"),
    [
        (LAYERS["plain"], "", "# A 3×3 input under a 2×2 kernel"),
        (LAYERS["kernels"], "", "# A 5×5 input under 2 kernels of 3×3"),
        (LAYERS["sequence"], "", "# A 7 input under a 3 kernel"),
        (LAYERS["plain"], "  Mine,\n all mine ", "# Mine, all mine"),
    ],
    ids=["one-kernel", "kernels", "sequence", "a-title-of-two-lines"],
)
def test_the_heading(g, title, heading):
    assert lesson_page(g, title=title).splitlines()[0] == heading


def test_the_page_says_what_the_layer_is():
    second = lesson_page(LAYERS["unequal"]).split("\n\n")[1]
    assert second.startswith(
        "Here one kernel of 2×3 goes over an input of 4×5, with stride [2, 1], "
        "padding [[1, 0], [0, 2]], dilation [1, 2]. "
    )
    assert "an input of 4×4 with 4 channels, with groups 2. " in lesson_page(LAYERS["groups"])


def test_it_is_the_same_page_every_time():
    assert lesson_page(LAYERS["groups"]) == lesson_page(LAYERS["groups"])
    assert lesson_page(LAYERS["groups"]).endswith("```\n")


def test_counting_begins_with_0_or_1():
    with pytest.raises(sc.SymconvError, match="start=5"):
        lesson_page(LAYERS["plain"], start=5)

"""The author's block about a form of a convolution: what it reads, what it shows, and every refusal."""

import re

import pytest

import symconv as sc
from symconv.lesson.block import read_block
from symconv.lesson.form_parts.catalogue import FORMS
from symconv.lesson.render import render


def shown(text):
    return render(read_block(text))


def cells(html):
    """The rows of the first table, each as its cells' text."""
    body = re.search(r"<tbody>(.*?)</tbody>", html, re.DOTALL)[1]
    return [
        [re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row)]
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


WHOLE = {
    "fourier": ["length: 3\nkernel: [10, 1]", "length: 2x2", "input: 64x64\nkernel: 9x9\nstride: 2"],
    "layouts": ["other: matlab", "layout: all", "layout: jax\ninput: [[[1, 2]], [[3, 4]]]\nkernel: 1x2"],
    "polyphase": [
        "input: 5x6\nkernel: 2x3\nstride: [1, 2]",
        "input: [1, 2, 3, 4, 5]\nkernel: [1, 2]\nstride: 2",
    ],
    "sublattices": [
        "input: 8\nkernel: 3\ndilation: 2",
        "input: 5x6\nkernel: 2\npadding: 1\ndilation: [1, 2]",
    ],
    "separable": ["input: 5x6\nkernel: 3\nchannels: 2\nkernels: 4", "input: 5\nkernel: 2\nmultiplier: 2"],
    "pointwise": ["input: 2x2\nchannels: 2\nkernels: 3", "input: [[1, 2]]\nkernel: [[3]]\nstride: 2"],
    "winograd": ["outputs: 2\ntaps: 3", "outputs: 2x1\ntaps: 2x3\npoints: [0, 1]"],
}


ONLY = {  # values that go with some parts only
    "length: 3\nkernel: [10, 1]": ("matrix", "circulant", "diagonal", "identity", "proof"),
    "length: 2x2": ("matrix", "circulant", "diagonal", "identity", "crossover", "proof"),
    "input: 64x64\nkernel: 9x9\nstride: 2": ("cost",),
    "layout: all": ("table", "proof"),
    "other: matlab": ("matrix", "weights", "permutation", "indices", "cost", "proof"),
    "layout: jax\ninput: [[[1, 2]], [[3, 4]]]\nkernel: 1x2": ("matrix", "weights", "proof"),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_part_of_every_form_can_be_shown(name):
    seen = set()
    for values in WHOLE[name]:
        for part in ONLY.get(values, FORMS[name].parts):
            assert shown(f"form: {name}\n{values}\nshow: [{part}]").count("<figure") == 1
            seen.add(part)
    assert seen == set(FORMS[name].parts)


@pytest.mark.parametrize("name", FORMS)
def test_what_cannot_be_proved_is_not_shown(name, monkeypatch):
    blocks = read_block(f"form: {name}\n{WHOLE[name][0]}")
    monkeypatch.setattr(type(blocks[0].subject), "prove", lambda self: None)
    with pytest.raises(sc.BlockError, match="this form could not be proved, so it is not shown"):
        render(blocks)

"""The authors' page has every option of every block, and every one of them rendered."""

from pathlib import Path

import pytest

from symconv.lesson import exercise_block, layer_block, theorem_block
from symconv.lesson.exercises.catalogue import KINDS
from symconv.lesson.form_parts.catalogue import FORMS
from symconv.lesson.page_text import PageText
from symconv.lesson.render import render
from symconv.lesson.yaml_text import load

PAGE = PageText.of(Path(__file__).parent.parent / "docs" / "using" / "write-a-lesson.md")
BLOCKS = [load(fence.body)[0] for fence in PAGE.blocks()]


def about(kind=None, name=None):
    """The blocks of a kind that the page renders, or those about layers."""
    if kind is None:
        return [b for b in BLOCKS if not {"theorem", "form", "exercise"} & set(b)]
    return [b for b in BLOCKS if kind in b and name in (None, b[kind])]


def section(title):
    text = PAGE.text[PAGE.text.index(f"\n## {title}") + 1 :]
    return text[: text.index("\n## ") if "\n## " in text else len(text)]


def missing(wanted, blocks, section_text, part="show"):
    shown = {value for b in blocks for value in (b.get("show", ()) if part == "show" else b)}
    return [w for w in wanted if w not in shown], [w for w in wanted if f"`{w}`" not in section_text]


def test_every_part_of_a_layer():
    unrendered, untold = missing(layer_block.SHOWN, about(), section("What a block can show"))
    assert (unrendered, untold) == ([], [])


def test_every_key_of_a_layer():
    unrendered, untold = missing(layer_block.KEYS, about(), section("A block"), part="keys")
    assert (unrendered, untold) == ([], [])


def test_every_part_and_key_of_a_theorem():
    unrendered, untold = missing(theorem_block.SHOWN, about("theorem"), section("Theorems"))
    assert (unrendered, untold) == ([], [])
    own = [key for key in theorem_block.KEYS if key not in (*layer_block.LAYER_KEYS, "caption", "choose")]
    unrendered, untold = missing(own, about("theorem"), section("Theorems"), part="keys")
    assert (unrendered, untold) == ([], [])


@pytest.mark.parametrize("name", FORMS)
def test_every_part_and_key_of_a_form(name):
    forms = section("Other forms of a convolution")
    unrendered, untold = missing(FORMS[name].parts, about("form", name), forms)
    assert (unrendered, untold) == ([], [])
    own = [key for key in FORMS[name].keys if key not in layer_block.LAYER_KEYS]
    unrendered, untold = missing(own, about("form", name), forms, part="keys")
    assert (unrendered, untold) == ([], [])


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_and_key_of_an_exercise(name):
    exercises = section("Exercises")
    assert about("exercise", name)
    (line,) = (row for row in exercises.splitlines() if row.startswith(f"| `{name}` |"))
    for key in KINDS[name].keys:
        if key not in (*layer_block.LAYER_KEYS, "start"):
            assert f"`{key}`" in exercises
        elif "a layer's keys" not in line and "as `output_size`" not in line:
            assert f"`{key}`" in line
    for key in {key for kind in KINDS.values() for key in kind.keys} - {*layer_block.LAYER_KEYS}:
        assert any(key in b for b in about("exercise")) or key in ("points", "output_padding")
    for key in exercise_block.KEYS:
        assert f"`{key}`" in exercises
    for value in exercise_block.KEY_IS:
        assert f"`{value}`" in exercises


def test_every_block_of_the_page_is_derived():
    for fence in PAGE.blocks():
        assert "<figure" in render(PAGE.read(fence))

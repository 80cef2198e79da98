"""What an author types: sheets of exercises, a lesson like another one, a check of all pages."""

import json
import re
import shutil

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import symconv as sc
from symconv.cli import main
from symconv.lesson.block import read_block
from symconv.lesson.block_text import rewritten, written
from symconv.lesson.check_pages import check_file
from symconv.lesson.exercises.catalogue import KINDS
from symconv.lesson.fences import fences
from symconv.lesson.like import lesson_like
from symconv.lesson.page_text import PageText
from symconv.lesson.yaml_text import load
from tests.site.conftest import ROOT

LESSON = """# Windows { #windows }

Some words.

```symconv
input: 4x4
kernel: 2x2
show: [proof]
```

!!! note

    ```symconv
    exercise: output  # of numbers that are drawn
    input: 4x4
    kernel: 2x2
    blanks: 4
    seed: 3
    ```

```symconv
exercise: sum
kernel: 2x2
choose:
  input: [3x3, 4x4]
key: open
```

```pycon
>>> 1 + 1
2
```
"""
SAY = "say from what to draw: --seed 7 for one sheet, or --seeds 1-30 for many"
GIVE = ": give 1 to 200 seeds, such as 1-30 or a,b,c"
TOO_LARGE = (
    "kernel=4 on axis 0 is larger than the padded input of 3 cells: "
    "use a kernel of at most 3, or add padding of 1 more"
)
PATTERNS = ("many-channels.md", "groups.md", "gradients.md", "winograd.md", "one-proof-for-every-size.md")
SIZES = ("--input", "5x6", "--kernel", "2x3", "--stride", "2")


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def lesson(tmp_path):
    page = tmp_path / "docs" / "mine.md"
    page.parent.mkdir()
    page.write_text(LESSON, "utf-8")
    return page


def blocks_of(path):
    return [fence.body for fence in PageText.of(path).blocks()]


class TestSheets:
    def test_a_sheet_and_its_key(self, lesson, tmp_path):
        shown = run("exercises", lesson, "--seed", 7, "-o", tmp_path / "sheets")
        assert shown.exit_code == 0, shown.output
        assert shown.output == f"Wrote {tmp_path / 'sheets' / 'mine-sheet-7.md'} and its key mine-key-7.md.\n"
        sheet, key = (blocks_of(tmp_path / "sheets" / f"mine-{what}-7.md") for what in ("sheet", "key"))
        assert [load(body)[0]["key"] for body in (*sheet, *key)] == ["none"] * 2 + ["open"] * 2
        assert [load(body)[0]["seed"] for body in sheet] == ["7.1", "7.2"]
        assert "choose" not in load(sheet[1])[0]
        assert load(sheet[1])[0]["input"] == "3x3"
        assert "# of numbers that are drawn" in sheet[0]
        for asked, answered in zip(sheet, key, strict=True):
            (one,), (other,) = read_block(asked), read_block(answered)
            assert [g.answers.tolist() for g in one.exercise.asked] == [
                g.answers.tolist() for g in other.exercise.asked
            ]
        text = (tmp_path / "sheets" / "mine-sheet-7.md").read_text("utf-8")
        assert text.startswith("# Windows: exercises, sheet 7\n")
        assert "Name: ____" in text

    def test_the_same_seed_is_the_same_sheet_and_each_seed_another(self, lesson, tmp_path):
        shown = run("exercises", lesson, "--seeds", "1-3", "-o", tmp_path)
        assert shown.output.endswith(", and 4 more files.\n")
        first = (tmp_path / "mine-key-1.md").read_text("utf-8")
        assert run("exercises", lesson, "--seed", 1, "-o", tmp_path, "--force").exit_code == 0
        assert (tmp_path / "mine-key-1.md").read_text("utf-8") == first
        drawn = {
            tuple(
                tuple(grid.answers.ravel().tolist())
                for body in blocks_of(tmp_path / f"mine-key-{seed}.md")
                for grid in read_block(body)[0].exercise.asked
            )
            for seed in (1, 2, 3)
        }
        assert len(drawn) == 3

    def test_a_file_that_prints_as_it_is(self, lesson, tmp_path):
        assert run("exercises", lesson, "--seed", "class b/1", "--to", "html", "-o", tmp_path).exit_code == 0
        sheet, key = (
            (tmp_path / f"mine-{what}-class-b-1.html").read_text("utf-8") for what in ("sheet", "key")
        )
        assert sheet.count('class="symconv-exercise"') == key.count('class="symconv-exercise"') == 2
        assert "data-answer=" not in sheet
        assert '<td class="symconv-answer">' not in sheet
        assert key.count('<details class="symconv-key" open>') == 2
        for text in (sheet, key):
            assert text.startswith("<!doctype html>")
            assert "http" not in re.sub(r"<style>.*?</style>|<script.*?</script>", "", text, flags=re.DOTALL)

    def test_every_kind_can_be_on_a_sheet(self, tmp_path):
        page = tmp_path / "every.md"
        bodies = dict.fromkeys(KINDS, "input: 3x4\nkernel: 2x2\n")
        bodies |= {"winograd": "", "fourier": ""}
        page.write_text(
            "\n".join(f"```symconv\nexercise: {kind}\n{body}```\n" for kind, body in bodies.items())
        )
        for to in ("markdown", "html"):
            assert run("exercises", page, "--seed", 1, "-o", tmp_path, "--to", to).exit_code == 0
        assert len(blocks_of(tmp_path / "every-sheet-1.md")) == len(KINDS)
        assert not check_file(tmp_path / "every-sheet-1.md").faults

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            ((), SAY),
            (("--seed", "1", "--seeds", "1-2"), SAY),
            (("--seed", " "), "--seed is empty: give a number or a word, such as 7"),
            (("--seeds", "9-1"), "seeds='9-1' makes 0 sheets" + GIVE),
            (("--seeds", "1-900"), "seeds='1-900' makes 900 sheets" + GIVE),
        ],
    )
    def test_refusals(self, lesson, words, message):
        shown = run("exercises", lesson, *words)
        assert shown.exit_code == 1
        assert shown.output == f"Error: {message}\n"

    def test_what_is_there_is_not_written_over(self, lesson, tmp_path):
        (tmp_path / "mine-key-1.md").write_text("mine")
        shown = run("exercises", lesson, "--seed", 1, "-o", tmp_path)
        assert shown.exit_code == 1
        assert "is there already: choose another folder with -o" in shown.output
        assert not (tmp_path / "mine-sheet-1.md").exists()

    def test_a_page_without_exercises_or_with_a_bad_block_is_named(self, tmp_path):
        page = tmp_path / "page.md"
        page.write_text("# Page\n")
        assert "page.md has no exercises: add a symconv block" in run("exercises", page, "--seed", 1).output
        page.write_text("# Page\n\n```symconv\nexercise: output\ninput: 3x3\nkernel: 9x9\n```\n")
        assert "page.md:6: kernel=9 on axis 0 is larger" in run("exercises", page, "--seed", 1).output
        assert "is no page: name a file" in run("exercises", tmp_path / "none.md", "--seed", 1).output


class TestLike:
    def test_the_text_stays_and_the_sizes_change(self, lesson, tmp_path):
        page = tmp_path / "docs" / "new.md"
        shown = run("lesson", page, *SIZES, "--like", lesson, "--title", "Larger")
        assert shown.exit_code == 0, shown.output
        assert "Not carried over: choose of the block on line 21 of mine.md fits no more" in shown.output
        assert "the words are those of mine.md, so look there for sizes." in shown.output
        text = page.read_text("utf-8")
        assert text.startswith("# Larger\n\nSome words.\n")
        assert "\n    ```symconv\n    exercise: output  # of numbers that are drawn\n    input: 5x6\n" in text
        for body in blocks_of(page):
            (block,) = read_block(body)
            assert block.geometry == sc.Geometry((5, 6), (2, 3), stride=2)
        assert not check_file(page).faults

    @pytest.mark.parametrize("name", PATTERNS)
    def test_a_lesson_of_the_course_can_be_a_pattern(self, name, tmp_path):
        pattern = PageText.of(ROOT / "docs" / "lessons" / name)
        made = lesson_like(pattern, sc.Geometry((4, 5), (2, 3)))
        total = sum(1 for _ in pattern.blocks())
        assert made.replaced + len(made.left) == total
        assert made.sentence(pattern).startswith("Not carried over: ")
        page = tmp_path / name
        page.write_text(made.text, "utf-8")
        assert not check_file(page, sessions=False).faults

    def test_numbers_become_numbers_and_cells_stay_where_they_are(self, tmp_path):
        page = tmp_path / "page.md"
        body = "input: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]\nkernel: [[1, 2], [3, 4]]\n"
        body += "show: [sum]\ncells: [[1, 1]]\n"
        page.write_text(f"```symconv\n{body}```\n")
        made = lesson_like(PageText.of(page), sc.Geometry((4, 4), 2))
        (block,) = read_block(next(iter(fences(made.text.splitlines()))).body)
        assert block.layer.input.shape == (4, 4)
        assert block.cells == ((1, 1),)
        smaller = lesson_like(PageText.of(page), sc.Geometry((2, 2), 2))
        assert smaller.without == ((1, "cells"),)

    def test_what_has_no_sizes_is_left(self, tmp_path):
        page = tmp_path / "page.md"
        page.write_text(
            "```symconv\ntheorem: flip\n```\n\n```symconv\nform: winograd\noutputs: 2\ntaps: 3\n```\n\n"
            "```symconv\nform: toeplitz\ninput: 3x3\nkernel: 2x2\n```\n"
        )
        made = lesson_like(PageText.of(page), sc.Geometry((4, 5), (2, 3)))
        assert (made.replaced, made.left) == (1, (1, 5))
        assert "the blocks on lines 1, 5 of page.md are about their own sizes" in made.sentence(
            PageText.of(page)
        )

    def test_the_menu(self, lesson, tmp_path):
        (tmp_path / "mkdocs.yml").write_text("site_name: Mine\n")
        page = tmp_path / "docs" / "new.md"
        assert "nav" not in run("lesson", page, *SIZES).output
        (tmp_path / "mkdocs.yml").write_text("site_name: Mine\nnav:\n  - mine.md\n")
        shown = run("lesson", page, *SIZES, "--force", "--title", "One: a window").output
        assert shown.endswith(
            "To have it in the menu, add to nav in mkdocs.yml:\n  - 'One: a window': new.md\n"
        )
        (tmp_path / "mkdocs.yml").write_text("site_name: Mine\ndocs_dir: pages\nnav:\n  - mine.md\n")
        assert "nav" not in run("lesson", page, *SIZES, "--force").output

    def test_what_serves_the_page_is_named(self, tmp_path):
        (tmp_path / "mkdocs.yml").write_text("site_name: Mine\n")
        page = tmp_path / "docs" / "new.md"
        assert "See it with: mkdocs serve\n" in run("lesson", page, *SIZES).output
        (tmp_path / "scripts").mkdir()
        (tmp_path / "scripts" / "site.py").touch()
        shown = run("lesson", page, *SIZES, "--force").output
        assert "See it with: python3 scripts/site.py\n" in shown

    def test_a_new_lesson_has_an_exercise(self, tmp_path):
        page = tmp_path / "new.md"
        assert run("lesson", page, *SIZES).exit_code == 0
        assert "## Your turn\n\n```symconv\nexercise: patches\ninput: 5x6\n" in page.read_text("utf-8")
        assert not check_file(page).faults
        assert run("lesson", page, "--input", "40x40", "--kernel", "3x3", "--force").exit_code == 0
        assert "exercise: output_size\n" in page.read_text("utf-8")
        assert not check_file(page).faults


FAULTS = [
    (
        "unknown-key",
        "```symconv\ninput: 3x3\nkernl: 2x2\n```\n",
        3,
        "'kernl' is no key of a symconv block: did you mean kernel?",
    ),
    ("impossible", "> ```symconv\n> input: 3x3\n> kernel: 4x4\n> ```\n", 3, TOO_LARGE),
    (
        "open",
        "```symconv\ninput: 3x3\n",
        1,
        "this block never ends: close it with the fence that it began with",
    ),
    (
        "misspelt",
        "```symcov\ninput: 3x3\n```\n",
        1,
        "this fence is named 'symcov': write symconv if a figure is meant",
    ),
    ("session", "```pycon\n>>> a = 1\n>>> a + 1\n3\n```\n", 3, "this session says “2”, and the page has “3”"),
    (
        "across-blocks",
        "```python\nb = 5\n```\n\n```pycon\n>>> b\n6\n```\n",
        6,
        "this session says “5”, and the page has “6”",
    ),
    ("error", "```pycon\n>>> 1 / 0\n1\n```\n", 2, "this session fails: ZeroDivisionError: division by zero"),
    (
        "program",
        "```python\nimport nothing_of_this_name\n```\n",
        1,
        "this program fails: ModuleNotFoundError: No module named 'nothing_of_this_name'",
    ),
    ("exit", "```pycon\n>>> raise SystemExit(3)\n```\n", 2, "this session fails: SystemExit: 3"),
    ("prompts", "```pycon\n>>> 1\n1\n>>>2\n```\n", 1, None),
]


class TestCheck:
    def test_all_is_well(self, lesson):
        shown = run("build", "--check", lesson.parent)
        assert shown.exit_code == 0
        assert shown.output == "1 file, 3 blocks, 1 example: all is well.\n"

    @pytest.mark.parametrize(
        ("text", "line", "sentence"), [pytest.param(*row, id=row[0]) for row in [r[1:] for r in FAULTS]]
    )
    def test_a_fault_is_named_by_page_and_line(self, lesson, text, line, sentence):
        bad = lesson.with_name("bad.md")
        bad.write_text(text, "utf-8")
        shown = run("build", "--check", lesson.parent)
        assert shown.exit_code == 1
        first, *_, last = shown.output.splitlines()
        assert first.startswith(f"{bad}:{line}: ")
        assert sentence is None or first == f"{bad}:{line}: {sentence}"
        assert last.endswith(": 1 fault.")

    def test_every_fault_of_every_page_is_told(self, lesson):
        for number, (_, text, *_) in enumerate(FAULTS):
            lesson.with_name(f"bad-{number}.md").write_text(text, "utf-8")
        shown = run("build", "--check", lesson.parent)
        assert shown.output.endswith(f": {len(FAULTS)} faults.\n")

    def test_sessions_are_not_run_if_nobody_wants_to(self, lesson):
        lesson.write_text("```pycon\n>>> 1\n2\n```\n")
        assert run("build", "--check", lesson, "--no-sessions").output == "1 file, 0 blocks: all is well.\n"

    def test_a_wrong_plan_is_found(self, lesson, monkeypatch):
        import symconv.index_map as plan

        right = plan.patch_map
        monkeypatch.setattr(plan, "patch_map", lambda g: right(g)[::-1].copy())
        shown = run("build", "--check", lesson)
        assert shown.exit_code == 1
        assert f"{lesson}:5: the unrolling could not be proved" in shown.output
        assert "is not shown: please report it" in shown.output

    @pytest.mark.parametrize("to", ["markdown", "html"])
    def test_a_sheet_of_a_lesson_that_has_changed_is_out_of_date(self, lesson, tmp_path, to):
        sheets = tmp_path / "sheets"
        assert run("exercises", lesson, "--seed", 1, "-o", sheets, "--to", to).exit_code == 0
        assert run("build", "--check", sheets).exit_code == 0
        lesson.write_text(LESSON.replace("blanks: 4", "blanks: 5"), "utf-8")
        shown = run("build", "--check", sheets)
        assert shown.exit_code == 1
        assert (
            shown.output.count("it was made from ../docs/mine.md, which has changed since: make it again")
            == 2
        )
        lesson.unlink()
        assert "which is not there: make it again, or delete it" in run("build", "--check", sheets).output

    @pytest.mark.parametrize("to", ["notebook", "tex", "html"])
    def test_an_export_of_a_lesson_that_has_changed_is_out_of_date(self, lesson, tmp_path, to):
        made = tmp_path / "made" / "mine"
        katex = ROOT / "docs" / "assets" / "katex"
        file = made.with_suffix({"notebook": ".ipynb", "tex": ".tex", "html": ".html"}[to])
        assert run("export", lesson, "--to", to, "--katex", katex, "-o", file).exit_code == 0
        if to == "notebook":
            json.loads(file.read_text("utf-8"))
        assert run("build", "--check", file).exit_code == 0
        lesson.write_text(LESSON.replace("blanks: 4", "blanks: 5"), "utf-8")
        shown = run("build", "--check", made.parent)
        assert shown.exit_code == 1
        assert "it was made from ../docs/mine.md, which has changed since: make it again" in shown.output

    def test_ends_of_lines_are_no_change(self, lesson, tmp_path):
        assert run("exercises", lesson, "--seed", 1, "-o", tmp_path / "sheets").exit_code == 0
        lesson.write_bytes(LESSON.replace("\n", "\r\n").encode())
        assert run("build", "--check", tmp_path / "sheets").exit_code == 0

    def test_refusals(self, lesson, tmp_path):
        assert "say --check to check its pages" in run("build", lesson).output
        (tmp_path / "empty").mkdir()
        assert "has no pages: name a folder" in run("build", "--check", tmp_path / "empty").output
        assert run("build", "--check", tmp_path / "none").exit_code == 2
        lesson.write_bytes(b"\xff\xfe\xff")
        assert "cannot be read as text" in run("build", "--check", lesson).output

    def test_what_is_no_page_of_the_site_is_passed_over(self, lesson):
        hidden = lesson.parent / ".venv" / "bad.md"
        hidden.parent.mkdir()
        shutil.copy(lesson, hidden)
        assert run("build", "--check", lesson.parent).output.startswith("1 file,")


TEXT = st.text(st.characters(codec="ascii", exclude_categories=("Cc",)), min_size=1).map(str.strip)
VALUES = st.recursive(TEXT, lambda inner: st.lists(inner, min_size=1, max_size=3), max_leaves=6)


@given(st.dictionaries(st.sampled_from("abcdef"), VALUES | st.none(), max_size=4))
def test_a_rewritten_block_says_what_was_asked(keys):
    body = "z: 9\na: 1\nb: [1,\n  2]  # a list\nc:\n  - x\n"
    new = rewritten(body, keys)
    values, _ = load(new)
    old, _ = load(body)
    wanted = {**old, **keys}
    assert values == {key: value for key, value in wanted.items() if value is not None}


def test_a_value_is_written_as_plainly_as_can_be():
    assert [written(v) for v in ("3x3", "-2", "a b", "", "- a", "x: y")] == [
        "3x3",
        "-2",
        "a b",
        "''",
        "'- a'",
        "'x: y'",
    ]


def test_fences_are_those_that_the_extension_finds():
    text = (
        "````md\n```symconv\n```\n````\n\n~~~ {.symconv}\na\n~~~\n\n> ```symconv\n> b\n> ```\n\n"
        "- c\n\n    ```symconv\n    d\n      e\n    ```\n"
    )
    found = [(fence.line, fence.name, fence.body) for fence in fences(text.splitlines())]
    assert found == [
        (0, "md", "```symconv\n```"),
        (5, "symconv", "a"),
        (9, "symconv", "b"),
        (15, "symconv", "d\n  e"),
    ]


def test_the_commands_are_in_the_help():
    shown = run("--help").output
    for words in ("symconv exercises docs/lessons/mine.md --seeds 1-30", "symconv build  --check docs"):
        assert words in shown

"""The command line, as a person types it."""

import pytest
from click.testing import CliRunner

import symconv as sc
from symconv.cli import main


def run(*words):
    return CliRunner().invoke(main, list(words))


def run_line(line):
    return run(*line.split())


def test_help_names_the_commands_and_shows_one_of_each():
    shown = run("--help").output
    for words in (
        "symconv prove  --input 224x224",
        "symconv latex  --input",
        "symconv lesson docs/lessons/mine.md",
    ):
        assert words in shown
    for command in ("prove", "latex", "lesson"):
        assert "--padding" in run(command, "--help").output


def test_prove_prints_the_verdict():
    shown = run(
        "prove",
        *[
            "--input",
            "5x7",
            "--kernel",
            "2x3",
            "--channels",
            "4",
            "--kernels",
            "6",
            "--groups",
            "2",
            "--batch",
            "2",
        ],
    )
    assert shown.exit_code == 0
    assert shown.output == (
        "Proved (tier: exact). All 240 entries of P·W equal the loop formula, as polynomials:\n"
        "2,880 products, for any values of the inputs and weights (route: factorised).\n"
    )


def test_prove_ends_with_1_when_it_does_not_hold(monkeypatch):
    import symconv.index_map as plan

    right = plan.patch_map
    monkeypatch.setattr(plan, "patch_map", lambda g: right(g)[::-1].copy())
    shown = run("prove", "--input", "3x3", "--kernel", "2x2")
    assert shown.exit_code == 1
    assert shown.output.startswith("Refuted (tier: exact) after 1 entry of P·W")


def test_theorem_proves_one_and_shows_its_steps():
    shown = run_line("theorem output-size --axes 1")
    assert shown.exit_code == 0
    assert " 1. re-index, left: A window fits exactly if it is one of the first so many." in shown.output
    assert "      needs o < ((W + d + e + p - K·d - 1) // s) + 1" in shown.output
    assert "Proved (tier: every size)." in shown.output


def test_theorem_without_a_name_proves_all():
    shown = run_line("theorem --axes 1")
    assert shown.exit_code == 0
    assert [line.split()[:2] for line in shown.output.splitlines() if line.startswith("proved")] == [
        ["proved", t.name] for t in sc.theorems(1)
    ]


def test_theorem_ends_with_1_when_it_does_not_hold(monkeypatch):
    false = sc.theorem("flip", 1).variants[0]
    monkeypatch.setattr("symconv.cli.find_theorem", lambda name, axes: false)
    monkeypatch.setattr("symconv.cli.theorems", lambda axes: (false,))
    assert run_line("theorem flip").exit_code == 1
    shown = run_line("theorem")
    assert shown.exit_code == 1
    assert shown.output.startswith("NOT PROVED")


def test_theorem_prints_latex_or_smtlib():
    assert run_line("theorem flip --latex").output == sc.latex(sc.theorem("flip")) + "\n"
    assert run_line("theorem flip --smtlib").output == sc.theorem("flip").smtlib() + "\n"


def test_latex_prints_one_part():
    shown = run_line("latex --input 3x3 --kernel 2x2 --part sum --cell 1,2 --start 1")
    assert shown.output == (
        "\\begin{aligned}\n"
        "y_{1,2} = {} & w_{1,1} x_{1,2} + w_{1,2} x_{1,3} \\\\\n"
        "& + w_{2,1} x_{2,2} + w_{2,2} x_{2,3}\n"
        "\\end{aligned}\n"
    )


def test_lesson_does_not_write_over_a_page_without_force(tmp_path):
    page = tmp_path / "new" / "mine.md"
    words = ["lesson", str(page), "--input", "3x3", "--kernel", "2x2"]
    assert run(*words).exit_code == 0
    page.write_text("my own words", "utf-8")
    refused = run(*words)
    assert refused.exit_code == 1
    assert refused.output == (
        f"Error: {page} is there already: choose another name, or write over it with --force\n"
    )
    assert page.read_text("utf-8") == "my own words"
    assert run(*words, "--force", "--title", "A  title\nin a line").exit_code == 0
    assert page.read_text("utf-8").startswith("# A title in a line\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "prove --input 3x3 --kernel 5x5",
            "kernel=5 on axis 0 is larger than the padded input of 3 cells: "
            "use a kernel of at most 3, or add padding of 2 more",
        ),
        ("prove --input three --kernel 2x2", "--input='three' is not a size: write one such as 3x3"),
        (
            "prove --input 3x3 --kernel 2x2 --stride x",
            "--stride='x' is not a whole number: write one such as 1",
        ),
        (
            "prove --input 3x3 --kernel 2x2 --padding some",
            "--padding='some' is unknown: "
            "write numbers, or one of 'valid', 'same', 'same_upper', 'same_lower'",
        ),
        (
            "prove --input 3x3 --kernel 2x2 --padding p",
            "--padding='p' is unknown: write numbers, or one of 'valid', 'same', 'same_upper', 'same_lower'",
        ),
        ("theorem flop", "name='flop' is no theorem here: did you mean 'flip'?"),
        ("theorem --smtlib", "NAME is missing: say of which theorem, such as im2col"),
        (
            "latex --input 3x3 --kernel 2x2 --part sum --cell 2,0",
            "cell=[2, 0] is not a cell of the output: give an index from (0, 0) to (1, 1)",
        ),
        (
            "lesson x.md --input 2000x2000 --kernel 2x2",
            "input: 4,000,000 cells are more than a page can hold, at most 65,536: "
            "choose a smaller input, less padding, fewer kernels or a larger stride",
        ),
        (
            "lesson x.md --input 3x3x3 --kernel 2x2x2",
            "input=3x3x3 has 3 axes, and a page draws one or two: write a size such as 3 or 3x3",
        ),
    ],
)
def test_a_mistake_gets_one_sentence(words, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = run_line(words)
    assert shown.exit_code == 1
    assert shown.output == f"Error: {sentence}\n"
    assert not list(tmp_path.iterdir())


def test_a_page_that_cannot_be_written_gets_one_sentence(tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    shown = run("lesson", str(tmp_path / "file" / "mine.md"), "--input", "3x3", "--kernel", "2x2")
    assert shown.exit_code == 1
    assert "cannot be written (" in shown.output
    assert "choose another place" in shown.output

"""An exercise as HTML: tables with blanks to write in, and the answers beneath, folded away.

Nothing here needs a script: without one the blanks can be filled in, and the key be opened. The script adds
the buttons that check. On a sheet without its key (``key: none``) the answers are nowhere in the page.
"""

from html import escape
from typing import Any

import sympy

from symconv.errors import BlockError
from symconv.lesson.exercise_block import ExerciseBlock
from symconv.lesson.exercises.answers import accepted, text
from symconv.lesson.exercises.exercise import Exercise, Grid
from symconv.show.figure import entry

_BUTTONS = (("check", "Check"), ("show", "Show answers"), ("clear", "Start again"))
_MOST_IN_SIGHT = 6  # columns that a phone shows


def exercise_parts(block: ExerciseBlock) -> tuple[str, list[str]]:
    """The exercise, and no LaTeX.

    Raises:
        BlockError: an answer is not what the definition gives, or the layer could not be proved.
    """
    exercise = block.exercise
    proof = exercise.prove()
    if not proof:
        raise BlockError(f"what the answers come from could not be proved, so it is not shown: {proof!r}")
    open_key = block.key == "open"
    with_answers = block.key != "none"
    given = "".join(_table(grid, "") for grid in exercise.given)
    cells = [cell for grid in (*exercise.given, *exercise.asked) for cell in grid.answers.flat]
    asked = "".join(_table(grid, _blanks(grid, cells, with_answers)) for grid in exercise.asked)
    pieces = [
        f'<p class="symconv-question"><strong>Exercise.</strong> {escape(exercise.question)}</p>',
        f'<div class="symconv-row">{given}</div>' if given else "",
        f'<div class="symconv-row symconv-asked">{asked}</div>',
        _CHECKING if with_answers else "",
        _key(exercise, proof, open_key) if with_answers else "",
    ]
    kind = escape(block.name)
    return (
        f'<div class="symconv-exercise" data-kind="{kind}" role="group" aria-label="Exercise">'
        f"{''.join(pieces)}</div>"
    ), []


_CHECKING = (
    '<div class="symconv-checking" hidden>'
    + "".join(f'<button type="button" data-action="{name}">{words}</button>' for name, words in _BUTTONS)
    + '</div><p class="symconv-result" role="status"></p>'
)


def _key(exercise: Exercise, proof: Any, is_open: bool) -> str:
    """The answers, and why they are right."""
    tables = "".join(_table(grid, None) for grid in exercise.asked)
    blanks = exercise.blanks
    all_of_them = "The answer was" if blanks == 1 else f"All {blanks} answers were"
    return (
        f'<details class="symconv-key"{" open" if is_open else ""}><summary>Answer key</summary>'
        f'<div class="symconv-row">{tables}</div>'
        '<p class="symconv-proof"><strong>Proved.</strong> '
        f'<span class="symconv-tier">tier: {escape(str(proof.tier))}</span> {all_of_them} read from what was '
        f"proved while this page was built, then found a second time {escape(exercise.recomputed)}, and "
        "compared.</p></details>"
    )


def _table(grid: Grid, blanks: Any) -> str:
    """A table: with blanks to write in, with the answers marked (None), or of what is given."""
    head = ""
    if grid.columns:
        corner = "<td></td>" if grid.rows else ""
        heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in grid.columns)
        head = f"<thead><tr>{corner}{heads}</tr></thead>"
    body = []
    for r, row in enumerate(grid.answers):
        name = f'<th scope="row">{escape(grid.rows[r])}</th>' if grid.rows else ""
        cells = []
        for c, value in enumerate(row):
            if not grid.blank[r, c]:
                cells.append(f"<td>{_entry(value)}</td>")
            elif blanks is None:
                cells.append(f'<td class="symconv-answer"><strong>{_entry(value)}</strong></td>')
            else:
                cells.append(f'<td class="symconv-blank">{blanks[r, c]}</td>')
        body.append(f"<tr>{name}{''.join(cells)}</tr>")
    label = escape(grid.label)
    # what may scroll has to be reachable by keyboard; through its blanks it is
    stop = ' tabindex="0"' if len(grid.answers[0]) > _MOST_IN_SIGHT and not blanks else ""
    letters = max((len(text(v)) for v in grid.answers[grid.blank]), default=0)
    return (
        f'<div class="symconv-cells" role="group" aria-label="{label}"{stop}>'
        f'<table class="symconv-table" style="--symconv-letters: {letters}">'
        f"<caption>{label}</caption>{head}"
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _entry(value: Any) -> str:
    """What stands in a cell; the imaginary unit as it is written by hand."""
    if isinstance(value, sympy.Expr) and value.has(sympy.I):
        value = str(value).replace("*I", "i").replace("I", "i")
    return entry(value)


def _blanks(grid: Grid, cells: list[Any], with_answers: bool) -> dict[tuple[int, int], str]:
    """The field of each blank, with what may be written in it."""
    fields = {}
    for r, c in zip(*grid.blank.nonzero(), strict=True):
        place = int(r), int(c)
        answer = grid.answers[place]
        data = f' data-answer="{escape("|".join(accepted(answer, cells)))}"' if with_answers else ""
        fields[place] = (
            f'<input type="text" size="4" maxlength="40" autocomplete="off" autocapitalize="none" '
            f'spellcheck="false" aria-label="{escape(grid.place(*place))}"{data}>'
        )
    return fields

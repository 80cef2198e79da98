"""HTML for figures: semantic tables whose cells can be marked. Everything is escaped; no geometry here."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import sympy

from symconv.entries import Array

MATHEMATICS = '<div class="symconv-math">'
"""How a formula begins, by which it can be told from a table."""


def entry(value: Any) -> str:
    """One number or symbol as HTML text: subscripts as such, minus signs as minus signs.

    Examples:
        >>> entry(sympy.Symbol("x_{1,2}")), entry(-3)
        ('<i>x</i><sub>1,2</sub>', '−3')
    """
    if isinstance(value, np.generic) and not isinstance(value, np.floating):
        value = value.item()
    if isinstance(value, sympy.Symbol):
        letter, _, subscript = str(value.name).partition("_")
        return f"<i>{escape(letter)}</i>" + (
            f"<sub>{escape(subscript.strip('{}'))}</sub>" if subscript else ""
        )
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    return escape(str(value)).replace("-", "−").replace("**", "^").replace("*", "·")


def table(
    array: Array,
    caption: str,
    *,
    marked: Array | None = None,
    padding: Array | None = None,
    hidden: Array | None = None,
    notes: Array | None = None,
    row_labels: Sequence[str] = (),
    column_labels: Sequence[str] = (),
) -> str:
    """A semantic table of a two-axis array.

    Args:
        array: shape (R, C).
        caption: what the table is, for those who do not see it; plain text.
        marked: shape (R, C), True where a cell is lit up.
        padding: shape (R, C), True where a cell is padding, drawn apart.
        hidden: shape (R, C), True where a value is not known yet.
        notes: shape (R, C), what a cell is multiplied by; None for nothing.
        row_labels: one header for each row.
        column_labels: one header for each column.

    Returns:
        An HTML ``table`` in a box that scrolls when the page is narrower.
    """
    head = ""
    if column_labels:
        corner = "<td></td>" if row_labels else ""
        heads = "".join(f'<th scope="col">{escape(label)}</th>' for label in column_labels)
        head = f"<thead><tr>{corner}{heads}</tr></thead>"
    rows = []
    for r, row in enumerate(array):
        label = f'<th scope="row">{escape(row_labels[r])}</th>' if row_labels else ""
        cells = []
        for c, value in enumerate(row):
            names = [n for n, on in (("marked", marked), ("padding", padding)) if on is not None and on[r, c]]
            kind = f' class="{" ".join(f"symconv-{name}" for name in names)}"' if names else ""
            text = "" if hidden is not None and hidden[r, c] else entry(value)
            note = "" if notes is None or notes[r, c] is None else f"<small>×{entry(notes[r, c])}</small>"
            cells.append(f"<td{kind}>{text}{note}</td>")
        rows.append(f"<tr>{label}{''.join(cells)}</tr>")
    return (
        f'<div class="symconv-cells"><table class="symconv-table"><caption>{escape(caption)}</caption>{head}'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def mathematics(source: str, label: str = "") -> str:
    """LaTeX for the page's own printer of mathematics, with a line of text beneath it."""
    text = f'<div class="symconv-label">{escape(label)}</div>' if label else ""
    display = f'<div class="arithmatex">\\[{escape(source, quote=False)}\\]</div>'
    return f"{MATHEMATICS}{display}{text}</div>"


def inline(source: str) -> str:
    """LaTeX within a line of text."""
    return f'<span class="arithmatex">\\({escape(source, quote=False)}\\)</span>'

"""HTML for figures: semantic tables whose cells can be marked. Everything is escaped; no geometry here."""

from collections.abc import Collection, Sequence
from html import escape
from typing import Any

import numpy as np
import sympy

from symconv.entries import Array

Cell = tuple[int, ...]


def entry(value: Any) -> str:
    """One number or symbol as HTML text: subscripts as such, minus signs as minus signs.

    >>> entry(sympy.Symbol("x_{1,2}")), entry(-3)
    ('<i>x</i><sub>1,2</sub>', '−3')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, sympy.Symbol):
        letter, _, subscript = str(value.name).partition("_")
        return f"<i>{escape(letter)}</i>" + (
            f"<sub>{escape(subscript.strip('{}'))}</sub>" if subscript else ""
        )
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return escape(str(value)).replace("-", "−").replace("**", "^").replace("*", "·")


def table(
    array: Array,
    caption: str,
    *,
    marked: Collection[Cell] = (),
    padding: Collection[Cell] = (),
    hidden: Collection[Cell] = (),
    row_labels: Sequence[str] = (),
    column_labels: Sequence[str] = (),
) -> str:
    """A semantic table of a two-axis array.

    Args:
        array: shape (R, C).
        caption: what the table is, for those who do not see it; plain text.
        marked: cells (row, column) that are lit up.
        padding: cells that are padding, drawn apart.
        hidden: cells whose value is not known yet.
        row_labels: one header for each row.
        column_labels: one header for each column.

    Returns:
        An HTML ``table``.
    """
    rows = []
    if column_labels:
        corner = "<td></td>" if row_labels else ""
        heads = "".join(f'<th scope="col">{escape(label)}</th>' for label in column_labels)
        rows.append(f"<thead><tr>{corner}{heads}</tr></thead>")
    rows.append("<tbody>")
    for r, row in enumerate(array):
        head = f'<th scope="row">{escape(row_labels[r])}</th>' if row_labels else ""
        cells = "".join(
            _cell(value, (r, c) in marked, (r, c) in padding, (r, c) in hidden) for c, value in enumerate(row)
        )
        rows.append(f"<tr>{head}{cells}</tr>")
    body = "".join(rows) + "</tbody>"
    return f'<table class="symconv-table"><caption>{escape(caption)}</caption>{body}</table>'


def mathematics(source: str, label: str = "") -> str:
    """LaTeX for the page's own printer of mathematics, with a line of text beneath it."""
    text = f'<div class="symconv-label">{escape(label)}</div>' if label else ""
    display = f'<div class="arithmatex">\\[{escape(source, quote=False)}\\]</div>'
    return f'<div class="symconv-math">{display}{text}</div>'


def _cell(value: Any, marked: bool, padding: bool, hidden: bool) -> str:
    names = [name for name, on in (("marked", marked), ("padding", padding)) if on]
    attribute = f' class="{" ".join(f"symconv-{name}" for name in names)}"' if names else ""
    return f"<td{attribute}>{'' if hidden else entry(value)}</td>"

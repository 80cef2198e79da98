"""What a lesson page has to know about a form of a convolution, and the figures that all forms share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from symconv.forms.cost import Cost
from symconv.show import figure

Shown = tuple[str, list[str]]  # HTML, and the LaTeX in it


@dataclass(frozen=True)
class Form:
    """A form of a convolution, for authors: what they write and what they can show.

    Attributes:
        keys: the keys it takes besides ``form``, ``show``, ``choose`` and ``caption``.
        read: what the form makes of a block's values (text, or nested lists of text) and the parts to show;
            whatever it is has a method ``prove``. It raises a ``SymconvError`` that begins with the key.
        parts: for each part what shows it, given what ``read`` made and its proof, which holds.
        default: the parts that are shown if the author names none.
    """

    keys: tuple[str, ...]
    read: Callable[[dict[str, Any], tuple[str, ...]], Any]
    parts: dict[str, Callable[[Any, Any], Shown]]
    default: tuple[str, ...]


def proved(tier: str, words: str) -> str:
    """The verdict on a form, with its tier.

    Args:
        tier: how far it reaches.
        words: HTML that goes on after "While this page was built, ".
    """
    return (
        '<p class="symconv-proof"><strong>Proved.</strong> '
        f'<span class="symconv-tier">tier: {escape(str(tier))}</span> While this page was built, {words}</p>'
    )


def formula(latex: str, label: str = "") -> Shown:
    """A part that is one formula."""
    return figure.mathematics(latex, label), [latex]


def side_by_side(parts: Sequence[str]) -> str:
    """Small figures in a row, while there is room."""
    return f'<div class="symconv-row">{"".join(parts)}</div>'


def listing(label: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table of words and numbers in a box that scrolls, the first cell of each row its head.

    Examples:
        >>> "<td>1,000</td>" in listing("cost", ("way", "products"), [("loop formula", 1000)])
        True
    """
    head = "".join(f'<th scope="col">{escape(h)}</th>' for h in heads)
    body = "".join(
        f'<tr><th scope="row">{_text(first)}</th>{"".join(f"<td>{_text(v)}</td>" for v in rest)}</tr>'
        for first, *rest in rows
    )
    name = escape(label)
    return (
        f'<div class="symconv-scroll" tabindex="0" role="region" aria-label="{name}">'
        f'<table class="symconv-listing"><caption>{name}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def costs(ways: Sequence[tuple[str, Cost]], label: str = "what it costs, counted") -> str:
    """What several ways of computing the same cost, the first of them divided by each."""
    direct = ways[0][1].products
    rows = [
        (name, cost.products, times(direct, cost.products), cost.additions, cost.memory)
        for name, cost in ways
    ]
    heads = ("way", "multiplications", "the first way's ÷ these", "additions", "numbers held in between")
    return listing(label, heads, rows)


def times(one: int, other: int) -> str:
    """How many times as many as another one number is, to three digits.

    Examples:
        >>> times(36, 16), times(1, 0)
        ('2.25×', '')
    """
    return f"{one / other:.3g}×" if other else ""


def counted(number: int, one: str, many: str = "") -> str:
    """A number of things.

    Examples:
        >>> counted(1, "entry", "entries"), counted(1000, "product")
        ('1 entry', '1,000 products')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _text(value: Any) -> str:
    """What stands in a cell: numbers with commas, words escaped."""
    return f"{value:,}" if isinstance(value, int) else escape(str(value))

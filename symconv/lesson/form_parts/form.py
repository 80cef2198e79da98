"""What a lesson page has to know about a form of a convolution, and the figures that all forms share."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from symconv.forms.cost import Cost
from symconv.geometry import Geometry
from symconv.show import figure

Shown = tuple[str, list[str]]  # HTML, and the LaTeX in it

_NUMBER = re.compile(r"×?[0-9.,]+×?(·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


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


def layer_formula(latex: str, g: Geometry) -> Shown:
    """A formula about the cells of a layer, with a word on the letter of its padded input."""
    padded = any(map(any, g.padding))
    return formula(latex, "x̂ is the input with its padding, counted from 0" if padded else "")


def side_by_side(parts: Sequence[str]) -> str:
    """Small figures in a row, while there is room."""
    return f'<div class="symconv-row">{"".join(parts)}</div>'


def listing(label: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table of words and numbers in a box that scrolls, the first cell of each row its head.

    Examples:
        >>> ">1,000</td>" in listing("cost", ("way", "products"), [("loop formula", 1000)])
        True
    """
    numeric = [all(_is_number(v) for v in column) for column in zip(*rows, strict=True)]
    kinds = [' class="symconv-number"' if right else "" for right in numeric]
    head = "".join(f'<th scope="col"{kind}>{escape(h)}</th>' for h, kind in zip(heads, kinds, strict=True))
    body = "".join(
        f'<tr><th scope="row">{_text(row[0])}</th>'
        + "".join(f"<td{kind}>{_text(v)}</td>" for v, kind in zip(row[1:], kinds[1:], strict=True))
        + "</tr>"
        for row in rows
    )
    name = escape(label)
    return (
        f'<div class="symconv-scroll" tabindex="0" role="group" aria-label="{name}">'
        f'<table class="symconv-listing"><caption>{name}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def costs(
    ways: Sequence[tuple[str, Cost]],
    stages: Sequence[tuple[str, Cost]] = (),
    label: str = "the cost, counted",
) -> str:
    """What several ways of computing the same cost.

    Args:
        ways: each with its cost; the first is what the others are compared with.
        stages: what the last way is made of.
        label: what the table is.
    """
    direct = ways[0][1].products
    compared = ["", *(against(direct, cost.products) for _, cost in ways[1:]), *("" for _ in stages)]
    rows = [
        (name, cost.products, saved, cost.additions, cost.memory)
        for (name, cost), saved in zip([*ways, *stages], compared, strict=True)
    ]
    heads = ("way", "multiplications", "against the first", "additions", "numbers held in between")
    return listing(label, heads, rows)


def against(direct: int, products: int) -> str:
    """By what the direct way's number of products is multiplied or divided, to three digits.

    Examples:
        >>> against(36, 16), against(16, 36), against(16, 16), against(16, 0)
        ('÷ 2.25', '× 2.25', 'the same', '')
    """
    if not products or not direct:
        return ""
    if direct == products:
        return "the same"
    return f"÷ {direct / products:.3g}" if direct > products else f"× {products / direct:.3g}"


def power_of_ten(value: float) -> str:
    """A small number to one digit, as it is written by hand.

    Examples:
        >>> power_of_ten(5.6e-8)
        '6·10⁻⁸'
    """
    digit, _, exponent = f"{value:.0e}".partition("e")
    return f"{digit}·10{str(int(exponent)).translate(_RAISED)}"


def counted(number: int, one: str, many: str = "") -> str:
    """A number of things.

    Examples:
        >>> counted(1, "entry", "entries"), counted(1000, "product")
        ('1 entry', '1,000 products')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def in_words(g: Geometry) -> str:
    """The sizes of a layer.

    Examples:
        >>> in_words(Geometry((56, 56), 3, 64, 64, padding=1))
        '56×56 under 3×3, 64 to 64 channels'
    """
    size, taps = ("×".join(map(str, sizes)) for sizes in (g.input_size, g.kernel_size))
    channels = (
        "" if g.in_channels * g.out_channels == 1 else f", {g.in_channels} to {g.out_channels} channels"
    )
    samples = f", {g.batch} samples" if g.batch > 1 else ""
    return f"{size} under {taps}{channels}{samples}"


def _text(value: Any) -> str:
    """What stands in a cell: numbers with commas, words escaped."""
    return f"{value:,}" if isinstance(value, int) else escape(str(value))


def _is_number(value: Any) -> bool:
    """Whether a cell is set as numbers are, flush right."""
    return isinstance(value, int) or not value or bool(_NUMBER.fullmatch(value))

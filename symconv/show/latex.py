r"""LaTeX for grids, sums and matrix products, in reading order, never longer than a page.

SymPy's own printer reorders sums and dumps large matrices whole, so products and sums are written here
as they are read: tap by tap. Everything emitted parses in KaTeX. This module knows no geometry.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import singledispatch
from math import isfinite, isnan
from typing import Any, Protocol

import numpy as np
import sympy

from symconv.description import Description
from symconv.entries import Array, ExactDecimal, read_array
from symconv.errors import RequestError

MOST_ROWS, MOST_COLUMNS = 36, 12  # of a matrix shown whole
MOST_CELLS = 12  # along one side of a ruled grid shown whole
MOST_TERMS_ON_A_LINE, MOST_NAMES_ON_A_LINE = 6, 3  # of a sum of numbers, of letters
_HEAD = 3  # rows, columns, blocks or lines shown before the dots

Places = Sequence[int | None]  # what is shown along one axis: indices, None for the dots


class Entries(Protocol):
    """A matrix that is read entry by entry, so that one of which little is shown need not be written out."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and columns."""

    def __getitem__(self, place: tuple[int, int], /) -> Any:
        """The entry in a row and column."""


@singledispatch
def latex(subject: Any, part: str = "matrix", **options: Any) -> str:
    r"""LaTeX of an array or matrix, or of anything that symconv made.

    Args:
        subject: numbers or symbols in rows, or what ``unroll`` returned.
        part: for an array ``"matrix"`` (brackets) or ``"grid"`` (ruled cells); for an ``Unrolled`` see
            ``Unrolled.latex``.
        options: passed on to the part's printer.

    Returns:
        One line or several of LaTeX for display mathematics; large matrices are elided.

    Raises:
        RequestError: there is no such part.

    Examples:
        >>> print(latex([[1, 2], [3, 4]]))
        \left[\begin{array}{cc}
        1 & 2 \\
        3 & 4
        \end{array}\right]
    """
    if part not in ["matrix", "grid"]:
        raise RequestError(f"part={part!r} is unknown for an array: use matrix or grid")
    array = read_array(subject, "subject")
    if not array.size:
        raise RequestError(f"an array of shape {array.shape} has no entries to print: give at least one")
    if part == "grid":
        return grids(array, **options)
    if array.ndim > 2:
        raise RequestError(f'a matrix has two axes and this array has shape {array.shape}: use part="grid"')
    return matrix(np.atleast_2d(array), **options)


@latex.register
def _(description: Description) -> str:
    rows = [rf"\text{{{name}}} & {_words(text)} \\" for name, text in description.rows()]
    return "\n".join([r"\begin{array}{ll}", *rows, r"\end{array}"])


def entry(value: Any) -> str:
    r"""One number or symbol.

    Examples:
        >>> entry(Fraction(-1, 2)), entry(2.50), entry(sympy.Symbol("x_{1,2}"))
        ('-\\frac{1}{2}', '2.5', 'x_{1,2}')
    """
    if isinstance(value, np.generic) and not isinstance(value, np.floating):
        value = value.item()
    if isinstance(value, sympy.Symbol) and value.name.endswith("}"):
        return str(value.name)
    if isinstance(value, sympy.Basic):
        return str(sympy.latex(value))
    if isinstance(value, ExactDecimal):
        return str(value)
    if isinstance(value, Fraction):
        sign = "-" if value < 0 else ""
        whole = value.denominator == 1
        return str(value) if whole else rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
    if isinstance(value, complex):
        imaginary = entry(value.imag)
        joined = imaginary if imaginary.startswith("-") else f"+{imaginary}"
        return rf"{entry(value.real)}{joined}\,\mathrm{{i}}"
    if isinstance(value, float | np.floating) and not isfinite(value):
        return r"\mathrm{nan}" if isnan(value) else r"\infty" if str(value) == "inf" else r"-\infty"
    text = str(value).lower()
    if isinstance(value, float | np.floating) and float(value).is_integer() and abs(float(value)) < 1e15:
        text = str(int(value))
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else text


def shown(count: int, whole: int, block: int = 0) -> Places:
    """Which of ``count`` rows or columns are shown: all, or a head, the dots (None) and the end.

    Args:
        count: how many there are.
        whole: how many may be shown without dots.
        block: entries that belong together (a kernel row); 0 for none.

    Examples:
        >>> shown(100, whole=36)
        [0, 1, 2, None, 99]
        >>> shown(12, whole=9, block=2)
        [0, 1, 2, 3, None, 10, 11]
    """
    if count <= whole:
        return list(range(count))
    if not 1 < block < count:
        return [*range(_HEAD), None, count - 1]
    inside = shown(block, whole=4)
    starts = (
        [*range(0, 2 * block, block), None, count - block] if count > 3 * block else range(0, count, block)
    )
    places: list[int | None] = []
    for start in starts:
        places += [None] if start is None else [None if i is None else start + i for i in inside]
    return places


def matrix(array: Array, block: int = 0) -> str:
    """A matrix in brackets, elided beyond 36 rows or 12 columns.

    Args:
        array: shape (R, C).
        block: columns that belong together (a kernel row), split by rules where columns are left out.
    """
    rows, columns = shown(array.shape[0], MOST_ROWS), shown(array.shape[1], MOST_COLUMNS, block)
    return _bracketed(array, rows, columns, block if len(columns) < array.shape[1] else 0)


def block_matrix(array: Entries, blocks: Sequence[tuple[int, int]]) -> str:
    r"""A matrix of blocks in brackets with rules between them, elided beyond 36 rows or 12 columns.

    Args:
        array: shape (R, C).
        blocks: rows and columns of a block, the smallest blocks first; where blocks of several sizes begin,
            there are as many rules.

    Examples:
        >>> print(block_matrix(np.arange(8).reshape(2, 4), [(1, 2)]))
        \left[\begin{array}{cc|cc}
        0 & 1 & 2 & 3 \\
        \hline 4 & 5 & 6 & 7
        \end{array}\right]
    """
    return _bracketed(array, *_shown_blocks(array, blocks), blocks=blocks)


def grids(array: Array) -> str:
    r"""Ruled cells, as an image is drawn; the last two axes are a grid, the others set grids side by side.

    Examples:
        >>> print(grids(np.array([[1, 2], [3, 4]])))
        \begin{array}{|c|c|}\hline
        1 & 2 \\ \hline
        3 & 4 \\ \hline
        \end{array}
    """
    if array.ndim == 1:
        return grids(array[None])
    if array.ndim == 2:
        rows, columns = shown(array.shape[0], MOST_CELLS), shown(array.shape[1], MOST_CELLS)
        lines = [rf"{line} \\ \hline" for line in _lines(array, rows, columns)]
        return "\n".join(
            [rf"\begin{{array}}{{|{'c|' * len(columns)}}}\hline", *lines, r"\end{array}"],
        )
    kept = shown(array.shape[0], MOST_CELLS)
    parts = [r"\cdots" if i is None else grids(array[i]) for i in kept]
    if array.ndim == 3:
        return "\\quad\n".join(parts)
    stacked = "\n\\\\[1em]\n".join(r"\vdots" if i is None else p for i, p in zip(kept, parts, strict=True))
    return f"\\begin{{array}}{{l}}\n{stacked}\n\\end{{array}}"


def factor(value: Any) -> str:
    """One number or symbol where it follows an operator, in parentheses if it must be."""
    text = entry(value)
    joined = isinstance(value, sympy.Add | complex | np.complexfloating)
    return f"({text})" if text.startswith("-") or joined else text


def product_of(left: Any, right: Any) -> str:
    r"""One product as it is read: a dot between numbers, none before a symbol.

    Examples:
        >>> product_of(9, 1), product_of(2, -3), product_of(2, sympy.Symbol("x"))
        ('9 \\cdot 1', '2 \\cdot (-3)', '2 x')
    """
    dot = " " if isinstance(right, sympy.Symbol) else r" \cdot "
    return f"{factor(left)}{dot}{factor(right)}"


def terms(weights: Sequence[Any], cells: Sequence[Any]) -> list[str]:
    """The products of one output cell, tap by tap."""
    return [product_of(w, x) for w, x in zip(weights, cells, strict=True)]


def equation(products: Sequence[str], result: str, *, name: str = "", line: int = 0) -> str:
    r"""A sum and what it makes: ``sum = result``, or ``name = sum`` where the result has a name.

    Args:
        products: the terms in reading order.
        result: the sum's value; may be empty if there is a name.
        name: what stands on the left of the sum.
        line: terms to a line, once they are too many for one line.

    Examples:
        >>> equation([r"9 \cdot 1", r"8 \cdot 2"], "25")
        '9 \\cdot 1 + 8 \\cdot 2 = 25'
    """
    equals = f" = {result}" if result else ""
    most = MOST_NAMES_ON_A_LINE if name else MOST_TERMS_ON_A_LINE
    if len(products) <= most:
        return f"{f'{name} = ' if name else ''}{' + '.join(products)}{equals}"
    line = line if line > 1 else most
    starts = shown((len(products) + line - 1) // line, whole=9)
    rows = []
    for start in starts:
        if start is None:
            rows.append(r"& + \cdots")
            continue
        taken = products[start * line : (start + 1) * line]
        kept = [r"\cdots" if i is None else taken[i] for i in shown(len(taken), MOST_COLUMNS)]
        lead = f"{name} = {{}} &" if start == 0 and name else "&" if start == 0 else "& +"
        rows.append(f"{lead} {' + '.join(kept)}")
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + f"{equals}\n\\end{{aligned}}"


def dot_product(
    row: Sequence[Any], column: Sequence[Any], result: str, block: int = 0, added: str = ""
) -> str:
    r"""A row vector times a column vector.

    Examples:
        >>> print(dot_product([1, 2], [9, 8], "25"))
        \left[\begin{array}{cc}
        1 & 2
        \end{array}\right]
        \left[\begin{array}{c}
        9 \\
        8
        \end{array}\right]
        = 25
    """
    left, right = read_array(list(row), "row")[None], read_array(list(column), "column")[:, None]
    places = shown(len(row), MOST_COLUMNS, block)
    ruled = block if len(places) < len(row) else 0
    plus = f"\n+ {added}" if added else ""
    return f"{_bracketed(left, [0], places, ruled)}\n{_bracketed(right, places, [0])}{plus}\n= {result}"


def matrix_equation(
    left: Array,
    right: Array,
    result: Array,
    block: int = 0,
    bias: Array | None = None,
    letters: tuple[str, str, str] = ("P", "W", "Y"),
) -> str:
    """A whole product such as P·W = Y as matrices, each with its letter beneath."""
    rows, taps = shown(left.shape[0], MOST_ROWS), shown(left.shape[1], MOST_COLUMNS, block)
    filters = shown(right.shape[1], MOST_COLUMNS)
    added = (
        []
        if bias is None
        else [rf"+ \underbrace{{{_bracketed(bias[None], [0], filters)}}}_{{b^{{\mathsf T}}}}"]
    )
    return "\n".join(
        [
            _named(_bracketed(left, rows, taps, block if len(taps) < left.shape[1] else 0), letters[0]),
            _named(_bracketed(right, taps, filters), letters[1]),
            *added,
            "=",
            _named(_bracketed(result, rows, filters), letters[2]),
        ]
    )


def block_product(
    left: Entries,
    blocks: Sequence[tuple[int, int]],
    column: Array,
    result: Array,
    added: Array | None = None,
) -> str:
    """The product T·vec(x) = vec(y) as matrices, T with rules between its blocks, perhaps with a bias."""
    rows, columns = _shown_blocks(left, blocks)
    plus = [] if added is None else [f"+ {_bracketed(added[:, None], rows, [0])}"]
    return "\n".join(
        [
            _named(_bracketed(left, rows, columns, blocks=blocks), "T"),
            _named(_bracketed(column[:, None], columns, [0]), r"\operatorname{vec} x"),
            *plus,
            "=",
            _named(_bracketed(result[:, None], rows, [0]), r"\operatorname{vec} y"),
        ]
    )


def folding(columns: Array, maps: Sequence[Array]) -> str:
    """Each column of Y and the activation map it is folded into, one to a line."""
    kept = shown(columns.shape[1], MOST_COLUMNS)
    rows = shown(columns.shape[0], MOST_ROWS)
    parts = [
        r"\vdots"
        if f is None
        else f"{_bracketed(columns, rows, [f])}\n\\;\\longrightarrow\\;\n{grids(maps[f])}"
        for f in kept
    ]
    return parts[0] if len(parts) == 1 else "\\qquad\n".join(parts)


def _words(text: str) -> str:
    """Numbers and words in a line of mathematics: the words upright, a times sign where there is one."""
    return rf"\text{{{text}}}".replace(" × ", r"} \times \text{")


def _named(text: str, letter: str) -> str:
    return rf"\underbrace{{{text}}}_{{{letter}}}"


def _shown_blocks(array: Entries, blocks: Sequence[tuple[int, int]]) -> tuple[Places, Places]:
    """The rows and columns shown of a matrix of blocks."""
    height, width = blocks[0]
    return shown(array.shape[0], MOST_ROWS, height), shown(array.shape[1], MOST_COLUMNS, width)


def _lines(array: Entries, rows: Places, columns: Places) -> Iterable[str]:
    """The cells of the shown rows and columns, dots where some are left out."""
    for r in rows:
        if r is None:
            yield " & ".join(r"\ddots" if c is None else r"\vdots" for c in columns)
        else:
            yield " & ".join(r"\cdots" if c is None else entry(array[r, c]) for c in columns)


def _bracketed(
    array: Entries,
    rows: Places,
    columns: Places,
    block: int = 0,
    blocks: Sequence[tuple[int, int]] = (),
) -> str:
    """A matrix in brackets; rules between blocks of columns, or of rows and columns, if there are blocks."""
    beside = _rules(columns, [width for _, width in blocks] or ([block] if block else []))
    above = _rules(rows, [height for height, _ in blocks])
    alignment = "".join("|" * count + "c" for count in beside)
    lines = [
        r"\hline " * count + line for count, line in zip(above, _lines(array, rows, columns), strict=True)
    ]
    end = r" \\[0.35em]" if any(r"\frac" in line for line in lines) else r" \\"  # fractions would touch
    body = f"{end}\n".join(lines)
    return f"\\left[\\begin{{array}}{{{alignment}}}\n{body}\n\\end{{array}}\\right]"


def _rules(places: Places, sizes: Sequence[int]) -> list[int]:
    """How many rules stand before each place: one for every size of block that begins there."""
    counts: list[int] = []
    previous: int | None = None
    for place in places:
        begins = previous + 1 if place is None and previous is not None else place  # dots begin what is next
        counts.append(sum(begins % size == 0 for size in sizes) if counts and begins is not None else 0)
        previous = place
    return counts

"""A strided or a dilated layer on a page, as the smaller ones that it is: cells, taps and outputs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from symconv.errors import BlockError
from symconv.forms.cost import Cost
from symconv.forms.pieces import Piece, Pieces
from symconv.forms.reductions import polyphase, sublattices
from symconv.geometry import Geometry
from symconv.lesson.form_parts.drawing import Drawing
from symconv.lesson.form_parts.form import (
    Form,
    Shown,
    costs,
    counted,
    formula,
    in_words,
    layer_formula,
    listing,
    proved,
)
from symconv.lesson.layer import LAYER_KEYS, read_drawn
from symconv.proof.identity import IdentityProof
from symconv.show import figure
from symconv.show.latex import grids, latex
from symconv.unroll import Unrolled

MOST_PIECES = 256  # that are proved while a page is built
MOST_CARDS = 9  # pieces that are drawn
MOST_ROWS = 64  # of the table of pieces
MOST_PLACES = 5  # of a list of rows or columns


@dataclass(frozen=True)
class Reduced:
    """A layer and the pieces that it falls into.

    Attributes:
        pieces: what it falls into.
        instead: what one might do instead, in words, and the layer that this would be.
        layer: the layer, of numbers or letters; None if its cells are not drawn.
    """

    pieces: Pieces
    instead: tuple[str, Geometry]
    layer: Unrolled | None

    @property
    def geometry(self) -> Geometry:
        """The layer's sizes and hyper-parameters."""
        return self.pieces.geometry

    @property
    def drawing(self) -> Drawing:
        """The layer's cells, to be drawn."""
        if self.layer is None:  # pragma: no cover (the reader gives one wherever a part draws)
            raise BlockError("input has no cells to draw here: write its size or its numbers")
        return Drawing.of(self.layer, self.pieces)

    def prove(self) -> IdentityProof:
        """That the pieces are the layer."""
        return self.pieces.prove()


def _reader(split: Callable[[Geometry], Pieces], instead: Callable[[Geometry], tuple[str, Geometry]]) -> Any:
    """What reads a block of one reduction."""

    def read(values: dict[str, Any], show: tuple[str, ...]) -> Reduced:
        g, layer = read_drawn(values, drawn=bool({*show} & {"pieces", "sum"}))
        pieces = split(g)
        if (count := len(pieces.pieces)) > MOST_PIECES:
            raise BlockError(
                f"the layer falls into {count:,} pieces, and a page shows at most {MOST_PIECES}: "
                "write a smaller kernel, stride or dilation"
            )
        return Reduced(pieces, instead(g), layer)

    return read


def _at_stride_1(g: Geometry) -> tuple[str, Geometry]:
    return "stride 1, most of the output thrown away", _like(g, g.kernel_size, 1, g.dilation)


def _filled_up(g: Geometry) -> tuple[str, Geometry]:
    filled = [d * (k - 1) + 1 for d, k in zip(g.dilation, g.kernel_size, strict=True)]
    return "the kernel filled up with zeros", _like(g, filled, g.stride, 1)


def _like(g: Geometry, kernel: Any, stride: Any, dilation: Any) -> Geometry:
    sizes = (g.input_size, kernel, g.in_channels, g.out_channels)
    return Geometry(*sizes, stride=stride, padding=g.padding, dilation=dilation, groups=g.groups)


def _formula(reduced: Reduced, _proof: Any) -> Shown:
    return layer_formula(latex(reduced.pieces), reduced.geometry)


def _cards(reduced: Reduced, _proof: Any) -> Shown:
    """A card for each piece: its cells in the input, its taps, and the convolution that it is."""
    drawing = reduced.drawing
    pieces = reduced.pieces.pieces
    cards, sources = [], []
    for number, piece in enumerate(pieces[:MOST_CARDS], start=1):
        tables = "".join(drawing.tables(number, piece))
        own = drawing.convolution(number, piece)
        sources += own
        made = "".join(map(figure.mathematics, own))
        words = _words(piece, reduced.geometry)
        head = f'<p class="symconv-given"><strong>Piece {number}:</strong> {words}</p>'
        cards.append(f'<li class="symconv-window">{head}<div class="symconv-row">{tables}</div>{made}</li>')
    left_out = len(pieces) - len(cards)
    note = f"<p>… {counted(left_out, 'more piece')}, in the same way.</p>" if left_out else ""
    return f'<ol class="symconv-windows symconv-pieces">{"".join(cards)}</ol>{note}', sources


def _sum(reduced: Reduced, _proof: Any) -> Shown:
    """How the outputs of the pieces come together."""
    drawing = reduced.drawing
    pieces = reduced.pieces.pieces[:MOST_CARDS]
    parts = [grids(drawing.output(number, piece)) for number, piece in enumerate(pieces, start=1)]
    whole = grids(drawing.whole())
    more = "\n+ \\cdots" if len(pieces) < len(reduced.pieces.pieces) else ""
    if all(piece.geometry.output_size == reduced.geometry.output_size for piece in pieces):
        return formula("\n+\n".join(parts) + f"{more}\n=\n{whole}")
    joined = "\\quad\n".join(parts) + more.replace("+ ", "\\quad ")
    return formula(f"{joined}\n\\quad\\longrightarrow\\quad\n{whole}")


def _table(reduced: Reduced, _proof: Any) -> Shown:
    """Which cells each piece reads, its taps, which output cells it writes, and the layer that it is."""
    g = reduced.geometry
    padded = g.padded().input_size
    rows = []
    for number, piece in enumerate(reduced.pieces.pieces[:MOST_ROWS], start=1):
        p = piece.geometry
        rows.append(
            (
                str(number),
                _places(piece.reads, padded),
                _places(piece.taps, g.kernel_size, "taps"),
                _places(piece.writes, g.output_size),
                f"{_times(p.input_size)} under {_times(p.kernel_size)}",
                p.products,
            )
        )
    cells = "cells of the padded input" if padded != g.input_size else "cells of the input"
    heads = ("piece", cells, "taps", "output cells", "its own layer", "products")
    html = listing(f"the pieces of {reduced.pieces.name}", heads, rows)
    left_out = len(reduced.pieces.pieces) - len(rows)
    return html + (f"<p>… {counted(left_out, 'more piece')}.</p>" if left_out else ""), []


def _proof(reduced: Reduced, proof: IdentityProof) -> Shown:
    pieces = len(reduced.pieces.pieces)
    each = "the one piece" if pieces == 1 else f"each of the {pieces} pieces"
    return proved(
        proof.tier,
        f"{each} was proved to be the loop formula of its own sizes, and the products of all pieces together "
        "were compared with those of the whole layer, each by its output cell, its tap and its input cell: "
        f"{counted(proof.compared, 'output cell')}, "
        f"{counted(reduced.geometry.products, 'product')}, for any values of the inputs and weights.",
    ), []


def _cost(reduced: Reduced, _proof: Any) -> Shown:
    words, other = reduced.instead
    return costs(
        [
            ("loop formula", Cost.direct(reduced.geometry)),
            (f"{reduced.pieces.name}, {counted(len(reduced.pieces.pieces), 'piece')}", reduced.pieces.cost),
            (words, Cost.direct(other)),
        ],
        label=f"the cost, counted: {in_words(reduced.geometry)}",
    ), []


def _words(piece: Piece, g: Geometry) -> str:
    """Which cells and which taps, in words."""
    cells = _places(piece.reads, g.padded().input_size)
    padded = " of the padded input" if any(map(any, g.padding)) else ""
    whole = piece.geometry.kernel_size == g.kernel_size
    taps = "the whole kernel" if whole else f"{_places(piece.taps, g.kernel_size, 'taps')} of the kernel"
    return f"{cells}{padded}, under {taps}"


def _places(slices: tuple[slice, ...], sizes: tuple[int, ...], one_axis: str = "cells") -> str:
    """The rows and columns that slices pick, or what there is along one axis."""
    names = (one_axis,) if len(sizes) == 1 else ("rows", "columns")
    chosen = [range(n)[piece] for piece, n in zip(slices, sizes, strict=True)]
    return " and ".join(
        f"{_one_or(name, places)} {_listed(places)}" for name, places in zip(names, chosen, strict=True)
    )


def _one_or(name: str, places: range) -> str:
    return name if len(places) != 1 else name[:-1]


def _listed(places: range) -> str:
    """Numbers, the middle of many left out."""
    if len(places) <= MOST_PLACES:
        return ", ".join(map(str, places))
    return f"{', '.join(map(str, places[:3]))}, …, {places[-1]}"


def _times(sizes: tuple[int, ...]) -> str:
    return "×".join(map(str, sizes))


def _form(split: Callable[[Geometry], Pieces], instead: Callable[[Geometry], tuple[str, Geometry]]) -> Form:
    return Form(
        keys=LAYER_KEYS,
        read=_reader(split, instead),
        parts={
            "formula": _formula,
            "pieces": _cards,
            "sum": _sum,
            "table": _table,
            "cost": _cost,
            "proof": _proof,
        },
        default=("formula", "pieces", "sum", "proof"),
    )


POLYPHASE = _form(polyphase, _at_stride_1)
SUBLATTICES = _form(sublattices, _filled_up)

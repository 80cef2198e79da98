r"""LaTeX of a layer made of simpler ones: which sum each piece is, the two layers of one, W·X.

A letter with a hat is the input with its padding, counted from the padding's first cell.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from symconv.entries import is_symbolic
from symconv.errors import RequestError
from symconv.forms.pieces import Piece, Pieces
from symconv.forms.pointwise import Pointwise
from symconv.forms.separable import Separable
from symconv.geometry import Geometry
from symconv.show.index_latex import group_channel, linear, subscript, summed
from symconv.show.latex import latex, matrix, shown
from symconv.symbols import symbolic

MOST_LINES = 9  # of pieces written out
_DOTS = r"\cdots"


@latex.register
def _(pieces: Pieces, part: str = "formula") -> str:
    _check(part, ("formula",), "the pieces of a layer")
    written: dict[str, list[str]] = {}
    for piece in pieces.pieces:  # those that write the same cells are added
        written.setdefault(_cell(pieces.geometry, piece), []).append(_sum(pieces.geometry, piece))
    lines = []
    for cell, sums in written.items():
        for number, k in enumerate(shown(len(sums), MOST_LINES)):
            lead = f"{cell} = {{}} &" if number == 0 else "& +"
            lines.append(f"{lead} {_DOTS if k is None else sums[k]}")
    kept = shown(len(lines), MOST_LINES)
    body = " \\\\\n".join(r"& \vdots" if k is None else lines[k] for k in kept)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


@latex.register
def _(separable: Separable, part: str = "formula") -> str:
    _check(part, ("formula", "kernel"), "a separable layer")
    g, first = separable.geometry, separable.depthwise
    multiplier, own = first.out_channels // g.in_channels, first.out_channels // g.groups
    i, a = _letters(g)
    if part == "kernel":
        channel = linear([(multiplier, "c")])
        if multiplier > 1:
            channel += " + m"
        sums = rf"\sum_{{m=0}}^{{{multiplier - 1}}} " if multiplier > 1 else ""
        read = group_channel(g.groups, g.out_channels // g.groups, own, channel)
        return f"w{subscript('f', 'c', *a)} = {sums}p{subscript('f', channel)}\\, v{subscript(read, *a)}"
    source = "c" if multiplier == 1 else rf"\lfloor c / {multiplier} \rfloor"
    whole = Piece(*((slice(None),) * g.rank,) * 3, geometry=first)
    cells = f"{_input(g)}{subscript(source, *_places(whole, (g.stride, g.dilation)))}"
    depthwise, pointwise = summed(zip(a, g.kernel_size, strict=True)), f"{_bias(g)}{summed([('c', own)])}"
    mixed = group_channel(g.groups, g.out_channels // g.groups, own)
    return "\n".join(
        [
            r"\begin{aligned}",
            f"z{subscript('c', *i)} &= {depthwise} v{subscript('c', *a)}\\, {cells} \\\\",
            f"y{subscript('f', *i)} &= {pointwise} p{subscript('f', 'c')}\\, z{subscript(mixed, *i)}",
            r"\end{aligned}",
        ]
    )


@latex.register
def _(layer: Pointwise, part: str = "formula", x: Any = None, w: Any = None) -> str:
    _check(part, ("formula", "product"), "a pointwise layer")
    g = layer.geometry
    if part == "formula":
        if x is not None or w is not None:
            raise RequestError('x and w have no use for part="formula": give them for part="product"')
        whole = Piece(*((slice(None),) * g.rank,) * 3, geometry=g)
        own = g.in_channels // g.groups
        channel = group_channel(g.groups, g.out_channels // g.groups, own)
        read = subscript(channel, *_places(whole, (g.stride, (0,) * g.rank)))
        sums = f"{_bias(g)}{summed([('c', own)])}"
        return f"y{subscript('f', *_letters(g)[0])} = {sums} w_{{f,c}}\\, {_input(g)}{read}"
    W, X = layer.matrices(
        symbolic("x", g.input_shape[g.batch == 1 :]) if x is None else x,
        symbolic("w", (g.out_channels, g.in_channels // g.groups)).reshape(g.kernel_shape)
        if w is None
        else w,
    )
    named = np.moveaxis(symbolic("y", (g.batch, *g.output_shape[1:])), 1, 0)
    if g.batch == 1:
        named = symbolic("y", g.output_shape[1:])
    Y = named.reshape(g.out_channels, -1) if is_symbolic(W, X) else W @ X
    W_, X_, Y_ = (rf"\underbrace{{{matrix(m)}}}_{{{n}}}" for m, n in ((W, "W"), (X, "X"), (Y, "Y")))
    return f"{W_}\n{X_}\n=\n{Y_}"


def _sum(g: Geometry, piece: Piece) -> str:
    """The products of one piece: with its own taps, strides and dilations."""
    p, (_, a) = piece.geometry, _letters(g)
    taps = [
        linear([(t.step or 1, letter)] if count > 1 else [], t.start or 0)
        for t, letter, count in zip(piece.taps, a, p.kernel_size, strict=True)
    ]
    places = _places(piece, (p.stride, p.dilation))
    ranges = [(letter, count) for letter, count in zip(a, p.kernel_size, strict=True) if count > 1]
    weight, cell = taps, places
    if _channels(g):
        own, filters = g.in_channels // g.groups, g.out_channels // g.groups
        channel = "c" if own > 1 else "0"
        weight, cell = ["f", channel, *taps], [group_channel(g.groups, filters, own, channel), *places]
        ranges = [("c", own), *ranges] if own > 1 else ranges
    signs = f"{summed(ranges)} " if ranges else ""
    return f"{signs}w{subscript(*weight)}\\, {_input(g)}{subscript(*cell)}"


def _cell(g: Geometry, piece: Piece) -> str:
    """The output cells that a piece writes."""
    i, _ = _letters(g)
    place = [
        linear([(write.step or 1, letter)], write.start or 0)
        for write, letter in zip(piece.writes, i, strict=True)
    ]
    return f"y{subscript(*(['f', *place] if _channels(g) else place))}"


def _places(piece: Piece, steps: tuple[tuple[int, ...], tuple[int, ...]]) -> list[str]:
    """Where a piece reads along each axis of the padded input."""
    i, a = _letters(piece.geometry)
    places = []
    for axis, read in enumerate(piece.reads):
        step = read.step or 1
        tap = steps[1][axis] * step if piece.geometry.kernel_size[axis] > 1 else 0
        terms = [(steps[0][axis] * step, i[axis]), (tap, a[axis])]
        places.append(linear(terms, read.start or 0))
    return places


def _letters(g: Geometry) -> tuple[list[str], list[str]]:
    """The letters of positions and of taps along each axis."""
    if g.rank > 3:
        return [f"i_{{{k}}}" for k in range(g.rank)], [f"a_{{{k}}}" for k in range(g.rank)]
    return list("ijk"[: g.rank]), list("abd"[: g.rank])


def _input(g: Geometry) -> str:
    """The input's letter, with a hat where there is padding around it."""
    return r"\hat{x}" if any(map(any, g.padding)) else "x"


def _channels(g: Geometry) -> bool:
    """Whether there are indices of filters and channels."""
    return g.in_channels * g.out_channels > 1


def _bias(g: Geometry) -> str:
    return "b_f + " if g.bias else ""


def _check(part: str, known: Iterable[str], what: str) -> None:
    if part not in known:
        raise RequestError(f"part={part!r} is unknown for {what}: use {' or '.join(known)}")

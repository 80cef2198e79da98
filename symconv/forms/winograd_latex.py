r"""LaTeX of Winograd's algorithms: the matrices as the literature prints them, the formula, one tile."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from symconv.entries import Array, as_symbolic, is_symbolic, object_array
from symconv.errors import RequestError
from symconv.forms.arguments import fitted
from symconv.forms.by_tiles import transform
from symconv.forms.nested import NestedWinograd
from symconv.forms.winograd import Winograd
from symconv.proof.bilinear import Triple
from symconv.show.latex import latex, matrix
from symconv.symbols import symbolic

PARTS = ("matrices", "formula", "steps")
_T = r"^{\mathsf T}"


@latex.register
def _(algorithm: Winograd, part: str = "matrices", **tile: Any) -> str:
    _check(part, tile)
    if part == "steps":
        return _joined(steps(algorithm, **tile))
    return matrices(algorithm) if part == "matrices" else rf"y = A{_T} \left[ (G w) \odot (B{_T} x) \right]"


@latex.register
def _(algorithm: NestedWinograd, part: str = "matrices", **tile: Any) -> str:
    _check(part, tile)
    if part == "steps":
        return _joined(steps(algorithm, **tile))
    axes = algorithm.axes
    letters = [""] if len(set(axes)) == 1 else [f"_{{{k}}}" for k in range(1, len(axes) + 1)]
    if part == "matrices":
        lines = [matrices(axis, letter) for axis, letter in zip(axes, letters, strict=False)]
        return lines[0] if len(lines) == 1 else _gathered(lines)
    if len(axes) != 2:
        A, G, B = (
            r" \otimes ".join(f"{name}{letters[k % len(letters)]}" for k in range(len(axes)))
            for name in "AGB"
        )
        vec = r"\operatorname{vec}"
        return rf"{vec} y = ({A}){_T} \left[ ({G}) {vec} w \odot ({B}){_T} {vec} x \right]"
    first, second = letters[0], letters[-1]
    weights, cells = rf"G{first} w G{second}{_T}", rf"B{first}{_T} x B{second}"
    return rf"y = A{first}{_T} \left[ ({weights}) \odot ({cells}) \right] A{second}"


def matrices(algorithm: Winograd, letter: str = "") -> str:
    r"""Aᵀ, G and Bᵀ side by side.

    Examples:
        >>> from symconv.forms.winograd import winograd
        >>> print(matrices(winograd(1, 2)))
        A^{\mathsf T} = \left[\begin{array}{cc}
        1 & 1
        \end{array}\right],\quad
        G = \left[\begin{array}{cc}
        1 & 0 \\
        0 & 1
        \end{array}\right],\quad
        B^{\mathsf T} = \left[\begin{array}{cc}
        1 & 0 \\
        0 & 1
        \end{array}\right]
    """
    t = algorithm.triple
    named = ((f"A{letter}{_T}", t.A.T), (f"G{letter}", t.G), (f"B{letter}{_T}", t.B.T))
    return ",\\quad\n".join(f"{name} = {matrix(values)}" for name, values in named)


def steps(algorithm: Winograd | NestedWinograd, x: Any = None, w: Any = None) -> list[tuple[str, str]]:
    r"""One tile worked: the transformed input and weights, their products, the outputs.

    Args:
        algorithm: for one or two axes.
        x: the tile's inputs, numbers or symbols; symbols if left out.
        w: the weights.

    Returns:
        What each step is, in words, and its LaTeX.

    Raises:
        ArrayError: x or w has another shape than the tile's.
        RequestError: the algorithm has three axes.

    Examples:
        >>> from symconv.forms.winograd import winograd
        >>> print(steps(winograd(1, 2), [3, 4], [5, 6])[2][1])
        m = (G w) \odot (B^{\mathsf T} x) = \left[\begin{array}{c}
        15 \\
        24
        \end{array}\right]
    """
    axes = [algorithm.triple] if isinstance(algorithm, Winograd) else algorithm.triples
    if len(axes) > 2:
        raise RequestError(f"{algorithm.name} has {len(axes)} axes: print the steps of one or two")
    cells = _tile(x, tuple(len(t.B) for t in axes), "x")
    taps = _tile(w, tuple(t.G.shape[1] for t in axes), "w")
    cells, taps = _along(cells, [t.B.T for t in axes]), _along(taps, [t.G for t in axes])
    products = object_array([u * v for u, v in zip(taps.flat, cells.flat, strict=True)], cells.shape)
    names = symbolic("m", cells.shape) if is_symbolic(products) else products
    outputs = _along(names, [t.A.T for t in axes])
    data, weights, made = (
        (f"B{_T} x", "G w", f"A{_T} m")
        if len(axes) == 1
        else _two_axes(*(("", "") if axes[0] is axes[1] or _same(*axes) else ("_1", "_2")))
    )
    return [
        ("the transformed input", f"{data} = {_columns(cells)}"),
        ("the transformed weights", f"{weights} = {_columns(taps)}"),
        (
            "the products, entry by entry",
            rf"m = ({weights}) \odot ({data}) = {_columns(products)}",
        ),
        ("the outputs", f"y = {made} = {_columns(outputs)}"),
    ]


def _two_axes(first: str, second: str) -> tuple[str, str, str]:
    """What the three transforms are called along two axes."""
    return (
        f"B{first}{_T} x B{second}",
        f"G{first} w G{second}{_T}",
        f"A{first}{_T} m A{second}",
    )


def _same(one: Triple, other: Triple) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in "AGB")


def _tile(values: Any, shape: tuple[int, ...], letter: str) -> Array:
    """A tile's cells as exact numbers or symbols."""
    cells = symbolic(letter, shape) if values is None else fitted(values, shape, letter)
    return as_symbolic(cells) if is_symbolic(cells) else cells.astype(object)


def _along(cells: Array, matrices: Sequence[Array]) -> Array:
    for axis, matrix_ in enumerate(matrices):
        cells = transform(matrix_, cells, axis)
    return cells


def _columns(array: Array) -> str:
    return matrix(array[:, None] if array.ndim == 1 else array)


def _joined(parts: list[tuple[str, str]]) -> str:
    return _gathered([text for _, text in parts])


def _gathered(lines: list[str]) -> str:
    return "\\begin{gathered}\n" + "\n\\\\[1em]\n".join(lines) + "\n\\end{gathered}"


def _check(part: str, tile: dict[str, Any]) -> None:
    if part not in PARTS:
        raise RequestError(
            f"part={part!r} is unknown for a Winograd algorithm: use one of {', '.join(PARTS)}"
        )
    if wrong := [name for name in tile if name not in ("x", "w") or part != "steps"]:
        raise RequestError(f'{wrong[0]} has no use for part={part!r}: give x and w for part="steps"')

r"""LaTeX of Winograd's algorithms: the three matrices as the literature prints them, and the formula."""

from symconv.errors import RequestError
from symconv.forms.nested import NestedWinograd
from symconv.forms.winograd import Winograd
from symconv.show.latex import latex, matrix

PARTS = ("matrices", "formula")
_T = r"^{\mathsf T}"


@latex.register
def _(algorithm: Winograd, part: str = "matrices") -> str:
    _check(part)
    return matrices(algorithm) if part == "matrices" else rf"y = A{_T} \left[ (G w) \odot (B{_T} x) \right]"


@latex.register
def _(algorithm: NestedWinograd, part: str = "matrices") -> str:
    _check(part)
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


def _gathered(lines: list[str]) -> str:
    return "\\begin{gathered}\n" + "\n\\\\[1em]\n".join(lines) + "\n\\end{gathered}"


def _check(part: str) -> None:
    if part not in PARTS:
        raise RequestError(
            f"part={part!r} is unknown for a Winograd algorithm: use one of {', '.join(PARTS)}"
        )

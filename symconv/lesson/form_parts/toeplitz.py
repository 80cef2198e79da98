"""The convolution matrix on a page: T with its blocks, what it multiplies, and how much of it is zeros."""

from typing import Any

from symconv.forms.cost import Cost
from symconv.forms.toeplitz import ConvolutionMatrix, convolution_matrix
from symconv.lesson.form_parts.form import Form, Shown, costs, counted, formula, in_words, listing, proved
from symconv.lesson.layer import LAYER_KEYS, read_drawn
from symconv.proof.identity import IdentityProof
from symconv.show.latex import latex


def _read(values: dict[str, Any], show: tuple[str, ...]) -> ConvolutionMatrix:
    g, layer = read_drawn(values, drawn=bool({*show} & {"matrix", "product"}))
    return convolution_matrix(g if layer is None else layer)


def _matrix(matrix: ConvolutionMatrix, _proof: Any) -> Shown:
    rows, columns = matrix.shape
    return formula(latex(matrix), f"convolution matrix T, {rows}×{columns}")


def _product(matrix: ConvolutionMatrix, _proof: Any) -> Shown:
    return formula(latex(matrix, "product"))


def _sizes(matrix: ConvolutionMatrix, _proof: Any) -> Shown:
    """How large T is and what its blocks are, next to the patch matrix and the weight matrix."""
    g = matrix.geometry
    (filters, channels), *axes = matrix.blocks
    rows: list[tuple[Any, ...]] = [
        ("T", _times(matrix.shape), matrix.shape[0] * matrix.shape[1], matrix.nonzeros)
    ]
    if channels * filters > 1:
        rows.append(("blocks of filters and channels", f"{filters}×{channels}", filters * channels, ""))
    for (outputs, cells), name in zip(axes, _names(len(axes)), strict=True):
        rows.append((f"output {name} by input {name}", f"{outputs}×{cells}", outputs * cells, ""))
    for letter, shape in (("P", g.patch_matrix_shape), ("W", g.weight_matrix_shape)):
        rows.append((letter, _times(shape), shape[0] * shape[1], ""))
    heads = ("matrix", "size", "entries", "of them with a weight")
    return listing(f"the sizes: {in_words(g)}", heads, rows), []


def _names(axes: int) -> tuple[str, ...]:
    return (
        ("cells",)
        if axes == 1
        else ("rows", "columns")
        if axes == 2
        else tuple(f"axis {i}" for i in range(axes))
    )


def _cost(matrix: ConvolutionMatrix, _proof: Any) -> Shown:
    ways = [
        ("loop formula", Cost.direct(matrix.geometry)),
        ("T, the entries with a weight", matrix.sparse_cost),
        ("T as it stands, zeros and all", matrix.cost),
    ]
    return costs(ways, label=f"the cost, counted: {in_words(matrix.geometry)}"), []


def _proof(_matrix: ConvolutionMatrix, proof: IdentityProof) -> Shown:
    return proved(
        proof.tier,
        f"{counted(proof.compared, 'entry', 'entries')} of <i>T</i> vec(<i>x</i>) and of <i>P</i> <i>W</i> "
        "were compared with the loop formula, product by product, for any values of the inputs and weights.",
    ), []


def _times(sizes: tuple[int, ...]) -> str:
    return "×".join(map(str, sizes))


TOEPLITZ = Form(
    keys=LAYER_KEYS,
    read=_read,
    parts={"matrix": _matrix, "product": _product, "sizes": _sizes, "cost": _cost, "proof": _proof},
    default=("matrix", "proof"),
)

r"""LaTeX of gradients: the two matrix products, and the gradient by one cell as a sum."""

from typing import Any

import numpy as np
import sympy

from symconv.entries import Array, object_array
from symconv.errors import RequestError
from symconv.forms.gradients import Gradients
from symconv.index_map import Map, gather
from symconv.show.latex import entry, equation, latex, matrix_equation, terms
from symconv.sizes import cell_index
from symconv.symbols import entry_name, symbolic

PARTS = ("products", "weight", "input", "weight_sum", "input_sum")
_T = r"^{\mathsf T}"


@latex.register
def _(d: Gradients, part: str = "products", cell: Any = None) -> str:
    if part not in PARTS:
        raise RequestError(f"part={part!r} is unknown for gradients: use one of {', '.join(PARTS)}")
    if d.geometry.batch == 0:
        raise RequestError("the batch is empty, so there is nothing to show: give at least one sample")
    if part == "products":
        return "\\begin{gathered}\n" + f"{_weight(d)}\n\\\\[1em]\n{_input(d)}" + "\n\\end{gathered}"
    if part in ("weight", "input"):
        return (_weight if part == "weight" else _input)(d)
    return (_weight_sum if part == "weight_sum" else _input_sum)(d, cell)


def _weight(d: Gradients) -> str:
    """Pᵀ · dY = dW; of symbols dW is named cell by cell, with an asterisk where no kernel cell belongs."""
    matrices, width = d.matrices, d.geometry.output_size[-1]
    result = np.asarray(d.weight_matrix_gradient)
    if d.is_symbolic:
        names = [*symbolic("dw", matrices.kernel.shape, matrices.start).flat, sympy.Symbol(r"\ast")]
        result = object_array(names, (len(names),))[d.added.weight]
    columns = np.asarray(d.product_gradient)
    return matrix_equation(matrices.patches.T, columns, result, width, letters=(f"P{_T}", "dY", "dW"))


def _input(d: Gradients) -> str:
    """The product dY · Wᵀ = dP; of symbols an entry of dP is named where it is a sum of several products."""
    matrices = d.matrices
    if d.is_symbolic and d.geometry.out_channels > d.geometry.groups:
        result = symbolic("dp", matrices.plan.patch.shape, matrices.start)
    else:
        result = np.asarray(d.patch_matrix_gradient)
    columns = np.asarray(d.product_gradient)
    return matrix_equation(columns, matrices.weights.T, result, letters=("dY", f"W{_T}", "dP"))


def _input_sum(d: Gradients, cell: Any) -> str:
    """The gradient by an input cell: for every window that reads it, dy times the weight it met there."""
    plan, shape = d.matrices.plan, d.matrices.input.shape
    place = cell_index(cell, shape, d.geometry.rank, d.matrices.start, "the input")
    rows, columns = np.nonzero(d.added.patch == np.ravel_multi_index(place, shape))
    weights = plan.weight[columns]
    entries, filters = np.nonzero(weights != plan.kernel_cells)
    return _sum(
        d, "dx", place, rows[entries], filters, gather(d.matrices.kernel, weights[entries, filters]), d.input
    )


def _weight_sum(d: Gradients, cell: Any) -> str:
    """The gradient by a kernel cell: for every output position, dy times the input cell it met there."""
    plan, shape = d.matrices.plan, d.matrices.kernel.shape
    place = cell_index(cell, shape, d.geometry.rank, d.matrices.start, "the kernels")
    columns, filters = np.nonzero(d.added.weight == np.ravel_multi_index(place, shape))
    cells = plan.patch[:, columns]
    rows, entries = np.nonzero(cells != plan.input_cells)
    return _sum(
        d, "dw", place, rows, filters[entries], gather(d.matrices.input, cells[rows, entries]), d.weight
    )


def _sum(
    d: Gradients, letters: str, place: tuple[int, ...], rows: Map, filters: Map, factors: Array, result: Any
) -> str:
    """Entries of dY times factors, and what they make: a name if it is a sum of symbols, else the number."""
    outputs = np.asarray(d.product_gradient)[rows, filters]
    products = terms(list(outputs), list(factors)) or ["0"]
    if d.is_symbolic:
        return equation(products, "", name=entry_name(letters, place, d.matrices.start))
    return equation(products, entry(result[place]))

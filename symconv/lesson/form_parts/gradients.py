"""The gradients of a layer on a page: two matrix products, and what one cell or one weight gets."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.errors import BlockError
from symconv.forms.cost import Cost
from symconv.forms.gradients import Gradients, gradients
from symconv.lesson.form_parts.form import Form, Shown, costs, counted, formula, in_words, proved
from symconv.lesson.layer import LAYER_KEYS, read_drawn, written_numbers
from symconv.lesson.words import read_int, read_list
from symconv.proof.identity import IdentityProof
from symconv.show.latex import grids, latex

SUMS = ("weight_sum", "input_sum")


@dataclass(frozen=True)
class Backward:
    """The gradients of a layer, and the cell that sums are shown of.

    Attributes:
        gradients: both of them.
        cell: index of an input cell, or of a kernel cell; None for the first.
    """

    gradients: Gradients
    cell: list[int] | None

    def prove(self) -> IdentityProof:
        """That they are the derivatives of the loop formula."""
        return self.gradients.prove()


def _read(values: dict[str, Any], show: tuple[str, ...]) -> Backward:
    layer_values = {key: value for key, value in values.items() if key not in ("dy", "cell")}
    g, layer = read_drawn(layer_values, drawn="dy" in values or bool({*show} - {"cost", "proof"}))
    dy = written_numbers(values["dy"], "dy") if "dy" in values else None
    cell = [read_int(i, "cell") for i in read_list(values["cell"], "cell")] if "cell" in values else None
    found, sums = gradients(g if layer is None else layer, dy), [part for part in show if part in SUMS]
    if cell is not None and not sums:
        raise BlockError(f"cell says of what a sum is: show {' or '.join(SUMS)}, or leave cell out")
    for part in sums:
        latex(found, part, cell=cell)  # refuses a cell that is not there
    return Backward(found, cell)


def _part(name: str, label: str) -> Any:
    def shown(backward: Backward, _proof: Any) -> Shown:
        return formula(latex(backward.gradients, name), label)

    return shown


def _sum(name: str) -> Any:
    def shown(backward: Backward, _proof: Any) -> Shown:
        return formula(latex(backward.gradients, name, cell=backward.cell))

    return shown


def _result(name: str, label: str) -> Any:
    def shown(backward: Backward, _proof: Any) -> Shown:
        return formula(grids(np.array(getattr(backward.gradients, name))), label)

    return shown


def _cost(backward: Backward, _proof: Any) -> Shown:
    g = backward.gradients.geometry
    ways = [("the layer itself", Cost.direct(g)), ("both gradients", backward.gradients.cost)]
    return costs(ways, label=f"the cost, counted: {in_words(g)}"), []


def _proof(_backward: Backward, proof: IdentityProof) -> Shown:
    return proved(
        proof.tier,
        f"{counted(proof.compared, 'entry', 'entries')} of both gradients were compared with the derivatives "
        "of the loop formula, product by product, for any values of the inputs, the weights and <i>dy</i>.",
    ), []


GRADIENTS = Form(
    keys=(*LAYER_KEYS, "dy", "cell"),
    read=_read,
    parts={
        "weight": _part("weight", "the weight gradient, in the shape of W"),
        "input": _part("input", "the gradient of the patch matrix, before it is folded"),
        "weight_sum": _sum("weight_sum"),
        "input_sum": _sum("input_sum"),
        "dw": _result("weight", "the weight gradient"),
        "dx": _result("input", "the input gradient"),
        "cost": _cost,
        "proof": _proof,
    },
    default=("weight", "input", "proof"),
)

"""Layouts on a page: a table of all, the matrices in two of them, the permutation between."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.errors import BlockError
from symconv.forms.arrangement import Layout
from symconv.forms.axes import shown
from symconv.forms.layouts import ALIASES, LAYOUTS, layout
from symconv.forms.reordering import Reordering, permutation
from symconv.forms.reordering_proof import ReorderingProof
from symconv.geometry import Geometry
from symconv.lesson.form_parts.form import Form, Shown, costs, counted, formula, listing, proved, side_by_side
from symconv.lesson.layer import LAYER_KEYS, read_layer
from symconv.lesson.words import meant
from symconv.prove import prove
from symconv.show import figure
from symconv.show.latex import latex, matrix
from symconv.unroll import Unrolled

ALL = "all"
_TOGETHER = "\u00a0"  # a space at which no line ends
DEFAULT_LAYER = {"input": "3x4", "kernel": "2x2", "channels": "2", "kernels": "2"}


@dataclass(frozen=True)
class Two:
    """What a block says: a layer, and a layout of its matrices next to one or all others.

    Attributes:
        layer: the layer, of numbers or letters.
        reorderings: from the one layout to the other, or to each of them.
    """

    layer: Unrolled
    reorderings: tuple[Reordering, ...]

    @property
    def geometry(self) -> Geometry:
        """The layer's sizes and hyper-parameters."""
        return self.layer.geometry

    def prove(self) -> ReorderingProof:
        """The first verdict that is a refusal, or the last of all."""
        proofs = [prove(reordering) for reordering in self.reorderings]
        verdict: ReorderingProof = next((p for p in proofs if not p), proofs[-1])
        return verdict


def _read(values: dict[str, Any], show: tuple[str, ...]) -> Two:
    sizes = {key: value for key, value in values.items() if key in LAYER_KEYS}
    layer = read_layer(sizes or DEFAULT_LAYER, 0)
    if values.get("layout") == ALL:
        if set(show) - {"table", "proof"} or "other" in values:
            raise BlockError("layout=all is shown as a table or proof only: name a layout and an other one")
        others: tuple[Layout, ...] = LAYOUTS
        one = layout("symconv")
    elif "table" in show:
        raise BlockError("show has the part table only for “layout: all”")
    else:
        one = _layout(values.get("layout", "torch"), "layout")
        others = (_layout(values.get("other", "tensorflow"), "other"),)
    return Two(layer, tuple(permutation(layer.geometry, one, other) for other in others))


def _layout(name: Any, key: str) -> Layout:
    known = (*(known.name for known in LAYOUTS), *ALIASES)
    if not isinstance(name, str) or name not in known:
        raise BlockError(f"{key}={name!r} is unknown: {meant(str(name), known)}")
    return layout(name)


def _table(_two: Two, _proof: Any) -> Shown:
    """Every layout with its orders of taps and positions."""
    rows = []
    for known in LAYOUTS:
        taps = shown(known.taps())
        orders = (
            " ".join(shown(group) if len(group) > 1 else group[0] for group in known.axes()),
            " ".join(known.taps()),
            " ".join(known.positions()),
            "column" if known.taps_first else "row",
            f"f × {taps}" if known.taps_first else f"{taps} × f",
        )
        rows.append((known.name, *(order.replace(" ", _TOGETHER) for order in orders)))
    heads = ("layout", "what its function returns", "taps", "positions", "a patch is a", "weights")
    return listing("the layouts, axes from slowest to fastest", heads, rows), []


def _of_each(two: Two, kind: str) -> Shown:
    """One of the two matrices in both layouts, with the number of its rows and columns."""
    reordering, matrices = two.reorderings[0], two.layer.matrices
    parts, sources = [], []
    for one in (reordering.one, reordering.other):
        cells = matrices.input if kind == "patch" else matrices.kernel
        array = np.array(getattr(one, f"{kind}_matrix")(two.geometry, cells), dtype=object)
        letter = "P" if kind == "patch" else "W"
        text = rf"{letter}_{{\text{{{one.name}}}}} = {matrix(array)}"
        taps = one.taps(two.geometry.rank)
        down, across = (taps, one.positions(two.geometry.rank)) if kind == "patch" else (("f",), taps)
        if not one.taps_first:  # patches are rows, and weights come behind them
            down, across = across, down
        rows, columns = array.shape
        parts.append(
            figure.mathematics(
                text, f"{one.name}: {_axes(down)} down, {_axes(across)} across, {rows}×{columns}"
            )
        )
        sources.append(text)
    return side_by_side(parts), sources


def _axes(names: tuple[str, ...]) -> str:
    return " ".join(names)


def _indices(two: Two, _proof: Any) -> Shown:
    """The permutation as lists of numbers."""
    r = two.reorderings[0]
    rows = [(name, _listed(order)) for name, order in (("rows", r.rows), ("columns", r.columns))]
    heads = (f"of {r.other.name}", f"come from these of {r.one.name}{', transposed' if r.transposed else ''}")
    return listing(f"the permutation from {r.one.name} to {r.other.name}", heads, rows), []


def _listed(order: Any) -> str:
    numbers = [str(int(i)) for i in order]
    return ", ".join(numbers if len(numbers) <= 64 else [*numbers[:60], "…", numbers[-1]])


def _proof(two: Two, proof: ReorderingProof) -> Shown:
    named = ", ".join(r.other.name for r in two.reorderings)
    words = (
        f"the permutations of P, W and Y from our own order to {named} were compared"
        if len(two.reorderings) > 1
        else f"{counted(proof.compared, 'entry', 'entries')} of the permuted <i>P</i>, <i>W</i> and <i>Y</i> "
        "were compared"
    )
    return proved(proof.tier, f"{words} with the cells that the definition has there, for any values."), []


def _cost(two: Two, _proof: Any) -> Shown:
    r = two.reorderings[0]
    return costs([(f"from {r.one.name} to {r.other.name}, entries only moved", r.cost)]), []


LAYOUT = Form(
    keys=("layout", "other", *LAYER_KEYS),
    read=_read,
    parts={
        "table": _table,
        "matrix": lambda two, _proof: _of_each(two, "patch"),
        "weights": lambda two, _proof: _of_each(two, "weight"),
        "permutation": lambda two, _proof: formula(latex(two.reorderings[0])),
        "indices": _indices,
        "cost": _cost,
        "proof": _proof,
    },
    default=("matrix", "permutation", "proof"),
)

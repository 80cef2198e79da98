"""Layers that mix channels and places apart, on a page: depthwise and then pointwise, or pointwise alone."""

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

from symconv.errors import BlockError
from symconv.forms.cost import Cost
from symconv.forms.pointwise import Pointwise, pointwise
from symconv.forms.separable import Separable, depthwise_separable
from symconv.geometry import Geometry
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
from symconv.lesson.limits import MOST_ENTRIES
from symconv.lesson.words import read_int
from symconv.proof.identity import IdentityProof
from symconv.proof.verdict import Proof
from symconv.show.latex import latex
from symconv.unroll import Unrolled


@dataclass(frozen=True)
class Mixed:
    """A layer of one tap, and its product over the channels.

    Attributes:
        form: its two matrices.
        layer: the layer, of numbers or letters; None if its matrices are not shown.
        letters: whether the weights are letters.
    """

    form: Pointwise
    layer: Unrolled | None
    letters: bool

    @property
    def geometry(self) -> Geometry:
        """The layer's sizes and hyper-parameters."""
        return self.form.geometry

    def prove(self) -> Proof:
        """That W·X is the layer."""
        return self.form.prove()


def _pointwise(values: dict[str, Any], show: tuple[str, ...]) -> Mixed:
    listed = isinstance(values.get("kernels"), list)
    g, layer = read_drawn(values if listed else {"kernel": "1", **values}, drawn="product" in show)
    return Mixed(pointwise(g), layer, not listed and isinstance(values.get("kernel", ""), str))


def _product(mixed: Mixed, _proof: Any) -> Shown:
    """W·X = Y."""
    g, layer = mixed.geometry, mixed.layer
    cells = None if layer is None else layer.matrices.input
    weights = None if layer is None or mixed.letters else layer.matrices.kernel
    text = latex(mixed.form, "product", x=cells, w=weights)
    return formula(
        text, f"{g.out_channels}×{g.in_channels} times {g.in_channels}×{mixed.form.cells.shape[1]}"
    )


def _pointwise_proof(_mixed: Mixed, proof: Proof) -> Shown:
    return proved(
        proof.tier,
        f"{counted(proof.compared, 'entry', 'entries')} of <i>W</i> <i>X</i> {_were(proof.compared)} "
        f"compared with the loop formula as polynomials: {counted(proof.products, 'product')}, "
        "for any values of the inputs and weights.",
    ), []


def _pointwise_cost(mixed: Mixed, _proof: Any) -> Shown:
    ways = [("loop formula", Cost.direct(mixed.geometry)), ("the product W·X", mixed.form.cost)]
    return costs(ways, label=f"the cost, counted: {in_words(mixed.geometry)}"), []


def _separable(values: dict[str, Any], _show: tuple[str, ...]) -> Separable:
    multiplier = read_int(values.get("multiplier", "1"), "multiplier")
    if multiplier < 1:
        raise BlockError(f"multiplier={multiplier} makes no channels: write at least 1")
    g, _ = read_drawn({key: value for key, value in values.items() if key != "multiplier"}, drawn=False)
    if (products := prod(g.patch_matrix_shape) * multiplier * g.groups) > MOST_ENTRIES:
        raise BlockError(
            f"input, kernel, multiplier and groups make a proof of {products:,} products, more than the "
            f"{MOST_ENTRIES:,} of a page: write smaller ones"
        )
    return depthwise_separable(g, multiplier)


def _layers(separable: Separable, _proof: Any) -> Shown:
    """The two layers and the dense one, side by side."""
    named = (
        ("depthwise", separable.depthwise),
        ("pointwise", separable.pointwise),
        ("the dense layer that they are", separable.geometry),
    )
    rows = [
        (
            name,
            *(_times(s) for s in (g.input_shape[1:], g.kernel_shape, g.output_shape[1:])),
            g.groups,
            prod(g.kernel_shape),
        )
        for name, g in named
    ]
    return listing(
        "two layers and one", ("layer", "input", "kernels", "output", "groups", "weights"), rows
    ), []


def _ratio(separable: Separable, _proof: Any) -> Shown:
    r"""The products of both layers over those of the dense one, and where that number comes from."""
    g, first = separable.geometry, separable.depthwise
    found = Fraction(separable.cost.products, g.products)
    multiplier, taps = first.out_channels // g.in_channels, r" \cdot ".join(map(str, g.kernel_size))
    sums = rf"\frac{{{g.groups}}}{{{g.out_channels}}} + \frac{{1}}{{{taps}}}"
    if multiplier > 1:
        sums = rf"{multiplier} \left({sums}\right)"
    value = rf"\frac{{{found.numerator}}}{{{found.denominator}}} \approx {float(found):.3g}"
    return formula(
        rf"\frac{{\text{{both layers}}}}{{\text{{the dense layer}}}} = "
        rf"\frac{{{_spaced(first.products)} + {_spaced(separable.pointwise.products)}}}"
        rf"{{{_spaced(g.products)}}} = {sums} = {value}"
    )


def _separable_proof(separable: Separable, proof: IdentityProof) -> Shown:
    return proved(
        proof.tier,
        f"{counted(proof.compared, 'entry', 'entries')} of the two layers {_were(proof.compared)} "
        f"compared with the dense layer whose kernel is the product of the two, as {proof.method}, "
        "for any values of the inputs and weights.",
    ), []


def _separable_cost(separable: Separable, _proof: Any) -> Shown:
    return costs(
        [
            ("the dense layer", Cost.direct(separable.geometry)),
            ("both layers", separable.cost),
        ],
        [
            ("of it, depthwise", Cost.direct(separable.depthwise)),
            ("pointwise", Cost.direct(separable.pointwise)),
        ],
        f"the cost, counted: {in_words(separable.geometry)}",
    ), []


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _times(sizes: tuple[int, ...]) -> str:
    return "×".join(map(str, sizes))


def _spaced(number: int) -> str:
    """A number with room after each thousand, as mathematics."""
    return f"{number:,}".replace(",", r"{,}")


POINTWISE = Form(
    keys=LAYER_KEYS,
    read=_pointwise,
    parts={
        "formula": lambda mixed, _proof: layer_formula(latex(mixed.form), mixed.geometry),
        "product": _product,
        "cost": _pointwise_cost,
        "proof": _pointwise_proof,
    },
    default=("formula", "product", "proof"),
)
SEPARABLE = Form(
    keys=(*LAYER_KEYS, "multiplier"),
    read=_separable,
    parts={
        "formula": lambda separable, _proof: layer_formula(latex(separable), separable.geometry),
        "kernel": lambda separable, _proof: formula(latex(separable, "kernel")),
        "layers": _layers,
        "ratio": _ratio,
        "cost": _separable_cost,
        "proof": _separable_proof,
    },
    default=("formula", "layers", "ratio", "proof"),
)

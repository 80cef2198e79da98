"""Theorems about the patch matrix and the weight matrix: what the unrolled product is, row, column and block."""

from math import prod

from symconv.digits import ravel, unravel
from symconv.proof.facts import equal, less
from symconv.proof.steps import Digits, Unfold
from symconv.proof.sums import Definition, Read, Sum
from symconv.proof.terms import Term, letter
from symconv.proof.theorem import LEFT, RIGHT, Theorem
from symconv.theorems.layer import (
    GROUPS,
    OWN_CHANNELS,
    OWN_FILTERS,
    Axis,
    C,
    F,
    Layer,
    N,
    at_one_place,
    c,
    column,
    f,
    m,
    n,
    place,
    row,
)


def im2col(axes: int = 2) -> Theorem:
    """The loop formula is the matrix product P·W."""
    layer = Layer(axes)
    theorem = Theorem(
        "im2col",
        axes,
        "Every output cell of a convolution layer is the entry of P·W in the row of its position "
        "and the column of its filter.",
        Sum((Read("y", (n, f, *layer.positions)),)),
        Sum((Read("Y", (ravel((n, *layer.positions), (N, *layer.output_size)), f)),)),
        layer.every_output_cell,
        layer.assumptions,
        (layer.loop_formula(), layer.product, layer.patch_matrix(), layer.weight_matrix()),
        (
            (RIGHT, Unfold("Y")),
            (RIGHT, Unfold("P")),
            (RIGHT, Unfold("W")),
            (RIGHT, Digits()),
            (RIGHT, layer.by_taps()),
            (RIGHT, Digits()),
            (RIGHT, layer.by_own_channels()),
            (RIGHT, Digits()),
            (LEFT, Unfold("y")),
        ),
    )
    return theorem

"""Theorems about the patch matrix and the weight matrix: their product, columns, blocks and samples."""

from symconv.digits import ravel, unravel
from symconv.proof.facts import equal
from symconv.proof.steps import Digits, Unfold
from symconv.proof.sums import Definition, Index, Read, Sum
from symconv.proof.terms import Term, letter, name_of
from symconv.proof.theorem import LEFT, RIGHT, Theorem
from symconv.theorems.layer import (
    GROUPS,
    OWN_CHANNELS,
    OWN_FILTERS,
    Axis,
    F,
    Layer,
    N,
    Place,
    c,
    column,
    f,
    n,
    row,
    size_of,
    without_dilation,
    without_stride,
)


def im2col(rank: int) -> Theorem:
    """The loop formula is the matrix product P·W."""
    layer = Layer(rank)
    theorem = Theorem(
        "im2col",
        rank,
        "Every output cell of a convolution layer is the entry of P·W "
        "in the row of its position and the column of its filter.",
        Sum((Read("y", (n, f, *layer.positions)),)),
        Sum((Read("Y", (ravel((n, *layer.positions), (N, *layer.output_size)), f)),)),
        layer.every_output_cell,
        layer.assumptions,
        (layer.loop_formula(), layer.product(), layer.patch_matrix(), layer.weight_matrix()),
        layer.numbers_of,
        script=(
            (RIGHT, Unfold("Y")),
            (RIGHT, Unfold("P")),
            (RIGHT, Digits()),
            (RIGHT, Unfold("W")),
            (RIGHT, layer.by_taps()),
            (RIGHT, Digits()),
            (RIGHT, layer.by_own_channels()),
            (RIGHT, Digits()),
            (LEFT, Unfold("y")),
        ),
    )
    return theorem.with_variants(
        theorem.variant("P forgets the stride of the last axis.", layer.patch_matrix(without_stride)),
        theorem.variant("P forgets the dilation of the last axis.", layer.patch_matrix(without_dilation)),
        theorem.variant(
            "P has its columns channels last, W has its rows channels first.",
            layer.patch_matrix(taps=layer.tap_of_channels_last),
        ),
        theorem.variant("The sum over the columns stops one too early.", layer.product(layer.columns - 1)),
    )


def filters(rank: int) -> Theorem:
    """Column f of the product is P times kernel f, flattened."""
    layer = Layer(rank, grouped=False)

    def flattened(kernel: Term = f, taps: tuple[Term, ...] = layer.tap_of(column)) -> Definition:
        body = Sum((Read("w", (kernel, *taps)),))
        return Definition("v", (("f", F), ("q", layer.columns)), body, "the flattened kernel")

    column_times = Definition(
        "Pv",
        (("r", layer.rows), ("f", F)),
        Sum((Read("P", (row, column)), Read("v", (f, column))), layer.over((column,), (layer.columns,))),
        "the product of P with one column",
    )
    theorem = Theorem(
        "filters",
        rank,
        "Column f of P·W is P times kernel f, flattened: many kernels are many columns.",
        Sum((Read("Y", (row, f)),)),
        Sum((Read("Pv", (row, f)),)),
        layer.over((row, f), (layer.rows, F)),
        layer.assumptions,
        (layer.product(), layer.patch_matrix(), layer.weight_matrix(), column_times, flattened()),
        layer.numbers_of,
        script=((LEFT, Unfold("Y")), (LEFT, Unfold("W")), (RIGHT, Unfold("Pv")), (RIGHT, Unfold("v"))),
    )
    channel, *tap = layer.tap_of(column)
    backwards = [a.kernel - 1 - t for a, t in zip(layer.axes, tap, strict=True)]
    return theorem.with_variants(
        theorem.variant("The kernel is flattened backwards.", flattened(taps=(channel, *backwards))),
        theorem.variant(
            "The kernel is flattened channels last.", flattened(taps=layer.tap_of_channels_last(column))
        ),
        theorem.variant("Every column takes the last kernel.", flattened(kernel=F - 1)),
    )


def groups(rank: int) -> Theorem:
    """With groups the weight matrix is block-diagonal."""
    layer = Layer(rank)
    group, other, filter_ = letter("g"), letter("h"), letter("l")
    sizes = (layer.channels, *layer.kernel_size)

    def weight(number: Term) -> Sum:
        return Sum((Read("w", (number, c, *layer.taps)),), (), (equal(group, other),))

    theorem = Theorem(
        "groups",
        rank,
        "With groups, W is block-diagonal: the rows of group g and the columns of group h hold kernels "
        "where g = h, and zeros elsewhere.",
        Sum(
            (
                Read(
                    "W",
                    (ravel((group * OWN_CHANNELS + c, *layer.taps), sizes), other * OWN_FILTERS + filter_),
                ),
            )
        ),
        weight(other * OWN_FILTERS + filter_),
        (
            Index("g", GROUPS),
            Index("h", GROUPS),
            Index("l", OWN_FILTERS),
            *layer.every_tap,
        ),
        layer.assumptions,
        (layer.weight_matrix(),),
        layer.numbers_of,
        script=((LEFT, Unfold("W")), (LEFT, Digits())),
    )
    return theorem.with_variants(
        theorem.variant(
            "A channel's group is taken as its remainder, not its quotient.",
            layer.weight_matrix(lambda channel: equal(channel % GROUPS, f // OWN_FILTERS)),
        ),
        theorem.variant(
            "A filter's group is counted in channels, not in filters.",
            layer.weight_matrix(lambda channel: equal(channel // OWN_CHANNELS, f // OWN_CHANNELS)),
        ),
        theorem.variant("The block holds the kernels of the rows' group.", right=weight(group * OWN_FILTERS)),
    )


def batch(rank: int) -> Theorem:
    """The patch matrix of a batch is the patch matrices of its samples, stacked."""
    layer = Layer(rank, grouped=False)
    sample_row = letter("l")
    count = size_of(layer.output_size)

    def sample(sizes: tuple[Term, ...] = layer.output_size, place: Place = Axis.read) -> Definition:
        channel, *tap = layer.tap_of(column)
        where = [place(a, o, t) for a, o, t in zip(layer.axes, unravel(sample_row, sizes), tap, strict=True)]
        indices = (("n", N), ("l", count), ("q", layer.columns))
        return Definition("S", indices, Sum((Read("x̂", (n, channel, *where)),)), "one sample's patch matrix")

    theorem = Theorem(
        "batch",
        rank,
        "The patch matrix of a batch is the patch matrices of its samples, one below the other.",
        Sum((Read("P", (n * count + sample_row, column)),)),
        Sum((Read("S", (n, sample_row, column)),)),
        (*layer.over((n, sample_row), (N, count)), Index(name_of(column), layer.columns)),
        layer.assumptions,
        (layer.patch_matrix(), sample()),
        layer.numbers_of,
        script=((LEFT, Unfold("P")), (LEFT, Digits()), (RIGHT, Unfold("S"))),
    )
    return theorem.with_variants(
        theorem.variant(
            "The samples are interleaved, not stacked.",
            left=Sum((Read("P", (sample_row * N + n, column)),)),
        ),
        theorem.variant(
            "The first sample is counted as number 1.",
            left=Sum((Read("P", ((n + 1) * count + sample_row, column)),)),
        ),
        theorem.variant(
            "One sample's matrix forgets the stride of the last axis.", sample(place=without_stride)
        ),
    )

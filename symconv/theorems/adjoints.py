"""Theorems about the convolution as a linear map: its matrix, its transpose, its gradients, its overlap."""

from symconv.digits import ravel, unravel
from symconv.proof.facts import Fact, at_most, equal
from symconv.proof.steps import Differentiate, Digits, Reindex, Unfold
from symconv.proof.sums import Definition, Index, Read, Sum
from symconv.proof.terms import Term, letter, name_of
from symconv.proof.theorem import LEFT, RIGHT, Theorem
from symconv.theorems.layer import (
    OWN_CHANNELS,
    Axis,
    Layer,
    N,
    Place,
    at_one_place,
    c,
    column,
    f,
    m,
    n,
    place,
    reversed_taps,
    row,
    size_of,
    without_padding,
    without_stride,
)

_output = letter("u")  # number of an output cell of one sample


def _reads(
    layer: Layer, place: Place = Axis.read, position: tuple[Term, ...] | None = None
) -> tuple[Fact, ...]:
    """A tap at a position reads the cell at hand."""
    return tuple(
        equal(place(a, o, a.tap), a.cell)
        for a, o in zip(layer.axes, position or layer.positions, strict=True)
    )


def _convolution_matrix(layer: Layer, read: Place = Axis.read, channels_last: bool = False) -> Definition:
    """T: rows are output cells (f, *position), columns input cells (c, *cell)."""
    filter_, *position = unravel(_output, (layer.filters, *layer.output_size))
    channel, *cells = unravel(place, (layer.channels, *layer.input_size))
    if channels_last:
        *cells, channel = unravel(place, (*layer.input_size, layer.channels))
    own = equal(layer.channel(c).replace({"f": filter_}), channel)
    where = tuple(equal(read(a, o, a.tap), i) for a, o, i in zip(layer.axes, position, cells, strict=True))
    body = Sum((Read("w", (filter_, c, *layer.taps)),), layer.every_tap, (own, *where))
    indices = (
        ("u", layer.filters * size_of(layer.output_size)),
        ("v", layer.channels * size_of(layer.input_size)),
    )
    return Definition("T", indices, body, "the convolution matrix")


def toeplitz(rank: int) -> Theorem:
    """The layer is the convolution matrix times the flattened input."""
    layer = Layer(rank)
    cells = layer.channels * size_of(layer.input_size)
    flattened = Definition(
        "vec x",
        (("n", N), ("v", cells)),
        Sum((Read("x", (n, *unravel(place, (layer.channels, *layer.input_size)))),)),
        "the flattened input",
    )
    product = Definition(
        "T x",
        (("n", N), ("u", layer.filters * size_of(layer.output_size))),
        Sum((Read("T", (_output, place)), Read("vec x", (n, place))), layer.over((place,), (cells,))),
        "the product of T with the flattened input",
    )
    theorem = Theorem(
        "toeplitz",
        rank,
        "The flattened output is the convolution matrix T times the flattened input.",
        Sum((Read("y", (n, f, *layer.positions)),)),
        Sum((Read("T x", (n, ravel((f, *layer.positions), (layer.filters, *layer.output_size)))),)),
        layer.every_output_cell,
        layer.assumptions,
        (layer.loop_formula(), layer.padded_input, product, _convolution_matrix(layer), flattened),
        layer.numbers_of,
        script=(
            (LEFT, Unfold("y")),
            (LEFT, Unfold("x̂")),
            (RIGHT, Unfold("T x")),
            (RIGHT, Unfold("T")),
            (RIGHT, Unfold("vec x")),
            (RIGHT, Digits()),
            (RIGHT, _by_cells(layer)),
            (RIGHT, Digits()),
            (
                RIGHT,
                at_one_place(
                    {"m": layer.channel(c)},
                    _reads(layer),
                    "Only the channels of the filter's own group are left.",
                ),
            ),
        ),
    )
    return theorem.with_variants(
        theorem.variant("T forgets the stride of the last axis.", _convolution_matrix(layer, without_stride)),
        theorem.variant(
            "T forgets the padding of the last axis.", _convolution_matrix(layer, without_padding)
        ),
        theorem.variant(
            "The columns of T are laid out channels last.", _convolution_matrix(layer, channels_last=True)
        ),
    )


def _by_cells(layer: Layer) -> Reindex:
    sizes = (layer.channels, *layer.input_size)
    return layer.by_digits(
        place, (m, *layer.cells), sizes, "A column v of T is a channel and a cell, and back."
    )


def transpose(rank: int) -> Theorem:
    """The transpose of the convolution matrix is the transposed convolution."""
    layer = Layer(rank)
    outputs = layer.filters * size_of(layer.output_size)
    flattened = Definition(
        "vec y",
        (("n", N), ("u", outputs)),
        Sum((Read("y", (n, *unravel(_output, (layer.filters, *layer.output_size)))),)),
        "the flattened array that it is applied to",
    )
    product = Definition(
        "Tᵀ y",
        (("n", N), ("v", layer.channels * size_of(layer.input_size))),
        Sum((Read("T", (_output, place)), Read("vec y", (n, _output))), layer.over((_output,), (outputs,))),
        "the product of the transpose of T",
    )
    every_cell = (*layer.over((n, m), (N, layer.channels)), *layer.over(layer.cells, layer.input_size))

    def scattered(read: Place = Axis.read) -> Definition:
        indices = (
            Index("f", layer.filters),
            *layer.over(layer.positions, layer.output_size),
            *layer.every_tap,
        )
        factors = (Read("w", (f, c, *layer.taps)), Read("y", (n, f, *layer.positions)))
        body = Sum(factors, indices, (equal(layer.channel(c), m), *_reads(layer, read)))
        return Definition("z", layer.shape(every_cell), body, "the transposed convolution, which scatters")

    theorem = Theorem(
        "transpose",
        rank,
        "The transpose of the convolution matrix is the transposed convolution: "
        "every output cell is scattered back to the cells it was made of.",
        Sum((Read("z", (n, m, *layer.cells)),)),
        Sum((Read("Tᵀ y", (n, ravel((m, *layer.cells), (layer.channels, *layer.input_size)))),)),
        every_cell,
        layer.assumptions,
        (scattered(), product, _convolution_matrix(layer), flattened),
        layer.numbers_of,
        script=(
            (LEFT, Unfold("z")),
            (RIGHT, Unfold("Tᵀ y")),
            (RIGHT, Unfold("T")),
            (RIGHT, Unfold("vec y")),
            (RIGHT, Digits()),
            (
                RIGHT,
                layer.by_digits(
                    _output,
                    (f, *layer.positions),
                    (layer.filters, *layer.output_size),
                    "A row u of T is a filter and a position, and back.",
                ),
            ),
            (RIGHT, Digits()),
        ),
    )
    return theorem.with_variants(
        theorem.variant("The scattering forgets the stride of the last axis.", scattered(without_stride)),
        theorem.variant("The scattering forgets the padding of the last axis.", scattered(without_padding)),
        theorem.variant("The scattering reverses the kernel on the last axis.", scattered(reversed_taps)),
    )


def _loss(layer: Layer) -> Definition:
    """A loss that is linear in the output, dy being its gradient; to first order any loss is one."""
    cell = (n, f, *layer.positions)
    return Definition("L", (), Sum((Read("dy", cell), Read("y", cell)), layer.every_output_cell), "the loss")


def weight_gradient(rank: int) -> Theorem:
    """The gradient by the weights is the transpose of P times the gradient by Y."""
    layer = Layer(rank)
    weight = (f, m % OWN_CHANNELS, *layer.taps)

    def product(rows: Term) -> Definition:
        body = Sum((Read("P", (row, column)), Read("dY", (row, f))), layer.over((row,), (rows,)))
        return Definition(
            "PᵀdY",
            (("q", layer.columns), ("f", layer.filters)),
            body,
            "the product of the transpose of P with dY",
        )

    positions_first = unravel(row, (*layer.output_size, N))
    chosen = {"f'": f, "c": m % OWN_CHANNELS, **{f"{name_of(t)}'": t for t in layer.taps}}
    theorem = Theorem(
        "weight-gradient",
        rank,
        "The derivative of the loss by the weights is Pᵀ·dY, filter by filter in the rows of its own group.",
        Sum((Read("L", ()),), by=Read("w", weight)),
        Sum((Read("PᵀdY", (ravel((m, *layer.taps), (layer.channels, *layer.kernel_size)), f)),)),
        layer.over((f, m, *layer.taps), (layer.filters, layer.channels, *layer.kernel_size)),
        (at_most(1, N), *layer.assumptions),
        (_loss(layer), layer.loop_formula(), product(layer.rows), layer.patch_matrix(), layer.output_rows()),
        layer.numbers_of,
        script=(
            (LEFT, Unfold("L")),
            (LEFT, Unfold("y")),
            (LEFT, Differentiate()),
            (LEFT, at_one_place(chosen)),
            (RIGHT, Unfold("PᵀdY")),
            (RIGHT, Unfold("P")),
            (RIGHT, Unfold("dY")),
            (RIGHT, Digits()),
            (RIGHT, layer.by_positions()),
            (RIGHT, Digits()),
        ),
        where=(layer.own_group(m),),
    )
    return theorem.with_variants(
        theorem.variant("P forgets the stride of the last axis.", layer.patch_matrix(without_stride)),
        theorem.variant("Only the first sample's rows are summed.", product(size_of(layer.output_size))),
        theorem.variant(
            "dY has its rows laid out samples last.",
            layer.output_rows(lambda _: (positions_first[-1], *positions_first[:-1])),
        ),
    )


def _fold(layer: Layer, summed: str, read: Place = Axis.read, rows: Term | None = None) -> Definition:
    """Fold: each entry is added to the cell that it was a copy of."""
    sample, *position = layer.position_of(row)
    channel, *tap = layer.tap_of(column)
    where = [equal(sample, n), equal(channel, m)]
    where += [equal(read(a, o, t), a.cell) for a, o, t in zip(layer.axes, position, tap, strict=True)]
    indices = layer.over((row, column), (rows or layer.rows, layer.columns))
    shape = (*layer.over((n, m), (N, layer.channels)), *layer.over(layer.cells, layer.input_size))
    return Definition(
        "fold", layer.shape(shape), Sum((Read(summed, (row, column)),), indices, tuple(where)), "fold"
    )


def input_gradient(rank: int) -> Theorem:
    """The gradient by the input is dY·Wᵀ, folded."""
    layer = Layer(rank)
    cell = (n, m, *layer.cells)
    spread = Definition(
        "dYWᵀ",
        (("r", layer.rows), ("q", layer.columns)),
        Sum((Read("dY", (row, f)), Read("W", (column, f))), layer.over((f,), (layer.filters,))),
        "the product of dY with the transpose of W",
    )
    sample = letter("n'")
    own = (equal(layer.channel(c), m), *_reads(layer))
    theorem = Theorem(
        "input-gradient",
        rank,
        "The derivative of the loss by the input is dY·Wᵀ, folded back.",
        Sum((Read("L", ()),), by=Read("x", cell)),
        Sum((Read("fold", cell),)),
        (*layer.over((n, m), (N, layer.channels)), *layer.over(layer.cells, layer.input_size)),
        layer.assumptions,
        (
            _loss(layer),
            layer.loop_formula(),
            layer.padded_input,
            _fold(layer, "dYWᵀ"),
            spread,
            layer.output_rows(),
            layer.weight_matrix(),
        ),
        layer.numbers_of,
        script=(
            (LEFT, Unfold("L")),
            (LEFT, Unfold("y")),
            (LEFT, Unfold("x̂")),
            (LEFT, Differentiate()),
            (LEFT, at_one_place({"n'": n, **{f"{name_of(i)}'": i for i in layer.cells}}, own)),
            (RIGHT, Unfold("fold")),
            (RIGHT, Unfold("dYWᵀ")),
            (RIGHT, Unfold("dY")),
            (RIGHT, Unfold("W")),
            (RIGHT, layer.by_positions(sample)),
            (RIGHT, Digits()),
            (RIGHT, layer.by_taps(letter("m'"))),
            (RIGHT, Digits()),
            (
                RIGHT,
                Reindex(
                    ("n'", "m'"),
                    (Index("c", layer.own_channels),),
                    {"n'": n, "m'": layer.channel(c)},
                    {"c": letter("m'") % OWN_CHANNELS},
                    own,
                    "One sample is left, and one channel of each filter's own group.",
                ),
            ),
            (RIGHT, Digits()),
        ),
    )
    return theorem.with_variants(
        theorem.variant("Fold forgets the stride of the last axis.", _fold(layer, "dYWᵀ", without_stride)),
        theorem.variant("Fold leaves the last row out.", _fold(layer, "dYWᵀ", rows=layer.rows - 1)),
        theorem.variant("Fold reverses the kernel on the last axis.", _fold(layer, "dYWᵀ", reversed_taps)),
    )


def overlap(rank: int) -> Theorem:
    """Folding the patches of an input multiplies each cell by how many windows it is in."""
    layer = Layer(rank, grouped=False)
    cell = (n, m, *layer.cells)

    def divisor(read: Place = Axis.read) -> Definition:
        indices = (
            *layer.over(layer.positions, layer.output_size),
            *layer.over(layer.taps, layer.kernel_size),
        )
        body = Sum((), indices, _reads(layer, read))
        return Definition(
            "D",
            layer.shape(layer.over(layer.cells, layer.input_size)),
            body,
            "the overlap divisor, which counts windows",
        )

    found = {"n'": n, "m'": m, **{f"{name_of(i)}'": i for i in layer.cells}}
    theorem = Theorem(
        "overlap",
        rank,
        "fold(unfold(x)) is x times the overlap divisor: how many windows a cell is in.",
        Sum((Read("fold", cell),)),
        Sum((Read("x", cell), Read("D", layer.cells))),
        (*layer.over((n, m), (N, layer.channels)), *layer.over(layer.cells, layer.input_size)),
        layer.assumptions,
        (_fold(layer, "P"), layer.patch_matrix(), layer.padded_input, divisor()),
        layer.numbers_of,
        script=(
            (LEFT, Unfold("fold")),
            (LEFT, Unfold("P")),
            (LEFT, layer.by_positions(letter("n'"))),
            (LEFT, Digits()),
            (LEFT, layer.by_taps(letter("m'"))),
            (LEFT, Digits()),
            (LEFT, Unfold("x̂")),
            (LEFT, at_one_place(found, _reads(layer), "The cell is the one that is asked for: put it in.")),
            (RIGHT, Unfold("D")),
        ),
    )
    return theorem.with_variants(
        theorem.variant("The divisor forgets the stride of the last axis.", divisor(without_stride)),
        theorem.variant("The divisor forgets the padding of the last axis.", divisor(without_padding)),
        theorem.variant("Fold leaves the last row out.", _fold(layer, "P", rows=layer.rows - 1)),
    )

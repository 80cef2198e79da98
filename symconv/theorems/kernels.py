"""Theorems about kernels: reversed, spread out, one cell small, as large as the input, one after another."""

from symconv.digits import ravel, unravel
from symconv.geometry import Geometry
from symconv.proof.facts import Fact, at_most, equal, within
from symconv.proof.steps import Digits, Reindex, Unfold
from symconv.proof.sums import Definition, Index, Read, Sum
from symconv.proof.terms import Term, letter, name_of
from symconv.proof.theorem import LEFT, RIGHT, Theorem
from symconv.theorems.layer import (
    Axis,
    C,
    F,
    Layer,
    M,
    N,
    Place,
    at_one_place,
    c,
    f,
    m,
    n,
    place,
    size_of,
)


def flip(rank: int) -> Theorem:
    """True convolution is correlation with the reversed kernel."""
    layer = Layer(rank)

    def reversed_kernel(backwards: dict[Term, Term]) -> Definition:
        taps = [backwards.get(t, t) for t in layer.taps]
        body = Sum((Read("w", (f, c, *taps)),))
        return Definition(
            "w°", layer.shape((Index("f", layer.filters), *layer.every_tap)), body, "the reversed kernel"
        )

    def true(a: Axis, position: Term, tap: Term) -> Term:
        return a.read(position, a.kernel - 1 - tap)

    backwards = {a.tap: a.kernel - 1 - a.tap for a in layer.axes}
    correlation = Definition(
        "z",
        layer.shape(layer.every_output_cell),
        Sum((Read("w°", (f, c, *layer.taps)), layer.read()), layer.every_tap),
        "the correlation with the reversed kernel",
    )
    turned = {name_of(t): back for t, back in backwards.items()}
    every = Reindex(
        tuple(turned),
        layer.over(layer.taps, layer.kernel_size),
        turned,
        turned,
        words="Count the taps from the other end.",
    )
    cell = (n, f, *layer.positions)
    theorem = Theorem(
        "flip",
        rank,
        "True convolution, which reads the input backwards, is correlation with the reversed kernel.",
        Sum((Read("t", cell),)),
        Sum((Read("z", cell),)),
        layer.every_output_cell,
        layer.assumptions,
        (layer.loop_formula("t", true), correlation, reversed_kernel(backwards)),
        layer.numbers_of,
        script=((LEFT, Unfold("t")), (RIGHT, Unfold("z")), (RIGHT, Unfold("w°")), (RIGHT, every)),
    )
    last = layer.axes[-1]
    return theorem.with_variants(
        theorem.variant(
            "The kernel is not reversed on the last axis.", reversed_kernel({**backwards, last.tap: last.tap})
        ),
        theorem.variant(
            "The kernel is reversed off by one on the last axis.",
            reversed_kernel({**backwards, last.tap: last.kernel - last.tap}),
        ),
        theorem.variant(
            "The input is read from K·d on, not from (K − 1)·d on.",
            layer.loop_formula("t", lambda a, o, t: a.read(o, a.kernel - t)),
        ),
    )


def dilation(rank: int) -> Theorem:
    """Dilation is a kernel with zeros in between."""
    layer = Layer(rank)
    spread = [letter(f"j{a.mark}") for a in layer.axes]

    def extents(short: int = 0) -> list[Term]:
        return [a.dilation * (a.kernel - 1) + 1 - short for a in layer.axes]

    def stretched(*, short: int = 0, step: int = 0) -> Definition:
        where = tuple(
            equal(t * (a.dilation + step), e) for a, t, e in zip(layer.axes, layer.taps, spread, strict=True)
        )
        body = Sum((Read("w", (f, c, *layer.taps)),), layer.over(layer.taps, layer.kernel_size), where)
        shape = layer.shape(
            (Index("f", layer.filters), Index("c", layer.own_channels), *layer.over(spread, extents(short)))
        )
        return Definition("w↑", shape, body, "the kernel with zeros in between")

    def undilated(place: Place, short: int = 0) -> Definition:
        indices = (Index("c", layer.own_channels), *layer.over(spread, extents(short)))
        body = Sum((Read("w↑", (f, c, *spread)), layer.read(spread, place)), indices)
        return Definition(
            "z", layer.shape(layer.every_output_cell), body, "the loop formula without dilation"
        )

    def undilated_place(a: Axis, position: Term, tap: Term) -> Term:
        return position * a.stride + tap - a.before

    places = {name_of(e): a.dilation * t for a, t, e in zip(layer.axes, layer.taps, spread, strict=True)}
    cell = (n, f, *layer.positions)
    theorem = Theorem(
        "dilation",
        rank,
        "A dilated convolution is an undilated one whose kernel has d − 1 zeros between the taps.",
        Sum((Read("y", cell),)),
        Sum((Read("z", cell),)),
        layer.every_output_cell,
        layer.assumptions,
        (layer.loop_formula(), undilated(undilated_place), stretched()),
        layer.numbers_of,
        script=(
            (LEFT, Unfold("y")),
            (RIGHT, Unfold("z")),
            (RIGHT, Unfold("w↑")),
            (RIGHT, at_one_place(places, words="Only the places d·k hold a weight: put them in.")),
        ),
    )
    return theorem.with_variants(
        theorem.variant("There are d zeros between the taps, not d − 1.", stretched(step=1)),
        theorem.variant(
            "The kernel is taken one cell too short.", stretched(short=1), undilated(undilated_place, short=1)
        ),
        theorem.variant(
            "The stride is dilated as well.",
            undilated(lambda a, o, t: o * a.stride * a.dilation + t - a.before),
        ),
    )


def pointwise(rank: int) -> Theorem:
    """A 1×1 convolution is a matrix product over channels."""
    layer = Layer(rank, grouped=False)
    cell = (n, f, *layer.positions)
    pixel = letter("u")
    count = N * size_of(layer.input_size)

    def pixels(order: tuple[Term, ...]) -> Definition:
        body = Sum((Read("x", (order[0], m, *order[1:])),))
        return Definition("X", (("m", C), ("u", count)), body, "the pixels, one column each")

    row_major = unravel(pixel, (N, *layer.input_size))
    *positions, sample = unravel(pixel, (*layer.input_size, N))
    weights = Definition(
        "V",
        (("f", F), ("m", C)),
        Sum((Read("w", (f, m, *(Term.of(0),) * rank)),)),
        "the weights, one row per filter",
    )
    product = Definition(
        "VX",
        (("f", F), ("u", count)),
        Sum((Read("V", (f, c)), Read("X", (c, pixel))), layer.over((c,), (C,))),
        "the product over channels",
    )
    small = tuple(equal(size, 1) for a in layer.axes for size in (a.kernel, a.stride))
    theorem = Theorem(
        "pointwise",
        rank,
        "A 1×1 convolution (stride 1, no padding) is a matrix product over channels, pixel by pixel.",
        Sum((Read("y", cell),)),
        Sum((Read("VX", (f, ravel((n, *layer.positions), (N, *layer.input_size)))),)),
        layer.over((n, f, *layer.positions), (N, F, *layer.input_size)),
        (at_most(1, N), *layer.assumptions, *small, *layer.padding_is_none, *layer.sizes_fit),
        (layer.loop_formula(), layer.padded_input, product, weights, pixels(row_major)),
        layer.numbers_of,
        script=(
            (LEFT, Unfold("y")),
            (LEFT, at_one_place({name_of(t): Term.of(0) for t in layer.taps}, words="There is one tap.")),
            (LEFT, Unfold("x̂")),
            (
                LEFT,
                at_one_place(
                    {name_of(a.cell): a.read(a.position, Term.of(0)) for a in layer.axes},
                    words="Every window lies inside the input.",
                ),
            ),
            (RIGHT, Unfold("VX")),
            (RIGHT, Unfold("V")),
            (RIGHT, Unfold("X")),
            (RIGHT, Digits()),
        ),
    )
    last = layer.axes[-1]
    without = {
        name: tuple(fact for fact in theorem.assumptions if fact not in dropped)
        for name, dropped in {
            "stride": (equal(last.stride, 1),),
            "padding": (equal(last.before, 0),),
        }.items()
    }
    return theorem.with_variants(
        theorem.variant("Any stride is allowed on the last axis.", assumptions=without["stride"]),
        theorem.variant("Padding is allowed before the last axis.", assumptions=without["padding"]),
        theorem.variant("The pixels are laid out samples last.", pixels((sample, *positions))),
    )


def dense(rank: int) -> Theorem:
    """A kernel as large as the input makes a dense layer."""
    layer = Layer(rank, grouped=False)
    count = C * size_of(layer.input_size)
    zeros = (Term.of(0),) * rank

    def flattened_input(digits: tuple[Term, ...]) -> Definition:
        body = Sum((Read("x", (n, *digits)),))
        return Definition("X", (("n", N), ("v", count)), body, "the inputs, one row per sample")

    def dense_layer(size: Term) -> Definition:
        body = Sum((Read("X", (n, place)), Read("V", (place, f))), layer.over((place,), (size,)))
        return Definition("Z", (("n", N), ("f", F)), body, "the dense layer")

    digits = unravel(place, (C, *layer.input_size))
    *cells, channel = unravel(place, (*layer.input_size, C))
    weights = Definition(
        "V", (("v", count), ("f", F)), Sum((Read("w", (f, *digits)),)), "the weights, flattened"
    )
    as_large = tuple(equal(a.kernel, a.input) for a in layer.axes)
    undilated = tuple(equal(a.dilation, 1) for a in layer.axes)
    theorem = Theorem(
        "dense",
        rank,
        "A convolution whose kernel is as large as the input (no padding, no dilation) is a dense layer.",
        Sum((Read("y", (n, f, *zeros)),)),
        Sum((Read("Z", (n, f)),)),
        layer.over((n, f), (N, F)),
        (*layer.assumptions, *as_large, *undilated, *layer.padding_is_none),
        (layer.loop_formula(), layer.padded_input, dense_layer(count), flattened_input(digits), weights),
        layer.numbers_of,
        script=(
            (LEFT, Unfold("y")),
            (LEFT, Unfold("x̂")),
            (
                LEFT,
                at_one_place(
                    {name_of(a.cell): a.read(Term.of(0), a.tap) for a in layer.axes},
                    words="Every tap lies inside the input.",
                ),
            ),
            (RIGHT, Unfold("Z")),
            (RIGHT, Unfold("X")),
            (RIGHT, Unfold("V")),
            (
                RIGHT,
                layer.by_digits(
                    place,
                    (c, *layer.taps),
                    (C, *layer.input_size),
                    "A place v is a channel and a cell, and back.",
                ),
            ),
            (RIGHT, Digits()),
        ),
    )
    last = layer.axes[-1]

    def without(*dropped: Fact) -> tuple[Fact, ...]:
        return tuple(fact for fact in theorem.assumptions if fact not in dropped)

    return theorem.with_variants(
        theorem.variant(
            "The inputs are flattened channels last, the weights channels first.",
            flattened_input((channel, *cells)),
        ),
        theorem.variant(
            "Padding is allowed before the last axis.",
            assumptions=(*without(equal(last.before, 0)), at_most(0, last.before)),
        ),
        theorem.variant("The sum stops one too early.", dense_layer(count - 1)),
    )


def composition(rank: int) -> Theorem:
    """Two convolutions of stride 1 compose into one."""
    layer = Layer(rank, grouped=False)
    seconds = [letter(f"B{a.mark}") for a in layer.axes]
    late = [letter(f"t{a.mark}") for a in layer.axes]
    whole = [letter(f"j{a.mark}") for a in layer.axes]
    between = [a.output + b - 1 for a, b in zip(layer.axes, seconds, strict=True)]
    cell = (n, f, *layer.positions)

    def plain(a: Axis, position: Term, tap: Term) -> Term:
        return position + tap - a.before

    first = Definition(
        "y",
        layer.shape((Index("n", N), Index("m", M), *layer.over(layer.positions, between))),
        Sum(
            (
                Read("w", (m, c, *layer.taps)),
                Read(
                    "x̂",
                    (
                        n,
                        c,
                        *(
                            plain(a, o, t)
                            for a, o, t in zip(layer.axes, layer.positions, layer.taps, strict=True)
                        ),
                    ),
                ),
            ),
            layer.every_tap,
        ),
        "the first convolution",
    )

    def second(step: int = 1) -> Definition:
        places = [o * step + t for o, t in zip(layer.positions, late, strict=True)]
        body = Sum(
            (Read("v", (f, m, *late)), Read("y", (n, m, *places))),
            (Index("m", M), *layer.over(late, seconds)),
        )
        return Definition("z", layer.shape(layer.every_output_cell), body, "the second convolution")

    def extents(short: int = 0) -> list[Term]:
        return [a.kernel + b - 1 - short for a, b in zip(layer.axes, seconds, strict=True)]

    def composed(sign: int = -1, short: int = 0) -> Definition:
        taps = [e + sign * t for e, t in zip(whole, late, strict=True)]
        inside = tuple(
            fact for a, tap in zip(layer.axes, taps, strict=True) for fact in within(tap, a.kernel)
        )
        body = Sum(
            (Read("v", (f, m, *late)), Read("w", (m, c, *taps))),
            (Index("m", M), *layer.over(late, seconds)),
            inside,
        )
        shape = layer.shape((Index("f", F), Index("c", C), *layer.over(whole, extents(short))))
        return Definition("u", shape, body, "the composed kernel")

    def once(short: int = 0) -> Definition:
        reads = [plain(a, o, e) for a, o, e in zip(layer.axes, layer.positions, whole, strict=True)]
        body = Sum(
            (Read("u", (f, c, *whole)), Read("x̂", (n, c, *reads))),
            (Index("c", C), *layer.over(whole, extents(short))),
        )
        return Definition(
            "z'", layer.shape(layer.every_output_cell), body, "the convolution with the composed kernel"
        )

    def numbers_of(g: Geometry) -> dict[str, int]:
        """The layer is the first; the second has as many filters and taps, so that the outputs are fewer."""
        numbers = {**layer.numbers_of(g), "M": g.out_channels}
        for a, b in zip(layer.axes, seconds, strict=True):
            numbers[name_of(b)] = numbers[name_of(a.kernel)]
            numbers[name_of(a.output)] -= numbers[name_of(b)] - 1
        return numbers

    plain_steps = tuple(equal(step, 1) for a in layer.axes for step in (a.stride, a.dilation))
    forward = {name_of(e): t + late_ for e, t, late_ in zip(whole, layer.taps, late, strict=True)}
    inverse = {name_of(t): e - late_ for e, t, late_ in zip(whole, layer.taps, late, strict=True)}
    theorem = Theorem(
        "composition",
        rank,
        "Two convolutions of stride 1 are one, whose kernel is the true convolution of the two kernels.",
        Sum((Read("z", cell),)),
        Sum((Read("z'", cell),)),
        layer.every_output_cell,
        (*layer.assumptions, at_most(1, M), *(at_most(1, b) for b in seconds), *plain_steps),
        (second(), first, once(), composed()),
        numbers_of,
        script=(
            (LEFT, Unfold("z")),
            (LEFT, Unfold("y")),
            (RIGHT, Unfold("z'")),
            (RIGHT, Unfold("u")),
            (
                RIGHT,
                Reindex(
                    tuple(forward),
                    layer.over(layer.taps, layer.kernel_size),
                    forward,
                    inverse,
                    (),
                    "A place j of the composed kernel is k + t, a tap of each kernel.",
                ),
            ),
        ),
    )
    return theorem.with_variants(
        theorem.variant("The kernels are correlated, not convolved.", composed(sign=1)),
        theorem.variant("The second convolution has stride 2.", second(step=2)),
        theorem.variant("The composed kernel is one tap too short.", composed(short=1), once(short=1)),
    )

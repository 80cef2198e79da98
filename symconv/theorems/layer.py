"""The letters and the arrays that the theorems share: a layer of any size, its matrices, its padding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from symconv.digits import ravel, unravel
from symconv.errors import GeometryError
from symconv.geometry import Geometry
from symconv.index_formula import cell_read
from symconv.proof.facts import Fact, at_most, equal
from symconv.proof.steps import Reindex
from symconv.proof.sums import Definition, Index, Read, Sum
from symconv.proof.terms import Term, letter, name_of

AXIS_NAMES = {1: ("",), 2: ("_H", "_W"), 3: ("_D", "_H", "_W")}


@dataclass(frozen=True)
class Axis:
    """One spatial axis: its sizes and its indices, as letters.

    Attributes:
        mark: what its letters end in.
    """

    mark: str

    def _letter(self, name: str) -> Term:
        return letter(f"{name}{self.mark}")

    @cached_property
    def input(self) -> Term:
        """Cells of the input."""
        return letter(self.mark.removeprefix("_") or "W")

    @cached_property
    def kernel(self) -> Term:
        """Taps of the kernel."""
        return self._letter("K")

    @cached_property
    def output(self) -> Term:
        """Output positions."""
        return self._letter("O")

    @cached_property
    def stride(self) -> Term:
        """Cells from one window to the next."""
        return self._letter("s")

    @cached_property
    def dilation(self) -> Term:
        """Cells from one tap to the next."""
        return self._letter("d")

    @cached_property
    def before(self) -> Term:
        """Padding cells before the input."""
        return self._letter("p")

    @cached_property
    def after(self) -> Term:
        """Padding cells after the input."""
        return self._letter("e")

    @cached_property
    def position(self) -> Term:
        """Index of an output position."""
        return self._letter("o")

    @cached_property
    def tap(self) -> Term:
        """Index of a tap."""
        return self._letter("k")

    @cached_property
    def cell(self) -> Term:
        """Index of an input cell."""
        return self._letter("a")

    def read(self, position: Term, tap: Term) -> Term:
        """The input cell that a tap reads at an output position."""
        read: Term = cell_read(position, tap, self.stride, self.dilation, self.before)
        return read

    @property
    def padded(self) -> Term:
        """Cells of the input with its padding."""
        return self.input + self.before + self.after

    @property
    def output_size(self) -> Term:
        """The output-size formula."""
        return (self.padded - self.dilation * (self.kernel - 1) - 1) // self.stride + 1


N, F, C, M = letter("N"), letter("F"), letter("C"), letter("M")
GROUPS, OWN_CHANNELS, OWN_FILTERS = letter("G"), letter("C_g"), letter("F_g")
n, f, m, c = letter("n"), letter("f"), letter("m"), letter("c")
row, column, place = letter("r"), letter("q"), letter("v")

Place = Callable[[Axis, Term, Term], Term]  # the input cell that a tap reads, on one axis
Digits = Callable[[Term], tuple[Term, ...]]  # the indices that a row's or column's number stands for


@dataclass(frozen=True)
class Layer:
    """A convolution layer of any size, as definitions to state theorems with.

    Attributes:
        rank: how many spatial axes it has.
        grouped: whether its channels are in groups; without, every filter sees every channel.
    """

    rank: int = 2
    grouped: bool = True

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """Its spatial axes, the last the fastest."""
        return tuple(Axis(mark) for mark in AXIS_NAMES.get(self.rank) or (f"_A{i}" for i in range(self.rank)))

    @property
    def positions(self) -> tuple[Term, ...]:
        """The indices of an output position."""
        return tuple(a.position for a in self.axes)

    @property
    def taps(self) -> tuple[Term, ...]:
        """The indices of a tap within its channel."""
        return tuple(a.tap for a in self.axes)

    @property
    def cells(self) -> tuple[Term, ...]:
        """The indices of an input cell within its channel."""
        return tuple(a.cell for a in self.axes)

    @property
    def input_size(self) -> tuple[Term, ...]:
        """Cells of the input along each axis."""
        return tuple(a.input for a in self.axes)

    @property
    def kernel_size(self) -> tuple[Term, ...]:
        """Taps of the kernel along each axis."""
        return tuple(a.kernel for a in self.axes)

    @property
    def output_size(self) -> tuple[Term, ...]:
        """Output positions along each axis."""
        return tuple(a.output for a in self.axes)

    @property
    def channels(self) -> Term:
        """Channels of the input."""
        return GROUPS * OWN_CHANNELS if self.grouped else C

    @property
    def filters(self) -> Term:
        """Filters, which are the channels of the output."""
        return GROUPS * OWN_FILTERS if self.grouped else F

    @property
    def own_channels(self) -> Term:
        """Channels that one filter sees."""
        return OWN_CHANNELS if self.grouped else C

    def channel(self, channel: Term) -> Term:
        """The input's channel that filter f reads as its own channel of this number."""
        return f // OWN_FILTERS * OWN_CHANNELS + channel if self.grouped else channel

    @property
    def rows(self) -> Term:
        """Rows of the patch matrix: output positions of all samples."""
        return N * size_of(self.output_size)

    @property
    def columns(self) -> Term:
        """Columns of the patch matrix: taps of all channels."""
        return self.channels * size_of(self.kernel_size)

    @property
    def assumptions(self) -> tuple[Fact, ...]:
        """Every size and hyper-parameter that counts something is at least 1."""
        counts = [GROUPS, OWN_CHANNELS, OWN_FILTERS] if self.grouped else [C, F]
        for a in self.axes:
            counts += [a.input, a.kernel, a.output, a.stride, a.dilation]
        return tuple(at_most(1, count) for count in counts)

    @property
    def padding_is_none(self) -> tuple[Fact, ...]:
        """No padding on any axis."""
        return tuple(equal(pad, 0) for a in self.axes for pad in (a.before, a.after))

    @property
    def sizes_fit(self) -> tuple[Fact, ...]:
        """Padding is not negative, and the output is as large as the output-size formula says."""
        pads = [at_most(0, pad) for a in self.axes for pad in (a.before, a.after)]
        return (*pads, *(equal(a.output, a.output_size) for a in self.axes))

    def numbers_of(self, g: Geometry) -> dict[str, int]:
        """The letters' numbers in a layer; a symbolic layer's own sizes where it has them."""
        grouped = {"G": g.groups, "C_g": g.in_channels // g.groups, "F_g": g.out_channels // g.groups}
        if not self.grouped:
            if g.groups != 1:
                raise GeometryError(f"groups={g.groups}: this theorem is about layers with groups=1")
            grouped = {"C": g.in_channels, "F": g.out_channels}
        numbers = {"N": g.batch, **grouped}
        for place, a in enumerate(self.axes):
            before, after = g.padding[place]
            sizes = (a.input, a.kernel, a.output, a.stride, a.dilation, a.before, a.after)
            values = (
                g.input_size[place],
                g.kernel_size[place],
                g.output_size[place],
                g.stride[place],
                g.dilation[place],
                before,
                after,
            )
            numbers |= zip(map(name_of, sizes), values, strict=True)
        return numbers

    def over(self, letters: Sequence[Term], sizes: Sequence[Term]) -> tuple[Index, ...]:
        """Summation indices with their sizes."""
        return tuple(Index(name_of(i), size) for i, size in zip(letters, sizes, strict=True))

    @property
    def every_output_cell(self) -> tuple[Index, ...]:
        """The indices (n, f, *position) of an output cell."""
        return self.over((n, f, *self.positions), (N, self.filters, *self.output_size))

    @property
    def every_tap(self) -> tuple[Index, ...]:
        """The indices (c, *tap) of one filter's taps."""
        return self.over((c, *self.taps), (self.own_channels, *self.kernel_size))

    def read(self, taps: Sequence[Term] | None = None, place: Place = Axis.read) -> Read:
        """The padded input's cell that filter f multiplies a tap by, at the output position at hand."""
        where = [place(a, a.position, t) for a, t in zip(self.axes, taps or self.taps, strict=True)]
        return Read("x̂", (n, self.channel(c), *where))

    # the arrays

    @property
    def padded_input(self) -> Definition:
        """The input with zeros around it: a cell, or the empty sum where there is none."""
        outside = [letter(f"b{a.mark}") for a in self.axes]
        cell = Sum(
            (Read("x", (n, m, *self.cells)),),
            self.over(self.cells, self.input_size),
            tuple(equal(i, b) for i, b in zip(self.cells, outside, strict=True)),
        )
        indices = (("n", N), ("m", self.channels), *((name_of(b), None) for b in outside))
        return Definition("x̂", indices, cell, "the padded input")

    def loop_formula(self, name: str = "y", place: Place = Axis.read) -> Definition:
        """The definition of a convolution layer."""
        weight = Read("w", (f, c, *self.taps))
        body = Sum((weight, self.read(place=place)), self.every_tap)
        return Definition(name, self.shape(self.every_output_cell), body, "the loop formula")

    def patch_matrix(self, place: Place = Axis.read, taps: Digits | None = None) -> Definition:
        """P: rows are output positions (n, *position), columns taps (c, *tap), both row-major."""
        sample, *position = self.position_of(row)
        channel, *tap = (taps or self.tap_of)(column)
        where = [place(a, o, t) for a, o, t in zip(self.axes, position, tap, strict=True)]
        indices = (("r", self.rows), ("q", self.columns))
        return Definition("P", indices, Sum((Read("x̂", (sample, channel, *where)),)), "the patch matrix")

    def weight_matrix(self, own_group: Callable[[Term], Fact] | None = None) -> Definition:
        """W: one column per filter, zero outside the filter's own group."""
        channel, *tap = self.tap_of(column)
        where = ((own_group or self.own_group)(channel),) if self.grouped else ()
        own = channel % OWN_CHANNELS if self.grouped else channel
        body = Sum((Read("w", (f, own, *tap)),), (), where)
        return Definition("W", (("q", self.columns), ("f", self.filters)), body, "the weight matrix")

    def product(self, columns: Term | None = None) -> Definition:
        """Y = P·W, entry by entry."""
        indices = self.over((column,), (columns or self.columns,))
        body = Sum((Read("P", (row, column)), Read("W", (column, f))), indices)
        return Definition("Y", (("r", self.rows), ("f", self.filters)), body, "the matrix product")

    def output_rows(self, positions: Digits | None = None) -> Definition:
        """The upstream gradient as a matrix, laid out as Y is."""
        sample, *position = (positions or self.position_of)(row)
        body = Sum((Read("dy", (sample, f, *position)),))
        return Definition("dY", (("r", self.rows), ("f", self.filters)), body, "dY, laid out as Y is")

    def position_of(self, number: Term) -> tuple[Term, ...]:
        """The sample and position of a row of P."""
        return unravel(number, (N, *self.output_size))

    def tap_of(self, number: Term) -> tuple[Term, ...]:
        """The channel and tap of a column of P."""
        return unravel(number, (self.channels, *self.kernel_size))

    def tap_of_channels_last(self, number: Term) -> tuple[Term, ...]:
        """The channel and tap of a column, if channels were the fastest: another layout than ours."""
        *tap, channel = unravel(number, (*self.kernel_size, self.channels))
        return (channel, *tap)

    @staticmethod
    def own_group(channel: Term) -> Fact:
        """A channel lies in the group of filter f."""
        return equal(channel // OWN_CHANNELS, f // OWN_FILTERS)

    @staticmethod
    def shape(indices: Sequence[Index]) -> tuple[tuple[str, Term | None], ...]:
        """Indices as a definition lists them."""
        return tuple((i.name, i.size) for i in indices)

    # the ways to sum over something else

    def by_digits(self, number: Term, letters: Sequence[Term], sizes: Sequence[Term], words: str) -> Reindex:
        """One index taken apart into its mixed-radix digits."""
        name = name_of(number)
        inverse = dict(zip(map(name_of, letters), unravel(number, sizes), strict=True))
        return Reindex(
            (name,), self.over(letters, sizes), {name: ravel(letters, sizes)}, inverse, words=words
        )

    def by_taps(self, channel: Term = m) -> Reindex:
        """A column of P taken apart into channel and tap."""
        sizes = (self.channels, *self.kernel_size)
        return self.by_digits(
            column, (channel, *self.taps), sizes, "A column q is a channel and a tap, and back."
        )

    def by_positions(self, sample: Term = n) -> Reindex:
        """A row of P taken apart into sample and position."""
        sizes = (N, *self.output_size)
        words = "A row r is a sample and a position, and back."
        return self.by_digits(row, (sample, *self.positions), sizes, words)

    def by_own_channels(self, where: tuple[Fact, ...] = ()) -> Reindex:
        """The channels of the filter's own group, counted from the group's first."""
        return Reindex(
            ("m",),
            self.over((c,), (self.own_channels,)),
            {"m": self.channel(c)},
            {"c": m % OWN_CHANNELS if self.grouped else m},
            where,
            "Only the channels of the filter's own group are left; count them from the first.",
        )


def size_of(sizes: Sequence[Term]) -> Term:
    """How many cells a box of these sizes has."""
    return prod(sizes, start=Term.of(1))


def on_the_last_axis(place: Place) -> Place:
    """Another way to read the input on the last axis: what a false variant does there."""

    def read(axis: Axis, position: Term, tap: Term) -> Term:
        return (place if axis.mark in ("", "_W") else Axis.read)(axis, position, tap)

    return read


@on_the_last_axis
def without_stride(axis: Axis, position: Term, tap: Term) -> Term:
    """The input cell that a tap would read if the stride were forgotten."""
    return position + tap * axis.dilation - axis.before


@on_the_last_axis
def without_dilation(axis: Axis, position: Term, tap: Term) -> Term:
    """The input cell that a tap would read if the dilation were forgotten."""
    return position * axis.stride + tap - axis.before


@on_the_last_axis
def without_padding(axis: Axis, position: Term, tap: Term) -> Term:
    """The input cell that a tap would read if the padding were forgotten."""
    return position * axis.stride + tap * axis.dilation


@on_the_last_axis
def reversed_taps(axis: Axis, position: Term, tap: Term) -> Term:
    """The input cell that a tap reads where the kernel is reversed."""
    return axis.read(position, axis.kernel - 1 - tap)


def at_one_place(values: dict[str, Term], where: tuple[Fact, ...] = (), words: str = "") -> Reindex:
    """Indices that can only have one value: the sum over them is the term with that value."""
    return Reindex(tuple(values), (), values, {}, where, words or "Only one place is left: put it in.")

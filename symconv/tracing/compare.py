"""What a function computes, compared with the definition as polynomials: the same products equally often.

Two routes. Where every output is an entry of a matrix product of cells, the two matrices are compared with
the definition's coordinates, up to the order of the taps. Otherwise, and wherever that does not settle it,
all products are written out and compared, output by output.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.entries import Array
from symconv.errors import RequestError
from symconv.geometry import Geometry
from symconv.index_map import IndexMap
from symconv.proof.exact import defined_maps
from symconv.proof.verdict import Tier, shortened
from symconv.symbols import entry_name
from symconv.tracing.factors import same_factors
from symconv.tracing.polynomials import (
    MOST_TERMS,
    MOST_WORK,
    NO_CELL,
    Polynomials,
    TooDeepError,
    expand,
    in_any_column,
)
from symconv.tracing.tape import CONSTANTS, Op, Place, Tape
from symconv.tracing.trace import Trace

_TERMS_AT_ONCE = 1 << 16  # so that they stay in the cache
_LEAST_WORK, _WORK_OF_A_PRODUCT = 1 << 23, 1 << 8  # factors, for any layer and for each of its products


@dataclass(frozen=True)
class WrongCell:
    """The first output cell that a function gets wrong, as two sums.

    Attributes:
        cell: its index in what the function returned.
        function: what the function has there.
        definition: what the loop formula has there.
        only_in_function: the terms that only the function has, or has more often.
        only_in_definition: the terms that only the loop formula has, or has more often.
        place: file and line of the person's source on which the first wrong term was made, if known.
    """

    cell: tuple[int, ...]
    function: sympy.Expr
    definition: sympy.Expr
    only_in_function: sympy.Expr
    only_in_definition: sympy.Expr
    place: Place | None

    def __str__(self) -> str:
        lines = [
            f"first wrong cell: output{list(self.cell)}" + (f" (line {self.place[1]})" if self.place else ""),
            f"  your function = {shortened(self.function)}",
            f"  loop formula  = {shortened(self.definition)}",
        ]
        if (self.only_in_function, self.only_in_definition) != (self.function, self.definition):
            lines += [
                f"  only in your function:    {shortened(self.only_in_function)}",
                f"  only in the loop formula: {shortened(self.only_in_definition)}",
            ]
        return "\n".join(lines)


@dataclass(frozen=True)
class Comparison:
    """What came of a comparison: truthy only where the function was found equal to the definition.

    Attributes:
        holds: whether it is equal; None where that could not be told.
        tier: how far the verdict reaches.
        geometry: the sizes it is about.
        compared: how many output cells were compared.
        route: which comparison decided.
        why: one sentence on what decided.
        wrong: the first wrong cell, where there is one.
        bound: how likely, at most, a certificate is to be given to a function that is wrong.
    """

    holds: bool | None
    tier: Tier
    geometry: Geometry
    compared: int
    route: str
    why: str
    wrong: WrongCell | None = None
    bound: float | None = None

    def __bool__(self) -> bool:
        return self.holds is True


def compare(followed: Trace, g: Geometry, defined: IndexMap | None = None) -> Comparison:
    """Compare what a function did with the definition, as polynomials over the rationals.

    Args:
        followed: its run on inputs of the geometry's shapes, with or without the axes of batch and channels.
        g: the convolution that it should be.
        defined: the definition's maps, if they are at hand.

    Returns:
        ``holds`` is True or False, tier ``exact``; or None where there are too many products to write out.

    Raises:
        RequestError: the run was on other shapes, or the geometry has a bias.

    Examples:
        >>> from symconv.tracing.trace import trace
        >>> right = trace(lambda x, w: x[:-1] * w[0] + x[1:] * w[1], (4,), (2,))
        >>> bool(compare(right, Geometry(4, 2)))
        True
        >>> flipped = trace(lambda x, w: x[:-1] * w[1] + x[1:] * w[0], (4,), (2,))
        >>> print(compare(flipped, Geometry(4, 2)).wrong)
        first wrong cell: output[0] (line 1)
          your function = w_{0}*x_{1} + w_{1}*x_{0}
          loop formula  = w_{0}*x_{0} + w_{1}*x_{1}
    """
    expected = expected_shape(followed, g)
    if followed.output.shape != expected:
        why = f"the output has shape {followed.output.shape} and should have {expected}"
        return Comparison(False, Tier.EXACT, g, 0, "shape", why)
    defined = defined or defined_maps(g)
    cells = prod(expected)
    if same_factors(followed, g, defined):
        why = "the function multiplies the matrices that the definition does"
        return Comparison(True, Tier.EXACT, g, cells, "factorised", why)
    try:
        wrong, compared = _first_wrong(followed, g, defined)
    except TooDeepError:
        why = "the function makes more products than can be written out"
        return Comparison(None, Tier.EXACT, g, 0, "terms", why)
    if wrong is None:
        return Comparison(True, Tier.EXACT, g, cells, "terms", "every output holds the definition's products")
    return Comparison(False, Tier.EXACT, g, compared, "terms", "an output holds other products", wrong)


def expected_shape(followed: Trace, g: Geometry) -> tuple[int, ...]:
    """The shape that the output should have, after the shapes that the function was given.

    Raises:
        RequestError: these are not the geometry's.
    """
    x_shape, w_shape = followed.tape.x_shape, followed.tape.w_shape
    hidden = g.rank + 2 - len(x_shape)
    bare = hidden == 2
    shapes = (g.input_shape[hidden:], g.kernel_shape[2 if bare else 0 :]) if 0 <= hidden <= 2 else ((), ())
    if (
        (x_shape, w_shape) != shapes
        or prod(x_shape) != prod(g.input_shape)
        or prod(w_shape) != prod(g.kernel_shape)
    ):
        raise RequestError(
            f"the function was run on shapes {x_shape} and {w_shape}, which are not those of {g!r}: "
            f"run it on {g.input_shape} and {g.kernel_shape}"
        )
    if g.bias:
        raise RequestError("bias=True is for a function that adds one: give a geometry without a bias")
    return g.output_shape[hidden:]


def bilinear_map(followed: Trace) -> tuple[Array, Array, Array, Array]:
    """The function's own index map: for each output, which cells of w it multiplies with which of x.

    Returns:
        Four arrays, one entry for each product: the flat numbers of the output, of the cell of w and of the
        cell of x, and the coefficient; sorted by output, then by cell of x, then of w.

    Raises:
        TooDeepError: there are too many.
        RequestError: an output holds something that is no such product.

    Examples:
        >>> from symconv.tracing.trace import trace
        >>> bilinear_map(trace(lambda x, w: 2 * x * w[0], (2,), (1,)))
        (array([0, 1]), array([0, 0]), array([0, 1]), array([2, 2]))
    """
    found = expand(followed.tape, followed.output.ravel())
    cells = followed.tape.x_cells
    x, w = found.factors[:, -2], found.factors[:, -1]
    odd = (found.factors[:, :-2] != NO_CELL).any(axis=1) | (x == NO_CELL) | (x >= cells) | (w < cells)
    if odd.any():
        cell = int(found.output[np.argmax(odd)])
        place = [int(i) for i in np.unravel_index(cell, followed.output.shape)]
        raise RequestError(f"output{place} is no sum of products of one cell of w and one of x")
    return found.output, w - cells, x, found.coefficient


def _first_wrong(followed: Trace, g: Geometry, defined: IndexMap) -> tuple[WrongCell | None, int]:
    ids = followed.output.ravel()
    at_once = max(1, _TERMS_AT_ONCE // max(1, defined.patch.shape[1]))
    written, work = 0, min(MOST_WORK, _LEAST_WORK + _WORK_OF_A_PRODUCT * g.products)
    too_many = (
        np.count_nonzero(defined.patch != defined.input_cells) * g.out_channels // g.groups > MOST_TERMS
    )
    for start in range(0, ids.size, at_once):
        made = expand(followed.tape, ids[start : start + at_once], MOST_TERMS - written, work)
        wanted = _defined(g, defined, np.arange(start, min(start + at_once, ids.size)))
        written += made.output.size
        output = _first_difference(made, wanted)
        if output is not None:
            return _wrong_cell(
                followed, start + output, made.of(output), wanted.of(output)
            ), start + output + 1
        if too_many:  # even a right function makes more than can be written out
            raise TooDeepError
    return None, ids.size


def _defined(g: Geometry, defined: IndexMap, outputs: Array) -> Polynomials:
    """The polynomials of some outputs, flat numbers of (n, f, *position), after the definition."""
    positions = prod(g.output_size)
    rest, position = np.divmod(outputs, positions)
    n, f = np.divmod(rest, g.out_channels)
    x, w = defined.patch[n * positions + position].astype(np.int64), defined.weight.T[f].astype(np.int64)
    there = (x != defined.input_cells) & (w != defined.kernel_cells)
    output = np.broadcast_to(np.arange(outputs.size)[:, None], x.shape)[there]
    x, w = x[there], w[there] + defined.input_cells
    order = np.lexsort((w, x, output))
    factors, output = np.stack([x, w], axis=1)[order], output[order]
    new = np.ones(output.size, dtype=bool)
    new[1:] = (output[1:] != output[:-1]) | in_any_column(factors[1:] != factors[:-1])
    starts = np.flatnonzero(new)
    return Polynomials(output[starts], factors[starts], np.diff(starts, append=output.size))


def _first_difference(made: Polynomials, wanted: Polynomials) -> int | None:
    """The first output in which two sorted lists of products differ."""
    short = min(made.output.size, wanted.output.size)
    extra = made.factors.shape[1] - wanted.factors.shape[1]
    factors = np.pad(wanted.factors, ((0, 0), (extra, 0)), constant_values=NO_CELL)
    same = (
        (made.output[:short] == wanted.output[:short])
        & ~in_any_column(made.factors[:short] != factors[:short])
        & (made.coefficient[:short] == wanted.coefficient[:short]).astype(bool)
    )
    if same.all():
        if made.output.size == wanted.output.size:
            return None
        return int(max(made, wanted, key=lambda p: p.output.size).output[short])
    first = int(np.argmin(same))
    return int(min(made.output[first], wanted.output[first]))


def _wrong_cell(followed: Trace, output: int, made: Polynomials, wanted: Polynomials) -> WrongCell:
    tape = followed.tape
    ours, theirs = made.as_dict(), wanted.as_dict()
    products = sorted({*ours, *theirs})
    surplus, lack = told_apart(ours, theirs, products)
    identity = int(followed.output.flat[output])
    place = _place(tape, identity, next(iter(surplus))) if surplus else tape.place(identity)
    cell = tuple(int(i) for i in np.unravel_index(output, followed.output.shape))
    one, other, more_of_one, more_of_other = (_as_sum(tape, t) for t in (ours, theirs, surplus, lack))
    return WrongCell(cell, one, other, more_of_one, more_of_other, place)


def told_apart(
    ours: Mapping[Any, Fraction], theirs: Mapping[Any, Fraction], products: Iterable[Any]
) -> tuple[dict[Any, Fraction], dict[Any, Fraction]]:
    """The terms that only the one sum has, or has more often, and those of the other.

    Examples:
        >>> told_apart({"a": Fraction(-1)}, {"b": Fraction(1)}, "ab")
        ({'a': Fraction(-1, 1)}, {'b': Fraction(1, 1)})
    """
    more = {p: ours.get(p, Fraction(0)) - theirs.get(p, Fraction(0)) for p in products}
    surplus = {p: c for p, c in more.items() if p in ours and c and (c > 0 or p not in theirs)}
    return surplus, {p: -c for p, c in more.items() if c and p not in surplus}


def _as_sum(tape: Tape, terms: dict[tuple[int, ...], Fraction]) -> sympy.Expr:
    return sympy.Add(
        *(
            sympy.Mul(sympy.Rational(c.numerator, c.denominator), *(_symbol(tape, f) for f in product))
            for product, c in terms.items()
        )
    )


def _symbol(tape: Tape, number: int) -> sympy.Symbol:
    name, shape, cell = ("x", tape.x_shape, number)
    if number >= tape.x_cells:
        name, shape, cell = ("w", tape.w_shape, number - tape.x_cells)
    return sympy.Symbol(entry_name(name, tuple(map(int, np.unravel_index(cell, shape)))))


def _place(tape: Tape, identity: int, product: tuple[int, ...]) -> Place | None:
    """The line on which a product came into a value: where two factors were multiplied, if there was one."""
    while True:
        row = identity - CONSTANTS
        kind = Op(tape.op[row]) if row >= 0 else Op.INPUT
        if kind is Op.SUM:
            start = tape.first[row]
            parts = list(tape.summands[start : start + tape.second[row]])
        elif kind in (Op.ADD, Op.SUBTRACT):
            parts = [tape.first[row], tape.second[row]]
        else:
            return tape.place(identity) if row >= 0 else None
        found = expand(tape, np.array(parts))
        holding = [part for i, part in enumerate(parts) if product in found.of(i).as_dict()]
        if not holding:
            return tape.place(identity)
        identity = holding[0]

"""One function at one layer: followed if it can be, run on numbers and probed if not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.checking.confirm import contradiction, number
from symconv.checking.probe import ProbeError, TooManyCallsError, probe
from symconv.checking.running import Run, RunError, on_ones, run_on
from symconv.definition import loop_formula
from symconv.entries import Array
from symconv.errors import ArrayError, RequestError
from symconv.geometry import Geometry
from symconv.index_map import IndexMap, gather
from symconv.mistakes.bilinear_map import BilinearMap
from symconv.proof.exact import defined_maps
from symconv.proof.verdict import Tier
from symconv.symbols import entry_name
from symconv.tracing.certificate import certify
from symconv.tracing.compare import Comparison, WrongCell, bilinear_map, compare, told_apart
from symconv.tracing.polynomials import TooDeepError
from symconv.tracing.tape import TraceError
from symconv.tracing.trace import Trace, check_replay, trace

# The largest number, and what all are divided by, so that every dtype holds all sums of their products.
_TRIED = ((9, 1), (500, 1), (9, 8))
_ROUNDED_UNITS = 256  # of a float's last place, that a sum may be off in an order of its own
MOST_DIAGNOSED = 1 << 20  # products of a layer whose index map is read for a diagnosis


@dataclass(frozen=True)
class Judged:
    """What came of one layer.

    Attributes:
        comparison: of the function with the definition.
        own: the function's own index map, for a diagnosis, where it is wrong and has one.
        refused: why it could not be followed; empty if it was.
        written_to: which of its arguments it is known to have changed.
    """

    comparison: Comparison
    own: BilinearMap | None = None
    refused: str = ""
    written_to: tuple[str, ...] = ()


def judge(
    function: Callable[..., Any],
    g: Geometry,
    keywords: Mapping[str, Any],
    seed: int | None,
    followed: Trace | None = None,
) -> Judged:
    """Compare a function at one layer with the definition, by the strongest means there is.

    Args:
        function: called as ``function(x, w, **keywords)`` with x (N, C, *spatial), w (F, C/groups, *kernel).
        g: the layer.
        keywords: what else the function is given.
        seed: of random numbers.
        followed: its run on opaque values of this layer, if it was followed already.

    Raises:
        RunError: the function did not even return numbers.
    """
    try:
        if followed is None:
            followed = trace(function, g.input_shape, g.kernel_shape, keywords, replay=False, seed=seed)
        defined = defined_maps(g)
        comparison = compare(followed, g, defined)
        if comparison.holds is None:
            comparison = certify(followed, g, seed)
        if not comparison.holds:  # what holds is put to the function itself below, with harder numbers
            check_replay(followed, function, keywords, seed)
    except TraceError as error:
        return _by_numbers(function, g, keywords, seed, str(error))
    if comparison.holds is None:
        return _by_numbers(function, g, keywords, seed, comparison.why)
    if comparison.holds:
        confirmed = _confirmed(comparison, function, g, defined, keywords, seed)
        return Judged(confirmed, None, "", followed.written_to)
    own = None
    if g.products <= MOST_DIAGNOSED:
        try:
            outputs, weights, cells, coefficients = bilinear_map(followed)
            own = BilinearMap(followed.output.shape, outputs, weights, cells, coefficients)
        except (RequestError, ArrayError, TooDeepError):
            pass  # it is nothing that a diagnosis could explain
    return Judged(comparison, own, written_to=followed.written_to)


def _confirmed(
    comparison: Comparison,
    function: Callable[..., Any],
    g: Geometry,
    defined: IndexMap,
    keywords: Mapping[str, Any],
    seed: int | None,
) -> Comparison:
    """A proof, if the function itself does on numbers what it was proved to do; else what it does."""

    def definition(x: Array, w: Array) -> Array:
        made: Array = gather(x, defined.patch) @ gather(w, defined.weight)  # (N · positions, F)
        return made.reshape(g.batch, -1, g.out_channels).swapaxes(1, 2).reshape(g.output_shape)

    found = contradiction(function, keywords, (g.input_shape, g.kernel_shape), definition, seed, g.products)
    if found is None:
        return comparison
    return Comparison(False, Tier.SAMPLED, g, found.compared, "numbers", found.why, found.wrong)


def _by_numbers(
    function: Callable[..., Any], g: Geometry, keywords: Mapping[str, Any], seed: int | None, refused: str
) -> Judged:
    dtype, _ = on_ones(function, keywords, g.input_shape, g.kernel_shape)
    run = run_on(dtype, function, keywords)
    comparison = _compare_numbers(run, dtype, g, np.random.default_rng(seed))
    if g.products > MOST_DIAGNOSED:
        return Judged(comparison, None, refused)
    try:
        own = probe(run, g.input_shape, g.kernel_shape, 0 if seed is None else seed)
    except TooManyCallsError as error:
        return Judged(replace(comparison, why=f"{comparison.why}; {error}"), None, refused)
    except (ProbeError, RunError) as error:
        why = comparison.why if comparison.holds is False else f"for other numbers {error}"
        return Judged(replace(comparison, holds=False, why=why), None, refused)
    if own == BilinearMap.of_definition(g):
        why = f"{comparison.why}, and on the assumption that it is bilinear it multiplies what it should"
        return Judged(
            comparison if comparison.holds is False else replace(comparison, why=why), None, refused
        )
    return Judged(_sums_of(own, replace(comparison, holds=False), g), own, refused)


def _compare_numbers(run: Run, dtype: Any, g: Geometry, random: np.random.Generator) -> Comparison:
    """The function on random numbers against the definition on the same, but for rounding."""
    exactly = True
    tried = _TRIED if np.dtype(dtype).kind == "f" else _TRIED[:-1]
    for largest, divisor in tried:
        x, w = (
            random.integers(-largest, largest, shape, endpoint=True)
            for shape in (g.input_shape, g.kernel_shape)
        )
        made, wanted = run(x / divisor, w / divisor), loop_formula(x, w, **_hyper(g)) / divisor**2
        if made.shape != wanted.shape:
            why = f"the output has shape {made.shape} and should have {wanted.shape}"
            return Comparison(False, Tier.SAMPLED, g, 0, "shape", why)
        off = np.abs(made - wanted)
        near = off <= _rounding(made, loop_formula(np.abs(x), np.abs(w), **_hyper(g)) / divisor**2)
        exactly = exactly and not off.any()
        if not near.all():
            first = int(np.argmin(near))
            cell = tuple(int(i) for i in np.unravel_index(first, wanted.shape))
            ours, theirs = number(made[cell]), number(wanted[cell])
            wrong = WrongCell(cell, ours, theirs, ours, theirs, None)
            route, why = "numbers", "it makes other numbers"
            if divisor > 1:
                route, why = "fractions", "it is right for whole numbers and wrong for fractions"
                if _makes_integers(made, x / divisor, w / divisor, g):
                    why += ": somewhere it makes integers, as by dtype=int or astype(int)"
            return Comparison(False, Tier.SAMPLED, g, first + 1, route, why, wrong)
    how = "exactly" if exactly else "but for rounding"
    whole = " whole" if tried is not _TRIED else ""
    why = f"it agrees {how} with the loop formula on {len(tried)} pairs of random arrays of{whole} numbers"
    return Comparison(True, Tier.SAMPLED, g, prod(g.output_shape), "numbers", why)


def _makes_integers(made: Array, x: Array, w: Array, g: Geometry) -> bool:
    """Whether these are whole numbers, or what comes of one array's fractions being cut off."""
    if np.array_equal(made, np.trunc(made)):
        return True
    return any(
        np.array_equal(made, loop_formula(cut_x, cut_w, **_hyper(g)))
        for cut_x, cut_w in ((np.trunc(x), w), (x, np.trunc(w)))
    )


def _sums_of(own: BilinearMap, comparison: Comparison, g: Geometry) -> Comparison:
    """The same, its first wrong cell as two sums in place of two numbers."""
    if own.shape != g.output_shape:
        return comparison
    differ = own.difference(BilinearMap.of_definition(g))
    if differ is None:
        return comparison
    one, other = differ.one, differ.other
    surplus, lack = told_apart(one, other, sorted({*one, *other}))
    function, definition, of_one, of_other = (_as_sum(terms, g) for terms in (one, other, surplus, lack))
    wrong = WrongCell(differ.cell, function, definition, of_one, of_other, None)
    why = "it adds up other products, on the assumption that it is bilinear"
    return replace(comparison, route="index map", why=why, wrong=wrong)


def _as_sum(terms: Mapping[tuple[int, int], Fraction], g: Geometry) -> sympy.Expr:
    """A sum of products of a cell of w and one of x, both by their flat numbers."""
    return sympy.Add(
        *(
            sympy.Mul(
                sympy.Rational(count.numerator, count.denominator),
                _entry("w", g.kernel_shape, weight),
                _entry("x", g.input_shape, cell),
            )
            for (weight, cell), count in terms.items()
        )
    )


def _entry(name: str, shape: tuple[int, ...], number: int) -> sympy.Symbol:
    return sympy.Symbol(entry_name(name, tuple(map(int, np.unravel_index(number, shape)))))


def _rounding(made: Array, most: Array) -> Any:
    """How far off a sum may be that is made of so much, in the dtype of the result."""
    if made.dtype.kind != "f":
        return 0
    return _ROUNDED_UNITS * float(np.finfo(made.dtype).eps) * float(most.max(initial=0))


def _hyper(g: Geometry) -> dict[str, Any]:
    return {
        "stride": g.stride,
        "padding": g.padding,
        "dilation": g.dilation,
        "groups": g.groups,
        "padding_mode": g.padding_mode,
    }

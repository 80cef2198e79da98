"""One function at one layer: followed if it can be, run on whole numbers and probed if not."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.checking.probe import ProbeError, probe
from symconv.definition import loop_formula
from symconv.entries import Array
from symconv.errors import RequestError
from symconv.geometry import Geometry
from symconv.proof.bilinear_map import BilinearMap
from symconv.proof.certificate import certify
from symconv.proof.compare import Comparison, WrongCell, bilinear_map, compare
from symconv.proof.polynomials import TooDeepError
from symconv.proof.tape import TraceError
from symconv.proof.trace import trace
from symconv.proof.verdict import Tier

DTYPES = (np.int64, np.float64, np.float32)
_TRIES = 3
_LARGEST = 9  # of the numbers, so that every dtype holds all sums of their products
MOST_DIAGNOSED = 1 << 20  # products of a layer whose index map is read for a diagnosis


class RunError(Exception):
    """A person's function did not return an array of numbers; the text says what it did."""


@dataclass(frozen=True)
class Judged:
    """What came of one layer.

    Attributes:
        comparison: of the function with the definition.
        own: the function's own index map, for a diagnosis, where it is wrong and has one.
        refused: why it could not be followed; empty if it was.
    """

    comparison: Comparison
    own: BilinearMap | None = None
    refused: str = ""


def judge(function: Callable[..., Any], g: Geometry, keywords: Mapping[str, Any], seed: int | None) -> Judged:
    """Compare a function at one layer with the definition, by the strongest means there is.

    Args:
        function: called as ``function(x, w, **keywords)`` with x (N, C, *spatial), w (F, C/groups, *kernel).
        g: the layer.
        keywords: what else the function is given.
        seed: of random numbers.

    Raises:
        RunError: the function did not even return numbers.
    """
    try:
        followed = trace(function, g.input_shape, g.kernel_shape, keywords, seed=seed)
    except TraceError as error:
        return _by_numbers(function, g, keywords, seed, str(error))
    comparison = compare(followed, g)
    if comparison.holds is None:
        comparison = certify(followed, g, seed)
        if comparison.holds is None:
            return _by_numbers(function, g, keywords, seed, comparison.why)
    own = None
    if comparison.holds is False and g.products <= MOST_DIAGNOSED:
        try:
            outputs, weights, cells, coefficients = bilinear_map(followed)
            own = BilinearMap(followed.output.shape, outputs, weights, cells, coefficients)
        except (RequestError, TooDeepError):
            pass  # it is nothing that a diagnosis could explain
    return Judged(comparison, own)


def run_on(
    dtype: Any, function: Callable[..., Any], keywords: Mapping[str, Any]
) -> Callable[[Array, Array], Array]:
    """A function that takes and returns plain arrays of numbers.

    Raises:
        RunError: (when it is called) the person's function raised, or returned something else.
    """

    def run(x: Array, w: Array) -> Array:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = np.array(function(x.astype(dtype), w.astype(dtype), **keywords))
        except (Exception, SystemExit) as error:
            raise RunError(f"it raised {type(error).__name__}: {error}") from error
        if result.dtype.kind not in "iufb":
            raise RunError(f"it returned entries of {result.dtype}, which are no numbers")
        return result

    return run


def _by_numbers(
    function: Callable[..., Any], g: Geometry, keywords: Mapping[str, Any], seed: int | None, refused: str
) -> Judged:
    run = _first_that_runs(function, g, keywords)
    comparison = _compare_numbers(run, g, np.random.default_rng(seed))
    try:
        read = probe(run, g.input_shape, g.kernel_shape, 0 if seed is None else seed)
    except (ProbeError, RunError) as error:
        note = f"{comparison.why}; its index map could not be read: {error}"
        return Judged(replace(comparison, why=note), None, refused)
    if comparison.holds:
        why = f"{comparison.why}; on the assumption that it is bilinear, its index map is the definition's"
        return Judged(replace(comparison, route="index map", why=why), None, refused)
    return Judged(comparison, read, refused)


def _first_that_runs(
    function: Callable[..., Any], g: Geometry, keywords: Mapping[str, Any]
) -> Callable[[Array, Array], Array]:
    """The function on integers, or on floats if it takes no integers."""
    first: RunError | None = None
    for dtype in DTYPES:
        run = run_on(dtype, function, keywords)
        try:
            run(np.ones(g.input_shape), np.ones(g.kernel_shape))
        except RunError as raised:
            first = first or raised
        else:
            return run
    raise first or RunError("it takes no numbers")


def _compare_numbers(
    run: Callable[[Array, Array], Array], g: Geometry, random: np.random.Generator
) -> Comparison:
    """The function on random whole numbers against the definition on the same, exactly."""
    for _ in range(_TRIES):
        x, w = (
            random.integers(-_LARGEST, _LARGEST, shape, endpoint=True)
            for shape in (g.input_shape, g.kernel_shape)
        )
        made, wanted = run(x, w), loop_formula(x, w, **_hyper(g))
        if made.shape != wanted.shape:
            why = f"the output has shape {made.shape} and should have {wanted.shape}"
            return Comparison(False, Tier.SAMPLED, g, 0, "shape", why)
        differing = np.flatnonzero(made.ravel() != wanted.ravel())
        if differing.size:
            cell = tuple(int(i) for i in np.unravel_index(differing[0], wanted.shape))
            ours, theirs = sympy.sympify(made[cell].item()), sympy.sympify(wanted[cell].item())
            wrong = WrongCell(cell, ours, theirs, ours, theirs, None)
            why = f"it was run on whole numbers from -{_LARGEST} to {_LARGEST}"
            return Comparison(False, Tier.SAMPLED, g, int(differing[0]) + 1, "numbers", why, wrong)
    why = f"it was run on {_TRIES} arrays of random whole numbers, exactly as the loop formula"
    return Comparison(True, Tier.SAMPLED, g, prod(g.output_shape), "numbers", why)


def _hyper(g: Geometry) -> dict[str, Any]:
    return {
        "stride": g.stride,
        "padding": g.padding,
        "dilation": g.dilation,
        "groups": g.groups,
        "padding_mode": g.padding_mode,
    }

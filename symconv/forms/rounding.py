"""How much a fast algorithm loses to rounding, measured against exact results on the same random tiles.

Sums run from left to right and every product and sum is rounded, one NumPy operation each, so that the
numbers are the same on every machine that has IEEE arithmetic.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import inf, isfinite
from typing import Any

import numpy as np

from symconv.definition import axis_windows
from symconv.entries import Array
from symconv.errors import RequestError
from symconv.forms.by_tiles import rounded
from symconv.forms.nested import NestedWinograd
from symconv.forms.winograd import Winograd
from symconv.proof.bilinear import Triple
from symconv.sizes import whole

DTYPES = ("float16", "float32", "float64")


@dataclass(frozen=True, repr=False)
class Rounding:
    """Absolute errors of an algorithm and of the loop formula, for entries uniform between −1 and 1.

    Attributes:
        name: the algorithm.
        dtype: what it was computed in.
        samples: how many tiles were tried.
        largest: its largest error.
        mean: its mean error.
        direct_largest: the largest error of the loop formula in the same dtype.
        direct_mean: the mean error of the loop formula.

    Source: Barabasz, Anderson, Soodhalter & Gregg 2020, *Error analysis and improving the accuracy of
    Winograd convolution for deep neural networks*, who measure so.

    Examples:
        >>> from symconv.forms.winograd import winograd
        >>> rounding(winograd(4, 3), samples=200).growth > rounding(winograd(2, 3), samples=200).growth
        True
    """

    name: str
    dtype: str
    samples: int
    largest: float
    mean: float
    direct_largest: float
    direct_mean: float

    @property
    def growth(self) -> float:
        """How many times the mean error of the loop formula its own is."""
        return self.mean / self.direct_mean if self.direct_mean else (inf if self.mean else 1.0)

    def __repr__(self) -> str:
        return (
            f"{self.name} in {self.dtype}: mean error {self.mean:.1e}, largest {self.largest:.1e}; "
            f"direct {self.direct_mean:.1e} and {self.direct_largest:.1e} ({self.samples:,} tiles)"
        )


def rounding(
    algorithm: Winograd | NestedWinograd, dtype: Any = "float32", *, samples: int = 1000, seed: int = 0
) -> Rounding:
    """Measure the rounding errors of an algorithm on random tiles.

    Args:
        algorithm: what ``winograd`` or ``nested`` returned.
        dtype: ``"float16"``, ``"float32"`` or ``"float64"``, in which everything is computed.
        samples: how many tiles of inputs and weights, uniform between −1 and 1.
        seed: of the random numbers.

    Returns:
        A ``Rounding``, with the errors of the loop formula in the same dtype beside it. The errors of an
        algorithm that is wrong do not get smaller with a longer dtype.

    Raises:
        RequestError: no algorithm, or another dtype.
        GeometryError: samples is not an int of at least 1.

    Source: Barabasz, Anderson, Soodhalter & Gregg 2020, *Error analysis and improving the accuracy of
    Winograd convolution for deep neural networks*, who measure so.

    Examples:
        >>> from symconv.forms.winograd import winograd
        >>> errors = rounding(winograd(2, 3), "float64")
        >>> errors.largest < 1e-14
        True
    """
    if not isinstance(algorithm, Winograd | NestedWinograd):
        raise RequestError(
            f"algorithm={algorithm!r} is no Winograd algorithm: give what sc.winograd returned"
        )
    try:
        kind = np.dtype(object if dtype is None else dtype)  # None would be float64
    except TypeError:
        kind = np.dtype(object)
    if kind.name not in DTYPES:
        raise RequestError(f"dtype={dtype!r} is not measured: use one of {', '.join(DTYPES)}")
    samples, seed = whole(samples, "samples"), whole(seed, "seed", least=0)
    axes = [algorithm.triple] if isinstance(algorithm, Winograd) else algorithm.triples
    bits = np.finfo(kind).nmant
    numbers = np.random.default_rng(seed)
    x, w = (
        numbers.integers(-(2**bits), 2**bits, (samples, *shape), endpoint=True)
        for shape in (tuple(len(t.B) for t in axes), tuple(t.G.shape[1] for t in axes))
    )
    exact = _direct(x.astype(object), w.astype(object), axes)  # times 4**bits
    cells, weights = (np.ldexp(a.astype(kind), -bits) for a in (x, w))  # without rounding
    with np.errstate(over="ignore", invalid="ignore"):
        fast, direct = _fast(cells, weights, axes), _direct(cells, weights, axes)
    (largest, mean), (direct_largest, direct_mean) = (_errors(v, exact, bits) for v in (fast, direct))
    return Rounding(algorithm.name, kind.name, samples, largest, mean, direct_largest, direct_mean)


def _fast(x: Array, w: Array, axes: list[Triple]) -> Array:
    """The algorithm on samples of one tile each, along the first axis, then the next."""
    for k, t in enumerate(axes, start=1):
        x, w = _along(rounded(t.B.T, x.dtype), x, k), _along(rounded(t.G, w.dtype), w, k)
    products = x * w
    for k, t in enumerate(axes, start=1):
        products = _along(rounded(t.A.T, products.dtype), products, k)
    return products


def _along(matrix: Array, samples: Array, axis: int) -> Array:
    """A matrix times every sample along an axis, each sum from left to right."""
    lines = np.moveaxis(samples, axis, 0)
    rows = []
    for row in matrix:
        total = np.zeros_like(lines[0])
        for coefficient, line in zip(row, lines, strict=True):
            if coefficient:
                total = total + coefficient * line
        rows.append(total)
    return np.moveaxis(np.array(rows), 0, axis)


def _direct(x: Array, w: Array, axes: list[Triple]) -> Array:
    """The loop formula on samples of one tile each, tap by tap."""
    windows = [axis_windows(len(t.B), t.G.shape[1], 1, 1, (0, 0)) for t in axes]
    outputs = np.zeros((len(x), *map(len, windows)), x.dtype)
    for cell in np.ndindex(outputs.shape[1:]):
        for tap in np.ndindex(w.shape[1:]):
            read = tuple(window[o][t] for window, o, t in zip(windows, cell, tap, strict=True))
            outputs[(slice(None), *cell)] += w[(slice(None), *tap)] * x[(slice(None), *read)]
    return outputs


def _errors(found: Array, exact: Array, bits: int) -> tuple[float, float]:
    """The largest and the mean absolute error."""
    errors = [
        float(abs(Fraction(float(f)) - Fraction(int(e), 4**bits))) if isfinite(f) else inf
        for f, e in zip(found.flat, exact.flat, strict=True)
    ]
    return max(errors), sum(errors) / len(errors)

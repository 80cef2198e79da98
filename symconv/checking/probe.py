"""The index map of a function that cannot be looked into, read back from the numbers that it makes.

A convolution is bilinear and moves data, so with one weight set to 1 and the others to 0 each output is an
input cell, and cells that are numbered 1, 2, 3, … say which. That the function is bilinear is assumed; it is
tried on random numbers, and not proved.
"""

from collections.abc import Callable, Iterator, Sequence
from math import prod

import numpy as np

from symconv.entries import Array
from symconv.mistakes.bilinear_map import BilinearMap

MOST_CALLS = 20_000
_TRIES = 3
_LARGEST = 9  # of the random numbers: small enough for every float to hold all sums of their products

Run = Callable[[Array, Array], Array]


class ProbeError(Exception):
    """A function has no index map; the text says why."""


class TooManyCallsError(ProbeError):
    """A function's index map is not read because that would take too long."""


def probe(run: Run, x_shape: Sequence[int], w_shape: Sequence[int], seed: int = 0) -> BilinearMap:
    """Read the index map of ``run(x, w)``, on the assumption that it is bilinear.

    Args:
        run: takes and returns arrays of numbers; called with whole numbers only.
        x_shape: shape of the input.
        w_shape: shape of the kernels.
        seed: of the random numbers that the assumption is tried on.

    Raises:
        ProbeError: it is not bilinear, or its coefficients are not integers.
        TooManyCallsError: reading it takes more than ``MOST_CALLS``.

    Examples:
        >>> read = probe(lambda x, w: x[1:] * w[0] + x[:-1] * w[1], (3,), (2,))
        >>> list(zip(read.outputs.tolist(), read.weights.tolist(), read.cells.tolist()))
        [(0, 0, 1), (0, 1, 0), (1, 0, 2), (1, 1, 1)]
    """
    counted = _Counted(run)
    random = np.random.default_rng(seed)
    numbers = np.arange(1, prod(x_shape) + 1)
    others = random.permutation(numbers)
    nothing = counted(numbers.reshape(x_shape), np.zeros(w_shape, dtype=np.int64))
    if nothing.any():
        raise ProbeError("its output is not 0 where all weights are 0")
    columns: list[tuple[Array, ...]] = []
    for number in range(prod(w_shape)):
        kernel = np.zeros(prod(w_shape), dtype=np.int64)
        kernel[number] = 1
        kernel = kernel.reshape(w_shape)
        once, twice = (counted(v.reshape(x_shape), kernel).ravel() for v in (numbers, others))
        read = _single_cells(once, twice, others)
        for outputs, cells, coefficients in [read] if read else _cell_by_cell(counted, x_shape, kernel):
            columns.append((outputs, np.full(outputs.size, number), cells, coefficients))
    outputs, weights, cells, coefficients = (np.concatenate(column) for column in zip(*columns, strict=True))
    result = BilinearMap(nothing.shape, outputs, weights, cells, coefficients)
    _try_bilinearity(result, counted, x_shape, w_shape, random)
    return result


class _Counted:
    """A function whose calls are counted, and refused when there are too many."""

    def __init__(self, run: Run) -> None:
        self.run, self.calls = run, 0
        self.shape: tuple[int, ...] | None = None

    def __call__(self, x: Array, w: Array) -> Array:
        self.calls += 1
        if self.calls > MOST_CALLS:
            raise TooManyCallsError(f"reading its index map takes more than {MOST_CALLS:,} calls")
        result = without_rounding(self.run(x, w))
        if self.shape not in (None, result.shape):
            raise ProbeError("the shape of its output depends on the values")
        self.shape = result.shape
        return result


def without_rounding(result: Array) -> Array:
    """What a function makes of whole numbers, whole where nothing but rounding can have kept it from that.

    Examples:
        >>> without_rounding(np.array([2.0000000001, 2.5]))
        array([2. , 2.5])
    """
    if result.dtype.kind != "f":
        return result
    nearest = np.round(result)
    near: Array = np.abs(result - nearest) <= (1e-6 if result.dtype.itemsize >= 8 else 1e-2)
    return np.where(near, nearest, result)


def _single_cells(once: Array, twice: Array, others: Array) -> tuple[Array, Array, Array] | None:
    """What one weight multiplies, if that is one cell or none for every output; else None."""
    if not (np.isfinite(once).all() and (once == np.round(once)).all()):
        return None
    numbers = once.astype(np.int64)
    if numbers.min(initial=0) < 0 or numbers.max(initial=0) > others.size:
        return None
    if not (np.append(others, 0)[numbers - 1] == twice).all():
        return None
    outputs = np.flatnonzero(numbers)
    return outputs, numbers[outputs] - 1, np.ones(outputs.size, dtype=np.int64)


def _cell_by_cell(
    run: _Counted, x_shape: Sequence[int], kernel: Array
) -> Iterator[tuple[Array, Array, Array]]:
    """What one weight multiplies, one input cell after the other."""
    for cell in range(prod(x_shape)):
        image = np.zeros(prod(x_shape), dtype=np.int64)
        image[cell] = 1
        made = run(image.reshape(x_shape), kernel).ravel()
        whole = np.round(made)
        if not np.isfinite(made).all() or (whole != made).any():
            raise ProbeError("it is no sum of products, each a whole number of times")
        outputs = np.flatnonzero(whole)
        yield outputs, np.full(outputs.size, cell), whole[outputs].astype(np.int64)


def _try_bilinearity(
    read: BilinearMap,
    run: _Counted,
    x_shape: Sequence[int],
    w_shape: Sequence[int],
    random: np.random.Generator,
) -> None:
    """Compare what the index map makes of random numbers with what the function makes of them."""
    for _ in range(_TRIES):
        x, w = (random.integers(-_LARGEST, _LARGEST, shape, endpoint=True) for shape in (x_shape, w_shape))
        products = read.coefficients // read.divisor * w.ravel()[read.weights] * x.ravel()[read.cells]
        expected = np.bincount(read.outputs, products, minlength=prod(read.shape))
        if not (run(x, w).ravel() == expected).all():
            raise ProbeError("its output is no sum of products of a weight and a cell")

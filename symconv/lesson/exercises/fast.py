"""Exercises about fast ways: one tile of Winograd's algorithm, one circle in the Fourier basis."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from symconv.definition import loop_formula
from symconv.entries import Array
from symconv.errors import BlockError
from symconv.forms.fourier import fourier
from symconv.forms.winograd import Winograd
from symconv.lesson.exercises.exercise import Exercise, Grid, Kind, asked, given
from symconv.lesson.exercises.layers import nonzero, times
from symconv.lesson.exercises.seed import Seed
from symconv.lesson.form_parts.winograd import read_tiles
from symconv.lesson.layer import written_numbers
from symconv.lesson.words import read_int

CIRCLES = (1, 2, 4)  # where all roots of unity are 1, −1, i and −i
LARGEST_TILE = 8


def _winograd(values: dict[str, Any], seed: Seed, blanks: int | None) -> Exercise:
    values = {"outputs": "2", "taps": "3", **values}
    sizes = {key: value for key, value in values.items() if key not in ("input", "kernel")}
    algorithm = read_tiles(sizes, ("matrices",)).algorithms[0]
    if not isinstance(algorithm, Winograd) or algorithm.n > LARGEST_TILE:
        raise BlockError(
            f"outputs={values['outputs']} is no tile for an exercise: write a row of at most "
            f"{LARGEST_TILE} inputs, as in outputs: 2 with taps: 3"
        )
    m, r, n = algorithm.m, algorithm.r, algorithm.n
    x = _numbers(values, "input", seed.whole(0, 9, (n,)))
    w = _numbers(values, "kernel", nonzero(seed, (r,)))
    A, G, B = (np.array(matrix) for matrix in (algorithm.A, algorithm.G, algorithm.B))
    transformed, weights = B.T @ x, G @ w
    products = transformed * weights
    right = [transformed, weights, products, A.T @ products]
    inputs, taps = (
        [_summed(row, v) for row in matrix.tolist()] for matrix, v in ((algorithm.B.T, x), (algorithm.G, w))
    )
    again = [
        inputs,
        taps,
        [one * other for one, other in zip(inputs, taps, strict=True)],
        loop_formula(x, w),
    ]
    names = ("Bᵀ x", "G w", "(G w) ⊙ (Bᵀ x)", "y")
    return Exercise(
        f"Work one tile of Winograd's {algorithm.name}: transform the {n} inputs and the {r} weights, "
        f"multiply cell by cell, and make the {m} outputs of the {n} products. Fractions are fine.",
        (
            given("input x", x),
            given("kernel w", w),
            *(given(name, matrix, text=True) for name, matrix in (("Bᵀ", B.T), ("G", G), ("Aᵀ", A.T))),
        ),
        _rows(names, right, again, seed, blanks),
        algorithm,
        "as sums of fractions, and the outputs by the loop formula",
    )


def _summed(row: Any, cells: Array) -> Fraction:
    """One entry of a transform, as a sum of fractions."""
    pairs = zip(row, cells, strict=True)
    return sum((Fraction(int(a.p), int(a.q)) * Fraction(int(cell)) for a, cell in pairs), Fraction())


def _rows(
    names: tuple[str, ...], right: list[Any], again: list[Any], seed: Seed, blanks: int | None
) -> tuple[Grid, ...]:
    """A table of one row for each step."""
    tables = [
        (np.array(one, dtype=object), np.array(two, dtype=object))
        for one, two in zip(right, again, strict=True)
    ]
    lengths = [len(one) for one, _ in tables]
    wanted = sum(lengths) if blanks is None else blanks
    chosen = seed.blanks(wanted, np.ones(sum(lengths), bool))
    parts = np.split(chosen, np.cumsum(lengths)[:-1])
    return tuple(
        asked(name, *_plain(one, two), part)
        for name, (one, two), part in zip(names, tables, parts, strict=True)
    )


def _plain(one: Array, two: Array) -> tuple[Array, Array]:
    """Both as SymPy numbers, so that one half is one half."""
    return tuple(  # type: ignore[return-value]
        np.array([_number(v) for v in array] + [None], dtype=object)[:-1] for array in (one, two)
    )


def _number(value: Any) -> Any:
    if isinstance(value, Fraction):
        return sympy.Rational(value.numerator, value.denominator)
    if isinstance(value, complex):
        return sympy.Integer(int(value.real)) + sympy.Integer(int(value.imag)) * sympy.I
    return sympy.sympify(int(value)) if isinstance(value, int | np.integer) else sympy.expand(value)


def _numbers(values: dict[str, Any], key: str, otherwise: Array) -> Array:
    """What the author wrote under a key, as many as are needed; or what was drawn."""
    if key not in values:
        return otherwise
    cells = written_numbers(values[key], key)
    if cells.dtype.kind not in "iu" or cells.shape != otherwise.shape:
        raise BlockError(
            f"{key} is not {otherwise.size} whole numbers: write as many in a row, or leave {key} out"
        )
    return cells


def _fourier(values: dict[str, Any], seed: Seed, blanks: int | None) -> Exercise:
    n = read_int(values.get("length", "4"), "length")
    if n not in CIRCLES:
        raise BlockError(
            f"length={n} has roots of unity that nobody writes by hand: write {', '.join(map(str, CIRCLES))}"
        )
    transform = fourier(n)
    x = _numbers(values, "input", seed.whole(0, 9, (n,)))
    w = _numbers(values, "kernel", nonzero(seed, (n,)))
    F = np.array(transform.matrix)
    spectrum, kernel = F @ x, np.array(transform.diagonal(w).diagonal()).ravel()
    products = spectrum * kernel
    right = [spectrum, kernel, products, np.array(transform.circulant(w)) @ x]
    one, two = _by_powers(n, x, -1), _by_powers(n, w, 1)
    again = [
        one,
        two,
        [a * b for a, b in zip(one, two, strict=True)],
        np.asarray(loop_formula(x, w, padding=[(0, n - 1)], padding_mode="circular")),
    ]
    return Exercise(
        f"Convolve around a circle of {n} cells: transform the input with F, the kernel with the conjugate "
        "of F, multiply frequency by frequency, and write down what the cells of the circle come to. "
        "Write i for the imaginary unit, as in 3 − 2i.",
        (given("input x", x), given("kernel w", w), given(f"F ({times(F.shape)})", F)),
        _rows(("F x", "F̄ w", "(F̄ w) ⊙ (F x)", "y"), right, again, seed, blanks),
        transform,
        "with powers of i, and the cells by the loop formula around the circle",
        transform.geometry,
    )


def _by_powers(n: int, cells: Array, sign: int) -> list[complex]:
    """Each frequency's sum of cells times powers of the root of unity, in whole complex numbers."""
    roots = [(1j) ** (k * 4 // n) for k in range(n)]
    exact = [complex(round(root.real), round(root.imag)) for root in roots]
    return [sum((exact[sign * k * j % n] * int(cell) for j, cell in enumerate(cells)), 0j) for k in range(n)]


WINOGRAD = Kind(("outputs", "taps", "points", "input", "kernel"), _winograd, "one tile, step by step")
FOURIER = Kind(("length", "input", "kernel"), _fourier, "a circle of 1, 2 or 4 cells in the Fourier basis")

"""Checking a person's function: how long it takes, in the styles in which people write it."""

import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import symconv as sc
from measuring.layers import CASES
from measuring.styles import EVERY, VECTORISED
from measuring.timing import Row, in_turn

STYLES = {"32×32×3, 3×3, 16 filters": EVERY, "56×56×64, 3×3, 64 filters": VECTORISED}


def checks(_threads: int) -> list[Row]:
    """The time of a check, in milliseconds and as a ratio to the function's own time on numbers."""
    rows = []
    for name, styles in STYLES.items():
        g = CASES[name]
        numbers = np.random.default_rng(0)
        x, w = (numbers.standard_normal(shape) for shape in (g.input_shape, g.kernel_shape))
        for style in styles:
            calls = {"check": partial(sc.check, style, g, seed=0), "run": partial(style, x, w)}
            pair = in_turn(calls, rounds=9, seconds=20)
            verdict = sc.check(style, g, seed=0)
            row: Row = {"layer": name, "style": style.__name__.replace("_", " "), "tier": str(verdict.tier)}
            row |= {"check in ms": pair["check"] * 1e3, "times its own run": pair["check"] / pair["run"]}
            rows.append(row | {"memory in MB": _memory(calls["check"])})
    return rows


def _memory(call: Callable[[], Any]) -> float:
    """The peak of Python's and NumPy's memory during a call, in megabytes."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()

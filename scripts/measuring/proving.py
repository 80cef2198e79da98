"""What a proof costs: at one size, for a whole network, and for every size."""

import statistics
import subprocess
import sys
import time
import tracemalloc
from functools import partial
from math import log

import numpy as np
import z3

import symconv as sc
from measuring.layers import CASES, resnet50
from measuring.provers import PROVERS
from measuring.timing import Row, in_turn


def resnet(_threads: int) -> list[Row]:
    """All of ResNet-50: proved, and evaluated once."""
    layers = resnet50()
    numbers = np.random.default_rng(0)
    sc.prove(
        sc.Geometry((5, 5), 3)
    )  # what a process does once, such as the first use of NumPy, is not counted
    memory = 0.0
    for g in layers:
        tracemalloc.start()
        if not sc.prove(g):
            raise AssertionError(g)
        memory = max(memory, tracemalloc.get_traced_memory()[1] / 2**20)
        tracemalloc.stop()
    arrays = [
        [numbers.standard_normal(shape, dtype=np.float32) for shape in (g.input_shape, g.kernel_shape)]
        for g in layers
    ]
    proving, evaluations = [], []
    for _ in range(9):  # the whole network proved, then the whole network evaluated, and again
        each = []
        for g in layers:
            start = time.perf_counter()
            sc.prove(g)
            each.append(time.perf_counter() - start)
        start = time.perf_counter()
        for g, (x, w) in zip(layers, arrays, strict=True):
            sc.evaluate(x, w, stride=g.stride, padding=g.padding)
        evaluations.append(time.perf_counter() - start)
        proving.append(each)
    total = statistics.median(map(sum, proving))
    slowest = max(statistics.median(times) for times in zip(*proving, strict=True))
    return [
        {
            "layers": len(layers),
            "products": sum(g.products for g in layers),
            "proved in s": total,
            "slowest layer in ms": slowest * 1e3,
            "memory in MB": memory,
            "evaluated once in s": statistics.median(evaluations),
            "proof ÷ evaluation": total / statistics.median(evaluations),
        }
    ]


def growth() -> float:
    """The exponent e of proof time ~ (R·K + F·K)^e, over layers of many shapes beyond the fixed cost."""
    points = []
    for size, kernel, channels, filters in [
        (56, 3, 16, 16),
        (112, 3, 16, 16),
        (28, 3, 256, 256),
        (56, 5, 64, 16),
        (14, 3, 256, 1024),
        (224, 3, 16, 16),
        (112, 3, 64, 256),
        (320, 3, 16, 64),
    ]:
        g = sc.Geometry((size, size), kernel, channels, filters, padding=1)
        (taps, filters), (rows, _) = g.weight_matrix_shape, g.patch_matrix_shape
        seconds = in_turn({"prove": partial(sc.prove, g)}, rounds=9)["prove"]
        points.append((log(rows * taps + filters * taps), log(seconds)))
    x, y = np.array(points).T
    return float(np.polyfit(x, y, 1)[0])


def proof(_threads: int) -> list[Row]:
    """Proof time against the number of products, for four ways to prove the same."""
    rows = []
    for name, g in CASES.items():
        able = {p: partial(f, g) for p, (f, most) in PROVERS.items() if g.products <= most}
        if not all(bool(prover()) for prover in able.values()):
            raise AssertionError(name)
        times = in_turn(able, rounds=5, seconds=12)
        rows.append({"layer": name, "products": g.products, **{p: times.get(p) for p in PROVERS}})
    return rows


_PROVE_THEOREMS = """
import sys, time
import symconv as sc
names = sys.argv[2:] or [t.name for t in sc.theorems()]
start = time.perf_counter()
assert all(sc.prove(sc.theorem(name, int(sys.argv[1]))) for name in names)
print(time.perf_counter() - start)
"""


def theorems(_threads: int) -> list[Row]:
    """What is proved for every size, each time in a process of its own, after the import."""
    rows = []
    for what, axes, names in [
        ("im2col, 2 axes", 2, ["im2col"]),
        *((f"all theorems, {axes} ax{'i' if axes == 1 else 'e'}s", axes, []) for axes in (1, 2, 3)),
    ]:
        call = [sys.executable, "-c", _PROVE_THEOREMS, str(axes), *names]
        runs = [float(subprocess.run(call, check=True, capture_output=True).stdout) for _ in range(5)]
        chosen = [sc.theorem(name, axes) for name in names] or list(sc.theorems(axes))
        conditions = sum(len(t.conditions) for t in chosen)
        solving = 0.0
        for t in chosen:
            solver = z3.Solver(ctx=z3.Context())
            start = time.perf_counter()
            solver.from_string(t.smtlib())
            if solver.check() != z3.unsat:
                raise AssertionError(t)
            solving += time.perf_counter() - start
        rows.append(
            {
                "theorems": what,
                "side conditions": conditions,
                "proved in s": statistics.median(runs),
                "z3 on the conditions in s": solving,
            }
        )
    return rows

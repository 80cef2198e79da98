"""The experiments of the benchmark: each returns rows of numbers, and times its rivals in turn."""

import ctypes
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import z3
from scipy.signal import correlate

import symconv as sc
from measuring.provers import PROVERS

Row = dict[str, Any]
CASES = {
    "3×3, 2×2": sc.Geometry((3, 3), 2),
    "8×8, 3×3": sc.Geometry((8, 8), 3),
    "28×28, 5×5, 4 filters": sc.Geometry((28, 28), 5, 1, 4),
    "32×32×3, 3×3, 16 filters": sc.Geometry((32, 32), 3, 3, 16, padding=1),
    "56×56×64, 3×3, 64 filters": sc.Geometry((56, 56), 3, 64, 64, padding=1),
    "224×224×3, 7×7, 64 filters": sc.Geometry((224, 224), 7, 3, 64, stride=2, padding=3),
}
LAYERS = {name: CASES[name] for name in list(CASES)[-2:]}
"""The two layers that evaluation is measured on."""


def resnet50() -> list[sc.Geometry]:
    """The 53 convolutions of ResNet-50 at 224×224, stride in the 3×3 layers (He et al. 2016, table 1)."""
    layers = [sc.Geometry((224, 224), 7, 3, 64, stride=2, padding=3)]
    size, channels = 56, 64
    for stage, blocks in enumerate((3, 4, 6, 3)):
        width = 64 << stage
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            out = size // stride
            layers += [
                sc.Geometry((size, size), 1, channels, width),
                sc.Geometry((size, size), 3, width, width, stride=stride, padding=1),
                sc.Geometry((out, out), 1, width, 4 * width),
            ]
            if not block:
                layers.append(sc.Geometry((size, size), 1, channels, 4 * width, stride=stride))
            size, channels = out, 4 * width
    return layers


def in_turn(
    rivals: Mapping[str, Callable[[], Any]], rounds: int = 15, seconds: float = 20
) -> dict[str, float]:
    """The median time of each rival in seconds, the rivals taking turns, so that all meet the same noise."""
    times: dict[str, list[float]] = {name: [] for name in rivals}
    begun = time.perf_counter()
    for rival in rivals.values():
        rival()
    for _ in range(rounds):
        for name, rival in rivals.items():
            start = time.perf_counter()
            rival()
            times[name].append(time.perf_counter() - start)
        if time.perf_counter() - begun > seconds:
            break
    return {name: statistics.median(t) for name, t in times.items()}


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
    proving, evaluations = [], []
    for _ in range(5):
        each, evaluating = [], 0.0
        for g in layers:
            x = numbers.standard_normal(g.input_shape, dtype=np.float32)
            w = numbers.standard_normal(g.kernel_shape, dtype=np.float32)
            start = time.perf_counter()
            sc.prove(g)
            each.append(time.perf_counter() - start)
            start = time.perf_counter()
            sc.evaluate(x, w, stride=g.stride, padding=g.padding)
            evaluating += time.perf_counter() - start
        proving.append(each)
        evaluations.append(evaluating)
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


RIVALS = ("symconv", "torch", "onnxruntime", "symconv, taps", "symconv, whole P", "einsum", "scipy.signal")


def rivals_of(g: sc.Geometry, dtype: Any, threads: int) -> dict[str, Callable[[], Any]]:
    """Everybody who can evaluate this layer here."""
    numbers = np.random.default_rng(0)
    x: Any = numbers.standard_normal(g.input_shape).astype(dtype)
    w: Any = numbers.standard_normal(g.kernel_shape).astype(dtype)
    words: dict[str, Any] = {"stride": g.stride, "padding": g.padding}
    rivals: dict[str, Callable[[], Any]] = {
        "symconv": lambda: sc.evaluate(x, w, **words),
        "symconv, taps": lambda: sc.evaluate(x, w, method="taps", **words),
        "symconv, whole P": lambda: sc.evaluate(x, w, method="matrix", **words),
        "einsum": lambda: sc.evaluate(x, w, method="einsum", **words),
    }
    try:
        import torch
    except ImportError:
        pass
    else:
        torch.set_num_threads(threads)
        tx, tw = torch.from_numpy(x), torch.from_numpy(w)
        stride, pad = g.stride, tuple(p for p, _ in g.padding)
        rivals["torch"] = lambda: torch.nn.functional.conv2d(tx, tw, stride=stride, padding=pad)
    if dtype is np.float32:  # the one type its Conv knows
        rivals["onnxruntime"] = onnx_conv(g, x, w, threads)
    padded = np.pad(x, ((0, 0), (0, 0), *g.padding))[0]
    rivals["scipy.signal"] = lambda: [correlate(padded, kernel, "valid", "direct") for kernel in w]
    return rivals


def onnx_conv(g: sc.Geometry, x: Any, w: Any, threads: int) -> Callable[[], Any]:
    """The operator Conv of ONNX Runtime, both arrays its inputs."""
    conv_model = import_module("tests.onnx_bytes").conv_model  # shared with the tests against it
    pads = [before for before, _ in g.padding] + [after for _, after in g.padding]
    model = conv_model(["x", "w"], strides=list(g.stride), pads=pads)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"x": x, "w": w})


def evaluate(threads: int) -> list[Row]:
    """Evaluation of two full-size layers, as ratios to torch (or to ourselves where there is no torch)."""
    rows = []
    for name, g in LAYERS.items():
        for dtype in (np.float32, np.float64):
            rivals = rivals_of(g, dtype, threads)
            peer = "torch" if "torch" in rivals else "symconv"
            alone = in_turn({peer: rivals[peer]}, rounds=25)[peer]
            row: Row = {"layer": name, "dtype": dtype.__name__, "peer": peer, "peer in ms": alone * 1e3}
            for rival in RIVALS:  # each against the peer alone: a slow third would empty the caches
                if rival in rivals and rival != peer:
                    pair = in_turn({rival: rivals[rival], peer: rivals[peer]}, rounds=41, seconds=8)
                    row[rival] = pair[rival] / pair[peer]
                else:
                    row[rival] = None if rival != peer else 1.0
            with ThreadPoolExecutor(1) as fresh:  # a thread has not kept the memory of earlier calls
                row["memory in MB"] = fresh.submit(_memory, g, dtype).result()
            rows.append(row)
    return rows


def _memory(g: sc.Geometry, dtype: Any) -> float:
    """Peak memory of an evaluation beyond its input, kernels and output."""
    x, w = np.ones(g.input_shape, dtype), np.ones(g.kernel_shape, dtype)
    out = np.empty(g.output_shape, dtype)
    tracemalloc.start()
    sc.evaluate(x, w, stride=g.stride, padding=g.padding, out=out)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def numpy_loops(x: Any, w: Any) -> Any:
    """Loops as one writes them with NumPy: one product-and-sum for each output cell."""
    filters, _, kh, kw = w.shape
    height, width = x.shape[1] - kh + 1, x.shape[2] - kw + 1
    y = np.empty((filters, height, width), x.dtype)
    for i in range(height):
        for j in range(width):
            window = x[:, i : i + kh, j : j + kw]
            for f in range(filters):
                y[f, i, j] = (window * w[f]).sum()
    return y


def compiled_loops() -> Callable[[Any, Any], Any] | None:
    """The same as plain loops in C, compiled here with ``-O2``; None where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    library = Path(tempfile.mkdtemp()) / "loops.so"
    source = Path(__file__).with_name("loops.c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    convolve = ctypes.CDLL(str(library)).convolve
    doubles = np.ctypeslib.ndpointer(np.float64, flags="C_CONTIGUOUS")
    convolve.argtypes, convolve.restype = [doubles] * 3 + [ctypes.c_long] * 6, None

    def run(x: Any, w: Any) -> Any:
        filters, channels, kh, kw = w.shape
        y = np.empty((filters, x.shape[1] - kh + 1, x.shape[2] - kw + 1))
        convolve(x, w, y, channels, *x.shape[1:], filters, kh, kw)
        return y

    return run


def loops(_threads: int) -> list[Row]:
    """The experiment of 2006: loops against the unrolled product, from tiny layers to large ones."""
    rows = []
    numbers = np.random.default_rng(0)
    in_c = compiled_loops()
    for size, channels, filters in [
        (4, 1, 1),
        (6, 1, 2),
        (8, 1, 4),
        (12, 1, 6),
        (16, 2, 8),
        (24, 4, 8),
        (28, 6, 16),
        (32, 16, 16),
        (48, 16, 32),
        (56, 32, 64),
        (56, 64, 64),
    ]:
        g = sc.Geometry((size, size), 3, channels, filters)
        x = numbers.standard_normal(g.input_shape[1:])
        w = numbers.standard_normal(g.kernel_shape)
        rivals: dict[str, Callable[[], Any]] = {
            "unrolled": partial(sc.evaluate, x, w),
        }
        if in_c is not None:
            rivals["compiled loops"] = partial(in_c, x, w)
        if g.products <= 3e7:
            rivals["NumPy loops"] = partial(numpy_loops, x, w)
        times = in_turn(rivals, rounds=11, seconds=8)
        row: Row = {"layer": f"{size}×{size}×{channels} → {filters}", "products": g.products}
        row |= {
            f"{name} ÷ unrolled": times[name] / times["unrolled"] if name in times else None
            for name in ("compiled loops", "NumPy loops")
        }
        rows.append({**row, "unrolled in ms": times["unrolled"] * 1e3})
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


EXPERIMENTS: dict[str, Callable[[int], list[Row]]] = {
    "resnet": resnet,
    "proof": proof,
    "evaluate": evaluate,
    "loops": loops,
    "theorems": theorems,
}


def machine(threads: int) -> dict[str, str]:
    """What it was measured on, and when."""
    versions = {}
    for name in ("numpy", "sympy", "scipy", "torch"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    cpuinfo = Path("/proc/cpuinfo")
    names = [
        line.partition(":")[2].strip()
        for line in (cpuinfo.read_text("utf-8").splitlines() if cpuinfo.exists() else [])
        if line.startswith("model name")
    ]
    cores = f"{len(names) or '?'} cores"
    return {
        "machine": f"{names[0] if names else platform.processor() or platform.machine()}, {cores}",
        "threads": str(threads),
        "python": platform.python_version(),
        **versions,
        "date": datetime.now(UTC).date().isoformat(),
    }

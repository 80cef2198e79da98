"""Evaluation against those who can evaluate a layer, and against loops."""

import ctypes
import shutil
import subprocess
import tempfile
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from scipy.signal import correlate

import symconv as sc
from measuring.layers import LAYERS
from measuring.timing import Row, in_turn

RIVALS = (
    "symconv",
    "torch",
    "onnxruntime",
    "symconv, im2col",
    "symconv, taps",
    "symconv, whole P",
    "einsum",
    "scipy.signal",
)


def rivals_of(g: sc.Geometry, dtype: Any, threads: int) -> dict[str, Callable[[], Any]]:
    """Everybody who can evaluate this layer here."""
    numbers = np.random.default_rng(0)
    x: Any = numbers.standard_normal(g.input_shape).astype(dtype)
    w: Any = numbers.standard_normal(g.kernel_shape).astype(dtype)
    words: dict[str, Any] = {"stride": g.stride, "padding": g.padding}
    rivals: dict[str, Callable[[], Any]] = {
        "symconv": lambda: sc.evaluate(x, w, **words),
        "symconv, im2col": lambda: sc.evaluate(x, w, method="im2col", **words),
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
            for rival in ("einsum", "scipy.signal"):  # with no third between the two
                pair = in_turn({rival: rivals[rival], "symconv": rivals["symconv"]}, rounds=41, seconds=8)
                row[f"{rival} ÷ symconv"] = pair[rival] / pair["symconv"]
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

"""The experiments of the benchmark, by name: each returns rows of numbers, and times its rivals in turn."""

import platform
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from measuring.checks import checks
from measuring.evaluating import evaluate, loops
from measuring.gradients import gradients
from measuring.models import models
from measuring.pages import pages, site
from measuring.proving import proof, resnet, theorems
from measuring.sweeps import sweeps
from measuring.timing import Row

EXPERIMENTS: dict[str, Callable[[int], list[Row]]] = {
    "resnet": resnet,
    "proof": proof,
    "evaluate": evaluate,
    "gradients": gradients,
    "loops": loops,
    "theorems": theorems,
    "checks": checks,
    "models": models,
    "sweeps": sweeps,
    "site": site,
    "pages": pages,
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

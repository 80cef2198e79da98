"""A function of somebody's file checked in a process of its own, which has little time and memory."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from symconv.process import run

SECONDS, MEGABYTES = 60.0, 4096


def check_file(
    path: str | Path,
    name: str,
    hyper: dict[str, Any],
    *,
    seed: int | None = None,
    seconds: float = SECONDS,
    megabytes: int = MEGABYTES,
) -> dict[str, Any]:
    """What ``check`` finds out about ``name`` in the file at ``path``, as ``Verdict.as_dict`` says it.

    The file is run, in a process that is ended when its time is up. A file that hangs, ends the process,
    prints or raises gives a verdict like any other, in which ``holds`` is None.

    Args:
        path: of a Python file.
        name: of a function or class in it.
        hyper: as for ``check``.
        seed: as for ``check``.
        seconds: how long it may take, with the imports.
        megabytes: of address space that it may use, where the system can limit that.
    """
    request = {
        "path": str(path),
        "name": name,
        "hyper": hyper,
        "seed": seed,
        "megabytes": megabytes,
    }
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "verdict.json"
        child = [sys.executable, "-m", "symconv.checking.child", json.dumps(request), str(result)]
        code = run(child, seconds)
        why = f"The file ended the process (exit status {code}) before there was a verdict."
        if code is None:
            why = f"It took more than {seconds:g} seconds."
        if not result.exists():
            return untold(name, why)
        answered: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return answered


def untold(name: str, why: str) -> dict[str, Any]:
    """The verdict where nothing could be told."""
    headline = f"Could not tell whether {name} is the convolution."
    return {
        "name": name,
        "holds": None,
        "tier": None,
        "bound": None,
        "geometries": [],
        "counterexample": None,
        "mistakes": [],
        "diagnosis": None,
        "why": why,
        "text": f"{headline}\n{why}",
    }

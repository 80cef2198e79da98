"""What runs in the process of its own: imports a file, checks a function of it, writes the verdict down.

Started by ``isolated``, with the request on its command line. Nothing that the file prints is kept.
"""

import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

from symconv.checking.check import check
from symconv.checking.verdict import Verdict
from symconv.errors import RequestError, SymconvError

_NOTHING = object()


def answer(path: str, name: str, hyper: dict[str, Any], seed: int | None) -> Verdict:
    """The verdict on ``name`` in the file at ``path``; any failure of the file is part of it."""
    try:
        found = _load(path, name)
        return check(found, seed=seed, **hyper)
    except SymconvError as error:
        return _untold(name, _sentence(str(error)))
    except MemoryError:
        return _untold(name, "It took more memory than it was allowed.")
    except (Exception, SystemExit) as error:  # noqa: BLE001 (a person's file may raise anything)
        return _untold(name, f"The file raised {type(error).__name__}: {error}.")


def _load(path: str, name: str) -> Any:
    """The function or class ``name`` in a file, with whatever lies beside the file to be imported from it."""
    sys.path.insert(0, str(Path(path).resolve().parent))
    module = runpy.run_path(path, run_name=Path(path).stem)
    first, *rest = name.split(".")
    found = module.get(first, _NOTHING)
    for part in rest:
        found = getattr(found, part, _NOTHING)
    if found is _NOTHING:
        there = ", ".join(
            n for n, value in module.items() if callable(value) and n.isidentifier() and n[0] != "_"
        )
        raise RequestError(f"{name} is not in {Path(path).name}: use one of {there or 'nothing'}")
    return found


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _untold(name: str, why: str) -> Verdict:
    return Verdict(name, None, None, (), why)


def main(request: str, result: str) -> None:
    """Answer one request, given as JSON, in a file."""
    asked = json.loads(request)
    if megabytes := asked.pop("megabytes"):
        _limit_memory(megabytes)
    text = json.dumps(answer(**asked).as_dict())
    partly = Path(f"{result}.part")
    partly.write_text(text, encoding="utf-8")
    partly.rename(result)  # there at once, or not at all
    os._exit(0)  # whatever threads and exit handlers the file has left behind


def _limit_memory(megabytes: int) -> None:
    if limits is not None:
        most = megabytes << 20
        limits.setrlimit(limits.RLIMIT_AS, (most, most))


try:
    import resource as limits
except ImportError:  # where there is no such thing (Windows), only time is limited
    limits = None  # type: ignore[assignment]

if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

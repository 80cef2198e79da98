"""Reading a model's file: ONNX does it in a process of its own, and what it finds becomes nodes."""

import json
import sys
import tempfile
from os import SEEK_END
from pathlib import Path
from typing import Any

from symconv.errors import ModelError
from symconv.models.node import Contents, Merge, Node, Shape, Value
from symconv.process import run

MOST_BYTES = 1 << 31  # what protobuf can hold
_CHILD = Path(__file__).with_name("child.py")
_BASE_MEGABYTES = 2048  # of address space, besides what the file takes
_INSTALL = "reading a model needs ONNX, which is not installed: pip install symconv[onnx]"
_LONGEST_NAME, _LONGEST_REASON = 120, 400


def read_nodes(path: str | Path, seconds: float) -> Contents:
    """The convolutions in a file, read by ONNX in a process of its own; no weight is looked at.

    Raises:
        ModelError: there is no such file, or it is no model, or it takes too long; ONNX is not installed.
    """
    path = Path(path)
    _refuse_unless_file(path)
    megabytes = _BASE_MEGABYTES + 4 * path.stat().st_size // 2**20
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "nodes.json"
        child = [sys.executable, "-P", str(_CHILD), str(path), str(result), str(megabytes)]
        code = run(child, seconds, OPENBLAS_NUM_THREADS="1")  # each thread would reserve memory
        if code is None:
            raise took_too_long(path, seconds)
        if not result.exists():
            raise ModelError(f"{path} ended the process that read it (exit status {code}): it cannot be read")
        found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    if "missing" in found:
        raise ModelError(_INSTALL)
    if "broken" in found:
        raise ModelError(f"{path} is not a model that ONNX can read ({found['broken']}): give an .onnx file")
    return Contents(
        tuple(map(_node, found["nodes"])), found["number"], printable(found["why"], _LONGEST_REASON)
    )


def took_too_long(path: str | Path, seconds: float) -> ModelError:
    """The refusal of a file that takes longer than it may."""
    return ModelError(
        f"{path} takes more than {seconds:g} seconds to read: allow more, or look whether it is yours"
    )


def _refuse_unless_file(path: Path) -> None:
    if not path.exists():
        raise ModelError(f"{path} is not there: give the path of an .onnx file")
    if not path.is_file():
        raise ModelError(f"{path} is no file: give the path of an .onnx file")
    try:
        with path.open("rb") as file:
            size = file.seek(0, SEEK_END)
    except OSError as error:
        raise ModelError(
            f"{path} cannot be opened ({error.strerror}): give a file that can be read"
        ) from error
    if not size:
        raise ModelError(f"{path} is empty: give the path of an .onnx file")
    if size >= MOST_BYTES:
        raise ModelError(
            f"{path} has {size:,} bytes, and a file of ONNX holds less than {MOST_BYTES:,}: "
            "save its weights as external data, which are not needed here"
        )


def printable(text: str, longest: int = _LONGEST_NAME) -> str:
    """A file's text as it may be shown: on one line, without control characters, not too long.

    Examples:
        >>> printable("conv" + chr(27) + "[31m")
        'conv�[31m'
    """
    if len(text) <= longest and text.isprintable():
        return text
    shown = "".join(c if c.isprintable() else "�" for c in text[: longest + 1])
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def _node(written: dict[str, Any]) -> Node | Merge:
    if "merged" in written:
        return Merge(tuple(map(tuple, written["merged"])), tuple(written["output"]), written["axis"])
    return Node(
        printable(written["name"]),
        written["operator"],
        _value(*written["input"]),
        _value(*written["kernel"]),
        written["bias"],
        _shape(written["output"]),
        written["attributes"],
        written["why"],
    )


def _value(name: str, made: bool, shape: list[Any] | None) -> Value:
    return Value(printable(name), made, _shape(shape))


def _shape(shape: list[Any] | None) -> Shape | None:
    return None if shape is None else tuple(shape)

"""The text of a block with some of its keys written anew; the rest stays as the author wrote it."""

from collections.abc import Mapping
from typing import Any

from symconv.lesson.yaml_text import load


class Written(str):
    """A value that is YAML already, on one line."""

    __slots__ = ()


def rewritten(body: str, keys: Mapping[str, Any]) -> str:
    r"""A block's text with other values.

    Args:
        body: the text between the fences.
        keys: for each key its new value, text or nested lists of text; None to leave the key out.

    Returns:
        The text: a key that was there keeps its place, one that was not comes last.

    Raises:
        BlockError: the text is no block.

    Examples:
        >>> rewritten("input: 3x3 # small\nkernel:\n  2x2\ncaption: c", {"kernel": "1x1", "seed": "7"})
        'input: 3x3 # small\nkernel: 1x1\ncaption: c\nseed: 7'
    """
    _, starts = load(body)
    lines = body.rstrip().split("\n")
    ends = dict(zip(starts, [*list(starts.values())[1:], len(lines)], strict=True))
    kept: list[str] = lines[: min(starts.values())]
    for key, start in starts.items():
        if key not in keys:
            kept += lines[start : ends[key]]
        elif keys[key] is not None:
            kept.append(f"{key}: {written(keys[key])}")
    kept += [f"{key}: {written(v)}" for key, v in keys.items() if key not in starts and v is not None]
    return "\n".join(kept)


def written(value: Any) -> str:
    """A value as YAML on one line: text as it is if it can stand so, else in quotes.

    Examples:
        >>> written([["1", "a"], ["x: y", "2"]]), written("3x3"), written("it's # 1")
        ("[[1, a], ['x: y', 2]]", '3x3', "'it''s # 1'")
    """
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {written(v)}' for key, v in value.items())}}}"
    if isinstance(value, Written):
        return str(value)
    text = str(value)
    plain = text and all(sign.isalnum() or sign in "_./×-+ " for sign in text) and text == text.strip()
    bare = (plain and not text.startswith("-")) or _is_number(text)
    return text if bare else "'" + text.replace("'", "''") + "'"


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit()

"""A YAML mapping in which every scalar stays text: no tag, anchor or implicit type has any effect.

So ``0x3`` is a size and not the number three, ``no`` is a word, and a small page cannot unfold into a
large one.
"""

from typing import Any

from symconv.errors import BlockError, RequestError

try:
    import yaml

    HAS_YAML = True
except ModuleNotFoundError:  # part of what builds sites, which is optional
    HAS_YAML = False

MOST_DEPTH = 6


def load(text: str) -> tuple[dict[str, Any], dict[str, int]]:
    r"""A YAML mapping with every scalar as text.

    Args:
        text: YAML.

    Returns:
        The mapping, and the 0-based line of each of its keys.

    Raises:
        BlockError: not YAML, not a mapping, or something that has no use in a block.

    Examples:
        >>> load("input: 3x3\nstride: [1, 2]")
        ({'input': '3x3', 'stride': ['1', '2']}, {'input': 0, 'stride': 1})
    """
    if not HAS_YAML:
        raise RequestError(
            "blocks are YAML, and PyYAML is missing: install it with pip install symconv[site]"
        )
    try:
        _refuse_what_has_no_use(text)
        root: Any = yaml.compose(text, Loader=yaml.BaseLoader)
        lines = _all_lines(root)
        values = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 (the BaseLoader makes nothing but text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        problem = f"{error.problem or error.context}"
        raise BlockError(
            f"this is not YAML ({problem}): write one “key: value” to a line, as in “input: 3x3”, "
            "and put text with a colon in quotes",
            mark.line if mark else None,
        ) from error
    except yaml.YAMLError as error:
        raise BlockError("this is not YAML (it has characters that are no text): write plain text") from error
    if not isinstance(values, dict):
        raise BlockError(
            "a symconv block is a list of “key: value” lines: write at least “input: 3x3” and “kernel: 2x2”",
            0,
        )
    return values, lines


def _all_lines(root: Any) -> dict[str, int]:
    """The lines of the block's own keys; those of mappings inside are looked through as well."""
    if not isinstance(root, yaml.MappingNode):
        return {}
    for _, value in root.value:
        _all_lines(value)
    return _lines(root)


def _lines(mapping: Any) -> dict[str, int]:
    """The line of each key of a mapping, none of them given twice."""
    lines: dict[str, int] = {}
    for key, _ in mapping.value:
        if not isinstance(key, yaml.ScalarNode):
            raise BlockError("a key must be one word, as in “input: 3x3”", key.start_mark.line)
        if key.value in lines:
            raise BlockError(f"{key.value!r} is given twice: keep one of them", key.start_mark.line)
        lines[key.value] = key.start_mark.line
    return lines


def _refuse_what_has_no_use(text: str) -> None:
    """Anchors could make a small text huge, and deep nesting could exhaust the stack: neither is needed."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        line = event.start_mark.line if event.start_mark else None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BlockError("anchors and aliases (& and *) have no use here: write the values out", line)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise BlockError(f"lists are nested more than {MOST_DEPTH} deep: give rows of numbers", line)

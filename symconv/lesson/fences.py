"""Where the fenced blocks of a page are, without building it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from textwrap import dedent

OURS = "symconv"
_NEVER_ENDS = "this block never ends: close it with the fence that it began with"


@dataclass(frozen=True)
class Fence:
    r"""One fenced block that is not inside another.

    Attributes:
        line: the 0-based line that opens it.
        end: the line that closes it, or that after the page's last if nothing does.
        name: its language, or nothing.
        body: what is between, without the indent and the quotation marks that it stands behind.
        indent: what stands in front of its lines.
        closed: whether it ends.

    Examples:
        >>> found = list(fences("> ```symconv\n> input: 3x3\n> ```\n".splitlines()))
        >>> found[0].name, found[0].body, found[0].indent
        ('symconv', 'input: 3x3', '> ')
    """

    line: int
    end: int
    name: str
    body: str
    indent: str
    closed: bool


def fences(lines: Sequence[str]) -> Iterator[Fence]:
    """The fenced blocks of a page, in order.

    Args:
        lines: those of the page, without their ends.
    """
    number = 0
    while number < len(lines):
        text = words(lines[number])
        mark = text[: len(text) - len(text.lstrip(text[:1]))] if text.startswith(("```", "~~~")) else ""
        if mark:
            end = next((n for n in range(number + 1, len(lines)) if words(lines[n]) == mark), None)
            last = len(lines) if end is None else end
            indent = lines[number][: lines[number].index(mark[0])]
            body = [_without(line, indent) for line in lines[number + 1 : last]]
            language = re.match(r"[\w-]*", text[len(mark) :].lstrip(" {."))
            name = language[0] if language else ""
            yield Fence(number, last, name, dedent("\n".join(body)), indent, end is not None)
            number = number if end is None else end
        number += 1


def mistaken(name: str, closed: bool) -> str:
    """What is wrong with how a fence is written: a sentence, or nothing.

    Examples:
        >>> mistaken("symcov", closed=True)
        "this fence is named 'symcov': write symconv if a figure is meant"
        >>> mistaken("symconv", closed=True), mistaken("python", closed=False)
        ('', '')
    """
    if name == OURS:
        return "" if closed else _NEVER_ENDS
    close = get_close_matches(name.lower(), [OURS], cutoff=0.8)
    return f"this fence is named {name!r}: write {OURS} if a figure is meant" if close else ""


def words(line: str) -> str:
    """A line without what differs between the page and what superfences hands on: indents, quotes, tabs."""
    return " ".join(line.strip(" \t>").split())


def _without(line: str, indent: str) -> str:
    """A line without what the fence stands behind, of which the line may have less."""
    if line.startswith(indent):
        return line[len(indent) :]
    kept = 0
    while kept < min(len(indent), len(line)) and line[kept] in " \t>":
        kept += 1
    return line[kept:]

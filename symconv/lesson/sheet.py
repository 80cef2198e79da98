"""The exercises of a lesson as a sheet for a class, and its answer key; each seed makes another sheet.

A sheet is a page of Markdown that builds as the lesson does, its blocks the lesson's own with the seed and
``key: none``; or one file of HTML that prints as it is. It is proved and recomputed before it is written.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from symconv.errors import RequestError
from symconv.lesson.assets_inline import assets
from symconv.lesson.block import read_block
from symconv.lesson.block_text import rewritten
from symconv.lesson.digest import mark
from symconv.lesson.page_text import PageText
from symconv.lesson.render import render
from symconv.lesson.yaml_text import load

MOST_SHEETS = 200
FORMATS = {"markdown": ".md", "html": ".html"}
_RANGE = re.compile(r"(\d{1,6})-(\d{1,6})")


@dataclass(frozen=True)
class Sheet:
    """The exercises of one seed.

    Attributes:
        source: the lesson.
        seed: what was drawn from.
        bodies: the texts of the blocks, without a word on their key.
    """

    source: PageText
    seed: str
    bodies: tuple[str, ...]

    def name(self, *, answers: bool, to: str = "markdown") -> str:
        """The name of its file."""
        seed = re.sub(r"[^\w.-]+", "-", self.seed)
        return f"{self.source.path.stem}-{'key' if answers else 'sheet'}-{seed}{FORMATS[to]}"

    def text(self, made: Path, *, answers: bool, to: str = "markdown") -> str:
        """What is in its file.

        Args:
            made: where that file is to be.
            answers: whether it is the key.
            to: one of ``FORMATS``.

        Raises:
            BlockError: an exercise cannot be shown.
        """
        title = f"{self.source.title}: {'answer key' if answers else 'exercises'}, sheet {self.seed}"
        comment = f"<!-- {mark(self.source.path, made)} -->"
        blocks = [rewritten(body, {"key": "open" if answers else "none"}) for body in self.bodies]
        figures = [
            render(read_block(block)) for block in blocks
        ]  # proves and recomputes, whatever is written
        if to == "html":
            return _html(title, comment, figures, named=not answers)
        named = [] if answers else ["Name: ______________________________"]
        parts = [f"# {title}", comment, *named]
        for number, block in enumerate(blocks, start=1):
            parts += [f"## Exercise {number}", f"```symconv\n{block}\n```"]
        return "\n\n".join(parts) + "\n"


def sheet(page: PageText, seed: str) -> Sheet:
    """The exercises of a page, drawn anew from a seed.

    Args:
        page: a lesson.
        seed: any line of text; each exercise draws from the seed and its number.

    Raises:
        BlockError: a block of the page is wrong.
        RequestError: the page has no exercises.
    """
    bodies: list[str] = []
    for fence in page.blocks():
        page.read(fence)  # a wrong block is told by page and line
        values, _ = load(fence.body)
        if "exercise" not in values:
            continue
        chosen: dict[str, Any] = {"choose": None, **_first(values.get("choose", {}))}
        anew = {**chosen, "seed": f"{seed}.{len(bodies) + 1}", "key": None}
        bodies.append(rewritten(fence.body, anew))
    if not bodies:
        raise RequestError(
            f"{page.path} has no exercises: add a symconv block such as “exercise: output”, with input and "
            "kernel"
        )
    return Sheet(page, seed, tuple(bodies))


def _first(choose: dict[str, list[Any]]) -> dict[str, Any]:
    """On paper nobody chooses: what the page shows first."""
    return {key: offered[0] for key, offered in choose.items()}


def read_seeds(text: str) -> list[str]:
    """Several seeds: a range of numbers, or a list with commas.

    Raises:
        RequestError: it is neither, or there are too many.

    Examples:
        >>> read_seeds("1-3"), read_seeds("a, b")
        (['1', '2', '3'], ['a', 'b'])
    """
    if found := _RANGE.fullmatch(text.strip()):
        first, last = int(found[1]), int(found[2])
        seeds = [str(seed) for seed in range(first, last + 1)]
    else:
        seeds = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not 1 <= len(seeds) <= MOST_SHEETS:
        raise RequestError(
            f"seeds={text!r} makes {len(seeds)} sheets: give 1 to {MOST_SHEETS} seeds, such as 1-30 or a,b,c"
        )
    return seeds


def _html(title: str, comment: str, figures: Sequence[str], *, named: bool) -> str:
    """One file that prints as it is and asks for nothing."""
    name = '<p class="name">Name: <span></span></p>' if named else ""
    body = "\n".join(
        f"<h2>Exercise {number}</h2>\n{figure}" for number, figure in enumerate(figures, start=1)
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{comment}\n<title>{escape(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n{name}\n{assets(body)}\n{body}\n</main>\n</body>\n</html>\n"
    )


_STYLE = """:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 50rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; }
h2 { font-size: 1.1rem; margin-top: 1.6rem; break-after: avoid; }
figure { margin: 0; }
.name span { display: inline-block; width: 20rem; max-width: 60%; border-bottom: 1px solid; }
@media print { :root { color-scheme: light; font-size: 11pt; } }
"""

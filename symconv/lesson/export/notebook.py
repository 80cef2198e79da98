"""A lesson as a Jupyter notebook: prose in cells of Markdown, blocks and programs in cells of Python."""

import json
from doctest import DocTestParser
from itertools import count
from typing import Any

from symconv.lesson.export.figures import Figures
from symconv.lesson.export.markdown_text import (
    MarkdownWriter,
    in_paragraphs,
    is_note,
    language,
    list_items,
    note_body,
    quoted,
)
from symconv.lesson.export.tree import Node
from symconv.lesson.repl.block_script import block_script
from symconv.lesson.repl.script import IMPORT, names_given

PYTHON = ("python", "py", "python3")
SESSION = ("pycon", "python-console")
_HEAD = f"""# This notebook needs the package symconv: pip install symconv
{IMPORT}
from IPython.display import Math, display"""

Part = tuple[str, str]  # "markdown" or "code", and its text


def notebook(body: Node, figures: Figures, *, base: str = "", title: str = "", source: str = "") -> str:
    """The notebook of a page, as JSON of the format 4.5.

    Args:
        body: what the page says.
        figures: the blocks by the identity of the figure that shows them.
        base: the address that links count from.
        title: of the notebook.
        source: the mark of the lesson that it is made from.
    """
    writer = MarkdownWriter(base)
    maker = _Maker(writer, figures, _names(body))
    parts = _gathered([*maker.parts(body)])
    place = 1 if parts and parts[0][0] == "markdown" else 0
    parts.insert(place, ("code", _HEAD))
    cells = [_cell(kind, text, f"cell-{number}", writer) for number, (kind, text) in zip(count(1), parts)]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        **{name: text for name, text in (("title", title), ("symconv", source)) if text},
    }
    return json.dumps(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5},
        indent=1,
        ensure_ascii=False,
    )


def computes(body: Node) -> bool:
    """Whether a page has programs that a notebook runs."""
    return any(_is_program(node) for node in body.walk())


class _Maker:
    """Goes through a page and says what becomes which cell."""

    def __init__(self, writer: MarkdownWriter, figures: Figures, taken: set[str]) -> None:
        self.writer = writer
        self.figures = figures
        self.taken = taken

    def parts(self, node: Node) -> list[Part]:
        """The cells of an element, in order."""
        if id(node) in self.figures:
            return self._figure(node)
        if _is_program(node):
            return [("code", code) for code in programs(node)]
        if not any(id(n) in self.figures or n.tag == "pre" for n in node.walk()):
            return [("markdown", text) for text in self.writer.blocks(node)]
        if is_note(node):
            inside = _gathered([part for child in note_body(node).nodes for part in self.parts(child)])
            title = [("markdown", self.writer.note_title(node))]
            return [
                (kind, quoted(text) if kind == "markdown" else text)
                for kind, text in _gathered([*title, *inside])
            ]
        if node.tag in ("ul", "ol"):
            return [part for mark, item in list_items(node) for part in self._item(mark, item)]
        if node.tag in ("", "div", "section", "figure", "blockquote"):
            return [part for child in in_paragraphs(node) for part in self.parts(child)]
        return [("markdown", text) for text in self.writer.blocks(node)]

    def _item(self, mark: str, item: Node) -> list[Part]:
        """An item of a list with programs in it: its mark stands before its first words."""
        inside = _gathered([part for child in in_paragraphs(item) for part in self.parts(child)])
        first = next((k for k, (kind, _) in enumerate(inside) if kind == "markdown"), None)
        return [(kind, mark + text if k == first else text) for k, (kind, text) in enumerate(inside)]

    def _figure(self, node: Node) -> list[Part]:
        blocks = self.figures[id(node)]
        script = block_script(blocks[0])
        if script is None:  # as an exercise, which is read and not run
            return [("markdown", text) for text in self.writer.blocks(Node("div", {}, node.children))]
        parts: list[Part] = []
        if blocks[0].choice:
            offered: dict[str, list[str]] = {}
            for block in blocks:
                for key, value in block.choice:
                    offered.setdefault(key, [])
                    if value not in offered[key]:
                        offered[key].append(value)
            words = "; ".join(f"{key} {', '.join(values)}" for key, values in offered.items())
            parts.append(("markdown", f"*Other values to try below: {words}.*"))
        parts.append(("code", script.cell(self.taken)))
        if blocks[0].caption:
            parts.append(("markdown", f"*{blocks[0].caption}*"))
        return parts


def programs(pre: Node) -> list[str]:
    r"""The cells of a program: a session is cut behind each line that shows something.

    Examples:
        >>> from symconv.lesson.export.tree import parse
        >>> programs(parse("<pre>>>> a = 1\n>>> a\n1\n>>> a + 1\n2\n</pre>").nodes[0])
        ['a = 1\na', 'a + 1']
    """
    if language(pre) not in SESSION:
        return [pre.text.rstrip()]
    cells, gathered = [], ""
    for example in DocTestParser().get_examples(pre.text):
        gathered += example.source
        if example.want:
            cells.append(gathered.rstrip())
            gathered = ""
    return [*cells, gathered.rstrip()] if gathered else cells


def _is_program(node: Node) -> bool:
    return node.tag == "pre" and language(node) in (*PYTHON, *SESSION)


def _names(body: Node) -> set[str]:
    """The names that the programs of a page give to things."""
    names: set[str] = set()
    for node in body.walk():
        if _is_program(node):
            for code in programs(node):
                names |= names_given(code)
    return names


def _gathered(parts: list[Part]) -> list[Part]:
    """Markdown that follows on Markdown in one cell; a heading begins a new one."""
    gathered: list[Part] = []
    for kind, text in parts:
        if not text.strip():
            continue
        if kind == "markdown" and gathered and gathered[-1][0] == "markdown" and not text.startswith("#"):
            gathered[-1] = (kind, f"{gathered[-1][1]}\n\n{text}")
        else:
            gathered.append((kind, text))
    return gathered


def _cell(kind: str, text: str, name: str, writer: MarkdownWriter) -> dict[str, Any]:
    lines = text.splitlines(keepends=True)
    cell: dict[str, Any] = {"cell_type": kind, "id": name, "metadata": {}, "source": lines}
    if kind == "code":
        return {**cell, "execution_count": None, "outputs": []}
    shown = {n: {"image/svg+xml": p} for n, p in writer.pictures.items() if f"(attachment:{n})" in text}
    return {**cell, "attachments": shown} if shown else cell

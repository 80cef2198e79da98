"""The Python-Markdown extension: a fenced block named ``symconv`` becomes a derived, proved figure.

List it in ``mkdocs.yml`` under ``markdown_extensions`` as ``symconv``. A bad block becomes a visible box
and a warning on MkDocs' own log, which fails a strict build with the page, the line and the sentence, all
bad blocks of a site at once; while serving, the rest of the site stands. For a builder that does not
count warnings, ``strict: true`` makes the first bad block an error.
"""

import logging
from collections.abc import Iterator
from html import escape
from pathlib import Path
from textwrap import dedent
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from pymdownx.superfences import SuperFencesCodeExtension, SuperFencesException

from symconv.errors import BlockError
from symconv.lesson.assets_inline import assets_once
from symconv.lesson.block import Block, read_block
from symconv.lesson.fences import fences, mistaken, words
from symconv.lesson.page_file import page_name, page_path
from symconv.lesson.reloading import fresh
from symconv.lesson.render import render

log = logging.getLogger("mkdocs.symconv")  # below MkDocs' logger, whose warnings a strict build counts


class SymconvExtension(Extension):
    r"""Renders ``symconv`` blocks.

    Stands on pymdownx.superfences, which finds the fences (nested ones too) and leaves those inside
    other code alone; it is loaded if the page's builder did not load it.

    Examples:
        >>> html = Markdown(extensions=["symconv"]).convert("```symconv\ninput: 3x3\nkernel: 2x2\n```")
        >>> "<figure class=" in html, "underbrace" in html
        (True, True)
    """

    def __init__(self, **settings: Any) -> None:
        self.config = {
            "strict": [False, "Make the first bad block an error instead of a box and a warning"],
            "page": ["", "The file of the page, where the builder does not say it"],
        }
        super().__init__(**settings)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        """Register the fence and what finds its line in the page."""
        if not any(isinstance(e, SuperFencesCodeExtension) for e in md.registeredExtensions):
            md.registerExtensions(["pymdownx.superfences"], {})
        fences = next(e for e in md.registeredExtensions if isinstance(e, SuperFencesCodeExtension))
        page = _Page(md, bool(self.getConfig("strict")), str(self.getConfig("page")))
        md.preprocessors.register(page, "symconv_page", 1000)
        page.join(fences)

    @staticmethod
    def blocks(md: Markdown) -> list[list[Block]]:
        """The blocks of the page that was converted last, each with its variants, in their order."""
        page = md.preprocessors["symconv_page"]
        return page.blocks if isinstance(page, _Page) else []


def makeExtension(**settings: Any) -> Extension:  # noqa: N802 (Python-Markdown's name)
    """The extension as Python-Markdown asks for it: by the package's files as they are now."""
    extension: Extension = fresh(f"{__name__}:SymconvExtension")(**settings)
    return extension


class _Page(Preprocessor):
    """Keeps the page's text as it came, so that a bad block can be named by its line."""

    def __init__(self, md: Markdown, strict: bool, path: str) -> None:
        super().__init__(md)
        self.fences: SuperFencesCodeExtension | None = None
        self.strict = strict
        self.path = path
        self.blocks: list[list[Block]] = []
        self.lines: list[str] = []
        self.passed = 0

    def join(self, fences: SuperFencesCodeExtension) -> None:
        """Have our fences found by what finds the others."""
        if fences is not self.fences:
            self.fences = fences
            fences.extend_super_fences("symconv", self.fence, _accept, _forget)

    def run(self, lines: list[str]) -> list[str]:
        """Remember the page's own text: the file's, if there is one, since front matter is cut from ours."""
        path = Path(self.path) if self.path else page_path(self.md)
        self.lines = list(lines) if path is None else path.read_text("utf-8-sig").splitlines()
        self.passed = 0
        self.blocks = []
        blocks = list(self._openings())
        for number, name, closed in blocks:
            if sentence := mistaken(name, closed):
                self._warn(number, sentence)
        renderer = getattr(self.md.preprocessors["fenced_code_block"], "extension", None)
        if isinstance(renderer, SuperFencesCodeExtension):
            self.join(renderer)  # a builder may have added one behind us
        elif any(name == "symconv" for _, name, _ in blocks):
            self._warn(
                None, "blocks are shown as code: list symconv after all other fences in markdown_extensions"
            )
        return lines

    def fence(self, src: str = "", options: dict[str, Any] | None = None, **_: Any) -> str:
        """One block as HTML, or a box that says what is wrong with it."""
        first = self._first_line(src)
        html = self._html(src, options, first)
        return f"{assets_once(self.md, html)}{html}"

    def _html(self, src: str, options: dict[str, Any] | None, first: int | None) -> str:
        try:
            if options:
                names = ", ".join(options)
                raise BlockError(f"the fence has options ({names}): write them as keys inside", -1)
            blocks = read_block(dedent(src))
            html = render(blocks)
        except BlockError as error:
            return self._refused(error, first)
        except Exception as error:
            if self.strict:  # as superfences' own error, since it would swallow any other
                raise SuperFencesException(f"{self._name(first)}: symconv failed: {error!r}") from error
            log.debug("symconv failed", exc_info=True)
            kind = type(error).__name__
            return self._refused(
                BlockError(f"symconv itself failed on this block ({kind}): please report it"), first
            )
        self.blocks.append(blocks)
        return html

    def _refused(self, error: BlockError, first: int | None) -> str:
        line = None if first is None else first + (error.line or 0)
        message = f"{self._name(line)}: {error}"
        if self.strict:
            raise SuperFencesException(message) from error
        log.warning("%s", message)
        return (
            '<div class="admonition failure symconv-error">'
            '<p class="admonition-title">This block cannot be shown</p>'
            f"<p>{escape(message)}</p></div>"
        )

    def _warn(self, line: int | None, sentence: str) -> None:
        log.warning("%s: %s", self._name(line), sentence)

    def _name(self, line: int | None) -> str:
        page = self.path or page_name(self.md)
        return page if line is None else f"{page}:{line + 1}"

    def _first_line(self, body: str) -> int | None:
        """The 0-based line where a block's body begins: blocks come in the order of the page."""
        wanted = list(map(words, body.splitlines()))
        for opening, name, _ in self._openings():
            start = opening + 1
            if name != "symconv" or start <= self.passed:
                continue
            if list(map(words, self.lines[start : start + len(wanted)])) == wanted:
                self.passed = start
                return start
        return None

    def _openings(self) -> Iterator[tuple[int, str, bool]]:
        """Each fence that opens outside another: its line, its language, and whether it is closed."""
        return ((fence.line, fence.name, fence.closed) for fence in fences(self.lines))


def _accept(
    _language: str, inputs: dict[str, Any], options: dict[str, Any], _attrs: Any, _md: Markdown
) -> bool:
    """Take every block of ours, options and all: what is wrong with them is said, not passed over."""
    options.update(inputs)
    return True


def _forget(_md: Markdown) -> None:
    """Nothing outlives a page: ``_Page.run`` begins each anew."""

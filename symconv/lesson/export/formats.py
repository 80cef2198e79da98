"""The formats that a lesson can be exported to."""

from collections.abc import Callable
from pathlib import Path

from symconv.lesson.digest import mark
from symconv.lesson.export.document import Document, read_document
from symconv.lesson.export.figures import Figures, figures_of
from symconv.lesson.export.notebook import notebook
from symconv.lesson.export.standalone import standalone
from symconv.lesson.export.tex import tex

FORMATS: dict[str, Callable[[Document, str, Path | None], str]] = {
    "notebook": lambda document, source, _: _notebook(document, source),
    "tex": lambda document, source, _: tex(document, _figures(document), source),
    "html": standalone,
}


def export(page: Path, to: str, katex: Path | None = None, made: Path | None = None) -> str:
    """A lesson in another format.

    Args:
        page: the lesson's file of Markdown.
        to: one of ``FORMATS``.
        katex: the folder of KaTeX, for HTML; by default the one that the lesson's site has.
        made: the file that it is for, which then says what it was made from, so that it can be told when it
            is out of date.

    Raises:
        RequestError: there is no such page, or KaTeX is missing.
        BlockError: a block of the page is wrong.
    """
    document = read_document(page)
    return FORMATS[to](document, "" if made is None else mark(page, made), katex)


def _notebook(document: Document, source: str) -> str:
    site, figures = document.site, _figures(document)
    return notebook(document.body, figures, base=site.url, title=document.title, source=source)


def _figures(document: Document) -> Figures:
    return figures_of(document.body, document.blocks)

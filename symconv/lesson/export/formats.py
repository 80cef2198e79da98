"""The formats that a lesson can be exported to."""

from collections.abc import Callable
from pathlib import Path

from symconv.lesson.export.document import Document, read_document
from symconv.lesson.export.figures import Figures, figures_of
from symconv.lesson.export.notebook import notebook
from symconv.lesson.export.standalone import standalone
from symconv.lesson.export.tex import tex

FORMATS: dict[str, Callable[[Document, Path | None], str]] = {
    "notebook": lambda document, _: _notebook(document),
    "tex": lambda document, _: tex(document, _figures(document)),
    "html": standalone,
}


def export(page: Path, to: str, katex: Path | None = None) -> str:
    """A lesson in another format.

    Args:
        page: the lesson's file of Markdown.
        to: one of ``FORMATS``.
        katex: the folder of KaTeX, for HTML; by default the one that the lesson's site has.

    Raises:
        RequestError: there is no such page, or KaTeX is missing.
        BlockError: a block of the page is wrong.
    """
    return FORMATS[to](read_document(page), katex)


def _notebook(document: Document) -> str:
    return notebook(document.body, _figures(document), base=document.site.url, title=document.title)


def _figures(document: Document) -> Figures:
    return figures_of(document.body, document.blocks)

"""A Python-Markdown extension: under the heading of a page that computes something, the page as a notebook.

The notebook is in the link itself. So it is there wherever the page is, from a folder as well, and no builder
has to write or find a file.
"""

import json
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor

from symconv.lesson.export.figures import figures_of
from symconv.lesson.export.notebook import computes, notebook
from symconv.lesson.export.tree import parse, without_colours
from symconv.lesson.extension import SymconvExtension
from symconv.lesson.page_file import page_name

WORDS = "Open as notebook"
_KEPT = " !$'()*+,-./:;=?@[]^_`{|}~"  # by a browser, in an address between double quotes


class NotebookLinkExtension(Extension):
    """Puts the link on the pages whose names match ``pages``; needs the extension ``symconv``."""

    def __init__(self, **settings: Any) -> None:
        self.config = {
            "pages": ["*", "Which pages have the link, as in lessons/*"],
            "site_url": ["", "The address that links in the notebook count from"],
        }
        super().__init__(**settings)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        """Register what writes the link, behind everything else."""
        link = _Link(md, str(self.getConfig("pages")), str(self.getConfig("site_url")))
        md.postprocessors.register(link, "symconv_notebook", -1000)


class _Link(Postprocessor):
    """Writes the link behind a page's first heading."""

    def __init__(self, md: Markdown, pages: str, base: str) -> None:
        super().__init__(md)
        self.pages = pages
        self.base = base

    def run(self, text: str) -> str:
        """The page with its link, if it is one that has it."""
        name = page_name(self.md)
        heading, end, rest = text.partition("</h1>")
        if not end or not fnmatch(name, self.pages):
            return text
        body = without_colours(parse(text))
        figures = figures_of(body, SymconvExtension.blocks(self.md))
        if not figures and not computes(body):
            return text
        file = f"{PurePosixPath(name).stem}.ipynb"
        cells = json.loads(notebook(body, figures, base=self.base))
        packed = json.dumps(cells, ensure_ascii=False, separators=(",", ":"))
        address = f"data:application/x-ipynb+json;charset=utf-8,{quote(packed, safe=_KEPT)}"
        link = f'<a download="{file}" href="{address}">{WORDS}</a>'
        return f'{heading}{end}\n<p class="symconv-notebook" data-search-exclude>{link}</p>{rest}'


def makeExtension(**settings: Any) -> NotebookLinkExtension:  # noqa: N802 (Python-Markdown's name)
    """The extension, for those who name this module."""
    return NotebookLinkExtension(**settings)

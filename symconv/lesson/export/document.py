"""A lesson read for export: the HTML that its site makes of it, as a tree, and the blocks of its figures."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from markdown import Markdown
from pymdownx.superfences import SuperFencesException

from symconv.errors import BlockError, RequestError
from symconv.lesson.block import Block
from symconv.lesson.export.site import OURS, Site, site_of
from symconv.lesson.export.tree import Node, parse, without_colours
from symconv.lesson.extension import SymconvExtension

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
# What the site's own settings are overruled in, since another format is written than a page.
_OVERRULED: dict[str, dict[str, Any]] = {
    "pymdownx.arithmatex": {"generic": True},
    "pymdownx.highlight": {"pygments_lang_class": True, "linenums_style": "pymdownx-inline"},
    "toc": {"permalink": False},
}


_REPLACED = (OURS, "symconv.lesson.notebook_link")


@dataclass(frozen=True)
class Document:
    """A lesson.

    Attributes:
        name: of its file, without the ending.
        title: its first heading, or the name of its file.
        description: what its front matter says that it is about.
        html: what it says.
        body: the same as a tree.
        blocks: for each figure of a block, in order, the block's variants.
        site: the settings of the site that it belongs to.
        page: its file.
    """

    name: str
    title: str
    description: str
    html: str
    body: Node
    blocks: tuple[tuple[Block, ...], ...]
    site: Site
    page: Path


def read_document(page: Path) -> Document:
    """Read a lesson with the Markdown extensions of its site.

    Raises:
        RequestError: there is no such page, or an extension of its site is not installed.
        BlockError: a block of the page is wrong; the sentence names page and line.
    """
    if page.suffix != ".md" or not page.is_file():
        raise RequestError(
            f"LESSON={str(page)!r} is no page of Markdown that is there: give one that ends in .md"
        )
    text = page.read_text("utf-8-sig").replace("\r\n", "\n")
    front = _FRONT_MATTER.match(text)
    site = site_of(page)
    extension = SymconvExtension(strict=True, page=str(page))
    names = [
        name for name in dict.fromkeys((*site.extensions, "pymdownx.highlight")) if name not in _REPLACED
    ]
    settings = {name: {**site.settings.get(name, {}), **_OVERRULED.get(name, {})} for name in names}
    try:
        md = Markdown(extensions=[*names, extension], extension_configs=settings)
        html = md.convert(text[front.end() :] if front else text)
    except SuperFencesException as error:
        raise BlockError(str(error)) from error
    except ImportError as error:
        raise RequestError(
            f"{error.name} is an extension of the site and is not installed: install it"
        ) from error
    body = without_colours(parse(html))
    heading = body.first("h1")
    meta = _mapping(front[1]) if front else {}
    title = str(meta.get("title") or (heading.text if heading else page.stem))
    return Document(
        page.stem,
        title,
        str(meta.get("description", "")),
        html,
        body,
        tuple(map(tuple, extension.blocks(md))),
        site,
        page,
    )


def _mapping(text: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}

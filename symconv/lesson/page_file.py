"""Which file a page is made from, as far as the builder of the site tells its Markdown extensions."""

from pathlib import Path
from typing import Any

from markdown import Markdown


def page_name(md: Markdown) -> str:
    """The page as its author knows it, such as ``lessons/mine.md``; "page" where nobody says.

    Examples:
        >>> page_name(Markdown())
        'page'
    """
    file = _mkdocs(md)
    if file is not None:
        return str(file.src_uri)
    return str(getattr(_zensical(md), "path", "") or "page")


def page_path(md: Markdown) -> Path | None:
    """Where the page's text is, if that is a file."""
    file = _mkdocs(md)
    path = Path(file.abs_src_path) if file is not None and file.abs_src_path else None
    return path if path is not None and path.is_file() else None


def _mkdocs(md: Markdown) -> Any:
    """The file being rendered, which MkDocs tells the tree processors it adds."""
    return next((p.file for p in md.treeprocessors if hasattr(p, "file")), None)


def _zensical(md: Markdown) -> Any:
    """The page being rendered, which Zensical tells a preprocessor it adds."""
    ours = (p for p in md.preprocessors if type(p).__module__.startswith("zensical."))
    return next((getattr(p, "page", None) for p in ours), None)

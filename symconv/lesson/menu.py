"""Where a page goes in the menu of its site."""

import re
from pathlib import Path

SETTINGS = ("mkdocs.yml", "mkdocs.yaml")


def menu_line(page: Path, title: str) -> str:
    """What to add to ``nav`` to have a page in the menu; empty if the site makes its menu by itself.

    Args:
        page: where the page is.
        title: its heading.
    """
    for folder in page.resolve().parents:
        for name in SETTINGS:
            if (folder / name).is_file():
                return _line(folder / name, page.resolve(), title)
    return ""


def _line(settings: Path, page: Path, title: str) -> str:
    """The line for the site of some settings, which are not read as YAML: they may hold tags of a builder."""
    text = settings.read_text("utf-8-sig")
    if not re.search(r"^nav:", text, re.MULTILINE):
        return ""
    named = re.search(r"^docs_dir:\s*['\"]?([^'\"#\n]+)", text, re.MULTILINE)
    docs = settings.parent / (named[1].strip() if named else "docs")
    if not page.is_relative_to(docs.resolve()):
        return ""
    quoted = "'" + title.replace("'", "''") + "'" if re.search(r"[:#\[\]{}'\"]", title) else title
    return f"  - {quoted}: {page.relative_to(docs.resolve()).as_posix()}"

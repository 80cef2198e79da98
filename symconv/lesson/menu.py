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
    settings = _settings(page)
    return "" if settings is None else _line(settings, page.resolve(), title)


def how_to_see(page: Path) -> str:
    """What serves the site that a page is in: this project's own command, or MkDocs.

    Args:
        page: where the page is.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     how_to_see(Path(folder, "docs", "mine.md"))
        'mkdocs serve'
    """
    settings = _settings(page)
    ours = settings is not None and (settings.parent / "scripts" / "site.py").is_file()
    return "python3 scripts/site.py" if ours else "mkdocs serve"


def _settings(page: Path) -> Path | None:
    """The settings of the site that a page is in; None if it is in none yet."""
    found = (folder / name for folder in page.resolve().parents for name in SETTINGS)
    return next((settings for settings in found if settings.is_file()), None)


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

"""What the site around a lesson says about its pages: the Markdown of them, their styles and scripts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from symconv.errors import RequestError

NAMES = ("mkdocs.yml", "mkdocs.yaml")
USUAL = (
    "admonition",
    "attr_list",
    "footnotes",
    "md_in_html",
    "tables",
    "pymdownx.arithmatex",
    "pymdownx.details",
    "pymdownx.superfences",
)
OURS = "symconv"
_PATHS = (("pymdownx.snippets", "base_path"), ("symconv.lesson.verdicts", "examples"))


@dataclass(frozen=True)
class Site:
    """The settings of a site.

    Attributes:
        folder: where they are; that of the page if there are none.
        docs: the folder of the pages.
        url: where the site is read; empty if it does not say.
        extensions: the names of its Markdown extensions.
        settings: of those extensions that have any.
        styles: its own style sheets, as far as they are files.
        scripts: its own scripts, likewise.
    """

    folder: Path
    docs: Path
    url: str
    extensions: tuple[str, ...]
    settings: dict[str, dict[str, Any]]
    styles: tuple[Path, ...] = ()
    scripts: tuple[Path, ...] = ()


def site_of(page: Path) -> Site:
    """The settings of the site that a page belongs to: of the nearest ``mkdocs.yml`` above it.

    Raises:
        RequestError: that file is not YAML.
    """
    for folder in page.resolve().parents:
        for name in NAMES:
            if (folder / name).is_file():
                return _read(folder / name)
    folder = page.resolve().parent
    return Site(folder, folder, "", (*USUAL, OURS), {})


def _read(path: Path) -> Site:
    try:
        written = yaml.load(path.read_text("utf-8-sig"), Loader=_Loader) or {}  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        raise RequestError(
            f"{path} is not YAML: mend it, or move the page to where no {path.name} is above it"
        ) from error
    folder, settings = path.parent, {}
    docs = folder / str(written.get("docs_dir", "docs"))
    names = []
    for item in written.get("markdown_extensions") or []:
        name, given = next(iter(item.items())) if isinstance(item, dict) else (item, None)
        names.append(str(name))
        settings[str(name)] = {key: value for key, value in (given or {}).items() if value is not None}
    for name, key in _PATHS:
        paths = settings.get(name, {}).get(key)
        if paths is not None:  # it counts from the folder in which the site is built
            settings[name][key] = _absolute(paths, folder)
    files = {
        key: tuple(docs / str(name) for name in written.get(key) or [] if (docs / str(name)).is_file())
        for key in ("extra_css", "extra_javascript")
    }
    return Site(
        folder,
        docs,
        str(written.get("site_url") or ""),
        tuple(names),
        settings,
        files["extra_css"],
        files["extra_javascript"],
    )


def _absolute(paths: Any, folder: Path) -> Any:
    return [str(folder / str(p)) for p in paths] if isinstance(paths, list) else str(folder / str(paths))


class _Loader(yaml.SafeLoader):
    """Reads a site's settings, in which some values have tags that only the site's builder understands."""


_Loader.add_multi_constructor("", lambda *_: None)

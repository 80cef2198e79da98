"""A MkDocs hook: where a page has ``<!-- verdict: rotated.py::conv -->``, what ``check`` finds out about it.

A marker names a function or class of a file in ``docs/examples``, after ``as`` one of ``check``'s adapters
and after ``at`` a geometry that the file has; nothing of a page is evaluated. ``<!-- mistakes -->`` is the
list of mistakes that a check can name.
"""

import re
import runpy
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

from symconv.checking.adapters import ADAPTERS
from symconv.checking.check import check
from symconv.geometry import Geometry
from symconv.mistakes.family import mistakes

EXAMPLES = Path(__file__).resolve().parents[1] / "docs" / "examples"
SEED = 1  # so that every build says the same
_MARKER = re.compile(r"^<!-- (verdict|mistakes)(?:: *(.*?))? -->$", re.MULTILINE)
_SUBJECT = re.compile(r"(?P<file>\w+\.py)::(?P<name>\w+)(?: as (?P<adapter>[\w-]+))?(?: at (?P<layer>\w+))?")
# The family depends on the layer a little: a mistake with groups needs groups.
_LAYER = Geometry((6, 9), (2, 3), 4, 4, 2, stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2)


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The page with its markers replaced."""

    def made(marker: re.Match[str]) -> str:
        try:
            return verdict(marker[2] or "") if marker[1] == "verdict" else known_mistakes()
        except ValueError as error:
            raise PluginError(f"{page.file.src_uri}: {marker[0]}: {error}") from error

    return _MARKER.sub(made, markdown)


@cache
def verdict(subject: str) -> str:
    """The verdict on what a marker names, as HTML.

    Raises:
        ValueError: it names nothing that is there.
    """
    named = _SUBJECT.fullmatch(subject)
    if named is None:
        raise ValueError("write it as file.py::name, file.py::name as adapter, or file.py::name at layer")
    path = EXAMPLES / named["file"]
    if not path.is_file():
        raise ValueError(f"there is no docs/examples/{named['file']}")
    module = runpy.run_path(str(path), run_name=path.stem)
    missing = [name for name in (named["name"], named["layer"]) if name and name not in module]
    if missing:
        raise ValueError(f"there is no {missing[0]} in docs/examples/{named['file']}")
    if named["adapter"] and named["adapter"] not in ADAPTERS:
        raise ValueError(f"there is no adapter {named['adapter']}")
    function = module[named["name"]]
    layer = module[named["layer"]] if named["layer"] else None
    found = check((function, named["adapter"]) if named["adapter"] else function, layer, seed=SEED)
    return f"<div data-search-exclude>{found._repr_html_()}</div>"


@cache
def known_mistakes() -> str:
    """The mistakes that a check can name, as a list in HTML."""
    names = dict.fromkeys(mistake.name for mistake in mistakes(_LAYER))
    items = "".join(f"<li>{escape(name)}</li>" for name in names)
    return f'<ul class="symconv-mistakes" data-search-exclude>{items}</ul>'

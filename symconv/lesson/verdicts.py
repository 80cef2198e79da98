"""A Python-Markdown extension: in place of ``<!-- verdict: rotated.py::conv -->``, what ``check`` says of it.

A marker names a function or class of a file in the folder ``examples``, which is run; after ``as`` one of
``check``'s adapters and after ``at`` a geometry that the file has. Nothing of a page is evaluated.
``<!-- mistakes -->`` is the list of mistakes that a check can name.
"""

import logging
import re
import runpy
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from symconv.checking.adapters import ADAPTERS
from symconv.checking.check import check
from symconv.geometry import Geometry
from symconv.lesson.assets_inline import assets_once
from symconv.lesson.page_file import page_name
from symconv.mistakes.family import mistakes

log = logging.getLogger("mkdocs.symconv")  # below MkDocs' logger, whose warnings a strict build counts

SEED = 1  # so that every build says the same
_MARKER = re.compile(r"^<!-- (verdict|mistakes)(?:: *(.*?))? -->$", re.MULTILINE)
_SUBJECT = re.compile(r"(?P<file>\w+\.py)::(?P<name>\w+)(?: as (?P<adapter>[\w-]+))?(?: at (?P<layer>\w+))?")
# The family depends on the layer a little: a mistake with groups needs groups.
_LAYER = Geometry((6, 9), (2, 3), 4, 4, 2, stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2)


class VerdictsExtension(Extension):
    """Renders the markers; ``examples`` names the folder whose files are run."""

    def __init__(self, **settings: Any) -> None:
        self.config = {"examples": ["docs/examples", "The folder of the files that are judged, and run"]}
        super().__init__(**settings)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        """Register what replaces the markers, behind the fences, in which they are code."""
        markers = _Markers(md, Path(str(self.getConfig("examples"))))
        md.preprocessors.register(markers, "symconv_verdicts", 22)


class _Markers(Preprocessor):
    """Replaces the markers of a page."""

    def __init__(self, md: Markdown, examples: Path) -> None:
        super().__init__(md)
        self.examples = examples

    def run(self, lines: list[str]) -> list[str]:
        """The page's lines, each marker as the HTML that it stands for."""
        return _MARKER.sub(self._made, "\n".join(lines)).split("\n")

    def _made(self, marker: re.Match[str]) -> str:
        try:
            html = verdict(self.examples, marker[2] or "") if marker[1] == "verdict" else known_mistakes()
        except ValueError as error:
            message = f"{page_name(self.md)}: {marker[0]}: {error}"
            log.warning("%s", message)
            html = f'<div class="admonition failure symconv-error"><p>{escape(message)}</p></div>'
        return f"\n\n{self.md.htmlStash.store(assets_once(self.md, html) + html)}\n\n"


@cache
def verdict(examples: Path, subject: str) -> str:
    """The verdict on what a marker names, as HTML.

    Args:
        examples: the folder of the files.
        subject: what the marker says.

    Raises:
        ValueError: it names nothing that is there.
    """
    named = _SUBJECT.fullmatch(subject)
    if named is None:
        raise ValueError("write it as file.py::name, file.py::name as adapter, or file.py::name at layer")
    path = examples / named["file"]
    if not path.is_file():
        raise ValueError(f"there is no {path.as_posix()}")
    module = runpy.run_path(str(path), run_name=path.stem)
    missing = [name for name in (named["name"], named["layer"]) if name and name not in module]
    if missing:
        raise ValueError(f"there is no {missing[0]} in {path.as_posix()}")
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
    return (
        f'<details class="note" data-search-exclude><summary>All {len(names)}</summary>'
        f'<ul class="symconv-mistakes">{items}</ul></details>'
    )


def makeExtension(**settings: Any) -> VerdictsExtension:  # noqa: N802 (Python-Markdown's name)
    """The extension, for those who name this module."""
    return VerdictsExtension(**settings)

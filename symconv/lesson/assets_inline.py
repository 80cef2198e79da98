"""The styles and scripts of blocks, put into the page itself: any site that shows a block has what it needs.

Inline, so that nothing has to be copied or fetched, and a page opens from a folder as well. A page gets
those of the kinds of block that it has, each once.
"""

import re
from functools import cache
from pathlib import Path

from markdown import Markdown

# What stands in the HTML of a block that needs the files of a folder of ``assets``.
_KINDS = {"block": "symconv", "exercise": "symconv-exercise", "figure": "<symconv-figure"}
_COMMENTS = {
    ".css": re.compile(r"/\*.*?\*/", re.DOTALL),
    ".js": re.compile(r"^\s*(?://[^\n]*|/\*\*.*?\*/)$", re.DOTALL | re.MULTILINE),
}


def assets(html: str) -> str:
    """What some blocks need in the browser, to stand before the first of them.

    The scripts are modules, which a browser runs in their order when the whole page is read.

    Examples:
        >>> assets("<p>No block.</p>"), assets('<figure class="symconv"></figure>')[:28]
        ('', '<style data-symconv="block">')
    """
    return "".join(_of_kind(kind) for kind, sign in _KINDS.items() if sign in html)


def assets_once(md: Markdown, html: str) -> str:
    """What a block needs that no other block of the page has brought.

    Examples:
        >>> md, block = Markdown(), '<figure class="symconv"></figure>'
        >>> md.htmlStash.store(assets_once(md, block)) != "", assets_once(md, block)
        (True, '')
    """
    brought = "".join(map(str, md.htmlStash.rawHtmlBlocks))
    needed = (_of_kind(kind) for kind, sign in _KINDS.items() if sign in html)
    return "".join(piece for piece in needed if piece not in brought)


@cache
def _of_kind(kind: str) -> str:
    """The files of a folder, in the order of their names."""
    folder = Path(__file__).with_name("assets") / kind
    style = "".join(_texts(folder, ".css"))
    script = ";\n".join(_texts(folder, ".js"))  # lest one that begins with a parenthesis call the last one
    return "".join(
        f'<{tag} data-symconv="{kind}">\n{text}</{tag.split()[0]}>\n'
        for tag, text in (("style", style), ('script type="module"', script))
    )


def _texts(folder: Path, suffix: str) -> list[str]:
    """The files of one kind without their comments and indents, which are for who reads the files."""
    files = sorted(folder.glob(f"*{suffix}"))
    bare = (_COMMENTS[suffix].sub("", file.read_text("utf-8")) for file in files)
    return ["".join(f"{line.strip()}\n" for line in text.splitlines() if line.strip()) for text in bare]

"""The styles and scripts of blocks, put into the page itself: any site that shows a block has what it needs.

Inline, so that nothing has to be copied or fetched, and a page opens from a folder as well.
"""

from functools import cache
from pathlib import Path

from markdown import Markdown


@cache
def assets() -> str:
    """What a page needs in the browser, once: to stand before its first block.

    The scripts are a module, which a browser runs when the whole page is read, wherever it stands.

    Examples:
        >>> html = assets()
        >>> html.startswith("<style>"), html.endswith("</script>")
        (True, True)
    """
    style = "".join(_texts(".css"))
    script = "\n;\n".join(_texts(".js"))  # lest one that begins with a parenthesis call what the last one is
    return f'<style>\n{style}</style>\n<script type="module">\n{script}</script>'


def assets_once(md: Markdown) -> str:
    """What the page needs, unless something on it brought that already.

    Examples:
        >>> md = Markdown()
        >>> md.htmlStash.store(assets_once(md)) != "", assets_once(md)
        (True, '')
    """
    brought = any(str(html).startswith(assets()) for html in md.htmlStash.rawHtmlBlocks)
    return "" if brought else assets()


def _texts(suffix: str) -> list[str]:
    """All files of one kind, in the order of their names."""
    found = Path(__file__).with_name("assets").glob(f"*{suffix}")
    return [f.read_text("utf-8") for f in sorted(found)]

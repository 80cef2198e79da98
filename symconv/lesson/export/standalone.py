"""A lesson as one file of HTML with everything in it: it opens from a folder, and asks no other host."""

import re
from base64 import b64encode
from html import escape
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import unquote, urljoin

from symconv.errors import RequestError
from symconv.lesson.export.document import Document
from symconv.lesson.export.site import Site

FILES = ("katex.min.css", "katex.min.js")
_ASSETS = Path(__file__).with_name("assets")
_ADDRESS = re.compile(r'(?P<before><(?:a|img)\b[^>]*?\b(?P<name>href|src)=")(?P<address>[^"]*)"')
_URL = re.compile(r"url\((?P<quote>['\"]?)(?P<path>[^)'\"]+)(?P=quote)\)")
_SOURCE = re.compile(r"src:[^;}]*")


def standalone(document: Document, source: str = "", katex: Path | None = None) -> str:
    """The lesson as one file.

    Args:
        document: the lesson.
        source: the mark of the file that it is made from.
        katex: the folder of KaTeX, with its fonts; by default the one that the lesson's site has.

    Raises:
        RequestError: KaTeX is not there, and the lesson has formulas.
    """
    body = _ADDRESS.sub(lambda found: _address(found, document), document.html)
    style, script = ("", "")
    if 'class="arithmatex"' in body:
        folder = katex or _katex_of(document.site)
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise RequestError(
                f"katex={str(folder)!r} has no {missing[0]}, which sets the formulas: give its folder, "
                "such as node_modules/katex/dist after npm install katex"
            )
        style = _with_fonts(folder / FILES[0])
        script = (folder / FILES[1]).read_text("utf-8") + (_ASSETS / "set.js").read_text("utf-8")
    meta = (
        f'<meta name="description" content="{escape(document.description)}">' if document.description else ""
    )
    site = (
        f'<footer><p>From <a href="{escape(document.site.url)}">{escape(document.site.url)}</a>.</p></footer>'
    )
    comment = f"<!-- {source} -->\n" if source else ""
    return (
        f'<!doctype html>\n{comment}<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'{meta}<title>{escape(document.title)}</title>\n<link rel="icon" href="data:,">\n'
        f"<style>\n{style}\n{(_ASSETS / 'page.css').read_text('utf-8')}</style>\n</head>\n<body>\n"
        f"<main><article>\n{body}\n</article></main>\n{site if document.site.url else ''}"
        f"<script>\n{_in_html(script)}\n</script>\n</body>\n</html>\n"
    )


def _katex_of(site: Site) -> Path:
    """The folder of the KaTeX that a site has, if it is one of its files."""
    found = (path.parent for path in (*site.styles, *site.scripts) if path.name in FILES)
    return next(found, site.folder / "node_modules" / "katex" / "dist")


def _with_fonts(style: Path) -> str:
    """A style sheet with its fonts in it, of each the one kind that every browser reads."""

    def only_woff2(source: re.Match[str]) -> str:
        fonts = [found["path"] for found in _URL.finditer(source[0]) if found["path"].endswith(".woff2")]
        if not fonts:
            return source[0]
        data = b64encode((style.parent / fonts[0]).read_bytes()).decode()
        return f'src:url(data:font/woff2;base64,{data}) format("woff2")'

    return _SOURCE.sub(only_woff2, style.read_text("utf-8"))


def _address(found: re.Match[str], document: Document) -> str:
    """A link or picture that means something without the site: pictures are put in, pages are linked to."""
    address = found["address"]
    if re.match(r"[a-z][a-z0-9+.-]*:|#", address):
        return found[0]
    if found["name"] == "src":
        path = document.page.parent / unquote(address)
        if path.is_file():
            kind = guess_type(path.name)[0] or "application/octet-stream"
            return f'{found["before"]}data:{kind};base64,{b64encode(path.read_bytes()).decode()}"'
    page = re.sub(r"\.md(?=#|$)", ".html", address)
    whole = urljoin(document.site.url, page) if document.site.url else ""
    if whole:
        return f'{found["before"]}{whole}"'
    return re.sub(r"\b(href|src)=\"$", "", found["before"])


def _in_html(script: str) -> str:
    """A script that cannot end the element it stands in."""
    return script.replace("</script", "<\\/script")

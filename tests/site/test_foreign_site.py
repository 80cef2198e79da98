"""A site that is not ours gains the block: with each theme and each printer of mathematics, and with none."""

import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from markdown import Markdown

from tests.site.conftest import KATEX, ROOT, mkdocs

PAGE = """# A page of ours

Words before, with a formula: \\\\(y = P W\\\\).

```symconv
input: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
kernel: [[9, 8], [7, 6]]
padding: [[1, 0], [0, 1]]
show: [input, kernel, windows, product, sizes, proof]
caption: Drawn by symconv.
```

```symconv
kernel: 2x2
choose:
  input: [3x3, 4x5]
show: [patches, weights, formula]
```

```symconv
input: 9x9
kernel: 3x3
show: [patches]
```

```symconv
form: winograd
outputs: [2, 4]
taps: 3
show: [counts, proof]
```

```symconv
theorem: flip
axes: 1
show: [statement, derivation, twin]
```

Words after.
"""

KATEX_LINES = """
extra_css: [katex/katex.min.css]
extra_javascript: [katex/katex.min.js]
"""
MATHJAX_LINES = """
extra_javascript: [mathjax.js, mathjax/tex-svg.js]
"""
MATHJAX_SETTINGS = """window.MathJax = {
  options: {menuOptions: {settings: {enrich: false, speech: false, braille: false}}},
}
"""
SETTINGS = """
site_name: Somebody's course
theme: {theme}
markdown_extensions:
  - symconv
{lines}
"""
# What each theme fetches from elsewhere unless it is told not to is the theme's own.
THEMES = {
    "mkdocs": "{name: mkdocs, highlightjs: false}",
    "readthedocs": "{name: readthedocs, highlightjs: false}",
    "material": "{name: material, font: false}",
}


def katex_in(docs):
    """Lay KaTeX into a site, as its page tells people to."""
    (docs / "katex").mkdir()
    shutil.copytree(KATEX.parent / "fonts", docs / "katex" / "fonts")
    for name in ("katex.min.css", "katex.min.js"):
        shutil.copy(KATEX.parent / name, docs / "katex")


def mathjax_in(docs):
    """Lay MathJax into a site, likewise."""
    (docs / "mathjax").mkdir()
    shutil.copy(ROOT / "node_modules" / "mathjax" / "tex-svg.js", docs / "mathjax")
    (docs / "mathjax.js").write_text(MATHJAX_SETTINGS, "utf-8")


PRINTERS = {
    "katex": (KATEX_LINES, katex_in, ".katex"),
    "mathjax": (MATHJAX_LINES, mathjax_in, "mjx-container"),
}


def site(folder, theme, printer):
    """A new site, as small as one can be."""
    lines, lay, _ = PRINTERS[printer]
    docs = folder / "docs"
    docs.mkdir()
    lay(docs)
    docs.joinpath("index.md").write_text(PAGE, "utf-8")
    (folder / "mkdocs.yml").write_text(SETTINGS.format(theme=THEMES[theme], lines=lines), "utf-8")
    return folder


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing of each request."""


@pytest.fixture
def served():
    """Serves folders on the loopback until the test is over."""
    servers = []

    def serve(folder):
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


def open_page(browser, address, width=1280, scheme="light"):
    """A page, and what went wrong on it: what it said, and what it asked of other hosts."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    wrong = []
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.on(
        "request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else wrong.append(r.url)
    )
    page.goto(address)
    return page, wrong


def assert_drawn(page, setter):
    """The figures of the page are styled, and their formulas set."""
    page.locator(f".symconv {setter}").first.wait_for(timeout=20_000)
    page.wait_for_function(
        "(s) => [...document.querySelectorAll('.symconv .arithmatex')].every((e) => e.querySelector(s))",
        arg=setter,
    )
    figures = page.locator("figure.symconv")
    assert figures.count() == 5
    assert page.locator(".katex-error, mjx-merror, [data-mjx-error]").count() == 0
    style = "(e, name) => getComputedStyle(e)[name]"
    window = page.locator(".symconv-windows > li").first
    assert window.evaluate(style, "borderTopStyle") == "solid"
    assert page.locator(".symconv-windows").first.evaluate(style, "display") == "grid"
    padding = page.locator("td.symconv-padding").first
    assert padding.evaluate(style, "borderTopStyle") == "dashed"
    marked = page.locator("td.symconv-marked").first
    assert marked.evaluate(style, "backgroundColor") != page.locator("body").evaluate(
        style, "backgroundColor"
    )
    assert page.locator(".symconv-proof").first.evaluate(style, "borderLeftWidth") != "0px"
    text = float(page.locator("p", has_text="Words before").evaluate(style, "fontSize").removesuffix("px"))
    for part, least in (
        (".symconv-label", 0.7),
        ("figure.symconv figcaption", 0.8),
        ("td.symconv-marked", 0.8),
    ):
        size = float(page.locator(part).first.evaluate(style, "fontSize").removesuffix("px"))
        assert least * text <= size <= 1.05 * text, (part, size, text)
    assert page.locator(".symconv-chosen:visible").count() == 0
    assert figures.nth(1).locator(".symconv-variant:visible").count() == 1
    figures.nth(1).locator("select").select_option("4×5")
    assert "12×4" in figures.nth(1).inner_text()
    source = folded(figures.nth(0), "Python")
    source.locator("summary").click()
    assert source.locator("code").is_visible()
    assert source.locator("code").inner_text().startswith("import symconv as sc\n")


def folded(figure, name):
    """The LaTeX or the Python of a figure."""
    head = figure.page.locator("summary", has_text=re.compile(f"^{name}$"))
    return figure.locator("details.symconv-source").filter(has=head)


def sideways(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("printer", PRINTERS)
@pytest.mark.parametrize("theme", THEMES)
def test_a_site_of_three_lines_shows_the_block(tmp_path, browser, served, theme, printer):
    if printer == "mathjax" and not (ROOT / "node_modules" / "mathjax").is_dir():
        pytest.skip("needs MathJax, which python3 scripts/test.py fetches")
    folder = site(tmp_path, theme, printer)
    built = mkdocs("build", "--strict", cwd=folder)
    assert built.returncode == 0, built.stderr
    address = served(folder / "site")
    for width, scheme in ((1280, "light"), (390, "dark")):
        page, wrong = open_page(browser, address, width, scheme)
        assert_drawn(page, PRINTERS[printer][2])
        assert sideways(page) <= 0, (width, theme)
        assert wrong == []
        page.context.close()


def test_where_the_theme_has_no_copy_button_ours_copies(tmp_path, browser, served):
    folder = site(tmp_path, "mkdocs", "katex")
    assert mkdocs("build", "--strict", cwd=folder).returncode == 0
    page, _ = open_page(browser, served(folder / "site"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for name in ("LaTeX", "Python"):
        source = folded(page.locator("figure.symconv").first, name)
        source.locator("summary").click()
        source.get_by_role("button", name="Copy").click()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == source.locator("code").text_content()
    page.context.close()


def test_python_markdown_alone_shows_the_block(tmp_path, browser):
    html = Markdown(extensions=["symconv"]).convert(PAGE)
    katex_in(tmp_path)
    head = '<meta charset="utf-8"><link rel="icon" href="data:,">'
    head += '<link rel="stylesheet" href="katex/katex.min.css">'
    script = '<script src="katex/katex.min.js"></script>'
    (tmp_path / "page.html").write_text(
        f"<!doctype html><head>{head}</head><body>{html}{script}</body>", "utf-8"
    )
    context = browser.new_context()
    page = context.new_page()
    wrong = []
    page.on("console", lambda m: wrong.append(m.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((tmp_path / "page.html").as_uri())
    assert_drawn(page, ".katex")
    assert wrong == []
    context.close()


def test_zensical_builds_the_same_settings(tmp_path, browser, served):
    pytest.importorskip("zensical")
    folder = site(tmp_path, "material", "katex")
    built = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--clean"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    page, wrong = open_page(browser, served(folder / "site"))
    assert_drawn(page, ".katex")
    assert wrong == []
    page.context.close()

"""Each page of the site in a real Chromium, whatever it is about: it reads well, for all, at any width."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from tests.site.conftest import ROOT

pytestmark = pytest.mark.browser

DOCS = ROOT / "docs"
INCLUDED = DOCS / "measured"  # parts of pages, not pages
PAGES = sorted(
    path.relative_to(DOCS).with_suffix(".html").as_posix()
    for path in DOCS.rglob("*.md")
    if INCLUDED not in path.parents
)
WIDTHS = (390, 768, 1280)
SCHEMES = {"light": "default", "dark": "slate"}
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


def test_there_are_pages():
    assert "index.html" in PAGES
    assert len(PAGES) > 12


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_reads_well(visit, path, scheme):
    page = visit(path, 1280, scheme)
    assert page.evaluate("document.body.getAttribute('data-md-color-scheme')") == SCHEMES[scheme]
    assert page.locator(".katex-error").count() == 0
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(f"document.documentElement.scrollWidth <= {width}", timeout=3000)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_everybody(visit, path, scheme):
    page = visit(path, 1280, scheme)
    page.evaluate("document.querySelectorAll('article details').forEach((d) => { d.open = true })")
    page.wait_for_timeout(200)  # what just came into view finds out whether it scrolls
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        """async () => {
             const { violations } = await axe.run("article", { resultTypes: ["violations"] })
             return violations.flatMap((v) =>
               v.nodes.map((n) => [v.id, n.html.slice(0, 160), n.failureSummary]))
           }"""
    )
    assert found == []


class _Links(HTMLParser):
    """Where a page leads to, and where in it one can be led."""

    def __init__(self):
        super().__init__()
        self.links, self.anchors = [], set()

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])


def test_every_link_leads_somewhere(built_site):
    read = {}
    for page in sorted(built_site.rglob("*.html")):
        read[page.relative_to(built_site).as_posix()] = links = _Links()
        links.feed(page.read_text("utf-8"))
    missing, followed = [], 0
    for path, page in read.items():
        for link in page.links:
            parts = urlsplit(urljoin(f"http://site/{path}", link))
            if parts.netloc != "site":
                assert parts.scheme in ("https", "http", "mailto", "data"), (path, link)
                continue
            followed += 1
            target, anchor = unquote(parts.path).lstrip("/"), unquote(parts.fragment)
            if target in read:
                if anchor and anchor not in read[target].anchors and not anchor.startswith("symconv-"):
                    missing.append((path, link))
            elif not (built_site / target).is_file() and not (built_site / target / "index.html").is_file():
                missing.append((path, link))
    assert missing == []
    assert followed > 300


def test_every_page_says_what_it_is_about(built_site):
    described = {}
    for path in PAGES:
        text = (built_site / path).read_text("utf-8")
        found = re.search(r'<meta name="description" content="([^"]{20,})"', text)
        assert found, path
        described.setdefault(found[1], []).append(path)
    assert all(len(paths) == 1 for paths in described.values()), described

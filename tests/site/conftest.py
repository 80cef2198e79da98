"""The built site, KaTeX, and a browser: what the tests of this folder stand on."""

import os
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from py_mini_racer import MiniRacer

ROOT = Path(__file__).resolve().parents[2]
KATEX = ROOT / "docs" / "assets" / "katex" / "katex.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ALL_SET = "!document.querySelector('.arithmatex:not(:has(.katex)), .symconv-set-ahead')"
NO_SETUP = "KaTeX is not here yet: run the tests with python3 scripts/test.py, which fetches it"


def without_assets(html):
    """A page without the styles and scripts that blocks bring: they name what they are about."""
    return re.sub(r"<(style|script)[^>]* data-symconv=.*?</\1>\n?", "", html, flags=re.DOTALL)


def mkdocs(*words, cwd=ROOT):
    """Run MkDocs in a process of its own, as the site script does."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", *words],
        cwd=cwd,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)},  # this very package
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def katex():
    """The real KaTeX as a function that sets LaTeX in display mode, or raises."""
    if not KATEX.exists():
        pytest.fail(NO_SETUP)
    racer = MiniRacer()
    racer.eval(KATEX.read_text("utf-8"))
    options = {"displayMode": True, "throwOnError": True, "strict": "error"}
    yield lambda source: racer.call("katex.renderToString", source, options)
    racer.close()


@pytest.fixture(scope="session")
def built_site(tmp_path_factory):
    """The folder of the site, built strictly."""
    if not KATEX.exists():
        pytest.fail(NO_SETUP)
    folder = tmp_path_factory.mktemp("built") / "site"
    built = mkdocs("build", "--strict", "--site-dir", str(folder))
    assert built.returncode == 0, built.stderr
    return folder


@pytest.fixture
def project(tmp_path):
    """A site of one page with the settings of ours, into which a test may write pages."""
    for folder in ("assets", "examples", "measured"):
        shutil.copytree(ROOT / "docs" / folder, tmp_path / "docs" / folder)
    (tmp_path / "docs" / "index.md").write_text("# Start\n", "utf-8")
    settings = (ROOT / "mkdocs.yml").read_text("utf-8")
    (tmp_path / "mkdocs.yml").write_text(re.sub(r"^nav:\n(?:[ ].*\n)+", "", settings, flags=re.M), "utf-8")
    (tmp_path / "symconv").symlink_to(ROOT / "symconv")  # which the settings watch
    return tmp_path


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing of each request."""


@pytest.fixture(scope="session")
def address(built_site):
    """Where the built site is served, on the loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(built_site)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def browser():
    path = os.environ.get("SYMCONV_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI must run the browser tests, and there is no Chromium")
        pytest.skip("no Chromium: python3 scripts/test.py says how to get one")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser, address):
    """Open a page of the site, and at the end complain of anything a reader should not meet.

    Of the console, of another host that is asked, of what is missing: any of it fails the test.
    """
    contexts, complaints = [], []

    def open_page(path, width=1280, scheme="light", **settings):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **settings
        )
        contexts.append(context)
        page = context.new_page()

        def route(request):
            if request.request.url.startswith((address, "data:", "blob:")):
                request.continue_()
            else:
                complaints.append(f"asked another host: {request.request.url}")
                request.abort()

        page.route("**/*", route)
        page.on(
            "console", lambda m: m.type in ("error", "warning") and complaints.append(f"console: {m.text}")
        )
        page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
        page.on("response", lambda r: r.status >= 400 and complaints.append(f"{r.status}: {r.url}"))
        page.goto(f"{address}/{path}")
        page.wait_for_load_state("networkidle")
        if settings.get("java_script_enabled", True):
            page.wait_for_function(ALL_SET)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []

"""The site: how long it takes to build, what its pages weigh, and how long until one is rendered."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

from browser import find_browser
from playwright.sync_api import Browser, Response, sync_playwright

from measuring.timing import Row

ROOT = Path(__file__).resolve().parents[2]
TABLES = 50  # of a page that is made for this
ROUNDS = 3
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
SET = "() => !document.querySelector('.arithmatex:not(:has(.katex))')"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing of each request."""


def pages(_threads: int) -> list[Row]:
    """Every page's weight, and the time until its mathematics is set, its browser's cache empty."""
    with _project() as project:
        _build(project)
        site = project / "site"
        with _browser() as browser, _served(site) as address:
            found = sorted(
                p.relative_to(site).as_posix() for p in site.rglob("*.html") if p.name != "404.html"
            )
            return [{"page": path, **_visit(browser, f"{address}/{path}")} for path in found]


def site(_threads: int) -> list[Row]:
    """The whole site built strictly, and a page of many tables rendered."""
    with _project() as project:
        count = len(list((project / "docs").rglob("*.md")))
        block = "```symconv\ninput: 4x4\nkernel: 3x3\nshow: [patches]\n```\n"
        (project / "docs" / "tables.md").write_text(f"# Tables\n\n{block * TABLES}", "utf-8")
        built = _build(project)
        with _browser() as browser, _served(project / "site") as address:
            page = _visit(browser, f"{address}/tables.html")
    return [
        {
            "pages": count,
            "built in s": built,
            "tables on one page": TABLES,
            "its weight in kB": page["weight in kB"],
            "rendered in s": page["rendered in s"],
        }
    ]


@contextmanager
def _project() -> Iterator[Path]:
    """A copy of the site's sources."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        shutil.copytree(ROOT / "docs", project / "docs")
        shutil.copy(ROOT / "mkdocs.yml", project)
        (project / "symconv").symlink_to(ROOT / "symconv")  # which the settings watch
        yield project


def _build(project: Path) -> float:
    """Seconds that a strict build takes."""
    begun = time.perf_counter()
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=project,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    if built.returncode:
        sys.exit(f"The site was not built:\n{built.stderr}")
    return time.perf_counter() - begun


@contextmanager
def _browser() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        sys.exit(
            "There is no Chromium to render pages with: install one, or leave these two experiments out."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _weigh(sizes: list[int], response: Response) -> None:
    sizes.append(len(response.body()))


def _visit(browser: Browser, address: str) -> Row:
    """What one page fetches, in kB, and the median time until it is rendered, in seconds."""
    times, weight = [], 0.0
    for _ in range(ROUNDS):
        context = browser.new_context()
        page = context.new_page()
        sizes: list[int] = []
        page.on("response", partial(_weigh, sizes))
        page.goto(address, wait_until="load")
        page.wait_for_function(SET, polling="raf")
        page.evaluate("() => new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)))")
        times.append(page.evaluate("performance.now()") / 1e3)
        page.wait_for_load_state("networkidle")
        weight = sum(sizes) / 1e3
        context.close()
    return {"weight in kB": weight, "rendered in s": median(times)}

"""The built site, KaTeX, and a browser: what the tests of this folder stand on."""

import os
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from py_mini_racer import MiniRacer

ROOT = Path(__file__).resolve().parents[2]
KATEX = ROOT / "docs" / "assets" / "katex" / "katex.min.js"
NO_SETUP = "KaTeX is not here yet: run the tests with python3 scripts/test.py, which fetches it"


def mkdocs(*words, cwd=ROOT):
    """Run MkDocs in a process of its own, as the site script does."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", *words],
        cwd=cwd,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
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
    """A copy of the site's sources, into which a test may write pages."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    (tmp_path / "symconv").symlink_to(ROOT / "symconv")  # which the settings watch
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "verdicts.py", tmp_path / "scripts")
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

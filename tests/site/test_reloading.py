"""While a site is served, a change of the package shows on its pages."""

import os
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from markdown import Markdown

import symconv.lesson.extension as extension
from symconv.lesson import reloading
from tests.site.conftest import ROOT

PAGE = "# Page\n\n```symconv\ninput: 3x3\nkernel: 2x2\nshow: [proof]\n```\n"
SETTINGS = "site_name: Page\nwatch: [package]\nplugins: []\nmarkdown_extensions: [symconv.lesson.extension]\n"
PATIENCE = 60  # seconds for a loaded machine; it is done as soon as the page says so


@pytest.fixture
def project(tmp_path):
    """A page, and a copy of the package that may be changed."""
    shutil.copytree(
        ROOT / "symconv", tmp_path / "package" / "symconv", ignore=shutil.ignore_patterns("__pycache__")
    )
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(PAGE)
    (tmp_path / "mkdocs.yml").write_text(SETTINGS)
    return tmp_path


def until(address, words, log):
    """Ask until the page has these words."""
    last = time.monotonic() + PATIENCE
    text = ""
    while time.monotonic() < last:
        try:
            with urlopen(address, timeout=5) as answer:  # noqa: S310 (the loopback)
                text = answer.read().decode()
        except (URLError, ConnectionError, TimeoutError):
            text = ""
        if words in text:
            return
        time.sleep(0.1)
    pytest.fail(f"no {words!r} after {PATIENCE} seconds:\n{log.read_text()}\n{text[-2000:]}")


def test_the_next_build_has_the_change(project):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = project / "log"
    environment = {
        **os.environ,
        "PYTHONPATH": str(project / "package"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_MKDOCS_2_WARNING": "1",
    }
    command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}"]
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=project, env=environment, stdout=out, stderr=out)
        try:
            address = f"http://127.0.0.1:{port}/"
            until(address, "Proved.", log)
            figure = project / "package" / "symconv" / "lesson" / "layer_figure.py"
            right = figure.read_text("utf-8")
            figure.write_text(right.replace("Proved.", "Shown to be so."), "utf-8")
            until(address, "Shown to be so.", log)
            style = project / "package" / "symconv" / "lesson" / "assets" / "block" / "block.css"
            style.write_text(style.read_text("utf-8") + ".a-new-rule { color: red; }\n", "utf-8")
            until(address, "a-new-rule", log)
            figure.write_text("this is no Python", "utf-8")
            time.sleep(1)
            figure.write_text(right.replace("Proved.", "Mended."), "utf-8")
            until(address, "Mended.", log)
        finally:
            server.terminate()
            server.wait(20)


def test_nothing_is_imported_twice_while_nothing_changes():
    before = extension.SymconvExtension
    assert type(extension.makeExtension(strict=True)) is before
    assert reloading.fresh("symconv.lesson.extension:SymconvExtension") is before


def test_the_entry_point_makes_the_extension_and_the_module_does():
    points = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    assert points["markdown.extensions"] == {"symconv": "symconv.lesson.extension:makeExtension"}
    for name in ("symconv", "symconv.lesson.extension", "symconv.lesson.extension:SymconvExtension"):
        assert "<figure" in Markdown(extensions=[name]).convert(PAGE)


def test_the_site_watches_the_package():
    assert "\nwatch: [symconv]" in (ROOT / "mkdocs.yml").read_text("utf-8")

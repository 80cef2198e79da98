"""A Chromium for the browser tests: one that is here, playwright's own, or Debian's."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)
ASK_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright\n"
    "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
)


def find_browser() -> str | None:
    """The path of a Chromium, installed if need be and possible; None if there is none to be had."""
    return _on_this_machine() or _from_playwright() or _from_debian()


def _on_this_machine() -> str | None:
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), None) or next((p for p in PLACES if Path(p).exists()), None)


def _from_playwright() -> str | None:
    """Playwright's own Chromium; its variable PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD keeps it from fetching one."""
    asked = subprocess.run(
        [sys.executable, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True, check=False
    )
    path = asked.stdout.strip()
    if path and not Path(path).exists() and not os.environ.get("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD"):
        print("Fetching playwright's Chromium for the browser tests …", flush=True)
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(
                [sys.executable, "-m", "playwright", "install", "chromium"], check=False, timeout=600
            )
    return path if path and Path(path).exists() else None


def _from_debian() -> str | None:
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return None
    print("Installing Debian's chromium for the browser tests …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        done = subprocess.run(["apt-get", *words], env=quiet, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            return None
    return shutil.which("chromium")

"""Lint, types and every test, in a browser too: ``python3 scripts/test.py``.

Needs Python 3.11 or newer and nothing else; everything it uses it installs into an environment of its own.
Words after it go to pytest, which then runs alone: ``python3 scripts/test.py -k mutants``.
"""

import os
import subprocess
import sys

from browser import find_browser
from environment import ROOT, enter, katex, tool

BY_FILE = ("--dist", "loadfile")  # the examples of a page share their names, and so run in one process


def processes() -> str:
    """One more than there are cores, at most five: tests wait for browsers and for builds of sites."""
    return str(1 + min(4, os.cpu_count() or 1))


def main() -> int:
    """Run every check, even after one failed; returns the exit status."""
    enter("site", "test", "dev")
    katex(tests=True)
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    chromium = find_browser()
    if chromium is not None:
        environment["SYMCONV_BROWSER"] = chromium
    elif os.environ.get("CI"):
        print("No Chromium was found or could be installed, and CI must run the browser tests.")
        return 1
    words = sys.argv[1:]
    whole_suite = [
        [tool("ruff"), "check"],
        [tool("ruff"), "format", "--check"],
        [tool("mypy")],
        [tool("pytest"), "--cov", "--cov-report=term", "-n", processes(), *BY_FILE],
    ]
    failed = []
    for command in [[tool("pytest"), *words]] if words else whole_suite:
        print(f"\n$ {' '.join([os.path.basename(command[0]), *command[1:]])}", flush=True)  # noqa: PTH119
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
            failed.append(os.path.basename(command[0]))  # noqa: PTH119
    if chromium is None:
        print(
            "\nTHE BROWSER TESTS WERE SKIPPED: no Chromium was found. Install Chromium or Chrome "
            "(Debian: apt install chromium) and run this again."
        )
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

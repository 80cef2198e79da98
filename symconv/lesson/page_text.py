"""A page as its author wrote it: its text, its title and its blocks, each with the line where it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from symconv.errors import BlockError, RequestError
from symconv.lesson.block import Block, read_block
from symconv.lesson.fences import OURS, Fence, fences


@dataclass(frozen=True)
class PageText:
    """A page.

    Attributes:
        path: where it is.
        text: what it says.
    """

    path: Path
    text: str

    @classmethod
    def of(cls, path: Path) -> "PageText":
        """The page in a file.

        Raises:
            RequestError: there is no such page, or it is no text.
        """
        if path.suffix != ".md" or not path.is_file():
            raise RequestError(f"{str(path)!r} is no page: name a file that is there and ends in .md")
        try:
            return cls(path, path.read_text("utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise RequestError(f"{path} cannot be read as text: save it as UTF-8") from error

    @property
    def lines(self) -> list[str]:
        """The page line by line."""
        return self.text.splitlines()

    @property
    def title(self) -> str:
        """Its first heading outside a block, or the name of its file."""
        inside = {n for fence in fences(self.lines) for n in range(fence.line, fence.end + 1)}
        headings = (
            line.removeprefix("# ").strip()
            for number, line in enumerate(self.lines)
            if line.startswith("# ") and number not in inside
        )
        return re.sub(r"\s*\{[^}]*\}$", "", next(headings, self.path.stem))

    def blocks(self) -> Iterator[Fence]:
        """Its symconv blocks that end, in order."""
        return (fence for fence in fences(self.lines) if fence.name == OURS and fence.closed)

    def read(self, fence: Fence) -> list[Block]:
        """One of its blocks as read.

        Raises:
            BlockError: it is wrong; the sentence begins with page and line.
        """
        try:
            return read_block(fence.body)
        except BlockError as error:
            raise BlockError(f"{self.path}:{fence.line + 2 + (error.line or 0)}: {error}") from error

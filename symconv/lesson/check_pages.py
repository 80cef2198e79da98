"""Everything that pages claim, found again: blocks, Python sessions, and whether what was made is up to date.

A block's output is derived whenever the site is built, so it cannot be out of date; but a block can be wrong
or impossible to prove, and then the site does not build. What can be out of date is what stands in a page as
text: the output of a Python session, which is run and compared; and files that were made from a lesson, which
carry a mark of the lesson they were made from (``digest``). What was measured is dated, says on which machine
it was measured, and is not measured again here.
"""

import doctest
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symconv.errors import BlockError, RequestError
from symconv.lesson.digest import SUFFIXES, stale
from symconv.lesson.fences import OURS, Fence, fences, mistaken
from symconv.lesson.page_text import PageText
from symconv.lesson.render import render

PYTHON = ("python", "py", "python3", "pycon")
SNIPPET = "--8<--"  # the sign of text that the builder includes from another file
HIDDEN = (".", "_")  # what names of folders begin with that are no part of a site
LEFT_OUT = ("node_modules", "site")


@dataclass(frozen=True)
class Fault:
    """What is wrong.

    Attributes:
        path: in which file.
        line: on which line, counted from 1; None if it is about the whole file.
        sentence: what it is.
    """

    path: Path
    line: int | None
    sentence: str

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.sentence}"


@dataclass(frozen=True)
class Checked:
    """What was found in one file.

    Attributes:
        faults: what is wrong.
        blocks: how many blocks were derived and proved.
        examples: how many lines of sessions were run.
    """

    faults: tuple[Fault, ...]
    blocks: int = 0
    examples: int = 0


def files_to_check(path: Path) -> list[Path]:
    """A file, or the files of a folder that can be checked, in order.

    Raises:
        RequestError: there are none.
    """
    if path.is_file():
        return [path]
    found = [
        file
        for file in sorted(path.rglob("*"))
        if file.suffix in SUFFIXES
        and file.is_file()
        and not any(part.startswith(HIDDEN) or part in LEFT_OUT for part in file.relative_to(path).parts)
    ]
    if not found:
        raise RequestError(f"{path} has no pages: name a folder with files that end in .md")
    return found


def check_file(path: Path, *, sessions: bool = True) -> Checked:
    """Everything that one file claims.

    Args:
        path: a page, or a file made from one.
        sessions: whether to run the Python of the page; in this process, so of pages that you trust.

    Raises:
        RequestError: the file is no text.
    """
    old = stale(path)
    faults = [] if old is None else [Fault(path, None, old)]
    if path.suffix != ".md":
        return Checked(tuple(faults))
    page = PageText.of(path)
    found = list(fences(page.lines))
    derived = 0
    for fence in found:
        if fence.name == OURS and fence.closed:
            derived += 1
            faults += _of_block(page, fence)
        elif sentence := mistaken(fence.name, fence.closed):
            faults.append(Fault(path, fence.line + 1, sentence))
    examples = 0
    if sessions:
        more, examples = _of_sessions(page, found)
        faults += more
    return Checked(tuple(sorted(faults, key=lambda fault: fault.line or 0)), derived, examples)


def _of_block(page: PageText, fence: Fence) -> Iterator[Fault]:
    """What is wrong with a block: it cannot be read, or what it is about cannot be proved."""
    try:
        page.read(fence)
        render(page.read(fence))
    except BlockError as error:
        told = str(error).removeprefix(f"{page.path}:")
        number, _, sentence = told.partition(": ")
        inside = told != str(error) and number.isdigit()
        yield Fault(page.path, int(number) if inside else fence.line + 1, sentence if inside else str(error))
    except Exception as error:  # noqa: BLE001 (the other blocks are checked all the same)
        kind = type(error).__name__
        sentence = f"symconv itself failed on this block ({kind}): please report it"
        yield Fault(page.path, fence.line + 1, sentence)


def _of_sessions(page: PageText, found: list[Fence]) -> tuple[list[Fault], int]:
    """What is wrong with the Python of a page, run from top to bottom; and how many examples there are."""
    names: dict[str, Any] = {"__name__": "__page__"}
    faults: list[Fault] = []
    parser, examples = doctest.DocTestParser(), 0
    for fence in found:
        if fence.name not in PYTHON or SNIPPET in fence.body:
            continue
        first = fence.line + 1
        if ">>>" not in fence.body:
            faults += _of_program(page.path, fence, names)
            continue
        try:
            test = parser.get_doctest(fence.body + "\n", names, page.path.name, str(page.path), first)
        except ValueError as error:
            faults.append(Fault(page.path, first, f"this session cannot be read: {error}"))
            continue
        runner = _Runner(page.path)
        runner.run(test, out=lambda _: None, clear_globs=False)
        names.update(test.globs)
        faults += runner.faults
        examples += len(test.examples)
    return faults, examples


def _of_program(path: Path, fence: Fence, names: dict[str, Any]) -> Iterator[Fault]:
    """A program without prompts is run for the names that it makes."""
    try:
        exec(compile(fence.body, str(path), "exec"), names)  # noqa: S102 (the page's own program)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (it is the page's own)
        yield Fault(path, fence.line + 1, f"this program fails: {_in_one_line(error)}")


class _Runner(doctest.DocTestRunner):
    """Runs sessions and keeps what is wrong with them."""

    def __init__(self, path: Path) -> None:
        super().__init__(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE)
        self.path = path
        self.faults: list[Fault] = []

    def report_failure(self, out: Any, test: Any, example: Any, got: str) -> None:
        """An output that is another one."""
        self._fault(
            test, example, f"this session says {_short(got)}, and the page has {_short(example.want)}"
        )

    def report_unexpected_exception(self, out: Any, test: Any, example: Any, exc_info: Any) -> None:
        """An error that the page does not show."""
        self._fault(test, example, f"this session fails: {_in_one_line(exc_info[1])}")

    def _fault(self, test: Any, example: Any, sentence: str) -> None:
        self.faults.append(Fault(self.path, test.lineno + example.lineno + 1, sentence))


def _short(text: str) -> str:
    """An output in a sentence."""
    line = " ".join(text.split())
    return f"“{line if len(line) <= 80 else line[:79] + '…'}”" if line else "nothing"


def _in_one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]

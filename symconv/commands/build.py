"""The command that checks everything that the pages of a site claim."""

import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from symconv.lesson.check_pages import Fault, check_file, files_to_check
from symconv.lesson.yaml_text import HAS_YAML

QUIET_SECONDS = 1  # before a progress bar is worth a reader's attention


@click.command("build")
@click.argument(
    "pages", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PAGES..."
)
@click.option("--check", is_flag=True, help="Derive and prove everything again; write nothing.")
@click.option("--no-sessions", is_flag=True, help="Do not run the Python of the pages.")
def build_command(pages: tuple[Path, ...], check: bool, no_sessions: bool) -> None:
    """Derive and prove every block of PAGES again, run their Python, and look for what is out of date.

    PAGES are folders or files. The Python of the pages is run here, as it is when they are tested: check
    pages that you trust. The exit status is 0 if all is well, and 1 if not.
    """
    if not check:
        raise click.ClickException(
            "the site itself is built by its builder, with mkdocs build --strict: "
            "say --check to check its pages"
        )
    if not HAS_YAML:
        raise click.ClickException(
            "build needs what builds sites: install it with pip install 'symconv[site]'"
        )
    sys.path.insert(0, str(Path.cwd()))  # as when a person runs the sessions where they are
    files = list(dict.fromkeys(file for path in pages for file in files_to_check(path)))
    console = Console(stderr=True)
    progress = Progress(console=console, transient=True, disable=not console.is_terminal)
    task = progress.add_task("Checking …", total=len(files))
    begun, faults, blocks, examples = time.monotonic(), list[Fault](), 0, 0
    try:
        for file in files:
            if time.monotonic() - begun > QUIET_SECONDS and not progress.live.is_started:
                progress.start()
            found = check_file(file, sessions=not no_sessions)
            faults += found.faults
            blocks += found.blocks
            examples += found.examples
            progress.advance(task)
    finally:
        progress.stop()
        sys.path.pop(0)
    for fault in faults:
        click.echo(str(fault))
    counted = [_counted(len(files), "file"), _counted(blocks, "block")]
    if not no_sessions:
        counted.append(_counted(examples, "example"))
    click.echo(f"{', '.join(counted)}: {_counted(len(faults), 'fault') if faults else 'all is well'}.")
    if faults:
        raise click.exceptions.Exit(1)


def _counted(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"

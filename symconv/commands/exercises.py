"""The command that makes sheets of exercises for a class, each with its answer key."""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from symconv.lesson.page_text import PageText

try:
    from symconv.lesson.sheet import FORMATS, read_seeds, sheet

    HAS_SITE = True
except ImportError:  # what builds sites is an optional part
    FORMATS, HAS_SITE = {"markdown": ".md", "html": ".html"}, False


@click.command("exercises")
@click.argument("lesson", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seed", help="What numbers and blanks are drawn from: a number or a word.")
@click.option("--seeds", help="Several at once: 1-30, or a,b,c.")
@click.option(
    "-o",
    "--output",
    default=".",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to.",
)
@click.option(
    "--to",
    "to",
    default="markdown",
    show_default=True,
    type=click.Choice(list(FORMATS)),
    help="A page that builds, or a file that prints as it is.",
)
@click.option("--force", is_flag=True, help="Write over files that are there.")
def exercises_command(
    lesson: Path, seed: str | None, seeds: str | None, output: Path, to: str, force: bool
) -> None:
    """Write LESSON's exercises as a sheet without answers, and its answer key.

    Each seed makes another sheet, and the same seed always the same. Every answer is proved and recomputed
    before it is written.
    """
    if not HAS_SITE:
        raise click.ClickException(
            "exercises needs what builds sites: install it with pip install 'symconv[site]'"
        )
    if (seed is None) == (seeds is None):
        raise click.ClickException("say from what to draw: --seed 7 for one sheet, or --seeds 1-30 for many")
    page = PageText.of(lesson)
    files: dict[Path, str] = {}
    wanted = [seed.strip()] if seed is not None else read_seeds(seeds or "")
    if not all(wanted):
        raise click.ClickException("--seed is empty: give a number or a word, such as 7")
    console = Console(stderr=True)
    few = len(wanted) < 5 or not console.is_terminal
    for one in track(wanted, "Drawing and proving …", console=console, disable=few, transient=True):
        drawn = sheet(page, one)
        for answers in (False, True):
            path = output / drawn.name(answers=answers, to=to)
            files[path] = drawn.text(path, answers=answers, to=to)
    there = [path for path in files if path.exists()]
    if there and not force:
        raise click.ClickException(
            f"{there[0]} is there already: choose another folder with -o, or write over it with --force"
        )
    try:
        output.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(
            f"{output} cannot be written to ({error.strerror}): choose another place with -o"
        ) from error
    first, second = list(files)[:2]
    more = f", and {len(files) - 2} more files" if len(files) > 2 else ""
    click.echo(f"Wrote {first} and its key {second.name}{more}.")

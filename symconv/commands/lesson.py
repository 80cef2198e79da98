"""The command that writes a new lesson."""

from pathlib import Path
from typing import Any

import click

from symconv.commands.layer_options import geometry_of, layer_options
from symconv.lesson.like import lesson_like
from symconv.lesson.menu import menu_line
from symconv.lesson.page import lesson_page
from symconv.lesson.page_text import PageText


@click.command("lesson")
@click.argument("page", type=click.Path(dir_okay=False, path_type=Path))
@layer_options
@click.option("--title", default="", help="The page's heading.")
@click.option("--start", default=0, show_default=True, type=click.IntRange(0, 1), help="The first index.")
@click.option(
    "--like",
    metavar="LESSON",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Take the text of this lesson, with the sizes of its blocks replaced.",
)
@click.option("--force", is_flag=True, help="Write over a page that is there.")
def lesson_command(page: Path, title: str, start: int, like: Path | None, force: bool, **layer: Any) -> None:
    """Write a complete lesson PAGE about a layer; it builds as it is."""
    if page.suffix != ".md":
        raise click.ClickException(f"PAGE={str(page)!r} is no page of Markdown: give a name that ends in .md")
    g = geometry_of(**layer)
    said = []
    if like is None:
        text = lesson_page(g, title=title, start=start)
    else:
        pattern = PageText.of(like)
        made = lesson_like(pattern, g, title=title, start=start)
        text = made.text
        said.append(made.sentence(pattern))
    if page.exists() and not force:
        raise click.ClickException(
            f"{page} is there already: choose another name, or write over it with --force"
        )
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(
            f"{page} cannot be written ({error.strerror}): choose another place"
        ) from error
    written = PageText(page, text)
    blocks = sum(1 for _ in written.blocks())
    click.echo(f"Wrote {page}: {blocks} blocks. See it with: python3 scripts/site.py")
    for sentence in said:
        click.echo(sentence)
    if line := menu_line(page, written.title):
        click.echo(f"To have it in the menu, add to nav in mkdocs.yml:\n{line}")

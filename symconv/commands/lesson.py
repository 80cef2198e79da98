"""The command that writes a new lesson."""

from pathlib import Path
from typing import Any

import click

from symconv.commands.layer_options import geometry_of, layer_options
from symconv.commands.page import write_page
from symconv.lesson.like import lesson_like
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
    g = geometry_of(**layer)
    said = []
    if like is None:
        text = lesson_page(g, title=title, start=start)
    else:
        pattern = PageText.of(like)
        made = lesson_like(pattern, g, title=title, start=start)
        text = made.text
        said.append(made.sentence(pattern))
    write_page(page, text, force=force)
    for sentence in said:
        click.echo(sentence)

"""Writing a lesson page where a person wants it, and never over one that is there."""

from pathlib import Path

import click

from symconv.lesson.menu import how_to_see, menu_line
from symconv.lesson.page_text import PageText


def write_page(page: Path, text: str, *, force: bool) -> None:
    """Write a page of Markdown, and say so, and how to have it in the menu.

    Raises:
        click.ClickException: it is no page of Markdown, it is there already, or it cannot be written.
    """
    if page.suffix != ".md":
        raise click.ClickException(f"PAGE={str(page)!r} is no page of Markdown: give a name that ends in .md")
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
    click.echo(f"Wrote {page}: {blocks} blocks. See it with: {how_to_see(page)}")
    if line := menu_line(page, written.title):
        click.echo(f"To have it in the menu, add to nav in mkdocs.yml:\n{line}")

"""The command that writes a lesson as a notebook, as LaTeX or as one file of HTML."""

from collections.abc import Callable
from pathlib import Path

import click

try:
    from symconv.lesson.export.formats import export
except ImportError:  # what builds sites is an optional part
    export: Callable[[Path, str, Path | None, Path], str] | None = None  # type: ignore[no-redef]

ENDINGS = {"notebook": ".ipynb", "tex": ".tex", "html": ".html"}


@click.command("export")
@click.argument("lesson", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--to", "to", required=True, type=click.Choice(list(ENDINGS)), help="What to write.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file; beside LESSON by default.",
)
@click.option(
    "--katex",
    type=click.Path(file_okay=False, path_type=Path),
    help="KaTeX's folder, if the site has none (html).",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def export_command(lesson: Path, to: str, output: Path | None, katex: Path | None, force: bool) -> None:
    r"""Write LESSON as a Jupyter notebook, as a LaTeX document, or as one file of HTML.

    \b
    notebook  prose in cells of Markdown, every block as its Python calls
    tex       one file for pdflatex, xelatex or lualatex
    html      one file with styles, fonts and scripts in it, which asks no other host
    """
    if export is None:
        raise click.ClickException(
            "export needs what builds sites: install it with pip install 'symconv[site]'"
        )
    target = output or lesson.with_suffix(ENDINGS[to])
    if target.resolve() == lesson.resolve():
        raise click.ClickException(f"--output={str(target)!r} is the lesson itself: choose another name")
    if target.exists() and not force:
        raise click.ClickException(
            f"{target} is there already: choose another with -o, or write over it with --force"
        )
    text = export(lesson, to, katex, target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(
            f"{target} cannot be written ({error.strerror}): choose another place"
        ) from error
    click.echo(f"Wrote {target} ({target.stat().st_size / 1000:,.0f} kB).")

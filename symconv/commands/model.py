"""``symconv model``: every convolution of a model's file, proved, as a table, as JSON or as a lesson."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from symconv.commands.exits import EXIT, CannotTellError
from symconv.commands.page import write_page
from symconv.errors import SymconvError
from symconv.models.lesson import model_lesson
from symconv.models.model import SECONDS, Model, ModelProof, read_onnx
from symconv.models.table import HEADINGS, as_dict, formula, row

MOST_ROWS = 1000  # of a table that is printed


@click.command("model")
@click.argument("file", metavar="FILE.onnx", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print all that is known as JSON.")
@click.option("--lesson", "layer", metavar="LAYER", help="Write a lesson about a layer: its name or number.")
@click.option(
    "-o",
    "--output",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PAGE.md",
    help="Where the lesson goes.",
)
@click.option("--force", is_flag=True, help="Write over a page that is there.")
@click.option(
    "--seconds",
    default=SECONDS,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="How long reading may take.",
)
def model_command(
    file: Path, as_json: bool, layer: str | None, page: Path | None, force: bool, seconds: float
) -> None:
    """Prove every convolution of the model in FILE.onnx; or write a lesson page about one of them.

    No weight is looked at, and external data need not be there. The exit status is 0 if every layer was
    proved, 1 if one was refuted, and 2 if the file cannot be read or there is a layer without a verdict.
    """
    if (layer is None) != (page is None):
        raise click.UsageError("--lesson LAYER and -o PAGE.md go together: give both, or neither")
    console = Console(stderr=True)
    try:
        with console.status("Reading …"):
            model = read_onnx(file, seconds=seconds)
        if layer is not None and page is not None:
            text = model_lesson(model, layer)
            write_page(page, text, force=force)
            return
        with console.status("Proving …"):
            proof = model.prove()
    except SymconvError as error:
        raise CannotTellError(str(error)) from error
    if as_json:
        click.echo(json.dumps(as_dict(proof), indent=2))
    else:
        _print(model, proof)
    raise click.exceptions.Exit(EXIT[proof.holds])


def _print(model: Model, proof: ModelProof) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 160  # a file scrolls sideways
    results = proof.results[:MOST_ROWS]
    rows = [row(number, result) for number, result in enumerate(results, start=1)]
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in HEADINGS:
        table.add_column(
            heading, justify="left" if heading in ("layer", "tier") else "right", overflow="fold"
        )
    for cells in rows:
        if len(cells) == len(HEADINGS):
            table.add_row(*map(Text, cells))
    if table.row_count:
        console.print(table)
    for note in _notes(model, proof, rows):
        console.print(Text(note), soft_wrap=True)
    click.echo(repr(proof))


def _notes(model: Model, proof: ModelProof, rows: list[list[str]]) -> Iterator[str]:
    """What is said below the table."""
    for result in proof.refuted:
        yield f"{result.layer.name}: {result.proof!r}"
    for cells in rows:
        if len(cells) < len(HEADINGS):
            yield f"{cells[0]} {cells[1]} has no verdict: {cells[2]}"
    for name, meaning in model.sizes.items():
        yield f"{name} = {formula(meaning)}"
    if any(result.layer.transposed for result in proof):
        yield "Of ConvTranspose, P and W are those of the convolution that it transposes."
    if model.why:
        yield f"ONNX's shape inference refuses this file: {model.why}"
    if (rest := len(proof.results) - len(rows)) > 0:
        yield f"{rest:,} more layers are in the verdict and not in the table: --json lists all."

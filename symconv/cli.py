"""The command line: with the commands of its room, the only modules that print."""

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

import symconv
from symconv.checking.isolated import MEGABYTES, SECONDS, check_file, untold
from symconv.commands.build import build_command
from symconv.commands.exercises import exercises_command
from symconv.commands.exits import EXIT, CannotTellError
from symconv.commands.export import export_command
from symconv.commands.layer_options import geometry_of, layer_options, per_axis, read_padding
from symconv.commands.lesson import lesson_command
from symconv.commands.model import model_command
from symconv.commands.sweep import sweep_command
from symconv.errors import SymconvError
from symconv.lesson.words import in_the_authors_words, read_int
from symconv.parts import PARTS
from symconv.prove import prove
from symconv.show.latex import latex
from symconv.theorems.catalogue import theorem as find_theorem
from symconv.theorems.catalogue import theorems
from symconv.unroll import unroll


class _Sentences(click.Group):
    """A group whose commands end with our one sentence, not a traceback, on a caller's mistake."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SymconvError as error:
            raise click.ClickException(in_the_authors_words(str(error))) from error


@click.group(
    cls=_Sentences, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(symconv.__version__, prog_name="symconv")
def main() -> None:
    """A convolution layer is one matrix product: derive it, prove it, write lessons about it.

    \b
    symconv prove  --input 224x224 --kernel 7x7 --channels 3 --kernels 64 --stride 2 --padding 3
    symconv theorem im2col
    symconv check  homework.py::conv
    symconv latex  --input 3x3 --kernel 2x2 --part product
    symconv lesson docs/lessons/mine.md --input 5x5 --kernel 3x3 --stride 2 --padding 1 --kernels 2
    symconv export docs/lessons/mine.md --to notebook
    symconv model  resnet.onnx
    symconv sweep  grid.yml --store results.sqlite
    symconv exercises docs/lessons/mine.md --seeds 1-30 -o sheets
    symconv build  --check docs
    """


@main.command("prove")
@layer_options
@click.option("--batch", default=1, show_default=True, type=click.IntRange(1), help="Samples in a batch.")
def prove_command(batch: int, **layer: Any) -> None:
    """Prove that the layer's matrix product is its loop formula, at these sizes and for all values.

    Prints the verdict with its tier; the exit status is 0 if it holds and 1 if it does not.
    """
    console = Console()
    with console.status("Proving …"):
        proof = prove(geometry_of(batch=batch, **layer))
    click.echo(repr(proof))
    if not proof:
        raise click.exceptions.Exit(1)


@main.command("theorem")
@click.argument("name", required=False)
@click.option("--axes", default=2, show_default=True, type=click.IntRange(1, 3), help="Spatial axes.")
@click.option("--latex", "as_latex", is_flag=True, help="Print the derivation as LaTeX instead.")
@click.option("--smtlib", is_flag=True, help="Print the side conditions for an SMT solver instead.")
def theorem_command(name: str | None, axes: int, as_latex: bool, smtlib: bool) -> None:
    """Prove the theorem NAME for every size and show its steps; or all theorems, without a NAME.

    The exit status is 0 if everything was proved and 1 if not.
    """
    console = Console()
    if name is None:
        if as_latex or smtlib:
            raise click.ClickException("NAME is missing: say of which theorem, such as im2col")
        every = theorems(axes)
        proofs = [
            prove(t) for t in track(every, "Proving …", console=console, disable=not console.is_terminal)
        ]
        table = Table.grid(padding=(0, 2))
        for t, proof in zip(every, proofs, strict=True):
            table.add_row("proved" if proof else "NOT PROVED", t.name, t.statement)
        console.print(table, highlight=False)
        if not all(proofs):
            raise click.exceptions.Exit(1)
        return
    found = find_theorem(name, axes)
    if as_latex or smtlib:
        click.echo(latex(found) if as_latex else found.smtlib())
        return
    proof = prove(found)
    for number, step in enumerate(found.steps, start=1):
        click.echo(f"{number:>2}. {step.rule}, {step.side}: {step.words}")
        for condition in step.conditions:
            click.echo(f"      needs {condition.claim}")
    click.echo(repr(proof))
    if not proof:
        raise click.exceptions.Exit(1)


@main.command("check")
@click.argument("function", metavar="FILE.py::NAME")
@click.option("--stride", metavar="N[,N]", help="What NAME is to compute; likewise the next three.")
@click.option("--padding", metavar="N[,N]", help="As for prove.")
@click.option("--dilation", metavar="N[,N]")
@click.option("--groups", type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@click.option(
    "--seconds",
    default=SECONDS,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="How long it may take.",
)
@click.option(
    "--megabytes",
    default=MEGABYTES,
    show_default=True,
    type=click.IntRange(0),
    help="Memory it may use; 0 for any.",
)
@click.option("--seed", type=int, help="Of random numbers.")
def check_command(
    function: str, as_json: bool, seconds: float, megabytes: int, seed: int | None, **hyper: Any
) -> None:
    """Check that the function or class NAME in FILE.py is the convolution, and name the mistake if it is not.

    The file is run, in a process of its own with little time and memory. The exit status is 0 if NAME is the
    convolution, 1 if it is wrong and 2 if that could not be told.
    """
    path, _, name = function.rpartition("::")
    try:
        if not path or not name:
            raise click.ClickException(f"{function!r} names no function: write it as path/to/file.py::conv")
        read = {"stride": per_axis, "padding": lambda text, _: read_padding(text), "dilation": per_axis}
        given = {
            key: read[key](value, f"--{key}") if key in read else value
            for key, value in hyper.items()
            if value is not None
        }
    except (SymconvError, click.ClickException) as error:
        raise CannotTellError(in_the_authors_words(str(error))) from error
    if Path(path).is_file():
        with Console(stderr=True).status("Checking …"):
            verdict = check_file(path, name, given, seed=seed, seconds=seconds, megabytes=megabytes)
    else:
        verdict = untold(name, f"{path} is no file.")
    click.echo(json.dumps(verdict, indent=2) if as_json else verdict["text"])
    raise click.exceptions.Exit(EXIT[verdict["holds"]])


@main.command("latex")
@layer_options
@click.option(
    "--part", default="product", show_default=True, type=click.Choice(list(PARTS)), help="What to print."
)
@click.option(
    "--cell", metavar="I,J", help="The output cell that sum and dot show; the first one by default."
)
@click.option("--start", default=0, show_default=True, type=click.IntRange(0, 1), help="The first index.")
def latex_command(part: str, cell: str | None, start: int, **layer: Any) -> None:
    """Print the LaTeX of one part of the layer's derivation, with letters."""
    place = None if cell is None else [read_int(i, "cell") for i in cell.split(",")]
    click.echo(latex(unroll(geometry_of(**layer), start=start), part, cell=place))


for _command in (
    lesson_command,
    exercises_command,
    build_command,
    export_command,
    model_command,
    sweep_command,
):
    main.add_command(_command)

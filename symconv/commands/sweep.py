"""``symconv sweep``: one task over a whole parameter space, here or on a cluster, with a bar that moves."""

import asyncio
import json
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from symconv.commands.exits import EXIT, CannotTellError
from symconv.errors import RequestError, SymconvError
from symconv.geometry import Geometry
from symconv.models.model import read_onnx
from symconv.sweeps.grid import Grid
from symconv.sweeps.grid_file import read_grid
from symconv.sweeps.pool import Maker, Submits
from symconv.sweeps.run import sweep
from symconv.sweeps.summary import Sweep, summaries
from symconv.sweeps.task import REFUTED

_SECONDS_TO_CONNECT = 5
_EXECUTORS = "here, processes, processes:N, or dask://HOST:PORT"


@click.command("sweep")
@click.argument("space", required=False, metavar="GRID.yml", type=click.Path(path_type=Path))
@click.option("--task", default="prove", show_default=True, help="Or “check FILE.py::NAME”, “against …”.")
@click.option("--executor", "where", default="processes", show_default=True, help=f"{_EXECUTORS}.")
@click.option("--store", type=click.Path(dir_okay=False, path_type=Path), help="Where answers are kept.")
@click.option("--timeout", type=float, metavar="SECONDS", help="That one geometry may take; processes only.")
@click.option("--summary", type=click.Path(path_type=Path), metavar="STORE", help="Only say what it holds.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def sweep_command(
    space: Path | None,
    task: str,
    where: str,
    store: Path | None,
    timeout: float | None,
    summary: Path | None,
    as_json: bool,
) -> None:
    """Ask one task of every geometry of a space: a grid in YAML, or a model's layers (FILE.onnx).

    \b
    symconv sweep grid.yml --store results.sqlite
    symconv sweep grid.yml --task "check homework.py::conv"
    symconv sweep grid.yml --executor dask://HOST:PORT --store results.sqlite
    symconv sweep --summary results.sqlite

    With a store, a sweep that was ended goes on where it stood when it is started again. The exit status is 0
    if all hold, 1 if one was refuted or ended its worker, and 2 if there is one without a verdict.
    """
    if (space is None) == (summary is None):
        raise click.UsageError("give a grid, as in symconv sweep grid.yml, or --summary results.sqlite")
    try:
        found = [_sweep(space, task, where, store, timeout)] if space else summaries(summary or "")
    except SymconvError as error:
        raise CannotTellError(str(error)) from error
    except KeyboardInterrupt as error:
        kept = f"what was answered is in {store}: give the same command again, and it goes on from there"
        lost = "nothing was kept: give --store results.sqlite, and a sweep that is ended can be gone on with"
        raise CannotTellError(f"ended before it was done; {kept if store else lost}") from error
    if as_json:
        click.echo(json.dumps([one.as_dict() for one in found], indent=2))
    else:
        click.echo("\n\n".join(map(repr, found)) or "The store is empty.")
    verdicts = [one.holds for one in found]
    holds = False if False in verdicts else None if None in verdicts or not verdicts else True
    raise click.exceptions.Exit(EXIT[holds])


def _sweep(space: Path, task: str, where: str, store: Path | None, timeout: float | None) -> Sweep:
    """Sweep the space, with a bar."""
    geometries: Iterable[Geometry]
    if space.suffix == ".onnx":
        geometries = _layers(space)
        candidates = len(geometries)
    else:
        geometries = read_grid(space)
        candidates = geometries.candidates
    with ExitStack() as stack:
        executor, in_flight = _executor(where, stack)
        bar = stack.enter_context(_bar())
        row = bar.add_task("", total=candidates, refuted=0, rate=0.0)

        def progress(found: Sweep) -> None:
            left_out = geometries.left_out if isinstance(geometries, Grid) and geometries.draw is None else 0
            rate = bar.tasks[0].speed or 0.0
            bar.update(row, completed=found.count() + left_out, refuted=found.count(REFUTED), rate=rate)

        return sweep(
            task, geometries, executor, store, in_flight=in_flight, timeout=timeout, progress=progress
        )


def _layers(file: Path) -> list[Geometry]:
    """The geometries of a model's layers, equal ones once.

    Raises:
        RequestError: there is none; or one of them cannot be read, of which the sweep would say nothing.
    """
    model = read_onnx(file)
    if unread := [layer for layer in model if layer.geometry is None]:
        raise RequestError(
            f"{file} has layers whose geometry cannot be read, {len(unread)} of {len(model)}, the first of "
            f"them {unread[0].name} ({unread[0].why}): symconv model {file} proves the others"
        )
    if not len(model):
        raise RequestError(f"{file} has no convolutions: give another model, or a grid in YAML")
    return list(dict.fromkeys(layer.geometry for layer in model if layer.geometry is not None))


def _bar() -> Progress:
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[refuted]:,} refuted"),
        TextColumn("{task.fields[rate]:,.0f} a second"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _executor(where: str, stack: ExitStack) -> tuple[Submits | Maker | None, int | None]:
    """What --executor names, and how many batches may be out there."""
    kind, _, rest = where.partition(":")
    if where == "here":
        return None, None
    if kind == "processes" and (not rest or rest.isdigit()):
        workers = max(1, int(rest or os.cpu_count() or 1))
        return lambda: ProcessPoolExecutor(workers), 2 * workers
    if kind == "dask" and rest.startswith("//") and len(rest) > 2:
        client = stack.enter_context(_client(f"tcp:{rest}"))
        return client.get_executor(), 2 * max(1, sum(client.ncores().values()))
    raise RequestError(f"--executor={where!r} is unknown: use {_EXECUTORS}")


def _client(address: str) -> Any:
    """A client of the scheduler at an address."""
    try:
        client, rpc = map(resolve_name, ("distributed:Client", "distributed:rpc"))  # slow to load
    except ImportError as error:
        raise RequestError(
            "a cluster needs Dask, which is not installed: pip install symconv[dask]"
        ) from error

    async def who() -> str:
        async with rpc(address) as there:
            return str((await there.identity())["type"])

    try:  # before there is a client, as one that fails takes half a minute, and prints what it thinks of it
        with ThreadPoolExecutor(1) as thread:  # where no other loop runs
            found = thread.submit(lambda: asyncio.run(asyncio.wait_for(who(), _SECONDS_TO_CONNECT))).result()
    except Exception as error:  # nobody is there, it is no address, or anybody at all answers, in any words
        raise RequestError(
            f"no scheduler answers at {address}: start one with dask scheduler, and workers with dask worker"
        ) from error
    if found != "Scheduler":
        raise RequestError(f"a {found.lower()} answers at {address}, not the scheduler: give its address")
    return client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)

"""What the experiments found: tables in the terminal, and files that the docs include."""

import json
from itertools import pairwise
from math import exp, log
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from measuring.chart import Series, log_log_chart
from measuring.experiments import EXPERIMENTS, machine
from measuring.provers import PROVERS
from measuring.proving import growth
from measuring.sweeps import on_paper
from measuring.timing import Row

ON_SPEED = ("resnet", "proof", "evaluate", "gradients", "loops")  # on the page about speed


def run(only: list[str] | None, folder: Path | None, threads: int) -> int:
    """Run experiments, print their tables, and write what the docs show."""
    console = Console()
    if not console.is_terminal:
        console.width = 160  # a file scrolls sideways
    if unknown := [name for name in only or [] if name not in EXPERIMENTS]:
        console.print(f"There is no experiment {unknown[0]!r}: choose from {', '.join(EXPERIMENTS)}.")
        return 2
    chosen = only or list(EXPERIMENTS)
    about = machine(threads)
    results: dict[str, Any] = {"measured": dict.fromkeys(chosen, about)}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("measuring", total=len(chosen))
        for name in chosen:
            progress.update(task, description=f"measuring {name}")
            results[name] = EXPERIMENTS[name](threads)
            if name == "proof":
                results["exponent"] = growth()
            progress.advance(task)
    console.print(about)
    for name in chosen:
        console.print(_table(name, results[name]))
    if "exponent" in results:
        console.print(f"Proof time grows as (R·K + F·K) to the power of {results['exponent']:.2f}.")
    if folder is not None:
        write(folder, results)
        console.print(f"Wrote {folder}")
    return 0


def _table(title: str, rows: list[Row]) -> Table:
    table = Table(title=title)
    for column in rows[0]:
        table.add_column(column, justify="left" if isinstance(rows[0][column], str) else "right")
    for row in rows:
        table.add_row(*(_text(column, value) for column, value in row.items()))
    return table


def _text(column: str, value: Any) -> str:
    """A number as a person reads it: durations with their unit, ratios and sizes to three digits."""
    if value is None:
        return "–"
    if isinstance(value, float) and column in PROVERS:
        scale, unit = next(
            (s, u) for s, u in ((1, "s"), (1e3, "ms"), (1e6, "µs")) if value * s >= 1 or s == 1e6
        )
        return f"{value * scale:.3g} {unit}"
    if isinstance(value, float):
        return f"{value:.3g}" if value < 1e3 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _markdown(rows: list[Row]) -> str:
    """A table; few long rows are turned on their side, so that they fit a page, and one row gets a head."""
    cells = [list(rows[0]), *([_text(c, v) for c, v in row.items()] for row in rows)]
    if len(rows) < len(rows[0]):
        cells = [list(column) for column in zip(*cells, strict=True)]
    if len(rows) == 1:  # its first line is a measurement as the others are, and no head for them
        cells.insert(0, ["what", "in this run"])
    cells.insert(1, ["---"] * len(cells[0]))
    return "".join(f"| {' | '.join(row)} |\n" for row in cells)


def _crossing(rows: list[Row], name: str, level: float) -> float | None:
    """The number of products at which a ratio passes a level, between the two layers around it."""
    points = [(log(r["products"]), log(r[name])) for r in rows if r.get(name)]
    for (x0, y0), (x1, y1) in pairwise(points):
        if y0 < log(level) <= y1:
            return exp(x0 + (log(level) - y0) / (y1 - y0) * (x1 - x0))
    return None


def _rounded(number: float) -> str:
    """A number of products to two digits, as a page says it."""
    digits = len(str(int(number))) - 2
    return f"{round(number, -digits):,.0f}"


def where(rows: list[Row]) -> str:
    """Where unrolling loses, and where the paper's figures lie, on the curve of the compiled loops."""
    name = "compiled loops ÷ unrolled"
    even, low, high = (_crossing(rows, name, level) for level in (1.0, 2.4, 3.0))
    if even is None or low is None or high is None:
        return "In this run the curve of the compiled loops does not pass all the levels of the paper.\n"
    most = rows[-1]
    return (
        f"In this run the unrolled product **loses** below about {_rounded(even)} products: there, preparing "
        f"the product costs more than the loops do. The paper's 2.4 to 3.0 is reached between about "
        f"{_rounded(low)} and {_rounded(high)} products, the size of a small layer; at "
        f"{most['products']:,} products it is {_text(name, most[name])}.\n"
    )


def _series(rows: list[Row], names: list[str]) -> list[Series]:
    lines = [Series(n, [(r["products"], r[n]) for r in rows if r.get(n) is not None]) for n in names]
    return [line for line in lines if line.points]


def measured_on(experiments: dict[str, dict[str, str]]) -> str:
    """On what machine and when, with the experiments' names where that is not the same for all."""
    groups: dict[str, list[str]] = {}
    for name, about in experiments.items():
        said = ", ".join(f"{k} {v}" if k not in ("machine", "date") else v for k, v in about.items())
        groups.setdefault(said, []).append(name)
    if len(groups) == 1:
        return f"Measured on: {next(iter(groups))}.\n"
    each = (f"{said} ({', '.join(names)})" for said, names in groups.items())
    return f"Measured on: {'; '.join(each)}.\n"


def write(folder: Path, results: dict[str, Any]) -> None:
    """Tables, charts and numbers as files that the docs include."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "results.json"
    before = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    measured = {**before.get("measured", {}), **results["measured"]}
    results = {**before, **results, "measured": measured}
    kept.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    for name in measured.keys() - set(ON_SPEED):
        (folder / f"{name}-machine.md").write_text(measured_on({name: measured[name]}), "utf-8")
    of_speed = {name: measured[name] for name in ON_SPEED if name in measured}
    (folder / "machine.md").write_text(measured_on(of_speed), "utf-8")
    for name in EXPERIMENTS:
        if name in results:
            (folder / f"{name}.md").write_text(_markdown(results[name]), "utf-8")
    if "sweeps" in results:
        (folder / "sweeps-paper.md").write_text(_markdown(on_paper(results["sweeps"])), "utf-8")
    if "exponent" in results:
        text = f"Proof time grows as $(RK + FK)^{{{results['exponent']:.2f}}}$ in this run.\n"
        (folder / "exponent.md").write_text(text, "utf-8")
    if "proof" in results:
        chart = log_log_chart(
            "Proof time against the number of products",
            "products in the layer",
            "seconds to prove it",
            _series(results["proof"], list(PROVERS)),
            "The time of three ways to prove grows with the number of products; the factorised proof, which "
            "compares the maps, grows with their size only and stays in the milliseconds. "
            "The table has the numbers.",
        )
        (folder / "proof.svg").write_text(chart + "\n", "utf-8")
    if "loops" in results:
        (folder / "where.md").write_text(where(results["loops"]), "utf-8")
        names = ["compiled loops ÷ unrolled", "NumPy loops ÷ unrolled"]
        top = max(r["products"] for r in results["loops"])
        low = min(r["products"] for r in results["loops"])
        even = Series("as fast as unrolled", [(low, 1.0), (top, 1.0)])
        paper = Series("the paper: 2.4 to 3.0", [(low, 2.7), (top, 2.7)])
        chart = log_log_chart(
            "Loops against the unrolled product",
            "products in the layer",
            "times as long as unrolled",
            [*_series(results["loops"], names), even, paper],
            "On tiny layers loops are as fast as the unrolled product or faster; the larger the layer, "
            "the more the unrolled product gains. The table has the numbers.",
        )
        (folder / "loops.svg").write_text(chart + "\n", "utf-8")

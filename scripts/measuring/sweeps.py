"""Sweeps of many small geometries: one worker against two, and what the client and the store can take."""

import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

import symconv as sc
from measuring.timing import Row
from symconv.sweeps.batch import Batch, run_batch
from symconv.sweeps.key import key
from symconv.sweeps.store import Store
from symconv.sweeps.task import Answer, task_of

MANY, SOME, BILLION = 100_000, 10_000, 10**9
SPACE = {
    "input": "5..16x5..13",
    "kernel": "1..3x1..3",
    "channels": [1, 2],
    "kernels": [2, 4],
    "groups": [1, 2],
    "stride": "1..2x1..2",
    "padding": [0, "1:0x0:1", "same_upper"],
    "dilation": [1, 2],
}


def sweeps(_threads: int) -> list[Row]:
    """A grid proved by one worker and by two in turn; then all of it; then each part by itself."""
    space = sc.grid(**SPACE)
    some = list(islice(space, 0, 13 * SOME, 13))[:SOME]  # of the whole space, so that they are alike
    proved: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(3):
        for workers, times in proved.items():
            times.append(_seconds(partial(_proved, some, workers)))
    one, two = (statistics.median(times) for times in proved.values())
    ratio = statistics.median(a / b for a, b in zip(proved[1], proved[2], strict=True))
    before_all = _core_seconds()
    before = _megabytes()
    with tempfile.TemporaryDirectory() as folder:
        all_of_it = _seconds(lambda: _proved(islice(space, MANY), 2, Path(folder) / "all.sqlite"))
    grown, worked = _megabytes() - before, _core_seconds() - before_all
    return [
        _row("one worker", SOME, one),
        _row("two workers", SOME, two, ratio),
        _row("two workers, with a store", MANY, all_of_it, grown=grown),
        _row("the same, in seconds of one core", MANY, worked),
        _row("client: make, pack, count", SOME, _client()),
        _row("client: make one geometry of the grid", SOME, _seconds(lambda: list(islice(space, SOME)))),
        _row("store: write a row", MANY, _store()),
        _row("scheduler: a batch there and back", 500, _there_and_back(500)),
    ]


def on_paper(rows: list[Row]) -> list[Row]:
    """What 10⁹ geometries would cost on a cluster, and at how many cores each part breaks."""
    by = {row["what"]: row for row in rows}
    core, client, store, calls = (
        by[what]["a second"]
        for what in (
            "the same, in seconds of one core",
            "client: make, pack, count",
            "store: write a row",
            "scheduler: a batch there and back",
        )
    )
    hours = BILLION / 3600
    parts = [
        ("proving, on k cores", f"{hours / core:,.0f} ÷ k hours", "–"),
        ("the client", f"{hours / client:,.1f} hours", f"{client / core:,.0f} cores"),
        ("the store", f"{hours / store:,.1f} hours", f"{store / core:,.0f} cores"),
        ("the scheduler, a batch a second from each core", "–", f"{calls:,.0f} cores"),
    ]
    return [
        {"part": part, "10⁹ geometries take": time, "keeps up with": cores} for part, time, cores in parts
    ]


def _row(
    what: str, count: int, seconds: float, ratio: float | None = None, grown: float | None = None
) -> Row:
    rate = {"what": what, "how many": count, "s": seconds, "a second": count / seconds}
    return {**rate, "times one worker": ratio, "client grew by MB": grown}


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _core_seconds() -> float:
    """What this process and its workers have worked, however many others share the cores."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _proved(geometries: Iterable[sc.Geometry], workers: int, store: Path | None = None) -> None:
    found = sc.sweep("prove", geometries, partial(ProcessPoolExecutor, workers), store, in_flight=2 * workers)
    if not found:
        raise AssertionError(found)


def _client() -> float:
    """Everything that the client does of a geometry but write it: make it, pack it, name it, count it."""
    found = sc.Sweep("nothing", "")
    answer = Answer("holds", "exact", 0.001, "")

    def work() -> None:
        geometries = list(islice(sc.grid(**SPACE), SOME))
        Batch.of(geometries)
        keys = [key(g) for g in geometries]
        found.add(keys, [answer] * len(keys))

    return _seconds(work)


def _store() -> float:
    """Rows written, a thousand to a transaction, none of them there before."""
    task, answer = task_of("prove"), Answer("holds", "exact", 0.001, "")
    keys = [key(g) for g in islice(sc.grid(**SPACE), MANY)]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store.sqlite")

        def write() -> None:
            for first in range(0, MANY, 1000):
                some = keys[first : first + 1000]
                store.add(task, some, [answer] * len(some))

        seconds = _seconds(write)
        store.close()
    return seconds


def _there_and_back(times: int) -> float:
    """Batches of one geometry, one after the other, to a worker process and back."""
    task, batch = task_of("prove"), Batch.of([sc.Geometry(3, 2)])
    with ProcessPoolExecutor(1) as pool:
        pool.submit(run_batch, task, batch.packed, 0).result()
        return _seconds(
            lambda: [pool.submit(run_batch, task, batch.packed, n).result() for n in range(times)]
        )

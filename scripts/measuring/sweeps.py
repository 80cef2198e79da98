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

MANY, BILLION = 100_000, 10**9
SPACE = {
    "input": "5..17x5..13",
    "kernel": "1..3x1..3",
    "channels": [1, 2],
    "kernels": [2, 4, 6],
    "groups": [1, 2],
    "stride": "1..2x1..2",
    "padding": [0, "1:0x0:1"],
    "dilation": [1, 2],
}  # 101,088 geometries
CORE, CLIENT, AGAIN = "the same: the workers' time", "the same: the client's time", "the same, all known"
STORE, SCHEDULER = "store: write a row", "scheduler: a batch there and back"


def sweeps(_threads: int) -> list[Row]:
    """A grid proved by one worker and by two in turn; then all of it; then each part by itself."""
    space = sc.grid(**SPACE)
    some = sc.grid(**{**SPACE, "input": "5..17 by 4x5..13 by 4"})  # alike, and a grid, as people sweep it
    proved: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(3):
        for workers, times in proved.items():
            times.append(_seconds(partial(_proved, some, workers)))
    one, two = (statistics.median(times) for times in proved.values())
    ratio = statistics.median(a / b for a, b in zip(proved[1], proved[2], strict=True))
    before, client, workers_before = _megabytes(), _worked(_SELF), _worked(_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "all.sqlite"
        all_of_it = _seconds(lambda: _proved(space, 2, file))
        grown, own = _megabytes() - before, _worked(_SELF) - client
        of_workers = _worked(_CHILDREN) - workers_before
        size = file.stat().st_size / 2**20
        count = space.candidates - space.left_out
        again = _seconds(lambda: _proved(space, 1, file))
    return [
        _row("one worker", some.candidates - some.left_out, one),
        _row("two workers", some.candidates - some.left_out, two, ratio),
        _row("two workers, with a store", count, all_of_it, grown=grown, size=size),
        _row(CORE, count, of_workers),
        _row(CLIENT, count, own),
        _row(AGAIN, count, again),
        _row(STORE, MANY, _store()),
        _row(SCHEDULER, 500, _there_and_back(500)),
    ]


def on_paper(rows: list[Row]) -> list[Row]:
    """What 10⁹ geometries would cost on a cluster, and at how many cores each part breaks."""
    by = {row["what"]: row for row in rows}
    core, client, again, store, calls = (
        by[what]["a second"] for what in (CORE, CLIENT, AGAIN, STORE, SCHEDULER)
    )
    stored = by["two workers, with a store"]
    gigabytes = stored["file in MB"] / stored["how many"] * BILLION / 1024
    hours = BILLION / 3600
    parts = [
        ("proving, on k cores", f"{hours / core:,.0f} ÷ k hours", "–"),
        ("the client, writing its store", f"{hours / client:,.1f} hours", f"{client / core:,.0f} cores"),
        ("the store alone", f"{hours / store:,.1f} hours", f"{store / core:,.0f} cores"),
        ("the store's file", f"{gigabytes:,.0f} GB", "–"),
        ("the scheduler, a batch a second from each core", "–", f"{calls:,.0f} cores"),
        ("reading back what is known, to go on", f"{hours / again:,.1f} hours", "–"),
    ]
    return [
        {"part": part, "10⁹ geometries take": time, "keeps up with": cores} for part, time, cores in parts
    ]


def _row(
    what: str,
    count: int,
    seconds: float,
    ratio: float | None = None,
    grown: float | None = None,
    size: float | None = None,
) -> Row:
    rate = {"what": what, "how many": count, "s": seconds, "a second": count / seconds}
    return {**rate, "times one worker": ratio, "client grew by MB": grown, "file in MB": size}


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _megabytes() -> float:
    return resource.getrusage(_SELF).ru_maxrss / 1024


_SELF, _CHILDREN = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN


def _worked(who: int) -> float:
    """Seconds of one core that were worked, however many others share the cores."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _proved(geometries: Iterable[sc.Geometry], workers: int, store: Path | None = None) -> None:
    found = sc.sweep("prove", geometries, partial(ProcessPoolExecutor, workers), store, in_flight=2 * workers)
    if not found:
        raise AssertionError(found)


def _store() -> float:
    """Rows written, a thousand to a transaction, none of them there before; the best of three."""
    task, answer = task_of("prove"), Answer("holds", "exact", 0.001, "")
    keys = [key(g) for g in islice(sc.grid(**SPACE), MANY)]

    def write(store: Store) -> None:
        for first in range(0, MANY, 1000):
            some = keys[first : first + 1000]
            store.add(task, some, [answer] * len(some))

    times = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            store = Store(Path(folder) / "store.sqlite")
            times.append(_seconds(partial(write, store)))
            store.close()
    return min(times)


def _there_and_back(times: int) -> float:
    """Batches of one geometry, one after the other, to a worker process and back."""
    task, batch = task_of("prove"), Batch.of([sc.Geometry(3, 2)])
    with ProcessPoolExecutor(1) as pool:
        pool.submit(run_batch, task, batch.packed, 0).result()
        return _seconds(
            lambda: [pool.submit(run_batch, task, batch.packed, n).result() for n in range(times)]
        )

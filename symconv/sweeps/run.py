"""``sweep``: one task over any number of geometries, wherever an executor runs it.

The loop keeps a bounded number of batches out, so that memory is flat however long the sweep. A batch that
is out when a worker dies is a suspect; suspects are tried one at a time, so that what kills a worker is known
for certain, and halved until it is one geometry.
"""

import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from itertools import count, islice
from pathlib import Path
from typing import Any

from symconv.errors import RequestError
from symconv.geometry import Geometry
from symconv.sweeps.batch import Answers, Batch, Size, run_batch
from symconv.sweeps.grid import Grid
from symconv.sweeps.key import geometry_of, key
from symconv.sweeps.pool import Maker, Pool, Submits, deaths
from symconv.sweeps.shrink import shrink
from symconv.sweeps.store import Store
from symconv.sweeps.summary import Failure, Sweep
from symconv.sweeps.task import KILLED, REFUTED, Answer, Task, task_of

MOST_DEATHS = 3  # of workers, by one geometry
Progress = Callable[[Sweep], Any]


def sweep(
    task: Any,
    geometries: Iterable[Geometry],
    executor: Submits | Maker | None = None,
    store: str | Path | None = None,
    *,
    in_flight: int | None = None,
    timeout: float | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Ask one task of every geometry, and say what it came to.

    Args:
        task: ``sc.prove``; ``"check FILE.py::NAME"`` (is a person's function the convolution?);
            ``"against FILE.py::NAME"`` (does ``NAME(x, w, geometry)`` compute on whole numbers what
            ``sc.evaluate`` does?); or any function of a Geometry that returns a verdict, True or False.
        geometries: any iterable of ``Geometry``, read only as far ahead as there are workers.
        executor: None for this process; any executor of ``concurrent.futures``, or a cluster's such as Dask's
            ``client.get_executor()``; or a function that makes one, which a pool of processes needs to go on
            after a worker has died.
        store: path of an SQLite file that keeps each answer once, by task, version and geometry. What it
            answers already is not asked again, so a sweep that was killed goes on where it stood.
        in_flight: how many batches, of about a second each, are out at a time; twice the cores by default.
        timeout: seconds that one geometry may take, beyond which there is no verdict on it; any, by default.
            Kept by an alarm in the worker, so for this process and pools of processes only; one call into C
            that does not come back is not ended. Answers with another timeout are not taken for its own.
        progress: called with what was found so far, after each batch.

    Returns:
        A ``Sweep``: truthy if the task holds at every geometry.

    Raises:
        RequestError: the task, executor, store or timeout cannot be used.

    Source: Chellapilla, Puri & Simard 2006, section 2.1, for the claim of a proof.

    Examples:
        >>> layers = (Geometry((n, n + 1), k, stride=s) for n in (4, 5) for k in (2, 3) for s in (1, 2))
        >>> found = sweep("prove", layers)
        >>> bool(found), found.count(), dict(found.counts)
        (True, 8, {('holds', 'exact'): 8})
    """
    asked = task_of(task).within(timeout)
    if in_flight is not None and (not isinstance(in_flight, int) or in_flight < 1):
        raise RequestError(f"in_flight={in_flight!r} is no number of batches: give an int of at least 1")
    opened = None if store is None else Store(store)
    try:
        pool = Pool(executor)
        most = in_flight or (1 if executor is None else 2 * (os.cpu_count() or 1))
        run = _Run(asked, pool, opened, progress or (lambda _: None))
        try:
            if isinstance(geometries, Grid) and geometries.draw is None and not run.resumes():
                run.of_grid(geometries, most)
            else:
                run.all(iter(geometries), most)
            run.shrink()
        finally:
            pool.close()
    finally:
        if opened is not None:
            opened.close()
    return run.found


class _Run:
    """One sweep on its way."""

    def __init__(self, task: Task, pool: Pool, store: Store | None, progress: Progress) -> None:
        self.task, self.pool, self.store, self.progress = task, pool, store, progress
        self.found = Sweep(task.name, task.version)
        self.size = Size()
        self.out: dict[Future[Answers], Batch] = {}
        self.suspects: deque[Batch] = deque()
        self.calls = count()
        self.alone = True  # whether what is out was out by itself all the time
        self.grid: Grid | None = None  # whose geometries the workers make

    def resumes(self) -> bool:
        """Whether the store has answers already, so that each geometry is to be looked up in it."""
        return self.store is not None and self.store.has(self.task)

    def of_grid(self, grid: Grid, most: int) -> None:
        """A grid's geometries, made by the workers: the client only counts them."""
        self.grid, grid.left_out = grid, 0
        self.all(grid.choices(), most)
        if not self.found.count():
            raise grid.nothing()

    def all(self, source: Iterator[Any], most: int) -> None:
        """Batch after batch, until there is none left to ask, and none out."""
        left = True
        try:
            while left or self.out or self.suspects:
                while left and not self.suspects and len(self.out) < most:
                    batch = self._next(source)
                    left = batch is not None
                    if batch is not None and batch.size:
                        self._send(batch)
                if self.suspects and not self.out:  # alone, so that it is known who did it
                    self._send(self.suspects.popleft())
                self._collect()
        finally:
            for future in self.out:
                future.cancel()

    def _next(self, source: Iterator[Any]) -> Batch | None:
        """The next batch of what is not answered yet; None at the end."""
        geometries = list(islice(source, self.size.next))
        if not geometries:
            return None
        if self.grid is not None:
            return Batch.of(geometries, self.grid.recipe)
        for g in geometries:
            if not isinstance(g, Geometry):
                raise RequestError(f"geometries has {g!r}, which is no Geometry: give any iterable of them")
        if self.store is not None:
            keys = [key(g) for g in geometries]
            if known := self.store.known(self.task, keys):
                again = [k for k in keys if k in known]
                self.found.add(again, [known[k] for k in again], resumed=True)
                self.progress(self.found)
                geometries = [g for g, k in zip(geometries, keys, strict=True) if k not in known]
        return Batch.of(geometries)

    def _send(self, batch: Batch) -> None:
        self.alone = not self.out  # and so it stays until another one is sent
        self.out[self.pool.submit(run_batch, self.task, batch.packed, next(self.calls))] = batch

    def _collect(self) -> None:
        """Wait for a batch, and take in all that are done."""
        done = wait(self.out, return_when=FIRST_COMPLETED).done if self.out else set()
        for future in done:
            batch = self.out.pop(future)
            try:
                answers = future.result()
            except CancelledError as error:
                raise RequestError(
                    "the executor let go of what it was given (is the cluster still there?): run the same "
                    "sweep again; with a store, it goes on from where it stood"
                ) from error
            except Exception as error:
                if not (died := deaths(error)):
                    raise _told(error, self.task) from error
                self._died(batch, died)
            else:
                self.size.learn(batch.size, answers.seconds)
                if self.grid is not None:
                    self.grid.left_out += batch.size - len(answers.keys)
                self._keep(answers.keys, answers.answers)

    def _died(self, batch: Batch, died: int) -> None:
        """A worker died while a batch was out: try it again, by itself, in halves if it was by itself."""
        if not self.alone:
            self.suspects.append(batch)
        elif batch.size > 1:
            self.suspects.extendleft(reversed(batch.halves()))
        elif batch.deaths + died < MOST_DEATHS:
            self.suspects.appendleft(Batch(batch.packed, 1, batch.deaths + died))
        else:
            keys = [key(g) for g in batch.geometries()]
            said = f"its worker ended {MOST_DEATHS} times while it was asked"
            self._keep(keys, [Answer(KILLED, "", 0.0, said)])

    def _keep(self, keys: list[str], answers: list[Answer]) -> None:
        if self.store is not None:
            self.store.add(self.task, keys, answers)
        self.found.add(keys, answers)
        self.progress(self.found)

    def shrink(self) -> None:
        """From the refuted geometry to the smallest one that still is, asked of the workers."""
        if self.found.refuted is None:
            return
        said = {self.found.refuted.geometry: self.found.refuted.said}

        def fails(g: Geometry) -> bool:
            try:
                call = self.pool.submit(run_batch, self.task, Batch.of([g]).packed, next(self.calls))
                answer: Answer = call.result().answers[0]
            except Exception as error:
                if not deaths(error):
                    raise
                return False  # it ends its worker, which is another matter
            said[key(g)] = answer.said
            return answer.outcome == REFUTED

        refuted = geometry_of(self.found.refuted.geometry)
        smallest = key(refuted if refuted.symbols else shrink(refuted, fails))
        self.found.shrunk = Failure(smallest, said[smallest])


def _told(error: Exception, task: Task) -> Exception:
    """What went wrong with a call itself, as a sentence where it is the caller's to mend."""
    unpicklable = isinstance(error, pickle.PicklingError) or "pickle" in str(error)
    if not unpicklable:
        return error
    return RequestError(
        f"task={task.name!r} cannot be sent to another process ({error}): define it at the top of a module, "
        'or name it as "check FILE.py::NAME"'
    )

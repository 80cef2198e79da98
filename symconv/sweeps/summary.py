"""What a sweep came to: how many of which outcome and tier, the slowest, and the smallest that fails."""

import heapq
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symconv.sweeps.key import geometry_of
from symconv.sweeps.store import Store
from symconv.sweeps.task import HOLDS, KILLED, REFUTED, UNTOLD, Answer

MOST_SHOWN = 5
_ORDER = (HOLDS, REFUTED, UNTOLD, KILLED)
_WORDS = {HOLDS: "hold", REFUTED: "refuted", UNTOLD: "without a verdict", KILLED: "ended their worker"}


@dataclass(frozen=True)
class Failure:
    """A geometry at which a task does not hold, and what was said about it."""

    geometry: str
    said: str

    def __str__(self) -> str:
        said = self.said.replace("\n", "\n    ")
        return f"{words(self.geometry)}\n    {said}" if said else words(self.geometry)


@dataclass(repr=False)
class Sweep:
    """What a sweep has found so far, in memory that does not grow with it; truthy if all of it holds.

    Attributes:
        task: what was asked.
        version: of symconv, and of the person's file.
        counts: how many geometries, by (outcome, tier).
        resumed: how many of them were answered in the store already.
        seconds: that the workers spent on them, added up.
        slowest: (seconds, geometry) of the slowest ones, slowest first.
        refuted: the smallest geometry that was refuted.
        killed: of those that ended their worker, the smallest one.
        untold: of those without a verdict, the smallest one.
        shrunk: the smallest failing geometry that the refuted one shrinks to.

    Examples:
        >>> Sweep("prove", "0.1.0").count()
        0
    """

    task: str
    version: str
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    resumed: int = 0
    seconds: float = 0.0
    slowest: list[tuple[float, str]] = field(default_factory=list)
    refuted: Failure | None = None
    killed: Failure | None = None
    untold: Failure | None = None
    shrunk: Failure | None = None

    def add(self, keys: Iterable[str], answers: Iterable[Answer], resumed: bool = False) -> None:
        """Count more answers.

        Args:
            keys: the geometries, each as the text that it is stored under.
            answers: what was found of each.
            resumed: whether they were in the store already.

        Examples:
            >>> from symconv.geometry import Geometry
            >>> from symconv.sweeps.key import key
            >>> found = Sweep("prove", "0.1.0")
            >>> found.add([key(Geometry(5, 3))], [Answer("holds", "exact", seconds=0.001, said="")])
            >>> found.count("holds")
            1
        """
        for text, answer in zip(keys, answers, strict=True):
            self.counts[answer.outcome, answer.tier] += 1
            self.resumed += resumed
            self.seconds += answer.seconds
            if len(self.slowest) < MOST_SHOWN or answer.seconds > self.slowest[-1][0]:
                self.slowest = heapq.nlargest(MOST_SHOWN, [*self.slowest, (answer.seconds, text)])
            if answer.outcome != HOLDS:
                held: Failure | None = getattr(self, answer.outcome)
                if held is None or rank(text) < rank(held.geometry):
                    setattr(self, answer.outcome, Failure(text, answer.said))

    def count(self, outcome: str | None = None) -> int:
        """How many geometries had this outcome; or any.

        Args:
            outcome: ``"holds"``, ``"refuted"``, ``"untold"`` or ``"killed"``; None for all of them.

        Examples:
            >>> Sweep("prove", "0.1.0").count("refuted")
            0
        """
        return sum(n for (found, _), n in self.counts.items() if outcome in (None, found))

    @property
    def holds(self) -> bool | None:
        """False if any was refuted or ended its worker; None if there is one without a verdict, or none."""
        if self.count(REFUTED) or self.count(KILLED):
            return False
        return True if self.count() and not self.count(UNTOLD) else None

    def __bool__(self) -> bool:
        return self.holds is True

    def __repr__(self) -> str:
        again = f", {self.resumed:,} of them answered before" if self.resumed else ""
        noun = "geometry" if self.count() == 1 else "geometries"
        lines = [f"{self.task} ({self.version}): {self.count():,} {noun}{again}"]
        for outcome, tier in sorted(self.counts, key=lambda kind: (_ORDER.index(kind[0]), kind[1])):
            of = f" (tier: {tier})" if tier else ""
            lines.append(f"  {self.counts[outcome, tier]:>12,} {_WORDS[outcome]}{of}")
        for title, failure in [
            ("smallest that was refuted", self.refuted if self.shrunk is None else None),
            ("smallest that fails", self.shrunk),
            ("smallest without a verdict", self.untold),
            ("smallest that ended its worker", self.killed),
        ]:
            lines += [] if failure is None else [f"{title}:", f"  {failure}"]
        if self.slowest:
            lines.append("slowest:")
            lines += [f"  {seconds * 1e3:>10,.1f} ms  {words(text)}" for seconds, text in self.slowest]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The same, as JSON can hold it.

        Examples:
            >>> Sweep("prove", "0.1.0").as_dict()["geometries"]
            0
        """
        return {
            "task": self.task,
            "version": self.version,
            "holds": self.holds,
            "geometries": self.count(),
            "resumed": self.resumed,
            "counts": [
                {"outcome": outcome, "tier": tier, "geometries": n}
                for (outcome, tier), n in sorted(self.counts.items())
            ],
            "seconds": self.seconds,
            **{
                name: failure and {"geometry": words(failure.geometry), "said": failure.said}
                for name in ("refuted", "shrunk", "untold", "killed")
                for failure in [getattr(self, name)]
            },
            "slowest": [{"seconds": s, "geometry": words(text)} for s, text in self.slowest],
        }


def rank(text: str) -> tuple[Any, ...]:
    """A geometry's place in the order from small to large: all its numbers added up, then its key."""
    return _total(json.loads(text)), len(text), text


def _total(value: Any) -> int:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sum(map(_total, value))
    return int(value) if isinstance(value, int) else int(value != "zeros")


def words(text: str) -> str:
    """A geometry's key as the call that makes it."""
    return repr(geometry_of(text))


def summaries(store: str | Path) -> list[Sweep]:
    """What a store holds, task by task.

    Args:
        store: path of a file that a sweep has written, or is writing.

    Returns:
        One ``Sweep`` for each task and version in the store.

    Raises:
        RequestError: there is no such file, or it is no store.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     kept = Path(folder, "results.sqlite")
        ...     Store(kept).close()
        ...     summaries(kept)
        []
    """
    opened = Store(store, new=False)
    try:
        sweeps = []
        for name, version in opened.tasks():
            sweep = Sweep(name, version)
            for text, answer in opened.answers(name, version):
                sweep.add([text], [answer])
            sweeps.append(sweep)
        return sweeps
    finally:
        opened.close()

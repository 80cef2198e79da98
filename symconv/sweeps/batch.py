"""Batches: what goes to a worker at once, packed small, and how many geometries that should be."""

import pickle
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symconv.geometry import Geometry
from symconv.sweeps.grid import Recipe
from symconv.sweeps.key import key
from symconv.sweeps.task import Answer, Task

SECONDS = 1.0  # that a batch should take
_FIRST, _MOST, _FASTER = 4, 10_000, 4


@dataclass(frozen=True)
class Batch:
    """Geometries for a worker.

    Attributes:
        packed: a recipe and the choices that it makes geometries of, or None and the geometries; pickled,
            which is a tenth of their size, as many wait.
        size: how many.
        deaths: how many workers died of it when it was the only one out.
    """

    packed: bytes
    size: int
    deaths: int = 0

    @classmethod
    def of(cls, items: Sequence[Any], recipe: Recipe | None = None) -> "Batch":
        """Pack geometries; or choices of values, with the recipe that makes geometries of them."""
        return cls(pickle.dumps((recipe, list(items)), pickle.HIGHEST_PROTOCOL), len(items))

    def geometries(self) -> list[Geometry]:
        """Unpack them; choices that are no geometry are left out."""
        recipe, items = self._unpacked()
        return items if recipe is None else [g for g in map(recipe.geometry, items) if g is not None]

    def halves(self) -> "tuple[Batch, Batch]":
        """Two batches of half of it each."""
        recipe, items = self._unpacked()
        middle = len(items) // 2
        return Batch.of(items[:middle], recipe), Batch.of(items[middle:], recipe)

    def _unpacked(self) -> tuple[Recipe | None, list[Any]]:
        unpacked: tuple[Recipe | None, list[Any]] = pickle.loads(self.packed)  # noqa: S301 (packed above)
        return unpacked


@dataclass(frozen=True)
class Answers:
    """What a worker sends back: the geometries' keys, their answers, and the seconds that all of it took."""

    keys: list[str]
    answers: list[Answer]
    seconds: float


def run_batch(task: Task, packed: bytes, number: int) -> Answers:
    """Ask a task of each geometry of a batch; this is what runs on a worker.

    Args:
        task: what to ask.
        packed: of a ``Batch``.
        number: of the call, another one each time, so that no scheduler takes two calls for the same.
    """
    del number
    begun = time.perf_counter()
    geometries = Batch(packed, 0).geometries()
    answers = [task.answer(g) for g in geometries]
    return Answers([key(g) for g in geometries], answers, time.perf_counter() - begun)


@dataclass
class Size:
    """How many geometries make a batch of about a second, from the batches so far.

    Examples:
        >>> size = Size()
        >>> size.learn(4, seconds=0.001)
        >>> size.next
        16
        >>> size.learn(16, seconds=32)
        >>> size.next
        1
    """

    next: int = _FIRST

    def learn(self, size: int, seconds: float) -> None:
        """Take note of what a batch took; grows step by step, shrinks at once."""
        fits = int(size * SECONDS / max(seconds, 1e-9))
        self.next = max(1, min(fits, max(_FIRST, _FASTER * size), _MOST))

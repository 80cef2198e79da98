"""Times of rivals that take turns."""

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

Row = dict[str, Any]


def in_turn(
    rivals: Mapping[str, Callable[[], Any]], rounds: int = 15, seconds: float = 20
) -> dict[str, float]:
    """The median time of each rival in seconds, the rivals taking turns, so that all meet the same noise."""
    times: dict[str, list[float]] = {name: [] for name in rivals}
    begun = time.perf_counter()
    for rival in rivals.values():
        rival()
    for _ in range(rounds):
        for name, rival in rivals.items():
            start = time.perf_counter()
            rival()
            times[name].append(time.perf_counter() - start)
        if time.perf_counter() - begun > seconds:
            break
    return {name: statistics.median(t) for name, t in times.items()}

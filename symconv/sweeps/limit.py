"""A time limit for one geometry, kept by the timer of the process that works on it."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from symconv.errors import RequestError


class TooSlow(BaseException):  # no Exception, so that a task does not take it for one of its own
    """The time is over."""


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Interrupt what is done inside when its time is over; None for no limit.

    The alarm is heard between two steps of Python: a call into C that does not come back is not ended.

    Raises:
        TooSlow: the time is over.
        RequestError: no alarm can be set, as this is not the main thread, or not POSIX.

    Examples:
        >>> try:
        ...     with limited(0.01):
        ...         while True:
        ...             pass
        ... except TooSlow:
        ...     print("ended")
        ended
    """
    if seconds is None:
        yield
        return
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        raise RequestError(
            f"timeout={seconds:g} needs an alarm, which only the main thread of a process has, and "
            "not on Windows: sweep here or on a pool of processes, or leave the timeout out"
        )
    begun, before = time.monotonic(), signal.signal(signal.SIGALRM, _over)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left:  # an alarm of the caller's
            signal.setitimer(signal.ITIMER_REAL, max(1e-3, left - (time.monotonic() - begun)), interval)


def _over(*_: Any) -> None:
    raise TooSlow

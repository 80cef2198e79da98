"""An executor that may lose its workers: any of ``concurrent.futures``, this process, or a cluster's.

Knows how a lost worker shows, and makes a broken pool anew where it was told how.
"""

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any, Protocol

from symconv.errors import RequestError


class Submits(Protocol):
    """What a sweep needs of an executor; Dask's is one as well."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Call a function somewhere."""

    def shutdown(self, wait: bool = True) -> None:
        """Let it go."""


Maker = Callable[[], Submits]


class Inline(Executor):
    """This process: what is submitted is done at once.

    Examples:
        >>> Inline().submit(abs, -3).result()
        3
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Call it now."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 (whatever the call raises is what it came to)
            future.set_exception(error)
        return future


class Pool:
    """An executor, or what makes one, in which a worker may die.

    Args:
        executor: None for this process; an executor, which stays the caller's; or a function of no arguments
            that makes one, which is let go at the end, and made anew when it breaks.
    """

    def __init__(self, executor: Submits | Maker | None) -> None:
        if executor is not None and not callable(executor) and not hasattr(executor, "submit"):
            raise RequestError(
                f"executor={executor!r} is no executor: give one of concurrent.futures, Dask's "
                "client.get_executor(), or a function that makes one"
            )
        self._make: Maker | None = None
        if executor is None:
            self._executor: Submits = Inline()
        elif callable(executor):
            self._make, self._executor = executor, _started(executor)
        else:
            self._executor = executor

    def submit(self, fn: Callable[..., Any], *args: Any) -> "Future[Any]":
        """Call a function on a worker; one pool that is broken is made anew first.

        Raises:
            RequestError: it is broken, and the caller did not say how to make another.
        """
        try:
            return self._executor.submit(fn, *args)
        except BrokenExecutor as error:
            if self._make is None:
                raise RequestError(
                    "the executor broke when a worker died, and cannot be made anew: "
                    "give a function that makes one, such as executor=lambda: ProcessPoolExecutor(2)"
                ) from error
            self._executor.shutdown()
            self._executor = _started(self._make)
            return self._executor.submit(fn, *args)
        except RuntimeError as error:
            raise RequestError(
                f"the executor takes no more calls ({error}): give one that is open"
            ) from error

    def close(self) -> None:
        """Let an executor go that was made here."""
        if self._make is not None:
            self._executor.shutdown()


def _started(make: Maker) -> Submits:
    """A new executor that has done something, so that no geometry is blamed for workers that never start.

    Raises:
        RequestError: they end as soon as they start.
    """
    executor = make()
    try:
        executor.submit(_ready).result()
    except BrokenExecutor as error:
        raise RequestError(
            f"the executor's workers end as soon as they start ({error}): see what they say; a script makes "
            'its processes under if __name__ == "__main__"'
        ) from error
    return executor


def _ready() -> None:
    """What a worker is asked first."""


def deaths(error: BaseException) -> int:
    """How many workers died of a call that ended with this error; 0 if it is no such error.

    A pool of processes says so at the first one; Dask's scheduler when it has given up on the call.
    """
    if isinstance(error, BrokenExecutor):
        return 1
    if type(error).__name__ == "KilledWorker":  # by name, so that Dask need not be there
        return 1 + int(getattr(error, "allowed_failures", 0))
    return 0

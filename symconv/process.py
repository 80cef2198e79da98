"""A process of its own for what is not trusted to end: it is given some time, and then it is ended.

Stands above the rooms that run or read other people's files.
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress


def run(command: Sequence[str], seconds: float, **environment: str) -> int | None:
    """The exit status of a command, or None if its time was up; what it prints is dropped.

    Whatever it has started is ended with it, where the system knows groups of processes.

    Args:
        command: the program and its words.
        seconds: how long it may take.
        environment: variables that it is given besides ours.

    Examples:
        >>> import sys
        >>> run([sys.executable, "-c", "raise SystemExit(3)"], seconds=60)
        3
    """
    process = subprocess.Popen(  # noqa: S603 (no shell)
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, **environment},
    )
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError, PermissionError):  # it has ended by itself
            os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
        process.wait()

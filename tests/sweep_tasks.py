"""What the tests of sweeps ask of geometries; a module of its own, so that worker processes can import it."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import symconv as sc

DEADLY = (7, 6)


def kills(g):
    """A proof that ends its worker at one input size."""
    if g.input_size == DEADLY and g.stride == (2, 1):
        os.kill(os.getpid(), signal.SIGKILL)
    return sc.prove(g)


def wrong_where_strides_differ(g):
    if g.stride[0] != g.stride[1] and g.input_size[0] > 4:
        return False
    return sc.prove(g)


def slow(g):
    time.sleep(0.004)
    return sc.prove(g)


def kills_once(g):
    """A proof that ends its worker the first time that it is asked of one input size."""
    if g.input_size == DEADLY and (once := Path(os.environ["SWEEP_ONCE"])).exists():
        once.unlink(missing_ok=True)
        os.kill(os.getpid(), signal.SIGKILL)
    return sc.prove(g)


def moody(g):
    if g.input_size[0] == 5:
        raise ValueError("five is too many")
    return sc.prove(g)


def hangs(g):
    """A proof that never ends at one input size, whatever it meets on the way."""
    while g.input_size == DEADLY:
        with suppress(Exception):
            time.sleep(0.01)
    return sc.prove(g)

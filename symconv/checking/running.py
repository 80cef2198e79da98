"""A person's function as one of plain arrays, and what it did if it returned none."""

import dis
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.tracing.tape import said_by

Shape = tuple[int, ...]
Run = Callable[[Array, Array], Array]
DTYPES = (np.float64, np.float32, np.int64)
_INSTALLED = Path(np.__file__).parents[1]


class RunError(Exception):
    """A person's function did not return an array of numbers.

    Attributes:
        refuses: whether its own code raised, as by ``raise`` or ``assert``, rather than stumbled.
    """

    def __init__(self, did: str, refuses: bool = False) -> None:
        super().__init__(did)
        self.refuses = refuses


def run_on(dtype: Any, function: Callable[..., Any], keywords: Mapping[str, Any]) -> Run:
    """A function that takes and returns plain arrays of numbers; as they are where ``dtype`` is None.

    Raises:
        RunError: (when it is called) the person's function raised, or returned something else.

    Examples:
        >>> run_on(np.float64, lambda x, w: (x, w), {})(np.ones(3), np.ones(2))
        Traceback (most recent call last):
        symconv.checking.running.RunError: it returned a tuple of 2 things: let it return its output only
    """

    def run(x: Array, w: Array) -> Array:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                given = (x, w) if dtype is None else (x.astype(dtype), w.astype(dtype))
                returned = function(*given, **keywords)
            except (Exception, SystemExit) as error:
                said = said_by(error).strip().split("\n")[0]
                what = f"{type(error).__name__}: {said}" if said else type(error).__name__
                raise RunError(f"it raised {what}", _raised_by_its_own_code(error)) from error
            return _numbers(returned)

    return run


def on_ones(
    function: Callable[..., Any], keywords: Mapping[str, Any], x_shape: Shape, w_shape: Shape
) -> tuple[Any, Array]:
    """The first dtype that a function takes, and what it makes of ones.

    Raises:
        RunError: it takes none.
    """
    first: RunError | None = None
    for dtype in DTYPES:
        try:
            return dtype, run_on(dtype, function, keywords)(np.ones(x_shape), np.ones(w_shape))
        except RunError as raised:
            first = first or raised
    raise first or RunError("it takes no numbers")


def _numbers(returned: Any) -> Array:
    if returned is None:
        raise RunError("it returned None: let it return its output")
    if isinstance(returned, tuple):
        raise RunError(f"it returned a tuple of {len(returned)} things: let it return its output only")
    try:
        result: Array = np.array(returned)
    except (Exception, SystemExit) as error:
        raise RunError(f"it returned a {type(returned).__name__}, which is no array of numbers") from error
    if result.dtype.kind == "c":
        raise RunError("it returned complex numbers: let it return their real part")
    if result.dtype.kind not in "iufb":
        raise RunError(f"it returned a {type(returned).__name__}, which is no array of numbers")
    return result


def _raised_by_its_own_code(error: BaseException) -> bool:
    """Whether the person's own code has the ``raise`` or ``assert``, and no installed package."""
    step: TracebackType | None = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    if step is None:
        return False
    code = step.tb_frame.f_code
    raising = dis.opname[code.co_code[step.tb_lasti]] == "RAISE_VARARGS"
    return raising and not Path(code.co_filename).is_relative_to(_INSTALLED)

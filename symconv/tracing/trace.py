"""A person's function run on followed values, and again on numbers to see that the tape tells the truth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.tracing.following import Rebuilder
from symconv.tracing.shadow import replacements
from symconv.tracing.tape import FOLLOWED, Ids, Tape, TraceError, said_by
from symconv.tracing.traced import TracedArray, ids_of
from symconv.tracing.walk import evaluate

_LARGEST = 99  # of the numbers of a replay, so that floats hold all sums of their products exactly
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Trace:
    """What a function did.

    Attributes:
        tape: its operations.
        output: the ids of what it returned, in the shape of that.
        written_to: which of its arguments it changed, of ``"x"`` and ``"w"``.
    """

    tape: Tape = field(repr=False)
    output: Ids = field(repr=False)
    written_to: tuple[str, ...] = ()


def trace(
    function: Callable[..., Any],
    x_shape: Sequence[int],
    w_shape: Sequence[int],
    keywords: Mapping[str, Any] = _NOTHING,
    *,
    replay: bool = True,
    seed: int | None = None,
) -> Trace:
    """Run ``function(x, w, **keywords)`` on values that are followed.

    The function is built again with copies of its globals, so that nothing it does outlasts the call. Its
    floats are taken for exact numbers: rounding is not followed.

    Args:
        function: the person's own, of NumPy and plain Python.
        x_shape: shape of the input it is given.
        w_shape: shape of the kernels it is given.
        keywords: what else it is given.
        replay: whether to run it on random whole numbers too and compare with what the tape makes of them,
            so that a run that was followed wrongly, or that is not the same each time, is refused.
        seed: of these numbers; from the operating system by default.

    Raises:
        TraceError: it cannot be followed; the sentence names what was met.

    Examples:
        >>> trace(lambda x, w: x[1:] * w[0], (3,), (1,)).output.shape
        (2,)
        >>> trace(lambda x, w: np.fft.fft(x) * w[0], (3,), (1,))
        Traceback (most recent call last):
        symconv.tracing.tape.TraceError: np.fft.fft cannot be followed (line 1)
    """
    tape = Tape(tuple(x_shape), tuple(w_shape))
    inputs = tape.inputs()
    given = [TracedArray(tape, ids.copy()) for ids in inputs]
    try:
        returned = _run(Rebuilder(replacements(tape)), function, given, keywords, tape)
    except TraceError as error:
        if error.raised is None:
            raise
        _on_numbers(tape, function, keywords, seed)  # raises if it is the function's own fault
        what = f"{type(error.raised).__name__}: {said_by(error.raised)}"
        raise TraceError(f"something that is done here cannot be followed ({what})", error.place) from None
    output = _output(tape, returned)
    changed = [not np.array_equal(a.ids, ids) for a, ids in zip(given, inputs, strict=True)]
    result = Trace(tape, output, tuple(name for name, wrote in zip("xw", changed, strict=True) if wrote))
    if replay:
        check_replay(result, function, keywords, seed)
    return result


def _run(
    build: Rebuilder,
    function: Any,
    given: Sequence[Any],
    keywords: Mapping[str, Any],
    tape: Tape | None = None,
) -> Any:
    """What a function returns when it is built again and called."""
    try:
        returned = build(function)(*given, **{name: build(value) for name, value in keywords.items()})
    except (Exception, SystemExit) as error:
        if tape is not None and tape.refused:
            raise tape.refused from None
        place = None
        step = error.__traceback__
        while step is not None:
            if FOLLOWED in step.tb_frame.f_globals:
                place = (step.tb_frame.f_code.co_filename, step.tb_lineno)
            step = step.tb_next
        raise TraceError(
            f"the function raised {type(error).__name__}: {said_by(error)}", place, error
        ) from error
    if tape is not None and tape.refused:
        raise tape.refused
    return returned


def _output(tape: Tape, returned: Any) -> Ids:
    if returned is None:
        raise TraceError("the function returned nothing: let it return its output")
    if isinstance(returned, tuple):
        raise TraceError(
            f"the function returned a tuple of {len(returned)} things: let it return its output only"
        )
    try:
        ids = np.array(ids_of(tape, returned), dtype=np.int64)
    except (TypeError, ValueError):
        if tape.refused:
            raise tape.refused from None
        raise TraceError(
            f"the function returned a {type(returned).__name__}, not an array of numbers"
        ) from None
    if ids.size and ids.min() < 0:
        cell = np.unravel_index(int(np.argmin(ids)), ids.shape)
        raise TraceError(
            f"output cell {[int(i) for i in cell]} is memory of np.empty that nothing was written to"
        )
    return ids


def check_replay(followed: Trace, function: Any, keywords: Mapping[str, Any], seed: int | None) -> None:
    """Refuse a trace that does not make the numbers that the function makes.

    Raises:
        TraceError: what was followed is not what the function does with numbers.

    Examples:
        >>> def twice(x, w):
        ...     return 2 * x * w[0]
        >>> check_replay(trace(twice, (3,), (1,), replay=False), twice, {}, 0)
    """
    tape = followed.tape
    x, w, returned = _on_numbers(tape, function, keywords, seed)
    constants = np.array([float(c) for c in tape.constants])
    made = evaluate(tape, constants, x.ravel(), w.ravel())[followed.output]
    try:
        real: Array = np.asarray(returned, dtype=np.float64)
    except (TypeError, ValueError):
        raise TraceError("the function returned no array of numbers when it ran on numbers") from None
    whole = all(c.denominator == 1 for c in tape.constants)
    close = np.array_equal if whole else _close
    if real.shape != made.shape or not close(real, made):
        raise TraceError(
            "what was followed is not what the function does with numbers: "
            "it may depend on the values, on chance or on what happened before"
        )


def _on_numbers(
    tape: Tape, function: Any, keywords: Mapping[str, Any], seed: int | None
) -> tuple[Array, Array, Any]:
    """Random whole numbers for x and w, and what the function returns for them."""
    random = np.random.default_rng(seed)
    x, w = (
        random.integers(-_LARGEST, _LARGEST, shape, endpoint=True).astype(np.float64)
        for shape in (tape.x_shape, tape.w_shape)
    )
    return x, w, _run(Rebuilder({}), function, [x.copy(), w.copy()], keywords)


def _close(one: Array, other: Array) -> bool:
    scale = max(1.0, float(np.abs(other).max(initial=0)))
    return bool(np.allclose(one, other, rtol=1e-9, atol=1e-9 * scale))

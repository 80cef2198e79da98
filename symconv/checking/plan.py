"""On which layers a person's function is tried, and in which shapes and spellings it is called there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import shorten
from typing import Any

from symconv.checking.calling import SYNONYMS, Calling
from symconv.checking.cases import FORMS, Case, cases
from symconv.checking.running import RunError, on_ones
from symconv.entries import Array
from symconv.errors import GeometryError
from symconv.geometry import Geometry
from symconv.tracing.tape import TraceError
from symconv.tracing.trace import Trace, trace

_MANY_PRODUCTS = 1 << 22  # of a layer that takes a while to compute
SHAPES = ("batched", "one-sample", "one-channel")
_FORM_WORDS = {
    "strides": "stride for each axis",
    "paddings": "padding for each axis",
    "pairs": "padding for each side",
    "dilations": "dilation for each axis",
}
_HINT = (
    "If it takes its arrays in other shapes, give (fn, adapter), such as (fn, 'channels-last') or "
    "a function of your own, called as adapter(fn, x, w)"
)


@dataclass(frozen=True)
class Plan:
    """How a function is called, and where.

    Attributes:
        call: how.
        todo: the layers, the smallest first.
        notes: sentences on what cannot be tried.
        followed: its run on the first layer, where it was followed there to find out how it is called.
    """

    call: Calling
    todo: Sequence[Case]
    notes: Sequence[str] = ()
    followed: Trace | None = None


def plan(call: Calling, geometry: Geometry | None, hyper: Mapping[str, Any]) -> Plan:
    """The layers to try a function on.

    Args:
        call: how it is called, as far as its signature says.
        geometry: the only layer to try, if any.
        hyper: hyper-parameters that it is to compute.

    Raises:
        RunError: it computes none of them.
        GeometryError: a size is a letter, or what it is to compute is impossible.
    """
    if geometry is not None:
        _refuse_letters(geometry)
        call, followed = _called_as_it_likes(call, [geometry], hyper)
        return Plan(call, [Case(geometry, frozenset())], followed=followed)
    first = {rank: [with_asked(case, hyper) for case in cases(rank, "one-channel", ())] for rank in (2, 1, 3)}
    smallest = [next(case.geometry for case in some if case) for some in first.values() if any(some)]
    if not smallest:
        _asked(next(cases(2, "one-channel", ())), hyper)  # raises
    call, _ = _called_as_it_likes(call, smallest, hyper)
    words = call.depths.get("padding", 0) < 0
    todo = []
    refusing: dict[str, str] = {}
    for case in cases(call.rank, call.shapes, [n for n in call.keywords if n not in hyper], words):
        layer = with_asked(case, hyper)
        if layer is None:
            continue
        forms = [form for form in FORMS if form in layer.needs]
        unknown = [form for form in forms if form not in refusing]
        if len(unknown) == 1 and not any(refusing.get(form) for form in forms):
            refusing[unknown[0]] = _refusal(call, layer.geometry, hyper)
        if not any(refusing.get(form) for form in forms):
            todo.append(layer)
    refused = {form: said for form, said in refusing.items() if said}
    notes = _left_out(call, hyper)
    if refused:
        said = next(iter(refused.values()))
        notes.append(
            f"It takes no {any_of([_FORM_WORDS[form] for form in FORMS if form in refused])} ({said})"
        )
    return Plan(call, todo, notes)


def given(call: Calling, g: Geometry, hyper: Mapping[str, Any]) -> str:
    """What a call is given, in words."""
    hidden = SHAPES.index(call.shapes)
    x, w = g.input_shape[hidden:], g.kernel_shape[2 if hidden == 2 else 0 :]
    arguments = {name: value for name, value in call.arguments(g, hyper).items() if name != call.bias}
    keywords = "".join(f", {name}={value!r}" for name, value in arguments.items())
    return f"x of shape {x} and w of shape {w}{keywords}"


def any_of(names: Sequence[str]) -> str:
    """Names in a sentence.

    Examples:
        >>> any_of(["stride", "padding", "groups"])
        'stride, padding or groups'
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _left_out(call: Calling, hyper: Mapping[str, Any]) -> list[str]:
    """Sentences on the keywords that are not tried."""
    without = [name for name in SYNONYMS if name not in call.keywords and name not in hyper]
    notes = []
    if call.takes_any and without:
        notes.append(f"It was not given {any_of(without)}: ask for them, as in check(fn, {without[0]}=…)")
    elif without:
        notes.append(f"It takes no {any_of(without)}")
    if call.depths.get("padding", 0) < 0 and "padding" not in hyper:
        notes.append(
            "Its padding was tried with kernels of odd sizes and stride 1 only, as 'same' is clear there"
        )
    if call.unknown:
        names = ", ".join(call.unknown)
        notes.append(f"What it also takes was left as it is: {names}")
    return notes


def _asked(case: Case, hyper: Mapping[str, Any]) -> Case:
    """The case with the hyper-parameters that the function is to compute, and an input in which they show.

    Raises:
        GeometryError: they are impossible, or no window fits.
    """
    if not hyper:
        return case
    g = case.geometry
    kept: dict[str, Any] = {name: getattr(g, name) for name in SYNONYMS}
    channels: dict[str, Any] = {}
    if isinstance(groups := hyper.get("groups"), int) and groups > 1:
        channels = {"in_channels": g.in_channels * groups, "out_channels": g.out_channels * groups}
    wide = replace(g, **channels, **{**kept, **hyper, "padding": 0, "input_size": (1000,) * g.rank})
    _refuse_letters(wide)
    sizes = zip(g.input_size, g.kernel_size, wide.stride, wide.dilation, strict=True)
    larger = tuple(
        n + (s - 1 if "stride" in hyper else 0) + ((d - 1) * (k - 1) if "dilation" in hyper else 0)
        for n, k, s, d in sizes
    )
    return Case(replace(wide, input_size=larger, padding=hyper.get("padding", g.padding)), case.needs)


def with_asked(case: Case, hyper: Mapping[str, Any]) -> Case | None:
    """The same; None where no window fits."""
    try:
        return _asked(case, hyper)
    except GeometryError:
        return None


def _refuse_letters(g: Geometry) -> None:
    if g.symbols:
        raise GeometryError(f"{g.symbols[0]} is a symbol, and a function is tried at sizes: give numbers")


def _called_as_it_likes(
    call: Calling, geometries: list[Geometry], hyper: Mapping[str, Any]
) -> tuple[Calling, Trace | None]:
    """The function with the shapes of arrays, the number of axes and the spelling of keywords that it takes.

    Returns:
        How it is called, and its run on that layer if it was followed there.

    Raises:
        RunError: it takes none of them.
    """
    error: RunError | None = None
    second: tuple[Calling, Trace | None] | None = None
    for g in geometries:
        for shapes in SHAPES if not call.sure else (call.shapes,):
            single = g.batch == 1 and (shapes == "one-sample" or g.in_channels == g.out_channels == 1)
            if shapes != "batched" and not single and not call.sure:
                continue
            for depth in (0, 1, 2) if call.keywords else (0,):
                way = replace(call.with_shapes(shapes).spelt(depth), rank=g.rank)
                try:
                    axes, followed = _axes_returned(way, g, hyper)
                except RunError as raised:
                    hint = f". {_HINT}" if str(raised).startswith("it raised") else ""
                    error = error or RunError(f"{raised}; it was given {given(way, g, hyper)}{hint}")
                    continue
                if axes == len(g.output_shape):
                    return way, followed
                second = second or (way, followed)
    if second is not None:
        return second
    raise error or RunError("there is no layer that it could be tried on")


def _axes_returned(call: Calling, g: Geometry, hyper: Mapping[str, Any]) -> tuple[int, Trace | None]:
    """How many axes the output has; a large layer is followed for that, which is faster than to compute it.

    Returns:
        Their number, and the run if it was followed.

    Raises:
        RunError: the function computes nothing.
    """
    if g.products > _MANY_PRODUCTS:
        try:
            arguments = call.arguments(g, hyper)
            followed = trace(call.function, g.input_shape, g.kernel_shape, arguments, replay=False)
            return followed.output.ndim, followed
        except TraceError:
            pass  # it is run instead
    return _result(call, g, hyper).ndim, None


def _result(call: Calling, g: Geometry, hyper: Mapping[str, Any]) -> Array:
    return on_ones(call.function, call.arguments(g, hyper), g.input_shape, g.kernel_shape)[1]


def _refusal(call: Calling, g: Geometry, hyper: Mapping[str, Any]) -> str:
    """What the function says to a layer it may not take; empty if it takes it."""
    try:
        _result(call, g, hyper)
    except RunError as error:
        return shorten(str(error), 100, placeholder=" …")
    return ""

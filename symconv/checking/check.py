"""``check``: is this function the convolution? Called, tried on layers where conventions differ, judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import sympy

from symconv.checking.calling import SYNONYMS, Calling, calling
from symconv.checking.cases import Case, cases
from symconv.checking.judge import Judged, RunError, judge, run_on
from symconv.checking.verdict import Verdict
from symconv.errors import GeometryError, RequestError
from symconv.geometry import Geometry
from symconv.proof.bilinear_map import BilinearMap
from symconv.proof.compare import WrongCell
from symconv.proof.diagnose import Diagnosis, diagnose_all
from symconv.proof.verdict import Tier
from symconv.symbols import entry_name

_STRENGTH = list(Tier)  # strongest first
_MOST_LAYERS_MORE = 4  # that are looked at to tell one mistake from another
SHAPES = ("batched", "one-sample", "one-channel")
_FORMS = {
    "strides": "different strides",
    "paddings": "different paddings of the axes",
    "pairs": "different paddings before and after",
    "dilations": "different dilations",
}


def check(fn: Any, geometry: Geometry | None = None, *, seed: int | None = None, **hyper: Any) -> Verdict:
    """Find out whether a function is the convolution that the loop formula defines, and if not, why.

    The function is run. It is first followed on opaque values, which proves or refutes it for all values at
    each size tried; where it cannot be followed, it is run on whole numbers, and its index map is read from
    numbers on the assumption that it is bilinear. The tier of the verdict says which.

    Args:
        fn: ``fn(x, w)``, which may take ``stride``, ``padding``, ``dilation`` and ``groups`` (or a usual
            synonym such as ``pad``), of x (N, C, *spatial) and w (F, C/groups, *kernel), or of one sample,
            or of one channel and kernel; a class of convolution layers; or ``(fn, adapter)``, the adapter
            called as ``adapter(fn, x, w, **keywords)``, or one of ``"channels-last"``, ``"one-channel"``,
            ``"one-sample"`` and ``"cs231n"``.
        geometry: the layer to try; by default a short list of small ones, the smallest first, that show
            where conventions differ, as far as the function has keywords for them.
        seed: of random numbers; from the operating system by default.
        hyper: ``stride``, ``padding``, ``dilation`` or ``groups`` that the function is to compute; passed on
            as given if the function takes it, else what it does anyway.

    Returns:
        A ``Verdict``: truthy if it holds, with the smallest layer that fails if it does not.

    Raises:
        RequestError: there is nothing that could be called, or a hyper-parameter is unknown.
        GeometryError: a hyper-parameter is impossible.

    Source: Chellapilla, Puri & Simard 2006, section 2.1, for the claim.

    Examples:
        >>> import numpy as np
        >>> def conv(x, w):
        ...     windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        ...     return np.einsum("ncijab,fcab->nfij", windows, w)
        >>> check(conv)
        Proved (tier: exact). conv is the convolution at 6 layers, up to Geometry(input_size=(4, 5), \
kernel_size=(2, 3), in_channels=2, out_channels=3, batch=2), for any values of the inputs and weights.
        It was followed on opaque values; it takes no stride, padding, dilation or groups.
    """
    for name in hyper:
        if name not in SYNONYMS:
            raise RequestError(f"{name}={hyper[name]!r} is no hyper-parameter: use {', '.join(SYNONYMS)}")
    if geometry is not None and hyper:
        raise RequestError("a geometry says everything about the layer: leave the other keywords out")
    call = calling(fn)
    tried = _Tried(call.name)
    try:
        call, todo, notes = _plan(call, geometry, hyper)
    except RunError as error:
        return tried.untold(f"No layer could be computed: {error}.")
    for case in todo:
        tried.geometries.append(case.geometry)
        try:
            judged = judge(call.function, case.geometry, call.arguments(case.geometry, hyper), seed)
        except RunError as error:
            if len(tried.geometries) > 1:
                return tried.raised(f"{error}, with {_given(call, case.geometry, hyper)}")
            return tried.untold(f"No layer could be computed: {error}.")
        if judged.comparison.holds is False:
            judged = _in_its_shapes(judged, call)
            rest = [other for other in todo if other is not case]
            return tried.wrong(judged, _explained(call, judged, case, rest, hyper, seed))
        tried.add(judged)
    return tried.right(notes)


@dataclass
class _Tried:
    """What has been found out so far."""

    name: str
    geometries: list[Geometry] = field(default_factory=list)
    tier: Tier = Tier.EXACT
    bound: float = 0.0
    refused: str = ""
    why: str = ""

    def add(self, judged: Judged) -> None:
        """One more layer at which the function is right."""
        tier = judged.comparison.tier
        if _STRENGTH.index(tier) > _STRENGTH.index(self.tier):
            self.tier, self.why = tier, judged.comparison.why
        self.bound += judged.comparison.bound or 0.0
        self.refused = self.refused or judged.refused

    def right(self, notes: list[str]) -> Verdict:
        """The verdict on a function that is right at every layer."""
        followed = f"It could not be followed: {self.refused}; {self.why}" if self.refused else ""
        how = followed or (
            f"It was followed on opaque values, and compared: {self.why}"
            if self.bound
            else "It was followed on opaque values"
        )
        why = "; ".join([how, *notes]) + "."
        bound = self.bound if self.tier is Tier.CERTIFICATE else None
        return Verdict(self.name, True, self.tier, tuple(self.geometries), why, bound)

    def wrong(self, judged: Judged, diagnosis: Diagnosis | None) -> Verdict:
        """The verdict on a function that is wrong at the last layer."""
        comparison = judged.comparison
        refused = f"It could not be followed: {judged.refused}; " if judged.refused else ""
        why = _sentence(f"{refused}{comparison.why}")
        tried = tuple(self.geometries)
        return Verdict(self.name, False, comparison.tier, tried, why, None, comparison.wrong, diagnosis)

    def raised(self, why: str) -> Verdict:
        """The verdict on a function that computes smaller layers, and this one not at all."""
        return Verdict(self.name, False, Tier.SAMPLED, tuple(self.geometries), _sentence(why))

    def untold(self, why: str) -> Verdict:
        """The verdict on a function that computes nothing."""
        return Verdict(self.name, None, None, tuple(self.geometries), why)


def _in_its_shapes(judged: Judged, call: Calling) -> Judged:
    """The same, a wrong cell with the indices of the arrays that the function was really given."""
    wrong, hidden = judged.comparison.wrong, SHAPES.index(call.shapes)
    if wrong is None or not hidden:
        return judged
    left_out = {"x": hidden, "w": 2 if hidden == 2 else 0}
    sums = (wrong.function, wrong.definition, wrong.only_in_function, wrong.only_in_definition)
    new = {}
    for symbol in set().union(*(total.free_symbols for total in sums)):
        letter, _, indices = symbol.name.partition("_")
        place = [int(i) for i in indices.strip("{}").split(",")][left_out[letter] :]
        new[symbol] = sympy.Symbol(entry_name(letter, place))
    function, definition, surplus, lack = (total.xreplace(new) for total in sums)
    shorter = WrongCell(wrong.cell[hidden:], function, definition, surplus, lack, wrong.place)
    return replace(judged, comparison=replace(judged.comparison, wrong=shorter))


def _explained(
    call: Calling, judged: Judged, case: Case, rest: list[Case], hyper: Mapping[str, Any], seed: int | None
) -> Diagnosis | None:
    """The mistake that makes what the function makes, looked at on more layers while several could be it."""
    if judged.own is None:
        return None
    known = [(judged.own, case.geometry)]
    found = diagnose_all(known)
    for _ in range(_MOST_LAYERS_MORE):
        other = found.told_apart_by([c.geometry for c in rest]) if found and found.others else None
        if other is None:
            break
        try:
            there = judge(call.function, other, call.arguments(other, hyper), seed)
        except RunError:
            break
        own = BilinearMap.of_definition(other) if there.comparison else there.own
        narrower = diagnose_all([*known, (own, other)]) if own is not None else None
        if narrower is None or own is None:
            break
        found, known = narrower, [*known, (own, other)]
    return found


def _plan(
    call: Calling, geometry: Geometry | None, hyper: Mapping[str, Any]
) -> tuple[Calling, list[Case], list[str]]:
    """How to call the function, on which layers, and what is left out."""
    if geometry is not None:
        return _called_as_it_likes(call, [geometry], hyper), [Case(geometry, frozenset())], []
    first = {rank: [_with(case, hyper) for case in cases(rank, "one-channel", ())] for rank in (2, 1, 3)}
    geometries = [next(g for g in (c.geometry for c in some if c)) for some in first.values() if any(some)]
    call = _called_as_it_likes(call, geometries, hyper)
    rank = call.rank
    todo = []
    refusing: dict[str, str] = {}
    takes = [name for name in call.keywords if name not in hyper]
    for case in cases(rank, call.shapes, takes):
        layer = _with(case, hyper)
        if layer is None:
            continue
        forms = [form for form in _FORMS if form in layer.needs]
        unknown = [form for form in forms if form not in refusing]
        if len(unknown) == 1 and not any(refusing.get(form) for form in forms):
            refusing[unknown[0]] = _refusal(call, layer.geometry, hyper)
        if not any(refusing.get(form) for form in forms):
            todo.append(layer)
    without = [name for name in SYNONYMS if name not in call.keywords and name not in hyper]
    notes = [f"it takes no {_or(without)}"] if without else []
    notes += [f"it takes no {_FORMS[form]} ({said})" for form, said in refusing.items() if said]
    return call, todo, notes


def _with(case: Case, hyper: Mapping[str, Any]) -> Case | None:
    """The case with the hyper-parameters that the function is to compute; None where no window fits."""
    if not hyper:
        return case
    g = case.geometry
    kept: dict[str, Any] = {name: getattr(g, name) for name in ("stride", "padding", "dilation", "groups")}
    channels: dict[str, Any] = {}
    if isinstance(groups := hyper.get("groups"), int) and groups > 1:
        channels = {"in_channels": g.in_channels * groups, "out_channels": g.out_channels * groups}
    try:
        return Case(replace(g, **channels, **{**kept, **hyper}), case.needs)
    except GeometryError:
        return None


def _called_as_it_likes(call: Calling, geometries: list[Geometry], hyper: Mapping[str, Any]) -> Calling:
    """The function with the shapes of arrays and the number of axes that it takes.

    Raises:
        RunError: it takes none of them.
    """
    error: RunError | None = None
    second: Calling | None = None
    for g in geometries:
        for shapes in SHAPES if not call.sure else (call.shapes,):
            single = g.batch == 1 and (shapes == "one-sample" or g.in_channels == g.out_channels == 1)
            if shapes != "batched" and not single and not call.sure:
                continue
            way = replace(call.with_shapes(shapes), rank=g.rank)
            run = run_on(np.float64, way.function, way.arguments(g, hyper))
            try:
                result = run(np.ones(g.input_shape), np.ones(g.kernel_shape))
            except RunError as raised:
                error = error or RunError(f"{raised}, with {_given(way, g, hyper)}")
                continue
            if result.ndim == len(g.output_shape):
                return way
            second = second or way
    if second is not None:
        return second
    raise error or RunError("there is no layer that it could be tried on")


def _refusal(call: Calling, g: Geometry, hyper: Mapping[str, Any]) -> str:
    """What the function says to a layer it may not take; empty if it takes it."""
    try:
        run_on(np.float64, call.function, call.arguments(g, hyper))(
            np.ones(g.input_shape), np.ones(g.kernel_shape)
        )
    except RunError as error:
        return str(error).split(":")[0]
    return ""


def _given(call: Calling, g: Geometry, hyper: Mapping[str, Any]) -> str:
    """What a call was given, in words."""
    hidden = SHAPES.index(call.shapes)
    x, w = g.input_shape[hidden:], g.kernel_shape[2 if hidden == 2 else 0 :]
    keywords = "".join(f", {name}={value!r}" for name, value in call.arguments(g, hyper).items())
    return f"x of shape {x} and w of shape {w}{keywords}"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _or(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"

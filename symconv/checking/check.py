"""``check``: is this function the convolution? Called, tried on layers where conventions differ, judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import sympy

from symconv.checking.calling import SYNONYMS, Calling, calling
from symconv.checking.cases import Case
from symconv.checking.judge import Judged, judge
from symconv.checking.plan import SHAPES, given, plan
from symconv.checking.running import RunError
from symconv.checking.verdict import Verdict
from symconv.errors import RequestError
from symconv.geometry import Geometry
from symconv.mistakes.bilinear_map import BilinearMap
from symconv.mistakes.diagnose import Diagnosis, diagnose_narrowly
from symconv.proof.verdict import Tier
from symconv.symbols import entry_name
from symconv.tracing.compare import WrongCell

_STRENGTH = list(Tier)  # strongest first


@np.errstate(all="ignore")  # of what the function makes of numbers, and it leaves it as it was
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
        geometry: the only layer to try; by default a short list of small ones, the smallest first, that show
            where conventions differ, as far as the function has keywords for them.
        seed: of random numbers; from the operating system by default.
        hyper: ``stride``, ``padding``, ``dilation`` or ``groups`` (or a synonym) that the function is to
            compute: passed on if the function takes it, else what it does anyway.

    Returns:
        A ``Verdict``: truthy if it holds, with the smallest layer that fails if it does not.

    Raises:
        RequestError: there is nothing that could be called, or a hyper-parameter is unknown.
        GeometryError: a hyper-parameter is impossible, or a size is a letter.

    Source: Chellapilla, Puri & Simard 2006, section 2.1, for the claim.

    Examples:
        >>> import numpy as np
        >>> def conv(x, w):
        ...     windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        ...     return np.einsum("ncijab,fcab->nfij", windows, w)
        >>> check(conv)
        Proved (tier: exact). conv is the convolution, for all values, at each of 12 layers.
        The largest: a 6×9 input with a 2×3 kernel, 4 channels, 4 filters, 2 samples. It was run on letters \
in place of numbers. It takes no stride, padding, dilation or groups.
    """
    asked = asked_for(hyper)
    if geometry is not None and not isinstance(geometry, Geometry):
        raise RequestError(f"geometry={geometry!r} is no Geometry: give Geometry(input_size, kernel_size, …)")
    if geometry is not None and geometry.bias:
        raise RequestError("bias=True is for a layer that adds one: give a geometry without a bias")
    if geometry is not None and hyper:
        raise RequestError("a geometry says everything about the layer: leave the other keywords out")
    call = calling(fn)
    tried = _Tried(call.name)
    try:
        planned = plan(call, geometry, asked)
    except RunError as error:
        return tried.untold(f"No layer could be computed: {error}.")
    call = planned.call
    for case in planned.todo:
        followed = planned.followed if case is planned.todo[0] else None
        try:
            judged = judge(call.function, case.geometry, call.arguments(case.geometry, asked), seed, followed)
        except RunError as error:
            said = f"{error}; it was given {given(call, case.geometry, asked)}"
            if error.refuses and case.needs:
                tried.refused.append((case, said))
                continue
            return (
                tried.raised(case, said)
                if tried.cases
                else tried.untold(f"No layer could be computed: {said}.")
            )
        if judged.comparison.holds is False:
            judged = _in_its_shapes(judged, call)
            rest = [other for other in planned.todo if other is not case]
            return tried.wrong(case, judged, _explained(call, judged, case, rest, asked, seed))
        tried.add(case, judged)
    missing = tried.first_missing()
    return tried.raised(*missing) if missing else tried.right(planned.notes)


@dataclass
class _Tried:
    """What has been found out so far."""

    name: str
    cases: list[Case] = field(default_factory=list)
    refused: list[tuple[Case, str]] = field(default_factory=list)
    tier: Tier = Tier.EXACT
    bound: float = 0.0
    unfollowed: str = ""
    why: str = ""
    written_to: tuple[str, ...] = ()

    def add(self, case: Case, judged: Judged) -> None:
        """One more layer at which the function is right."""
        self.cases.append(case)
        tier = judged.comparison.tier
        if _STRENGTH.index(tier) > _STRENGTH.index(self.tier):
            self.tier, self.why = tier, judged.comparison.why
        self.bound += judged.comparison.bound or 0.0
        self.unfollowed = self.unfollowed or judged.refused
        self.written_to = self.written_to or judged.written_to

    def first_missing(self) -> tuple[Case, str] | None:
        """The first layer that was refused of a kind of which none was computed."""
        met = {need for case in self.cases for need in case.needs}
        return next((refused for refused in self.refused if not refused[0].needs <= met), None)

    def right(self, notes: Sequence[str]) -> Verdict:
        """The verdict on a function that is right at every layer."""
        how = "It was run on letters in place of numbers"
        if self.tier is Tier.SAMPLED:
            how = f"It could not be run on letters: {self.unfollowed}. Run on numbers, {self.why}"
        elif self.tier is Tier.CERTIFICATE:
            how += f", and as it adds up too many products to write out, evaluated: {self.why}"
        more = (
            [f"It changes {' and '.join(self.written_to)}, which its caller still has"]
            if self.written_to
            else []
        )
        if self.refused:
            layers = "1 layer" if len(self.refused) == 1 else f"{len(self.refused)} layers"
            more.append(f"It refuses {layers}: {self.refused[0][1]}")
        why = " ".join(f"{sentence}." for sentence in (how, *more, *notes))
        bound = self.bound if self.tier is Tier.CERTIFICATE else None
        return Verdict(self.name, True, self.tier, self._geometries(), why, bound)

    def wrong(self, case: Case, judged: Judged, diagnosis: Diagnosis | None) -> Verdict:
        """The verdict on a function that is wrong at a layer."""
        comparison = judged.comparison
        why = "" if comparison.tier is Tier.EXACT and comparison.wrong else _sentence(comparison.why)
        if judged.refused:
            why = f"It could not be run on letters: {judged.refused}. Run on numbers, {comparison.why}."
        if diagnosis is None and comparison.route != "fractions":
            why = f"No known mistake explains this. {why}".strip()
        geometries = (*self._geometries(), case.geometry)
        return Verdict(self.name, False, comparison.tier, geometries, why, None, comparison.wrong, diagnosis)

    def raised(self, case: Case, said: str) -> Verdict:
        """The verdict on a function that computes some layers, and this one not at all."""
        geometries = (*self._geometries(), case.geometry)
        return Verdict(self.name, False, Tier.SAMPLED, geometries, _sentence(said))

    def untold(self, why: str) -> Verdict:
        """The verdict on a function that computes nothing."""
        return Verdict(self.name, None, None, (), why)

    def _geometries(self) -> tuple[Geometry, ...]:
        return tuple(case.geometry for case in self.cases)


def _in_its_shapes(judged: Judged, call: Calling) -> Judged:
    """The same, a wrong cell or shape with the axes that the function's own arrays really have."""
    wrong, hidden = judged.comparison.wrong, SHAPES.index(call.shapes)
    if wrong is None or not hidden:
        why = judged.comparison.why.replace(f"({'1, ' * hidden}", "(")  # of a shape
        return replace(judged, comparison=replace(judged.comparison, why=why))
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

    def look(other: Geometry) -> BilinearMap | None:
        try:
            there = judge(call.function, other, call.arguments(other, hyper), seed)
        except RunError:
            return None
        return BilinearMap.of_definition(other) if there.comparison else there.own

    others = [c.geometry for c in rest]
    found = diagnose_narrowly(judged.own, case.geometry, others, look)
    if found and call.shapes == "one-channel" and not found.told_apart_by(others):
        return replace(found, others=())  # of one channel, they are the same mistake
    return found


def asked_for(hyper: Mapping[str, Any]) -> dict[str, Any]:
    """Hyper-parameters by our names."""
    asked = {}
    for name, value in hyper.items():
        ours = next((ours for ours, names in SYNONYMS.items() if name in names), None)
        if ours is None:
            raise RequestError(f"{name}={value!r} is no hyper-parameter: use {', '.join(SYNONYMS)}")
        if ours in asked:
            raise RequestError(f"{name}={value!r} says {ours} a second time: leave one out")
        asked[ours] = value
    return asked


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."

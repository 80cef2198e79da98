"""``check_gradient``: are these functions the two gradients of the convolution?

Both are bilinear in dy and one array more, and made of the same triples as the convolution: an output cell, a
kernel cell and an input cell that belong together. So what a backward pass computes is compared with the
definition's table of triples, and a known mistake is one of the convolution that it would be the gradient of.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.checking.backward import Backward, backward
from symconv.checking.cases import Case, cases
from symconv.checking.check import asked_for
from symconv.checking.confirm import Contradiction, contradiction
from symconv.checking.plan import with_asked
from symconv.checking.probe import ProbeError, probe
from symconv.checking.running import RunError, on_ones, run_on
from symconv.checking.verdict import Verdict
from symconv.entries import Array
from symconv.errors import ArrayError, RequestError
from symconv.geometry import Geometry
from symconv.mistakes.bilinear_map import BilinearMap, Sum
from symconv.mistakes.diagnose import diagnose_narrowly
from symconv.proof.verdict import Tier
from symconv.show.latex import latex
from symconv.symbols import entry_name
from symconv.tracing.compare import WrongCell, bilinear_map, told_apart
from symconv.tracing.polynomials import TooDeepError
from symconv.tracing.tape import TraceError
from symconv.tracing.trace import trace


@dataclass(frozen=True)
class GradientVerdict:
    """What was found out about a backward pass: truthy only if all that was given is right.

    Attributes:
        input: the verdict on the input gradient; None if it was not given.
        weight: the verdict on the weight gradient; None if it was not given.

    Examples:
        >>> verdict = check_gradient(fn_dx=lambda dy, w: dy)
        >>> bool(verdict), verdict.weight is None
        (False, True)
    """

    input: Verdict | None
    weight: Verdict | None

    def __bool__(self) -> bool:
        return all(self._given())

    def _given(self) -> list[Verdict]:
        return [verdict for verdict in (self.input, self.weight) if verdict is not None]

    def __repr__(self) -> str:
        return "\n".join(map(repr, self._given()))

    def _repr_html_(self) -> str:
        return "".join(verdict._repr_html_() for verdict in self._given())

    def as_dict(self) -> dict[str, Any]:
        """The verdicts as JSON can hold them, None for a gradient that was not given.

        Examples:
            >>> verdict = check_gradient(fn_dx=lambda dy, w: dy)
            >>> verdict.as_dict()["input"]["holds"], verdict.as_dict()["weight"]
            (False, None)
        """
        sides = {"input": self.input, "weight": self.weight}
        return {side: None if one is None else one.as_dict() for side, one in sides.items()}


@latex.register
def _(verdict: GradientVerdict) -> str:
    """The verdicts below each other, each as its first wrong cell or in words."""
    lines = r" \\ ".join(latex(one) for one in (verdict.input, verdict.weight) if one is not None)
    return rf"\begin{{gathered}} {lines} \end{{gathered}}"


@np.errstate(all="ignore")  # of what the function makes of numbers, and it leaves it as it was
def check_gradient(
    fn_dx: Any = None,
    fn_dw: Any = None,
    geometry: Geometry | None = None,
    *,
    seed: int | None = None,
    **hyper: Any,
) -> GradientVerdict:
    """Find out whether functions are the gradients of the convolution that the loop formula defines.

    Args:
        fn_dx: ``fn_dx(dy, w)``, the input gradient, of dy (N, F, *out) and w (F, C/groups, *kernel). It may
            take ``stride``, ``padding``, ``dilation``, ``groups``, and sizes as ``x_shape`` (whole) or
            ``input_size`` (spatial); or ``(fn_dx, adapter)``, the adapter called as
            ``adapter(fn_dx, dy, w, **keywords)``. A function of all gradients does too: one of ``dy``, ``x``
            and ``w``, by these or like names, or of ``dout`` and the ``cache`` of CS231n; of the third array
            only the shape may matter, and of the tuple (dx, dw, …) that it returns its gradient is taken.
        fn_dw: ``fn_dw(dy, x)``, the weight gradient, of dy and x (N, C, *spatial); it may take sizes as
            ``w_shape`` (whole) or ``kernel_size`` (spatial). Likewise with an adapter, or a function of all
            gradients.
        geometry: the only layer to try; by default a short list of small ones, the smallest first.
        seed: of random numbers; from the operating system by default.
        hyper: as for ``check``.

    Returns:
        Two verdicts in one, truthy if all that was given holds.

    Raises:
        RequestError: there is nothing that could be called, or a hyper-parameter is unknown.

    Source: Goodfellow, Bengio & Courville 2016, *Deep learning*, equations 9.11 and 9.13.

    Examples:
        >>> import numpy as np
        >>> def weight_gradient(dy, x):
        ...     windows = np.lib.stride_tricks.sliding_window_view(x, dy.shape[2:], axis=(2, 3))
        ...     return np.einsum("ncabij,nfij->fcab", windows, dy)
        >>> verdict = check_gradient(fn_dw=weight_gradient)
        >>> bool(verdict), verdict.weight.tier
        (True, <Tier.EXACT: 'exact'>)
        >>> check_gradient(fn_dw=lambda dy, x: weight_gradient(dy, x)[..., ::-1, ::-1]).weight.diagnosis.name
        'kernel rotated by 180°'
    """
    if fn_dx is None and fn_dw is None:
        raise RequestError("fn_dx and fn_dw are both missing: give one of them")
    asked = asked_for(hyper)
    if geometry is not None and hyper:
        raise RequestError("a geometry says everything about the layer: leave the other keywords out")
    verdicts = [
        None if fn is None else _check(fn, side, geometry, asked, seed)
        for fn, side in ((fn_dx, _INPUT), (fn_dw, _WEIGHT))
    ]
    return GradientVerdict(*verdicts)


_Names = tuple[tuple[str, tuple[int, ...]], tuple[str, tuple[int, ...]]]


@dataclass(frozen=True)
class _Side:
    """One of the two gradients.

    Attributes:
        claim: what the function should be.
        letter: of the array that it takes besides dy.
        other: the shape of that array.
        result: the shape of what it returns.
        of_layer: the table of the gradient from that of the convolution.
        as_layer: the way back.
    """

    claim: str
    letter: str
    other: Callable[[Geometry], tuple[int, ...]]
    result: Callable[[Geometry], tuple[int, ...]]
    of_layer: Callable[[BilinearMap, Geometry], BilinearMap]
    as_layer: Callable[[BilinearMap, Geometry], BilinearMap]


def _input_gradient(layer: BilinearMap, g: Geometry) -> BilinearMap:
    return BilinearMap(g.input_shape, layer.cells, layer.weights, layer.outputs, layer.coefficients)


def _weight_gradient(layer: BilinearMap, g: Geometry) -> BilinearMap:
    return BilinearMap(g.kernel_shape, layer.weights, layer.cells, layer.outputs, layer.coefficients)


_INPUT = _Side(
    "the input gradient",
    "w",
    lambda g: g.kernel_shape,
    lambda g: g.input_shape,
    _input_gradient,
    lambda own, g: BilinearMap(
        g.output_shape, own.cells, own.weights, own.outputs, own.coefficients, own.divisor
    ),
)
_WEIGHT = _Side(
    "the weight gradient",
    "x",
    lambda g: g.input_shape,
    lambda g: g.kernel_shape,
    _weight_gradient,
    lambda own, g: BilinearMap(
        g.output_shape, own.cells, own.outputs, own.weights, own.coefficients, own.divisor
    ),
)


@dataclass(frozen=True)
class _Tried:
    """One function as one of the two gradients, and what its layers are asked for."""

    way: Backward
    side: _Side
    asked: Mapping[str, Any]
    seed: int | None

    def layers(self) -> list[Case]:
        """The layers to try; without their sizes, those that leave no cell over, as dy tells their sizes."""
        takes = [name for name in self.way.call.keywords if name not in self.asked]
        layers = [with_asked(case, self.asked) for case in cases(2, "batched", takes)]
        return [c for c in layers if c and (self.way.is_told_sizes or _nothing_left_over(c.geometry))]

    def own_map(self, g: Geometry) -> tuple[BilinearMap, str]:
        """The products of each cell that it returns, and why it could not be followed if it was not."""
        function, keywords = self.way.call.function, self.way.arguments(g, self.asked, self.seed)
        shapes = g.output_shape, self.side.other(g)
        try:
            followed = trace(function, *shapes, keywords, seed=self.seed)
        except TraceError as error:
            dtype, _ = on_ones(function, keywords, *shapes)
            run = run_on(dtype, function, keywords)
            return probe(run, *shapes, 0 if self.seed is None else self.seed), str(error)
        if followed.output.shape != self.side.result(g):
            return BilinearMap(followed.output.shape, [], [], [], []), ""
        outputs, others, cells, coefficients = bilinear_map(followed)
        return BilinearMap(followed.output.shape, outputs, others, cells, coefficients), ""

    def contradicted(self, g: Geometry, wanted: BilinearMap) -> Contradiction | None:
        """What it does on numbers against what it was proved to do."""
        function, keywords = self.way.call.function, self.way.arguments(g, self.asked, self.seed)
        shapes = g.output_shape, self.side.other(g)
        return contradiction(function, keywords, shapes, partial(_made_of, wanted), self.seed)

    def as_layer(self, g: Geometry) -> BilinearMap | None:
        """The convolution that it would be the gradient of; None where it computes none."""
        try:
            own, _ = self.own_map(g)
        except (RunError, ProbeError, TooDeepError, RequestError, ArrayError):
            return None
        return self.side.as_layer(own, g) if own.shape == self.side.result(g) else None


def _check(
    subject: Any, side: _Side, geometry: Geometry | None, asked: Mapping[str, Any], seed: int | None
) -> Verdict:
    tried = _Tried(backward(subject, side.letter), side, asked, seed)
    name, claim, hint = tried.way.call.name, side.claim, tried.way.hint
    layers = [Case(geometry, frozenset())] if geometry is not None else tried.layers()
    right: list[Geometry] = []
    tier, why, refused = Tier.EXACT, "It was run on letters in place of numbers.", ""
    for case in layers:
        g = case.geometry
        wanted = side.of_layer(BilinearMap.of_definition(g), g)
        found = None
        try:
            own, unfollowed = tried.own_map(g)
            if own == wanted and not unfollowed:
                found = tried.contradicted(g, wanted)
        except RunError as error:
            if case.needs and right:
                refused = refused or f" It refuses some layers: {error}."
                continue
            said = f"No layer could be computed: {error}{hint}."
            return Verdict(name, None, None, (*right, g), said, claim=claim)
        except (ProbeError, TooDeepError) as error:
            return Verdict(name, None, None, (*right, g), f"It could not be told: {error}.", claim=claim)
        except (RequestError, ArrayError) as error:  # another degree, or a coefficient, than a gradient has
            said = str(error).replace("cell of w", f"cell of {side.letter}").replace("one of x", "one of dy")
            said = f"{said[0].upper()}{said[1:]}."
            return Verdict(name, False, Tier.EXACT, (*right, g), said, claim=claim)
        if unfollowed:
            tier = Tier.SAMPLED
            why = f"It could not be run on letters: {unfollowed}. {_READ}"
        if found:
            said = f"{found.why[0].upper()}{found.why[1:]}."
            return Verdict(name, False, Tier.SAMPLED, (*right, g), said, None, found.wrong, claim=claim)
        if own == wanted:
            right.append(g)
            continue
        others = [other.geometry for other in layers if other is not case]
        return _wrong(tried, own, wanted, (*right, g), others, tier, why if unfollowed else "")
    return Verdict(name, True, tier, tuple(right), f"{why}{refused}", claim=claim)


_READ = "Its products were read from numbers, on the assumption that it is bilinear."


def _made_of(table: BilinearMap, dy: Array, other: Array) -> Array:
    """What the products of a table add up to, each a coefficient of 1."""
    terms = other.ravel()[table.weights] * dy.ravel()[table.cells]
    return np.bincount(table.outputs, terms, minlength=prod(table.shape)).reshape(table.shape)


def _wrong(
    tried: _Tried,
    own: BilinearMap,
    wanted: BilinearMap,
    geometries: tuple[Geometry, ...],
    others: list[Geometry],
    tier: Tier,
    why: str,
) -> Verdict:
    """The verdict on a gradient that is not the definition's."""
    name, side, g = tried.way.call.name, tried.side, geometries[-1]
    if own.shape != wanted.shape:
        why = f"The result has shape {own.shape} and should have {wanted.shape}. {why}".strip()
        return Verdict(name, False, tier, geometries, why, claim=side.claim)
    difference = own.difference(wanted)
    cell = None
    if difference is not None:
        names = ((side.letter, side.other(g)), ("dy", g.output_shape))
        one, other = difference.one, difference.other
        surplus, lack = told_apart(one, other, sorted({*one, *other}))
        made, defined, extra, missing = (_expression(s, names) for s in (one, other, surplus, lack))
        cell = WrongCell(difference.cell, made, defined, extra, missing, None)
    found = diagnose_narrowly(side.as_layer(own, g), g, others, tried.as_layer)
    said = (
        "It is the gradient of a convolution with this mistake."
        if found
        else "No known mistake explains this."
    )
    return Verdict(name, False, tier, geometries, f"{said} {why}".strip(), None, cell, found, side.claim)


def _expression(terms: Sum, names: _Names) -> sympy.Expr:
    """A sum of products of a cell of the second array and one of dy."""
    (other, other_shape), (dy, dy_shape) = names
    return sympy.Add(
        *(
            sympy.Rational(c.numerator, c.denominator)
            * sympy.Symbol(entry_name(other, _place(a, other_shape)))
            * sympy.Symbol(entry_name(dy, _place(b, dy_shape)))
            for (a, b), c in terms.items()
        )
    )


def _place(number: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(number, shape))


def _nothing_left_over(g: Geometry) -> bool:
    sizes = zip(g.input_size, g.padding, g.output_size, g.stride, g.dilation, g.kernel_size, strict=True)
    return all(n + a + b == (o - 1) * s + d * (k - 1) + 1 for n, (a, b), o, s, d, k in sizes)

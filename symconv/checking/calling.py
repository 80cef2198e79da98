"""How a person's convolution is called: its keywords by their usual names, its arrays in its own shapes.

A function is called as ``fn(x, w, stride=…)``. What its own names and shapes are is read from its signature
and, where a signature does not say, found by trying.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from symconv.checking.adapters import (
    ADAPTERS,
    BIASES,
    WEIGHTS,
    cs231n,
    made_with_sizes,
    made_with_weights,
    weights_first,
)
from symconv.errors import RequestError
from symconv.geometry import Geometry

SYNONYMS = {
    "stride": ("stride", "strides", "step", "s"),
    "padding": ("padding", "pad", "pads", "zero_padding", "p"),
    "dilation": ("dilation", "dilations", "dilation_rate", "dilate", "d"),
    "groups": ("groups", "group", "num_groups", "n_groups"),
}
METHODS = ("forward", "__call__", "call")
DEEPEST = {"stride": 1, "padding": 2, "dilation": 1, "groups": 0}
WORDS, CAPITALS = -1, -2  # the depths of a keyword that is "valid" or "same", or "VALID" or "SAME"


@dataclass(frozen=True)
class Calling:
    """How to call a person's function.

    Attributes:
        function: called as ``function(x, w, **keywords)``, arrays and result in this package's shapes but for
            leading axes that ``hidden`` leaves out.
        name: what to call it in a sentence.
        keywords: the hyper-parameters it takes, by our names, with its own names for them.
        depths: by our names, how its values are spelt: 0 for one number where all axes have the same, 1 for
            a number for each axis, 2 for a pair for each, below 0 for ``"valid"`` and ``"same"``.
        bias: its own name for a bias that it cannot do without, which is given zeros; empty for none.
        unknown: what else it takes and is not given.
        takes_any: whether it takes any keyword, as ``**kwargs``.
        shapes: whether it takes many samples ("batched"), one ("one-sample"), or one channel and kernel
            ("one-channel").
        sure: whether these shapes are what somebody said, and not only what is tried first.
        rank: spatial axes of the layers that it is called with.
    """

    function: Callable[..., Any]
    name: str
    keywords: Mapping[str, str] = field(default_factory=dict)
    depths: Mapping[str, int] = field(default_factory=dict)
    bias: str = ""
    unknown: tuple[str, ...] = ()
    takes_any: bool = False
    shapes: str = "batched"
    sure: bool = False
    rank: int = 2

    def with_shapes(self, shapes: str) -> "Calling":
        """The same function, called with arrays of fewer axes."""
        if shapes == self.shapes:
            return self
        return replace(self, function=partial(ADAPTERS[shapes], self.function), shapes=shapes)

    def spelt(self, depth: int) -> "Calling":
        """The same function, its keywords spelt at least as deep."""
        depths = {
            ours: old if (old := self.depths.get(ours, 0)) < 0 else max(old, min(depth, DEEPEST[ours]))
            for ours in self.keywords
        }
        return replace(self, depths=depths)

    def arguments(self, g: Geometry, given: Mapping[str, Any]) -> dict[str, Any]:
        """The keywords of one call, under the function's own names.

        Args:
            g: the layer to compute.
            given: values to pass on as they are, by our names; the others are made from the geometry.

        Examples:
            >>> def conv(x, w, strides=1, pad=(0, 0)): ...
            >>> g = Geometry((5, 7), 3, stride=(2, 1), padding=1)
            >>> calling(conv).arguments(g, {})
            {'strides': (2, 1), 'pad': (1, 1)}
        """
        values = {}
        for ours, own in self.keywords.items():
            depth = self.depths.get(ours, 0)
            values[own] = given[ours] if ours in given and depth <= 0 else _spelling(ours, g, depth)
        if self.takes_any:
            values |= {ours: value for ours, value in given.items() if ours not in self.keywords}
        if self.bias:
            values[self.bias] = np.zeros(g.out_channels)
        return values


def calling(subject: Any) -> Calling:
    """How to call a function, a class of convolution layers, or a pair of a function and an adapter.

    Args:
        subject: ``fn(x, w, …)``; a class whose objects compute ``forward(x)`` or are called with x; or
            ``(fn, adapter)``, where the adapter is called as ``adapter(fn, x, w, **keywords)`` and returns
            the output as (N, F, *out), or is one of the names in ``ADAPTERS``.

    Raises:
        RequestError: it cannot be called like that; the sentence says what to give.

    Examples:
        >>> def conv(x, w, s=1): ...
        >>> calling(conv).keywords
        {'stride': 's'}
        >>> calling((conv, "channels-last")).name
        'conv'
    """
    if isinstance(subject, tuple):
        return _adapted(*subject) if len(subject) == 2 else _refuse(subject)
    if inspect.isclass(subject):
        return _of_class(subject)
    if not callable(subject):
        return _refuse(subject)
    parameters = parameters_of(subject)
    if "conv_param" in [p.name for p in parameters]:  # the assignments of a course that many take
        return _adapted(subject, "cs231n")
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    variable = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    if len(positional) < 2 and not variable:
        takes = "1 positional argument" if len(positional) == 1 else "no positional arguments"
        raise RequestError(
            f"{name_of(subject)} takes {takes}: give a function of x and w, "
            "or (fn, adapter) with adapter(fn, x, w, **keywords)"
        )
    first = [p.name for p in positional[:2]]
    turned = len(first) == 2 and first[0] in WEIGHTS and first[1] not in WEIGHTS
    function = partial(weights_first, subject) if turned else subject
    return called(function, name_of(subject), [p for p in parameters if p not in positional[:2]])


def _refuse(subject: Any) -> Calling:
    raise RequestError(
        f"{subject!r} is nothing that can be checked: give a function of x and w, a class of convolution "
        "layers, or (fn, adapter)"
    )


def _adapted(function: Any, adapter: Any) -> Calling:
    """A function behind an adapter, which passes on what keywords the function takes."""
    if not callable(function):
        return _refuse(function)
    if isinstance(adapter, str):
        if adapter not in ADAPTERS:
            raise RequestError(
                f"adapter={adapter!r} is unknown: use one of {', '.join(ADAPTERS)}, or a function "
                "adapter(fn, x, w, **keywords)"
            )
        call = partial(ADAPTERS[adapter], function)
        if ADAPTERS[adapter] is cs231n:
            return Calling(call, name_of(function), {"stride": "stride", "padding": "padding"}, sure=True)
        shapes = adapter if adapter in ("one-sample", "one-channel") else "batched"
        made = called(call, name_of(function), parameters_of(function)[2:])
        return replace(made, shapes=shapes, sure=True)
    if not callable(adapter):
        raise RequestError(f"adapter={adapter!r} cannot be called: give adapter(fn, x, w, **keywords)")
    parameters = parameters_of(adapter)
    takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters)
    rest = parameters_of(function)[2:] if takes_all else parameters[3:]
    keywords, depths = _keywords(rest)
    return Calling(partial(adapter, function), name_of(function), keywords, depths, sure=True)


def _of_class(layer: type) -> Calling:
    """A class whose objects are made with the weights, or with sizes, and then given an input."""
    parameters = parameters_of(layer)
    names = [p.name for p in parameters]
    method = next((m for m in METHODS if callable(getattr(layer, m, None)) and m in dir(layer)), None)
    if method is None or (method == "__call__" and "__call__" not in vars(layer)):
        raise RequestError(f"{layer.__name__} has no method forward(x): give it one, or give (fn, adapter)")
    if names and names[0] in WEIGHTS:
        return called(partial(made_with_weights, layer, method), layer.__name__, parameters[1:])
    sizes = ("in_channels", "out_channels", "kernel_size")
    if set(sizes) <= set(names):
        rest = [p for p in parameters if p.name not in (*sizes, *BIASES)]
        return called(partial(made_with_sizes, layer, method), layer.__name__, rest)
    raise RequestError(
        f"{layer.__name__}({', '.join(names)}) is not made as layers usually are: let it take weights first, "
        "or in_channels, out_channels and kernel_size, or give (fn, adapter)"
    )


def parameters_of(function: Any) -> list[inspect.Parameter]:
    """What a function takes; x and w where it does not say."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # compiled code need not have a signature
        return [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in "xw"]


def called(
    function: Callable[..., Any], name: str, parameters: list[inspect.Parameter], arrays: str = "x, w"
) -> Calling:
    """How to call a function that takes these parameters after its two arrays, which are called so.

    Raises:
        RequestError: it needs something that is not known.
    """
    keywords, depths = _keywords(parameters)
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    others = [p for p in named if p.name not in keywords.values()]
    needed = [p.name for p in others if p.default is p.empty]
    unknown = [own for own in needed if own not in BIASES]
    if unknown:
        raise RequestError(
            f"{name} needs the argument {unknown[0]}, which is not known here: give it a default, "
            f"or give (fn, adapter) with adapter(fn, {arrays}, **keywords)"
        )
    left = tuple(p.name for p in others if p.default is not p.empty and p.name not in BIASES)
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    return Calling(function, name, keywords, depths, needed[0] if needed else "", left, takes_any)


def _keywords(parameters: list[inspect.Parameter]) -> tuple[dict[str, str], dict[str, int]]:
    """The hyper-parameters among parameters, by our names, and how deep their defaults are."""
    by_name = {p.name: p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    found = {ours: next((n for n in names if n in by_name), "") for ours, names in SYNONYMS.items()}
    keywords = {ours: own for ours, own in found.items() if own}
    return keywords, {ours: _depth(by_name[own].default) for ours, own in keywords.items()}


def _depth(default: Any) -> int:
    if isinstance(default, str):
        return CAPITALS if default.isupper() else WORDS
    if isinstance(default, tuple | list):
        return 1 + max((_depth(entry) for entry in default), default=0)
    return 0


def name_of(function: Any) -> str:
    """What to call a function in a sentence."""
    while isinstance(function, partial):
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__))


def _spelling(ours: str, g: Geometry, depth: int) -> Any:
    """One hyper-parameter of a layer, as the function takes it."""
    if ours == "groups":
        return g.groups
    values: tuple[Any, ...] = getattr(g, ours)
    if ours != "padding":
        return values if depth else _shortest(values)
    if depth < 0:
        word = "same" if any(map(any, values)) else "valid"
        return word.upper() if depth == CAPITALS else word
    if depth == 2 or any(before != after for before, after in values):
        return values
    evenly = tuple(before for before, _ in values)
    return evenly if depth else _shortest(evenly)


def _shortest(values: tuple[Any, ...]) -> Any:
    """One value where all are the same."""
    return values[0] if len(set(values)) == 1 else values

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

from symconv.errors import RequestError
from symconv.geometry import Geometry

SYNONYMS = {
    "stride": ("stride", "strides", "step", "s"),
    "padding": ("padding", "pad", "pads", "zero_padding", "p"),
    "dilation": ("dilation", "dilations", "dilation_rate", "dilate", "d"),
    "groups": ("groups", "group", "num_groups", "n_groups"),
}
BIASES = ("bias", "biases", "b")
WEIGHTS = ("weight", "weights", "W", "w", "kernel", "kernels", "filters", "filter")
METHODS = ("forward", "__call__", "call")


@dataclass(frozen=True)
class Calling:
    """How to call a person's function.

    Attributes:
        function: called as ``function(x, w, **keywords)``, arrays and result in this package's shapes but for
            leading axes that ``hidden`` leaves out.
        name: what to call it in a sentence.
        keywords: the hyper-parameters it takes, by our names, with its own names for them.
        bias: its own name for a bias that it cannot do without, which is given zeros; empty for none.
        shapes: whether it takes many samples ("batched"), one ("one-sample"), or one channel and kernel
            ("one-channel").
        sure: whether these shapes are what somebody said, and not only what is tried first.
        rank: spatial axes of the layers that it is called with.
    """

    function: Callable[..., Any]
    name: str
    keywords: Mapping[str, str] = field(default_factory=dict)
    bias: str = ""
    shapes: str = "batched"
    sure: bool = False
    rank: int = 2

    def with_shapes(self, shapes: str) -> "Calling":
        """The same function, called with arrays of fewer axes."""
        if shapes == self.shapes:
            return self
        return replace(self, function=partial(ADAPTERS[shapes], self.function), shapes=shapes)

    def arguments(self, g: Geometry, given: Mapping[str, Any]) -> dict[str, Any]:
        """The keywords of one call, under the function's own names.

        Args:
            g: the layer to compute.
            given: values to pass on as they are, by our names; of the others those that are not a layer's
                own anyway are made from the geometry: one number where all axes have the same.

        Examples:
            >>> def conv(x, w, strides=1, pad=0): ...
            >>> g = Geometry((5, 7), 3, stride=(2, 1), padding=1)
            >>> calling(conv).arguments(g, {})
            {'strides': (2, 1), 'pad': 1}
        """
        made = {
            "stride": _shortest(g.stride),
            "padding": _shortest(tuple(_shortest(pair) for pair in g.padding)),
            "dilation": _shortest(g.dilation),
            "groups": g.groups,
        }
        made["padding"] = made["padding"] if not _mixed(made["padding"]) else g.padding
        values = {own: given.get(ours, made[ours]) for ours, own in self.keywords.items()}
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
    parameters = _parameters(subject)
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    variable = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    if len(positional) < 2 and not variable:
        raise RequestError(
            f"{_name(subject)} takes {len(positional)} positional arguments: give a function of x and w, "
            "or (fn, adapter) with adapter(fn, x, w, **keywords)"
        )
    rest = [p for p in parameters if p not in positional[:2]]
    return Calling(subject, _name(subject), _keywords(rest), _bias(rest, _name(subject)))


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
        rest = _parameters(function)[2:]
        made = ADAPTERS[adapter]
        if made is cs231n:
            keywords, bias = {"stride": "stride", "padding": "padding"}, ""
        else:
            keywords, bias = _keywords(rest), _bias(rest, _name(function))
        shapes = adapter if adapter in ("one-sample", "one-channel") else "batched"
        return Calling(partial(made, function), _name(function), keywords, bias, shapes, sure=True)
    if not callable(adapter):
        raise RequestError(f"adapter={adapter!r} cannot be called: give adapter(fn, x, w, **keywords)")
    parameters = _parameters(adapter)
    takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters)
    keywords = _keywords(_parameters(function)[2:] if takes_all else parameters[3:])
    return Calling(partial(adapter, function), _name(function), keywords, sure=True)


def _of_class(layer: type) -> Calling:
    """A class whose objects are made with the weights, or with sizes, and then given an input."""
    parameters = _parameters(layer)
    names = [p.name for p in parameters]
    method = next((m for m in METHODS if callable(getattr(layer, m, None)) and m in dir(layer)), None)
    if method is None or (method == "__call__" and "__call__" not in vars(layer)):
        raise RequestError(f"{layer.__name__} has no method forward(x): give it one, or give (fn, adapter)")
    if names and names[0] in WEIGHTS:
        rest = parameters[1:]
        call = partial(_made_with_weights, layer, method)
        return Calling(call, layer.__name__, _keywords(rest), _bias(rest, layer.__name__))
    if names[:2] and {"in_channels", "out_channels", "kernel_size"} <= set(names):
        rest = [p for p in parameters if p.name not in ("in_channels", "out_channels", "kernel_size")]
        call = partial(_made_with_sizes, layer, method)
        return Calling(call, layer.__name__, _keywords(rest))
    raise RequestError(
        f"{layer.__name__}({', '.join(names)}) is not made as layers usually are: let it take weights first, "
        "or in_channels, out_channels and kernel_size, or give (fn, adapter)"
    )


def _made_with_weights(layer: Any, method: str, x: Any, w: Any, **keywords: Any) -> Any:
    """The output of a layer that is made with its weights."""
    return getattr(layer(w, **keywords), method)(x)


def _made_with_sizes(layer: Any, method: str, x: Any, w: Any, **keywords: Any) -> Any:
    """The output of a layer that is made with sizes and then given its weights, and no bias."""
    filters, channels = w.shape[:2]
    made = layer(
        in_channels=channels * keywords.get("groups", 1),
        out_channels=filters,
        kernel_size=tuple(w.shape[2:]),
        **keywords,
    )
    held = [name for name in WEIGHTS if hasattr(made, name)]
    if not held:
        raise AttributeError(f"{layer.__name__} has no attribute weight to put the weights in")
    setattr(made, held[0], w)
    for name in BIASES:
        if getattr(made, name, None) is not None:
            setattr(made, name, np.zeros(filters))
    return getattr(made, method)(x)


def channels_last(function: Any, x: Any, w: Any, **keywords: Any) -> Any:
    """A function of x (N, *spatial, C) and w (*kernel, C, F) that returns (N, *out, F)."""
    kernels = np.moveaxis(np.moveaxis(w, 1, -1), 0, -1)
    return np.moveaxis(function(np.moveaxis(x, 1, -1), kernels, **keywords), -1, 1)


def one_channel(function: Any, x: Any, w: Any, **keywords: Any) -> Any:
    """A function of one image (*spatial) and one kernel (*kernel) that returns (*out)."""
    return function(x[0, 0], w[0, 0], **keywords)[None, None]


def one_sample(function: Any, x: Any, w: Any, **keywords: Any) -> Any:
    """A function of one sample (C, *spatial) and w (F, C, *kernel) that returns (F, *out)."""
    return function(x[0], w, **keywords)[None]


def cs231n(function: Any, x: Any, w: Any, stride: Any = 1, padding: Any = 0) -> Any:
    """``fn(x, w, b, {"stride": …, "pad": …})``, which returns the output and a cache."""
    returned = function(x, w, np.zeros(w.shape[0]), {"stride": stride, "pad": padding})
    return returned[0] if isinstance(returned, tuple) else returned


ADAPTERS: dict[str, Callable[..., Any]] = {
    "channels-last": channels_last,
    "one-channel": one_channel,
    "one-sample": one_sample,
    "cs231n": cs231n,
}


def _parameters(function: Any) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # compiled code need not have a signature
        return [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in "xw"]


def _keywords(parameters: list[inspect.Parameter]) -> dict[str, str]:
    """The hyper-parameters among parameters, by our names."""
    by_name = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    found = {ours: next((n for n in names if n in by_name), "") for ours, names in SYNONYMS.items()}
    return {ours: own for ours, own in found.items() if own}


def _bias(parameters: list[inspect.Parameter], name: str) -> str:
    """The bias among the parameters that must be given, if there is one and nothing else."""
    known = {own for names in SYNONYMS.values() for own in names}
    needed = [
        p.name
        for p in parameters
        if p.default is p.empty
        and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
        and p.name not in known
    ]
    unknown = [own for own in needed if own not in BIASES]
    if unknown:
        raise RequestError(
            f"{name} needs the argument {unknown[0]}, which is not known here: give it a default, "
            "or give (fn, adapter) with adapter(fn, x, w, **keywords)"
        )
    return needed[0] if needed else ""


def _name(function: Any) -> str:
    while isinstance(function, partial):
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__))


def _shortest(values: tuple[Any, ...]) -> Any:
    """One value where all are the same."""
    return values[0] if len(set(values)) == 1 else values


def _mixed(padding: Any) -> bool:
    """Whether some axes have a pair and some a number."""
    return isinstance(padding, tuple) and any(isinstance(p, tuple) for p in padding)

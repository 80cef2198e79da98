"""How a person's backward pass is called: with dy and the array that its gradient needs, or with more.

Many write one function for all gradients. It is given the third array too, of which a gradient needs only the
shape: random numbers, so that what depends on them shows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import Parameter
from typing import Any

import numpy as np

from symconv.checking.adapters import WEIGHTS
from symconv.checking.calling import Calling, called, name_of, parameters_of
from symconv.entries import Array
from symconv.errors import RequestError
from symconv.geometry import Geometry

_LARGEST = 10**6  # of the third array's numbers, none of which is 1, and hardly two of which are equal
_NAMES = {
    "dy": ("dy", "dout", "dY", "dz", "dZ", "d_out", "grad", "grad_output", "grad_out", "gy", "delta"),
    "x": ("x", "X", "inputs", "input", "image", "images"),
    "w": WEIGHTS,
}
_SIZES: dict[str, Callable[[Geometry], tuple[int, ...]]] = {
    "x_shape": lambda g: g.input_shape,
    "input_shape": lambda g: g.input_shape,
    "input_size": lambda g: g.input_size,
    "w_shape": lambda g: g.kernel_shape,
    "kernel_shape": lambda g: g.kernel_shape,
    "weight_shape": lambda g: g.kernel_shape,
    "kernel_size": lambda g: g.kernel_size,
}


@dataclass(frozen=True)
class Backward:
    """How to call one gradient.

    Attributes:
        call: called as ``call.function(dy, other, **keywords)``, other the array that the gradient needs.
        sizes: which of its arguments are sizes of the layer.
        third: which of its arguments is the array that the gradient does not need; empty if it takes none.
        third_shape: the shape of that array.
        hint: how it was called, to be told where it computes nothing.
    """

    call: Calling
    sizes: tuple[str, ...]
    third: str
    third_shape: Callable[[Geometry], tuple[int, ...]]
    hint: str = ""

    @property
    def is_told_sizes(self) -> bool:
        """Whether it need not find the layer's sizes from those of dy and the other array."""
        return bool(self.sizes or self.third)

    def arguments(self, g: Geometry, given: Mapping[str, Any], seed: int | None) -> dict[str, Any]:
        """The keywords of a call, under the function's own names."""
        keywords = {**self.call.arguments(g, given), **{name: _SIZES[name](g) for name in self.sizes}}
        if self.third:
            numbers = np.random.default_rng(seed).integers(2, _LARGEST, self.third_shape(g))
            keywords[self.third] = numbers.astype(float)
        return keywords


def backward(subject: Any, other: str) -> Backward:
    """How to call the gradient that needs dy and the array ``other``, which is ``"x"`` or ``"w"``.

    Args:
        subject: a function of dy and that array, in either order; of dy, x and w, by these names; of dy and
            the ``cache`` of the assignments of CS231n; or ``(fn, adapter)``. What returns a tuple returns
            (dx, dw, …) if it takes both arrays, and otherwise its gradient first.
        other: the array's letter.

    Raises:
        RequestError: it cannot be called like that; the sentence says what to give.

    Examples:
        >>> def conv_backward(dout, x, w, pad=0): ...
        >>> way = backward(conv_backward, "w")
        >>> way.third, way.call.keywords
        ('x', {'padding': 'pad'})
    """
    adapter = None
    if isinstance(subject, tuple):
        if len(subject) != 2 or not callable(subject[1]):
            raise RequestError(
                f"{subject!r} is no pair (fn, adapter): give a function and adapter(fn, dy, …)"
            )
        subject, adapter = subject
    if not callable(subject):
        raise RequestError(f"{subject!r} cannot be called: give a function of dy and {other}")
    parameters = parameters_of(adapter or subject)[1 if adapter else 0 :]
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(positional) < 2:
        raise RequestError(
            f"{name_of(subject)} takes fewer than two arrays: give a function of dy and {other}, "
            f"or (fn, adapter) with adapter(fn, dy, {other}, **keywords)"
        )
    function = partial(adapter, subject) if adapter else subject
    third = "w" if other == "x" else "x"
    place = 0 if other == "w" else 1  # in (dx, dw, …)
    if [p.name for p in positional[1:]] == ["cache"]:
        call = Calling(
            partial(_entry, place, partial(_with_cache, function, other)),
            name_of(subject),
            {"stride": "stride", "padding": "padding"},
        )
        hint = '; it was given the cache (x, w, b, {"stride": …, "pad": …}), as CS231n has it'
        return Backward(call, (), "third", _SHAPES[third], hint)
    named = _arrays(parameters)
    if set(named) == {"dy", "x", "w"}:
        function = partial(_entry, place, partial(_by_names, function, named["dy"], named[other]))
        rest = [p for p in parameters if p.name not in named.values()]
    else:
        named = {}
        if positional[1].name in _NAMES["dy"] and positional[0].name not in _NAMES["dy"]:
            function = partial(_turned, function)
        function = partial(_entry, 0, function)
        rest = parameters[2:]
    sizes = tuple(p.name for p in rest if p.name in _SIZES)
    call = called(function, name_of(subject), [p for p in rest if p.name not in sizes], f"dy, {other}")
    return Backward(call, sizes, named.get(third, ""), _SHAPES[third])


_SHAPES: dict[str, Callable[[Geometry], tuple[int, ...]]] = {
    "x": lambda g: g.input_shape,
    "w": lambda g: g.kernel_shape,
}


def _arrays(parameters: list[Parameter]) -> dict[str, str]:
    """Which of its arrays, by our names, a function cannot do without, with its own names for them."""
    needed = [p.name for p in parameters if p.default is p.empty and p.kind is not p.POSITIONAL_ONLY]
    own = {ours: [name for name in needed if name in names] for ours, names in _NAMES.items()}
    return {ours: names[0] for ours, names in own.items() if len(names) == 1}


def _entry(place: int, function: Callable[..., Any], dy: Any, other: Any, **keywords: Any) -> Any:
    """What a function returns, or one of all that it returns."""
    returned = function(dy, other, **keywords)
    return returned[place] if isinstance(returned, tuple) else returned


def _by_names(
    function: Callable[..., Any], first: str, second: str, dy: Any, other: Any, **keywords: Any
) -> Any:
    """A function that takes its arrays in any order."""
    return function(**{first: dy, second: other}, **keywords)


def _turned(function: Callable[..., Any], dy: Any, other: Any, **keywords: Any) -> Any:
    """A function that takes dy second."""
    return function(other, dy, **keywords)


def _with_cache(
    function: Callable[..., Any],
    letter: str,
    dy: Any,
    other: Any,
    third: Array,
    stride: Any = 1,
    padding: Any = 0,
) -> Any:
    """``fn(dout, (x, w, b, {"stride": …, "pad": …}))``, as the assignments of CS231n have it."""
    x, w = (third, other) if letter == "w" else (other, third)
    return function(dy, (x, w, np.zeros(w.shape[0]), {"stride": stride, "pad": padding}))

"""Between our arrays and those of a person's function: other shapes, orders and ways to be called."""

from collections.abc import Callable
from typing import Any

import numpy as np

WEIGHTS = ("weight", "weights", "W", "w", "kernel", "kernels", "filters", "filter")
BIASES = ("bias", "biases", "b")


def channels_last(function: Any, x: Any, w: Any, **keywords: Any) -> Any:
    """A function of x (N, *spatial, C) and w (*kernel, C, F) that returns (N, *out, F)."""
    kernels = np.moveaxis(np.moveaxis(w, 1, -1), 0, -1)
    return np.moveaxis(function(np.moveaxis(x, 1, -1), kernels, **keywords), -1, 1)


def one_channel(function: Any, x: Any, w: Any, **keywords: Any) -> Any:
    """A function of one image (*spatial) and one kernel (*kernel) that returns (*out)."""
    return _within(function(x[0, 0], w[0, 0], **keywords), 2)


def one_sample(function: Any, x: Any, w: Any, **keywords: Any) -> Any:
    """A function of one sample (C, *spatial) and w (F, C, *kernel) that returns (F, *out)."""
    return _within(function(x[0], w, **keywords), 1)


def _within(returned: Any, axes: int) -> Any:
    """An array, or lists of numbers, with axes of length 1 before its own."""
    if hasattr(returned, "ndim"):
        return returned[(None,) * axes]
    for _ in range(axes if isinstance(returned, list) else 0):
        returned = [returned]
    return returned


def cs231n(function: Any, x: Any, w: Any, stride: Any = 1, padding: Any = 0) -> Any:
    """``fn(x, w, b, {"stride": …, "pad": …})``, which returns the output and a cache."""
    returned = function(x, w, np.zeros(w.shape[0]), {"stride": stride, "pad": padding})
    return returned[0] if isinstance(returned, tuple) else returned


def weights_first(function: Any, x: Any, w: Any, **keywords: Any) -> Any:
    """A function of w and x, in this order."""
    return function(w, x, **keywords)


def made_with_weights(layer: Any, method: str, x: Any, w: Any, **keywords: Any) -> Any:
    """The output of a layer that is made with its weights."""
    return getattr(layer(w, **keywords), method)(x)


def made_with_sizes(layer: Any, method: str, x: Any, w: Any, **keywords: Any) -> Any:
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


ADAPTERS: dict[str, Callable[..., Any]] = {
    "channels-last": channels_last,
    "one-channel": one_channel,
    "one-sample": one_sample,
    "cs231n": cs231n,
}

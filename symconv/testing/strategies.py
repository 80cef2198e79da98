"""Hypothesis strategies for small layers in which conventions differ.

Hypothesis is not installed with the package: ``pip install hypothesis``.
"""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from symconv.definition import PADDING_MODES
from symconv.entries import Array
from symconv.geometry import Geometry

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise ImportError("symconv.testing.strategies needs Hypothesis: pip install hypothesis") from error

_LONGEST = {1: 9, 2: 6, 3: 4}  # cells along an axis, by how many axes there are


@st.composite
def axes(draw: st.DrawFn, mode: str, longest: int = 6) -> tuple[int, int, int, int, tuple[int, int]]:
    """One axis of a layer that at least one window fits.

    Args:
        draw: Hypothesis's own.
        mode: the padding mode, which limits the padding.
        longest: cells that the input has at most.

    Returns:
        Size, kernel, stride, dilation and the pair of paddings.
    """
    size = draw(st.integers(1, longest))
    most = {"reflect": size - 1, "circular": size}.get(mode, 3)
    before, after = draw(st.integers(0, min(2, most))), draw(st.integers(0, min(3, most)))
    padded = size + before + after
    kernel = draw(st.integers(1, min(3, padded)))
    dilation = draw(st.integers(1, min(3, (padded - 1) // (kernel - 1)) if kernel > 1 else 3))
    return size, kernel, draw(st.integers(1, 3)), dilation, (before, after)


@st.composite
def geometries(
    draw: st.DrawFn,
    modes: Sequence[str] = PADDING_MODES,
    most_products: int = 600,
    ranks: Sequence[int] = (2, 1, 3),
    most_cells: int = 200,
    biases: bool = True,
) -> Geometry:
    """Small layers of one to three axes: unequal sides, strides, pads; groups of several filters.

    Args:
        draw: Hypothesis's own.
        modes: padding modes to choose from.
        most_products: products that the layer has at most.
        ranks: how many axes it may have.
        most_cells: cells that its input has at most.
        biases: whether there may be a bias.

    Examples:
        >>> from hypothesis import given
        >>> @given(geometries(ranks=[2], modes=["zeros"], biases=False))
        ... def test_my_conv(g):
        ...     ...
    """
    mode = draw(st.sampled_from(modes))
    rank = draw(st.sampled_from(ranks))
    drawn = [draw(axes(mode, _LONGEST[rank])) for _ in range(rank)]
    sizes, kernels, strides, dilations, pads = zip(*drawn, strict=True)
    groups = draw(st.integers(1, 3))
    channels, filters = groups * draw(st.integers(1, 2)), groups * draw(st.integers(1, 3))
    batch = draw(st.integers(1, 3))
    hyper: dict[str, Any] = {"stride": strides, "padding": pads, "dilation": dilations, "padding_mode": mode}
    hyper["bias"] = biases and draw(st.booleans())
    g = Geometry(sizes, kernels, channels, filters, batch, groups=groups, **hyper)
    if g.products <= most_products and prod(g.input_shape) <= most_cells:
        return g
    return Geometry(sizes, kernels, **hyper)  # the same axes, as few channels, filters and samples as can be


@st.composite
def integer_layers(
    draw: st.DrawFn, /, low: int = -9, high: int = 9, **limits: Any
) -> tuple[Geometry, Array, Array, Array | None]:
    """A small layer with whole numbers for its arrays.

    Args:
        draw: Hypothesis's own.
        low: the least number.
        high: the largest one.
        limits: as ``geometries`` takes them.

    Returns:
        The geometry, x (N, C, *spatial), w (F, C/groups, *kernel), and the bias (F,) or None.

    Examples:
        >>> from hypothesis import given
        >>> @given(integer_layers(ranks=[2]))
        ... def test_my_conv(layer):
        ...     g, x, w, bias = layer
    """
    g = draw(geometries(**limits))
    numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x, w = (numbers.integers(low, high, shape, endpoint=True) for shape in (g.input_shape, g.kernel_shape))
    return g, x, w, numbers.integers(low, high, g.out_channels, endpoint=True) if g.bias else None

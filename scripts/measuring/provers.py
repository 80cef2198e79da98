"""Four ways to prove the same: that a layer's matrix product is its loop formula."""

from collections import Counter
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
import sympy

import symconv as sc
from symconv.definition import axis_windows
from symconv.index_map import index_map
from symconv.proof.exact import prove_maps


def prove_by_sympy(g: sc.Geometry) -> bool:
    """The way one would first think of: SymPy matrices, multiplied and compared."""
    u = sc.unroll(g, max_entries=None)
    product = u.patch_matrix * u.weight_matrix
    formula = sc.loop_formula(u.input, u.kernel, stride=g.stride, padding=g.padding)
    wanted = sympy.Matrix(np.array(formula.tolist(), dtype=object).reshape(g.out_channels, -1)).T
    return bool((product - wanted).expand().is_zero_matrix)


def prove_by_sets(g: sc.Geometry) -> bool:
    """Each output cell's products counted in a dictionary, on both sides."""
    u = sc.unroll(g, max_entries=None)
    inputs, kernels = prod(g.input_shape), prod(g.kernel_shape)
    axes = [
        axis_windows(n, k, s, d, p)
        for n, k, s, d, p in zip(g.input_size, g.kernel_size, g.stride, g.dilation, g.padding, strict=True)
    ]
    (height, width), (kh, kw) = g.input_size, g.kernel_size
    row = 0
    for vertical in axes[0]:
        for horizontal in axes[1]:
            pixels = u.patch_map[row].tolist()
            for f in range(g.out_channels):
                got = Counter(
                    (i, k)
                    for i, k in zip(pixels, u.weight_map[:, f].tolist(), strict=True)
                    if i != inputs and k != kernels
                )
                wanted = Counter(
                    ((c * height + y) * width + x, ((f * g.in_channels + c) * kh + a) * kw + b)
                    for c in range(g.in_channels)
                    for a, y in enumerate(vertical)
                    for b, x in enumerate(horizontal)
                    if y is not None and x is not None
                )
                if got != wanted:
                    return False
            row += 1
    return True


def prove_by_terms(g: sc.Geometry) -> sc.Proof:
    """The products of every output cell, sorted: the general route, without the short cut before it."""
    return prove_maps(g, index_map(g), factorised=False)


PROVERS: dict[str, tuple[Callable[[sc.Geometry], Any], float]] = {
    "SymPy matrices": (prove_by_sympy, 6e4),
    "counted sets": (prove_by_sets, 1e6),
    "sorted terms": (prove_by_terms, 2e8),
    "factorised": (sc.prove, 1e99),
}
"""How each proves a layer, and the number of products beyond which it would take minutes."""

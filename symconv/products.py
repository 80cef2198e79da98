"""Weights times a tile of the patch matrix, in the blocks that suit the BLAS behind NumPy.

Stands above the tiles. OpenBLAS first copies the operands of a product into an order of its own, which costs
a sixth of the time where filters are few. With AVX-512 it reads those of a small product as they lie; but a
small product has one thread, so that blocks pay only where there is no other.
"""

import os
from functools import cache
from typing import Any

import numpy as np

from symconv.entries import Array

SMALL = 10**6  # multiplications in a block, at most: for more, OpenBLAS copies
WIDTH = 64  # columns of a tile's blocks: whole registers, and whole cache lines
LEAST_HEIGHT = 8  # filters of a block, at least: with fewer, the patches are read too often


@cache
def copies_nothing() -> bool:
    """Whether this BLAS reads a small product's operands as they lie, and has one thread."""
    config: Any = np.show_config(mode="dicts")
    simd = config["SIMD Extensions"]
    threads = os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS") or os.cpu_count()
    return (
        "openblas" in config["Build Dependencies"]["blas"]["name"]
        and not {"AVX512_SKX", "X86_V4"}.isdisjoint([*simd.get("baseline", []), *simd.get("found", [])])
        and str(threads) == "1"
    )


def block_heights(filters: int, taps: int, dtype: np.dtype[Any], width: int = 0) -> list[int]:
    """How many filters may make a block, all blocks of equal height, rising; none where whole products win.

    Args:
        filters: how many there are.
        taps: how many each has.
        dtype: of its entries.
        width: how many columns a block has; 0 for those of a tile.

    Examples:
        >>> block_heights(64, 10**6, np.dtype(np.float32))
        []
    """
    if dtype.char not in "fd" or not copies_nothing():
        return []
    most = min(filters, SMALL // ((width or WIDTH) * taps))
    return [height for height in range(LEAST_HEIGHT, most + 1) if filters % height == 0]


def multiply_into(out: Array, weights: Array, patches: Array, height: int) -> None:
    """Write weights (F, K) by patches (K, n) to ``out`` (F, n), in blocks of ``height`` filters if not 0."""
    (filters, taps), count = weights.shape, patches.shape[1]
    rows = weights.reshape(-1, height or filters, taps)
    out = out.reshape(*rows.shape[:2], count)
    split = count - count % WIDTH if height else 0
    if split:
        blocks = patches[:, :split].reshape(taps, -1, 1, WIDTH).transpose(1, 2, 0, 3)
        places = out[..., :split].reshape(*rows.shape[:2], -1, WIDTH).transpose(2, 0, 1, 3)
        np.matmul(rows, blocks, out=places)
    if split < count:
        np.matmul(rows, patches[:, split:], out=out[..., split:])

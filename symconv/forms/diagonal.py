"""The entries of the Fourier matrix, and the identities that make it diagonalise circular convolution.

Both sides of each identity are lists of exact sums of roots of unity: one for each cell of the kernel.
"""

from collections.abc import Iterator
from math import lcm, prod

import numpy as np

from symconv.forms.cyclotomic import RootSum
from symconv.index_map import Map

Table = list[list[RootSum]]

INVERSE = "F·F⁻¹ = 1"


def transform(sizes: tuple[int, ...]) -> tuple[int, Table, Table]:
    """The order of ω, the Fourier matrix of an array's cells in reading order, and its inverse.

    Source: Gray 2006, *Toeplitz and circulant matrices: a review*, section 3.1.

    Examples:
        >>> transform((2,))
        (2, [[1, 1], [1, -1]], [[1/2, 1/2], [1/2, -1/2]])
    """
    order, places, cells = lcm(*sizes), list(np.ndindex(sizes)), prod(sizes)
    exponents = [
        [sum(order // n * a * b for n, a, b in zip(sizes, j, k, strict=True)) for k in places] for j in places
    ]
    forward = [[RootSum.power(order, e) for e in row] for row in exponents]
    return order, forward, [[RootSum.power(order, -e).over(cells) for e in row] for row in exponents]


def identities(
    forward: Table, backward: Table, reads: Map
) -> Iterator[tuple[str, tuple[int, int], list[RootSum], list[RootSum]]]:
    """Every entry that has to agree: the identity's name, the place, and both sides.

    An entry of F·C(w) has for each kernel cell w_t the one entry of F that C(w) multiplies by it.

    Args:
        forward: F.
        backward: F⁻¹.
        reads: shape (n, n), the cell that each tap (column) reads for each output cell (row).

    Yields:
        The sides of F·F⁻¹ = 1, one number each; then of both F·C(w), one number for each cell of w.
    """
    n, order = len(forward), forward[0][0].order
    for j, k in np.ndindex(n, n):
        left = RootSum.total(order, (forward[j][a] * backward[a][k] for a in range(n)))
        yield INVERSE, (j, k), [left], [RootSum(order, {0: 1} if j == k else {})]
    read_by = np.argsort(reads, axis=0)  # the output cell for which a tap reads a cell
    conjugate = [[value.conjugate() for value in row] for row in forward]
    for name, eigenvalues, source in (
        ("F·C(w)ᵀ = diag(F w)·F", forward, reads),
        ("F·C(w) = diag(F̄ w)·F", conjugate, read_by),
    ):
        for j, b in np.ndindex(n, n):
            found = [forward[j][a] for a in source[b]]
            yield name, (j, b), found, [value * forward[j][b] for value in eigenvalues[j]]

"""The theorems by name, and how to ask for one."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache

from symconv.errors import RequestError
from symconv.proof.theorem import Theorem
from symconv.sizes import whole
from symconv.theorems.adjoints import input_gradient, overlap, toeplitz, transpose, weight_gradient
from symconv.theorems.kernels import composition, dense, dilation, flip, pointwise
from symconv.theorems.layer import AXIS_NAMES
from symconv.theorems.sizes import output_size
from symconv.theorems.unrolling import batch, filters, groups, im2col

CATALOGUE: dict[str, Callable[[int], Theorem]] = {
    "output-size": output_size,
    "im2col": im2col,
    "filters": filters,
    "groups": groups,
    "batch": batch,
    "flip": flip,
    "toeplitz": toeplitz,
    "transpose": transpose,
    "weight-gradient": weight_gradient,
    "input-gradient": input_gradient,
    "overlap": overlap,
    "pointwise": pointwise,
    "dense": dense,
    "dilation": dilation,
    "composition": composition,
}


def theorem(name: str, axes: int = 2) -> Theorem:
    """A theorem about a convolution layer of every size.

    Args:
        name: one of those that ``theorems()`` lists.
        axes: spatial axes that it is stated for: 1, 2 or 3.

    Returns:
        ``Theorem``, to be proved with ``prove``.

    Raises:
        RequestError: there is no such theorem, or it is not stated for so many axes.

    Examples:
        >>> theorem("filters").statement
        'Column f of P·W is P times kernel f, flattened: many kernels are many columns.'
    """
    if not isinstance(name, str) or name not in CATALOGUE:
        near = get_close_matches(str(name), CATALOGUE, n=1)
        meant = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(CATALOGUE)}"
        raise RequestError(f"name={name!r} is no theorem here: {meant}")
    if whole(axes, "axes") not in AXIS_NAMES:
        raise RequestError(f"axes={axes} is more than the theorems are stated for: give 1, 2 or 3")
    return _made(name, int(axes))


def theorems(axes: int = 2) -> tuple[Theorem, ...]:
    """All theorems, in an order that builds.

    Args:
        axes: spatial axes that they are stated for: 1, 2 or 3.

    Returns:
        ``Theorem``, each to be proved with ``prove``.

    Raises:
        RequestError: they are not stated for so many axes.

    Examples:
        >>> [t.name for t in theorems()][:3]
        ['output-size', 'im2col', 'filters']
    """
    return tuple(theorem(name, axes) for name in CATALOGUE)


@cache
def _made(name: str, axes: int) -> Theorem:
    return CATALOGUE[name](axes)

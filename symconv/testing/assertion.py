"""``assert_convolution``: one line of a test."""

from typing import Any

from symconv.checking.check import check
from symconv.checking.verdict import Verdict
from symconv.errors import RequestError
from symconv.geometry import Geometry
from symconv.proof.verdict import Tier

_STRENGTH = list(Tier)  # strongest first


def assert_convolution(
    fn: Any,
    geometry: Geometry | None = None,
    *,
    at_least: str = Tier.SAMPLED,
    seed: int | None = 0,
    **hyper: Any,
) -> Verdict:
    """Fail the test, with the whole verdict, unless a function is the convolution.

    Args:
        fn: as for ``check``.
        geometry: as for ``check``.
        at_least: the weakest tier to accept: ``"exact"``, ``"certificate"`` or ``"sampled"``.
        seed: of random numbers; always the same by default, so that a test does not pass by luck.
        hyper: as for ``check``.

    Returns:
        The verdict, which holds.

    Raises:
        AssertionError: it is wrong, or could not be told, or was told by a weaker tier.
        RequestError: there is no such tier, or nothing that could be called.

    Examples:
        >>> import numpy as np
        >>> def conv(x, w):
        ...     windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        ...     return np.tensordot(windows, w, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)
        >>> assert_convolution(conv, at_least="exact").holds
        True
    """
    if at_least not in _STRENGTH[1:]:
        raise RequestError(f"at_least={at_least!r} is no tier of a check: use exact, certificate or sampled")
    verdict = check(fn, geometry, seed=seed, **hyper)
    if not verdict:
        raise AssertionError(repr(verdict))
    if verdict.tier is None or _STRENGTH.index(verdict.tier) > _STRENGTH.index(Tier(at_least)):
        raise AssertionError(f"{verdict!r}\nThe tier {verdict.tier} is weaker than {at_least}.")
    return verdict

"""A person's own function, followed: the styles that people write, and what is refused."""

import numpy as np
import pytest

from symconv.geometry import Geometry
from symconv.tracing.certificate import certify
from symconv.tracing.compare import compare
from symconv.tracing.trace import trace
from tests.students import HOMEWORK, TAPS_SEEN, places

PLAIN = Geometry((4, 5), (2, 3), 2, 3, 2)
STRIDED = Geometry((5, 6), (2, 3), 2, 2, 2, stride=(2, 1))
PADDED = Geometry((3, 4), (3, 2), 2, 2, 2, padding=((1, 0), (2, 1)))
BOTH = Geometry((5, 4), (2, 3), 1, 2, 2, stride=(2, 3), padding=((0, 1), (2, 1)))
DILATED = Geometry((5, 6), (2, 3), 2, 2, 2, dilation=(3, 2), padding=((1, 0), (0, 1)))
GROUPED = Geometry((3, 4), (2, 2), 4, 4, 2, groups=2, stride=(1, 2), padding=((1, 0), (0, 0)))
GEOMETRIES = (PLAIN, STRIDED, PADDED, BOTH, DILATED, GROUPED)
USUAL = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}


def keywords_of(g, accepted):
    """The keywords that a function needs for a geometry; None if it does not take one of them."""
    needed = {k: getattr(g, k) for k, usual in USUAL.items() if getattr(g, k) != usual}
    return needed if set(needed) <= set(accepted) else None


HOMEWORK_CASES = [
    pytest.param(function, keywords, g, id=f"{name}-{i}")
    for name, (function, accepted) in HOMEWORK.items()
    for i, g in enumerate(GEOMETRIES)
    if (keywords := keywords_of(g, accepted)) is not None
]


def test_ten_lines_of_a_user():
    def conv(x, w):
        out = np.zeros((x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1))
        for i in range(out.shape[0]):
            for j in range(out.shape[1]):
                out[i, j] = np.sum(x[i : i + w.shape[0], j : j + w.shape[1]] * w)
        return out

    verdict = compare(trace(conv, (4, 5), (2, 3)), Geometry((4, 5), (2, 3)))
    assert verdict
    assert verdict.tier == "exact"
    assert verdict.compared == 9


@pytest.mark.parametrize(("function", "keywords", "g"), HOMEWORK_CASES)
def test_a_right_function_is_proved(function, keywords, g):
    followed = trace(function, g.input_shape, g.kernel_shape, keywords, seed=1)
    verdict = compare(followed, g)
    assert verdict.holds is True, verdict
    assert followed.written_to == ()
    certified = certify(followed, g, seed=1)
    assert certified.holds is True
    assert certified.tier == "certificate"
    assert certified.bound < 2**-100


def test_there_are_many_styles():
    assert len(HOMEWORK) >= 15


def test_nothing_is_left_behind():
    before = list(TAPS_SEEN)
    function, _ = HOMEWORK["remembered"]
    trace(function, PLAIN.input_shape, PLAIN.kernel_shape)
    assert before == TAPS_SEEN
    assert places.cache_info().currsize == 0 or before

"""Right functions with mistakes put into them at random: none is called right where numbers say no."""

import os
import warnings

import numpy as np
import pytest

from symconv.definition import loop_formula
from symconv.tracing.certificate import certify
from symconv.tracing.compare import compare
from symconv.tracing.tape import TraceError
from symconv.tracing.trace import trace
from tests.code_mutants import mutant
from tests.students import HOMEWORK
from tests.test_trace import GEOMETRIES, USUAL, keywords_of

EACH = int(os.environ.get("SYMCONV_MUTANTS", "60"))
FUNCTIONS = {
    name: case for name, case in HOMEWORK.items() if name != "closure"
}  # whose source is not its own


def numbers_say(function, keywords, g, random):
    """Whether exact whole numbers find a function right: three times, on plain arrays."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(3):
            x, w = (random.integers(-50, 50, s).astype(float) for s in (g.input_shape, g.kernel_shape))
            wanted = loop_formula(x, w, **{k: getattr(g, k) for k in USUAL})
            try:
                got = np.asarray(function(x.copy(), w.copy(), **keywords), dtype=float)
            except Exception:  # noqa: BLE001 (a mistake may raise anything)
                return False
            if got.shape != wanted.shape or not np.array_equal(got, wanted):
                return False
    return True


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.filterwarnings("ignore")
def test_no_mutant_is_called_right(name):
    function, accepted = FUNCTIONS[name]
    random = np.random.default_rng([ord(c) for c in name])
    cases = [(g, k) for g in GEOMETRIES if (k := keywords_of(g, accepted)) is not None]
    refuted = 0
    for _ in range(EACH):
        made = mutant(function, random)
        if made is None:
            continue
        wrong, source = made
        for i in random.choice(len(cases), min(2, len(cases)), replace=False):
            g, keywords = cases[i]
            try:  # without the replay, so that the tape alone has to tell
                followed = trace(wrong, g.input_shape, g.kernel_shape, keywords, replay=False)
            except TraceError:
                continue
            right = numbers_say(wrong, keywords, g, random)
            verdict, certified = compare(followed, g), certify(followed, g, seed=0)
            assert verdict.holds is right, f"{g}\n{source}\n{verdict}"
            assert certified.holds in (right, None), f"{g}\n{source}\n{certified}"
            refuted += not right
    assert refuted >= EACH // 12

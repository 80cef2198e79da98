"""Functions that are right when followed and wrong for some numbers; and what a check leaves behind."""

import dataclasses
import functools
import warnings
from collections import OrderedDict, defaultdict, deque
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from symconv.checking import judge as judging
from symconv.checking.check import check
from symconv.checking.confirm import contradiction
from symconv.checking.gradient import check_gradient
from symconv.geometry import Geometry
from symconv.proof.verdict import Tier
from symconv.tracing.polynomials import NO_CELL, TooDeepError, expand
from symconv.tracing.trace import trace
from symconv.tracing.traced import Traced

KEPT = {}
CALLS = []


def conv(x, w):
    return np.einsum("ncijab,fcab->nfij", sliding_window_view(x, w.shape[2:], axis=(2, 3)), w)


@functools.cache
def buffer(shape):
    return np.zeros(shape)


def adds_to_a_cached_buffer(x, w):
    y = conv(x, w)
    out = buffer(y.shape)
    out += y
    return out


def remembers_by_shape(x, w):
    if x.shape not in KEPT:
        KEPT[x.shape] = conv(x, w)
    return KEPT[x.shape] if x.size > 9 else conv(x, w)


def remembers_by_id(x, w):
    key = id(x), id(w)
    if key not in KEPT:
        KEPT[key] = x, w, conv(x, w)
    return KEPT[key][2]


def counts(x, w, calls=CALLS):
    calls.append(None)
    return conv(x, w) if len(calls) < 4 else 2 * conv(x, w)


def rounds_what_is_an_array(x, w):
    return conv(np.round(x) if type(x) is np.ndarray else x, w)


def rounds_what_is_a_float(x, w):
    return conv(x.astype(int) if isinstance(x[0, 0, 0, 0], float) else x, w)


def clips_what_is_an_array(x, w):
    return conv(np.clip(x, -99, 99) if type(x) is np.ndarray else x, w)


def clips_what_is_very_large(x, w):
    return conv(np.clip(x, -1e12, 1e12) if type(x) is np.ndarray else x, w)


def computes_in_single_precision(x, w):
    return conv(x.astype(np.float32).astype(float) if type(x) is np.ndarray else x, w)


def drops_small_numbers(x, w):
    return conv(np.where(np.abs(x) < 1e-3, 0, x) if type(x) is np.ndarray else x, w)


def sets_zeros_to_one(x, w):
    return conv(np.where(x == 0, 1, x) if type(x) is np.ndarray else x, w)


def reads_what_is_printed(x, w):
    return conv(x if "followed" in repr(x) else np.trunc(x), w)


def tries_the_buffer_protocol(x, w):
    try:
        memoryview(x)
    except TypeError:
        return conv(x, w)
    return conv(np.fmod(x, 100), w)


def looks_at_its_globals(x, w):
    return conv(x, w) * (1 if "__symconv_follows__" in globals() else 2)


def rounds_by_a_large_number(x, w):
    return conv(x + 2.0**52 - 2.0**52, w)


def overflows(x, w):
    return conv(x * 1e305 / 1e305, w)


WRONG = [
    adds_to_a_cached_buffer,
    remembers_by_shape,
    remembers_by_id,
    counts,
    rounds_what_is_an_array,
    rounds_what_is_a_float,
    clips_what_is_an_array,
    clips_what_is_very_large,
    computes_in_single_precision,
    drops_small_numbers,
    sets_zeros_to_one,
    reads_what_is_printed,
    tries_the_buffer_protocol,
    looks_at_its_globals,
    rounds_by_a_large_number,
    overflows,
]


@pytest.mark.parametrize("function", WRONG, ids=lambda function: function.__name__)
def test_wrong_for_some_numbers(function):
    KEPT.clear()
    CALLS.clear()
    buffer.cache_clear()
    verdict = check(function, seed=0)
    assert verdict.holds is False
    assert verdict.tier is Tier.SAMPLED
    assert verdict.counterexample is not None
    assert verdict.why == (
        "No known mistake explains this. Run on letters it is right, but on fractions, or when it is called "
        "again, it makes other numbers."
    )


def weight_gradient(dy, x):
    return np.einsum("ncabij,nfij->fcab", sliding_window_view(x, dy.shape[2:], axis=(2, 3)), dy)


def test_gradients_that_are_wrong_for_some_numbers():
    def rounded(dy, x):
        return weight_gradient(dy, np.round(x) if type(x) is np.ndarray else x)

    assert check_gradient(fn_dw=weight_gradient, seed=0).weight.tier is Tier.EXACT
    verdict = check_gradient(fn_dw=rounded, seed=0).weight
    assert verdict.holds is False
    assert verdict.tier is Tier.SAMPLED


NAMES, PER_NAME, ROW, SPACE = OrderedDict(), defaultdict(list), deque(), SimpleNamespace()


def test_no_followed_value_is_left_in_what_a_function_keeps():
    def keeping(x, w):
        NAMES["x"] = x
        PER_NAME["x"].append(x)
        ROW.append(x)
        SPACE.x = x
        keeping.all.append(x)
        return conv(x, w)

    keeping.all = []
    assert check(keeping, seed=0).tier is Tier.EXACT
    kept = [NAMES["x"], *PER_NAME["x"], *ROW, SPACE.x, *keeping.all]
    assert not any(isinstance(value, Traced) for value in kept)


class Slots:
    __slots__ = ("weight", "x")

    def __init__(self, weight):
        self.weight = weight

    def forward(self, x):
        self.x = x
        return conv(x, self.weight)


def test_a_class_with_slots_is_followed():
    assert check(Slots, seed=0).tier is Tier.EXACT


@pytest.mark.parametrize(
    "new",
    [
        lambda: np.empty(3, dtype=int),
        lambda: np.empty(3, dtype="f4"),
        lambda: np.empty_like([1, 2, 3]),
        lambda: np.ndarray(3),
        lambda: np.empty(3, dtype=bool),
    ],
)
def test_memory_that_nothing_was_written_to_holds_no_zeros_by_luck(new):
    run = trace(lambda x, w: x * w[0] + new(), (3,), (1,), replay=False)
    assert (expand(run.tape, run.output).factors == NO_CELL).all(axis=1).sum() == 3


def test_memory_that_was_given_is_left_as_it_is():
    run = trace(lambda x, w: x * w[0] + np.ndarray(3, buffer=bytes(24)), (3,), (1,))
    assert not (expand(run.tape, run.output).factors == NO_CELL).any()


def test_products_of_a_high_degree_are_not_written_out():
    run = trace(lambda x, w: squared(x, 60), (1,), (1,), replay=False)
    with pytest.raises(TooDeepError):
        expand(run.tape, run.output, work=1 << 16)


def squared(x, times):
    for _ in range(times):
        x = x * x
    return x


def squared_often(x, w):
    return conv(squared(x, 60), w)


def huge(x, w):
    return conv(x, w) * 1e300 * 1e300


def infinite(x, w):
    return conv(x, w) + np.inf


def speechless(x, w):
    class SpeechlessError(Exception):
        def __str__(self):
            raise RuntimeError

    raise SpeechlessError


@pytest.mark.parametrize("function", [squared_often, huge, infinite, speechless])
def test_a_check_ends_with_a_verdict(function):
    before = np.geterr()
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        verdict = check(function, seed=0)
    assert not verdict.holds
    assert repr(verdict)
    assert np.geterr() == before


def test_a_right_function_that_was_followed_wrongly_is_not_called_wrong(monkeypatch):
    def backwards(*arguments, **keywords):
        followed = trace(*arguments, **keywords)
        return dataclasses.replace(followed, output=followed.output[..., ::-1])

    monkeypatch.setattr(judging, "trace", backwards)
    verdict = judging.judge(conv, Geometry((4, 5), (2, 3), 2, 3, 2), {}, 0)
    assert verdict.comparison.holds
    assert verdict.comparison.tier is Tier.SAMPLED
    assert verdict.refused.startswith("what was followed is not what the function does with numbers")


@pytest.mark.parametrize("seed", range(20))
def test_sums_that_cancel_may_be_off_as_far_as_their_terms_are_large(seed):
    def off_by(share):
        return lambda x, w: np.array([x @ w + share * (np.abs(x) @ np.abs(w))])

    def wanted(x, w):
        return np.array([x @ w])

    assert contradiction(off_by(0.9e-9), {}, ((2,), (2,)), wanted, seed) is None
    assert contradiction(off_by(1.1e-9), {}, ((2,), (2,)), wanted, seed)

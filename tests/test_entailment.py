"""What the prover of side conditions proves is true of all numbers that are tried; it proves our lemmas."""

from itertools import product

import pytest
from hypothesis import event, example, given, settings

from symconv.digits import ravel, unravel
from symconv.proof.entailment import follows, follows_nearby
from symconv.proof.facts import Condition, at_most, equal, less, within
from symconv.proof.terms import letters
from tests.strategies import conditions

TRIED = range(-3, 6)
c, d, f, g, i, j, k, m, n, o, q, r, s = letters("c d f g i j k m n o q r s")
A, B, C, F, G, KH, KW, N, OH, OW, P, W = letters("A B C F G KH KW N OH OW P W")


def broken(condition, fixed=None):
    """Numbers that satisfy all assumptions and violate the claim, or None; some may be fixed beforehand."""
    fixed = fixed or {}
    names = sorted({name for fact in (*condition.given, condition.claim) for name in fact.letters()})
    for place in product(*([fixed[name]] if name in fixed else TRIED for name in names)):
        numbers = dict(zip(names, place, strict=True))
        if not condition.claim.holds(numbers) and all(fact.holds(numbers) for fact in condition.given):
            return numbers
    return None


@settings(max_examples=400)
@given(conditions())
@example(Condition((less(i, 1),), at_most(i // n * n, i), ""))
@example(Condition((at_most(n, 0), *within(i, n)), equal(i, 1), ""))
def test_what_is_proved_has_no_counterexample(condition):
    proved = follows(condition)
    event(f"proved: {proved}")
    if proved:
        assert broken(condition) is None


@settings(max_examples=400)
@given(conditions())
def test_what_is_proved_from_nearby_is_proved_from_all(condition):
    if follows_nearby(condition):
        assert follows(condition)


@settings(max_examples=400)
@given(conditions())
@example(Condition((less(1, 0),), less(i, 0), ""))
@example(Condition((less(j, 0), at_most(0, j)), less(i, 0), ""))
def test_a_counterexample_satisfies_every_assumption_and_violates_the_claim(condition):
    """Also those assumptions that it does not speak of: some numbers satisfy them beside it."""
    found = condition.counterexample()
    event(f"found: {found is not None}")
    if found is not None:
        assert not follows(condition)
        assert all(0 <= number <= 5 for number in found.values())
        assert not condition.claim.holds(found)
        assert broken(condition, found) is not None


@settings(max_examples=200)
@given(conditions())
def test_a_counterexample_of_small_numbers_is_found(condition):
    """Wherever trying all numbers from 0 to 2 finds one."""
    names = sorted({name for fact in (*condition.given, condition.claim) for name in fact.letters()})
    for place in product(range(3), repeat=len(names)):
        numbers = dict(zip(names, place, strict=True))
        if not condition.claim.holds(numbers) and all(fact.holds(numbers) for fact in condition.given):
            assert condition.counterexample(2) is not None
            return


def positive(*sizes):
    return tuple(at_most(1, size) for size in sizes)


SIZES = positive(A, B, C, F, G, KH, KW, N, OH, OW)
TAP = (*within(c, C), *within(i, KH), *within(j, KW))
ROW = (*within(n, N), *within(o, OH), *within(r, OW))
READ = n * OH * OW + o * OW + r
TAPS = (C, KH, KW)
COLUMN = within(q, C * KH * KW)
GROUPED = (*within(f, G * F), *within(c, C))
PADDED = W + P + q - d * (k - 1) - 1
LAYER = (*positive(W, k, s, d), at_most(0, P), at_most(0, q))
FITS = at_most(o * s + d * (k - 1) + 1, W + P + q)


def both(name, given, digits, expected):
    return [
        (f"{name}-{place}", given, equal(*pair))
        for place, pair in enumerate(zip(digits, expected, strict=True))
    ]


LEMMAS = [
    ("two-digits-are-in-range", (*within(i, KH), *within(j, KW)), less(i * KW + j, KH * KW)),
    ("three-digits-are-in-range", TAP, less(ravel((c, i, j), TAPS), C * KH * KW)),
    ("three-digits-are-not-negative", TAP, at_most(0, ravel((c, i, j), TAPS))),
    ("a-row-is-in-range", ROW, less(READ, N * OH * OW)),
    *both("the-digits-of-three", TAP, unravel(ravel((c, i, j), TAPS), TAPS), (c, i, j)),
    *both("the-digits-of-a-row", ROW, unravel(READ, (N, OH, OW)), (n, o, r)),
    ("round-trip", (*SIZES, *COLUMN), equal(ravel(unravel(q, TAPS), TAPS), q)),
    ("round-trip-of-any-number", SIZES, equal(ravel(unravel(q, TAPS), TAPS), q)),
    ("the-first-digit-is-below-its-size", (*SIZES, *COLUMN), less(q // KW // KH, C)),
    ("the-first-digit-is-not-negative", (*SIZES, *COLUMN), at_most(0, q // KW // KH)),
    ("the-second-digit-is-below-its-size", (*SIZES, *COLUMN), less(q // KW % KH, KH)),
    ("a-remainder-is-not-negative", SIZES, at_most(0, q % KW)),
    ("a-remainder-is-below-the-divisor", SIZES, less(q % KW, KW)),
    ("the-quotient-of-a-multiple", SIZES, equal(c * KW // KW, c)),
    ("the-remainder-of-a-multiple", SIZES, equal(c * KW % KW, 0)),
    ("a-window-that-fits-is-before-the-output-size", (*LAYER, FITS), less(o, PADDED // s + 1)),
    ("a-window-before-the-output-size-fits", (*LAYER, *within(o, PADDED // s + 1)), FITS),
    (
        "a-window-before-the-output-size-is-on-the-padded-axis",
        (*LAYER, *within(o, PADDED // s + 1)),
        less(o, W + P + q),
    ),
    ("a-filters-group-is-in-range", (*SIZES, *GROUPED), less(f // F, G)),
    ("a-filters-channel-is-in-range", (*SIZES, *GROUPED), less(f // F * C + c, G * C)),
    ("a-filters-channel-is-of-its-group", (*SIZES, *GROUPED), equal((f // F * C + c) // C, f // F)),
    ("a-filters-channel-in-its-group", (*SIZES, *GROUPED), equal((f // F * C + c) % C, c)),
    (
        "a-channel-of-a-filters-group",
        (*SIZES, *within(m, G * C), equal(m // C, f // F)),
        equal(f // F * C + m % C, m),
    ),
    ("equal-remainders-and-quotients", (*SIZES, equal(i // C, j // C), equal(i % C, j % C)), equal(i, j)),
    ("by-way-of-others", (less(i, j), less(j, k), less(k, m)), at_most(i + 3, m)),
    ("a-product-of-positive-numbers", positive(A, B), at_most(A + B, A * B + 1)),
    ("what-is-assumed", (less(i * i, j),), less(i * i, j)),
    ("nothing-lies-in-an-empty-range", within(i, 0), equal(i, 17)),
]


@pytest.mark.parametrize(
    ("assumed", "claim"), [pytest.param(assumed, claim, id=name) for name, assumed, claim in LEMMAS]
)
def test_a_lemma_is_proved(assumed, claim):
    condition = Condition(tuple(assumed), claim, "a lemma")
    assert follows(condition)
    assert condition.counterexample(2) is None


WRONG = [
    ("a-digit-equal-to-its-size", (*within(i, KH), at_most(0, j), at_most(j, KW)), less(i * KW + j, KH * KW)),
    ("strides-swapped", (*within(i, KH), *within(j, KW)), less(i * KH + j, KH * KW)),
    ("a-negative-digit", (less(i, KH), *within(j, KW)), at_most(0, i * KW + j)),
    ("digits-swapped", TAP, equal(ravel((c, i, j), TAPS) // KH % KW, i)),
    ("the-last-digit-by-another-size", TAP, equal(ravel((c, i, j), TAPS) % KH, j)),
    ("a-number-beyond-the-range", (*SIZES, at_most(0, q)), less(q // KW // KH, C)),
    ("a-quotient-rounded-up", SIZES, equal((q + KW - 1) // KW * KW, q)),
    ("an-output-too-large", (*LAYER, *within(o, PADDED // s + 2)), FITS),
    ("an-output-too-small", (*LAYER, at_most(0, o), FITS), less(o, PADDED // s)),
    ("a-group-counted-in-channels", (*SIZES, *GROUPED), less(f // C, G)),
    ("a-channel-of-another-group", (*SIZES, *within(m, G * C)), equal(f // F * C + m % C, m)),
    ("a-divisor-that-may-be-0", (), at_most(0, q % KW)),
    ("a-divisor-that-may-be-negative", (), at_most(q // KW * KW, q)),
    ("a-product-of-numbers-that-may-be-0", (at_most(0, A), at_most(0, B)), at_most(A + B, A * B + 1)),
    ("a-remainder-below-the-divisor-by-two", SIZES, less(q % KW + 1, KW)),
    ("nothing-assumed", (), at_most(0, i)),
    ("the-wrong-way-round", (less(i, j), less(j, k)), less(k, i)),
]


@pytest.mark.parametrize(
    ("assumed", "claim"), [pytest.param(assumed, claim, id=name) for name, assumed, claim in WRONG]
)
def test_what_is_a_little_different_from_a_lemma_is_not_proved(assumed, claim):
    condition = Condition(tuple(assumed), claim, "no lemma")
    assert not follows(condition)
    assert not follows_nearby(condition)


@pytest.mark.parametrize(
    ("assumed", "claim"),
    [
        pytest.param(assumed, claim, id=name)
        for name, assumed, claim in WRONG
        if name not in {"a-negative-digit"}
    ],
)
def test_numbers_are_found_that_show_why(assumed, claim):
    """Only a negative number breaks the claim that is left out, and none is tried."""
    found = Condition(tuple(assumed), claim, "no lemma").counterexample()
    assert found is None if claim == at_most(0, i) else found is not None
    if found is not None:
        assert not claim.holds(found)
        assert all(fact.holds(found) for fact in assumed if fact.letters() <= set(found))

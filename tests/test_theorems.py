"""Theorems are proved at every size, hold at many sizes, and what is false is refused: scripts and variants.

Three things decide apart from each other: the rules with their side conditions, the exact engine that writes
both sides out at concrete sizes, and z3, which is given the side conditions alone.
"""

from collections import Counter
from functools import cache
from itertools import product

import numpy as np
import pytest
import z3

import symconv as sc
from symconv.proof.entailment import follows
from symconv.proof.facts import Condition, Fact, at_most, equal, less, within
from symconv.proof.smtlib import script as smtlib
from symconv.proof.statement import Statement
from symconv.proof.steps import Differentiate, Digits, Reindex, Unfold
from symconv.proof.sums import Definition, Index, Read, Sum
from symconv.proof.terms import Term, letter, letters
from symconv.proof.theorem import LEFT, RIGHT, Theorem
from symconv.theorems.layer import Layer
from tests.strategies import fitting_layer

NAMES = [t.name for t in sc.theorems()]
AXES = (1, 2, 3)
EVERY = [pytest.param(sc.theorem(name, axes), id=f"{name}-{axes}") for name in NAMES for axes in AXES]
VARIANTS = [
    pytest.param(t, v, id=f"{t.name}-{t.axes}-{number}")
    for axes in AXES
    for t in sc.theorems(axes)
    for number, v in enumerate(t.variants)
]
ZEROS_AROUND = {"toeplitz", "transpose", "input-gradient", "overlap"}  # what they say is of padding zeros
MODES = ("zeros", "reflect", "replicate", "circular")
TRIED = {1: 300, 2: 300, 3: 300}

every_theorem = pytest.mark.parametrize("theorem", EVERY)


def layer(axes, grouped):
    """A layer in which conventions differ, of groups of two channels and three filters, or of none."""
    return sc.Geometry(
        (3, 2, 5)[-axes:],
        (2, 1, 3)[-axes:],
        *((4, 6) if grouped else (2, 3)),
        2,
        stride=(1, 1, 2)[-axes:],
        padding=((0, 1), (1, 0), (2, 1))[-axes:],
        dilation=(1, 1, 2)[-axes:],
        groups=2 if grouped else 1,
    )


# every size


@every_theorem
def test_every_theorem_is_proved_at_every_size(theorem):
    proof = sc.prove(theorem)
    assert proof
    assert proof.tier is sc.Tier.EVERY_SIZE
    assert proof.failure is None
    assert proof.conditions == len(theorem.conditions)
    assert repr(proof) == (
        f"Proved (tier: every size). {theorem.statement}\n{len(theorem.steps)} steps and {proof.conditions} "
        "side conditions, each re-derived for all sizes."
    )


@every_theorem
def test_every_step_changes_its_side_and_starts_where_the_last_one_ended(theorem):
    sides = {LEFT: theorem.left, RIGHT: theorem.right}
    *steps, last = theorem.steps
    assert len(steps) == len(theorem.script)
    for step in steps:
        assert step.before == sides[step.side]
        assert step.before != step.after
        assert step.words
        assert not step.mistake
        sides[step.side] = step.after
    assert (last.rule, last.side, last.before, last.after) == ("compare", "both", *sides.values())


def test_there_are_fifteen_theorems_by_name_for_one_two_and_three_axes():
    for axes in AXES:
        assert [t.name for t in sc.theorems(axes)] == NAMES
        assert {t.axes for t in sc.theorems(axes)} == {axes}
    assert len(set(NAMES)) == 15


# concrete sizes


@every_theorem
def test_a_theorem_holds_at_many_random_sizes(theorem):
    numbers = np.random.default_rng(theorem.axes)
    seen = Counter()
    for _ in range(TRIED[theorem.axes]):
        mode = "zeros" if theorem.name in ZEROS_AROUND else str(numbers.choice(MODES))
        g = fitting_layer(numbers, theorem, mode)
        proof = sc.prove(theorem.instance(g))
        assert proof, repr(proof)
        assert proof.tier is sc.Tier.EXACT
        seen["products"] += proof.terms > 1
        seen["batch"] += g.batch > 1
        seen["filters"] += g.out_channels // g.groups > 1
        seen["groups"] += g.groups > 1 and g.in_channels > g.groups
        seen["stride"] += max(g.stride) > 1
        seen["padding"] += any(before != after for before, after in g.padding)
    grouped = "G" in theorem.sizes_of(layer(theorem.axes, grouped=False))
    assert seen["products"] > TRIED[theorem.axes] // 3
    expected = {"batch", "filters", *(["groups"] if grouped else [])}
    expected |= {"stride"} if theorem.name not in ("pointwise", "composition") else set()
    expected |= {"padding"} if theorem.name not in ("pointwise", "dense") else set()
    assert all(seen[what] > TRIED[theorem.axes] // 20 for what in expected), seen


@every_theorem
def test_an_instance_compares_every_entry_that_the_sides_are_about(theorem):
    g = fitting_layer(np.random.default_rng(7), theorem)
    instance = theorem.instance(g)
    places = product(*(range(i.size.value(instance.numbers)) for i in theorem.indices))
    named = [dict(zip((i.name for i in theorem.indices), place, strict=True)) for place in places]
    wanted = [p for p in named if all(fact.holds({**instance.numbers, **p}) for fact in theorem.where)]
    proof = sc.prove(instance)
    assert proof.compared == len(wanted) > 0
    assert repr(proof) == (
        f"Proved (tier: exact). {theorem.name!r} holds for {g!r}: {proof.compared:,} entries compared, "
        f"{proof.terms:,} terms on each side."
    )


@pytest.mark.parametrize("axes", [1, 2])
def test_two_kernels_of_different_sizes_compose(axes):
    theorem = sc.theorem("composition", axes)
    g = sc.Geometry((3, 5)[-axes:], (1, 3)[-axes:], 2, 3, 2, padding=((0, 2), (1, 0))[-axes:])
    marks = ("_H", "_W") if axes == 2 else ("",)
    for second in product((1, 2, 3), repeat=axes):
        sizes = {f"B{mark}": b for mark, b in zip(marks, second, strict=True)}
        sizes |= {f"O{mark}": o - b + 1 for mark, o, b in zip(marks, g.output_size, second, strict=True)}
        assert sc.prove(theorem.instance(g, **sizes, F=2))


@pytest.mark.parametrize("mode", MODES[1:])
@pytest.mark.parametrize("name", sorted(set(NAMES) - ZEROS_AROUND - {"pointwise", "dense"}))
@pytest.mark.parametrize("axes", [1, 2])
def test_a_theorem_about_any_padded_input_holds_for_every_padding_mode(axes, name, mode):
    kind = sc.theorem(name, axes)
    g = fitting_layer(np.random.default_rng(3), kind, mode)
    while g.padding[-1] in ((0, 0), (1, 1), (2, 2)):
        g = fitting_layer(np.random.default_rng(sum(map(sum, g.padding)) + g.products), kind, mode)
    assert sc.prove(kind.instance(g))


@pytest.mark.parametrize("mode", MODES[1:])
@pytest.mark.parametrize("name", sorted(ZEROS_AROUND))
@pytest.mark.parametrize("axes", [1, 2])
def test_a_theorem_about_zeros_around_the_input_says_nothing_of_another_padding(axes, name, mode):
    """Neither that it holds nor that it does not: such a layer's matrix and gradient are other ones."""
    g = sc.Geometry(
        (3, 4)[-axes:], (1, 2)[-axes:], 2, 4, 2, padding=((0, 1), (1, 2))[-axes:], padding_mode=mode
    )
    with pytest.raises(sc.GeometryError, match=f"padding_mode='{mode}'"):
        sc.theorem(name, axes).instance(g)


@pytest.mark.parametrize("mode", MODES[1:])
@pytest.mark.parametrize("name", NAMES)
def test_a_padding_mode_without_padding_changes_nothing(name, mode):
    theorem = sc.theorem(name)
    ones = name in ("pointwise", "composition", "dense")
    kernel = {"pointwise": 1, "dense": (3, 4)}.get(name, (1, 2))
    g = sc.Geometry((3, 4), kernel, 2, 3, 2, stride=1 if ones else (1, 2), padding_mode=mode)
    assert sc.prove(theorem.instance(g))


def two_axes(*sizes, **options):
    return sc.Geometry(*(sizes or ((5, 7), (2, 3))), **options)


UNFIT = [
    (
        "too-few-axes",
        "im2col",
        sc.Geometry(5, 2),
        "geometry has 1 axes: 'im2col' is stated here for 2 axes, and an instance has numbers",
    ),
    (
        "too-many-axes",
        "flip",
        sc.Geometry((5, 5, 5), 2),
        "geometry has 3 axes: 'flip' is stated here for 2 axes, and an instance has numbers",
    ),
    (
        "symbols",
        "im2col",
        two_axes(("H", 7), 2),
        "geometry has symbols for sizes: 'im2col' is stated here for 2 axes, and an instance has numbers",
    ),
    (
        "groups",
        "filters",
        two_axes(in_channels=4, out_channels=4, groups=2),
        "groups=2: this theorem is about layers with groups=1",
    ),
    (
        "kernel-of-several-taps",
        "pointwise",
        two_axes((5, 7), (1, 2)),
        "geometry has K_W = 2, and 'pointwise' assumes K_W = 1: choose another layer",
    ),
    (
        "stride",
        "pointwise",
        two_axes((5, 7), 1, stride=(2, 1)),
        "geometry has s_H = 2, and 'pointwise' assumes s_H = 1: choose another layer",
    ),
    (
        "padding",
        "pointwise",
        two_axes((5, 7), 1, padding=((0, 0), (0, 1))),
        "geometry has e_W = 1, and 'pointwise' assumes e_W = 0: choose another layer",
    ),
    (
        "kernel-smaller-than-the-input",
        "dense",
        two_axes((5, 7), (5, 6)),
        "geometry has K_W = 6, W = 7, and 'dense' assumes K_W = W: choose another layer",
    ),
    (
        "padding-around-a-dense-layer",
        "dense",
        two_axes((2, 3), (2, 3), padding=((1, 0), (0, 0))),
        "geometry has p_H = 1, and 'dense' assumes p_H = 0: choose another layer",
    ),
    (
        "dilation",
        "composition",
        two_axes((5, 7), 2, dilation=(1, 2)),
        "geometry has d_W = 2, and 'composition' assumes d_W = 1: choose another layer",
    ),
    (
        "no-room-for-a-second-kernel",
        "composition",
        two_axes((3, 7), (3, 2)),
        "geometry has O_H = -1, and 'composition' assumes 1 ≤ O_H: choose another layer",
    ),
]


@pytest.mark.parametrize(
    ("name", "geometry", "sentence"), [pytest.param(*row, id=key) for key, *row in UNFIT]
)
def test_a_layer_that_a_theorem_is_not_about_is_refused(name, geometry, sentence):
    with pytest.raises(sc.GeometryError) as refused:
        sc.theorem(name).instance(geometry)
    assert str(refused.value) == sentence


def test_an_instance_too_large_to_write_out_is_refused():
    many_entries, many_places = sc.Geometry((1500, 151), 3), sc.Geometry((500, 501), 1)
    with pytest.raises(sc.SizeLimitError) as refused:
        sc.prove(sc.theorem("filters").instance(many_entries))
    assert (
        str(refused.value)
        == f"{many_entries!r} has more than 300,000 places to write out: choose smaller sizes"
    )
    with pytest.raises(sc.SizeLimitError) as refused:
        sc.prove(sc.theorem("output-size").instance(many_places))
    assert (
        str(refused.value)
        == f"{many_places!r} has more than 300,000 places to write out: choose smaller sizes"
    )


# false variants


@every_theorem
def test_every_theorem_has_at_least_three_false_variants_in_different_words(theorem):
    assert len(theorem.variants) >= 3
    assert len({v.wrong for v in theorem.variants}) == len(theorem.variants)
    assert all(v.name == theorem.name and v.axes == theorem.axes for v in theorem.variants)
    assert not theorem.wrong
    assert all(repr(v) == f"Theorem({v.name!r}, axes={v.axes}): {v.wrong}" for v in theorem.variants)


@pytest.mark.parametrize(("theorem", "variant"), VARIANTS)
def test_a_false_variant_is_refused_at_a_step_and_its_side_condition(theorem, variant):
    verdict = sc.prove(variant)
    assert not verdict
    assert verdict.tier is None
    failure = verdict.failure
    step = variant.steps[failure.number - 1]
    assert failure.step == step
    assert failure.condition in step.conditions
    assert not follows(failure.condition)
    assert all(follows(c) for s in variant.steps[: failure.number - 1] for c in s.conditions)
    assert repr(verdict).startswith(
        f"Not proved: {theorem.name}. Its step {failure.number} ({step.rule}, {step.side}) "
        f"needs {failure.condition.claim} ({failure.condition.purpose}), which is false for "
    )
    assert all(f"{name} = {number}" in repr(verdict) for name, number in failure.sizes.items())


@pytest.mark.parametrize(("theorem", "variant"), VARIANTS)
def test_the_sizes_that_a_refusal_names_satisfy_every_assumption_and_violate_the_claim(theorem, variant):
    failure = sc.prove(variant).failure
    condition, sizes = failure.condition, failure.sizes
    assert not condition.claim.holds(sizes)
    assert all(fact.holds(sizes) for fact in condition.relevant)
    # the assumptions that the refusal does not speak of can hold beside them
    rest = tuple(fact.replace(sizes) for fact in condition.given if fact not in condition.relevant)
    names = {name for fact in rest for name in fact.letters()}
    never = equal(sum(map(letter, sorted(names)), Term.of(0)), -1)
    assert not names or answered(smtlib([Condition(rest, never, "")]), seconds=20)[0] == "sat"


def breaking(variant):
    """A layer at which a false variant is refuted; it need only satisfy what the variant assumes."""
    axes = variant.axes
    if variant.name == "pointwise":
        stride = 2 if "stride" in variant.wrong else 1
        padding = ((0, 0),) * (axes - 1) + ((1, 0),) if "Padding" in variant.wrong else 0
        steps = (1,) * (axes - 1) + (stride,)
        if stride == 2:  # where the output is as large as the input, so that each output cell is one
            padding = ((0, 0),) * (axes - 1) + ((0, 0),)
        return sc.Geometry((2, 1, 3)[-axes:], 1, 2, 3, 2, stride=steps, padding=padding)
    if variant.name == "dense":
        padding = ((0, 0),) * (axes - 1) + ((1, 0),) if "Padding" in variant.wrong else 0
        return sc.Geometry((2, 1, 3)[-axes:], (2, 1, 3)[-axes:], 2, 3, 2, padding=padding)
    if variant.name == "composition":
        return sc.Geometry((3, 2, 5)[-axes:], (2, 1, 2)[-axes:], 2, 3, 2)
    return layer(axes, grouped="G" in variant.sizes_of(layer(axes, grouped=False)))


@pytest.mark.parametrize(("theorem", "variant"), VARIANTS)
def test_a_false_variant_is_refuted_at_a_size_where_the_theorem_holds(theorem, variant):
    g = breaking(variant)
    verdict = sc.prove(variant.instance(g))
    assert not verdict
    assert repr(verdict).startswith(
        f"Refuted (tier: exact). {variant.name!r} does not hold for {g!r}, first at"
    )
    assert verdict.left != verdict.right
    if variant.assumptions == theorem.assumptions:
        assert sc.prove(theorem.instance(g))
    else:
        with pytest.raises(sc.GeometryError, match="choose another layer"):
            theorem.instance(g)


# z3


def answered(text, seconds=60):
    """What z3 says of a script, and numbers if it has any."""
    solver = z3.Solver(ctx=z3.Context())  # which nothing asked before has changed
    solver.set("timeout", 1000 * seconds)
    solver.from_string(text)
    answer = str(solver.check())
    return answer, solver.model() if answer == "sat" else None


@every_theorem
def test_z3_finds_no_numbers_that_break_a_side_condition(theorem):
    text = theorem.smtlib()
    assert text.count("(define-fun broken") == len(theorem.conditions)
    assert answered(text)[0] == "unsat"


def stricter(fact):
    """A claim a little stronger than a claim, which hardly ever still follows."""
    return (
        Fact(fact.left if fact.relation != "=" else fact.left - 1, fact.relation, fact.right)
        if (fact.relation == "=")
        else Fact(fact.left + 1, fact.relation, fact.right)
    )


@cache
def mutated_conditions(theorem):
    changed = [Condition(c.given, stricter(c.claim), c.purpose) for c in theorem.conditions]
    return [c for c in changed if not follows(c)]


@pytest.mark.parametrize("theorem", [p for p in EVERY if not p.id.startswith("filters")])
def test_z3_breaks_what_claims_a_little_more_than_a_side_condition(theorem):
    chosen = mutated_conditions(theorem)
    assert len(chosen) > len(theorem.conditions) // 2
    sample = np.random.default_rng(0).permutation(len(chosen))[:8]
    broken = 0
    for condition in (chosen[i] for i in sample):
        answer, model = answered(smtlib([condition]), seconds=10)
        found = condition.counterexample()
        assert found is None or answer != "unsat", f"{condition} is false for {found}"
        if model is not None:
            names = {name for fact in (*condition.relevant, condition.claim) for name in fact.letters()}
            numbers = {
                name: model.eval(z3.Int(name.replace("'", "~"), model.ctx), model_completion=True).as_long()
                for name in names
            }
            assert all(fact.holds(numbers) for fact in condition.relevant)
            assert not condition.claim.holds(numbers)
            broken += 1
    assert broken > len(sample) // 2


def test_a_script_of_no_conditions_is_unsatisfiable_and_one_wrong_one_is_enough():
    i, n = letters("i n")
    right, wrong = Condition(within(i, n), less(i, n), ""), Condition(within(i, n), less(i + 1, n), "")
    assert answered(smtlib([]))[0] == "unsat"
    assert answered(smtlib([right]))[0] == "unsat"
    assert answered(smtlib([right, wrong]))[0] == answered(smtlib([wrong, right]))[0] == "sat"


def test_a_script_does_not_take_for_granted_that_a_claims_divisor_is_positive():
    """For i = 1 and m = −2 the claim is false."""
    i, m = letters("i m")
    claim = at_most(i // m * m, i)
    assert not claim.holds({"i": 1, "m": -2})
    assert answered(smtlib([Condition((), claim, "")]))[0] == "sat"


# scripts that are not sound

n, k, i, j, h, K = letters("n k i j h K")
ZERO = Term.of(0)


def x(*indices):
    return Read("x", tuple(map(Term.of, indices)))


def total(*factors, where=(), by=None, **sizes):
    """A sum of products over 0 ≤ name < size."""
    return Sum(factors, tuple(Index(name, Term.of(size)) for name, size in sizes.items()), where, by)


def claimed(left, right, *steps, indices=(), definitions=(), assumptions=(), numbers=None):
    """A theorem as somebody else might write it, about n and K, which are 4 and 2 where they are numbers."""
    sizes = numbers or {"n": 4, "K": 2}
    counts = assumptions or (at_most(1, n), at_most(1, K))
    return Theorem(
        "claimed", 1, "", left, right, indices, counts, definitions, lambda _: sizes, script=tuple(steps)
    )


def over(rule, side=LEFT):
    return (side, rule)


def defined(array, body, *indices):
    return Definition(array, indices, body, "an array")


def reindexed(sizes, forward, inverse, where=None):
    return over(
        Reindex(
            tuple(forward), tuple(Index(a, Term.of(s)) for a, s in sizes.items()), forward, inverse, where
        )
    )


FALSE = {
    "new-range-too-large": claimed(
        total(x(k), k=n), total(x(i), i=n + 1), reindexed({"i": n + 1}, {"k": i}, {"i": k})
    ),
    "new-range-too-small": claimed(
        total(x(k), k=n), total(x(i), i=n - 1), reindexed({"i": n - 1}, {"k": i}, {"i": k})
    ),
    "shifted-range": claimed(
        total(x(k), k=n), total(x(i + 1), i=n), reindexed({"i": n}, {"k": i + 1}, {"i": k - 1})
    ),
    "every-second-place": claimed(
        total(x(k), k=n * 2), total(x(i * 2), i=n), reindexed({"i": n}, {"k": i * 2}, {"i": k // 2})
    ),
    "every-place-twice": claimed(
        total(x(k), k=n), total(x(i // 2), i=n * 2), reindexed({"i": n * 2}, {"k": i // 2}, {"i": k * 2})
    ),
    "all-at-one-place": claimed(
        total(x(k), k=n), total(x(0), i=n), reindexed({"i": n}, {"k": ZERO}, {"i": k})
    ),
    "one-place-of-many": claimed(total(x(k), k=n), total(x(0)), reindexed({}, {"k": ZERO}, {})),
    "one-index-for-two": claimed(
        total(x(k, j), k=n, j=n), total(x(i, i), i=n), reindexed({"i": n}, {"k": i, "j": i}, {"i": k})
    ),
    "overlapping-digits": claimed(
        total(x(k), k=n * K),
        total(x(i * K + j), i=n, j=K + 1),
        reindexed({"i": n, "j": K + 1}, {"k": i * K + j}, {"i": k // K, "j": k % K}),
    ),
    "digits-of-another-radix": claimed(
        total(x(k), k=n * K),
        total(x(i * n + j), i=n, j=K),
        reindexed({"i": n, "j": K}, {"k": i * n + j}, {"i": k // K, "j": k % K}),
    ),
    "a-comparison-dropped": claimed(
        total(x(k), k=n, where=(less(k, K),)),
        total(x(k), k=n),
        reindexed({"k": n}, {"k": k}, {"k": k}, ()),
    ),
    "a-comparison-added": claimed(
        total(x(k), k=n),
        total(x(k), k=n, where=(less(k, K),)),
        reindexed({"k": n}, {"k": k}, {"k": k}, (less(k, K),)),
    ),
    "a-comparison-swapped": claimed(
        total(x(k), k=n, where=(less(k, K),)),
        total(x(k), k=n, where=(at_most(K, k),)),
        reindexed({"k": n}, {"k": k}, {"k": k}, (at_most(K, k),)),
    ),
    "a-new-index-that-is-in-use": claimed(
        total(x(k, j), k=n, j=n), total(x(j, j), j=n), reindexed({"j": n}, {"k": j}, {"j": k})
    ),
    "a-new-index-that-a-definition-knows-as-a-size": claimed(
        total(Read("A", (k,)), k=n),
        total(x(i, i), i=n),
        reindexed({"K": n}, {"k": K}, {"K": k}),
        over(Unfold("A")),
        reindexed({"i": n}, {"K": i}, {"i": K}),
        definitions=(defined("A", total(x(k, K)), ("k", n)),),
        assumptions=(at_most(1, n),),
    ),
    "two-new-indices-of-one-name": claimed(
        total(x(k), k=n),
        Sum((x(i),), (Index("i", n), Index("i", n))),
        over(Reindex(("k",), (Index("i", n), Index("i", n)), {"k": i}, {"i": k})),
    ),
    "a-summation-index-that-is-also-an-index-of-the-sides": claimed(
        total(x(k), k=n * 2),
        total(x(k), k=n),
        reindexed({"k": n}, {"k": k}, {"k": k}),
        indices=(Index("k", n),),
    ),
    "digits-without-the-bound": claimed(
        total(x((i * K + j) // K)), total(x(i)), over(Digits()), indices=(Index("i", n), Index("j", n))
    ),
    "a-remainder-without-the-bound": claimed(
        total(x((i * K + j) % K)), total(x(j)), over(Digits()), indices=(Index("i", n), Index("j", n))
    ),
    "a-quotient-of-a-negative-number": claimed(
        total(x((i - n) // n)), total(x(0)), over(Digits()), indices=(Index("i", n),)
    ),
    "an-equality-simplified-by-itself": claimed(
        total(x(k), k=n, where=(equal(k // K, 0),)), total(x(k), k=n), over(Digits())
    ),
    "an-equality-about-more-than-a-divisor-simplified-by-itself": claimed(
        total(x(k), k=n, where=(equal((k + K) // K, 1),)), total(x(k), k=n), over(Digits())
    ),
    "two-equalities-simplified-by-each-other": claimed(
        total(x(k), k=n, where=(equal(k // K, 0), equal(k % K, k))), total(x(k), k=n), over(Digits())
    ),
    "a-comparison-simplified-by-itself": claimed(
        total(x(k), k=n, where=(less(k, K), at_most(k % K, 0))),
        total(x(k), k=n, where=(less(k, K),)),
        over(Digits()),
    ),
    "a-definition-with-the-wrong-entry": claimed(
        total(Read("A", (i,))),
        total(x(i)),
        over(Unfold("A")),
        indices=(Index("i", n),),
        definitions=(defined("A", total(x(k + 1)), ("k", n)),),
    ),
    "a-size-in-a-definition-caught-by-a-summation-index": claimed(
        total(Read("A", (K,)), K=n),
        total(x(k), k=n),
        over(Unfold("A")),
        reindexed({"k": n}, {"K": k}, {"k": K}),
        definitions=(defined("A", total(x(K)), ("i", n)),),
        assumptions=(at_most(1, n),),
    ),
    "two-summation-indices-renamed-to-one": claimed(
        total(Read("z", (k,)), Read("A", ()), k=n),
        total(Read("z", (k,)), Read("u", (letter("k'"),)), Read("v", (letter("k'"),)), **{"k": n, "k'": n}),
        over(Unfold("A")),
        definitions=(defined("A", total(Read("u", (k,)), Read("v", (letter("k'"),)), **{"k": n, "k'": n})),),
    ),
    "a-summation-index-that-is-the-definitions-own-index": claimed(
        total(Read("A", (i,))),
        total(x(i), k=n),
        over(Unfold("A")),
        indices=(Index("i", n),),
        definitions=(defined("A", total(x(k), k=n), ("k", n)),),
    ),
    "a-derivative-in-a-definition": claimed(
        total(Read("A", (i,))),
        total(x(k), k=n),
        over(Unfold("A")),
        indices=(Index("i", n),),
        definitions=(defined("A", total(x(k), k=n, by=x(i)), ("i", n)),),
    ),
    "an-array-that-stands-there-twice": claimed(
        total(x(k), x(k), k=n, by=x(i)),
        total(x(k), k=n, where=(equal(k, i),)),
        over(Differentiate()),
        indices=(Index("i", n),),
    ),
    "an-array-that-stands-there-twice-once-in-a-definition": claimed(
        total(x(0), Read("S", ()), by=x(i)),
        total(Read("S", ()), where=(equal(0, i),)),
        over(Differentiate()),
        indices=(Index("i", n),),
        definitions=(defined("S", total(x(k), k=n)),),
    ),
    "an-array-that-stands-there-in-a-definition-only": claimed(
        total(x(0), Read("z", ()), by=Read("z", ())),
        total(x(0)),
        over(Differentiate()),
        definitions=(defined("x", total(Read("z", ()), Read("z", ())), ("i", None)),),
    ),
    "a-derivative-by-an-array-that-is-defined": claimed(
        total(Read("A", (i,)), by=Read("A", (j,))),
        total(where=(equal(i, j),)),
        over(Differentiate()),
        indices=(Index("i", n), Index("j", n)),
        definitions=(defined("A", total(x(k)), ("k", n)),),
    ),
    "a-derivative-not-carried-out": claimed(
        total(x(k), k=n, by=x(i)), total(x(k), k=n), indices=(Index("i", n),)
    ),
    "a-derivative-of-the-wrong-entry": claimed(
        total(x(k), k=n, by=x(i)),
        total(k=n, where=(equal(k, i + 1),)),
        over(Differentiate()),
        indices=(Index("i", n),),
    ),
    "other-entries": claimed(total(x(k), k=n), total(x(k + 1), k=n)),
    "other-arrays": claimed(total(x(k), k=n), total(Read("z", (k,)), k=n)),
    "another-factor": claimed(total(x(k), k=n), total(x(k), x(k), k=n)),
    "another-range": claimed(total(x(k), k=n), total(x(k), k=K)),
    "a-comparison-only-on-the-left": claimed(total(x(k), k=n, where=(less(k, K),)), total(x(k), k=n)),
    "a-comparison-only-on-the-right": claimed(total(x(k), k=n), total(x(k), k=n, where=(less(k, K),))),
    "sizes-that-are-equal-only-inside-an-empty-range": claimed(
        total(x(k), k=n), total(x(k), k=K), assumptions=(at_most(n, 0),), numbers={"n": 0, "K": 2}
    ),
    "sizes-that-are-equal-only-inside-an-impossible-sum": claimed(
        total(x(k), k=n, where=(less(k, 0),)),
        total(x(k), k=K, where=(at_most(0, k),)),
    ),
}  # fmt: skip


def proved(theorem):
    """Whether a theorem is proved; a refusal says at which step, or why the theorem is ill-formed."""
    try:
        verdict = sc.prove(theorem)
    except sc.RequestError as refused:
        if "is not well formed: " not in str(refused):
            raise
        return False
    assert verdict or repr(verdict).startswith("Not proved: claimed. Its step ")
    return bool(verdict)


@pytest.mark.parametrize("name", FALSE)
def test_an_unsound_script_does_not_prove_what_is_false(name):
    """The statement is refuted by writing it out, so a proof of it would be a false one."""
    theorem = FALSE[name]
    assert not sc.prove(theorem.instance(sc.Geometry(3, 2))), "the statement is false"
    assert not proved(theorem)


MEANINGLESS = {
    "a-new-index-that-is-a-size": claimed(
        total(x(k), k=n), total(x(K), K=n), reindexed({"K": n}, {"k": K}, {"K": k})
    ),
    "an-entry-beyond-the-array": claimed(
        total(Read("A", (i,))),
        total(x(i)),
        over(Unfold("A")),
        indices=(Index("i", n + 1),),
        definitions=(defined("A", total(x(k)), ("k", n)),),
    ),
    "an-entry-before-the-array": claimed(
        total(Read("A", (i - 1,))),
        total(x(i - 1)),
        over(Unfold("A")),
        indices=(Index("i", n),),
        definitions=(defined("A", total(x(k)), ("k", n)),),
    ),
    "a-divisor-that-may-be-0": claimed(
        total(x((i * K + j) // K)),
        total(x(i + j // K)),
        over(Digits()),
        indices=(Index("i", n), Index("j", n)),
        assumptions=(at_most(1, n),),
    ),
    "an-inverse-that-is-none": claimed(
        total(x(k), k=n), total(x(n - 1 - i), i=n), reindexed({"i": n}, {"k": n - 1 - i}, {"i": k})
    ),
    "an-index-that-is-not-there": claimed(
        total(x(k), k=n), total(x(k), k=n), reindexed({"j": n}, {"i": j}, {"j": i})
    ),
    "an-index-that-goes-and-stays": claimed(
        total(x(k), k=n), total(x(k), where=within(k, n)), reindexed({}, {"k": k}, {}, within(k, n))
    ),
    "an-array-that-does-not-occur": claimed(
        total(x(k), k=n), total(x(k), k=n), over(Unfold("A")), definitions=(defined("A", total(x(0))),)
    ),
    "an-array-without-a-definition": claimed(total(x(k), k=n), total(x(k), k=n), over(Unfold("x"))),
    "no-derivative": claimed(total(x(k), k=n), total(x(k), k=n), over(Differentiate())),
    "another-index-under-a-derivative": claimed(
        total(x(k), k=n, by=x(i)),
        total(where=(equal(j, i),), j=n),
        reindexed({"j": n}, {"k": j}, {"j": k}),
        over(Differentiate()),
        indices=(Index("i", n),),
    ),
    "an-array-written-out-under-its-own-derivative": claimed(
        total(Read("A", ()), by=Read("A", ())),
        total(x(0)),
        over(Unfold("A")),
        over(Differentiate()),
        definitions=(defined("A", total(x(0))),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MEANINGLESS)
def test_a_rule_that_does_not_apply_is_refused(name):
    """Whatever becomes of the statement: some is true, some has no meaning at the places in question."""
    assert not proved(MEANINGLESS[name])


@pytest.mark.timeout(5)
def test_an_array_that_is_defined_by_itself_is_refused():
    body = total(Read("A", (k - 1,)))
    circular = claimed(
        total(Read("A", (i,))),
        total(Read("A", (i,))),
        over(Unfold("A")),
        indices=(Index("i", n),),
        definitions=(defined("A", body, ("k", None)),),
    )
    assert not proved(circular)


TRUE = {
    "same-sum": claimed(total(x(k), k=n), total(x(k), k=n)),
    "renamed": claimed(total(x(k), k=n), total(x(i), i=n), reindexed({"i": n}, {"k": i}, {"i": k})),
    "counted-from-the-end": claimed(
        total(x(k), k=n), total(x(n - 1 - k), k=n), reindexed({"k": n}, {"k": n - 1 - k}, {"k": n - 1 - k})
    ),
    "digits-of-a-number": claimed(
        total(x(k), k=n * K),
        total(x(i * K + j), i=n, j=K),
        reindexed({"i": n, "j": K}, {"k": i * K + j}, {"i": k // K, "j": k % K}),
    ),
    "one-place-that-is-asked-for": claimed(
        total(x(k), k=n, where=(equal(k, i),)),
        total(x(i)),
        reindexed({}, {"k": i}, {}, ()),
        indices=(Index("i", n),),
    ),
    "digits-with-the-bound": claimed(
        total(x((i * K + j) // K, (i * K + j) % K)),
        total(x(i, j)),
        over(Digits()),
        indices=(Index("i", n), Index("j", K)),
    ),
    "a-comparison-simplified-by-another": claimed(
        total(x(k), k=n, where=(less(k, K), equal(k % K, 0))),
        total(x(k), k=n, where=(less(k, K), equal(k, 0))),
        over(Digits()),
    ),
    "a-definition": claimed(
        total(Read("A", (i,)), Read("A", (j,))),
        total(x(i, k), x(j, h), k=K, h=K),
        over(Unfold("A")),
        reindexed({"h": K}, {"k'": h}, {"h": letter("k'")}),
        indices=(Index("i", n), Index("j", n)),
        definitions=(defined("A", total(x(i, k), k=K), ("i", n)),),
    ),
    "a-derivative": claimed(
        total(x(k), Read("z", (k,)), k=n, by=x(i)),
        total(Read("z", (i,))),
        over(Differentiate()),
        reindexed({}, {"k": i}, {}, ()),
        indices=(Index("i", n),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TRUE)
def test_a_sound_script_proves_what_is_true(name):
    """The scripts above are refused for what is wrong with them, not for how they are written."""
    theorem = TRUE[name]
    assert sc.prove(theorem.instance(sc.Geometry(3, 2)))
    assert sc.prove(theorem), repr(sc.prove(theorem))


def test_a_statement_alone_is_tried_at_a_size_but_not_proved_for_every_size():
    axes = Layer(1)
    alone = Statement(
        "alone",
        1,
        "",
        total(Read("y", (ZERO, ZERO, ZERO))),
        total(Read("y", (ZERO, ZERO, ZERO))),
        (),
        (),
        (axes.loop_formula(),),
        axes.numbers_of,
    )
    assert sc.prove(alone.instance(sc.Geometry(5, 2, 2, 4, 2, padding=1, groups=2)))
    with pytest.raises(sc.RequestError, match="Statement is nothing that can be proved"):
        sc.prove(alone)


@pytest.mark.parametrize("made", ["y", "P", "W"])
def test_an_instance_compares_the_arrays_of_the_package_with_what_the_package_makes(made):
    """Both sides are the same, and yet the statement is refuted: it is not about our convolution."""
    axes = Layer(1)
    arrays = {"y": axes.loop_formula(), "P": axes.patch_matrix(), "W": axes.weight_matrix()}
    other = {
        "y": axes.loop_formula(place=lambda a, o, t: a.read(o, a.kernel - 1 - t)),
        "P": axes.patch_matrix(lambda a, o, t: a.read(o, t) + 1),
        "W": axes.weight_matrix(lambda channel: equal(channel, channel)),
    }
    g = sc.Geometry(5, 2, 2, 4, 2, padding=1, groups=2)
    for definitions, holds in ((arrays, True), ({**arrays, made: other[made]}, False)):
        same = Statement(
            "same", 1, "", total(), total(), (), (), tuple(definitions.values()), axes.numbers_of
        )
        verdict = sc.prove(same.instance(g))
        assert bool(verdict) == holds
        assert holds or f"first at {made}[" in repr(verdict)

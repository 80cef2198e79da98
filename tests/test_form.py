"""False theorems with cunning scripts: each is refused, as ill-formed or because a rule does not apply."""

import pytest

import symconv as sc
from symconv.proof.facts import Condition, Fact, at_most, equal, within
from symconv.proof.form import check_form
from symconv.proof.smtlib import script
from symconv.proof.steps import Differentiate, Digits, Reindex, Unfold
from symconv.proof.sums import Definition, Index, Read, Sum
from symconv.proof.terms import Term, letter
from symconv.proof.theorem import LEFT, Theorem, prove_theorem
from symconv.theorems.layer import Layer

c, i, j, m, n, u, K = (letter(name) for name in "cijmnuK")


def read(array, *indices):
    return Read(array, tuple(Term.of(k) for k in indices))


def over(**sizes):
    return tuple(Index(name, Term.of(size)) for name, size in sizes.items())


def theorem(left, right, *rules, assume=(), known=(), indices=(), where=()):
    steps = tuple((LEFT, rule) for rule in rules)
    return Theorem(
        "a false one",
        1,
        "It is false.",
        left,
        right,
        tuple(indices),
        tuple(assume),
        tuple(known),
        lambda _: {},
        where=tuple(where),
        script=steps,
    )


A, X, Y = read("a", i), read("x"), read("y")
TWICE = Definition("y", (), Sum((X,), over(i=2)), "twice x")

NOT_APPLICABLE = {
    "an-inverse-that-mentions-the-new-index": (
        theorem(
            Sum((A,), over(i=n)),
            Sum((read("a", j // 2),), over(j=2 * n)),
            Reindex(("i",), over(j=2 * n), {"i": j // 2}, {"j": 2 * i + j % 2}),
            Digits(),
            assume=[at_most(1, n)],
        ),
        "j means nothing there",
    ),
    "a-map-that-mentions-the-old-index": (
        theorem(
            Sum((read("a", i // 2),), over(i=2 * n)),
            Sum((read("a", j),), over(j=n)),
            Reindex(("i",), over(j=n), {"i": 2 * j + i % 2}, {"j": i // 2}),
            Digits(),
            assume=[at_most(1, n)],
        ),
        "i means nothing there",
    ),
    "comparisons-that-mention-the-old-index": (
        theorem(
            Sum((A,), over(i=n)),
            Sum((read("a", j),), over(j=n)),
            Reindex(("i",), over(j=n), {"i": j}, {"j": i}, where=within(i, n)),
        ),
        "i means nothing there",
    ),
    "a-derivative-of-a-product-of-the-same": (
        theorem(Sum((X, Y), by=X), Sum((X,)), Differentiate(), known=[TWICE]),
        "y is still to be written out",
    ),
    "a-derivative-by-what-is-defined": (
        theorem(Sum((Y,), by=Y), Sum(()), Differentiate(), known=[TWICE]),
        "y is still to be written out",
    ),
    "a-derivative-of-a-square": (
        theorem(Sum((X, X), by=X), Sum((X,)), Differentiate()),
        "x stands there 2 times",
    ),
    "a-derivative-not-carried-out": (
        theorem(Sum((X,), over(i=n), by=X), Sum((X,)), Reindex(("i",), (), {"i": 0}, {})),
        "a derivative is still to be carried out",
    ),
    "a-sum-without-that-index": (
        theorem(Sum((X,)), Sum(()), Reindex(("i",), (), {"i": 0}, {})),
        "the sum has no index i",
    ),
}


@pytest.mark.parametrize("name", NOT_APPLICABLE)
def test_a_rule_that_does_not_apply_is_named(name):
    false, mistake = NOT_APPLICABLE[name]
    proof = prove_theorem(false)
    assert not proof
    assert proof.failure.condition is None
    assert proof.failure.step.mistake == mistake
    assert f"does not apply: {mistake}" in repr(proof)


SIZE = Definition("B", (("u", None),), Sum((read("b", u, K),)), "b at a size")
ILL_FORMED = {
    "an-index-twice": (
        theorem(Sum((read("a", 0),), (*over(i=n), *over(i=n))), Sum((read("a", 0),), over(i=n))),
        "the letter i means two things",
    ),
    "an-index-that-is-free-as-well": (
        theorem(
            Sum((read("a", 0),), over(i=n)),
            Sum((read("a", 0),)),
            Reindex(("i",), (), {"i": i}, {}),
            indices=over(i=n),
        ),
        "the letter i means two things",
    ),
    "an-index-that-is-a-size": (
        theorem(Sum((A,), over(i=n)), Sum((read("a", 0),), over(i=n)), assume=[equal(i, 0)]),
        "the letter i means two things",
    ),
    "an-index-that-is-a-size-of-another-array": (
        theorem(
            Sum((read("A"),)),
            Sum((read("b", K, K),), over(K=n)),
            Unfold("A"),
            Unfold("B"),
            known=[Definition("A", (), Sum((read("B", K),), over(K=n)), "a sum of B"), SIZE],
        ),
        "the letter K means two things",
    ),
    "a-new-index-that-is-a-size": (
        theorem(
            Sum((read("B", i),), over(i=n)),
            Sum((read("b", j, j),), over(j=n)),
            Reindex(("i",), over(K=n), {"i": K}, {"K": i}),
            Unfold("B"),
            known=[SIZE],
        ),
        "the letter K means two things",
    ),
    "a-parameter-that-is-an-index": (
        theorem(
            Sum((read("A", 0),)),
            Sum((read("a", 0),), over(i=n)),
            Unfold("A"),
            known=[Definition("A", (("i", n),), Sum((A,), over(i=n)), "a sum")],
            assume=[at_most(1, n)],
        ),
        "the letter i means two things",
    ),
    "a-name-with-a-prime": (
        theorem(Sum((X,), over(**{"i'": n})), Sum((X,), over(i=n))),
        "a name ends in a prime, as the names do that are made when two are the same",
    ),
    "a-shape-that-depends-on-an-index": (
        theorem(
            Sum((read("A", 0, 0),)),
            Sum((read("a", 0),)),
            Unfold("A"),
            known=[Definition("A", (("i", n), ("j", i + 1)), Sum((A,)), "a triangle")],
        ),
        "the shape of A depends on an index",
    ),
    "a-size-that-depends-on-an-index": (
        theorem(Sum((A,), (*over(j=n), *over(i=j + 1))), Sum((A,), (*over(j=n), *over(i=j + 1)))),
        "the size of an index depends on an index",
    ),
    "a-new-size-that-depends-on-an-index": (
        theorem(
            Sum((A,), (*over(i=n), *over(c=n))),
            Sum((read("a", j),), (*over(j=c + 1), *over(c=n))),
            Reindex(("i",), over(j=j + 1), {"i": j}, {"j": i}),
        ),
        "the size of an index depends on an index",
    ),
    "an-array-defined-by-itself": (
        theorem(
            Sum((read("A", 0),)),
            Sum((read("A", 1),)),
            Unfold("A"),
            known=[
                Definition("A", (("i", None),), Sum((read("B", i),)), "B"),
                Definition("B", (("i", None),), Sum((read("A", i + 1),)), "A"),
            ],
        ),
        "A is defined by itself",
    ),
    "an-array-defined-twice": (
        theorem(Sum((Y,)), Sum((X,)), known=[TWICE, TWICE]),
        "an array is defined twice",
    ),
    "a-rule-of-ones-own": (theorem(Sum((X,)), Sum(()), object()), "a step is by no rule that there is"),
    "a-divisor-that-may-be-0": (
        theorem(Sum((X,), over(i=n), (equal(i // m, i // m),)), Sum((X,), over(i=n))),
        "nothing says that m, which it divides by, is at least 1",
    ),
    "a-derivative-under-its-own-sum": (
        theorem(Sum((A,), over(i=n), by=A), Sum((), over(i=n)), Differentiate()),
        "a derivative is by an entry under its own sum",
    ),
}


@pytest.mark.parametrize("name", ILL_FORMED)
def test_an_ill_formed_theorem_is_refused_in_one_sentence(name):
    false, mistake = ILL_FORMED[name]
    with pytest.raises(sc.RequestError) as caught:
        prove_theorem(false)
    assert str(caught.value) == f"theorem 'a false one' is not well formed: {mistake}"


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_every_theorem_and_every_variant_is_well_formed(axes):
    for true in sc.theorems(axes):
        for one in (true, *true.variants):
            check_form(one, one.script)


def test_a_divisor_in_a_re_indexing_must_be_positive():
    whole = Reindex(("i",), over(j=n), {"i": j}, {"j": i}, where=(equal(j // m, j // m),))
    proof = prove_theorem(theorem(Sum((A,), over(i=n)), Sum((read("a", j),), over(j=n)), whole))
    assert str(proof.failure.condition.claim) == "1 ≤ m"
    assert proof.failure.sizes == {"m": 0}


def test_names_that_are_taken_are_avoided_all_at_once():
    square = Definition("A", (("u", None),), Sum((read("b", u, c, i),), over(c=n, i=n)), "a sum")
    body = square.at((c + i,), {"c", "i", "c'", "n"})
    assert [index.name for index in body.indices] == ["c''", "i'"]
    assert str(body.factors[0].indices) == "(c + i, c'', i')"


def test_two_entries_of_one_sum_have_indices_of_their_own():
    counted = Definition("A", (), Sum((read("b"),), over(c=n)), "n times b")
    both = theorem(
        Sum((read("A"), read("A"))), Sum((read("b"), read("b")), over(c=n)), Unfold("A"), known=[counted]
    )
    (unfolded, _) = both.steps
    assert [index.name for index in unfolded.after.indices] == ["c", "c'"]
    assert not prove_theorem(both)


@pytest.mark.parametrize("name", ["K′", "⌊0⌋", "{1}", "a b", "", "x) (assert false)", "é"])
def test_what_is_no_name_is_no_letter(name):
    with pytest.raises(sc.RequestError, match="is no letter: give an ASCII name"):
        letter(name)


def test_there_are_three_relations():
    with pytest.raises(sc.RequestError, match="relation='!=' is unknown: use one of <=, <, ="):
        Fact(i, "!=", n)


def test_a_term_has_whole_numbers():
    with pytest.raises(TypeError):
        i * 0.5


SOLVED = {
    "a-divisor-that-may-be-0": ((), at_most(0, i % m), "sat"),
    "a-negative-divisor": ((equal(m, -2),), equal(i // m, 17), "sat"),
    "a-positive-divisor": ((at_most(1, m),), at_most(0, i % m), "unsat"),
    "names-that-solvers-know": (
        (at_most(1, letter("div")),),
        at_most(0, letter("and") % letter("div")),
        "unsat",
    ),
    "a-name-like-a-quotients": ((at_most(1, m),), equal(i // m, letter("div1")), "sat"),
}


@pytest.mark.parametrize("name", SOLVED)
def test_a_script_says_what_it_should(name):
    import z3

    given, claim, answer = SOLVED[name]
    solver = z3.Solver()
    solver.from_string(script([Condition(given, claim, "an example")]))
    assert str(solver.check()) == answer


def test_an_instance_checks_the_padded_input_against_the_definition():
    layer = Layer(1, grouped=False)
    true = sc.theorem("overlap", 1)
    shifted = layer.padded_input
    wrong = shifted.body.replace({"b": letter("b") + 1})
    false = true.variant("the input is shifted", Definition("x̂", shifted.indices, wrong, shifted.words))
    g = sc.Geometry(5, 2, padding=1)
    assert sc.prove(true.instance(g))
    assert not sc.prove(false.instance(g))


def test_a_statement_about_zeros_is_not_tried_on_other_padding():
    g = sc.Geometry(5, 2, padding=1, padding_mode="circular")
    assert sc.prove(sc.theorem("im2col", 1).instance(g))
    with pytest.raises(sc.GeometryError, match="'toeplitz' is stated for padding with zeros"):
        sc.theorem("toeplitz", 1).instance(g)

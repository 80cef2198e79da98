"""Theorems: statements about every size, derived step by step, and the verdict on them.

A theorem is two sides, what its arrays are, what is assumed of the sizes, and a script of rules. The steps
are what the program makes of the script; a theorem is proved when each rule applied, each side condition was
proved, and both sides came out the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy

from symconv.geometry import Geometry
from symconv.proof.entailment import follows
from symconv.proof.facts import Condition
from symconv.proof.form import check_form
from symconv.proof.smtlib import script
from symconv.proof.statement import Statement
from symconv.proof.steps import Rule, Step, compare
from symconv.proof.sums import Definition
from symconv.proof.verdict import Tier

LEFT, RIGHT = "left", "right"


@dataclass(frozen=True, eq=False, repr=False)
class Theorem(Statement):
    """A statement about every size, with the derivation that is to prove it.

    Attributes:
        script: the rules in order, each with the side it changes.
        wrong: for a false variant, what is wrong with it; empty for a theorem.
        variants: false theorems that differ in one place, which ``prove`` refuses.

    Examples:
        >>> from symconv.theorems.catalogue import theorem
        >>> t = theorem("batch", axes=1)
        >>> [(step.side, step.rule, len(step.conditions)) for step in t.steps]
        [('left', 'unfold', 4), ('left', 'digits', 2), ('right', 'unfold', 6), ('both', 'compare', 0)]
        >>> from symconv.geometry import Geometry
        >>> t.instance(Geometry(5, 2, batch=3)).prove().compared
        24
    """

    script: tuple[tuple[str, Rule], ...] = ()
    wrong: str = ""
    variants: tuple["Theorem", ...] = ()

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The derivation: what changes, by which rule, under which side conditions; the comparison last."""
        known = {d.array: d for d in self.definitions}
        sides, steps = {LEFT: self.left, RIGHT: self.right}, []
        for side, rule in self.script:
            steps.append(rule.apply(side, sides[side], self.given, known))
            sides[side] = steps[-1].after
        return (*steps, compare(sides[LEFT], sides[RIGHT], self.given))

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The side conditions of all steps, each once."""
        return tuple(dict.fromkeys(c for step in self.steps for c in step.conditions))

    def smtlib(self) -> str:
        """The side conditions as one SMT-LIB 2 script, unsatisfiable exactly when all of them hold.

        Examples:
            >>> from symconv.theorems.catalogue import theorem
            >>> theorem("batch", axes=1).smtlib().count("(check-sat)")
            1
        """
        return script(self.conditions, f"{self.name}: {self.statement}")

    def variant(self, wrong: str, *definitions: Definition, **changes: Any) -> "Theorem":
        """A false variant: the same theorem with other definitions, or anything else in other words.

        Args:
            wrong: what is false about it, in words.
            definitions: in place of those of the same arrays.
            changes: other attributes of a theorem.

        Examples:
            >>> from symconv.theorems.catalogue import theorem
            >>> theorem("batch", axes=1).variant("another statement", statement="A batch is a sum.").wrong
            'another statement'
        """
        other = {d.array: d for d in definitions}
        kept = tuple(other.get(d.array, d) for d in self.definitions)
        return replace(self, definitions=kept, wrong=wrong, **changes)

    def with_variants(self, *variants: "Theorem") -> "Theorem":
        """The theorem together with false variants of it.

        Args:
            variants: what ``variant`` made.

        Examples:
            >>> from symconv.theorems.catalogue import theorem
            >>> len(theorem("batch", axes=1).with_variants().variants)
            0
        """
        return replace(self, variants=variants)

    def __repr__(self) -> str:
        return f"Theorem({self.name!r}, axes={self.axes}): {self.wrong or self.statement}"


@dataclass(frozen=True)
class Failure:
    """Where a derivation breaks.

    Attributes:
        number: the step, counted from 1.
        step: the step itself.
        condition: the side condition that was not proved; None where the rule did not apply at all.
        sizes: numbers for which the condition is false, if any below 6 were found.
    """

    number: int
    step: Step
    condition: Condition | None
    sizes: Mapping[str, int] | None

    def __str__(self) -> str:
        where = f"step {self.number} ({self.step.rule}, {self.step.side})"
        if self.condition is None:
            return f"{where} does not apply: {self.step.mistake}"
        needs = f"{where} needs {self.condition.claim} ({self.condition.purpose})"
        if self.sizes is None:
            return f"{needs}, which was not proved; no size below 6 was found that breaks it"
        numbers = ", ".join(f"{name} = {number}" for name, number in self.sizes.items())
        return f"{needs}, which is false for {numbers}"


@dataclass(frozen=True, repr=False)
class TheoremProof:
    """The verdict on a theorem: truthy when every step was re-derived.

    Attributes:
        holds: whether it was proved.
        theorem: what it is about.
        conditions: how many side conditions were proved.
        failure: where the derivation breaks; None when it holds.
        geometry: the layer of symbolic sizes that it was asked about; None for the theorem itself.
        assuming: what is assumed of that layer's symbols.

    Examples:
        >>> from symconv.theorems.catalogue import theorem
        >>> prove_theorem(theorem("batch", axes=1))
        Proved (tier: every size). The patch matrix of a batch is the patch matrices of its samples, one
        below the other. 4 steps and 12 side conditions, each re-derived for all sizes.
        >>> prove_theorem(theorem("batch", axes=1).variants[1])
        Not proved: batch. Its step 1 (unfold, left) needs O·n + O + l < N·O (P has that entry), which is
        false for N = 1, O = 1, l = 0, n = 0.
    """

    holds: bool
    theorem: Theorem
    conditions: int
    failure: Failure | None = None
    geometry: Geometry | None = None
    assuming: tuple[sympy.Basic, ...] = ()

    @property
    def tier(self) -> Tier | None:
        """How far the verdict reaches; None where nothing was proved."""
        return Tier.EVERY_SIZE if self.holds else None

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        if self.failure is not None:
            return f"Not proved: {self.theorem.name}. Its {self.failure}."
        of = "" if self.geometry is None else f"\n{self.geometry!r}"
        given = f"\nassuming {', '.join(map(str, self.assuming))}" if self.assuming else ""
        return (
            f"Proved (tier: {self.tier}). {self.theorem.statement}{of}{given}\n"
            f"{len(self.theorem.steps)} steps and {self.conditions} side conditions, "
            "each re-derived for all sizes."
        )


def prove_theorem(theorem: Theorem) -> TheoremProof:
    """Apply every rule of a theorem, prove every side condition, and compare the sides.

    Raises:
        RequestError: it is not well formed.
    """
    check_form(theorem, theorem.script)
    proved: set[Condition] = set()
    for number, step in enumerate(theorem.steps, start=1):
        if step.mistake:
            return TheoremProof(False, theorem, len(proved), Failure(number, step, None, None))
        unproved = [condition for condition in step.conditions if not follows(condition)]
        if unproved:
            return TheoremProof(False, theorem, len(proved), _failure(number, step, unproved))
        proved.update(step.conditions)
    return TheoremProof(True, theorem, len(proved))


def _failure(number: int, step: Step, unproved: Sequence[Condition]) -> Failure:
    """The failure of a step: its first condition that is false for some sizes, or else the first."""
    for condition in unproved:
        if (sizes := condition.counterexample()) is not None:
            return Failure(number, step, condition, sizes)
    return Failure(number, step, unproved[0], None)

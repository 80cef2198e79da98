"""A theorem's block as HTML: steps with their side conditions, the false twin, one size, the table of all."""

from collections.abc import Callable
from html import escape

from symconv.errors import BlockError, SymconvError
from symconv.lesson.theorem_block import TheoremBlock
from symconv.proof.entailment import follows_nearby
from symconv.proof.facts import Condition
from symconv.proof.statement import InstanceProof
from symconv.proof.steps import Step
from symconv.proof.theorem import Theorem, TheoremProof
from symconv.prove import prove
from symconv.show import figure
from symconv.show import theorem_latex as write
from symconv.show.latex import latex

Shown = tuple[str, list[str]]  # HTML, and the LaTeX in it


def theorem_parts(block: TheoremBlock) -> tuple[str, list[str]]:
    """The parts of a block in the author's order, and the LaTeX of all of them.

    Raises:
        BlockError: a theorem could not be proved, or a false twin could; so there is nothing true to show.
    """
    proofs = [prove(t) for t in block.theorems]
    for proof in proofs:
        if not proof:
            raise BlockError(f"this theorem could not be proved, so it is not shown: {proof!r}")
    pieces: list[str] = []
    sources: list[str] = []
    for part in block.show:
        html, source = PARTS[part](block)
        pieces.append(html)
        sources += source
    return "".join(pieces), sources


def _statement(block: TheoremBlock) -> Shown:
    theorem = block.theorem
    text = write.statement(theorem)
    ranges = _mathematics(write.facts([f for i in theorem.indices for f in i.facts()] + [*theorem.where]))
    for_all = f'<p class="symconv-given">for all {ranges}</p>' if theorem.indices else ""
    return f"<p><strong>{escape(theorem.statement)}</strong></p>{figure.mathematics(text)}{for_all}", [text]


def _assumptions(block: TheoremBlock) -> Shown:
    return (
        f'<p class="symconv-given">Assumed: {_mathematics(write.facts(block.theorem.assumptions))}.</p>',
        [],
    )


def _derivation(block: TheoremBlock) -> Shown:
    steps = block.theorem.steps
    items = "".join(_step(step, number) for number, step in enumerate(steps, start=1))
    return f'<ol class="symconv-steps">{items}</ol>', [write.derivation(steps)]


def _step(step: Step, number: int, state: str = "") -> str:
    """One step: what changes, by which rule, to what; its side conditions are folded, or open."""
    side = "" if step.side == "both" else f" on the {step.side}"
    head = f'<p><span class="symconv-rule">{write.RULES[step.rule]}{side}</span> {escape(step.words)}</p>'
    body = "" if step.rule == "compare" else figure.mathematics(write.spread(step.after))
    plain = [c.claim for c in step.conditions if follows_nearby(c)]
    claims = write.facts(plain) + [_under_premise(c) for c in step.conditions if not follows_nearby(c)]
    needs = ""
    if claims:
        count = f"{len(claims)} side condition{'s' if len(claims) > 1 else ''}"
        listed = "".join(f"<li>{_inline(c)}</li>" for c in claims)
        needs = f"<details{state}><summary>{count}</summary><ul>{listed}</ul></details>"
    return f'<li value="{number}">{head}{body}{needs}</li>'


def _under_premise(condition: Condition) -> str:
    """A claim that only holds at the places that a sum counts, with what holds there."""
    premises = [write.fact(f) for f in condition.relevant if f.relation == "=" and f != condition.claim]
    claim = write.fact(condition.claim)
    return rf"{claim} \quad\text{{where }} {', '.join(premises)}" if premises else claim


def _proof(block: TheoremBlock) -> Shown:
    proof = prove(block.theorem)
    assert isinstance(proof, TheoremProof)  # noqa: S101 (it is a theorem)
    return (
        '<p class="symconv-proof"><strong>Proved.</strong> '
        f'<span class="symconv-tier">tier: {escape(str(proof.tier))}</span> While this page was built, '
        f"each of the {len(block.theorem.steps)} steps was derived again "
        f"and each of its {proof.conditions} side conditions proved, for all sizes. "
        "(0 ≤ a &lt; b counts as two conditions, and one that several steps need counts once.)</p>"
    ), []


def _twin(block: TheoremBlock) -> Shown:
    """A false variant: what is wrong with it, and the step at which its proof breaks."""
    twin = block.theorem.variants[block.twin]
    proof = prove(twin)
    if proof or not isinstance(proof, TheoremProof) or proof.failure is None:
        raise BlockError(f"the false twin was proved, so something is wrong: {twin!r}")
    failure = proof.failure
    before = {
        step.side: (number, step) for number, step in enumerate(twin.steps[: failure.number - 1], start=1)
    }
    last = [before[side] for side in before if failure.step.side in (side, "both")]
    shown = [*sorted(last, key=lambda pair: pair[0]), (failure.number, failure.step)]
    steps = "".join(_step(step, number, " open") for number, step in shown)
    if failure.condition is None:
        needs = escape(failure.step.mistake)
    else:
        needs = f"It needs {_inline(write.fact(failure.condition.claim))}"
        if failure.sizes is not None:
            used = failure.condition.claim.letters()
            sizes = [f"{write.atom(name)} = {value}" for name, value in failure.sizes.items() if name in used]
            needs += f", which is false for {_mathematics(sizes)}"
    return (
        f'<div class="symconv-twin"><p><strong>The false twin.</strong> {escape(twin.wrong)} '
        f"Everything else is as above, and its proof breaks at step {failure.number}.</p>"
        f'<ol class="symconv-steps">{steps}</ol>'
        f'<p class="symconv-refused">Not proved. {needs}.</p></div>'
    ), []


def _instance(block: TheoremBlock) -> Shown:
    """The same derivation with numbers for the sizes, and both sides compared at this size."""
    theorem, geometry = block.theorem, block.geometry
    if geometry is None:
        raise BlockError("instance needs a layer: write input and kernel")
    try:
        instance = theorem.instance(geometry)
        proof = prove(instance)
    except SymconvError as error:
        raise BlockError(f"this size cannot be tried on the page: {error}") from error
    if not proof or not isinstance(proof, InstanceProof):
        raise BlockError(f"the theorem does not hold at this size, so it is not shown: {proof!r}")
    numbers = dict(instance.numbers)
    used = {
        name for side in (theorem.left, theorem.right) for step in theorem.steps for name in _letters(step)
    }
    sizes = [f"{write.atom(name)} = {value}" for name, value in numbers.items() if name in used]
    lines = "".join(
        f'<li><p><span class="symconv-rule">{write.RULES[s.rule]}{_side(s)}</span></p>'
        f"{figure.mathematics(write.spread(s.after.replace(numbers)))}</li>"
        for s in theorem.steps
        if s.rule != "compare"
    )
    cell = list(instance.cells())[-1]
    where = [f"{write.atom(i.name)} = {cell[i.name]}" for i in theorem.indices]
    at = f" for {_mathematics(where)}" if where else ""
    last = latex(proof)
    html = (
        f'<p class="symconv-given">With {_mathematics(sizes)}:</p>'
        f"{figure.mathematics(write.statement(theorem, numbers))}"
        "<details><summary>The same steps at this size</summary>"
        f'<ol class="symconv-steps">{lines}</ol></details>'
        f"<p>Written out{at}, the left side and the right side:</p>"
        f"{figure.mathematics(last)}"
        '<p class="symconv-proof"><strong>Confirmed at this size.</strong> '
        f'<span class="symconv-tier">tier: {escape(proof.tier)}</span> '
        f"Both sides were written out and compared, {_counted(proof.compared, 'entry', 'entries')}, "
        f"{_counted(proof.terms, 'term', 'terms')} on each side.</p>"
    )
    return html, [last]


def _side(step: Step) -> str:
    return f" on the {step.side}"


def _letters(step: Step) -> set[str]:
    return {name for side in (step.before, step.after) for term in side.terms() for name in term.letters()}


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _table(block: TheoremBlock) -> Shown:
    """All theorems with how they were proved."""
    head = "<th>theorem</th><th>what it says</th><th>steps</th><th>side conditions</th><th>tier</th>"
    rows = "".join(map(_row, block.theorems))
    return (
        '<div class="symconv-scroll" tabindex="0" role="group" aria-label="all theorems">'
        f'<table class="symconv-theorems"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    ), []


def _row(theorem: Theorem) -> str:
    proof = prove(theorem)
    assert isinstance(proof, TheoremProof)  # noqa: S101 (it is a theorem)
    return (
        f'<tr><th scope="row"><code>{escape(theorem.name)}</code></th><td>{escape(theorem.statement)}</td>'
        f"<td>{len(theorem.steps)}</td><td>{proof.conditions}</td><td>{escape(str(proof.tier))}</td></tr>"
    )


def _inline(text: str) -> str:
    return figure.inline(text)


def _mathematics(formulas: list[str]) -> str:
    """Several formulas in a line of text."""
    return ", ".join(map(figure.inline, formulas))


PARTS: dict[str, Callable[[TheoremBlock], Shown]] = {
    "statement": _statement,
    "assumptions": _assumptions,
    "derivation": _derivation,
    "proof": _proof,
    "twin": _twin,
    "instance": _instance,
    "table": _table,
}

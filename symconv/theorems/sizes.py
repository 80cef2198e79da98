"""The theorem about the output size: the floor formula counts exactly the windows that fit."""

from symconv.proof.facts import at_most
from symconv.proof.steps import Reindex
from symconv.proof.sums import Index, Read, Sum
from symconv.proof.terms import Term, name_of
from symconv.proof.theorem import LEFT, Theorem
from symconv.theorems.layer import Axis, Layer


def output_size(rank: int) -> Theorem:
    """The windows that fit are those before the output size."""
    layer = Layer(rank, grouped=False)
    fits = tuple(
        at_most(a.position * a.stride + a.dilation * (a.kernel - 1) + 1, a.padded) for a in layer.axes
    )

    def counted(*sizes: Term) -> tuple[Index, ...]:
        return layer.over(layer.positions, sizes)

    def walk(*sizes: Term) -> tuple[tuple[str, Reindex], ...]:
        same = {name_of(o): o for o in layer.positions}
        words = "A window fits exactly if it is one of the first so many."
        return ((LEFT, Reindex(tuple(same), counted(*sizes), same, same, (), words)),)

    def claim(*sizes: Term) -> dict[str, object]:
        return {"right": Sum((window,), counted(*sizes)), "script": walk(*sizes)}

    window = Read("g", layer.positions)
    formula = [a.output_size for a in layer.axes]
    theorem = Theorem(
        "output-size",
        rank,
        "The windows that fit on the padded input are the first ⌊(n + p + e − d·(k − 1) − 1) / s⌋ + 1 "
        "of each axis, whatever is summed over them.",
        Sum((window,), counted(*(a.padded for a in layer.axes)), fits),
        Sum((window,), counted(*formula)),
        (),
        (*layer.assumptions, *(at_most(0, p) for a in layer.axes for p in (a.before, a.after))),
        (),
        layer.numbers_of,
        script=walk(*formula),
    )

    def ceiling(a: Axis) -> Term:
        return (a.padded - a.dilation * (a.kernel - 1) - 1 + a.stride - 1) // a.stride + 1

    def spread(a: Axis) -> Term:
        return (a.padded - a.dilation * a.kernel - 1) // a.stride + 1

    *others, last = layer.axes
    first = formula[: len(others)]
    return theorem.with_variants(
        theorem.variant("The quotient is rounded up.", **claim(*first, ceiling(last))),
        theorem.variant("The 1 at the end is forgotten.", **claim(*first, formula[-1] - 1)),
        theorem.variant(
            "The kernel is taken to cover d·k cells, not d·(k − 1) + 1.", **claim(*first, spread(last))
        ),
    )

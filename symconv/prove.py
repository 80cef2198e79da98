"""``prove``: one call for whatever can be proved, at one size or at every size."""

from functools import singledispatch
from typing import Any

import sympy

from symconv.errors import RequestError
from symconv.geometry import Geometry
from symconv.index_map import index_map
from symconv.proof.exact import prove_maps
from symconv.proof.statement import Instance, InstanceProof
from symconv.proof.theorem import Theorem, TheoremProof, prove_theorem
from symconv.proof.verdict import Proof
from symconv.theorems.unrolling import im2col


@singledispatch
def prove(subject: Any) -> Any:
    """Prove that a convolution is the matrix product P·W, or a theorem, or a theorem at one size.

    Args:
        subject: a ``Geometry`` (with symbols for sizes: for every size); what ``unroll`` returned; a
            ``Theorem``, or what its ``instance`` returned; a fast algorithm that ``winograd`` or ``nested``
            returned; what ``gradients``, ``fourier`` or a reduction returned; the permutation between two
            layouts.
            returned; what ``fourier``, ``convolution_matrix`` or a reduction returned; the permutation
            between two layouts.

    Returns:
        A verdict, truthy when it holds; it names its tier, and where it breaks if it does not hold.

    Raises:
        RequestError: there is nothing to prove about the subject.
        SizeLimitError: the sizes are too large to write out.

    Source: Chellapilla, Puri & Simard 2006, section 2.1, for the claim.

    Examples:
        >>> bool(prove(Geometry(input_size=(5, 7), kernel_size=(2, 3), stride=(2, 1), padding=1)))
        True
        >>> prove(Geometry(("H", "W"), ("A", "B"), in_channels="C", out_channels="F", stride="s")).tier
        <Tier.EVERY_SIZE: 'every size'>
    """
    raise RequestError(
        f"{type(subject).__name__} is nothing that can be proved: "
        "give a Geometry, what sc.unroll returned, or a theorem"
    )


@prove.register
def _(g: Geometry) -> Proof | TheoremProof:
    return prove_instance(im2col(g.rank), g) if g.symbols else prove_maps(g, index_map(g))


@prove.register
def _(theorem: Theorem) -> TheoremProof:
    return prove_theorem(theorem)


@prove.register
def _(instance: Instance) -> InstanceProof:
    return instance.prove()


def prove_instance(theorem: Theorem, g: Geometry) -> TheoremProof:
    """Prove a theorem about P, W or T at every size, of which a layer is an instance, whatever its sizes.

    The theorem assumes that what counts something is at least 1, and that groups divide the channels; what of
    this is not known of the layer's symbols is assumed of them, and said.

    Args:
        theorem: about the layer, for as many axes as it has.
        g: the layer; a symbol among its sizes stands for all its values.

    Examples:
        >>> prove_instance(im2col(1), Geometry("n", 3)).assuming
        (n - 2 >= 1,)
    """
    numbers = {name: sympy.sympify(value) for name, value in theorem.sizes_of(g).items()}
    needed = [sympy.Eq(sympy.Mod(count, g.groups), 0) for count in (g.in_channels, g.out_channels)]
    needed += [sympy.Ge(numbers[name], 1) for fact in theorem.assumptions for name in fact.letters()]
    least = {"reflect": 1, "circular": 0}.get(g.padding_mode)
    if least is not None:
        needed += [
            sympy.Ge(n - least, pad) for n, pads in zip(g.input_size, g.padding, strict=True) for pad in pads
        ]
    assuming = tuple(fact for fact in dict.fromkeys(needed) if fact is not sympy.true)
    proof = prove_theorem(theorem)
    return TheoremProof(proof.holds, theorem, proof.conditions, proof.failure, g, assuming)

"""A certificate: a tape evaluated at random points of the integers modulo 2⁶⁴, and so is the definition.

For tapes whose products are too many to write out. What is known before any number is drawn is derived from
the tape itself, not assumed: that every output has degree at most 1 in the cells of x and at most 1 in
those of w, and a bound B on the coefficients of its difference from the definition. Where the tape shows
more, or has constants that are not whole, no certificate is given.

Let such a difference D be no zero polynomial, and 2^v the largest power of two that divides all its
coefficients, so that 2^v ≤ B. Divide by it: D/2^v has an odd coefficient, and D = 0 modulo 2^64 exactly
where D/2^v = 0 modulo 2^n with n = 64 − v. Take an odd coefficient of a product w·x: with w drawn first,
the coefficient L of that x is a sum with an odd coefficient, uniform modulo 2^n, so it has exactly k
factors 2 with probability 2^−(k+1), and then D = 0 for 2^k in 2^n values of x. Together n/2^(n+1), and 2^−n
for L = 0, make (n + 2)/2^(n+1). An odd coefficient that only a term of lower degree has leaves 2^−n or
less. Independent points multiply the bounds.
"""

from math import floor, log2, prod

import numpy as np

from symconv.entries import Array
from symconv.geometry import Geometry
from symconv.index_map import gather
from symconv.proof.exact import defined_maps
from symconv.proof.verdict import Tier
from symconv.tracing.compare import Comparison, expected_shape
from symconv.tracing.tape import Tape
from symconv.tracing.trace import Trace
from symconv.tracing.walk import Arithmetic, evaluate

_BITS = 64
_MOST_BITS_SHARED = 40  # of the coefficients of a difference


def _highest(left: Array, right: Array) -> Array:
    """The degrees of the entries of a matrix product."""
    result: Array = left[:, :, 0, None] + right[:, None, 0, :]
    for k in range(1, left.shape[2]):
        np.maximum(result, left[:, :, k, None] + right[:, None, k, :], out=result)
    np.minimum(result, 2, out=result)
    return result


_DEGREES = Arithmetic(
    np.maximum, np.maximum, lambda a, b: np.minimum(a + b, 2), lambda a: a.max(axis=-1), _highest
)
_SIZES = Arithmetic(np.add, np.add, np.multiply, lambda a: a.sum(axis=-1), np.matmul)


def certify(followed: Trace, g: Geometry, seed: int | None = None, trials: int = 2) -> Comparison:
    """Compare what a function did with the definition at random points modulo 2⁶⁴.

    Args:
        followed: its run on inputs of the geometry's shapes.
        g: the convolution that it should be.
        seed: of the points; from the operating system by default, and then nobody can have prepared for them.
        trials: how many points.

    Returns:
        ``holds`` is True with the ``bound`` on the probability of this verdict on a function that is wrong,
        tier ``certificate``; or False, which is certain; or None where the bound cannot be given.

    Source: Schwartz 1980, *Fast probabilistic algorithms for verification of polynomial identities*, for the
    idea; the bound over this ring is derived above.

    Examples:
        >>> from symconv.tracing.trace import trace
        >>> right = trace(lambda x, w: x[:-1] * w[0] + x[1:] * w[1], (4,), (2,))
        >>> certify(right, Geometry(4, 2)).bound < 2**-100
        True
    """
    expected = expected_shape(followed, g)
    if followed.output.shape != expected:
        why = f"the output has shape {followed.output.shape} and should have {expected}"
        return Comparison(False, Tier.EXACT, g, 0, "shape", why)
    tape, cells = followed.tape, prod(expected)
    if any(c.denominator != 1 for c in tape.constants):
        return _untold(g, "the function uses constants that are not whole numbers")
    for name, here in (("x", (1, 0)), ("w", (0, 1))):
        if _degrees(tape, *here)[followed.output].max(initial=0) > 1:
            return _untold(g, f"the function multiplies cells of {name} with each other")
    shared = _bits_shared(followed, g)
    if shared > _MOST_BITS_SHARED:
        return _untold(g, "the function's constants are too large for a bound")
    n = _BITS - shared
    random = np.random.default_rng(seed)
    defined = defined_maps(g)
    constants = np.array([int(c) % 2**_BITS for c in tape.constants], dtype=np.uint64)
    for _ in range(trials):
        x, w = (random.integers(0, 2**_BITS, count, np.uint64) for count in (tape.x_cells, tape.w_cells))
        made = evaluate(tape, constants, x, w)[followed.output].ravel()
        product = gather(x, defined.patch) @ gather(w, defined.weight)  # positions by filters, modulo 2^64
        wanted = product.reshape(g.batch, -1, g.out_channels).swapaxes(1, 2).ravel()
        if not np.array_equal(made, wanted):
            first = [int(i) for i in np.unravel_index(int(np.argmax(made != wanted)), expected)]
            why = f"output{first} differs from the loop formula for some whole numbers"
            return Comparison(False, Tier.EXACT, g, cells, "modulo 2^64", why)
    bound = ((n + 2) / 2 ** (n + 1)) ** trials
    why = f"equal at {trials} random points modulo 2^64"
    return Comparison(True, Tier.CERTIFICATE, g, cells, "modulo 2^64", why, bound=bound)


def _untold(g: Geometry, why: str) -> Comparison:
    return Comparison(None, Tier.CERTIFICATE, g, 0, "modulo 2^64", f"no certificate: {why}")


def _degrees(tape: Tape, x: int, w: int) -> Array:
    """For each id a bound on its degree, where each cell of x has degree ``x`` and each of w has ``w``."""
    of_x, of_w = (np.full(count, d, dtype=np.int8) for count, d in ((tape.x_cells, x), (tape.w_cells, w)))
    return evaluate(tape, np.zeros(len(tape.constants), dtype=np.int8), of_x, of_w, _DEGREES)


def _bits_shared(followed: Trace, g: Geometry) -> int:
    """The most v for which 2^v can divide every coefficient of a difference from the definition."""
    tape = followed.tape
    x, w = (np.ones(count) for count in (tape.x_cells, tape.w_cells))
    constants = np.array([abs(float(c)) for c in tape.constants])
    largest = float(evaluate(tape, constants, x, w, _SIZES)[followed.output].max(initial=0))
    largest = 1.001 * largest + prod(g.kernel_shape[1:])  # sums of floats may have been rounded down
    return floor(log2(largest)) if largest < 2.0**_BITS else _BITS

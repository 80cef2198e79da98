"""Winograd's minimal filtering F(m, r): m outputs of a filter of r taps by m + r − 1 multiplications.

An algorithm is its three matrices: the ones that Cook and Toom construct, or somebody's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import sympy

from symconv.entries import Array
from symconv.errors import ArrayError, SizeLimitError
from symconv.forms.by_tiles import apply_by_tiles
from symconv.forms.cook_toom import cook_toom
from symconv.forms.points import default_points, exact_matrix, read_points
from symconv.forms.winograd_cost import WinogradCost, additions, scalings, winograd_cost
from symconv.geometry import Geometry
from symconv.proof.bilinear import BilinearProof, Triple, prove_bilinear
from symconv.prove import prove
from symconv.show.latex import latex
from symconv.sizes import Padding, whole

MOST_MULTIPLICATIONS = 64  # whose exact matrices are made in a moment; rounding ruins far smaller ones


class TransformCounts(NamedTuple):
    """Operations of one tile, by what they are for.

    Attributes:
        input: of the transform Bᵀ x.
        kernel: of the transform G w, which is done once for a filter, not once for a tile.
        output: of the transform Aᵀ.

    Source: Lavin & Gray 2016, section 4.1, who share such sums, and count 4, 3 and 4 for F(2, 3).

    Examples:
        >>> winograd(2, 3).additions
        TransformCounts(input=4, kernel=4, output=4)
    """

    input: int
    kernel: int
    output: int


@dataclass(frozen=True, repr=False)
class Winograd:
    """The algorithm F(m, r): y = Aᵀ[(G w) ⊙ (Bᵀ x)] for n = m + r − 1 inputs x and r weights w, not flipped.

    Attributes:
        m: outputs of a tile.
        r: taps of the filter.
        A: shape (n, m), exact; transposed it makes the outputs of the products.
        G: shape (n, r), exact; transforms the filter.
        B: shape (n, n), exact; transposed it transforms the inputs.
        points: the finite points, one to a row; infinity comes last. None where the matrices are a caller's.

    Source: Winograd 1980, *Arithmetic Complexity of Computations*, for the least number; Blahut 2010,
    *Fast Algorithms for Signal Processing*, section 5.2, for Cook and Toom's construction.

    Examples:
        >>> w = winograd(2, 3)
        >>> w
        F(2, 3): 4 multiplications instead of 6, at the points 0, 1, -1, ∞
        >>> w.A.T
        Matrix([
        [1, 1,  1, 0],
        [0, 1, -1, 1]])
    """

    m: int
    r: int
    A: sympy.ImmutableMatrix
    G: sympy.ImmutableMatrix
    B: sympy.ImmutableMatrix
    points: tuple[sympy.Rational, ...] | None = field(default=None, compare=False)

    @property
    def n(self) -> int:
        """Inputs of a tile."""
        return self.m + self.r - 1

    @property
    def name(self) -> str:
        """What the literature calls it."""
        return f"F({self.m}, {self.r})"

    @property
    def multiplications(self) -> int:
        """Products of a transformed weight and a transformed input, for one tile."""
        return int(self.A.rows)

    @property
    def direct_multiplications(self) -> int:
        """What the loop formula takes for the same outputs."""
        return self.m * self.r

    @property
    def additions(self) -> TransformCounts:
        """Additions of each transform as its matrix stands: one less than there are entries in each row.

        Sums that two rows share are counted twice.

        Source: Lavin & Gray 2016, section 4.1, who share such sums, and count 4, 3 and 4 for F(2, 3).

        Examples:
            >>> winograd(4, 3).additions
            TransformCounts(input=16, kernel=8, output=14)
        """
        triple = self.triple
        return TransformCounts(*(additions(matrix) for matrix in (triple.B.T, triple.G, triple.A.T)))

    @property
    def scalings(self) -> TransformCounts:
        """Multiplications by constants in each transform: entries other than 0, 1 and −1.

        Examples:
            >>> winograd(2, 3).scalings, winograd(4, 3).scalings
            (TransformCounts(input=0, kernel=6, output=0), TransformCounts(input=12, kernel=13, output=6))
        """
        triple = self.triple
        return TransformCounts(*(scalings(matrix) for matrix in (triple.B.T, triple.G, triple.A.T)))

    @cached_property
    def triple(self) -> Triple:
        """The three matrices as arrays of fractions."""
        return Triple(*(exact_matrix(getattr(self, name), name) for name in "AGB"))

    def with_matrices(self, A: Any = None, G: Any = None, B: Any = None) -> "Winograd":
        """The same sizes with a caller's own matrices for some of the three, to prove or to refute.

        Args:
            A: shape (K, m); the literature prints its transpose.
            G: shape (K, r).
            B: shape (m + r − 1, K); the literature prints its transpose.

        Raises:
            ArrayError: an entry is not an exact rational number, or the shapes do not belong together.

        Examples:
            >>> w = winograd(2, 3)
            >>> prove(w.with_matrices(A=[[1, 0], [1, 1], [1, -1], [0, -1]]))
            Refuted (tier: exact) after 2 outputs of F(2, 3);
            first differing cell: y[1]
              algorithm    = w_{0}*x_{1} + w_{1}*x_{2} + 2*w_{2}*x_{1} - w_{2}*x_{3}
              loop formula = w_{0}*x_{1} + w_{1}*x_{2} + w_{2}*x_{3}
              let x and w be 0 but x[1] = w[2] = 1: it gives 2 and should give 0
        """
        given = {"A": A, "G": G, "B": B}
        arrays = {
            name: exact_matrix(getattr(self, name) if v is None else v, name) for name, v in given.items()
        }
        products = len(arrays["G"])
        for name, shape in (("G", (products, self.r)), ("A", (products, self.m)), ("B", (self.n, products))):
            found = arrays[name].shape
            if found != shape:
                turned = f"give {name}.T" if found == shape[::-1] else f"give {shape}"
                raise ArrayError(
                    f"{name} has shape {found}: {self.name} with {products} rows of G takes {shape}, {turned}"
                )
        return Winograd(self.m, self.r, *(_matrix(arrays[name]) for name in "AGB"))

    def apply(
        self,
        x: Any,
        w: Any,
        *,
        padding: Padding = 0,
        groups: int = 1,
        padding_mode: str = "zeros",
        bias: Any = None,
    ) -> Any:
        """Evaluate a layer of stride 1 tile by tile; a last tile that is not full is filled up with zeros.

        Floats are computed in their own dtype (half floats as single ones), with its rounding. Integers,
        fractions and symbols are exact.

        Args:
            x: input, shape (C, L) or (N, C, L), or bare: (L,).
            w: kernels, shape (F, C/groups, r), or bare: (r,).
            padding: as for ``unroll``.
            groups: blocks of channels that do not see each other.
            padding_mode: ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.
            bias: one number per filter, shape (F,).

        Returns:
            The activation map, as ``loop_formula`` shapes it.

        Raises:
            ArrayError: the arrays do not belong together, or the kernels have not r taps.
            GeometryError: a size or hyper-parameter is impossible.

        Source: Lavin & Gray 2016, algorithm 1.

        Examples:
            >>> winograd(2, 3).apply([1, 2, 3, 4, 5], [1, 0, -1])
            array([-2, -2, -2])
        """
        options: dict[str, Any] = {"groups": groups, "padding_mode": padding_mode, "bias": bias}
        return apply_by_tiles(self.name, [self.triple], x, w, padding=padding, **options)

    def cost(self, g: Geometry) -> WinogradCost:
        """Count what a whole layer takes by tiles, and what the loop formula takes.

        Args:
            g: a layer of r taps along its one axis, of stride 1, of any padding, batch, channels and groups.

        Raises:
            GeometryError: the layer has other taps, a stride or a dilation, or a size that is a symbol.

        Source: Lavin & Gray 2016, section 5, who count transforms and products apart likewise.

        Examples:
            >>> winograd(2, 3).cost(Geometry(10, 3)).total
            Cost(products=22, additions=36, memory=36)
            >>> winograd(2, 3).cost(Geometry(10, 3)).direct
            Cost(products=24, additions=16, memory=0)
        """
        return winograd_cost(self.name, [self.triple], g)

    def __repr__(self) -> str:
        count = (
            f"{self.name}: {self.multiplications} multiplications instead of {self.direct_multiplications}"
        )
        if self.points is None:
            return f"{count}, with matrices of your own"
        return f"{count}, at the points {', '.join(map(str, (*self.points, '∞')))}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {latex(self)}$"


def winograd(m: int, r: int, points: Sequence[Any] | None = None) -> Winograd:
    """The algorithm F(m, r): m outputs of a filter of r taps by m + r − 1 multiplications, the fewest.

    Args:
        m: outputs of a tile, at least 1.
        r: taps of the filter, at least 1.
        points: m + r − 2 distinct rational numbers; by default 0, 1, −1, 2, −2, ½, −½ and so on.

    Returns:
        A ``Winograd`` with matrices ``A``, ``G`` and ``B``, scaled as Lavin's program does: all divisions are
        in G, and the first row of G is positive.

    Raises:
        GeometryError: m or r is not an int of at least 1.
        ArrayError: the points are not distinct rationals, or not as many as are needed.
        SizeLimitError: more than 64 multiplications.

    Source: Winograd 1980, *Arithmetic Complexity of Computations*, for the least number; Blahut 2010,
    *Fast Algorithms for Signal Processing*, section 5.2, for Cook and Toom's construction.

    Examples:
        >>> winograd(2, 3).G
        Matrix([
        [  1,    0,   0],
        [1/2,  1/2, 1/2],
        [1/2, -1/2, 1/2],
        [  0,    0,   1]])
        >>> winograd(2, 2, points=[0, -1])
        F(2, 2): 3 multiplications instead of 4, at the points 0, -1, ∞
    """
    m, r = whole(m, "m"), whole(r, "r")
    if m + r - 1 > MOST_MULTIPLICATIONS:
        raise SizeLimitError(
            f"m={m} and r={r} ask for {m + r - 1} multiplications: "
            f"choose smaller tiles, of at most {MOST_MULTIPLICATIONS}"
        )
    finite = m + r - 2
    at = default_points(finite) if points is None else read_points(points, finite, f"F({m}, {r})")
    triple = cook_toom(m, r, at)
    exact_points = tuple(sympy.Rational(a.numerator, a.denominator) for a in at)
    return Winograd(m, r, _matrix(triple.A), _matrix(triple.G), _matrix(triple.B), exact_points)


@prove.register
def _(algorithm: Winograd) -> BilinearProof:
    return prove_bilinear(algorithm.name, [algorithm.triple])


def _matrix(array: Array) -> sympy.ImmutableMatrix:
    return sympy.ImmutableMatrix(
        *array.shape, [sympy.Rational(v.numerator, v.denominator) for v in array.flat]
    )

"""Minimal filtering nested in itself: F(m₁×m₂, r₁×r₂) from F(m₁, r₁) and F(m₂, r₂), one along each axis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from symconv.entries import Array
from symconv.errors import GeometryError, RequestError
from symconv.forms.by_tiles import apply_by_tiles
from symconv.forms.winograd import TransformCounts, Winograd, winograd
from symconv.forms.winograd_cost import WinogradCost, additions, along_each, scalings, winograd_cost
from symconv.geometry import Geometry
from symconv.proof.bilinear import BilinearProof, Triple, prove_bilinear
from symconv.prove import prove
from symconv.show.latex import latex
from symconv.sizes import Padding, is_sequence

MOST_AXES = 3


@dataclass(frozen=True, repr=False)
class NestedWinograd:
    """The algorithm F(m₁×m₂, r₁×r₂): each transform is applied along the first axis, then along the second.

    In two dimensions Y = A₁ᵀ[(G₁ w G₂ᵀ) ⊙ (B₁ᵀ x B₂)]A₂.

    Attributes:
        axes: the algorithm along each axis.

    Source: Lavin & Gray 2016, section 4.1, equation 8; Winograd 1980, *Arithmetic Complexity of
    Computations*, for nesting.

    Examples:
        >>> winograd2d(2, 3)
        F(2×2, 3×3): 16 multiplications instead of 36
    """

    axes: tuple[Winograd, ...]

    @property
    def m(self) -> tuple[int, ...]:
        """Outputs of a tile along each axis."""
        return tuple(axis.m for axis in self.axes)

    @property
    def r(self) -> tuple[int, ...]:
        """Taps along each axis."""
        return tuple(axis.r for axis in self.axes)

    @property
    def n(self) -> tuple[int, ...]:
        """Inputs of a tile along each axis."""
        return tuple(axis.n for axis in self.axes)

    @property
    def name(self) -> str:
        """What the literature calls it."""
        return f"F({'×'.join(map(str, self.m))}, {'×'.join(map(str, self.r))})"

    @property
    def multiplications(self) -> int:
        """Products of a transformed weight and a transformed input, for one tile."""
        return prod(axis.multiplications for axis in self.axes)

    @property
    def direct_multiplications(self) -> int:
        """What the loop formula takes for the same outputs."""
        return prod(axis.direct_multiplications for axis in self.axes)

    @property
    def additions(self) -> TransformCounts:
        """Additions of each transform along the first axis, then the next, each matrix as it stands.

        Source: Lavin & Gray 2016, section 4.1, who count 32, 28 and 24 for F(2×2, 3×3).

        Examples:
            >>> winograd2d(2, 3).additions
            TransformCounts(input=32, kernel=28, output=24)
        """
        return self._counts(additions)

    @property
    def scalings(self) -> TransformCounts:
        """Multiplications by constants other than 0, 1 and −1 in each transform."""
        return self._counts(scalings)

    @property
    def triples(self) -> list[Triple]:
        """The three matrices along each axis as arrays of fractions."""
        return [axis.triple for axis in self.axes]

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
        """Evaluate a layer of stride 1 tile by tile, as ``Winograd.apply`` does along one axis.

        Args:
            x: input, shape (C, *spatial) or (N, C, *spatial), or bare.
            w: kernels, shape (F, C/groups, *r), or bare.
            padding: as for ``unroll``.
            groups: blocks of channels that do not see each other.
            padding_mode: ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.
            bias: one number per filter, shape (F,).

        Returns:
            The activation map, as ``loop_formula`` shapes it.

        Raises:
            ArrayError: the arrays do not belong together, or the kernels are not of r₁×r₂ taps.
            GeometryError: a size or hyper-parameter is impossible.

        Source: Lavin & Gray 2016, algorithm 1.

        Examples:
            >>> winograd2d(2, 2).apply([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[9, 8], [7, 6]])
            array([[ 83, 113],
                   [173, 203]])
        """
        options: dict[str, Any] = {"groups": groups, "padding_mode": padding_mode, "bias": bias}
        return apply_by_tiles(self.name, self.triples, x, w, padding=padding, **options)

    def cost(self, g: Geometry) -> WinogradCost:
        """Count what a whole layer takes by tiles, and what the loop formula takes.

        Args:
            g: a layer of these taps, of stride 1, of any padding, batch, channels and groups.

        Raises:
            GeometryError: the layer has other taps, a stride or a dilation, or a size that is a symbol.

        Source: Lavin & Gray 2016, section 5, who count transforms and products apart likewise.

        Examples:
            >>> winograd2d(2, 3).cost(Geometry((4, 4), 3)).total
            Cost(products=58, additions=84, memory=48)
        """
        return winograd_cost(self.name, self.triples, g)

    def _counts(self, operations: Callable[[Array], int]) -> TransformCounts:
        """Operations of each transform: along one axis, once for every line of what the axes before left."""
        matrices = [(t.B.T, t.G, t.A.T) for t in self.triples]
        return TransformCounts(*(along_each([m[i] for m in matrices], operations) for i in range(3)))

    def __repr__(self) -> str:
        return f"{self.name}: {self.multiplications} multiplications instead of {self.direct_multiplications}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {latex(self)}$"


def nested(*axes: Winograd) -> NestedWinograd:
    """Nest algorithms for one axis, one for each axis of an image or a volume.

    Args:
        axes: one to three algorithms that ``winograd`` returned; different ones for rectangular tiles
            or kernels.

    Returns:
        ``NestedWinograd``, of as many axes.

    Raises:
        RequestError: something else was given, or too many.

    Source: Lavin & Gray 2016, section 4.1, equation 8; Winograd 1980, *Arithmetic Complexity of
    Computations*, for nesting.

    Examples:
        >>> nested(winograd(4, 3), winograd(2, 5))
        F(4×2, 3×5): 36 multiplications instead of 120
    """
    if not 1 <= len(axes) <= MOST_AXES:
        raise RequestError(f"nested has {len(axes)} algorithms: give one for each of 1 to {MOST_AXES} axes")
    for k, axis in enumerate(axes):
        if not isinstance(axis, Winograd):
            raise RequestError(
                f"axes[{k}]={axis!r} is no algorithm for one axis: give what sc.winograd returned"
            )
    return NestedWinograd(tuple(axes))


def winograd2d(m: Any, r: Any, points: Sequence[Any] | None = None) -> NestedWinograd:
    """The algorithm F(m×m, r×r), or F(m₁×m₂, r₁×r₂) of pairs.

    Args:
        m: outputs of a tile, one int or one per axis.
        r: taps, one int or one per axis.
        points: for both axes, which then take equally many; by default the usual ones.

    Returns:
        ``NestedWinograd`` of two axes.

    Raises:
        GeometryError: a size is not an int of at least 1, or there are not two of them.
        ArrayError: the points are not as many as an axis needs, or not distinct rationals.

    Source: Lavin & Gray 2016, section 4.1.

    Examples:
        >>> winograd2d((2, 4), 3)
        F(2×4, 3×3): 24 multiplications instead of 72
        >>> bool(prove(winograd2d(4, 3)))
        True
    """
    outputs, taps = _pair(m, "m"), _pair(r, "r")
    return nested(*(winograd(a, b, points) for a, b in zip(outputs, taps, strict=True)))


@prove.register
def _(algorithm: NestedWinograd) -> BilinearProof:
    return prove_bilinear(algorithm.name, algorithm.triples)


def _pair(value: Any, name: str) -> tuple[Any, Any]:
    """One size for each of two axes; what they are is read later."""
    if not is_sequence(value):
        return value, value
    if len(value) != 2:
        raise GeometryError(
            f"{name}={value!r} has {len(value)} entries for 2 axes: give one int or 2 of them"
        )
    return value[0], value[1]

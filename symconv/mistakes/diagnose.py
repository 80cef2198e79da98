"""What a wrong function did wrong: the known mistake, or the two, that make exactly what it makes.

Values in Z/2⁶⁴ rule out nearly every candidate, and what is left is compared product by product: a diagnosis
is never given for less than equality.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from time import monotonic

import numpy as np

from symconv.errors import GeometryError, RequestError, SizeLimitError
from symconv.geometry import Geometry
from symconv.mistakes.attempt import Attempts, Changes, factor_of
from symconv.mistakes.bilinear_map import BilinearMap
from symconv.mistakes.family import mistakes
from symconv.mistakes.mistake import Mistake

Explanation = tuple[Mistake, ...]  # one mistake, or two made together
Case = tuple[BilinearMap, Geometry]

_MOST_LAYERS_MORE = 4  # that are looked at to tell one mistake from another
_MOST_NAMED = 4  # of other explanations, where a diagnosis is printed


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """The mistakes that make exactly what a function makes.

    Attributes:
        mistakes: the simplest explanation: one mistake, or two made together.
        others: further explanations, as short, that no geometry looked at tells from it.
        geometries: where they were compared with the function.

    Examples:
        >>> g, layer = Geometry((4, 5), (2, 3), stride=(1, 2)), Geometry((4, 5), (2, 3), stride=(2, 1))
        >>> print(diagnose(BilinearMap.of_definition(layer), g))
        strides swapped
          Your stride along the height is 2 where it should be 1, and along the width 1 where it should be 2.
          Start the window of output position (i, j) at (i, j) times the stride (1, 2), axis by axis.
    """

    mistakes: Explanation
    others: tuple[Explanation, ...]
    geometries: tuple[Geometry, ...]

    @property
    def name(self) -> str:
        """The mistakes' names."""
        return named(self.mistakes)

    def told_apart_by(self, geometries: Iterable[Geometry]) -> Geometry | None:
        """The first geometry at which not all explanations make the same: look at the function there.

        Args:
            geometries: those that the function can be given.

        Returns:
            None where none of them tells any two apart, or where there is but one explanation.

        Examples:
            >>> square = Geometry((4, 4), 2, padding=1)
            >>> own = BilinearMap.of_definition(Geometry((4, 4), 2))
            >>> found = diagnose(own, square)
            >>> found.name, named(found.others[0])
            ('padding missing', 'padding halved')
            >>> found.told_apart_by([Geometry((4, 4), 2, padding=p) for p in (1, 2)]).padding
            ((2, 2), (2, 2))
        """
        for g in geometries:
            looked_at = _Searched(g)
            tables = [looked_at.table(e) for e in (self.mistakes, *self.others)]
            if any(table != tables[0] for table in tables):
                return g
        return None

    def __str__(self) -> str:
        lines = [self.name]
        lines += [f"  {mistake.done}" for mistake in self.mistakes]
        lines += [f"  {fix}" for fix in dict.fromkeys(mistake.fix for mistake in self.mistakes)]
        if self.others:
            more = len(self.others) - _MOST_NAMED
            rest = f", or {more} more" if more > 0 else ""
            spelt = ", or ".join(named(other) for other in self.others[:_MOST_NAMED])
            lines.append(f"  Here the same is made by: {spelt}{rest}. Another geometry can tell them apart.")
        return "\n".join(lines)

    __repr__ = __str__


def named(explanation: Explanation) -> str:
    """The names of mistakes made together."""
    return " and ".join(mistake.name for mistake in explanation)


def diagnose(own: BilinearMap, g: Geometry, *, seconds: float = 10.0) -> Diagnosis | None:
    """The known mistake that makes exactly what a function makes, or the two that do together.

    Args:
        own: the products of each output cell that the function computes.
        g: the layer that it should compute.
        seconds: after how long to give up on pairs of mistakes.

    Returns:
        None where the function is right, or where no known mistake explains it.

    Raises:
        GeometryError: a size is a symbol.
        SizeLimitError: the layer has too many products.

    Examples:
        >>> g = Geometry((4, 5), (2, 3), padding=(1, 0))
        >>> diagnose(BilinearMap.of_definition(Geometry((4, 5), (2, 3))), g).name
        'padding missing'
        >>> diagnose(BilinearMap.of_definition(g), g)
    """
    return diagnose_all([(own, g)], seconds=seconds)


def diagnose_all(cases: Sequence[Case], *, seconds: float = 10.0) -> Diagnosis | None:
    """The known mistakes that explain a function at every geometry at once.

    Args:
        cases: what the function computes at each geometry, and the geometry. It may be right at some.
        seconds: after how long to give up on pairs of mistakes.

    Returns:
        None where the function is right everywhere, or where nothing known explains all of them.

    Raises:
        RequestError: there are no cases.
        GeometryError: a size is a symbol.
        SizeLimitError: a layer has too many products.

    Examples:
        >>> layers = [Geometry((4, 4), 2, padding=p) for p in (1, 2)]
        >>> found = diagnose_all([(BilinearMap.of_definition(Geometry((4, 4), 2)), g) for g in layers])
        >>> found.name
        'padding missing'
    """
    if not cases:
        raise RequestError("cases is empty: give the function's products and the geometry, at least once")
    until = monotonic() + seconds
    searched = [(own, _Searched(g)) for own, g in cases]
    wrong = [(own, at) for own, at in searched if own != at.right]
    for together in (1, 2):
        found: dict[str, Explanation] = {}
        for own, at in wrong:
            for explanation in at.explanations(own, together, until):
                if all(at.explains(explanation, own) for own, at in searched):
                    found.setdefault(named(explanation), explanation)
            if found:  # looking for further ones at every other geometry would cost as much again
                first, *others = found.values()
                return Diagnosis(first, tuple(others), tuple(g for _, g in cases))
    return None


def diagnose_narrowly(
    own: BilinearMap,
    g: Geometry,
    others: Sequence[Geometry],
    look: Callable[[Geometry], BilinearMap | None],
) -> Diagnosis | None:
    """The same, looked at on more layers while several mistakes could be it.

    Args:
        own: the products of each output cell that the function computes.
        g: the layer that it should compute.
        others: further layers that the function can be given.
        look: what it computes there; None where that cannot be told.

    Examples:
        >>> square, further = Geometry((4, 4), 2, padding=1), Geometry((4, 4), 2, padding=2)
        >>> without = BilinearMap.of_definition(Geometry((4, 4), 2))
        >>> found = diagnose_narrowly(without, square, [further], lambda other: without)
        >>> found.name, found.others, found.geometries[1:] == (further,)
        ('padding missing', (), True)
    """
    known = [(own, g)]
    found = diagnose_all(known)
    for _ in range(_MOST_LAYERS_MORE):
        other = found.told_apart_by(others) if found and found.others else None
        there = look(other) if other else None
        narrower = diagnose_all([*known, (there, other)]) if other and there else None
        if other is None or there is None or narrower is None:
            break
        found, known = narrower, [*known, (there, other)]
    return found


class _Searched:
    """One geometry with its family of mistakes, and what each comes to there."""

    def __init__(self, g: Geometry) -> None:
        self._family = {mistake.name: mistake for mistake in mistakes(g)}
        self.right = BilinearMap.of_definition(g)
        self._attempts = Attempts(g)

    def explanations(self, own: BilinearMap, together: int, until: float) -> Iterator[Explanation]:
        """The mistakes, one or so many together, that make a function's products; those that show at all."""
        showing = [
            m for m in self._family.values() if together == 1 or not self._makes((m.change,), self.right)
        ]
        ranked = sorted(combinations(range(len(showing)), together), key=lambda ranks: (sum(ranks), ranks))
        for ranks in ranked:
            if together > 1 and monotonic() > until:
                return
            explanation = tuple(showing[rank] for rank in ranks)
            decided = [what for m in explanation for what in m.decides]
            if len(set(decided)) == len(decided) and self._makes(tuple(m.change for m in explanation), own):
                yield explanation

    def explains(self, explanation: Explanation, own: BilinearMap) -> bool:
        """Whether mistakes found at another geometry make a function's products at this one."""
        return self._makes(self._changes(explanation), own)

    def table(self, explanation: Explanation) -> BilinearMap | None:
        """What mistakes found at another geometry make at this one; None if they make nothing."""
        try:
            return self._attempts.table(self._changes(explanation))
        except (GeometryError, ValueError, IndexError):
            return None

    def _changes(self, explanation: Explanation) -> Changes:
        """Their changes; a mistake in groups, where there are none, is no change."""
        return tuple(self._family[m.name].change for m in explanation if m.name in self._family)

    def _makes(self, changes: Changes, own: BilinearMap) -> bool:
        try:
            as_made = not any(change.outputs for change in changes)
            if as_made and self._attempts.shape(changes) != own.shape:
                return False
            values, factor = self._attempts.values(changes), factor_of(changes)
            if values.shape != own.shape:
                return False
            scale, own_scale = (
                np.uint64(n % 2**64) for n in (factor.numerator * own.divisor, factor.denominator)
            )
            if not np.array_equal(values.ravel() * scale, own.values * own_scale):
                return False
            return self._attempts.table(changes) == own
        except SizeLimitError:  # a sum of everything before it, of a large layer
            return False
        except (
            GeometryError,
            ValueError,
            IndexError,
        ):  # no window fits, or two changes that exclude each other
            return False

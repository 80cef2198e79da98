"""The family of known mistakes: everything that a wrong function is compared with."""

from symconv.errors import GeometryError
from symconv.geometry import Geometry
from symconv.mistakes.array_mistakes import array_mistakes
from symconv.mistakes.kernel_mistakes import kernel_mistakes
from symconv.mistakes.mistake import Mistake
from symconv.mistakes.output_mistakes import output_mistakes
from symconv.mistakes.window_mistakes import window_mistakes


def mistakes(g: Geometry) -> tuple[Mistake, ...]:
    """The known mistakes at one geometry, simplest and likeliest first.

    A mistake has the same name at every geometry. Some cannot show at some of them: strides that are equal
    cannot be seen to be swapped.

    Raises:
        GeometryError: a size is a symbol.

    Examples:
        >>> family = mistakes(Geometry((5, 6), (2, 3), stride=(1, 2), padding=1))
        >>> [mistake.name for mistake in family if "swapped" in mistake.name][:2]
        ['strides swapped', 'padding of the axes swapped']
    """
    if g.symbols:
        raise GeometryError(
            f"{g!r} is a layer of every size, and a diagnosis is of one: "
            f"put numbers in with subs({g.symbols[0]}=…)"
        )
    makers = (kernel_mistakes, window_mistakes, array_mistakes, output_mistakes)
    return tuple(mistake for make in makers for mistake in make(g))

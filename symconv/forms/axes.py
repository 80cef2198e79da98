"""The named axes of a patch matrix: samples n, positions oh and ow, channels c, taps kh and kw."""

from symconv.errors import GeometryError
from symconv.geometry import Geometry


def spatial(letter: str, rank: int) -> tuple[str, ...]:
    """The names of the spatial axes, of positions (``"o"``) or taps (``"k"``), slowest first.

    Examples:
        >>> spatial("k", 2), spatial("o", 3)
        (('kh', 'kw'), ('od', 'oh', 'ow'))
    """
    return tuple(letter + axis for axis in ("dhw"[-rank:] if rank <= 3 else map(str, range(rank))))


def own_positions(rank: int) -> tuple[str, ...]:
    """The axes of a row of our own P, slowest first.

    Examples:
        >>> own_positions(2)
        ('n', 'oh', 'ow')
    """
    return ("n", *spatial("o", rank))


def own_taps(rank: int) -> tuple[str, ...]:
    """The axes of a column of our own P, slowest first.

    Examples:
        >>> own_taps(2)
        ('c', 'kh', 'kw')
    """
    return ("c", *spatial("k", rank))


def own_axes(rank: int) -> tuple[str, ...]:
    """The axes of our own P, slowest first: those of its rows, then those of its columns."""
    return (*own_positions(rank), *own_taps(rank))


def axis_sizes(g: Geometry) -> dict[str, int]:
    """How many cells each named axis has.

    Raises:
        GeometryError: a size is a symbol.

    Examples:
        >>> axis_sizes(Geometry((5, 7), (2, 3), in_channels=4))
        {'n': 1, 'oh': 4, 'ow': 5, 'c': 4, 'kh': 2, 'kw': 3}
    """
    if g.symbols:
        raise GeometryError(
            f"{g!r} is a layer of every size, and a layout is one of numbers: "
            f"put numbers in with subs({g.symbols[0]}=…)"
        )
    sizes = (g.batch, *g.output_size, g.in_channels, *g.kernel_size)
    return dict(zip(own_axes(g.rank), sizes, strict=True))


def shown(names: tuple[str, ...]) -> str:
    """Axes merged into one, as they are written.

    Examples:
        >>> shown(("c", "kh", "kw"))
        '(c kh kw)'
    """
    return f"({' '.join(names)})"

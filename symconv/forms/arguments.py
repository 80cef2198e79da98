"""What the forms are given, read once: arrays in a layer's own shape, and layers whose sizes are numbers."""

from typing import Any

from symconv.entries import Array, as_symbolic, is_symbolic, read_array
from symconv.errors import ArrayError, GeometryError
from symconv.geometry import Geometry


def fitted(values: Any, shape: tuple[int, ...], name: str) -> Array:
    """A caller's array in the layer's own shape, from which leading axes of one entry may be left out.

    Raises:
        ArrayError: its shape is another one.

    Examples:
        >>> fitted([[1, 2]], (1, 1, 2), "x").shape
        (1, 1, 2)
    """
    array = read_array(values, name)
    if (1,) * (len(shape) - array.ndim) + array.shape != shape:
        raise ArrayError(f"{name} has shape {array.shape}: give an array of shape {shape}")
    return as_symbolic(array).reshape(shape) if is_symbolic(array) else array.reshape(shape)


def refuse_symbols(g: Geometry) -> None:
    """Raise unless all sizes of a layer are numbers.

    Raises:
        GeometryError: one is a symbol.
    """
    if g.symbols:
        raise GeometryError(
            f"{g!r} has the symbol {g.symbols[0]} for a size: put a number in with subs({g.symbols[0]}=…)"
        )

"""What the forms are given, read once: arrays in a layer's own shape, maps, layers without symbols."""

from typing import Any

from symconv.entries import Array, as_symbolic, is_symbolic, read_array
from symconv.errors import ArrayError, GeometryError
from symconv.geometry import Geometry
from symconv.index_map import Map


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


def read_map(numbers: Any, like: Map, cells: int, name: str) -> Map:
    """A caller's own map, of the right shape and with numbers that cells have; nobody changes it afterwards.

    Raises:
        ArrayError: it has another shape, or a number that no cell has.

    Examples:
        >>> import numpy as np
        >>> read_map([[1, 0]], np.array([[0, 1]]), 2, "patch_map")
        array([[1, 0]])
    """
    read = read_array(numbers, name)
    if read.shape != like.shape or read.dtype.kind not in "iu":
        raise ArrayError(
            f"{name} has shape {read.shape} and entries of {read.dtype}: give integers of shape {like.shape}"
        )
    wrong = read[(read < 0) | (read > cells)]
    if wrong.size:
        raise ArrayError(
            f"{name} holds {wrong[0]}: give cell numbers from 0 to {cells - 1}, or {cells} for a zero"
        )
    read = read.astype(like.dtype)  # a copy, of a type which holds every number that a cell has
    read.flags.writeable = False
    return read


def refuse_symbols(g: Geometry) -> None:
    """Raise unless all sizes of a layer are numbers.

    Raises:
        GeometryError: one is a symbol.
    """
    if g.symbols:
        raise GeometryError(
            f"{g!r} has the symbol {g.symbols[0]} for a size: put a number in with subs({g.symbols[0]}=…)"
        )

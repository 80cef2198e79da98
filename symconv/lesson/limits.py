"""How large a layer on a page may be: what is shown there is symbols, table cells and text."""

from math import prod

from symconv.errors import BlockError
from symconv.geometry import Geometry

MOST_CELLS = 65_536  # of an input, of all kernels, of an output: 256×256
MOST_PADDED = 1_000_000  # of an input with its padding
MOST_ENTRIES = 4_000_000  # of a matrix, which is gathered whole before it is shortened


def refuse_if_too_large(g: Geometry, *, written: bool = True) -> None:
    """Refuse a layer that no page can hold.

    Args:
        g: the layer.
        written: whether its cells are written out; if not, it is only proved and counted.

    Raises:
        BlockError: which of its parts is too large, and how large it may be.

    Examples:
        >>> refuse_if_too_large(Geometry((224, 224), 7, stride=2, padding=3))
    """
    if g.rank > 2:
        raise BlockError(
            f"input={'x'.join(map(str, g.input_size))} has {g.rank} axes, and a page draws one or two: "
            "write a size such as 3 or 3x3"
        )
    padded = [n + before + after for n, (before, after) in zip(g.input_size, g.padding, strict=True)]
    parts = {
        "input": (prod(g.input_shape), MOST_CELLS, "cells"),
        "kernel": (prod(g.kernel_shape), MOST_CELLS, "weights"),
        "padding": (g.in_channels * prod(padded), MOST_PADDED, "cells with the input"),
        "output": (prod(g.output_shape), MOST_CELLS, "cells"),
        "patch matrix": (prod(g.patch_matrix_shape), MOST_ENTRIES, "entries"),
        "weight matrix": (prod(g.weight_matrix_shape), MOST_ENTRIES, "entries"),
    }
    for name, (size, most, what) in parts.items():
        most = most if written else MOST_ENTRIES
        if size > most:
            raise BlockError(
                f"{name}: {size:,} {what} are more than a page can hold, at most {most:,}: "
                "choose a smaller input, less padding, fewer kernels or a larger stride"
            )

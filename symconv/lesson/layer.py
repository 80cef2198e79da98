"""The layer that a block's sizes or numbers describe: letters for sizes, numbers as they stand."""

from math import prod
from typing import Any

from symconv.entries import Array, read_array
from symconv.errors import BlockError
from symconv.geometry import Geometry
from symconv.lesson.limits import MOST_CELLS, refuse_if_too_large
from symconv.lesson.words import read_int, read_ints, read_padding, read_rows, read_size
from symconv.symbols import symbolic
from symconv.unroll import Unrolled, unroll

LAYER_KEYS = ("input", "kernel", "kernels", "channels", "stride", "padding", "dilation", "groups")


def read_layer(values: dict[str, Any], start: int) -> Unrolled:
    """The unrolled layer of a block.

    Args:
        values: the block's keys with their text, nested lists of text where lists were written.
        start: what the indices of letters begin with.

    Raises:
        SymconvError: the layer is impossible, or larger than a page can hold.

    Examples:
        >>> read_layer({"input": "3x3", "kernel": "2x2"}, start=0).output.shape
        (2, 2)
    """
    for key in ("input", "kernel"):
        if key not in values and not (key == "kernel" and isinstance(values.get("kernels"), list)):
            raise BlockError(f"{key} is missing: write “{key}: 3x3” for letters, or its rows of numbers")
    words: dict[str, Any] = {
        "stride": read_ints(values.get("stride", "1"), "stride"),
        "padding": read_padding(values.get("padding", "0")),
        "dilation": read_ints(values.get("dilation", "1"), "dilation"),
        "groups": read_count(values, "groups"),
    }
    x, rank = _input(values, start)
    w = _kernels(values, 1 if x.ndim == rank else len(x), rank, words["groups"], start)
    if w.ndim > rank and x.ndim == rank:  # several kernels over one channel
        x = x[None]
    elif w.ndim == rank and x.ndim > rank:
        w = w[None, None]
    refuse_if_too_large(Geometry.of_arrays(x.shape, w.shape, **words))
    layer: Unrolled = unroll(x, w, start=start, max_entries=None, **words)
    return layer


def read_geometry(values: dict[str, Any]) -> Geometry:
    """The layer of sizes alone, of which nothing is written out: of any size, and with a batch.

    Args:
        values: the block's keys with their text; ``batch`` among them.

    Raises:
        SymconvError: the layer is impossible, or given in numbers.

    Examples:
        >>> read_geometry({"input": "56x56", "kernel": "3", "channels": "64", "batch": "16"}).input_shape
        (16, 64, 56, 56)
    """
    sizes = {}
    for key in ("input", "kernel"):
        if not isinstance(values.get(key), str):
            raise BlockError(
                f"{key} is missing or no size: write “{key}: 3x3” for a layer whose cost is counted"
            )
        sizes[key] = read_size(values[key], key)
        if min(sizes[key]) < 1:
            raise BlockError(f"{key}={values[key]} has no cells: write a size of at least 1x1")
    rank = len(sizes["input"])
    kernel = sizes["kernel"] * rank if len(sizes["kernel"]) == 1 else sizes["kernel"]
    if len(kernel) != rank:
        raise BlockError(
            f"kernel={values['kernel']} has {len(kernel)} axes for an input of {rank}: write as many"
        )
    return Geometry(
        sizes["input"],
        kernel,
        read_count(values, "channels"),
        read_count(values, "kernels"),
        read_count(values, "batch"),
        stride=read_ints(values.get("stride", "1"), "stride"),
        padding=read_padding(values.get("padding", "0")),
        dilation=read_ints(values.get("dilation", "1"), "dilation"),
        groups=read_count(values, "groups"),
    )


def read_drawn(values: dict[str, Any], *, drawn: bool) -> tuple[Geometry, Unrolled | None]:
    """A layer that is proved, and its cells if they are drawn: without them it may be a larger one.

    Args:
        values: the block's keys with their text.
        drawn: whether cells are to be shown; numbers are read in any case.

    Raises:
        SymconvError: the layer is impossible, or larger than a page can prove or show.

    Examples:
        >>> values = {"input": "56x56", "kernel": "3x3", "channels": "64", "kernels": "64", "stride": "2"}
        >>> read_drawn(values, drawn=False)[0].output_size
        (27, 27)
    """
    if drawn or not all(isinstance(values.get(key), str) for key in ("input", "kernel")):
        layer = read_layer(values, 0)
        return layer.geometry, layer
    g = read_geometry(values)
    refuse_if_too_large(g, written=False)
    return g, None


def read_count(values: dict[str, Any], key: str) -> int:
    """A number of things, one if there is no such key."""
    count = read_int(values.get(key, "1"), key)
    if count < 1:
        raise BlockError(f"{key}={count} is not a number of {key}: write one of at least 1")
    return count


def _input(values: dict[str, Any], start: int) -> tuple[Array, int]:
    """The input's numbers or its letters x, channels in front if there are any; and how many axes it has."""
    given = values["input"]
    if isinstance(given, str):
        sizes = drawn_size(given, "input")
        shape = (read_count(values, "channels"), *sizes) if "channels" in values else sizes
        if prod(shape) > MOST_CELLS:
            raise BlockError(
                f"channels={shape[0]} makes an input of {prod(shape):,} cells, and a page shows at most "
                f"{MOST_CELLS:,}: write fewer channels"
            )
        return symbolic("x", shape, start), len(sizes)
    x = written_numbers(given, "input")
    if x.ndim > 3:
        raise BlockError(f"input has {x.ndim} axes: give a row, rows, or one set of rows per channel")
    if "channels" in values and (len(x) if x.ndim == 3 else 1) != read_count(values, "channels"):
        raise BlockError(
            f"channels={values['channels']} does not fit the numbers of input: leave channels out"
        )
    return x, min(x.ndim, 2)


def _kernels(values: dict[str, Any], channels: int, rank: int, groups: int, start: int) -> Array:
    """The kernels' numbers or their letters w; bare where there is one channel and one kernel."""
    kernels, kernel = values.get("kernels"), values.get("kernel")
    if isinstance(kernels, list):
        return _listed_kernels(kernels, kernel, rank)
    if not isinstance(kernel, str):
        if read_count(values, "kernels") != 1:
            raise BlockError(
                f"kernels={kernels} does not fit one kernel of numbers: list them all under kernels"
            )
        one = _one_kernel(kernel, rank)
        return one[0] if len(one) == channels == 1 else one[None]
    sizes = drawn_size(kernel, "kernel")
    sizes = sizes * rank if len(sizes) == 1 else sizes
    if len(sizes) != rank:
        raise BlockError(f"kernel={kernel} has {len(sizes)} axes for an input of {rank}: write as many")
    filters = read_count(values, "kernels")
    if filters == channels == 1:
        return symbolic("w", sizes, start)
    if channels % groups:
        raise BlockError(
            f"groups={groups} does not divide channels={channels}: write a divisor of {channels}"
        )
    shape = (filters, channels // groups, *sizes)
    if prod(shape) > MOST_CELLS:
        raise BlockError(
            f"kernels={filters} makes {prod(shape):,} weights, and a page shows at most {MOST_CELLS:,}: "
            "write fewer or smaller kernels"
        )
    return symbolic("w", shape, start)


def _listed_kernels(kernels: list[Any], kernel: Any, rank: int) -> Array:
    """A list of kernels, each of numbers."""
    if kernel is not None:
        raise BlockError("kernel does not go with a list of kernels: leave kernel out")
    if not kernels:
        raise BlockError("kernels is an empty list: list kernels of numbers, or write how many there are")
    for one in kernels:
        if isinstance(one, str):
            raise BlockError(
                f"kernels lists {one!r}, and a list is for kernels of numbers: "
                "for letters write how many there are, and their size under kernel"
            )
    return read_array([_one_kernel(k, rank).tolist() for k in kernels], "kernels")


def _one_kernel(given: Any, rank: int) -> Array:
    """One filter's kernel of numbers, shape (C, *kernel)."""
    kernel = written_numbers(given, "kernel")
    if kernel.ndim not in (rank, rank + 1):
        raise BlockError(
            f"kernel has {kernel.ndim} axes for an input of {rank}: give as many, or one array per channel"
        )
    return kernel if kernel.ndim == rank + 1 else kernel[None]


def drawn_size(text: str, key: str) -> tuple[int, ...]:
    """A size of one or two axes, none of them empty and not too many cells."""
    sizes = read_size(text, key, ", or rows such as [[1, 2], [3, 4]]")
    if min(sizes) < 1:
        raise BlockError(f"{key}={text} has no cells: write a size of at least 1x1")
    if len(sizes) > 2:
        raise BlockError(
            f"{key}={text} has {len(sizes)} axes, and a page draws one or two: write one such as 3x3"
        )
    if prod(sizes) > MOST_CELLS:
        raise BlockError(
            f"{key}={text} has {prod(sizes):,} cells, and a page shows at most {MOST_CELLS:,}: "
            "write a smaller size"
        )
    return sizes


def written_numbers(given: Any, key: str) -> Array:
    """Rows of numbers and letters as an array."""
    if not isinstance(given, list):
        raise BlockError(f"{key} is neither a size nor rows of numbers: write 3x3, or [[1, 2], [3, 4]]")
    array = read_array(read_rows(given, key), key)
    if array.size > MOST_CELLS:
        raise BlockError(
            f"{key} has {array.size:,} cells, and a page can show {MOST_CELLS:,}: give fewer rows"
        )
    return array

"""A complete lesson page for one layer, as Markdown that builds as it is.

Writes blocks, not numbers: what stands on the page is derived and proved when the page is built. Needs
nothing but the standard library, so that a page can be written where no site is built.
"""

from math import prod

from symconv.errors import RequestError
from symconv.geometry import Geometry
from symconv.lesson.exercises.exercise import MOST_CELLS as MOST_ASKED
from symconv.lesson.interactive import MOST_CELLS, drawn_cells
from symconv.lesson.limits import refuse_if_too_large

MOST_NUMBERS = 144  # cells of an input whose numbers are written out


def lesson_page(g: Geometry, *, title: str = "", start: int = 0) -> str:
    """The text of a lesson about one layer.

    Args:
        g: the layer; one or two axes, one sample, padding with zeros.
        title: the page's heading; one that names the sizes by default.
        start: what indices begin with, 0 or 1.

    Returns:
        Markdown with ``symconv`` blocks.

    Raises:
        BlockError: the layer is larger than a page can hold.
        RequestError: the layer has a batch, a bias or a padding mode, which pages do not show.

    Examples:
        >>> print(lesson_page(Geometry((5, 5), 3, stride=2)).splitlines()[0])
        # A 5×5 input under a 3×3 kernel
    """
    kernels = f"{g.out_channels} kernels" if g.out_channels > 1 else "one kernel"
    sections = [
        f"# {_one_line(title) or _title(g)}",
        f"Here {kernels} of {_times(g.kernel_size)} {'go' if g.out_channels > 1 else 'goes'} over an input "
        f"of {_times(g.input_size)}{_channels(g)}{_conditions(g)}. Below is the same layer window by window, "
        "and as one matrix product. Everything was derived while this page was built, and proved.",
        *layer_sections(g, start=start),
    ]
    return "\n\n".join(sections) + "\n"


def layer_sections(g: Geometry, *, start: int = 0) -> list[str]:
    """The sections of a lesson about one layer, each a heading, words or a block; as for ``lesson_page``.

    Examples:
        >>> layer_sections(Geometry((5, 5), 3, stride=2))[0]
        '## The layer'
    """
    plain = g.padding_mode == "zeros" and not g.bias and g.batch == 1
    if not plain:
        raise RequestError(f"{g!r} is not a layer for a page: leave out padding_mode, bias and batch")
    if start not in (0, 1):
        raise RequestError(f"start={start!r} is not a way to count here: give 0 or 1")
    refuse_if_too_large(g)
    letters = keys_of_letters(g, start)
    numbers = keys_of_numbers(g, start) if numbers_fit(g) else letters
    return [
        "## The layer",
        block(letters, ["input", "kernel", "output", "formula", "sizes"]),
        "## Window by window",
        "The weights are laid over a window of the input, each cell is multiplied by the weight on it, "
        "and the products are added up. Then the kernel moves on.",
        block(numbers, ["input", "kernel", "windows"]),
        "## One window as a dot product",
        "The window is laid out as a row, the kernel as a column.",
        block(numbers, ["sum", "dot"]),
        "## All windows at once",
        "The rows are stacked: the patch matrix. The weights stand beside it once"
        + (", a column for each kernel." if g.out_channels > 1 else "."),
        block(numbers, ["patches", "weights", "product"]),
        "The columns of the product, folded back into rows, are the activation "
        + ("maps." if g.out_channels > 1 else "map."),
        block(numbers, ["fold"]),
        *_figure(g, numbers),
        "## With letters, and proved",
        block(letters, ["product", "proof"]),
        "## Your turn",
        _exercise(g, letters),
    ]


def _figure(g: Geometry, numbers: dict[str, str]) -> list[str]:
    """The figure that answers back, of a layer that is not too large for it."""
    if drawn_cells(g) > MOST_CELLS:
        return []
    return [
        "## Step through it",
        "Point at a cell, or step with the buttons or the arrow keys: what belongs together lights up.",
        block(numbers, ["figure"]),
    ]


def _title(g: Geometry) -> str:
    kernels = f"{g.out_channels} kernels of {_times(g.kernel_size)}" if g.out_channels > 1 else ""
    return f"A {_times(g.input_size)} input under {kernels or f'a {_times(g.kernel_size)} kernel'}"


def _one_line(title: str) -> str:
    return " ".join(title.split())


def _times(sizes: tuple[int, ...]) -> str:
    return "×".join(map(str, sizes))


def _channels(g: Geometry) -> str:
    return f" with {g.in_channels} channels" if g.in_channels > 1 else ""


def _conditions(g: Geometry) -> str:
    """The hyper-parameters that are not the plain ones, in words."""
    shown = [f"{name} {value}" for name, value in _hyper_parameters(g).items()]
    return f", with {', '.join(shown)}" if shown else ""


def _hyper_parameters(g: Geometry) -> dict[str, str]:
    """Those that are not the plain ones, as an author writes them."""
    named = {name: _short(getattr(g, name)) for name in ("stride", "padding", "dilation", "groups")}
    return {name: value for name, value in named.items() if value != ("0" if name == "padding" else "1")}


def _short(value: object) -> str:
    """A hyper-parameter as an author writes it: one number where that says it all."""
    if not isinstance(value, tuple):
        return str(value)
    flat = {n for v in value for n in (v if isinstance(v, tuple) else (v,))}
    return str(flat.pop()) if len(flat) == 1 else str([list(v) if isinstance(v, tuple) else v for v in value])


def numbers_fit(g: Geometry) -> bool:
    """Whether the numbers of a layer's input can be written out: rows of numbers are always one channel's."""
    return (g.rank == 2 or g.in_channels == 1) and prod(g.input_shape) <= MOST_NUMBERS


def keys_of_letters(g: Geometry, start: int) -> dict[str, str]:
    """The keys of a block of letters."""
    keys = {"input": "x".join(map(str, g.input_size)), "kernel": "x".join(map(str, g.kernel_size))}
    if g.out_channels > 1:
        keys["kernels"] = str(g.out_channels)
    if g.in_channels > 1:
        keys["channels"] = str(g.in_channels)
    keys |= _hyper_parameters(g)
    if start:
        keys["start"] = str(start)
    return keys


def keys_of_numbers(g: Geometry, start: int) -> dict[str, str]:
    """The keys of a block of numbers: an input that counts up, kernels that count down."""
    keys = keys_of_letters(g, start)
    keys.pop("channels", None)
    inputs = list(range(1, prod(g.input_shape) + 1))
    weights = [(9 - i) % 10 for i in range(prod(g.kernel_shape))]
    bare = g.in_channels == g.out_channels == 1
    keys["input"] = str(_nested(inputs, g.input_size if bare or g.in_channels == 1 else g.input_shape[1:]))
    if bare:
        keys["kernel"] = str(_nested(weights, g.kernel_size))
    else:
        keys.pop("kernel")
        keys["kernels"] = str(_nested(weights, g.kernel_shape))
    return keys


def _nested(values: list[int], shape: tuple[int, ...]) -> object:
    if len(shape) == 1:
        return values
    step = len(values) // shape[0]
    return [_nested(values[i : i + step], shape[1:]) for i in range(0, len(values), step)]


def layer_block(g: Geometry, show: list[str], start: int = 0) -> str:
    """A block that shows these parts of a layer, its cells as letters.

    Examples:
        >>> print(layer_block(Geometry((5, 5), 3, stride=2), ["sizes"]))
        ```symconv
        input: 5x5
        kernel: 3x3
        stride: 2
        show: [sizes]
        ```
    """
    return block(keys_of_letters(g, start), show)


def block(keys: dict[str, str], show: list[str]) -> str:
    """A block with these keys that shows these parts."""
    return _lines({**keys, "show": f"[{', '.join(show)}]"})


def _exercise(g: Geometry, letters: dict[str, str]) -> str:
    """An exercise about the layer; about its sizes where P is too large to fill in."""
    if prod(g.patch_matrix_shape) > MOST_ASKED:
        keys = {key: value for key, value in letters.items() if key != "start"}
        return _lines({"exercise": "output_size", **keys})
    return _lines({"exercise": "patches", **letters})


def _lines(keys: dict[str, str]) -> str:
    return "\n".join(["```symconv", *(f"{key}: {value}" for key, value in keys.items()), "```"])

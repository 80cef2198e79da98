"""A lesson page about one layer of a model: its own sizes and their proof, and a crop of it window by window.

A layer of a model is too large to be read cell by cell. The page counts it as it is; then it keeps the
kernel, the stride, the dilation and the padding, and crops the input and the channels to what can be read.
"""

from collections.abc import Sequence
from typing import Any

from symconv.errors import BlockError, RequestError
from symconv.forms.transposed_sizes import TransposedSizes
from symconv.geometry import Geometry
from symconv.lesson.limits import refuse_if_too_large
from symconv.lesson.page import block, layer_block, layer_sections
from symconv.models.layer import ModelLayer
from symconv.models.model import Model
from symconv.models.table import counted, rounded, times

WINDOWS = 3  # along each axis of the crop
STAMPS = 2  # along each axis of the crop of a transposed convolution
MOST_CHANNELS = 2  # of the crop, in each of as many groups
LARGE = 1 << 10  # a size that the file leaves open, before it is cropped


def model_lesson(model: Model, layer: str) -> str:
    """The text of a lesson page about one layer of a model.

    Args:
        model: what ``read_onnx`` returned.
        layer: the layer's name; or its number as text, counted from 1.

    Returns:
        Markdown with ``symconv`` blocks; it builds as it is.

    Raises:
        RequestError: there is no such layer, or it has no geometry.
        BlockError: the layer has three axes, or a kernel larger than a page can hold.
    """
    found = find_layer(model, layer)
    g = found.geometry
    if g is None:
        raise RequestError(f"layer={layer!r} of {model.name} has no geometry, as {found.why}: choose another")
    if g.rank > 2:
        raise BlockError(
            f"layer={layer!r} has {g.rank} axes, and a page draws one or two: choose another layer"
        )
    about = [
        f"# {_code(found.name)} of {_code(model.name)}",
        f"{_opening(found, g)} Its sizes were counted by `symconv model` when this page was written; every "
        "block below is derived and proved while it is built.",
        "## The layer as it is",
        _table(found, g),
    ]
    crop = _transposed_sections(found.transposed) if found.transposed else _sections(g)
    return "\n\n".join([*about, *_whole(found, g), *crop]) + "\n"


def find_layer(model: Model, layer: str) -> ModelLayer:
    """A layer by its name, or by its number, counted from 1.

    Raises:
        RequestError: there is no such layer.
    """
    named = any(one.name == layer for one in model)
    if not named and layer.isascii() and layer.isdigit() and 0 < int(layer[:9]) <= len(model):
        return model[int(layer) - 1]
    return model[layer]


def _opening(layer: ModelLayer, g: Geometry) -> str:
    what = "transposed convolution" if layer.transposed else "convolution"
    groups = f", in {g.groups} groups" if g.groups != 1 else ""
    return f"This {what} is the node {_code(layer.name)}, a `{layer.operator}`{groups}."


def _table(layer: ModelLayer, g: Geometry) -> str:
    """The layer's own sizes, as Markdown."""
    shapes = {"input": layer.input_shape, "kernels": g.kernel_shape, "output": layer.output_shape}
    rows = [(name, times(shape or ())) for name, shape in shapes.items()]
    rows += [(name.replace("_", " "), str(value)) for name, value in layer.hyper_parameters.items()]
    rows += [
        ("patch matrix P", times(layer.patch_matrix_shape or ())),
        ("weight matrix W", times(layer.weight_matrix_shape or ())),
        ("products", counted(layer.products)),
        ("P against the input", f"{rounded(layer.expansion)} times as many entries"),
    ]
    lines = [f"| {name} | {text} |" for name, text in rows]
    return "\n".join(["| | |", "|---|---|", *lines])


def _whole(layer: ModelLayer, g: Geometry) -> list[str]:
    """The layer itself in a block, if a page can hold it; else the theorem that it is an instance of."""
    name = "transpose" if layer.transposed else "im2col"
    theorem = block({"theorem": name, "axes": str(g.rank)}, ["statement", "proof"])
    try:
        if g.symbols or layer.transposed:
            raise BlockError("it is of every size")
        refuse_if_too_large(g)
    except BlockError:
        return ["What is claimed of it holds at every size, so for this layer too:", theorem]
    return [
        "The product, shortened, and its proof at these very sizes:",
        layer_block(_of_letters(g), ["product", "sizes", "proof"]),
    ]


def _of_letters(g: Geometry) -> Geometry:
    """The layer as pages show it: one sample, no bias."""
    return replace_sizes(g, g.input_size, g.in_channels, g.out_channels, g.groups)


def cropped(g: Geometry) -> Geometry:
    """The same kernel, stride, dilation and padding over few windows, of few channels in few groups.

    Examples:
        >>> cropped(Geometry((224, 224), 7, 3, 64, 16, stride=2, padding=3))
        Geometry(input_size=(7, 7), kernel_size=(7, 7), in_channels=2, out_channels=2, stride=(2, 2),
        padding=((3, 3), (3, 3)))
    """
    g = g.subs(**{symbol.name: LARGE for symbol in g.symbols})
    groups = min(g.groups, MOST_CHANNELS)
    channels = groups * min(g.in_channels // g.groups, MOST_CHANNELS)
    filters = groups * min(g.out_channels // g.groups, MOST_CHANNELS)
    sizes = []
    for n, k, s, d, (before, after) in zip(
        g.input_size, g.kernel_size, g.stride, g.dilation, g.padding, strict=True
    ):
        spread = d * (k - 1) + 1
        sizes.append(min(n, max(spread, spread + (WINDOWS - 1) * s - before - after)))
    return replace_sizes(g, sizes, channels, filters, groups)


def replace_sizes(g: Geometry, sizes: Sequence[int], channels: int, filters: int, groups: int) -> Geometry:
    """A layer of one sample, without a bias, with the hyper-parameters of another."""
    return Geometry(
        sizes,
        g.kernel_size,
        channels,
        filters,
        stride=g.stride,
        padding=g.padding,
        dilation=g.dilation,
        groups=groups,
    )


def _sections(g: Geometry) -> list[str]:
    crop = cropped(g)
    channels, kernels = _count(crop.in_channels, "channel"), _count(crop.out_channels, "kernel")
    words = (
        f"To be read cell by cell, the input is cropped to {times(crop.input_size)} and {channels}, with "
        f"{kernels}. Kernel size, stride, dilation and padding are the layer's own."
    )
    return [
        "## On a cropped input",
        words,
        *("#" * s.startswith("## ") + s for s in layer_sections(crop)),
    ]


def _transposed_sections(sizes: TransposedSizes) -> list[str]:
    g = sizes.geometry.subs(**{symbol.name: LARGE for symbol in sizes.geometry.symbols})
    lengths = [n if isinstance(n, int) else LARGE for n in sizes.input_size]
    crop = [min(n, STAMPS) for n in lengths]
    keys = {"form": "transposed", "input": times(tuple(crop)), "kernel": times(g.kernel_size)}
    hyper = {
        "stride": g.stride,
        "padding": g.padding,
        "output_padding": sizes.output_padding,
        "dilation": g.dilation,
    }
    keys |= {name: listed(value) for name, value in hyper.items()}
    words = (
        f"To be read cell by cell, one channel of the input is cropped to {times(tuple(crop))}. "
        "Kernel size, stride, dilation and padding are the layer's own."
    )
    return [
        "## On a cropped input",
        words,
        block(keys, ["stamps", "product"]),
        "The same output is a convolution of stride 1, over the input with zeros inserted:",
        block(keys, ["stride_one", "proof"]),
    ]


def listed(value: tuple[Any, ...]) -> str:
    """A hyper-parameter as a block has it.

    Examples:
        >>> listed(((1, 2), (0, 0)))
        '[[1, 2], [0, 0]]'
    """
    return str([list(v) if isinstance(v, tuple) else v for v in value])


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _code(name: str) -> str:
    """A name from a file as code, in which nothing is Markdown or HTML."""
    return f"`{name.replace('`', chr(39)).strip() or 'unnamed'}`"

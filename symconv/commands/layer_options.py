"""The options that describe a layer, shared by commands, and the layer that they describe."""

from collections.abc import Callable
from typing import Any

import click

from symconv.geometry import Geometry
from symconv.lesson.words import read_int, read_size
from symconv.sizes import PADDING_FORMS

LAYER_OPTIONS = [
    click.option(
        "--input", "input_size", required=True, metavar="SIZE", help="Size of the input, such as 5x5."
    ),
    click.option(
        "--kernel", "kernel_size", required=True, metavar="SIZE", help="Size of a kernel, such as 3x3."
    ),
    click.option("--kernels", default=1, show_default=True, help="Number of kernels (filters)."),
    click.option("--channels", default=1, show_default=True, help="Channels of the input."),
    click.option("--groups", default=1, show_default=True, help="Groups of channels."),
    click.option(
        "--stride", default="1", show_default=True, metavar="N[,N]", help="Cells from window to window."
    ),
    click.option(
        "--padding",
        default="0",
        show_default=True,
        metavar="N[,N]",
        help="Cells around the input; 0:1,2:2 for pairs, or same, same_upper, same_lower.",
    ),
    click.option(
        "--dilation", default="1", show_default=True, metavar="N[,N]", help="Cells from tap to tap."
    ),
]


def layer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command that takes a layer."""
    for option in reversed(LAYER_OPTIONS):
        command = option(command)
    return command


def geometry_of(
    input_size: str,
    kernel_size: str,
    kernels: int,
    channels: int,
    groups: int,
    stride: str,
    padding: str,
    dilation: str,
    batch: int = 1,
) -> Geometry:
    """The layer that the options describe."""
    return Geometry(
        _size(input_size, "--input"),
        _size(kernel_size, "--kernel"),
        channels,
        kernels,
        batch,
        stride=per_axis(stride, "--stride"),
        padding=read_padding(padding),
        dilation=per_axis(dilation, "--dilation"),
        groups=groups,
    )


def _size(text: str, option: str) -> int | tuple[int, ...]:
    """A size such as 3x3; a single number stands for as many axes as the other size has."""
    size = read_size(text, option)
    return size[0] if len(size) == 1 else size


def per_axis(text: str, option: str) -> int | list[int]:
    """One whole number, or one per axis."""
    values = [read_int(v, option) for v in text.split(",")]
    return values[0] if len(values) == 1 else values


def read_padding(text: str) -> Any:
    """Padding as it is written on a command line."""
    if text.strip() in PADDING_FORMS:
        return text.strip()
    if text.strip()[:1].isalpha():
        forms = ", ".join(map(repr, PADDING_FORMS))
        raise click.ClickException(f"--padding={text!r} is unknown: write numbers, or one of {forms}")
    values = [[read_int(v, "--padding") for v in part.split(":")] for part in text.split(",")]
    if len(values) == 1 and len(values[0]) == 1:
        return values[0][0]
    return [v[0] if len(v) == 1 else v for v in values]

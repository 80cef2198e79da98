"""Which layout somebody's im2col has: its input's cells are numbered, and the numbers read back."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from symconv.entries import Array, read_array
from symconv.errors import ArrayError, RequestError
from symconv.forms.arrangement import Layout
from symconv.forms.axes import axis_sizes, own_axes
from symconv.forms.channels import to_nhwc
from symconv.forms.layouts import layouts
from symconv.forms.mistakes import counted_from_one, mistakes
from symconv.geometry import Geometry
from symconv.index_map import index_map
from symconv.proof.verdict import Tier

USUAL = Geometry((5, 7), (2, 3), in_channels=2, batch=2)  # small, and no two of its axes are alike
_PASSED = {
    "stride": ("stride", "strides"),
    "padding": ("padding", "pad", "pads"),
    "dilation": ("dilation", "dilations"),
}  # hyper-parameters, and the names that people give them


@dataclass(frozen=True, repr=False)
class LayoutMatch:
    """What an im2col turned out to be: truthy when it is a known layout.

    Attributes:
        layouts: the known layouts that it cannot be told from at this geometry, by name.
        geometry: the layer it was tried at.
        order: where no known layout fits: the axes as they lie in memory, slowest first.
        mistake: what seems to have gone wrong, as a sentence; empty where nothing was recognised.
        closest: the known layout of this shape that it agrees with in most entries, if there is one.
        agreeing: in how many entries.
        entries: how many there are.
        place: the first entry that differs from the closest layout.
        found: the cell there, counted from 1, 0 for padding.
        wanted: the cell that the closest layout has there.
        tier: ``sampled``: one input was looked at, so a function that looks at values is not found out.

    Examples:
        >>> from symconv.forms.unfolding import unfold
        >>> identify_layout(lambda x: unfold(x, 2).reshape(-1, 12), Geometry((3, 3), 2, 3, batch=2))
        Not a known layout (tier: sampled),
        tried at Geometry(input_size=(3, 3), kernel_size=(2, 2), in_channels=3, batch=2).
        The cells lie in memory in the order n c kh kw oh ow, as in torch, but in the shape (8, 12) where
        torch has (2, 12, 4): what reads it by rows and columns needs a transpose before the reshape.
    """

    layouts: tuple[str, ...]
    geometry: Geometry
    order: tuple[str, ...] = ()
    mistake: str = ""
    closest: str = ""
    agreeing: int = 0
    entries: int = 0
    place: tuple[int, ...] = ()
    found: int = 0
    wanted: int = 0
    tier: Tier = Tier.SAMPLED

    def __bool__(self) -> bool:
        return bool(self.layouts)

    def __repr__(self) -> str:
        tried = f"(tier: {self.tier}),\ntried at {self.geometry!r}."
        if self.layouts:
            several = ", which cannot be told apart here" if len(self.layouts) > 1 else ""
            return f"The layout of {' or '.join(self.layouts)}{several} {tried}"
        said = self.mistake or "Nothing was recognised in it."
        if self.closest and not self.mistake:
            said = (
                f"The closest is {self.closest}: {self.agreeing:,} of {self.entries:,} entries agree;\n"
                f"the first that does not, {self.place}, has cell {self.found} where "
                f"{self.closest} has cell {self.wanted}."
            )
        return f"Not a known layout {tried}\n{said}"


def identify_layout(subject: Any, geometry: Geometry = USUAL, *, channels_last: bool = False) -> LayoutMatch:
    """Tell which layout an im2col has, by numbering the cells of its input and reading the numbers back.

    Args:
        subject: a function, called with the numbers 1, 2, … as an input (N, C, *spatial); if it needs more,
            with the kernel size, as one tuple or axis by axis; and with stride, padding and dilation by
            name, if it has such parameters. Or what it made of
            ``np.arange(1, n + 1).reshape(geometry.input_shape)``.
        geometry: the layer to try it at.
        channels_last: whether the function takes (N, *spatial, C).

    Returns:
        The known layouts that fit, as the libraries' arrays or as matrices; else the order of the axes, or a
        known mistake (a shape without its transpose, the kernel turned by 180°, a hyper-parameter lost or
        exchanged), or the closest layout, as far as one was recognised.

    Raises:
        RequestError: the function needs other arguments than these.
        ArrayError: what came back are not numbers of cells.
        GeometryError: a size of the layer is a symbol.

    Examples:
        >>> from symconv.forms.unfolding import unfold
        >>> identify_layout(unfold)
        The layout of torch (tier: sampled),
        tried at Geometry(input_size=(5, 7), kernel_size=(2, 3), in_channels=2, batch=2).
        >>> identify_layout(lambda x: unfold(x[..., ::-1, ::-1], (2, 3))[..., ::-1])
        Not a known layout (tier: sampled),
        tried at Geometry(input_size=(5, 7), kernel_size=(2, 3), in_channels=2, batch=2).
        It is the layout of torch with the kernel turned by 180°, as for a true convolution.
    """
    plan = index_map(geometry)
    given = np.arange(1, plan.input_cells + 1).reshape(geometry.input_shape)
    if callable(subject):
        given = to_nhwc(given, axes=geometry.rank) if channels_last else given
        result = read_array(_called(subject, given, geometry), "the result")
    else:
        result = read_array(subject, "subject")
    result = _cells(result, plan.input_cells)
    patches = counted_from_one(plan.patch, plan.input_cells)
    if names := _fitting(result, patches, geometry):
        return LayoutMatch(names, geometry)
    order = _order(result, patches, geometry)
    mistake = _about_order(result, order, geometry) if order else next(_recognised(result, geometry), "")
    if not mistake and result.size != patches.size:
        positions, taps = patches.shape
        mistake = (
            f"It has {result.size:,} entries in the shape {result.shape}, where an im2col has "
            f"{patches.size:,}:\n{taps} taps at each of {positions} output positions."
        )
    return _closest(result, patches, geometry, order, mistake)


def _called(function: Callable[..., Any], given: Array, g: Geometry) -> Any:
    """What a function makes of an input, called with as much of the layer as it asks for."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # a function of C has no signature
        return function(given)
    hyper = {"stride": g.stride, "padding": _pads(g), "dilation": g.dilation}
    named = {
        p.name: _one_if_alike(value)
        for p in parameters[1:]
        for name, value in hyper.items()
        if p.name in _PASSED[name]
    }
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [
        p.name
        for p in parameters[1:]
        if p.kind in positional and p.default is p.empty and p.name not in named
    ]
    if not needed and any(p.name == "kernel_size" for p in parameters[1:]):
        named["kernel_size"] = g.kernel_size
    if len(needed) not in (0, 1, g.rank):
        raise RequestError(
            f"the function needs {', '.join(needed)} besides its input: "
            "give one of the input alone, as in lambda x: my_im2col(x, …)"
        )
    if len(needed) == 1 and g.rank > 1:
        return function(given, g.kernel_size, **named)
    return function(given, *g.kernel_size[: len(needed)], **named)


def _pads(g: Geometry) -> tuple[Any, ...]:
    """The padding as most functions take it: one number an axis where it is the same before and after."""
    alike = all(before == after for before, after in g.padding)
    return tuple(before for before, _ in g.padding) if alike else g.padding


def _one_if_alike(values: tuple[Any, ...]) -> Any:
    return values[0] if len(set(values)) == 1 and not isinstance(values[0], tuple) else values


def _cells(result: Array, cells: int) -> Array:
    """What came back, as numbers of cells from 1; 0 is padding."""
    if result.size == 0:
        raise ArrayError(f"the array of shape {result.shape} has no entries: give a layer of some samples")
    numbers = result.astype(np.int64) if result.dtype.kind in "iuf" and np.isfinite(result).all() else None
    if numbers is None or (numbers != result).any() or numbers.min() < 0 or numbers.max() > cells:
        raise ArrayError(
            f"the array of shape {result.shape} holds what is no number of a cell: "
            f"an im2col only moves cells, here the numbers from 1 to {cells} and 0 for padding"
        )
    return numbers


def _forms(one: Layout, patches: Array, g: Geometry) -> tuple[Array, Array]:
    """A layout's array, and its matrix."""
    picked = patches[np.ix_(one.position_order(g), one.tap_order(g))]
    return one.arrange(patches, g), picked.T if one.taps_first else picked


def _fitting(result: Array, patches: Array, g: Geometry) -> tuple[str, ...]:
    """The layouts whose array it is, or else those whose matrix it is; axes of one cell do not matter."""
    bare, known = result.squeeze(), layouts()
    for form in (0, 1):
        fits = [one.name for one in known if np.array_equal(bare, _forms(one, patches, g)[form].squeeze())]
        if fits:
            return tuple(fits)
    return ()


def _order(result: Array, patches: Array, g: Geometry) -> tuple[str, ...]:
    """The order in which the axes lie in memory, whatever the shape; empty if in none that is tried."""
    sizes, own = axis_sizes(g), own_axes(g.rank)
    if result.size != patches.size:
        return ()
    whole, flat = patches.reshape([sizes[name] for name in own]), result.ravel()
    for one in layouts():
        order = tuple(name for names in one.axes(g.rank) for name in names)
        if np.array_equal(whole.transpose([own.index(name) for name in order]).ravel(), flat):
            return order
    return next(_read_back(flat[None], whole[None], tuple(own)), ())


def _read_back(flat: Array, whole: Array, names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The orders in which every row of ``flat`` may hold the axes of an entry of ``whole``, slowest first."""
    if not names:
        yield ()
    for axis, name in enumerate(names):
        parts = np.moveaxis(whole, 1 + axis, 1)
        parts = parts.reshape(-1, *parts.shape[2:])
        blocks = flat.reshape(len(parts), -1)
        if np.array_equal(np.sort(blocks), np.sort(parts.reshape(blocks.shape))):
            for rest in _read_back(blocks, parts, names[:axis] + names[axis + 1 :]):
                yield (name, *rest)


def _about_order(result: Array, order: tuple[str, ...], g: Geometry) -> str:
    """What is to be said of an array whose axes lie in an order, but that is no layout's."""
    lies = f"The cells lie in memory in the order {' '.join(order)}"
    for one in layouts():
        axes = one.axes(g.rank)
        if tuple(name for names in axes for name in names) == order:
            shape = one.arrange(np.empty(g.patch_matrix_shape, dtype=bool), g).shape
            if _merged(result.shape, [axis_sizes(g)[name] for name in order]):
                return (
                    f"{lies}, as in {one.name}: reshape it to {shape}, which moves no cell, and it is that."
                )
            return (
                f"{lies}, as in {one.name}, but in the shape {result.shape} where\n{one.name} has {shape}: "
                "what reads it by rows and columns needs a transpose before the reshape."
            )
    spelt = _spelt(result.shape, order, axis_sizes(g))
    written = f", which makes its axes {spelt}" if spelt else f", in the shape {result.shape}"
    return f"{lies}, slowest first{written}: no known layout has that order."


def _spelt(shape: tuple[int, ...], order: tuple[str, ...], sizes: dict[str, int]) -> str:
    """What each axis is made of, slowest first; empty if an axis of the layer is torn apart."""
    left, axes = list(order), []
    for size in shape:
        own: list[str] = []
        while prod(sizes[name] for name in own) < size and left:
            own.append(left.pop(0))
        if prod(sizes[name] for name in own) != size:
            return ""
        axes.append(own[0] if len(own) == 1 else f"({' '.join(own)})")
    return " × ".join(axes)


def _merged(shape: tuple[int, ...], sizes: list[int]) -> bool:
    """Whether an array of this shape has axes of these sizes, some of them merged."""
    return set(np.cumprod(shape)) <= {1, *np.cumprod(sizes)}


def _recognised(result: Array, g: Geometry) -> Iterator[str]:
    """Sentences about the mistakes that explain the whole result."""
    for said, patches, layer in mistakes(g):
        for name in _fitting(result, patches, layer):
            yield f"It is the layout of {name} with {said}."


def _closest(result: Array, patches: Array, g: Geometry, order: tuple[str, ...], mistake: str) -> LayoutMatch:
    """The verdict on what is no known layout, with the layout of the same shape that is most like it."""
    forms = ((one.name, form) for one in layouts() for form in _forms(one, patches, g))
    alike = [(name, form.reshape(result.shape)) for name, form in forms if _same_shape(result, form)]
    if not alike:
        return LayoutMatch((), g, order, mistake)
    name, form = max(alike, key=lambda pair: int((pair[1] == result).sum()))
    place = tuple(map(int, np.argwhere(form != result)[0]))
    agreeing = int((form == result).sum())
    found, wanted = int(result[place]), int(form[place])
    return LayoutMatch((), g, order, mistake, name, agreeing, result.size, place, found, wanted)


def _same_shape(result: Array, form: Array) -> bool:
    return result.squeeze().shape == form.squeeze().shape

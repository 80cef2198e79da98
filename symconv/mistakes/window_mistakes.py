"""Mistakes in how the window is slid: stride, padding, dilation, and how many positions there are."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from symconv.geometry import Geometry
from symconv.mistakes.attempt import Change, Window
from symconv.mistakes.mistake import Mistake, axis_name, where_it_differs
from symconv.sizes import pads

Pairs = tuple[tuple[int, int], ...]
_NOT_THE_MODE = {
    "zeros": "zeros",
    "reflect": "the input mirrored at its edge cell, which is not repeated",
    "replicate": "the edge cell repeated",
    "circular": "the cells of the other end",
    "symmetric": "the input mirrored with its edge cell repeated",
}
_IN_NUMPY = {
    "zeros": 'mode="constant"',
    "reflect": 'mode="reflect"',
    "replicate": 'mode="edge"',
    "circular": 'mode="wrap"',
}


def stride_mistakes(g: Geometry) -> Iterator[Mistake]:
    """The stride left out, exchanged, or used where it does not belong."""
    fix = f"Start the window of output position (i, j) at (i, j) times the stride {g.stride}, axis by axis."

    def mistake(name: str, stride: tuple[int, ...]) -> Mistake:
        done = where_it_differs("stride", stride, g.stride)
        return Mistake(name, done, fix, Change(window=partial(replace, stride=stride)), ("stride",))

    ones = (1,) * g.rank
    yield mistake("stride ignored", ones)
    if g.rank > 1:
        yield mistake("strides swapped", g.stride[::-1])
        for axis in (0, g.rank - 1):
            name = f"stride of the {axis_name(axis, g.rank)} used on every axis"
            yield mistake(name, (g.stride[axis],) * g.rank)
        for axis in range(g.rank):
            yield mistake(f"stride ignored along the {axis_name(axis, g.rank)}", _with(g.stride, axis, 1))
    yield mistake("stride applied twice", tuple(s * s for s in g.stride))
    yield mistake("stride as large as the kernel", g.kernel_size)
    yield Mistake(
        "stride and dilation exchanged",
        f"Your windows are {g.dilation} apart and their taps {g.stride}: each is used for the other.",
        f"Move the window by the stride {g.stride}, and its taps by the dilation {g.dilation}.",
        Change(window=lambda w: replace(w, stride=w.dilation, dilation=w.stride)),
        ("stride", "dilation"),
    )


def dilation_mistakes(g: Geometry) -> Iterator[Mistake]:
    """The dilation left out, applied twice or exchanged."""
    fix = f"Read tap (i, j) at (i, j) times the dilation {g.dilation} from the window's first cell."

    def mistake(name: str, dilation: tuple[int, ...]) -> Mistake:
        done = where_it_differs("dilation", dilation, g.dilation)
        return Mistake(name, done, fix, Change(window=partial(replace, dilation=dilation)), ("dilation",))

    yield mistake("dilation ignored", (1,) * g.rank)
    if g.rank > 1:
        yield mistake("dilations swapped", g.dilation[::-1])
        for axis in (0, g.rank - 1):
            name = f"dilation of the {axis_name(axis, g.rank)} used on every axis"
            yield mistake(name, (g.dilation[axis],) * g.rank)
        for axis in range(g.rank):
            yield mistake(f"dilation ignored along the {axis_name(axis, g.rank)}", _with(g.dilation, axis, 1))
    yield mistake("dilation applied twice", tuple(d * d for d in g.dilation))
    yield mistake("dilation counted as the cells left out", tuple(d + 1 for d in g.dilation))


def padding_mistakes(g: Geometry) -> Iterator[Mistake]:
    """The padding left out, on one side, doubled, exchanged, of another size or with other contents."""
    kernels = tuple(d * (k - 1) + 1 for d, k in zip(g.dilation, g.kernel_size, strict=True))

    def mistake(name: str, padding: Pairs, fix: str | None = None) -> Mistake:
        wanted = ", ".join(
            f"{b} before and {a} after the {axis_name(i, g.rank)}" for i, (b, a) in enumerate(g.padding)
        )
        done = where_it_differs("padding", padding, g.padding)
        fix = fix or f"Pad with {wanted}."
        return Mistake(name, done, fix, Change(window=partial(replace, padding=padding)), ("padding",))

    def each(change: Callable[[int, int], tuple[int, int]]) -> Pairs:
        return tuple(change(before, after) for before, after in g.padding)

    yield mistake("padding missing", each(lambda b, a: (0, 0)))
    yield mistake("padding only before", each(lambda b, a: (b, 0)))
    yield mistake("padding only after", each(lambda b, a: (0, a)))
    for form, other in (("same_upper", "same_lower"), ("same_lower", "same_upper")):
        if g.padding == pads(form, g.input_size, g.kernel_size, g.stride, g.dilation):
            end = "end" if form == "same_upper" else "beginning"
            yield mistake(
                f"{other.upper()} in place of {form.upper()}",
                pads(other, g.input_size, g.kernel_size, g.stride, g.dilation),
                f"Put the odd cell of the padding at the {end} of the axis: pad by {g.padding}.",
            )
    yield mistake("padding before and after exchanged", each(lambda b, a: (a, b)))
    if g.rank > 1:
        yield mistake("padding of the axes swapped", g.padding[::-1])
        for axis in (0, g.rank - 1):
            name = f"padding of the {axis_name(axis, g.rank)} used on every axis"
            yield mistake(name, (g.padding[axis],) * g.rank)
        for axis in range(g.rank):
            name = f"padding missing along the {axis_name(axis, g.rank)}"
            yield mistake(name, _with(g.padding, axis, (0, 0)))
    yield mistake("padding doubled", each(lambda b, a: (2 * b, 2 * a)))
    yield mistake("padding one too large", each(lambda b, a: (b + 1, a + 1)))
    yield mistake("padding halved", each(lambda b, a: (b // 2, a // 2)))
    yield mistake("all the padding before", each(lambda b, a: (a + b, 0)))
    yield mistake("all the padding after", each(lambda b, a: (0, a + b)))
    yield mistake("padding before used on both sides", each(lambda b, a: (b, b)))
    yield mistake("padding after used on both sides", each(lambda b, a: (a, a)))
    for name, sizes in (
        ("half the kernel as padding", [k // 2 for k in g.kernel_size]),
        ("half the dilated kernel as padding", [k // 2 for k in kernels]),
        ("kernel less one as padding", [k - 1 for k in g.kernel_size]),
        ("dilated kernel less one as padding", [k - 1 for k in kernels]),
    ):
        yield mistake(name, tuple((size, size) for size in sizes))
    for form in ("same_upper", "same_lower"):
        yield mistake(
            f"padding as for {form.upper()}", pads(form, g.input_size, g.kernel_size, g.stride, g.dilation)
        )
    yield from _mode_mistakes(g)


def _mode_mistakes(g: Geometry) -> Iterator[Mistake]:
    for mode, contents in _NOT_THE_MODE.items():
        if mode != g.padding_mode:
            yield Mistake(
                f"padding filled as with {mode!r}",
                f"Your padding holds {contents} where it should hold {_NOT_THE_MODE[g.padding_mode]}.",
                f'Fill the padding as padding_mode="{g.padding_mode}" does: in NumPy, np.pad with '
                f"{_IN_NUMPY[g.padding_mode]}.",
                Change(window=partial(replace, mode=mode)),
                ("mode",),
            )
    yield Mistake(
        "negative indices wrap round",
        "Positions before the first cell have negative indices, which read from the other end.",
        "Check that an index is at least 0 as well as below the size, or pad the array first.",
        Change(window=lambda w: replace(w, mode="negative")),
        ("mode",),
    )


def size_mistakes(g: Geometry) -> Iterator[Mistake]:
    """Too few output positions, or too many, which then read zeros past the end."""

    def mistake(name: str, why: str, positions: Any) -> Mistake:
        def used(w: Window) -> Window:
            fits = w.positions
            return replace(w, positions=lambda i, *axis: positions(i, fits(i, *axis), *axis))

        counts = [
            max(0, positions(i, out, n, k, s, d, p))
            for i, (out, n, k, s, d, p) in enumerate(
                zip(g.output_size, g.input_size, g.kernel_size, g.stride, g.dilation, g.padding, strict=True)
            )
        ]
        done = where_it_differs("output size", counts, g.output_size)
        fix = (
            "The output size is (n + pad before + pad after − dilation·(kernel − 1) − 1) // stride + 1, "
            f"here {g.output_size}."
        )
        return Mistake(name, f"{done[:-1]}: {why}.", fix, Change(window=used), ("positions",))

    formulas: list[tuple[str, str, Any]] = [
        (
            "last position missing",
            "the last position on every axis is left out, as if the + 1 were missing",
            lambda i, out, *_: out - 1,
        ),
        (
            "one position too many",
            "the last window on every axis reads past the end",
            lambda i, out, *_: out + 1,
        ),
        (
            "ceil for floor",
            "the division was rounded up, so the last window does not fit and reads zeros",
            lambda i, out, n, k, s, d, p: -(-(n + sum(p) - d * (k - 1) - 1) // s) + 1,
        ),
        (
            "one added before the division",
            "the 1 was added before dividing by the stride, not after",
            lambda i, out, n, k, s, d, p: (n + sum(p) - d * (k - 1)) // s,
        ),
        (
            "output size without the padding",
            "the padding was left out of the output size, so the last windows are missing",
            lambda i, out, n, k, s, d, p: (n - d * (k - 1) - 1) // s + 1,
        ),
        (
            "output size without the dilation",
            "the dilation was left out of the output size, so the last windows read zeros past the end",
            lambda i, out, n, k, s, d, p: (n + sum(p) - k) // s + 1,
        ),
        (
            "output size as for SAME",
            "it was taken as the input size over the stride, rounded up",
            lambda i, out, n, k, s, d, p: -(-n // s),
        ),
        (
            "remainder for quotient",
            "the remainder of the division (%) was taken in place of the quotient (//)",
            lambda i, out, n, k, s, d, p: (n + sum(p) - d * (k - 1) - 1) % s + 1,
        ),
    ]
    yield from (mistake(*formula) for formula in formulas)
    if g.rank > 1:
        for axis in range(g.rank):
            name = axis_name(axis, g.rank)
            yield mistake(
                f"last position along the {name} missing",
                f"the last position along the {name} is left out",
                lambda i, out, *_, axis=axis: out - (i == axis),
            )
            yield mistake(
                f"one position too many along the {name}",
                f"the last window along the {name} reads past the end",
                lambda i, out, *_, axis=axis: out + (i == axis),
            )
        for axis in (0, g.rank - 1):
            name = axis_name(axis, g.rank)
            yield mistake(
                f"output size of the {name} used on every axis",
                f"the number of positions along the {name} was used on every axis",
                lambda i, out, *_, axis=axis: g.output_size[axis],
            )
        yield mistake(
            "loops over the output swapped",
            "the numbers of positions of the axes are exchanged",
            lambda i, out, *_: g.output_size[::-1][i],
        )


def window_mistakes(g: Geometry) -> Iterator[Mistake]:
    """All of them, the likeliest of each kind first.

    Examples:
        >>> print(next(window_mistakes(Geometry((5, 6), 3, stride=(2, 1)))).done)
        Your stride along the height is 1 where it should be 2.
    """
    yield from stride_mistakes(g)
    yield from padding_mistakes(g)
    yield from dilation_mistakes(g)
    yield from size_mistakes(g)


def _with(values: tuple[Any, ...], axis: int, value: Any) -> tuple[Any, ...]:
    return (*values[:axis], value, *values[axis + 1 :])

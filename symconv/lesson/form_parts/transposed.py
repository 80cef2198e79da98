"""A transposed convolution on a page: stamps, the transposed matrix, and zeros inserted.

Cells are drawn of one channel. With more of them, a layer is counted and proved, and may be a real one.
"""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.errors import BlockError
from symconv.forms.conv_transpose import conv_transpose
from symconv.forms.transposed import Transposed, transposed
from symconv.forms.transposed_maps import transposed_maps
from symconv.forms.transposed_sizes import read_sizes
from symconv.lesson.form_parts.form import Form, Shown, costs, counted, formula, proved
from symconv.lesson.layer import drawn_size, read_count, written_numbers
from symconv.lesson.limits import refuse_if_too_large
from symconv.lesson.words import read_ints, read_padding, read_size
from symconv.matrices import MOST_SYMBOLIC_ENTRIES
from symconv.proof.identity import IdentityProof
from symconv.show.latex import grids, latex
from symconv.symbols import symbolic

ONE_CHANNEL_KEYS = ("input", "kernel", "stride", "padding", "output_padding", "dilation")
OF_CHANNELS = ("channels", "kernels", "groups")
COUNTED = {"cost", "proof"}  # parts that draw no cell


@dataclass(frozen=True)
class Stamped:
    """A transposed convolution, and what it was asked to be.

    Attributes:
        form: the transposed convolution.
        words: its stride, padding, output padding and dilation.
    """

    form: Transposed
    words: dict[str, Any]

    def prove(self) -> IdentityProof:
        """That the matrix and the convolution with zeros inserted are the stamps."""
        return self.form.prove()


def _read(values: dict[str, Any], show: tuple[str, ...]) -> Stamped:
    words = {
        "stride": read_ints(values.get("stride", "1"), "stride"),
        "padding": read_padding(values.get("padding", "0")),
        "output_padding": read_ints(values.get("output_padding", "0"), "output_padding"),
        "dilation": read_ints(values.get("dilation", "1"), "dilation"),
    }
    if several := [key for key in OF_CHANNELS if key in values]:
        if not COUNTED.issuperset(show) or not all(
            isinstance(values.get(key), str) for key in ("input", "kernel", "kernels") if key in values
        ):
            raise BlockError(
                f"{several[0]} is for a layer that is counted and not drawn: show cost or proof, with sizes "
                f"for input and kernel, or leave {several[0]} out"
            )
        return Stamped(_counted(values, words), words)
    arrays = []
    for key, letter in (("input", "y"), ("kernel", "w")):
        if key not in values:
            raise BlockError(f"{key} is missing: write “{key}: 2x2” for letters, or its rows of numbers")
        arrays.append(_array(values[key], key, letter))
    y, w = arrays
    if w.ndim != y.ndim:
        raise BlockError(f"kernel has {w.ndim} axes for an input of {y.ndim}: write as many")
    form = transposed(y, w, **words)
    if (entries := prod(form.geometry.input_size) * y.size) > MOST_SYMBOLIC_ENTRIES:
        raise BlockError(
            f"input={_times(y.shape)} makes a matrix of {entries:,} entries, and a page shows at most "
            f"{MOST_SYMBOLIC_ENTRIES:,}: write a smaller input"
        )
    return Stamped(form, words)


def _counted(values: dict[str, Any], words: dict[str, Any]) -> Transposed:
    """A layer of sizes alone, of which nothing is written out."""
    channels, outputs, groups = (read_count(values, key) for key in OF_CHANNELS)
    size, taps = (read_size(values[key], key) if key in values else () for key in ("input", "kernel"))
    if not size or len(taps) != len(size) or min(*size, *taps) < 1:
        raise BlockError(
            f"input={values.get('input')} and kernel={values.get('kernel')} are no sizes of as many axes: "
            "write both, such as 28x28 and 4x4"
        )
    for key, count in (("channels", channels), ("kernels", outputs)):
        if count % groups:
            raise BlockError(
                f"{key}={count} does not divide into groups={groups}: make it a multiple of groups"
            )
    sizes = read_sizes((channels, *size), (channels, outputs // groups, *taps), groups=groups, **words)
    if sizes.geometry.output_size != size:  # a convolution with windows that nothing is stamped from
        raise BlockError(
            f"output_padding={values['output_padding']} reaches the stride: for a layer that is counted, "
            "write less than the stride"
        )
    for g in (sizes.geometry, sizes.stride_one):
        refuse_if_too_large(g, written=False)
    return Transposed(sizes, transposed_maps(sizes), None, 1, None)


def _times(sizes: tuple[int, ...]) -> str:
    return "×".join(map(str, sizes))


def _array(given: Any, key: str, letter: str) -> Array:
    """Numbers as they stand, letters for a size: one channel, of one or two axes."""
    array = (
        symbolic(letter, drawn_size(given, key)) if isinstance(given, str) else written_numbers(given, key)
    )
    if array.ndim > 2:
        raise BlockError(f"{key} has {array.ndim} axes: give a row or rows, of one channel")
    return array


def _part(name: str, label: str = "") -> Any:
    def shown(stamped: Stamped, _proof: Any) -> Shown:
        return formula(latex(stamped.form, name), label)

    return shown


def _overlaps(stamped: Stamped, _proof: Any) -> Shown:
    """How many products reach each output cell: the output of ones, under ones."""
    ones = [np.ones(np.shape(array), dtype=int) for array in (stamped.form.input, stamped.form.kernel)]
    return formula(
        grids(np.asarray(conv_transpose(*ones, **stamped.words))), "stamps that reach each output cell"
    )


def _cost(stamped: Stamped, _proof: Any) -> Shown:
    ways = [
        ("stamps, or the transposed matrix", stamped.form.cost),
        ("zeros inserted, then a convolution", stamped.form.stride_one_cost),
    ]
    if stamped.form.arrays is not None:
        return costs(ways), []
    sizes, g = stamped.form.sizes, stamped.form.geometry
    named = f"{_times(sizes.input_size)} under {_times(g.kernel_size)}"
    return costs(ways, label=f"the cost, counted: {named}, {g.out_channels} to {g.in_channels} channels"), []


def _proof(_stamped: Stamped, proof: IdentityProof) -> Shown:
    return proved(
        proof.tier,
        f"{counted(proof.compared, 'output cell')} of the transposed matrix's product and of the convolution "
        "with zeros inserted were compared with the stamps, product by product, for any values of the inputs "
        "and weights.",
    ), []


TRANSPOSED = Form(
    keys=(*ONE_CHANNEL_KEYS, *OF_CHANNELS),
    read=_read,
    parts={
        "stamps": _part("stamps"),
        "product": _part("product"),
        "stride_one": _part("stride_one", "zeros inserted, under the kernel rotated by 180°"),
        "overlaps": _overlaps,
        "cost": _cost,
        "proof": _proof,
    },
    default=("stamps", "proof"),
)

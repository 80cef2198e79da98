"""A transposed convolution of one channel on a page: stamps, the transposed matrix, and zeros inserted."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.errors import BlockError
from symconv.forms.conv_transpose import conv_transpose
from symconv.forms.transposed import Transposed, transposed
from symconv.lesson.form_parts.form import Form, Shown, costs, counted, formula, proved
from symconv.lesson.layer import drawn_size, written_numbers
from symconv.lesson.words import read_ints, read_padding
from symconv.matrices import MOST_SYMBOLIC_ENTRIES
from symconv.proof.identity import IdentityProof
from symconv.show.latex import grids, latex
from symconv.symbols import symbolic


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


def _read(values: dict[str, Any], _show: tuple[str, ...]) -> Stamped:
    arrays = []
    for key, letter in (("input", "y"), ("kernel", "w")):
        if key not in values:
            raise BlockError(f"{key} is missing: write “{key}: 2x2” for letters, or its rows of numbers")
        arrays.append(_array(values[key], key, letter))
    y, w = arrays
    if w.ndim != y.ndim:
        raise BlockError(f"kernel has {w.ndim} axes for an input of {y.ndim}: write as many")
    words = {
        "stride": read_ints(values.get("stride", "1"), "stride"),
        "padding": read_padding(values.get("padding", "0")),
        "output_padding": read_ints(values.get("output_padding", "0"), "output_padding"),
        "dilation": read_ints(values.get("dilation", "1"), "dilation"),
    }
    form = transposed(y, w, **words)
    if (entries := prod(form.geometry.input_size) * y.size) > MOST_SYMBOLIC_ENTRIES:
        raise BlockError(
            f"input={_times(y.shape)} makes a matrix of {entries:,} entries, and a page shows at most "
            f"{MOST_SYMBOLIC_ENTRIES:,}: write a smaller input"
        )
    return Stamped(form, words)


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
    return costs(ways), []


def _proof(_stamped: Stamped, proof: IdentityProof) -> Shown:
    return proved(
        proof.tier,
        f"{counted(proof.compared, 'output cell')} of the transposed matrix's product and of the convolution "
        "with zeros inserted were compared with the stamps, product by product, for any values of the inputs "
        "and weights.",
    ), []


TRANSPOSED = Form(
    keys=("input", "kernel", "stride", "padding", "output_padding", "dilation"),
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

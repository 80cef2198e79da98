r"""LaTeX of a transposed convolution: the matrix product, the stamps, and the convolution of stride 1."""

from math import prod

import numpy as np

from symconv.entries import Array
from symconv.errors import RequestError
from symconv.forms.transposed import Transposed
from symconv.show.latex import factor, grids, latex, matrix, shown

MOST_STAMPS = 4  # of a sum of stamps without dots
STAMPS_ON_A_LINE = 2


@latex.register
def _(t: Transposed, part: str = "product") -> str:
    if part not in PARTS:
        raise RequestError(
            f"part={part!r} is unknown for a transposed convolution: use one of {', '.join(PARTS)}"
        )
    return PARTS[part](t)


def product(t: Transposed) -> str:
    r"""Tᵀ times the flattened input, of the first sample.

    Examples:
        >>> from symconv.forms.transposed import transposed
        >>> print(product(transposed([5], [1, 2])))
        \underbrace{\left[\begin{array}{c}
        1 \\
        2
        \end{array}\right]}_{T^{\mathsf T}}
        \underbrace{\left[\begin{array}{c}
        5
        \end{array}\right]}_{\operatorname{vec} y}
        =
        \underbrace{\left[\begin{array}{c}
        5 \\
        10
        \end{array}\right]}_{\operatorname{vec} z}
    """
    left = _named(np.array(t.matrix), r"T^{\mathsf T}")
    right = _named(_first_sample(t.input, t.sizes.input_shape), r"\operatorname{vec} y")
    bias = [] if t.bias is None else ["+", _named(_bias_column(t, t.bias), "b")]
    result = _named(_first_sample(t.output_array, t.sizes.output_shape), r"\operatorname{vec} z")
    return "\n".join([left, right, *bias, "=", result])


def stamps(t: Transposed) -> str:
    r"""The output as a sum: each input cell times the kernel, where it is stamped; of the first sample.

    Examples:
        >>> from symconv.forms.transposed import transposed
        >>> print(stamps(transposed([5], [1, 2])))
        \begin{aligned}
        & 5 \cdot \begin{array}{|c|c|}\hline
        1 & 2 \\ \hline
        \end{array} \\[1em]
        & = \begin{array}{|c|c|}\hline
        5 & 10 \\ \hline
        \end{array}
        \end{aligned}
    """
    cells = _first_sample(t.input, t.sizes.input_shape)[:, 0]
    columns = np.array(t.matrix)
    shape = t.sizes.output_shape[max(1, t.hidden_axes) :]
    parts = [
        r"\cdots" if i is None else rf"{factor(cells[i])} \cdot {_grouped(columns[:, i].reshape(shape))}"
        for i in shown(len(cells), MOST_STAMPS)
    ]
    if t.bias is not None:
        parts.append(grids(_bias_column(t, t.bias).reshape(shape)))
    lines = [" + ".join(parts[i : i + STAMPS_ON_A_LINE]) for i in range(0, len(parts), STAMPS_ON_A_LINE)]
    output = _first_sample(t.output_array, t.sizes.output_shape).reshape(shape)
    sum_of_stamps = " \\\\[1em]\n& + ".join(lines)
    return f"\\begin{{aligned}}\n& {sum_of_stamps} \\\\[1em]\n& = {grids(output)}\n\\end{{aligned}}"


def stride_one(t: Transposed) -> str:
    """The input with zeros inserted, the reversed kernels, and the output of their convolution."""
    inserted, kernels = grids(np.array(t.zero_inserted)), grids(np.array(t.reversed_kernel))
    bias = "" if t.bias is None else f"\n+\n{matrix(t.bias[:, None])}"
    return f"{inserted}\n\\;\\ast\\;\n{kernels}{bias}\n=\n{grids(t.output_array)}"


PARTS = {"product": product, "stamps": stamps, "stride_one": stride_one}


def _grouped(array: Array) -> str:
    """Ruled cells as one factor: in parentheses where there are several grids."""
    return grids(array) if array.ndim < 3 else rf"\left({grids(array)}\right)"


def _named(column: Array, name: str) -> str:
    return rf"\underbrace{{{matrix(column)}}}_{{{name}}}"


def _first_sample(array: Array, shape: tuple[int, ...]) -> Array:
    """The cells of the first sample as a column."""
    return array.ravel()[: prod(shape[1:])].reshape(-1, 1)


def _bias_column(t: Transposed, bias: Array) -> Array:
    """The bias of every output cell, as a column."""
    return np.repeat(bias, prod(t.sizes.output_shape[2:])).reshape(-1, 1)

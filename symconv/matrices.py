"""The matrices of a convolution: cells gathered through the plan, and their product.

Stands below the plan and knows nothing of proofs or pages. All arrays here are read-only ndarrays; with
symbolic entries they are of dtype object.
"""

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.entries import Array, is_symbolic, object_array
from symconv.errors import SizeLimitError
from symconv.geometry import Geometry
from symconv.index_map import IndexMap, Map, gather, index_map
from symconv.symbols import symbolic

MOST_SYMBOLIC_ENTRIES = 250_000


@dataclass(frozen=True, eq=False)
class Matrices:
    """One layer's arrays and the matrices they become, each built once, when it is first asked for.

    Attributes:
        geometry: the sizes and hyper-parameters.
        input: shape (C, *spatial), (N, C, *spatial) or bare.
        kernel: shape (F, C/groups, *kernel) or bare.
        bias: shape (F,), or None.
        plan: the two index maps that everything is gathered through.
        max_entries: symbolic matrices larger than this are refused; None for no limit.
        start: what the indices of printed names begin with, 0 or 1.
    """

    geometry: Geometry
    input: Array
    kernel: Array
    bias: Array | None
    plan: IndexMap
    max_entries: int | None = MOST_SYMBOLIC_ENTRIES
    start: int = 0

    @cached_property
    def is_symbolic(self) -> bool:
        """Whether any entry is a SymPy expression."""
        return is_symbolic(self.input, self.kernel, self.bias)

    @cached_property
    def patches(self) -> Array:
        """P, shape (N·L, C·KH·KW)."""
        return _frozen(gather(self.input, self.plan.patch))

    @cached_property
    def weights(self) -> Array:
        """W, shape (C·KH·KW, F)."""
        return _frozen(gather(self.kernel, self.plan.weight))

    @cached_property
    def product(self) -> Array:
        """Y = P·W, plus the bias if there is one: shape (N·L, F)."""
        self.refuse_if_large("the product P·W", self.geometry.products)
        product = matrix_product(self.patches, self.weights)
        return _frozen(product if self.bias is None else add_bias(product, self.bias))

    @cached_property
    def output(self) -> Array:
        """The columns of Y folded into activation maps, in the shape that the input's shape asks for."""
        return _frozen(fold_columns(self.product, self.geometry).reshape(self.output_shape))

    @property
    def hidden_axes(self) -> int:
        """How many of the leading axes (N, F) of the output the caller's input does without."""
        return 2 + self.geometry.rank - self.input.ndim

    @property
    def output_shape(self) -> tuple[int, ...]:
        """(*out), (F, *out) or (N, F, *out), after the shape of the input."""
        return self.geometry.output_shape[self.hidden_axes :]

    def refuse_if_large(self, what: str, entries: int, *, symbolic: bool = False) -> None:
        """Refuse what would take SymPy minutes, where the layer's arrays or others in it are symbolic.

        Raises:
            SizeLimitError: more than ``max_entries`` symbolic entries or products.
        """
        if (symbolic or self.is_symbolic) and self.max_entries is not None and entries > self.max_entries:
            raise SizeLimitError(
                f"{what} has {entries:,} symbolic entries or products, more than "
                f"max_entries={self.max_entries:,}: use the maps or prove(), which need no symbols, "
                "or insist with unroll(..., max_entries=None)"
            )


def filled_with_symbols(
    g: Geometry, start: int = 0, max_entries: int | None = MOST_SYMBOLIC_ENTRIES
) -> Matrices:
    """A geometry's layer on symbols; axes N, C and F of one are left out as far as arrays allow.

    Examples:
        >>> filled_with_symbols(Geometry((3, 3), (1, 2))).kernel
        array([[w_{0,0}, w_{0,1}]], dtype=object)
    """
    bare = g.batch == g.in_channels == g.out_channels == 1 and g.rank <= 2 and not g.bias
    hidden = 2 if bare else 1 if g.batch == 1 else 0
    inputs = symbolic("x", g.input_shape[hidden:], start)
    kernels = symbolic("w", g.kernel_shape[2 * bare :], start)
    biases = symbolic("b", g.out_channels, start) if g.bias else None
    return Matrices(g, inputs, kernels, biases, index_map(g), max_entries, start)


def matrix_product(left: Array, right: Array) -> Array:
    """The product of two matrices, exact wherever the entries are.

    Symbols are summed in one go (a running sum of SymPy expressions is quadratic). Integers stay
    integers: where 64 bits might not hold a sum, Python's integers do.

    Args:
        left: shape (R, K).
        right: shape (K, F).

    Returns:
        Shape (R, F); dtype object if the entries are symbols or need more than 64 bits.

    Examples:
        >>> matrix_product(np.array([[2**40, 1]]), np.array([[2**40], [1]]))
        array([[1208925819614629174706177]], dtype=object)
    """
    if is_symbolic(left, right):
        columns = list(right.T)
        sums = [
            sympy.Add(*(w * x for x, w in zip(row, column, strict=True)))
            for row in left
            for column in columns
        ]
        return object_array(sums, (left.shape[0], right.shape[1]))
    if left.dtype.kind in "iu" and right.dtype.kind in "iu":
        wide = integer_dtype(left.shape[1], left, right)
        left, right = left.astype(wide), right.astype(wide)
    return left @ right


def integer_dtype(
    products: int, left: Array, right: Array, added: Array | None = None, bits: int = 63
) -> np.dtype[Any]:
    """The dtype in which sums of products of integers are exact: int64, or object (Python's integers).

    Args:
        products: how many products are summed.
        left: the one factors, integers.
        right: the other factors, integers.
        added: what is added to the sums, integers.
        bits: how many bits the result may have besides its sign.

    Examples:
        >>> integer_dtype(4, np.array([2**40]), np.array([2**21]))
        dtype('O')
    """
    bound = products * _largest(left) * _largest(right) + (0 if added is None else _largest(added))
    return np.dtype(np.int64) if bound < 2**bits else np.dtype(object)


def add_bias(product: Array, bias: Array) -> Array:
    """The product with one number or symbol added to every entry of each column.

    Examples:
        >>> add_bias(np.array([[1, 2], [3, 4]]), np.array([10, 20]))
        array([[11, 22],
               [13, 24]])
    """
    if product.dtype.kind in "iu" and bias.dtype.kind in "iu":
        wide = integer_dtype(1, product, np.ones(1, dtype=np.int64), bias)
        product, bias = product.astype(wide), bias.astype(wide)
    return product + bias


def fold_columns(product: Array, g: Geometry) -> Array:
    """The columns of the product P·W folded into activation maps: (N·L, F) to (N, F, *out).

    Examples:
        >>> fold_columns(np.array([[83], [113], [173], [203]]), Geometry((3, 3), (2, 2)))
        array([[[[ 83, 113],
                 [173, 203]]]])
    """
    columns = product.reshape(g.batch, prod(g.output_size), g.out_channels)
    return columns.swapaxes(1, 2).reshape(g.output_shape)


def unfold_columns(maps: Array, g: Geometry) -> Array:
    """Activation maps as the columns of Y, which undoes ``fold_columns``: (N, F, *out) to (N·L, F).

    Examples:
        >>> unfold_columns(np.array([[83, 113], [173, 203]]), Geometry((3, 3), (2, 2))).T
        array([[ 83, 113, 173, 203]])
    """
    columns = maps.reshape(g.batch, g.out_channels, prod(g.output_size)).swapaxes(1, 2)
    return columns.reshape(g.batch * prod(g.output_size), g.out_channels)


def scatter(entries: Array, numbers: Map, cells: int) -> Array:
    """Entries added up by the number of the cell that each belongs to: the adjoint of ``gather``.

    Args:
        entries: numbers or symbols, any shape.
        numbers: a map of the same shape; an entry where it marks a zero is dropped.
        cells: how many cells there are.

    Returns:
        Shape (cells,). The dtype is kept; of integers, where it holds every sum.

    Examples:
        >>> scatter(np.array([[1, 2], [3, 4]]), np.array([[0, 1], [1, 2]]), 2)
        array([1, 5])
    """
    if is_symbolic(entries):
        terms: list[list[Any]] = [[] for _ in range(cells + 1)]
        for number, entry in zip(numbers.ravel().tolist(), entries.ravel(), strict=True):
            terms[number].append(entry)
        return object_array([sympy.Add(*added) for added in terms[:-1]], (cells,))
    dtype = entries.dtype
    wide = dtype
    if dtype.kind in "iu":
        most = int(np.bincount(numbers.ravel(), minlength=cells + 1)[:-1].max(initial=1))
        wide = integer_dtype(most, entries, np.ones(1, dtype=np.int64))
    elif dtype == np.float16:
        wide = np.dtype(np.float32)
    total = np.zeros(cells + 1, dtype=wide)
    np.add.at(total, numbers.ravel(), entries.ravel().astype(wide))
    total = total[:-1]
    fits = dtype.kind not in "iu" or not cells or _fits(total, dtype)
    return total.astype(dtype) if fits else total


def _fits(total: Array, dtype: np.dtype[Any]) -> bool:
    """Whether an integer dtype holds every sum."""
    limits = np.iinfo(dtype)
    return bool(limits.min <= total.min() and total.max() <= limits.max)


def _largest(array: Array) -> int:
    """The largest absolute value of an integer array, as an exact Python int."""
    return max(abs(int(array.max())), abs(int(array.min()))) if array.size else 0


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array

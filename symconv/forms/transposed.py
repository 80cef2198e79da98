"""The transposed convolution, the object a person holds: Tᵀ, and the convolution that makes the same.

Everything is gathered through the maps; the proof compares the maps with the definition.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.entries import Array, as_symbolic, is_symbolic
from symconv.errors import ArrayError, RequestError, SizeLimitError, SymconvError
from symconv.evaluate import read_numbers, result_dtype
from symconv.forms.cost import Cost
from symconv.forms.transposed_maps import TransposedMaps, transposed_maps
from symconv.forms.transposed_proof import prove_transposed
from symconv.forms.transposed_sizes import TransposedSizes, read_sizes
from symconv.geometry import Geometry
from symconv.index_map import MOST_ENTRIES, Map, gather, read_map
from symconv.matrices import MOST_SYMBOLIC_ENTRIES, add_bias, matrix_product, scatter
from symconv.proof.exact import generic_names
from symconv.proof.identity import IdentityProof
from symconv.prove import prove
from symconv.show.latex import latex
from symconv.show.notebook import MathArray
from symconv.sizes import Padding, Sizes, whole
from symconv.symbols import symbolic


def transposed(
    y: Any,
    w: Any = None,
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    output_padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
    bias: Any = None,
    max_entries: int | None = MOST_SYMBOLIC_ENTRIES,
) -> "Transposed":
    """Write a transposed convolution as the product of Tᵀ with the flattened input, and as a convolution.

    Args:
        y: input, shape (Cin, *spatial) or (N, Cin, *spatial), or bare 1-D or 2-D (one channel); or the
            ``Geometry`` of the convolution to transpose, given alone, which is then filled with symbols.
        w: kernels, shape (Cin, Cout/groups, *kernel), or bare, of as many axes as a bare ``y``.
        stride: output cells from one stamp to the next, one int or one per axis.
        padding: output cells cropped: an int, one int per axis, or one (before, after) pair per axis.
        output_padding: output cells added at the end, one int or one per axis; less than ``stride`` or
            less than ``dilation``.
        dilation: output cells from one tap to the next, one int or one per axis.
        groups: blocks of channels that do not see each other.
        bias: one number or symbol per output channel, shape (Cout,).
        max_entries: refuse to build symbolic matrices and products larger than this; None to insist.

    Returns:
        A ``Transposed``.

    Raises:
        ArrayError: an array is ragged, empty, or does not belong to the other one.
        GeometryError: a hyper-parameter is impossible; the sentence says which and the fix.
        RequestError: something is given besides a Geometry that says it already.
        SizeLimitError: the sizes are too large to write out.

    Source: Dumoulin & Visin 2016, *A guide to convolution arithmetic for deep learning*, chapter 4.

    Examples:
        >>> t = transposed([[1, 2], [3, 4]], [[1, 10], [100, 1000]])
        >>> t.output
        array([[   1,   12,   20],
               [ 103, 1234, 2040],
               [ 300, 3400, 4000]])
        >>> bool(t.prove())
        True
    """
    max_entries = None if max_entries is None else whole(max_entries, "max_entries")
    if isinstance(y, Geometry):
        given = (stride, padding, output_padding, dilation, groups, bias)
        plain = (1, 0, 0, 1, 1, None)
        if w is not None or any(type(a) is not type(b) or a != b for a, b in zip(given, plain, strict=True)):
            raise RequestError(
                "a Geometry says everything about the convolution: "
                "call transposed(geometry) with nothing else"
            )
        sizes = TransposedSizes.of_geometry(y)
        bare = y.batch == y.in_channels == y.out_channels == 1 and y.rank <= 2
        hidden = 2 if bare else 1 if y.batch == 1 else 0
        return Transposed(sizes, transposed_maps(sizes), None, hidden, max_entries)
    if w is None:
        raise ArrayError("w=None: give the kernels as well, or a Geometry alone")
    inputs, kernels = read_numbers(y, "y"), read_numbers(w, "w")
    biases = None if bias is None else read_numbers(bias, "bias")
    sizes = read_sizes(
        inputs.shape,
        kernels.shape,
        None if biases is None else biases.shape,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
        groups=groups,
    )
    if not sizes.geometry.batch:
        raise ArrayError(
            f"y has shape {inputs.shape}, no samples: give at least one, or evaluate with conv_transpose"
        )
    arrays, hidden = (inputs, kernels, biases), 2 + sizes.geometry.rank - inputs.ndim
    return Transposed(sizes, transposed_maps(sizes), arrays, hidden, max_entries)


@dataclass(frozen=True, eq=False, repr=False)
class Transposed:
    """A transposed convolution as the matrix product Tᵀ·vec(y), and as a convolution of stride 1.

    T is the convolution matrix of ``geometry``: vec(x) ↦ T·vec(x) is that convolution. Its transpose goes
    from an array of the shape of that convolution's output to one of the shape of its input. At every size,
    that is the theorem ``"transpose"``.

    Attributes:
        sizes: the sizes, and the two convolutions that it has to do with.
        maps: the maps that the matrices are gathered through.
        arrays: input, kernels and bias or None, as they were given; None for symbols, made when asked for.
        hidden_axes: how many of the leading axes (N, C) the input does without.
        max_entries: symbolic matrices larger than this are refused; None for no limit.

    Source: Dumoulin & Visin 2016, *A guide to convolution arithmetic for deep learning*, chapter 4.

    Examples:
        >>> t = transposed(Geometry((3, 3), (2, 2)))
        >>> t
        Transposed: Tᵀ (9×4) · vec(y) = vec of an output of shape (3, 3), symbolic
        >>> t.matrix[:5, :]
        Matrix([
        [w_{0,0},       0,       0,       0],
        [w_{0,1}, w_{0,0},       0,       0],
        [      0, w_{0,1},       0,       0],
        [w_{1,0},       0, w_{0,0},       0],
        [w_{1,1}, w_{1,0}, w_{0,1}, w_{0,0}]])
    """

    sizes: TransposedSizes
    maps: TransposedMaps
    arrays: tuple[Array, Array, Array | None] | None
    hidden_axes: int
    max_entries: int | None = MOST_SYMBOLIC_ENTRIES

    @property
    def geometry(self) -> Geometry:
        """The convolution whose transpose this is: its input is the output here."""
        return self.sizes.geometry

    @property
    def stride_one(self) -> Geometry:
        """The convolution of ``zero_inserted`` with ``reversed_kernel``, whose output is the output here.

        Examples:
            >>> transposed([1, 2], [1, 2, 3], stride=2).stride_one
            Geometry(input_size=(7,), kernel_size=(3,))
        """
        return self.sizes.stride_one

    @cached_property
    def input(self) -> Array:
        """The input y, shape (Cin, *spatial), (N, Cin, *spatial) or bare."""
        return symbolic("y", self._input_shape) if self.arrays is None else self.arrays[0]

    @cached_property
    def kernel(self) -> Array:
        """The kernels w, shape (Cin, Cout/groups, *kernel) or bare."""
        return symbolic("w", self._kernel_shape) if self.arrays is None else self.arrays[1]

    @property
    def bias(self) -> Array | None:
        """What is added to each output channel, shape (Cout,), or None."""
        return None if self.arrays is None else self.arrays[2]

    @cached_property
    def is_symbolic(self) -> bool:
        """Whether any entry is a SymPy expression."""
        return self.arrays is None or is_symbolic(*self.arrays)

    @property
    def matrix(self) -> Any:
        """Tᵀ of one sample, shape (Cout·prod(out), Cin·prod(spatial)): rows are output cells.

        A ``sympy.Matrix`` when symbolic, else an ndarray.

        Examples:
            >>> transposed([1, 2], [3, 4, 5], stride=2).matrix
            array([[3, 0],
                   [4, 0],
                   [5, 3],
                   [0, 4],
                   [0, 5]])
        """
        _, channels, *spatial = self.sizes.input_shape
        positions, cells = prod(spatial), prod(self.sizes.output_shape[1:])
        columns = channels * positions
        self._refuse_if_large("Tᵀ", cells * columns)
        patch = self.maps.patch[:positions, :, None].astype(np.int64)  # of the first sample
        column = np.arange(channels) * positions + np.arange(positions)[:, None, None]
        numbers = np.where(patch < cells, patch * columns + column, cells * columns)
        weights = np.broadcast_to(gather(self.kernel, self.maps.weight), numbers.shape)
        return self._given(scatter(weights, numbers, cells * columns).reshape(cells, columns))

    @property
    def zero_inserted(self) -> Any:
        """The input with s − 1 zeros between any two cells and zeros around it, or cropped.

        Shape (N, Cin, *stretched), with as few axes as the input was given with.

        Examples:
            >>> transposed([[1, 2], [3, 4]], [[1, 1], [1, 1]], stride=2).zero_inserted
            array([[0, 0, 0, 0, 0],
                   [0, 1, 0, 2, 0],
                   [0, 0, 0, 0, 0],
                   [0, 3, 0, 4, 0],
                   [0, 0, 0, 0, 0]])
            >>> transposed([[1, 2], [3, 4]], [[1, 1], [1, 1]], padding=[(2, 0), (0, 0)]).zero_inserted
            array([[0, 3, 4, 0],
                   [0, 0, 0, 0]])
        """
        array = gather(self.input, self.maps.inserted)
        return self._given(array.reshape(array.shape[self.hidden_axes :]))

    @property
    def reversed_kernel(self) -> Any:
        """The kernels rotated by 180°, the channels of input and output swapped within each group.

        Shape (Cout, Cin/groups, *kernel), as a convolution has it, or bare.

        Examples:
            >>> transposed([[1, 2], [3, 4]], [[1, 10], [100, 1000]]).reversed_kernel
            array([[1000,  100],
                   [  10,    1]])
        """
        array = gather(self.kernel, self.maps.kernel)
        return self._given(array.reshape(array.shape[2 * (self.hidden_axes == 2) :]))

    @property
    def output(self) -> Any:
        """The product Tᵀ·vec(y) of each sample: shape (*out), (Cout, *out) or (N, Cout, *out), as the input.

        A ``sympy.Matrix`` when symbolic and of two axes, else an ndarray.

        Examples:
            >>> transposed([1, 2], [3, 4, 5], stride=2).output
            array([ 3,  4, 11,  8, 10])
        """
        return self._given(self.output_array)

    @cached_property
    def output_array(self) -> Array:
        """The output as an ndarray."""
        self._refuse_if_large("the product Tᵀ·vec(y)", self.maps.patch.size * self.geometry.out_channels)
        batch, channels, *_ = self.sizes.input_shape
        rows = self.input.reshape(batch, channels, -1).swapaxes(1, 2).reshape(-1, channels)
        columns = matrix_product(rows, gather(self.kernel, self.maps.weight).T)  # each cell times the kernel
        output = scatter(columns, self.maps.patch, prod(self.sizes.output_shape))
        output = output.reshape(self.sizes.output_shape)
        if self.bias is not None:
            output = np.moveaxis(add_bias(np.moveaxis(output, 1, -1), self.bias), -1, 1)
        output = output.reshape(self.sizes.output_shape[self.hidden_axes :])
        if not self.is_symbolic:
            products = channels // self.geometry.groups * prod(self.geometry.kernel_size)
            output = output.astype(result_dtype(products, self.input, self.kernel, self.bias))
        output.flags.writeable = False
        return output

    @property
    def cost(self) -> Cost:
        """Of the scatter formula: as many products as the convolution has; nothing is held.

        The additions are those into the output before it is cropped; the first number on a cell is none.

        Examples:
            >>> transposed([[1, 2], [3, 4]], [[1, 1], [1, 1]], stride=2).cost
            Cost(products=16, additions=0, memory=0)
        """
        g = self.geometry
        products = prod(self.sizes.input_shape) * prod(g.kernel_shape[1:])
        reached = 1
        for n, k, s, d in zip(self.sizes.input_size, g.kernel_size, g.stride, g.dilation, strict=True):
            reached *= len({i * s + t * d for i in range(n) for t in range(k)})
        return Cost(products, products - g.batch * g.in_channels * reached, 0)

    @property
    def stride_one_cost(self) -> Cost:
        """Of the convolution of stride 1: its products with inserted zeros counted; it holds the zeros too.

        Examples:
            >>> transposed([[1, 2], [3, 4]], [[1, 1], [1, 1]], stride=2).stride_one_cost
            Cost(products=64, additions=48, memory=25)
        """
        return Cost.direct(self.stride_one) + Cost(0, 0, prod(self.stride_one.input_shape))

    def with_maps(
        self, patch: Any = None, weight: Any = None, inserted: Any = None, kernel: Any = None
    ) -> "Transposed":
        """The same arrays with maps of your own, to be proved or refuted; what is None stays as it is.

        Args:
            patch: shape (N·L, Cout·K), integers, the output cell of each tap of each stamp.
            weight: shape (Cout·K, Cin), integers, the kernel cell that belongs there.
            inserted: shape (N, Cin, *stretched), integers, the input cell in each cell of the inserted input.
            kernel: shape (Cout, Cin/groups, *kernel), integers, the kernel cell in each of the reversed ones.

        Raises:
            ArrayError: a map has another shape, or a number that no cell has.

        Examples:
            >>> t = transposed([1, 2], [3, 4])
            >>> t.with_maps(kernel=t.maps.kernel[..., ::-1]).prove()  # not reversed
            Refuted (tier: exact) after 4 entries, for
            Transposed: Tᵀ (3×2) · vec(y) = vec of an output of shape (3,), numeric;
            the convolution of stride 1 = the scatter formula fails first at [0]
              left  = w_{1}*y_{0}
              right = w_{0}*y_{0}
        """
        cells = {
            "patch": self.sizes.output_shape,
            "weight": self.sizes.kernel_shape,
            "inserted": self.sizes.input_shape,
            "kernel": self.sizes.kernel_shape,
        }
        given = {"patch": patch, "weight": weight, "inserted": inserted, "kernel": kernel}
        read: dict[str, Map] = {
            name: read_map(numbers, getattr(self.maps, name), prod(cells[name]), name)
            for name, numbers in given.items()
            if numbers is not None
        }
        return replace(self, maps=replace(self.maps, **read))

    def prove(self) -> IdentityProof:
        """Prove that Tᵀ·vec(y), and the convolution of stride 1, are the scatter formula, for all values.

        Examples:
            >>> transposed([1, 2], [3, 4, 5], stride=2).prove()
            Proved (tier: exact). Tᵀ·vec(y) is the scatter formula, and so is the convolution of stride 1
            of the zero-inserted input with the reversed kernels, for
            Transposed: Tᵀ (5×2) · vec(y) = vec of an output of shape (5,), numeric:
            10 entries compared as polynomials of 6 products.
        """
        names = generic_names("y", self._input_shape), generic_names("w", self._kernel_shape)
        return prove_transposed(self.sizes, self.maps, repr(self), names, self.hidden_axes)

    def __repr__(self) -> str:
        rows, columns = prod(self.sizes.output_shape[1:]), prod(self.sizes.input_shape[1:])
        batch, shape = self.geometry.batch, self.sizes.output_shape[self.hidden_axes :]
        each = f" for each of {batch} samples" if batch > 1 else ""
        kind = "symbolic" if self.is_symbolic else "numeric"
        return f"Transposed: Tᵀ ({rows}×{columns}) · vec(y){each} = vec of an output of shape {shape}, {kind}"

    def _repr_latex_(self) -> str | None:
        try:
            return rf"$\displaystyle {latex(self)}$"
        except SymconvError:  # too large to be written out: a notebook then shows the text
            return None

    @property
    def _input_shape(self) -> tuple[int, ...]:
        return self.sizes.input_shape[self.hidden_axes :]

    @property
    def _kernel_shape(self) -> tuple[int, ...]:
        return self.sizes.kernel_shape[2 * (self.hidden_axes == 2) :]

    def _given(self, array: Array) -> Any:
        """An array as a caller gets it: a SymPy matrix if it is symbolic and has two axes."""
        if self.is_symbolic and array.ndim == 2:
            return sympy.Matrix(*array.shape, list(array.flat))
        return (as_symbolic(array) if self.is_symbolic else array).view(MathArray)

    def _refuse_if_large(self, what: str, entries: int) -> None:
        """Refuse what would take SymPy minutes, or more memory than there is."""
        if not self.is_symbolic and entries > MOST_ENTRIES:
            raise SizeLimitError(
                f"{what} has {entries:,} entries or products, more than {MOST_ENTRIES:,}: "
                "use conv_transpose or prove(), which do without"
            )
        if self.is_symbolic and self.max_entries is not None and entries > self.max_entries:
            raise SizeLimitError(
                f"{what} has {entries:,} symbolic entries or products, more than max_entries="
                f"{self.max_entries:,}: use prove(), which needs no symbols, "
                "or insist with transposed(..., max_entries=None)"
            )


@prove.register
def _(t: Transposed) -> IdentityProof:
    return t.prove()

"""Layers with a stride or a dilation as layers without: polyphase parts, and sub-lattices.

Both say which cells, taps and positions belong together modulo the stride or the dilation; what is done
with them, and the proof, is the same for both.
"""

from collections.abc import Callable
from itertools import product
from math import gcd
from typing import NamedTuple

from symconv.forms.arguments import refuse_symbols
from symconv.forms.pieces import Piece, Pieces
from symconv.geometry import Geometry


def polyphase(g: Geometry) -> Pieces:
    r"""A strided convolution as a sum of convolutions of stride 1 of the decimated input.

    With one part for each tap t₀ below the stride s (below s/gcd(s, d) at dilation d), along each axis:

    .. math:: \sum_t w_t\,\hat x_{os+t} = \sum_{t_0 < s} \sum_u w_{t_0+us}\;\hat x_{t_0+(o+u)s}

    where the inner sum is a convolution of stride 1 of every s-th cell with every s-th tap.

    Args:
        g: the layer, of any stride, padding, dilation and groups.

    Returns:
        ``Pieces`` whose outputs are added.

    Raises:
        GeometryError: a size is a symbol.

    Source: Vaidyanathan 1993, *Multirate systems and filter banks*, section 4.3.

    Examples:
        >>> parts = polyphase(Geometry((5, 6), (2, 3), stride=(1, 2)))
        >>> [(p.reads[1], p.taps[1]) for p in parts.pieces]
        [(slice(0, 5, 2), slice(0, None, 2)), (slice(1, 4, 2), slice(1, None, 2))]
        >>> bool(parts.prove())
        True
    """
    return _pieces(g, "polyphase", _phases)


def sublattices(g: Geometry) -> Pieces:
    r"""A dilated convolution as convolutions without dilation, each on a sub-lattice of the input.

    With one part for each position r below the dilation d (below d/gcd(s, d) at stride s), along each axis:

    .. math:: y_{r+id} = \sum_t w_t\,\hat x_{r+(i+t)d}

    which is a convolution of every d-th cell with the whole kernel, and makes every d-th output cell.

    Args:
        g: the layer, of any stride, padding, dilation and groups.

    Returns:
        ``Pieces`` whose outputs lie side by side, each cell in one of them.

    Raises:
        GeometryError: a size is a symbol.

    Source: Holschneider et al. 1989, the *algorithme à trous*; Yu & Koltun 2016, section 2.

    Examples:
        >>> parts = sublattices(Geometry(8, 3, dilation=2))
        >>> [(p.reads[0], p.writes[0]) for p in parts.pieces]
        [(slice(0, 7, 2), slice(0, None, 2)), (slice(1, 8, 2), slice(1, None, 2))]
        >>> bool(parts.prove())
        True
    """
    return _pieces(g, "sublattices", _lattices)


class _Axis(NamedTuple):
    """One axis of one piece, its kernel size, stride and dilation."""

    reads: slice
    taps: slice
    writes: slice
    kernel: int
    stride: int
    dilation: int


def _phases(k: int, s: int, d: int, o: int) -> list[_Axis]:
    """The taps that read the same cells modulo the stride, one axis for each such set."""
    apart, step = s // gcd(s, d), d // gcd(s, d)  # of the taps of one set; of what they read, in strides
    axes = []
    for first in range(min(apart, k)):
        taps = -(-(k - first) // apart)
        cells = (o - 1) + (taps - 1) * step + 1
        reads = slice(first * d, first * d + (cells - 1) * s + 1, s)
        axes.append(_Axis(reads, slice(first, None, apart), slice(None), taps, 1, step))
    return axes


def _lattices(k: int, s: int, d: int, o: int) -> list[_Axis]:
    """The output positions that read the same cells modulo the dilation, one axis for each such set."""
    apart, step = d // gcd(s, d), s // gcd(s, d)  # of the positions of one set; of their windows, on it
    axes = []
    for first in range(min(apart, o)):
        positions = -(-(o - first) // apart)
        cells = (positions - 1) * step + k
        reads = slice(first * s, first * s + (cells - 1) * d + 1, d)
        axes.append(_Axis(reads, slice(None), slice(first, None, apart), k, step, 1))
    return axes


def _pieces(g: Geometry, name: str, split: Callable[[int, int, int, int], list[_Axis]]) -> Pieces:
    """The pieces of all axes together: one for each choice of a set along each axis."""
    refuse_symbols(g)
    padded = g.padded().input_size
    pieces = []
    for axes in product(*map(split, g.kernel_size, g.stride, g.dilation, g.output_size)):
        reads, taps, writes, kernels, strides, dilations = zip(*axes, strict=True)
        sizes = [len(range(*read.indices(n))) for read, n in zip(reads, padded, strict=True)]
        part = Geometry(
            sizes,
            kernels,
            g.in_channels,
            g.out_channels,
            g.batch,
            stride=strides,
            dilation=dilations,
            groups=g.groups,
        )
        pieces.append(Piece(reads, taps, writes, part))
    return Pieces(g, tuple(pieces), name)

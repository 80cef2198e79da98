r"""How many multiplications a convolution takes, directly and through the Fourier transform.

The count is of multiplications of real numbers, under these assumptions:

* a transform has a power of two of cells along each axis, and uses radix 2: S/2 · log₂ S complex
  multiplications for S cells, the trivial ones counted (Cooley & Tukey 1965);
* a complex multiplication is four real ones, and a transform of real numbers is half a complex one:
  S · log₂ S for each transform;
* the spectrum of real numbers is half as long, so that a product of spectra takes S/2 · 4 = 2S;
* each channel of each sample, each kernel and each filter's output is transformed once.

.. math:: \left(N C + F \tfrac{C}{G} + N F\right) S \log_2 S + 2\,N F \tfrac{C}{G} S
   \quad\text{against}\quad N F \tfrac{C}{G} K L

for K taps and L output positions. Additions, memory and time are another matter.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import prod

from symconv.errors import GeometryError
from symconv.forms.arguments import refuse_symbols
from symconv.geometry import Geometry
from symconv.sizes import Sizes, is_sequence, whole


@dataclass(frozen=True)
class FourierCost:
    """Multiplications of a layer, directly and through the Fourier transform.

    Attributes:
        direct: those of the loop formula.
        transforms: those of all transforms, there and back.
        spectra: those of the products of spectra.
        size: cells of the transform along each axis.

    Source: Mathieu, Henaff & LeCun 2014, *Fast training of convolutional networks through FFTs*, section 2.2.

    Examples:
        >>> fourier_cost(Geometry((64, 64), 9))
        FourierCost(direct=254016, transforms=147456, spectra=8192, size=(64, 64))
    """

    direct: int
    transforms: int
    spectra: int
    size: tuple[int, ...]

    @property
    def fourier(self) -> int:
        """All multiplications through the Fourier transform."""
        return self.transforms + self.spectra

    @property
    def cheaper(self) -> str:
        """``"fourier"`` or ``"direct"``, whichever has fewer multiplications; ``"direct"`` if neither."""
        return "fourier" if self.fourier < self.direct else "direct"


def fourier_cost(g: Geometry, *, kernels_ready: bool = False) -> FourierCost:
    """Count the multiplications of a layer, directly and through the Fourier transform.

    A stride makes the direct sum cheaper, but not the transform, which makes every position.

    Args:
        g: the layer; its sizes are numbers.
        kernels_ready: whether the kernels' spectra are there already, as after training.

    Returns:
        ``FourierCost``, in multiplications of real numbers.

    Raises:
        GeometryError: a size is a symbol.

    Source: Mathieu, Henaff & LeCun 2014, *Fast training of convolutional networks through FFTs*, section 2.2.

    Examples:
        >>> layer = Geometry((224, 224), 3, 64, 64, padding=1)
        >>> fourier_cost(layer).cheaper, fourier_cost(layer, kernels_ready=True).cheaper
        ('direct', 'fourier')
    """
    refuse_symbols(g)
    padded = g.padded().input_size
    bits = [(n - 1).bit_length() for n in padded]
    cells, per_group = 2 ** sum(bits), g.in_channels // g.groups
    kernels = 0 if kernels_ready else g.out_channels * per_group
    transforms = g.batch * g.in_channels + kernels + g.batch * g.out_channels
    products = 2 * g.batch * g.out_channels * per_group * cells
    return FourierCost(
        g.products, transforms * cells * sum(bits), products, tuple(2**exponent for exponent in bits)
    )


def fourier_crossover(
    kernel_size: Sizes,
    in_channels: int = 1,
    out_channels: int = 1,
    batch: int = 1,
    *,
    kernels_ready: bool = False,
) -> int | None:
    r"""The first size from which the Fourier transform takes fewer multiplications, for a kernel size.

    The input is as large as the transform: m cells along each axis, m a power of two, without padding and at
    stride 1. Divided by N·F·C·S, the two counts are

    .. math:: \left(\tfrac1F + \tfrac1N + \tfrac1C\right) \log_2 S + 2 \quad\text{and}\quad
       \prod_{\text{axes}} k\,\left(1 - \tfrac{k-1}{m}\right)

    The left grows without bound, slowly; the right not beyond the taps of the kernel. So there may be no such
    size, and a vast input is better cut into pieces of about this size, each transformed by itself.

    Args:
        kernel_size: taps along each axis; one int for an image kernel of as many rows as columns.
        in_channels: channels C.
        out_channels: filters F.
        batch: samples N.
        kernels_ready: whether the kernels' spectra are there already (then 1/N falls out of the sum).

    Returns:
        m, or None where the direct sum takes no more at any size.

    Raises:
        GeometryError: a size is not a whole number of at least 1.

    Source: the counts of this module's description; Mathieu, Henaff & LeCun 2014, section 2.2.

    Examples:
        >>> [fourier_crossover(k) for k in (3, 5, 7, 9, 11)]
        [None, None, 32, 32, 32]
        >>> fourier_crossover(3, in_channels=64, out_channels=64, batch=16)
        8
        >>> fourier_crossover((9,)), fourier_crossover((64,))
        (None, 128)
    """
    given = kernel_size if is_sequence(kernel_size) else [kernel_size] * 2
    kernel = [whole(k, "kernel_size") for k in given]
    if not kernel:
        raise GeometryError("kernel_size=() has no axes: give a size for at least one")
    channels, filters = whole(in_channels, "in_channels"), whole(out_channels, "out_channels")
    shared = Fraction(1, filters) + Fraction(1, channels)
    shared += 0 if kernels_ready else Fraction(1, whole(batch, "batch"))
    taps, bits = prod(kernel), (max(kernel) - 1).bit_length()
    while shared * bits * len(kernel) + 2 < taps:
        m = 1 << bits
        if shared * bits * len(kernel) + 2 < taps * prod(Fraction(m - k + 1, m) for k in kernel):
            return m
        bits += 1
    return None

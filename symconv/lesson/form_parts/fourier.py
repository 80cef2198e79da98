"""The Fourier transform on a page: the circulant, the matrix that makes it diagonal, and what that saves."""

from dataclasses import dataclass
from typing import Any

from symconv.entries import Array
from symconv.errors import BlockError
from symconv.forms.fourier import MOST_CELLS, Fourier, fourier
from symconv.forms.fourier_cost import fourier_cost, fourier_crossover
from symconv.geometry import Geometry
from symconv.lesson.form_parts.form import Form, Shown, against, counted, formula, in_words, listing, proved
from symconv.lesson.layer import LAYER_KEYS, read_count, read_geometry
from symconv.lesson.words import read_list, read_rows, read_size
from symconv.proof.identity import IdentityProof
from symconv.show.latex import latex

MOST_KERNELS = 24  # sizes in a table of crossings


@dataclass(frozen=True)
class Circle:
    """What a block says: a transform, a kernel on its circle, and what is to be counted.

    Attributes:
        transform: of so many cells.
        kernel: numbers or letters to convolve with; None for letters.
        layers: the layers whose cost is counted, each with its name.
        taps: sizes of kernels whose crossing is looked for.
        shared: channels, filters and samples of those.
    """

    transform: Fourier
    kernel: Array | None
    layer: Geometry | None
    taps: tuple[tuple[int, ...], ...]
    shared: dict[str, int]

    def prove(self) -> IdentityProof:
        """That the transform makes every circular convolution diagonal."""
        return self.transform.prove()


def _read(values: dict[str, Any], show: tuple[str, ...]) -> Circle:
    sizes = read_size(_text(values.get("length", "4"), "length"), "length")
    cells = 1
    for n in sizes:
        cells *= n
    if not 1 <= cells <= MOST_CELLS:
        raise BlockError(
            f"length={values.get('length')} is not written out here: write 1 to {MOST_CELLS} cells"
        )
    _refuse_what_has_no_use(values, show)
    layer, kernel, transform = None, None, fourier(sizes)
    if "cost" in show:
        layer = read_geometry(values)
    elif "kernel" in values:
        kernel = read_rows(values["kernel"], "kernel")
        transform.circulant(kernel)  # does it fit?
    taps = read_list(values.get("taps", ["3", "5", "7", "9", "11"]), "taps")
    if not 1 <= len(taps) <= MOST_KERNELS:
        raise BlockError(f"taps lists {len(taps)} sizes: write 1 to {MOST_KERNELS} of them")
    shared = {
        name: read_count(values, key)
        for key, name in (("channels", "in_channels"), ("kernels", "out_channels"), ("batch", "batch"))
    }
    return Circle(transform, kernel, layer, tuple(_taps(t) for t in taps), shared)


def _refuse_what_has_no_use(values: dict[str, Any], show: tuple[str, ...]) -> None:
    """What is for one part only is refused where that part is not shown."""
    if "input" in values and "cost" not in show:
        raise BlockError("input is the size of a layer, for the part cost: leave it out, or show the cost")
    if "taps" in values and "crossover" not in show:
        raise BlockError("taps is for the part crossover: leave it out, or show the crossover")
    if "cost" in show:
        return
    if isinstance(values.get("kernel"), str):
        raise BlockError(f"kernel={values['kernel']!r} is a size: write its cells as a list, or leave it out")
    shared = ("kernels", "channels", "batch") if "crossover" in show else ()
    for key in (*LAYER_KEYS, "batch"):
        if key in values and key not in ("input", "kernel", *shared):
            raise BlockError(f"{key} is for the parts cost and crossover: leave it out, or show one of them")


def _text(given: Any, key: str) -> str:
    if isinstance(given, str):
        return given
    raise BlockError(f"{key}={given} is not a size: write one such as 4, or 3x4")


def _taps(given: Any) -> tuple[int, ...]:
    """The taps of an image kernel; one number stands for as many rows as columns."""
    sizes = read_size(_text(given, "taps"), "taps")
    if min(sizes) < 1 or max(sizes) > 10**6:
        raise BlockError(f"taps={given} is no size of a kernel: write one of 1 to 1,000,000")
    return sizes * 2 if len(sizes) == 1 else sizes


def _circulant(circle: Circle, _proof: Any) -> Shown:
    return formula(latex(circle.transform, "circulant", w=circle.kernel))


def _diagonal(circle: Circle, _proof: Any) -> Shown:
    return formula(latex(circle.transform, "diagonal", w=circle.kernel))


def _proof(circle: Circle, proof: IdentityProof) -> Shown:
    n = circle.transform.cells
    return proved(
        proof.tier,
        "both sides of <i>F</i> <i>C</i>(<i>w</i>) = diag(<i>F̄ w</i>) <i>F</i> were compared, then those for "
        "the true convolution and for <i>F</i><sup>−1</sup>: "
        f"{counted(proof.compared, 'entry', 'entries')} of {n}×{n} matrices, as exact sums of roots of "
        "unity, for any kernel.",
    ), []


def _cost(circle: Circle, _proof: Any) -> Shown:
    """The multiplications of a layer, directly and through the transform."""
    if circle.layer is None:
        raise BlockError("show has the part cost, which is of a layer: write its input and kernel as sizes")
    direct = fourier_cost(circle.layer).direct
    rows: list[tuple[Any, ...]] = [("loop formula", "", "", direct, "")]
    for name, ready in (("Fourier transform", False), ("the same, the kernels' spectra ready", True)):
        cost = fourier_cost(circle.layer, kernels_ready=ready)
        rows.append((name, cost.transforms, cost.spectra, cost.fourier, against(direct, cost.fourier)))
    size = "×".join(map(str, fourier_cost(circle.layer).size))
    heads = ("way", "in transforms", "in products of spectra", "multiplications", "against the first")
    label = f"multiplications of real numbers, {in_words(circle.layer)}, with transforms of {size}"
    return listing(label, heads, rows), []


def _crossover(circle: Circle, _proof: Any) -> Shown:
    """The first size of a transform at which it takes fewer multiplications, for several kernels."""
    rows = []
    for taps in circle.taps:
        found = [fourier_crossover(taps, **circle.shared, kernels_ready=ready) for ready in (False, True)]
        rows.append(("×".join(map(str, taps)), *(_first(m, len(taps)) for m in found)))
    named = zip(("channel", "kernel", "sample"), circle.shared.values(), strict=True)
    words = ", ".join(counted(number, name) for name, number in named)
    heads = ("kernel", "cheaper from", "with the kernels' spectra ready")
    return listing(
        f"from which size on the Fourier transform takes fewer multiplications: {words}", heads, rows
    ), []


def _first(m: int | None, axes: int) -> str:
    return "never" if m is None else "×".join([f"{m:,}"] * axes)


FOURIER = Form(
    keys=("length", "taps", *LAYER_KEYS, "batch"),
    read=_read,
    parts={
        "circulant": _circulant,
        "matrix": lambda circle, _proof: formula(latex(circle.transform)),
        "diagonal": _diagonal,
        "identity": lambda circle, _proof: formula(latex(circle.transform, "identity")),
        "cost": _cost,
        "crossover": _crossover,
        "proof": _proof,
    },
    default=("circulant", "matrix", "diagonal", "proof"),
)

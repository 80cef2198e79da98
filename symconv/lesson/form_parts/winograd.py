"""Winograd's minimal filtering on a page: its matrices, one tile worked, what it saves, what it loses."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

from symconv.entries import Array
from symconv.errors import BlockError, SizeLimitError
from symconv.forms.nested import NestedWinograd, nested
from symconv.forms.rounding import rounding
from symconv.forms.winograd import Winograd, winograd
from symconv.forms.winograd_latex import steps
from symconv.geometry import Geometry
from symconv.lesson.form_parts.form import (
    Form,
    Shown,
    costs,
    formula,
    in_words,
    listing,
    power_of_ten,
    proved,
    side_by_side,
)
from symconv.lesson.layer import LAYER_KEYS, read_geometry
from symconv.lesson.words import read_rows, read_size
from symconv.proof.bilinear import BilinearProof
from symconv.prove import prove
from symconv.show import figure
from symconv.show.latex import latex

Algorithm = Winograd | NestedWinograd

MOST_PRODUCTS = 256  # of a tile whose algorithm is made, proved and measured while a page is built
MOST_ALGORITHMS = 12  # in one table
_TILE = ("input", "kernel")  # cells of one tile, where they are numbers
TABLES = ("counts", "cost", "rounding", "proof")  # what can be shown of several algorithms


@dataclass(frozen=True)
class Tiles:
    """What a block says: one algorithm, or several to be compared, and what they are tried on.

    Attributes:
        algorithms: one for each size of a tile, or for each list of points.
        x: the cells of one tile, or None for letters.
        w: the weights, or None for letters.
        layer: the layer whose cost is counted; None if no size of an input was given.
    """

    algorithms: tuple[Algorithm, ...]
    x: Array | None = None
    w: Array | None = None
    layer: Geometry | None = None

    def prove(self) -> BilinearProof:
        """The first verdict that is a refusal, or the last of all."""
        proofs = [prove(algorithm) for algorithm in self.algorithms]
        verdict: BilinearProof = next((p for p in proofs if not p), proofs[-1])
        return verdict


def read_tiles(values: dict[str, Any], show: tuple[str, ...]) -> Tiles:
    """What a block of the form winograd says.

    Raises:
        SymconvError: what is wrong with it.

    Examples:
        >>> read_tiles({"outputs": "2", "taps": "3"}, ("matrices",)).algorithms
        (F(2, 3): 4 multiplications instead of 6, at the points 0, 1, -1, ∞,)
    """
    for key in ("outputs", "taps"):
        if key not in values:
            raise BlockError(f"{key} is missing: write “{key}: {'2' if key == 'outputs' else '3'}”, or 2x2")
    if isinstance(values["taps"], list):
        raise BlockError(f"taps={values['taps']} is a list: write one size such as 3 or 3x3")
    taps = _size(values["taps"], "taps")
    offered = values["outputs"] if isinstance(values["outputs"], list) else [values["outputs"]]
    points = values.get("points")
    lists = points if isinstance(points, list) and any(isinstance(p, list) for p in points) else [points]
    if not offered or len(offered) * len(lists) > MOST_ALGORITHMS:
        raise BlockError(
            f"outputs and points make {len(offered) * len(lists)} algorithms: name 1 to {MOST_ALGORITHMS}"
        )
    algorithms = tuple(_algorithm(_size(m, "outputs"), taps, chosen) for m in offered for chosen in lists)
    if len(algorithms) > 1 and (one := [part for part in show if part not in TABLES]):
        raise BlockError(
            f"show has the part {one[0]}, which is of one algorithm: give one size for outputs, or show only "
            f"{', '.join(TABLES)}"
        )
    layer = _layer(values, taps, algorithms[0], show)
    x, w = (_cells(values, key, show) for key in ("input", "kernel"))
    if "steps" in show:
        steps(algorithms[0], x, w)  # do they fit?
    return Tiles(algorithms, x, w, layer)


def _layer(
    values: dict[str, Any], taps: tuple[int, ...], algorithm: Algorithm, show: tuple[str, ...]
) -> Geometry | None:
    """The layer whose cost is counted, if there is one."""
    if not isinstance(values.get("input"), str):
        if of_layers := [key for key in (*LAYER_KEYS, "batch") if key in values and key not in _TILE]:
            raise BlockError(
                f"{of_layers[0]} is of a layer: write the size of its input as well, for the part cost"
            )
        return None
    if "cost" not in show:
        raise BlockError("input is the size of a layer, for the part cost: give the cells of one tile")
    g = read_geometry({**values, "kernel": "x".join(map(str, taps))})
    rank = 1 if isinstance(algorithm, Winograd) else len(algorithm.axes)
    if g.rank != rank:
        raise BlockError(f"input={values['input']} has {g.rank} axes for tiles of {rank}: write as many")
    return g


def _cells(values: dict[str, Any], key: str, show: tuple[str, ...]) -> Any:
    """The cells of a tile as numbers or letters, if there are any."""
    given = values.get(key)
    if isinstance(given, list) and "steps" not in show:
        raise BlockError(
            f"{key} has the cells of one tile, for the part steps: leave it out, or show the steps"
        )
    if isinstance(given, str) and key == "kernel":
        raise BlockError("kernel is a size, which taps says: write its numbers, or leave it out")
    return read_rows(given, key) if isinstance(given, list) else None


def _size(given: Any, key: str) -> tuple[int, ...]:
    if isinstance(given, list):
        raise BlockError(f"{key} lists {given}: write sizes such as 2 or 2x2")
    sizes = read_size(given, key)
    if min(sizes) < 1 or len(sizes) > 2:
        raise BlockError(f"{key}={given} is not drawn here: write one or two sizes of at least 1, as in 2x2")
    return sizes


def _algorithm(m: tuple[int, ...], r: tuple[int, ...], points: Any) -> Algorithm:
    rank = max(len(m), len(r))
    m, r = ((sizes * rank if len(sizes) == 1 else sizes) for sizes in (m, r))
    if prod(a + b - 1 for a, b in zip(m, r, strict=True)) > MOST_PRODUCTS:
        raise BlockError(
            f"outputs={'x'.join(map(str, m))} makes tiles of more than {MOST_PRODUCTS} products: write fewer"
        )
    chosen = None if points is None else read_rows(points if isinstance(points, list) else [points], "points")
    try:
        axes = [winograd(a, b, chosen) for a, b in zip(m, r, strict=True)]
    except SizeLimitError as error:
        raise BlockError(f"outputs={max(m)} is too large for exact matrices: write a smaller one") from error
    return axes[0] if rank == 1 else nested(*axes)


def _matrices(tiles: Tiles, _proof: Any) -> Shown:
    return formula(latex(tiles.algorithms[0]))


def _formula(tiles: Tiles, _proof: Any) -> Shown:
    return formula(latex(tiles.algorithms[0], "formula"))


def _steps(tiles: Tiles, _proof: Any) -> Shown:
    """One tile from its cells and weights to its outputs."""
    worked = steps(tiles.algorithms[0], tiles.x, tiles.w)
    return side_by_side([figure.mathematics(text, words) for words, text in worked]), [t for _, t in worked]


def _proof(tiles: Tiles, proof: BilinearProof) -> Shown:
    number = len(tiles.algorithms)
    of_each = f"each of the {number} algorithms" if number > 1 else proof.name
    words = f"every output of {of_each} was compared with the loop formula as polynomials"
    return proved(proof.tier, f"{words}, for any values of the inputs and weights."), []


def _counts(tiles: Tiles, _proof: Any) -> Shown:
    """What one tile takes, per output."""
    rows = []
    for a in tiles.algorithms:
        outputs = a.m if isinstance(a.m, int) else prod(a.m)
        transforms = (a.additions.input + a.additions.output, a.scalings.input + a.scalings.output)
        each = (a.multiplications, *transforms)
        rows.append(
            (
                _name(a, tiles.algorithms),
                f"{a.direct_multiplications:,}",
                f"{a.multiplications:,}",
                f"{a.direct_multiplications / a.multiplications:.3g}×",
                *(f"{count / outputs:.3g}" for count in each),
            )
        )
    heads = (
        "algorithm",
        "products in the loop formula",
        "products of a tile",
        "fewer",
        "products per output",
        "additions of the transforms per output",
        "multiplications by constants per output",
    )
    return listing("one tile, counted", heads, rows), []


def _cost(tiles: Tiles, _proof: Any) -> Shown:
    """What a layer takes: stage by stage of one algorithm, in all of several."""
    layer = tiles.layer or _one_tile(tiles.algorithms[0])
    label = f"the cost, counted: {in_words(layer)}"
    counted_ = [(a, a.cost(layer)) for a in tiles.algorithms]
    ways = [("loop formula", counted_[0][1].direct)]
    if len(counted_) > 1:
        ways += [(_name(a, tiles.algorithms), cost.total) for a, cost in counted_]
        return costs(ways, label=label), []
    ((algorithm, cost),) = counted_
    ways.append((f"{_name(algorithm, tiles.algorithms)}, in all", cost.total))
    stages = [
        ("of it, transforms of the inputs", cost.inputs),
        ("transforms of the kernels", cost.kernels),
        ("products", cost.products),
        ("transforms of the outputs", cost.outputs),
    ]
    return costs(ways, stages, label), []


def _rounding(tiles: Tiles, _proof: Any) -> Shown:
    """The errors of random tiles in single and double precision, against exact results."""
    rows = []
    for a in tiles.algorithms:
        single, double = (rounding(a, dtype) for dtype in ("float32", "float64"))
        rows.append(
            (
                _name(a, tiles.algorithms),
                power_of_ten(single.mean),
                power_of_ten(double.mean),
                _growth(single.growth),
            )
        )
    heads = (
        "algorithm",
        "mean error, single precision",
        "mean error, double precision",
        "single, as a multiple of the loop formula's",
    )
    return listing("rounding errors of 1,000 random tiles", heads, rows), []


def _growth(value: float) -> str:
    return f"×{value:,.0f}"


def _name(algorithm: Algorithm, among: Sequence[Algorithm]) -> str:
    """The algorithm's name, with its points where others have the same name."""
    alike = [a for a in among if a.name == algorithm.name]
    name = algorithm.name.replace(" ", "\u00a0")  # no line ends in it
    if len(alike) == 1:
        return name
    axis = algorithm if isinstance(algorithm, Winograd) else algorithm.axes[0]
    points = ", ".join(str(Fraction(int(p.p), int(p.q))).replace("-", "−") for p in axis.points or ())
    return f"{name} at {points}, ∞"


def _one_tile(algorithm: Algorithm) -> Geometry:
    return Geometry(algorithm.n, algorithm.r)


WINOGRAD = Form(
    keys=(
        "outputs",
        "taps",
        "points",
        "input",
        "kernel",
        "kernels",
        "channels",
        "batch",
        "padding",
        "groups",
    ),
    read=read_tiles,
    parts={
        "matrices": _matrices,
        "formula": _formula,
        "steps": _steps,
        "counts": _counts,
        "cost": _cost,
        "rounding": _rounding,
        "proof": _proof,
    },
    default=("steps", "proof"),
)

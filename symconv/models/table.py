"""What is said of each layer of a model: the columns of a table, and the same as data."""

from dataclasses import fields
from fractions import Fraction
from typing import Any

from symconv.models.model import LayerProof, ModelProof
from symconv.sizes import Size

HEADINGS = ("", "layer", "output size", "P", "W", "products", "P ÷ input", "tier", "time")


def row(number: int, result: LayerProof) -> list[str]:
    """One layer, as a person reads it; where there is no verdict, only its number, name and why.

    Examples:
        >>> from symconv.geometry import Geometry
        >>> from symconv.models.layer import ModelLayer
        >>> row(1, LayerProof(ModelLayer("conv1", "Conv", None, "it has no kernel"), None))
        ['1', 'conv1', 'it has no kernel']
    """
    layer, g = result.layer, result.layer.geometry
    if g is None or result.proof is None:
        return [str(number), layer.name, result.why or layer.why]
    name = layer.name if layer.operator == "Conv" else f"{layer.name} ({layer.operator})"
    took = f"as {result.same_as + 1}" if result.same_as is not None else duration(result.seconds)
    return [
        str(number),
        name,
        times(layer.output_size),
        times(layer.patch_matrix_shape or ()),
        times(layer.weight_matrix_shape or ()),
        counted(layer.products),
        rounded(layer.expansion),
        str(result.proof.tier) if result.proof else "REFUTED",
        took,
    ]


def as_dict(proof: ModelProof) -> dict[str, Any]:
    """Everything about a model and the verdicts on it, as JSON takes it: a formula is text."""
    model = proof.model
    return {
        "model": model.name,
        "holds": proof.holds,
        "nodes": model.nodes,
        "layers": [_layer(number, result) for number, result in enumerate(proof, start=1)],
        "sizes": dict(model.sizes),
        "why": model.why,
        "text": repr(proof),
    }


def _layer(number: int, result: LayerProof) -> dict[str, Any]:
    layer, g = result.layer, result.layer.geometry
    about: dict[str, Any] = {
        "number": number,
        "name": layer.name,
        "operator": layer.operator,
        "why": result.why,
    }
    if g is None:
        return about | {"geometry": None, "holds": None, "tier": None}
    geometry = {field.name: plain(getattr(g, field.name)) for field in fields(g)}
    if layer.transposed:
        geometry["output_padding"] = plain(layer.transposed.output_padding)
    return about | {
        "geometry": geometry,
        "output_shape": plain(layer.output_shape),
        "patch_matrix_shape": plain(layer.patch_matrix_shape),
        "weight_matrix_shape": plain(layer.weight_matrix_shape),
        "products": plain(layer.products),
        "expansion": plain(layer.expansion),
        "holds": None if result.proof is None else bool(result.proof),
        "tier": str(result.proof.tier) if result.proof else None,
        "assuming": [str(fact) for fact in getattr(result.proof, "assuming", ())],
        "seconds": result.seconds if result.same_as is None else 0.0,
        "same_as": None if result.same_as is None else result.same_as + 1,
    }


def plain(value: Any) -> Any:
    """A size, or tuples of sizes, as JSON takes them."""
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if isinstance(value, Fraction):
        return float(value)
    return value if isinstance(value, bool | int) else str(value)


def counted(size: Size) -> str:
    """A number with its thousands apart, or a formula.

    Examples:
        >>> counted(118013952)
        '118,013,952'
    """
    return f"{size:,}" if isinstance(size, int) else formula(size)


def formula(size: Any) -> str:
    """A formula as a person reads it; an asterisk would begin italics on a page.

    Examples:
        >>> from symconv.sizes import size
        >>> formula(3 * size("n", "input_size") ** 2)
        '3·n^2'
    """
    return str(size).replace("**", "^").replace("*", "·")


def times(sizes: tuple[Size, ...]) -> str:
    """Sizes with a times sign; a formula that is a sum stands in brackets.

    Examples:
        >>> times((112, 112))
        '112×112'
    """
    return "×".join(f"({n})" if getattr(n, "is_Add", False) else counted(n) for n in sizes)


def rounded(ratio: Any) -> str:
    """A ratio to three digits, or a formula."""
    return f"{float(ratio):.3g}" if isinstance(ratio, Fraction | int | float) else formula(ratio)


def duration(seconds: float) -> str:
    """A time as a person reads it.

    Examples:
        >>> duration(0.0041), duration(0.216), duration(2.5)
        ('4.1 ms', '216 ms', '2.5 s')
    """
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1e3:.{2 if seconds < 0.1 else 3}g} ms"

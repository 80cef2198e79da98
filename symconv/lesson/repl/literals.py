"""Arrays, sizes and layers as Python text."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
import sympy

from symconv.entries import Array, ExactDecimal
from symconv.geometry import Geometry
from symconv.matrices import MOST_SYMBOLIC_ENTRIES, Matrices
from symconv.symbols import symbolic

MOST_ON_A_LINE = 72


def array(values: Array, letter: str = "", start: int = 0) -> str:
    """An array: a call where it is letters in order, else nested lists.

    Args:
        values: numbers or symbols.
        letter: the letter that its symbols have, if they are the ones of ``symbolic``.
        start: what the indices of those begin with.

    Examples:
        >>> array(np.array([[1, 2], [3, 4]]))
        '[[1, 2], [3, 4]]'
        >>> array(symbolic("x", (2, 3)), "x")
        'sc.symbolic("x", (2, 3))'
        >>> array(symbolic("x", (2, 3))[None], "x")  # its letters have no index for the one channel
        'sc.symbolic("x", (2, 3))[None]'
    """
    counted = f", start={start}" if start else ""
    bare = values
    while letter and bare.ndim:
        if np.array_equal(bare, symbolic(letter, bare.shape, start)):
            added = ", ".join(["None"] * (values.ndim - bare.ndim))
            return f'sc.symbolic("{letter}", {bare.shape}{counted})' + (f"[{added}]" if added else "")
        if len(bare) > 1:
            break
        bare = bare[0]
    return nested(values.tolist())


def nested(values: Any, indent: int = 0) -> str:
    """Nested lists of numbers and symbols, a long one on several lines.

    Examples:
        >>> nested([1, Fraction(1, 2), ExactDecimal("0.1"), sympy.Symbol("a")])
        '[1, Fraction(1, 2), Decimal("0.1"), sympy.Symbol("a")]'
    """
    if not isinstance(values, list):
        return _entry(values)
    line = f"[{', '.join(nested(v) for v in values)}]"
    if len(line) + indent <= MOST_ON_A_LINE or not any(isinstance(v, list) for v in values):
        return line
    inner = " " * (indent + 4)
    rows = "".join(f"{inner}{nested(v, indent + 4)},\n" for v in values)
    return f"[\n{rows}{' ' * indent}]"


def _entry(value: Any) -> str:
    if isinstance(value, ExactDecimal):
        return f'Decimal("{Decimal(str(value))}")' if "/" not in str(value) else _entry(Fraction(value))
    if isinstance(value, Fraction):
        return f"Fraction({value.numerator}, {value.denominator})"
    if isinstance(value, sympy.Symbol):
        return f'sympy.Symbol("{value.name}")'
    if isinstance(value, sympy.Rational):
        return _entry(Fraction(int(value.p), int(value.q))) if value.q != 1 else str(value)
    return repr(value)


def geometry(g: Geometry) -> str:
    """A layer of sizes alone.

    Examples:
        >>> geometry(Geometry((3, 4), 2, stride=2))
        'sc.Geometry((3, 4), (2, 2), stride=2)'
    """
    counts = {"in_channels": 1, "out_channels": 1, "batch": 1}
    given = {name: getattr(g, name) for name, plain in counts.items() if getattr(g, name) != plain}
    return call("sc.Geometry", [repr(g.input_size), repr(g.kernel_size)], {**given, **conditions(g)})


def conditions(g: Geometry) -> dict[str, Any]:
    """The hyper-parameters that are not the plain ones, each as short as it can be written.

    Examples:
        >>> conditions(Geometry((5, 5), 3, stride=2, padding=((0, 1), (0, 1))))
        {'stride': 2, 'padding': [(0, 1), (0, 1)]}
    """
    plain = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    named = {name: _short(getattr(g, name)) for name in plain}
    return {name: value for name, value in named.items() if value != plain[name]}


def arguments(given: dict[str, Any]) -> str:
    """Arguments by name, to follow others.

    Examples:
        >>> arguments({"stride": 2, "start": 1})
        ', stride=2, start=1'
    """
    return "".join(f", {name}={value!r}" for name, value in given.items())


def unrolled(layer: Matrices) -> str:
    """The statement that unrolls a layer.

    Examples:
        >>> from symconv.unroll import unroll
        >>> print(unrolled(unroll([[1, 2], [3, 4]], [[1]], stride=2).matrices))
        u = sc.unroll([[1, 2], [3, 4]], [[1]], stride=2)
    """
    given = conditions(layer.geometry)
    if layer.start:
        given["start"] = layer.start
    if prod(layer.geometry.patch_matrix_shape) > MOST_SYMBOLIC_ENTRIES:
        given["max_entries"] = None
    arrays = (array(layer.input, "x", layer.start), array(layer.kernel, "w", layer.start))
    return call("u = sc.unroll", arrays, given)


def call(name: str, first: Sequence[str], given: dict[str, Any]) -> str:
    """A call, its arguments below each other where they do not fit on a line."""
    line = f"{name}({', '.join(first)}{arguments(given)})"
    if len(line) <= MOST_ON_A_LINE + 16 and "\n" not in line:
        return line
    rows = [
        *(text.replace("\n", "\n    ") for text in first),
        *(f"{key}={value!r}" for key, value in given.items()),
    ]
    return f"{name}(\n" + "".join(f"    {row},\n" for row in rows) + ")"


def listed(items: Sequence[str]) -> str:
    """A list of expressions, each on its own line where they do not fit on one.

    Examples:
        >>> listed(["sc.winograd(2, 3)", "sc.winograd(4, 3)"])
        '[sc.winograd(2, 3), sc.winograd(4, 3)]'
    """
    line = f"[{', '.join(items)}]"
    return line if len(line) <= MOST_ON_A_LINE else "[\n" + "".join(f"    {item},\n" for item in items) + "]"


def _short(value: Any) -> Any:
    """A hyper-parameter: one number where that says it all, pairs where cells are added at one end only."""
    if not isinstance(value, tuple):
        return value
    flat = {n for v in value for n in (v if isinstance(v, tuple) else (v,))}
    if len(flat) == 1:
        return flat.pop()
    if all(isinstance(v, tuple) and v[0] == v[1] for v in value):
        return tuple(v[0] for v in value)
    return list(value) if isinstance(value[0], tuple) else value

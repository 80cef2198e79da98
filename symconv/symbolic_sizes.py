"""Sizes that stand in a layer's description: alone, in tuples or in pairs, as numbers or as symbols.

Stands above the geometry, which is made of such sizes.
"""

from collections.abc import Iterable
from typing import Any

import sympy

from symconv.sizes import is_symbolic


def one_symbol_a_name(values: dict[str, Any]) -> dict[str, Any]:
    """The sizes with one symbol for each name: what is known of it in one place is known everywhere."""
    names: dict[str, sympy.Symbol] = {}
    symbols = symbols_in(values.values())
    for symbol in sorted(symbols, key=lambda s: (s.name, not s.is_positive, not s.is_nonnegative)):
        names.setdefault(symbol.name, symbol)
    new = {symbol: names[symbol.name] for symbol in symbols if symbol != names[symbol.name]}
    return {name: replaced(value, new) for name, value in values.items()} if new else values


def symbols_in(values: Iterable[Any]) -> set[sympy.Symbol]:
    """The symbols of these sizes, tuples of sizes, and tuples of pairs."""
    return {symbol for value in values for one in symbolic_sizes(value) for symbol in one.free_symbols}


def symbolic_sizes(value: Any) -> list[Any]:
    """The sizes in a size, a tuple of sizes, or a tuple of pairs that are no numbers."""
    if type(value) is int:  # nearly all of them, and a sweep looks at millions
        return []
    if isinstance(value, tuple):
        return [one for part in value for one in symbolic_sizes(part)]
    return [value] if is_symbolic(value) else []


def replaced(value: Any, new: dict[sympy.Symbol, Any]) -> Any:
    """Sizes with symbols replaced; numbers are Python's own again."""
    if isinstance(value, tuple):
        return tuple(replaced(part, new) for part in value)
    if not is_symbolic(value):
        return value
    result = value.subs(new, simultaneous=True)
    return result if result.free_symbols else int(result)


def shown(value: Any) -> str:
    """A size as it could be typed: a symbol as its name in quotes."""
    if isinstance(value, tuple):
        return f"({', '.join(map(shown, value))}{',' if len(value) == 1 else ''})"
    return repr(value.name) if isinstance(value, sympy.Symbol) else repr(value)

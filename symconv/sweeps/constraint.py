"""Constraints of a grid, such as ``channels % groups == 0``: a small grammar of our own, never evaluated.

    constraint = sum (("<=" | "<" | ">=" | ">" | "==" | "!=") sum)+
    sum        = product (("+" | "-") product)*
    product    = atom (("*" | "//" | "%") atom)*
    atom       = number | name | name "[" axis "]" | "(" sum ")"

A name that has a value for each axis stands for each in turn, and the constraint is to hold on every axis.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from symconv.errors import GeometryError, RequestError
from symconv.geometry import Geometry

Value = Callable[[Geometry, int], int]  # of a geometry, on an axis

_TOKEN = re.compile(r"\s*(?:(\d{1,9})|([A-Za-z_]+)|(<=|>=|==|!=|//|[-+*%<>()\[\]]))")
_COMPARE = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
    "!=": operator.ne,
}
_SUM = {"+": operator.add, "-": operator.sub}
_PRODUCT = {"*": operator.mul, "//": operator.floordiv, "%": operator.mod}
_MOST_LETTERS, _MOST_DEPTH = 500, 20
_NAMES: dict[str, Value] = {  # the words of a grid, and of a lesson's blocks
    "input": lambda g, axis: g.input_size[axis],
    "kernel": lambda g, axis: g.kernel_size[axis],
    "output": lambda g, axis: g.output_size[axis],
    "stride": lambda g, axis: g.stride[axis],
    "dilation": lambda g, axis: g.dilation[axis],
    "padding_before": lambda g, axis: g.padding[axis][0],
    "padding_after": lambda g, axis: g.padding[axis][1],
    "channels": lambda g, _: g.in_channels,
    "kernels": lambda g, _: g.out_channels,
    "batch": lambda g, _: g.batch,
    "groups": lambda g, _: g.groups,
    "products": lambda g, _: g.products,
}


@dataclass(frozen=True)
class Constraint:
    """A comparison that geometries are to meet.

    Examples:
        >>> odd = Constraint.read("kernel % 2 == 1")
        >>> odd.met_by(Geometry((5, 7), 3)), odd.met_by(Geometry((5, 7), (3, 2)))
        (True, False)
        >>> Constraint.read("stride[0] < stride[1] <= kernel[1]").met_by(Geometry((5, 7), 3, stride=(1, 2)))
        True
    """

    text: str
    first: Value
    rest: tuple[tuple[Callable[[int, int], bool], Value], ...]

    @classmethod
    def read(cls, text: str) -> "Constraint":
        """A constraint from its text.

        Raises:
            RequestError: it is not of the grammar.
        """
        return _Reader(text).constraint()

    def __reduce__(self) -> tuple[Any, ...]:
        return Constraint.read, (self.text,)  # it travels to workers as it was written

    def met_by(self, g: Geometry) -> bool:
        """Whether it holds on every axis.

        Raises:
            GeometryError: it divides by zero, or names an axis that the geometry does not have.
        """
        try:
            return all(self._met_on(g, axis) for axis in range(g.rank))
        except ZeroDivisionError:
            raise GeometryError(f"constraint {self.text!r} divides by zero at {g!r}: write another") from None
        except IndexError:
            raise GeometryError(
                f"constraint {self.text!r} names an axis that {g!r} does not have: count them from 0"
            ) from None

    def _met_on(self, g: Geometry, axis: int) -> bool:
        left = self.first(g, axis)
        for compare, value in self.rest:
            right = value(g, axis)
            if not compare(left, right):
                return False
            left = right
        return True


class _Reader:
    """Reads one constraint from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0
        self.tokens = self._split(text)

    def constraint(self) -> Constraint:
        first, rest = self.sum(), []
        while (token := self.peek()) in _COMPARE:
            self.at += 1
            rest.append((_COMPARE[token], self.sum()))
        if not rest or self.peek():
            raise self.refusal("compare two sums, as in kernel <= input")
        return Constraint(self.text, first, tuple(rest))

    def sum(self) -> Value:
        return self._chain(self.product, _SUM)

    def product(self) -> Value:
        return self._chain(self.atom, _PRODUCT)

    def _chain(self, part: Callable[[], Value], signs: dict[str, Callable[[int, int], int]]) -> Value:
        value = part()
        while (token := self.peek()) in signs:
            self.at += 1
            value = _both(signs[token], value, part())
        return value

    def atom(self) -> Value:
        token = self.take()
        if token.isdigit():
            return _always(int(token))
        if token in _NAMES:
            return self._indexed(_NAMES[token]) if self.peek() == "[" else _NAMES[token]
        if token == "(" and self.depth < _MOST_DEPTH:  # noqa: S105 (no password)
            self.depth += 1
            value = self.sum()
            self.depth -= 1
            if self.take() == ")":
                return value
        raise self.refusal(f"{token!r} is unknown: use numbers and {', '.join(_NAMES)}" if token else "")

    def _indexed(self, value: Value) -> Value:
        self.take()
        axis = self.take()
        if not axis.isdigit() or self.take() != "]":
            raise self.refusal("an axis is a number in brackets, as in stride[0]")
        return _on(value, int(axis))

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def refusal(self, why: str) -> RequestError:
        why = why or "it ends too early"
        return RequestError(f"constraint {self.text[:80]!r} cannot be read: {why}")

    def _split(self, text: str) -> list[str]:
        tokens, at, text = [], 0, text.rstrip()
        if len(text) > _MOST_LETTERS:
            raise self.refusal(f"it is longer than {_MOST_LETTERS} letters")
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise self.refusal(f"{text[at:].strip()[:10]!r} is no part of a comparison")
            tokens.append(found[found.lastindex or 0])
            at = found.end()
        return tokens


def _both(sign: Callable[[int, int], int], one: Value, other: Value) -> Value:
    return lambda g, axis: sign(one(g, axis), other(g, axis))


def _always(number: int) -> Value:
    return lambda _g, _axis: number


def _on(value: Value, axis: int) -> Value:
    return lambda g, _: value(g, axis)

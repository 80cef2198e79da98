"""A parameter space: ranges, lists and constraints, walked through one geometry at a time."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from math import prod
from typing import Any

from symconv.errors import GeometryError, RequestError
from symconv.geometry import Geometry
from symconv.sweeps.constraint import Constraint
from symconv.sweeps.ranges import numbers, paddings, sizes, words

_MOST_DRAWS_IN_VAIN = 10_000
_READ: dict[str, tuple[str, Callable[[Any, str], list[Any]]]] = {
    "batch": ("batch", numbers),
    "channels": ("in_channels", numbers),
    "kernels": ("out_channels", numbers),
    "groups": ("groups", numbers),
    "input": ("input_size", sizes),
    "kernel": ("kernel_size", sizes),
    "stride": ("stride", sizes),
    "padding": ("padding", paddings),
    "dilation": ("dilation", sizes),
    "padding_mode": ("padding_mode", words),
}
_OTHER = ("constraints", "draw", "seed")


@dataclass(frozen=True)
class Recipe:
    """How a choice of values becomes a geometry: small, and sent to a worker with many choices.

    Attributes:
        names: the arguments of ``Geometry`` that the values are of.
        constraints: what the geometry is to meet.

    Examples:
        >>> recipe = Recipe(("input_size", "kernel_size"))
        >>> recipe.geometry((5, 3)), recipe.geometry((2, 3))
        (Geometry(input_size=(5,), kernel_size=(3,)), None)
    """

    names: tuple[str, ...]
    constraints: tuple[Constraint, ...] = ()

    def geometry(self, values: Sequence[Any]) -> Geometry | None:
        """The geometry of these values, if there is one that the grid means."""
        try:
            g = Geometry(**dict(zip(self.names, values, strict=True)))
        except GeometryError:  # a kernel larger than its input, groups that do not divide the channels
            return None
        return g if all(constraint.met_by(g) for constraint in self.constraints) else None


@dataclass
class Grid:
    """All geometries that a grid describes, or that many drawn from it; it may be walked through many times.

    Attributes:
        values: for each argument of ``Geometry``, the values that it takes.
        constraints: what a geometry is to meet.
        draw: how many to draw at random; None for all of them.
        seed: of the drawing.
        left_out: of the last walk, how many were no convolution, or did not meet a constraint.

    Examples:
        >>> space = grid(input="2..4", kernel=3)
        >>> [g.input_size for g in space], space.left_out
        ([(3,), (4,)], 1)
    """

    values: dict[str, list[Any]]
    constraints: tuple[Constraint, ...] = ()
    draw: int | None = None
    seed: int = 0
    left_out: int = field(default=0, init=False)

    @property
    def candidates(self) -> int:
        """How many combinations there are before any is left out; or how many are drawn."""
        return self.draw or prod(map(len, self.values.values()))

    @property
    def recipe(self) -> Recipe:
        """What makes a geometry of a choice of values."""
        return Recipe(tuple(self.values), self.constraints)

    def choices(self) -> Iterator[tuple[Any, ...]]:
        """The values of each combination, none of them made into a geometry, which a recipe does.

        Examples:
            >>> list(grid(input="4..5", kernel=3).choices())
            [(4, 3), (5, 3)]
        """
        return product(*self.values.values())

    def __iter__(self) -> Iterator[Geometry]:
        self.left_out = 0
        return self._all() if self.draw is None else islice(self._drawn(), self.draw)

    def _all(self) -> Iterator[Geometry]:
        met, recipe = False, self.recipe
        for values in self.choices():
            g = recipe.geometry(values)
            if g is None:
                self.left_out += 1
            else:
                met = True
                yield g
        if not met:
            raise self.nothing()

    def _drawn(self) -> Iterator[Geometry]:
        numbers, in_vain, recipe = random.Random(self.seed), 0, self.recipe  # noqa: S311 (no secret)
        while in_vain < _MOST_DRAWS_IN_VAIN:
            g = recipe.geometry([numbers.choice(values) for values in self.values.values()])
            if g is not None:
                in_vain = 0
                yield g
            else:
                in_vain += 1
        raise self.nothing()

    def nothing(self) -> RequestError:
        """What to say of a grid all of which is left out.

        Examples:
            >>> str(grid(input=2, kernel=3).nothing()).startswith("the grid is empty")
            True
        """
        try:
            why = f"such as {Geometry(**{name: values[0] for name, values in self.values.items()})!r}"
        except GeometryError as error:
            why = f"the first one because {error}"
        return RequestError(f"the grid is empty, its geometries left out, {why}: widen it")


def grid(**given: Any) -> Grid:
    """The grid of these keys, which are those of a lesson's block, and of a grid in YAML.

    Args:
        given: ``input`` and ``kernel``, and as you like ``channels``, ``kernels``, ``batch``, ``groups``,
            ``stride``, ``padding``, ``dilation`` and ``padding_mode``, each a number, a size such as
            ``"5x7"``, a range such as ``"4..16"`` or ``"4..16 by 4"``, or a list of these; ``constraints``, a
            list of comparisons such as ``"channels % groups == 0"``; ``draw``, to draw so many at random in
            place of all, with ``seed``.

    Returns:
        A ``Grid``: any number of geometries, made as they are asked for. A combination that is no convolution
        is left out.

    Raises:
        RequestError: a key or a value is none of these.

    Examples:
        >>> small = grid(input="4..6x5", kernel=[2, 3], stride="1..2", constraints=["kernel >= stride"])
        >>> small.candidates, sum(1 for _ in small)
        (12, 12)
        >>> next(iter(small))
        Geometry(input_size=(4, 5), kernel_size=(2, 2))
    """
    for name in given:
        if name not in _READ and name not in _OTHER:
            raise RequestError(f"{name!r} is no key of a grid: use {', '.join((*_READ, *_OTHER))}")
    for name in ("input", "kernel"):
        if name not in given:
            raise RequestError(f"{name} is missing: write, for example, {name}: 3..5")
    said = given.get("constraints", [])
    constraints = tuple(Constraint.read(c) for c in ([said] if isinstance(said, str) else _texts(said)))
    values = {ours: read(given[name], name) for name, (ours, read) in _READ.items() if name in given}
    if "seed" in given and "draw" not in given:
        raise RequestError("seed is for a grid that is drawn from: write draw: 10000 as well")
    draw = _one(given["draw"], "draw") if "draw" in given else None
    if draw == 0:
        raise RequestError("draw: 0 draws nothing: write a number of at least 1")
    return Grid(values, constraints, draw, _one(given.get("seed", 0), "seed"))


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise RequestError(
            f"constraints: {value!r} is no list of comparisons: write one to a line, after a dash"
        )
    return value


def _one(value: Any, name: str) -> int:
    found = numbers(value, name)
    if len(found) != 1:
        raise RequestError(f"{name}: {value!r} is more than one number: write one")
    return int(found[0])

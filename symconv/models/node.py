"""What a model's file says about its convolutions: nothing here is known to be right yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

OPERATORS = ("Conv", "ConvInteger", "ConvTranspose", "QLinearConv")
Shape: TypeAlias = tuple[int | str | None, ...]  # a number, a name or nothing known along each axis


@dataclass(frozen=True)
class Value:
    """An array that a node reads.

    Attributes:
        name: its name in the file; empty if the node does without.
        made: whether anything in the file makes it.
        shape: its shape; None if not even its axes are known.
    """

    name: str
    made: bool
    shape: Shape | None


@dataclass(frozen=True)
class Node:
    """A convolution as a file has it.

    Attributes:
        name: its name, with those of the nodes whose subgraphs it is in; or else its output's.
        operator: one of ``Conv``, ``ConvInteger``, ``ConvTranspose`` and ``QLinearConv``; or one of a pool.
        input: the array that is convolved.
        kernel: the kernels.
        bias: whether it adds a bias.
        output: the shape of its output, as far as ONNX knows it.
        attributes: what is written on it; None for what is neither whole numbers nor text.
        why: why nothing of it can be told; empty if something can.
    """

    name: str
    operator: str
    input: Value
    kernel: Value
    bias: bool
    output: Shape | None
    attributes: Mapping[str, Any]
    why: str = ""

    @property
    def shapes(self) -> tuple[Shape | None, ...]:
        """All shapes that it has to do with."""
        return self.input.shape, self.kernel.shape, self.output


@dataclass(frozen=True)
class Merge:
    """A node that puts arrays of the same sizes together: they tell the sizes of what it makes.

    Attributes:
        inputs: their shapes.
        output: the shape of what it makes.
        axis: along which they are put one after the other; None if they are added, or the like.
    """

    inputs: tuple[Shape, ...]
    output: Shape
    axis: int | None

    @property
    def shapes(self) -> tuple[Shape | None, ...]:
        """All shapes that it has to do with."""
        return *self.inputs, self.output


@dataclass(frozen=True)
class Contents:
    """What was found in a file.

    Attributes:
        nodes: its convolutions, in its order, and between them what tells more of their sizes.
        number: how many nodes it has, within nodes too.
        why: why ONNX could tell no shapes; empty if it could.
    """

    nodes: tuple[Node | Merge, ...]
    number: int
    why: str

    @property
    def names(self) -> Iterator[str]:
        """All names of sizes, some of them often."""
        for node in self.nodes:
            for shape in node.shapes:
                yield from (size for size in shape or () if isinstance(size, str))

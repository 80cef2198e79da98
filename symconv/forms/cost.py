"""What a form costs, counted and not timed: products, additions, and the numbers that are held in between."""

from dataclasses import dataclass
from math import prod

from symconv.geometry import Geometry


@dataclass(frozen=True)
class Cost:
    """Products, additions and memory of one way of computing a layer.

    Attributes:
        products: multiplications of two numbers, those with a padding zero included.
        additions: sums of two numbers, the bias not included.
        memory: numbers held besides the input, the kernels and the output, if each is written out once.

    Examples:
        >>> from symconv.forms.reductions import polyphase
        >>> polyphase(Geometry((5, 5), 2, stride=2)).cost
        Cost(products=16, additions=12, memory=32)
    """

    products: int
    additions: int
    memory: int

    @classmethod
    def direct(cls, g: Geometry) -> "Cost":
        """The cost of the loop formula: a sum of k products takes k − 1 additions, and nothing is held.

        Args:
            g: the layer.

        Examples:
            >>> Cost.direct(Geometry((3, 3), (2, 2)))
            Cost(products=16, additions=12, memory=0)
        """
        return cls(g.products, g.products - prod(g.output_shape), 0)

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.products + other.products, self.additions + other.additions, self.memory + other.memory
        )

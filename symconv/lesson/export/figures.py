"""Which blocks each figure of a page shows."""

from collections.abc import Sequence

from symconv.lesson.block import Block
from symconv.lesson.export.tree import Node

Figures = dict[int, tuple[Block, ...]]  # a block's variants by the identity of the figure that shows them


def figures_of(body: Node, blocks: Sequence[Sequence[Block]]) -> Figures:
    """The blocks of a page, with the figures that show them."""
    shown = (node for node in body.walk() if node.tag == "figure" and "symconv" in node.classes)
    return {id(node): tuple(variants) for node, variants in zip(shown, blocks, strict=True)}

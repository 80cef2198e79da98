"""The Python of a block about a layer."""

from collections.abc import Sequence

from symconv.lesson.layer_block import LayerBlock
from symconv.lesson.repl.literals import unrolled
from symconv.lesson.repl.script import Script, Shown
from symconv.lesson.windows import chosen_cells

FEW = 2  # cells that are shown one by one; more are gone through

Cells = Sequence[tuple[int, ...]]


def layer_script(block: LayerBlock) -> Script:
    """What shows the same layer.

    Examples:
        >>> from symconv.lesson.layer_block import read_layer_block
        >>> block = read_layer_block({"input": "3x3", "kernel": "2x2"}, ("product", "proof"))
        >>> print(layer_script(block).text())
        import symconv as sc
        <BLANKLINE>
        u = sc.unroll(sc.symbolic("x", (3, 3)), sc.symbolic("w", (2, 2)))
        print(u.latex("product"))
        print(u.prove())
    """
    shown = [line for part in block.show for line in _shown(block, part)]
    return Script((unrolled(block.layer.matrices),), tuple(shown))


def _shown(block: LayerBlock, part: str) -> list[Shown]:
    if part in ("sum", "dot"):
        kinds = ("dot", "dot_reversed") if part == "dot" else (part,)
        return _of_cells(kinds, block.cells, block.start)
    if part == "windows":
        return _of_cells(("sum",), chosen_cells(block)[0], block.start)
    if part == "sizes":
        return [Shown("u.geometry.describe()")]
    if part == "proof":
        return [Shown("u.prove()")]
    if part == "figure":  # everything at once
        return [Shown('u.latex("product")', mathematics=True)]
    return [Shown(f'u.latex("{part}")', mathematics=True)]


def _of_cells(kinds: Sequence[str], cells: Cells, start: int) -> list[Shown]:
    """Sums or dot products of some output cells; of the first one where none are named."""
    if not cells:
        return [Shown(f'u.latex("{kind}")', mathematics=True) for kind in kinds]
    named = [tuple(i + start for i in cell) for cell in cells]
    if len(named) <= FEW or len(kinds) > 1:
        return [
            Shown(f'u.latex("{kind}", cell={cell})', mathematics=True) for cell in named for kind in kinds
        ]
    return [Shown(f'u.latex("{kinds[0]}", cell=cell)', mathematics=True, each=f"cell in {named}")]

"""Any block as Python: one call for whatever a page can show."""

from typing import Any

from symconv.lesson.form_block import FormBlock
from symconv.lesson.layer_block import LayerBlock
from symconv.lesson.repl.form_script import form_script
from symconv.lesson.repl.layer_script import layer_script
from symconv.lesson.repl.script import Script
from symconv.lesson.repl.theorem_script import theorem_script
from symconv.lesson.theorem_block import TheoremBlock


def block_script(block: Any) -> Script | None:
    """The Python that shows what a block shows.

    Args:
        block: one of those that ``read_block`` returned.

    Returns:
        The script; None for a block of a kind that has no calls of its own.

    Examples:
        >>> from symconv.lesson.layer_block import read_layer_block
        >>> print(block_script(read_layer_block({"input": "3", "kernel": "2"}, ("sum",))).text())
        import symconv as sc
        <BLANKLINE>
        u = sc.unroll(sc.symbolic("x", (3,)), sc.symbolic("w", (2,)))
        print(u.latex("sum"))
    """
    if isinstance(block, LayerBlock):
        return layer_script(block)
    if isinstance(block, TheoremBlock):
        return theorem_script(block)
    if isinstance(block, FormBlock):
        return form_script(block)
    return None

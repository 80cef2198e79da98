"""The Python of a block about a theorem."""

from symconv.lesson.repl.literals import geometry
from symconv.lesson.repl.script import Script, Shown
from symconv.lesson.theorem_block import ALL, TheoremBlock

_PARTS = {
    "statement": (Shown('sc.latex(t, "statement")', mathematics=True),),
    "assumptions": (Shown('sc.latex(t, "assumptions")', mathematics=True),),
    "derivation": (Shown("sc.latex(t)", mathematics=True),),
    "proof": (Shown("sc.prove(t)"),),
    "twin": (Shown("false.wrong"), Shown("sc.prove(false)")),
    "instance": (Shown("sc.latex(proof)", mathematics=True), Shown("proof")),
}


def theorem_script(block: TheoremBlock) -> Script:
    """What shows the same theorem.

    Examples:
        >>> from symconv.lesson.theorem_block import read_theorem_block
        >>> print(theorem_script(read_theorem_block({"theorem": "flip", "axes": "1"}, ("twin",))).text())
        import symconv as sc
        <BLANKLINE>
        t = sc.theorem("flip", axes=1)
        false = t.variants[0]
        print(false.wrong)
        print(sc.prove(false))
    """
    axes = "" if block.axes == 2 else f"axes={block.axes}"
    if block.name == ALL:
        return Script((), (Shown("t.name, sc.prove(t)", each=f"t in sc.theorems({axes})"),))
    made = [f'''t = sc.theorem("{block.name}"{axes and ", "}{axes})''']
    if "twin" in block.show:
        made.append(f"false = t.variants[{block.twin}]")
    if block.geometry is not None:
        made.append(f"proof = sc.prove(t.instance({geometry(block.geometry)}))")
    return Script(tuple(made), tuple(line for part in block.show for line in _PARTS[part]))

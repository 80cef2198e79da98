"""A short Python script: what is made first, and then what is shown, as text or as a cell of a notebook."""

import ast
import io
import re
import tokenize
from collections.abc import Collection
from dataclasses import dataclass
from itertools import count

IMPORT = "import symconv as sc"
_ALSO = {
    "np.": "import numpy as np",
    "sympy.": "import sympy",
    "Fraction(": "from fractions import Fraction",
    "Decimal(": "from decimal import Decimal",
}


@dataclass(frozen=True)
class Shown:
    """One thing that is shown.

    Attributes:
        code: a Python expression.
        mathematics: whether its value is LaTeX.
        each: what it is shown for, as in ``cell in [(0, 0), (0, 1)]``; empty for one value.
    """

    code: str
    mathematics: bool = False
    each: str = ""


@dataclass(frozen=True)
class Script:
    """What shows the same things as a block.

    Attributes:
        made: statements, each of which gives a name to something.
        shown: what is shown, in the order of the block.

    Examples:
        >>> made = "u = sc.unroll([1, 2, 3], [1, 1])"
        >>> script = Script((made,), (Shown('u.latex("sum")', mathematics=True),))
        >>> print(script.text())
        import symconv as sc
        <BLANKLINE>
        u = sc.unroll([1, 2, 3], [1, 1])
        print(u.latex("sum"))
        >>> print(script.cell(taken={"u"}))
        u_1 = sc.unroll([1, 2, 3], [1, 1])
        display(Math(u_1.latex("sum")))
    """

    made: tuple[str, ...]
    shown: tuple[Shown, ...]

    @property
    def imports(self) -> tuple[str, ...]:
        """The imports that it needs, ours first."""
        body = "\n".join([*self.made, *(s.code for s in self.shown)])
        return (IMPORT, *(line for word, line in _ALSO.items() if re.search(rf"\b{re.escape(word)}", body)))

    def text(self) -> str:
        """The script, complete: it prints what it shows, in a REPL as well as in a file."""
        return "\n".join([*self.imports, "", *self.made, *(_line(s, "print({})") for s in self.shown)])

    def cell(self, taken: Collection[str] = ()) -> str:
        """The script for a cell of a notebook, where mathematics is set; without the import of the package.

        Args:
            taken: names that the notebook gives elsewhere, which are left alone.
        """
        shown = (_line(s, "display(Math({}))" if s.mathematics else "display({})") for s in self.shown)
        return _renamed("\n".join([*self.imports[1:], *self.made, *shown]), taken)


def names_given(code: str) -> set[str]:
    """The names that a program gives to things.

    Examples:
        >>> sorted(names_given("import numpy as np; f = np.ones(3); f.x = 1; g, h = 1, 2"))
        ['f', 'g', 'h', 'np']
    """
    tree = ast.parse(code)
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    imported = {
        a.asname or a.name
        for n in ast.walk(tree)
        if isinstance(n, ast.Import | ast.ImportFrom)
        for a in n.names
    }
    defined = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    return stored | imported | defined


def _line(shown: Shown, printed: str) -> str:
    line = printed.format(shown.code)
    return f"for {shown.each}:\n    {line}" if shown.each else line


def _renamed(code: str, taken: Collection[str]) -> str:
    """The code with other names for its own variables, where theirs are taken."""
    own = {
        n.id for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    new = {
        name: next(f"{name}_{k}" for k in count(1) if f"{name}_{k}" not in {*taken})
        for name in own & {*taken}
    }
    if not new:
        return code
    lines = code.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    depth, places = 0, []
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        depth += (before.string in "([{" and bool(before.string)) - (
            before.string in ")]}" and bool(before.string)
        )
        keyword = after.string == "=" and depth > 0
        if token.type == tokenize.NAME and token.string in new and before.string != "." and not keyword:
            places.append(token)
    if tokens[0].string in new:
        places.append(tokens[0])
    for token in sorted(places, key=lambda t: t.start, reverse=True):
        row, column = token.start
        line = lines[row - 1]
        lines[row - 1] = line[:column] + new[token.string] + line[column + len(token.string) :]
    return "".join(lines)

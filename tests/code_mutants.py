"""Mistakes put into a function's source at random places: swapped indices, off by one, = for +=, others."""

import ast
import copy
import inspect
import textwrap

INTEGERS = (-1, 1)


def _swap(items, random):
    i, j = random.choice(len(items), 2, replace=False)
    items[i], items[j] = items[j], items[i]


def _sites(tree):  # noqa: C901 (one kind of mistake a line)
    """Every (kind of mistake, node) that there is a place for."""
    names = sorted({n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - {"np", "numpy", "xp", "range"})
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List | ast.Call) and len(_items(node)) > 1:
            yield "swap", node
        if isinstance(node, ast.Constant) and type(node.value) is int:
            yield "off by one", node
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "->" in node.value:
            yield "letters", node
        if isinstance(node, ast.AugAssign):
            yield "assign", node
            yield "operator", node
        if isinstance(node, ast.BinOp):
            yield "operator", node
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and len(names) > 1:
            yield "name", node
        if isinstance(node, ast.Slice):
            yield "slice", node
        if isinstance(node, ast.For | ast.FunctionDef | ast.If) and len(node.body) > 1:
            yield "drop", node
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
            yield "range", node


def _items(node):
    return node.args if isinstance(node, ast.Call) else node.elts


def _apply(kind, node, tree, random):
    if kind == "swap":
        _swap(_items(node), random)
    elif kind == "off by one":
        node.value += int(random.choice(INTEGERS))
    elif kind == "letters":
        letters = list(node.value)
        places = [i for i, letter in enumerate(letters) if letter.isalpha()]
        i, j = random.choice(places, 2, replace=False)
        letters[i], letters[j] = letters[j], letters[i]
        node.value = "".join(letters)
    elif kind == "operator":
        node.op = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add}.get(type(node.op), ast.Mult)()
    elif kind == "name":
        names = sorted(
            {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id not in ("np", "range")}
        )
        node.id = str(random.choice(names))
    elif kind == "slice":
        part = str(random.choice(["lower", "upper", "step"]))
        setattr(node, part, None if getattr(node, part) else ast.Constant(1))
    elif kind == "drop":
        del node.body[int(random.integers(len(node.body)))]
    elif kind == "range":
        node.args = [*node.args[:-1], ast.BinOp(node.args[-1], ast.Sub(), ast.Constant(1))]


def _assigned(tree, target):
    """The tree with one ``+=`` made ``=``."""

    class Assign(ast.NodeTransformer):
        def visit_AugAssign(self, node):
            return ast.Assign([node.target], node.value) if node is target else node

    return Assign().visit(tree)


def mutant(function, random):
    """A function like this one with one or two mistakes, its source, or None if it cannot be compiled."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    definition.decorator_list = []
    for _ in range(int(random.choice([1, 1, 1, 2]))):
        sites = [s for s in _sites(ast.Module(definition.body, [])) if s[1] is not definition]
        kind, node = sites[int(random.integers(len(sites)))]
        if kind == "assign":
            tree = _assigned(tree, node)
        else:
            _apply(kind, node, tree, random)
    source = ast.unparse(ast.fix_missing_locations(tree))
    try:
        code = compile(source, "<mutant>", "exec")
    except (SyntaxError, ValueError):
        return None
    scope = copy.copy(function.__globals__)
    exec(code, scope)  # noqa: S102 (our own source, with a mistake)
    return scope[definition.name], source

"""Imports point only upward in the house, none hides in a function, and only the command line prints."""

import ast
from pathlib import Path

import pytest

import symconv

ROOT = Path(symconv.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

# From the top down: a module imports only from entries above its own, or from its own room.
HOUSE = (
    "errors",
    "definition",
    "transposed_definition",
    "sizes",
    "symbolic_sizes",
    "digits",
    "process",
    "entries",
    "description",
    "geometry",
    "symbols",
    "index_map",
    "index_formula",
    "matrices",
    "products",
    "tiles",
    "rows",
    "minimal_filtering",
    "evaluate",
    "adjoint",
    "proof",
    "tracing",
    "mistakes",
    "theorems",
    "prove",
    "show",
    "forms",
    "parts",
    "any_size",
    "unroll",
    "checking",
    "testing",
    "lesson",
    "models",
    "sweeps",
    "commands",
    "cli",
)
# Within a room too, from the top down.
ROOMS = {
    "proof": (
        "verdict",
        "bilinear",
        "identity",
        "exact",
        "gradients",
        "terms",
        "facts",
        "entailment",
        "smtlib",
        "sums",
        "statement",
        "steps",
        "form",
        "theorem",
    ),
    "tracing": (
        "tape",
        "traced",
        "contraction",
        "traced_ufuncs",
        "traced_numpy",
        "shadow",
        "following",
        "walk",
        "trace",
        "polynomials",
        "factors",
        "compare",
        "certificate",
    ),
    "mistakes": (
        "bilinear_map",
        "attempt",
        "mistake",
        "window_mistakes",
        "kernel_mistakes",
        "array_mistakes",
        "output_mistakes",
        "family",
        "diagnose",
    ),
    "theorems": ("layer", "sizes", "unrolling", "kernels", "adjoints", "catalogue"),
    "show": ("latex", "index_latex", "theorem_latex", "figure", "notebook"),
    "forms": (
        "arguments",
        "cost",
        "points",
        "cook_toom",
        "by_tiles",
        "winograd_cost",
        "winograd",
        "nested",
        "scaling",
        "rounding",
        "winograd_latex",
        "toeplitz_proof",
        "toeplitz_terms",
        "toeplitz",
        "toeplitz_latex",
        "pieces",
        "reductions",
        "separable",
        "pointwise",
        "reductions_latex",
        "cyclotomic",
        "diagonal",
        "fft",
        "fourier_latex",
        "fourier",
        "fourier_cost",
        "axes",
        "arrangement",
        "layouts",
        "channels",
        "reordering",
        "reordering_proof",
        "unfolding",
        "transposed_sizes",
        "transposed_maps",
        "transposed_proof",
        "transposed",
        "conv_transpose",
        "transposed_latex",
        "gradients",
        "gradients_latex",
        "mistakes",
        "identify",
    ),
    "lesson": (
        "yaml_text",
        "words",
        "limits",
        "assets_inline",
        "layer",
        "layer_block",
        "theorem_block",
        "form_parts",
        "form_block",
        "exercises",
        "exercise_block",
        "block",
        "windows",
        "interactive",
        "repl",
        "layer_figure",
        "theorem_figure",
        "form_figure",
        "exercise_figure",
        "render",
        "fences",
        "digest",
        "block_text",
        "page",
        "page_file",
        "page_text",
        "sheet",
        "like",
        "menu",
        "check_pages",
        "reloading",
        "extension",
        "verdicts",
        "export",
        "notebook_link",
    ),
    "lesson.export": (
        "tree",
        "site",
        "document",
        "figures",
        "markdown_text",
        "notebook",
        "tex_signs",
        "tex",
        "standalone",
        "formats",
    ),
    "lesson.repl": ("script", "literals", "layer_script", "theorem_script", "form_script", "block_script"),
    "lesson.form_parts": (  # a room within a room
        "form",
        "drawing",
        "winograd",
        "fourier",
        "layouts",
        "reductions",
        "channels",
        "toeplitz",
        "gradients",
        "transposed",
        "catalogue",
    ),
    "commands": (
        "exits",
        "layer_options",
        "page",
        "lesson",
        "build",
        "exercises",
        "export",
        "model",
        "sweep",
    ),
    "lesson.exercises": (
        "seed",
        "exercise",
        "answers",
        "recomputed",
        "layers",
        "product",
        "sizes",
        "linear",
        "fast",
        "arranged",
        "catalogue",
    ),
    "checking": (
        "adapters",
        "calling",
        "backward",
        "cases",
        "running",
        "probe",
        "confirm",
        "report",
        "verdict",
        "plan",
        "judge",
        "check",
        "gradient",
        "child",
        "isolated",
    ),
    "sweeps": (
        "constraint",
        "ranges",
        "grid",
        "grid_file",
        "key",
        "limit",
        "task",
        "store",
        "summary",
        "pool",
        "batch",
        "shrink",
        "run",
    ),
    "testing": ("assertion", "strategies", "fixtures"),
    "models": (
        "child",
        "node",
        "reading",
        "dimensions",
        "attributes",
        "layer",
        "geometries",
        "model",
        "table",
        "lesson",
    ),
}
IMPORTED_FROM = {"testing"}  # rooms whose own module hands out their names
# What a proof is made against stands alone: nothing of the plan, and no more than these.
MAY_IMPORT = {"errors": (), "definition": (), "transposed_definition": (("definition",),)}


def name_of(path):
    return path.relative_to(ROOT).with_suffix("").parts


def tree_of(path):
    return ast.parse(path.read_text("utf-8"))


def siblings(tree):
    """The modules of this package that a module imports, as tuples of names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "symconv":
            names = tuple(node.module.split(".")[1:])
            if names and (ROOT.joinpath(*names)).is_dir():  # "from symconv.show import figure"
                yield from ((*names, alias.name) for alias in node.names)
            else:
                yield from ([names] if names else [(alias.name,) for alias in node.names])
        elif isinstance(node, ast.Import):
            yield from (tuple(a.name.split(".")[1:]) for a in node.names if a.name.split(".")[0] == "symconv")


def violations(name, tree):
    """The siblings that a module of this name must not import."""
    wrong = []
    for other in siblings(tree):
        if not other:  # the package itself: only the module at the very bottom
            wrong += [] if name[0] == HOUSE[-1] else [other]
        elif other[0] == name[0] and len(name) > 1 and len(other) > 1:
            depth = 2 if len(name) > 2 and other[:2] == name[:2] else 1
            room = ROOMS[".".join(name[:depth])]
            wrong += [] if room.index(other[depth]) < room.index(name[depth]) else [other]
        elif HOUSE.index(other[0]) >= HOUSE.index(name[0]) or other not in MAY_IMPORT.get(name[0], [other]):
            wrong.append(other)
    return wrong


@pytest.mark.parametrize("path", MODULES, ids=lambda path: ".".join(name_of(path)))
def test_imports_point_upward(path):
    name = name_of(path)
    if name == ("__init__",) or name[-1] == "__init__":
        bare = len(name) > 1 and name[0] not in IMPORTED_FROM
        assert not bare or not list(siblings(tree_of(path))), "a room's own module is a sentence"
        return
    assert name[0] in HOUSE
    assert all(name[depth] in ROOMS[".".join(name[:depth])] for depth in range(1, len(name)))
    assert violations(name, tree_of(path)) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: ".".join(name_of(path)))
def test_no_import_hides_in_a_function(path):
    functions = [n for n in ast.walk(tree_of(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    hidden = [n.lineno for f in functions for n in ast.walk(f) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert hidden == []
    called = [n for n in ast.walk(tree_of(path)) if isinstance(n, ast.Name) and n.id == "__import__"]
    assert called == []
    assert "importlib" not in path.read_text("utf-8")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: ".".join(name_of(path)))
def test_only_the_command_line_prints(path):
    printing = [
        node.lineno
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Name) and node.id == "print")
        or (isinstance(node, ast.Attribute) and node.attr in ("echo", "secho", "stdout", "stderr"))
    ]
    assert not printing or name_of(path)[0] in ("commands", "cli")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: ".".join(name_of(path)))
def test_a_module_says_what_it_is(path):
    assert ast.get_docstring(tree_of(path))


@pytest.mark.parametrize(
    ("name", "source", "wrong"),
    [
        (("geometry",), "from symconv.unroll import unroll", [("unroll",)]),
        (("sizes",), "from symconv.sizes import whole", [("sizes",)]),
        (("definition",), "from symconv.errors import SymconvError", [("errors",)]),
        (("transposed_definition",), "from symconv.errors import SymconvError", [("errors",)]),
        (("parts",), "import symconv.lesson.block", [("lesson", "block")]),
        (("matrices",), "from symconv import prove", [("prove",)]),
        (("show", "latex"), "from symconv.show import figure", [("show", "figure")]),
        (("unroll",), "import symconv", [()]),
        (("proof", "exact"), "from symconv.proof.verdict import Proof", []),
        (("lesson", "block"), "from symconv.lesson.words import read_int\nimport numpy", []),
        (
            ("lesson", "form_parts", "form"),
            "from symconv.lesson.form_parts.winograd import WINOGRAD",
            [("lesson", "form_parts", "winograd")],
        ),
        (("lesson", "form_parts", "form"), "from symconv.lesson.block import B", [("lesson", "block")]),
        (("lesson", "form_parts", "catalogue"), "from symconv.lesson.form_parts.form import Form", []),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_check_itself_can_fail(name, source, wrong):
    try:
        found = violations(name, ast.parse(source))
    except ValueError:  # a name that is no module of the house
        found = list(siblings(ast.parse(source)))
    assert found == wrong

"""The public names: each importable, described, with an example; and the contract, line by line."""

import ast
import builtins
import doctest
import enum
import inspect
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest
import sympy

import symconv as sc
from tests.test_layering import HOUSE

EXAMPLES = doctest.DocTestFinder(recurse=False)


@pytest.mark.parametrize("name", sc.__all__)
def test_a_public_name_is_there_and_described(name):
    thing = getattr(sc, name)
    assert inspect.getdoc(thing)
    assert thing.__module__.startswith("symconv.")
    assert thing.__doc__ is not None, "of its own, not inherited"


def needs_an_example(name):
    thing = getattr(sc, name)
    return not (isinstance(thing, type) and issubclass(thing, Exception | enum.Enum))


@pytest.mark.parametrize("name", [n for n in sc.__all__ if needs_an_example(n)])
def test_a_public_name_has_an_example(name):
    # a plain dataclass that only a verdict hands out shows itself in that verdict's example
    shown_in = {"Counterexample": sc.Unrolled.with_maps, "WrongCell": sc.Verdict}
    thing = shown_in.get(name, getattr(sc, name))
    assert EXAMPLES.find(inspect.unwrap(thing))[0].examples


STATES_NO_MATHEMATICS = {
    # errors
    "ArrayError",
    "BlockError",
    "GeometryError",
    "ModelError",
    "RequestError",
    "SizeLimitError",
    "SymconvError",
    # verdicts, and what they point at
    "BilinearProof",
    "Counterexample",
    "Diagnosis",
    "Difference",
    "GradientVerdict",
    "IdentityProof",
    "InstanceProof",
    "LayerProof",
    "LayoutMatch",
    "ModelProof",
    "Proof",
    "ReorderingProof",
    "TheoremProof",
    "Tier",
    "Verdict",
    "WrongCell",
    # what is counted, kept or made of layers
    "Cost",
    "Description",
    "Grid",
    "Model",
    "ModelLayer",
    "Piece",
    "Sweep",
    "Theorem",
    "grid",
    "read_onnx",
    "summaries",
    # what is asked for by name, or made, or printed
    "identify_layout",
    "input_matrix",
    "kernel_matrix",
    "latex",
    "layout",
    "symbolic",
    "theorem",
    "theorems",
}


def documented():
    """Each public function, and each public method of a public class, by name."""
    for name in sc.__all__:
        thing = getattr(sc, name)
        if not isinstance(thing, type):
            yield name, inspect.unwrap(thing)
            continue
        for own, member in vars(thing).items():
            function = member.__func__ if isinstance(member, classmethod | staticmethod) else member
            if not own.startswith("_") and inspect.isfunction(function):
                yield f"{name}.{own}", function


DOCUMENTED = dict(documented())


def parameters(function):
    return [p for p in inspect.signature(function).parameters if p not in ("self", "cls")]


def section(thing, title):
    """The names that a section of a docstring has entries for; None without the section."""
    found = re.search(rf"^{title}:\n((?:    .*\n?|\n(?=    ))+)", inspect.getdoc(thing), re.MULTILINE)
    if found is None:
        return None
    lines = re.findall(r"^    (?! )\*{0,2}(\w+(?:, \w+)*): ", found[1], re.MULTILINE)
    return [name for line in lines for name in line.split(", ")]


@pytest.mark.parametrize("name", [n for n, f in DOCUMENTED.items() if parameters(f)])
def test_every_argument_is_described(name):
    assert section(DOCUMENTED[name], "Args") == parameters(DOCUMENTED[name])


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_public_function_or_method_has_an_example(name):
    assert EXAMPLES.find(DOCUMENTED[name])[0].examples


@pytest.mark.parametrize("name", [n for n in DOCUMENTED if "." not in n])
def test_a_public_function_says_what_it_returns_and_refuses(name):
    function = DOCUMENTED[name]
    assert section(function, "Returns") is not None
    assert section(function, "Raises") if parameters(function) else True


@pytest.mark.parametrize("name", DOCUMENTED)
def test_what_is_raised_is_listed_and_is_an_error(name):
    function = DOCUMENTED[name]
    listed = section(function, "Raises") or []
    errors = {n for n in sc.__all__ if n.endswith("Error")}
    assert set(listed) <= errors | set(vars(builtins))
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    raised = {
        call.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        for call in [node.exc]
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    }
    assert raised & errors <= set(listed)


def test_every_name_that_states_mathematics_has_a_source():
    without = {
        n for n in sc.__all__ if not re.search(r"^Source: ", inspect.getdoc(getattr(sc, n)), re.MULTILINE)
    }
    assert without == STATES_NO_MATHEMATICS


def test_the_list_is_sorted_and_has_no_name_twice():
    assert sc.__all__ == sorted(sc.__all__)
    assert len(set(sc.__all__)) == len(sc.__all__)


def test_nothing_public_is_left_out():
    mine = {
        name for name, thing in vars(sc).items() if not name.startswith("_") and not inspect.ismodule(thing)
    }
    assert mine == set(sc.__all__)


REFERENCE = Path(__file__).parents[1] / "docs" / "using" / "reference.md"


def chapters():
    """The names under each heading of the reference."""
    headings = re.split(r"^## ", REFERENCE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {
        h.split("\n")[0]: re.findall(r"^::: symconv\.(?:\w+\.)*(\w+)$", h, re.MULTILINE) for h in headings
    }


def test_the_reference_has_every_name_once():
    listed = [name for names in chapters().values() for name in names if name in sc.__all__]
    assert sorted(listed) == sc.__all__


def test_the_reference_is_grouped_as_the_house_is():
    rooms = {
        title: HOUSE.index(getattr(sc, names[0]).__module__.split(".")[1])
        for title, names in chapters().items()
        if title != "In tests"  # whose names are not the package's own
    }
    assert list(rooms) == sorted(rooms, key=rooms.get)


@pytest.mark.parametrize(
    ("error", "builtin"),
    [(getattr(sc, n), ValueError) for n in sc.__all__ if n.endswith("Error") and n != "SymconvError"],
    ids=[n for n in sc.__all__ if n.endswith("Error") and n != "SymconvError"],
)
def test_every_error_is_ours_and_a_builtin(error, builtin):
    assert issubclass(error, sc.SymconvError)
    assert issubclass(error, builtin)


def keyword_only(function):
    return [p.name for p in inspect.signature(function).parameters.values() if p.kind is p.KEYWORD_ONLY]


@pytest.mark.parametrize("function", [sc.unroll, sc.loop_formula], ids=lambda f: f.__name__)
def test_hyper_parameters_are_keywords_named_as_in_torch(function):
    names = ["stride", "padding", "dilation", "groups", "padding_mode", "bias"]
    assert keyword_only(function)[: len(names)] == names
    defaults = inspect.signature(function).parameters
    assert [defaults[n].default for n in names] == [1, 0, 1, 1, "zeros", None]


class TestContract:
    """The lines of the contract that exist so far, as written."""

    def setup_method(self):
        self.x, self.w = sc.input_matrix(3, 3), sc.kernel_matrix(2, 2)
        self.u = sc.unroll(
            self.x, self.w, stride=1, padding=0, dilation=1, groups=1, padding_mode="zeros", bias=None
        )

    def test_symbolic_matrices(self):
        assert isinstance(self.x, sympy.Matrix)
        assert [str(v) for v in (self.x[0, 0], self.x[2, 2])] == ["x_{0,0}", "x_{2,2}"]
        assert [str(v) for v in (self.w[0, 0], self.w[1, 1])] == ["w_{0,0}", "w_{1,1}"]
        assert sc.input_matrix(1, 2, name="a", start=1) == sympy.Matrix(
            [sympy.symbols("a_{1\\,1} a_{1\\,2}")]
        )

    def test_symbolic_arrays(self):
        X = sc.symbolic("x", (2, 5, 7))
        assert (X.shape, X.dtype) == ((2, 5, 7), object)
        assert all(isinstance(v, sympy.Symbol) for v in X.flat)
        assert len(set(X.flat)) == 70
        assert X[1, 4, 6] == sympy.Symbol("x_{1,4,6}")

    def test_the_matrices(self):
        u = self.u
        assert (u.patch_matrix.shape, u.weight_matrix.shape) == ((4, 4), (4, 1))
        assert isinstance(u.patch_matrix, sympy.Matrix)
        assert isinstance(u.weight_matrix, sympy.Matrix)
        assert u.patch_matrix[1, :] == sympy.Matrix(
            [[self.x[0, 1], self.x[0, 2], self.x[1, 1], self.x[1, 2]]]
        )
        numeric = sc.unroll(np.arange(9).reshape(3, 3), [[1, 2], [3, 4]])
        assert isinstance(numeric.patch_matrix, np.ndarray)

    def test_the_output(self):
        assert self.u.output == sc.loop_formula(self.x, self.w, stride=1, padding=0)
        assert self.u.output.shape == self.u.geometry.output_size == (2, 2)

    def test_the_proof(self):
        proof = self.u.prove()
        assert proof
        assert proof.holds
        assert proof.tier == sc.Tier.EXACT == "exact"
        assert (proof.compared, proof.products) == (4, 16)
        assert repr(proof) == (
            "Proved (tier: exact). All 4 entries of P·W equal the loop formula, as polynomials:\n"
            "16 products, for any values of the inputs and weights (route: factorised)."
        )
        assert sc.prove(self.u) == proof

    def test_the_convolution_matrix(self):
        assert self.u.toeplitz.shape == (4, 9)

    def test_the_maps(self):
        for numbers in (self.u.patch_map, self.u.weight_map):
            assert numbers.dtype.kind == "i"
            with pytest.raises(ValueError, match="read-only"):
                numbers[0, 0] = 1

    def test_geometry_alone(self):
        g = sc.Geometry(
            input_size=(224, 224), kernel_size=7, in_channels=3, out_channels=64, batch=1,
            stride=2, padding=3, dilation=1, groups=1,
        )  # fmt: skip
        assert g.output_size == (112, 112)
        proof = sc.prove(g)
        assert proof
        assert (proof.compared, proof.products) == (112 * 112 * 64, 112 * 112 * 64 * 147)
        assert isinstance(sc.unroll(sc.Geometry(input_size=(5, 7), kernel_size=(2, 3))), sc.Unrolled)
        assert isinstance(sc.unroll(g).patch_map, np.ndarray)

    def test_winograd(self):
        w = sc.winograd(2, 3)
        assert (w.A.shape, w.G.shape, w.B.shape, w.multiplications) == ((4, 2), (4, 3), (4, 4), 4)
        assert sc.prove(w).tier == "exact"

    def test_showing(self):
        assert sc.latex(self.u) == self.u.latex() == self.u.latex("product")
        assert self.u._repr_latex_() == rf"$\displaystyle {self.u.latex()}$"


@pytest.mark.parametrize(
    ("shape", "input_shape", "kernel_shape"),
    [
        ({"input_size": (3, 4), "kernel_size": 2}, (3, 4), (2, 2)),
        ({"input_size": 4, "kernel_size": 2}, (4,), (2,)),
        ({"input_size": (3, 4), "kernel_size": 2, "out_channels": 2}, (1, 3, 4), (2, 1, 2, 2)),
        ({"input_size": (3, 4), "kernel_size": 2, "bias": True}, (1, 3, 4), (1, 1, 2, 2)),
        ({"input_size": (3, 4), "kernel_size": 2, "batch": 2}, (2, 1, 3, 4), (1, 1, 2, 2)),
        ({"input_size": (2, 3, 4), "kernel_size": 2}, (1, 2, 3, 4), (1, 1, 2, 2, 2)),
    ],
    ids=["bare", "bare-sequence", "two-filters", "bias", "batch", "volume"],
)
def test_a_geometry_is_filled_with_symbols_as_simply_as_arrays_allow(shape, input_shape, kernel_shape):
    g = sc.Geometry(**shape)
    u = sc.unroll(g, start=1)
    assert (u.input.shape, u.kernel.shape) == (input_shape, kernel_shape)
    assert u.geometry == g
    assert "1" in str(u.input[(0,) * len(input_shape)])
    bias = u.matrices.bias
    again = sc.unroll(u.input, u.kernel, bias=bias).output
    assert np.array(again).tolist() == np.array(u.output).tolist()

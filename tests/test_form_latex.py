"""LaTeX of the forms: each printed sum is read back, worked on numbers, and compared with the definition."""

import re
from itertools import product
from math import prod

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import symconv as sc
from symconv.index_map import gather, padded_numbers
from tests.strategies import geometries

_SUM = re.compile(r"\\sum_\{(\w+)=0\}\^\{(\d+)\}")
_CELL = re.compile(r"(\\hat\{x\}|b|[a-z])_(?:\{((?:[^{}]|\{[^{}]*\})*)\}|(\w))")


def index(text, values):
    """An index such as ``2 \\lfloor f / 2 \\rfloor + c``, with numbers for its letters."""
    text = text.replace(r"\lfloor", "(").replace(r"\rfloor", ")").replace("/", "//")
    text = re.sub(r"(\d) (?=[a-z(])", r"\1*", text)
    return eval(text, {}, values)  # noqa: S307 (what our own printer wrote)


def indices(text):
    return text.replace(r"\,", " ").split(",")


def worked(text, arrays, values):
    """A printed sum of products, worked on numbers."""
    total = 0
    for term in re.split(r"\n?& \+ ", text):
        signs = _SUM.findall(term)
        if "b_f + " in term:
            total += arrays["b"][values["f"]]
        cells = [
            (letter, inner or one)
            for letter, inner, one in _CELL.findall(_SUM.sub("", term))
            if letter != "b" or inner
        ]
        for numbers in product(*(range(int(last) + 1) for _, last in signs)):
            known = {**values, **{letter: n for (letter, _), n in zip(signs, numbers, strict=True)}}
            factors = [
                arrays[letter][tuple(index(i, known) for i in indices(inner))] for letter, inner in cells
            ]
            total += prod(factors)
    return total


def lines(latex):
    """The equations of a formula: the cell on the left, and the sums on the right."""
    body = latex.removeprefix("\\begin{aligned}\n").removesuffix("\n\\end{aligned}")
    joined = body.replace(" \\\\\n& + ", "\n& + ")
    for line in joined.split(" \\\\\n"):
        left, _, right = line.partition("=")
        yield left.strip(" &"), right.replace("{}", "", 1).strip(" &")


def arrays_of(g, seed=0):
    numbers = np.random.default_rng(seed)
    x, w = numbers.integers(-9, 10, g.input_shape), numbers.integers(-9, 10, g.kernel_shape)
    return x, w, gather(x, padded_numbers(g))


def places(g, left):
    """The letters' values at which a printed cell lies in the output of sample 0, and the cell."""
    ((_, inner, _),) = _CELL.findall(left)
    names = sorted(set(re.findall("[a-z]", inner)))
    sizes = {"f": g.out_channels, "i": g.output_size[0], "j": g.output_size[-1]}
    for values in product(*(range(sizes[name]) for name in names)):
        known = dict(zip(names, values, strict=True))
        cell = tuple(index(i, known) for i in indices(inner))
        full = cell if len(cell) > g.rank else (0, *cell)
        if all(c < s for c, s in zip(full, g.output_shape[1:], strict=True)):
            yield known, (0, *full)


def read_back(g, latex, expected, arrays):
    """Every output cell is printed once, and its sum is the definition's."""
    seen = set()
    for left, right in lines(latex):
        for known, cell in places(g, left):
            assert cell not in seen
            seen.add(cell)
            assert worked(right, arrays, known) == expected[cell], (left, known)
    assert len(seen) == prod(g.output_shape[1:])


LAYERS = [
    sc.Geometry((5, 6), (2, 3), stride=(1, 2)),
    sc.Geometry((5, 6), (2, 3), dilation=(3, 2)),
    sc.Geometry(9, 3, 2, 4, stride=2, padding=[(2, 1)], groups=2),
    sc.Geometry((7, 8), (2, 3), 4, 6, 2, stride=(2, 3), padding=((1, 0), (0, 2)), dilation=(1, 2), groups=2),
    sc.Geometry(
        (6, 7), (2, 3), 3, 3, stride=(2, 1), dilation=(2, 3), padding=2, groups=3, padding_mode="circular"
    ),
    sc.Geometry(7, 1, 2, 3, stride=3),
]


@pytest.mark.parametrize("g", LAYERS, ids=range(len(LAYERS)))
@pytest.mark.parametrize("split", [sc.polyphase, sc.sublattices], ids=lambda s: s.__name__)
def test_the_sums_of_the_pieces_are_the_definition(split, g):
    x, w, padded = arrays_of(g)
    expected = np.asarray(sc.loop_formula(x, w, **_options(g))).reshape(g.output_shape)
    bare = g.in_channels * g.out_channels == 1
    cells = padded[0, 0] if bare else padded[0]
    weights = w[0, 0] if bare else w
    made = split(g)
    if len(made.pieces) <= 9:
        read_back(g, sc.latex(made), expected, {"x": cells, r"\hat{x}": cells, "w": weights})


def _options(g):
    return {
        "stride": g.stride, "padding": g.padding, "dilation": g.dilation, "groups": g.groups,
        "padding_mode": g.padding_mode,
    }  # fmt: skip


@pytest.mark.parametrize("multiplier", [1, 2])
@pytest.mark.parametrize("g", LAYERS, ids=range(len(LAYERS)))
def test_both_layers_as_printed_are_the_definition(g, multiplier):
    made = sc.depthwise_separable(g, multiplier)
    numbers = np.random.default_rng(1)
    x, _, padded = arrays_of(g)
    v = numbers.integers(-9, 10, made.depthwise.kernel_shape)
    p = numbers.integers(-9, 10, made.pointwise.kernel_shape)
    first, second = lines(sc.latex(made))
    between = np.asarray(sc.loop_formula(x, v, **{**_options(g), "groups": g.in_channels}))
    between = between.reshape(made.depthwise.output_shape)
    known = {
        "x": padded[0],
        r"\hat{x}": padded[0],
        "v": v[:, 0],
        "p": p.reshape(p.shape[:2]),
        "z": between[0],
    }
    read_back(made.depthwise, _as_output(first), between, known)
    whole = made.evaluate(x, v, p)
    read_back(g, _line(second), whole, known)
    dense = made.kernel(v, p)
    left, _, right = sc.latex(made, "kernel").partition(" = ")
    taps = list("abd"[: g.rank])
    for cell in np.ndindex(*g.kernel_shape):
        values = dict(zip(["f", "c", *taps], cell, strict=True))
        assert worked(right, known, values) == dense[cell]
    assert left == f"w_{{{','.join(['f', 'c', *taps])}}}"


def _line(pair):
    return f"{pair[0]} = {pair[1]}"


def _as_output(pair):
    """The channels between as an output's filters, which is what they are."""
    left, right = pair
    return f"{left.replace('z_{c', 'y_{f')} = {re.sub(r'(?<![a-z])c(?![a-z])', 'f', right)}"


@given(g=geometries(), data=st.data())
def test_a_pointwise_layer_as_printed_is_the_definition(g, data):
    if g.rank > 2:
        return
    g = sc.Geometry(
        g.input_size,
        (1,) * g.rank,
        g.in_channels,
        g.out_channels,
        stride=g.stride,
        groups=g.groups,
        padding=g.padding,
    )
    x, w, padded = arrays_of(g)
    expected = np.asarray(sc.loop_formula(x, w, **_options(g))).reshape(g.output_shape)
    known = {"x": padded[0], r"\hat{x}": padded[0], "w": w.reshape(w.shape[:2])}
    read_back(g, sc.latex(sc.pointwise(g)), expected, known)


def test_a_bias_is_printed():
    g = sc.Geometry(4, 1, 2, 3, bias=True)
    assert sc.latex(sc.pointwise(g)).startswith("y_{f,i} = b_f + \\sum")
    assert "= b_f + \\sum" in sc.latex(
        sc.depthwise_separable(sc.Geometry(4, 2, 2, 3, bias=True))
    ).splitlines()[2].replace("&", "")


def test_the_product_over_channels():
    layer = sc.pointwise(sc.Geometry((1, 3), 1, 2, 2, stride=(1, 2)))
    assert sc.latex(layer, "product") == "\n".join(
        [
            r"\underbrace{\left[\begin{array}{cc}",
            r"w_{0,0} & w_{0,1} \\",
            r"w_{1,0} & w_{1,1}",
            r"\end{array}\right]}_{W}",
            r"\underbrace{\left[\begin{array}{cc}",
            r"x_{0,0,0} & x_{0,0,2} \\",
            r"x_{1,0,0} & x_{1,0,2}",
            r"\end{array}\right]}_{X}",
            "=",
            r"\underbrace{\left[\begin{array}{cc}",
            r"y_{0,0,0} & y_{0,0,1} \\",
            r"y_{1,0,0} & y_{1,0,1}",
            r"\end{array}\right]}_{Y}",
        ]
    )
    numbers = sc.latex(sc.pointwise(sc.Geometry(2, 1, 2)), "product", x=[[1, 2], [3, 4]], w=[[[5], [6]]])
    assert "23 & 34" in numbers
    assert "y_{1,0,0} & y_{1,0,1}" in sc.latex(sc.pointwise(sc.Geometry(2, 1, batch=2)), "product").replace(
        "y_{0,0,0} & y_{0,0,1} & ", ""
    )


def test_many_pieces_are_elided():
    many = sc.latex(sc.sublattices(sc.Geometry((40, 40), 2, dilation=5)))
    assert many.count(r"\\") == 4
    assert r"& \vdots" in many
    strided = sc.latex(sc.polyphase(sc.Geometry((40, 40), 5, stride=5)))
    assert strided.count(r"\\") == 4
    assert r"& + \cdots" in strided


@pytest.mark.parametrize(
    "form",
    [
        sc.polyphase(LAYERS[0]),
        sc.depthwise_separable(LAYERS[3]),
        sc.pointwise(LAYERS[5]),
        sc.permutation(sc.Geometry(3, 2), "torch", "symconv"),
    ],
    ids=lambda f: type(f).__name__,
)
def test_a_notebook_shows_a_form_as_mathematics(form):
    assert form._repr_latex_() == rf"$\displaystyle {sc.latex(form)}$"


def test_a_large_permutation_is_not_printed():
    assert sc.permutation(sc.Geometry((99, 99), 3), "torch", "tensorflow")._repr_latex_() is None


REFUSALS = [
    (
        lambda: sc.latex(sc.winograd(2, 3), "steps", x=[1]),
        sc.ArrayError,
        "x has shape (1,): give an array of shape (4,)",
    ),
    (
        lambda: sc.latex(sc.winograd(2, 3), "steps", y=[1]),
        sc.RequestError,
        "y has no use for part='steps': give x and w for part=\"steps\"",
    ),
    (
        lambda: sc.latex(sc.winograd(2, 3), x=[1]),
        sc.RequestError,
        "x has no use for part='matrices': give x and w for part=\"steps\"",
    ),
    (
        lambda: sc.latex(sc.winograd2d(2, 3), "step"),
        sc.RequestError,
        "part='step' is unknown for a Winograd algorithm: use one of matrices, formula, steps",
    ),
    (
        lambda: sc.latex(sc.nested(*[sc.winograd(1, 2)] * 3), "steps"),
        sc.RequestError,
        "F(1×1×1, 2×2×2) has 3 axes: print the steps of one or two",
    ),
    (
        lambda: sc.latex(sc.polyphase(LAYERS[0]), "sum"),
        sc.RequestError,
        "part='sum' is unknown for the pieces of a layer: use formula",
    ),
    (
        lambda: sc.latex(sc.depthwise_separable(LAYERS[0]), "w"),
        sc.RequestError,
        "part='w' is unknown for a separable layer: use formula or kernel",
    ),
    (
        lambda: sc.latex(sc.pointwise(LAYERS[5]), "W"),
        sc.RequestError,
        "part='W' is unknown for a pointwise layer: use formula or product",
    ),
    (
        lambda: sc.latex(sc.pointwise(LAYERS[5]), x=[1]),
        sc.RequestError,
        'x and w have no use for part="formula": give them for part="product"',
    ),
]


class TestSteps:
    def test_numbers_become_outputs(self):
        text = sc.latex(sc.winograd(2, 3), "steps", x=[1, 2, 3, 4], w=[3, 1, 2])
        for column in (
            "-2 \\\\\n5 \\\\\n1 \\\\\n2",
            "3 \\\\\n3 \\\\\n2 \\\\\n2",
            "-6 \\\\\n15 \\\\\n2 \\\\\n4",
            "11 \\\\\n17",
        ):
            assert column in text
        assert r"y = A^{\mathsf T} m = " in text
        assert r"m = (G w) \odot (B^{\mathsf T} x) = " in text

    def test_two_axes_are_the_loop_formula(self):
        x, w = np.arange(20).reshape(4, 5) ** 2 % 11, np.arange(6).reshape(3, 2) - 2
        text = sc.latex(sc.nested(sc.winograd(2, 3), sc.winograd(4, 2)), "steps", x=x, w=w)
        expected = sc.loop_formula(x, w)
        assert text.rstrip().removesuffix("\\end{gathered}").rstrip().endswith(sc.latex(expected))
        assert r"B_1^{\mathsf T} x B_2 = " in text
        assert r"y = A_1^{\mathsf T} m A_2" in text
        assert "_1" not in sc.latex(sc.winograd2d(2, 2), "steps")

    def test_letters_are_products_with_names(self):
        text = sc.latex(sc.winograd(1, 2), "steps")
        assert "w_{0} x_{0}" in text
        assert "m_{0} + m_{1}" in text

    def test_fractions_stay_exact(self):
        text = sc.latex(sc.winograd(2, 3), "steps", x=[1, 0, 0, 0], w=[1, 0, sympy.Rational(1, 3)])
        assert r"\frac{2}{3}" in text

    @pytest.mark.parametrize(("call", "error", "sentence"), REFUSALS)
    def test_what_cannot_be_printed(self, call, error, sentence):
        with pytest.raises(error, match=f"^{re.escape(sentence)}$"):
            call()


def test_the_diagonal_of_a_circulant():
    assert sc.latex(sc.fourier(2), "diagonal") == "\n".join(
        [
            r"F\,C(w)\,F^{-1} = \operatorname{diag}\left(\begin{array}{c}",
            r"w_{0} + w_{1} \\",
            r"w_{0} + w_{1}\,\omega",
            r"\end{array}\right), \quad \omega = e^{-2\pi\mathrm{i}/2}",
        ]
    )
    assert "0 \\\\\n0" in sc.latex(sc.fourier(2), "diagonal", w=[0, 0])
    assert "3\\,\\omega^{3}" in sc.latex(sc.fourier(4), "diagonal", w=[0, 3])
    assert r"\vdots" in sc.latex(sc.fourier(16), "diagonal")
    assert "5 & 0 \\\\\n0 & 5" in sc.latex(sc.fourier(2), "circulant", w=[5])


def test_the_printed_diagonal_is_the_diagonal():
    f, w = sc.fourier((2, 3)), [[5, -2, 1], [0, 4, 3]]
    text = sc.latex(f, "diagonal", w=w)
    rows = text[text.index("{c}\n") + 4 : text.index("\n\\end{array}\\right)")].split(" \\\\\n")
    omega = sympy.exp(-2 * sympy.pi * sympy.I / f.order)
    for k, row in enumerate(rows):
        value = re.sub(r"\\omega(?:\^\{(\d+)\})?", lambda m: f"o**{m[1] or 1}", row.replace(r"\,", "*"))
        found = complex(sympy.N(eval(value, {}, {"o": omega})))  # noqa: S307 (what our own printer wrote)
        assert abs(found - complex(sympy.N(f.diagonal(w)[k, k]))) < 1e-12


def test_fractions_in_a_matrix_have_room():
    assert r"\\[0.35em]" in sc.latex([[sympy.Rational(1, 2)], [1]])
    assert r"\\[" not in sc.latex([[1], [2]])

"""Every string of LaTeX that symconv emits is set by the real KaTeX without an error or a warning."""

import re
from fractions import Fraction
from html import unescape

import numpy as np
import pytest
import sympy

import symconv as sc
from symconv.lesson.block import read_block
from symconv.lesson.form_parts.catalogue import FORMS
from symconv.lesson.render import render
from symconv.parts import PARTS
from symconv.show.theorem_latex import PARTS as THEOREM_PARTS
from symconv.show.theorem_latex import spread
from tests.form_blocks import blocks

LAYERS = {
    "letters": lambda: sc.unroll(sc.input_matrix(3, 3), sc.kernel_matrix(2, 2)),
    "numbers": lambda: sc.unroll([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[9, 8], [7, 6]]),
    "negative-and-fractions": lambda: sc.unroll([[-1, 0.5], [Fraction(-1, 3), 4]], [[-2, 1e-9]]),
    "mixed": lambda: sc.unroll(
        [[sympy.Symbol("a"), 2], [sympy.pi, sympy.Rational(1, 2)]], [[-3, sympy.Symbol("b")]]
    ),
    "sums-as-entries": lambda: sc.unroll([[sympy.Symbol("a") + 1, -sympy.Symbol("b")]], [[2, 3]]),
    "complex": lambda: sc.unroll(np.array([[1 + 2j, -1j]]), np.array([[1j, 2.0]])),
    "not-finite": lambda: sc.unroll([[float("nan"), float("inf")]], [[1.0, float("-inf")]]),
    "one-axis": lambda: sc.unroll(sc.symbolic("x", 11), sc.symbolic("w", 3), stride=2, padding=1),
    "three-axes": lambda: sc.unroll(sc.Geometry((3, 4, 3), (2, 2, 2), 2, 2)),
    "groups-batch-bias": lambda: sc.unroll(
        sc.Geometry((4, 5), (2, 3), 4, 6, 2, groups=2, bias=True), start=1
    ),
    "depthwise": lambda: sc.unroll(sc.Geometry((4, 5), 2, 3, 3, groups=3)),
    "large": lambda: sc.unroll(sc.Geometry((28, 28), 5, 3, 2, padding=2, stride=2), max_entries=None),
    "wide-kernel": lambda: sc.unroll(sc.input_matrix(3, 30), sc.kernel_matrix(2, 20)),
    "start-1": lambda: sc.unroll(sc.Geometry((5, 5), 3, stride=2, padding=1, dilation=1), start=1),
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", LAYERS)
def test_every_part_of_every_layer_is_set(katex, name, part):
    assert 'class="katex' in katex(sc.latex(LAYERS[name](), part))


@pytest.mark.parametrize("part", THEOREM_PARTS)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_every_theorem_is_set(katex, axes, part):
    for theorem in sc.theorems(axes):
        if text := sc.latex(theorem, part):
            assert 'class="katex' in katex(text)
        for step in theorem.steps:
            assert 'class="katex' in katex(spread(step.after))


@pytest.mark.parametrize("part", ["entries", "patches", "weights", "sizes"])
def test_a_layer_of_any_size_is_set(katex, part):
    g = sc.Geometry(("H", "W"), ("A", 3), "C", "F", "N", stride="s", padding="p", groups="G")
    for mode in ("zeros", "reflect", "replicate", "circular"):
        layer = sc.unroll(sc.Geometry(*(("H", "W"), ("A", 3)), padding="p", padding_mode=mode))
        assert 'class="katex' in katex(sc.latex(layer, part))
    assert 'class="katex' in katex(sc.latex(sc.unroll(g), part))


@pytest.mark.parametrize("part", ["matrix", "grid"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (40, 14), (2, 3, 4), (2, 3, 4, 5)], ids=str)
def test_arrays_are_set(katex, shape, part):
    if part == "matrix" and len(shape) > 2:
        with pytest.raises(sc.RequestError):
            sc.latex(sc.symbolic("x", shape), part)
    else:
        assert 'class="katex' in katex(sc.latex(sc.symbolic("x", shape), part))


def test_a_notebook_shows_mathematics(katex):
    layer = LAYERS["numbers"]()
    for shown in (layer, layer.patch_matrix, layer.weight_matrix, layer.output, layer.product):
        latex = shown._repr_latex_()
        assert latex.startswith(r"$\displaystyle ")
        assert 'class="katex' in katex(latex.strip("$"))
    assert hasattr(LAYERS["letters"]().patch_matrix, "_repr_latex_")


def test_katex_does_refuse_what_is_wrong(katex):
    with pytest.raises(Exception, match="KaTeX parse error"):
        katex(r"\begin{array}{c} 1 \\ \end{matrix}")


@pytest.mark.parametrize("part", ["matrices", "formula", "steps"])
@pytest.mark.parametrize(
    "algorithm",
    [
        sc.winograd(1, 1),
        sc.winograd(6, 3),
        sc.winograd(20, 3),
        sc.winograd2d(2, 3),
        sc.winograd2d((4, 2), (3, 5)),
        sc.nested(*[sc.winograd(2, 2)] * 3),
        sc.nested(sc.winograd(2, 2), sc.winograd(1, 3), sc.winograd(2, 1)),
    ],
    ids=lambda w: w.name,
)
def test_fast_algorithms_are_set(katex, algorithm, part):
    if part == "steps" and algorithm.name.count("×") > 2:
        return  # of one or two axes only
    assert 'class="katex' in katex(sc.latex(algorithm, part=part))


@pytest.mark.parametrize("name", FORMS)
def test_every_part_of_every_form_is_set(katex, name):
    formulas = 0
    for _, text in blocks(name):
        for formula in re.findall(r"\\\[(.*?)\\\]</div>", render(read_block(text)), re.DOTALL):
            assert 'class="katex' in katex(unescape(formula))
            formulas += 1
    assert formulas > 2


@pytest.mark.parametrize("split", [sc.polyphase, sc.sublattices], ids=lambda s: s.__name__)
def test_any_pieces_are_set(katex, split):
    layer = {"stride": (2, 3), "padding": ((1, 0), (0, 2)), "dilation": (3, 2), "groups": 2}
    for g in (sc.Geometry((9, 12), (2, 3), 4, 6, **layer), sc.Geometry((5, 6, 7), 2, 2, 2, stride=2)):
        assert 'class="katex' in katex(sc.latex(split(g)))


@pytest.mark.parametrize("part", ["matrix", "product"])
@pytest.mark.parametrize("name", LAYERS)
def test_every_convolution_matrix_is_set(katex, name, part):
    assert 'class="katex' in katex(sc.latex(sc.convolution_matrix(LAYERS[name]()), part))

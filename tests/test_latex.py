"""LaTeX as text: what each part says, in reading order, elided where it grows, read back as mathematics."""

import re
from decimal import Decimal
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy
from hypothesis import given

import symconv as sc
from symconv.parts import PARTS
from symconv.show.latex import entry, equation, grids, matrix, product_of, shown
from tests.cases import NINE_TO_SIX, ONE_TO_NINE
from tests.strategies import geometries, options

NUMBERS = sc.unroll(ONE_TO_NINE, NINE_TO_SIX)
LETTERS = sc.unroll(sc.input_matrix(3, 3, start=1), sc.kernel_matrix(2, 2, start=1), start=1)
SEVERAL = sc.unroll(  # two samples, two groups of two filters
    np.arange(1, 13).reshape(2, 2, 3), np.array([[[1, -1]], [[2, 0]], [[3, 1]], [[4, 1]]]), groups=2
)


def lines(*text):
    return "\n".join(text)


def column(*entries):
    return lines(r"\left[\begin{array}{c}", " \\\\\n".join(entries), r"\end{array}\right]")


EXACT = [
    ("sum-of-numbers", NUMBERS, "sum", r"9 \cdot 1 + 8 \cdot 2 + 7 \cdot 4 + 6 \cdot 5 = 83"),
    ("input", NUMBERS, "input", lines(
        r"\begin{array}{|c|c|c|}\hline", r"1 & 2 & 3 \\ \hline", r"4 & 5 & 6 \\ \hline",
        r"7 & 8 & 9 \\ \hline", r"\end{array}")),
    ("kernel", NUMBERS, "kernel", lines(
        r"\begin{array}{|c|c|}\hline", r"9 & 8 \\ \hline", r"7 & 6 \\ \hline", r"\end{array}")),
    ("output", NUMBERS, "output", lines(
        r"\begin{array}{|c|c|}\hline", r"83 & 113 \\ \hline", r"173 & 203 \\ \hline", r"\end{array}")),
    ("output-of-letters", LETTERS, "output", lines(
        r"\begin{array}{|c|c|}\hline", r"y_{1,1} & y_{1,2} \\ \hline", r"y_{2,1} & y_{2,2} \\ \hline",
        r"\end{array}")),
    ("sum-of-letters", LETTERS, "sum", lines(
        r"\begin{aligned}", r"y_{1,1} = {} & w_{1,1} x_{1,1} + w_{1,2} x_{1,2} \\",
        r"& + w_{2,1} x_{2,1} + w_{2,2} x_{2,2}", r"\end{aligned}")),
    ("dot", NUMBERS, "dot", lines(
        r"\left[\begin{array}{cccc}", "1 & 2 & 4 & 5", r"\end{array}\right]", column(*"9876"), "= 83")),
    ("dot-reversed", NUMBERS, "dot_reversed", lines(
        r"\left[\begin{array}{cccc}", "9 & 8 & 7 & 6", r"\end{array}\right]", column(*"1245"), "= 83")),
    ("dot-of-letters", LETTERS, "dot", lines(
        r"\left[\begin{array}{cccc}", "x_{1,1} & x_{1,2} & x_{2,1} & x_{2,2}", r"\end{array}\right]",
        column("w_{1,1}", "w_{1,2}", "w_{2,1}", "w_{2,2}"), "= y_{1,1}")),
    ("patches", NUMBERS, "patches", lines(
        r"\left[\begin{array}{cccc}", r"1 & 2 & 4 & 5 \\", r"2 & 3 & 5 & 6 \\", r"4 & 5 & 7 & 8 \\",
        "5 & 6 & 8 & 9", r"\end{array}\right]")),
    ("weights", NUMBERS, "weights", column(*"9876")),
    ("weights-in-groups", SEVERAL, "weights", lines(
        r"\left[\begin{array}{cccc}", r"1 & 2 & 0 & 0 \\", r"-1 & 0 & 0 & 0 \\", r"0 & 0 & 3 & 4 \\",
        "0 & 0 & 1 & 1", r"\end{array}\right]")),
    ("product", NUMBERS, "product", lines(
        r"\underbrace{\left[\begin{array}{cccc}", r"1 & 2 & 4 & 5 \\", r"2 & 3 & 5 & 6 \\",
        r"4 & 5 & 7 & 8 \\", "5 & 6 & 8 & 9", r"\end{array}\right]}_{P}",
        rf"\underbrace{{{column(*'9876')}}}_{{W}}", "=",
        rf"\underbrace{{{column('83', '113', '173', '203')}}}_{{Y}}")),
    ("product-with-bias", sc.unroll([1, 2], [3], bias=[-4]), "product", lines(
        rf"\underbrace{{{column('1', '2')}}}_{{P}}", rf"\underbrace{{{column('3')}}}_{{W}}",
        rf"+ \underbrace{{{column('-4')}}}_{{b^{{\mathsf T}}}}", "=",
        rf"\underbrace{{{column('-1', '2')}}}_{{Y}}")),
    ("fold", NUMBERS, "fold", lines(
        column("83", "113", "173", "203"), r"\;\longrightarrow\;", r"\begin{array}{|c|c|}\hline",
        r"83 & 113 \\ \hline", r"173 & 203 \\ \hline", r"\end{array}")),
    ("fold-of-letters-of-two-filters",
        sc.unroll(sc.symbolic("x", (1, 2)), sc.symbolic("w", (2, 1, 1))), "fold", lines(
        column("y_{0,0}", "y_{0,1}"), r"\;\longrightarrow\;", r"\begin{array}{|c|c|}\hline",
        r"y_{0,0} & y_{0,1} \\ \hline", r"\end{array}\qquad",
        column("y_{1,0}", "y_{1,1}"), r"\;\longrightarrow\;", r"\begin{array}{|c|c|}\hline",
        r"y_{1,0} & y_{1,1} \\ \hline", r"\end{array}")),
    ("negative-numbers", sc.unroll([-1, 2], [3, -4]), "sum", r"3 \cdot (-1) + (-4) \cdot 2 = -11"),
    ("fractions", sc.unroll([Fraction(1, 2), 2], [Fraction(-1, 3), 1]), "sum",
        r"(-\frac{1}{3}) \cdot \frac{1}{2} + 1 \cdot 2 = \frac{11}{6}"),
    ("bias", sc.unroll([1, 2], [3, 4], bias=[5]), "sum", r"3 \cdot 1 + 4 \cdot 2 + 5 = 16"),
    ("negative-bias", sc.unroll([1, 2], [3, 4], bias=[-5]), "sum", r"3 \cdot 1 + 4 \cdot 2 + (-5) = 6"),
    ("negative-bias-of-a-dot", sc.unroll([1], [3], bias=[-5]), "dot", lines(
        column("1"), column("3"), "+ (-5)", "= -2")),
    ("padding-zeros", sc.unroll([1, 2], [3, 4], padding=1), "sum", r"3 \cdot 0 + 4 \cdot 1 = 4"),
    ("a-letter-and-a-number", sc.unroll([sympy.Symbol("a"), 2], [3, sympy.Symbol("b")]), "sum",
        r"y_{0} = 3 a + b \cdot 2"),
    ("complex", sc.unroll(np.array([1 + 2j], np.complex64), np.array([3 - 1j], np.complex64)), "sum",
        r"(3-1\,\mathrm{i}) \cdot (1+2\,\mathrm{i}) = 5+5\,\mathrm{i}"),
]  # fmt: skip


@pytest.mark.parametrize(("u", "part", "text"), [pytest.param(*row, id=name) for name, *row in EXACT])
def test_parts_word_for_word(u, part, text):
    assert u.latex(part) == text
    assert sc.latex(u, part) == text


FORMULAS = [
    ("plain", {"input_size": (3, 3), "kernel_size": 2}, 0,
        r"y_{i,j} = \sum_{a=0}^{1}\sum_{b=0}^{1} w_{a,b}\, x_{i + a,\, j + b}"),
    ("counted-from-1", {"input_size": (3, 3), "kernel_size": 2}, 1,
        r"y_{i,j} = \sum_{a=1}^{2}\sum_{b=1}^{2} w_{a,b}\, x_{i + a - 1,\, j + b - 1}"),
    ("strided-and-padded",
        {"input_size": (4, 5), "kernel_size": 3, "stride": (2, 1), "padding": ((1, 0), (0, 2))}, 0,
        r"y_{i,j} = \sum_{a=0}^{2}\sum_{b=0}^{2} w_{a,b}\, x_{2 i + a - 1,\, j + b}"),
    ("dilated-counted-from-1", {"input_size": 9, "kernel_size": 3, "dilation": 3, "stride": 2}, 1,
        r"y_{i} = \sum_{a=1}^{3} w_{a}\, x_{2 i + 3 a - 4}"),
    ("channels", {"input_size": (3, 3), "kernel_size": 2, "in_channels": 3, "out_channels": 2}, 0,
        r"y_{f,i,j} = \sum_{c=0}^{2}\sum_{a=0}^{1}\sum_{b=0}^{1} w_{f,c,a,b}\, x_{c,\, i + a,\, j + b}"),
    ("depthwise",
        {"input_size": (3, 3), "kernel_size": 2, "in_channels": 2, "out_channels": 2, "groups": 2}, 1,
        r"y_{f,i,j} = \sum_{a=1}^{2}\sum_{b=1}^{2} w_{f,1,a,b}\, x_{f,\, i + a - 1,\, j + b - 1}"),
    ("groups-of-two",
        {"input_size": 4, "kernel_size": 2, "in_channels": 4, "out_channels": 4, "groups": 2}, 1,
        r"y_{f,i} = \sum_{c=1}^{2}\sum_{a=1}^{2} w_{f,c,a}\, "
        r"x_{2 \lfloor (f - 1) / 2 \rfloor + c,\, i + a - 1}"),
    ("batch-and-bias", {"input_size": 4, "kernel_size": 2, "batch": 2, "bias": True}, 0,
        r"y_{n,f,i} = b_f + \sum_{u=0}^{1} w_{f,0,u}\, x_{n,\, 0,\, i + u}"),
]  # fmt: skip


@pytest.mark.parametrize(("sizes", "start", "text"), [pytest.param(*row, id=name) for name, *row in FORMULAS])
def test_the_formula_word_for_word(sizes, start, text):
    assert sc.unroll(sc.Geometry(**sizes), start=start).latex("formula") == text


def value_of(index, values):
    """An index of the formula, read as a person reads it: 2 i is two times i, ⌊ / ⌋ a whole quotient."""
    python = re.sub(r"\\lfloor (.*?) / (\d+) \\rfloor", r"((\1) // \2)", index)
    python = re.sub(r"(\d+) (?=[a-z(])", r"\1 * ", python)
    assert re.fullmatch(r"[\da-z+\-*/() ]+", python)
    return eval(python, {"__builtins__": {}}, values)  # noqa: S307 (our own formula)


@pytest.mark.parametrize("start", [0, 1])
@given(g=geometries(modes=("zeros",), most_products=150))
def test_the_formula_read_back_is_the_loop_formula(start, g):
    """The printed sum, worked out as it stands, is what the definition computes."""
    numbers = np.random.default_rng(g.products)
    x, w = numbers.integers(-9, 10, g.input_shape), numbers.integers(-9, 10, g.kernel_shape)
    bias = numbers.integers(-9, 10, g.out_channels) if g.bias else None
    text = sc.unroll(x, w, bias=bias, start=start, **options(g)).latex("formula")
    left, right = text.split(" = ", 1)
    assert right.startswith("b_f + ") == g.bias
    sums = [(t, int(a), int(b)) for t, a, b in re.findall(r"\\sum_\{(\w)=(\d+)\}\^\{(\d+)\}", right)]
    y_at, w_at = (re.search(pattern, text)[1].split(",") for pattern in (r"^y_{(.*?)}", r" w_{(.*?)}"))
    x_at = re.search(r"x_{(.*)}$", right)[1].replace("\\,", "").split(",")
    assert left == f"y_{{{','.join(y_at)}}}"
    expected = sc.loop_formula(x, w, bias=bias, **options(g))
    for place in list(np.ndindex(expected.shape))[:: max(1, expected.size // 6)]:
        values = {letter: i + start for letter, i in zip(y_at, place, strict=True)}
        total = bias[place[1]] if g.bias else 0
        for taps in product(*(range(a, b + 1) for _, a, b in sums)):
            values |= dict(zip((t for t, _, _ in sums), taps, strict=True))
            cell = tuple(value_of(i.strip(), values) - start for i in x_at)
            tap = tuple(value_of(i, values) - start for i in w_at)
            inside = all(0 <= i < n for i, n in zip(cell, x.shape, strict=True))
            total += w[tap] * (x[cell] if inside else 0)
        assert total == expected[place]


def integers_of(text):
    """A printed sum of integers, worked out."""
    python = text.replace(r"\cdot", "*").replace(r"\\", "").replace("&", "").replace("\n", "").strip()
    assert re.fullmatch(r"[\d+\-*() ]+", python)
    return eval(python, {"__builtins__": {}})  # noqa: S307 (our own sum)


@given(g=geometries(modes=("zeros", "reflect"), most_products=100))
def test_every_sum_read_back_is_its_cell(g):
    numbers = np.random.default_rng(g.products)
    x, w = numbers.integers(-9, 10, g.input_shape), numbers.integers(-9, 10, g.kernel_shape)
    bias = numbers.integers(-9, 10, g.out_channels) if g.bias else None
    u = sc.unroll(x, w, bias=bias, **options(g))
    for cell in list(np.ndindex(u.output.shape))[:5]:
        text = u.latex("sum", cell=cell).removeprefix("\\begin{aligned}\n").removesuffix("\n\\end{aligned}")
        left, right = text.split(" = ")
        assert "+ -" not in left
        if "cdots" not in left:
            assert integers_of(left) == u.output[cell]
        assert int(right) == u.output[cell]


ENTRIES = [
    (7, "7"), (-7, "-7"), (True, "True"), (2.5, "2.5"), (2.0, "2"), (-0.0, "0"), (1e22, r"1 \cdot 10^{22}"),
    (1.5e-7, r"1.5 \cdot 10^{-7}"), (float("nan"), r"\mathrm{nan}"), (float("inf"), r"\infty"),
    (float("-inf"), r"-\infty"), (Fraction(1, 2), r"\frac{1}{2}"), (Fraction(-1, 2), r"-\frac{1}{2}"),
    (Fraction(4, 2), "2"), (np.int8(-5), "-5"), (np.float64(0.5), "0.5"), (2**70, str(2**70)),
    (1j, r"0+1\,\mathrm{i}"), (2 - 0.5j, r"2-0.5\,\mathrm{i}"), (sympy.Symbol("x_{7,10}"), "x_{7,10}"),
    (sympy.Symbol("alpha"), r"\alpha"), (sympy.Rational(1, 3), r"\frac{1}{3}"), (Decimal("0.10"), "0.10"),
    (np.float32(0.1), "0.1"), (Decimal("1E+5"), r"1 \cdot 10^{5}"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"), [pytest.param(*row, id=repr(row[0])) for row in ENTRIES if row[0] is not True]
)
def test_entries(value, text):
    assert entry(value) == text


a, b = sympy.symbols("a b")


@pytest.mark.parametrize(
    ("left", "right", "text"),
    [
        (9, 1, r"9 \cdot 1"),
        (2, -3, r"2 \cdot (-3)"),
        (-2, a, "(-2) a"),
        (a, b, "a b"),
        (a, 2, r"a \cdot 2"),
        (a + b, a, "(a + b) a"),
        (a, a + b, r"a \cdot (a + b)"),
        (2, -a, r"2 \cdot (- a)"),
        (2, 3 * a, r"2 \cdot 3 a"),
        (Fraction(-1, 2), a, r"(-\frac{1}{2}) a"),
        (1j, 2, r"(0+1\,\mathrm{i}) \cdot 2"),
    ],
    ids=str,
)
def test_products(left, right, text):
    assert product_of(left, right) == text


SHOWN = [
    ((36, 36), list(range(36))),
    ((37, 36), [0, 1, 2, None, 36]),
    ((1, 12), [0]),
    ((13, 12, 13), [0, 1, 2, None, 12]),
    ((14, 12, 2), [0, 1, 2, 3, None, 12, 13]),
    ((15, 12, 5), [0, 1, 2, None, 4, 5, 6, 7, None, 9, 10, 11, 12, None, 14]),
    ((20, 12, 5), [0, 1, 2, None, 4, 5, 6, 7, None, 9, None, 15, 16, 17, None, 19]),
    ((16, 12, 4), [0, 1, 2, 3, 4, 5, 6, 7, None, 12, 13, 14, 15]),
    ((20, 12, 1), [0, 1, 2, None, 19]),
]


@pytest.mark.parametrize(("arguments", "places"), SHOWN, ids=[str(row[0]) for row in SHOWN])
def test_what_is_shown_of_many(arguments, places):
    assert shown(*arguments) == places


def test_a_long_matrix_is_elided():
    assert matrix(np.arange(37 * 2).reshape(37, 2)) == lines(
        r"\left[\begin{array}{cc}", r"0 & 1 \\", r"2 & 3 \\", r"4 & 5 \\", r"\vdots & \vdots \\",
        "72 & 73", r"\end{array}\right]",
    )  # fmt: skip


def test_a_wide_matrix_is_elided_by_kernel_rows():
    assert matrix(np.arange(14)[None], block=2) == lines(
        r"\left[\begin{array}{cc|cc|c|cc}", r"0 & 1 & 2 & 3 & \cdots & 12 & 13", r"\end{array}\right]"
    )


def test_dots_meet_in_the_middle():
    text = matrix(np.zeros((40, 40), dtype=int))
    assert text.count(r"\ddots") == 1
    assert text.count(r"\vdots") == text.count(r"\cdots") == 4


def test_a_matrix_just_small_enough_is_whole():
    assert "dots" not in matrix(np.zeros((36, 12), dtype=int))
    assert "dots" in matrix(np.zeros((36, 13), dtype=int))
    assert "dots" not in grids(np.zeros((12, 12), dtype=int))
    assert "dots" in grids(np.zeros((13, 12), dtype=int))


def test_grids_of_channels_and_samples():
    one = lines(r"\begin{array}{|c|}\hline", r"0 \\ \hline", r"\end{array}")
    assert grids(np.zeros(1, dtype=int)) == grids(np.zeros((1, 1), dtype=int)) == one
    assert grids(np.zeros((2, 1, 1), dtype=int)) == f"{one}\\quad\n{one}"
    assert grids(np.zeros((2, 1, 1, 1), dtype=int)) == (
        f"\\begin{{array}}{{l}}\n{one}\n\\\\[1em]\n{one}\n\\end{{array}}"
    )


def test_a_sum_too_long_for_a_line_breaks_at_kernel_rows():
    assert equation(list("abcdefgh"), "9", line=4) == lines(
        r"\begin{aligned}", r"& a + b + c + d \\", "& + e + f + g + h = 9", r"\end{aligned}"
    )
    assert equation(list("abcdef"), "9", line=4) == "a + b + c + d + e + f = 9"


def test_a_sum_too_long_for_a_page_is_elided():
    text = equation([str(i) for i in range(100)], "9", name="y", line=5)
    assert text == lines(
        r"\begin{aligned}", r"y = {} & 0 + 1 + 2 + 3 + 4 \\", r"& + 5 + 6 + 7 + 8 + 9 \\",
        r"& + 10 + 11 + 12 + 13 + 14 \\", r"& + \cdots \\", "& + 95 + 96 + 97 + 98 + 99 = 9",
        r"\end{aligned}",
    )  # fmt: skip


@pytest.mark.parametrize("part", ["sum", "dot", "dot_reversed"])
def test_a_cell_counts_from_where_the_layer_does(part):
    assert NUMBERS.latex(part, cell=(0, 1)) == NUMBERS.latex(part, cell=(1, 2), start=1)
    assert (
        NUMBERS.latex(part) == NUMBERS.latex(part, cell=(0, 0)) == NUMBERS.latex(part, cell=np.array([0, 0]))
    )
    assert NUMBERS.latex(part, cell=(0, 1)) != NUMBERS.latex(part)


def test_only_the_filters_own_group_is_in_its_sum():
    assert SEVERAL.latex("sum", cell=(1, 3, 1)) == r"4 \cdot 11 + 1 \cdot 12 = 56"


@pytest.mark.parametrize("part", PARTS)
@given(g=geometries(most_products=150))
def test_every_part_of_any_layer_is_balanced(part, g):
    """Braces and environments close; nothing of Python shows through."""
    text = sc.unroll(g).latex(part)
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    environments = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if kind == "begin":
            environments.append(name)
        else:
            assert environments.pop() == name
    assert environments == []
    assert text.count(r"\left[") == text.count(r"\right]")
    for leak in ("None", "array(", "dtype", "Symbol", "np."):
        assert leak not in text


@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_six_axes(part):
    u = sc.unroll(sc.Geometry((2,) * 6, 1))
    assert isinstance(u.latex(part), str)


@pytest.mark.parametrize("part", [p for p in PARTS if p not in ("sum", "dot", "dot_reversed")])
def test_a_batch_of_none_does_not_blame_a_cell_nobody_gave(part):
    u = sc.unroll(np.zeros((0, 1, 3, 3), dtype=int), np.ones((1, 1, 2, 2), dtype=int))
    try:
        assert u.latex(part)
    except sc.SymconvError as error:
        assert "cell=None" not in str(error)  # noqa: PT017 (it may as well have worked)


@pytest.mark.parametrize(
    ("subject", "part", "text"),
    [
        ([[1, 2]], "matrix", lines(r"\left[\begin{array}{cc}", "1 & 2", r"\end{array}\right]")),
        ([1, 2], "matrix", lines(r"\left[\begin{array}{cc}", "1 & 2", r"\end{array}\right]")),
        ([1], "grid", lines(r"\begin{array}{|c|}\hline", r"1 \\ \hline", r"\end{array}")),
        (sympy.Matrix([[a]]), "matrix", column("a")),
    ],
    ids=["rows", "a-row", "grid", "sympy"],
)
def test_arrays_of_a_callers_own(subject, part, text):
    assert sc.latex(subject, part) == text


def test_what_a_notebook_shows():
    assert NUMBERS._repr_latex_() == rf"$\displaystyle {NUMBERS.latex('product')}$"
    shown_array = NUMBERS.patch_matrix
    assert shown_array._repr_latex_() == rf"$\displaystyle {NUMBERS.latex('patches')}$"
    assert repr(shown_array) == repr(np.asarray(shown_array))
    assert sc.unroll([1, 2], [3]).output._repr_latex_() == (
        "$\\displaystyle \\begin{array}{|c|c|}\\hline\n3 & 6 \\\\ \\hline\n\\end{array}$"
    )
    assert shown_array[:0]._repr_latex_() is None
    assert LETTERS.patch_matrix._repr_latex_().startswith("$\\displaystyle \\left[")


def test_the_bias_of_two_bare_arrays_has_no_index():
    assert (
        sc.unroll([1, 2], [3], bias=[4]).latex("formula") == r"y_{i} = b + \sum_{u=0}^{0} w_{u}\, x_{i + u}"
    )


def test_an_array_of_nothing_is_refused():
    with pytest.raises(sc.RequestError, match="has no entries to print"):
        sc.latex(np.zeros((0, 2)))

"""Layers of symbolic sizes: with numbers put in, their formulas are the concrete layers'; what is refused."""

from functools import cache
from math import prod

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import symconv as sc
from symconv.digits import ravel, unravel
from symconv.index_formula import patch_cell, patch_entry, weight_cell, weight_entry
from symconv.index_map import index_map
from tests.strategies import geometries
from tests.test_messages import check, refused

MODES = ("zeros", "reflect", "replicate", "circular")


def whole(name, **more):
    return sympy.Symbol(name, integer=True, **(more or {"positive": True}))


def with_numbers(formula, numbers):
    """A formula with numbers for all its symbols, by name."""
    symbols = sympy.sympify(formula).free_symbols
    return sympy.sympify(formula).subs({s: numbers[s.name] for s in symbols if s.name in numbers})


# digits


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.data())
def test_digits_are_numpys(sizes, data):
    numbers = np.arange(prod(sizes))
    digits = unravel(numbers, sizes)
    assert [d.tolist() for d in digits] == [d.tolist() for d in np.unravel_index(numbers, sizes)]
    assert ravel(digits, sizes).tolist() == numbers.tolist()
    number = data.draw(st.integers(0, prod(sizes) - 1))
    assert unravel(number, sizes) == tuple(int(d[number]) for d in digits)
    assert ravel(unravel(number, sizes), sizes) == number


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(-50, 50))
def test_digits_of_symbols_are_those_of_the_numbers_put_in(sizes, number):
    names = [whole(f"n{axis}") for axis in range(len(sizes))]
    q = whole("q", nonnegative=True) if number >= 0 else sympy.Symbol("q", integer=True)
    numbers = {"q": number, **{n.name: size for n, size in zip(names, sizes, strict=True)}}
    symbolic = unravel(q, names)
    assert tuple(with_numbers(digit, numbers) for digit in symbolic) == unravel(number, sizes)
    assert with_numbers(ravel(symbolic, names), numbers) == number == ravel(unravel(number, sizes), sizes)


def test_the_first_size_does_not_matter_and_the_first_digit_is_not_reduced():
    assert ravel((7, 1), (None, 3)) == 22
    assert unravel(22, (None, 3)) == (7, 1)
    assert unravel(-1, (2, 3)) == (-1, 2)


def test_as_many_indices_as_sizes():
    with pytest.raises(ValueError, match="argument 2 is"):
        ravel((1, 2, 3), (4, 5))


# the formulas and the plan


@given(geometries(modes=("zeros",)))
def test_the_cells_of_p_by_formula_are_the_plan(g):
    """Over all rows and columns at once; a place outside the input is a zero, which the plan marks."""
    rows, columns = np.ogrid[tuple(map(slice, g.patch_matrix_shape))]
    cell = np.broadcast_arrays(*patch_cell(g, rows, columns))
    within = np.logical_and.reduce([(c >= 0) & (c < n) for c, n in zip(cell, g.input_shape, strict=True)])
    numbers = np.where(within, ravel(cell, g.input_shape), prod(g.input_shape))
    assert numbers.tolist() == index_map(g).patch.tolist()


@given(geometries())
def test_the_cells_of_w_by_formula_are_the_plan(g):
    columns, filters = np.ogrid[tuple(map(slice, g.weight_matrix_shape))]
    cell, channel_group, filter_group = weight_cell(g, columns, filters)
    cell = np.broadcast_arrays(*cell)
    assert all(((c >= 0) & (c < n)).all() for c, n in zip(cell, g.kernel_shape, strict=True))
    own = channel_group == filter_group
    assert own.mean() == 1 / g.groups
    numbers = np.where(own, ravel(cell, g.kernel_shape), prod(g.kernel_shape))
    assert numbers.tolist() == index_map(g).weight.tolist()


def named(entry):
    """What the concrete layer calls an entry: a symbol's name, or 0."""
    return str(entry) if entry == 0 else f"{entry.base}_{{{','.join(map(str, entry.indices))}}}"


def symbolic_twin(g):
    """The same layer with a symbol for every size, and the numbers of the symbols by name."""
    numbers = {}

    def called(name, number):
        numbers[name] = number
        return name

    def each(name, values):
        return [called(f"{name}{axis}", value) for axis, value in enumerate(values)]

    def several(name, number):  # a layer of one channel or sample has no axis for it
        return called(name, number) if number > 1 else 1

    # channels of a group, and groups, so that channels divide into groups
    groups = several("G", g.groups)
    times = whole("G") if groups == "G" else 1
    counts = {}
    for name, count in (("C", g.in_channels), ("F", g.out_channels)):
        own = several(name, count // g.groups)
        counts[name] = times * (whole(name) if own == name else 1)
    twin = sc.Geometry(
        each("n", g.input_size),
        each("k", g.kernel_size),
        counts["C"],
        counts["F"],
        several("N", g.batch),
        stride=each("s", g.stride),
        padding=[each(f"p{axis}", pair) for axis, pair in enumerate(g.padding)],
        dilation=each("d", g.dilation),
        groups=groups,
        padding_mode=g.padding_mode,
        bias=g.bias,
    )
    return twin, numbers


@cache
def some_entries(shape, most=2, seed=0):
    numbers = np.random.default_rng(seed)
    return [tuple(int(numbers.integers(size)) for size in shape) for _ in range(most)]


def agrees(entry, formula, matrix, numbers, names):
    for place in some_entries(matrix.shape):
        expected = str(matrix[place])
        assert named(entry(*place)) == expected
        put_in = {**numbers, **dict(zip(names, place, strict=True))}
        assert named(with_numbers(formula, put_in)) == expected


@settings(max_examples=12)
@given(st.data())
@pytest.mark.parametrize("mode", MODES)
def test_entries_by_formula_are_the_concrete_layers(mode, data):
    """At numbers for rows and columns, and of a layer of symbolic sizes with all its numbers put in."""
    g = data.draw(geometries(modes=(mode,), most_products=150, ranks=(2, 1)))
    u, (twin, numbers) = sc.unroll(g), symbolic_twin(g)
    any_size = sc.unroll(twin)
    for layer, known in ((g, {}), (twin, numbers)):
        agrees(
            lambda *at: patch_entry(g, *at),
            patch_entry(layer, "row", "column"),
            u.patch_matrix,
            known,
            ("row", "column"),
        )
        agrees(
            lambda *at: weight_entry(g, *at),
            weight_entry(layer, "column", "filter"),
            u.weight_matrix,
            known,
            ("column", "filter"),
        )
    for matrix, expected in (
        (any_size.patch_matrix, u.patch_matrix),
        (any_size.weight_matrix, u.weight_matrix),
    ):
        assert tuple(int(with_numbers(size, numbers)) for size in matrix.shape) == expected.shape
        for place in some_entries(expected.shape, most=1):
            assert named(with_numbers(matrix[place], numbers)) == str(expected[place])


# geometry


@settings(max_examples=10)
@given(geometries())
def test_sizes_by_formula_with_numbers_put_in_are_the_concrete_layers(g):
    twin, numbers = symbolic_twin(g)
    assert {s.name for s in twin.symbols} == set(numbers)
    shapes = ("output_size", "input_shape", "kernel_shape", "output_shape", "patch_matrix_shape")
    for name in (*shapes, "weight_matrix_shape"):
        formulas = getattr(twin, name)
        assert tuple(with_numbers(formula, numbers) for formula in formulas) == getattr(g, name)
    assert with_numbers(twin.products, numbers) == g.products
    put_in = twin.subs(**numbers)
    assert put_in == g
    assert not put_in.symbols
    assert all(type(n) is int for n in (*put_in.input_size, put_in.in_channels, *put_in.output_size))
    half = dict(list(numbers.items())[::2])
    assert twin.subs(**half).subs(**{k: n for k, n in numbers.items() if k not in half}) == g


def test_the_output_size_is_the_floor_formula():
    g = sc.Geometry("n", "k", stride="s", dilation="d", padding=[("p", "q")])
    n, k, s, d = (whole(name) for name in "nksd")
    p, q = (whole(name, nonnegative=True) for name in "pq")
    assert g.output_size == (sympy.floor((n + p + q - d * (k - 1) - 1) / s) + 1,)
    assert g.subs(n=9, k=3, s=2, d=2, p=1, q=2).output_size == (4,)


def test_symbolic_layers_are_equal_and_hash_by_their_sizes():
    one = sc.Geometry(("H", "W"), ("A", "B"), "C", stride=("s", 2))
    two = sc.Geometry((whole("H"), whole("W")), (whole("A"), whole("B")), whole("C"), stride=(whole("s"), 2))
    assert one == two
    assert hash(one) == hash(two)
    assert len({one, two, sc.Geometry(("W", "H"), ("A", "B"), "C", stride=("s", 2))}) == 2
    assert one != one.subs(H=3)


def test_a_symbolic_layer_is_shown_as_it_can_be_typed():
    g = sc.Geometry(("H", "W"), ("A", 3), "C", "F", "N", stride=("s", 2), padding=(("p", 0), (1, "e")))
    assert repr(g) == (
        "Geometry(input_size=('H', 'W'), kernel_size=('A', 3), in_channels='C', out_channels='F', "
        "batch='N', stride=('s', 2), padding=(('p', 0), (1, 'e')))"
    )
    assert eval(repr(g), {"Geometry": sc.Geometry}) == g  # noqa: S307 (our own text)
    assert repr(sc.Geometry("n", whole("k") + 1)) == "Geometry(input_size=('n',), kernel_size=(k + 1,))"


def test_symbols_are_put_in_as_numbers_or_as_other_symbols():
    g = sc.Geometry(("H", "W"), 2, stride="s", padding="p")
    assert [str(s) for s in g.symbols] == ["H", "W", "p", "s"]
    assert g.subs(H="n", W="n").input_size == (whole("n"), whole("n"))
    assert g.subs(H="W", W="H").input_size == (whole("W"), whole("H"))
    assert g.subs(p=0).padding == ((0, 0), (0, 0))
    assert g.subs(H=whole("m") * 2).input_size[0] == 2 * whole("m")
    assert g.subs() == g


def test_a_name_stands_for_one_size_wherever_it_is_written():
    g = sc.Geometry("n", 2, batch="n", padding="n")
    assert g.symbols == (whole("n"),)
    assert g.subs(n=3) == sc.Geometry(3, 2, batch=3, padding=3)


def test_a_name_stands_for_one_size_whatever_is_assumed_of_its_symbols():
    g = sc.Geometry(sympy.Symbol("n", integer=True), 2, in_channels="n")
    assert len(g.symbols) == 1
    assert g.subs(n=5) == sc.Geometry(5, 2, in_channels=5)


@settings(max_examples=15)
@given(st.integers(1, 12), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
def test_named_padding_of_symbolic_sizes_is_that_of_the_numbers_put_in(n, k, s, d):
    for form in ("valid", "same_upper", "same_lower"):
        symbolic = sc.Geometry("n", "k", stride="s", dilation="d", padding=form)
        numbers = {"n": n, "k": k, "s": s, "d": d}
        pads = tuple(int(with_numbers(pad, numbers)) for pad in symbolic.padding[0])
        if form != "valid":
            concrete = sc.Geometry(n, k, stride=s, dilation=d, padding=form)
            assert (pads,) == concrete.padding
            assert symbolic.subs(**numbers) == concrete
            assert concrete.output_size == (-(-n // s),)
        else:
            assert pads == (0, 0)


def test_same_padding_of_symbolic_sizes_keeps_the_size():
    g = sc.Geometry(("H", "W"), (3, 4), padding="same")
    assert g.padding == ((1, 1), (1, 2))
    assert g.output_size == g.input_size
    odd = sc.Geometry("n", 2 * whole("h") + 1, padding="same")
    assert odd.padding == ((whole("h"), whole("h")),)
    assert odd.output_size == (whole("n"),)


@pytest.mark.parametrize("name", ["s", "W", "p1", "p_left"])
def test_a_letter_for_padding_is_a_symbol(name):
    assert sc.Geometry(5, 2, padding=name).padding == ((whole(name, nonnegative=True),) * 2,)


# what unroll and prove make of it


def test_a_layer_of_any_size_as_a_matrix_product():
    g = sc.Geometry(("H", "W"), ("A", "B"), "C", "F", "N", stride=(2, "s"), padding=((1, 0), (0, "p")))
    u = sc.unroll(g)
    assert isinstance(u, sc.UnrolledAnySize)
    assert u.geometry is g
    assert u.patch_matrix.shape == g.patch_matrix_shape
    assert u.weight_matrix.shape == g.weight_matrix_shape
    rows, columns = u.product.shape
    assert (rows, columns) == (g.patch_matrix_shape[0], whole("F"))
    assert repr(u) == (
        f"Unrolled: P ({rows} × {g.patch_matrix_shape[1]}) · W ({g.patch_matrix_shape[1]} × F), "
        "for every A, B, C, F, H, N, W, p, s"
    )
    assert u.patch_matrix[1, 2] == u.patch_entry(1, 2) == patch_entry(g, 1, 2)
    assert u.weight_matrix[1, 0] == u.weight_entry(1, 0) == weight_entry(g, 1, 0)
    assert bool(u.prove())
    assert repr(u.prove()) == repr(sc.prove(g)) == repr(sc.prove(u))


def test_an_entry_outside_the_input_is_a_zero():
    g = sc.Geometry("n", "k", stride="s", padding=[("p", 0)])
    entry = sc.unroll(g).patch_entry("r", "c")
    place = whole("r", nonnegative=True) * whole("s") + whole("c", nonnegative=True)
    place -= whole("p", nonnegative=True)
    cell = sympy.IndexedBase("x")[place]
    assert entry == sympy.Piecewise((cell, sympy.And(place >= 0, place < whole("n"))), (0, True))


C, F, G, N = (whole(name) for name in "CFGN")
ASSUMING = [
    ("nothing", sc.Geometry("n", 1, "C", "F", "N"), ()),
    ("a-kernel-that-fits", sc.Geometry("n", "k"), (whole("n") - whole("k") + 1 >= 1,)),
    (
        "groups",
        sc.Geometry("n", 1, "C", "F", groups="G"),
        (
            sympy.Eq(sympy.Mod(C, G), 0),
            sympy.Eq(sympy.Mod(F, G), 0),
            sympy.Ge(sympy.floor(C / G), 1),
            sympy.Ge(sympy.floor(F / G), 1),
        ),
    ),
    ("groups-that-divide", sc.Geometry("n", 1, C * G, F * G, groups="G"), ()),
    (
        "a-symbol-that-may-be-negative",
        sc.Geometry(sympy.Symbol("n", integer=True), 1),
        (sympy.Symbol("n", integer=True) >= 1,),
    ),
]


@pytest.mark.parametrize(
    ("g", "assuming"), [pytest.param(g, assuming, id=name) for name, g, assuming in ASSUMING]
)
def test_a_layer_of_any_size_is_proved_and_says_what_it_assumes(g, assuming):
    proof = sc.prove(g)
    assert proof
    assert proof.tier is sc.Tier.EVERY_SIZE
    assert proof.geometry is g
    assert proof.theorem is not None
    assert proof.assuming == assuming
    said = f"\nassuming {', '.join(map(str, assuming))}\n" if assuming else f"{g!r}\n"
    assert said in repr(proof)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("axes", [1, 2, 4])
def test_a_layer_of_any_size_is_proved_for_every_padding_mode_and_number_of_axes(axes, mode):
    sizes = [f"n{axis}" for axis in range(axes)]
    g = sc.Geometry(sizes, 2, "C", "F", "N", stride="s", padding="p", padding_mode=mode)
    assert sc.prove(g)


PARTS = [
    ("patches", r"P_{r,q} = {x}_{q + r s}"),
    ("weights", r"W_{q,f} = {w}_{f,0,q}"),
    (
        "sizes",
        "\\begin{aligned}\n"
        r"\text{output size} &= \left\lfloor{\frac{- k + n}{s}}\right\rfloor + 1 \\"
        "\n"
        r"P &\in \mathbb{R}^{\left\lfloor{\frac{- k + n}{s}}\right\rfloor + 1 \times k} \\"
        "\n"
        r"W &\in \mathbb{R}^{k \times F}"
        "\n\\end{aligned}",
    ),
]


@pytest.mark.parametrize(("part", "text"), [pytest.param(*row, id=row[0]) for row in PARTS])
def test_latex_of_a_layer_of_any_size(part, text):
    u = sc.unroll(sc.Geometry("n", "k", out_channels="F", stride="s"))
    expected = text.replace("{x}_{q + r s}", "{x}_{0,q + r s}")
    assert sc.latex(u, part) in (text, expected)
    assert u.latex(part) == sc.latex(u, part)
    assert u._repr_latex_() == rf"$\displaystyle {u.latex('entries')}$"


def geometry(*sizes, **options):
    return lambda: sc.Geometry(*(sizes or ("n", "k")), **options)


def formula(make, *arguments, **options):
    return lambda: make(sc.Geometry((5, 7), (2, 3), **options), *arguments)


a = sympy.Symbol("a")
KNOWN = "give a name in quotes, or symbols made with integer=True and positive=True"
FORMS = "use an int, pairs, or one of 'valid', 'same', 'same_upper', 'same_lower'"
ARRAYS = "is a symbol, and this layer has arrays: give a number, or prove a Geometry without arrays"
REFUSED = [
    ("any-symbol", geometry(a, 2), f"input_size=a is not known to be an integer: {KNOWN}"),
    ("in-a-sum", geometry(stride=a + 1), f"stride=a + 1 is not known to be an integer: {KNOWN}"),
    (
        "a-fraction-of-one",
        geometry(whole("n") / 2, 2),
        f"input_size=n/2 is not known to be an integer: {KNOWN}",
    ),
    (
        "too-small-for-certain",
        geometry(-whole("n"), 2),
        "input_size=-n is too small: give an int of at least 1",
    ),
    (
        "negative-padding",
        geometry(padding=-whole("p")),
        "padding=-p is too small: give an int of at least 0",
    ),
    ("no-name", geometry("2n", 2), "input_size='2n' is not an integer: give an int of at least 1"),
    (
        "unknown-name",
        lambda: sc.Geometry(("H", "W"), 2).subs(n=3),
        "n=3 is for a symbol that this layer does not have: use any of H, W",
    ),
    (
        "a-fraction-put-in",
        lambda: sc.Geometry("n", "k").subs(n=2.5),
        "n=2.5 is not an integer: give an int of at least 1",
    ),
    (
        "zero-put-in",
        lambda: sc.Geometry("n", "k").subs(n=0),
        "n=0 is too small: give an int of at least 1",
    ),
    (
        "negative-padding-put-in",
        lambda: sc.Geometry("n", "k", padding="p").subs(p=-1),
        "p=-1 is too small: give an int of at least 0",
    ),
    (
        "numbers-that-do-not-fit",
        lambda: sc.Geometry("n", "k").subs(n=2, k=3),
        "kernel_size=3 on axis 0 is larger than the padded input of 2 cells: "
        "use a kernel of at most 2, or add padding of 1 more",
    ),
    (
        "a-kernel-larger-for-certain",
        geometry("n", whole("n") + 1),
        "kernel_size=n + 1 on axis 0 is larger than the padded input of n cells: "
        "use a kernel of at most n, or add padding of 1 more",
    ),
    (
        "too-far-for-certain",
        geometry(padding=whole("n"), padding_mode="reflect"),
        "padding=n on axis 0 is more than padding_mode='reflect' can take from n cells: pad by at most n - 1",
    ),
    (
        "groups-that-do-not-divide",
        geometry("n", 2, 3, "F", groups=2),
        "in_channels=3 does not divide into groups=2: make in_channels a multiple of groups",
    ),
    ("a-stride-with-arrays", lambda: sc.unroll([1, 2, 3], [1, 2], stride="s"), f"stride=s {ARRAYS}"),
    ("padding-with-arrays", lambda: sc.unroll([1, 2, 3], [1, 2], padding="p"), f"padding=p {ARRAYS}"),
    (
        "numbers-of-an-array",
        lambda: sc.evaluate(np.array([1, 2, 3]), np.array([1, 2]), dilation=whole("d")),
        f"dilation=d {ARRAYS}",
    ),
    (
        "the-plan-of-every-size",
        lambda: index_map(sc.Geometry(("H", "W"), 2)),
        "Geometry(input_size=('H', 'W'), kernel_size=(2, 2)) is a layer of every size: "
        "put numbers in with subs(H=…), or prove it for every size",
    ),
    ("misspelt", geometry(padding="smae"), f"padding='smae' is unknown: {FORMS}"),
    ("misspelt-upper", geometry(padding="same_uper"), f"padding='same_uper' is unknown: {FORMS}"),
    ("in-capitals", geometry(padding="VALID"), f"padding='VALID' is unknown: {FORMS}"),
    ("a-word-for-padding", geometry(padding="pad"), f"padding='pad' is unknown: {FORMS}"),
    (
        "same-with-a-stride",
        geometry(padding="same", stride="s"),
        'padding="same" needs stride=1 (got stride=s): use padding="same_upper" or give pairs',
    ),
    (
        "a-negative-row",
        formula(patch_entry, -1, 0),
        "row=-1 is too small: give an int of at least 0",
    ),
    (
        "a-row-that-may-be-a-fraction",
        formula(patch_entry, a, 0),
        f"row=a is not known to be an integer: {KNOWN}",
    ),
    (
        "half-a-column",
        formula(patch_entry, 0, 1.5),
        "column=1.5 is not an integer: give an int of at least 0",
    ),
]  # fmt: skip
BEYOND = [
    ("row-of-p", formula(patch_entry, 20, 0), "row=20 is beyond the matrix: give one from 0 to 19"),
    ("column-of-p", formula(patch_entry, 0, 6), "column=6 is beyond the matrix: give one from 0 to 5"),
    ("row-of-w", formula(weight_entry, 6, 0), "column=6 is beyond the matrix: give one from 0 to 5"),
    ("column-of-w", formula(weight_entry, 0, 1), "filter_=1 is beyond the matrix: give one from 0 to 0"),
    (
        "part",
        lambda: sc.unroll(sc.Geometry("n", 2)).latex("entry"),
        "part='entry' is unknown for a layer of any size: use one of patches, weights, entries, sizes",
    ),
]


@refused(
    [(name, call, sc.GeometryError, message) for name, call, message in REFUSED]
    + [(name, call, sc.RequestError, message) for name, call, message in BEYOND]
)
def test_what_is_refused(call, error, message):
    check(call, error, message)


def test_the_textbook_definition_takes_no_symbol_for_a_stride():
    with pytest.raises(ValueError, match=r"^stride='s' does not fit"):
        sc.loop_formula([1, 2, 3], [1, 2], stride="s")


def test_what_p_outgrows_the_input_by_is_a_formula_too():
    assert str(sc.Geometry(("H", "W"), 1, 2, 3).describe().expansion) == "1"
    assert str(sc.Geometry("n", 3).describe().expansion) == "(3*n - 6)/n"

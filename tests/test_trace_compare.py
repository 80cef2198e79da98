"""What was followed, compared with the definition; and the comparison itself, broken in many ways."""

import sys
from types import ModuleType

import numpy as np
import pytest

from symconv.errors import RequestError
from symconv.geometry import Geometry
from symconv.proof.exact import defined_maps
from symconv.tracing import certificate, compare, factors, polynomials
from symconv.tracing.certificate import certify
from symconv.tracing.compare import bilinear_map
from symconv.tracing.polynomials import TooDeepError, expand
from symconv.tracing.tape import TraceError
from symconv.tracing.trace import trace
from tests.students import six_loops, strided_matmul, tap_by_tap, windows_einsum

LINE = Geometry(5, 2, 1, 1)
LAYER = Geometry((3, 4), (2, 3), 2, 2, 2, padding=((1, 0), (0, 1)))
MATRIX = Geometry((4, 5), (2, 3), 2, 3, 2, stride=(1, 2))


def on_line(x, w):
    return x[:-1] * w[0] + x[1:] * w[1]


def changed(change):
    """A right function on a line, with something done to what it returns."""
    return lambda x, w: change(on_line(x, w), x, w)


def with_cell(out, value):
    out[1] = value
    return out


def halved_and_doubled(y):
    for _ in range(80):
        y = y + y
    return y / 2**80


LINES = {
    "right": (True, changed(lambda y, x, w: y)),
    "right after a detour": (True, changed(lambda y, x, w: y + x[0] * x[1] * x[2] - x[2] * x[1] * x[0])),
    "right in fractions": (True, changed(lambda y, x, w: y / 3 + 2 * y / 3)),
    "right after much doubling": (True, changed(lambda y, x, w: halved_and_doubled(y))),
    "right as powers": (
        True,
        lambda x, w: ((x[:-1] + w[0]) ** 2 - x[:-1] ** 2 - w[0] ** 2) / 2 + x[1:] * w[1],
    ),
    "right by differences": (True, lambda x, w: (x[:-1] - x[1:]) * w[0] + x[1:] * (w[1] + w[0])),
    "right by a matrix product": (True, lambda x, w: np.stack([x[:-1], x[1:]], 1) @ w),
    "twice a product": (False, changed(lambda y, x, w: with_cell(y, 2 * y[1]))),
    "a half": (False, changed(lambda y, x, w: with_cell(y, y[1] / 2))),
    "negative": (False, changed(lambda y, x, w: with_cell(y, -y[1]))),
    "zero": (False, changed(lambda y, x, w: with_cell(y, 0))),
    "a constant more": (False, changed(lambda y, x, w: with_cell(y, y[1] + 1))),
    "an input more": (False, changed(lambda y, x, w: with_cell(y, y[1] + x[0]))),
    "a weight more": (False, changed(lambda y, x, w: with_cell(y, y[1] - w[0]))),
    "inputs multiplied": (False, changed(lambda y, x, w: with_cell(y, y[1] + x[0] * x[1]))),
    "weights multiplied": (False, changed(lambda y, x, w: with_cell(y, y[1] + w[0] * w[0]))),
    "third degree": (False, changed(lambda y, x, w: with_cell(y, y[1] + x[0] * w[0] * w[1]))),
    "even only": (False, changed(lambda y, x, w: with_cell(y, y[1] + 2**20 * x[0] * w[0]))),
    "beyond 64 bits": (
        False,
        changed(lambda y, x, w: with_cell(y, y[1] + 2.0**35 * (2.0**35 * (x[0] * w[0])))),
    ),
    "another cell": (False, changed(lambda y, x, w: with_cell(y, x[1] * w[0] + x[3] * w[1]))),
    "the last cell": (False, changed(lambda y, x, w: np.append(y[:-1], x[3] * w[1] + x[4] * w[0]))),
    "the last product missing": (False, changed(lambda y, x, w: np.append(y[:-1], x[3] * w[0]))),
    "by a matrix product": (False, lambda x, w: np.stack([x[:-1], x[1:]], 1) @ w[::-1]),
    "by another": (False, lambda x, w: np.stack([x[:-1], x[:-1]], 1) @ w),
    "vanishing at small numbers": (
        False,
        changed(lambda y, x, w: with_cell(y, y[1] + x[0] * w[0] * (x[0] - 1))),
    ),
}
GROUPED = Geometry((4, 5), (2, 2), 4, 8, 1, groups=2)
EDGE = Geometry(2, 1, 1, 1, padding=1, padding_mode="replicate")  # outputs that share their products
LAYERS = {
    "edges": (True, EDGE, lambda x, w: np.pad(x, ((0, 0), (0, 0), (1, 1)), "edge") * w, {}),
    "edges, moved on": (
        False,
        EDGE,
        lambda x, w: np.array([[[x[0, 0, 0], x[0, 0, 0] + x[0, 0, 1], x[0, 0, 1], 0]]]) * w[0, 0, 0],
        {},
    ),
    "loops": (True, LAYER, six_loops, {"padding": LAYER.padding}),
    "loops, no padding": (
        False,
        LAYER,
        lambda x, w: six_loops(np.pad(x, ((0, 0), (0, 0), (0, 1), (1, 0))), w),
        {},
    ),
    "matmul": (True, MATRIX, strided_matmul, {"stride": (1, 2)}),
    "einsum": (True, MATRIX, windows_einsum, {"stride": (1, 2)}),
    "per tap": (True, MATRIX, tap_by_tap, {"stride": (1, 2)}),
    "matmul, channels swapped": (False, MATRIX, lambda x, w: strided_matmul(x[:, ::-1], w, (1, 2)), {}),
    "matmul, filters swapped": (False, MATRIX, lambda x, w: strided_matmul(x, w[::-1], (1, 2)), {}),
    "matmul, kernel turned": (False, MATRIX, lambda x, w: strided_matmul(x, w[..., ::-1, ::-1], (1, 2)), {}),
    "matmul, samples swapped": (False, MATRIX, lambda x, w: strided_matmul(x, w, (1, 2))[::-1], {}),
    "matmul, one sample wrong": (
        False,
        MATRIX,
        lambda x, w: strided_matmul(np.stack([x[0], x[1][:, ::-1]]), w, (1, 2)),
        {},
    ),
    "matmul, groups": (True, GROUPED, strided_matmul, {"groups": 2}),
    "matmul, one group wrong": (
        False,
        GROUPED,
        lambda x, w: strided_matmul(x, np.concatenate([w[:4], w[:3:-1]]), groups=2),
        {},
    ),
    "matmul, a product more": (
        False,
        MATRIX,
        lambda x, w: strided_matmul(x, w, (1, 2)) + x[:1, :1, :1, :1] * w[:1, :1, :1, :1],
        {},
    ),
}


def battery():
    """(name, run, geometry, whether it is right) of all of these."""
    for name, (right, function) in LINES.items():
        yield name, trace(function, (5,), (2,), seed=0), LINE, right
    for name, (right, g, function, keywords) in LAYERS.items():
        yield name, trace(function, g.input_shape, g.kernel_shape, keywords, seed=0), g, right


CASES = list(battery())


@pytest.mark.parametrize(("name", "followed", "g", "right"), CASES, ids=[c[0] for c in CASES])
def test_right_is_right_and_wrong_is_wrong(name, followed, g, right):
    verdict = compare.compare(followed, g)
    assert verdict.holds is right
    assert (verdict.wrong is None) is right
    certified = certify(followed, g, seed=0)
    assert certified.holds in (right, None)
    if certified.holds:
        assert certified.bound < 2**-80


SOURCES = {module.__name__: module for module in (polynomials, compare, factors)}
BREAKS = [  # module, what it says, what it says when broken
    ("polynomials", "1 if kind is Op.ADD else -1", "1"),
    ("polynomials", "made = np.concatenate([made, other[:, None]], axis=1)", "pass"),
    ("polynomials", "coefficient[constant] = coefficient[constant] * values", "pass"),
    (
        "polynomials",
        "coefficient = np.add.reduceat(coefficient, starts)",
        "coefficient = coefficient[starts]",
    ),
    ("polynomials", "kept = coefficient != 0\n    starts", "kept = coefficient > 0\n    starts"),
    (
        "polynomials",
        "np.concatenate([first, second]), None, signs",
        "np.concatenate([first, first]), None, signs",
    ),
    ("polynomials", "return every, first, second, 1", "return every, first, first, 1"),
    ("polynomials", "right[batch, :, column].ravel()", "right[batch, :, row % right.shape[2]].ravel()"),
    ("polynomials", "for column in range(factors.shape[1]):", "for column in range(1):"),
    ("polynomials", "new[1:] = (output[1:] != output[:-1]) | ", "new[1:] = "),
    (
        "polynomials",
        "coefficient = coefficient.astype(object)\n            if values",
        "pass\n            if values",
    ),
    ("compare", "& (made.coefficient[:short] == wanted.coefficient[:short]).astype(bool)", ""),
    ("compare", "& ~in_any_column(made.factors[:short] != factors[:short])", ""),
    ("compare", "(made.output[:short] == wanted.output[:short])\n        &", ""),
    ("compare", "if made.output.size == wanted.output.size:", "if True:"),
    ("factors", "return np.array_equal(patch[:, order], wanted)", "return True"),
    ("factors", "(taps[order] != np.arange(wanted.shape[1])[:, None]).any()", "False"),
    ("factors", "for n in range(g.batch):", "for n in range(1):"),
    ("factors", "for group in range(g.groups):", "for group in range(1):"),
    ("factors", "patch[:, order], wanted", "patch, wanted"),
    ("compare", "n, f = np.divmod(rest, g.out_channels)", "f, n = np.divmod(rest, g.batch)"),
    ("compare", "if wrong is None:", "if wrong is None or wrong.cell[-1] > 0:"),
    ("compare", "starts = np.flatnonzero(new)\n    return", "starts = np.flatnonzero(new)[1:]\n    return"),
]


def broken(monkeypatch, module, old, new):
    """The comparison, with one line of one module replaced."""
    original = SOURCES[f"symconv.tracing.{module}"]
    with open(original.__file__, encoding="utf-8") as file:  # noqa: PTH123
        source = file.read()
    assert source.count(old) == 1, f"{old!r} is there {source.count(old)} times"
    other = ModuleType(original.__name__)
    monkeypatch.setitem(sys.modules, original.__name__, other)
    exec(compile(source.replace(old, new), original.__file__, "exec"), vars(other))  # noqa: S102
    if module == "compare":
        return other.compare
    if module == "factors":
        monkeypatch.setattr(compare, "same_factors", other.same_factors)
        return compare.compare
    monkeypatch.setattr(compare, "expand", other.expand)
    monkeypatch.setattr(compare, "TooDeepError", other.TooDeepError)
    return compare.compare


def wrongly_judged(comparing):
    """The cases of which a comparison says something else than the truth."""
    found = []
    for name, followed, g, right in CASES:
        try:
            holds = comparing(followed, g).holds
        except Exception:  # noqa: BLE001 (whatever a broken one does)
            holds = None
        if holds is not right:
            found.append(name)
    return found


@pytest.mark.parametrize("place", range(len(BREAKS)))
def test_a_broken_comparison_is_noticed(monkeypatch, place):
    assert wrongly_judged(broken(monkeypatch, *BREAKS[place]))


def test_the_comparison_itself_is_not_broken(monkeypatch):
    assert not wrongly_judged(
        broken(monkeypatch, "compare", "_TERMS_AT_ONCE = 1 << 16", "_TERMS_AT_ONCE = 1")
    )
    assert not wrongly_judged(broken(monkeypatch, "polynomials", "merged = 1 << 11", "merged = 1"))


def test_a_wrong_cell_names_the_terms_and_the_line():
    def conv(x, w):
        out = np.zeros((3, 3))
        for i in range(3):
            for j in range(3):
                for a in range(2):
                    for b in range(2):
                        if (i, j, a) == (1, 2, 1):
                            out[i, j] += x[i, j] * w[a, b]
                        else:
                            out[i, j] += x[i + a, j + b] * w[a, b]
        return out

    verdict = compare.compare(trace(conv, (4, 4), (2, 2)), Geometry((4, 4), (2, 2)))
    line = conv.__code__.co_firstlineno + 7
    assert verdict.holds is False
    assert verdict.compared == 6
    assert verdict.wrong.cell == (1, 2)
    assert verdict.wrong.place == (__file__, line)
    assert str(verdict.wrong) == (
        f"first wrong cell: output[1, 2] (line {line})\n"
        "  your function = w_{0,0}*x_{1,2} + w_{0,1}*x_{1,3} + w_{1,0}*x_{1,2} + w_{1,1}*x_{1,2}\n"
        "  loop formula  = w_{0,0}*x_{1,2} + w_{0,1}*x_{1,3} + w_{1,0}*x_{2,2} + w_{1,1}*x_{2,3}\n"
        "  only in your function:    w_{1,0}*x_{1,2} + w_{1,1}*x_{1,2}\n"
        "  only in the loop formula: w_{1,0}*x_{2,2} + w_{1,1}*x_{2,3}"
    )


def test_products_of_other_degree_are_shown():
    wrong = compare.compare(trace(LINES["inputs multiplied"][1], (5,), (2,)), LINE).wrong
    assert str(wrong.only_in_function) == "x_{0}*x_{1}"
    assert wrong.only_in_definition == 0
    assert (
        str(compare.compare(trace(LINES["a constant more"][1], (5,), (2,)), LINE).wrong.only_in_function)
        == "1"
    )


def test_the_line_of_a_product_in_a_matrix_product():
    def conv(x, w):
        windows = np.stack([x[:-1], x[1:]], axis=1)
        out = np.dot(windows, w[::-1])
        return out + 0

    wrong = compare.compare(trace(conv, (5,), (2,)), LINE).wrong
    assert wrong.place == (__file__, conv.__code__.co_firstlineno + 2)


def test_a_wrong_shape_is_said_first():
    verdict = compare.compare(trace(lambda x, w: x * w[0], (5,), (2,)), LINE)
    assert (verdict.holds, verdict.route, verdict.wrong) == (False, "shape", None)
    assert verdict.why == "the output has shape (5,) and should have (4,)"
    assert certify(trace(lambda x, w: x * w[0], (5,), (2,)), LINE).holds is False


@pytest.mark.parametrize(
    ("x_shape", "w_shape", "g", "expected"),
    [
        ((5,), (2,), LINE, (4,)),
        ((1, 5), (1, 1, 2), LINE, (1, 4)),
        ((1, 1, 5), (1, 1, 2), LINE, (1, 1, 4)),
        ((4, 5), (2, 2), Geometry((4, 5), 2), (3, 4)),
        ((2, 4, 5), (3, 2, 2, 2), Geometry((4, 5), 2, 2, 3), (3, 3, 4)),
    ],
)
def test_axes_may_be_left_out(x_shape, w_shape, g, expected):
    followed = trace(lambda x, w: x, x_shape, w_shape)
    assert compare.expected_shape(followed, g) == expected


@pytest.mark.parametrize(
    ("x_shape", "w_shape", "g"),
    [
        ((5,), (2,), Geometry(5, 2, batch=2)),
        ((2, 5), (3, 2, 2), Geometry(5, 2, 2, 3, 2)),
        ((5,), (2,), Geometry(5, 2, 1, 2)),
        ((6,), (2,), LINE),
        ((), (2,), LINE),
        ((1, 1, 1, 5), (2,), LINE),
    ],
)
def test_a_run_on_other_shapes_is_refused(x_shape, w_shape, g):
    with pytest.raises(RequestError, match="which are not those of"):
        compare.compare(trace(lambda x, w: x, x_shape, w_shape), g)


def test_a_bias_is_refused():
    with pytest.raises(RequestError, match="give a geometry without a bias"):
        compare.compare(trace(on_line, (5,), (2,)), Geometry(5, 2, bias=True))


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_other_padding(mode):
    g = Geometry((4, 5), (2, 3), 2, 2, 2, padding=((1, 2), (2, 0)), padding_mode=mode)
    name = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}[mode]

    def padded(x, w):
        return strided_matmul(np.pad(x, ((0, 0), (0, 0), (1, 2), (2, 0)), name), w)

    followed = trace(padded, g.input_shape, g.kernel_shape)
    assert compare.compare(followed, g).holds is True
    assert certify(followed, g, seed=0).holds is True
    zeros = Geometry((4, 5), (2, 3), 2, 2, 2, padding=((1, 2), (2, 0)))
    assert compare.compare(followed, zeros).holds is False


@pytest.mark.parametrize("g", [LINE, LAYER, MATRIX], ids=["line", "layer", "matrix"])
def test_the_functions_own_map_is_the_definitions(g):
    def conv(x, w, **options):
        return on_line(x[0, 0], w[0, 0])[None, None] if g is LINE else six_loops(x, w, **options)

    options = {} if g is LINE else {"stride": g.stride, "padding": g.padding}
    output, w, x, coefficient = bilinear_map(trace(conv, g.input_shape, g.kernel_shape, options))
    defined = defined_maps(g)
    wanted = {
        (int(np.ravel_multi_index((n, f, p), (g.batch, g.out_channels, rows))), int(k), int(i))
        for rows in [defined.patch.shape[0] // g.batch]
        for n in range(g.batch)
        for p in range(rows)
        for f in range(g.out_channels)
        for i, k in zip(defined.patch[n * rows + p], defined.weight[:, f], strict=True)
        if i < defined.input_cells and k < defined.kernel_cells
    }
    assert set(zip(output.tolist(), w.tolist(), x.tolist(), strict=True)) == wanted
    assert (coefficient == 1).all()
    assert len(wanted) == output.size


@pytest.mark.parametrize(
    "name", ["a constant more", "an input more", "a weight more", "inputs multiplied", "third degree"]
)
def test_a_map_needs_products(name):
    with pytest.raises(
        RequestError, match=r"output\[1\] is no sum of products of one cell of w and one of x"
    ):
        bilinear_map(trace(LINES[name][1], (5,), (2,)))


def test_too_many_products_leave_a_certificate(monkeypatch):
    monkeypatch.setattr(compare, "MOST_TERMS", 10)
    followed = trace(six_loops, LAYER.input_shape, LAYER.kernel_shape, {"padding": LAYER.padding})
    verdict = compare.compare(followed, LAYER)
    assert (verdict.holds, bool(verdict), verdict.wrong) == (None, False, None)
    assert verdict.why == "the function makes more products than can be written out"
    certified = certify(followed, LAYER)
    assert certified
    assert certified.tier == "certificate"


def test_a_function_of_too_many_products_is_still_refuted_by_its_first_cells(monkeypatch):
    followed = trace(
        lambda x, w: six_loops(x, w[::-1], padding=LAYER.padding), LAYER.input_shape, LAYER.kernel_shape
    )
    monkeypatch.setattr(compare, "MOST_TERMS", 1000)
    monkeypatch.setattr(compare, "_TERMS_AT_ONCE", 20)
    assert (
        compare.compare(followed, Geometry((3, 4), (2, 3), 2, 2, 2, padding=((1, 0), (0, 1)))).holds is False
    )


def test_products_are_not_written_out_beyond_the_limit():
    followed = trace(lambda x, w: np.array([sum(x) ** 8]), (9,), (1,))
    with pytest.raises(TooDeepError):
        expand(followed.tape, followed.output, most=1000)


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (LINES["inputs multiplied"][1], "no certificate: the function multiplies cells of x with each other"),
        (LINES["third degree"][1], "no certificate: the function multiplies cells of w with each other"),
        (
            LINES["right as powers"][1],
            "no certificate: the function uses constants that are not whole numbers",
        ),
        (
            LINES["right in fractions"][1],
            "no certificate: the function uses constants that are not whole numbers",
        ),
        (
            lambda x, w: on_line(x, w) + 2.0**40 * x[0] * w[0] - 2.0**40 * x[0] * w[0],
            "no certificate: the function's constants are too large for a bound",
        ),
    ],
)
def test_no_certificate_without_a_bound(function, why):
    verdict = certify(trace(function, (5,), (2,), replay=False), LINE)
    assert (verdict.holds, verdict.bound) == (None, None)
    assert verdict.why == why


def test_the_bound_counts_the_bits_that_a_difference_may_share():
    # two products of the function and two of the definition: no coefficient beyond 4, so v is at most 2
    assert certify(trace(on_line, (5,), (2,)), LINE, trials=1).bound == (62 + 2) / 2**63
    large = trace(lambda x, w: on_line(x, w) + 1024 * x[0] * w[0] - 1024 * x[0] * w[0], (5,), (2,))
    assert certify(large, LINE, trials=1).bound == (53 + 2) / 2**54


def test_degrees_of_nested_matrix_products_do_not_wrap_round():
    def deep(x, w):
        y = x.reshape(3, 3)
        for _ in range(8):  # to the power of 256
            y = y @ y
        return y.reshape(-1)

    verdict = certify(trace(deep, (9,), (1,), replay=False), Geometry(9, 1))
    assert verdict.why == "no certificate: the function multiplies cells of x with each other"


def test_a_function_that_vanishes_where_small_numbers_look_is_refuted():
    def sly(x, w):  # for -1, 0 and 1 the extra term is 0
        return on_line(x, w) + x[0] * (x[0] - 1) * (x[0] + 1) * w[0]

    assert compare.compare(trace(sly, (5,), (2,)), LINE).holds is False


def test_seeds_choose_the_points(monkeypatch):
    drawn = []
    make = np.random.default_rng
    monkeypatch.setattr(certificate.np.random, "default_rng", lambda seed: drawn.append(seed) or make(seed))
    certify(trace(on_line, (5,), (2,), replay=False), LINE, seed=7)
    certify(trace(on_line, (5,), (2,), replay=False), LINE)
    assert drawn == [7, None]


def test_long_chains_of_single_values():
    def chain(x, w):
        total = 0
        for _ in range(1000):
            total = total + x[0] * w[0]
        for _ in range(999):
            total = total - x[0] * w[0]
        return np.array([total])

    g = Geometry(1, 1)
    followed = trace(chain, (1,), (1,))
    assert compare.compare(followed, g).holds is True
    assert certify(followed, g, seed=0).holds is True


def test_an_error_says_what_was_raised():
    with pytest.raises(TraceError) as error:
        trace(lambda x, w: {}["a"], (1,), (1,))
    assert isinstance(error.value.raised, KeyError)

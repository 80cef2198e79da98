"""Functions that cannot be looked into: their index maps read back from numbers, and what is said of them."""

import ctypes
import ctypes.util
import platform

import numpy as np
import onnxruntime
import pytest

import symconv as sc
from symconv.checking import probe as probing
from symconv.checking.probe import ProbeError, TooManyCallsError, probe, without_rounding
from symconv.mistakes.bilinear_map import BilinearMap
from symconv.proof.verdict import Tier
from tests.onnx_bytes import conv_model

LAYERS = [
    sc.Geometry((5, 6), (2, 3), 2, 3, 2, stride=(2, 1), padding=((1, 0), (0, 2)), dilation=(1, 2)),
    sc.Geometry((4, 5), (3, 2), 4, 6, 2, groups=2, padding=1),
    sc.Geometry(7, 3, 2, 2, stride=2),
]


def of_layer(g):
    def run(x, w):
        hyper = {"stride": g.stride, "padding": g.padding, "dilation": g.dilation, "groups": g.groups}
        return sc.evaluate(x, w, **hyper)

    return run


@pytest.mark.parametrize("g", LAYERS, ids=repr)
def test_an_index_map_is_read_back(g):
    assert probe(of_layer(g), g.input_shape, g.kernel_shape) == BilinearMap.of_definition(g)


def test_an_index_map_is_read_back_through_single_precision():
    g = LAYERS[0]

    def run(x, w):
        return of_layer(g)(x.astype(np.float32), w.astype(np.float32))

    assert probe(run, g.input_shape, g.kernel_shape) == BilinearMap.of_definition(g)


def test_several_cells_to_one_weight_and_coefficients_are_read_cell_by_cell():
    read = probe(lambda x, w: np.array([w[0] * (x[0] - 3 * x[1]), w[1] * x[1]]), (2,), (2,))
    assert read == BilinearMap((2,), [0, 0, 1], [0, 0, 1], [0, 1, 1], [1, -3, 1])
    both = probe(lambda x, w: w[0] * (x[:1] + x[1:2]), (4,), (1,))  # 1 + 2 is the number of another cell
    assert both == BilinearMap((1,), [0, 0], [0, 0], [0, 1], [1, 1])


NO_MAP = [
    (lambda x, w: x[1:] * w[0] + 1, "its output is not 0 where all weights are 0"),
    (lambda x, w: x * w[0] / 2, "it is no sum of products, each a whole number of times"),
    (lambda x, w: x * w[0] * w[1] + x * w[0], "its output is no sum of products of a weight and a cell"),
    (lambda x, w: x * abs(w[0]), "its output is no sum of products of a weight and a cell"),
    (lambda x, w: x[x != 0] * w[0], "the shape of its output depends on the values"),
    (lambda x, w: np.full(4, np.nan), "its output is not 0 where all weights are 0"),
]


@pytest.mark.parametrize(("function", "said"), NO_MAP, ids=[said for _, said in NO_MAP])
def test_what_has_no_index_map_says_why(function, said):
    with pytest.raises(ProbeError) as caught:
        probe(function, (4,), (2,))
    assert str(caught.value) == said


def test_too_many_calls(monkeypatch):
    monkeypatch.setattr(probing, "MOST_CALLS", 8)
    with pytest.raises(TooManyCallsError, match="reading its index map takes more than 8 calls"):
        probe(lambda x, w: x[1:] * w[0] + x[:-1] * w[1], (4,), (3,))

    def conv(x, w):
        return sc.evaluate(x, w)

    verdict = sc.check(conv, sc.Geometry((4, 5), (2, 3)))
    assert verdict.tier is Tier.SAMPLED
    assert verdict.holds is True
    assert "; reading its index map takes more than 8 calls." in verdict.why
    assert "bilinear" not in verdict.why
    for one_cell in (1, np.nan):
        spoilt = np.zeros((3, 3))
        spoilt[1, 2] = one_cell
        assert (
            sc.check(lambda x, w, spoilt=spoilt: conv(x, w) + spoilt, sc.Geometry((4, 5), (2, 3))).holds
            is False
        )


@pytest.mark.parametrize(
    ("dtype", "off", "same"),
    [
        (np.float64, 1e-7, True),
        (np.float64, 1e-5, False),
        (np.float32, 1e-3, True),
        (np.float32, 0.1, False),
        (np.int64, 0, True),
    ],
)
def test_rounding_is_left_out(dtype, off, same):
    result = without_rounding(np.array([5 + off], dtype=dtype))
    assert (result[0] == 5) == same
    assert result.dtype == dtype


def test_a_function_that_agrees_on_random_numbers_only_is_wrong():
    def sees_who_asks(x, w):
        y = sc.evaluate(x, w)
        return y if np.count_nonzero(w) > 1 else 0 * y

    verdict = sc.check(sees_who_asks, sc.Geometry((4, 5), (2, 3)))
    assert verdict.holds is False
    assert verdict.why.endswith(
        "Run on numbers, for other numbers its output is no sum of products of a weight and a cell."
    )

    def one_place_less(x, w):
        y = sc.evaluate(x, w)
        y[..., -1, -1] += 1 if np.count_nonzero(w) == 0 else 0
        return y

    assert sc.check(one_place_less, sc.Geometry((4, 5), (2, 3))).holds is False


@pytest.mark.parametrize("turned", [False, True])
def test_onnxruntime(turned):
    sessions = {}

    def conv(x, w, stride=(1, 1), pads=((0, 0), (0, 0)), dilation=(1, 1), group=1):
        (top, bottom), (left, right) = pads
        hyper = {
            "strides": list(stride),
            "pads": [top, left, bottom, right],
            "dilations": list(dilation),
            "group": group,
        }
        if str(hyper) not in sessions:
            model = conv_model(["x", "w"], **hyper)
            sessions[str(hyper)] = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        w = np.ascontiguousarray(w[:, :, ::-1, ::-1]) if turned else w
        return sessions[str(hyper)].run(None, {"x": x, "w": w})[0]

    verdict = sc.check(conv, seed=3)
    assert verdict.tier is Tier.SAMPLED
    assert verdict.holds is not turned
    if turned:
        assert verdict.diagnosis.name == "kernel rotated by 180°"
        assert "on the assumption that it is bilinear" in verdict.why
    else:
        assert len(verdict.geometries) > 20
        assert "on the assumption that it is bilinear it multiplies what it should" in verdict.why


@pytest.mark.parametrize("right", [True, False])
def test_torch(right):
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)  # the layers are small, and others may use the machine

    def conv(x, w, stride=1, padding=0, dilation=1, groups=1):
        x, w = torch.as_tensor(x), torch.as_tensor(w)
        if not right:
            w = w.transpose(2, 3).reshape(w.shape)
        return torch.nn.functional.conv2d(x, w, None, stride, padding, dilation, groups).numpy()

    verdict = sc.check(conv, seed=3)
    assert verdict.holds is right
    assert verdict.tier is Tier.SAMPLED
    if right:
        assert "It takes no padding for each side (it raised TypeError: conv2d()" in verdict.why


@pytest.mark.skipif(platform.system() == "Windows", reason="the C library has another name")
@pytest.mark.parametrize("right", [True, False])
def test_compiled_code(right):
    """A correlation whose every product is moved by the C library's ``memcpy``."""
    copy = ctypes.CDLL(ctypes.util.find_library("c")).memcpy
    copy.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
    copy.restype = ctypes.c_void_p

    def correlate(x, w):
        count = x.shape[0] - w.shape[0] + 1
        out = np.zeros(count)
        for tap in range(w.shape[0]):
            moved = np.empty(count)
            start = tap if right else w.shape[0] - 1 - tap
            copy(moved.ctypes.data, x.ctypes.data + start * x.itemsize, count * x.itemsize)
            out += moved * w[tap]
        return out

    verdict = sc.check(correlate, seed=1)
    assert verdict.holds is right
    assert verdict.tier is Tier.SAMPLED
    assert verdict.geometries[-1].rank == 1
    if not right:
        assert verdict.diagnosis.name == "kernel rotated by 180°"

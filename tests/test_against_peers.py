"""Integers, exactly, against implementations that nobody here wrote."""

from importlib.util import find_spec

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from scipy import signal

import symconv as sc
from symconv.definition import axis_padding
from tests.cases import SAME
from tests.onnx_bytes import conv_model
from tests.strategies import geometries, integer_layers, options

NUMPY_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}

onnxruntime.set_default_logger_severity(4)


def onnx(x, w, bias, operator="Conv", **attributes):
    """An operator of ONNX Runtime; small integers are exact in its 32-bit floats."""
    inputs = {"x": x, "w": w} if bias is None else {"x": x, "w": w, "b": bias}
    one_thread = onnxruntime.SessionOptions()
    one_thread.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        conv_model(list(inputs), operator, **attributes), one_thread, providers=["CPUExecutionProvider"]
    )
    return session.run(None, {k: v.astype(np.float32) for k, v in inputs.items()})[0]


def onnx_conv(g, x, w, bias):
    pads = [before for before, _ in g.padding] + [after for _, after in g.padding]
    if g.padding_mode != "zeros":
        x, pads = np.pad(x, ((0, 0), (0, 0), *g.padding), NUMPY_MODES[g.padding_mode]), [0] * len(pads)
    return onnx(
        x, w, bias, strides=list(g.stride), dilations=list(g.dilation), pads=pads, group=g.groups
    )  # fmt: skip


def scipy_conv(g, x, w, bias):
    """SciPy's correlation of whole arrays with the dilated kernel, then every stride-th cell of it."""
    x = np.pad(x, ((0, 0), (0, 0), *g.padding), NUMPY_MODES[g.padding_mode])
    extent = [d * (k - 1) + 1 for d, k in zip(g.dilation, g.kernel_size, strict=True)]
    spread = np.zeros((*w.shape[:2], *extent), dtype=w.dtype)
    spread[(..., *(slice(None, None, d) for d in g.dilation))] = w
    filters, channels = g.out_channels // g.groups, w.shape[1]
    y = np.empty(g.output_shape, dtype=np.int64)
    for n, f in np.ndindex(y.shape[:2]):
        own = x[n, f // filters * channels :][:channels]
        whole = signal.correlate(own, spread[f], mode="valid", method="direct")[0]
        y[n, f] = whole[tuple(slice(None, None, s) for s in g.stride)]
    return y if bias is None else y + bias.reshape(-1, *[1] * g.rank)


def torch_conv(g, x, w, bias):
    import torch

    x = np.pad(x, ((0, 0), (0, 0), *g.padding), NUMPY_MODES[g.padding_mode])
    conv = (torch.conv1d, torch.conv2d, torch.conv3d)[g.rank - 1]
    x, w = torch.from_numpy(x).double(), torch.from_numpy(w).double()
    bias = None if bias is None else torch.from_numpy(bias).double()
    return conv(x, w, bias, stride=g.stride, dilation=g.dilation, groups=g.groups).numpy()


PEERS = [onnx_conv, scipy_conv, *([torch_conv] if find_spec("torch") else [])]


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.__name__)
@given(layer=integer_layers(most_products=5000, most_cells=500))
def test_layers_on_integers(peer, layer):
    g, x, w, bias = layer
    expected = peer(g, x, w, bias)
    output = sc.unroll(x, w, bias=bias, **options(g)).output
    assert output.shape == expected.shape
    assert output.dtype == np.int64
    assert output.tolist() == expected.tolist()


@given(layer=integer_layers(most_products=600))
def test_the_definition_on_integers(layer):
    g, x, w, bias = layer
    assert sc.loop_formula(x, w, bias=bias, **options(g)).tolist() == onnx_conv(g, x, w, bias).tolist()


@pytest.mark.parametrize("form", ["same_upper", "same_lower"])
@pytest.mark.parametrize("case", SAME, ids=str)
def test_same_padding_as_onnx(case, form):
    x, w = np.arange(1, case.size + 1)[None, None], np.arange(1, case.kernel + 1)[None, None]
    expected = onnx(x, w, None, strides=[case.stride], auto_pad=form.upper())
    assert sc.unroll(x, w, stride=case.stride, padding=form).output.tolist() == expected.tolist()


@given(geometries(modes=("zeros",)))
def test_same_padding_as_onnx_on_any_layer_without_dilation(g):
    numbers = np.random.default_rng(0)
    x, w = numbers.integers(-9, 10, g.input_shape), numbers.integers(-9, 10, g.kernel_shape)
    given = {"stride": g.stride, "groups": g.groups}
    for form in ("same_upper", "same_lower"):
        expected = onnx(x, w, None, strides=list(g.stride), group=g.groups, auto_pad=form.upper())
        assert sc.unroll(x, w, padding=form, **given).output.tolist() == expected.tolist()
        assert sc.loop_formula(x, w, padding=form, **given).tolist() == expected.tolist()


@given(geometries(modes=("zeros",)))
def test_same_by_formula_is_same_by_adding_cells_until_it_fits(g):
    for form in ("same_upper", "same_lower"):
        pads = sc.Geometry(
            g.input_size, g.kernel_size, stride=g.stride, dilation=g.dilation, padding=form
        ).padding
        axes = zip(g.input_size, g.kernel_size, g.stride, g.dilation, strict=True)
        assert pads == tuple(axis_padding(*axis, form) for axis in axes)

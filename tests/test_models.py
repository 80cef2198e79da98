"""Models read from files: against ONNX's inference and ONNX Runtime, in every form that a file may have."""

import json
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import sympy
from onnx import TensorProto, helper

import symconv as sc
from symconv.forms.transposed_sizes import TransposedSizes
from symconv.models import child, reading
from symconv.models.dimensions import Dimensions
from symconv.models.table import as_dict
from tests.onnx_bytes import _field, _tensor
from tests.onnx_models import inferred, model_of, one_layer, side_by_side, value, weights

onnxruntime.set_default_logger_severity(4)


@pytest.fixture
def read(tmp_path):
    """Reads a model, or bytes, through a file."""

    def reads(model, **options):
        path = tmp_path / "model.onnx"
        path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
        return sc.read_onnx(path, **options)

    return reads


def test_what_a_person_types_first(tmp_path):
    image = value("image", ["batch", 3, 224, 224])
    nodes = [
        helper.make_node("Conv", ["image", "w1"], ["a"], "conv1", strides=[2, 2], pads=[3, 3, 3, 3]),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("Conv", ["b", "w2"], ["c"], "conv2", pads=[1, 1, 1, 1], group=2),
    ]
    kernels = [weights("w1", [64, 3, 7, 7]), weights("w2", [32, 32, 3, 3])]
    onnx.save(model_of(nodes, [image], ["c"], kernels), tmp_path / "small.onnx")

    model = sc.read_onnx(tmp_path / "small.onnx")
    assert repr(model) == "Model: small.onnx, 2 convolutions among 3 nodes"
    assert [layer.name for layer in model] == ["conv1", "conv2"]
    assert model["conv1"].geometry == sc.Geometry((224, 224), 7, 3, 64, "batch", stride=2, padding=3).subs(
        batch=sympy.Symbol("batch", integer=True, positive=True)
    )
    assert model["conv2"].output_shape[1:] == (32, 112, 112)
    assert model[1] is model["conv2"]
    proof = sc.prove(model)
    assert proof
    assert repr(proof) == "small.onnx: 2 of 2 convolutions proved (2 every size; 2 different geometries)."


SAME, PADS = ("SAME_UPPER", "SAME_LOWER"), [0, 2, 1, 0]
CASES = {
    "plain": ("Conv", (2, 3, 7, 5), (4, 3, 2, 3), False, {}),
    "everything": (
        "Conv",
        (2, 4, 9, 8),
        (6, 2, 2, 3),
        True,
        {"strides": [2, 1], "pads": PADS, "dilations": [1, 2], "group": 2, "kernel_shape": [2, 3]},
    ),
    "depthwise": ("Conv", (1, 4, 6, 5), (8, 1, 3, 2), True, {"group": 4, "pads": [1, 1, 1, 0]}),
    "sequence": ("Conv", (2, 2, 9), (3, 2, 4), True, {"strides": [3], "pads": [2, 1], "dilations": [2]}),
    "volume": (
        "Conv",
        (1, 2, 5, 4, 6),
        (2, 2, 2, 3, 2),
        False,
        {"strides": [2, 1, 3], "pads": [1, 0, 0, 0, 1, 2]},
    ),
    "valid": ("Conv", (1, 2, 7, 6), (2, 2, 3, 2), False, {"auto_pad": "VALID", "strides": [3, 2]}),
    "notset": ("Conv", (1, 2, 7, 6), (2, 2, 3, 2), False, {"auto_pad": "NOTSET", "pads": PADS}),
    **{
        f"{form}-{n}x{m}": ("Conv", (1, 2, n, m), (2, 2, 4, 3), False, {"auto_pad": form, "strides": [3, 2]})
        for form, n, m in product(SAME, (7, 8), (5, 6))
    },
    "kernel-below-stride": (
        "Conv",
        (1, 1, 8, 7),
        (1, 1, 1, 2),
        False,
        {"auto_pad": "SAME_UPPER", "strides": [3, 3]},
    ),
    "integer": (
        "ConvInteger",
        (2, 4, 6, 7),
        (4, 2, 3, 2),
        False,
        {"group": 2, "pads": PADS, "strides": [1, 2]},
    ),
    "integer-same": ("ConvInteger", (1, 2, 6, 7), (4, 2, 2, 2), False, {"auto_pad": "SAME_LOWER"}),
    "transposed": ("ConvTranspose", (2, 3, 4, 5), (3, 2, 3, 2), True, {}),
    "transposed-everything": (
        "ConvTranspose",
        (2, 4, 4, 5),
        (4, 3, 3, 2),
        True,
        {"strides": [3, 2], "pads": PADS, "dilations": [1, 3], "group": 2, "output_padding": [2, 1]},
    ),
    "transposed-sequence": ("ConvTranspose", (1, 2, 5), (2, 3, 4), False, {"strides": [3], "pads": [1, 2]}),
    "transposed-volume": ("ConvTranspose", (1, 2, 2, 3, 2), (2, 1, 2, 2, 3), False, {"strides": [2, 1, 2]}),
    "transposed-valid": ("ConvTranspose", (1, 2, 4, 3), (2, 2, 3, 2), False, {"auto_pad": "VALID"}),
    **{
        f"transposed-{form}": (
            "ConvTranspose",
            (1, 2, 4, 5),
            (2, 2, 4, 5),
            False,
            {"auto_pad": form, "strides": [3, 2]},
        )
        for form in SAME
    },
    "transposed-shape": (
        "ConvTranspose",
        (1, 2, 4, 5),
        (2, 2, 4, 3),
        False,
        {"output_shape": [12, 10], "strides": [3, 2]},
    ),
    "transposed-shape-upper": (
        "ConvTranspose",
        (1, 2, 4, 5),
        (2, 2, 4, 3),
        False,
        {"output_shape": [12, 10], "strides": [3, 2], "auto_pad": "SAME_UPPER"},
    ),
    "transposed-shape-beyond": (
        "ConvTranspose",
        (1, 1, 3, 3),
        (1, 1, 2, 2),
        False,
        {"output_shape": [9, 10], "strides": [3, 3]},
    ),
    "dilated-output-padding": (
        "ConvTranspose",
        (1, 2, 3, 3),
        (2, 2, 2, 2),
        False,
        {"dilations": [3, 2], "output_padding": [2, 0], "strides": [3, 1]},
    ),
}


@pytest.fixture(scope="module")
def peers(tmp_path_factory):
    """All cases in one model: as it was read, what ONNX infers, and what ONNX Runtime makes of the arrays."""
    model, feeds = side_by_side(CASES.values())
    path = tmp_path_factory.mktemp("models") / "cases.onnx"
    onnx.save(model, path)
    one_thread = onnxruntime.SessionOptions()
    one_thread.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), one_thread, providers=["CPUExecutionProvider"])
    outputs = dict(zip([o.name for o in session.get_outputs()], session.run(None, feeds), strict=True))
    return sc.read_onnx(path), inferred(model), feeds, outputs


@pytest.mark.parametrize("place", range(len(CASES)), ids=list(CASES))
def test_a_layer_is_what_onnx_runtime_computes(peers, place):
    model, shapes, feeds, outputs = peers
    layer, expected = model[place], outputs[f"y{place}"]
    assert not layer.why
    assert list(layer.output_shape) == shapes[f"y{place}"]
    evaluate = sc.conv_transpose if layer.operator == "ConvTranspose" else sc.evaluate
    arrays = [feeds[f"{name}{place}"].astype(np.int64) for name in "xw"]
    bias = feeds.get(f"b{place}")
    y = evaluate(*arrays, bias=None if bias is None else bias.astype(np.int64), **layer.hyper_parameters)
    assert y.shape == expected.shape == layer.output_shape
    assert (y == expected).all()


def test_all_of_them_are_proved_exactly(peers):
    proof = peers[0].prove()
    assert proof
    assert {result.proof.tier for result in proof} == {sc.Tier.EXACT}


def test_any_layer_has_the_size_that_onnx_infers(read):
    numbers = np.random.default_rng(3)

    def some(low, high, many):
        return numbers.integers(low, high, many).tolist()

    cases = []
    for _ in range(200):
        rank, group = int(numbers.integers(1, 4)), int(numbers.integers(1, 3))
        x, kernel = some(9, 14, rank), some(1, 4, rank)
        attributes = {"strides": some(1, 4, rank), "dilations": some(1, 4, rank), "group": group}
        form = numbers.choice(["pads", "VALID", *SAME])
        attributes |= {"pads": some(0, 3, 2 * rank)} if form == "pads" else {"auto_pad": str(form)}
        channels, per_group = some(1, 3, 2)
        if numbers.random() < 0.5 and form not in SAME:
            shape = (channels * group, per_group, *kernel)
            cases.append(("ConvTranspose", (2, channels * group, *x), shape, True, attributes))
        else:
            shape = (per_group * group, channels, *kernel)
            cases.append(("Conv", (2, channels * group, *x), shape, True, attributes))
    model, _ = side_by_side(cases)
    shapes = inferred(model)
    for place, layer in enumerate(read(model)):
        assert list(layer.output_shape) == shapes[f"y{place}"], cases[place]


@pytest.mark.parametrize("opset", range(1, onnx.defs.onnx_opset_version() + 1))
def test_every_opset(read, opset):
    model = read(one_layer(opset=opset, strides=[2, 1], pads=[0, 1, 2, 3], dilations=[1, 2], group=1))
    g = sc.Geometry((8, 9), 3, 3, 8, stride=(2, 1), padding=((0, 2), (1, 3)), dilation=(1, 2))
    assert model["conv"].geometry == g
    assert not model.why


def test_a_model_without_opset_or_version_is_read_as_far_as_it_goes(read):
    without = one_layer()
    del without.opset_import[:]
    without.ir_version = 0
    model = read(without)
    assert model["conv"].geometry == sc.Geometry((8, 9), 3, 3, 8)
    assert "No opset import" in model.why


def test_a_quantised_layer_is_a_layer(read):
    names = ["x", "s", "z", "w", "s", "z", "s", "z", "b"]
    inputs = [value("x", [1, 3, 8, 9], TensorProto.UINT8), value("w", [8, 3, 3, 3], TensorProto.UINT8)]
    inputs += [value("s", []), value("z", [], TensorProto.UINT8), value("b", [8], TensorProto.INT32)]
    node = helper.make_node("QLinearConv", names, ["y"], "q", pads=[1, 1, 1, 1])
    layer = read(model_of([node], inputs, ["y"]))["q"]
    assert layer.geometry == sc.Geometry((8, 9), 3, 3, 8, padding=1, bias=True)


# sizes that are open

DYNAMIC = [
    helper.make_node("Conv", ["x", "w1"], ["a"], "one", strides=[2, 3], pads=[1, 0, 1, 2]),
    helper.make_node("Relu", ["a"], ["r"], "between"),
    helper.make_node("Conv", ["r", "w2"], ["b"], "two", pads=[1, 1, 1, 1]),
    helper.make_node("Conv", ["b", "w2"], ["c"], "three", pads=[1, 1, 1, 1]),
    helper.make_node("Conv", ["c", "w2"], ["d"], "four", auto_pad="SAME_LOWER", strides=[2, 1]),
    helper.make_node("ConvTranspose", ["d", "w3"], ["e"], "five", strides=[2, 2], output_padding=[1, 0]),
]
KERNELS = {"w1": [8, 3, 3, 2], "w2": [8, 8, 3, 3], "w3": [8, 2, 3, 3]}


def dynamic(batch, height, width):
    inputs = [value("x", [batch, 3, height, width]), *(value(n, s) for n, s in KERNELS.items())]
    return model_of(DYNAMIC, inputs, ["e"])


def test_open_sizes_stay_symbols(read):
    model = read(dynamic("batch", "height", "width"))
    batch, height, width = (
        sympy.Symbol(n, integer=True, positive=True) for n in ("batch", "height", "width")
    )
    assert model["one"].geometry.input_shape == (batch, 3, height, width)
    assert [str(n) for n in model["two"].geometry.input_size] == ["n1", "n2"]
    assert model.sizes == {
        "n1": "floor(height/2 - 1/2) + 1",
        "n2": "floor(width/3) + 1",
        "n3": "ceiling(n1/2)",
    }
    assert model["two"].geometry == model["three"].geometry
    assert [str(n) for n in model["five"].output_size] == ["2*n3 + 2", "2*n2 + 1"]
    proof = model.prove()
    assert repr(proof) == "model.onnx: 5 of 5 convolutions proved (5 every size; 4 different geometries)."
    assert [result.same_as for result in proof] == [None, None, 1, None, None]


@pytest.mark.parametrize("sizes", [(2, 11, 13), (1, 12, 14), (3, 6, 3)], ids=str)
def test_with_numbers_for_symbols_it_is_the_layer_that_those_numbers_make(read, sizes):
    names = ("batch", "height", "width")
    known = dict(zip(names, sizes, strict=True))
    plain, model = read(dynamic(*sizes)), read(dynamic(*names))
    for name, meaning in model.sizes.items():
        known[name] = int(sympy.sympify(meaning).subs({sympy.Symbol(n): v for n, v in known.items()}))
    for one, other in zip(model, plain, strict=True):
        g = one.geometry
        assert g.subs(**{symbol.name: known[symbol.name] for symbol in g.symbols}) == other.geometry
        for name in ("output_shape", "input_shape", "patch_matrix_shape", "weight_matrix_shape"):
            found = sympy.Tuple(*getattr(one, name)).subs(
                {s: known[s.name] for s in sympy.Tuple(*getattr(one, name)).free_symbols}
            )
            assert tuple(found) == getattr(other, name)


RESIDUAL = [
    helper.make_node("Conv", ["x", "w1"], ["a"], "stem", strides=[2, 3]),
    helper.make_node("MaxPool", ["a"], ["p"], kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 1]),
    helper.make_node("Conv", ["p", "w2"], ["b"], "inner", pads=[1, 1, 1, 1]),
    helper.make_node("Add", ["b", "p"], ["s"]),
    helper.make_node("Mul", ["one", "s"], ["m"]),
    helper.make_node("Conv", ["m", "w2"], ["c"], "after the sum", strides=[1, 2], auto_pad="SAME_UPPER"),
    helper.make_node("AveragePool", ["m"], ["q"], kernel_shape=[1, 1], strides=[1, 2], auto_pad="SAME_LOWER"),
    helper.make_node("Concat", ["c", "q"], ["d"], axis=1),
    helper.make_node("Conv", ["d", "w4"], ["e"], "after both"),
    helper.make_node("Concat", ["e", "e"], ["f"], axis=-1),
    helper.make_node("Conv", ["f", "w2"], ["g"], "side by side"),
    helper.make_node("MaxPool", ["g"], ["h"], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
    helper.make_node("Conv", ["h", "w2"], ["i"], "after a ceiling"),
]


def residual(batch, height, width):
    kernels = KERNELS | {"w4": [8, 16, 1, 1], "one": [8, 1, 1]}
    inputs = [value("x", [batch, 3, height, width]), *(value(n, s) for n, s in kernels.items())]
    return model_of(RESIDUAL, inputs, ["i"])


def test_sizes_are_followed_through_pools_and_sums(read):
    sizes = {"batch": 2, "height": 37, "width": 71}
    plain, model = read(residual(*sizes.values())), read(residual(*sizes))
    assert model.sizes == {
        "n1": "floor(height/2 - 3/2) + 1",
        "n2": "floor(width/3 - 2/3) + 1",
        "n3": "floor(n1/2 - 1/2) + 1",
        "n4": "ceiling(n2/2)",
        "n5": "a size that the file does not name",  # twice n4, but two arrays side by side are not followed
        "n6": "a size that the file does not name",  # rounded up
        "n7": "a size that the file does not name",
    }
    known = dict(sizes)
    for name, meaning in list(model.sizes.items())[:4]:
        known[name] = int(sympy.sympify(meaning).subs({sympy.Symbol(n): v for n, v in known.items()}))
    for name in ("inner", "after the sum", "after both"):
        g = model[name].geometry
        assert g.subs(**{symbol.name: known[symbol.name] for symbol in g.symbols}) == plain[name].geometry
    assert all(layer.geometry for layer in model)
    assert model.prove()


def test_what_is_not_the_same_size_is_not_taken_for_it():
    sizes = Dimensions()
    sizes.merged("unk__0", ["n", 1])
    sizes.merged("unk__1", ["n", "m"])
    sizes.merged("unk__2", ["n", None])
    sizes.merged("unk__3", ["n", "unk__1"])
    sizes.merged("unk__4", [5, "unk__0"])
    sizes.merged("unk__5", [1, 1])
    assert sizes.read("unk__0") == sizes.read("n")
    assert [str(sizes.read(f"unk__{i}")) for i in range(1, 6)] == ["n1", "n2", "n3", "n4", "n5"]


def test_a_size_without_a_name_gets_one(read):
    model = read(one_layer(x=(None, 3, "height // 2 + 1", "n1"), w=(8, 3, 3, 3)))
    assert [str(s) for s in model["conv"].geometry.input_shape] == ["n1_", "3", "n2", "n1"]
    assert model.sizes == {
        "n1_": "a size that the file does not name",
        "n2": "the size that the file calls 'height // 2 + 1'",
    }
    assert model.prove()


def test_a_formula_that_the_file_has_a_name_for_gets_that(read):
    node = helper.make_node("Conv", ["x", "w"], ["y"], "conv", strides=[2, 2])
    graph = helper.make_graph(
        [node],
        "named",
        [value("x", [1, 3, "height", 9]), value("w", [8, 3, 3, 3])],
        [value("y", [1, 8, "out_height", 4])],
    )
    model = read(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)]))
    assert str(model["conv"].output_size) == "(out_height, 4)"
    assert model.sizes == {"out_height": "floor(height/2 - 3/2) + 1"}


def test_names_of_sizes_are_read_in_order():
    sizes = Dimensions()
    n = sizes.read("n")
    assert sizes.made("unk__0", n + 2) == n + 2
    assert sizes.read("unk__0") == n + 2
    half = sizes.made("unk__1", n // 2)
    assert str(half) == "n1"
    assert sizes.made("unk__2", n // 2) == sizes.made(None, n // 2) == sizes.read("unk__2") == half
    assert sizes.made("mine", (n + 1) // 2) == sympy.Symbol("mine", integer=True, positive=True)
    assert sizes.made("unk__3", 7) == sizes.read("unk__3") == 7
    assert sizes.meanings == {"n1": "floor(n/2)", "mine": "floor(n/2 + 1/2)"}


# where the kernel is

X = value("x", [1, 8, 5, 6])
EXPECTED = sc.Geometry((5, 6), 3, 8, 4)
CONV = helper.make_node("Conv", ["x", "w"], ["y"], "conv")


def external():
    """An initialiser whose data lies in a file that is not there."""
    tensor = TensorProto(name="w", dims=[4, 8, 3, 3], data_type=TensorProto.FLOAT)
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "nowhere.bin"
    return tensor


def sparse():
    model = model_of([CONV], [X], ["y"])
    tensor = model.graph.sparse_initializer.add()
    tensor.values.name, tensor.values.data_type = "w", TensorProto.FLOAT
    tensor.dims.extend([4, 8, 3, 3])
    return model


BY_SHAPE = {
    "input": lambda: model_of([CONV], [X, value("w", [4, 8, 3, 3])], ["y"]),
    "initialiser": lambda: model_of([CONV], [X], ["y"], [weights("w", [4, 8, 3, 3])]),
    "external": lambda: model_of([CONV], [X], ["y"], [external()]),
    "sparse": sparse,
    "constant": lambda: model_of(
        [helper.make_node("Constant", [], ["w"], value=weights("", [4, 8, 3, 3])), CONV], [X], ["y"]
    ),
    "dequantised": lambda: model_of(
        [helper.make_node("DequantizeLinear", ["q", "s"], ["w"]), CONV],
        [X, value("q", [4, 8, 3, 3], TensorProto.UINT8), value("s", [])],
        ["y"],
    ),
    "reshaped": lambda: model_of(
        [helper.make_node("Reshape", ["flat", "to"], ["w"]), CONV],
        [X],
        ["y"],
        [weights("flat", [4, 72]), onnx.numpy_helper.from_array(np.array([4, 8, 3, -1]), "to")],
    ),
    "open-filters": lambda: model_of([CONV], [value("x", [1, "C", 5, 6]), value("w", [4, 8, 3, 3])], ["y"]),
}


@pytest.mark.parametrize("form", BY_SHAPE)
def test_a_kernel_is_read_by_its_shape(read, form):
    layer = read(BY_SHAPE[form]())["conv"]
    assert not layer.why
    assert layer.geometry == EXPECTED


def test_kernels_for_any_number_of_channels(read):
    layer = read(model_of([CONV], [X, value("w", ["F", "C", 3, 3])], ["y"]))["conv"]
    assert layer.geometry == sc.Geometry((5, 6), 3, 8, "F")
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], "conv")
    layer = read(model_of([node], [X, value("w", ["F", "C", 3, 3])], ["y"]))["conv"]
    assert layer.geometry == sc.Geometry((7, 8), 3, "C", 8)


def test_no_weight_is_kept_for_inference():
    """But numbers that may be a shape are."""
    large, small = weights("w", [4, 8, 64, 64]), weights("s", [4])
    constant = helper.make_node("Constant", [], ["c"], value=weights("", [4, 8, 64, 64]))
    inner = helper.make_graph([constant], "inner", [], [value("c", None)], [weights("v", [1, 2000])])
    outer = helper.make_node("If", ["x"], ["y"], then_branch=inner)
    model = model_of([outer], [X], [], [large, small])
    before = model.ByteSize()
    child._leave_out_weights(model)
    assert before > 1_000_000
    assert model.ByteSize() < 1_000
    assert len(model.graph.initializer[1].raw_data) == 16


# nodes within nodes


def nested():
    def branch(name):
        conv = helper.make_node("Conv", ["x", "w"], [name], pads=[1, 1, 1, 1])
        return helper.make_graph([conv], name, [], [value(name, None)])

    choice = helper.make_node(
        "If", ["c"], ["y"], "choice", then_branch=branch("yes"), else_branch=branch("no")
    )
    inputs = [X, value("w", [8, 8, 3, 3]), value("c", [], TensorProto.BOOL)]
    return model_of([choice], inputs, ["y"])


def test_layers_within_nodes_are_read(read):
    model = read(nested())
    assert sorted(layer.name for layer in model) == ["choice/else_branch/no", "choice/then_branch/yes"]
    assert model.nodes == 3
    proof = model.prove()
    assert proof
    assert [result.same_as for result in proof] == [None, 0]


def looped():
    conv = helper.make_node("Conv", ["x", "w"], ["z"], "conv", pads=[1, 1, 1, 1])
    again = helper.make_node("Identity", ["more"], ["on"])
    names = [value("i", [], TensorProto.INT64), value("more", [], TensorProto.BOOL)]
    outputs = [value("on", [], TensorProto.BOOL), value("z", None)]
    body = helper.make_graph([again, conv], "body", names, outputs)
    loop = helper.make_node("Loop", ["times", ""], ["y"], "loop", body=body)
    inputs = [X, value("w", [8, 8, 3, 3]), value("times", [], TensorProto.INT64)]
    return model_of([loop], inputs, ["y"])


def test_a_layer_in_a_loop_is_read(read):
    [layer] = read(looped())
    assert layer.name == "loop/body/conv"
    assert layer.geometry == sc.Geometry((5, 6), 3, 8, 8, padding=1)


def in_functions(recursive=False):
    inner = helper.make_node("Conv", ["a", "b"], ["t"], "conv", pads=[1, 1, 1, 1])
    again = helper.make_node("Twice", ["t", "b"], ["c"], domain="mine")
    other = helper.make_node("Conv", ["t", "b"], ["c"], "conv again")
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("mine", 1)]
    twice = helper.make_function(
        "mine", "Twice", ["a", "b"], ["c"], [inner, again if recursive else other], imports
    )
    call = helper.make_node("Twice", ["x", "w"], ["y"], "call", domain="mine")
    return model_of([call], [X, value("w", [8, 8, 3, 3])], ["y"], functions=[twice])


def test_layers_in_functions_are_read_where_they_are_called(read):
    model = read(in_functions())
    assert [layer.geometry for layer in model] == [
        sc.Geometry((5, 6), 3, 8, 8, padding=1),
        sc.Geometry((5, 6), 3, 8, 8),
    ]


def test_layers_in_functions_that_cannot_be_called_are_listed(read):
    model = read(in_functions(recursive=True))
    assert [(layer.name, layer.why) for layer in model] == [
        ("Twice/conv", "it is in a function that ONNX cannot expand")
    ]
    assert "must not be recursive" in model.why
    assert not model.prove()


def test_an_operator_of_another_domain_is_none(read):
    node = helper.make_node("Conv", ["x", "w"], ["y"], domain="mine")
    model = model_of([node], [X, value("w", [4, 8, 3, 3])])
    model.opset_import.append(helper.make_opsetid("mine", 1))
    assert len(read(model)) == 0


# what cannot be read


WHY = {
    "strides-0": (one_layer(strides=[0, 1]), "strides=0 is too small: give an int of at least 1"),
    "dilations-negative": (
        one_layer(dilations=[1, -2]),
        "dilations=-2 is too small: give an int of at least 1",
    ),
    "too-few-strides": (one_layer(strides=[1]), "strides=[1] has 1 entries for 2 axes: give 2"),
    "no-numbers": (
        one_layer(strides=[1.5, 2.5]),
        "strides=None is no list of numbers: give one for each axis",
    ),
    "pads": (one_layer(pads=[1, 1, 1]), "pads=[1, 1, 1] has 3 entries for 2 axes: give 4"),
    "negative-pads": (one_layer(pads=[0, -1, 0, 0]), "padding=-1 is too small: give an int of at least 0"),
    "auto-pad": (
        one_layer(auto_pad="SAME"),
        "auto_pad='SAME' is unknown: use one of NOTSET, VALID, SAME_UPPER, SAME_LOWER",
    ),
    "auto-pad-number": (
        one_layer(auto_pad=7),
        "auto_pad=7 is unknown: use one of NOTSET, VALID, SAME_UPPER, SAME_LOWER",
    ),
    "auto-pad-and-pads": (
        one_layer(auto_pad="SAME_UPPER", pads=[0, 0, 0, 0]),
        "auto_pad=SAME_UPPER and pads=[0, 0, 0, 0] are both given, and ONNX allows one of them: "
        "leave one out",
    ),
    "valid-and-pads": (
        one_layer("ConvTranspose", w=(3, 2, 3, 3), auto_pad="VALID", pads=[0, 0, 0, 1]),
        "auto_pad=VALID and pads=[0, 0, 0, 1] are both given, and ONNX allows one of them: leave one out",
    ),
    "auto-pad-list": (
        one_layer(auto_pad=[1, 2]),
        "auto_pad=[1, 2] is unknown: use one of NOTSET, VALID, SAME_UPPER, SAME_LOWER",
    ),
    "group": (one_layer(group=0), "group=0 is too small: give an int of at least 1"),
    "group-text": (one_layer(group="a"), "group='a' is not an integer: give an int of at least 1"),
    "groups": (
        one_layer(w=(8, 1, 3, 3), x=(1, 3, 8, 9), group=3),
        "out_channels=8 does not divide into groups=3: make out_channels a multiple of groups",
    ),
    "channels": (
        one_layer(w=(8, 5, 3, 3)),
        "its input has 3 channels, and its kernels read 5 in each of group=1: give it 5",
    ),
    "kernel-shape": (
        one_layer(kernel_shape=[5, 5]),
        "kernel_shape=[5, 5] is not its kernel's shape, which is [3, 3]",
    ),
    "large-kernel": (
        one_layer(x=(1, 3, 2, 9)),
        "kernel_size=3 on axis 0 is larger than the padded input of 2 cells: "
        "use a kernel of at most 2, or add padding of 1 more",
    ),
    "no-cells": (one_layer(x=(1, 3, 0, 9)), "input_size=0 is too small: give an int of at least 1"),
    "negative": (
        one_layer(x=(1, 3, -(2**63), 9)),
        "input_size=-9223372036854775808 is too small: give an int of at least 1",
    ),
    "axes": (
        one_layer(x=(1, 3, 8)),
        "its input has 3 axes and its kernel 4: "
        "both need a first and a second axis, and the same spatial ones",
    ),
    "no-spatial-axes": (
        one_layer(x=(1, 3), w=(8, 3)),
        "its input has 2 axes and its kernel 2: "
        "both need a first and a second axis, and the same spatial ones",
    ),
    "transposed-channels": (
        one_layer("ConvTranspose", w=(4, 2, 3, 3)),
        "its input has 3 channels and its kernels are for 4: give it 4",
    ),
    "output-padding": (
        one_layer("ConvTranspose", w=(3, 2, 3, 3), output_padding=[0, 1]),
        "output_padding=1 on axis 1 is too large: give less than the larger of stride=1 and dilation=1",
    ),
    "output-shape": (
        one_layer("ConvTranspose", w=(3, 2, 3, 3), output_shape=[4]),
        "output_shape=[4] has 1 entries for 2 axes: give 2",
    ),
    "output-shape-0": (
        one_layer("ConvTranspose", w=(3, 2, 3, 3), output_shape=[4, 0]),
        "output_shape=0 is too small: give an int of at least 1",
    ),
    "output-shape-open": (
        one_layer("ConvTranspose", x=(1, 3, "h", 9), w=(3, 2, 3, 3), output_shape=[4, 4]),
        "output_shape=4 on axis 0 is a number where its input has a size for which any number may stand: "
        "give both or neither",
    ),
    "same-and-out-of-reach": (
        one_layer("ConvTranspose", w=(3, 2, 1, 3), auto_pad="SAME_UPPER", strides=[3, 1]),
        "auto_pad=SAME_UPPER wants 2 more cells on axis 0 than its kernels reach, "
        "and ONNX does not say where those go: give pads",
    ),
    "all-cropped": (
        one_layer("ConvTranspose", x=(1, 3, 2, 9), w=(3, 2, 1, 3), pads=[1, 0, 1, 0]),
        "input_size=0 is too small: give an int of at least 1",
    ),
}


def test_no_padding_may_be_said_twice(read):
    layer = read(one_layer(auto_pad="VALID", pads=[0, 0, 0, 0]))["conv"]
    assert layer.geometry == sc.Geometry((8, 9), 3, 3, 8)


@pytest.mark.parametrize("mistake", WHY)
def test_a_layer_that_is_none_says_why(read, mistake):
    model, why = WHY[mistake]
    layer = read(model)["conv"]
    assert layer.geometry is None
    assert layer.why == why
    assert layer.output_shape is layer.input_shape is layer.patch_matrix_shape is layer.products is None
    assert layer.expansion is layer.weight_matrix_shape is None
    assert layer.hyper_parameters == {}


def test_one_bad_layer_does_not_hide_the_others(read):
    inputs = [X, value("w", [4, 8, 3, 3]), value("u", None)]
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["good"], "good"),
        helper.make_node("Conv", ["nobody", "w"], ["a"], "no input"),
        helper.make_node("Conv", ["x", "nobody"], ["b"], "no kernel"),
        helper.make_node("Conv", ["x"], ["c"], "one input"),
        helper.make_node("Conv", [], ["d"], "none"),
        helper.make_node("Conv", ["g", "w"], ["f"], "ahead"),
        helper.make_node("Relu", ["f"], ["g"], "circle"),
        helper.make_node("Conv", ["h", "w"], ["h"], "itself"),
        helper.make_node("Conv", ["u", "w"], ["k"], "unknown"),
    ]
    model = read(model_of(nodes, inputs, ["good"]))
    assert {layer.name: layer.why for layer in model} == {
        "good": "",
        "no input": "nothing in the file makes its input 'nobody'",
        "no kernel": "nothing in the file makes its kernel 'nobody'",
        "one input": "it has no kernel",
        "none": "it has no input",
        "ahead": "ONNX cannot tell the shape of its input 'g'",
        "itself": "ONNX cannot tell the shape of its input 'h'",
        "unknown": "ONNX cannot tell the shape of its input 'u'",
    }
    assert repr(model) == "Model: model.onnx, 8 convolutions among 9 nodes, 7 of them unread"
    proof = model.prove()
    assert not proof
    assert proof.holds is None
    assert len(proof.unproved) == 7
    assert repr(proof) == (
        "model.onnx: 1 of 8 convolutions proved (1 exact; 1 different geometry), 7 without a verdict."
    )


def test_names_are_shown_on_one_line(read):
    node = helper.make_node("Conv", ["x", "w"], ["y"], "evil\x1b[31m\nname" + "x" * 200)
    [layer] = read(model_of([node], [X, value("w", [4, 8, 3, 3])], ["y"]))
    assert layer.name.startswith("evil�[31m�namexxx")
    assert len(layer.name) == 120
    unnamed = helper.make_node("Conv", ["x", "w"], ["out"])
    assert [one.name for one in read(model_of([unnamed], [X, value("w", [4, 8, 3, 3])]))] == ["out"]


def test_a_layer_is_asked_for_by_name_or_place(read):
    nodes = [helper.make_node("Conv", ["x", "w"], [f"y{i}"], "twin") for i in range(2)]
    model = read(model_of(nodes, [X, value("w", [4, 8, 3, 3])]))
    assert model[1].geometry == model[-2].geometry
    with pytest.raises(sc.RequestError) as caught:
        model["twin"]
    assert str(caught.value) == (
        "layer='twin' is the name of 2 layers of model.onnx: the first are twin, twin"
    )
    with pytest.raises(sc.RequestError) as caught:
        model["other"]
    assert str(caught.value) == "layer='other' is no layer of model.onnx: the first are twin, twin"


def test_a_convolution_and_its_transpose_are_not_the_same_layer():
    g = sc.Geometry((5, 6), 3, 2, 4, stride=2)
    layers = (
        sc.ModelLayer("down", "Conv", g, output_size=g.output_size),
        sc.ModelLayer("up", "ConvTranspose", g, "", TransposedSizes.of_geometry(g), g.input_size),
    )
    proof = sc.prove(sc.Model("both.onnx", layers, {}, 2))
    assert [type(result.proof) for result in proof] == [sc.Proof, sc.IdentityProof]
    assert [result.same_as for result in proof] == [None, None]


# files


GOOD = one_layer().SerializeToString()
NO_GRAPH = "(it has no graph in it): give an .onnx file"
NO_PROTOBUF = "(protobuf cannot parse it): give an .onnx file"
BROKEN = {
    "text": (b"hello, this is no model", NO_PROTOBUF),
    "zeros": (bytes(1000), NO_PROTOBUF),
    "noise": (np.random.default_rng(0).bytes(5000), NO_PROTOBUF),
    "truncated": (GOOD[:-3], NO_PROTOBUF),
    "half": (GOOD[: len(GOOD) // 2], NO_PROTOBUF),
    "no-graph": (onnx.ModelProto(ir_version=8).SerializeToString(), NO_GRAPH),
    "empty-graph": (onnx.ModelProto(graph=onnx.GraphProto(name="g")).SerializeToString(), NO_GRAPH),
}


@pytest.mark.parametrize("file", BROKEN)
def test_what_is_no_model_gets_one_sentence(read, tmp_path, file):
    data, why = BROKEN[file]
    with pytest.raises(sc.ModelError) as caught:
        read(data)
    assert str(caught.value) == f"{tmp_path / 'model.onnx'} is not a model that ONNX can read {why}"


def test_what_is_no_file_gets_one_sentence(tmp_path, monkeypatch):
    def refusal(path):
        with pytest.raises(sc.ModelError) as caught:
            sc.read_onnx(path)
        return str(caught.value)

    missing, empty = tmp_path / "missing.onnx", tmp_path / "empty.onnx"
    empty.touch()
    assert refusal(missing) == f"{missing} is not there: give the path of an .onnx file"
    assert refusal(str(tmp_path)) == f"{tmp_path} is no file: give the path of an .onnx file"
    assert refusal("/dev/null") == "/dev/null is no file: give the path of an .onnx file"
    assert refusal(empty) == f"{empty} is empty: give the path of an .onnx file"
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    full = tmp_path / "full.onnx"
    full.write_bytes(GOOD)
    assert refusal(full) == (
        f"{full} has {len(GOOD)} bytes, and a file of ONNX holds less than 10: "
        "save its weights as external data, which are not needed here"
    )

    def forbidden(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    assert refusal(full) == f"{full} cannot be opened (Permission denied): give a file that can be read"


def functions_that_double(depth):
    """Functions of which each calls the next one twice: expanding them takes for ever."""
    functions = []
    for level in range(depth):
        name = f"F{level + 1}"
        body = [
            helper.make_node(name, ["x"], ["t"], domain="mine"),
            helper.make_node(name, ["t"], ["y"], domain="mine"),
        ]
        body = body if level < depth - 1 else [helper.make_node("Relu", ["x"], ["y"])]
        imports = [helper.make_opsetid("", 17), helper.make_opsetid("mine", 1)]
        functions.append(helper.make_function("mine", f"F{level}", ["x"], ["y"], body, imports))
    call = helper.make_node("F0", ["x"], ["y"], domain="mine")
    return model_of([call], [X], ["y"], functions=functions)


def test_a_file_that_takes_for_ever_is_ended(read, tmp_path):
    with pytest.raises(sc.ModelError) as caught:
        read(functions_that_double(40), seconds=1.5)
    assert str(caught.value) == (
        f"{tmp_path / 'model.onnx'} takes more than 1.5 seconds to read: "
        "allow more, or look whether it is yours"
    )


def shapes_that_grow():
    """A shape made of a hundred copies of itself, again and again: inference would write it all down."""
    nodes = [
        helper.make_node("Shape", ["x"], ["a0"]),
        *(helper.make_node("Concat", [f"a{i}"] * 100, [f"a{i + 1}"], axis=0) for i in range(12)),
    ]
    return model_of(nodes, [X])


def run_child(path, result, megabytes):
    command = [sys.executable, "-P", child.__file__, str(path), str(result), str(megabytes)]
    return subprocess.run(command, check=False, capture_output=True)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited where the system can")
def test_a_file_that_takes_all_memory_is_ended(tmp_path):
    path, result = tmp_path / "model.onnx", tmp_path / "nodes.json"
    onnx.save(shapes_that_grow(), path)
    run_child(path, result, 700)
    assert json.loads(result.read_text("utf-8")) == {"broken": "it takes more than 700 MB"}


def test_a_child_that_dies_is_told(read, monkeypatch, tmp_path):
    dying = tmp_path / "dying.py"
    dying.write_text("raise SystemExit(7)", "utf-8")
    monkeypatch.setattr(reading, "_CHILD", dying)
    with pytest.raises(sc.ModelError) as caught:
        read(one_layer())
    assert str(caught.value) == (
        f"{tmp_path / 'model.onnx'} ended the process that read it (exit status 7): it cannot be read"
    )


def test_the_child_imports_nothing_that_lies_beside_it(read, monkeypatch, tmp_path):
    (tmp_path / "beside.py").write_text("import decoy", "utf-8")
    (tmp_path / "decoy.py").touch()
    monkeypatch.setattr(reading, "_CHILD", tmp_path / "beside.py")
    with pytest.raises(sc.ModelError, match="exit status 1"):
        read(one_layer())


def test_without_onnx_one_sentence_says_how_to_get_it(read, monkeypatch, tmp_path):
    (tmp_path / "onnx.py").write_text("raise ImportError", "utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    with pytest.raises(sc.ModelError) as caught:
        read(one_layer())
    assert str(caught.value) == (
        "reading a model needs ONNX, which is not installed: pip install symconv[onnx]"
    )


def test_symconv_does_without_onnx(tmp_path):
    onnx.save(one_layer(), tmp_path / "model.onnx")
    code = (
        "import sys, symconv; m = symconv.read_onnx(sys.argv[1]); "
        "assert m.prove(); assert not [n for n in sys.modules if n.split('.')[0] == 'onnx']"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "model.onnx")], check=True)


def test_huge_sizes_are_no_work(read):
    huge = 2**62
    for layer in (
        one_layer(x=(huge, 3, huge, huge), pads=[huge] * 4),
        one_layer(x=(1, 3, huge, huge), w=(8, 3, 2**40, 2**40)),
        one_layer(x=(1, huge, 20, 21), w=(huge, huge, 3, 3)),
        one_layer("ConvTranspose", x=(1, 3, 2**40, 5), w=(3, 2, 3, 3), strides=[2**40, 7]),
    ):
        model = read(layer)
        proof = model.prove()
        assert proof, proof.results[0].why
        assert proof.results[0].proof.tier == sc.Tier.EVERY_SIZE
        assert as_dict(proof)["layers"][0]["products"] > 2**48


def test_a_hundred_thousand_nodes(read):
    """Made by hand, as ONNX's helper would take a minute."""
    nodes = b"".join(
        _field(
            1, _field(1, f"y{i}" if i else "x") + _field(1, "w") + _field(2, f"y{i + 1}") + _field(4, "Conv")
        )
        for i in range(100_000)
    )

    def tensor(name, shape):
        dims = b"".join(_field(1, _field(1, n)) for n in shape)
        return _field(1, name) + _field(2, _field(1, _field(1, 1) + _field(2, dims)))

    graph = (
        nodes + _field(2, "g") + _field(11, tensor("x", (1, 8, 5, 6))) + _field(11, tensor("w", (8, 8, 1, 1)))
    )
    data = (
        _field(1, 8)
        + _field(8, _field(1, "") + _field(2, 17))
        + _field(7, graph + _field(12, _tensor("y100000")))
    )
    model = read(data)
    assert len(model) == model.nodes == 100_000
    proof = model.prove()
    assert proof
    assert (
        repr(proof)
        == "model.onnx: 100000 of 100000 convolutions proved (100000 exact; 1 different geometry)."
    )


def test_many_different_layers_take_no_longer_than_they_may(read, tmp_path):
    inputs = [value("w", [8, 8, 3, 3]), *(value(f"x{i}", [1, 8, f"h{i}", f"v{i}"]) for i in range(2000))]
    nodes = [helper.make_node("Conv", [f"x{i}", "w"], [f"y{i}"]) for i in range(2000)]
    with pytest.raises(sc.ModelError, match="takes more than 1 seconds to read"):
        read(model_of(nodes, inputs), seconds=1)

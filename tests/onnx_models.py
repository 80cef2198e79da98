"""Models for the tests, made with ONNX's own helper; layers side by side in one file, with their arrays."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT
KINDS = {
    "Conv": (FLOAT, FLOAT),
    "ConvTranspose": (FLOAT, FLOAT),
    "ConvInteger": (TensorProto.UINT8, TensorProto.INT32),
}


def value(name, shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def model_of(nodes, inputs, outputs=(), initializers=(), opset=17, functions=(), **options):
    """A model of some nodes; its outputs are names, whose shapes are left to inference."""
    graph = helper.make_graph(
        list(nodes), "tested", list(inputs), [value(o, None) for o in outputs], list(initializers)
    )
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(f.domain, 1) for f in functions)]
    return helper.make_model(
        graph, opset_imports=imports, functions=list(functions), **{"ir_version": 8, **options}
    )


def one_layer(operator="Conv", x=(1, 3, 8, 9), w=(8, 3, 3, 3), opset=17, **attributes):
    """A model of one layer, ``conv``, whose input and kernels are inputs of the model."""
    node = helper.make_node(operator, ["x", "w"], ["y"], "conv", **attributes)
    return model_of([node], [value("x", list(x)), value("w", list(w))], ["y"], opset=opset)


def side_by_side(cases):
    """A model with a layer for each case (operator, shape of x, shape of w, bias, attributes), and arrays."""
    numbers = np.random.default_rng(0)
    nodes, inputs, outputs, feeds = [], [], [], {}
    for place, (operator, x, w, bias, attributes) in enumerate(cases):
        kind, made = KINDS[operator]
        names = [f"x{place}", f"w{place}"]
        shapes = [x, w]
        if bias:
            names.append(f"b{place}")
            shapes.append([w[1] * attributes.get("group", 1) if operator == "ConvTranspose" else w[0]])
        for name, shape in zip(names, shapes, strict=True):
            inputs.append(value(name, list(shape), kind))
            dtype = np.uint8 if kind == TensorProto.UINT8 else np.float32
            feeds[name] = numbers.integers(0 if dtype == np.uint8 else -4, 5, shape).astype(dtype)
        nodes.append(helper.make_node(operator, names, [f"y{place}"], f"layer{place}", **attributes))
        outputs.append(value(f"y{place}", None, made))
    graph = helper.make_graph(nodes, "side by side", inputs, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), feeds


def inferred(model):
    """What ONNX's shape inference says of each value: its sizes, numbers or names."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    return {
        v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim]
        for v in (*graph.value_info, *graph.output)
    }


def weights(name, shape):
    return numpy_helper.from_array(np.ones(shape, np.float32), name)

"""A small U-Net as an ONNX model: ``unet.onnx`` beside this file has the kernels' shapes and no weights."""

from pathlib import Path

import onnx
from onnx import TensorProto, helper

KERNELS = {
    "first.weight": [16, 3, 3, 3],
    "down.weight": [32, 16, 3, 3],
    "middle.weight": [32, 1, 3, 3],
    "up.weight": [32, 16, 2, 2],
    "merge.weight": [16, 32, 3, 3],
    "last.weight": [2, 16, 1, 1],
}


def unet(batch, height, width):
    """Down by a stride of 2, up by a transposed convolution, and the first layer put beside what comes up."""
    around = {"pads": [1, 1, 1, 1]}
    nodes = [
        helper.make_node("Conv", ["image", "first.weight"], ["a"], "first", **around),
        helper.make_node("Relu", ["a"], ["skip"]),
        helper.make_node("Conv", ["skip", "down.weight"], ["b"], "down", strides=[2, 2], **around),
        helper.make_node("Relu", ["b"], ["c"]),
        helper.make_node("Conv", ["c", "middle.weight"], ["d"], "middle", group=32, **around),
        helper.make_node("ConvTranspose", ["d", "up.weight"], ["e"], "up", strides=[2, 2]),
        helper.make_node("Concat", ["e", "skip"], ["f"], axis=1),
        helper.make_node("Conv", ["f", "merge.weight"], ["g"], "merge", **around),
        helper.make_node("Conv", ["g", "last.weight"], ["classes"], "last"),
    ]
    inputs = [helper.make_tensor_value_info("image", TensorProto.FLOAT, [batch, 3, height, width])]
    inputs += [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, kernel) for name, kernel in KERNELS.items()
    ]
    outputs = [helper.make_tensor_value_info("classes", TensorProto.FLOAT, None)]
    graph = helper.make_graph(nodes, "unet", inputs, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


if __name__ == "__main__":
    here = Path(__file__).parent
    onnx.save(unet(1, 128, 96), here / "unet.onnx")
    onnx.save(unet("batch", "height", "width"), here / "unet-any-size.onnx")

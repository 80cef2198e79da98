"""Models read from files and proved: what a person waits for."""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import symconv as sc
from measuring.timing import Row

Dimensions = list[Any]
IMAGE: Dimensions = [1, 3, 224, 224]
OPEN: Dimensions = ["batch", 3, "height", "width"]


def models(_threads: int) -> list[Row]:
    """ResNet-50 in three kinds of file, and a file of very many layers: read, then proved."""
    kinds: dict[str, Callable[[], Any]] = {
        "ResNet-50, without its weights": partial(resnet50_model, IMAGE),
        "ResNet-50, weights in the file": partial(resnet50_model, IMAGE, weights=True),
        "ResNet-50, any batch, height and width": partial(resnet50_model, OPEN),
        "a chain of 100,000 layers": partial(chain, 100_000),
    }
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        for name, make in kinds.items():
            onnx.save(make(), path)
            reading, proving = [], []
            for _ in range(5):
                start = time.perf_counter()
                model = sc.read_onnx(path)
                read = time.perf_counter()
                proof = model.prove()
                reading.append(read - start)
                proving.append(time.perf_counter() - read)
                if not proof:
                    raise AssertionError(proof)
            rows.append(
                {
                    "model": name,
                    "file in MB": path.stat().st_size / 2**20,
                    "layers": len(model),
                    "different geometries": sum(1 for r in proof if r.same_as is None),
                    "read in s": median(reading),
                    "proved in s": median(proving),
                    "together in s": median(map(sum, zip(reading, proving, strict=True))),
                }
            )
    return rows


def resnet50_model(image: Dimensions, *, weights: bool = False) -> Any:
    """ResNet-50 as exporters write it, its batch normalisation folded into the kernels (He et al. 2016)."""
    nodes, kernels = [], []

    def conv(source: str, name: str, channels: int, filters: int, size: int, stride: int = 1) -> str:
        kernels.append(_kernel(f"{name}.weight", (filters, channels, size, size), weights))
        inputs, pads = [source, f"{name}.weight"], [size // 2] * 4
        nodes.append(helper.make_node("Conv", inputs, [name], name, pads=pads, strides=[stride] * 2))
        return name

    def relu(source: str) -> str:
        nodes.append(helper.make_node("Relu", [source], [f"{source}.relu"]))
        return f"{source}.relu"

    stem = relu(conv("image", "stem", 3, 64, 7, 2))
    window = helper.make_node("MaxPool", [stem], ["pool"], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    nodes.append(window)
    source, channels = "pool", 64
    for stage, blocks in enumerate((3, 4, 6, 3)):
        width = 64 << stage
        for block in range(blocks):
            at, stride = f"stage{stage + 1}.{block}", 2 if stage and not block else 1
            inner = relu(conv(source, f"{at}.conv1", channels, width, 1))
            inner = relu(conv(inner, f"{at}.conv2", width, width, 3, stride))
            inner = conv(inner, f"{at}.conv3", width, 4 * width, 1)
            if not block:
                source = conv(source, f"{at}.shortcut", channels, 4 * width, 1, stride)
            nodes.append(helper.make_node("Add", [inner, source], [f"{at}.sum"]))
            source, channels = relu(f"{at}.sum"), 4 * width
    inputs = [helper.make_tensor_value_info("image", TensorProto.FLOAT, image)]
    outputs = [helper.make_tensor_value_info(source, TensorProto.FLOAT, None)]
    return _model(nodes, inputs, outputs, kernels)


def chain(length: int) -> Any:
    """One layer after the other, all alike."""
    nodes = [
        helper.make_node("Conv", [f"x{i}", "w"], [f"x{i + 1}"], f"conv{i}", pads=[1] * 4)
        for i in range(length)
    ]
    inputs = [helper.make_tensor_value_info("x0", TensorProto.FLOAT, [1, 8, 32, 32])]
    return _model(nodes, inputs, [], [_kernel("w", (8, 8, 3, 3), weights=False)])


def _kernel(name: str, shape: tuple[int, ...], weights: bool) -> Any:
    """Kernels with weights, or their shape with a word of where weights would be."""
    if weights:
        return numpy_helper.from_array(np.zeros(shape, np.float32), name)
    tensor = TensorProto(name=name, dims=shape, data_type=TensorProto.FLOAT)
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "weights.bin"
    return tensor


def _model(nodes: list[Any], inputs: list[Any], outputs: list[Any], kernels: list[Any]) -> Any:
    graph = helper.make_graph(nodes, "measured", inputs, outputs, kernels)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

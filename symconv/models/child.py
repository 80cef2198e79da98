"""What runs in the process of its own: reads a model's file through ONNX and writes its convolutions down.

Started by ``reading``, as a file and not as a module: it imports nothing of this package, so that it is up
at once. A hostile file can make shape inference take any time and memory; it takes this process's.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from math import prod
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

try:
    import onnx
    from onnx import inliner, shape_inference
except ImportError:
    onnx = None  # type: ignore[assignment]

try:
    import resource as limits
except ImportError:  # where there is no such thing (Windows), only time is limited
    limits = None  # type: ignore[assignment]

KERNELS = {"Conv": 1, "ConvInteger": 1, "ConvTranspose": 1, "QLinearConv": 3}  # which input they are
BIASES = {"Conv": 2, "ConvTranspose": 2, "QLinearConv": 8}
POOLS = ("AveragePool", "LpPool", "MaxPool")  # whose output is as large as a convolution's
MERGES = ("Add", "Concat", "Div", "Max", "Mean", "Min", "Mul", "Pow", "PRelu", "Sub", "Sum", "Where")
INVENTED = "unk__"  # how a size's name begins that ONNX's inference had to make up
DOMAINS = ("", "ai.onnx")
MOST_KEPT = 1024  # numbers of a tensor that may be a shape, which inference reads; weights are left out

Shape = list[Any] | None  # a size is a number, a name, or None where nothing is said


def answer(path: str) -> dict[str, Any]:
    """The convolutions of the file at ``path``, or why there are none."""
    if not onnx:
        return {"missing": "onnx"}
    try:
        model = onnx.ModelProto()
        with Path(path).open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            model.ParseFromString(memoryview(data))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 (what protobuf raises has no public class)
        return {"broken": "protobuf cannot parse it"}
    if not model.HasField("graph") or not (model.graph.node or model.graph.input or model.graph.output):
        return {"broken": "it has no graph in it"}
    _leave_out_weights(model)
    model, why = _inferred(model)
    nodes = list(_convolutions(model.graph, "", {}))
    for function in model.functions:  # those that could be were written in place of their calls
        left_out = _convolutions(
            function, f"{function.name}/", {}, "it is in a function that ONNX cannot expand"
        )
        nodes.extend(left_out)
    return {"nodes": nodes, "number": _count(model), "why": why}


def _inferred(model: Any) -> tuple[Any, str]:
    """The model with the shape of every value that ONNX can tell, or as it is and why."""
    try:
        if model.functions:
            model = inliner.inline_local_functions(model)
        return shape_inference.infer_shapes(model, data_prop=True), ""
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (of several classes, not all of them public)
        lines = str(error).splitlines()
        return model, lines[0] if lines else type(error).__name__


def _leave_out_weights(model: Any) -> None:
    """Clear the data of large tensors: inference copies the model, and never looks at a weight."""
    for node in _all_nodes([model.graph, *model.functions]):
        for attribute in node.attribute:
            if attribute.type in (onnx.AttributeProto.TENSOR, onnx.AttributeProto.TENSORS):
                for tensor in (attribute.t, *attribute.tensors):
                    _clear(tensor)
    for graph in _all_graphs(model.graph):
        for tensor in graph.initializer:
            _clear(tensor)


def _clear(tensor: Any) -> None:
    if prod(tensor.dims) > MOST_KEPT:
        for field in ("raw_data", "float_data", "double_data", "int32_data", "int64_data", "uint64_data"):
            tensor.ClearField(field)


def _subgraphs(node: Any) -> Iterator[tuple[str, Any]]:
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.GRAPH:
            yield attribute.name, attribute.g
        elif attribute.type == onnx.AttributeProto.GRAPHS:
            yield from ((f"{attribute.name}[{i}]", graph) for i, graph in enumerate(attribute.graphs))


def _all_graphs(graph: Any) -> Iterator[Any]:
    yield graph
    for node in graph.node:
        for _, inner in _subgraphs(node):
            yield from _all_graphs(inner)


def _all_nodes(bodies: Iterable[Any]) -> Iterator[Any]:
    for body in bodies:
        for node in body.node:
            yield node
            yield from _all_nodes(graph for _, graph in _subgraphs(node))


def _count(model: Any) -> int:
    return sum(1 for _ in _all_nodes([model.graph, *model.functions]))


def _convolutions(
    graph: Any, within: str, outside: dict[str, Shape], why: str = ""
) -> Iterator[dict[str, Any]]:
    """Each convolution of a graph or function and of the graphs within it, in the order of the file.

    Between them stand the nodes that say more of a size than its made-up name.
    """
    shapes = {} if why else outside | _shapes(graph)
    for node in graph.node:
        name = f"{within}{node.name or next(iter(node.output), '')}"
        if node.op_type in KERNELS and node.domain in DOMAINS:
            yield _written(node, name, shapes) | {"why": why}
        elif node.op_type in (*POOLS, *MERGES) and node.domain in DOMAINS:
            yield from _between(node, shapes)
        for attribute, inner in _subgraphs(node):
            yield from _convolutions(inner, f"{name}/{attribute}/", shapes, why)


def _shapes(graph: Any) -> dict[str, Shape]:
    """The shape of every value that a graph has, None where it is not known."""
    shapes: dict[str, Shape] = {name: None for node in graph.node for name in node.output if name}
    for value in (*graph.value_info, *graph.output, *graph.input):
        tensor = value.type.tensor_type
        shapes[value.name] = [_size(d) for d in tensor.shape.dim] if tensor.HasField("shape") else None
    for sparse in graph.sparse_initializer:
        shapes[sparse.values.name] = list(sparse.dims)
    for tensor in graph.initializer:
        shapes[tensor.name] = list(tensor.dims)
    return shapes


def _size(dimension: Any) -> Any:
    kind = dimension.WhichOneof("value")
    return getattr(dimension, kind) if kind else None


def _written(node: Any, name: str, shapes: dict[str, Shape]) -> dict[str, Any]:
    """One convolution, as the parent reads it."""

    def value(place: int) -> tuple[str, bool, Shape]:
        name = node.input[place] if place < len(node.input) else ""
        return name, name in shapes, shapes.get(name)

    bias = BIASES.get(node.op_type, len(node.input))
    return {
        "name": name,
        "operator": node.op_type,
        "input": value(0),
        "kernel": value(KERNELS[node.op_type]),
        "bias": bool(value(bias)[0]),
        "output": shapes.get(next(iter(node.output), "")),
        "attributes": dict(_attributes(node)),
    }


def _between(node: Any, shapes: dict[str, Shape]) -> Iterator[dict[str, Any]]:
    """A node that is no convolution and whose output has a size that its inputs' sizes tell."""
    output = shapes.get(next(iter(node.output), ""))
    inputs = [shape for name in node.input if (shape := shapes.get(name)) is not None]
    if len(inputs) < len(node.input) or not any(str(size).startswith(INVENTED) for size in output or ()):
        return
    attributes = dict(_attributes(node))
    if node.op_type in MERGES:
        axis = attributes.get("axis") if node.op_type == "Concat" else None
        yield {"merged": inputs, "axis": axis, "output": output}
    elif "kernel_shape" in attributes and not attributes.get("ceil_mode") and len(inputs[0]) > 2:
        window = [1, inputs[0][1], *attributes["kernel_shape"]]
        arrays = {"input": ("pooled", True, inputs[0]), "kernel": ("window", True, window)}
        rest = {"name": "", "operator": node.op_type, "bias": False, "why": ""}
        yield arrays | rest | {"output": output, "attributes": attributes}


def _attributes(node: Any) -> Iterator[tuple[str, Any]]:
    kinds = onnx.AttributeProto
    for attribute in node.attribute:
        if attribute.type == kinds.INT:
            yield attribute.name, attribute.i
        elif attribute.type == kinds.INTS:
            yield attribute.name, list(attribute.ints)
        elif attribute.type == kinds.STRING:
            yield attribute.name, attribute.s.decode("utf-8", "replace")
        else:
            yield attribute.name, None


def main(path: str, result: str, megabytes: int) -> None:
    """Answer one request in a file."""
    if limits is not None:
        limits.setrlimit(limits.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    try:
        found = answer(path)
    except MemoryError:
        found = {"broken": f"it takes more than {megabytes:,} MB"}
    partly = Path(f"{result}.part")
    partly.write_text(json.dumps(found), encoding="utf-8")
    partly.rename(result)  # there at once, or not at all
    os._exit(0)  # a large model is not taken apart again


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

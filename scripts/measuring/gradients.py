"""The gradients of full-size layers against torch's backward pass."""

from collections.abc import Callable
from typing import Any

import numpy as np

import symconv as sc
from measuring.layers import LAYERS
from measuring.timing import Row, in_turn

MAPS = "symconv, whole P"
PARTS = ("both", "input", "weight")


def gradients(threads: int) -> list[Row]:
    """Gradients by input and kernels, as ratios to torch's backward pass (to ourselves without torch)."""
    rows = []
    for name, g in LAYERS.items():
        for dtype in (np.float32, np.float64):
            ours, theirs = ours_of(g, dtype), torch_of(g, dtype, threads)
            peer = "torch" if theirs else "symconv"
            peers = theirs or {part: ours[part] for part in PARTS}
            alone = in_turn({peer: peers["both"]}, rounds=25)[peer]
            row: Row = {"layer": name, "dtype": dtype.__name__, "peer": peer, "peer in ms": alone * 1e3}
            rivals = [(part, ours[part], peers[part]) for part in PARTS]
            for rival, call, against in [*rivals, (MAPS, ours[MAPS], peers["both"])]:
                pair = in_turn({"symconv": call, "peer": against}, rounds=41, seconds=8)
                label = f"symconv, {rival}" if rival in PARTS else rival
                row[label] = pair["symconv"] / pair["peer"]
            rows.append(row)
    return rows


def arrays_of(g: sc.Geometry, dtype: Any) -> tuple[Any, Any, Any]:
    """Input, kernels and the gradient by the output."""
    numbers = np.random.default_rng(0)
    shapes = (g.input_shape, g.kernel_shape, g.output_shape)
    x, w, dy = (numbers.standard_normal(shape).astype(dtype) for shape in shapes)
    return x, w, dy


def ours_of(g: sc.Geometry, dtype: Any) -> dict[str, Callable[[], Any]]:
    """The gradients a tile at a time, and both from the whole matrices, through the maps."""
    x, w, dy = arrays_of(g, dtype)
    u = sc.unroll(x, w, stride=g.stride, padding=g.padding)
    same = u.with_maps(u.patch_map)  # maps that a caller gave are not known to be the plan's own

    def both(layer: sc.Unrolled) -> tuple[Any, Any]:
        return layer.input_gradient(dy), layer.weight_gradient(dy)

    return {
        "both": lambda: both(u),
        "input": lambda: u.input_gradient(dy),
        "weight": lambda: u.weight_gradient(dy),
        MAPS: lambda: both(same),
    }


def torch_of(g: sc.Geometry, dtype: Any, threads: int) -> dict[str, Callable[[], Any]]:
    """The backward pass of torch through a layer evaluated before; empty without torch."""
    try:
        import torch
    except ImportError:
        return {}
    torch.set_num_threads(threads)
    x, w, dy = (torch.from_numpy(array) for array in arrays_of(g, dtype))
    x.requires_grad_()
    w.requires_grad_()
    y = torch.nn.functional.conv2d(x, w, stride=g.stride, padding=tuple(p for p, _ in g.padding))

    def backward(*by: Any) -> Callable[[], Any]:
        return lambda: torch.autograd.grad(y, by, dy, retain_graph=True)

    return {"both": backward(x, w), "input": backward(x), "weight": backward(w)}

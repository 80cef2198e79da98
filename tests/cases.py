"""One table of cases whose numbers were published by others, with readable ids."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """A layer on numbers and what it makes, as its source prints it.

    Attributes:
        name: the readable id.
        x: input, as a caller gives it.
        w: kernels, as a caller gives them.
        output: the activation map.
        options: hyper-parameters and bias.
        patches: the patch matrix, where the source prints it.
        weights: the weight matrix, where the source prints it.
    """

    name: str
    x: Any
    w: Any
    output: Any
    options: dict[str, Any] = field(default_factory=dict)
    patches: list[list[int]] | None = None
    weights: list[list[int]] | None = None

    def __str__(self) -> str:
        return self.name


ONE_TO_NINE = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
NINE_TO_SIX = [[9, 8], [7, 6]]

CASES = [
    Case(
        "the-two-matrices",
        ONE_TO_NINE,
        NINE_TO_SIX,
        [[83, 113], [173, 203]],
        patches=[[1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]],
        weights=[[9], [8], [7], [6]],
    ),
    Case("true-convolution-by-a-flipped-kernel", ONE_TO_NINE, [[6, 7], [8, 9]], [[97, 127], [187, 217]]),
    Case("d2l", [[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[1, 2], [3, 4]], [[27, 37], [57, 67]]),
    Case(
        "chellapilla-puri-simard-2006-figure-2",
        [
            [[1, 2, 0], [1, 1, 3], [0, 2, 2]],
            [[0, 2, 1], [0, 3, 2], [1, 1, 0]],
            [[1, 2, 1], [0, 1, 3], [3, 3, 2]],
        ],
        [
            [[[1, 1], [2, 2]], [[1, 1], [1, 1]], [[0, 1], [1, 0]]],
            [[[1, 0], [0, 1]], [[2, 1], [2, 1]], [[1, 2], [2, 0]]],
        ],
        [[[14, 20], [15, 24]], [[12, 24], [17, 26]]],
        patches=[
            [1, 2, 1, 1, 0, 2, 0, 3, 1, 2, 0, 1],
            [2, 0, 1, 3, 2, 1, 3, 2, 2, 1, 1, 3],
            [1, 1, 0, 2, 0, 3, 1, 1, 0, 1, 3, 3],
            [1, 3, 2, 2, 3, 2, 1, 0, 1, 3, 3, 2],
        ],
        weights=[
            [1, 1],
            [1, 0],
            [2, 0],
            [2, 1],
            [1, 2],
            [1, 1],
            [1, 2],
            [1, 1],
            [0, 1],
            [1, 2],
            [1, 2],
            [0, 0],
        ],
    ),
    Case("a-single-tap", [[5]], [[3]], [[15]], patches=[[5]], weights=[[3]]),
    Case(
        "a-sequence",
        [1, 2, 3, 4],
        [1, 0, -1],
        [-2, -2],
        patches=[[1, 2, 3], [2, 3, 4]],
        weights=[[1], [0], [-1]],
    ),
    Case(
        "a-sequence-padded-unequally-and-strided",
        [1, 2, 3],
        [1, 10],
        [10, 32],
        {"stride": 2, "padding": [(1, 0)]},
        patches=[[0, 1], [2, 3]],
    ),
    Case("a-sequence-dilated", [1, 2, 3, 4, 5], [1, 10], [41, 52], {"dilation": 3}, patches=[[1, 4], [2, 5]]),
    Case(
        "a-sequence-reflected",
        [1, 2, 3],
        [1],
        [3, 2, 1, 2, 3, 2, 1],
        {"padding": 2, "padding_mode": "reflect"},
    ),
    Case(
        "a-sequence-replicated",
        [1, 2, 3],
        [1],
        [1, 1, 1, 2, 3, 3],
        {"padding": [(2, 1)], "padding_mode": "replicate"},
    ),
    Case(
        "a-sequence-wrapped-around",
        [1, 2, 3],
        [1],
        [2, 3, 1, 2, 3, 1],
        {"padding": [(2, 1)], "padding_mode": "circular"},
    ),
    Case(
        "two-groups-of-two-filters-with-bias-and-batch",
        [[[1, 2], [3, 4]], [[5, 6], [7, 8]]],
        [[[1]], [[10]], [[1]], [[10]]],
        [
            [[101, 102], [210, 220], [303, 304], [430, 440]],
            [[105, 106], [250, 260], [307, 308], [470, 480]],
        ],
        {"groups": 2, "bias": [100, 200, 300, 400]},
        weights=[[1, 10, 0, 0], [0, 0, 1, 10]],
    ),
    Case(
        "unequal-strides-and-sides",
        [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]],
        [[1, 1]],
        [[3, 7], [19, 23]],
        {"stride": (2, 2)},
    ),
    Case("a-volume", [[[[1, 2]], [[3, 4]]]], [[[[[1, 10]], [[100, 1000]]]]], [[[[4321]]]]),
]


@dataclass(frozen=True)
class Same:
    """The pads that ONNX's SAME stands for on one axis, and where the window of the first output lies."""

    size: int
    kernel: int
    stride: int
    upper: tuple[int, int]
    lower: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.size}/{self.kernel}/{self.stride}"


SAME = [
    Same(224, 7, 2, (2, 3), (3, 2)),
    Same(6, 3, 2, (0, 1), (1, 0)),
    Same(5, 3, 2, (1, 1), (1, 1)),
    Same(7, 2, 3, (0, 1), (1, 0)),
]


@dataclass(frozen=True)
class Sizes:
    """Published sizes of a layer."""

    name: str
    arguments: dict[str, Any]
    output: tuple[int, ...]
    patches: tuple[int, int]

    def __str__(self) -> str:
        return self.name


SIZES = [
    Sizes(
        "cs231n",
        {"input_size": (227, 227), "kernel_size": 11, "in_channels": 3, "out_channels": 96, "stride": 4},
        (55, 55),
        (3025, 363),
    ),
    Sizes(
        "resnet-first-layer",
        {
            "input_size": (224, 224),
            "kernel_size": 7,
            "in_channels": 3,
            "out_channels": 64,
            "stride": 2,
            "padding": 3,
        },
        (112, 112),
        (112 * 112, 147),
    ),
    Sizes("the-two-matrices", {"input_size": (3, 3), "kernel_size": 2}, (2, 2), (4, 4)),
    Sizes(
        "a-batch",
        {"input_size": (5, 7), "kernel_size": (2, 3), "batch": 2, "stride": (2, 3)},
        (2, 2),
        (2 * 4, 6),
    ),
]

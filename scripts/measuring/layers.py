"""The layers that are measured."""

import symconv as sc

CASES = {
    "3×3, 2×2": sc.Geometry((3, 3), 2),
    "8×8, 3×3": sc.Geometry((8, 8), 3),
    "28×28, 5×5, 4 filters": sc.Geometry((28, 28), 5, 1, 4),
    "32×32×3, 3×3, 16 filters": sc.Geometry((32, 32), 3, 3, 16, padding=1),
    "56×56×64, 3×3, 64 filters": sc.Geometry((56, 56), 3, 64, 64, padding=1),
    "224×224×3, 7×7, 64 filters": sc.Geometry((224, 224), 7, 3, 64, stride=2, padding=3),
}
LAYERS = {name: CASES[name] for name in list(CASES)[-2:]}
"""The two layers that evaluation is measured on."""


def resnet50() -> list[sc.Geometry]:
    """The 53 convolutions of ResNet-50 at 224×224, stride in the 3×3 layers (He et al. 2016, table 1)."""
    layers = [sc.Geometry((224, 224), 7, 3, 64, stride=2, padding=3)]
    size, channels = 56, 64
    for stage, blocks in enumerate((3, 4, 6, 3)):
        width = 64 << stage
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            out = size // stride
            layers += [
                sc.Geometry((size, size), 1, channels, width),
                sc.Geometry((size, size), 3, width, width, stride=stride, padding=1),
                sc.Geometry((out, out), 1, width, 4 * width),
            ]
            if not block:
                layers.append(sc.Geometry((size, size), 1, channels, 4 * width, stride=stride))
            size, channels = out, 4 * width
    return layers

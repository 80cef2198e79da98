"""What is written on a node of a model's file, each shape and attribute looked at before it is believed."""

from symconv.errors import GeometryError
from symconv.forms.transposed_sizes import transposed_size
from symconv.models.node import Node, Value
from symconv.sizes import Size, is_symbolic, whole

PADS = {"NOTSET": None, "VALID": "valid", "SAME_UPPER": "same_upper", "SAME_LOWER": "same_lower"}


class Attributes:
    """The shapes and attributes of a node, each looked at before it is believed.

    Args:
        node: the node.
        shape: of its input, sizes that the file leaves open as symbols.
        kernel: shape of its kernels, likewise.

    Raises:
        GeometryError: something is missing, or is nothing that a convolution can have.

    Attributes:
        sizes: of its input along each axis.
        taps: of its kernels along each axis.
        kernels: the first size of its kernels' shape.
        per_group: the second.
    """

    def __init__(self, node: Node, shape: tuple[Size, ...], kernel: tuple[Size, ...]) -> None:
        self.node = node
        if len(shape) != len(kernel) or len(shape) < 3:
            raise GeometryError(
                f"its input has {len(shape)} axes and its kernel {len(kernel)}: "
                "both need a first and a second axis, and the same spatial ones"
            )
        self.kernels, self.per_group, *self.taps = kernel
        self.batch, self.channels, *self.sizes = shape
        self.rank = len(self.taps)
        said = node.attributes.get("kernel_shape")
        if said is not None and said != self.taps and not is_symbolic(*self.taps):
            raise GeometryError(f"kernel_shape={said} is not its kernel's shape, which is {self.taps}")
        self.groups = whole(node.attributes.get("group", 1), "group")
        self.stride, self.dilation = self.per_axis("strides"), self.per_axis("dilations")
        self.auto_pad = node.attributes.get("auto_pad") or "NOTSET"
        if not isinstance(self.auto_pad, str) or self.auto_pad not in PADS:
            raise GeometryError(f"auto_pad={self.auto_pad!r} is unknown: use one of {', '.join(PADS)}")
        pads = self._numbers("pads")
        if pads is not None and self.auto_pad != "NOTSET" and (any(pads) or self.auto_pad != "VALID"):
            raise GeometryError(
                f"auto_pad={self.auto_pad} and pads={pads} are both given, and ONNX allows one of them: "
                "leave one out"
            )

    def per_axis(self, name: str, least: int = 1) -> tuple[int, ...]:
        """An attribute with one number for each axis; the least number where it is left out."""
        given = self._numbers(name)
        if given is None:
            return (least,) * self.rank
        if len(given) != self.rank:
            raise GeometryError(
                f"{name}={given} has {len(given)} entries for {self.rank} axes: give {self.rank}"
            )
        return tuple(whole(value, name, least) for value in given)

    def pairs(self) -> list[tuple[int, int]]:
        """What ``pads`` says: all that goes before, then all that goes after."""
        given = self._numbers("pads")
        if given is None:
            return [(0, 0)] * self.rank
        if len(given) != 2 * self.rank:
            raise GeometryError(
                f"pads={given} has {len(given)} entries for {self.rank} axes: give {2 * self.rank}"
            )
        return list(zip(given[: self.rank], given[self.rank :], strict=True))

    def crops(self) -> tuple[list[tuple[int, int]], list[int]]:
        """What a transposed convolution crops from each axis, and what it adds at the end.

        Where the node asks for a size of its output, its pads are made to fit and what it says is not read.
        """
        extras = list(self.per_axis("output_padding", least=0))
        wanted = self._wanted_output()
        if not wanted:
            return self.pairs(), extras
        pairs = []
        for axis, (n, k, s, d) in enumerate(
            zip(self.sizes, self.taps, self.stride, self.dilation, strict=True)
        ):
            total = transposed_size(n, k, s, d, 0, 0, extras[axis]) - wanted[axis]
            if is_symbolic(total):
                raise GeometryError(
                    f"output_shape={wanted[axis]} on axis {axis} is a number where its input has a size for "
                    "which any number may stand: give both or neither"
                )
            total = int(total)
            if total < 0 and "output_shape" not in self.node.attributes:
                raise GeometryError(
                    f"auto_pad={self.auto_pad} wants {-total} more cells on axis {axis} than its kernels "
                    "reach, and ONNX does not say where those go: give pads"
                )
            extras[axis] += max(0, -total)
            small, large = max(0, total) // 2, (max(0, total) + 1) // 2
            pairs.append((small, large) if self.auto_pad == "SAME_UPPER" else (large, small))
        return pairs, extras

    def _wanted_output(self) -> list[Size]:
        if "output_shape" in self.node.attributes:
            return list(self.per_axis("output_shape"))
        if self.auto_pad.startswith("SAME"):
            return [n * s for n, s in zip(self.sizes, self.stride, strict=True)]
        return []

    def channels_of_groups(self) -> Size:
        """The channels of the input, which its kernels' shape says too."""
        if is_symbolic(self.per_group):
            return self.channels
        channels = self.per_group * self.groups
        if not is_symbolic(self.channels) and self.channels != channels:
            raise GeometryError(
                f"its input has {self.channels} channels, and its kernels read {self.per_group} in each of "
                f"group={self.groups}: give it {channels}"
            )
        return channels

    def channels_of_kernels(self) -> Size:
        """The channels of a transposed convolution's input, which its kernels' shape says too."""
        if is_symbolic(self.kernels):
            return self.channels
        if not is_symbolic(self.channels) and self.channels != self.kernels:
            raise GeometryError(
                f"its input has {self.channels} channels and its kernels are for {self.kernels}: "
                f"give it {self.kernels}"
            )
        return self.kernels

    def _numbers(self, name: str) -> list[int] | None:
        if name not in self.node.attributes:
            return None
        given = self.node.attributes[name]
        if not isinstance(given, list):
            raise GeometryError(f"{name}={given!r} is no list of numbers: give one for each axis")
        return given


def known(value: Value, what: str) -> tuple[int | str | None, ...]:
    """The shape of what a node reads, or a sentence about why it is not known."""
    if not value.name:
        raise GeometryError(f"it has no {what}")
    if not value.made:
        raise GeometryError(f"nothing in the file makes its {what} {value.name!r}")
    if value.shape is None:
        raise GeometryError(f"ONNX cannot tell the shape of its {what} {value.name!r}")
    return value.shape

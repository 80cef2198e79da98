"""Blocks about forms, as authors write them: two or three for each form, with the parts that go with them."""

from symconv.lesson.form_parts.catalogue import FORMS

WRITTEN = {
    "toeplitz": [
        ("input: 3x3\nkernel: 2x2", None),
        ("input: [1, 2, 3, 4]\nkernel: [10, 1]\npadding: 1", None),
        ("input: 4x5\nkernel: 2x3\nchannels: 2\nkernels: 2\nstride: [1, 2]", None),
        ("input: 28x28\nkernel: 5x5\nkernels: 4", ("sizes", "cost", "proof")),
    ],
    "gradients": [
        ("input: 3x3\nkernel: 2x2", None),
        ("input: 3x3\nkernel: 2x2\ncell: [1, 1]", ("input_sum", "weight_sum")),
        ("input: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]\nkernel: [[9, 8], [7, 6]]\ndy: [[1, 2], [3, 4]]", None),
        ("input: 4x5\nkernel: 2x3\nchannels: 2\nkernels: 2\nstride: [1, 2]\npadding: 1", None),
        ("input: 56x56\nkernel: 3\nchannels: 4\nkernels: 4", ("cost", "proof")),
    ],
    "transposed": [
        ("input: 2x2\nkernel: 2x2", None),
        ("input: [[1, 2], [3, 4]]\nkernel: [[1, 10], [100, 1000]]\nstride: 2\noutput_padding: 1", None),
        ("input: [1, 2, 3]\nkernel: [1, 1, 1]\nstride: 2\npadding: 1\ndilation: 2", None),
        ("input: 9x7\nkernel: 4x3\nchannels: 4\nkernels: 6\ngroups: 2\nstride: 2", ("cost", "proof")),
    ],
    "winograd": [
        ("outputs: 2\ntaps: 3", None),
        ("outputs: 2x1\ntaps: 2x3\npoints: [0, 1]", ("matrices", "formula", "steps", "counts", "proof")),
        ("outputs: [2, 4]\ntaps: 3\ninput: 9\nchannels: 2", ("cost",)),
    ],
    "fourier": [
        ("length: 3\nkernel: [10, 1]", ("matrix", "circulant", "diagonal", "identity", "proof")),
        ("length: 2x2", ("matrix", "circulant", "diagonal", "identity", "crossover", "proof")),
        ("input: 64x64\nkernel: 9x9\nstride: 2", ("cost",)),
    ],
    "layouts": [
        ("other: matlab", ("matrix", "weights", "permutation", "indices", "cost", "proof")),
        ("layout: all", ("table", "proof")),
        ("layout: jax\ninput: [[[1, 2]], [[3, 4]]]\nkernel: 1x2", ("matrix", "weights", "proof")),
    ],
    "polyphase": [
        ("input: 5x6\nkernel: 2x3\nstride: [1, 2]", None),
        ("input: [1, 2, 3, 4, 5]\nkernel: [1, 2]\nstride: 2", None),
        ("input: 20x6\nkernel: 4\nstride: 4\nchannels: 2\nkernels: 2\npadding: 1", None),
    ],
    "sublattices": [
        ("input: 8\nkernel: 3\ndilation: 2", None),
        ("input: 5x6\nkernel: 2\npadding: 1\ndilation: [1, 2]", None),
    ],
    "separable": [
        ("input: 5x6\nkernel: 3\nchannels: 2\nkernels: 4", None),
        ("input: 5\nkernel: 2\nmultiplier: 2\npadding: 1", None),
    ],
    "pointwise": [
        ("input: 2x2\nchannels: 2\nkernels: 3", None),
        ("input: [[1, 2]]\nkernel: [[3]]\nstride: 2", None),
    ],
}  # fmt: skip


def blocks(name):
    """Each block of a form with one part to show."""
    for values, parts in WRITTEN[name]:
        for part in parts or FORMS[name].parts:
            yield part, f"form: {name}\n{values}\nshow: [{part}]"

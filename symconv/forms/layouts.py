"""The layouts of the libraries, by name."""

from difflib import get_close_matches
from typing import Any

from symconv.errors import RequestError
from symconv.forms.arrangement import Layout

LAYOUTS = (
    Layout("torch", "n (c k) (o)", "torch.nn.functional.unfold"),
    Layout("tensorflow", "n o (k c)", "tf.image.extract_patches", "NHWC", "HWIO"),
    Layout("jax", "n (c k) o", "jax.lax.conv_general_dilated_patches"),
    Layout("cs231n", "(c k) (o n)", "im2col_indices of the course CS231n"),
    Layout("deep-learning-from-scratch", "(n o) (c k)", "im2col of the book Deep Learning from Scratch"),
    Layout("matlab", "(c k') (n o')", "im2col of MATLAB and Octave", "NCWH", "OIWH"),
    Layout("onnx", "(c k) (n o)", "im2col_fast of onnx.reference"),
)
ALIASES = {
    "pytorch": "torch",
    "caffe": "torch",
    "tf": "tensorflow",
    "octave": "matlab",
    "symconv": "deep-learning-from-scratch",
}


def layouts() -> tuple[Layout, ...]:
    """The known layouts.

    Returns:
        Seven of ``Layout``, by name to be asked for with ``layout``.

    Source: the documentation of ``torch.nn.Unfold``, ``tf.image.extract_patches``,
    ``jax.lax.conv_general_dilated_patches`` and MATLAB's ``im2col``; the notes of CS231n, "Convolutional
    networks", implementation as matrix multiplication; Saito 2016, *Deep Learning from Scratch*, chapter 7;
    the reference implementation of ONNX.

    Examples:
        >>> [known.name for known in layouts()]
        ['torch', 'tensorflow', 'jax', 'cs231n', 'deep-learning-from-scratch', 'matlab', 'onnx']
    """
    return LAYOUTS


def layout(name: Any) -> Layout:
    """The layout of a name, or a layout as it is.

    Args:
        name: one of those that ``layouts()`` lists, or ``"symconv"`` for the order of our own P and W.

    Returns:
        ``Layout``.

    Raises:
        RequestError: there is none of that name.

    Examples:
        >>> layout("symconv").name
        'deep-learning-from-scratch'
    """
    if isinstance(name, Layout):
        return name
    known = {one.name: one for one in LAYOUTS}
    asked = ALIASES.get(name, name) if isinstance(name, str) else None
    if asked in known:
        return known[asked]
    near = get_close_matches(str(name).lower(), [*known, *ALIASES], n=1)
    meant = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(known)}"
    raise RequestError(f"layout={name!r} is unknown: {meant}")

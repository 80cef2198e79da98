"""The kinds of exercises, by name: a module of this room, and a line here."""

from symconv.lesson.exercises.arranged import LAYOUT
from symconv.lesson.exercises.exercise import Kind
from symconv.lesson.exercises.fast import FOURIER, WINOGRAD
from symconv.lesson.exercises.linear import INPUT_GRADIENT, TOEPLITZ, TRANSPOSED_OUTPUT, WEIGHT_GRADIENT
from symconv.lesson.exercises.product import OUTPUT, PATCHES, SUM, WEIGHTS
from symconv.lesson.exercises.sizes import COUNTS, OUTPUT_SIZE, SAME

KINDS: dict[str, Kind] = {
    "output_size": OUTPUT_SIZE,
    "patches": PATCHES,
    "weights": WEIGHTS,
    "output": OUTPUT,
    "sum": SUM,
    "counts": COUNTS,
    "same": SAME,
    "toeplitz": TOEPLITZ,
    "weight_gradient": WEIGHT_GRADIENT,
    "input_gradient": INPUT_GRADIENT,
    "transposed": TRANSPOSED_OUTPUT,
    "winograd": WINOGRAD,
    "fourier": FOURIER,
    "layout": LAYOUT,
}

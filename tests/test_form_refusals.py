"""Every refusal of a block about a form, word for word, with the line that it is about."""

import pytest

import symconv as sc
from symconv.lesson.block import read_block
from symconv.lesson.render import render

REFUSALS = [
    (
        "unknown",
        "form: winogard",
        0,
        "form='winogard' is unknown: did you mean winograd?",
    ),
    (
        "no-name",
        "form: [a]",
        0,
        "form=['a'] is unknown: use any of toeplitz, gradients, transposed, winograd, ",
    ),
    (
        "key",
        "form: winograd\noutputs: 2\ntap: 3",
        2,
        "'tap' is no key of a symconv block: did you mean taps?",
    ),
    (
        "another-forms-key",
        "form: fourier\nouter: 3",
        1,
        "'outer' is no key of a symconv block: use any of form, ",
    ),
    (
        "part",
        "form: fourier\nshow: [matrices]",
        1,
        "show has no part 'matrices': did you mean matrix?",
    ),
    (
        "caption",
        "form: fourier\ncaption: [a]",
        1,
        "caption is not a line of text: put it in quotes",
    ),
    (
        "no-outputs",
        "form: winograd\ntaps: 3",
        None,
        "outputs is missing: write “outputs: 2”, or 2x2",
    ),
    (
        "no-taps",
        "form: winograd\noutputs: 2",
        None,
        "taps is missing: write “taps: 3”, or 2x2",
    ),
    (
        "taps-list",
        "form: winograd\noutputs: 2\ntaps: [3]",
        2,
        "taps=['3'] is a list: write one size such as 3 or 3x3",
    ),
    (
        "nested",
        "form: winograd\noutputs: [[2]]\ntaps: 3",
        1,
        "outputs lists ['2']: write sizes such as 2 or 2x2",
    ),
    (
        "no-size",
        "form: winograd\noutputs: two\ntaps: 3",
        1,
        "outputs='two' is not a size: write one such as 3x3",
    ),
    (
        "none",
        "form: winograd\noutputs: 0\ntaps: 3",
        1,
        "outputs=0 is not drawn here: write one or two sizes of at least 1",
    ),
    (
        "three-axes",
        "form: winograd\noutputs: 2\ntaps: 3x3x3",
        2,
        "taps=3x3x3 is not drawn here: write one or two sizes",
    ),
    (
        "large",
        "form: winograd\noutputs: 15x15\ntaps: 3",
        1,
        "outputs=15x15 makes tiles of more than 256 products: write fewer",
    ),
    (
        "too-large",
        "form: winograd\noutputs: 70\ntaps: 3",
        1,
        "outputs=70 is too large for exact matrices: write a smaller one",
    ),
    (
        "no-algorithm",
        "form: winograd\noutputs: []\ntaps: 3",
        1,
        "outputs and points make 0 algorithms: name 1 to 12",
    ),
    (
        "many",
        f"form: winograd\noutputs: [{', '.join(map(str, range(1, 14)))}]\ntaps: 3",
        1,
        "outputs and points make 13 algorithms",
    ),
    (
        "several-matrices",
        "form: winograd\noutputs: [2, 4]\ntaps: 3\nshow: [matrices]",
        3,
        (
            "show has the part matrices, which is of one algorithm: give one size for outputs, or "
            "show only counts, cost, rounding, proof"
        ),
    ),
    (
        "points",
        "form: winograd\noutputs: 2\ntaps: 3\npoints: [0, 1]",
        3,
        "points has 2 entries: F(2, 3) takes m + r − 2 = 3 of them",
    ),
    (
        "one-point-twice",
        "form: winograd\noutputs: 2\ntaps: 2\npoints: [1, 1]",
        3,
        "points has 1 twice, as entries 0 and 1: give distinct ones",
    ),
    (
        "no-point",
        "form: winograd\noutputs: 2\ntaps: 2\npoints: [a, 1]",
        3,
        "points[0]=a is not a rational number: ",
    ),
    (
        "tile",
        "form: winograd\noutputs: 2\ntaps: 3\ninput: [1, 2, 3]",
        3,
        "input has shape (3,): give an array of shape (4,)",
    ),
    (
        "weights",
        "form: winograd\noutputs: 2\ntaps: 3\nkernel: [1, 2]",
        3,
        "kernel has shape (2,): give an array of shape (3,)",
    ),
    (
        "kernel-size",
        "form: winograd\noutputs: 2\ntaps: 3\nkernel: 3",
        3,
        "kernel is a size, which taps says: write its numbers, or leave it out",
    ),
    (
        "layer-of-no-use",
        "form: winograd\noutputs: 2\ntaps: 3\ninput: 9",
        3,
        "input is the size of a layer, for the part cost: give the cells of one tile",
    ),
    (
        "channels-of-no-use",
        "form: winograd\noutputs: 2\ntaps: 3\nchannels: 2",
        3,
        "channels is of a layer: write the size of its input as well, for the part cost",
    ),
    (
        "batch-of-no-use",
        "form: winograd\noutputs: 2\ntaps: 3\nbatch: 2",
        3,
        "batch is of a layer: write the size of its input",
    ),
    (
        "cost-of-another-rank",
        "form: winograd\noutputs: 2\ntaps: 3\ninput: 9x9\nshow: [cost]",
        3,
        "input=9x9 has 2 axes for tiles of 1: write as many",
    ),
    (
        "tile-of-no-use",
        "form: winograd\noutputs: 2\ntaps: 3\ninput: [1, 2, 3, 4]\nshow: [proof]",
        3,
        "input has the cells of one tile, for the part steps: leave it out, or show the steps",
    ),
    (
        "weights-of-no-use",
        "form: winograd\noutputs: 2\ntaps: 3\nkernel: [1, 2, 3]\nshow: [proof]",
        3,
        "kernel has the cells of one tile, for the part steps: ",
    ),
    (
        "length",
        "form: fourier\nlength: 65",
        1,
        "length=65 is not written out here: write 1 to 64 cells",
    ),
    (
        "length-0",
        "form: fourier\nlength: 0",
        1,
        "length=0 is not written out here: write 1 to 64 cells",
    ),
    (
        "length-list",
        "form: fourier\nlength: [3]",
        1,
        "length=['3'] is not a size: write one such as 4, or 3x4",
    ),
    (
        "long-kernel",
        "form: fourier\nlength: 2\nkernel: [1, 2, 3]",
        2,
        "kernel has shape (3,) and the transform has (2,): give a kernel of as many axes ",
    ),
    (
        "size-of-a-kernel",
        "form: fourier\nlength: 2\nkernel: 3",
        2,
        "kernel='3' is a size: write its cells as a list, or leave it out",
    ),
    (
        "cost-of-nothing",
        "form: fourier\nshow: [cost]",
        None,
        "input is missing or no size: write “input: 3x3” for a layer whose cost is counted",
    ),
    (
        "cost-of-numbers",
        "form: fourier\ninput: [1, 2]\nkernel: 1\nshow: [cost]",
        1,
        "input is missing or no size: ",
    ),
    (
        "cost-of-no-cells",
        "form: fourier\ninput: 0\nkernel: 1\nshow: [cost]",
        1,
        "input=0 has no cells: write a size of at least 1x1",
    ),
    (
        "cost-of-axes",
        "form: fourier\ninput: 9\nkernel: 3x3\nshow: [cost]",
        2,
        "kernel=3x3 has 2 axes for an input of 1: write as many",
    ),
    (
        "cost-of-large-kernels",
        "form: fourier\ninput: 3x3\nkernel: 5\nshow: [cost]",
        2,
        "kernel=5 on axis 0 is larger than the padded input",
    ),
    (
        "uncounted-layer",
        "form: fourier\ninput: 9x9\nkernel: 3",
        1,
        "input is the size of a layer, for the part cost: leave it out, or show the cost",
    ),
    (
        "uncounted-taps",
        "form: fourier\ntaps: [3]",
        1,
        "taps is for the part crossover: leave it out, or show the crossover",
    ),
    (
        "uncounted-batch",
        "form: fourier\nbatch: 3",
        1,
        "batch is for the parts cost and crossover: leave it out, or show one of them",
    ),
    (
        "strided-crossing",
        "form: fourier\nstride: 3\nshow: [crossover]",
        1,
        "stride is for the parts cost and crossover: ",
    ),
    (
        "many-taps",
        f"form: fourier\ntaps: [{', '.join(['3'] * 25)}]\nshow: [crossover]",
        1,
        "taps lists 25 sizes: write 1 to 24 of them",
    ),
    (
        "vast-taps",
        "form: fourier\ntaps: [10000000]\nshow: [crossover]",
        1,
        "taps=10000000 is no size of a kernel: write one of 1 to 1,000,000",
    ),
    (
        "nested-taps",
        "form: fourier\ntaps: [[3]]\nshow: [crossover]",
        1,
        "taps=['3'] is not a size: write one such as 4, or 3x4",
    ),
    (
        "no-channels",
        "form: fourier\nchannels: 0\nshow: [crossover]",
        1,
        "channels=0 is not a number of channels: write one of at least 1",
    ),
    (
        "layout",
        "form: layouts\nlayout: torhc",
        1,
        "layout='torhc' is unknown: did you mean torch?",
    ),
    (
        "other",
        "form: layouts\nother: numpy",
        1,
        "other='numpy' is unknown: use any of torch, tensorflow, ",
    ),
    (
        "other-of-all",
        "form: layouts\nlayout: all\nother: jax\nshow: [table]",
        1,
        "layout=all is shown as a table or proof only: name a layout and an other one",
    ),
    (
        "matrix-of-all",
        "form: layouts\nlayout: all\nshow: [matrix]",
        1,
        "layout=all is shown as a table or proof only: ",
    ),
    (
        "table-of-one",
        "form: layouts\nshow: [table]",
        1,
        "show has the part table only for “layout: all”",
    ),
    (
        "no-input",
        "form: polyphase\nkernel: 2",
        None,
        "input is missing: write “input: 3x3” for letters, or its rows of numbers",
    ),
    (
        "no-kernel",
        "form: polyphase\ninput: 3\nshow: [cost]",
        None,
        "kernel is missing: write “kernel: 3x3” for letters",
    ),
    (
        "impossible",
        "form: sublattices\ninput: 3\nkernel: 3\ndilation: 2",
        2,
        "kernel=3 (spread over 5 cells by dilation=2) on axis 0 is larger than the padded input",
    ),
    (
        "pieces",
        "form: polyphase\ninput: 90x90\nkernel: 20\nstride: 20\nshow: [cost]",
        None,
        (
            "the layer falls into 400 pieces, and a page shows at most 256: write a smaller kernel, "
            "stride or dilation"
        ),
    ),
    (
        "drawn",
        "form: polyphase\ninput: 56x56\nkernel: 3\nchannels: 64\nstride: 2\nshow: [sum]",
        3,
        (
            "channels=64 makes an input of 200,704 cells, and a page shows at most 65,536: write "
            "fewer channels"
        ),
    ),
    (
        "vast",
        "form: sublattices\ninput: 3000x3000\nkernel: 3\ndilation: 2\nshow: [cost]",
        1,
        "input: 9,000,000 cells are more than a page can hold, at most 4,000,000: ",
    ),
    (
        "large-output",
        "form: polyphase\ninput: 200x300\nkernel: 2\npadding: 20",
        None,
        "output: 81,021 cells are more than a page can hold, at most 65,536: choose a smaller input, ",
    ),
    (
        "multiplier",
        "form: separable\ninput: 5\nkernel: 2\nmultiplier: 0",
        3,
        "multiplier=0 makes no channels: write at least 1",
    ),
    (
        "vast-multiplier",
        "form: separable\ninput: 99x99\nkernel: 3\nmultiplier: 99",
        1,
        (
            "input, kernel, multiplier and groups make a proof of 8,383,419 products, more than the "
            "4,000,000 of a page: write smaller ones"
        ),
    ),
    (
        "taps-of-pointwise",
        "form: pointwise\ninput: 5\nkernel: 2",
        2,
        "kernel=(2,) has more than one tap: give a layer of kernel=1",
    ),
    (
        "choose",
        "form: fourier\nchoose: {w: [1]}",
        1,
        "choose cannot offer 'w': use any of length, taps, input, ",
    ),
    (
        "chosen",
        "form: fourier\nchoose: {length: [3, 99]}",
        1,
        "choose offers length 99, but length=99 is not written out here",
    ),
    (
        "both",
        "form: fourier\ntheorem: flip",
        1,
        "'theorem' is no key of a symconv block: ",
    ),
    (
        "toeplitz-no-kernel",
        "form: toeplitz\ninput: 3x3",
        None,
        "kernel is missing: write “kernel: 3x3” for letters, or its rows of numbers",
    ),
    (
        "toeplitz-too-large",
        "form: toeplitz\ninput: 300x300\nkernel: 3x3\nkernels: 64\nchannels: 64\nshow: [cost]",
        1,
        "input: 5,760,000 cells are more than a page can hold, at most 4,000,000",
    ),
    (
        "dy-size",
        "form: gradients\ninput: 3x3\nkernel: 2x2\ndy: 2x2",
        3,
        "dy is neither a size nor rows of numbers: write 3x3, or [[1, 2], [3, 4]]",
    ),
    (
        "dy-shape",
        "form: gradients\ninput: [[1, 2, 3]]\nkernel: [[1, 2]]\ndy: [[1]]",
        3,
        "dy has shape (1, 1): give an array of shape (1, 2)",
    ),
    (
        "cell-outside",
        "form: gradients\ninput: 3x3\nkernel: 2x2\ncell: [7, 7]\nshow: [input_sum]",
        3,
        "cell=[7, 7] is not a cell of the input: give an index from (0, 0) to (2, 2)",
    ),
    (
        "cell-unused",
        "form: gradients\ninput: 3x3\nkernel: 2x2\ncell: [1, 1]\nshow: [proof]",
        3,
        "cell says of what a sum is: show weight_sum or input_sum, or leave cell out",
    ),
    (
        "transposed-no-input",
        "form: transposed\nkernel: 2x2",
        None,
        "input is missing: write “input: 2x2” for letters, or its rows of numbers",
    ),
    (
        "transposed-axes",
        "form: transposed\ninput: 2x2\nkernel: 2",
        2,
        "kernel has 1 axes for an input of 2: write as many",
    ),
    (
        "transposed-channels",
        "form: transposed\ninput: [[[1]]]\nkernel: [[1]]",
        1,
        "input has 3 axes: give a row or rows, of one channel",
    ),
    (
        "transposed-channels-drawn",
        "form: transposed\ninput: 2x2\nkernel: 2x2\nchannels: 2\nshow: [stamps, cost]",
        3,
        "channels is for a layer that is counted and not drawn: show cost or proof, with sizes for input and "
        "kernel, or leave channels out",
    ),
    (
        "transposed-channels-of-numbers",
        "form: transposed\ninput: [[1, 2]]\nkernel: 1x2\nkernels: 2\nshow: [cost]",
        3,
        "kernels is for a layer that is counted and not drawn: show cost or proof, with sizes for input and ",
    ),
    (
        "transposed-listed-kernels",
        "form: transposed\ninput: 1x2\nkernel: 1x2\nkernels: [[[1]]]\nshow: [cost]",
        3,
        "kernels is for a layer that is counted and not drawn: show cost or proof, with sizes for input and ",
    ),
    (
        "transposed-counted-axes",
        "form: transposed\ninput: 28x28\nkernel: 4\nchannels: 2\nshow: [cost]",
        1,
        "input=28x28 and kernel=4 are no sizes of as many axes: write both, such as 28x28 and 4x4",
    ),
    (
        "transposed-groups-of-outputs",
        "form: transposed\ninput: 8x8\nkernel: 2x2\nchannels: 4\nkernels: 3\ngroups: 2\nshow: [proof]",
        4,
        "kernels=3 does not divide into groups=2: make it a multiple of groups",
    ),
    (
        "transposed-groups-of-channels",
        "form: transposed\ninput: 8x8\nkernel: 2x2\nchannels: 3\nkernels: 4\ngroups: 2\nshow: [proof]",
        3,
        "channels=3 does not divide into groups=2: make it a multiple of groups",
    ),
    (
        "transposed-counted-padding",
        "form: transposed\ninput: 8\nkernel: 2\nchannels: 2\ndilation: 2\noutput_padding: 1\nshow: [cost]",
        5,
        "output_padding=1 reaches the stride: for a layer that is counted, write less than the stride",
    ),
    (
        "transposed-stretched-too-large",
        "form: transposed\ninput: 40x40\nkernel: 4x4\nchannels: 64\nkernels: 8\nstride: 2\nshow: [cost]",
        None,
        "patch matrix: 6,885,376 entries are more than a page can hold, at most 4,000,000: ",
    ),
    (
        "transposed-counted-too-large",
        "form: transposed\ninput: 112x112\nkernel: 4x4\nchannels: 64\nkernels: 64\nstride: 2\nshow: [cost]",
        None,
        "patch matrix: 12,845,056 entries are more than a page can hold, at most 4,000,000: ",
    ),
    (
        "output-padding",
        "form: transposed\ninput: 2x2\nkernel: 2x2\noutput_padding: 1",
        3,
        "output_padding=1 on axis 0 is too large: give less than the larger of stride=1 and dilation=1",
    ),
    (
        "transposed-too-large",
        "form: transposed\ninput: 200x200\nkernel: 9x9",
        1,
        "input=200×200 makes a matrix of 1,730,560,000 entries, and a page shows at most 250,000: write ",
    ),
]


@pytest.mark.parametrize(
    ("text", "line", "message"), [pytest.param(*row, id=name) for name, *row in REFUSALS]
)
def test_a_bad_block_gets_one_sentence_and_its_line(text, line, message):
    with pytest.raises(sc.BlockError) as caught:
        render(read_block(text))
    assert str(caught.value).startswith(message)
    assert getattr(caught.value, "line", None) == line

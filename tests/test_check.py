"""``check``: how a person's function is called, where it is tried, and what is said of it."""

# ruff: noqa: RUF059 (people write so)

import re
from functools import partial, wraps

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import symconv as sc
import symconv.tracing.compare
from symconv.checking.adapters import ADAPTERS
from symconv.checking.calling import calling
from symconv.checking.cases import cases
from symconv.proof.verdict import Tier
from symconv.show.latex import latex


def conv(x, w, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1), groups=1):
    """A right one, on which most of the others stand."""
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    extent = [d * (k - 1) + 1 for d, k in zip(dilation, w.shape[2:], strict=True)]
    seen = sliding_window_view(x, extent, axis=(2, 3))
    seen = seen[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
    seen = seen.reshape(x.shape[0], groups, -1, *seen.shape[2:])
    w = w.reshape(groups, -1, *w.shape[1:])
    y = np.einsum("ngchwab,gfcab->ngfhw", seen, w)
    return y.reshape(x.shape[0], -1, *y.shape[3:])


def two(value):
    return value if isinstance(value, tuple) else (value, value)


def pairs(value):
    return tuple(map(two, two(value)))


# Right ones, in every way that people write them: (what, tier, hyper-parameters that were varied).


def plain(x, w):
    return conv(x, w)


def of_ints(x, w, s=1, p=0):
    if not isinstance(s, int) or not isinstance(p, int):
        raise TypeError("give numbers")
    return conv(x, w, (s, s), ((p, p), (p, p)))


def of_tuples(x, w, stride=(1, 1), padding=((0, 0), (0, 0))):
    (top, bottom), (left, right) = padding
    first, second = stride
    return conv(x, w, (first, second), ((top, bottom), (left, right)))


def of_tuples_without_defaults(x, w, strides, pads):
    high, wide = pads
    return conv(x, w, (strides[0], strides[1]), ((high, high), (wide, wide)))


def of_an_int_and_pairs(x, w, step=1, padding=((0, 0), (0, 0))):
    (top, bottom), (left, right) = padding
    if not isinstance(step, int):
        raise TypeError("give a number")
    return conv(x, w, (step, step), ((top, bottom), (left, right)))


def of_words(x, w, strides=1, padding="valid"):
    assert padding in ("valid", "same")
    high, wide = (k // 2 if padding == "same" else 0 for k in w.shape[2:])
    return conv(x, w, two(strides), ((high, high), (wide, wide)))


def of_capitals(x, w, padding="VALID"):
    assert padding in ("VALID", "SAME")
    return of_words(x, w, padding=padding.lower())


def keyword_only(x, w, *, pad=0, dilation_rate=1, group=1):
    return conv(x, w, (1, 1), pairs(pad), two(dilation_rate), group)


def kernel_first(kernel, image):
    return conv(image, kernel)


def needs_a_bias(x, w, b, zero_padding, step):
    return conv(x, w, two(step), pairs(zero_padding)) + b.reshape(1, -1, 1, 1)


def of_a_course(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    assert (x.shape[2] + 2 * p - w.shape[2]) % s == 0, "height does not work"
    assert (x.shape[3] + 2 * p - w.shape[3]) % s == 0, "width does not work"
    return of_ints(x, w, s, p) + b[None, :, None, None], (x, w, b, conv_param)


def lists(x, w):
    return conv(x, w).tolist()


def overwrites(x, w):
    y = conv(x, w)
    x[...] = 0
    return y


def asks_about_arrays(x, w):
    assert x.dtype == np.float64
    assert x.flags.c_contiguous
    return conv(x, w).astype(x.dtype)


def one_image(image, kernel):
    high, wide = kernel.shape
    rows, columns = image.shape[0] - high + 1, image.shape[1] - wide + 1
    return [[np.sum(image[i : i + high, j : j + wide] * kernel) for j in range(columns)] for i in range(rows)]


def one_sample(x, w):
    channels, height, width = x.shape
    return conv(x.reshape(1, channels, height, width), w)[0]


def one_sample_that_takes_more(x, w):
    """Whatever has more axes in front is added up, too: only the rank of the output tells."""
    high, wide = w.shape[-2:]
    out = np.zeros((len(w), x.shape[-2] - high + 1, x.shape[-1] - wide + 1))
    for f, i, j in np.ndindex(out.shape):
        out[f, i, j] = np.sum(x[..., i : i + high, j : j + wide] * w[f])
    return out


def one_signal(x, w):
    return [np.dot(x[i : i + len(w)], w) for i in range(len(x) - len(w) + 1)]


def signals(x, w, stride=1):
    samples, channels, length = x.shape
    seen = sliding_window_view(x, w.shape[2], axis=2)[:, :, ::stride]
    return np.einsum("ncla,fca->nfl", seen, w)


def volumes(x, w):
    samples, channels, depth, height, width = x.shape
    return np.einsum("ncdhwabe,fcabe->nfdhw", sliding_window_view(x, w.shape[2:], axis=(2, 3, 4)), w)


def channels_last(x, w):
    return np.moveaxis(conv(np.moveaxis(x, -1, 1), w.transpose(3, 2, 0, 1)), 1, -1)


def by_fourier(x, w):
    size = x.shape[2:]
    products = np.einsum("nchw,fchw->nfhw", np.fft.rfft2(x, size), np.conj(np.fft.rfft2(w, size)))
    rows, columns = (n - k + 1 for n, k in zip(size, w.shape[2:], strict=True))
    return np.fft.irfft2(products, size)[:, :, :rows, :columns]


def in_single_precision(x, w):
    return conv(x.astype(np.float32), w.astype(np.float32))


def correlate(image, kernel):
    from scipy.signal import correlate2d

    return correlate2d(image, kernel, mode="valid")


@wraps(of_ints)
def wrapped(*arguments, **keywords):
    return of_ints(*arguments, **keywords)


class Convolution:
    """As a well-known book makes one."""

    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        return of_ints(x, self.W, self.stride, self.pad) + self.b.reshape(1, -1, 1, 1)


class Conv2d:
    """As torch makes one."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, groups=1, bias=True):
        self.weight = np.full((out_channels, in_channels // groups, *kernel_size), 7.0)
        self.bias = np.full(out_channels, 7.0)
        self.hyper = two(stride), pairs(padding), (1, 1), groups
        self.channels = in_channels

    def __call__(self, x):
        assert x.shape[1] == self.channels
        return conv(x, self.weight, *self.hyper) + self.bias.reshape(1, -1, 1, 1)


class Method:
    def __call__(self, x, w):
        return conv(x, w)

    def bound(self, x, w, stride=1):
        return conv(x, w, two(stride))


def last_axis(fn, x, w, stride=1):
    return np.moveaxis(fn(np.moveaxis(x, 1, -1), w.transpose(2, 3, 1, 0)), -1, 1)[:, :, ::stride, ::stride]


EVERY = {"stride", "padding", "dilation", "groups"}
RIGHT = [
    (plain, Tier.EXACT, set()),
    (conv, Tier.EXACT, EVERY),
    (of_ints, Tier.EXACT, {"stride", "padding"}),
    (of_tuples, Tier.EXACT, {"stride", "padding"}),
    (of_tuples_without_defaults, Tier.EXACT, {"stride", "padding"}),
    (of_an_int_and_pairs, Tier.EXACT, {"stride", "padding"}),
    (of_words, Tier.EXACT, {"stride", "padding"}),
    (of_capitals, Tier.EXACT, {"padding"}),
    (keyword_only, Tier.EXACT, {"padding", "dilation", "groups"}),
    (kernel_first, Tier.EXACT, set()),
    (needs_a_bias, Tier.EXACT, {"stride", "padding"}),
    (of_a_course, Tier.EXACT, {"stride", "padding"}),
    ((of_a_course, "cs231n"), Tier.EXACT, {"stride", "padding"}),
    (lists, Tier.EXACT, set()),
    (overwrites, Tier.EXACT, set()),
    (asks_about_arrays, Tier.EXACT, set()),
    (one_image, Tier.EXACT, set()),
    ((one_image, "one-channel"), Tier.EXACT, set()),
    (one_sample, Tier.EXACT, set()),
    ((one_sample, "one-sample"), Tier.EXACT, set()),
    (one_sample_that_takes_more, Tier.EXACT, set()),
    (one_signal, Tier.EXACT, set()),
    (signals, Tier.EXACT, {"stride"}),
    (volumes, Tier.EXACT, set()),
    ((channels_last, "channels-last"), Tier.EXACT, set()),
    ((channels_last, last_axis), Tier.EXACT, {"stride"}),
    (by_fourier, Tier.SAMPLED, set()),
    (in_single_precision, Tier.SAMPLED, set()),
    (correlate, Tier.SAMPLED, set()),
    (wrapped, Tier.EXACT, {"stride", "padding"}),
    (Convolution, Tier.EXACT, {"stride", "padding"}),
    (Conv2d, Tier.EXACT, {"stride", "padding", "groups"}),
    (Method(), Tier.EXACT, set()),
    (Method().bound, Tier.EXACT, {"stride"}),
    (partial(conv, groups=1), Tier.EXACT, EVERY),
    (partial(of_ints, s=2), Tier.EXACT, {"stride", "padding"}),
    (sc.evaluate, Tier.SAMPLED, EVERY),
    (lambda x, w: np.stack([conv(sample[None], w)[0] for sample in x]), Tier.EXACT, set()),
]


def id_of(subject):
    return (
        "-with-".join(map(id_of, subject))
        if isinstance(subject, tuple)
        else getattr(subject, "__name__", str(subject)[:20])
    )


def varied(verdict):
    """The hyper-parameters that are not as usual at one of the layers."""
    found = set()
    for g in verdict.geometries:
        usual = sc.Geometry(g.input_size, g.kernel_size)
        found |= {name for name in EVERY if getattr(g, name) != getattr(usual, name)}
    return found


def test_the_ten_lines_that_a_student_types():
    def mine(x, w):
        N, C, H, W = x.shape
        F, C, KH, KW = w.shape
        y = np.zeros((N, F, H - KH + 1, W - KW + 1))
        for i in range(H - KH + 1):
            for j in range(W - KW + 1):
                patch = x[:, :, i : i + KH, j : j + KW]
                y[:, :, i, j] = np.tensordot(patch, w, axes=((1, 2, 3), (1, 2, 3)))
        return y

    verdict = sc.check(mine)
    assert verdict
    assert verdict.tier is Tier.EXACT
    assert len(repr(verdict).splitlines()) == 2


@pytest.mark.parametrize(("subject", "tier", "keywords"), RIGHT, ids=[id_of(s) for s, *_ in RIGHT])
def test_right_ones_are_called_right_and_every_keyword_is_varied(subject, tier, keywords):
    verdict = sc.check(subject, seed=5)
    assert verdict.holds is True, verdict
    assert verdict.tier is tier
    assert varied(verdict) == keywords
    assert verdict.counterexample is verdict.diagnosis is None


# Wrong ones, most of them only at some layers: (what, the smallest failing layer, its mistake).


def rotated(x, w):
    return conv(x, w[:, :, ::-1, ::-1])


def square_outputs(x, w):
    y = conv(x, w)
    return y[..., : y.shape[2]]


def square_kernels(x, w):
    return conv(x, w if w.shape[2] == w.shape[3] else w[..., ::-1])


def wide_kernels(x, w):
    return conv(x, w if w.shape[2] <= w.shape[3] else w[:, :, ::-1])


def wide_inputs(x, w):
    y = conv(x, w)
    return y if x.shape[2] <= x.shape[3] else y[:, :, ::-1]


def first_sample(x, w):
    return np.repeat(conv(x[:1], w), len(x), axis=0)


def as_many_filters_as_channels(x, w):
    least = min(x.shape[1], w.shape[0])
    return conv(x[:, :least], w[:, :least])


def few_filters(x, w):
    return conv(x[:, : w.shape[0]], w[:, : w.shape[0]])


def one_stride(x, w, stride=1):
    first, _ = two(stride)
    return conv(x, w, (first, first))


def strided_samples(x, w, stride=1):
    y = conv(x, w, two(stride))
    return y[::-1] if two(stride) != (1, 1) else y


def padded_channels(x, w, s=1, p=0):
    y = of_ints(x, w, s, p)
    return y[:, ::-1] if p else y


def dilated_samples(x, w, d=1):
    y = conv(x, w, dilation=two(d))
    return y[::-1] if two(d) != (1, 1) else y


def padded_before_only(x, w, padding=0):
    return conv(x, w, padding=tuple((before, before) for before, _ in pairs(padding)))


def no_groups(x, w, groups=1):
    return conv(x, np.concatenate([w] * groups, axis=1))


def same_only_in_height(x, w, padding="valid"):
    high = w.shape[2] // 2 if padding == "same" else 0
    return conv(x, w, padding=((high, high), (0, 0)))


def makes_integers(x, w):
    out = np.zeros(conv(x, w).shape, dtype=int)
    out[...] = conv(x, w)
    return out


def makes_integers_of_the_image(x, w):
    return conv(x.astype(int), w)


def makes_integers_of_the_kernels(x, w):
    return conv(x, w.astype(int))


def knows_whole_numbers(x, w):
    return conv(x, w) * (1 if np.allclose(x, np.round(x)) else 1.001)


def by_fourier_unflipped(x, w):
    return by_fourier(x, w[:, :, ::-1, ::-1])


def by_fourier_reshaped(x, w):
    y = by_fourier(x, w)
    return y.reshape(*y.shape[:2], y.shape[3], y.shape[2])


def clipped(x, w):
    return np.clip(conv(x, w), -1e4, 1e4)


def only_where_small(x, w):
    return conv(x, w) * (2 if abs(x).max() > 50 else 1)


def a_little_more(x, w):
    return conv(x, w) + 1e-12


def random(x, w):
    return conv(x, w) + np.random.rand()


def not_numbers(x, w):
    return conv(x, w) * np.nan


def stumbles(x, w):
    return conv(x, w) if len(x) == 1 else np.zeros(3)[len(x) + 2]


def stumbles_at_a_stride(x, w, s=1):
    last = np.zeros(1)[(x.shape[2] - w.shape[2]) % s]
    return of_ints(x, w, s) + last


def lets_numpy_refuse(x, w, s=1):
    sliding_window_view(np.zeros(1), (x.shape[2] - w.shape[2]) % s + 1)
    return of_ints(x, w, s)


def rounds_to_cents(x, w):
    return np.round(conv(x, w), 2)


def refuses_a_batch(x, w):
    assert len(x) == 1, "one at a time"
    return conv(x, w)


def refuses_every_stride(x, w, stride=1):
    if stride != 1:
        raise NotImplementedError
    return conv(x, w)


def transposed_image(image, kernel):
    return np.array(one_image(image, kernel)).T


G = sc.Geometry
MANY = {"in_channels": 2, "out_channels": 3, "batch": 2}
WRONG = [
    (rotated, G((3, 3), 2), "kernel rotated by 180°"),
    (square_outputs, G((3, 4), 2), "output size of the height used on every axis"),
    (square_kernels, G((4, 5), (2, 3)), "kernel flipped along the width"),
    (wide_kernels, G((5, 4), (3, 2)), "kernel flipped along the height"),
    (wide_inputs, G((5, 4), (3, 2)), None),
    (first_sample, G((3, 4), (2, 3), **MANY), "first sample used for all"),
    (as_many_filters_as_channels, G((4, 5), (2, 3), 2), "only the first channel used"),
    (few_filters, G((4, 5), (2, 3), 2), "only the first channel used"),
    (one_stride, G((6, 8), (2, 3), stride=(2, 3)), "stride of the height used on every axis"),
    (strided_samples, G((4, 5), (2, 3), stride=2, **MANY), None),
    (padded_channels, G((5, 4), (3, 2), stride=2, padding=1, **MANY), None),
    (dilated_samples, G((5, 4), (3, 2), dilation=2, **MANY), None),
    (padded_before_only, G((3, 4), (2, 3), padding=((1, 0), (0, 2))), "padding before used on both sides"),
    (no_groups, G((3, 4), (2, 3), 4, 4, groups=2), None),
    (same_only_in_height, G((4, 6), (3, 5), padding="same"), None),
    (makes_integers, G((3, 3), 2), None),
    (by_fourier_unflipped, G((3, 3), 2), "kernel rotated by 180°"),
    (by_fourier_reshaped, G((3, 4), 2), "output reshaped to width by height"),
    (clipped, G((3, 3), 2), None),
    (only_where_small, G((3, 3), 2), None),
    (a_little_more, G((3, 3), 2), None),
    (random, G((3, 3), 2), None),
    (not_numbers, G((3, 3), 2), None),
    (stumbles, G((3, 4), (2, 3), **MANY), None),
    (stumbles_at_a_stride, G((5, 6), (2, 3), stride=2), None),
    (lets_numpy_refuse, G((5, 6), (2, 3), stride=2), None),
    (rounds_to_cents, G((3, 3), 2), None),
    (refuses_a_batch, G((3, 4), (2, 3), **MANY), None),
    (refuses_every_stride, G((5, 6), (2, 3), stride=2), None),
    (transposed_image, G((3, 3), 2), None),
]


@pytest.mark.parametrize(("subject", "layer", "mistake"), WRONG, ids=[id_of(s) for s, *_ in WRONG])
def test_wrong_ones_are_called_wrong_at_the_smallest_layer(subject, layer, mistake):
    verdict = sc.check(subject, seed=5)
    assert verdict.holds is False, verdict
    assert verdict.geometries[-1] == layer
    if mistake is not None:
        assert verdict.diagnosis.name == mistake


def test_the_layers_before_the_failing_one_are_smaller():
    sizes = [g.products for g in sc.check(padded_channels).geometries]
    assert len(sizes) > 5
    assert sizes == sorted(sizes)


# What cannot be told: (what, the sentence).


def two_outputs(x, w):
    return conv(x, w), x


def nothing(x, w):
    conv(x, w)


def recursive(x, w):
    return recursive(x, w)


def leaves(x, w):
    raise SystemExit(3)


GIVEN = "it was given x of shape (1, 1, 3, 3) and w of shape (1, 1, 2, 2)"
HINT = (
    ". If it takes its arrays in other shapes, give (fn, adapter), such as (fn, 'channels-last') "
    "or a function of your own, called as adapter(fn, x, w)"
)
UNTOLD = [
    (two_outputs, f"it returned a tuple of 2 things: let it return its output only; {GIVEN}"),
    (nothing, f"it returned None: let it return its output; {GIVEN}"),
    (lambda x, w: "four", f"it returned a str, which is no array of numbers; {GIVEN}"),
    (lambda x, w: [[1], [2, 3]], f"it returned a list, which is no array of numbers; {GIVEN}"),
    (lambda x, w: 1j * x, f"it returned complex numbers: let it return their real part; {GIVEN}"),
    (leaves, f"it raised SystemExit: 3; {GIVEN}{HINT}"),
    (recursive, f"it raised RecursionError: maximum recursion depth exceeded; {GIVEN}{HINT}"),
]


@pytest.mark.parametrize(("subject", "said"), UNTOLD, ids=[said[:30] for _, said in UNTOLD])
def test_what_cannot_be_told_says_why(subject, said):
    verdict = sc.check(subject)
    assert verdict.holds is verdict.tier is None
    assert not verdict
    assert verdict.geometries == ()
    assert verdict.why == f"No layer could be computed: {said}."


# The verdicts, word for word.


def test_a_proof_in_words():
    assert repr(sc.check(of_ints)) == (
        "Proved (tier: exact). of_ints is the convolution, for all values, at each of 18 layers.\n"
        "The largest: a 3×4 input with a 2×3 kernel, 2 channels, 3 filters, 2 samples, padding 1. "
        "It was run on letters in place of numbers. It takes no dilation or groups. "
        "It takes no stride for each axis, padding for each axis or padding for each side "
        "(it raised TypeError: give numbers)."
    )


def test_a_sample_in_words():
    assert repr(sc.check(by_fourier, seed=1)).startswith(
        "Nothing wrong found (tier: sampled). by_fourier agrees with the convolution at each of 12 layers.\n"
        "The largest: a 6×9 input with a 2×3 kernel, 4 channels, 4 filters, 2 samples. "
        "It could not be run on letters: np.fft.rfft2 cannot be followed (line "
    )
    assert sc.check(by_fourier, seed=1).why.endswith(
        "Run on numbers, it agrees but for rounding with the loop formula on 3 pairs of random arrays of "
        "numbers, and on the assumption that it is bilinear it multiplies what it should. "
        "It takes no stride, padding, dilation or groups."
    )


def test_a_certificate_in_words(monkeypatch):
    def in_two_halves(x, w):
        return conv(x[:, :1], w[:, :1]) + conv(x[:, 1:], w[:, 1:])

    monkeypatch.setattr(symconv.tracing.compare, "MOST_TERMS", 20)
    verdict = sc.check(in_two_halves, sc.Geometry((4, 5), 3, 2, 2))
    assert verdict.tier is Tier.CERTIFICATE
    assert 0 < verdict.bound < 1e-20
    assert re.fullmatch(
        r"Certified \(tier: certificate\). in_two_halves is the convolution at 1 layer; "
        r"a wrong function would pass with probability below \de-\d+\.\n"
        r"The layer: a 4×5 input with a 3×3 kernel, 2 channels, 2 filters\. "
        r"It was run on letters in place of numbers, and as it adds up too many products to write out, "
        r"evaluated: equal at 2 random points modulo 2\^64\..*",
        repr(verdict),
    )


def test_a_mistake_in_words():
    lines = repr(sc.check(rotated)).splitlines()
    assert lines[0] == "Wrong (tier: exact). rotated is not the convolution of a 3×3 input with a 2×2 kernel."
    assert re.fullmatch(r"first wrong cell: output\[0, 0, 0, 0\] \(line \d+\)", lines[1])
    assert lines[4] == "kernel rotated by 180°"
    assert lines[5].startswith("  Your kernel is rotated by 180°")
    assert "No known mistake" not in repr(sc.check(rotated))


def test_a_wrong_cell_has_the_indices_of_the_arrays_that_were_given():
    verdict = sc.check(transposed_image, sc.Geometry((3, 3), 2))
    assert verdict.counterexample.cell == (0, 1)
    assert {str(s) for s in verdict.counterexample.definition.free_symbols} == {
        *(f"w_{{{i},{j}}}" for i in (0, 1) for j in (0, 1)),
        *(f"x_{{{i},{j}}}" for i in (0, 1) for j in (1, 2)),
    }
    assert sc.check(lambda image, kernel: np.array(one_image(image, kernel))[1:]).why == (
        "No known mistake explains this. The output has shape (1, 2) and should have (2, 2)."
    )
    one = sc.check(
        lambda x, w: np.einsum("chwab,fcab->fhw", sliding_window_view(x, w.shape[2:], (1, 2)), w) * 3
    )
    assert one.counterexample.cell == (0, 0, 0)
    assert "3*w_{0,0,0,0}*x_{0,0,0}" in str(one.counterexample.function)


def test_the_sums_of_a_black_box_are_read_too():
    wrong = sc.check(by_fourier_unflipped, seed=2).counterexample
    assert str(wrong.function).startswith("w_{0,0,0,0}*x_{0,0,1,1} + ")
    assert wrong.only_in_function == wrong.function
    doubled = sc.check(lambda x, w: 2 * by_fourier(x, w), seed=2).counterexample
    assert doubled.only_in_function == doubled.definition
    assert doubled.only_in_definition == 0


WHY = [
    (
        makes_integers,
        "it is right for whole numbers and wrong for fractions: somewhere it makes integers, as by ",
    ),
    (makes_integers_of_the_image, "fractions: somewhere it makes integers, as by dtype=int or astype(int)."),
    (makes_integers_of_the_kernels, "fractions: somewhere it makes integers, as by "),
    (knows_whole_numbers, "it is right for whole numbers and wrong for fractions."),
    (clipped, "Run on numbers, it makes other numbers."),
    (
        stumbles,
        "It raised IndexError: index 4 is out of bounds for axis 0 with size 3; it was given x of shape ",
    ),
    (
        refuses_a_batch,
        "It raised AssertionError: one at a time; it was given x of shape (2, 2, 3, 4) and w of ",
    ),
    (
        refuses_every_stride,
        "It raised NotImplementedError; it was given x of shape (1, 1, 5, 6) and w of shape ",
    ),
    (overwrites, "It changes x, which its caller still has."),
    (
        of_a_course,
        "It refuses 2 layers: it raised AssertionError: height does not work; it was given x of shape "
        "(1, 1, 5, 6) and w of shape (1, 1, 2, 3), stride=2, padding=0.",
    ),
    (
        of_words,
        "Its padding was tried with kernels of odd sizes and stride 1 only, as 'same' is clear there.",
    ),
    (sc.evaluate, "What it also takes was left as it is: padding_mode, method, out."),
    (plain, "It takes no stride, padding, dilation or groups."),
    (signals, "It takes no padding, dilation or groups."),
    (
        lambda x, w, **more: conv(x, w, two(more.get("stride", 1))),
        "It was not given stride, padding, dilation or groups: ask for them, as in check(fn, stride=…).",
    ),
]


@pytest.mark.parametrize(("subject", "said"), WHY, ids=[id_of(s) for s, _ in WHY])
def test_what_is_worth_knowing_is_said(subject, said):
    assert said in sc.check(subject, seed=4).why


def test_what_needs_no_saying_is_not_said():
    assert sc.check(conv).why == "It was run on letters in place of numbers."
    assert "No known mistake" not in sc.check(makes_integers).why
    assert "No known mistake" not in sc.check(stumbles).why


# As HTML, LaTeX and a dictionary.


def test_html_marks_the_terms_that_differ_and_escapes():
    html = sc.check(rotated)._repr_html_()
    assert html.startswith('<div class="symconv-verdict" data-holds="no" data-tier="exact"><p><strong>Wrong ')
    assert html.count("<mark>") == 8
    assert "<strong>kernel rotated by 180°</strong><br>Your kernel is rotated" in html
    mirrored = sc.check(lambda x, w: conv((x + x[..., ::-1]) / 2, w))._repr_html_()
    assert (mirrored.count("<mark>"), mirrored.count("<span>")) == (4, 6)
    halves = sc.check(lambda x, w: (conv(x, w) - conv(x[..., ::-1], w)) / 2, seed=1)._repr_html_()
    assert "</span> − <mark>1/2 <i>w</i>" in halves
    assert "+ −" not in halves
    name = sc.check(lambda x, w: x)._repr_html_()
    assert "&lt;lambda&gt;" in name
    assert "<lambda>" not in name
    assert "<table>" not in sc.check(plain)._repr_html_()


def test_latex_is_two_sums_or_a_sentence():
    two_sums = latex(sc.check(rotated))
    assert two_sums.startswith("\\begin{aligned}\n\\text{your function: } y_{0,0,0,0} &= \\underline{")
    assert two_sums.count("\\underline{") == 8
    assert latex(sc.check(of_ints)) == (
        r"\text{Proved (tier: exact). of\_ints is the convolution, for all values, at each of 18 layers.}"
    )


def test_a_dictionary_holds_it_all():
    said = sc.check(rotated).as_dict()
    assert said["holds"] is False
    assert said["tier"] == "exact"
    assert said["mistakes"] == ["kernel rotated by 180°"]
    assert said["counterexample"]["cell"] == [0, 0, 0, 0]
    assert said["counterexample"]["line"] > 0
    assert said["text"] == repr(sc.check(rotated))
    fine = sc.check(plain).as_dict()
    assert fine["counterexample"] is fine["diagnosis"] is fine["bound"] is None
    assert fine["mistakes"] == []
    assert len(fine["geometries"]) == 12


# What is asked of a function.


def of_same(x, w, padding):
    high, wide = (((k - 1) // 2, k // 2) for k in w.shape[2:])
    return conv(x, w, padding=(high, wide))


def fixed(x, w):
    return conv(x, w, (2, 2), ((1, 1), (1, 1)))


@pytest.mark.parametrize(
    ("subject", "hyper"),
    [
        (fixed, {"stride": 2, "padding": 1}),
        (fixed, {"strides": [2, 2], "pad": (1, 1)}),
        (of_ints, {"stride": 4, "padding": 2}),
        (of_tuples, {"stride": 3}),
        (conv, {"dilation": 7}),
        (conv, {"groups": 2}),
        (of_same, {"padding": "same"}),
        (lambda x, w, **more: conv(x, w, two(more.get("stride", 1))), {"stride": 2}),
    ],
)
def test_a_function_can_be_asked_for_one_layer(subject, hyper):
    verdict = sc.check(subject, **hyper)
    assert verdict, verdict
    assert all(
        len(g.output_size) == 2 and max(g.output_size) > 1
        for g in verdict.geometries
        if g.kernel_size != (3, 1)
    ), "so that a stride shows"


def test_a_stride_that_is_asked_for_and_left_out_is_seen():
    assert sc.check(plain, stride=7).diagnosis.name == "stride ignored"
    assert sc.check(plain, dilation=9).holds is False
    assert sc.check(plain, groups=2).holds is not True


def test_one_geometry():
    layer = sc.Geometry((32, 32), 3, 3, 16, padding=1)
    verdict = sc.check(conv, layer)
    assert verdict.geometries == (layer,)
    assert verdict.headline == "Proved (tier: exact). conv is the convolution, for all values, at 1 layer."
    assert verdict.why == "It was run on letters in place of numbers."
    assert sc.check(rotated, sc.Geometry((7, 8), 3)).diagnosis.name == "kernel rotated by 180°"
    assert sc.check(one_image, sc.Geometry((7, 8), 3))
    assert sc.check(conv, sc.Geometry((5, 6), 3, padding=1, padding_mode="circular")).holds is False


def test_a_seed_repeats_a_verdict():
    assert repr(sc.check(clipped, seed=3)) == repr(sc.check(clipped, seed=3))


REFUSED = [
    (lambda: sc.check(3), sc.RequestError, "3 is nothing that can be checked: give a function of x and w, "),
    (
        lambda: sc.check((conv,)),
        sc.RequestError,
        "is nothing that can be checked: give a function of x and w, ",
    ),
    (lambda: sc.check((3, "cs231n")), sc.RequestError, "3 is nothing that can be checked: give a function"),
    (
        lambda: sc.check((conv, "nhwc")),
        sc.RequestError,
        f"adapter='nhwc' is unknown: use one of {', '.join(ADAPTERS)}",
    ),
    (
        lambda: sc.check((conv, 4)),
        sc.RequestError,
        "adapter=4 cannot be called: give adapter(fn, x, w, **keywords)",
    ),
    (
        lambda: sc.check(lambda x: x),
        sc.RequestError,
        "<lambda> takes 1 positional argument: give a function of x",
    ),
    (
        lambda: sc.check(lambda: 0),
        sc.RequestError,
        "<lambda> takes no positional arguments: give a function of x",
    ),
    (
        lambda: sc.check(lambda x, w, alpha: x),
        sc.RequestError,
        "<lambda> needs the argument alpha, which is not known here: give it a default, or ",
    ),
    (
        lambda: sc.check(dict),
        sc.RequestError,
        "dict has no method forward(x): give it one, or give (fn, adapter)",
    ),
    (
        lambda: sc.check(type("Layer", (), {"__init__": lambda self, size: None, "forward": conv})),
        sc.RequestError,
        "Layer(size) is not made as layers usually are: let it take weights first, or ",
    ),
    (
        lambda: sc.check(conv, kernel=3),
        sc.RequestError,
        "kernel=3 is no hyper-parameter: use stride, padding, ",
    ),
    (
        lambda: sc.check(conv, pad=1, padding=2),
        sc.RequestError,
        "padding=2 says padding a second time: leave one ",
    ),
    (
        lambda: sc.check(conv, 5),
        sc.RequestError,
        "geometry=5 is no Geometry: give Geometry(input_size, kernel_size",
    ),
    (
        lambda: sc.check(conv, G(5, 2), stride=2),
        sc.RequestError,
        "a geometry says everything about the layer: ",
    ),
    (
        lambda: sc.check(conv, G(5, 2, bias=True)),
        sc.RequestError,
        "bias=True is for a layer that adds one: give a ",
    ),
    (
        lambda: sc.check(conv, G(("H", 5), 3)),
        sc.GeometryError,
        "H is a symbol, and a function is tried at sizes: ",
    ),
    (
        lambda: sc.check(conv, stride="s"),
        sc.GeometryError,
        "s is a symbol, and a function is tried at sizes: ",
    ),
    (lambda: sc.check(conv, stride=0), sc.GeometryError, "stride=0 is too small: give an int of at least 1"),
]


@pytest.mark.parametrize(("call", "error", "said"), REFUSED, ids=[said[:25] for *_, said in REFUSED])
def test_what_cannot_be_asked_is_refused_in_a_sentence(call, error, said):
    with pytest.raises(error, match=re.escape(said)):
        call()


# The pieces.


@pytest.mark.parametrize(
    ("ours", "own"),
    [
        ("stride", ("stride", "strides", "step", "s")),
        ("padding", ("padding", "pad", "pads", "zero_padding", "p")),
        ("dilation", ("dilation", "dilations", "dilation_rate", "dilate", "d")),
        ("groups", ("groups", "group", "num_groups", "n_groups")),
    ],
)
def test_synonyms(ours, own):
    for name in own:
        function = eval(f"lambda x, w, {name}=1: x")  # noqa: S307
        assert calling(function).keywords == {ours: name}


@pytest.mark.parametrize(
    ("depth", "padding", "expected"),
    [
        (0, 1, 1),
        (0, (1, 2), (1, 2)),
        (0, ((1, 0), (1, 0)), ((1, 0), (1, 0))),
        (1, 1, (1, 1)),
        (1, ((1, 0), (0, 2)), ((1, 0), (0, 2))),
        (2, 1, ((1, 1), (1, 1))),
    ],
)
def test_how_a_padding_is_spelt(depth, padding, expected):
    def function(x, w, pad): ...

    assert calling(function).spelt(depth).arguments(sc.Geometry((5, 6), 3, padding=padding), {}) == {
        "pad": expected
    }


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("shapes", ["batched", "one-sample", "one-channel"])
def test_layers_are_of_what_can_be_tried(rank, shapes):
    layers = [case.geometry for case in cases(rank, shapes, EVERY)]
    assert all(g.rank == rank for g in layers)
    assert [g.products for g in layers] == sorted(g.products for g in layers)
    assert len(set(layers)) == len(layers)
    assert (max(g.batch for g in layers) > 1) == (shapes == "batched")
    assert (max(g.out_channels for g in layers) > 1) == (shapes != "one-channel")


def test_the_places_where_conventions_differ_are_among_the_layers():
    layers = [case.geometry for case in cases(2, "batched", EVERY)]
    for has in (
        lambda g: g.input_size[0] > g.input_size[1] and g.kernel_size[0] > g.kernel_size[1],
        lambda g: g.input_size[0] < g.input_size[1] and g.kernel_size[0] < g.kernel_size[1],
        lambda g: g.in_channels > g.out_channels,
        lambda g: g.in_channels < g.out_channels,
        lambda g: g.batch > 1 and g.stride != (1, 1) and g.in_channels > 1,
        lambda g: g.stride[0] > g.stride[1],
        lambda g: g.stride[0] < g.stride[1],
        lambda g: g.stride[0] > g.kernel_size[0],
        lambda g: any(before != after for before, after in g.padding),
        lambda g: g.dilation[0] != g.dilation[1],
        lambda g: g.dilation != (1, 1) and g.stride != (1, 1) and g.padding != ((0, 0), (0, 0)),
        lambda g: g.groups > 1 and g.out_channels // g.groups > 1 and g.in_channels // g.groups > 1,
        lambda g: g.groups > 1 and g.in_channels == g.groups,
    ):
        assert any(map(has, layers))


def test_of_one_channel_a_mistake_about_channels_is_no_other_one():
    def flips(image, kernel):
        kernel = np.flip(kernel)
        rows, columns = (n - k + 1 for n, k in zip(image.shape, kernel.shape, strict=True))
        windows = [
            [image[i : i + kernel.shape[0], j : j + kernel.shape[1]] for j in range(columns)]
            for i in range(rows)
        ]
        return np.array([[np.sum(window * kernel) for window in row] for row in windows])

    found = sc.check(flips).diagnosis
    assert found.name == "kernel rotated by 180°"
    assert found.others == ()

"""Backward passes, right ones and wrong ones, as people write them."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import symconv as sc
from symconv.checking.gradient import check_gradient
from symconv.errors import RequestError
from symconv.proof.verdict import Tier


def loops_dx(dy, w, x_shape, stride=1, pad=0):
    """Each output cell stamps its kernel on the input, six loops deep."""
    n, c, height, width = x_shape
    filters, _, rows, columns = w.shape
    dx = np.zeros((n, c, height + 2 * pad, width + 2 * pad))
    for b in range(n):
        for f in range(filters):
            for i in range(dy.shape[2]):
                for j in range(dy.shape[3]):
                    dx[b, :, i * stride : i * stride + rows, j * stride : j * stride + columns] += (
                        w[f] * dy[b, f, i, j]
                    )
    return dx[:, :, pad : pad + height, pad : pad + width]


def loops_dw(dy, x, kernel_size, stride=1, pad=0):
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dw = np.zeros((dy.shape[1], x.shape[1], *kernel_size))
    for a in range(kernel_size[0]):
        for b in range(kernel_size[1]):
            for i in range(dy.shape[2]):
                for j in range(dy.shape[3]):
                    dw[:, :, a, b] += dy[:, :, i, j].T @ x[:, :, i * stride + a, j * stride + b]
    return dw


def rotated_dx(dy, w):
    """At stride 1 it is a convolution with the kernels rotated."""
    rows, columns = w.shape[2:]
    padded = np.pad(dy, ((0, 0), (0, 0), (rows - 1,) * 2, (columns - 1,) * 2))
    return np.einsum(
        "nfijab,fcab->ncij", sliding_window_view(padded, (rows, columns), (2, 3)), w[..., ::-1, ::-1]
    )


def windows_dw(dy, x):
    return np.einsum("ncabij,nfij->fcab", sliding_window_view(x, dy.shape[2:], axis=(2, 3)), dy)


def test_ten_lines_that_somebody_would_type():
    verdict = check_gradient(rotated_dx, windows_dw)
    assert verdict
    assert verdict.input.tier == verdict.weight.tier == Tier.EXACT
    assert repr(verdict.input).startswith(
        "Proved (tier: exact). rotated_dx is the input gradient, for all values, at each of "
    )
    assert "windows_dw is the weight gradient" in repr(verdict)
    assert verdict._repr_html_().count("symconv-verdict") == 2


def test_both_verdicts_are_shown_and_kept():
    both = check_gradient(lambda dy, w: rotated_dx(dy, w[..., ::-1, ::-1]), windows_dw)
    kept = both.as_dict()
    assert (kept["input"]["holds"], kept["weight"]["holds"]) == (False, True)
    assert check_gradient(rotated_dx).as_dict()["weight"] is None
    shown = sc.latex(both)
    assert shown.startswith(r"\begin{gathered} \begin{aligned}")
    assert r"\underline{" in shown
    assert r"\\ \text{Proved (tier: exact). windows\_dw is the weight gradient" in shown


@pytest.mark.parametrize(("dx", "dw"), [(loops_dx, None), (None, loops_dw), (rotated_dx, windows_dw)])
def test_right_ones_are_proved_at_every_layer(dx, dw):
    verdict = check_gradient(dx, dw)
    assert verdict
    for found in (verdict.input, verdict.weight):
        assert found is None or (found.tier is Tier.EXACT and len(found.geometries) > 4)
    if dx is loops_dx:
        assert any(g.stride == (2, 2) for g in verdict.input.geometries)
        assert any(g.padding == ((1, 1), (1, 1)) for g in verdict.input.geometries)
        assert any(g.batch > 1 and g.out_channels > 1 for g in verdict.input.geometries)


WRONG = {
    "the kernels are not rotated": (
        lambda dy, w: rotated_dx(dy, w[..., ::-1, ::-1]),
        None,
        "kernel rotated by 180°",
    ),
    "the weight gradient is reversed": (
        None,
        lambda dy, x: windows_dw(dy, x)[..., ::-1, ::-1],
        "kernel rotated by 180°",
    ),
    "only the first sample counts": (
        None,
        lambda dy, x: windows_dw(dy[:1], x[:1]),
        "only the first sample written",
    ),
    "twice as much": (lambda dy, w: 2 * rotated_dx(dy, w), None, "every output doubled"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_ones_are_refuted_and_explained(name):
    dx, dw, mistake = WRONG[name]
    verdict = check_gradient(dx, dw)
    found = verdict.input or verdict.weight
    found = verdict.weight if dx is None else verdict.input
    assert not verdict
    assert found.holds is False
    assert found.tier is Tier.EXACT
    assert found.counterexample is not None
    assert mistake in (
        found.diagnosis.name,
        *(" and ".join(m.name for m in o) for o in found.diagnosis.others),
    )
    assert "It is the gradient of a convolution with this mistake." in found.why


def test_windows_that_overlap_must_be_added():
    def forgets(dy, w):
        dx = np.zeros((dy.shape[0], w.shape[1], dy.shape[2] + w.shape[2] - 1, dy.shape[3] + w.shape[3] - 1))
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                dx[:, :, i : i + w.shape[2], j : j + w.shape[3]] = np.einsum(
                    "nf,fcab->ncab", dy[:, :, i, j], w
                )
        return dx

    found = check_gradient(forgets).input
    assert found.holds is False
    assert found.geometries[-1].output_size == (2, 2)  # the smallest
    wrong = found.counterexample
    assert str(wrong.only_in_function) == "0"
    assert "dy_{0,0,0,0}" in str(wrong.only_in_definition)


def test_a_term_with_a_minus_sign_is_the_functions_own():
    wrong = check_gradient(fn_dx=lambda dy, w: -rotated_dx(dy, w[..., ::-1, ::-1])).input.counterexample
    assert str(wrong.only_in_function) == str(wrong.function)
    assert str(wrong.only_in_definition) == str(wrong.definition)


def test_a_gradient_of_the_right_mean_is_still_wrong():
    def shuffled(dy, x):
        right = windows_dw(dy, x)
        return right.reshape(-1)[::-1].reshape(right.shape)

    assert check_gradient(fn_dw=shuffled).weight.holds is False


def test_dy_may_come_second_and_sizes_by_name():
    assert check_gradient(lambda w, dy: rotated_dx(dy, w))
    assert check_gradient(None, lambda x, dout: windows_dw(dout, x))
    layer = sc.Geometry((6, 7), (2, 3), stride=2, padding=1, in_channels=2, out_channels=3, batch=2)

    def dx(dy, w, input_size, stride, pad):
        if (input_size, stride, pad) != ((6, 7), 2, 1):
            raise ValueError("other sizes")
        return loops_dx(dy, w, (dy.shape[0], w.shape[1], *input_size), stride, pad)

    assert check_gradient(dx, geometry=layer)


def test_without_sizes_only_layers_that_leave_no_cell_over_are_tried():
    def dw(dy, x, stride=1):
        size = [n - (o - 1) * stride for n, o in zip(x.shape[2:], dy.shape[2:], strict=True)]
        return loops_dw(dy, x, size, stride)

    found = check_gradient(fn_dw=dw).weight
    assert found
    assert any(g.stride == (2, 2) for g in found.geometries)


def test_an_adapter_stands_between():
    def course(dout, cache):
        x, w = cache
        return rotated_dx(dout, w), windows_dw(dout, x)

    def adapter(fn, dy, w):
        x = np.zeros((dy.shape[0], w.shape[1], dy.shape[2] + w.shape[2] - 1, dy.shape[3] + w.shape[3] - 1))
        return fn(dy, (x, w))[0]

    assert check_gradient((course, adapter))


def whole_pass(dout, x, w, stride=1, pad=0):
    dx = loops_dx(dout, w, x.shape, stride, pad)
    return dx, loops_dw(dout, x, w.shape[2:], stride, pad), dout.sum((0, 2, 3))


def of_a_course(dout, cache):
    x, w, b, conv_param = cache
    assert b.shape == (len(w),)
    return whole_pass(dout, x, w, conv_param["stride"], conv_param["pad"])


WHOLE_PASSES = {
    "dy, x and w": whole_pass,
    "in another order": lambda x, w, dy: whole_pass(dy, x, w),
    "by other names": lambda kernels, image, grad_output: whole_pass(grad_output, image, kernels),
    "a cache": of_a_course,
}


@pytest.mark.parametrize("name", WHOLE_PASSES)
def test_one_function_may_be_both_gradients(name):
    verdict = check_gradient(WHOLE_PASSES[name], WHOLE_PASSES[name])
    assert verdict
    assert verdict.input.tier is verdict.weight.tier is Tier.EXACT
    strides = {g.stride for g in verdict.input.geometries}
    assert ((2, 2) in strides) == (name in ("dy, x and w", "a cache"))
    # more cells than the windows cover, which dy and w alone do not tell
    assert any((g.input_size[0] - g.kernel_size[0]) % g.stride[0] for g in verdict.input.geometries) == (
        (2, 2) in strides
    )


def test_of_the_array_that_is_not_needed_only_the_shape_may_matter():
    def leaks(dy, x, w):
        return whole_pass(dy, x, w)[0] + x * 0.5

    assert check_gradient(leaks).input.holds is False
    assert check_gradient(lambda dy, x, w: whole_pass(dy, x, w)[0] * x.max()).input.holds is False
    assert (
        check_gradient(None, lambda dy, x, w: whole_pass(dy, x, w)[1] * w[0, 0, 0, 0]).weight.holds is False
    )


@pytest.mark.parametrize("seed", range(20))
def test_no_number_of_the_third_array_lets_a_dependence_on_it_pass(seed):
    def by_an_entry(dy, x, w):
        return whole_pass(dy, x, w)[1] * w[0, 0, 0, 0]

    def by_a_ratio(dy, x, w):
        return whole_pass(dy, x, w)[1] * (w[0, 0, 0, 0] / w[0, 0, 0, 1])

    layer = sc.Geometry((3, 4), 2)
    assert not check_gradient(None, by_an_entry, layer, seed=seed)
    assert not check_gradient(None, by_a_ratio, layer, seed=seed)


def test_a_tuple_is_the_gradients_in_their_usual_order():
    assert check_gradient(
        lambda dy, w: (rotated_dx(dy, w), None), lambda dy, x: (windows_dw(dy, x), dy.sum())
    )
    assert not check_gradient(fn_dw=lambda dy, x, w: whole_pass(dy, x, w)[::-1][1:]).weight.holds
    alone = check_gradient(lambda dy, x, w: whole_pass(dy, x, w)[0])
    assert alone
    assert alone.weight is None


def test_a_cache_of_another_kind_is_told():
    def conv_backward(dout, cache):
        x, w, stride, pad = cache
        return whole_pass(dout, x, w, stride, pad)

    found = check_gradient(conv_backward).input
    assert found.holds is None
    assert found.why.endswith(
        '; it was given the cache (x, w, b, {"stride": …, "pad": …}), as CS231n has it.'
    )


def test_a_mean_over_the_samples_is_told_from_one_over_the_channels():
    found = check_gradient(fn_dw=lambda dy, x: windows_dw(dy, x) / len(dy)).weight
    assert found.diagnosis.name == "mean over the samples in place of sum"
    assert not found.diagnosis.others
    channels = check_gradient(fn_dw=lambda dy, x: windows_dw(dy, x) / x.shape[1]).weight
    assert channels.diagnosis.name == "mean over the channels in place of sum"


def test_what_cannot_be_followed_is_read_from_numbers():
    torch = pytest.importorskip("torch")

    def dx(dy, w):
        shape = (dy.shape[0], w.shape[1], dy.shape[2] + w.shape[2] - 1, dy.shape[3] + w.shape[3] - 1)
        return torch.nn.grad.conv2d_input(shape, torch.from_numpy(w), torch.from_numpy(dy)).numpy()

    found = check_gradient(dx).input
    assert found
    assert found.tier is Tier.SAMPLED
    assert "on the assumption that it is bilinear" in found.why
    wrong = check_gradient(lambda dy, w: dx(dy, w)[..., ::-1]).input
    assert wrong.holds is False
    assert wrong.tier is Tier.SAMPLED


def test_what_is_no_gradient_is_told():
    assert check_gradient(lambda dy, w: dy).input.why.startswith(
        "The result has shape (1, 1, 2, 2) and should"
    )
    raises = check_gradient(lambda dy, w: dy @ [1]).input
    assert raises.holds is None
    assert raises.why.startswith("No layer could be computed: it raised ValueError")
    squares = check_gradient(fn_dw=lambda dy, x: windows_dw(dy * dy, x))
    assert not squares
    assert squares.weight.holds is False
    assert squares.weight.why == "Output[0, 0, 0, 0] is no sum of products of one cell of x and one of dy."


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: check_gradient(lambda a, b, c: a),
            r"<lambda> needs the argument c, which is not known here: give it a default, or give "
            r"\(fn, adapter\) with adapter\(fn, dy, w, \*\*keywords\)",
        ),
        (lambda: check_gradient(), "fn_dx and fn_dw are both missing: give one of them"),
        (lambda: check_gradient(3), "3 cannot be called: give a function of dy and w"),
        (lambda: check_gradient(fn_dw=3), "3 cannot be called: give a function of dy and x"),
        (
            lambda: check_gradient((rotated_dx, 3)),
            rf"\({rotated_dx!r}, 3\) is no pair \(fn, adapter\): give a function and adapter\(fn, dy, …\)",
        ),
        (
            lambda: check_gradient(abs),
            r"abs takes fewer than two arrays: give a function of dy and w, or \(fn, adapter\) "
            r"with adapter\(fn, dy, w, \*\*keywords\)",
        ),
        (
            lambda: check_gradient(rotated_dx, kernel=3),
            "kernel=3 is no hyper-parameter: use stride, padding, dilation, groups",
        ),
        (
            lambda: check_gradient(rotated_dx, geometry=sc.Geometry(3, 2), stride=2),
            "a geometry says everything about the layer: leave the other keywords out",
        ),
    ],
)
def test_refusals(call, sentence):
    with pytest.raises(RequestError, match=f"^{sentence}$"):
        call()

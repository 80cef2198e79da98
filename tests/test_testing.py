"""What other people's tests import."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.lib.stride_tricks import sliding_window_view

import symconv as sc
from symconv.testing import assert_convolution
from symconv.testing.strategies import geometries, integer_layers


def conv(x, w, stride=1):
    rows, columns = stride if isinstance(stride, tuple) else (stride, stride)
    seen = sliding_window_view(x, w.shape[2:], axis=(2, 3))[:, :, ::rows, ::columns]
    return np.einsum("nchwab,fcab->nfhw", seen, w)


def in_single_precision(x, w):
    return conv(x.astype(np.float32), w.astype(np.float32))


def test_a_right_function_passes():
    assert assert_convolution(conv).holds
    assert assert_convolution(conv, at_least="exact").tier == "exact"
    assert assert_convolution(conv, sc.Geometry((5, 6), 3), at_least="certificate")
    assert assert_convolution(conv, stride=2)


def test_a_wrong_one_fails_with_the_whole_verdict():
    with pytest.raises(AssertionError) as caught:
        assert_convolution(lambda x, w: conv(x, w[..., ::-1]))
    assert str(caught.value).startswith("Wrong (tier: exact). <lambda> is not the convolution of a 3×3 input")
    assert "kernel flipped along the width" in str(caught.value)


def test_what_could_not_be_told_fails():
    with pytest.raises(
        AssertionError, match=r"^Could not tell whether <lambda> is the convolution\."
    ) as caught:
        assert_convolution(lambda x, w: None)
    assert "weaker" not in str(caught.value)


def test_a_tier_that_is_too_weak_fails():
    assert assert_convolution(in_single_precision).tier == "sampled"
    assert assert_convolution(in_single_precision, at_least="sampled")
    for wanted in ("exact", "certificate"):
        with pytest.raises(AssertionError, match=f"The tier sampled is weaker than {wanted}.$"):
            assert_convolution(in_single_precision, at_least=wanted)


@pytest.mark.parametrize("wanted", ["every size", "proved", "", None])
def test_there_are_three_tiers(wanted):
    with pytest.raises(sc.RequestError) as caught:
        assert_convolution(conv, at_least=wanted)
    assert (
        str(caught.value) == f"at_least={wanted!r} is no tier of a check: use exact, certificate or sampled"
    )


def test_a_test_is_the_same_each_time():
    said = set()
    for _ in range(2):
        with pytest.raises(AssertionError) as caught:
            assert_convolution(lambda x, w: np.abs(conv(x, w)))
        said.add(str(caught.value))
    assert len(said) == 1
    assert "loop formula  = -" in said.pop()


def test_the_fixtures_as_a_suite_brings_them_in(tmp_path):
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["symconv.testing.fixtures"]')
    (tmp_path / "test_mine.py").write_text(
        "import numpy as np\n"
        "import symconv as sc\n"
        "def test_a_layer(convolution_layer):\n"
        "    assert isinstance(convolution_layer, sc.Geometry) and convolution_layer.rank == 2\n"
        "def test_mine(assert_convolution):\n"
        "    assert assert_convolution is sc.testing.assert_convolution\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    layers = int(done.stdout.split(" passed")[0].split()[-1]) - 1
    assert layers > 20


@settings(max_examples=20)
@given(geometries(ranks=[2], modes=["zeros"], biases=False))
def test_geometries(g):
    assert isinstance(g, sc.Geometry)
    assert g.rank == 2
    assert not g.bias
    assert g.padding_mode == "zeros"


@settings(max_examples=20)
@given(integer_layers(-3, 3))
def test_integer_layers(layer):
    g, x, w, bias = layer
    assert x.shape == g.input_shape
    assert w.shape == g.kernel_shape
    assert (bias is not None) == g.bias
    assert max(abs(x).max(), abs(w).max()) <= 3


@pytest.mark.parametrize(
    ("module", "missing", "said"),
    [
        (
            "symconv.testing.strategies",
            "hypothesis",
            "symconv.testing.strategies needs Hypothesis: pip install ",
        ),
        ("symconv.testing.fixtures", "pytest", "symconv.testing.fixtures needs pytest: pip install pytest"),
    ],
)
def test_without_the_optional_packages(module, missing, said):
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from symconv.testing import assert_convolution\n"
        f"try:\n    import {module}\nexcept ImportError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(said)
    assert done.stderr == ""

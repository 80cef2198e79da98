"""Fixtures for pytest, for ``pytest_plugins = ["symconv.testing.fixtures"]`` in a ``conftest.py``."""

from collections.abc import Callable
from typing import Any

from symconv.checking.cases import cases
from symconv.geometry import Geometry
from symconv.testing.assertion import assert_convolution

try:
    import pytest
except ImportError as error:
    raise ImportError("symconv.testing.fixtures needs pytest: pip install pytest") from error

_LAYERS = [case.geometry for case in cases(2, "batched", ("stride", "padding", "dilation", "groups"))]


@pytest.fixture(params=_LAYERS, ids=repr)
def convolution_layer(request: pytest.FixtureRequest) -> Geometry:
    """Each of the small layers of two axes where conventions differ, one after the other."""
    layer: Geometry = request.param
    return layer


@pytest.fixture(name="assert_convolution")
def _assert_convolution() -> Callable[..., Any]:
    """``assert_convolution``, for tests that would rather not import it."""
    return assert_convolution

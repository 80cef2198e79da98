"""What a test suite imports to say that a function is the convolution.

>>> from symconv.testing import assert_convolution
>>> def conv(x, w):
...     return x * w[0, 0, 0]  # of one channel and one tap
>>> assert_convolution(conv)  # doctest: +IGNORE_EXCEPTION_DETAIL
Traceback (most recent call last):
AssertionError: Wrong …
"""

from symconv.testing.assertion import assert_convolution

__all__ = ["assert_convolution"]

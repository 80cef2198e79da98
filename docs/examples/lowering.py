"""A lowering with a mistake, as a compiler might have it: it steps both axes by the stride of the first."""

import symconv as sc


def conv(x, w, stride=1, padding=0, dilation=1, groups=1):
    first = stride if isinstance(stride, int) else stride[0]
    return sc.evaluate(x, w, stride=first, padding=padding, dilation=dilation, groups=groups)

"""Naming the mistake: code with one bug, or two, diagnosed by name; what is right, or unknown, never."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symconv as sc
from symconv.errors import ArrayError, RequestError, SizeLimitError
from symconv.index_map import index_map
from symconv.mistakes import attempt, bilinear_map
from symconv.mistakes.attempt import Attempts, factor_of
from symconv.mistakes.bilinear_map import MOST_PRODUCTS, BilinearMap, refuse_too_many
from symconv.mistakes.diagnose import diagnose, diagnose_all, named
from symconv.mistakes.family import mistakes
from tests.strategies import geometries
from tests.student_code import (
    ALL,
    COLUMNS,
    GUARDED,
    IM2COL,
    LOOPS,
    PER_TAP,
    WINDOWS,
    function,
    mistaken,
    read_map,
)

ASKED = sc.Geometry(
    (7, 9), (2, 3), 4, 4, 2, stride=(3, 2), padding=((1, 0), (2, 1)), dilation=(2, 3), groups=2
)
PLAIN = sc.Geometry((5, 6), (2, 3), 3, 4, 2)
STRIDED = sc.Geometry((7, 8), (2, 3), 2, 2, 2, stride=(2, 3), padding=((1, 2), (0, 1)))
SQUARE = sc.Geometry((4, 5), (2, 2), 2, 2, 2, padding=1)
SAME_UPPER = sc.Geometry((5, 6), (2, 3), 2, 2, 2, padding="same_upper", stride=(1, 2))
SAME_LOWER = sc.Geometry((5, 6), (2, 3), 2, 2, 2, padding="same_lower", stride=(1, 2))
WIDE = sc.Geometry((7, 8), (2, 3), 1, 1, 1, padding=((2, 3), (4, 2)))
THREE_BY_FOUR = sc.Geometry((6, 7), (3, 4), 2, 2, 1, padding=((0, 1), (1, 0)), dilation=(1, 2))
MIRRORED = sc.Geometry((5, 6), (2, 3), 2, 2, 2, padding=((1, 2), (2, 1)), padding_mode="reflect")
SIXES = sc.Geometry((5, 6), (2, 3), 6, 6, 2, groups=3)
TWO_FILTERS = sc.Geometry((4, 5), (2, 2), 2, 2, 2)
ONE = sc.Geometry((4, 5), (2, 3))
UNEQUAL = sc.Geometry((5, 6), (2, 3), 4, 4, 2)
TALL = sc.Geometry((5, 8), (2, 3), 2, 2, 2)
PADDED = sc.Geometry((5, 6), (2, 3), 2, 2, padding=((2, 2), (3, 2)))
UNPADDED = sc.Geometry((7, 9), (2, 3), 2, 2, stride=(2, 3))
REST_AT_HEIGHT = sc.Geometry((6, 8), (2, 3), 2, 2, stride=(2, 3), padding=((1, 2), (0, 1)))

TERM = "w[f, c, a, b] * xp[n, first + c, i * sh + a * dh, j * sw + b * dw]"
PAD = "np.pad(x, ((0, 0), (0, 0), *padding))"
PAD_LOOPS = "np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))"
STRIDES = "(sh, sw), (dh, dw) = stride, dilation"
PADS = "(top, bottom), (left, right) = padding"
OH = "OH = (H + top + bottom - dh * (KH - 1) - 1) // sh + 1"
OW = "OW = (W + left + right - dw * (KW - 1) - 1) // sw + 1"
FIRST = "first = f // (F // groups) * CG"
KERNEL = "F, CG, KH, KW = w.shape"
INSIDE = "if 0 <= r < H and 0 <= s < W:"
RETURN = "return y\n"
REST = "return Y.reshape(F, N, OH, OW).transpose(1, 0, 2, 3)"
SUMMED = """                    total = 0
                    for c in range(CG):"""
ROOM = "    xp = " + PAD_LOOPS  # for what reads past the end
MORE = "np.pad(x, ((0, 0), (0, 0), (top, bottom + 20), (left, right + 20)))"
KEPT = "total += w"


def moved(before):
    """The loops with the accumulator set to 0 before another of them."""
    indent = " " * (len(before) - len(before.lstrip()))
    return ("                    total = 0\n", "", before, f"{indent}total = 0\n{before}")


@pytest.mark.parametrize("style", ALL)
@pytest.mark.parametrize(
    "g", [ASKED, PLAIN, STRIDED, SAME_LOWER, ONE], ids=["asked", "plain", "strided", "same", "one"]
)
def test_right_code_is_read_as_the_definition_and_never_diagnosed(style, g):
    if style == "columns" and g.groups > 1:
        return  # it takes no groups
    own = read_map(function(ALL[style]), g)
    assert own == BilinearMap.of_definition(g)
    assert diagnose(own, g) is None


# (what it is called, code, geometry, right, wrong, …)
ONE_MISTAKE = [
    # the kernel
    ("kernel rotated by 180°", LOOPS, ASKED, "w[f, c, a, b]", "w[f, c, KH - 1 - a, KW - 1 - b]"),
    ("kernel rotated by 180°", WINDOWS, ASKED, "window * w[f]", "window * w[f, :, ::-1, ::-1]"),
    ("kernel flipped along the height", LOOPS, ASKED, "w[f, c, a, b]", "w[f, c, -1 - a, b]"),
    ("kernel flipped along the width", WINDOWS, ASKED, "window * w[f]", "window * w[f, ..., ::-1]"),
    ("kernel transposed", LOOPS, ASKED, KERNEL, "w = w.swapaxes(2, 3)\n    " + KERNEL),
    ("kernel transposed", LOOPS, SQUARE, "w[f, c, a, b]", "w[f, c, b, a]"),
    ("kernel flipped with its channels", WINDOWS, ASKED, "window * w[f]", "window * np.flip(w[f])"),
    ("channels of the kernel in reverse", LOOPS, ASKED, "w[f, c,", "w[f, CG - 1 - c,"),
    ("filters in reverse", LOOPS, ASKED, "w[f, c,", "w[F - 1 - f, c,"),
    ("filters and channels of the kernel exchanged", LOOPS, TWO_FILTERS, "w[f, c,", "w[c, f,"),
    (
        "only the last channel kept",
        LOOPS,
        ASKED,
        "for c in range(CG):",
        "for c in range(CG):\n                        total = 0",
    ),
    ("only the last tap kept", LOOPS, ASKED, "total += w", "total = w"),
    ("only the last tap of the window kept, for all channels", PER_TAP, ASKED, "y += np", "y = np"),
    (
        "only the last row of the kernel kept",
        PER_TAP,
        ASKED,
        "for a in range(KH):",
        "for a in range(KH):\n            y = np.zeros((len(x), F // groups, OH, OW))",
    ),
    (
        "only the last row of the last channel kept",
        LOOPS,
        ASKED,
        "for a in range(KH):",
        "for a in range(KH):\n                            total = 0",
    ),
    ("only the first channel used", LOOPS, ASKED, "for c in range(CG):", "for c in range(1):"),
    ("first filter used for all", WINDOWS, ASKED, "window * w[f]", "window * w[0]"),
    ("first channel of the kernel used for all", LOOPS, ASKED, "w[f, c,", "w[f, 0,"),
    ("first channel of the input used for all", LOOPS, PLAIN, "xp[n, first + c,", "xp[n, 0,"),
    ("first sample used for all", LOOPS, ASKED, "xp[n, ", "xp[0, "),
    # the stride
    ("stride ignored", WINDOWS, ASKED, "(KH - 1), sh)", "(KH - 1))", "(KW - 1), sw)", "(KW - 1))"),
    ("strides swapped", LOOPS, ASKED, STRIDES, "(sw, sh), (dh, dw) = stride, dilation"),
    ("strides swapped", PER_TAP, ASKED, STRIDES, "(sw, sh), (dh, dw) = stride, dilation"),
    ("stride of the height used on every axis", LOOPS, ASKED, "j * sw", "j * sh", "// sw", "// sh"),
    ("stride of the width used on every axis", WINDOWS, ASKED, "(KH - 1), sh)", "(KH - 1), sw)"),
    ("stride ignored along the height", WINDOWS, ASKED, "(KH - 1), sh)", "(KH - 1))"),
    ("stride ignored along the width", WINDOWS, ASKED, "(KW - 1), sw)", "(KW - 1))"),
    ("stride applied twice", WINDOWS, STRIDED, "sh):", "sh * sh):", "sw):", "sw * sw):"),
    (
        "stride as large as the kernel",
        WINDOWS,
        PLAIN,
        "(KH - 1), sh)",
        "(KH - 1), KH)",
        "(KW - 1), sw)",
        "(KW - 1), KW)",
    ),
    ("stride and dilation exchanged", WINDOWS, ASKED, STRIDES, "(dh, dw), (sh, sw) = stride, dilation"),
    # the padding
    ("padding missing", IM2COL, ASKED, PAD, "x"),
    ("padding only before", IM2COL, WIDE, PAD, "np.pad(x, ((0, 0), (0, 0), *((b, 0) for b, _ in padding)))"),
    ("padding only after", PER_TAP, WIDE, PAD, "np.pad(x, ((0, 0), (0, 0), *((0, a) for _, a in padding)))"),
    (
        "SAME_LOWER in place of SAME_UPPER",
        WINDOWS,
        SAME_UPPER,
        PAD,
        "np.pad(x, ((0, 0), (0, 0), *(p[::-1] for p in padding)))",
    ),
    (
        "SAME_UPPER in place of SAME_LOWER",
        WINDOWS,
        SAME_LOWER,
        PAD,
        "np.pad(x, ((0, 0), (0, 0), *(p[::-1] for p in padding)))",
    ),
    ("padding before and after exchanged", LOOPS, ASKED, PADS, "(bottom, top), (right, left) = padding"),
    ("padding of the axes swapped", LOOPS, ASKED, PADS, "(left, right), (top, bottom) = padding"),
    ("padding of the height used on every axis", IM2COL, ASKED, "*padding", "padding[0], padding[0]"),
    ("padding of the width used on every axis", IM2COL, ASKED, "*padding", "padding[1], padding[1]"),
    ("padding missing along the height", IM2COL, ASKED, "*padding", "(0, 0), padding[1]"),
    ("padding missing along the width", IM2COL, ASKED, "*padding", "padding[0], (0, 0)"),
    ("padding doubled", WINDOWS, ASKED, PAD, f"{PAD}\n    x = xp\n    xp = {PAD}"),
    ("padding halved", WINDOWS, WIDE, "*padding", "*((b // 2, a // 2) for b, a in padding)"),
    ("all the padding before", WINDOWS, ASKED, "*padding", "*((sum(p), 0) for p in padding)"),
    ("all the padding after", GUARDED, ASKED, " - top", "", " - left", ""),
    ("padding before used on both sides", WINDOWS, WIDE, "*padding", "*((b, b) for b, _ in padding)"),
    ("padding after used on both sides", WINDOWS, WIDE, "*padding", "*((a, a) for _, a in padding)"),
    (
        "half the kernel as padding",
        WINDOWS,
        THREE_BY_FOUR,
        PAD,
        "np.pad(x, ((0, 0), (0, 0), (KH // 2, KH // 2), (KW // 2, KW // 2)))",
    ),
    (
        "half the dilated kernel as padding",
        WINDOWS,
        THREE_BY_FOUR,
        "*padding",
        "*(((d * (k - 1) + 1) // 2,) * 2 for d, k in zip(dilation, (KH, KW)))",
    ),
    ("kernel less one as padding", WINDOWS, THREE_BY_FOUR, "*padding", "*((k - 1, k - 1) for k in (KH, KW))"),
    (
        "dilated kernel less one as padding",
        WINDOWS,
        THREE_BY_FOUR,
        "*padding",
        "*((d * (k - 1),) * 2 for d, k in zip(dilation, (KH, KW)))",
    ),
    ("padding one too large", WINDOWS, PADDED, "*padding", "*((b + 1, a + 1) for b, a in padding)"),
    ("padding as for SAME_UPPER", WINDOWS, PLAIN, "*padding", "(0, 1), (1, 1)"),
    ("padding as for SAME_LOWER", WINDOWS, PLAIN, "*padding", "(1, 0), (1, 1)"),
    ("padding filled as with 'circular'", LOOPS, STRIDED, "(left, right)))", '(left, right)), "wrap")'),
    ("padding filled as with 'replicate'", LOOPS, ASKED, "(left, right)))", '(left, right)), "edge")'),
    ("padding filled as with 'reflect'", LOOPS, ASKED, "(left, right)))", '(left, right)), mode="reflect")'),
    (
        "padding filled as with 'symmetric'",
        LOOPS,
        MIRRORED,
        "(left, right)))",
        '(left, right)), mode="symmetric")',
    ),
    ("padding filled as with 'zeros'", LOOPS, MIRRORED, "(left, right)))", "(left, right)))"),
    ("negative indices wrap round", GUARDED, STRIDED, INSIDE, "if r < H and s < W:"),
    # the dilation
    ("dilation ignored", LOOPS, ASKED, STRIDES, "(sh, sw), (dh, dw) = stride, (1, 1)"),
    (
        "dilation applied twice",
        LOOPS,
        sc.Geometry((9, 22), (2, 3), 1, 2, dilation=(2, 3), stride=(1, 2)),
        STRIDES,
        "(sh, sw), (dh, dw) = stride, (dilation[0] ** 2, dilation[1] ** 2)",
    ),
    ("dilations swapped", WINDOWS, ASKED, STRIDES, "(sh, sw), (dw, dh) = stride, dilation"),
    (
        "dilation of the height used on every axis",
        WINDOWS,
        ASKED,
        STRIDES,
        "(sh, sw), (dh, _) = stride, dilation\n    dw = dh",
    ),
    (
        "dilation of the width used on every axis",
        WINDOWS,
        ASKED,
        STRIDES,
        "(sh, sw), (_, dw) = stride, dilation\n    dh = dw",
    ),
    ("dilation ignored along the height", LOOPS, ASKED, STRIDES, STRIDES + "\n    dh = 1"),
    ("dilation ignored along the width", LOOPS, ASKED, STRIDES, STRIDES + "\n    dw = 1"),
    (
        "dilation counted as the cells left out",
        LOOPS,
        ASKED,
        STRIDES,
        STRIDES + "\n    dh, dw = dh + 1, dw + 1",
    ),
    # the output size
    ("last position along the height missing", LOOPS, ASKED, "// sh + 1", "// sh"),
    ("last position along the width missing", LOOPS, PLAIN, "// sw + 1", "// sw"),
    ("last position missing", LOOPS, ASKED, "// sh + 1", "// sh", "// sw + 1", "// sw"),
    ("one position too many along the height", GUARDED, STRIDED, "// sh + 1", "// sh + 2"),
    ("one position too many along the width", GUARDED, STRIDED, "// sw + 1", "// sw + 2"),
    ("one position too many", GUARDED, STRIDED, "// sh + 1", "// sh + 2", "// sw + 1", "// sw + 2"),
    (
        "ceil for floor",
        GUARDED,
        REST_AT_HEIGHT,
        OH,
        "OH = -(-(H + top + bottom - dh * (KH - 1) - 1) // sh) + 1",
        OW,
        "OW = -(-(W + left + right - dw * (KW - 1) - 1) // sw) + 1",
    ),
    (
        "one added before the division",
        LOOPS,
        UNPADDED,
        "- 1) // sh + 1",
        "- 1 + 1) // sh",
        "- 1) // sw + 1",
        "- 1 + 1) // sw",
    ),
    ("output size without the padding", LOOPS, WIDE, "H + top + bottom", "H", "W + left + right", "W"),
    (
        "output size without the dilation",
        GUARDED,
        ASKED,
        "- dh * (KH - 1) - 1",
        "- KH",
        "- dw * (KW - 1) - 1",
        "- KW",
    ),
    ("output size as for SAME", GUARDED, PLAIN, OH, "OH = -(-H // sh)", OW, "OW = -(-W // sw)"),
    ("remainder for quotient", GUARDED, ASKED, "// sh", "% sh", "// sw", "% sw"),
    ("output size of the height used on every axis", GUARDED, TALL, OW, "OW = OH"),
    ("output size of the width used on every axis", GUARDED, TALL, OH, "", OW, OW + "\n    OH = OW"),
    ("loops over the output swapped", GUARDED, TALL, OW, OW + "\n    OH, OW = OW, OH"),
    # the input
    (
        "height and width of the input swapped",
        LOOPS,
        ASKED,
        "N, C, H, W = x.shape",
        "x = x.swapaxes(2, 3)\n    N, C, H, W = x.shape",
    ),
    (
        "input reshaped to width by height",
        LOOPS,
        ASKED,
        "N, C, H, W = x.shape",
        "N, C, W, H = x.shape\n    x = x.reshape(N, C, H, W)",
    ),
    (
        "input taken for channels-last",
        LOOPS,
        ASKED,
        "N, C, H, W = x.shape",
        "N, C, H, W = x.shape\n    x = x.reshape(N, H, W, C).transpose(0, 3, 1, 2)",
    ),
    # the groups
    ("groups ignored: the first group's channels used for all", LOOPS, SIXES, FIRST, "first = 0"),
    ("groups ignored: the last group's channels used for all", LOOPS, SIXES, FIRST, "first = -CG"),
    (
        "groups ignored: the kernel's channels used in turn",
        LOOPS,
        SIXES,
        FIRST,
        "first = 0",
        "range(CG)",
        "range(C)",
        "w[f, c,",
        "w[f, c % CG,",
    ),
    (
        "groups ignored: each channel of the kernel repeated",
        WINDOWS,
        SIXES,
        "first:first + CG",
        ":",
        "w[f]",
        "np.repeat(w[f], groups, axis=0)",
    ),
    ("round-robin groups", WINDOWS, SIXES, "first:first + CG", "f % groups::groups"),
    ("round-robin channels", WINDOWS, SIXES, "first:first + CG", "f // (F // groups)::groups"),
    ("round-robin filters", LOOPS, SIXES, FIRST, "first = f % groups * CG"),
    ("groups in reverse", LOOPS, SIXES, FIRST, "first = (groups - 1 - f // (F // groups)) * CG"),
    (
        "groups' outputs interleaved",
        PER_TAP,
        SIXES,
        "np.concatenate(parts, axis=1)",
        "np.stack(parts, axis=2).reshape(len(x), F, OH, OW)",
    ),
    # flattening
    (
        "patches flattened as (kh kw c) (channels-last), kernels as (c kh kw)",
        IM2COL,
        ASKED,
        "patch.reshape(-1)",
        "patch.transpose(1, 2, 0).reshape(-1)",
    ),
    (
        "kernels flattened as (kh kw c) (channels-last), patches as (c kh kw)",
        IM2COL,
        ASKED,
        "kernels.reshape(F",
        "kernels.transpose(0, 2, 3, 1).reshape(F",
    ),
    (
        "patches flattened as (kw kh c) (column-major), kernels as (c kh kw)",
        IM2COL,
        ASKED,
        "patch.reshape(-1)",
        'patch.ravel(order="F")',
    ),
    (
        "kernels flattened as (kw kh c) (column-major), patches as (c kh kw)",
        IM2COL,
        ASKED,
        "kernels.reshape(F // groups, -1)",
        'kernels.reshape(F // groups, -1, order="F")',
    ),
    (
        "patches flattened as (c kw kh) (kernel by columns), kernels as (c kh kw)",
        IM2COL,
        ASKED,
        "patch.reshape(-1)",
        "np.concatenate([p.T.ravel() for p in patch])",
    ),
    (
        "kernels flattened as (c kw kh) (kernel by columns), patches as (c kh kw)",
        IM2COL,
        ASKED,
        "kernels.reshape(F",
        "kernels.swapaxes(2, 3).reshape(F",
    ),
    (
        "patches flattened as (kw c kh), kernels as (c kh kw)",
        IM2COL,
        UNEQUAL,
        "patch.reshape(-1)",
        "patch.transpose(2, 0, 1).reshape(-1)",
    ),
    (
        "kernels flattened as (kw c kh), patches as (c kh kw)",
        IM2COL,
        UNEQUAL,
        "kernels.reshape(F",
        "kernels.transpose(0, 3, 1, 2).reshape(F",
    ),
    (
        "patches flattened as (kh c kw), kernels as (c kh kw)",
        IM2COL,
        UNEQUAL,
        "patch.reshape(-1)",
        "patch.swapaxes(0, 1).reshape(-1)",
    ),
    (
        "kernels flattened as (kh c kw), patches as (c kh kw)",
        IM2COL,
        UNEQUAL,
        "kernels.reshape(F",
        "kernels.swapaxes(1, 2).reshape(F",
    ),
    (
        "kernels reshaped to (C·KH·KW, F) without a transpose",
        IM2COL,
        ASKED,
        "kernels.reshape(F // groups, -1).T",
        "kernels.reshape(-1, F // groups)",
    ),
    (
        "patches reshaped from (C·KH·KW, L) to (L, C·KH·KW) without a transpose",
        IM2COL,
        PLAIN,
        "P = np.array(rows)",
        "P = np.concatenate([p.T.reshape(OH * OW, -1) for p in np.array(rows).reshape(N, OH * OW, -1)])",
    ),
    (
        "patches reshaped from (C·KH·KW, N·L) to (N·L, C·KH·KW) without a transpose",
        IM2COL,
        PLAIN,
        "P = np.array(rows)",
        "P = np.array(rows).T.copy().reshape(N * OH * OW, -1)",
    ),
    # the accumulator
    (
        "accumulator not cleared over the positions along the width",
        LOOPS,
        ASKED,
        *moved("                for j in range(OW):"),
    ),
    (
        "accumulator not cleared over the positions along the height, positions along the width",
        LOOPS,
        ASKED,
        *moved("            for i in range(OH):"),
    ),
    (
        "accumulator not cleared over the filters, positions along the height, positions along the width",
        LOOPS,
        ASKED,
        *moved("        for f in range(F):"),
    ),
    (
        "accumulator not cleared over the samples, filters, positions along the height, "
        "positions along the width",
        LOOPS,
        ASKED,
        *moved("    for n in range(N):"),
    ),
    (
        "accumulator not cleared over the filters",
        GUARDED,
        ASKED,
        *moved("                for f in range(F):"),
    ),
    (
        "accumulator not cleared over the positions along the width, filters",
        GUARDED,
        ASKED,
        *moved("            for j in range(OW):"),
    ),
    (
        "accumulator not cleared over the positions along the height, positions along the width, filters",
        GUARDED,
        ASKED,
        *moved("        for i in range(OH):"),
    ),
    (
        "accumulator not cleared over the samples, positions along the height, "
        "positions along the width, filters",
        GUARDED,
        ASKED,
        *moved("    for n in range(N):"),
    ),
    (
        "accumulator not cleared over the samples",
        GUARDED,
        ASKED,
        "    for n in range(N):",
        "    image = np.zeros((F, OH, OW))\n    for n in range(N):",
        "y[n, f, i, j] = total",
        "image[f, i, j] += total\n        y[n] = image",
    ),
    (
        "accumulator not cleared over the samples, filters",
        LOOPS,
        ASKED,
        "    for n in range(N):",
        "    plane = np.zeros((OH, OW))\n    for n in range(N):",
        "y[n, f, i, j] = total",
        "plane[i, j] += total\n            y[n, f] = plane",
    ),
    (
        "accumulator not cleared over the positions along the height",
        LOOPS,
        ASKED,
        "            for i in range(OH):",
        "            row = np.zeros(OW)\n            for i in range(OH):",
        "y[n, f, i, j] = total",
        "row[j] += total\n                y[n, f, i] = row",
    ),
    # scale
    ("every output doubled", LOOPS, ASKED, RETURN, "return y + y\n"),
    ("every output negated", LOOPS, ASKED, "total +=", "total -="),
    ("mean in place of sum", WINDOWS, ASKED, "np.sum(", "np.mean("),
    ("mean over the window in place of sum", LOOPS, ASKED, "= total\n", "= total / (KH * KW)\n"),
    ("mean over the channels in place of sum", LOOPS, ASKED, "= total\n", "= total / CG\n"),
    (
        "mean over the samples in place of sum",
        LOOPS,
        sc.Geometry((4, 5), 2, 2, 2, 3),
        "= total\n",
        "= total / N\n",
    ),
    # the output's order
    (
        "sums in the order (F, N, OH, OW) reshaped to (N, F, OH, OW)",
        COLUMNS,
        PLAIN,
        REST,
        "return Y.reshape(N, F, OH, OW)",
    ),
    (
        "sums in the order (N, OH, OW, F) reshaped to (N, F, OH, OW)",
        IM2COL,
        PLAIN,
        "Y.reshape(N, OH, OW, F // groups).transpose(0, 3, 1, 2)",
        "Y.reshape(N, F // groups, OH, OW)",
    ),
    (
        "sums in the order (F, OH, OW, N) reshaped to (N, F, OH, OW)",
        COLUMNS,
        PLAIN,
        "transpose(1, 2, 3, 0, 4, 5)",
        "transpose(1, 2, 3, 4, 5, 0)",
        REST,
        "return Y.reshape(N, F, OH, OW)",
    ),
    (
        "sums in the order (N, F, OW, OH) reshaped to (N, F, OH, OW)",
        LOOPS,
        ASKED,
        RETURN,
        "return y.swapaxes(2, 3).reshape(N, F, OH, OW)\n",
    ),
    (
        "height and width of the output swapped",
        LOOPS,
        ASKED,
        "y[n, f, i, j]",
        "y[n, f, j, i]",
        "np.zeros((N, F, OH, OW))",
        "np.zeros((N, F, OW, OH))",
    ),
    (
        "output reshaped to width by height",
        COLUMNS,
        TALL,
        REST,
        "return Y.reshape(F, N, OW, OH).transpose(1, 0, 2, 3)",
    ),
    # the output's shape
    ("output in the order (N, OH, OW, F)", LOOPS, ASKED, RETURN, "return y.transpose(0, 2, 3, 1)\n"),
    ("output in the order (F, N, OH, OW)", COLUMNS, PLAIN, REST, "return Y.reshape(F, N, OH, OW)"),
    ("axis N of length 1 lost", LOOPS, THREE_BY_FOUR, RETURN, "return y[0]\n"),
    ("axes N, F of length 1 lost", LOOPS, ONE, RETURN, "return y.squeeze()\n"),
    ("output left as (N, F, L)", LOOPS, ASKED, RETURN, "return y.reshape(N, F, -1)\n"),
    ("output left as (F, N·L)", COLUMNS, PLAIN, REST, "return Y"),
    (
        "output left as (N·L, F)",
        IM2COL,
        PLAIN,
        "ys.append(Y.reshape",
        "return Y\n        ys.append(Y.reshape",
    ),
    (
        "output left as (N, L, F)",
        IM2COL,
        PLAIN,
        "ys.append(Y.reshape",
        "return Y.reshape(N, -1, F)\n        ys.append(Y.reshape",
    ),
    ("output left as (N·L·F,), flat", LOOPS, ASKED, RETURN, "return y.ravel()\n"),
    # parts of the output
    (
        "only the first sample written",
        LOOPS,
        sc.Geometry((4, 5), 2, 2, 2, 3),
        "for n in range(N)",
        "for n in range(1)",
    ),
    (
        "only the first sample returned",
        WINDOWS,
        ASKED,
        "        samples.append(planes)\n",
        "        samples.append(planes)\n        break\n",
    ),
    ("only the first filter written", LOOPS, ASKED, "for f in range(F)", "for f in range(1)"),
    ("only the first filter returned", WINDOWS, ASKED, "for f in range(F)", "for f in range(1)"),
    (
        "last sample not written",
        LOOPS,
        sc.Geometry((4, 5), 2, 2, 2, 3),
        "for n in range(N)",
        "for n in range(N - 1)",
    ),
    ("last filter not written", LOOPS, ASKED, "for f in range(F)", "for f in range(F - 1)"),
    ("last position along the height not written", LOOPS, ASKED, "in range(OH)", "in range(OH - 1)"),
    ("last position along the width not written", LOOPS, ASKED, "in range(OW)", "in range(OW - 1)"),
    (
        "last position on every axis not written",
        LOOPS,
        ASKED,
        "in range(OH)",
        "in range(OH - 1)",
        "in range(OW)",
        "in range(OW - 1)",
    ),
]


@pytest.mark.parametrize(
    ("name", "code", "g", "changes"),
    [(n, c, g, ch) for n, c, g, *ch in ONE_MISTAKE],
    ids=[f"{i}-{row[0]}" for i, row in enumerate(ONE_MISTAKE)],
)
def test_code_with_one_bug_is_named(name, code, g, changes):
    own = read_map(mistaken(code, *changes), g)
    found = diagnose(own, g)
    assert found, "no known mistake explains this"
    assert (found.name, len(found.mistakes)) == (name, 1), str(found)


def test_every_mistake_of_the_family_has_code_that_makes_it():
    layers = (ASKED, PLAIN, SAME_UPPER, SAME_LOWER, TWO_FILTERS, MIRRORED)
    known = {m.name for g in layers for m in mistakes(g)}
    shown = {row[0] for row in ONE_MISTAKE}
    assert shown <= known | {row[0] for row in ONE_MISTAKE if "length 1" in row[0]}
    # of those that come in many orders of axes, a few of each kind are tried
    many = ("sums in the order", "output in the order")
    assert sorted(known - shown) == [name for name in sorted(known - shown) if name.startswith(many)]


# (what they are called, code, geometry, right, wrong, …)
TWO_MISTAKES = [
    (
        "kernel rotated by 180° and padding missing",
        LOOPS,
        ASKED,
        (
            "w[f, c, a, b]",
            "w[f, c, -1 - a, -1 - b]",
            PAD_LOOPS,
            "x",
            " + top + bottom",
            "",
            " + left + right",
            "",
        ),
    ),
    (
        "strides swapped and dilation ignored",
        WINDOWS,
        ASKED,
        (STRIDES, "(sw, sh), (dh, dw) = stride, (1, 1)"),
    ),
    (
        "strides swapped and groups ignored: the first group's channels used for all",
        LOOPS,
        ASKED,
        (STRIDES, "(sw, sh), (dh, dw) = stride, dilation", FIRST, "first = 0"),
    ),
    (
        "padding before and after exchanged and dilations swapped",
        IM2COL,
        ASKED,
        ("*padding", "*(p[::-1] for p in padding)", STRIDES, "(sh, sw), (dw, dh) = stride, dilation"),
    ),
    (
        "kernel rotated by 180° and sums in the order (N, OH, OW, F) reshaped to (N, F, OH, OW)",
        IM2COL,
        PLAIN,
        (
            "kernels.reshape(F",
            "kernels[..., ::-1, ::-1].reshape(F",
            "Y.reshape(N, OH, OW, F // groups).transpose(0, 3, 1, 2)",
            "Y.reshape(N, F // groups, OH, OW)",
        ),
    ),
    (
        "kernel rotated by 180° and only the last channel kept",
        LOOPS,
        ASKED,
        (
            "w[f, c, a, b]",
            "w[f, c, -1 - a, -1 - b]",
            "range(CG):",
            "range(CG):\n                        total = 0",
        ),
    ),
    (
        "kernel transposed and output in the order (N, OH, OW, F)",
        LOOPS,
        ASKED,
        (KERNEL, "w = w.swapaxes(2, 3)\n    " + KERNEL, RETURN, "return y.transpose(0, 2, 3, 1)\n"),
    ),
    (
        "kernel rotated by 180° and accumulator not cleared over the filters",
        GUARDED,
        ASKED,
        ("w[f, c, a, b]", "w[f, c, -1 - a, -1 - b]", *moved("                for f in range(F):")),
    ),
    (
        "stride ignored and mean in place of sum",
        WINDOWS,
        ASKED,
        ("(KH - 1), sh)", "(KH - 1))", "(KW - 1), sw)", "(KW - 1))", "np.sum(", "np.mean("),
    ),
]


@pytest.mark.parametrize(("name", "code", "g", "changes"), TWO_MISTAKES, ids=[row[0] for row in TWO_MISTAKES])
def test_code_with_two_bugs_is_named(name, code, g, changes):
    found = diagnose(read_map(mistaken(code, *changes), g), g, seconds=60)
    assert found, "no two known mistakes explain this"
    assert (found.name, len(found.mistakes)) == (name, 2), str(found)


UNKNOWN = [
    ("one-cell-off", LOOPS, ("w[f, c, a, b]", "w[f, c, a, (b + i) % KW]")),
    ("a-product-too-many", LOOPS, ("= total\n", "= total + w[0, 0, 0, 0] * x[0, 0, 0, 0]\n")),
    ("a-third-of-it", LOOPS, ("total += w", "total += (1 + (i == j)) * w")),
    ("only-diagonal-taps", LOOPS, ("for b in range(KW):", "for b in [a]:")),
    (
        "three-at-once",
        WINDOWS,
        (
            STRIDES,
            "(sw, sh), (dh, dw) = stride, dilation",
            "* w[f]",
            "* w[f, ..., ::-1]",
            "first:",
            "CG - first:",
            "first + CG",
            "CG - first + CG",
        ),
    ),
]


@pytest.mark.parametrize(("code", "changes"), [row[1:] for row in UNKNOWN], ids=[row[0] for row in UNKNOWN])
def test_a_bug_outside_the_family_is_not_named(code, changes):
    own = read_map(mistaken(code, *changes), ASKED)
    assert own != BilinearMap.of_definition(ASKED)
    assert diagnose(own, ASKED, seconds=60) is None


def test_mistakes_that_make_the_same_are_all_named():
    halved = mistaken(WINDOWS, "*padding", "*((0, 0) for _ in padding)")
    found = diagnose(read_map(halved, SQUARE), SQUARE)
    assert found.name == "padding missing"
    assert {"padding halved", "output size without the padding"} & {named(o) for o in found.others} == {
        "padding halved"
    }
    assert "Here the same is made by: padding halved" in str(found)
    wider = sc.Geometry((4, 5), (2, 2), 2, 2, 2, padding=2)
    assert found.told_apart_by([SQUARE, wider]) == wider
    assert found.told_apart_by([SQUARE]) is None
    both = diagnose_all([(read_map(halved, g), g) for g in (SQUARE, wider)])
    assert (both.name, both.geometries) == ("padding missing", (SQUARE, wider))
    assert "padding halved" not in {named(o) for o in both.others}
    halved = mistaken(WINDOWS, "*padding", "*((b // 2, a // 2) for b, a in padding)")
    assert diagnose_all([(read_map(halved, g), g) for g in (SQUARE, wider)]).name == "padding halved"


def test_every_explanation_that_is_named_is_exact():
    own = read_map(mistaken(LOOPS, "w[f, c,", "w[0, c,", "w[0, c, a, b]", "w[0, c, a, b]"), TWO_FILTERS)
    found = diagnose(own, TWO_FILTERS)
    attempts = Attempts(TWO_FILTERS)
    for explanation in (found.mistakes, *found.others):
        assert attempts.table(tuple(m.change for m in explanation)) == own


def test_a_mistake_that_shows_at_one_geometry_only_explains_the_other_too():
    swapped = mistaken(LOOPS, STRIDES, "(sw, sh), (dh, dw) = stride, dilation")
    found = diagnose_all([(read_map(swapped, g), g) for g in (PLAIN, ASKED, ONE)])
    assert found.name == "strides swapped"
    rightly = [(read_map(function(LOOPS), g), g) for g in (PLAIN, ASKED)]
    assert diagnose_all(rightly) is None
    assert (
        diagnose_all([rightly[0], (read_map(swapped, ASKED), ASKED), rightly[1]]) is None
    )  # not one function


def test_a_mistake_in_groups_explains_a_layer_without():
    mixed = mistaken(LOOPS, FIRST, "first = 0")
    cases = [(read_map(mixed, g), g) for g in (SIXES, PLAIN)]
    assert diagnose_all(cases).name == "groups ignored: the first group's channels used for all"


def test_two_bugs_of_which_each_shows_at_another_geometry():
    code = mistaken(LOOPS, STRIDES, "(sw, sh), (dh, dw) = stride, dilation", FIRST, "first = 0")
    cases = [(read_map(code, g), g) for g in (SIXES, STRIDED, ASKED)]
    found = diagnose_all(cases, seconds=60)
    assert found.name == "strides swapped and groups ignored: the first group's channels used for all"


def test_a_diagnosis_says_what_was_done_and_what_to_change_with_its_numbers():
    found = diagnose(read_map(mistaken(WINDOWS, "(KH - 1), sh)", "(KH - 1))"), ASKED), ASKED)
    assert str(found) == (
        "stride ignored along the height\n"
        "  Your stride along the height is 1 where it should be 3.\n"
        "  Start the window of output position (i, j) at (i, j) times the stride (3, 2), axis by axis."
    )


def test_pairs_are_given_up_when_the_time_is_over():
    own = read_map(mistaken(WINDOWS, STRIDES, "(sw, sh), (dh, dw) = stride, (1, 1)"), ASKED)
    assert diagnose(own, ASKED, seconds=0) is None


def test_where_all_values_agree_by_chance_the_tables_still_decide(monkeypatch):
    for module in (attempt, bilinear_map):
        monkeypatch.setattr(module, "random_values", lambda which, size: np.ones(size, dtype=np.uint64))
    unknown = read_map(mistaken(LOOPS, "w[f, c, a, b]", "w[f, c, a, (b + i) % KW]"), PLAIN)
    assert diagnose(unknown, PLAIN, seconds=0.5) is None
    flipped = read_map(mistaken(LOOPS, "w[f, c, a, b]", "w[f, c, a, -1 - b]"), PLAIN)
    found = diagnose(flipped, PLAIN)
    assert (found.name, found.others) == ("kernel flipped along the width", ())


@settings(max_examples=40)
@given(g=geometries(), data=st.data())
def test_an_altered_map_is_named_only_by_what_makes_exactly_it(g, data):
    right = BilinearMap.of_plan(g, index_map(g))
    if not right.outputs.size:
        return
    columns = [np.array(c) for c in (right.outputs, right.weights, right.cells, right.coefficients)]
    sizes = (*(int(np.prod(s)) for s in (g.output_shape, g.kernel_shape, g.input_shape)), 3)
    for _ in range(data.draw(st.integers(1, 3))):
        column = data.draw(st.integers(0, 3))
        place = data.draw(st.integers(0, right.outputs.size - 1))
        columns[column][place] = data.draw(st.integers(0, sizes[column] - 1))
    own = BilinearMap(right.shape, *columns)
    found = diagnose(own, g, seconds=0.2)
    if own == right:
        assert found is None
    elif found:
        attempts = Attempts(g)
        for explanation in (found.mistakes, *found.others):
            assert attempts.table(tuple(m.change for m in explanation)) == own


@settings(max_examples=30)
@given(g=geometries(most_products=200), data=st.data())
def test_values_and_table_of_an_attempt_agree_for_every_mistake_and_pair(g, data):
    family, attempts = mistakes(g), Attempts(g)
    assert len({m.name for m in family}) == len(family)
    for _ in range(12):
        chosen = data.draw(st.lists(st.sampled_from(family), min_size=0, max_size=2))
        changes = tuple(m.change for m in chosen)
        try:
            table = attempts.table(changes)
        except (ValueError, IndexError):
            continue
        factor = factor_of(changes)
        values = attempts.values(changes)
        assert values.shape == table.shape
        scale, own_scale = ((n % 2**64) for n in (factor.numerator * table.divisor, factor.denominator))
        assert np.array_equal(values.ravel() * np.uint64(scale), table.values * np.uint64(own_scale))


@given(g=geometries())
def test_the_plan_and_the_definition_are_one_table_and_no_change_makes_it(g):
    right = BilinearMap.of_definition(g)
    assert BilinearMap.of_plan(g, index_map(g)) == right
    assert Attempts(g).table(()) == right
    assert diagnose(right, g) is None


SMALL = BilinearMap((1, 2), [1, 0, 0, 0], [0, 0, 1, 0], [1, 0, 1, 0], [1, 1, 1, 1])


def test_a_table_is_sorted_and_added_up_whatever_order_its_columns_are_in():
    assert [list(c) for c in (SMALL.outputs, SMALL.weights, SMALL.cells, SMALL.coefficients)] == [
        [0, 0, 1],
        [0, 1, 0],
        [0, 1, 1],
        [2, 1, 1],
    ]
    assert BilinearMap((1, 2), [0, 0, 1, 1, 1], [1, 0, 0, 5, 5], [1, 0, 1, 5, 5], [1, 2, 1, 3, -3]) == SMALL
    twice = BilinearMap((1,), [0, 0], [0, 0], [0, 0], [1, 1])  # in order already, and yet to be added up
    assert list(twice.coefficients) == [2]
    huge = BilinearMap(
        (2**40,), [2**39, 0, 2**39], [2**30, 0, 2**30], [2**30, 1, 2**30], [1, 1, 2]
    )  # by three keys
    assert [list(c) for c in (huge.outputs, huge.coefficients)] == [[0, 2**39], [1, 3]]


def test_a_table_of_fractions_has_one_divisor_in_lowest_terms():
    halves = BilinearMap((2,), [0, 1], [0, 0], [0, 1], [Fraction(1, 2), Fraction(3, 4)])
    assert (list(halves.coefficients), halves.divisor) == ([2, 3], 4)
    assert BilinearMap((2,), [0, 1], [0, 0], [0, 1], [6, 9], divisor=12) == halves
    assert halves.sum_at(1) == {(0, 1): Fraction(3, 4)}
    assert halves != BilinearMap((2,), [0, 1], [0, 0], [0, 1], [2, 3])
    assert BilinearMap((2,), [], [], [], [], divisor=3) == BilinearMap((2,), [], [], [], [])
    assert hash(halves) == hash(BilinearMap((2,), [0, 1], [0, 0], [0, 1], [6, 9], divisor=12))


@pytest.mark.parametrize(
    ("changed", "cell"),
    [
        (([1, 0, 0], [0, 0, 1], [1, 0, 1], [1, 2, 2]), (0, 0)),
        (([1, 0], [0, 0], [1, 0], [1, 2]), (0, 0)),
        (([0, 0], [0, 1], [0, 1], [2, 1]), (0, 1)),
        (([1, 1, 0, 0], [0, 4, 0, 1], [1, 0, 0, 1], [1, 1, 2, 1]), (0, 1)),
        (([1, 0, 0], [0, 0, 1], [1, 0, 3], [1, 2, 1]), (0, 0)),
        (([1, 0, 0], [1, 0, 1], [1, 0, 1], [1, 2, 1]), (0, 1)),
    ],
    ids=["coefficient", "one-less", "last-cell-empty", "one-more", "input", "kernel"],
)
def test_the_first_cell_that_differs_is_shown_with_both_sums(changed, cell):
    other = BilinearMap((1, 2), *changed)
    for one, two in ((SMALL, other), (other, SMALL)):
        found = one.difference(two)
        assert found.cell == cell
        assert (found.one, found.other) == (one.sum_at(cell[1]), two.sum_at(cell[1]))
        assert found.one != found.other
    assert SMALL.difference(SMALL) is None
    assert SMALL != "a table"


def test_tables_of_two_shapes_are_not_equal():
    assert BilinearMap((2, 1), SMALL.outputs, SMALL.weights, SMALL.cells, SMALL.coefficients) != SMALL


REFUSED = [
    (
        "lengths",
        lambda: BilinearMap((1,), [0], [0, 1], [0], [1]),
        ArrayError,
        "outputs, weights, cells and coefficients have lengths [1, 2, 1, 1]: give four columns of one length",
    ),
    (
        "beyond-the-shape",
        lambda: BilinearMap((1, 2), [2], [0], [0], [1]),
        ArrayError,
        "outputs has 2, and the shape (1, 2) has the cells 0 to 1: number them in row-major order",
    ),
    (
        "below-zero",
        lambda: BilinearMap((1, 2), [0], [0], [-1], [1]),
        ArrayError,
        "cells has -1: number the cells of each array from 0",
    ),
    (
        "coefficient",
        lambda: BilinearMap((1,), [0], [0], [0], [Fraction(2**50, 3)]),
        ArrayError,
        f"a coefficient is {2**50}/3, and 2⁴⁰ over the common divisor is the most that can be counted",
    ),
    (
        "divisor",
        lambda: BilinearMap((1,), [0], [0], [0], [1], divisor=0),
        ArrayError,
        "divisor=0 is too small: give an int of at least 1",
    ),
    (
        "two-shapes",
        lambda: SMALL.difference(BilinearMap((2,), [], [], [], [])),
        ArrayError,
        "the outputs have shapes (1, 2) and (2,): only cells of one shape can be compared",
    ),
    (
        "too-many",
        lambda: BilinearMap.of_definition(sc.Geometry((56, 56), 3, 64, 64, padding=1)),
        SizeLimitError,
        "a table of 115,605,504 products is more than 16,777,216: "
        "a mistake shows at a smaller geometry as well, so choose one",
    ),
    (
        "no-cases",
        lambda: diagnose_all([]),
        RequestError,
        "cases is empty: give the function's products and the geometry, at least once",
    ),
    (
        "symbols",
        lambda: diagnose(SMALL, sc.Geometry(("H", "W"), 3)),
        sc.GeometryError,
        "Geometry(input_size=('H', 'W'), kernel_size=(3, 3)) is a layer of every size, "
        "and a diagnosis is of one: "
        "put numbers in with subs(H=…)",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_cannot_be_done_is_refused_in_one_sentence(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
    assert isinstance(caught.value, sc.SymconvError)


def test_as_many_products_as_may_be_are_not_refused():
    refuse_too_many(MOST_PRODUCTS)

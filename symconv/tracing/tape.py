"""The tape: what a traced function did to its values, one operation a row, in columns of plain numbers.

A value is known by its id alone. Ids below ``CONSTANTS`` are exact constants (0 and 1 have the ids 0 and 1,
so that whatever NumPy fills with zeros holds the constant zero), the next ones are the cells of x and then
of w, and each operation takes the next. ``UNSET`` marks memory that nobody has written to. A matrix product
is kept as the two matrices of ids it was made of, so that a whole layer takes no more room than its patch
matrix.
"""

import sys
from array import array
from bisect import bisect_right
from enum import IntEnum
from fractions import Fraction
from math import isfinite, prod
from numbers import Rational
from types import CodeType, FrameType
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from symconv.entries import Array
from symconv.errors import SymconvError

Ids = npt.NDArray[np.int64]
Place = tuple[str, int]  # a file and a line in it

CONSTANTS = 1 << 16
UNSET, ZERO, ONE = -1, 0, 1
MOST_NODES = 1 << 25  # 300 MB of tape
FOLLOWED = "__symconv_follows__"  # is among the globals of every function that is being followed


class TraceError(SymconvError, ValueError):
    """A function that cannot be followed; the message says what was met, and on which line.

    Attributes:
        reason: what cannot be followed.
        place: file and line of the person's source, if known.
        raised: what the function itself raised, if that is why.
    """

    def __init__(self, reason: str, place: Place | None = None, raised: BaseException | None = None) -> None:
        super().__init__(reason + (f" (line {place[1]})" if place else ""))
        self.reason, self.place, self.raised = reason, place, raised


def said_by(error: BaseException) -> str:
    """The text of an error of a person's own, which may fail to give any."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 (a person's class may raise anything)
        return ""


class Op(IntEnum):
    """What a row of the tape is, and what its two numbers mean."""

    INPUT = 0  # a cell of x or w
    ADD = 1  # two ids
    SUBTRACT = 2  # two ids
    MULTIPLY = 3  # two ids
    SUM = 4  # start and length in ``summands``
    DOT = 5  # start and length in ``left`` and ``right``
    BLOCK = 6  # number of a matrix product, and which of its entries


_FOLDED = {Op.ADD: Fraction.__add__, Op.SUBTRACT: Fraction.__sub__, Op.MULTIPLY: Fraction.__mul__}


class Tape:
    """The operations of one run.

    Args:
        x_shape: shape of the input.
        w_shape: shape of the kernels.

    Attributes:
        constants: the constant of each id below ``CONSTANTS`` that is in use.
        op: what each row is, as ``Op``; row r has the id ``CONSTANTS + r``.
        first: its first number.
        second: its second number.
        summands: ids that rows of kind ``SUM`` add up.
        left: ids of left factors that rows of kind ``DOT`` multiply with
        right: these.
        blocks: pairs of matrices of ids, shapes (B, M, K) and (B, K, N).
        refused: the first thing that could not be followed, even if the function went on after it.

    Examples:
        >>> tape = Tape((2,), (1,))
        >>> x, w = tape.inputs()
        >>> tape.one(Op.MULTIPLY, int(x[0]), int(w[0])) == CONSTANTS + 3
        True
        >>> tape.one(Op.MULTIPLY, int(x[0]), ZERO)
        0
    """

    def __init__(self, x_shape: tuple[int, ...], w_shape: tuple[int, ...]) -> None:
        self.x_shape, self.w_shape = x_shape, w_shape
        self.x_cells, self.w_cells = prod(x_shape), prod(w_shape)
        cells = self.x_cells + self.w_cells
        self.op, self.first, self.second = array("b", bytes(cells)), array("i"), array("i")
        self.first.frombytes(np.arange(cells, dtype=np.int32).tobytes())
        self.second.frombytes(bytes(4 * cells))
        self.summands, self.left, self.right = array("i"), array("i"), array("i")
        self.blocks: list[tuple[Array, Array]] = []
        self.constants = [Fraction(0), Fraction(1)]
        self.refused: TraceError | None = None
        self._constant_ids = {Fraction(0): ZERO, Fraction(1): ONE}
        self._not_as_floats: set[int] = set()
        self._starts, self._places = [0], [("", 0)]
        self._line, self._code = 0, _NO_CODE

    def inputs(self) -> tuple[Ids, Ids]:
        """The ids of the cells of x and of w, in their shapes."""
        ids = np.arange(CONSTANTS, CONSTANTS + self.x_cells + self.w_cells)
        x, w = np.split(ids, [self.x_cells])
        return x.reshape(self.x_shape).copy(), w.reshape(self.w_shape).copy()

    def refuse(self, what: str) -> NoReturn:
        """Give up, and remember it in case the function catches the error."""
        error = TraceError(what, self._here())
        self.refused = self.refused or error
        raise error

    def constant(self, value: Any) -> int:
        """The id of an exact number."""
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, float) and not isfinite(value):
            self.refuse(f"{value} is not a number to compute with exactly")
        if not isinstance(value, Rational | float):
            self.refuse(f"a value of type {type(value).__name__} cannot be followed")
        exact = Fraction(value)
        if isinstance(value, int) and not _is_float(exact):
            self.refuse(f"{value} is too large for a float to hold exactly")
        return self._constant_id(exact)

    def constant_array(self, values: Array) -> Ids:
        """The ids of an array of exact numbers."""
        if values.dtype.kind not in "biufO":
            self.refuse(f"an array of {values.dtype} cannot be followed")
        if values.dtype.kind == "O":
            ids = np.empty(values.shape, dtype=np.int64)
            for place, value in np.ndenumerate(values):
                ids[place] = self.constant(value)
            return ids
        if not values.any():
            return np.zeros_like(values, dtype=np.int64, subok=False)
        distinct, which = np.unique(values, return_inverse=True)
        table = np.array([self.constant(v) for v in distinct], dtype=np.int64)
        return table[which.reshape(values.shape)]

    def numbers(self, ids: Ids) -> Array | None:
        """The floats that some ids stand for, if all are constants that floats have held exactly so far."""
        if ids.size and not 0 <= ids.min() <= ids.max() < CONSTANTS:
            return None
        distinct, which = np.unique(ids, return_inverse=True)
        if not self._not_as_floats.isdisjoint(distinct.tolist()):
            return None
        table = np.array([float(self.constants[i]) for i in distinct], dtype=np.float64)
        numbers: Array = table[which.reshape(ids.shape)]
        numbers.flags.writeable = False  # what is written to a copy would be lost
        return numbers

    def one(self, op: Op, a: int, b: int) -> int:
        """The id of a sum, a difference or a product of two values."""
        if a < CONSTANTS or b < CONSTANTS:
            short = self._shortened(op, a, b)
            if short is not None:
                return short
        self._mark(1)
        self.op.append(op)
        self.first.append(a)
        self.second.append(b)
        return CONSTANTS + len(self.op) - 1

    def many(self, op: Op, a: Ids, b: Ids) -> Ids:
        """The ids of as many sums, differences or products; both arrays flat and of one length."""
        self._check_set(a, b)
        constant = (a < CONSTANTS) | (b < CONSTANTS)
        if not constant.any():
            return self._append(op, a, b)
        ids, left = np.empty_like(a), np.ones(a.size, dtype=bool)

        def settle(where: Any, value: Any) -> None:
            where = where & left
            ids[where] = value[where] if isinstance(value, np.ndarray) else value
            left[where] = False

        if op is Op.MULTIPLY:
            settle((a == ZERO) | (b == ZERO), ZERO)
            settle(a == ONE, b)
            settle(b == ONE, a)
        else:
            settle(b == ZERO, a)
            if op is Op.ADD:
                settle(a == ZERO, b)
        both = left & (a < CONSTANTS) & (b < CONSTANTS)
        if both.any():
            pairs, which = np.unique(a[both] * CONSTANTS + b[both], return_inverse=True)
            folded = [self._fold(op, *divmod(pair, CONSTANTS)) for pair in pairs.tolist()]
            ids[both] = np.array(folded, dtype=np.int64)[which]
            left[both] = False
        if left.any():
            ids[left] = self._append(op, a[left], b[left])
        return ids

    def sums(self, ids: Ids) -> Ids:
        """The ids of the sums along the last axis of a matrix of ids, shape (M, K)."""
        self._check_set(ids)
        rows, length = ids.shape
        if length == 0 or not ids.any():
            return np.zeros(rows, dtype=np.int64)
        if length == 1:
            return ids[:, 0].copy()
        starts = len(self.summands) + length * np.arange(rows)
        self._mark(ids.size)
        self.summands.frombytes(ids.astype(np.int32).tobytes())
        return self._append(Op.SUM, starts, np.full(rows, length))

    def products(self, left: Ids, right: Ids) -> Ids:
        """The ids of the entries of matrix products: (B, M, K) times (B, K, N) is (B, M, N)."""
        self._check_set(left, right)
        batch, rows, length = left.shape
        columns = right.shape[2]
        entries = batch * rows * columns
        if length == 0 or entries == 0:
            return np.zeros((batch, rows, columns), dtype=np.int64)
        self._mark(entries)
        if length == 1:
            pairs = np.broadcast_arrays(left, right)
            return self.many(Op.MULTIPLY, *(p.ravel() for p in pairs)).reshape(batch, rows, columns)
        if entries * length > left.size + right.size:  # fewer numbers than the pairs one by one
            self._mark(left.size + right.size)
            self.blocks.append((left.astype(np.int32), right.astype(np.int32)))
            number = np.full(entries, len(self.blocks) - 1)
            return self._append(Op.BLOCK, number, np.arange(entries)).reshape(batch, rows, columns)
        starts = len(self.left) + length * np.arange(entries)
        self._mark(entries * length)
        whole = (batch, rows, columns, length)
        for pool, factors in ((self.left, left[:, :, None]), (self.right, right.swapaxes(1, 2)[:, None])):
            pool.frombytes(np.broadcast_to(factors, whole).astype(np.int32).tobytes())
        return self._append(Op.DOT, starts, np.full(entries, length)).reshape(batch, rows, columns)

    def place(self, identity: int) -> Place | None:
        """The line of the person's source on which a value was made."""
        row = identity - CONSTANTS
        if row < self.x_cells + self.w_cells:
            return None
        return self._places[bisect_right(self._starts, row) - 1]

    def _append(self, op: Op, a: Ids, b: Ids) -> Ids:
        self._mark(a.size)
        start = CONSTANTS + len(self.op)
        self.op.frombytes(bytes([op]) * a.size)
        self.first.frombytes(a.astype(np.int32).tobytes())
        self.second.frombytes(b.astype(np.int32).tobytes())
        return np.arange(start, start + a.size)

    def _check_set(self, *arrays: Ids) -> None:
        if any(a.size and a.min() < 0 for a in arrays):
            self.refuse("a cell of np.empty is read before anything was put there")

    def _shortened(self, op: Op, a: int, b: int) -> int | None:
        if a < 0 or b < 0:
            self.refuse("a cell of np.empty is read before anything was put there")
        if op is Op.MULTIPLY:
            if ZERO in (a, b):
                return ZERO
            if ONE in (a, b):
                return b if a == ONE else a
        elif b == ZERO:
            return a
        elif a == ZERO and op is Op.ADD:
            return b
        return self._fold(op, a, b) if a < CONSTANTS and b < CONSTANTS else None

    def _fold(self, op: Op, a: int, b: int) -> int:
        """The constant that an operation on two constants makes, and whether floats would have kept up."""
        value = _FOLDED[op](self.constants[a], self.constants[b])
        identity = self._constant_id(value)
        if not self._not_as_floats.isdisjoint((a, b)) or not _is_float(value):
            self._not_as_floats.add(identity)
        return identity

    def _constant_id(self, value: Fraction) -> int:
        identity = self._constant_ids.get(value)
        if identity is None:
            identity = len(self.constants)
            if identity == CONSTANTS:
                self.refuse(f"more than {CONSTANTS:,} different constants cannot be followed")
            self._constant_ids[value] = identity
            self.constants.append(value)
            if not _is_float(value):
                self._not_as_floats.add(identity)
        return identity

    def _mark(self, operations: int) -> None:
        """Note the line that is being run, and that so much more will be on the tape."""
        held = len(self.op) + len(self.summands) + len(self.left)
        if held + operations > MOST_NODES:
            self.refuse(f"more than {MOST_NODES:,} operations cannot be kept: try smaller sizes")
        frame = sys._getframe(2)
        while FOLLOWED not in frame.f_globals:
            if frame.f_back is None:
                return
            frame = frame.f_back
        line, code = frame.f_lineno, frame.f_code
        if line != self._line or code is not self._code:
            self._line, self._code = line, code
            self._starts.append(len(self.op))
            self._places.append((code.co_filename, line))

    def _here(self) -> Place | None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and FOLLOWED not in frame.f_globals:
            frame = frame.f_back
        return (frame.f_code.co_filename, frame.f_lineno) if frame else None


def _is_float(value: Fraction) -> bool:
    try:
        return Fraction(float(value)) == value
    except OverflowError:
        return False


_NO_CODE: CodeType = _is_float.__code__

"""What cannot be followed, and how it is said; and what NumPy's functions do to followed values."""

import functools
import math

import numpy as np
import pytest
import scipy.signal

from symconv.tracing.polynomials import expand
from symconv.tracing.tape import TraceError
from symconv.tracing.trace import trace

SOMEWHERE = np.zeros(3)


def into_float32(x, w):
    out = np.zeros(3, dtype=np.float32)
    out += x * w[0]
    return out


def into_int8(x, w):
    out = np.zeros(3, dtype=np.int8)
    out[0] = x[0]
    return out


def into_a_global(x, w):
    SOMEWHERE[:] = x * w[0]
    return SOMEWHERE


def caught(x, w):
    try:
        return x.astype(np.float32)
    except Exception:  # noqa: BLE001
        return x * w[0]


def unwritten(x, w):
    out = np.empty(3)
    out[:2] = x[:2]
    return out


def read_unwritten(x, w):
    out = np.empty(3)
    out += x
    return out


def outside(x, w):
    return np.lib.stride_tricks.as_strided(x[1:], (3,), (8,))


def before_the_start(x, w):
    return np.lib.stride_tricks.as_strided(x, (2,), (-8,))


def between_cells(x, w):
    return np.lib.stride_tricks.as_strided(x, (2,), (4,))


def lost_write(x, w):
    out = np.zeros((3, 3))
    np.fill_diagonal(out, 1)
    return out


def lost_write_at(x, w):
    out = np.zeros(3)
    np.maximum.at(out, [0], 1)
    return out


def other_run(x, w):
    kept = functools.cache(lambda: x)
    return kept() * w[0]


def takes_into(x, w):
    out = np.zeros(3)
    np.take(x, [0, 1, 2], 0, out)
    return out


REFUSED = {
    "branch": (lambda x, w: x if x[0] else w, "a branch on values cannot be followed"),
    "comparison": (lambda x, w: x * (x > 0), "a comparison of values cannot be followed"),
    "equality": (lambda x, w: x * (x == x), "a comparison of values cannot be followed"),
    "membership": (lambda x, w: x[0] in [1, 2], "a comparison of values cannot be followed"),
    "max": (lambda x, w: max(x), "a comparison of values cannot be followed"),
    "sorted": (lambda x, w: sorted(x), "a comparison of values cannot be followed"),
    "np.max": (lambda x, w: np.max(x), "np.max cannot be followed"),
    "np.sort": (lambda x, w: np.sort(x), "np.sort cannot be followed"),
    "argmax": (lambda x, w: x.argmax(), "the attribute .argmax of an array cannot be followed"),
    "vectorize": (lambda x, w: np.vectorize(lambda a: 2 * a)(x), "np.vectorize cannot be followed"),
    "scipy": (lambda x, w: scipy.signal.correlate(x, w), "scipy.signal.correlate cannot be followed"),
    "fft": (lambda x, w: np.fft.fft(x), "np.fft.fft cannot be followed"),
    "norm": (lambda x, w: np.linalg.norm(x), "np.linalg.norm cannot be followed"),
    "exp": (lambda x, w: np.exp(x), "np.exp cannot be followed"),
    "accumulate": (lambda x, w: np.add.accumulate(x), "np.add.accumulate cannot be followed"),
    "division": (lambda x, w: x / w[0], "a division by a value cannot be followed"),
    "division-by-0": (lambda x, w: x / 0, "a division by zero cannot be followed"),
    "floor-division": (lambda x, w: x // 2, "the operator // cannot be followed"),
    "remainder": (lambda x, w: x % 2, "the operator % cannot be followed"),
    "root": (lambda x, w: x**0.5, "this power of a value cannot be followed"),
    "abs": (lambda x, w: abs(x), "abs() of a value cannot be followed"),
    "float": (lambda x, w: float(x[0]), "float() of a value cannot be followed"),
    "int": (lambda x, w: int(x[0]), "int() of a value cannot be followed"),
    "math": (lambda x, w: math.sqrt(x[0]), "float() of a value cannot be followed"),
    "hash": (lambda x, w: {x[0]: 1}, "a value as the key of a dictionary or set cannot be followed"),
    "bytes": (lambda x, w: x.tobytes(), "the attribute .tobytes of an array cannot be followed"),
    "view": (lambda x, w: x.view(np.int64), "a view of the values' bytes cannot be followed"),
    "float32": (
        lambda x, w: x.astype(np.float32),
        "a cast to float32, which may change a value, cannot be followed",
    ),
    "caught": (caught, "a cast to float32, which may change a value, cannot be followed"),
    "np.array-float32": (
        lambda x, w: np.array([x[0]], dtype="f4"),
        "a cast to float32, which may change a value, cannot be followed",
    ),
    "sum-float32": (lambda x, w: x.sum(dtype="f4"), "a cast to float32 in np.sum is not exact"),
    "buffer-float32": (
        into_float32,
        "a cast of values to float32, which may change them, cannot be followed",
    ),
    "buffer-int8": (into_int8, "int() of a value cannot be followed"),
    "complex": (lambda x, w: x * 1j, "a value of type complex cannot be followed"),
    "nan": (lambda x, w: x * np.nan, "nan is not a number to compute with exactly"),
    "large": (lambda x, w: x * (2**53 + 1), "9007199254740993 is too large for a float to hold exactly"),
    "np.float64": (
        lambda x, w: np.fromiter(x, float),
        "float() of a value cannot be followed",
    ),
    "global": (
        into_a_global,
        "putting values into an array of numbers, or into a function of compiled code, cannot be followed",
    ),
    "unwritten": (unwritten, "output cell [2] is memory of np.empty that nothing was written to"),
    "read": (read_unwritten, "a cell of np.empty is read before anything was put there"),
    "outside": (outside, "as_strided reads memory outside its array, which cannot be followed"),
    "before": (before_the_start, "as_strided reads memory outside its array, which cannot be followed"),
    "between": (
        between_cells,
        "as_strided with strides that are no multiples of 8 bytes cannot be followed",
    ),
    "pad-mean": (lambda x, w: np.pad(x, 1, mode="mean"), "np.pad with mode='mean' cannot be followed"),
    "where": (lambda x, w: np.where(x, x, 0), "np.where cannot be followed"),
    "einsum-stretch": (
        lambda x, w: np.einsum("i,i->i", x, w),
        "one letter for axes of 1 and 3 cells cannot be followed",
    ),
    "at": (
        lambda x, w: np.add.at(np.zeros(3), [0, 1], x),
        "np.add.at with values that do not fit the indices cannot be followed",
    ),
    "where-without-out": (
        lambda x, w: np.add(x, x, where=[True, False, True]),
        "where= of np.add without out= leaves cells unset",
    ),
    "chance": (
        lambda x, w: x * np.random.rand(),
        "what was followed is not what the function does with numbers: "
        "it may depend on the values, on chance or on what happened before",
    ),
    "type-of-a-value": (
        lambda x, w: x * w[0] if isinstance(x[0], float) else x,
        "what was followed is not what the function does with numbers: "
        "it may depend on the values, on chance or on what happened before",
    ),
    "nothing": (lambda x, w: None, "the function returned nothing: let it return its output"),
    "tuple": (
        lambda x, w: (x, w),
        "the function returned a tuple of 2 things: let it return its output only",
    ),
    "dictionary": (lambda x, w: {"y": x}, "a value of type dict cannot be followed"),
    "raises": (lambda x, w: [][0], "the function raised IndexError: list index out of range"),
    "exits": (lambda x, w: exit(3), "the function raised SystemExit: 3"),
    "memoryview": (
        lambda x, w: memoryview(x),
        "something that is done here cannot be followed "
        "(TypeError: memoryview: a bytes-like object is required, not 'TracedArray')",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_followed_is_named(name):
    function, reason = REFUSED[name]
    with pytest.raises(TraceError) as caught_error:
        trace(function, (3,), (1,), seed=0)
    assert caught_error.value.reason == reason
    if name not in ("unwritten", "chance", "type-of-a-value", "nothing", "tuple", "dictionary"):
        place = caught_error.value.place
        assert place[0] == __file__
        assert str(caught_error.value) == f"{reason} (line {place[1]})"
    assert not SOMEWHERE.any()


@pytest.mark.parametrize("function", [lost_write, lost_write_at, takes_into])
def test_a_write_to_a_copy_is_not_lost(function):
    with pytest.raises(TraceError):
        trace(function, (3,), (1,), replay=False)


def test_an_array_is_no_dtype():
    with pytest.raises(
        TraceError, match="the function raised TypeError: Cannot construct a dtype from an array"
    ):
        trace(lambda x, w: np.zeros(3, dtype=w) + x * w[0], (3,), (1,), replay=False)


def test_a_global_array_is_left_as_it_was():
    def counting(x, w):
        global SOMEWHERE
        SOMEWHERE += 1
        return x * SOMEWHERE

    trace(counting, (3,), (1,))
    assert not SOMEWHERE.any()


def test_the_line_of_a_refusal():
    def wrong(x, w):
        y = x * w[0]
        return np.sqrt(y)

    with pytest.raises(TraceError) as error:
        trace(wrong, (3,), (1,))
    assert error.value.place == (__file__, wrong.__code__.co_firstlineno + 2)


def test_a_value_from_another_run_is_refused():
    class Keeper:
        __slots__ = ("kept",)

        def __call__(self, x, w):
            self.kept = getattr(self, "kept", x)
            return self.kept * w[0]

    keeper = Keeper()
    trace(keeper, (3,), (1,), replay=False)
    with pytest.raises(TraceError, match="a value that was kept from another run"):
        trace(keeper, (3,), (1,), replay=False)


# each is followed and then run on numbers, and the two have to agree, memory and all
FOLLOWED = {
    "arithmetic": lambda x, w: -(2 * x - 3 + x / 4 - 1.5 * (+x)) * w[0, 0] + (1 - x) * w[1, 1],
    "powers": lambda x, w: x**2 + np.square(x) + np.power(x, 3) + x**1,
    "zero and one": lambda x, w: [
        np.zeros(1)[0] - x[0, 0],
        np.ones(1)[0] * x[0, 1],
        x[0, 2] * np.ones(1)[0],
        x[0, 0] - np.zeros(1)[0],
    ],
    "zeros and ones": lambda x, w: x * np.ones(4) + np.ones(4) * x - (np.zeros(4) - x) + (x - np.zeros(4)),
    "a cast is a copy": lambda x, w: cast_and_write(x.copy()),
    "in place": lambda x, w: in_place(x.copy(), w),
    "scalar is a copy": lambda x, w: scalars(x, w),
    "overlap": lambda x, w: overlapping(x.copy()),
    "ufunc out": lambda x, w: np.subtract(x, 1, out=np.zeros(x.shape)),
    "ufunc where": lambda x, w: np.add(x, 1, out=np.ones((3, 4)), where=np.eye(3, 4, dtype=bool)),
    "outer": lambda x, w: np.multiply.outer(x, w) - np.add.outer(x, w) + np.subtract.outer(x, w),
    "np.outer": lambda x, w: np.outer(x, w),
    "add.at": lambda x, w: at(np.add, x, w),
    "subtract.at": lambda x, w: at(np.subtract, x, w),
    "multiply.at": lambda x, w: at(np.multiply, x, w),
    "reduce": lambda x, w: np.add.reduce(x) + np.add.reduce(x, axis=1, keepdims=True),
    "sums": lambda x, w: np.sum(x, axis=-1, keepdims=True) + x.sum(0) + sum(x[0]) + np.sum(x) + x.sum((0, 1)),
    "sum of a list": lambda x, w: np.sum([x[0], 2 * x[1]], axis=0),
    "sum with initial": lambda x, w: np.sum(x, axis=0, initial=5, where=np.eye(3, 4, dtype=bool)),
    "sum of no axes": lambda x, w: np.sum(x, axis=()),
    "mean": lambda x, w: np.mean(x) + x.mean(axis=1) * 2,
    "cumsum": lambda x, w: np.cumsum(x) + np.cumsum(x, axis=1).sum() + x.cumsum(0)[1, 2],
    "trace": lambda x, w: np.trace(x) + x.trace(1),
    "matmul": lambda x, w: x @ x.T @ x @ np.arange(4),
    "matmul stack": lambda x, w: np.matmul(np.stack([x, 2 * x]), x.T[None]),
    "matmul vectors": lambda x, w: x[0] @ x.T + x[:, 0] @ x[:, 1] + np.eye(3) @ x[:, 0],
    "dot": lambda x, w: np.dot(x, x.T).dot(np.dot(x[0], x[1])) + np.dot(3, x[0, 0]),
    "dot of more axes": lambda x, w: np.dot(np.stack([x, x + 1]), np.stack([x.T, 2 * x.T])),
    "inner": lambda x, w: np.inner(x, np.stack([x, -x])),
    "vdot": lambda x, w: np.vdot(x, x),
    "tensordot": lambda x, w: (
        np.tensordot(x, x, 2) + np.tensordot(x, x, ([0], [0])).sum() + np.tensordot(w, w, 0)
    ),
    "tensordot negative": lambda x, w: np.tensordot(np.stack([x, x]), x, axes=[(-1, 1), (1, 0)]),
    "einsum": lambda x, w: np.einsum("ij,kl->ljik", x, w),
    "einsum implicit": lambda x, w: np.einsum("ba,bc", x, x),
    "einsum dots": lambda x, w: np.einsum("...j,kj->...k", np.stack([x, x + 1]), x),
    "einsum diagonal": lambda x, w: np.einsum("ii", x[:, :3]) + np.einsum("ii->i", x[:, :3]),
    "einsum three": lambda x, w: np.einsum("ij,jk,kl->il", x, x.T, x, optimize=True),
    "einsum lists": lambda x, w: np.einsum(x, [0, 1], w, [2, 3], [1, 2]),
    "einsum lists with dots": lambda x, w: np.einsum(x, [..., 1], x, [..., 1]),
    "convolve": lambda x, w: np.convolve(x[0], w[0]) + np.convolve(x[0], w[0], "full"),
    "convolve same": lambda x, w: np.convolve(x[0], w.ravel()[:3], "same"),
    "convolve longer": lambda x, w: np.convolve(w[0], x[0], "same"),
    "correlate": lambda x, w: np.correlate(x[0], w[0]) * 2,
    "correlate full": lambda x, w: np.correlate(x[0], w.ravel()[:3], "full"),
    "correlate longer": lambda x, w: np.correlate(w[0], x[0], "same"),
    "correlate even": lambda x, w: np.correlate(x[0], w[0], "same"),
    "pad modes": lambda x, w: np.stack(
        [np.pad(x, 1, m) for m in ("constant", "edge", "reflect", "symmetric", "wrap")]
    ),
    "pad with a value": lambda x, w: np.pad(x, ((1, 0), (0, 2)), constant_values=7),
    "views": lambda x, w: views(x.copy()),
    "transposed memory": lambda x, w: transposed(x),
    "order": lambda x, w: np.asfortranarray(x).ravel("K") + x.T.copy("F").reshape(-1, order="A"),
    "strides": lambda x, w: np.lib.stride_tricks.as_strided(x, (2, 3, 2), (x.strides[0], 8, x.itemsize)),
    "moving": lambda x, w: moving(x),
    "concatenating": lambda x, w: np.concatenate([np.hstack([x, np.zeros((3, 1))]), np.ones((1, 5))], 0),
    "append": lambda x, w: np.append(x, [1.5, 2]) + np.insert(x.ravel(), 0, [4, x[0, 0]]),
    "block": lambda x, w: np.block([[x, x], [np.zeros((1, 4)), np.ones((1, 4))]]),
    "triangles": lambda x, w: np.tril(x) - np.triu(x, 1) + np.diag(np.diag(x), 1)[:3],
    "where": lambda x, w: np.where(np.arange(12).reshape(3, 4) % 2, x, 2),
    "copyto": lambda x, w: copied(x),
    "put": lambda x, w: put(x.copy()),
    "masks": lambda x, w: x[np.arange(3) != 1][:, [True, False, True, True]] + x[[0, -1]][..., 1:],
    "newaxis": lambda x, w: x[:, None, ..., np.newaxis].squeeze(),
    "constant buffer": lambda x, w: x[np.ones(2).astype(int)] + np.zeros(1)[0],
    "constant branch": lambda x, w: x if (np.zeros(3) == 0).all() else w,
    "flat": lambda x, w: x.flat[3] + list(x.flat)[2],
    "tolist": lambda x, w: np.array(x.tolist()) + np.array(x[0].tolist(), dtype=float),
    "nested lists": lambda x, w: [[x[0, 0], 1], [2.5, w[0, 0]]],
    "one number": lambda x, w: x[0, 0] * w[0, 0],
    "ndenumerate": lambda x, w: sum((i + 2 * j) * v for (i, j), v in np.ndenumerate(x)),
    "full": lambda x, w: np.full((2, 2), x[0, 0]) + np.full_like(x, 3)[:2, :2] + np.ones_like(x)[:2, :2],
    "list buffer": lambda x, w: buffer_of_lists(x),
    "describing": lambda x, w: x * np.size(x) + np.shape(x)[0] * np.ndim(x) + len(x) + x.dtype.itemsize,
    "isinstance": lambda x, w: x * 2 if isinstance(x, np.ndarray) else x,
    "fractions": lambda x, w: (x / 3) * 3 * w[0, 0],
    "no axes": lambda x, w: no_axes(x),
    "imports": lambda x, w: imports(x, w),
    "squeeze": lambda x, w: np.expand_dims(x, (0, 3)).squeeze(0) + np.atleast_3d(x),
    "add up constants": lambda x, w: x * (np.ones(4) / 2 + np.full(4, 0.25)),
}


def in_place(x, w):
    x += 1
    x *= w[0, 0]
    x -= x[0]
    x[1] /= 2
    x[:, 1:] += x[:, :-1]
    x[[0, 0]] += 1
    return x


def cast_and_write(x):
    y = x.astype(float)
    y[0] = 0
    z = x.astype(float, copy=False)
    z[1] = 0
    return x + 2 * y


def scalars(x, w):
    s = x[0, 0]
    t = s
    s += 5
    total = np.zeros(())
    same = total
    total += x[0, 1]
    return [s, t, same[()]]


def overlapping(x):
    x[1:] = x[:-1]
    x[:, ::2] = x[:, 1::2]
    x[:, :-1] -= x[:, 1:]
    return x


def at(ufunc, x, w):
    out = np.ones((3, 4)) + x
    ufunc.at(out, ([0, 0, -1, 0], [1, 1, 2, 1]), w.ravel()[:4])
    ufunc.at(out, [2, 2], x[:2])
    return out


def views(x):
    y = x.reshape(4, 3)
    y[0] = 0
    z = x.T.reshape(-1)
    z[:] = 1
    x.ravel()[-1] = 9
    x.T[1] *= 2
    np.moveaxis(x, 0, 1)[0, 0] = 4
    return x


def transposed(x):
    y = x.T + 1
    z = y.reshape(-1)
    z[:] = 0
    v = (x + 1).T.ravel()
    v[:] = 3
    return y


def moving(x):
    y = np.repeat(np.tile(x, (1, 2)), 2, axis=0)
    y = np.roll(np.flip(np.rot90(y), 0), 3, axis=(0,))
    y = np.swapaxes(np.rollaxis(y[None], 2), 0, 1).repeat(2, 0).take([0, 1], axis=1)
    a, b = np.split(np.broadcast_to(y, (3, *y.shape)), 2, axis=-1)
    return np.stack([*np.broadcast_arrays(a, b)]).swapaxes(0, 1).flatten()


def copied(x):
    out = np.zeros_like(x)
    np.copyto(out, x, where=[True, False, True, True])
    return out


def put(x):
    np.put(x, [0, 5], [1, x[2, 2]])
    return x


def buffer_of_lists(x):
    out = np.array([[0.0] * 4] * 3)
    out += x
    return out


def no_axes(x):
    out = np.zeros(())
    out[...] = x[0, 0]
    out += x[...][1, 1]
    return out * x


def imports(x, w):
    import numpy
    import numpy.lib.stride_tricks as tricks
    from numpy.lib.stride_tricks import sliding_window_view

    out = numpy.zeros((2, 3))
    out += (sliding_window_view(x, (2, 2)) * w[:2, :2]).sum((2, 3))
    return out + tricks.sliding_window_view(x, (2, 2))[..., 0, 0]


@pytest.mark.parametrize("name", FOLLOWED)
def test_what_is_followed_is_what_numpy_does(name):
    followed = trace(FOLLOWED[name], (3, 4), (2, 2), seed=3)
    assert expand(followed.tape, followed.output.ravel()).output.size >= 0


def test_an_argument_that_is_written_to_is_told():
    def scaled(x, w):
        w *= 2
        return x * w[0]

    assert trace(scaled, (3,), (1,)).written_to == ("w",)
    assert trace(lambda x, w: x + w, (3,), (1,)).written_to == ()


def test_the_replay_notices_what_the_tape_cannot(monkeypatch):
    monkeypatch.setattr("symconv.tracing.trace.evaluate", lambda *_: np.zeros(1 << 17))
    with pytest.raises(TraceError, match="what was followed is not what the function does"):
        trace(lambda x, w: x * w[0], (3,), (1,), seed=0)

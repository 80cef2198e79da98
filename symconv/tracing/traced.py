"""Values that are followed: an array of ids, and one value taken out of it.

They look like a NumPy array of floats and a NumPy float. Moving values about moves their ids with NumPy
itself, so that views, copies and writes share memory as they do there; arithmetic goes on the tape; and
whatever would look at a value, or is not known here, is refused by name. They are no subclass of
``np.ndarray``: what is none cannot leak through a buffer, a cast or a function of NumPy that nobody thought
of.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

from symconv.entries import Array
from symconv.tracing.tape import FOLLOWED, Ids, Op, Tape

FUNCTIONS: dict[Any, Callable[..., Any]] = {}  # what to do for each NumPy function that can be followed
UFUNCS: dict[tuple[str, str], Callable[..., Any]] = {}  # likewise for ufuncs and their methods
EXACT_DTYPES = tuple(np.dtype(t) for t in (np.float64, np.longdouble, object))


def holds_exactly(dtype: Any) -> bool:
    """Whether a dtype holds the followed floats as they are."""
    if isinstance(dtype, Traced):  # whose own dtype NumPy would take
        raise TypeError("Cannot construct a dtype from an array")
    return dtype is None or np.dtype(dtype) in EXACT_DTYPES


class Traced:
    """What an array and a single value have in common: operators, and the refusals."""

    __slots__ = ("tape",)
    tape: Tape
    __array_priority__ = 1000.0

    @property
    def dtype(self) -> np.dtype[np.float64]:
        """What the values pretend to be."""
        return np.dtype(np.float64)

    def numbers(self) -> Array | None:
        """The floats, if none of the values depends on x or w."""
        return self.tape.numbers(np.asarray(ids_of(self.tape, self)))

    def known(self, what: str) -> Array:
        """The floats, or a refusal that names what wanted to look at them."""
        numbers = self.numbers()
        if numbers is None:
            self.tape.refuse(f"{what} cannot be followed")
        return numbers

    def __add__(self, other: Any) -> Any:
        return UFUNCS["add", "__call__"](self.tape, self, other)

    def __radd__(self, other: Any) -> Any:
        return UFUNCS["add", "__call__"](self.tape, other, self)

    def __sub__(self, other: Any) -> Any:
        return UFUNCS["subtract", "__call__"](self.tape, self, other)

    def __rsub__(self, other: Any) -> Any:
        return UFUNCS["subtract", "__call__"](self.tape, other, self)

    def __mul__(self, other: Any) -> Any:
        return UFUNCS["multiply", "__call__"](self.tape, self, other)

    def __rmul__(self, other: Any) -> Any:
        return UFUNCS["multiply", "__call__"](self.tape, other, self)

    def __truediv__(self, other: Any) -> Any:
        return UFUNCS["divide", "__call__"](self.tape, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return UFUNCS["divide", "__call__"](self.tape, other, self)

    def __pow__(self, exponent: Any) -> Any:
        return UFUNCS["power", "__call__"](self.tape, self, exponent)

    def __neg__(self) -> Any:
        return UFUNCS["multiply", "__call__"](self.tape, self, -1)

    def __pos__(self) -> Any:
        return UFUNCS["add", "__call__"](self.tape, self, 0)

    def __matmul__(self, other: Any) -> Any:
        return FUNCTIONS[np.matmul](self.tape, self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return FUNCTIONS[np.matmul](self.tape, other, self)

    def __bool__(self) -> bool:
        return bool(self.known("a branch on values"))

    def __float__(self) -> float:
        return float(self.known("float() of a value"))

    def __int__(self) -> int:
        return int(self.known("int() of a value"))

    def __index__(self) -> NoReturn:
        raise TypeError("only integer scalar arrays can be converted to a scalar index")

    def __complex__(self) -> complex:
        return complex(self.known("complex() of a value"))

    def __abs__(self) -> Any:
        return abs(self.known("abs() of a value"))

    def __round__(self, digits: int | None = None) -> Any:
        return round(self.known("round() of a value").item(), digits)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        numbers = self.numbers()
        if numbers is None:
            self.tape.refuse(f"{_called_function()} cannot be followed")
        return numbers if dtype is None else numbers.astype(dtype)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return call(self.tape, function, args, kwargs)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        known = UFUNCS.get((ufunc.__name__, method))
        if known is not None and getattr(np, ufunc.__name__, None) is ufunc:
            return known(self.tape, *inputs, **kwargs)
        outputs = kwargs.get("out") or ()
        if method != "at" and not any(isinstance(o, Traced) for o in outputs):  # nothing is written to
            inputs = tuple(decayed(i) for i in inputs)
            if not any(isinstance(i, Traced) for i in inputs):
                return getattr(ufunc, method)(*inputs, **kwargs)
        name = ufunc.__name__ + ("" if method == "__call__" else f".{method}")
        return self.tape.refuse(f"np.{name} cannot be followed")

    def __hash__(self) -> int:
        self.tape.refuse("a value as the key of a dictionary or set cannot be followed")

    def __reduce_ex__(self, protocol: Any) -> Any:
        self.tape.refuse("pickling or saving values cannot be followed")

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__") and hasattr(np.ndarray, name) and name != "tape":
            self.tape.refuse(f"the attribute .{name} of an array cannot be followed")
        raise AttributeError(f"no attribute {name!r}")

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    def copy(self, order: Any = "C") -> Any:
        """The values in memory of their own."""
        raise NotImplementedError

    def conj(self) -> Any:
        """The values, which are real."""
        return self

    conjugate = conj

    @property
    def real(self) -> Any:
        """The values, which are real."""
        return self


def _refuse_operator(name: str, what: str) -> Callable[..., Any]:
    def operator(self: Traced, other: Any) -> Any:
        mine, others = decayed(self), decayed(other)
        if isinstance(mine, Traced) or isinstance(others, Traced):
            self.tape.refuse(f"{what} cannot be followed")
        return getattr(mine, name)(others)

    return operator


for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Traced, f"__{_name}__", _refuse_operator(f"__{_name}__", "a comparison of values"))
for _name, _symbol in (("floordiv", "//"), ("mod", "%"), ("and", "&"), ("or", "|"), ("xor", "^")):
    for _side in ("", "r"):
        setattr(
            Traced, f"__{_side}{_name}__", _refuse_operator(f"__{_side}{_name}__", f"the operator {_symbol}")
        )


class TracedNumber(Traced):
    """One value, as it comes out of an array: it never changes, like a NumPy float.

    Args:
        tape: where its operations are noted.
        identity: its id.
    """

    __slots__ = ("identity",)
    shape: tuple[int, ...] = ()
    ndim, size = 0, 1
    itemsize = nbytes = 8

    def __init__(self, tape: Tape, identity: int) -> None:
        self.tape, self.identity = tape, identity

    def __add__(self, other: Any) -> Any:
        if type(other) is TracedNumber and other.tape is self.tape:
            return TracedNumber(self.tape, self.tape.one(Op.ADD, self.identity, other.identity))
        return UFUNCS["add", "__call__"](self.tape, self, other)

    def __mul__(self, other: Any) -> Any:
        if type(other) is TracedNumber and other.tape is self.tape:
            return TracedNumber(self.tape, self.tape.one(Op.MULTIPLY, self.identity, other.identity))
        return UFUNCS["multiply", "__call__"](self.tape, self, other)

    def __repr__(self) -> str:
        return "<a followed value>"

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __getitem__(self, key: Any) -> Any:
        return wrap(self.tape, np.array(self.identity)[key])

    @property
    def T(self) -> "TracedNumber":  # noqa: D102, N802 (NumPy's own)
        return self

    def copy(self, order: Any = "C") -> "TracedNumber":
        """The value itself."""
        return self

    def item(self) -> "TracedNumber":
        """The value itself."""
        return self

    tolist = item

    def astype(self, dtype: Any, **options: Any) -> Any:
        """The value itself; a cast that could change it is refused."""
        return cast(self, dtype)

    def __getattr__(self, name: str) -> Any:
        if name in _METHODS:
            array = TracedArray(self.tape, np.array(self.identity))
            return getattr(array, name)
        return super().__getattr__(name)


class TracedArray(Traced):
    """An array of values that are followed.

    Args:
        tape: where their operations are noted.
        ids: the values' ids, of any shape; a view of other ids is a view of their values.
    """

    __slots__ = ("ids",)
    __hash__ = Traced.__hash__

    def __init__(self, tape: Tape, ids: Ids) -> None:
        self.tape, self.ids = tape, ids

    shape = property(lambda self: self.ids.shape)
    ndim = property(lambda self: self.ids.ndim)
    size = property(lambda self: self.ids.size)
    strides = property(lambda self: self.ids.strides)  # an id has as many bytes as a float
    itemsize = property(lambda self: self.ids.itemsize)
    nbytes = property(lambda self: self.ids.nbytes)
    flags = property(lambda self: self.ids.flags)
    T = property(lambda self: TracedArray(self.tape, self.ids.T))
    mT = property(lambda self: TracedArray(self.tape, self.ids.mT))  # noqa: N815 (NumPy's own)

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Any]:
        return (wrap(self.tape, part) for part in self.ids)

    def __repr__(self) -> str:
        return f"<followed values of shape {self.shape}>"

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __contains__(self, value: Any) -> bool:
        self.tape.refuse("a comparison of values cannot be followed")

    def __getitem__(self, key: Any) -> Any:
        found = self.ids[key]
        if type(found) is np.int64:
            return TracedNumber(self.tape, int(found))
        return TracedArray(self.tape, found)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.ids[key] = ids_of(self.tape, value)

    def _update(self, result: Any) -> "TracedArray":
        if result.shape != self.shape:
            raise ValueError(
                f"non-broadcastable output operand with shape {self.shape} "
                f"doesn't match the broadcast shape {result.shape}"
            )
        self.ids[...] = ids_of(self.tape, result)
        return self

    def __iadd__(self, other: Any) -> "TracedArray":
        return self._update(self + other)

    def __isub__(self, other: Any) -> "TracedArray":
        return self._update(self - other)

    def __imul__(self, other: Any) -> "TracedArray":
        return self._update(self * other)

    def __itruediv__(self, other: Any) -> "TracedArray":
        return self._update(self / other)

    def __imatmul__(self, other: Any) -> "TracedArray":
        return self._update(self @ other)

    def astype(self, dtype: Any, order: Any = "K", *, copy: bool = True, **options: Any) -> Any:
        """A copy; a cast that could change a value is refused."""
        result = cast(self, dtype)
        return TracedArray(self.tape, self.ids.copy(order)) if result is self and copy else result

    def copy(self, order: Any = "C") -> "TracedArray":
        """The values in memory of their own."""
        return TracedArray(self.tape, self.ids.copy(order))

    def view(self, *kind: Any) -> "TracedArray":
        """The same memory; looking at it as something else is refused."""
        if kind and not (len(kind) == 1 and kind[0] in (np.ndarray, np.float64, float)):
            self.tape.refuse("a view of the values' bytes cannot be followed")
        return TracedArray(self.tape, self.ids.view())

    def fill(self, value: Any) -> None:
        """Put one value everywhere."""
        self.ids.fill(ids_of(self.tape, value))

    def item(self, *place: Any) -> TracedNumber:
        """One value."""
        return TracedNumber(self.tape, self.ids.item(*place))

    def tolist(self) -> Any:
        """Nested lists of single values."""
        return [part.tolist() for part in self] if self.ndim else self.item()

    @property
    def flat(self) -> Any:
        """All values in a row."""
        if not self.ids.flags.c_contiguous:
            self.tape.refuse("the attribute .flat of an array that is not in one piece cannot be followed")
        return TracedArray(self.tape, self.ids.reshape(-1))


def _moved(name: str) -> Callable[..., Any]:
    """A method that only moves values about, as NumPy's own moves their ids."""

    def method(self: TracedArray, *args: Any, **kwargs: Any) -> Any:
        if "out" in kwargs:
            self.tape.refuse(f"out= of .{name} cannot be followed")
        return wrap(self.tape, getattr(self.ids, name)(*args, **kwargs))

    return method


def _delegated(function: Any) -> Callable[..., Any]:
    """A method that is a NumPy function of the array."""
    return lambda self, *args, **kwargs: call(self.tape, function, (self, *args), kwargs)


for _name in (
    "reshape",
    "transpose",
    "swapaxes",
    "ravel",
    "flatten",
    "squeeze",
    "repeat",
    "take",
    "diagonal",
):
    setattr(TracedArray, _name, _moved(_name))
for _function in (np.sum, np.mean, np.dot, np.cumsum, np.trace):
    setattr(TracedArray, _function.__name__, _delegated(_function))
_METHODS = {n for n in vars(TracedArray) if not n.startswith("_") and n != "ids"}


def wrap(tape: Tape, ids: Any) -> Any:
    """Ids as they come from NumPy, as what their values would be: an array, a number, or several arrays."""
    if isinstance(ids, np.ndarray):
        return TracedArray(tape, ids)
    if isinstance(ids, list | tuple):
        return type(ids)(wrap(tape, part) for part in ids)
    return TracedNumber(tape, int(ids))


def holds_traced(value: Any) -> bool:
    """Whether something is a followed value, or a list with one in it."""
    return isinstance(value, Traced) or (isinstance(value, list | tuple) and any(map(holds_traced, value)))


def ids_of(tape: Tape, value: Any) -> Any:
    """The ids of anything that can be an operand: values, exact numbers, arrays and lists of either."""
    if isinstance(value, Traced) and value.tape is not tape:
        tape.refuse("a value that was kept from another run cannot be followed")
    if isinstance(value, TracedArray):
        return value.ids
    if isinstance(value, TracedNumber):
        return np.int64(value.identity)
    if isinstance(value, list | tuple) and holds_traced(value):
        return np.array([ids_of(tape, part) for part in value], dtype=np.int64)
    if isinstance(value, np.ndarray | list | tuple):
        return tape.constant_array(np.asarray(value))
    return np.int64(tape.constant(value))


def decayed(value: Any) -> Any:
    """A plain array instead of values that do not depend on x or w."""
    if isinstance(value, Traced):
        numbers = value.numbers()
        return value if numbers is None else numbers if value.ndim else numbers[()]
    return value


def cast(value: Any, dtype: Any) -> Any:
    """The value itself where a dtype holds it as it is."""
    if holds_exactly(dtype):
        return value
    return value.known(f"a cast to {np.dtype(dtype).name}, which may change a value,").astype(dtype)


def call(tape: Tape, function: Any, args: Any, kwargs: Any) -> Any:
    """What a NumPy function does to followed values, if it is known."""
    known = FUNCTIONS.get(function)
    if known is not None:
        return known(tape, *args, **kwargs)
    plain = [decayed(a) for a in args], {k: decayed(v) for k, v in kwargs.items()}
    if holds_traced(plain[0]) or holds_traced(list(plain[1].values())):
        module = getattr(function, "__module__", None) or "numpy"
        tape.refuse(f"{module.replace('numpy', 'np', 1)}.{function.__name__} cannot be followed")
    return function(*plain[0], **plain[1])


def _called_function() -> str:
    """What the followed function has called that now asks for numbers."""
    frame, inner = sys._getframe(1), None
    while frame is not None and FOLLOWED not in frame.f_globals:
        if not frame.f_globals.get("__name__", "").startswith("symconv."):
            inner = frame
        frame = frame.f_back  # type: ignore[assignment]
    if inner is None or frame is None:
        return "putting values into an array of numbers, or into a function of compiled code,"
    name = inner.f_code.co_name
    if name == "__call__":  # of an object, as np.vectorize makes them
        name = type(inner.f_locals.get("self")).__name__
    module = inner.f_globals.get("__name__", "?")
    if module.startswith("numpy.") and hasattr(np, name):
        return f"np.{name}"
    return ".".join([*(part for part in module.split(".") if not part.startswith("_")), name])

"""A person's function built again, so that it runs on followed values and leaves everything as it was.

Its globals are copied, NumPy in them is replaced by its shadow, and what it calls in its own files is built
again likewise: helper functions, closures, methods, partial functions, imports inside a function.
"""

import builtins
import copy
import functools
import sys
import sysconfig
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from types import (
    CellType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
    SimpleNamespace,
)
from typing import Any

import numpy as np

from symconv.tracing.shadow import Shadow
from symconv.tracing.tape import FOLLOWED

_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_SLOTS = (MemberDescriptorType, GetSetDescriptorType)
_CONTAINERS = (list, dict, set, deque, OrderedDict, defaultdict, SimpleNamespace)


class Rebuilder:
    """Builds functions again, each once.

    Args:
        replaced: what to put in the place of some things, by ``id``; nothing for a plain copy.
    """

    def __init__(self, replaced: dict[int, Any]) -> None:
        self._replaced = replaced
        self._done: dict[int, tuple[Any, Any]] = {}  # the original is kept, so that its id stays its own
        self._globals: dict[int, dict[str, Any]] = {}
        self._builtins = dict(vars(builtins), __import__=self._import)

    def __call__(self, value: Any) -> Any:
        """A thing as a followed function is to see it."""
        if id(value) in self._replaced:
            return self._replaced[id(value)]
        if id(value) in self._done:
            return self._done[id(value)][1]
        build = self._builder(value)
        if build is None:
            return value
        return build(value)

    def _builder(  # noqa: C901 (one kind of thing a line)
        self, value: Any
    ) -> Callable[[Any], Any] | None:
        if isinstance(value, FunctionType):
            return self._function if _is_own(value.__code__.co_filename) else None
        if isinstance(value, ModuleType):
            return self._module
        if isinstance(value, type):
            return self._class if _is_own_class(value) else None
        if isinstance(value, MethodType):
            return lambda v: MethodType(self(v.__func__), self(v.__self__))
        if isinstance(value, functools.partial):
            return lambda v: functools.partial(
                self(v.func), *map(self, v.args), **{k: self(a) for k, a in v.keywords.items()}
            )
        if isinstance(value, functools._lru_cache_wrapper):
            return lambda v: self(v.__wrapped__)
        if isinstance(value, staticmethod | classmethod):
            return lambda v: type(v)(self(v.__func__))
        if isinstance(value, property):
            return lambda v: property(*(self(f) for f in (v.fget, v.fset, v.fdel)))
        if type(value) in _CONTAINERS or isinstance(value, np.ndarray):
            return self._copied
        if isinstance(value, tuple) and type(value) is tuple:
            return lambda v: tuple(map(self, v))
        return self._instance if _is_own_class(type(value)) else None

    def _remember(self, old: Any, new: Any) -> Any:
        self._done[id(old)] = (old, new)
        return new

    def _copied(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return self._remember(value, value.copy("K"))
        new = self._remember(value, copy.copy(value))
        if isinstance(value, dict):
            new.update((k, self(v)) for k, v in value.items())
        elif isinstance(value, SimpleNamespace):
            new.__dict__.update((k, self(v)) for k, v in vars(value).items())
        elif not isinstance(value, set):
            for i, v in enumerate(value):
                new[i] = self(v)
        return new

    def _module(self, module: ModuleType) -> Any:
        name = module.__name__.partition(".")[0]
        own = _is_own(getattr(module, "__file__", None) or "")
        if not self._replaced or (name != "numpy" and not own):
            return module if not own else self._remember(module, Shadow(module, self))
        return self._remember(module, Shadow(module, self))

    def _function(self, function: FunctionType) -> FunctionType:
        cells = tuple(CellType() for _ in function.__closure__ or ())
        new = FunctionType(
            function.__code__, self._globals_of(function), function.__name__, None, cells or None
        )
        self._remember(function, new)
        self._fill_globals(function)
        new.__defaults__ = self(function.__defaults__) if function.__defaults__ else None
        if function.__kwdefaults__:
            new.__kwdefaults__ = {k: self(v) for k, v in function.__kwdefaults__.items()}
        new.__dict__.update((k, self(v)) for k, v in vars(function).items())
        new.__qualname__, new.__module__ = function.__qualname__, function.__module__
        for cell, old in zip(cells, function.__closure__ or (), strict=True):
            try:
                content = old.cell_contents
            except ValueError:  # a name that is not bound yet
                continue
            cell.cell_contents = self(content)
        return new

    def _globals_of(self, function: FunctionType) -> dict[str, Any]:
        """The copy of a function's globals: exactly those that some followed function names."""
        old = function.__globals__
        if id(old) not in self._globals:
            start = {FOLLOWED: True, "__builtins__": self._builtins, "__name__": old.get("__name__", "")}
            self._globals[id(old)] = start
        return self._globals[id(old)]

    def _fill_globals(self, function: FunctionType) -> None:
        old, new = function.__globals__, self._globals_of(function)
        for name in _names(function.__code__):
            if name in old and name not in new:
                new[name] = self(old[name])

    def _class(self, kind: type) -> type:
        bases = tuple(self(base) for base in kind.__bases__)
        body = {k: v for k, v in vars(kind).items() if not isinstance(v, _SLOTS)}  # it has no slots, so any
        try:
            new = type(kind)(kind.__name__, bases, {})
        except TypeError:
            return kind
        self._remember(kind, new)
        for name, value in body.items():
            if name not in ("__slots__", "__qualname__") or name == "__qualname__":
                setattr(new, name, self(value))
        return new

    def _instance(self, value: Any) -> Any:
        kind = self(type(value))
        if kind is type(value) or not hasattr(value, "__dict__"):
            return value
        new = self._remember(value, object.__new__(kind))
        new.__dict__.update((k, self(v)) for k, v in vars(value).items())
        return new

    def _import(
        self, name: str, scope: Any = None, local: Any = None, names: Any = (), level: int = 0
    ) -> Any:
        return self(builtins.__import__(name, scope, local, names, level))


def _names(code: CodeType) -> Iterator[str]:
    """The names that some code and the functions in it may look up."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _is_own(filename: str) -> bool:
    """Whether a file is the person's: neither Python's nor of an installed package nor of this one."""
    if filename.startswith("<frozen") or not filename:
        return False
    return not filename.startswith(_LIBRARIES) and not filename.startswith(_HERE)


def _is_own_class(kind: type) -> bool:
    module = sys.modules.get(kind.__module__)
    if module is None or kind.__module__ == "builtins" or isinstance(module, Shadow):
        return False
    return kind.__module__ == "__main__" or _is_own(getattr(module, "__file__", None) or "")


_HERE = __file__.rpartition("tracing")[0]

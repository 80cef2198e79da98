"""The sizes in a model's file: numbers, its own names, and names for what it leaves unnamed.

ONNX names each size that it cannot work out afresh, ``unk__0`` and on. Here such a size gets the formula of
the convolution that makes it: a short one is put in its place, a longer one gets a name, and is kept.
"""

import re
from collections.abc import Iterable, Sequence

import sympy

from symconv.sizes import Size, is_symbolic
from symconv.sizes import size as as_symbol

_NAME = re.compile(r"[A-Za-z]\w{0,39}", re.ASCII)
_LONG = (sympy.floor, sympy.ceiling, sympy.Max)  # what makes a formula one to be named
_INVENTED = re.compile(r"unk__[0-9]+")  # by ONNX's shape inference


class Dimensions:
    """What each size of one file is.

    Args:
        names: all that the file has for sizes, so that no name made here is one of them.

    Attributes:
        meanings: what each name stands for that is not the file's own, or that the file gives to a formula.

    Examples:
        >>> d = Dimensions()
        >>> d.read("height"), d.read(224), d.read(None), d.read("unk__7"), d.read("unk__7")
        (height, 224, n1, n2, n2)
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.meanings: dict[str, str] = {}
        self._known: dict[str, Size] = {}
        self._named: dict[sympy.Expr, Size] = {}
        self._taken = set(names)

    def read(self, dimension: int | str | None) -> Size:
        """A size as a geometry takes it: a number, a symbol or a formula."""
        if isinstance(dimension, int):
            return dimension
        if dimension is None:
            return self._new("a size that the file does not name")
        if dimension not in self._known:
            if _INVENTED.fullmatch(dimension):
                self._known[dimension] = self._new("a size that the file does not name")
            elif _NAME.fullmatch(dimension):
                self._known[dimension] = _symbol(dimension)
            else:
                self._known[dimension] = self._new(f"the size that the file calls {dimension[:40]!r}")
        return self._known[dimension]

    def made(self, dimension: int | str | None, size: Size) -> Size:
        """What a convolution makes, as it is shown: its size itself, or the name of a long formula."""
        own = isinstance(dimension, str) and not _INVENTED.fullmatch(dimension)
        if is_symbolic(size) and size.has(*_LONG):
            if size not in self._named and own and _NAME.fullmatch(str(dimension)):
                self._named[size] = self.read(dimension)
                self.meanings.setdefault(str(dimension), str(size))
            elif size not in self._named:
                self._named[size] = self._new(str(size))
            size = self._named[size]
        if isinstance(dimension, str) and not own:
            self._known.setdefault(dimension, size)
        return size

    def merged(self, dimension: int | str | None, others: Sequence[int | str | None]) -> None:
        """Keep that a size is that of arrays which were put together, if theirs is one and the same."""
        if isinstance(dimension, str) and _INVENTED.fullmatch(dimension) and dimension not in self._known:
            sizes = {self._peek(other) for other in others} - {1}
            if len(sizes) == 1 and None not in sizes:
                self._known[dimension] = sizes.pop()

    def _peek(self, dimension: int | str | None) -> Size | None:
        """A size if anything is known of it."""
        if isinstance(dimension, str) and _INVENTED.fullmatch(dimension):
            return self._known.get(dimension)
        return None if dimension is None else self.read(dimension)

    def _new(self, meaning: str) -> Size:
        """A symbol of a name that the file does not have."""
        name = f"n{len(self.meanings) + 1}"
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        self.meanings[name] = meaning
        return _symbol(name)


def _symbol(name: str) -> sympy.Symbol:
    return as_symbol(name, "size")

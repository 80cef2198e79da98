"""The sizes in a model's file: numbers, its own names, and names for what it leaves unnamed.

ONNX names each size that it cannot work out afresh, ``unk__0`` and on. Here such a size gets the formula of
the convolution that makes it: a short one is put in its place, a longer one gets a name, and is kept.
"""

import re
from typing import Any

import sympy

from symconv.sizes import Size, is_symbolic
from symconv.sizes import size as as_symbol

_NAME = re.compile(r"[A-Za-z]\w{0,39}", re.ASCII)
_LONG = (sympy.floor, sympy.ceiling, sympy.Max)  # what makes a formula one to be named
_INVENTED = re.compile(r"unk__[0-9]+")  # by ONNX's shape inference


class Dimensions:
    """What each size of one file is.

    Attributes:
        meanings: what each name stands for that is not the file's own, or that the file gives to a formula.

    Examples:
        >>> d = Dimensions()
        >>> d.read("height"), d.read(224), d.read(None), d.read("unk__7"), d.read("unk__7")
        ('height', 224, 'n1', 'n2', 'n2')
    """

    def __init__(self) -> None:
        self.meanings: dict[str, str] = {}
        self._known: dict[str, Size] = {}
        self._named: dict[sympy.Expr, str] = {}
        self._taken: set[str] = set()

    def read(self, dimension: int | str | None) -> Size:
        """A size as a geometry takes it: a number, a name or a formula."""
        if isinstance(dimension, int):
            return dimension
        if dimension is None:
            return self._new_name("a size that the file does not name")
        if dimension not in self._known:
            if _NAME.fullmatch(dimension) and not _INVENTED.fullmatch(dimension):
                self._taken.add(dimension)
                self._known[dimension] = dimension
            else:
                said = "a size that the file does not name"
                if not _INVENTED.fullmatch(dimension):
                    said = f"the size that the file calls {dimension[:40]!r}"
                self._known[dimension] = self._new_name(said)
        return self._known[dimension]

    def made(self, dimension: int | str | None, size: Any) -> Size:
        """What a convolution makes, as it is shown: its size itself, or the name of a long formula."""
        invented = dimension is None or (isinstance(dimension, str) and bool(_INVENTED.fullmatch(dimension)))
        if is_symbolic(size) and size.has(*_LONG):
            if not invented and isinstance(dimension, str) and _NAME.fullmatch(dimension):
                name = self._named.setdefault(size, dimension)
                self._taken.add(name)
                self.meanings.setdefault(name, str(size))
            elif size not in self._named:
                self._named[size] = self._new_name(str(size))
            size = as_symbol(self._named[size], "size")
        if invented and isinstance(dimension, str):
            self._known.setdefault(dimension, size)
        return size

    def _new_name(self, meaning: str) -> str:
        number = len(self.meanings) + 1
        name = f"n{number}"
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        self.meanings[name] = meaning
        return name

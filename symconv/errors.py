"""The errors this package raises; each is also the builtin a caller would expect to catch.

Stands at the top of the house: imports nothing.
"""


class SymconvError(Exception):
    """Any error that symconv raises on purpose; its message is one sentence that says what to do."""


class GeometryError(SymconvError, ValueError):
    """A size or hyper-parameter that no convolution can have."""


class ArrayError(SymconvError, ValueError):
    """An array whose shape or entries cannot be used: ragged, empty, of the wrong rank, not numbers."""


class SizeLimitError(SymconvError, ValueError):
    """A result too large to build by accident; the message names the way to insist."""


class RequestError(SymconvError, ValueError):
    """A name or option that is not among those offered."""


class ModelError(SymconvError, ValueError):
    """A model's file that cannot be read."""


class BlockError(SymconvError, ValueError):
    """A ``symconv`` block in a page that cannot be rendered, with the line inside the block if known.

    Attributes:
        line: 0-based line within the block's body, or None when the whole block is meant.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line

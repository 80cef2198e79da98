"""A parameter space in a file of YAML, loaded as text only."""

from pathlib import Path

from symconv.errors import BlockError, RequestError
from symconv.lesson.yaml_text import load
from symconv.sweeps.grid import Grid, grid

_MOST_LETTERS = 100_000


def read_grid(path: str | Path) -> Grid:
    """The grid in a file of YAML, whose keys are the keywords of ``grid``.

    Args:
        path: of the file.

    Raises:
        RequestError: the file cannot be read, or is no grid.
    """
    try:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(_MOST_LETTERS + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"{path} cannot be read: give a file of YAML that describes a grid") from error
    if len(text) > _MOST_LETTERS:
        raise RequestError(f"{path} has more than {_MOST_LETTERS:,} letters: write ranges, not geometries")
    try:
        given, _ = load(text)
        return grid(**given)
    except BlockError as error:
        line = "" if error.line is None else f", line {error.line + 1}"
        raise RequestError(f"{path}{line}: {str(error).replace('symconv block', 'grid')}") from error
    except RequestError as error:
        raise RequestError(f"{path}: {error}") from error

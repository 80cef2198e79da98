"""An exercise: tables, some of whose cells are blanks, each with its answer found twice.

The first way is the plan's (the matrices that everything here is read from), the second recomputes it from
the definition. A key in which the two differ is never shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.entries import Array
from symconv.errors import BlockError
from symconv.geometry import Geometry
from symconv.lesson.exercises.seed import Seed
from symconv.prove import prove

MOST_CELLS = 400  # of one table: more is no exercise
DEFAULT_BLANKS = 8


@dataclass(frozen=True)
class Grid:
    """One table.

    Attributes:
        label: what it is.
        answers: shape (R, C), what stands in each cell, blanks included.
        blank: shape (R, C), True where the reader is to fill in.
        again: shape (R, C), the same recomputed in another way.
        rows: one head for each row, or none.
        columns: one head for each column, or none.
    """

    label: str
    answers: Array
    blank: Array
    again: Array
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    def place(self, row: int, column: int) -> str:
        """Where a cell is, in words.

        Examples:
            >>> given("P", [[1, 2]]).place(0, 1)
            'P, row 1, column 2'
        """
        down = self.rows[row] if self.rows else f"row {row + 1}"
        across = self.columns[column] if self.columns else f"column {column + 1}"
        return f"{self.label.partition(' (')[0]}, {down}, {across}"


@dataclass(frozen=True)
class Exercise:
    """What is given, what is asked, and why the answers are right.

    Attributes:
        question: what to do, in plain text.
        given: the tables that the question is about.
        asked: the tables with blanks.
        subject: what the answers were read from; it can be proved.
        recomputed: how the answers were found a second time, in plain text.
        geometry: the layer, if there is one.
    """

    question: str
    given: tuple[Grid, ...]
    asked: tuple[Grid, ...]
    subject: Any
    recomputed: str
    geometry: Geometry | None = None

    @property
    def blanks(self) -> int:
        """How many blanks there are."""
        return sum(int(grid.blank.sum()) for grid in self.asked)

    def prove(self) -> Any:
        """The proof of what the answers were read from, after the answers were compared.

        Raises:
            BlockError: an answer is not what the definition gives.
        """
        for grid in self.asked:
            for row, column in np.argwhere(grid.blank):
                one, other = grid.answers[row, column], grid.again[row, column]
                if one != other:
                    raise BlockError(
                        f"the answer {one} at {grid.place(row, column)} is {other} by the definition, "
                        "so the exercise is not shown: please report it"
                    )
        return prove(self.subject)


@dataclass(frozen=True)
class Kind:
    """A kind of exercise, for authors.

    Attributes:
        keys: the keys it takes besides those that every exercise has.
        make: the exercise from a block's values (text, or nested lists of text), the seed, and how many
            blanks there are to be, None for as many as go without saying.
        about: what is asked, in a few words.
    """

    keys: tuple[str, ...]
    make: Callable[[dict[str, Any], Seed, int | None], Exercise]
    about: str


def given(
    label: str, values: Any, rows: Sequence[str] = (), columns: Sequence[str] = (), text: bool = False
) -> Grid:
    """A table without blanks; with ``text`` its cells are words.

    Examples:
        >>> given("input", [[1, 2], [3, 4]]).blank.any()
        np.False_
    """
    array = np.array(values, dtype=object) if text else np.asarray(values)
    array = array[None] if array.ndim == 1 else array
    return Grid(label, array, np.zeros(array.shape, bool), array, tuple(rows), tuple(columns))


def asked(
    label: str,
    answers: Any,
    again: Any,
    blank: Any,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
) -> Grid:
    """A table with blanks.

    Raises:
        BlockError: it has more cells than an exercise should.
    """
    tables = [np.asarray(array) for array in (answers, again, blank)]
    right, other, blanks = (array[None] if array.ndim == 1 else array for array in tables)
    if right.size > MOST_CELLS:
        raise BlockError(
            f"exercise makes a table of {right.size:,} cells, and a page shows at most {MOST_CELLS}: "
            "write smaller sizes"
        )
    return Grid(label, right, blanks, other, tuple(rows), tuple(columns))

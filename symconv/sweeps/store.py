"""What a sweep found, in one file of SQLite: each answer once, however often it is worked out.

One transaction a batch, so that a sweep that is killed leaves whole batches; the write-ahead log, so that two
sweeps may share a file and a third person may read it meanwhile.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from symconv.errors import RequestError
from symconv.sweeps.task import Answer, Task

_SECONDS_TO_WAIT = 60.0  # for another sweep's transaction
_MOST_AT_ONCE = 500  # of keys in one question, below the fewest that any SQLite allows
_ADD = "INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_COLUMNS = ["task", "version", "geometry", "outcome", "tier", "seconds", "said"]
_TABLE = """
CREATE TABLE IF NOT EXISTS results (
    task TEXT NOT NULL, version TEXT NOT NULL, geometry TEXT NOT NULL,
    outcome TEXT NOT NULL, tier TEXT NOT NULL, seconds REAL NOT NULL, said TEXT NOT NULL,
    PRIMARY KEY (task, version, geometry)
) WITHOUT ROWID
"""


class Store:
    """Answers under (task, version, geometry), in a file.

    Args:
        path: of the file, made if it is not there.
        new: whether it may be made, and written; if not, it is only read.

    Raises:
        RequestError: the file is no store, or cannot be opened.

    Examples:
        >>> from symconv.sweeps.task import task_of
        >>> store, prove = Store(":memory:"), task_of("prove")
        >>> store.add(prove, ["a"], [Answer("holds", "exact", 0.1, "")])
        >>> store.add(prove, ["a"], [Answer("refuted", "exact", 0.1, "")])
        >>> store.known(prove, ["a", "b"])
        {'a': Answer(outcome='holds', tier='exact', seconds=0.1, said='')}
    """

    def __init__(self, path: str | Path, *, new: bool = True) -> None:
        if not new and not Path(path).is_file():
            raise RequestError(f"{path} is no file: give the store that a sweep has written")
        try:
            self._database = sqlite3.connect(path, timeout=_SECONDS_TO_WAIT, isolation_level=None)
            if new:
                self._database.execute("PRAGMA journal_mode=WAL")
                self._database.execute("PRAGMA synchronous=NORMAL")  # whole after a crash of this process
                self._database.execute(_TABLE)
            columns = [column[1] for column in self._database.execute("PRAGMA table_info(results)")]
            why = "" if columns == _COLUMNS else "its table of results is another version's, or not there"
        except sqlite3.Error as error:
            why = str(error)
        if why:
            raise RequestError(
                f"{path} cannot be used as a store ({why}): give the path of a new file, "
                "or of one that a sweep has written"
            )

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def has(self, task: Task) -> bool:
        """Whether it has any answer of a task."""
        any_of_it = "SELECT 1 FROM results WHERE task = ? AND version = ? LIMIT 1"
        return bool(list(self._rows(any_of_it, (task.name, task.version))))

    def known(self, task: Task, keys: Sequence[str]) -> dict[str, Answer]:
        """The answers that are there already, by geometry."""
        found = {}
        for first in range(0, len(keys), _MOST_AT_ONCE):
            some = keys[first : first + _MOST_AT_ONCE]
            rows = self._rows(
                "SELECT geometry, outcome, tier, seconds, said FROM results "  # noqa: S608 (question marks)
                f"WHERE task = ? AND version = ? AND geometry IN ({','.join('?' * len(some))})",
                (task.name, task.version, *some),
            )
            found.update({row[0]: Answer(*row[1:]) for row in rows})
        return found

    def add(self, task: Task, keys: Sequence[str], answers: Sequence[Answer]) -> None:
        """Keep a batch of answers, all or none of them; those that are there already stay as they are."""
        rows = [(task.name, task.version, key, *answer) for key, answer in zip(keys, answers, strict=True)]
        try:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany(_ADD, rows)
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise RequestError(
                f"the store cannot be written ({error}): see that its disk has room and no other program "
                "holds it, then run the same sweep again; it goes on from where it stood"
            ) from error

    def tasks(self) -> list[tuple[str, str]]:
        """The (name, version) of all tasks that have answers."""
        return list(self._rows("SELECT DISTINCT task, version FROM results ORDER BY 1, 2"))

    def answers(self, name: str, version: str) -> Iterator[tuple[str, Answer]]:
        """All answers of a task, with their geometries' keys, one at a time."""
        rows = self._rows(
            "SELECT geometry, outcome, tier, seconds, said FROM results WHERE task = ? AND version = ?",
            (name, version),
        )
        return ((row[0], Answer(*row[1:])) for row in rows)

    def _rows(self, question: str, given: tuple[str, ...] = ()) -> Iterator[Any]:
        """Rows of the file, one at a time.

        Raises:
            RequestError: it is damaged, or held by another program.
        """
        try:
            with closing(self._database.execute(question, given)) as rows:
                yield from rows
        except sqlite3.Error as error:
            raise RequestError(
                f"the store cannot be read ({error}): see that it is whole and no other program holds it, "
                "or give another one"
            ) from error

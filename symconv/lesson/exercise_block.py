"""The author's block with an exercise: its kind, what it is about, and the seed that numbers come from."""

from dataclasses import dataclass
from typing import Any

from symconv.errors import BlockError
from symconv.geometry import Geometry
from symconv.lesson.exercises.catalogue import KINDS
from symconv.lesson.exercises.exercise import Exercise, Kind
from symconv.lesson.exercises.seed import Seed
from symconv.lesson.words import meant, read_caption, read_int

KEYS = ("exercise", "seed", "blanks", "key", "choose", "caption")  # besides those of the kind
KEY_IS = ("folded", "open", "none")
MOST_BLANKS = 100
DEFAULT_SEED = "1"


@dataclass(frozen=True)
class ExerciseBlock:
    """A block with an exercise as read.

    Attributes:
        name: the kind's.
        exercise: what is given and what is asked.
        seed: the text that numbers and blanks were drawn from.
        key: ``folded``, ``open``, or ``none`` for a sheet without its answers.
        caption: plain text beneath, or empty.
        choice: what the reader chose to get this variant: (key, value) pairs.
    """

    name: str
    exercise: Exercise
    seed: str
    key: str
    caption: str
    choice: tuple[tuple[str, str], ...] = ()

    @property
    def geometry(self) -> Geometry | None:
        """The layer that the exercise is about, if it is about one."""
        return self.exercise.geometry


def known_kind(name: Any) -> Kind:
    """The kind of exercise of a name.

    Raises:
        BlockError: there is none of that name.

    Examples:
        >>> known_kind("patches").about
        'entries of the patch matrix P'
    """
    if not isinstance(name, str) or name not in KINDS:
        raise BlockError(f"exercise={name!r} is unknown: {meant(str(name), tuple(KINDS))}")
    return KINDS[name]


def read_exercise_block(values: dict[str, Any], _show: tuple[str, ...]) -> ExerciseBlock:
    """The block from its values, without choices.

    Args:
        values: the block's keys with their text.

    Raises:
        SymconvError: what is wrong, in one sentence that says what to write instead.

    Examples:
        >>> block = read_exercise_block({"exercise": "output", "input": "4x4", "kernel": "2x2"}, ())
        >>> block.exercise.blanks
        8
    """
    name = values["exercise"]
    kind = known_kind(name)
    seed = values.get("seed", DEFAULT_SEED)
    if not isinstance(seed, str) or not seed.strip():
        raise BlockError("seed is not a line of text: write a number or a word, such as 7 or class-b")
    key = values.get("key", KEY_IS[0])
    if key not in KEY_IS:
        raise BlockError(f"key={key!r} is unknown: write {', '.join(KEY_IS[:-1])} or {KEY_IS[-1]}")
    own = {k: value for k, value in values.items() if k in kind.keys}
    exercise = kind.make(own, Seed(name, seed.strip()), _blanks(values))
    return ExerciseBlock(name, exercise, seed.strip(), key, read_caption(values))


def _blanks(values: dict[str, Any]) -> int | None:
    """How many blanks there are to be; None for as many as go without saying."""
    if "blanks" not in values:
        return None
    if values["blanks"] == "all":
        return MOST_BLANKS
    blanks = read_int(values["blanks"], "blanks")
    if not 1 <= blanks <= MOST_BLANKS:
        raise BlockError(f"blanks={blanks} is no number of blanks: write 1 to {MOST_BLANKS}, or all")
    return blanks

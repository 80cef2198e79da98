"""What a sweep asks of each geometry: a proof, a check of a person's function, an evaluation against a peer.

A task travels to other processes and machines, so it carries the text of a person's file and not its path.
"""

import hashlib
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, Protocol

import numpy as np

from symconv.checking.check import check
from symconv.errors import RequestError, SymconvError
from symconv.evaluate import evaluate
from symconv.geometry import Geometry
from symconv.proof.verdict import Tier
from symconv.prove import prove
from symconv.sweeps.key import key
from symconv.sweeps.limit import TooSlow, limited

HOLDS, REFUTED, UNTOLD, KILLED = "holds", "refuted", "untold", "killed"
_MOST_LETTERS = 2000  # of what is said about one geometry
_LONGEST = 1_000_000  # seconds that one geometry may be given
_FORMS = 'sc.prove, "prove", "check FILE.py::NAME", "against FILE.py::NAME", or a function of a Geometry'


class Answer(NamedTuple):
    """What became of one geometry.

    Attributes:
        outcome: ``holds``, ``refuted``, ``untold`` (no verdict), or ``killed`` (it ended its worker).
        tier: how far the verdict reaches; empty if there is none.
        seconds: how long it took.
        said: of what does not hold, why; else empty.
    """

    outcome: str
    tier: str
    seconds: float
    said: str


class Verdict(Protocol):
    """What a task's function returns: a proof, or any verdict that holds (None if untold) and has a tier."""

    @property
    def holds(self) -> bool | None:
        """Whether it does."""

    @property
    def tier(self) -> Tier | None:
        """How far it reaches."""


@dataclass(frozen=True)
class Agreement:
    """A verdict from numbers: whether a peer's output is the evaluated one."""

    holds: bool
    said: str
    tier: Tier = Tier.SAMPLED

    def __repr__(self) -> str:
        return self.said


@dataclass(frozen=True)
class Task:
    """One question, with the name and the version under which its answers are kept.

    Attributes:
        name: what is asked.
        version: of symconv, and of the person's file: answers of another version are not taken for its own.
        function: of a geometry, giving a verdict.
        timeout: seconds that one geometry may take; None for any.
    """

    name: str
    version: str
    function: Callable[[Geometry], Any]
    timeout: float | None = None

    def within(self, seconds: float | None) -> "Task":
        """The same with a time limit, which is part of its version: with another one it is asked again."""
        if seconds is None:
            return self
        if not isinstance(seconds, int | float) or not 0 < seconds <= _LONGEST:
            raise RequestError(
                f"timeout={seconds!r} is no time that a geometry may take: give seconds, more than 0 and at "
                f"most {_LONGEST:,}"
            )
        return replace(self, version=f"{self.version}, at most {seconds:g} s each", timeout=seconds)

    def answer(self, g: Geometry) -> Answer:
        """Ask it of one geometry; whatever it raises is part of the answer, and so is that it takes too long.

        Raises:
            RequestError: there is a time limit, and no alarm can be set here.
        """
        try:
            with limited(self.timeout):
                return self._answer(g)
        except TooSlow:
            return Answer(UNTOLD, "", self.timeout or 0.0, f"it took longer than {self.timeout:g} seconds")

    def _answer(self, g: Geometry) -> Answer:
        begun = time.perf_counter()
        try:
            verdict = self.function(g)
            holds, tier = _read(verdict)
            said = "" if holds or isinstance(verdict, bool | np.bool_) else repr(verdict)
        except SymconvError as error:
            holds, tier, said = None, "", str(error)
        except (Exception, SystemExit) as error:  # noqa: BLE001 (a person's function may raise anything)
            holds, tier, said = None, "", f"{type(error).__name__}: {error}"
        outcome = {True: HOLDS, False: REFUTED, None: UNTOLD}[holds]
        return Answer(outcome, tier, time.perf_counter() - begun, said[:_MOST_LETTERS])


def _read(verdict: Any) -> tuple[bool | None, str]:
    """Whether a verdict holds, and its tier."""
    if isinstance(verdict, bool | np.bool_):
        return bool(verdict), str(Tier.SAMPLED)
    if not hasattr(verdict, "holds"):
        raise RequestError(
            f"the task returned {verdict!r}, which is no verdict: return one, or True or False"
        )
    tier = getattr(verdict, "tier", None)
    return verdict.holds, "" if tier is None else str(tier)


@dataclass(frozen=True)
class FromFile:
    """A person's function, as the text of its file, which goes wherever the task goes."""

    path: str
    name: str
    text: str = field(repr=False)

    @classmethod
    def read(cls, where: str) -> "FromFile":
        """The function named ``FILE.py::NAME``.

        Raises:
            RequestError: there is no such file, or it cannot be read.
        """
        path, _, name = where.rpartition("::")
        if not path or not name:
            raise RequestError(f"{where!r} names no function: write it as path/to/file.py::conv")
        try:
            return cls(str(Path(path).resolve()), name, Path(path).read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise RequestError(f"{path} cannot be read: give a Python file that is there") from error

    @property
    def digest(self) -> str:
        """What tells this text from any other."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    def load(self) -> Any:
        """The function itself; its file is run once in each process."""
        loaded = _LOADED.get((self.path, self.digest))
        if loaded is None:
            module = ModuleType(f"symconv_sweep_{self.digest}")
            module.__file__ = self.path
            with _beside(Path(self.path).parent):
                exec(compile(self.text, self.path, "exec"), module.__dict__)  # noqa: S102 (the person's own)
            loaded = _LOADED[self.path, self.digest] = module
        if not hasattr(loaded, self.name):
            raise RequestError(f"{self.name} is not in {Path(self.path).name}: name a function that is")
        return getattr(loaded, self.name)


_LOADED: dict[tuple[str, str], ModuleType] = {}


@contextmanager
def _beside(folder: Path) -> Iterator[None]:
    """While a file is run, what lies beside it is found first; another file's of the same name is not it."""
    there, before = str(folder), {*sys.modules}
    sys.path.insert(0, there)
    try:
        yield
    finally:
        sys.path.remove(there)
        if there not in sys.path:
            sys.path.append(there)  # for what its functions import when they are called
        for name in {*sys.modules} - before:
            if Path(getattr(sys.modules[name], "__file__", None) or "/").parent == folder:
                del sys.modules[name]


@dataclass(frozen=True)
class Checked:
    """Whether a person's function is the convolution at a geometry."""

    source: FromFile

    def __call__(self, g: Geometry) -> Verdict:
        """The verdict of ``check``."""
        return check(self.source.load(), g, seed=zlib.crc32(key(g).encode()))


@dataclass(frozen=True)
class Against:
    """Whether a peer, called ``peer(x, w, geometry)``, computes of whole numbers what ``evaluate`` does."""

    source: FromFile

    def __call__(self, g: Geometry) -> Agreement:
        """The first cell that differs, if one does."""
        numbers = np.random.default_rng(zlib.crc32(key(g).encode()))  # the same on every machine
        x, w = (numbers.integers(-9, 10, shape) for shape in (g.input_shape, g.kernel_shape))
        ours = evaluate(
            x,
            w,
            stride=g.stride,
            padding=g.padding,
            dilation=g.dilation,
            groups=g.groups,
            padding_mode=g.padding_mode,
        )
        theirs = np.asarray(self.source.load()(x, w, g))
        if theirs.shape != ours.shape:
            return Agreement(False, f"the output has shape {theirs.shape} where {ours.shape} is expected")
        if (wrong := np.argwhere(theirs != ours)).size:
            cell = tuple(int(i) for i in wrong[0])
            return Agreement(False, f"y{list(cell)} is {theirs[cell]} where {ours[cell]} is expected")
        return Agreement(True, f"all {ours.size} cells agree")


def task_of(given: Any) -> Task:
    """A task from what a caller gives for one.

    Raises:
        RequestError: it is none of the forms, or its file cannot be read.

    Examples:
        >>> task_of("prove").answer(Geometry((5, 7), 3))[:2]
        ('holds', 'exact')
    """
    if isinstance(given, Task):
        return given
    ours = f"symconv {sys.modules[__name__.partition('.')[0]].__version__}"
    if given is prove or given == "prove":
        return Task("prove", ours, prove)
    if isinstance(given, str):
        kind, _, where = given.strip().partition(" ")
        kinds: dict[str, Callable[[FromFile], Callable[[Geometry], Any]]] = {
            "check": Checked,
            "against": Against,
        }
        if kind in kinds and where:
            source = FromFile.read(where.strip())
            name = f"{kind} {Path(source.path).name}::{source.name}"
            return Task(name, f"{ours}, file {source.digest}", kinds[kind](source))
    elif callable(given):
        return Task(getattr(given, "__qualname__", type(given).__qualname__), ours, given)
    raise RequestError(f"task={given!r} is nothing that can be asked of a geometry: give {_FORMS}")

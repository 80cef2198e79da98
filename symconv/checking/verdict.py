"""What was found out about a person's function."""

from dataclasses import dataclass
from html import escape
from typing import Any

from symconv.checking.report import sums_latex, sums_table
from symconv.geometry import Geometry
from symconv.mistakes.diagnose import Diagnosis
from symconv.proof.verdict import Tier
from symconv.show.latex import latex
from symconv.tracing.compare import WrongCell


@dataclass(frozen=True, repr=False)
class Verdict:
    """What was found out about a function: truthy only if it is the convolution wherever it was tried.

    Attributes:
        name: the function's name.
        holds: True or False; None if it could not be told.
        tier: how far the verdict reaches; None if it could not be told.
        bound: of a certificate, how likely at most it is to be given to a wrong function; else None.
        geometries: the layers it was tried on, the one that failed last.
        counterexample: the first wrong output cell, as two sums; None if it holds, or if it has no such cell.
        diagnosis: the known mistake that explains the function exactly; None if it holds or none does.
        why: how the verdict was reached, and what was left out.
        claim: what the function was to be.

    Examples:
        >>> from symconv.checking.check import check
        >>> def conv(x, w):
        ...     return x[1:] * w[0] + x[:-1] * w[1]
        >>> verdict = check(conv, Geometry(3, 2))
        >>> bool(verdict), verdict.tier, verdict.diagnosis.name
        (False, <Tier.EXACT: 'exact'>, 'kernel rotated by 180°')
        >>> verdict.counterexample.cell, verdict.counterexample.function
        ((0,), w_{0}*x_{1} + w_{1}*x_{0})
    """

    name: str
    holds: bool | None
    tier: Tier | None
    geometries: tuple[Geometry, ...]
    why: str
    bound: float | None = None
    counterexample: WrongCell | None = None
    diagnosis: Diagnosis | None = None
    claim: str = "the convolution"

    def __bool__(self) -> bool:
        return self.holds is True

    @property
    def headline(self) -> str:
        """The verdict in one line."""
        if self.holds is None or self.tier is None:
            return f"Could not tell whether {self.name} is {self.claim}."
        if not self.holds:
            layer = layer_words(self.geometries[-1])
            return f"Wrong (tier: {self.tier}). {self.name} is not {self.claim} of {layer}."
        layers = "1 layer" if len(self.geometries) == 1 else f"each of {len(self.geometries)} layers"
        if self.tier is Tier.EXACT:
            return f"Proved (tier: exact). {self.name} is {self.claim}, for all values, at {layers}."
        if self.tier is Tier.CERTIFICATE:
            return (
                f"Certified (tier: certificate). {self.name} is {self.claim} at {layers}; "
                f"a wrong function would pass with probability below {self.bound:.0e}."
            )
        return f"Nothing wrong found (tier: sampled). {self.name} agrees with {self.claim} at {layers}."

    @property
    def explanation(self) -> str:
        """What is wrong in words, or how the verdict was reached."""
        if self.diagnosis is not None:
            return f"{self.diagnosis}\n{self.why}".strip()
        if self.holds and len(self.geometries) > 1:
            return f"The largest: {layer_words(self.geometries[-1])}. {self.why}"
        return f"The layer: {layer_words(self.geometries[-1])}. {self.why}" if self.holds else self.why

    def __repr__(self) -> str:
        found = [str(self.counterexample)] if self.counterexample is not None else []
        return "\n".join([self.headline, *found, self.explanation])

    def _repr_html_(self) -> str:
        wrong = "" if self.counterexample is None else sums_table(self.counterexample)
        lines = [escape(line.strip()) for line in self.explanation.splitlines()]
        if self.diagnosis is not None:
            lines[0] = f"<strong>{lines[0]}</strong>"
        said = "<br>".join(lines)
        headline = f"<p><strong>{escape(self.headline)}</strong></p>"
        holds = {True: "yes", False: "no", None: "unknown"}[self.holds]
        marks = f'data-holds="{holds}" data-tier="{self.tier or ""}"'
        return f'<div class="symconv-verdict" {marks}>{headline}{wrong}<p>{said}</p></div>'

    def as_dict(self) -> dict[str, Any]:
        """The verdict as JSON can hold it.

        Examples:
            >>> from symconv.checking.check import check
            >>> def conv(x, w):
            ...     return x[1:] * w[0] + x[:-1] * w[1]
            >>> check(conv, Geometry(3, 2)).as_dict()["mistakes"]
            ['kernel rotated by 180°']
        """
        wrong = self.counterexample
        return {
            "name": self.name,
            "holds": self.holds,
            "tier": None if self.tier is None else str(self.tier),
            "bound": self.bound,
            "geometries": [repr(g) for g in self.geometries],
            "counterexample": None
            if wrong is None
            else {
                "cell": list(wrong.cell),
                "function": str(wrong.function),
                "definition": str(wrong.definition),
                "only_in_function": str(wrong.only_in_function),
                "only_in_definition": str(wrong.only_in_definition),
                "line": None if wrong.place is None else wrong.place[1],
            },
            "mistakes": [] if self.diagnosis is None else [m.name for m in self.diagnosis.mistakes],
            "diagnosis": None if self.diagnosis is None else str(self.diagnosis),
            "why": self.why,
            "text": repr(self),
        }


def layer_words(g: Geometry) -> str:
    """A layer in words, without what is as it is by default.

    Examples:
        >>> layer_words(Geometry((4, 5), (2, 3), in_channels=2, stride=2, padding=(1, 0)))
        'a 4×5 input with a 2×3 kernel, 2 channels, stride 2, padding (1, 0)'
    """
    size, kernel = ("×".join(map(str, size)) for size in (g.input_size, g.kernel_size))
    a, an = (_article(sizes[0]) for sizes in (g.input_size, g.kernel_size))
    shape = f"{a} {size} input with {an} {kernel} kernel"
    if g.rank == 1:
        shape = f"an input of {size} with a kernel of {kernel}"
    padding = tuple(before if before == after else (before, after) for before, after in g.padding)
    said = [
        ("", g.in_channels, 1, " channels"),
        ("", g.out_channels, 1, " filters"),
        ("", g.batch, 1, " samples"),
        ("stride ", _shortest(g.stride), 1, ""),
        ("padding ", _shortest(padding), 0, ""),
        ("dilation ", _shortest(g.dilation), 1, ""),
        ("", g.groups, 1, " groups"),
    ]
    more = [f"{before}{value}{after}" for before, value, usual, after in said if value != usual]
    if g.padding_mode != "zeros":
        more.append(f"padding mode {g.padding_mode}")
    return ", ".join([shape, *more])


def _article(number: Any) -> str:
    return "an" if str(number)[0] == "8" or number in (11, 18) else "a"


def _shortest(values: tuple[Any, ...]) -> Any:
    return values[0] if len(set(values)) == 1 else values


@latex.register
def _(verdict: Verdict) -> str:
    """The first wrong cell as two sums, their differing terms underlined; else the verdict in words."""
    if verdict.counterexample is not None:
        return sums_latex(verdict.counterexample)
    return rf"\text{{{verdict.headline}}}".replace("_", r"\_")

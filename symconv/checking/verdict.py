"""What was found out about a person's function."""

from dataclasses import dataclass
from html import escape
from typing import Any

from symconv.checking.report import sums_latex, sums_table
from symconv.geometry import Geometry
from symconv.proof.compare import WrongCell
from symconv.proof.diagnose import Diagnosis
from symconv.proof.verdict import Tier
from symconv.show.latex import latex

_MEANING = {
    Tier.EXACT: "for any values of the inputs and weights",
    Tier.CERTIFICATE: "at random points",
    Tier.SAMPLED: "as far as numbers show",
}


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
        why: one sentence on how the verdict was reached, and on what was left out.

    Examples:
        >>> from symconv.checking.check import check
        >>> verdict = check(lambda x, w: x)
        >>> bool(verdict), verdict.tier
        (False, <Tier.EXACT: 'exact'>)
    """

    name: str
    holds: bool | None
    tier: Tier | None
    geometries: tuple[Geometry, ...]
    why: str
    bound: float | None = None
    counterexample: WrongCell | None = None
    diagnosis: Diagnosis | None = None

    def __bool__(self) -> bool:
        return self.holds is True

    @property
    def headline(self) -> str:
        """The verdict in one line."""
        if self.holds is None or self.tier is None:
            return f"Could not tell whether {self.name} is the convolution."
        if not self.holds:
            return f"Wrong (tier: {self.tier}). {self.name} is not {self.geometries[-1]!r}."
        layers = "1 layer" if len(self.geometries) == 1 else f"{len(self.geometries)} layers"
        said = {Tier.EXACT: "Proved", Tier.CERTIFICATE: "Certified"}.get(self.tier, "Nothing wrong found")
        bound = f", wrongly with probability below {self.bound:.0e}" if self.bound else ""
        last = f"up to {self.geometries[-1]!r}" if len(self.geometries) > 1 else f"{self.geometries[-1]!r}"
        return (
            f"{said} (tier: {self.tier}{bound}). {self.name} is the convolution at {layers}, {last}, "
            f"{_MEANING[self.tier]}."
        )

    @property
    def explanation(self) -> str:
        """What is wrong in words, or how the verdict was reached."""
        if self.holds is not False:
            return self.why
        if self.diagnosis is not None:
            return str(self.diagnosis)
        return f"No known mistake explains this. {self.why}"

    def __repr__(self) -> str:
        found = [str(self.counterexample)] if self.counterexample is not None else []
        return "\n".join([self.headline, *found, self.explanation])

    def _repr_html_(self) -> str:
        wrong = "" if self.counterexample is None else sums_table(self.counterexample)
        said = "<br>".join(escape(line.strip()) for line in self.explanation.splitlines())
        headline = f"<p><strong>{escape(self.headline)}</strong></p>"
        return f'<div class="symconv-verdict">{headline}{wrong}<p>{said}</p></div>'

    def as_dict(self) -> dict[str, Any]:
        """The verdict as JSON can hold it."""
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
            "diagnosis": None if self.diagnosis is None else str(self.diagnosis),
            "why": self.why,
            "text": repr(self),
        }


@latex.register
def _(verdict: Verdict) -> str:
    """The first wrong cell as two sums, their differing terms underlined; else the verdict in words."""
    if verdict.counterexample is not None:
        return sums_latex(verdict.counterexample)
    return rf"\text{{{verdict.headline.split(' (')[0]}: {verdict.name}}}".replace("_", r"\_")

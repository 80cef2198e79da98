"""The verdict on an identity between two ways of writing a convolution, at one size and for all values.

Stands beside the verdict on the maps: what is compared there are two maps, and here any two sides.
"""

from dataclasses import dataclass
from typing import Any

from symconv.proof.verdict import Tier, shortened


@dataclass(frozen=True)
class Difference:
    """The first entry where the two sides of an identity differ.

    Attributes:
        identity: which identity it is that fails.
        place: index of the entry, or of the output cell.
        left: what its left side has there.
        right: what its right side has there.

    Examples:
        >>> print(Difference("F·F⁻¹ = 1", (0, 1), 1, 0))
        F·F⁻¹ = 1 fails first at [0, 1]
          left  = 1
          right = 0
    """

    identity: str
    place: tuple[int, ...]
    left: Any
    right: Any

    def __str__(self) -> str:
        return (
            f"{self.identity} fails first at {list(self.place)}\n"
            f"  left  = {shortened(self.left)}\n"
            f"  right = {shortened(self.right)}"
        )


@dataclass(frozen=True, repr=False)
class IdentityProof:
    """The verdict on one form of a convolution: truthy when its identity was proved.

    Attributes:
        holds: whether it was proved.
        claim: the identity, as a sentence says it.
        about: the form and the sizes it is about.
        compared: how many entries were compared.
        method: as what they were compared.
        difference: where the two sides first differ; None when it holds.
        tier: how far the verdict reaches.

    Examples:
        >>> IdentityProof(True, "F·F⁻¹ = 1", "fourier(2)", 4, "numbers")
        Proved (tier: exact). F·F⁻¹ = 1, for fourier(2):
        4 entries compared as numbers.
    """

    holds: bool
    claim: str
    about: str
    compared: int
    method: str
    difference: Difference | None = None
    tier: Tier = Tier.EXACT

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        entries = f"{self.compared:,} {'entry' if self.compared == 1 else 'entries'}"
        if self.difference is not None:
            return f"Refuted (tier: {self.tier}) after {entries}, for {self.about};\n{self.difference}"
        return (
            f"Proved (tier: {self.tier}). {self.claim}, for {self.about}:\n"
            f"{entries} compared as {self.method}."
        )

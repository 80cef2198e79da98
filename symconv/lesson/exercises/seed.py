"""Numbers and blanks drawn from a seed: the same seed draws the same on every machine and in every year.

The generator is NumPy's ``RandomState``, whose stream is frozen; that of ``default_rng`` may change.
"""

from hashlib import sha256

import numpy as np

from symconv.entries import Array


class Seed:
    """What is drawn for one exercise.

    Examples:
        >>> Seed("patches", "1").whole(0, 9, (2, 3)).shape
        (2, 3)
        >>> one, same, other = (Seed("patches", text).whole(0, 9, (20,)) for text in ("1", "1", "2"))
        >>> bool((one == same).all()), bool((one == other).all())
        (True, False)
    """

    def __init__(self, kind: str, text: str) -> None:
        self.text = text
        self._numbers = np.random.RandomState(
            np.frombuffer(sha256(f"{kind} {text}".encode()).digest(), "<u4")
        )

    def whole(self, low: int, high: int, shape: tuple[int, ...]) -> Array:
        """Whole numbers from low to high, both included."""
        return self._numbers.randint(low, high + 1, shape).astype(np.int64)

    def one(self, low: int, high: int) -> int:
        """One whole number from low to high, both included."""
        return int(self._numbers.randint(low, high + 1))

    def blanks(self, wanted: int, allowed: Array) -> Array:
        """So many of the allowed places, or all of them if there are fewer.

        Args:
            wanted: how many.
            allowed: True where a blank may be.

        Returns:
            Of the same shape, True for a blank.
        """
        places = np.flatnonzero(allowed)
        chosen = np.zeros(allowed.size, dtype=bool)
        chosen[self._numbers.permutation(places)[:wanted]] = True
        return chosen.reshape(allowed.shape)

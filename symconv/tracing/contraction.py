"""Sums of products over shared axes: every matmul, dot, tensordot and einsum as matrix products of ids.

An operand is an array of ids with a letter for each axis. Two operands are brought into the shapes (B, M,
K) and (B, K, N), B being the axes that both and the result have, K those that both have and the result has
not.
"""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from symconv.tracing.tape import Ids, Tape

Letters = tuple[Any, ...]
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def contract(tape: Tape, operands: Sequence[tuple[Letters, Ids]], result: Letters) -> Ids:
    """The sum of products that an Einstein sum stands for, operand by operand from the left.

    Args:
        tape: where the operations go.
        operands: letters of the axes and ids, of each operand.
        result: letters of the result's axes.

    Returns:
        Ids, with one axis for each letter of the result.
    """
    sizes: dict[Any, int] = {}
    for letters, ids in operands:
        for letter, size in zip(letters, ids.shape, strict=True):
            if sizes.setdefault(letter, size) == 1:
                sizes[letter] = size
    for letters, ids in operands:
        for letter, size in zip(letters, ids.shape, strict=True):
            if size != sizes[letter] and (size > 1 or not isinstance(letter, tuple)):
                tape.refuse(f"one letter for axes of {size} and {sizes[letter]} cells cannot be followed")
    waiting = [_diagonal(letters, ids, sizes) for letters, ids in operands]
    letters, ids = waiting.pop(0)
    while waiting:
        needed = set(result).union(*(other for other, _ in waiting[1:]))
        letters, ids = _pair(tape, (letters, ids), waiting.pop(0), needed)
    gone = [axis for axis, letter in enumerate(letters) if letter not in result]
    ids = add_up(tape, ids, tuple(gone))
    kept = [letter for letter in letters if letter in result]
    return ids.transpose([kept.index(letter) for letter in result])


def add_up(tape: Tape, ids: Ids, axes: tuple[int, ...]) -> Ids:
    """The sums over some axes, in the row-major order of what is added; those axes are gone."""
    if not axes:
        return ids
    kept = [axis for axis in range(ids.ndim) if axis not in axes]
    shape = [ids.shape[axis] for axis in kept]
    rows = ids.transpose(*kept, *axes).reshape(prod(shape), prod(ids.shape[axis] for axis in axes))
    return tape.sums(rows).reshape(shape)


def read_einsum(args: Sequence[Any], ids_of: Any) -> tuple[list[tuple[Letters, Ids]], Letters]:
    """The operands and the result of an einsum call, in either of its two forms.

    Raises:
        ValueError: the specification does not fit the operands.
    """
    if isinstance(args[0], str):
        terms, arrow, after = args[0].replace(" ", "").partition("->")
        letters = [_spelt(term) for term in terms.split(",")]
        arrays = [np.asarray(ids_of(a)) for a in args[1:]]
        result = _spelt(after) if arrow else None
    else:
        arrays = [np.asarray(ids_of(a)) for a in args[: len(args) // 2 * 2 : 2]]
        letters = [list(axes) for axes in args[1::2]]
        result = list(args[-1]) if len(args) % 2 else None
    if len(letters) != len(arrays):
        raise ValueError(f"einsum names {len(letters)} operands and was given {len(arrays)}")
    rest = [a.ndim - len(axes) + (Ellipsis in axes) for a, axes in zip(arrays, letters, strict=True)]
    longest = max((r for r, axes in zip(rest, letters, strict=True) if Ellipsis in axes), default=0)
    dots = [("…", i) for i in range(longest)]
    if result is None:
        named = [letter for axes in letters for letter in axes if letter is not Ellipsis]
        result = [Ellipsis, *sorted(letter for letter in set(named) if named.count(letter) == 1)]
    full = []
    for axes, a, count in zip(letters, arrays, rest, strict=True):
        spelt = _with_dots(axes, dots[longest - count :])
        if len(spelt) != a.ndim:
            raise ValueError(f"einsum names {len(spelt)} axes of an operand that has {a.ndim}")
        full.append((spelt, a))
    return full, _with_dots(result, dots)


def matmul_letters(a: int, b: int) -> tuple[Letters, Letters, Letters]:
    """The axes of a matrix product of operands with so many axes, as ``np.matmul`` reads them."""
    dots = [("…", i) for i in range(max(a, b, 2) - 2)]
    rows = ("i",) if a > 1 else ()
    columns = ("j",) if b > 1 else ()
    first = (*dots[len(dots) - max(a - 2, 0) :], *rows, "k")
    second = (*dots[len(dots) - max(b - 2, 0) :], "k", *columns)
    return first, second, (*dots, *rows, *columns)


def tensordot_letters(a: int, b: int, axes: Any) -> tuple[Letters, Letters, Letters]:
    """The axes of a tensor product of operands with so many axes, as ``np.tensordot`` reads them."""
    if isinstance(axes, int | np.integer):
        mine, others = list(range(a - int(axes), a)), list(range(int(axes)))
    else:
        mine, others = ([int(i) for i in np.atleast_1d(part)] for part in axes)
    first: list[Any] = [("a", i) for i in range(a)]
    second: list[Any] = [("b", i) for i in range(b)]
    for i, j in zip(mine, others, strict=True):
        second[j] = first[i]
    summed = {first[i] for i in mine}
    return tuple(first), tuple(second), tuple(letter for letter in first + second if letter not in summed)


def _spelt(term: str) -> list[Any]:
    letters: list[Any] = list(term.replace("...", "."))
    if wrong := [letter for letter in letters if letter not in _LETTERS and letter != "."]:
        raise ValueError(f"{wrong[0]!r} is no letter of an axis")
    return [Ellipsis if letter == "." else letter for letter in letters]


def _with_dots(letters: Sequence[Any], dots: Sequence[Any]) -> Letters:
    return tuple(name for letter in letters for name in (dots if letter is Ellipsis else [letter]))


def _diagonal(letters: Letters, ids: Ids, sizes: dict[Any, int]) -> tuple[Letters, Ids]:
    """An operand in which each letter is there once, and as long as it is elsewhere."""
    ids = np.broadcast_to(ids, [sizes[letter] for letter in letters])
    for letter in set(letters):
        while letters.count(letter) > 1:
            first, second = [axis for axis, other in enumerate(letters) if other == letter][:2]
            ids = ids.diagonal(0, first, second)
            letters = (*(o for a, o in enumerate(letters) if a not in (first, second)), letter)
    return letters, ids


def _pair(
    tape: Tape, one: tuple[Letters, Ids], two: tuple[Letters, Ids], needed: set[Any]
) -> tuple[Letters, Ids]:
    """The product of two operands, summed over what nobody needs any more."""
    (mine, left), (others, right) = (_alone(tape, a, needed | set(b[0])) for a, b in ((one, two), (two, one)))
    shared = [letter for letter in mine if letter in others]
    batch = [letter for letter in shared if letter in needed]
    summed = [letter for letter in shared if letter not in needed]
    rows = [letter for letter in mine if letter not in others]
    columns = [letter for letter in others if letter not in mine]
    size = dict(zip((*mine, *others), (*left.shape, *right.shape), strict=True))
    count = {
        name: prod(size[a] for a in part)
        for name, part in zip("bkmn", (batch, summed, rows, columns), strict=True)
    }
    left = left.transpose([mine.index(a) for a in (*batch, *rows, *summed)])
    right = right.transpose([others.index(a) for a in (*batch, *summed, *columns)])
    made = tape.products(
        left.reshape(count["b"], count["m"], count["k"]), right.reshape(count["b"], count["k"], count["n"])
    )
    letters = (*batch, *rows, *columns)
    return letters, made.reshape([size[a] for a in letters])


def _alone(tape: Tape, operand: tuple[Letters, Ids], needed: set[Any]) -> tuple[Letters, Ids]:
    """An operand, summed over the axes that only it has."""
    letters, ids = operand
    gone = tuple(axis for axis, letter in enumerate(letters) if letter not in needed)
    return tuple(letter for letter in letters if letter in needed), add_up(tape, ids, gone)

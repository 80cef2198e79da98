r"""LaTeX of the indices of a loop formula: a place as a sum of multiples, the channel that a filter reads."""

from collections.abc import Iterable


def linear(terms: Iterable[tuple[int, str]], constant: int = 0) -> str:
    r"""A sum of multiples of letters and a constant, as an index is written.

    Examples:
        >>> linear([(2, "i"), (1, "a")], -1), linear([(0, "i")], 3), linear([])
        ('2 i + a - 1', '3', '0')
    """
    text = " + ".join(f"{n} {letter}" if n > 1 else letter for n, letter in terms if n)
    if not text:
        return str(constant)
    return text + (f" - {-constant}" if constant < 0 else f" + {constant}" if constant else "")


def group_channel(groups: int, filters: int, channels: int, channel: str = "c", start: int = 0) -> str:
    r"""The channel of the input that channel ``c`` of filter ``f`` reads: its group's first, plus c.

    Args:
        groups: blocks of channels that do not see each other.
        filters: filters in each group.
        channels: channels in each group.
        channel: the letter or number of the channel among the filter's own.
        start: what indices begin with.

    Examples:
        >>> group_channel(1, 4, 2), group_channel(4, 1, 1), group_channel(2, 3, 2)
        ('c', 'f', '2 \\lfloor f / 3 \\rfloor + c')
    """
    if groups == 1:
        return channel
    if filters == channels == 1:
        return "f"
    number = f"(f - {start})" if start else "f"
    group = rf"\lfloor {number} / {filters} \rfloor" if filters > 1 else number
    first = f"{channels} {group}" if channels > 1 else group
    return first if channel == "0" else f"{first} + {channel}"


def subscript(*indices: str) -> str:
    r"""Indices beneath a letter, with a little room between those that are sums.

    Examples:
        >>> subscript("f", "i"), subscript("c", "2 i + a")
        ('_{f,i}', '_{c,\\, 2 i + a}')
    """
    joint = r",\, " if any(" " in index for index in indices) else ","
    return f"_{{{joint.join(indices)}}}"


def summed(ranges: Iterable[tuple[str, int]]) -> str:
    r"""Signs of summation over letters that count from 0.

    Examples:
        >>> summed([("a", 2), ("b", 1)])
        '\\sum_{a=0}^{1}\\sum_{b=0}^{0}'
    """
    return "".join(rf"\sum_{{{letter}=0}}^{{{count - 1}}}" for letter, count in ranges)

"""Stable unit numbers: chosen once in tree order with wide gaps, kept for ever, wherever the unit moves.

Pure arithmetic (ADR-0003). A subtree is then a few runs of numbers, and a move rewrites no tenant row.
"""

from collections.abc import Iterable, Sequence

FIRST = 2**41
STRIDE = 2**40
LAST = 2**63 - 1
SHARE = 1024

Range = tuple[int, int]


class NumbersUsedUp(ValueError):
    """No free number is left (about eight million bulk-loaded units)."""


def between(last_descendant: int, following: int | None, highest: int) -> int:
    """The number of a new unit: a small step into the gap after its parent's last descendant.

    `following` is the next number in use (None at the end), `highest` the highest in use.
    When the gap is used up the unit goes to the end, at the price of one more range.
    """
    if following is None:
        return _at_end(last_descendant)
    gap = following - last_descendant
    if gap > 1:
        return last_descendant + max(1, gap // SHARE)
    return _at_end(highest)


def _at_end(highest: int) -> int:
    number = highest + STRIDE
    if number > LAST:
        raise NumbersUsedUp("no unit number left")
    return number


def bulk(count: int) -> list[int]:
    """Numbers for a whole tree loaded at once, in tree order."""
    if count and FIRST + STRIDE * (count - 1) > LAST:
        raise NumbersUsedUp("no unit number left")
    return [FIRST + STRIDE * position for position in range(count)]


def merge(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Sorted, disjoint inclusive ranges covering the same numbers; touching ones are joined."""
    merged: list[Range] = []
    for low, high in sorted(ranges):
        if low > high:
            continue
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def intersect(left: Sequence[Range], right: Sequence[Range]) -> tuple[Range, ...]:
    """The numbers in both; both sorted and disjoint."""
    found: list[Range] = []
    i = j = 0
    while i < len(left) and j < len(right):
        low, high = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if low <= high:
            found.append((low, high))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def without(ranges: Sequence[Range], number: int) -> tuple[Range, ...]:
    """The same ranges less one number (a unit's subtree without the unit itself)."""
    kept: list[Range] = []
    for low, high in ranges:
        if low <= number <= high:
            kept += [(low, number - 1), (number + 1, high)]
        else:
            kept.append((low, high))
    return tuple((low, high) for low, high in kept if low <= high)


def covers(ranges: Sequence[Range], number: int) -> bool:
    """Whether the number lies in one of the ranges."""
    return any(low <= number <= high for low, high in ranges)

"""Claimed numbers for people: from the exact number, rounded to the weak side. The decimal in a file is not read."""

from __future__ import annotations

from collections.abc import Sequence

from relucert.base.dyadic import DOWN, UP, add, decimal
from relucert.certificate.numbers import Json, number

MOST_ENTRIES = 12  # of a list in a sentence


def at_least(value: Json) -> str:
    """Of a lower bound."""
    return decimal(number(value, "bounds"), DOWN)


def at_most(value: Json) -> str:
    """Of an upper bound."""
    return decimal(number(value, "bounds"), UP)


def within(ends: Sequence[Json]) -> str:
    """Of an enclosure: "in [low, high]", or one number where both ends are the same."""
    low, high = at_least(ends[0]), at_most(ends[1])
    return low if low == high else f"in [{low}, {high}]"


def listed(entries: Sequence[object]) -> str:
    """A list of exact numbers; of a long one the beginning, and how many there are."""
    shown = ", ".join(map(str, entries[:MOST_ENTRIES]))
    return f"({shown})" if len(entries) <= MOST_ENTRIES else f"({shown}, .. {len(entries)} entries)"


def less(one: Json, other: Json) -> bool:
    """Whether the one exact number is below the other."""
    (a, b), (m, e) = number(one, "bounds"), number(other, "bounds")
    return add((a, b), (-m, e))[0] < 0

"""Claimed numbers for people: from the exact number, rounded to the weak side. The decimal in a file is not read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from relucert.base.dyadic import DOWN, UP, add, decimal, to_float
from relucert.certificate.numbers import Json, number

LONG = 200  # characters of a list in a sentence


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


def margin(inequality: Json) -> str:
    """By what factor, or by how much, a recorded inequality holds."""
    if not inequality["proved"]:
        return "not proved"
    low, high = (to_float(number(inequality[side], "inequality")) for side in ("left", "right"))
    return f"{high / low:.4g} times" if low > 0 else f"by {high - low:.3g}"


def listed(entries: Sequence[str]) -> str:
    """Exact numbers as a vector; a long one by its beginning and the SHA-256 of all, with ", " between."""
    whole = ", ".join(entries)
    if len(whole) <= LONG:
        return f"({whole})"
    return f"({whole[:LONG]}..; SHA-256 {hashlib.sha256(whole.encode()).hexdigest()})"


def less(one: Json, other: Json) -> bool:
    """Whether the one exact number is below the other."""
    (a, b), (m, e) = number(one, "bounds"), number(other, "bounds")
    return add((a, b), (-m, e))[0] < 0

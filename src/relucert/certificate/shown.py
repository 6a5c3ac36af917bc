"""Claimed numbers for people: from the exact number, rounded to the weak side. The decimal in a file is not read."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from decimal import Decimal

from relucert.base.dyadic import DOWN, UP, add, decimal, quotient, to_float
from relucert.certificate.numbers import Json, number

FACTOR_DIGITS, DIFFERENCE_DIGITS = 4, 3  # of a margin
LONG = 200  # characters of a list in a sentence
SHORT = 12  # of an exact decimal; Decimal's 28 digits hold every product of a mantissa and a power of 2 in `plain`
ROUNDED = "~"


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
    """At least by what factor, or by how much, a recorded inequality holds: by how much where the factor is so near 1
    that its digits do not tell it from 1."""
    if not inequality["proved"]:
        return "not proved"
    low, high = (number(inequality[side], "inequality") for side in ("left", "right"))
    if low[0] > 0 and high[0] > 0:
        factor = decimal(quotient(high, low), DOWN, FACTOR_DIGITS)
        if Decimal(factor) > 1:
            return f"{factor} times"
    return f"by {decimal(add(high, (-low[0], low[1])), DOWN, DIFFERENCE_DIGITS)}"


def listed(entries: Sequence[str]) -> str:
    """Exact numbers as a vector; a long one by its beginning and the SHA-256 of all, with ", " between."""
    whole = ", ".join(entries)
    if len(whole) <= LONG:
        return f"({whole})"
    return f"({whole[:LONG]}..; SHA-256 {hashlib.sha256(whole.encode()).hexdigest()})"


def vector(pairs: Sequence[Sequence[object]]) -> str:
    """Dyadics of a claim as a vector; where one is rounded, with the SHA-256 of all as m*2^e, ", " between."""
    texts = [plain(pair) for pair in pairs]
    if not any(text.startswith(ROUNDED) for text in texts):
        return listed(texts)
    whole, exact = ", ".join(texts), ", ".join(f"{m}*2^{e}" for m, e in pairs)
    cut = whole if len(whole) <= LONG else whole[:LONG].rpartition(",")[0] + ", .."
    return f"({cut}; SHA-256 {hashlib.sha256(exact.encode()).hexdigest()})"


def plain(pair: Sequence[object]) -> str:
    """A dyadic of a claim as a decimal: itself where that is short, else rounded, and marked; one that no float is near
    as m*2^e."""
    m, e = exact = number({"exact": list(pair)}, "entry")
    if abs(m) < 10**SHORT and abs(e) <= SHORT and len(text := f"{Decimal(m) * Decimal(2) ** e:f}") <= SHORT:
        return text
    near = to_float(exact)
    return f"{ROUNDED}{near:.6g}" if near and math.isfinite(near) else f"{pair[0]}*2^{e}"


def less(one: Json, other: Json) -> bool:
    """Whether the one exact number is below the other."""
    (a, b), (m, e) = number(one, "bounds"), number(other, "bounds")
    return add((a, b), (-m, e))[0] < 0

"""What is true at single k, by the kernel for symmetric points (docs/theorem/teacher.md section 7).

It shares no formula with the theorem for every k: Newton's method from the limits of the five entries, at 256 bits.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from mpmath import mp, mpf

from judge.documents import Json, value
from judge.truth import BITS, SymmetricTruth
from relucert.families.teacher.symmetric import point as symmetric
from relucert.families.teacher.symmetric.point import LARGEST_CLASS, SymmetricPoint
from relucert.kernel import ball

EDGE, CENTRE, SLOPE, RADIUS = 40, 52, 20, 60  # docs/spec/uniform-v1.md: units 2^-EDGE and so on
STEPS, DIGITS = 10, 60
PI = math.pi
LIMITS = (8 / PI, -4 / PI, 2.0, 4 / PI, 2 + 8 / PI + 8 / PI**2)


class At(NamedTuple):
    """entries: k^2 (a - 1), k^2 b, k c, k e, k (f + 1). least: the smallest eigenvalue. loss: k F."""

    entries: tuple[Fraction, ...]
    least: Fraction
    loss: Fraction


@cache
def at(k: int) -> At:
    """The critical point at one k."""
    al, be, ga, ep, ph = LIMITS
    rows = [[1 + al / k**2, ep / k, be / k**2], [ga / k, ph / k - 1, 0.0]]
    with ball.precision(BITS):
        here = SymmetricPoint.from_rows((k - 1, 1), rows)
        for _ in range(STEPS):
            here = symmetric.moved_by(here, symmetric._newton_steps(here), BITS)
        found = SymmetricTruth(here).facts
        # distances are of the order of the gradient, and the Hessian hardly changes on them
        if not ball.proves_lt(found.gradient, ball.Ball(2) ** -150):
            raise SystemExit(f"k = {k}: Newton's method does not converge")
        least, loss = (_exact(x) for x in (found.spectrum.values[0], found.objective * k))
    (a, e, b), (c, f, _) = ([value([m, p]) for m, p in row] for row in here.values)
    return At(((a - 1) * k**2, b * k**2, c * k, e * k, (f + 1) * k), least, loss)


def _exact(x: ball.Ball) -> Fraction:
    m, e = ball.to_dyadic(x.mid())
    return value([m, e])


def untrue(claim: Json) -> str:
    """What is false at some k that this claim speaks of, or an empty string. k is at most 10^12 here."""
    tiers, boxes = claim["bounds"]["tiers"], claim["boxes"]
    for k in sorted({k for box in boxes for k in _some(box)} | {tier["from"] for tier in tiers}):
        if k > LARGEST_CLASS:
            continue
        here = at(k)
        for tier in tiers:
            low, high = (value(x["exact"]) for x in tier["loss_times_k"])
            if tier["from"] <= k and not (
                value(tier["lambda_min"]["exact"]) < here.least and low < here.loss < high
            ):
                return f"a bound from {tier['from']} on, at k = {k}"
        for i, box in enumerate(boxes):
            if not _holds(box, k, here.entries):
                return f"box {i}, at k = {k}"
    return ""


def _ends(box: Json) -> tuple[Fraction, Fraction]:
    low, high = (Fraction(int(x), 2**EDGE) for x in box["s"])
    return low, high


def _some(box: Json) -> list[int]:
    """The first and the last k of the box, and one between."""
    low, high = _ends(box)
    if not 0 <= low < high:
        return []
    first, last = math.ceil(1 / high**2), math.floor(1 / low**2) if low else LARGEST_CLASS
    return [k for k in (first, math.isqrt(first * last), last) if first <= k <= last]


def _holds(box: Json, k: int, entries: tuple[Fraction, ...]) -> bool:
    """Whether the critical point is in the tube, if k^(-1/2) is in the interval."""
    low, high = _ends(box)
    if not low**2 * k <= 1 <= high**2 * k:
        return True
    with mp.workdps(DIGITS):
        off = 1 / mp.sqrt(k) - _mp((low + high) / 2)
        rows = zip(entries, box["centre"], box["slope"], box["radius"], strict=True)
        return all(
            abs(_mp(x) - mpf(int(c)) / 2**CENTRE - mpf(int(d)) / 2**SLOPE * off) <= mpf(int(r)) / 2**RADIUS
            for x, c, d, r in rows
        )


def _mp(x: Fraction) -> mpf:
    return mpf(x.numerator) / x.denominator

"""The boxes of a certificate: runs of proved boxes that one straight tube encloses.

A certificate says where k^2 (a - 1), k^2 b, k c, k e and k (f + 1) are, as functions of s = k^(-1/2): within a
radius of a line, on each of some intervals of s. The prover's own boxes are narrower and in other unknowns;
neighbours are joined as long as the line serves them all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from relucert.families.uniform.methods import CENTRE_BITS, EDGE_BITS, RADIUS_BITS, SLOPE_BITS
from relucert.families.uniform.prove import PRECISION, Box, Proof, needed, reached
from relucert.kernel import ball
from relucert.kernel.ball import Ball, to_dyadic, upper
from relucert.kernel.uniform import branch
from relucert.kernel.uniform.branch import Line, off_line

FARTHEST = 2.0**-9  # how far from its line a tube may be; more is harder to prove again
ROOM = 4  # a tube is so many times wider than the prover needs: another proof needs other room


class Straight(NamedTuple):
    """A tube, as integers in the units above, for s from low to high in units of 2^-EDGE_BITS."""

    low: int
    high: int
    centre: tuple[int, ...]
    slope: tuple[int, ...]
    radius: tuple[int, ...]


def tubes(proof: Proof) -> list[Straight]:
    """Each box is in one of them; none reaches over the place where a stronger bound begins."""
    found, first = [], 0
    with ball.precision(PRECISION):
        while first < len(proof.boxes):
            count, best = 1, _straight(proof.boxes[first : first + 1])
            while (wider := _wider(proof, first, 2 * count)) is not None:
                count, best = 2 * count, wider
            found.append(best)
            first += count
    return found


def _wider(proof: Proof, first: int, count: int) -> Straight | None:
    boxes = proof.boxes[first : first + count]
    if len(boxes) < count or _claimed(proof, boxes[0].low) != _claimed(proof, boxes[-1].low):
        return None
    found = _straight(boxes)
    return found if max(found.radius) <= ROOM * FARTHEST * 2**RADIUS_BITS else None


def _claimed(proof: Proof, low: float) -> object:
    return needed(proof.tiers, low), reached(proof.tiers, low)


def _straight(boxes: Sequence[Box]) -> Straight:
    low, high = Fraction(boxes[0].low), Fraction(boxes[-1].high)
    middle = (low + high) / 2
    near = min(boxes, key=lambda box: abs(Fraction(box.low) + Fraction(box.high) - 2 * middle))
    about = branch.guess_line(near.tube, _ball(middle))
    centre = [_units(float(value.mid()), CENTRE_BITS) for value, _ in about]
    slope = [_units(float(change.mid()), SLOPE_BITS) for _, change in about]
    far = [Ball(0)] * len(centre)
    for box in boxes:
        shift = (Fraction(box.low) + Fraction(box.high)) / 2 - middle
        slopes = [Fraction(x, 2**SLOPE_BITS) for x in slope]
        centres = [Fraction(x, 2**CENTRE_BITS) + d * shift for x, d in zip(centre, slopes, strict=True)]
        off = off_line(box.tube, Line([_ball(x) for x in centres], [_ball(x) for x in slopes]))
        far = [ball.largest(pair) for pair in zip(far, off, strict=True)]
    radius = [_above(x * ROOM) for x in far]
    return Straight(
        _units(boxes[0].low, EDGE_BITS), _units(boxes[-1].high, EDGE_BITS), tuple(centre), tuple(slope), tuple(radius)
    )  # fmt: skip


def _units(value: float, bits: int) -> int:
    return round(math.ldexp(value, bits))


def _ball(x: Fraction) -> Ball:
    """Exact: the denominator is a power of two."""
    return ball.exact((x.numerator, 1 - x.denominator.bit_length()))


def _above(bound: Ball) -> int:
    """At least the bound, in units of the radius, and at least 2^10 of them."""
    mantissa, exponent = to_dyadic(upper(bound))
    return math.ceil(Fraction(mantissa) * Fraction(2) ** (exponent + RADIUS_BITS)) + 2**10

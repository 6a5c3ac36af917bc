"""Figures of certificates for every k: the branch of minima against k^(-1/2), and bounds of its loss, its eigenvalues
and its attraction against k.

Numbers that are proved are those of the claim; the loss of the middle of the branch is floating point, and said to be.
"""

from __future__ import annotations

from math import ldexp, log10, pi, sqrt
from typing import NamedTuple

import numpy as np

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, within
from relucert.families.charts import Band, Curve, Level, Mark, Scale, graph
from relucert.families.drawing import real
from relucert.families.family import Figure
from relucert.families.uniform.methods import CENTRE_BITS, EDGE_BITS, RADIUS_BITS, SLOPE_BITS
from relucert.families.uniform.words import ENTRIES

FLOATING = " Curve: the middle of the branch in floating point, drawn for orientation; no part of the proof."
BEYOND = 10  # how many times larger than the last k that the claim names is the last that is drawn
LARGEST = 10_000  # k whose loss double precision still has
SAMPLES = 60  # k at which it is drawn


class Tube(NamedTuple):
    """Where an entry is on an interval of s: low, high (2,) at both of its ends."""

    ends: tuple[float, float]
    low: tuple[float, float]
    high: tuple[float, float]


def figures(claim: Json) -> list[Figure]:
    """Raises KeyError, TypeError, ValueError or IndexError for a malformed claim."""
    tiers = claim["bounds"]["tiers"]
    found = [_branch(claim), _loss(claim), _bounds(tiers, "lambda_min")]
    return [*found, _bounds(tiers, "basin")] if any("basin" in x for x in tiers) else found


def tubes(claim: Json, entry: int) -> list[Tube]:
    """Of one of the five unknowns."""
    found = []
    for box in claim["boxes"]:
        low, high = (ldexp(int(x), -EDGE_BITS) for x in box["s"])
        centre, slope, radius = (
            ldexp(int(box[name][entry]), -bits)
            for name, bits in (("centre", CENTRE_BITS), ("slope", SLOPE_BITS), ("radius", RADIUS_BITS))
        )
        half = slope * (high - low) / 2
        middles = centre - half, centre + half
        found.append(
            Tube(
                (low, high),
                (middles[0] - radius, middles[1] - radius),
                (middles[0] + radius, middles[1] + radius),
            )
        )
    return found


def _branch(claim: Json) -> Figure:
    bands, marks = [], []
    for entry, name in enumerate(ENTRIES):
        at = tubes(claim, entry)
        ends, low, high = (np.array([getattr(x, side) for x in at]).ravel() for side in Tube._fields)
        bands.append(Band(ends, low, high))
        marks.append(Mark(at[0].ends[0], (low[0] + high[0]) / 2, name, beside=True))
    first = claim["problem"]["from"]
    words = f"The five unknowns of the minimum against k^(-1/2), from k = infinity on the left to k = {first}"
    caption = (
        "Where the five numbers are of which the minimum is made, scaled as their names say, for every "
        f"k >= {first}, as the claim states it: on the right is k = {first}, on the left the limit of large k."
    )
    svg = graph([], [], marks, (Scale("s = k^(-1/2)"), Scale("")), words, bands=bands)
    return Figure("The branch of minima", svg, caption)


def middle(claim: Json, k: int) -> list[float]:
    """The five unknowns at the middle of the branch: a, b, c, e, f of docs/theorem/uniform.md for this k."""
    s, found = 1 / sqrt(k), []
    for entry in range(len(ENTRIES)):
        reaching = [x for x in tubes(claim, entry) if s <= x.ends[1]]
        x = reaching[0]
        share = (s - x.ends[0]) / (x.ends[1] - x.ends[0])
        low, high = ((side[0] + share * (side[1] - side[0])) for side in (x.low, x.high))
        found.append((low + high) / 2)
    a, b, c, e, f = found
    return [1 + a / k**2, b / k**2, c / k, e / k, f / k - 1]


def loss(k: int, entries: list[float]) -> float:
    """F of k neurons against the k axes: k - 1 neurons a e_i + b (other e_j) + c e_k, and e (all e_j) + f e_k."""
    a, b, c, e, f = entries
    m = k - 1
    one, last = sqrt(a**2 + (m - 1) * b**2 + c**2), sqrt(m * e**2 + f**2)
    own = m * _mean(one, one, one**2) + _mean(last, last, last**2)
    own += m * (m - 1) * _mean(one, one, 2 * a * b + (m - 2) * b**2 + c**2)
    own += 2 * m * _mean(one, last, e * (a + (m - 1) * b) + c * f)
    cross = m * (_mean(one, 1, a) + (m - 1) * _mean(one, 1, b) + _mean(one, 1, c))
    cross += m * _mean(last, 1, e) + _mean(last, 1, f)
    return (own - 2 * cross + k * _mean(1, 1, 1) + k * m * _mean(1, 1, 0)) / 2


def _mean(size: float, other: float, inner: float) -> float:
    """E relu(u.x) relu(v.x) of vectors of these sizes."""
    cosine = min(max(inner / (size * other), -1.0), 1.0)
    angle = np.arccos(cosine)
    return float(size * other * (np.sin(angle) + (pi - angle) * cosine) / (2 * pi))


def _loss(claim: Json) -> Figure:
    tiers, last = claim["bounds"]["tiers"], _last(claim["bounds"]["tiers"])
    bands, said = [], []
    for tier, until in _spans(tiers):
        low, high = (real(x) for x in tier["loss_times_k"])
        ends = np.log10([tier["from"], until])
        bands.append(Band(ends, np.array([low, low]), np.array([high, high])))
        said.append(f"{within(tier['loss_times_k'])} from k = {tier['from']} on")
    first, curves = int(claim["problem"]["from"]), []
    if first < LARGEST:
        at = np.unique(np.rint(np.geomspace(first, min(last, LARGEST), SAMPLES))).astype(int)
        values = np.array([k * loss(k, middle(claim, k)) for k in at.tolist()])
        curves.append(Curve("curve", np.log10(at), values))
    words = f"k F(W) against k: {'; '.join(said)}"
    caption = (
        f"k times the loss at the minimum, k on a logarithmic scale. Bands: what the claim states, {'; '.join(said)}."
        f"{FLOATING if curves else ''}"
    )
    scales = Scale("k", powers=True), Scale("k F")
    svg = graph(curves, [], [], scales, words, bands=bands)
    return Figure("Loss times k", svg, caption)


NAMES = {
    "lambda_min": (
        "Smallest eigenvalue",
        "all eigenvalues of the Hessian are above",
        "Lower bounds of the smallest eigenvalue of the Hessian",
    ),
    "basin": (
        "Attraction",
        "times k^(-1/2), gradient descent converges from within",
        "How far from the minimum gradient descent with any fixed step up to 4/k converges to it, times the root of k",
    ),
}


def _bounds(tiers: list[Json], name: str) -> Figure:
    title, words, what = NAMES[name]
    levels = [
        Level(
            real(tier[name]), f"k ≥ {tier['from']}: {at_least(tier[name])}", log10(tier["from"]), log10(until)
        )
        for tier, until in _spans(tiers)
        if name in tier
    ]
    said = "; ".join(x.label for x in levels)
    svg = graph([], levels, [], (Scale("k", powers=True), Scale("")), f"{words} {said}")
    caption = f"{what}, as the claim states them, k on a logarithmic scale: each holds for all larger k too."
    return Figure(title, svg, caption)


def _last(tiers: list[Json]) -> int:
    return BEYOND * int(tiers[-1]["from"])


def _spans(tiers: list[Json]) -> list[tuple[Json, int]]:
    """Each tier with the k where the next one begins."""
    return [*zip(tiers, [*(int(x["from"]) for x in tiers[1:]), _last(tiers)], strict=True)]

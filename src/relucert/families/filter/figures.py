"""Figures of certificates of one filter: how far the run is from the target, and its path over the loss.

Numbers that are proved are those of the claim; the run is computed here in floating point, and said to be.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, pi

import numpy as np

from relucert.certificate.numbers import Json
from relucert.certificate.shown import at_least, at_most
from relucert.families import drawing
from relucert.families.charts import Curve, Mark, progress
from relucert.families.drawing import LARGEST, SMALLEST, Floats, ratio, real
from relucert.families.family import Figure

FLOATING = "computed in floating point, drawn for orientation; no part of the proof."
TOO_LARGE = Figure("Not drawn", "", "Not drawn: numbers beyond double precision.")
FEWEST_STEPS, MOST_STEPS = 10, 2_000  # that are drawn
LONGEST = 24  # characters of an accuracy that are shown
SAMPLES = 100  # of a line
COLUMNS = 91  # of the plane
ROWS = 25, 67  # of it: fewest, most
APART = 5  # columns between two labels
AROUND = 0.25  # how far the plane goes beyond what is in it
LEVELS = (0.01, 0.03, 0.08, 0.15, 0.25, 0.4, 0.6, 1.0, 1.5, 2.5, 4.0, 8.0)  # relative to the loss at 0


def figures(claim: Json) -> list[Figure]:
    """Raises KeyError, TypeError, ValueError or IndexError for a malformed claim."""
    start = _start(claim)
    if not SMALLEST < np.hypot(*start) < LARGEST:
        return [TOO_LARGE]
    path = descend(start, ratio(claim["problem"]["eta"]), _last(claim))
    return [_distances(claim, path), _path(path)]


def _last(claim: Json) -> int:
    return min(max(int(claim["bounds"]["steps"]), FEWEST_STEPS), MOST_STEPS)


def _start(claim: Json) -> tuple[float, float]:
    """w0 along w* and across it, |w*| being 1: exact until it is rounded."""
    target, given = (
        [Fraction(x) for x in entries] for entries in (claim["problem"]["target"], claim["point"])
    )
    square = sum((x * x for x in target), Fraction(0))
    along = sum((x * y for x, y in zip(target, given, strict=True)), Fraction(0)) / square
    across = sum((x * x for x in given), Fraction(0)) / square - along**2
    try:
        return float(along), float(across) ** 0.5
    except OverflowError:
        return LARGEST, LARGEST


def descend(start: tuple[float, float], eta: float, steps: int) -> Floats:
    """(steps + 1, 2): along the target and across it, which has length 1."""
    at, found = np.array(start), []
    target = np.array([1.0, 0.0])
    for _ in range(steps + 1):
        found.append(at)
        phi = np.arctan2(at[1], at[0])
        size = np.hypot(*at)
        unit = at / size if size > 0 else at
        at = at - eta * (at / 2 - (np.sin(phi) * unit + (pi - phi) * target) / (2 * pi))
    return np.array(found)


def loss(along: Floats, across: Floats) -> Floats:
    """Of a filter with these coordinates, the target having length 1."""
    size, phi = np.hypot(along, across), np.arctan2(np.abs(across), along)
    result: Floats = (size**2 + 1) / 4 - size * ((pi - phi) * np.cos(phi) + np.sin(phi)) / (2 * pi)
    return result


def _distances(claim: Json, path: Floats) -> Figure:
    bounds, accuracy = claim["bounds"], claim["problem"]["accuracy"]
    steps, share = int(bounds["steps"]), at_least(bounds["decrease"])
    least = accuracy if len(accuracy) <= LONGEST else "the accuracy of the claim"
    last = len(path) - 1
    after = np.linspace(0, last, SAMPLES)
    first = real(bounds["distance"])
    curves = [
        Curve("curve", np.arange(last + 1.0), np.hypot(path[:, 0] - 1, path[:, 1])),
        Curve("bound", after, first * (1 - real(bounds["decrease"])) ** after),
    ]
    marks = [Mark(0.0, first, f"≤ {at_most(bounds['distance'])}", beside=True)]
    if steps <= last:
        marks.append(Mark(float(steps), ratio(accuracy), f"≤ {least} from step {steps} on", beside=steps > 0))
    cut = "" if steps <= last else f" Drawn up to step {last}."
    words = f"|w - w*|/|w*| along the run, from {at_most(bounds['distance'])} to {least} at step {steps}"
    caption = (
        f"|w - w*|/|w*| on a logarithmic scale. Curve: {FLOATING}{cut} What the claim states: at most "
        f"{at_most(bounds['distance'])} at the start, each step shrinks it by a share of at least {share}, the line, "
        f"and from step {steps} on it is at most {least}."
    )
    return Figure("Distance to the target", progress(curves, [], marks, words, evenly=True), caption)


def _path(path: Floats) -> Figure:
    """Level lines of the loss in the plane of w0 and w*, with the run."""
    low = np.minimum(path.min(axis=0), [0.0, 0.0])
    high = np.maximum(path.max(axis=0), [1.0, 0.0])
    room = AROUND * (high - low).max()
    low, high = low - room, high + room
    step = (high[0] - low[0]) / (COLUMNS - 1)
    rows = min(max(ceil((high[1] - low[1]) / step), ROWS[0]), ROWS[1])
    step = max(step, (high[1] - low[1]) / (rows - 1))  # one scale for both
    at = low + step * np.array([[[j, i] for j in range(COLUMNS)] for i in range(rows)])
    values = loss(at[..., 0], at[..., 1])
    level = float(loss(np.array(0.0), np.array(0.0)))
    way = [tuple(x) for x in ((path - low) / step).tolist()]
    goal = ((np.array([1.0, 0.0]) - low) / step).tolist()
    apart = np.hypot(way[0][0] - goal[0], way[0][1] - goal[1]) > APART
    marks = [(*way[0], "w0"), (*goal, "w*")] if apart else [(*goal, "w0 and w*")]
    words = f"Level lines of the loss in the plane of w0 and w*, and the run in {len(path) - 1} steps"
    svg = drawing.plane(values, [level * x for x in LEVELS], marks, words, ways=[way])
    caption = (
        "The run over level lines of the loss in the plane of w0 and w*, which it does not leave; w* points to the "
        f"right, and the stronger the colour, the lower. All of it is {FLOATING}"
    )
    return Figure("The path to the target", svg, caption)

"""Runs of gradient descent enclosed from their exact start, and where they end: docs/theorem/runs.md, Theorem 19.R.

Balls of radius r_t about exact points Y_t hold the iterates of exact gradient descent. Only `follow` makes a run.
Of networks with output weights of both signs and a slope: docs/theorem/signed-runs.md, Theorem 20.R.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import (
    Ball,
    BallMatrix,
    Dyadic,
    NotProved,
    Ratio,
    exact,
    norm,
    precision,
    proves_le,
    proves_lt,
    upper,
)
from relucert.kernel.teacher.descent import View, matrix, moved, slope, view
from relucert.kernel.teacher.loss import Network, outputs
from relucert.kernel.teacher.patch import Guess, Patch, patch

BITS = 64  # of the radii
# A patch is left where its bounds have grown by this share of themselves and this much more.
COARSE, FINE = (exact((1, -1)), exact((1, -3))), (exact((1, -4)), exact((1, -7)))
STEEP = exact((7, -3))  # of 2/s: where the largest eigenvalue is bounded with care
# Of c_t, and of (1 - alpha)^2, left for a checker: docs/spec/runs-v1.md and signed-runs-v1.md, section 2.
SPARE, SPARE_ANYWAY = (105, 100), (2, 100)


class Leg(NamedTuple):
    """One step. distance: >= |Y_t - the point of the patch|. error: delta_t."""

    patch: Patch
    distance: Ball
    error: Ball


class Tight(NamedTuple):
    """The largest s Lam_t, and r_t with a bound of min |Y_t,i| where their quotient is largest."""

    load: Ball
    radius: Ball
    shortest: Ball


class Run(NamedTuple):
    """T steps of size s from every point within `first` of Y_0; W_T lies within `radius` of `end`. network: as for
    `view`."""

    step: Ratio
    network: Network | None
    legs: Sequence[Leg]
    end: BallMatrix
    first: Ball
    radius: Ball
    tight: Tight


class Stopped(NotProved):
    """A step that is not proved. at: its number; kind: LONG, WIDE, ORIGIN, LOST; numbers: two sides, as balls."""

    def __init__(self, at: int, kind: str, *numbers: Ball) -> None:
        super().__init__(f"step {at}: {kind}")
        self.at, self.kind, self.numbers = at, kind, numbers


LONG = "s Lam_t <= 2 is not proved"
WIDE = "the enclosure does not keep the neurons off the origin"
ORIGIN = "a neuron is not proved to differ from 0"
LOST = "the eigenvalues have no guess"


def follow(
    start: Sequence[Sequence[Dyadic]],
    step: Ratio,
    bits: int,
    guess: Guess,
    arrived: Callable[[int, View, Ball], bool],
    most: int,
    drift: tuple[Ball, Ball] = COARSE,
    network: Network | None = None,
) -> Run | None:
    """The run from `start`, (n, k) exact, until arrived(t, Y_t, r_t); None where that is not within `most` steps.

    Raises Stopped.
    """
    here, radius = matrix(start), Ball(0)
    legs: list[Leg] = []
    with precision(bits):
        size = ball.ratio(step)
    tight = Tight(Ball(0), Ball(0), Ball(1))
    near: Patch | None = None
    for t in range(most + 1):
        try:
            at = view(here, bits, network)
        except NotProved as error:
            raise Stopped(t, ORIGIN) from error
        if arrived(t, at, radius):
            return Run(step, network, legs, here, Ball(0), radius, tight)
        distance = Ball(0)
        if near is not None:
            distance = apart(here, near.point)
        if near is None or _drifted(near, distance, drift):
            near, distance = patch(at, guess, STEEP * 2 / size), Ball(0)
            if near is None:
                raise Stopped(t, LOST)
        with precision(bits):
            here, rounding = moved(at, slope(at), size)
        legs.append(Leg(near, distance, rounding))
        radius, tight = _grown(t, legs[-1], size, radius, tight)
    return None


def again(run: Run, first: Ball) -> Run:
    """The same points for every start within `first` of Y_0, with room for a checker. Raises Stopped."""
    radius, tight = first, Tight(Ball(0), Ball(0), Ball(1))
    with precision(BITS):
        size = ball.ratio(run.step)
        _, leak = outputs(run.network, run.end.nrows(), run.end.ncols())
        anyway = ball.ratio(SPARE_ANYWAY)
        spare = ball.ratio(SPARE), anyway if leak is None else leak.scale * anyway
    for t, leg in enumerate(run.legs):
        radius, tight = _grown(t, leg, size, radius, tight, spare)
    return run._replace(first=first, radius=radius, tight=tight)


def apart(point: BallMatrix, other: BallMatrix) -> Ball:
    """Upper bound of the distance of two exact points."""
    with precision(BITS):
        return upper(norm((point - other).entries()))


def _drifted(near: Patch, distance: Ball, drift: tuple[Ball, Ball]) -> bool:
    """Whether the bounds of a patch have become too weak."""
    with precision(BITS):
        grown, allowed = near.change * distance, drift[0] * near.expansion + drift[1]
        return not (proves_lt(2 * distance, near.reach) and proves_lt(grown, allowed))


def _grown(
    t: int, leg: Leg, size: Ball, radius: Ball, tight: Tight, spare: tuple[Ball, Ball] | None = None
) -> tuple[Ball, Tight]:
    """(r_(t+1), the tightest so far). spare: (x, y) puts x c_t + y in the place of c_t. Raises Stopped."""
    near = leg.patch
    with precision(BITS):
        way = leg.distance + radius
        if not proves_le(way, near.reach):
            raise Stopped(t, WIDE, upper(radius), near.shortest)
        more = near.change * way
        load = upper(size * (near.steepest + more))
        if not proves_le(load, Ball(2)):
            raise Stopped(t, LONG, load, near.shortest)
        rate = near.expansion + more
        if spare is not None:
            rate = rate * spare[0] + spare[1]
        left = ball.lower(near.shortest - leg.distance)
        if proves_lt(tight.load, load):
            tight = tight._replace(load=load)
        if proves_lt(tight.radius * left, radius * tight.shortest):
            tight = tight._replace(radius=radius, shortest=left)
        return upper((1 + size * rate) * radius + leg.error), tight

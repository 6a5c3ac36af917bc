"""Deep networks trained to zero loss, proved: the run is enclosed, and Theorem 14.W tried, until it holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from relucert.base.errors import InputError
from relucert.families.ntk.deep_problem import DeepTraining
from relucert.families.ntk.shallow_search import eigen, floats
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.ntk import deep, deep_run
from relucert.kernel.ntk.deep_run import Ending
from relucert.kernel.ntk.shallow import ToZeroLoss
from relucert.kernel.outcome import Inconclusive

PRECISIONS = (128, 256, 512, 1024)
LOST = Ball(2) ** -20  # a larger radius: the next precision
GROWN = Ball(17) / 16
EVERY = 20  # with "auto": the theorem is tried after so many steps each
Advance = Callable[[int, int], None]


class Sample(NamedTuple):
    """Where the theorem was tried: upper bounds of |y - u| and of the distance from the start; and what it found, None
    where Theorem C failed."""

    step: int
    error: Ball
    moved: Ball
    end: Ending | None


@dataclass(frozen=True)
class DeepResult:
    """steps: after how many the theorem was applied. radius: how far the enclosed run is from descent there."""

    training: DeepTraining
    steps: int
    outcome: ToZeroLoss | Inconclusive
    precision: int
    radius: Ball
    samples: tuple[Sample, ...]

    @property
    def verdict(self) -> str:
        return self.outcome.verdict


class _Lost(NotProved):
    """The precision does not suffice."""


def with_default_step(training: DeepTraining) -> DeepTraining:
    """With eta = 1/(2 lambda_max(J J^T)) at the start, cut to three digits."""
    with ball.precision(PRECISIONS[0]):
        net, at = training.of.net(), training.weights()
        matrix = floats(deep.gram(deep.evaluate(net, at, training.data().inputs)))
    value = 0.5 / float(np.linalg.eigvalsh(matrix)[-1]) if np.isfinite(matrix).all() else 0.0
    if not 0 < value < math.inf:
        raise InputError("the Gram matrix is 0 or overflows at the start: rescale, or give --step")
    places = Fraction(10) ** (2 - math.floor(math.log10(value)))
    return replace(training, step=math.floor(Fraction(value) * places) / places)


def prove(training: DeepTraining, run: int | None, advance: Advance = lambda *_: None) -> DeepResult:
    """run: T, or None: as many steps as it takes."""
    for bits in PRECISIONS[:-1]:
        with ball.precision(bits):
            try:
                return _attempt(training, run, bits, advance)
            except _Lost:
                continue
    with ball.precision(PRECISIONS[-1]):
        return _attempt(training, run, PRECISIONS[-1], advance)


def _attempt(training: DeepTraining, run: int | None, bits: int, advance: Advance) -> DeepResult:
    """At this precision. Raises _Lost where it does not suffice and there is a higher one."""
    net, data = training.of.net(), training.data()
    eta = ball.ratio(training.step.as_integer_ratio())
    last = training.most_steps if run is None else run
    begin, samples = training.weights(), list[Sample]()
    at = deep_run.start(begin)
    fresh = at.norms
    while True:
        due = at.step % EVERY == 0 or at.step == last
        if due and (at.step == last or _stale(at.norms, fresh) or _promising(samples)):
            at = deep_run.renewed(at)
            fresh = at.norms
        seen = deep_run.view(net, data, at)
        lost = not ball.proves_le(at.radius, LOST)
        if lost and bits < PRECISIONS[-1]:
            raise _Lost(f"radius {float(at.radius):.3g} after {at.step} steps")
        if lost or due:
            outcome, end = _conclude(net, eta, at, seen)
            samples.append(Sample(at.step, seen.error, deep_run.travelled(begin, at), end))
            if lost or at.step == last or (run is None and outcome.proved):
                return DeepResult(training, at.step, outcome, bits, at.radius, tuple(samples))
        at = deep_run.advance(net, eta, at, seen)
        advance(at.step, last)


def _stale(norms: Sequence[Ball], fresh: Sequence[Ball]) -> bool:
    """Whether the bounds of the layers' norms have grown much since they were computed."""
    return any(not ball.proves_le(norm, GROWN * then) for norm, then in zip(norms, fresh, strict=True))


def _promising(samples: Sequence[Sample]) -> bool:
    """Whether the theorem was within about a factor of 4 of holding when it was last tried."""
    end = samples[-1].end if samples else None
    return end is not None and ball.proves_le(end.error * end.bend, end.least * end.least)


def _conclude(
    net: deep.Net, eta: Ball, at: deep_run.Iterate, seen: deep_run.View
) -> tuple[ToZeroLoss | Inconclusive, Ending | None]:
    matrix = floats(seen.gram)
    if not np.isfinite(matrix).all():
        return Inconclusive(None, (), "the Gram matrix overflows: take a smaller step"), None
    try:
        end = deep_run.ending(net, eta, at, seen, eigen(matrix))
    except NotProved as reason:
        return Inconclusive(None, (), str(reason)), None
    return deep_run.conclude(end), end

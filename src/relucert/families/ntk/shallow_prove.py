"""Training to zero loss, proved: the run is enclosed, and the theorem tried, until it holds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from relucert.base.dyadic import canonical
from relucert.base.errors import InputError
from relucert.families.ntk import shallow_search as search
from relucert.families.ntk.shallow_problem import Training
from relucert.families.ntk.shallow_search import RATE_BITS, Trial
from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, Dyadic, NotProved, exact
from relucert.kernel.ntk import shallow, shallow_run
from relucert.kernel.ntk.shallow import ToZeroLoss
from relucert.kernel.ntk.shallow_run import Descent, Net, State, Tie
from relucert.kernel.outcome import Inconclusive
from relucert.kernel.spectrum import Eigen

PLACES = (80, 160, 320)  # after the point, of a run: the next where one meets a tie
GUARD = 64  # bits of balls beyond them
EVERY = 25  # with "auto": the theorem is tried after so many steps each
STABLE = 1.99  # eta |X|^2 of the default step, at most
MORE = "take a larger width (--width)"
Advance = Callable[[int, int], None]


@dataclass(frozen=True)
class Result:
    """steps: after how many the theorem was applied."""

    training: Training
    steps: int
    outcome: ToZeroLoss | Inconclusive
    precision: int

    @property
    def verdict(self) -> str:
        return self.outcome.verdict


def default_step(net: Net) -> Fraction:
    """1/lambda_max(H) at the start, but at most 1.99/|X|^2, cut to three digits."""
    whole, now = search.largest_eigenvalues(net)
    value = min(1 / now, STABLE / whole) if now > 0 else STABLE / whole
    if not 0 < value < math.inf:
        raise InputError("|X|^2 overflows: rescale x, or give --step")
    return _cut(value, 3)


def _cut(value: float, digits: int) -> Fraction:
    """A decimal of so many digits, not above the positive value."""
    places = digits - 1 - math.floor(math.log10(value))
    return math.floor(Fraction(value) * Fraction(10) ** places) / Fraction(10) ** places


def prove(training: Training, net: Net, run: int | None, advance: Advance = lambda *_: None) -> Result:
    """run: T, or None: as many steps as it takes. Raises InputError for a step above 2/|X|^2."""
    for places in PLACES:
        with ball.precision(places + GUARD):
            try:
                return _attempt(training, net, run, places, advance)
            except Tie as tie:
                reason = f"{tie}; take another seed or another step"
                failed = Result(training, tie.step, Inconclusive(None, (), reason), places + GUARD)
            except NotProved as error:
                return Result(training, 0, Inconclusive(None, (), str(error)), places + GUARD)
    return failed


def _attempt(training: Training, net: Net, run: int | None, places: int, advance: Advance) -> Result:
    top = shallow_run.largest(net, search.eigen(search.gram(net)))
    if training.step is None:
        how = Descent(Ball(0), places, top)
        return Result(
            training, 0, _conclude(net, how, shallow_run.begin(net, places), None, final=True), places + GUARD
        )
    how = Descent(ball.ratio(training.step.as_integer_ratio()), places, top)
    _check_stable(training.step, how)
    last = training.most_steps if run is None else run
    state = shallow_run.begin(net, places)
    while True:
        if state.step == last or (run is None and state.step % EVERY == 0):
            final = state.step == last
            outcome = _conclude(net, how, state, training.step, final=final)
            if final or isinstance(outcome, ToZeroLoss):
                return Result(training, state.step, outcome, places + GUARD)
        state = shallow_run.advance(net, how, state)
        advance(state.step, last)


def _check_stable(step: Fraction, how: Descent) -> None:
    if not shallow_run.steps_allowed(how):
        most = float(_cut(2 / float(how.largest), 6))
        raise InputError(
            f"--step {float(step):.6g} is above 2/|X|^2 = {float(2 / how.largest):.6g}, where descent may diverge: "
            f"take at most {most:.6g}, best half of it; or leave it out"
        )


def _conclude(
    net: Net, how: Descent, state: State, step: Fraction | None, *, final: bool
) -> ToZeroLoss | Inconclusive:
    """Theorem 14.D or 14.F at this state, with what the run adds. Unless `final`, only where it looks promising."""
    here = search.at_point(net, shallow.reached(net, how, state))
    trial = search.trial_rate(here, None if step is None else float(step))
    if not trial.slack > 0 and not final:
        return Inconclusive(None, (), "not promising yet")
    if not trial.rate > 0:
        return Inconclusive(None, (), "the Gram matrix H of the active neurons seems to be singular; " + MORE)
    rate = exact(_short(trial))
    if step is None:
        at = shallow.reached(net, how, state)
        return shallow.flow(net, at, rate, ball.root(how.largest), _guess)
    return shallow.after_run(net, how, state, rate, _guess)


def _guess(matrix: BallMatrix) -> Eigen:
    return search.eigen(search.floats(matrix))


def _short(trial: Trial) -> Dyadic:
    """A rate just below, with few bits."""
    mantissa, exponent = math.frexp(trial.rate)
    return canonical(math.floor(mantissa * 2**RATE_BITS), exponent - RATE_BITS)

"""Confidence bounds of a probability, from how often it came about in independent trials.

Clopper and Pearson: with `trials` independent trials of probability q, of which X succeed, let low(X) be a p with
P(Bin(trials, p) >= X) <= tail, and high(X) one with P(Bin(trials, p) <= X) <= tail. Then P(low(X) > q) <= tail and
P(high(X) < q) <= tail: the binomial tail P(Bin(trials, p) >= x) increases in p, so low(X) > q only if
P(Bin(trials, q) >= X) <= tail, which has probability at most tail; likewise for high.
"""

from __future__ import annotations

from collections.abc import Callable

from relucert.kernel import ball
from relucert.kernel.ball import Ball, Ratio

BITS = 128  # far more than a tail of 1/2000 needs with a million trials; equality is never proved, so "<"


def lower(successes: int, trials: int, tail: Ratio, grid: int) -> int:
    """The largest i that is found with P(Bin(trials, i/grid) >= successes) < tail proved; 0 <= i <= grid."""
    _sensible(successes, trials)
    if successes == 0:
        return 0

    def holds(i: int) -> bool:
        chance = _at_least(successes, trials, ball.ratio((i, grid)))
        return ball.proves_lt(chance, ball.ratio(tail))

    return _last(holds, grid)


def upper(successes: int, trials: int, tail: Ratio, grid: int) -> int:
    """The smallest i that is found with P(Bin(trials, i/grid) <= successes) < tail proved; 0 <= i <= grid."""
    _sensible(successes, trials)
    if successes == trials:
        return grid

    def holds(i: int) -> bool:  # Bin(trials, p) <= successes: at least trials - successes failures
        chance = _at_least(trials - successes, trials, ball.ratio((i, grid)))
        return ball.proves_lt(chance, ball.ratio(tail))

    return grid - _last(holds, grid)


def _at_least(successes: int, trials: int, p: Ball) -> Ball:
    """P(Bin(trials, p) >= successes) = I_p(successes, trials - successes + 1), 1 <= successes <= trials."""
    return ball.incomplete_beta(p, Ball(successes), Ball(trials - successes + 1))


def _last(holds: Callable[[int], bool], grid: int) -> int:
    """An i with holds(i), by bisection; holds(0) is true by itself: without a chance nothing succeeds."""
    with ball.precision(BITS):
        good, bad = 0, grid
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if holds(middle) else (good, middle)
        return good


def _sensible(successes: int, trials: int) -> None:
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"{successes} successes in {trials} trials")

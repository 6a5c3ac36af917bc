"""From exact data to what is proved about them, at the precision that it needs: docs/theorem/factorisation.md.

Runs in doubles say how many steps to enclose; nothing else of them is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from relucert.base.errors import InputError
from relucert.families.factorisation import guess
from relucert.families.factorisation.problem import (
    BalanceProblem,
    DescentProblem,
    Four,
    LandscapeProblem,
    RandomStart,
    RankOneProblem,
    ScheduleProblem,
)
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.factorisation import descent, network, rank_one, schedule
from relucert.kernel.factorisation import landscape as whole
from relucert.kernel.factorisation.singular import rank, singular
from relucert.kernel.outcome import Argument, Inconclusive

PRECISIONS = (128, 256, 512, 1024, 2048, 4096)  # bits
MOST_WORK = 5 * 10**6  # (d1 + d2) r T of a run that the audit follows
MOST_PRODUCTS = 5 * 10**7  # d1 d2 r T of such a run
MOST_STEPS = 10**5  # of rank one
MOST_NETWORK = 2 * 10**7  # weights times samples times steps
REACHES = 64  # values of D that are tried first, shares of the least singular value of U and V
SHRINKINGS = 8  # of D, towards the least that serves
Problem = LandscapeProblem | DescentProblem | RankOneProblem | ScheduleProblem | BalanceProblem
Progress = Callable[[int, int], None]


class DescentBounds(NamedTuple):
    """Of Theorem 15.C after T steps. drift: None for rank one."""

    loss: Ball
    rate: Ball
    travel: Ball
    drift: Ball | None


@dataclass(frozen=True)
class Proved:
    """A claim of docs/spec/factorisation-v1.md. bounds: DescentBounds, a bound alone, or what the kernel found."""

    proved: ClassVar[bool] = True
    verdict: str
    bounds: Any
    arguments: tuple[Argument, ...]
    steps: int | None = None


@dataclass(frozen=True)
class Result:
    """What was proved, and with how many bits."""

    problem: Problem
    outcome: whole.NoSpuriousMinimum | Proved | Inconclusive
    precision: int

    @property
    def verdict(self) -> str:
        return self.outcome.verdict


def landscape(problem: LandscapeProblem) -> Result:
    """Theorems 15.L and 15.M: every critical point."""

    def attempt() -> whole.NoSpuriousMinimum | Inconclusive:
        e = ball.ratio(problem.imbalance.as_integer_ratio())
        return whole.decide(singular(problem.target), problem.rank, e)

    return _climb(problem, attempt)


def balanced(problem: DescentProblem) -> Result:
    """Theorem 15.B: balance for ever, and convergence to a critical point."""

    def attempt() -> Proved | Inconclusive:
        m, (u, v), eta = _exact(problem)
        found = descent.balance(m, u, v, eta)
        if not found.argument.holds:
            return _unmet(found.argument, "the step is too long for Theorem 15.B")
        return Proved("balanced-for-ever", found, (found.argument,))

    return _climb(problem, attempt, last=1)


def converges(problem: DescentProblem, most: int | None = None, progress: Progress | None = None) -> Result:
    """Theorem 15.C at the end of an enclosed run of at most `most` steps. Raises InputError."""
    d1, d2, r = len(problem.target), len(problem.target[0]), problem.rank
    limit = min(MOST_WORK // ((d1 + d2) * r), MOST_PRODUCTS // (d1 * d2 * r))
    most = _most(most, limit)
    found = rank(problem.target)
    if found > r:
        reason = f"the rank of M is {found}, above r = {r}: Theorem 15.C needs rank M <= r"
        return Result(problem, _unproved(reason), PRECISIONS[0])
    steps = guess.steps_of_descent(problem, most)
    if isinstance(steps, str):
        return Result(problem, _unproved(steps), PRECISIONS[0])

    def attempt() -> Proved | Inconclusive:
        m, (u, v), eta = _exact(problem)
        for at in descent.enclosures(m, u, v, eta):
            if progress is not None:
                progress(at.steps, steps)
            if at.steps >= steps:
                break
        return _converged(descent.sizes(m, at), eta, steps, at.drift)

    return _climb(problem, attempt)


def rank_one_from(problem: RankOneProblem, most: int | None = None) -> Result:
    """15.R, and Theorem 15.C, 15.D or 15.G. Raises InputError."""
    start = problem.start
    if isinstance(start, RandomStart):
        return _climb(problem, lambda: _random(problem, start), last=1)
    end = guess.end_of_rank_one(problem.s, problem.eta, start, _most(most, MOST_STEPS))
    if end.reason is not None:
        return Result(problem, _unproved(end.reason), PRECISIONS[0])

    def attempt() -> Proved | Inconclusive:
        s, eta = (ball.ratio(x.as_integer_ratio()) for x in (problem.s, problem.eta))
        run = rank_one.run(_scalars(start), s, eta)
        at = next(at for t, at in enumerate(run) if t == end.steps)
        if not end.diverges:
            return _converged(rank_one.sizes(at, s), eta, end.steps, None)
        growth, argument = rank_one.divergence(at, eta)
        if not argument.holds:
            return _unmet(argument, "Theorem 15.D does not hold after the run")
        return Proved("diverges", growth, (argument,), end.steps)

    return _climb(problem, attempt)


def not_accurate(problem: ScheduleProblem) -> Result:
    """Theorem 15.S: how long the printed schedule is not accurate."""

    def attempt() -> Proved | Inconclusive:
        s, size, accuracy, start = (
            ball.ratio(x.as_integer_ratio())
            for x in (problem.s, problem.frobenius, problem.accuracy, problem.start)
        )
        found, argument = schedule.log10_steps(s, size, problem.rank, accuracy, start)
        if not argument.holds or not ball.proves_positive(found):
            return _unmet(argument, "Theorem 15.S says nothing about more than one step")
        return Proved("not-accurate", found, (argument,))

    return _climb(problem, attempt, last=2)


def balance_drift(problem: BalanceProblem, steps: int) -> Result:
    """Theorem 15.A along an enclosed run of so many steps. Raises InputError."""
    size = sum(a * b for a, b in problem.shapes) * len(problem.x)
    if not 1 <= steps <= MOST_NETWORK // size:
        raise InputError(
            f"the number of steps is {steps}: expected 1 to {MOST_NETWORK // size} for this network"
        )

    def attempt() -> Proved:
        kink = ball.ratio(problem.kink.as_integer_ratio()) if problem.activation == "relu" else None
        eta = ball.ratio(problem.eta.as_integer_ratio())
        task = network.Task(descent.matrix(problem.x), descent.matrix(problem.y), eta, kink)
        found = network.follow(task, [descent.matrix(layer) for layer in problem.layers], steps)
        if not network.accurate(found):
            raise NotProved("the enclosure of the run is too wide at this precision")
        return Proved("balance-drift", found, (), steps)

    return _climb(problem, attempt)


def _exact(problem: DescentProblem) -> tuple[Any, tuple[Any, Any], Ball]:
    u, v = problem.point
    eta = ball.ratio(problem.eta.as_integer_ratio())
    return descent.matrix(problem.target), (descent.matrix(u), descent.matrix(v)), eta


def _converged(sizes: descent.Sizes, eta: Ball, steps: int, drift: Ball | None) -> Proved | Inconclusive:
    """Theorem 15.C with a small D, as that gives the best rate: with D it holds with D = `travel` too."""
    least = ball.lower(ball.smallest((sizes.least_u, sizes.least_v)))
    for k in range(1, REACHES):
        reach = ball.middle(least * k / REACHES)
        found = descent.converge(sizes, eta, reach)
        if found.argument.holds:
            break
    if not found.argument.holds:
        if not found.argument.hypotheses[2].proved:
            return _unproved("Theorem 15.C does not hold after the run: C.3, eta l < 2; take a shorter step")
        return _unproved(
            "Theorem 15.C does not hold after the run: |R| is too large beside sigma_r(U), sigma_r(V)"
        )
    for _ in range(SHRINKINGS):
        nearer = descent.converge(sizes, eta, found.travel)
        if not nearer.argument.holds:
            break
        reach, found = found.travel, nearer
    whole = None if drift is None else ball.upper(drift + descent.drift_after(sizes, eta, reach))
    bounds = DescentBounds(found.loss, found.rate, found.travel, whole)
    return Proved("converges-to-global-minimum", bounds, (found.argument,), steps)


def _random(problem: RankOneProblem, start: RandomStart) -> Proved | Inconclusive:
    variance, eta = (ball.ratio(x.as_integer_ratio()) for x in (start.variance, problem.eta))
    exponent, argument = rank_one.random_divergence(start.d1, start.d2, variance, eta)
    if not argument.holds:
        return _unmet(argument, "Theorem 15.G does not apply: the variance times the step is too small")
    if not ball.proves_lt(Ball(2).log(), exponent):
        return _unproved(
            "Theorem 15.G proves no positive probability: take a larger dimension, variance or step"
        )
    return Proved("diverges-with-probability", exponent, (argument,))


def _scalars(start: Four) -> rank_one.Scalars:
    return rank_one.Scalars(
        *(ball.ratio(x.as_integer_ratio()) for x in (start.alpha, start.beta, start.a2, start.b2))
    )


def _most(given: int | None, limit: int) -> int:
    if given is None:
        return limit
    if not 0 <= given <= limit:
        raise InputError(f"the number of steps is {given}: expected 0 to {limit}, what the audit follows")
    return given


def _unproved(reason: str) -> Inconclusive:
    return Inconclusive(None, (), reason)


def _unmet(argument: Argument, reason: str) -> Inconclusive:
    """The first hypothesis that is not proved."""
    failed = next((h for h in argument.hypotheses if not h.proved), None)
    named = reason if failed is None else f"{reason}: {failed.name}, {failed.text}"
    return Inconclusive(None, (), named, failed)


def _climb(
    problem: Problem,
    attempt: Callable[[], whole.NoSpuriousMinimum | Proved | Inconclusive],
    last: int = len(PRECISIONS),
) -> Result:
    """At one precision after another, until it decides."""
    outcome: whole.NoSpuriousMinimum | Proved | Inconclusive = _unproved("nothing was tried")
    for bits in PRECISIONS[:last]:
        with ball.precision(bits):
            try:
                outcome = attempt()
            except NotProved as error:
                outcome = _unproved(str(error))
        if outcome.proved:
            break
    return Result(problem, outcome, bits)

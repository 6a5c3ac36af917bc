"""Where gradient descent on G goes: a run in doubles that guesses the end, and its enclosure that proves it.

docs/theorem/landscape.md, Lemma 13.N and Theorem 13.B; docs/spec/landscape-v1.md, method `descent`. All input is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from relucert.base.dyadic import ZERO, Dyadic, from_float, to_float
from relucert.base.errors import InputError
from relucert.base.exact import Rows
from relucert.families.landscape.problem import LandscapeProblem, check_size
from relucert.families.printing import explain
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.landscape import basin as basins
from relucert.kernel.landscape import descent as kernel
from relucert.kernel.landscape.descent import Enclosure
from relucert.kernel.landscape.nearest import Signed
from relucert.kernel.landscape.regime import benign
from relucert.kernel.outcome import Argument, Inconclusive, Inequality

METHOD = "descent"
PRECISIONS = (128, 256, 512, 1024)  # bits of a centre
MOST_ROWS = 256
MOST_WORK, MOST_STEPS = 5 * 10**7, 10**6  # d^2 T and T of a run that the audit follows
REPORT = 64  # steps between two reports of progress
WELL_WITHIN = 0.5  # of the basin's radius: where the simulated run may end

Progress = Callable[[int, int], None]
Array = NDArray[np.float64]


class DescentBounds(NamedTuple):
    """Numbers on the safe side. distance: |B_T - P| is at most this, for all starts. gradient_min: |grad G| is at
    least this at all of them, None where it is not proved to be positive. basin, step: of Theorem 13.B."""

    distance: Ball
    gradient_min: Ball | None
    basin: Ball
    step: Ball


@dataclass(frozen=True)
class ConvergesToGlobalMinimum:
    """From every start gradient descent converges to `minimum`; all local minima of G are global."""

    verdict: ClassVar[str] = "converges-to-global-minimum"
    proved: ClassVar[bool] = True
    minimum: Signed
    steps: int
    bounds: DescentBounds
    arguments: tuple[Argument, ...]


class Asked(NamedTuple):
    """Gradient descent on G with the step eta, from every point within start_radius of `start`, d rows of d."""

    problem: LandscapeProblem
    start: Rows
    eta: Fraction
    start_radius: Dyadic


@dataclass(frozen=True)
class LandscapeRun:
    """What was proved about a run. precision: bits of the centre of the enclosure that decided."""

    asked: Asked
    outcome: ConvergesToGlobalMinimum | Inconclusive
    precision: int

    @property
    def verdict(self) -> str:
        return self.outcome.verdict


class Guess(NamedTuple):
    """Where the run in doubles ends: at `steps` it is well within the basin of `minimum`; or that is None, and
    `reason` says why. too_long: it stopped as eta l is above 2 there."""

    steps: int
    minimum: Signed | None
    reason: str
    too_long: bool = False


def random_start(d: int, seed: int) -> Rows:
    """d rows, each the direction of d independent standard normal numbers, in doubles."""
    if not 2 <= d <= MOST_ROWS:
        raise InputError(f"d is {d}: a random start has 2 to {MOST_ROWS} rows")
    rows = np.random.default_rng(seed).standard_normal((d, d))
    rows /= np.linalg.norm(rows, axis=1)[:, None]
    return tuple(tuple(from_float(float(x)) for x in row) for row in rows)


def most_of(d: int) -> int:
    """How many steps the audit follows at most in dimension d."""
    return min(MOST_STEPS, MOST_WORK // d**2)


def run(
    problem: LandscapeProblem,
    start: Sequence[Sequence[Dyadic]],
    eta: Fraction,
    most_steps: int,
    start_radius: Dyadic = ZERO,
    progress: Progress | None = None,
) -> LandscapeRun:
    """Gradient descent on G from every point within start_radius of `start`. Raises InputError.

    progress: called with the number of steps enclosed and how many there will be.
    """
    asked = Asked(problem, tuple(tuple(row) for row in start), eta, start_radius)
    _check(asked, most_steps)
    early = _admitted(problem, eta)
    if early is not None:
        return LandscapeRun(asked, early, PRECISIONS[-1])
    guess = simulate(asked, most_steps)
    if guess.minimum is None and not guess.too_long:
        return LandscapeRun(asked, _unproved(guess.reason), PRECISIONS[0])
    for bits in PRECISIONS:
        with ball.precision(bits + kernel.GUARD):
            found = _attempt(asked, guess, bits, progress)
        if found is not None:
            return LandscapeRun(asked, found, bits)
    return LandscapeRun(asked, _unproved(WIDE.format(guess.steps)), PRECISIONS[-1])


WIDE = (
    "the enclosure of the run is too wide for the basin after {} steps even with the highest precision; take a "
    "smaller start radius, or a start from which the run is not so long next to a saddle"
)


def _check(asked: Asked, most_steps: int) -> None:
    problem, rows, eta, radius = asked
    d = problem.d
    if problem.teacher is not None:
        raise InputError("runs are enclosed for the objective G only: give no teacher")
    if d > MOST_ROWS:
        raise InputError(f"a* has {d} entries: runs are enclosed for at most {MOST_ROWS}")
    if len(rows) != d or any(len(row) != d for row in rows):
        raise InputError(f"the start has {len(rows)} rows; expected {d} rows of {d} numbers")
    if eta <= 0:
        raise InputError(f"the step is {eta}: expected a positive number")
    check_size(eta, "the step")
    if radius[0] < 0:
        raise InputError("the start radius is negative")
    if not 1 <= most_steps <= most_of(d):
        raise InputError(f"the number of steps must be 1 to {most_of(d)} for d = {d}, not {most_steps}")


def _admitted(problem: LandscapeProblem, eta: Fraction) -> Inconclusive | None:
    """Why no run with this step can be proved to converge to a global minimum, before any is tried."""
    with ball.precision(PRECISIONS[-1]):
        at = problem.weights()
        regime = benign(at)
        failed = next((h for h in regime.hypotheses if not h.proved), None)
        if failed is not None:
            advice = (
                "take a larger lambda" if failed.name == "A.1" else "take a smaller mu, or a smaller lambda"
            )
            reason = (
                f"{failed.text} is not proved, so not all local minima of G are known to be global; {advice}"
            )
            return Inconclusive(None, (regime,), reason, failed)
        theorem, _, step = basins.basin(at)
        if not theorem.holds:
            return Inconclusive(None, (theorem,), "Theorem 13.B gives no basin; take a larger lambda")
        most = kernel.below_step(eta.as_integer_ratio(), step)
        if not most.proved:
            reason = f"{most.text} is not proved, so Theorem 13.B says nothing; take a smaller eta"
            return Inconclusive(None, (theorem,), reason, most)
    return None


def _unproved(reason: str, *arguments: Argument, failed: Inequality | None = None) -> Inconclusive:
    return Inconclusive(None, arguments, reason, failed)


# --- the guess ----------------------------------------------------------------------------------------------


def simulate(asked: Asked, most_steps: int) -> Guess:
    """The run in doubles, until it is well within the basin of a signed permutation. A guess: proves nothing."""
    with ball.precision(PRECISIONS[-1]):
        at = asked.problem.weights()
        reach = float(basins.basin(at)[1])
        lengths = np.array([float(basins.squared_length(at, alpha).sqrt()) for alpha in at.alpha])
    alpha, nu, lam, step = np.array(list(map(float, at.alpha))), float(at.nu), float(at.lam), float(asked.eta)
    point = np.array([[to_float(x) for x in row] for row in asked.start])
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(most_steps + 1):
            minimum = nearest(point, lengths, WELL_WITHIN * reach)
            if minimum is not None:
                return Guess(t, minimum, "")
            squares = point * point
            pull, excess = alpha * squares.sum(axis=0), squares.sum(axis=1) - 1
            steepest = 12 * pull.max() + lam * (4 * excess.max() + 8 * (1 + excess.max()))
            if not step * steepest <= 2:
                return Guess(t, None, f"eta l <= 2 is not proved at step {t}; take a smaller eta", True)
            point = point - 4 * step * point * (pull - (1 + nu) * alpha * squares + lam * excess[:, None])
    reason = (
        f"after {most_steps} steps the run, in doubles, is not yet near a global minimum; take more steps, or "
        "another start: from a saddle, or a start with equal rows or a row of zeros, it never comes near one"
    )
    return Guess(most_steps, None, reason)


def nearest(point: Array, lengths: Array, most: float) -> Signed | None:
    """The signed permutation within `most` of the point, if there is one."""
    permutation = np.abs(point).argmax(axis=1)
    d = len(point)
    if len(set(permutation.tolist())) != d:
        return None
    signs = np.where(point[np.arange(d), permutation] < 0, -1, 1)
    away = point.copy()
    away[np.arange(d), permutation] -= signs * lengths[permutation]
    if not np.linalg.norm(away) < most:
        return None
    return Signed(tuple(permutation.tolist()), tuple(signs.tolist()))


# --- the proof ----------------------------------------------------------------------------------------------


def _attempt(
    asked: Asked, guess: Guess, bits: int, progress: Progress | None
) -> ConvergesToGlobalMinimum | Inconclusive | None:
    """With `bits` for the centre; None where the enclosure is too wide, so that more of them may help."""
    at, eta = asked.problem.weights(), asked.eta.as_integer_ratio()
    try:
        by = kernel.rule(at, eta, bits)
        first = kernel.start(asked.start, asked.start_radius, bits)
    except NotProved as error:
        return _unproved(f"{error}; take a smaller step, start or start radius")
    try:
        _, reach, step = basins.basin(at)
    except NotProved:  # lambda is so near nu max alpha that it takes more bits to tell
        return None
    end = kernel.advance(by, first, guess.steps + guess.too_long, _watch(reach, bits, guess.steps, progress))
    if guess.too_long and not end.contracts:
        argument = kernel.contraction(end)
        failed = argument.hypotheses[0]
        reason = f"{failed.text} is not proved at step {end.steps}; take a smaller eta"
        return _unproved(reason, argument, failed=failed)
    if end.steps < guess.steps or not end.contracts:
        return None
    if guess.minimum is None:
        return _unproved(guess.reason)
    away = kernel.distance(at, end, bits, *guess.minimum)
    arguments = (*kernel.arguments(at, eta, end, away), benign(at))
    if not all(argument.holds for argument in arguments):
        return None
    gradient = kernel.gradient_min(by, first, eta)
    bounds = DescentBounds(away, gradient if ball.proves_positive(gradient) else None, reach, step)
    return ConvergesToGlobalMinimum(guess.minimum, end.steps, bounds, arguments)


def _watch(reach: Ball, bits: int, steps: int, progress: Progress | None) -> Callable[[Enclosure], bool]:
    """Says no where the enclosure is as wide as the basin, and reports progress."""

    def goes_on(now: Enclosure) -> bool:
        if progress is not None and (now.steps % REPORT == 0 or now.steps == steps):
            progress(now.steps, steps)
        return ball.proves_lt(ball.exact((now.radius, -bits)), reach)

    return goes_on


def describe(result: LandscapeRun) -> str:
    """Why nothing was proved, and what to try; nothing where something was."""
    outcome = result.outcome
    return explain(outcome) if isinstance(outcome, Inconclusive) else ""

"""What is proved about the octopus: each method of docs/spec/octopus-v1.md, with as much precision as it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log2, log10

from relucert.base.errors import InputError
from relucert.families.octopus.problem import OctopusProblem, check_noise, check_start, shown
from relucert.kernel import ball
from relucert.kernel.ball import NotProved
from relucert.kernel.octopus import double, escape, function, perturbed
from relucert.kernel.octopus.double import Stuck
from relucert.kernel.octopus.escape import Escapes, Exponential
from relucert.kernel.octopus.function import CriticalPoints
from relucert.kernel.octopus.perturbed import FindsMinimum, Noise
from relucert.kernel.outcome import Inconclusive

PRECISION = 128  # bits
LOST = 6  # bits that each buffer costs, about
MOST_BITS = 2**15
MOST_TIME = 10**4000 - 1  # longs have at most 4,000 digits
MOST_ESCAPE, MOST_IN_BUFFERS = (
    1_000,
    20_000,
)  # of docs/spec/octopus-v1.md: dimensions, d ceil(1/(2 eta gamma))
MOST_UPDATES = 10**7  # of one coordinate in double precision
DOUBLES = Fraction(1, 2**64), Fraction(2**64)

Outcome = CriticalPoints | Escapes | Exponential | Stuck | FindsMinimum | Inconclusive


@dataclass(frozen=True)
class Result:
    """What was proved by a method. start: x_0, empty where the claim has none."""

    problem: OctopusProblem
    method: str
    outcome: Outcome
    precision: int
    start: tuple[Fraction, ...] = ()
    noise: Noise | None = None

    @property
    def verdict(self) -> str:
        return self.outcome.verdict


def certify(problem: OctopusProblem) -> Result:
    """All critical points in D (Theorem 16.A)."""
    outcome = _decided(lambda: function.critical_points(problem.function), PRECISION)
    return Result(problem, "critical-points", outcome, PRECISION)


def escape_times(problem: OctopusProblem, start: Sequence[Fraction]) -> Result:
    """T_1, .., T_d, exactly (Theorem 16.E)."""
    problem.check_escape("escape")
    check_start(start, problem.d, zeros=False)
    f = problem.function
    if problem.d > MOST_ESCAPE:
        raise InputError(f"d = {problem.d}: exact times are found for d <= {MOST_ESCAPE}")
    if problem.d * f.buffer_steps > MOST_IN_BUFFERS:
        raise InputError(
            f"d ceil(1/(2 step gamma)) = {problem.d * f.buffer_steps} exceeds {MOST_IN_BUFFERS}, the most steps in "
            "buffers that are followed: take a larger step, gamma or a smaller d"
        )
    if problem.d * _ratio(problem) * log10(2) > 4100:
        raise InputError(_too_long(problem))
    bits = PRECISION + int(problem.d * (_ratio(problem) + LOST))
    for attempt in (bits, 2 * bits, MOST_BITS):
        outcome = _decided(lambda: escape.escape(f, start), attempt)
        if outcome.proved:
            break
    if isinstance(outcome, Escapes) and outcome.times[-1] > MOST_TIME:
        raise InputError(_too_long(problem))
    return Result(problem, "escape", outcome, attempt, tuple(start))


def every_start(problem: OctopusProblem) -> Result:
    """A lower bound of T_d from every start in the cube (Theorem 16.S)."""
    problem.check_escape("every-start")
    digits = problem.d * _ratio(problem) * log10(2)
    if digits > 4100:
        raise InputError(_too_long(problem))
    bits = PRECISION + int(digits / log10(2))
    outcome = _decided(lambda: escape.every_start(problem.function, MOST_TIME), bits)
    return Result(problem, "every-start", outcome, bits)


def double_precision(problem: OctopusProblem, start: Sequence[Fraction]) -> Result:
    """That the run in doubles stands still at a saddle (Theorem 16.F). start: read as the doubles next to it."""
    if problem.step is None:
        raise InputError("double precision needs a step")
    for name in ("L", "gamma", "tau", "step"):
        value = getattr(problem, name)
        if value is not None and not DOUBLES[0] <= value <= DOUBLES[1]:
            raise InputError(f"{name} = {shown(value)}: in double precision expected 2^-64 to 2^64")
    check_start(start, problem.d, zeros=True)
    given = [float(x) for x in start]
    most = MOST_UPDATES // problem.d - 2
    outcome = _decided(lambda: double.stuck(problem.function, given, most), PRECISION)
    return Result(problem, "double-precision", outcome, PRECISION, tuple(map(Fraction, given)))


def perturbed_descent(problem: OctopusProblem, noise: Noise) -> Result:
    """How soon perturbed gradient descent finds a minimum (Theorem 16.P)."""
    problem.check_escape("perturbed")
    check_noise(noise)
    outcome = _decided(lambda: perturbed.perturbed(problem.function, noise), PRECISION)
    if isinstance(outcome, FindsMinimum) and outcome.steps >= 2**53:
        raise InputError("more than 2^53 steps: take a larger step, threshold or least")
    return Result(problem, "perturbed", outcome, PRECISION, noise=noise)


def wait_for(problem: OctopusProblem, least: Fraction) -> int:
    """N: the shortest wait that Theorem 16.P allows. 0 < least <= 1."""
    problem.check_escape("perturbed")
    if not 0 < least <= 1:
        raise InputError(f"--least {shown(least)}: expected a number in (0, 1], in units of tau")
    with ball.precision(PRECISION):
        return perturbed.leaving(problem.function, least)


def _decided(prove: Callable[[], Outcome], bits: int) -> Outcome:
    with ball.precision(bits):
        try:
            return prove()
        except NotProved as error:
            return Inconclusive(None, (), str(error), None)


def _ratio(problem: OctopusProblem) -> float:
    """log2 of r* = 1 + ls/lg: each saddle takes about r* times as long as the one before."""
    f = problem.function
    numbers = [x for x in (problem.L, problem.gamma, problem.step) if x is not None]
    size = sum(x.numerator.bit_length() + x.denominator.bit_length() for x in numbers)
    with ball.precision(PRECISION + 2 * size):  # 1 - 2 eta L may be far below 1
        return log2(float(1 + f.log_decay / f.log_growth))


def _too_long(problem: OctopusProblem) -> str:
    most = int(4000 / (_ratio(problem) * log10(2)))
    return f"d = {problem.d}: the time has more than 4,000 digits; it has fewer for d up to about {most}"

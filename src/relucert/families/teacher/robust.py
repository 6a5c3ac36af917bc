"""How far orthonormal targets may move before a spurious minimum is no longer proved to survive.

A search for the largest deviation of Theorem P (docs/theorem/teacher.md section 8); the kernel proves the one found.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from relucert.base.dyadic import Dyadic, canonical, rounded
from relucert.base.errors import InputError
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.search import guess
from relucert.families.teacher.verify import FIRST_PRECISION, LAST_PRECISION
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.outcome import Argument
from relucert.kernel.spectrum import Eigen
from relucert.kernel.teacher import facts, robust
from relucert.kernel.teacher.theorems import Facts

DIGITS = 10  # bits of a deviation: it is part of a sentence
SMALLEST = -60  # no deviation below 2 to this power is tried
MARGIN = 2  # units in the last of these bits that are left to arithmetic other than ours
DOMAIN_STEPS = 16
UNLIKELY = Fraction(1, 100)  # a probability of failure, for examples


@dataclass(frozen=True)
class Robustness:
    """Theorem P, proved at one point W for targets e_1 .. e_k. All balls are exact.

    deviation: Delta. For all targets V (k columns in R^d, any d >= k) whose polar factor P = (V^T V)^(1/2)
    has |P - I|_F <= Delta, the loss has a strict local minimum that is not global, and a rotation takes it to
    within `radius` of W, padded with zeros. answer: kappa, how fast it moves with the targets, in first
    order. domain, lipschitz: the constant of the Hessian on B(W, domain) for all these targets. precision:
    bits.
    """

    candidate: Candidate
    argument: Argument
    deviation: Ball
    radius: Ball
    answer: Ball
    domain: Ball
    lipschitz: Ball
    precision: int

    @property
    def random_dimension(self) -> int:
        """D: the least integer with D Delta^2 >= k(k+1). For targets drawn from N(0, c I_d), d > D, such a
        minimum exists with probability at least 1 - exp(-d t^2/2), t = Delta - sqrt(k(k+1)/d)."""
        k = self.candidate.problem.k
        return least_dimension(k, ball.to_dyadic(self.deviation))

    def dimension_for(self, failure: Fraction) -> int:
        """A dimension from which on random targets fail with a probability of at most `failure`.

        d = (sqrt(k(k+1)) + sqrt(2 log(1/failure)))^2 / Delta^2, rounded up. Raises InputError unless
        0 < failure < 1.
        """
        if not 0 < failure < 1:
            raise InputError(f"a probability of failure lies between 0 and 1, not {failure}")
        k = self.candidate.problem.k
        with ball.precision(FIRST_PRECISION + 64):
            tail = (2 * (Ball(failure.denominator) / failure.numerator).log()).sqrt()
            size = ball.upper(ball.square((Ball(k * (k + 1)).sqrt() + tail) / self.deviation))
            mantissa, exponent = ball.to_dyadic(size)
        return -(-mantissa << exponent if exponent >= 0 else -mantissa >> -exponent)


def least_dimension(k: int, deviation: Dyadic) -> int:
    """The least integer D with D Delta^2 >= k(k+1), for a deviation Delta > 0."""
    mantissa, exponent = deviation
    up, down = max(-2 * exponent, 0), max(2 * exponent, 0)
    return -(-(k * (k + 1) << up) // (mantissa * mantissa << down))


def robustness(candidate: Candidate, *, max_precision: int = LAST_PRECISION) -> Robustness | None:
    """The largest deviation of the targets found for which Theorem P holds at the very point of `candidate`.

    candidate: targets e_1 .. e_k, n >= k neurons in R^k. max_precision: bits of the last attempt. None if no
    deviation above 2^-60 is proved: the point is then no spurious minimum, or its gradient is too large; a
    polished point (`relucert.verify`) does better. Raises InputError for other targets, or n < k.
    """
    problem = candidate.problem
    if not problem.is_orthonormal:
        raise InputError(
            "only for orthonormal targets e_1 .. e_k (d = k) is there a theorem about targets near them"
        )
    if problem.network is not None:
        raise InputError("the theorem about moved targets is for output weights 1 and the ReLU only")
    if problem.n < problem.k:
        raise InputError(f"with n = {problem.n} < k = {problem.k} neurons no minimum is known to be spurious")
    bits = FIRST_PRECISION
    while True:
        found = _attempt(candidate, bits)
        if found is not None or bits >= max_precision:
            return found
        bits = min(2 * bits, max_precision)


def _attempt(candidate: Candidate, bits: int) -> Robustness | None:
    with ball.precision(bits):
        try:
            at = facts.enclose(candidate.point, candidate.problem.targets)
            inside = guess.eigen(guess.floats(at.fixed.rows, at.fixed.places))
            beyond = guess.eigen(_floats(at.outside))
            if inside is None or beyond is None:
                return None
            measured = facts.measure(at, Eigen(*inside), None, "sharp", Eigen(*beyond))
            answer = robust.response(at.geometry, measured.spectrum.inverse)
        except NotProved:
            return None
        deviation = _largest(measured, answer)
        if deviation is None:
            return None
        proved, domain = _prove(measured, answer, deviation) or (None, None)
        if proved is None or domain is None:
            return None
        numbers = proved.radius, answer, domain, proved.lipschitz
        return Robustness(candidate, proved.argument, ball.exact(deviation), *numbers, bits)


def _largest(measured: Facts, answer: Ball) -> Dyadic | None:
    """About the largest deviation that is proved, less a margin."""

    def holds(mantissa: int, exponent: int) -> bool:
        return _prove(measured, answer, (mantissa, exponent)) is not None

    least, most = 2 ** (DIGITS - 1), 2**DIGITS
    exponent = next((e for e in range(-DIGITS, SMALLEST, -1) if holds(least, e)), None)
    if exponent is None:
        return None
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (middle, most) if holds(middle, exponent) else (least, middle)
    return canonical(least - MARGIN, exponent)


def _prove(measured: Facts, answer: Ball, deviation: Dyadic) -> tuple[robust.Deviated, Ball] | None:
    """Theorem P on about the smallest ball that its radius fits in, and that ball's radius.

    The constant grows with the ball, and the radius with the constant: from below, each radius gives the
    next ball, until one holds the radius that it gives.
    """
    exact = ball.exact(deviation)
    domain = _short(answer * exact)
    for _ in range(DOMAIN_STEPS):
        try:
            result = robust.theorem_p(measured, answer, exact, domain)
        except NotProved:
            return None
        if result.argument.holds:
            return result, domain
        if not result.radius.is_finite() or ball.proves_le(result.radius, domain):
            return None  # a larger ball only makes it worse
        domain = _short(result.radius)
    return None


def _short(radius: Ball) -> Ball:
    """A little larger, with few digits."""
    return ball.exact(rounded(ball.to_dyadic(ball.upper(radius * (1 + Ball(2.0**-9)))), 20))


def _floats(matrix: ball.BallMatrix) -> list[list[float]]:
    """The centres, for guesses."""
    return [[float(x) for x in row] for row in matrix.tolist()]

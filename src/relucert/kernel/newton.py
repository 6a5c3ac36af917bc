"""What a small gradient, a Hessian and its Lipschitz constant prove, of whatever loss.

docs/theorem/teacher.md section 4. Each theorem is a function from proved numbers to an `Argument`, its
hypotheses as inequalities, and to what it concludes if they hold.
"""

from __future__ import annotations

from typing import TypeAlias

from relucert.kernel import ball
from relucert.kernel.ball import Ball, lower, smallest, square, upper
from relucert.kernel.outcome import Argument, inequality

ZERO = Ball(0)
WithTwoRadii: TypeAlias = tuple[Argument, Ball, Ball]


def lemma_1(lambda_min: Ball, gradient: Ball, lipschitz: Ball, domain: Ball) -> tuple[Argument, Ball]:
    """A local minimum within r of W; returns r.

    docs/theorem/teacher.md, Lemma 1 (Safran & Shamir 2018, Lemma 1, in a form without cancellation).
    lambda_min: a lower bound; gradient, lipschitz: upper bounds (of |grad F(W)|, and on B(W, domain)).
    """
    load, strength = 25 * lipschitz * gradient, 9 * square(lambda_min)
    radius = _finite(25 * gradient / (2 * (3 * lambda_min + (strength - load).sqrt())))
    hypotheses = (
        inequality("L1.1", ZERO, "<", lambda_min, "0 < lambda_min"),
        inequality("L1.2", load, "<=", strength, "25 L eps <= 9 lambda_min^2"),
        inequality("L1.3", radius, "<=", domain, "r <= alpha"),
    )
    return Argument("Lemma 1", hypotheses), radius


def theorem_e(omega: Ball, chi: Ball, eta: Ball, lipschitz: Ball, domain: Ball) -> WithTwoRadii:
    """Exactly one critical point within r of W, no other at a distance below min(alpha, r+); returns both.

    docs/theorem/teacher.md, Theorem E. omega >= ||I - X H||, chi >= ||X||, eta >= |X grad F(W)|, H = Hess F(W).
    """
    gap, load = 1 - omega, 2 * chi * lipschitz * eta
    bend = (square(gap) - load).sqrt()  # NaN, which proves nothing, unless E.2 is proved
    radius = _finite(2 * eta / (gap + bend))
    hypotheses = (
        inequality("E.1", omega, "<", Ball(1), "omega < 1"),
        inequality("E.2", load, "<", square(gap), "2 chi L eta < (1 - omega)^2"),
        inequality("E.3", radius, "<=", domain, "r <= alpha"),
    )
    return Argument("Theorem E", hypotheses), radius, lower(((gap + bend) / (chi * lipschitz)).min(domain))


def theorem_d(low: Ball, high: Ball, lipschitz: Ball, radius: Ball, domain: Ball) -> WithTwoRadii:
    """Gradient descent from within R - r of W, with a step below s, converges to W*; returns R - r and s.

    docs/theorem/teacher.md, Theorem D, with R as large as its hypotheses allow. W* is the minimum of Theorem E
    within `radius` = r of W; low, high: lower and upper bound of the spectrum at W.
    """
    least, most = lower(low - lipschitz * radius), upper(high + lipschitz * radius)
    reach = lower((1 - Ball(2.0**-10)) * smallest((domain - radius, 2 * least / lipschitz)))
    hypotheses = (
        inequality("D.1", radius, "<", reach, "r < R"),
        inequality("D.2", reach + radius, "<=", domain, "R + r <= alpha"),
        inequality("D.3", lipschitz * reach / 2, "<", least, "L R / 2 < lambda_min - L r"),
    )
    return Argument("Theorem D", hypotheses), lower(reach - radius), lower(2 / (most + lipschitz * reach / 2))


def lemma_2(value: Ball, gradient: Ball, low: Ball, lipschitz: Ball, radius: Ball) -> tuple[Argument, Ball]:
    """F(W*) > 0 = inf F for the minimum W* within r of W (n >= k); returns a lower bound of F(W*).

    docs/theorem/teacher.md, Lemma 2: F is convex on B(W, r) if L r <= lambda_min, hence F(W*) >= F(W) - eps r.
    value: F(W); gradient: upper bound of its gradient; low: lower bound of the spectrum at W.
    """
    fall = gradient * radius
    hypotheses = (
        inequality("L2.1", lipschitz * radius, "<=", low, "L r <= lambda_min"),
        inequality("L2.2", fall, "<", value, "eps r < F(W)"),
    )
    return Argument("Lemma 2", hypotheses), lower(value - fall)


def taylor(value: Ball, gradient: Ball, steepest: Ball, lipschitz: Ball, radius: Ball) -> tuple[Ball, Ball]:
    """Bounds of F on B(W, r), and so of F(W*): F(W) +- (eps r + |lambda|_max r^2 / 2 + L r^3 / 6)."""
    change = radius * (gradient + radius * (steepest / 2 + lipschitz * radius / 6))
    return nonnegative(lower(value - change)), upper(value + change)


def not_critical(gradient: Ball, lambda_abs: Ball, lipschitz: Ball, domain: Ball) -> Argument:
    """No critical point in B(W, domain): docs/theorem/teacher.md section 4, with rho = alpha = domain.

    gradient: a lower bound; lambda_abs: upper bound of every |eigenvalue| at W; lipschitz: on the ball.
    """
    reach = (lambda_abs + lipschitz * domain / 2) * domain
    text = "(|lambda|_max + L rho / 2) rho < |grad F(W)|"
    return Argument("Not critical", (inequality("N.1", reach, "<", gradient, text),))


def _finite(value: Ball) -> Ball:
    return upper(value) if value.is_finite() else ball.undefined()


def nonnegative(value: Ball) -> Ball:
    """A lower bound of a quantity that is known to be nonnegative (F is the mean of a square)."""
    return value if ball.proves_positive(value) else ZERO

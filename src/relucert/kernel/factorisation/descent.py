"""Gradient descent on |U V^T - M|^2/2: docs/theorem/factorisation.md, Lemma 15.N, Theorems 15.B and 15.C.

U is a d1 x r, V a d2 x r, M a d1 x d2 matrix of balls; a run is a centre without radii and a bound of the Frobenius
distance of the exact run from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, Dyadic, NotProved, square, upper
from relucert.kernel.factorisation.norms import gram, least_eigenvalue, spectral
from relucert.kernel.norms import spectral_norm
from relucert.kernel.outcome import Argument, inequality

FIXED_POINT = 60  # rounds of the search for e of Theorem 15.B
SLACK = (2**20 + 1, -20)  # by which e exceeds what is needed
LOST = 2**32  # a radius that says nothing any more
LEAST = (1, -64)  # and at least by this, where the start is balanced and exact


class Enclosure(NamedTuple):
    """The exact run is within `radius` of (u, v) after `steps` steps. drift: upper bound of |B_t - B_0| so far."""

    u: BallMatrix
    v: BallMatrix
    radius: Ball
    steps: int
    drift: Ball


class Sizes(NamedTuple):
    """Of all points enclosed: upper bounds of |R|, ||U||, ||V||; lower bounds of sigma_r(U), sigma_r(V)."""

    residual: Ball
    u: Ball
    v: Ball
    least_u: Ball
    least_v: Ball


class Convergence(NamedTuple):
    """Theorem 15.C. reach: D. loss, travel: upper bounds; rate: lower bound."""

    loss: Ball
    rate: Ball
    travel: Ball
    argument: Argument


class Balance(NamedTuple):
    """Theorem 15.B: upper bounds of |B_t|, |B_t - B_0|, and of ||U_t||^2 and ||V_t||^2."""

    imbalance: Ball
    drift: Ball
    norm: Ball
    argument: Argument


def matrix(rows: Sequence[Sequence[Dyadic]]) -> BallMatrix:
    """The exact matrix."""
    return BallMatrix([[ball.exact(x) for x in row] for row in rows])


def balance_of(u: BallMatrix, v: BallMatrix) -> BallMatrix:
    """B = U^T U - V^T V."""
    return gram(u) - gram(v)


def enclosures(m: BallMatrix, u: BallMatrix, v: BallMatrix, eta: Ball) -> Iterator[Enclosure]:
    """The run from the exact start (u, v), step after step: Lemma 15.N. Raises NotProved where it is lost."""
    first = balance_of(u, v)
    now = Enclosure(u, v, Ball(0), 0, Ball(0))
    while True:
        yield now
        now = _step(m, first, now, eta)


def _step(m: BallMatrix, first: BallMatrix, now: Enclosure, eta: Ball) -> Enclosure:
    """r' = max(1 + eta nu, eta l - 1) r + delta."""
    u, v, r = now.u, now.v, now.radius
    residual = u * v.transpose() - m
    size = ball.norm(residual.entries())
    both = spectral_norm(gram(u)) + spectral_norm(gram(v))  # >= ||U||^2 + ||V||^2
    nu = size + ball.root(both) * r + square(r) / 2
    steep = nu + square(ball.root(both) + r)  # ||U||^2 + ||V||^2 <= (both^(1/2) + r)^2 near by
    factor = ball.largest((1 + eta * nu, eta * steep - 1))
    moved_u, moved_v = u - eta * (residual * v), v - eta * (residual.transpose() * u)
    rounding = ball.norm([ball.radius(x) for x in (*moved_u.entries(), *moved_v.entries())])
    radius = upper(factor * r + rounding)
    u, v = moved_u.mid(), moved_v.mid()
    turned = (balance_of(u, v) - first).entries()
    # |B(U + A, V + C) - B(U, V)| <= 2 ||(U, V)|| |(A, C)| + |(A, C)|^2
    away = 2 * ball.root(spectral_norm(gram(u)) + spectral_norm(gram(v))) * radius + square(radius)
    drift = ball.largest((now.drift, upper(ball.norm(turned) + away)))
    if not ball.proves_lt(radius, Ball(LOST)) or not drift.is_finite():
        raise NotProved("the enclosure of the run is lost: the step is too long, or the run diverges")
    return Enclosure(u, v, radius, now.steps + 1, upper(drift))


def sizes(m: BallMatrix, at: Enclosure) -> Sizes:
    """Of all points enclosed. Raises NotProved where U or V is not proved to have rank r."""
    u, v, r = at.u, at.v, at.radius
    first, second = gram(u), gram(v)
    big = [ball.root(spectral_norm(g)) + r for g in (first, second)]
    small = [ball.root(least_eigenvalue(g)) - r for g in (first, second)]
    both = ball.root(square(big[0]) + square(big[1]))
    residual = ball.norm((u * v.transpose() - m).entries()) + both * r + square(r) / 2
    return Sizes(upper(residual), upper(big[0]), upper(big[1]), ball.lower(small[0]), ball.lower(small[1]))


def converge(at: Sizes, eta: Ball, reach: Ball) -> Convergence:
    """Theorem 15.C with D = reach, for rank M <= r, which the caller knows; it says something if its argument holds."""
    a, b = at.least_u - reach, at.least_v - reach
    theta = at.residual / (a * b)
    c = 1 / (1 + square(theta / (1 - theta)) / 2)
    s = ball.smallest((a, b))
    steep = at.residual + square(at.u + reach) + square(at.v + reach)
    left = 1 - eta * steep / 2
    length = at.residual / (s * ball.root(c) * left) if ball.proves_positive(left * s) else ball.undefined()
    argument = Argument(
        "Theorem 15.C",
        (
            inequality("C.1", Ball(0), "<", s, "0 < sigma_r(U) - D, sigma_r(V) - D"),
            inequality("C.2", theta, "<", Ball(1), "|R| < (sigma_r(U) - D)(sigma_r(V) - D)"),
            inequality("C.3", eta * steep, "<", Ball(2), "eta l < 2"),
            inequality("C.4", length, "<=", reach, "|R|/(s c^(1/2) (1 - eta l/2)) <= D"),
        ),
    )
    loss = upper(square(at.residual) / 2)
    return Convergence(loss, ball.lower(2 * eta * left * c * square(s)), upper(length), argument)


def drift_after(at: Sizes, eta: Ball, reach: Ball) -> Ball:
    """Upper bound of |B_t - B_T| for all t >= T, where Theorem 15.C holds with D = reach."""
    steep = at.residual + square(at.u + reach) + square(at.v + reach)
    return upper(eta * square(at.residual) / (2 - eta * steep))


def balance(m: BallMatrix, u: BallMatrix, v: BallMatrix, eta: Ball) -> Balance:
    """Theorem 15.B from the exact start (u, v); it says something if its argument holds."""
    loss = square(upper(ball.norm((u * v.transpose() - m).entries()))) / 2
    root = ball.root(2 * loss)
    k = spectral(m) + root
    before = upper(ball.norm(balance_of(u, v).entries()))

    def steepness(e: Ball) -> tuple[Ball, Ball]:
        norm = (e + ball.root(square(e) + 4 * square(k))) / 2
        return norm, root + 2 * norm

    def tail(e: Ball) -> Ball:
        return eta * loss / (1 - eta * steepness(e)[1] / 2)

    e = before
    for _ in range(FIXED_POINT):  # from below to the least e, if there is one
        if not ball.proves_lt(eta * steepness(e)[1], Ball(2)):
            break
        e = upper((before + tail(e)) * ball.exact(SLACK) + ball.exact(LEAST))
    norm, steep = steepness(e)
    argument = Argument(
        "Theorem 15.B",
        (
            inequality("B.1", eta * steep, "<", Ball(2), "eta l(e) < 2"),
            inequality("B.2", before + tail(e), "<", e, "|B_0| + eta f_0/(1 - eta l(e)/2) < e"),
        ),
    )
    return Balance(e, upper(tail(e)), upper(norm), argument)

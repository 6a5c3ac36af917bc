"""The one-hidden-layer CNN with one weight-normalised filter: its scalars, g, and its critical points.

docs/theorem/cnn.md section 9; Du, Lee, Tian, Poczos & Singh 2018. For k disjoint patches Z_i ~ N(0, I_p),

    f(Z; v, a) = sum_i a_i relu(v.Z_i / |v|),

with a teacher (w*, a*) of the same kind. Everything depends on W = |w*|, S = sum a*_i, N = |a*|^2, k, and
the angle phi of v and w*, by g(phi) = (pi - phi) cos phi + sin phi.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved, Ratio, hull, lower, pi, proves_le, proves_lt, square, upper

SMALL = Ball(2.0**-4)  # below this psi the power series of g is summed: the closed form cancels there
MOST_TERMS = 10_000
MOST_HALVINGS = 2**12  # far beyond any precision: a zero next to 0 is approached by halving for ever


class Teacher(NamedTuple):
    """What the loss depends on: all four determine the landscape up to rotations."""

    k: int  # number of patches
    W: Ball  # |w*| > 0
    S: Ball  # 1.a*
    N: Ball  # |a*|^2 > 0


def teacher(k: int, length: Ratio, total: Ratio, squares: Ratio) -> Teacher:
    """The scalars from exact rationals: W, S, N. Raises NotProved unless W > 0 and N > 0."""
    result = Teacher(k, ball.ratio(length), ball.ratio(total), ball.ratio(squares))
    if k < 1 or not (ball.proves_positive(result.W) and ball.proves_positive(result.N)):
        raise NotProved("the teacher is not proved to differ from 0")
    return result


def g_by_complement(psi: Ball) -> Ball:
    """g(pi - psi) = sin psi - psi cos psi of an angle psi known to lie in [0, pi].

    Increasing, with derivative psi sin psi (section 9), so the ends of the ball give its range; the ends
    beyond [0, pi] count as 0 and pi. The relative error stays small near psi = 0, where g is about psi^3/3.
    """
    return ball.largest([Ball(0), hull(_g_at(lower(psi)), _g_at(upper(psi)))])


def _g_at(psi: Ball) -> Ball:
    """The same at an exact number; a NaN stays one."""
    if proves_le(psi, Ball(0)):
        return Ball(0)
    if proves_lt(psi, SMALL):
        return _series(psi)
    closed = psi.sin() - psi * psi.cos()
    return hull(closed, pi()) if proves_le(lower(pi()), psi) else closed


def _series(psi: Ball) -> Ball:
    """sum_{n >= 1} (-1)^(n+1) 2n psi^(2n+1)/(2n+1)! for 0 < psi < 1: alternating with decreasing terms, so
    each partial sum is as near as its first omitted term."""
    z = square(psi)
    term = psi * z / 3
    total = term
    for n in range(1, MOST_TERMS):
        term = -term * z * (n + 1) / (n * (2 * n + 2) * (2 * n + 3))
        total += term
        if proves_lt(abs(term), ball.spacing(total)):
            break
    return total + ball.symmetric(upper(abs(term)))


def g(phi: Ball) -> Ball:
    """g(phi) = (pi - phi) cos phi + sin phi of an angle known to lie in [0, pi]; decreases from pi to 0."""
    return g_by_complement(pi() - phi)


def g_deficit(phi: Ball) -> Ball:
    """pi - g(phi) = 2 pi sin^2(phi/2) - (sin phi - phi cos phi), increasing from 0 to pi on [0, pi].

    The relative error stays small near phi = 0, where it is about pi phi^2/2.
    """

    def at(angle: Ball) -> Ball:
        if proves_le(angle, Ball(0)):
            return Ball(0)
        closed = 2 * pi() * square((angle / 2).sin()) - _g_at(angle)
        return hull(closed, pi()) if proves_le(lower(pi()), angle) else closed

    return ball.largest([Ball(0), hull(at(lower(phi)), at(upper(phi)))])


def g_slope(phi: Ball) -> Ball:
    """g'(phi) = -(pi - phi) sin phi."""
    return -(pi() - phi) * phi.sin()


def g_slope_by_complement(psi: Ball) -> Ball:
    """d g(pi - psi) / d psi = psi sin psi: the same without cancellation near phi = pi."""
    return psi * psi.sin()


def complement_of_g(value: Ball) -> Ball:
    """Enclosure of psi = pi - phi in [0, pi] with g(phi) = value, for a value known to lie in [0, pi].

    g(pi - psi) increases with psi: bisection until the value cannot be told from g, for both ends.
    """
    return hull(_complement_at(lower(value)), _complement_at(upper(value)))


def _complement_at(value: Ball) -> Ball:
    return zero_between(lambda psi: _g_at(psi) - value, Ball(0), pi())


def angle_of_g(value: Ball) -> Ball:
    """Enclosure of phi in [0, pi] with g(phi) = value, for a value known to lie in [0, pi]."""
    return pi() - complement_of_g(value)


def zero_between(function: Callable[[Ball], Ball], low: Ball, high: Ball) -> Ball:
    """The zero in [low, high] of a function that is negative before and positive after it, by bisection.

    The function is asked at exact numbers between the ends. The zero may lie in the ball of an end.
    """

    def negative(t: Ball) -> bool:
        return ball.proves_positive(-function(t))

    def positive(t: Ball) -> bool:
        return ball.proves_positive(function(t))

    left, right = upper(low), lower(high)
    return hull(_last(negative, low, left, right), _last(positive, high, right, left))


def _last(holds: Callable[[Ball], bool], end: Ball, start: Ball, stop: Ball) -> Ball:
    """A number from `start` towards `stop` at which `holds`, about the last one; `end` if there is none."""
    good, bad = start, stop
    for _ in range(MOST_HALVINGS):
        between = ball.middle((good + bad) / 2)
        inside = proves_lt(good, between) and proves_lt(between, bad)
        if not (inside or (proves_lt(bad, between) and proves_lt(between, good))):
            break
        if holds(between):
            good = between
        else:
            bad = between
    return good if holds(good) else end


def excess(of: Teacher) -> Ball:
    """T = (k + pi - 1) N - pi S^2 = (k - 1) N + pi (N - S^2): the spurious point is a minimum iff T > 0."""
    return (of.k - 1) * of.N + pi() * (of.N - square(of.S))


def has_spurious_minimum(of: Teacher) -> bool:
    """Decides T > 0 (Theorem 9.A, p >= 2). For k = 1, S^2 = N and T is exactly 0.

    For k >= 2 and rational a* equality is impossible, as pi is irrational; raises NotProved where the
    present precision does not tell.
    """
    if of.k == 1:
        return False
    distance = excess(of)
    if ball.proves_positive(distance):
        return True
    if ball.proves_positive(-distance):
        return False
    raise NotProved("the sign of (k + pi - 1) N - pi S^2 is not decided at this precision")


def stiffness(of: Teacher) -> Ball:
    """k + pi - 1, the largest eigenvalue of M = 1 1^T + (pi - 1) I; the others are pi - 1."""
    return of.k - 1 + pi()


def a_bad_coefficients(of: Teacher) -> tuple[Ball, Ball]:
    """(x, y) with a_bad = x a* + y 1, the minimiser of the loss over a at phi = pi."""
    scale = of.W / (pi() - 1)
    return -scale, scale * pi() * of.S / stiffness(of)


def q_bad(of: Teacher) -> Ball:
    """a_bad . a* = -W T / ((pi - 1)(k + pi - 1))."""
    return -of.W * excess(of) / ((pi() - 1) * stiffness(of))


def loss_bad(of: Teacher) -> Ball:
    """The loss at phi = pi, a = a_bad: W^2 ((pi - 2) N + pi S^2/(k + pi - 1)) / (4 (pi - 1))."""
    return square(of.W) / (4 * (pi() - 1)) * ((pi() - 2) * of.N + pi() * square(of.S) / stiffness(of))


def saddle_g(of: Teacher) -> Ball:
    """g(phi_s) = T/(T + (pi - 1) S^2), in (0, 1] where T > 0: the angle of the saddles, at least pi/2."""
    distance = excess(of)
    return distance / (distance + (pi() - 1) * square(of.S))


def a_saddle_coefficients(of: Teacher) -> tuple[Ball, Ball]:
    """(x, y) with a_s = x a* + y 1, the minimiser of the loss over a with a.a* = 0 (T > 0)."""
    short = square(of.S) / (excess(of) + (pi() - 1) * square(of.S))  # (1 - g(phi_s))/(pi - 1)
    return -of.W * short, of.W / (pi() - 1) * of.S * (pi() - saddle_g(of)) / stiffness(of)


def loss_saddle(of: Teacher) -> Ball:
    """W^2 N (pi - g(phi_s)) / (4 pi)."""
    return square(of.W) * of.N * (pi() - saddle_g(of)) / (4 * pi())


def barrier(of: Teacher) -> Ball:
    """loss_saddle - loss_bad = W^2 g(phi_s) T / (4 pi (pi - 1)(k + pi - 1)), without their cancellation."""
    return square(of.W) * saddle_g(of) * excess(of) / (4 * pi() * (pi() - 1) * stiffness(of))

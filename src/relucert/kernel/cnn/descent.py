"""Gradient descent on the one-hidden-layer CNN, reduced to four scalars, and where it must end.

docs/theorem/cnn.md section 10. With w* = W e, |e| = 1, a step depends only on A = v.e, B = |v - A e|, q = a.a*
and s = 1.a: a run in any dimension is a recursion of four balls, with r = |v| = root(A^2 + B^2) and
phi = atan2(B, A). Near 0 phi keeps its relative error, and near pi psi = pi - phi does.
"""

from __future__ import annotations

from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, lower, pi, smallest, square, upper
from relucert.kernel.cnn.teacher import Teacher, complement_of_g, stiffness
from relucert.kernel.outcome import Argument, inequality

ZERO = Ball(0)
TO_GLOBAL, TO_SPURIOUS = "Theorem 10.B, U+", "Theorem 10.B, U-"


class State(NamedTuple):
    """One iterate (v, a), as far as the next one depends on it."""

    along: Ball  # A
    across: Ball  # B >= 0
    q: Ball
    s: Ball


class View(NamedTuple):
    """The same iterate in polar coordinates."""

    r: Ball
    cos: Ball
    phi: Ball
    psi: Ball  # pi - phi
    g: Ball  # g(phi)


class Rule(NamedTuple):
    """The constants of a step of size eta."""

    of: Teacher
    eta: Ball
    turn: Ball  # eta/(2 pi)
    pull: Ball  # eta W/(2 pi)
    keep_q: Ball  # 1 - alpha: what a step leaves of the part of a - a' orthogonal to 1
    keep_s: Ball  # 1 - kappa


class Rate(NamedTuple):
    """How fast gradient descent converges from an iterate (at t) in U+ or U-; exact, on the safe side.

    U+: tan(phi_(t+j)/2) <= (1 - decay)^j tan(phi_t/2).
    U-: psi_t/(1 + 2 steepest psi_t j) <= psi_(t+j) <= psi_t/(1 + flattest psi_t j/2).
    """

    alpha: Ball  # lower bound: a step shrinks the distance of a from where it is drawn to by 1 - alpha
    decay: Ball | None = None  # 1 - rho, lower bound
    flattest: Ball | None = None  # b, lower bound
    steepest: Ball | None = None  # b', upper bound


def rule(of: Teacher, eta: Ball) -> Rule:
    """The constants of section 10, once a run."""
    turn = eta / (2 * pi())
    return Rule(of, eta, turn, turn * of.W, 1 - turn * (pi() - 1), 1 - turn * stiffness(of))


def view(x: State) -> View:
    """r, phi, psi and g(phi) = (psi A + B)/r. Whichever of phi and psi is the smaller is computed first."""
    r = ball.root(square(x.along) + square(x.across))
    if ball.proves_positive(-x.along):
        psi = Ball.atan2(x.across, -x.along)
        phi = pi() - psi
    else:
        phi = Ball.atan2(x.across, x.along)
        psi = pi() - phi
    return View(r, x.along / r, phi, psi, (psi * x.along + x.across) / r)


def step(by: Rule, x: State, seen: View) -> State:
    """The next iterate. docs/theorem/cnn.md, Lemma 10.A (`seen` is the view of x)."""
    of, g = by.of, seen.g
    y = by.pull * seen.psi * x.q / (square(seen.r) * seen.r)
    return State(
        x.along + y * square(x.across),
        abs(x.across * (1 - y * x.along)),
        by.keep_q * x.q + by.turn * (of.W * ((g - 1) * of.N + square(of.S)) - of.S * x.s),
        by.keep_s * x.s + by.pull * of.S * (of.k - 1 + g),
    )


def loss(by: Rule, x: State, seen: View, spread: Ball, rest: Ball) -> Ball:
    """Enclosure of the loss (1/4 pi) e^T M e + (W/2 pi)(pi - g) q, e = a - W a* (section 9).

    spread: N - S^2/k, exactly 0 if a* is a multiple of 1; rest: the squared length of the part of a that is
    orthogonal to 1 and a*. By Gram and Schmidt |e|^2 = (1.e)^2/k + (e.a* - S 1.e/k)^2/spread + rest.
    """
    of = by.of
    sum_e, product = x.s - of.W * of.S, x.q - of.W * of.N
    length = square(sum_e) / of.k + rest
    if not (ball.proves_le(spread, ZERO) and ball.proves_le(ZERO, spread)):
        length += square(product - of.S * sum_e / of.k) / spread
    bend = square(sum_e) + (pi() - 1) * length
    return bend / (4 * pi()) + of.W * (pi() - seen.g) * x.q / (2 * pi())


class Drift(NamedTuple):
    """The quantities of Theorem 10.B at one iterate."""

    q_top: Ball  # Q >= |q_t| for all later t
    D: Ball
    K: Ball


def drift(of: Teacher, x: State, seen: View) -> Drift:
    """Q, D = L - sigma and K = L - sigma_eq with L = (g - 1) N + S^2 and sigma = s S/W (Theorem 10.B)."""
    squared, sigma = square(of.S), x.s * of.S / of.W
    level = (seen.g - 1) * of.N
    largest = ball.largest((abs(sigma), squared))
    q_top = ball.largest((abs(x.q), of.W * (of.N + (squared + largest) / (pi() - 1))))
    D = level + squared - sigma
    return Drift(q_top, D, level + squared * (pi() - seen.g) / stiffness(of))


def decide(by: Rule, x: State, seen: View) -> Argument:
    """Gradient descent from here converges to a global minimum (U+), or to the spurious one (U-).

    docs/theorem/cnn.md, Theorem 10.B, for U+ unless q is proved negative.
    """
    now = drift(by.of, x, seen)
    falls = ball.proves_lt(x.q, ZERO)
    sign, relation = (-1, "< 0") if falls else (1, "> 0")
    load, squared = by.eta * by.of.W * now.q_top, square(seen.r)
    hypotheses = [
        inequality("10.0", ZERO, "<", by.eta, "0 < eta"),
        inequality("10.1", by.eta * stiffness(by.of), "<=", 2 * pi(), "eta (k + pi - 1) <= 2 pi"),
        inequality("10.2", load * seen.psi, "<=", pi() * squared, "eta W Q psi <= pi r^2")
        if falls
        else inequality("10.2", load, "<=", 2 * squared, "eta W Q <= 2 r^2"),
        inequality("10.3", ZERO, "<", sign * x.q, f"q {relation}"),
        inequality("10.4", ZERO, "<", sign * now.D, f"D {relation}"),
        inequality("10.5", ZERO, "<", sign * now.K, f"K {relation}"),
    ]
    if falls:
        return Argument(TO_SPURIOUS, tuple(hypotheses))
    return Argument(TO_GLOBAL, (*hypotheses, inequality("10.6", ZERO, "<", seen.psi, "phi < pi")))


def rate(by: Rule, x: State, seen: View) -> Rate:
    """The rate of Theorem 10.B from an iterate for which `decide` holds."""
    alpha = lower(by.turn * (pi() - 1))
    now = drift(by.of, x, seen)
    load = by.eta * by.of.W * now.q_top / (2 * square(seen.r))  # xi
    smaller = smallest((abs(now.D), abs(now.K)))
    least = smallest((abs(x.q), by.of.W * smaller / (pi() - 1)))  # lower bound of |q| from here on
    if ball.proves_lt(x.q, ZERO):
        longest = square(seen.r) * (4 * load * square(seen.psi / pi())).exp()
        bounds = by.pull * least / longest, by.pull * now.q_top / square(seen.r)
        return Rate(alpha, flattest=lower(bounds[0]), steepest=upper(bounds[1]))
    longest = square(seen.r) * (4 * load * seen.phi / pi()).exp()
    least_turn = by.pull * seen.psi * least / longest
    return Rate(alpha, decay=lower(least_turn / (1 + least_turn * (1 - seen.cos))))


def probabilities(of: Teacher, p: int, c: Ball) -> tuple[Ball, Ball]:
    """Lower bounds of the probabilities that a random start ends at the global and at the spurious minimum.

    docs/theorem/cnn.md, Theorem 10.C: v uniform on the unit sphere of R^p, a uniform in the ball of radius
    |S| W/sqrt k, S != 0, the step as there. c: exact, in (0, 1]; every choice gives valid bounds.
    """
    ratio = square(of.S) / of.N
    likely = beta(square(c), ball.ratio((of.k + 1, 2))) / 2  # P(q > 0 and sigma <= c S^2) at least
    hold = of.N - square(of.S) / stiffness(of)  # K(phi) = (g(phi) - g0) hold
    g0 = 1 - (pi() - 1) * square(of.S) / (stiffness(of) * hold)
    rises = share_above(p, ball.largest((1 - (1 - c) * ratio, g0, ZERO)))
    falls = 1 - share_above(p, ball.largest((1 - (1 + c) * ratio, ZERO)))
    return lower(likely * rises), lower(likely * falls)


def share_above(p: int, value: Ball) -> Ball:
    """P(g(phi) > value) of the angle phi with e of a uniform direction in R^p, for a value in [0, 1].

    With phi_c >= pi/2 and g(phi_c) = value it is (1 + I_{cos^2 phi_c}(1/2, (p-1)/2))/2.
    """
    if ball.proves_le(value, ZERO):
        return Ball(1)
    return (1 + beta(square(complement_of_g(value).cos()), ball.ratio((p - 1, 2)))) / 2


def beta(z: Ball, b: Ball) -> Ball:
    """The regularised incomplete beta function I_z(1/2, b) = 1 - I_(1-z)(b, 1/2), of z in [0, 1]."""
    half, one = ball.ratio((1, 2)), Ball(1)

    def at(end: Ball) -> Ball:
        if ball.proves_le(one, end):
            return one
        if ball.proves_lt(end, half):
            return end.max(ZERO).beta_lower(half, b, regularized=True)
        return 1 - (1 - end).beta_lower(b, half, regularized=True)  # the series converges faster here

    return ball.hull(at(lower(z)), at(upper(z)))  # it increases

"""Enclosed runs of gradient descent on G: docs/theorem/landscape.md, Lemma 13.N.

The centre of an enclosure is d rows of d integers that stand for multiples of 2^-p, its radius a bound of the
Frobenius distance in the same unit. A step computes the next centre with one rounding for each entry; what it is off,
the errors of eta alpha_i and eta lambda included, goes into the radius, as does what the exact step does to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isqrt
from operator import mul
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, Dyadic, NotProved, Ratio
from relucert.kernel.landscape.basin import basin, squared_length
from relucert.kernel.landscape.curvature import FINE, UNIT, Rule, Sizes, Table, curvature, up
from relucert.kernel.landscape.weights import Weights
from relucert.kernel.outcome import Argument, Inequality, inequality

GUARD = 64  # bits of the balls beyond those of the integers
LARGEST = 1 << 16  # of an entry or of a coefficient: far beyond any run that ends
THEOREM = "Lemma 13.N"


class Enclosure(NamedTuple):
    """Every run that starts within start_radius of the start is within `radius` of `centre` after `steps` steps.

    centre, radius: integers of the scale 2^-bits. steepest: upper bound of eta l over all steps, of the scale
    2^-FINE; where it is above 2, the enclosure stops before the step that it belongs to."""

    centre: Table
    radius: int
    steps: int
    steepest: int

    @property
    def contracts(self) -> bool:
        return self.steepest <= 2 * UNIT


def rule(at: Weights, eta: Ratio, bits: int) -> Rule:
    """Gradient descent with the step eta > 0, in integers of the scale 2^-bits.

    Raises NotProved where the precision of `at` does not suffice, or where eta is out of all proportion.
    """
    step = 4 * ball.ratio(eta)
    column = tuple(_integer(step * alpha, bits) for alpha in at.alpha)
    entry = tuple(_integer(step * (1 + at.nu) * alpha, bits) for alpha in at.alpha)
    return Rule(bits, column, entry, _integer(step * at.lam, bits))


def _integer(value: Ball, bits: int) -> int:
    """An integer k with |value 2^bits - k| <= 1."""
    scaled = value * ball.exact((1, bits))
    if not ball.proves_lt(abs(value), Ball(LARGEST)):
        raise NotProved("the step times lambda or a weight is too large for any run to converge")
    mantissa, exponent = ball.to_dyadic(ball.lower(scaled))
    found = mantissa << exponent if exponent >= 0 else mantissa >> -exponent
    if not ball.proves_le(abs(scaled - ball.exact((found, 0))), Ball(1)):
        raise NotProved("the weights are not known to the precision of the run")
    return found


def start(rows: Sequence[Sequence[Dyadic]], start_radius: Dyadic, bits: int) -> Enclosure:
    """The ball of radius `start_radius` about the point, d rows of d dyadics."""
    most = Ball(LARGEST)
    if not all(ball.proves_le(abs(ball.exact(x)), most) for row in (*rows, (start_radius,)) for x in row):
        raise NotProved("the start or its radius is too large for any run to converge")
    centre = [[_floor(x, bits) for x in row] for row in rows]
    exact = all(m == 0 or e >= -bits for row in rows for m, e in row)
    mantissa, exponent = start_radius
    radius = -_floor((-mantissa, exponent), bits)
    return Enclosure(centre, radius + (0 if exact else len(rows)), 0, 0)


def _floor(value: Dyadic, bits: int) -> int:
    mantissa, exponent = value
    shift = exponent + bits
    return mantissa << shift if shift >= 0 else mantissa >> -shift


def advance(
    by: Rule, first: Enclosure, steps: int, watch: Callable[[Enclosure], bool] = lambda _: True
) -> Enclosure:
    """The enclosure `steps` steps on, or where eta l <= 2 is not proved, or `watch` says no."""
    now = first
    for _ in range(steps):
        then = step(by, now)
        if not then.contracts or not watch(then):
            return then
        now = then
    return now


def step(by: Rule, now: Enclosure) -> Enclosure:
    """Lemma 13.N: r' = (1 + eta n) r + delta. Where eta l <= 2 is not proved, nothing moves but `steepest`."""
    at = sizes(now.centre)
    moved, diagonal = _move(by, now.centre, at)
    fall, rise = curvature(by, at, diagonal).within(now.radius, by.bits)
    steepest = max(now.steepest, rise)
    if rise > 2 * UNIT:
        return now._replace(steepest=steepest)
    radius = now.radius + up(now.radius * fall, FINE) + _rounding(by, at)
    return Enclosure(moved, radius, now.steps + 1, steepest)


def sizes(centre: Table) -> Sizes:
    squares = [list(map(mul, row, row)) for row in centre]
    return Sizes(squares, list(map(sum, zip(*squares, strict=True))), list(map(sum, squares)))


def _move(by: Rule, centre: Table, at: Sizes) -> tuple[Table, Table]:
    """The next centre, and lower bounds of the diagonal part of eta times the Hessian for `curvature`.

    u_ji - u_ji w_ji, w = eta (4 alpha_i S_i + 4 g_j - 4 (1 + nu) alpha_i u_ji^2), exact of the scale 2^-3p.
    """
    scale = 3 * by.bits
    shift, one = scale - FINE, 1 << 2 * by.bits
    pulls = list(map(mul, by.column, at.columns))
    # what the diagonal loses by the errors of the coefficients, and by its own rounding
    slack = up(4 * max(at.columns) + max(abs(n - one) for n in at.rows), shift)
    moved, diagonal = [], []
    for row, squares, n in zip(centre, at.squares, at.rows, strict=True):
        g = by.row * (n - one)
        entries = list(map(mul, by.entry, squares))
        force = [a + g - k for a, k in zip(pulls, entries, strict=True)]
        moved.append([x - (x * w >> scale) for x, w in zip(row, force, strict=True)])
        diagonal.append([(w - 2 * k >> shift) - slack for w, k in zip(force, entries, strict=True)])
    return moved, diagonal


def _rounding(by: Rule, at: Sizes) -> int:
    """delta: the Frobenius distance of the next centre from the exact step, in units of 2^-bits, rounded up.

    An entry is rounded by at most 1, and the errors of its coefficients, at most 1 each, change it by at most
    |u_ji| (S_i + |N_j - 1| + u_ji^2).
    """
    p = by.bits
    size = isqrt(sum(at.rows)) + 1
    most = 2 * max(at.columns) + max(abs(n - (1 << 2 * p)) for n in at.rows)
    return len(at.rows) + up(size * most, 3 * p)


def distance(
    at: Weights, end: Enclosure, bits: int, permutation: Sequence[int], signs: Sequence[int]
) -> Ball:
    """Upper bound of |B_T - P| for every run enclosed; P has the rows s_j t_i e_i, i = p(j)."""
    total = Ball(0)
    for row, i, sign in zip(end.centre, permutation, signs, strict=True):
        away = ball.exact((row[i], -bits)) - sign * squared_length(at, at.alpha[i]).sqrt()
        rest = sum(x * x for k, x in enumerate(row) if k != i)
        total += ball.square(away) + ball.exact((rest, -2 * bits))
    return ball.upper(ball.root(total) + ball.exact((end.radius, -bits)))


def contraction(end: Enclosure) -> Argument:
    """Lemma 13.N alone: no step enclosed drives two runs apart by more than the negative eigenvalues do."""
    return Argument(
        THEOREM, (inequality("N.1", ball.exact((end.steepest, -FINE)), "<=", Ball(2), "eta l <= 2"),)
    )


def arguments(at: Weights, eta: Ratio, end: Enclosure, away: Ball) -> tuple[Argument, Argument]:
    """Lemma 13.N for the run, and Theorem 13.B for its end; `away` from `distance`."""
    theorem, reach, most = basin(at)
    hypotheses = (
        *contraction(end).hypotheses,
        inequality("N.2", away, "<", reach, "|B_T - P| < R"),
        below_step(eta, most),
    )
    return Argument(THEOREM, hypotheses), theorem


def below_step(eta: Ratio, most: Ball) -> Inequality:
    """The step of descent against that of Theorem 13.B."""
    return inequality("N.3", ball.ratio(eta), "<", most, "eta < 2/(lambda_max + L R/2)")


def gradient_min(by: Rule, first: Enclosure, eta: Ratio) -> Ball:
    """A lower bound of |grad G(B)| for every B of the enclosure: |grad G| at the centre less max |Hess| r.

    It may be negative, and then says nothing.
    """
    at = sizes(first.centre)
    moved, diagonal = _move(by, first.centre, at)
    turned = zip(moved, first.centre, strict=True)
    squares = sum((a - b) ** 2 for new, old in turned for a, b in zip(new, old, strict=True))
    most = max(curvature(by, at, diagonal).within(first.radius, by.bits))
    change = up(first.radius * most, FINE)
    least = isqrt(squares) - _rounding(by, at) - change
    return ball.lower(ball.exact((least, -by.bits)) / ball.ratio(eta))

"""Means of an activation s under two Gaussians: E s(u) s(v) and E s'(u) s'(v) for both of variance k, correlation r.

docs/theorem/ntk.md section 14.1, 14.Q. Both are power series in r with coefficients that are not negative.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallPolynomial, pi, square, upper
from relucert.kernel.ntk.gram_rows import Correlation
from relucert.kernel.ntk.gram_softplus import hermite

TERMS = 64  # of a series in closed form, for Theorem 14.G


class Dual(NamedTuple):
    """mean: E s(u); square: E s(u)^2; slope_square: E s'(u)^2; product, slope: E s(u)s(v), E s'(u)s'(v) as
    functions of the correlation; series: the first coefficients of the latter as a power series in r."""

    mean: Ball
    square: Ball
    slope_square: Ball
    product: Callable[[Correlation], Ball]
    slope: Callable[[Correlation], Ball]
    series: tuple[Ball, ...]


def relu(variance: Ball) -> Dual:
    """The arc-cosine kernels of degree 1 and 0, t the angle: k (sin t + (pi - t) cos t)/(2 pi), (pi - t)/(2 pi)."""

    def rest(c: Correlation) -> Ball:
        return pi() - Ball.atan2(c.sin, c.cos)

    def product(c: Correlation) -> Ball:
        return variance * (c.sin + rest(c) * c.cos) / (2 * pi())

    def near(c: Correlation) -> Ball:
        """By the mean value theorem, as 0 <= P' = k (pi - t)/(2 pi) <= k/2: the two errors in `product` add up."""
        centre = ball.middle(c.cos)
        if not (ball.proves_lt(centre, Ball(1)) and ball.proves_lt(Ball(-1), centre)):
            return product(c)
        at = Correlation(centre, ball.root((1 - centre) * (1 + centre)))
        return product(at) + ball.symmetric(upper(variance / 2 * ball.radius(c.cos)))

    odd = [_central(m) / ((2 * m + 1) * 2 * pi()) for m in range(TERMS // 2)]  # of arcsin r/(2 pi)
    return Dual(
        mean=(variance / (2 * pi())).sqrt(),
        square=variance / 2,
        slope_square=Ball(1) / 2,
        product=near,
        slope=lambda c: rest(c) / (2 * pi()),
        series=(Ball(1) / 4, *(x for c in odd for x in (c, Ball(0)))),
    )


def erf(variance: Ball) -> Dual:
    """(2/pi) arcsin(a r) and 4/(pi (1 + 2k)) (1 - a^2 r^2)^(-1/2), a = 2k/(1 + 2k)."""
    a, scale = 2 * variance / (1 + 2 * variance), 4 / (pi() * (1 + 2 * variance))
    even, power = [], scale
    for m in range(TERMS // 2):
        even.append(_central(m) * power)
        power *= square(a)
    return Dual(
        mean=Ball(0),
        square=2 * a.asin() / pi(),
        slope_square=scale / (1 - square(a)).sqrt(),
        product=lambda c: 2 * (a * c.cos).asin() / pi(),
        slope=lambda c: scale / (1 - square(a * c.cos)).sqrt(),
        series=tuple(x for c in even for x in (c, Ball(0))),
    )


def softplus(variance: Ball) -> Dual:
    """Lemma 14.Q: sum of alpha_j^2 r^j, and of j alpha_j^2 r^(j-1)/k; alpha_1 = sqrt(k)/2, no other odd j, and what is
    left out is at most its sum at r = 1 times the first power left out. Raises NotProved for a variance too large."""
    found = hermite(variance.sqrt())
    squares = [square(x) for x in found.even]
    bends = [2 * m * x / variance for m, x in enumerate(squares)]
    linear, count = variance / 4, len(squares)
    left = upper(found.even_square - sum(squares, Ball(0)))
    left_slope = upper(found.odd_slope - sum(bends, Ball(0)))
    values, slopes = BallPolynomial(squares), BallPolynomial(bends[1:])

    def product(c: Correlation) -> Ball:
        even = square(c.cos)
        return linear * c.cos + values(even) + ball.hull(Ball(0), left * even**count)

    def slope(c: Correlation) -> Ball:
        even = square(c.cos)
        rest = ball.symmetric(upper(abs(c.cos)) * left_slope * even ** (count - 1))
        return Ball(1) / 4 + c.cos * slopes(even) + rest

    return Dual(
        mean=found.even[0],
        square=found.even_square + linear,
        slope_square=found.odd_slope + Ball(1) / 4,
        product=product,
        slope=slope,
        series=(Ball(1) / 4, *(x for c in bends[1:] for x in (c, Ball(0)))),
    )


def _central(m: int) -> Ball:
    """binom(2m, m)/4^m."""
    return ball.exact((comb(2 * m, m), -2 * m))


DUALS: dict[str, Callable[[Ball], Dual]] = {"relu": relu, "erf": erf, "softplus": softplus}

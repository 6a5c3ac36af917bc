"""Rank one in four scalars, in any dimension: docs/theorem/factorisation.md, 15.R, 15.D and 15.G.

M = s p q^T; alpha = u.p, beta = v.q, a = |u - alpha p|, b = |v - beta q|.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, square
from relucert.kernel.factorisation.descent import Sizes
from relucert.kernel.outcome import Argument, inequality


class Scalars(NamedTuple):
    """Where a run is. a2, b2: the squares of a and b."""

    alpha: Ball
    beta: Ball
    a2: Ball
    b2: Ball


def run(start: Scalars, s: Ball, eta: Ball) -> Iterator[Scalars]:
    """15.R, step after step, the start first."""
    now = start
    while True:
        yield now
        shrink_u = 1 - eta * (square(now.beta) + now.b2)
        shrink_v = 1 - eta * (square(now.alpha) + now.a2)
        now = Scalars(
            shrink_u * now.alpha + eta * s * now.beta,
            shrink_v * now.beta + eta * s * now.alpha,
            square(shrink_u) * now.a2,
            square(shrink_v) * now.b2,
        )


def sizes(at: Scalars, s: Ball) -> Sizes:
    """What Theorem 15.C needs; |R|^2 = (alpha beta - s)^2 + alpha^2 b^2 + beta^2 a^2 + a^2 b^2."""
    one, two = square(at.alpha), square(at.beta)
    residual = square(at.alpha * at.beta - s) + one * at.b2 + two * at.a2 + at.a2 * at.b2
    u, v = ball.root(one + at.a2), ball.root(two + at.b2)
    return Sizes(ball.upper(ball.root(residual)), ball.upper(u), ball.upper(v), ball.lower(u), ball.lower(v))


def divergence(at: Scalars, eta: Ball) -> tuple[Ball, Argument]:
    """Theorem 15.D: a lower bound of the factor by which a and b grow at every step, if its argument holds."""
    first, second = eta * at.a2, eta * at.b2
    argument = Argument(
        "Theorem 15.D",
        (
            inequality("D.1", Ball(2), "<", first, "2 < eta a^2"),
            inequality("D.2", Ball(2), "<", second, "2 < eta b^2"),
        ),
    )
    return ball.lower(ball.smallest((first, second)) - 1), argument


def random_divergence(d1: int, d2: int, variance: Ball, eta: Ball) -> tuple[Ball, Argument]:
    """Theorem 15.G: x such that u, v ~ N(0, variance I) diverge with probability at least 1 - 2 exp(-x)."""
    hypotheses, exponents = [], []
    for i, d in enumerate((d1, d2), 1):
        y = 2 / (eta * variance * (d - 1))
        hypotheses.append(inequality(f"G.{i}", y, "<", Ball(1), f"2/(eta delta (d{i} - 1)) < 1"))
        exponents.append((y - 1 - y.log()) * (d - 1) / 2)
    return ball.lower(ball.smallest(exponents)), Argument("Theorem 15.G", tuple(hypotheses))

"""The numbers that the designed objective Q depends on: docs/theorem/landscape.md section 13."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, Ratio


class Weights(NamedTuple):
    """alpha: d positive numbers; ascending: the same in order; smallest, largest: the places of the least and of
    the greatest of the others. nu = mu/12."""

    alpha: tuple[Ball, ...]
    ascending: tuple[Ball, ...]
    smallest: int
    largest: int
    nu: Ball
    lam: Ball

    @property
    def d(self) -> int:
        return len(self.alpha)


class Scale(NamedTuple):
    """Bounds of |T|^2 from both sides, U = B T^T: |T v|^2 is in [least, most] |v|^2. One for orthonormal teachers."""

    least: Ball
    most: Ball


ORTHONORMAL = Scale(Ball(1), Ball(1))


def weights(a_star: Sequence[Ratio], mu: Ratio, lam: Ratio, *, inverted: bool) -> Weights:
    """alpha_i = c a_i, or c/a_i if `inverted`, c = 1/(2 sqrt(2 pi)) (Theorems 13.A and 13.F).

    Raises ValueError unless d >= 2 and all a_i, mu and lambda are positive, without which no theorem speaks.

    The order of alpha is that of exact fractions, so it does not depend on rounding.
    """
    if len(a_star) < 2 or min(Fraction(*x) for x in (*a_star, mu, lam)) <= 0:
        raise ValueError("expected at least two weights, and all of them, mu and lambda positive")
    exact = [Fraction(q, p) if inverted else Fraction(p, q) for p, q in a_star]
    c = 1 / (2 * (2 * ball.pi()).sqrt())
    alpha = tuple(c * ball.ratio(x.as_integer_ratio()) for x in exact)
    order = sorted(range(len(exact)), key=exact.__getitem__)
    return Weights(
        alpha, tuple(alpha[i] for i in order), order[0], order[-1], ball.ratio(mu) / 12, ball.ratio(lam)
    )

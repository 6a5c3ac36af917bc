"""Softplus, erf and tanh: values, slopes and the constants of Theorem 14.W in docs/theorem/ntk.md."""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, ComplexBall, pi, square

SPARE = 32  # bits


class Activation(NamedTuple):
    """at: s(z) and s'(z). slope, curvature: |s'| and |s''| are never above. mean_square: E s(z)^2, z ~ N(0, 1)."""

    at: Callable[[Ball], tuple[Ball, Ball]]
    slope: Ball
    curvature: Ball
    mean_square: Ball


def _softplus(z: Ball) -> tuple[Ball, Ball]:
    small = (-z).exp()
    return z + small.log1p(), 1 / (1 + small)


def _tanh(z: Ball) -> tuple[Ball, Ball]:
    value = z.tanh()
    return value, 1 - square(value)


def _erf(z: Ball) -> tuple[Ball, Ball]:
    return z.erf(), 2 * (-square(z)).exp() / pi().sqrt()


def activation(name: str) -> Activation:
    """At the present precision. Raises KeyError for another name."""
    return ACTIVATIONS[name]()


def _mean_square(s: Callable[[ComplexBall, bool], ComplexBall]) -> Ball:
    """E s(z)^2 for an s with |s(z)| <= 1 + |z|, by an integral over [-a, a].

    The rest is at most 2 E (1 + z)^2 1{z > a} <= 8 E z^2 1{z > a} <= 8 (a + 1/a) exp(-a^2/2)/sqrt(2 pi), a >= 1.
    """
    end = Ball(isqrt(2 * (ball.bits() + SPARE)) + 1)
    inside = ball.integral(lambda z, analytic: s(z, analytic) ** 2 * (-z * z / 2).exp(), -end, end)
    rest = 8 * (end + 1 / end) * (-square(end) / 2).exp()
    return (inside + ball.hull(Ball(0), rest)) / (2 * pi()).sqrt()


ACTIVATIONS: dict[str, Callable[[], Activation]] = {
    "softplus": lambda: Activation(
        _softplus,
        Ball(1),
        Ball(1) / 4,
        _mean_square(lambda z, analytic: (1 + z.exp()).log(analytic=analytic)),
    ),
    "erf": lambda: Activation(
        _erf, 2 / pi().sqrt(), (8 / (pi() * Ball(1).exp())).sqrt(), 2 * (Ball(2) / 3).asin() / pi()
    ),
    "tanh": lambda: Activation(_tanh, Ball(1), 4 / (3 * Ball(3).sqrt()), _mean_square(lambda z, _: z.tanh())),
}

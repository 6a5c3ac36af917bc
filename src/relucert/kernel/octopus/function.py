"""The octopus function: its critical points, and that gradient descent stays where it is defined.

docs/theorem/octopus.md section 16; Du, Jin, Lee, Jordan, Poczos & Singh 2017, "Gradient descent can take exponential
time to escape saddle points". All that is given is rational, apart from tau, which may be e.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, lower, upper
from relucert.kernel.outcome import Argument, Inequality, inequality

ZERO, ONE = Ball(0), Ball(1)


class Octopus(NamedTuple):
    """The function in R^d, and a step of gradient descent (0 where there is none). tau: None stands for e."""

    d: int
    L: Fraction
    gamma: Fraction
    tau: Fraction | None
    eta: Fraction = Fraction(0)

    @property
    def width(self) -> Ball:
        """tau."""
        return ONE.exp() if self.tau is None else number(self.tau)

    @property
    def log_width(self) -> Ball:
        """ln tau, exactly 1 where tau is e."""
        return ONE if self.tau is None else number(self.tau).log()

    @property
    def growth(self) -> Fraction:
        """h = 2 eta gamma: a step in cell k - 1 multiplies x_k by 1 + h."""
        return 2 * self.eta * self.gamma

    @property
    def decay(self) -> Fraction:
        """q = 1 - 2 eta L: it multiplies the coordinates that wait by q."""
        return 1 - 2 * self.eta * self.L

    @property
    def log_growth(self) -> Ball:
        """lg = ln(1 + h)."""
        return number(self.growth).log1p()

    @property
    def log_decay(self) -> Ball:
        """ls = -ln q > 0, for q > 0."""
        return -number(-2 * self.eta * self.L).log1p()

    @property
    def buffer_steps(self) -> int:
        """ceil(1/h): no more steps are made in a buffer (Theorem 16.D)."""
        return -(-self.growth.denominator // self.growth.numerator)


def number(value: Fraction) -> Ball:
    return ball.ratio(value.as_integer_ratio())


def integer(value: int) -> Ball:
    """Exactly."""
    return ball.exact((value, 0))


def comparison(name: str, left: Fraction, relation: str, right: Fraction, text: str) -> Inequality:
    """An inequality of rational numbers; where they are too near, both times their denominators, exactly."""
    plain = inequality(name, number(left), relation, number(right), text)
    if plain.proved:
        return plain
    (p, q), (r, s) = left.as_integer_ratio(), right.as_integer_ratio()
    return inequality(name, integer(p * s), relation, integer(r * q), text)


def ceiling(point: Ball) -> int:
    """The least integer that is not below an exact number. Raises NotProved if it has a radius or is infinite."""
    mantissa, exponent = ball.to_dyadic(point)
    return mantissa << exponent if exponent >= 0 else -(-mantissa >> -exponent)


def floor(point: Ball) -> int:
    """Likewise the largest that is not above it."""
    return -ceiling(-point)


class Value(NamedTuple):
    """Exact ends of an enclosure of f at the minima."""

    low: Ball
    high: Ball


@dataclass(frozen=True)
class CriticalPoints:
    """The critical points of f in D are 2^d - 1 strict saddles and 2^d minima."""

    verdict: ClassVar[str] = "strict-saddles-and-minima"
    proved: ClassVar[bool] = True
    value: Value
    arguments: tuple[Argument, ...]


def theorem_16_a(f: Octopus) -> Argument:
    """All critical points in D, their types, values and Hessians."""
    return Argument(
        "Theorem 16.A",
        (
            comparison("A.1", Fraction(0), "<", f.gamma, "0 < gamma"),
            comparison("A.2", f.gamma, "<=", f.L, "gamma <= L"),
            inequality("A.3", ZERO, "<", f.width, "0 < tau"),
        ),
    )


def depth(f: Octopus) -> Ball:
    """nu: f at the minima is -d nu, and -k nu at the saddles of cell k."""
    return ball.square(f.width) * number((37 * f.L + 13 * f.gamma) / 6)


def critical_points(f: Octopus) -> CriticalPoints:
    """Theorem 16.A. Raises NotProved where it does not apply."""
    argument = theorem_16_a(f)
    if not argument.holds:
        raise ball.NotProved("Theorem 16.A needs L >= gamma > 0 and tau > 0")
    value = -f.d * depth(f)
    return CriticalPoints(Value(lower(value), upper(value)), (argument,))


def theorem_16_d(f: Octopus, farthest: Fraction = Fraction(1)) -> Argument:
    """Gradient descent from x_0 stays in D. farthest: max |x_0,i|."""
    return Argument(
        "Theorem 16.D",
        (
            comparison("D.1", Fraction(0), "<", f.eta, "0 < eta"),
            comparison("D.2", 2 * f.eta * f.L, "<=", Fraction(1), "2 eta L <= 1"),
            inequality("D.3", ONE, "<=", f.log_width, "1 <= ln tau"),
            comparison("D.4", farthest, "<=", Fraction(1), "max |x_0,i| <= 1"),
        ),
    )

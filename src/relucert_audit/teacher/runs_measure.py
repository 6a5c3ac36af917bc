"""Lemma 19.G of docs/theorem/runs.md: the Gaussian measure of a ball, from below."""

from fractions import Fraction
from typing import NamedTuple

from relucert_audit import interval as ivl
from relucert_audit.format import Dyadic
from relucert_audit.interval import Interval, dyadic, proves_le
from relucert_audit.teacher.runs import Run

LEAST = 1 << 17  # exp(-LEAST) is below all positive numbers that the format has
HALVINGS = 24


class Measure(NamedTuple):  # low: a lower bound of the probability
    low: Interval

    def allows(self, claimed: Dyadic) -> bool:
        return proves_le(dyadic(*claimed), self.low)


def probability(run: Run, n: int, k: int) -> Measure:
    """V_m r^m (k/(2 pi))^(m/2) exp(-k (|Y|^2 + r^2 m/(m + 2))/2), m = n k: the density at Y + z, averaged over z and
    -z, is at least that at Y times exp(-k |z|^2/2), and the mean of exp is at least exp of the mean."""
    m, radius = n * k, dyadic(*run.radius)
    square = sum((dyadic(*x) ** 2 for row in run.start for x in row), dyadic(0, 0))
    power = k * (square + radius**2 * m / (m + 2)) / 2
    if not proves_le(power, dyadic(LEAST, 0)):
        return Measure(dyadic(0, 0))
    density = (dyadic(k, 0) * radius**2 / 2) ** (m // 2)
    if m % 2:
        density *= ivl.root(dyadic(k, 0) * radius**2 / 2)
    return Measure((density / gamma(m) / exponential(power)).a)


def gamma(m: int) -> Interval:
    """Gamma(m/2 + 1); the volume of the unit ball is pi^(m/2) over that."""
    x, value = Fraction(m, 2), dyadic(1, 0)
    while x > Fraction(1, 2):
        value, x = value * ivl.rational(x), x - 1
    return value * ivl.root(ivl.pi()) / 2 if m % 2 else value


def exponential(x: Interval) -> Interval:
    """exp x for 0 <= x <= LEAST: the series at x 2^-HALVINGS, squared so often."""
    value = ivl.exp(x / (1 << HALVINGS))
    for _ in range(HALVINGS):
        value = value * value
    return value

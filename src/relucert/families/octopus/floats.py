"""The octopus in floating point, for pictures: its values, and runs with and without noise. Nothing here is proved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import exp, hypot, log, log1p
from random import Random
from typing import NamedTuple

from relucert.kernel.octopus.double import Doubles, settled, step

SAMPLES = 60  # of a saddle
SMALLEST = -700.0  # logarithm of what a double still holds


class Shaken(NamedTuple):
    """Noise in units of tau: where the gradient is at most the threshold, in a ball of this radius, and how many steps
    have none after it."""

    threshold: float
    radius: float
    wait: int


def value(c: Doubles, a: Sequence[float]) -> float:
    """f at |x| = a; NaN outside D."""
    k = settled(c, a)
    tau, L, gamma = c.tau, c.L, c.gamma
    nu = tau**2 * (37 * L + 13 * gamma) / 6
    if any(x > 6 * tau for x in a[:k]) or any(x > tau for x in a[k + 1 :]):
        return float("nan")
    total = sum(L * (x - 4 * tau) ** 2 for x in a[:k]) + sum(L * x**2 for x in a[k + 2 :]) - k * nu
    if k == c.d:
        return total
    following = a[k + 1] if k + 1 < c.d else 0.0
    if a[k] <= tau:
        return total - gamma * a[k] ** 2 + L * following**2
    s = (a[k] - tau) / tau
    u = 1 - s
    g1 = -2 * gamma * (s + s**2 / 2 - 5 * s**3 / 3 + 3 * s**4 / 4) - L * (14 * s**3 / 3 - 5 * s**4 / 2)
    g2 = (L + gamma) * u**3 * (10 - 15 * u + 6 * u**2) - gamma
    return total + tau**2 * (g1 - gamma) + g2 * following**2


def descent(c: Doubles, start: Sequence[Fraction]) -> tuple[list[int], list[float]]:
    """1 + t and f along descent: a few times in each cell, all in each buffer. Logarithms where it waits."""
    growth, decay = log1p(2 * c.eta * c.gamma), log1p(-2 * c.eta * c.L)
    logs = [log(abs(x)) for x in start]
    times, values = [], []
    a = [abs(float(x)) for x in start]
    t = 0
    for k in range(c.d):
        wait = max(0, -int(-(log(c.tau) - logs[k]) // growth))
        for n in sorted({round((wait + 1) ** (i / SAMPLES)) - 1 for i in range(SAMPLES + 1)}):
            times.append(1 + t + n)
            values.append(value(c, _later(c, a, logs, k, n, growth, decay)))
        a = _later(c, a, logs, k, wait, growth, decay)
        t += wait
        logs = [x + wait * decay for x in logs]
        while a[k] < 2 * c.tau:
            following = step(c, a)
            share = _bend(c, a[k])
            logs = [x + (share if i == k + 1 else decay) for i, x in enumerate(logs)]
            a, t = following, t + 1
            times.append(1 + t)
            values.append(value(c, a))
        logs[k] = 0.0
    for n in range(1, 60):
        a = step(c, a)
        times.append(1 + t + n)
        values.append(value(c, a))
    return times, values


def _later(
    c: Doubles, a: Sequence[float], logs: Sequence[float], k: int, n: int, growth: float, decay: float
) -> list[float]:
    """The coordinates after n more steps in cell k (from 0)."""
    shrunk = exp(max(n * decay, SMALLEST))
    settled_ = [4 * c.tau + (x - 4 * c.tau) * shrunk for x in a[:k]]
    waiting = [exp(max(x + n * decay, SMALLEST)) for x in logs[k + 1 :]]
    return [*settled_, exp(max(logs[k] + n * growth, SMALLEST)), *waiting]


def _bend(c: Doubles, z: float) -> float:
    """ln(1 - 2 eta g_2(z))."""
    u = 1 - max(z / c.tau - 1, 0.0)
    return log1p(-2 * c.eta * ((c.L + c.gamma) * u**3 * (10 - 15 * u + 6 * u**2) - c.gamma))


def perturbed(
    c: Doubles, start: Sequence[Fraction], noise: Shaken, rng: Random, most: int
) -> Iterator[float]:
    """f along descent with noise, by doubles, until noise would come in the last cell or after so many steps.

    Of |x|, as f is even and the noise symmetric.
    """
    a = [abs(float(x)) for x in start]
    last = -noise.wait - 1
    for t in range(most):
        yield value(c, a)
        following = step(c, a)
        small = hypot(*(x - y for x, y in zip(a, following, strict=True))) <= c.eta * noise.threshold * c.tau
        if small and settled(c, a) == c.d:
            return
        if small and t - last > noise.wait:
            last = t
            way = [rng.gauss(0, 1) for _ in a]
            size = noise.radius * c.tau * rng.random() ** (1 / c.d) / hypot(*way)
            following = step(c, [abs(x + size * w) for x, w in zip(a, way, strict=True)])
        a = following

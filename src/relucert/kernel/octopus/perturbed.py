"""Perturbed gradient descent on the octopus finds a minimum: how soon, and with what probability.

docs/theorem/octopus.md, Theorem 16.P. Lengths are in units of tau.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved, lower, root, upper
from relucert.kernel.octopus.function import (
    ONE,
    ZERO,
    Octopus,
    comparison,
    floor,
    integer,
    number,
    theorem_16_a,
    theorem_16_d,
)
from relucert.kernel.outcome import Argument, inequality


class Noise(NamedTuple):
    """g, r, s, eps in units of tau, and w: noise of length at most r where |grad| <= g, not within w steps."""

    threshold: Fraction
    radius: Fraction
    wait: int
    least: Fraction  # s: after noise |x_k| is smaller with probability at most p
    accuracy: Fraction


@dataclass(frozen=True)
class FindsMinimum:
    """With this probability an iterate is within the accuracy of a minimum after at most so many steps."""

    verdict: ClassVar[str] = "finds-a-minimum"
    proved: ClassVar[bool] = True
    probability: Ball
    steps: int
    arguments: tuple[Argument, ...]


def leaving(f: Octopus, least: Fraction) -> int:
    """N: x_k leaves its cell and its buffer within so many steps from |x_k| >= least tau."""
    return _times(-number(least).log() / f.log_growth) + f.buffer_steps


def quiet(f: Octopus, threshold: Fraction) -> int:
    """M: after so many steps without noise all coordinates but x_k contribute at most g/sqrt 2 to |grad f|."""
    return _times((4 * number(f.L) * root(Ball(2 * f.d)) / number(threshold)).log() / f.log_decay)


def settling(f: Octopus, accuracy: Fraction) -> int:
    """E: so many steps in the last cell come within the accuracy of the minimum."""
    away = 2 * root(integer(f.d)) / number(accuracy)
    return 0 if ball.proves_le(away, ONE) else _times(ball.largest((away, ONE)).log() / f.log_decay)


def steps(f: Octopus, noise: Noise) -> int:
    """d (max(M, w) + J + N) + E."""
    late = floor(upper(Ball(2).log() / (2 * f.log_growth)))
    each = max(quiet(f, noise.threshold), noise.wait) + late + leaving(f, noise.least)
    return f.d * each + settling(f, noise.accuracy)


def _times(x: Ball) -> int:
    """floor(x) + 1, from above."""
    return floor(upper(x)) + 1


def weak(d: int, noise: Noise) -> Ball:
    """p: the noise moves x_k by less than s with probability at most this."""
    return number(noise.least / noise.radius) * root(Ball(2 * (d + 1)) / ball.pi())


def perturbed(f: Octopus, noise: Noise) -> FindsMinimum:
    """Theorem 16.P. Raises NotProved with the first hypothesis that fails."""
    g, r, s, eps = noise.threshold, noise.radius, noise.least, noise.accuracy
    lead = (theorem_16_a(f), theorem_16_d(f))
    first = (
        comparison("P.1", 10 * g, "<=", f.gamma, "10 g <= gamma"),
        comparison("P.2", 20 * r, "<=", Fraction(1), "20 r <= 1"),
        comparison("P.3", s, "<=", r, "s <= r"),
        comparison("P.4", 8 * (f.gamma * s) ** 2, "<=", g**2, "8 gamma^2 s^2 <= g^2"),
        comparison("P.5", g, "<=", 2 * f.L * eps, "g <= 2 L eps"),
        comparison("P.6", 2 * f.eta * f.L, "<", Fraction(1), "2 eta L < 1"),
    )
    if not (all(a.holds for a in lead) and all(h.proved for h in first) and min(g, r, s, eps) > 0):
        failed = next((h.text for h in first if not h.proved), "0 < s, and Theorems 16.A and 16.D")
        raise NotProved(f"Theorem 16.P needs {failed}")
    p, count = weak(f.d, noise), steps(f, noise)
    rest = (
        inequality("P.7", integer(leaving(f, s)), "<=", integer(noise.wait), "N <= wait"),
        inequality("P.8", p, "<", ONE, "p < 1"),
        inequality("P.9", integer(count), "<=", integer(count), "d (max(M, w) + J + N) + E <= steps"),
    )
    argument = Argument("Theorem 16.P", (*first, *rest))
    if not argument.holds:
        failed = next(h.text for h in rest if not h.proved)
        raise NotProved(f"Theorem 16.P needs {failed}")
    probability = lower((f.d * (-upper(p)).log1p()).exp())
    return FindsMinimum(ball.largest((probability, ZERO)), count, (*lead, argument))

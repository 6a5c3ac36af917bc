"""The loss of the one-hidden-layer CNN and gradient descent on it in floating point, for pictures.

Notation of docs/theorem/cnn.md section 9. Nothing here is proved.
"""

from __future__ import annotations

from math import pi
from typing import NamedTuple

import numpy as np

from relucert.families.drawing import Floats


class Teacher(NamedTuple):
    """a_star: (k,); w_norm: W."""

    a_star: Floats
    w_norm: float

    @property
    def sizes(self) -> tuple[int, float, float]:
        """k, S, N."""
        return len(self.a_star), float(self.a_star.sum()), float(self.a_star @ self.a_star)


class Point(NamedTuple):
    """axis: (p,), the unit vector of w*; v: (p,); a: (k,)."""

    axis: Floats
    v: Floats
    a: Floats


def g(phi: Floats) -> Floats:
    """(pi - phi) cos phi + sin phi."""
    return (pi - phi) * np.cos(phi) + np.sin(phi)


def lowest(of: Teacher, phi: Floats) -> Floats:
    """The least loss with the filter at these angles (m,) from the teacher's: over all output weights."""
    k, s, n = of.sizes
    bend = g(phi) - 1
    inside = k * s**2 + 2 * bend * s**2 + bend**2 * n  # |b|^2, b = S 1 + (g - 1) a*
    along = s * (k + bend)  # 1.b
    gained = (inside - along**2 / (k + pi - 1)) / (pi - 1)  # b^T M^-1 b
    result: Floats = of.w_norm**2 * (s**2 + (pi - 1) * n - gained) / (4 * pi)
    return result


def angles(at: Point) -> tuple[float, float]:
    """phi and pi - phi, each accurate near 0."""
    along = float(at.v @ at.axis)
    beside = float(np.linalg.norm(at.v - along * at.axis))
    return float(np.arctan2(beside, along)), float(np.arctan2(beside, -along))


def loss(of: Teacher, at: Point) -> float:
    _, s, n = of.sizes
    bend = float(g(np.array(angles(at)[0]))) - 1
    student = at.a.sum() ** 2 + (pi - 1) * (at.a @ at.a)
    cross = at.a.sum() * s + bend * (at.a @ of.a_star)
    return float((student + of.w_norm**2 * (s**2 + (pi - 1) * n) - 2 * of.w_norm * cross) / (4 * pi))


def descend(of: Teacher, at: Point, eta: float, steps: int) -> tuple[Floats, Floats, Floats]:
    """phi, pi - phi and the loss (steps + 1,) along gradient descent in v and a."""
    _, s, _ = of.sizes
    seen = []
    for _ in range(steps + 1):
        phi, psi = angles(at)
        seen.append((phi, psi, loss(of, at)))
        unit = at.v / np.linalg.norm(at.v)
        bend = float(g(np.array(phi))) - 1
        turn = at.a @ of.a_star * psi * of.w_norm / (2 * pi * np.linalg.norm(at.v))
        slope = at.a.sum() + (pi - 1) * at.a - of.w_norm * (s + bend * of.a_star)
        v = at.v + eta * turn * (at.axis - (at.axis @ unit) * unit)
        at = Point(at.axis, v, at.a - eta / (2 * pi) * slope)
    return tuple(np.array(seen).T)

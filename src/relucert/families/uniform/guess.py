"""Floating-point guesses for the proof: solutions, Jacobians, factors. Nothing here is believed."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix
from relucert.kernel.uniform.branch import Guess
from relucert.kernel.uniform.dual import variables
from relucert.kernel.uniform.system import UNKNOWNS, equations

Floats = NDArray[np.float64]
PI = math.pi
# The solution at sigma = 0: eta = 4/pi, phi = 8/pi + 2 + 8/pi^2, alpha = 8/pi; the others by Newton's method.
AT_ZERO = np.array([8 / PI, -0.46267, 0.12642, -1.18943, 4 / PI, 8 / PI + 2 + 8 / PI**2])
STEPS, GOOD = 12, 1e-13


class Solution(NamedTuple):
    """unknowns (6,), their derivatives by sigma (6,), the inverse Jacobian (6, 6)."""

    sigma: float
    x: Floats
    slope: Floats
    inverse: Floats

    def at(self, sigma: float) -> Floats:
        """Where the unknowns are at another sigma, about."""
        return self.x + self.slope * (sigma - self.sigma)


def solve(sigma: float, near: Floats) -> Solution | None:
    """Newton's method from a point nearby; None where it does not converge."""
    x = near
    for _ in range(STEPS):
        found = equations_at(x, sigma)
        if found is None:
            return None
        value, jacobian, by_sigma = found
        try:
            inverse = np.linalg.inv(jacobian)
        except np.linalg.LinAlgError:
            return None
        step = np.asarray(inverse @ value, dtype=np.float64)
        x = x - step
        if np.abs(step).max() < GOOD:
            return Solution(sigma, x, *(np.asarray(y, np.float64) for y in (-inverse @ by_sigma, inverse)))
    return None


def equations_at(x: Floats, sigma: float) -> tuple[Floats, Floats, Floats] | None:
    """The equations, their Jacobian and their derivatives by sigma; None outside their domain."""
    if not np.isfinite(x).all():
        return None
    try:
        every = variables([*map(ball.exact_float, x.tolist()), ball.exact_float(sigma)])
        found = equations(every[:UNKNOWNS], every[UNKNOWNS])
    except ball.NotProved:
        return None
    slopes = np.array([[float(y.mid()) for y in e.slopes] for e in found])
    value = np.array([float(e.value.mid()) for e in found])
    if not (np.isfinite(slopes).all() and np.isfinite(value).all()):
        return None
    return value, slopes[:, :UNKNOWNS], slopes[:, UNKNOWNS]


def guess(of: Solution) -> Guess:
    """As exact balls."""
    return Guess(ball.exact_float(of.sigma), exact(of.x), exact(of.slope), exact_matrix(of.inverse))


def exact(x: Floats) -> list[Ball]:
    return [ball.exact_float(v) for v in x.tolist()]


def exact_matrix(a: Floats) -> BallMatrix:
    return BallMatrix([exact(row) for row in a])


def middles(matrix: BallMatrix) -> Floats:
    """The midpoints as doubles."""
    return np.array([[float(x.mid()) for x in row] for row in matrix.tolist()])


def factor(matrix: BallMatrix, least: float) -> BallMatrix | None:
    """R with R^T (matrix - least I) R about I, or None where the midpoints are not positive definite."""
    middle = middles(matrix)
    try:
        lower = np.linalg.cholesky(middle - least * np.eye(len(middle)))
    except np.linalg.LinAlgError:
        return None
    return exact_matrix(np.linalg.inv(lower).T)


def smallest_eigenvalue(matrix: BallMatrix) -> float:
    return float(np.linalg.eigvalsh(middles(matrix))[0])

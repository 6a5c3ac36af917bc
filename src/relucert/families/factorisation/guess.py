"""How many steps to enclose: runs in doubles, of which nothing is believed."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from relucert.base.dyadic import to_float
from relucert.base.exact import Rows
from relucert.families.factorisation.problem import DescentProblem, Four

Array = NDArray[np.float64]
WITHIN = 0.95  # of what Theorem 15.C allows: the enclosure has to hold it too
SHARES = np.arange(1, 64) / 64  # of the least singular value: values of D
OFTEN = 64  # Theorem 15.C is tried after each of so many steps, then after every OFTEN-th part of them
LARGEST = 1e70  # a product of four such numbers is a double


class End(NamedTuple):
    """After so many steps Theorem 15.C holds, or 15.D if it diverges; or `reason` says why not."""

    steps: int
    diverges: bool = False
    reason: str | None = None


def doubles(rows: Rows) -> Array:
    """The nearest doubles."""
    return np.array([[to_float(x) for x in row] for row in rows])


def steps_of_descent(problem: DescentProblem, most: int) -> int | str:
    """After how many steps Theorem 15.C seems to hold, or why it does not."""
    with np.errstate(all="ignore"):  # what overflows is not below LARGEST
        return _steps(problem, most)


def _steps(problem: DescentProblem, most: int) -> int | str:
    m, eta = doubles(problem.target), float(problem.eta)
    u, v = (doubles(rows) for rows in problem.point)
    for t in range(most + 1):
        residual = u @ v.T - m
        size = float(np.linalg.norm(residual))
        if not size < LARGEST:
            return (
                f"after {t} steps |R| is above {LARGEST:g} in doubles: gradient descent diverges, or the numbers are "
                "too large to guess with; take a shorter step, or other units"
            )
        if _due(t) or t == most:
            values = [np.linalg.svd(x, compute_uv=False) for x in (u, v)]
            if holds(size, float(values[0][0]), float(values[1][0]), min(float(x[-1]) for x in values), eta):
                return t
        u, v = u - eta * residual @ v, v - eta * residual.T @ u
    return (
        f"Theorem 15.C does not hold after {most} steps: |R| is still {size:.3g}; take more steps, a longer step, or "
        "another start"
    )


def _due(t: int) -> bool:
    return t < OFTEN or t % max(1, t // OFTEN) == 0


def holds(size: float, u: float, v: float, least: float, eta: float) -> bool:
    """Theorem 15.C for some D, with room: |R|, ||U||, ||V||, the smaller of sigma_r(U), sigma_r(V)."""
    if least <= 0:
        return False
    reach = least * SHARES
    s = least - reach
    with np.errstate(all="ignore"):  # what overflows is not fine
        theta = size / s**2
        steep = size + (u + reach) ** 2 + (v + reach) ** 2
        left = 1 - eta * steep / 2
        fine = (theta < WITHIN) & (left > 0)
        c = 1 / (1 + (theta / (1 - theta)) ** 2 / 2)
        return bool(np.any(fine & (size <= WITHIN * reach * s * np.sqrt(np.where(fine, c, 0)) * left)))


def end_of_rank_one(s: Fraction, eta: Fraction, start: Four, most: int) -> End:
    """After how many steps Theorem 15.C or 15.D seems to hold for the four numbers."""
    size, step = float(s), float(eta)
    alpha, beta, a, b = float(start.alpha), float(start.beta), float(start.a2), float(start.b2)
    for t in range(most + 1):
        if not all(isfinite(x) and abs(x) < LARGEST for x in (alpha, beta, a, b, size)):
            reason = (
                f"after {t} steps a number is above {LARGEST:g}: gradient descent diverges, or the numbers are too "
                "large to guess with; take a shorter step, or other units"
            )
            return End(t, reason=reason)
        if min(a, b) * step > 2 / WITHIN:
            return End(t, diverges=True)
        residual = sqrt((alpha * beta - size) ** 2 + alpha**2 * b + beta**2 * a + a * b)
        u, v = sqrt(alpha**2 + a), sqrt(beta**2 + b)
        if _due(t) and holds(residual, u, v, min(u, v), step):
            return End(t)
        p, q = 1 - step * (beta**2 + b), 1 - step * (alpha**2 + a)
        alpha, beta, a, b = (
            p * alpha + step * size * beta,
            q * beta + step * size * alpha,
            p * p * a,
            q * q * b,
        )
    return End(most, reason=f"neither Theorem 15.C nor 15.D holds after {most} steps")

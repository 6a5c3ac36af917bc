"""Floating-point guesses that the proofs check: eigenvectors, Newton corrections, assignments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from relucert.families.teacher.network import Network

Floats = NDArray[np.float64]
Rows = Sequence[Sequence[float]] | Floats


def floats(rows: Sequence[Sequence[int]], places: int) -> Floats:
    """A matrix of integers times 2^-places; infinite where it overflows."""
    with np.errstate(over="ignore"):
        result: Floats = np.ldexp(np.array(rows, dtype=np.float64), -places)
    return result


def eigen(matrix: Rows) -> tuple[list[list[float]], list[float]] | None:
    """Eigenvectors (a list of vectors) and ascending eigenvalues of a symmetric (m, m) matrix.

    None if an entry is not finite or the iteration does not converge.
    """
    array = np.array(matrix, dtype=np.float64)
    if not np.isfinite(array).all():
        return None
    try:
        values, vectors = np.linalg.eigh(array)
    except np.linalg.LinAlgError:
        return None
    return vectors.T.tolist(), values.tolist()


def newton_correction(matrix: Rows, gradient: Sequence[float]) -> list[float] | None:
    """H^-1 g in floating point, or None if H is singular or the result is not finite."""
    try:
        step = np.linalg.solve(np.array(matrix, dtype=np.float64), np.array(gradient, dtype=np.float64))
    except np.linalg.LinAlgError:
        return None
    return step.tolist() if np.isfinite(step).all() else None


def assignment(points: Rows, targets: Rows, network: Network | None = None) -> list[int] | None:
    """For each row of `points` the target that is matched to it, total squared distance least.

    With a network only targets of the own sign, and for |t| a target or minus it, whichever is nearer.
    """
    from scipy.optimize import linear_sum_assignment  # slow to import, seldom needed

    a, b = np.array(points, dtype=np.float64), np.array(targets, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        cost = ((a[:, None] - b[None]) ** 2).sum(axis=2)
        if network is not None and network.slope[0] == -network.slope[1]:
            cost = np.minimum(cost, ((a[:, None] + b[None]) ** 2).sum(axis=2))
    if not np.isfinite(cost).all():
        return None
    if network is not None:  # no sum of squares that it competes with is as large
        cost += np.not_equal.outer(network.signs, network.teacher) * (1.0 + cost.sum())
    columns: list[int] = linear_sum_assignment(cost)[1].tolist()
    return columns


def downhill(
    vectors: Rows, values: Sequence[float], gradient: Sequence[float], flattest: float, longest: float
) -> list[float]:
    """|H|^-1 g, H given by eigenvectors and eigenvalues, those below `flattest` raised to it; shortened to at
    most `longest`."""
    array, slope = np.array(vectors, dtype=np.float64), np.array(gradient, dtype=np.float64)
    step = ((array @ slope) / np.maximum(np.abs(values), flattest)) @ array
    length = float(np.linalg.norm(step))
    result: list[float] = (step * min(1.0, longest / length) if length > 0 else step).tolist()
    return result

"""Floating-point guesses that the proofs check: eigenvectors, Newton corrections, assignments."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from relucert.base.dyadic import to_float
from relucert.base.exact import Rows as ExactRows
from relucert.families.teacher.network import Network

FACTOR_BITS = 54  # after the binary point of factors: the kernel's Hessian, of such products, has as many
SPARE_BITS = 6  # before it: then products of 2^12 of them fit two words
INVERSE_STEPS = 3  # of the power method for the inverse: its largest eigenvalue is far above others or equal
BLOCK = 64  # rows
LARGEST_BITS = 1000  # of integers that become doubles

Floats = NDArray[np.float64]
Rows = Sequence[Sequence[float]] | Floats
Factor = tuple[float, list[list[int]], int]
Ends = tuple[Factor, Factor, list[list[float]], list[float]]


def floats(rows: Sequence[Sequence[int]], places: int) -> Floats:
    """A matrix of integers times 2^-places; infinite where it overflows."""
    try:
        whole = np.array(rows, dtype=np.float64)
    except OverflowError:  # integers of more than 1024 bits
        drop = max(x.bit_length() for row in rows for x in row) - LARGEST_BITS
        return floats([[x >> drop for x in row] for row in rows], places - drop)
    with np.errstate(over="ignore"):
        result: Floats = np.ldexp(whole, -places)
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


def no_eigenvalues(point: ExactRows) -> str:
    """Why there may be none at these neurons, and what to try."""
    lengths = [math.hypot(*map(to_float, row)) for row in point]
    return (
        "the Hessian has no floating-point eigendecomposition: its entries may be beyond the range of floating point; "
        f"the neurons have lengths from {min(lengths):.2g} to {max(lengths):.2g}: give a point where they are nearer 1"
    )


def ends(matrix: Floats, gradient: Sequence[float]) -> Ends | None:
    """Of a symmetric matrix H: factors of H less about its smallest eigenvalue and of about its largest one less H,
    each with its shift, integers L and places: L 2^-places; two eigenvectors, and H^-1 g. None if H is not finite
    or not positive definite.

    How far the shifts are from the eigenvalues is just enough for the factors to exist.
    """
    if not (np.isfinite(matrix).all() and np.isfinite(gradient).all()):
        return None
    try:
        values = np.linalg.eigvalsh(matrix)
        slack = len(matrix) * 2.0**-52 * float(values[-1])
        if not values[0] > slack:
            return None
        low, first = _factor(matrix, values[0] - slack)
        high, last = _factor(-matrix, -values[-1] - slack)
        solution = np.linalg.solve(matrix, np.array(gradient))
    except np.linalg.LinAlgError:
        return None
    return low, high, [first.tolist(), last.tolist()], solution.tolist()


def _factor(matrix: Floats, shift: float) -> tuple[Factor, Floats]:
    """The factor of matrix - shift I, and what this has for an eigenvector of its smallest eigenvalue, if that is
    nearly 0. Raises LinAlgError where there is no factor."""
    shifted = matrix.copy()
    shifted[np.diag_indices(len(matrix))] -= shift
    left = np.asarray(np.linalg.cholesky(shifted), dtype=np.float64)
    vector = np.sin(np.arange(1.0, len(matrix) + 1.0))  # orthogonal to no eigenvector, but by chance
    for _ in range(INVERSE_STEPS):
        vector = _solved(left.T[::-1, ::-1], _solved(left, vector)[::-1])[::-1]
        vector /= np.linalg.norm(vector)
    places = FACTOR_BITS - max(int(np.frexp(np.abs(left).max())[1]) - SPARE_BITS, 0)
    integers = np.rint(np.ldexp(left, places)).astype(np.int64).tolist()
    return (float(shift), integers, places), vector


def _solved(lower: Floats, right: Floats) -> Floats:
    """x (m,) with L x = right, for a lower triangular L (m, m), block by block: numpy has no solver for it, and to load
    scipy's takes longer than to prove a small point."""
    found = right.copy()
    for start in range(0, len(lower), BLOCK):
        part = slice(start, start + BLOCK)
        found[part] -= lower[part, :start] @ found[:start]
        found[part] = np.linalg.solve(lower[part, part], found[part])
    return found


def newton_correction(matrix: Rows, gradient: Sequence[float]) -> list[float] | None:
    """H^-1 g in floating point, or None if H is singular or the result is not finite."""
    try:
        step = np.linalg.solve(np.array(matrix, dtype=np.float64), np.array(gradient, dtype=np.float64))
    except np.linalg.LinAlgError:
        return None
    return step.tolist() if np.isfinite(step).all() else None


def assignment(points: Rows, targets: Rows, network: Network | None = None) -> list[int] | None:
    """For each row of `points` the target that is matched to it, as many, total squared distance least.

    With a network only targets of the own sign, and for |t| a target or minus it, whichever is nearer.
    """
    a, b = np.array(points, dtype=np.float64), np.array(targets, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        cost = ((a[:, None] - b[None]) ** 2).sum(axis=2)
        if network is not None and network.slope[0] == -network.slope[1]:
            cost = np.minimum(cost, ((a[:, None] + b[None]) ** 2).sum(axis=2))
    if not np.isfinite(cost).all():
        return None
    if network is not None:  # no sum of squares that it competes with is as large
        cost += np.not_equal.outer(network.signs, network.teacher) * (1.0 + cost.sum())
    columns: list[int] = cost.argmin(axis=1).tolist()
    if len(set(columns)) < len(columns):  # not each has the nearest target for itself
        from scipy.optimize import linear_sum_assignment  # slow to import, seldom needed

        columns = linear_sum_assignment(cost)[1].tolist()
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

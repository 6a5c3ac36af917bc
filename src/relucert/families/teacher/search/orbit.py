"""Guesses at the symmetry that takes one point of the landscape to another. UNTRUSTED.

With targets e_1 .. e_k, F(P W Q) = F(W) for all permutations of neurons and of coordinates
(docs/theorem/teacher.md section 6) that keep output weights (docs/theorem/signed-runs.md, Lemma 20.S).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ROUNDS = 3  # how far the features of a row look: at its entries, at the columns they are in, and so on
ALTERNATIONS = 8


def features(point: Floats) -> tuple[Floats, Floats]:
    """(rows (n, m), columns (d, m)): numbers that follow the rows and columns of (n, d) through permutations.

    Sums over the entries of a row of smooth functions of the entry and of the features of its column, and the
    other way round: a continuous form of colour refinement.
    """
    rows, columns = np.zeros((len(point), 1)), np.zeros((point.shape[1], 1))
    for _ in range(ROUNDS):
        rows, columns = _look(point, columns), _look(point.T, rows)
    return rows, columns


def _look(point: Floats, colours: Floats) -> Floats:
    mixed = point[:, :, None] + colours.mean(axis=1)[None, :, None] * np.array([1.0, 0.5])
    return np.concatenate([np.sin(3.0 * mixed).sum(axis=1), np.sin(mixed**2).sum(axis=1)], axis=1)


def align(
    point: Floats, other: Floats, weights: tuple[Sequence[int], Sequence[int]] | None = None
) -> tuple[Integers, Integers]:
    """(rows, columns) such that other[rows][:, columns] is as near `point` as this finds; both (n, d).

    weights: of the rows and of the columns, each of which goes to one of its own weight; None if all are equal.
    """
    from scipy.optimize import linear_sum_assignment  # slow to import

    def match(a: Floats, b: Floats, weights: Sequence[int] | None) -> Integers:
        """For each row of a the row of b that goes with it."""
        cost = ((a[:, None] - b[None]) ** 2).sum(axis=2)
        if weights is not None:
            cost += np.not_equal.outer(weights, weights) * (1.0 + cost.sum())
        found: Integers = linear_sum_assignment(cost)[1]
        return found

    of_rows, of_columns = (None, None) if weights is None else weights
    columns = match(features(point)[1], features(other)[1], of_columns)
    rows = match(point, other[:, columns], of_rows)
    for _ in range(ALTERNATIONS):
        better = match(point.T, other[rows].T, of_columns)
        if (better == columns).all():
            break
        columns = better
        rows = match(point, other[:, columns], of_rows)
    return rows, columns

"""The objectives of docs/theorem/landscape.md in floating point, for pictures. Nothing here is proved.

Points are (.., m, d), a vector a row; values (..).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from relucert.families.drawing import Floats
from relucert.families.landscape.dynamics import HALF_WEIGHT

DIFFERENCE = 1e-4  # of second differences, relative to the point


class Designed(NamedTuple):
    """Q: alpha: (d,); turn: T (d, d), of F; None for G."""

    alpha: Floats
    lam: float
    nu: float
    turn: Floats | None = None

    def directions(self, points: Floats) -> Floats:
        """U: the rows by the directions where minima have them."""
        return points if self.turn is None else points @ self.turn.T

    def values(self, points: Floats) -> Floats:
        u = self.directions(points)
        columns, rows = (u**2).sum(axis=-2), (u**2).sum(axis=-1)
        quartic = columns**2 - (1 + self.nu) * (u**4).sum(axis=-2)
        result: Floats = quartic @ self.alpha + self.lam * ((rows - 1) ** 2).sum(axis=-1)
        return result

    def lengths(self) -> Floats:
        """t_i; 1 where there is no minimum."""
        rest = self.lam - self.nu * self.alpha
        return np.sqrt(np.where(rest > 0, self.lam / np.where(rest > 0, rest, 1.0), 1.0))

    def slope(self, points: Floats) -> Floats:
        """The gradient in U (13.2)."""
        columns = (points**2).sum(axis=-2, keepdims=True)
        rows = (points**2).sum(axis=-1, keepdims=True) - 1
        quartic = self.alpha * (columns - (1 + self.nu) * points**2)
        result: Floats = 4 * points * (quartic + self.lam * rows)
        return result


class Estimated(NamedTuple):
    """G of samples: x: (N, d); y: (N,)."""

    x: Floats
    y: Floats
    lam: float
    mu: float

    def directions(self, points: Floats) -> Floats:
        return points

    def values(self, points: Floats) -> Floats:
        inner = points @ self.x.T  # (.., m, N)
        gram = points @ np.swapaxes(points, -1, -2)
        sizes = np.diagonal(gram, axis1=-2, axis2=-1)
        each = (inner**4 - 6 * sizes[..., None] * inner**2 + 3 * sizes[..., None] ** 2) @ self.y
        # The sum over pairs of different rows: all pairs less each row with itself.
        squares = inner**2 @ self.y  # (.., m)
        cross = np.einsum("...jn,...kn,n->...jk", inner, inner, self.y)
        both = np.einsum("...jn,...kn,n->...jk", inner**2, inner**2, self.y)
        both = (
            both - sizes[..., None, :] * squares[..., :, None] - sizes[..., :, None] * squares[..., None, :]
        )
        both = both - 4 * gram * cross
        both = both + self.y.sum() * (sizes[..., :, None] * sizes[..., None, :] + 2 * gram**2)
        pairs = both.sum(axis=(-1, -2)) - each.sum(axis=-1)
        tensor = -(pairs / 2 - self.mu / 24 * each.sum(axis=-1)) / len(self.y)
        result: Floats = tensor + self.lam * ((sizes - 1) ** 2).sum(axis=-1)
        return result


Objective = Designed | Estimated


def designed(a_star: Floats, mu: float, lam: float, teacher: Floats | None) -> Designed:
    if teacher is None:
        return Designed(HALF_WEIGHT * a_star, lam, mu / 12)
    return Designed(HALF_WEIGHT / a_star, lam, mu / 12, np.sqrt(a_star)[:, None] * teacher)


def hessian(of: Objective, point: Floats) -> Floats:
    """(m d, m d), by second differences; the objectives have degree 4."""
    size = DIFFERENCE * max(float(np.abs(point).max()), 1.0)
    n = point.size
    moves = size * np.eye(n)
    rows = []
    for i in range(n):
        ends = [
            side
            * other
            * of.values((point.ravel() + side * moves[i] + other * moves).reshape(n, *point.shape))
            for side in (-1, 1)
            for other in (-1, 1)
        ]
        rows.append(sum(ends) / (4 * size**2))
    matrix = np.array(rows)
    result: Floats = (matrix + matrix.T) / 2
    return result


def split_neuron(alpha: float, beta: float, tau: float, one: Floats, other: Floats) -> Floats:
    """f' of Theorem 13.S with output weights -tau, 1 + tau and rows at these angles from e_0."""
    total: Floats = np.zeros_like(one)
    for p, weight in ((2, alpha), (4, beta)):
        own = tau**2 + (1 + tau) ** 2 - 2 * tau * (1 + tau) * np.cos(one - other) ** p
        first, second = (np.cos(x) ** p + np.sin(x) ** p for x in (one, other))
        total = total + weight * (own - 2 * ((1 + tau) * second - tau * first) + 2)
    return total


def unit_rows(weights: Floats, rows: Floats) -> Floats:
    """P' of Theorem 13.P. weights: (d,); rows: (.., d, d)."""
    squares = rows**2
    columns = squares.sum(axis=-2)
    result: Floats = (columns**2 - (squares**2).sum(axis=-2)) @ weights
    return result

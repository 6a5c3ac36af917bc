"""Inputs of a Gram matrix, exactly: their angles, which are parallel, which are dependent.

docs/theorem/ntk.md section 14, Theorem 14.0. An input is a nonzero row; only its direction matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, Dyadic


class Inputs(NamedTuple):
    """n rows, each scaled by a power of 2 to integers, and their inner products."""

    rows: tuple[tuple[int, ...], ...]
    products: tuple[tuple[int, ...], ...]

    @property
    def n(self) -> int:
        return len(self.rows)

    def area(self, i: int, j: int) -> int:
        """|x_i|^2 |x_j|^2 - (x_i.x_j)^2: 0 exactly for parallel rows."""
        return self.products[i][i] * self.products[j][j] - self.products[i][j] ** 2


class Correlation(NamedTuple):
    """The angle between two Gaussians by its cosine and its sine, the sine not negative."""

    cos: Ball
    sin: Ball


def inputs(rows: Sequence[Sequence[Dyadic]]) -> Inputs:
    """Raises ValueError unless there is at least one row, all are of the same length and none is 0."""
    if not rows or len({len(row) for row in rows}) != 1:
        raise ValueError("expected rows of the same length")
    whole = tuple(_integers(row) for row in rows)
    if not all(any(row) for row in whole):
        raise ValueError("a row is 0")
    return Inputs(whole, tuple(map(tuple, ball.integer_products(whole))))


def _integers(row: Sequence[Dyadic]) -> tuple[int, ...]:
    low = min((e for m, e in row if m), default=0)
    return tuple(m << (e - low) if m else 0 for m, e in row)


def correlation(of: Inputs, i: int, j: int) -> Correlation:
    """Of x_i/|x_i| and x_j/|x_j|: the sine from the exact area, so that no digits are lost near 0 and pi."""
    length = (Ball(of.products[i][i]) * Ball(of.products[j][j])).sqrt()
    return Correlation(of.products[i][j] / length, Ball(of.area(i, j)).sqrt() / length)


def parallel(of: Inputs, *, antiparallel: bool) -> tuple[int, int] | None:
    """The first two rows that are positive multiples of one another, or with `antiparallel` multiples."""
    for i in range(of.n):
        for j in range(i + 1, of.n):
            if (of.products[i][j] > 0 or antiparallel) and of.area(i, j) == 0:
                return i, j
    return None


def dependent_pairs(of: Inputs) -> tuple[int, ...] | None:
    """Rows that form pairs (x, -c x), c > 0, one of each linearly dependent, but no fewer of them; or None.

    No two rows may be positive multiples of one another.
    """
    pairs = [
        (i, j)
        for i in range(of.n)
        for j in range(i + 1, of.n)
        if of.products[i][j] < 0 and of.area(i, j) == 0
    ]
    found = ball.dependency([of.rows[i] for i, _ in pairs]) if pairs else None
    if found is None:
        return None
    return tuple(sorted(k for pair, c in zip(pairs, found, strict=True) if c for k in pair))

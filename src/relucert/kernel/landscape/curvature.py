"""Bounds of the Hessian of G near a point, times the step of gradient descent: Lemma 13.N in integers.

docs/theorem/landscape.md. A run needs them after every step, to a few digits; so they are integers c that stand for
c 2^-FINE, rounded against us. What is exact comes from `descent` as integers of the scale 2^-2p or 2^-3p.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from operator import sub
from typing import NamedTuple, TypeAlias

FINE = 48  # bits below the point
UNIT = 1 << FINE
HALVINGS = 5  # of the interval in which the best bound of the least eigenvalue is sought
Table: TypeAlias = list[list[int]]


class Rule(NamedTuple):
    """Gradient descent with a fixed step, as integers of the scale 2^-bits; each is within 1 of the exact value.

    column: 4 eta alpha_i. entry: 4 eta (1 + nu) alpha_i. row: 4 eta lambda.
    """

    bits: int
    column: tuple[int, ...]
    entry: tuple[int, ...]
    row: int


class Sizes(NamedTuple):
    """Of a point U: squares u_ji^2, S_i = sum_j u_ji^2 and N_j = |u_j|^2, exact, of the scale 2^-2p."""

    squares: Table
    columns: list[int]
    rows: list[int]


class Curvature(NamedTuple):
    """All eigenvalues of eta times the Hessian lie in [-fall, rise] at the point, and by Lemma 13.L it changes by at
    most slope r + bend r^2 within a distance r."""

    fall: int
    rise: int
    slope: int
    bend: int

    def within(self, radius: int, bits: int) -> tuple[int, int]:
        """fall and rise on the ball of `radius`, of the scale 2^-bits, about the point."""
        change = up(radius * self.slope, bits) + up(radius * radius * self.bend, 2 * bits)
        return self.fall + change, self.rise + change


def up(value: int, bits: int) -> int:
    """value 2^-bits, rounded up."""
    return -(-value >> bits)


def curvature(by: Rule, at: Sizes, diagonal: Table) -> Curvature:
    """Lemma 13.N, from lower bounds of the diagonal part, that is of eta times 4 alpha_i S_i - 12 (1 + nu) alpha_i
    u_ji^2 + 4 g_j, as fine integers, all rows j and columns i."""
    slope, bend = _lipschitz(by, at)
    return Curvature(_fall(by, at, diagonal), _rise(by, at), slope, bend)


def _rise(by: Rule, at: Sizes) -> int:
    """An upper bound of eta times 4 max alpha_i S_i + 4 max g_j + 8 max alpha_i S_i + 8 lambda max |u_j|^2."""
    p = by.bits
    most = max(at.rows)
    columns = max((a + 1) * s for a, s in zip(by.column, at.columns, strict=True))
    excess = most - (1 << 2 * p)
    return up(
        3 * columns + (by.row + (1 if excess > 0 else -1)) * excess + 2 * (by.row + 1) * most, 3 * p - FINE
    )


def _lipschitz(by: Rule, at: Sizes) -> tuple[int, int]:
    """eta times L' of Lemma 13.L on the ball of radius r is at most slope + bend r."""
    p = by.bits
    pulls = [
        max(a + 1, k - a + 2) for a, k in zip(by.column, by.entry, strict=True)
    ]  # 4 eta max(1, nu) alpha_i
    column = max(c * _root(s, p) for c, s in zip(pulls, at.columns, strict=True))
    row = (by.row + 1) * _root(max(at.rows), p)
    return 6 * up(column + row, p), 6 * up(max(pulls) + by.row + 1, p - FINE)


def _root(square: int, bits: int) -> int:
    """An upper bound of the square root, fine, of a number of the scale 2^-2bits."""
    return isqrt(up(square, 2 * (bits - FINE))) + 1


class _Peak(NamedTuple):
    """The entry that is largest in its row and in its column, where the diagonal part is negative: -lack.

    gain: lower bound of eta (8 lambda + 8 alpha_i) u_ji^2; beside, under: upper bounds of eta 8 lambda times the
    other squares of the row, and of eta 8 alpha_i times those of the column."""

    row: int
    column: int
    lack: int
    gain: int
    beside: int
    under: int


def _fall(by: Rule, at: Sizes, diagonal: Table) -> int:
    """An upper bound, not negative, of eta times minus the least eigenvalue.

    The diagonal part alone gives one. The rest, sum_i 8 alpha_i (u^i, v^i)^2 + sum_j 8 lambda (u_j, v_j)^2, helps the
    peaks at the cost of the other entries of their rows and columns: (a + b)^2 >= (1 - th) a^2 - (1/th - 1) b^2.
    That is [N.2] at r = 0; th and ph lift every peak to -fall, for the least fall that a search finds.
    """
    fall = max(0, -min(map(min, diagonal)))
    peaks = _peaks(by, at, diagonal) if fall else []
    if not peaks:
        return fall
    others = [list(row) for row in diagonal]
    for peak in peaks:
        others[peak.row][peak.column] = UNIT << FINE
    if _suffices(0, peaks, others):
        return 0
    low = 0
    for _ in range(HALVINGS):
        middle = (low + fall) // 2
        if _suffices(middle, peaks, others):
            fall = middle
        else:
            low = middle
    return fall


def _peaks(by: Rule, at: Sizes, diagonal: Table) -> list[_Peak]:
    shift = 3 * by.bits - FINE
    tallest = [column.index(max(column)) for column in zip(*at.squares, strict=True)]
    found = []
    for j, (row, total) in enumerate(zip(at.squares, at.rows, strict=True)):
        square = max(row)
        i = row.index(square)
        if tallest[i] == j and diagonal[j][i] < 0 < square:
            gain = 2 * (by.row - 1 + by.column[i] - 1) * square >> shift
            beside = up(2 * (by.row + 1) * (total - square), shift)
            under = up(2 * (by.column[i] + 1) * (at.columns[i] - square), shift)
            found.append(_Peak(j, i, -diagonal[j][i], gain, beside, under))
    return found


def _suffices(fall: int, peaks: Sequence[_Peak], others: Table) -> bool:
    """Whether no eigenvalue is proved below -fall, with 1 - th = (lack - fall)/gain at each peak that needs help."""
    rows, columns = [0] * len(others), [0] * len(others)
    for peak in peaks:
        need = peak.lack - fall
        spare = peak.gain - need
        if need > 0:
            if spare <= 0:
                return False
            rows[peak.row] = -(-need * peak.beside // spare)
            columns[peak.column] = -(-need * peak.under // spare)
    return all(min(map(sub, row, columns)) - lost >= -fall for row, lost in zip(others, rows, strict=True))

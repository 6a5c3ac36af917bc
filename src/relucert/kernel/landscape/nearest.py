"""A point next to a signed permutation: how far it is, where gradient descent goes, what teacher it shows.

docs/theorem/landscape.md, Theorems 13.B and 13.R.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved, largest, norm, smallest, upper
from relucert.kernel.landscape.basin import basin
from relucert.kernel.landscape.quartic import Frame, Rows, frobenius
from relucert.kernel.landscape.regime import benign
from relucert.kernel.landscape.weights import Weights
from relucert.kernel.outcome import Argument, Inconclusive, inequality, undecided


class Signed(NamedTuple):
    """A signed permutation: row j stands at signs[j] t_i e_i, i = permutation[j]."""

    permutation: tuple[int, ...]
    signs: tuple[int, ...]


class Minimum(NamedTuple):
    """Proved numbers. a_star, b_star: errors of the recovered teacher, None where it is not recovered."""

    distance: Ball
    basin: Ball
    step: Ball
    a_star: Ball | None = None
    b_star: Ball | None = None


@dataclass(frozen=True)
class NextToMinimum:
    """The point lies in the basin of one global minimum."""

    verdict: ClassVar[str] = "global-minimum"
    proved: ClassVar[bool] = True
    minimum: Signed
    bounds: Minimum
    arguments: tuple[Argument, ...]


def minimum_rows(w: Weights, frame: Frame, at: Signed) -> list[list[Ball]]:
    """The signed permutation in B: rows s_j t_i T^-1 e_i."""
    if sorted(at.permutation) != list(range(w.d)) or len(at.signs) != w.d or set(at.signs) - {1, -1}:
        raise NotProved("not a signed permutation")
    found = []
    for i, sign in zip(at.permutation, at.signs, strict=True):
        t = sign * (w.lam / (w.lam - w.nu * w.alpha[i])).sqrt()
        if frame.inverse is None:
            found.append([t if k == i else Ball(0) for k in range(w.d)])
        else:
            found.append([t * frame.inverse[k, i] for k in range(w.d)])
    return found


def distance(rows: Rows, others: Rows) -> Ball:
    """Frobenius distance, an upper bound."""
    return upper(
        frobenius([[x - y for x, y in zip(a, b, strict=True)] for a, b in zip(rows, others, strict=True)])
    )


def decide_nearest(
    w: Weights, frame: Frame, rows: Rows, at: Signed, recovered: tuple[Ball, Ball] | None
) -> NextToMinimum | Inconclusive:
    """Whether B lies in the basin of this minimum. recovered: the errors of `recover`, kept where they tell signs."""
    good = benign(w)
    draws, reach, step = basin(w, frame.scale)
    if not (good.holds and draws.holds):
        return undecided(good, draws)
    away = distance(rows, minimum_rows(w, frame, at))
    near = Argument("Theorem 13.B", (inequality("B.1", away, "<", reach, "|B - P| < R"),))
    if not near.holds:
        return undecided(near)
    bounds = Minimum(away, reach, step)
    if recovered is not None:
        bounds = bounds._replace(a_star=recovered[0], b_star=recovered[1])
    return NextToMinimum(at, bounds, (good, draws, near))


def recover(rows: Rows, a_star: Sequence[Ball], teacher: Rows | None, at: Signed) -> tuple[Ball, Ball] | None:
    """Upper bounds of |a^_j - s_j a_i| and |b^_j - s_j b*_i| over all j: Theorem 13.R; None where they do not tell
    the signs, or the point is not proved to be regular. teacher: rows of B*, unit vectors, or None for e_0, ..
    """
    d = len(a_star)
    try:
        units, weights = _read_off(rows, a_star, teacher)
    except ZeroDivisionError:  # FLINT's word for a matrix that may be singular
        return None
    pairs = list(zip(at.permutation, at.signs, strict=True))
    a_error = upper(largest(abs(x - s * a_star[i]) for x, (i, s) in zip(weights, pairs, strict=True)))
    errors = []
    for row, (i, s) in zip(units, pairs, strict=True):
        target = teacher[i] if teacher is not None else [Ball(int(k == i)) for k in range(d)]
        errors.append(norm([x - s * y for x, y in zip(row, target, strict=True)]))
    tells = ball.proves_lt(a_error, smallest(a_star))
    return (a_error, upper(largest(errors))) if tells else None


def _read_off(
    rows: Rows, a_star: Sequence[Ball], teacher: Rows | None
) -> tuple[list[list[Ball]], list[Ball]]:
    """b^_j and a^_j of Theorem 13.R. Raises ZeroDivisionError where the rows are not proved to be independent."""
    found = [list(row) for row in rows]
    if teacher is not None:
        found = BallMatrix(found).transpose().inv().tolist()
    units = [[x / length for x in row] for row, length in zip(found, map(norm, found), strict=True)]
    if teacher is None:
        return units, [sum((x * a for x, a in zip(row, a_star, strict=True)), Ball(0)) for row in units]
    columns = BallMatrix([list(row) for row in teacher]).transpose() * BallMatrix(
        len(a_star), 1, list(a_star)
    )
    return units, BallMatrix(units).transpose().solve(columns).entries()

"""The arc-cosine kernel of degree 1 between two vectors, and its derivatives.

docs/theorem/teacher.md section 1; Cho & Saul 2009; Safran & Shamir 2018, section 4.1. For x ~ N(0, I_d),

    f(w, v) = E relu(w.x) relu(v.x) = |w| |v| (sin t + (pi - t) cos t) / (2 pi),   t = angle(w, v).

Angles come from the lengths of the difference and of the sum of the unit vectors, which stay accurate
for parallel and antiparallel vectors, where 1 - cos^2 would lose half of the digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved, norm, pi, root, square, upper

NEARLY_PARALLEL = Ball(2.0**-10)


class Vector(NamedTuple):
    """A vector that is proved to be nonzero: its entries, its length, its direction."""

    entries: tuple[Ball, ...]
    length: Ball
    unit: tuple[Ball, ...]


class Angle(NamedTuple):
    """The angle between two vectors, in [0, pi], with its sine and cosine."""

    theta: Ball
    sin: Ball
    cos: Ball


def vector(entries: Sequence[Ball]) -> Vector:
    """Length and direction. Raises NotProved if the vector is not proved to differ from 0."""
    length = norm(entries)
    if not ball.proves_positive(length):
        raise NotProved("a vector is not proved to differ from 0")
    return Vector(tuple(entries), length, tuple(x / length for x in entries))


def between(a: Vector, b: Vector) -> Angle:
    """Angle of two vectors: |a^ - b^| = 2 sin(t/2), |a^ + b^| = 2 cos(t/2) (docs/theorem/teacher.md section 1)."""
    minus = sum((square(x - y) for x, y in zip(a.unit, b.unit, strict=True)), Ball(0))
    plus = sum((square(x + y) for x, y in zip(a.unit, b.unit, strict=True)), Ball(0))
    chord, co_chord = root(minus), root(plus)
    return Angle(2 * Ball.atan2(chord, co_chord), chord * co_chord / 2, (plus - minus) / 4)


def kernel(a: Vector, b: Vector, t: Angle) -> Ball:
    """f(a, b)."""
    return a.length * b.length * (t.sin + (pi() - t.theta) * t.cos) / (2 * pi())


def gradient_parts(b: Vector, t: Angle) -> tuple[Ball, Ball]:
    """(x, y) such that df/da = x a^ + y b: x = |b| sin t / (2 pi), y = (pi - t) / (2 pi)."""
    return b.length * t.sin / (2 * pi()), (pi() - t.theta) / (2 * pi())


def divides(t: Angle) -> bool:
    """Whether sin t is known well enough to divide by. Where not, the entries of the matrices below are
    bounded by sin t alone, which is sharp because they vanish with it."""
    return ball.proves_positive(t.sin) and ball.accuracy(t.sin) > 1


def across(a: Vector, b: Vector, t: Angle) -> list[Ball]:
    """b^ - (cos t) a^: the direction e2, orthogonal to a in the plane of a and b, times sin t."""
    return [y - t.cos * x for x, y in zip(a.unit, b.unit, strict=True)]


def same_block(a: Vector, others: Sequence[tuple[int, Vector, Angle]]) -> BallMatrix:
    """Sum of sign * d2f(a, b)/da2 over the (sign, b, angle of a and b) in `others`; shape (d, d).

    d2f/da2 = |b| s / (2 pi |a|) (I - e1 e1^T + e2 e2^T), s = sin t, e1 = a^, e2 = across / s.
    """
    d = len(a.entries)
    columns, weights = [list(a.unit)], [Ball(0)]
    isotropic, diagonal_slack, other_slack = Ball(0), Ball(0), Ball(0)
    for sign, b, t in others:
        scale = sign * b.length / (2 * pi() * a.length)
        if divides(t):
            isotropic += scale * t.sin
            columns.append(across(a, b, t))
            weights.append(scale / t.sin)
        else:
            top = upper(t.sin)
            diagonal_slack += scale * ball.hull(Ball(0), 2 * top)
            other_slack += scale * ball.symmetric(top)
    weights[0] = -isotropic
    weighted = BallMatrix([[x * w for x in column] for column, w in zip(columns, weights, strict=True)])
    level = isotropic + diagonal_slack
    rest = BallMatrix([[level if i == j else other_slack for j in range(d)] for i in range(d)])
    return BallMatrix(columns).transpose() * weighted + rest


def mixed_block(a: Vector, b: Vector, t: Angle) -> BallMatrix:
    """d2f(a, b)/da db, shape (d, d), rows for a and columns for b:

    ((pi - t) I + ((a^ - c b^) b^^T + (b^ - c a^) a^^T) / s) / (2 pi).
    """
    d = len(a.entries)
    turn = (pi() - t.theta) / (2 * pi())
    slack = ball.symmetric(upper(t.sin)) / (2 * pi())
    if divides(t):
        scale = 1 / (2 * pi() * t.sin)
        left = [[x * scale for x in across(b, a, t)], [x * scale for x in across(a, b, t)]]
        rows = (BallMatrix(left).transpose() * BallMatrix([list(b.unit), list(a.unit)])).tolist()
        if ball.proves_lt(t.sin, NEARLY_PARALLEL):  # dividing by s has cost digits that |s R| <= s saves
            rows = [[x.intersection(slack) for x in row] for row in rows]
    else:
        rows = [[slack] * d for _ in range(d)]
    for i in range(d):
        rows[i][i] += turn
    return BallMatrix(rows)

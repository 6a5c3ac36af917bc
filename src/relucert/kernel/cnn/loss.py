"""Loss and gradient of the one-hidden-layer CNN at a point (v, a), in balls.

docs/theorem/cnn.md section 9; Du, Lee, Tian, Poczos & Singh 2018, Theorem 2.1 (corrected) and Lemma 2.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel import arccos, ball
from relucert.kernel.arccos import Angle, Vector
from relucert.kernel.ball import Ball, pi, square
from relucert.kernel.cnn import teacher as cnn
from relucert.kernel.cnn.teacher import Teacher


class Point(NamedTuple):
    """A student (v, a) and its teacher. phi + psi = pi; each is accurate where it is small."""

    teacher: Teacher
    a_star: tuple[Ball, ...]
    axis: Vector  # a vector in the direction of w*
    v: Vector
    a: tuple[Ball, ...]
    angle: Angle  # of v and w*
    psi: Ball
    q: Ball  # a.a*


def point(
    of: Teacher, a_star: Sequence[Ball], axis: Sequence[Ball], v: Sequence[Ball], a: Sequence[Ball]
) -> Point:
    """a_star and a have k entries, axis and v have p. Raises NotProved if v or the axis may be 0."""
    filter_, teacher, opposite = (arccos.vector(x) for x in (v, axis, [-x for x in axis]))
    angle, psi = arccos.between(filter_, teacher), arccos.between(filter_, opposite).theta
    q = sum((x * y for x, y in zip(a, a_star, strict=True)), Ball(0))
    return Point(of, tuple(a_star), teacher, filter_, tuple(a), angle, psi, q)


def objective(at: Point) -> Ball:
    """F(v, a) by equation (9.1), which keeps its accuracy near the global minima."""
    rest = [x - at.teacher.W * y for x, y in zip(at.a, at.a_star, strict=True)]
    form = square(sum(rest, Ball(0))) + (pi() - 1) * sum(map(square, rest), Ball(0))
    return form / (4 * pi()) + at.teacher.W / (2 * pi()) * cnn.g_deficit(at.angle.theta) * at.q


def gradient(at: Point) -> tuple[list[Ball], list[Ball]]:
    """(dF/dv, dF/da): -(q psi/(2 pi |v|)) (I - v^ v^^T) w* and (M a - W (1 1^T + (g - 1) I) a*)/(2 pi).

    The second is written as ((pi - 1) d + (1.d) 1 + W (pi - g) a*)/(2 pi) with d = a - W a*.
    """
    W = at.teacher.W
    scale = -at.q * at.psi * W / (2 * pi() * at.v.length)
    turn = [scale * x for x in arccos.across(at.v, at.axis, at.angle)]
    rest = [x - W * y for x, y in zip(at.a, at.a_star, strict=True)]
    total, deficit = sum(rest, Ball(0)), W * cnn.g_deficit(at.angle.theta)
    weights = [
        ((pi() - 1) * d + total + deficit * y) / (2 * pi()) for d, y in zip(rest, at.a_star, strict=True)
    ]
    return turn, weights


def gradient_norm(at: Point) -> Ball:
    """|grad F|, at most."""
    turn, weights = gradient(at)
    return ball.upper(ball.norm([*turn, *weights]))

"""Claims of Du, Lee, Tian, Poczos & Singh (2018) that are false as printed, and their repairs, each on the
same exact instance, in balls. The rows are those of docs/theorem/teacher.md section 5."""

from __future__ import annotations

from fractions import Fraction

import pytest

from relucert.families.cnn.problem import CnnProblem
from relucert.kernel import ball
from relucert.kernel.ball import Ball, pi, proves_lt, square
from relucert.kernel.cnn import loss as cnn_loss
from relucert.kernel.cnn import teacher as cnn


@pytest.fixture(autouse=True)
def _precision():
    with ball.precision(128):
        yield


def at(of, v, a):
    """A point with w* along the first axis; v and a are doubles."""
    a_star = [ball.ratio(x.as_integer_ratio()) for x in of.a_star]
    axis = [float(i == 0) for i in range(of.patch)]
    return cnn_loss.point(of.teacher(), a_star, *([ball.exact_float(x) for x in row] for row in (axis, v, a)))


def printed_loss(point, last):
    """Their Theorem 2.1: half of (pi - 1)/(2 pi) (W^2 N + |a|^2) - (g - 1)/pi W a.a*
    + (W^2 S^2 + (1.a)^2)/(2 pi) - 2 `last` W (1.a) S, where they print last = 1."""
    of = point.teacher
    ones = sum(point.a, Ball(0))
    value = (pi() - 1) / (2 * pi()) * (square(of.W) * of.N + sum(map(square, point.a), Ball(0)))
    value -= (cnn.g(point.angle.theta) - 1) / pi() * of.W * point.q
    value += (square(of.W) * square(of.S) + square(ones)) / (2 * pi())
    return (value - 2 * last * of.W * ones * of.S) / 2


def test_theorem_2_1_last_term():
    """The loss is the mean of a square; as printed it is negative at the teacher, where it is 0."""
    of = CnnProblem((Fraction(1), Fraction(1, 2)), Fraction(2), 2)
    teacher = at(of, [1.0, 0.0], [2.0, 1.0])
    assert proves_lt(printed_loss(teacher, Ball(1)), Ball(0))
    assert (
        printed_loss(teacher, Ball(1)) - square(of.teacher().W * of.teacher().S) * (1 / (2 * pi()) - 1)
    ).contains(0)
    for v, a in (([1.0, 0.0], [2.0, 1.0]), ([0.5, -1.0], [0.25, -3.0]), ([-1.0, 0.0], [0.5, 0.5])):
        point = at(of, v, a)
        repaired = printed_loss(point, 1 / (2 * pi()))
        assert (repaired - cnn_loss.objective(point)).contains(0)
        assert float(repaired.rad()) < 1e-30
        assert not ball.proves_lt(repaired, Ball(0))

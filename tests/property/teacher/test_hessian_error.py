"""The error of the Hessian in integers, where one of its terms is all of it: how much of it is needed.

Two neurons and no targets. What the block of the two is made of is known up to wide balls, and the truth is at their
edge; or all of it is known, and only the rounding of integers is left.
"""

import pytest
from rationals import MP, real

from relucert.kernel import arccos, ball
from relucert.kernel.ball import Ball, BallMatrix
from relucert.kernel.teacher.hessian import FRACTION, fixed_hessian
from relucert.kernel.teacher.loss import Geometry, Leak

BITS = 400
WIDE, EDGE = 2.0**-16, 1 - 2.0**-20
RIGHT_ANGLE, SMALL_ANGLE = [[1, 0], [0, 1]], [[1, 0], [511, 32]]
NEARLY, ROOT = 0.99, 0.7
EIGHTHS = [[1] * 64, [1] * 63 + [-1]]  # times 1/8: unit vectors with the cosine 31/32


def off(x, by):
    """A ball of radius |by| that has x near its edge."""
    return x - ball.exact_float(EDGE * by) + ball.symmetric(ball.exact_float(by))


def two(rows, leak=None):
    """The geometry of two neurons, to BITS."""
    neurons = tuple(arccos.vector([Ball(x) for x in row]) for row in rows)
    t = arccos.between(*neurons)
    return Geometry(neurons, (), ((None, t), (t, None)), (1, 1), leak)


def share(g, known):
    """The distance of the integers made of what is known from the truth about g, as a part of their error."""
    d = len(g.neurons[0].entries)
    found = fixed_hessian(known, [BallMatrix([[Ball(0)] * d] * d)] * 2)
    a, b = ([real(ball.middle(x)) for x in w.unit] for w in g.neurons)
    theta, s, c = (real(ball.middle(x)) for x in g.angles[0][1])
    scale, slope = (1, 0) if g.leak is None else (real(ball.middle(x)) for x in (g.leak.scale, g.leak.slope))
    unit, total = MP.mpf(2) ** -found.places, MP.mpf(0)
    for i, row in enumerate(found.rows):
        for j, x in enumerate(row):
            p, q, one = i % d, j % d, int(i % d == j % d)
            true = scale * MP.mpf(one) / 2 + slope * one
            if i // d != j // d:
                outer = (a[p] - c * b[p]) * b[q] + (b[p] - c * a[p]) * a[q]
                true = scale * ((MP.pi - theta) * one + outer / s) / (2 * MP.pi) + slope * one
            total += (x * unit - true) ** 2
    return MP.sqrt(total) / real(found.error)


def with_angle(g, **changes):
    t = g.angles[0][1]._replace(**changes)
    return g._replace(angles=((None, t), (t, None)))


@pytest.mark.parametrize("rows, name, least", [
    (RIGHT_ANGLE, "theta", NEARLY), (SMALL_ANGLE, "theta", NEARLY), (SMALL_ANGLE, "cos", NEARLY),
    (RIGHT_ANGLE, "cos", ROOT), (RIGHT_ANGLE, "sin", ROOT),
])  # fmt: skip
@pytest.mark.parametrize("side", [1, -1])
def test_what_is_not_known_of_the_angle(rows, name, least, side):
    """Of the angle, and of a small angle's cosine, all of the error is needed. Of orthogonal neurons two parts of it
    are orthogonal, and no more than 1/sqrt 2 of their sum is needed."""
    with ball.precision(BITS):
        g = two(rows)
        value = getattr(g.angles[0][1], name)
        assert least < share(g, with_angle(g, **{name: off(value, side * WIDE)})) <= 1


@pytest.mark.parametrize("which, by, least", [
    ((0, 1), WIDE, ROOT), ((0, 1), 2.0, ROOT), ((0,), WIDE, ROOT / 2), ((1,), WIDE, ROOT / 2),
])  # fmt: skip
def test_what_is_not_known_of_directions(which, by, least):
    """They are known up to their lengths, which are as much too large: of two orthogonal ones 1/sqrt 2 is needed."""
    with ball.precision(BITS):
        g = two(RIGHT_ANGLE)
        known = list(g.neurons)
        for i in which:
            known[i] = known[i]._replace(unit=tuple(off(x, -by) if x == 1 else x for x in known[i].unit))
        assert least < share(g, g._replace(neurons=tuple(known))) <= 1


def test_what_rounding_leaves():
    """All else is known: both vectors are rounded by half a unit in all of their entries."""
    with ball.precision(BITS):
        g = two(EIGHTHS)
        y = ball.exact(
            (128 * (2**43 + 1), -FRACTION)
        )  # scale / (2 pi s), and 31/32 of it, are integers of the last place
        scale = 2 * ball.pi() * g.angles[0][1].sin * y
        g = g._replace(leak=Leak(1 - ball.root(scale), scale))
        assert NEARLY < share(g, g) <= 1

"""Containment in the loss, its gradient and its Hessian."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rationals import (
    BITS,
    MP,
    contains,
    contains_matrix,
    dot,
    few,
    fractions,
    points,
    real,
    relatives,
    some,
    true_gradient,
    true_hessian,
    true_objective,
)

from relucert.kernel import ball
from relucert.kernel.ball import NotProved
from relucert.kernel.teacher import loss


@few
@given(points())
def test_objective_contains_the_truth(problem):
    with ball.precision(BITS):
        assert contains(loss.objective(loss.geometry(*problem)), true_objective(*problem))


@few
@given(points())
def test_gradient_contains_the_truth(problem):
    with ball.precision(BITS):
        enclosure = loss.gradient(loss.geometry(*problem))
    assert all(contains(x, y) for x, y in zip(enclosure, true_gradient(*problem), strict=True))


@few
@given(points())
def test_hessian_contains_the_truth(problem):
    with ball.precision(BITS):
        assert contains_matrix(loss.hessian(loss.geometry(*problem)), true_hessian(*problem))


@some
@given(points())
def test_more_bits_meet_fewer_bits(problem):
    """Evaluated by the kernel itself at 10 times the precision: both balls contain the same number."""
    results = []
    for bits in (64, 640):
        with ball.precision(bits):
            g = loss.geometry(*problem)
            results.append([loss.objective(g), *loss.gradient(g), *loss.hessian(g).entries()])
    assert all(x.is_finite() and x.overlaps(y) for x, y in zip(*results, strict=True))


@some
@given(points(), st.data())
def test_distance_contains_the_truth(problem, data):
    point = problem[0]
    other = tuple(data.draw(relatives(row)) for row in point)
    moved = [
        x - y
        for a, b in zip(point, other, strict=True)
        for x, y in zip(fractions(a), fractions(b), strict=True)
    ]
    with ball.precision(BITS):
        assert contains(loss.distance(point, other), MP.sqrt(real(dot(moved, moved))))


@pytest.mark.parametrize(
    "point, targets", [(((0, 0), (0, 5)), ((1, 0), (0, 0))), (((1, 0), (0, 0)), ((0, 0), (0, 0)))]
)
def test_zero_vectors_have_no_geometry(point, targets):
    with pytest.raises(NotProved):
        loss.geometry((point,), (targets,))

"""Section 6 of docs/theorem/teacher.md: in a basin, the same minimum, and a loss that cannot rise."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relucert.base.exact import exact_rows
from relucert.families.teacher.hessian import kernel_network
from relucert.families.teacher.network import network
from relucert.families.teacher.search.descent import loss_and_gradient
from relucert.families.teacher.search.newton import hessian
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.teacher import loss, trajectory

entries = st.floats(-2, 2).map(lambda x: x if abs(x) > 1e-3 else 0.5)
LITTLE = Ball(2.0**-30)


def points(n, k, d):
    row = st.lists(entries, min_size=d, max_size=d)
    return st.tuples(st.lists(row, min_size=n, max_size=n), st.lists(row, min_size=k, max_size=k))


def geometry(rows, targets, of=None):
    return loss.geometry(exact_rows(rows, "neuron"), exact_rows(targets, "target"), kernel_network(of))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.sampled_from([(1, 1, 2), (2, 1, 2), (3, 2, 2), (3, 3, 3), (4, 2, 3)]).flatmap(lambda s: points(*s)),
    st.sampled_from([None, "0", "-1", "-1/2", "1/3"]),
    st.lists(st.sampled_from([1, -1]), min_size=7, max_size=7),
)
def test_no_eigenvalue_exceeds_the_curvature(rows, slope, signs):
    n, k = map(len, rows)
    of = None if slope is None else network(n, k, signs[:n], signs[4 : 4 + k], slope)
    with ball.precision(64):
        bound = float(trajectory.curvature(geometry(*rows, of)))
    largest = np.linalg.eigvalsh(hessian(*map(np.array, rows), of))[-1]
    assert largest <= bound * (1 + 1e-7)  # the angle of parallel neurons has half of the digits


@pytest.mark.parametrize("slope", [Fraction(-1), Fraction(-1, 2), Fraction(0), Fraction(1, 10)])
@pytest.mark.parametrize(
    ("rows", "targets", "signs", "expected"),
    [
        ([[1.0, 0.0]], [[0.0, 3.0]], "+", lambda a: (1 + a * a) / 2),  # as below
        ([[1.0, 0.0]], [[0.0, 3.0]], "-", lambda a: (1 + a * a) / 2 + (1 - a) ** 2 * 3 / np.pi),
        ([[1.0, 0.0], [2.0, 0.0]], [[-1.0, 0.0]], "+,+", lambda a: 1 + a * a),
        ([[1.0, 0.0], [2.0, 0.0]], [[-1.0, 0.0]], "+,-", lambda a: 1 + a * a),
        ([[1.0, 0.0], [-1.0, 0.0]], [[1.0, 0.0]], "+,-", lambda a: (1 + a * a) / 2 + abs(a)),
    ],
)
def test_the_curvature_is_attained_with_signs_and_slopes(rows, targets, signs, expected, slope):
    """So a constant of Lemma 20.N that were any smaller would be false."""
    of, value = network(len(rows), 1, signs, "+", slope), expected(float(slope))
    with ball.precision(64):
        assert float(trajectory.curvature(geometry(rows, targets, of))) == pytest.approx(value, rel=1e-12)
    assert np.linalg.eigvalsh(hessian(np.array(rows), np.array(targets), of))[-1] == pytest.approx(value)


def test_turned_neurons_and_coordinates_are_a_symmetry_of_the_absolute_value_alone():
    rows, unit = [[0.5, -1.25, 2.0], [3.0, 0.25, -0.5]], np.eye(3).tolist()
    of = network(2, 3, "+,-", "-,+,+", "-1")
    with ball.precision(64):
        point = exact_rows(rows, "neuron")
        image = trajectory.turned(point, (1, -1), (-1, 1, -1), kernel_network(of))
        assert [[float(ball.exact(x)) for x in row] for row in image] == [
            [-0.5, -1.25, -2.0],
            [3.0, -0.25, -0.5],
        ]
        there = loss.geometry(image, exact_rows(unit, "target"), kernel_network(of))
        assert abs(float(loss.objective(there) - loss.objective(geometry(rows, unit, of)))) < 1e-15
        assert trajectory.turned(point, (1, 1), (1, 1, 1)) == point
        for other in (None, network(2, 3, "+,-", "-,+,+", "-99/100")):
            for neurons, coordinates in (((1, -1), (1, 1, 1)), ((1, 1), (1, 1, -1))):
                with pytest.raises(NotProved):
                    trajectory.turned(point, neurons, coordinates, kernel_network(other))
        with pytest.raises(NotProved):
            trajectory.turned(point, (1, 2), (1, 1, 1), kernel_network(of))


@pytest.mark.parametrize(
    ("rows", "targets", "expected"),
    [
        ([[1.0, 0.0]], [[0.0, 3.0]], 0.5),  # the target only takes away: 1/2 in the neuron's own direction
        ([[1.0, 0.0], [2.0, 0.0]], [[-1.0, 0.0]], 1.0),  # parallel neurons act as one, of twice the curvature
        ([[1.0, 0.0], [-1.0, 0.0]], [[1.0, 0.0]], 0.5),  # antiparallel ones do not meet
    ],
)
def test_the_curvature_is_attained(rows, targets, expected):
    """So a constant of Lemma N that were any smaller would be false."""
    with ball.precision(64):
        bound = trajectory.curvature(geometry(rows, targets))
        assert bound.overlaps(Ball(expected)) or abs(float(bound) - expected) < 1e-12
    assert np.linalg.eigvalsh(hessian(np.array(rows), np.array(targets)))[-1] == pytest.approx(expected)


def test_a_loss_that_cannot_rise_does_not_and_the_iterates_stay():
    targets = np.eye(3)
    weights = np.array([[1.0, 0, 0], [0, 0.6, 0.001], [0, 0.4, -0.001], [0.001, 0, 1.0]])
    steps, step, radius = 400, 0.1, 0.1
    with ball.precision(64):
        g = geometry(weights.tolist(), targets.tolist())
        slope = trajectory.hessian_lipschitz(g, ball.exact_float(radius))
        value, bend = loss.objective(g), trajectory.curvature(g)
        exact = ball.exact_float(radius), ball.exact_float(step)
        found = trajectory.cannot_rise(value, bend, slope, *exact, steps, Ball(2.0**-10))
        assert found.holds
        far = trajectory.cannot_rise(value, bend, slope, *exact, 10**9, Ball(2.0**-10))
        assert not far.holds  # the hypotheses are not void
        assert not trajectory.cannot_rise(value, bend, slope, *exact, steps, value).holds  # F(W) < F(W)
    here, before = weights, loss_and_gradient(weights, targets)[0]
    for _ in range(steps):
        here = here - step * loss_and_gradient(here, targets)[1]
        now = loss_and_gradient(here, targets)[0]
        assert now <= before + 1e-18
        assert np.linalg.norm(here - weights) < radius
        before = now


def test_each_hypothesis_of_theorem_t_is_strict():
    """With m = 1 and T = 8 the way is 8 F(W) / (1/2), which is rho^2 = 1 for F(W) = 1/16: not below."""
    one, sixteenth = Ball(1), Ball(2.0**-4)

    def holds(value, bend, lip=None, floor=one):
        return trajectory.cannot_rise(value, bend, lip or Ball(0), one, one, 8, floor).holds

    assert not holds(sixteenth, one)
    assert holds(sixteenth * (1 - LITTLE), one)
    assert not holds(Ball(0), Ball(2))  # a step of exactly 2/lambda_max keeps the loss, and proves nothing
    assert holds(Ball(0), Ball(2) * (1 - LITTLE))
    assert not holds(Ball(0), one, lip=one)
    assert holds(Ball(0), one, lip=one - LITTLE)
    assert not holds(sixteenth / 2, one, floor=sixteenth / 2)


def test_a_step_of_gradient_descent_can_rise_beyond_the_bound():
    """Why T.5 is needed: for a quadratic of curvature b a step above 2/b increases the loss."""
    step, b, x = 2.1, 1.0, 1.0
    assert (x - step * b * x) ** 2 > x**2
    assert not trajectory.cannot_rise(
        Ball(0), Ball(b), Ball(0), Ball(1), ball.exact_float(step), 1, Ball(1)
    ).holds


def test_basin_sameness_and_difference_are_strict():
    one, half = Ball(1), Ball(0.5)
    assert trajectory.in_basin(half, one, half, one).holds
    assert not trajectory.in_basin(one, one, half, one).holds
    assert not trajectory.in_basin(half, one, one, one).holds
    assert not trajectory.same_minimum(half, half, one).holds
    assert trajectory.same_minimum(half, half - LITTLE, one).holds
    assert not trajectory.nearest(half / 2, half, one).holds
    assert trajectory.nearest(half / 2, half - LITTLE, one).holds
    assert not trajectory.nearest(half / 2 + LITTLE, half - LITTLE, one).holds
    assert trajectory.different((Ball(0), half), (one, Ball(2))).holds
    assert not trajectory.different((Ball(0), one), (one, Ball(2))).holds
    assert not trajectory.below(one, one).holds
    assert not trajectory.below(ball.undefined(), one).holds


def test_only_permutations_are_symmetries():
    point = (((1, 0), (2, 0)), ((3, 0), (4, 0)))
    assert trajectory.image(point, [1, 0], [0, 1]) == (point[1], point[0])
    assert trajectory.image(point, [0, 1], [1, 0]) == (((2, 0), (1, 0)), ((4, 0), (3, 0)))
    for rows, columns in (
        ([0, 0], [0, 1]),
        ([0, 1], [1, 1]),
        ([0], [0, 1]),
        ([0, 1], [0, 2]),
        ([-1, 0], [0, 1]),
    ):
        with pytest.raises(ball.NotProved):
            trajectory.image(point, rows, columns)

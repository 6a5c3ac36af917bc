"""Each hypothesis is needed: where it is not proved, nothing is concluded."""

import numpy as np
import pytest

import expression_cases as cases
from relucert.families.expression.candidate import kernel_loss
from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved
from relucert.kernel.expression import decide, enclose, loss, theorems
from relucert.kernel.expression.decide import Critical, Near
from relucert.kernel.outcome import Inconclusive
from relucert.kernel.spectrum import Eigen


def guess(matrix):
    values, vectors = np.linalg.eigh(np.array([[float(x) for x in row] for row in matrix.tolist()]))
    return Eigen(vectors.T.tolist(), values.tolist())


def spread(rows, radius=0.0):
    blur = ball.symmetric(ball.exact_float(radius))
    matrix = BallMatrix([[ball.exact_float(float(x)) + blur for x in row] for row in rows])
    return theorems.spread(matrix, guess(theorems.middle(matrix)))


def test_delta_bounds_the_norm_of_the_radii_with_something_to_spare():
    found = spread([[2, 0], [0, -3]], 0.125)
    assert 0.25 * 1.25 <= float(found.delta) <= 0.25 * 1.25 * 1.01
    assert float(found.low) == pytest.approx(2) and found.inertia == (1, 1)
    assert float(found.least) == pytest.approx(-3.3125, rel=1e-2) and float(found.high) >= 3.25
    assert float(found.most) == pytest.approx(2.3125, rel=1e-2)


@pytest.mark.parametrize(
    ("rows", "radius", "gradient", "rho", "failed"),
    [
        ([[2, 0], [0, 3]], 0.125, 0.5, 0.5, None),
        ([[2, 0], [0, 3]], 0.875, 0.0, 0.5, "H.1"),
        ([[1, 1], [1, 1]], 0.0, 0.0, 0.5, "H.1"),
        ([[2, 0], [0, 3]], 0.125, 1.0, 0.5, "H.2"),
        ([[2, 0], [0, 3]], 0.125, float("nan"), 0.5, "H.2"),
    ],
)
def test_theorem_h_needs_both_hypotheses(rows, radius, gradient, rho, failed):
    size = ball.undefined() if gradient != gradient else ball.exact_float(gradient)
    argument, _ = theorems.theorem_h(spread(rows, radius), size, ball.exact_float(rho))
    assert argument.holds == (failed is None)
    assert failed in [None, *(h.name for h in argument.hypotheses if not h.proved)]


def test_h_3_needs_a_positive_definite_hessian():
    assert theorems.positive(spread([[2, 0], [0, 3]], 0.125)).proved
    assert not theorems.positive(spread([[2, 0], [0, -3]], 0.125)).proved
    assert not theorems.positive(spread([[2, 0], [0, 3]], 0.875)).proved


def test_basin_barrier_witness_direction_and_exclusion():
    number = ball.exact_float
    argument, reach, step = theorems.basin(number(0.125), number(1.0), number(4.0))
    assert argument.holds and 0.74 < float(reach) <= 0.75 and 0.49 < float(step) <= 0.5
    assert not theorems.basin(number(1.0), number(1.0), number(4.0))[1] > 0
    assert 0.38 < float(theorems.barrier(number(1.0), number(1.0), number(0.125))) <= 0.3828125
    assert theorems.witness(number(1.0), number(1.5))[0].holds
    assert float(theorems.witness(number(1.0), number(1.5))[1]) == 0.5
    assert not theorems.witness(number(1.0), number(1.0))[0].holds
    saddle = spread([[2, 0], [0, -3]], 0.125)
    argument, curvature = theorems.curvature(saddle, [Ball(0), Ball(2)])
    assert argument.holds and float(curvature) == pytest.approx(-3 + 1.25 * 0.125)
    assert not theorems.curvature(saddle, [Ball(2), Ball(0)])[0].holds
    matrix = BallMatrix([[Ball(2), Ball(1)], [Ball(1), Ball(8)]])
    assert theorems.not_critical(matrix, [Ball(4), Ball(0)], Ball(1)).holds
    assert not theorems.not_critical(matrix, [number(3.75), Ball(0)], Ball(1)).holds
    assert not theorems.not_critical(matrix, [ball.undefined(), ball.undefined()], Ball(1)).holds


def test_values_are_on_both_sides_but_for_minima():
    number = ball.exact_float
    blur = number(0.0)
    low, high = theorems.value(number(1.0), number(2.0), number(0.5), blur, minimum=False)
    assert (float(low), float(high)) == (0.75, 1.25)
    low, high = theorems.value(number(1.0), number(2.0), number(0.5), blur, minimum=True)
    assert (float(low), float(high)) == (0.75, 1.0)


def test_only_minima_without_constraints_are_said_not_to_be_global():
    build = cases.Builder()
    x = build.add("param", 0)
    free = kernel_loss(build.graph(build.add("square", x), 1))
    bound = kernel_loss(build.graph(build.add("square", x), 1, constraints=[x]))
    bounds = Near(Ball(0), Ball(0), Ball(1), (0, 1), (Ball(5), Ball(5)))
    minimum, saddle = Critical("local-minimum", bounds, ()), Critical("strict-saddle", bounds, ())
    assert decide.with_witness(free, minimum, [Ball(1)]).verdict == "spurious-minimum"
    for of, outcome, at in ((free, minimum, Ball(3)), (free, saddle, Ball(1)), (bound, minimum, Ball(1))):
        assert isinstance(decide.with_witness(of, outcome, [at]), Inconclusive)


def test_what_is_not_a_graph_is_refused_by_the_kernel_itself():
    with pytest.raises(ValueError, match="not before it"):
        loss.loss(1, [("param", 0), ("exp", 1)], 1, None, (1, 1), None, ())
    with pytest.raises(ValueError, match="depends on the data"):
        loss.loss(1, [("param", 0), ("input", 0)], 0, [[(1, 1)]], (1, 1), 1, ())
    with pytest.raises(ValueError, match="no data"):
        loss.loss(1, [("param", 0), ("input", 0)], 1, None, (1, 1), None, ())
    of = loss.loss(1, [("param", 0), ("what", 0)], 1, None, (1, 1), None, ())
    with pytest.raises(ValueError, match="operation 'what'"):
        enclose.value(of, [Ball(1)])
    with pytest.raises(ValueError, match="does not fit"):
        enclose.value(of, [])


@pytest.mark.parametrize(
    ("operation", "at"),
    [
        ("sqrt", 0.0), ("sqrt", -1.0), ("log", 0.0), ("log", -1.0), ("asin", 1.0), ("asin", -1.5), ("relu", 0.0),
        ("abs", 0.0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("blur", [0.0, 0.25])
def test_domains_and_kinks_are_refused(operation, at, blur):
    of = loss.loss(1, [("param", 0), (operation, 0)], 1, None, (1, 1), None, ())
    with pytest.raises(NotProved):
        enclose.gradient(of, [ball.exact_float(at) + ball.symmetric(ball.exact_float(blur))], [])


@pytest.mark.parametrize("node", [("div", 1, 0), ("powi", 0, -1), ("max", 0, 1)])
def test_divisors_and_ties_are_refused(node):
    of = loss.loss(1, [("param", 0), ("add", 0, 0), node], 2, None, (1, 1), None, ())
    with pytest.raises(NotProved):
        enclose.gradient(of, [Ball(0)], [])


def test_a_kink_in_a_constant_is_no_kink():
    nodes = [("param", 0), ("const", (0, 1)), ("relu", 1), ("abs", 1), ("max", 1, 2), ("sum", 0, 2, 3, 4)]
    of = loss.loss(1, nodes, 5, None, (1, 1), None, ())
    found = enclose.hessian(of, [Ball(3)], [])
    assert (float(found.value), float(found.gradient[0]), float(found.hessian[0, 0])) == (3, 1, 0)

"""What is claimed of critical points, tried at many points by floats: boxes, basins, barriers, directions, saddles."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import minimize

import expression_cases as cases
from relucert.base.dyadic import from_float, to_float
from relucert.families.expression import search
from relucert.families.expression.candidate import ExpressionCandidate, kernel_loss
from relucert.families.expression.prove import verify_point
from relucert.kernel import ball
from relucert.kernel.expression import enclose

ACTIVATIONS = ("tanh", "softplus", "erf", "sigmoid", "sin", "atan")


def random_network(seed):
    rng = np.random.default_rng(seed)
    p, h, rows = (int(rng.integers(*ends)) for ends in ((1, 3), (1, 3), (3, 7)))
    data = [[Fraction(int(x), 16) for x in rng.integers(-32, 33, p + 1)] for _ in range(rows)]
    return cases.network((p, h), ACTIVATIONS[seed % 6], data, Fraction(1, 16)), rng


def hessian(graph, x):
    with ball.precision(64):
        found = enclose.hessian(kernel_loss(graph), [ball.exact_float(float(v)) for v in x], [])
        return np.array([[float(v) for v in row] for row in found.hessian.tolist()])


def descend(graph, x):
    of = search.float_loss(graph)
    return minimize(lambda v: search.value_and_gradient(of, v), x, jac=True, options={"gtol": 1e-8}).x


def candidate(graph, x):
    return ExpressionCandidate(graph, tuple(from_float(float(v)) for v in x))


def floats(vector):
    return np.array([to_float(v) for v in vector])


@pytest.mark.parametrize("seed", range(8))
def test_minima_are_what_is_claimed_of_them(seed):
    graph, rng = random_network(seed)
    of, m = search.float_loss(graph), graph.parameters
    result = verify_point(candidate(graph, descend(graph, rng.standard_normal(m))))
    assert result.verdict == "local-minimum"
    bounds, centre = result.outcome.bounds, floats(result.candidate.point)
    box, least, most = (float(x) for x in (bounds.box, bounds.convexity, bounds.smoothness))
    value, slope = search.value_and_gradient(of, centre)
    assert float(bounds.objective[0]) - 1e-12 <= value <= float(bounds.objective[1]) + 1e-12
    assert np.linalg.norm(slope) < 1e-12
    for _ in range(10):
        x = centre + box * rng.choice((-1, 1), m)
        values = np.linalg.eigvalsh(hessian(graph, x))
        assert least <= values[0] and values[-1] <= most
        rim = centre + box * np.where(np.arange(m) == rng.integers(m), 1, rng.uniform(-1, 1, m))
        assert search.value_and_gradient(of, rim)[0] >= value + float(bounds.barrier) - 1e-13
    x = centre + float(bounds.basin) * (away := rng.standard_normal(m)) / np.linalg.norm(away)
    before = np.linalg.norm(x - centre)
    for _ in range(50):
        x = x - 0.999 * float(bounds.step) * search.value_and_gradient(of, x)[1]
        assert np.linalg.norm(x - centre) <= before + 1e-12
        before = np.linalg.norm(x - centre)


def test_a_box_does_not_reach_another_critical_point():
    build = cases.Builder()
    x = build.add("param", 0)
    quarter, half = build.add("const", Fraction(1, 4)), build.add("const", Fraction(1, 2))
    square = build.add("square", x)
    fourth = build.add("mul", quarter, build.add("square", square))
    graph = build.graph(build.add("sub", fourth, build.add("mul", half, square)), 1)  # critical at -1, 0, 1
    at_one, at_zero = verify_point(candidate(graph, [1.0])), verify_point(candidate(graph, [0.0]))
    assert (at_one.verdict, at_zero.verdict) == ("local-minimum", "strict-saddle")
    bend = 3**-0.5  # where the second derivative is 0
    assert 0.05 < float(at_one.outcome.bounds.box) < 1 - bend
    assert 0.05 < float(at_zero.outcome.bounds.box) < bend
    assert float(at_one.outcome.bounds.barrier) < 0.25 and float(at_zero.outcome.bounds.curvature) >= -1


@pytest.mark.parametrize("seed", range(6))
def test_no_critical_point_means_no_zero_of_the_gradient(seed):
    graph, rng = random_network(100 + seed)
    of, start = search.float_loss(graph), rng.standard_normal(graph.parameters)
    result = verify_point(candidate(graph, start), raw=True)
    assert result.verdict == "not-critical"
    away = result.outcome.bounds
    assert float(away.gradient) == pytest.approx(np.linalg.norm(search.value_and_gradient(of, start)[1]))
    for _ in range(50):
        x = start + float(away.exclusion) * rng.uniform(-1, 1, graph.parameters)
        assert np.linalg.norm(search.value_and_gradient(of, x)[1]) > 0
    found = descend(graph, start)
    assert np.abs(found - start).max() > float(away.exclusion)


def test_a_saddle_of_a_network_has_its_direction():
    """Two equal tanh units of the best network with one: a saddle, where splitting them helps, or a minimum."""
    data = [[Fraction(a), Fraction(b)] for a, b in ((-2, 1), (-1, -1), (0, 1), (1, -1), (2, 1))]
    one = cases.network((1, 1), "tanh", data, Fraction(1, 256))
    two = cases.network((1, 2), "tanh", data, Fraction(1, 256))
    a, b, v, c = descend(one, np.array([0.5, 0.3, -0.7, 0.1]))
    result = verify_point(candidate(two, descend_symmetric(two, [a, b, v / 2, c])))
    assert result.verdict == "strict-saddle"
    bounds, direction = result.outcome.bounds, floats(result.direction)
    centre = floats(result.candidate.point)
    bend = direction @ hessian(two, centre) @ direction / (direction @ direction)
    assert bend <= float(bounds.curvature) < 0
    of = search.float_loss(two)
    there = search.value_and_gradient(of, centre)[0]
    assert search.value_and_gradient(of, centre + 1e-3 * direction)[0] < there


def descend_symmetric(graph, start):
    """A critical point with both units alike: parameters w1 w2 b1 b2 v1 v2 c."""
    of = search.float_loss(graph)

    def both(q):
        w, b, v, c = q
        return np.array([w, w, b, b, v, v, c])

    def fun(q):
        value, slope = search.value_and_gradient(of, both(q))
        return value, np.array([slope[0] + slope[1], slope[2] + slope[3], slope[4] + slope[5], slope[6]])

    return both(minimize(fun, start, jac=True, options={"gtol": 1e-9}).x)

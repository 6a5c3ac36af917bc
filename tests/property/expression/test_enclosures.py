"""Enclosures of random losses against mpmath with 120 digits, whose derivatives are differences: no rule is shared."""

import random
from fractions import Fraction

import mpmath
import pytest

import expression_cases as cases
from relucert.families.expression.candidate import kernel_loss
from relucert.kernel import ball
from relucert.kernel.expression import enclose, functions
from relucert.kernel.expression.functions import UNARY

EACH = cases.of_each_operation()


def contained(graph, centre, at):
    """Whether the enclosures on the box that `centre` is contain value, gradient and Hessian at the floats `at`."""
    found = enclose.hessian(kernel_loss(graph), centre, [])
    only = enclose.gradient(kernel_loss(graph), centre, [])
    value, gradient, hessian = cases.derivatives(graph, at)
    return (
        cases.holds(found.value, value)
        and cases.holds(only.value, value)
        and cases.holds(enclose.value(kernel_loss(graph), centre), value)
        and all(cases.holds(a, b) for a, b in zip(found.gradient, gradient, strict=True))
        and all(cases.holds(a, b) for a, b in zip(only.gradient, gradient, strict=True))
        and all(
            cases.holds(found.hessian[i, j], hessian[i][j]) for i in range(len(at)) for j in range(len(at))
        )
    )


def point(at):
    return [ball.exact_float(x) for x in at]


@pytest.mark.parametrize("bits", [64, 192])
@pytest.mark.parametrize("seed", range(12))
def test_random_losses_are_contained_at_a_point(seed, bits):
    graph, at = cases.random_graph(seed, (20, 50, 200)[seed % 3])
    with ball.precision(bits):
        assert contained(graph, point(at), at)


def test_the_random_losses_have_every_operation():
    seen = set().union(*(cases.used(cases.random_graph(seed, 200)[0]) for seed in range(12)))
    assert seen >= {
        *cases.FUNCTIONS,
        "add",
        "sub",
        "mul",
        "div",
        "max",
        "sum",
        "dot",
        "powi",
        "param",
        "const",
    }


@pytest.mark.parametrize("seed", range(6))
def test_random_losses_are_contained_in_a_box(seed):
    graph, at = cases.random_graph(100 + seed, 40)
    rng, width = random.Random(seed), 2.0**-30  # noqa: S311
    with ball.precision(64):
        centre = [x + ball.symmetric(ball.exact_float(width)) for x in point(at)]
        for _ in range(4):
            assert contained(graph, centre, [x + rng.choice((-1, 1, rng.uniform(-1, 1))) * width for x in at])


@pytest.mark.parametrize("name", EACH)
def test_each_operation_is_contained_in_wide_boxes(name):
    graph, at = EACH[name]
    rng, width = random.Random(name), 2.0**-5  # noqa: S311
    with ball.precision(64):
        centre = [x + ball.symmetric(ball.exact_float(width)) for x in point(at)]
        for _ in range(6):
            assert contained(graph, centre, [x + rng.choice((-1, 1, rng.uniform(-1, 1))) * width for x in at])


@pytest.mark.parametrize("seed", range(12))
def test_enclosures_at_a_point_are_as_narrow_as_the_precision(seed):
    graph, at = cases.random_graph(seed, (20, 50, 200)[seed % 3])
    with ball.precision(192):
        found = enclose.hessian(kernel_loss(graph), point(at), [])
        balls = [found.value, *found.gradient, *found.hessian.entries()]
        largest = max(abs(float(x)) for x in balls)
        assert all(float(ball.radius(x)) <= 1e-40 * max(largest, 1) for x in balls)


AT = {"sqrt": 1.5, "log": 1.5, "asin": 0.4, "relu": 1.1, "abs": -1.1}


@pytest.mark.parametrize("name", UNARY)
def test_values_of_small_boxes_are_tight(name):
    centre, width = AT.get(name, 0.7), 2.0**-20
    with ball.precision(64), mpmath.workdps(40):
        jet = UNARY[name](ball.exact_float(centre) + ball.symmetric(ball.exact_float(width)))
        ends = [cases.FUNCTIONS[name](mpmath.mpf(centre) + s * mpmath.mpf(width)) for s in (-1, 1)]
        assert float(ball.radius(jet[0])) <= 1.01 * float(abs(ends[1] - ends[0]) / 2) + 1e-18


@pytest.mark.parametrize("n", [-1000, -7, -2, -1, 3, 4, 9, 1000])
def test_powers_are_tight(n):
    with ball.precision(64), mpmath.workdps(60):
        width = 2.0**-40
        jet = functions.powi(ball.exact_float(1.01) + ball.symmetric(ball.exact_float(width)), n)
        ends = [(mpmath.mpf(1.01) + s * mpmath.mpf(width)) ** n for s in (-1, 1)]
        assert float(ball.radius(jet[0])) <= 1.01 * float(abs(ends[1] - ends[0]) / 2) + 1e-15 * float(
            abs(ends[0])
        )


def test_data_scale_regulariser_and_constraints_have_their_weights():
    graph = cases.network((2, 2), "tanh", cases.XOR, Fraction(1, 8))
    at = [0.3, -0.7, 0.9, 0.2, -0.4, 0.1, 1.3, -0.6, 0.05]
    with ball.precision(64):
        assert contained(graph, point(at), at)


def test_constraints_border_the_hessian():
    build = cases.Builder()
    x, y = build.add("param", 0), build.add("param", 1)
    circle = build.add("sub", build.dot([x, y], [x, y]), build.add("const", Fraction(1)))
    graph = build.graph(build.add("mul", x, build.add("exp", y)), 2, constraints=[circle])
    with ball.precision(64):
        at, multiplier = point([0.5, 0.25]), ball.exact_float(3.0)
        found = enclose.hessian(kernel_loss(graph), at, [multiplier])
        e = float(ball.exact_float(0.25).exp())
        assert [float(v) for v in found.hessian.entries()] == pytest.approx(
            [6, e, 1, e, 0.5 * e + 6, 0.5, 1, 0.5, 0]
        )
        assert [float(v) for v in found.gradient] == pytest.approx([e + 3, 0.5 * e + 1.5, -0.6875])

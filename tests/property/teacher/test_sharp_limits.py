"""Theorem B' (docs/theorem/teacher.md section 2): how close its constant comes to what it bounds, and what it
refuses."""

import os
from pathlib import Path

import numpy as np
import pytest
from flint import arb
from third import BITS, Third, constant, shape_of

from relucert.families.teacher.points import read
from relucert.kernel import ball
from relucert.kernel.ball import NotProved
from relucert.kernel.teacher import facts, lipschitz, sharp

PUBLISHED = Path(os.environ.get("RELUCERT_PUBLISHED", Path(__file__).parents[3] / "../shared/published"))

# --- how sharp it is ----------------------------------------------------------------------------------


@pytest.mark.parametrize("theta", [0.85, np.pi / 3, 1.3, np.pi / 2, 2.0])
@pytest.mark.parametrize("p, q", [(1.0, 1.0), (2.0**8, 2.0**-5)])
def test_it_is_attained_for_one_neuron_and_one_target(theta, p, q):
    point, targets = np.array([[p, 0.0]]), q * np.array([[np.cos(theta), np.sin(theta)]])
    bound, largest = (
        constant(point, targets, 0),
        Third(point, targets).steepest(np.random.default_rng(1), 4, 200),
    )
    assert 0.999 * bound < largest <= bound * (1 + 1e-9)


@pytest.mark.parametrize("eighths", [2, 4, 7])
def test_it_is_met_within_a_factor_at_the_edge(eighths):
    """n = k = 1: the motion costs something, but not more than this."""
    point, targets = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    inner = np.array([[1 - eighths / 8, 0.0]])
    largest = Third(inner, targets).steepest(np.random.default_rng(1), 4, 100)
    bound = constant(point, targets, eighths / 8)
    assert largest <= bound < 12 * largest


def test_the_mixed_term_is_met_for_two_nearly_parallel_neurons():
    """Two equal neurons, and a target that hardly counts: |V| = 2 is attained, and the rest is known."""
    point = np.array([[1.0, 2.0**-12], [1.0, -(2.0**-12)]])
    targets = np.array([[0.0, 2.0**-30]])
    largest = Third(point, targets).steepest(np.random.default_rng(1), 6, 200)
    bound = constant(point, targets, 0)
    assert largest <= bound < 2.5 * largest


@pytest.mark.parametrize("name, q, expected", [("6-6", 0, 1.846), ("8-9", 0, 5.851), ("20-20", 0, 1.867)])
def test_published_points(name, q, expected):
    path = PUBLISHED / f"newExp-{name}.mat"
    if not path.is_file():
        pytest.skip(f"the published points are not at {PUBLISHED}")
    candidate = read(path, variable="WbadNew", layout="neurons-in-columns")[q]
    with ball.precision(64):
        at = facts.enclose(candidate.point, candidate.problem.targets)
        found = sharp.shape(at.geometry, at.curvatures)
        value = float(sharp.theorem_b_sharp(found, arb(1e-3)))
        simple = float(lipschitz.theorem_b(found.neurons, found.targets, arb(1e-3)))
    assert 0.99 * expected < value <= expected + 1e-3
    assert 5 * value < simple


# --- what it refuses ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rho", [-0.1, 1.0, 1.5, float("nan"), float("inf")])
def test_a_radius_that_reaches_the_origin_is_refused(rho):
    with ball.precision(BITS):
        found = shape_of(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([[1.0, 1.0]]))
        with pytest.raises(NotProved):
            sharp.theorem_b_sharp(found, arb(rho))


@pytest.mark.parametrize("drift", [-0.1, 1.0, 1.5, float("nan")])
def test_a_target_that_may_reach_the_origin_is_refused(drift):
    with ball.precision(BITS):
        found = shape_of(np.array([[3.0, 0.0]]), np.array([[0.0, 1.0]]))
        with pytest.raises(NotProved):
            sharp.theorem_b_sharp(found, arb(0.5), arb(drift))


def test_the_radius_may_almost_reach_the_origin():
    with ball.precision(BITS):
        found = shape_of(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([[1.0, 1.0]]))
        assert sharp.theorem_b_sharp(found, arb(1) - arb(2) ** -40).is_finite()


def test_padding_with_zeros_changes_nothing():
    rng = np.random.default_rng(3)
    point, targets = rng.standard_normal((3, 3)), rng.standard_normal((2, 3))
    wide = np.hstack([point, np.zeros((3, 2))]), np.hstack([targets, np.zeros((2, 2))])
    assert np.isclose(constant(point, targets, 0.01), constant(*wide, 0.01), rtol=1e-3)

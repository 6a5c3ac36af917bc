"""Containment in what is decided about the loss: no verdict is false, and what a verdict reports is true."""

import math
from itertools import pairwise

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from rationals import (
    BITS,
    MP,
    SLACK,
    enclosing,
    facts_from,
    few,
    guesses,
    many,
    points,
    real,
    some,
    symmetric_matrices,
    true_gradient,
    true_hessian,
    true_objective,
)

from relucert.kernel import ball, outcome, spectrum
from relucert.kernel.ball import BallMatrix, NotProved
from relucert.kernel.teacher import lipschitz, loss, theorems

# --- decisions about facts that are made up -----------------------------------------------------------


@many
@given(st.data(), st.sampled_from([None, 0.0, 5e-324, -5e-324, 2.0**-30, 0.5]))
def test_a_singular_hessian_is_always_inconclusive(data, forced):
    matrix, _ = data.draw(symmetric_matrices(singular=True))
    guess = data.draw(guesses(matrix))
    if forced is not None:
        guess = guess._replace(values=[forced, *(max(x, 0.5) for x in guess.values[1:])])
    with ball.precision(BITS):
        flat = spectrum.spectrum(enclosing(matrix), guess)
        assert spectrum.signs(flat) is None
        verdict = theorems.decide_critical(facts_from(flat, len(matrix)))
    assert isinstance(verdict, outcome.Inconclusive)
    assert verdict.reason


def test_a_regular_hessian_is_not_always_inconclusive():
    flat = spectrum.spectrum(BallMatrix([[arb(2)]]), spectrum.Eigen([[1.0]], [2.0]))
    assert isinstance(theorems.decide_critical(facts_from(flat, 1)), outcome.GlobalMinimum)
    assert isinstance(theorems.decide_critical(facts_from(flat, 1, to_global=None)), outcome.SpuriousMinimum)
    few = facts_from(flat, 1, to_global=None, targets=[arb(1)] * 2)
    assert isinstance(theorems.decide_critical(few), outcome.LocalMinimum)
    flat = spectrum.spectrum(BallMatrix([[arb(-2)]]), spectrum.Eigen([[1.0]], [-2.0]))
    assert isinstance(theorems.decide_critical(facts_from(flat, 1)), outcome.StrictSaddle)


NUMBERS = ["objective", "gradient", "correction", "lipschitz", "domain"]


@pytest.mark.parametrize("name", NUMBERS)
def test_an_undefined_fact_never_proves_a_spurious_minimum(name):
    flat = spectrum.spectrum(BallMatrix([[arb(2)]]), spectrum.Eigen([[1.0]], [2.0]))
    facts = facts_from(flat, 1, to_global=None)._replace(**{name: ball.undefined()})
    assert not theorems.decide_critical(facts).proved
    assert not theorems.decide_not_critical(facts).proved


def saddle(lowest, highest):
    matrix = BallMatrix([[arb(lowest), arb(0)], [arb(0), arb(highest)]])
    return spectrum.spectrum(matrix, spectrum.Eigen([[1.0, 0.0], [0.0, 1.0]], [lowest, highest]))


@pytest.mark.parametrize("lowest, highest", [(-8.0, 1.0), (-1.0, 8.0)])
def test_the_steepest_eigenvalue_of_either_sign_counts(lowest, highest):
    """F = g.x + (lowest x^2 + highest y^2)/2: a gradient of length 8 rho may vanish at a distance rho."""
    facts = facts_from(saddle(lowest, highest), 2, domain=arb(0.25), gradient=arb(1.99))
    assert not theorems.decide_not_critical(facts).proved
    assert theorems.decide_not_critical(facts._replace(gradient=arb(2.01))).proved


@pytest.mark.parametrize("lowest, highest", [(-8.0, 1.0), (-1.0, 8.0)])
def test_the_value_at_a_saddle_allows_for_the_steepest_eigenvalue(lowest, highest):
    """From a distance r the value may differ by eps r + 8 r^2 / 2."""
    facts = facts_from(saddle(lowest, highest), 2, gradient=arb(0.5), correction=arb(0.125))
    verdict = theorems.decide_critical(facts)
    assert isinstance(verdict, outcome.StrictSaddle)
    low, high = verdict.bounds.objective
    change = 0.5 * 0.125 + 8 * 0.125**2 / 2
    assert ball.proves_le(low, arb(1 - change))
    assert ball.proves_le(arb(1 + change), high)


def test_an_undefined_distance_never_proves_a_global_minimum():
    flat = spectrum.spectrum(BallMatrix([[arb(2)]]), spectrum.Eigen([[1.0]], [2.0]))
    verdict = theorems.decide_critical(facts_from(flat, 1, to_global=ball.undefined(), objective=arb(0)))
    assert isinstance(verdict, outcome.Inconclusive)


# --- decisions about the loss itself ------------------------------------------------------------------


def facts_at(point, targets, domain, to_global=None):
    g = loss.geometry(point, targets)
    hessian, gradient = loss.hessian(g), loss.gradient(g)
    values, vectors = np.linalg.eigh(np.array([[float(x) for x in row] for row in hessian.tolist()]))
    flat = spectrum.spectrum(hessian, spectrum.Eigen(vectors.T.tolist(), values.tolist()))
    p, q = [x.length for x in g.neurons], [x.length for x in g.targets]
    return theorems.Facts(
        neurons=p,
        targets=q,
        objective=loss.objective(g),
        gradient=ball.norm(gradient),
        spectrum=flat,
        correction=spectrum.apply_inverse(flat.inverse, gradient),
        lipschitz=lipschitz.theorem_b(p, q, domain),
        lipschitz_safran_shamir=None,
        domain=domain,
        to_global=to_global,
    )


@st.composite
def near_targets(draw):
    """Independent targets in R^2 or R^3, and a point near a permutation of them, 2**-8 to 2**-40 away."""
    d = draw(st.integers(1, 3))
    targets = tuple(tuple(((4 * (i == j) + draw(st.integers(-1, 1))), 0) for j in range(d)) for i in range(d))
    close = draw(st.integers(8, 40))
    order = draw(st.permutations(range(d)))
    point = tuple(
        tuple(((m << close) + draw(st.integers(-1, 1)), -close) for m, _ in targets[i]) for i in order
    )
    return point, targets, tuple(targets[i] for i in order)


@some
@given(near_targets())
def test_a_point_near_the_targets_is_never_spurious_and_never_not_critical(problem):
    point, targets, ordered = problem
    with ball.precision(BITS):
        distance = ball.upper(loss.distance(point, ordered))
        for domain in (arb(2.0**-3), arb(2.0**-5), ball.upper(2 * distance + arb(2.0**-60))):
            alone = facts_at(point, targets, domain)
            assert isinstance(theorems.decide_critical(alone), outcome.Inconclusive)
            if ball.proves_le(distance, domain):
                assert not theorems.decide_not_critical(alone).proved
            verdict = theorems.decide_critical(alone._replace(to_global=distance))
            assert isinstance(verdict, outcome.GlobalMinimum | outcome.Inconclusive)


def test_the_targets_themselves_are_a_global_minimum():
    targets = (((1, 0), (0, 0)), ((0, 0), (1, 0)))
    with ball.precision(BITS):
        facts = facts_at(targets, targets, arb(2.0**-5), to_global=arb(0))
        assert isinstance(theorems.decide_critical(facts), outcome.GlobalMinimum)


@few
@given(points(), st.integers(2, 20))
def test_bounds_contain_the_truth_at_the_point(problem, close):
    """What an outcome reports about the point itself, whatever the verdict."""
    point, targets = problem
    with ball.precision(BITS):
        g = loss.geometry(point, targets)
        domain = ball.lower(ball.smallest([w.length for w in g.neurons]) * arb(2.0**-close))
        try:
            facts = facts_at(point, targets, domain)
        except NotProved:
            return
        verdict = theorems.decide_not_critical(facts)
    truth, eps = true_objective(*problem), MP.norm(true_gradient(*problem))
    low, high = verdict.bounds.objective
    assert real(low) <= truth + SLACK
    assert real(high) >= truth - SLACK
    assert real(verdict.bounds.gradient) >= eps - SLACK
    hessian = np.array([[float(x) for x in row] for row in true_hessian(*problem)])
    values = np.linalg.eigvalsh(hessian)
    slack = 1e-9 * max(1.0, float(np.abs(hessian).max()))
    assert (
        float(verdict.bounds.lambda_min[0]) - slack
        <= values[0]
        <= float(verdict.bounds.lambda_min[1]) + slack
    )
    assert values[-1] <= float(verdict.bounds.lambda_max) + slack
    assert all(a <= b for a, b in pairwise(values))


def test_safran_shamirs_equation_5_is_exactly_theirs():
    """n = 2, k = 1, p = q = 1, r = 1/2, eps = 1: least = pi."""
    flat = spectrum.spectrum(BallMatrix([[arb(2)]]), spectrum.Eigen([[1.0]], [2.0]))
    facts = facts_from(flat, 1, neurons=[arb(1)] * 2, targets=[arb(1)])
    argument = theorems.safran_shamir_5(facts, arb(1), arb(0.5))
    truth = 0.25 * (0.5 + 2 * (1.5 / math.pi + 0.5) + 2 / math.pi) + 0.5
    assert abs(float(argument.hypotheses[0].left) - truth) < 1e-12


def test_a_rough_smallest_eigenvalue_counts_at_its_lowest():
    """lambda_min in [1, 3], L = eps = 1: 25 L eps <= 9 lambda_min^2 holds for 3 and not for 1."""
    flat = spectrum.spectrum(BallMatrix([[arb(2)]]), spectrum.Eigen([[1.0]], [2.0]))
    flat = flat._replace(values=(arb(2, 1),))
    verdict = theorems.decide_critical(
        facts_from(flat, 1, gradient=arb(1), lipschitz=arb(1), domain=arb(100))
    )
    assert verdict.proved
    assert verdict.bounds.radius_lemma_1 is None


def test_rough_gradients_and_eigenvalues_count_at_their_worst():
    rough = saddle(-8.0, 1.0)._replace(values=(arb(-8, 0.5), arb(1, 0.5)))
    facts = facts_from(rough, 2, domain=arb(0.25), lipschitz=arb(2.0**-200))
    assert not theorems.decide_not_critical(facts._replace(gradient=arb(2.1))).proved
    assert theorems.decide_not_critical(facts._replace(gradient=arb(2.13))).proved
    assert not theorems.decide_not_critical(facts._replace(gradient=arb(2.2, 0.1))).proved
    assert theorems.decide_not_critical(facts._replace(gradient=arb(2.3, 0.1))).proved

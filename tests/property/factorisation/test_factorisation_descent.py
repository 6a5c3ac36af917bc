"""Lemma 15.N contains finer runs; Theorems 15.B and 15.C against runs, and how sharp they are."""

from fractions import Fraction
from itertools import islice

import numpy as np
import pytest

import factorisation_runs
from factorisation_points import exact, hessian
from relucert.families.factorisation import guess, prove
from relucert.families.factorisation.problem import DescentProblem, Seeded
from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.factorisation import descent, norms


def product_problem(rng, d1, d2, r, eta=Fraction(1, 10), scale=0.1):
    p, q = (np.round(rng.standard_normal((d, r)) / np.sqrt(d) * 2**20) / 2**20 for d in (d1, d2))
    return DescentProblem(
        exact(p @ q.T),
        r,
        eta,
        (exact(scale * rng.standard_normal((d1, r))), exact(scale * rng.standard_normal((d2, r)))),
    )


def run(problem, bits, steps):
    with ball.precision(bits):
        eta = ball.ratio(problem.eta.as_integer_ratio())
        m, (u, v) = descent.matrix(problem.target), map(descent.matrix, problem.point)
        return list(islice(descent.enclosures(m, u, v, eta), steps + 1))


@pytest.mark.parametrize(("eta", "bits"), [(Fraction(1, 10), 40), (Fraction(1, 4), 60)])
def test_a_coarse_enclosure_contains_a_fine_run(eta, bits):
    rng = np.random.default_rng(3)
    for _ in range(5):
        problem = product_problem(rng, 4, 3, 2, eta)
        coarse, fine = run(problem, bits, 60), run(problem, 400, 60)
        with ball.precision(400):
            for a, b in zip(coarse, fine, strict=True):
                away = ball.norm([*(a.u - b.u).entries(), *(a.v - b.v).entries()])
                assert ball.proves_le(away, a.radius + b.radius)
        assert float(coarse[-1].radius) < 1e-4


def test_the_curvature_of_lemma_n_bounds_the_hessian():
    rng = np.random.default_rng(4)
    for _ in range(50):
        d1, d2, r = (int(x) for x in rng.integers(1, 5, 3))
        r = min(r, d1, d2)
        m, u, v = rng.standard_normal((d1, d2)), rng.standard_normal((d1, r)), rng.standard_normal((d2, r))
        spectrum = np.linalg.eigvalsh(hessian(m, u, v))
        nu = np.linalg.norm(u @ v.T - m, 2)
        assert spectrum[0] >= -nu - 1e-9
        assert spectrum[-1] <= nu + np.linalg.norm(u, 2) ** 2 + np.linalg.norm(v, 2) ** 2 + 1e-9


def test_norms_by_squaring():
    rng = np.random.default_rng(5)
    for _ in range(30):
        a = rng.standard_normal((5, 3))
        with ball.precision(128):
            b = descent.matrix(exact(a))
            top, least = float(norms.spectral(b)), float(norms.least_eigenvalue(norms.gram(b)))
        values = np.linalg.svd(a, compute_uv=False)
        assert values[0] * (1 - 1e-12) <= top <= 1.02 * values[0]
        assert 0.96 * values[-1] ** 2 <= least <= values[-1] ** 2 * (1 + 1e-12)


@pytest.mark.parametrize("size", [(5, 4, 2), (3, 3, 3), (6, 2, 1), (8, 7, 3)])
def test_what_theorem_c_says_of_runs(size):
    rng = np.random.default_rng(6)
    for _ in range(3):
        problem = product_problem(rng, *size)
        result = prove.converges(problem, 2000)
        assert result.outcome.proved, result.outcome.reason
        of, steps = result.outcome.bounds, result.outcome.steps
        m, eta = guess.doubles(problem.target), float(problem.eta)
        u, v = (guess.doubles(x) for x in problem.point)
        b0, losses, drift, way = u.T @ u - v.T @ v, [], 0.0, 0.0
        for t in range(steps + 300):
            residual = u @ v.T - m
            drift = max(drift, np.linalg.norm(u.T @ u - v.T @ v - b0))
            if t == steps:
                end = u, v
            if t >= steps:
                losses.append(np.sum(residual**2) / 2)
                way = max(way, np.hypot(np.linalg.norm(u - end[0]), np.linalg.norm(v - end[1])))
            u, v = u - eta * residual @ v, v - eta * residual.T @ u
        assert losses[0] <= float(of.loss) * (1 + 1e-9)
        for t, loss in enumerate(losses):
            assert loss <= (1 - float(of.rate)) ** t * float(of.loss) * (1 + 1e-9) + 1e-20
        assert way <= float(of.travel) and drift <= float(of.drift) * (1 + 1e-9)


def test_a_rank_above_r_is_refused_by_name():
    rng = np.random.default_rng(7)
    problem = DescentProblem(exact(rng.standard_normal((4, 3))), 2, Fraction(1, 10), Seeded(1, (1, -3)))
    result = prove.converges(problem)
    assert not result.outcome.proved and "rank of M is 3, above r = 2" in result.outcome.reason


def test_theorem_b_on_thirty_instances():
    rng = np.random.default_rng(0)
    found = [factorisation_runs.check(factorisation_runs.instance(rng), 60) for _ in range(30)]
    assert not sum(x.violations for x in found)


def test_theorem_b_is_sharp():
    """M = 0 in one dimension, u small beside v: u decays, v stays, and the drift is nearly eta f_0."""
    problem = DescentProblem((((0, 0),),), 1, Fraction(1, 100), (exact([[0.01]]), exact([[1.0]])))
    assert factorisation_runs.check(problem, 1500).ratio > 0.95


def test_a_step_that_is_too_long_is_refused():
    problem = product_problem(np.random.default_rng(8), 3, 3, 2, Fraction(3))
    result = prove.balanced(problem)
    assert not result.outcome.proved and "B.1" in result.outcome.reason
    assert not prove.converges(problem, 200).outcome.proved


def test_a_balanced_start_that_is_already_exact():
    problem = DescentProblem(exact([[1.0]]), 1, Fraction(1, 10), (exact([[1.0]]), exact([[1.0]])))
    result = prove.balanced(problem)
    assert result.outcome.proved
    assert float(result.outcome.bounds.drift) == 0
    assert prove.converges(problem).outcome.steps == 0


def test_undefined_numbers_prove_nothing():
    with ball.precision(64):
        nan = ball.undefined()
        at = descent.Sizes(nan, nan, nan, nan, nan)
        assert not descent.converge(at, Ball(1) / 10, Ball(1)).argument.holds

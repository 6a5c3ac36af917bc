"""Section 10 of docs/theorem/cnn.md: where runs of descent end, and the probabilities of random starts."""

import math
from fractions import Fraction

import numpy as np
import pytest
from descents import THREE, candidate, random_problem
from scipy.special import betainc

from relucert.families.cnn import search as guesses
from relucert.families.cnn.descent import GLOBAL, SPURIOUS, enclose, explain, largest_step, random_start
from relucert.families.cnn.problem import CnnProblem
from relucert.families.cnn.table import teacher
from relucert.kernel import ball
from relucert.kernel.ball import Ball, proves_le, proves_lt
from relucert.kernel.cnn import descent as cnn_descent
from relucert.kernel.cnn import teacher as cnn


@pytest.fixture(autouse=True)
def _precision():
    with ball.precision(192):
        yield


def moderate(seed):
    """A random problem whose |a*| and W are about 1: the step need not be tiny, so that runs end soon."""
    problem = random_problem(np.random.default_rng(seed))
    size = Fraction(2) ** math.ceil(math.log2(float(problem.squares)) / 2)
    return CnnProblem(tuple(x / size for x in problem.a_star), 1 + problem.w_norm / 4, problem.patch)


def descent_in_doubles(start, eta, most=100_000):
    """1 or -1 if gradient descent in all coordinates comes near a global or the spurious minimum, else 0."""
    problem = start.problem
    v, a, axis = (np.array([m * 2.0**e for m, e in row]) for row in (start.v, start.a, start.axis))
    a_star, W, k = np.array([float(x) for x in problem.a_star]), float(problem.w_norm), problem.k
    target, S = W * axis / np.linalg.norm(axis), a_star.sum()
    a_bad = W / (np.pi - 1) * (np.pi * S / (k + np.pi - 1) - a_star)
    for _ in range(most):
        r = np.linalg.norm(v)
        along = v @ target / W
        phi = np.arctan2(np.linalg.norm(v - along * target / W), along)
        for end, limit, angle in ((1, W * a_star, phi), (-1, a_bad, np.pi - phi)):
            if angle < 0.05 and np.linalg.norm(a - limit) < 0.02 * np.linalg.norm(limit):
                return end
        g, q = (np.pi - phi) * np.cos(phi) + np.sin(phi), a @ a_star
        down_v = -q * (np.pi - phi) / (2 * np.pi * r) * (target - along * W / r**2 * v)
        down_a = (a.sum() + (np.pi - 1) * a - W * (S + (g - 1) * a_star)) / (2 * np.pi)
        v, a = v - float(eta) * down_v, a - float(eta) * down_a
    return 0


def test_the_decided_end_is_that_of_floating_point_descent():
    seen = []
    for seed in range(60):
        problem = moderate(1000 + seed)
        start, eta = random_start(problem, seed), largest_step(problem)
        run = enclose(start, eta, 20_000, stop=True)
        assert descent_in_doubles(start, eta) == {GLOBAL: 1, SPURIOUS: -1}[run.verdict]
        seen.append(run.verdict)
    assert min(seen.count(GLOBAL), seen.count(SPURIOUS)) > 5


def test_too_few_steps_are_inconclusive_with_a_reason():
    start = random_start(THREE, 0)
    run = enclose(start, Fraction(1, 50), 40)  # decided at step 43
    assert run.verdict == "inconclusive"
    assert "take more steps" in explain(run)
    assert enclose(start, Fraction(1, 50), 43).entry.sample.step == 43


@pytest.mark.parametrize("m", [0, 1, 2, 5])
def test_many_starts_in_floating_point_end_as_proved(m):
    problem = teacher(25, Fraction(m * m), Fraction(1), Fraction(1), 6)
    eta = largest_step(problem)
    states = guesses.random_scalars(6, 25, 1.0, float(m), 1.0, 3, 40)
    ends, times = guesses.descend(states, 25, 1.0, float(m), 1.0, float(eta), 10**5)
    assert set(ends.tolist()) <= {1, -1}
    assert (times < 10**4).all()


@pytest.mark.parametrize(("k", "p", "total", "w"), [(4, 2, 1.0, 1.0), (3, 6, -0.5, 2.0), (1, 3, 1.0, 1.0)])
def test_both_random_protocols_have_the_distribution_of_theorem_10_c(k, p, total, w):
    """sigma/S^2, q, cos phi: shares below fixed values, by the beta distribution, to 5 standard errors."""
    a_star = np.zeros(k)
    a_star[0] = total
    radius, runs = abs(total) * w / k**0.5, 4000
    rows = []
    for run in range(runs):
        v, a = guesses.random_start(p, k, radius, 5, run)
        rows.append((v[0], np.sqrt(v[1:] @ v[1:]), a @ a_star, a.sum()))
    for states in (np.array(rows), guesses.random_scalars(p, k, w, total, total**2, 5, runs)):
        along, across, q, s = states.T
        assert np.allclose(np.hypot(along, across), 1)
        sigma = s * total / w / total**2
        assert abs(sigma).max() <= 1 + 1e-12
        expected = {
            0.3: (betainc(0.5, (k + 1) / 2, 0.09), abs(sigma) <= 0.3),
            0.6: (betainc(0.5, (p - 1) / 2, 0.36), abs(along) <= 0.6),
            # |q| <= |a*| radius, with the same law as sigma: a coordinate of a
            0.2: (betainc(0.5, (k + 1) / 2, 0.04), abs(q) <= 0.2 * radius * abs(total)),
        }
        for share, hits in (*expected.values(), (0.5, q > 0), (0.5, along > 0)):
            assert abs(hits.mean() - share) < 5 * (share * (1 - share) / runs) ** 0.5


@pytest.mark.parametrize(
    ("k", "p", "ratio"), [(16, 6, (1, 4)), (25, 2, (1, 25)), (9, 20, (1, 9)), (25, 6, (4, 1))]
)
def test_probabilities_of_random_starts(k, p, ratio):
    """Theorem 10.C: against scipy, the closed forms at c = 1, and below what is observed."""
    problem = teacher(k, Fraction(*ratio), Fraction(1), Fraction(1), p)
    of, r = problem.teacher(), ratio[0] / ratio[1]
    stiff = k + np.pi - 1

    def psi(value):
        return float(cnn.complement_of_g(ball.exact_float(value)))

    excess = stiff - np.pi * r
    g_s = excess / (excess + (np.pi - 1) * r)
    for c in (0.25, 0.5, 1.0):
        rises, falls = cnn_descent.probabilities(of, p, ball.exact_float(c))
        weight = betainc(0.5, (k + 1) / 2, c * c) / 2
        up = betainc(0.5, (p - 1) / 2, np.cos(psi(max(1 - (1 - c) * r, g_s, 0))) ** 2)
        down = betainc(0.5, (p - 1) / 2, np.cos(psi(max(1 - (1 + c) * r, 0))) ** 2)
        assert float(rises) == pytest.approx(weight * (1 + up) / 2, abs=1e-12)
        assert float(falls) == pytest.approx(weight * (1 - down) / 2, abs=1e-12)
    assert float(rises) == pytest.approx(0.25, abs=1e-12)
    if 2 * r < 1:
        sine = np.sin(psi(1 - 2 * r)) ** 2
        assert float(falls) == pytest.approx(betainc((p - 1) / 2, 0.5, sine) / 4, abs=1e-12)
    states = guesses.random_scalars(p, k, 1.0, r**0.5, 1.0, 7, 4000)
    ends, _ = guesses.descend(states, k, 1.0, r**0.5, 1.0, float(largest_step(problem)), 10**5)
    for c in (0.25, 0.5, 1.0):
        rises, falls = cnn_descent.probabilities(of, p, ball.exact_float(c))
        assert float(rises) <= (ends == 1).mean() + 0.03
        assert float(falls) <= (ends == -1).mean() + 0.03


@pytest.mark.parametrize("seed", [2, 7])  # to the global and to the spurious minimum
def test_ten_thousand_steps_stay_narrow(seed):
    run = enclose(random_start(THREE, seed), largest_step(THREE), 10_000)
    assert run.samples[-1].step == 10_000
    assert proves_lt(run.radius, Ball(10) ** -40)


def test_a_run_that_needs_more_precision_gets_it():
    """A start 1e-40 beside the saddle: 192 bits lose it, more do not."""
    problem = CnnProblem.from_text("1,-1", "1", 2)  # S = 0: phi_s = pi/2, a_s = 0
    tiny = 2.0**-132
    start = candidate(problem, [tiny, 1.0], [0.0, 0.0])
    run = enclose(start, Fraction(1, 2), 400)
    assert run.verdict == GLOBAL
    assert proves_le(run.radius, Ball(10) ** -30)
    mirrored = enclose(candidate(problem, [-tiny, 1.0], [0.0, 0.0]), Fraction(1, 2), 400)
    assert mirrored.verdict == SPURIOUS


def test_the_incomplete_beta_function():
    """I_z(1/2, 1) = sqrt z, I_z(1/2, 1/2) = (2/pi) asin sqrt z, I_z(1/2, 3/2) = I_z(1/2, 1/2) + (2/pi)
    sqrt(z (1 - z)), on both sides of z = 1/2, and of a ball its hull: it increases."""
    for i in (1, 5, 8, 9, 15, 16):
        z = Ball(i) / 16
        arc = 2 / ball.pi() * z.sqrt().asin()
        for b, value in ((2, z.sqrt()), (1, arc), (3, arc + 2 / ball.pi() * (z * (1 - z)).sqrt())):
            found = cnn_descent.beta(z, Ball(b) / 2)
            assert found.overlaps(value)
            assert float(found.rad()) < 1e-14
    assert cnn_descent.beta(Ball(0), Ball(2)).contains(0)
    wide = cnn_descent.beta(ball.hull(Ball(1) / 4, Ball(9) / 16), Ball(1))
    assert wide.contains(Ball(1) / 2)
    assert wide.contains(Ball(3) / 4)
    assert float(wide.rad()) < 0.1251

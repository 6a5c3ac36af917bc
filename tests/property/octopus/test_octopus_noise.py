"""Theorem 16.P: perturbed gradient descent, run; and how sharp its numbers are."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.special import betainc

from octopus_direct import gradient
from relucert.families.octopus.problem import OctopusProblem
from relucert.families.octopus.prove import perturbed_descent, wait_for
from relucert.kernel import ball
from relucert.kernel.octopus import perturbed
from relucert.kernel.octopus.perturbed import Noise


def noisy(problem, noise, rng):
    """Steps until an iterate is within the accuracy of a minimum, in floating point (noise keeps it from underflow)."""
    tau = np.e
    L, gamma, eta = float(problem.L), float(problem.gamma), float(problem.step)
    g, r, eps = (float(v) * tau for v in (noise.threshold, noise.radius, noise.accuracy))
    x, last = rng.uniform(-1, 1, problem.d), -noise.wait - 1
    x[0] = 0  # a saddle that plain descent would not leave
    for t in range(10**6):
        if np.linalg.norm(np.abs(x) - 4 * tau) <= eps:
            return t
        slope = np.array(gradient(x, L, gamma, tau))
        if np.linalg.norm(slope) <= g and t - last > noise.wait:
            way = rng.normal(size=problem.d)
            x = x + r * rng.random() ** (1 / problem.d) * way / np.linalg.norm(way)
            last, slope = t, np.array(gradient(x, L, gamma, tau))
        x = x - eta * slope
    raise AssertionError("no minimum")


def standard(d, L, gamma="1", step=None, least=Fraction(1, 10**6)):
    problem = OctopusProblem.from_text(d, L, gamma, step=step or str(1 / (4 * Fraction(L))))
    g = problem.gamma / 100
    return problem, Noise(g, Fraction(1, 100), wait_for(problem, least), least, g / (2 * problem.L))


@pytest.mark.parametrize(
    ("d", "L", "gamma", "step"), [(3, "3", "1", None), (5, "1", "1", "49/100"), (4, "4", "1/2", None)]
)
def test_runs_need_no_more_than_was_proved(d, L, gamma, step):
    problem, noise = standard(d, L, gamma, step)
    proved = perturbed_descent(problem, noise).outcome
    rng = np.random.default_rng(0)
    runs = [noisy(problem, noise, rng) for _ in range(12)]
    assert proved.steps / 4 < max(runs) <= proved.steps
    assert proved.probability > 0.99


def test_many_needed_to_escape_ten_saddles():
    """d = 10, L = 3: at most 1950 steps with probability .997 to the accuracy tau/100; without noise 10^7 and more."""
    problem, noise = standard(10, "3")
    proved = perturbed_descent(problem, noise._replace(accuracy=Fraction(1, 100))).outcome
    assert proved.steps == 1950
    assert 0.997 < proved.probability < 0.9974


@pytest.mark.parametrize("d", [2, 10, 100, 10**4])
def test_the_bound_of_weak_noise_is_sharp(d):
    """p is at least the true probability and at most sqrt((d+1)/d) times it, nearly."""
    noise = Noise(Fraction(1), Fraction(1, 100), 1, Fraction(1, 10**7), Fraction(1))
    with ball.precision(128):
        p = float(perturbed.weak(d, noise))
    true = betainc(0.5, (d + 1) / 2, 1e-10)
    assert true <= p * (1 + 1e-12)
    assert p <= true * ((d + 1) / d) ** 0.5 * (1 + 1e-5)


def test_one_percent_less_is_not_proved():
    """The bounds of N, M and E are attained by plain geometric growth: one step fewer is too few."""
    problem, noise = standard(4, "3")
    f = problem.function
    with ball.precision(128):
        n, m, e = (
            perturbed.leaving(f, noise.least),
            perturbed.quiet(f, noise.threshold),
            perturbed.settling(f, noise.accuracy),
        )
    h, q = 1 / 6, 1 / 2
    grown = n - f.buffer_steps
    assert 1e-6 * (1 + h) ** (grown - 1) < 1 <= 1e-6 * (1 + h) ** grown
    assert 4 * 3 * 2 * q**m <= 0.01 / 2**0.5 < 4 * 3 * 2 * q ** (m - 1)
    assert 2 * 2 * q**e <= 1 / 600 < 2 * 2 * q ** (e - 1)


def test_the_hypotheses_at_their_edges():
    problem = OctopusProblem.from_text(3, "3", step="1/12")
    edge = Noise(Fraction(1, 10), Fraction(1, 20), 100, Fraction(1, 10**4), Fraction(1, 60))
    assert perturbed_descent(problem, edge).outcome.proved
    for name, factor, said in (
        ("threshold", Fraction(101, 100), "10 g <= gamma"),
        ("radius", Fraction(101, 100), "20 r <= 1"),
        ("accuracy", Fraction(99, 100), "g <= 2 L eps"),
        ("least", Fraction(501), "s <= r"),
        ("least", Fraction(400), "8 gamma^2 s^2 <= g^2"),
    ):
        worse = perturbed_descent(problem, edge._replace(**{name: getattr(edge, name) * factor}))
        assert not worse.outcome.proved
        assert said in worse.outcome.reason
    with ball.precision(128):
        n = perturbed.leaving(problem.function, edge.least)
    assert perturbed_descent(problem, edge._replace(wait=n)).outcome.proved
    assert "N <= wait" in perturbed_descent(problem, edge._replace(wait=n - 1)).outcome.reason
    many = OctopusProblem.from_text(10**6, "3", step="1/12")
    assert "p < 1" in perturbed_descent(many, edge._replace(least=Fraction(1, 1000))).outcome.reason

"""15.R against whole matrices of fractions, Theorems 15.D, 15.G and 15.S against what they speak of."""

from fractions import Fraction
from itertools import islice
from math import exp, log

import numpy as np
import pytest

from relucert.families.factorisation import prove
from relucert.families.factorisation.problem import Four, RandomStart, RankOneProblem, ScheduleProblem
from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.factorisation import rank_one


def fractions(x):
    return np.array([Fraction(int(a), 8) for a in x], dtype=object)


def scalars(u, v):
    """alpha, beta, a^2, b^2 with p = q = e_0."""
    return u[0], v[0], np.dot(u[1:], u[1:]), np.dot(v[1:], v[1:])


def test_four_scalars_are_the_whole_run():
    rng = np.random.default_rng(15)
    for d1, d2 in ((2, 2), (4, 3), (3, 6)):
        u, v = fractions(rng.integers(-9, 10, d1)), fractions(rng.integers(-9, 10, d2))
        m = np.zeros((d1, d2), dtype=object)
        m[0, 0] = s = Fraction(3, 2)
        eta = Fraction(1, 7)
        with ball.precision(400):
            start = rank_one.Scalars(*(ball.ratio(Fraction(x).as_integer_ratio()) for x in scalars(u, v)))
            run = rank_one.run(start, ball.ratio((3, 2)), ball.ratio((1, 7)))
            for at in islice(run, 6):
                for found, true in zip(at, scalars(u, v), strict=True):
                    assert found.overlaps(ball.ratio(Fraction(true).as_integer_ratio()))
                    assert float(ball.radius(found)) < 1e-60
                residual = np.outer(u, v) - m
                size = rank_one.sizes(at, Ball(3) / 2).residual
                assert float(size) ** 2 == pytest.approx(float(np.sum(residual**2)))
                u, v = u - eta * residual.dot(v), v - eta * residual.T.dot(u)
        assert s == m[0, 0]


def start(*numbers):
    return Four(*map(Fraction, numbers))


@pytest.mark.parametrize(
    "given", [("1/10", "-1/20", "1/2", "1/3"), ("-1/9", "1/5", "0", "2"), ("1", "1", "0", "0")]
)
def test_convergence_from_either_sign(given):
    result = prove.rank_one_from(RankOneProblem(Fraction(1), Fraction(1, 10), start(*given)))
    assert result.verdict == "converges-to-global-minimum"
    assert float(result.outcome.bounds.loss) < 0.1


def test_a_start_that_never_leaves_the_saddle_is_not_claimed():
    result = prove.rank_one_from(
        RankOneProblem(Fraction(1), Fraction(1, 10), start("0", "0", "1/4", "1/4")), 500
    )
    assert not result.outcome.proved and "500 steps" in result.outcome.reason


def test_divergence_and_its_growth():
    eta = Fraction(1, 10)
    result = prove.rank_one_from(RankOneProblem(Fraction(1), eta, start("1/7", "2", "25", "24")))
    assert result.verdict == "diverges" and result.outcome.steps == 0
    growth = float(result.outcome.bounds)
    assert 1.39 < growth <= 1.4
    alpha, beta, a, b = 1 / 7, 2.0, 5.0, 24**0.5
    for _ in range(5):
        p, q = 1 - 0.1 * (beta**2 + b * b), 1 - 0.1 * (alpha**2 + a * a)
        assert abs(p) >= growth * (1 - 1e-9) and abs(q) >= growth * (1 - 1e-9)
        alpha, beta, a, b = p * alpha + 0.1 * beta, q * beta + 0.1 * alpha, abs(p) * a, abs(q) * b


def test_the_threshold_of_divergence_is_sharp():
    """alpha = beta = 0, eta a^2 = eta b^2 = y: for y < 2 both shrink, for y = 2 they stay."""
    for y in (Fraction(19, 10), Fraction(2)):
        result = prove.rank_one_from(RankOneProblem(Fraction(1), Fraction(1), start(0, 0, y, y)), 50)
        assert result.verdict == "inconclusive"


def test_the_probability_is_a_bound_of_the_chi_square_tail():
    from scipy.stats import chi2

    for d, variance in ((20, "1/2"), (200, "1/20"), (3, "20")):
        result = prove.rank_one_from(
            RankOneProblem(Fraction(1), Fraction(1), RandomStart(Fraction(variance), d, d))
        )
        x = float(result.outcome.bounds)
        assert x > 0 and chi2.cdf(2 / float(Fraction(variance)), d - 1) <= exp(-x)


@pytest.mark.parametrize(("accuracy", "w"), [("1/2", "1/2"), ("9/10", "1/50")])
def test_a_schedule_that_can_be_followed_is_not_accurate_before_the_bound(accuracy, w):
    """With large C the bound is small: a run in floats is not accurate before it."""
    s, eps, norm = 1e-3, float(Fraction(accuracy)) * 1e-3, float(Fraction(w)) * 1e-2
    given = ScheduleProblem(
        Fraction(1, 1000), Fraction(1, 1000), 1, Fraction(accuracy) / 1000, Fraction(w) / 100
    )
    c = (eps / 1) ** 0.5 / (100 * s**1.5)
    result = prove.not_accurate(given)
    u = v = norm / 2**0.5
    t, limit = 0, 20000
    while abs(u * v - s) > eps and t < limit:
        g = u * v - s
        u, v = u - c / (t + 1) * g * v, v - c / (t + 1) * g * u
        t += 1
    if result.outcome.proved:
        assert t == limit or log(t, 10) >= float(result.outcome.bounds)

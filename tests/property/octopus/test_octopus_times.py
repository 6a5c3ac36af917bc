"""The exact times of Theorem 16.E against gradient descent itself, and the bounds of Theorems 16.D, 16.S."""

import random
from fractions import Fraction

import mpmath
import pytest

from octopus_direct import times
from relucert.families.octopus.problem import OctopusProblem, random_start
from relucert.families.octopus.prove import escape_times, every_start
from relucert.kernel import ball
from relucert.kernel.octopus import escape
from relucert.kernel.octopus.function import Octopus


def direct(problem, start, most=40_000):
    with mpmath.workdps(200):
        real = [
            mpmath.mpf(v.numerator) / v.denominator for v in (problem.L, problem.gamma, problem.step, *start)
        ]
        tau = mpmath.e if problem.tau is None else mpmath.mpf(problem.tau.numerator) / problem.tau.denominator
        return times(real[3:], real[0], real[1], +tau, real[2], most)


@pytest.mark.parametrize(
    ("d", "L", "gamma", "tau", "eta"),
    [
        (3, "3", "1", "e", "1/12"),
        (4, "3", "1", "e", "1/12"),
        (5, "3/2", "1", "e", "1/6"),
        (6, "1", "1", "e", "1/4"),
        (4, "1", "1", "3", "49/100"),
        (3, "6", "1", "7/2", "1/15"),
        (4, "2", "3/2", "e", "1/100"),
    ],
)
def test_the_times_are_those_of_descent(d, L, gamma, tau, eta):
    problem = OctopusProblem.from_text(d, L, gamma, tau, eta)
    for seed in range(2):
        start = random_start(d, seed)
        result = escape_times(problem, start)
        assert list(result.outcome.times) == direct(problem, start)


def test_exact_fractions_agree():
    start = (Fraction(1, 2), Fraction(3, 4))
    f = Octopus(2, Fraction(1), Fraction(1), Fraction(3), Fraction(1, 4))
    assert times(start, Fraction(1), Fraction(1), Fraction(3), Fraction(1, 4), 60) == list(
        escape_times(
            OctopusProblem(2, Fraction(1), Fraction(1), Fraction(3), Fraction(1, 4)), start
        ).outcome.times
    )
    with ball.precision(64):
        assert escape.escape(f, start).times == escape.escape(f, [-x for x in start]).times


def test_a_coordinate_that_meets_tau_exactly_is_no_obstacle():
    # 1 * (3/2)^3 = 27/8 = tau: ceil((ln tau - l)/lg) is undecided at every precision
    problem = OctopusProblem(3, Fraction(1), Fraction(1), Fraction(27, 8), Fraction(1, 4))
    start = (Fraction(1), Fraction(1, 3), Fraction(1, 2))
    assert list(escape_times(problem, start).outcome.times) == direct(problem, start)


def test_random_problems_stay_in_the_domain_and_are_bounded_from_below():
    rng = random.Random(0)  # noqa: S311
    seen = []
    for _ in range(25):
        gamma = Fraction(rng.randint(1, 8), 8)
        L = gamma * Fraction(rng.randint(10, 25), 10)
        step = Fraction(rng.randint(5, 49), 100) / L
        problem = OctopusProblem(3, L, gamma, Fraction(rng.randint(28, 50), 10), step)
        start = tuple(Fraction(rng.choice((-1, 1)) * rng.randint(1, 100), 100) for _ in range(3))
        exact = escape_times(problem, start).outcome.times
        assert list(exact) == direct(problem, start)  # raises OutsideError where descent leaves D
        seen.append(exact[-1] / every_start(problem).outcome.time)
    assert min(seen) >= 1


@pytest.mark.parametrize("L", ["1", "3/2", "3"])
def test_the_bound_for_every_start_is_near_the_truth(L):
    """From (1, .., 1) the time is less than twice the bound: a bound twice as large would be false."""
    step = str(1 / (4 * Fraction(L)))
    for d in (2, 5, 10, 40):
        problem = OctopusProblem.from_text(d, L, step=step)
        bound = every_start(problem).outcome.time
        fast = escape_times(problem, (Fraction(1),) * d).outcome.times[-1]
        assert bound <= fast < 2 * bound


def test_the_bound_for_every_start_is_the_recursion():
    with mpmath.workdps(60):
        lg, ls = mpmath.log(1 + mpmath.mpf(1) / 6), -mpmath.log(mpmath.mpf(1) / 2)
        first, ratio, a = 1 / lg, 1 + ls / lg, 0
        for k in range(10):
            a = int(mpmath.ceil(first if k == 0 else ratio * a + first))
    assert every_start(OctopusProblem.from_text(10, "3", step="1/12")).outcome.time == 1 + a == 38_734_865
    assert a > 4**9  # the thesis's ((L + gamma)/gamma)^(d - 1)


def test_a_time_is_refuted_when_it_is_off_by_one():
    """|x_k| < 2 tau one step before T_k and >= 2 tau at T_k: the proof itself says so."""
    result = escape_times(OctopusProblem.from_text(4, "3", step="1/12"), random_start(4, 3))
    e3, e4 = result.outcome.arguments[-1].hypotheses[-2:]
    assert e3.name == "E.3"
    assert e4.name == "E.4"
    assert ball.proves_lt(e3.left, ball.Ball(2))
    assert ball.proves_le(ball.Ball(2), e4.right)


def test_too_little_precision_proves_nothing():
    f = Octopus(40, Fraction(3), Fraction(1), None, Fraction(1, 12))
    with ball.precision(64), pytest.raises(ball.NotProved, match="not decided"):
        escape.escape(f, random_start(40, 0))

"""What Du's thesis prints in its chapter 7, refuted, and what is true in its place (docs/theorem/octopus.md)."""

from fractions import Fraction

import pytest
from flint import arb

from octopus_direct import gradient, pieces, place
from relucert.families.octopus.problem import OctopusProblem
from relucert.families.octopus.prove import escape_times, every_start
from relucert.kernel import ball


@pytest.fixture(autouse=True)
def bits():
    with ball.precision(128):
        yield


def test_lemma_7_4_the_slope_falls_below_minus_4_l_tau():
    """L = tau = e, gamma = 1: g_1' and dg/dx_i. For every L, as g_1'(2 tau) = -4 L tau and g_1''(2 tau) = 2 L > 0."""
    e = arb(1).exp()
    _, d1, _, d2 = pieces(e * (1 + arb(14) / 15), e, arb(1), e)
    assert d1 < arb("-30.1296") < arb("-29.5563") < -4 * e * e
    _, d1, _, d2 = pieces(e * (1 + arb("0.6")), e, arb(1), e)
    assert d1 + d2 * e**2 < arb("-41.18")
    for L in (Fraction(1), Fraction(2), Fraction(50)):
        assert pieces(Fraction(2) - Fraction(1, 1000), L, Fraction(1), Fraction(1))[1] < -4 * L
    # true: -7.33 L tau <= dg/dx_i <= -2 gamma tau, see test_octopus_function.py
    for i, j in ((i, j) for i in range(101) for j in (0, 50, 100)):
        _, d1, _, d2 = pieces(1 + Fraction(i, 100), Fraction(1), Fraction(1), Fraction(1))
        assert Fraction(-733, 100) <= d1 + d2 * Fraction(j, 100) ** 2 <= -2


def test_theorem_7_4_a_cubic_with_a_large_slope_at_the_end_dips_below_it():
    """p(x) = x^2 (x - 1): p(0) = p(1) = 0, p'(0) = 0, and p'(1) = 1 >= 3 S = 0, but p < p(1) in between."""
    p = lambda x: x**2 * (x - 1)  # noqa: E731
    assert (p(0), p(1)) == (0, 0)
    assert all(p(Fraction(i, 10)) < 0 for i in range(1, 10))
    # true: for f'(y_0) >= 3 S and f'(y_1) <= 0. With u = 1 - x, p - p(1) = -S u^2 (1 + 2 x) + f'(0) x u^2 - f'(1) x^2 u
    for i in range(11):
        x, u = Fraction(i, 10), 1 - Fraction(i, 10)
        assert all(u**2 * (1 + 2 * x) - 3 * x * u**2 - x**2 * u * end >= 0 for end in (-9, 0))


def test_lemma_7_2_one_step():
    """In a buffer x+ >= x + 2 eta gamma tau, not <=; about 4 tau, x+ = (1 - 2 eta L) x + 8 eta L tau."""
    L, gamma, tau, eta = Fraction(2), Fraction(1), Fraction(1), Fraction(1, 8)
    x = [Fraction(3, 2), Fraction(1, 4)]
    after = x[0] - eta * gradient(x, L, gamma, tau)[0]
    assert after > x[0] + 2 * eta * gamma * tau
    x = [Fraction(3), Fraction(1, 4)]
    after = x[0] - eta * gradient(x, L, gamma, tau)[0]
    assert after == (1 - 2 * eta * L) * x[0] + 8 * eta * L * tau
    assert after != (1 - eta * L) * x[0] - 4 * eta * L * tau


def test_more_than_1_over_2_eta_gamma_steps_in_a_buffer():
    """1/(2 eta gamma) = 1.06.., and two steps are made; ceil(1/(2 eta gamma)) is never exceeded."""
    f = OctopusProblem(2, Fraction(1), Fraction(1), Fraction(3), Fraction(47, 100)).function
    x = [Fraction(3) * Fraction(1001, 1000), Fraction(0)]
    count = 0
    while place(x, 3)[1]:
        x = [v - f.eta * g for v, g in zip(x, gradient(x, 1, 1, 3), strict=True)]
        count += 1
    assert 1 / f.growth < count == f.buffer_steps == 2


def test_fewer_than_1_over_eta_gamma_steps_to_tau():
    """L = 3, eta = 1/12, tau = e: from x_1 = 1 seven steps reach tau; the thesis says at least 12."""
    assert (arb(7) / 6) ** 6 < arb(1).exp() < (arb(7) / 6) ** 7
    assert 6 == 1 / (2 * Fraction(1, 12)) <= 7 < 1 / Fraction(1, 12)


def test_the_minima_need_the_last_piece_of_the_domain():
    """(7.12): the union has to go to d + 1: (4 tau, .., 4 tau) is in cell d, the (d + 1)-st, and in no other piece."""
    d, tau = 3, Fraction(1)
    assert place([4 * tau] * d, tau) == (d, False)
    assert all(place([4 * tau] * k + [Fraction(0)] * (d - k), tau) == (k, False) for k in range(d))


def test_the_exponential_bound_survives_and_is_sharpened():
    """T_d >= ((L + gamma)/gamma)^(d-1), and more."""
    for L in ("1", "3/2", "3"):
        problem = OctopusProblem.from_text(10, L, step=str(1 / (4 * Fraction(L))))
        thesis = (Fraction(L) + 1) ** 9
        assert thesis < every_start(problem).outcome.time
        assert (
            every_start(problem).outcome.time <= escape_times(problem, (Fraction(1),) * 10).outcome.times[-1]
        )

"""Tightness of the theorems about functions of one variable.

Every bound is attained, or nearly, so that one about a hundredth too small would fail here. Where a theorem
is sharp, a function that attains it is built. Where it is not (Lemma 1, Lemma 2), the bound is compared with
its exact value, and its distance from the truth is stated.
"""

import math

import pytest
from flint import arb

from relucert.kernel import newton
from relucert.kernel.teacher import theorems


def numbers(*values):
    return [arb(x) for x in values]


def test_lemma_1_gives_exactly_the_radius_of_the_paper():
    """lambda = 5, eps = 8, L = 1: (3 lambda - sqrt(9 lambda^2 - 25 L eps)) / (2 L) = 5."""
    argument, radius = newton.lemma_1(*numbers(5, 8, 1, 5))
    assert argument.holds
    assert radius == 5
    assert not newton.lemma_1(*numbers(5, 8, 1, 4.99))[0].holds


def test_lemma_1_holds_up_to_its_limit_and_not_a_hundredth_beyond():
    """lambda = 5, L = 1: the largest gradient norm is 9."""
    argument, radius = newton.lemma_1(*numbers(5, 9, 1, 100))
    assert argument.holds
    assert radius == 7.5
    assert not newton.lemma_1(*numbers(5, 9.09, 1, 100))[0].holds


def test_lemma_1_needs_a_positive_eigenvalue():
    for value in (0, -5):
        assert not newton.lemma_1(*numbers(value, 0, 1, 100))[0].holds
        assert not newton.lemma_1(*numbers(value, 8, 1, 100))[0].holds


def test_lemma_1_is_within_25_24_of_the_argument_by_values():
    """-eps t + lambda t^2/2 - L t^3/6 vanishes first at t: the least radius for which F on the sphere is
    proved to exceed F(W). The paper's radius is 25/24 of it for small L, 5/4 at the limit."""
    for lam, eps, constant, most in [
        (1.0, 2.0**-20, 2.0**-20, 25 / 24 + 1e-6),
        (5.0, 8.0, 1.0, 1.25),
        (5.0, 9.0, 1.0, 1.2501),
    ]:
        _, radius = newton.lemma_1(*numbers(lam, eps, constant, 100))
        least = 2 * eps / (lam / 2 + math.sqrt(lam * lam / 4 - 2 * constant * eps / 3))
        assert least <= float(radius) <= most * least


INVERSES = [(0, 1 / 4, 3 / 4), (1 / 2, 1 / 8, 3 / 8), (7 / 8, 1 / 32, 3 / 32)]


@pytest.mark.parametrize("omega, chi, eta", INVERSES)
def test_theorem_e_gives_both_roots_of_a_quadratic(omega, chi, eta):
    """F'(x) = -3 + 4 x - x^2, L = 2, roots 1 and 3; X = chi, omega = 1 - 4 X, eta = 3 X."""
    argument, radius, uniqueness = newton.theorem_e(*numbers(omega, chi, eta, 2, 100))
    assert argument.holds
    assert radius == 1
    assert uniqueness == 3
    assert newton.theorem_e(*numbers(omega, chi, eta, 2, 1))[0].holds
    assert not newton.theorem_e(*numbers(omega, chi, eta, 2, 0.999))[0].holds


def test_theorem_e_speaks_until_the_roots_meet():
    """F'(x) = -a + 4 x - x^2 has no root for a > 4."""
    assert newton.theorem_e(*numbers(0, 1 / 4, 3.96 / 4, 2, 100))[0].holds
    assert not newton.theorem_e(*numbers(0, 1 / 4, 4 / 4, 2, 100))[0].holds
    assert not newton.theorem_e(*numbers(0, 1 / 4, 4.01 / 4, 2, 100))[0].holds


def test_theorem_e_refuses_an_inverse_that_is_none():
    """X = 0 has omega = 1: every point is a fixed point of x - X F'(x)."""
    assert not newton.theorem_e(*numbers(1, 0, 0, 2, 100))[0].holds
    assert not newton.theorem_e(*numbers(1.5, 1 / 4, 0, 2, 100))[0].holds


def test_theorem_e_uniqueness_ends_with_the_domain():
    assert newton.theorem_e(*numbers(0, 1 / 4, 3 / 4, 2, 2))[2] == 2


def test_theorem_d_the_basin_ends_at_the_next_critical_point():
    """F'(x) = 3 x - x^2, L = 2, a minimum at 0 and a maximum at 3."""
    argument, basin, _ = newton.theorem_d(*numbers(3, 3, 2, 0, 100))
    assert argument.holds
    assert 0.99 * 3 <= float(basin) < 3


def test_theorem_d_the_basin_ends_with_the_domain():
    argument, basin, _ = newton.theorem_d(*numbers(3, 3, 2, 0.25, 1))
    assert argument.holds
    assert 0.99 * 0.5 <= float(basin) <= 0.5  # R + r <= 1 and r = 1/4, so R - r <= 1/2


def test_theorem_d_a_longer_step_overshoots():
    """F'(x) = 3 x + x |x|, L = 2: from R a step s leads to R (1 - s (3 + R)), outside if s > 2/(3 + R)."""
    argument, basin, step = newton.theorem_d(*numbers(3, 3, 2, 0, 1))
    assert argument.holds
    reach, longest = float(basin), float(step)
    for factor, inside in [(0.999, True), (1.01, False)]:
        after = reach - factor * longest * (3 * reach + reach * reach)
        assert (abs(after) < reach) == inside


def test_theorem_d_a_longer_step_diverges_on_a_quadratic():
    """F'(x) = 3 x, L next to 0: gradient descent converges if and only if step < 2/3."""
    _, _, step = newton.theorem_d(arb(3), arb(3), arb(2.0**-60), arb(0), arb(1))
    assert 0.999 * 2 / 3 <= float(step) < 2 / 3 + 1e-15
    assert abs(1 - 1.01 * 3 * float(step)) > 1


def test_theorem_d_refuses_a_minimum_that_may_be_flat():
    assert not newton.theorem_d(*numbers(1, 1, 4, 0.25, 100))[0].holds  # lambda - L r = 0
    assert not newton.theorem_d(*numbers(1, 1, 4.04, 0.25, 100))[0].holds


def test_not_critical_up_to_the_root():
    """|F'(x)| = a - 2 x - x^2 on the line, L = 2: a root at 1 for a = 3."""
    assert not newton.not_critical(*numbers(3, 2, 2, 1)).holds
    assert not newton.not_critical(*numbers(2.97, 2, 2, 1)).holds
    assert newton.not_critical(*numbers(3.01, 2, 2, 1)).holds
    assert newton.not_critical(*numbers(3, 2, 2, 0.99)).holds


def test_lemma_2_gives_exactly_its_bound_and_holds_up_to_it():
    argument, value = newton.lemma_2(*numbers(1, 0.5, 2, 1, 1.5))
    assert argument.holds
    assert value == 0.25
    assert not newton.lemma_2(*numbers(0.75, 0.5, 2, 1, 1.5))[0].holds
    assert newton.lemma_2(*numbers(0.7501, 0.5, 2, 1, 1.5))[0].holds


def test_lemma_2_needs_convexity_on_the_ball():
    """L r = lambda is the limit: F''(x) = lambda - L x vanishes at r."""
    assert newton.lemma_2(*numbers(1, 0, 2, 1, 2))[0].holds
    assert not newton.lemma_2(*numbers(1, 0, 2, 1, 2.02))[0].holds


def test_lemma_2_loses_a_factor_of_2_on_a_quadratic():
    """F(x) = 1 - x + x^2, minimum 3/4 at r = 1/2: the fall is 1/4, half of eps r."""
    _, value = newton.lemma_2(*numbers(1, 1, 2, 0.001, 0.5))
    assert 1 - float(value) == 2 * (1 - 0.75)


def test_taylors_bounds_are_attained_by_a_cubic():
    """F(x) = 3 + x/2 + x^2 + x^3 (|lambda| = 2, L = 6) at x = 1/2, and its mirror image below."""
    low, high = newton.taylor(*numbers(3, 0.5, 2, 6, 0.5))
    assert high == 3 + 0.25 + 0.25 + 0.125
    assert low == 3 - 0.25 - 0.25 - 0.125


def test_the_global_minimum_lies_inside_the_uniqueness_radius_and_not_on_its_edge():
    """On the edge there may be another critical point: the second root of the quadratic above."""
    _, _, uniqueness = newton.theorem_e(*numbers(0, 1 / 4, 3 / 4, 2, 100))
    assert theorems.global_minimum(arb(2.999), uniqueness).holds
    assert not theorems.global_minimum(arb(3), uniqueness).holds


def test_theorem_d_needs_a_radius_below_its_reach():
    """r = R, exactly: (1 - 2^-10) (alpha - r) = r for r = 1023/1024, alpha = 1 + r."""
    assert not newton.theorem_d(*numbers(100, 100, 1, 1023 / 1024, 1 + 1023 / 1024))[0].holds

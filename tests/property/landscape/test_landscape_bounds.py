"""Theorems 13.A, 13.B and 13.T on whole problems: every bound holds, and a little more would not be true."""

import itertools
from contextlib import suppress
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landscape_balls import at_most, contains, exact_ball, scale_of, weights_of

import landscape_points as points
from relucert.base.dyadic import to_fraction
from relucert.kernel import ball
from relucert.kernel.ball import Ball, proves_le, proves_lt, proves_positive
from relucert.kernel.landscape import basin as around
from relucert.kernel.landscape import regime
from relucert.kernel.landscape.regime import HasSpuriousMinimum, NoSpuriousMinimum, UnboundedBelow
from relucert.kernel.landscape.weights import ORTHONORMAL, weights
from relucert.kernel.outcome import Inconclusive

TINY = Fraction(1, 10**9)
sizes = st.integers(4, 40).map(lambda n: Fraction(n, 16))
RELATIVE = Fraction(1, 2**80)
EXAMPLE = points.exact((1, 1), 2, Fraction(81, 17))  # of Theorem 13.A (iii)


@st.composite
def benign(draw):
    """nu < 1 and nu alpha_max < lambda, or nu > 1 and lambda < (1 + nu) alpha_min, too."""
    d = draw(st.integers(2, 5))
    if draw(st.booleans()):
        alpha, nu = [draw(sizes) for _ in range(d)], Fraction(draw(st.integers(1, 63)), 64)
        return points.exact(alpha, nu, nu * max(alpha) * (1 + Fraction(draw(st.integers(1, 200)), 64)))
    alpha, nu = (
        [1 + Fraction(draw(st.integers(0, 15)), 64) for _ in range(d)],
        Fraction(draw(st.integers(65, 250)), 64),
    )
    low, high = nu * max(alpha), (1 + nu) * min(alpha)
    if low >= high:
        alpha, low, high = [Fraction(1)] * d, nu, 1 + nu
    return points.exact(alpha, nu, low + (high - low) * Fraction(draw(st.integers(1, 63)), 64))


def beside(found, side, exact):
    """Whether an exact number is a bound from below (-1) or above (1), by at most a relative 2^-80. Exactly."""
    x = to_fraction(ball.to_dyadic(found))
    return 0 <= side * (x - exact) <= abs(exact) * RELATIVE


def saddle_bound(of):
    """The largest tau = 8 nu gam of T'.1 and T'.2."""
    nu, lam, low = of.nu, of.lam, min(of.alpha)
    kap, A, m = max(2 * nu + len(of.alpha) - 1, len(of.alpha)), sum(1 / of.alpha), (1 + nu) * low - lam
    gam = []
    if nu < 1:
        gam.append((1 - nu) * low / (kap + (1 - nu) * (low * (kap / lam + A) - 1)))
    if m > 0:
        gam.append(min(1 / (kap / lam + A), m / (nu + m * (kap / lam + A - 1 / low))))
    return 8 * nu * max(gam)


@st.composite
def doubled(draw):
    """nu > 1, lambda above nu alpha_max and above (1 + nu) alpha_min."""
    d = draw(st.integers(2, 5))
    alpha, nu = [draw(sizes) for _ in range(d)], Fraction(draw(st.integers(65, 400)), 64)
    low = max(nu * max(alpha), (1 + nu) * min(alpha))
    return points.exact(alpha, nu, low * (1 + Fraction(draw(st.integers(1, 200)), 64)))


@settings(max_examples=150, deadline=None)
@given(benign())
def test_numbers_of_a_benign_landscape(of):
    """Value and spectrum exactly, as fractions; the saddles' bound is the largest of Theorem 13.T but for 1/1024."""
    with ball.precision(128):
        found = regime.decide(weights_of(of), ORTHONORMAL)
        assert isinstance(found, NoSpuriousMinimum)
        assert all(argument.holds for argument in found.arguments)
        values, bounds = points.permuted_spectrum(of), found.bounds
        low, high = values[0], values[-1]
        value = points.least_value(of)
        for found_at, side, exact in (
            (bounds.value[0], -1, value),
            (bounds.value[1], 1, value),
            (bounds.lambda_min, -1, low),
            (bounds.lambda_max, 1, high),
        ):
            assert beside(found_at, side, exact)
        tau = saddle_bound(of)
        assert tau >= points.saddle_bound(of)  # 13.T' is never weaker than 13.T
        assert at_most(bounds.saddle, tau)
        assert not at_most(bounds.saddle, tau * (1 - Fraction(1, 1000)))


@settings(max_examples=40, deadline=None)
@given(st.one_of(benign(), doubled()), st.integers(1, 8), st.integers(0, 24))
def test_numbers_in_b_are_those_in_u_times_squares_of_singular_values(of, least, more):
    """Lower bounds with the smallest, upper ones with the largest; values as they are."""
    scale, w = scale_of(Fraction(least, 4), Fraction(least + more, 4)), weights_of(of)
    with ball.precision(128):
        u, b = (regime.decide(w, x) for x in (ORTHONORMAL, scale))
        assert u.verdict == b.verdict
        assert u.bounds.value == b.bounds.value
        low, high = (to_fraction(ball.to_dyadic(x)) for x in scale)
        pairs = [(b.bounds.lambda_min, u.bounds.lambda_min, low)]
        if isinstance(u, NoSpuriousMinimum):
            pairs += [
                (b.bounds.saddle, u.bounds.saddle, low),
                (b.bounds.lambda_max, u.bounds.lambda_max, high),
            ]
        for found, plain, factor in pairs:
            x, y = (to_fraction(ball.to_dyadic(z)) for z in (found, plain))
            assert abs(x - y * factor) <= y * factor * RELATIVE


@settings(max_examples=100, deadline=None)
@given(doubled())
def test_numbers_of_a_doubled_minimum(of):
    """Its value, its smallest eigenvalue and how far the signed permutations are below, exactly."""
    with ball.precision(128):
        found = regime.decide(weights_of(of), ORTHONORMAL)
        assert isinstance(found, HasSpuriousMinimum)
        twice, never, bounds = found.twice, found.never, found.bounds
        w = points.doubled(of, twice, never)
        value = points.value_of_squares(of, w)
        gap = value - points.least_value(of)
        lowest = points.doubled_spectrum(of, twice, never)[0]
        for bound, side, exact in (
            (bounds.value[0], -1, value),
            (bounds.value[1], 1, value),
            (bounds.gap, -1, gap),
            (bounds.lambda_min, -1, lowest),
        ):
            assert beside(bound, side, exact)
        assert all(
            points.value_of_squares(of, points.doubled(of, twice, other)) <= value
            for other in range(len(w)) if other != twice
        )  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(doubled())
def test_the_doubled_point_is_a_strict_minimum(of):
    """Counted exactly, at the point that the kernel names."""
    if len(of.alpha) > 3:
        return
    found = regime.decide(weights_of(of), ORTHONORMAL)
    w = points.doubled(of, found.twice, found.never)
    bound = Fraction(float(found.bounds.lambda_min)) * (1 - TINY)
    assert points.eigenvalues_below(of, w, bound) == 0
    assert points.eigenvalues_below(of, w, bound * (1 + 3 * TINY)) > 0


def test_the_example_of_theorem_13_a():
    with ball.precision(128):
        found = regime.decide(weights_of(EXAMPLE), ORTHONORMAL)
        assert (found.twice, found.never) == (0, 1)
        assert proves_le(found.bounds.value[0], exact_ball(Fraction(-81, 32)))
        assert contains(regime.least_value(weights_of(EXAMPLE)), Fraction(-324, 47))
        assert contains(regime.doubled_spectrum(weights_of(EXAMPLE)), Fraction(81, 16))


# --- thresholds --------------------------------------------------------------------------------------------


def decided(alpha, nu, lam):
    return regime.decide(weights_of(points.exact(alpha, nu, lam)), ORTHONORMAL)


def nearly(x, relative):
    return (x * (1 - relative), x * (1 + relative))


@pytest.mark.parametrize(("relative", "bits"), [(TINY, 64), (Fraction(1, 10**30), 128)])
@pytest.mark.parametrize("nu", [Fraction(1, 3), Fraction(7, 5), Fraction(5, 2)])
def test_verdicts_on_both_sides_of_both_thresholds(nu, relative, bits):
    alpha = (Fraction(3, 2), Fraction(1), Fraction(5, 4))
    first, second = nu * max(alpha), (1 + nu) * min(alpha)
    with ball.precision(bits):
        below, above = (decided(alpha, nu, x) for x in nearly(first, relative))
        assert isinstance(below, UnboundedBelow)
        assert isinstance(above, NoSpuriousMinimum if nu < 1 or first < second else HasSpuriousMinimum)
        if nu > 1 and first < second:
            below, above = (decided(alpha, nu, x) for x in nearly(second, relative))
            assert isinstance(below, NoSpuriousMinimum)
            assert isinstance(above, HasSpuriousMinimum)


@pytest.mark.parametrize("nu", [1 - TINY, 1 + TINY])
def test_verdicts_on_both_sides_of_twelve(nu):
    alpha = (Fraction(3, 2), Fraction(1))
    found = regime.decide(weights_of(points.exact(alpha, nu, 3)), ORTHONORMAL)
    assert isinstance(found, NoSpuriousMinimum if nu < 1 else HasSpuriousMinimum)


@pytest.mark.parametrize("lam", [Fraction(3, 2), Fraction(5, 2)])
def test_nothing_is_said_at_a_threshold(lam):
    """lambda = nu alpha_max, and lambda = (1 + nu) alpha_min: both impossible for rational data, as alpha is not."""
    of = points.exact((Fraction(1), Fraction(1)), Fraction(3, 2), lam)
    assert isinstance(regime.decide(weights_of(of), ORTHONORMAL), Inconclusive)


@pytest.mark.parametrize("lam", [3, Fraction(5, 2)])
def test_nothing_is_said_at_twelve_without_its_other_condition(lam):
    """nu = 1: the doubled point has a flat direction, lambda_min = 0. Below (1 + nu) alpha_min all is well."""
    assert isinstance(decided((Fraction(1), Fraction(1)), Fraction(1), lam), Inconclusive)
    assert isinstance(decided((Fraction(1), Fraction(1)), Fraction(1), Fraction(3, 2)), NoSpuriousMinimum)


def test_there_are_signed_permutations_only_above_all_of_the_weights():
    for lam, holds in ((Fraction(1, 4), False), (Fraction(3, 4), False), (Fraction(5, 4), True)):
        w = weights_of(points.exact((1, 2), Fraction(1, 2), lam))
        assert regime.bounded(w).holds == holds
        assert regime.unbounded(w).holds != holds
        assert regime.benign(w).holds == holds


def test_weights_that_are_not_positive_are_refused():
    one = (1, 1)
    for a, mu, lam in (
        ([one, (0, 1)], one, one), ([one, (-1, 2)], one, one), ([one], one, one),
        ([one, one], (0, 1), one), ([one, one], (-3, 1), one), ([one, one], one, (0, 1)), ([one, one], one, (-1, 1)),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="positive"):
            weights(a, mu, lam, inverted=False)


def test_undefined_numbers_prove_nothing():
    of = weights_of(EXAMPLE)
    for replaced in (
        {"nu": ball.undefined()},
        {"lam": ball.undefined()},
        {"ascending": (ball.undefined(),) * 2},
    ):
        bad = of._replace(**replaced)
        with suppress(ball.NotProved):
            assert isinstance(regime.decide(bad, ORTHONORMAL), Inconclusive)


# --- Theorem 13.B ------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(benign(), st.integers(1, 8), st.integers(0, 24))
def test_the_basin_is_as_large_as_its_theorem_allows(of, least, more):
    """The change of the mean Hessian is below low, and at least 0.998 of it; step = 2/(high + it) but for rounding."""
    scale = scale_of(Fraction(least, 4), Fraction(least + more, 4))
    with ball.precision(128):
        w = weights_of(of)
        argument, reach, step = around.basin(w, scale)
        low, high = around.spectrum_at_minima(w)
        low, high, stretch = low * scale.least, high * scale.most, scale.most.sqrt()
        first, second = around.lipschitz(w)
        half = scale.most * stretch * (first / 2 + second * stretch * reach / 6) * reach
        assert argument.holds
        assert proves_lt(half, low)
        assert proves_lt(low * Ball(0.998), half)
        assert proves_lt(step * (high + half), Ball(2))
        assert proves_lt(Ball(1.99), step * (high + low))


@settings(max_examples=30, deadline=None)
@given(benign(), st.randoms(use_true_random=False))
def test_descent_from_the_basin_gets_to_the_minimum(of, random):
    bounds = regime.decide(weights_of(of), ORTHONORMAL).bounds
    rng, d = np.random.default_rng(random.randrange(2**32)), len(of.alpha)
    floats = points.as_floats(of)
    P = np.diag(np.sqrt(floats.lam / (floats.lam - floats.nu * floats.alpha)))
    away = rng.normal(size=(d, d))
    start = 0.999 * float(bounds.basin) * away / np.linalg.norm(away)
    U, previous = P + start, np.linalg.norm(start)
    for _ in range(60):
        U = U - 0.999 * float(bounds.step) * points.gradient(floats, U)
        distance = np.linalg.norm(U - P)
        assert distance <= previous * (1 + 1e-9) + 1e-13
        previous = distance


def test_the_basin_with_mu_6_and_lambda_1_is_that_of_every_d():
    """1.329 and 0.0925, as Theorem 13.B says."""
    for d in (2, 7, 50):
        found = regime.decide(weights([(1, 1)] * d, (6, 1), (1, 1), inverted=False), ORTHONORMAL).bounds
        assert abs(float(found.lambda_min) - 1.329) < 0.001
        assert abs(float(found.basin) - 0.0925) < 0.0001


# --- Theorem 13.T ------------------------------------------------------------------------------------------


def shallowest(of):
    """The largest of the smallest eigenvalues at critical points that are no signed permutations, in floats."""
    floats, found = points.as_floats(of), []
    for w in points.critical_points(of):
        U = np.sqrt(w.astype(float))
        lowest = np.linalg.eigvalsh(points.flat(points.hessian(floats, U)))[0]
        found += [lowest] if lowest < 1e-9 else []
    return max(found)


@pytest.mark.parametrize(
    "nu", [Fraction(1, 100), Fraction(1, 4), Fraction(1, 2), Fraction(9, 10), Fraction(99, 100)]
)
def test_saddles_are_as_deep_as_claimed(nu):
    """d = 2, equal weights, lambda = 5: -tau is above all, and one is within a factor of 1.6/nu."""
    of = points.exact((1, 1), nu, 5)
    argument, tau = regime.saddle_bound(weights_of(of))
    assert argument.holds
    deepest = -shallowest(of)
    assert float(tau) < deepest < 1.6 / float(nu) * float(tau)


@settings(max_examples=12, deadline=None)
@given(benign())
def test_saddles_are_as_deep_as_claimed_for_any_weights(of):
    of = points.Landscape(of.alpha[:2], of.nu, of.lam)
    found = regime.decide(weights_of(of), ORTHONORMAL)
    if isinstance(found, NoSpuriousMinimum):
        assert proves_positive(found.bounds.saddle)
        assert float(found.bounds.saddle) < -shallowest(of)


def test_the_saddle_bound_claims_nothing_where_another_minimum_is():
    for nu, lam in itertools.product((Fraction(3, 2), Fraction(4)), (Fraction(21, 2), Fraction(100))):
        of = points.exact((1, 2), nu, lam)
        argument, _ = regime.saddle_bound(weights_of(of))
        assert not argument.holds

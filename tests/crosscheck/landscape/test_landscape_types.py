"""The kinds of critical points of the designed landscape: every one of them exactly for d <= 4, and as Newton's
method finds them, against Theorems 13.A and 13.T of docs/theorem/landscape.md."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

import landscape_points as points
import landscape_types

RNG = 20171101


def is_permuted(of, w):
    """Whether w are the squares of a signed permutation of Theorem 13.A."""
    d, t = len(of.alpha), of.lam / (of.lam - of.nu * of.alpha)
    return any((w[list(order)] == np.diag(t)).all() for order in itertools.permutations(range(d)))


def random_exact(rng, d, mu, ratio):
    """Rational problems with mu and lambda/(nu alpha_max) in the given ranges."""
    alpha = [int(x) for x in rng.integers(4, 24, d)]
    nu = Fraction(int(rng.integers(*(int(10 * x) for x in mu))), 120)
    lam = Fraction(int(rng.integers(*(int(20 * x) for x in ratio))), 20) * nu * max(alpha)
    return points.exact(alpha, nu, lam)


def minima(of):
    return [w for w in points.critical_points(of) if points.eigenvalues_below(of, w, 0) == 0]


def check_nothing_is_spurious(of):
    """All local minima are signed permutations of value V; all others have an eigenvalue below -tau. Exactly."""
    tau = points.saddle_bound(of) * (1 - Fraction(1, 10**9))
    assert tau > 0
    permuted = []
    for w in points.critical_points(of):
        if is_permuted(of, w):
            permuted.append(w)
            assert points.eigenvalues_below(of, w, 0) == 0
            assert points.value_of_squares(of, w) == points.least_value(of)
        else:
            assert points.eigenvalues_below(of, w, -tau) > 0
    assert len(permuted) == 1


@pytest.mark.parametrize(("d", "count"), [(2, 40), (3, 12), (4, 1)])
def test_every_critical_point_exactly_where_nothing_is_spurious(d, count):
    rng = np.random.default_rng((RNG, d))
    for _ in range(count):
        check_nothing_is_spurious(random_exact(rng, d, (0.2, 11.9), (1.05, 7.4)))


def test_every_critical_point_exactly_beyond_twelve_with_small_lambda():
    """The other half of Theorem 13.A (ii): nu >= 1, but nu alpha_max < lambda < (1 + nu) alpha_min."""
    check_nothing_is_spurious(points.exact((1, Fraction(5, 4), Fraction(9, 8)), 3, Fraction(31, 8)))


def test_the_bound_at_saddles_is_nearly_attained():
    """T.3' with lambda just below (1 + nu) alpha_min, nu just above 1: at the doubled point within 1 per cent."""
    nu = Fraction(1001, 1000)
    of = points.exact((1, 1), nu, (1 + nu) * (1 - Fraction(1, 10**6)))
    tau = points.saddle_bound(of)
    check_nothing_is_spurious(of)
    assert points.eigenvalues_below(of, points.doubled(of, 0, 1), -tau * Fraction(101, 100)) == 0


@pytest.mark.parametrize("lam", [Fraction(11, 2), Fraction(13, 2), Fraction(43, 5)])
def test_which_doubled_points_are_minima(lam):
    """Theorem 13.A (iii): those at l with lambda > (1 + nu) alpha_l, none if lambda is less; values, exactly."""
    of = points.exact((1, 2, Fraction(5, 2)), Fraction(17, 8), lam)
    for twice, never in itertools.permutations(range(3), 2):
        w = points.doubled(of, twice, never)
        is_minimum = points.eigenvalues_below(of, w, 0) == 0
        assert is_minimum is bool(of.lam > (1 + of.nu) * of.alpha[twice])
        stated = points.least_value(of) + sum(points.depth(of, of.nu * of.alpha[i]) for i in (twice, never))
        assert points.value_of_squares(of, w) == stated - 2 * points.depth(of, (of.nu - 1) * of.alpha[twice])


def test_eigenvalues_are_counted_as_floats_see_them():
    of = points.exact((1, Fraction(5, 4), Fraction(9, 8)), Fraction(1, 3), 1)
    for w in points.critical_points(of):
        H = points.flat(points.hessian(points.as_floats(of), np.sqrt(w.astype(float))))
        for bound in (Fraction(-301, 101), Fraction(-10, 71), Fraction(0), Fraction(170, 101)):
            assert points.eigenvalues_below(of, w, bound) == (np.linalg.eigvalsh(H) < float(bound)).sum()


def test_every_minimum_exactly_beyond_twelve():
    """Theorem 13.A (iii): the doubled points are among the minima, and a column may be used three times, too."""
    of = points.exact((1, 2, Fraction(5, 2)), Fraction(17, 8), Fraction(43, 5))
    found = minima(of)
    listed = {tuple(sorted(map(tuple, w))) for w in found}
    for twice, never in itertools.permutations(range(3), 2):
        assert tuple(sorted(map(tuple, points.doubled(of, twice, never)))) in listed
    assert sum(is_permuted(of, w) for w in found) == 1
    assert sum(sum(w[:, 0] != 0) == 3 for w in found) == 1


def test_the_doubled_point_exactly():
    """d = 2, alpha = (1, 1), nu = 2, lambda = 81/17: gradient, spectrum and values."""
    of = points.exact((1, 1), 2, Fraction(81, 17))
    U = np.array([[Fraction(9, 8), Fraction(0)], [Fraction(9, 8), Fraction(0)]])
    assert (points.doubled(of, 0, 1) == U * U).all()
    assert not points.gradient(of, U).any()
    assert points.value(of, U) == Fraction(-81, 32) > Fraction(-324, 47) == points.least_value(of)
    spectrum = [Fraction(81, 16)] * 2 + [Fraction(1215, 68), Fraction(648, 17)]
    assert points.doubled_spectrum(of, 0, 1) == spectrum
    assert points.power_sums(points.flat(points.hessian(of, U))) == [
        sum(x**k for x in spectrum) for k in (1, 2, 3, 4)
    ]


def test_spectra_at_the_doubled_points_and_the_permutations():
    """mu > 12, d = 2 to 5: strict minima with the spectra and values of Theorem 13.A, and the gap."""
    rng = np.random.default_rng((RNG, 13))
    for d in (2, 3, 4, 5):
        alpha = rng.uniform(0.5, 2, d)
        nu = rng.uniform(1.1, 3)
        of = points.Landscape(alpha, nu, (1 + nu) * alpha.max() * rng.uniform(1.05, 3))
        U = np.diag(np.sqrt(of.lam / (of.lam - nu * alpha)))
        spectrum = np.linalg.eigvalsh(points.flat(points.hessian(of, U)))
        assert abs(points.gradient(of, U)).max() < 1e-9
        assert np.allclose(spectrum, points.permuted_spectrum(of), rtol=1e-10)
        assert np.isclose(points.value(of, U), points.least_value(of), rtol=1e-10)
        for twice, never in itertools.permutations(range(d), 2):
            U = np.sqrt(points.doubled(of, twice, never))
            assert abs(points.gradient(of, U)).max() < 1e-9
            spectrum = np.linalg.eigvalsh(points.flat(points.hessian(of, U)))
            assert spectrum[0] > 0
            assert np.allclose(spectrum, points.doubled_spectrum(of, twice, never), rtol=1e-9)
            stated = points.least_value(of) + sum(points.depth(of, nu * alpha[i]) for i in (twice, never))
            stated -= 2 * points.depth(of, (nu - 1) * alpha[twice])
            assert np.isclose(points.value(of, U), stated, rtol=1e-10)


def test_newton_finds_the_doubled_point():
    """From near it, and from afar in a plane; there, d = 2, nothing else but the permutations is a minimum."""
    of = points.Landscape(np.ones(2), 2.0, 81 / 17)
    kinds = landscape_types.kinds(of, landscape_types.search(of, np.random.default_rng(RNG), starts=400))
    minima = {name for name, lowest in zip(kinds.names, kinds.lowest, strict=True) if lowest > 0}
    assert minima == {"permutation", "other"}
    for name, lowest, U in zip(kinds.names, kinds.lowest, kinds.points, strict=True):
        if name == "other" and lowest > 0:
            assert np.isclose(lowest, 81 / 16)
            w = np.sort(U.ravel() ** 2)
            assert np.allclose(w, [0, 0, 81 / 64, 81 / 64])


def test_types_by_newton():
    """Random problems and starts: no local minimum but the signed permutations, the rest below -tau."""
    found = landscape_types.survey(seed=RNG, count=1000)
    assert found.distinct >= 1000
    assert found.minima > found.problems / 2 > 10  # one class in each problem
    assert found.contradictions == 0
    assert found.depth > 1  # the least of lambda_min/(-tau)

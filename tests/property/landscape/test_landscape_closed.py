"""Theorems 13.P and 13.S: the radius and the curvature hold, and neither may be 1% larger."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest

from relucert.kernel import ball
from relucert.kernel.landscape import fixed_points
from relucert.kernel.outcome import Inconclusive


def ratios(*values):
    return [Fraction(x).as_integer_ratio() for x in values]


def objective(a, rows):
    """P' of Appendix D on unit rows."""
    w = rows**2
    return (a * (w.sum(axis=0) ** 2 - (w**2).sum(axis=0))).sum()


def standing(d, least, first, second, x):
    rows = np.eye(d)
    rows[first] = np.eye(d)[least]
    rows[second] = np.sqrt(x) * np.eye(d)[first] + np.sqrt(1 - x) * np.eye(d)[second]
    return rows


PLACES = [
    ((1, Fraction(8, 5), Fraction(16, 5)), 0, 1, 2, Fraction(2, 3)),
    ((4, 1, 9, 5), 1, 2, 0, Fraction(1, 2)),
    ((7, 7, 7, 7, 2), 4, 0, 3, Fraction(2, 5)),
]


@pytest.mark.parametrize(("a_star", "least", "first", "second", "x"), PLACES)
def test_nothing_is_smaller_within_the_radius(a_star, least, first, second, x):
    found = fixed_points.unit_rows(ratios(*a_star), least, first, second, x.as_integer_ratio())
    radius, a, d = float(found.strength), np.array(a_star, dtype=float), len(a_star)
    rows, rng = standing(d, least, first, second, float(x)), np.random.default_rng(8)
    assert objective(a, rows) == pytest.approx(2 * a[least])
    for _ in range(300):
        moved = rows + rng.normal(size=(d, d)) * rng.choice([1e-3, 0.1, 1], size=(d, 1))
        moved /= np.linalg.norm(moved, axis=1)[:, None]
        away = np.linalg.norm(moved - rows, axis=1).max()
        if away > radius:
            moved = rows + (moved - rows) * 0.9 * radius / away
            moved /= np.linalg.norm(moved, axis=1)[:, None]
        assert np.linalg.norm(moved - rows, axis=1).max() <= radius
        assert objective(a, moved) >= 2 * a[least] * (1 - 1e-12)


@pytest.mark.parametrize(("column", "x"), [(1, Fraction(1, 100)), (2, Fraction(99, 100))])
def test_the_radius_is_nearly_the_largest(column, x):
    """Row q turned away from e_p, or e_q, by 1.01 of it, row p tilted towards that: less than 2 a_l."""
    weights = (1, 10**4, 100) if column == 1 else (1, 100, 10**4)
    a, found = (
        np.array(weights, dtype=float),
        fixed_points.unit_rows(ratios(*weights), 0, 1, 2, x.as_integer_ratio()),
    )
    rows = standing(3, 0, 1, 2, float(x))
    for part, below in ((0.99, False), (1.01, True)):
        angle = 2 * np.arcsin(part * float(found.strength) / 2) * (1 if column == 1 else -1)
        at = np.arctan2(rows[2, 2], rows[2, 1]) + angle
        moved = rows.copy()
        moved[2] = [0, np.cos(at), np.sin(at)]
        moved[1] = [np.cos(1e-3), 0, 0]
        moved[1, column] = np.sin(1e-3)
        assert (objective(a, moved) < 2) == below


@pytest.mark.parametrize(
    ("a_star", "places", "x"),
    [
        ((1, 2, 2), (0, 1, 2), "1/2"),  # a_p x = a_l
        ((1, 1, 9), (0, 1, 2), "1/2"),
        ((1, 4, Fraction(3, 2)), (0, 1, 2), "1/2"),  # a_q (1 - x) < a_l
        ((1, 4, 4, 1), (0, 1, 2), "1/2"),  # another weight is no larger than a_l
        ((1, 4, 4), (0, 1, 2), "3/2"),
        ((1, 4, 4), (0, 1, 2), "-1/2"),
    ],
)
def test_unit_rows_claims_nothing_without_its_hypotheses(a_star, places, x):
    found = fixed_points.unit_rows(ratios(*a_star), *places, Fraction(x).as_integer_ratio())
    assert isinstance(found, Inconclusive)


@pytest.mark.parametrize(
    ("a_star", "places"),
    [((0, 4, 4), (0, 1, 2)), ((-1, 4, 4), (0, 1, 2)), ((1, 4, 4), (0, 1, 1)), ((1, 4, 4), (0, 0, 2))],
)
def test_unit_rows_refuses_weights_and_places_that_do_not_fit(a_star, places):
    """With a_l = 0 the value is the minimum, 0."""
    with pytest.raises(ValueError, match="places"):
        fixed_points.unit_rows(ratios(*a_star), *places, (1, 2))


# --- f' -----------------------------------------------------------------------------------------------------


def fit(alpha, beta, weights, angles):
    """f' at output weights and angles of two rows, by inner products of tensors."""
    total = mpmath.mpf(0)
    rows = [(mpmath.cos(t), mpmath.sin(t)) for t in angles]
    terms = [*zip(weights, rows, strict=True), (-1, (1, 0)), (-1, (0, 1))]
    for power, factor in ((2, alpha), (4, beta)):
        total += factor * mpmath.fsum(a * b * mpmath.fdot(u, v) ** power for a, u in terms for b, v in terms)
    return total


def half_form(alpha, beta, tau):
    """Half the second derivative at the point, by (da_1, theta_0, theta_1), in numbers of 60 digits."""
    h = mpmath.mpf(10) ** -15

    def at(*moves):
        return fit(alpha, beta, (-tau, 1 + tau + moves[0]), moves[1:])

    def mixed(i, j):
        units = [
            [h * (k == i) * s + h * (k == j) * r for k in range(3)]
            for s, r in ((1, 1), (1, -1), (-1, 1), (-1, -1))
        ]
        return (at(*units[0]) - at(*units[1]) - at(*units[2]) + at(*units[3])) / (8 * h * h)

    return mpmath.matrix([[mixed(i, j) for j in range(3)] for i in range(3)])


@pytest.mark.parametrize(
    ("alpha", "beta", "tau"), [("12", "1", "1/2"), ("1", "7", "3"), ("1/5", "1/3", "1/100")]
)
def test_the_curvature_is_attained(alpha, beta, tau):
    """The smallest eigenvalue of half the second derivative of f', by differences; the value is alpha + beta."""
    with mpmath.workdps(60), ball.precision(128):
        found = fixed_points.split_neuron(*ratios(alpha, beta, tau))
        a, b, t = (mpmath.mpf(Fraction(x).numerator) / Fraction(x).denominator for x in (alpha, beta, tau))
        assert abs(fit(a, b, (-t, 1 + t), (0, 0)) - a - b) < mpmath.mpf(10) ** -50
        least = min(mpmath.eigsy(half_form(a, b, t), eigvals_only=True))
        bound = mpmath.mpf(float(found.strength))
        assert bound <= least * (1 + mpmath.mpf(10) ** -12)
        assert least <= bound * (1 + mpmath.mpf(10) ** -12)


@pytest.mark.parametrize("values", [("0", "1", "1"), ("1", "0", "1"), ("1", "1", "0"), ("-1", "-1", "1")])
def test_split_neuron_claims_nothing_for_a_flat_form(values):
    assert isinstance(fixed_points.split_neuron(*ratios(*values)), Inconclusive)

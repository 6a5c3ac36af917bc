"""Theorems 15.L and 15.M against floats: types, values, curvature, kernels; ties; and brute force over all subsets."""

from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest

import factorisation_points as points
from factorisation_points import exact
from relucert.families.factorisation import prove
from relucert.families.factorisation.problem import LandscapeProblem
from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.factorisation.landscape import critical_sets, decide
from relucert.kernel.factorisation.singular import Level, Singular

CASES = [  # singular values, d1, d2, r
    ((3.0, 2.0, 1.0), 3, 3, 1),
    ((3.0, 2.0, 1.0), 4, 3, 2),
    ((2.0, 2.0, 1.0), 3, 4, 1),
    ((2.0, 2.0, 1.0), 3, 3, 2),
    ((3.0, 1.0, 1.0), 3, 3, 2),
    ((3.0, 1.0, 0.0), 3, 3, 2),
    ((3.0, 1.0, 0.0), 4, 3, 3),
    ((2.0, 0.0), 2, 3, 2),
    ((5.0, 4.0, 4.0, 1.0), 4, 5, 3),
]


def levels(values):
    """The exact singular values as the kernel has them."""
    found = sorted({x for x in values if x}, reverse=True)
    return tuple(Level(Ball(x), values.count(x)) for x in found)


def bounds(values, d1, d2, r, e):
    with ball.precision(128):
        return decide(Singular((d1, d2), levels(values), ()), r, Ball(float(e))).bounds


def subsets(values, r):
    """All sets S of positive singular values with |S| <= r, as lists of places."""
    places = [i for i, x in enumerate(values) if x]
    for bits in product((0, 1), repeat=len(places)):
        chosen = [i for i, bit in zip(places, bits, strict=True) if bit]
        if len(chosen) <= r:
            yield chosen


def value(values, chosen):
    return sum(x * x for i, x in enumerate(values) if i not in chosen) / 2


@pytest.mark.parametrize(("values", "d1", "d2", "r"), CASES)
@pytest.mark.parametrize("balanced", [True, False])
def test_inertia_at_all_critical_points(values, d1, d2, r, balanced):
    rng = np.random.default_rng(15)
    m, p, q = points.with_values(rng, values, d1, d2)
    least = min(value(values, s) for s in subsets(values, r))
    worst = np.inf
    for chosen in subsets(values, r):
        u, v = points.critical_point(rng, values, p, q, chosen, r, balanced)
        assert np.abs(points.gradient(m, u, v)).max() < 1e-10
        assert abs(np.sum((u @ v.T - m) ** 2) / 2 - value(values, chosen)) < 1e-9
        spectrum = np.linalg.eigvalsh(points.hessian(m, u, v))
        e = np.linalg.norm(u.T @ u - v.T @ v, 2)
        found = bounds(values, d1, d2, r, e)
        if value(values, chosen) > least + 1e-9:
            worst = min(worst, -spectrum[0])
            assert spectrum[0] <= -float(found.saddle) * (1 - 1e-9)
            assert value(values, chosen) >= least + float(found.gap) - 1e-9
        else:
            assert spectrum[0] > -1e-9
            if found.manifold is not None:
                kernel = np.abs(spectrum) < 1e-8
                assert kernel.sum() == found.manifold.dimension
                if balanced:
                    rest = spectrum[~kernel]
                    assert rest.min() == pytest.approx(float(found.manifold.lambda_min), rel=1e-9)
                    assert rest.max() == pytest.approx(float(found.manifold.lambda_max), rel=1e-9)
    if balanced:  # attained, by the worst of them
        assert worst == pytest.approx(float(bounds(values, d1, d2, r, 0).saddle), rel=1e-9)


@pytest.mark.parametrize(("values", "d1", "d2", "r"), CASES)
def test_gap_and_number_of_sets_by_brute_force(values, d1, d2, r):
    found = bounds(values, d1, d2, r, 0)
    all_values = sorted({round(value(values, s), 9) for s in subsets(values, r)})
    assert float(found.minimum[0]) <= all_values[0] <= float(found.minimum[1])
    assert float(found.gap) == pytest.approx(all_values[1] - all_values[0])
    kinds = {tuple(sorted(values[i] for i in s)) for s in subsets(values, r)}
    assert found.critical_sets == len(kinds)


def test_many_random_levels_by_brute_force():
    rng = np.random.default_rng(1)
    for _ in range(150):
        n = int(rng.integers(1, 7))
        values = tuple(sorted((float(x) for x in rng.integers(0, 5, n)), reverse=True))
        if not values[0]:
            continue
        r = int(rng.integers(1, n + 1))
        found = bounds(values, n, n, r, 0)
        everything = sorted({value(values, s) for s in subsets(values, r)})
        assert float(found.gap) == pytest.approx(everything[1] - everything[0])
        curvatures = []
        for s in subsets(values, r):
            if value(values, s) > everything[0]:
                unused = max(x for i, x in enumerate(values) if i not in s)
                full = len(s) == r
                curvatures.append(unused - min(values[i] for i in s) if full else unused)
        assert float(found.saddle) == pytest.approx(min(curvatures))


def test_multiplicities_are_decided():
    """diag(1, 1 + 2^-60): different, and a permuted diagonal: equal, whatever doubles say."""
    tiny = (((1, 0), (0, 0)), ((0, 0), (2**60 + 1, -60)))
    found = prove.landscape(LandscapeProblem(tiny, 1)).outcome
    assert found.proved and [x.multiplicity for x in found.singular.levels] == [1, 1]
    equal = exact([[0, 3, 0], [3, 0, 0], [0, 0, -3], [0, 0, 0]])
    found = prove.landscape(LandscapeProblem(equal, 2)).outcome
    assert [x.multiplicity for x in found.singular.levels] == [3]
    assert found.singular.annihilator == (-9, 1)
    assert found.bounds.manifold.dimension == 4 + 2 * 1


def test_zero_matrix():
    found = prove.landscape(LandscapeProblem(exact(np.zeros((3, 2))), 2)).outcome
    assert found.proved and found.bounds.gap is None and found.bounds.saddle is None
    assert found.bounds.critical_sets == 1 and found.bounds.manifold is None


def test_annihilator_of_a_rank_one_matrix():
    m = exact(np.outer([1, 2, 2], [1, 1]))
    found = prove.landscape(LandscapeProblem(m, 1, Fraction(1, 3))).outcome
    assert found.singular.annihilator == (0, -18, 1)
    assert [x.multiplicity for x in found.singular.levels] == [1]


def test_number_of_sets_is_exact_where_it_is_large():
    assert critical_sets([1] * 40, 20) == sum(comb(40, i) for i in range(21))

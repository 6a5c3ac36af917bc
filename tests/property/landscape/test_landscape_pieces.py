"""The pieces of an enclosed run against their formulas, from the side that is safe: Lemmas 13.L and 13.N."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from relucert.base.dyadic import from_float
from relucert.families.landscape.problem import LandscapeProblem
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.landscape import basin, curvature, descent
from relucert.kernel.landscape.curvature import UNIT
from relucert.kernel.landscape.weights import Scale

BITS, ETA = 96, Fraction(1, 20)
STEP = float(ETA)
PROBLEM = LandscapeProblem.from_text("1,2,1/2,1", "3", "3/2")
STEEP = LandscapeProblem.from_text("1,2,1/2,1", "30", "3/2")
CLOSE = 1e-9


@pytest.fixture(autouse=True)
def _precision():
    with ball.precision(BITS + descent.GUARD):
        yield


def rows_of(seed, spread=1.0):
    return spread * np.random.default_rng(seed).standard_normal((4, 4))


def exact(rows):
    return [[from_float(float(x)) for x in row] for row in rows]


def at(rows, problem=PROBLEM):
    """The rule, the sizes and the diagonal part at a point."""
    by = descent.rule(problem.weights(), ETA.as_integer_ratio(), BITS)
    centre = descent.start(exact(rows), (0, 0), BITS).centre
    found = descent.sizes(centre)
    return by, found, descent._move(by, centre, found)[1]


def constants(problem):
    found = problem.weights()
    return np.array([float(x) for x in found.alpha]), float(found.nu), float(found.lam)


def diagonal(u, problem=PROBLEM):
    alpha, nu, lam = constants(problem)
    squares = u * u
    g = lam * (squares.sum(axis=1) - 1)
    return STEP * (4 * alpha * squares.sum(axis=0) - 12 * (1 + nu) * alpha * squares + 4 * g[:, None])


def above(found, true):
    """found is an upper bound of `true`, and no more than CLOSE above."""
    return true - 1e-13 <= found <= true + CLOSE


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("problem", [PROBLEM, STEEP], ids=["nu < 1", "nu > 1"])
def test_the_parts_of_the_bounds_of_the_hessian(problem, seed):
    u = rows_of(seed, 0.3 + 0.2 * seed)
    alpha, nu, lam = constants(problem)
    by, sizes, lower = at(u, problem)
    squares = u * u
    columns, rows = squares.sum(axis=0), squares.sum(axis=1)
    true = diagonal(u, problem)
    assert all(
        above(-x / UNIT, -y)
        for row, other in zip(lower, true, strict=True)
        for x, y in zip(row, other, strict=True)
    )
    most = STEP * (12 * (alpha * columns).max() + 4 * lam * (rows.max() - 1) + 8 * lam * rows.max())
    assert above(curvature._rise(by, sizes) / UNIT, most)
    slope, bend = (x / UNIT for x in curvature._lipschitz(by, sizes))
    steep = max(1, nu)
    assert above(slope, 24 * STEP * (steep * (alpha * np.sqrt(columns)).max() + lam * np.sqrt(rows.max())))
    assert above(bend, 24 * STEP * (steep * alpha.max() + lam))


def test_curvature_within_a_radius_takes_the_change_into_account():
    known = curvature.Curvature(3 * UNIT, 5 * UNIT, 7 * UNIT, 11 * UNIT)
    fall, rise = known.within(1 << (BITS - 2), BITS)  # radius 1/4
    assert [fall / UNIT, rise / UNIT] == [3 + 7 / 4 + 11 / 16, 5 + 7 / 4 + 11 / 16]
    assert known.within(1, BITS) == (3 * UNIT + 2, 5 * UNIT + 2)


@pytest.mark.parametrize("seed", range(20))
def test_peaks_are_alone_in_their_rows_and_columns(seed):
    """And their gain and what they cost are on the safe side of the formulas."""
    u = rows_of(seed)
    if seed % 2:
        u[1] = u[0]  # two rows that are largest in the same place
    alpha, _, lam = constants(PROBLEM)
    by, sizes, lower = at(u)
    peaks = curvature._peaks(by, sizes, lower)
    assert len({p.row for p in peaks}) == len({p.column for p in peaks}) == len(peaks)
    for peak in peaks:
        j, i = peak.row, peak.column
        x, true = u[j, i] ** 2, diagonal(u)[j, i]
        assert x == (u[j] ** 2).max() == (u[:, i] ** 2).max()
        assert above(peak.lack / UNIT, -true)
        assert above(-peak.gain / UNIT, -8 * STEP * (lam + alpha[i]) * x)
        assert above(peak.beside / UNIT, 8 * STEP * lam * ((u[j] ** 2).sum() - x))
        assert above(peak.under / UNIT, 8 * STEP * alpha[i] * ((u[:, i] ** 2).sum() - x))


def test_nothing_moves_where_the_step_is_too_long_for_the_whole_ball():
    """eta l is 2.03 at the centre, or just below 2 there and above it on the ball."""
    u = np.eye(4)
    rise = curvature._rise(*at(u)[:2]) / UNIT / STEP
    for share, radius, moves in ((2.03, (0, 0), False), (1.97, (0, 0), True), (1.97, (1, -5), False)):
        eta = Fraction(share / rise)
        by = descent.rule(PROBLEM.weights(), eta.as_integer_ratio(), BITS)
        first = descent.start(exact(u), radius, BITS)
        then = descent.advance(by, first, 1)
        assert then.contracts is moves is (then.steps == 1)
        assert moves or (then.centre, then.radius) == (first.centre, first.radius)
        assert descent.contraction(then).holds is moves


def test_the_rounding_counts_every_entry_and_every_coefficient():
    by, sizes, _ = at(np.zeros((4, 4)))
    assert descent._rounding(by, sizes) == 4 + 1
    u = rows_of(0)
    by, sizes, _ = at(u)
    squares = u * u
    most = 2 * squares.sum(axis=0).max() + abs(squares.sum(axis=1) - 1).max()
    size = np.sqrt(squares.sum())
    assert 4 + size * most <= descent._rounding(by, sizes) <= 6 + size * most


def test_the_start_radius_is_rounded_up():
    zero = exact(np.zeros((4, 4)))
    for radius, units in (((1, -200), 1), ((1, -BITS), 1), ((3, -BITS - 1), 2), ((1, 0), 1 << BITS)):
        assert descent.start(zero, radius, BITS).radius == units
    assert descent.start(exact(np.full((4, 4), 2.0**-100)), (1, -200), BITS).radius == 5


def test_coefficients_are_within_one_of_what_they_stand_for():
    at_more = PROBLEM.weights()
    by = descent.rule(at_more, ETA.as_integer_ratio(), BITS)
    step = 4 * ball.ratio(ETA.as_integer_ratio())
    pairs = [*zip(by.column, at_more.alpha, strict=True), (by.row, at_more.lam)]
    pairs += [(k, (1 + at_more.nu) * alpha) for k, alpha in zip(by.entry, at_more.alpha, strict=True)]
    for k, value in pairs:
        assert ball.proves_le(abs(step * value * ball.exact((1, BITS)) - ball.exact((k, 0))), Ball(1))
    with ball.precision(40):
        rough = PROBLEM.weights()
    with pytest.raises(NotProved, match="precision of the run"):
        descent.rule(rough, ETA.as_integer_ratio(), BITS)
    with pytest.raises(NotProved, match="too large"):
        descent.rule(at_more, (10**6, 1), BITS)


def test_the_distance_to_a_signed_permutation():
    alpha, nu, lam = constants(PROBLEM)
    t = np.sqrt(lam / (lam - nu * alpha))
    u, permutation, signs = rows_of(3), (2, 0, 3, 1), (1, -1, -1, 1)
    p = np.zeros((4, 4))
    p[range(4), permutation] = np.array(signs) * t[list(permutation)]
    end = descent.start(exact(u), (1, -6), BITS)
    found = float(descent.distance(PROBLEM.weights(), end, BITS, permutation, signs))
    assert found == pytest.approx(np.linalg.norm(u - p) + 2.0**-6, rel=1e-14)


def test_the_end_must_be_in_the_basin_and_the_step_below_its_own():
    weights = PROBLEM.weights()
    _, reach, most = basin.basin(weights)
    end = descent.start(exact(np.eye(4)), (0, 0), BITS)
    tiny = Ball(2.0**-40)
    step = Fraction(float(most))
    assert descent.arguments(weights, (1, 20), end, reach * (1 - tiny))[0].holds
    assert not descent.arguments(weights, (1, 20), end, reach * (1 + tiny))[0].holds
    assert not descent.arguments(weights, (1, 20), end, ball.undefined())[0].holds
    assert descent.below_step((step * Fraction(999, 1000)).as_integer_ratio(), most).proved
    assert not descent.below_step((step * Fraction(1001, 1000)).as_integer_ratio(), most).proved


@pytest.mark.parametrize("scale", [(1.0, 1.0), (0.25, 4.0), (0.5, 0.75), (3.0, 3.5)])
def test_the_basin_of_uneven_weights_by_its_formulas(scale):
    alpha, nu, lam = constants(PROBLEM)
    t = np.sqrt(lam / (lam - nu * alpha.max()))
    _, reach, step = basin.basin(PROBLEM.weights(), Scale(*map(Ball, scale)))
    low, high = (float(x) for x in basin.spectrum_at_minima(PROBLEM.weights()))
    least, most = scale
    radius = float(reach)
    om = max(nu, 2 / (3 * np.sqrt(3 * (1 + nu))))
    ends = 24 * (om * alpha.max() + lam) * t, 24 * (max(1, nu) * alpha.max() + lam)
    used = most**1.5 * ends[0] * radius / 2 + most**2 * ends[1] * radius**2 / 6
    assert (1 - 2.0**-9) * low * least < used < low * least
    assert float(step) == pytest.approx(2 / (high * most + used), rel=2.0**-9)
    assert [float(x) for x in basin.lipschitz(PROBLEM.weights())] == pytest.approx(ends, rel=1e-12)


def test_a_radius_never_shrinks_and_steps_are_counted():
    found = []
    by = descent.rule(PROBLEM.weights(), ETA.as_integer_ratio(), BITS)
    first = descent.start(exact(rows_of(1, 0.3)), (1, -60), BITS)
    last = descent.advance(by, first, 9, lambda now: found.append(now) or now.steps < 7)
    assert (last.steps, last) == (7, found[-1])
    assert all(a.radius < b.radius and a.steps + 1 == b.steps for a, b in pairwise([first, *found]))

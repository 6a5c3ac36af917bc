"""Enclosed runs on the designed landscape: docs/theorem/landscape.md, Lemma 13.N. What is true is inside, and bounds a
little tighter would not hold."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from relucert.base.dyadic import from_float
from relucert.families.landscape.problem import LandscapeProblem
from relucert.kernel import ball
from relucert.kernel.ball import Ball, proves_le
from relucert.kernel.landscape import curvature, descent
from relucert.kernel.landscape.curvature import UNIT

ETA = Fraction(1, 20)
BITS = 96
TRUE_BITS = 1500  # entrywise balls lose a few bits a step
PROBLEMS = [
    LandscapeProblem.from_text("1,1,1", "6", "1"),
    LandscapeProblem.from_text("1,2,1/2,1", "3", "1"),
    LandscapeProblem.from_text("1,1,1,1,1", "11", "2/3"),
    LandscapeProblem.from_text("1,1.1,1.2,1.3,1.4,1.5", "1/10", "3/2"),
]


def random_rows(d, seed, spread=1.0):
    rows = np.random.default_rng(seed).standard_normal((d, d))
    return spread * rows / np.linalg.norm(rows, axis=1)[:, None]


def dyadics(rows):
    return [[from_float(float(x)) for x in row] for row in rows]


def enclosures(problem, rows, steps, radius=(0, 0), bits=BITS, eta=ETA):
    found = []
    with ball.precision(bits + descent.GUARD):
        by = descent.rule(problem.weights(), eta.as_integer_ratio(), bits)
        first = descent.start(dyadics(rows), radius, bits)
        last = descent.advance(by, first, steps, lambda now: found.append(now) or True)
    return [first, *found], last


def true_gradient(problem, at, rows):
    """By the definition of Q, entry by entry: docs/spec/landscape-v1.md."""
    d, squares = problem.d, [[x * x for x in row] for row in rows]
    columns = [sum((squares[j][i] for j in range(d)), arb(0)) for i in range(d)]
    found = []
    for row, own in zip(rows, squares, strict=True):
        g = at.lam * (sum(own, arb(0)) - 1)
        parts = zip(at.alpha, columns, own, row, strict=True)
        found.append([4 * x * (a * s - (1 + at.nu) * a * q + g) for a, s, q, x in parts])
    return found


def true_run(problem, rows, steps, eta=ETA):
    at, step = problem.weights(), ball.ratio(eta.as_integer_ratio())
    points = [[[ball.exact(x) for x in row] for row in rows]]
    for _ in range(steps):
        pairs = zip(points[-1], true_gradient(problem, at, points[-1]), strict=True)
        points.append([[x - step * g for x, g in zip(*pair, strict=True)] for pair in pairs])
    return points


def apart(enclosure, rows, bits=BITS):
    """Of the centre and a point."""
    pairs = zip(enclosure.centre, rows, strict=True)
    return ball.norm(
        [ball.exact((m, -bits)) - x for row, other in pairs for m, x in zip(row, other, strict=True)]
    )


def inside(enclosure, rows, bits=BITS):
    return proves_le(apart(enclosure, rows, bits), ball.exact((enclosure.radius, -bits)))


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: f"d={p.d}")
def test_the_exact_run_is_enclosed_at_every_step(problem):
    rows = random_rows(problem.d, 1)
    found, last = enclosures(problem, rows, 100)
    assert (last.steps, len(found)) == (100, 101)
    with ball.precision(TRUE_BITS):
        points = true_run(problem, dyadics(rows), 100)
        assert all(inside(a, b) for a, b in zip(found, points, strict=True))


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: f"d={p.d}")
@pytest.mark.parametrize("seed", range(4))
def test_runs_that_start_near_are_enclosed_at_every_step(problem, seed):
    """In a random direction, at the start radius all but a little."""
    rows = random_rows(problem.d, 2)
    away = np.random.default_rng(seed).standard_normal(rows.shape)
    other = rows + 2.0**-12 * (1 - 2.0**-20) * away / np.linalg.norm(away)
    found, _ = enclosures(problem, rows, 60, (1, -12))
    with ball.precision(TRUE_BITS):
        points = true_run(problem, dyadics(other), 60)
        assert all(inside(a, b) for a, b in zip(found, points, strict=True))


def test_a_start_finer_than_the_precision_is_enclosed():
    rows = [[2.0**-120, 1.0], [1.0, 2.0**-90 + 2.0**-120]]
    first = enclosures(LandscapeProblem.from_text("1,1", "6", "1"), rows, 0)[1]
    assert 0 < first.radius <= 2
    with ball.precision(TRUE_BITS):
        assert inside(first, [[ball.exact(x) for x in row] for row in dyadics(rows)])


def test_one_step_is_rounded_by_not_much_less_than_the_radius_says():
    problem = PROBLEMS[1]
    rows = random_rows(problem.d, 3)
    first, second = enclosures(problem, rows, 1)[0]
    assert first.radius == 0
    with ball.precision(TRUE_BITS):
        error = float(apart(second, true_run(problem, dyadics(rows), 1)[1])) * 2.0**BITS
        assert error <= second.radius <= 20 * error


# --- the curvature ------------------------------------------------------------------------------------------


def hessian(problem, rows):
    """By central differences of the gradient: exact to 1e-8 for a quartic, and free of its formulas."""
    alpha, nu, lam = constants(problem)

    def gradient(u):
        squares = u * u
        g = lam * (squares.sum(axis=1) - 1)
        return 4 * u * (alpha * squares.sum(axis=0) - (1 + nu) * alpha * squares + g[:, None])

    d, h, columns = problem.d, 1e-3, []
    for place in range(d * d):
        e = np.zeros(d * d)
        e[place] = 1
        e = e.reshape(d, d)
        one, two = ((gradient(rows + k * h * e) - gradient(rows - k * h * e)) / (2 * k * h) for k in (1, 2))
        columns.append(((4 * one - two) / 3).ravel())  # exact but for rounding, as the gradient is cubic
    return np.array(columns)


def constants(problem):
    with ball.precision(64):
        at = problem.weights()
        return np.array([float(x) for x in at.alpha]), float(at.nu), float(at.lam)


def bounds_at(problem, rows, radius=0.0):
    """fall and rise of curvature within `radius`, without eta."""
    with ball.precision(BITS + descent.GUARD):
        by = descent.rule(problem.weights(), ETA.as_integer_ratio(), BITS)
        first = descent.start(dyadics(rows), from_float(radius), BITS)
        at = descent.sizes(first.centre)
        _, diagonal = descent._move(by, first.centre, at)
        ends = curvature.curvature(by, at, diagonal).within(first.radius, BITS)
        return [x / UNIT / float(ETA) for x in ends]


def minimum(problem):
    alpha, nu, lam = constants(problem)
    rows = np.diag(np.sqrt(lam / (lam - nu * alpha)))
    rows[0] *= -1
    return rows[::-1].copy()


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: f"d={p.d}")
@pytest.mark.parametrize("seed", range(12))
def test_all_eigenvalues_on_the_ball_lie_between_the_bounds(problem, seed):
    """At random points, small ones, large ones, and some near a minimum; within the radius, in random directions."""
    rng = np.random.default_rng(seed)
    kinds = [random_rows(problem.d, seed, spread) for spread in (1.0, 0.2, 1.5)]
    kinds.append(minimum(problem) + 0.2 * random_rows(problem.d, seed))
    rows = kinds[seed % 4]
    away = rng.standard_normal(rows.shape)
    away /= np.linalg.norm(away)
    for radius in (0.0, 0.01, 0.2):
        fall, rise = bounds_at(problem, rows, radius)
        for sign in (-1, 1):
            eigenvalues = np.linalg.eigvalsh(hessian(problem, rows + sign * radius * away))
            assert -fall <= eigenvalues[0] + 1e-7
            assert eigenvalues[-1] <= rise + 1e-7


def test_at_zero_the_bounds_are_the_eigenvalue():
    """There the Hessian is -4 lambda I."""
    problem = PROBLEMS[2]
    fall, rise = bounds_at(problem, np.zeros((5, 5)))
    assert fall == pytest.approx(8 / 3, rel=1e-12)
    assert rise == pytest.approx(-8 / 3, rel=1e-12)
    assert fall >= 8 / 3 - 1e-13


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: f"d={p.d}")
def test_near_a_minimum_nothing_falls(problem):
    """The diagonal part alone would say 8 (1 + nu) alpha_i t_i^2."""
    assert bounds_at(problem, minimum(problem))[0] == 0
    assert bounds_at(problem, minimum(problem) + 0.02 * random_rows(problem.d, 5))[0] == 0


def test_the_least_eigenvalue_along_a_run_is_nearly_what_is_bounded():
    """Of a run at d = 5: the sum of the bounds is at most 1.6 times that of the true ones."""
    problem, rows = PROBLEMS[2], random_rows(5, 1)
    found, _ = enclosures(problem, rows, 120)
    totals = np.zeros(2)
    for enclosure in found[::10]:
        at = np.array([[float(ball.exact((m, -BITS))) for m in row] for row in enclosure.centre])
        least = max(0.0, -np.linalg.eigvalsh(hessian(problem, at))[0])
        totals += bounds_at(problem, at)[0], least
    assert totals[1] <= totals[0] <= 1.6 * totals[1]


def test_a_bound_that_is_too_small_by_a_percent_does_not_enclose(monkeypatch):
    """At B = 0 a run that starts at distance r is at (1 + 4 eta lambda) r after a step, but for r^3."""
    problem, zero = PROBLEMS[0], np.zeros((3, 3))
    other = zero.copy()
    other[0, 1] = 2.0**-30
    with ball.precision(TRUE_BITS):
        points = true_run(problem, dyadics(other), 5)
    found = enclosures(problem, zero, 5, (1, -30))[0]
    with ball.precision(TRUE_BITS):
        assert all(inside(a, b) for a, b in zip(found, points, strict=True))
    whole = curvature._fall
    monkeypatch.setattr(curvature, "_fall", lambda *given: whole(*given) * 99 // 100)
    found = enclosures(problem, zero, 5, (1, -30))[0]
    with ball.precision(TRUE_BITS):
        assert not any(inside(a, b) for a, b in zip(found[1:], points[1:], strict=True))


def test_peaks_help_no_more_than_they_have():
    """d = 2, one peak: the bound is the least eigenvalue of what is kept, and no peak is helped beyond its gain."""
    peak = curvature._Peak(0, 0, 10 * UNIT, 20 * UNIT, 4 * UNIT, 2 * UNIT)
    far = UNIT << curvature.FINE
    # th = 1/2 at fall 0: the row loses 4, the column 2
    assert curvature._suffices(0, [peak], [[far, 4 * UNIT], [2 * UNIT, 0]])
    assert not curvature._suffices(0, [peak], [[far, 4 * UNIT - 1], [2 * UNIT, 0]])
    assert not curvature._suffices(0, [peak], [[far, 4 * UNIT], [2 * UNIT - 1, 0]])
    assert not curvature._suffices(0, [peak._replace(gain=10 * UNIT)], [[far, far], [far, 0]])


# --- the gradient on the start ball -------------------------------------------------------------------------


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: f"d={p.d}")
def test_the_gradient_on_the_start_ball_is_not_below_its_bound(problem):
    rows = random_rows(problem.d, 11)
    rng = np.random.default_rng(0)
    with ball.precision(TRUE_BITS):
        at = problem.weights()
        for radius in (0.0, 0.01):
            with ball.precision(BITS + descent.GUARD):
                by = descent.rule(problem.weights(), ETA.as_integer_ratio(), BITS)
                first = descent.start(dyadics(rows), from_float(radius), BITS)
                least = descent.gradient_min(by, first, ETA.as_integer_ratio())
            sizes = []
            for _ in range(8):
                away = rng.standard_normal(rows.shape)
                moved = rows + 0.999 * radius * away / np.linalg.norm(away)
                exact = [[ball.exact(x) for x in row] for row in dyadics(moved)]
                sizes.append(ball.norm([x for row in true_gradient(problem, at, exact) for x in row]))
            assert all(proves_le(least, size) for size in sizes)
            assert radius or proves_le(sizes[0] * (1 - Ball(2.0**-60)), least)

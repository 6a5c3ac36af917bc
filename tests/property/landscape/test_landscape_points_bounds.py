"""What one point proves: next to a signed permutation, next to a critical point, away from all of them."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from landscape_balls import exact_ball, floats, rows_of, weights_of

import landscape_points as points
from relucert.families.landscape import point as family
from relucert.families.landscape.problem import LandscapeProblem
from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved, proves_le, proves_lt
from relucert.kernel.landscape import nearest, quartic, regime
from relucert.kernel.landscape import point as kernel
from relucert.kernel.landscape.nearest import NextToMinimum, Signed
from relucert.kernel.landscape.point import Facts, Floor
from relucert.kernel.landscape.weights import ORTHONORMAL
from relucert.kernel.outcome import Inconclusive
from relucert.kernel.spectrum import Eigen, apply_inverse, spectrum

A_STAR = ("2", "1/2", "3/2")
TEACHERS = [
    None,
    [["3/5", "4/5", "0"], ["-4/5", "3/5", "0"], ["0", "0", "1"]],
    [["1", "0", "0"], ["3/5", "4/5", "0"], ["2/3", "1/3", "2/3"]],
]
SIGNED = [Signed((0, 1, 2), (1, 1, 1)), Signed((2, 0, 1), (-1, 1, -1)), Signed((1, 2, 0), (-1, -1, -1))]


@pytest.fixture(autouse=True)
def _precision():
    with ball.precision(128), mpmath.workdps(60):
        yield


def mp(x):
    return mpmath.mpf(Fraction(x).numerator) / Fraction(x).denominator


def ball_of(x):
    return Ball(mpmath.nstr(x, 55))


def problem_of(teacher):
    return LandscapeProblem.from_text(list(A_STAR), "5", "7/3", teacher)


def minimum_of(teacher, at):
    """The signed permutation in B by mpmath: column i of the inverse of T, scaled."""
    c = 1 / (2 * mpmath.sqrt(2 * mpmath.pi))
    a, lam, nu = [mp(x) for x in A_STAR], mp("7/3"), mp("5/12")
    if teacher is None:
        alpha, inverse = [c * x for x in a], mpmath.eye(3)
    else:
        alpha = [c / x for x in a]
        rows = [[mpmath.sqrt(x) * mp(t) for t in row] for x, row in zip(a, teacher, strict=True)]
        inverse = mpmath.matrix(rows) ** -1
    t = [mpmath.sqrt(lam / (lam - nu * x)) for x in alpha]
    return [
        [s * t[i] * inverse[k, i] for k in range(3)] for i, s in zip(at.permutation, at.signs, strict=True)
    ]


@pytest.mark.parametrize("teacher", TEACHERS)
@pytest.mark.parametrize("at", SIGNED)
def test_the_signed_permutation_and_the_distance_to_it(teacher, at):
    problem = problem_of(teacher)
    frame, w = family.framed(problem), problem.weights()
    found = nearest.minimum_rows(w, frame, at)
    exact = minimum_of(teacher, at)
    for row, other in zip(found, exact, strict=True):
        assert all(abs(x - ball_of(y)) < Ball(2.0**-110) for x, y in zip(row, other, strict=True))
    away = nearest.distance([[x + Ball(2.0**-10) for x in row] for row in found], found)
    assert proves_le(Ball(3 * 2.0**-10), away)
    assert proves_lt(away, Ball(3 * 2.0**-10) * Ball(1 + 2.0**-50))
    assert not quartic_gradient(w, frame, found)


def quartic_gradient(w, frame, rows):
    """Whether an entry of the gradient is proved to differ from 0."""
    slope = quartic.gradient_in(frame, quartic.gradient(w, quartic.framed(frame, rows)))
    return any(not x.contains(0) for row in slope for x in row)


@pytest.mark.parametrize("teacher", TEACHERS)
@pytest.mark.parametrize("at", SIGNED)
def test_the_basin_ends_where_it_ends(teacher, at):
    """At a distance of the radius less 1e-12 of it the point is next to the minimum; at one more it is not."""
    problem = problem_of(teacher)
    frame, w = family.framed(problem), problem.weights()
    centre = nearest.minimum_rows(w, frame, at)
    whole = regime.decide(w, frame.scale)
    for part, proved in ((1 - 1e-12, True), (1 + 1e-12, False)):
        moved = [list(row) for row in centre]
        moved[1][2] += whole.bounds.basin * Ball(part)
        found = nearest.decide_nearest(w, frame, moved, at, None)
        assert isinstance(found, NextToMinimum if proved else Inconclusive)
    other = Signed(at.permutation, (-at.signs[0], *at.signs[1:]))
    assert isinstance(nearest.decide_nearest(w, frame, centre, other, None), Inconclusive)


def recovered(rows, teacher, at):
    """The two errors of Theorem 13.R by mpmath."""
    a = [mp(x) for x in A_STAR]
    B = mpmath.matrix(rows)
    target = mpmath.eye(3) if teacher is None else mpmath.matrix([[mp(x) for x in row] for row in teacher])
    C = B if teacher is None else (B.T) ** -1
    units = mpmath.matrix([[C[j, i] / mpmath.norm(C[j, :]) for i in range(3)] for j in range(3)])
    total = [mpmath.fsum(a[i] * target[i, k] for i in range(3)) for k in range(3)]
    total = mpmath.matrix(total)
    weights = units * total if teacher is None else mpmath.lu_solve(units.T, total)
    signed = list(zip(at.permutation, at.signs, strict=True))
    first = max(abs(weights[j] - s * a[i]) for j, (i, s) in enumerate(signed))
    second = max(
        mpmath.norm(mpmath.matrix([units[j, k] - s * target[i, k] for k in range(3)]))
        for j, (i, s) in enumerate(signed)
    )
    return first, second


@pytest.mark.parametrize("teacher", TEACHERS)
@pytest.mark.parametrize("at", SIGNED)
@pytest.mark.parametrize("size", [0.0, 1e-6, 0.01])
def test_the_recovered_teacher(teacher, at, size):
    """The errors are those that mpmath finds, no less and no more than 1e-25 above."""
    rng = np.random.default_rng(7)
    rows = np.array([[float(x) for x in row] for row in minimum_of(teacher, at)])
    rows += size * rng.normal(size=(3, 3))
    exact = [[Fraction(float(x)) for x in row] for row in rows]
    balls = None if teacher is None else [[exact_ball(Fraction(x)) for x in row] for row in teacher]
    a_star = [exact_ball(Fraction(x)) for x in A_STAR]
    found = nearest.recover(rows_of(exact), a_star, balls, at)
    assert found is not None
    for bound, error in zip(
        found, recovered([[mp(x) for x in row] for row in exact], teacher, at), strict=True
    ):
        assert proves_le(ball_of(error) - Ball(1e-50), bound)
        assert proves_lt(bound, ball_of(error) + Ball(1e-25))


def test_nothing_is_recovered_where_signs_are_not_told():
    a_star, one, zero = [Ball(1), Ball(2)], Ball(1), Ball(0)
    unit, at = [[one, zero], [zero, one]], Signed((0, 1), (1, 1))
    assert nearest.recover(unit, a_star, None, at) is not None
    assert nearest.recover(unit, a_star, None, Signed((0, 1), (1, -1))) is None
    for singular in (
        [[one, one], [one, one]],
        [[zero, zero], [one, zero]],
        [[ball.undefined(), one], [one, zero]],
    ):
        assert nearest.recover(singular, a_star, unit, at) is None
    assert nearest.recover([[zero, zero], [zero, one]], a_star, None, at) is None


@pytest.mark.parametrize(
    "at",
    [
        Signed((0, 0), (1, 1)),
        Signed((0, 2), (1, 1)),
        Signed((0,), (1,)),
        Signed((0, 1), (1, 0)),
        Signed((0, 1), (1,)),
    ],
)
def test_what_is_no_signed_permutation_is_refused(at):
    w = weights_of(points.exact((1, 1), Fraction(1, 2), 3))
    with pytest.raises(NotProved):
        nearest.minimum_rows(w, quartic.PLAIN, at)


# --- a critical point ----------------------------------------------------------------------------------------

EXAMPLE = points.exact((1, 1), 2, Fraction(81, 17))  # two rows at (9/8, 0): a minimum, of value -81/32
TWICE = np.array([[Fraction(9, 8), Fraction(0)], [Fraction(9, 8), Fraction(0)]])


def facts_at(of, U, domain=2.0**-8):
    w, at = weights_of(of), quartic.place(rows_of(U))
    matrix = BallMatrix(quartic.hessian(w, at))
    values, vectors = np.linalg.eigh(floats(matrix.tolist()))
    found = spectrum(matrix, Eigen(vectors.T.tolist(), values.tolist()))
    slope = [x for row in quartic.gradient(w, at) for x in row]
    constant = quartic.lipschitz(w, at, ORTHONORMAL, Ball(domain))
    return Facts(
        quartic.value(w, at),
        ball.norm(slope),
        found,
        apply_inverse(found.inverse, slope),
        constant,
        Ball(domain),
    )


def floor_of(of):
    w = weights_of(of)
    return Floor(regime.bounded(w), ball.upper(regime.least_value(w)))


def test_the_doubled_point_is_spurious_where_the_floor_is_below():
    found = kernel.decide_critical(facts_at(EXAMPLE, TWICE), floor_of(EXAMPLE))
    assert found.verdict == "spurious-minimum"
    assert found.bounds.inertia == (0, 4)
    low, high = found.bounds.value
    assert proves_le(low, exact_ball(Fraction(-81, 32)))
    assert proves_le(exact_ball(Fraction(-81, 32)), high)
    assert high - low < Ball(1e-25)
    assert found.bounds.lambda_min[0] < exact_ball(Fraction(81, 16)) < found.bounds.lambda_min[1] + Ball(1e-9)
    assert kernel.decide_critical(facts_at(EXAMPLE, TWICE), None).verdict == "local-minimum"


@pytest.mark.parametrize(
    ("below", "verdict"), [(1, "spurious-minimum"), (-1, "local-minimum"), (0, "local-minimum")]
)
def test_the_floor_has_to_be_below_the_value_itself(below, verdict):
    """By 1e-25; at the value nothing is spurious."""
    floor = floor_of(EXAMPLE)._replace(value=exact_ball(Fraction(-81, 32) - below * Fraction(1, 10**25)))
    assert kernel.decide_critical(facts_at(EXAMPLE, TWICE), floor).verdict == verdict


def test_no_floor_is_below_what_is_unbounded_unless_that_is_proved():
    for lam, verdict in ((Fraction(1), "spurious-minimum"), (Fraction(3), "local-minimum")):
        floor = Floor(regime.unbounded(weights_of(points.exact((1, 1), 2, lam))), None)
        assert kernel.decide_critical(facts_at(EXAMPLE, TWICE), floor).verdict == verdict


@pytest.mark.parametrize("size", [Fraction(0), Fraction(1, 2**40), Fraction(1, 2**12)])
def test_the_critical_point_is_as_near_as_is_claimed(size):
    """From a point at a known distance of it; the radius is at most 1.1 times that."""
    shift = np.array([[size, -size], [size, size]])
    found = kernel.decide_critical(facts_at(EXAMPLE, TWICE + shift), None)
    assert found.verdict == "local-minimum"
    assert proves_le(exact_ball(2 * size), found.bounds.radius)
    assert float(found.bounds.radius) <= 1.1 * float(2 * size) + 1e-25
    low, high = found.bounds.value
    assert proves_le(low, exact_ball(Fraction(-81, 32)))
    assert proves_le(exact_ball(Fraction(-81, 32)), high)


def test_no_point_between_critical_ones_is_called_critical():
    half = np.array([[Fraction(1, 2), Fraction(1, 3)], [Fraction(-1, 5), Fraction(1)]])
    assert isinstance(kernel.decide_critical(facts_at(EXAMPLE, half), floor_of(EXAMPLE)), Inconclusive)


def test_undefined_facts_prove_nothing():
    facts = facts_at(EXAMPLE, TWICE)
    for name in ("correction", "lipschitz", "domain"):
        found = kernel.decide_critical(facts._replace(**{name: ball.undefined()}), floor_of(EXAMPLE))
        assert isinstance(found, Inconclusive)
    floor = floor_of(EXAMPLE)._replace(value=ball.undefined())
    assert kernel.decide_critical(facts, floor).verdict == "local-minimum"
    numbers = (Ball(1), Ball(2), Ball(3), Ball(2.0**-10))
    assert kernel.decide_not_critical(*numbers).proved
    for k in range(4):
        bad = [ball.undefined() if i == k else x for i, x in enumerate(numbers)]
        assert not kernel.decide_not_critical(*bad).proved


def test_curvature_is_that_of_the_direction_and_negative():
    """At 0 the Hessian is -4 lambda times the identity: attained."""
    of = points.exact((1, 1), Fraction(1, 2), 3)
    matrix = BallMatrix(quartic.hessian(weights_of(of), quartic.place([[Ball(0)] * 2] * 2)))
    row = BallMatrix([[1, 2, 3, 4]])
    assert proves_le(Ball(-12), kernel.curvature(matrix, row, Ball(0), Ball(0)))
    assert proves_le(kernel.curvature(matrix, row, Ball(0), Ball(0)), Ball(-12) + Ball(2.0**-100))
    assert proves_le(Ball(-10), kernel.curvature(matrix, row, Ball(4), Ball(0.5)))
    for direction, constant in ((BallMatrix(1, 4), 0), (row, 24), (row, ball.undefined())):
        with pytest.raises(NotProved):
            kernel.curvature(matrix, direction, Ball(constant), Ball(0.5))


def test_taylor_bounds_are_attained_by_a_cubic():
    """-r and r + r^2 + r^3 at r = 1/2: value 0, slope 1, second derivative 2, third 6."""
    low, high = kernel.taylor(Ball(0), Ball(1), Ball(2), Ball(6), Ball(0.5))
    assert (low, high) == (Ball(-0.875), Ball(0.875))


def test_away_from_critical_points():
    """Q of one row in one dimension of 2 near its slope: the ball ends where (M + L rho/2) rho reaches the gradient."""
    gradient, steepest, constant = Ball(1), Ball(2), Ball(8)
    assert kernel.decide_not_critical(gradient, steepest, constant, Ball(0.309)).proved
    assert not kernel.decide_not_critical(gradient, steepest, constant, Ball(0.3091)).proved

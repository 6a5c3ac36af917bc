"""The one-hidden-layer CNN in balls: containment in, and tightness against, values at 60 digits and more."""

from __future__ import annotations

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relucert.families.cnn.landscape import landscape
from relucert.families.cnn.problem import CnnProblem
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.cnn import landscape as cnn_landscape
from relucert.kernel.cnn import loss as cnn_loss
from relucert.kernel.cnn import point as cnn_point
from relucert.kernel.cnn import teacher as cnn
from relucert.kernel.cnn.landscape import NON_STRICT, SPURIOUS, STRICT

DIGITS = 80
few = settings(max_examples=60, deadline=None)


@pytest.fixture(autouse=True)
def _precisions():
    before, mpmath.mp.dps = mpmath.mp.dps, DIGITS
    with ball.precision(128):
        yield
    mpmath.mp.dps = before


def exactly(x):
    """The exact value of a ball's end as an mpf."""
    man, exp = ball.to_dyadic(x)
    return mpmath.ldexp(mpmath.mpf(man), exp)


def holds(enclosure, value, bits):
    """Contains the value, and is known to so many bits: moved by 2^(3-bits) of itself it no longer does."""
    low, high = exactly(ball.lower(enclosure)), exactly(ball.upper(enclosure))
    return low <= value <= high and high - low <= abs(value) * mpmath.mpf(2) ** (3 - bits)


def g_true(phi):
    return (mpmath.pi - phi) * mpmath.cos(phi) + mpmath.sin(phi)


angles = st.builds(
    lambda m, e: (m, -e), st.integers(2**29, 2**30), st.integers(29, 150)
)  # m 2^-e: from about 1 down to 2^-120


@few
@given(angles)
def test_g_and_its_deficit_keep_their_relative_accuracy(angle):
    x = mpmath.ldexp(mpmath.mpf(angle[0]), angle[1])
    with mpmath.workdps(200):
        near_pi, near_0 = mpmath.sin(x) - x * mpmath.cos(x), mpmath.pi - g_true(x)
    assert holds(cnn.g_by_complement(ball.exact(angle)), near_pi, 110)
    assert holds(cnn.g_deficit(ball.exact(angle)), near_0, 110)
    assert holds(cnn.g(ball.exact(angle)), g_true(x), 120)


@few
@given(angles)
def test_the_inverse_of_g_is_tight(angle):
    psi = ball.exact(angle)
    found = cnn.complement_of_g(cnn.g_by_complement(psi))
    assert found.contains(psi)
    assert float(found.rad()) <= float(psi) * 2.0**-100


def test_the_inverse_of_g_at_its_ends():
    assert cnn.complement_of_g(Ball(0)).contains(0)
    assert float(cnn.complement_of_g(Ball(0)).rad()) < 1e-300
    assert cnn.complement_of_g(ball.pi()).overlaps(ball.pi())
    assert cnn.angle_of_g(Ball(1)).overlaps(ball.pi() / 2)
    assert float(cnn.angle_of_g(Ball(1)).rad()) < 1e-36


@few
@given(st.floats(0, 3.14), st.floats(0, 3.14), st.floats(0, 1))
def test_g_of_a_wide_ball_contains_g_of_its_members(a, b, share):
    wide = ball.hull(ball.exact_float(a), ball.exact_float(b))
    inside = ball.exact_float(a + share * (b - a))
    if not wide.contains(inside):
        return
    for function in (cnn.g, cnn.g_by_complement, cnn.g_deficit):
        assert function(wide).contains(function(inside).mid())
    inverse = cnn.complement_of_g(wide)
    assert inverse.contains(cnn.complement_of_g(inside).mid())
    # monotone, so no wider than its ends (up to the rounding of a ball to a centre and a short radius)
    ends = abs(cnn.g(ball.exact_float(a)) - cnn.g(ball.exact_float(b)))
    assert 2 * float(cnn.g(wide).rad()) <= float(ends) * (1 + 1e-6) + 1e-30


@few
@given(angles)
def test_the_derivative_of_g(angle):
    x = mpmath.ldexp(mpmath.mpf(angle[0]), angle[1])
    assert holds(cnn.g_slope(ball.exact(angle)), -(mpmath.pi - x) * mpmath.sin(x), 115)
    assert holds(cnn.g_slope_by_complement(ball.exact(angle)), x * mpmath.sin(x), 115)


def test_nothing_follows_from_a_nan():
    nan = ball.undefined()
    for function in (cnn.g, cnn.g_by_complement, cnn.g_deficit, cnn.g_slope):
        value = function(nan)
        assert not ball.proves_le(value, Ball(10))
        assert not ball.proves_positive(value + 10)
    # the angle of an unknown value is any angle
    assert cnn.complement_of_g(nan).contains(0)
    assert cnn.complement_of_g(nan).contains(3)
    with pytest.raises(NotProved, match="not decided"):
        cnn.has_spurious_minimum(cnn.Teacher(3, Ball(1), nan, Ball(1)))


rationals = st.fractions(-3, 3, max_denominator=50)
problems = st.builds(
    CnnProblem,
    st.lists(rationals, min_size=1, max_size=7).filter(any).map(tuple),
    st.fractions("1/10", 5, max_denominator=20),
    st.integers(2, 30),
)


def numbers(of):
    """W, S, N, k in mpmath."""
    return *(mpmath.mpf(x.numerator) / x.denominator for x in (of.w_norm, of.total, of.squares)), of.k


@few
@given(problems)
def test_every_number_of_a_landscape(of):
    """Against the formulas solved another way: a_bad and a_s by linear algebra, the angle by mpmath's own
    root finder, the spectrum by mpmath's eigenvalues of the whole Hessian."""
    W, S, N, k = numbers(of)
    b = mpmath.matrix([mpmath.mpf(x.numerator) / x.denominator for x in of.a_star])
    ones = mpmath.ones(k, 1)
    M = ones * ones.T + (mpmath.pi - 1) * mpmath.eye(k)
    found = landscape(of)
    assert found.verdict == ("spurious-minimum" if k > 1 and (k - 1) * N > mpmath.pi * (S**2 - N) else
                             "no-spurious-minimum")  # fmt: skip

    def loss(a, value):
        G = ones * ones.T + (value - 1) * mpmath.eye(k)
        return ((W**2 * b.T * M * b + a.T * M * a - 2 * W * a.T * G * b) / (4 * mpmath.pi))[0]

    bad = mpmath.lu_solve(M, W * (ones * ones.T - mpmath.eye(k)) * b)
    assert holds(found.landscape.points[1].loss, loss(bad, 0), 45)
    for i in range(k):
        x, y = found.landscape.points[1].a
        assert abs(x * ball.ratio(of.a_star[i].as_integer_ratio()) + y - _ball(bad[i])).contains(0)
    assert found.landscape.points[1].verdict == (SPURIOUS if found.landscape.barrier else NON_STRICT)
    q_bad = (bad.T * b)[0]
    assert found.landscape.q_bad.contains(_ball(q_bad)) if k > 1 else abs(q_bad) < mpmath.mpf(10) ** -70
    if found.landscape.barrier is None:
        assert len(found.landscape.points) == 2
        return
    saddle = found.landscape.points[2]
    value = mpmath.findroot(
        lambda t: (b.T * mpmath.lu_solve(M, (ones * ones.T + (t - 1) * mpmath.eye(k)) * b))[0], 0.5
    )
    phi = mpmath.findroot(lambda t: g_true(t) - value, (1.5, 3.1415), solver="anderson", verify=False)
    assert abs(g_true(phi) - value) < mpmath.mpf(10) ** -60
    a = mpmath.lu_solve(M, W * (ones * ones.T + (value - 1) * mpmath.eye(k)) * b)
    assert holds(saddle.phi, phi, 45)
    assert holds(saddle.complement, mpmath.pi - phi, 45)
    assert holds(saddle.loss, loss(a, value), 45)
    assert holds(found.landscape.barrier, loss(a, value) - loss(bad, 0), 40)
    whole = mpmath.zeros(k + 1)
    beta = W * (mpmath.pi - phi) * mpmath.sin(phi) / (2 * mpmath.pi)
    for i in range(k):
        whole[0, i + 1] = whole[i + 1, 0] = beta * b[i]
        for j in range(k):
            whole[i + 1, j + 1] = M[i, j] / (2 * mpmath.pi)
    values = sorted(mpmath.eigsy(whole, eigvals_only=True))
    claimed = [e for e in saddle.spectrum for _ in range(e.multiplicity if e.value != 0 else 0)]
    assert len(claimed) == k + 1
    for e, value in zip(sorted(claimed, key=lambda e: float(e.value)), values, strict=True):
        assert holds(e.value, value, 40)
    assert saddle.verdict == STRICT
    assert saddle.inertia == (1, of.patch - 1, k)
    assert sum(e.multiplicity for e in saddle.spectrum) == of.patch + k


def _ball(value):
    """An mpf as a ball with room for its last digits."""
    scale = 10**60
    near = ball.ratio((int(mpmath.nint(value * scale)), scale))
    return ball.hull(near - Ball(2.0**-180), near + Ball(2.0**-180))


def near_threshold(k, side, far):
    """a* = (1, .., 1, x) with x at 10^-far of the root of (k + pi - 1) N = pi S^2."""
    with mpmath.workdps(far + 50):
        m, pi = k - 1, mpmath.pi
        # (k + pi - 1)(m + x^2) - pi (m + x)^2 = (k - 1) x^2 - 2 pi m x + (k + pi - 1) m - pi m^2
        A, B, C = m, -2 * pi * m, (k + pi - 1) * m - pi * m * m
        x = (-B - mpmath.sqrt(B * B - 4 * A * C)) / (2 * A) - side * mpmath.mpf(10) ** -far
        return CnnProblem.from_text(",".join(["1"] * m + [mpmath.nstr(x, far + 10)]), "1", 5)


@pytest.mark.parametrize("far", [9, 15, 40, 200])
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("k", [2, 3, 100])
def test_the_threshold_is_decided_however_near(k, side, far):
    of = near_threshold(k, side, far)
    found = landscape(of)
    assert found.verdict == ("spurious-minimum" if side > 0 else "no-spurious-minimum")
    with mpmath.workdps(far + 60):
        true = (k - 1) * _mpf(of.squares) + mpmath.pi * (_mpf(of.squares) - _mpf(of.total) ** 2)
        low, high = exactly(ball.lower(found.landscape.excess)), exactly(ball.upper(found.landscape.excess))
        assert low <= true <= high
        assert high - low <= abs(true) * mpmath.mpf(2) ** -40
    if side > 0:
        assert ball.proves_positive(found.landscape.barrier)
        assert ball.proves_positive(-found.landscape.points[2].spectrum[0].value)
        assert float(found.landscape.points[2].complement) < 3 * 10.0 ** (-far / 3) * k


def _mpf(x):
    return mpmath.mpf(x.numerator) / x.denominator


def test_one_patch_is_exactly_at_the_threshold():
    """k = 1: T = 0, a_bad = 0, loss_bad = W^2 N/4, and no saddle apart (Theorem 9.K)."""
    found = landscape(CnnProblem.from_text("-1.5", "2", 2))
    assert found.verdict == "no-spurious-minimum"
    least, other = found.landscape.points
    assert other.verdict == NON_STRICT
    assert found.landscape.excess == 0
    assert other.loss.contains(Ball(9) / 4)
    assert (other.a[0] * Ball(-1.5) + other.a[1]).contains(0)
    assert [e.multiplicity for e in other.spectrum] == [2, 1]
    assert least.inertia == (0, 1, 2)


def test_below_the_largest_sum_and_above_it():
    """S^2 = k N (a* along 1) is on the side without a spurious minimum, S = 0 on the other, with the saddles
    at a right angle and a_s = 0."""
    assert landscape(CnnProblem.from_text("2,2,2,2", "1", 3)).verdict == "no-spurious-minimum"
    found = landscape(CnnProblem.from_text("2,-2,1,-1", "1", 3))
    saddle = found.landscape.points[2]
    assert saddle.phi.overlaps(ball.pi() / 2)
    assert all(x.contains(0) for x in saddle.a)
    assert [e.multiplicity for e in saddle.spectrum] == [1, 2, 2, 1, 1]


def test_too_low_a_precision_says_so():
    result = landscape(near_threshold(3, 1, 40), max_precision=64)
    assert result.verdict == "inconclusive"
    assert "not decided at this precision" in result.reason
    assert result.landscape is None


def test_one_eigenvalue_a_little_off_is_noticed():
    """The enclosures are as tight as `holds` demands: a spectrum at twice the coupling is outside."""
    of = CnnProblem.from_text("1,-0.5,0.3", "1", 3)
    with ball.precision(64):
        teacher = of.teacher()
        psi = cnn.complement_of_g(cnn.saddle_g(teacher))
        true = cnn_landscape.coupled_spectrum(teacher, psi)
        off = cnn_landscape.coupled_spectrum(teacher, psi * (1 + Ball(2.0**-40)))
    assert not any(x.overlaps(y) for x, y in zip(true, off, strict=True))


@pytest.mark.parametrize(
    ("v", "a", "verdict", "failed"),
    [
        ([(-1, -2), (0, 0)], (1, 0), "inconclusive", "N.1"),  # the apex of the ray of global minima is at 1/4
        ([(0, 0), (1, -1)], (1, 0), "inconclusive", "N.1"),
        ([(1, 0), (0, 0)], (5, -2), "global-minimum", None),
    ],
)
def test_a_distance_that_no_critical_point_attains_is_no_existence(v, a, verdict, failed):
    """k = 1, a* = 1, |w*| = 1: global minima (c, 0, 1), c > 0. Only the kernel takes a reach above |v|."""
    of = CnnProblem.from_text("1", "1", 2).teacher()
    with ball.precision(128):
        found = cnn_landscape.landscape(of, 2)
        rows = ([ball.exact(x) for x in row] for row in ([(1, 0), (0, 0)], v, [a]))
        at = cnn_point.place(cnn_loss.point(of, [Ball(1)], *rows), found)
        outcome, _ = cnn_point.decide(at, found, Ball(2))
        assert outcome.verdict == verdict
        if failed:
            assert outcome.failed.name == failed
            assert failed in outcome.reason


def test_what_is_excluded_keeps_off_the_nearest_critical_point():
    """(1, 0, 5/4) is at exactly 1/4 from a global minimum: the closed ball of that radius is not excluded."""
    of = CnnProblem.from_text("1", "1", 2).teacher()
    with ball.precision(128):
        found = cnn_landscape.landscape(of, 2)
        rows = ([ball.exact(x) for x in row] for row in ([(1, 0), (0, 0)], [(1, 0), (0, 0)], [(5, -2)]))
        at = cnn_point.place(cnn_loss.point(of, [Ball(1)], *rows), found)
        outcome, near = cnn_point.decide(at, found, Ball(2.0**-20))
        assert outcome.verdict == "not-critical"
        assert ball.proves_lt(near.exclusion, Ball(1) / 4)
        assert ball.proves_lt(Ball(1) / 4 * (1 - Ball(2.0**-19)), near.exclusion)

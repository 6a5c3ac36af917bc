"""Q at a point: balls contain the exact values, the bounds of the derivatives hold and are nearly attained."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landscape_balls import contains, exact_ball, floats, rows_of, scale_of, weights_of

import landscape_points as points
from relucert.families.landscape import point as family
from relucert.families.landscape.problem import LandscapeProblem
from relucert.kernel import ball
from relucert.kernel.ball import Ball, proves_le
from relucert.kernel.landscape import quartic
from relucert.kernel.landscape.weights import ORTHONORMAL

positive = st.integers(1, 64).map(lambda n: Fraction(n, 16))
entries = st.integers(-64, 64).map(lambda n: Fraction(n, 32))


@st.composite
def places(draw):
    """A problem and a point, d = 2 or 3, all of them dyadic."""
    d = draw(st.integers(2, 3))
    of = points.exact([draw(positive) for _ in range(d)], draw(positive), draw(positive))
    return of, np.array([[draw(entries) for _ in range(d)] for _ in range(d)])


@settings(max_examples=60, deadline=None)
@given(places(), st.integers(0, 2**10), st.integers(-4, 4))
def test_value_gradient_and_hessian_contain_the_exact_ones(case, width, part):
    """The point is anywhere in balls of a radius from 0 to 2^-10."""
    of, U = case
    spread = ball.symmetric(exact_ball(Fraction(width, 2**20)))
    with ball.precision(64):
        w = weights_of(of)
        at = quartic.place([[x + spread for x in row] for row in rows_of(U)])
        inside = U + Fraction(width, 2**20) * Fraction(part, 4)
        assert contains(quartic.value(w, at), points.value(of, inside))
        slope = points.gradient(of, inside)
        for row, exact in zip(quartic.gradient(w, at), slope, strict=True):
            assert all(map(contains, row, exact))
        H = points.flat(points.hessian(of, inside))
        for row, exact in zip(quartic.hessian(w, at), H, strict=True):
            assert all(map(contains, row, exact))
            if not width:
                assert all(ball.radius(x) < Ball(2.0**-40) for x in row)


@settings(max_examples=60, deadline=None)
@given(places())
def test_no_eigenvalue_is_larger_than_steepest(case):
    of, U = case
    found = quartic.steepest(weights_of(of), quartic.place(rows_of(U)), ORTHONORMAL)
    values = np.linalg.eigvalsh(points.flat(points.hessian(points.as_floats(of), floats(U))))
    assert np.abs(values).max() <= float(found) * (1 + 1e-12)


def steepest_share(of, U):
    """The largest |eigenvalue|, as a share of its bound."""
    found = quartic.steepest(weights_of(of), quartic.place(rows_of(U)), ORTHONORMAL)
    values = np.linalg.eigvalsh(points.flat(points.hessian(points.as_floats(of), floats(U))))
    return np.abs(values).max() / float(found)


def test_steepest_is_attained_by_a_row_a_column_and_at_zero():
    """So none of its three terms may be 1% smaller."""
    tiny, zero = Fraction(1, 10**4), Fraction(0)
    row = np.array([[Fraction(2), zero], [zero, zero]])
    assert 0.999 < steepest_share(points.exact((tiny, tiny), tiny, 1), row) <= 1 + 1e-12
    column = np.array([[Fraction(2)] + [zero] * 7] * 8)
    assert 0.99 < steepest_share(points.exact((1,) * 8, tiny, tiny), column) <= 1 + 1e-12
    assert 0.999999 < steepest_share(points.exact((1, 1), 1, 1), row * 0) <= 1 + 1e-12


def third(of, U, V):
    """D^3 Q(U)[V, V, V] by the third difference of a quartic, which is exact up to a fourth one that cancels."""
    q = [points.value(of, U + k * V) for k in (-2, -1, 1, 2)]
    return (q[3] - 2 * q[2] + 2 * q[1] - q[0]) / 2


@settings(max_examples=60, deadline=None)
@given(places(), places(), positive)
def test_the_hessian_is_lipschitz(case, other, radius):
    """Exactly: |D^3 Q(W)[V, V, V]| <= L |V|^3 at the point of the sphere of this radius along V, and against it."""
    of, U = case
    d = len(U)
    V = np.resize(other[1], (d, d))
    size = sum(x * x for x in V.ravel())
    if not size:
        return
    found = quartic.lipschitz(weights_of(of), quartic.place(rows_of(U)), ORTHONORMAL, exact_ball(radius))
    length = Fraction(int(np.sqrt(float(size)) * 2**20) + 1, 2**20)  # a little more than |V|
    for sign in (-1, 1):
        slope = third(of, U + V * (sign * radius / length), V)
        assert slope * slope <= Fraction(float(found)) ** 2 * size**3 * (1 + Fraction(1, 10**9))


def lipschitz_share(of, U, V, radius=Fraction(1, 2), stretch=1):
    """|D^3| along V at the farthest point, as a share of the bound; `stretch`: U = stretch * B."""
    scale = scale_of(Fraction(stretch) ** 2, Fraction(stretch) ** 2)
    found = quartic.lipschitz(weights_of(of), quartic.place(rows_of(U)), scale, exact_ball(radius))
    size = np.sqrt(float((V * V).sum()))
    unit = V.astype(float) / size
    of = points.as_floats(of)
    return abs(third(of, floats(U) + stretch * float(radius) * unit, unit)) * stretch**3 / float(found)


@pytest.mark.parametrize("stretch", [1, 3])
def test_the_lipschitz_constant_is_nearly_attained(stretch):
    """Its row and its entry within 1%; its column within 15%, at d = 100, as an entry of the column counts, too."""
    tiny, zero = Fraction(1, 10**4), Fraction(0)
    one = np.array([[Fraction(2), zero], [zero, zero]])
    assert 0.99 < lipschitz_share(points.exact((tiny, tiny), tiny, 1), one, one, stretch=stretch) <= 1 + 1e-12
    assert 0.99 < lipschitz_share(points.exact((1, 1), 10**3, tiny), one, one, stretch=stretch) <= 1 + 1e-12
    column = np.array([[Fraction(2)] + [zero] * 99] * 100)
    of = points.exact((1,) * 100, tiny, tiny)
    assert (
        1 / 1.15
        < lipschitz_share(of, column, column, radius=Fraction(1, 2**20), stretch=stretch)
        <= 1 + 1e-12
    )


# --- F ------------------------------------------------------------------------------------------------------

TEACHERS = [
    (("2", "1/2"), [["1", "0"], ["3/5", "4/5"]]),
    (("1/3", "5"), [["1", "2"], ["-1", "3/2"]]),
    (("1", "2", "1/7"), [["1", "1/2", "0"], ["0", "1", "-1"], ["1", "0", "1"]]),
]
MU, LAM = Fraction(5), Fraction(7, 3)


def value_of_f(a_star, teacher, B):
    """F by its definition in Theorem 13.F."""
    c = 1 / (2 * mpmath.sqrt(2 * mpmath.pi))
    total = mpmath.mpf(0)
    for a, t in zip(a_star, teacher, strict=True):
        squares = [mpmath.fdot(t, b) ** 2 for b in B]
        fourth = mpmath.fsum(x * x for x in squares)
        total += c * a * (mpmath.fsum(squares) ** 2 - fourth)
        total -= MU.numerator * c / 12 * a * fourth
    lam = mpmath.mpf(LAM.numerator) / LAM.denominator
    for b in B:
        form = mpmath.fsum(a * mpmath.fdot(t, b) ** 2 for a, t in zip(a_star, teacher, strict=True))
        total += lam * (form - 1) ** 2
    return total


def mp(text):
    x = Fraction(text)
    return mpmath.mpf(x.numerator) / x.denominator


def near(found, value):
    """Whether a ball is that number of 60 digits, within the rounding of both."""
    return bool(abs(found - ball.Ball(mpmath.nstr(value, 60))) < (1 + abs(found)) * Ball(2.0**-150))


@pytest.mark.parametrize(("a_star", "teacher"), TEACHERS)
def test_f_and_its_derivatives_in_b(a_star, teacher):
    """Differences of a quartic along a line give its first two derivatives exactly."""
    d = len(a_star)
    rng = np.random.default_rng(4)
    point = [[Fraction(int(n), 8) for n in row] for row in rng.integers(-12, 12, (d, d))]
    problem = LandscapeProblem.from_text(list(a_star), str(MU), str(LAM), teacher)
    with mpmath.workdps(60), ball.precision(200):
        a, rows = [mp(x) for x in a_star], [[mp(x) for x in row] for row in teacher]
        frame, w = family.framed(problem), problem.weights()
        at = quartic.framed(frame, rows_of(point))
        B = np.array([[mp(x) for x in row] for row in point])
        assert near(quartic.value(w, at), value_of_f(a, rows, B))
        slope = [x for row in quartic.gradient_in(frame, quartic.gradient(w, at)) for x in row]
        H = quartic.hessian_in(frame, quartic.hessian(w, at))
        for _ in range(4):
            V = rng.integers(-3, 4, (d, d))
            f = {k: value_of_f(a, rows, B + k * V) for k in range(-2, 3)}
            v = [Ball(int(x)) for x in V.ravel()]
            first = sum((x * y for x, y in zip(v, slope, strict=True)), Ball(0))
            assert near(first, (8 * (f[1] - f[-1]) - (f[2] - f[-2])) / 12)
            row = ball.BallMatrix(1, d * d, v)
            second = (row * H * row.transpose())[0, 0]
            assert near(second, (16 * (f[1] + f[-1]) - 30 * f[0] - f[2] - f[-2]) / 12)
        assert all(H[i, j].overlaps(H[j, i]) for i in range(d * d) for j in range(i))


@pytest.mark.parametrize(("a_star", "teacher"), TEACHERS)
def test_the_frame_bounds_the_singular_values_of_t(a_star, teacher):
    """Both within 1e-12, and never on the wrong side of them."""
    problem = LandscapeProblem.from_text(list(a_star), "5", "1", teacher)
    with ball.precision(128), mpmath.workdps(60):
        frame = family.framed(problem)
        T = mpmath.matrix(
            [[mpmath.sqrt(mp(a)) * mp(x) for x in row] for a, row in zip(a_star, teacher, strict=True)]
        )
        values = mpmath.eigsy(T * T.T, eigvals_only=True)
        for found, exact, sign in ((frame.scale.least, min(values), 1), (frame.scale.most, max(values), -1)):
            apart = sign * (Ball(mpmath.nstr(exact, 55)) - found)
            assert apart > 0
            assert apart < found * Ball(1e-12)
        identity = frame.matrix * frame.inverse
        assert all(identity[i, j].contains(int(i == j)) for i in range(len(T)) for j in range(len(T)))


@pytest.mark.parametrize(("a_star", "teacher"), TEACHERS)
def test_the_bounds_in_b_hold_for_f(a_star, teacher):
    problem = LandscapeProblem.from_text(list(a_star), str(MU), str(LAM), teacher)
    d = len(a_star)
    frame, w, rng = family.framed(problem), problem.weights(), np.random.default_rng(5)

    def hessian(B):
        at = quartic.framed(frame, [[ball.exact_float(float(x)) for x in row] for row in B])
        return floats(quartic.hessian_in(frame, quartic.hessian(w, at)).tolist())

    for _ in range(10):
        B, V = rng.normal(size=(2, d, d))
        V /= np.linalg.norm(V)
        at = quartic.framed(frame, [[ball.exact_float(float(x)) for x in row] for row in B])
        H = hessian(B)
        assert np.abs(np.linalg.eigvalsh(H)).max() <= float(quartic.steepest(w, at, frame.scale))
        for radius in (0.01, 1.0):
            change = np.abs(np.linalg.eigvalsh(hessian(B + radius * V) - H)).max()
            constant = quartic.lipschitz(w, at, frame.scale, Ball(radius))
            assert change <= float(constant) * radius * (1 + 1e-9)


def test_an_undefined_entry_proves_nothing():
    of = points.exact((1, 1), 1, 1)
    rows = [[ball.undefined(), Ball(0)], [Ball(0), Ball(1)]]
    at, w = quartic.place(rows), weights_of(of)
    for found in (
        quartic.value(w, at),
        quartic.steepest(w, at, ORTHONORMAL),
        quartic.lipschitz(w, at, ORTHONORMAL, Ball(1)),
    ):
        assert not proves_le(found, Ball("inf"))
        assert not proves_le(Ball("-inf"), found)

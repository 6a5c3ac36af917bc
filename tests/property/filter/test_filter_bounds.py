"""One filter (docs/theorem/filter.md section 11): every bound holds, and one a little tighter would not."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from relucert.base.dyadic import from_float
from relucert.families.filter import prove as one_filter
from relucert.kernel import arccos, ball
from relucert.kernel.arccos import Angle
from relucert.kernel.ball import Ball, pi, proves_le, proves_lt, square
from relucert.kernel.filter import descent as kernel
from relucert.kernel.filter.descent import Converges
from relucert.kernel.teacher import loss

NEARLY = Ball(0.999)
ANGLES = [2.0**-20, 0.1, 0.5, 1.0, 1.5, 1.5707963, 2.0, 2.3, 2.4, 2.8, 3.1, 3.1415]
coordinates = st.tuples(*[st.floats(-4, 4, allow_subnormal=False)] * 3)


@pytest.fixture(autouse=True)
def _precision():
    with ball.precision(128):
        yield


def angle(phi):
    phi = Ball(phi)
    return Angle(phi, phi.sin(), phi.cos())


def h_of(t, length):
    """h of Theorem 11.B, by its definition; |w| = length, |w*| = 1."""
    apart = 1 + square(length) - 2 * length * t.cos
    return (length * (t.sin - t.theta * t.cos) + t.theta - t.sin * t.cos) / apart


def start(w, v):
    exact = [[Fraction(x) for x in row] for row in (v, w)]
    return one_filter.FilterProblem(*map(tuple, exact))


def kernel_start(problem):
    return kernel.start(*(x.as_integer_ratio() for x in problem.invariants()))


def floats_descent(problem, steps):
    """|w_t - w*|/|w*| in floating point, by the gradient of section 11, t = 0 .. steps."""
    w, v, eta = (np.array([float(x) for x in row]) for row in (problem.start, problem.target, [problem.eta]))
    size, apart = np.linalg.norm(v), []
    for _ in range(steps + 1):
        apart.append(np.linalg.norm(w - v) / size)
        length = np.linalg.norm(w)
        phi = 2 * math.atan2(np.linalg.norm(w / length - v / size), np.linalg.norm(w / length + v / size))
        w = w - eta * (w / 2 - (size * math.sin(phi) * w / length + (math.pi - phi) * v) / (2 * math.pi))
    return apart


# --- Theorem 11.A ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phi", ANGLES[:-2])
def test_gamma_and_smoothness_are_the_eigenvalues_of_the_matrix(phi):
    """A(w, w*) = d2f/dw dw* (section 1), computed there by other formulas; attained, so tight."""
    w, v = (1.0, 0.0, 0.0), (math.cos(phi), math.sin(phi), 0.0)
    a, b = (arccos.vector([ball.exact_float(x) for x in row]) for row in (w, v))
    t = arccos.between(a, b)
    block, across = arccos.mixed_block(a, b, t), [(x - y, x + y) for x, y in zip(a.unit, b.unit, strict=True)]
    for k, eigenvalue in ((0, kernel.gamma(t)), (1, kernel.smoothness(t))):
        u = [pair[k] for pair in across]
        for i in range(3):
            image = sum((block[i, j] * u[j] for j in range(3)), Ball(0))
            assert (image - eigenvalue * u[i]).contains(0)
    assert (block[2, 2] - (kernel.gamma(t) + kernel.smoothness(t)) / 2).contains(0)
    assert proves_lt(kernel.gamma(t), block[2, 2])
    assert proves_lt(block[2, 2], kernel.smoothness(t))


def test_beta_is_the_best():
    """(phi + sin phi)/(2 pi), the largest eigenvalue of A(w, -w*), is at most phi/pi, and nearly that."""
    for phi in map(Ball, ANGLES):
        assert proves_le((phi + phi.sin()) / (2 * pi()), phi / pi())
    small = Ball(2.0**-10)
    assert proves_lt(NEARLY * small / pi(), (small + small.sin()) / (2 * pi()))


def test_the_largest_step_at_the_target_and_at_a_right_angle():
    """phi = 0: gamma = Lsm = 1/2. phi = pi/2: gamma = 1/4 - 1/(2 pi), Lsm = 1/4 + 1/(2 pi)."""
    exact = [(0, (1 / 2) / (1 / 2 + 4 / math.pi) ** 2, (1 / 2) / (1 / 2 + 8) ** 2)]
    g, smooth = 1 / 4 - 1 / (2 * math.pi), 1 / 4 + 1 / (2 * math.pi)
    exact.append((math.pi / 2, g / (smooth + 4 / math.pi) ** 2, g / (smooth + 8) ** 2))
    for phi, best, rougher in exact:
        assert float(kernel.largest_step(angle(phi), 1 / pi())) == pytest.approx(best, rel=1e-14)
        assert float(kernel.largest_step(angle(phi), Ball(2))) == pytest.approx(rougher, rel=1e-14)


def test_the_largest_step_decreases_with_the_angle():
    for beta in (1 / pi(), Ball(2), Ball(100)):
        allowed = [kernel.largest_step(angle(phi), beta) for phi in np.linspace(2.0**-10, 1.57, 200)]
        assert all(proves_lt(y, x) for x, y in pairwise(allowed))


@settings(max_examples=60, deadline=None)
@given(coordinates, coordinates, st.floats(0.01, 1))
def test_theorem_11_a_on_random_starts(w, v, share):
    """One step in balls, with the gradient of section 1."""
    w = tuple(x + 0.3 * y for x, y in zip(v, w, strict=True))
    assume(math.hypot(*w) > 0.01)
    assume(math.hypot(*v) > 0.01)
    at = kernel_start(start(w, v))
    assume(proves_lt(at.distance, Ball(1)))
    t = kernel.arcsine(ball.upper(at.distance))
    eta = ball.lower(kernel.largest_step(t, 1 / pi()) * Ball(share))
    assert kernel.theorem_11_a(at, eta).holds
    moved = step(w, v, eta)
    assert proves_le(moved, (1 - eta * kernel.gamma(t)) * at.distance + Ball(2.0**-100))
    assert not kernel.theorem_11_a(at, 2 * eta / Ball(share)).holds


def step(w, v, eta):
    """|w - eta grad - v|^2/|v|^2, the gradient by the functions of section 1."""
    rows = [[tuple(from_float(x) for x in row)] for row in (w, v)]
    g = loss.geometry(*rows)
    slope = loss.gradient(g)
    moved = [ball.exact_float(x) - eta * s - ball.exact_float(y) for x, y, s in zip(w, v, slope, strict=True)]
    return square(ball.norm(moved)) / square(ball.norm([ball.exact_float(x) for x in v]))


def test_far_starts_are_refused_by_theorem_11_a():
    """|w0 - w*| >= |w*|: the theorem of the paper says nothing, by what factor is known, and 11.B decides."""
    result = one_filter.certify(start((-1.0, 1.0), (1.0, 0.0)))
    paper = result.outcome.arguments[1]
    assert paper.theorem == "Theorem 11.A"
    assert not paper.holds
    assert not paper.hypotheses[0].proved
    assert float(paper.hypotheses[0].left / paper.hypotheses[0].right) == 5
    assert result.published == {}
    assert isinstance(result.outcome, Converges)


# --- Theorem 11.B ------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(coordinates, coordinates, st.floats(2.0**-10, 4))
def test_one_step_in_balls(w, v, eta):
    """(1) and (2): the factor of every step up to 4, from every start; and (4) for steps up to 2."""
    assume(min(math.hypot(*w), math.hypot(*v)) > 2.0**-20)
    at, eta = kernel_start(start(w, v)), Ball(eta)
    assume(proves_lt(Ball(2.0**-40), at.distance))
    assume(proves_lt(at.angle.theta, pi() - Ball(2.0**-20)))
    ratio = step(w, v, eta) / at.distance
    gain = kernel.decrease(eta, kernel.bend(at.angle))
    assert proves_le(ratio, 1 - gain + Ball(2.0**-40))
    if proves_le(eta, Ball(2)):
        assert proves_le(square(1 - eta / 2) - Ball(2.0**-40), ratio)


@pytest.mark.parametrize("phi", ANGLES)
def test_bend_bounds_h_and_is_attained(phi):
    """Over a grid of lengths; and at the length that attains it: not a thousandth too small."""
    t, most = angle(phi), kernel.bend(angle(phi))
    lengths = [Ball(2.0) ** Ball(k / 8) for k in range(-80, 60)]
    assert all(proves_le(h_of(t, u), most) for u in lengths)
    assert proves_lt(most, pi())
    corner = 1 - t.theta * t.cos / t.sin
    best = t.cos + t.sin * (Ball.atan2(corner, t.theta) / 2).tan()
    if phi < 2.2:
        assert proves_le(NEARLY * most, h_of(t, best))


def test_bend_increases():
    grid = [angle(phi) for phi in np.linspace(2.0**-10, 3.14, 2000)]
    values = [kernel.bend(t) for t in grid]
    assert all(proves_lt(x, y) for x, y in pairwise(values))
    assert kernel.bend(Angle(Ball(0), Ball(0), Ball(1))) == 0


def test_the_constants_of_11_b_are_attained_in_the_limit():
    """phi -> pi, |w| -> 0: a step of 2 hardly comes nearer, and the bound says so to first order."""
    v, w = (1.0, 0.0), (-(2.0**-12), 2.0**-20)
    at = kernel_start(start(w, v))
    ratio, gain = (
        step(w, v, Ball(2)) / at.distance,
        kernel.decrease(Ball(2), h_of(at.angle, ball.root(at.start))),
    )
    assert proves_le(ratio, 1 - gain)
    assert proves_lt(Ball(0.999), ratio)
    assert kernel.bend(at.angle) < pi()


def test_largest_step_beyond_which_nothing_is_proved():
    """At w* the Hessian is I/2: a step above 4 goes away, and 11.B (1) shows no decrease from 4 on."""
    assert proves_lt(Ball(1), step((1.0, 2.0**-10), (1.0, 0.0), Ball(4.01)) * Ball(2.0**20))
    assert not ball.proves_positive(kernel.decrease(Ball(4), Ball(0)))


@pytest.mark.parametrize(
    ("w", "v", "eta", "name"),
    [
        ((1, 1), (1, 0), Fraction(0), "B.1"),
        ((1, 1), (1, 0), Fraction(201, 100), "B.2"),
        ((-1, 0), (1, 0), Fraction(1), "B.3"),
    ],
)
def test_the_first_hypothesis_that_fails_is_named(w, v, eta, name):
    found = kernel.decide(kernel_start(start(w, v)), ball.ratio(eta.as_integer_ratio()), Ball(1e-6))
    assert not found.proved
    assert found.failed.name == name
    assert not found.failed.proved
    assert found.reason == f"{name} not proved: {found.failed.text}"


def test_too_many_steps_are_said():
    """A thin enough step needs more than 2^53 - 1 steps."""
    found = kernel.decide(kernel_start(start((2, 0), (1, 0))), Ball(2.0**-60), Ball(1e-6))
    assert found.failed.name == "B.5"
    assert found.reason.endswith(f"; it would take more than {kernel.MOST_STEPS} steps")


SEEDS = range(60)


@pytest.mark.parametrize("seed", SEEDS)
def test_descent_keeps_the_proved_rate_and_the_proved_number_of_steps_is_sharp(seed):
    rng = np.random.default_rng(seed)
    p = int(rng.choice([2, 3, 10, 50]))
    v, w = (np.round(rng.normal(size=p), 6) for _ in range(2))
    if seed % 2:
        w = v + 0.9 * w / np.linalg.norm(w) * np.linalg.norm(v)
    eta = Fraction(int(rng.choice([4, 10, 20])), 10)
    problem = one_filter.FilterProblem(
        tuple(map(Fraction, v.tolist())), tuple(map(Fraction, w.tolist())), eta
    )
    bounds = one_filter.certify(problem).outcome.bounds
    apart = floats_descent(problem, bounds.steps)
    kept = 1 - float(bounds.decrease)
    assert all(y <= kept * x + 1e-12 for x, y in pairwise(apart))
    assert apart[-1] <= 1e-6
    assert float(bounds.distance) == pytest.approx(apart[0], rel=1e-12)
    needed = next(t for t, x in enumerate(apart) if x <= 1e-6)
    if seed % 2:  # near starts
        assert bounds.steps <= 1.5 * needed + 4
    phi = float(kernel_start(problem).angle.theta)
    if phi < 1.8:
        assert bounds.steps <= 2 * needed + 6


def test_more_than_256_steps_share_the_last_factor():
    """From a start parallel to w* each step has the factor 1 - eta/2 exactly, so T is the least possible."""
    problem = one_filter.FilterProblem(
        (Fraction(1), Fraction(0)), (Fraction(2), Fraction(0)), Fraction(1, 100), Fraction(1, 1000)
    )
    bounds = one_filter.certify(problem).outcome.bounds
    assert bounds.steps == math.ceil(math.log(1000) / -math.log(0.995)) == 1379
    assert proves_le(Ball(1) / 200 * NEARLY, bounds.decrease)


def test_the_step_2_is_faster_than_linear():
    problem = one_filter.FilterProblem((Fraction(1), Fraction(0)), (Fraction(1), Fraction(1, 2)))
    counts = [
        one_filter.certify(
            one_filter.FilterProblem(problem.target, problem.start, problem.eta, Fraction(1, 10**n))
        ).outcome.bounds.steps
        for n in (10, 100, 300)
    ]
    assert counts[0] <= 9
    assert counts[2] <= counts[0] + 10


# --- Theorem 11.C ------------------------------------------------------------------------------------------


def lens_2(alpha, reach):
    """Area of the common part of two discs with centres at distance 1, over that of the first."""
    first = (alpha**2 + 1 - reach**2) / (2 * alpha)
    second = (reach**2 + 1 - alpha**2) / (2 * reach)
    kite = math.sqrt(4 * alpha**2 - (1 + alpha**2 - reach**2) ** 2) / 2
    area = alpha**2 * math.acos(first) + reach**2 * math.acos(second) - kite
    return area / (math.pi * alpha**2)


def lens_3(alpha, reach):
    """The same for balls of R^3: pi (R + a - 1)^2 (1 + 2 R - 3 R^2 + 2 a + 6 a R - 3 a^2)/12."""
    volume = math.pi * (reach + alpha - 1) ** 2 / 12
    volume *= 1 + 2 * reach - 3 * reach**2 + 2 * alpha + 6 * alpha * reach - 3 * alpha**2
    return volume / (4 / 3 * math.pi * alpha**3)


@pytest.mark.parametrize("alpha", [0.01, 0.3, 0.9, 1.0, 1.3, 1.5, 1.9])
def test_probability_in_the_plane_and_in_space(alpha):
    for p, lens in ((2, lens_2), (3, lens_3)):
        for reach in (1.0, math.sqrt(1 - alpha**2)) if alpha < 1 else (1.0,):
            value = kernel.probability(p, Ball(alpha), square(Ball(reach)))
            assert float(value) == pytest.approx(lens(alpha, reach), rel=1e-9)
            assert proves_lt(ball.upper(value) - ball.lower(value), Ball(1e-20))


def test_probability_of_balls_that_contain_each_other():
    assert kernel.probability(7, Ball(0.25), square(Ball(1.25))) == 1
    assert kernel.probability(7, Ball(0.25), square(Ball(0.75))) == 0
    assert kernel.probability(7, Ball(0.25), square(Ball(1.5))) == 1  # not at all near the edge
    assert kernel.probability(7, Ball(0.25), square(Ball(9))) == 1
    assert kernel.probability(7, Ball(0.25), square(Ball(0.5))) == 0
    for almost in (square(Ball(1.25)) - Ball(2.0**-30), square(Ball(0.75)) + Ball(2.0**-30)):
        assert proves_lt(kernel.probability(7, Ball(0.25), almost), Ball(1))
        assert proves_lt(Ball(0), kernel.probability(7, Ball(0.25), almost))
    assert kernel.probability(5, Ball(2), Ball(1)).contains(Ball(2.0**-5))
    assert kernel.probability(5, Ball(4), Ball(1)).contains(Ball(2.0**-10))
    inside = kernel.probability(5, Ball(2) - Ball(2.0**-30), Ball(1))
    assert proves_lt(abs(inside - Ball(2.0**-5)), Ball(2.0**-25))  # continuous at 2


@pytest.mark.parametrize(("p", "alpha"), [(2, 0.5), (6, 0.1), (6, 0.8), (6, 1.2), (20, 0.3)])
def test_probability_against_monte_carlo(p, alpha):
    rng, count = np.random.default_rng(p), 200_000
    w = rng.normal(size=(count, p))
    w *= (alpha * rng.random(count) ** (1 / p) / np.linalg.norm(w, axis=1))[:, None]
    apart = np.sum(w**2, axis=1) - 2 * w[:, 0] + 1
    for reach in (1.0, 1 - alpha**2) if alpha < 1 else (1.0,):
        chance = float(kernel.probability(p, Ball(alpha), Ball(reach)))
        assert np.mean(apart < reach) == pytest.approx(
            chance, abs=5 * math.sqrt(chance * (1 - chance) / count)
        )


def test_probability_of_small_balls_is_a_half():
    """P = 1/2 - O(alpha sqrt p)."""
    for p in (2, 100, 10**6):
        value = kernel.probability(p, Ball(2.0**-40), Ball(1))
        assert proves_lt(value, Ball(1) / 2)
        assert proves_lt(Ball(1) / 2 - Ball(p).sqrt() * Ball(2.0**-40), value)

"""The checker's own iterates and bounds against 400-bit arithmetic, and against inputs where they are attained."""

from fractions import Fraction
from math import isqrt

import made_runs as made
import mpmath as mp
import numpy as np
import pytest

from relucert_audit import interval as ivl
from relucert_audit.exact import TooWeak
from relucert_audit.interval import dyadic, proves_le, proves_lt
from relucert_audit.teacher import runs_curvature as curvature
from relucert_audit.teacher.runs_floor import floor_of
from relucert_audit.teacher.runs_measure import exponential, gamma
from relucert_audit.teacher.runs_path import DRIFT, LEAST, Arctangent, Path, meetings

TENTH = Fraction(1, 10)


@pytest.fixture(autouse=True)
def many_bits():
    with mp.workprec(400):
        yield


def integers(W, p):
    return [[int(Fraction(x) * 2**p // 1) for x in row] for row in np.asarray(W).tolist()]


def numbers(rows, p):
    return [[mp.mpf(x) / mp.mpf(2) ** p for x in row] for row in rows]


def dot(a, b):
    return mp.fsum(x * y for x, y in zip(a, b, strict=True))


def stepped(W, s):
    """One step of gradient descent, by section 1 of docs/theorem/teacher.md."""
    k, n = len(W[0]), len(W)
    every = W + [[mp.mpf(int(i == j)) for j in range(k)] for i in range(k)]
    sizes, after = [mp.sqrt(dot(z, z)) for z in every], []
    for i, w in enumerate(W):
        g = [x / 2 for x in w]
        for z in (z for z in range(n + k) if z != i):
            near, far = (
                [a / sizes[i] + e * b / sizes[z] for a, b in zip(w, every[z], strict=True)] for e in (-1, 1)
            )
            t, sign = 2 * mp.atan2(mp.sqrt(dot(near, near)), mp.sqrt(dot(far, far))), 1 if z < n else -1
            for j in range(k):
                pull = sizes[z] * mp.sin(t) * w[j] / sizes[i] + (mp.pi - t) * every[z][j]
                g[j] += sign * pull / (2 * mp.pi)
        after.append([x - y * s.numerator / s.denominator for x, y in zip(w, g, strict=True)])
    return after


def distance(A, B):
    return mp.sqrt(
        mp.fsum((x - y) ** 2 for a, b in zip(A, B, strict=True) for x, y in zip(a, b, strict=True))
    )


def starts():
    generator = np.random.default_rng(5)
    for n, k in ((1, 1), (1, 3), (2, 1), (3, 2), (4, 5)):
        yield generator.standard_normal((n, k)) / np.sqrt(k)
    W = generator.standard_normal((3, 3))
    W[1] = W[0] + 2.0**-40 * W[1]  # nearly parallel
    yield W
    W[1] = 2 * W[0]  # parallel, antiparallel, on targets
    yield W
    W[1] = -W[0]
    yield W
    yield np.eye(3) + 2.0**-45 * W
    yield np.eye(3)
    yield -np.eye(2)
    yield np.array([[2.0**-12, 0], [3.0, 2.0**-30]])  # a short neuron


@pytest.mark.parametrize("p", [96, 160])
def test_each_step_is_within_delta_of_the_exact_one(p):
    for W in starts():
        for s in (TENTH, Fraction(7, 3)):
            path = Path(integers(W, p), s, p)
            for _ in range(4):
                before = numbers(path.rows, p)
                try:
                    delta = path.step()
                except TooWeak:
                    break
                off = distance(numbers(path.rows, p), stepped(before, s)) * mp.mpf(2) ** p
                assert off <= delta, (W, s)
                assert delta < 2**40


def test_the_path_stays_in_its_enclosure():
    """Exact descent from the exact start, by 400 bits, in each ball of radius r_t."""
    p, W = LEAST, made.gaussian(3, 3, 2, 0)
    exact, path, r = numbers(integers(W, p), p), Path(integers(W, p), TENTH, p), 0
    for t in range(60):
        if r:
            near = curvature.reference(path, r, curvature.EXACTLY)
            assert near.holds(path.rows, r)
            assert not near.holds([[x + near.radius for x in row] for row in path.rows], r)
            r = -(-r * near.growth >> curvature.FINE)
        r, exact = r + path.step(), stepped(exact, TENTH)
        assert distance(exact, numbers(path.rows, p)) * mp.mpf(2) ** p <= r, t
    assert r < 2**24


@pytest.mark.parametrize("p", [96, 160, 640])
def test_arc_tangents(p):
    of, unit, generator = Arctangent(p), mp.mpf(2) ** p, np.random.default_rng(p)
    sides = [
        0,
        1,
        2,
        1 << p // 2,
        (1 << p) - 1,
        1 << p,
        3 << p,
        *(int(x) << p - 60 for x in generator.integers(1, 2**60, 9)),
    ]
    with mp.workprec(p + 200):
        unit = mp.mpf(2) ** p
        for y in sides:
            for x in sides:
                for sign in (1, -1):
                    if x or y:
                        assert abs(of.of(sign * x, y) - mp.atan2(y, sign * x) * unit) <= DRIFT, (x, y)


@pytest.mark.parametrize("p", [96, 160])
def test_turns_add_their_drift(p):
    of, generator = Arctangent(p), np.random.default_rng(p)
    with mp.workprec(p + 200):
        unit = mp.mpf(2) ** p
        for size in (0.0, 1e-30, 1e-12, 1e-3, 0.05, 0.12, 0.13, 1.0, 4.0):
            for near in (1e-20, 0.3, np.pi / 2, np.pi - 1e-9):
                x, y = int(mp.cos(near) * unit), int(mp.sin(near) * unit)
                for _ in range(3):
                    t = min(max(mp.mpf(near) + size * (generator.random() - mp.mpf(0.5)), mp.mpf(0)), mp.pi)
                    u, v = int(mp.cos(t) * unit), int(mp.sin(t) * unit)
                    (angle,) = of.turned([[x], [y]], [[u], [v]], [of.of(x, y)])
                    assert abs(angle - mp.atan2(v, u) * unit) <= 2 * DRIFT, (size, near)


def test_the_series_is_long_enough_where_it_is_longest():
    """At the largest tangent of every length, just below a power of two and at 2^-3."""
    p, of = 128, Arctangent(128)
    for size in range(1, p - 2):
        for t in ((1 << size) - 1, 1 << size - 1, 1 << p - 3):
            (angle,) = of.turned([[1 << p], [0]], [[1 << p], [t]], [0])
            assert abs(angle - mp.atan(mp.mpf(t) / 2**p) * mp.mpf(2) ** p) <= DRIFT, t


def test_sines_keep_their_digits_near_0():
    """The rounded |w| |z| sin is one unit off at most, also where the cosine has lost it all."""
    p, W = 96, np.array([[1.0, 0.0], [1.0, 2.0**-60], [-3.0, 2.0**-70]])
    rows = integers(W, p)
    at = meetings(rows, p)
    assert at.y[:3] == [1 << p - 60, (1 << p - 70), (3 << p - 60) + (1 << p - 70)]
    assert at.squares == [sum(x * x for x in row) for row in rows]
    assert at.y[3:] == [0, 1 << p, 1 << p - 60, 1 << p, 1 << p - 70, 3 << p]


def path_at(W, p=160):
    return Path(integers(W, p), TENTH, p)


def blocks(W):
    """C_i of section 1 of docs/theorem/teacher.md."""
    n, k = W.shape
    every, found = np.vstack([W, np.eye(k)]), []
    for i in range(n):
        p, C = np.linalg.norm(W[i]), np.zeros((k, k))
        for z in (z for z in range(n + k) if z != i):
            q, u = np.linalg.norm(every[z]), W[i] / p
            v = every[z] / q - (every[z] @ u / q) * u
            sine = np.linalg.norm(v)
            if sine > 1e-9:
                turn = sine * (np.eye(k) - np.outer(u, u)) + np.outer(v, v) / sine
                C += (1 if z < n else -1) * q / (2 * np.pi * p) * turn
        found.append(C)
    return np.array(found)


@pytest.mark.parametrize("shape", [(1, 3), (2, 1), (6, 6), (5, 4), (12, 12)])
@pytest.mark.parametrize("scale", [2.0**-6, 1.0, 100.0])
def test_curvature_at_a_point(shape, scale):
    W = np.random.default_rng(shape).standard_normal(shape) * scale
    values, path = np.linalg.eigvalsh(blocks(W)), path_at(W)
    b = curvature.turned(path, curvature.lengths(path))
    found = curvature.tops(np.concatenate([b.blocks, -b.blocks]), b.error, 10)
    unit = 2.0 ** (b.scale - curvature.UNIT) / (2 * np.pi * np.linalg.norm(W, axis=1))
    for mine, true in ((found[: len(W)], values[:, -1]), (found[len(W) :], -values[:, 0])):
        slack = np.array(mine) * unit - true
        assert slack.min() > -1e-12 * (1 + scale)
        assert slack.max() < 0.01 * max(np.abs(values).max(), 0.1)


def test_nearly_parallel_vectors_count_as_errors():
    W = np.array([[1.0, 1e-5, 0.0], [1.0, 0.0, 2e-5], [0.3, -0.4, 0.5]])
    path = path_at(W)
    b = curvature.turned(path, curvature.lengths(path))
    true = blocks(W) * (2 * np.pi * np.linalg.norm(W, axis=1))[:, None, None]
    off = np.abs(np.linalg.eigvalsh(b.blocks * 2.0 ** (b.scale - curvature.UNIT) - true)).max()
    assert 1e-6 < off <= b.error * 2.0 ** (b.scale - curvature.UNIT) < 1e-3


@pytest.mark.parametrize("k", [2, 5])
def test_growth_is_attained(k):
    """At two equal neurons, moved apart: G gives nothing, C_i = C. So 1% less would be wrong."""
    W = np.random.default_rng(k).standard_normal((1, k)).repeat(2, axis=0)
    value, vectors = np.linalg.eigh(blocks(W)[0])
    away = np.stack([vectors[:, 0], -vectors[:, 0]]) * 2.0**-30
    near = curvature.reference(path_at(W), 1, curvature.EXACTLY)
    grown = distance(*(stepped(numbers(integers(X, 160), 160), TENTH) for X in (W + away, W - away)))
    ratio = grown / (2 * np.linalg.norm(away))
    growth = mp.mpf(near.growth) / 2**curvature.FINE
    assert value[0] < 0
    assert 1 + (growth - 1) * 0.99 < ratio <= growth


@pytest.mark.parametrize("n", [1, 3])
def test_lambda_max_is_attained(n):
    """At n equal neurons, all made longer."""
    W = np.random.default_rng(n).standard_normal((1, 4)).repeat(n, axis=0)
    near = curvature.reference(path_at(W), 1, curvature.EXACTLY)
    longer = distance(*(stepped(numbers(integers(X, 160), 160), TENTH) for X in (W, W * (1 + 2.0**-30))))
    ratio = longer / (np.linalg.norm(W) * 2.0**-30)
    largest = mp.mpf(near.largest) / 2**curvature.FINE
    assert 1 - largest / 10 <= ratio + mp.mpf(2) ** -40
    assert 1 - largest * 0.99 / 10 > ratio
    assert curvature.mixed(path_at(W)) == pytest.approx(n / 2 * 2**curvature.FINE, abs=2**20)


def test_the_matrix_of_norms():
    W = np.random.default_rng(0).standard_normal((5, 4))
    units = W / np.linalg.norm(W, axis=1)[:, None]
    angles = np.arccos(np.clip(units @ units.T, -1, 1))
    norms = (np.pi - angles + np.sin(angles)) / (2 * np.pi)
    np.fill_diagonal(norms, 0.5)
    top = np.linalg.eigvalsh(norms)[-1] * 2**curvature.FINE
    assert 0 <= curvature.mixed(path_at(W)) - top < 2.0**20


def test_how_fast_blocks_change():
    """Lemma 19.C on a ball, against many points of it."""
    generator = np.random.default_rng(3)
    for n, k in ((1, 2), (3, 3), (6, 6)):
        W = generator.standard_normal((n, k)) / np.sqrt(k)
        radius = 0.3 * np.linalg.norm(W, axis=1).min()
        found = curvature.slopes(curvature.lengths(path_at(W)), k, int(radius * 2**curvature.FINE))
        bounds = np.array(found.blocks) / 2**curvature.FINE
        for _ in range(200):
            away = generator.standard_normal((n, k)) * (generator.random((n, 1)) < 0.5)
            X = W + radius * away / max(np.linalg.norm(away), 1e-9)
            assert (np.abs(np.linalg.eigvalsh(blocks(X) - blocks(W))).max(axis=1) <= bounds).all()


def test_a_larger_ball_is_used_for_several_steps():
    path = path_at(made.gaussian(4, 4, 1, 0))
    wide = curvature.reference(path, 1, curvature.Slack(TENTH, Fraction(0), 6))
    tight = curvature.reference(path, 1, curvature.EXACTLY)
    assert wide.radius > 2**148 > tight.radius
    s = float(TENTH)
    assert 0.02 * s < (wide.growth - tight.growth) / 2**curvature.FINE < 0.2 * s


def test_what_is_too_weak():
    with pytest.raises(TooWeak, match="few bits"):
        Path(integers(np.eye(2), 95), TENTH, 95)
    with pytest.raises(TooWeak, match="above 4"):
        Path(integers(np.eye(2), 96), Fraction(41, 10), 96)
    with pytest.raises(TooWeak, match="too short"):
        Path(integers(np.eye(2) * 2.0**-50, 96), TENTH, 96)
    with pytest.raises(TooWeak, match="too short or too long"):
        Path(integers(np.eye(2) * 2.0**65, 96), TENTH, 96)
    with pytest.raises(TooWeak, match="neuron at the origin"):
        curvature.reference(path_at(np.eye(2)), 1 << 160, curvature.EXACTLY)
    with pytest.raises(TooWeak, match="s lambda_max"):
        path = Path(integers(np.eye(2), 160), Fraction(4), 160)
        curvature.reference(path, 1, curvature.EXACTLY)


def test_measure_of_a_ball():
    with ivl.precision(192):
        for m in range(1, 12):
            low, high = (mp.mpf(end) for end in (gamma(m).a.mid, gamma(m).b.mid))
            assert low <= mp.gamma(mp.mpf(m) / 2 + 1) * (1 + mp.mpf(2) ** -180)
            assert high >= mp.gamma(mp.mpf(m) / 2 + 1) * (1 - mp.mpf(2) ** -180)
            assert high - low < high * mp.mpf(2) ** -170
        for x in (0, 1, 40, 1000):
            value = exponential(ivl.dyadic(x, 0))
            assert abs(mp.mpf(value.mid) / mp.exp(x) - 1) < mp.mpf(2) ** -120


def test_square_roots_are_checked():
    squares = np.array([[0, 1, 2, 2**52, 3**32, 2**58 - 1]])
    assert np.abs(curvature.roots(squares)[0] - [isqrt(int(x)) for x in squares[0]]).max() <= 2


def test_the_loss_on_a_ball_goes_down_as_far_as_the_curvature_says():
    """One neuron across from both targets, at a saddle: along it Hess F is 1/2, the largest eigenvalue; across, about
    -4.2. So F falls by more than 1/2 r^2/2 within r: a bound of F from below needs c."""
    size, r = (4 - np.pi) / (np.sqrt(2) * 2 * np.pi), 2.0**-9
    along, across = np.array([[-1, -1]]) / np.sqrt(2), np.array([[1, -1]]) / np.sqrt(2)
    saddle, beside = path_at(size * along), path_at(size * along + r * across)
    own, there = floor_of(saddle, 1 << saddle.p - 9), floor_of(beside, 0).loss
    assert proves_lt(own.largest * dyadic(1, -19), own.at.objective - there)
    assert proves_le(own.loss.a, there.a)

"""The objective of samples: every number against the spec's formula in fractions, by differences of a quartic."""

from fractions import Fraction

import numpy as np
import pytest
from landscape_balls import contains, exact_ball, rows_of

from relucert.kernel import ball
from relucert.kernel.ball import Ball
from relucert.kernel.landscape import empirical

MU, LAM = Fraction(7), Fraction(5, 3)


def dot(v, w):
    return sum(a * b for a, b in zip(v, w, strict=True))


def hermite(x, v, w):
    """<H4(x), v v w w> as the spec has it."""
    a, b, c = dot(v, x), dot(w, x), dot(v, w)
    vv, ww = dot(v, v), dot(w, w)
    return a * a * b * b - ww * a * a - vv * b * b - 4 * c * a * b + vv * ww + 2 * c * c


def objective(x, y, mu, lam, B):
    total = Fraction(0)
    for sample, weight in zip(x, y, strict=True):
        pairs = [(b, e) for j, b in enumerate(B) for k, e in enumerate(B) if j != k]
        mixed = sum((hermite(sample, b, e) for b, e in pairs), Fraction(0))
        own = sum(hermite(sample, b, b) for b in B)
        total -= weight * (mixed / 2 - mu / 24 * own) / len(y)
    return total + lam * sum((dot(b, b) - 1) ** 2 for b in B)


def case(seed, n, m, d):
    rng = np.random.default_rng(seed)
    draw = lambda *shape: np.vectorize(lambda k: Fraction(int(k), 4))(rng.integers(-8, 9, shape))  # noqa: E731
    return draw(n, d), draw(n), draw(m, d), rng


def placed(x, y, B, mu=MU, lam=LAM):
    of = empirical.sampled(rows_of(x), [exact_ball(v) for v in y], exact_ball(mu), exact_ball(lam))
    return of, empirical.place(of, rows_of(B))


@pytest.mark.parametrize(("n", "m", "d"), [(1, 1, 2), (5, 3, 2), (4, 2, 3), (2, 4, 3)])
def test_value_gradient_and_hessian_contain_the_exact_ones(n, m, d):
    x, y, B, rng = case((n, m, d), n, m, d)
    with ball.precision(128):
        of, at = placed(x, y, B)
        assert contains(empirical.value(of, at), objective(x, y, MU, LAM, B))
        slope = [g for row in empirical.gradient(of, at) for g in row]
        H = empirical.hessian(of, at)
        for _ in range(3):
            V = rng.integers(-3, 4, (m, d))
            f = {k: objective(x, y, MU, LAM, B + k * V) for k in range(-2, 3)}
            row = ball.BallMatrix(1, m * d, V.ravel().tolist())
            first = (row * ball.BallMatrix(m * d, 1, slope))[0, 0]
            second = (row * H * row.transpose())[0, 0]
            assert contains(first, (8 * (f[1] - f[-1]) - (f[2] - f[-2])) / 12)
            assert contains(second, (16 * (f[1] + f[-1]) - 30 * f[0] - f[2] - f[-2]) / 12)
            assert ball.radius(second) < Ball(1e-20)


@pytest.mark.parametrize("width", [0, 1, 3])
def test_every_member_of_wide_balls_is_in_the_value(width):
    """Samples, weights and the point are anywhere in balls."""
    x, y, B, rng = case(9, 3, 2, 2)
    spread = ball.symmetric(exact_ball(Fraction(width, 64)))
    wide = [[[v + spread for v in row] for row in rows_of(table)] for table in (x, [y], B)]
    of = empirical.sampled(wide[0], wide[1][0], exact_ball(MU), exact_ball(LAM))
    found = empirical.value(of, empirical.place(of, wide[2]))
    for _ in range(20):
        x1, y1, B1 = (
            t
            + np.vectorize(lambda k: Fraction(int(k), 256))(rng.integers(-4 * width, 4 * width + 1, t.shape))
            for t in (x, y, B)
        )
        assert contains(found, objective(x1, y1, MU, LAM, B1))


def third(x, y, mu, lam, B, V):
    """D^3 at B in the direction V three times."""
    q = [objective(x, y, mu, lam, B + k * V) for k in (-2, -1, 1, 2)]
    return (q[3] - 2 * q[2] + 2 * q[1] - q[0]) / 2


@pytest.mark.parametrize("seed", range(6))
def test_the_hessian_is_lipschitz(seed):
    """Exactly, at points on the sphere, where the constant for the ball holds, too."""
    x, y, B, rng = case(seed, 3, 2, 2)
    of, at = placed(x, y, B)
    for _ in range(5):
        V = np.vectorize(Fraction)(rng.integers(-3, 4, (2, 2)))
        size = sum(v * v for v in V.ravel())
        constant = Fraction(float(empirical.lipschitz(of, at, exact_ball(4 * size))))  # 16 |V|^2 >= |V| 4
        slope = third(x, y, MU, LAM, B + 4 * V, V)
        assert slope * slope <= constant**2 * size**3


def share(x, y, mu, lam, B):
    """|D^3| at B along B, as a share of the bound on a small ball."""
    x, y, B = (np.vectorize(Fraction, otypes=[object])(np.array(t, dtype=object)) for t in (x, y, B))
    of, at = placed(x, y, B, mu, lam)
    size = float(sum(v * v for v in B.ravel()))
    constant = float(empirical.lipschitz(of, at, Ball(2.0**-30)))
    return abs(float(third(x, y, mu, lam, B, B))) / size**1.5 / constant


def test_the_lipschitz_constant_is_nearly_attained():
    """Each term within 2%: lambda alone, mu with one long sample, 1/2 with a hundred equal rows."""
    tiny = Fraction(1, 10**6)
    assert 0.999 < share([[1, 0]], [0], tiny, Fraction(1), [[1, 2]]) <= 1 + 1e-12
    assert 0.98 < share([[100, 0]], [-1], Fraction(100), tiny, [[1, 0]]) <= 1 + 1e-12
    assert 0.98 < share([[100, 0]], [1], tiny, tiny, [[1, 0]] * 100) <= 1 + 1e-12


def test_undefined_samples_prove_nothing():
    x, _, B, _ = case(1, 2, 2, 2)
    of = empirical.sampled(rows_of(x), [ball.undefined(), Ball(1)], Ball(7), Ball(1))
    at = empirical.place(of, rows_of(B))
    assert not empirical.value(of, at).is_finite()
    assert not empirical.lipschitz(of, at, Ball(1)).is_finite()

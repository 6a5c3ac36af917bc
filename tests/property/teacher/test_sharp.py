"""Theorem B' (docs/theorem/teacher.md section 2): its formulas against differences, its constant against the
steepest directions that a search finds."""

import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from third import BITS, Third, constant, rows, shape_of

from relucert.kernel import ball, norms
from relucert.kernel.ball import BallMatrix
from relucert.kernel.teacher import facts, loss, sharp

some = settings(derandomize=True, deadline=None, max_examples=60)


def derivative_by_differences(point, targets, u):
    """D^3 F[u,u,u] from the loss itself, in 60 digits."""
    with mpmath.workdps(60):

        def kernel(w, v):
            p, q = mpmath.norm(w), mpmath.norm(v)
            c = sum(a * b for a, b in zip(w, v, strict=True)) / p / q
            return p * q * (mpmath.sqrt(1 - c * c) + (mpmath.pi - mpmath.acos(c)) * c) / 2 / mpmath.pi

        def value(x):
            w = [
                [a + x * b for a, b in zip(r, s, strict=True)]
                for r, s in zip(point.tolist(), u.tolist(), strict=True)
            ]
            own = sum(a * a for row in w for a in row) / 4
            own += sum(kernel(w[i], w[j]) for i in range(len(w)) for j in range(i))
            return own - sum(kernel(row, v) for row in w for v in targets.tolist())

        h = mpmath.mpf(10) ** -8
        return float((value(2 * h) - 2 * value(h) + 2 * value(-h) - value(-2 * h)) / (2 * h**3))


KINDS = ["random", "near-parallel", "near-antiparallel", "parallel", "lopsided", "orthonormal", "on-targets"]


def sample(rng, kind, n, k, d):
    everything = rng.standard_normal((n + k, d))
    if kind in ("near-parallel", "near-antiparallel", "parallel"):
        sign = -1 if kind == "near-antiparallel" else 1
        noise = 0.0 if kind == "parallel" else 2.0 ** -rng.integers(3, 12)
        factors = np.where(np.arange(n + k) % 2, sign, 1) * 2.0 ** rng.integers(-1, 2, n + k)
        everything = factors[:, None] * (everything[0] + noise * everything)
    if kind == "lopsided":
        everything *= 2.0 ** rng.integers(-12, 12, (n + k, 1))
    if kind in ("orthonormal", "on-targets"):
        everything[n:] = np.eye(k, d) + (np.arange(k) >= d)[:, None]
        noise = 0.3 if kind == "orthonormal" else 0.0
        everything[:n] = everything[n + np.arange(n) % k] + noise * everything[:n]
    return everything[:n], everything[n:]


def in_ball(rng, point, rho):
    """A random point of B(point, rho); sometimes on its edge, or the shortest neuron moved to the origin."""
    step = rng.standard_normal(point.shape)
    if rng.random() < 0.5:
        least = np.argmin(np.linalg.norm(point, axis=1))
        step = 2.0**-10 * step
        step[least] -= point[least] / np.linalg.norm(point[least])
    return point + rho * rng.choice([0.999, rng.random()]) / np.linalg.norm(step) * step


def test_lemma_f_is_the_third_derivative():
    rng = np.random.default_rng(5)
    for _ in range(12):
        n, k, d = rng.integers(1, 5), rng.integers(1, 4), rng.integers(2, 5)
        point, targets, u = (rng.standard_normal((m, d)) for m in (n, k, n))
        expected = derivative_by_differences(point, targets, u)
        assert np.isclose(Third(point, targets)(u), expected, rtol=1e-7, atol=1e-7)


def test_lemma_f_the_length_of_v():
    rng = np.random.default_rng(6)
    for _ in range(50):
        third = Third(rng.standard_normal((3, 3)), rng.standard_normal((2, 3)))
        y = rng.standard_normal((3, 3))
        y -= (y * third.units).sum(axis=1)[:, None] * third.units
        _, _, v, x, c = third.parts(y)
        square = (y * y).sum(axis=1)
        length = 4 * x**2 * (square - x**2) + c**2 * (square + x**2) ** 2
        off = ~np.eye(3, dtype=bool)
        assert np.allclose((v * v).sum(axis=2)[off], length[off])


def test_the_polynomials_of_the_proof():
    x, c = np.linspace(0, 1, 2001), np.linspace(0, 1, 201)[:, None]
    h = x * x
    assert (h * (3 - h) ** 2 + 9 * (1 - h) ** 3 <= 9 + 1e-12).all()
    assert np.isclose(np.abs(x - x**3).max(), 2 / (3 * np.sqrt(3)), rtol=1e-5)
    length = 4 * h * (1 - h) + c**2 * (1 + h) ** 2
    assert (length <= 4 + 1e-12).all()
    assert (length <= c**2 + (4 + 2 * c**2) * h + 1e-12).all()


@pytest.mark.parametrize("along, across", [(1.0, 0.0), (0.0, 1.0), (2.0, 3.0), (1e-9, 5.0), (7.0, 1e-9)])
def test_lemma_g_the_maximum_is_met(along, across):
    h = np.linspace(0, np.pi, 400001)
    largest = (np.sin(h) ** 2 * (along * np.cos(h) + across * np.sin(h))).max()
    with ball.precision(BITS):
        value = float(norms.largest_on_sphere(arb(along), arb(across)))
    assert value * (1 - 1e-9) <= largest <= value * (1 + 1e-12)


@some
@given(st.integers(0, 2**32), st.integers(1, 8), st.booleans())
def test_spectral_norms_are_bounded_and_hardly_exceeded(seed, m, multiple):
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((m, m)) * 2.0 ** rng.integers(-30, 30)
    a = np.eye(m) * a[0, 0] if multiple else a + a.T
    with ball.precision(64):
        bound = float(norms.spectral_norm(BallMatrix(a.tolist())))
    true = np.abs(np.linalg.eigvalsh(a)).max()
    assert true * (1 - 1e-12) <= bound <= true * m ** (1 / 2**8) * (1 + 1e-9)


def test_the_spectral_norm_of_nothing_is_nothing():
    with ball.precision(64):
        assert norms.spectral_norm(BallMatrix(2, 2)) == 0


@pytest.mark.parametrize("kind", KINDS)
@some
@given(st.integers(0, 2**32), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.integers(0, 9))
def test_no_third_derivative_in_the_ball_is_larger(kind, seed, n, k, d, tenths):
    rng = np.random.default_rng(seed)
    point, targets = sample(rng, kind, n, k, d)
    rho = np.linalg.norm(point, axis=1).min() * rng.choice([2.0**-20, 2.0**-7, max(tenths / 10, 2.0**-20)])
    bound = constant(point, targets, rho)
    if d == 1:
        assert bound >= 0  # the Hessian is constant
        return
    for _ in range(2):
        other = in_ball(rng, point, rho)
        assert Third(other, targets).steepest(rng, 2, 12) <= bound * (1 + 1e-9)


@pytest.mark.parametrize("kind", KINDS)
@some
@given(st.integers(0, 2**32), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 9))
def test_no_segment_in_the_ball_is_steeper(kind, seed, n, k, d, tenths):
    rng = np.random.default_rng(seed)
    point, targets = sample(rng, kind, n, k, d)
    rho = float(np.linalg.norm(point, axis=1).min()) * max(tenths / 10, 2.0**-10)
    first, second = in_ball(rng, point, rho), in_ball(rng, point, rho)
    with ball.precision(BITS):
        bound = sharp.theorem_b_sharp(shape_of(point, targets), arb(rho))
        for other in (second, first + 2.0**-12 * (second - first)):
            assert not ball.proves_lt(bound, quotient(first, other, targets))


def quotient(first, second, targets):
    """A lower bound of ||Hess F(first) - Hess F(second)|| / |first - second|: |u^T . u| for one vector u."""
    one, two = (facts.enclose(rows(x), rows(targets)).hessian for x in (first, second))
    change = one - two
    centres = np.array([[float(x) for x in row] for row in change.tolist()])
    values, vectors = np.linalg.eigh((centres + centres.T) / 2)
    row = BallMatrix([[arb(float(x)) for x in vectors[:, np.argmax(np.abs(values))]]])
    column = row.transpose()
    along = (row * change * column)[0, 0] / (row * column)[0, 0]
    return ball.lower(abs(along) / loss.distance(rows(first), rows(second)))


@pytest.mark.parametrize("kind", KINDS)
@some
@given(st.integers(0, 2**32), st.integers(1, 3), st.integers(1, 3), st.integers(2, 3))
def test_the_targets_may_move_as_well(kind, seed, n, k, d):
    rng = np.random.default_rng(seed)
    point, targets = sample(rng, kind, n, k, d)
    rho = np.linalg.norm(point, axis=1).min() * rng.choice([2.0**-9, 0.1, 0.6])
    drift = np.linalg.norm(targets, axis=1).min() * rng.choice([2.0**-9, 0.1, 0.6])
    bound = constant(point, targets, rho, float(drift))
    moved = Third(in_ball(rng, point, rho), in_ball(rng, targets, drift))
    assert moved.steepest(rng, 2, 12) <= bound * (1 + 1e-9)


# --- the formula, written down again in floating point ------------------------------------------------


def formula(point, targets, rho, drift):
    """Theorem B' as docs/theorem/teacher.md states it."""
    (n, d), k, pi = point.shape, len(targets), np.pi
    rows, sigma = np.vstack([point, targets]), np.r_[np.ones(n), -np.ones(len(targets))]
    size = np.linalg.norm(rows, axis=1)
    reach = np.r_[np.full(n, rho), np.full(k, drift)]
    tilt, p, m = np.arcsin(reach / size), size[:n], n - 1 + k
    e = np.linalg.norm(point / p[:, None], 2) if n > 1 else 0.0
    eta = rho / np.sqrt(p.min() * (p.min() - rho)) if n > 1 else 0.0
    largest_g = largest_r = 0.0
    for i in range(n):
        unit, o = point[i] / p[i], p[i] - rho
        mu = np.sqrt((rho**2 + drift**2) * (1 + 2 * np.linalg.norm(rows, 2) ** 2 / (p[i] * o)))
        bend, tensor, mean = np.zeros((d, d)), np.zeros((d, d, d)), np.zeros(d)
        ell = gam = c2 = kappa = near = 0.0
        for z in [z for z in range(n + k) if z != i]:
            zeta = rows[z] @ unit
            across = rows[z] - zeta * unit
            height = np.linalg.norm(across)
            angle = np.arctan2(height, zeta)
            nbar = across / height if height > 1e-12 * size[z] else np.zeros(d)
            bend += sigma[z] * height * (np.eye(d) - np.outer(unit, unit) + np.outer(nbar, nbar))
            acute = min(angle, pi - angle)
            if acute < 0.8:
                gam += 2 * (size[z] + reach[z])
                near += z < n
                continue
            ell += abs(zeta)
            mean += sigma[z] * zeta * nbar
            tensor += sigma[z] * zeta * np.einsum("a,b,c->abc", nbar, nbar, nbar)
            c2 += np.cos(angle) ** 2 * (z < n)
            if acute - tilt[i] - tilt[z] >= pi / 4:
                kappa = max(kappa, (6 / np.sin(acute - tilt[i] - tilt[z]) ** 2 - 2) * (z < n))
            else:
                gam += 2 * (size[z] + reach[z] + abs(zeta))
                near += z < n
        b, c = np.linalg.norm(mean), np.linalg.norm(tensor.reshape(d, d * d), 2)
        gam += min(2 * ell, 3 * b + c, 2 * b + 2 * ell / (3 * np.sqrt(3))) + 3 * np.sqrt(m) * mu
        beta = np.linalg.norm(bend, 2) + 2 * np.sqrt(m) * mu
        largest_g = max(largest_g, 3 / (2 * pi * o) * np.sqrt(n - 1 + 3 * (e + eta) ** 2 + (beta / o) ** 2))
        mixed = 4 * near + (np.sqrt(c2) + eta + e * rho / np.sqrt(p[i] * o)) ** 2 + kappa * (e + eta) ** 2
        mixed *= (3 / (2 * pi * o)) ** 2 * (n > 1)
        largest_r = max(largest_r, np.sqrt((gam / (2 * pi * o**2)) ** 2 + mixed))
    t = 2 * largest_g / (3 * largest_r + np.sqrt(9 * largest_r**2 + 8 * largest_g**2))
    return (largest_g * t + largest_r) / (1 + t * t) ** 1.5


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "parallel"])
@some
@given(
    st.integers(0, 2**32),
    st.integers(1, 5),
    st.integers(1, 5),
    st.integers(1, 5),
    st.sampled_from([0, 2.0**-9, 0.1, 0.4, 0.9]),
    st.sampled_from([0, 2.0**-9, 0.1, 0.9]),
)
def test_it_is_the_formula(kind, seed, n, k, d, tenths, drifts):
    rng = np.random.default_rng(seed)
    point, targets = sample(rng, kind, n, k, d)
    rho = float(np.linalg.norm(point, axis=1).min() * tenths)
    drift = float(np.linalg.norm(targets, axis=1).min() * drifts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(norms, "SQUARINGS", 30)
        value = constant(point, targets, rho, drift)
    assert np.isclose(value, formula(point, targets, rho, drift), rtol=1e-6)
    assert value <= constant(point, targets, rho, drift) <= 1.01 * value

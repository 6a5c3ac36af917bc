"""Hessian-Lipschitz constants against Hessians: no change on the ball is larger than they allow."""

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from relucert.kernel import ball
from relucert.kernel.ball import BallMatrix, NotProved
from relucert.kernel.teacher import lipschitz, loss

some = settings(derandomize=True, deadline=None, max_examples=40)

BITS = 128


def rows(array):
    return [[ball.to_dyadic(arb(float(x))) for x in row] for row in array]


def hessian_at(point, targets):
    return loss.hessian(loss.geometry(rows(point), rows(targets)))


def quotient(first, second, targets):
    """A lower bound of ||Hess F(first) - Hess F(second)|| / |first - second|: |u^T . u| for one vector u."""
    change = hessian_at(first, targets) - hessian_at(second, targets)
    centres = np.array([[float(x) for x in row] for row in change.tolist()])
    values, vectors = np.linalg.eigh((centres + centres.T) / 2)
    u = vectors[:, np.argmax(np.abs(values))]
    row = BallMatrix([[arb(float(x)) for x in u]])
    column = row.transpose()
    along = (row * change * column)[0, 0] / (row * column)[0, 0]
    return ball.lower(abs(along) / loss.distance(rows(first), rows(second)))


def bounds(point, targets, rho):
    p = [ball.norm([arb(float(x)) for x in row]) for row in point]
    q = [ball.norm([arb(float(x)) for x in row]) for row in targets]
    constants = [lipschitz.theorem_b(p, q, rho)]
    if len(point) > 1:
        constants.append(lipschitz.safran_shamir(p, q, rho))
    return constants


KINDS = ["random", "near-parallel", "near-antiparallel", "parallel", "lopsided"]


def sample(rng, kind, n, k, d):
    """n neurons and k targets in R^d."""
    everything = rng.standard_normal((n + k, d))
    if kind in ("near-parallel", "near-antiparallel", "parallel"):
        sign = -1 if kind == "near-antiparallel" else 1
        noise = 0.0 if kind == "parallel" else 2.0 ** -rng.integers(3, 30)
        factors = np.where(np.arange(n + k) % 2, sign, 1) * 2.0 ** rng.integers(-1, 2, n + k)
        everything = factors[:, None] * (everything[0] + noise * everything)
    if kind == "lopsided":
        everything *= 2.0 ** rng.integers(-20, 20, (n + k, 1))
    return everything[:n], everything[n:]


def in_ball(rng, point, rho):
    """A random point of B(point, rho); sometimes on its edge, or the shortest neuron moved to the origin."""
    step = rng.standard_normal(point.shape)
    if rng.random() < 0.5:
        least = np.argmin(np.linalg.norm(point, axis=1))
        step = 2.0**-10 * step
        step[least] -= point[least] / np.linalg.norm(point[least])
    scale = rho * rng.choice([0.999, rng.random()]) / np.linalg.norm(step)
    return point + scale * step


@pytest.mark.parametrize("kind", KINDS)
@some
@given(
    st.integers(0, 2**32),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(2, 3),
    st.sampled_from([0, 1, 5, 9]),
)
def test_no_segment_of_the_ball_beats_the_constants(kind, seed, n, k, d, tenths):
    rng = np.random.default_rng(seed)
    point, targets = sample(rng, kind, n, k, d)
    shortest = np.linalg.norm(point, axis=1).min()
    rho = float(shortest) * max(tenths / 10, 2.0**-20)
    first = in_ball(rng, point, rho)
    second = in_ball(rng, point, rho)
    near = first + 2.0**-12 * (second - first)  # a short step sees the steepest place better
    with ball.precision(BITS):
        constants = bounds(point, targets, arb(rho))
        for other in (second, near):
            measured = quotient(first, other, targets)
            for constant in constants:
                assert not ball.proves_lt(constant, measured)


@pytest.mark.parametrize("d", [1, 2])
def test_the_hessian_may_jump_where_a_neuron_passes_the_origin(d):
    """rho = p_min is refused, and must be: between -w and w the quotient exceeds every bound as w -> 0."""
    with ball.precision(BITS):
        for rho in (1.0, 1.5):
            for constant in (lipschitz.theorem_b, lipschitz.safran_shamir):
                with pytest.raises(NotProved):
                    constant([arb(1), arb(2)], [arb(1)], arb(rho))
        target = np.zeros((1, d))
        target[0, -1] = 1.0
        other = np.eye(1, d) * 2.0**-30 + 2.0**-30 * target
        jump = quotient(np.vstack([other, target]), np.vstack([-other, target]), target)
        assert ball.proves_lt(arb(2.0**20), jump)


def test_the_shortest_neuron_may_almost_reach_the_origin():
    with ball.precision(BITS):
        rho = arb(1) - arb(2) ** -40
        assert (lipschitz.theorem_b([arb(1), arb(2)], [arb(1)], rho)).is_finite()
        assert (lipschitz.safran_shamir([arb(1), arb(2)], [arb(1)], rho)).is_finite()


def test_a_radius_that_is_not_known_is_refused():
    for rho in (arb.nan(), arb(0, 2), arb("inf")):
        for constant in (lipschitz.theorem_b, lipschitz.safran_shamir):
            with pytest.raises(NotProved):
                constant([arb(1), arb(2)], [arb(1)], rho)


def test_a_length_that_is_not_known_is_refused():
    for place in range(2):
        lengths = [arb(1), arb(2)]
        lengths[place] = arb.nan()
        for constant in (lipschitz.theorem_b, lipschitz.safran_shamir):
            with pytest.raises(NotProved):
                constant(lengths, [arb(1)], arb(0.5))
    assert not (lipschitz.theorem_b([arb(1)], [arb.nan()], arb(0.5))).is_finite()


def test_safran_shamirs_constant_refuses_a_single_neuron():
    with pytest.raises(NotProved):
        lipschitz.safran_shamir([arb(1)], [arb(1)], arb(0.5))


def test_safran_shamirs_constant_would_be_false_for_a_single_neuron():
    """n = k = 1, p = q = 1: their formula gives 1/pi; at 60 degrees the Hessian changes 30% faster."""
    w = np.array([[1.0, 0.0]])
    v = np.array([[0.5, np.sqrt(3) / 2]])
    with ball.precision(BITS):
        measured = quotient(w, w + 2.0**-20 * v, v)
        assert ball.proves_lt(1.29 / ball.pi(), measured)


# --- Lemma A ------------------------------------------------------------------------------------------

SAMPLES = 400_000


def angles_and_vectors():
    rng = np.random.default_rng(7)
    theta = np.pi * rng.random(SAMPLES)
    a = rng.standard_normal((SAMPLES, 3))
    a[::2, 2] = 0
    b = rng.standard_normal((SAMPLES, 3))
    a /= np.linalg.norm(a, axis=1, keepdims=True)
    b /= np.linalg.norm(b, axis=1, keepdims=True)
    return theta, a.T, b.T


def test_lemma_a_is_not_exceeded_by_third_derivatives_in_w():
    """In the frame of w and v, |w| = |v| = 1; the maximum 3 sqrt3/(4 pi) is nearly met."""
    theta, (a1, a2, a3), _ = angles_and_vectors()
    s, c = np.sin(theta), np.cos(theta)
    third = 6 * s * a1 * a2**2 + 3 * s * a1 * a3**2 + 2 * c * a2**3 + 3 * c * a2 * a3**2
    largest = np.abs(third).max() / (2 * np.pi)
    bound = 3 * np.sqrt(3) / (4 * np.pi)
    assert 0.99 * bound < largest <= bound * (1 + 1e-12)


def test_lemma_a_is_not_exceeded_by_mixed_third_derivatives():
    _, (_, a2, a3), (_, b2, b3) = angles_and_vectors()
    third = b2 * (2 * a2**2 + a3**2) + 2 * a2 * a3 * b3
    largest = np.abs(third).max() / (2 * np.pi)
    assert 0.99 / np.pi < largest <= (1 + 1e-12) / np.pi


def test_the_formulas_of_lemma_a_are_the_third_derivatives():
    """Against differences of the Hessian of one neuron and one target, in R^3."""
    rng = np.random.default_rng(11)
    with ball.precision(BITS):
        for _ in range(10):
            theta = 0.2 + 2.7 * rng.random()
            s, c = np.sin(theta), np.cos(theta)
            a = rng.standard_normal(3)
            w, v = np.array([[1.0, 0.0, 0.0]]), np.array([[c, s, 0.0]])
            step = 2.0**-24
            up, down = (hessian_at(w + x * a, v) for x in (step, -step))
            change = np.array([[float(x) for x in row] for row in (up - down).tolist()]) / (2 * step)
            a1, a2, a3 = a
            third = 6 * s * a1 * a2**2 + 3 * s * a1 * a3**2 + 2 * c * a2**3 + 3 * c * a2 * a3**2
            assert np.isclose(a @ change @ a, third / (2 * np.pi), rtol=1e-6, atol=1e-6)

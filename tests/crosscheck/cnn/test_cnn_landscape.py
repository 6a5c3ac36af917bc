"""The one-hidden-layer CNN against other ways to the same numbers.

It is the teacher-student loss in R^(pk) with neurons e_i (x) w; its loss and gradient are averages over
random patches; its critical points are what finite differences and floating-point descent say they are.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest

from relucert.base.dyadic import from_float
from relucert.families.cnn.landscape import landscape
from relucert.families.cnn.problem import CnnProblem
from relucert.kernel import ball
from relucert.kernel.cnn import landscape as cnn_landscape
from relucert.kernel.cnn import loss as cnn_loss
from relucert.kernel.cnn import teacher as cnn
from relucert.kernel.cnn.landscape import GLOBAL, NON_STRICT, SPURIOUS, STRICT
from relucert.kernel.teacher import loss

SAMPLES, SIGMAS = 400_000, 6

PROBLEMS = {
    "spurious": (["1", "-0.5", "0.3"], "0.7", 3),
    "sum zero": (["1", "-1"], "1", 2),
    "sum zero, four": (["1", "-1", "0.5", "-0.5"], "2", 3),
    "one patch": (["-1.5"], "1", 2),
    "parallel to ones": (["1", "1", "1"], "1", 3),
    "above the threshold": (["1", "0.9", "0.2"], "1", 4),
    "nearly one weight": (["1", "0.1", "0"], "1.25", 2),
}


def problem(name):
    return CnnProblem.from_text(*PROBLEMS[name])


@pytest.fixture(params=PROBLEMS)
def of(request):
    return problem(request.param)


def kernel_point(of, v, a):
    """A point of doubles, with w* along the first axis, at the present precision."""
    a_star = [ball.ratio(x.as_integer_ratio()) for x in of.a_star]
    axis = [float(i == 0) for i in range(of.patch)]
    return cnn_loss.point(of.teacher(), a_star, *([ball.exact_float(x) for x in row] for row in (axis, v, a)))


def random_point(of, seed):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(of.patch).tolist(), rng.standard_normal(of.k).tolist()


def block_rows(k, p, weights, direction):
    """e_i (x) |weight_i| direction: exact products of doubles with short mantissas."""
    rows = []
    for i, weight in enumerate(weights):
        row = [0.0] * (k * p)
        row[i * p : (i + 1) * p] = [abs(weight) * x for x in direction]
        rows.append(tuple(from_float(x) for x in row))
    return rows


def test_it_is_the_teacher_student_loss_on_disjoint_blocks():
    """F is the loss of neurons e_i (x) a_i v against targets e_i (x) a*_i w*, where what is negative changes
    sides."""
    k, p = 4, 3
    v, w = [0.75, -1.0, 0.5], [1.0, 0.0, 0.0]
    a, a_star = [1.5, -0.25, 0.5, -2.0], [0.5, 1.0, -0.75, -1.25]
    of = CnnProblem(tuple(Fraction(x) for x in a_star), Fraction(1), p)
    with ball.precision(128):
        # the network normalises v; the teacher-student loss does not, so its weights are a |v|
        at = kernel_point(of, v, a)
        length = at.v.length
        grown = kernel_point(of, v, [0.0] * k)._replace(
            a=tuple(length * ball.exact_float(x) for x in a), q=length * at.q
        )
        student, teacher = block_rows(k, p, a, v), block_rows(k, p, a_star, w)
        neurons = [x for x, s in zip(student, a, strict=True) if s > 0]
        neurons += [x for x, s in zip(teacher, a_star, strict=True) if s < 0]
        targets = [x for x, s in zip(student, a, strict=True) if s < 0]
        targets += [x for x, s in zip(teacher, a_star, strict=True) if s > 0]
        there, back = loss.geometry(neurons, targets), loss.geometry(targets, neurons)
        difference = loss.objective(there) - cnn_loss.objective(grown)
        assert difference.contains(0)
        assert float(difference.rad()) < 1e-30

        # projected gradients: dF/d(neuron i) restricted to block i, by the chain rule
        d = k * p
        slopes, mirrored = loss.gradient(there), loss.gradient(back)
        positive, negative = [i for i in range(k) if a[i] > 0], [i for i in range(k) if a[i] < 0]
        blocks = {i: slopes[n * d + i * p : n * d + (i + 1) * p] for n, i in enumerate(positive)}
        # seen from the other side the residual has the other sign twice: once in F, once in the weight
        blocks |= {
            i: [-x for x in mirrored[n * d + i * p : n * d + (i + 1) * p]] for n, i in enumerate(negative)
        }
        turn, weights = cnn_loss.gradient(grown)
        unit = at.v.unit
        for i in range(k):
            along = sum((x * y for x, y in zip(unit, blocks[i], strict=True)), ball.Ball(0))
            assert (along - weights[i]).contains(0)
            assert float((along - weights[i]).rad()) < 1e-30
        whole = [
            sum((ball.exact_float(a[i]) * blocks[i][c] for i in range(k)), ball.Ball(0)) for c in range(p)
        ]
        radial = sum((x * y for x, y in zip(unit, whole, strict=True)), ball.Ball(0))
        for c in range(p):  # d(a_i |v| v^)/dv at fixed a |v|: only the part across v is left
            expected = whole[c] - radial * unit[c]
            assert (expected - turn[c]).contains(0)
            assert float((expected - turn[c]).rad()) < 1e-30


@pytest.mark.parametrize("name", ["spurious", "one patch", "above the threshold"])
def test_loss_and_gradient_are_averages_over_random_patches(name):
    of = problem(name)
    v, a = (np.array(x) for x in random_point(of, 6))
    a_star, W = np.array([float(x) for x in of.a_star]), float(of.w_norm)
    z = np.random.default_rng(20180712).standard_normal((SAMPLES, of.k, of.patch))
    r = np.linalg.norm(v)
    student = np.maximum(z @ v / r, 0)
    residual = student @ a - W * np.maximum(z[:, :, 0], 0) @ a_star
    across = z - (z @ v)[:, :, None] * v / r**2
    by_v = np.einsum("s,i,si,sip->sp", residual, a, student > 0, across) / r
    with ball.precision(64):
        at = kernel_point(of, v.tolist(), a.tolist())
        turn, weights = cnn_loss.gradient(at)
        expected = [
            (residual**2 / 2, float(cnn_loss.objective(at))),
            (residual[:, None] * student, np.array([float(x) for x in weights])),
            (by_v, np.array([float(x) for x in turn])),
        ]
    for samples, value in expected:
        error = samples.std(axis=0) / np.sqrt(SAMPLES)
        assert np.all(error < 0.05)
        assert np.all(np.abs(samples.mean(axis=0) - value) <= SIGMAS * error)


def loss_at(of, x):
    """F in mpmath, from its definition by the arc-cosine kernel: a pair of loops, no algebra."""
    v, a = x[: of.patch], x[of.patch :]
    r = mpmath.sqrt(sum(t * t for t in v))
    phi = mpmath.atan2(mpmath.sqrt(sum(t * t for t in v[1:])), v[0])
    assert r > 0
    W, a_star = mpmath.mpf(of.w_norm.numerator) / of.w_norm.denominator, weights_of(of)

    def pair(x, y, angle, same):
        both = (mpmath.sin(angle) + (mpmath.pi - angle) * mpmath.cos(angle)) if same else 1
        return x * y * both / (2 * mpmath.pi)

    total = mpmath.mpf(0)
    for i in range(of.k):
        for j in range(of.k):
            total += pair(a[i], a[j], 0, i == j) + pair(W * a_star[i], W * a_star[j], 0, i == j)
            total -= 2 * pair(a[i], W * a_star[j], phi, i == j)
    return total / 2


def weights_of(of):
    return [mpmath.mpf(x.numerator) / x.denominator for x in of.a_star]


def place(of, point):
    """A representative of a set of critical points: |v| = 1, in the plane of the first two axes."""
    phi, (x, y) = mpmath.mpf(float(point.phi)), (mpmath.mpf(float(t)) for t in point.a)
    if point.verdict in (SPURIOUS, NON_STRICT):
        direction = [mpmath.mpf(-1), mpmath.mpf(0)]
    else:
        direction = [mpmath.cos(phi), mpmath.sin(phi)]
    return [*direction, *[mpmath.mpf(0)] * (of.patch - 2), *(x * c + y for c in weights_of(of))]


def test_every_type_is_what_finite_differences_say(of):
    mpmath.mp.dps, h = 40, mpmath.mpf("1e-10")
    try:
        for point in landscape(of).landscape.points:
            here = place(of, point)
            n = len(here)
            value = loss_at(of, here)
            assert abs(value - mpmath.mpf(float(point.loss))) < 1e-14

            def moved(i, s, j=0, t=0, here=here):
                there = list(here)
                there[i] += s
                there[j] += t
                return loss_at(of, there)

            gradient = [(moved(i, h) - moved(i, -h)) / (2 * h) for i in range(n)]
            assert max(map(abs, gradient)) < 1e-15
            hessian = np.array(
                [
                    [
                        float(
                            (
                                moved(i, h, j, h)
                                - moved(i, h, j, -h)
                                - moved(i, -h, j, h)
                                + moved(i, -h, j, -h)
                            )
                            / (4 * h * h)
                        )
                        for j in range(n)
                    ]
                    for i in range(n)
                ]
            )
            found = np.linalg.eigvalsh((hessian + hessian.T) / 2)
            claimed = sorted(float(e.value) for e in point.spectrum for _ in range(e.multiplicity))
            assert np.allclose(found, claimed, atol=1e-8)
            assert point.inertia == (
                sum(x < -1e-7 for x in claimed),
                sum(abs(x) <= 1e-7 for x in claimed),
                sum(x > 1e-7 for x in claimed),
            )
    finally:
        mpmath.mp.dps = 15


def slope(of, v, a):
    """The gradient in floating point, and the loss, by (9.1)."""
    W, b = float(of.w_norm), np.array([float(x) for x in of.a_star])
    r = np.linalg.norm(v)
    phi = np.arctan2(np.linalg.norm(v[1:]), v[0])
    q, d = a @ b, a - W * b
    deficit = np.pi - (np.sin(phi) + (np.pi - phi) * np.cos(phi))
    axis = np.eye(len(v))[0]
    by_v = -q * (np.pi - phi) * W / (2 * np.pi * r) * (axis - v * v[0] / r**2)
    by_a = ((np.pi - 1) * d + d.sum() + W * deficit * b) / (2 * np.pi)
    value = ((np.pi - 1) * d @ d + d.sum() ** 2) / (4 * np.pi) + W * deficit * q / (2 * np.pi)
    return by_v, by_a, value


def descend(of, v, a, steps=6_000):
    """The last point, and the loss along the way."""
    step, seen = 1.0 / (of.k + np.pi), []
    for _ in range(steps):
        by_v, by_a, value = slope(of, v, a)
        seen.append(value)
        v, a = v - step * by_v, a - step * by_a
    return v, a, np.array(seen)


def test_descent_leaves_what_is_called_a_saddle_and_returns_to_what_is_called_a_minimum(of):
    found = landscape(of).landscape
    values = {point.verdict: float(point.loss) for point in found.points}
    rng = np.random.default_rng(9)
    for point in found.points:
        here = np.array([float(x) for x in place(of, point)])
        v, a = here[: of.patch], here[of.patch :]
        b = np.array([float(x) for x in of.a_star])
        nudge = 0.02 * rng.standard_normal(len(here))
        if point.verdict == GLOBAL:
            assert descend(of, v + nudge[: of.patch], a + nudge[of.patch :])[2][-1] < 1e-9
        elif point.verdict == SPURIOUS:
            _, last, seen = descend(of, v + nudge[: of.patch], a + nudge[of.patch :])
            assert last @ b < 0
            assert all(x >= y - 1e-12 for x, y in pairwise(seen))
            assert values[SPURIOUS] - 1e-12 <= seen[-1] < values[SPURIOUS] + 1e-4
        elif point.verdict == NON_STRICT:
            v = v + 0.3 * np.eye(of.patch)[1]
            assert descend(of, v, a + 0.02 * b)[2][-1] < 1e-9
        else:
            ends = set()
            for sign in (1, -1):
                _, last, seen = descend(of, v, a + sign * 1e-3 * b)
                assert seen[-1] < values[STRICT]
                ends.add(bool(last @ b > 0))
                assert min(abs(seen[-1] - values[k]) for k in (GLOBAL, SPURIOUS)) < 1e-3
            assert ends == {True, False}


def test_the_half_space_and_the_pass():
    """(9.2) and Theorem 9.P at random points: F >= F_bad where q <= 0, and F >= F_s where q = 0."""
    of = problem("spurious")
    found = landscape(of).landscape
    bad, pass_ = float(found.points[1].loss), float(found.points[2].loss)
    assert pass_ - bad == pytest.approx(float(found.barrier), rel=1e-9)
    b = np.array([float(x) for x in of.a_star])
    rng = np.random.default_rng(1)
    least = np.inf
    for _ in range(2000):
        v, a = rng.standard_normal(of.patch), rng.standard_normal(of.k)
        a -= max(a @ b, 0) * b / (b @ b)
        assert slope(of, v, a)[2] >= bad
        a -= (a @ b) * b / (b @ b)
        least = min(least, slope(of, v, a)[2])
    assert pass_ <= least < pass_ + 0.05


@pytest.mark.parametrize("turn", [2.0**-3, 2.0**-10, 2.0**-30])
def test_above_the_threshold_lower_values_are_proved_next_to_the_point_at_phi_pi(turn):
    """(9.2) at a = a_bad: F - F_bad = -(W/(2 pi)) g q_bad, negative if q_bad > 0, at every distance."""
    of = CnnProblem.from_text("1,0.9", "1", 2)
    with ball.precision(192):
        found = cnn_landscape.landscape(of.teacher(), of.patch)
        x, y = found.points[1].a
        bad = [x * ball.ratio(c.as_integer_ratio()) + y for c in of.a_star]
        moved = kernel_point(of, [-1.0, turn], [0.0, 0.0])._replace(a=tuple(bad), q=found.q_bad)
        change = cnn_loss.objective(moved) - found.points[1].loss
        assert ball.proves_positive(-change)
        expected = -moved.teacher.W / (2 * ball.pi()) * cnn.g_by_complement(moved.psi) * found.q_bad
        assert (change - expected).contains(0)

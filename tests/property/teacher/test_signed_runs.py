"""Runs of signed networks: docs/theorem/signed-runs.md. Enclosures hold the exact runs, bounds hold and are attained.

The truth of a step comes from sigma(t) = relu(t) - alpha relu(-t), and not by way of Lemma 20.F.
"""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relucert.base.dyadic import to_fraction
from relucert.base.exact import exact_rows
from relucert.families.teacher.search.shift import shifted_factors
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved, to_dyadic
from relucert.kernel.teacher import descent, enclosed, lipschitz, loss, patch, run_ends, trajectory
from relucert.kernel.teacher.loss import Network

MP = mpmath.mp.clone()
MP.prec = 512
few = settings(derandomize=True, deadline=None, max_examples=20)
some = settings(derandomize=True, deadline=None, max_examples=50)
SIZES = [(1, 1), (1, 2), (2, 2), (3, 2), (2, 3), (4, 3)]
SLOPES = [(0, 1), (1, 10), (-1, 1), (-1, 2), (-999, 1000), (999, 1000)]
STEPS = st.sampled_from([(1, 10), (2, 5), (1, 1024)])
entries = st.floats(-1.5, 1.5).map(lambda x: x if abs(x) > 1e-2 else 0.5)


@st.composite
def networks(draw):
    """n rows of k floats, and a network against e_1 .. e_k."""
    n, k = draw(st.sampled_from(SIZES))
    rows = draw(st.lists(st.lists(entries, min_size=k, max_size=k), min_size=n, max_size=n))
    signs, teacher = (tuple(draw(st.sampled_from([1, -1])) for _ in range(size)) for size in (n, k))
    return rows, Network(signs, teacher, draw(st.sampled_from(SLOPES)))


def exact(rows):
    return exact_rows(rows, "neuron")


def view(rows, of, bits=128):
    return descent.view(descent.matrix(exact(rows)), bits, of)


def geometry(rows, of):
    k = len(rows[0])
    return loss.geometry(exact(rows), exact(np.eye(k).tolist()), of)


def ahead(w, v):
    """The gradient of E relu(w.x) relu(v.x) in w."""
    p, q = (MP.sqrt(sum(x * x for x in y)) for y in (w, v))
    t = MP.acos(max(MP.mpf(-1), min(MP.mpf(1), sum(x * y for x, y in zip(w, v, strict=True)) / (p * q))))
    return [(q * MP.sin(t) * x / p + (MP.pi - t) * y) / (2 * MP.pi) for x, y in zip(w, v, strict=True)]


def gradient(w, of):
    """E sigma(w.x) sigma(v.x) has the gradient (1 + alpha^2) g(w, v) - 2 alpha g(w, -v)."""
    k, alpha = len(w[0]), MP.mpf(of.slope[0]) / of.slope[1]
    rows = [*w, *([MP.mpf(i == j) for j in range(k)] for i in range(k))]
    outputs = [*of.signs, *(-b for b in of.teacher)]
    result = []
    for i, x in enumerate(w):
        total = [MP.mpf(0)] * k
        for z, sign in zip(rows, outputs, strict=True):
            straight, turned = ahead(x, z), ahead(x, [-y for y in z])
            both = zip(total, straight, turned, strict=True)
            total = [c + sign * ((1 + alpha**2) * a - 2 * alpha * b) for c, a, b in both]
        result.append([of.signs[i] * c for c in total])
    return result


def real(x):
    mantissa, exponent = to_dyadic(x)
    return MP.ldexp(MP.mpf(mantissa), exponent)


def apart(balls, truth):
    pairs = zip(balls, truth, strict=True)
    return MP.sqrt(sum((real(y) - x) ** 2 for p, q in pairs for y, x in zip(p, q, strict=True)))


@few
@given(networks(), STEPS, st.sampled_from([64, 128]), st.integers(1, 6))
def test_descent_of_512_bits_stays_inside(network, step, bits, steps):
    rows, of = network
    seen = []

    def arrived(t, at, radius):
        seen.append((at.point.tolist(), radius))
        return t == steps

    try:
        enclosed.follow(exact(rows), step, bits, shifted_factors, arrived, steps, network=of)
    except enclosed.Stopped:
        return
    w, s = [[MP.mpf(x) for x in row] for row in rows], MP.mpf(step[0]) / step[1]
    for centre, radius in seen:
        assert apart(centre, w) <= real(radius) + MP.mpf(2) ** -230  # acos loses half of its digits
        w = [[x - s * g for x, g in zip(*both, strict=True)] for both in zip(w, gradient(w, of), strict=True)]


@some
@given(networks())
def test_loss_and_gradient_are_those_of_the_loss(network):
    rows, of = network
    at = view(rows, of)
    with ball.precision(128):
        g = geometry(rows, of)
        ours = [x / (2 * ball.pi()) for x in descent.slope(at).entries()]
        pairs = [(descent.objective(at), loss.objective(g)), *zip(ours, loss.gradient(g), strict=True)]
        assert all(x.overlaps(y) and ball.radius(x) < 2.0**-90 for x, y in pairs)


def parts(rows, of):
    """(Hess F, (1 - alpha)^2 C_1 .., (1 + alpha^2)/2) in floating point."""
    n, k = np.shape(rows)
    with ball.precision(80):
        h = np.array([[float(x) for x in row] for row in loss.hessian(geometry(rows, of)).tolist()])
    half = (1 + float(Fraction(*of.slope)) ** 2) / 2
    cut = [slice(i * k, (i + 1) * k) for i in range(n)]
    return h, [h[x, x] - half * np.eye(k) for x in cut], half


def bounds(rows, of, steep=0):
    """steep = 0 asks for the careful bound from above."""
    return patch.patch(view(rows, of), shifted_factors, Ball(steep))


@some
@given(networks())
def test_bounds_of_the_hessian_hold_and_one_percent_less_of_the_blocks_would_not(network):
    """Lemma 20.C: of the blocks, n (1 + alpha^2)/2 is the rest."""
    rows, of = network
    found, n = bounds(rows, of), len(rows)
    h, blocks, half = parts(rows, of)
    values = np.linalg.eigvalsh(h)
    assert -float(found.expansion) - 1e-9 <= values[0]
    assert values[-1] <= float(found.steepest) + 1e-9
    assert values[-1] <= float(bounds(rows, of, 10**6).steepest) + 1e-9
    below = max(0.0, *(-np.linalg.eigvalsh(c)[0] for c in blocks))
    above = max(0.0, *(np.linalg.eigvalsh(c)[-1] for c in blocks))
    scale = float((1 - Fraction(*of.slope)) ** 2)
    tiny = 2e-4 * scale * max(1.0, 1 / float(found.shortest))  # where nothing is below or above 0
    for bound, truth in ((float(found.expansion), below), (float(found.steepest) - n * half, above)):
        assert truth <= bound + 1e-9
        assert 0.99 * bound <= truth + tiny


@some
@given(networks(), st.integers(0, 2**32))
def test_blocks_change_no_faster_than_the_patch_says(network, seed):
    rows, of = network
    found = bounds(rows, of)
    u = np.random.default_rng(seed).standard_normal(np.shape(rows))
    u *= 0.99 * float(found.reach) / np.linalg.norm(u)
    there = (np.array(rows) + u).tolist()
    moved = zip(parts(rows, of)[1], parts(there, of)[1], strict=True)
    way = float(found.change) * np.linalg.norm(u)
    assert max(np.linalg.norm(a - b, 2) for a, b in moved) <= way + 1e-9


@pytest.mark.parametrize("slope", SLOPES)
def test_the_change_is_attained(slope):
    """One neuron at 60 degrees from its target, moved as in Lemma A: one percent less than (1 - alpha)^2 K is false."""
    c, s, little, scale = 0.5, math.sqrt(0.75), 1e-6, float((1 - Fraction(*slope)) ** 2)
    found = bounds([[c, s]], Network((1,), (1, 1), slope))
    with ball.precision(64):
        constant = scale * float(patch.change([Ball(1)], 1, Ball(0)))
        assert float(found.change) == pytest.approx(scale * float(patch.change([Ball(1)], 2, found.reach)))

    def block(w):
        with ball.precision(80):
            g = loss.geometry(exact([w]), exact([[1.0, 0.0]]), Network((1,), (-1,), slope))
            return np.array([[float(x) for x in row] for row in loss.hessian(g).tolist()])

    turns = [[c * 0.5 + s * s, s * 0.5 - c * s], [c * 0.5 - s * s, s * 0.5 + c * s]]
    moved = [block([c + little * x, s + little * y]) - block([c, s]) for x, y in turns]
    rate = max(np.linalg.norm(x, 2) for x in moved) / little
    assert 0.99 * constant < rate <= constant * (1 + 1e-4)


@pytest.mark.parametrize("slope", SLOPES)
def test_the_largest_eigenvalue_is_attained(slope):
    """Neurons on one ray, whatever their signs: n (1 + alpha^2)/2 is an eigenvalue, and the targets only take away.
    Lemmas 20.C and 20.N give just that."""
    rows, of = [[1.0, 0.0], [2.0, 0.0], [0.5, 0.0]], Network((1, 1, 1), (1, 1), slope)
    expected = 1.5 * (1 + float(Fraction(*slope)) ** 2)
    assert np.linalg.eigvalsh(parts(rows, of)[0])[-1] == pytest.approx(expected)
    assert float(bounds(rows, of).steepest) == pytest.approx(expected)
    with ball.precision(64):
        assert float(trajectory.curvature(geometry(rows, of))) == pytest.approx(expected)
    mixed = Network((1, -1, 1), (1, 1), slope)
    assert np.linalg.eigvalsh(parts(rows, mixed)[0])[-1] >= expected * (1 - 1e-9)


@some
@given(networks(), STEPS, st.integers(-60, -20))
def test_the_radius_is_the_recursion_with_room_for_a_checker(network, step, first):
    """docs/spec/signed-runs-v1.md section 2: 1.05 c_t + 0.02 (1 - alpha)^2, rounded up by less than one percent."""
    rows, of = network
    try:
        run = enclosed.follow(exact(rows), step, 128, shifted_factors, lambda t, *_: t == 6, 6, network=of)
        wide = enclosed.again(run, Ball(2.0**first))
    except enclosed.Stopped:
        return
    r, s, scale = Fraction(2) ** first, Fraction(*step), (1 - Fraction(*of.slope)) ** 2
    for leg in run.legs:
        c, change, away, error = (
            to_fraction(to_dyadic(x))
            for x in (leg.patch.expansion, leg.patch.change, leg.distance, leg.error)
        )
        rate = (c + change * (away + r)) * Fraction(105, 100) + Fraction(2, 100) * scale
        r = (1 + s * rate) * r + error
    assert to_fraction(to_dyadic(wide.radius)) * Fraction(99, 100) < r <= to_fraction(to_dyadic(wide.radius))


def test_theorem_t_uses_the_lipschitz_constant_of_this_loss():
    """T.5 is s (b + (1 - alpha)^2 L rho), b at the end of the ball, and F on the ball is bounded by Taylor."""
    rows, of, step = [[0.5, 0.0], [-1.0, 0.1], [0.5, 0.01]], Network((1, -1, 1), (1, -1), (-1, 2)), (1, 10)
    r, rho = Ball(2.0**-20), Ball(2.0**-4)
    with ball.precision(64):
        value, argument = run_ends.cannot_rise_near(exact(rows), r, step, 10, Ball(10), rho, of)
        g = geometry(rows, of)
        change = Fraction(9, 4) * lipschitz_of(g, float(rho + r))
        bend = float(trajectory.curvature(g)) + float(change) * 2.0**-20
    load = {h.name: float(h.left) for h in argument.hypotheses}["T.5"]
    assert load == pytest.approx((bend + float(change) * 2.0**-4) / 10, rel=1e-9)
    assert float(value) >= float(loss.objective(g))


def lipschitz_of(g, rho):
    return Fraction(
        float(lipschitz.theorem_b([w.length for w in g.neurons], [Ball(1)] * len(g.targets), Ball(rho)))
    )


def test_permutations_that_do_not_keep_output_weights_are_no_symmetry():
    """Lemma 20.T, and F itself: exchanged coordinates of other signs change it."""
    rows, of = [[1.0, 0.5], [-0.25, 2.0]], Network((1, -1), (1, -1), (0, 1))
    run = enclosed.follow(exact(rows), (1, 10), 64, shifted_factors, lambda t, *_: t == 1, 1, network=of)
    end = run_ends.end_rows(run)
    assert float(run_ends.distance(run, [0, 1], [0, 1], end)) < 1e-12
    for rows_of, columns in (([1, 0], [0, 1]), ([0, 1], [1, 0]), ([1, 0], [1, 0]), ([0, 0], [0, 1])):
        with pytest.raises(NotProved, match="keep output weights"):
            run_ends.distance(run, rows_of, columns, end)
    turned = [row[::-1] for row in rows]
    with ball.precision(64):
        a, b = (float(loss.objective(geometry(x, of))) for x in (rows, turned))
    assert abs(a - b) > 0.1

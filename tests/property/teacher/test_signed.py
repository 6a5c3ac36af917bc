"""The loss of signed networks and leaky activations: docs/theorem/signed.md, section 20.

The truth comes from E sigma(w.x) sigma(v.x) = (1 + alpha^2) f(w, v) - 2 alpha f(w, -v), by the signs of w.x and v.x,
and not by way of Lemma 20.F. The Lipschitz constants are attained.
"""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from rationals import BITS, MP, Truth, contains, contains_matrix, few, points, real, some

from relucert.base.dyadic import from_float
from relucert.families.teacher.search import newton
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.teacher import facts, lipschitz, loss, sharp, trajectory
from relucert.kernel.teacher.hessian import fixed_hessian
from relucert.kernel.teacher.loss import Network

SLOPES = [(0, 1), (1, 10), (-1, 1), (-2, 3), (999, 1000)]


@st.composite
def networks(draw):
    """A point, targets, and a network."""
    point, targets = draw(points())
    signs, teacher = (tuple(draw(st.sampled_from([1, -1])) for _ in rows) for rows in (point, targets))
    return point, targets, Network(signs, teacher, draw(st.sampled_from(SLOPES)))


def mean(a, b, alpha):
    """E sigma(a.x) sigma(b.x): both signs alike with weight (1 + alpha^2), unlike with weight 2 alpha."""
    t = Truth(a, b)
    both = t.f()
    turned = Truth(a, tuple((-m, e) for m, e in b)).f()  # E relu(a.x) relu(-b.x)
    return (1 + real(alpha) ** 2) * both - 2 * real(alpha) * turned


def parts(problem):
    point, targets, of = problem
    outputs = [*of.signs, *(-b for b in of.teacher)]
    return [*point, *targets], outputs, Fraction(*of.slope)


def true_objective(problem):
    rows, outputs, alpha = parts(problem)
    every = list(zip(rows, outputs, strict=True))
    return sum(s * t * mean(a, b, alpha) for a, s in every for b, t in every) / 2


def true_gradient(problem):
    rows, outputs, alpha = parts(problem)
    result = []
    for i, w in enumerate(problem[0]):
        row = [MP.mpf(0)] * len(w)
        for z, s in zip(rows, outputs, strict=True):
            ahead = Truth(w, z).gradient()
            behind = Truth(w, tuple((-m, e) for m, e in z)).gradient()
            for c in range(len(w)):
                row[c] += outputs[i] * s * ((1 + real(alpha) ** 2) * ahead[c] - 2 * real(alpha) * behind[c])
        result += row
    return result


def true_hessian(problem):
    point, _, _ = problem
    rows, outputs, alpha = parts(problem)
    d, n = len(point[0]), len(point)
    matrix = [[MP.mpf(0)] * (n * d) for _ in range(n * d)]
    same, unlike = 1 + real(alpha) ** 2, 2 * real(alpha)
    for i, w in enumerate(point):
        for z, other in enumerate(rows):
            back = tuple((-m, e) for m, e in other)
            weight = outputs[i] * outputs[z]
            for a in range(d):
                for b in range(d):
                    if z == i:
                        matrix[i * d + a][i * d + b] += same * MP.mpf(a == b) / 2
                        continue
                    own = same * Truth(w, other).same()[a][b] - unlike * Truth(w, back).same()[a][b]
                    matrix[i * d + a][i * d + b] += weight * own
                    if z < n:
                        across = same * Truth(w, other).mixed()[a][b] + unlike * Truth(w, back).mixed()[a][b]
                        matrix[i * d + a][z * d + b] += weight * across
    return matrix


@few
@given(networks())
def test_objective_contains_the_truth(problem):
    with ball.precision(BITS):
        assert contains(loss.objective(loss.geometry(*problem)), true_objective(problem))


@few
@given(networks())
def test_gradient_contains_the_truth(problem):
    with ball.precision(BITS):
        enclosure = loss.gradient(loss.geometry(*problem))
    assert all(contains(x, y) for x, y in zip(enclosure, true_gradient(problem), strict=True))


@few
@given(networks())
def test_hessian_contains_the_truth(problem):
    """In balls, and in integers with one error."""
    truth = true_hessian(problem)
    with ball.precision(BITS):
        g = loss.geometry(*problem)
        assert contains_matrix(loss.hessian(g), truth)
        found = fixed_hessian(g, loss.curvatures(g))
    unit = MP.mpf(2) ** -found.places
    pairs = [
        (x * unit, y if isinstance(y, MP.mpf) else real(y))
        for p, q in zip(found.rows, truth, strict=True)
        for x, y in zip(p, q, strict=True)
    ]
    assert MP.sqrt(sum((x - y) ** 2 for x, y in pairs)) <= real(found.error)


@few
@given(networks())
def test_further_dimensions_add_m(problem):
    """In one dimension more the block of the new coordinate is M, and M_ij is the mean of the diagonal of H_ij."""
    point, targets, of = problem
    d, n = len(point[0]), len(point)
    wider = tuple((*row, (0, 0)) for row in point), tuple((*row, (0, 0)) for row in targets), of
    truth = true_hessian(wider)
    block = [[truth[i * (d + 1) + d][j * (d + 1) + d] for j in range(n)] for i in range(n)]
    inside = true_hessian(problem)
    for i in range(n):
        for j in range(n):
            trace = sum(inside[i * d + c][j * d + c] for c in range(d))
            assert abs(trace / d - block[i][j]) <= MP.mpf(2) ** -400 * (1 + abs(trace))
    with ball.precision(BITS):
        assert contains_matrix(loss.outside(loss.geometry(*problem)), block)


@some
@given(points())
def test_output_weights_1_and_the_relu_are_the_plain_loss_ball_by_ball(problem):
    n, k = map(len, problem)
    for sign in (1, -1):
        of = Network((sign,) * n, (sign,) * k, (0, 1))
        with ball.precision(BITS):
            one, other = facts.enclose(*problem), facts.enclose(*problem, of)
            assert same(loss.objective(one.geometry), loss.objective(other.geometry))
            for x, y in zip(loss.gradient(one.geometry), loss.gradient(other.geometry), strict=True):
                assert same(x, y)
            for a, b in (
                (one.hessian, other.hessian),
                (one.outside, other.outside),
                (one.relu, other.hessian),
            ):
                assert all(
                    same(x, y)
                    for p, q in zip(a.tolist(), b.tolist(), strict=True)
                    for x, y in zip(p, q, strict=True)
                )


def same(a, b):
    return a.mid() == b.mid() and a.rad() == b.rad()


@pytest.mark.parametrize("slope", SLOPES)
def test_the_mean_of_samples(slope):
    rng = np.random.default_rng(5)
    w, v = rng.standard_normal((3, 4)), rng.standard_normal((2, 4))
    signs, teacher, alpha = np.array([1, -1, 1]), np.array([-1, 1]), slope[0] / slope[1]
    x = rng.standard_normal((400_000, 4))
    act = lambda t: np.maximum(t, alpha * t)  # noqa: E731
    values = (act(x @ w.T) @ signs - act(x @ v.T) @ teacher) ** 2 / 2
    of = Network(tuple(map(int, signs)), tuple(map(int, teacher)), slope)
    found = float(loss.objective(loss.geometry(dyadics(w), dyadics(v), of)))
    assert abs(values.mean() - found) < 5 * values.std() / len(values) ** 0.5


def dyadics(rows):
    return tuple(tuple(from_float(float(x)) for x in row) for row in rows)


def test_derivatives_in_the_plane_by_sympy():
    """n = 2, k = 1, signs + and -, slope 1/10: the gradient and Hessian of the formula, differentiated by sympy."""
    a, b, c, d = variables = sympy.symbols("a b c d", real=True)
    rows = [sympy.Matrix([a, b]), sympy.Matrix([c, d]), sympy.Matrix([1, 0])]
    outputs, alpha = [1, -1, -1], sympy.Rational(1, 10)

    def f(u, v):
        p, q = sympy.sqrt(u.dot(u)), sympy.sqrt(v.dot(v))
        cosine = u.dot(v) / (p * q)
        return p * q * (sympy.sqrt(1 - cosine**2) + (sympy.pi - sympy.acos(cosine)) * cosine) / (2 * sympy.pi)

    def one(i, j):
        u, v = rows[i], rows[j]
        return (1 - alpha) ** 2 * (u.dot(u) / 2 if i == j else f(u, v)) + alpha * u.dot(v)

    total = sum(outputs[i] * outputs[j] * one(i, j) for i in range(3) for j in range(3)) / 2
    at = dict(zip(variables, [sympy.Rational(x, 4) for x in (3, 5, -2, 1)], strict=True))
    point = tuple(tuple((m, -2) for m in row) for row in ((3, 5), (-2, 1)))
    g = loss.geometry(point, (((1, 0), (0, 0)),), Network((1, -1), (1,), (1, 10)))
    slopes = [sympy.diff(total, x) for x in variables]
    for x, y in zip(loss.gradient(g), slopes, strict=True):
        assert abs(float(x) - float(y.subs(at).evalf(30))) < 1e-14
    for row, s in zip(loss.hessian(g).tolist(), slopes, strict=True):
        for x, t in zip(row, variables, strict=True):
            assert abs(float(x) - float(sympy.diff(s, t).subs(at).evalf(30))) < 1e-13


@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("trial", range(4))
def test_the_hessian_moves_no_faster_than_the_constants(trial, slope):
    rng = np.random.default_rng(trial)
    n, k, d = 3, 2, 3
    w, v = rng.standard_normal((n, d)), rng.standard_normal((k, d))
    of = Network(tuple(map(int, rng.choice([1, -1], n))), tuple(map(int, rng.choice([1, -1], k))), slope)
    rho = 0.2 * np.linalg.norm(w, axis=1).min()
    at = facts.enclose(dyadics(w), dyadics(v), of)
    assert np.abs(floats(at.hessian) - newton.hessian(w, v, of)).max() < 1e-12
    measured = facts.measure(at, eigen(at.hessian), None, "sharp")
    constants = [
        float(facts.on_ball(measured, name, ball.exact_float(rho)).lipschitz) for name in ("simple", "sharp")
    ]
    assert constants[1] <= constants[0]
    path = [w + rho * s / np.linalg.norm(s) for s in rng.standard_normal((12, n, d))]
    for one, other in pairwise(path):
        a, b = (floats(loss.hessian(loss.geometry(dyadics(x), dyadics(v), of))) for x in (one, other))
        assert np.linalg.norm(a - b, 2) <= constants[1] * np.linalg.norm(one - other)


def eigen(matrix):
    from relucert.families.teacher.search import guess
    from relucert.kernel.spectrum import Eigen

    return Eigen(*guess.eigen([[float(x) for x in row] for row in matrix.tolist()]))


def floats(matrix):
    return np.array([[float(x) for x in row] for row in matrix.tolist()])


@pytest.mark.parametrize("slope", SLOPES)
def test_the_constant_is_attained_by_one_neuron_at_60_degrees(slope):
    """As for the ReLU, times (1 - alpha)^2 (Theorem 20.B): a constant a hundredth smaller would be false."""
    w, v = np.array([[1.0, 0.0]]), np.array([[0.5, 0.75**0.5]])
    of = Network((1,), (-1,), slope)
    h = 1e-4
    u = np.array([[0.5, 0.75**0.5]])
    most = 0.0
    for angle in np.linspace(0, np.pi, 60):
        u = np.array([[np.cos(angle), np.sin(angle)]])
        a, b = (floats(loss.hessian(loss.geometry(dyadics(w + s * h * u), dyadics(v), of))) for s in (1, -1))
        most = max(most, abs((u @ (a - b) @ u.T).item()) / (2 * h))
    bound = float(trajectory.hessian_lipschitz(loss.geometry(dyadics(w), dyadics(v), of), Ball(0)))
    scale = (1 - slope[0] / slope[1]) ** 2
    assert bound == pytest.approx(scale * float(lipschitz.theorem_b([Ball(1)], [Ball(1)], Ball(0))))
    assert 0.98 * bound <= most <= bound * (1 + 1e-6)


def test_theorem_b_prime_takes_the_signs():
    """Two targets on opposite sides bend a neuron's Hessian against one another, or with other signs together."""
    w, v = ((8, -3), (0, 0)), (((0, 0), (1, 0)), ((0, 0), (-1, 0)))
    sizes = []
    for teacher in ((1, 1), (1, -1)):
        at = facts.enclose((w,), v, Network((1,), teacher, (0, 1)))
        sizes.append(float(sharp.shape(at.geometry, at.curvatures).rows[0].bend))
    assert sizes[0] == pytest.approx(4.0) and sizes[1] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    "of",
    [
        Network((1,), (1, 1), (0, 1)),
        Network((1, 1), (1,), (0, 1)),
        Network((1, 0), (1, 1), (0, 1)),
        Network((1, 1), (1, 1), (1, 1)),
        Network((1, 1), (1, 1), (-3, 2)),
        Network((1, 1), (1, 1), (1, -2)),
        Network((1, 1), (1, 1), (1, 0)),
    ],
)
def test_a_network_that_does_not_fit_is_refused(of):
    rows = (((1, 0), (0, 0)), ((0, 0), (1, 0)))
    with pytest.raises(ValueError, match=r"output weight|slope"):
        loss.geometry(rows, rows, of)


def test_theorems_for_the_plain_loss_refuse_others():
    rows = (((1, 0), (0, 0)), ((0, 0), (1, 0)))
    for of in (Network((1, -1), (1, 1), (0, 1)), Network((1, 1), (1, 1), (1, 10))):
        g = loss.geometry(rows, rows, of)
        with pytest.raises(NotProved, match="output weights 1"):
            loss.pull(g, 0)
        measured = facts.measure(facts.enclose(rows, rows, of), eigen(loss.hessian(g)), None)
        with pytest.raises(NotProved, match="not used"):
            facts.on_ball(measured, "paper", ball.exact_float(0.25))


@pytest.mark.parametrize("slope", [Fraction(-1, 100), Fraction(-1, 2), Fraction(-99, 100)])
def test_one_neuron_turned_away(slope):
    """docs/theorem/signed.md, Theorem 20.A: criticality, the Hessian and the value, as it says."""
    alpha = slope
    c = -2 * alpha / (1 + alpha**2)
    point = ((-round(c * 2**80), -80),)
    with ball.precision(128):
        g = loss.geometry((point,), (((1, 0),),), Network((1,), (1,), (alpha.numerator, alpha.denominator)))
        assert abs(float(loss.gradient(g)[0])) < 1e-20
        assert float(loss.hessian(g)[0, 0]) == pytest.approx(float((1 + alpha**2) / 2))
        assert float(loss.outside(g)[0, 0]) == pytest.approx(float((1 + alpha**2) / 2))
        assert float(loss.objective(g)) == pytest.approx(float((1 - alpha**2) ** 2 / (4 * (1 + alpha**2))))

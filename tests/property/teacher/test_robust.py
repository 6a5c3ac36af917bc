"""Theorem P (docs/theorem/teacher.md section 8): its lemmas against exact changes, their constants attained, minima
for moved targets where it puts them, and nothing proved for targets that move too far."""

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from relucert import Candidate, InputError, Problem
from relucert.base.dyadic import to_fraction
from relucert.families.teacher.robust import least_dimension, robustness
from relucert.families.teacher.search import guess
from relucert.kernel import arccos, ball
from relucert.kernel.ball import BallMatrix, NotProved
from relucert.kernel.spectrum import Eigen
from relucert.kernel.teacher import facts, loss, robust

BITS = 128
some = settings(derandomize=True, deadline=None, max_examples=60)
a, b, c, d, e = -0.0504134032168, 0.9867038188886, 0.3080109914791, 0.2245158075995, -0.6015119235611
SIX = np.array([[b if i == j else a for j in range(5)] + [c] for i in range(5)] + [[d] * 5 + [e]])


def rows(array):
    return [[ball.to_dyadic(arb(float(x))) for x in row] for row in array]


def floats(matrix):
    return np.array([[float(x) for x in row] for row in matrix.tolist()])


def symmetric(rng, k, kind):
    """A symmetric matrix of norm 1."""
    z = rng.standard_normal((k, k))
    if kind == "rank one":
        z = np.outer(z[0], z[0])
    if kind == "one pair":
        z = np.zeros((k, k))
        z[0, k - 1] = 1.0
    z = z + z.T
    return z / np.linalg.norm(z)


class At:
    """The landscape at one point for some targets, in balls."""

    def __init__(self, point, targets):
        self.enclosure = facts.enclose(rows(point), rows(targets))
        self.geometry = self.enclosure.geometry
        self.gradient = BallMatrix(1, point.size, loss.gradient(self.geometry))
        self.objective = loss.objective(self.geometry)

    def cross(self):
        """J of section 8."""
        g = self.geometry
        n = len(g.neurons)
        blocks = [
            [arccos.mixed_block(w, v, g.angles[i][n + j]).tolist() for j, v in enumerate(g.targets)]
            for i, w in enumerate(g.neurons)
        ]
        size = len(g.targets[0].entries)
        return BallMatrix([[y for x in line for y in x[r]] for line in blocks for r in range(size)])


def changes(point, targets, moved):
    """|grad_V' - grad_V + J (V' - V)|, |H' - H|, |M' - M| in norm, floats of thin balls."""
    with ball.precision(BITS):
        before, after = At(point, targets), At(point, moved)
        step = BallMatrix(targets.size, 1, [arb(float(x)) for x in (moved - targets).ravel()])
        rest = after.gradient - before.gradient + (before.cross() * step).transpose()
        hessian = np.linalg.norm(floats(after.enclosure.hessian - before.enclosure.hessian), 2)
        outside = np.linalg.norm(floats(after.enclosure.outside - before.enclosure.outside), 2)
        return float(ball.norm(rest.entries())), hessian, outside


@given(st.integers(0, 2**32), st.sampled_from(["dense", "rank one", "one pair"]), st.floats(1e-6, 0.9))
@some
def test_lemma_v_moved_targets_change_the_landscape_by_less(seed, kind, size):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 5))
    n = k + int(rng.integers(0, 2))
    point, eye = rng.standard_normal((n, k)), np.eye(k)
    moved = eye + size * symmetric(rng, k, kind)
    apart, shortest = float(np.linalg.norm(moved - eye)), np.linalg.norm(point, axis=1).min()
    rest, hessian, outside = changes(point, eye, moved)
    slack = 1 + 1e-9
    assert rest <= math.sqrt(n) * apart**2 / (2 * math.pi * (1 - apart)) * slack
    assert hessian <= math.sqrt(k) * apart / (math.pi * shortest) * slack
    assert outside <= math.sqrt(k) * apart / (2 * math.pi * shortest) * slack


def test_lemma_v_the_rest_is_attained_by_equal_neurons_and_one_turned_target():
    point, eye, size = np.array([[1.0, 1.0]] * 3), np.eye(2), 2.0**-12
    rest, _, _ = changes(point, eye, eye + np.array([[0, size], [0, 0]]))
    assert 0.99 < rest / (math.sqrt(3) * size**2 / (2 * math.pi)) <= 1 + 2 * size


def test_lemma_v_the_changes_of_hessian_and_m_are_attained_by_equal_targets():
    point, targets = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]] * 3)
    size = 2.0**-12
    _, hessian, outside = changes(point, targets, targets + np.array([0, size]))
    bound = math.sqrt(3) * (math.sqrt(3) * size) / math.pi
    assert 0.99 < hessian / bound <= 1 + 1e-9
    assert 0.99 < outside / (bound / 2) <= 1 + 1e-9


@given(st.integers(0, 2**32), st.floats(1e-4, 2.0), st.floats(1e-4, 2.0))
@some
def test_lemma_l_bounds_the_change_of_the_loss(seed, first, second):
    rng = np.random.default_rng(seed)
    n, k = (int(x) for x in rng.integers(1, 5, 2))
    w, v = rng.standard_normal((n, k)), np.eye(k)
    w2, v2 = w + first * rng.standard_normal((n, k)), v + second * rng.standard_normal((k, k))
    with ball.precision(BITS):
        heights = [float(ball.root(2 * At(*x).objective)) for x in ((w, v), (w2, v2))]
    bound = math.sqrt(k / 2) * np.linalg.norm(v2 - v) + math.sqrt(n / 2) * np.linalg.norm(w2 - w)
    assert abs(heights[1] - heights[0]) <= bound * (1 + 1e-12)


def test_lemma_l_is_attained_by_a_target_that_grows_beside_no_neuron_of_note():
    with ball.precision(BITS):
        w, v = np.array([[1e-12, 0.0]]), np.array([[1.0, 0.0]])
        grown = [float(ball.root(2 * At(w, x * v).objective)) for x in (1.0, 1.5)]
    assert 0.999 < (grown[1] - grown[0]) / (math.sqrt(1 / 2) * 0.5) <= 1 + 1e-9


# --- kappa and the theorem at one minimum ---------------------------------------------------------------


@pytest.fixture(scope="module")
def found():
    return robustness(Candidate.from_rows(SIX.tolist()))


def measured(point):
    at = facts.enclose(rows(point), rows(np.eye(point.shape[1])))
    inside, beyond = (Eigen(*guess.eigen(floats(m).tolist())) for m in (at.hessian, at.outside))
    return at, facts.measure(at, inside, None, "sharp", beyond)


def test_kappa_is_the_norm_of_the_response_to_symmetric_moves():
    with ball.precision(64):
        at, of = measured(SIX)
        kappa = float(robust.response(at.geometry, of.spectrum.inverse))
        full = np.linalg.solve(floats(at.hessian), floats(At(SIX, np.eye(6)).cross())).reshape(36, 6, 6)
    exact = np.linalg.norm((full + full.transpose(0, 2, 1)).reshape(36, 36) / 2, 2)
    assert exact * (1 - 1e-9) <= kappa <= exact * 1.01
    assert exact < np.linalg.norm(full.reshape(36, 36), 2)  # antisymmetric moves are rotations


def newton(point, targets):
    for _ in range(20):
        with ball.precision(64):
            at = facts.enclose(rows(point), rows(targets))
            slope = np.array([float(x) for x in loss.gradient(at.geometry)])
            step = np.linalg.solve(floats(at.hessian), slope)
        point = point - step.reshape(point.shape)
        if np.linalg.norm(step) < 1e-13:
            return point, floats(at.hessian), floats(at.outside), float(loss.objective(at.geometry))
    raise AssertionError("Newton's method did not settle")


@pytest.mark.parametrize("kind", ["dense", "rank one", "one pair"])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_minimum_for_moved_targets_is_where_the_theorem_puts_it(found, kind, sign):
    rng = np.random.default_rng(3)
    targets = np.eye(6) + sign * float(found.deviation) * symmetric(rng, 6, kind)
    point, hessian, outside, value = newton(SIX, targets)
    assert np.linalg.norm(point - SIX) <= float(found.radius)
    assert np.linalg.eigvalsh(hessian)[0] > 0
    assert np.linalg.eigvalsh(outside)[0] > 0
    assert value > 0


def test_the_radius_is_no_more_than_twice_the_worst_move(found):
    """In first order the worst symmetric direction moves W by kappa Delta; the rest is for curvature."""
    first = float(found.answer) * float(found.deviation)
    assert first < float(found.radius) < 2.1 * first


def test_rotated_targets_in_a_larger_dimension(found):
    """V = Q P in R^9, by its own gradient there: the minimum is that for P, turned."""
    rng = np.random.default_rng(5)
    p = np.eye(6) + float(found.deviation) * symmetric(rng, 6, "dense")
    q = np.linalg.qr(rng.standard_normal((9, 6)))[0]
    there, *_ = newton(SIX, p)
    with ball.precision(64):
        slope = loss.gradient(loss.geometry(rows(there @ q.T), rows((q @ p).T)))
        assert float(ball.norm(slope)) < 1e-13


def test_it_is_spurious_with_each_hypothesis_proved(found):
    assert found.argument.holds
    assert [h.name for h in found.argument.hypotheses] == [f"P.{i}" for i in range(1, 7)]


def test_twice_the_deviation_is_not_proved_on_any_ball(found):
    with ball.precision(64):
        at, of = measured(SIX)
        kappa = robust.response(at.geometry, of.spectrum.inverse)
        for domain in np.geomspace(float(found.radius) / 4, 0.3, 25):
            result = robust.theorem_p(of, kappa, 2 * found.deviation, arb(float(domain)))
            assert not result.argument.holds


def test_the_deviation_found_is_about_the_largest(found):
    with ball.precision(64):
        at, of = measured(SIX)
        kappa = robust.response(at.geometry, of.spectrum.inverse)
        more = found.deviation * arb(1.02)
        domains = np.geomspace(float(found.radius) / 2, 4 * float(found.radius), 60)
        tried = [robust.theorem_p(of, kappa, more, arb(float(x))).argument.holds for x in domains]
    assert not any(tried)


def test_hypotheses_fail_one_by_one(found):
    """A smaller loss fails P.6 alone, a softer M fails P.5 alone, a negative eigenvalue P.1 alone."""
    with ball.precision(64):
        at, of = measured(SIX)
        kappa = robust.response(at.geometry, of.spectrum.inverse)

        def failing(changed):
            result = robust.theorem_p(changed, kappa, found.deviation, found.domain)
            return [h.name for h in result.argument.hypotheses if not h.proved]

        soft = of.outside._replace(values=(arb(0.001), *of.outside.values[1:]))
        negative = of.spectrum._replace(values=(arb(-1), *of.spectrum.values[1:]))
        assert failing(of) == []
        assert failing(of._replace(objective=arb(1e-9))) == ["P.6"]
        assert failing(of._replace(outside=soft)) == ["P.5"]
        assert failing(of._replace(spectrum=negative)) == ["P.1"]
        assert failing(of._replace(correction=of.correction + arb(0.001)))[0] == "P.3"


def test_the_kernel_refuses_what_the_theorem_is_not_about(found):
    with ball.precision(64):
        at, of = measured(SIX)
        kappa = robust.response(at.geometry, of.spectrum.inverse)
        for changed in (
            of._replace(outside=None),
            of._replace(shape=None),
            of._replace(neurons=of.neurons[1:]),
        ):
            with pytest.raises(NotProved):
                robust.theorem_p(changed, kappa, found.deviation, found.domain)
        for deviation, domain in ((arb(1), arb(0.01)), (arb(-1) / 8, arb(0.01)), (arb(0.1), arb(2))):
            with pytest.raises(NotProved):
                robust.theorem_p(of, kappa, deviation, domain)
        other = loss.geometry(rows(SIX), rows(2 * np.eye(6)))
        with pytest.raises(NotProved, match="e_1"):
            robust.response(other, of.spectrum.inverse)
        swapped = loss.geometry(rows(SIX), rows(np.eye(6)[::-1]))
        with pytest.raises(NotProved, match="e_1"):
            robust.response(swapped, of.spectrum.inverse)


def test_only_spurious_minima_of_orthonormal_targets_are_robust():
    assert robustness(Candidate.from_rows([[1.0, 0.0], [0.0, 1.0]])) is None  # global: F = 0
    assert robustness(Candidate.from_rows([[1.0, 2.0], [3.0, 1.0]])) is None  # not critical
    with pytest.raises(InputError, match="targets"):
        robustness(Candidate.from_rows([[1.0, 1.0]], Problem.from_targets([[0, 1]], 1)))
    with pytest.raises(InputError, match="n = 1 < k = 2"):
        robustness(Candidate.from_rows([[1.0, 1.0]], Problem.orthonormal(2, 1)))


# --- random targets -------------------------------------------------------------------------------------


def test_the_dimension_for_random_targets_is_the_least(found):
    deviation = to_fraction(ball.to_dyadic(found.deviation))
    assert found.random_dimension * deviation**2 >= 42 > (found.random_dimension - 1) * deviation**2
    assert least_dimension(3, (1, 1)) == 3
    assert least_dimension(3, (1, 0)) == 12
    assert least_dimension(3, (5, -3)) == 31  # 12 * 64/25 = 30.72


@pytest.mark.parametrize("failure", [Fraction(1, 2), Fraction(1, 100), Fraction(1, 10**6)])
def test_the_dimension_for_a_probability_is_the_least(found, failure):
    deviation, dimension = float(found.deviation), found.dimension_for(failure)

    def fails(dim):
        return math.exp(-dim * (deviation - math.sqrt(42 / dim)) ** 2 / 2)

    assert fails(dimension) <= failure * (1 + 1e-6)
    assert fails(dimension * (1 - 1e-6)) > failure
    for wrong in (Fraction(0), Fraction(1)):
        with pytest.raises(InputError, match="probability"):
            found.dimension_for(wrong)


def test_the_moments_of_random_targets():
    """E |G^T G/d - I|_F^2 = k(k+1)/d; |P - I|_F is at most |P^2 - I|_F, and concentrated."""
    rng, k, dim = np.random.default_rng(1), 3, 40
    g = rng.standard_normal((20_000, dim, k))
    values = np.linalg.eigvalsh(np.einsum("sdi,sdj->sij", g, g) / dim)
    squares = ((values - 1) ** 2).sum(axis=1)
    near = np.sqrt(((np.sqrt(values) - 1) ** 2).sum(axis=1))
    assert abs(squares.mean() * dim / (k * (k + 1)) - 1) < 0.03
    assert (near**2 <= squares * (1 + 1e-12)).all()
    assert near.std() < 1 / math.sqrt(dim)
    for t in (0.05, 0.1, 0.2):
        assert (near > math.sqrt(k * (k + 1) / dim) + t).mean() <= math.exp(-dim * t**2 / 2)

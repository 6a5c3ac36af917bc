"""Theorem M: what the matrix M says of dimensions beyond d is what the dense kernel says of padded points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relucert import Candidate, Problem, verify
from relucert.families.teacher.search import guess
from relucert.kernel import ball, spectrum
from relucert.kernel.ball import Ball, BallMatrix
from relucert.kernel.teacher import facts, loss, theorems

few = settings(derandomize=True, deadline=None, max_examples=20)
ONE, NONE = (1, 0), (0, 0)
dyadics = st.builds(lambda m, e: (m, e), st.integers(-999, 999), st.integers(-10, -6))
A, B, C, D, E = -0.050413403, 0.986703819, 0.308010991, 0.224515808, -0.601511924
SPURIOUS = [[B if i == j else A for j in range(5)] + [C] for i in range(5)] + [[D] * 5 + [E]]
SADDLE = [[1.068309886] * 2, [-0.068309886] * 2]
LOCAL = [[-0.243771412, 0.946327819, 0.946327819], [1.317912905, 0.08964493, 0.08964493]]


@st.composite
def problems(draw):
    """n neurons and k targets in d dimensions, of which some may be parallel."""
    d = draw(st.integers(1, 3))
    row = st.lists(dyadics, min_size=d, max_size=d).filter(lambda r: any(m for m, _ in r))
    point, targets = (draw(st.lists(row, min_size=1, max_size=3)) for _ in range(2))
    if draw(st.booleans()):
        point.append(draw(st.sampled_from([*point, *targets])))
    return point, targets


def padded(rows, more):
    return [[*row, *[NONE] * more] for row in rows]


def entries(matrix, places):
    rows = matrix.tolist()
    return [rows[i][j] for i in places for j in places]


@given(problems(), st.integers(1, 2))
@few
def test_m_is_the_block_of_the_hessian_at_each_further_coordinate(problem, more):
    point, targets = problem
    n, d = len(point), len(point[0])
    with ball.precision(160):
        m = loss.outside(loss.geometry(point, targets))
        whole = loss.hessian(loss.geometry(padded(point, more), padded(targets, more)))
        rows = whole.tolist()
        for z in range(d, d + more):
            places = [i * (d + more) + z for i in range(n)]
            for a, b in zip(m.entries(), entries(whole, places), strict=True):
                assert a.overlaps(b)
                assert float(a.rad()) < 1e-20
            others = [j for j in range(n * (d + more)) if j not in places]
            assert all(rows[i][j].overlaps(Ball(0)) for i in places for j in others)


@given(problems())
@few
def test_m_is_the_mean_of_the_hessian_over_the_coordinates(problem):
    """M_ij = trace(H_ij)/d, so no eigenvalue of M lies beyond those of H."""
    point, targets = problem
    n, d = len(point), len(point[0])
    with ball.precision(160):
        g = loss.geometry(point, targets)
        rows, m = loss.hessian(g).tolist(), loss.outside(g).tolist()
        for i in range(n):
            for j in range(n):
                trace = sum((rows[i * d + z][j * d + z] for z in range(d)), Ball(0))
                assert (trace / d).overlaps(m[i][j])


def eigen(matrix):
    return spectrum.Eigen(*guess.eigen([[float(x) for x in row] for row in matrix.tolist()]))


@pytest.mark.parametrize(
    ("rows", "k", "verdict"),
    [
        (SPURIOUS, 6, "spurious-minimum"),
        (np.eye(3).tolist(), 3, "global-minimum"),
        (LOCAL, 3, "local-minimum"),
        (SADDLE, 2, "strict-saddle"),
    ],
)
@pytest.mark.parametrize("constants", ["sharp", "simple"])
def test_the_verdict_of_every_dimension_is_that_of_the_padded_problem(rows, k, verdict, constants):
    """Directly proved in R^(k + 2), with the smaller of both smallest eigenvalues and the same radii."""
    here = verify(Candidate.from_rows(rows, Problem.orthonormal(k, len(rows))), constants=constants, raw=True)
    assert here.verdict == verdict
    assert here.outcome.every_dimension
    targets = [[float(i == j) for j in range(k + 2)] for i in range(k)]
    problem = Problem.from_targets(targets, len(rows))
    there = verify(
        Candidate.from_rows([[*r, 0.0, 0.0] for r in rows], problem), constants=constants, raw=True
    )
    assert there.verdict == verdict
    a, b = here.outcome.bounds, there.outcome.bounds
    least = min(float(a.lambda_min[0]), float(a.lambda_min_outside[0]))
    assert float(b.lambda_min[0]) == pytest.approx(least, rel=1e-6)
    assert float(b.uniqueness) == pytest.approx(float(a.uniqueness), rel=0.02)
    if a.basin is not None:
        assert float(b.basin) == pytest.approx(float(a.basin), rel=0.02)
        assert float(b.step) == pytest.approx(float(a.step), rel=1e-6)


def measured(rows, targets, constants="simple"):
    at = facts.enclose(rows, targets)
    found = facts.measure(at, eigen(at.hessian), list(range(len(rows))), constants, eigen(at.outside))
    return facts.on_ball(found, constants, Ball(2.0**-6))


def replaced(at, least):
    """As if M had the smallest eigenvalue `least`, and a least |eigenvalue| to match."""
    inverse = at.outside.inverse._replace(size=(1 / abs(least)).upper())
    values = (least, *at.outside.values)
    return at._replace(outside=at.outside._replace(values=values, inverse=inverse))


@pytest.mark.parametrize("least", [-(2.0**-3), -(2.0**-40)])
def test_a_minimum_in_dimension_k_that_has_a_way_down_beyond_is_no_minimum_there(least):
    """The identity is a minimum in R^k; with an M that is not positive nothing is claimed for every d."""
    identity = [[ONE, NONE], [NONE, ONE]]
    with ball.precision(128):
        at = measured(identity, identity)
        everywhere = theorems.decide_critical(at)
        assert everywhere.verdict == "global-minimum"
        assert everywhere.every_dimension
        assert any(a.theorem == "Theorem M" and a.holds for a in everywhere.arguments)
        below = theorems.decide_critical(replaced(at, Ball(least)))
        assert not below.proved
        assert below.failed.name == "M.1"
        alone = theorems.decide_critical(at._replace(outside=None))
        assert (alone.verdict, alone.every_dimension) == ("global-minimum", False)


def test_m_counts_in_every_number_that_is_claimed_for_every_dimension():
    """A small eigenvalue of M makes the ball of uniqueness and the basin smaller, a large one the step."""
    identity = [[ONE, NONE], [NONE, ONE]]
    with ball.precision(128):
        at = measured(identity, identity)
        plain = theorems.decide_critical(at).bounds
        flat = theorems.decide_critical(replaced(at, Ball(2.0**-8))).bounds
        assert float(flat.lambda_min_outside[0]) == 2.0**-8
        assert flat.lambda_min == plain.lambda_min
        assert float(flat.basin) < float(plain.basin) / 2
        assert float(flat.uniqueness) < float(plain.uniqueness)
        steep = at._replace(outside=at.outside._replace(values=(*at.outside.values, Ball(8))))
        assert float(theorems.decide_critical(steep).bounds.step) < 0.25 < float(plain.step)
        doubtful = at._replace(outside=at.outside._replace(values=(Ball(0, 1), Ball(1))))
        assert not theorems.decide_critical(doubtful).proved


def test_a_guess_that_is_none_says_nothing_of_further_dimensions():
    one = [[ONE]]
    with ball.precision(64):
        at = facts.enclose(one, one)
        assert facts.measure(at, eigen(at.hessian), [0]).outside is None
        assert BallMatrix(at.outside).nrows() == 1

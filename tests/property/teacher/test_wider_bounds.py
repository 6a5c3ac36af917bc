"""Enclosures of section 18 hold the truth, are tight, and decide only what they prove."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb
from test_symmetric import eigen

from relucert.base.dyadic import to_fraction
from relucert.kernel import ball
from relucert.kernel.ball import exact_float
from relucert.kernel.spectrum import spectrum
from relucert.kernel.teacher import loss, symmetric, symmetric_wider, wider
from symmetric_points import STARTS, found, whole

BITS = 200
SLACK = Fraction(1, 2**140)


@pytest.fixture(autouse=True)
def _precision():
    with ball.precision(64):
        yield


def dyadics(rows):
    return tuple(tuple(ball.to_dyadic(exact_float(float(x))) for x in row) for row in rows)


def inside(value, enclosure):
    """Whether a number of mpmath lies in a ball, up to its own last digits."""
    low, high = (to_fraction(ball.to_dyadic(x)) for x in (ball.lower(enclosure), ball.upper(enclosure)))
    truth = Fraction(int(mpmath.floor(mpmath.ldexp(value, 150))), 2**150)
    return low - SLACK <= truth <= high + SLACK


def curvature_in_mpmath(rows, targets, i):
    """S_i by the formulas of section 1, in 200 bits."""
    w = mpmath.matrix(rows[i])
    p, d = mpmath.norm(w), len(rows[i])
    result = mpmath.zeros(d)
    for sign, z in [(1, x) for j, x in enumerate(rows) if j != i] + [(-1, x) for x in targets]:
        v = mpmath.matrix(z)
        along = (v.T * w)[0] / p
        across = v - (along / p) * w
        size = mpmath.norm(across)
        if size == 0:
            continue
        e1, e2 = w / p, across / size
        result += sign * size / (2 * mpmath.pi * p) * (mpmath.eye(d) - e1 * e1.T + e2 * e2.T)
    return result


@pytest.mark.parametrize(("n", "k", "d"), [(1, 1, 2), (2, 2, 2), (3, 2, 3), (4, 5, 5), (6, 4, 4)])
def test_the_curvature_contains_the_truth_and_is_tight(n, k, d):
    random = np.random.default_rng(100 * n + d)
    for _ in range(4):
        rows, targets = random.normal(size=(n, d)), random.normal(size=(k, d))
        g = loss.geometry(dyadics(rows), dyadics(targets))
        for i in range(n):
            matrix = loss.curvature(g, i)
            with mpmath.workprec(BITS):
                true = curvature_in_mpmath(rows, targets, i)
                values = sorted(mpmath.eigsy(true, eigvals_only=True))
                pairs = [(x, true[a, b]) for a, row in enumerate(matrix.tolist()) for b, x in enumerate(row)]
                assert all(inside(x, enclosure) for enclosure, x in pairs)
            at = wider.of_spectrum(spectrum(matrix, eigen(matrix)))
            for enclosure, x in zip(at, (values[0], values[1], values[-2], values[-1]), strict=True):
                with mpmath.workprec(BITS):
                    assert inside(x, enclosure)
                assert float(ball.radius(enclosure)) <= 0.01 * max(abs(x), 1e-12)


def test_the_curvature_of_parallel_and_antiparallel_neurons():
    rows, targets = [[1.0, 0.0], [2.0, 0.0], [-0.5, 0.0]], [[0.0, 1.0]]
    at = loss.curvature(loss.geometry(dyadics(rows), dyadics(targets)), 0)
    assert float(at[1, 1]) == pytest.approx(-1 / np.pi)
    assert abs(at[0, 0]) < 1e-15 and abs(at[0, 1]) < 1e-15


def test_in_one_dimension_there_is_one_eigenvalue_and_it_is_0():
    g = loss.geometry(dyadics([[1.0], [-2.0]]), dyadics([[1.0]]))
    matrix = loss.curvature(g, 0)
    at = wider.of_spectrum(spectrum(matrix, eigen(matrix)))
    assert at.second is None and at.last_but_one is None
    assert wider.decide_split(1, at, arb(0)) == wider.Split(1, None, None)
    assert wider.of_parts([(arb(-1), 1)]) == wider.Curvature(arb(-1), None, None, arb(-1))


@pytest.mark.parametrize("name", STARTS)
def test_the_curvature_of_each_kind_is_that_of_its_neurons(name):
    at = found(name)
    m = len(at.sizes)
    with ball.precision(128):
        kinds = symmetric_wider.curvatures(
            symmetric.reduced(symmetric.point(at.sizes, at.values, at.extra)), eigen
        )
        dense = whole(at)
        g = loss.geometry(dense.point, dense.problem.targets)
        firsts = [sum(at.sizes[:a]) for a in range(m)] + list(range(at.k, at.n))
        assert len(kinds) == len(firsts)
        for one, i in zip(kinds, firsts, strict=True):
            matrix = loss.curvature(g, i)
            other = wider.of_spectrum(spectrum(matrix, eigen(matrix)))
            for x, y in zip(one, other, strict=True):
                assert x.overlaps(y) and ball.radius(x) < 1e-12


@pytest.mark.parametrize("name", STARTS)
def test_the_pull_of_each_class_is_that_of_its_targets(name):
    at = found(name)
    with ball.precision(128):
        reduced = symmetric.reduced(symmetric.point(at.sizes, at.values, at.extra))
        dense = whole(at)
        g = loss.geometry(dense.point, dense.problem.targets)
        for a in range(len(at.sizes)):
            one = symmetric_wider.pull(reduced, a)
            assert one.overlaps(loss.pull(g, sum(at.sizes[:a]))) and ball.radius(one) < 1e-20


def parts(*values):
    return wider.of_parts([(arb(x), count) for x, count in values])


def test_multiplicities_count():
    assert [float(x) for x in parts((1, 1), (-1, 2), (0, 5))] == [-1, -1, 0, 1]
    assert [float(x) for x in parts((0, 1), (2, 10**12))] == [0, 2, 2, 2]
    wide = wider.of_parts([(ball.hull(arb(0), arb(2)), 1), (arb(1), 1)])
    assert wide.first.contains(arb(0)) and wide.second.contains(arb(2)) and wide.second.contains(arb(1))


def test_the_verdict_needs_more_than_the_wander():
    negative, positive = parts((-3, 1), (-2, 1), (0, 1)), parts((3, 1), (2, 1), (0, 1))
    both = parts((-1, 1), (1, 1), (0, 1))
    saddle, minimum = wider.STRICT_SADDLE, wider.DEGENERATE_MINIMUM

    def names(at, wander):
        x = wider.decide_split(1, at, arb(wander))
        return x.same and x.same.name, x.opposite and x.opposite.name

    assert names(negative, 1.5) == (saddle, minimum)
    assert names(negative, 2) == (saddle, None)
    assert names(negative, 3) == (None, None)
    assert names(positive, 1.5) == (minimum, saddle)
    assert names(positive, 2) == (None, saddle)
    assert names(both, 0.5) == (saddle, saddle)
    assert names(both, 1) == (None, None)
    assert names(negative, float("nan")) == (None, None)
    assert names(parts((0, 5)), 0) == (None, None)
    assert wider.decide_split(1, negative, arb(1.5)).opposite.bound == arb(-0.5)


def test_the_evidence_is_of_the_narrowest():
    low, high = (wider.decide_split(i, parts((-x, 3), (0, 1)), arb(0)) for i, x in ((1, 1), (2, 5)))
    argument = wider.theorem_18_m([low, high])
    assert [(h.name, float(h.left), float(h.right)) for h in argument.hypotheses] == [
        ("18.M.1", -1, 0), ("18.M.4", -1, 0),
    ]  # fmt: skip
    assert argument.holds and not wider.theorem_18_m([]).holds
    turned = wider.theorem_18_m([wider.decide_split(1, parts((2, 3), (0, 1)), arb(0))])
    assert [h.name for h in turned.hypotheses] == ["18.M.2", "18.M.3"] and turned.holds


def test_the_barrier_is_that_of_the_formula_and_needs_its_hypotheses():
    argument, height = wider.theorem_18_v(arb(0.5), arb(2), arb(0), arb(1))
    assert argument.holds and float(height) == pytest.approx(2 * 0.5**3 / (3 * 4), rel=1e-12)
    _, short = wider.theorem_18_v(arb(0.5), arb(2), arb(0), arb(0.25))
    assert float(short) == pytest.approx(0.5 * 0.25**2 / 2 - 2 * 0.25**3 / 6, rel=1e-12)
    _, near = wider.theorem_18_v(arb(1), arb(2), arb(0.125), arb(0.5))  # up to alpha - r = 3/8
    assert float(near) == pytest.approx(0.375**2 * (0.75 / 2 - 2 * 0.375 / 6), rel=1e-12)
    assert not wider.theorem_18_v(arb(0.5), arb(2), arb(0.25), arb(1))[0].holds
    assert not wider.theorem_18_v(arb(0.5), arb(2), arb(0.1), arb(0.1))[0].holds
    assert not wider.theorem_18_v(arb("nan"), arb(2), arb(0.1), arb(1))[0].holds


def test_the_slope_takes_off_what_the_radius_may_hide():
    argument, slope = wider.theorem_18_z(arb(-1), arb(2), 4, arb(0.25))
    assert argument.holds and float(slope) == 0.5
    assert float(wider.decrease(slope, arb(2))) == 0.0625
    assert not wider.theorem_18_z(arb(-1), arb(2), 4, arb(0.5))[0].holds

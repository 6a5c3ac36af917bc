"""Theorem B' at symmetric points: what it is for the whole point, at any k."""

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from test_symmetric import full, symmetric_points

from relucert.families.teacher.symmetric.family import Pattern, members
from relucert.families.teacher.symmetric.point import kernel_point
from relucert.families.teacher.symmetric.start import first_member
from relucert.kernel import ball, norms
from relucert.kernel.teacher import loss, sharp, symmetric, symmetric_facts, symmetric_sharp

BITS = 160
few = settings(derandomize=True, deadline=None, max_examples=25)


def exact_norms(patch):
    """Spectral norms to 12 digits, so that two reductions of one matrix can be compared."""
    patch.setattr(norms, "SQUARINGS", 40)


def both(data):
    """The shape by classes and that of the whole point; which kind each neuron of the latter is."""
    at = symmetric.reduced(symmetric.point(*data))
    whole = loss.geometry(*full(*data))
    kinds = [a for a, p in enumerate(at.point.kinds) for _ in range(p)]
    return symmetric_sharp.shape(at), sharp.shape(whole, loss.curvatures(whole)), kinds


def same(a, b):
    return abs(float(a - b)) <= 1e-9 * float(b) + 1e-30


@few
@given(symmetric_points(most=8), st.sampled_from([0, 2.0**-9, 0.1, 0.6]))
def test_every_number_is_that_of_the_whole_point(data, share):
    """g may be larger, as it goes without C; with that g both constants agree."""
    with ball.precision(BITS), pytest.MonkeyPatch.context() as patch:
        exact_norms(patch)
        short, long, kinds = both(data)
        assert short.counts == long.counts
        assert all(x == 1 for x in (*short.targets, *long.targets))
        assert same(short.frame, long.frame)
        assert same(short.span, long.span)
        rows = []
        for i, a in enumerate(kinds):
            own, whole = short.rows[a], long.rows[i]
            assert own.near.overlaps(whole.near)
            assert (own.near_neurons, own.near_targets) == (whole.near_neurons, whole.near_targets)
            assert own.cosines.overlaps(whole.cosines)
            assert same(own.bend, whole.bend)
            assert sum(z.number for z in own.far) == len(whole.far)
            assert float(own.skew) >= float(whole.skew) * (1 - 1e-12)
            rows.append(whole._replace(skew=own.skew))
        rho = ball.smallest(long.neurons) * share
        value = sharp.theorem_b_sharp(short, rho)
        assert same(value, sharp.theorem_b_sharp(long._replace(rows=tuple(rows)), rho))
        assert float(value) >= float(sharp.theorem_b_sharp(long, rho)) * (1 - 1e-9)


@few
@given(symmetric_points(most=8))
def test_the_skewness_is_the_formula(data):
    """min(2 l, 2 b + 2 l/(3 sqrt 3)), from all vectors in floating point."""
    with ball.precision(BITS):
        short, _, kinds = both(data)
    rows, targets = (np.array([[m * 2.0**e for m, e in row] for row in some], float) for some in full(*data))
    everything = np.vstack([rows, targets])
    for i, a in enumerate(kinds):
        unit, size, mean = rows[i] / np.linalg.norm(rows[i]), 0.0, 0.0
        for z in [z for z in range(len(everything)) if z != i]:
            along = everything[z] @ unit
            across = everything[z] - along * unit
            angle = np.arctan2(np.linalg.norm(across), abs(along))
            if angle >= 0.8:
                size += abs(along)
                mean = mean + (1 if z < len(rows) else -1) * along * across / np.linalg.norm(across)
        expected = min(2 * size, 2 * np.linalg.norm(mean) + 2 * size / (3 * np.sqrt(3)))
        assert float(short.rows[a].skew) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("extra", [[[(1, 0)], [(3, 0)]], [[(1, 0)], [(-1, 0)]]])
def test_parallel_neurons_cost_no_digits(extra):
    """With one class the extra neurons are parallel: nothing is divided by the sine of their angle."""
    with ball.precision(BITS), pytest.MonkeyPatch.context() as patch:
        exact_norms(patch)
        short, long, kinds = both(([5], [[(1, 0), (1, -3)]], extra))
        for i, a in enumerate(kinds):
            assert same(short.rows[a].bend, long.rows[i].bend)


@few
@given(symmetric_points(most=8))
def test_without_dividing_by_sines_the_bend_is_an_upper_bound(data):
    """As where an angle is too small to divide by, but for all: nbar nbar^T is known to be in a hull."""
    with ball.precision(BITS), pytest.MonkeyPatch.context() as patch:
        exact_norms(patch)
        _, long, kinds = both(data)
        patch.setattr(symmetric_sharp.arccos, "divides", lambda t: False)
        at = symmetric.reduced(symmetric.point(*data))
        views = symmetric_sharp.views(at)
        for i, a in enumerate(kinds):
            bend = symmetric_sharp._bend(views[a])
            heights = sum((x.number * x.other.vector.length * x.angle.sin for x in views[a]), arb(0))
            assert float(bend) >= float(long.rows[i].bend) * (1 - 1e-9)
            assert float(bend) <= 10 * float(heights) + 1e-30


@pytest.mark.parametrize("sizes", [[1], [2], [1, 1], [3], [2, 3]])
def test_more_dimensions_do_not_change_it(sizes):
    """|B_i| >= |sum (+-) |n_z||, its eigenvalue in every further coordinate; 0 in one dimension."""
    rng = np.random.default_rng(sum(sizes))
    m = len(sizes)
    values = [[(int(x), -10) for x in rng.integers(-2000, 2000, m + 1)] for _ in range(m)]
    with ball.precision(BITS):
        at = symmetric.reduced(symmetric.point(sizes, values, [[(1, 0)] * m]))
        for views, row in zip(symmetric_sharp.views(at), symmetric_sharp.shape(at).rows, strict=True):
            heights = (x.sign * x.number * x.other.vector.length * x.angle.sin for x in views)
            total = abs(sum(heights, arb(0)))
            k = sum(sizes)
            assert float(row.bend) >= float(total) * (k / (k - 1) if k > 1 else 0) * (1 - 1e-12)


@pytest.fixture(scope="module")
def family():
    pattern = Pattern.parse("k-1,1")
    return dict(members(pattern, first_member(pattern), [6, 20, 10**3, 10**6, 10**12]))


def test_it_grows_like_the_root_of_k(family):
    """Theorem B's grows like k. The number of vectors that a row holds does not grow."""
    for k, at in family.items():
        with ball.precision(64 + 4 * k.bit_length()):
            of = symmetric_facts.measure(kernel_point(at), eigen, "sharp")
            value = float(sharp.theorem_b_sharp(of.shape, arb(0)))
            plain = symmetric_facts.facts(of._replace(shape=None), arb(0), every_dimension=True).lipschitz
            assert float(symmetric_facts.facts(of, arb(0), every_dimension=True).lipschitz) == min(
                value, float(plain)
            )
        assert value < 1.6 + 0.19 * np.sqrt(k) < float(plain) / 4
        assert max(len(row.far) for row in of.shape.rows) <= 5


def eigen(matrix):
    from relucert.families.teacher.search import guess
    from relucert.kernel.spectrum import Eigen

    return Eigen(*guess.eigen([[float(x) for x in row] for row in matrix.tolist()]))

"""The scaled equations, blocks and loss against the unscaled ones of docs/theorem/teacher.md, section 1.

At random points with the symmetry, not only at critical ones.
"""

import numpy as np
import pytest

import uniform_points as truth
from relucert.kernel import ball
from relucert.kernel.teacher import symmetric
from relucert.kernel.uniform import blocks, loss, system
from uniform_checks import BITS, NEAR, block_error, equation_error, loss_error, outside_error, point
from uniform_points import MP

SMALL = tuple(range(4, 13))
LARGE = (1000, 10**6)
FINE = 300  # bits


@pytest.mark.parametrize("k", SMALL)
def test_the_gradient_by_multiplicities_is_the_dense_one(k):
    at = truth.random_entries(np.random.default_rng(k), k)
    a, b, c, e, f = truth.gradient(at)
    dense = truth.dense_gradient(at)
    for i, row in enumerate(dense):
        for j, x in enumerate(row):
            mine = (f if j == k - 1 else e) if i == k - 1 else c if j == k - 1 else a if i == j else b
            assert abs(x - mine) < 1e-100


@pytest.mark.parametrize("k", LARGE)
def test_the_gradient_and_the_loss_by_multiplicities_are_those_of_the_symmetric_kernel(k):
    at = truth.random_entries(np.random.default_rng(k), k)
    with ball.precision(FINE):
        a, b, c, e, f = (truth.exact_ball(x) for x in at[1:])
        reduced = symmetric.reduced(symmetric.Point((k - 1, 1), ((a, e), (c, f)), (b, ball.Ball(0))))
        found = symmetric.gradient(reduced)
        places = [(0, 0, False), (0, 0, True), (1, 0, False), (0, 1, False), (1, 1, False)]
        order = [o.place for o in reduced.orbits]
        for place, mine in zip(places, truth.gradient(at), strict=True):
            i = order.index(place)
            assert truth.off(found[i] / ball.Ball(reduced.orbits[i].size).sqrt(), mine) < 1e-60
        assert truth.off(symmetric.objective(reduced), truth.loss(at)) < 1e-50


@pytest.mark.parametrize("k", (*SMALL, *LARGE))
@pytest.mark.parametrize("seed", range(3))
def test_each_equation_is_a_positive_multiple_of_a_gradient_entry(k, seed):
    at, x, sigma = point(seed, k)
    p = k - 1
    with ball.precision(BITS):
        found = system.equations(x, sigma)
    multiples = [2 * MP.pi * p**n for n in (2, 2, 1, 1, 1)]
    for y, factor, slope in zip(found, multiples, truth.gradient(at), strict=False):
        assert truth.off(y, factor * slope) < NEAR
        assert abs(factor * slope) > 1e-3  # the point is not critical
    assert truth.off(found[5], 0) < NEAR
    assert equation_error(seed, k) < NEAR


@pytest.mark.parametrize("k", (*SMALL, *LARGE))
def test_the_sixth_equation_is_the_length_of_a_neuron(k):
    """p^2 (|w_i|^2 - w^2), where w is what varsigma says."""
    rng = np.random.default_rng(k)
    at = truth.random_entries(rng, k)
    x = truth.unknowns_of(at)
    x[1] += rng.uniform(0.1, 1)
    p = k - 1
    said = (k + x[1] / p**2 - truth.angles(at).u) / p
    expected = p**2 * (truth.angles(at).w ** 2 - said**2)
    with ball.precision(BITS):
        found = system.equations([truth.exact_ball(y) for y in x], truth.sigma_ball(k))[5]
    assert truth.off(found, expected) < NEAR
    assert abs(expected) > 1e-9


@pytest.mark.parametrize("k", (5, 6, 7, 20, 10**6))
def test_entries_and_lengths_are_what_their_names_say(k):
    at, x, sigma = point(0, k)
    with ball.precision(BITS):
        q = system.scaled(x, sigma)
        found = system.entries(x, sigma)
    for y, mine in zip(found, at[1:], strict=True):
        assert truth.off(y, mine) < NEAR
    ways, p = truth.angles(at), k - 1
    pairs = [
        (q.w, ways.w), (q.U, ways.u), (q.sin_theta, MP.sin(ways.own)), (q.cos_theta, MP.cos(ways.own)),
        (q.sin_tau, MP.sin(ways.uk)), (q.cos_tau, -MP.cos(ways.uk)), (q.sw, MP.sin(ways.ww)), (q.su, MP.sin(ways.wu)),
        (q.sb, MP.sin(ways.other)), (q.sc, MP.sin(ways.wk)), (q.se, MP.sin(ways.ue)), (q.C, p**2 * MP.cos(ways.ww)),
        (q.Cu, p * MP.cos(ways.wu)), (q.y, p * MP.cos(ways.ue)), (q.S, at.a + (p - 1) * at.b),
    ]  # fmt: skip
    for y, mine in pairs:
        assert truth.off(y, mine) < NEAR


@pytest.mark.parametrize("k", (4, 5, 6, 7, 8, 9))
@pytest.mark.parametrize("seed", range(2))
def test_the_blocks_have_the_spectrum_of_the_dense_hessian(k, seed):
    assert block_error(seed, k) < 1e-11


@pytest.mark.parametrize("k", (20, 1000, 10**5))
def test_the_blocks_have_the_spectrum_of_the_symmetric_kernel(k):
    """Theorem F: as sets."""
    at, x, sigma = point(1, k)
    with ball.precision(BITS):
        found = blocks.blocks(system.scaled(x, sigma), ball.Ball(k - 1))
        a, b, c, e, f = (truth.exact_ball(y) for y in at[1:])
        whole = symmetric.Point((k - 1, 1), ((a, e), (c, f)), (b, ball.Ball(0)))
        hessian = symmetric.hessian(symmetric.reduced(symmetric.marked(whole, (0, 0))))
    mine = [float(found.symmetric.mid()), float(found.alternating.mid())]
    for matrix in (found.standard, found.trivial):
        mine += np.linalg.eigvalsh([[float(y.mid()) for y in row] for row in matrix.tolist()]).tolist()
    theirs = np.linalg.eigvalsh([[float(y.mid()) for y in row] for row in hessian.tolist()])
    for one, other in ((mine, theirs), (theirs, mine)):
        assert max(min(abs(y - z) for z in other) for y in one) < 1e-13 * k


@pytest.mark.parametrize("k", (5, 7))
def test_a_smaller_stiffness_bounds_the_blocks_from_below_and_stays_below(k):
    """What is left is positive semidefinite, of rank 1 (standard) and 3 (trivial)."""
    _, x, sigma = point(3, k)
    with ball.precision(BITS):
        q = system.scaled(x, sigma)
        full, less = (blocks.blocks(q, ball.Ball(z)) for z in (k - 1, 2))
    for name, rank in (("standard", 1), ("trivial", 3)):
        left = getattr(full, name) - getattr(less, name)
        values = np.linalg.eigvalsh([[float(y.mid()) for y in row] for row in left.tolist()])
        assert values[0] > -1e-14
        assert np.count_nonzero(values > 1e-6) == rank
    assert full.symmetric.overlaps(less.symmetric) and full.alternating.overlaps(less.alternating)


@pytest.mark.parametrize("k", (5, 6, 7, 8, 9, 40))
def test_outside_is_m_without_the_square_of_the_sum(k):
    at, x, sigma = point(2, k)
    with ball.precision(BITS):
        found = blocks.blocks(system.scaled(x, sigma), ball.Ball(k - 1)).outside
    mine = np.array([[float(y.mid()) for y in row] for row in found.tolist()])
    assert outside_error(2, k) < 1e-12
    whole = np.linalg.eigvalsh(truth.dense_outside(at))
    assert np.linalg.eigvalsh(mine)[0] <= whole[0] + 1e-13
    assert np.linalg.eigvalsh(mine)[0] > whole[0] - 0.5  # and not by much


@pytest.mark.parametrize("k", (*SMALL, *LARGE))
def test_the_loss(k):
    for seed in range(3):
        assert loss_error(seed, k) < NEAR
    at, x, sigma = point(0, k)
    with ball.precision(BITS):
        found = loss.scaled_loss(system.scaled(x, sigma))
    assert truth.off(found, (k - 1) * truth.loss(at)) < NEAR

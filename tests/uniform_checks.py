"""How far the scaled formulas are from the truth at random points: functions that mutants can be given to."""

from functools import cache

import numpy as np

import uniform_points as truth
from relucert.kernel import ball
from relucert.kernel.uniform import blocks, loss, system
from uniform_points import MP

BITS = 160
NEAR = 1e-28  # the series of A1 and A3 stop at 2^-103


def point(seed, k):
    """A random point, its unknowns and its sigma, in thin balls."""
    with ball.precision(BITS):
        at = _entries(seed, k)
        return at, [truth.exact_ball(x) for x in truth.unknowns_of(at)], truth.sigma_ball(k)


@cache
def _entries(seed, k):
    return truth.random_entries(np.random.default_rng([seed, k]), k)


@cache
def _gradient(seed, k):
    factors = [2 * MP.pi * (k - 1) ** n for n in (2, 2, 1, 1, 1)]
    return [x * y for x, y in zip(factors, truth.gradient(_entries(seed, k)), strict=True)] + [MP.mpf(0)]


@cache
def _spectrum(seed, k):
    return np.linalg.eigvalsh(truth.dense_hessian(_entries(seed, k)))


@cache
def _outside(seed, k):
    """M on a vector of sum 0, and on (1, .., 1, 0)/sqrt(k - 1) and e_k, without (sum x)^2/4."""
    m, p = truth.dense_outside(_entries(seed, k)), k - 1
    basis = np.zeros((3, k))
    basis[0, :2] = 1 / np.sqrt(2), -1 / np.sqrt(2)
    basis[1, :p], basis[2, p] = 1 / np.sqrt(p), 1
    total = basis.sum(axis=1)
    return basis @ m @ basis.T - np.outer(total, total) / 4


@cache
def _loss(seed, k):
    return (k - 1) * truth.loss(_entries(seed, k))


def equation_error(seed, k, equations=system.equations):
    with ball.precision(BITS):
        _, x, sigma = point(seed, k)
        found = equations(x, sigma)
    return max(truth.off(y, z) for y, z in zip(found, _gradient(seed, k), strict=True))


def block_error(seed, k, form=blocks.blocks, scaled=system.scaled):
    """Of the eigenvalues with their multiplicities."""
    p = k - 1
    with ball.precision(BITS):
        _, x, sigma = point(seed, k)
        found = form(scaled(x, sigma), ball.Ball(p))
    values = [float(found.symmetric.mid())] * (p * (p - 3) // 2)
    values += [float(found.alternating.mid())] * ((p - 1) * (p - 2) // 2)
    for matrix, times in ((found.standard, p - 1), (found.trivial, 1)):
        values += np.linalg.eigvalsh(middles(matrix)).tolist() * times
    return np.abs(np.sort(values) - _spectrum(seed, k)).max()


def outside_error(seed, k, form=blocks.blocks, scaled=system.scaled):
    with ball.precision(BITS):
        _, x, sigma = point(seed, k)
        found = form(scaled(x, sigma), ball.Ball(k - 1)).outside
    return np.abs(np.array(middles(found)) - _outside(seed, k)).max()


def loss_error(seed, k, of=loss.scaled_loss, scaled=system.scaled):
    with ball.precision(BITS):
        _, x, sigma = point(seed, k)
        found = of(scaled(x, sigma))
    return truth.off(found, _loss(seed, k))


def middles(matrix):
    return [[float(y.mid()) for y in row] for row in matrix.tolist()]

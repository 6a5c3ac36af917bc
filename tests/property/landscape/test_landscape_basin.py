"""Around the signed permutations: Lemma 13.L and Theorem 13.B of docs/theorem/landscape.md hold, and are not slack."""

import numpy as np
import pytest

from relucert.families.landscape.problem import LandscapeProblem
from relucert.kernel import ball
from relucert.kernel.ball import Ball, NotProved
from relucert.kernel.landscape import basin
from relucert.kernel.landscape.weights import Scale

PROBLEMS = [
    LandscapeProblem.from_text("1,1", "6", "1"),
    LandscapeProblem.from_text("3,1,1/2", "3", "1"),
    LandscapeProblem.from_text("1,1,1,1", "11", "2/5"),
    LandscapeProblem.from_text("1,2", "18", "6/5"),
    LandscapeProblem.from_text("1,1/10,2/10", "1/10", "1/20"),
]


@pytest.fixture(autouse=True)
def _precision():
    with ball.precision(128):
        yield


class Numbers:
    """A problem in doubles, U = B T^T."""

    def __init__(self, problem, t=None):
        at = problem.weights()
        self.d = problem.d
        self.alpha, self.nu, self.lam = np.array([float(x) for x in at.alpha]), float(at.nu), float(at.lam)
        self.t = np.eye(self.d) if t is None else t

    def gradient(self, b):
        u = b @ self.t.T
        squares = u * u
        g = self.lam * (squares.sum(axis=1) - 1)
        pull = self.alpha * squares.sum(axis=0) - (1 + self.nu) * self.alpha * squares
        return 4 * (u * (pull + g[:, None])) @ self.t

    def hessian(self, b):
        """By differences that are exact for a cubic gradient."""
        h, columns = 1e-2, []
        for place in range(b.size):
            e = np.zeros(b.size)
            e[place] = h
            e = e.reshape(b.shape)
            one, two = ((self.gradient(b + k * e) - self.gradient(b - k * e)) / (2 * k * h) for k in (1, 2))
            columns.append(((4 * one - two) / 3).ravel())
        found = np.array(columns)
        return (found + found.T) / 2

    def minimum(self, seed):
        rng = np.random.default_rng(seed)
        rows = np.diag(np.sqrt(self.lam / (self.lam - self.nu * self.alpha)) * rng.choice([-1, 1], self.d))
        return rows[rng.permutation(self.d)] @ np.linalg.inv(self.t).T


def sphere(shape, seed):
    found = np.random.default_rng(seed).standard_normal(shape)
    return found / np.linalg.norm(found)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_spectrum_at_the_minima(problem):
    found = [float(x) for x in basin.spectrum_at_minima(problem.weights())]
    eigenvalues = np.linalg.eigvalsh(Numbers(problem).hessian(Numbers(problem).minimum(0)))
    assert found == pytest.approx([eigenvalues[0], eigenvalues[-1]], rel=1e-9)


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("radius", [0.01, 0.1, 1.0])
def test_the_hessian_changes_by_no_more_than_the_lipschitz_constant_says(problem, radius):
    """Between two points of the ball; and in some direction by a twentieth of it."""
    numbers = Numbers(problem)
    first, second = (float(x) for x in basin.lipschitz(problem.weights()))
    p, most = numbers.minimum(0), first + second * radius
    seen = []
    for seed in range(30):
        one, two = (p + radius * sphere(p.shape, 2 * seed + k) * (k or 1) for k in (0, 1))
        change = np.linalg.norm(numbers.hessian(one) - numbers.hessian(two), 2) / np.linalg.norm(one - two)
        assert change <= most * (1 + 1e-9)
        seen.append(change)
    along = np.zeros_like(p)
    place = np.unravel_index(abs(p).argmax(), p.shape)
    along[place] = np.sign(p[place])
    for direction in (along, np.roll(along, 1, axis=1), np.roll(along, 1, axis=0)):
        for sign in (-1, 1):
            change = numbers.hessian(p + sign * radius * direction) - numbers.hessian(p)
            seen.append(np.linalg.norm(change, 2) / radius)
            assert seen[-1] <= most * (1 + 1e-9)
    assert max(seen) >= 0.05 * most


def test_the_radius_is_the_largest_of_the_theorem():
    """mu = 6, lambda = 1, a = 1: the same for every d; L_0 R/2 + L_1 R^2/6 is low but for the share of Theorem D."""
    for d in (2, 5, 50):
        at = LandscapeProblem.from_text(["1"] * d, "6", "1").weights()
        argument, reach, step = basin.basin(at)
        assert (argument.theorem, argument.holds) == ("Theorem 13.B", True)
        low, high = basin.spectrum_at_minima(at)
        first, second = basin.lipschitz(at)
        used = reach * (first / 2 + second * reach / 6)
        assert ball.proves_lt(used, low)
        assert ball.proves_lt(low * (1 - Ball(2.0**-9)), used)
        assert [float(low), float(reach)] == pytest.approx([1.3294, 0.0925], abs=1e-4)
        assert float(step) == pytest.approx(2 / (float(high) + float(used)), rel=1e-2)


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("t", [None, 0.6, "random"])
def test_descent_from_the_edge_of_the_basin_converges(problem, t):
    """With steps up to the largest, and the Hessian keeps between low/2 and high + low/2; for any T."""
    d = problem.d
    if t is not None:
        t = (
            t * np.eye(d)
            if t != "random"
            else np.eye(d) + 0.3 * np.random.default_rng(1).standard_normal((d, d))
        )
    numbers = Numbers(problem, t)
    singular = np.linalg.svd(numbers.t, compute_uv=False)
    scale = Scale(Ball(singular[-1] ** 2 * (1 - 1e-12)), Ball(singular[0] ** 2 * (1 + 1e-12)))
    argument, reach, step = basin.basin(problem.weights(), scale)
    assert argument.holds
    for seed in range(4):
        p = numbers.minimum(seed)
        at = np.linalg.eigvalsh(numbers.hessian(p))
        low, high = (float(x) for x in basin.spectrum_at_minima(problem.weights()))
        assert low * singular[-1] ** 2 <= at[0] * (1 + 1e-9)
        assert at[-1] <= high * singular[0] ** 2 * (1 + 1e-9)
        b = p + 0.999 * float(reach) * sphere(p.shape, seed)
        for _ in range(60):
            before = np.linalg.norm(b - p)
            b = b - 0.999 * float(step) * numbers.gradient(b)
            assert np.linalg.norm(b - p) < before or before < 1e-12


def test_without_signed_permutations_there_is_no_basin():
    at = LandscapeProblem.from_text("1,1", "6", "1/11").weights()
    for function in (basin.spectrum_at_minima, basin.basin):
        with pytest.raises(NotProved, match="lambda > nu alpha_i"):
            function(at)

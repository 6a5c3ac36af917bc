"""`positive` proves nothing about a matrix that is not, or is only just not, positive definite."""

import numpy as np
import pytest
from flint import arb

from relucert.families.uniform import guess
from relucert.families.uniform.prove import PRECISION
from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix
from relucert.kernel.uniform import branch


@pytest.fixture(autouse=True)
def bits():
    with ball.precision(PRECISION):
        yield


def drawn(rng, size, least):
    """A symmetric matrix of doubles and its smallest eigenvalue, about `least`."""
    turn, _ = np.linalg.qr(rng.normal(size=(size, size)))
    values = least + np.abs(np.append(0, rng.exponential(1, size - 1)))
    matrix = turn @ np.diag(values) @ turn.T
    matrix = (matrix + matrix.T) / 2
    return matrix, np.linalg.eigvalsh(matrix)[0]


def factors(matrix, least):
    """Of Cholesky where there is one, and others that nobody should be taken in by."""
    size = len(matrix)
    found = guess.factor(guess.exact_matrix(matrix), least)
    yield guess.exact_matrix(np.eye(size)) if found is None else found
    values, vectors = np.linalg.eigh(matrix - least * np.eye(size))
    yield guess.exact_matrix(vectors / np.sqrt(np.abs(values)))
    yield guess.exact_matrix(np.zeros((size, size)))
    yield guess.exact_matrix(np.full((size, size), 1e-3))
    yield BallMatrix([[arb.nan()] * size] * size)


@pytest.mark.parametrize("size", (1, 2, 3, 5))
@pytest.mark.parametrize("least", (1.0, 0.09, 1e-6))
def test_positive_just_below_the_smallest_eigenvalue_and_not_just_above(size, least):
    rng = np.random.default_rng([size, 3])
    for _ in range(5):
        matrix, value = drawn(rng, size, least)
        balls = guess.exact_matrix(matrix)
        below, above = 0.99 * value, 1.01 * value
        assert branch.positive(balls, Ball(below), guess.factor(balls, below))
        assert not any(branch.positive(balls, Ball(above), r) for r in factors(matrix, above))
        assert not any(branch.positive(balls, Ball(above), r) for r in factors(matrix, below))
        # a ball that reaches a matrix with a smaller eigenvalue
        reach = float(value - below) * 1.001
        wide = balls + BallMatrix([[arb(0, reach * (i == j)) for j in range(size)] for i in range(size)])
        assert not any(branch.positive(wide, Ball(below), r) for r in factors(matrix, below))


@pytest.mark.parametrize(
    "matrix",
    [[[1, 2], [2, 1]], [[1, 1], [1, 1]], [[0, 0], [0, 0]], [[-1, 0], [0, -1]], [[1, 0], [0, np.nan]]],
)
def test_not_positive(matrix):
    balls = BallMatrix([[arb.nan() if x != x else Ball(x) for x in row] for row in matrix])
    for r in ([[1, 0], [0, 1]], [[1, -1], [0, 1]], [[0, 0], [0, 0]], [[1, 0], [-1, 0]], [[0.5, 0], [0, 0.5]]):
        assert not branch.positive(balls, Ball(0), BallMatrix([[Ball(x) for x in row] for row in r]))


def test_positive_needs_numbers():
    one = BallMatrix([[Ball(1)]])
    assert branch.positive(one, Ball(0), one)
    assert not branch.positive(one, arb.nan(), one)
    assert not branch.positive(one, Ball(1), one)
    assert not branch.positive(BallMatrix([[arb(1, 1)]]), Ball(0), one)
    with pytest.raises(ValueError):
        branch.positive(one, Ball(0), BallMatrix([[Ball(1), Ball(0)]]))

"""What is guessed in floating point for the proofs of the teacher-student network, against numpy's own results."""

from itertools import permutations

import numpy as np
import pytest

from relucert.families.teacher.network import Network
from relucert.families.teacher.search import guess


@pytest.mark.parametrize("m", [1, 3, guess.BLOCK, guess.BLOCK + 1, 2 * guess.BLOCK + 7])
def test_the_ends_of_a_spectrum_are_found_in_blocks_of_any_number(m):
    random = np.random.default_rng(m)
    root = random.standard_normal((m, m))
    matrix = root @ root.T + np.eye(m)
    low, high, vectors, solution = guess.ends(matrix, np.ones(m).tolist())
    values = np.linalg.eigvalsh(matrix)
    for vector, value in zip(np.array(vectors), (values[0], values[-1]), strict=True):
        assert vector @ matrix @ vector / (vector @ vector) == pytest.approx(value, rel=1e-12)
    for (shift, factor, places), sign in ((low, 1), (high, -1)):
        left = np.ldexp(np.array(factor, dtype=np.float64), -places)
        assert left @ left.T == pytest.approx(sign * matrix - shift * np.eye(m), abs=1e-10 * values[-1])
    assert matrix @ solution == pytest.approx(np.ones(m), abs=1e-9)


def test_no_ends_of_what_is_not_positive_definite():
    assert guess.ends(np.diag([1.0, -1.0]), [0.0, 0.0]) is None


def test_each_neuron_gets_a_target_of_its_own_with_the_least_sum_of_squares():
    targets = [[1.0, 0.0], [0.0, 1.0], [1.0, 0.1]]
    assert guess.assignment([[0.0, 0.9], [1.0, 0.11], [1.0, 0.0]], targets) == [1, 2, 0]
    assert guess.assignment([[1.0, np.inf], [1.0, 0.0], [0.0, 0.5]], targets) is None
    for seed in range(20):
        points = np.random.default_rng(seed).standard_normal((3, 2))
        totals = {
            order: sum(((points[i] - targets[j]) ** 2).sum() for i, j in enumerate(order))
            for order in permutations(range(3))
        }
        assert totals[tuple(guess.assignment(points, targets))] == pytest.approx(min(totals.values()))


def test_targets_have_the_output_weight_of_their_neuron_and_any_sign_for_the_absolute_value():
    targets = [[1.0, 0.0], [0.0, 1.0]]
    signed = Network((1, -1), (-1, 1), (0, 1))
    assert guess.assignment(targets, targets, signed) == [1, 0]
    absolute = Network((1, 1), (1, 1), (-1, 1))
    assert guess.assignment([[0.0, -1.0], [0.4, 0.0]], targets, absolute) == [1, 0]

"""What the figures show around a point: the same loss as the search's, a global minimum with loss 0, matchings."""

import numpy as np
import pytest

from relucert.families.teacher import around
from relucert.families.teacher.around import Place
from relucert.families.teacher.search.descent import loss_and_gradient


def drawn(n, k, d, seed=1):
    rng = np.random.default_rng(seed)
    return Place(rng.standard_normal((n, d)), rng.standard_normal((k, d)))


@pytest.mark.parametrize(("n", "k", "d"), [(1, 1, 1), (2, 3, 4), (5, 5, 5), (7, 3, 5)])
def test_losses_are_those_of_the_search(n, k, d, monkeypatch):
    of = drawn(n, k, d)
    points = of.point + np.random.default_rng(2).standard_normal((3, 4, n, d))
    expected = [[loss_and_gradient(x, of.targets)[0] for x in row] for row in points]
    assert around.losses(points, of.targets) == pytest.approx(np.array(expected), rel=1e-6)
    monkeypatch.setattr(around, "MOST_PAIRS", 1)
    assert around.losses(points, of.targets) == pytest.approx(np.array(expected), rel=1e-6)


@pytest.mark.parametrize(("n", "k", "d"), [(1, 1, 1), (5, 5, 5), (7, 3, 5), (4, 3, 3)])
def test_the_goal_is_a_global_minimum(n, k, d):
    of = drawn(n, k, d)
    end = around.global_minimum(of)
    assert float(around.losses(end, of.targets)) == pytest.approx(0, abs=1e-12)
    again = around.global_minimum(Place(end + 1e-9, of.targets))
    assert again == pytest.approx(end, abs=1e-6)


def test_the_goal_is_the_nearest_permutation():
    targets = np.eye(3)
    point = targets[[2, 0, 1]] + 0.1
    assert np.array_equal(around.global_minimum(Place(point, targets)), targets[[2, 0, 1]])


def test_fewer_neurons_have_no_goal():
    assert around.global_minimum(drawn(2, 3, 3)) is None


def test_a_second_neuron_takes_its_share():
    point = np.array([[0.7, 0], [0, 1], [0.5, 0.1]])
    end = around.global_minimum(Place(point, np.eye(2)))
    assert end == pytest.approx(np.array([[0.6, 0], [0, 1], [0.4, 0]]))


def test_lines_put_the_largest_entries_on_the_diagonal():
    assert around.lines(np.array([[0.1, -2.0], [3.0, 0.2], [0.3, 0.4]])) == [1, 0, 2]
    assert around.lines(np.array([[0.1, -2.0]])) == [0]

"""What the figures show around a point: the same loss as the search's, a global minimum with loss 0, matchings."""

import json
from pathlib import Path

import numpy as np
import pytest

from relucert.base.dyadic import to_float
from relucert.certificate.numbers import number
from relucert.families.teacher import around
from relucert.families.teacher.around import Place
from relucert.families.teacher.network import network
from relucert.families.teacher.search.descent import loss_and_gradient

ACCEPT = Path(__file__).parents[2] / "corpus/accept"


def drawn(n, k, d, seed=1):
    rng = np.random.default_rng(seed)
    return Place(rng.standard_normal((n, d)), rng.standard_normal((k, d)))


@pytest.mark.parametrize(("n", "k", "d"), [(1, 1, 1), (2, 3, 4), (5, 5, 5), (7, 3, 5)])
def test_losses_are_those_of_the_search(n, k, d, monkeypatch):
    of = drawn(n, k, d)
    points = of.point + np.random.default_rng(2).standard_normal((3, 4, n, d))
    expected = [[loss_and_gradient(x, of.targets)[0] for x in row] for row in points]
    assert around.losses(points, of) == pytest.approx(np.array(expected), rel=1e-6)
    monkeypatch.setattr(around, "MOST_PAIRS", 1)
    assert around.losses(points, of) == pytest.approx(np.array(expected), rel=1e-6)


@pytest.mark.parametrize(("n", "k", "d"), [(1, 1, 1), (5, 5, 5), (7, 3, 5), (4, 3, 3)])
def test_the_goal_is_a_global_minimum(n, k, d):
    of = drawn(n, k, d)
    end = around.global_minimum(of)
    assert float(around.losses(end, of)) == pytest.approx(0, abs=1e-12)
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


@pytest.mark.parametrize("slope", ["0", "-1", "1/3"])
def test_losses_and_the_goal_know_signs_and_slopes(slope):
    of = drawn(4, 3, 5)._replace(network=network(4, 3, "+,-,-,+", "-,+,-", slope))
    points = of.point + np.random.default_rng(2).standard_normal((6, 4, 5))
    expected = [loss_and_gradient(x, of.targets, of.network)[0] for x in points]
    assert around.losses(points, of) == pytest.approx(expected, rel=1e-6)
    end = around.global_minimum(of)
    assert float(around.losses(end, of)) == pytest.approx(0, abs=1e-12)
    assert around.global_minimum(of._replace(network=network(4, 3, "+,+,-,+", "-,+,-", slope))) is None
    assert around.global_minimum(of._replace(network=network(4, 3, "+,+,+,-", "+,+,+", slope))) is None


@pytest.mark.parametrize(
    "name", ["spurious-6-6", "saddle-2-2-skew", "signs-three", "signs-six-leaky", "signs-skew"]
)
def test_the_spectrum_is_where_it_is_proved_to_be(name):
    claim = json.loads((ACCEPT / f"{name}.json").read_text())["statement"]["claim"]
    values = np.linalg.eigvalsh(around.hessian(around.place(claim)))
    low, high = (to_float(number(x, "bounds")) for x in claim["bounds"]["lambda_min"])
    assert low - 1e-9 <= values[0] <= high + 1e-9
    assert values[-1] <= to_float(number(claim["bounds"]["lambda_max"], "bounds")) + 1e-9


def test_a_witness_is_the_goal():
    claim = json.loads((ACCEPT / "signs-witness.json").read_text())["statement"]["claim"]
    of = around.place(claim)
    goal = around.goal(claim, of)
    assert goal.name == "witness"
    assert around.losses(goal.point, of) < around.losses(of.point, of)
    with pytest.raises(ValueError, match="another shape"):
        around.goal({**claim, "witness": claim["witness"][:1]}, of)

"""Runs of gradient descent are decided, and only rightly."""

import math
from functools import cache

import numpy as np
import pytest

from relucert.base.dyadic import from_float, to_float
from relucert.base.errors import InputError
from relucert.families.teacher.network import network
from relucert.families.teacher.search import newton, orbit
from relucert.families.teacher.search.descent import loss_and_gradient
from relucert.kernel import ball
from relucert.kernel.teacher import loss
from relucert.study import runs
from relucert.study.runs import Protocol

A, B, C, E, F = 0.987, -0.050, 0.308, 0.225, -0.602
SIX = np.array([[A if i == j else B for j in range(5)] + [C] for i in range(5)] + [[E] * 5 + [F]])
PROTOCOL = Protocol(seed=1, tolerance=1e-9)


@cache
def references():
    """The spurious and the global minimum of (6, 6)."""
    found = []
    for point in (SIX, np.eye(6) + 1e-3):
        polished = runs.polish(point, 6, False)["point"]
        found.append(runs.reference(runs.certify(polished, 6, {})["statement"]))
    return found


def group(weights, tolerance=1e-9):
    weights = np.array(weights)
    count = len(weights)
    return {
        "run": np.arange(count), "weights": weights, "step_size": np.full(count, 0.1),
        "left": np.full(count, PROTOCOL.max_steps), "state": np.zeros(count, dtype=np.int64),
    }  # fmt: skip


def permuted(weights, seed):
    rng = np.random.default_rng(seed)
    return weights[rng.permutation(len(weights))][:, rng.permutation(weights.shape[1])]


@pytest.mark.parametrize("of", [None, network(5, 3, "+,-,-,+,-", "-,+,+", "-2/3")])
def test_the_hessian_is_the_derivative_of_the_gradient(of):
    rng, targets = np.random.default_rng(0), np.eye(4)[:3]
    weights = rng.normal(size=(5, 4))
    matrix, h = newton.hessian(weights, targets, of), 1e-6
    for index in range(20):
        move = np.zeros(20)
        move[index] = h
        ends = [loss_and_gradient(weights + s * move.reshape(5, 4), targets, of)[1] for s in (1, -1)]
        assert (ends[0] - ends[1]).ravel() / (2 * h) == pytest.approx(matrix[index], abs=1e-7)


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("tilt", [0.0, 1e-15, 1e-9, 1e-8, 1e-5])
def test_the_hessian_keeps_its_digits_next_to_parallel_vectors(side, tilt):
    """Neurons next to a line, and a neuron next to a target."""
    weights = np.array([[1.0, 2.0, 0.5], [side * 1.0, side * 2.0 + tilt, side * 0.5], [tilt, 1.5, -tilt]])
    matrix = newton.hessian(weights, np.eye(3))
    with ball.precision(256):
        both = ([[from_float(x) for x in row] for row in rows.tolist()] for rows in (weights, np.eye(3)))
        exact = loss.hessian(loss.geometry(*both)).tolist()
    assert matrix == pytest.approx(np.array([[float(x) for x in row] for row in exact]), abs=1e-14)


def test_polishing_finds_the_critical_point_and_its_kind():
    point, values = newton.polish(SIX, np.eye(6))
    assert np.linalg.norm(loss_and_gradient(point, np.eye(6))[1]) < 1e-14
    assert values[0] == pytest.approx(0.00470035, abs=1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_a_permutation_is_found(seed):
    other = permuted(SIX, seed) + 1e-6 * np.random.default_rng(seed).normal(size=(6, 6))
    rows, columns = orbit.align(SIX, other)
    assert sorted(rows) == sorted(columns) == list(range(6))
    assert np.abs(SIX - other[rows][:, columns]).max() < 1e-4


def test_runs_near_a_certified_minimum_go_there_and_others_are_left_open():
    spurious, globe = references()
    assert (spurious.verdict, globe.verdict) == ("spurious-minimum", "global-minimum")
    basin = to_float(spurious.basin)
    near, far = (spurious.floats() + x * basin / 6 * np.sign(SIX) for x in (0.9, 1.1))
    wanted = [permuted(near, 1), permuted(globe.floats(), 2), far, np.eye(6) * 0.8]
    at = runs.look(6, group(wanted), references(), PROTOCOL, 1e3, False)  # 1e3: they do not move
    assert [d and (d.kind, d.ended, d.reference) for d in at["decisions"]] == [
        ("spurious-minimum", "basin", 0), ("global-minimum", "basin", 1), None, None
    ]  # fmt: skip
    assert 0.8 * basin < to_float(at["decisions"][0].distance) < basin


def test_a_step_above_that_of_the_basin_decides_nothing():
    state = group([references()[0].floats()])
    state["step_size"][:] = 1.5
    assert runs.look(6, state, references(), PROTOCOL, 1e3, False)["decisions"] == [None]


def test_undecided_runs_are_followed_until_they_are():
    start = references()[0].floats() + 0.01 * np.sign(SIX)
    at = runs.look(6, group([start]), references(), PROTOCOL, 1e-8, False)
    assert at["decisions"][0].kind == "spurious-minimum"
    assert at["steps"][0] > 0


def test_a_run_below_the_floor_ends_there_only_if_its_loss_cannot_rise():
    split = np.concatenate(
        [np.diag([0.6, 1.0]), np.diag([0.4, 0.0])[:1]]
    )  # a global minimum, one neuron halved
    at = runs.look(2, group([split, split + [[1e-2, 0]] * 3]), [], PROTOCOL, 1e3, False)
    assert [d and (d.kind, d.ended) for d in at["decisions"]] == [("below-floor", "floor"), None]
    at = runs.look(2, group([split + 1e-5]), [], PROTOCOL, PROTOCOL.tolerance, False)
    assert at["decisions"][0][:2] == ("below-floor", "criterion")


def test_the_loss_must_not_rise_for_all_steps_that_remain():
    """A run that falls below the floor only after floor_steps may go on to max_steps."""
    split = np.concatenate([np.diag([0.6, 1.0]), np.diag([0.4, 0.0])[:1]]) + 1e-3
    for steps, expected in ((PROTOCOL.floor_steps - 10, "floor"), (PROTOCOL.floor_steps, None)):
        state = group([split])
        state["left"][:] = PROTOCOL.max_steps - steps
        decision = runs.look(2, state, [], PROTOCOL, 1e3, False)["decisions"][0]
        assert (decision and decision.ended) == expected


def test_a_point_that_is_not_finite_is_not_decided():
    broken = references()[0].floats()
    broken[0, 0] = np.nan
    assert runs.look(6, group([broken]), references(), PROTOCOL, 1e3, False)["decisions"] == [None]


def test_without_a_basin_a_minimum_decides_nothing():
    spurious = references()[0]._replace(basin=None, most_step=None)
    at = runs.look(6, group([spurious.floats()]), [spurious], PROTOCOL, PROTOCOL.tolerance, True)
    assert at["decisions"] == [None]


def test_a_saddle_is_reported_only_at_the_end_of_the_protocol():
    saddle = np.array([[-0.0683098861837908] * 2, [1.0683098861837907] * 2])
    one = runs.reference(runs.certify(saddle, 2, {})["statement"])
    assert one.verdict == "strict-saddle"
    point = [runs.polish(saddle, 2, True)["point"]]
    assert runs.polish(saddle, 2, False) == {}
    for tolerance, saddles, expected in (
        (1e-3, True, None),
        (1e-9, False, None),
        (1e-9, True, "strict-saddle"),
    ):
        at = runs.look(2, group(point), [one], PROTOCOL, tolerance, saddles)
        assert (at["decisions"][0] and at["decisions"][0].kind) == expected


def test_the_same_minimum_is_recognised_in_every_position_and_others_are_told_apart():
    spurious, globe = references()
    image = permuted(spurious.floats(), 3)
    again = runs.reference(runs.certify(image, 6, {})["statement"])
    assert again.digest != spurious.digest
    assert runs.same(spurious, again) and not runs.different(spurious, again)
    assert runs.different(spurious, globe) and not runs.same(spurious, globe)


def test_sameness_needs_the_uniqueness_radius():
    spurious = references()[0]
    lonely = spurious._replace(uniqueness=from_float(math.ldexp(to_float(spurious.radius), -1)))
    assert not runs.same(lonely, spurious)


@pytest.mark.parametrize(
    "wrong",
    [
        {"step": 0.0},
        {"tolerance": 1e-4},
        {"floor": -1.0},
        {"seed": -1},
        {"floor_steps": 10**9},
        {"step": math.nan},
    ],
)
def test_protocols_out_of_range(wrong):
    with pytest.raises(InputError):
        Protocol(**wrong)

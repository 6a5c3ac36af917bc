"""Gradient descent on the teacher-student ReLU loss: the mathematics of section 1, and the protocol."""

import math

import numpy as np
import pytest

from relucert.families.teacher.search import compiled, descent
from relucert.families.teacher.search.descent import descend, loss_and_gradient, starting_point


def slow_loss_and_gradient(weights, targets):
    """Safran & Shamir 2018, eq. 6-10, pair by pair; angles by atan2 of the parts along and across w."""

    def pair(w, v):
        p, q = np.linalg.norm(w), np.linalg.norm(v)
        unit = w / p
        t = math.atan2(np.linalg.norm(v - (v @ unit) * unit), v @ unit)
        f = p * q * (math.sin(t) + (math.pi - t) * math.cos(t)) / (2 * math.pi)
        return f, (q * math.sin(t) * unit + (math.pi - t) * v) / (2 * math.pi)

    loss = 0.0
    gradient = weights / 2
    for i, w in enumerate(weights):
        loss += w @ w / 4
        for j, other in enumerate(weights):
            if j != i:
                f, g = pair(w, other)
                loss, gradient[i] = loss + f / 2, gradient[i] + g
        for v in targets:
            f, g = pair(w, v)
            loss, gradient[i] = loss - f, gradient[i] - g
    return loss + sum(pair(u, v)[0] for u in targets for v in targets) / 2, gradient


def same(a, b):
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in a.__dataclass_fields__)


@pytest.fixture(scope="module")
def six():
    return descend(np.eye(6), 6, 1000, seed=1)


def test_end_points_are_critical_and_evaluated_rightly(six):
    assert six.converged.all() and (six.step_size == 0.1).all()
    for weights, loss, gradient in list(zip(six.weights, six.loss, six.gradient, strict=True))[:40]:
        expected_loss, expected = slow_loss_and_gradient(weights, np.eye(6))
        assert loss == pytest.approx(expected_loss, abs=1e-13)
        assert np.linalg.norm(expected, axis=1).max() <= 1e-9 * (1 + 1e-4)
        assert gradient == pytest.approx(np.linalg.norm(expected, axis=1).max(), abs=1e-14)


def test_six_neurons_find_the_global_and_a_spurious_minimum(six):
    spurious = abs(six.loss - 0.02508) < 1e-4
    assert spurious.any()
    assert (abs(six.loss[~spurious]) < 1e-3).all()


def test_global_minimum_is_a_permutation_of_the_targets(six):
    best = six.weights[six.loss < 1e-12]
    assert len(best) > 0
    assert np.allclose(np.sort(best.max(axis=1), axis=1), 1.0, atol=1e-7)


@pytest.mark.parametrize("scale", [1e-9, 1e-7, 1e-4, 1.0])
def test_loss_and_gradient_near_parallel_and_opposite_vectors(scale):
    rng = np.random.default_rng(5)
    targets = rng.normal(size=(3, 4)) * np.array([[1.0], [0.3], [2.5]])
    weights = np.concatenate([targets, -targets]) * 1.5 + scale * rng.normal(size=(6, 4))
    loss, gradient = loss_and_gradient(weights, targets)
    expected_loss, expected = slow_loss_and_gradient(weights, targets)
    assert loss == pytest.approx(expected_loss, abs=1e-13)
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-14)


def test_fast_sine_and_angle():
    for cosine in [*np.cos(np.linspace(0, math.pi, 1001)), 1 - 1e-15, -1.0, 1.0]:
        sine, rest = compiled.sine_and_rest(cosine, 1.0)
        assert sine == pytest.approx(math.sqrt((1 - cosine) * (1 + cosine)), rel=1e-15, abs=1e-16)
        assert rest == pytest.approx(math.pi - math.acos(cosine), rel=1e-15, abs=1e-15)
    assert compiled.sine_and_rest(1 + 1e-15, 1.0) == (0.0, math.pi)  # rounding may leave [-1, 1]


def test_descent_takes_the_steps_of_the_formula():
    targets = np.array([[1.0, 2.0, 0.0], [0.0, -0.5, 0.5]])
    weights = starting_point(2, 4, 3, seed=7, run=11)
    for _ in range(25):
        weights = weights - 0.1 * slow_loss_and_gradient(weights, targets)[1]
    end = descend(targets, 4, 1, seed=7, first_run=11, max_steps=25)
    np.testing.assert_allclose(end.weights[0], weights, rtol=0, atol=1e-13)
    assert end.run.tolist() == [11] and end.steps.tolist() == [25] and not end.converged[0]


def test_starting_points_are_normal_with_variance_one_over_k():
    sample = np.array([starting_point(4, 5, 3, seed=0, run=r) for r in range(2000)])
    assert abs(sample.mean()) < 0.02 and sample.var() == pytest.approx(0.25, rel=0.03)


def test_runs_do_not_depend_on_batches_or_threads():
    targets = np.random.default_rng(0).normal(size=(3, 4))
    together = descend(targets, 5, 75, seed=2, max_steps=700, threads=1)
    parts = [
        descend(targets, 5, size, seed=2, first_run=at, max_steps=700, threads=3)
        for at, size in [(0, 1), (1, 40), (41, 34)]
    ]
    joined = descent.EndPoints(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in together.__dataclass_fields__
        }
    )
    assert same(together, joined)
    assert not same(together, descend(targets, 5, 75, seed=3, max_steps=700))


def test_a_run_that_diverges_restarts_with_half_the_step():
    target = np.array([[1.0, 0.0]])  # along the target the curvature is 1/2: steps above 4 diverge
    end = descend(target, 1, 20, seed=1, step=10.0)
    direct = descend(target, 1, 20, seed=1, step=2.5)
    assert end.converged.all() and (end.step_size == 2.5).all() and (direct.step_size == 2.5).all()
    assert np.array_equal(direct.weights, end.weights) and (direct.steps < end.steps).all()


def test_runs_that_do_not_converge_are_reported():
    calls = []
    end = descend(np.eye(3), 3, 50, seed=0, max_steps=2100, progress=lambda *call: calls.append(call))
    assert 0 < end.converged.sum() < 50
    assert end.run.tolist() == list(range(50))
    assert (end.steps[~end.converged] == 2100).all() and (end.steps[end.converged] <= 2100).all()
    assert (end.gradient[~end.converged] > 1e-9).all() and np.isfinite(end.loss).all()
    assert calls[-1] == (50, 50) and calls == sorted(calls)


def test_steps_are_bounded_even_if_every_attempt_diverges():
    end = descend(np.eye(2), 2, 3, seed=0, step=1e200, max_steps=30)
    assert not end.converged.any() and end.steps.tolist() == [30] * 3 and (end.step_size < 1e200).all()


@pytest.mark.parametrize(
    ("targets", "options"),
    [
        (np.zeros((2, 2)), {}),
        (np.array([[1.0, np.nan]]), {}),
        (np.full((2, 2), 1e200), {}),
        (np.ones(3), {}),
        (np.eye(2), {"step": 0.0}),
        (np.eye(2), {"tolerance": math.nan}),
        (np.eye(2), {"max_steps": 0}),
        (np.eye(2), {"first_run": -1}),
    ],
)
def test_arguments_out_of_range(targets, options):
    with pytest.raises(ValueError, match="must be"):
        descend(targets, 2, 1, 0, **options)

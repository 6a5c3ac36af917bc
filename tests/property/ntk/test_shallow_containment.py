"""What is said about a two-layer network holds on the path of descent, computed with 512 bits by another formula."""

from dataclasses import replace

import numpy as np
import pytest
from flint import arb, arb_mat

from relucert.families.ntk import shallow_search as search
from relucert.families.ntk.shallow_plot import curves
from relucert.families.ntk.shallow_prove import prove
from relucert.kernel import ball
from relucert.kernel.ntk import shallow, shallow_run
from relucert.kernel.ntk.shallow import ToZeroLoss
from relucert.kernel.ntk.shallow_run import Descent, Tie
from shallow_runs import BITS, contradictions, descent, length, moves, random_training, training

INSTANCES = 40


def instance(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    return random_training(rng, n, int(rng.integers(max(2, n - 1), 2 * n + 2)), int(rng.integers(10, 61)))


def bound(net):
    return shallow_run.largest(net, search.eigen(search.gram(net)))


def test_nothing_certified_is_contradicted_by_200_further_steps():
    certified = 0
    for seed in range(INSTANCES):
        made, run = instance(seed)
        result = prove(made, made.net(), (0, 10, 40, 80)[seed % 4])
        if isinstance(result.outcome, ToZeroLoss):
            certified += 1
            assert contradictions(result, run) == []
    assert certified >= INSTANCES // 4


@pytest.mark.parametrize("places", [24, 40, 80])
def test_a_run_is_enclosed_at_every_step_while_neurons_switch(places):
    enclosed = switched = 0
    for seed in range(8):
        made, run = instance(100 + seed)
        net = made.net()
        with ball.precision(places + 64):
            how = Descent(ball.ratio(made.step.as_integer_ratio()), places, bound(net))
            states = [shallow_run.begin(net, places)]
            try:
                for _ in range(60):
                    states.append(shallow_run.advance(net, how, states[-1]))
            except Tie:
                assert places < 80
            errors = [shallow_run.error(net, how, state) for state in states]
            widths = [shallow_run.widths(net, state, places) for state in states]
            travelled = shallow_run.travelled(net, states[-1], places)
        with ball.precision(BITS):
            unit = arb((1, -places))
            path = descent(run, made.step)
            for state, error, width, at in zip(states, errors, widths, path, strict=False):
                shadow = run.weights + arb_mat(state.coefficients) * run.x * unit
                assert length((shadow - at.weights).entries()) <= state.radius + arb((1, -BITS + 40))
                assert length(at.e) <= error
                for k, (z, true) in enumerate(zip(state.z.entries(), at.z.entries(), strict=True)):
                    assert abs(arb(z) * unit - true) <= width[k % made.n] * unit
                last = at
            assert moves(last.weights, run.weights) <= travelled
        enclosed += len(states) - 1
        first = np.array(states[0].z.tolist(), dtype=object) > 0
        switched += (first != (np.array(states[-1].z.tolist(), dtype=object) > 0)).sum()
    assert enclosed > 200
    assert switched > 20


def near_fit(seed, m=60, size=2.0**-9):
    """A start with w_0.x_0 = 0 and w_1.x_1 = 0 exactly, and labels so near the outputs that it is certified at once."""
    rng = np.random.default_rng(seed)
    x = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.25, 0.5, 1.0]]
    weights = [[rng.standard_normal() for _ in range(3)] for _ in range(m)]
    weights[0][0] = weights[1][1] = 0.0
    signs = [int(rng.choice((1, -1))) for _ in range(m)]
    z = np.array(weights) @ np.array(x).T
    u = np.array(signs) @ np.maximum(z, 0) / m**0.5
    return training(x, [float(v) + rng.normal(0, size) for v in u], weights, signs)


def test_at_a_kink_every_choice_of_the_derivative_is_covered():
    for seed in range(6):
        made, run = near_fit(seed)
        result = prove(made, made.net(), 0)
        assert isinstance(result.outcome, ToZeroLoss)
        assert result.outcome.bounds.switching >= 2
        for number in range(4):
            choice = (
                np.random.default_rng(number).random if number > 1 else lambda number=number: float(number)
            )
            assert contradictions(result, run, 60, choice) == []


def test_a_run_that_begins_on_a_kink_is_not_proved():
    made, _ = near_fit(0)
    result = prove(made, made.net(), 5)
    assert result.verdict == "inconclusive"
    assert "neuron 0 is too near the kink of row 0" in result.outcome.reason


def test_flow_is_not_contradicted_by_short_steps():
    """Descent with a step of 1/500 of 1/|X|^2, in floating point, up to rounding and the length of the steps."""
    rng = np.random.default_rng(5)
    for seed in range(3):
        x = np.eye(3) + rng.standard_normal((3, 3)) / 8
        made, _ = training(
            x.tolist(), (rng.standard_normal(3) / 8).tolist(), rng.standard_normal((6000, 3)).tolist(),
            [1, -1] * 3000,
        )  # fmt: skip
        net = made.net()
        result = prove(replace(made, step=None), net, None)
        assert isinstance(result.outcome, ToZeroLoss), seed
        of, eta = result.outcome.bounds, 1 / (500 * np.linalg.norm(x, 2) ** 2)
        assert of.switching is None
        at = curves(net, eta, 3000)
        rate, time = float(of.rate), eta * np.arange(3001)
        assert (at.loss <= float(of.loss) * np.exp(-2 * rate * time) * (1 + 1e-9)).all()
        assert at.moved[-1] <= float(of.travel)
        assert at.moved[-1] > float(of.travel) / 20


def test_a_run_with_too_long_a_step_proves_nothing():
    made, _ = instance(1)
    net = made.net()
    with ball.precision(144):
        how = Descent(ball.ratio(made.step.as_integer_ratio()), 80, bound(net))
        state = shallow_run.begin(net, 80)
        for _ in range(80):
            state = shallow_run.advance(net, how, state)
        rate = ball.exact((1, -12))
        guess = lambda h: search.eigen(search.floats(h))  # noqa: E731
        assert shallow.after_run(net, how, state, rate, guess).proved
        longer = how._replace(largest=how.largest * 8)
        failed = shallow.after_run(net, longer, state, rate, guess)
        assert not failed.proved
        assert failed.failed.name == "14.N.1"

"""Enclosed descent of deep networks against descent in 512-bit arithmetic, and what Theorem 14.W says about it."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp

from property.ntk.deep_networks import Network, random_training, training
from relucert.families.ntk.deep_problem import Architecture
from relucert.families.ntk.deep_prove import prove, with_default_step
from relucert.kernel import ball
from relucert.kernel.ball import Ball, exact, proves_le, to_dyadic
from relucert.kernel.ntk import deep, deep_run
from relucert.kernel.ntk.shallow import ToZeroLoss
from relucert.kernel.outcome import Inconclusive
from relucert.kernel.reach import Here, lemma_j

STEPS, BITS = 12, 512


def number(value):
    mantissa, exponent = to_dyadic(value)
    return mp.mpf(mantissa) * mp.mpf(2) ** exponent


def weights(network):
    return [v for layer in network.layers for row in layer for v in row] + network.output


def distance(one, other):
    return mp.sqrt(sum((a - b) ** 2 for a, b in zip(one, other, strict=True)))


def centre(at):
    return [number(v) for w in (*at.weights.layers, at.weights.output) for v in w.entries()]


@pytest.mark.parametrize("seed", range(40))
def test_descent_of_512_bits_is_in_the_balls(seed):
    problem = random_training(np.random.default_rng(seed))
    step = Fraction(1, 16)
    with mp.workprec(BITS), ball.precision(64):
        network = Network(problem)
        net, data, at = problem.of.net(), problem.data(), deep_run.start(problem.weights())
        for _ in range(STEPS):
            seen = deep_run.view(net, data, at)
            errors = [y - u for y, u in zip(network.labels, network.outputs(), strict=True)]
            assert mp.sqrt(sum(e**2 for e in errors)) <= number(seen.error) * 2 + number(at.radius) * 10**6
            at = deep_run.advance(net, exact((1, -4)), at, seen)
            if not proves_le(at.radius, Ball(1)):
                return
            network.descend(mp.mpf(step.numerator) / step.denominator)
            assert distance(weights(network), centre(at)) <= number(at.radius)
            for bound, layer in zip(at.norms, at.weights.layers, strict=True):
                table = np.array([[float(v) for v in row] for row in layer.tolist()])
                assert np.linalg.norm(table, 2) <= float(bound) * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_two_runs_do_not_part_faster_than_lemma_14_s(seed):
    """A start that is `apart` away is in the ball around the other run, whatever the direction."""
    generator = np.random.default_rng(seed)
    problem = random_training(generator)
    apart = 2.0**-6
    with mp.workprec(BITS), ball.precision(128):
        net, data = problem.of.net(), problem.data()
        at = deep_run.start(problem.weights())._replace(radius=Ball(apart))
        network = Network(problem)
        shift = generator.normal(size=len(weights(network)))
        shift *= apart / np.linalg.norm(shift) * (1 - 1e-12)
        moved = iter(shift.tolist())
        network.layers = [[[v + next(moved) for v in row] for row in layer] for layer in network.layers]
        network.output = [v + next(moved) for v in network.output]
        for _ in range(4):
            at = deep_run.advance(net, exact((1, -4)), at, deep_run.view(net, data, at))
            if not proves_le(at.radius, Ball(1)):
                return
            network.descend(mp.mpf(1) / 16)
            assert distance(weights(network), centre(at)) <= number(at.radius)


def test_two_runs_part_where_the_step_is_too_long():
    """tanh at weight 0 with label 0: the error is 0, and a step of 5/|J|^2 turns a distance into 4 times as much."""
    problem = training([[1.0]], [0.0], Architecture("tanh", 1, 1), [[[0.0]]], [16.0], "1/128")
    with mp.workprec(BITS), ball.precision(128):
        net, data = problem.of.net(), problem.data()
        at = deep_run.start(problem.weights())._replace(radius=exact((1, -40)))
        network = Network(problem)
        network.layers = [[[mp.mpf(2) ** -40]]]
        after = deep_run.advance(net, exact((1, -7)), at, deep_run.view(net, data, at))
        network.descend(mp.mpf(1) / 128)
        parted = distance(weights(network), centre(after))
        assert parted > 4 * mp.mpf(2) ** -40
        assert 0.98 * number(after.radius) < parted <= number(after.radius)


def _certified(seed, **of):
    generator = np.random.default_rng(seed)
    n, d, m, depth = 2, 3, 8, of.pop("depth", 1)
    shape = Architecture(of.pop("activation", "softplus"), m, depth, of.pop("c_res", None))
    layers = [generator.normal(size=(m, d if h == 0 else m)) for h in range(depth)]
    problem = training(
        generator.normal(size=(n, d)),
        generator.choice([-1.0, 1.0], n),
        shape,
        layers,
        generator.normal(size=m),
        "1/8",
    )
    return with_default_step(problem)


@pytest.mark.parametrize(
    "of",
    [
        {},
        {"depth": 2},
        {"depth": 2, "c_res": Fraction(1, 2)},
        {"activation": "tanh"},
        {"activation": "erf", "depth": 2},
    ],
)
def test_what_is_claimed_is_so_for_a_hundred_further_steps(of):
    problem = _certified(5, **of)
    result = prove(problem, None)
    assert isinstance(result.outcome, ToZeroLoss)
    bounds = result.outcome.bounds
    with mp.workprec(256):
        network, step = Network(problem), mp.mpf(problem.step.numerator) / problem.step.denominator
        for _ in range(result.steps):
            network.descend(step)
        begin, most = weights(network), number(bounds.loss)
        for _ in range(100):
            loss = network.descend(step)
            assert loss <= most
            most = loss * (1 - number(bounds.rate)) ** 2
            assert distance(weights(network), begin) <= number(bounds.travel)


def test_a_given_number_of_steps_that_is_too_small_proves_nothing():
    problem = _certified(5)
    result = prove(problem, 0)
    assert result.verdict == "inconclusive" and result.steps == 0
    assert not result.outcome.arguments[0].holds


def test_a_step_that_is_too_long_is_not_accepted():
    problem = _certified(5)
    result = prove(replace(problem, step=100 * problem.step), 0)
    assert result.verdict == "inconclusive"


@pytest.mark.parametrize("step", [-40, -900])
def test_a_tiny_step_has_its_rate(step):
    """Also where 1 minus the rate is 1 at this precision; a rate that is not told from 0 is no conclusion."""
    eta, eighth, quarter = exact((1, step)), Ball(1) / 8, Ball(1) / 4
    found = lemma_j(Here(eighth, Ball(1), Ball(1), Ball(0)), eta, Ball(1), quarter)
    assert float(found.rate / eta) == pytest.approx(9 / 16)  # s = 3/4
    end = deep_run.Ending(found, eighth, quarter, Ball(1), Ball(1), Ball(1))
    outcome = deep_run.conclude(end)
    assert isinstance(outcome, ToZeroLoss)
    assert ball.proves_positive(outcome.bounds.rate) and proves_le(outcome.bounds.rate, found.rate)
    for rate in (Ball(0), Ball(0, 2.0**step), ball.undefined()):
        outcome = deep_run.conclude(end._replace(reach=found._replace(rate=rate)))
        assert isinstance(outcome, Inconclusive)
        assert outcome.arguments[0].holds
        assert outcome.reason == "the rate is not told from 0 at this precision"


@pytest.mark.parametrize("seed", range(3))
def test_the_gram_matrix_is_that_of_the_derivatives(seed):
    """e^T J J^T e is |J^T e|^2."""
    problem = random_training(np.random.default_rng(seed))
    with ball.precision(96):
        net, at = problem.of.net(), deep_run.start(problem.weights())
        seen = deep_run.view(net, problem.data(), at)
        way = deep.pulled(seen.run, seen.errors)
        length = sum((v * v for w in (*way.layers, way.output) for v in w.entries()), Ball(0))
        assert length.overlaps((seen.errors * seen.gram * seen.errors.transpose())[0, 0])


def test_lemma_j_on_a_line():
    """u = w^2/2 from w = 1, so that J = w and Lam = 1: y = 5/8 is within reach, y = 2 is not proved to be."""
    quarter = Ball(1) / 4
    near = lemma_j(Here(Ball(1) / 8, Ball(1), Ball(1), Ball(0)), quarter, Ball(1), quarter)
    assert near.argument.holds
    keep = 1 - (25 / 16 + 1 / 8) / 8  # 1 - eta l/2, exactly; s = 3/4
    assert float(near.argument.hypotheses[2].right) == pytest.approx(3 / 16 * keep, rel=1e-12)
    assert float(near.needed) == pytest.approx(1 / 6 / keep, rel=1e-12)
    assert (1 - float(near.rate)) ** 2 == pytest.approx(1 - 9 / 32 * keep, rel=1e-12)
    apart = lemma_j(Here(Ball(1) / 8, Ball(1), Ball(1), Ball(1) / 16), quarter, Ball(1), Ball(3) / 16)
    assert float(apart.argument.hypotheses[2].right) == pytest.approx(9 / 64 * keep, rel=1e-12)
    w, y = 1.0, 5 / 8
    for _ in range(50):
        before = abs(y - w * w / 2)
        w += w * (y - w * w / 2) / 4
        assert abs(y - w * w / 2) <= (1 - float(near.rate)) * before + 1e-15
        assert abs(w - 1) <= 1 / 4
    for error, step, rho, proved in (
        (Ball(3) / 2, quarter, quarter, [True, True, False]),
        (Ball(3) / 2, Ball(1), quarter, [True, False, False]),
        (Ball(1) / 8, quarter, Ball(1), [False, True, False]),
    ):
        found = lemma_j(Here(error, Ball(1), Ball(1), Ball(0)), step, Ball(1), rho).argument
        assert [h.proved for h in found.hypotheses] == proved

"""Proofs about two-layer networks are neither weaker nor stronger than their theorems: wrong counts and errors show."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, arb_mat

from relucert.families.ntk import shallow_search as search
from relucert.kernel import ball
from relucert.kernel.ball import Ball, exact
from relucert.kernel.ntk import shallow, shallow_run
from relucert.kernel.ntk.shallow import Point, ToZeroLoss
from relucert.kernel.ntk.shallow_run import Descent
from relucert.kernel.outcome import Inconclusive
from shallow_runs import BITS, descent, length, random_training, training

PLACES = 80


@pytest.fixture(autouse=True)
def precise():
    with ball.precision(PLACES + 64):
        yield


def guess(matrix):
    return search.eigen(search.floats(matrix))


def bound(net):
    return shallow_run.largest(net, search.eigen(search.gram(net)))


def point(made, net, error=None):
    state = shallow_run.begin(net, PLACES)
    how = Descent(Ball(0), PLACES, bound(net))
    size = shallow_run.error(net, how, state) if error is None else error
    return Point(state.z, tuple(shallow_run.widths(net, state, PLACES)), PLACES, size)


def brute(z, k, reach):
    """H, P and the number of open pairs of Theorem 14.D, neuron by neuron."""
    m, n = z.shape
    low, high, pairs = np.zeros((n, n)), np.zeros((n, n)), 0
    for r in range(m):
        first = [reach * math.sqrt(sum(k[i, j] ** 2 for j in range(n))) for i in range(n)]
        near = [j for j in range(n) if not z[r, j] < -first[j]]
        moves = [reach * math.sqrt(sum(k[i, j] ** 2 for j in near)) for i in range(n)]
        on = [z[r, i] > moves[i] for i in range(n)]
        off = [z[r, i] < -moves[i] for i in range(n)]
        pairs += sum(not a and not b for a, b in zip(on, off, strict=True))
        for i in range(n):
            for j in range(n):
                low[i, j] += on[i] and on[j]
                high[i, j] += not off[i] and not off[j]
    return k * (low + high) / (2 * m), np.abs(k) * (high - low) / (2 * m), pairs


@pytest.mark.parametrize("seed", range(6))
def test_counts_are_those_of_the_theorem_to_one_neuron(seed):
    made, run = random_training(np.random.default_rng(seed), 4, 6, 40)
    net = made.net()
    k = np.array([[float(v) for v in row] for row in (run.x * run.x.transpose()).tolist()])
    z = np.array([[float(v) for v in row] for row in (run.weights * run.x.transpose()).tolist()])
    seen = set()
    for reach in (2.0**-9, 2.0**-5, 2.0**-3, 1.0):
        found = shallow.switching(net, point(made, net), Ball(reach))
        centre, spread, pairs = brute(z, k, reach)
        assert np.abs(search.floats(found.centre) - centre).max() < 1e-12
        assert np.abs(search.floats(found.spread) - spread).max() < 1e-12
        assert found.pairs == pairs
        seen.add(pairs)
    assert len(seen) >= 3


@pytest.mark.parametrize("seed", range(4))
def test_the_inequality_is_that_of_the_theorem(seed):
    made, run = random_training(np.random.default_rng(50 + seed), 3, 5, 50)
    net, eta = made.net(), made.step
    at, step, size = point(made, net, Ball(2.0**-9)), ball.ratio(eta.as_integer_ratio()), Ball(10)
    for rate in (2.0**-3, 2.0**-5):
        outcome = shallow.descent(net, at, step, Ball(rate), size, guess)
        reach = float(eta) * 2.0**-9 / (rate * math.sqrt(net.m))
        k = np.array([[float(v) for v in row] for row in (run.x * run.x.transpose()).tolist()])
        z = np.array([[float(v) for v in row] for row in (run.weights * run.x.transpose()).tolist()])
        centre, spread, _ = brute(z, k, reach)
        true = np.abs(1 - float(eta) * np.linalg.eigvalsh(centre)).max()
        true += float(eta) * np.linalg.norm(spread, 2)
        left = float(outcome.arguments[0].hypotheses[1].left)
        assert true * (1 - 1e-12) <= left <= true * (1 + 0.01)


def all_on(n, error=2.0**-30, m=4):
    """Unit rows e_i, neurons (4, .., 4): H = I, no neuron can switch."""
    x = [[float(i == j) for j in range(n)] for i in range(n)]
    signs = [1, -1] * (m // 2)
    return training(x, [error] + [0.0] * (n - 1), [[4.0] * n for _ in range(m)], signs, Fraction(1, 2))


@pytest.mark.parametrize(
    ("step", "best"), [(Fraction(1, 2), 0.5), (Fraction(3, 2), 0.5), (Fraction(1, 8), 0.125)]
)
def test_the_best_rate_is_reached_and_not_exceeded(step, best):
    """|I - eta H| = 1 - best for H = I, P = 0."""
    made, _ = all_on(3)
    net = made.net()
    at, eta = point(made, net), ball.ratio(step.as_integer_ratio())
    below = shallow.descent(net, at, eta, Ball(best * (1 - 1e-9)), Ball(1), guess)
    above = shallow.descent(net, at, eta, Ball(best * (1 + 1e-9)), Ball(1), guess)
    assert isinstance(below, ToZeroLoss)
    assert isinstance(above, Inconclusive)
    assert below.bounds.switching == 0


def test_flow_reaches_its_best_rate_and_does_not_exceed_it():
    made, _ = all_on(3)
    net = made.net()
    at = point(made, net)
    assert isinstance(shallow.flow(net, at, Ball(1 - 1e-9), Ball(1), guess), ToZeroLoss)
    assert isinstance(shallow.flow(net, at, Ball(1 + 1e-9), Ball(1), guess), Inconclusive)


def test_travel_of_one_row_is_what_it_travels():
    """n = 1, all on: |w_r - w_r(0)| tends to |e|/sqrt m, and C |X| is that for g = eta."""
    made, _ = all_on(1, 2.0**-6)
    net = made.net()
    outcome = shallow.descent(net, point(made, net), Ball(0.5), Ball(0.5 - 2.0**-20), Ball(1), guess)
    assert isinstance(outcome, ToZeroLoss)
    assert 1 <= float(outcome.bounds.travel) / (2.0**-6 / 2) <= 1 + 2.0**-18


def test_a_step_errs_by_nearly_as_much_as_is_said():
    """One row, all on: the rounding of the one coefficient moves all neurons alike, so delta is attained."""
    places, ratios = 20, []
    for i in range(1, 30):
        made, run = all_on(1, i / 37)
        made = replace(made, step=Fraction(1, 64))
        net = made.net()
        how = Descent(ball.ratio((1, 64)), places, Ball(1))
        state = shallow_run.advance(net, how, shallow_run.begin(net, places))
        with ball.precision(BITS):
            path = descent(run, made.step)
            next(path)
            true = next(path).weights
            shadow = run.weights + arb_mat(state.coefficients) * run.x * arb((1, -places))
            ratios.append(float(length((shadow - true).entries())) / float(state.radius))
    assert max(ratios) <= 1
    assert max(ratios) > 0.9


def test_errors_of_a_run_are_not_far_larger_than_they_are():
    """Over 40 steps of random networks at 40 places: not more than some thousand times."""
    for seed in range(5):
        made, run = random_training(np.random.default_rng(seed), 3, 5, 30)
        net = made.net()
        how = Descent(ball.ratio(made.step.as_integer_ratio()), 40, bound(net))
        state = shallow_run.begin(net, 40)
        for _ in range(40):
            state = shallow_run.advance(net, how, state)
        with ball.precision(BITS):
            path = descent(run, made.step)
            true = [next(path) for _ in range(41)][-1]
            shadow = run.weights + arb_mat(state.coefficients) * run.x * arb((1, -40))
            off = float(length((shadow - true.weights).entries()))
        assert off <= float(state.radius) <= 10**4 * off


def test_a_run_without_room_at_a_kink_is_refused_and_with_room_is_not():
    """|w.x| = 2^-30 beside an error of a step of about 2^-20, then of 2^-40."""
    x, weights = [[1.0, 0.0], [0.0, 1.0]], [[2.0**-30, 1.0], [1.0, 1.0]]
    made, _ = training(x, [0.0, 1 / 3], weights, [1, -1], Fraction(1, 3))
    net = made.net()
    for places in (20, 40):
        how = Descent(ball.ratio((1, 3)), places, Ball(1))
        if places == 20:
            with pytest.raises(shallow_run.Tie):
                shallow_run.advance(net, how, shallow_run.begin(net, places))
        else:
            shallow_run.advance(net, how, shallow_run.begin(net, places))


def test_steps_that_may_diverge_are_not_enclosures():
    made, _ = all_on(2)
    how = Descent(Ball(2), PLACES, Ball(1))
    assert shallow_run.steps_allowed(how)
    assert not shallow_run.steps_allowed(how._replace(eta=Ball(2) + exact((1, -60))))
    assert not shallow_run.steps_allowed(how._replace(eta=ball.undefined()))
    net = made.net()
    state = shallow_run.advance(net, how, shallow_run.begin(net, PLACES))
    assert shallow_run.theorem_14_n(how, state).holds
    assert not shallow_run.theorem_14_n(how._replace(largest=Ball(1.5)), state).holds


def test_nothing_is_proved_without_a_rate():
    made, _ = all_on(2)
    net = made.net()
    for rate in (Ball(0), ball.undefined()):
        with pytest.raises(ball.NotProved):
            shallow.descent(net, point(made, net), Ball(0.5), rate, Ball(1), guess)
    assert not shallow.descent(net, point(made, net), Ball(0.5), Ball(-0.25), Ball(1), guess).proved

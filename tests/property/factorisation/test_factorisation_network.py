"""Theorem 15.A against runs of fractions: the identity at every step, at kinks too; drifts are contained."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from factorisation_points import exact
from relucert.families.factorisation import prove
from relucert.families.factorisation.problem import BalanceProblem
from relucert.kernel import ball

ETA = Fraction(1, 64)


def whole(a):
    return np.array([[Fraction(x) for x in row] for row in np.asarray(a, dtype=float).tolist()], dtype=object)


def gradients(layers, x, y, linear, kink):
    inputs, slopes = [x], []
    for w in layers[:-1]:
        z = inputs[-1].dot(w.T)
        slope = np.array(
            [[Fraction(1) if linear or t > 0 else kink if t == 0 else Fraction(0) for t in r] for r in z]
        )
        inputs.append(np.array([[t if linear or t > 0 else Fraction(0) for t in r] for r in z]))
        slopes.append(slope)
    error = inputs[-1].dot(layers[-1].T) - y
    loss = np.sum(error * error) / 2
    found = []
    for h in reversed(range(len(layers))):
        found.append(error.T.dot(inputs[h]))
        if h:
            error = error.dot(layers[h]) * slopes[h - 1]
    return found[::-1], loss


def balances(layers):
    return [
        np.array([np.dot(r, r) - np.dot(c, c) for r, c in zip(w, after.T, strict=True)], dtype=object)
        for w, after in pairwise(layers)
    ]


def task(rng, widths, n):
    """Integers over 4: many arguments of relu are exactly 0."""
    shapes = list(zip(widths[1:], widths, strict=False))
    return (
        [rng.integers(-2, 3, s) / 4 for s in shapes],
        rng.integers(-2, 3, (n, widths[0])) / 2,
        rng.integers(-2, 3, (n, widths[-1])) / 2,
    )


@pytest.mark.parametrize("activation", ["relu", "linear"])
@pytest.mark.parametrize("kink", [Fraction(0), Fraction(1), Fraction(1, 2)])
@pytest.mark.parametrize("widths", [(2, 3, 2), (3, 2, 3, 1), (2, 3, 2, 2, 2)])
def test_drift_is_contained(activation, kink, widths):
    rng = np.random.default_rng(sum(widths))
    steps, linear = 3, activation == "linear"
    drawn, x, y = task(rng, widths, 4)
    layers, x0, y0 = [whole(w) for w in drawn], whole(x), whole(y)
    first, largest = balances(layers), Fraction(0)
    gram = [w.dot(w.T) - after.T.dot(after) for w, after in pairwise(layers)]
    for _ in range(steps):
        before, (d, _) = balances(layers), gradients(layers, x0, y0, linear, kink)
        layers = [w - ETA * g for w, g in zip(layers, d, strict=True)]
        for old, new, g, after in zip(before, balances(layers), d, d[1:], strict=False):
            squares = np.array(
                [np.dot(r, r) - np.dot(c, c) for r, c in zip(g, after.T, strict=True)], dtype=object
            )
            assert list(new - old) == list(ETA**2 * squares)  # the identity itself, exactly
        largest = max(largest, *(abs(t) for a, b in zip(balances(layers), first, strict=True) for t in a - b))
    problem = BalanceProblem(
        activation, widths, exact(x), exact(y), ETA, tuple(exact(w) for w in drawn), kink
    )
    result = prove.balance_drift(problem, steps)
    assert result.verdict == "balance-drift", result.outcome.reason
    found = result.outcome.bounds
    with ball.precision(500):
        for row, a, b in zip(found.neurons, balances(layers), first, strict=True):
            for enclosed, true in zip(row, a - b, strict=True):
                assert enclosed.overlaps(ball.ratio(Fraction(true).as_integer_ratio()))
                assert float(ball.radius(enclosed)) < 1e-12
    assert float(largest) <= float(found.largest) * (1 + 1e-12) <= float(largest) * (1 + 1e-6) + 1e-30
    assert float(found.loss) == pytest.approx(float(gradients(layers, x0, y0, linear, kink)[1]))
    if linear:
        after = [w.dot(w.T) - v.T.dot(v) for w, v in pairwise(layers)]
        for bound, a, b in zip(found.matrices, after, gram, strict=True):
            assert float(bound) == pytest.approx(float(np.sum((a - b) ** 2)) ** 0.5)
    else:
        assert found.matrices is None

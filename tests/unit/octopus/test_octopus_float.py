"""The run in double precision: bit for bit that of numpy, and where it stands still."""

import math
from fractions import Fraction

import numpy as np
import pytest

from relucert.base.errors import InputError
from relucert.families.octopus.problem import OctopusProblem, random_start
from relucert.families.octopus.prove import double_precision, escape_times
from relucert.kernel.octopus.double import Arrived, Rest, doubles, run, step
from relucert.kernel.outcome import Inconclusive


def problem(d, L, eta=None):
    return OctopusProblem(d, Fraction(L), step=eta or 1 / (4 * Fraction(L)))


def numpy_step(c, a):
    """The same operations by numpy, on arrays of one entry where it has only one."""
    two = np.float64(c.tau) + c.tau
    k = int(np.argmin(np.append(a >= two, False)))
    g = (2.0 * np.float64(c.L)) * a
    g[:k] = (2.0 * np.float64(c.L)) * (a[:k] - (two + two))
    if k < c.d and a[k] <= c.tau:
        g[k] = np.negative((2.0 * np.float64(c.gamma)) * a[k])
    elif k < c.d:
        s = (a[k] - np.float64(c.tau)) / c.tau
        u = 1.0 - s
        b = a[k + 1] if k + 1 < c.d else np.float64(0)
        ss, uu = s * s, u * u
        first = ((2.0 * c.gamma) * uu) * (1.0 + 3.0 * s)
        slope = -first - (c.L * ss) * (14.0 - 10.0 * s)
        turn = ((30.0 * (c.L + c.gamma)) * (ss * uu)) / c.tau
        g[k] = c.tau * slope - turn * (b * b)
        if k + 1 < c.d:
            curve = ((c.L + c.gamma) * (uu * u)) * ((10.0 - 15.0 * u) + 6.0 * uu) - c.gamma
            g[k + 1] = (2.0 * curve) * b
    return np.abs(a - c.eta * g)


@pytest.mark.parametrize(("d", "L"), [(3, "1"), (5, "3/2"), (5, "3"), (4, "2.718281828459045")])
def test_the_run_is_that_of_numpy(d, L):
    c = doubles(problem(d, L).function)
    a = [abs(float(x)) for x in random_start(d, 1)]
    other = np.array(a)
    for _ in range(2500):
        a, other = step(c, a), numpy_step(c, other)
        assert a == other.tolist()


@pytest.mark.parametrize("L", ["1", "3/2", "2", "3"])
def test_ten_coordinates_are_too_many_for_doubles(L):
    """From (1/2, .., 1/2) the run stands still; the exact one escapes."""
    start = (Fraction(1, 2),) * 10
    result = double_precision(problem(10, L), start)
    k, t, rest = result.outcome.coordinate, result.outcome.step, result.outcome.rest
    assert (k, t) == {"1": (7, 1335), "3/2": (6, 1502), "2": (6, 3649), "3": (5, 2782)}[L]
    assert rest == 5e-324  # not 0: x - eta (2 L x) keeps the least subnormal number
    exact = escape_times(problem(10, L), start).outcome.times
    assert exact[k - 2] < t
    assert exact[-1] > 10**4


def test_with_another_order_of_operations_the_rest_is_zero():
    """(1 - 2 eta L) x halves the least number to a tie, which is rounded to 0; x - eta (2 L x) subtracts that 0."""
    least = 5e-324
    assert 0.5 * least == 0
    assert least - 0.25 * (2.0 * least) == least
    assert least + 0.25 * (2.0 * least) == least  # nor does it grow when its turn comes


def test_five_coordinates_are_few_enough_for_small_l():
    start = (Fraction(1, 2),) * 5
    for L in ("3/2", "2"):
        found = run(doubles(problem(5, L).function), [0.5] * 5, 10_000)
        assert isinstance(found, Arrived)
        assert found.step == escape_times(problem(5, L), start).outcome.times[-1]
        assert isinstance(double_precision(problem(5, L), start).outcome, Inconclusive)
    assert isinstance(run(doubles(problem(5, "3").function), [0.5] * 5, 10_000), Rest)


def test_a_zero_stays_and_the_step_1_over_2_l_kills():
    found = double_precision(problem(3, "1"), (Fraction(1), Fraction(0), Fraction(1))).outcome
    assert (found.coordinate, found.rest) == (2, 0.0)
    found = double_precision(problem(3, "1", Fraction(1, 2)), (Fraction(1),) * 3).outcome
    assert (found.coordinate, found.rest) == (2, 0.0)


def test_the_hypotheses_are_those_of_the_theorem():
    hypotheses = double_precision(problem(10, "3"), (Fraction(1, 2),) * 10).outcome.arguments[-1].hypotheses
    assert [h.name for h in hypotheses] == ["F.1", "F.2", "F.3"]
    assert all(h.proved for h in hypotheses)


def test_constants_are_the_nearest_doubles():
    c = doubles(OctopusProblem.from_text(2, "1/3", "0.1", "3.1", "0.7").function)
    assert (c.L, c.gamma, c.tau, c.eta) == (1 / 3, 0.1, 3.1, 0.7)
    assert doubles(problem(2, "1").function).tau == math.e
    with pytest.raises(InputError, match=r"2\^-64 to 2\^64"):
        double_precision(OctopusProblem.from_text(2, "1e-30", "1e-30", "e", "1"), (Fraction(1),) * 2)

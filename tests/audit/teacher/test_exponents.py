"""What the prover certifies at any scale, the checker confirms: points and targets times powers of two."""

import pytest
from certificates import POINTS, audit, prove_points

from relucert_audit.format import ACCEPTED


def pair(x, exponent):
    numerator, denominator = float(x).as_integer_ratio()
    return [numerator, exponent + 1 - denominator.bit_length()]


@pytest.mark.parametrize("exponent", [-3000, -1074, -500, 500, 1000, 3000])
@pytest.mark.parametrize("name", ["spurious", "saddle", "not-critical"])
def test_a_problem_and_its_point_scaled_together(name, exponent):
    """F(t W; t V) = t^2 F(W; V): the verdict and the Hessian are those of t = 1."""
    d = len(POINTS[name])
    rows = [[pair(x, exponent) for x in row] for row in POINTS[name]]
    targets = [[pair(i == j, exponent) for j in range(d)] for i in range(d)]
    plain = prove_points([POINTS[name]])[0]["statement"]["claim"]
    (document,) = prove_points([rows], targets)
    assert document["statement"]["claim"]["verdict"] == plain["verdict"]
    assert audit(document).result == ACCEPTED


@pytest.mark.parametrize("exponent", [-3000, -1074, -500, 500, 1000])
@pytest.mark.parametrize("what", ["neuron", "target"])
def test_one_vector_much_longer_or_shorter_than_the_others(what, exponent):
    unit = [[[1, 0], [0, 0]], [[0, 0], [1, 0]]]
    scaled = [[[1, 0], [0, 0]], [[0, 0], [1, exponent]]]
    point, targets = (scaled, unit) if what == "neuron" else (unit, scaled)
    (document,) = prove_points([point], targets)
    assert document["statement"]["claim"]["verdict"] == "not-critical"
    assert audit(document).result == ACCEPTED

"""Ge, Lee & Ma's G: the stored certificates of its own family, and `losses.designed_landscape` at the same points."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import relucert as rc
from relucert.families.expression.candidate import kernel_loss
from relucert.families.landscape.point import framed
from relucert.families.landscape.problem import LandscapeProblem
from relucert.kernel import ball
from relucert.kernel.expression import enclose
from relucert.kernel.landscape import quartic

STORED = Path(__file__).parents[3] / "certificates" / "landscape"
CLAIMS = [json.loads(x.read_text())["statement"]["claim"] for x in sorted(STORED.glob("*.json"))]
MOST = 7  # neurons
SMALL = [x for x in CLAIMS if x["problem"].get("objective") == "G" and len(x["problem"]["a_star"]) <= MOST]
POINTS = [x for x in SMALL if x["method"] == "critical-points"]
STARTS = [x for x in SMALL if x["method"] == "descent"]


def exact(value):
    return Fraction(int(value["exact"][0])) * Fraction(2) ** value["exact"][1]


def loss(problem):
    return rc.losses.designed_landscape(
        [Fraction(x) for x in problem["a_star"]], Fraction(problem["mu"]), Fraction(problem["lambda"])
    )


def test_there_are_some_of_each():
    assert len(POINTS) == 4
    assert len(STARTS) == 2
    assert {x["verdict"] for x in POINTS} == {"no-spurious-minimum", "spurious-minimum"}


def near(claim):
    """Rows on the axes; of a spurious minimum two on the same."""
    rows = np.eye(len(claim["problem"]["a_star"]))
    if "minimum" in claim:
        twice, never = claim["minimum"]["twice"], claim["minimum"]["never"]
        rows[never] = rows[twice]
    return rows


@pytest.mark.parametrize("claim", POINTS, ids=lambda x: f"{x['verdict']}-mu-{x['problem']['mu']}")
def test_critical_values_are_those_of_the_certificate(claim):
    G, at = loss(claim["problem"]), near(claim)
    for _ in range(400):
        at = at - 0.02 * G.gradient(at.ravel()).reshape(at.shape)
    witness = np.eye(len(at)).ravel() if "minimum" in claim else None
    found = rc.verify(at.ravel(), G, witness=witness)
    assert found.verdict == ("spurious-minimum" if "minimum" in claim else "local-minimum")
    bounds = found.outcome.bounds
    low, high = (float(exact(x)) for x in claim["bounds"]["value"])
    assert float(bounds.objective[0]) <= high and low <= float(bounds.objective[1])
    assert float(exact(claim["bounds"]["lambda_min"])) <= float(bounds.lambda_min[1])
    assert float(bounds.lambda_min[1]) == pytest.approx(float(exact(claim["bounds"]["lambda_min"])), rel=1e-3)


@pytest.mark.parametrize("claim", STARTS, ids=lambda x: f"d-{len(x['problem']['a_star'])}")
def test_gradients_and_values_agree_at_starts_of_descents(claim):
    problem = claim["problem"]
    named = LandscapeProblem.from_text(",".join(problem["a_star"]), problem["mu"], problem["lambda"])
    with ball.precision(128):
        rows = [[ball.exact((int(m), e)) for m, e in row] for row in claim["point"]]
        ours = enclose.gradient(kernel_loss(loss(problem).graph), [x for row in rows for x in row], [])
        frame = framed(named)
        at = quartic.framed(frame, rows)
        theirs = quartic.gradient_in(frame, quartic.gradient(named.weights(), at))
        assert ours.value.overlaps(quartic.value(named.weights(), at))
        pairs = list(zip(ours.gradient, [x for row in theirs for x in row], strict=True))
        assert all(a.overlaps(b) for a, b in pairs)
        assert max(float(abs(a - b)) for a, b in pairs) < 2.0**-100
        assert max(float(abs(a)) for a, _ in pairs) > 0.01

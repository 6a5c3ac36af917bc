"""What docs/spec/runs-v1.md does not name is malformed; its limits."""

from copy import deepcopy
from fractions import Fraction

import made_runs as made
import pytest
from certificates import audit, changed, member, number
from test_runs_audit import around, beside, floor, mixed


@pytest.mark.parametrize(
    "path",
    [
        *("problem", "step", "minima", "runs", "verdict", "bounds", "problem.n", "problem.targets"),
        *("runs.0.start", "runs.0.steps", "runs.0.end", "runs.0.distance"),
        *(f"runs.0.end.{x}" for x in ("minimum", "rows", "columns")),
        *("runs.0.neighbourhood.radius", "runs.0.neighbourhood.probability"),
        *("minima.0.method", "minima.0.verdict", "minima.0.point", "minima.0.bounds.basin"),
    ],
)
def test_members_that_are_missing(path):
    assert audit(changed(around(), path, None)).result == "malformed"


CASES = {
    "problem.targets": "Orthonormal",
    "problem.d": 7,
    "problem.n": 5,
    "step": "0",
    "step ": "2/20",
    "step  ": "-1/10",
    "step   ": 1,
    "verdict": "decided",
    "verdict ": "stays-below-floor",
    "bounds": {"distance": 1},
    "floor": "1/1000",
    "extra": 1,
    "runs": [],
    "runs ": {},
    "runs.0.until": 10**4,
    "runs.0.extra": 1,
    "runs.0.steps": -1,
    "runs.0.steps ": "165",
    "runs.0.steps  ": True,
    "runs.0.start": [],
    "runs.0.start.0": [["0", 0]] * 6,
    "runs.0.start.0 ": [["1", 0]] * 5,
    "runs.0.start.0.0": ["2", 0],
    "runs.0.start.0.0 ": 0.5,
    "runs.0.end.minimum": 1,
    "runs.0.end.minimum ": -1,
    "runs.0.end.rows": [0, 1, 2, 3, 4],
    "runs.0.end.columns": [0, 1, 2, 3, 4, "5"],
    "runs.0.end.flip": False,
    "runs.0.distance": number(Fraction(-1, 100), True),
    "runs.0.distance ": ["1", -9],
    "runs.0.neighbourhood": {},
    "runs.0.neighbourhood.radius": number(Fraction(0), False),
    "runs.0.neighbourhood.probability": number(Fraction(0), False),
    "runs.0.neighbourhood.probability ": number(Fraction(-1), False),
    "minima": [],
    "minima.0": {},
    "minima.0 ": 7,
    "minima.0.schema": "relucert-certificate/1.0",
    "minima.0.method": "symmetric-hessian",
    "minima.0.verdict": "not-critical",
    "minima.0.problem.n": 7,
    "minima.0.extra": 1,
    "origin": {},
    "origin ": {"seed": 1, "first": 0, "numbers": [0]},
    "origin  ": {"seed": -1, "first": 0},
    "origin   ": {"seed": "1", "first": 0},
    "origin    ": {"seed": 1, "numbers": [0, 1]},
    "origin     ": {"first": 0},
    "origin      ": {"seed": 1.0, "first": 0},
    "origin       ": {"seed": "09007199254740992", "first": 0},
}


@pytest.mark.parametrize("path", CASES)
def test_malformed(path):
    report = audit(changed(around(), path.strip(), CASES[path]))
    assert (report.result, report.finding.step) == ("malformed", 0), report


def test_malformed_below_the_floor():
    steps = member(floor(), "runs.0.steps")
    for path, value in (
        ("floor", None),
        ("floor", "0"),
        ("runs.0.until", None),
        ("runs.0.until", steps - 1),
        ("runs.0.objective", None),
        ("runs.0.objective", number(Fraction(-1), True)),
        ("runs.0.neighbourhood", {}),
        ("verdict", "converges"),
        ("schema", "relucert-certificate/1"),
    ):
        assert audit(changed(floor(), path, value)).result == "malformed", path
    assert audit(changed(floor(), "schema", "relucert-certificate/1.0")).finding[:3] == (
        "rejected",
        1,
        "family",
    )


def test_minima_are_named_and_different():
    document = changed(mixed(), "runs.1.end.minimum", 0)
    assert audit(document).finding.reason == "a minimum that no run names, or that is not there"
    twice = changed(mixed(), "minima.1", member(mixed(), "minima.0"))
    assert audit(twice).finding.reason == "two minima are equal"
    numbers = {"seed": "9007199254740992", "numbers": [7, 3]}
    assert audit(changed(mixed(), "origin", numbers)).result == "malformed"


def test_limits():
    limit = ("not-confirmed", 0, "resource limit")
    assert audit(changed(beside(), "runs.0.steps", 10**6 + 1)).finding[:3] == limit
    for entry in (["1", -1201], ["1", 64]):
        assert audit(changed(beside(), "runs.0.start.0.0", entry)).finding[:3] == limit
    run = member(floor(), "runs.0") | {"steps": 10**6, "until": 10**6}
    assert audit(changed(floor(), "runs", [run] * 11)).finding[:3] == limit
    assert audit(changed(floor(), "runs", [run] * 257)).result == "malformed"
    row = [["1", 0]] * 40
    wide = {"start": [row] * 41, "steps": 0, "until": 0, "objective": number(Fraction(1, 10**4), True)}
    assert audit(made.document(41, 40, [], [wide])).finding[:3] == limit


def test_a_large_seed_and_listed_numbers():
    document = changed(beside(), "origin", {"seed": str(2**64), "numbers": [4]})
    assert audit(document).result == "accepted"


def test_evidence():
    document = deepcopy(beside())
    said = {"step": "R.1", "text": "s Lam_t <= 2", "relation": "<=", "proved": True}
    said |= {"left": number(Fraction(1), True), "right": number(Fraction(2), False)}
    document["statement"]["evidence"] = [{"theorem": "Theorem 19.R", "holds": True, "inequalities": [said]}]
    assert audit(document).result == "accepted"
    said["step"] = "R.5"
    assert audit(document).finding[:2] == ("rejected", 9)

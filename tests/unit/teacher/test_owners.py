"""Points with more neurons than targets that are global minima in exact numbers, or are moved to one."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from relucert import Candidate, GlobalMinima, Inconclusive, Problem, verify
from relucert.base.dyadic import to_fraction
from relucert.kernel.teacher import owners

SCHEMA = Path(__file__).parents[3] / "docs" / "spec" / "owners-v1.schema.json"
EXACT = [[1.0, 0.0], [0.0, 0.5], [0.0, 0.5]]
NEAR = [[1.0, 1e-9], [1e-5, 0.3333], [-1e-6, 0.66669]]
FAR = [[1.0, 0.0], [0.3, 0.5], [-0.3, 0.5]]


def ask(rows, problem=None, **options):
    return verify(Candidate.from_rows(rows, problem), **options)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("raw", [True, False])
def test_an_exact_one_is_left_where_it_is(raw):
    result = ask(EXACT, raw=raw)
    assert isinstance(result.outcome, GlobalMinima)
    assert (result.outcome.owners, result.moved, result.outcome.every_dimension) == ((1, 2, 2), None, True)


def test_one_nearby_is_moved_and_says_how_far():
    result = ask(NEAR)
    assert isinstance(result.outcome, GlobalMinima)
    exact = [[float(to_fraction(x)) for x in row] for row in result.candidate.point]
    assert float(result.moved) == pytest.approx(np.linalg.norm(np.array(exact) - np.array(NEAR)), rel=1e-6)
    sums = [sum((to_fraction(row[j]) for row in result.candidate.point), Fraction(0)) for j in range(2)]
    assert sums == [1, 1]
    assert "moved by" in str(result)


@pytest.mark.parametrize(
    ("rows", "options"), [(NEAR, {"raw": True}), (FAR, {}), ([[1, 0], [2, 0], [0, 1]], {})]
)
def test_others_are_not(rows, options):
    assert not isinstance(ask(rows, **options).outcome, GlobalMinima)


def test_as_many_neurons_as_targets_are_isolated():
    assert ask([[1.0, 0.0], [0.0, 1.0]]).verdict == "global-minimum"


def test_parallel_targets_are_no_difficulty():
    problem = Problem.from_targets([[1.0, 0.0], [2.0, 0.0], [0.0, 3.0]], 4)
    result = ask([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0], [0.0, 2.0]], problem)
    assert not isinstance(
        result.outcome, GlobalMinima
    )  # the nearest direction does not tell which target: undecided
    found = owners.decide(result.candidate.point, problem.targets, (1, 2, 3, 3))
    assert isinstance(found, GlobalMinima)


@pytest.mark.parametrize(
    ("rows", "guess"),
    [
        (EXACT, (1, 2)),  # one too few
        (EXACT, (1, 2, 1)),  # not a multiple of it
        (EXACT, (1, 2, 3)),  # no such target
        (EXACT, (1, 2, 0)),
        ([[1, 0], [0, 0.5], [0, 0.25]], (1, 2, 2)),  # 3/4
        ([[1, 0], [0, 1.5], [0, -0.5]], (1, 2, 2)),  # not positive
        ([[1, 0], [0, 0.5], [2.0**-300, 0.5]], (1, 2, 2)),
        ([[1, 0], [1, 0], [-1, 0]], (1, 1, 1)),  # target 2 has none
    ],
)
def test_the_kernel_believes_no_guess(rows, guess):
    problem = Problem.orthonormal(2, 3)
    point = Candidate.from_rows(rows, problem).point
    few, no = "this needs more neurons than targets", "the neurons are not exactly positive multiples"
    found = owners.decide(point, problem.targets, guess)
    assert isinstance(found, Inconclusive) and found.reason.startswith(few if len(guess) < 3 else no)


def test_n_must_exceed_k():
    problem = Problem.orthonormal(2)
    assert isinstance(owners.decide(problem.targets, problem.targets, (1, 2)), Inconclusive)


@pytest.mark.parametrize("rows", [EXACT, NEAR])
def test_the_certificate_is_tiny_accepted_and_said(relucert, rows):
    Path("net.json").write_text(json.dumps({"points": [rows], "targets": "orthonormal"}))
    code, out, _ = relucert("verify", "net.json", "-o", "out")
    assert code == 0
    assert "global minimum, not isolated" in out
    (path,) = Path("out").glob("*.json")
    claim = json.loads(path.read_text())["statement"]["claim"]
    assert next(iter(Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(claim)), None) is None
    assert relucert("audit", "out")[0] == 0
    _, said, _ = relucert("show", "out")
    whole = " ".join(said.split())
    assert "For 3 ReLU neurons against 2 orthonormal targets in every dimension d >= 2" in whole
    assert "a global minimum of the population loss, which is 0 there; it is not isolated" in whole
    assert "target of which each neuron is a multiple: 1, 2, 2" in whole
    assert "Recorded beside the claim" not in whole  # nothing is
    row = json.loads(relucert("verify", "net.json", "-o", "again", "--json")[1])
    assert (row["verdict"], row["class"], row["lambda_min"]) == ("global-minimum-not-isolated", None, None)


@pytest.mark.parametrize("command", [("split",), ("transfer",), ("robust",)])
def test_what_needs_an_isolated_point_refuses_it(relucert, command):
    Path("net.json").write_text(json.dumps({"points": [EXACT], "targets": "orthonormal"}))
    relucert("verify", "net.json", "-o", "out")
    (path,) = Path("out").glob("*.json")
    code, out, err = relucert(*command, path, "-o", "more")
    assert code == 2
    assert "owners" in out + err or "global-minimum-not-isolated" in out + err

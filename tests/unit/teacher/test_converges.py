"""`relucert converges`: runs that are proved to converge to a global minimum with n > k."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from relucert import Candidate, Problem
from relucert.base.dyadic import to_fraction
from relucert.base.errors import InputError
from relucert.base.exact import exact_rows
from relucert.families.teacher import converges
from relucert.families.teacher.search.descent import loss_and_gradient
from relucert.kernel.ball import NotProved
from relucert.kernel.teacher import converges as kernel

SCHEMA = Path(__file__).parents[3] / "docs" / "spec" / "converges-v1.schema.json"
PART = 2.0**-15
GOOD = [[0.375, PART, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.625, -PART, 0.0]]
START = [[0.41, -0.01, 0.06], [0.13, 1.09, -0.07], [-0.23, -0.02, 0.88], [0.53, 0.15, -0.13]]
STEP = Fraction(1, 2)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def ask(rows, step=STEP, steps=0):
    return converges.prove(exact_rows(rows, "neuron"), step, steps)


def descend(rows, steps, step=0.5):
    """(weights, losses, how far the iterates are from the first one at most)."""
    first = np.array(rows)
    w, losses, far = first.copy(), [], 0.0
    for _ in range(steps):
        loss, gradient = loss_and_gradient(w, np.eye(w.shape[1]))
        losses.append(loss)
        w = w - step * gradient
        far = max(far, float(np.linalg.norm(w - first)))
    return w, losses, far


def test_a_further_run_stays_within_the_travel_and_ends_lower():
    found = ask(GOOD)
    travel, rate = float(to_fraction(found.travel)), float(found.rate)
    w, losses, far = descend(GOOD, 1000)
    aside = np.hypot(PART, PART)  # of the neurons from the multiples of their targets: the run must go so far
    assert far < aside < travel < 5 * aside
    assert np.hypot(w[0, 1], w[3, 1]) < aside
    start = float(found.found.objective)
    # the loss of doubles is lost in rounding below 1e-16
    assert losses[-1] <= (start ** (-1 / 3) + rate * (len(losses) - 1)) ** -3 + 1e-15
    assert (np.argmax(w, axis=1) + 1).tolist() == list(found.owners)


def test_a_run_in_floating_point_goes_first_as_long_as_needed():
    assert isinstance(ask(START, steps=4000), str)
    found = ask(START, steps=100_000)
    assert (found.steps, found.owners) == (64_000, (1, 2, 3, 1))


@pytest.mark.parametrize(
    ("rows", "step", "reason"),
    [
        (START, STEP, "L_V E/3"),
        (GOOD, Fraction(3, 2), "s (lambda_max"),
        ([[1, 0], [1.5, 0.5], [3, 0.5]], STEP, "every target needs a neuron"),
        ([[1, 0], [0, 1], [0, 2.0**-60]], STEP, "l < rho"),  # shorter than the run may move
        ([[0.5, 1e-3], [0, 1], [0.5, -1e-3]], STEP, "zeta + xi"),
    ],
)
def test_what_is_not_proved_says_why(rows, step, reason):
    found = ask(rows, step)
    assert isinstance(found, str)
    assert reason in found or "keep the neurons along" in found


def test_a_step_that_diverges_is_told():
    assert "diverges" in ask(START, Fraction(4), 2000)


@pytest.mark.parametrize(
    "owners", [(1, 2, 3), (1, 2, 3, 4), (1, 2, 2, 1), (0, 1, 2, 3), (2, 1, 3, 1), (1, 2, 3, 2)]
)
def test_the_kernel_believes_no_owners(owners):
    point = exact_rows(GOOD, "neuron")
    try:
        found = kernel.converge(point, owners, (1, 2), (1, -13))
    except NotProved:
        return
    assert not found.argument.holds


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        (Candidate.from_rows([[1, 0], [0, 1]]), "n > k"),
        (Candidate.from_rows([[1, 0], [0, 1], [0, 1]], Problem.from_targets([[1, 0], [0, 2]], 3)), "targets"),
        (Candidate.from_rows([[1, 0], [0, 1], [0, 1]]).with_network("+,+,-"), "signs"),
    ],
)
def test_other_problems_are_refused(candidate, said):
    with pytest.raises(InputError, match=said):
        converges.plain(candidate, "net")


def test_a_point_in_the_span_is_taken_there():
    wide = Problem.from_targets([[1, 0, 0], [0, 1, 0]], 3)
    rows = converges.plain(Candidate.from_rows([[1, 0, 0], [0, 1, 0], [0, 1, 0]], wide), "net")
    assert {len(row) for row in rows} == {2}


def test_the_certificate_is_accepted_and_said(relucert):
    Path("net.json").write_text(json.dumps({"points": [GOOD], "targets": "orthonormal"}))
    code, out, _ = relucert("converges", "net.json", "--step", "1/2", "-o", "out")
    assert code == 0
    assert "converges to a global minimum  net.json[0]" in out
    (path,) = Path("out").glob("*.json")
    claim = json.loads(path.read_text())["statement"]["claim"]
    assert next(iter(Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(claim)), None) is None
    assert relucert("audit", "out")[0] == 0
    _, said, _ = relucert("show", "out")
    whole = " ".join(said.split())
    assert "For 4 ReLU neurons against 3 orthonormal targets in every dimension d >= 3" in whole
    assert "from the point in the certificate, filled with zeros, converges to a global minimum" in whole
    assert "target of which each neuron becomes a positive multiple: 1, 2, 3, 1" in whole
    row = json.loads(relucert("converges", "net.json", "--step", "0.5", "-o", "again", "--json")[1])
    assert (row["verdict"], row["owners"], row["steps"]) == ("converges-to-global-minimum", [1, 2, 3, 1], 0)
    assert len([*Path("again").glob("*.json")]) == 1


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--step", "1/2"), 5, "--steps goes on"),
        (("--step", "0"), 2, "must be positive"),
        (("--step", "x"), 2, "x"),
    ],
)
def test_nothing_is_written_where_nothing_is_proved(relucert, options, code, said):
    Path("net.json").write_text(json.dumps({"points": [START], "targets": "orthonormal"}))
    found, out, err = relucert("converges", "net.json", *options, "-o", "out")
    assert (found, said in out + err) == (code, True)
    assert not [*Path().glob("out/*.json")]


@pytest.mark.parametrize("command", [("split",), ("transfer",), ("robust",)])
def test_what_needs_a_critical_point_refuses_it(relucert, command):
    Path("net.json").write_text(json.dumps({"points": [GOOD], "targets": "orthonormal"}))
    relucert("converges", "net.json", "--step", "1/2", "-o", "out")
    (path,) = Path("out").glob("*.json")
    assert relucert(*command, path, "-o", "more")[0] == 2


def test_random_starts_and_their_share(relucert):
    code, out, _ = relucert(
        "converges", "--k", "2", "--runs", "2", "--step", "1/2", "--steps", "200000", "-o", "out"
    )
    assert code == 0
    assert "proved to converge to a global minimum: 2 of 2, each from the point in its certificate" in out
    assert "random start, seed 0, run 1, after " in out
    assert len([*Path("out").glob("*.json")]) == 2
    code, out, _ = relucert("converges", "--k", "2", "--runs", "2", "--step", "1/2", "-o", "none")
    assert (code, "0 of 2" in out) == (5, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "give files"),
        (("--n", "3"), "give files"),
        (("net.json", "--k", "2"), "leave out the files"),
        (("--k", "3", "--n", "3"), "n > k"),
    ],
)
def test_options_that_do_not_fit(relucert, options, said):
    code, out, err = relucert("converges", *options)
    assert (code, said in out + err) == (2, True)


def test_runs_side_by_side_are_each_as_alone():
    other = [[row[1], row[0], row[2]] for row in START]
    points = [exact_rows(rows, "neuron") for rows in (START, GOOD, other)]
    found = converges.prove_runs(points, STEP, 100_000)
    alone = [converges.prove(point, STEP, 100_000) for point in points]
    assert [(one.point, one.steps) for one in found] == [(one.point, one.steps) for one in alone]
    assert [one.steps for one in found] == [64_000, 0, 64_000]


def test_a_run_ends_by_the_tolerance():
    (found,) = converges.prove_runs([exact_rows(START, "neuron")], STEP, 100_000, tolerance=1e-4)
    taken = int(found.split("after ")[1].split()[0])
    assert 10 < taken < 1000
    end = descend(START, taken + 1)[0]
    assert np.linalg.norm(loss_and_gradient(end, np.eye(3))[1], axis=1).max() <= 1e-4

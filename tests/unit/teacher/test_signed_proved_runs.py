"""`relucert run` with output weights of both signs and a slope: docs/spec/signed-runs-v1.md."""

import json
from fractions import Fraction
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from referencing import Registry, Resource

from relucert.base.exact import exact_rows
from relucert.certificate.checked import checked
from relucert.families.teacher import runs, runs_minima, runs_statement, runs_words
from relucert.families.teacher.network import network

SPEC = Path(__file__).parents[3] / "docs" / "spec"
STEP = Fraction(1, 10)
NAMES = ("certificate", "signed", "signed-runs")
SCHEMAS = {
    f"{name}-v1.schema.json": json.loads((SPEC / f"{name}-v1.schema.json").read_text()) for name in NAMES
}
REGISTRY = Registry().with_resources([(name, Resource.from_contents(x)) for name, x in SCHEMAS.items()])
SHAPE = jsonschema.Draft202012Validator(SCHEMAS["signed-runs-v1.schema.json"], registry=REGISTRY)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def one(directory):
    (path,) = Path(directory).iterdir()
    return checked(path)["claim"]  # the checker proves it again


def test_a_run_with_signs_is_proved_and_the_checker_agrees(relucert):
    given = ("--signs", "+,-", "--teacher-signs", "+,-", "--activation", "leaky:-1/2")
    code, out, _ = relucert("run", "--k", 2, "--seed", 1, *given, "--neighbourhood", "-o", "out")
    assert code == 0
    assert (
        "For 2 neurons with the activation max(t, -t/2) and output weights +1 (1) and -1 (1) against" in out
    )
    image = "up to a permutation of neurons and coordinates that keeps output weights"
    assert f"{image}, to a strict local minimum that is not global" in out
    claim = one("out")
    SHAPE.validate(claim)
    assert (claim["method"], claim["verdict"]) == ("signed-runs", "converges")
    assert claim["problem"] == claim["minima"][0]["problem"]
    assert [claim["problem"][x] for x in ("signs", "teacher_signs", "slope")] == [[1, -1], [1, -1], "-1/2"]
    (run,) = claim["runs"]
    assert run["end"]["rows"] == run["end"]["columns"] == [0, 1]


def test_the_absolute_value_with_a_minimum_from_a_file(relucert):
    assert relucert("run", "--k", 2, "--activation", "abs", "-o", "out")[0] == 0
    claim = one("out")
    assert claim["problem"]["slope"] == "-1" and claim["minima"][0]["verdict"] == "global-minimum"
    point = [[int(m) * 2.0**e for m, e in row] for row in claim["minima"][0]["point"]]
    Path("point.json").write_text(json.dumps(point))
    assert relucert("verify", "point.json", "--activation", "abs", "--raw", "-o", "minima")[0] == 0
    again = ("run", "--k", 2, "--minima", "minima", "-o", "again")
    assert relucert(*again, "--activation", "abs")[0] == 0
    assert one("again")["runs"] == claim["runs"]
    code, _, err = relucert(*again, "--activation", "leaky:-1/3")
    assert code == 2
    assert "2 orthonormal targets with these signs and the activation max(t, -1/3 t)" in " ".join(err.split())


def test_more_neurons_than_targets_stay_below_the_floor_with_signs(relucert):
    given = ("--signs", "+,-,+", "--teacher-signs", "+,-", "--until", 600, "--floor", "1/10", "--step", "1/5")
    code, out, _ = relucert("run", "--k", 2, "--n", 3, "--seed", 2, *given, "-o", "out")
    assert code == 0 and "has a loss below 1/10 at every step from " in out
    claim = one("out")
    SHAPE.validate(claim)
    assert (claim["method"], claim["verdict"]) == ("signed-runs", "stays-below-floor")


def test_signs_that_are_all_plus_with_the_relu_are_the_claim_without_them(relucert):
    given = ("run", "--k", 2, "--seed", 1, "--step", "1/5")
    assert relucert(*given, "-o", "plain")[0] == 0
    spelled = ("--signs", "+,+", "--teacher-signs", "+,+", "--activation", "leaky:0")
    assert relucert(*given, *spelled, "-o", "spelled")[0] == 0
    assert one("plain") == one("spelled") and one("plain")["method"] == "runs"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--signs", "+"), "1 sign for 2 neurons"),
        (("--teacher-signs", "+,0"), "entry 2 is '0'"),
        (("--activation", "leaky:0.1"), "no fraction of integers"),
        (("--activation", "tanh"), "expected relu, abs, or leaky:p/q"),
    ],
)
def test_what_is_no_network_is_refused(relucert, options, said):
    code, _, err = relucert("run", "--k", 2, *options, "-o", "out")
    assert (code, said in " ".join(err.split())) == (2, True)
    assert not Path("out").exists()


def test_a_run_ends_at_the_image_that_keeps_output_weights():
    """The point of the minimum is (e_1, e_2, e_3), the run starts at (e_2, e_1, e_3) with w_3 and e_3 of weight -1."""
    of = network(3, 3, "+,+,-", "+,+,-")
    start = exact_rows([[0.01, 1.0, 0.0], [1.0, 0.0, 0.01], [0.0, 0.01, 1.0]], "neuron")
    minimum = runs_minima.certified(runs_minima.End(np.eye(3), 0.0, 0, True), "here", of)
    result = runs.prove_run(start, STEP, minimum, network=of)
    assert result.run["end"]["rows"][2] == result.run["end"]["columns"][2] == 2
    claim = runs_statement.claim(3, 3, STEP, [(result, 0)], [minimum], network=of)
    sentence, facts = runs_words.words(claim)
    assert "output weights +1 (2) and -1 (1)" in sentence and sentence.endswith("with loss 0.")
    assert ("output weights of the targets", "+,+,-") in facts

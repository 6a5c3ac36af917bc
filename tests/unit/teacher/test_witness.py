"""A minimum with fewer neurons than targets is spurious where the loss is proved lower at another point."""

import json
import re
from pathlib import Path

import pytest

import relucert
from relucert import Candidate, InputError, LocalMinimum, Problem, SpuriousMinimum, verify

TARGETS = [[1.0, 0.0], [-0.75, 0.125]]
HIGH, LOW = [[-0.748793948, 0.135073656]], [[1.000360213, 0.007170019]]


def high(targets=TARGETS):
    return Candidate.from_rows(HIGH, Problem.from_targets(targets, 1))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    Path("high.json").write_text(json.dumps({"points": [HIGH], "targets": TARGETS}))
    Path("low.json").write_text(json.dumps({"points": [LOW], "targets": TARGETS}))
    Path("bare.json").write_text(json.dumps(LOW))


def test_without_a_witness_nothing_is_said_of_the_infimum():
    assert isinstance(verify(high()).outcome, LocalMinimum)


@pytest.mark.parametrize("raw", [True, False])
def test_the_gap_is_the_difference_of_the_losses(raw):
    result = verify(high(), witness=LOW, raw=raw)
    assert isinstance(result.outcome, SpuriousMinimum)
    assert float(result.outcome.bounds.gap) == pytest.approx(0.24997813 - 0.14451946, abs=1e-7)
    _, top = verify(Candidate.from_rows(LOW, high().problem)).outcome.bounds.objective
    assert float(result.outcome.bounds.objective[0]) - float(top) == pytest.approx(
        float(result.outcome.bounds.gap), abs=1e-12
    )
    assert "lower at the witness: by >= 0.105458" in str(result)


def test_a_witness_is_searched_for_the_same_way_every_time():
    found, again = (verify(high(), find_witness=True) for _ in range(2))
    assert isinstance(found.outcome, SpuriousMinimum)
    assert found.candidate.witness == again.candidate.witness
    assert float(found.outcome.bounds.gap) == pytest.approx(0.10545867, abs=1e-7)


def test_of_the_lowest_minimum_no_witness_is_found():
    result = verify(Candidate.from_rows(LOW, high().problem), find_witness=True)
    assert isinstance(result.outcome, LocalMinimum)
    assert result.note == "no point of lower loss was found"


def test_a_witness_of_what_is_no_minimum_is_left_out():
    targets = [[1.0, 0.0], [0.0, 1.0], [0.0, -2.0]]
    saddle = verify(
        Candidate.from_rows([[0.7, 0.1]], Problem.from_targets(targets, 1)), witness=[[0.0, -2.0]]
    )
    assert not isinstance(saddle.outcome, LocalMinimum | SpuriousMinimum)
    assert saddle.candidate.witness is None
    assert "nothing was done with it" in saddle.note


def test_every_dimension_holds_with_a_witness_in_the_span():
    rows, low = [[*HIGH[0], 0.0]], [[*LOW[0], 0.0]]
    in_plane = verify(high(), witness=LOW).outcome
    in_space = verify(
        Candidate.from_rows(rows, Problem.from_targets([[*v, 0.0] for v in TARGETS], 1)), witness=low
    ).outcome
    assert float(in_space.bounds.gap) == pytest.approx(float(in_plane.bounds.gap), rel=1e-12)


@pytest.mark.parametrize(
    ("witness", "why"),
    [
        (HIGH, "not proved to have a lower loss"),
        ([[-2.0, 1.0]], "not proved to have a lower loss.*give a lower point"),
        ([[0.0, 0.0]], "neuron of the witness 0 is at the origin"),
        ([[1.0]], "expected 1 neurons of the witness with 2 coordinates, found 1 with 1"),
        ([*LOW, *LOW], "found 2 with 2"),
        ([[float("nan"), 1.0]], "not a finite number"),
    ],
)
def test_a_witness_that_is_no_better_is_refused(witness, why):
    with pytest.raises(InputError, match=why):
        verify(high(), witness=witness)


@pytest.mark.parametrize("option", [{"witness": [[1.0, 0.0], [0.0, 1.0]]}, {"find_witness": True}])
def test_with_enough_neurons_none_is_needed(option):
    with pytest.raises(InputError, match="for n >= k the loss has the infimum 0"):
        verify(Candidate.from_rows([[1.0, 0.0], [0.0, 1.0]]), **option)


@pytest.mark.parametrize(
    "options", [("--witness", "low.json"), ("--witness", "bare.json"), ("--find-witness",)]
)
def test_the_command_writes_a_certificate_that_is_accepted_and_said(relucert, options):
    code, out, _ = relucert("verify", "high.json", *options, "-o", "out")
    assert code == 0
    assert "spurious local minimum" in out
    assert "lower at the witness" in out
    (path,) = Path("out").glob("*.json")
    claim = json.loads(path.read_text())["statement"]["claim"]
    assert claim["verdict"] == "spurious-minimum"
    assert len(claim["witness"]) == 1
    code, _, _ = relucert("audit", "out")
    assert code == 0
    _, said, _ = relucert("show", "out")
    assert "at the witness the loss is lower by at least 0.105458" in " ".join(said.split())
    assert "witness, 1 row of 2 numbers: (" in said


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (HIGH, "not proved to have a lower loss"),
        ({"points": [LOW, LOW], "targets": TARGETS}, "holds 2 points; a witness is one point"),
        ({"points": [LOW], "targets": [[1, 0], [0, 1]]}, "has other targets"),
        ([[1, 0, 0]], "expected 2 coordinates|coordinates"),
    ],
)
def test_a_bad_file_is_refused_and_nothing_is_written(relucert, content, why):
    Path("bad.json").write_text(json.dumps(content))
    code, out, err = relucert("verify", "high.json", "--witness", "bad.json", "-o", "out")
    assert (code, out) == (2, "")
    assert re.search(why, " ".join(err.split()))
    assert not list(Path().glob("out/*"))


def test_one_is_given_or_searched_for():
    with pytest.raises(InputError, match="leave one out"):
        verify(high(), witness=LOW, find_witness=True)
    well = relucert.losses.matrix_factorisation([[1]], 1)
    with pytest.raises(InputError, match="leave one out"):
        relucert.verify([1, 1], well, witness=[0, 0], find_witness=True)


def test_the_mean_over_permutations_takes_no_witness(relucert):
    code, out, err = relucert("verify", "high.json", "--witness", "low.json", "--method", "symmetric-hessian")
    assert (code, out) == (2, "")
    assert "--witness does not apply to the method symmetric-hessian" in " ".join(err.split())


def test_a_witness_is_of_one_point(relucert):
    Path("two.json").write_text(json.dumps({"points": [HIGH, LOW], "targets": TARGETS}))
    code, _, err = relucert("verify", "two.json", "--witness", "bare.json")
    assert code == 2
    assert "holds 2 points, and --witness is of one" in " ".join(err.split())


def test_what_needs_n_of_k_neurons_refuses_a_witness(relucert):
    relucert("verify", "high.json", "--witness", "low.json", "-o", "out")
    (path,) = Path("out").glob("*.json")
    commands = {
        ("robust", path): "the theorem needs n >= k",
        ("export", path, "--format", "coq", "-o", "x.v"): "n < k",
    }
    for command, why in commands.items():
        code, out, err = relucert(*command)
        assert (code, why in " ".join((out + err).split())) == (2, True), command


def test_splits_speak_of_a_local_minimum(relucert):
    relucert("verify", "high.json", "--witness", "low.json", "-o", "out")
    code, _, err = relucert("split", "out", "-o", "split", "--jobs", "1")
    assert code == 0, err
    (path,) = Path("split").glob("*.json")
    claim = json.loads(path.read_text())["statement"]["claim"]
    assert claim["critical_point"] == "local-minimum"
    assert "witness" not in claim


def test_the_face_of_the_package():
    assert relucert.verify(high(), witness=LOW).verdict == "spurious-minimum"

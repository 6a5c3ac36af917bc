"""A sample of runs draws each run once, however often and in whatever spelling its file is given."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from relucert_audit import shares, trust
from relucert_audit.check import check
from relucert_audit.command import main
from relucert_audit.format import LIMIT
from relucert_audit.sample import runs_in

BOTH = Path(__file__).resolve().parents[1] / "corpus" / "accept" / "runs-both.json"


@pytest.fixture
def false(tmp_path):
    """Two runs, of which the first says a false number of steps."""
    whole = json.loads(BOTH.read_bytes())
    whole["statement"]["claim"]["runs"][0]["steps"] = 3
    folder = tmp_path / "folder" / "sub"
    folder.mkdir(parents=True)
    (folder / "f.json").write_text(json.dumps(whole))
    return folder / "f.json"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("other", [".", "..", "../sub", "f.json"])
def test_a_file_given_twice_is_drawn_once(false, other, seed, capsys):
    code = main([str(false), str(false.parent / other), "--sample", "2", "--seed", str(seed), "--json"])
    (row,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (code, row["result"], row["runs"]) in ((1, "rejected", [2, 2]), (5, "not-confirmed", [2, 2]))


def test_runs_of_a_file_that_is_rejected_are_not_proved(tmp_path, capsys):
    """At step 2, before any run is looked at: a file beside it has the one that is proved."""
    wrong = json.loads(BOTH.read_bytes())
    wrong["statement"]["claim"]["minima"][0]["bounds"]["lambda_min"][0]["decimal"] = "7"
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    one = BOTH.with_name("signed-runs-abs.json")
    assert main([str(tmp_path), str(one), "--sample", "3"]) == 1
    text = capsys.readouterr().out
    assert text.endswith("\n3 of 3 runs were drawn by seed 0, and 1 of these are proved\n")
    rejected = next(line for line in text.splitlines() if line.startswith("wrong.json"))
    assert "rejected" in rejected and "2 of 2" not in rejected


def test_runs_of_signed_networks_are_drawn_too():
    assert [
        runs_in(BOTH.with_name(name)) for name in ("runs-both.json", "signed-runs-abs.json", "signs-far.json")
    ] == [2, 1, 0]


def test_places_count_once_and_only_if_they_are_there():
    data, now = BOTH.read_bytes(), datetime.now(UTC)
    report = check(data, BOTH.name, trust.Trust((), ()), now, only=(1, 1, 7))
    assert (report.result, report.runs) == ("sampled", (1, 2))
    runs = [("f", "f", 0), ("f", "f", 1), ("f", "f", 0), ("f", "f", 1)]
    assert shares.chosen(2, 0, runs) == {"f": [0, 1]}


def test_the_last_step_below_the_floor_has_a_limit():
    """As in the schema."""
    whole = json.loads((BOTH.parent / "runs-floor.json").read_bytes())
    (run,) = whole["statement"]["claim"]["runs"]
    run["until"] = 10**6 + 1
    report = check(json.dumps(whole).encode(), "a.json", trust.Trust(), datetime.now(UTC))
    assert (report.result, report.finding.claim) == ("not-confirmed", LIMIT)

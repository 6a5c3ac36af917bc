"""`relucert ntk table`: counts of random instances; what is kept, and what is decided again."""

import csv
import json
from fractions import Fraction
from pathlib import Path

import pytest

from relucert.base.dyadic import to_fraction
from relucert.families.ntk import shallow_read, table
from relucert.families.ntk.table import Cell, Outcome, Run

TABLE = ("ntk", "table", "--n", "2", "--d", "3", "--width", "10,40", "--depth", "two-layer,1", "-o", "out")
TABLE = (*TABLE, "--jobs", "1")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def quick(monkeypatch):
    """Decides at once: proved for odd seeds; the runs that were asked for."""
    asked = []

    def decided(run):
        asked.append(run)
        return Outcome(run.seed % 2 == 1, 10 * run.seed)

    monkeypatch.setattr(table, "decided", decided)
    return asked


def rows():
    with Path("out/table.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_table(relucert):
    code, out, _ = relucert(*TABLE, "--runs", "2")
    assert code == 0
    assert "The counts are observed, not certified." in out
    assert [(row["m"], row["depth"], row["activation"]) for row in rows()] == [
        ("10", "two-layer", "relu"), ("40", "two-layer", "relu"), ("10", "1", "softplus"), ("40", "1", "softplus")
    ]  # fmt: skip
    for row in rows():
        cell = Cell(2, 3, int(row["m"]), 0 if row["depth"] == "two-layer" else 1, row["activation"])
        found = [table.decided(Run(cell, seed)) for seed in (0, 1)]
        steps = sorted(x.steps for x in found if x.proved)
        assert (row["runs"], row["proved"]) == ("2", str(len(steps)))
        assert row["steps_largest"] == (str(steps[-1]) if steps else "")
    assert rows()[1]["proved"] == rows()[3]["proved"] == "2"


def test_a_share_is_rounded_down(quick, relucert):
    """Of 3 instances 2 are decided: not 0.667 of them. Nothing is called certified, as there is no certificate."""
    _, out, _ = relucert(*TABLE, "--runs", "3", "--seed", "1")
    assert out.count(" 0.666 ") == 4 and "certified" not in out.replace("observed, not certified", "")


def test_processes_count_the_same(relucert):
    relucert(*TABLE, "--runs", "1")
    alone = rows()
    code, _, _ = relucert(*TABLE[:-4], "-o", "other", "--runs", "1", "--jobs", "2")
    assert code == 0
    assert Path("other/table.csv").read_text() == Path("out/table.csv").read_text()
    assert len(alone) == 4


def test_counts(quick, relucert):
    _, out, _ = relucert(*TABLE, "--runs", "5", "--seed", "1", "--json")
    found = [json.loads(line) for line in out.splitlines()]
    assert len(found) == len(rows()) == 4
    assert {**found[0], "m": 0} == {
        "n": 2, "d": 3, "m": 0, "depth": "two-layer", "activation": "relu",
        "runs": 5, "proved": 3, "share": 0.6, "steps_median": 30, "steps_largest": 50,
    }  # fmt: skip
    _, out, _ = relucert(*TABLE, "--runs", "1", "--json")
    none = json.loads(out.splitlines()[0])
    assert (none["proved"], none["share"], none["steps_median"], none["steps_largest"]) == (0, 0, None, None)


def test_an_interrupted_table_goes_on(quick, relucert, monkeypatch):
    usual = table.decided

    def interrupted(run):
        if len(quick) == 5:
            raise KeyboardInterrupt
        return usual(run)

    monkeypatch.setattr(table, "decided", interrupted)
    code, _, _ = relucert(*TABLE, "--runs", "3")
    assert code == 130
    assert len(list(Path("out/runs").iterdir())) == 5
    monkeypatch.setattr(table, "decided", usual)
    code, _, err = relucert(*TABLE, "--runs", "3")
    assert code == 0
    assert "5 of 12 instances are decided already" in err
    assert len(quick) == len(set(quick)) == 12
    relucert(*TABLE, "--runs", "3")
    assert len(quick) == 12


def test_only_what_this_key_has_sealed_counts(quick, relucert):
    relucert(*TABLE, "--runs", "1")
    kept = sorted(Path("out/runs").iterdir())
    assert len(kept) == 4
    seal = kept[0].read_bytes()[:64]
    kept[0].write_bytes(seal + b"proved 1")
    kept[1].write_bytes(kept[2].read_bytes())
    kept[2].write_bytes(b"")
    _, _, err = relucert(*TABLE, "--runs", "1")
    assert err.count("decided again") == 3
    assert len(quick) == 7
    assert [row["proved"] for row in rows()] == ["0"] * 4
    Path("home/key.pem").unlink()
    relucert(*TABLE, "--runs", "1")
    assert len(quick) == 11


def test_instances_can_be_made_again():
    """x are unit vectors up to 2^-50; labels, weights and signs are those of `ntk certify --labels S --seed S`."""
    of = table.problem(Run(Cell(3, 4, 5, 0, "relu"), 7))
    for row in of.x:
        assert abs(sum(to_fraction(v) ** 2 for v in row) - 1) < Fraction(1, 2**50)
    Path("x.json").write_text(json.dumps({"x": [[1.0], [0.5], [2.0]]}))
    assert of.y == shallow_read.read_data(Path("x.json"), "7")[1]
    assert of.start.record()["signs"] == {"seed": 7}
    deep = table.problem(Run(Cell(3, 4, 5, 2, "tanh"), 7))
    assert (deep.x, deep.y, deep.start) == (of.x, of.y, of.start.weights)
    assert of.x != table.problem(Run(Cell(3, 4, 5, 0, "relu"), 8)).x


def test_what_is_refused_is_not_certified(monkeypatch):
    monkeypatch.setattr(table, "unit_rows", lambda n, d, seed: (((1, 0), (0, 0)),) * n)
    assert table.decided(Run(Cell(2, 2, 3, 0, "relu"), 0)) == (False, 0)


@pytest.mark.parametrize(("option", "value", "said"), [
    ("--n", "0", "--n 0: '0' is not a positive integer"), ("--n", "5:6", "not a positive integer"),
    ("--n", "129", "n = 129, d = 3, m = 10: 129 rows of x"), ("--d", "1", "d = 1, m = 10: in dimension below 2"),
    ("--width", "20000", "expected 1 to 16384"), ("--depth", "33", "expected 1 to 32"),
    ("--depth", "deep", "--depth deep: 'deep' is not"), ("--activation", "relu", "expected one of softplus"),
    ("--seed", str(2**53), "expected an integer from 0 to 2^53 - 1"), ("--runs", "0", "--runs"),
])  # fmt: skip
def test_bad_input(relucert, option, value, said):
    code, _, err = relucert(*TABLE, option, value)
    assert code == 2
    assert said in err
    assert not Path("out/table.csv").exists()

"""Runs that go on from below the floor: what is claimed, of which point, the same however it was made."""

import json
import shutil
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
import pytest

import studies
from converging_studies import KEY, PROTOCOL, ROW, onward, study
from proved_studies import Here, files, without_processes
from relucert import certificate
from relucert.base.errors import InputError
from relucert.certificate.provenance import sign_and_store
from relucert.families.teacher import converges
from relucert.families.teacher.search.descent import descend
from relucert.study import batch, converging, formats, proofs
from relucert.study import study as reading
from relucert.study.runs import Protocol
from relucert_audit.command import audit
from relucert_audit.trust import Trust

NAME = f"rows/{ROW.k}-{ROW.n}.json"


@pytest.fixture(scope="module")
def floored(tmp_path_factory):
    """Decided: all runs are below the floor."""
    directory = tmp_path_factory.mktemp("floored") / "grid"
    assert [e.error for e in batch.run(study(directory), [ROW], Here, 4) if e.error] == []
    return directory


@pytest.fixture(scope="module")
def converged(floored, tmp_path_factory):
    """All of them have gone on. Nobody changes it."""
    directory = shutil.copytree(floored, tmp_path_factory.mktemp("converged") / "grid")
    assert [e.error for e in onward(study(directory), 3) if e.error] == []
    return directory


@pytest.fixture
def bare(floored, tmp_path):
    return shutil.copytree(floored, tmp_path / "grid")


@pytest.fixture
def damaged(converged, tmp_path):
    return shutil.copytree(converged, tmp_path / "grid")


def row(directory):
    return json.loads((directory / NAME).read_text())


# ---- what is made ----------------------------------------------------------------------------------------


def test_every_certificate_is_about_the_point_that_floating_point_comes_to(converged, floored):
    found, before = row(converged), row(floored)
    part = found.pop("converges")
    assert {**found, "seal": None} == {**before, "seal": None}
    assert (part["asked"], part["below_floor"], part["converging"], part["step"]) == (3, 3, 3, "1/2")
    for run, digest, steps, why in zip(*part["per_run"].values(), strict=True):
        path = converged / "converges/2-3" / f"{digest}.json"
        assert audit(path, trust=Trust(), now=datetime.now(UTC))["result"] == "accepted" and why is None
        statement = json.loads(path.read_text())["statement"]
        search = statement["provenance"]["search"]
        assert (search["run"], search["seed"], statement["provenance"]["steps"]) == (run, 1, steps)
        end = descend(np.eye(2), 3, 1, 1, first_run=run, step=0.5, tolerance=1e-12, max_steps=steps)
        assert end.step_size[0] == 0.5 and end.steps[0] == steps > before["per_run"]["steps"][run]
        assert studies.point(path) == end.weights[0].tolist()
    assert list((converged / "work").iterdir()) == []


def test_one_that_has_gone_on_does_not_go_again(converged):
    assert list(onward(study(converged), 3)) == list(onward(study(converged), 1)) == []


def test_a_larger_sample_and_an_interrupted_one_are_the_same(bare, converged):
    for asked in (1, 2):
        list(onward(study(bare), asked))
        assert row(bare)["converges"]["asked"] == asked
    events = onward(study(bare), 3)
    next(events), next(events)
    events.close()
    assert len(list((bare / "work/2-3-converges").iterdir())) == 1
    counted = Here()
    list(onward(study(bare), 3, lambda: counted))
    assert counted.calls == 0  # the run that was left had come to its end
    assert files(bare) == files(converged)


def test_a_smaller_sample_leaves_the_work_of_a_larger_one_alone(bare, converged, monkeypatch):
    monkeypatch.setattr(converging, "FEWEST_LANES", 2)
    events = onward(study(bare), 3)
    next(events), next(events)  # the first two runs
    events.close()
    (left,) = (bare / "work/2-3-converges").iterdir()
    for _ in range(2):
        list(onward(study(bare), 1))
        assert row(bare)["converges"]["asked"] == 1 and left.exists()
    counted = Here()
    list(onward(study(bare), 3, lambda: counted))
    assert counted.calls == 1  # the third run
    assert files(bare) == files(converged)


def test_a_larger_sample_takes_away_the_work_of_a_smaller_one(floored, tmp_path):
    directory = shutil.copytree(floored, tmp_path / "grid")
    events = onward(study(directory), 1)
    next(events), next(events)
    assert list((directory / "work").rglob("*.npz"))
    events.close()
    list(onward(study(directory), 2))
    assert not list((directory / "work").rglob("*.npz"))


def test_proofs_from_the_start_may_come_before_or_after(bare, converged, tmp_path):
    other = shutil.copytree(converged, tmp_path / "other")
    for directory in (bare, other):
        found = study(directory)
        whole = found.row(ROW)
        work = batch.Work(lambda found, row, whole=whole: proofs.steps(found, row, whole, 1), proofs.finish)
        list(batch.run(found, [ROW], Here, 4, work))
    list(onward(study(bare), 3))
    assert list(row(bare))[-3:] == ["proved", "converges", "seal"]
    assert files(bare) == files(other)


@pytest.mark.parametrize("harm", ["lost", "space"])
def test_a_damaged_certificate_is_made_again_and_no_other(damaged, converged, harm):
    path = sorted((damaged / "converges/2-3").iterdir())[0]
    path.unlink() if harm == "lost" else path.write_text(path.read_text() + "\n")
    said, counted = [], Here()
    list(onward(study(damaged, said.append), 3, lambda: counted))
    assert files(damaged) == files(converged)
    assert len(said) == counted.calls == 1 and str(path) in said[0]


def test_runs_that_do_not_come_so_far_say_why(tmp_path):
    protocol = Protocol(seed=1, step=0.5, floor_steps=3000, max_steps=3000)
    found = study(tmp_path / "grid", protocol=protocol)
    list(batch.run(found, [ROW], Here, 4))
    list(onward(found, 3))
    part = row(tmp_path / "grid")["converges"]
    assert (part["below_floor"], part["converging"]) == (3, 0)
    assert all("18.C" in why or "not proved" in why for why in part["per_run"]["why"])
    assert all(why.endswith("(after 3000 steps in floating point)") for why in part["per_run"]["why"])
    assert list(onward(found, 3)) == []
    assert reading.read(tmp_path / "grid").rows[0].converged.share == 0


# ---- what is read and said -------------------------------------------------------------------------------


def test_a_report_says_what_is_proved_of_which_point(converged, floored, tmp_path):
    found = reading.read(converged, KEY.public_key())
    said = formats.render(found, "md", None).decode()
    assert "| 3 | 3 of 3 | 0 |" in said
    assert (
        "Of them, 3 (100.0%) came, in floating point, each to a point from which, by its certificate" in said
    )
    assert "3 came, as counted in floating point under your key's seal, each to" in said
    page = formats.render(found, "html", tmp_path / "page.html").decode()
    assert (
        'id="converges"' in page and "nothing is said here of exact gradient descent from the random" in page
    )
    assert "/grid</code> proves\nevery certificate of this study again" in page
    assert formats.records(found)[0]["converging"] == 3
    foreign = formats.render(reading.read(converged), "md", None).decode()
    assert "as the files say without your key" in foreign and "in part not under your key's seal" in foreign
    before = formats.render(reading.read(floored), "html", tmp_path / "page.html").decode()
    assert "converg" not in before.split("</style>")[1].split('id="')[1]
    assert "converging" not in formats.records(reading.read(floored))[0]


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("asked", lambda _: 2),
        ("asked", lambda _: 4),
        ("step", lambda _: "1/4"),
        ("converging", lambda _: 2),
        ("below_floor", lambda _: 4),
        ("run", lambda x: x[::-1]),
        ("run", lambda x: [False, *x[1:]]),
        ("certificate", lambda x: [None, *x[1:]]),
        ("certificate", lambda x: [x[1], *x[1:]]),
        ("certificate", lambda x: ["0" * 64, *x[1:]]),
        ("certificate", lambda x: ["../../x", *x[1:]]),
        ("steps", lambda x: [None, *x[1:]]),
        ("steps", lambda x: [PROTOCOL.max_steps + 1, *x[1:]]),
        ("steps", lambda x: [0, *x[1:]]),
        ("why", lambda x: ["because", *x[1:]]),
        ("why", lambda x: x[1:]),
    ],
)
def test_a_row_that_says_something_else_is_refused(damaged, name, new):
    value = row(damaged)
    part = value["converges"] if name in value["converges"] else value["converges"]["per_run"]
    part[name] = new(part[name])
    studies.write(damaged / NAME, value)
    with pytest.raises(InputError, match=r"2-3.*(again|original back)"):
        reading.read(damaged)


def test_a_point_in_another_order_is_no_second_point(damaged):
    """Of one point, two certificates with its neurons and coordinates in two orders."""
    value, folder = row(damaged), damaged / "converges/2-3"
    digests = value["converges"]["per_run"]["certificate"]
    statement = json.loads((folder / f"{digests[0]}.json").read_text())["statement"]
    point = statement["claim"]["point"]
    turned = tuple(tuple((int(m), e) for m, e in neuron[::-1]) for neuron in point[::-1])
    other = converges.statement(converges.prove(turned, Fraction(1, 2)), statement["provenance"])
    sign_and_store(other, folder, KEY)
    digests[1] = certificate.digest(other)
    studies.write(damaged / NAME, value)
    with pytest.raises(InputError, match="two are about one point"):
        reading.read(damaged)


# ---- the command -----------------------------------------------------------------------------------------


def test_the_command(relucert, tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    without_processes(monkeypatch)
    of = ("--k", "2", "--extra", "1", "--runs", "2", "--step", "0.5", "--jobs", "1")
    command = ("grid", *of, "-o", tmp_path / "s")
    code, out, _ = relucert(*command, "--converges", "all", "--dry-run", "--json")
    assert code == 0 and json.loads(out)["to_converge"] == [{"k": 2, "n": 3, "runs": 2}]
    code, out, _ = relucert(*command, "--converges", "50%", "--json")
    part = json.loads(out)["converges"]
    assert code == 0 and part == {"asked": 1, "step": "1/2", "below_floor": 1, "converging": 1}
    left = tmp_path / "s/work/2-3-converges/of a larger sample"
    left.parent.mkdir()
    left.touch()
    before = files(tmp_path / "s")
    assert relucert(*command, "--converges", "1", "--dry-run")[0] == 0 and files(tmp_path / "s") == before
    code, out, err = relucert(*command, "--converges", "1")
    assert code == 0 and "1/1" in " ".join(out.split()) and err == "" and left.exists()
    left.unlink()
    studies.write(tmp_path / "s" / NAME, row(tmp_path / "s") | {"kinds": {}})
    before = files(tmp_path / "s")
    code, _, err = relucert(*command, "--dry-run")
    assert code == 0 and "without --dry-run it is set aside" in " ".join(err.split())
    assert files(tmp_path / "s") == before
    code, _, err = relucert(*command)
    assert code == 0 and "repeat --converges, or take the folder away" in " ".join(err.split())
    code, _, err = relucert(*command, "--converges", "1")
    assert code == 0 and "--converges" not in err
    code, _, err = relucert("grid", "--k", "2", "--runs", "2", "-o", tmp_path / "t", "--converges", "all")
    assert code == 2 and "--extra" in err and not (tmp_path / "t").exists()
    assert relucert("grid", *of, "-o", tmp_path / "t", "--converges", "all", "--dry-run")[0] == 0
    assert not (tmp_path / "t").exists()
    for shard, wide in ("1/3", 0), ("2/3", 1), ("3/3", 0):  # (2, 2), (2, 3), nothing
        both = ("grid", *of, "--extra", "0,1", "--shard", shard, "-o", tmp_path / "t", "--converges", "all")
        code, out, _ = relucert(*both, "--dry-run", "--json")
        assert code == 0 and len(json.loads(out)["to_converge"]) == wide
    code, _, err = relucert(*command, "--converges", "3")
    assert code == 2 and "--converges 3: each (k, n) has 2 runs" in " ".join(err.split())

"""Runs of a study proved from their starts: a second pass over finished rows, the same however it was made."""

import csv
import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import kill_grid
import store_study
from proved_studies import ROWS, Here, files, prove, row, study, without_processes
from relucert.base.pool import processes
from relucert.certificate import form, signing
from relucert.families.teacher import runs
from relucert.study import batch, formats, proofs
from relucert.study import study as reading
from relucert_audit.command import audit
from relucert_audit.trust import Trust

pytestmark = pytest.mark.usefixtures("small_chunks", "proved_once")


# ---- what is made ----------------------------------------------------------------------------------------


def test_every_run_is_proved_and_every_certificate_accepted(all_proved, decided):
    for at, each in enumerate(ROWS):
        found, before = row(all_proved, at), row(decided, at)
        proved = found.pop("proved")
        assert {**found, "seal": None} == {**before, "seal": None}  # nothing else has damaged
        assert proved["asked"] == each.runs and proved["step"] == "1/10" and proved["floor"] == "1/1000"
        assert proved["kinds"] == before["kinds"]
        assert proved["per_run"]["run"] == list(range(each.runs))
        assert proved["per_run"]["why"] == [None] * each.runs
        for digest in proved["certificates"]:
            path = all_proved / "runs" / f"{each.k}-{each.n}" / f"{digest}.json"
            checked = audit(path, trust=Trust(), now=datetime.now(UTC))
            assert (checked["result"], checked["reason"]) == ("accepted", None)
        assert len(list((all_proved / "runs" / f"{each.k}-{each.n}").iterdir())) == -(-each.runs // 5)
    assert list((all_proved / "work").iterdir()) == []


def test_a_certificate_says_which_runs_it_holds_and_draws_their_starts(all_proved):
    proved = row(all_proved)["proved"]
    for at, digest in enumerate(proved["certificates"]):
        claim = json.loads((all_proved / "runs/2-2" / f"{digest}.json").read_text())["statement"]["claim"]
        numbers = [
            r
            for r, of in zip(proved["per_run"]["run"], proved["per_run"]["certificate"], strict=True)
            if of == at
        ]
        assert claim["origin"] == {"seed": 3, "numbers": numbers}
        for place, (number, one) in enumerate(zip(numbers, claim["runs"], strict=True)):
            i = proved["per_run"]["run"].index(number)
            assert (proved["per_run"]["place"][i], proved["per_run"]["steps"][i]) == (place, one["steps"])
            sequence = np.random.SeedSequence(3, spawn_key=(2, 2, 2, number))  # as study-v1.md says
            start = np.random.Generator(np.random.PCG64(sequence)).standard_normal((2, 2)) / np.sqrt(2)
            assert [[int(m) * 2.0**e for m, e in neuron] for neuron in one["start"]] == start.tolist()


def test_without_proofs_nothing_changes_and_no_folder_is_made(decided):
    assert not (decided / "runs").exists() and "proved" not in row(decided)


def test_what_is_proved_is_not_proved_again(all_proved):
    found = study(all_proved)
    assert list(prove(found, 12)) == list(prove(found, 1)) == []


PROVE = runs.prove_run


@pytest.mark.parametrize("pool", [lambda: ThreadPoolExecutor(3), processes(2)])
def test_another_executor_gives_the_same_bytes(bare, all_proved, pool, monkeypatch):
    monkeypatch.setattr(runs, "prove_run", PROVE)  # not what is known already
    assert [e.error for e in prove(study(bare), 12, pool) if e.error] == []
    assert files(bare) == files(all_proved)


@pytest.mark.parametrize("moment", [1, 3, 5, 7])
def test_interrupted_proofs_go_on(bare, all_proved, moment):
    events = prove(study(bare), 12)
    for _ in range(moment):
        next(events)
    events.close()
    kept = len(list((bare / "work").rglob("*.npz")))
    counted, undisturbed = Here(), 7 + 4
    list(prove(study(bare), 12, lambda: counted))
    assert files(bare) == files(all_proved)
    assert counted.calls <= undisturbed - kept


@pytest.mark.parametrize("path", [(1, 5), (5, 7, 12), (3, 4)])
def test_a_larger_sample_is_the_same_in_steps_and_at_once(bare, all_proved, decided, tmp_path, path):
    for asked in path:
        assert [e.error for e in prove(study(bare), asked) if e.error] == []
    if path[-1] == 12:
        assert files(bare) == files(all_proved)
        return
    once = shutil.copytree(decided, tmp_path / "once")
    list(prove(study(once), path[-1]))
    assert files(bare) == files(once)
    assert set(row(bare)["proved"]["per_run"]["run"]) < set(range(12))


def test_full_certificates_are_kept_when_a_sample_grows(bare):
    list(prove(study(bare), 5, rows=ROWS[:1]))
    counted = Here()
    list(prove(study(bare), 10, lambda: counted, ROWS[:1]))
    assert counted.calls == 3  # five runs in tasks of two


def test_a_smaller_sample_leaves_the_work_of_a_larger_one_alone(bare, all_proved):
    list(prove(study(bare), 5, rows=ROWS[:1]))
    events = prove(study(bare), 12, rows=ROWS[:1])
    for _ in range(4):
        next(events)
    events.close()
    kept = len(list((bare / "work").rglob("*.npz")))
    assert kept > 1 and list(prove(study(bare), 5, rows=ROWS[:1])) == []
    assert len(list((bare / "work").rglob("*.npz"))) == kept
    list(prove(study(bare), 7, rows=ROWS[:1]))
    assert row(bare)["proved"]["asked"] == 7 and len(list((bare / "work").rglob("*.npz"))) == kept
    counted = Here()
    list(prove(study(bare), 12, lambda: counted))
    assert files(bare) == files(all_proved) and counted.calls == (4 - kept) + 4


def test_a_larger_sample_takes_away_the_work_of_a_smaller_one(bare):
    events = prove(study(bare), 8, rows=ROWS[:1])
    for _ in range(6):  # up to the last task, of a certificate that is not full
        next(events)
    events.close()
    kept = len(list((bare / "work").rglob("*.npz")))
    assert kept == 5
    list(prove(study(bare), 9, rows=ROWS[:1]))
    assert not list((bare / "work").rglob("*"))


def test_what_a_killed_process_left_of_a_finished_sample_is_taken_away(damaged, all_proved):
    found = study(damaged)
    each, before = ROWS[0], row(damaged)
    claims = proofs._claims(found, before)
    for task in proofs._tasks(found, each, before, proofs.chunks(found, each, before, 12), claims):
        found.save(each, task, {"runs": []})
    assert list(prove(found, 12)) == []
    assert files(damaged) == files(all_proved)


# ---- damage ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("harm", ["lost", "cut", "signature", "space"])
def test_a_damaged_certificate_of_runs_is_made_again_and_no_other(damaged, all_proved, harm):
    path = sorted((damaged / "runs/2-2").iterdir())[0]
    text = path.read_text()
    if harm == "lost":
        path.unlink()
    elif harm == "cut":
        path.write_text(text[:-100])
    elif harm == "signature":
        path.write_bytes(form.envelope(json.loads(text)["statement"], []))
    else:
        path.write_text(text + "\n")
    said, counted = [], Here()
    list(prove(study(damaged, said.append), 12, lambda: counted))
    assert files(damaged) == files(all_proved)
    assert str(path) in said[0] and len(said) == 1
    assert 1 <= counted.calls <= 3


def test_a_certificate_of_another_key_is_made_again(damaged, all_proved):
    path = sorted((damaged / "runs/2-3").iterdir())[0]
    other = Ed25519PrivateKey.generate()
    statement = json.loads(path.read_text())["statement"]
    signature = signing.sign(other, form.PAYLOAD_TYPE, form.canonical(statement))
    path.write_bytes(form.envelope(statement, [signature]))
    list(prove(study(damaged), 12))
    assert files(damaged) == files(all_proved)


def test_a_row_whose_proofs_were_edited_is_set_aside_decided_and_proved_again(damaged, all_proved):
    path = damaged / "rows/2-2.json"
    path.write_text(path.read_text().replace('"low": "0.000000"', '"low": "0.100000"'))
    found = study(damaged)
    assert found.row(ROWS[0]) is None
    list(batch.run(found, ROWS, Here, 4))
    list(prove(found, 12))
    path.with_suffix(".damaged").unlink()
    assert files(damaged) == files(all_proved)


def test_a_damaged_result_of_a_proof_is_computed_again(bare, all_proved):
    events = prove(study(bare), 12)
    next(events), next(events)
    events.close()
    for path in (bare / "work").rglob("*.npz"):
        path.write_bytes(path.read_bytes()[:-3] + b"abc")
    said = []
    list(prove(study(bare, said.append), 12))
    assert said and files(bare) == files(all_proved)


# ---- what is not proved ----------------------------------------------------------------------------------


def refused(reason):
    """A run that is not proved."""
    empty = dict.fromkeys(runs.Result._fields)
    return runs.Result(**{**empty, "evidence": [], "precision": 128, "reason": reason, "curve": []})


def test_a_run_that_is_not_proved_has_its_reason_and_widens_the_bounds(bare, monkeypatch):
    real, count = runs.prove_run, iter(range(100))

    def some(start, *arguments, **options):
        if next(count) % 3 == 0:
            return refused("step 7: it may vanish")
        return real(start, *arguments, **options)

    monkeypatch.setattr(runs, "prove_run", some)
    assert [e.error for e in prove(study(bare), 12, rows=ROWS[:1]) if e.error] == []
    proved = row(bare)["proved"]
    assert proved["kinds"] == {"global-minimum": 8, "not-proved": 4}
    assert [x for x in proved["per_run"]["why"] if x] == ["step 7: it may vanish"] * 4
    assert proved["per_run"]["steps"].count(None) == proved["per_run"]["place"].count(-1) == 4
    read = reading.read(bare).rows[0].proved
    assert (read.proved, read.low) == (8, "0.000000")
    assert float(read.high) > 4 / 12
    said = formats.render(reading.read(bare), "md", None).decode()
    assert (
        "of 12 runs, chosen by the seed, are, as the files say without your key's seal, proved from their starts to "
        "converge 0 to a spurious minimum, "
        "8 to a global minimum; 4 are not proved. If" in said
    )


def test_a_chunk_of_which_no_run_is_proved_has_no_certificate(bare, monkeypatch):
    monkeypatch.setattr(runs, "prove_run", lambda *_, **__: refused("no"))
    list(prove(study(bare), 12, rows=ROWS[:1]))
    assert row(bare)["proved"]["certificates"] == [] and list((bare / "runs/2-2").iterdir()) == []
    assert row(bare)["proved"]["spurious"] == {"confidence": "0.999", "low": "0.000000", "high": "1.000000"}
    assert list(prove(study(bare), 12, rows=ROWS[:1])) == []
    assert reading.read(bare).rows[0].proved.proved == 0


# ---- the command -----------------------------------------------------------------------------------------


def test_the_command(relucert, tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    without_processes(monkeypatch)
    command = ("grid", "--k", "2", "--extra", "0", "--runs", "6", "--jobs", "1", "-o", tmp_path / "s")
    assert relucert(*command)[0] == 0
    before = (tmp_path / "s/rows/2-2.json").read_bytes()
    code, out, _ = relucert(*command, "--prove-runs", "50%", "--dry-run", "--json")
    assert code == 0 and json.loads(out)["to_prove"] == [{"k": 2, "n": 2, "runs": 6}]
    code, out, _ = relucert(*command, "--prove-runs", "50%", "--dry-run")
    assert code == 0 and "3 runs of each of 1 (k, n) to prove" in " ".join(out.split())
    assert (tmp_path / "s/rows/2-2.json").read_bytes() == before
    code, out, _ = relucert(*command, "--prove-runs", "50%", "--json")
    assert code == 0 and json.loads(out)["proved"]["kinds"] == {"global-minimum": 3}
    code, out, _ = relucert(*command, "--prove-runs", "2")  # as many are proved already
    assert code == 0 and "3/3" in " ".join(out.split())
    code, out, _ = relucert(*command, "--prove-runs", "all", "--json")
    assert code == 0 and json.loads(out)["proved"]["asked"] == 6
    proved = (tmp_path / "s/rows/2-2.json").read_bytes()
    assert relucert(*command)[0] == 0
    assert (tmp_path / "s/rows/2-2.json").read_bytes() == proved
    assert relucert("report", tmp_path / "s", "--format", "md")[0] == 0


def test_kill_9_at_some_moments_changes_nothing(tmp_path):
    kills = [0.5, 0.8]
    found = kill_grid.faults(
        tmp_path, ["--k", "2", "--extra", "0,1", "--runs", "3", "--prove-runs", "all"], kills
    )
    assert found == []


@pytest.mark.parametrize("asked", ["0", "9", "0%", "101%", "1.5", "-1", "some", "1/0", "nan", "", "%"])
def test_bad_numbers_of_runs(relucert, tmp_path, monkeypatch, asked):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    code, _, err = relucert("grid", "--k", "2", "--runs", "8", "-o", tmp_path / "s", f"--prove-runs={asked}")
    assert code == 2 and "--prove-runs" in err
    assert not (tmp_path / "s").exists()


def test_the_tool_stores_certificates_of_runs_with_an_index_that_the_audit_accepts(
    all_proved, tmp_path, monkeypatch
):
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(sys, "argv", ["store_study", str(all_proved), str(tmp_path / "out")])
    assert store_study.main() == 0
    with (tmp_path / "out/runs/index.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [(x["k"], x["n"], x["ends"], x["count"]) for x in lines] == [
        *(("2", "2", "global-minimum", str(c)) for c in (5, 5, 2)), ("2", "3", "below-floor", "4")
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "relucert_audit", tmp_path / "out", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    results = [json.loads(x) for x in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout[-2000:]
    assert {x["result"] for x in results} == {"accepted"}

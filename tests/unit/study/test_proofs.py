"""Runs of a study proved from their starts: a second pass over finished rows, the same however it was made."""

import csv
import json
import shutil
import subprocess
import sys
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import kill_grid
import store_study
import studies
from relucert.base.errors import InputError
from relucert.base.pool import processes
from relucert.certificate import form, signing
from relucert.study import batch, formats, proofs
from relucert.study import study as reading
from relucert.study.batch import Row, Study
from relucert.study.runs import Protocol
from relucert_audit.command import audit
from relucert_audit.trust import Trust

ROWS = [Row(2, 2, 12), Row(2, 3, 4)]
PROTOCOL = Protocol(seed=3, floor_steps=3000)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class Here(Executor):
    """Runs each task when it is submitted."""

    def __init__(self):
        self.calls = 0

    def submit(self, function, task):
        self.calls += 1
        future = Future()
        future.set_result(function(task))
        return future


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Certificates of five runs, from tasks of two."""
    monkeypatch.setattr(proofs, "CHUNK", 5)
    monkeypatch.setattr(proofs, "ENTRIES", 8)
    monkeypatch.setattr("relucert.study.proved.CHUNK", 5)


def study(directory, warn=lambda _: None):
    found = Study(directory, PROTOCOL, KEY, warn)
    found.open()
    return found


def files(directory):
    return {p.relative_to(directory): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


def row(directory, at=0):
    return json.loads((directory / "rows" / f"{ROWS[at].k}-{ROWS[at].n}.json").read_text())


def prove(found, asked, pool=Here, rows=ROWS):
    """All events of proving so many runs of each row, at most all."""
    left = {}
    for each in rows:
        whole = found.row(each)
        if not proofs.complete(found, each, whole, min(asked, each.runs)):
            left[each] = whole

    def steps(found, each):
        return proofs.steps(found, each, left[each], min(asked, each.runs))

    return batch.run(found, list(left), pool, 4, batch.Work(steps, proofs.finish))


@pytest.fixture(scope="module")
def decided(tmp_path_factory):
    directory = tmp_path_factory.mktemp("decided")
    list(batch.run(study(directory), ROWS, Here, 4))
    return directory


@pytest.fixture(scope="module")
def whole(decided, tmp_path_factory):
    """All runs proved. Nobody changes it."""
    directory = tmp_path_factory.mktemp("proved") / "grid"
    shutil.copytree(decided, directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proofs, "CHUNK", 5)
        patch.setattr(proofs, "ENTRIES", 8)
        assert [e.error for e in prove(study(directory), 12) if e.error] == []
    return directory


@pytest.fixture
def changed(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "grid")


@pytest.fixture
def bare(decided, tmp_path):
    """Decided, nothing proved."""
    return shutil.copytree(decided, tmp_path / "grid")


# ---- what is made ----------------------------------------------------------------------------------------


def test_every_run_is_proved_and_every_certificate_accepted(whole, decided):
    for at, each in enumerate(ROWS):
        found, before = row(whole, at), row(decided, at)
        proved = found.pop("proved")
        assert {**found, "seal": None} == {**before, "seal": None}  # nothing else has changed
        assert proved["asked"] == each.runs and proved["step"] == "1/10" and proved["floor"] == "1/1000"
        assert proved["kinds"] == before["kinds"]
        assert proved["per_run"]["run"] == list(range(each.runs))
        assert proved["per_run"]["why"] == [None] * each.runs
        for digest in proved["certificates"]:
            path = whole / "runs" / f"{each.k}-{each.n}" / f"{digest}.json"
            checked = audit(path, trust=Trust(), now=datetime.now(UTC))
            assert (checked["result"], checked["reason"]) == ("accepted", None)
        assert len(list((whole / "runs" / f"{each.k}-{each.n}").iterdir())) == -(-each.runs // 5)
    assert list((whole / "work").iterdir()) == []


def test_a_certificate_says_which_runs_it_holds_and_draws_their_starts(whole):
    proved = row(whole)["proved"]
    for at, digest in enumerate(proved["certificates"]):
        claim = json.loads((whole / "runs/2-2" / f"{digest}.json").read_text())["statement"]["claim"]
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


def test_what_is_proved_is_not_proved_again(whole):
    found = study(whole)
    assert list(prove(found, 12)) == list(prove(found, 1)) == []


@pytest.mark.parametrize("pool", [lambda: ThreadPoolExecutor(3), processes(2)])
def test_another_executor_gives_the_same_bytes(bare, whole, pool):
    assert [e.error for e in prove(study(bare), 12, pool) if e.error] == []
    assert files(bare) == files(whole)


@pytest.mark.parametrize("moment", [1, 3, 5, 7])
def test_interrupted_proofs_go_on(bare, whole, moment):
    events = prove(study(bare), 12)
    for _ in range(moment):
        next(events)
    events.close()
    kept = len(list((bare / "work").rglob("*.npz")))
    counted, undisturbed = Here(), 7 + 4
    list(prove(study(bare), 12, lambda: counted))
    assert files(bare) == files(whole)
    assert counted.calls <= undisturbed - kept


@pytest.mark.parametrize("path", [(1, 5), (5, 7, 12), (3, 4)])
def test_a_larger_sample_is_the_same_in_steps_and_at_once(bare, whole, decided, tmp_path, path):
    for asked in path:
        assert [e.error for e in prove(study(bare), asked) if e.error] == []
    if path[-1] == 12:
        assert files(bare) == files(whole)
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


def test_a_smaller_sample_leaves_the_work_of_a_larger_one_alone(bare, whole):
    list(prove(study(bare), 5, rows=ROWS[:1]))
    events = prove(study(bare), 12, rows=ROWS[:1])
    for _ in range(4):
        next(events)
    events.close()
    kept = len(list((bare / "work").rglob("*.npz")))
    assert kept > 1 and list(prove(study(bare), 5, rows=ROWS[:1])) == []
    assert len(list((bare / "work").rglob("*.npz"))) == kept
    list(prove(study(bare), 12))
    assert files(bare) == files(whole)


def test_what_a_killed_process_left_of_a_finished_sample_is_taken_away(changed, whole):
    found = study(changed)
    each, before = ROWS[0], row(changed)
    claims = proofs._claims(found, before)
    for task in proofs._tasks(found, each, before, proofs.chunks(found, each, before, 12), claims):
        found.save(each, task, {"runs": []})
    assert list(prove(found, 12)) == []
    assert files(changed) == files(whole)


# ---- damage ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("harm", ["lost", "cut", "signature", "space"])
def test_a_damaged_certificate_of_runs_is_made_again_and_no_other(changed, whole, harm):
    path = sorted((changed / "runs/2-2").iterdir())[0]
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
    list(prove(study(changed, said.append), 12, lambda: counted))
    assert files(changed) == files(whole)
    assert str(path) in said[0] and len(said) == 1
    assert 1 <= counted.calls <= 3


def test_a_certificate_of_another_key_is_made_again(changed, whole):
    path = sorted((changed / "runs/2-3").iterdir())[0]
    other = Ed25519PrivateKey.generate()
    statement = json.loads(path.read_text())["statement"]
    signature = signing.sign(other, form.PAYLOAD_TYPE, form.canonical(statement))
    path.write_bytes(form.envelope(statement, [signature]))
    list(prove(study(changed), 12))
    assert files(changed) == files(whole)


def test_a_row_whose_proofs_were_edited_is_set_aside_decided_and_proved_again(changed, whole):
    path = changed / "rows/2-2.json"
    path.write_text(path.read_text().replace('"low": "0.000000"', '"low": "0.100000"'))
    found = study(changed)
    assert found.row(ROWS[0]) is None
    list(batch.run(found, ROWS, Here, 4))
    list(prove(found, 12))
    path.with_suffix(".damaged").unlink()
    assert files(changed) == files(whole)


def test_a_damaged_result_of_a_proof_is_computed_again(bare, whole):
    events = prove(study(bare), 12)
    next(events), next(events)
    events.close()
    for path in (bare / "work").rglob("*.npz"):
        path.write_bytes(path.read_bytes()[:-3] + b"abc")
    said = []
    list(prove(study(bare, said.append), 12))
    assert said and files(bare) == files(whole)


# ---- what is not proved ----------------------------------------------------------------------------------


def refused(teacher, reason):
    """A run that is not proved."""
    empty = dict.fromkeys(teacher.Result._fields)
    return teacher.Result(**{**empty, "evidence": [], "precision": 128, "reason": reason, "curve": []})


def test_a_run_that_is_not_proved_has_its_reason_and_widens_the_bounds(bare, monkeypatch):
    from relucert.families.teacher import runs as teacher

    real, count = teacher.prove_run, iter(range(100))

    def some(start, *arguments, **options):
        if next(count) % 3 == 0:
            return refused(teacher, "step 7: it may vanish")
        return real(start, *arguments, **options)

    monkeypatch.setattr(teacher, "prove_run", some)
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
        "of 12 runs, chosen by the seed, are proved from their starts to converge 0 to a spurious minimum, "
        "8 to a global minimum; 4 are not proved. If" in said
    )


def test_a_chunk_of_which_no_run_is_proved_has_no_certificate(bare, monkeypatch):
    from relucert.families.teacher import runs as teacher

    monkeypatch.setattr(teacher, "prove_run", lambda *_, **__: refused(teacher, "no"))
    list(prove(study(bare), 12, rows=ROWS[:1]))
    assert row(bare)["proved"]["certificates"] == [] and list((bare / "runs/2-2").iterdir()) == []
    assert row(bare)["proved"]["spurious"] == {"confidence": "0.999", "low": "0.000000", "high": "1.000000"}
    assert list(prove(study(bare), 12, rows=ROWS[:1])) == []
    assert reading.read(bare).rows[0].proved.proved == 0


# ---- reading ---------------------------------------------------------------------------------------------


def test_a_report_reads_and_says_what_is_proved(whole, tmp_path):
    study = reading.read(whole, KEY.public_key())
    assert [each.proved.kinds["not-proved"] for each in study.rows] == [0, 0]
    said = formats.render(study, "md", None).decode()
    assert (
        "16 of the 16 runs that were to be proved from their starts, as exact gradient descent with step 1/10"
        in said
    )
    assert (
        "proved by relucert under your key's seal; `relucert audit STUDY` proves them again, this report does not"
        in said
    )
    assert "| 12 of 12 | 0–46.9" in said
    assert "If the starts are independent draws of the Gaussian distribution" in said
    assert (
        "without its loss falling below 0.001 in its first 4,000,000 steps, with probability at most" in said
    )
    page = formats.render(study, "html", tmp_path / "page.html").decode()
    assert 'id="proved"' in page and "not proved again for this report" in page
    line = next(csv.DictReader(formats.render(study, "csv", None).decode().splitlines()))
    assert (line["proved"], line["proved_asked"], line["proved_confidence"]) == ("12", "12", "0.999")
    assert formats.render(study, "tex", None).decode().count("12 of 12") == 1
    assert "not under your key's seal" in formats.render(reading.read(whole), "md", None).decode()


def test_a_report_without_proofs_says_that_counts_are_not_certified(decided, tmp_path):
    study = reading.read(decided)
    for form_ in ("md", "html", "tex"):
        said = formats.render(study, form_, tmp_path / "page").decode()
        assert "not certified" in said and "proved from" not in said
    assert "proved" not in formats.render(study, "csv", None).decode().splitlines()[0].split(",")


def edited(value, name, new):
    """A row with another member of `proved`."""
    *path, last = name.split(".")
    at = value["proved"]
    for part in path:
        at = at[part]
    at[last] = new(at[last])


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("asked", lambda _: 11),
        ("asked", lambda _: 13),
        ("asked", lambda _: True),
        ("step", lambda _: "1/5"),
        ("floor", lambda _: "1/10"),
        ("kinds", lambda _: {"global-minimum": 11, "spurious-minimum": 1}),
        ("spurious.low", lambda _: "0.000001"),
        ("spurious.high", lambda _: "0.400000"),
        ("spurious.confidence", lambda _: "0.9999"),
        ("certificates", lambda x: x[::-1]),
        ("certificates", lambda x: x[:-1]),
        ("certificates", lambda x: [*x[:-1], x[0]]),
        ("certificates", lambda x: [*x[:-1], "0" * 64]),
        ("certificates", lambda x: [*x[:-1], "../../x"]),
        ("per_run.run", lambda x: x[::-1]),
        ("per_run.kind", lambda x: ["spurious-minimum", *x[1:]]),
        ("per_run.place", lambda x: [x[0] + 1, *x[1:]]),
        ("per_run.steps", lambda x: [x[0] + 16, *x[1:]]),
        ("per_run.why", lambda x: ["because", *x[1:]]),
        ("per_run.certificate", lambda x: [-1, *x[1:]]),
        ("per_run.why", lambda x: x[1:]),
    ],
)
def test_a_row_that_says_something_else_than_its_certificates_is_refused(changed, name, new):
    value = row(changed)
    edited(value, name, new)
    studies.write(changed / "rows/2-2.json", value)
    with pytest.raises(InputError, match=r"2-2.*(again|original back)"):
        reading.read(changed)


def test_a_certificate_of_other_runs_is_refused(changed):
    value = row(changed)
    at = value["proved"]["certificates"]
    path = changed / "runs/2-2" / f"{at[0]}.json"
    whole = json.loads(path.read_text())

    def with_(change, match):
        statement = json.loads(json.dumps(whole["statement"]))
        change(statement["claim"])
        digest = form.digest(statement)
        (path.parent / f"{digest}.json").write_bytes(form.envelope(statement, []))
        studies.write(
            changed / "rows/2-2.json",
            {**value, "proved": {**value["proved"], "certificates": [digest, *at[1:]]}},
        )
        with pytest.raises(InputError, match=match):
            reading.read(changed)

    with_(lambda claim: claim["origin"].update(seed=4), "origin: not that of the study")
    with_(lambda claim: claim.pop("origin"), "does not say which runs")
    with_(lambda claim: claim.update(step="1/20"), "step: not that of the study")
    with_(lambda claim: claim["runs"][0]["start"][0].__setitem__(0, ["1", 0]), r"runs\[0\]: not run")
    with_(lambda claim: claim["minima"][0].update(method="x"), "not a certificate of runs|minima: not that")
    path.write_text("{")
    studies.write(changed / "rows/2-2.json", value)
    with pytest.raises(InputError, match="not a certificate of runs"):
        reading.read(changed)


# ---- the command -----------------------------------------------------------------------------------------


def test_the_command(relucert, tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
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
    kills = [0.45, 0.6, 0.75, 0.9]
    found = kill_grid.faults(
        tmp_path, ["--k", "2", "--extra", "0,1", "--runs", "12", "--prove-runs", "all"], kills
    )
    assert found == []


@pytest.mark.parametrize("asked", ["0", "9", "0%", "101%", "1.5", "-1", "some", "1/0", "nan", "", "%"])
def test_bad_numbers_of_runs(relucert, tmp_path, monkeypatch, asked):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    code, _, err = relucert("grid", "--k", "2", "--runs", "8", "-o", tmp_path / "s", f"--prove-runs={asked}")
    assert code == 2 and "--prove-runs" in err
    assert not (tmp_path / "s").exists()


def test_the_tool_stores_certificates_of_runs_with_an_index_that_the_audit_accepts(
    whole, tmp_path, monkeypatch
):
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(sys, "argv", ["store_study", str(whole), str(tmp_path / "out")])
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

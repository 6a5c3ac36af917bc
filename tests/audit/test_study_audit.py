"""The audit of a whole study: what was edited by hand is found, and what was not proved is not said to be."""

import base64
import json
import shutil
from contextlib import redirect_stdout
from fractions import Fraction
from hashlib import sha256
from io import StringIO
from math import comb
from pathlib import Path

import pytest
import rfc8785

from proved_studies import without_processes
from relucert.cli import app
from relucert_audit import shares
from relucert_audit.command import main
from relucert_audit.format import LIMIT
from relucert_audit.study_proofs import about_proofs

ROW = "rows/3-3.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Twelve runs with n = k = 3, seven of them proved, and their key."""
    folder = tmp_path_factory.mktemp("study")
    with redirect_stdout(StringIO()), pytest.MonkeyPatch.context() as patch:
        without_processes(patch)
        options = ["--runs", "12", "--seed", "1", "--jobs", "1", "--key", str(folder / "key.pem")]
        app(["keys", "new", "--out", str(folder / "key.pem")], standalone_mode=False)
        for name, more in (("proved", ["--prove-runs", "7"]), ("plain", [])):
            app(
                ["grid", "--k", "3", "--extra", "0", *options, *more, "-o", str(folder / name)],
                standalone_mode=False,
            )
    return folder


@pytest.fixture
def study(made, tmp_path):
    shutil.copytree(made / "proved", tmp_path / "study")
    return tmp_path / "study"


@pytest.fixture
def audit(capsys, made):
    def run(*arguments, own=False):
        key = ["--own", str(next(made.glob("*.pub*")))] if own else []
        code = main([*map(str, arguments), *key, "--json"])
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return code, {Path(row["file"]).name: row for row in rows}

    return run


def edit(study, change, name=ROW):
    path = study / name
    row = json.loads(path.read_bytes())
    change(row)
    path.write_text(json.dumps(row))


def test_a_study_is_accepted(audit, study):
    code, rows = audit(study, own=True)
    assert code == 0
    assert {row["result"] for row in rows.values()} == {"accepted"}
    said = rows["3-3.json"]["verdict"]
    assert said.startswith(
        "k = 3, n = 3: 12 runs, 7 of 7 proved from their starts, probability of a spurious end 0.000000 to 0.6"
    )
    assert said.endswith(
        " (99.9%, if the starts are independent Gaussian draws and their number was fixed before their ends were "
        "seen); floating-point counts are not certified; seal: valid you"
    )
    assert len(rows) == 2 + len(list(study.glob("certificates/*"))) + len(list(study.glob("runs/3-3/*")))


def test_without_proofs_counts_are_not_certified(audit, made):
    code, rows = audit(made / "plain")
    assert code == 0
    assert rows["3-3.json"]["verdict"] == "k = 3, n = 3: 12 runs, counts are not certified; seal: unknown key"


def test_a_sample_says_what_was_not_checked(audit, study, capsys):
    code, rows = audit(study, "--sample", 2, "--seed", 5)
    (of,) = [row for row in rows.values() if "runs" in row]
    assert (code, of["result"], of["runs"]) == (0, "sampled", [2, 7])
    assert rows["3-3.json"]["result"] == "sampled"
    assert rows["3-3.json"]["verdict"] == (
        "k = 3, n = 3: 12 runs, 2 of 7 proofs of runs from their starts looked at; floating-point counts are not "
        "certified; seal: unknown key"
    )
    assert main([str(study), "--sample", "2", "--seed", "5"]) == 0
    text = capsys.readouterr().out
    assert text.endswith(
        "2 of 7 runs were drawn by seed 5, and 2 of these are proved; the other 5 were not checked\n"
    )
    code, rows = audit(study, "--sample", 7)
    assert {row["result"] for row in rows.values()} == {"accepted"}
    for wrong in (["--sample", "0"], ["--sample", "1", "--seed", "-1"], ["--seed", "5"], ["--seed", "0"]):
        with pytest.raises(SystemExit):
            main([str(study), *wrong])


def test_a_rejected_row_is_said_to_prove_nothing(audit, study):
    edit(study, lambda row: row["proved"]["spurious"].update(low="0.000001"))
    code, rows = audit(study)
    assert (code, rows["3-3.json"]["claim"]) == (1, "proved.spurious")
    assert rows["3-3.json"]["verdict"] == (
        "k = 3, n = 3: 12 runs, floating-point counts are not certified; seal: unknown key"
    )


def test_a_floor_bounds_no_probability_of_a_spurious_end():
    """With n > k and a floor of 1/2 nearly every run is below it at once: `high` is no bound of spurious ends."""
    bounds = {"confidence": "0.999", "low": "0.010000", "high": "0.000100"}
    row = {"k": 2, "n": 3, "proved": {"asked": 9, "kinds": {"not-proved": 2}, "spurious": bounds}}
    said = about_proofs(row)
    assert (
        "7 of 9 proved" in said and "spurious end at least 0.010000 (99.9%" in said and "0.0001" not in said
    )
    assert "0.010000 to 0.000100" in about_proofs({**row, "n": 2})


def test_what_is_proved_of_a_run_contradicts_what_was_counted(audit, study):
    """Counts that fit each other, of which one says that a run that is proved to converge is undecided."""

    def change(row):
        row["per_run"]["family"][row["proved"]["per_run"]["run"][0]] = -1
        row["families"][0]["count"] -= 1
        row["kinds"] = {"global-minimum": 11, "undecided": 1}

    edit(study, change)
    code, rows = audit(study, "--sample", 1)
    assert (code, rows["3-3.json"]["claim"]) == (1, "per_run.family"), rows["3-3.json"]


@pytest.mark.parametrize(
    "name", ["runs/9-9/a.json", "runs/3-3/notes.txt", "runs/a.json", "certificates/b/c.json"]
)
def test_files_that_no_row_names(audit, study, name):
    (study / name).parent.mkdir(exist_ok=True)
    (study / name).write_text("{}")
    assert audit(study, "--sample", 1)[1]["study.json"]["claim"] == name.partition("/")[0]


def test_a_folder_without_a_row(audit, study):
    (study / "runs" / "9-9").mkdir()
    (study / "runs" / ".lock").write_text("")
    rows = audit(study, "--sample", 1)[1]
    assert (rows["study.json"]["claim"], rows["study.json"]["result"]) == ("runs", "rejected")


def test_numbers_that_are_too_large(audit, study):
    edit(study, lambda row: row["per_run"]["loss"].__setitem__(0, 10**400))
    code, rows = audit(study, "--sample", 1)
    assert (code, rows["3-3.json"]["result"]) == (1, "malformed")
    edit(study, lambda row: row["per_run"]["loss"].__setitem__(0, 0.5))
    edit(study, lambda row: row.update(runs=10**12))
    code, rows = audit(study, "--sample", 1)
    assert (code, rows["3-3.json"]["result"], rows["3-3.json"]["claim"]) == (4, "not-confirmed", LIMIT)


EDITS = {
    "schema": lambda row: row.update(schema="relucert-study-row/2"),
    "extra": lambda row: row.update(more=1),
    "runs": lambda row: row.update(runs=13),
    "k": lambda row: row.update(k=4),
    "protocol": lambda row: row["protocol"].update(seed=2),
    "kinds": lambda row: row["kinds"].update({"global-minimum": 11, "undecided": 1}),
    "kinds add up": lambda row: row["kinds"].update({"undecided": 1}),
    "ended": lambda row: row["ended"].update({"basin": 11, "criterion": 1}),
    "count": lambda row: row["families"][0].update(count=11),
    "verdict": lambda row: row["families"][0].update(verdict="spurious-minimum"),
    "objective": lambda row: row["families"][0].update(objective=["0", "1e-9"]),
    "objective of one": lambda row: row["families"][0].update(objective=["0"]),
    "lambda_min": lambda row: row["families"][0]["lambda_min"].reverse(),
    "lambda_max": lambda row: row["families"][0].update(lambda_max="2"),
    "radius": lambda row: row["families"][0].update(radius="1e-30"),
    "uniqueness_radius": lambda row: row["families"][0].update(uniqueness_radius="0.5"),
    "basin_radius": lambda row: row["families"][0].update(basin_radius="0.5"),
    "no basin": lambda row: row["families"][0].update(basin_radius=None),
    "proved_distinct": lambda row: row["families"][0].update(proved_distinct=False),
    "certificate": lambda row: row["families"][0].update(certificate="0" * 64),
    "family": lambda row: row["per_run"]["family"].__setitem__(0, -1),
    "families": lambda row: row["per_run"]["family"].__setitem__(0, 5),
    "a run less": lambda row: row["per_run"]["loss"].pop(),
    "asked": lambda row: row["proved"].update(asked=8),
    "step": lambda row: row["proved"].update(step="1/20"),
    "floor": lambda row: row["proved"].update(floor="1/100"),
    "proved kinds": lambda row: row["proved"]["kinds"].update({"global-minimum": 6, "not-proved": 1}),
    "low": lambda row: row["proved"]["spurious"].update(low="0.000001"),
    "high": lambda row: row["proved"]["spurious"].update(high="0.600000"),
    "confidence": lambda row: row["proved"]["spurious"].update(confidence="0.9999"),
    "digests": lambda row: row["proved"].update(certificates=[]),
    "another digest": lambda row: row["proved"].update(certificates=["1" * 64]),
    "run": lambda row: row["proved"]["per_run"]["run"].__setitem__(0, 11),
    "kind": lambda row: row["proved"]["per_run"]["kind"].__setitem__(0, "spurious-minimum"),
    "place": lambda row: row["proved"]["per_run"]["place"].__setitem__(0, 1),
    "place of another": lambda row: row["proved"]["per_run"]["certificate"].__setitem__(0, -1),
    "steps": lambda row: row["proved"]["per_run"]["steps"].__setitem__(0, 1),
    "why": lambda row: row["proved"]["per_run"]["why"].__setitem__(0, "because"),
    "not proved": lambda row: row.pop("proved"),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_row_edited_by_hand(audit, study, name):
    edit(study, EDITS[name])
    code, rows = audit(study, "--sample", 1)
    assert code in (1, 2)
    assert rows["3-3.json"]["result"] in ("rejected", "malformed"), rows["3-3.json"]


@pytest.mark.parametrize("column", ["loss", "steps", "distance", "ended"])
def test_what_floating_point_counted_is_as_it_was_sealed(audit, study, column):
    def change(row):
        row["per_run"][column].reverse()
        row["per_run"][column][0] = {"loss": 0.5, "steps": 7, "distance": "0.1", "ended": "basin"}[column]
        row["seal"]["sig"] = base64.b64encode(bytes(64)).decode() if column == "ended" else row["seal"]["sig"]

    edit(study, change)
    code, rows = audit(study, "--sample", 1, own=True)
    assert (code, rows["3-3.json"]["claim"]) == (1, "seal")
    code, rows = audit(study, "--sample", 1)
    assert code == 0
    assert rows["3-3.json"]["verdict"].endswith("seal: unknown key")


def test_files_that_are_missing_added_or_damaged(audit, study, made):
    (runs,) = study.glob("runs/3-3/*.json")
    kept = runs.read_bytes()
    runs.unlink()
    assert audit(study)[1]["3-3.json"]["claim"] == "proved.certificates"
    runs.write_bytes(kept.replace(b'"steps": 1', b'"steps": 2', 1))
    code, rows = audit(study, "--sample", 1)
    assert code == 1
    assert rows[runs.name]["result"] == rows["3-3.json"]["result"] == "rejected"
    runs.write_bytes(kept)
    stray = study / "certificates" / f"{'2' * 64}.json"
    stray.write_bytes(next(study.glob("certificates/*.json")).read_bytes())
    assert audit(study, "--sample", 1)[1]["study.json"]["claim"] == "certificates"
    stray.unlink()
    (study / ROW).write_text("{")
    assert audit(study, "--sample", 1)[1]["3-3.json"]["result"] == "malformed"
    (study / ROW).unlink()
    assert audit(study, "--sample", 1)[1]["study.json"]["claim"] == "rows"
    edit(study, lambda whole: whole.update(more=1), "study.json")
    assert audit(study, "--sample", 1)[1]["study.json"]["result"] == "malformed"


def test_certificates_of_other_things(audit, study, made):
    """An accepted certificate of a CNN, or of runs, in the place of one of a point; that of a point among the runs."""
    corpus = Path(__file__).resolve().parents[1] / "corpus" / "accept"
    (runs,) = study.glob("runs/3-3/*.json")
    (point,) = study.glob("certificates/*.json")
    foreign = next(path for path in sorted(corpus.glob("cnn-*.json")))
    for source in (foreign, corpus / "runs-two.json", runs):
        whole = json.loads(source.read_bytes())
        digest = sha256(rfc8785.dumps(whole["statement"])).hexdigest()
        (study / "certificates" / f"{digest}.json").write_bytes(source.read_bytes())
        edit(study, lambda row, digest=digest: row["families"][0].update(certificate=digest))
        code, rows = audit(study, "--sample", 1)
        assert (code, rows["3-3.json"]["claim"]) == (1, "families.0"), source
    edit(study, lambda row: row["families"][0].update(certificate=point.stem))
    shutil.copy(point, runs.parent)
    edit(study, lambda row: row["proved"].update(certificates=[point.stem, runs.stem]))
    assert audit(study, "--sample", 1)[1]["3-3.json"]["claim"] == "proved.certificates.0"


def test_a_work_file_edited_by_hand(audit, study, made):
    work = study / "work" / "4-4"
    work.mkdir(parents=True)
    (work / f"finish-{'a' * 64}.npz").write_bytes(bytes(100))
    code, rows = audit(study, "--sample", 1, own=True)
    assert (code, rows[f"finish-{'a' * 64}.npz"]["claim"]) == (1, "work")
    code, rows = audit(study, "--sample", 1)
    assert code == 0
    assert rows[f"finish-{'a' * 64}.npz"]["verdict"] == "unfinished work, by an unknown key; not audited"


def test_bounds_of_a_share_by_fractions():
    for draws, least, others in (
        (1, 0, 1),
        (1, 1, 0),
        (7, 0, 7),
        (12, 3, 9),
        (40, 5, 20),
        (40, 40, 0),
        (40, 1, 0),
    ):
        low, high = (Fraction(x) for x in shares.share(draws, least, others))
        unit, tail = Fraction(1, 10**6), Fraction(1, 2000)

        def sums(p, counts, draws=draws):
            return sum(comb(draws, i) * p**i * (1 - p) ** (draws - i) for i in counts)

        more, fewer = range(least, draws + 1), range(draws - others + 1)
        assert (low, least) == (0, 0) or sums(low, more) < tail <= sums(low + unit, more)
        assert (high, others) == (1, 0) or sums(high, fewer) < tail <= sums(high - unit, fewer)


def test_the_order_of_proofs_and_samples():
    assert sorted(shares.order(1, 6, 6, 20)) == list(range(20))
    assert shares.order(1, 6, 6, 20) != shares.order(1, 7, 6, 20) != shares.order(2, 6, 6, 20)
    files = [(name, name, place) for name in "ab" for place in range(5)]
    three, all_of = shares.chosen(3, 9, files), shares.chosen(99, 9, files)
    assert sum(map(len, three.values())) == 3
    assert all_of == {"a": [0, 1, 2, 3, 4], "b": [0, 1, 2, 3, 4]}
    assert all(set(three[name]) <= set(shares.chosen(4, 9, files)[name]) for name in "ab")

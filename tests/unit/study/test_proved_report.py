"""What a report reads of proved runs, says of them, and refuses."""

import csv
import json
from html import unescape

import pytest

import studies
from proved_studies import KEY, row
from relucert.base.errors import InputError
from relucert.certificate import form
from relucert.study import formats, live
from relucert.study import study as reading

pytestmark = pytest.mark.usefixtures("small_chunks")


# ---- reading ---------------------------------------------------------------------------------------------


def test_a_report_reads_and_says_what_is_proved(all_proved, tmp_path):
    study = reading.read(all_proved, KEY.public_key())
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
    page = unescape(formats.render(study, "html", tmp_path / "page.html").decode())
    assert 'id="proved"' in page and "not proved again for this report" in page
    line = next(csv.DictReader(formats.render(study, "csv", None).decode().splitlines()))
    assert (line["proved"], line["proved_asked"], line["proved_confidence"]) == ("12", "12", "0.999")
    assert formats.render(study, "tex", None).decode().count("12 of 12") == 1
    assert "and the number of these runs was fixed before their ends were seen, then" in said
    assert "| 4 of 4 | ≥ 0 |" in said
    assert "were made by relucert under your key's seal" in page
    foreign = reading.read(all_proved)
    assert "not under your key's seal" in formats.render(foreign, "md", None).decode()
    page = unescape(formats.render(foreign, "html", tmp_path / "page.html").decode())
    assert "made by relucert under" not in page and "who made them is not known" in page
    assert ", are proved from" not in page and "as the files say without your key's seal" in page


def test_what_grid_says_of_proofs():
    """For n > k the upper bound is of less than a spurious end, and is not shown."""
    spurious = {"confidence": "0.999", "low": "0.01", "high": "0.02"}
    found = {"k": 2, "n": 3, "kinds": {}, "proved": {"kinds": {"below-floor": 4}, "spurious": spurious}}
    said = live.proofs(found)
    assert "spurious end at least 1% (99.9%, if the starts are independent" in said and "2%" not in said
    assert "spurious end 1% to 2%" in live.proofs({**found, "n": 2})


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
def test_a_row_that_says_something_else_than_its_certificates_is_refused(damaged, name, new):
    value = row(damaged)
    edited(value, name, new)
    studies.write(damaged / "rows/2-2.json", value)
    with pytest.raises(InputError, match=r"2-2.*(again|original back)"):
        reading.read(damaged)


def test_counts_that_contradict_proofs_are_refused(damaged):
    """Counts that fit each other, of which one says that a run that is proved to converge is undecided."""
    value = row(damaged)
    families, per_run = value["families"], value["per_run"]
    at = per_run["family"][0]
    kind = families[at]["verdict"]
    per_run["family"][0] = -1
    families[at]["count"] -= 1
    value["kinds"][kind] -= 1
    value["kinds"]["undecided"] = value["kinds"].get("undecided", 0) + 1
    studies.write(damaged / "rows/2-2.json", value)
    with pytest.raises(InputError, match=r"2-2.*per_run.family: of run 0, contradicts what is proved.*again"):
        reading.read(damaged)


def test_a_certificate_of_other_runs_is_refused(damaged):
    value = row(damaged)
    at = value["proved"]["certificates"]
    path = damaged / "runs/2-2" / f"{at[0]}.json"
    all_proved = json.loads(path.read_text())

    def with_(change, match):
        statement = json.loads(json.dumps(all_proved["statement"]))
        change(statement["claim"])
        digest = form.digest(statement)
        (path.parent / f"{digest}.json").write_bytes(form.envelope(statement, []))
        studies.write(
            damaged / "rows/2-2.json",
            {**value, "proved": {**value["proved"], "certificates": [digest, *at[1:]]}},
        )
        with pytest.raises(InputError, match=match):
            reading.read(damaged)

    with_(lambda claim: claim["origin"].update(seed=4), "origin: not that of the study")
    with_(lambda claim: claim.pop("origin"), "does not say which runs")
    with_(lambda claim: claim.update(step="1/20"), "step: not that of the study")
    with_(lambda claim: claim["runs"][0]["start"][0].__setitem__(0, ["1", 0]), r"runs\[0\]: not run")
    with_(lambda claim: claim["minima"][0].update(method="x"), "not a certificate|minima: not that")
    path.write_text("{")
    studies.write(damaged / "rows/2-2.json", value)
    with pytest.raises(InputError, match="not a certificate"):
        reading.read(damaged)

"""The audit of studies of signed networks: which network a row is about is part of what it says."""

import json
import shutil

import pytest

import signed_studies as studies
from converging_studies import onward
from proved_studies import prove
from relucert.study import batch
from relucert.study.runs import Protocol
from relucert_audit.command import main


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return studies.make(tmp_path_factory.mktemp("signed"), studies.MIXED)


@pytest.fixture
def audit(capsys):
    def run(study, name):
        code = main([str(study), "--json"])
        (row,) = [
            x for x in map(json.loads, capsys.readouterr().out.splitlines()) if x["file"].endswith(name)
        ]
        return code, row

    return run


def edited(made, folder, change):
    study = shutil.copytree(made, folder / "study")
    for path in (study / "study.json", study / "rows/2-2.json"):
        whole = json.loads(path.read_text())
        change(whole["protocol"])
        path.write_text(json.dumps(whole))
    return study


def test_a_signed_study_is_accepted_and_named(audit, made):
    code, row = audit(made, "rows/2-2.json")
    assert (code, row["result"]) == (0, "accepted")
    assert row["verdict"] == (
        "k = 2, n = 2, signs +,-, teacher signs +,-: 8 runs, counts are not certified; seal: unknown key"
    )


def test_slopes_alone_are_named(audit, tmp_path):
    _, row = audit(studies.make(tmp_path, studies.TURNED), "rows/1-1.json")
    assert (row["result"], row["verdict"][:35]) == ("accepted", "k = 1, n = 1, slope -1/2: 12 runs, ")


@pytest.mark.parametrize(
    ("change", "result", "what"),
    [
        (lambda x: x.update(signs="-,+"), "rejected", "families.0"),
        (lambda x: x.update(slope="1/3"), "rejected", "families.0"),
        (lambda x: x.pop("signs"), "rejected", "families.0"),
        (lambda x: (x.pop("signs"), x.pop("teacher_signs")), "rejected", "families.0"),
        (lambda x: x.update(signs="+,-,+"), "rejected", "protocol"),
        (lambda x: x.update(teacher_signs="-"), "rejected", "protocol"),
        (lambda x: x.update(signs="+,+"), "malformed", "format"),
        (lambda x: x.update(signs="+, -"), "malformed", "format"),
        (lambda x: x.update(signs=[1, -1]), "malformed", "format"),
        (lambda x: x.update(slope="0"), "malformed", "format"),
        (lambda x: x.update(slope="1"), "malformed", "format"),
        (lambda x: x.update(slope="2/4"), "malformed", "format"),
        (lambda x: x.update(slope=-1), "malformed", "format"),
        (lambda x: x.update(slope="1/" + "3" * 63), "malformed", "format"),
        (lambda x: x.update(bias="0"), "malformed", "format"),
    ],
)
def test_another_network_is_not_accepted(audit, made, tmp_path, change, result, what):
    code, row = audit(
        edited(made, tmp_path, change), "rows/2-2.json" if result == "rejected" else "study.json"
    )
    assert (code, row["result"], row["claim"]) == (1 if result == "rejected" else 2, result, what)


def test_a_study_without_certificates_is_audited_too_and_must_fit(audit, tmp_path):
    study = studies.make(tmp_path, studies.WIDE)
    assert audit(study, "rows/1-2.json")[0] == 0
    for path in (study / "study.json", study / "rows/1-2.json"):
        path.write_text(path.read_text().replace('"slope": "1/3"', '"slope": "1/3", "signs": "-"'))
    code, row = audit(study, "rows/1-2.json")
    assert (code, row["claim"]) == (1, "protocol")


def test_proofs_about_the_relu_prove_no_run_of_another_network(audit, tmp_path):
    _, row = studies.WIDE
    plain = studies.opened(tmp_path / "plain", Protocol(seed=1, floor_steps=3000))
    list(batch.run(plain, [row], studies.Here, 4))
    list(prove(plain, 1, rows=[row]))
    assert audit(plain.directory, "rows/1-2.json")[0] == 0
    signed = studies.make(tmp_path / "signed", studies.WIDE)
    shutil.copytree(plain.directory / "runs", signed / "runs")
    path = signed / "rows/1-2.json"
    whole = json.loads(path.read_text()) | {"proved": plain.row(row)["proved"]}
    path.write_text(json.dumps(whole))
    code, found = audit(signed, "rows/1-2.json")
    assert (code, found["result"], found["claim"]) == (1, "rejected", "proved.certificates.0")
    list(onward(plain, row.runs, each=row))
    code, found = audit(plain.directory, "rows/1-2.json")
    assert code == 0 and "converge to a global minimum" in found["verdict"]
    whole = {**whole, "converges": plain.row(row)["converges"]}
    del whole["proved"]
    path.write_text(json.dumps(whole))
    shutil.rmtree(signed / "runs")
    shutil.copytree(plain.directory / "converges", signed / "converges")
    code, found = audit(signed, "rows/1-2.json")
    assert (code, found["reason"]) == (1, "converges: is for output weights 1 and the ReLU")

"""`relucert robust`: what it takes, what it writes, and what it refuses."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from relucert import certificate
from relucert.base.dyadic import to_fraction

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "docs/spec/certificate-v1.schema.json").read_text())
STORED = {
    json.loads(p.read_text())["statement"]["claim"]["verdict"]: p
    for p in (ROOT / "certificates/6-6").iterdir()
}
SPURIOUS = STORED["spurious-minimum"]

LOCAL = [
    [0.9463278194291504, -0.2437714122177083, 0.9463278194291504],
    [0.089644930081999, 1.317912904973615, 0.089644930081999],
]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def value(number):
    return to_fraction(certificate.number(number, "x"))


def test_the_new_certificate_holds_the_old_claim_and_theorem_p(relucert, tmp_path):
    code, out, _ = relucert("robust", SPURIOUS, "-o", "out")
    assert code == 0
    assert "every d >= 6" in out and "N(0, c I_d)" in out
    (path,) = (tmp_path / "out").iterdir()
    whole = json.loads(path.read_text())
    jsonschema.Draft202012Validator(SCHEMA).validate(whole)
    old, new = json.loads(SPURIOUS.read_text())["statement"], whole["statement"]
    assert path.stem == certificate.digest(new)
    for member in ("family", "method", "problem", "point", "verdict"):
        assert new["claim"][member] == old["claim"][member]
    assert new["provenance"]["source"] == f"certificate {certificate.digest(old)}"
    robust = new["claim"]["robust"]
    deviation = value(robust["deviation"])
    assert 1.4e-4 < deviation < 1.5e-4
    assert int(robust["deviation"]["exact"][0]) < 2**10  # a short number
    assert value(robust["radius"]) < value(robust["lipschitz"]["radius"])
    assert int(robust["random_dimension"]) * deviation**2 >= 42
    (argument,) = (x for x in new["evidence"] if x["theorem"] == "Theorem P")
    assert argument["holds"]
    assert [x["step"] for x in argument["inequalities"]] == [f"P.{i}" for i in range(1, 7)]
    code, out, _ = relucert("show", path)
    assert code == 0
    assert f"d > {robust['random_dimension']}" in out


def test_a_certificate_that_the_checker_does_not_accept_is_refused(relucert, tmp_path):
    whole = json.loads(SPURIOUS.read_text())
    bounds = whole["statement"]["claim"]["bounds"]
    for name in ("gradient_norm", "lambda_max", "existence_radius"):
        bounds[name] = {"exact": ["1", -90], "decimal": "8e-28"}
    Path("changed.json").write_text(json.dumps(whole))
    code, out, err = relucert("robust", "changed.json", "--json")
    assert (code, out) == (2, "")
    assert "changed.json: not accepted by the checker" in err
    line = json.loads(relucert("robust", SPURIOUS, "--json")[1])
    assert line["likely"]["dimension"] > line["random_dimension"] > 10**9


def test_what_others_wrote_about_a_point_is_not_signed_anew(relucert, tmp_path):
    whole = json.loads(SPURIOUS.read_text())
    whole["statement"]["provenance"] |= {"source": "Theorem S, by a referee", "search": {"seed": "x"}}
    Path("told.json").write_text(json.dumps({**whole, "signatures": []}))
    assert relucert("robust", "told.json", "-o", "out")[0] == 0
    (path,) = (tmp_path / "out").iterdir()
    said = json.loads(path.read_text())["statement"]["provenance"]
    assert said["source"] == f"certificate {certificate.digest(whole['statement'])}"
    assert said["search"] is None


@pytest.mark.parametrize(
    "point, reason",
    [
        (np.eye(2), "claims a global-minimum"),
        ([[-0.0683098861837908] * 2, [1.0683098861837907] * 2], "claims a strict-saddle"),
        (LOCAL, "claims a local-minimum"),
        ([[1.0, 2.0], [3.0, 1.0]], "claims a not-critical"),
    ],
)
def test_what_is_no_spurious_minimum_is_refused(relucert, tmp_path, point, reason):
    np.save("p.npy", np.array(point))
    layout = ("--layout", "neurons-in-rows", "--orthonormal")
    assert relucert("verify", "p.npy", *layout, "-o", "out")[0] == 0
    (path,) = (tmp_path / "out").iterdir()
    code, out, err = relucert("robust", path, "-o", "out2")
    assert (code, out) == (2, "")
    assert reason in err and path.name in err
    assert not (tmp_path / "out2").exists()


@pytest.mark.parametrize(
    "member, what, reason",
    [
        ("method", "symmetric-hessian", "symmetric-hessian"),
        ("method", "gradient-flow", "gradient-flow"),
        ("family", "cnn", "the family is 'cnn'"),
        ("problem", {"n": 6, "k": 6, "d": 6, "targets": [[["1", 0]] * 6] * 6}, "not orthonormal"),
        ("point", [[["1", 0]]], "no exact point"),
        ("problem", {"n": 6}, "no exact point"),
    ],
)
def test_other_certificates_are_refused(relucert, member, what, reason):
    whole = json.loads(SPURIOUS.read_text())
    whole["statement"]["claim"][member] = what
    Path("changed.json").write_text(json.dumps(whole))
    code, _, err = relucert("robust", "changed.json")
    assert code == 2
    assert reason in err and "changed.json" in err


def test_a_claim_about_another_point_is_refused(relucert, tmp_path):
    whole = json.loads(SPURIOUS.read_text())
    whole["statement"]["claim"]["point"][0][0] = ["1", 0]
    Path("changed.json").write_text(json.dumps(whole))
    code, _, err = relucert("robust", "changed.json", "-o", "out")
    assert code == 2
    assert "not accepted by the checker" in err
    assert not (tmp_path / "out").exists()


def test_a_symmetric_certificate_is_refused(relucert, tmp_path):
    point = {"class_sizes": [6], "values": [[-0.6631, 0.3310]]}
    (tmp_path / "p.jsonl").write_text(json.dumps(point))
    assert relucert("verify", tmp_path / "p.jsonl", "--symmetric", "-o", "out")[0] == 0
    (path,) = (tmp_path / "out").iterdir()
    code, _, err = relucert("robust", path)
    assert code == 2
    assert "the method is 'symmetric-hessian'" in err


def test_a_directory_with_nothing_to_do_is_an_error(relucert, tmp_path):
    np.save("w.npy", np.eye(2))
    assert relucert("verify", "w.npy", "--layout", "neurons-in-rows", "-o", "global")[0] == 0
    code, _, err = relucert("robust", "global", "-o", "out")
    assert code == 2
    assert "passed over" in err
    assert "none of these certificates is of a spurious minimum for orthonormal targets" in err
    assert not (tmp_path / "out").exists()


def test_in_a_directory_what_is_of_another_kind_is_passed_over(relucert, tmp_path):
    code, out, err = relucert("robust", ROOT / "certificates/6-6", "-o", "out", "--json")
    assert code == 0
    assert [json.loads(line)["source"] for line in out.splitlines()] == [str(SPURIOUS)]
    assert "passed over" in err
    assert "claims a global-minimum" in err
    assert len(list((tmp_path / "out").iterdir())) == 1
    assert relucert("robust", tmp_path / "none")[0] == 2

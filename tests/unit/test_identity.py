"""The identity of a claim: what is claimed of which point, wherever the point came from."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest

from relucert import certificate
from relucert.families.teacher.points import write_npz
from relucert_audit.check import claim_digest

ACCEPT = Path(__file__).parents[1] / "corpus" / "accept"


def statement(name):
    return json.loads((ACCEPT / f"{name}.json").read_text())["statement"]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUCERT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def as_search_writes(rows):
    return write_npz(np.array([rows]), np.eye(len(rows[0])), {}, {"run": np.array([0])})


def verified(relucert, *arguments):
    """The line of `verify --json`, and what its certificate says."""
    code, out, _ = relucert("verify", *arguments, "--raw", "--json")
    assert code == 0
    (line,) = map(json.loads, out.splitlines())
    return line, json.loads(Path(line["certificate"]).read_text())["statement"]


@pytest.mark.parametrize("last", [1.0, 0.9990234375, 7.0])
def test_one_point_in_two_formats_has_one_identity(relucert, last):
    rows = [[1.0, 2.0**-12, 0.0], [0.0, 1.0, 0.0], [0.0, 0.1, last]]
    Path("here.npz").write_bytes(as_search_writes(rows))
    Path("there.json").write_text(json.dumps({"points": [rows]}))
    (line, one), (again, other) = (verified(relucert, x) for x in ("here.npz", "there.json"))
    assert (
        line["claim_digest"]
        == again["claim_digest"]
        == claim_digest(one["claim"])
        == claim_digest(other["claim"])
    )
    assert one["provenance"]["source"] != other["provenance"]["source"]
    assert certificate.digest(one) != certificate.digest(other)
    _, shown, _ = relucert("show", line["certificate"], "--json")
    assert json.loads(shown)["claim_digest"] == line["claim_digest"]


def test_another_point_has_another_identity(relucert):
    found = set()
    for last in (1.0, 1 - 2.0**-30):
        Path("points.json").write_text(json.dumps({"points": [[[1.0, 0.0], [0.0, last]]]}))
        found.add(verified(relucert, "points.json")[0]["claim_digest"])
    assert len(found) == 2


def test_a_symmetric_point_has_it_too(relucert):
    for name in ("one.jsonl", "other.jsonl"):
        Path(name).write_text('{"class_sizes": [3], "values": [[1, 0]]}\n')
    (line, one), (again, _) = (verified(relucert, "--symmetric", x) for x in ("one.jsonl", "other.jsonl"))
    assert line["claim_digest"] == again["claim_digest"] == claim_digest(one["claim"])


def test_what_is_not_proved_has_none(relucert):
    Path("flat.json").write_text(json.dumps({"points": [[[0.5, 1e-9], [0.5, -1e-9], [0.0, 1.0]]]}))
    code, out, _ = relucert("verify", "flat.json", "--raw", "--json")
    line = json.loads(out)
    assert (code, line["certificate"], line["claim_digest"]) == (5, None, None)


def test_the_identity_is_that_of_the_claim_alone():
    first = statement("local-1-3")
    other = copy.deepcopy(first)
    other["provenance"]["source"] = "another.npz[3]"
    other["claim"]["bounds"]["gradient_norm"] = {"exact": ["1", -3], "decimal": "0.125"}
    assert certificate.digest(first) != certificate.digest(other)
    assert certificate.claim_digest(first["claim"]) == certificate.claim_digest(other["claim"])
    assert claim_digest(first["claim"]) == certificate.claim_digest(first["claim"])
    for member, value in (("verdict", "strict-saddle"), ("point", []), ("problem", {})):
        changed = {**first["claim"], member: value}
        assert certificate.claim_digest(changed) != certificate.claim_digest(first["claim"])

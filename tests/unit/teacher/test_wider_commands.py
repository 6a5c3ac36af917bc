"""`relucert split` and `relucert transfer`: what they take, what they write, and what they refuse."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from relucert import certificate
from relucert.base.dyadic import to_fraction
from relucert.base.errors import InputError
from relucert.families.teacher.wider import base, claims, work
from relucert.families.teacher.wider.work import Asked

ROOT = Path(__file__).parents[3]
SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/spec/wider-v1.schema.json").read_text()))
STORED = {
    json.loads(p.read_text())["statement"]["claim"]["verdict"]: p
    for p in (ROOT / "certificates/6-6").iterdir()
}
SPURIOUS, GLOBAL = STORED["spurious-minimum"], STORED["global-minimum"]
SADDLE = [[-0.0683098861837908] * 2, [1.0683098861837907] * 2]
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


def written(folder):
    """The statement of the only certificate there."""
    (path,) = Path(folder).iterdir()
    statement = json.loads(path.read_text())["statement"]
    SCHEMA.validate(statement["claim"])
    assert path.stem == certificate.digest(statement)
    return path, statement


def verified(relucert, rows, *options):
    np.save("p.npy", np.array(rows))
    layout = ("--layout", "neurons-in-rows", "--orthonormal")
    assert relucert("verify", "p.npy", *layout, *options, "-o", "source")[0] == 0
    (path,) = Path("source").iterdir()
    return path


def test_all_splits_of_a_spurious_minimum(relucert):
    code, out, err = relucert("split", SPURIOUS, "--opposite", "-o", "out")
    assert code == 0 and "error" not in err
    path, statement = written("out")
    claim, old = statement["claim"], json.loads(SPURIOUS.read_text())["statement"]
    assert claim["verdict"] == "splits" and claim["critical_point"] == "spurious-minimum"
    for member in ("family", "problem", "point", "dimension"):
        assert claim[member] == old["claim"][member]
    both = {"same": "strict-saddle", "opposite": "degenerate-minimum"}
    assert claim["splits"] == [{"neuron": i, **both} for i in range(1, 7)]
    assert all(value(x["same"]) < value(x["opposite"]) < 0 for x in claim["bounds"]["splits"])
    assert 1.9e-8 < value(claim["bounds"]["barrier"]) < 2e-8
    assert not {"basin", "lambda_min_safran_shamir"} & claim["bounds"].keys()
    assert statement["provenance"]["source"] == f"certificate {certificate.digest(old)}"
    assert out.count("strict saddles") == 6 and out.count("degenerate minima") == 6
    assert all(x["holds"] for x in statement["evidence"] if x["theorem"].startswith("Theorem 18."))
    assert relucert("audit", path)[0] == 0
    code, out, _ = relucert("show", path)
    assert code == 0 and "Every split with N = 0 of each of the neurons 1 to 6 has a Hessian" in out


def test_eigenvalues_are_said_in_the_dimension_of_the_problem(relucert):
    """One neuron between two targets: S_1 has -0.298 and 0 in R^2, and in R^3 also -0.149, above the bound."""
    source = verified(relucert, [[0.75 + 1 / np.pi] * 2])
    code, out, _ = relucert("split", source, "--opposite", "-o", "out")
    path, statement = written("out")
    (bounds,) = statement["claim"]["bounds"]["splits"]
    assert code == 0 and "dimension" in statement["claim"]
    assert -0.2980 < value(bounds["opposite"]) < -0.2979  # and not -0.149
    assert "in every dimension d >= 2" in out and "in dimension 2" in out
    code, out, _ = relucert("show", path)
    (fact,) = [line for line in out.splitlines() if "S_i at W*" in line]
    assert code == 0 and "in dimension d = 2, neuron 1" in fact and "all eigenvalues <= -0.297" in fact


def test_one_neuron_and_one_sign(relucert):
    assert relucert("split", SPURIOUS, "--neuron", "4", "-o", "out")[0] == 0
    claim = written("out")[1]["claim"]
    assert claim["splits"] == [{"neuron": 4, "same": "strict-saddle"}]
    code, _, err = relucert("split", ROOT / "certificates/6-6", "--neuron", "7", "-o", "none")
    assert code == 2 and "passed over" in err and "no certificate was made" in err
    code, _, err = relucert("split", SPURIOUS, "--neuron", "7", "-o", "none")
    assert code == 2 and "there are neurons 1 to 6, no 7" in err and not list(Path("none").iterdir())
    assert relucert("split", SPURIOUS, "--neuron", "0")[0] == 2


def test_a_neuron_at_the_origin(relucert):
    code, out, _ = relucert("split", SPURIOUS, "--zero", "-o", "out")
    assert code == 0 and "is not a local minimum of the population loss of 7 neurons" in out
    path, statement = written("out")
    claim = statement["claim"]
    slope, decrease = (value(claim["bounds"][x]) for x in ("slope", "decrease"))
    low = value(claim["bounds"]["objective"][0])
    assert slope > 2 * low / 6 and 0.99 * slope**2 < decrease <= slope**2
    assert relucert("audit", path)[0] == 0
    code, _, err = relucert("split", SPURIOUS, "--zero", "--opposite")
    assert code == 2 and "leave out --neuron and --opposite" in err


@pytest.mark.parametrize(
    ("rows", "verdict", "said"),
    [
        (np.eye(2), "global-minima", "critical and a global minimum"),
        (SADDLE, "strict-saddles", "1 negative and 3 positive"),
        (LOCAL, "local-minima", "critical and a local minimum, "),
    ],
)
def test_trained_output_weights(relucert, rows, verdict, said):
    source = verified(relucert, rows)
    code, out, _ = relucert("transfer", source, "-o", "out")
    path, statement = written("out")
    claim = statement["claim"]
    assert code == 0 and said in out
    assert claim["verdict"] == verdict and claim["problem"]["output_weights"] == "trained"
    assert ("barrier" in claim["bounds"]) == (verdict != "strict-saddles")
    assert relucert("audit", path)[0] == 0
    first = json.loads(source.read_text())["statement"]["claim"]
    assert certificate.claim_digest(claim) != certificate.claim_digest(first)


def test_many_at_once_with_totals_and_json(relucert):
    code, out, err = relucert(
        "split", ROOT / "certificates/6-6", ROOT / "certificates/13-14", "--opposite", "-o", "out"
    )
    assert code == 0 and "passed over 1: claims a global-minimum" in err
    words = " ".join(out.split())
    assert (
        "4 certificates; same sign: 48 strict saddles; opposite signs: 1 strict saddles, 47 degenerate"
        in words
    )
    code, out, _ = relucert("split", ROOT / "certificates/6-6", "--json", "-o", "more")
    (line,) = map(json.loads, out.splitlines())
    assert line["source"] == str(SPURIOUS) and line["undecided"] == []
    assert line["splits"][0] == {"neuron": 1, "same": "strict-saddle"}


def test_symmetric_certificates_go_by_kinds(relucert):
    source = ROOT / "certificates/k-1,1"
    path = next(x for x in sorted(source.glob("*.json")) if '"class_sizes": [5, 1]' in x.read_text())
    assert relucert("split", path, "--opposite", "-o", "out")[0] == 0
    mine, statement = written("out")
    both = {"same": "strict-saddle", "opposite": "degenerate-minimum"}
    assert statement["claim"]["splits"] == [{"neuron": 1, **both}, {"neuron": 2, **both}]
    assert relucert("audit", mine)[0] == 0
    code, out, _ = relucert("show", mine)
    assert code == 0 and "each of the 5 neurons of class 1 and of the neuron of class 2" in " ".join(
        out.split()
    )
    for folder, command in (("zero", ("split", "--zero")), ("trained", ("transfer",))):
        assert relucert(*command, path, "-o", folder)[0] == 0
        assert relucert("audit", written(folder)[0])[0] == 0


@pytest.mark.parametrize("command", [("split",), ("split", "--zero")])
def test_what_is_no_minimum_has_no_splits(relucert, command):
    for source, reason in (
        (GLOBAL, "claims a global-minimum"),
        (verified(relucert, SADDLE), "claims a strict-saddle"),
    ):
        code, out, err = relucert(*command, source, "-o", "out")
        assert (code, out) == (2, "") and reason in err and not Path("out").exists()


def test_nothing_in_a_certificate_is_believed(relucert):
    """Its form is checked, and its verdict proved again from its exact point; its numbers are not used."""
    whole = json.loads(SPURIOUS.read_text())
    claim = whole["statement"]["claim"]
    moved = {**claim, "point": [[["1", 0], *claim["point"][0][1:]], *claim["point"][1:]]}
    wrong = {**claim, "verdict": "local-minimum"}
    shapeless = {**claim, "verdict": "spurious-minimum", "more": 1}
    for changed, reason in (
        (moved, "changed.json: not accepted: its verdict is not proved again from its exact point"),
        (wrong, "changed.json: not accepted: its verdict is not proved again from its exact point"),
        (shapeless, "changed.json: not accepted by the checker"),
    ):
        statement = {**whole["statement"], "claim": changed}
        Path("changed.json").write_text(json.dumps({**whole, "statement": statement, "signatures": []}))
        for command in ("split", "transfer"):
            code, out, err = relucert(command, "changed.json", "-o", "out")
            assert (code, out) == (2, "") and reason in " ".join(err.split())
            assert list(Path("out").iterdir()) == []


def test_numbers_of_a_certificate_are_not_used(relucert):
    whole = json.loads(SPURIOUS.read_text())
    radius = {"exact": ["1", -70], "decimal": "8.47033e-22"}
    whole["statement"]["claim"]["bounds"]["existence_radius"] = radius
    Path("changed.json").write_text(json.dumps({**whole, "signatures": []}))
    assert relucert("split", "changed.json", "--opposite", "-o", "out")[0] == 0
    assert relucert("split", SPURIOUS, "--opposite", "-o", "again")[0] == 0
    mine, other = written("out")[1], written("again")[1]
    assert mine["claim"] == other["claim"] and mine["provenance"]["source"] != other["provenance"]["source"]


def test_other_families_are_refused(relucert):
    path = next((ROOT / "certificates/every-k").glob("*.json"))
    code, _, err = relucert("split", path)
    assert code == 2 and "the family is 'teacher-student-relu-every-k'" in err
    assert relucert("split", SPURIOUS, "-o", "out")[0] == 0
    code, _, err = relucert("transfer", written("out")[0])
    assert code == 2 and "the method is 'split'; give a certificate of `relucert verify`" in err


def test_what_is_not_decided_is_said_and_not_written(relucert, monkeypatch):
    """Parallel neurons and targets: S_i = 0 up to L r, and no verdict."""
    monkeypatch.setattr(work.claims.wider, "proves_negative", lambda x: False)
    code, out, err = relucert("split", SPURIOUS, "-o", "out")
    assert (code, out) == (5, "") and "neuron 1, 2, 3, 4, 5, 6: neither sign" in err
    assert list(Path("out").iterdir()) == []


def test_nothing_made_depends_on_who_wrote_the_certificate():
    made = work.make(SPURIOUS, Asked("split", opposite=True))
    again = work.make(SPURIOUS, Asked("split", opposite=True))
    assert certificate.digest(made.statement) == certificate.digest(again.statement)


@pytest.mark.parametrize("path", [GLOBAL, ROOT / "tests/corpus/accept/saddle-1-2.json"])
def test_a_verdict_of_a_minimum_is_never_given_to_anything_else(path):
    """Theorem 18.M, 3, needs a positive definite Hessian."""
    source = json.loads(path.read_text())["statement"]
    of = base.prove(source, "x")
    with pytest.raises(InputError, match="is no minimum that"):
        claims.split_statement(of, [], source)
    with pytest.raises(InputError, match="is no minimum that"):
        claims.zero_statement(of, source)

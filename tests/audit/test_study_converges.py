"""The audit of runs that went on from below the floor: their number is that of accepted certificates, of points of this
(k, n), and that floating point came there is not said to be certified."""

import json
import shutil
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import pytest
import rfc8785

from converging_studies import ROW, onward, study
from proved_studies import Here
from relucert.families.teacher import converges
from relucert.study import batch
from relucert_audit.command import main
from relucert_audit.format import Refusal
from relucert_audit.shares import drawn
from relucert_audit.study_converges import below, check_below, is_start
from relucert_audit.study_proofs import reason_or_null

NAME = "rows/2-3.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Three runs, two of which went on."""
    directory = tmp_path_factory.mktemp("made") / "study"
    list(batch.run(study(directory), [ROW], Here, 4))
    list(onward(study(directory), 2))
    return directory


@pytest.fixture
def copy(made, tmp_path):
    return shutil.copytree(made, tmp_path / "study")


@pytest.fixture
def audit(capsys):
    def run(directory):
        code = main([str(directory), "--json"])
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return code, {Path(row["file"]).name: row for row in rows}

    return run


def edit(directory, change):
    row = json.loads((directory / NAME).read_bytes())
    change(row)
    (directory / NAME).write_text(json.dumps(row))


def test_what_is_said_is_what_is_proved(audit, made):
    code, rows = audit(made)
    assert code == 0 and len(rows) == 4
    assert {row["result"] for row in rows.values()} == {"accepted"}
    assert rows["2-3.json"]["verdict"] == (
        "k = 2, n = 3: 3 runs, of the 2 runs below the floor among the 2 chosen, 2 have each a point of their own, "
        "from which exact gradient descent with step 1/2 is proved to converge to a global minimum; that floating "
        "point comes to these points is not certified; floating-point counts are not certified; seal: unknown key"
    )


def per_run(name, at, value):
    return lambda row: row["converges"]["per_run"][name].__setitem__(at, value)


EDITS = {
    "one more": lambda row: row["converges"].update(converging=3),
    "one more below": lambda row: row["converges"].update(below_floor=3),
    "asked": lambda row: row["converges"].update(asked=3),
    "none asked": lambda row: row["converges"].update(asked=0),
    "too many asked": lambda row: row["converges"].update(asked=4),
    "step": lambda row: row["converges"].update(step="1/4"),
    "extra": lambda row: row["converges"].update(more=1),
    "another run": lambda row: row["converges"]["per_run"].update(run=[0, 1, 2]),
    "order": lambda row: row["converges"]["per_run"]["run"].reverse(),
    "no certificate": per_run("certificate", 0, None),
    "no such certificate": per_run("certificate", 0, "0" * 64),
    "no digest": per_run("certificate", 0, "../x"),
    "no steps": per_run("steps", 0, None),
    "too many steps": per_run("steps", 0, 200_001),
    "a reason": per_run("why", 0, "because"),
    "not below": lambda row: (
        row["per_run"].update(ended=["undecided"] * 3) or row.update(ended={"undecided": 3})
    ),
    "missing": lambda row: row.pop("converges"),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_row_edited_by_hand(audit, copy, name):
    edit(copy, EDITS[name])
    code, rows = audit(copy)
    assert code in (1, 2)
    assert rows["2-3.json"]["result"] in ("rejected", "malformed")
    assert "global minimum" not in rows["2-3.json"]["verdict"]


def test_kinds_and_runs_say_the_same_of_the_floor():
    """Else failed runs are left out of those that were to go on, or a row says that none went below the floor."""
    ends = {"family": [-1, -1, -1, 0], "ended": ["floor", "criterion", "undecided", "criterion"]}
    row = {"k": 2, "n": 3, "protocol": {"floor": 1e-3}, "kinds": {"below-floor": 2}}
    row |= {"per_run": {**ends, "loss": [1e-4, 9e-4, 1e-4, 0.5]}}
    assert below(row) == [0, 1] and [*check_below(row)] == []
    wrong = [
        ({"kinds": {"below-floor": 3}}, "kinds.below-floor"),
        ({"kinds": {"undecided": 2}}, "kinds.below-floor"),
        ({"k": 3}, "per_run.ended"),
        ({"protocol": {"floor": 9e-4}}, "per_run.loss"),
    ]
    for change, claim in wrong:
        assert [finding.claim for finding in check_below(row | change)] == [claim]


def test_runs_left_out_with_the_reason_that_they_failed(audit, copy):
    """A run that did not go on is called undecided, in the list of runs alone."""

    def change(row):
        out = ({0, 1, 2} - set(row["converges"]["per_run"]["run"])).pop()
        row["per_run"]["ended"][out] = "undecided"
        row["ended"] = {"floor": 2, "undecided": 1}

    edit(copy, change)
    code, rows = audit(copy)
    assert code == 1 and rows["2-3.json"]["claim"] == "kinds.below-floor"


def test_a_reason_has_words():
    assert reason_or_null("none", "why") == "none" and reason_or_null(None, "why") is None
    with pytest.raises(Refusal):
        reason_or_null("", "why")


def certificates(directory):
    return json.loads((directory / NAME).read_bytes())["converges"]["per_run"]["certificate"]


def put(directory, at, statement):
    """This statement in the place of the certificate of an entry."""
    digest, folder = sha256(rfc8785.dumps(statement)).hexdigest(), directory / "converges/2-3"
    path = folder / f"{certificates(directory)[at]}.json"
    whole = json.loads(path.read_bytes())
    path.unlink()
    (folder / f"{digest}.json").write_text(json.dumps({**whole, "statement": statement}))
    edit(directory, per_run("certificate", at, digest))


def in_another_order(statement):
    """Its point with neurons and coordinates in another order."""
    point = statement["claim"]["point"]
    return tuple(tuple((int(m), e) for m, e in neuron[::-1]) for neuron in point[::-1])


def test_certificates_of_other_things(audit, copy, made):
    """Of the same point twice under two names, with another step, of no run that converges, one that fails."""
    folder, digests = made / "converges/2-3", certificates(made)
    first, second = (json.loads((folder / f"{x}.json").read_bytes())["statement"] for x in digests)
    corpus = Path(__file__).resolve().parents[1] / "corpus" / "accept"
    point = tuple(tuple((int(m), e) for m, e in neuron) for neuron in second["claim"]["point"])
    turned = converges.statement(
        converges.prove(in_another_order(first), Fraction(1, 2)), second["provenance"]
    )
    slower = converges.statement(converges.prove(point, Fraction(1, 4)), second["provenance"])
    failing = {**second, "claim": {**second["claim"], "owners": [1, 1, 1]}}
    changes = {
        "point of another run": {**first, "provenance": second["provenance"]},
        "maybe in another order": turned,
        "another problem or step": slower,
        "no certificate of a run": json.loads((corpus / "runs-two.json").read_bytes())["statement"],
        "not accepted": failing,
    }
    for number, (said, statement) in enumerate(changes.items()):
        directory = shutil.copytree(copy, copy.parent / str(number))
        put(directory, 1, statement)
        code, rows = audit(directory)
        assert code == 1 and said in rows["2-3.json"]["reason"], said


def test_a_point_after_no_steps_is_the_start(audit, copy):
    edit(copy, per_run("steps", 1, 0))
    code, rows = audit(copy)
    assert code == 1 and "is not about the start of run" in rows["2-3.json"]["reason"]
    point = [
        [[str(x.numerator), 1 - x.denominator.bit_length()] for x in neuron] for neuron in drawn(7, 3, 2, 5)
    ]
    row = {"protocol": {"seed": 7}, "n": 3, "k": 2}
    assert is_start(point, row, 5) and not is_start(point, row, 4) and not is_start(point[::-1], row, 5)


def test_files_that_no_row_names(audit, copy):
    (copy / "converges/2-3/notes.txt").write_text("")
    assert audit(copy)[1]["study.json"]["claim"] == "converges"
    (copy / "converges/2-3/notes.txt").unlink()
    (kept,) = (copy / "converges/2-3" / f"{digest}.json" for digest in certificates(copy)[:1])
    kept.rename(kept.with_suffix(".aside"))
    assert audit(copy)[1]["2-3.json"]["claim"] == "converges.per_run.certificate"

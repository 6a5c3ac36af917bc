"""Claims of the prover's about matrix factorisation through the checker: accepted as they are, not when altered."""

import json
import sys
from copy import deepcopy
from fractions import Fraction
from pathlib import Path

import pytest
from certificates import audit, exact

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))
from judge.documents import is_dyadic, is_number, leaves, number, replaced
from makers.factorisation.malformed import malformed
from makers.factorisation.points import COMMANDS, proved
from makers.factorisation.rejected import not_confirmed, rejected

UPPER = {"imbalance", "drift", "norm", "loss", "travel", "largest", "lambda_max", "matrices"}
FREE = {  # members that may change: the claim is weaker, or says something else that is true as well
    ("problem", "imbalance"), ("problem", "kink"), ("problem", "frobenius"), ("problem", "rank"), ("problem", "s"),
    ("problem", "step"), ("problem", "accuracy"), ("problem", "start_norm"), ("start", "d1"), ("start", "d2"),
    ("start", "variance"), ("start", "seed"), ("start", "scale"), ("start", "alpha"), ("start", "beta"),
    ("start", "a2"), ("start", "b2"), ("steps",),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_what_the_prover_claims_is_accepted(name):
    report = audit(proved(name))
    assert report.result == "accepted", report.finding


def bounds(document):
    """Places of one-sided bounds, and of intervals' ends, in the statement."""
    for place, item in leaves(document["statement"]["claim"]["bounds"]):
        if is_number(item) and (
            not exact(item) or abs(exact(item)) > Fraction(1, 2**100)
        ):  # else the prover's rounding
            yield ("statement", "claim", "bounds", *place), item


@pytest.mark.parametrize("name", COMMANDS)
def test_each_bound_that_is_too_tight_is_not_accepted(name):
    document = proved(name)
    for place, item in bounds(document):
        names = [x for x in place if isinstance(x, str)]
        value, interval = (
            exact(item),
            place[-1] in (0, 1) and names[-1] in ("minimum", "loss", "neurons", "layers"),
        )
        up = place[-1] == 1 if interval else bool(UPPER & set(names))
        share = Fraction(1, 2 if names[-1] == "drift" and name.startswith("converges") else 100)
        room = share * (abs(value) if value else 1)
        tight = replaced(document, place, number(value - room if up else value + room, up))
        report = audit(tight)
        assert report.result in ("rejected", "not-confirmed", "malformed"), place
        assert report.result != "malformed" or interval, place


def altered(item):
    """Another of the same kind."""
    if is_dyadic(item):
        return [item[0], item[1] + 1] if item[0] != "0" else ["1", 0]
    if isinstance(item, bool) or not isinstance(item, int | str):
        return None
    return item + 1 if isinstance(item, int) else f"{item}x"


@pytest.mark.parametrize(
    "name", ["plain", "twice", "flat", "balanced", "converges", "one", "random", "schedule", "relu"]
)
def test_each_member_altered(name):
    document = proved(name)
    for place, item in leaves(document["statement"]["claim"]):
        at = ("statement", "claim", *place)
        if not place or "decimal" in place or "exact" in place or is_number(item):
            continue
        if isinstance(item, dict):
            assert audit(replaced(document, at, item | {"more": 1})).result in ("malformed", "rejected"), (
                place
            )
        new = altered(item)
        if new is not None:
            report = audit(replaced(document, at, new))
            assert report.result != "accepted" or place in FREE or place[:2] == ("start", "weights"), (
                place,
                new,
            )


@pytest.mark.parametrize("name", COMMANDS)
def test_each_member_removed_or_of_another_type(name):
    document = proved(name)
    for place, item in leaves(document["statement"]["claim"]):
        if not place or isinstance(place[-1], int):
            continue
        at = ("statement", "claim", *place)
        for wrong in (None, [], {}, 1.5, -1, "", [[]], {"seed": 1}):
            if type(wrong) is type(item) and wrong in ([], {}):
                continue
            assert audit(replaced(document, at, wrong)).result in ("malformed", "rejected"), (place, wrong)
        inner = deepcopy(document)
        parent = inner["statement"]["claim"]
        for part in place[:-1]:
            parent = parent[part]
        del parent[place[-1]]
        assert audit(inner).result == "malformed", place


def rows(made):
    return [pytest.param(document, id=name) for name, _, document in made()]


@pytest.mark.parametrize("document", rows(rejected))
def test_false_claims_are_rejected(document):
    assert audit(document).result == "rejected"


@pytest.mark.parametrize("document", rows(not_confirmed))
def test_what_is_out_of_reach_is_not_confirmed(document):
    assert audit(document).result == "not-confirmed"


@pytest.mark.parametrize("document", rows(malformed))
def test_what_is_not_of_the_form_is_malformed(document):
    assert audit(document).result == "malformed"


def test_the_schema_agrees():
    from jsonschema import Draft202012Validator

    path = Path(__file__).resolve().parents[3] / "docs/spec/factorisation-v1.schema.json"
    schema = Draft202012Validator(json.loads(path.read_text()))
    assert all(schema.is_valid(proved(name)["statement"]["claim"]) for name in COMMANDS)

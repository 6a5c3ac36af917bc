"""The certificates of the corpus about the designed landscape: their schema, and what is accepted of changed ones."""

import json
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))
FILES = sorted((ROOT / "tests" / "corpus").glob("*/landscape-*.json"))
SCHEMA = json.loads((ROOT / "docs/spec/landscape-v1.schema.json").read_text())
ODD = (
    "method-of-another-family",
    "family-of-another-method",
    "version-1-0",
)  # rejected, though not of this shape
BEYOND = (  # malformed, which no schema says: sizes that must fit, values, and line ends that `$` lets through
    *("mu-not-in-lowest-terms", "mu-line-end", "value-reversed", "twice-2"),
    *(
        "signs-short",
        "signs-line-end",
        "permutation-short",
        "l-p",
        "q-4",
        "rows-x-1",
        "local-y",
        "local-x",
        "point-even",
    ),
    *("point-row-short", "point-rows", "direction-short", "direction-rows"),
)


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)
    assert {path.parent.name for path in FILES} == {"accept", "reject", "malformed", "not-confirmed"}


def of_this_shape(path):
    name = path.stem.removeprefix("landscape-")
    return name.endswith(BEYOND) if path.parent.name == "malformed" else name not in ODD


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_schema_states_the_shape(path):
    claim = json.loads(path.read_bytes())["statement"]["claim"]
    assert Draft202012Validator(SCHEMA).is_valid(claim) == of_this_shape(path)


def test_every_method_and_verdict_is_accepted_of_some_file():
    claims = [
        json.loads(path.read_bytes())["statement"]["claim"] for path in FILES if path.parent.name == "accept"
    ]
    assert {(claim["method"], claim["verdict"]) for claim in claims} == {
        *(("critical-points", x) for x in ("no-spurious-minimum", "unbounded-below", "spurious-minimum")),
        *(("hessian", x) for x in ("strict-saddle", "local-minimum", "spurious-minimum", "not-critical")),
        *(("empirical", x) for x in ("strict-saddle", "local-minimum", "not-critical")),
        ("nearest-minimum", "global-minimum"),
        ("descent", "converges-to-global-minimum"),
        ("unit-rows", "spurious-minimum"),
        ("split-neuron", "spurious-minimum"),
    }


def test_no_mutant_is_accepted_unless_it_is_true():
    """The short form of makers.landscape.mutated."""
    from makers.landscape import mutated

    results, failures = mutated.run(mutated.bases(), 400, seed=3)
    assert failures == []
    assert all(results[kind] > 0 for kind in ("accepted", "rejected", "malformed", "not-confirmed")), results

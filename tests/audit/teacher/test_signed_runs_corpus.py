"""The certificates of runs of signed networks in the corpus: their schema states their shape."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / "tests" / "corpus").glob("*/signed-runs-*.json"))
SPEC = {
    name: json.loads((ROOT / "docs/spec" / f"{name}-v1.schema.json").read_text())
    for name in ("signed-runs", "signed", "certificate")
}
REGISTRY = Registry().with_resources(
    [(f"{name}-v1.schema.json", Resource.from_contents(schema)) for name, schema in SPEC.items()]
)
ODD = "limit-until", "older-version", "rows-twice"  # not malformed, though not of this shape
BEYOND = (  # malformed, which no schema says
    *("minimum-signs", "minimum-slope", "minimum-twice", "signs-short", "slope-steep", "slope-terms"),
)


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SPEC["signed-runs"])
    assert {path.parent.name for path in FILES} == {"accept", "reject", "malformed", "not-confirmed"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_schema_states_the_shape(path):
    name, claim = path.stem.removeprefix("signed-runs-"), json.loads(path.read_bytes())["statement"]["claim"]
    expected = name in BEYOND if path.parent.name == "malformed" else name not in ODD
    assert Draft202012Validator(SPEC["signed-runs"], registry=REGISTRY).is_valid(claim) == expected

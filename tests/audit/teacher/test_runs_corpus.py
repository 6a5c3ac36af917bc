"""The certificates of runs in the corpus: their schema states their shape."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / "tests" / "corpus").glob("*/runs-*.json"))
SCHEMA, OF_POINTS = (
    json.loads((ROOT / "docs/spec" / f"{name}-v1.schema.json").read_text())
    for name in ("runs", "certificate")
)
REGISTRY = Registry().with_resource("certificate-v1.schema.json", Resource.from_contents(OF_POINTS))
ODD = (  # not malformed, though not of this shape
    *("limit-steps", "limit-until", "beside-rows-twice", "whole-rows-twice", "older-version"),
)
BEYOND = (  # malformed, which no schema says
    *("ball-empty", "columns-short", "dimension", "distance-negative", "floor-missing", "floor-without-need"),
    *("minimum-basin", "minimum-out", "minimum-saddle", "minimum-schema", "minimum-twice", "minimum-unnamed"),
    *("origin-numbers", "row-0", "row-short", "rows-short", "step-terms", "until-early", "verdict"),
)


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)
    assert {path.parent.name for path in FILES} == {"accept", "reject", "malformed", "not-confirmed"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_schema_states_the_shape(path):
    name, claim = path.stem.removeprefix("runs-"), json.loads(path.read_bytes())["statement"]["claim"]
    expected = name in BEYOND if path.parent.name == "malformed" else name not in ODD
    assert Draft202012Validator(SCHEMA, registry=REGISTRY).is_valid(claim) == expected

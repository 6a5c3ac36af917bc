"""The certificates of the octopus in the corpus: their schema states their shape."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / "tests" / "corpus").glob("*/octopus-*.json"))
SCHEMA = json.loads((ROOT / "docs/spec/octopus-v1.schema.json").read_text())
ODD = ("escape-method", "escape-version-1-0")  # rejected, though not of this shape
BEYOND = (  # malformed, which no schema says
    *("L-not-lowest", "point-short", "times-short", "times-equal", "value-reversed", "probability-above-1"),
    "coordinate-7",
)  # fmt: skip


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)
    assert {path.parent.name for path in FILES} == {"accept", "reject", "malformed", "not-confirmed"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_schema_states_the_shape(path):
    name, claim = path.stem.removeprefix("octopus-"), json.loads(path.read_bytes())["statement"]["claim"]
    expected = name in BEYOND if path.parent.name == "malformed" else name not in ODD
    assert Draft202012Validator(SCHEMA).is_valid(claim) == expected

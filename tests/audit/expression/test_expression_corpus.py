"""The certificates of losses written as graphs in the corpus: their schema states their shape."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / "tests" / "corpus").glob("*/expression-*.json"))
SCHEMA = json.loads((ROOT / "docs/spec/expression-v1.schema.json").read_text())
ODD = ("pass-method", "pass-version")  # rejected, though not of this shape
BEYOND = (  # malformed, which no schema says
    *("graph-const-401-digits", "graph-const-lowest", "graph-dot-odd"),
    *("graph-forward", "graph-input", "graph-order", "graph-param", "graph-twice", "graph-unused"),
    *(
        "wells-graph-output",
        "wells-point-long",
        "wells-witness-long",
        "xor-local-regulariser",
        "xor-local-row-short",
    ),
    *("xor-local-scale-zero", "pass-direction-zero", "orbit-neuron-witness-short"),
    *(f"images-{name}" for name in ("count-large", "lost", "order", "place", "stays", "twice")),
    *(f"orbit-ring-{name}" for name in ("column", "lowest", "order", "row", "twice", "two", "zero")),
)


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)
    assert {path.parent.name for path in FILES} == {"accept", "reject", "malformed", "not-confirmed"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_schema_states_the_shape(path):
    name, claim = path.stem.removeprefix("expression-"), json.loads(path.read_bytes())["statement"]["claim"]
    expected = name in BEYOND if path.parent.name == "malformed" else name not in ODD
    assert Draft202012Validator(SCHEMA).is_valid(claim) == expected

"""The schema of claims about wide networks: claims of the prover, the same out of shape, and the corpus."""

import json
from copy import deepcopy
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import wide_claims
from wide_claims import KINDS

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/spec/wide-network-v1.schema.json").read_text()))
# Malformed files, whose fault no schema says.
BEYOND = ("lambda-min-reversed", "ragged", "not-reduced", "not-lowest", "-too-few", "deep-labels")
ODD = ("version-1-0", "limit-digits")  # rejected or not confirmed, though not of this shape


def claim(kind):
    return wide_claims.statement(kind)["claim"]


def edited(kind, path, value):
    """A copy with the member at this dotted path replaced, or removed if value is None."""
    found = deepcopy(claim(kind))
    *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
    inside = found
    for part in way:
        inside = inside[part]
    if value is None:
        del inside[last]
    else:
        inside[last] = value
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_claims_of_the_prover_are_of_this_shape(kind):
    assert [error.message for error in SCHEMA.iter_errors(claim(kind))] == []
    for member in claim(kind):
        assert not SCHEMA.is_valid(edited(kind, member, None)), member
    for member in claim(kind)["problem"]:
        assert not SCHEMA.is_valid(edited(kind, f"problem.{member}", None)), member
    for member in set(claim(kind)["bounds"]) - {"by_geometry", "first_travel"}:
        assert not SCHEMA.is_valid(edited(kind, f"bounds.{member}", None)), member
    for member in ("more", "problem.more", "bounds.more"):
        assert not SCHEMA.is_valid(edited(kind, member, 1)), member


@pytest.mark.parametrize(("kind", "path", "value"), [
    ("gram", "problem.activation", "tanh"), ("gram", "problem.depth", 0), ("gram", "problem.depth", True),
    ("gram", "problem.c_res", "1/2"), ("gram", "problem.architecture", "residual"), ("gram", "dependent", [0, 1]),
    ("gram", "verdict", "singular"), ("gram", "problem.x.0.0", ["01", 0]), ("gram", "method", "grams"),
    ("gram", "problem.x", []), ("residual gram", "problem.c_res", "-1/2"), ("residual gram", "problem.c_res", "0"),
    ("residual gram", "problem.architecture", "dense"), ("singular", "dependent", ["0"]),
    ("singular", "dependent", [-1]), ("run", "steps", -1), ("run", "steps", 1.5),
    ("descent", "bounds.first_travel", {"exact": ["1", 0], "decimal": "1.00000"}), ("run", "problem.step", "0"),
    ("run", "problem.step", "2/1"), ("run", "start.signs", "+-x"), ("run", "start.signs.seed", -1),
    ("run", "start.signs.seed", 2**53), ("run", "start.weights.scale", "1"), ("run", "start.weights", None),
    ("run", "bounds.switching", 0.5), ("run", "bounds.rate", "0.1"), ("run", "problem.width", 0),
    ("flow", "steps", 0), ("flow", "problem.step", "1/2"), ("flow", "bounds.switching", 0),
    ("flow", "start.weights", []), ("deep", "problem.activation", "relu"), ("deep", "problem.architecture", "skip"),
    ("deep", "start.signs", {"seed": 1}), ("deep", "problem.c_res", "1/2"), ("residual deep", "problem.depth", 1),
    ("layers", "start.weights.layers", []), ("layers", "start.weights.seed", 1),
])  # fmt: skip
def test_what_is_out_of_shape(kind, path, value):
    assert not SCHEMA.is_valid(edited(kind, path, value))


def test_another_family_or_version():
    for path, value in (("family", "one-filter"), ("schema", "relucert-certificate/2.0")):
        assert not SCHEMA.is_valid(edited("gram", path, value))


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA.schema)


def of_the_corpus():
    """Files about wide networks: folder, name and claim."""
    for path in sorted((ROOT / "tests/corpus").glob("*/*.json")):
        if b'"wide-network"' in (data := path.read_bytes()):
            yield path.parent.name, path.stem, json.loads(data)["statement"]["claim"]


def of_this_shape(folder, name):
    return name.endswith(BEYOND) if folder == "malformed" else not name.endswith(ODD)


def test_the_schema_states_the_shape_of_the_corpus():
    files = list(of_the_corpus())
    wrong = [(folder, name) for folder, name, x in files if SCHEMA.is_valid(x) != of_this_shape(folder, name)]
    assert wrong == []

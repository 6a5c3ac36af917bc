"""The certificates of the corpus for every k: their schema, and what is accepted of changed ones."""

import json
import sys
from collections import Counter
from copy import deepcopy
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from certificates import audit
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))
FILES = sorted((ROOT / "tests" / "corpus").glob("*/uniform-*.json"))
SCHEMA = json.loads((ROOT / "docs/spec/uniform-v1.schema.json").read_text())
ODD = ("family", "method", "version-1-0")  # rejected, though not of this shape
BEYOND = ("bound-even", "loss-reversed", "integer-line-end")  # malformed, which no schema says


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)
    assert {path.parent.name for path in FILES} == {"accept", "reject", "malformed", "not-confirmed"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_schema_states_the_shape(path):
    name, claim = path.stem.removeprefix("uniform-"), json.loads(path.read_bytes())["statement"]["claim"]
    expected = name in BEYOND if path.parent.name == "malformed" else name not in ODD
    assert Draft202012Validator(SCHEMA).is_valid(claim) == expected


def changes(rng, claim):
    """One number of a claim changed: (name, claim)."""
    from makers.edits import number

    new = deepcopy(claim)
    which = rng.choice(["bound", "loss", "from", "s", "centre", "slope", "radius"])
    tier, box = rng.choice(new["bounds"]["tiers"]), rng.choice(new["boxes"])
    factor = 1 + Fraction(int(rng.choice([-1, 1])), 2 ** int(rng.integers(1, 20)))
    if which == "bound":
        tier["lambda_min"] = number(Fraction(1, 11) * factor, False)
    elif which == "loss":
        end = int(rng.integers(2))
        tier["loss_times_k"][end] = number(Fraction(297, 1000) * factor, bool(end))
    elif which == "from":
        tier["from"] = int(tier["from"] * factor)
        new["problem"]["from"] = new["bounds"]["tiers"][0]["from"]
    else:
        place = int(rng.integers(len(box[which])))
        box[which][place] = str(int(int(box[which][place]) * factor))
    return which, new


def test_what_is_accepted_of_changed_claims_is_true():
    """Judged at single k by the kernel for symmetric points."""
    from makers.uniform.truth import untrue

    rng, seen = np.random.default_rng(12), Counter()
    document = json.loads((ROOT / "tests/corpus/accept/uniform-a-tier-of-the-same-bound.json").read_bytes())
    document["signatures"], document["statement"]["evidence"] = [], []
    for _ in range(30):
        which, claim = changes(rng, document["statement"]["claim"])
        result = audit({**document, "statement": document["statement"] | {"claim": claim}}).result
        seen[result] += 1
        assert result != "accepted" or not untrue(claim), (which, claim)
    assert all(seen[result] > 1 for result in ("accepted", "rejected", "not-confirmed")), seen

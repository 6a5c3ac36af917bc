"""Claims without a base claim, in exact numbers: how large they may be."""

import json
from pathlib import Path

import pytest
from certificates import audit, changed, member

from relucert_audit.format import LIMIT

ACCEPT = Path(__file__).resolve().parents[2] / "corpus" / "accept"


def stored(name):
    return {**json.loads((ACCEPT / f"{name}.json").read_bytes()), "signatures": []}


def larger(document, n):
    """With the first neuron again and again, n in all."""
    more = n - member(document, "problem.n")
    for path in ("point", "owners"):
        rows = member(document, path)
        document = changed(document, path, rows + rows[:1] * more)
    return changed(document, "problem.n", n)


@pytest.mark.parametrize("name", ["owners-2-3", "converges-tiny"])
def test_limits(name):
    document = stored(name)
    k = member(document, "problem.k")
    tiny = changed(document, "point.0.0", ["1", -16_384])
    for wrong in (larger(document, 317 - k), tiny):
        report = audit(wrong)
        assert (report.result, *report.finding[1:3]) == ("not-confirmed", 0, LIMIT)
    assert audit(larger(document, 316 - k)).finding[2] != LIMIT

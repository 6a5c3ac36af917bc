"""The checker of the one-hidden-layer CNN: certificates and mutants of them, judged by dense formulas."""

import json
import sys
from fractions import Fraction

import pytest
from certificates import audit, changed, check_bytes
from cnn_truth import CORPUS, ROOT, document, truth, untrue
from mpmath import libmp, mp

from relucert_audit.format import LIMIT

sys.path.insert(0, str(ROOT / "tools"))
import mutants
from judge.documents import number

ACCEPTED = sorted(path.stem.removeprefix("cnn-") for path in (CORPUS / "accept").glob("cnn-*.json"))


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_accepted_is_true_by_dense_formulas(name):
    base = document(name)
    assert audit(base).result == "accepted"
    if name == "landscape-huge" or "just" in name:
        mp.dps = 700
    assert untrue(base["statement"]["claim"]) == ""


@pytest.mark.parametrize("path", sorted((CORPUS / "reject").glob("cnn-*.json")), ids=lambda path: path.stem)
def test_what_is_rejected_is_false_by_dense_formulas(path):
    claim = json.loads(path.read_bytes())["statement"]["claim"]
    rules = ("uniqueness-0", "exclusion-0", "decay-0", "flattest-0")  # positive, says the specification
    assert untrue(claim) or path.stem.removeprefix("cnn-") in rules


def test_limits():
    base, run = document("landscape-spurious"), document("region-global")
    long = "9" * 6000
    cases = [
        changed(base, "problem.a_star", ["1"] * 4097),
        changed(base, "problem.patch", 10**9 + 1),
        changed(base, "problem.w_norm", long),
        changed(base, "problem.w_norm", "9" * 20000),
        changed(base, "problem.a_star.0", long),
        changed(base, "problem.a_star.1", f"1/{long}"),
        changed(run, "problem.patch", 2**20 + 1),
        changed(changed(run, "step", 100_001), "method", "enclosed-trajectory"),
        changed(run, "point.a.0", ["1", -60000]),
        changed(run, "point.v.0", ["1", -60000]),
    ]
    for case in cases:
        report = audit(case)
        assert (report.result, report.finding.claim) == ("not-confirmed", LIMIT)


PLACES = (
    ("landscape-spurious", "critical_points.2.objective"),
    ("landscape-spurious", "critical_points.2.complement"),
    ("landscape-spurious", "critical_points.2.spectrum.3.value"),
    ("saddle", "loss"),
    ("trajectory-spurious", "psi"),
    ("trajectory-global", "q"),
)


@pytest.mark.parametrize(("name", "path"), PLACES)
def test_an_interval_is_confirmed_if_and_only_if_it_contains_the_number(name, path):
    """One end within a relative 2^-60 of the number, on either side."""
    base = document(name)
    man, exp = libmp.to_man_exp(truth(base["statement"]["claim"])[0][path]._mpf_)
    value = Fraction(int(man)) * Fraction(2) ** int(exp)
    for outward, result in ((1, "accepted"), (-1, "rejected")):
        near, wide = abs(value) * outward / 2**60, abs(value) / 2**10
        for low, high in ((value - near, value + wide), (value - wide, value + near)):
            ends = [number(low, False, 120), number(high, True, 120)]
            assert audit(changed(base, f"bounds.{path}", ends)).result == result


def test_no_mutant_is_accepted_unless_it_is_true():
    names = (
        "landscape-spurious",
        "landscape-none",
        "landscape-k-1",
        "landscape-s-0",
        "global-exact",
        "half-space-flat",
        "saddle",
        "not-critical-s-0",
        "region-global",
        "region-spurious",
        "trajectory-k-1",
        "trajectory-antiparallel",
    )
    documents, results = {name: document(name) for name in names}, []
    for what, data in mutants.mutants(documents, 400, seed=9):
        report = check_bytes(data)
        results.append(report.result)
        if report.result == "accepted":
            claim = json.loads(data)["statement"]["claim"]
            assert untrue(claim) == "", what
    assert all(results.count(kind) > 20 for kind in ("accepted", "rejected", "malformed")), results

"""The checker of one-filter certificates: its own numbers, its limits, and what it says of wrong claims."""

import json
import sys
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from mpmath import iv, mp, mpf

from relucert import certificate
from relucert.families.filter.problem import FilterProblem
from relucert.families.filter.prove import certify
from relucert.families.filter.statement import statement
from relucert.kernel import ball
from relucert.kernel.arccos import Angle
from relucert.kernel.filter import descent as kernel
from relucert_audit.check import check
from relucert_audit.filter import descent as checker
from relucert_audit.format import unwrap
from relucert_audit.interval import precision
from relucert_audit.trust import Trust

ROOT = Path(__file__).resolve().parents[3]
CORPUS = ROOT / "tests" / "corpus"
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/spec/filter-v1.schema.json").read_text()))
sys.path.insert(0, str(ROOT / "tools"))

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def prove(target, start, eta="1", accuracy="1e-6"):
    whole = certificate.envelope(
        statement(certify(FilterProblem.from_text(target, start, eta, accuracy)), {}), []
    )
    return json.loads(whole)


def judged(document):
    return check(json.dumps(document).encode(), "x.json", Trust(), NOW)


def vector(rng, p):
    return ",".join(str(Fraction(float(rng.normal())).limit_denominator(10**4)) for _ in range(p))


@pytest.mark.parametrize("seed", range(40))
def test_what_is_proved_is_accepted(seed):
    rng = np.random.default_rng(seed)
    p, eta, accuracy = (
        int(rng.choice([2, 3, 8])),
        str(rng.choice(["2", "1", "1/7", "1e-3"])),
        str(rng.choice(["1e-2", "1e-12"])),
    )
    document = prove(vector(rng, p), vector(rng, p), eta, accuracy)
    assert judged(document).finding is None
    bounds = document["statement"]["claim"]["bounds"]
    bounds["steps"] -= 1  # the two arithmetics agree on the last step but one
    report = judged(document)
    assert (report.result, report.finding.step) in (("not-confirmed", 5), ("rejected", 5))


@pytest.mark.parametrize(
    ("start", "eta", "accuracy"),
    [
        ("1,1e-300", "1", "1e-6"),
        ("1,1", "2", "1e-300"),
        ("1,1", "1e-300", "1"),
        ("1,0", "1e-300", "1e-300"),
        ("1e-300,1e-300", "2", "1e-6"),
        ("1e100,1e-100", "2", "1e-100"),
        ("-1,1/100", "1", "1e-6"),
        ("-1,1", "2", "1e-6"),
        ("0,1", "2", "1e-6"),
        ("-1e200,1e200", "2", "1"),
    ],
)
def test_extreme_starts(start, eta, accuracy):
    assert judged(prove("1,0", start, eta, accuracy)).finding is None


def test_bend_is_that_of_the_kernel_and_an_upper_bound():
    """By another arctangent and another formula for the angle; above the exact value, by next to nothing."""
    rng = np.random.default_rng(1)
    for _ in range(200):
        x, y = int(rng.choice([1, -1])) * int(rng.integers(1, 10**9)), int(rng.integers(1, 10**9))
        with precision(192), ball.precision(192):
            numbers = object.__new__(checker.Numbers)
            numbers.bits = 160
            mine = numbers.bend(y * y, x)
            t = ball.Ball.atan2(ball.Ball(y), ball.Ball(x))
            theirs = float(kernel.bend(Angle(t, t.sin(), t.cos())))
            upper = mp.make_mpf(mine._mpi_[1])
        assert float(upper) == pytest.approx(theirs, rel=1e-14)
        with mp.workdps(60):
            phi = mp.atan2(y, x)
            corner = 1 - phi * mpf(x) / y
            second = phi + mp.sin(2 * min(mp.pi - phi, mp.pi / 4)) / 2
            true = min((phi + mp.sqrt(phi**2 + corner**2)) / 2, second)
            assert 0 <= upper - true <= mpf(10) ** -40


def test_power():
    with precision(100):
        for n in (0, 1, 2, 3, 10, 255, 2**53 - 1):
            value = checker.power(iv.mpf("0.999"), n)
            with mp.workdps(40):
                assert abs(mp.log(mp.make_mpf(value._mpi_[1])) - n * mp.log(mpf("0.999"))) <= mpf(
                    10
                ) ** -10 * (n + 1)


def test_the_largest_number_of_steps_takes_no_time():
    document = prove("1,0", "1,1", "1")
    document["statement"]["claim"]["bounds"]["steps"] = 2**53 - 1
    assert judged(document).result == "accepted"


def test_limits():
    document = prove("1,0", "1,1", "1")
    claim = document["statement"]["claim"]
    wide = [f"1/{10**900 + 2 * i + 1}" for i in range(12)]
    claim["problem"]["target"], claim["point"] = wide, wide[::-1]
    report = judged(document)
    assert (report.result, report.finding.step, report.finding.claim) == (
        "not-confirmed",
        0,
        "resource limit",
    )
    claim["problem"]["target"] = claim["point"] = ["1"] * 50_001
    report = judged(document)
    assert (report.result, report.finding.claim) == ("not-confirmed", "resource limit")


def test_on_the_opposite_ray_nothing_is_confirmed_by_the_other_steps_either():
    """Step 1 refuses such a claim before the others run; on their own they do not confirm it."""
    claim = prove("1,0", "-1,1", "2")
    claim["statement"]["claim"]["point"] = ["-1", "0"]
    cert = checker.read(unwrap(json.dumps(claim).encode()))
    assert [f.claim for f in checker.step_1(cert)] == ["point"]
    with precision(192):
        assert {f.claim for f in checker.prove(cert, 160)} == {"decrease", "steps"}


def test_every_number_of_the_claim_counts():
    """Each bound made 1% tighter than what was proved is not accepted; 1% weaker is."""
    document = prove("1,-0.5,1/3", "-0.7,1,1/2", "2")
    for name, up in (("distance", True), ("decrease", False)):
        for factor, accepted in (((99, 101), False), ((101, 99), True)):
            changed = json.loads(json.dumps(document))
            number = changed["statement"]["claim"]["bounds"][name]
            m, e = int(number["exact"][0]), number["exact"][1]
            m = m * 2**40 * factor[0 if up else 1] // 100 | 1
            number["exact"] = [str(m), e - 40]
            exact = Fraction(m) * Fraction(2) ** (e - 40)
            scaled = int(exact * 10**6) + up
            number["decimal"] = f"{scaled / 10**6:.6g}"
            report = judged(changed)
            assert (report.result == "accepted") is accepted, report.finding


def test_the_schema_fits_what_is_accepted_and_only_well_formed_claims():
    """What a schema cannot say: lowest terms, vectors of the same length and not 0, signs, decimals."""
    beyond = "line-end lowest-terms denominator-1 zero-over-2 point-0 target-0 point-short accuracy "
    beyond += "decrease-negative"
    for path in sorted(CORPUS.glob("*/filter-*.json")):
        fits = SCHEMA.is_valid(json.loads(path.read_bytes())["statement"]["claim"])
        odd = any(name in path.stem for name in ("method", "family", "version"))
        if path.parent.name != "malformed":
            assert fits != odd, path
        elif not any(name in path.stem for name in beyond.split()) or "absent" in path.stem:
            assert not fits, path


def test_no_mutant_is_accepted_unless_a_run_of_descent_bears_it_out():
    """Claims with one to three numbers changed; those that are accepted are judged by running descent."""
    import corpus_filter

    rng = np.random.default_rng(3)
    documents = [json.loads((CORPUS / f"accept/filter-{name}.json").read_bytes()) for name in NAMES]
    results = {"accepted": 0, "rejected": 0, "not-confirmed": 0, "malformed": 0}
    for _ in range(400):
        document = json.loads(json.dumps(documents[int(rng.integers(len(documents)))]))
        document["statement"]["evidence"], document["signatures"] = [], []
        for _ in range(int(rng.integers(1, 4))):
            mutate(document["statement"]["claim"], rng)
        report = judged(document)
        results[report.result] += 1
        if report.result == "accepted":
            assert corpus_filter.untrue(document) == "", document["statement"]["claim"]
    assert min(results[kind] for kind in ("accepted", "rejected", "not-confirmed")) > 20, results


NAMES = ("near", "near-step-2", "far", "parallel", "orthogonal", "rough-accuracy", "near-the-origin")


def mutate(claim, rng):
    from judge.documents import number, value

    what, factor = int(rng.integers(6)), Fraction(float(np.exp(rng.normal() * rng.choice([0.01, 1]))))
    if what < 2:
        name, up = (("distance", True), ("decrease", False))[what]
        claim["bounds"][name] = number(value(claim["bounds"][name]["exact"]) * factor, up)
    elif what == 2:
        claim["bounds"]["steps"] = max(0, claim["bounds"]["steps"] + int(rng.integers(-3, 4)))
    elif what == 3:
        claim["problem"]["eta"] = str((Fraction(claim["problem"]["eta"]) * factor).limit_denominator(1000))
    elif what == 4:
        accuracy = Fraction(claim["problem"]["accuracy"]) * factor
        claim["problem"]["accuracy"] = str(accuracy.limit_denominator(10**14))
    else:
        row = claim["point"] if rng.integers(2) else claim["problem"]["target"]
        i = int(rng.integers(len(row)))
        row[i] = str((Fraction(row[i]) * (factor if rng.integers(2) else -factor)).limit_denominator(10**35))


@pytest.mark.parametrize(("steps", "result"), [(9, "rejected"), (10, "accepted"), (11, "accepted")])
def test_on_the_ray_of_the_target_each_step_is_exactly_1_less_half_of_eta(steps, result):
    """w0 = 2 w*, eta = 1: distances 1, 1/2, 1/4, .., and an accuracy of 2^-10."""
    document = prove("1,0", "2,0", "1", "1/1024")
    bounds = document["statement"]["claim"]["bounds"]
    assert bounds["steps"] == 10
    bounds["steps"] = steps
    report = judged(document)
    assert report.result == result
    if result == "rejected":
        assert (report.finding.step, report.finding.claim) == (5, "steps")
        assert "too few" in report.finding.reason


def test_vectors_of_another_shape_are_no_claim():
    document = prove("1,0", "1,1", "1")
    claim = document["statement"]["claim"]
    for target, point in (
        (["1"], ["1"]),
        (["1"], ["1", "1"]),
        (["1", "0"], ["1", "1", "1"]),
        (["0", "0"], ["1", "1"]),
        (["1", "0"], ["0", "0"]),
        (["1", 0], ["1", "1"]),
        (["1", None], ["1", "1"]),
        (["1", "2/4"], ["1", "1"]),
    ):
        claim["problem"]["target"], claim["point"] = target, point
        assert judged(document).result == "malformed"


@pytest.mark.parametrize(("eta", "fair"), [("0", False), ("-1", False), ("2", True), ("201/100", False)])
def test_the_step_is_in_the_interval_of_the_theorem(eta, fair):
    document = prove("1,0", "1,1", "1")
    document["statement"]["claim"]["problem"]["eta"] = eta
    cert = checker.read(unwrap(json.dumps(document).encode()))
    said = [(f.result, f.step, f.claim, f.reason) for f in checker.step_1(cert)]
    assert said == ([] if fair else [("rejected", 1, "eta", "not in (0, 2]")])

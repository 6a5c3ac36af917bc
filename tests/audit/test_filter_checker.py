"""The checker of one-filter certificates: its own numbers, its limits, and what it says of wrong claims."""

import json
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
import pytest
from mpmath import iv, mp, mpf

from relucert import certificate
from relucert.filter import FilterProblem, certify, statement
from relucert.kernel import ball
from relucert.kernel import filter as kernel
from relucert.kernel.arccos import Angle
from relucert_audit import filter as checker
from relucert_audit.check import check
from relucert_audit.interval import precision
from relucert_audit.trust import Trust

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

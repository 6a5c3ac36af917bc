"""Method `schedule`: no step before 10^L is accurate. Theorem 15.S."""

import re
from fractions import Fraction
from typing import NamedTuple

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit.factorisation import data
from relucert_audit.factorisation.logarithm import log
from relucert_audit.finding import Finding, Findings, refuted
from relucert_audit.format import LOWER, Number, Opened, number, take
from relucert_audit.steps import bound

PROBLEM = dict.fromkeys(("s", "frobenius", "accuracy", "start_norm"), data.positive) | {"rank": data.count}
CLAIM = {**fmt.HEADER, "problem": PROBLEM, "verdict": re.compile("not-accurate")}
CLAIM |= {"bounds": {"log10_steps": number(LOWER)}}


class Certificate(NamedTuple):
    verdict: str
    s: Fraction
    F: Fraction
    r: int
    eps: Fraction
    w: Fraction
    bounds: dict[str, Number]


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    claim = take(opened.claim, CLAIM, "claim")
    of, bounds = claim["problem"], fmt.flatten(claim["bounds"])
    return Certificate(
        claim["verdict"], of["s"], of["frobenius"], of["rank"], of["accuracy"], of["start_norm"], bounds
    )


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    if cert.s > cert.F:
        yield refuted(1, "frobenius", "is below the spectral norm")
    if cert.eps >= cert.s or cert.w**2 >= 2 * (cert.s - cert.eps):
        yield refuted(1, "problem", "accuracy is not below s, or start_norm not below w*")
    yield from data.above_zero(cert, ("log10_steps",))


def prove(cert: Certificate, _: int) -> list[Finding]:
    """Step 7 at the working precision. Q = ln(w*^2 (s + w^2/2)/(w^2 (2 s - eps)))/(2 s). For t > 1 the steps add up to
    less than C (1 + ln t), so t = 10^L itself may be claimed."""
    return list(step_7(cert))


def step_7(cert: Certificate) -> Findings:
    s, w2 = cert.s, cert.w**2
    Q = log(2 * (s - cert.eps) * (s + w2 / 2) / (w2 * (2 * s - cert.eps))) / ivl.rational(2 * s)
    C = ivl.root(ivl.rational(cert.eps / (cert.r * cert.F**3))) / 100
    yield from bound(cert, 7, "log10_steps", (Q / C - 1) / log(Fraction(10)), False)

"""Method `every-start`: Theorem 16.S, a lower bound of T_d for all starts at once.

a_1 = ceil(ln tau/lg), a_(k+1) = ceil((1 + ls/lg) a_k + ln tau/lg). As a_(k+1) >= 2 a_k it is enough to go on until
the claimed time is reached."""

import re
from typing import NamedTuple

from relucert_audit import format as fmt
from relucert_audit.finding import Finding, Findings, TooWeak, weak
from relucert_audit.format import Number, Opened, take
from relucert_audit.interval import dyadic, precision
from relucert_audit.octopus import problem
from relucert_audit.octopus.problem import STEPPED, Numbers, Problem, least_ceil, log_tau, long

CLAIM = {
    **fmt.HEADER,
    "problem": STEPPED,
    "verdict": re.compile("exponential-time"),
    "bounds": {"time": long},
}


class Certificate(NamedTuple):
    verdict: str
    problem: Problem
    time: int
    bounds: dict[str, Number]


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    claim = take(opened.claim, CLAIM, "claim")
    return Certificate(claim["verdict"], problem.read_problem(claim["problem"]), claim["bounds"]["time"], {})


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    yield from problem.admit_step(cert.problem)


def reached(cert: Certificate) -> bool:
    """time <= 1 + a_d."""
    own, of = Numbers(cert.problem), cert.problem
    ratio, apart = 1 + own.ls / own.lg, log_tau(of) / own.lg
    a, k = least_ceil(apart), 1
    while a + 1 < cert.time and k < of.d:
        a, k = least_ceil(ratio * dyadic(a, 0) + apart), k + 1
    return a + 1 >= cert.time


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Step 3. Each a_k errs by about k 2^-p of itself before it is rounded up."""
    try:
        with precision(cert.time.bit_length() + bits):
            fine = reached(cert)
    except TooWeak as failure:
        return [weak(3, "time", str(failure))]
    return [] if fine else [weak(3, "time", "is more than 1 + a_d")]

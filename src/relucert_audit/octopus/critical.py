"""Method `critical-points`: Theorem 16.A. The value at the minima is -d nu, f having fallen by nu in each buffer."""

import re
from fractions import Fraction
from typing import NamedTuple

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit.finding import Finding, Findings, refuted
from relucert_audit.format import Number, Opened, take
from relucert_audit.interval import dyadic
from relucert_audit.octopus import logs, problem
from relucert_audit.octopus.problem import PROBLEM, Problem
from relucert_audit.steps import contains

BOUNDS = {"value": fmt.interval}
CLAIM = {
    **fmt.HEADER,
    "problem": PROBLEM,
    "verdict": re.compile("strict-saddles-and-minima"),
    "bounds": BOUNDS,
}


class Certificate(NamedTuple):
    verdict: str
    problem: Problem
    bounds: dict[str, Number]


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    claim = take(opened.claim, CLAIM, "claim")
    return Certificate(claim["verdict"], problem.read_problem(claim["problem"]), fmt.flatten(claim["bounds"]))


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    yield from problem.admit(cert.problem)


def drop(of: Problem) -> Fraction:
    """d nu/tau^2: nu is -g_1(2 tau) + 4 L tau^2, g_1(2 tau) = -gamma - gamma 7/6 - L 13/6 in units of tau^2."""
    return of.d * (4 * of.L + (of.L + of.gamma) * Fraction(13, 6))


def prove(cert: Certificate, _: int) -> list[Finding]:
    """Step 3: exactly for a rational tau."""
    of = cert.problem
    if of.tau is None:
        e = logs.exponential(dyadic(1, 0))
        return list(contains(cert, 3, "value", -ivl.rational(drop(of)) * e * e))
    low, high = (cert.bounds[f"value.{end}"].exact for end in ("low", "high"))
    value = -drop(of) * of.tau**2
    if exact(low) <= value <= exact(high):
        return []
    return [refuted(3, "value", "does not contain -d nu")]


def exact(x: fmt.Dyadic) -> Fraction:
    return Fraction(x.m) * Fraction(2) ** x.e

"""Method `perturbed`: gradient descent with noise finds a minimum, with an explicit probability. Theorem 16.P."""

import re
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak
from relucert_audit.format import LOWER, Dyadic, Number, Opened, malformed, number, take
from relucert_audit.interval import Interval, dyadic, proves_lt, show
from relucert_audit.octopus import logs, problem
from relucert_audit.octopus.problem import STEPPED, Numbers, Problem, most_floor, rational
from relucert_audit.steps import bound

LENGTHS = ("threshold", "radius", "least", "accuracy")
NOISE: dict[str, Any] = {**dict.fromkeys(LENGTHS, rational), "wait": int}
BOUNDS = {"probability": number(LOWER, negative=False), "steps": int}
CLAIM = {
    **fmt.HEADER,
    "problem": STEPPED | {"noise": NOISE},
    "verdict": re.compile("finds-a-minimum"),
    "bounds": BOUNDS,
}


class Certificate(NamedTuple):  # g, r, s, eps: in units of tau
    verdict: str
    problem: Problem
    g: Fraction
    r: Fraction
    s: Fraction
    eps: Fraction
    wait: int
    steps: int
    bounds: dict[str, Number]


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    claim = take(opened.claim, CLAIM, "claim")
    of, noise, bounds = problem.read_problem(claim["problem"]), claim["problem"]["noise"], claim["bounds"]
    if Dyadic(1, 0).lt(bounds["probability"].exact):
        raise malformed("probability is above 1")
    g, r, s, eps = (noise[name] for name in LENGTHS)
    numbers = fmt.flatten(bounds)
    return Certificate(claim["verdict"], of, g, r, s, eps, noise["wait"], bounds["steps"], numbers)


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    of = cert.problem
    yield from problem.admit_step(of)
    hypotheses = {
        "P.1": 0 < cert.g <= of.gamma / 10,
        "P.2": 0 < cert.r <= Fraction(1, 20),
        "P.3": 0 < cert.s <= cert.r,
        "P.4": 8 * (of.gamma * cert.s) ** 2 <= cert.g**2,
        "P.5": cert.g <= 2 * of.L * cert.eps,
    }
    for name, holds in hypotheses.items():
        if not holds:
            yield refuted(1, "noise", f"{name} of Theorem 16.P does not hold")


def prove(cert: Certificate, _: int) -> list[Finding]:
    """Step 3 at the working precision."""
    try:
        return [*chance(cert), *duration(cert)]
    except TooWeak as failure:
        return [weak(3, "bounds", str(failure))]


def chance(cert: Certificate) -> Findings:
    """P.8: probability <= (1 - p)^d."""
    d, one = cert.problem.d, dyadic(1, 0)
    p = ivl.rational(cert.s / cert.r) * ivl.root(dyadic(2 * d + 2, 0) / ivl.pi())
    if proves_lt(p, one):
        yield from bound(cert, 3, "probability", power(1 - p, d), False)
    else:
        yield weak(3, "probability", f"a phase may fail always: {show(p)}")


def power(x: Interval, n: int) -> Interval:
    """x^n."""
    result = dyadic(1, 0)
    for digit in bin(n)[2:]:
        result = result * result * x if digit == "1" else result * result
    return result


def duration(cert: Certificate) -> Findings:
    """P.7 and P.9. All integers are bounded from above."""
    of, own = cert.problem, Numbers(cert.problem)
    escape = most_floor(-logs.log(cert.s) / own.lg) + 1 + ceil(1 / of.h)
    if escape > cert.wait:
        yield weak(3, "wait", "noise may come again before a coordinate has escaped")
    near = most_floor(logs.log(32 * of.d * (of.L / cert.g) ** 2) / (2 * own.ls)) + 1
    grown = most_floor(logs.log(Fraction(2)) / (2 * own.lg))
    ratio = 4 * of.d / cert.eps**2
    end = most_floor(logs.log(ratio) / (2 * own.ls)) + 1 if ratio > 1 else 0
    if of.d * (max(near, cert.wait) + grown + escape) + end > cert.steps:
        yield weak(3, "steps", "are fewer than Theorem 16.P needs")

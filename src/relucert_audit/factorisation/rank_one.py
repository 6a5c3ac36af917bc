"""Method `rank-one`: M = s p q^T from four scalars. Theorems 15.C, 15.D and 15.G.

By 15.R it is the run of u = (alpha, a), v = (beta, b), M = (s, 0; 0, 0), in which a and b may change their signs."""

import re
from fractions import Fraction
from math import isqrt
from typing import Any, NamedTuple

import numpy as np

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit.factorisation import data, near
from relucert_audit.factorisation.data import Dyadics, limit
from relucert_audit.factorisation.logarithm import log
from relucert_audit.factorisation.run import Flow, State, follow
from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak
from relucert_audit.format import LOWER, UPPER, Number, Opened, malformed, number, take
from relucert_audit.interval import Interval, dyadic, proves_lt, show
from relucert_audit.steps import bound

CONVERGES, DIVERGES, RANDOM = "converges-to-global-minimum", "diverges", "diverges-with-probability"
MOST_STEPS, MOST_DIMENSION, GUARD = 10**5, 10**18, 8
BOUNDS = {CONVERGES: dict.fromkeys(("loss", "travel"), number(UPPER)) | {"rate": number(LOWER)}}
BOUNDS |= {DIVERGES: {"growth": number(LOWER)}, RANDOM: {"exponent": number(LOWER)}}
FOUR = {"alpha": data.rational, "beta": data.rational, "a2": data.not_negative, "b2": data.not_negative}
DIMENSION = re.compile("[1-9][0-9]{0,18}")
STARTS: dict[str, dict[str, Any]] = {CONVERGES: FOUR, DIVERGES: FOUR}
STARTS |= {RANDOM: {"variance": data.positive, "d1": DIMENSION, "d2": DIMENSION}}
PROBLEM = {"s": data.positive, "step": data.positive}
CLAIM = {**fmt.HEADER, "problem": PROBLEM, "verdict": re.compile("|".join(BOUNDS))}


class Certificate(NamedTuple):  # start: (alpha, beta, a^2, b^2), or (variance, d1, d2)
    verdict: str
    s: Fraction
    eta: Fraction
    start: list[Fraction]
    steps: int
    bounds: dict[str, Number]


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    verdict = take(opened.claim, {"verdict": CLAIM["verdict"]}, "claim", open_ended=True)["verdict"]
    more = {"bounds": BOUNDS[verdict], "start": STARTS[verdict]}
    claim = take(opened.claim, CLAIM | more | ({} if verdict == RANDOM else {"steps": int}), "claim")
    start, steps = [Fraction(claim["start"][name]) for name in STARTS[verdict]], claim.get("steps", 0)
    if verdict == RANDOM and not all(2 <= d <= MOST_DIMENSION for d in start[1:]):
        raise malformed("a dimension is not from 2 to 10^18")
    if steps > MOST_STEPS:
        raise limit("the number of steps")
    problem, bounds = claim["problem"], fmt.flatten(claim["bounds"])
    return Certificate(verdict, problem["s"], problem["step"], start, steps, bounds)


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    yield from data.above_zero(cert, ("rate", "exponent"))
    if cert.verdict == CONVERGES:
        yield from data.at_most_one(cert, "rate")
    if cert.verdict == DIVERGES and not fmt.Dyadic(1, 0).lt(cert.bounds["growth"].exact):
        yield refuted(1, "growth", "not above 1")


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Step 6 at the working precision."""
    try:
        return list(random(cert) if cert.verdict == RANDOM else followed(cert, 2 * bits))
    except TooWeak as failure:
        return [weak(6, "steps", str(failure))]


def random(cert: Certificate) -> Findings:
    """Theorem 15.G."""
    delta, *dimensions = cert.start
    found = []
    for i, d in enumerate(dimensions, 1):
        y = 2 / (cert.eta * delta * (d - 1))
        if y >= 1:
            yield weak(6, "verdict", f"Theorem 15.G does not apply: [G.{i}] does not hold")
            return
        found.append(ivl.rational(d - 1) * (ivl.rational(y - 1) - log(y)) / 2)
    yield from bound(cert, 6, "exponent", ivl.minimum(found), False)


def followed(cert: Certificate, bits: int) -> Findings:
    """The run, and what holds where it ends."""
    M, start = scalars(cert, bits)
    flow, eta = Flow(M, cert.eta, start, bits), ivl.rational(cert.eta)
    at, _, _ = follow(flow, flow.start(start, 1), cert.steps)
    if cert.verdict == CONVERGES:
        own = near.near(flow, at, eta)
        yield from near.findings(cert, 6, own, own.best(dyadic(*cert.bounds["travel"].exact)))
    else:
        yield from diverges(cert, eta, across(flow, at))


def scalars(cert: Certificate, bits: int) -> tuple[Dyadics, list[Dyadics]]:
    """M, and (alpha, a) and (beta, b) as columns: each too low by less than one unit, below that of the run."""
    alpha, beta, a2, b2 = cert.start
    squares = [alpha**2, beta**2, a2, b2, cert.s]
    size = max(x.numerator.bit_length() - x.denominator.bit_length() for x in squares if x)
    unit = (size >> 1) - bits - GUARD
    scale = Fraction(4) ** -unit
    first = [int(x * Fraction(2) ** -unit // 1) for x in (alpha, beta)]
    second = [isqrt(int(x * scale // 1)) for x in (a2, b2)]
    M = Dyadics(np.array([[int(cert.s * scale // 1), 0], [0, 0]], dtype=object), 2 * unit)
    return M, [Dyadics(np.array([[x], [y]], dtype=object), unit) for x, y in zip(first, second, strict=True)]


def across(flow: Flow, at: State) -> list[Interval]:
    """Lower bounds of a and b on the ball."""
    unit = flow.h - flow.p
    return [dyadic(max(abs(int(x[1, 0])) - at.radius, 0), unit) for x in (at.U, at.V)]


def diverges(cert: Certificate, eta: Interval, sizes: list[Interval]) -> Findings:
    """Theorem 15.D."""
    grown = ivl.minimum([eta * x**2 for x in sizes])
    if not proves_lt(dyadic(2, 0), grown):
        yield weak(6, "steps", f"Theorem 15.D is not proved to apply: {show(dyadic(2, 0), grown)}")
        return
    yield from bound(cert, 6, "growth", grown - 1, False)

"""Method `double-precision`: the program of docs/spec/octopus-v1.md, operation by operation. Theorem 16.F.

Python's floats are the machine's binary64 numbers, and it rounds each operation by itself; `exact_machine` refuses
where that is not so. Products by 2 are exact, so 2 L may be computed once."""

import re
import sys
from fractions import Fraction
from math import ldexp
from typing import NamedTuple

from relucert_audit import format as fmt
from relucert_audit.finding import Finding, Findings, refuted, weak
from relucert_audit.format import Dyadic, Number, Opened, malformed, take
from relucert_audit.octopus import problem
from relucert_audit.octopus.problem import STEPPED, Problem, limit

MOST_WORK, RANGE = 10**7, 64  # RANGE: L, gamma, tau and eta lie in [2^-RANGE, 2^RANGE]
E_DOUBLE = ldexp(6121026514868073, -51)
CLAIM = {**fmt.HEADER, "problem": STEPPED, "point": [fmt.dyadic], "verdict": re.compile("stuck")}
CLAIM |= {"bounds": {"coordinate": int, "step": int, "rest": fmt.dyadic}}


class Certificate(NamedTuple):  # coordinate: from 0
    verdict: str
    problem: Problem
    start: list[Dyadic]
    coordinate: int
    step: int
    rest: Dyadic
    bounds: dict[str, Number]


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    claim = take(opened.claim, CLAIM, "claim")
    of, start, bounds = problem.read_problem(claim["problem"]), claim["point"], claim["bounds"]
    if len(start) != of.d:
        raise malformed("point does not have d entries")
    if not 1 <= bounds["coordinate"] <= of.d:
        raise malformed("coordinate is not one of 1 .. d")
    if of.d * (bounds["step"] + 1) > MOST_WORK:
        raise limit("d times the number of steps")
    return Certificate(
        claim["verdict"], of, start, bounds["coordinate"] - 1, bounds["step"], bounds["rest"], {}
    )


def is_double(x: Dyadic) -> bool:
    """Of an x in [-1, 1]; subnormal numbers count."""
    return x.m.bit_length() <= 53 and x.e >= -1074


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    of = cert.problem
    yield from problem.admit_step(of, most=True)
    if any(x.m.bit_length() + x.e > 0 and (abs(x.m), x.e) != (1, 0) for x in cert.start):
        yield refuted(1, "point", "does not lie in [-1, 1]^d")
    if not all(is_double(x) for x in cert.start):
        yield refuted(1, "point", "has an entry that is no binary64 number")
    low, high = Fraction(1, 2**RANGE), Fraction(2**RANGE)
    if not all(low <= x <= high for x in (of.L, of.gamma, of.eta, low if of.tau is None else of.tau)):
        yield refuted(1, "problem", f"has a number outside [2^-{RANGE}, 2^{RANGE}]")


def exact_machine() -> bool:
    """Whether floats are binary64 here: rounded once, to nearest, ties to even, with subnormal numbers."""
    one, least, half = ldexp(1.0, 0), ldexp(1.0, -1074), ldexp(1.0, -53)
    ties = one + half == one and one + 3 * half == one + 4 * half
    once = one + (half + ldexp(1.0, -78)) == one + 2 * half  # not first to 64 bits
    small = least > 0 and least * one == least and ldexp(1.0, -1022) * 0.5 > 0 and 0.5 * least == 0
    near, square = one + 2 * half, ldexp(1.0, -104)
    apart = near * near - (one + 4 * half) != square  # a fused operation would leave 2^-104
    info = sys.float_info
    shape = (info.radix, info.mant_dig, info.max_exp, info.min_exp) == (2, 53, 1024, -1021)
    return shape and ties and once and small and apart


class Program:
    """Its numbers, and one step of it."""

    def __init__(self, of: Problem) -> None:
        L, gamma, self.eta = (x.numerator / x.denominator for x in (of.L, of.gamma, of.eta))
        self.tau = E_DOUBLE if of.tau is None else of.tau.numerator / of.tau.denominator
        self.two = self.tau + self.tau
        self.four = self.two + self.two
        self.L, self.gamma, self.both = L, gamma, L + gamma
        self.L2, self.gamma2 = 2.0 * L, 2.0 * gamma

    def settled(self, a: list[float]) -> int:
        """How many coordinates from the first on are at least 2 tau."""
        return next((k for k, x in enumerate(a) if not x >= self.two), len(a))

    def step(self, a: list[float]) -> list[float]:
        k, eta, L2, four = self.settled(a), self.eta, self.L2, self.four
        after = [abs(x - eta * (L2 * (x - four))) for x in a[:k]]
        after += [abs(x - eta * (L2 * x)) for x in a[k:]]
        if k < len(a) and a[k] <= self.tau:
            after[k] = abs(a[k] - eta * -(self.gamma2 * a[k]))
        elif k < len(a):
            last = k + 1 == len(a)
            slope, curve = self.buffer(a[k], 0.0 if last else a[k + 1])
            after[k] = abs(a[k] - eta * slope)
            if not last:
                after[k + 1] = abs(a[k + 1] - eta * ((2.0 * curve) * a[k + 1]))
        return after

    def buffer(self, x: float, b: float) -> tuple[float, float]:
        """df/dx_k, and g_2."""
        s = (x - self.tau) / self.tau
        u = 1.0 - s
        ss, uu = s * s, u * u
        slope = -((self.gamma2 * uu) * (1.0 + 3.0 * s)) - (self.L * ss) * (14.0 - 10.0 * s)
        turn = ((30.0 * self.both) * (ss * uu)) / self.tau
        curve = (self.both * (uu * u)) * ((10.0 - 15.0 * u) + 6.0 * uu) - self.gamma
        return self.tau * slope - turn * (b * b), curve


def prove(cert: Certificate, _: int) -> list[Finding]:
    """Step 3. A point at which the program stands still it never leaves, so the run may end there early."""
    if not exact_machine():
        return [weak(3, "step", "this machine's floats are not binary64")]
    program = Program(cert.problem)
    a, still = [abs(ldexp(x.m, x.e)) for x in cert.start], False
    for _ in range(cert.step + 1):
        before, a = a, program.step(a)
        still = all(x == y for x, y in zip(a, before, strict=True))
        if still:
            break
    k = cert.coordinate
    if not still:
        return [refuted(3, "step", "the run does not stand still there")]
    if not all(x >= program.two for x in a[:k]) or not a[k] <= program.tau:
        return [refuted(3, "coordinate", "is not the one at which the run stands still")]
    if a[k].as_integer_ratio() != ratio(cert.rest):
        return [refuted(3, "rest", "is not where the run stands still")]
    return []


def ratio(x: Dyadic) -> tuple[int, int]:
    """Numerator and denominator in lowest terms."""
    return x.m << max(x.e, 0), 1 << max(-x.e, 0)

"""The family "one-filter": docs/spec/filter-v1.md, which states the steps, and docs/theorem/filter.md section 11.

A start is given by integers, after a common denominator: cosine = w0.w*, area = |w0|^2 |w*|^2 - (w0.w*)^2 are
those of the angle phi_0 up to a factor. Every number below that is not exact is an upper or a lower bound."""

import re
from fractions import Fraction
from math import isqrt, lcm
from typing import Any, NamedTuple

from relucert_audit import format as fmt
from relucert_audit.finding import Finding, Findings, refuted, weak
from relucert_audit.format import LOWER, UPPER, Number, Opened, Refusal, malformed, number, take
from relucert_audit.interval import (
    Interval,
    angle,
    dyadic,
    minimum,
    pi,
    proves_le,
    proves_lt,
    root,
    show,
    to_fixed,
)
from relucert_audit.steps import bound, run

RATIONAL = re.compile(r"(0|-?[1-9][0-9]{0,999})(?:/([1-9][0-9]{0,999}))?")
MAX_ENTRIES, MAX_BITS, SINGLE_STEPS = 50_000, 4096, 256


def rational(value: Any, where: str) -> Fraction:
    """A fraction in lowest terms, "-3/2", or an integer."""
    match = RATIONAL.fullmatch(value) if isinstance(value, str) else None
    if match is None or str(x := Fraction(int(match[1]), int(match[2] or 1))) != value:
        raise malformed(f"{where} is not a fraction in lowest terms")
    return x


PROBLEM = {"target": [rational], "eta": rational, "accuracy": rational}
BOUNDS = {"distance": number(UPPER, negative=False), "decrease": number(LOWER, negative=False), "steps": int}
CLAIM = {**fmt.HEADER, "problem": PROBLEM, "point": [rational], "verdict": re.compile("converges-to-target")}


class Descent(NamedTuple):
    """A claim. The integers are |w*|^2, |w0|^2, w0.w* and the area, in units of the common denominator."""

    verdict: str
    bounds: dict[str, Number]
    steps: int
    eta: Fraction
    accuracy: Fraction
    target: int
    first: int
    cosine: int

    @property
    def area(self) -> int:
        return self.target * self.first - self.cosine**2

    @property
    def distance(self) -> Fraction:
        """|w0 - w*|^2/|w*|^2."""
        return Fraction(self.target + self.first - 2 * self.cosine, self.target)


def read(opened: Opened) -> Descent:
    """Step 0 of the claim. Raises Refusal."""
    claim = take(opened.claim, CLAIM | {"bounds": BOUNDS}, "claim")
    problem, bounds, rows = claim["problem"], claim["bounds"], (claim["problem"]["target"], claim["point"])
    if len(rows[0]) != len(rows[1]) or len(rows[0]) < 2 or not all(map(any, rows)):
        raise malformed("target and point are not two vectors of the same dimension p >= 2, both not 0")
    if problem["accuracy"] <= 0:
        raise malformed("accuracy is not positive")
    common = 1
    for x in (*rows[0], *rows[1]):
        common = lcm(common, x.denominator)
        if len(rows[0]) > MAX_ENTRIES or max(common.bit_length(), x.numerator.bit_length()) > MAX_BITS:
            reason = "p, or the bits of numerators or of the common denominator"
            raise Refusal(fmt.NOT_CONFIRMED, 0, fmt.LIMIT, reason)
    v, w = ([x.numerator * (common // x.denominator) for x in row] for row in rows)
    products = (sum(x * y for x, y in zip(a, b, strict=True)) for a, b in ((v, v), (w, w), (w, v)))
    numbers = {name: x for name, x in bounds.items() if isinstance(x, Number)}
    return Descent(claim["verdict"], numbers, bounds["steps"], problem["eta"], problem["accuracy"], *products)


def step_1(cert: Descent) -> Findings:
    """Admission: the hypotheses of Theorem 11.B, in exact numbers."""
    if not 0 < cert.eta <= 2:
        yield refuted(1, "eta", "not in (0, 2]")
    if not cert.area and cert.cosine < 0:
        yield refuted(1, "point", "on the ray opposite to the target, which descent never leaves")


def prove(cert: Descent, bits: int) -> list[Finding]:
    """Steps 3 to 5 at one precision."""
    return run((step_3, step_4, step_5), cert, Numbers(cert, bits))


def ratio(x: Fraction) -> Interval:
    return dyadic(x.numerator, 0) / dyadic(x.denominator, 0)


def power(x: Interval, n: int) -> Interval:
    """x^n, x >= 0, by squaring."""
    result = dyadic(1, 0)
    while n:
        result, x, n = (result * x if n % 2 else result), x * x, n // 2
    return result


class Numbers:
    """The checker's own bounds, all squared: of distances in units of |w*|, and of their factors."""

    def __init__(self, cert: Descent, bits: int) -> None:
        self.bits, self.distance, self.eta = bits, ratio(cert.distance), ratio(cert.eta)
        self.first = self.bend(cert.area, cert.cosine)

    def bend(self, area: int, cosine: int) -> Interval:
        """An upper bound of H at the angle with this cosine and squared sine, up to a factor."""
        if not area:
            return dyadic(0, 0) if cosine > 0 else pi().b
        phi, c, side = angle(area, cosine, self.bits), dyadic(cosine, 0), root(dyadic(area, 0))
        corner, half, phi = (1 - phi * c / side).b, dyadic(1, -1), phi.b
        if cosine > 0:  # what keeps its digits for small angles
            phi = minimum([phi, side / c]).b
            corner = minimum([corner, phi**2 / 2]).b
        elif area <= cosine**2:
            half = -side * c / dyadic(area + cosine**2, 0)
        return minimum([(phi + root(phi**2 + corner**2)) / 2, phi + half]).b

    def nearer(self, distance: Interval) -> Interval:
        """An upper bound of H(phi_t) where the distance of w_t is at most this one."""
        if not proves_lt(distance, dyadic(1, 0)):
            return self.first
        middle, radius = to_fixed(distance, 2 * self.bits)
        sine_squared = min(middle + radius, 1 << 2 * self.bits)
        cosine = isqrt((1 << 2 * self.bits) - sine_squared)  # rounded down: the angle grows
        return minimum([self.first, self.bend(sine_squared, cosine)])

    def factor(self, distance: Interval) -> Interval:
        """An upper bound of |w_{t+1} - w*|^2/|w_t - w*|^2 there."""
        return ((1 - self.eta / 2) ** 2 + self.eta * (4 - self.eta) / 4 * self.nearer(distance) / pi()).b

    @property
    def decrease(self) -> Interval:
        """A lower bound of 1 - |w_{t+1} - w*|/|w_t - w*| for all t."""
        gain = (self.eta * (4 - self.eta) / 4 * (1 - self.nearer(self.distance.b) / pi())).a
        return (gain / (1 + root(1 - gain))).a

    def after(self, steps: int) -> Interval:
        """An upper bound of |w_T - w*|^2/|w*|^2."""
        distance = self.distance.b
        for _ in range(min(steps, SINGLE_STEPS)):
            distance = (self.factor(distance) * distance).b
        rest = power(self.factor(distance), steps - SINGLE_STEPS) if steps > SINGLE_STEPS else dyadic(1, 0)
        return (distance * rest).b


def step_3(cert: Descent, own: Numbers) -> Findings:
    """Distance of w0."""
    yield from bound(cert, 3, "distance", root(own.distance))


def step_4(cert: Descent, own: Numbers) -> Findings:
    """Decrease. The share of a step tends to eta/2, so it is not always more."""
    m, e = cert.bounds["decrease"].exact
    if cert.distance and proves_lt(own.eta / 2, dyadic(m, e)):
        yield refuted(4, "decrease", f"above eta/2: {show(dyadic(m, e), own.eta / 2)}")
    else:
        yield from bound(cert, 4, "decrease", own.decrease, False)


def step_5(cert: Descent, own: Numbers) -> Findings:
    """Number of steps. No step multiplies the distance by less than 1 - eta/2."""
    goal, reached = ratio(cert.accuracy) ** 2, own.after(cert.steps)
    if proves_lt(goal, own.distance * power((1 - own.eta / 2) ** 2, cert.steps)):
        yield refuted(5, "steps", f"too few, even at a factor of 1 - eta/2 a step: {cert.steps}")
    elif not proves_le(reached, goal):
        yield weak(5, "steps", f"not proved to come within the accuracy: {show(reached, goal)}")

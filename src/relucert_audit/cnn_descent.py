"""The one-hidden-layer CNN: claims about where gradient descent converges to.

Section 2 of docs/spec/cnn-descent-v1.md and docs/theorem.md section 10: the run is computed anew, in intervals."""

import re
from fractions import Fraction
from typing import Any, NamedTuple

from mpmath import iv  # type: ignore[import-untyped]

from relucert_audit import format as fmt
from relucert_audit.cnn import POINT, PROBLEM, Point, Problem, limit, read_point, read_problem
from relucert_audit.format import REJECTED, Number, Opened, Refusal, malformed, take
from relucert_audit.interval import Interval, absolute, bearing, dyadic, exp, maximum, minimum, pi, precision
from relucert_audit.interval import proves_le, proves_lt, rational, root, show
from relucert_audit.steps import Finding, Findings, bound, contains, refuted, weak

MOST_STEPS, LONGEST = 100_000, 10**7  # of this checker, of the format
GLOBAL, SPURIOUS = "converges-to-global-minimum", "converges-to-spurious-minimum"
SCALARS: dict[str, Any] = dict.fromkeys(("r", "phi", "psi", "q", "s"), fmt.interval)
RATES = {
    GLOBAL: {"alpha": fmt.number(fmt.LOWER), "decay": fmt.number(fmt.LOWER)},
    SPURIOUS: dict.fromkeys(("alpha", "flattest"), fmt.number(fmt.LOWER))
    | {"steepest": fmt.number(fmt.UPPER)},
}
CLAIM = {**fmt.HEADER, "problem": PROBLEM, "point": POINT, "eta": fmt.rational, "step": int}
VERDICT = {"verdict": re.compile(f"{GLOBAL}|{SPURIOUS}")}


class Certificate(NamedTuple):  # step: t
    verdict: str
    problem: Problem
    point: Point
    eta: Fraction
    step: int
    bounds: dict[str, Number]


class Iterate(NamedTuple):  # Lemma 10.A: A, B = r cos phi, r sin phi
    A: Interval
    B: Interval
    q: Interval
    s: Interval


def read(opened: Opened) -> Certificate:
    """Step 0 and, of step 1, the problem. Raises Refusal."""
    verdict = take(opened.claim, VERDICT, "claim", open_ended=True)["verdict"]
    claim = take(opened.claim, CLAIM | VERDICT | {"bounds": SCALARS | RATES[verdict]}, "claim")
    eta, step = claim["eta"], claim["step"]
    if step > LONGEST:
        raise malformed(f"more than {LONGEST} steps")
    if eta <= 0 or (step == 0) != (claim["method"] == "invariant-region"):
        raise Refusal(REJECTED, 1, "step", "eta <= 0, or the number of steps does not belong to the method")
    if step > MOST_STEPS or max(x.bit_length() for x in eta.as_integer_ratio()) > fmt.MAX_ROW_BITS:
        raise limit(f"more than {MOST_STEPS} steps, or bits of eta")
    of = read_problem(claim["problem"])
    return Certificate(verdict, of, read_point(claim["point"], of), eta, step, fmt.flatten(claim["bounds"]))


class Numbers:
    """The checker's own enclosures. unit: eta/(2 pi)."""

    def __init__(self, cert: Certificate) -> None:
        of = cert.problem
        self.cert, self.k, self.pi, self.zero, self.one = cert, of.k, pi(), dyadic(0, 0), dyadic(1, 0)
        self.W, self.S, self.N, self.eta = map(rational, (of.W, of.S, of.N, cert.eta))
        self.unit = self.eta / (2 * self.pi)
        self.alpha = self.unit * (self.pi - 1)

    def run(self) -> Iterate:
        """Iterate number t. Raises ValueError if the angle of v is lost."""
        at, S2, W, unit = self.cert.point, self.S**2, self.W, self.unit
        r = root(rational(at.r2))
        now = Iterate(
            at.side * r * root(rational(at.cosine2)),
            r * root(rational(at.sine2)),
            rational(at.q),
            rational(at.s),
        )
        slow, fast, pull, shift = (
            1 - self.alpha,
            1 - unit * (self.k - 1 + self.pi),
            unit * W,
            unit * W * self.S,
        )
        for _ in range(self.cert.step):
            A, B, q, s = now
            r, psi, g = self.polar(now)
            y = pull * psi * q / r**3
            attraction = pull * ((g - 1) * self.N + S2) - unit * self.S * s
            now = Iterate(
                A + y * B**2,
                B * absolute(1 - y * A),
                slow * q + attraction,
                fast * s + shift * (self.k - 1 + g),
            )
        return now

    def polar(self, at: Iterate) -> tuple[Interval, Interval, Interval]:
        """r, psi, g."""
        r, psi = root(at.A**2 + at.B**2), bearing(at.B, -at.A)
        return r, psi, (psi * at.A + at.B) / r


def step_3(own: Numbers) -> Findings:
    """The step: [10.1], exact for k = 1."""
    excess = rational(own.cert.eta * (own.k - 1)) + rational(own.cert.eta - 2) * own.pi
    if not proves_le(excess, own.zero):
        finding = refuted if proves_lt(own.zero, excess) else weak
        yield finding(3, "eta", f"above 2 pi/(k + pi - 1): {show(own.eta)}")


def steps_6_to_8(own: Numbers, at: Iterate) -> Findings:
    """Hypotheses, scalars and rate of Theorem 10.B at iterate t."""
    cert, W, S2, N, pi_, zero, least = own.cert, own.W, own.S**2, own.N, own.pi, own.zero, own.pi - 1
    (r, psi, g), phi, q = own.polar(at), bearing(at.B, at.A), at.q
    sigma = at.s * own.S / W
    D, K = (g - 1) * N + S2 - sigma, (g - 1) * N + S2 * (pi_ - g) / (own.k + least)
    Q = maximum([absolute(q), W * (N + (S2 + maximum([absolute(sigma), S2])) / least)])
    size, q_low = own.eta * W * Q, minimum([absolute(q), W * minimum([absolute(D), absolute(K)]) / least])
    small = {"q": q, "D": D, "K": K}
    if cert.verdict == GLOBAL:
        less = {name: (zero, x) for name, x in (small | {"psi": psi}).items()}
        most = size, 2 * r**2
    else:
        less = {name: (x, zero) for name, x in small.items()}
        most = size * psi, pi_ * r**2
    for name, (low, high) in less.items():
        if not proves_lt(low, high):
            yield (refuted if proves_le(high, low) else weak)(
                6, name, f"has the wrong sign: {show(low, high)}"
            )
    if not proves_le(*most):
        yield (refuted if proves_lt(*most[::-1]) else weak)(6, "[10.2]", f"does not hold: {show(*most)}")
    for name, mine in {"r": r, "phi": phi, "psi": psi, "q": q, "s": at.s}.items():
        yield from contains(cert, 7, name, mine)
    yield from bound(cert, 8, "alpha", own.alpha)
    xi = size / (2 * r**2)
    if cert.verdict == GLOBAL:
        y = own.unit * W * psi * q_low / (r**2 * exp(4 * xi * phi / pi_))
        rates = {"decay": y / (1 + y * (1 - at.A / r))}
    else:
        b = own.unit * W * q_low / (r**2 * exp(4 * xi * psi**2 / pi_**2))
        rates = {"flattest": b, "steepest": xi / pi_}
    for name, mine in rates.items():
        if cert.bounds[name].exact.m <= 0:
            yield refuted(8, name, "not positive")
        yield from bound(cert, 8, name, mine, False)


def prove(cert: Certificate, _: int) -> list[Finding]:
    """Steps 3 to 8, at the working precision and two bits more for each of the number of steps."""
    with precision(iv.prec + 2 * cert.step.bit_length()):
        own = Numbers(cert)
        findings = list(step_3(own))
        if findings:
            return findings
        try:
            return list(steps_6_to_8(own, own.run()))
        except ValueError:
            return [weak(5, "trajectory", "the direction of v is lost")]

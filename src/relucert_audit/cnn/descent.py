"""The one-hidden-layer CNN: claims about where gradient descent converges to.

Section 2 of docs/spec/cnn-descent-v1.md, docs/theorem/cnn.md section 10. The run is redone in intervals."""

import re
from fractions import Fraction
from typing import Any, NamedTuple

from mpmath import iv  # type: ignore[import-untyped]

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit.cnn.landscape import POINT, PROBLEM, Point, Problem, limit, read_point, read_problem
from relucert_audit.finding import Finding, Findings, refuted, weak
from relucert_audit.format import REJECTED, Number, Opened, Refusal, malformed, take
from relucert_audit.interval import Interval, absolute, proves_le, proves_lt, rational, root, show
from relucert_audit.steps import bound, contains

MOST_STEPS, LONGEST = 100_000, 10**7  # of this checker, of the format
GLOBAL, SPURIOUS = "converges-to-global-minimum", "converges-to-spurious-minimum"
LOW, HIGH = fmt.number(fmt.LOWER), fmt.number(fmt.UPPER)
RATES = {GLOBAL: {"decay": LOW}, SPURIOUS: {"flattest": LOW, "steepest": HIGH}}
BOUNDS: dict[str, Any] = dict.fromkeys(("r", "phi", "psi", "q", "s"), fmt.interval) | {"alpha": LOW}
CLAIM = {**fmt.HEADER, "problem": PROBLEM, "point": POINT, "eta": fmt.rational, "step": int}
CLAIM |= {"verdict": re.compile(f"{GLOBAL}|{SPURIOUS}")}


class Certificate(NamedTuple):
    verdict: str
    problem: Problem
    point: Point
    eta: Fraction
    step: int
    bounds: dict[str, Number]


def read(opened: Opened) -> Certificate:
    """Step 0, and all of step 1. Raises Refusal."""
    verdict = take(opened.claim, {"verdict": CLAIM["verdict"]}, "claim", open_ended=True)["verdict"]
    claim = take(opened.claim, CLAIM | {"bounds": BOUNDS | RATES[verdict]}, "claim")
    eta, step = claim["eta"], claim["step"]
    if step > LONGEST:
        raise malformed(f"more than {LONGEST} steps")
    if eta <= 0 or (step == 0) != (claim["method"] == "invariant-region"):
        raise Refusal(REJECTED, 1, "step", "eta <= 0, or the number of steps does not belong to the method")
    of = read_problem(claim["problem"])
    if step > MOST_STEPS:
        raise limit(f"more than {MOST_STEPS} steps")
    return Certificate(verdict, of, read_point(claim["point"], of), eta, step, fmt.flatten(claim["bounds"]))


class State(NamedTuple):  # an iterate: A, B = r cos phi, r sin phi
    A: Interval
    B: Interval
    q: Interval
    s: Interval

    def polar(self) -> tuple[Interval, Interval, Interval]:
        """r, psi and g. Raises ValueError if A and B may both be 0."""
        r, psi = root(self.A**2 + self.B**2), ivl.bearing(self.B, -self.A)
        return r, psi, (psi * self.A + self.B) / r


class Numbers:
    """The checker's own enclosures. unit: eta/(2 pi); least, most: the eigenvalues of M."""

    def __init__(self, of: Problem, eta: Fraction) -> None:
        self.of, self.eta, self.pi, self.zero = of, eta, ivl.pi(), ivl.dyadic(0, 0)
        self.W, self.S, self.N = map(rational, (of.W, of.S, of.N))
        self.unit, self.least, self.most = rational(eta) / (2 * self.pi), self.pi - 1, of.k - 1 + self.pi

    def run(self, at: Point, steps: int) -> State:
        """The iterate of this number: Lemma 10.A, with y = x/r. Raises ValueError."""
        r, c, s = (root(rational(x)) for x in (at.r2, at.cosine2, at.sine2))
        now, S2 = State(at.side * r * c, r * s, rational(at.q), rational(at.s)), self.S**2
        slow, fast, pull = 1 - self.unit * self.least, 1 - self.unit * self.most, self.unit * self.W
        for _ in range(steps):
            (A, B, q, s), (r, psi, g) = now, now.polar()
            y = pull * psi * q / r**3
            towards = pull * ((g - 1) * self.N + S2) - self.unit * self.S * s
            shift = pull * self.S * (self.of.k - 1 + g)
            now = State(A + y * B**2, B * absolute(1 - y * A), slow * q + towards, fast * s + shift)
        return now


def holds(step: int, name: str, low: Interval, high: Interval, strict: bool = False) -> Findings:
    """low < high, or low <= high; a hypothesis of the verdict."""
    if not (proves_lt if strict else proves_le)(low, high):
        finding = refuted if (proves_le if strict else proves_lt)(high, low) else weak
        yield finding(step, "verdict", f"{name} does not hold: {show(low, high)}")


def step_3(own: Numbers) -> Findings:
    """[10.1]; exact for k = 1."""
    rest = rational(own.eta * (own.of.k - 1)) + rational(own.eta - 2) * own.pi
    yield from holds(3, "eta (k + pi - 1) <= 2 pi", rest, own.zero)


def steps_6_to_8(cert: Certificate, own: Numbers, at: State) -> Findings:
    """Hypotheses, scalars and rate of Theorem 10.B."""
    (r, psi, g), phi, q, up = at.polar(), ivl.bearing(at.B, at.A), at.q, cert.verdict == GLOBAL
    S2, sigma, rise = own.S**2, at.s * own.S / own.W, (g - 1) * own.N
    D, K = rise + S2 - sigma, rise + S2 * (own.pi - g) / own.most
    Q = own.W * (own.N + (S2 + ivl.maximum([absolute(sigma), S2])) / own.least)
    load = rational(own.eta) * own.W * ivl.maximum([absolute(q), Q])
    for name, x in {"q": q, "D": D, "K": K}.items():
        yield from holds(6, f"the sign of {name}", *((own.zero, x) if up else (x, own.zero)), True)
    if up:
        yield from holds(6, "psi > 0", own.zero, psi, True)
    yield from holds(6, "the bound of eta W Q", *((load, 2 * r**2) if up else (load * psi, own.pi * r**2)))
    for name, mine in {"r": r, "phi": phi, "psi": psi, "q": q, "s": at.s}.items():
        yield from contains(cert, 7, name, mine)
    yield from bound(cert, 8, "alpha", own.unit * own.least)
    xi, turn = load / (2 * r**2), phi / own.pi if up else (psi / own.pi) ** 2
    if not proves_le(xi * turn, rational(Fraction(2))):  # follows from the bound of eta W Q, [10.2]
        yield weak(8, "alpha", f"the rate is not bounded: {show(xi, turn)}")
        return
    weight = ivl.minimum([absolute(q), own.W * ivl.minimum([absolute(D), absolute(K)]) / own.least])
    b = own.unit * own.W * weight / (r**2 * ivl.exp(4 * xi * turn))
    y = b * psi
    rates = {"decay": y / (1 + y * (1 - at.A / r)), "flattest": b, "steepest": xi / own.pi}
    for name in RATES[cert.verdict]:
        if cert.bounds[name].exact.m <= 0:
            yield refuted(8, name, "not positive")
        yield from bound(cert, 8, name, rates[name], False)


def prove(cert: Certificate, _: int) -> list[Finding]:
    """Steps 3 to 8, at the working precision and two bits more for each bit of the number of steps."""
    with ivl.precision(iv.prec + 2 * cert.step.bit_length()):
        own = Numbers(cert.problem, cert.eta)
        try:
            return list(step_3(own)) or list(steps_6_to_8(cert, own, own.run(cert.point, cert.step)))
        except ValueError:
            return [weak(5, "point", "the angle of v is lost on the way")]

"""Methods `gradient-descent` and `gradient-flow`: a two-layer ReLU network trained to zero loss."""

import re
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from mpmath import iv  # type: ignore[import-untyped]

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit import seeded
from relucert_audit.exact import product, spectrum
from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak
from relucert_audit.format import LOWER, UPPER, Dyadic, Number, Opened, malformed, number, take
from relucert_audit.interval import Interval, dyadic, enclosure, proves_le, show
from relucert_audit.ntk.data import Integers, limit, rows, shortened, within
from relucert_audit.ntk.shallow_run import Network, Start, State, blocks, from_digits, run
from relucert_audit.ntk.shallow_theorem import Here, counts, here, reach, spectra
from relucert_audit.steps import bound

MOST_ROWS, MOST_ENTRIES, MOST_NEURONS, MOST_STEPS, MOST_DIGITS = 128, 1024, 1 << 14, 1000, 300
MOST_SCORES, MOST_WORK = 1 << 27, 1 << 31  # m n d, m n^2 T


def whole(value: Any, where: str) -> int:
    if type(value) is not int:
        raise malformed(f"{where} is not an integer")
    return value


def positive(value: Any, where: str) -> Fraction:
    x = fmt.rational(value, where)
    if x <= 0:
        raise malformed(f"{where} is not positive")
    if max(x.numerator, x.denominator) >= 10**MOST_DIGITS:
        raise limit(f"{where}, a number of more than {MOST_DIGITS} digits")
    return x


def weights(value: Any, where: str) -> dict[str, Any] | fmt.Rows:
    """Rows, or by a seed."""
    by_seed = isinstance(value, dict)
    found: dict[str, Any] | fmt.Rows = take(value, SEEDED if by_seed else [[fmt.dyadic]], where)
    return found


def signs(value: Any, where: str) -> str | int:
    """A string, or a seed."""
    if isinstance(value, dict):
        return int(take(value, {"seed": int}, where)["seed"])
    return str(take(value, re.compile("[+-]+"), where))


SEEDED = {"seed": int, "scale": fmt.dyadic}
PROBLEM = {"x": [[fmt.dyadic]], "y": [fmt.dyadic], "width": int}
BOUNDS = {"loss": number(UPPER), "rate": number(LOWER), "travel": number(UPPER)}
START = {"weights": weights, "signs": signs}
BOTH = {**fmt.HEADER, "verdict": re.compile("converges-to-zero-loss"), "start": START}
CLAIM_FLOW = {**BOTH, "problem": PROBLEM, "bounds": BOUNDS}
CLAIM = {**BOTH, "problem": PROBLEM | {"step": positive}, "steps": int}
CLAIM |= {"bounds": BOUNDS | {"switching": whole, "first_travel?": number(UPPER)}}


class Certificate(NamedTuple):  # eta, switching: None for the flow
    verdict: str
    x: Integers
    y: Integers
    start: Start
    signs: Any
    eta: Fraction | None
    steps: int
    switching: int | None
    bounds: dict[str, Number]


def read_descent(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    claim = take(opened.claim, CLAIM, "claim")
    if claim["steps"] == 0 and "first_travel" in claim["bounds"]:
        raise malformed("bounds has first_travel, but there are no steps")
    return read(claim, claim["problem"]["step"], claim["steps"])


def read_flow(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    return read(take(opened.claim, CLAIM_FLOW, "claim"), None, 0)


def read(claim: dict[str, Any], eta: Fraction | None, steps: int) -> Certificate:
    """What both methods have."""
    problem, start, m = claim["problem"], claim["start"], claim["problem"]["width"]
    x, y = rows(problem["x"], "x"), rows([problem["y"]], "y")
    n, d = x.mantissa.shape
    if y.mantissa.shape[1] != n or m == 0:
        raise malformed("y does not have one entry for each row of x, or there are no neurons")
    if n > MOST_ROWS or d > MOST_ENTRIES or m > MOST_NEURONS or steps > MOST_STEPS:
        raise limit("n, d, m or T")
    if m * n * d > MOST_SCORES or m * n * n * steps > MOST_WORK:
        raise limit("m n d or m n^2 T")
    a = read_signs(start["signs"], m)
    bounds = claim["bounds"]
    w, switching = read_weights(start["weights"], m, d), bounds.get("switching")
    return Certificate(claim["verdict"], x, y, w, a, eta, steps, switching, fmt.flatten(bounds))


def read_signs(given: str | int, m: int) -> Any:
    """1 or -1 for each neuron."""
    if isinstance(given, int):
        return seeded.signs(given, m)
    if len(given) != m:
        raise malformed("signs are not as many as the width says")
    return np.array([1 if sign == "+" else -1 for sign in given])


def read_weights(given: dict[str, Any] | fmt.Rows, m: int, d: int) -> Start:
    if isinstance(given, dict):
        scale: Dyadic = given["scale"]
        within(scale, "scale")
        return Start(None, given["seed"], scale.m, scale.e - seeded.UNIT)
    w = rows(given, "weights")
    if w.mantissa.shape != (m, d):
        raise malformed("weights are not a row of d numbers for each neuron")
    return Start(w.mantissa, 0, 1, w.exponent)


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    for name, x in cert.bounds.items():
        if x.exact.m < 0 or (name == "rate" and x.exact.m == 0):
            yield refuted(1, name, "is negative, or a rate of 0")
    if cert.eta is not None and not cert.bounds["rate"].exact.lt(Dyadic(1, 0)):
        yield refuted(1, "rate", "is not below 1")
    if cert.switching is not None and cert.switching < 0:
        yield refuted(1, "switching", "is negative")
    if not (cert.x.mantissa != 0).any(axis=1).all():
        yield refuted(1, "x", "a row is 0")


def network(cert: Certificate) -> Network:
    """With |X| near 1; eta = 1, before that, for the flow. Raises TooWeak."""
    gram = product(cert.x.mantissa, cert.x.mantissa.T)
    scale = cert.x.exponent + (int(np.trace(gram)).bit_length() >> 1)
    x = Integers(cert.x.mantissa, cert.x.exponent - scale)
    form = Integers(gram, 2 * x.exponent)
    square = spectrum(shortened(form, iv.prec)).largest.b
    start = cert.start._replace(exponent=cert.start.exponent + scale)
    eta = Fraction(4) ** scale * (1 if cert.eta is None else cert.eta)
    return Network(scale, eta, x, form, cert.y, cert.signs, start, square)


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Steps 3 and 4."""
    try:
        net = network(cert)
        return list(step_3(cert, net, bits))
    except TooWeak as failure:
        return [weak(3, "steps", str(failure))]


def step_3(cert: Certificate, net: Network, p: int) -> Findings:
    """The run; and step 4, where it ends."""
    if cert.steps and not proves_le(ivl.rational(net.eta) * net.square, dyadic(2, 0)):
        yield weak(3, "step", "eta |X|^2 <= 2 is not proved")
        return
    end = run(net, cert.steps, p)
    at = here(net, end, p)
    yield from bound(cert, 3, "loss", ivl.maximum([dyadic(0, 0), at.error]) ** 2 / 2)
    if "first_travel" in cert.bounds:
        yield from bound(cert, 3, "first_travel", first_travel(net, end, p) * dyadic(1, -net.scale))
    yield from step_4(cert, net, at)


def first_travel(net: Network, at: State, p: int) -> Interval:
    """Encloses max_r |w_r(T) - w_r(0)|: |w~_r - w_r(0)|^2 = v_r K v_r, exactly."""
    square = 0
    for part in blocks(net.m, net.n):
        v = from_digits([digit[part] for digit in at.v])
        square = max(square, int((product(v, net.gram.mantissa) * v).sum(axis=1).max()))
    return ivl.root(dyadic(square, net.gram.exponent - 2 * p)) + enclosure(-at.r, at.r, -p)


def step_4(cert: Certificate, net: Network, at: Here) -> Findings:
    """Theorem 14.D, or 14.F for the flow; |I - eta H| is the larger of 1 - eta lambda_min and eta lambda_max - 1."""
    rate, eta = dyadic(*cert.bounds["rate"].exact), ivl.rational(net.eta)
    C = reach(net, at, rate).b
    found = counts(net, at, C)
    if cert.switching is not None and found.open > cert.switching:
        yield weak(4, "switching", f"{found.open} pairs are neither always active nor never")
    travel = C * ivl.root(net.square) * dyadic(1, -net.scale)
    yield from bound(cert, 4, "travel", travel, refutable=False)
    of = spectra(net, found)
    pull, push = eta * (of.smallest - of.spread), eta * (of.largest + of.spread)
    if not proves_le(rate, pull):
        yield weak(4, "rate", f"Theorem 14.D or 14.F does not apply: {show(rate, pull)}")
    if cert.eta is not None and not proves_le(push, 2 - rate):
        yield weak(4, "rate", f"Theorem 14.D does not apply: {show(push, 2 - rate)}")

"""Methods "split", "zero-neuron", "trained-output-weights" and "collapsed": steps 3 to 8 of docs/spec/wider-v1.md.
The base claim goes through the steps of its own method; if it stands, step 7 of that page follows."""

from fractions import Fraction

from relucert_audit.finding import Finding, Findings, refuted, weak
from relucert_audit.format import Dyadic
from relucert_audit.interval import (
    Interval,
    dyadic,
    maximum,
    minimum,
    precision,
    proves_le,
    proves_lt,
    root,
    show,
)
from relucert_audit.steps import run
from relucert_audit.teacher.split import across, across_symmetric, psi, psi_symmetric
from relucert_audit.teacher.steps import STEPS
from relucert_audit.teacher.symmetric import ZERO
from relucert_audit.teacher.symmetric_claim import Classes
from relucert_audit.teacher.symmetric_numbers import BITS_A_DIGIT, SymmetricNumbers
from relucert_audit.teacher.theorems import Numbers
from relucert_audit.teacher.wider_claim import SADDLE, Wider


def prove(cert: Wider, bits: int) -> list[Finding]:
    """Steps 3 to 8 at one precision."""
    kind: type[Numbers] = Numbers
    if isinstance(cert.base.point, Classes):
        kind, bits = SymmetricNumbers, bits + BITS_A_DIGIT * cert.base.k.bit_length()
    with precision(bits + 32):
        own = kind(cert.base, bits)
        return run(STEPS, cert.base, own) or run((step_7,), cert, own, first=7)


def given(cert: Wider, name: str) -> Interval:
    return dyadic(*cert.bounds[name].exact)


def step_7(cert: Wider, own: Numbers) -> Findings:
    """Splits (Theorem 18.M), a neuron at the origin (18.Z) and the distance to M (18.T)."""
    for place, split in enumerate(cert.splits):
        low, high = extremes(own, split.neuron - 1)
        for kind, verdict in split.verdicts.items():
            name = f"splits.{place}.{kind}"
            least, claimed = (low, given(cert, name)) if kind == "same" else (-high, -given(cert, name))
            yield from eigenvalue(cert, name, verdict, least, claimed)
    if cert.neuron is not None:
        low, _ = extremes(own, cert.neuron - 1)
        yield from eigenvalue(cert, "curvature", SADDLE, low, given(cert, "curvature"))
    if cert.target is not None:
        yield from step_7_zero(cert, own, cert.target - 1)
    if cert.weights is not None:
        least = min(abs(fraction(x)) for x in cert.weights)
        if fraction(cert.bounds["existence_radius"].exact) > fraction(cert.bounds["distance"].exact) * least:
            yield refuted(7, "distance", "less than existence_radius / min |weights|")


def extremes(own: Numbers, i: int) -> tuple[Interval, Interval]:
    """The smallest and the largest eigenvalue of S_i(W) across w_i; in R^1 there is none, and S_i = 0."""
    if own.cert.d == 1:
        return ZERO, ZERO
    found = across_symmetric(own.at, i) if isinstance(own, SymmetricNumbers) else across(own.loss, i)
    return found.smallest, found.largest


def eigenvalue(cert: Wider, name: str, verdict: str, least: Interval, claimed: Interval) -> Findings:
    """What a split adds is positive or negative, by S_i or for opposite parts -S_i: 0 is one of its eigenvalues,
    `least` the smallest of the others. At W* it is within L r of that."""
    slack = given(cert, "lipschitz.value") * given(cert, "existence_radius")
    if verdict == SADDLE:  # the smallest of all is at most `claimed`
        mine = minimum([least, ZERO])
        proved, opposite = proves_le(mine + slack, claimed), proves_lt(claimed, mine - slack)
    else:  # the second smallest is at least `claimed`; it is not above 0 if `least` is not
        mine = least
        proved, opposite = proves_le(claimed, mine - slack), proves_lt(maximum([mine, ZERO]) + slack, claimed)
    if not proved:
        finding = refuted if opposite else weak
        yield finding(7, name, f"{verdict} not confirmed: {show(mine, claimed)}")


def step_7_zero(cert: Wider, own: Numbers, j: int) -> Findings:
    """psi(v_j) is at most -slope at W*, and what follows from the slope."""
    if isinstance(own, SymmetricNumbers):
        mine, square = psi_symmetric(own.at, j), Fraction(1)
    else:
        mine, square = psi(own.loss, j), sum((fraction(x) ** 2 for x in cert.base.targets[j]), Fraction(0))
    n, r, claimed = cert.base.n, given(cert, "existence_radius"), -given(cert, "slope")
    length = root(dyadic(square.numerator, 0) / dyadic(square.denominator, 0))
    slack = root(dyadic(n, 0)) * r * length / 2
    if not proves_le(mine + slack, claimed):
        finding = refuted if proves_lt(claimed, mine - slack) else weak
        yield finding(7, "slope", f"not confirmed as lower bound: {show(-mine, -claimed)}")
    if fraction(cert.bounds["decrease"].exact) * square > fraction(cert.bounds["slope"].exact) ** 2:
        yield refuted(7, "decrease", "more than slope^2/|v_j|^2")


def fraction(x: Dyadic) -> Fraction:
    return Fraction(x.m) * Fraction(2) ** x.e

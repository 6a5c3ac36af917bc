"""The two counterexamples of fixed form: claims of the methods unit-rows (Theorem 13.P) and split-neuron (13.S)."""

import re
from fractions import Fraction
from typing import NamedTuple

from relucert_audit import format as fmt
from relucert_audit.finding import Finding, Findings, refuted
from relucert_audit.format import Number, Opened, malformed, number, take
from relucert_audit.interval import minimum, rational, root
from relucert_audit.landscape.problem import limit, positive
from relucert_audit.steps import bound

MOST_ROWS = 1000
VERDICT = {"verdict": re.compile("spurious-minimum")}
UNIT = {"problem": {"a_star": [positive], **dict.fromkeys("lpq", int), "x": positive}}
UNIT |= {"bounds": {"radius": number(fmt.LOWER, negative=False)}}
SPLIT = {"problem": dict.fromkeys(("alpha", "beta", "tau"), positive)}
SPLIT |= {"bounds": {"curvature": number(fmt.LOWER, negative=False)}}


class UnitRows(NamedTuple):
    verdict: str
    bounds: dict[str, Number]
    a: list[Fraction]
    l: int  # noqa: E741 -- the letter of the format
    p: int
    q: int
    x: Fraction


class SplitNeuron(NamedTuple):
    verdict: str
    bounds: dict[str, Number]
    alpha: Fraction
    beta: Fraction
    tau: Fraction


def read_unit_rows(opened: Opened) -> UnitRows:
    """Step 0. Raises Refusal."""
    claim = take(opened.claim, fmt.HEADER | VERDICT | UNIT, "claim")
    of = claim["problem"]
    a, places = of["a_star"], [of[name] for name in "lpq"]
    if len(set(places)) != 3 or max(places) >= len(a):
        raise malformed("l, p and q are not different integers from 0 to d - 1")
    if of["x"] >= 1:
        raise malformed("x is not below 1")
    if len(a) > MOST_ROWS:
        raise limit(f"d is above {MOST_ROWS}")
    return UnitRows(claim["verdict"], claim["bounds"], a, of["l"], of["p"], of["q"], of["x"])


def sums(cert: UnitRows) -> dict[int, Fraction]:
    """S_i at the point for i != l, over the rows other than l and p. One entry makes each of these sums: that of
    row q in columns p and q, that of row i in column i otherwise."""
    here = {i: Fraction(1) for i in range(len(cert.a)) if i != cert.l}
    return here | {cert.p: cert.x, cert.q: 1 - cert.x}


def admit_unit_rows(cert: UnitRows) -> Findings:
    """Step 1: a_i S_i > a_l for all i != l, exactly."""
    for i, s in sums(cert).items():
        if cert.a[i] * s <= cert.a[cert.l]:
            yield refuted(1, "a_star", f"a_i S_i is not above a_l for i = {i}")
            return


def prove_unit_rows(cert: UnitRows, _: int) -> list[Finding]:
    """Theorem 13.P. With e, f the sines of the angles of rows p and l to the line of e_l, P' is at least

        2 a_l (1 - e^2)(1 - f^2) + 2 (e^2 + f^2) min_(i != l) a_i S_i >= 2 a_l, if a_i S_i >= a_l for i != l.

    A row within r of its own has every entry within r of its own, so S_i >= (sqrt(S_i here) - r)^2."""
    least = cert.a[cert.l]
    reach = minimum([root(rational(s)) - root(rational(least / cert.a[i])) for i, s in sums(cert).items()])
    if cert.bounds["radius"].exact.m <= 0:
        return [refuted(7, "radius", "not positive")]
    return list(bound(cert, 7, "radius", reach, False))


def read_split_neuron(opened: Opened) -> SplitNeuron:
    """Step 0. Raises Refusal."""
    claim = take(opened.claim, fmt.HEADER | VERDICT | SPLIT, "claim")
    return SplitNeuron(claim["verdict"], claim["bounds"], **claim["problem"])


def admit_split_neuron(_: SplitNeuron) -> Findings:
    """Step 1: there is nothing that the shape does not say."""
    yield from ()


def prove_split_neuron(cert: SplitNeuron, _: int) -> list[Finding]:
    """Theorem 13.S. Half the second derivative of f' at the point is, with s = da_0 + da_1,

        (alpha + beta) s^2 + 2 alpha tau (1 + tau) (dth_0 - dth_1)^2 + 4 beta ((1 + tau) dth_1 - tau dth_0)^2.

    Less curvature times the squares, it must be nowhere negative: s stands alone, for the rest Sylvester's minors."""
    m, e = cert.bounds["curvature"].exact
    claimed, (alpha, beta, tau) = m * Fraction(2) ** e, (cert.alpha, cert.beta, cert.tau)
    shear = 2 * alpha * tau * (1 + tau)
    first, last = shear + 4 * beta * tau**2 - claimed, shear + 4 * beta * (1 + tau) ** 2 - claimed
    mixed = shear + 4 * beta * tau * (1 + tau)  # less its sign
    if m <= 0:
        return [refuted(7, "curvature", "not positive")]
    if claimed > alpha + beta or first < 0 or last < 0 or first * last < mixed**2:
        return [refuted(7, "curvature", "above the smallest eigenvalue of half the second derivative")]
    return []

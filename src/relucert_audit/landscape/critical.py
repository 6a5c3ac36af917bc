"""Method `critical-points`: the whole landscape of Q. Theorems 13.A, 13.B and 13.T'.

An axis point has u_j = t e_i, m rows to the i-th column. Stationarity of such a row is
(m - 1 - nu) alpha_i t^2 + lambda (t^2 - 1) = 0: its curvature there is that of a function of t alone, 8 lambda,
and its share of Q is -h((1 + nu - m) alpha_i)."""

import re
from typing import Any, NamedTuple

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak
from relucert_audit.format import LOWER, UPPER, Number, Opened, malformed, number, take
from relucert_audit.interval import Interval, dyadic, proves_le, proves_lt, root, show
from relucert_audit.landscape import problem
from relucert_audit.landscape.problem import PROBLEM, Numbers, Problem, limit, read_problem
from relucert_audit.steps import bound, contains

NONE, UNBOUNDED, SPURIOUS = "no-spurious-minimum", "unbounded-below", "spurious-minimum"
MOST, MOST_GENERAL = 10_000, 256  # rows, for G and F
AT_LEAST = number(LOWER, negative=False)
BOUNDS: dict[str, dict[str, Any]] = {
    NONE: {"value": fmt.interval, "lambda_max": number(UPPER)}
    | dict.fromkeys(("lambda_min", "basin", "step", "saddle"), AT_LEAST),
    UNBOUNDED: {},
    SPURIOUS: {"value": fmt.interval, "gap": AT_LEAST, "lambda_min": AT_LEAST},
}
POSITIVE = ("lambda_min", "basin", "step", "gap")
KINDS = {"signed-permutation": {"kind": str}, "doubled": {"kind": str, "twice": int, "never": int}}
CLAIM = {**fmt.HEADER, "problem": PROBLEM, "verdict": re.compile("|".join(BOUNDS))}


class Certificate(NamedTuple):  # pair: (twice, never) of a doubled point
    verdict: str
    problem: Problem
    pair: tuple[int, int] | None
    bounds: dict[str, Number]


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    verdict = take(opened.claim, {"verdict": CLAIM["verdict"]}, "claim", open_ended=True)["verdict"]
    members = {"bounds": BOUNDS[verdict]} | ({"minimum": dict} if verdict == SPURIOUS else {})
    claim = take(opened.claim, CLAIM | members, "claim")
    of, pair = read_problem(claim["problem"]), None
    if of.d > (MOST_GENERAL if of.teacher else MOST):
        raise limit("the number of rows")
    if verdict == SPURIOUS:
        kind = claim["minimum"].get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            raise malformed("minimum is of no known kind")
        minimum = take(claim["minimum"], KINDS[kind], "minimum")
        pair = (minimum["twice"], minimum["never"]) if kind == "doubled" else None
        if pair and max(pair) >= of.d:
            raise malformed("minimum names a row that does not exist")
    return Certificate(verdict, of, pair, fmt.flatten(claim["bounds"]))


def positive(cert: Any, step: int, names: tuple[str, ...]) -> Findings:
    """These bounds are above 0 where they are present."""
    for name in names:
        if name in cert.bounds and cert.bounds[name].exact.m <= 0:
            yield refuted(step, name, "not positive")


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    yield from problem.admit(cert.problem)
    yield from positive(cert, 1, POSITIVE)
    if cert.pair and (cert.problem.mu <= 12 or cert.pair[0] == cert.pair[1]):
        yield refuted(1, "minimum", "is doubled, but mu <= 12, or a row is both twice and never there")


def prove(cert: Certificate, _: int) -> list[Finding]:
    """Steps 3 and 4 at the working precision."""
    own = Numbers(cert.problem)
    try:
        return list(step_3(cert, own)) or list(step_4(cert, own))
    except TooWeak as failure:
        return [weak(4, "bounds", str(failure))]


def step_3(cert: Certificate, own: Numbers) -> Findings:
    """Regime: Theorem 13.A."""
    if cert.verdict == UNBOUNDED:
        yield from problem.holds(3, "lambda < nu max alpha", own.lam, own.nu * own.most)
    elif cert.verdict == NONE:
        yield from problem.benign(own)
    else:
        yield from problem.bounded(own)
        if cert.pair:
            low = (1 + own.nu) * own.alpha[cert.pair[0]]
            yield from problem.holds(3, "(1 + nu) alpha_l < lambda", low, own.lam)


def step_4(cert: Certificate, own: Numbers) -> Findings:
    """Bounds."""
    if cert.verdict == NONE:
        yield from whole(cert, own)
    elif cert.verdict == SPURIOUS:
        yield from spurious(cert, own)


# Minima


def weight(own: Numbers, i: int) -> Interval:
    """alpha_i t_i^2, which increases with alpha_i."""
    return own.alpha[i] * own.square[i]


def ends(own: Numbers) -> tuple[Interval, Interval]:
    """Of the spectrum in U at the signed permutations: 8 lambda, d times, and 4 (w_i + nu w_s) for i != s,
    w_i = alpha_i t_i^2. The two least w have the least, the two largest the largest of these sums."""
    (a, b), (y, z) = ([weight(own, i) for i in two] for two in (own.order[:2], own.order[-2:]))
    least, most = ([x + own.nu * w, w + own.nu * x] for x, w in ((a, b), (y, z)))
    return ivl.minimum([8 * own.lam, 4 * ivl.minimum(least)]), ivl.maximum(
        [8 * own.lam, 4 * ivl.maximum(most)]
    )


class Basin:
    """Theorem 13.B at a signed permutation, in B: low and high bound its spectrum, and are its ends for G. Within R
    of P the mean of the Hessian from P on lies in [low - bend, high + bend]."""

    def __init__(self, own: Numbers) -> None:
        self.own, (least, most), (low, high) = own, own.norms, ends(own)
        self.low, self.high, self.norm = low * least, high * most, root(most)
        self.longest = root(own.square[own.order[-1]])

    def bend(self, R: Interval) -> Interval:
        """How far the mean of the Hessian from P to a point within R may be from the Hessian at P, by L'' of Lemma
        13.L: L_0 R/2 + L_1 R^2/6. om bounds |x - (1 + nu) x^3| on [0, 1], with x the share of the one entry of a
        column of P in the direction there. alpha_i and t_i are largest together. In B, lengths grow by |T|."""
        own, R = self.own, self.norm * R
        om = ivl.maximum([own.nu, 2 / (3 * root(3 * (1 + own.nu)))])
        first = 24 * self.longest * (om * own.most + own.lam)
        second = 24 * (ivl.maximum([own.one, own.nu]) * own.most + own.lam)
        return self.norm**2 * (first * R / 2 + second * R**2 / 6)

    def holds(self, R: Interval) -> bool:
        return proves_lt(self.bend(R), self.low)

    def step(self, R: Interval) -> Interval:
        return 2 / (self.high + self.bend(R))

    def findings(self, cert: Any, step: int) -> Findings:
        """Of the bounds `basin` and `step`."""
        exact = not self.own.of.teacher
        R = dyadic(*cert.bounds["basin"].exact)
        if exact and proves_le(root(self.own.square[self.own.order[0]]), R):
            yield refuted(step, "basin", f"there is a critical point with one row 0 within {show(R)}")
        elif not self.holds(R):
            yield weak(
                step,
                "basin",
                f"the mean Hessian is not proved to be positive: {show(self.bend(R), self.low)}",
            )
        if exact:  # faster steps leave P along the eigenvector of the largest eigenvalue
            yield from bound(cert, step, "step", 2 / self.high)
        yield from bound(cert, step, "step", self.step(R), False)


def whole(cert: Certificate, own: Numbers) -> Findings:
    """Of `no-spurious-minimum`."""
    basin, exact = Basin(own), not own.of.teacher
    yield from contains(cert, 4, "value", own.value)
    yield from bound(cert, 4, "lambda_min", basin.low, exact)
    yield from bound(cert, 4, "lambda_max", basin.high, exact)
    yield from basin.findings(cert, 4)
    yield from saddles(own, dyadic(*cert.bounds["saddle"].exact))


# Saddles


def saddles(own: Numbers, s: Interval) -> Findings:
    """Theorem 13.T' at tau = s/sigma_min(T)^2; it says nothing of s = 0, which Theorem 13.A proves."""
    least, most = own.norms
    flattest = 4 * own.lam * most  # of the negative eigenvalues at B = 0
    if not own.of.teacher:
        flattest = ivl.minimum([flattest, -doubled_least(own, own.order[0])])
    if proves_le(flattest, s):
        yield refuted(4, "saddle", f"not the case at an axis point: {show(s, flattest)}")
    elif proves_lt(own.zero, s) and not steep(own, s / least):
        yield weak(4, "saddle", f"Theorem 13.T' does not prove it: {show(s)}")


def steep(own: Numbers, tau: Interval) -> bool:
    """Theorem 13.T' at tau = 8 nu gam: entries with alpha_i u_ji^2 > gam are large, and each row has one at most.
    If a column has none, all g_j >= -q, and two rows have a large entry in one column l, with squares of at least
    Z + gam/alpha_l."""
    nu, lam, least, d = own.nu, own.lam, own.least, own.of.d
    gam = tau / (8 * nu)
    q = ivl.maximum([2 * nu + (d - 1), dyadic(d, 0)]) * gam
    Z = 1 - q / lam - gam * sum((1 / x for x in own.alpha), own.zero)
    shorter = own.of.nu < 1 and proves_lt(q, (1 - nu) * (least * Z + gam))
    bent = proves_lt(nu * gam, ((1 + nu) * least - lam) * (Z + gam / least))
    return proves_lt(own.zero, Z) and (shorter or bent)


# Doubled points: rows l and k are t e_l, k = never


def doubled_square(own: Numbers, i: int) -> Interval:
    """t^2 of both rows."""
    return own.lam / (own.lam + (1 - own.nu) * own.alpha[i])


def doubled_least(own: Numbers, i: int) -> Interval:
    """The least of the eigenvalues at a doubled point that may be negative: along (1, -1) of the two entries,
    and from either row to the column without one. All others are larger than these, or 8 lambda, or positive."""
    square = doubled_square(own, i)
    apart = 8 * square * (own.lam - (1 + own.nu) * own.alpha[i])
    return ivl.minimum([apart, 4 * (own.nu - 1) * own.alpha[i] * square])


def doubled_excess(own: Numbers, twice: int, never: int) -> Interval:
    """Its value, less V."""
    shares = own.h(own.nu * own.alpha[twice]) + own.h(own.nu * own.alpha[never])
    return shares - 2 * own.h((own.nu - 1) * own.alpha[twice])


def lowest(own: Numbers) -> Interval:
    """An upper bound of inf Q - V, for nu > 1: by V and all doubled points; never: the least alpha left."""
    first, second = own.order[:2]
    excess = [doubled_excess(own, i, second if i == first else first) for i in range(own.of.d)]
    return ivl.minimum([own.zero, *excess])


def spurious(cert: Certificate, own: Numbers) -> Findings:
    """Of `spurious-minimum`: value, smallest eigenvalue and gap of W."""
    exact, (low, _) = not own.of.teacher, ends(own)
    if own.of.nu < 1 or proves_lt(own.lam, (1 + own.nu) * own.least):
        yield refuted(4, "verdict", "all local minima are global here")
        return
    excess = own.zero
    if cert.pair:
        twice, never = cert.pair
        excess = doubled_excess(own, twice, never)
        others = [i for i in own.order[:3] if i not in cert.pair][:1]  # the least alpha but these two
        flat = [4 * own.nu * weight(own, i) for i in others]
        low = ivl.minimum([8 * own.lam, doubled_least(own, twice), *flat])
    yield from contains(cert, 4, "value", own.value + excess)
    yield from bound(cert, 4, "lambda_min", low * own.norms[0], exact)
    gap = excess - lowest(own)
    if not proves_lt(dyadic(*cert.bounds["gap"].exact), gap):
        yield weak(4, "gap", f"no lower value is proved: {show(gap)}")

"""Method `descent`: gradient descent from its start. Theorem 15.B for ever, or Lemma 15.N and Theorem 15.C."""

import re
from fractions import Fraction
from typing import NamedTuple

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit.exact import Matrix
from relucert_audit.factorisation import data, modular, near
from relucert_audit.factorisation.data import Dyadics, limit
from relucert_audit.factorisation.near import ends
from relucert_audit.factorisation.run import Flow, follow
from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak
from relucert_audit.format import LOWER, UPPER, Number, Opened, malformed, number, take
from relucert_audit.interval import Interval, dyadic, enclosure, proves_lt, show
from relucert_audit.steps import bound

BALANCED, CONVERGES = "balanced-for-ever", "converges-to-global-minimum"
MOST_ENTRIES, MOST_WORK, MOST_RANK = 5 * 10**6, 5 * 10**7, 10**8
MOST_BITS, TRIES, ROOM = 2048, 200, 40
BOUNDS = {BALANCED: dict.fromkeys(("imbalance", "drift", "norm"), number(UPPER))}
BOUNDS |= {CONVERGES: dict.fromkeys(("loss", "travel", "drift"), number(UPPER)) | {"rate": number(LOWER)}}
PROBLEM = {"target": [[fmt.dyadic]], "rank": data.count, "step": data.positive}
CLAIM = {**fmt.HEADER, "problem": PROBLEM, "start": dict, "verdict": re.compile("|".join(BOUNDS))}
GIVEN = {"u": [[fmt.dyadic]], "v": [[fmt.dyadic]]}


class Certificate(NamedTuple):
    verdict: str
    M: Dyadics
    r: int
    eta: Fraction
    start: list[Dyadics]
    steps: int
    bounds: dict[str, Number]


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    verdict = take(opened.claim, {"verdict": CLAIM["verdict"]}, "claim", open_ended=True)["verdict"]
    more = {"bounds": BOUNDS[verdict]} | ({"steps": int} if verdict == CONVERGES else {})
    claim = take(opened.claim, CLAIM | more, "claim")
    M, r = data.within(data.matrix(claim["problem"]["target"], "target"), "target"), claim["problem"]["rank"]
    (d1, d2), steps = M.mantissa.shape, claim.get("steps", 0)
    work = r * max(steps, 1)
    if (d1 + d2) * work > MOST_ENTRIES or d1 * d2 * work > MOST_WORK:
        raise limit("the number of entries, or d1 d2 r, times the number of steps")
    if verdict == CONVERGES and (d1 * d2 * r**2 > MOST_RANK or spans(M) > MOST_BITS):
        raise limit("d1 d2 r^2, or the bits of the target")
    shapes, given = [(d1, r), (d2, r)], claim["start"]
    if "seed" in given:
        start = data.seeded(take(given, data.SEED, "start"), shapes)
    else:
        given = take(given, GIVEN, "start")
        start = [data.within(data.matrix(given[name], name), name) for name in GIVEN]
        if [x.mantissa.shape for x in start] != shapes:
            raise malformed("start does not fit the target and the rank")
    eta = claim["problem"]["step"]
    return Certificate(verdict, M, r, eta, start, steps, fmt.flatten(claim["bounds"]))


def spans(M: Dyadics) -> int:
    """Bits of the entries of M in its unit."""
    return max(abs(int(x)).bit_length() for x in M.shifted(M.unit()).flat) if M.mantissa.any() else 0


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    if cert.r > min(cert.M.mantissa.shape):
        yield refuted(1, "rank", "is above the smaller dimension of the target")
        return
    yield from data.above_zero(cert, ("rate",))
    if cert.verdict == CONVERGES:
        yield from data.at_most_one(cert, "rate")
        try:
            rank = modular.rank(cert.M.shifted(cert.M.unit()))
        except TooWeak as failure:
            yield weak(1, "rank", str(failure))
            return
        if rank > cert.r:
            yield refuted(1, "rank", f"is below that of the target, {rank}")


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Step 5 at the working precision."""
    try:
        return list(balanced(cert) if cert.verdict == BALANCED else converges(cert, 2 * bits))
    except TooWeak as failure:
        return [weak(5, "bounds", str(failure))]


class Balance(NamedTuple):  # enclosures of |B_0|, (2 f_0)^(1/2), K and eta
    B: Interval
    size: Interval
    K: Interval
    eta: Interval

    def norm(self, e: Interval) -> Interval:
        """b(e)."""
        return (e + ivl.root(e**2 + 4 * self.K**2)) / 2

    def drift(self, e: Interval) -> Interval | None:
        """eta f_0/(1 - eta l(e)/2), if [B.1] is proved."""
        slack = 1 - self.eta * (self.size + 2 * self.norm(e)) / 2
        return self.eta * self.size**2 / 2 / slack if proves_lt(dyadic(0, 0), slack) else None

    def imbalance(self, claimed: Interval) -> Interval | None:
        """An e with [B.1] and [B.2]: about the least, from below, or about the claimed one."""
        e = self.B.b
        for _ in range(TRIES):
            drift = self.drift(e)
            if drift is None:
                return None
            if proves_lt(self.B + drift, e):
                return e
            e = ((self.B + drift) * (1 + dyadic(1, -ROOM)) + dyadic(1, -4 * data.WIDEST)).b
        e = (claimed * (1 + dyadic(1, -ROOM))).b
        drift = self.drift(e)
        return e if drift is not None and proves_lt(self.B + drift, e) else None


def balance(cert: Certificate) -> Balance:
    U, V = cert.start
    low = 2 * min(U.exponent, V.exponent)
    u, v = (x.shifted(low // 2) for x in cert.start)
    B = u.T @ u - v.T @ v
    unit = min(U.exponent + V.exponent, cert.M.exponent)
    R = Dyadics(U.mantissa @ V.mantissa.T, U.exponent + V.exponent).shifted(unit) - cert.M.shifted(unit)
    size = frobenius(R, unit)
    tall = cert.M.mantissa if len(cert.M.mantissa) > len(cert.M.mantissa.T) else cert.M.mantissa.T
    K = ends(tall, cert.M.exponent)[1] + size
    return Balance(frobenius(B, low), size, K, ivl.rational(cert.eta))


def frobenius(a: Matrix, exponent: int) -> Interval:
    return ivl.root(dyadic(int((a * a).sum()), 2 * exponent))


def balanced(cert: Certificate) -> Findings:
    """Theorem 15.B. At t = 0 the bounds hold only if they are at least the start's numbers."""
    own = balance(cert)
    yield from bound(cert, 5, "imbalance", own.B)
    for x in cert.start:
        yield from bound(cert, 5, "norm", ends(x.mantissa, x.exponent)[1] ** 2)
    e = own.imbalance(dyadic(*cert.bounds["imbalance"].exact))
    drift = own.drift(e) if e is not None else None
    if e is None or drift is None:
        yield weak(5, "verdict", f"Theorem 15.B is not proved to apply: {show(own.B, own.size, own.K)}")
        return
    yield from bound(cert, 5, "imbalance", own.B + drift, False)
    yield from bound(cert, 5, "drift", drift, False)
    yield from bound(cert, 5, "norm", own.norm(e), False)


def converges(cert: Certificate, bits: int) -> Findings:
    """The run, and Theorem 15.C where it ends. The drift on the way is known from both sides."""
    flow = Flow(cert.M, cert.eta, cert.start, bits)
    at, last, most = follow(flow, flow.start(cert.start), cert.steps)
    unit = 2 * (flow.h - flow.p)
    yield from bound(cert, 5, "drift", enclosure(most.low, most.high, unit))
    own = near.near(flow, at, ivl.rational(cert.eta))
    found = own.best(dyadic(*cert.bounds["travel"].exact))
    yield from near.findings(cert, 5, own, found)
    if found:
        yield from bound(cert, 5, "drift", dyadic(last.high, unit) + found.drift, False)

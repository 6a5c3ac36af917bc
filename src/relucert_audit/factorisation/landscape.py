"""Method `landscape`: every critical point. Theorems 15.L and 15.M.

The checker encloses all singular values itself; a claim may only say which of them are equal, and proves it by a
polynomial (Lemma 15.P)."""

import re
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit.exact import Matrix, product
from relucert_audit.factorisation import data, modular
from relucert_audit.factorisation.data import Dyadics, limit
from relucert_audit.factorisation.eigenvalues import eigenvalues
from relucert_audit.factorisation.levels import Levels
from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak
from relucert_audit.format import LOWER, UPPER, Dyadic, Number, Opened, malformed, number, take
from relucert_audit.interval import Interval, dyadic, proves_le, proves_lt, show
from relucert_audit.steps import bound, contains

MOST_ENTRIES, MOST, MOST_SIDE, MOST_BITS, EXTRA = 10_000, 100, 2048, 2048, 160
POINT_WORK = modular.WORK  # of all ranks that tell which singular values are exact
INTEGER = re.compile(r"0|-?[1-9][0-9]{0,19999}")
MANIFOLD = {"dimension": int, "lambda_min": number(LOWER), "lambda_max": number(UPPER)}
BOUNDS = {"minimum": fmt.interval, "critical_sets": re.compile("[1-9][0-9]{0,99}")}
BOUNDS |= {"gap?": number(LOWER), "saddle?": number(LOWER), "manifold?": MANIFOLD}
PROBLEM = {"target": [[fmt.dyadic]], "rank": data.count, "imbalance": data.not_negative}
VALUE = {"value": fmt.interval, "multiplicity": data.count}
CLAIM = {**fmt.HEADER, "problem": PROBLEM, "verdict": re.compile("no-spurious-minimum"), "bounds": BOUNDS}
CLAIM |= {"singular_values": [VALUE], "annihilator?": [INTEGER]}


class Certificate(NamedTuple):  # N 2^-k = M; bounds: with the singular values' ends
    verdict: str
    N: Matrix
    k: int
    rank: int
    imbalance: Fraction
    multiplicities: list[int]
    annihilator: list[int] | None
    critical_sets: int
    dimension: int | None
    bounds: dict[str, Number]


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    claim = take(opened.claim, CLAIM, "claim")
    N, k = whole(data.matrix(claim["problem"]["target"], "target"))
    r, bounds, values = claim["problem"]["rank"], claim["bounds"], claim["singular_values"]
    times = [x["multiplicity"] for x in values]
    ordered(values)
    presence(claim, bool(np.any(N != 0)), sum(times), r)
    q = claim.get("annihilator")
    if q is not None and (len(q) != len(values) + (sum(times) < min(N.shape)) + 1 or q[-1] != "1"):
        raise malformed("annihilator is not monic of the right degree")
    coefficients = q and [int(Decimal(x)) for x in q]  # int alone refuses long strings
    named = fmt.flatten(bounds) | fmt.flatten([x["value"] for x in values], ".singular_values")
    manifold = bounds.get("manifold")
    dimension = manifold and manifold["dimension"]
    sets = int(bounds["critical_sets"])
    e = claim["problem"]["imbalance"]
    return Certificate(claim["verdict"], N, k, r, e, times, coefficients, sets, dimension, named)


def whole(target: Dyadics) -> tuple[Matrix, int]:
    """N = 2^k M with integer entries, k >= 0 the least, within the limits. Raises Refusal."""
    k = max(-target.unit(), 0)
    height, width = target.mantissa.shape
    if height * width > MOST_ENTRIES or min(height, width) > MOST or max(height, width) > MOST_SIDE:
        raise limit("the number of entries of the target, or a dimension of it")
    size = max(abs(int(x)).bit_length() for x in target.mantissa.flat)
    if size and size + target.exponent + k > MOST_BITS:
        raise limit("the bits of the entries of 2^k M")
    return target.shifted(-k), k


def ordered(values: list[dict[str, Any]]) -> None:
    """The intervals are positive, disjoint and decreasing. Raises Refusal."""
    ends = [(x["value"]["low"].exact, x["value"]["high"].exact) for x in values]
    if any(low.m <= 0 for low, _ in ends):
        raise malformed("a singular value's interval is not positive")
    if any(not y[1].lt(x[0]) for x, y in pairwise(ends)):
        raise malformed("the intervals of singular values are not disjoint and decreasing")


def presence(claim: dict[str, Any], nonzero: bool, rank: int, r: int) -> None:
    """Members that are there exactly under some condition. Raises Refusal."""
    bounds = claim["bounds"]
    conditions = {"gap": nonzero, "saddle": nonzero, "manifold": rank >= r}
    if any((name in bounds) != there for name, there in conditions.items()) or nonzero != bool(rank):
        raise malformed("bounds, or singular_values, do not have the members of this target")
    if ("annihilator" in claim) != any(x["multiplicity"] > 1 for x in claim["singular_values"]):
        raise malformed("annihilator is there without need, or is not there")


def admit(cert: Certificate) -> Findings:
    """Step 1."""
    if cert.rank > min(cert.N.shape):
        yield refuted(1, "rank", "is above the smaller dimension of the target")
    yield from data.above_zero(cert, ("gap", "saddle", "manifold.lambda_min"))


def prove(cert: Certificate, bits: int) -> list[Finding]:
    """Steps 3 and 4 at the working precision."""
    try:
        own = Own(cert, bits)
        return list(step_3(cert, own)) or list(step_4(cert, own.levels(cert)))
    except TooWeak as failure:
        return [weak(3, "singular_values", str(failure))]


class Own:
    """All singular values of M, in decreasing order."""

    def __init__(self, cert: Certificate, bits: int) -> None:
        N = cert.N if cert.N.shape[0] <= cert.N.shape[1] else cert.N.T
        self.gram, self.k, self.spent = product(N, N.T), cert.k, 0
        self.rank = modular.rank(N)
        squares = eigenvalues(self.gram, bits + EXTRA)[: self.rank] if self.rank else []
        self.values = [ivl.root(x) * dyadic(1, -cert.k) for x in squares]

    def settle(self, end: Dyadic) -> None:
        """Where singular values may be equal to this end of an interval, and are, they are known exactly. Rational
        eigenvalues of G are integers, so 2^k times the end is one."""
        point, place = dyadic(*end), end.e + self.k
        near = [i for i, x in enumerate(self.values) if not (proves_lt(x, point) or proves_lt(point, x))]
        if place < 0 or not near or end.m.bit_length() + place > 2 * MOST_BITS:
            return
        a = self.gram - (end.m << place) ** 2 * np.eye(len(self.gram), dtype=object)
        self.spent += modular.work(a, len(a))
        if self.spent > POINT_WORK:
            raise TooWeak("to tell which singular values are exact takes too much work")
        if len(a) - modular.rank(a) == len(near):
            for i in near:
                self.values[i] = point

    def levels(self, cert: Certificate) -> Levels:
        """One of each group of equal values."""
        firsts = accumulate(cert.multiplicities[:-1], initial=0) if cert.multiplicities else ()
        values = [self.values[i] for i in firsts]
        return Levels(values, cert.multiplicities, cert.N.shape, cert.rank)


def step_3(cert: Certificate, own: Own) -> Findings:
    """Singular values: the i-th largest of all is in the interval of its group; those of a group are equal."""
    if sum(cert.multiplicities) != own.rank:
        yield refuted(
            3, "singular_values", f"{sum(cert.multiplicities)} are positive; the rank is {own.rank}"
        )
        return
    groups = [j for j, n in enumerate(cert.multiplicities) for _ in range(n)]
    ends = [[cert.bounds[f"singular_values.{j}.{end}"].exact for end in ("low", "high")] for j in groups]
    for i, (low, high) in enumerate(ends):
        if not inside(own.values[i], low, high):
            own.settle(low)
            own.settle(high)
        if not inside(own.values[i], low, high):
            x, a, b = own.values[i], dyadic(*low), dyadic(*high)
            finding = refuted if proves_lt(x, a) or proves_lt(b, x) else weak
            yield finding(3, "singular_values", f"the one of place {i + 1} is elsewhere: {show(x, a, b)}")
            return
    if cert.annihilator and not modular.annihilates(cert.annihilator, own.gram):
        yield refuted(3, "annihilator", "is not 0 at G")


def inside(x: Interval, low: Dyadic, high: Dyadic) -> bool:
    return proves_le(dyadic(*low), x) and proves_le(x, dyadic(*high))


def step_4(cert: Certificate, own: Levels) -> Findings:
    """Bounds."""
    if cert.critical_sets != own.sets():
        yield refuted(4, "critical_sets", f"are {own.sets()}")
    if sum(own.multiplicities) <= own.r:
        if any(cert.bounds[f"minimum.{end}"].exact.m for end in ("low", "high")):
            yield refuted(4, "minimum", "is 0, exactly")
    else:
        yield from contains(cert, 4, "minimum", own.minimum())
    if own.values:
        yield from bound(cert, 4, "gap", own.gap())
        yield from bound(cert, 4, "saddle", own.saddle(Fraction(0)))
        yield from bound(cert, 4, "saddle", own.saddle(cert.imbalance), False)
    if cert.dimension is not None:
        low, high = own.across()
        if cert.dimension != own.dimension():
            yield refuted(4, "manifold.dimension", f"is {own.dimension()}")
        yield from bound(cert, 4, "manifold.lambda_min", low)
        yield from bound(cert, 4, "manifold.lambda_max", high)

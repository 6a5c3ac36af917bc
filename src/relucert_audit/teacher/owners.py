"""Method "owners" of docs/spec/wider-v1.md section 5: a global minimum with more neurons than targets, in fractions."""

import re
from fractions import Fraction
from itertools import chain
from typing import Any, NamedTuple

from relucert_audit.finding import Finding, Findings, refuted
from relucert_audit.format import HEADER, Dyadic, Number, Opened, Rows, dyadic, malformed, take
from relucert_audit.teacher.claim import PROBLEM, check_limits, span_of

CLAIM = {
    **HEADER,
    "problem": PROBLEM,
    "point": [[dyadic]],
    "owners": [int],
    "verdict": re.compile("global-minimum-not-isolated"),
    "bounds": {},
}


class Owned(NamedTuple):  # point: n rows, targets: k rows; owners: n numbers of targets, from 1
    n: int
    k: int
    point: Rows
    targets: Rows
    owners: list[int]
    verdict: str
    bounds: dict[str, Number]


def read(opened: Opened) -> Owned:
    """Raises Refusal."""
    claim = take(opened.claim, CLAIM, "claim")
    (n, k, d), point, owners = (claim["problem"][x] for x in "nkd"), claim["point"], claim["owners"]
    targets: Any = claim["problem"]["targets"]
    check_limits(n, k, d, 0)  # before targets are made
    if targets == "orthonormal":
        targets = [[Dyadic(int(i == j), 0) for j in range(k)] for i in range(k)]
    else:
        targets = take(targets, [[dyadic]], "targets")
    widths = {len(row) for row in (*point, *targets)}
    if min(n, k, d) < 1 or (len(point), len(targets), len(owners)) != (n, k, n) or widths != {d}:
        raise malformed("point, targets and owners are not n and k rows of d, and n numbers")
    if not all(any(x.m for x in row) for row in (*point, *targets)):
        raise malformed("a row of the point or of the targets is 0")
    check_limits(n, k, d, span_of(chain(*point, *targets)))
    return Owned(n, k, point, targets, owners, claim["verdict"], {})


def admit(cert: Owned) -> Findings:
    """Step 1."""
    if cert.n <= cert.k:
        yield refuted(1, "verdict", f"needs n > k, not n = {cert.n} and k = {cert.k}")
    if not all(1 <= j <= cert.k for j in cert.owners):
        yield refuted(1, "owners", f"names a target that is none of 1 to {cert.k}")


def prove(cert: Owned, _: int) -> list[Finding]:
    """Step 7: w_i = t_i v_j with t_i = w_i.v_j/|v_j|^2 > 0, and the t_i of each target add up to 1."""
    shares = [Fraction(0)] * cert.k
    teachers = [[fraction(x) for x in row] for row in cert.targets]
    for i, (row, j) in enumerate(zip(cert.point, cert.owners, strict=True), 1):
        w, v = [fraction(x) for x in row], teachers[j - 1]
        share = sum(x * y for x, y in zip(w, v, strict=True)) / sum((y * y for y in v), Fraction(0))
        if share <= 0 or w != [share * y for y in v]:
            return [refuted(7, "owners", f"neuron {i} is not a positive multiple of target {j}")]
        shares[j - 1] += share
    wrong = [j for j, share in enumerate(shares, 1) if share != 1]
    return [refuted(7, "owners", f"the neurons of target {wrong[0]} do not add up to it")] if wrong else []


def fraction(x: Dyadic) -> Fraction:
    return Fraction(x.m) * Fraction(2) ** x.e

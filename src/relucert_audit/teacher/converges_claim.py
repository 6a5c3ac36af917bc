"""Claims of the method "converges": steps 0 and 1 of docs/spec/wider-v1.md section 9."""

import re
from fractions import Fraction
from itertools import chain
from typing import Any, NamedTuple

from relucert_audit.finding import Findings, refuted
from relucert_audit.format import HEADER, RADIUS_ABOVE, Dyadic, Number, Opened, Rows, dyadic, malformed, take
from relucert_audit.teacher.claim import EVERYWHERE, check_limits, span_of, strictly_positive
from relucert_audit.teacher.runs import positive


def travelled(value: Any, where: str) -> Number:
    """An upper bound above 0."""
    found: Number = RADIUS_ABOVE(value, where)
    if not found.exact.m:
        raise malformed(f"{where} is not positive")
    return found


BOUNDS = {"objective": RADIUS_ABOVE, "travel": travelled, "rate": strictly_positive}
PROBLEM = {"n": int, "k": int, "d": int, "targets": re.compile("orthonormal")}
CLAIM = {**HEADER, **EVERYWHERE, "problem": PROBLEM, "point": [[dyadic]], "owners": [int], "step": positive}
CLAIM |= {"verdict": re.compile("converges-to-global-minimum"), "bounds": BOUNDS}


class Descent(NamedTuple):  # point: n rows of k; owners: n numbers of targets, from 1
    n: int
    k: int
    point: Rows
    owners: list[int]
    step: Fraction
    verdict: str
    bounds: dict[str, Number]


def read(opened: Opened) -> Descent:
    """Raises Refusal."""
    claim = take(opened.claim, CLAIM, "claim")
    (n, k, d), point, owners = (claim["problem"][x] for x in "nkd"), claim["point"], claim["owners"]
    if min(n, k) < 1 or d != k or (len(point), len(owners)) != (n, n) or {len(row) for row in point} != {k}:
        raise malformed("point and owners are not n rows of d = k, and n numbers")
    if not all(any(x.m for x in row) for row in point):
        raise malformed("a row of the point is 0")
    check_limits(n, k, d, span_of([*chain(*point), Dyadic(1, 0), claim["bounds"]["travel"].exact]))
    return Descent(n, k, point, owners, claim["step"], claim["verdict"], claim["bounds"])


def admit(cert: Descent) -> Findings:
    """Step 1."""
    if cert.n <= cert.k:
        yield refuted(1, "verdict", f"needs n > k, not n = {cert.n} and k = {cert.k}")
    if {*cert.owners} != {*range(1, cert.k + 1)}:
        yield refuted(
            1, "owners", f"are not all the targets 1 to {cert.k}, each at least once, and no others"
        )

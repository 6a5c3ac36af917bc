"""Which points are too large: for a certificate, by the word of the checker, or for the memory of a machine."""

from __future__ import annotations

from itertools import chain

from relucert.base.errors import LimitError
from relucert.certificate.provenance import readable
from relucert.families.family import Cost
from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.verify import expected_seconds
from relucert.families.teacher.wider.collapsed import parallel
from relucert_audit.format import Dyadic
from relucert_audit.teacher.claim import check_limits, span_of

PROGRAM, ENTRY = (
    105 * 2**20,
    128,
)  # bytes: of a small proof; then for each entry of the Hessian (docs/speed.md)
REMEDY = (
    "; nothing was proved. A point of few classes has a certificate at any size by --method symmetric-hessian; "
    "in Python, relucert.verify proves without one"
)


def cost(candidate: Candidate) -> Cost:
    """About what the first attempt takes: in the span of the targets, where the point lies there."""
    first = candidate.in_the_span() or candidate
    size = sum(map(len, first.point))
    return Cost(expected_seconds(first), PROGRAM + ENTRY * size**2)


def check(candidate: Candidate, *, raw: bool) -> None:
    """Raises LimitError for a point that can have no certificate by its Hessian: not in the span of the targets, if it
    lies there, nor with parallel neurons as one. raw: the claim is about this very point, so its bits count."""
    first = candidate.in_the_span() or candidate
    problem, n = first.problem, len(first.point)
    bits = span_of(Dyadic(*x) for x in chain(*problem.targets, *(first.point if raw else ())))
    try:
        with readable(REMEDY):
            check_limits(n, problem.k, problem.dimension, bits, 0)
    except LimitError:
        fewer = len(parallel(first.point)) if problem.is_plain else n
        if fewer == n:
            raise
        with readable(REMEDY):
            check_limits(fewer, problem.k, problem.dimension, 0, 0)

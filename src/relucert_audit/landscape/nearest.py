"""Method `nearest-minimum`: how far a point is from a signed permutation P. Theorems 13.B and 13.R.

Row j of P is s_j t_i T^-1 e_i, i = p(j): column i of B*^-1 times s_j t_i/sqrt(a_i), where B* = I and a_i = 1 for G."""

import re
from fractions import Fraction
from math import isqrt
from typing import NamedTuple

import numpy as np
from mpmath import iv  # type: ignore[import-untyped]

from relucert_audit import format as fmt
from relucert_audit import interval as ivl
from relucert_audit.exact import Matrix
from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak
from relucert_audit.format import LOWER, UPPER, Number, Opened, malformed, number, take
from relucert_audit.interval import Interval, enclosure, root, to_fixed
from relucert_audit.landscape import problem, teacher
from relucert_audit.landscape.critical import Basin, positive
from relucert_audit.landscape.problem import PROBLEM, SIGNED, Numbers, Problem, SignedPermutation, limit
from relucert_audit.landscape.teacher import Inverse
from relucert_audit.steps import bound

MOST, SPARE = 256, 16
AT_LEAST, AT_MOST = number(LOWER, negative=False), number(UPPER, negative=False)
BOUNDS = {"distance": AT_MOST, "basin?": AT_LEAST, "step?": AT_LEAST, "a_star?": AT_MOST, "b_star?": AT_MOST}
CLAIM = {**fmt.HEADER, "problem": PROBLEM, "verdict": re.compile("global-minimum"), "point": [[fmt.dyadic]]}
CLAIM |= {"minimum": SIGNED, "bounds": BOUNDS}


class Certificate(NamedTuple):  # the point is B 2^exponent
    verdict: str
    problem: Problem
    B: Matrix
    exponent: int
    at: SignedPermutation
    bounds: dict[str, Number]


def read(opened: Opened) -> Certificate:
    """Step 0. Raises Refusal."""
    claim = take(opened.claim, CLAIM, "claim")
    of, bounds = problem.read_problem(claim["problem"]), claim["bounds"]
    if of.d > MOST:
        raise limit("the number of rows")
    for one, other in (("basin", "step"), ("a_star", "b_star")):
        if (one in bounds) != (other in bounds):
            raise malformed(f"{one} and {other} are not there together")
    rows, exponent = problem.aligned(claim["point"], of.d, of.d)
    at = problem.read_signed(claim["minimum"], of.d)
    return Certificate(claim["verdict"], of, np.array(rows, dtype=object), exponent, at, fmt.flatten(bounds))


def admit(cert: Certificate) -> Findings:
    """Step 1, and of step 5 what is exact."""
    yield from problem.admit(cert.problem)
    yield from problem.admit_signed(cert.at)
    yield from positive(cert, 1, ("basin", "step"))
    if "basin" in cert.bounds and not cert.bounds["distance"].exact.lt(cert.bounds["basin"].exact):
        yield refuted(5, "distance", "not below basin")
    if "a_star" in cert.bounds:
        if any(sum(x * x for x in row) != 1 for row in cert.problem.teacher):
            yield refuted(1, "a_star", "a row of B* is not a unit vector")
        m, e = cert.bounds["a_star"].exact
        if m * Fraction(2) ** e >= min(cert.problem.a):
            yield refuted(5, "a_star", "not below all a_i")


def prove(cert: Certificate, _: int) -> list[Finding]:
    """Steps 3 and 5 at the working precision."""
    own = Numbers(cert.problem)
    try:
        return list(problem.benign(own)) or list(step_5(cert, own))
    except TooWeak as failure:
        return [weak(5, "bounds", str(failure))]


def step_5(cert: Certificate, own: Numbers) -> Findings:
    """Distance, basin, recovery."""
    yield from bound(cert, 5, "distance", distance(own, cert.at, cert.B, cert.exponent))
    if "basin" in cert.bounds:
        yield from Basin(own).findings(cert, 5)
    if "a_star" in cert.bounds:
        outer, inner = recovery(cert)
        yield from bound(cert, 5, "a_star", outer)
        yield from bound(cert, 5, "b_star", inner)


def length(vector: Matrix, error: int, exponent: int) -> Interval:
    """Enclosure of the Frobenius norm of what is within error 2^exponent of vector 2^exponent."""
    size, error = isqrt(int((vector * vector).sum()) << 2 * iv.prec), error << iv.prec
    return enclosure(max(size - error, 0), size + 1 + error, exponent - iv.prec)


def columns(of: Problem) -> Inverse:
    """B*^-1, which is I for G."""
    if of.teacher:
        return teacher.inverse(of.teacher, iv.prec)
    return Inverse(np.diag([1] * of.d).astype(object), 0, 0)


def distance(own: Numbers, at: SignedPermutation, B: Matrix, exponent: int) -> Interval:
    """|B - P| from P in integers: its factors f_i = t_i/sqrt(a_i) have errors, as has B*^-1, and
    |f x - g y| <= |f| |x - y| + |f - g| |y| for each column."""
    of, (X, bits, error), spare = own.of, columns(own.of), iv.prec + SPARE
    scales = [1 / ivl.rational(x) for x in of.a] if of.teacher else [own.one] * of.d
    fixed = [to_fixed(root(t * x), spare) for t, x in zip(own.square, scales, strict=True)]
    f, rough = np.array([m for m, _ in fixed], dtype=object), max(r for _, r in fixed)
    P = np.array([s * f[i] * X[:, i] for i, s in zip(at.p, at.s, strict=True)], dtype=object)
    low = min(exponent, -bits - spare)
    total = (int(f.max()) + rough) * error + rough * (isqrt(int((X * X).sum())) + 1)
    up = -bits - spare - low
    return length((B << (exponent - low)) - (P << up), total << up, low)


def recovery(cert: Certificate) -> tuple[Interval, Interval]:
    """The largest |a^_j - s_j a_p(j)| and |b^_j - s_j b*_p(j)|. b^_j is the direction of v_j: row j of B for G,
    column j of B^-1 for F. There sum_j a^_j v_j/|v_j| = r is B^-1 z = r, z_j = a^_j/|v_j|: a^_j = |v_j| <b_j, r>."""
    of, (B, e), at = cert.problem, (cert.B, cert.exponent), cert.at
    unit = Fraction(2) ** e
    if of.teacher:
        X, bits, error = teacher.inverse([[int(x) * unit for x in row] for row in B], iv.prec)
        v, place = X.T, -bits
        shares = [[w * x for x in row] for w, row in zip(of.a, of.teacher, strict=True)]
        stars, p = teacher.rounded(of.teacher, iv.prec)
    else:
        v, place, error, shares, p = B, e, 0, [of.a], iv.prec
        stars = np.diag([1 << p] * of.d).astype(object)
    each, q = teacher.rounded(shares, iv.prec)
    r, outer, inner = each.sum(axis=0), [], []  # r is too small by less than len(shares) units
    for j, (i, s) in enumerate(zip(at.p, at.s, strict=True)):
        size = length(v[j], error, place)
        if not ivl.proves_lt(ivl.dyadic(0, 0), size):
            raise TooWeak("a row of the point, or of its inverse, is not proved not to be 0")
        dot, rest = int((B[j] * r).sum()), len(shares) * int(np.abs(B[j]).sum())
        product = enclosure(dot - rest, dot + rest, e - q)
        a = product * size if of.teacher else product / size
        outer.append(ivl.absolute(a - s * ivl.rational(of.a[i])))
        inner.append(turn(v[j], error, place, size, s * stars[i], p))
    return ivl.maximum(outer), ivl.maximum(inner)


def turn(v: Matrix, error: int, place: int, size: Interval, star: Matrix, p: int) -> Interval:
    """|v/|v| - b|, where v and b are within error 2^place of v 2^place and sqrt(d) 2^-p of star 2^-p, size = |v|."""
    bits = iv.prec + max(int(np.abs(v).max()).bit_length(), 1)
    inverse, rough = to_fixed(1 / size, bits + place)  # so that v inverse is in units of 2^-bits
    total = error * (inverse + rough) + rough * (isqrt(int((v * v).sum())) + 1)
    fine = max(p, bits)
    total = (total << (fine - bits)) + (isqrt(len(v)) + 1 << (fine - p))
    return length((v * inverse << (fine - bits)) - (star << (fine - p)), total, -fine)

"""Claimed bounds of the smallest and largest eigenvalue of a symmetric matrix K, of which |K - m| <= error is known.

What bounds all eigenvalues is a factorisation with its exact residual (docs/audit.md): signs of rounded pivots would
decide nothing. What bounds one is a Rayleigh quotient. All is in units of 2^-p."""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil
from typing import NamedTuple

import numpy as np

from relucert_audit.exact import Matrix, eigenvectors, norm_bound, product
from relucert_audit.finding import Finding, Findings, TooWeak, refuted, weak

FEW = 64


class Enclosed(NamedTuple):
    m: Matrix
    error: int
    p: int


def missed(a: Matrix, p: int) -> int | None:
    """Some x with a >= -x: a = L D L^T + R, D > 0, gives x = |R|. None if a pivot is not positive."""
    rest, lower, pivots = a.copy(), np.zeros_like(a), []
    for j in range(len(a)):
        pivots.append(int(rest[j, j]))
        if pivots[j] <= 0:
            return None
        column = rest[j:, j].copy()
        lower[j:, j] = (column << p) // pivots[j]
        rest[j + 1 :, j + 1 :] -= lower[j + 1 :, j, None] * column[1:] >> p
    residual = (a << 2 * p) - product(lower * np.array(pivots, dtype=object), lower.T)
    return (norm_bound(residual) >> 2 * p) + 1


def coarser(k: Enclosed, p: int) -> Enclosed:
    """With fewer bits; each entry falls by less than one unit."""
    drop = k.p - p
    return Enclosed(k.m >> drop, (k.error >> drop) + len(k.m) + 1, p)


def at_least(k: Enclosed, sign: int, claim: Fraction) -> bool:
    """Whether sign K - claim is proved to have no eigenvalue below 0: with few bits, or with all."""
    few = k.p > FEW and proved(coarser(k, FEW), sign, claim / 2 ** (k.p - FEW))
    return few or proved(k, sign, claim)


def proved(k: Enclosed, sign: int, claim: Fraction) -> bool:
    n, size = len(k.m), (int(np.abs(k.m).max()) >> k.p) + 1
    slack = 4 * n * n * size
    shift = ceil(claim) + k.error + slack
    found = missed(sign * k.m - shift * np.eye(n, dtype=object), k.p)
    return found is not None and found <= slack


def quotients(k: Enclosed) -> tuple[Fraction, Fraction]:
    """The smallest and the largest of some Rayleigh quotients of m."""
    try:
        u = eigenvectors(k.m)
    except np.linalg.LinAlgError as failure:
        raise TooWeak("no eigenvalues found") from failure
    tops, sizes = (u * product(k.m, u)).sum(axis=0), (u * u).sum(axis=0)
    found = [Fraction(int(x), int(y)) for x, y in zip(tops, sizes, strict=True) if y]
    if not found:
        raise TooWeak("all floating-point eigenvectors are 0")
    return min(found), max(found)


def bounds(k: Enclosed, claimed: Mapping[str, Fraction]) -> Findings:
    """`claimed` by the names of the claim."""
    smallest, largest = quotients(k)
    below = {name: claimed[name] for name in ("by_geometry", "lambda_min.low") if name in claimed}
    if not at_least(k, 1, max(below.values())):
        for name, low in below.items():
            if not at_least(k, 1, low):
                yield finding(name, smallest + k.error < low)
    high, top = claimed["lambda_min.high"], claimed["largest"]
    if smallest + k.error > high:
        yield finding("lambda_min.high", at_least(k, 1, high + 1))
    rows = int(np.abs(k.m).sum(axis=1).max())
    if rows + k.error > top and not at_least(k, -1, -top):
        yield finding("largest", largest - k.error > top)


def finding(name: str, untrue: bool) -> Finding:
    return (refuted if untrue else weak)(3, name, "not what is proved of the eigenvalues")

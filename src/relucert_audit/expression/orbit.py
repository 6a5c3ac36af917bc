"""The statements about an orbit and about images, and the lower bound of F everywhere: steps 8a to 8c, Theorems 17.G,
17.I and 17.P."""

from fractions import Fraction

import numpy as np

from relucert_audit.exact import Matrix
from relucert_audit.expression import fixed
from relucert_audit.expression.claim import Certificate
from relucert_audit.expression.fixed import Ball
from relucert_audit.expression.images import Shapes, different
from relucert_audit.expression.infimum import lower_end
from relucert_audit.expression.symmetry import Along, Generator
from relucert_audit.finding import Findings, weak


def step_8a(cert: Certificate, slopes: Ball, at: Ball, p: int) -> Findings:
    """`slopes`: (k, m), grad h in the box `at`, (m,), that contains x*; both in units of 2^-p."""
    along = Along(cert.loss)
    for j, generator in enumerate(cert.symmetry):
        if not along.invariant(generator):
            yield weak(8, "symmetry", f"it is not proved that F does not change along generator {j}")
            return
    columns = [fixed.within(column(slopes, at, x, p), p, "a slope along a generator") for x in cert.symmetry]
    T = Ball(np.stack([x.mid for x in columns], axis=1), np.stack([x.rad for x in columns], axis=1))
    if not regular(T):
        yield weak(8, "symmetry", "it is not proved that the constraints cut the orbit transversally")


def column(slopes: Ball, at: Ball, generator: Generator, p: int) -> Ball:
    """grad h_i.X, (k,)."""
    total = fixed.zeros(len(slopes.mid))
    for i, row in generator.items():
        entry = fixed.zeros(1)
        for j, q in row:
            factor = fixed.of_fractions([q], p)
            x = factor if j is None else fixed.times(factor, fixed.rows(at, slice(j, j + 1)), p)
            entry = fixed.add(entry, x)
        fixed.within(entry, p, "a generator at the point")
        total = fixed.add(total, fixed.times(Ball(slopes.mid[:, i], slopes.rad[:, i]), entry, p))
    return total


def regular(T: Ball) -> bool:
    """All matrices in (k, k) balls: |1 - R T| < 1, largest row sum, for a guess R of the inverse, taken exactly."""
    try:
        guess = np.linalg.inv(T.mid.astype(np.float64))
    except np.linalg.LinAlgError:
        return False
    if not np.isfinite(guess).all():
        return False
    parts = [float(x).as_integer_ratio() for x in guess.reshape(-1)]
    s = max(d for _, d in parts)
    R: Matrix = fixed.objects([n * (s // d) for n, d in parts]).reshape(guess.shape)
    one = s  # R is in units of 1/s, and the guess is of the inverse of T.mid itself
    off = np.abs(R @ T.mid - one * np.eye(len(R), dtype=int).astype(object)) + np.abs(R) @ T.rad
    return bool(off.sum(axis=1).max() < one)


def step_8c(cert: Certificate) -> Findings:
    """Theorem 17.P: what holds for x* holds for its images."""
    if cert.images is None:
        return
    shapes = Shapes(cert.loss)
    for j, exchange in enumerate(cert.images.exchanges):
        if not shapes.same(exchange):
            yield weak(8, "images", f"it is not proved that F is the same after exchange {j}")
            return
    if not different(cert.z, cert.bounds["existence_radius"].exact, cert.images):
        yield weak(8, "images", "so many images are not told apart")


def step_8b(cert: Certificate) -> Findings:
    if "infimum_min" in cert.bounds:
        end, claimed = lower_end(cert.loss), cert.bounds["infimum_min"].exact
        if end is None or Fraction(claimed.m) * Fraction(2) ** claimed.e > end:
            yield weak(8, "infimum_min", "F is not proved to be at least this everywhere")

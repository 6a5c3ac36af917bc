"""Exact integer matrices, and what a floating-point guess plus an exact residual proves about eigenvalues.

Integer matrices are numpy object arrays of Python integers. Floating point only ever proposes (a Cholesky factor,
an eigenvector, an inverse), or multiplies integers so short that it cannot round.
"""

from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relucert_audit.interval import Interval, dyadic, enclosure, maximum, minimum, proves_lt

Matrix = NDArray[Any]
LIMB = 21
GUESS_BITS = 56


class TooWeak(Exception):  # noqa: N818 -- a result, not a failure of the program
    """The checker's own arithmetic does not decide; says nothing about the claim."""


def integers(a: NDArray[np.floating[Any]], bits: int) -> Matrix:
    """The integers nearest a 2^bits, exactly converted; entries of a are finite and below 2^(62 - bits)."""
    scaled = np.rint(np.ldexp(a.astype(np.float64), bits))
    if not np.all(np.abs(scaled) < 2.0**62):
        raise TooWeak("a floating-point guess is not finite")
    return scaled.astype(np.int64).astype(object)


def limbs(a: Matrix) -> list[NDArray[np.float64]]:
    """Digits of a to base 2^21, from -2^20 to 2^20, least significant first: a = sum digit_i 2^(21 i)."""
    half, mask, digits = 1 << (LIMB - 1), (1 << LIMB) - 1, []
    while np.any(a != 0):
        if max(-int(a.min()), int(a.max())) < 1 << 61:
            a = a.astype(np.int64)
        digit = ((a + half) & mask) - half
        digits.append(digit.astype(np.float64))
        a = (a - digit) >> LIMB
    return digits


def identity(size: int) -> Matrix:
    return np.eye(size, dtype=np.int64).astype(object)


def product(a: Matrix, b: Matrix) -> Matrix:
    """The exact product of two integer matrices with inner dimension at most 2048.

    Partial sums of products of digits are integers of at most 2^40 * 2^11 = 2^51 in absolute value, whatever
    the order of summation, fused or not, so floating-point matrix products are exact."""
    if a.shape[1] > 2048:
        raise TooWeak("matrix too large for exact products")
    left, right = limbs(a), limbs(b)
    total: Matrix = np.zeros((a.shape[0], b.shape[1]), dtype=object)
    if not left or not right:
        return total
    for place in reversed(range(len(left) + len(right) - 1)):
        terms = [left[i] @ right[place - i] for i in range(len(left)) if 0 <= place - i < len(right)]
        total = (total << LIMB) + sum(t.astype(np.int64) for t in terms).astype(object)  # type: ignore[union-attr]
    return total


def norm_bound(a: Matrix) -> int:
    """Integer upper bound of the spectral norm: the smaller of Frobenius and sqrt(|a|_1 |a|_inf)."""
    size = np.abs(a)
    frobenius = int((size * size).sum())
    return isqrt(min(frobenius, int(size.sum(axis=0).max()) * int(size.sum(axis=1).max()))) + 1


def floats(a: Matrix, bits: int) -> NDArray[np.float64]:
    """a 2^-bits in floating point, for guesses only."""
    return np.ldexp(a.astype(np.float64), -bits)


def smallest_eigenvalue_bound(a: Matrix, guess: float, bits: int) -> int:
    """Integer t such that no eigenvalue of the symmetric integer matrix a lies below t. a 2^-bits is about 1.

    A - sigma I = G G^T + R with G a rounded floating-point Cholesky factor and R computed exactly, so
    lambda_min(A) >= sigma - ||R|| (docs/theorem.md section 3, second method). guess: lambda_min(a 2^-bits).
    """
    size = a.shape[0]
    matrix, unit, slack = floats(a, bits), np.eye(size), 2.0**-44
    shift = 2 * GUESS_BITS - bits
    for _ in range(8):
        try:
            factor = np.linalg.cholesky(matrix - (guess - slack) * unit)
        except np.linalg.LinAlgError:
            slack *= 8
            continue
        sigma = int(np.rint(np.ldexp(guess - slack, 60))) << bits >> 60
        g = integers(factor, GUESS_BITS)
        residual = ((a - sigma * identity(size)) << shift) - product(g, g.T)
        return sigma - (norm_bound(residual) >> shift) - 1
    raise TooWeak("no Cholesky factor found")


def rayleigh(a: Matrix, vector: NDArray[np.float64]) -> tuple[int, int]:
    """x^T A x and x^T x for the rounded guess x of an eigenvector: their quotient lies among the eigenvalues."""
    x = integers(vector, GUESS_BITS)
    return int(x @ (a @ x)), int(x @ x)


@dataclass(frozen=True)
class Symmetric:
    """The symmetric matrices within `error` (spectral norm) of mantissa 2^exponent; mantissa 2^-bits is about 1."""

    mantissa: Matrix
    exponent: int
    bits: int
    error: Interval

    def value(self, low: int, high: int) -> Interval:
        """[low, high] * 2^exponent, widened by the error: Weyl's inequality for one eigenvalue."""
        return enclosure(low, high, self.exponent) + self.error * enclosure(-1, 1, 0)


@dataclass(frozen=True)
class Spectrum:
    """Enclosures of the extreme eigenvalues; the number of negative ones and a positive lower bound of every
    |lambda_i|, or None where undecided; `absmax` encloses max |lambda_i|."""

    smallest: Interval
    largest: Interval
    negative: int | None
    gap: Interval | None

    @property
    def absmax(self) -> Interval:
        return maximum([-self.smallest, self.largest])


def spectrum(h: Symmetric) -> Spectrum:
    """Bounds of the spectrum of every symmetric matrix in h (docs/theorem.md section 3, second method)."""
    a = h.mantissa
    try:
        values, vectors = np.linalg.eigh(floats(a, h.bits))
    except np.linalg.LinAlgError as failure:
        raise TooWeak("no eigenvalues found") from failure
    low = smallest_eigenvalue_bound(a, float(values[0]), h.bits)
    high = -smallest_eigenvalue_bound(-a, -float(values[-1]), h.bits)
    top, bottom = rayleigh(a, vectors[:, 0])
    smallest = h.value(low, max(low, -(-top // bottom)))
    top, bottom = rayleigh(a, vectors[:, -1])
    largest = h.value(min(high, top // bottom), high)
    count = int(np.sum(values < 0))
    if count == 0:
        gap = h.value(low, low)
    else:
        gap = minimum(h.value(t, t) for t in gap_bounds(a, h.bits, values, vectors, count))
    if not proves_lt(dyadic(0, 0), gap):
        return Spectrum(smallest, largest, None, None)
    return Spectrum(smallest, largest, count, gap)


def gap_bounds(
    a: Matrix, bits: int, values: NDArray[np.float64], vectors: NDArray[np.float64], count: int
) -> tuple[int, ...]:
    """Integers s, t such that a has at least m - count eigenvalues >= s and at least count eigenvalues <= -t.

    So if both are positive, exactly `count` eigenvalues are negative and every |lambda_i| >= min(s, t).
    s: if A + V V^T >= s with V of `count` columns, then x^T A x >= s |x|^2 on the kernel of V^T, of dimension
    at least m - count; Courant and Fischer. t: if M = -U^T A U - t U^T U is positive definite (its Gershgorin
    discs are positive, in exact integers), U has rank `count` and x^T A x <= -t |x|^2 on its range. (For t >= 0,
    U y = 0 would give y^T M y = 0.)
    """
    size = a.shape[0]
    u = integers(vectors[:, :count], GUESS_BITS)
    form, gram = -product(product(u.T, a), u), product(u.T, u)
    t = int(np.rint(np.ldexp((1 - 2.0**-40) * -float(values[count - 1]) - 2.0**-46, 60))) << bits >> 60
    definite = form - t * gram
    diagonal = np.diagonal(definite)
    if any(2 * int(x) <= int(row) for x, row in zip(diagonal, np.abs(definite).sum(axis=1), strict=True)):
        return (0,)
    if count == size:
        return (t,)
    lifted = integers(vectors[:, :count] * np.sqrt(float(values[-1]) - values[:count]), GUESS_BITS)
    shift = 2 * GUESS_BITS - bits
    raised = (a << shift) + product(lifted, lifted.T)
    s = smallest_eigenvalue_bound(raised >> shift, float(values[count]), bits)
    return s - size, t  # rounding every entry down changes the norm by less than `size`

"""Exact integer matrices, and what a floating-point guess plus an exact residual proves about eigenvalues.

Integer matrices are numpy object arrays of Python integers. Floating point only ever proposes, or multiplies
integers so short that it cannot round."""

from math import isqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from relucert_audit.interval import Interval, dyadic, enclosure, maximum, minimum, proves_lt

Matrix = NDArray[Any]
LIMB, GUESS_BITS, GRADE = 21, 56, 2.0**-20


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
    half, digits = 1 << (LIMB - 1), []
    while np.any(a != 0):
        if max(-int(a.min()), int(a.max())) < 1 << 61:
            a = a.astype(np.int64)
        digit = ((a + half) & (2 * half - 1)) - half
        digits.append(digit.astype(np.float64))
        a = (a - digit) >> LIMB
    return digits


def product(a: Matrix, b: Matrix) -> Matrix:
    """Exact: partial sums of products of digits are integers of at most 2^40 * 2^11 = 2^51, in any order,
    fused or not, so the floating-point products do not round."""
    if a.shape[1] > 2048:
        raise TooWeak("matrix too large for exact products")
    left, right = limbs(a), limbs(b)
    total: Matrix = np.zeros((a.shape[0], b.shape[1]), dtype=object)
    for place in reversed(range(len(left) + len(right) - 1 if left and right else 0)):
        terms = [left[i] @ right[place - i] for i in range(len(left)) if 0 <= place - i < len(right)]
        total = (total << LIMB) + np.sum([t.astype(np.int64) for t in terms], axis=0).astype(object)
    return total


def norm_bound(a: Matrix) -> int:
    """Integer upper bound of the spectral norm: the smaller of Frobenius and sqrt(|a|_1 |a|_inf)."""
    size = np.abs(a)
    return isqrt(min(int((size * size).sum()), int(size.sum(axis=0).max() * size.sum(axis=1).max()))) + 1


class Symmetric(NamedTuple):  # all within `error` (in norm) of mantissa 2^exponent, about 2^bits 2^exponent
    mantissa: Matrix
    exponent: int
    bits: int
    error: Interval

    def floats(self) -> NDArray[np.float64]:
        """mantissa 2^-bits, for guesses only."""
        return np.ldexp(self.mantissa.astype(np.float64), -self.bits)

    def value(self, low: int, high: int) -> Interval:
        """[low, high] * 2^exponent, widened by the error: Weyl's inequality for one eigenvalue."""
        return enclosure(low, high, self.exponent) + self.error * enclosure(-1, 1, 0)


class Spectrum(NamedTuple):  # gap: a positive lower bound of all |lambda_i|; None: undecided
    smallest: Interval
    largest: Interval
    absmax: Interval
    negative: int | None = None
    gap: Interval | None = None


def below(form: Matrix, gram: Matrix, sigma: int) -> int | None:
    """How many eigenvalues of A lie below sigma, for form = U^T A U and gram = U^T U; None if not decided.

    The discs of Gershgorin of (form - sigma gram) diag(weights), then Sylvester's law (docs/audit.md)."""
    m = form - sigma * gram
    diagonal = np.diagonal(m)
    length = max(int(x).bit_length() for x in diagonal)
    weights = np.array([1 << max(length - int(x).bit_length() >> 1, 0) for x in diagonal], dtype=object)
    decided = 2 * np.abs(diagonal) * weights > np.abs(m) @ weights
    return int((diagonal < 0).sum()) if decided.all() else None


def bracket(form: Matrix, gram: Matrix, index: int, side: int) -> int:
    """The nearest sigma found below (side = -1) or above (side = 1) the eigenvalue of this index, from 0."""
    centre = int(form[index, index]) // int(gram[index, index])
    scale = max(int(abs(form[i, i])) // int(gram[i, i]) for i in (0, -1)).bit_length()
    for loss in (78, 66, 54, 47, 40, 30, 20):
        sigma = centre + side * ((1 << max(scale - loss, 0)) + 1)
        if below(form, gram, sigma) == index + (side > 0):
            return sigma
    raise TooWeak("eigenvalues not separated: the floating-point eigenvectors are too rough")


def eigenvectors(a: Matrix) -> Matrix:
    """Integer columns of any lengths, meant as eigenvectors of the symmetric a. Floating point errs by the
    size of the largest eigenvalues, so what lies far below them is split off and treated alone."""
    drop = int(np.abs(a).max()).bit_length() - 62
    values, vectors = np.linalg.eigh((a >> drop if drop > 0 else a).astype(np.float64))
    u, large = integers(vectors, GUESS_BITS), np.abs(values) >= GRADE * np.abs(values).max()
    if large.all():
        return u
    top, low = u[:, large], u[:, ~large]
    block, side = product(top.T, product(a, top)), product(top.T, product(a, low))
    drop = max(int(np.abs(block).max()).bit_length() - 500, 0)
    mixed = np.linalg.solve((block >> drop).astype(np.float64), (side >> drop).astype(np.float64))
    bits = GUESS_BITS - int(np.frexp(np.abs(mixed).max())[1])
    rest = (low << bits) - product(top, integers(mixed, bits)) if bits > 0 else low
    return np.hstack([top, product(rest, eigenvectors(product(rest.T, product(a, rest))))])


def spectrum(h: Symmetric) -> Spectrum:
    """Of every symmetric matrix in h: by Rayleigh quotients and by `below`, with guessed eigenvectors U."""
    try:
        u = eigenvectors(h.mantissa)
    except np.linalg.LinAlgError as failure:
        raise TooWeak("no eigenvalues found") from failure
    form, gram, last = product(u.T, product(h.mantissa, u)), product(u.T, u), len(u) - 1
    if not (np.diagonal(gram) > 0).all():
        raise TooWeak("a floating-point eigenvector is 0")
    rayleigh = [int(form[i, i]) // int(gram[i, i]) for i in range(last + 1)]
    order = sorted(range(last + 1), key=rayleigh.__getitem__)
    form, gram = form[np.ix_(order, order)], gram[np.ix_(order, order)]
    low, high = bracket(form, gram, 0, -1), bracket(form, gram, last, 1)
    first, final = rayleigh[order[0]], rayleigh[order[-1]]
    smallest, largest = h.value(low, max(low, first + 1)), h.value(min(high, final), high)
    extremes = smallest, largest, maximum([-smallest, largest])
    negative = sum(x < 0 for x in rayleigh)
    try:
        ends = [bracket(form, gram, negative, -1)] if negative <= last else []
        ends += [-bracket(form, gram, negative - 1, 1)] if negative else []
    except TooWeak:
        return Spectrum(*extremes)
    gap = h.value(min(ends), min(ends))
    return Spectrum(*extremes, negative, gap) if proves_lt(dyadic(0, 0), gap) else Spectrum(*extremes)


def union(parts: list[tuple[int, Spectrum]]) -> Spectrum:
    """Of several blocks together, each as often as its number says."""
    spectra = [s for _, s in parts]
    extremes = minimum([s.smallest for s in spectra]), maximum([s.largest for s in spectra])
    absmax, gaps = maximum([s.absmax for s in spectra]), [s.gap for s in spectra if s.gap is not None]
    counts = [times * s.negative for times, s in parts if s.negative is not None]
    if len(gaps) < len(parts) or len(counts) < len(parts):
        return Spectrum(*extremes, absmax)
    return Spectrum(*extremes, absmax, sum(counts), minimum(gaps))

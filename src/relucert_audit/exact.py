"""Exact integer matrices, and what a floating-point guess plus an exact residual proves about eigenvalues.

Integer matrices are numpy object arrays of Python integers. Floating point only ever proposes, or multiplies
integers so short that it cannot round."""

import math
from math import isqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from relucert_audit.digits import FITS, ROUNDED, Digits, diagonal, limbs, size, times, transposed, whole
from relucert_audit.finding import TooWeak
from relucert_audit.interval import Interval, dyadic, enclosure, maximum, minimum, proves_lt

Matrix = NDArray[Any]
GUESS_BITS, GRADE = 56, 2.0**-20


def integers(a: NDArray[np.floating[Any]], bits: int) -> Matrix:
    """The integers nearest a 2^bits, exactly converted; entries of a are finite and below 2^(62 - bits)."""
    scaled = np.rint(np.ldexp(a.astype(np.float64), bits))
    if not np.all(np.abs(scaled) < 2.0**62):
        raise TooWeak("a floating-point guess is not finite")
    return scaled.astype(np.int64).astype(object)


def product(a: Matrix, b: Matrix) -> Matrix:
    """Exact."""
    return whole(multiplied(limbs(a), limbs(b)), (a.shape[0], b.shape[1]))


def multiplied(a: Digits, b: Digits) -> Digits:
    try:
        return times(a, b)
    except ValueError as failure:
        raise TooWeak(str(failure)) from failure


def norm_bound(a: Matrix) -> int:
    """Integer upper bound of the spectral norm: the smaller of Frobenius and sqrt(|a|_1 |a|_inf)."""
    size = np.abs(a)
    return isqrt(min(int((size * size).sum()), int(size.sum(axis=0).max() * size.sum(axis=1).max()))) + 1


def digits_norm(a: Digits, shape: tuple[int, int]) -> int:
    """`norm_bound` of the matrix with these digits, to about ten digits."""
    try:
        entries = size(a, shape)
    except ValueError:
        return norm_bound(whole(a, shape))
    most = entries.max(initial=0.0)
    if most == 0.0:
        return 1
    entries /= most
    frobenius, ends = (
        float((entries * entries).sum()),
        float(entries.sum(axis=0).max() * entries.sum(axis=1).max()),
    )
    return math.ceil(float(most) * math.sqrt(min(frobenius, ends)) * ROUNDED**4) + 1


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


class Pencil(NamedTuple):
    """form = U^T A U and gram = U^T U in the order of ascending Rayleigh quotients: their exact diagonals, and
    upper bounds of their other entries, 0 on the diagonal; or, where these are too long, the matrices."""

    form: list[int]
    gram: list[int]
    others: tuple[Matrix, Matrix]
    exact: bool

    def below(self, sigma: int) -> int | None:
        """`below`, with |form_ij| + |sigma gram_ij| for |M_ij| off the diagonal."""
        if self.exact:
            return below(*self.others, sigma)
        values = [f - sigma * g for f, g in zip(self.form, self.gram, strict=True)]
        lengths = [x.bit_length() for x in values]
        weights = np.ldexp(1.0, [(min(lengths) - x) // 2 for x in lengths])
        form, gram = (x @ weights for x in self.others)
        decided = (
            np.abs([float(x) for x in values]) * weights > (form + abs(float(sigma)) * gram) * ROUNDED**2
        )
        return sum(x < 0 for x in values) if decided.all() else None


def pencil(a: Digits, u: Digits, length: int) -> Pencil:
    left = transposed(u)
    form, gram = multiplied(left, multiplied(a, u)), multiplied(left, u)
    diagonals = diagonal(form, length), diagonal(gram, length)
    if not all(x > 0 for x in diagonals[1]):
        raise TooWeak("a floating-point eigenvector is 0")
    rayleigh = [f // g for f, g in zip(*diagonals, strict=True)]
    order = sorted(range(length), key=rayleigh.__getitem__)
    place, shape = np.ix_(order, order), (length, length)
    lines = [diagonals[0][i] for i in order], [diagonals[1][i] for i in order]
    if len(form) + len(gram) > FITS:
        return Pencil(*lines, (whole(form, shape)[place], whole(gram, shape)[place]), True)
    others = size(form, shape)[place], size(gram, shape)[place]
    for x in others:
        np.fill_diagonal(x, 0.0)
    return Pencil(*lines, others, False)


def bracket(of: Pencil, index: int, side: int) -> int:
    """The nearest sigma found below (side = -1) or above (side = 1) the eigenvalue of this index, from 0."""
    centre = of.form[index] // of.gram[index]
    scale = max(abs(of.form[i]) // of.gram[i] for i in (0, -1)).bit_length()
    for loss in (78, 66, 54, 47, 40, 30, 20):
        sigma = centre + side * ((1 << max(scale - loss, 0)) + 1)
        if of.below(sigma) == index + (side > 0):
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
    last = len(u) - 1
    of = pencil(limbs(h.mantissa), limbs(u), len(u))
    rayleigh = [f // g for f, g in zip(of.form, of.gram, strict=True)]
    low, high = bracket(of, 0, -1), bracket(of, last, 1)
    smallest = h.value(low, max(low, rayleigh[0] + 1))
    largest = h.value(min(high, rayleigh[-1]), high)
    extremes = smallest, largest, maximum([-smallest, largest])
    negative = sum(x < 0 for x in rayleigh)
    try:
        ends = [bracket(of, negative, -1)] if negative <= last else []
        ends += [-bracket(of, negative - 1, 1)] if negative else []
    except TooWeak:
        return Spectrum(*extremes)
    gap = h.value(min(ends), min(ends))
    return Spectrum(*extremes, negative, gap) if proves_lt(dyadic(0, 0), gap) else Spectrum(*extremes)


def norm(h: Symmetric) -> Interval:
    """Upper bound of the spectral norm of every matrix in h. The smallest eigenvalues need no eigenvectors."""
    drop = int(np.abs(h.mantissa).max()).bit_length() - 62
    try:
        u = np.linalg.eigh((h.mantissa >> drop if drop > 0 else h.mantissa).astype(np.float64))[1]
    except np.linalg.LinAlgError as failure:
        raise TooWeak("no eigenvalues found") from failure
    of = pencil(limbs(h.mantissa), limbs(integers(u, GUESS_BITS)), len(u))
    most = max(bracket(of, len(u) - 1, 1), -bracket(of, 0, -1))
    return h.value(most, most)


def union(parts: list[tuple[int, Spectrum]]) -> Spectrum:
    """Of several blocks together, each as often as its number says."""
    spectra = [s for _, s in parts]
    extremes = minimum([s.smallest for s in spectra]), maximum([s.largest for s in spectra])
    absmax, gaps = maximum([s.absmax for s in spectra]), [s.gap for s in spectra if s.gap is not None]
    counts = [times * s.negative for times, s in parts if s.negative is not None]
    if len(gaps) < len(parts) or len(counts) < len(parts):
        return Spectrum(*extremes, absmax)
    return Spectrum(*extremes, absmax, sum(counts), minimum(gaps))

"""Exact integer matrices, and what a floating-point guess plus an exact residual proves about eigenvalues.

Integer matrices are numpy object arrays of Python integers. Floating point only ever proposes, or multiplies
integers so short that it cannot round."""

import math
from math import isqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from relucert_audit.digits import (
    FITS,
    LIMB,
    MOST_TERMS,
    ROUNDED,
    Digits,
    diagonal,
    limbs,
    size,
    strips,
    times,
    transposed,
    whole,
)
from relucert_audit.finding import TooWeak
from relucert_audit.interval import Interval, dyadic, enclosure, maximum, minimum, proves_lt, root

Matrix = NDArray[Any]
GUESS_BITS, SOLVED_BITS, GRADE = 56, 58, 2.0**-20
CARRIES = 3  # digits that U^T A U and U^T U have at most beyond those of their factors, together
HALF_WAY = 2.0 ** -(FITS * LIMB // 2)  # sizes times this neither overflow nor vanish when they are squared


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


def longest(a: Matrix) -> int:
    """The bits of the largest entry."""
    return max(int(a.max()), -int(a.min())).bit_length()


def norm_of_sizes(entries: NDArray[np.float64]) -> int:
    """`norm_bound` of a matrix of at most 2^13 rows and columns with entries of these sizes, to about ten digits.

    Each sum is of at most MOST_TERMS numbers, none negative, or of as many such sums (docs/audit.md)."""
    entries = entries * HALF_WAY
    rows, columns = entries.sum(axis=1), entries.sum(axis=0)
    frobenius = float(np.square(entries).sum(axis=1).sum())
    least = math.sqrt(min(frobenius, float(rows.max(initial=0.0) * columns.max(initial=0.0))))
    return math.ceil(least * ROUNDED**4 / HALF_WAY) + 1


def digits_norm(a: Digits, shape: tuple[int, int]) -> int:
    """`norm_bound` of the matrix with these digits."""
    return (
        norm_of_sizes(size(a, shape))
        if len(a) <= FITS and max(shape) <= MOST_TERMS
        else norm_bound(whole(a, shape))
    )


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
    """By columns of U, a few at a time, on and above the diagonal."""
    fits, left = len(a) + 4 * len(u) + CARRIES <= FITS, transposed(u)
    lines: tuple[list[int], list[int]] = ([], [])
    others = [np.zeros((length, length), dtype=np.float64 if fits else object) for _ in lines]
    for place in strips(length, length):
        part, shape = (slice(0, place.stop), place), (place.stop, place.stop - place.start)
        columns, rows = [x[:, place] for x in u], [x[: place.stop] for x in left]
        pair = multiplied(rows, multiplied(a, columns)), multiplied(rows, columns)
        for line, other, found in zip(lines, others, pair, strict=True):
            line += diagonal(found, shape[1], place.start)
            other[part] = (size if fits else whole)(found, shape)
            other[part[::-1]] = other[part].T
    if not all(x > 0 for x in lines[1]):
        raise TooWeak("a floating-point eigenvector is 0")
    rayleigh = [f // g for f, g in zip(*lines, strict=True)]
    order = sorted(range(length), key=rayleigh.__getitem__)
    form, gram = (x[np.ix_(order, order)] for x in others)
    if fits:
        np.fill_diagonal(form, 0.0)
        np.fill_diagonal(gram, 0.0)
    first, second = ([line[i] for i in order] for line in lines)
    return Pencil(first, second, (form, gram), not fits)


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
    drop = longest(a) - 62
    values, vectors = np.linalg.eigh((a >> drop if drop > 0 else a).astype(np.float64))
    u, large = integers(vectors, GUESS_BITS), np.abs(values) >= GRADE * np.abs(values).max()
    if large.all():
        return u
    top, low = u[:, large], u[:, ~large]
    block, side = product(top.T, product(a, top)), product(top.T, product(a, low))
    drop = max(longest(block) - 500, 0)
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
    drop = longest(h.mantissa) - 62
    try:
        u = np.linalg.eigh((h.mantissa >> drop if drop > 0 else h.mantissa).astype(np.float64))[1]
    except np.linalg.LinAlgError as failure:
        raise TooWeak("no eigenvalues found") from failure
    of = pencil(limbs(h.mantissa), limbs(integers(u, GUESS_BITS)), len(u))
    most = max(bracket(of, len(u) - 1, 1), -bracket(of, 0, -1))
    return h.value(most, most)


class Solved(NamedTuple):
    """A matrix Y = matrix 2^exponent near H^-1 G, and rest >= |G - H Y|, for every H of a Symmetric and one G."""

    matrix: Matrix
    exponent: int
    rest: Interval


def solved(h: Symmetric, right: Matrix, exponent: int) -> Solved:
    """G = right 2^exponent, of a column or more. Floating point guesses Y; only H has an error."""
    try:
        guess = np.linalg.inv(h.floats())
    except np.linalg.LinAlgError as failure:
        raise TooWeak("Theorem E: no inverse found") from failure
    scale = longest(right)
    near = (right >> max(scale - 62, 0)).astype(np.float64) * 2.0 ** -min(scale, 62)
    found = guess @ near
    bits = SOLVED_BITS - int(np.frexp(np.abs(found).max())[1])
    y, shift = integers(found, bits), scale - h.bits - bits
    digits, away, long = limbs(h.mantissa), 0, 0  # squares of norms of G - H Y and Y, in integers
    for columns in strips(right.shape[1], len(right)):
        part = y[:, columns]
        image = whole(multiplied(digits, limbs(part)), part.shape)
        away += norm_bound((right[:, columns] << max(-shift, 0)) - (image << max(shift, 0))) ** 2
        long += norm_bound(part) ** 2
    place = exponent + shift - h.exponent
    rest, size = root(dyadic(away, 2 * (exponent + min(shift, 0)))), root(dyadic(long, 2 * place))
    return Solved(y, place, (rest + h.error * size).b)


def union(parts: list[tuple[int, Spectrum]]) -> Spectrum:
    """Of several blocks together, each as often as its number says."""
    spectra = [s for _, s in parts]
    extremes = minimum([s.smallest for s in spectra]), maximum([s.largest for s in spectra])
    absmax, gaps = maximum([s.absmax for s in spectra]), [s.gap for s in spectra if s.gap is not None]
    counts = [times * s.negative for times, s in parts if s.negative is not None]
    if len(gaps) < len(parts) or len(counts) < len(parts):
        return Spectrum(*extremes, absmax)
    return Spectrum(*extremes, absmax, sum(counts), minimum(gaps))

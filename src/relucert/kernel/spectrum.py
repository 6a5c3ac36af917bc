"""Eigenvalues of a symmetric ball matrix from an untrusted floating-point eigendecomposition.

docs/theorem/teacher.md section 3, Theorem C (Ostrowski's theorem and Weyl's inequality); the corrected form of
Safran & Shamir 2018, Algorithm 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import (
    Ball,
    BallMatrix,
    IntegerMatrix,
    NotProved,
    exact,
    hull,
    lower,
    norm,
    root,
    upper,
)
from relucert.kernel.fixed import Fixed, exponent, fixed, identity, lower_pairs, square_sum, stacked

# Bits of U and of U D: products of them fit two words, and what is left of A - U D U^T one.
LEFT_BITS, SCALED_BITS = 54, 60
UNIT = 2.0**LEFT_BITS


class Eigen(NamedTuple):
    """An untrusted guess A ~ U diag(D) U^T. vectors: column i of U as the list vectors[i]; values: D."""

    vectors: Sequence[Sequence[float]]
    values: Sequence[float]


class Spectrum(NamedTuple):
    """What is proved about the eigenvalues of a symmetric matrix A; by Theorem C, or by others that say less."""

    values: tuple[Ball, ...]  # enclosure of the i-th smallest eigenvalue
    inverse: Inverse
    safran_shamir: Ball | None = None  # their lower bound of the smallest eigenvalue, corrected
    defect: Ball | None = None  # C >= ||I - U^T U||_F, below 1
    residual: Ball | None = None  # rho >= ||A - U D U^T||_F
    between: int = 0  # so many more eigenvalues than `values`, between its first and its last


class Inverse(NamedTuple):
    """The approximate inverse X = U D^-1 U^T of A, never formed."""

    left: tuple[IntegerMatrix, ...]  # U 2^LEFT_BITS, in strips of rows
    values: tuple[Ball, ...]  # D
    error: Ball  # omega >= ||I - X A||
    size: Ball  # chi >= ||X||


def spectrum(matrix: BallMatrix | Fixed, eigen: Eigen) -> Spectrum:
    """Enclosures of all eigenvalues of the symmetric (m, m) `matrix` (of every symmetric member of it).

    Theorem C: with C >= ||I - U^T U||_F < 1 and rho >= ||A - U D U^T||_F the i-th smallest eigenvalue
    lies within rho of the interval between d_i (1 - C) and d_i (1 + C). U is the guess rounded to integers times
    2^-LEFT_BITS, D is the guess itself.
    Raises NotProved if C < 1 is not proved, if an entry of the guess is not finite, or D not ascending.
    """
    at = matrix if isinstance(matrix, Fixed) else fixed(matrix)
    m = at.size
    values = [ball.exact_float(x) for x in eigen.values]
    if len(values) != m or len(eigen.vectors) != m or any(len(x) != m for x in eigen.vectors):
        raise ValueError(f"the eigendecomposition is not that of a matrix of size {m}")
    if not all(ball.proves_le(a, b) for a, b in pairwise(values)):
        raise NotProved("the approximate eigenvalues are not in ascending order")
    guess = _factors(eigen.vectors, values, at.parts)
    defect, distance = _distances(at, guess)
    if not ball.proves_lt(defect, Ball(1)):
        raise NotProved("the approximate eigenvectors are not proved to be independent")
    rounding = m * exact((1, guess.places)) * ((1 + defect) / 2).sqrt()
    residual = upper(distance + at.error + rounding)
    spread = hull(-residual, residual)
    enclosures = tuple(hull(d * (1 - defect), d * (1 + defect)) + spread for d in values)
    paper = _safran_shamir(values, defect, residual)
    inverse = _inverse(guess.left, values, defect, residual)
    return Spectrum(enclosures, inverse, paper, defect, residual)


class _Factors(NamedTuple):
    """U = left 2^-LEFT_BITS and P = scaled 2^places in strips of rows; no entry of U D is further than 2^(places - 1)
    from that of P."""

    left: tuple[IntegerMatrix, ...]
    scaled: tuple[IntegerMatrix, ...]
    places: int


def _factors(vectors: Sequence[Sequence[float]], values: Sequence[Ball], parts: Sequence[slice]) -> _Factors:
    """vectors: the columns of U; parts: the strips. Raises NotProved if an entry is not finite."""
    top = max((exponent(d) for d in values), default=0)
    dyadics = [ball.to_dyadic(d) for d in values]
    shift = LEFT_BITS - SCALED_BITS + top
    weights = [(m << max(e - shift, 0), (1 << max(shift - e, 0)) >> 1, max(shift - e, 0)) for m, e in dyadics]
    left, scaled = [], []
    try:
        for part in parts:
            columns = [[int(x * UNIT) for x in vector[part]] for vector in vectors]
            pairs = zip(columns, weights, strict=True)
            products = [[x * m + half >> s for x in column] for column, (m, half, s) in pairs]
            left.append(IntegerMatrix(columns).transpose())
            scaled.append(IntegerMatrix(products).transpose())
    except (OverflowError, ValueError):
        raise NotProved("an entry of the approximate eigenvectors is not finite") from None
    return _Factors(tuple(left), tuple(scaled), top - SCALED_BITS)


def _distances(at: Fixed, guess: _Factors) -> tuple[Ball, Ball]:
    """Upper bounds of |I - U^T U|_F = |I - U U^T|_F and of |M - P U^T|_F, M the integers of `at`: the parts on and
    below the diagonal of the first, and of the second as a matrix whose other part mirrors them."""
    places = LEFT_BITS - guess.places  # P U^T is an integer matrix times 2^-places
    lift, drop = 1 << max(places - at.places, 0), 1 << max(at.places - places, 0)
    right = [x.transpose() for x in guess.left]
    defect = distance = 0
    for g, h in lower_pairs(len(right)):
        times = 1 if g == h else 2
        gram = guess.left[g] * right[h]
        if g == h:
            gram = gram - identity(gram.nrows(), 1 << 2 * LEFT_BITS)
        defect += times * square_sum(gram)
        distance += times * square_sum(at.blocks[g][h] * lift - guess.scaled[g] * right[h] * drop)
    bound = root(Ball(distance)) * exact((1, -max(places, at.places)))
    return upper(root(Ball(defect)) * exact((1, -2 * LEFT_BITS))), upper(bound)


def _safran_shamir(values: Sequence[Ball], defect: Ball, residual: Ball) -> Ball:
    """Safran & Shamir's Algorithm 1 with eps3 = B^2 max|d_i| (2 e + e^2), e = 1/sqrt(1 - C) - 1,
    B^2 = 1 + C (docs/theorem/teacher.md section 3; the paper prints 2 lambda_max e + e^2)."""
    e = 1 / (1 - defect).sqrt() - 1
    eps3 = (1 + defect) * ball.largest(abs(d) for d in values) * (2 * e + e * e)
    return lower(values[0] - eps3 - residual)


def _inverse(
    left: tuple[IntegerMatrix, ...], values: Sequence[Ball], defect: Ball, residual: Ball
) -> Inverse:
    """X = U D^-1 U^T (docs/theorem/teacher.md section 4, Lemma X): with N = U^T U - I and E = A - U D U^T,

    X A - I = (U U^T - I) + U D^-1 N D U^T + X E,   ||U U^T - I|| = ||N|| <= C,   ||U||^2 <= 1 + C.
    """
    sizes = [abs(d) for d in values]
    least = ball.smallest(sizes)
    size = (1 + defect) / least
    error = defect + (1 + defect) * defect * ball.largest(sizes) / least + size * residual
    return Inverse(left, tuple(values), upper(error), upper(size))


def apply_inverse(inverse: Inverse, column: Sequence[Ball]) -> Ball:
    """Upper bound of |X g| for the vector g = `column`. NaN (nothing provable) if some d_i is 0."""
    return upper(norm(images(inverse, BallMatrix(len(column), 1, list(column))).entries()))


def images(inverse: Inverse, columns: BallMatrix) -> BallMatrix:
    """X times a matrix of balls. NaN (nothing provable) if some d_i is 0."""
    scale, rows = exact((1, -LEFT_BITS)), columns.tolist()
    inner = BallMatrix(len(rows), columns.ncols())
    for part, strip in zip(stacked(inverse.left), inverse.left, strict=True):
        inner += BallMatrix(strip.transpose()) * BallMatrix(rows[part])
    weights = [exact((1, -LEFT_BITS)) / d for d in inverse.values]
    scaled = BallMatrix([[x * w for x in row] for row, w in zip(inner.tolist(), weights, strict=True)])
    outer = [(BallMatrix(strip) * scaled * scale).tolist() for strip in inverse.left]
    return BallMatrix([row for part in outer for row in part])


def signs(spectrum: Spectrum) -> tuple[int, int] | None:
    """(number of negative, number of positive) eigenvalues, or None if a sign is not proved."""
    positive = sum(ball.proves_positive(x) for x in spectrum.values)
    negative = sum(ball.proves_positive(-x) for x in spectrum.values)
    if negative + positive < len(spectrum.values) or (spectrum.between and negative and positive):
        return None
    others = spectrum.between
    return (negative + others * (not positive), positive + others * (not negative))

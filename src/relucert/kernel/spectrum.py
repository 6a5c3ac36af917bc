"""Eigenvalues of a symmetric ball matrix from an untrusted floating-point eigendecomposition.

docs/theorem/teacher.md section 3, Theorem C (Ostrowski's theorem and Weyl's inequality); the corrected form of
Safran & Shamir 2018, Algorithm 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved, hull, lower, norm, upper


class Eigen(NamedTuple):
    """An untrusted guess A ~ U diag(D) U^T. vectors: column i of U as the list vectors[i]; values: D."""

    vectors: Sequence[Sequence[float]]
    values: Sequence[float]


class Spectrum(NamedTuple):
    """What Theorem C proves about a symmetric matrix A."""

    values: tuple[Ball, ...]  # enclosure of the i-th smallest eigenvalue
    defect: Ball  # C >= ||I - U^T U||_F, below 1
    residual: Ball  # rho >= ||A - U D U^T||_F
    safran_shamir: Ball  # their lower bound of the smallest eigenvalue, corrected
    inverse: Inverse


class Inverse(NamedTuple):
    """The approximate inverse X = U D^-1 U^T of A, never formed."""

    columns: BallMatrix  # U^T
    values: tuple[Ball, ...]  # D
    error: Ball  # omega >= ||I - X A||
    size: Ball  # chi >= ||X||


def spectrum(matrix: BallMatrix, eigen: Eigen) -> Spectrum:
    """Enclosures of all eigenvalues of the symmetric (m, m) `matrix` (of every symmetric member of it).

    Theorem C: with C >= ||I - U^T U||_F < 1 and rho >= ||A - U D U^T||_F the i-th smallest eigenvalue
    lies within rho of the interval between d_i (1 - C) and d_i (1 + C).
    Raises NotProved if C < 1 is not proved, if an entry of the guess is not finite, or D not ascending.
    """
    m = matrix.nrows()
    values = [ball.exact_float(x) for x in eigen.values]
    transposed = BallMatrix(eigen.vectors)  # doubles enter exactly
    if len(values) != m or (transposed.nrows(), transposed.ncols()) != (m, m):
        raise ValueError(f"the eigendecomposition is not that of a matrix of size {m}")
    if not all(ball.proves_le(a, b) for a, b in pairwise(values)):
        raise NotProved("the approximate eigenvalues are not in ascending order")
    vectors = transposed.transpose()
    gram = (transposed * vectors).entries()
    for i in range(m):
        gram[i * (m + 1)] -= 1
    defect = upper(norm(gram))
    if not ball.proves_lt(defect, Ball(1)):
        raise NotProved("the approximate eigenvectors are not proved to be independent")
    scaled = BallMatrix([[x * d for x in row] for row, d in zip(transposed.tolist(), values, strict=True)])
    residual = upper(norm((matrix - vectors * scaled).entries()))
    spread = hull(-residual, residual)
    enclosures = tuple(hull(d * (1 - defect), d * (1 + defect)) + spread for d in values)
    paper = _safran_shamir(values, defect, residual)
    return Spectrum(enclosures, defect, residual, paper, _inverse(transposed, values, defect, residual))


def _safran_shamir(values: Sequence[Ball], defect: Ball, residual: Ball) -> Ball:
    """Safran & Shamir's Algorithm 1 with eps3 = B^2 max|d_i| (2 e + e^2), e = 1/sqrt(1 - C) - 1,
    B^2 = 1 + C (docs/theorem/teacher.md section 3; the paper prints 2 lambda_max e + e^2)."""
    e = 1 / (1 - defect).sqrt() - 1
    eps3 = (1 + defect) * ball.largest(abs(d) for d in values) * (2 * e + e * e)
    return lower(values[0] - eps3 - residual)


def _inverse(columns: BallMatrix, values: Sequence[Ball], defect: Ball, residual: Ball) -> Inverse:
    """X = U D^-1 U^T (docs/theorem/teacher.md section 4, Lemma X): with N = U^T U - I and E = A - U D U^T,

    X A - I = (U U^T - I) + U D^-1 N D U^T + X E,   ||U U^T - I|| = ||N|| <= C,   ||U||^2 <= 1 + C.
    """
    sizes = [abs(d) for d in values]
    least = ball.smallest(sizes)
    size = (1 + defect) / least
    error = defect + (1 + defect) * defect * ball.largest(sizes) / least + size * residual
    return Inverse(columns, tuple(values), upper(error), upper(size))


def apply_inverse(inverse: Inverse, column: Sequence[Ball]) -> Ball:
    """Upper bound of |X g| for the vector g = `column`. NaN (nothing provable) if some d_i is 0."""
    inner = (inverse.columns * BallMatrix(len(column), 1, list(column))).entries()
    outer = BallMatrix(1, len(column), [x / d for x, d in zip(inner, inverse.values, strict=True)])
    return upper(norm((outer * inverse.columns).entries()))


def signs(spectrum: Spectrum) -> tuple[int, int] | None:
    """(number of negative, number of positive) eigenvalues, or None if a sign is not proved."""
    positive = sum(ball.proves_positive(x) for x in spectrum.values)
    negative = sum(ball.proves_positive(-x) for x in spectrum.values)
    return (negative, positive) if negative + positive == len(spectrum.values) else None

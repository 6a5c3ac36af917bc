"""Spectral norms and least singular values from Gram matrices: docs/theorem/factorisation.md, section 15.2."""

from __future__ import annotations

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved
from relucert.kernel.norms import spectral_norm


def gram(a: BallMatrix) -> BallMatrix:
    """A^T A."""
    return a.transpose() * a


def least_eigenvalue(g: BallMatrix) -> Ball:
    """Lower bound of the least eigenvalue of a positive semidefinite G: 1/||G^-1||. Raises NotProved."""
    try:
        inverse = g.inv()
    except ZeroDivisionError as error:
        raise NotProved("a Gram matrix is not proved to be regular") from error
    size = spectral_norm(inverse)
    if not ball.proves_positive(size):
        raise NotProved("a Gram matrix is not proved to be regular")
    return ball.lower(1 / size)


def spectral(a: BallMatrix) -> Ball:
    """Upper bound of ||A||."""
    short = a if a.ncols() <= a.nrows() else a.transpose()
    return ball.upper(ball.root(spectral_norm(gram(short))))

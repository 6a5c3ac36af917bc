"""Spectral norms and least singular values from Gram matrices: docs/theorem/factorisation.md, section 15.2."""

from __future__ import annotations

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved

SQUARINGS = 5  # ||G||^32 <= |G^32|: off by a factor of at most the size of G to the power 1/64


def gram(a: BallMatrix) -> BallMatrix:
    """A^T A."""
    return a.transpose() * a


def largest_eigenvalue(g: BallMatrix) -> Ball:
    """Upper bound of ||G|| for a symmetric matrix G."""
    power = g
    for _ in range(SQUARINGS):
        power = power * power
    size = ball.upper(ball.norm(power.entries()))
    for _ in range(SQUARINGS):
        size = ball.upper(ball.root(size))
    return size


def least_eigenvalue(g: BallMatrix) -> Ball:
    """Lower bound of the least eigenvalue of a positive semidefinite G: 1/||G^-1||. Raises NotProved."""
    try:
        inverse = g.inv()
    except ZeroDivisionError as error:
        raise NotProved("a Gram matrix is not proved to be regular") from error
    size = largest_eigenvalue(inverse)
    if not ball.proves_positive(size):
        raise NotProved("a Gram matrix is not proved to be regular")
    return ball.lower(1 / size)


def spectral(a: BallMatrix) -> Ball:
    """Upper bound of ||A||."""
    short = a if a.ncols() <= a.nrows() else a.transpose()
    return ball.upper(ball.root(largest_eigenvalue(gram(short))))

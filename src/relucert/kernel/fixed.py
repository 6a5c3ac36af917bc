"""Symmetric matrices as integers with one error for all entries together.

Products of integer matrices are exact, and many times faster than those of balls with radii: docs/theorem/teacher.md
section 3, *Evaluation*.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, IntegerMatrix, exact, norm, undefined, upper

WORD = 61  # bits of the largest entry: FLINT multiplies integers below 2^62 in machine words
STRIPS, LEAST_STRIP = (
    8,
    50,
)  # a matrix is multiplied so many strips of rows at a time, of at least so many rows


class Fixed(NamedTuple):
    """The symmetric matrices within `error`, in Frobenius norm, of the symmetric (m, m) matrix rows 2^-places."""

    rows: Sequence[Sequence[int]]
    places: int
    error: Ball


def fixed(matrix: BallMatrix) -> Fixed:
    """All symmetric members of a square matrix of balls; the integers have about WORD bits. The error is NaN,
    with which nothing is proved, where an entry is not finite."""
    size = norm(matrix.mid().entries())
    if not size.is_finite():
        return Fixed([[0] * matrix.ncols()] * matrix.nrows(), 0, undefined())
    return rounded(matrix, WORD - exponent(size))


def rounded(matrix: BallMatrix, places: int) -> Fixed:
    """The same in given units. The integers are symmetric whatever the balls are: those on and below the diagonal
    are mirrored, and the error is from all entries. Raises NotProved where an entry is not finite."""
    rows: list[list[int]] = []
    for i, row in enumerate(matrix.tolist()):
        left = [ball.integer_near(x, places) for x in row[: i + 1]]
        for above, x in zip(rows, left, strict=False):  # the last one is on the diagonal
            above.append(x)
        rows.append(left)
    apart = matrix - BallMatrix(IntegerMatrix(rows)) * exact((1, -places))
    return Fixed(rows, places, upper(norm(apart.entries())))


def exponent(size: Ball) -> int:
    """Some e with |x| < 2^e for all members of the ball; 0 if they are 0."""
    mantissa, power = ball.to_dyadic(upper(abs(size)))
    return mantissa.bit_length() + power if mantissa else 0


def strips(height: int) -> list[slice]:
    """The rows 0 .. height - 1, some at a time."""
    size = max(LEAST_STRIP, -(-height // STRIPS))
    return [slice(first, min(first + size, height)) for first in range(0, height, size)]


def lower_strips(height: int) -> Iterator[tuple[int, int]]:
    """The pairs (g, h), h <= g, of numbers of strips: what a symmetric matrix is known by."""
    count = len(strips(height))
    return ((g, h) for g in range(count) for h in range(g + 1))


def square_sum(matrix: IntegerMatrix) -> int:
    """|A|_F^2, exact."""
    return int(sum(x * x for x in matrix.entries()))

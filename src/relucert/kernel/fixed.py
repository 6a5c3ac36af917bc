"""Symmetric matrices as integers with one error for all entries together.

Products of integer matrices are exact, and many times faster than those of balls with radii: docs/theorem/teacher.md
section 3, *Evaluation*.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, Integer, IntegerMatrix, exact, norm, undefined, upper

WORD = 61  # bits of the largest entry: FLINT multiplies integers below 2^62 in machine words
STRIPS = 8  # of rows, that a matrix is multiplied by
LEAST_STRIP = 50  # rows of a strip

Grid = Sequence[Sequence[IntegerMatrix]]


class Fixed(NamedTuple):
    """The symmetric matrices within `error`, in Frobenius norm, of the symmetric (m, m) matrix M 2^-places.

    M is cut into the same parts in both directions. blocks[g][h], h <= g, has the rows of part g and the columns of
    part h; what is above the blocks on the diagonal mirrors what is below.
    """

    parts: Sequence[slice]
    blocks: Grid
    places: int
    error: Ball

    @property
    def size(self) -> int:
        """m."""
        return self.parts[-1].stop if self.parts else 0

    @property
    def rows(self) -> list[list[int]]:
        """M, (m, m)."""
        rows: list[list[int]] = [[] for _ in range(self.size)]
        for part, line in zip(self.parts, self.blocks, strict=True):
            for other, block in zip(self.parts, line, strict=False):
                below, above = block.tolist(), block.transpose().tolist()
                for row, found in zip(rows[part], below, strict=True):
                    row += map(int, found)
                for row, found in zip(rows[other], above if other != part else [], strict=False):
                    row += map(int, found)
        return rows


def of_rows(rows: Sequence[Sequence[Integer]], places: int, error: Ball) -> Fixed:
    """Of the part on and below the diagonal of `rows`, (m, m)."""
    parts = strips(len(rows))
    blocks = [[cut(rows, part, other) for other in parts[: g + 1]] for g, part in enumerate(parts)]
    return Fixed(parts, blocks, places, error)


def cut(rows: Sequence[Sequence[Integer]], down: slice, right: slice) -> IntegerMatrix:
    """A block of a matrix."""
    return IntegerMatrix([list(row[right]) for row in rows[down]])


def fixed(matrix: BallMatrix) -> Fixed:
    """All symmetric members of a square matrix of balls; the integers have about WORD bits. The error is NaN,
    with which nothing is proved, where an entry is not finite."""
    size = norm(matrix.mid().entries())
    if not size.is_finite():
        return of_rows([[0] * matrix.ncols()] * matrix.nrows(), 0, undefined())
    places = WORD - exponent(size)
    integers, error = rounded(matrix, places)
    return of_rows(integers.tolist(), places, error)


def rounded(matrix: BallMatrix, places: int) -> tuple[IntegerMatrix, Ball]:
    """Integers in units of 2^-places, and the error. The integers are symmetric whatever the balls are: those on and
    below the diagonal are mirrored, and the error is from all entries. Raises NotProved where one is not finite."""
    rows: list[list[Integer]] = []
    for i, row in enumerate(matrix.tolist()):
        left = ball.integers_near(row[: i + 1], places)
        for above, x in zip(rows, left, strict=False):  # the last one is on the diagonal
            above.append(x)
        rows.append(left)
    integers = IntegerMatrix(rows)
    apart = matrix - BallMatrix(integers) * exact((1, -places))
    return integers, upper(norm(apart.entries()))


def exponent(size: Ball) -> int:
    """Some e with |x| < 2^e for all members of the ball; 0 if they are 0."""
    mantissa, power = ball.to_dyadic(upper(abs(size)))
    return mantissa.bit_length() + power if mantissa else 0


def strips(height: int) -> list[slice]:
    """The rows 0 .. height - 1, some at a time."""
    return pieces(height, max(LEAST_STRIP, -(-height // STRIPS)))


def pieces(height: int, size: int) -> list[slice]:
    """0 .. height - 1, `size` at a time."""
    return [slice(first, min(first + size, height)) for first in range(0, height, size)]


def stacked(blocks: Sequence[IntegerMatrix]) -> list[slice]:
    """The rows of each of several matrices, one below the other."""
    ends = accumulate((block.nrows() for block in blocks), initial=0)
    return [slice(*pair) for pair in pairwise(ends)]


def lower_pairs(count: int) -> Iterator[tuple[int, int]]:
    """The pairs (g, h), h <= g < count: the blocks that a symmetric matrix is known by."""
    return ((g, h) for g in range(count) for h in range(g + 1))


def square_sum(matrix: IntegerMatrix) -> int:
    """|A|_F^2, exact: the trace of A A^T, which is a product at the price of few looks at single entries."""
    squares = matrix * matrix.transpose()
    return int(sum(squares[i, i] for i in range(squares.nrows())))


def identity(size: int, factor: int) -> IntegerMatrix:
    """factor I."""
    return IntegerMatrix([[factor * (i == j) for j in range(size)] for i in range(size)])


def doubled(matrix: IntegerMatrix, often: int) -> IntegerMatrix:
    """A 2^often, often >= 0."""
    return matrix * (1 << often) if often else matrix

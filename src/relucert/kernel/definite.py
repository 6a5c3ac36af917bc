"""The ends of the spectrum of a positive definite matrix from two untrusted triangular factors.

docs/theorem/teacher.md section 3, Theorem K and Lemma Y: a third of the products of Theorem C, and no eigenvectors but
those of the two ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import (
    Ball,
    IntegerMatrix,
    NotProved,
    exact,
    exact_float,
    hull,
    lower,
    norm,
    root,
    square,
    upper,
)
from relucert.kernel.fixed import Fixed, Grid, cut, doubled, identity, lower_pairs, pieces, square_sum
from relucert.kernel.spectrum import Inverse, Spectrum

COLUMNS = 150  # columns of a factor that are multiplied at a time, as far as they are not all 0
VECTOR_BITS = 52  # bits of the largest entry of a vector


class Factor(NamedTuple):
    """An untrusted guess A ~ shift I + L L^T: L lower triangular, (m, m), is rows 2^-places."""

    shift: float
    rows: Sequence[Sequence[int]]
    places: int


class Ends(NamedTuple):
    """Untrusted guesses about a positive definite matrix A, (m, m)."""

    low: Factor  # of A
    high: Factor  # of -A
    vectors: Sequence[Sequence[float]]  # near eigenvectors of the smallest eigenvalue and of the largest
    solution: Sequence[float]  # next to A^-1 g, in units of 2^unit
    unit: int = 0


class Found(NamedTuple):
    """A matrix B is shift I + L L^T + R with |R| <= miss; L 2^places in blocks of integers, by parts of rows and pieces
    of columns, and these transposed."""

    shift: Ball
    miss: Ball
    left: Grid
    right: Grid
    places: int

    @property
    def floor(self) -> Ball:
        """A lower bound of all eigenvalues of B: Theorem K."""
        return lower(self.shift - self.miss)


class _Vector(NamedTuple):
    """A vector in integers times 2^-places, cut into parts, and its length."""

    parts: list[IntegerMatrix]
    places: int
    length: Ball


def definite(at: Fixed, guess: Ends, column: Sequence[Ball]) -> tuple[Spectrum, Ball]:
    """The smallest and the largest eigenvalue of every matrix A in `at`, and an upper bound of |A^-1 g|, g = `column`.

    Raises NotProved if A is not proved to be positive definite; ValueError if the guess does not have its size.
    """
    m = at.size
    sizes = {len(x) for x in (guess.low.rows, guess.high.rows, guess.solution, *guess.vectors)}
    if sizes != {m} or len(column) != m or len(guess.vectors) != 2:
        raise ValueError(f"the guess is not about a matrix of size {m}")
    low, high = factored(at, guess.low, 1), factored(at, guess.high, -1)
    least, most = low.floor, -high.floor
    if not ball.proves_positive(least):
        raise NotProved("the matrix is not proved to be positive definite")
    first, last = (_vector(at, x) for x in guess.vectors)
    ends = hull(least, _quotient(low, first)), hull(-_quotient(high, last), most)
    inverse = Inverse((), (), Ball(0), upper(1 / least))
    return Spectrum(ends, inverse, between=m - 2), _solved(at, low, guess, column)


def factored(at: Fixed, guess: Factor, sign: int) -> Found:
    """What `guess` and its exact residual say of sign A, for every matrix A in `at`; true whatever `guess` is.

    Entries of L beyond the columns that are multiplied count as 0.
    """
    columns = pieces(at.size, COLUMNS)
    left = [[cut(guess.rows, part, c) for c in columns if c.start < part.stop] for part in at.parts]
    right = [[block.transpose() for block in line] for line in left]
    units = max(2 * guess.places, at.places)
    lift, drop = units - at.places, units - 2 * guess.places
    shift = ball.integer_near(exact_float(guess.shift), units)
    unit = {part.stop - part.start: identity(part.stop - part.start, shift) for part in at.parts}
    total = 0
    for g, h in lower_pairs(len(left)):
        products = [a * b for a, b in zip(left[g], right[h], strict=False)]
        found = doubled(sum(products[1:], products[0]), drop)
        if g == h:
            found += unit[found.nrows()]
        block = doubled(at.blocks[g][h], lift)
        total += square_sum(block - found if sign > 0 else block + found) * (1 if g == h else 2)
    miss = upper(root(Ball(total)) * exact((1, -units)) + at.error)
    return Found(exact((shift, -units)), miss, left, right, guess.places)


def _vector(at: Fixed, entries: Sequence[float]) -> _Vector:
    """Raises NotProved if an entry is not finite."""
    dyadics = [ball.to_dyadic(exact_float(a)) for a in entries]
    places = VECTOR_BITS - max((m.bit_length() + e for m, e in dyadics if m), default=0)
    rounded = [int(ball.shifted(m, e + places)) for m, e in dyadics]
    length = root(Ball(sum(a * a for a in rounded))) * exact((1, -places))
    return _Vector([IntegerMatrix([[a] for a in rounded[part]]) for part in at.parts], places, length)


def _projected(of: Found, x: _Vector) -> list[IntegerMatrix]:
    """L^T x, in the pieces of columns; exact, in units of 2^-(places of both)."""
    result: list[IntegerMatrix] = []
    for line, part in zip(of.right, x.parts, strict=True):
        images = [block * part for block in line]
        result = [a + b for a, b in zip(result, images, strict=False)] + images[len(result) :]
    return result


def _quotient(of: Found, x: _Vector) -> Ball:
    """An upper bound of the smallest eigenvalue of B: the Rayleigh quotient x^T B x/|x|^2, by
    x^T B x = shift |x|^2 + |L^T x|^2 + x^T R x. Raises NotProved if x is 0."""
    if not ball.proves_positive(x.length):
        raise NotProved("an approximate eigenvector is 0")
    size = root(Ball(sum(square_sum(part.transpose()) for part in _projected(of, x))))
    along = size * exact((1, -of.places - x.places)) / x.length
    return upper(of.shift + square(along) + of.miss)


def _solved(at: Fixed, of: Found, guess: Ends, column: Sequence[Ball]) -> Ball:
    """An upper bound of |A^-1 g|: Lemma Y, where A y = shift y + L L^T y + R y."""
    y = _vector(at, guess.solution)
    inner, unit = _projected(of, y), exact((1, guess.unit - y.places))
    images = (
        sum((a * b for a, b in zip(line[1:], inner[1:], strict=False)), line[0] * inner[0])
        for line in of.left
    )
    mapped = [x for image in images for x in image.entries()]
    entries = [x for part in y.parts for x in part.entries()]
    fine = exact((1, -2 * of.places))
    rest = [
        g - (of.shift * Ball(x) + Ball(z) * fine) * unit
        for g, x, z in zip(column, entries, mapped, strict=True)
    ]
    length = y.length * exact((1, guess.unit))
    return upper(length + (norm(rest) + of.miss * length) / of.floor)

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
    upper,
)
from relucert.kernel.fixed import Fixed, cut, doubled, identity, lower_pairs, pieces, square_sum, times
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
    vectors: Sequence[
        Sequence[float]
    ]  # next to an eigenvector of the smallest eigenvalue, and to one of the largest
    solution: Sequence[float]  # next to A^-1 g, in units of 2^unit
    unit: int = 0


def definite(at: Fixed, guess: Ends, column: Sequence[Ball]) -> tuple[Spectrum, Ball]:
    """The smallest and the largest eigenvalue of every matrix A in `at`, and an upper bound of |A^-1 g|, g = `column`.

    Raises NotProved if A is not proved to be positive definite; ValueError if the guess does not have its size.
    """
    m = at.size
    sizes = {len(x) for x in (guess.low.rows, guess.high.rows, guess.solution, *guess.vectors)}
    if sizes != {m} or len(column) != m or len(guess.vectors) != 2:
        raise ValueError(f"the guess is not about a matrix of size {m}")
    least, most = floor(at, guess.low, 1), -floor(at, guess.high, -1)
    if not ball.proves_positive(least):
        raise NotProved("the matrix is not proved to be positive definite")
    (lowest, highest), image = _quotients(at, (*guess.vectors, guess.solution), guess.unit)
    rest = norm([x - y for x, y in zip(column, image.values, strict=True)]) + at.error * image.length
    inverse = Inverse((), (), Ball(0), upper(1 / least))
    ends = hull(least, upper(lowest)), hull(lower(highest), most)
    return Spectrum(ends, inverse, between=m - 2), upper(image.length + inverse.size * rest)


def floor(at: Fixed, guess: Factor, sign: int) -> Ball:
    """A lower bound of the smallest eigenvalue of sign A, for every matrix A in `at`.

    Theorem K: sigma - |sign A - sigma I - L L^T|_F. Whatever `guess` is, the bound is true. Entries of L beyond the
    columns that are multiplied count as 0.
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
    return lower(exact((shift, -units)) - root(Ball(total)) * exact((1, -units)) - at.error)


class _Image(NamedTuple):
    values: list[Ball]  # M y
    length: Ball  # |y|


def _quotients(at: Fixed, guesses: Sequence[Sequence[float]], unit: int) -> tuple[list[Ball], _Image]:
    """Enclosures of the Rayleigh quotients x^T A x/|x|^2 of all vectors but the last; and, for the last one times
    2^unit, M y."""
    vectors = [_integers(x) for x in guesses]
    table = list(zip(*(x for x, _ in vectors), strict=True))
    images = times(at, [IntegerMatrix(table[part]) for part in at.parts])
    mapped = list(zip(*(row for image in images for row in image.tolist()), strict=True))
    quotients = []
    for (x, _), y in zip(vectors[:-1], mapped, strict=False):
        square = sum(a * a for a in x)
        if not square:
            raise NotProved("an approximate eigenvector is 0")
        inner = int(sum(a * b for a, b in zip(x, y, strict=True)))
        quotients.append(Ball(inner) / square * exact((1, -at.places)) + ball.symmetric(at.error))
    last, places = vectors[-1][0], vectors[-1][1] - unit
    values = [exact((int(a), -at.places - places)) for a in mapped[-1]]
    return quotients, _Image(values, root(Ball(sum(a * a for a in last))) * exact((1, -places)))


def _integers(vector: Sequence[float]) -> tuple[list[int], int]:
    """(x, places): x 2^-places is next to the vector. Raises NotProved if an entry is not finite."""
    parts = [ball.to_dyadic(exact_float(a)) for a in vector]
    places = VECTOR_BITS - max((m.bit_length() + e for m, e in parts if m), default=0)
    return [int(ball.shifted(m, e + places)) for m, e in parts], places

"""Small linear algebra: floating-point guesses, and what intervals prove with their help (docs/theorem/uniform.md, A).

A guess may be anything: it is a finite matrix of doubles, taken as exact, and only what is proved with it counts."""

import math
from collections.abc import Callable, Sequence

from mpmath import iv, libmp  # type: ignore[import-untyped]

from relucert_audit.interval import Interval, absolute, dyadic, proves_lt

Floats = list[list[float]]
Matrix = Sequence[Sequence[Interval]]
ZERO = dyadic(0, 0)


def double(x: Interval) -> float:
    """A double near the middle of x."""
    low, high = x._mpi_
    return float(libmp.to_float(libmp.mpf_shift(libmp.mpf_add(low, high, 64), -1)))


def guessed(guess: Callable[[Floats], Floats], a: Matrix) -> list[list[Interval]] | None:
    """None if floating point comes to no end: the matrix is singular, or not positive where it should be."""
    try:
        out = guess([[double(x) for x in row] for row in a])
    except (ZeroDivisionError, ValueError, OverflowError):  # ValueError: the root of a negative pivot
        return None
    finite = all(math.isfinite(x) for row in out for x in row)
    return [[iv.mpf(x) for x in row] for row in out] if finite else None


def near_inverse(a: Floats) -> Floats:
    """By elimination with row pivoting."""
    n = len(a)
    rows = [[*row, *(float(i == j) for j in range(n))] for i, row in enumerate(a)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda j: abs(rows[j][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for j in range(n):
            if j != i:
                rows[j] = [x - rows[j][i] * y for x, y in zip(rows[j], rows[i], strict=True)]
    return [row[n:] for row in rows]


def near_factor(a: Floats) -> Floats:
    """R, upper triangular, with R^T A R near I: the transposed inverse of Cholesky's factor."""
    n = len(a)
    low = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            rest = a[i][j] - sum(low[i][h] * low[j][h] for h in range(j))
            low[i][j] = math.sqrt(rest) if i == j else rest / low[j][j]
    out = [[0.0] * n for _ in range(n)]
    for j in range(n):
        for i in range(j, -1, -1):
            # R^T is the inverse of low: entry (j, i) of it stands at (i, j) of R
            out[i][j] = (float(i == j) - sum(low[j][h] * out[i][h] for h in range(i, j))) / low[j][j]
    return out


def congruent(r: Matrix, a: Matrix) -> list[list[Interval]]:
    """R^T A R for symmetric A: all of it, as one triangle determines the other."""
    n = len(a)
    right = [[_dot(row, [r[h][j] for h in range(n)]) for j in range(n)] for row in a]
    out = [[ZERO] * n for _ in range(n)]
    for i in range(n):
        for j in range(i, n):
            out[i][j] = out[j][i] = _dot([r[h][i] for h in range(n)], [right[h][j] for h in range(n)])
    return out


def _dot(u: Sequence[Interval], v: Sequence[Interval]) -> Interval:
    """An exact 0 of a triangular guess costs nothing."""
    return sum((x * y for x, y in zip(u, v, strict=True) if x != 0), ZERO)


def dominant(a: Matrix) -> bool:
    """Is a symmetric matrix proved to be positive definite by Gershgorin's discs?"""
    for i, row in enumerate(a):
        others = sum((absolute(x) for j, x in enumerate(row) if j != i), ZERO)
        if not proves_lt(others, row[i]):
            return False
    return True


def positive_on(terms: Sequence[Matrix], factors: Sequence[Interval]) -> bool:
    """Is terms[0] + sum factors[i] terms[i + 1] proved to be positive definite, all of them symmetric?

    With any R: if R^T A R is positive definite, R is invertible and A is positive definite."""
    r = guessed(near_factor, terms[0])
    if r is None:
        return False
    total, *others = (congruent(r, term) for term in terms)
    n = len(total)
    for factor, other in zip(factors, others, strict=True):
        total = [[total[i][j] + factor * other[i][j] for j in range(n)] for i in range(n)]
    return dominant(total)

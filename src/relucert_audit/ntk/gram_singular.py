"""When a Gram matrix is singular: Theorem 14.0, in integers."""

from collections.abc import Sequence

import numpy as np

from relucert_audit.exact import Matrix, product
from relucert_audit.finding import TooWeak

CHUNK, WORK = 2048, 2**40


def gram(x: Matrix) -> Matrix:
    """x x^T, exactly."""
    parts = [x[:, c : c + CHUNK] for c in range(0, x.shape[1], CHUNK)]
    return sum((product(part, part.T) for part in parts), start=np.zeros((len(x), len(x)), dtype=object))


def parallel(g: Matrix) -> list[tuple[int, int, int]]:
    """(i, j, sign) for all i < j where row j is a multiple of row i."""
    squares = np.diagonal(g)
    where = np.argwhere(np.triu(g * g == squares[:, None] * squares, 1))
    return [(int(i), int(j), 1 if g[i, j] > 0 else -1) for i, j in where]


def dependent(g: Matrix, d: int) -> bool:
    """Whether rows with this Gram matrix are linearly dependent in dimension d: by elimination without fractions."""
    p = len(g)
    if p > d:
        return True
    if p**4 * max(int(x).bit_length() for x in np.diagonal(g)) > WORK:
        raise TooWeak("too many inputs whose dependence is asked for")
    rest, before = g.copy(), 1
    while len(rest):
        pivot = int(rest[0, 0])
        if pivot == 0:
            return True
        rest = (rest[1:, 1:] * pivot - rest[1:, :1] * rest[:1, 1:]) // before
        before = pivot
    return False


def shows(g: Matrix, d: int, rows: Sequence[int], odd: bool, shallow: bool) -> bool:
    """Whether these rows show that the matrix is singular. odd: erf; shallow: relu or softplus, dense, depth 1."""
    part = g[np.ix_(rows, rows)]
    pairs = parallel(part)
    if len(rows) == 2 and pairs and (odd or pairs[0][2] > 0):
        return True
    members = sorted(x for i, j, _ in pairs for x in (i, j))
    if not shallow or not rows or members != list(range(len(rows))) or any(sign > 0 for *_, sign in pairs):
        return False
    ones = [i for i, _, _ in pairs]
    return dependent(part[np.ix_(ones, ones)], d)


def singular(g: Matrix, d: int, odd: bool, shallow: bool) -> bool:
    """Whether the matrix is: the converse of Theorem 14.0. With no positive multiples, no line has three rows."""
    pairs = parallel(g)
    if any(odd or sign > 0 for *_, sign in pairs):
        return True
    ones = [i for i, _, _ in pairs]
    return shallow and bool(ones) and dependent(g[np.ix_(ones, ones)], d)

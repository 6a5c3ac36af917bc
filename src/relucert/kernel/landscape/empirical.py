"""The designed objective of given samples: a quartic whose coefficients are moments of the data.

docs/theorem/landscape.md, 13.1 and Lemma 13.L. T is the tensor (1/N) sum_n y_n H4(x_n), as a (d^2, d^2) matrix whose
row (a, b) and column (c, e) are T_abce.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel.ball import Ball, BallMatrix, largest, norm, square, upper
from relucert.kernel.landscape.quartic import Rows
from relucert.kernel.norms import spectral_norm


class Sampled(NamedTuple):
    """tensor: T; mu, lam: balls; d: the dimension."""

    tensor: BallMatrix
    mu: Ball
    lam: Ball
    d: int


def sampled(x: Rows, y: Sequence[Ball], mu: Ball, lam: Ball) -> Sampled:
    """From N samples: x N rows of d, y N numbers."""
    d, n = len(x[0]), len(x)
    pairs = [[a * b for a in row for b in row] for row in x]
    weighted = [[t / n * p for p in row] for t, row in zip(y, pairs, strict=True)]
    fourth = BallMatrix(weighted).transpose() * BallMatrix(pairs)
    second = [[sum((row[a * d + b] for row in weighted), Ball(0)) for b in range(d)] for a in range(d)]
    mean = sum((t / n for t in y), Ball(0))
    return Sampled(_hermite(fourth, second, mean, d), mu, lam, d)


def _hermite(fourth: BallMatrix, second: list[list[Ball]], mean: Ball, d: int) -> BallMatrix:
    """H4 = x x x x - (6 terms delta x x) + (3 terms delta delta), averaged with the weights y."""
    found = fourth.tolist()
    for a in range(d):
        for b in range(d):
            for c in range(d):
                for e in range(d):
                    less, more = Ball(0), 0
                    for (p, q), (r, s) in (((a, b), (c, e)), ((a, c), (b, e)), ((a, e), (b, c))):
                        less += second[r][s] * (p == q) + second[p][q] * (r == s)
                        more += (p == q) * (r == s)
                    found[a * d + b][c * d + e] += more * mean - less
    return BallMatrix(found)


def contracted(of: Sampled, v: list[Ball], w: list[Ball]) -> BallMatrix:
    """The (d, d) matrix T[v, w, ., .]."""
    row = BallMatrix([[a * b for a in v for b in w]]) * of.tensor
    entries = row.entries()
    return BallMatrix([entries[k * of.d : (k + 1) * of.d] for k in range(of.d)])


class Sampling(NamedTuple):
    """A point B, m rows of d, with A_j = T[b_j, b_j, ., .] and |b_j|^2."""

    rows: list[list[Ball]]
    own: list[BallMatrix]
    total: BallMatrix
    lengths: list[Ball]


def place(of: Sampled, rows: Rows) -> Sampling:
    points = [list(row) for row in rows]
    own = [contracted(of, row, row) for row in points]
    total = own[0]
    for matrix in own[1:]:
        total = total + matrix
    return Sampling(points, own, total, [sum((square(x) for x in row), Ball(0)) for row in points])


def value(of: Sampled, at: Sampling) -> Ball:
    """G^(B) = - (1/2) sum_j b_j^T (A - A_j) b_j + (mu/24) sum_j b_j^T A_j b_j + lambda sum_j (|b_j|^2 - 1)^2."""
    total = Ball(0)
    for row, own, length in zip(at.rows, at.own, at.lengths, strict=True):
        column = BallMatrix(of.d, 1, row)
        mixed = (column.transpose() * (at.total - own) * column)[0, 0]
        total += of.mu / 24 * (column.transpose() * own * column)[0, 0] - mixed / 2
        total += of.lam * square(length - 1)
    return total


def gradient(of: Sampled, at: Sampling) -> list[list[Ball]]:
    """Row j: - 2 (A - A_j) b_j + (mu/6) A_j b_j + 4 lambda (|b_j|^2 - 1) b_j."""
    found = []
    for row, own, length in zip(at.rows, at.own, at.lengths, strict=True):
        slope = (own * (2 + of.mu / 6) - at.total * Ball(2)) * BallMatrix(of.d, 1, row)
        pull = 4 * of.lam * (length - 1)
        found.append([g + pull * x for g, x in zip(slope.entries(), row, strict=True)])
    return found


def hessian(of: Sampled, at: Sampling) -> BallMatrix:
    """Blocks (j, k): - 4 T[b_j, b_k, ., .], and (j, j): - 2 (A - A_j) + (mu/2) A_j and as in Q from lambda."""
    m, d = len(at.rows), of.d
    found = [[Ball(0)] * (m * d) for _ in range(m * d)]
    for j, row in enumerate(at.rows):
        for k in range(j, m):
            if j == k:
                column = BallMatrix(d, 1, row)
                block = at.own[j] * (2 + of.mu / 2) - at.total * Ball(2)
                block = block + column * column.transpose() * (8 * of.lam)
            else:
                block = contracted(of, row, at.rows[k]) * Ball(-4)
            for a, entries in enumerate(block.tolist()):
                for b, x in enumerate(entries):
                    pull = 4 * of.lam * (at.lengths[j] - 1) if j == k and a == b else 0
                    found[j * d + a][k * d + b] = found[k * d + b][j * d + a] = x + pull
    return BallMatrix(found)


def lipschitz(of: Sampled, at: Sampling, radius: Ball) -> Ball:
    """Lipschitz constant of the Hessian on the ball of this radius: 24 q (|B| + R), Lemma 13.L."""
    most = spectral_norm(of.tensor)
    q = largest((most / 2, of.mu / 24 * most + of.lam))
    return upper(24 * q * (norm([x for row in at.rows for x in row]) + radius))

"""The designed objective Q at a point: value, gradient, Hessian, bounds of its second and third derivatives.

docs/theorem/landscape.md section 13. A point is U = B T^T, d rows of d balls; what is said about B follows by T.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from relucert.kernel import ball
from relucert.kernel.ball import Ball, BallMatrix, NotProved, largest, lower, norm, square, upper
from relucert.kernel.landscape.weights import ORTHONORMAL, Scale, Weights
from relucert.kernel.spectrum import Eigen, spectrum

Rows: TypeAlias = Sequence[Sequence[Ball]]


class Frame(NamedTuple):
    """T and T^-1, Q being a function of U = B T^T; None: the identity."""

    matrix: BallMatrix | None
    inverse: BallMatrix | None
    scale: Scale


PLAIN = Frame(None, None, ORTHONORMAL)


def frame(a_star: Sequence[Ball], teacher: Rows, forward: Eigen, backward: Eigen) -> Frame:
    """T = diag(a*)^(1/2) B* (Theorem 13.F). forward, backward: guesses at the eigenvectors of T T^T and of its inverse.

    Raises NotProved where T is not proved to be regular.
    """
    matrix = BallMatrix([[a.sqrt() * x for x in row] for a, row in zip(a_star, teacher, strict=True)])
    try:
        inverse = matrix.inv()
    except ZeroDivisionError as error:
        raise NotProved("the teacher is not proved to have full rank") from error
    most = spectrum(matrix * matrix.transpose(), forward).values[-1]
    least = 1 / spectrum(inverse.transpose() * inverse, backward).values[-1]
    if not ball.proves_positive(least):
        raise NotProved("the teacher is not proved to have full rank")
    return Frame(matrix, inverse, Scale(lower(least), upper(most)))


class Place(NamedTuple):
    """A point with its sums: columns S_i, rows |u_j|^2."""

    rows: Rows
    squares: Rows
    columns: Sequence[Ball]
    lengths: Sequence[Ball]


def place(rows: Rows) -> Place:
    squares = [[square(x) for x in row] for row in rows]
    columns = [sum(column, Ball(0)) for column in zip(*squares, strict=True)]
    return Place(rows, squares, columns, [sum(row, Ball(0)) for row in squares])


def framed(frame: Frame, rows: Rows) -> Place:
    """U of B."""
    if frame.matrix is None:
        return place(rows)
    return place((BallMatrix([list(row) for row in rows]) * frame.matrix.transpose()).tolist())


def value(w: Weights, at: Place) -> Ball:
    """Q(U)."""
    total = Ball(0)
    for i, alpha in enumerate(w.alpha):
        fourth = sum((square(row[i]) for row in at.squares), Ball(0))
        total += alpha * (square(at.columns[i]) - (1 + w.nu) * fourth)
    return total + w.lam * sum((square(x - 1) for x in at.lengths), Ball(0))


def gradient(w: Weights, at: Place) -> list[list[Ball]]:
    """dQ/du_ji = 4 u_ji (alpha_i (S_i - (1 + nu) u_ji^2) + lambda (|u_j|^2 - 1)), d rows of d."""
    return [
        [
            4 * x * (alpha * (column - (1 + w.nu) * x2) + pull)
            for x, x2, alpha, column in zip(row, row2, w.alpha, at.columns, strict=True)
        ]
        for row, row2, pull in zip(
            at.rows, at.squares, (w.lam * (length - 1) for length in at.lengths), strict=True
        )
    ]


def gradient_in(frame: Frame, rows: Rows) -> list[list[Ball]]:
    """The gradient with respect to B from that with respect to U."""
    if frame.matrix is None:
        return [list(row) for row in rows]
    return list((BallMatrix([list(row) for row in rows]) * frame.matrix).tolist())


def hessian(w: Weights, at: Place) -> list[list[Ball]]:
    """The (d^2, d^2) Hessian in U, entries row after row."""
    d = w.d
    found = [[Ball(0)] * (d * d) for _ in range(d * d)]
    for j in range(d):
        pull = w.lam * (at.lengths[j] - 1)
        for i, alpha in enumerate(w.alpha):
            for k in range(d):  # one column, all rows
                found[j * d + i][k * d + i] += 8 * alpha * at.rows[j][i] * at.rows[k][i]
            for k in range(d):  # one row, all columns
                found[j * d + i][j * d + k] += 8 * w.lam * at.rows[j][i] * at.rows[j][k]
            found[j * d + i][j * d + i] += 4 * (
                alpha * (at.columns[i] - 3 * (1 + w.nu) * at.squares[j][i]) + pull
            )
    return found


def hessian_in(frame: Frame, matrix: list[list[Ball]]) -> BallMatrix:
    """The Hessian with respect to B: blocks T^T H_jk T."""
    if frame.matrix is None:
        return BallMatrix(matrix)
    d, t = frame.matrix.nrows(), frame.matrix
    found = [[Ball(0)] * (d * d) for _ in range(d * d)]
    for j in range(d):
        for k in range(j, d):
            block = BallMatrix([row[k * d : (k + 1) * d] for row in matrix[j * d : (j + 1) * d]])
            for r, row in enumerate((t.transpose() * block * t).tolist()):
                for s, x in enumerate(row):
                    found[j * d + r][k * d + s] = found[k * d + s][j * d + r] = x
    return BallMatrix(found)


def steepest(w: Weights, at: Place, scale: Scale) -> Ball:
    """Upper bound of the absolute value of every eigenvalue of the Hessian with respect to B.

    The Hessian in U is a diagonal matrix plus positive semidefinite ones of norms 8 alpha_i S_i (one column each,
    so the largest counts) and 8 lambda |u_j|^2 (one row each): Lemma 13.N.
    """
    diagonal = [
        4 * (alpha * (column - 3 * (1 + w.nu) * x2) + w.lam * (length - 1))
        for row2, length in zip(at.squares, at.lengths, strict=True)
        for x2, alpha, column in zip(row2, w.alpha, at.columns, strict=True)
    ]
    semidefinite = 8 * largest(a * s for a, s in zip(w.alpha, at.columns, strict=True))
    semidefinite += 8 * w.lam * largest(at.lengths)
    above, below = largest(diagonal) + semidefinite, -ball.smallest(diagonal)
    return upper(largest((above, below)) * scale.most)


def lipschitz(w: Weights, at: Place, scale: Scale, radius: Ball) -> Ball:
    """Lipschitz constant of the Hessian with respect to B on the ball of this radius about B: Lemma 13.L."""
    stretch = scale.most.sqrt()
    reach = radius * stretch
    column = largest(a * (s.sqrt() + reach) for a, s in zip(w.alpha, map(_length, at.columns), strict=True))
    entries = [largest(abs(row[i]) for row in at.rows) for i in range(w.d)]
    entry = (1 + w.nu) * largest(a * (x + reach) for a, x in zip(w.alpha, entries, strict=True))
    row = w.lam * (largest(_length(x).sqrt() for x in at.lengths) + reach)
    return upper(24 * (column + entry + row) * scale.most * stretch)


def _length(squared: Ball) -> Ball:
    """A squared length that rounding may have brought below 0."""
    return squared if ball.proves_positive(squared) else ball.largest((upper(squared), Ball(0)))


def frobenius(rows: Rows) -> Ball:
    """Frobenius norm of a matrix of balls."""
    return norm([x for row in rows for x in row])

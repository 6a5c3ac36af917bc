"""Two bounds of norms that several proofs share: Lemmas S and G of docs/theorem/teacher.md section 2."""

from __future__ import annotations

from relucert.kernel.ball import Ball, BallMatrix, root, square, upper

SQUARINGS = 7


def spectral_norm(matrix: BallMatrix) -> Ball:
    """Upper bound of the spectral norm of a symmetric matrix S: |S^m|_F^(1/m), m = 2^SQUARINGS.

    It exceeds the norm by a factor of at most r^(1/(2 m)), r the rank of S. Theorem B' in docs/theorem/teacher.md.
    """
    power = matrix
    for _ in range(SQUARINGS):
        power = power * power
    squares = power * power  # its trace is |S^m|_F^2: m is a power of 2, or S is symmetric itself
    bound = sum((squares[i, i] for i in range(squares.nrows())), Ball(0))
    for _ in range(SQUARINGS + 1):
        bound = root(bound)
    return upper(bound)


def largest_on_sphere(along: Ball, across: Ball) -> Ball:
    """Phi(G, R): the maximum of sin^2 h (G cos h + R sin h); an upper bound if G and R are.

    docs/theorem/teacher.md section 2: attained at cot h = 2 G/(3 R + sqrt(9 R^2 + 8 G^2)).
    """
    cot = 2 * along / (3 * across + root(9 * square(across) + 8 * square(along)))
    size = 1 + square(cot)
    return upper((along * cot + across) / (size * root(size)))

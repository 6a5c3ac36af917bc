"""The singular values of an exact matrix, with their multiplicities: docs/theorem/factorisation.md, section 15.1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relucert.kernel import ball
from relucert.kernel.ball import Ball, Dyadic, NotProved

Table = Sequence[Sequence[Dyadic]]


class Level(NamedTuple):
    """A positive singular value and how often it occurs."""

    value: Ball
    multiplicity: int


class Singular(NamedTuple):
    """Of a matrix of size d1 x d2: its different positive singular values, decreasing.

    annihilator: coefficients of the monic polynomial whose roots are the different eigenvalues of the integer
    Gram matrix G, constant term first."""

    sizes: tuple[int, int]
    levels: tuple[Level, ...]
    annihilator: tuple[int, ...]

    @property
    def least_size(self) -> int:
        return min(self.sizes)

    @property
    def rank(self) -> int:
        return sum(level.multiplicity for level in self.levels)

    @property
    def all(self) -> list[Ball]:
        """s_1 >= .. >= s_n, the zeros included."""
        found = [level.value for level in self.levels for _ in range(level.multiplicity)]
        return found + [Ball(0)] * (self.least_size - len(found))


def integers(rows: Table) -> tuple[list[list[int]], int]:
    """N = 2^k M and k, the least k >= 0 for which N has integer entries."""
    k = max([0, *(-e for row in rows for m, e in row if m)])
    return [[m << (e + k) if m else 0 for m, e in row] for row in rows], k


def rank(rows: Table) -> int:
    """The rank of M, exactly."""
    return ball.integer_rank(integers(rows)[0])


def singular(rows: Table) -> Singular:
    """All singular values of M. Raises NotProved where the precision does not tell two of them apart."""
    whole, k = integers(rows)
    sizes = len(whole), len(whole[0])
    short = whole if sizes[0] <= sizes[1] else [list(column) for column in zip(*whole, strict=True)]
    gram = [[sum(x * y for x, y in zip(a, b, strict=True)) for b in short] for a in short]
    rank = ball.integer_rank(whole)
    roots, annihilator = ball.eigenvalues(gram)
    zeros = len(gram) - rank
    if zeros:
        if roots[0][1] != zeros or not roots[0][0].contains(0):
            raise NotProved("the eigenvalue 0 is not told apart at this precision")
        roots = roots[1:]
    levels = tuple(Level(_scaled(root, k), count) for root, count in reversed(roots))
    return Singular(sizes, levels, tuple(annihilator))


def _scaled(eigenvalue: Ball, k: int) -> Ball:
    """2^-k sqrt(eigenvalue)."""
    if not ball.proves_positive(eigenvalue):
        raise NotProved("a singular value is not proved to be positive at this precision")
    return eigenvalue.sqrt() * ball.exact((1, -k))

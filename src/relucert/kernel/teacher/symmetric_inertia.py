"""How many negative and positive eigenvalues Hess F(W) has at a symmetric point, with multiplicities.

docs/theorem/teacher.md section 7, Theorem F2: reduced Hessians as in Theorem F, for a few groups more, count each
irreducible part of R^(nk) once for every dimension that the group fixes in it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

from relucert.kernel import spectrum
from relucert.kernel.ball import BallMatrix
from relucert.kernel.spectrum import Eigen
from relucert.kernel.teacher import symmetric
from relucert.kernel.teacher.symmetric import Point


def inertia(at: Point, guess: Callable[[BallMatrix], Eigen]) -> tuple[int, int] | None:
    """(number of negative, number of positive) eigenvalues of Hess F(W) in R^(nk); None: a sign is open.

    guess: eigenvectors of a symmetric matrix, which need not be trusted. Raises NotProved as `reduced` does.
    """
    total = sum(at.sizes) * sum(at.kinds)
    large = [a for a, p in enumerate(at.sizes) if p > 1]
    counts: dict[tuple[int, ...], int] = {}  # by marks; (a, a, a) stands for two indices of a, not told apart
    points = {marks: symmetric.marked(at, marks) for marks in ((), *((a,) for a in large))}
    points |= {
        pair: symmetric.marked(at, pair) for pair in (*((a, a) for a in large), *combinations(large, 2))
    }
    points |= {(a, a, a): _paired(at, a) for a in large}
    for marks, point in points.items():
        matrix = symmetric.hessian(symmetric.reduced(point))
        signs = spectrum.signs(spectrum.spectrum(matrix, guess(matrix)))
        if signs is None:
            return None
        counts[marks] = signs[0]
    negative = common = counts[()]
    standard = {a: counts[a,] - common for a in large}  # on the vectors of sum 0
    for a in large:
        p = at.sizes[a]
        even = counts[a, a, a] - common - standard[a] if p > 3 else 0
        odd = counts[a, a] - common - 2 * standard[a] - even  # p = 2: its factor is 0
        negative += (p - 1) * standard[a] + p * (p - 3) // 2 * even + (p - 1) * (p - 2) // 2 * odd
    for a, b in combinations(large, 2):
        both = counts[a, b] - common - standard[a] - standard[b]
        negative += (at.sizes[a] - 1) * (at.sizes[b] - 1) * both
    return negative, total - negative


def _paired(at: Point, a: int) -> Point:
    """Class a split into 2 and the rest."""
    parts: list[tuple[int, int]] = []
    for c, p in enumerate(at.sizes):
        parts += [(c, 2), (c, p - 2)] if c == a and p > 2 else [(c, p)]
    return symmetric.refined(at, parts)

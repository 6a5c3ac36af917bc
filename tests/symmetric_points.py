"""Symmetric critical points to test with, and the same points with all their entries."""

from relucert.families.teacher.candidate import Candidate
from relucert.families.teacher.problem import Problem
from relucert.families.teacher.symmetric.point import SymmetricPoint, polish

# Rough starts of Newton's method; (sizes, values, extra neurons), the verdict it ends with.
STARTS = {
    "one neuron turned away": (([1, 5], [[-0.6, 0.3, 0.0], [0.2, 1.0, -0.05]], []), "spurious-minimum"),
    "three turned away": (([3, 3], [[-1.0, -0.5, 0.0], [0.5, -1.0, -0.5]], []), "spurious-minimum"),
    "a neuron too many": (
        ([1, 7], [[-0.49, 0.23, 0.0], [0.07, 0.98, -0.03]], [[-0.19, 0.13]]),
        "spurious-minimum",
    ),
    "a saddle": (([3], [[-0.5, 1.0]], []), "strict-saddle"),
    "a saddle with a neuron too many": (
        ([1, 2], [[-0.5, 1.0, 0.0], [0.5, -1.0, 1.0]], [[1.0, 1.0]]),
        "strict-saddle",
    ),
    "the targets": (([2, 1], [[1.0, 0.1, 0.05], [-0.1, 1.0, 0.0]], []), "global-minimum"),
}


def found(name):
    (sizes, values, extra), _ = STARTS[name]
    return polish(SymmetricPoint.from_rows(sizes, values, extra), reach=2.0)


def whole(at):
    """The same point with all its entries."""
    classes = [c for c, p in enumerate(at.sizes) for _ in range(p)]
    m, k = len(at.sizes), at.k

    def entry(i, j):
        c, a = classes[i], classes[j]
        return at.values[a][m] if c == a and i != j else at.values[c][a]

    rows = [[entry(i, j) for i in range(k)] for j in range(k)]
    rows += [[neuron[c] for c in classes] for neuron in at.extra]
    return Candidate(Problem.orthonormal(k, at.n), tuple(map(tuple, rows)))
